#!/usr/bin/env python3
"""filter-helovet beside Debian's filter-senderscore under the same load, in turn; NSD answers both on
the same machine. Cold: every session is a new client with a new name, and nothing is cached. Warm: filter-helovet
alone, with a thousand clients that come back within the TTLs, a hundred times each.

    tests/bench/filter_sessions.py [ROUNDS] [--json]      default 5 rounds of 20,000 sessions, 100,000 warm

Needs a release build (tests/run makes one). Runs in a network of its own, where NSD has port 53,
because filter-senderscore asks the server of resolv.conf. Prints a line a round, then medians."""

import json
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
CLIENTS = 1000  # Of warm sessions.
WARM_SESSIONS = 100 * CLIENTS
COLD = ("--sessions", str(SESSIONS))
WARM = ("--sessions", str(WARM_SESSIONS), "--clients", str(CLIENTS))
COLUMNS = ("sessions/s", "user us", "system us", "CPU us", "MiB")
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


def measure(load, options, command):
    done = subprocess.run([load, *options, *command],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return [float(number) for number in re.findall(r"[\d.]+(?= )", done.stdout)]


def main() -> int:
    numbers = [int(argument) for argument in sys.argv[1:] if argument != "--json"]
    rounds = numbers[0] if numbers else 5
    servers.enter_private_network()
    with servers.Scratch("bench-filter") as scratch, \
         servers.Nsd(scratch.path, ZONES, port=53):
        config = scratch.path / "helovet.toml"
        config.write_text('[dns]\nservers = ["127.0.0.1:53"]\n')
        resolv = scratch.path / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\n")
        senderscore = servers.SERVERS / "opensmtpd-filter-senderscore/usr/libexec/opensmtpd/filter-senderscore"
        helovet = [BUILD / "opensmtpd-filter/filter-helovet", "-c", config]
        runs = {
            "filter-helovet": (COLD, helovet),
            "filter-senderscore": (COLD, ["unshare", "-m", "sh", "-c",
                                        'mount --bind "$1" /etc/resolv.conf && exec "$2"', "sh",
                                        resolv, senderscore]),
            "filter-helovet, warm": (WARM, helovet),
        }
        figures = {name: [] for name in runs}
        for number in range(rounds):
            for name, (options, command) in runs.items():
                figures[name].append(measure(BUILD / "tests/bench/filter_load", options, command))
                print(f"round {number + 1}  {name:22}", *figures[name][-1], file=sys.stderr,
                      flush=True)
    medians = {name: dict(zip(COLUMNS, map(statistics.median, zip(*values))))
               for name, values in figures.items()}
    if "--json" in sys.argv:
        print(json.dumps(medians, indent=2))
        return 0
    print(f"medians of {rounds} rounds of {SESSIONS} sessions ({WARM_SESSIONS} warm), 200 at once")
    print(f"{'':22}" + "".join(f"{column:>12}" for column in COLUMNS))
    for name, values in medians.items():
        print(f"{name:22}" + "".join(f"{values[column]:12.1f}" for column in COLUMNS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
