"""What the tests of the command helovet share: running it, its zone files, and what it must always do.

HELOVET names the program. No test needs a network but where it says so.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

HELOVET = os.environ["HELOVET"]
ZONES = pathlib.Path(__file__).parent / "zones"
EXAMPLE = str(ZONES / "example.zone")
REVERSE = str(ZONES / "reverse.zone")
DEFAULTS = "/dev/null"  # Not what this host may have in /etc/helovet.


def helovet(*arguments, **options):
    """Runs helovet; arguments may be str or bytes."""
    return subprocess.run(
        [HELOVET, *arguments], capture_output=True, timeout=30, check=False, **options)


def session(command, ip, helo, *arguments, config=DEFAULTS):
    return helovet(command, "--ip", ip, "--helo", helo, "--config", config, "--zone", EXAMPLE,
                   "--zone", REVERSE, *arguments)


def is_plain(output):
    """Printable ASCII and line ends alone."""
    return all(octet == 0x0A or 0x20 <= octet < 0x7F for octet in output)


class Case(unittest.TestCase):
    def assert_refused(self, result, message):
        """Exit 2, nothing on standard output, one line on standard error that holds `message`."""
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, b"")
        self.assertTrue(result.stderr.startswith(b"helovet: "), result.stderr)
        self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
        self.assertTrue(is_plain(result.stderr), result.stderr)
        self.assertIn(message.encode(), result.stderr)

    def assert_answered(self, result):
        self.assertEqual((result.returncode, result.stderr), (0, b""), result)

    def verdict(self, ip, helo, *arguments, command="check", **options):
        result = session(command, ip, helo, "--json", *arguments, **options)
        self.assert_answered(result)
        self.assertTrue(is_plain(result.stdout), result.stdout)
        self.assertEqual(result.stdout.count(b"\n"), 1)
        return json.loads(result.stdout)


class WithFiles(Case):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def write(self, name, text):
        path = self.directory / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)
