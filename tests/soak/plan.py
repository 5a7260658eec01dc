"""The sessions of the soak: kinds of clients, how often each comes, and what is to become of it under the
profile standard. Each follows from what faulty_zone.h says of its name and address."""

import dataclasses
import random

# What filter_soak does with a session; for Exim see exim_soak.py.
MAIL, DATA, LINES, VANISH_HELO, VANISH_MAIL = "mail", "data", "lines", "vanish-helo", "vanish-mail"
ACCEPT, REJECT, REFUSE, NONE = "accept", "reject", "refuse", "none"

LISTED, LIST_FAILS, REVERSE_FAILS = 64, 128, 192  # Added to the second octet of the client.
USUAL = "user@called.soak.example"
CALLED_HOST = "127.0.0.7"
NAMES_IN_NSD = 500


@dataclasses.dataclass(frozen=True)
class Kind:
    weight: int
    name: str
    helo: str
    outcome: str
    client: int = 0
    sender: str = USUAL
    names: int = 0  # So many, then the first again; 0: each has its own.
    way: str = MAIL

    @property
    def has_message(self) -> bool:
        """Does it come to a verdict on MAIL FROM?"""
        return self.way not in (VANISH_HELO, VANISH_MAIL)

    @property
    def waits(self) -> bool:
        """Is it one whose verdict takes as long as a question may?"""
        return any(word in self.helo for word in (".silent.", ".toolate."))

    def line(self) -> str:
        return "\t".join(map(str, (self.weight, self.name, self.helo, self.client, self.sender,
                                   self.names, self.way, self.outcome)))


def host(kind: str) -> str:
    return f"h#.{kind}.soak.example"


KINDS = [
    # The data say it, whatever happens on the way: docs/rules.md §4.4.
    Kind(150, "good", host("good"), ACCEPT),
    Kind(150, "good-again", host("good"), ACCEPT, names=1000),
    Kind(80, "bad", host("bad"), REJECT),
    Kind(80, "bad-again", host("bad"), REJECT, names=1000),
    Kind(60, "wrong-address", host("wrong"), REJECT),
    Kind(60, "no-record", host("none"), ACCEPT),
    Kind(40, "late", host("late"), REJECT),
    Kind(40, "truncated", host("trunc"), REJECT),
    Kind(40, "forged", host("lie"), ACCEPT),
    Kind(40, "nsd-good", "h#.nsd.example", ACCEPT, names=NAMES_IN_NSD),
    Kind(40, "nsd-bad", "b#.nsd.example", REJECT, names=NAMES_IN_NSD),
    # No usable answer rejects nobody: §8, §10.
    Kind(30, "servfail", host("servfail"), ACCEPT),
    Kind(30, "garbage", host("garbage"), ACCEPT),
    Kind(20, "cut-off", host("cutoff"), ACCEPT),
    Kind(3, "silent", host("silent"), ACCEPT),
    Kind(3, "too-late", host("toolate"), ACCEPT),
    Kind(20, "reverse-fails", host("none"), ACCEPT, client=REVERSE_FAILS),
    # Lists and senders: §7, §11.5.
    Kind(30, "listed", host("none"), REJECT, client=LISTED),
    Kind(20, "list-fails", host("none"), ACCEPT, client=LIST_FAILS),
    Kind(20, "spf-fail", host("none"), REJECT, sender="a@spffail.soak.example"),
    Kind(10, "spf-pass", host("none"), ACCEPT, sender="a@spfpass.soak.example", way=DATA),
    # Callbacks: §12. The server knows those whose names begin with "user".
    Kind(5, "called-known", host("none"), ACCEPT, sender="user#@called.soak.example", way=DATA),
    Kind(5, "called-unknown", host("none"), REFUSE, sender="nobody#@called.soak.example", way=DATA),
    Kind(10, "called-again", host("none"), REFUSE, sender="nobody#@d1.called.soak.example",
         names=100, way=DATA),
    Kind(10, "message", host("none"), ACCEPT, sender="user#@d2.called.soak.example", names=100,
         way=LINES),
    # Gone before anything can have been found out.
    Kind(2, "gone-at-helo", host("toolate"), NONE, way=VANISH_HELO),
    Kind(2, "gone-at-mail", host("silent"), NONE, way=VANISH_MAIL),
]


def text(kinds) -> str:
    """The plan as filter_soak reads it."""
    return "".join(kind.line() + "\n" for kind in kinds)


def sessions(count: int, kinds=None):
    """(kind, its number) of each of so many sessions, mixed, the same in each run."""
    turns = [kind for kind in kinds or KINDS for _ in range(kind.weight)]
    random.Random(1).shuffle(turns)
    seen = dict.fromkeys(turns, 0)
    for number in range(count):
        kind = turns[number % len(turns)]
        yield kind, seen[kind] % kind.names if kind.names else seen[kind]
        seen[kind] += 1


def client(kind: Kind, number: int) -> str:
    return f"10.{kind.client + (number >> 16 & 63)}.{number >> 8 & 255}.{number & 255}"


def nsd_zone() -> str:
    hosts = "".join(
        f"h{n} A 10.0.{n >> 8}.{n & 255}\n_client._smtp.h{n} SRV 1 2 0 h{n}\n"
        f"_client._smtp.b{n} SRV 1 1 0 b{n}\n" for n in range(NAMES_IN_NSD))
    return ("$TTL 5\n@ SOA ns.nsd.example. hostmaster.nsd.example. 1 3600 600 86400 5\n"
            "@ NS ns.nsd.example.\nns A 127.0.0.1\n" + hosts)


def settings(dns: str, store: str, peer_port: int, more: str = "") -> str:
    """helovet's configuration: time enough that a busy machine changes no verdict, and bounds on
    callbacks that no share of the plan reaches."""
    return f"""\
profile = "standard"
authserv_id = "mx.example"
deadline = "{DEADLINE_SECONDS}s"
senders.checks = ["spf", "cbv"]
overrides.cbv.fail = "reject"
cbv.port = {peer_port}
cbv.timeout = "10s"
cbv.allow_networks = ["{CALLED_HOST}"]
cbv.concurrent = 1000
cbv.concurrent_per_domain = 1000
cbv.per_domain = 100000
cbv.per_domain_interval = "1s"
{store}
{more}
[dns]
servers = ["{dns}"]
query_timeout = "5s"
[lists]
address = [{{ zone = "dnsbl.soak.example", codes = {{ "127.0.0.2" = "E" }} }}]
"""


DEADLINE_SECONDS = 20
