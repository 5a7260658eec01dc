#!/usr/bin/env python3
"""A message of 25 MiB through filter-helovet and through a filter that only echoes (data_lines_echo.cc),
in turn. filter-helovet judges the client first and then adds its header field, and removes forged ones.

    tests/bench/data_lines.py [ROUNDS]      default 101 rounds

Needs a release build (tests/run makes one). Prints medians of all rounds, and the ratio of the rates."""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
# Nobody answers there. What is measured begins after the verdict, which is to come soon.
CONFIG = 'deadline = "100ms"\n[dns]\nservers = ["127.0.0.1:1"]\n'
GOAL = 0.80


def measure(command):
    done = subprocess.run([BUILD / "tests/bench/data_lines", *command],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [float(number) for number in re.findall(r"[\d.]+(?= )", done.stdout)]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 101
    with tempfile.TemporaryDirectory() as scratch:
        config = pathlib.Path(scratch, "helovet.toml")
        config.write_text(CONFIG)
        commands = {
            "filter-helovet": [BUILD / "opensmtpd-filter/filter-helovet", "-c", config],
            "echo": [BUILD / "tests/bench/data_lines_echo"],
        }
        figures = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                figures[name].append(measure(command))
    print(f"medians of {rounds} rounds of a message of 25 MiB")
    print(f"{'':16}{'MiB/s':>10}{'ms CPU':>10}{'lines added':>14}")
    medians = {}
    for name, values in figures.items():
        medians[name] = [statistics.median(column) for column in zip(*values)]
        rate, cpu, added = medians[name]
        print(f"{name:16}{rate:10.1f}{cpu:10.1f}{added:14.0f}")
    if medians["filter-helovet"][2] == 0:
        sys.exit("filter-helovet added no header: that is not what is to be measured")
    ratio = medians["filter-helovet"][0] / medians["echo"][0]
    print(f"\nfilter-helovet has {ratio:.0%} of the echo's rate (goal: {GOAL:.0%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
