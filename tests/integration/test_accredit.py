"""An accreditor's zone, from the list to real servers and back: NSD serves it, BIND's tools read
it, and `helovet accredit --verify` compares what is served with the list.

HELOVET names the program.
"""

import json
import os
import pathlib
import re
import subprocess
import time
import unittest

from servers import SERVERS, SOURCE, Answer, Nsd, Scratch, ScriptedDns, Unbound, free_port

HELOVET = os.environ.get("HELOVET", str(SOURCE / "build/release/core/cli/helovet"))
CHECKZONE = SERVERS / "bind9-utils/usr/bin/named-checkzone"
ZONE = "judge.example"
LIST = """\
# What we think of them.
good.example.org        A
fair.example.org        B   member since 2004; see "bylaws"
new.example.org         C
# Complaints are not answered.
slow.example.org        D
bulk.example.org        E   50% of what it sends \\ more
M\u00fcnchen.example.org    B
"""
CONTACT = ("--contact", "ask.judge.example:443", "--address", "ask.judge.example=192.0.2.80",
           "--address", "ask.judge.example=2001:db8::80")
SERVER = ("--ns", "ns.judge.example", "--address", "ns.judge.example=192.0.2.53")
SECONDS = 120
MANY = 100000
# Names in a second. On a host with other work to do it has been twenty times as much.
LEAST_RATE = 2000


def run(*arguments, **options):
    return subprocess.run([str(argument) for argument in arguments], capture_output=True,
                          timeout=SECONDS, check=False, **options)


class Accredit(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(Scratch("accredit")).path
        self.zone = self.scratch / "judge.zone"

    def accredit(self, text, *arguments):
        (self.scratch / "list").write_text(text)
        return run(HELOVET, "accredit", "--list", self.scratch / "list", "--zone", ZONE, *CONTACT,
                   *arguments)

    def make(self, text):
        done = self.accredit(text, *SERVER, "--serial", "7", "--output", self.zone)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def verify(self, text, address, *arguments):
        return self.accredit(text, "--verify", "--config", "/dev/null", "--dns",
                             f"{address[0]}:{address[1]}", *arguments)

    def assert_equal(self, done, count):
        self.assertEqual((done.returncode, done.stderr, done.stdout.decode()), (
            0, b"", f"judge.example: asked about {count} of {count} domains: {count} equal, "
            "0 missing, 0 different, 0 unknown\n"))

    def nsd(self, zone=None):
        return self.enterContext(Nsd(self.scratch, {ZONE: zone or self.zone}))

    def test_bind_loads_it(self):
        self.make(LIST)
        done = run(CHECKZONE, ZONE, self.zone)
        self.assertEqual((done.returncode, done.stdout.decode()), (
            0, "zone judge.example/IN: loaded serial 7\nOK\n"))
        # What BIND has read, in its own words.
        done = run(CHECKZONE, "-D", "-q", ZONE, self.zone)
        texts = dict(re.findall(r'^(\S+)\.judge\.example\.\s.*\bTXT\s+(.*)$', done.stdout.decode(),
                                re.M))
        self.assertEqual(texts, {
            "good.example.org": '"MARID,1,A"',
            "fair.example.org": '"MARID,1,B;member since 2004; see \\"bylaws\\""',
            "new.example.org": '"MARID,1,C"', "slow.example.org": '"MARID,1,D"',
            "bulk.example.org": '"MARID,1,E;50% of what it sends \\\\ more"',
            "xn--mnchen-3ya.example.org": '"MARID,1,B"'})

    def test_longest_names_and_reports(self):
        label = "a" * 63
        text = (f"{label}.{label}.{label}.{'b' * 47} A {'i' * 245}\n"
                f"{'.'.join('a' * 119)} E\n")
        self.make(text)
        self.assertEqual(run(CHECKZONE, ZONE, self.zone).returncode, 0)
        self.assert_equal(self.verify(text, self.nsd().address), 2)

    def test_what_is_served_is_verified(self):
        self.make(LIST)
        nsd = self.nsd()
        self.assert_equal(self.verify(LIST, nsd.address), 6)
        unbound = self.enterContext(Unbound(self.scratch, nsd))
        self.assert_equal(self.verify(LIST, unbound.address), 6)

    def test_mutations_are_told(self):
        self.make(LIST)
        whole = self.zone.read_text()
        contact = "_vouch._smtp SRV 0 0 443 ask.judge.example.\n"
        good, bulk = 'good.example.org TXT "MARID,1,A"\n', 'bulk.example.org TXT "MARID,1,E'
        for old, new, wanted in [
                (good, "", 'missing  good.example.org.judge.example  wanted "MARID,1,A"'),
                (good, 'x.good.example.org TXT "x"\n',
                 'missing  good.example.org.judge.example  wanted "MARID,1,A"'),
                (good, good.replace(",A", ",B"), 'different  good.example.org.judge.example  '
                 'wanted "MARID,1,A"  found "MARID,1,B"'),
                (good, good + good.replace(",A", ",E"), 'different  good.example.org.judge.example  '
                 'wanted "MARID,1,A"  found "MARID,1,A | MARID,1,E"'),
                (bulk, bulk.replace(",E", ",A"), 'different  bulk.example.org.judge.example  '
                 'wanted "MARID,1,E;50% of what it sends \\\\ more"  '
                 'found "MARID,1,A;50% of what it sends \\\\ more"'),
                (good, "good.example.org NS ns.example.net.\n", 'unknown  '
                 'good.example.org.judge.example  wanted "MARID,1,A"  because of "referral"'),
                (contact, "", 'missing  _vouch._smtp.judge.example  '
                 'wanted "0 0 443 ask.judge.example"'),
                (contact, contact.replace("443", "80"), 'different  _vouch._smtp.judge.example  '
                 'wanted "0 0 443 ask.judge.example"  found "0 0 80 ask.judge.example"')]:
            with self.subTest(wanted):
                self.assertIn(old, whole)
                with Nsd(self.scratch, {ZONE: whole.replace(old, new)}) as nsd:
                    done = self.verify(LIST, nsd.address)
                lines = done.stdout.decode().splitlines()
                self.assertEqual((len(lines), lines[0]), (2, wanted))
                self.assertEqual(done.returncode, 4 if wanted.startswith("unknown") else 3)

    def test_a_server_without_the_zone(self):
        nsd = self.enterContext(Nsd(self.scratch, {"other.example": "$TTL 60\n@ SOA ns h 1 1 1 1 1\n"
                                                                    "@ NS ns\nns A 192.0.2.1\n"}))
        got = json.loads(self.verify(LIST, nsd.address, "--json").stdout)
        self.assertEqual((got["equal"], got["missing"], got["unknown"]), (0, 0, 6))
        self.assertEqual({each["found"] for each in got["differences"]}, {"refused"})

    def test_a_server_that_is_stopped(self):
        self.make(LIST)
        nsd = self.nsd()
        self.assert_equal(self.verify(LIST, nsd.address), 6)
        nsd.stop()
        done = self.verify(LIST, nsd.address)
        self.assertEqual((done.returncode, done.stderr), (4, b""))
        self.assertIn("0 equal, 0 missing, 0 different, 6 unknown", done.stdout.decode())

    def test_a_server_that_stops_on_the_way(self):
        """Nothing is missing, and it is over soon after."""
        text = "".join(f"m{i}.example.org A\n" for i in range(MANY))
        self.make(text)
        (self.scratch / "list").write_text(text)
        nsd = self.nsd()
        command = [HELOVET, "accredit", "--list", self.scratch / "list", "--zone", ZONE, *CONTACT,
                   "--verify", "--json", "--config", "/dev/null", "--dns",
                   f"{nsd.address[0]}:{nsd.address[1]}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            time.sleep(0.7)
            nsd.stop()
            out, _ = process.communicate(timeout=SECONDS)
        got = json.loads(out)
        self.assertEqual((got["missing"], got["different"]), (0, 0))
        self.assertEqual(got["equal"] + got["unknown"], MANY)
        self.assertEqual(process.returncode, 4 if got["unknown"] else 0)

    def test_lost_packets_are_asked_again(self):
        answers = {(f"{name}.judge.example", "TXT"): Answer([f"MARID,1,{rating}"], lose=1)
                   for name, rating in (("a.example", "A"), ("b.example", "E"))}
        answers["_vouch._smtp.judge.example", "SRV"] = Answer(["0 0 443 ask.judge.example"])
        with ScriptedDns(answers) as dns:
            self.assert_equal(self.verify("a.example A\nb.example E\n", dns.address), 2)

    def test_nobody_answers(self):
        done = self.verify("a.example A\n", ("127.0.0.1", free_port()), "--json")
        self.assertEqual(done.returncode, 4)
        self.assertEqual({each["found"] for each in json.loads(done.stdout)["differences"]},
                         {"unreachable"})

    def test_many_names(self):
        """No mistake among many at a time, and no crawl."""
        text = "".join(f"mail{i}.customer{i % 100}.example.org {'ABCDE'[i % 5]} member {i}\n"
                       for i in range(MANY))
        self.make(text)
        nsd = self.nsd()
        begin = time.monotonic()
        done = self.verify(text, nsd.address)
        seconds = time.monotonic() - begin
        self.assert_equal(done, MANY)
        print(f"{MANY / seconds:.0f} names a second", flush=True)
        self.assertGreater(MANY / seconds, LEAST_RATE)

    def test_a_full_disk_leaves_nothing(self):
        (self.scratch / "list").write_text("".join(f"m{i}.example A\n" for i in range(10000)))
        disk = self.scratch / "disk"
        disk.mkdir()
        done = run("unshare", "--mount", "sh", "-c",
                   f'mount -t tmpfs -o size=64k tmpfs "{disk}" && echo former > "{disk}/zone"; '
                   f'"{HELOVET}" accredit --list "{self.scratch}/list" --zone {ZONE} '
                   f'--ns ns.example.net --output "{disk}/zone"; echo $?; ls -A "{disk}"; '
                   f'cat "{disk}/zone"')
        self.assertEqual((done.stdout.decode(), done.stderr.decode()), (
            "1\nzone\nformer\n",
            f"helovet: {disk}/zone: cannot be written: No space left on device\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
