"""What the soak and the chaos share: the servers around, what a process uses, and how it is judged."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/integration"), str(SOURCE / "tests/exim")]

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
os.environ.setdefault("HELOVET_EXIM_MODULE", str(BUILD / "exim-dlfunc/helovet.so"))

import servers  # noqa: E402 (found through the path above)

FILTER = pathlib.Path(os.environ.get("HELOVET_FILTER", BUILD / "opensmtpd-filter/filter-helovet"))
HELOVET = pathlib.Path(os.environ.get("HELOVET", BUILD / "core/cli/helovet"))
TOOLS = pathlib.Path(os.environ.get("HELOVET_SOAK_TOOLS", BUILD / "tests/soak"))
REDIS_SERVER = servers.SERVERS / "redis-tools/usr/bin/redis-check-rdb"  # By its first word redis-server.

# An allocation has 16 octets at least, so whatever is forgotten once a session costs so much a session.
FORGOTTEN_OCTETS = 16
# What the allocator takes from the kernel at once, and may have taken between two looks.
ALLOCATOR_OCTETS = 2 << 20


class FaultyDns:
    """faulty_dns, before an NSD."""

    def __init__(self, nsd):
        self._command = [TOOLS / "faulty_dns", "--upstream", str(nsd.address[1])]

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self.address = ("127.0.0.1", int(self._process.stdout.readline()))
        return self

    def __exit__(self, *_):
        out, _ = self._process.communicate("")
        print("dns", out.strip())


class Redis:
    """A redis-server on a port of its own, that can be killed and come again, with nothing kept."""

    def __init__(self, scratch: pathlib.Path):
        self.port = servers.free_port()
        self._log = scratch / "redis.log"
        self._directory = scratch
        self._process = None

    def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                 "--dir", str(self._directory)], executable=REDIS_SERVER, stdout=log, stderr=log)
        servers.wait_until(lambda: servers.accepts(("127.0.0.1", self.port)), "Redis", log=self._log)
        return self

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a process has at one time; memory in octets. `anonymous` is its own: pages of files, the
    store's among them, are the kernel's to keep or drop."""

    sessions: int
    seconds: float
    resident: int
    anonymous: int
    proportional: int
    descriptors: int
    threads: int
    children: int
    zombies: int

    def __str__(self):
        return (f"{self.sessions:>9} sessions {self.seconds:7.1f} s  anonymous {self.anonymous >> 10:6} KiB"
                f"  RSS {self.resident >> 10:6}  Pss {self.proportional >> 10:6}  fds {self.descriptors}"
                f"  threads {self.threads}  children {self.children}  zombies {self.zombies}")


def usage(pid: int, sessions: int, since: float) -> Usage:
    proc = pathlib.Path(f"/proc/{pid}")
    status = fields(proc / "status")
    children = [int(child) for child in (proc / f"task/{pid}/children").read_text().split()]
    zombies = 0
    for child in children:
        with contextlib.suppress(OSError):
            zombies += fields(pathlib.Path(f"/proc/{child}/status"))["State"].startswith("Z")
    return Usage(sessions, time.monotonic() - since, kib(status["VmRSS"]), kib(status["RssAnon"]),
                 kib(fields(proc / "smaps_rollup")["Pss"]), len(list((proc / "fd").iterdir())),
                 int(status["Threads"]), len(children), zombies)


def fields(path: pathlib.Path) -> dict[str, str]:
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return {name: value.strip() for name, _, value in lines}


def kib(value: str) -> int:
    return int(value.split()[0]) << 10


def slope(samples: list[Usage]) -> float:
    """Octets a session: the line of least squares through what the process's own memory was."""
    mean_x = sum(s.sessions for s in samples) / len(samples)
    mean_y = sum(s.anonymous for s in samples) / len(samples)
    over = sum((s.sessions - mean_x) ** 2 for s in samples)
    return sum((s.sessions - mean_x) * (s.anonymous - mean_y) for s in samples) / over


def judge(samples: list[Usage], descriptors: int, remembered: int = 0) -> list[str]:
    """What is wrong with samples that were taken while nothing was to be done, the warm-up left out.
    `descriptors` is what there should be. `remembered`: octets of answers that each session may leave
    where these have not filled their share of the memory yet."""
    wrong = []
    first, last = samples[0], samples[-1]
    sessions = last.sessions - first.sessions
    allowed = FORGOTTEN_OCTETS + remembered + ALLOCATOR_OCTETS / sessions
    grown = slope(samples)
    print(f"memory: {grown:.2f} octets a session, of {allowed:.2f} allowed; anonymous "
          f"{first.anonymous >> 10} KiB after the warm-up, {last.anonymous >> 10} at the end")
    if grown > allowed:
        wrong.append(f"memory grows by {grown:.1f} octets a session")
    for sample in samples:
        if sample.descriptors != descriptors:
            wrong.append(f"{sample.descriptors} descriptors, not {descriptors}: {sample}")
        if sample.children or sample.zombies or sample.threads != 1:
            wrong.append(f"processes or threads: {sample}")
    return wrong


def counted(store: str, scratch: pathlib.Path) -> dict[str, int]:
    """What `helovet stats` says of this month; `store` are the settings of the store."""
    config = scratch / "stats.toml"
    config.write_text(store + "\n")
    done = subprocess.run([HELOVET, "stats", "--json", "--config", config], check=True,
                          capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)["counters"]


def report(wrong: list[str]) -> int:
    """Prints what was wrong; the status of a run in which it was."""
    for each in wrong:
        print("WRONG", each)
    return 1 if wrong else 0
