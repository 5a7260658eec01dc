"""The demo: real mail servers with helovet in them, real DNS servers, and clients good and bad.
tests/demo builds what this needs and starts it; it can be run by itself with --build-dir."""

import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import servers
from servers import SOURCE, Exim, Nsd, OpenSmtpd, Scratch, SmtpClient, Unbound

ZONES = SOURCE / "tests/demo-zones"
CONFIG = SOURCE / "tests/demo.toml"
CONFIG_PORT = "127.0.0.1:5353"  # In CONFIG; the resolver's takes its place.
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1

# Client, HELO name, and what has to come of it: CSA's result, trust, what decided, the servers'
# reply code.
SESSIONS = [
    ("127.0.0.11", "mx1.good.example", "pass/authorized", "high", "dna/recommended", 250),
    ("::1", "mx1.good.example", "pass/authorized", "high", "dna/recommended", 250),
    ("127.0.0.66", "mx1.good.example", "fail/address-mismatch", "low", "csa/address-mismatch", 550),
    ("127.0.0.12", "www.good.example", "fail/not-authorized", "low", "csa/not-authorized", 550),
    ("127.0.0.66", "dialup.good.example", "fail/explicit-required", "low",
     "csa/explicit-required", 550),
    ("127.0.0.13", "mx.stranger.example", "pass/authorized", "unknown", "dna/unknown", 250),
    ("127.0.0.14", "roaming.stranger.example", "pass/authenticated-elsewhere", "unknown",
     "dna/unknown", 250),
    ("127.0.0.18", "bulk.stranger.example", "pass/authorized", "low", "dna/not-recommended", 550),
    ("127.0.0.15", "mail.plain.example", "none/no-record", "unknown", "csa/no-record", 250),
    ("127.0.0.19", "denied.plain.example", "none/no-record", "low", "local-list/listed", 550),
    ("127.0.0.15", "mistaken.plain.example", "permerror/reserved-weight", "unknown",
     "csa/reserved-weight", 250),
    ("127.0.0.15", "unsent.plain.example", "none/no-record", "low", "spf-helo/not-designated", 550),
    ("127.0.0.16", "mx.unreachable.example", "temperror/dns", "unknown", "csa/dns", 250),
    ("127.0.0.17", "[127.0.0.17]", "none/no-name", "unknown", "csa/no-name", 250),
    ("127.0.0.66", "mx.example", "none/no-name", "low", "helo/forged-self", 550),
]


class Demo:
    """The servers, for as long as the `with` lasts."""

    def __init__(self, build: pathlib.Path):
        self.build = build
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack as stack:
            scratch = stack.enter_context(Scratch("demo")).path
            self.nsd = stack.enter_context(Nsd(scratch, servers.zones_in(ZONES)))
            self.unbound = stack.enter_context(Unbound(scratch, self.nsd))
            self.config = scratch / "helovet.toml"
            resolver = f"127.0.0.1:{self.unbound.address[1]}"
            self.config.write_text(CONFIG.read_text().replace(CONFIG_PORT, resolver))
            files = {"/etc/helovet/helovet.toml": self.config.read_text()}
            self.exim = Exim(
                scratch, files=files,
                main="HELOVET_MODULE = /helovet/helovet.so\n.include /helovet/helovet-main.conf",
                acls={"mail": "  .include /helovet/helovet-refuse.acl\n  accept",
                      "data": "  .include /helovet/helovet-data.acl\n  accept"},
                binds={"/helovet/helovet.so": self.build / "exim-dlfunc/helovet.so",
                       **{f"/helovet/{name}": SOURCE / "exim-dlfunc" / name for name in (
                           "helovet-main.conf", "helovet-refuse.acl", "helovet-data.acl")}})
            self.opensmtpd = OpenSmtpd(
                scratch, files=files,
                filters='filter "helovet" proc-exec "/helovet/filter-helovet"',
                listen_filter="helovet",
                binds={"/helovet/filter-helovet": self.build / "opensmtpd-filter/filter-helovet"})
            for server, user in ((self.exim, "Debian-exim"), (self.opensmtpd, "opensmtpd")):
                servers.owned_directory(server.directory / "store", servers.USERS[user])
                stack.enter_context(server)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def check(self, client: str, helo: str) -> dict:
        """`helovet check`, with the configuration that the mail servers have."""
        command = [self.build / "core/cli/helovet", "check", "--json", "--config", self.config,
                   "--ip", client, "--helo", helo]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            raise servers.ServerError(f"helovet check: {done.stderr or done.stdout}")
        return json.loads(done.stdout)


    def statistics(self) -> list[str]:
        """What Exim has counted of messages, the lines of `helovet stats` about them."""
        config = self.exim.directory / "stats.toml"
        config.write_text(f'store.directory = "{self.exim.directory}/store"\n')
        done = subprocess.run([self.build / "core/cli/helovet", "stats", "--config", config],
                              capture_output=True, text=True, timeout=30, check=True)
        counted, = [part for part in done.stdout.split("\n\n") if part.startswith("messages")]
        return counted.splitlines()


def reach(client: str, port: int) -> dict:
    """How to be `client` towards a server on `port`: arguments of SmtpClient."""
    return {"address": ("::1" if ":" in client else "127.0.0.1", port), "source": client}


def play(server, client: str, helo: str):
    """One session with one message: the server's answer and, where the message was let in, the
    header field that helovet gave it, as it stands there, else ''."""
    server.mail.clear()
    with SmtpClient(**reach(client, server.port)) as smtp:
        smtp.command(f"EHLO {helo}")
        reply = smtp.message("Subject: demo\n\nHello.")
    if reply.code >= 400:
        return reply, ""
    text = server.mail.wait_for(1)[0].decode("ascii", "replace").replace("\r\n", "\n")
    field = re.search(r"^Authentication-Results:.*(\n[ \t].*)*", text.split("\n\n")[0], re.MULTILINE)
    return reply, field.group() if field else ""


def told(reply) -> str:
    """A refusal as one line: Exim breaks long ones and repeats the enhanced code in each part."""
    if reply.code < 400:
        return ""
    code = reply.lines[0].split()[0]
    return f"{reply.code} " + " ".join(
        line if n == 0 else line.removeprefix(code + " ") for n, line in enumerate(reply.lines))


def in_words(reply, header: str) -> str:
    if reply.code >= 400:
        return f"{reply.code} refused"
    return f"{reply.code} marked" if header else f"{reply.code} no mark"


def play_all(demo: Demo):
    """Plays SESSIONS through both servers: the rows of the table, the refusals, the first mark, and
    what is not as expected."""
    rows, refusals, marks, wrong = [], [], [], []
    for number, session in enumerate(SESSIONS, 1):
        client, helo, want_csa, want_trust, want_decider, want_code = session
        verdict = demo.check(client, helo)
        decider = "/".join(verdict["decided_by"].values())
        csa = verdict["checks"]["csa"]
        got_csa = f"{csa['result']}/{csa['reason']}"
        exim, exim_mark = play(demo.exim, client, helo)
        smtpd, smtpd_mark = play(demo.opensmtpd, client, helo)
        rows.append([str(number), client, helo, got_csa, verdict["trust"], decider,
                     in_words(exim, exim_mark), in_words(smtpd, smtpd_mark)])
        (refusals if exim.code >= 400 else marks).append((number, told(exim) or exim_mark))
        accepted = want_code < 400
        for what, got, want in (
                ("CSA", got_csa, want_csa),
                ("trust", verdict["trust"], want_trust),
                ("what decided", decider, want_decider),
                ("Exim's code", exim.code, want_code),
                ("OpenSMTPD's code", smtpd.code, want_code),
                ("OpenSMTPD's refusal", told(smtpd), told(exim)),
                ("OpenSMTPD's mark", smtpd_mark.split(), exim_mark.split()),
                ("a mark", bool(exim_mark), accepted),
                ("the mark's result", f"x-csa={csa['result']} " in exim_mark, accepted)):
            if got != want:
                wrong.append(f"session {number}: {what}: got {got!r}, want {want!r}")
    return rows, refusals, marks, wrong


def print_table(rows):
    head = ["", "client", "HELO", "CSA", "trust", "decided by", "Exim", "OpenSMTPD"]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def kept_file(build: pathlib.Path) -> pathlib.Path:
    return build / "demo-kept.json"


def kept_state(build: pathlib.Path) -> dict | None:
    """What a demo with --keep wrote down, if it still runs."""
    with contextlib.suppress(FileNotFoundError, ValueError, OSError):
        state = json.loads(kept_file(build).read_text())
        if b"demo.py" in pathlib.Path(f"/proc/{state['pid']}/cmdline").read_bytes():
            return state
    return None


def start_kept(build: pathlib.Path) -> int:
    """Runs the demo in a child that goes on in the background when all went well."""
    if kept_state(build) is not None:
        print("A demo is running already: stop it with `tests/demo --stop`.", file=sys.stderr)
        return 1
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        def stay(demo: Demo):
            explain_kept(demo)
            sys.stdout.flush()
            os.setsid()
            libc.prctl(PR_SET_PDEATHSIG, 0)
            with open(os.devnull, "r+b") as null:
                for fd in (0, 1, 2):
                    os.dup2(null.fileno(), fd)
            stay_until_stopped(demo, write_end)

        return run(build, stay)
    os.close(write_end)
    if os.read(read_end, 1):
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def stay_until_stopped(demo: Demo, ready_fd: int):
    stop_signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
    kept_file(demo.build).write_text(json.dumps({
        "pid": os.getpid(), "exim": demo.exim.port, "opensmtpd": demo.opensmtpd.port}))
    os.write(ready_fd, b"+")
    os.close(ready_fd)
    signal.sigwait(stop_signals)
    kept_file(demo.build).unlink(missing_ok=True)


def explain_kept(demo: Demo):
    print(f"""
Still running, until `tests/demo --stop`:
  Exim       127.0.0.1:{demo.exim.port}  [::1]:{demo.exim.port}
  OpenSMTPD  127.0.0.1:{demo.opensmtpd.port}  [::1]:{demo.opensmtpd.port}
  Unbound    127.0.0.1:{demo.unbound.address[1]}
  NSD        127.0.0.1:{demo.nsd.address[1]}
Play a session with both, from any address of 127.0.0.0/8 or ::1:
  tests/demo --session 127.0.0.66 mx1.good.example
Or ask for the reasons:
  {demo.build}/core/cli/helovet explain --config {demo.config} \\
    --ip 127.0.0.66 --helo mx1.good.example
Logs and delivered mail:
  {demo.exim.directory}
  {demo.opensmtpd.directory}""")


def stop_kept(build: pathlib.Path) -> int:
    state = kept_state(build)
    if state is None:
        print("No demo is running.")
        return 0
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while kept_state(build) is not None or os.path.exists(f"/proc/{state['pid']}"):
        if time.monotonic() > deadline:
            print(f"The demo, process {state['pid']}, does not end.", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print("Stopped.")
    return 0


def talk_to_kept(build: pathlib.Path, client: str, helo: str) -> int:
    state = kept_state(build)
    if state is None:
        print("No demo is running: start one with `tests/demo --keep`.", file=sys.stderr)
        return 1
    for name in ("exim", "opensmtpd"):
        print(f"--- {name}")
        with SmtpClient(**reach(client, state[name])) as smtp:
            for line in (f"EHLO {helo}", "MAIL FROM:<sender@example.org>",
                         "RCPT TO:<postbox@mx.example>"):
                reply = smtp.command(line)
                print(f"C: {line}\nS: {reply}")
                if reply.code >= 400:
                    break
    return 0


def run(build: pathlib.Path, stay=None) -> int:
    """The whole show. `stay` is called at its end, with the servers running, when all went well."""
    with Demo(build) as demo:
        rows, refusals, marks, wrong = play_all(demo)
        print_table(rows)
        print("\nThe refusals:")
        for number, text in refusals:
            print(f"{number:<2}  {text}")
        print("\nThe mark on the first message:")
        for number, text in marks[:1]:
            print(f"{number:<2}  " + text.replace("\n", "\n    "))
        print("\nWhat Exim has counted (helovet stats):")
        for line in demo.statistics():
            print("    " + line)
        for line in wrong:
            print("WRONG " + line)
        print(f"\n{len(SESSIONS)} sessions through both servers, "
              + (f"{len(wrong)} surprises." if wrong else "each as expected."))
        if stay and not wrong:
            stay(demo)
        return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/demo", description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--keep", action="store_true", help="leave the servers running")
    choice.add_argument("--stop", action="store_true", help="stop servers left running")
    choice.add_argument("--session", nargs=2, metavar=("CLIENT", "HELO"),
                        help="play one session with servers left running")
    arguments = parser.parse_args()
    build = arguments.build_dir.resolve()
    if arguments.stop:
        return stop_kept(build)
    if arguments.session:
        return talk_to_kept(build, *arguments.session)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return start_kept(build) if arguments.keep else run(build)


if __name__ == "__main__":
    sys.exit(main())
