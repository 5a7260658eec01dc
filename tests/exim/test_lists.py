"""Lists in Exim: the administrator's own, which may change at any time, and accreditors, in NSD."""

import time
import unittest

from exim_fixture import (
    GOOD, GOOD_ADDRESS, HELO, MARK, REFUSE, STRANGER, Fixture, HelovetExim, config_text, results,
    servers)

DENIED, ALLOWED = "192.0.2.66", "192.0.2.77"
LIST = "/scratch/list"
LOOK_SECONDS = 1.1  # The files are looked at once a second.


class Local(Fixture):
    """docs/rules.md §7.1"""

    def lists(self, exim, text):
        (exim.directory / "list").write_text(text)

    def daemon_with(self, entries, setting="deny", **options):
        """An Exim whose `setting` is a file with these entries."""
        toml = config_text(self.dns, "standard") + f'[lists]\n{setting} = ["{LIST}"]\n'
        exim = self.exim(toml=toml, **options)
        self.lists(exim, entries)
        return self.enterContext(exim)

    def code(self, exim, client, name=GOOD, sender="a@sender.example"):
        with exim.client(client) as session:
            session.command(f"EHLO {name}")
            session.command(f"MAIL FROM:<{sender}>")
            return session.command("RCPT TO:<postbox@mx.example>").code

    def test_denials_decide_at_once(self):
        exim = self.daemon_with("192.0.2.64/28\n@denied.example\n@.below.example\n")
        for client, sender in ((DENIED, "a@sender.example"), (GOOD_ADDRESS, "a@denied.example"),
                               (GOOD_ADDRESS, "a@x.below.example"), (DENIED, "")):
            with exim.client(client) as session:
                session.command(f"EHLO {GOOD}")
                session.command(f"MAIL FROM:<{sender}>")
                reply = session.command("RCPT TO:<postbox@mx.example>")
                self.expect(reply, 550, "local-list fail listed")
                self.assertNotIn(LIST, reply.text)
        self.assertEqual(self.dns.questions, [])
        line = exim.verdicts()[0]
        self.assertEqual((line["decided_by"], line["decided_reason"]), ("local-list", "listed"))
        self.assertEqual(line["local_list_authority"], f"{LIST}:1")

    def test_a_name_counts_for_the_host_that_has_it(self):
        exim = self.daemon_with(f"{GOOD}\n")
        with exim.client(GOOD_ADDRESS) as session:
            session.command(f"EHLO {GOOD}")
            session.command("MAIL FROM:<a@sender.example>")
            self.expect(session.command("RCPT TO:<postbox@mx.example>"), 550, "local-list fail listed")
        exim = self.daemon_with("unknown.example\n")
        self.assertEqual(self.code(exim, STRANGER, "unknown.example"), 250)

    def test_allowed_hosts_are_exempt(self):
        exim = self.daemon_with(f"{ALLOWED}\n", "allow")
        with exim.client(ALLOWED) as session:
            session.command(f"EHLO {GOOD}")
            self.expect(session.message("Subject: x\n\nbody"), 250)
        self.assertEqual(results(exim.mail.wait_for(1)[0]), [])
        self.assertEqual(self.dns.questions, [])

    def test_a_changed_file_counts_from_the_next_session(self):
        for preload in (True, False):
            with self.subTest(preload=preload):
                exim = self.daemon_with("# nobody\n", preload=preload)
                self.assertEqual(self.code(exim, GOOD_ADDRESS), 250)
                self.lists(exim, f"{GOOD_ADDRESS}\n")
                time.sleep(LOOK_SECONDS)
                self.assertEqual(self.code(exim, GOOD_ADDRESS), 550)
                self.lists(exim, "")
                time.sleep(LOOK_SECONDS)
                self.assertEqual(self.code(exim, GOOD_ADDRESS), 250)
                self.assertEqual(exim.complaints(), [])

    def test_a_mistake_leaves_the_former_entries(self):
        exim = self.daemon_with(f"{GOOD_ADDRESS}\n")
        self.assertEqual(self.code(exim, GOOD_ADDRESS), 550)
        self.lists(exim, "192.0.2.1/33\n")
        for _ in range(3):
            time.sleep(LOOK_SECONDS)
            self.assertEqual(self.code(exim, GOOD_ADDRESS), 550)
        complaint, = exim.complaints()
        self.assertTrue(complaint.startswith(f"helovet: {LIST}:1:11: "), complaint)
        (exim.directory / "list").unlink()
        time.sleep(LOOK_SECONDS)
        self.assertEqual(self.code(exim, GOOD_ADDRESS), 550)
        self.assertEqual(len(exim.complaints()), 2)
        self.lists(exim, f"{STRANGER}\n")
        time.sleep(LOOK_SECONDS)
        self.assertEqual(self.code(exim, GOOD_ADDRESS), 250)
        self.assertEqual(len(exim.complaints()), 2)

    def test_a_list_that_is_wrong_from_the_beginning(self):
        for preload, told in ((True, 1), (False, 2)):  # Without the daemon, each session tells.
            exim = self.daemon_with(f"{GOOD_ADDRESS}\nnot a name\n", preload=preload)
            for _ in (1, 2):
                self.assertEqual(self.code(exim, GOOD_ADDRESS), 550, "the rest of it counts")
            self.assertEqual(len(exim.complaints()), told, exim.complaints())

    def test_a_session_that_outlives_a_change(self):
        """It sees the new file as well, but the daemon tells what is wrong with it."""
        exim = self.daemon_with("# nobody\n")
        with exim.client(GOOD_ADDRESS) as session:
            session.command(f"EHLO {GOOD}")
            self.lists(exim, "@denied.example\nnot a name\n")
            time.sleep(LOOK_SECONDS)
            self.expect(session.message("Subject: x\n\nbody"), 250)
            self.assertEqual(exim.complaints(), [])
            self.assertEqual(self.code(exim, STRANGER), 550)
            complaint, = exim.complaints()
            self.assertIn(f"{LIST}:2:1: ", complaint)

    def test_lists_of_another_configuration(self):
        """A configuration that changes brings its lists along."""
        exim = self.daemon()
        self.assertEqual(self.code(exim, GOOD_ADDRESS), 250)
        exim.configure(config_text(self.dns) + f'[lists]\ndeny = ["{GOOD_ADDRESS}"]\n')
        self.assertEqual(self.code(exim, GOOD_ADDRESS), 550)


SOA = "$TTL 60\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n"
ACCREDITOR = "accredit.example"


def domain(host, address):
    return SOA + (f"mx A {address}\n_client._smtp.mx SRV 1 2 0 {host}.\n"
                  f"mx PTR _vouch._smtp.{ACCREDITOR}.\n")


# Two domains that name an accreditor, which says A of one and E of the other, and where to complain.
ZONES = {
    "kept.example": domain("mx.kept.example", "192.0.2.1"),
    "shunned.example": domain("mx.shunned.example", "192.0.2.2"),
    ACCREDITOR: SOA + 'mx.kept.example TXT "MARID,1,A"\nmx.shunned.example TXT "MARID,1,E;spam"\n'
                      "_vouch._smtp SRV 0 0 443 www.accredit.example.\n",
    "2.0.192.in-addr.arpa": SOA,
}


class Accreditation(unittest.TestCase):
    """DNA-02 §5, §7: refusals say who refuses, and where to ask why."""

    def setUp(self):
        scratch = self.enterContext(servers.Scratch("dna")).path
        nsd = self.enterContext(servers.Nsd(scratch, ZONES))
        unbound = self.enterContext(servers.Unbound(scratch, nsd))
        toml = (f'profile = "standard"\n[dna]\ntrusted = ["{ACCREDITOR}"]\n'
                f'[dns]\nservers = ["127.0.0.1:{unbound.address[1]}"]\n')
        self.exim = self.enterContext(HelovetExim(
            scratch, toml, acls={"helo": HELO, "mail": REFUSE, "data": MARK}))

    def mail(self, address, name):
        with self.exim.client(address) as session:
            session.command(f"EHLO {name}")
            return session.message("Subject: x\n\nbody")

    def test_an_accreditor_refuses(self):
        reply = self.mail("192.0.2.2", "mx.shunned.example")
        self.assertEqual(reply.code, 550, reply)
        text = " ".join(reply.lines)
        self.assertIn(f"Access denied based on {ACCREDITOR} report", text)
        self.assertIn("www.accredit.example:443", text)
        line, = self.exim.verdicts()
        self.assertEqual((line["dna"], line["dna_reason"], line["dna_authority"]),
                         ("fail", "not-recommended", ACCREDITOR))

    def test_an_accreditor_recommends(self):
        self.assertEqual(self.mail("192.0.2.1", "mx.kept.example").code, 250)
        result, = results(self.exim.mail.wait_for(1)[0])
        self.assertIn("policy.trust=high", result)
        line, = self.exim.verdicts()
        self.assertEqual((line["trust"], line["action"], line["dna_authority"]),
                         ("high", "accept", ACCREDITOR))


if __name__ == "__main__":
    unittest.main()
