"""DNSSEC from end to end: zones signed by ldns with keys made here, served by NSD, validated by
Unbound, and judged by the command helovet.

HELOVET names the program. `example` is the zone whose key Unbound trusts; below it are one that is
signed, one that is not, one whose records were changed after signing, and one whose signatures have
expired.
"""

import json
import os
import pathlib
import subprocess
import unittest

from servers import SOURCE, Nsd, Scratch, Unbound
from signed_zones import sign

HELOVET = os.environ.get("HELOVET", str(SOURCE / "build/release/core/cli/helovet"))
ZONES = pathlib.Path(__file__).parent / "dnssec-zones"
REVERSE = "2.0.192.in-addr.arpa"
HOST = "192.0.2.1"
INTRUDER = "192.0.2.66"
SECONDS = 20

# HELO name without its zone, result and reason of csa, and the evidence in signed.example: type,
# outcome, AD. Without signatures everything but AD is the same.
HOSTS = [
    ("mx", "pass authorized", [("SRV", "ok", True), ("A", "ok", True)]),
    ("www", "fail not-authorized", [("SRV", "ok", True)]),
    # RFC 4035 §5.4: that there is nothing is signed as well. The second question is the parent's.
    ("nxdomain", "none no-record", [("SRV", "nxdomain", True), ("SRV", "nxdomain", True)]),
    ("nodata", "none no-record", [("SRV", "nodata", True), ("SRV", "nxdomain", True)]),
    ("within", "pass authorized", [("CNAME", "ok", True), ("SRV", "ok", True), ("A", "ok", True)]),
    # RFC 4035 §3.2.3: AD speaks for the whole answer, so not for one that ends in another zone.
    ("outwards", "pass authorized",
     [("CNAME", "ok", False), ("SRV", "ok", False), ("A", "ok", False)]),
    ("target", "pass authorized", [("SRV", "ok", True), ("A", "ok", False)]),
]

# A record as it was signed, and what stands there now.
SPOILED = [
    ("_client._smtp.denied.bogus.example. SRV 1 2 0 denied.bogus.example.",
     "_client._smtp.denied.bogus.example. 300 IN SRV 1 1 0 denied.bogus.example."),
    ("moved.bogus.example. A 192.0.2.1", f"moved.bogus.example. 300 IN A {INTRUDER}"),
    ("_client._smtp.removed.bogus.example. SRV 1 2 0 removed.bogus.example.", ""),
]
# HELO name, client, and csa's result and reason for whoever believes the spoiled record.
BELIEVED = [
    ("denied.bogus.example", HOST, "fail not-authorized"),
    ("moved.bogus.example", HOST, "fail address-mismatch"),
    ("moved.bogus.example", INTRUDER, "pass authorized"),
    ("removed.bogus.example", HOST, "none no-record"),
]


def csa(verdict) -> str:
    check = verdict["checks"]["csa"]
    return f"{check['result']} {check['reason']}"


def evidence(verdict) -> list[tuple]:
    """Of csa: type, outcome, AD."""
    return [(item["type"], item["outcome"], item["ad"])
            for item in verdict["checks"]["csa"]["evidence"]]


def without_ad(items) -> list[tuple]:
    return [(*item[:-1], False) for item in items]


def secure_methods(verdict) -> set[str]:
    """The methods whose statement in the header field has dns.sec=yes (docs/key-values.md)."""
    statements = [statement.split() for statement in verdict["header"].split(";")]
    return {words[0].split("=")[0] for words in statements if "dns.sec=yes" in words}


class Dnssec(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(Scratch("dnssec")).path
        keys = cls.directory / "keys"
        keys.mkdir()
        hosts = (ZONES / "hosts.zone").read_text()
        signed = sign(keys, "signed.example", hosts)
        expired = sign(keys, "expired.example", hosts, expired=True)
        bogus = sign(keys, "bogus.example", (ZONES / "bogus.example.zone").read_text())
        delegations = signed.ds + expired.ds + bogus.ds
        parent = sign(keys, "example", (ZONES / "example.zone").read_text() + delegations)
        for record, other in SPOILED:
            bogus.replace(record, other)
        cls.nsd = cls.enterClassContext(Nsd(cls.directory, {
            "example": parent.text, "signed.example": signed.text, "unsigned.example": hosts,
            "bogus.example": bogus.text, "expired.example": expired.text,
            REVERSE: ZONES / f"{REVERSE}.zone"}))
        # With additional data the address of a target may come along with the SRV record.
        cls.resolvers = {
            text: cls.enterClassContext(Unbound(cls.directory, cls.nsd, trust_anchors=[parent.ds],
                                                additional_data=additional))
            for text, additional in (("answers alone", False), ("additional data", True))}
        cls.unbound = cls.resolvers["answers alone"]

    def helovet(self, command, server, helo, client, profile, trusted) -> str:
        address, port = server.address
        config = self.directory / "helovet.toml"
        config.write_text(f'profile = "{profile}"\n[dns]\nservers = ["{address}:{port}"]\n'
                          + ("" if trusted is None else f"trusted = {json.dumps(trusted)}\n"))
        done = subprocess.run(
            [HELOVET, *command, "--config", config, "--ip", client, "--helo", helo],
            capture_output=True, text=True, check=False, timeout=SECONDS)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def verdict(self, server, helo, client=HOST, *, command="check", profile="standard",
                trusted=None):
        return json.loads(
            self.helovet([command, "--json"], server, helo, client, profile, trusted))

    def test_a_signed_zone_is_authentic(self):
        for name, result, items in HOSTS:
            with self.subTest(name):
                verdict = self.verdict(self.unbound, f"{name}.signed.example")
                self.assertEqual((csa(verdict), evidence(verdict)), (result, items))
                secure = all(ad for _, _, ad in items)
                self.assertEqual("x-csa" in secure_methods(verdict), secure, verdict["header"])

    def test_additional_data_claim_no_more(self):
        # RFC 4035 §3.2.3: AD says nothing of the additional section.
        for name, result, items in HOSTS:
            with self.subTest(name):
                verdict = self.verdict(self.resolvers["additional data"], f"{name}.signed.example")
                self.assertEqual((csa(verdict), without_ad(evidence(verdict))),
                                 (result, without_ad(items)))
                for got, most in zip(evidence(verdict), items, strict=True):
                    self.assertLessEqual(got, most)
                if not all(ad for _, _, ad in items):
                    self.assertNotIn("x-csa", secure_methods(verdict), verdict["header"])

    def test_each_method_has_a_word_of_its_own(self):
        # helo asks nothing, and iprev rests on the client's reverse zone, which is not signed.
        verdict = self.verdict(self.unbound, "mx.signed.example")
        self.assertEqual(verdict["checks"]["iprev"]["result"], "pass")
        self.assertEqual(secure_methods(verdict) & {"x-helo", "x-csa", "x-forward", "iprev"},
                         {"x-csa", "x-forward"}, verdict["header"])

    def test_a_zone_without_signatures_has_the_same_verdicts(self):
        for text, server in self.resolvers.items():
            for name, result, items in HOSTS:
                with self.subTest(name, resolver=text):
                    verdict = self.verdict(server, f"{name}.unsigned.example")
                    self.assertEqual((csa(verdict), evidence(verdict)),
                                     (result, without_ad(items)))
                    self.assertEqual(secure_methods(verdict), set(), verdict["header"])

    def test_a_signed_refusal_counts(self):
        verdict = self.verdict(self.unbound, "www.signed.example")
        self.assertEqual((verdict["trust"], verdict["action"]), ("low", "reject"))

    def test_explain_shows_what_is_authentic(self):
        server = "%s:%d" % self.unbound.address
        for zone, ad in (("signed.example", True), ("unsigned.example", False)):
            with self.subTest(zone):
                verdict = self.verdict(self.unbound, f"mx.{zone}", command="explain")
                asked = {(item["name"], item["type"]): item["ad"]
                         for item in verdict["exchanges"] if item["server"] == server}
                self.assertEqual((asked[f"_client._smtp.mx.{zone}", "SRV"],
                                  asked[f"mx.{zone}", "A"], asked[f"1.{REVERSE}", "PTR"]),
                                 (ad, ad, False))
                lines = self.helovet(["explain"], self.unbound, f"mx.{zone}", HOST, "standard",
                                     None).splitlines()
                srv = next(number for number, line in enumerate(lines)
                           if line.endswith(f"  _client._smtp.mx.{zone} SRV"))
                self.assertIn(f", {'AD' if ad else 'no AD'}, from {server}, ", lines[srv + 1])

    def test_what_is_bogus_never_rejects(self):
        # RFC 4035 §5.5: the resolver says SERVFAIL, and docs/rules.md §8 makes it temporary.
        for text, server in self.resolvers.items():
            for helo, client, _ in BELIEVED:
                with self.subTest(helo, client=client, resolver=text):
                    self.assert_nobody_knows(server, helo, client)

    def test_an_expired_signature_never_rejects(self):
        for text, server in self.resolvers.items():
            for name, _, _ in HOSTS:
                with self.subTest(name, resolver=text):
                    self.assert_nobody_knows(server, f"{name}.expired.example", HOST)

    def assert_nobody_knows(self, server, helo, client):
        verdict = self.verdict(server, helo, client)
        self.assertEqual((csa(verdict), verdict["trust"], verdict["action"], verdict["reply"]),
                         ("temperror dns", "unknown", "tag", ""))
        outcomes = {item["outcome"] for item in verdict["checks"]["csa"]["evidence"]}
        self.assertIn("servfail", outcomes)
        self.assertNotIn("x-csa", secure_methods(verdict), verdict["header"])
        strict = self.verdict(server, helo, client, profile="strict")
        self.assertEqual((csa(strict), strict["trust"], strict["action"]),
                         ("temperror dns", "unknown", "defer"))
        self.assertTrue(strict["reply"].startswith("451 4.7.1 "), strict["reply"])

    def test_validation_is_what_protects(self):
        # Asked without a validator, the same records decide.
        for helo, client, result in BELIEVED:
            with self.subTest(helo, client=client):
                verdict = self.verdict(self.nsd, helo, client)
                self.assertEqual(csa(verdict), result)
                low = result.startswith("fail")
                self.assertEqual(verdict["action"], "reject" if low else "tag")

    def test_the_rest_of_a_spoiled_zone_is_authentic(self):
        verdict = self.verdict(self.unbound, "intact.bogus.example")
        self.assertEqual((csa(verdict), evidence(verdict)),
                         ("pass authorized", [("SRV", "ok", True), ("A", "ok", True)]))

    def test_only_a_trusted_resolver_is_believed(self):
        # docs/rules.md §8. An empty list trusts nobody.
        for trusted, believed in ((["127.0.0.1"], True), ([], False),
                                  (["192.0.2.0/24", "::1"], False)):
            for name, result, items in HOSTS:
                with self.subTest(name, trusted=trusted):
                    verdict = self.verdict(self.unbound, f"{name}.signed.example",
                                           command="explain", trusted=trusted)
                    self.assertEqual((csa(verdict), evidence(verdict)),
                                     (result, items if believed else without_ad(items)))
                    self.assertEqual(any(item["ad"] for item in verdict["exchanges"]), believed)
                    self.assertEqual(bool(secure_methods(verdict)), believed, verdict["header"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
