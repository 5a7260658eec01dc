"""The commands of each page are run in their order, and print what the page shows: see pages.py."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from pages import HELOVET, PAGES, blocks, kind

import servers

# Of packages that are unpacked and not installed: what checks zones and configurations of servers.
CHECKERS = ":".join(str(servers.SERVERS / place)
                    for place in ("nsd/usr/sbin", "bind9-utils/usr/bin"))
STATUS = re.compile(r"\s+# (\d+)$")


def commands(text):
    """The commands of a block: (what the shell gets, the exit status, lines that it prints)."""
    for lines in re.sub(r"\\\n", "", text).splitlines():
        status = STATUS.search(lines)
        yield STATUS.sub("", lines), int(status[1]) if status else 0


def shown(text):
    """Of a console: each command with the lines below it."""
    for command, output in re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n?)*)", text, re.M):
        (command, status), = commands(command)
        yield command, status, [line for line in output.splitlines() if line.strip()]


class Walks(unittest.TestCase):
    def test_pages(self):
        walked = [page for page in PAGES
                  if any(kind(page, *block) == "walk" for block in blocks(page))]
        for page in walked:
            with self.subTest(page=page.name):
                scratch = self.enterContext(servers.Scratch("walks")).path
                for language, text in blocks(page):
                    if language and kind(page, language, text) == "walk":
                        self.walk(scratch, language, text)

    def walk(self, scratch, language, text):
        if language == "sh":
            for command, status in commands(text):
                if command.strip() and not command.startswith("#"):
                    self.run_command(scratch, command, status, [])
        elif language == "console":
            found = list(shown(text))
            self.assertEqual(len(found), len(re.findall(r"^\$ ", text, re.M)), text)
            for command, status, wanted in found:
                self.run_command(scratch, command, status, wanted)
        else:
            first, rest = text.split("\n", 1)
            name = re.fullmatch(r"(?:#|;|//|--) *(\S+)", first)
            self.assertIsNotNone(name, f"no comment with the file's name before:\n{text}")
            path = scratch / name[1]
            self.assertTrue(path.resolve().is_relative_to(scratch.resolve()), path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rest)

    def run_command(self, scratch, command, status, wanted):
        path = f"{HELOVET.parent}:{os.environ['PATH']}:/usr/sbin:{CHECKERS}"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=scratch, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False,
                              env={**os.environ, "PATH": path, "TERM": "dumb"})
        self.assertEqual(done.returncode, status, f"{command}\n{done.stdout}")
        lines = iter([line.rstrip() for line in done.stdout.splitlines()])
        for line in wanted:  # Each is looked for behind the former.
            self.assertIn(line.rstrip(), lines, f"{command}\n{done.stdout}")


class Reading(unittest.TestCase):
    """The reader of blocks itself: what it overlooked would not be run."""

    def test_status_and_continuation(self):
        self.assertEqual(list(commands("a b   # 1\nc \\\n  d\n")), [("a b", 1), ("c   d", 0)])

    def test_console(self):
        self.assertEqual(list(shown("$ a # 2\n  x\n\ny\n$ b \\\n  c\n")),
                         [("a", 2, ["  x", "y"]), ("b   c", 0, [])])


if __name__ == "__main__":
    servers.enter_private_network([])
    sys.exit(unittest.main(verbosity=2))
