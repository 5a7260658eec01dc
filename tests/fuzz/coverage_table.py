#!/usr/bin/env python3
"""Makes a table by rooms of `llvm-cov export -summary-only`, which comes on standard input.

usage: coverage_table.py SOURCE_DIRECTORY
"""

import collections
import json
import pathlib
import sys


def room_of(path):
    """core/dns of core/dns/wire.cc, opensmtpd-filter of opensmtpd-filter/event.cc."""
    return "/".join(path.parts[:2 if path.parts[0] == "core" else 1])


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    rooms = collections.defaultdict(collections.Counter)
    for each in json.load(sys.stdin)["data"][0]["files"]:
        path = pathlib.Path(each["filename"]).resolve()
        if not path.is_relative_to(root) or path.suffix not in (".cc", ".h"):
            continue
        for kind in ("lines", "branches"):
            for what in ("count", "covered"):
                rooms[room_of(path.relative_to(root))][kind, what] += each["summary"][kind][what]
    print("| room | lines | of them reached | branches | of them reached |\n|---|---|---|---|---|")
    for room, counts in sorted(rooms.items()):
        cells = []
        for kind in ("lines", "branches"):
            all_of = counts[kind, "count"]
            share = 100 * counts[kind, "covered"] / all_of if all_of else 100
            cells += [f"{all_of}", f"{share:.0f} %"]
        print(f"| `{room}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
