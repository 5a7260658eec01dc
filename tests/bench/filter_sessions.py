#!/usr/bin/env python3
"""filter-helovet beside Debian's filter-senderscore under the same load, in turn: every session is a new
client with a new name, so nothing is cached; NSD answers both on the same machine.

    tests/bench/filter_sessions.py [ROUNDS]      default 5 rounds of 20,000 sessions

Needs a release build (tests/run makes one). Runs in a network of its own, where NSD has port 53,
because filter-senderscore asks the server of resolv.conf. Prints a line a round, then medians."""

import os
import pathlib
import re
import statistics
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
SESSIONS = 20000
APEX = """$TTL 3600
@ SOA ns hostmaster 1 7200 3600 1209600 3600
@ NS ns
ns A 192.0.2.53
"""
ZONES = {
    # A wildcard stands for the names of the load: published, and 10.0.0.1 may use every one.
    "load.example.com": APEX + "* A 10.0.0.1\n",
    "example.com": APEX,
    "10.in-addr.arpa": APEX + "* PTR client.load.example.com.\n",
    "score.senderscore.com": APEX + "* A 127.0.4.90\n",
}


def measure(load, command):
    done = subprocess.run([load, "--sessions", str(SESSIONS), *command],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return [float(number) for number in re.findall(r"[\d.]+(?= )", done.stdout)]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    servers.enter_private_network()
    with servers.Scratch("bench-filter") as scratch, \
         servers.Nsd(scratch.path, ZONES, port=53):
        config = scratch.path / "helovet.toml"
        config.write_text('[dns]\nservers = ["127.0.0.1:53"]\n')
        resolv = scratch.path / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\n")
        senderscore = servers.SERVERS / "opensmtpd-filter-senderscore/usr/libexec/opensmtpd/filter-senderscore"
        commands = {
            "filter-helovet": [BUILD / "opensmtpd-filter/filter-helovet", "-c", config],
            "filter-senderscore": ["unshare", "-m", "sh", "-c",
                                   'mount --bind "$1" /etc/resolv.conf && exec "$2"', "sh",
                                   resolv, senderscore],
        }
        figures = {name: [] for name in commands}
        for number in range(rounds):
            for name, command in commands.items():
                figures[name].append(measure(BUILD / "tests/bench/filter_load", command))
                print(f"round {number + 1}  {name:20}", *figures[name][-1], flush=True)
    print(f"\nmedians of {rounds} rounds of {SESSIONS} sessions, 200 at once")
    print(f"{'':20}{'sessions/s':>12}{'us CPU':>10}{'MiB':>8}")
    for name, values in figures.items():
        rate, cpu, memory = (statistics.median(column) for column in zip(*values))
        print(f"{name:20}{rate:12.0f}{cpu:10.1f}{memory:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
