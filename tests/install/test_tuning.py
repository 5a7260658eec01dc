"""The table of docs/tuning.md: each row's session is refused under "standard", and is not with its remedy."""

import json
import re
import subprocess
import sys
import unittest

from pages import HELOVET, SOURCE

import servers

PAGE = SOURCE / "docs/tuning.md"
MAIL_SERVER = "192.0.2.25"
SOA = "$TTL 3600\n@ SOA ns.example. hostmaster 1 7200 3600 1209600 300\n@ NS ns.example.\n"
ZONES = {
    "example.org": SOA + f"""\
@ TXT "v=spf1 -all"
spf TXT "v=spf1 -all"
m A 192.0.2.1
_client._smtp.m SRV 1 2 0 m
sub A 192.0.2.1
_client._smtp.sub SRV 1 1 1 sub
*.IPv4.relays._email_.drip A 0.0.0.0
callback MX 10 mx
mx A {MAIL_SERVER}
""",
    "example.com": SOA,
    "dnsbl.example": SOA + "9.2.0.192 A 127.0.0.2\n",
    "in-addr.arpa": SOA,
    "ip6.arpa": SOA,
}
STANDARD = 'profile = "standard"\n'
NAME = "mail.example.com"
# What is said and set so that the row's reason decides: HELO name, client, more words, settings.
SESSIONS = {
    "spf not-designated": (NAME, "192.0.2.9", ["--mail-from", "a@example.org"], ""),
    "spf-helo not-designated": ("spf.example.org", "192.0.2.9", [], ""),
    "helo syntax": ("_mail.example.com", "192.0.2.9", [], ""),
    "helo literal-mismatch": ("[10.0.0.1]", "192.0.2.9", [], ""),
    "helo localhost": ("localhost", "192.0.2.9", [], ""),
    "helo bare-ip": ("192.0.2.9", "192.0.2.9", [], ""),
    "helo forged-self": ("mx.example.net", "192.0.2.9", [], 'our_names = ["mx.example.net"]\n'),
    "csa address-mismatch": ("m.example.org", "192.0.2.9", [], ""),
    "csa no-address": ("m.example.org", "2001:db8::9", [], ""),
    "csa explicit-required": ("x.sub.example.org", "192.0.2.9", [], ""),
    "address-list listed": (NAME, "192.0.2.9", [],
                            'lists.address = [{ zone = "dnsbl.example", codes = { "127.0.0.2" = "E" } }]\n'),
    "drip parent-participates": ("x.drip.example.org", "192.0.2.9", [], 'senders.checks = ["drip", "spf"]\n'),
    "cbv refused-mail-from": (NAME, "192.0.2.9", ["--mail-from", "a@callback.example.org", "--rcpt",
                                                  "postbox@mx.example.net"],
                              'senders.checks = ["spf", "cbv"]\noverrides.cbv.fail = "reject"\n'
                              f'cbv.allow_networks = ["{MAIL_SERVER}"]\n'),
}


def rows():
    return re.findall(r"^\| `([\w-]+ [\w-]+)` \| [^|]* \| `([^`|]*)`[^|]* \|$", PAGE.read_text(), re.M)


class Tuning(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("tuning")).path
        self.zones = []
        for origin, text in ZONES.items():
            path = self.scratch / f"{origin}.zone"
            path.write_text(f"$ORIGIN {origin}.\n{text}")
            self.zones += ["--zone", path]

    def verdict(self, row, remedy):
        name, ip, more, settings = SESSIONS[row]
        setting = remedy.split(" = ")[0]
        # A remedy that changes a setting of the session's stands in its place.
        settings = "".join(line + "\n" for line in settings.splitlines() if not line.startswith(setting + " "))
        store = self.scratch / re.sub(r"\W", "-", row + remedy)
        store.mkdir(exist_ok=True)
        config = self.scratch / "helovet.toml"
        config.write_text(f'{STANDARD}{settings}{remedy}\nstore.directory = "{store}"\n')
        done = subprocess.run(
            [HELOVET, "check", "--json", "--config", config, "--ip", ip, "--helo", name, *more, *self.zones],
            text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), row)
        return json.loads(done.stdout)

    def test_each_row(self):
        found = rows()
        self.assertEqual({row for row, _ in found}, set(SESSIONS))
        self.assertEqual(len(found), len(re.findall(r"^\| `", PAGE.read_text(), re.M)))
        with servers.ScriptedSmtp(MAIL_SERVER, users=["a"], replies={"MAIL": "550 5.7.1 no bounces"}):
            for row, remedy in found:
                with self.subTest(row=row, remedy=remedy):
                    before = self.verdict(row, "")
                    decided = before["decided_by"]
                    self.assertEqual((before["action"], decided["check"], decided["reason"]),
                                     ("reject", *row.split()))
                    self.assertNotEqual(self.verdict(row, remedy)["action"], "reject")

    def test_who_is_told_and_not_refused(self):
        SESSIONS["helo not-fqdn"] = ("host", "192.0.2.9", [], "")
        SESSIONS["helo special-use"] = ("mx.local", "192.0.2.9", [], "")
        for row in ("helo not-fqdn", "helo special-use"):
            self.addCleanup(SESSIONS.pop, row)
            verdict = self.verdict(row, "")
            self.assertEqual((verdict["action"], verdict["checks"]["helo"]["reason"]), ("tag", row.split()[1]))


if __name__ == "__main__":
    servers.enter_private_network([MAIL_SERVER])
    sys.exit(unittest.main(verbosity=2))
