#!/usr/bin/env python3
"""What four operations cost in instructions, held against the budget in budget.json.

    tests/bench/budget.py            fails where a count is more than 10 % above its budget or below it
    tests/bench/budget.py --write    makes what is counted now the budget

verdict: the verdict on a name, all answers remembered. again: the same where the client has come before,
and its verdict is remembered. event: one line of smtpd's parsed, that of mail-from. header: one Authentication-Results field rendered. Counted by callgrind in
a release build (budget.cc; tests/run makes one), so neither the machine's speed nor its load counts. The
budget is one of Debian 12's compiler and libraries."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
BUDGET = pathlib.Path(__file__).with_suffix(".json")
FUNCTIONS = {"verdict": "BudgetVerdict", "again": "BudgetAgain", "event": "BudgetEvent",
             "header": "BudgetHeader"}
OPERATIONS = 200  # kOperations in budget.cc.
SLACK = 0.10
# A processor's extensions choose among the C library's functions for memory and strings, and the
# octets of the environment where the stack begins.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "LC_ALL": "C",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-ERMS,-FSRM,-BMI2,-SSE4_2,-SSSE3",
}


def count(name):
    """Instructions an operation."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch, "counts")
        command = ["valgrind", "--tool=callgrind", f"--toggle-collect={FUNCTIONS[name]}",
                   f"--callgrind-out-file={out}", str(BUILD / "tests/bench/budget")]
        try:
            done = subprocess.run(command, env=ENVIRONMENT, cwd=scratch, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False, timeout=100)
        except FileNotFoundError:
            sys.exit("budget: valgrind is not installed (tests/prerequisites tests)")
        if done.returncode != 0:
            sys.exit(f"budget: {' '.join(command)} failed:\n{done.stdout}")
        total = re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE)
    if total is None or int(total[1]) == 0:
        sys.exit(f"budget: callgrind has counted nothing in {FUNCTIONS[name]}")
    return round(int(total[1]) / OPERATIONS)


def problem(name, got, want):
    if got > want * (1 + SLACK):
        return (f"{name}: got {got} instructions, want {want * (1 + SLACK):.0f} at most. If they are worth it, "
                "raise the budget with tests/bench/budget.py --write and say why in the commit.")
    if got < want * (1 - SLACK):
        return (f"{name}: got {got} instructions, want {want * (1 - SLACK):.0f} at least: it has become cheaper. "
                "Keep that with tests/bench/budget.py --write.")
    return None


def main() -> int:
    counts = {name: count(name) for name in FUNCTIONS}
    if sys.argv[1:] == ["--write"]:
        BUDGET.write_text(json.dumps(counts, indent=2) + "\n")
    elif sys.argv[1:]:
        sys.exit("usage: tests/bench/budget.py [--write]")
    budget = json.loads(BUDGET.read_text())
    if budget.keys() != counts.keys():
        sys.exit(f"budget: got the operations {sorted(counts)}, want {sorted(budget)}")
    print(f"{'instructions':14}{'counted':>10}{'budget':>10}")
    for name, got in counts.items():
        print(f"{name:14}{got:10}{budget[name]:10}{got / budget[name] - 1:+9.1%}")
    problems = [text for name, got in counts.items() if (text := problem(name, got, budget[name]))]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
