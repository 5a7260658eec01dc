#!/usr/bin/env python3
"""Who may send for a domain, and whether its sender exists, in Debian's OpenSMTPD: zones in NSD, and a mail
server of the senders' that is called back at DATA.

HELOVET_FILTER is the filter, HELOVET the command. Clients come from everywhere through the PROXY
protocol; everything else is on loopback."""

import json
import os
import re
import subprocess
import unittest

from test_opensmtpd import FILTER, FILTER_PATH, SOURCE, documented, header_of, servers

HELOVET = os.environ.get("HELOVET", str(SOURCE / "build/release/core/cli/helovet"))

OURS, DENIED, STRANGER = "192.0.2.1", "192.0.2.98", "192.0.2.99"
NAME = "mail.client.example"
PEER = "127.0.0.7"
KNOWN, UNKNOWN = "user@called.example", "nobody@called.example"

SOA = "$TTL 60\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n"
ZONES = {
    "spf.example": SOA + '@ TXT "v=spf1 ip4:192.0.2.1 -all exp=why.spf.example"\n'
                         'why TXT "%{i} is none of ours"\n',
    "dmp.example": SOA + '_smtp-client TXT "dmp="\n'
                         '1.2.0.192.in-addr._smtp-client TXT "dmp=allow"\n'
                         '98.2.0.192.in-addr._smtp-client TXT "dmp=deny"\n',
    "drip.example": SOA + "192_0_2_1.IPv4.relays._email_.mail A 192.0.2.1\n"
                          "*.IPv4.relays._email_.mail A 0.0.0.0\n",
    "called.example": SOA + f"@ MX 10 mx\nmx A {PEER}\n",
    "client.example": SOA,
    "in-addr.arpa": SOA,
}

# One user, so that smtpd itself refuses other recipients.
REST = """
listen on 127.0.0.1 port {PORT}
table users { "postbox@mx.example" = "postbox" }
action "keep" maildir "/scratch/mail" virtual <users>
match from any for domain "mx.example" action "keep"
"""


class Senders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.enterClassContext(servers.Scratch("opensmtpd-senders")).path
        cls.nsd = cls.enterClassContext(servers.Nsd(cls.common, ZONES))

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("opensmtpd-senders")).path
        self.peer = self.enterContext(
            servers.ScriptedSmtp(PEER, servers.free_port(), users=["user*"]))

    def smtpd(self, more="", owner="opensmtpd"):
        """With the settings of docs/opensmtpd.md as they stand there, but for places; `more` are
        further ones. `owner` is whose the directory of the store is."""
        files = documented("Callbacks at DATA")
        config = files.pop("/etc/smtpd.conf").replace('"filter-helovet', f'"{FILTER_PATH}')
        config, listeners = re.subn(r"listen on 192\.0\.2\.\d+",
                                    "listen on 127.0.0.1 port {PROXY_PORT} proxy-v2", config)
        self.assertEqual(listeners, 1)
        settings = files["/etc/helovet/helovet.toml"]
        self.assertEqual(settings.count('"/var/lib/helovet-smtpd"'), 1)
        settings = settings.replace("/var/lib/helovet-smtpd", "/scratch/store")
        files["/etc/helovet/helovet.toml"] = (
            f'{settings}{more}\ncbv.port = {self.peer.port}\ncbv.allow_networks = ["{PEER}"]\n'
            f'[dns]\nservers = ["{self.nsd.address[0]}:{self.nsd.address[1]}"]\n')
        smtpd = servers.OpenSmtpd(self.scratch, config=config + REST, files=files,
                                  binds={FILTER_PATH: FILTER})
        self.store = smtpd.directory / "store"
        servers.owned_directory(self.store, servers.USERS[owner])
        self.store.chmod(0o750)
        return self.enterContext(smtpd)

    def client(self, smtpd, address=OURS, name=NAME):
        client = self.enterContext(servers.SmtpClient(smtpd.proxy_address, proxy=address))
        self.expect(client.command(f"EHLO {name}"), 250)
        return client

    def expect(self, reply, code, text=""):
        self.assertEqual(reply.code, code, reply)
        self.assertIn(text, " ".join(reply.lines))

    def begin(self, client, sender, recipient="postbox@mx.example"):
        self.expect(client.command(f"MAIL FROM:<{sender}>"), 250)
        self.expect(client.command(f"RCPT TO:<{recipient}>"), 250)

    def send(self, client, sender):
        """A message up to the reply to DATA, or the reply to what is in it."""
        self.begin(client, sender)
        reply = client.command("DATA")
        return client.command("Subject: x\r\n\r\nbody\r\n.") if reply.code == 354 else reply

    def counted(self):
        """What `helovet stats` says of this month."""
        config = self.scratch / "stats.toml"
        config.write_text(f'store.directory = "{self.store}"\n')
        done = subprocess.run([HELOVET, "stats", "--json", "--config", config], check=True,
                              capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout)["counters"]

    def expect_counts(self, **wanted):
        wanted = {name.replace("__", ".").replace("_", "-"): n for name, n in wanted.items()}
        counted = self.counted()
        self.assertEqual({name: counted[name] for name in wanted}, wanted)

    def expect_alive(self, smtpd):
        self.assertTrue(smtpd.running.is_alive())
        self.assertNotRegex(smtpd.log_text(), r"fatal|exited abnormally|terminated")

    def test_domains_say_who_may_send(self):
        smtpd = self.smtpd()
        for address, name, sender, code, text in [
                (OURS, NAME, "a@spf.example", 250, ""),
                (STRANGER, NAME, "a@spf.example", 550, "spf fail not-designated"),
                (OURS, NAME, "a@dmp.example", 250, ""),
                (DENIED, NAME, "a@dmp.example", 550, "dmp fail denied"),
                (OURS, "mail.drip.example", "a@client.example", 250, ""),
                (STRANGER, "mail.drip.example", "", 550, "drip fail not-designated"),
                (STRANGER, NAME, "", 250, "")]:
            with self.subTest(address=address, name=name, sender=sender):
                reply = self.client(smtpd, address, name).command(f"MAIL FROM:<{sender}>")
                self.expect(reply, code, text)
                if text.startswith("spf"):
                    self.assertIn(f"{STRANGER} is none of ours", " ".join(reply.lines))
        self.expect_alive(smtpd)
        self.expect_counts(sessions=7, messages=7, verdict__low__reject=3,
                           spf__pass__designated=1, spf__fail__not_designated=1,
                           dmp__fail__denied=1, drip__fail__not_designated=1, cbv__calls=0)

    def test_callbacks_let_known_senders_in_and_refuse_others(self):
        smtpd = self.smtpd()
        client = self.client(smtpd)
        self.expect(self.send(client, KNOWN), 250)
        message, = smtpd.mail.wait_for(1)
        ours, = [field for field in header_of(message)
                 if field.startswith("Authentication-Results: ")]
        self.assertIn(f"x-cbv=pass reason=accepted smtp.mailfrom={KNOWN}", ours.replace('"', ""))

        self.expect(self.send(client, UNKNOWN), 550, "cbv fail refused-rcpt")
        # What smtpd leaves of the transaction is no way in.
        self.assertNotEqual(client.command("DATA").code, 354)
        client.command("RCPT TO:<postbox@mx.example>")
        self.assertNotEqual(client.command("DATA").code, 354)
        self.expect(client.command("RSET"), 250)
        self.expect(self.send(client, KNOWN), 250)
        smtpd.mail.wait_for(2)
        self.assertEqual((self.peer.asked(KNOWN), self.peer.asked(UNKNOWN)), (1, 1))
        log = re.findall(r"action=\w+ .* decided_by=\S+", smtpd.log_text())
        self.assertEqual([line.split()[0] for line in log], ["action=tag", "action=reject"])
        self.assertIn("decided_by=cbv decided_reason=refused-rcpt", smtpd.log_text())
        self.expect_alive(smtpd)
        self.expect_counts(sessions=1, messages=3, cbv__calls=3, cbv__smtp_sessions=2,
                           cbv__skip__cached=1, cbv__pass__accepted=2, cbv__fail__refused_rcpt=1,
                           cbv__refused_rcpt_to=1)

    def test_nobody_is_called_for_recipients_that_smtpd_refuses(self):
        smtpd = self.smtpd()
        client = self.client(smtpd)
        self.expect(client.command(f"MAIL FROM:<{UNKNOWN}>"), 250)
        self.expect(client.command("RCPT TO:<no-such-user@mx.example>"), 524)
        self.expect(client.command("DATA"), 503)
        self.assertEqual(self.peer.heard, [])
        self.expect(client.command("QUIT"), 221)
        servers.wait_until(lambda: "action=tag" in smtpd.log_text(), "the line of the log")

    def test_null_senders_and_exempt_clients_are_not_asked_about(self):
        smtpd = self.smtpd(f'exempt.networks = ["{STRANGER}"]')
        self.expect(self.send(self.client(smtpd), ""), 250)
        self.expect(self.send(self.client(smtpd, STRANGER), UNKNOWN), 250)
        smtpd.mail.wait_for(2)
        self.assertEqual(self.peer.heard, [])
        self.expect_counts(cbv__calls=2, cbv__skip__null_sender=1, cbv__skip__exempt=1)

    def test_junk_waits_for_the_callback(self):
        smtpd = self.smtpd("opensmtpd.junk = true")
        client = self.client(smtpd)
        self.expect(self.send(client, UNKNOWN), 550, "cbv fail refused-rcpt")
        self.expect(client.command("RSET"), 250)
        self.expect(self.send(client, KNOWN), 250)
        message, = smtpd.mail.wait_for(1)
        self.assertIn("X-Spam: Yes", header_of(message))

    def test_a_store_of_somebody_else_stops_no_mail(self):
        smtpd = self.smtpd(owner="nobody")
        self.expect(self.send(self.client(smtpd), UNKNOWN), 250)
        smtpd.mail.wait_for(1)
        self.assertEqual(self.peer.heard, [])
        self.assertEqual(smtpd.log_text().count("helovet: store: /scratch/store: Permission denied"),
                         1, smtpd.log_text())
        self.expect_alive(smtpd)


if __name__ == "__main__":
    unittest.main()
