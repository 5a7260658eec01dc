#!/usr/bin/env python3
"""What a check costs a session in Exim: connect, EHLO, MAIL, against real daemons that take turns
session by session: without a check, with Exim's own `verify = csa`, with the module asked about csa
alone, for all of CSV (helo, csa, iprev, dna with one accreditor) and for that with SPF of the name and of the
sender, as it is by default; each preloaded in the daemon and loaded by each session.

    tests/bench/exim_sessions.py [SESSIONS] [--beside MODULE]... [--json FILE]

SESSIONS is for each daemon, 500 unless given. `--beside` has another build of the module (a path of a
helovet.so) in the same run; HELOVET_EXIM_MODULE names the first one. Needs a release build (tests/run
makes one). Runs in a network of its own, where Unbound has port 53, because `verify = csa` asks nobody
else. Prints medians in milliseconds and what each adds to a session without a check; `cpu` and
`faults` are the CPU time (milliseconds) and the page faults of a session's process, as the daemon is
told when it ends."""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import statistics
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration"), str(SOURCE / "tests/exim")]

import exim_fixture  # noqa: E402
import servers  # noqa: E402

CLIENT = "192.0.2.1"
HELO = "mail.example.com"
ACCREDITOR = "accredit.example"
WARM_UP = 20

SOA = "$TTL 3600\n@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600\n@ NS ns.example.com.\n"
ZONES = {
    "example.com": f"""{SOA}ns A 192.0.2.53
mail A {CLIENT}
mail PTR _vouch._smtp.{ACCREDITOR}.
_client._smtp.mail SRV 1 2 0 {HELO}.
""",
    "2.0.192.in-addr.arpa": f"{SOA}1 PTR {HELO}.\n",
    ACCREDITOR: f'{SOA}{HELO} TXT "MARID,1,A"\n',
}

ASK = "{$sender_host_address}{$sender_helo_name}HELOVET_OPTIONS"
# Of each, whatever the answer: the sessions are alike but for what they ask.
NOTHING = "  accept"
VERIFY = "  require verify = csa\n  accept"
CSA = f"""  deny condition = ${{if !eq{{${{dlfunc{{HELOVET_MODULE}}{{helovet_csa}}{ASK}}}}}{{ok}}}}
  accept"""
FULL = f"""  warn set acl_m_helovet = ${{dlfunc{{HELOVET_MODULE}}{{helovet}}{ASK}}}
  deny condition = ${{if !eq{{${{extract{{trust}}{{$acl_m_helovet}}}}}}{{high}}}}
  accept"""


@dataclasses.dataclass
class Daemon:
    exim: exim_fixture.HelovetExim
    pid: int = 0
    before: tuple = ()
    milliseconds: list = dataclasses.field(default_factory=list)

    def ended_processes(self):
        """Page faults and CPU seconds of the sessions that have ended, from proc(5)'s stat."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[13]) + int(fields[14])
        return int(fields[8]), ticks / os.sysconf("SC_CLK_TCK")


def csa_alone(dns) -> str:
    """helovet's configuration that has no accreditor; `dns` is "ADDRESS:PORT"."""
    return f'profile = "standard"\n[dns]\nservers = ["{dns}"]\n'


def with_spf(dns) -> str:
    return f'{csa_alone(dns)}[dna]\ntrusted = ["{ACCREDITOR}"]\n'


def full_csv(dns) -> str:
    return f"{with_spf(dns)}[senders]\nchecks = []\n"


def session(address) -> float:
    start = time.perf_counter()
    with servers.SmtpClient(address, source=CLIENT) as client:
        for line in (f"EHLO {HELO}", "MAIL FROM:<sender@example.com>"):
            reply = client.command(line)
            if reply.code != 250:
                raise SystemExit(f"{line}: {reply}")
        took = time.perf_counter() - start
        client.reset()  # After QUIT, Exim holds the connection for 200 ms.
    return took * 1e3


@contextlib.contextmanager
def daemons(beside):
    """Each kind of session's Exim by its name, the first without a check and the second Exim's own."""
    modules = {"": exim_fixture.MODULE, **{f" ({path})": path for path in beside}}
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(servers.Scratch("bench-exim"))
        nsd = stack.enter_context(servers.Nsd(scratch.path, ZONES))
        unbound = stack.enter_context(servers.Unbound(scratch.path, nsd, port=53))
        csa, full, spf = (text(f"{unbound.address[0]}:53")
                          for text in (csa_alone, full_csv, with_spf))

        def exim(acl, toml=csa, preload=False):
            made = exim_fixture.HelovetExim(scratch.path, toml, acls={"mail": acl}, preload=preload,
                                            resolv_conf=f"nameserver {unbound.address[0]}\n")
            return Daemon(stack.enter_context(made))

        started = {"no check": exim(NOTHING), "verify = csa": exim(VERIFY)}
        for name, path in modules.items():
            exim_fixture.BINDS[exim_fixture.MODULE_PATH] = pathlib.Path(path)
            for preload, how in ((True, "preloaded"), (False, "not preloaded")):
                started[f"csa, {how}{name}"] = exim(CSA, csa, preload)
                started[f"full CSV, {how}{name}"] = exim(FULL, full, preload)
                started[f"full CSV and SPF, {how}{name}"] = exim(FULL, spf, preload)
        for daemon in started.values():
            daemon.pid = exim_fixture.processes(daemon.exim)[0]
        yield started


def measure(started, sessions):
    turn = random.Random(1)
    for number in range(WARM_UP + sessions):
        if number == WARM_UP:
            time.sleep(0.5)  # The last processes are still ending.
            for daemon in started.values():
                daemon.before = daemon.ended_processes()
        # The process of the session before is still ending: each has each before it.
        for name in turn.sample(list(started), len(started)):
            took = session(started[name].exim.address)
            if number >= WARM_UP:
                started[name].milliseconds.append(took)
    time.sleep(0.5)


def table(started, sessions):
    rows = {}
    for name, daemon in started.items():
        faults, cpu = (after - before for after, before
                       in zip(daemon.ended_processes(), daemon.before, strict=True))
        rows[name] = {"median": statistics.median(daemon.milliseconds),
                      "cpu": cpu * 1e3 / sessions, "faults": faults / sessions}
    base, verify = (row["median"] for row in list(rows.values())[:2])
    for row in rows.values():
        row["adds"] = row["median"] - base
        row["times_verify"] = row["adds"] / (verify - base)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("sessions", nargs="?", type=int, default=500)
    parser.add_argument("--beside", action="append", default=[], metavar="MODULE")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    # No PROXY header: for one of those Exim 4.96 looks the client's name up, whatever it is told.
    servers.enter_private_network((CLIENT,))
    with daemons(options.beside) as started:
        measure(started, options.sessions)
        rows = table(started, options.sessions)
    print(f"{options.sessions} sessions each, in turn; milliseconds")
    width = max(map(len, rows))
    print(f"{'':{width}}{'median':>8}{'adds':>8}{'cpu':>7}{'faults':>8}  adds, by what verify = csa adds")
    for name, row in rows.items():
        print(f"{name:{width}}{row['median']:8.3f}{row['adds']:8.3f}{row['cpu']:7.2f}{row['faults']:8.1f}"
              f"{row['times_verify']:7.2f}")
    if options.json:
        options.json.write_text(json.dumps({"sessions": options.sessions, "rows": rows}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
