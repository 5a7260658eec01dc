"""helovet check --batch, run as a user would, against zone files.

HELOVET names the program.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest
from pathlib import Path

from command import DEFAULTS, EXAMPLE, HELOVET, REVERSE, WithFiles, is_plain

ZONES = ("--config", DEFAULTS, "--zone", EXAMPLE, "--zone", REVERSE)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

PLAIN = """\
# Monday
192.0.2.1 mail.example
192.0.2.9 mail.example joe@example.org
192.0.2.2 silent.example <>
192.0.2.9 mail.example <joe@example.org>  # Again.

192.0.2.3 plain.example -
127.0.0.1 mail.example
192.0.2.3 nowhere.test
192.0.2.9 -
"""

SUMMARY = """\
standard input, plain: 10 lines, 8 sessions
  7 differ
  1 session exempt
  3 sessions with a check that failed for now

Action               observe         standard*            strict
  accept           1   12.5%         1   12.5%         1   12.5%
  tag              7   87.5%         3   37.5%         0    0.0%
  defer            0    0.0%         0    0.0%         1   12.5%
  reject           0    0.0%         4   50.0%         6   75.0%

Trust
  high                                            0    0.0%  ....................
  unknown                                         4   50.0%  ##########..........
  low                                             4   50.0%  ##########..........

Results
  helo           pass                             6   75.0%  ###############.....
                 fail                             1   12.5%  ###.................
  csa            none                             2   25.0%  #####...............
                 pass                             1   12.5%  ###.................
                 fail                             3   37.5%  ########............
                 temperror                        1   12.5%  ###.................
  forward        none                             1   12.5%  ###.................
                 neutral                          2   25.0%  #####...............
                 pass                             3   37.5%  ########............
                 temperror                        1   12.5%  ###.................
  iprev          pass                             3   37.5%  ########............
                 permerror                        4   50.0%  ##########..........
  reverse-match  none                             1   12.5%  ###.................
                 neutral                          4   50.0%  ##########..........
                 pass                             2   25.0%  #####...............
  well-known     none                             7   87.5%  ##################..
  local-list     none                             7   87.5%  ##################..
  spf-helo       none                             6   75.0%  ###############.....
                 temperror                        1   12.5%  ###.................
  spf            none                             1   12.5%  ###.................
                 temperror                        2   25.0%  #####...............

Decided by
  csa            address-mismatch                 2   25.0%  #####...............
  helo           missing                          1   12.5%  ###.................
  csa            not-authorized                   1   12.5%  ###.................
  csa            no-record                        1   12.5%  ###.................
  csa            dns                              1   12.5%  ###.................
  local-list     not-listed                       1   12.5%  ###.................
  exempt         network                          1   12.5%  ###.................

Names that standard refuses most often
         2  mail.example
         1  (no name)
         1  silent.example

Addresses that standard refuses most often
         3  192.0.2.9
         1  192.0.2.2
"""

EXIM = """\
2026-11-22 10:31:18 1xV4qs-000004-1B <= joe@example.org H=(mail.example) [192.0.2.9] P=esmtp S=215
2026-11-22 10:31:18 1xV4qs-000004-1B => a <a@mx.example> R=everyone T=mail_directory
2026-11-22 10:31:18 1xV4qs-000004-1B Completed
2026-11-22 10:31:25 H=(silent.example) [192.0.2.2] F=<> rejected RCPT <a@bad.example>: no
"""

SMTPD = """\
Nov 22 10:31:18 mx smtpd[12]: 146cbf815aad6e2a smtp connected address=192.0.2.9 host=<unknown>
Nov 22 10:31:18 mx smtpd[12]: helovet: helovet: session=146cbf815aad6e2a action=reject trust=low \
decided_by=csa decided_reason=address-mismatch ip=192.0.2.9 helo_name=mail.example mail_from=""
Nov 22 10:31:18 mx smtpd[12]: 146cbf815aad6e2a smtp disconnected reason=quit
Nov 22 10:31:19 mx smtpd[12]: 146cbf836d60e85f smtp connected address=[2001:db8::1] host=<unknown>
"""


def batch(text, *arguments, environment=None, zones=ZONES, file="-"):
    text = text.encode() if isinstance(text, str) else text
    return subprocess.run(
        [HELOVET, "check", "--batch", file, *arguments, *zones], input=text, capture_output=True,
        timeout=60, check=False, env=ENVIRONMENT | (environment or {}))


def took(name, of="standard input"):
    return f"helovet: {of}: taken for the format {name}\n".encode()


def sessions(result):
    got = [json.loads(line) for line in result.stdout.splitlines()]
    return [(one["ip"], one["helo"], one["mail_from"], one["count"]) for one in got]


class Summary(WithFiles):
    def test_whole(self):
        result = batch(PLAIN, "--profile", "standard", environment={"LC_ALL": "C"})
        self.assertEqual((result.returncode, result.stderr), (0, took("plain")))
        self.assertEqual(result.stdout.decode(), SUMMARY)

    def test_bars_are_blocks_in_utf8(self):
        result = batch(PLAIN, "--profile", "standard")
        blocks = SUMMARY.replace("....................", "\u2591" * 20)
        blocks = blocks.replace("##########..........", "\u2588" * 10 + "\u2591" * 10)
        lines = result.stdout.decode().splitlines()
        self.assertEqual(lines[12:16], blocks.splitlines()[12:16])
        self.assertEqual([line.partition("%  ")[0] for line in lines],
                         [line.partition("%  ")[0] for line in SUMMARY.splitlines()])
        self.assertIn("12.5%  \u2588\u2588\u258c" + "\u2591" * 17, result.stdout.decode())

    def test_overrides_act_under_observe(self):
        """docs/rules.md \u00a710"""
        config = self.write("helovet.toml", "[overrides.csa]\nfail = \"reject\"\n")
        for profile in ("observe", "strict"):
            with self.subTest(profile=profile):
                result = batch("192.0.2.9 mail.example\n", "--profile", profile,
                               zones=("--config", config, "--zone", EXAMPLE))
                self.assertRegex(result.stdout.decode(), r"\n  reject           1  100\.0%  ")

    def test_custom_profile_has_a_column(self):
        config = self.write("helovet.toml", "profile = \"custom\"\n[custom]\nlow = \"defer\"\n")
        result = batch("192.0.2.9 mail.example\n",
                       zones=("--config", config, "--zone", EXAMPLE))
        text = result.stdout.decode()
        self.assertRegex(text, r"observe +standard +strict +custom\*\n")
        self.assertRegex(text, r"\n  defer +0 +0\.0% +0 +0\.0% +0 +0\.0% +1  100\.0%\n")
        self.assertIn("Names that custom refuses most often", text)

    def test_without_sessions(self):
        for text, want in (("", "standard input, plain: 0 lines, 0 sessions\n  0 differ\n"),
                           ("# nothing\n\n", "standard input, plain: 2 lines, 0 sessions\n  0 differ\n")):
            with self.subTest(text=text):
                result = batch(text, "--format", "plain")
                self.assertEqual((result.returncode, result.stdout.decode(), result.stderr),
                                 (0, want, b""))
        self.assertEqual(batch("").returncode, 0)

    def test_names_are_escaped_and_cut(self):
        long = "a" * 70
        result = batch(f"192.0.2.1 \\x1b[2J\n192.0.2.1 {long}\n", "--profile", "standard")
        text = result.stdout.decode()
        self.assertIn("         1  \\x1b[2J\n", text)
        self.assertIn("         1  " + "a" * 60 + "...\n", text)


class Json(WithFiles):
    def test_order_and_count(self):
        result = batch(PLAIN, "--json")
        self.assertEqual((result.returncode, result.stderr), (0, took("plain")))
        self.assertEqual(sessions(result), [
            ("192.0.2.1", "mail.example", None, 1), ("192.0.2.9", "mail.example", "joe@example.org", 2),
            ("192.0.2.2", "silent.example", "", 1), ("192.0.2.3", "plain.example", None, 1),
            ("127.0.0.1", "mail.example", None, 1), ("192.0.2.3", "nowhere.test", None, 1),
            ("192.0.2.9", "", None, 1)])

    def test_objects_are_those_of_single_sessions(self):
        line = batch("192.0.2.9 mail.example joe@example.org\n", "--json").stdout
        single = subprocess.run(
            [HELOVET, "check", "--ip", "192.0.2.9", "--helo", "mail.example", "--mail-from",
             "joe@example.org", "--json", *ZONES], capture_output=True, timeout=30, check=True)
        got = json.loads(line)
        self.assertEqual(got.pop("count"), 1)
        self.assertEqual(got, json.loads(single.stdout))

    def test_order_of_many(self):
        text = "".join(f"192.0.2.{i % 250} n{i}.example\n" for i in range(5000))
        got = sessions(batch(text, "--json"))
        self.assertEqual([one[1] for one in got], [f"n{i}.example" for i in range(5000)])

    def test_profile(self):
        for profile, action in (("observe", "tag"), ("standard", "reject"), ("strict", "reject")):
            with self.subTest(profile=profile):
                result = batch("192.0.2.9 mail.example\n", "--json", "--profile", profile)
                self.assertEqual(json.loads(result.stdout)["action"], action)


class Formats(WithFiles):
    CASES = [
        ("plain", "192.0.2.9 mail.example <>\n", [("192.0.2.9", "mail.example", "", 1)]),
        ("exim", EXIM, [("192.0.2.9", "mail.example", "joe@example.org", 1),
                        ("192.0.2.2", "silent.example", "", 1)]),
        ("opensmtpd", SMTPD, [("192.0.2.9", "mail.example", "", 1)]),
    ]

    def test_is_told_or_given(self):
        for name, text, want in self.CASES:
            for arguments, told in (([], took(name)), (["--format", "auto"], took(name)),
                                    (["--format", name], b"")):
                with self.subTest(name, arguments=arguments):
                    result = batch(text, "--json", *arguments)
                    self.assertEqual((result.returncode, result.stderr), (0, told))
                    self.assertEqual(sessions(result), want)

    def test_file(self):
        path = self.write("main\\log\u00e4", EXIM)
        result = batch("", file=path)
        name = str(self.directory) + "/main\\\\log\\xc3\\xa4"
        self.assertEqual(result.stderr, took("exim", name))
        self.assertTrue(result.stdout.decode().startswith(f"{name}, exim: 4 lines, 2 sessions\n"),
                        result.stdout)

    def test_tells_of_sessions_without_a_name(self):
        self.assertIn(b"\n  1 session without a HELO name in the log, not judged\n",
                      batch(SMTPD).stdout)

    def test_unknown(self):
        result = batch("From joe@example.org\n")
        self.assert_refused(result, "standard input: its first lines are of no known format")

    def test_last_line_needs_no_end(self):
        self.assertEqual(sessions(batch("192.0.2.9 mail.example", "--json")),
                         [("192.0.2.9", "mail.example", None, 1)])


class Mistakes(WithFiles):
    def test_malformed_lines(self):
        text = "192.0.2.9 mail.example\n" + "192.0.2.300 \x1b[2J\\\n" * 12 + "192.0.2.1 a b@c d\n"
        result = batch(text, "--format", "plain", "--json")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(sessions(result), [("192.0.2.9", "mail.example", None, 1)])
        lines = result.stderr.decode().splitlines()
        self.assertEqual(lines[0], 'helovet: standard input:2: "192.0.2.300 \\x1b[2J\\\\" is no '
                                   'session: it has a control character')
        self.assertEqual((len(lines), lines[-1]),
                         (11, "helovet: standard input: 3 more lines are no sessions"))

    def test_long_lines_and_garbage(self):
        garbage = bytes(range(256)) * 1000 + b"\n"
        text = b"192.0.2.9 " + b"a" * 200000 + b"\n" + garbage + b"192.0.2.9 mail.example\n"
        for name in ("plain", "exim", "opensmtpd"):
            with self.subTest(name):
                result = batch(text, "--format", name, "--json")
                self.assertEqual(result.returncode, 2 if name == "plain" else 0)
                self.assertTrue(is_plain(result.stderr + result.stdout), result.stderr)
                self.assertLess(len(result.stderr), 3000)
                self.assertEqual(len(sessions(result)), 1 if name == "plain" else 0)

    def test_arguments(self):
        for arguments, message in (
                (["--format", "maillog"], "--format: "), (["--profile", "mild"], "--profile: "),
                (["--ip", "192.0.2.1"], "--batch"), (["--helo", "a"], "--batch"),
                (["--rcpt", "a@b"], "--batch"), (["--dns", "x"], "--dns: ")):
            with self.subTest(arguments=arguments):
                self.assert_refused(batch("", *arguments), message)
        for arguments in (["--format", "plain"], ["--profile", "strict"]):
            with self.subTest(arguments=arguments):
                result = subprocess.run([HELOVET, "check", *arguments], capture_output=True,
                                        timeout=30, check=False)
                self.assert_refused(result, "--batch")

    def test_files(self):
        missing = str(self.directory / "missing")
        self.assert_refused(batch("", file=missing), f"{missing}: cannot be read: ")
        self.assert_refused(batch("", file=str(self.directory)), ": cannot be read: ")
        config = self.write("helovet.toml", f'lists.deny = ["{missing}"]\n')
        self.assert_refused(batch("", zones=("--config", config, "--zone", EXAMPLE)), missing)

    def test_output_that_cannot_be_written(self):
        many = "".join(f"192.0.2.1 n{i}.example\n" for i in range(5000)).encode()
        for arguments in ([], ["--json"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                result = subprocess.run(
                    [HELOVET, "check", "--batch", "-", *arguments, *ZONES], input=many,
                    stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr.count(b"cannot write"), 1, result.stderr)


class Store(WithFiles):
    def test_nothing_is_counted_and_nobody_is_called(self):
        store = self.directory / "store"
        store.mkdir(mode=0o750)
        config = self.write("helovet.toml",
                            f'store.directory = "{store}"\nsenders.checks = ["spf", "cbv"]\n')
        result = batch("192.0.2.1 mail.example joe@plain.example\n", "--json",
                       zones=("--config", config, "--zone", EXAMPLE))
        self.assertEqual(result.returncode, 0, result)
        self.assertNotIn("cbv", json.loads(result.stdout)["checks"])
        self.assertEqual(list(store.iterdir()), [])


class Terminal(WithFiles):
    """What somebody sees who sits before it."""

    def run_on_terminal(self, *arguments, columns=80, environment=None, interrupt_at=None,
                        stdout_is_terminal=True):
        """All that is written to the terminal, and the exit code."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        stdout = slave if stdout_is_terminal else subprocess.DEVNULL
        with subprocess.Popen(
                [HELOVET, "check", "--batch", *arguments], stdin=subprocess.DEVNULL, stdout=stdout,
                stderr=slave, env=ENVIRONMENT | {"TERM": "xterm"} | (environment or {})) as process:
            os.close(slave)
            shown, end = b"", time.monotonic() + 60
            while time.monotonic() < end:
                if not select.select([master], [], [], 1)[0]:
                    continue
                try:
                    part = os.read(master, 65536)
                except OSError:  # EIO: the other end is closed.
                    break
                shown += part
                if interrupt_at and interrupt_at in shown:
                    process.send_signal(signal.SIGINT)
                    interrupt_at = None
            return shown.decode(), process.wait(timeout=30)

    def slow(self):
        """A log, and options with which each session takes long: nobody answers."""
        text = "".join(f"192.0.2.{i % 250} n{i}.example\n" for i in range(2000))
        config = self.write("slow.toml", 'deadline = "300ms"\ndns.servers = ["127.0.0.1:9"]\n'
                                         'dns.query_timeout = "300ms"\n')
        return self.write("log", text), "--config", config

    def test_colours(self):
        log = self.write("log", PLAIN)
        shown, status = self.run_on_terminal(log, "--profile", "standard", *ZONES)
        self.assertEqual(status, 0)
        self.assertIn("\x1b[31mreject  \x1b[0m", shown)
        self.assertIn("\x1b[32maccept  \x1b[0m", shown)
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(environment=environment):
                shown, status = self.run_on_terminal(log, "--profile", "standard", *ZONES,
                                                     environment=environment)
                self.assertNotIn("\x1b", shown)
                self.assertIn("  reject           0", shown)

    def test_progress(self):
        for columns, want in ((80, r"\rJudging [\u2588-\u258f\u2591]{30} \d+ %, \d+\x1b\[K"),
                              (30, r"\rJudging \d+\x1b\[K")):
            with self.subTest(columns=columns):
                shown, status = self.run_on_terminal(*self.slow(), columns=columns,
                                                     stdout_is_terminal=False)
                self.assertEqual(status, 0)
                self.assertRegex(shown, want)
                # Wiped in the end.
                self.assertRegex(shown, r"\r\x1b\[K$")
                for frame in re.split(r"\r", shown):
                    self.assertLess(len(frame.removesuffix("\x1b[K")),
                                    columns if frame.startswith("Judging") else 200)

    def test_no_progress_where_it_would_not_show(self):
        shown, _ = self.run_on_terminal(*self.slow(), environment={"TERM": "dumb"},
                                        stdout_is_terminal=False)
        self.assertNotIn("Judging", shown)

    def test_interruption_while_nothing_comes(self):
        fifo = self.directory / "fifo"
        os.mkfifo(fifo)
        for name, options in ((str(fifo), {}), ("-", {"stdin": subprocess.PIPE})):
            with self.subTest(name), subprocess.Popen(
                    [HELOVET, "check", "--batch", name, *ZONES], stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE, env=ENVIRONMENT, **options) as process:
                # Until it waits for the other end: before that a signal would end it at once.
                end = time.monotonic() + 30
                while time.monotonic() < end and not self.waits(process.pid):
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(timeout=30), 130)
                self.assertEqual(process.stderr.read(), b"")

    @staticmethod
    def waits(pid):
        """Whether the process watches for SIGINT, and sleeps."""
        status = Path(f"/proc/{pid}/status").read_text()
        caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
        return caught >> (signal.SIGINT - 1) & 1 and re.search(r"State:\s*S", status)

    def test_interruption_ends_with_what_there_is(self):
        shown, status = self.run_on_terminal(*self.slow(), interrupt_at="Judging".encode())
        self.assertEqual(status, 130)
        judged = re.search(r", 2000 sessions\r\n  (\d+) differ, (\d+) sessions judged", shown)
        self.assertTrue(judged, shown[-3000:])
        self.assertLess(int(judged[1]), 2000)


if __name__ == "__main__":
    unittest.main()
