"""A DNS server that has the right data and tells it as a bad network, a broken server or a liar
would.

    with LyingDns(free_port(), udp=copies(2)) as dns: ... dns.address

What it knows are the names of ZONE: `goodN` has a CSA record and the address of its one client,
`deniedN` one that it sends no mail, `unknownN` none at all. A lie makes of each question the
datagrams that leave; over TCP a stream does what is left of the way. lies.py has both kinds.
"""

import asyncio
import collections
import dataclasses
import random
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable

from scripted_dns import HEADER, Answer, ScriptedDns, bind_both, build, read_question

ZONE = "lying.example"
KINDS = ("good", "denied", "unknown")
SOA = (ZONE, "SOA", 60, f"ns.{ZONE} hostmaster.{ZONE} 1 7200 3600 1209600 60")
CSA = "_client._smtp."
SO_RCVBUFFORCE = 33  # socket(7): whatever net.core.rmem_max says.
WAITING_OCTETS = 1 << 24  # So that no question is lost but those that a lie loses.
ELSEWHERE = "127.0.0.53"  # Where an answer comes from that is not ours.


def client_of(kind: str, number: int) -> str:
    """The address of the session's client, another one for each name."""
    return f"10.{1 + KINDS.index(kind)}.{number >> 8}.{number & 255}"


def read_session(name: str) -> tuple[str, int] | None:
    """The kind and number that a name of ZONE begins with."""
    label = name.removeprefix(CSA).removesuffix("." + ZONE)
    for kind in KINDS:
        if label.startswith(kind) and label[len(kind):].isdigit():
            return kind, int(label[len(kind):])
    return None


def truth(name: str, kind: str, ttl: int = 60) -> Answer:
    """What the zone says."""
    session = read_session(name)
    if session is None or session[0] == "unknown":
        return Answer(rcode="NXDOMAIN", authority=[SOA])
    host = name.removeprefix(CSA)
    if name != host and kind == "SRV":
        weight = 2 if session[0] == "good" else 1
        return Answer([(name, "SRV", ttl, f"1 {weight} 0 {host}")])
    if name == host and kind == "A":
        return Answer([(name, "A", ttl, client_of(*session))])
    return Answer(authority=[SOA])


def opposite(name: str, kind: str) -> Answer:
    """What would turn each verdict round, were it believed."""
    session = read_session(name)
    if session is None or kind not in ("SRV", "A"):
        return Answer(rcode="NXDOMAIN", authority=[SOA])
    host = name.removeprefix(CSA)
    if kind == "A":
        return Answer([(name, "A", 60, client_of(*session))])
    weight = 1 if session[0] == "good" else 2
    return Answer([(name, "SRV", 60, f"1 {weight} 0 {host}")])


@dataclasses.dataclass(frozen=True)
class Question:
    """One that has arrived, over UDP unless `tcp`."""

    octets: bytes
    name: str
    kind: str
    number: int            # How many times it was asked before from the same port.
    chance: random.Random  # The same for the same question and seed, whatever the order of arrival.
    tcp: bool = False

    @property
    def edns(self) -> bool:
        return HEADER.unpack_from(self.octets)[5] > 0

    @property
    def is_csa(self) -> bool:
        """A session's own, not one about the names above it."""
        return self.kind == "SRV" and read_session(self.name) is not None

    def answered(self, answer: Answer) -> bytes:
        return build(self.octets, answer, self.tcp)

    @property
    def honest(self) -> bytes:
        return self.answered(truth(self.name, self.kind))

    @property
    def opposite(self) -> bytes:
        return self.answered(opposite(self.name, self.kind))


@dataclasses.dataclass(frozen=True)
class Sent:
    """A datagram that leaves `delay` seconds after the question came."""

    octets: bytes
    delay: float = 0.0
    source: str = "server"  # Or "port", "address": one that was not asked.


Lie = Callable[[Question], list[Sent]]
# Answers one question on a connection; False: and closes it.
Stream = Callable[[Question, asyncio.StreamWriter], Awaitable[bool]]


def honest(question: Question) -> list[Sent]:
    return [Sent(question.honest)]


async def whole(question: Question, writer) -> bool:
    reply = question.honest
    writer.write(struct.pack(">H", len(reply)) + reply)
    await writer.drain()
    return True


class LyingDns(ScriptedDns):
    """`udp` and `tcp` say how it lies; without `listens` it refuses connections; `down` is when it
    is not there, in seconds from the first question on, or from the start on if that begins with 0.

    `peers` maps (name, type) to the (address, id, rest of the message) that asked, each once;
    `told` to when the first honest answer left (time.monotonic). While `held` is set, honest
    answers wait."""

    def __init__(self, port: int, udp: Lie = honest, tcp: Stream = whole, listens: bool = True,
                 down: tuple[float, float] | None = None, seed: int = 0):
        super().__init__(port=port)
        self._udp_lie, self._stream, self._seed, self._down = udp, tcp, seed, down
        self._asked: collections.Counter = collections.Counter()
        self.told: dict[tuple[str, str], float] = {}
        self.peers: dict[tuple[str, str], set] = collections.defaultdict(set)
        self.held = threading.Event()
        self._holding: list = []
        self._listens = listens
        self.errors: list[Exception] = []  # Of the lies themselves.
        self._elsewhere = {}
        self._udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, WAITING_OCTETS)
        if down is not None and down[0] == 0:
            self._udp.close()
            self._tcp.close()

    def __exit__(self, *_):
        super().__exit__()
        for sock in self._elsewhere.values():
            sock.close()

    def release(self):
        """Honest answers leave from now on, and those that waited at once."""
        self.held.clear()

        def send():
            for octets, peer in self._holding:
                self._transport.sendto(octets, peer)
            self._holding.clear()
        self._loop.call_soon_threadsafe(send)

    async def _open(self):
        for name, host in (("port", self.address[0]), ("address", ELSEWHERE)):
            self._elsewhere[name] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._elsewhere[name].bind((host, 0))
        if self._down is not None and self._down[0] == 0:
            self._loop.call_later(self._down[1], self._return)
        else:
            await self._serve_both()

    async def _serve_both(self):
        if self._listens:
            await super()._open()
            return
        self._tcp.close()
        self._tcp = socket.socket()  # Bound to nothing, so that whoever connects is refused.
        await super()._open()

    def _die(self):
        self._transport.abort()
        self._server.close()

    def _return(self):
        self._udp, self._tcp = bind_both(*self.address)
        self._task(self._serve_both())

    def _task(self, work):
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note(self, octets: bytes, peer, transport: str) -> Question | None:
        try:
            name, kind = read_question(octets)
        except (IndexError, ValueError, struct.error):
            return None
        if self._down is not None and self._down[0] > 0 and not self.questions:
            self._loop.call_later(self._down[0], self._die)
            self._loop.call_later(self._down[1], self._return)
        key = (name, kind)
        self.questions.append((name, kind, transport))
        self.peers[key].add((peer, octets[:2], octets[2:]))
        asker = (key, peer if transport == "udp" else None)
        number = self._asked[asker]
        self._asked[asker] += 1
        chance = random.Random(f"{self._seed}/{name}/{kind}/{number}")
        return Question(octets, name, kind, number, chance, transport == "tcp")

    async def _answer_udp(self, query: bytes, peer):
        question = self._note(query, peer, "udp")
        if question is None:
            return
        try:
            lies = self._udp_lie(question)
        except Exception as error:
            self.errors.append(error)
            return
        for sent in lies:
            if sent.delay:
                self._task(self._send_later(question, sent, peer))
            else:
                self._send(question, sent, peer)

    async def _send_later(self, question: Question, sent: Sent, peer):
        await asyncio.sleep(sent.delay)
        self._send(question, sent, peer)

    def _send(self, question: Question, sent: Sent, peer):
        if sent.source != "server":
            self._elsewhere[sent.source].sendto(sent.octets, peer)
        elif self.held.is_set():
            self._holding.append((sent.octets, peer))
        elif not self._transport.is_closing():
            if sent.octets == question.honest:  # Noted first: who asks may be done with it at once.
                key = (question.name, question.kind)
                self.told.setdefault(key, time.monotonic())
            self._transport.sendto(sent.octets, peer)

    async def _serve_tcp(self, reader, writer):
        try:
            goes_on = True
            while goes_on:
                length = struct.unpack(">H", await reader.readexactly(2))[0]
                query = await reader.readexactly(length)
                question = self._note(query, writer.get_extra_info("peername"), "tcp")
                goes_on = question is not None and await self._stream(question, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            pass
        except Exception as error:
            self.errors.append(error)
        finally:
            writer.close()
