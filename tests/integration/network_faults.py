"""What a network and its servers may do to us, a row each: the fault, what says so, how it is done
(lies.py), and what must come of it for a session whose data is right (lying_dns.py)."""

import dataclasses

import lies
from lies import before, cut_short, instead, of_csa, of_data, until_plain, writes, writes_raw
from lying_dns import Lie, Stream, honest, whole

# By kind of session: result and reason of csa. The action follows under the strictest profile: an
# accepted `good`, a rejected `denied`, and nobody rejected for what failed for now.
RIGHT = {"good": "pass authorized", "denied": "fail not-authorized", "unknown": "none no-record"}
TEMPORARY = dict.fromkeys(RIGHT, "temperror dns")
ALIAS_CHAIN = dict.fromkeys(RIGHT, "permerror alias-chain")
WHERE_DATA = {**TEMPORARY, "unknown": RIGHT["unknown"]}  # Of a fault that needs data to strike.
BELIEVED = {"good": "fail not-authorized", "denied": "pass authorized",
            "unknown": "pass authorized"}
AS_ANSWERED = None  # Right where the answers came, a temporary failure where they did not.


@dataclasses.dataclass(frozen=True)
class Patience:
    """Of the programs that are tested, in seconds."""

    query_timeout: float
    deadline: float


SHORT = Patience(2.5, 3.0)
# Where nothing is waited for in vain; a busy machine is no reason for a temporary failure.
LONG = Patience(20.0, 25.0)
AT_ONCE = 16.0


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    source: str
    udp: Lie = honest
    tcp: Stream = whole
    verdict: dict | None = dataclasses.field(default_factory=lambda: RIGHT)
    waits: bool = False  # Until a question's time is over, or the session's.
    listens: bool = True                     # On TCP.
    down: tuple[float, float] | None = None  # Not there between these seconds.
    # Servers that are asked before this one: "closed", "silent", "servfail", "liar".
    before: tuple[str, ...] = ()
    there: bool = True  # False: those alone.
    # All sessions come twice: for how many questions the CSA record of the first is asked in all.
    asked: int | None = None

    @property
    def patience(self) -> Patience:
        return SHORT if self.waits else LONG


def truncated(name: str, source: str, tcp: Stream = whole, **expected) -> Fault:
    return Fault(name, source, udp=of_csa(cut_short), tcp=tcp, **expected)


def strangers() -> list[Fault]:
    """Messages that are no answer: alone they are silence, before the answer they are nothing."""
    changes = [
        ("wrong id", "RFC 5452 §9.1", lies.wrong_id),
        ("another name in the question", "RFC 5452 §9.1", lies.wrong_name),
        ("another type in the question", "RFC 5452 §9.1", lies.wrong_type),
        ("another class in the question", "RFC 5452 §9.1", lies.wrong_class),
        ("no question", "RFC 5452 §9.1", lies.no_question),
        ("a question in return", "RFC 1035 §4.1.1", lies.no_response),
        ("another opcode", "RFC 1035 §4.1.1", lies.wrong_opcode),
        ("less than a header", "RFC 1035 §4.1.1", lies.short),
        ("an empty datagram", "RFC 1035 §4.1.1", lies.nothing),
        ("noise under the right id", "RFC 1035 §4.1.1", lies.noise),
    ]
    rows = []
    for name, source, change in changes:
        rows += [Fault(f"{name}, alone", source, instead(change), verdict=TEMPORARY, waits=True),
                 Fault(f"{name}, before", source, before(change))]
    for place in ("port", "address"):
        rows += [Fault(f"wrong {place}, alone", "RFC 5452 §9.1", instead(lies.opposite, place),
                       verdict=TEMPORARY, waits=True),
                 Fault(f"wrong {place}, before", "RFC 5452 §9.1", before(lies.opposite, place))]
    return rows


def failures() -> list[Fault]:
    """What one server's answer says at once, and nobody has to wait for more."""
    malformed = [
        ("an owner that points to itself", "RFC 1035 §4.1.4", lies.to_itself),
        ("two names that point to each other", "RFC 1035 §4.1.4", lies.to_each_other),
        ("a name that grows without end", "RFC 1035 §2.3.4", lies.growing),
        ("a pointer beyond the end", "RFC 1035 §4.1.4", lies.beyond_the_end),
        ("a reserved kind of label", "RFC 1035 §4.1.4", lies.reserved_label),
        ("a target that points to itself", "RFC 1035 §4.1.4", lies.target_to_itself),
        ("1,500 pointers", "RFC 1035 §4.1.4", lies.long_way),
        ("octets behind the message", "docs/rules.md §8", lies.trailing),
        ("fewer records than counted", "RFC 1035 §4.1.1", lies.too_few_records),
        ("180,000 records counted", "RFC 1035 §4.1.1", lies.most_counts),
    ]
    codes = [("SERVFAIL", 2), ("NOTIMP, whatever is asked", 4), ("REFUSED", 5), ("YXDOMAIN", 6),
             ("FORMERR, whatever is asked", 1), ("rcode 15", 15)]
    contradictions = [
        ("NXDOMAIN beside data", "docs/rules.md §8", lies.nxdomain_beside_data),
        ("half of an answer", "RFC 1035 §4.1", lies.half),
    ]
    return ([Fault(name, source, instead(change), verdict=TEMPORARY)
             for name, source, change in malformed]
            + [Fault(name, "docs/rules.md §8", instead(lies.rcode(code)),
                     verdict=TEMPORARY) for name, code in codes]
            + [Fault(name, source, of_data(change), verdict=WHERE_DATA)
               for name, source, change in contradictions])


TRAVEL = [
    Fault("nothing wrong", "RFC 1035 §4.2.1", asked=1),
    # The forgeries of other rows do what they are for, once nothing tells them from an answer.
    Fault("the opposite in a perfect answer", "RFC 5452 §3", instead(lies.opposite),
          verdict=BELIEVED),
    Fault("loss of 10 %", "RFC 1035 §4.2.1", lies.lost(0.1), verdict=AS_ANSWERED, waits=True),
    Fault("loss of 30 %", "RFC 1035 §4.2.1", lies.lost(0.3), verdict=AS_ANSWERED, waits=True),
    Fault("loss of 60 %", "RFC 1035 §4.2.1", lies.lost(0.6), verdict=AS_ANSWERED, waits=True),
    Fault("three copies", "RFC 1035 §4.2.1", lies.copies(3)),
    Fault("copies after the answer", "RFC 1035 §4.2.1", lies.copies(5, 0.1)),
    Fault("reordering", "RFC 1035 §4.2.1", lies.scattered(0.3)),
    Fault("loss, copies and reordering", "RFC 1035 §4.2.1", lies.rough(0.3, 0.3),
          verdict=AS_ANSWERED, waits=True),
    Fault("answers after a repetition", "docs/architecture.md", lies.late(0.7)),
    Fault("the answer to the first attempt alone, late", "RFC 1035 §4.2.1",
          lies.first_answer_late(0.9)),
    Fault("answers after the question's time", "docs/rules.md §8",
          lies.late(SHORT.query_timeout + 0.2), verdict=TEMPORARY, waits=True),
    Fault("answers after every deadline", "docs/rules.md §8", lies.late(SHORT.deadline + 0.5),
          verdict=TEMPORARY, waits=True),
    Fault("silence", "RFC 1035 §4.2.1", lies.silent, verdict=TEMPORARY, waits=True),
    Fault("a flood before the answer", "RFC 5452 §9.1", before(lies.wrong_id, count=20)),
]

TRUNCATION = [
    truncated("truncated", "RFC 7766 §5"),
    truncated("truncated, TCP refused", "RFC 7766 §5", listens=False,
              verdict=TEMPORARY, waits=True),
    truncated("truncated, TCP silent", "RFC 7766 §5", lies.says_nothing,
              verdict=TEMPORARY, waits=True),
    truncated("truncated, TCP slow", "RFC 7766 §8", lies.drips(0.5)),
    truncated("truncated, TCP too slow", "RFC 7766 §8", lies.drips(SHORT.deadline + 2),
              verdict=TEMPORARY, waits=True),
    truncated("truncated, TCP cut off", "RFC 7766 §8",
              writes_raw(lambda q: lies.framed(q.honest)[:-9]), verdict=TEMPORARY),
    truncated("truncated, TCP cut off in the length", "RFC 7766 §8",
              writes_raw(lambda q: b"\0"), verdict=TEMPORARY),
    truncated("truncated, TCP closed", "RFC 7766 §8", writes_raw(lies.nothing), verdict=TEMPORARY),
    truncated("truncated, TCP reset", "RFC 7766 §8", lies.resets, verdict=TEMPORARY, waits=True),
    truncated("truncated, TCP of no length", "RFC 7766 §8", writes(lies.nothing),
              verdict=TEMPORARY),
    truncated("truncated, less over TCP than announced", "RFC 7766 §8",
              writes_raw(lambda q: b"\xff\xff" + q.honest), verdict=TEMPORARY),
    truncated("truncated over TCP, too", "RFC 2181 §9", writes(cut_short), verdict=TEMPORARY),
    truncated("truncated, another id over TCP", "RFC 5452 §9.1", writes(lies.wrong_id),
              verdict=TEMPORARY, waits=True),
    truncated("truncated, others before it over TCP", "RFC 7766 §7", lies.strays(5)),
    truncated("truncated, others without end over TCP", "RFC 7766 §7", lies.strays(50),
              verdict=TEMPORARY),
    truncated("truncated, malformed over TCP", "RFC 1035 §4.1", writes(lies.to_itself),
              verdict=TEMPORARY),
    truncated("64 KiB over TCP", "RFC 1035 §4.2.2", writes(lies.padded)),
]

CONTENT = [
    Fault("8 aliases in one answer", "docs/rules.md §8", lies.chain(8, True)),
    Fault("9 aliases in one answer", "docs/rules.md §8", lies.chain(9, True), verdict=ALIAS_CHAIN),
    Fault("8 aliases one by one", "docs/rules.md §8", lies.chain(8, False)),
    Fault("9 aliases one by one", "docs/rules.md §8", lies.chain(9, False), verdict=ALIAS_CHAIN),
    Fault("an alias of itself", "RFC 1034 §3.6.2", lies.loop(1, True), verdict=ALIAS_CHAIN),
    Fault("aliases of each other in one answer", "RFC 1034 §3.6.2", lies.loop(2, True),
          verdict=ALIAS_CHAIN),
    Fault("aliases of each other one by one", "RFC 1034 §3.6.2", lies.loop(2, False),
          verdict=ALIAS_CHAIN),
    Fault("three aliases in a ring, one by one", "RFC 1034 §3.6.2", lies.loop(3, False),
          verdict=ALIAS_CHAIN),
    Fault("two aliases of one name", "docs/rules.md §8", of_csa(lies.two_aliases),
          verdict=TEMPORARY),
    Fault("1,000 addresses", "docs/rules.md §8", lies.crowded(1000, "A"),
          lies.tells(lies.crowded(1000, "A"))),
    Fault("1,000 CSA records", "docs/rules.md §4.2", lies.crowded(1000, "SRV"),
          lies.tells(lies.crowded(1000, "SRV"))),
    Fault("CSA records beyond what is kept", "docs/rules.md §8", lies.crowded(1900, "SRV"),
          lies.tells(lies.crowded(1900, "SRV")), verdict=WHERE_DATA),
    Fault("TTL 0", "RFC 1035 §3.2.1", lies.with_ttl(0), asked=2),
    Fault("TTL 2^31", "RFC 2181 §8", lies.with_ttl(1 << 31), asked=2),
    Fault("TTL 2^32 - 1", "RFC 2181 §8", lies.with_ttl((1 << 32) - 1), asked=2),
    Fault("TTL 2^31 - 1", "RFC 2181 §8", lies.with_ttl((1 << 31) - 1), asked=1),
    Fault("the question in other case", "RFC 4343 §4.1", instead(lies.question_in_mixed_case)),
    Fault("answers in other case", "RFC 4343 §4.1", instead(lies.answers_in_mixed_case)),
    Fault("data about other names", "RFC 2181 §5.4.1", instead(lies.poisoned),
          asked=1),
]

EDNS = [
    Fault("EDNS refused with FORMERR", "RFC 6891 §7", until_plain(lies.rcode(1))),
    Fault("EDNS refused with a bare FORMERR", "RFC 6891 §7", until_plain(lies.bare_rcode(1))),
    Fault("EDNS refused with NOTIMP", "RFC 2671 §5.3", until_plain(lies.rcode(4))),
    Fault("EDNS refused with a bare NOTIMP", "RFC 2671 §5.3", until_plain(lies.bare_rcode(4))),
    Fault("EDNS refused with BADVERS", "RFC 6891 §6.1.3", until_plain(lies.bad_version)),
    Fault("BADVERS, whatever is asked", "RFC 6891 §6.1.3", instead(lies.bad_version),
          verdict=TEMPORARY),
    Fault("EDNS passed over", "RFC 6891 §7", instead(lies.without_opt)),
]

SERVERS = [
    Fault("a resolver that returns", "docs/architecture.md", down=(0, 1.0)),
    Fault("a resolver that dies and returns", "docs/architecture.md", lies.late(0.3),
          down=(0.2, 1.0)),
    Fault("a resolver that returns too late", "docs/rules.md §8", down=(0, 10 * SHORT.deadline),
          verdict=TEMPORARY, waits=True),
    Fault("all servers down", "docs/rules.md §8", before=("closed", "closed", "closed"),
          there=False, verdict=TEMPORARY, waits=True),
    Fault("all servers silent", "docs/rules.md §8", before=("silent", "silent"), there=False,
          verdict=TEMPORARY, waits=True),
    Fault("all servers fail", "docs/rules.md §8", before=("servfail", "servfail"), there=False,
          verdict=TEMPORARY),
    Fault("a server down before one that answers", "RFC 1035 §7.2", before=("closed",)),
    Fault("a silent server before one that answers", "RFC 1035 §7.2", before=("silent",)),
    Fault("a failing server before one that answers", "RFC 1035 §7.2", before=("servfail",)),
    Fault("a liar before one that answers", "RFC 5452 §9.1", before=("liar",)),
    Fault("of every sort before one that answers", "RFC 1035 §7.2",
          before=("servfail", "silent", "closed")),
]

FAULTS = [*TRAVEL, *strangers(), *failures(), *TRUNCATION, *CONTENT, *EDNS, *SERVERS]
