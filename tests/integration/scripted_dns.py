"""A DNS server that does what a test says: answers late, loses, refuses, truncates, lies; or passes
questions on to another server after a delay.

    dns = ScriptedDns({
        ("_client._smtp.a.example", "SRV"): Answer(["1 2 0 a.example"], delay=0.5),
        ("a.example", "A"): Answer(["192.0.2.1"], lose=1),      # the first packet is lost
        ("b.example", "A"): Answer(rcode="SERVFAIL"),
        ("c.example", "A"): Answer(["192.0.2.1"], truncate=True),   # TC over UDP, whole over TCP
        ("d.example", "A"): Answer(silent=True),
        ("slow.example", "*"): Answer(raw=lambda query: query[:5]),
    }, default=Answer(rcode="NXDOMAIN"))
    with dns: ... dns.address ... dns.questions

Keys are lower-case names without a trailing dot and type names, or "*" for any type. Records are
(owner, type, ttl, data) or data alone, which then has the question's owner and type and ttl 60.
"""

import asyncio
import dataclasses
import ipaddress
import random
import socket
import struct
import threading
from collections.abc import Callable

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28,
         "SRV": 33, "OPT": 41, "ANY": 255}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
QR, AA, TC, RD, RA, AD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020
HEADER = struct.Struct(">HHHHHH")
DEFAULT_TTL = 60
PLAIN_UDP_OCTETS = 512


@dataclasses.dataclass
class Answer:
    """What happens to a question."""

    records: list = dataclasses.field(default_factory=list)
    additional: list = dataclasses.field(default_factory=list)
    rcode: str = "NOERROR"
    delay: float = 0.0        # Seconds before the answer leaves.
    lose: int = 0             # So many UDP questions are lost before one is answered.
    silent: bool = False      # Never answered.
    truncate: bool = False    # Over UDP an empty answer with TC.
    refuse_edns: bool = False  # FORMERR to questions with EDNS (RFC 6891 §7).
    wrong_id: bool = False
    wrong_question: bool = False
    ad: bool = False
    # Makes the whole message out of the question's octets; nothing above but delay and lose counts.
    raw: Callable[[bytes], bytes] | None = None
    # Sent before the answer proper, each made out of the question's octets: forgeries.
    before: list[Callable[[bytes], bytes]] = dataclasses.field(default_factory=list)
    authority: list = dataclasses.field(default_factory=list)  # Whole records only.


@dataclasses.dataclass
class Forward:
    """The question is passed on over UDP, and the answer comes back `delay` seconds late."""

    address: tuple[str, int]
    delay: float = 0.0


class ScriptedDns:
    """The server, on UDP and TCP of `address`, in a thread of its own. `questions` lists
    (name, type, transport) in the order of arrival."""

    def __init__(self, answers: dict | None = None, default: Answer | Forward | None = None,
                 host: str = "127.0.0.1", port: int = 0):
        self.answers = answers or {}
        self.default = default or Answer(rcode="NXDOMAIN")
        self.questions: list[tuple[str, str, str]] = []
        self._lost: dict[tuple[str, str], int] = {}
        self._loop = asyncio.new_event_loop()
        self._udp, self._tcp = bind_both(host, port)
        self._transport = self._server = None  # Where they are served.
        self.address = (host, self._udp.getsockname()[1])
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._tasks: set[asyncio.Task] = set()

    def __enter__(self):
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def count(self, name: str, kind: str) -> int:
        """How often this was asked."""
        return sum(1 for asked in list(self.questions) if asked[:2] == (name, kind))

    def _serve(self):
        loop = self._loop
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._open())
        self._ready.set()
        loop.run_forever()
        for served in (self._server, self._transport):
            if served is not None:
                served.close()
        loop.run_until_complete(asyncio.sleep(0))
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))  # For what the last of them closed.
        loop.close()

    async def _open(self):
        server = self

        class Udp(asyncio.DatagramProtocol):
            def datagram_received(self, data, peer):
                task = server._loop.create_task(server._answer_udp(data, peer))
                server._tasks.add(task)
                task.add_done_callback(server._tasks.discard)

        self._transport, _ = await self._loop.create_datagram_endpoint(Udp, sock=self._udp)
        self._server = await asyncio.start_server(self._serve_tcp, sock=self._tcp)

    async def _answer_udp(self, query: bytes, peer):
        try:
            name, kind = read_question(query)
        except (IndexError, ValueError, struct.error):
            return
        self.questions.append((name, kind, "udp"))
        answer = self._find(name, kind)
        if isinstance(answer, Forward):
            reply = await self._forward(query, answer)
            if reply is not None:
                self._transport.sendto(reply, peer)
            return
        lost = self._lost.get((name, kind), 0)
        if answer.silent or lost < answer.lose:
            self._lost[(name, kind)] = lost + 1
            return
        if answer.delay:
            await asyncio.sleep(answer.delay)
        for forgery in answer.before:
            self._transport.sendto(forgery(query), peer)
        self._transport.sendto(build(query, answer, tcp=False), peer)

    async def _serve_tcp(self, reader, writer):
        try:
            while True:
                length = struct.unpack(">H", await reader.readexactly(2))[0]
                query = await reader.readexactly(length)
                name, kind = read_question(query)
                self.questions.append((name, kind, "tcp"))
                answer = self._find(name, kind)
                if isinstance(answer, Forward):
                    reply = await self._forward(query, answer)
                elif answer.silent:
                    continue
                else:
                    await asyncio.sleep(answer.delay)
                    reply = build(query, answer, tcp=True)
                if reply is not None:
                    writer.write(struct.pack(">H", len(reply)) + reply)
                    await writer.drain()
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError, IndexError,
                ValueError, struct.error):
            pass
        finally:
            writer.close()

    async def _forward(self, query: bytes, forward: Forward) -> bytes | None:
        if forward.delay:
            await asyncio.sleep(forward.delay)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.setblocking(False)
            upstream.connect(forward.address)
            try:
                upstream.send(query)
                return await asyncio.wait_for(self._loop.sock_recv(upstream, 65535), 5.0)
            except (OSError, asyncio.TimeoutError):
                return None

    def _find(self, name: str, kind: str):
        return self.answers.get((name, kind)) or self.answers.get((name, "*")) or self.default


def bind_both(host: str, port: int):
    """A UDP and a TCP socket on one port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        try:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.bind((host, port))
            tcp.bind((host, udp.getsockname()[1]))
            tcp.listen(100)
            for sock in (udp, tcp):
                sock.setblocking(False)
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()
            if port:
                raise


def encode_name(name: str) -> bytes:
    name = name.rstrip(".")
    labels = name.split(".") if name else []
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in labels) + b"\0"


def read_name(message: bytes, at: int) -> tuple[str, int]:
    """The name at an offset (compression followed) and the offset behind it."""
    labels, end = [], None
    for _ in range(128):
        length = message[at]
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | message[at + 1]
        elif length == 0:
            return ".".join(labels).lower(), end or at + 1
        else:
            labels.append(message[at + 1:at + 1 + length].decode("latin-1"))
            at += 1 + length
    raise ValueError("a name without end")


def read_question(query: bytes) -> tuple[str, str]:
    name, at = read_name(query, HEADER.size)
    number = struct.unpack_from(">H", query, at)[0]
    return name, TYPE_NAMES.get(number, f"TYPE{number}")


def question_end(query: bytes) -> int:
    return read_name(query, HEADER.size)[1] + 4


def encode_data(kind: str, data: str | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data).packed
    if kind in ("NS", "CNAME", "PTR"):
        return encode_name(data)
    if kind == "SRV":
        priority, weight, port, target = data.split()
        return struct.pack(">HHH", int(priority), int(weight), int(port)) + encode_name(target)
    if kind == "MX":
        preference, host = data.split()
        return struct.pack(">H", int(preference)) + encode_name(host)
    if kind == "TXT":
        octets = data.encode("latin-1")
        parts = [octets[i:i + 255] for i in range(0, len(octets), 255)] or [b""]
        return b"".join(bytes([len(part)]) + part for part in parts)
    if kind == "SOA":
        mname, rname, *numbers = data.split()
        return (encode_name(mname) + encode_name(rname)
                + struct.pack(">IIIII", *(int(number) for number in numbers)))
    raise ValueError(f"no encoding for {kind}")


def encode_record(record, owner: str, kind: str) -> bytes:
    ttl, data = DEFAULT_TTL, record
    if isinstance(record, tuple):
        owner, kind, ttl, data = record
    octets = encode_data(kind, data)
    return encode_name(owner) + struct.pack(">HHIH", TYPES[kind], 1, ttl, len(octets)) + octets


def build(query: bytes, answer: Answer, tcp: bool) -> bytes:
    """The message that answers `query`."""
    if answer.raw is not None:
        return answer.raw(query)
    name, kind = read_question(query)
    ident, flags, _, _, _, extra = HEADER.unpack_from(query)
    rcode, parts = answer.rcode, (answer.records, answer.authority, answer.additional)
    flags = QR | AA | RA | (flags & RD) | (AD if answer.ad else 0)
    if answer.refuse_edns and extra:
        rcode, parts, extra = "FORMERR", ([], [], []), 0
    sections = [[encode_record(r, name, kind) for r in part] for part in parts]
    opt = b"\0" + struct.pack(">HHIH", TYPES["OPT"], 1232, 0, 0) if extra else b""
    question = query[HEADER.size:question_end(query)]
    if answer.wrong_question:
        question = encode_name("forged.example") + question[-4:]
    if answer.wrong_id:
        ident ^= 0x5555
    size = HEADER.size + len(question) + sum(len(r) for part in sections for r in part) + len(opt)
    if not tcp and (answer.truncate or (not opt and size > PLAIN_UDP_OCTETS)):
        sections, flags = [[], [], []], flags | TC
    counts = (1, len(sections[0]), len(sections[1]), len(sections[2]) + (1 if opt else 0))
    return (HEADER.pack(ident, flags | RCODES[rcode], *counts) + question
            + b"".join(record for section in sections for record in section) + opt)


def ask(address: tuple[str, int], name: str, kind: str, timeout: float = 1.0):
    """Asks one question over UDP: (rcode name, [data of each answer record as octets]), or None when
    there is no answer."""
    query = (HEADER.pack(random.randrange(65536), RD, 1, 0, 0, 0) + encode_name(name)
             + struct.pack(">HH", TYPES[kind], 1))
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        client.connect(address)
        try:
            client.send(query)
            reply = client.recv(65535)
        except OSError:
            return None
    _, flags, _, count, _, _ = HEADER.unpack_from(reply)
    at, records = question_end(reply), []
    for _ in range(count):
        _, at = read_name(reply, at)
        length = struct.unpack_from(">H", reply, at + 8)[0]
        records.append(reply[at + 10:at + 10 + length])
        at += 10 + length
    names = {number: text for text, number in RCODES.items()}
    return names.get(flags & 0xF, str(flags & 0xF)), records
