#!/usr/bin/env python3
"""What a client of OpenSMTPD waits for at MAIL FROM because of filter-helovet, when DNS is a round trip of
20 ms away and the client needs 30 ms between EHLO and MAIL FROM: the time from the event mail-from to
its filter-result, beside that of a filter which answers at once.

    tests/bench/hidden_latency.py [--sessions N] [--pause MS] [--round-trip MS] [--json] [--check]
                                                                default 500 sessions of each kind

Needs a release build (tests/run makes one). Every session is a new client with a new name, so nothing
is remembered; the kinds take turns. Runs in a network of its own with a server that delays
(delaying_dns.py), and Unbound and NSD behind it. Prints medians and 99th percentiles.
--check: fails where questions that could leave at EHLO are waited for at MAIL FROM."""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402
from delaying_dns import DelayingDns  # noqa: E402

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
WARM_UP = 5
DNS_PORT = 53
ACCREDITOR = "accredit.example"
CSV_ONLY = "senders.checks = []\n"
APEX = """$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ NS ns.example.com.
"""

# Reads lines and lets everything pass.
AT_ONCE = r"""
import sys
for line in sys.stdin:
    fields = line.rstrip("\n").split("|")
    if line == "config|ready\n":
        print("register|filter|smtp-in|ehlo\nregister|filter|smtp-in|mail-from\nregister|ready", flush=True)
    elif fields[0] == "filter":
        print(f"filter-result|{fields[5]}|{fields[6]}|proceed", flush=True)
"""


@dataclasses.dataclass(frozen=True)
class Kind:
    """Sessions of one kind. `toml`: None for the filter that answers at once. `sender`: of a session, by
    its number."""

    what: str
    toml: str | None
    sender: str = "sender@h{0}.example.com"
    hidden: bool = True  # All that it asks can be answered before MAIL FROM.


KINDS = [
    Kind("a filter that answers at once", None),
    Kind("csa, helo, iprev", CSV_ONLY),
    Kind("full CSV, accreditor always asked",
         CSV_ONLY + f'dna.trusted = [{{ name = "{ACCREDITOR}", always_ask = true }}]\n'),
    # Whom to ask is known 20 ms after EHLO, and what it says 40 ms after.
    Kind("full CSV, accreditor named in DNS", CSV_ONLY + f'dna.trusted = ["{ACCREDITOR}"]\n', hidden=False),
    Kind("default, sender of the HELO name", ""),
    # The domain is not known before MAIL FROM.
    Kind("default, sender of a new domain", "", "sender@s{0}.example.net", hidden=False),
]


def zones(sessions: int) -> dict[str, str]:
    """Of as many sessions: the client 10.0.X.Y has the name hN.example.com, is authorised and named."""
    names, pointers, senders = [], [], []
    for number in range(sessions):
        names.append(f"h{number} A {client(number)}\n_client._smtp.h{number} SRV 1 2 0 h{number}\n"
                     f"h{number} PTR _vouch._smtp.{ACCREDITOR}.\n")
        pointers.append(f"{'.'.join(reversed(client(number).split('.')[1:]))} PTR h{number}.example.com.\n")
        senders.append(f's{number} TXT "v=spf1 ip4:10.0.0.0/8 -all"\n')
    return {
        "example.com": APEX + "ns A 192.0.2.53\n" + "".join(names),
        "example.net": APEX + "".join(senders),
        "10.in-addr.arpa": APEX + "".join(pointers),
        ACCREDITOR: APEX + '*.example.com TXT "MARID,1,A"\n',
    }


def client(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Filter:
    """A filter as smtpd runs it."""

    def __init__(self, command):
        self._command = command

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._lines = self._process.stdout
        self.say("config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
                 "config|subsystem|smtp-in\nconfig|admd|mx.example\nconfig|ready")
        while self.hear() != "register|ready":
            pass
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._lines.close()

    def say(self, text: str):
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        line = self._lines.readline()
        if not line:
            raise SystemExit(f"{self._command} has ended")
        return line.decode().rstrip("\n")

    def request(self, phase: str, session: str, argument: str) -> str:
        """The answer."""
        self.say(f"filter|0.6|1700000000.000000|smtp-in|{phase}|{session}|0123456789abcdef|{argument}")
        kind, of, _, answer = self.hear().split("|", 3)
        if (kind, of) != ("filter-result", session):
            raise SystemExit(f"{phase}: {kind}|{of}")
        return answer


def session(tested: Filter, kind: Kind, number: int, pause: float) -> float:
    """Milliseconds from mail-from to its answer."""
    name = f"{number:016x}"
    report = "report|0.6|1700000000.000000|smtp-in|"
    tested.say(f"{report}link-connect|{name}|client.example|pass|{client(number)}:4321|192.0.2.25:25")
    tested.request("ehlo", name, f"h{number}.example.com")
    time.sleep(pause)
    start = time.perf_counter()
    answer = tested.request("mail-from", name, kind.sender.format(number))
    took = time.perf_counter() - start
    if answer != "proceed":
        raise SystemExit(f"{kind.what}: {answer}")
    tested.say(f"{report}link-disconnect|{name}")
    return took * 1e3


def measure(filters: dict[Kind, Filter], sessions: int, pause: float) -> dict[Kind, list[float]]:
    times = {kind: [] for kind in KINDS}
    warm_up = min(WARM_UP, sessions // 2)
    for number in range(warm_up + sessions):
        for at, kind in enumerate(KINDS):
            took = session(filters[kind], kind, number * len(KINDS) + at, pause)
            if number >= warm_up:
                times[kind].append(took)
    return times


def figures(times: dict[Kind, list[float]]) -> list[dict]:
    base = statistics.median(times[KINDS[0]])
    return [{"kind": kind.what, "median_ms": round(statistics.median(values), 3),
             "p99_ms": round(statistics.quantiles(values, n=100)[98], 3),
             "added_ms": round(statistics.median(values) - base, 3), "hidden": kind.hidden}
            for kind, values in times.items()]


def print_figures(rows: list[dict], options):
    if options.json:
        print(json.dumps({"sessions": options.sessions, "pause_ms": options.pause,
                          "round_trip_ms": options.round_trip, "kinds": rows}, indent=1))
        return
    print(f"{options.sessions} sessions each, in turn; DNS {options.round_trip:g} ms away, "
          f"{options.pause:g} ms from EHLO to MAIL FROM; milliseconds from mail-from to its answer")
    print(f"{'':36}{'median':>8}{'99 %':>8}{'adds':>8}")
    for row in rows:
        print(f"{row['kind']:36}{row['median_ms']:8.2f}{row['p99_ms']:8.2f}{row['added_ms']:8.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--pause", type=float, default=30.0, metavar="MS")
    parser.add_argument("--round-trip", type=float, default=20.0, metavar="MS")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    servers.enter_private_network()
    with servers.Scratch("bench-hidden") as scratch, \
         servers.Nsd(scratch.path, zones((WARM_UP + options.sessions) * len(KINDS))) as nsd, \
         servers.Unbound(scratch.path, nsd, additional_data=False) as unbound, \
         DelayingDns(unbound, options.round_trip / 1e3, DNS_PORT) as dns, \
         contextlib.ExitStack() as stack:

        def started(number: int, kind: Kind) -> Filter:
            if kind.toml is None:
                return stack.enter_context(Filter([sys.executable, "-I", "-c", AT_ONCE]))
            config = scratch.path / f"helovet-{number}.toml"
            config.write_text(f'header = false\ndns.servers = ["{dns.address[0]}:{DNS_PORT}"]\n{kind.toml}')
            return stack.enter_context(Filter([BUILD / "opensmtpd-filter/filter-helovet", "-c", config]))

        filters = {kind: started(number, kind) for number, kind in enumerate(KINDS)}
        rows = figures(measure(filters, options.sessions, options.pause / 1e3))
    print_figures(rows, options)
    if not options.check:
        return 0
    # Half a round trip is more than noise.
    late = [row for row in rows if row["hidden"] and row["added_ms"] > options.round_trip / 2]
    for row in late:
        print(f"{row['kind']}: got {row['added_ms']} ms, want none", file=sys.stderr)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
