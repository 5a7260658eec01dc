"""helovet check --batch reads what a real Exim and a real OpenSMTPD have written to their logs.

HELOVET names the command, HELOVET_FILTER the filter.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/exim"))
sys.path.insert(0, str(SOURCE / "tests/opensmtpd"))

import exim_fixture  # noqa: E402 (found through the path above)
import servers  # noqa: E402
import test_opensmtpd  # noqa: E402

HELOVET = os.environ["HELOVET"]
ZONE = "$ORIGIN example.\n$TTL 60\n@ SOA ns root 1 1 1 1 1\n"
MESSAGE = "Subject: test P=esmtpa <= x H=(forged) [192.0.2.250]\n\nbody\n"

ACLS = {
    "rcpt": "  deny domains = bad.example\n  defer domains = later.example\n  accept",
    "helo": "  deny condition = ${if eq{$sender_helo_name}{evil.example}}\n  accept",
    "mail": "  deny senders = bad@example.org\n  accept",
    "data": "  deny condition = ${if match{$rh_subject:}{spam}}\n  accept",
    "connect": "  deny hosts = 192.0.2.66\n  accept",
}
# What log_selector, log_timezone and helo_* change in the lines.
SETTINGS = {
    "plain": "",
    "everything": "log_selector = +all\nlog_timezone = true\n",
    "by default of Debian": "log_selector = +smtp_protocol_error +smtp_syntax_error "
                            "+tls_certificate_verified +tls_peerdn\n",
}


class Batch(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("batch"))
        self.zone = self.scratch.path / "example.zone"
        self.zone.write_text(ZONE)

    def sessions(self, log, want_format):
        """(ip, helo, mail_from, whether authenticated): how many, of what the command finds."""
        path = self.scratch.path / "log"
        path.write_bytes(log)
        ran = subprocess.run(
            [HELOVET, "check", "--batch", path, "--json", "--config", "/dev/null", "--zone",
             self.zone], capture_output=True, timeout=60, check=False)
        self.assertEqual((ran.returncode, ran.stderr.decode()),
                         (0, f"helovet: {path}: taken for the format {want_format}\n"), ran)
        found = {}
        for line in ran.stdout.decode().splitlines():
            verdict = json.loads(line)
            authenticated = verdict["decided_by"]["reason"] == "authenticated-session"
            session = (verdict["ip"], verdict["helo"], verdict["mail_from"], authenticated)
            found[session] = verdict["count"]
        return found

    def talk(self, address, client, *commands):
        with servers.SmtpClient(address, proxy=client) as connection:
            for command in commands:
                if command.startswith("Subject:"):
                    self.assertEqual(connection.command("DATA").code, 354)
                    connection.command(command.replace("\n", "\r\n") + ".")
                else:
                    connection.command(command)


class Exim(Batch):
    def write_log(self, settings):
        main = ("auth_advertise_hosts = *\nhelo_allow_chars = _\nhelo_accept_junk_hosts = 192.0.2.77\n"
                "trusted_users = root\n" + settings)
        config = servers.exim_config(ACLS, main, (servers.LOOPBACK, "::1"))
        with servers.Exim(self.scratch.path,
                          config=config + exim_fixture.AUTHENTICATORS) as exim:
            for client in ("192.0.2.1", "2001:db8::1"):
                self.talk(exim.address, client, "EHLO mail.example", "MAIL FROM:<joe@example.org>",
                          "RCPT TO:<a@mx.example>", MESSAGE)
            literal = "[192.0.2.1]"
            self.talk(exim.address, "192.0.2.1", f"HELO {literal}", "MAIL FROM:<>",
                      "RCPT TO:<a@bad.example>", "RCPT TO:<a@later.example>",
                      "RCPT TO:<a@mx.example>", MESSAGE.replace("test", "spam"))
            self.talk(exim.address, "192.0.2.2", "EHLO evil.example")
            self.talk(exim.address, "192.0.2.2", "EHLO under_score.example",
                      "MAIL FROM:<bad@example.org>")
            self.talk(exim.address, "192.0.2.3", "EHLO user.example",
                      "AUTH PLAIN AHVzZXIAc2VjcmV0", "MAIL FROM:<joe@example.org>",
                      "RCPT TO:<a@bad.example>", "RCPT TO:<a@mx.example>", MESSAGE)
            self.talk(exim.address, "192.0.2.4", "EHLO mail.example",
                      'MAIL FROM:<"a H=(x) [1.2.3.4] b"@example.org>', "RCPT TO:<a@mx.example>",
                      MESSAGE)
            # No name, or none that Exim takes: no message, no session.
            self.talk(exim.address, "192.0.2.5", "EHLO", "EHLO a|b", "MAIL FROM:<>")
            self.talk(exim.address, "192.0.2.66")
            # -oMs is the host's verified name, which here needs no DNS.
            for helo in ("mail.example", "other.example"):
                exim.run(["-oMa", "192.0.2.6", "-oMs", "mail.example", "-oMt", "root", "-bs"],
                         f"EHLO {helo}\r\nMAIL FROM:<joe@example.org>\r\nRCPT TO:<a@mx.example>\r\n"
                         f"DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n")
            exim.run(["-f", "local@mx.example", "joe@mx.example"], "Subject: local\n\nbody\n")
            servers.wait_until(lambda: "P=local" in exim.main_log(), "the last line")
            return (exim.directory / "logs/mainlog").read_bytes()

    def test_sessions(self):
        for name, settings in SETTINGS.items():
            with self.subTest(name):
                log = self.write_log(settings)
                self.assertEqual(self.sessions(log, "exim"), {
                    ("192.0.2.1", "mail.example", "joe@example.org", False): 1,
                    ("2001:db8::1", "mail.example", "joe@example.org", False): 1,
                    # Two recipients and the message were rejected.
                    ("192.0.2.1", "[192.0.2.1]", "", False): 3,
                    ("192.0.2.2", "evil.example", None, False): 1,
                    ("192.0.2.2", "under_score.example", "bad@example.org", False): 1,
                    ("192.0.2.3", "user.example", "joe@example.org", True): 2,
                    ("192.0.2.4", "mail.example", '"a H=(x) [1.2.3.4] b"@example.org', False): 1,
                    ("192.0.2.6", "mail.example", "joe@example.org", False): 1,
                    ("192.0.2.6", "other.example", "joe@example.org", False): 1,
                }, log.decode(errors="replace"))
                # The form of a verified name was there.
                self.assertRegex(log, rb"H=mail\.example \[192\.0\.2\.6\]")
                self.assertRegex(log, rb"H=mail\.example \(other\.example\) \[192\.0\.2\.6\]")


class OpenSmtpd(Batch):
    def test_sessions(self):
        dns = self.enterContext(servers.ScriptedDns(test_opensmtpd.zone()))
        smtpd = self.enterContext(test_opensmtpd.FilteredSmtpd(self.scratch.path, dns))
        address = smtpd.proxy_address
        message = ("RCPT TO:<a@mx.example>", MESSAGE)
        self.talk(address, "192.0.2.1", "EHLO good.example", "MAIL FROM:<joe@good.example>", *message)
        self.talk(address, "2001:db8::1", "EHLO good.example", "MAIL FROM:<joe@good.example>", *message)
        self.talk(address, "192.0.2.99", "EHLO bad.example", "MAIL FROM:<>")
        self.talk(address, "192.0.2.98", "EHLO good.example")  # Nothing was judged.
        self.talk(address, "192.0.2.97")
        servers.wait_until(lambda: len(re.findall("smtp disconnected", smtpd.log_text())) >= 5
                           and "ip=192.0.2.99" in smtpd.log_text(), "the last line")
        # As syslog has it.
        log = "".join(f"Nov 22 10:31:18 mx smtpd[12]: {line}\n"
                      for line in smtpd.log_text().splitlines())
        self.assertEqual(self.sessions(log.encode(), "opensmtpd"), {
            ("192.0.2.1", "good.example", "joe@good.example", False): 1,
            ("2001:db8::1", "good.example", "joe@good.example", False): 1,
            ("192.0.2.99", "bad.example", "", False): 1,
        }, log)
        summary = subprocess.run(
            [HELOVET, "check", "--batch", "-", "--config", "/dev/null", "--zone", self.zone],
            input=log.encode(), capture_output=True, timeout=60, check=True).stdout.decode()
        # The two without a verdict, and the test's own look whether smtpd is up.
        self.assertRegex(summary, r"\n  [23] sessions without a HELO name in the log, not judged\n")


if __name__ == "__main__":
    unittest.main()
