"""`helovet publish`: what it prints is a zone, `helovet check` finds in it what the domain meant,
and `helovet lint` nothing to complain of. HELOVET names the program."""

import json
import unittest

from command import HELOVET, WithFiles, helovet

PLAN = ("--host", "mail.example.com=192.0.2.1,2001:db8::1", "--host", "out.example.com=198.51.100.7",
        "--no-mail", "www.example.com", "--explicit", "example.com", "--spf", "example.com",
        "--dmp", "example.com", "--drip", "example.com")
ZONE = (*PLAN, "--apex", "example.com", "--ns", "ns.example.com=192.0.2.53")
HOSTS = [("mail.example.com", "192.0.2.1"), ("mail.example.com", "2001:db8::1"),
         ("out.example.com", "198.51.100.7")]


class Case(WithFiles):
    def publish(self, *arguments, warnings=()):
        done = helovet("publish", *arguments)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stderr.decode().splitlines(),
                         [f"helovet: warning: {each}" for each in warnings])
        return done.stdout.decode("ascii")

    def check(self, zones, ip, name, *arguments, settings=""):
        """What each check found: "result/reason"."""
        arguments = [*arguments, "--config", self.write("helovet.toml", settings)]
        for zone in zones:
            arguments += ["--zone", zone]
        done = helovet("check", "--json", "--ip", ip, "--helo", name, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return {check: f"{found['result']}/{found['reason']}"
                for check, found in json.loads(done.stdout)["checks"].items()}


class Verdicts(Case):
    """BCP, "Managing sending SMTP clients": what comes of it at a receiver's."""

    def setUp(self):
        super().setUp()
        self.zone = self.write("example.com.zone", self.publish(*ZONE))

    def found(self, check, ip, name, *arguments):
        settings = f'senders.checks = ["{check.removesuffix("-helo")}"]\n' if check in (
            "dmp", "drip", "spf", "spf-helo") else ""
        return self.check([self.zone], ip, name, *arguments, settings=settings)[check]

    def test_every_host_passes(self):
        sender = ("--mail-from", "joe@example.com")
        for name, ip in HOSTS:
            for check, wanted, arguments in (
                    ("csa", "pass/authorized", ()), ("forward", "pass/matched", ()),
                    ("drip", "pass/designated", ()), ("spf-helo", "pass/designated", ()),
                    ("dmp", "pass/designated", sender),
                    ("dmp", "pass/designated", ("--mail-from", "")), ("spf", "pass/designated", sender)):
                with self.subTest(name=name, ip=ip, check=check):
                    self.assertEqual(self.found(check, ip, name, *arguments), wanted)

    def test_other_addresses_fail(self):
        sender = ("--mail-from", "joe@example.com")
        # Denied by a wildcard, however near an address is to one that is allowed (RFC 4592 §2.2.3).
        for ip, csa, dmp in (
                ("192.0.2.9", "fail/address-mismatch", "fail/denied"),
                ("192.0.3.1", "fail/address-mismatch", "fail/denied"),
                ("192.1.2.1", "fail/address-mismatch", "fail/denied"),
                ("203.0.113.1", "fail/address-mismatch", "fail/denied"),
                ("198.51.100.7", "fail/address-mismatch", "pass/designated"),
                ("2001:db8::9", "fail/address-mismatch", "fail/not-designated")):
            with self.subTest(ip=ip):
                self.assertEqual(self.found("csa", ip, "mail.example.com"), csa)
                self.assertEqual(self.found("drip", ip, "mail.example.com"), "fail/not-designated")
                self.assertEqual(self.found("spf-helo", ip, "mail.example.com"),
                                 "fail/not-designated")
                self.assertEqual(self.found("dmp", ip, "mail.example.com", *sender), dmp)

    def test_names_that_send_nothing(self):
        for name, csa in (("www.example.com", "fail/not-authorized"),
                          ("example.com", "fail/not-authorized"),
                          ("other.example.com", "fail/explicit-required"),
                          ("a.b.example.com", "fail/explicit-required")):
            with self.subTest(name=name):
                self.assertEqual(self.found("csa", "192.0.2.1", name), csa)
        self.assertEqual(self.found("drip", "192.0.2.1", "other.example.com"),
                         "fail/parent-participates")
        self.assertEqual(self.found("spf-helo", "192.0.2.1", "www.example.com"),
                         "fail/not-designated")

    def test_zones_of_the_addresses(self):
        reverse = self.write("reverse.zone", self.publish(
            *PLAN, "--reverse", "--apex", "2.0.192.in-addr.arpa", "--ns", "ns.example.com"))
        found = self.check([self.zone, reverse], "192.0.2.1", "mail.example.com")
        self.assertEqual((found["iprev"], found["reverse-match"]), ("pass/confirmed", "pass/matched"))

    def test_accreditors(self):
        zone = self.write("example.com.zone", self.publish(*ZONE, "--accreditor", "judge.test"))
        judge = self.write("judge.zone", "$ORIGIN judge.test.\n$TTL 60\n@ SOA ns.test. x. 1 2 3 4 5\n"
                                         'mail.example.com TXT "MARID,1,A"\n')
        found = self.check([zone, judge], "192.0.2.1", "mail.example.com",
                           settings='dna.trusted = ["judge.test"]\n')
        self.assertEqual(found["dna"], "pass/recommended")

    def test_lines_fit_into_a_zone_that_exists(self):
        zone = self.write("other.zone", "$ORIGIN example.com.\n$TTL 60\n@ SOA ns x 1 2 3 4 5\n"
                                        "$ORIGIN sub\n" + self.publish(*PLAN))
        self.assertEqual(self.check([zone], "192.0.2.1", "mail.example.com")["csa"],
                         "pass/authorized")

    def test_lint_finds_nothing(self):
        """Of any name, with the zones of the addresses beside it."""
        zones = [self.zone]
        for apex in ("2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"):
            zones.append(self.write(f"{apex}.zone", self.publish(
                *PLAN, "--reverse", "--apex", apex, "--ns", "ns.example.com")))
        done = helovet("lint", "--json", "--config", "/dev/null",
                       *(word for zone in zones for word in ("--zone", zone)))
        self.assertEqual((done.returncode, done.stderr), (0, b""), done.stdout)
        found = json.loads(done.stdout)
        self.assertEqual(found["findings"], [])
        self.assertEqual(set(found["names"]), {"example.com", "mail.example.com", "out.example.com",
                                               "www.example.com"})


class Words(Case):
    def test_lines(self):
        self.assertEqual(
            self.publish("--host", "m.example.com=192.0.2.1", "--accreditor", "judge.test",
                         "--ttl", "60"),
            "; m.example.com sends mail, from these addresses alone (CSA-02 4)\n"
            "_client._smtp.m.example.com. 60 IN SRV 1 2 0 m.example.com.\n"
            "m.example.com. 60 IN A 192.0.2.1\n"
            "; who vouches for m.example.com, once they have agreed to (DNA-02 4)\n"
            "m.example.com. 60 IN PTR _vouch._smtp.judge.test.\n"
            "; for whoever has the zones of the addresses (RFC 1035 3.5):\n"
            "; 1.2.0.192.in-addr.arpa. 60 IN PTR m.example.com.\n")

    def test_ttl_in_units(self):
        """As `accredit` takes it, and master files have it."""
        host = ("--host", "m.example.com=192.0.2.1")
        for period, seconds in (("1h", "3600"), ("1h30m", "5400"), ("300s", "300")):
            with self.subTest(period=period):
                self.assertEqual(self.publish(*host, "--ttl", period),
                                 self.publish(*host, "--ttl", seconds))

    def test_zone(self):
        text = self.publish(*ZONE, "--serial", "7")
        self.assertTrue(text.startswith(
            "$ORIGIN example.com.\n$TTL 3600\n"
            "@ IN SOA ns.example.com. hostmaster.example.com. 7 14400 3600 1209600 3600\n"
            "@ IN NS ns.example.com.\n"), text)
        # Of today, unless it is given.
        self.assertRegex(self.publish(*ZONE), r" SOA ns\S+ hostmaster\S+ 2\d{3}[01]\d[0-3]\d01 ")

    def test_json(self):
        done = helovet("publish", "--json", "--host", "m.example=10.0.0.1")
        self.assertEqual((done.returncode, done.stderr, done.stdout.count(b"\n")), (0, b"", 1))
        published = json.loads(done.stdout)
        self.assertEqual(list(published), ["apex", "records", "warnings"])
        self.assertIsNone(published["apex"])
        self.assertEqual(published["records"][0], {
            "owner": "_client._smtp.m.example.", "ttl": 3600, "type": "SRV",
            "data": "1 2 0 m.example.", "elsewhere": False,
            "note": "m.example sends mail, from these addresses alone (CSA-02 4)"})
        self.assertEqual([each["elsewhere"] for each in published["records"]], [False, False, True])
        self.assertEqual([list(each) for each in published["warnings"]],
                         [["part", "value", "message"]])

    def test_warnings_go_beside_the_records(self):
        text = self.publish(
            "--explicit", "a.b.c.d.e.f.example", "--ttl", "86401",
            warnings=['--explicit: "a.b.c.d.e.f.example" has more than six labels: nobody asks so '
                      "deep for what holds below (CSA-02 6)",
                      '--ttl: "86401" is more than a day: a change takes as long'])
        self.assertIn(" SRV 1 1 1 ", text)

    def test_help_shows_how(self):
        done = helovet("publish", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"--host mail.example.com=192.0.2.1", done.stdout)

    def test_refusals(self):
        host = ("--host", "mail.example.com=192.0.2.1")
        for arguments, message in (
                ((), "publish: has nothing to publish; see --host and --no-mail"),
                (("--host", "mail.example.com"),
                 '--host: "mail.example.com" is not NAME=ADDRESS[,ADDRESS...]'),
                (("--host", "mail.example.com=192.0.2.1,"), '--host: "" is not an IPv4 or IPv6 address'),
                (("--host", "a\x1bb.example=192.0.2.1"), r'--host: "a\x1bb.example" has a label'),
                ((*host, "--no-mail", "mail.example.com."), '--no-mail: "mail.example.com" is among'),
                ((*host, "--ns", "ns.example.com"), "--ns and --serial need --apex"),
                ((*host, "--apex", "example.net"),
                 '--host: "mail.example.com" is not in the zone example.net'),
                ((*host, "--apex", ""), '--apex: "" is no'),
                ((*host, "--ttl", "1x"), '--ttl: "1x" is not a period such as "3600" or "1h"'),
                ((*host, "--ttl", ""), '--ttl: "" is not a period such as "3600" or "1h"'),
                ((*host, "--ttl", "2147483648"), '--ttl: "2147483648" is not a period'),
                ((*host, "--ttl", "0"), '--ttl: "0" is not from 1 to 2147483647'),
                ((*host, "--apex", "example.com", "--serial", "4294967296"), '--serial: "4294967296"'),
                (("--spf", "example.com"), '--spf: "example.com" has no host to send its mail')):
            with self.subTest(arguments=arguments):
                done = helovet("publish", *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done)
                self.assertTrue(done.stderr.startswith(b"helovet: " + message.encode()), done.stderr)
                self.assertEqual(done.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    unittest.main()
