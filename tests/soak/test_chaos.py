#!/usr/bin/env python3
"""Sessions through the filter in a real OpenSMTPD, whose store is a Redis, and through the module in a real Exim,
whose store is in files, while at random Redis, Unbound and NSD are killed and come again, the disk of store, log
and metrics is full, and the clock jumps.

    tests/soak/test_chaos.py [--seconds 600] [--seed N] [--clients 4] [--clock real|all|none]

Always: both servers live; each command has one reply, in the deadline and a stated slack; nobody is refused whom
the data do not refuse. Afterwards everything is as before, by itself. Without options a short run, as ctest has
it. `--clock all` has CLOCK_MONOTONIC jump, too, forward alone, since no clock of that kind goes back. README.md
says more."""

import argparse
import collections
import contextlib
import pathlib
import random
import subprocess
import sys
import threading
import time

import plan
import surroundings
from surroundings import servers

import exim_fixture  # noqa: E402 (surroundings has its path)
import test_store  # noqa: E402

FAKETIME = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
IN_SANDBOX = "/helovet/libfaketime.so.1"
FILTER = "/helovet/filter-helovet"
DISK = "/scratch/disk"  # As the sandboxes have it.
DISK_KIB = 4096
DEADLINE_SECONDS = 4
SLACK_SECONDS = 8.0  # Of a machine that has other things to do.
RECOVERY_SECONDS = 30.0
LONGEST_STEP = 3 * 86400  # Seconds that the clock jumps.

SOA = "$TTL 2\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 2\n@ NS ns.example.\n"
ZONES = {
    "nsd.example": plan.nsd_zone().replace("$TTL 5", "$TTL 2"),
    "called.example": SOA + f"@ MX 10 mx\nmx A {plan.CALLED_HOST}\n",
    "spf.example": SOA + '@ TXT "v=spf1 -all"\n',
    "in-addr.arpa": SOA,
}
USUAL = "user@called.example"
# What the data say of each: HELO name, sender, and whether it is refused.
KINDS = {
    "good": ("h#.nsd.example", USUAL, False),
    "bad": ("b#.nsd.example", USUAL, True),
    "no-record": ("x#.nsd.example", USUAL, False),
    "spf-fail": ("x#.nsd.example", "a@spf.example", True),
    "called-known": ("h#.nsd.example", "user#@called.example", False),
    "called-unknown": ("h#.nsd.example", "nobody#@called.example", True),
}


class Resolver(servers.Unbound):
    """Up as soon as it listens: what it asks may be down."""

    def _is_up(self):
        return servers.accepts(self.address)


class Clock:
    """What libfaketime adds to the time of both programs."""

    def __init__(self, directories, all_clocks: bool):
        self._files = [directory / "clock" for directory in directories]
        self._all = all_clocks
        self.offset = 0
        self.set(0)

    def set(self, offset: int):
        self.offset = offset
        for file in self._files:
            new = file.with_suffix(".new")
            new.write_text(f"{offset:+d}\n")
            new.chmod(0o644)
            new.rename(file)

    def step(self, chance: random.Random):
        if self._all:
            self.set(self.offset + chance.randint(1, 600))
        else:
            self.set(chance.choice((0, 1, -1)) * chance.randint(1, LONGEST_STEP))

    def environment(self):
        faked = {"LD_PRELOAD": IN_SANDBOX, "FAKETIME_TIMESTAMP_FILE": "/scratch/clock",
                 "FAKETIME_NO_CACHE": "1"}
        if not self._all:
            faked |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        return faked


class Disk:
    """A small file system of its own."""

    def __init__(self, directory: pathlib.Path, uid: int):
        self._path = directory / "disk"
        self._path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k,mode=755,uid={uid},gid={uid}",
                        "tmpfs", self._path], check=True)

    def fill(self):
        with open(self._path / "ballast", "ab", buffering=0) as ballast, \
                contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(4096))

    def clear(self):
        (self._path / "ballast").unlink(missing_ok=True)

    def unmount(self):
        subprocess.run(["umount", "-l", self._path], check=True)


class Trouble:
    """What breaks, and comes again after a while."""

    def __init__(self, kinds, chance: random.Random, longest: float):
        self._kinds = kinds  # Name to (break, mend).
        self._chance = chance
        self._longest = longest
        self._broken = {}  # Name to when it is mended.
        self.count = collections.Counter()

    def go_on(self, seconds: float):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self._chance.uniform(0.1, self._longest / 4))
            name = self._chance.choice(sorted(self._kinds))
            if name not in self._broken:
                self._kinds[name][0]()
                self.count[name] += 1
                self._broken[name] = time.monotonic() + self._chance.uniform(0.2, self._longest)
            self._mend(time.monotonic())
        self._mend(float("inf"))

    def _mend(self, now: float):
        for name in [name for name, until in self._broken.items() if until <= now]:
            self._kinds[name][1]()
            del self._broken[name]


class Sessions:
    """Sessions with one server, and what was wrong with them. `asks_at_data`: the callback is made at DATA."""

    def __init__(self, name: str, address, asks_at_data: bool):
        self.name, self._address, self._asks_at_data = name, address, asks_at_data
        self.replies = collections.Counter()
        self.wrong = []
        self.latest = 0.0

    def play(self, kind: str, number: int, exact: bool) -> bool:
        """One session. Is it as the data have it? If not, and `exact`, or if somebody is refused whom they do
        not refuse, that is wrong."""
        helo, sender, refused = KINDS[kind]
        try:
            code = self._speak(helo.replace("#", str(number % plan.NAMES_IN_NSD)),
                               sender.replace("#", str(number)), number % plan.NAMES_IN_NSD)
        except (OSError, servers.ConnectionClosed) as error:
            self.wrong.append(f"{self.name}: {kind} {number}: {error!r}")
            return False
        self.replies[kind, code] += 1
        right = code == 550 if refused else code < 400
        if (code >= 400 and not refused) or (exact and not right):
            self.wrong.append(f"{self.name}: {kind} {number}: {code}")
        return right

    def _speak(self, helo, sender, host) -> int:
        with servers.SmtpClient(self._address, source=f"10.0.{host >> 8}.{host & 255}",
                                timeout=4 * DEADLINE_SECONDS + SLACK_SECONDS) as client:
            lines = [f"EHLO {helo}", f"MAIL FROM:<{sender}>", "RCPT TO:<postbox@mx.example>"]
            for line in lines + (["DATA"] if self._asks_at_data else []):
                start = time.monotonic()
                reply = client.command(line)
                took = time.monotonic() - start
                self.latest = max(self.latest, took)
                if took > DEADLINE_SECONDS + SLACK_SECONDS:
                    self.wrong.append(f"{self.name}: {line}: {took:.1f} s")
                if reply.code >= 400:
                    break
            client.reset()
            return reply.code

    def vanish(self, number: int):
        """A session that does not wait for its answer."""
        with contextlib.suppress(OSError, servers.ConnectionClosed):
            client = servers.SmtpClient(self._address, source="10.0.0.9")
            client.command(f"EHLO h{number % plan.NAMES_IN_NSD}.nsd.example")
            client.send(f"MAIL FROM:<{USUAL}>\r\n")
            client.reset()

    def go_on(self, stop: threading.Event, seed: int):
        chance = random.Random(seed)
        while not stop.is_set():
            number = chance.randrange(1 << 20)
            if chance.random() < 0.05:
                self.vanish(number)
            else:
                self.play(chance.choice(sorted(KINDS)), number, exact=False)

    def round(self, number: int, exact: bool) -> bool:
        """One session of each kind."""
        return all([self.play(kind, number, exact) for kind in KINDS])


class Surroundings:
    """Everything that sessions go through."""

    def __init__(self, stack: contextlib.ExitStack, clock: str):
        self._stack = stack
        self.scratch = stack.enter_context(servers.Scratch("chaos")).path
        self.nsd = servers.Nsd(self.scratch, ZONES).start()
        self.unbound = Resolver(self.scratch, self.nsd).start()
        self.redis = stack.enter_context(surroundings.Redis(self.scratch))
        self.peer = stack.enter_context(servers.ScriptedSmtp(
            plan.CALLED_HOST, servers.free_port(), users=["user*"]))
        stack.callback(lambda: (self.unbound.stop(), self.nsd.stop()))
        self.exim = exim_fixture.HelovetExim(self.scratch, None, acls={"rcpt": exim_fixture.REFUSE},
                                             main="smtp_connect_backlog = 100\nlog_selector = -all")
        self.smtpd = servers.OpenSmtpd(self.scratch, listen_filter="helovet", binds={FILTER: surroundings.FILTER})
        places = (self.exim.directory, self.smtpd.directory)
        users = (servers.USERS["Debian-exim"], servers.USERS["opensmtpd"])
        self.disks = [Disk(*each) for each in zip(places, users, strict=True)]
        for disk in self.disks:
            stack.callback(disk.unmount)
        self.clock = Clock(places, clock == "all") if clock != "none" else None
        self._start()

    def _settings(self, store: str, more: str = "") -> str:
        return plan.settings(f"127.0.0.1:{self.unbound.address[1]}", store, self.peer.port, more).replace(
            f'deadline = "{plan.DEADLINE_SECONDS}s"', f'deadline = "{DEADLINE_SECONDS}s"').replace(
            'cbv.timeout = "10s"', 'cbv.timeout = "2s"').replace(
            'query_timeout = "5s"', 'query_timeout = "2s"').partition("[lists]")[0]

    def _start(self):
        faked = self.clock.environment() if self.clock else {}
        self.exim.configure(self._settings(f'store.directory = "{DISK}"\nstore.size = 2'))
        (self.smtpd.directory / "helovet.toml").write_text(self._settings(
            f'store.kind = "redis"\nredis.server = "127.0.0.1:{self.redis.port}"',
            f'metrics.file = "{DISK}/helovet.prom"\nmetrics.interval = "1s"'))
        words = " ".join(f"{name}={value}" for name, value in faked.items())
        command = (f"/usr/bin/env {words} {FILTER} -c /scratch/helovet.toml "
                   f"2>>{DISK}/filter.log")
        for box in (self.exim._box, self.smtpd._box):
            if self.clock:
                box.binds[IN_SANDBOX] = FAKETIME
        conf = self.smtpd._box.files["/etc/smtpd.conf"]
        self.smtpd._box.files["/etc/smtpd.conf"] = f'filter "helovet" proc-exec "{command}"\n{conf}'
        self.exim._box.environment.update(faked)
        for server in (self.exim, self.smtpd):
            self._stack.enter_context(server)
        self.pids = {"exim": exim_fixture.processes(self.exim)[0], "filter": self.filter_pid()}
        for name, pid in self.pids.items():
            if self.clock and "libfaketime" not in pathlib.Path(f"/proc/{pid}/maps").read_text():
                raise servers.ServerError(f"{name} has the real clock")

    def filter_pid(self) -> int:
        def found():
            return [pid for pid, command in self.smtpd.running.commands().items()
                    if command.startswith(FILTER.encode())]

        servers.wait_until(found, "the filter", running=self.smtpd.running, log=self.smtpd.log)
        return found()[0]

    def kill(self, name: str):
        """With its last process goes the sandbox: all of them by SIGKILL."""
        getattr(self, name).stop()

    def start_again(self, name: str):
        if name == "redis":
            self.redis.start()
            return
        former = getattr(self, name)
        more = (ZONES,) if name == "nsd" else (self.nsd,)
        kind = servers.Nsd if name == "nsd" else Resolver
        setattr(self, name, kind(self.scratch, *more, port=former.address[1]).start())

    def troubles(self, chance):
        kinds = {name: (lambda n=name: self.kill(n), lambda n=name: self.start_again(n))
                 for name in ("redis", "unbound", "nsd")}
        for number, disk in enumerate(self.disks):
            kinds[f"disk {number}"] = (disk.fill, disk.clear)
        if self.clock:
            kinds["clock"] = (lambda: self.clock.step(chance), lambda: self.clock.step(chance))
        return kinds

    def alive(self) -> list[str]:
        wrong = [f"{name} has ended" for name, pid in self.pids.items()
                 if not pathlib.Path(f"/proc/{pid}").exists()]
        for server in (self.exim, self.smtpd):
            if not server.running.is_alive():
                wrong.append(f"{server.kind}: {server.log_text()[-2000:]}")
        if wrong:
            wrong.append((self.smtpd.directory / "disk/filter.log").read_text(errors="replace")[-1000:])
        return wrong

    def usage(self, name: str):
        """At rest: no session there."""
        end = time.monotonic() + RECOVERY_SECONDS
        while True:
            time.sleep(0.7)
            seen = surroundings.usage(self.pids[name], 0, 0.0)
            if seen.children == 0 or time.monotonic() > end:
                return seen

    def counts(self) -> dict[str, int]:
        stores = {"exim": f'store.directory = "{self.exim.directory / "disk"}"',
                  "filter": f'store.kind = "redis"\nredis.server = "127.0.0.1:{self.redis.port}"'}
        return {name: surroundings.counted(store, self.scratch)["sessions"]
                for name, store in stores.items()}


def recover(around, both) -> list[str]:
    """Everything is mended: how long until a round is right, and whether it then stays right."""
    start, number = time.monotonic(), 1 << 21
    for sessions in both:
        while not sessions.round(number, exact=False):
            number += 1
            if time.monotonic() - start > RECOVERY_SECONDS:
                return [f"{sessions.name}: not as before after {RECOVERY_SECONDS:.0f} s"]
    print(f"as before {time.monotonic() - start:.1f} s after the last trouble")
    time.sleep(1.5)  # Whoever had no store looks for it again after a second.
    before = around.counts()
    for sessions in both:
        for more in range(3):
            sessions.round(number + 100 + more, exact=True)
    time.sleep(1.0)
    after = around.counts()
    print(f"statistics of sessions go on: {before} to {after}")
    return [f"{name}: no statistics any more" for name in after
            if after[name] < before[name] + 3 * len(KINDS)]


def chaos(options, stack) -> list[str]:
    around = Surroundings(stack, options.clock)
    both = [Sessions("exim", around.exim.address, False), Sessions("filter", around.smtpd.address, True)]
    for number in range(3):
        for sessions in both:
            sessions.round(number, exact=True)
    if wrong := around.alive():
        return wrong
    before = {name: around.usage(name) for name in around.pids}
    chance = random.Random(options.seed)
    trouble = Trouble(around.troubles(chance), chance, options.longest)
    stop = threading.Event()
    clients = [threading.Thread(target=sessions.go_on, args=(stop, options.seed + number))
               for sessions in both for number in range(options.clients)]
    for client in clients:
        client.start()
    try:
        trouble.go_on(options.seconds)
    finally:
        stop.set()
        for client in clients:
            client.join()
    if around.clock and options.clock == "real":
        around.clock.set(0)
    wrong = around.alive() or recover(around, both)
    for sessions in both:
        wrong += sessions.wrong[:20]
        print(sessions.name, sum(sessions.replies.values()), "sessions, latest reply",
              f"{sessions.latest:.1f} s,", dict(sorted(sessions.replies.items())))
    print("troubles", dict(trouble.count))
    return wrong + around.alive() + (compare(before, around) if not around.alive() else [])


def compare(before, around) -> list[str]:
    wrong = []
    for name, first in before.items():
        last = around.usage(name)
        print(f"{name}: before {first}\n{name}: after  {last}")
        if last.descriptors > first.descriptors or last.zombies or last.children or last.threads != 1:
            wrong.append(f"{name}: left behind: {last}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--longest", type=float, default=0, help="seconds that anything is broken")
    parser.add_argument("--clock", choices=("real", "all", "none"), default="real")
    options = parser.parse_args()
    options.longest = options.longest or min(8.0, options.seconds / 4)
    if options.clock != "none" and FAKETIME is None:
        print("libfaketime is missing: run tests/prerequisites")
        return 2
    print(f"seed {options.seed}, {options.seconds:.0f} s, clock: {options.clock}", flush=True)
    servers.enter_private_network(["10.0.0.1"])  # All of 10/8.
    test_store.enter_private_mounts()
    with contextlib.ExitStack() as stack:
        wrong = chaos(options, stack)
    return surroundings.report(wrong)


if __name__ == "__main__":
    sys.exit(main())
