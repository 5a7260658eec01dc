#!/usr/bin/env python3
"""A mail server that is anything but OpenSMTPD, at the other side of the real filter. Whatever comes, the
filter goes on as long as its input is open, writes no line that smtpd would end at (protocol_peer.py
reads them all), answers every question exactly once, and stays within its memory (docs/limits.md).

    test_other_side.py FILTER [--long] [unittest's options]

--long: 100,000 sessions instead of 5,000, and a minute of blocked output instead of one second. It
takes some four minutes.
"""

import os
import pathlib
import random
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "integration"))

from protocol_peer import PATIENCE, ProtocolPeer  # noqa: E402
from scripted_dns import Answer, ScriptedDns  # noqa: E402

FILTER = os.environ.get("HELOVET_FILTER", "filter-helovet")
LONG = False
DEADLINE = 2.0  # Seconds; a busy machine has its answers by then.
SETTLE = 0.1    # Seconds in which nothing more may come.

# docs/limits.md: without its sessions, and for each session, waiting or not.
BASE_MIB, SESSION_KIB = 96, 12

CONFIG = """\
profile = "standard"
authserv_id = "mx.example"
deadline = "{deadline}ms"
{head}
[dns]
servers = ["{address}"]
query_timeout = "{deadline}ms"
"""

# bad.example sends no mail; silent.example never says anything.
DNS = {
    ("_client._smtp.bad.example", "SRV"): Answer(["1 1 0 bad.example"]),
    ("silent.example", "*"): Answer(silent=True),
    ("_client._smtp.silent.example", "SRV"): Answer(silent=True),
}
STRANGER = "192.0.2.99:4000"
REFUSAL = "550 5.7.1 192.0.2.99 is not accepted as bad.example: csa fail not-authorized"
QUESTION = re.compile(rb"filter\|0\.7\|[^|]*\|smtp-in\|[a-z-]+\|([0-9a-f]{1,16})\|([0-9a-f]{1,16})(\|.*)?",
                      re.S)
EVERY_OCTET = bytes(octet for octet in range(256) if octet != 0x0a)


def decisions_of(peer: ProtocolPeer, session: int) -> list[str]:
    return [decision for of, _, decision in peer.answers if of == session]


class OtherSide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = cls.enterClassContext(ScriptedDns(DNS))
        cls.scratch = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory(prefix="helovet-other-side-")))

    def start(self, head: str = "", *, deadline: float = DEADLINE, **options) -> ProtocolPeer:
        """A filter that has said nothing yet."""
        host, port = self.dns.address
        path = self.scratch / "helovet.toml"
        path.write_text(CONFIG.format(head=head, address=f"{host}:{port}", deadline=int(deadline * 1000)))
        return self.enterContext(ProtocolPeer([FILTER, "-c", str(path)], **options))

    def filter(self, head: str = "", **options) -> ProtocolPeer:
        peer = self.start(head, **options)
        peer.handshake()
        return peer

    def expect_good(self, peer, sessions: int = 0):
        """It has answered all, lives, judges the next session, and has kept its bounds."""
        peer.settle()
        fresh = 0xfeed_0000_0000_0000
        peer.connect(fresh, STRANGER)
        peer.ask("ehlo", fresh, 1, "bad.example")
        peer.ask("mail-from", fresh, 2, "joe@bad.example")
        peer.ask("rcpt-to", fresh, 3, "user@example.net")
        peer.settle()
        decisions = decisions_of(peer, fresh)
        self.assertEqual((len(decisions), decisions[0]), (3, "proceed"))
        self.assertTrue(any(decision.startswith(REFUSAL) for decision in decisions), decisions)
        peer.disconnect(fresh)
        self.assertIsNone(peer.process.poll())
        self.expect_log(peer)
        self.assertLess(peer.peak_mib(), BASE_MIB + sessions * SESSION_KIB / 1024)
        peer.close_input()
        self.assertEqual(peer.exit_status(), 0)
        self.assertEqual(peer.complaints, [])

    def expect_log(self, peer):
        """Each line is one of ours, printable and of bounded length."""
        for line in peer.log.split(b"\n"):
            self.assertRegex(line, rb"\A(helovet: [ -~]{1,1015})?\Z")

    # Lines of all sizes.

    def test_lines_of_64_kib_and_more(self):
        for octets in (65534, 65535, 65536, 65537, 131072, 131073, 200000):
            for version in ("0.6", "0.7"):
                with self.subTest(octets=octets, version=version):
                    peer = self.filter()
                    peer.line_octets = 2048 if version == "0.6" else 65536
                    peer.connect(1, version=version)
                    for phase in ("ehlo", "mail-from", "rcpt-to", "data", "noop"):
                        peer.ask(phase, 1, 7, b"x" * octets, version=version)
                    peer.ask("ehlo", 1, 8, "bad.example", version=version)
                    peer.settle()
                    text = b"y" * min(octets, 130_900)  # As far as an input line is kept, none is lost.
                    for line in (text, b"", text, b"."):
                        peer.ask("data-line", 1, 9, line, version=version)
                    peer.settle()
                    head, body = b"".join(peer.lines[1]).replace(b" ", b""), text + text + b"."
                    self.assertEqual(head, body)
                    self.expect_good(peer)

    def test_a_line_that_never_ends(self):
        # None of these is a question, and no answer is owed.
        for begin in (b"", b"filter|0.6|1.0|smtp-in|data-line|0000000000000001|0000000000000002|",
                      b"report|0.6|1.0|smtp-in|link-connect|0000000000000001|", b"config|admd|", b"|" * 100):
            with self.subTest(begin=begin[:30]):
                peer = self.filter()
                peer.say_octets(begin + b"z" * (10 << 20))
                peer.turn_until(lambda: not peer.unsent, "all is said")
                if begin.startswith(b"filter"):
                    peer.owed[("line", 1, 2)] = 1
                peer.line_octets = 65536
                peer.say_octets(b"\n")
                self.expect_good(peer)

    def test_octet_by_octet(self):
        peer = self.filter()
        peer.connect(1, STRANGER)
        peer.ask("ehlo", 1, 1, "bad.example")
        peer.ask("mail-from", 1, 2, "a|b@bad.example")
        peer.disconnect(1)
        octets = bytes(peer._queue)
        peer._queue.clear()
        for octet in octets:
            peer.say_octets(bytes([octet]))
            peer.turn(0.001)
        peer.settle()
        self.assertEqual([answer[:2] for answer in peer.answers[:2]], [(1, 1), (1, 2)])
        self.expect_good(peer)

    # Words that it does not know.

    def test_events_of_other_versions(self):
        # Those of 0.4 have the token before the session, so no answer would be understood.
        for version, answered in [("0.4", False), ("0.5", True), ("0.6", True), ("0.7", True),
                                  ("0.8", True), ("0.9", True), ("0.10", True), ("1.0", False),
                                  ("-1.6", False), ("0.99999999999999999999", False), ("", False),
                                  ("0", False), (".", False), ("0x0.6", False)]:
            with self.subTest(version=version):
                peer = self.filter()
                peer.connect(1, STRANGER, version=version)
                if answered:
                    peer.ask("ehlo", 1, 2, "bad.example", version=version)
                    peer.ask("mail-from", 1, 3, "", version=version)
                else:
                    peer.say(f"filter|{version}|1.0|smtp-in|ehlo|{1:016x}|{2:016x}|bad.example")
                peer.settle()
                self.assertEqual([decision[:9] for decision in decisions_of(peer, 1)],
                                 ["proceed", "550 5.7.1"] if answered else [])
                self.assertEqual("unsupported protocol version: " in peer.log_text()
                                 or "no protocol version: " in peer.log_text(), not answered)
                self.expect_good(peer)

    def test_unknown_events_and_phases(self):
        phases = ["connect", "starttls", "auth", "rset", "quit", "noop", "help", "wiz", "commit", "bdat",
                  "data-lines", "x" * 1000, "-"]
        events = ["link-greeting", "link-identify", "link-tls", "tx-begin", "tx-reset", "tx-mail", "tx-rcpt",
                  "tx-envelope", "tx-data", "tx-commit", "tx-rollback", "timeout", "protocol-client",
                  "filter-response", "link-", "link-connects", "x" * 1000]
        peer = self.filter()
        for known in (False, True):
            if known:
                peer.connect(5)
            for number, phase in enumerate(phases):
                peer.ask(phase, 5, number, b"some|" + EVERY_OCTET)
            for event in events:
                peer.report(event, 5, "some", EVERY_OCTET)
                peer.report(event, 5)
        for line in [b"", b"|", b"||||||||", b"config", b"config|", b"config||", b"config|ready|x",
                     b"config|ready", b"register|ready", b"filter-result|1|2|proceed", b"report", b"filter",
                     b"filter|0.6|1.0|smtp-in|HELO|1|2|x", b"filter|0.6|1.0|smtp-in|ehlo||2|x",
                     b"filter|0.6|1.0|smtp-in|ehlo|1||x", b"filter|0.6|1.0|smtp-in|ehlo|-1|2|x",
                     b"filter|0.6|1.0|smtp-in|ehlo|0x1|2|x", b"filter|0.6|1.0|smtp-in|ehlo|1|g|x",
                     b"filter|0.6|1.0|smtp-in|ehlo|11111111111111111|2|x", b"filter|0.6|1.0|smtp-out|ehlo|1|2|x",
                     b"report|0.6|1.0|smtp-in|link-connect|1", b"report|0.6|1.0|smtp-in|link-connect|1||||",
                     b"report|0.6|1.0|smtp-in|link-connect|1|x|pass|999.0.0.1:25|y",
                     b"report|0.6|1.0|smtp-in|link-connect|1|x|pass|192.0.2.1:99999|y",
                     b"report|0.6|1.0|smtp-in|link-disconnect|", b"report|0.6|1.0|smtp-in|link-auth|5"]:
            peer.say(line)
        peer.settle()
        self.assertEqual({decision for *_, decision in peer.answers}, {"proceed"})
        self.assertEqual(peer.results, 2 * len(phases) + 1)
        self.expect_good(peer)

    def test_every_octet_everywhere(self):
        peer = self.filter()
        peer.line_octets = 65536
        line = b"filter|0.7|1.0|smtp-in|ehlo|0000000000000001|0000000000000002|x"
        for at in range(len(line) - 1):
            for octet in (0x00, 0x0d, 0x1b, 0x25, 0x7c, 0x80, 0xff):
                damaged = line[:at] + bytes([octet]) + line[at + 1:]
                # Where the damage is in the timestamp, say, it is a question all the same.
                if question := QUESTION.fullmatch(damaged):
                    peer.owed[("result", int(question[1], 16), int(question[2], 16))] += 1
                    peer.owed_results += 1
                peer.say(damaged)
        peer.connect(1, rdns=EVERY_OCTET.replace(b"|", b""))
        for number, phase in enumerate(("ehlo", "mail-from", "rcpt-to", "data", "noop")):
            peer.ask(phase, 1, number, EVERY_OCTET)
        peer.settle()
        for text in (EVERY_OCTET, b"", EVERY_OCTET, b"."):
            peer.ask("data-line", 1, 9, text)
        self.expect_good(peer)
        self.assertEqual(peer.lines[1][-4:], [EVERY_OCTET, b"", EVERY_OCTET, b"."])

    def test_configuration_is_missing(self):
        for lines in ([], [b"admd|"], [b"admd|" + EVERY_OCTET], [b"admd|" + b"x" * 70000], [b"protocol|9.9"],
                      [b"subsystem|smtp-out"]):
            with self.subTest(lines=lines[:50]):
                peer = self.start()
                # Before config|ready nothing may be said.
                peer.connect(1)
                peer.say("filter|0.6|1.0|smtp-in|ehlo|0000000000000001|0000000000000002|x")
                peer.turn_for(SETTLE)
                self.assertEqual((peer.registrations, peer.results), ([], 0))
                for line in lines:
                    peer.say(b"config|" + line)
                peer.say("config|ready")
                peer.ask("ehlo", 1, 3, "mail.example.com")
                peer.ask("mail-from", 1, 4)
                peer.settle()
                peer.ask("data-line", 1, 5, "Subject: x")
                peer.ask("data-line", 1, 5, ".")
                self.expect_good(peer)
                self.assertTrue(peer.lines[1][0].startswith(b"Authentication-Results: "))

    # Sessions in the wrong order.

    def test_tokens_twice(self):
        # Before the answer, beside it and after it: each question has its own.
        peer = self.filter()
        for session, name in ((1, "silent.example"), (2, "bad.example")):
            peer.connect(session, STRANGER)
            peer.ask("ehlo", session, 7, name)
            for _ in range(100):
                peer.ask("mail-from", session, 7, "joe@example.org")
            peer.ask("ehlo", session, 7, name)
            for _ in range(100):
                peer.ask("mail-from", session, 7, "joe@example.org")
        peer.settle()
        for _ in range(100):
            for session in (1, 2):
                peer.ask("mail-from", session, 7, "joe@example.org")
        peer.settle()
        of = {session: decisions_of(peer, session) for session in (1, 2)}
        self.assertEqual((len(of[1]), len(of[2])), (302, 302))
        self.assertEqual(set(of[1]), {"proceed"})
        self.assertEqual([text[:9] for text in of[2]].count("550 5.7.1"), 300)
        self.expect_good(peer)

    def test_a_session_id_used_again(self):
        # The client before has vanished without link-disconnect. Whatever it was let in for is not the
        # next one's: it had authenticated; was local; came from loopback; had a verdict; was waiting.
        befores = {
            "authenticated": lambda peer: (peer.connect(1), peer.report("link-auth", 1, "joe", "pass")),
            "local": lambda peer: peer.connect(1, "unix:/var/run/smtpd.sock"),
            "exempt": lambda peer: peer.connect(1, "127.0.0.1:25"),
            "judged": lambda peer: (peer.connect(1), peer.ask("ehlo", 1, 2, "good.example"),
                                    peer.ask("mail-from", 1, 3)),
            "waiting": lambda peer: (peer.connect(1), peer.ask("ehlo", 1, 2, "silent.example"),
                                     peer.ask("mail-from", 1, 3)),
            "sending": lambda peer: (peer.connect(1), peer.ask("ehlo", 1, 2, "good.example"),
                                     peer.ask("data-line", 1, 4, "Authentication-Results: mx.example;"),
                                     peer.ask("data-line", 1, 4, " x=pass")),
        }
        for name, before in befores.items():
            with self.subTest(before=name):
                peer = self.filter()
                before(peer)
                peer.turn_for(SETTLE)
                peer.connect(1, STRANGER)
                peer.ask("ehlo", 1, 2, "bad.example")
                peer.ask("mail-from", 1, 3, "joe@bad.example")
                peer.settle()
                last = decisions_of(peer, 1)[-1]
                self.assertTrue(last.startswith(REFUSAL), last)
                self.assertIn("session connected twice", peer.log_text())
                self.expect_good(peer)

    def test_disconnect_among_the_lines_of_a_message(self):
        message = [b"Subject: x", b"Authentication-Results: mx.example; spf=pass", b" (folded)", b"To: y", b"",
                   b"body", b"..", b"more", b"."]
        for cut in range(len(message) + 1):
            with self.subTest(cut=cut):
                peer = self.filter()
                peer.connect(1)
                peer.ask("ehlo", 1, 1, "mail.example.com")
                peer.ask("mail-from", 1, 2)
                peer.settle()
                for line in message[:cut]:
                    peer.ask("data-line", 1, 3, line)
                peer.disconnect(1)
                # Of a session that has gone nothing is known, and nothing is held back.
                for line in message[cut:]:
                    peer.ask("data-line", 1, 3, line)
                peer.settle()
                rest = message[cut:]
                self.assertEqual(peer.lines[1][len(peer.lines[1]) - len(rest):], rest)
                self.expect_good(peer)

    def test_many_sessions_at_once(self):
        # A third is waiting for silent DNS, a third has been judged, a third never came to MAIL FROM.
        # None ever disconnects; then all ids are used again.
        count = 100_000 if LONG else 5_000
        peer = self.filter(deadline=10.0 if LONG else DEADLINE)
        peer.keep_answers = False
        for session in range(1, count + 1):
            peer.connect(session, f"198.51.{session // 250 % 250}.{session % 250}:25")
            name = (f"n{session}.silent.example", "bad.example", "good.example")[session % 3]
            peer.ask("ehlo", session, session % 7, name)
            if session % 3 != 2:
                peer.ask("mail-from", session, session % 5 + 100, f"joe@{name}")
            if session % 1000 == 0:
                peer.turn(0)
        peer.settle(600 if LONG else PATIENCE)
        self.assertEqual(peer.results, 2 * count - (count + 1) // 3 + 1)
        each = (peer.peak_mib() - 7) * 1024 / count
        print(f"{count} sessions: {peer.peak_mib():.0f} MiB, {each:.1f} KiB for each", file=sys.stderr)
        for session in range(1, count + 1):
            peer.connect(session, STRANGER)
            peer.ask("mail-from", session, 3)
            peer.disconnect(session)
            peer.disconnect(session)
        peer.settle(600 if LONG else PATIENCE)
        peer.keep_answers = True
        self.expect_good(peer, sessions=count)

    def test_random_order(self):
        # Questions of all phases for few sessions that connect, vanish, authenticate and return at random.
        chance = random.Random(20261122)
        peer = self.filter('[opensmtpd]\njunk = true\nreject_at = "rcpt-to"\n')
        names = ["bad.example", "good.example", "silent.example", "[192.0.2.1]", "", "a|b", "x" * 300]
        for turn in range(100_000 if LONG else 15_000):
            session, token = chance.randrange(1, 9), chance.randrange(4)
            version = chance.choice(("0.5", "0.6", "0.7"))
            match chance.randrange(12):
                case 0:
                    peer.connect(session, chance.choice((STRANGER, "unix:/x", "[2001:db8::1]:25")), version=version)
                case 1:
                    peer.disconnect(session)
                case 2:
                    peer.report("link-auth", session, "pass", "pass", version=version)
                case 3 | 4:
                    peer.ask(chance.choice(("helo", "ehlo")), session, token, chance.choice(names))
                case 5 | 6:
                    peer.ask("mail-from", session, token, chance.choice(("", "joe@bad.example", "@", "x|y")))
                case 7:
                    peer.ask("rcpt-to", session, token, "user@example.net")
                case 8:
                    peer.ask("data", session, token)
                case 9:
                    peer.ask("noop", session, token)
                case _:
                    peer.ask("data-line", session, token, chance.choice(
                        (b".", b"", b"..", b"x" * 3000, b"Authentication-Results: mx.example; x=pass", b" x")))
            if turn % 100 == 0:
                peer.turn(0)
                peer.keep_lines = False
                peer.lines.clear()
        self.expect_good(peer)

    # Streams that stop.

    def test_blocked_output(self):
        seconds = 60 if LONG else 1
        for pipes in (True, False):
            with self.subTest(pipes=pipes):
                peer = self.filter(pipes=pipes)
                peer.keep_answers = False
                peer.deaf = True
                peer.connect(1, STRANGER)
                peer.ask("ehlo", 1, 1, "bad.example")
                questions = 80_000
                for number in range(questions // 4):
                    peer.ask("mail-from", 1, 2)
                    peer.ask("noop", 2, number)
                    peer.ask("data-line", 3, 4, b"z" * 900)
                    peer.ask("rcpt-to", 3, number)
                unsent = None             # It reads as much as it will.
                while unsent != peer.unsent:
                    unsent = peer.unsent
                    peer.turn_for(0.5)
                before = peer.cpu_seconds()
                peer.turn_for(seconds)
                self.assertGreater(unsent, 0, "it reads on, whoever listens")
                self.assertEqual(peer.unsent, unsent)
                self.assertLess(peer.cpu_seconds() - before, 0.2 + seconds / 50)
                self.assertLess(peer.peak_mib(), BASE_MIB)
                peer.deaf = False
                peer.keep_lines = False
                peer.settle(PATIENCE * 3)
                self.assertEqual(peer.results, 1 + questions // 4 * 3 + 1)
                peer.keep_answers = True
                self.expect_good(peer)

    def test_input_ends_in_the_midst(self):
        # Of a line; while a question waits; before the first word.
        for name, lines in [
                ("a line", b"filter|0.6|1.0|smtp-in|ehlo|0000000000000001|000"),
                ("waiting", b"report|0.6|1.0|smtp-in|link-connect|1|x|fail|192.0.2.9:25|y\n"
                 b"filter|0.6|1.0|smtp-in|ehlo|0000000000000001|0000000000000002|silent.example\n"
                 b"filter|0.6|1.0|smtp-in|mail-from|0000000000000001|0000000000000003|\n")]:
            with self.subTest(midst=name):
                peer = self.filter()
                peer.owed[("result", 1, 2)] = 1
                peer.say_octets(lines)
                peer.turn_for(SETTLE)
                peer.close_input()
                self.assertEqual(peer.exit_status(), 0)
                self.assertEqual(peer.complaints, [])
        peer = self.start()
        peer.close_input()
        self.assertEqual((peer.exit_status(), peer.results), (0, 0))

    def test_smtpd_is_killed_while_answers_wait(self):
        for pipes in (True, False):
            with self.subTest(pipes=pipes):
                peer = self.filter(pipes=pipes)
                peer.deaf = True
                for _ in range(20_000):
                    peer.ask("noop", 1, 2)
                peer.turn_for(SETTLE)
                peer.close()
                self.assertEqual(peer.process.wait(PATIENCE), 0)

    def test_all_of_it_in_little_memory(self):
        # The address space, too: what is taken and given back counts.
        peer = self.filter(address_space=BASE_MIB << 20)
        peer.line_octets = 65536
        for session in range(200):
            peer.connect(session, STRANGER)
            peer.ask("ehlo", session, 1, b"h" * 131000)
            peer.ask("mail-from", session, 2, b"m" * 131000)
            if session >= 20:
                peer.disconnect(session - 20)
            peer.turn(0)
        self.expect_good(peer)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("-"):
        FILTER = arguments.pop(0)
    if "--long" in arguments:
        LONG = True
        arguments.remove("--long")
    unittest.main(argv=[sys.argv[0], *arguments])
