"""The command helovet, run as a user would, against zone files."""

import json
import os
import socket
import subprocess
import time
import unittest

from command import DEFAULTS, EXAMPLE, HELOVET, REVERSE, Case, WithFiles, helovet, is_plain, session


class Verdicts(WithFiles):
    # IP, HELO, then what is expected: trust, deciding check and reason, csa's result and reason.
    CASES = [
        ("192.0.2.1", "mail.example", "unknown", "local-list", "not-listed", "pass", "authorized"),
        ("192.0.2.1", "MAIL.Example.", "unknown", "local-list", "not-listed", "pass", "authorized"),
        ("2001:db8::1", "mail.example", "unknown", "local-list", "not-listed", "pass", "authorized"),
        ("::ffff:192.0.2.1", "mail.example", "unknown", "local-list", "not-listed", "pass", "authorized"),
        ("192.0.2.9", "mail.example", "low", "csa", "address-mismatch", "fail",
         "address-mismatch"),
        ("192.0.2.2", "silent.example", "low", "csa", "not-authorized", "fail", "not-authorized"),
        ("192.0.2.3", "plain.example", "unknown", "csa", "no-record", "none", "no-record"),
        ("192.0.2.3", "nowhere.test", "unknown", "csa", "dns", "temperror", "dns"),
    ]

    def test_cases(self):
        for ip, helo, trust, check, reason, csa_result, csa_reason in self.CASES:
            with self.subTest(ip=ip, helo=helo):
                got = self.verdict(ip, helo)
                self.assertEqual(got["trust"], trust)
                self.assertEqual(got["decided_by"], {"check": check, "reason": reason})
                csa = got["checks"]["csa"]
                self.assertEqual((csa["result"], csa["reason"]), (csa_result, csa_reason))

    def test_schema(self):
        got = self.verdict("192.0.2.9", "mail.example", "--mail-from", "a@example.org")
        self.assertEqual(
            list(got), ["ip", "helo", "mail_from", "recipient", "trust", "action", "decided_by",
                        "authenticated", "name_proof", "skip_address_blocklists", "would",
                        "checks", "reply", "header"])
        self.assertEqual(got["ip"], "192.0.2.9")
        self.assertEqual(got["helo"], "mail.example")
        self.assertEqual(list(got["decided_by"]), ["check", "reason"])
        self.assertEqual(list(got["checks"]), ["helo", "csa", "forward", "iprev", "reverse-match",
                                               "well-known", "local-list", "spf-helo", "spf"])
        for name, check in got["checks"].items():
            with self.subTest(check=name):
                self.assertEqual(check.pop("identity", None), "mail-from" if name == "spf" else None)
                self.assertEqual(list(check), ["result", "reason", "evidence"])
                for item in check["evidence"]:
                    self.assertEqual(list(item), ["owner", "type", "outcome", "ttl", "ad", "text"])
        self.assertEqual(got["checks"]["csa"]["evidence"][0], {
            "owner": "_client._smtp.mail.example", "type": "SRV", "outcome": "ok", "ttl": 3600,
            "ad": False, "text": "1 2 0 mail.example"})
        self.assertTrue(got["header"].startswith("Authentication-Results: "), got["header"])

    def test_explain_adds_exchanges_and_rules(self):
        got = self.verdict("192.0.2.1", "mail.example", command="explain")
        self.assertEqual(got["checks"]["csa"]["source"][:6], "CSA-02")
        asked = [(query["name"], query["type"]) for query in got["exchanges"]]
        self.assertIn(("_client._smtp.mail.example", "SRV"), asked)
        self.assertIn(("1.2.0.192.in-addr.arpa", "PTR"), asked)
        for query in got["exchanges"]:
            self.assertIn(query["server"], (EXAMPLE, REVERSE))

    def test_exempt(self):
        got = self.verdict("127.0.0.1", "mail.example", command="explain")
        self.assertEqual((got["trust"], got["action"]), ("unknown", "accept"))
        self.assertEqual((got["decided_by"]["check"], got["decided_by"]["reason"]),
                         ("exempt", "network"))
        self.assertEqual((got["checks"], got["exchanges"]), ({}, []))

    def test_profiles(self):
        for profile, action, reply in (("observe", "tag", ""), ("standard", "reject", "550 5.7.1 "),
                                       ("strict", "reject", "550 5.7.1 ")):
            with self.subTest(profile=profile):
                config = self.write("helovet.toml", f'profile = "{profile}"\n')
                got = self.verdict("192.0.2.9", "mail.example", config=config)
                self.assertEqual(got["action"], action)
                self.assertEqual(got["reply"][:10], reply)

    def test_high_trust(self):
        config = self.write("helovet.toml",
                            'profile = "strict"\nlists.allow = ["mail.example"]\n')
        got = self.verdict("192.0.2.1", "mail.example", config=config, command="explain")
        self.assertEqual((got["trust"], got["action"], got["authenticated"], got["reply"]),
                         ("high", "accept", True, ""))


class Sessions(WithFiles):
    """Options that say more of the session."""

    def test_recipient_can_choose_another_profile(self):
        config = self.write("helovet.toml",
                            'profile = "observe"\n[alternate]\ndomains = ["strict.example"]\n'
                            'profile = "strict"\n')
        for rcpt, action in (("a@strict.example", "reject"), ("<a@STRICT.example>", "reject"),
                             ("a@example", "tag"), ("postmaster", "tag")):
            with self.subTest(rcpt=rcpt):
                got = self.verdict("192.0.2.9", "mail.example", "--rcpt", rcpt, config=config)
                self.assertEqual((got["action"], got["recipient"]), (action, rcpt.strip("<>")))

    def test_sender(self):
        config = self.write("helovet.toml", 'profile = "standard"\nlists.deny = ["@bad.example"]\n')
        for arguments, sender, action in (([], None, "tag"),
                                          (["--mail-from", "<>"], "", "tag"),
                                          (["--mail-from", "<a@bad.example>"], "a@bad.example",
                                           "reject")):
            with self.subTest(arguments=arguments):
                got = self.verdict("192.0.2.1", "mail.example", *arguments, config=config)
                self.assertEqual((got["mail_from"], got["action"]), (sender, action))

    def test_authenticated(self):
        got = self.verdict("192.0.2.9", "mail.example", "--authenticated")
        self.assertEqual((got["decided_by"], got["checks"]),
                         ({"check": "exempt", "reason": "authenticated-session"}, {}))

    def test_smtputf8(self):
        name = "b\u00fccher.example"
        got = self.verdict("192.0.2.1", name)
        self.assertEqual(got["checks"]["helo"]["reason"], "syntax")
        got = self.verdict("192.0.2.1", name, "--smtputf8", command="explain")
        self.assertEqual(got["checks"]["helo"]["reason"], "fqdn")
        asked = [query["name"] for query in got["exchanges"]]
        self.assertIn("_client._smtp.xn--bcher-kva.example", asked)

    def test_server_name_is_our_own(self):
        arguments = ("192.0.2.9", "plain.example")
        self.assertEqual(self.verdict(*arguments)["checks"]["helo"]["reason"], "fqdn")
        got = self.verdict(*arguments, "--server-name", "Plain.Example")
        self.assertEqual(got["decided_by"], {"check": "helo", "reason": "forged-self"})
        self.assertTrue(got["header"].startswith("Authentication-Results: Plain.Example;"),
                        got["header"])

    def test_host_name_is_our_own(self):
        host = socket.gethostname()
        if host.startswith("localhost"):
            self.skipTest("the host has no name")
        for helo in (host, host.upper() + "."):
            with self.subTest(helo=helo):
                got = self.verdict("192.0.2.9", helo)
                self.assertEqual(got["checks"]["helo"]["reason"], "forged-self")
        nobody = self.write("helovet.toml", "our_names = []\n")
        got = self.verdict("192.0.2.9", host, config=nobody)
        self.assertNotEqual(got["checks"]["helo"]["reason"], "forged-self")


class Lists(WithFiles):
    def test_file(self):
        listed = self.write("deny", "mail.example  # a comment\n")
        config = self.write("helovet.toml", f'lists.deny = ["{listed}"]\n')
        got = self.verdict("192.0.2.1", "mail.example", config=config)
        self.assertEqual(got["decided_by"], {"check": "local-list", "reason": "listed"})

    def test_wrong_file(self):
        """The server would go on with former entries, but the command has none."""
        missing = str(self.directory / "missing")
        wrong = self.write("wrong", "mail.example\nnot/a/name\x1b\n")
        config = self.write("helovet.toml",
                            f'lists.allow = ["{missing}"]\nlists.deny = ["{wrong}"]\n')
        for command in ("check", "explain"):
            with self.subTest(command=command):
                result = session(command, "192.0.2.1", "mail.example", config=config)
                self.assertEqual((result.returncode, result.stdout), (2, b""), result)
                self.assertTrue(is_plain(result.stderr), result.stderr)
                lines = sorted(result.stderr.decode().splitlines())
                self.assertEqual(len(lines), 2, lines)
                self.assertTrue(lines[0].startswith(f"helovet: {missing}: "), lines)
                self.assertTrue(lines[1].startswith(f"helovet: {wrong}:2:"), lines)


def dsar(role, application, name, *arguments):
    return helovet("dsar", "--role", role, "--application", application, name, "--zone", EXAMPLE,
                   "--config", DEFAULTS, *arguments)


class Registrations(WithFiles):
    """DSAR-00 §3.2.1, docs/rules.md §4.7."""

    # Role, application, name, then result, reason and source.
    CASES = [
        ("client", "smtp", "old.example", "pass", "authorized", "DSAR-00 \u00a73.3.1"),
        ("_client", "_smtp", "OLD.Example.", "pass", "authorized", "DSAR-00 \u00a73.3.1"),
        ("CLIENT", "_SMTP", "old.example", "pass", "authorized", "DSAR-00 \u00a73.3.1"),
        ("server", "ldap", "old.example", "fail", "prohibited", "DSAR-00 \u00a73.3.1"),
        ("server", "smtp", "old.example", "none", "no-record", "DSAR-00 \u00a73.2.1"),
        ("client", "smtp", "mail.example", "permerror", "malformed", "DSAR-00 \u00a73.3.1"),
        ("client", "smtp", "nowhere.test", "temperror", "dns", "RFC 1035"),
        ("client", "smtp", ".".join(["a" * 60] * 4), "permerror", "name-too-long", "RFC 1035"),
    ]

    def test_cases(self):
        for role, application, name, result, reason, source in self.CASES:
            with self.subTest(role=role, application=application, name=name):
                ran = dsar(role, application, name, "--json")
                self.assert_answered(ran)
                self.assertTrue(is_plain(ran.stdout), ran.stdout)
                got = json.loads(ran.stdout)
                self.assertEqual((got["result"], got["reason"]), (result, reason))
                self.assertTrue(got["source"].startswith(source), got["source"])

    def test_schema(self):
        ran = dsar("_Client", "smtp", "Old.Example.", "--json")
        self.assert_answered(ran)
        self.assertEqual(json.loads(ran.stdout), {
            "role": "client", "application": "smtp", "name": "old.example",
            "result": "pass", "reason": "authorized",
            "meaning": "the domain authorizes the name for the service",
            "source": "DSAR-00 \u00a73.3.1",
            "evidence": [{"owner": "_client._smtp.old.example", "type": "SRV", "outcome": "ok",
                          "ttl": 3600, "ad": False, "text": "1 0 0 old.example"}]})

    def test_text(self):
        ran = dsar("server", "ldap", "old.example")
        self.assert_answered(ran)
        self.assertEqual(ran.stdout.decode().splitlines(), [
            "old.example, role server, application ldap: fail, prohibited",
            "  the domain prohibits the name from the service",
            "  DSAR-00 \u00a73.3.1",
            "  _server._ldap.old.example SRV 2 0 0 old.example, TTL 3600"])

    def test_wrong_arguments(self):
        for label in ("", "_", "__client", "cli.ent", "client smtp", "-client", "cl\u00efent",
                      "a" * 63, "a\x1b"):
            with self.subTest(label=label):
                self.assert_refused(dsar(label, "smtp", "old.example"), "--role: ")
                self.assert_refused(dsar("client", label, "old.example"), "--application: ")
        for name in ("", ".", "..", "a..example", "old example", "\u00e4.example", "a" * 64,
                     ".".join(["a" * 60] * 5), "[192.0.2.1]", "x\x1b[2J"):
            with self.subTest(name=name):
                self.assert_refused(dsar("client", "smtp", name), "NAME: ")
        for arguments, message in (([], "required"),
                                   (["--application", "smtp", "old.example"], "--role"),
                                   (["--role", "client", "old.example"], "--application"),
                                   (["--role", "client", "--application", "smtp"], "name"),
                                   (["--role", "client", "--application", "smtp", "a", "b"], "b")):
            with self.subTest(arguments=arguments):
                self.assert_refused(helovet("dsar", *arguments), message)

    def test_wrong_files(self):
        missing = str(self.directory / "missing")
        self.assert_refused(dsar("client", "smtp", "a.example", "--zone", missing), missing)
        result = helovet("dsar", "--role", "client", "--application", "smtp", "a.example",
                         "--config", missing)
        self.assert_refused(result, missing)
        self.assert_refused(dsar("client", "smtp", "a.example", "--dns", "x"), "--dns: ")


class Texts(WithFiles):
    def test_check(self):
        config = self.write("helovet.toml", 'profile = "standard"\nauthserv_id = "mx.example.net"\n')
        result = session("check", "192.0.2.9", "mail.example", config=config)
        self.assert_answered(result)
        lines = result.stdout.decode("ascii").splitlines()
        self.assertEqual(lines[:10], [
            "192.0.2.9, HELO mail.example: reject, trust low, decided by csa",
            "  helo          pass       fqdn",
            "  csa           fail       address-mismatch",
            "  forward       neutral    not-matched",
            "  iprev         permerror  no-ptr",
            "  reverse-match neutral    not-matched",
            "  well-known    none       not-listed",
            "  local-list    none       not-listed",
            "  spf-helo      none       no-record",
            "Because: the client's address is not among the targets'"])
        self.assertTrue(lines[10].startswith("Reply: 550 5.7.1 "), lines[10])
        self.assertEqual(lines[11], "Authentication-Results: mx.example.net;")

    def test_check_names_the_authority(self):
        config = self.write("helovet.toml", 'dna.trusted = ["judge.example"]\n')
        result = session("check", "192.0.2.1", "mail.example", config=config)
        self.assert_answered(result)
        self.assertIn(b"  dna           pass       recommended, by judge.example\n", result.stdout)

    def test_explain(self):
        result = session("explain", "192.0.2.1", "mail.example")
        self.assert_answered(result)
        for words in ("_client._smtp.mail.example SRV", "SRV 1 2 0 mail.example", "TTL 3600", "AD",
                      "CSA-02", "decided by"):
            self.assertIn(words, result.stdout.decode())

    def test_without_name(self):
        result = session("check", "192.0.2.1", "")
        self.assert_answered(result)
        self.assertTrue(result.stdout.startswith(
            b"192.0.2.1, HELO no name: tag, trust low, decided by helo\n"), result.stdout)


class BadNames(Case):
    # HELO, the check helo's result and reason for the client 192.0.2.1.
    CASES = [
        (b"", "fail", "missing"),
        (b"mail example", "fail", "syntax"),
        (b"mail|example", "fail", "syntax"),
        (b"mail\x01\x1b[2J.example", "fail", "syntax"),
        (b"mail\r\nX-Header: forged", "fail", "syntax"),
        (b"m\xc3\xa4il.example", "fail", "syntax"),
        (b"\xff\xfe.example", "fail", "syntax"),
        (b"${run{/bin/sh}}", "fail", "syntax"),
        (b"'\"`$(id)\\", "fail", "syntax"),
        (b"--json", "fail", "syntax"),
        (b"-", "fail", "syntax"),
        (b".", "fail", "syntax"),
        (b"a" * 300, "fail", "syntax"),
        (b".".join([b"a" * 60] * 5), "fail", "syntax"),
        (b"a" * 100000, "fail", "syntax"),
        (b"[192.0.2.1]", "pass", "literal-match"),
        (b"[192.0.2.9]", "fail", "literal-mismatch"),
        (b"[IPv6:2001:db8::1]", "fail", "literal-mismatch"),
        (b"192.0.2.1", "fail", "bare-ip"),
        (b"2001:db8::1", "fail", "bare-ip"),
        (b"localhost", "fail", "localhost"),
        (b"mail", "neutral", "not-fqdn"),
    ]

    def test_cases(self):
        for helo, result, reason in self.CASES:
            with self.subTest(helo=helo[:40]):
                got = self.verdict("192.0.2.1", helo)
                self.assertEqual(
                    (got["checks"]["helo"]["result"], got["checks"]["helo"]["reason"]),
                    (result, reason))
                self.assertEqual(got["helo"], helo.decode("utf-8", "replace"))

    def test_literal_of_ipv6(self):
        got = self.verdict("2001:db8::1", "[IPv6:2001:DB8:0::1]")
        self.assertEqual(got["checks"]["helo"]["reason"], "literal-match")

    def test_texts_are_escaped(self):
        for command in ("check", "explain"):
            for helo, _, _ in self.CASES:
                with self.subTest(command=command, helo=helo[:40]):
                    result = session(command, "192.0.2.1", helo)
                    self.assert_answered(result)
                    # Our own texts cite sections with a sign beyond ASCII.
                    output = result.stdout.replace("§".encode(), b"")
                    self.assertTrue(is_plain(output), result.stdout)
                    self.assertNotIn(b"\nX-Header", output)

    def test_equals_form(self):
        result = helovet("check", "--ip=192.0.2.1", "--helo=", "--mail-from=", "--zone", EXAMPLE,
                         "--json", "--config", DEFAULTS)
        self.assert_answered(result)
        self.assertEqual(json.loads(result.stdout)["decided_by"]["reason"], "missing")
        result = helovet("check", "--ip=192.0.2.1", "--helo=-x=y", "--zone", EXAMPLE, "--json",
                         "--config", DEFAULTS)
        self.assert_answered(result)
        self.assertEqual(json.loads(result.stdout)["helo"], "-x=y")


class Usage(WithFiles):
    def test_help_and_version(self):
        for arguments, words in ((["--help"], b"explain"), (["check", "--help"], b"--mail-from"),
                                 (["explain", "--help"], b"--zone"), (["dsar", "--help"], b"--role"),
                                 (["--version"], b"helovet ")):
            with self.subTest(arguments=arguments):
                result = helovet(*arguments)
                self.assert_answered(result)
                self.assertIn(words, result.stdout)

    def test_wrong_arguments(self):
        cases = [
            (["frobnicate"], "frobnicate"),
            (["check"], "--ip is required"),
            (["check", "--ip", "192.0.2.1"], "--helo is required"),
            (["check", "--helo", "a.example"], "--ip is required"),
            (["check", "--ip", "192.0.2.1", "--helo"], "--helo"),
            (["check", "--ip", "192.0.2.1", "--helo", "a", "--helo", "b"], "--helo"),
            (["check", "--ip", "192.0.2.1", "--helo", "a", "stray\x1b\xff"], "stray\\x1b"),
            (["check", "--ip", "192.0.2.1", "--helo", "a", "--colour"], "--colour"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                self.assert_refused(helovet(*arguments), message)

    def test_wrong_addresses(self):
        for ip in ("", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/32", "[192.0.2.1]",
                   "2001:db8::1%lo", " 192.0.2.1", "mail.example", "1" * 5000, "1\n2"):
            with self.subTest(ip=ip[:40]):
                self.assert_refused(session("check", ip, "mail.example"), "--ip: ")

    def test_wrong_dns(self):
        for server in ("", "ns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "[::1]"):
            with self.subTest(server=server):
                self.assert_refused(
                    session("check", "192.0.2.1", "mail.example", "--dns", server), "--dns: ")

    def test_zone_takes_one_file(self):
        result = helovet("check", "--ip", "192.0.2.1", "--helo", "a", "--zone", EXAMPLE, REVERSE)
        self.assert_refused(result, REVERSE)

    def test_wrong_zones(self):
        broken = self.write("broken.zone", "$ORIGIN example.\n@ 1 SOA a b 1 1 1 1 1\nx 1 A 1.2.3\n")
        missing = str(self.directory / "missing.zone")
        for path, message in ((broken, f"{broken}:3:"), (missing, f"{missing}: "),
                              (str(self.directory), str(self.directory)), ("", ": ")):
            with self.subTest(path=path):
                self.assert_refused(
                    session("check", "192.0.2.1", "mail.example", "--zone", path), message)

    def test_wrong_config(self):
        config = self.write("helovet.toml", "\n[dns]\nserver = []\n")
        self.assert_refused(
            session("check", "192.0.2.1", "mail.example", config=config),
            f'helovet: {config}:3:1: unknown setting "dns.server"; did you mean dns.servers?')
        odd = self.write("a\\\u00e4.toml", "x = 1")
        self.assert_refused(session("check", "192.0.2.1", "a", config=odd), "a\\\\xc3\\xa4.toml:1:1: ")
        missing = str(self.directory / "missing.toml")
        self.assert_refused(session("check", "192.0.2.1", "mail.example", config=missing),
                            f"helovet: {missing}: cannot be read: ")
        self.assert_refused(session("check", "192.0.2.1", "a", config="/"), "/: is a directory")

    def test_mail_paths(self):
        good = ["", "<>", "a@b", "<a@b.example>", "a.b+c@b.example", '"a b"@b.example',
                '"a\\"@"@b.example', "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]",
                "@one.example,@two.example:a@b.example", "jos\xe9@b.example"]
        bad = ["a", "@", "a@", "@b", "a@b@c", "<a@b", "a@b>", "a b@c", ".a@b", "a.@b", "a..b@c",
               "a@b..c", "a@.b", "a@[192.0.2]", "a@[x]", '"a@b', '"a"b@c', "a@b\n", "a\x01@b",
               "a" * 65 + "@b", "a@" + "b." * 130 + "b", "@one.example:", "@one.example,a@b",
               "@one.example", "postmaster"]
        for path in good:
            with self.subTest(path=path):
                self.assert_answered(session("check", "192.0.2.1", "a.example", "--mail-from", path))
        for path in bad:
            with self.subTest(path=path):
                self.assert_refused(
                    session("check", "192.0.2.1", "a.example", "--mail-from", path), "--mail-from")

    def test_recipients(self):
        for path in ("a@b.example", "<a@b.example>", "Postmaster", "<postmaster>"):
            with self.subTest(path=path):
                self.assert_answered(session("check", "192.0.2.1", "a.example", "--rcpt", path))
        for path in ("", "<>", "a", "a b@c"):
            with self.subTest(path=path):
                self.assert_refused(
                    session("check", "192.0.2.1", "a.example", "--rcpt", path), "--rcpt")


class Dns(WithFiles):
    def test_asks_the_named_server(self):
        """A server that nobody is: the answer is temperror, in time, and still a verdict."""
        config = self.write("helovet.toml",
                            'deadline = "500ms"\n[dns]\nquery_timeout = "200ms"\n')
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            port = silent.getsockname()[1]
            result = helovet("check", "--ip", "192.0.2.1", "--helo", "mail.example", "--json",
                             "--config", config, "--dns", f"127.0.0.1:{port}")
            self.assert_answered(result)
            csa = json.loads(result.stdout)["checks"]["csa"]
            self.assertEqual((csa["result"], csa["reason"]), ("temperror", "dns"))
            silent.settimeout(1)
            self.assertGreater(len(silent.recv(4096)), 12)

    def test_registration_ends_with_the_deadline(self):
        config = self.write("helovet.toml",
                            'deadline = "300ms"\n[dns]\nquery_timeout = "300ms"\n')
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            began = time.monotonic()
            result = helovet("dsar", "--role", "client", "--application", "smtp", "mail.example",
                             "--json", "--config", config, "--dns",
                             f"127.0.0.1:{silent.getsockname()[1]}")
            self.assert_answered(result)
            self.assertLess(time.monotonic() - began, 3)
            got = json.loads(result.stdout)
            self.assertEqual((got["result"], got["reason"], got["evidence"][0]["outcome"]),
                             ("temperror", "dns", "timeout"))


class Output(Case):
    ARGUMENTS = [HELOVET, "check", "--ip", "192.0.2.1", "--helo", "mail.example", "--zone", EXAMPLE,
                 "--config", DEFAULTS]

    def assert_cannot_write(self, arguments, stdout):
        result = subprocess.run(arguments, stdout=stdout, stderr=subprocess.PIPE, timeout=30,
                                check=False)
        self.assertEqual(result.returncode, 1, result)
        self.assertTrue(result.stderr.startswith(b"helovet: cannot write: "), result.stderr)

    def test_full_disk(self):
        for arguments in (self.ARGUMENTS, [HELOVET, "--help"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                self.assert_cannot_write(arguments, full)

    def test_closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            self.assert_cannot_write(self.ARGUMENTS, writer)
        finally:
            os.close(writer)

    def test_closed_from_the_start(self):
        command = ["sh", "-c", 'exec "$0" "$@" >&-', *self.ARGUMENTS]
        self.assert_cannot_write(command, subprocess.DEVNULL)


if __name__ == "__main__":
    unittest.main()
