"""The mail server's side of the filter protocol, for tests: says whatever it is told to a real filter, reads
every line that it answers as strictly as smtpd does, and keeps account of what is owed.

    with ProtocolPeer([FILTER, "-c", path]) as peer:
        peer.handshake()
        peer.connect(1)
        peer.ask("ehlo", 1, 7, b"mail.example.com")
        peer.settle()                 # until every question has its answer
        assert not peer.complaints

What smtpd 6.8 or 7.8 would end at, be disturbed by or refuse is a complaint: processor_io,
processor_register and lka_filter_process_response in lka_filter.c, valid_smtp_response in util.c,
IBUF_READ_MAX. protocol_checker.h has the same for the unit tests.
"""

import collections
import os
import pathlib
import re
import resource
import select
import socket
import subprocess
import time

VERSION = "0.6"
SMTPD_BUFFER_OCTETS = 65536   # A line from a filter, its end included, in every version.
OLD_LINE_OCTETS = 2048        # The same where events are of a version before 0.7.
MAX_REPLY_OCTETS = 510        # Ours: a reply is one line (RFC 5321 §4.5.3.1.5).
PATIENCE = 30.0               # Seconds for what must come.
READ_OCTETS = 1 << 18

REPORTS = {
    b"link-connect", b"link-disconnect", b"link-greeting", b"link-identify", b"link-tls", b"link-auth",
    b"tx-reset", b"tx-begin", b"tx-mail", b"tx-rcpt", b"tx-envelope", b"tx-data", b"tx-commit",
    b"tx-rollback", b"protocol-client", b"protocol-server", b"timeout", b"filter-report",
    b"filter-response"}
PHASES = {
    b"connect", b"helo", b"ehlo", b"starttls", b"auth", b"mail-from", b"rcpt-to", b"data", b"data-line",
    b"rset", b"quit", b"noop", b"help", b"wiz", b"commit"}
RESULT = re.compile(rb"filter-result\|([0-9a-f]{16})\|([0-9a-f]{16})\|(?:(proceed)|(junk)|reject\|(.*))", re.S)
DATALINE = re.compile(rb"filter-dataline\|([0-9a-f]{16})\|([0-9a-f]{16})\|(.*)", re.S)
# RFC 5321 §4.2: a code, a space and printable text; and smtpd closes the session at 421, which is ours
# to refuse but not to end.
REPLY = re.compile(rb"(?!421)[45][0-9]{2} [ -~]*")


class StrictReader:
    """Follows a filter's output from its first octet. `questions` says what is owed: (kind, session,
    token) to a count, kinds "result" and "line"."""

    def __init__(self):
        self.registered = False
        self.registrations: list[bytes] = []
        self.complaints: list[str] = []
        self.owed: collections.Counter = collections.Counter()
        self.owed_results = 0
        self.results = 0
        self.answers: list[tuple] = []    # (session, token, "proceed" | "junk" | reply), if kept.
        self.lines: collections.defaultdict = collections.defaultdict(list)  # session: data lines
        self.keep_answers = True
        self.keep_lines = True
        self.line_octets = OLD_LINE_OCTETS
        self._rest = b""

    def feed(self, octets: bytes):
        *lines, self._rest = (self._rest + octets).split(b"\n")
        if len(self._rest) >= SMTPD_BUFFER_OCTETS:
            self.complain("a line without end", self._rest)
        for line in lines:
            self._line(line)

    def end(self):
        """The output has ended."""
        if self._rest:
            self.complain("unfinished", self._rest)

    def complain(self, what: str, line: bytes):
        if len(self.complaints) < 20:
            self.complaints.append(f"{what}: {line[:200]!r}")

    def _line(self, line: bytes):
        if not self.registered:
            self._registration(line)
            return
        if len(line) + 1 > self.line_octets:
            self.complain(f"{len(line) + 1} octets", line)
        if found := RESULT.fullmatch(line):
            self._result(line, *found.groups())
        elif found := DATALINE.fullmatch(line):
            session = int(found[1], 16)
            if ("line", session, int(found[2], 16)) not in self.owed:
                self.complain("a line of a message that was not sent", line)
            if self.keep_lines:
                self.lines[session].append(found[3])
        else:
            self.complain("malformed", line)

    def _registration(self, line: bytes):
        if line == b"register|ready":
            self.registered = True
            return
        parts = line.split(b"|")
        known = (len(parts) == 4 and parts[0] == b"register" and parts[2] == b"smtp-in"
                 and parts[3] in {b"report": REPORTS, b"filter": PHASES}.get(parts[1], ()))
        if not known:
            self.complain("before register|ready", line)
        self.registrations.append(line)

    def _result(self, line, session, token, proceed, junk, reply):
        session, token = int(session, 16), int(token, 16)
        key = ("result", session, token)
        if self.owed[key] < 1:
            self.complain("not asked, or answered before", line)
        else:
            self.owed[key] -= 1
            self.owed_results -= 1
            if not self.owed[key]:
                del self.owed[key]
        self.results += 1
        if reply is not None and not (REPLY.fullmatch(reply) and len(reply) <= MAX_REPLY_OCTETS):
            self.complain("not a reply", line)
        if self.keep_answers:
            decision = proceed or junk or reply
            self.answers.append((session, token, decision.decode("latin-1")))


class ProtocolPeer(StrictReader):
    """smtpd with one filter process: one socket for its input and output, or with `pipes` two. All that
    is said is queued; turn() and what calls it carry it over, and read unless `deaf`."""

    def __init__(self, command: list[str], *, pipes: bool = False, address_space: int | None = None):
        super().__init__()
        self.deaf = False
        self.ended = False       # The filter has closed its output.
        self.log = b""
        self._queue = bytearray()
        limit = None if address_space is None else (
            lambda: resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space)))
        if pipes:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, preexec_fn=limit)
            self._in, self._out = self.process.stdout, self.process.stdin
        else:
            mine, its = socket.socketpair()
            self.process = subprocess.Popen(command, stdin=its, stdout=its, stderr=subprocess.PIPE,
                                            preexec_fn=limit)
            its.close()
            self._in = self._out = mine
        self._err = self.process.stderr
        for stream in {self._in, self._out, self._err}:
            os.set_blocking(stream.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.close()
        self._err.close()

    # What smtpd says.

    def say(self, line: bytes | str):
        self._queue += line if isinstance(line, bytes) else line.encode("latin-1")
        self._queue += b"\n"

    def say_octets(self, octets: bytes):
        self._queue += octets

    def handshake(self, admd: bytes = b"mx.example"):
        for line in (b"smtpd-version|6.8.0p2", b"smtp-session-timeout|300", b"subsystem|smtp-in",
                     b"admd|" + admd, b"ready"):
            self.say(b"config|" + line)
        self.turn_until(lambda: self.registered, "register|ready")

    def report(self, name: str, session: int, *fields: str | bytes, version: str = VERSION):
        self.say(b"|".join([f"report|{version}|1763769600.000001|smtp-in|{name}|{session:016x}".encode(),
                            *(f if isinstance(f, bytes) else f.encode("latin-1") for f in fields)]))

    def connect(self, session: int, client: str = "192.0.2.1:25", rdns: bytes = b"<unknown>",
                version: str = VERSION):
        self.report("link-connect", session, rdns, "fail", client, "192.0.2.25:25", version=version)

    def disconnect(self, session: int):
        self.report("link-disconnect", session)

    def ask(self, phase: str, session: int, token: int, argument: bytes | str = b"", *,
            version: str = VERSION):
        """A question that is owed an answer."""
        kind = "line" if phase == "data-line" else "result"
        self.owed[(kind, session, token)] += 1
        self.owed_results += kind == "result"
        argument = argument if isinstance(argument, bytes) else argument.encode("latin-1")
        self.say(f"filter|{version}|1763769600.000001|smtp-in|{phase}|{session:016x}|{token:016x}|".encode()
                 + argument)

    # Time.

    @property
    def unsent(self) -> int:
        return len(self._queue)

    def turn(self, seconds: float = 0.05) -> bool:
        """Carries what can be carried; waits for it so long. False: nothing could."""
        reads = [self._err] + ([] if self.deaf or self.ended else [self._in])
        writes = [self._out] if self._queue else []
        readable, writable, _ = select.select(reads, writes, [], seconds)
        if self._err in readable:
            self.log += os.read(self._err.fileno(), READ_OCTETS)
        if self._in in readable:
            self._read()
        if writable:
            self._write()
        return bool(readable or writable)

    def _read(self):
        try:
            octets = os.read(self._in.fileno(), READ_OCTETS)
        except ConnectionResetError:
            octets = b""
        if octets:
            self.feed(octets)
        elif not self.ended:
            self.ended = True
            self.end()

    def _write(self):
        try:
            sent = os.write(self._out.fileno(), memoryview(self._queue)[:READ_OCTETS])
        except (BrokenPipeError, ConnectionResetError):
            self._queue.clear()
            return
        del self._queue[:sent]

    def turn_until(self, condition, what: str, seconds: float = PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None and not condition():
                self._fail(f"the filter ended with {self.process.returncode} before {what}")
            if time.monotonic() > deadline:
                self._fail(f"{what}: not within {seconds:.0f} s; {self.owed_results} answers are owed")
            self.turn()

    def turn_for(self, seconds: float):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.turn(left)

    def settle(self, seconds: float = PATIENCE):
        """Until all has been said and every question but those for message lines has its answer. A last
        question, of a session that nobody knows, shows that nothing is before it."""
        self.ask("noop", 0, 0)
        self.turn_until(lambda: not self._queue and self.owed_results == 0, "every answer", seconds)

    def close_input(self):
        """The end of its input, after all that is queued."""
        self.turn_until(lambda: not self._queue, "all is said")
        if self._out is self._in:
            self._out.shutdown(socket.SHUT_WR)
        else:
            self._out.close()

    def close(self):
        """As when smtpd is killed."""
        for stream in {self._in, self._out}:
            stream.close()

    def exit_status(self, seconds: float = PATIENCE) -> int:
        """After the end of its input: reads the rest, and waits for its end."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self._fail("the filter does not end")
            self.turn()
        while not self.ended and not self.deaf and self.turn(0):
            pass
        return self.process.returncode

    def _fail(self, what: str):
        raise AssertionError("\n".join([what, *self.complaints, self.log_text()[-2000:]]))

    def log_text(self) -> str:
        return self.log.decode("latin-1")

    # What the process uses.

    def peak_mib(self) -> float:
        """The most memory that it has had, of its own and resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
