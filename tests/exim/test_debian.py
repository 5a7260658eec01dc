"""What docs/exim.md tells administrators to do, done: its commands and configuration lines, taken from the
page, with Debian's own configuration of Exim in both its styles."""

import re
import shutil
import unittest

from exim_fixture import (
    ACL_PATH, BAD, GOOD, GOOD_ADDRESS, MAIN_PATH, MODULE, MODULE_PATH, SOURCE, STRANGER, HelovetExim,
    config_text, servers, zone)

PAGE = SOURCE / "docs/exim.md"
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


def blocks(language):
    """The page's blocks of a language, with the paths that the sandbox has."""
    text = PAGE.read_text()
    text = text.replace("/usr/lib/exim4/helovet.so", MODULE_PATH)
    text = text.replace("/usr/share/helovet/exim", "/helovet")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shell = blocks("sh")
        cls.exim = blocks("exim")

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
            binds={MODULE_PATH: MODULE, ACL_PATH: SOURCE / "exim-dlfunc/helovet.acl",
                   MAIN_PATH: SOURCE / "exim-dlfunc/helovet-main.conf",
                   "/etc/exim4/conf.d": conf,
                   "/etc/exim4/exim4.conf.template": DEBIAN / "etc/exim4/exim4.conf.template",
                   "/helovet/update-exim4.conf": DEBIAN / "usr/sbin/update-exim4.conf"},
            directories={path: 0o777 for path in (
                "/var/lib/exim4", "/var/spool/exim4", "/var/log/exim4")},
            environment={"PATH": "/helovet:/usr/sbin:/usr/bin:/sbin:/bin"},
            resolv_conf="nameserver 127.0.0.1\n")

    def run_shell(self, box, *commands):
        return box.run(["/bin/sh", "-c", "set -e\n" + "\n".join(commands)])

    def test_blocks_are_those_that_are_run_here(self):
        self.assertEqual((len(self.shell), len(self.exim)), (4, 3))

    def test_exim_that_can(self):
        done = self.run_shell(self.sandbox(False, ""), "update-exim4.conf", self.shell[0])
        self.assertEqual(done.stdout, "Expand_dlfunc\n")

    def test_asking_by_hand(self):
        done = self.run_shell(self.sandbox(False, ""), "update-exim4.conf", self.shell[1])
        self.assertTrue(done.stdout.startswith("action=tag trust=unknown "), done)
        self.assertIn("csa=none csa_reason=no-record", done.stdout)
        self.assertEqual(self.dns.count("_client._smtp.mail.example.com", "SRV"), 1)

    def play(self, split, toml, client, name):
        session = self.shell[3].replace("mail.example.com", name).replace("192.0.2.1", client)
        box = self.sandbox(split, self.exim[0], toml)
        return self.run_shell(box, self.shell[2], session)

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

    def test_debian_refuses_the_acl_file_alone(self):
        acl_line, = (line for line in self.exim[0].splitlines() if "LOCAL_ACL_FILE" in line)
        # Without the macro for the module, too.
        box = self.sandbox(False, "")
        box.files["/etc/exim4/exim4.conf.localmacros"] = acl_line + "\n"
        done = self.run_shell(box, "update-exim4.conf")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("include helovet-main.conf in the main part first", done.stdout + done.stderr)

    def test_an_acl_for_mail(self):
        name, body = self.exim[1].split("\n", 1)
        self.assertEqual(name, "acl_check_mail:")
        exim = self.enterContext(HelovetExim(
            self.scratch.path, config_text(self.dns), acls={"mail": body},
            main="hostlist relay_from_hosts = 192.0.2.77"))
        for client, code in ((STRANGER, 550), (GOOD_ADDRESS, 250), ("192.0.2.77", 250)):
            with exim.client(client) as session:
                session.command(f"EHLO {GOOD}")
                self.assertEqual(session.command("MAIL FROM:<a@sender.example>").code, code, client)

    def test_instead_of_verify_csa(self):
        exim = self.enterContext(HelovetExim(
            self.scratch.path, config_text(self.dns), acls={"rcpt": self.exim[2] + "  accept\n"}))
        for client, name, code in ((STRANGER, GOOD, 550), (GOOD_ADDRESS, GOOD, 250),
                                   (GOOD_ADDRESS, BAD, 550), (STRANGER, "unknown.example", 250)):
            with exim.client(client) as session:
                session.command(f"EHLO {name}")
                session.command("MAIL FROM:<a@sender.example>")
                reply = session.command("RCPT TO:<postbox@mx.example>")
                self.assertEqual(reply.code, code, (client, name, reply))

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
