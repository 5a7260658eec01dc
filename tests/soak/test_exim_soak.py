#!/usr/bin/env python3
"""Sessions without end through a real Exim, half of them with the module preloaded in the daemon and half with
sessions that load it themselves, while the DNS loses, delays, truncates, lies and fails: the daemon's memory
stays flat, no descriptor, process or zombie is left, and every count is what the plan says.

    tests/soak/test_exim_soak.py [--sessions 20000] [--clients 8] [--store lmdb|redis]

Without options a short run, as ctest has it. HELOVET_BUILD names the build. See README.md."""

import argparse
import concurrent.futures
import contextlib
import sys
import time

import plan
import surroundings
from surroundings import servers

import exim_fixture  # noqa: E402 (surroundings has its path)

STORE = "/scratch/store"  # As the sandbox has it.
# What a command may take beside the deadline, on a machine with other things to do.
SLACK_SECONDS = 10.0
SETTLE_SECONDS = 30.0
LONG = 2000  # From so many sessions on, kinds that wait for DNS's end are played too.


class Tally:
    """What became of the sessions of one daemon."""

    def __init__(self):
        self.sessions = self.as_planned = self.verdicts = 0
        self.latest = 0.0
        self.wrong = []

    def add(self, kind, number, outcome, took):
        self.sessions += 1
        # Exim asks at RCPT, whoever waits for the answer: one that goes after RCPT is counted, too.
        self.verdicts += kind.way != plan.VANISH_HELO
        self.latest = max(self.latest, took)
        if outcome == kind.outcome:
            self.as_planned += 1
        else:
            self.wrong.append(f"{kind.name}, number {number}: got {outcome}, want {kind.outcome}")


def play(address, kind, number):
    """One session: its outcome, and the longest time that a reply took."""
    name, sender = (text.replace("#", str(number)) for text in (kind.helo, kind.sender))
    latest = 0.0

    def say(line):
        nonlocal latest
        start = time.monotonic()
        reply = client.command(line)
        latest = max(latest, time.monotonic() - start)
        return reply.code

    client = servers.SmtpClient(address, source=plan.client(kind, number),
                                timeout=plan.DEADLINE_SECONDS * 3)
    try:
        if say(f"EHLO {name}") != 250:
            return "refused EHLO", latest
        if kind.way == plan.VANISH_HELO:
            return plan.NONE, latest
        if say(f"MAIL FROM:<{sender}>") != 250:
            return "refused MAIL", latest
        if kind.way == plan.VANISH_MAIL:
            client.send("RCPT TO:<postbox@mx.example>\r\n")
            return plan.NONE, latest
        code = say("RCPT TO:<postbox@mx.example>")
        refused = plan.REFUSE if kind.outcome == plan.REFUSE else plan.REJECT
        return {250: plan.ACCEPT, 550: refused}.get(code, code), latest
    finally:
        client.reset()


def at_rest(pid, sessions, since, children):
    """What the daemon has when its sessions have ended."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        seen = surroundings.usage(pid, sessions, since)
        if seen.children == children or time.monotonic() > end:
            return seen
        time.sleep(0.2)


def soak(exim, options, kinds):
    """All sessions of one daemon: the tally, and what the daemon had at each stop."""
    tally, samples, since = Tally(), [], time.monotonic()
    pid = exim_fixture.processes(exim)[0]
    count = options.sessions // 2
    waiting = iter(plan.sessions(count, kinds))
    for stop in range(options.stops + 1):
        until = count * stop // options.stops
        with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
            turns = [next(waiting) for _ in range(until - tally.sessions)]
            played = pool.map(lambda turn: (*turn, *play(exim.address, *turn)), turns)
            for each in played:
                tally.add(*each)
        samples.append(at_rest(pid, until, since, children=0))
        print(samples[-1], flush=True)
    return tally, samples


def check(tally, samples, counters):
    wrong = tally.wrong[:20]
    warm = [sample for sample in samples if sample.sessions >= samples[-1].sessions // 10]
    wrong += surroundings.judge(warm, descriptors=warm[0].descriptors)
    if tally.latest > plan.DEADLINE_SECONDS + SLACK_SECONDS:
        wrong.append(f"a reply took {tally.latest:.1f} s")
    got = (counters["sessions"], counters["messages"])
    print(f"sessions {tally.sessions}, as planned {tally.as_planned}, latest {tally.latest:.1f} s; "
          f"statistics: sessions, messages {got}")
    if got != (tally.verdicts, tally.verdicts):
        wrong.append(f"statistics: {got}, want {tally.verdicts} sessions and messages")
    return wrong


def run(preload, options, stack):
    print("preloaded in the daemon" if preload else "loaded by each session")
    scratch = stack.enter_context(servers.Scratch("exim-soak")).path
    nsd = stack.enter_context(servers.Nsd(scratch, {"nsd.example": plan.nsd_zone()}))
    dns = stack.enter_context(surroundings.FaultyDns(nsd))
    peer = stack.enter_context(
        servers.ScriptedSmtp(plan.CALLED_HOST, servers.free_port(), users=["user*"]))
    exim = exim_fixture.HelovetExim(scratch, None, preload=preload,
                                    acls={"rcpt": exim_fixture.REFUSE},
                                    main="smtp_connect_backlog = 100\nlog_selector = -all")
    store = f'store.directory = "{STORE}"'
    seen = f'store.directory = "{exim.directory / "store"}"'
    if options.store == "redis":
        redis = stack.enter_context(surroundings.Redis(scratch))
        seen = store = f'store.kind = "redis"\nredis.server = "127.0.0.1:{redis.port}"'
    servers.owned_directory(exim.directory / "store", servers.USERS["Debian-exim"])
    exim.configure(plan.settings(f"127.0.0.1:{dns.address[1]}", store, peer.port))
    kinds = [kind for kind in plan.KINDS if options.sessions >= LONG or not kind.waits]
    with exim:
        tally, samples = soak(exim, options, kinds)
        complaints = exim.complaints()
        log = exim.log_text()
    counters = surroundings.counted(seen, scratch)
    return check(tally, samples, counters) + complaints[:5] + log.splitlines()[:5]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=120)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--stops", type=int, default=0)
    parser.add_argument("--store", choices=("lmdb", "redis"), default="lmdb")
    options = parser.parse_args()
    options.stops = options.stops or (20 if options.sessions >= LONG else 3)
    servers.enter_private_network(["10.0.0.1"])  # All of 10/8.
    wrong = []
    for preload in (True, False):
        with contextlib.ExitStack() as stack:
            wrong += run(preload, options, stack)
    return surroundings.report(wrong)


if __name__ == "__main__":
    sys.exit(main())
