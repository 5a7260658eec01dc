"""helovet lint, run as a user would, against zone files and a server that fails.

HELOVET names the program. No test needs a network.
"""

import json
import os
import pty
import socket
import subprocess
import threading
import unittest

from command import DEFAULTS, HELOVET, WithFiles, helovet, is_plain

SOA = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns root 1 1 1 1 60\n"
REVERSE = "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 3600\n@ SOA ns root 1 1 1 1 60\n1 PTR mail.example.com.\n"
HOST = ("mail A 192.0.2.1\n"
        "_client._smtp SRV 1 1 1 example.com.\n")
CLEAN = SOA + HOST + "_client._smtp.mail SRV 1 2 0 mail\n@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"


class Lint(WithFiles):
    def lint(self, zone, *arguments, **options):
        return helovet("lint", "--config", DEFAULTS, "--zone", self.write("zone", zone), "--zone",
                       self.write("reverse", REVERSE), *arguments, **options)

    def assert_found(self, result, exit_status, *slugs):
        self.assertEqual((result.returncode, result.stderr), (exit_status, b""), result)
        self.assertEqual([finding["finding"] for finding in json.loads(result.stdout)["findings"]],
                         list(slugs))

    # docs/findings.md: zone, exit status, findings.
    CASES = [
        ("clean", CLEAN, 0, []),
        ("notes", SOA + "mail A 192.0.2.1\n_client._smtp.mail SRV 1 2 0 mail\n", 0,
         ["csa-explicit-missing"]),
        ("warnings", SOA + HOST + "_client._smtp.mail SRV 1 2 2 mail\n", 3, ["csa-reserved-port"]),
        ("errors", SOA + HOST + "_client._smtp.mail SRV 1 6 0 mail\n", 4, ["csa-reserved-weight"]),
        ("both", SOA + HOST + "_client._smtp.mail SRV 1 6 2 mail\n", 4,
         ["csa-reserved-weight", "csa-reserved-port"]),
        ("outside", SOA + HOST + "_client._smtp.mail SRV 1 2 0 mail.elsewhere.example.\n", 0,
         ["not-looked-at", "not-looked-at"]),
    ]

    def test_exits_by_what_was_found(self):
        for name, zone, exit_status, slugs in self.CASES:
            with self.subTest(name):
                self.assert_found(self.lint(zone, "--json"), exit_status, *slugs)

    def test_writes_for_people(self):
        result = self.lint(SOA + HOST + "_client._smtp.mail SRV 1 2 2 mail\n")
        self.assertEqual(result.returncode, 3, result)
        text = result.stdout.decode()
        place = f"{self.directory}/zone:6: _client._smtp.mail.example.com. 3600 IN SRV 1 2 2 mail.example.com."
        self.assertIn(place, text)
        self.assertIn("    _client._smtp.mail.example.com. 3600 IN SRV 1 2 0 mail.example.com.\n", text)
        self.assertIn("csa-reserved-port, CSA-02 §5\n", text)
        self.assertTrue(text.endswith("2 names: 0 errors, 1 warning, 0 notes\n"), text)
        self.assertNotIn("\x1b", text)

    def test_looks_at_one_name(self):
        result = self.lint(CLEAN, "--json", "MAIL.example.com.")
        self.assert_found(result, 0)
        self.assertEqual(json.loads(result.stdout)["names"], ["mail.example.com"])

    def test_tells_what_an_asked_name_lacks(self):
        result = self.lint(SOA + "mail A 192.0.2.1\n", "--json", "mail.example.com")
        self.assert_found(result, 0, "csa-no-record")
        self.assertEqual(json.loads(result.stdout)["findings"][0]["corrected"],
                         ["_client._smtp.mail.example.com. 3600 IN SRV 1 2 0 mail.example.com."])

    def test_colours_on_terminals(self):
        zone = self.write("zone", SOA + HOST + "_client._smtp.mail SRV 1 6 0 mail\n")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        result = subprocess.run(
            [HELOVET, "lint", "--config", DEFAULTS, "--zone", zone], stdout=theirs,
            env=environment, timeout=30, check=False)
        os.close(theirs)
        self.assertEqual(result.returncode, 4)
        self.assertIn(b"\x1b[31merror\x1b[0m: mail.example.com: ", os.read(ours, 65536))

    def test_a_zone_speaks_to_no_terminal(self):
        zone = SOA + "a\\027b TXT \"v=spf1 \\027[31m\\007\\200 -all\"\n"
        for arguments in ([], ["--json"]):
            result = self.lint(zone, *arguments)
            self.assertEqual(result.returncode, 4, result)
            # Sources have section signs, in text alone.
            self.assertTrue(is_plain(result.stdout.replace("§".encode(), b"")), result.stdout)

    def test_refuses_wrong_arguments(self):
        zone = self.write("zone", CLEAN)
        for arguments, message in (
                ([], "NAME or a --zone"),
                (["--zone", zone, "a..b"], "not a domain name"),
                (["--zone", zone, "a b"], "not a domain name"),
                (["--zone", str(self.directory / "missing")], "missing"),
                (["--zone", self.write("bad", "$ORIGIN example.com.\n@ TXT \"\n")], "bad:2"),
                (["--dns", "nowhere", "mail.example.com"], "--dns")):
            with self.subTest(message=message):
                self.assert_refused(helovet("lint", "--config", DEFAULTS, *arguments), message)


class Published(WithFiles):
    """What helovet publish writes has no mistakes."""

    PLANS = [
        ["--host", "mail.example.com=192.0.2.1", "--explicit", "example.com"],
        ["--host", "mail.example.com=192.0.2.1,2001:db8::1", "--host", "mx2.example.com=192.0.2.7",
         "--no-mail", "www.example.com", "--explicit", "example.com", "--spf", "example.com",
         "--dmp", "example.com", "--drip", "example.com", "--accreditor", "accredit.example"],
        ["--host", "example.com=192.0.2.1", "--explicit", "example.com", "--spf", "example.com",
         "--dmp", "example.com", "--drip", "example.com"],
        ["--no-mail", "example.com", "--explicit", "example.com"],
    ]

    def test_is_clean(self):
        for plan in self.PLANS:
            with self.subTest(plan=plan):
                zone = helovet("publish", "--apex", "example.com", "--ns", "ns.example.net",
                               *plan)
                self.assertEqual(zone.returncode, 0, zone)
                result = helovet("lint", "--config", DEFAULTS, "--json", "--zone",
                                 self.write("zone", zone.stdout.decode()))
                self.assertEqual((result.returncode, result.stderr), (0, b""), result)
                # Names of addresses and reports of accreditors are in other zones.
                self.assertEqual([finding for finding in json.loads(result.stdout)["findings"]
                                  if finding["finding"] != "not-looked-at"], [])


class Network(WithFiles):
    """A DNS server on loopback that answers every question with one rcode."""

    def server(self, rcode):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(20)

        def serve():
            while True:
                try:
                    query, client = listener.recvfrom(4096)
                except OSError:
                    return
                if not query:
                    return
                # RFC 1035 §4.1.1: a response, recursion available, and the rcode; no OPT record.
                end = query.index(b"\0", 12) + 5
                reply = query[:2] + bytes([0x81, 0x80 | rcode]) + b"\0\1" + bytes(6) + query[12:end]
                listener.sendto(reply, client)

        thread = threading.Thread(target=serve)
        thread.start()

        def stop():
            listener.sendto(b"", listener.getsockname())
            thread.join()
            listener.close()

        self.addCleanup(stop)
        return f"127.0.0.1:{listener.getsockname()[1]}"

    # RFC 2308 §7: SERVFAIL says nothing of the zone.
    def test_a_failure_is_no_absence(self):
        result = helovet("lint", "--config", DEFAULTS, "--dns", self.server(2), "--json",
                         "mail.example.com")
        self.assertEqual((result.returncode, result.stderr), (5, b""), result)
        report = json.loads(result.stdout)
        self.assertEqual({finding["finding"] for finding in report["findings"]}, {"could-not-look"})
        self.assertEqual(report["unknown"], len(report["findings"]))

    def test_an_absence_is_a_note(self):
        result = helovet("lint", "--config", DEFAULTS, "--dns", self.server(3), "--json",
                         "mail.example.com")
        self.assertEqual((result.returncode, result.stderr), (0, b""), result)
        self.assertEqual([finding["finding"] for finding in json.loads(result.stdout)["findings"]],
                         ["csa-no-record"])

    def test_asks_a_server_for_names_outside_the_files(self):
        zone = self.write("zone", SOA + HOST + "_client._smtp.mail SRV 1 2 0 mail.elsewhere.example.\n")
        result = helovet("lint", "--config", DEFAULTS, "--zone", zone, "--dns", self.server(3),
                         "--json")
        self.assertEqual((result.returncode, result.stderr), (4, b""), result)
        found = {finding["finding"] for finding in json.loads(result.stdout)["findings"]}
        self.assertIn("csa-target-no-address", found)
        self.assertNotIn("not-looked-at", found)


if __name__ == "__main__":
    unittest.main()
