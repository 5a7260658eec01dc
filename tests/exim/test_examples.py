"""The examples of docs/exim.md that need more than one server: read out of the page, and run in a real
Exim with NSD and Unbound behind it."""

import re
import unittest

from exim_fixture import PAGE, HelovetExim, examples, servers

TRUSTED, UNKNOWN, ELSEWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.9"
SOA = "$TTL 60\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n"

# mx.good.example is trusted, mx.new.example is just as honest and unknown, and a blocklist has both.
ZONES = {
    "good.example": SOA + f"mx A {TRUSTED}\n_client._smtp.mx SRV 1 2 0 mx.good.example.\n",
    "new.example": SOA + f"mx A {UNKNOWN}\n_client._smtp.mx SRV 1 2 0 mx.new.example.\n",
    "dnsbl.example": SOA + "1.2.0.192 A 127.0.0.2\n2.2.0.192 A 127.0.0.2\n",
    "2.0.192.in-addr.arpa": SOA,
}
GOOD, NEW = (TRUSTED, "mx.good.example"), (UNKNOWN, "mx.new.example")
ALLOW = '[lists]\nallow = [".good.example"]\n'


class Page(unittest.TestCase):
    def test_every_block_is_run(self):
        """Here, in test_debian.py or in test_callbacks.py."""
        blocks = re.findall(r"^```(\w\S*)$", PAGE.read_text(), re.M)
        self.assertEqual({name: blocks.count(name) for name in blocks},
                         {"sh": 6, "exim": 5, "toml": 2})


class Examples(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("examples")).path
        nsd = self.enterContext(servers.Nsd(self.scratch, ZONES))
        self.unbound = self.enterContext(servers.Unbound(self.scratch, nsd, port=53))

    def daemon(self, profile="observe", settings=ALLOW, **options):
        toml = f'profile = "{profile}"\n{settings}\n[dns]\nservers = ["127.0.0.1:53"]\n'
        return self.enterContext(HelovetExim(
            self.scratch, toml, resolv_conf="nameserver 127.0.0.1\n", **options))

    def macros(self, block):
        """The lines of a block for the main part; the fixture includes our file after them."""
        lines = block.splitlines()
        self.assertEqual(lines.pop(), ".include /helovet/helovet-main.conf")
        return "\n".join(lines)

    def rcpt(self, exim, client, recipient="postbox@mx.example", port=None):
        address, name = client
        with servers.SmtpClient((exim.address[0], port or exim.port), proxy=address) as session:
            session.command(f"EHLO {name}")
            session.command("MAIL FROM:<a@sender.example>")
            return session.command(f"RCPT TO:<{recipient}>")

    def test_a_port_that_is_strict(self):
        block, _ = examples("An alternate server", "exim")
        port = servers.free_port()
        self.assertIn("{2525}", block)
        exim = self.daemon(macros=self.macros(block).replace("2525", str(port)), ports=(port,))
        for client, usual, strict in ((GOOD, 250, 250), (NEW, 250, 550)):
            self.assertEqual(self.rcpt(exim, client).code, usual, client)
            self.assertEqual(self.rcpt(exim, client, port=port).code, strict, client)

    def alternate(self, **options):
        exim = self.daemon(**options)
        for client, recipient, code in (
                (GOOD, "a@alternate.example", 250), (NEW, "a@alternate.example", 550),
                (NEW, "a@mx.example", 250), (NEW, '"alternate.example@x"@mx.example', 250)):
            reply = self.rcpt(exim, client, recipient)
            self.assertEqual(reply.code, code, (client, recipient, reply))
        with exim.client(UNKNOWN) as session:  # One message for both.
            session.command("EHLO mx.new.example")
            session.command("MAIL FROM:<a@sender.example>")
            codes = [session.command(f"RCPT TO:<a@{domain}>").code
                     for domain in ("mx.example", "alternate.example", "mx.example")]
            self.assertEqual(codes, [250, 550, 250])
            self.assertEqual(session.command("DATA").code, 354)
            self.assertEqual(session.command("Subject: x\r\n\r\nbody\r\n.").code, 250)
        delivered = exim.mail.wait_for(1)[0].decode()
        self.assertIn("policy.action=tag", delivered)
        self.assertEqual(delivered.count("\n x-csv="), 1)

    def test_recipients_that_have_another_profile(self):
        block, = examples("An alternate server", "toml")
        self.alternate(settings=f"{ALLOW}{block}")

    def test_recipients_by_lists_of_exim(self):
        _, block = examples("An alternate server", "exim")
        self.alternate(macros=self.macros(block))

    def test_blocklists_are_not_asked_about_who_is_trusted(self):
        """CSV-02 §1; the same address under "observe", or without anybody who vouches, is refused."""
        block, = examples("Blocklists of addresses", "exim")
        name, body = block.split("\n", 1)
        self.assertEqual(name, "acl_check_rcpt:")
        for profile, settings, client, code in (
                ("standard", ALLOW, GOOD, 250), ("strict", ALLOW, GOOD, 250),
                ("observe", ALLOW, GOOD, 550), ("standard", "", GOOD, 550),
                ("standard", ALLOW, NEW, 550)):
            with self.subTest(profile=profile, settings=settings, client=client):
                exim = self.daemon(profile, settings, acls={"rcpt": body})
                reply = self.rcpt(exim, client)
                self.assertEqual(reply.code, code, reply)
                if code == 550:
                    self.assertIn(f"{client[0]} is listed at dnsbl.example", reply.text)

    def test_helovet_asks_lists_itself(self):
        """docs/rules.md §10: address-list counts, and is skipped for who is trusted without it."""
        dnsbl = '[[lists.address]]\nzone = "dnsbl.example"\ncodes = { "127.0.0.2" = "E" }\n'
        exim = self.daemon("standard", ALLOW + dnsbl)
        self.assertEqual(self.rcpt(exim, GOOD).code, 250)
        reply = self.rcpt(exim, NEW)
        self.assertEqual(reply.code, 550, reply)
        self.assertIn("dnsbl.example", reply.text)


if __name__ == "__main__":
    # dnslists and helovet's default ask port 53 of the servers in resolv.conf.
    servers.enter_private_network()
    unittest.main()
