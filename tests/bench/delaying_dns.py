#!/usr/bin/env python3
"""A DNS server some milliseconds away: passes questions on to another one at once, and gives each
answer back when a given time has gone by since its question came. Questions wait beside each other,
however many there are, so a client that asks one after the other pays for each, and one that asks all
at once pays once.

    with DelayingDns(unbound, seconds=0.020, port=53) as dns: ... dns.address

    tests/bench/delaying_dns.py HOST PORT SERVER SERVERS_PORT SECONDS      until its input ends

A process of its own, since its answers leave when they are due only if nothing else keeps it busy.
UDP and, without a handshake's round trip, TCP. An answer that takes the server longer than the given
time is not held at all."""

import contextlib
import ctypes
import heapq
import itertools
import os
import select
import socket
import struct
import subprocess
import sys
import time

PR_SET_TIMERSLACK = 29
TIMER_SLACK_NS = 1000  # Linux lets a wait of 20 ms last 50 us longer unless told otherwise.
LARGEST = 65535
READY = b"ready\n"


class DelayingDns:
    """Before `upstream`, a server with an `address`."""

    def __init__(self, upstream, seconds: float, port: int, host: str = "127.0.0.1"):
        self.address = (host, port)
        self._command = [sys.executable, "-I", __file__, host, str(port), upstream.address[0],
                         str(upstream.address[1]), str(seconds)]

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        if self._process.stdout.readline() != READY:
            self.__exit__()
            raise RuntimeError(f"the delaying DNS server did not come up at {self.address}")
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Relay:
    """The server itself: one loop, and a heap of what is to leave and when."""

    def __init__(self, address, upstream, seconds: float):
        self.upstream_address, self.seconds = upstream, seconds
        self.clients = bound(socket.SOCK_DGRAM, address)
        self.listener = bound(socket.SOCK_STREAM, address)
        self.listener.listen(100)
        self.upstream = socket.socket(family_of(upstream), socket.SOCK_DGRAM)
        self.upstream.connect(upstream)
        self.upstream.setblocking(False)
        # What a readable socket leads to.
        self.readers = {self.clients: self.take_questions, self.upstream: self.take_answers,
                        self.listener: self.accept}
        # Of a question that was passed on under an id of ours: who asked, its id there, when it is
        # due. The oldest give way where answers stay out.
        self.open = {}
        self.ids = itertools.count()
        self.due = []  # (time, number, what is to be done): the number keeps order among equals.
        self.numbers = itertools.count()

    def at(self, when: float, action):
        heapq.heappush(self.due, (when, next(self.numbers), action))

    def take_questions(self):
        for question, client in datagrams(self.clients):
            due = time.monotonic() + self.seconds
            if len(question) < 2:
                continue
            number = next(self.ids) & 0xFFFF
            self.open[number] = (client, question[:2], due)
            self.upstream.send(struct.pack(">H", number) + question[2:])

    def take_answers(self):
        for answer, _ in datagrams(self.upstream):
            asked = self.open.pop(struct.unpack_from(">H", answer)[0], None)
            if asked is not None:
                client, theirs, due = asked
                self.at(due, lambda c=client, a=theirs + answer[2:]: self.clients.sendto(a, c))

    def accept(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(self.upstream_address)
        self.readers[client] = lambda: self.pass_on(client, server, 0.0)
        self.readers[server] = lambda: self.pass_on(server, client, self.seconds)

    def pass_on(self, source, target, seconds: float):
        """Octets of one direction of a connection, its end included."""
        try:
            octets = source.recv(LARGEST)
        except OSError:
            octets = b""
        if not octets:
            del self.readers[source]
        self.at(time.monotonic() + seconds, lambda: hand_over(target, octets))

    def run(self, until: int):
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            # poll() and epoll_wait() know milliseconds only.
            readable, _, _ = select.select([until, *self.readers], [], [], wait)
            if until in readable:
                return
            for sock in readable:
                if sock in self.readers:
                    self.readers[sock]()
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                heapq.heappop(self.due)[2]()


def hand_over(target, octets: bytes):
    try:
        target.sendall(octets) if octets else target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # Whoever has gone needs no answer.


def datagrams(sock):
    """All that are there."""
    while True:
        try:
            yield sock.recvfrom(LARGEST)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            continue  # An error of an earlier send.


def family_of(address):
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def bound(kind, address):
    sock = socket.socket(family_of(address), kind)
    if kind == socket.SOCK_STREAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.setblocking(kind == socket.SOCK_STREAM)
    return sock


def main() -> int:
    host, port, server, server_port, seconds = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0)
    with contextlib.suppress(OSError):  # Before all else on a busy machine, where that is allowed.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    relay = Relay((host, int(port)), (server, int(server_port)), float(seconds))
    os.write(sys.stdout.fileno(), READY)
    relay.run(sys.stdin.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
