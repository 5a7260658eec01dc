"""What docs/exim.md tells administrators to do, done: its commands and configuration lines, taken from the
page, with Debian's own configuration of Exim in both its styles."""

import re
import shutil
import unittest

from exim_fixture import (
    BAD, BINDS, GOOD, GOOD_ADDRESS, MODULE_PATH, STRANGER, HelovetExim, config_text, examples, results,
    servers, zone)
from sender_fixture import HELOVET

DEBIAN = servers.SERVERS / "exim4-config"

# What debconf writes for an Internet site.
UPDATE_CONF = """\
dc_eximconfig_configtype='internet'
dc_other_hostnames='mx.example'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='{split}'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.support, cls.by_hand = examples("What is needed", "sh")
        cls.update, cls.session = examples("Debian's configuration", "sh")
        cls.lines, = examples("Debian's configuration", "exim")
        cls.directory, cls.stats = examples("The store and statistics", "sh")

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("debian"))
        self.dns = self.enterContext(servers.ScriptedDns(zone(), port=53))

    def sandbox(self, split, lines, toml=None):
        conf = self.scratch.path / "conf.d"
        shutil.copytree(DEBIAN / "etc/exim4/conf.d", conf, dirs_exist_ok=True)
        files = {"/etc/exim4/update-exim4.conf.conf":
                 UPDATE_CONF.format(split="true" if split else "false")}
        passwd = servers.Sandbox("exim4-daemon-heavy", self.scratch.path).files["/etc/passwd"]
        files["/etc/passwd"] = passwd + (
            "uucp:x:10:10::/:/usr/sbin/nologin\nmail:x:8:8::/var/mail:/usr/sbin/nologin\n")
        files |= {"/etc/mailname": "mx.example\n", "/etc/aliases": "root: postbox\n"}
        if toml is not None:
            files["/etc/helovet/helovet.toml"] = toml
        # The module is not where the file included takes it to be.
        lines = f"HELOVET_MODULE = {MODULE_PATH}\n{lines}" if lines else ""
        if split:
            (conf / "main/000_helovet").write_text(lines)
        else:
            files["/etc/exim4/exim4.conf.localmacros"] = lines
        return servers.Sandbox(
            "exim4-daemon-heavy", self.scratch.path, files=files,
            binds=BINDS | {
                "/etc/exim4/conf.d": conf,
                "/etc/exim4/exim4.conf.template": DEBIAN / "etc/exim4/exim4.conf.template",
                "/helovet/helovet": HELOVET,
                "/helovet/update-exim4.conf": DEBIAN / "usr/sbin/update-exim4.conf"},
            directories={path: 0o777 for path in (
                "/var/lib/exim4", "/var/spool/exim4", "/var/log/exim4")},
            environment={"PATH": "/helovet:/usr/sbin:/usr/bin:/sbin:/bin"},
            resolv_conf="nameserver 127.0.0.1\n")

    def run_shell(self, box, *commands):
        return box.run(["/bin/sh", "-c", "set -e\n" + "\n".join(commands)])

    def test_exim_that_can(self):
        done = self.run_shell(self.sandbox(False, ""), "update-exim4.conf", self.support)
        self.assertEqual(done.stdout, "Expand_dlfunc\n")

    def test_asking_by_hand(self):
        done = self.run_shell(self.sandbox(False, ""), "update-exim4.conf", self.by_hand)
        self.assertTrue(done.stdout.startswith("action=tag trust=unknown "), done)
        self.assertIn("csa=none csa_reason=no-record", done.stdout)
        self.assertEqual(self.dns.count("_client._smtp.mail.example.com", "SRV"), 1)

    def play(self, split, toml, client, name):
        session = self.session.replace("mail.example.com", name).replace("192.0.2.1", client)
        box = self.sandbox(split, self.lines, toml)
        return self.run_shell(box, self.update, session)

    def test_both_styles(self):
        standard = config_text(self.dns)
        for split in (False, True):
            for toml, client, name, reply in (
                    (None, STRANGER, GOOD, "250 Accepted"),
                    (standard, GOOD_ADDRESS, GOOD, "250 Accepted"),
                    (standard, STRANGER, GOOD, "550-5.7.1 192.0.2.99 is not accepted as good.example:"),
                    (standard, GOOD_ADDRESS, BAD, "550-5.7.1 192.0.2.1 is not accepted as bad.example:"),
                    ('profile = "lax"', STRANGER, GOOD, "250 Accepted")):
                with self.subTest(split=split, client=client, name=name, toml=toml):
                    done = self.play(split, toml, client, name)
                    self.assertIn(reply, done.stdout, done.stderr[-2000:])

    def test_both_styles_have_the_acl_for_data(self):
        """Mail for postmaster, which Debian's ACL for RCPT accepts before it comes to our file."""
        for split in (False, True):
            box = self.sandbox(split, self.lines, config_text(self.dns, "observe"))
            message = ("EHLO good.example\\r\\nMAIL FROM:<a@example.com>\\r\\n"
                       "RCPT TO:<postmaster@mx.example>\\r\\nDATA\\r\\nSubject: x\\r\\n\\r\\n.\\r\\nQUIT\\r\\n")
            done = self.run_shell(box, self.update, f"printf '{message}' | exim4 -bh {STRANGER}")
            self.assertIn("250 OK id=", done.stdout, done.stderr[-2000:])
            self.assertIn("helovet: action=tag trust=low decided_by=csa", done.stderr)

    def test_statistics(self):
        for make, shown in ((self.directory, "1"), ("", "")):
            box = self.sandbox(False, self.lines, config_text(self.dns, "observe"))
            done = self.run_shell(box, self.update, make, self.session.strip() + " >&2",
                                  self.stats)
            self.assertIn("250 Accepted", done.stderr)
            counted = re.search(r"^sessions +: +(\d+)$", done.stdout, re.M)
            self.assertEqual(counted[1] if counted else "", shown, done)

    def test_debian_refuses_each_acl_file_alone(self):
        for line in self.lines.splitlines():
            if "LOCAL_ACL_FILE" not in line:
                continue
            # Without the macro for the module, too.
            box = self.sandbox(False, "")
            box.files["/etc/exim4/exim4.conf.localmacros"] = line + "\n"
            done = self.run_shell(box, "update-exim4.conf")
            self.assertNotEqual(done.returncode, 0, line)
            self.assertIn("include helovet-main.conf in the main part first",
                          done.stdout + done.stderr)

    def test_another_configuration(self):
        block, = examples("Another configuration", "exim")
        rcpt, data = block.split("\n\n")
        acls = {}
        for text in (rcpt, data):
            name, body = text.split("\n", 1)
            acls[name.removeprefix("acl_check_").removesuffix(":")] = body
        self.assertEqual(list(acls), ["rcpt", "data"])
        exim = self.enterContext(HelovetExim(
            self.scratch.path, config_text(self.dns), acls=acls,
            macros="HELOVET_OWN_HOSTS = : +relay_from_hosts",
            main="hostlist relay_from_hosts = 192.0.2.77"))
        for client, code, marks in ((STRANGER, 550, 0), (GOOD_ADDRESS, 250, 1), ("192.0.2.77", 250, 0)):
            exim.mail.clear()
            with exim.client(client) as session:
                session.command(f"EHLO {GOOD}")
                self.assertEqual(session.message("Subject: x\n\nbody").code, code, client)
            if code == 250:
                self.assertEqual(len(results(exim.mail.wait_for(1)[0])), marks, client)

    def test_a_module_that_is_missing_defers(self):
        exim = self.enterContext(HelovetExim(
            self.scratch.path, config_text(self.dns), module="/helovet/missing.so"))
        with exim.client(GOOD_ADDRESS) as session:
            session.command(f"EHLO {GOOD}")
            session.command("MAIL FROM:<a@sender.example>")
            self.assertEqual(session.command("RCPT TO:<postbox@mx.example>").code, 451)
        self.assertIn("missing.so", (exim.directory / "logs/paniclog").read_text())


if __name__ == "__main__":
    # helovet's default is to ask port 53 of the servers in resolv.conf.
    servers.enter_private_network()
    unittest.main()
