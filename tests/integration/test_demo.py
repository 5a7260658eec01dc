"""The demo shows what it should, and leaves nothing behind, whatever ends it."""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import servers
from servers import SOURCE

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD_DIR", SOURCE / "build/release"))
DEMO = [str(SOURCE / "tests/demo"), "--build-dir", str(BUILD)]
KEPT = BUILD / "demo-kept.json"
# Where a mail or DNS server would leave something that is not ours.
WATCHED = ["/etc", "/run", "/var/spool", "/var/mail", "/var/lib", "/var/log", "/var/run"]
SECONDS = 120


def listeners() -> set[str]:
    """The listening TCP and the bound UDP sockets of the host."""
    found = set()
    for name, states in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == states:
                found.add(f"{name} {fields[1]}")
    return found


def processes(mark: str) -> list[str]:
    """Processes whose environment or command line has `mark` in it, and all in sandboxes."""
    found = []
    ours = os.readlink("/proc/self/ns/pid")
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
            if entry.name != str(os.getpid()) and (
                    mark.encode() in environment or os.readlink(entry / "ns/pid") != ours):
                found.append(f"{entry.name} {command.decode(errors='replace')}")
    return found


def tree(paths) -> dict[str, str]:
    """Every file below `paths`, with what tells it from another."""
    found = {}
    for top in paths:
        for directory, _, files in os.walk(top):
            found[directory] = ""
            for name in files:
                path = os.path.join(directory, name)
                with contextlib.suppress(OSError):
                    status = os.lstat(path)
                    found[path] = f"{status.st_size} {status.st_mtime_ns} {status.st_mode}"
    return found


class Demo(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.temporary = temporary.name
        self.environment = {
            **os.environ, "TMPDIR": self.temporary,
            "HELOVET_DEMO_MARK": hashlib.sha256(self.temporary.encode()).hexdigest()}
        self.mark = self.environment["HELOVET_DEMO_MARK"]
        self.others = set(processes(self.mark))
        self.before = self.host()

    def host(self):
        return {
            "mounts": pathlib.Path("/proc/self/mountinfo").read_text().splitlines(),
            "listeners": listeners(),
            "files": tree(WATCHED),
            "resolv.conf": pathlib.Path("/etc/resolv.conf").read_bytes(),
            "temporary files": os.listdir(self.temporary),
        }

    def left_processes(self):
        return [p for p in processes(self.mark) if p not in self.others]

    def assert_nothing_left(self):
        """Nothing but what was there before; a killed demo's scratch directory goes with the next
        use of a Scratch."""
        servers.wait_until(lambda: not self.left_processes(), "the end of all processes", 10)
        with servers.Scratch("sweep") as sweep:
            left = [p.name for p in servers.Scratch.all() if p != sweep.path]
        self.assertEqual([name for name in left if name.startswith("demo-")], [])
        after = self.host()
        for what, value in self.before.items():
            self.assertEqual(after[what], value, what)

    def run_demo(self, *arguments):
        return subprocess.run([*DEMO, *arguments], capture_output=True, text=True, check=False,
                              timeout=SECONDS, env=self.environment)

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
