"""A fault of network_faults.py in place, sessions through the programs, and what is wrong with what
came of them.

    with Network(fault, directory) as network:
        wrong = filter_complaints(network, 8)   # 8 of each kind at once; [] if nothing is wrong
"""

import contextlib
import dataclasses
import fcntl
import itertools
import json
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import lies
from lying_dns import CSA, KINDS, ZONE, LyingDns, client_of
from network_faults import AT_ONCE, RIGHT, SHORT, TEMPORARY, Fault, Patience

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "opensmtpd"), str(TESTS / "exim")]

from exim_fixture import HelovetExim  # noqa: E402 (found through the path above)
from test_dialogues import Filter  # noqa: E402

# Ports that no client is given; nobody else takes them in a network of its own.
PORTS = itertools.count(10000)
PATIENCE = 30.0  # Seconds for what must come.
SLACK = 2.0    # Seconds that a busy machine may add.
LOG_OCTETS = 1 << 20
MARGIN = 1.0   # Seconds before its time is over in which an answer may have come too late.

# Nothing but high trust is let in, and whoever proves a name of ZONE has it.
CONFIG = """\
profile = "strict"
deadline = "{deadline}"
[lists]
allow = [".{zone}"]
[store]
kind = "none"
[dns]
servers = [{servers}]
query_timeout = "{timeout}"
"""


def settings(addresses, patience: Patience) -> str:
    return CONFIG.format(
        deadline=f"{patience.deadline * 1000:.0f}ms", zone=ZONE,
        timeout=f"{patience.query_timeout * 1000:.0f}ms",
        servers=", ".join(f'"{host}:{port}"' for host, port in addresses))


# What may be done after a result of csa.
ACTIONS = {"pass": {"accept"}, "fail": {"reject"}, "none": {"reject", "defer"},
           "permerror": {"reject", "defer"}, "temperror": {"defer"}}
CODES = {"250": "accept", "451": "defer", "550": "reject"}


@dataclasses.dataclass(frozen=True)
class Session:
    kind: str
    number: int

    @property
    def host(self) -> str:
        return f"{self.kind}{self.number}.{ZONE}"

    @property
    def client(self) -> str:
        return client_of(self.kind, self.number)

    @property
    def sender(self) -> str:
        """Every other message has none, and nothing is asked at its MAIL FROM."""
        return f"joe@{self.host}" if self.number % 2 else ""

    @property
    def needs(self) -> list[tuple[str, str]]:
        """The questions that its verdict hangs on."""
        last = {"good": [(self.host, "A")], "denied": [], "unknown": [(CSA + ZONE, "SRV")]}
        return [(CSA + self.host, "SRV")] + last[self.kind]


@dataclasses.dataclass(frozen=True)
class Got:
    csa: str  # Result and reason; empty: the host does not say.
    action: str
    start: float  # When it began, of time.monotonic.
    seconds: float


def sessions(count: int) -> list[Session]:
    """So many of each kind."""
    return [Session(kind, number) for number in range(count) for kind in KINDS]


class Network(contextlib.ExitStack):
    """The servers of a fault, running; `config` has the settings that ask them."""

    def __init__(self, fault: Fault, directory: pathlib.Path, seed: int = 0):
        super().__init__()
        self.fault = fault
        self.dns = None
        self._seed = seed
        self.directory = directory
        self.config = directory / "helovet.toml"

    def __enter__(self):
        fault = self.fault
        addresses = [self._other(kind) for kind in fault.before]
        if fault.there:  # Else nobody answers honestly.
            self.dns = self.enter_context(LyingDns(
                next(PORTS), fault.udp, fault.tcp, fault.listens, fault.down, self._seed))
            addresses.append(self.dns.address)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config.write_text(settings(addresses, fault.patience))
        return self

    def _other(self, kind: str):
        if kind == "closed":
            return "127.0.0.1", next(PORTS)
        lie = {"silent": lies.silent, "servfail": lies.instead(lies.rcode(2)),
               "liar": lies.instead(lies.wrong_id)}[kind]
        return self.enter_context(LyingDns(next(PORTS), lie)).address

    def _wanted(self, session: Session, start: float) -> set[str]:
        """What csa may have come to for a session that began then."""
        if self.fault.verdict is not None:
            return {self.fault.verdict[session.kind]}
        told = [self.dns.told.get(question) for question in session.needs]
        if None in told:
            return {TEMPORARY[session.kind]}
        in_time = max(told) < start + SHORT.query_timeout - MARGIN
        return {RIGHT[session.kind]} if in_time else {RIGHT[session.kind], TEMPORARY[session.kind]}

    def judge(self, session: Session, got: Got, deadlines: int = 1) -> list[str]:
        """What is wrong; empty: nothing."""
        wrong = []
        wanted = self._wanted(session, got.start)
        if got.csa and got.csa not in wanted:
            wrong.append(f"csa: got {got.csa}, want {' or '.join(wanted)}")
        actions = set().union(*(ACTIONS[csa.split()[0]] for csa in wanted))
        if got.action not in actions or (got.csa and got.action not in ACTIONS[got.csa.split()[0]]):
            wrong.append(f"action: got {got.action} after {got.csa or 'csa'}, want {actions}")
        within = SHORT.deadline * deadlines + SLACK if self.fault.waits else AT_ONCE
        if got.seconds > within:
            wrong.append(f"took {got.seconds:.2f} s, want {within} s")
        return [f"{session.host}: {text}" for text in wrong]


HANDSHAKE = ("config|smtpd-version|7.0.0", "config|protocol|0.7", "config|smtp-session-timeout|300",
             "config|subsystem|smtp-in", "config|admd|mx.example", "config|ready")


class ProtocolError(Exception):
    """The filter's answers are not one for each token."""


class FilterRun:
    """One filter process, and sessions through it, all at once."""

    def __init__(self, network: Network):
        self.filter = Filter(str(network.config))
        # The filter leaves lines of its log out rather than wait for whoever reads them.
        fcntl.fcntl(self.filter.process.stderr, fcntl.F_SETPIPE_SZ, LOG_OCTETS)
        self._began = 0
        for line in HANDSHAKE:
            self.filter.say(line)
        while (line := self.filter.hear(PATIENCE)) != "register|ready":
            if line is None:
                raise ProtocolError("no handshake: " + "\n".join(self.filter.log))

    def play(self, played: list[Session], patience: float = PATIENCE,
             reads_log: bool = True) -> list[Got]:
        """What came of each, in the same order; nothing of csa without the log."""
        start = time.monotonic()
        first, self._began = self._began, self._began + len(played)
        for number, session in enumerate(played, first):
            event = f"0.7|1700000000.000000|smtp-in|{{}}|{number:016x}"
            self.filter.say("\n".join((
                f"report|{event}|<unknown>|pass|{session.client}:4321|192.0.2.25:25"
                .format("link-connect"),
                f"filter|{event}|{2 * number:016x}|{session.host}".format("ehlo"),
                f"filter|{event}|{2 * number + 1:016x}|{session.sender}".format("mail-from"))))
        answers = {}
        while len(answers) < 2 * len(played):
            line = self.filter.hear(start + patience - time.monotonic())
            if line is None:
                raise ProtocolError(f"{len(answers)} answers to {2 * len(played)} tokens; "
                                    + "\n".join(self.filter.log[-3:]))
            word, session, token, *answer = line.split("|", 3)
            belongs = (word, int(session, 16)) == ("filter-result", int(token, 16) // 2)
            if not belongs or token in answers:
                raise ProtocolError(f"got {line}, answers so far: {answers.get(token)}")
            answers[token] = (answer[0], start, time.monotonic() - start)
        return [self._result(number, *answers[f"{2 * number + 1:016x}"], reads_log)
                for number in range(first, self._began)]

    def _result(self, number: int, answer: str, start: float, seconds: float,
                reads_log: bool) -> Got:
        action = "accept" if answer == "proceed" else CODES[answer.removeprefix("reject|")[:3]]
        if not reads_log:
            return Got("", action, start, seconds)
        pattern = re.compile(
            rf"session={number:016x} action={action} .* csa=(\S+) csa_reason=(\S+)")
        until = time.monotonic() + PATIENCE
        while not (found := next(filter(None, map(pattern.search, list(self.filter.log))), None)):
            if time.monotonic() > until:
                raise ProtocolError(f"no line in the log of session {number}, {answer}")
            time.sleep(0.01)
        return Got(" ".join(found.groups()), action, start, seconds)

    def end(self):
        """Nothing more is said, and it ends as smtpd wants it."""
        status, rest = self.filter.end(), self.filter.hear(0)
        if (status, rest) != (0, None):
            tail = "\n".join(self.filter.log[-3:])
            raise ProtocolError(f"ended with {status}, after {rest}\n{tail}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.filter.close()


def filter_complaints(network: Network, count: int) -> list[str]:
    """What is wrong with `count` sessions of each kind through filter-helovet."""
    played = sessions(count)
    wrong = []
    with FilterRun(network) as run:
        for _ in range(1 if network.fault.asked is None else 2):
            got = run.play(played)
            for session, result in zip(played, got):
                # HELO and MAIL FROM have a deadline each (docs/opensmtpd.md).
                wrong += network.judge(session, result, deadlines=2 if session.sender else 1)
        run.end()
    if network.fault.asked is not None:
        asked = len(network.dns.peers[CSA + played[0].host, "SRV"])  # Repetitions are the same.
        if asked != network.fault.asked:
            wrong.append(f"{played[0].host}: {asked} questions, want {network.fault.asked}")
    return wrong


def command_complaints(helovet: str, network: Network, count: int) -> list[str]:
    """The same through `helovet check --json`."""
    def check(session):
        start = time.monotonic()
        done = subprocess.run(
            [helovet, "check", "--json", "--config", network.config, "--ip", session.client,
             "--helo", session.host], capture_output=True, text=True, check=False,
            timeout=PATIENCE)
        seconds = time.monotonic() - start
        if done.stderr or done.returncode < 0 or not done.stdout:
            return [f"{session.host}: exit {done.returncode}: {done.stderr}"]
        verdict = json.loads(done.stdout)
        csa = verdict["checks"]["csa"]
        got = Got(f"{csa['result']} {csa['reason']}", verdict["action"], start, seconds)
        return network.judge(session, got)
    with ThreadPoolExecutor(3 * count) as pool:
        return sum(pool.map(check, sessions(count)), [])


def exim_complaints(network: Network, count: int) -> list[str]:
    """The same through the module in Exim, with the replies to RCPT TO."""
    def call(session):
        with exim.client(session.client) as client:
            client.command(f"EHLO {session.host}")
            client.command(f"MAIL FROM:<{session.sender}>")
            start = time.monotonic()
            reply = client.command("RCPT TO:<postbox@mx.example>")
            return CODES[str(reply.code)], start, time.monotonic() - start

    played = sessions(count)
    with HelovetExim(network.directory, network.config.read_text()) as exim:
        with ThreadPoolExecutor(len(played)) as pool:
            got = list(pool.map(call, played))
        # Of those that are let in the log speaks with the message, of which there is none.
        told = {verdict["helo_name"]: f"{verdict['csa']} {verdict['csa_reason']}"
                for verdict in exim.verdicts()}
    wrong = []
    for session, (action, start, seconds) in zip(played, got):
        wrong += network.judge(session, Got(told.get(session.host, ""), action, start, seconds))
        if action != "accept" and session.host not in told:
            wrong.append(f"{session.host}: {action}, and the log says nothing")
    return wrong
