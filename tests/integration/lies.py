"""Lies for lying_dns.py, what becomes of a question over UDP, and streams, what becomes of it over
TCP.

Most are made of a change: what makes a message that must not be believed out of a question."""

import asyncio
import random
import struct

from lying_dns import CSA, ZONE, Question, Sent, client_of, honest, read_session, truth
from scripted_dns import (
    HEADER, QR, TC, TYPES, Answer, encode_data, encode_name, encode_record, question_end, read_name)

LARGEST = 65535  # RFC 1035 §4.2.2.


# How the truth travels.

def lost(share: float):
    """Of the questions and of the answers."""
    return lambda q: [] if q.chance.random() < share or q.chance.random() < share else honest(q)


def copies(count: int, apart: float = 0.0):
    return lambda q: [Sent(q.honest, number * apart) for number in range(count)]


def scattered(seconds: float):
    """Answers overtake one another."""
    return lambda q: [Sent(q.honest, q.chance.uniform(0, seconds))]


def late(seconds: float):
    return lambda q: [Sent(q.honest, seconds)]


def first_answer_late(seconds: float):
    """The later ones are lost."""
    return lambda q: [Sent(q.honest, seconds)] if q.number == 0 else []


def rough(share: float, seconds: float):
    """Loss, copies and other order together."""
    def lie(q):
        if q.chance.random() < share:
            return []
        return [Sent(q.honest, q.chance.uniform(0, seconds)) for _ in range(q.chance.randint(1, 3))]
    return lie


def silent(_: Question) -> list[Sent]:
    return []


# Messages beside or instead of the truth.

def instead(change, source: str = "server"):
    return lambda q: [Sent(change(q), source=source)]


def before(change, source: str = "server", count: int = 1):
    """Forgeries, and the truth when they have been read."""
    return lambda q: ([Sent(change(q), source=source) for _ in range(count)]
                      + [Sent(q.honest, 0.1)])


def of_csa(change):
    """About the session's own CSA record; all else is told as it is."""
    return lambda q: [Sent(change(q))] if q.is_csa else honest(q)


def of_data(change):
    """Where there is something to change."""
    return lambda q: [Sent(change(q))] if truth(q.name, q.kind).records else honest(q)


def until_plain(change):
    """To questions with EDNS."""
    return lambda q: [Sent(change(q))] if q.edns else honest(q)


def opposite(q: Question) -> bytes:
    return q.opposite


def with_header(message: bytes, ident: int = 0, flags: int = 0, counts=(0, 0, 0, 0)) -> bytes:
    """With these bits of id and flags turned over and these numbers added to the counts."""
    fields = HEADER.unpack_from(message)
    changed = [fields[0] ^ ident, fields[1] ^ flags, *(a + b for a, b in zip(fields[2:], counts))]
    return HEADER.pack(*changed) + message[HEADER.size:]


def wrong_id(q: Question) -> bytes:
    return with_header(q.opposite, ident=q.chance.randint(1, 65535))


def wrong_name(q: Question) -> bytes:
    """One letter is another; the answers below it are still to the question."""
    at = question_end(q.octets) - 6
    message = q.opposite
    return message[:at] + bytes([message[at] ^ 1]) + message[at + 1:]


def wrong_type(q: Question) -> bytes:
    at = question_end(q.octets) - 4
    return q.opposite[:at] + struct.pack(">H", TYPES["MX"]) + q.opposite[at + 2:]


def wrong_class(q: Question) -> bytes:
    at = question_end(q.octets) - 2
    return q.opposite[:at] + struct.pack(">H", 3) + q.opposite[at + 2:]


def no_question(q: Question) -> bytes:
    message = with_header(q.opposite, counts=(-1, 0, 0, 0))
    return message[:HEADER.size] + message[question_end(q.octets):]


def no_response(q: Question) -> bytes:
    return with_header(q.opposite, flags=QR)


def wrong_opcode(q: Question) -> bytes:
    return with_header(q.opposite, flags=2 << 11)


def short(q: Question) -> bytes:
    return q.opposite[:HEADER.size - 1]


def nothing(_: Question) -> bytes:
    return b""


def noise(q: Question) -> bytes:
    return q.octets[:2] + q.chance.randbytes(q.chance.randint(1, 1200))


def rcode(number: int):
    """With data that must not be read."""
    def change(q):
        told = HEADER.unpack_from(q.opposite)[1] & 0xF
        return with_header(q.opposite, flags=told ^ number)
    return change


# Messages that break the format (RFC 1035 §4.1).

def answered_by(q: Question, record: bytes) -> bytes:
    """The question, and `record` as its one answer."""
    return (HEADER.pack(struct.unpack_from(">H", q.octets)[0], QR, 1, 1, 0, 0)
            + q.octets[HEADER.size:question_end(q.octets)] + record)


SRV_OF_THE_ROOT = (struct.pack(">HHIH", TYPES["SRV"], 1, 60, 7) + struct.pack(">HHH", 1, 1, 0)
                   + b"\0")


def owned_by(owner):
    """A record whose owner is these octets; what makes them is told where they will stand."""
    return lambda q: answered_by(q, owner(question_end(q.octets)) + SRV_OF_THE_ROOT)


def pointer(at: int) -> bytes:
    return struct.pack(">H", 0xC000 | at)


to_itself = owned_by(pointer)
to_each_other = owned_by(lambda at: b"\x01a" + pointer(at + 4) + b"\x01b" + pointer(at))
growing = owned_by(lambda at: b"\x3f" + b"a" * 63 + pointer(at))
beyond_the_end = owned_by(lambda at: pointer(0x3FFF))
reserved_label = owned_by(lambda at: b"\x80a\0")


def target_to_itself(q: Question) -> bytes:
    """A loop within the data."""
    owner = encode_name(q.name)
    at = question_end(q.octets) + len(owner) + 10 + 6
    return answered_by(q, owner + struct.pack(">HHIH", TYPES["SRV"], 1, 60, 8)
                       + struct.pack(">HHH", 1, 1, 0) + pointer(at))


def long_way(q: Question) -> bytes:
    """A name by way of hundreds of pointers, each to the one before."""
    start = question_end(q.octets) + 11
    chain = b"\0\0" + b"".join(pointer(start + 2 * step) for step in range(1500))
    filler = b"\0" + struct.pack(">HHIH", TYPES["TXT"], 1, 60, len(chain)) + chain
    record = pointer(start + len(chain) - 2) + SRV_OF_THE_ROOT
    return with_header(answered_by(q, filler + record), counts=(0, 1, 0, 0))


def trailing(q: Question) -> bytes:
    return q.opposite + b"\0"


def too_few_records(q: Question) -> bytes:
    return with_header(q.opposite, counts=(0, 1, 0, 0))


def most_counts(q: Question) -> bytes:
    return with_header(q.opposite, counts=(0, 60000, 60000, 60000))


def half(q: Question) -> bytes:
    return q.opposite[:(question_end(q.octets) + len(q.opposite)) // 2]


def nxdomain_beside_data(q: Question) -> bytes:
    return with_header(q.honest, flags=3)


def two_aliases(q: Question) -> bytes:
    aliases = [(q.name, "CNAME", 60, f"{label}.{ZONE}") for label in ("good0", "denied0")]
    return q.answered(Answer(aliases))


# Aliases (RFC 1034 §3.6.2).

def chain(count: int, together: bool):
    """`count` aliases lead from a CSA record's name to the record, in one answer or one by one."""
    def lie(q):
        step, _, name = q.name.rpartition("alias.")
        if q.kind != "SRV" or read_session(name) is None:
            return honest(q)
        links, at = [], int(step or 0)
        while at < count:
            target = f"{at + 1}alias.{name}"
            links.append((f"{at or ''}{'alias.' if at else ''}{name}", "CNAME", 60, target))
            at += 1
            if not together:
                return [Sent(q.answered(Answer(links)))]
        end = truth(name, "SRV")
        records = [(f"{at}alias.{name}", *record[1:]) for record in end.records]
        return [Sent(q.answered(Answer(links + records, authority=end.authority, rcode=end.rcode)))]
    return lie


def loop(length: int, together: bool):
    """So many aliases, and the last leads to the first."""
    def lie(q):
        name = q.name.rpartition("alias.")[2]
        if q.kind != "SRV" or read_session(name) is None:
            return honest(q)
        names = [name] + [f"{step}alias.{name}" for step in range(1, length)]
        links = [(names[i], "CNAME", 60, names[(i + 1) % length]) for i in range(length)]
        at = names.index(q.name)
        return [Sent(q.answered(Answer(links if together else [links[at]])))]
    return lie


# Unusual data.

def with_ttl(ttl: int):
    return lambda q: [Sent(q.answered(truth(q.name, q.kind, ttl)))]


def mixed(name: str, chance: random.Random) -> str:
    return "".join(c.upper() if chance.random() < 0.5 else c for c in name)


def question_in_mixed_case(q: Question) -> bytes:
    """As who plays 0x20 (draft-vixie-dnsext-dns0x20) with somebody else's question would."""
    end = question_end(q.octets) - 4
    asked = encode_name(mixed(q.name, q.chance))
    return q.honest[:HEADER.size] + asked + q.honest[end:]


def answers_in_mixed_case(q: Question) -> bytes:
    answer = truth(q.name, q.kind)
    answer.records = [(mixed(owner, q.chance), kind, ttl,
                       mixed(data, q.chance) if kind == "SRV" else data)
                      for owner, kind, ttl, data in answer.records]
    return q.answered(answer)


def crowded(count: int, kind: str):
    """The true record is one of `count`; the others do not matter by themselves."""
    def other(number):
        data = f"172.16.{number >> 8}.{number & 255}" if kind == "A" else f"2 {number} 0 {ZONE}"
        octets = encode_data(kind, data)
        return (pointer(HEADER.size) + struct.pack(">HHIH", TYPES[kind], 1, 60, len(octets))
                + octets)

    def lie(q):
        if q.kind != kind or not truth(q.name, q.kind).records:
            return honest(q)
        if not q.tcp:
            return [Sent(cut_short(q))]
        end, message = question_end(q.octets), q.honest
        others = b"".join(other(number) for number in range(count - 1))
        return [Sent(with_header(message[:end] + others + message[end:],
                                 counts=(0, count - 1, 0, 0)))]
    return lie


def padded(q: Question) -> bytes:
    """The truth in the largest message that there is."""
    answer = truth(q.name, q.kind)
    left = LARGEST - len(q.answered(answer))
    step = len(encode_record("x" * 200, ZONE, "TXT"))
    answer.additional = [(ZONE, "TXT", 60, "x" * 200)] * (left // step - 1)
    left = LARGEST - len(q.answered(answer)) - (step - 201)
    answer.additional.append((ZONE, "TXT", 60, b"x" * left))
    return q.answered(answer)


def poisoned(q: Question) -> bytes:
    """The truth, and what nobody has asked about the other names (RFC 2181 §5.4.1)."""
    answer = truth(q.name, q.kind)
    for number in range(4):
        good, denied = f"good{number}.{ZONE}", f"denied{number}.{ZONE}"
        others = [(CSA + good, "SRV", 3600, "1 1 0 ."), (good, "A", 3600, "172.16.0.1"),
                  (CSA + denied, "SRV", 3600, f"1 2 0 {denied}"),
                  (denied, "A", 3600, client_of("denied", number))]
        part = [record for record in others if read_name(encode_name(record[0]), 0)[0] != q.name]
        answer.records = answer.records + part
        answer.additional = answer.additional + part
    return q.answered(answer)


# EDNS refused (RFC 6891 §7, §6.1.3).

def bad_version(q: Question) -> bytes:
    opt = b"\0" + struct.pack(">HHIH", TYPES["OPT"], 1232, 1 << 24, 0)
    return (HEADER.pack(struct.unpack_from(">H", q.octets)[0], QR, 1, 0, 0, 1)
            + q.octets[HEADER.size:question_end(q.octets)] + opt)


def bare_rcode(number: int):
    """The header alone."""
    return lambda q: HEADER.pack(struct.unpack_from(">H", q.octets)[0], QR | number, 0, 0, 0, 0)


def without_opt(q: Question) -> bytes:
    message = q.honest
    return with_header(message[:-11], counts=(0, 0, 0, -1)) if q.edns else message


# Truncation (RFC 2181 §9), and what TCP comes to (RFC 7766).

def cut_short(q: Question) -> bytes:
    """TC; what there is of data would turn the verdict round."""
    return with_header(q.opposite, flags=TC)


def framed(message: bytes) -> bytes:
    return struct.pack(">H", len(message)) + message


def writes(change):
    """What `change` makes, with its length before it."""
    async def stream(q, writer):
        writer.write(framed(change(q)))
        await writer.drain()
        return True
    return stream


def tells(lie):
    """The first message of a lie."""
    return writes(lambda q: lie(q)[0].octets)


def writes_raw(change):
    """What `change` makes, and the end."""
    async def stream(q, writer):
        writer.write(change(q))
        await writer.drain()
        return False
    return stream


def drips(seconds: float):
    """The truth in pieces of a few octets, in so many seconds."""
    async def stream(q, writer):
        octets = framed(q.honest)
        pieces = [octets[at:at + 5] for at in range(0, len(octets), 5)]
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(seconds / len(pieces))
        return True
    return stream


def strays(count: int):
    """Messages under other ids, then the truth."""
    async def stream(q, writer):
        writer.write(framed(wrong_id(q)) * count + framed(q.honest))
        await writer.drain()
        return True
    return stream


async def says_nothing(_: Question, writer) -> bool:
    return True


async def resets(_: Question, writer) -> bool:
    writer.transport.abort()
    return False
