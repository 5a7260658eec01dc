"""The demo shows what it should, and leaves nothing behind, whatever ends it."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import servers
from enter_sandbox import (
    CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT, call, mount)
from servers import SOURCE

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD_DIR", SOURCE / "build/release"))
DEMO = [str(SOURCE / "tests/demo"), "--build-dir", str(BUILD)]
KEPT = BUILD / "demo-kept.json"
SECONDS = 120


def listeners() -> set[str]:
    """The listening TCP and the bound UDP sockets of our network."""
    found = set()
    for name, states in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == states:
                found.add(f"{name} {fields[1]}")
    return found


def processes() -> set[str]:
    """The other processes in our network, those in sandboxes too."""
    found = set()
    network = os.readlink("/proc/self/ns/net")
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry / "ns/net") == network and entry.name != str(os.getpid()):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found.add(f"{entry.name} {command.decode(errors='replace')}")
    return found


def make_host_read_only(*writable: pathlib.Path):
    """From now on this process and its children can write into these directories only."""
    call("unshare", CLONE_NEWNS)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    for path in writable:
        mount(str(path), str(path), None, MS_BIND | MS_REC)
    kept = (*(str(path) for path in writable), "/proc", "/sys", "/dev")
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split()[4].encode().decode("unicode_escape")  # Spaces stand there as \\040.
        if not any(point == top or point.startswith(top + "/") for top in kept):
            with contextlib.suppress(OSError):
                mount(None, point, None, MS_BIND | MS_REMOUNT | MS_RDONLY)


class Demo(unittest.TestCase):
    """In a network of its own, where every listener and every process is the demo's, on a host that
    can be written nowhere but in the demo's own directories."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = cls.enterClassContext(servers.Scratch("watch")).path
        servers.enter_private_network()
        make_host_read_only(BUILD, servers.SCRATCH)
        cls.environment = {**os.environ, "TMPDIR": str(cls.temporary)}

    def setUp(self):
        self.before = self.host()

    def host(self):
        return {
            "mounts": pathlib.Path("/proc/self/mountinfo").read_text().splitlines(),
            "listeners": listeners(),
            "temporary files": list(self.temporary.iterdir()),
        }

    def assert_nothing_left(self):
        servers.wait_until(lambda: not processes(), f"the end of {processes()}", 10)
        self.assertEqual(self.host(), self.before)
        # What a killed demo left in its scratch directory goes with the next test that needs one.
        with servers.Scratch("sweep") as sweep:
            left = [path.name for path in sweep.all() if path.name.startswith("demo-")]
        self.assertEqual(left, [])

    def run_demo(self, *arguments):
        return subprocess.run([*DEMO, *arguments], capture_output=True, text=True, check=False,
                              timeout=SECONDS, env=self.environment)

    def test_the_host_is_read_only(self):
        for path in ("/etc", "/var/tmp", "/tmp", "/run", "/root"):
            with self.assertRaises(OSError, msg=path):
                (pathlib.Path(path) / "helovet-test").touch()

    def test_shows_the_expected_answers_and_cleans_up(self):
        done = self.run_demo()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("each as expected", done.stdout)
        self.assertNotIn("WRONG", done.stdout)
        self.assert_nothing_left()

    def test_leaves_nothing_when_killed(self):
        for moment in (0.2, 1.5):
            for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
                with self.subTest(moment=moment, how=how):
                    process = subprocess.Popen(
                        DEMO, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        env=self.environment, start_new_session=True)
                    time.sleep(moment)
                    process.send_signal(how)
                    self.assertNotEqual(process.wait(SECONDS), 0)
                    self.assert_nothing_left()

    def test_keeps_running_until_stopped(self):
        self.addCleanup(self.run_demo, "--stop")
        done = self.run_demo("--keep")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Still running", done.stdout)
        self.assertTrue(KEPT.exists())
        again = self.run_demo("--keep")
        self.assertEqual(again.returncode, 1)
        self.assertIn("running already", again.stderr)
        talk = self.run_demo("--session", "127.0.0.66", "mx1.good.example")
        self.assertEqual(talk.returncode, 0, talk.stderr)
        self.assertEqual(talk.stdout.count("S: 550 5.7.1 "), 2, talk.stdout)
        pid = json.loads(KEPT.read_text())["pid"]
        self.assertTrue(os.path.exists(f"/proc/{pid}"))
        stopped = self.run_demo("--stop")
        self.assertEqual((stopped.returncode, stopped.stdout), (0, "Stopped.\n"))
        self.assertFalse(KEPT.exists())
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main(verbosity=2)
