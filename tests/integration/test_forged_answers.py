#!/usr/bin/env python3
"""Somebody who knows what filter-helovet asks, and floods it with answers that would turn each
verdict round, while the true ones are on their way. None is believed but for what gets everything
right.

    test_forged_answers.py [--guesses N] [--figures] [unittest's options]

HELOVET_FILTER names the program. --guesses: of each way of forging (3,000; the long run has
1,000,000). --figures: prints what was sent, how fast, and what a guess is worth.
"""

import argparse
import collections
import os
import pathlib
import random
import sys
import threading
import unittest

import servers

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", servers.SOURCE / "build/release"))
os.environ.setdefault("HELOVET_FILTER", str(BUILD / "opensmtpd-filter/filter-helovet"))

from forged_answers import IDS, PORTS, Flood, Target, forge  # noqa: E402
from lying_dns import CSA, KINDS, Question  # noqa: E402
from lying_network import FilterRun, Network, Session, sessions, settings  # noqa: E402
from network_faults import BELIEVED, Fault, Patience  # noqa: E402

OPTIONS = argparse.Namespace(guesses=3000, figures=False)
LONGEST = Patience(60.0, 60.0)  # What the settings allow: so long the window stays open.

# How the answers are forged, and what says that they must not be believed.
WAYS = [
    ("blind", "RFC 5452 §7"),
    ("ids", "RFC 5452 §9.1"),
    ("ports", "RFC 5452 §9.2"),
    ("addresses", "RFC 5452 §9.1"),
    ("source ports", "RFC 5452 §9.1"),
    ("questions", "RFC 5452 §9.1"),
    ("unreachable", "docs/rules.md §8"),  # It is true until an answer comes.
]


def say(text: str):
    if OPTIONS.figures:
        print(text, file=sys.stderr, flush=True)


def udp_counts() -> collections.Counter:
    """Of this network's datagrams: InDatagrams were read, NoPorts met no socket, RcvbufErrors a
    full one. Those from others than a connected socket's peer have met no socket."""
    lines = pathlib.Path("/proc/net/snmp").read_text().splitlines()
    names, numbers = (line.split()[1:] for line in lines if line.startswith("Udp:"))
    return collections.Counter(dict(zip(names, map(int, numbers))))


class ForgedAnswers(unittest.TestCase):
    longMessage = False

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("forged")).path
        # The truth waits until it is released.
        fault = Fault("the truth is late", "RFC 5452 §3")
        self.network = self.enterContext(Network(fault, self.scratch))
        self.dns = self.network.dns
        self.network.config.write_text(settings([self.dns.address], LONGEST))
        self.dns.held.set()

    def targets(self, played: list[Session]) -> list[Target]:
        """The sessions' CSA questions, sent twice by now."""
        names = {CSA + session.host for session in played}

        def are_sent_twice():
            asked = collections.Counter(self.dns.questions.copy())
            return all(asked[name, "SRV", "udp"] > 1 for name in names)
        servers.wait_until(are_sent_twice, "two questions each")
        found = []
        for name in sorted(names):
            # However often a question is repeated, and by however many, it is worth one guess.
            self.assertEqual(len(self.dns.peers[name, "SRV"]), 1, name)
            (peer, ident, rest), = self.dns.peers[name, "SRV"]
            question = Question(ident + rest, name, "SRV", 0, random.Random(name))
            found.append(Target(peer, int.from_bytes(ident, "big"), question.opposite))
        return found

    def play(self, played: list[Session], way: str | None = None, reads_log: bool = True):
        """What comes of sessions, while whose questions wait there is a flood."""
        got = []
        with FilterRun(self.network) as run:
            thread = threading.Thread(target=lambda: got.extend(run.play(played, 90.0, reads_log)))
            thread.start()
            try:
                targets = self.targets(played)
                if way is not None:
                    count = len(targets) if way == "right" else OPTIONS.guesses
                    before = udp_counts()
                    sent, seconds = forge(Flood(way, count, self.dns.address, targets))
                    met = udp_counts() - before
                    say(f"{way:13} {sent:8} forgeries, {sent / seconds:7.0f} a second, for "
                        f"{len(targets)} questions: {met['InDatagrams']} were read, "
                        f"{met['NoPorts']} met no socket, {met['RcvbufErrors']} a full one")
            finally:
                self.dns.release()
                thread.join()
            run.end()
        self.assertEqual(len(got), len(played))
        return got

    def test_none_is_believed(self):
        for way, source in WAYS:
            with self.subTest(way=way):
                played = [Session(kind, 100 * number + WAYS.index((way, source)))
                          for number in range(2) for kind in KINDS]
                self.dns.held.set()
                got = self.play(played, way)
                wrong = [f"{session.host}: got {result.csa}, want {want}"
                         for session, result in zip(played, got)
                         if result.csa != (want := self.network.fault.verdict[session.kind])]
                self.assertFalse(wrong, f"{source}\n" + "\n".join(wrong))

    def test_what_gets_everything_right_is_believed(self):
        """Or the test above could not fail."""
        played = sessions(2)
        for session, result in zip(played, self.play(played, "right")):
            # The address of `unknown` is not forged.
            want = {**BELIEVED, "unknown": "fail no-address"}[session.kind]
            self.assertEqual(result.csa, want, session.host)

    def test_one_question_is_open_however_many_ask(self):
        """Otherwise a guess would be worth as many (RFC 5452 §5)."""
        played = [Session("good", 0)] * 100
        got = self.play(played, reads_log=False)
        self.assertEqual({result.action for result in got}, {"accept"})

    def test_ids_and_ports_are_random(self):
        """RFC 5452 §9.2. Bounds that chance exceeds less than once in a million million runs."""
        self.play(sessions(70), reads_log=False)
        seen = {(peer[1], int.from_bytes(ident, "big"))
                for asked in list(self.dns.peers.values()) for peer, ident, _ in asked}
        sixteenths = collections.Counter(ident >> 12 for _, ident in seen)
        expected = len(seen) / 16
        chi_squared = sum((sixteenths[part] - expected) ** 2 / expected for part in range(16))
        ports = sorted({port for port, _ in seen})
        say(f"{len(seen)} questions, {len({ident for _, ident in seen})} ids, chi-squared of their "
            f"sixteenths {chi_squared:.1f} (15 wanted), ports {ports}\n"
            f"a guess: 1 in {IDS} ids x {PORTS} ports = {1 / IDS / PORTS:.2e}")
        self.assertGreater(len(seen), 800)
        self.assertLess(chi_squared, 100)
        self.assertGreater(len(ports), 8)
        self.assertGreater(max(ports) - min(ports), PORTS // 32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--guesses", type=int, default=OPTIONS.guesses)
    parser.add_argument("--figures", action="store_true")
    OPTIONS, rest = parser.parse_known_args()
    servers.enter_private_network()
    unittest.main(argv=[sys.argv[0], *rest])
