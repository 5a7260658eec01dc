"""The scenarios of BCP, of the overview and of CBV, through real mail servers: scenarios/*.toml are the
data, and scenarios/scenario.py explains their keys. docs/scenarios.md is made of them.

    test_scenarios.py               plays them all
    test_scenarios.py --page        prints docs/scenarios.md

HELOVET_BUILD_DIR is where the module, the filter and the command were built."""

import re
import socket
import struct
import sys
import unittest

import servers
from scenarios import hosts, scenario
from scripted_dns import TYPES, encode_name

PAGE = servers.SOURCE / "docs/scenarios.md"
EDNS_OCTETS = 1232  # docs/rules.md §8
OPT, TC = 41, 0x0200

# What CBV's author counted, in his words and order.
CBV_LINES = ("skips", "bad domain", "no mx records", "bad connects", "refused welcome",
             "refused mail from", "refused rcpt to")


def is_truncated(question: str) -> bool:
    """The resolver's answer over UDP to a question with EDNS is cut."""
    name, kind = question.split()
    query = (struct.pack(">HHHHHH", 4711, 0x0100, 1, 0, 0, 1) + encode_name(name)
             + struct.pack(">HH", TYPES[kind], 1)
             + struct.pack(">BHHIH", 0, OPT, EDNS_OCTETS, 0, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((hosts.UNBOUND_ADDRESS, hosts.DNS_PORT))
        client.send(query)
        return bool(struct.unpack_from(">H", client.recv(65535), 2)[0] & TC)


def results(head: str) -> list[str]:
    return re.findall("^Authentication-Results: .*", head, re.MULTILINE)


def compare(host: str, step: scenario.Step, seen: hosts.Seen) -> list[str]:
    """What is not as it should be."""
    wrong = []

    def expect(what, got, want):
        if got != want:
            wrong.append(f"{what}: got {got!r}, want {want!r}")

    expect("outcome", seen.outcome, step.outcome_of(host))
    for part in step.text:
        expect(f"{part!r} in the reply {seen.text!r}", part in seen.text, True)
    hidden = "Authentication-Results" in step.no_header
    for head in seen.heads:
        fields = results(head)
        expect(f"Authentication-Results fields in {head!r}", len(fields), 0 if hidden else 1)
        for part in step.header:
            expect(f"{part!r} in {fields}", any(part in field for field in fields), True)
        for part in step.no_header:
            expect(f"{part!r} in {head!r}", part in head, False)
    if step.counted is not None:
        expect("counted", seen.counted, step.counted_of(host))
    if step.within:
        expect(f"{seen.seconds:.1f} s are within {step.within} s", seen.seconds < step.within, True)
    if step.header:
        expect("messages", bool(seen.heads), True)
    wanted = step.logged()
    if wanted and not any(hosts.differences(line, wanted) == [] for line in seen.log):
        last = seen.log[-1] if seen.log else {}
        wrong += [f"log: {text}" for text in hosts.differences(last, wanted)]
    return wrong


def compare_verdict(step: scenario.Step, verdict: dict) -> list[str]:
    decided = verdict["decided_by"]
    got = {"trust": verdict["trust"], "decided_by": f"{decided['check']}/{decided['reason']}",
           "authenticated": verdict["authenticated"]}
    return hosts.differences(got, step.verdict)


def compare_servers(played: dict) -> list[str]:
    """Where the mail servers have other words for the same."""
    if "exim" not in played or "opensmtpd" not in played:
        return []
    exim, smtpd = played["exim"], played["opensmtpd"]
    pairs = [("reply", exim.text, smtpd.text),
             ("header fields", [*map(results, exim.heads)], [*map(results, smtpd.heads)])]
    return [f"{what}: Exim has {one!r}, OpenSMTPD {other!r}"
            for what, one, other in pairs if one != other]


class Scenarios(unittest.TestCase):
    """One test each, made below."""

    @classmethod
    def setUpClass(cls):
        servers.enter_private_network()
        scratch = cls.enterClassContext(servers.Scratch("scenarios")).path
        cls.cast = cls.enterClassContext(hosts.Cast(scratch))

    def play(self, played: scenario.Scenario):
        wrong = []
        for number, step in enumerate(played.steps, 1):
            if step.change:
                self.cast.dns.change(step.change["zone"], step.change["from"], step.change["to"])
            if step.truncated:
                self.assertTrue(is_truncated(step.truncated), step.truncated)
            by_host = self.cast.play(step, played.hosts)
            wrong += [f"step {number}, {text}" for text in compare_servers(by_host)]
            for host, seen in by_host.items():
                differs = (compare(host, step, seen) if isinstance(seen, hosts.Seen)
                           else compare_verdict(step, seen))
                wrong += [f"step {number}, {scenario.HOSTS[host]}: {text}" for text in differs]
        if wrong:
            self.fail("\n".join(["", *wrong]))


def add_tests():
    numbers = {}
    for _, scenarios in scenario.files():
        for played in scenarios:
            if played.name in numbers:
                raise ValueError(f"two scenarios: {played.name}")
            numbers[played.name] = len(numbers) + 1

            def test(self, played=played):
                self.play(played)

            test.__doc__ = f"{played.name} ({played.source})"
            setattr(Scenarios, f"test_{numbers[played.name]:02}", test)
    if not numbers:
        raise ValueError("no scenarios")


class Page(unittest.TestCase):
    def test_the_page_is_that_of_the_data(self):
        self.assertEqual(PAGE.read_text(encoding="utf-8"), scenario.page(),
                         "\ndocs/scenarios.md: write it anew with test_scenarios.py --page")

    def test_every_section_is_there(self):
        sources = " ".join(each.source for _, all_of in scenario.files() for each in all_of)
        for section in ("BCP, Managing sending SMTP clients",
                        "BCP, Managing receiving SMTP servers", "CBV, a table of DMP domains",
                        *(f"CBV, statistics: {line}" for line in CBV_LINES),
                        *(f"OVERVIEW, step {number}" for number in range(1, 6))):
            self.assertIn(section, sources)


if __name__ == "__main__":
    if sys.argv[1:] == ["--page"]:
        sys.stdout.write(scenario.page())
    else:
        add_tests()
        unittest.main(verbosity=2)
