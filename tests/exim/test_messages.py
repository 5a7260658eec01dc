"""What Exim does with messages: marks, forged results, log lines, and what counts for which of them."""

import base64
import re
import time
import unittest

from exim_fixture import (
    BAD, CONFIG_PATH, GOOD, GOOD_ADDRESS, HELO, MARK, REFUSE, SLOW, STRANGER, Fixture, config_text,
    results, servers)

DEADLINE = 2.0  # Seconds, as config_text has it.

MESSAGE = "Subject: test\n\nbody\n"

# Fields that a message brings along, as they stand in it, and whether they may stay. The grammar is
# that of RFC 8601 §2.2 with the comments and folding of RFC 5322 §3.2.2; §5 says what goes.
FIELDS = [
    ("Authentication-Results: other.example; spf=pass smtp.mailfrom=a.example", True),
    ("Authentication-Results: mx.example; x-csv=pass", False),
    ("X-Between: these", True),
    ("authentication-results:mx.example;none", False),
    ("Authentication-Results: other.example 1;\n\tdkim=pass\n header.d=mx.example;\n  spf=pass", True),
    ("Authentication-Results:\n mx.example\n ;\n x-csv=pass", False),
    ("Authentication-Results: (not) \"mx.example\" (ours); x-csv=pass", False),
    ("Authentication-Results : MX.Example.; x-csv=pass", False),
    ("Authentication-Results: mx.example.net; spf=fail", True),
    ("Authentication-Results: spf=pass smtp.mailfrom=a.example", True),
    ("Authentication-Results: ; x-csv=pass", False),
    ("Authentication-Results: x-csv=pass mx.example", False),
    ("Authentication-Results: \"mx.example", False),
    ("Authentication-Results-Old: mx.example; x-csv=pass", True),
    ("ARC-Authentication-Results: i=1; mx.example; spf=pass", True),
    ("Authentication-Results: strange.example;   none  ", True),
]


class Marks(Fixture):
    def test_results_are_added_once(self):
        """However many recipients, RSETs and messages there are, and ACLs that ask."""
        exim = self.daemon(acls={"helo": HELO, "mail": REFUSE, "rcpt": REFUSE, "data": MARK})
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            for message in (1, 2):
                self.expect(client.command("MAIL FROM:<reset@sender.example>"), 250)
                self.expect(client.command("RCPT TO:<a@mx.example>"), 250)
                self.expect(client.command("RSET"), 250)
                self.expect(client.command(f"MAIL FROM:<{message}@sender.example>"), 250)
                for recipient in ("a", "b", "c"):
                    self.expect(client.command(f"RCPT TO:<{recipient}@mx.example>"), 250)
                self.expect(client.command("DATA"), 354)
                self.expect(client.command("Subject: x\r\n\r\nbody\r\n."), 250)
        delivered = exim.mail.wait_for(6)
        for message in delivered:
            self.assertEqual(len(results(message)), 1, message)
        self.assertEqual([line["mail_from"] for line in exim.verdicts()],
                         ["1@sender.example", "2@sender.example"])

    def test_no_results_of_a_message_before(self):
        """The second HELO name of a connection, and its message, are judged for themselves."""
        exim = self.daemon("observe")
        with exim.client(GOOD_ADDRESS) as client:
            for name, csa in ((GOOD, "pass"), (BAD, "fail"), (GOOD, "pass")):
                exim.mail.clear()
                client.command(f"EHLO {name}")
                self.expect(client.message(MESSAGE), 250)
                result, = results(exim.mail.wait_for(1)[0])
                self.assertIn(f"x-csa={csa} ", result)
                self.assertIn(f"smtp.helo={name}", result)

    def test_the_name_that_exim_gives_itself(self):
        """RFC 8601 §2.5: an authserv-id that nobody has set."""
        toml = config_text(self.dns, "observe").replace('authserv_id = "mx.example"', "")
        exim = self.daemon(toml=toml)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(f"{FIELDS[1][0]}\n{FIELDS[0][0]}\n{MESSAGE}"), 250)
        ours, other = results(exim.mail.wait_for(1)[0])
        self.assertTrue(ours.startswith("Authentication-Results: mx.example; x-helo="), ours)
        self.assertEqual(other, FIELDS[0][0])

    def test_our_own_name_is_a_forgery(self):
        """docs/rules.md §3: our_names that are not set."""
        exim = self.daemon("observe")
        with exim.client(STRANGER) as client:
            client.command("EHLO mx.example")
            self.expect(client.message(MESSAGE), 250)
        self.assertIn('x-helo=fail reason="forged-self"', results(exim.mail.wait_for(1)[0])[0])

    def test_the_acl_for_helo(self):
        exim = self.daemon(acls={"helo": HELO, "mail": "  accept\n    logwrite = GOT "
                                                       "${extract{csa}{$acl_c_helovet}}"})
        with exim.client(STRANGER) as client:
            for name in (GOOD, "unknown.example"):
                self.expect(client.command(f"EHLO {name}"), 250)
                self.expect(client.command("MAIL FROM:<>"), 250)
        self.assertEqual(re.findall("GOT (.*)", exim.main_log()), ["fail", "none"])

    def test_letters_beyond_ascii(self):
        """docs/rules.md §3; RFC 6531"""
        for macros, reason in (("", "syntax"), ("HELOVET_SMTPUTF8 = yes", "fqdn")):
            exim = self.daemon("observe", macros=macros, main="helo_accept_junk_hosts = *")
            with exim.client(STRANGER) as client:
                client.command("EHLO bücher.example".encode())
                self.expect(client.message(MESSAGE), 250)
            self.assertEqual(exim.verdicts()[0]["helo_reason"], reason)
        self.assertEqual(self.dns.count("_client._smtp.xn--bcher-kva.example", "SRV"), 1)


class ForgedResults(Fixture):
    def deliver(self, exim, fields, client=GOOD_ADDRESS, before=()):
        exim.mail.clear()
        with exim.client(client) as session:
            session.command(f"EHLO {GOOD}")
            for line in before:
                self.expect(session.command(line), 235)
            self.expect(session.message("\n".join(fields) + "\n" + MESSAGE), 250)
        return exim.mail.wait_for(1)[0].decode()

    def brought(self, delivered):
        """The fields below those that Exim and helovet put on top."""
        head = delivered.split("\n\n", 1)[0]
        fields = re.split(r"\n(?=\S)", head)
        received, = (n for n, field in enumerate(fields) if field.startswith("Received:"))
        return fields[received + 1:]

    def test_ours_go_and_others_stay_as_they_are(self):
        exim = self.daemon()
        delivered = self.deliver(exim, [field for field, _ in FIELDS])
        self.assertEqual(self.brought(delivered),
                         [field for field, stays in FIELDS if stays] + ["Subject: test"])
        forged = sum(not stays for _, stays in FIELDS)
        self.assertEqual(exim.verdicts()[0]["forged_results"], str(forged))

    def test_messages_without_forgeries_stay_as_they_are(self):
        exim = self.daemon()
        fields = [field for field, stays in FIELDS if stays]
        self.assertEqual(self.brought(self.deliver(exim, fields)), fields + ["Subject: test"])
        self.assertNotIn("forged_results", exim.verdicts()[0])

    def test_behind_more_than_a_variable_of_exim_holds(self):
        exim = self.daemon()
        long = "Authentication-Results: other.example;" + "\n\tspf=pass smtp.mailfrom=a.example;" * 3000
        self.assertGreater(len(long), 64 * 1024)
        for field in (long, "Authentication-Results: other.example; a\0b"):
            kept = self.brought(self.deliver(exim, [field, FIELDS[1][0]]))
            self.assertEqual(len(kept), 2, kept)
            self.assertNotIn("x-csv=pass", "".join(kept))
        self.assertEqual([line["forged_results"] for line in exim.verdicts()], ["1", "1"])

    def test_in_chunks(self):
        """RFC 3030: a message without DATA."""
        exim = self.daemon()
        message = f"{FIELDS[0][0]}\r\n{FIELDS[1][0]}\r\nSubject: test\r\n\r\nbody\r\n"
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<a@sender.example>")
            client.command("RCPT TO:<postbox@mx.example>")
            client.send(f"BDAT {len(message)} LAST\r\n{message}")
            self.expect(client.read_reply(), 250)
        delivered = exim.mail.wait_for(1)[0].decode()
        self.assertEqual(self.brought(delivered), [FIELDS[0][0], "Subject: test"])
        self.assertEqual(len(results(delivered.encode())), 2)

    def test_hosts_and_users_of_ours_may_bring_them(self):
        """They may be what another host of ours has found out."""
        ours = FIELDS[1][0]
        secret = base64.b64encode(b"\0user\0secret").decode()
        exempt = config_text(self.dns) + '[exempt]\nnetworks = ["192.0.2.99"]\n'
        for macros, toml, before in (
                ("HELOVET_OWN_HOSTS = : 192.0.2.99", None, ()), ("", exempt, ()),
                ("", None, (f"AUTH PLAIN {secret}",))):
            with self.subTest(macros=macros, toml=toml, before=before):
                exim = self.daemon(macros=macros, toml=toml)
                delivered = self.deliver(exim, [ours], STRANGER, before)
                self.assertEqual(results(delivered.encode()), [ours])

    def test_all_go_while_nobody_knows_which_are_ours(self):
        """docs/rules.md §10: mail goes on without a configuration."""
        exim = self.daemon(toml='profile = "lax"\n')
        delivered = self.deliver(exim, [field for field, _ in FIELDS], STRANGER)
        self.assertEqual(self.brought(delivered), [
            "X-Between: these", "Authentication-Results-Old: mx.example; x-csv=pass",
            "ARC-Authentication-Results: i=1; mx.example; spf=pass", "Subject: test"])
        self.assertEqual(results(delivered.encode()), [])


class Log(Fixture):
    def test_says_what_other_profiles_would_have_done(self):
        exim = self.daemon("observe")
        for client, name, trust, standard, strict in (
                (GOOD_ADDRESS, GOOD, "unknown", "tag", "reject"),
                (STRANGER, GOOD, "low", "reject", "reject")):
            with exim.client(client) as session:
                session.command(f"EHLO {name}")
                self.expect(session.message(MESSAGE), 250)
            line = exim.verdicts()[-1]
            self.assertEqual(
                [line[key] for key in ("action", "trust", "profile", "standard", "strict", "ip")],
                ["tag", trust, "observe", standard, strict, client])
        self.assertEqual(len(exim.verdicts()), 2)

    def test_has_a_line_for_each_refusal_and_none_beside(self):
        exim = self.daemon()
        with exim.client(STRANGER) as client:
            client.command(f"EHLO {GOOD}")
            client.command("MAIL FROM:<a@sender.example>")
            for recipient in ("a", "b"):
                self.expect(client.command(f"RCPT TO:<{recipient}@mx.example>"), 550)
        self.assertEqual([(line["action"], line["recipient"]) for line in exim.verdicts()],
                         [("reject", "a@mx.example"), ("reject", "b@mx.example")])

    def test_hostile_names_stay_within_their_value(self):
        names = [b"a b", b'"; action=accept', b'x" action=accept y="', b"${run{/bin/false}}", b"%s%n",
                 b"\x80\xff", b"a\x01b", b"a\tb", b"\\x41\\n", b"a" * 1900, b"x action=accept"]
        for profile, code in (("observe", 250), ("standard", 550)):
            exim = self.daemon(profile, main="helo_accept_junk_hosts = *")
            seen = 0
            for name in names:
                with self.subTest(profile=profile, name=name), exim.client(STRANGER) as client:
                    if client.command(b"EHLO " + name).code != 250:
                        continue
                    sender = '"x\\" action=accept y=\\""@sender.example'
                    self.expect(client.message(MESSAGE, sender=sender), code)
                    seen += 1
                    # Each parses into its keys, each key once.
                    line = exim.verdicts()[-1]
                    self.assertEqual(line["action"], "tag" if code == 250 else "reject", name)
                    self.assertEqual((line["ip"], line["helo"]), (STRANGER, "fail"), name)
            self.assertGreater(seen, 5)
            # What comes before is Exim's own.
            lines = re.findall(rb"helovet: (.*)", (exim.directory / "logs/mainlog").read_bytes())
            self.assertEqual(len(lines), seen)
            for line in lines:
                self.assertRegex(line, rb"^[ -~]{1,960}$")


class Messages(Fixture):
    def rcpt(self, exim, client, sender, name=GOOD):
        with exim.client(client) as session:
            session.command(f"EHLO {name}")
            self.expect(session.command(f"MAIL FROM:<{sender}>"), 250)
            return session.command("RCPT TO:<postbox@mx.example>")

    def test_any_sender(self):
        """RFC 5321 §4.1.2: a local part may have anything, in quotes."""
        toml = config_text(self.dns, "observe") + '[lists]\ndeny = ["@denied.example"]\n'
        exim = self.daemon("observe", toml=toml, macros="HELOVET_PROFILE = standard")
        for sender, code in (
                ("", 250), ("a@b.example", 250), ("profile=observe@denied.example", 550),
                ('"a b"@denied.example', 550), ('"config=/x y"@denied.example', 550),
                ('"@b.example"@denied.example', 550), ('"a@denied.example"@b.example', 250),
                ('"\\"x\\\\"@denied.example', 550), ("a@DENIED.example", 550),
                ("authenticated=yes@denied.example", 550), ("a@sub.denied.example", 250),
                ('"}{profile=observe}"@denied.example', 550), ('"$h_x:\\${env{x}}"@denied.example', 550)):
            reply = self.rcpt(exim, GOOD_ADDRESS, sender)
            self.assertEqual(reply.code, code, (sender, reply))
        self.assertEqual(exim.complaints(), [])

    def test_messages_of_a_session_are_judged_by_their_senders(self):
        toml = config_text(self.dns) + '[lists]\ndeny = ["@denied.example"]\n'
        exim = self.daemon(toml=toml)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            for sender, code in (("a@b.example", 250), ("a@denied.example", 550), ("", 250),
                                 ("a@denied.example", 550), ("c@d.example", 250)):
                self.expect(client.message(MESSAGE, sender=sender), code)
                client.command("RSET")
        self.assertEqual(self.dns.count(f"_client._smtp.{GOOD}", "SRV"), 1)

    def test_a_sender_who_is_denied_spares_no_other_message_its_checks(self):
        toml = config_text(self.dns) + '[lists]\ndeny = ["@denied.example"]\n'
        exim = self.daemon(toml=toml)
        with exim.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
            self.expect(client.message(MESSAGE, sender="a@denied.example"), 550)
            self.assertEqual(self.dns.questions, [])
            client.command("RSET")
            self.expect(client.message(MESSAGE, sender="a@b.example"), 250)
        self.assertIn("x-csa=pass", results(exim.mail.wait_for(1)[0])[0])

    def test_a_session_pays_the_deadline_once(self):
        """docs/rules.md §8: whoever sends, in each ACL, for each recipient."""
        toml = config_text(self.dns, "strict") + '[lists]\nallow = ["@listed.example"]\n'
        for acls in ({"rcpt": REFUSE, "data": MARK},
                     {"helo": HELO, "mail": REFUSE, "rcpt": REFUSE, "data": MARK}):
            before = self.dns.count(f"_client._smtp.{SLOW}", "SRV")
            exim = self.daemon(toml=toml, acls=acls)
            with exim.client(STRANGER) as client:
                begun = time.monotonic()
                client.command(f"EHLO {SLOW}")
                for sender in ("a@listed.example", "b@listed.example", "", "c@other.example"):
                    client.command(f"MAIL FROM:<{sender}>")
                    for recipient in ("a@mx.example", "b@mx.example"):
                        self.expect(client.command(f"RCPT TO:<{recipient}>"),
                                    503 if "mail" in acls else 451)
                    client.command("RSET")
                self.assertLess(time.monotonic() - begun, 2 * DEADLINE)
            asked = self.dns.count(f"_client._smtp.{SLOW}", "SRV") - before
            self.assertLessEqual(asked, 3, "the tries of one question")

    def test_custom_profile(self):
        """docs/rules.md §10"""
        custom = '[custom]\nlow = "defer"\nunknown = "defer"\nhigh = "accept"\n'
        allow = f'[lists]\nallow = ["{GOOD}"]\n'
        exim = self.daemon(toml=config_text(self.dns, "custom") + custom + allow)
        for client, code in ((GOOD_ADDRESS, 250), (STRANGER, 451)):
            self.assertEqual(self.rcpt(exim, client, "a@b.example").code, code)
        # And as a profile of its own beside another.
        exim = self.daemon("observe", macros="HELOVET_PROFILE = custom")
        self.assertEqual(self.rcpt(exim, STRANGER, "a@b.example").code, 550)

    def test_overrides(self):
        """docs/rules.md §10: they change the action and not the trust."""
        for profile, overrides, client, code, action in (
                ("standard", "csa.fail = 'ignore'", STRANGER, 250, "tag"),
                ("standard", "csa.fail = 'tag'", STRANGER, 550, "reject"),
                ("standard", "csa.none = 'defer'", GOOD_ADDRESS, 451, "defer"),
                ("standard", "csa.none = 'reject'", GOOD_ADDRESS, 550, "reject")):
            name = GOOD if client == STRANGER else "unknown.example"
            more = f"overrides = {{ {overrides} }}"
            exim = self.daemon(toml=config_text(self.dns, profile, more))
            reply = self.rcpt(exim, client, "a@b.example", name)
            self.assertEqual(reply.code, code, (overrides, reply))
            if code != 250:
                self.assertEqual(exim.verdicts()[-1]["action"], action, overrides)

    def test_a_profile_that_is_none_stops_no_mail(self):
        exim = self.daemon(macros="HELOVET_PROFILE = lax")
        self.assertEqual(self.rcpt(exim, STRANGER, "a@b.example").code, 250)
        complaint, = exim.complaints()
        self.assertEqual(complaint, "helovet: option 'profile=lax' must be observe, standard, strict or "
                                    "custom")


if __name__ == "__main__":
    unittest.main()
