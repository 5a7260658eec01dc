#!/usr/bin/env python3
"""Sessions without end through filter-helovet, while the DNS loses, delays, truncates, lies and fails:
memory stays flat, no descriptor and no child is left, and every count is what the plan says.

    tests/soak/test_filter_soak.py [--sessions 1000000] [--parallel 500] [--store lmdb|redis]

Without options a short run, as ctest has it. HELOVET_BUILD names the build. See README.md."""

import argparse
import contextlib
import re
import subprocess
import sys
import time

import plan
import surroundings
from surroundings import servers

REMEMBERED_OCTETS = 2000  # Of a session's answers, in a run too short to fill the memory for them.
STOPS = 20  # Looks on the way. The first two are the warm-up: a tenth.
SETTLE_SECONDS = 15.0
REST_SECONDS = 1.0
LONG = 100000  # From so many sessions on, kinds that wait for DNS's end are played too.


def settle(pid: int, sessions: int, since: float):
    """What the process has when it has come to rest: late answers in, sockets of old questions closed."""
    end = time.monotonic() + SETTLE_SECONDS
    seen = surroundings.usage(pid, sessions, since)
    while True:
        time.sleep(REST_SECONDS)
        again = surroundings.usage(pid, sessions, since)
        if again.descriptors == seen.descriptors or time.monotonic() > end:
            return again
        seen = again


def play(command, options):
    """Runs filter_soak: what the filter had at each stop, and the lines of the report."""
    samples, report, since = [], [], time.monotonic()
    with subprocess.Popen(
            [surroundings.TOOLS / "filter_soak", "--plan", options.plan, "--sessions",
             str(options.sessions), "--parallel", str(options.parallel), "--stops", str(options.stops),
             *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as soak:
        for line in soak.stdout:
            words = line.split()
            if words[0] == "stop":
                samples.append(settle(int(words[1]), int(words[2]), since))
                print(samples[-1], flush=True)
                soak.stdin.write("\n")
                soak.stdin.flush()
            else:
                report.append(words)
    return samples, report, soak.returncode


def expected(report):
    """From what was played: sessions, and messages by what became of them."""
    kinds = {kind.name: kind for kind in plan.KINDS}
    sessions = accepted = rejected = 0
    for words in report:
        if words[0] != "kind":
            continue
        kind, count = kinds[words[1]], int(words[2])
        if not kind.has_message:
            continue  # No verdict was there when they went.
        sessions += count
        if kind.outcome == plan.ACCEPT:
            accepted += count
        else:
            rejected += count
    return sessions, accepted, rejected


def metrics_of(path):
    """helovet_verdicts_total by action."""
    totals = {}
    for action, count in re.findall(r'helovet_verdicts_total\{trust="\w+",action="(\w+)"\} (\d+)',
                                    path.read_text()):
        totals[action] = totals.get(action, 0) + int(count)
    return totals


def check_counts(report, metrics, counters):
    sessions, accepted, rejected = expected(report)
    kinds = [words for words in report if words[0] == "kind"]
    wrong = [f"{words[1]}: {words[3]} of {words[2]} as planned" for words in kinds
             if words[2] != words[3]]
    total = next(words for words in report if words[0] == "total")
    if total[3] != "0":
        wrong.append(f"{total[3]} answers to no question")
    if int(total[4]) > (plan.DEADLINE_SECONDS + 5) * 1000:
        wrong.append(f"an answer took {total[4]} ms")
    print(f"sessions {total[1]}, answers {total[2]}, unexpected {total[3]}, latest {total[4]} ms")
    told = (metrics.get("accept", 0) + metrics.get("tag", 0), metrics.get("reject", 0),
            metrics.get("defer", 0))
    print(f"metrics {metrics}; want {accepted} accepted, {rejected} rejected")
    if told != (accepted, rejected, 0):
        wrong.append(f"metrics: {told}, want {(accepted, rejected, 0)}")
    got = (counters["sessions"], counters["messages"])
    print(f"statistics: sessions, messages {got}")
    if got != (sessions, sessions):
        wrong.append(f"statistics: {got}, want {sessions} sessions and messages")
    return wrong


def store_settings(kind, scratch, stack):
    if kind == "redis":
        redis = stack.enter_context(surroundings.Redis(scratch))
        return f'store.kind = "redis"\nredis.server = "127.0.0.1:{redis.port}"'
    (scratch / "store").mkdir(mode=0o755)
    return f'store.directory = "{scratch / "store"}"'


def soak(options, stack) -> list[str]:
    scratch = stack.enter_context(servers.Scratch("filter-soak")).path
    nsd = stack.enter_context(servers.Nsd(scratch, {"nsd.example": plan.nsd_zone()}))
    dns = stack.enter_context(surroundings.FaultyDns(nsd))
    peer = stack.enter_context(
        servers.ScriptedSmtp(plan.CALLED_HOST, servers.free_port(), users=["user*"]))
    store = store_settings(options.store, scratch, stack)
    metrics = scratch / "helovet.prom"
    options.plan = scratch / "plan"
    # In a short run nothing waits for seconds but those who do not wait for the answer.
    options.plan.write_text(plan.text(
        kind for kind in plan.KINDS
        if options.sessions >= LONG or not kind.waits or not kind.has_message))
    config = scratch / "helovet.toml"
    config.write_text(plan.settings(f"127.0.0.1:{dns.address[1]}", store, peer.port,
                                    f'metrics.file = "{metrics}"\nmetrics.interval = "5s"'))
    samples, report, status = play([surroundings.FILTER, "-c", config], options)
    if status not in (0, 1) or not any(words[0] == "total" for words in report):
        return [f"filter_soak ended with {status}"]
    counters = surroundings.counted(store, scratch)
    wrong = check_counts(report, metrics_of(metrics), counters)
    warm = samples[max(1, options.stops // 10):]
    wrong += surroundings.judge(warm, warm[0].descriptors,
                                remembered=0 if options.sessions >= LONG else REMEMBERED_OCTETS)
    print(f"callbacks {sum(line.startswith('RCPT') for line in peer.heard)}, "
          f"{samples[-1].seconds:.0f} s in all")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=3000)
    parser.add_argument("--parallel", type=int, default=500)
    parser.add_argument("--stops", type=int, default=0)
    parser.add_argument("--store", choices=("lmdb", "redis"), default="lmdb")
    options = parser.parse_args()
    options.stops = options.stops or (STOPS if options.sessions >= LONG else 3)
    servers.enter_private_network()
    with contextlib.ExitStack() as stack:
        wrong = soak(options, stack)
    return surroundings.report(wrong)


if __name__ == "__main__":
    sys.exit(main())
