"""Every command of README.md is either run here or is what a test of its own runs."""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

from pages import HELOVET, SOURCE

README = SOURCE / "README.md"
RECORD, = [line for line in README.read_text().splitlines() if line.startswith("    _client._smtp.")]
# The record that it shows, with what a zone needs beside it.
ZONE = f"""$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 3600 1209600 300
@ NS ns
ns A 192.0.2.53
mail A 192.0.2.1
{RECORD.strip()}
"""
LOG = "2026-11-13 08:01:02 1xA001-000001-AB <= joe@example.com H=mail.example.com [192.0.2.1] P=esmtp S=9\n"
PROVEN_ELSEWHERE = {
    "tests/run": "what runs this test",
    "tests/demo": "tests/integration/test_demo.py",
    "tests/prerequisites build": "tests/run begins with it",
    "cmake --preset package": "tests/demo",
    "cmake --build --preset package": "tests/demo",
    "cmake --install build/package": "tests/install/test_install.py",
    "cpack --preset package": "tests/install/test_packages.py",
    "apt install ./build/package/helovet_*.deb ./build/package/exim4-helovet_*.deb":
        "tests/install/test_packages.py",
}


class Readme(unittest.TestCase):
    def commands(self):
        indented = [line[4:] for line in README.read_text().splitlines() if line.startswith("    ")]
        return [line for line in indented if not line.startswith("_client._smtp.")]

    def test_commands(self):
        commands = self.commands()
        self.assertGreater(len(commands), 6)
        with tempfile.TemporaryDirectory() as scratch:
            zone = pathlib.Path(scratch) / "example.com.zone"
            zone.write_text(ZONE)
            (zone.parent / "mainlog.1").write_text(LOG)
            for command in commands:
                with self.subTest(command):
                    if command in PROVEN_ELSEWHERE:
                        continue
                    words = shlex.split(command.replace("/var/log/exim4", scratch))
                    self.assertEqual(words[0], "helovet", "a command that no test runs")
                    # No test asks servers outside this host.
                    done = subprocess.run([HELOVET, *words[1:], "--zone", zone, "--config", "/dev/null"],
                                          text=True, capture_output=True, timeout=60, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("1 session\n" if "--batch" in words else "authorized", done.stdout)

    def test_tests_of_commands_exist(self):
        for command, where in PROVEN_ELSEWHERE.items():
            self.assertIn(command, self.commands())
            if where.endswith(".py"):
                self.assertTrue((SOURCE / where).exists(), where)

    def test_fits_two_screens(self):
        """Of 100 columns, as it is read: links are their texts."""
        text = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", README.read_text())
        lines = sum(max(1, -(-len(line) // 100)) for line in text.splitlines())
        self.assertLess(lines, 85)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
