"""Every command of README.md is either run here or is what a test of its own runs."""

import pathlib
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
PROVEN_ELSEWHERE = {
    "tests/run": "what runs this test",
    "tests/demo": "tests/integration/test_demo.py",
    "tests/prerequisites build": "tests/run begins with it",
    "cmake --preset package": "tests/demo",
    "cmake --build --preset package": "tests/demo",
    "cmake --install build/package": "tests/install/test_install.py",
    "cpack --preset package": "tests/install/test_packages.py",
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
            for command in commands:
                with self.subTest(command):
                    if command in PROVEN_ELSEWHERE:
                        continue
                    words = shlex.split(command)
                    self.assertEqual(words[0], "helovet", "a command that no test runs")
                    # No test asks servers outside this host.
                    done = subprocess.run([HELOVET, *words[1:], "--zone", zone, "--config", "/dev/null"],
                                          text=True, capture_output=True, timeout=60, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertIn("authorized", done.stdout)

    def test_tests_of_commands_exist(self):
        for command, where in PROVEN_ELSEWHERE.items():
            self.assertIn(command, self.commands())
            if where.endswith(".py"):
                self.assertTrue((SOURCE / where).exists(), where)

    def test_fits_two_screens(self):
        self.assertLess(len(README.read_text().splitlines()), 85)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
