"""What `helovet publish` prints, as real name servers have it. HELOVET names the program."""

import json
import os
import subprocess
import unittest

from servers import SERVERS, SOURCE, Nsd, Sandbox, Scratch, Unbound

HELOVET = os.environ.get("HELOVET", str(SOURCE / "build/release/core/cli/helovet"))
CHECKZONE = SERVERS / "bind9-utils/usr/bin/named-checkzone"
PLAN = ("--host", "mail.example.com=192.0.2.1,2001:db8::1", "--host", "out.example.com=198.51.100.7",
        "--no-mail", "www.example.com", "--explicit", "example.com", "--spf", "example.com",
        "--dmp", "example.com", "--drip", "example.com", "--accreditor", "judge.test")
# More than one string of a record, names as long as they can be, all kinds of records.
LONG = ("--spf", "example.com", *(word for i in range(16) for word in (
    "--host", f"{'m' * 63}.{'m' * 63}.{'m' * 60}.h{i}.example.com=2001:db8:1111:2222:3333:4444:5555:{i}")))


def helovet(*arguments):
    return subprocess.run([HELOVET, *arguments], capture_output=True, timeout=60, check=False)


class Publish(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(Scratch("publish")).path

    def publish(self, *plan, apex="example.com", server="ns.example.com=192.0.2.53"):
        done = helovet("publish", "--apex", apex, "--ns", server, *plan)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode("ascii")

    def test_nsd_and_bind_read_it(self):
        for apex, text in (
                ("example.com", self.publish(*PLAN)), ("example.com", self.publish(*LONG)),
                ("2.0.192.in-addr.arpa", self.publish(
                    *PLAN, "--reverse", apex="2.0.192.in-addr.arpa", server="ns.example.com"))):
            with self.subTest(apex=apex):
                (self.scratch / "zone").write_text(text)
                done = Sandbox("nsd", self.scratch).run(
                    ["/usr/sbin/nsd-checkzone", apex, "/scratch/zone"])
                self.assertEqual((done.returncode, f"zone {apex} is ok" in str(done.stdout)),
                                 (0, True), done)
                done = subprocess.run([CHECKZONE, "-q", apex, self.scratch / "zone"],
                                      capture_output=True, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, b""), done)

    def test_served_by_nsd(self):
        """With what a receiver's resolver makes of it, compressed names and wildcards included."""
        config = self.scratch / "helovet.toml"
        nsd = self.enterContext(Nsd(self.scratch, {"example.com": self.publish(*PLAN)}))
        unbound = self.enterContext(Unbound(self.scratch, nsd))
        for check, ip, name, wanted in (
                ("csa", "192.0.2.1", "mail.example.com", "pass/authorized"),
                ("csa", "2001:db8::1", "mail.example.com", "pass/authorized"),
                ("csa", "192.0.2.2", "mail.example.com", "fail/address-mismatch"),
                ("csa", "192.0.2.1", "www.example.com", "fail/not-authorized"),
                ("csa", "192.0.2.1", "new.example.com", "fail/explicit-required"),
                ("drip", "198.51.100.7", "out.example.com", "pass/designated"),
                ("drip", "192.0.2.1", "out.example.com", "fail/not-designated"),
                ("dmp", "2001:db8::1", "mail.example.com", "pass/designated"),
                ("dmp", "192.0.2.9", "mail.example.com", "fail/denied"),
                ("spf", "198.51.100.7", "out.example.com", "pass/designated")):
            with self.subTest(check=check, ip=ip, name=name):
                config.write_text("" if check == "csa" else f'senders.checks = ["{check}"]\n')
                done = helovet("check", "--json", "--config", config, "--ip", ip, "--helo", name,
                               "--mail-from", "joe@example.com", "--dns",
                               f"{unbound.address[0]}:{unbound.address[1]}")
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                found = json.loads(done.stdout)["checks"][check]
                self.assertEqual(f"{found['result']}/{found['reason']}", wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
