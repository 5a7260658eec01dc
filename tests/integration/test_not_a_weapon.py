#!/usr/bin/env python3
"""What others can have us do to third parties: the questions and connections that one session leads to, and
whom a callback may connect to. docs/limits.md states the bounds; here they are computed from the constants of
the library, and the worst zones that we could think of are held against them, in a network of its own.

    test_not_a_weapon.py [--long] [unittest's options]

--long: each zone with each check of senders alone, too; some twenty seconds.
HELOVET_FILTER names the filter."""

import ipaddress
import os
import pathlib
import re
import socket
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(SOURCE / "tests/opensmtpd")]

import servers  # noqa: E402 (found through the path above)
from protocol_peer import ProtocolPeer  # noqa: E402
from scripted_dns import Answer, ScriptedDns  # noqa: E402

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
FILTER = os.environ.get("HELOVET_FILTER", str(BUILD / "opensmtpd-filter/filter-helovet"))
LONG = False
PAGE = SOURCE / "docs/limits.md"

SPAMMER = "a.b.c.d.e.f.evil.example"  # Its parents are asked, too.
SENDER = "joe@evil.example"
CLIENT, CLIENT_PTR = "198.51.100.9", "9.100.51.198.in-addr.arpa"
PUBLIC, PUBLIC_6 = "11.22.33.44", "2a00:db7::44"

CONFIG = """\
profile = "observe"
authserv_id = "mx.example"
our_names = ["mx.example"]
deadline = "4s"
senders.checks = {checks}
{head}
{cbv}
[dns]
servers = ["{dns}"]
query_timeout = "1s"
[store]
directory = "{store}"
"""


# What docs/limits.md says, and what the library has.

def constants() -> dict[str, int]:
    """The constants of core's headers, and the defaults of the settings that bound callbacks."""
    found, texts = {}, {}
    for room in ("core", "opensmtpd-filter"):
        for path in sorted((SOURCE / room).rglob("*.h")):
            for name, value in re.findall(r"^inline constexpr [\w:]+ (k\w+)(?: =|\{)\s*([^;]*?)\}?;",
                                          path.read_text(), re.M | re.S):
                texts.setdefault(name, value)
                texts[f"{path.name} {name}"] = value
    number = r"(?:std::(?:size_t|chrono::\w+)[{(])?(\d+)[})]?"
    for name, value in texts.items():
        terms = re.split(r" ([*+]) ", value.strip())
        values = [found_number(term, number, found, texts) for term in terms[::2]]
        if None in values:
            continue
        total = values[0]
        for sign, term in zip(terms[1::2], values[1:]):
            total = total * term if sign == "*" else total + term
        found[name] = total
    config = (SOURCE / "core/include/helovet/config.h").read_text()
    for name, pattern in {"cbv.hosts": r"int hosts = (\d+);", "cbv.concurrent": r"int concurrent = (\d+);",
                          "cbv.concurrent_per_domain": r"int concurrent_per_domain = (\d+);",
                          "cbv.per_domain": r"int per_domain = (\d+);"}.items():
        found[name] = int(re.search(pattern, config)[1])
    bounds = (SOURCE / "core/config/settings.h").read_text()
    found["most cbv.hosts"] = int(re.search(r"kHostsBounds = \{1, (\d+)\}", bounds)[1])
    return found


def found_number(term, number, found, texts):
    if plain := re.fullmatch(number, term):
        return int(plain[1])
    if term in texts and term not in found and (plain := re.fullmatch(number, texts[term].strip())):
        return int(plain[1])
    return found.get(term)


def stated() -> dict[str, tuple[int, str]]:
    """Rows of the page's tables: what, to its bound and how that is computed."""
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \| `([^|`]+)` \|", PAGE.read_text(), re.M)
    return {what: (int(bound.replace(",", "")), formula) for what, bound, formula in rows}


def computed(formula: str, known: dict[str, int]) -> int:
    """Names and numbers with ×, + and −."""
    total = 0
    for sign, product in re.findall(r"(?:^| ([+−]) )(.+?)(?= [+−] |$)", formula):
        value = -1 if sign == "−" else 1
        for factor in product.split(" × "):
            value *= int(factor) if factor.isdigit() else known[factor]
        total += value
    return total


QUESTIONS = "all of it: a name, a sender and a callback"
CONNECTIONS = "connections of one callback"


class Page(unittest.TestCase):
    def test_states_what_the_library_has(self):
        known = constants()
        rows = stated()
        self.assertGreater(len(rows), 20, "docs/limits.md has no tables")
        for what, (bound, formula) in rows.items():
            with self.subTest(row=what):
                self.assertEqual(bound, computed(formula, known), formula)
        for what in (QUESTIONS, CONNECTIONS):
            self.assertIn(what, rows)


# Zones that mean it ill.

class EvilZone(ScriptedDns):
    """`answer(name, kind, count)` answers the count-th question."""

    def __init__(self, answer):
        super().__init__()
        self._answer = answer
        self._asked = 0

    def _find(self, name, kind):
        self._asked += 1
        return self._answer(name, kind, self._asked) or Answer(rcode="NXDOMAIN")


def many(name, kind, number):
    """1,000 records of everything, over TCP."""
    below = ".".join(name.split(".")[-2:])
    make = {
        "SRV": lambda n: f"1 2 0 t{n}.{below}", "MX": lambda n: f"{n} m{n}.{below}",
        "PTR": lambda n: f"_vouch._smtp.v{n}.{below}", "TXT": lambda n: f"MARID,1,A;{n} v=spf1 a:{n}.{below}",
        "A": lambda n: str(ipaddress.ip_address("10.0.0.0") + n),
        "AAAA": lambda n: str(ipaddress.ip_address("fd00::") + n)}.get(kind)
    return Answer([make(n) for n in range(1000)], truncate=True) if make else None


def chain(name, kind, number):
    """Every name is an alias of the next, one at a time and without end."""
    return Answer([(name, "CNAME", 0, f"c{number}.evil.example")])


def eight_then(name, kind, number):
    """Eight aliases, and then 1,000 records."""
    link = re.match(r"l(\d)-", name)
    if link and link[1] == "8":
        return many(name, kind, number)
    return Answer([(name, "CNAME", 0, f"l{int(link[1]) + 1 if link else 1}-{number}.evil.example")])


def spf(text):
    """Everybody's SPF record; nothing else is there."""
    def zone(name, kind, number):
        return Answer([text.format(n=number)]) if kind == "TXT" else None
    return zone


def spf_with(text, kinds):
    def zone(name, kind, number):
        return Answer([text.format(n=number)]) if kind == "TXT" else kinds.get(kind) and Answer(kinds[kind])
    return zone


def mx_of_many(name, kind, number):
    """1,000 mail servers, each with 100 addresses of its own."""
    if kind == "MX":
        return Answer([f"{n // 100} m{n}.evil.example" for n in range(1000)], truncate=True)
    if kind == "A" and name.startswith("m"):
        net = int(re.match(r"m(\d+)", name)[1])
        return Answer([f"11.{net // 250}.{net % 250}.{n}" for n in range(1, 101)])
    return None


def huge(name, kind, number):
    """64 KiB of text wherever a text is asked for, and nothing else."""
    return Answer(["x" * 60000], truncate=True) if kind == "TXT" else None


def ptr_of_many(name, kind, number):
    """1,000 names of the client, each of which is an alias."""
    if kind == "PTR" and name.endswith("in-addr.arpa"):
        return Answer([f"p{n}.evil.example" for n in range(1000)], truncate=True)
    return chain(name, kind, number)


def silent(name, kind, number):
    return Answer(silent=True)


def failing(name, kind, number):
    return Answer(rcode="SERVFAIL")


def without_edns(name, kind, number):
    return Answer(rcode="FORMERR")


INCLUDES = "v=spf1 " + " ".join(f"include:i{n}-{{n}}.evil.example" for n in range(60)) + " -all"
EVIL = {
    "1,000 records": many,
    "aliases without end": chain,
    "aliases, then 1,000 records": eight_then,
    "client's names": ptr_of_many,
    "mail servers": mx_of_many,
    "huge texts": huge,
    "SPF include bomb": spf(INCLUDES),
    "SPF redirect circle": spf("v=spf1 redirect=r{n}.evil.example"),
    "SPF void lookups": spf("v=spf1 " + " ".join(f"a:v{n}.evil.example" for n in range(60)) + " -all"),
    "SPF mx bomb": spf_with("v=spf1 " + " ".join(f"mx:m{n}.evil.example" for n in range(20)) + " -all",
                            {"MX": [f"{n} h{n}.evil.example" for n in range(1000)], "A": ["10.9.9.9"]}),
    "SPF ten exchanges": spf_with("v=spf1 " + " ".join(f"mx:m{n}.evil.example" for n in range(20)) + " -all",
                                  {"MX": [f"{n} h{n}.evil.example" for n in range(10)], "A": ["10.9.9.9"]}),
    "SPF macros of all": spf_with("v=spf1 exists:%{{i}}.{n}.evil.example " * 12 + "-all", {"A": ["127.0.0.2"]}),
    "RMX of 500 entries": spf(" ".join(f"host:r{n}.evil.example" for n in range(500))),
    "RMX circle": spf("full: " + " ".join(f"domain:d{n}.evil.example" for n in range(100))),
    "DMP of participants": spf("dmp="),
    "silence": silent,
    "failure": failing,
    "no EDNS": without_edns,
}
CHECKS = (["dmp"], ["drip"], ["rmx"], ["spf"], ["cbv"], ["dmp", "drip", "rmx", "spf", "cbv"])
# senders.checks to what they ask about: rules.md §11.1.
OF_NAME, OF_SENDER = {"dmp", "drip", "spf"}, {"dmp", "rmx", "spf"}
# Zones in which a question may be sent more than once: each time it leaves counts.
REPEATED = {"silence": 3, "no EDNS": 2}


class Fixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = cls.enterClassContext(servers.Scratch("not-a-weapon")).path
        cls.number = 0
        cls.known = constants()

    def start(self, dns, checks, *, head='our_addresses = ["203.0.113.25"]', cbv="") -> ProtocolPeer:
        type(self).number += 1
        store = self.scratch / f"store-{self.number}"
        store.mkdir()
        path = self.scratch / f"{self.number}.toml"
        text = CONFIG.format(checks=str(checks).replace("'", '"'), head=head, store=store,
                             cbv=f"[cbv]\n{cbv}" if "cbv" in checks else "",
                             dns=f"{dns.address[0]}:{dns.address[1]}")
        path.write_text(text if "cbv" in checks else text.partition("[store]")[0])
        peer = self.enterContext(ProtocolPeer([FILTER, "-c", str(path)]))
        peer.handshake()
        return peer

    def play(self, peer, session=1, sender=SENDER, helo=SPAMMER):
        """HELO to DATA: all that a session with one message leads to."""
        peer.connect(session, f"{CLIENT}:25")
        for token, (phase, argument) in enumerate([("ehlo", helo), ("mail-from", sender), ("data", "")]):
            peer.ask(phase, session, token, argument)
            peer.settle()

    def callback(self, peer, session) -> str:
        """What was found out by it, from the log."""
        return re.findall(rf"session={session:016x} .* cbv=(\w+ cbv_reason=[\w-]+)", peer.log_text())[-1]


class Amplification(Fixture):
    def test_questions_and_connections_of_one_session(self):
        worst = (0, "")
        of_a_run, of_a_call = self.known["kMaxQueries"], self.known["cbv.hosts"]
        with Listener() as listener:
            for zone, answer in EVIL.items():
                for checks in CHECKS if LONG else CHECKS[-1:]:
                    with self.subTest(zone=zone, checks=checks):
                        listener.clear()
                        datagrams, streams = self.asked_by(answer, checks)
                        runs = 1 + bool(OF_NAME & set(checks)) + bool(OF_SENDER & set(checks)) + ("cbv" in checks)
                        bound = runs * of_a_run
                        self.assertLessEqual(datagrams, bound * REPEATED.get(zone, 1))
                        self.assertLessEqual(streams, bound)
                        self.assertGreater(datagrams, 5, "nothing was asked")
                        self.assertLessEqual(len(listener.heard), of_a_call)
                        if zone not in REPEATED:
                            worst = max(worst, (datagrams, f"{zone}, {checks}"))
        print(f"the most questions: {worst[0]} ({worst[1]})", file=sys.stderr)
        # The zones are evil enough to come near to the bound.
        self.assertGreater(worst[0], 3 * of_a_run)
        self.assertEqual(stated()[QUESTIONS][0], 4 * of_a_run)

    def asked_by(self, answer, checks):
        with EvilZone(answer) as dns:
            peer = self.start(dns, checks, cbv="timeout = '4s'\n")
            self.play(peer)
            time.sleep(0.05)  # What was sent last has arrived.
            kinds = [transport for *_, transport in list(dns.questions)]
            peer.close_input()
            self.assertEqual(peer.exit_status(), 0)
        self.assertEqual(peer.complaints, [])
        return kinds.count("udp"), kinds.count("tcp")

    def test_connections_are_bounded_whoever_listens(self):
        # 100,000 addresses, of which each takes the connection and sends it away.
        for hosts in (1, self.known["cbv.hosts"], self.known["most cbv.hosts"]):
            with self.subTest(hosts=hosts), Listener(b"421 go away\r\n") as listener, EvilZone(mx_of_many) as dns:
                peer = self.start(dns, ["cbv"], cbv=f'hosts = {hosts}\nallow_networks = ["11.0.0.0/8"]\n')
                self.play(peer)
                self.assertEqual(self.callback(peer, 1), "temperror cbv_reason=tempfail")
                self.assertEqual(len(listener.heard), hosts)

    def test_twenty_senders_of_a_domain_at_once(self):
        with Listener(b"") as listener, EvilZone(mx_of_many) as dns:
            peer = self.start(dns, ["cbv"], cbv='hosts = 1\nallow_networks = ["11.0.0.0/8"]\ntimeout = "1s"\n')
            for session in range(1, 21):
                peer.connect(session, f"{CLIENT}:25")
                peer.ask("ehlo", session, 1, SPAMMER)
                peer.ask("mail-from", session, 2, f"joe{session}@evil.example")
            peer.settle()
            for session in range(1, 21):
                peer.ask("data", session, 3)
            peer.settle()
            found = [self.callback(peer, session) for session in range(1, 21)]
            calls = self.known["cbv.concurrent_per_domain"]
            self.assertEqual(len(listener.heard), calls)
            self.assertEqual(found.count("skipped cbv_reason=over-budget"), 20 - calls, found)


# Whom we connect to.

class Listener:
    """Takes connections to port 25 of every address that there is, and notes which these were."""

    def __init__(self, greeting: bytes = b"220 peer\r\n"):
        self.heard: list[str] = []
        self._greeting = greeting
        self._socket = socket.create_server(("::", 25), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500)

    def clear(self):
        self.heard.clear()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.heard.append(connection.getsockname()[0].removeprefix("::ffff:"))
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as commands:
                connection.sendall(self._greeting)
                for _ in commands:
                    connection.sendall(b"250 OK\r\n")
        except OSError:
            pass


# Each is an address of this network, except where it only leads to one. rules.md §12.4.
INTERNAL = {
    "A": ["127.0.0.1", "127.9.9.9", "10.0.0.5", "172.16.0.5", "192.168.1.5", "169.254.169.254", "100.64.0.5",
          "0.0.0.0", "192.0.0.5", "198.18.0.5", "203.0.113.25", "224.0.0.5", "240.0.0.5", "255.255.255.255"],
    "AAAA": ["::1", "::", "fd00::5", "fe80::5", "fec0::5", "ff02::1", "::ffff:10.0.0.5", "::ffff:127.0.0.1",
             "::10.0.0.5", "64:ff9b::10.0.0.5", "64:ff9b::127.0.0.1", "64:ff9b:1::10.0.0.5",
             "2002:a00:5::1", "2002:7f00:1::1", "2001:0:a00:5::1", "2001:db8::5", "100::5", "5f00::5"],
}
LOCAL = ["10.0.0.5", "172.16.0.5", "192.168.1.5", "169.254.169.254", "100.64.0.5", "192.0.0.5", "198.18.0.5",
         "203.0.113.25", "fd00::5", "fe80::5", "fec0::5", "64:ff9b::a00:5", "64:ff9b::7f00:1", "64:ff9b:1::a00:5",
         "2002:a00:5::1", "2002:7f00:1::1", "2001:0:a00:5::1", "2001:db8::5", "100::5", "5f00::5"]


class Rebinding(Fixture):
    """The name of a mail server that has a public address first and an internal one afterwards."""

    def zone(self, answers: dict):
        """`answers`: (name, kind) to a list of answers in turn; the last goes on."""
        turns = {key: list(each) for key, each in answers.items()}

        def answer(name, kind, number):
            left = turns.get((name, kind))
            if not left:
                return None
            records = left.pop(0) if len(left) > 1 else left[0]
            return Answer([(name, kind, 0, record) if isinstance(record, str) else record for record in records])
        return self.enterContext(EvilZone(answer))

    def test_the_second_answer_is_judged_like_the_first(self):
        with Listener() as listener:
            for kind, addresses in INTERNAL.items():
                for address in addresses:
                    with self.subTest(address=address):
                        public = PUBLIC if kind == "A" else PUBLIC_6
                        dns = self.zone({("evil.example", "MX"): [["10 mx.evil.example"]],
                                         ("mx.evil.example", kind): [[public], [address]]})
                        peer = self.start(dns, ["cbv"])
                        listener.clear()
                        self.play(peer, 1, "one@evil.example")
                        self.play(peer, 2, "two@evil.example")
                        self.assertEqual(self.callback(peer, 1), "pass cbv_reason=accepted")
                        self.assertEqual(self.callback(peer, 2), "neutral cbv_reason=not-callable")
                        self.assertEqual(listener.heard, [public])
                        # One call asks once, and connects to what it was told.
                        self.assertEqual(dns.count("mx.evil.example", kind), 2)

    def test_other_ways_to_an_internal_address(self):
        mx = ("evil.example", "MX")
        host = ("mx.evil.example", "A")
        alias = ("mx.evil.example", "CNAME", 0, "inside.evil.example")
        inside = ("inside.evil.example", "A")
        cases = {
            "beside a public one": ({mx: [["10 mx.evil.example"]], host: [["10.0.0.5", PUBLIC, "127.0.0.1"]]},
                                    "pass cbv_reason=accepted", [PUBLIC]),
            "behind an alias": ({mx: [["10 mx.evil.example"]], host: [[alias]], inside: [["10.0.0.5"]]},
                                "neutral cbv_reason=not-callable", []),
            "without MX": ({mx: [[]], ("evil.example", "A"): [["10.0.0.5"]]}, "neutral cbv_reason=not-callable", []),
            "as an MX name": ({mx: [["10 10.0.0.5", "20 localhost", "30 127.0.0.1"]]}, "fail cbv_reason=no-mx", []),
            "our own": ({mx: [["10 mx.evil.example"]], host: [["203.0.113.25"]]},
                        "neutral cbv_reason=not-callable", []),
        }
        with Listener() as listener:
            for name, (answers, want, heard) in cases.items():
                with self.subTest(way=name):
                    peer = self.start(self.zone(answers), ["cbv"])
                    listener.clear()
                    self.play(peer)
                    self.assertEqual((self.callback(peer, 1), listener.heard), (want, heard))

    def test_additional_data_is_no_way(self):
        def answer(name, kind, number):
            if kind == "MX":
                return Answer(["10 mx.evil.example"], additional=[("mx.evil.example", "A", 0, "10.0.0.5")])
            return Answer([PUBLIC]) if (name, kind) == ("mx.evil.example", "A") else None
        with Listener() as listener, EvilZone(answer) as dns:
            peer = self.start(dns, ["cbv"])
            self.play(peer)
            self.assertEqual(listener.heard, [PUBLIC])

    def test_the_hosts_own_addresses_are_found_out(self):
        dns = self.zone({("evil.example", "MX"): [["10 mx.evil.example"]],
                         ("mx.evil.example", "A"): [[PUBLIC]], ("mx.evil.example", "AAAA"): [[PUBLIC_6]]})
        with Listener() as listener:
            peer = self.start(dns, ["cbv"], head="")
            self.play(peer)
            self.assertEqual((self.callback(peer, 1), listener.heard), ("neutral cbv_reason=not-callable", []))


if __name__ == "__main__":
    if "--long" in sys.argv:
        LONG = True
        sys.argv.remove("--long")
    servers.enter_private_network([PUBLIC, PUBLIC_6, *LOCAL])
    unittest.main()
