"""docs/exim-verify-csa.md, done with a real Exim: both checks beside each other, the log, and the change."""

import os
import re
import subprocess
import sys
import unittest

from pages import BUILD, SOURCE, blocks_by_language

os.environ.setdefault("HELOVET_EXIM_MODULE", str(BUILD / "exim-dlfunc/helovet.so"))
sys.path.insert(0, str(SOURCE / "tests/exim"))

from exim_fixture import BAD, GOOD, GOOD_ADDRESS, STRANGER, UNKNOWN, HelovetExim, servers, zone

PAGE = SOURCE / "docs/exim-verify-csa.md"
# Two records, of which Exim takes the first: the table's "conflict, authorization first".
BOTH = "both.example"
SETTINGS = 'profile = "observe"\ndeadline = "2s"\ndns.query_timeout = "1s"\n'


class Moving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.blocks = blocks_by_language(PAGE)

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("moving")).path
        self.dns = self.enterContext(servers.ScriptedDns(zone() | {
            (f"_client._smtp.{BOTH}", "SRV"): servers.Answer([f"1 2 0 {BOTH}", f"1 1 0 {BOTH}"]),
            (BOTH, "A"): servers.Answer([GOOD_ADDRESS]),
            (BOTH, "AAAA"): servers.Answer()}, port=53))

    def replies(self, acl):
        """The codes of RCPT for a session each, and Exim's log."""
        with HelovetExim(self.scratch, SETTINGS, acls={"rcpt": acl + "  accept\n"},
                         resolv_conf="nameserver 127.0.0.1\n") as exim:
            found = []
            for address, name in ((GOOD_ADDRESS, GOOD), (STRANGER, GOOD), (GOOD_ADDRESS, BAD),
                                  (STRANGER, UNKNOWN), (GOOD_ADDRESS, BOTH)):
                with exim.client(address) as client:
                    client.command(f"EHLO {name}")
                    client.command("MAIL FROM:<a@sender.example>")
                    found.append(client.command("RCPT TO:<postbox@mx.example>").code)
            return found, exim.directory / "logs/mainlog"

    def test_comparing_refuses_nobody_and_tells_differences(self):
        compare, _ = self.blocks["exim"]
        codes, log = self.replies(compare)
        self.assertEqual(codes, [250] * 5)
        self.assertRegex(log.read_text(),
                         f"csa differs: verify=ok helovet=unknown {GOOD_ADDRESS} {BOTH}\n")
        (look,) = self.blocks["sh"]
        self.assertIn("/var/log/exim4/mainlog*", look)
        done = subprocess.run(["bash", "-c", look.replace("/var/log/exim4/mainlog*", str(log))], text=True,
                              capture_output=True, timeout=60, check=True)
        self.assertEqual(re.findall(r"^ *(\d+) (.*)$", done.stdout, re.M),
                         [("1", "csa differs: verify=ok helovet=unknown")])

    def test_comparing_leaves_the_old_check_in_force(self):
        compare, _ = self.blocks["exim"]
        (old,) = self.blocks["exim-old"]
        self.assertEqual(self.replies(compare + old)[0], [250, 550, 550, 250, 250])

    def test_before_and_after(self):
        (old,) = self.blocks["exim-old"]
        _, new = self.blocks["exim"]
        self.assertEqual(self.replies(old)[0], [250, 550, 550, 250, 250])
        self.assertEqual(self.replies(new)[0], [250, 550, 550, 250, 250])


if __name__ == "__main__":
    servers.enter_private_network()
    sys.exit(unittest.main(verbosity=2))
