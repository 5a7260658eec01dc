#!/usr/bin/env python3
"""What a session in Exim waits for DNS that is a round trip of 20 ms away, through a resolver that
sends no additional data: connect, EHLO, MAIL, against real daemons that take turns session by session.

    tests/bench/latency_sessions.py [--sessions N] [--round-trip MS] [--json] [--check]
                                                                default 500 of each, and no check

Needs a release build (tests/run makes one). Runs in a network of its own, where a server that delays
(delaying_dns.py) has port 53, with Unbound behind it: Exim's own `verify = csa` and helovet both pay
for each question there. Prints medians, and what each case adds to a session without a check, in
round trips. The first cases have goals; those below show what leads to a second round. --check: fails
where a case waits for more rounds of questions than its goal has, which noise does not bring about."""

import argparse
import contextlib
import dataclasses
import json
import pathlib
import random
import statistics
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration"), str(SOURCE / "tests/exim")]

import exim_fixture  # noqa: E402
import servers  # noqa: E402
from delaying_dns import DelayingDns  # noqa: E402

WARM_UP = 5
ACCREDITOR = "accredit.example"
DEEP = "a.b.c.d.example.com"
NETWORK = "192.0.2.254"  # An address of this host, so that clients can come from its whole network.
SENDER = "sender@example.com"

APEX = """$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ NS ns.example.com.
"""
ZONES = {
    # Each name has an address that its client comes from, and its own PTR record names it, but for
    # `stranger`. Below the deep name's parents the names _client._smtp exist: Exim asks about parents
    # only where the name it asked about did.
    "example.com": APEX + """
ns A 192.0.2.53
mail A 192.0.2.1
_client._smtp.mail SRV 1 2 0 mail
accredited A 192.0.2.3
_client._smtp.accredited SRV 1 2 0 accredited
accredited PTR _vouch._smtp.accredit.example.
spf A 192.0.2.4
_client._smtp.spf SRV 1 2 0 spf
spf TXT "v=spf1 a -all"
target A 192.0.2.5
pool A 192.0.2.5
_client._smtp.target SRV 1 2 0 pool
stranger A 192.0.2.7
a.b.c.d A 192.0.2.2
_client._smtp TXT "no SRV"
_client._smtp.d TXT "no SRV"
_client._smtp.c.d TXT "no SRV"
_client._smtp.b.c.d TXT "no SRV"
_client._smtp.a.b.c.d TXT "no SRV"
""",
    "2.0.192.in-addr.arpa": APEX + f"""
1 PTR mail.example.com.
2 PTR {DEEP}.
3 PTR accredited.example.com.
4 PTR spf.example.com.
5 PTR target.example.com.
6 PTR stranger.example.com.
""",
    ACCREDITOR: APEX + 'accredited.example.com TXT "MARID,1,A"\n',
}

NONE = "  accept"
VERIFY = "  require verify = csa\n  accept"
CSA = """  deny condition = ${if eq{${dlfunc{HELOVET_MODULE}{helovet_csa}\
{$sender_host_address}{$sender_helo_name}HELOVET_OPTIONS}}{fail}}
  accept"""
ALL = "  warn set acl_m_helovet = HELOVET_ASK\n  accept condition = ${if " \
      "eq{${extract{trust}{$acl_m_helovet}}}{high}}\n  deny"
CSV_ONLY = "senders.checks = []\n"


@dataclasses.dataclass(frozen=True)
class Daemon:
    """An Exim: the ACL for MAIL, and what helovet's settings have beside the server."""

    acl: str
    toml: str = ""


DAEMONS = {
    "no check": Daemon(NONE),
    "verify = csa": Daemon(VERIFY),
    "helovet_csa": Daemon(CSA),
    "helovet, dna": Daemon(ALL, CSV_ONLY + f'dna.trusted = ["{ACCREDITOR}"]\n'),
    "helovet, dna always": Daemon(
        ALL, CSV_ONLY + f'dna.trusted = [{{ name = "{ACCREDITOR}", always_ask = true }}]\n'),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """Sessions of one kind. `goal`: round trips, at most."""

    what: str
    daemon: str
    helo: str = "mail.example.com"
    client: str = "192.0.2.1"
    goal: float | None = None


NO_CHECK = Case("no check", "no check")
CASES = [
    NO_CHECK,
    Case("published name", "verify = csa"),
    Case("published name", "helovet_csa", goal=1.15),
    Case("no record, six labels", "verify = csa", DEEP, "192.0.2.2"),
    Case("no record, six labels", "helovet_csa", DEEP, "192.0.2.2", goal=1.15),
    # Whom to ask is known after the PTR records of the name.
    Case("full CSV", "helovet, dna", "accredited.example.com", "192.0.2.3", goal=2.2),
    Case("full CSV", "helovet, dna always", "accredited.example.com", "192.0.2.3"),
    # A second round by the record itself: other names than those which the session brings along.
    Case("target of another name", "helovet_csa", "target.example.com", "192.0.2.5"),
    Case("target of another name", "verify = csa", "target.example.com", "192.0.2.5"),
    Case("client of another name", "helovet_csa", DEEP, "192.0.2.6"),
    Case("v=spf1 a -all", "helovet_csa", "spf.example.com", "192.0.2.4"),
]


def session(address, case: Case) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    # Behind a PROXY header Exim would look for the client's name by itself.
    with servers.SmtpClient(address, source=case.client) as client:
        for line in (f"EHLO {case.helo}", f"MAIL FROM:<{SENDER}>"):
            reply = client.command(line)
            if reply.code != 250:
                raise SystemExit(f"{case.what}, {case.daemon}: {line}: {reply}")
        took = time.perf_counter() - start
        client.reset()  # After QUIT, Exim holds the connection for 200 ms.
    return took * 1e3


def measure(daemons: dict, sessions: int) -> dict[Case, list[float]]:
    times = {case: [] for case in CASES}
    turn = random.Random(1)
    warm_up = min(WARM_UP, sessions // 2)
    for number in range(warm_up + sessions):
        for case in turn.sample(CASES, len(CASES)):
            took = session(daemons[case.daemon].address, case)
            if number >= warm_up:
                times[case].append(took)
    return times


def figures(times: dict[Case, list[float]], round_trip: float) -> list[dict]:
    base = statistics.median(times[NO_CHECK])
    found = []
    for case, values in times.items():
        median = statistics.median(values)
        found.append({"case": case.what, "check": case.daemon, "median_ms": round(median, 3),
                      "added_ms": round(median - base, 3),
                      "added_round_trips": round((median - base) / round_trip, 3),
                      "goal": case.goal})
    return found


def print_table(rows: list[dict], sessions: int, round_trip: float):
    print(f"{sessions} sessions each, in turn; DNS {round_trip:g} ms away")
    print(f"{'':24}{'':20}{'median ms':>10}{'adds ms':>9}{'round trips':>13}{'goal':>7}")
    for row in rows:
        goal = "" if row["goal"] is None else f"{row['goal']:.2f}"
        print(f"{row['case']:24}{row['check']:20}{row['median_ms']:10.2f}{row['added_ms']:9.2f}"
              f"{row['added_round_trips']:13.2f}{goal:>7}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--round-trip", type=float, default=20.0, metavar="MS")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    servers.enter_private_network([NETWORK])
    with servers.Scratch("bench-latency") as scratch, \
         servers.Nsd(scratch.path, ZONES) as nsd, \
         servers.Unbound(scratch.path, nsd, additional_data=False) as unbound, \
         DelayingDns(unbound, options.round_trip / 1e3, port=53) as dns, \
         contextlib.ExitStack() as stack:
        # Each name once: by default the C library goes on from an absent one to the host's domain, which
        # would make `verify = csa` look worse than it is behind `host_lookup`.
        resolv_conf = f"nameserver {dns.address[0]}\nsearch .\noptions ndots:15\n"
        toml = f'profile = "standard"\ndns.servers = ["{dns.address[0]}:53"]\n'
        daemons = {
            name: stack.enter_context(exim_fixture.HelovetExim(
                scratch.path, toml + daemon.toml, acls={"mail": daemon.acl},
                preload="helovet" in name, resolv_conf=resolv_conf))
            for name, daemon in DAEMONS.items()}
        times = measure(daemons, options.sessions)
    rows = figures(times, options.round_trip)
    if options.json:
        print(json.dumps({"sessions": options.sessions, "round_trip_ms": options.round_trip,
                          "cases": rows}, indent=1))
    else:
        print_table(rows, options.sessions, options.round_trip)
    if not options.check:
        return 0
    slow = [row for row in rows if row["goal"] and round(row["added_round_trips"]) > int(row["goal"])]
    for row in slow:
        print(f"{row['case']}, {row['check']}: got {row['added_round_trips']} round trips, "
              f"want {int(row['goal'])}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
