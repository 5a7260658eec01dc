"""The module in Debian's Exim: a daemon with real connections, `exim -bh`, `-bs` and `-be`."""

import base64
import concurrent.futures
import pathlib
import re
import time
import unittest

from exim_fixture import (
    BAD, CONFIG_PATH, GOOD, GOOD_ADDRESS, GOOD_ADDRESS_6, HELO, MARK, MODULE_PATH, REFUSE, SLOW,
    STRANGER, UNKNOWN, Fixture, config_text, joined, open_files, processes, results, servers)

REJECTED = (f"5.7.1 {STRANGER} is not accepted as {GOOD}: csa fail address-mismatch")
ASK = (f"${{dlfunc{{{MODULE_PATH}}}{{helovet}}{{$sender_host_address}}{{$sender_helo_name}}"
       f"{{$sender_address}}{{config={CONFIG_PATH}}}}}")
MESSAGE = "Subject: test\n\nbody\n"


class Verdicts(Fixture):
    def test_accepts_and_puts_results_on_top(self):
        exim = self.daemon()
        with exim.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.message(MESSAGE), 250)
        delivered, = exim.mail.wait_for(1)
        self.assertTrue(delivered.startswith(b"Authentication-Results: mx.example;\n"), delivered)
        result, = results(delivered)
        self.assertIn("x-csa=pass", result)
        self.assertIn(f"smtp.helo={GOOD}", result)

    def test_rejects_with_its_own_reply(self):
        exim = self.daemon()
        with exim.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.command("MAIL FROM:<a@sender.example>"), 250)
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550, REJECTED)
        self.assertIn("rejected RCPT <postbox@mx.example>: helovet: action=reject trust=low "
                      "decided_by=csa decided_reason=address-mismatch ", exim.main_log())

    def test_rejects_at_mail_too(self):
        exim = self.daemon(acls={"mail": REFUSE, "data": MARK})
        with exim.client(STRANGER) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.command("MAIL FROM:<>"), 550, REJECTED)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
        self.assertEqual(len(results(exim.mail.wait_for(1)[0])), 1)

    def test_defers_where_the_profile_says_so(self):
        exim = self.daemon("strict")
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {SLOW}")
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 451,
                        "4.7.1 192.0.2.1 is not accepted for now as slow.example: ")

    def test_observes_without_refusing(self):
        exim = self.daemon("observe")
        with exim.client(STRANGER) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
        result, = results(exim.mail.wait_for(1)[0])
        self.assertIn("x-csa=fail", result)

    def test_second_helo_is_judged_anew(self):
        exim = self.daemon()
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {BAD}")
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550, "not-authorized")
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
            client.command(f"HELO {BAD}")
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550, "not-authorized")

    def test_without_helo(self):
        exim = self.daemon(main="hosts_require_helo =")
        with exim.client(GOOD_ADDRESS) as client:
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550,
                        "without a HELO name: helo fail missing")

    def test_ipv6(self):
        exim = self.daemon()
        with exim.client(GOOD_ADDRESS_6) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
        with exim.client("2001:db8::2") as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550, "2001:db8::2")
        result, = results(exim.mail.wait_for(1)[0])
        self.assertIn("x-csa=pass", result)

    def test_ipv6_socket(self):
        """A real connection over IPv6, not one that a PROXY header makes."""
        exim = self.daemon(hosts=("::1",), toml=config_text(self.dns) + "[exempt]\nnetworks = []\n")
        with servers.SmtpClient(exim.address) as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<a@sender.example>")
            self.expect(client.command("RCPT TO:<postbox@mx.example>"), 550, "5.7.1 ::1 is not")


class Exemptions(Fixture):
    def test_authenticated_clients_are_not_judged(self):
        exim = self.daemon()
        secret = base64.b64encode(b"\0user\0secret").decode()
        with exim.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250, "AUTH PLAIN")
            self.expect(client.command(f"AUTH PLAIN {secret}"), 235)
            self.expect(client.message(MESSAGE), 250)
        self.assertEqual(results(exim.mail.wait_for(1)[0]), [])
        self.assertEqual(self.dns.questions, [])

    def test_nobody_is_refused_before_mail(self):
        """Who has not authenticated yet may still do so."""
        exim = self.daemon(acls={"mail": REFUSE})
        secret = base64.b64encode(b"\0user\0secret").decode()
        with exim.client(STRANGER) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            self.expect(client.command("MAIL FROM:<a@sender.example>"), 550, REJECTED)
            self.expect(client.command(f"AUTH PLAIN {secret}"), 235)
            self.expect(client.message(MESSAGE), 250)

    def test_option_authenticated(self):
        ask = ASK.replace("{config", "{authenticated=${if def:authenticated_id {yes}}}{config")
        exim = self.daemon(acls={"mail": f"accept\n  logwrite = ANSWER {ask}"})
        secret = base64.b64encode(b"\0user\0secret").decode()
        with exim.client(STRANGER) as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<>")
            client.command("RSET")
            client.command(f"AUTH PLAIN {secret}")
            client.command("MAIL FROM:<>")
        first, second = re.findall("ANSWER (.*)", exim.main_log())
        self.assertIn("csa=fail", first)
        self.assertIn("decided_by=exempt decided_reason=authenticated-session", second)

    def test_local_submissions_are_not_judged(self):
        exim = self.exim(acls={"mail": REFUSE, "rcpt": f"{REFUSE}\n    logwrite = ANSWER {ASK}"})
        lines = [f"EHLO {BAD}", "MAIL FROM:<a@sender.example>", "RCPT TO:<postbox@mx.example>",
                 "QUIT", ""]
        done = exim.run(["-bs"], "\r\n".join(lines))
        self.assertRegex(done.stdout, "250 Accepted")
        self.assertIn("decided_by=exempt", exim.main_log())
        self.assertEqual(self.dns.questions, [])


class Queries(Fixture):
    def test_one_session_asks_once(self):
        exim = self.daemon(acls={
            "helo": HELO, "mail": REFUSE, "rcpt": REFUSE, "data": MARK,
            "predata": f"accept\n  set acl_c_csa = ${{dlfunc{{{MODULE_PATH}}}{{helovet_csa}}"
                       f"{{$sender_host_address}}{{$sender_helo_name}}HELOVET_OPTIONS}}\n"
                       "  logwrite = ANSWER $acl_c_csa"})
        with exim.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            asked = list(self.dns.questions)
            self.assertIn((f"_client._smtp.{GOOD}", "SRV", "udp"), asked)
            self.assertEqual(len(asked), len(set(asked)), asked)
            for sender in ("a@sender.example", ""):
                self.expect(client.message(MESSAGE, sender=sender), 250)
            self.expect(client.command(f"HELO {GOOD}"), 250)
            for _ in range(2):
                self.expect(client.message(MESSAGE, sender="b@example.org"), 250)
        # The senders' SPF records, and nothing for the null sender.
        self.assertEqual(self.dns.questions, asked + [
            (domain, "TXT", "udp") for domain in ("sender.example", "example.org")])
        self.assertIn("ANSWER ok", exim.main_log())

    def test_other_sessions_ask_for_themselves(self):
        exim = self.daemon()
        for address, code in ((GOOD_ADDRESS, 250), (STRANGER, 550), (GOOD_ADDRESS, 250)):
            with exim.client(address) as client:
                client.command(f"EHLO {GOOD}")
                client.command("MAIL FROM:<a@sender.example>")
                self.expect(client.command("RCPT TO:<postbox@mx.example>"), code)
        self.assertEqual(self.dns.count(f"_client._smtp.{GOOD}", "SRV"), 3)

    def test_a_session_waits_for_itself_alone(self):
        exim = self.daemon()

        def session(name):
            with exim.client(GOOD_ADDRESS) as client:
                client.command(f"EHLO {name}")
                client.command("MAIL FROM:<a@sender.example>")
                start = time.monotonic()
                reply = client.command("RCPT TO:<postbox@mx.example>")
                return reply.code, time.monotonic() - start

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slow = pool.submit(session, SLOW)
            servers.wait_until(lambda: self.dns.count(f"_client._smtp.{SLOW}", "SRV"), "a question")
            code, took = session(GOOD)
            self.assertFalse(slow.done(), "it should still be waiting")
            self.assertEqual(code, 250)
            self.assertLess(took, 0.5)
            code, took = slow.result()
        self.assertEqual(code, 250)
        self.assertLess(took, 3.0, "the deadline is 2 s")


class Configuration(Fixture):
    def test_a_wrong_file_stops_no_mail(self):
        exim = self.daemon(toml='profile = "lax"\n')
        for _ in range(3):
            with exim.client(STRANGER) as client:
                client.command(f"EHLO {GOOD}")
                self.expect(client.message(MESSAGE), 250)
        for delivered in exim.mail.wait_for(3):
            self.assertEqual(results(delivered), [])
        complaint, = exim.complaints()
        self.assertTrue(complaint.startswith(f"helovet: {CONFIG_PATH}:1:11: "), complaint)
        self.assertEqual(self.dns.questions, [])

    def test_a_complaint_is_written_once_a_process(self):
        exim = self.daemon(toml='profile = "lax"\n', preload=False,
                           acls={"mail": REFUSE, "rcpt": REFUSE, "data": MARK})
        for session in (1, 2):
            with exim.client(STRANGER) as client:
                client.command(f"EHLO {GOOD}")
                self.expect(client.message(MESSAGE), 250)
                self.expect(client.message(MESSAGE), 250)
            self.assertEqual(len(exim.complaints()), session)

    def test_a_missing_file_is_an_error_where_it_is_named(self):
        exim = self.exim()
        exim.directory.joinpath("helovet.toml").unlink()
        answer = exim.call("helovet", STRANGER, GOOD, f"config={CONFIG_PATH}")
        self.assertIn("action=accept trust=unknown decided_by=configuration "
                      "decided_reason=invalid", answer)
        self.assertIn("csa=temperror csa_reason=invalid", answer)
        self.assertIn(f'error="{CONFIG_PATH}: ', answer)
        self.assertEqual(exim.call("helovet_csa", STRANGER, GOOD, f"config={CONFIG_PATH}"), "defer")

    def test_the_default_file_may_be_missing(self):
        answer = self.exim().call("helovet", "127.0.0.1", GOOD)
        self.assertIn("decided_by=exempt decided_reason=network", answer)

    def test_the_default_file(self):
        exim = self.exim(files={"/etc/helovet/helovet.toml": config_text(self.dns, "strict")})
        self.assertIn("csa=pass", exim.call("helovet", GOOD_ADDRESS, GOOD, "", "config="))

    def test_a_changed_file_counts_from_the_next_session(self):
        exim = self.daemon()

        def reply():
            with exim.client(STRANGER) as client:
                client.command(f"EHLO {GOOD}")
                client.command("MAIL FROM:<a@sender.example>")
                return client.command("RCPT TO:<postbox@mx.example>")

        self.expect(reply(), 550)
        exim.configure(config_text(self.dns, "observe"))
        self.expect(reply(), 250)
        exim.configure('profile = "lax"')
        self.expect(reply(), 250)
        self.assertEqual(len(exim.complaints()), 1)
        exim.configure(config_text(self.dns, "standard"))
        self.expect(reply(), 550)

    def test_a_mistake_that_comes_again_is_told_again(self):
        exim = self.daemon()
        for times in (1, 2):
            for text in ('profile = "lax"\n', config_text(self.dns, "standard")):
                exim.configure(text)
                for _ in range(2):
                    with exim.client(STRANGER) as client:
                        client.command(f"EHLO {GOOD}")
                self.assertEqual(len(exim.complaints()), times)


class Preload(Fixture):
    @staticmethod
    def proc(pid, name):
        return pathlib.Path(f"/proc/{pid}/{name}")

    def test_the_daemon_loads_the_module(self):
        exim = self.daemon()
        pid = processes(exim)[0]
        before = open_files(pid)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
        servers.wait_until(lambda: open_files(pid) == before, "the daemon's descriptors")
        self.assertIn(MODULE_PATH, self.proc(pid, "maps").read_text())
        self.assertEqual(len(list(self.proc(pid, "task").iterdir())), 1)

    def test_without_it_the_sessions_do(self):
        exim = self.daemon(preload=False)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE), 250)
        self.assertNotIn(MODULE_PATH, self.proc(processes(exim)[0], "maps").read_text())

    def test_the_limit_still_counts(self):
        exim = self.daemon(macros="HELOVET_CONNECTIONS_PER_HOST = 1")
        with exim.client(GOOD_ADDRESS) as client:
            self.expect(client.command(f"EHLO {GOOD}"), 250)
            second = exim.client(GOOD_ADDRESS)
            self.assertEqual(second.greeting.code, 421)
            second.reset()


class Expansions(Fixture):
    def test_the_answer_is_tainted(self):
        exim = self.daemon(acls={
            "mail": f"accept\n  set acl_m_a = {ASK}\n"
                    "  logwrite = READ ${readfile{/scratch/${extract{helo_name}{$acl_m_a}}}}"})
        (exim.directory / GOOD).write_text("the secret")
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<>")
        self.assertIn("Tainted", exim.main_log())
        self.assertNotIn("the secret", exim.main_log())

    def test_values_survive_extract(self):
        exim = self.exim()
        answer = f"${{dlfunc{{{MODULE_PATH}}}{{helovet}}{{{STRANGER}}}{{{GOOD}}}{{config={CONFIG_PATH}}}}}"
        reply = exim.expand(f"${{extract{{reply}}{{{answer}}}}}")
        self.assertTrue(reply.startswith("550 " + REJECTED), reply)
        header = exim.expand(f"${{extract{{header}}{{{answer}}}}}")
        self.assertTrue(header.startswith("Authentication-Results: mx.example;\n x-helo=pass"), header)
        self.assertEqual(exim.expand(f"${{extract{{csa}}{{{answer}}}}}"), "fail")

    def test_csa_status(self):
        exim = self.exim()
        option = f"config={CONFIG_PATH}"
        for name, address, status in ((GOOD, GOOD_ADDRESS, "ok"), (GOOD, STRANGER, "fail"),
                                      (BAD, STRANGER, "fail"), (UNKNOWN, STRANGER, "unknown"),
                                      (SLOW, STRANGER, "defer"), ("", STRANGER, "unknown"),
                                      (GOOD, "", "unknown")):
            self.assertEqual(exim.call("helovet_csa", address, name, option), status, (name, address))

    def test_an_address_that_is_none_is_an_error(self):
        answer = self.exim().call("helovet", "192.0.2.300", GOOD)
        self.assertEqual(answer, "Failed: helovet: not an IP address: '192.0.2.300'")

    def test_wrong_options_are_written_to_the_log(self):
        """With -be, Exim's log is its standard error."""
        ask = f"${{dlfunc{{{MODULE_PATH}}}{{helovet}}{{{STRANGER}}}{{{GOOD}}}{{}}{{confg=x}}}}"
        done = self.exim().run(["-be", ask, ask])
        self.assertEqual(done.stdout.count("error=\"unknown option 'confg=x'\""), 2)
        self.assertEqual(done.stderr.count("helovet: unknown option 'confg=x'"), 1)

    def test_debugging_output_explains(self):
        exim = self.exim()
        answer = f"${{dlfunc{{{MODULE_PATH}}}{{helovet}}{{{STRANGER}}}{{{GOOD}}}{{config={CONFIG_PATH}}}}}"
        done = exim.run(["-d-all+expand", "-be", answer])
        self.assertRegex(done.stderr, rf"helovet: .*_client\._smtp\.{GOOD}")
        self.assertRegex(done.stderr, "helovet: .*address-mismatch")


class Played(Fixture):
    """exim -bh."""

    def session(self, exim, address, name):
        return exim.session(address, [
            f"EHLO {name}", "MAIL FROM:<a@sender.example>", "RCPT TO:<postbox@mx.example>", "QUIT"])

    def test_accept_and_reject(self):
        exim = self.exim()
        for address, reply in (
                (GOOD_ADDRESS, "250 Accepted"), (GOOD_ADDRESS_6, "250 Accepted"),
                (STRANGER, "550-5.7.1 192.0.2.99 is not accepted as good.example:\n"),
                ("2001:db8:0:0:0:0:0:2", "550-5.7.1 2001:db8::2 is not accepted as good.example:\n")):
            done = self.session(exim, address, GOOD)
            self.assertIn(reply, done.stdout, address)

    def test_hostile_names(self):
        """Names that Exim lets through when it is told to take any."""
        exim = self.daemon(main="helo_accept_junk_hosts = *")
        names = [b"a b", b"a|b", b'"; action=accept', b"${run{/bin/false}}", b"\x80\xff", b"a\x01b",
                 b"a" * 300, b"a" * 1900, b"..", b"a..b", b"[192.0.2.1", b"[IPv6:zz]", b"%s%n",
                 b"\\x41\\n", b"action=accept"]
        for name in names:
            with self.subTest(name=name), exim.client(STRANGER) as client:
                reply = client.command(b"EHLO " + name)
                if reply.code != 250:
                    self.assertIn(reply.code, (501, 500), reply)
                    continue
                client.command("MAIL FROM:<a@sender.example>")
                reply = client.command("RCPT TO:<postbox@mx.example>")
                if name == b"action=accept":
                    self.expect(reply, 550, "helo fail syntax")
                self.expect(reply, 550, "5.7.1 192.0.2.99 is not accepted ")
                text = joined(reply)
                self.assertLessEqual(len("550 " + text), 510)
                self.assertTrue(text.isprintable() and text.isascii(), reply)


if __name__ == "__main__":
    unittest.main()
