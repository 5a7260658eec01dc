"""The filter in Debian's OpenSMTPD (6.8.0p2, protocol 0.6), with real connections.

HELOVET_FILTER is the program. Clients come from everywhere through the PROXY protocol."""

import concurrent.futures
import os
import pathlib
import re
import sys
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402 (found through the path above)

FILTER = pathlib.Path(os.environ.get(
    "HELOVET_FILTER", SOURCE / "build/release/opensmtpd-filter/filter-helovet"))

# Where things are in the sandbox.
FILTER_PATH = "/helovet/filter-helovet"
CONFIG_PATH = "/scratch/helovet.toml"

GOOD, BAD, SLOW, SILENT = "good.example", "bad.example", "slow.example", "silent.example"
GOOD_ADDRESS, GOOD_ADDRESS_6, STRANGER = "192.0.2.1", "2001:db8::1", "192.0.2.99"
SLOW_SECONDS = 1.0
DEADLINE_SECONDS = 2.0

MESSAGE = "Subject: test\n\nbody\n"


def zone():
    """good.example may send from two addresses and from ::1, bad.example from none; slow.example
    neither, and says so late; silent.example says nothing, ever."""
    answer = servers.Answer
    return {
        (f"_client._smtp.{GOOD}", "SRV"): answer([f"1 2 0 {GOOD}"]),
        (GOOD, "A"): answer([GOOD_ADDRESS]),
        (GOOD, "AAAA"): answer([GOOD_ADDRESS_6, "::1"]),
        (f"_client._smtp.{BAD}", "SRV"): answer([f"1 1 0 {BAD}"]),
        (f"_client._smtp.{SLOW}", "SRV"): answer([f"1 1 0 {SLOW}"], delay=SLOW_SECONDS),
        (f"_client._smtp.{SILENT}", "SRV"): answer(silent=True),
    }


class FilteredSmtpd(servers.OpenSmtpd):
    """OpenSMTPD with the filter on all its listeners; `head` and `tail` are added to helovet.toml."""

    def __init__(self, scratch, dns, head="", tail=""):
        super().__init__(
            scratch, listen_filter="helovet", binds={FILTER_PATH: FILTER},
            filters=f'filter "helovet" proc-exec "{FILTER_PATH} -c {CONFIG_PATH}"')
        (self.directory / "helovet.toml").write_text(
            f'profile = "standard"\ndeadline = "{int(DEADLINE_SECONDS)}s"\n{head}\n[dns]\n'
            f'servers = ["{dns.address[0]}:{dns.address[1]}"]\nquery_timeout = "2s"\n{tail}\n')

    def client(self, address):
        return servers.SmtpClient(self.proxy_address, proxy=address)


class Fixture(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("opensmtpd"))
        self.dns = self.enterContext(servers.ScriptedDns(zone()))

    def smtpd(self, **options):
        return self.enterContext(FilteredSmtpd(self.scratch.path, self.dns, **options))

    def expect(self, reply, code, text=""):
        self.assertEqual(reply.code, code, reply)
        self.assertIn(text, reply.text)

    def expect_alive(self, smtpd):
        """A good client is still served, and nothing has fallen over."""
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.command("MAIL FROM:<joe@good.example>"), 250)
        self.assertTrue(smtpd.running.is_alive())
        self.assertNotRegex(smtpd.log_text(), r"fatal|exited abnormally|terminated")


def header_of(message: bytes) -> list[str]:
    """The fields of a delivered message, unfolded, in order."""
    head = message.decode("latin-1").split("\n\n", 1)[0]
    return [re.sub(r"\n\s+", " ", field) for field in re.split(r"\n(?=\S)", head)]


def body_of(message: bytes) -> str:
    return message.decode("latin-1").split("\n\n", 1)[1]


class Verdicts(Fixture):
    def test_accepts_and_puts_results_on_top(self):
        smtpd = self.smtpd()
        for address in (GOOD_ADDRESS, GOOD_ADDRESS_6):
            with self.subTest(address=address):
                smtpd.mail.clear()
                with smtpd.client(address) as client:
                    self.expect(client.command(f"EHLO {GOOD}"), 250)
                    self.expect(client.message(MESSAGE), 250)
                message, = smtpd.mail.wait_for(1)
                # What comes before is added at the delivery.
                fields = [field for field in header_of(message)
                          if not re.match("(Return-Path|Delivered-To): ", field)]
                self.assertRegex(fields[0], r"^Authentication-Results: mx\.example; .*"
                                            r"x-csa=pass .*smtp\.helo=good\.example")
                self.assertRegex(fields[1], "^Received: from good.example")
                self.assertEqual(body_of(message), "body\n")

    def test_refuses_with_client_name_and_reason(self):
        smtpd = self.smtpd()
        for address, name, reason in [
                (STRANGER, BAD, "csa fail not-authorized"),
                (STRANGER, GOOD, "csa fail address-mismatch"),
                ("2001:db8::99", GOOD, "csa fail address-mismatch")]:
            with self.subTest(address=address, name=name), smtpd.client(address) as client:
                self.expect(client.command(f"EHLO {name}"), 250)
                reply = client.command("MAIL FROM:<joe@example.org>")
                self.expect(reply, 550, f"5.7.1 {address} is not accepted as {name}: {reason}")
                # The session goes on, and so does the refusal.
                self.expect(client.command("NOOP"), 250)
                self.expect(client.command("MAIL FROM:<>"), 550, reason)
                self.expect(client.command("RCPT TO:<postbox@mx.example>"), 503)
        self.expect_alive(smtpd)

    def test_real_ipv6_client(self):
        smtpd = self.smtpd(tail="[exempt]\nnetworks = []")
        address = ("::1", smtpd.port)
        with servers.SmtpClient(address) as client:
            self.expect(client.command(f"HELO {GOOD}"), 250)
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 250)
        with servers.SmtpClient(address) as client:
            self.expect(client.command(f"EHLO {BAD}"), 250)
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 550, "5.7.1 ::1 ")

    def test_loopback_is_exempt(self):
        smtpd = self.smtpd()
        with servers.SmtpClient(smtpd.address) as client:
            self.expect(client.command(f"EHLO {BAD}"), 250)
            self.expect(client.message(MESSAGE), 250)
        message, = smtpd.mail.wait_for(1)
        self.assertNotIn(b"Authentication-Results", message)
        self.assertEqual(self.dns.questions, [])

    def test_second_ehlo_changes_nothing(self):
        smtpd = self.smtpd()
        with smtpd.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {BAD}"), 250)
            self.expect(client.command(f"EHLO {GOOD}"), 503)
            self.expect(client.command(f"HELO {GOOD}"), 503)
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 550, BAD)
            self.expect(client.command("RSET"), 250)
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 550, BAD)

    def test_verdicts_are_logged(self):
        smtpd = self.smtpd()
        with smtpd.client(STRANGER) as client:
            client.command(f"EHLO {BAD}")
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 550)
        servers.wait_until(lambda: "csa_reason=not-authorized" in smtpd.log_text(), "a log line")
        self.assertRegex(smtpd.log_text(), r"helovet: session=[0-9a-f]{16} action=reject trust=low ")


class Messages(Fixture):
    def deliver(self, smtpd, text):
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.message(text), 250)

    def test_lines_arrive_as_they_were_sent(self):
        smtpd = self.smtpd()
        body = ".\n..\n.x\n\n\n|a|b|\nFrom here\n\ttab \n" + "x" * 1997 + "\nend\n"
        self.deliver(smtpd, "Subject: dots\n\n" + body)
        message, = smtpd.mail.wait_for(1)
        self.assertEqual(body_of(message), body)

    def test_long_lines_lose_nothing(self):
        smtpd = self.smtpd()
        # The second part of each begins with a dot.
        body = "".join("x" * 1997 + "." + "y" * length + "\n" for length in (0, 1, 3000, 60000))
        field = "X-Long: " + "a" * 1200 + " " + "b" * 1900 + " c"
        self.deliver(smtpd, f"Subject: long\n{field}\n\n{body}")
        message, = smtpd.mail.wait_for(1)
        self.assertEqual(body_of(message).replace("\n", ""), body.replace("\n", ""))
        self.assertIn(field, header_of(message))

    def test_each_message_of_a_session_is_marked_once(self):
        smtpd = self.smtpd()
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            for _ in range(3):
                self.expect(client.message(MESSAGE), 250)
        for message in smtpd.mail.wait_for(3):
            self.assertEqual(message.count(b"Authentication-Results: "), 1)

    def test_no_header_when_it_is_not_wanted(self):
        smtpd = self.smtpd(head="header = false")
        self.deliver(smtpd, MESSAGE)
        message, = smtpd.mail.wait_for(1)
        self.assertNotIn(b"Authentication-Results", message)

    def test_a_big_message(self):
        smtpd = self.smtpd()
        body = "".join(f"{number:076d}\n" for number in range(50000))
        self.deliver(smtpd, "Subject: big\n\n" + body)
        message, = smtpd.mail.wait_for(1)
        self.assertEqual(body_of(message), body)


class Waiting(Fixture):
    def test_one_session_waits_while_another_is_served(self):
        smtpd = self.smtpd()
        with smtpd.client(STRANGER) as slow, smtpd.client(GOOD_ADDRESS) as fast:
            begun = time.monotonic()
            self.expect(slow.command(f"EHLO {SLOW}"), 250)
            self.assertLess(time.monotonic() - begun, SLOW_SECONDS / 2)
            slow.send("MAIL FROM:<joe@example.org>\r\n")
            self.expect(fast.command(f"EHLO {GOOD}"), 250)
            self.expect(fast.message(MESSAGE), 250)
            self.assertLess(time.monotonic() - begun, SLOW_SECONDS)
            self.expect(slow.read_reply(), 550, SLOW)
            self.assertGreaterEqual(time.monotonic() - begun, SLOW_SECONDS * 0.9)

    def test_silent_dns_refuses_nobody(self):
        smtpd = self.smtpd()
        begun = time.monotonic()
        with smtpd.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {SILENT}"), 250)
            self.expect(client.message(MESSAGE), 250)
        self.assertLess(time.monotonic() - begun, DEADLINE_SECONDS + 2)
        message, = smtpd.mail.wait_for(1)
        self.assertIn(b"x-csa=temperror", message)

    def test_survives_clients_that_vanish(self):
        smtpd = self.smtpd()
        for lines in (
                [], [f"EHLO {SILENT}"], [f"EHLO {SILENT}", "MAIL FROM:<joe@example.org>"],
                [f"EHLO {GOOD}", "MAIL FROM:<joe@example.org>", "RCPT TO:<postbox@mx.example>",
                 "DATA", "Subject: unfinished", "", "body"]):
            for _ in range(5):
                client = smtpd.client(GOOD_ADDRESS)
                for line in lines:
                    client.send(line + "\r\n")
                    # Answers to a waiting MAIL and to lines of a message do not come.
                    if not line.startswith(("MAIL", "Subject", "body")) and line:
                        client.read_reply()
                    elif line.startswith("MAIL") and lines[0] == f"EHLO {GOOD}":
                        client.read_reply()
                client.reset()
        time.sleep(DEADLINE_SECONDS + 0.5)  # Answers to the vanished would come by now.
        self.expect_alive(smtpd)

    def test_many_sessions_at_once(self):
        smtpd = self.smtpd()

        def session(number):
            name = (GOOD, BAD, SLOW, SILENT)[number % 4]
            with smtpd.client(GOOD_ADDRESS if name == GOOD else STRANGER) as client:
                client.command(f"EHLO {name}")
                return name, client.command("MAIL FROM:<joe@example.org>").code

        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            results = list(pool.map(session, range(120)))
        want = {GOOD: 250, BAD: 550, SLOW: 550, SILENT: 250}
        self.assertEqual([r for r in results if r[1] != want[r[0]]], [])
        self.expect_alive(smtpd)


class BadInput(Fixture):
    def test_odd_names_never_reach_the_filter(self):
        smtpd = self.smtpd()
        for name in ("a b", "a|b", "a\x01b", "\xe9t\xe9.example", "x" * 300, "x.example.", ""):
            with self.subTest(name=name), smtpd.client(STRANGER) as client:
                self.expect(client.command(f"EHLO {name}".rstrip()), 501)
                self.expect(client.command("MAIL FROM:<joe@example.org>"), 503)
        self.expect_alive(smtpd)

    def test_literals(self):
        smtpd = self.smtpd()
        for name, code in ((f"[{STRANGER}]", 250), ("[192.0.2.5]", 550), ("[IPv6:2001:db8::5]", 550)):
            with self.subTest(name=name), smtpd.client(STRANGER) as client:
                self.expect(client.command(f"EHLO {name}"), 250)
                self.expect(client.command("MAIL FROM:<joe@example.org>"), code)

    def test_a_bad_configuration_stops_the_start_and_says_where(self):
        smtpd = FilteredSmtpd(self.scratch.path, self.dns, head="nonsense = 1")
        try:
            smtpd.start()  # smtpd listens already when it sees that its filter has gone.
        except servers.ServerError:
            pass
        else:
            self.addCleanup(smtpd.stop)
            servers.wait_until(lambda: not smtpd.running.is_alive(), "the end of smtpd")
        self.assertRegex(smtpd.log_text(), "helovet: " + re.escape(CONFIG_PATH) + r":3:1: ")


if __name__ == "__main__":
    unittest.main()
