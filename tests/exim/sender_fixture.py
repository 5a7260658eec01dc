"""What the tests of senders share: domains that designate their clients and domains whose mail servers can
be called, in NSD behind Unbound; these mail servers; and an Exim that asks."""

import collections
import json
import os
import subprocess
import unittest

from exim_fixture import MARK, HelovetExim, servers

HELOVET = os.environ.get("HELOVET", str(servers.SOURCE / "build/release/core/cli/helovet"))

OURS, DENIED, STRANGER = "192.0.2.1", "192.0.2.98", "192.0.2.99"
PEER, SILENT_PEER = "127.0.0.7", "127.0.0.8"
STORE = "/scratch/store"  # As the sandbox has it.

SOA = "$TTL 60\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n"
ZONES = {
    "spf.example": SOA + """\
@ TXT "v=spf1 ip4:192.0.2.1 -all exp=why.spf.example"
why TXT "%{i} is none of ours"
soft TXT "v=spf1 ip4:192.0.2.1 ~all"
""",
    "dmp.example": SOA + """\
_smtp-client TXT "dmp="
1.2.0.192.in-addr._smtp-client TXT "dmp=allow"
98.2.0.192.in-addr._smtp-client TXT "dmp=deny"
""",
    "drip.example": SOA + """\
192_0_2_1.IPv4.relays._email_.mail A 192.0.2.1
*.IPv4.relays._email_.mail A 0.0.0.0
""",
    "rmx.example": SOA + '_rmx TXT "ipv4:192.0.2.0/28"\n',
    "called.example": SOA + f"@ MX 10 mx\nmx A {PEER}\nother MX 10 mx\n",
    "silent.example": SOA + f"@ MX 10 mx\nmx A {SILENT_PEER}\n",
    "nobody.example": SOA + "@ MX 0 .\n",
    # Two mail servers that call each other.
    "a.example": SOA + "@ MX 10 mx\nmx A 127.0.0.1\n",
    "b.example": SOA + "@ MX 10 mx\nmx A 127.0.0.3\n",
    "client.example": SOA,
    "in-addr.arpa": SOA,
}

# docs/exim.md, as Debian has it: after the recipient has been verified.
VERIFIED = """\
  require verify = recipient
  .include /helovet/helovet-refuse.acl
  accept"""


class Senders(unittest.TestCase):
    """NSD and Unbound for each class of tests, a directory for each test."""

    @classmethod
    def setUpClass(cls):
        cls.common = cls.enterClassContext(servers.Scratch("senders")).path
        nsd = cls.enterClassContext(servers.Nsd(cls.common, ZONES))
        cls.unbound = cls.enterClassContext(servers.Unbound(cls.common, nsd, port=53))

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("senders")).path

    def toml(self, more="", checks=(), profile="standard", deadline="10s", store="", tables=""):
        """`more` are further settings, `tables` what comes after them, `store` that of the store;
        callbacks go to the port of `self.peer_port`."""
        lines = [f'profile = "{profile}"', 'authserv_id = "mx.example"', f'deadline = "{deadline}"',
                 f"senders.checks = {json.dumps(list(checks))}",
                 store or f'store.directory = "{STORE}"', more]
        if "cbv" in checks:
            lines += [f"cbv.port = {self.peer_port}", 'cbv.allow_networks = ["127.0.0.0/8"]']
        return "\n".join([*lines, '[dns]\nservers = ["127.0.0.1:53"]', tables]) + "\n"

    def exim(self, toml, acls=None, store=True, **options):
        """An Exim that is not running, with a directory for its store."""
        acls = acls or {"rcpt": VERIFIED, "data": MARK}
        exim = HelovetExim(self.scratch, toml, acls=acls, resolv_conf="nameserver 127.0.0.1\n",
                           **options)
        exim.store = exim.directory / "store"
        if store:
            servers.owned_directory(exim.store, servers.USERS["Debian-exim"])
        return exim

    def daemon(self, toml, **options):
        return self.enterContext(self.exim(toml, **options))

    def peer(self, host=PEER, **options):
        """A mail server of the senders' until the test ends; its users' names begin with "user"."""
        return self.enterContext(
            servers.ScriptedSmtp(host, self.peer_port, users=["user*"], **options))

    @property
    def peer_port(self):
        if not hasattr(self, "_peer_port"):
            self._peer_port = servers.free_port()
        return self._peer_port

    def say(self, client, sender, *recipients):
        """MAIL FROM and RCPT TO of a session that has begun: the last reply, in one line."""
        client.command(f"MAIL FROM:<{sender}>")
        for recipient in recipients or ("postbox@mx.example",):
            reply = client.command(f"RCPT TO:<{recipient}>")
        return reply

    def reply(self, exim, sender, client=OURS, name="mail.client.example"):
        """The reply to the first RCPT TO of a session."""
        with exim.client(client) as session:
            session.command(f"EHLO {name}")
            return self.say(session, sender)

    def counted(self, exim):
        """What `helovet stats` says of this month, counters of 0 left out."""
        config = exim.directory / "stats.toml"
        config.write_text(f'store.directory = "{exim.store}"\n')
        done = subprocess.run([HELOVET, "stats", "--json", "--config", config], check=True,
                              capture_output=True, text=True, timeout=60)
        counters = json.loads(done.stdout)["counters"]
        return collections.Counter({name: count for name, count in counters.items() if count})
