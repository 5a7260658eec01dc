"""What the filter may still do in a real OpenSMTPD: docs/opensmtpd.md, "Confinement". With root and
without it, with the settings' files under way; and where the kernel lacks what confines.

HELOVET_FILTER is the program."""

import ctypes
import os
import pathlib
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from test_opensmtpd import (  # noqa: E402 (found through the path above)
    BAD, FILTER, FILTER_PATH, CONFIG_PATH, GOOD, GOOD_ADDRESS, STRANGER, FilteredSmtpd,
    Fixture, servers)

OPENSMTPD = servers.USERS["opensmtpd"]
LANDLOCK_CREATE_RULESET, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 444, 38, 22
PRCTL = {"x86_64": 157, "aarch64": 167, "riscv64": 167}
SECCOMP = {"x86_64": 317, "aarch64": 277, "riscv64": 277}
ENOSYS = 38
NOT_CONFINED = "helovet: is not fully confined"


def landlock_version():
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)


class ConfinedSmtpd(FilteredSmtpd):
    """`words` stand behind the filter's command in smtpd.conf."""

    def __init__(self, *arguments, words="", **options):
        self.words = words
        super().__init__(*arguments, **options)

    def _sandbox(self):
        box = super()._sandbox()
        line = f'filter "helovet" proc-exec "{FILTER_PATH} -c {CONFIG_PATH}"'
        box.files["/etc/smtpd.conf"] = box.files["/etc/smtpd.conf"].replace(line, f"{line} {self.words}")
        return box

    def filter_process(self):
        """Its directory in the host's /proc, once the filter has answered a session."""
        with self.client(GOOD_ADDRESS) as client:
            client.command(f"EHLO {GOOD}")
        return next(pathlib.Path(f"/proc/{pid}") for pid, words in self.running.commands().items()
                    if words.startswith(FILTER_PATH.encode() + b"\0"))


def status(process):
    return dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())


class InOpenSmtpd(Fixture):
    SETTINGS = ('lists.deny = ["/scratch/lists/deny"]\nstore.directory = "/scratch/store"\n'
                'metrics.file = "/scratch/metrics/helovet.prom"\n'
                'opensmtpd.confinement = "required"')

    def confined(self, words):
        smtpd = ConfinedSmtpd(self.scratch.path, self.dns, words=words, head=self.SETTINGS)
        for name, owner in (("lists", 0), ("store", OPENSMTPD), ("metrics", OPENSMTPD)):
            servers.owned_directory(smtpd.directory / name, owner)
        (smtpd.directory / "lists/deny").write_text("192.0.2.77\n")
        return self.enterContext(smtpd)

    def check_status(self, process):
        got = status(process)
        for key in ("Uid", "Gid"):
            self.assertEqual(got[key].split(), [str(OPENSMTPD)] * 4, key)
        self.assertEqual(got["Groups"].split(), [str(OPENSMTPD)])
        for key in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(got[key], 16), 0, key)
        self.assertEqual((got["NoNewPrivs"], got["Seccomp"]), ("1", "2"))
        limits = (process / "limits").read_text()
        for limit in ("Max core file size", "Max processes"):
            self.assertRegex(limits, rf"{limit} +0 +0 ")

    def check_files_are_kept(self, smtpd):
        """Lists are read again, the store and the metrics are written."""
        deny = smtpd.directory / "lists/deny"
        self.assertEqual(self.mail_from(smtpd, GOOD_ADDRESS, GOOD), 250)
        (smtpd.directory / "lists/new").write_text(f"{GOOD_ADDRESS}\n")
        (smtpd.directory / "lists/new").rename(deny)
        servers.wait_until(lambda: self.mail_from(smtpd, GOOD_ADDRESS, GOOD) == 550, "the new list")
        self.assertEqual(self.mail_from(smtpd, STRANGER, BAD), 550)
        self.assertTrue(any((smtpd.directory / "store").iterdir()))
        self.assertIn("helovet_verdicts_total", (smtpd.directory / "metrics/helovet.prom").read_text())
        self.assertNotRegex(smtpd.log_text(), "helovet: (store|is not|/scratch)|fatal|terminated")

    def mail_from(self, smtpd, address, name):
        with smtpd.client(address) as client:
            self.expect(client.command(f"EHLO {name}"), 250)
            return client.command("MAIL FROM:<joe@example.org>").code

    def test_started_as_smtpds_user(self):
        if landlock_version() < 1:
            self.skipTest("this kernel has no Landlock")
        smtpd = self.confined("")
        self.check_status(smtpd.filter_process())
        self.check_files_are_kept(smtpd)

    def test_started_as_root(self):
        if landlock_version() < 1:
            self.skipTest("this kernel has no Landlock")
        smtpd = self.confined("user root group root")
        process = smtpd.filter_process()
        self.check_status(process)
        # Its root has its files' directories and what leads there.
        seen = {str(path.relative_to(process / "root")) for path in (process / "root").rglob("*")
                if path.is_dir()}
        self.assertEqual({path for path in seen if not path.startswith("proc")},
                         {"scratch", "scratch/lists", "scratch/store", "scratch/metrics"})
        self.check_files_are_kept(smtpd)

    def test_switched_off(self):
        smtpd = self.enterContext(ConfinedSmtpd(
            self.scratch.path, self.dns, head='opensmtpd.confinement = "off"'))
        got = status(smtpd.filter_process())
        self.assertEqual((got["NoNewPrivs"], got["Seccomp"]), ("0", "0"))


def forget(*calls):
    """Has these system calls fail in this process and its children, as in a kernel without them."""
    code = [struct.pack("=HBBI", 0x20, 0, 0, 0)]  # Load the number.
    for call in calls:
        code += [struct.pack("=HBBI", 0x15, 0, 1, call), struct.pack("=HBBI", 0x06, 0, 0, 0x50000 | ENOSYS)]
    text = b"".join([*code, struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)])
    octets = ctypes.create_string_buffer(text, len(text))
    program = struct.pack("HxxxxxxP", len(text) // 8, ctypes.addressof(octets))
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            or libc.prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(program), 0, 0) != 0):
        raise OSError(ctypes.get_errno(), "seccomp")


class OldKernels(unittest.TestCase):
    """What the kernel has not got is said once, and the filter runs."""

    def run_filter(self, settings, forgotten):
        with servers.Scratch("confinement") as scratch:
            config = scratch.path / "helovet.toml"
            config.write_text(f'store.kind = "none"\nopensmtpd.user = ""\nopensmtpd.chroot = ""\n{settings}')
            return subprocess.run(
                [FILTER, "-c", config], input="config|ready\n", text=True, capture_output=True, timeout=30,
                check=False, preexec_fn=lambda: forget(*forgotten))

    def setUp(self):
        self.machine = os.uname().machine
        if self.machine not in SECCOMP:
            self.skipTest("the calls' numbers are not known")

    def test_without_landlock(self):
        done = self.run_filter("", [LANDLOCK_CREATE_RULESET])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("register|ready\n", done.stdout)
        line, = done.stderr.splitlines()
        self.assertTrue(line.startswith(NOT_CONFINED), line)
        self.assertIn("files: Function not implemented", line)
        self.assertNotIn("system calls:", line)

    def test_without_both(self):
        done = self.run_filter("", [LANDLOCK_CREATE_RULESET, SECCOMP[self.machine], PRCTL[self.machine]])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("register|ready\n", done.stdout)
        line, = done.stderr.splitlines()
        for lack in ("new privileges", "files", "system calls"):
            self.assertIn(f"{lack}: Function not implemented", line)

    def test_required(self):
        done = self.run_filter('opensmtpd.confinement = "required"', [LANDLOCK_CREATE_RULESET])
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"\Ahelovet: does not run, since it is not confined: .*"
                         r"files: Function not implemented\n\Z")


del Fixture  # Has no test of its own.

if __name__ == "__main__":
    unittest.main(verbosity=2)
