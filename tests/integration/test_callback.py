"""Callback verification against real mail servers: the command helovet finds them through NSD and
asks an Exim and an OpenSMTPD about their users.

HELOVET names the program. Everything is on loopback, which --allow permits."""

import json
import os
import subprocess
import unittest

import servers

HELOVET = os.environ.get("HELOVET", str(servers.SOURCE / "build/release/core/cli/helovet"))
DEFAULTS = "/dev/null"  # Not what this host may have in /etc/helovet.
DOMAIN = "example.com"
SECONDS = 30

ZONE = """\
$TTL 60
@ SOA ns hostmaster 1 1 1 1 60
@ NS ns
ns A 127.0.0.1
@ MX 10 mx
@ MX 20 other
mx A 127.0.0.1
other A 127.0.0.9
backed MX 10 gone
backed MX 20 mx
gone A 127.0.0.9
null MX 0 .
implicit A 127.0.0.1
without TXT "no address"
private MX 10 inside
inside A 10.0.0.1
inside AAAA ::1
"""

KNOWN_USERS = """\
  accept local_parts = joe
  defer local_parts = grey
        message = 4.7.1 greylisted
  deny message = 5.1.1 no such user"""

NO_BOUNCES = """\
  deny senders = :
       message = 5.7.1 no bounces here
  accept"""

SMTPD = """\
listen on 127.0.0.1 port {PORT}
table users { "joe@example.com" = "postbox" }
action "keep" maildir "/scratch/mail" virtual <users>
match from any for domain "example.com" action "keep"
"""


class Fixture(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("callback"))
        self.nsd = self.enterContext(servers.Nsd(self.scratch.path, {DOMAIN: ZONE}))

    def exim(self, **acls):
        return self.enterContext(servers.Exim(self.scratch.path, acls={"rcpt": KNOWN_USERS, **acls}))

    def run_helovet(self, address, port, *arguments, allow="127.0.0.0/8"):
        host, dns_port = self.nsd.address
        return subprocess.run(
            [HELOVET, "callback", address, "--config", DEFAULTS, "--dns", f"{host}:{dns_port}",
             "--port", str(port), "--allow", allow, *arguments],
            capture_output=True, text=True, timeout=SECONDS, check=False)

    def callback(self, address, server, *arguments, **options):
        """The exit status, result and reason, and the whole report."""
        done = self.run_helovet(address, server.port, "--json", *arguments, **options)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        return done.returncode, f"{report['result']} {report['reason']}", report

    def expect(self, address, server, status, ruling, *arguments, **options):
        with self.subTest(address=address, arguments=arguments):
            got_status, got, report = self.callback(address, server, *arguments, **options)
            self.assertEqual((got_status, got), (status, ruling), json.dumps(report, indent=1))


class WithExim(Fixture):
    def test_users(self):
        exim = self.exim()
        self.expect("joe@example.com", exim, 0, "pass accepted")
        self.expect("<joe@example.com>", exim, 0, "pass accepted", "--noop")
        self.expect("joe@example.com", exim, 0, "pass accepted", "--catch-all")
        self.expect("jane@example.com", exim, 1, "fail refused-rcpt")
        self.expect("grey@example.com", exim, 2, "temperror tempfail")

    def test_what_exim_heard(self):
        exim = self.exim()
        _, _, report = self.callback("jane@example.com", exim, "--noop")
        said = [line["text"] for line in report["dialogue"] if line["kind"] == "sent"]
        self.assertEqual(said[0], "NOOP")
        self.assertRegex(said[1], r"^EHLO \S+$")
        self.assertEqual(said[2:], ["MAIL FROM:<>", "RCPT TO:<jane@example.com>", "QUIT"])
        heard = [line["text"] for line in report["dialogue"] if line["kind"] == "received"]
        self.assertIn("550 5.1.1 no such user", heard)
        self.assertNotIn("221", [line[:3] for line in heard])  # Nobody waits for it.
        self.assertEqual(report["tally"]["smtp_sessions"], 1)
        self.assertEqual(report["tally"]["refused_rcpt"], 1)
        self.assertEqual([(query["name"], query["type"]) for query in report["exchanges"]][0],
                         ("example.com", "MX"))
        # Exim has no complaint about how it was spoken to, and no mail.
        servers.wait_until(lambda: "no such user" in exim.main_log(), "Exim's log")
        self.assertNotRegex(exim.main_log(), "synchronization|syntax|lost|unexpected|without QUIT")
        self.assertEqual(exim.mail.messages(), [])

    def test_refuses_the_null_sender(self):
        exim = self.exim(mail=NO_BOUNCES)
        self.expect("joe@example.com", exim, 1, "fail refused-mail-from")

    def test_turns_everybody_away(self):
        exim = self.exim(connect="  deny message = go away")
        self.expect("joe@implicit.example.com", exim, 2, "temperror refused-welcome")

    def test_refuses_helo(self):
        exim = self.exim(helo="  deny message = unknown host")
        self.expect("joe@example.com", exim, 2, "temperror refused-helo")

    def test_catch_all(self):
        exim = self.exim(rcpt="  accept")
        self.expect("joe@example.com", exim, 0, "pass accepted")
        self.expect("joe@example.com", exim, 2, "neutral catch-all", "--catch-all")

    def test_ways_to_the_server(self):
        exim = self.exim(rcpt="  accept")
        self.expect("joe@backed.example.com", exim, 0, "pass accepted")
        self.expect("joe@implicit.example.com", exim, 0, "pass accepted")
        self.expect("joe@null.example.com", exim, 1, "fail no-mx")
        self.expect("joe@without.example.com", exim, 1, "fail no-mx")
        self.expect("joe@missing.example.com", exim, 1, "fail bad-domain")
        self.expect("joe@private.example.com", exim, 2, "neutral not-callable")
        self.expect("joe@example.com", exim, 2, "neutral not-callable", allow="127.0.0.7")
        self.expect("joe@example.net", exim, 2, "temperror dns")  # NSD refuses it.
        self.expect("joe@[127.0.0.1]", exim, 2, "none no-sender")
        self.expect("jo\xeb@example.com", exim, 2, "neutral not-callable")
        self.assertEqual(exim.mail.messages(), [])

    def test_for_people(self):
        exim = self.exim()
        done = self.run_helovet("jane@example.com", exim.port)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        for line in ["Callback to <jane@example.com>", "-> MAIL FROM:<>",
                     "-> RCPT TO:<jane@example.com>", "<- 550 5.1.1 no such user",
                     "fail, refused-rcpt"]:
            self.assertIn(line, done.stdout)


class WithOpenSmtpd(Fixture):
    def test_users(self):
        smtpd = self.enterContext(servers.OpenSmtpd(self.scratch.path, config=SMTPD))
        self.expect("joe@example.com", smtpd, 0, "pass accepted")
        self.expect("joe@example.com", smtpd, 0, "pass accepted", "--noop", "--catch-all")
        self.expect("jane@example.com", smtpd, 1, "fail refused-rcpt")
        self.expect("joe@implicit.example.com", smtpd, 1, "fail refused-rcpt")

    def test_catch_all(self):
        smtpd = self.enterContext(servers.OpenSmtpd(self.scratch.path))
        self.expect("anybody@example.com", smtpd, 2, "neutral catch-all", "--catch-all")


class Nobody(Fixture):
    def test_nobody_listens(self):
        done = self.run_helovet("joe@example.com", servers.free_port(), "--json")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["result"], report["reason"]),
                         (2, "temperror", "connect"))
        self.assertEqual(report["tally"]["bad_connects"], 2)


if __name__ == "__main__":
    unittest.main()
