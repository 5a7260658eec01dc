"""The store of Exim's processes: statistics, and what happens where the store cannot be used
(docs/rules.md §13). Mail goes on, and the main log has it once."""

import ctypes
import os
import subprocess
import unittest

from exim_fixture import HELO, MARK, MODULE_PATH, REFUSE, servers
from sender_fixture import OURS, STORE, VERIFIED, Senders

MESSAGE = "Subject: test\n\nbody\n"
KNOWN = "user@called.example"
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


class Statistics(Senders):
    def test_each_step_is_counted_once(self):
        """However many ACLs ask, and recipients there are (§13.3)."""
        csa = (f"accept\n  set acl_c_csa = ${{dlfunc{{{MODULE_PATH}}}{{helovet_csa}}"
               "{$sender_host_address}{$sender_helo_name}HELOVET_OPTIONS}")
        peer = self.peer()
        exim = self.daemon(self.toml(checks=["spf", "cbv"]), acls={
            "helo": HELO, "mail": REFUSE, "rcpt": VERIFIED, "predata": csa, "data": MARK})
        for _ in range(2):
            with exim.client(OURS) as session:
                session.command("EHLO mail.client.example")
                for sender in (KNOWN, "a@spf.example", ""):
                    self.say(session, sender, "a@mx.example", "b@mx.example", "c@mx.example")
                    session.command("DATA")
                    self.assertEqual(session.command("Subject: x\r\n\r\nbody\r\n.").code, 250)
        self.assertEqual(peer.asked(KNOWN), 1)
        counted = self.counted(exim)
        self.assertEqual(
            {name: counted[name] for name in (
                "sessions", "messages", "helo.pass.fqdn", "spf.pass.designated", "cbv.calls",
                "cbv.skip.cached", "cbv.skip.decided", "cbv.skip.null-sender")},
            {"sessions": 2, "messages": 6, "helo.pass.fqdn": 2, "spf.pass.designated": 2,
             "cbv.calls": 6, "cbv.skip.cached": 1, "cbv.skip.decided": 2,
             "cbv.skip.null-sender": 2})

    def test_senders_who_are_denied_make_no_further_session(self):
        """Of such a sender alone no check has run, and the next one begins."""
        exim = self.daemon(self.toml(tables='[lists]\ndeny = ["@denied.example"]'))
        with exim.client(OURS) as session:
            session.command("EHLO mail.client.example")
            for sender, code in (("a@denied.example", 550), ("b@denied.example", 550),
                                 ("a@client.example", 250)):
                self.assertEqual(self.say(session, sender).code, code)
                session.command("RSET")
        counted = self.counted(exim)
        self.assertEqual((counted["sessions"], counted["messages"]), (1, 3))

    def test_exempt_sessions(self):
        exim = self.daemon(self.toml(checks=["spf", "cbv"]))
        with exim.client("127.0.0.1") as session:
            session.command("EHLO mail.client.example")
            for sender in ("a@client.example", "b@client.example"):
                self.say(session, sender, "a@mx.example", "b@mx.example")
                session.command("RSET")
        counted = self.counted(exim)
        self.assertEqual((counted["sessions"], counted["cbv.skip.exempt"]), (1, 2))

    def test_the_commands_of_exim_count_too(self):
        exim = self.exim(self.toml())
        done = exim.session(OURS, ["EHLO mail.client.example", "MAIL FROM:<a@client.example>",
                                   "RCPT TO:<postbox@mx.example>", "QUIT"])
        self.assertIn("250 Accepted", done.stdout)
        self.assertEqual(self.counted(exim)["sessions"], 1)
        for file in exim.store.iterdir():
            self.assertEqual(file.stat().st_uid, servers.USERS["Debian-exim"], f"{file}: run by root")

    def test_nothing_is_kept_without_a_store(self):
        exim = self.daemon(self.toml(store='store.kind = "none"'))
        self.assertEqual(self.reply(exim, "a@client.example").code, 250)
        self.assertEqual(list(exim.store.iterdir()), [])
        self.assertEqual(exim.complaints(), [])


class Trouble(Senders):
    def complaints_of(self, exim, sessions=3, code=250):
        """The complaints after some sessions, each with a message that passes."""
        exim.mail.clear()
        for _ in range(sessions):
            with exim.client(OURS) as session:
                session.command("EHLO mail.client.example")
                for sender in (KNOWN, "user2@called.example"):
                    self.assertEqual(session.message(MESSAGE, sender=sender).code, code)
        self.assertEqual(len(exim.mail.wait_for(2 * sessions)), 2 * sessions)
        return exim.complaints()

    def expect_no_calls(self, exim, peer):
        """§12.4: nothing would bound them."""
        self.assertEqual(peer.heard, [])
        for verdict in exim.verdicts():
            self.assertEqual((verdict["cbv"], verdict["cbv_reason"]), ("skipped", "no-store"))

    def test_a_directory_that_is_missing(self):
        peer = self.peer()
        exim = self.daemon(self.toml(checks=["spf", "cbv"]), store=False)
        self.assertEqual(self.complaints_of(exim),
                         [f"helovet: store: {STORE}: No such file or directory"])
        self.expect_no_calls(exim, peer)

    def test_the_default_one_may_be_missing_without_callbacks(self):
        exim = self.daemon(self.toml(store="# the default"))
        self.assertEqual(self.complaints_of(exim), [])

    def test_a_directory_that_exim_cannot_write(self):
        peer = self.peer()
        exim = self.exim(self.toml(checks=["spf", "cbv"]), store=False)
        exim.store.mkdir(mode=0o755)
        self.enterContext(exim)
        complaints = self.complaints_of(exim)
        self.assertEqual(len(complaints), 2, complaints)
        self.assertNotEqual(*complaints, "of facts and of counters")
        for complaint in complaints:
            self.assertRegex(complaint, f"^helovet: store: {STORE}.*: Permission denied$")
        self.expect_no_calls(exim, peer)

    def test_a_directory_that_everybody_can_write(self):
        peer = self.peer()
        exim = self.exim(self.toml(checks=["cbv"]), store=False)
        exim.store.mkdir()
        exim.store.chmod(0o777)
        self.enterContext(exim)
        self.assertEqual(self.complaints_of(exim),
                         [f"helovet: store: {STORE}: everybody can write there"])
        self.expect_no_calls(exim, peer)

    def test_each_session_tells_it_without_the_preload(self):
        self.peer()
        exim = self.daemon(self.toml(checks=["spf", "cbv"]), store=False, preload=False)
        self.assertEqual(len(self.complaints_of(exim, sessions=2)), 2)

    def test_a_full_disk(self):
        self.peer()
        for size in (4, 64):
            with self.subTest(kilobytes=size):
                exim = self.exim(self.toml(checks=["spf", "cbv"]))
                self.small_disk(exim.store, size)
                with exim:
                    complaints = self.complaints_of(exim)
                    self.assertGreater(len(complaints), 0)
                    self.assertEqual(len(complaints), len(set(complaints)))
                    for complaint in complaints:
                        self.assertRegex(complaint, f"^helovet: store: {STORE}")
                    self.assertIn("No space left", " ".join(complaints))

    def small_disk(self, path, kilobytes):
        uid = servers.USERS["Debian-exim"]
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=755,uid={uid},gid={uid}",
                        "tmpfs", path], check=True)
        self.addCleanup(subprocess.run, ["umount", path], check=True)

    def test_damage(self):
        """§13.1, §13.3: facts begin anew, and counters are set aside."""
        peer = self.peer()
        exim = self.daemon(self.toml(checks=["spf", "cbv"]))
        self.complaints_of(exim, sessions=1)
        for file in exim.store.iterdir():
            os.truncate(file, file.stat().st_size // 2)
        self.complaints_of(exim, sessions=2)
        self.assertEqual(peer.asked(KNOWN), 2, "before the damage, and once after it")
        self.assertEqual(self.counted(exim)["sessions"], 2)
        self.assertIn(".damaged", " ".join(file.name for file in exim.store.iterdir()))


def enter_private_mounts():
    """What is mounted from now on goes with this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNS)")
    if libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None) != 0:
        raise OSError(ctypes.get_errno(), "mount")


if __name__ == "__main__":
    servers.enter_private_network()
    enter_private_mounts()
    unittest.main(verbosity=2)
