"""Designated senders in Exim: records in NSD, asked through Unbound (docs/rules.md §11)."""

import unittest

from exim_fixture import joined, results, servers
from sender_fixture import DENIED, OURS, STRANGER, Senders

MESSAGE = "Subject: test\n\nbody\n"


class Designated(Senders):
    def expect(self, exim, cases):
        """(client, HELO name, sender, code, part of the reply)"""
        for client, name, sender, code, text in cases:
            with self.subTest(client=client, name=name, sender=sender):
                reply = self.reply(exim, sender, client, name)
                self.assertEqual(reply.code, code, reply)
                self.assertIn(text, joined(reply) if code >= 400 else reply.text)

    def test_spf(self):
        exim = self.daemon(self.toml(checks=["spf"]))
        self.expect(exim, [
            (OURS, "mail.client.example", "a@spf.example", 250, ""),
            (STRANGER, "mail.client.example", "a@soft.spf.example", 250, ""),
            (STRANGER, "mail.client.example", "a@client.example", 250, ""),
            (STRANGER, "mail.client.example", "a@spf.example", 550,
             "is not accepted as mail.client.example for mail from spf.example: spf fail "),
            (STRANGER, "mail.client.example", "a@spf.example", 550,
             "spf.example explains: 192.0.2.99 is none of ours"),
            # The HELO name's own record; the null sender is postmaster there (RFC 7208 §2.4).
            (STRANGER, "spf.example", "a@client.example", 550, "spf-helo fail "),
            (STRANGER, "spf.example", "", 550, "spf-helo fail "),
            (STRANGER, "soft.spf.example", "", 250, "")])
        self.assertIn("decided_by=spf decided_reason=", exim.main_log())

    def test_spf_marks(self):
        exim = self.daemon(self.toml(checks=["spf"]))
        for sender, client, result in (("a@spf.example", OURS, "pass"),
                                       ("a@soft.spf.example", STRANGER, "softfail"),
                                       ("a@client.example", STRANGER, "none")):
            exim.mail.clear()
            with exim.client(client) as session:
                session.command("EHLO mail.client.example")
                self.assertEqual(session.message(MESSAGE, sender=sender).code, 250)
            marks, = results(exim.mail.wait_for(1)[0])
            self.assertRegex(marks, rf'spf={result} reason="[a-z-]+" smtp.mailfrom={sender[2:]}')

    def test_dmp(self):
        exim = self.daemon(self.toml(checks=["dmp"]))
        self.expect(exim, [
            (OURS, "mail.client.example", "a@dmp.example", 250, ""),
            (DENIED, "mail.client.example", "a@dmp.example", 550, "dmp fail denied"),
            (STRANGER, "mail.client.example", "a@dmp.example", 550, "dmp fail not-designated"),
            (STRANGER, "mail.client.example", "a@client.example", 250, ""),
            # Its name is the alternative (DMP-01 §5.1).
            (STRANGER, "dmp.example", "", 550, "dmp fail not-designated")])

    def test_drip(self):
        exim = self.daemon(self.toml(checks=["drip"]))
        self.expect(exim, [
            (OURS, "mail.drip.example", "a@client.example", 250, ""),
            (STRANGER, "mail.drip.example", "a@client.example", 550, "drip fail not-designated"),
            (STRANGER, "mail.client.example", "a@client.example", 250, "")])

    def test_rmx(self):
        """§10: it changes no trust, and is refused for by an override."""
        for override, code in (("", 250), ('rmx.fail = "reject"', 550)):
            exim = self.daemon(self.toml(f"overrides = {{ {override} }}", checks=["rmx"]))
            self.expect(exim, [
                (OURS, "mail.client.example", "a@rmx.example", 250, ""),
                (STRANGER, "mail.client.example", "a@rmx.example", code,
                 "rmx fail not-designated" if code == 550 else ""),
                (STRANGER, "mail.client.example", "", 250, "")])

    def test_the_series_ends_with_what_decides(self):
        """§11.1: the sender is designated by the first of them."""
        exim = self.daemon(self.toml(checks=["dmp", "spf"]))
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            for sender in ("a@dmp.example", "a@spf.example"):
                self.assertEqual(session.message(MESSAGE, sender=sender).code, 250)
        first, second = exim.verdicts()
        self.assertEqual((first["dmp"], first.get("spf")), ("pass", None))
        self.assertEqual((second["dmp"], second["spf"]), ("none", "pass"))

    def test_no_check_is_wanted(self):
        exim = self.daemon(self.toml())
        self.expect(exim, [(STRANGER, "spf.example", "a@spf.example", 250, "")])


if __name__ == "__main__":
    servers.enter_private_network()
    unittest.main(verbosity=2)
