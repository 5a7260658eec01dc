"""Callbacks from Exim's ACL for RCPT (docs/rules.md §12), to a mail server of the tests' own on loopback,
and between two Exims."""

import concurrent.futures
import pathlib
import re
import time
import unittest

from exim_fixture import MARK, REFUSE, examples, joined, open_files, processes, results, servers
from sender_fixture import OURS, SILENT_PEER, STRANGER, VERIFIED, Senders

MESSAGE = "Subject: test\n\nbody\n"
REFUSING = 'overrides.cbv.fail = "reject"'
KNOWN, UNKNOWN = "user@called.example", "nobody@called.example"
SESSIONS = 50


class Callbacks(Senders):
    def configured(self, more=REFUSING, **options):
        return self.toml(more, checks=["spf", "cbv"], **options)

    def test_known_and_unknown_users(self):
        peer = self.peer()
        exim = self.daemon(self.configured())
        self.assertEqual(self.reply(exim, KNOWN).code, 250)
        self.assertEqual([line.split(" ")[0] for line in peer.heard], ["EHLO", "MAIL", "RCPT", "QUIT"])
        self.assertEqual(peer.heard[1:3], ["MAIL FROM:<>", f"RCPT TO:<{KNOWN}>"])
        reply = self.reply(exim, UNKNOWN)
        self.assertEqual(reply.code, 550, reply)
        self.assertIn("for mail from called.example: cbv fail refused-rcpt", joined(reply))
        self.assertIn("decided_by=cbv decided_reason=refused-rcpt", exim.main_log())
        self.assertEqual(self.reply(exim, "a@nobody.example").code, 550)

    def test_the_settings_of_the_page(self):
        block, = examples("Callbacks", "toml")
        checks, override = block.splitlines()
        self.assertEqual(override, REFUSING)
        toml = self.configured()
        self.assertIn(checks, toml)
        self.peer()
        exim = self.daemon(toml)
        self.assertEqual((self.reply(exim, KNOWN).code, self.reply(exim, UNKNOWN).code), (250, 550))

    def test_without_an_override_nobody_is_refused(self):
        """§10: cbv changes no trust."""
        self.peer()
        exim = self.daemon(self.configured(""))
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            self.assertEqual(session.message(MESSAGE, sender=UNKNOWN).code, 250)
        verdict, = exim.verdicts()
        self.assertEqual((verdict["action"], verdict["cbv"], verdict["cbv_reason"]),
                         ("tag", "fail", "refused-rcpt"))

    def test_marks_and_log_of_data_have_it(self):
        """The ACL for DATA knows no recipient, and has what was found at RCPT."""
        peer = self.peer()
        exim = self.daemon(self.configured())
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            self.say(session, KNOWN, "a@mx.example", "b@mx.example", "c@mx.example")
            session.command("DATA")
            self.assertEqual(session.command("Subject: x\r\n\r\nbody\r\n.").code, 250)
        for message in exim.mail.wait_for(3):
            marks, = results(message)
            self.assertIn(f'x-cbv=pass reason="accepted" smtp.mailfrom={KNOWN}', marks)
        verdict, = exim.verdicts()
        self.assertEqual((verdict["cbv"], verdict["cbv_reason"]), ("pass", "accepted"))
        self.assertEqual(peer.asked(KNOWN), 1)
        counted = self.counted(exim)
        self.assertEqual({name: counted[name] for name in (
            "sessions", "messages", "cbv.calls", "cbv.smtp-sessions", "cbv.pass.accepted")}, {
                "sessions": 1, "messages": 1, "cbv.calls": 1, "cbv.smtp-sessions": 1,
                "cbv.pass.accepted": 1})

    def test_not_where_there_is_no_recipient(self):
        peer = self.peer()
        exim = self.daemon(self.configured(), acls={"mail": REFUSE, "data": MARK})
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            self.assertEqual(session.message(MESSAGE, sender=UNKNOWN).code, 250)
        self.assertEqual(peer.heard, [])
        self.assertNotIn("cbv", exim.verdicts()[0])

    def test_not_for_mail_that_is_refused_anyway(self):
        """Where our file stands makes the difference."""
        acl = VERIFIED.replace("require verify = recipient", "deny local_parts = unknown")
        peer = self.peer()
        exim = self.daemon(self.configured(), acls={"rcpt": acl, "data": MARK})
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            self.assertEqual(self.say(session, KNOWN, "unknown@mx.example").code, 550)
            self.assertEqual(peer.heard, [])
            self.assertEqual(session.command("RCPT TO:<postbox@mx.example>").code, 250)
        self.assertEqual(peer.asked(KNOWN), 1)

    def test_what_spares_them(self):
        """§12.1, each counted by its kind."""
        peer = self.peer()
        exim = self.daemon(self.configured())
        for sender, client, code in (("", OURS, 250), ("user@spf.example", OURS, 250),
                                     ("user@spf.example", STRANGER, 550),
                                     ("user@called.example", "127.0.0.1", 250)):
            self.assertEqual(self.reply(exim, sender, client).code, code, (sender, client))
        self.assertEqual(peer.heard, [])
        counted = self.counted(exim)
        self.assertEqual({name: counted[name] for name in counted if name.startswith("cbv.")},
                         {"cbv.calls": 4, "cbv.skip.null-sender": 1, "cbv.skip.decided": 2,
                          "cbv.skip.exempt": 1})

    def test_the_profile_that_acts(self):
        """§12.1: where the action alone decides, it is that of HELOVET_PROFILE."""
        macros = "HELOVET_PROFILE = ${if match_domain{$domain}{strict.example}{strict}{standard}}"
        peer = self.peer()
        for profile in ("standard", "strict"):
            with self.subTest(profile):
                peer.heard.clear()
                exim = self.daemon(self.configured(profile=profile), macros=macros)
                with exim.client(OURS) as session:
                    session.command("EHLO mail.client.example")
                    self.assertEqual(self.say(session, KNOWN, "a@strict.example").code, 550)
                    self.assertEqual(peer.heard, [], "refused for its trust")
                    self.assertEqual(session.command("RCPT TO:<a@mx.example>").code, 250)
                self.assertEqual(peer.asked(KNOWN), 1)

    def test_a_peer_that_says_nothing(self):
        self.peer(SILENT_PEER, silent=True)
        exim = self.daemon(self.configured("overrides.cbv.fail = \"reject\"\ncbv.timeout = \"1s\"",
                                           deadline="2s"))
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            start = time.monotonic()
            reply = self.say(session, "user@silent.example")
            took = time.monotonic() - start
            self.assertEqual(reply.code, 250, reply)
            self.assertLess(took, 2.5, "the deadline is 2 s")
            self.assertEqual(session.command("DATA").code, 354)
            session.command("Subject: x\r\n\r\nbody\r\n.")
        verdict, = exim.verdicts()
        self.assertEqual((verdict["cbv"], verdict["cbv_reason"]), ("temperror", "timeout"))

    def test_a_second_message_is_answered_from_the_store(self):
        peer = self.peer()
        exim = self.daemon(self.configured())
        for sender, code in ((KNOWN, 250), (UNKNOWN, 550)):
            for _ in range(3):
                self.assertEqual(self.reply(exim, sender).code, code)
            self.assertEqual(peer.asked(sender), 1)
        self.assertIn("cbv_remembered=yes", exim.main_log())
        counted = self.counted(exim)
        self.assertEqual((counted["cbv.calls"], counted["cbv.skip.cached"],
                          counted["cbv.smtp-sessions"], counted["cbv.refused-rcpt-to"]),
                         (6, 4, 2, 1))

    def test_sessions_at_once_share_one_call(self):
        """§12.5, among the processes of one Exim."""
        peer = self.peer(delay=0.5)
        exim = self.daemon(self.configured(deadline="30s"), main="smtp_connect_backlog = 100")

        def session(_):
            return self.reply(exim, KNOWN).code

        with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
            self.assertEqual(set(pool.map(session, range(SESSIONS))), {250})
        self.assertEqual(peer.asked(KNOWN), 1, peer.heard)
        counted = self.counted(exim)
        self.assertEqual((counted["cbv.calls"], counted["cbv.skip.cached"], counted["sessions"]),
                         (SESSIONS, SESSIONS - 1, SESSIONS))

    def test_nothing_stays_open(self):
        peer = self.peer()
        exim = self.daemon(self.configured())
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            daemon, child = processes(exim)
            before = [self.opened(pid) for pid in (daemon, child)]
            self.assertEqual(self.say(session, KNOWN).code, 250)
            self.assertEqual(peer.asked(KNOWN), 1)
            self.assertEqual([self.opened(pid) for pid in (daemon, child)], before)
        self.assertGreater(len(list(exim.store.iterdir())), 1, "facts and counters")

    def opened(self, pid):
        """Files beside Exim's log, and what is mapped of the store."""
        mapped = pathlib.Path(f"/proc/{pid}/maps").read_text()
        return open_files(pid), re.findall(r"\S*/store/\S*", mapped)


class TwoServers(Senders):
    """Each verifies senders at the other (RFC 5321 §6.1: the null sender ends that)."""

    ACLS = {"mail": "  accept\n    logwrite = HEARD <$sender_address> $sender_helo_name",
            "rcpt": "  deny local_parts = stranger\n       message = no such user\n" + VERIFIED,
            "data": MARK}

    def server(self, domain, host):
        toml = self.toml(f'{REFUSING}\nour_names = ["{domain}"]\nexempt.networks = []\n'
                         "cbv.concurrent_per_domain = 10", checks=["spf", "cbv"])
        exim = self.exim(toml, acls=self.ACLS, hosts=(host,), port=self.peer_port)
        exim.domain = domain
        return self.enterContext(exim)

    def heard(self, exim):
        return re.findall(r"HEARD (<.*)", exim.main_log())

    def test_calls_end(self):
        a, b = self.server("a.example", "127.0.0.1"), self.server("b.example", "127.0.0.3")

        def message(to, sender, code):
            start = time.monotonic()
            with to.client(OURS) as session:
                session.command("EHLO mail.client.example")
                reply = session.message(MESSAGE, sender=sender)
            self.assertEqual(reply.code, code, reply)
            self.assertLess(time.monotonic() - start, 10.0, "the deadline")

        asked = [(a, "joe@b.example", 250), (b, "jane@a.example", 250), (a, "ann@b.example", 250),
                 (b, "stranger@a.example", 550), (a, "stranger@b.example", 550), (b, "bo@a.example", 250)]
        with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
            for done in [pool.submit(message, *each) for each in asked]:
                done.result()
        for exim, other in ((a, b), (b, a)):
            senders = [line for line in self.heard(exim) if line.startswith("<> ")]
            self.assertEqual(senders, [f"<> {other.domain}"] * 3, "one call for each sender")
            self.assertEqual(len(self.heard(exim)), 6, "three messages and three calls")
            counted = self.counted(exim)
            self.assertEqual(
                (counted["cbv.calls"], counted["cbv.smtp-sessions"], counted["cbv.skip.null-sender"],
                 counted["cbv.refused-rcpt-to"]), (6 - 1, 3, 2, 1))


if __name__ == "__main__":
    servers.enter_private_network()
    unittest.main(verbosity=2)
