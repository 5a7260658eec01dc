#!/usr/bin/env python3
"""What a check costs a session in Exim: connect, EHLO, MAIL, against four real daemons that take turns
session by session: without a check, with Exim's own `verify = csa`, with the module preloaded in
the daemon, and with the module loaded by each session.

    tests/bench/exim_sessions.py [SESSIONS]      default 500 for each daemon

Needs a release build (tests/run makes one). Runs in a network of its own, where Unbound has port 53, because
`verify = csa` asks nobody else. Prints medians in milliseconds and what each adds to a session
without a check."""

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
WARM_UP = 20

ZONES = {
    "example.com": f"""$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ NS ns.example.com.
ns A 192.0.2.53
mail A {CLIENT}
_client._smtp.mail SRV 1 2 0 {HELO}.
""",
    "2.0.192.in-addr.arpa": f"""$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ NS ns.example.com.
1 PTR {HELO}.
""",
}

VERIFY = "  require verify = csa\n  accept"
ASK = """  deny condition = ${if eq{${dlfunc{HELOVET_MODULE}{helovet_csa}\
{$sender_host_address}{$sender_helo_name}HELOVET_OPTIONS}}{fail}}
  accept"""


def session(address) -> float:
    start = time.perf_counter()
    with servers.SmtpClient(address, proxy=CLIENT) as client:
        for line in (f"EHLO {HELO}", "MAIL FROM:<sender@example.com>"):
            reply = client.command(line)
            if reply.code != 250:
                raise SystemExit(f"{line}: {reply}")
        took = time.perf_counter() - start
        client.reset()  # After QUIT, Exim holds the connection for 200 ms.
    return took * 1e3


def main() -> int:
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    servers.enter_private_network()
    with servers.Scratch("bench-exim") as scratch, \
         servers.Nsd(scratch.path, ZONES) as nsd, \
         servers.Unbound(scratch.path, nsd, port=53) as unbound:
        toml = (f'profile = "standard"\n[dns]\nservers = ["{unbound.address[0]}:53"]\n')
        resolv_conf = f"nameserver {unbound.address[0]}\n"

        def exim(acl, **options):
            return exim_fixture.HelovetExim(scratch.path, toml, acls={"mail": acl},
                                            resolv_conf=resolv_conf, **options)

        with exim("  accept", preload=False) as none, \
             exim(VERIFY, preload=False) as verify, \
             exim(ASK) as preloaded, \
             exim(ASK, preload=False) as loaded:
            daemons = {"no check": none, "verify = csa": verify,
                       "helovet, preloaded": preloaded, "helovet, not preloaded": loaded}
            times = {name: [] for name in daemons}
            turn = random.Random(1)
            for number in range(WARM_UP + sessions):
                # The process of the session before is still ending: each has each before it.
                for name in turn.sample(list(daemons), len(daemons)):
                    took = session(daemons[name].address)
                    if number >= WARM_UP:
                        times[name].append(took)
    base = statistics.median(times["no check"])
    verify_adds = statistics.median(times["verify = csa"]) - base
    print(f"{sessions} sessions each, in turn; milliseconds")
    print(f"{'':24}{'median':>8}{'adds':>8}  times what verify = csa adds")
    for name, values in times.items():
        median = statistics.median(values)
        ratio = f"{(median - base) / verify_adds:6.2f}" if name != "no check" else ""
        print(f"{name:24}{median:8.3f}{median - base:8.3f}  {ratio}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
