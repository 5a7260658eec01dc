"""The conformance cases over the network: against NSD directly, and through Unbound. The results are
those that the cases name, as with the zone files themselves.

    test_conformance.py PROGRAM     the compiled conformance test
"""

import os
import subprocess
import sys
import unittest

from servers import SOURCE, Answer, Nsd, Scratch, ScriptedDns, Unbound, zones_in

ZONES = SOURCE / "tests/conformance/zones"
SECONDS = 240


class Conformance(unittest.TestCase):
    program = ""

    def setUp(self):
        self.scratch = self.enterContext(Scratch("conformance")).path
        self.nsd = self.enterContext(Nsd(self.scratch, zones_in(ZONES)))

    def run_cases(self, server):
        host, port = server.address
        return subprocess.run(
            [self.program, "--gtest_brief=1"], capture_output=True, text=True, errors="replace",
            timeout=SECONDS, check=False,
            env={**os.environ, "HELOVET_CONFORMANCE_DNS": f"{host}:{port}"})

    def play(self, server):
        done = self.run_cases(server)
        self.assertEqual(done.returncode, 0, "\n" + done.stdout + done.stderr)

    def test_nsd(self):
        self.play(self.nsd)

    def test_unbound(self):
        self.play(self.enterContext(Unbound(self.scratch, self.nsd)))

    def test_unbound_without_additional_data(self):
        self.play(self.enterContext(Unbound(self.scratch, self.nsd, additional_data=False)))

    def test_the_server_is_what_counts(self):
        with ScriptedDns(default=Answer(rcode="SERVFAIL")) as failing:
            self.assertNotEqual(self.run_cases(failing).returncode, 0)
            self.assertGreater(len(failing.questions), 100)


if __name__ == "__main__":
    Conformance.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
