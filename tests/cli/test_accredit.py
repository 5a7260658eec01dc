"""helovet accredit, run as an accreditor would, against zone files.

HELOVET names the program. No test needs a network.
"""

import contextlib
import json
import os
import pathlib
import pty
import resource
import subprocess
import unittest

from command import HELOVET, WithFiles

ZONE = "judge.example"
SOA = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\n"
MAKING = ("--ns", "ns.example.net", "--serial", "7")


def helovet(*arguments, timeout=60, **options):
    return subprocess.run([HELOVET, *map(str, arguments)], capture_output=True, timeout=timeout,
                          check=False, **options)


class Case(WithFiles):
    def setUp(self):
        super().setUp()
        self.zone = self.directory / "judge.zone"

    def accredit(self, text, *arguments, zone=ZONE, **options):
        return helovet("accredit", "--list", self.write("list", text), "--zone", zone, *arguments,
                       **options)

    def make(self, text, *arguments):
        done = self.accredit(text, "--output", self.zone, *MAKING, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done

    def verify(self, text, *arguments):
        return self.accredit(text, "--verify", "--config", "/dev/null", "--zone-file", self.zone,
                             *arguments)

    def assert_refused(self, done, *lines):
        self.assertEqual((done.returncode, done.stdout), (2, b""), done)
        self.assertEqual(done.stderr.decode("ascii").splitlines(),
                         ["helovet: " + line.replace("LIST", str(self.directory / "list"))
                          for line in lines])


class Making(Case):
    def test_standard_output_has_the_zone_alone(self):
        done = self.accredit("a.example A\nb.example E no answer to complaints\n", *MAKING,
                             "--contact", "ask.example.net:443")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout.decode().splitlines()[1:], [
            "$ORIGIN judge.example.", "$TTL 3600",
            "@ SOA ns.example.net. hostmaster.judge.example. 7 3600 900 1209600 900",
            "@ NS ns.example.net.", "_vouch._smtp SRV 0 0 443 ask.example.net.",
            'a.example TXT "MARID,1,A"',
            'b.example TXT "MARID,1,E;no answer to complaints"'])
        again = self.accredit("b.example E no answer to complaints\r\na.example A", *MAKING,
                              "--contact", "ask.example.net:443", "--output", "-")
        self.assertEqual(again.stdout, done.stdout)

    def test_a_file(self):
        done = self.make("a.example A\nb.example B\n")
        self.assertEqual(done.stdout, b"judge.example: 2 names, serial 7\n")
        self.assertEqual(sorted(path.name for path in self.directory.iterdir()),
                         ["judge.zone", "list"])

    def test_serials_of_dates_grow(self):
        serials = []
        for _ in range(3):
            done = self.accredit("a.example A\n", "--output", self.zone, "--ns", "ns.example.net")
            self.assertEqual(done.returncode, 0, done)
            serials.append(int(done.stdout.split()[-1]))
        self.assertEqual(len(str(serials[0])), 10)
        self.assertEqual(sorted(set(serials)), serials)

    def test_repeated_lines_are_told(self):
        done = self.accredit("a.example A\nA.example. a\na.example A # x\n", *MAKING)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.decode(), f"helovet: {self.directory}/list: 2 lines repeat "
                         "what another one says\n")

    def test_mistakes_of_lists(self):
        self.assert_refused(
            self.accredit(b"a.example A\n\xff.b A\nc.example X\n\x00\n\x1b[2J A\n"
                          b"a.example B\n" + b"x" * 100000 + b"\nd.example A \x07\n", *MAKING),
            r'LIST:2:1: "\xff.b" is not a domain name',
            'LIST:3:11: "X" is not a rating from A to E',
            "LIST:4:1: a NUL: this is no text",
            r'LIST:5:1: "\x1b[2J" is not a domain name',
            'LIST:6: says something else of "a.example" than line 1',
            f'LIST:7:2001: "{"x" * 40}..." is a line of more than 2000 octets',
            "LIST:8:13: the info must be printable ASCII")
        # Without a zone there is nothing left to be taken for one.
        self.zone.write_text("as it was")
        done = self.accredit("a.example\n", "--output", self.zone, *MAKING)
        self.assert_refused(done, "LIST:1:10: a rating from A to E is missing")
        self.assertEqual(self.zone.read_text(), "as it was")
        done = helovet("accredit", "--list", self.directory / "none", "--zone", ZONE, *MAKING)
        self.assert_refused(done, f"{self.directory}/none: cannot be read: "
                            "No such file or directory")

    def test_binary_lists(self):
        done = self.accredit(pathlib.Path(HELOVET).read_bytes()[:1 << 20], *MAKING)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        lines = done.stderr.decode("ascii").splitlines()
        self.assertEqual(len(lines), 11)
        self.assertRegex(lines[-1], r"list: has \d+ more mistakes$")

    def test_mistakes_of_arguments(self):
        for arguments, message in [
                ((), "--ns: a zone needs a name server"),
                (("--ns", "a b"), '--ns: "a b" is not a domain name'),
                (("--ns", f"ns.{ZONE}"), f'"ns.{ZONE}" is in the zone and needs an --address'),
                ((*MAKING, "--contact", "x"), '--contact: "x" is not HOST:PORT'),
                ((*MAKING, "--address", "x"), '--address: "x" is not NAME=ADDRESS'),
                ((*MAKING, "--address", "x=192.0.2.1"),
                 '--address: "x=192.0.2.1" is not of a name within the zone'),
                ((*MAKING, "--mailbox", "x"),
                 '--mailbox: "x" is not a mailbox such as hostmaster@example.com'),
                ((*MAKING, "--ttl", "-1"), '--ttl: "-1" is not a period such as "3600" or "1h"'),
                ((*MAKING, "--default-rating", "F"),
                 '--default-rating: "F" is not a rating from A to E'),
                (("--ns", "ns.example.net", "--serial", "4294967296"),
                 '--serial: "4294967296" is not a number below 4294967296 or "date"')]:
            with self.subTest(arguments=arguments):
                self.assert_refused(self.accredit("a.example A\n", *arguments), message)
        self.assert_refused(self.accredit("", *MAKING, zone="\x1b"), '--zone: "\\x1b" is not a '
                            "domain name that _vouch._smtp. fits before")
        for arguments in (("--json",), ("--sample", "1"), ("--dns", "192.0.2.1"),
                          ("--verify", "--sample", "0"),
                          ("--verify", "--dns", "192.0.2.1", "--zone-file", "x")):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.accredit("", *MAKING, *arguments).returncode, 2)

    def test_default_rating(self):
        done = self.accredit("a.example\nb.example E\n", *MAKING, "--default-rating", "b")
        self.assertEqual(done.stdout.decode().splitlines()[-2:],
                         ['a.example TXT "MARID,1,B"', 'b.example TXT "MARID,1,E"'])

    def test_output_that_takes_no_more(self):
        done = subprocess.run(f"'{HELOVET}' accredit --list '{self.write('list', 'a.example A')}' "
                              f"--zone {ZONE} {' '.join(MAKING)} > /dev/full", shell=True,
                              capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, b"helovet: cannot write: No space left on device\n"))
        done = self.accredit("a.example A\n", *MAKING, "--output", "/dev/full")
        self.assertEqual((done.returncode, done.stderr), (
            1, b"helovet: /dev/full: cannot be written: Not a regular file\n"))

    def test_a_file_that_does_not_fit_leaves_nothing(self):
        self.zone.write_text("as it was")
        text = "".join(f"m{i}.example A\n" for i in range(100000))
        done = self.accredit(text, *MAKING, "--output", self.zone,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                   (1 << 20, 1 << 20)))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr.decode(),
                         f"helovet: {self.zone}: cannot be written: File too large\n")
        self.assertEqual(self.zone.read_text(), "as it was")
        self.assertEqual(sorted(path.name for path in self.directory.iterdir()),
                         ["judge.zone", "list"])


class RoundTrip(Case):
    """From a list to a verdict (DNA-02 §5, §6)."""

    LIST = ("a.example.org A\nb.example.org b member since 2004; see \"bylaws\"\n"
            "c.example.org C\nd.example.org D\ne.example.org E no answer to complaints\n")
    WANTED = {"a": ("pass", "recommended", "A"), "b": ("pass", "recommended", "B"),
              "c": ("none", "unknown", None), "d": ("fail", "not-recommended", "D"),
              "e": ("fail", "not-recommended", "E"), "f": ("none", "unknown", None)}

    def test_check_gives_the_rating(self):
        self.make(self.LIST, "--contact", "ask.example.net:443")
        settings = self.write("helovet.toml", f'dna.trusted = ["{ZONE}"]\n')
        sender = self.write("example.org.zone", "$ORIGIN example.org.\n" + SOA + "".join(
            f"{label} A 192.0.2.1\n{label} PTR _vouch._smtp.{ZONE}.\n" for label in self.WANTED))
        for label, wanted in self.WANTED.items():
            with self.subTest(label):
                done = helovet("check", "--json", "--ip", "192.0.2.1", "--helo",
                               f"{label}.example.org", "--config", settings, "--zone", self.zone,
                               "--zone", sender)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                dna = json.loads(done.stdout)["checks"]["dna"]
                self.assertEqual((dna["result"], dna["reason"], dna.get("rating")), wanted)
                self.assertEqual(dna.get("contact"),
                                 "ask.example.net:443" if wanted[0] == "fail" else None)
                texts = [item["text"] for item in dna["evidence"] if item["type"] == "TXT"]
                self.assertEqual(texts[0].strip('"')[:9],
                                 f"MARID,1,{label.upper()}" if label != "f" else "")

    def test_verify_finds_it_equal(self):
        self.make(self.LIST, "--contact", "ask.example.net:443")
        done = self.verify(self.LIST, "--contact", "ask.example.net:443")
        self.assertEqual((done.returncode, done.stderr, done.stdout), (
            0, b"", b"judge.example: asked about 5 of 5 domains: 5 equal, 0 missing, "
            b"0 different, 0 unknown\n"))


class Verifying(Case):
    def test_differences(self):
        self.make("a.example A\nb.example B old\n", "--contact", "ask.example.net:443")
        done = self.verify("a.example A\nb.example B\nc.example C\n")
        self.assertEqual((done.returncode, done.stderr), (3, b""))
        self.assertEqual(done.stdout.decode().splitlines(), [
            'extra  _vouch._smtp.judge.example  found "0 0 443 ask.example.net"',
            'different  b.example.judge.example  wanted "MARID,1,B"  found "MARID,1,B;old"',
            'missing  c.example.judge.example  wanted "MARID,1,C"',
            "judge.example: asked about 3 of 3 domains: 1 equal, 1 missing, 1 different, "
            "0 unknown"])
        done = self.verify("a.example A\nb.example B\nc.example C\n", "--json")
        self.assertEqual(done.returncode, 3)
        got = json.loads(done.stdout)
        self.assertEqual(list(got), ["zone", "domains", "asked", "equal", "missing", "different",
                                     "unknown", "gave_up", "differences"])
        self.assertEqual(got["differences"][2], {
            "owner": "c.example.judge.example", "finding": "missing", "wanted": "MARID,1,C",
            "found": ""})

    def test_many_differences_are_counted(self):
        self.make("")
        done = self.verify("".join(f"m{i}.example A\n" for i in range(100)))
        lines = done.stdout.decode().splitlines()
        self.assertEqual((len(lines), lines[50]), (52, "and 50 more"))

    def test_a_sample(self):
        text = "".join(f"m{i}.example A\n" for i in range(100))
        self.make(text)
        done = self.verify(text, "--sample", "10")
        self.assertEqual(done.stdout, b"judge.example: asked about 10 of 100 domains: 10 equal, "
                         b"0 missing, 0 different, 0 unknown\n")

    def test_another_zone_knows_nothing(self):
        self.zone.write_text("$ORIGIN other.example.\n" + SOA)
        done = self.verify("a.example A\n")
        self.assertEqual((done.returncode, done.stderr), (4, b""))
        self.assertEqual(done.stdout.decode().splitlines(), [
            'unknown  _vouch._smtp.judge.example  because of "refused"',
            'unknown  a.example.judge.example  wanted "MARID,1,A"  because of "refused"',
            "judge.example: asked about 1 of 1 domain: 0 equal, 0 missing, 0 different, 1 unknown"])

    def test_remote_text_is_escaped(self):
        self.zone.write_bytes(b"$ORIGIN judge.example.\n" + SOA.encode() +
                              b'a.example TXT "\\027[2J\\255\xc2\x9b\\""\n')
        for arguments in ((), ("--json",)):
            done = self.verify("a.example A\n", *arguments)
            self.assertEqual(done.returncode, 3)
            self.assertTrue(all(octet == 10 or 32 <= octet < 127 for octet in done.stdout), done)

    def test_files_that_cannot_be_read(self):
        done = self.verify("a.example A\n")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"judge.zone: cannot be read: No such file or directory", done.stderr)


class Terminal(Case):
    def test_the_bar_is_gone_before_the_answer(self):
        text = "".join(f"m{i}.example A\n" for i in range(300000))
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(HELOVET, ["helovet", "accredit", "--list", str(self.write("list", text)),
                               "--zone", ZONE, *MAKING, "--output", str(self.zone)])
        shown = b""
        with contextlib.suppress(OSError):  # EIO when it has ended.
            while octets := os.read(terminal, 65536):
                shown += octets
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        answer = b"judge.example: 300000 names, serial 7\r\n"
        self.assertTrue(shown.endswith(answer), shown[-200:])
        bars = shown.removesuffix(answer)
        self.assertTrue(not bars or bars.endswith(b"\r\x1b[K"), bars[-100:])


@unittest.skipIf("HELOVET_SANITIZED" in os.environ, "sanitizers take time and memory of their own")
class Load(Case):
    """A million domains within 20 s of this process's own time and 512 MiB."""

    SECONDS = 20
    OCTETS = 512 << 20

    def test_a_million_domains(self):
        count = 1000000
        text = "".join(f"mail{i * 7919 % count}.customer-{i % 1000}.example.com "
                       f"{'ABCDE'[i % 5]} member since {1990 + i % 30}\n" for i in range(count))
        process = subprocess.Popen(
            [HELOVET, "accredit", "--list", self.write("list", text), "--zone", ZONE, *MAKING,
             "--output", self.zone], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            out, err = process.stdout.read(), process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((process.returncode, out, err),
                         (0, b"judge.example: 1000000 names, serial 7\n", b""))
        seconds = usage.ru_utime + usage.ru_stime
        print(f"{seconds:.1f} s, {usage.ru_maxrss >> 10} MiB, zone of "
              f"{self.zone.stat().st_size >> 20} MiB", flush=True)
        self.assertLess(seconds, self.SECONDS)
        self.assertLess(usage.ru_maxrss << 10, self.OCTETS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
