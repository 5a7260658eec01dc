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


class Phases(Fixture):
    """Where in a transaction a message is refused or marked."""

    def test_each_sender_is_judged(self):
        smtpd = self.smtpd(head='lists.deny = ["@spam.example"]')
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            # Brackets and parameters stay with smtpd.
            spam = "MAIL FROM:<joe@Spam.Example> SIZE=1000 BODY=8BITMIME"
            self.expect(client.command(spam), 550, "local-list fail listed")
            self.expect(client.command("MAIL FROM:<> SIZE=1000"), 250)
            self.expect(client.command("RSET"), 250)
            self.expect(client.command(spam), 550, "local-list fail listed")
            self.expect(client.message(MESSAGE), 250)
        self.assertEqual(self.dns.count(f"_client._smtp.{GOOD}", "SRV"), 1)
        self.expect_alive(smtpd)

    def test_refuses_recipients(self):
        smtpd = self.smtpd(head='opensmtpd.reject_at = "rcpt-to"')
        with smtpd.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {BAD}"), 250)
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 503)
            for _ in range(2):
                self.expect(client.command("MAIL FROM:<joe@example.org>"), 250)
                for recipient in ("postbox@mx.example", "other@mx.example"):
                    self.expect(client.command(f"RCPT TO:<{recipient}>"), 550, "not-authorized")
                self.expect(client.command("DATA"), 503)
                self.expect(client.command("RSET"), 250)
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.message(MESSAGE), 250)
        message, = smtpd.mail.wait_for(1)
        self.assertEqual(message.count(b"Authentication-Results: mx.example;"), 1)
        self.expect_alive(smtpd)

    def test_marks_a_message_as_junk_and_no_other(self):
        # Mail from @spam.example has unknown trust for the sender's sake, the rest high.
        smtpd = self.smtpd(head=f'''opensmtpd.junk = true
lists.allow = ["{GOOD}"]
lists.deny = ["@spam.example"]
overrides = {{ local-list.fail = "ignore" }}''')
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            for sender in ("a@spam.example", "b@example.org", "c@spam.example", "d@example.org"):
                self.expect(client.message(f"Subject: {sender[0]}\n\nbody\n", sender=sender), 250)
        marked = {}
        for message in smtpd.mail.wait_for(4):
            fields = header_of(message)
            subject, = [field for field in fields if field.startswith("Subject: ")]
            marked[subject[-1]] = "X-Spam: Yes" in fields
        self.assertEqual(marked, {"a": True, "b": False, "c": True, "d": False})
        self.expect_alive(smtpd)

    def test_metrics_are_written(self):
        smtpd = FilteredSmtpd(self.scratch.path, self.dns, head="""\
metrics.file = "/scratch/metrics/helovet.prom"
metrics.interval = "1s\"""")
        directory = smtpd.directory / "metrics"
        servers.owned_directory(directory, servers.USERS["opensmtpd"])
        self.enterContext(smtpd)
        with smtpd.client(STRANGER) as client:
            client.command(f"EHLO {BAD}")
            self.expect(client.command("MAIL FROM:<joe@example.org>"), 550)
        servers.wait_until(
            lambda: re.search(r'action="reject"[^\n]*\} 1\n',
                              (directory / "helovet.prom").read_text()), "the count")

    def test_metrics_that_cannot_be_written_stop_nothing(self):
        smtpd = self.smtpd(head='metrics.file = "/scratch/none/helovet.prom"\nmetrics.interval = "1s"')
        time.sleep(2.5)
        self.expect_alive(smtpd)
        self.assertEqual(smtpd.log_text().count("/scratch/none/helovet.prom"), 1, smtpd.log_text())


class ForeignResults(Fixture):
    """RFC 8601 §5."""

    FORGED = [
        "Authentication-Results: mx.example; spf=pass",
        "AUTHENTICATION-Results :\n\t(comment)\n \"mx.example\" 1; spf=pass",
        "Authentication-Results: ; spf=pass",
    ]
    FOREIGN = [
        "Authentication-Results: other.example; spf=pass smtp.mailfrom=mx.example",
        "authentication-results:\n\tother.example ;\n  dkim=pass (a  b) ",
    ]

    def header_text(self, smtpd, client_address, header):
        smtpd.mail.clear()
        with smtpd.client(client_address) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.message(header + "\n\nbody\n"), 250)
        message, = smtpd.mail.wait_for(1)
        return message.decode().split("\n\n", 1)[0] + "\n"

    def test_only_what_claims_to_be_ours_is_removed(self):
        smtpd = self.smtpd()
        fields = ["Subject: x"]
        for forged in self.FORGED:
            fields += [forged, *self.FOREIGN]
        text = self.header_text(smtpd, GOOD_ADDRESS, "\n".join(fields))
        kept = "\n".join(["Subject: x"] + self.FOREIGN * len(self.FORGED))
        # smtpd adds fields of its own to what comes in by a listener on loopback.
        self.assertIn("\n" + kept + "\nDate: ", text)
        ours = re.findall(r"(?im)^authentication-results[ \t]*:\s*mx\.example", text)
        self.assertEqual(len(ours), 1, text)
        self.expect_alive(smtpd)

    def test_a_dot_that_smtpd_takes_off_hides_nothing(self):
        smtpd = self.smtpd()
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            for line in ("MAIL FROM:<joe@example.org>", "RCPT TO:<postbox@mx.example>", "DATA"):
                client.command(line)
            self.expect(client.command(
                ".Authentication-Results: mx.example; forged=pass\r\n"
                ". (folded)\r\n.Subject: kept\r\n\r\nbody\r\n."), 250)
        message, = smtpd.mail.wait_for(1)
        self.assertNotIn(b"forged", message)
        self.assertNotIn(b"folded", message)
        self.assertIn(b"\nSubject: kept\n", message)

    def test_exempt_hosts_keep_theirs(self):
        smtpd = self.smtpd(tail=f'[exempt]\nnetworks = ["{STRANGER}"]')
        text = self.header_text(smtpd, STRANGER, self.FORGED[0])
        self.assertIn("\n" + self.FORGED[0] + "\n", text)

    def test_a_message_of_header_fields_alone(self):
        smtpd = self.smtpd()
        with smtpd.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.message("Subject: x\n" + self.FORGED[0]), 250)
            self.expect(client.message("Subject: x\n" + self.FOREIGN[0]), 250)
        messages = b"".join(smtpd.mail.wait_for(2))
        self.assertNotIn(self.FORGED[0].encode(), messages)
        self.assertIn(self.FOREIGN[0].encode(), messages)
        self.expect_alive(smtpd)


def documented(heading: str) -> dict[str, str]:
    """The files that docs/opensmtpd.md shows under `heading`, by their paths."""
    page = (SOURCE / "docs/opensmtpd.md").read_text()
    section = page.split(f"\n### {heading}\n", 1)[1]
    section = re.split(r"\n##+ ", section, maxsplit=1)[0]
    blocks = re.findall(r"(?m)(?:^    .*\n)+", section)
    files = {}
    for block in blocks:
        lines = [line[4:] for line in block.splitlines()]
        files[lines[0].removeprefix("# ")] = "\n".join(lines[1:]) + "\n"
    return files


class AlternateServer(Fixture):
    """docs/opensmtpd.md, "An alternate server", as it stands there but for addresses, the program's
    place and the DNS."""

    def documented_smtpd(self, heading):
        files = documented(heading)
        config = files.pop("/etc/smtpd.conf").replace('"filter-helovet', f'"{FILTER_PATH}')
        self.ports = {}

        def listener(match):
            port = self.ports[match[1]] = servers.free_port()
            return f"listen on 127.0.0.1 port {port} proxy-v2"

        config = re.sub(r"listen on (192\.0\.2\.\d+)", listener, config)
        self.assertNotIn("192.0.2.", config)
        config += '''listen on 127.0.0.1 port {PORT}
table everyone { "@" = "postbox" }
action "keep" maildir "/scratch/mail" virtual <everyone>
match from any for any action "keep"
'''
        for path, text in files.items():
            files[path] = (f'{text}\n[dns]\nservers = '
                           f'["{self.dns.address[0]}:{self.dns.address[1]}"]\n')
        files["/etc/helovet/accredited"] = f"{GOOD}\n"
        return self.enterContext(servers.OpenSmtpd(
            self.scratch.path, config=config, files=files, binds={FILTER_PATH: FILTER}))

    def session(self, address, client, name, recipients):
        """The codes of the answers to MAIL FROM and to each RCPT TO."""
        with servers.SmtpClient(("127.0.0.1", self.ports[address]), proxy=client) as smtp:
            self.expect(smtp.command(f"EHLO {name}"), 250)
            codes = [smtp.command("MAIL FROM:<joe@example.org>").code]
            return codes + [smtp.command(f"RCPT TO:<{to}>").code for to in recipients]

    def test_one_with_a_listener_of_its_own(self):
        smtpd = self.documented_smtpd("One with a listener of its own")
        both = ["user@example.org"]
        main, strict = "192.0.2.25", "192.0.2.26"
        for address, client, name, want in [
                (main, GOOD_ADDRESS, GOOD, [250, 250]), (strict, GOOD_ADDRESS, GOOD, [250, 250]),
                (main, STRANGER, "new.example", [250, 250]),
                (strict, STRANGER, "new.example", [550, 503]),
                (main, STRANGER, BAD, [550, 503]), (strict, STRANGER, BAD, [550, 503])]:
            with self.subTest(address=address, name=name):
                self.assertEqual(self.session(address, client, name, both), want)
        self.assertNotRegex(smtpd.log_text(), r"fatal|exited abnormally|terminated")

    def test_one_among_the_recipient_domains(self):
        smtpd = self.documented_smtpd("One among the recipient domains")
        both = ["user@csv.example.org", "user@example.org"]
        for client, name, want in [
                (GOOD_ADDRESS, GOOD, [250, 250, 250]),
                (STRANGER, "new.example", [250, 550, 250]),
                (STRANGER, BAD, [550, 503, 503])]:
            with self.subTest(name=name):
                self.assertEqual(self.session("192.0.2.25", client, name, both), want)
        self.assertNotRegex(smtpd.log_text(), r"fatal|exited abnormally|terminated")


if __name__ == "__main__":
    unittest.main()
