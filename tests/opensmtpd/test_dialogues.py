#!/usr/bin/env python3
r"""Plays the dialogues in dialogues/*.txt with the real filter: what smtpd says, what it must hear.

A dialogue is lines of these kinds; others are errors:

    # a comment
    @config KEY = VALUE     a line for the head of helovet.toml, before the first `>`; {SCRATCH} is
                            an empty directory
    @quiet SECONDS          the filter says nothing for so long
    @log REGEX              a line of its log has to match, now or within PATIENCE
    @end                    end of input: the filter drains its output and exits with 0
    > LINE                  smtpd says LINE
    < LINE                  the filter's next line is LINE
    ~ REGEX                 the filter's next line matches REGEX as a whole
    ~+ REGEX                so do all lines up to the first that does not, one at least

In LINE, {x*N} stands for N times x, and {\xHH} for an octet. After the last line the filter must have nothing more to say.
The DNS that the filter asks is DNS below.

    test_dialogues.py FILTER [unittest's options]
"""

import os
import pathlib
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from scripted_dns import Answer, ScriptedDns  # noqa: E402

FILTER = os.environ.get("HELOVET_FILTER", "filter-helovet")
PATIENCE = 10.0  # Seconds for what must come.
SETTLE = 0.1     # Seconds in which nothing more may come at a dialogue's end.
SLOW = 0.4       # Seconds; dialogues rely on their HELO and MAIL FROM being read before.

# Clients: 192.0.2.1 and 2001:db8::1 are good.example.
DNS = {
    ("_client._smtp.good.example", "SRV"): Answer(["1 2 0 good.example"]),
    ("good.example", "A"): Answer(["192.0.2.1"]),
    ("good.example", "AAAA"): Answer(["2001:db8::1"]),
    # bad.example sends no mail; slow.example neither, and takes its time to say so.
    ("_client._smtp.bad.example", "SRV"): Answer(["1 1 0 bad.example"]),
    ("_client._smtp.slow.example", "SRV"): Answer(["1 1 0 slow.example"], delay=SLOW),
    ("_client._smtp.silent.example", "SRV"): Answer(silent=True),
    # Nobody takes mail for null.example (RFC 7505), which it says late; two never say.
    ("null.example", "MX"): Answer(["0 ."], delay=SLOW),
    ("late.example", "MX"): Answer(silent=True),
    ("never.example", "MX"): Answer(silent=True),
}

CONFIG = """\
profile = "standard"
deadline = "1500ms"
{head}
[dns]
servers = ["{address}"]
query_timeout = "1500ms"
"""


class Filter:
    """The process under test."""

    def __init__(self, config: str, **options):
        self.process = subprocess.Popen([FILTER, "-c", config], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.log: list[str] = []
        self._received = b""
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line.decode("latin-1").rstrip("\n"))

    def say(self, line: str):
        self.process.stdin.write(line.encode("latin-1") + b"\n")
        self.process.stdin.flush()

    def hear(self, seconds: float) -> str | None:
        """The next line, or None when none comes in time."""
        deadline = time.monotonic() + seconds
        out = self.process.stdout.fileno()
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return None
            octets = os.read(out, 65536)
            if not octets:
                return None
            self._received += octets
        line, self._received = self._received.split(b"\n", 1)
        return line.decode("latin-1")

    def hear_while(self, regex: str) -> int:
        """How many lines match; the first that does not is heard next."""
        count = 0
        while (line := self.hear(PATIENCE)) is not None:
            if not re.fullmatch(regex, line):
                self._received = line.encode("latin-1") + b"\n" + self._received
                break
            count += 1
        return count

    def end(self) -> int:
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log_reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


def expand(text: str) -> str:
    text = re.sub(r"\{\\x([0-9a-f]{2})\}", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\{(.)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)


class Dialogues(unittest.TestCase):
    longMessage = False

    @classmethod
    def setUpClass(cls):
        cls.dns = cls.enterClassContext(ScriptedDns(DNS))
        cls.scratch = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory(prefix="helovet-dialogues-")))

    def play(self, path: pathlib.Path):
        lines = list(enumerate(path.read_text(encoding="ascii").splitlines(), 1))
        head = "\n".join(line.removeprefix("@config ") for _, line in lines
                         if line.startswith("@config "))
        directory = self.scratch / path.stem
        directory.mkdir()
        head = head.replace("{SCRATCH}", str(directory))
        config = self.scratch / (path.stem + ".toml")
        host, port = self.dns.address
        config.write_text(CONFIG.format(head=head, address=f"{host}:{port}"))
        peer = Filter(str(config))
        try:
            for number, line in lines:
                self.step(peer, f"{path.name}:{number}", line)
            if peer.process.poll() is None:
                rest = peer.hear(SETTLE)
                self.assertIsNone(rest, f"{path.name}: nothing wanted, got: {rest}")
                self.assertEqual(peer.end(), 0, f"{path.name}: exit status")
        finally:
            peer.close()

    def step(self, peer: Filter, where: str, line: str):
        kind, _, rest = line.partition(" ")
        if kind in ("<", ">"):
            rest = expand(rest)
        if not line or kind in ("#", "@config"):
            return
        if kind == ">":
            peer.say(rest)
        elif kind in ("<", "~"):
            got = peer.hear(PATIENCE)
            matches = got is not None and (got == rest if kind == "<" else re.fullmatch(rest, got))
            self.assertTrue(matches, f"{where}\nwant: {rest[:300]}\ngot:  {str(got)[:300]}\n"
                                     + "\n".join(peer.log))
        elif kind == "~+":
            if peer.hear_while(rest) == 0:
                self.fail(f"{where}\nwant: {rest}\ngot:  {peer.hear(0)}")
        elif kind == "@quiet":
            got = peer.hear(float(rest))
            self.assertIsNone(got, f"{where}\nwant: silence\ngot:  {got}")
        elif kind == "@log":
            deadline = time.monotonic() + PATIENCE
            while not any(re.search(rest, entry) for entry in peer.log):
                self.assertLess(time.monotonic(), deadline,
                                f"{where}\nno log line like {rest} in\n" + "\n".join(peer.log))
                time.sleep(0.01)
        elif kind == "@end":
            self.assertEqual(peer.end(), 0, f"{where}: exit status")
        else:
            self.fail(f"{where}: unknown kind of line: {line}")

    def test_dialogues(self):
        paths = sorted((HERE / "dialogues").glob("*.txt"))
        self.assertGreater(len(paths), 10, "the dialogues are missing")
        for path in paths:
            with self.subTest(dialogue=path.name):
                self.play(path)


class Signals(unittest.TestCase):
    """smtpd ends, mail server and all, when its filter does."""

    def start(self, settings: str = "", **options):
        config = self.enterContext(tempfile.NamedTemporaryFile("w", suffix=".toml"))
        config.write(settings)
        config.flush()
        peer = Filter(config.name, **options)
        self.addCleanup(peer.close)
        peer.say("config|ready")
        while peer.hear(PATIENCE) != "register|ready":
            self.assertIsNone(peer.process.poll())
        return peer

    def expect_alive(self, peer):
        peer.say("filter|0.6|1.0|smtp-in|helo|0000000000000001|0000000000000002|x")
        self.assertEqual(peer.hear(PATIENCE),
                         "filter-result|0000000000000001|0000000000000002|proceed")
        self.assertEqual(peer.end(), 0)

    def test_outlives_what_daemons_are_sent_to_make_them_read_their_files(self):
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            with self.subTest(signal=number):
                peer = self.start()
                peer.process.send_signal(number)
                time.sleep(SETTLE)
                self.expect_alive(peer)

    def test_outlives_a_limit_on_the_size_of_files(self):
        with tempfile.TemporaryDirectory() as directory:
            peer = self.start(
                f'metrics.file = "{directory}/metrics"\n',
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
            self.expect_alive(peer)
            peer.close()
            self.assertIn(f"helovet: {directory}/metrics: cannot be written: File too large", peer.log)
            self.assertEqual(os.listdir(directory), [])


class Start(unittest.TestCase):
    """What the program does before any dialogue."""

    def run_filter(self, *arguments: str):
        return subprocess.run([FILTER, *arguments], input=b"config|ready\n", capture_output=True,
                              timeout=PATIENCE)

    def test_refuses_a_bad_configuration_with_its_place(self):
        cases = [
            ("profile = \"standard\"\nfoo = 1\n", r":2:1: "),
            ("profile = \"harsh\"\n", r":1:\d+: "),
            ("profile = \n", r":1:\d+: "),
            ("\n\n[dns]\nservers = [\"nonsense\"]\n", r":4:\d+: "),
        ]
        for text, place in cases:
            with self.subTest(text=text), tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(text)
                file.flush()
                done = self.run_filter("-c", file.name)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, b"")
                self.assertRegex(done.stderr.decode(), re.escape(file.name) + place)
                self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_refuses_a_missing_configuration(self):
        done = self.run_filter("-c", "/nonexistent/helovet.toml")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"/nonexistent/helovet.toml", done.stderr)

    def test_refuses_arguments_it_does_not_know(self):
        for arguments in (["-x"], ["-c"], ["file"]):
            done = self.run_filter(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertIn(b"usage: filter-helovet [-V] [-c config]", done.stderr)

    def test_keeps_the_number_of_a_closed_standard_error(self):
        # A DNS socket would get it, and log lines would go to a DNS server.
        peer = subprocess.Popen(["sh", "-c", 'exec "$0" 2>&-', FILTER], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE)
        try:
            peer.stdin.write(b"config|ready\n")
            peer.stdin.flush()
            self.assertIn(b"register|", peer.stdout.readline())
            self.assertEqual(os.readlink(f"/proc/{peer.pid}/fd/2"), "/dev/null")
        finally:
            peer.communicate(timeout=PATIENCE)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        FILTER = sys.argv.pop(1)
    unittest.main()
