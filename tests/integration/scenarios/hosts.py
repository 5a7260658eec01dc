"""Who plays the scenarios: Exim, OpenSMTPD and the command, over one NSD and one Unbound. To be
used in a network of its own (servers.enter_private_network), where DNS is on port 53 as everywhere.
"""

import base64
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import tomllib

import servers
from demo import told
from servers import SOURCE, ConnectionClosed, SmtpClient
from scenarios.scenario import DIRECTORY, Step

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD_DIR", SOURCE / "build/release"))
CONFIGURATIONS = DIRECTORY / "configurations"
MAIL_SERVERS = DIRECTORY / "zones/mail-servers.toml"
STORE = "/scratch/store"  # In the configurations; of each mail server and the command it is another.

NSD_ADDRESS, UNBOUND_ADDRESS, DNS_PORT = "127.0.0.53", "127.0.0.54", 53
FAILING_ADDRESS, SILENT_ADDRESS = "127.0.0.98", "127.0.0.99"  # To these the zones delegate.
RESOLV_CONF = f"nameserver {UNBOUND_ADDRESS}\n"
# The longest that those answers live which scenarios change, 1 s, and as much again for the whole
# seconds in which resolvers count.
REPORT_SECONDS = 2.0
LOG_SECONDS = 2.0
COMMAND_SECONDS = 20

# Each pair of mail servers with its listeners' configurations.
LISTENERS = (("standard",), ("usual",), ("alternate",), ("observe", "strict"), ("designated",),
             ("callback",), ("counting",))
CALLING = ("callback", "counting")  # At RCPT in Exim, where a callback is due.

USER, PASSWORD = "user", "secret"


@dataclasses.dataclass
class Seen:
    """What came of a session."""

    outcome: str
    text: str = ""  # Of the last reply that was no success, in one line.
    seconds: float = 0.0  # What it took, without the delivery.
    heads: list[str] = dataclasses.field(default_factory=list)  # Headers of what was delivered.
    log: list[dict] = dataclasses.field(default_factory=list)  # Verdicts in the log.
    counted: dict[str, int] = dataclasses.field(default_factory=dict)  # What it added of callbacks.


class Dns:
    """NSD with the scenarios' zones, Unbound in front of it, and two servers that fail."""

    def __init__(self, scratch: pathlib.Path):
        self._stack = contextlib.ExitStack()
        self._scratch = scratch

    def __enter__(self):
        zones = servers.zones_in(DIRECTORY / "zones")
        self._files = {name: f"{number}.zone" for number, name in enumerate(zones)}
        self.nsd = self._stack.enter_context(
            servers.Nsd(self._scratch, zones, host=NSD_ADDRESS, port=DNS_PORT))
        self.unbound = self._stack.enter_context(
            servers.Unbound(self._scratch, self.nsd, host=UNBOUND_ADDRESS, port=DNS_PORT))
        for host, answer in ((FAILING_ADDRESS, servers.Answer(rcode="SERVFAIL")),
                             (SILENT_ADDRESS, servers.Answer(silent=True))):
            self._stack.enter_context(servers.ScriptedDns(default=answer, host=host, port=DNS_PORT))
        return self

    def __exit__(self, *_):
        self._stack.close()

    def change(self, zone: str, old: str, new: str):
        """Changes a text of a zone, has NSD read it again, and lets what was known of it expire."""
        file = self.nsd.directory / self._files[zone]
        text = file.read_text()
        if text.count(old) != 1:
            raise ValueError(f"{zone} has {old!r} {text.count(old)} times")
        file.write_text(text.replace(old, new))
        for pid, command in self.nsd.running.commands().items():
            if command.startswith(b"/usr/sbin/nsd\0"):
                os.kill(pid, signal.SIGHUP)
                break
        time.sleep(REPORT_SECONDS)


def exim_config(listeners, ports) -> str:
    """Everything that an administrator writes: which settings of helovet's, where its ACLs are, for
    an alternate listener its profile, and for `usual` the blacklist that was there before."""
    profile = "".join(f"${{if eq{{$received_port}}{{{port}}}{{{name}}}}}"
                      for name, port in zip(listeners[1:], ports[1:]))
    main = "\n".join([
        "HELOVET_MODULE = /helovet/helovet.so", f"HELOVET_CONFIG = /scratch/{listeners[0]}.toml",
        f"HELOVET_PROFILE = {profile}", ".include /helovet/helovet-main.conf",
        "auth_advertise_hosts = *"])
    refuse = "  .include /helovet/helovet-refuse.acl\n"
    usual = """\
  deny
    condition = ${if eq{${extract{skip_address_blocklists}{$acl_m_helovet}}}{yes}{no}{yes}}
    dnslists  = dnsbl.example
    message   = usual measures: the client is on a blacklist
""" if "usual" in listeners else ""
    where = "rcpt" if {"alternate", *CALLING} & set(listeners) else "mail"
    acls = {"rcpt": "  accept", where: refuse + usual + "  accept",
            "data": "  .include /helovet/helovet-data.acl\n  accept"}
    text = servers.exim_config(acls, main, (servers.LOOPBACK,))
    text = text.replace("{PORT}", " : ".join(map(str, ports)))
    return text + f"""
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
"""


def smtpd_config(listeners, ports) -> str:
    """The same for OpenSMTPD, whose usual measure is a table of addresses."""
    lines = []
    for name, port in zip(listeners, ports):
        lines.append(f'filter "{name}" proc-exec '
                     f'"/helovet/filter-helovet -c /scratch/{name}.toml"')
        use = name
        if name == "usual":
            use = "chain"
            lines += ['table blacklist { "192.0.2.66", "192.0.2.68", "192.0.2.70" }',
                      'filter "table" phase mail-from match src <blacklist> '
                      'reject "550 usual measures: the client is on a blacklist"',
                      f'filter "chain" chain {{ "{name}", "table" }}']
        lines.append(f'listen on {servers.LOOPBACK} port {port} proxy-v2 filter "{use}"')
    return "\n".join([*lines, 'table everyone { "@" = "postbox" }',
                      'action "keep" maildir "/scratch/mail" virtual <everyone>',
                      'match from any for any action "keep"', ""])


class Mta:
    """One pair of a kind of mail server and a set of listeners."""

    def __init__(self, kind: str, scratch: pathlib.Path, listeners, first_port: int):
        self.ports = dict(zip(listeners, range(first_port, first_port + len(listeners))))
        config = {"resolv_conf": RESOLV_CONF, "port": first_port}
        ports = list(self.ports.values())
        if kind == "exim":
            self.server = servers.Exim(
                scratch, config=exim_config(listeners, ports), **config,
                binds={"/helovet/helovet.so": BUILD / "exim-dlfunc/helovet.so",
                       **{f"/helovet/{path.name}": path for pattern in ("*.acl", "*.conf")
                          for path in (SOURCE / "exim-dlfunc").glob(pattern)}})
            self._log = self.server.directory / "logs/mainlog"
        else:
            self.server = servers.OpenSmtpd(
                scratch, config=smtpd_config(listeners, ports), **config,
                binds={"/helovet/filter-helovet": BUILD / "opensmtpd-filter/filter-helovet"})
            self._log = self.server.log
        self._kind = kind
        self.store = Store(self.server.directory,
                           servers.USERS["Debian-exim" if kind == "exim" else "opensmtpd"])
        for name in listeners:
            text = (CONFIGURATIONS / f"{name}.toml").read_text()
            (self.server.directory / f"{name}.toml").write_text(text)
        self._client = None

    def start(self):
        self.server.start()
        return self

    def stop(self):
        self.hang_up()
        self.server.stop()

    def hang_up(self):
        if self._client is not None:
            with contextlib.suppress(ConnectionClosed):
                self._client.send("QUIT\r\n")  # Exim takes 200 ms for its reply.
            self._client.reset()
            self._client = None

    def log_text(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def play(self, step: Step) -> Seen:
        if not step.same_session:
            self.hang_up()
            port = self.ports[step.configuration]
            self._client = SmtpClient((servers.LOOPBACK, port), proxy=step.client)
        self.server.mail.clear()
        before = len(self.log_text())
        counted = self.store.counters() if step.counted is not None else {}
        begun = time.monotonic()
        outcome, text, accepted = self._talk(step)
        seen = Seen(outcome, text, time.monotonic() - begun)
        if accepted:
            seen.heads = [head(message) for message in self.server.mail.wait_for(accepted)]
        wanted = step.logged()

        def logged():
            seen.log = verdicts(self.log_text()[before:])
            return any(differences(line, wanted) == [] for line in seen.log)

        if wanted:
            with contextlib.suppress(servers.ServerError):
                servers.wait_until(logged, "a line in the log", LOG_SECONDS)

        def counts():
            seen.counted = self.store.counted_since(counted)
            return seen.counted == step.counted_of(self._kind)

        if step.counted is not None:
            with contextlib.suppress(servers.ServerError):
                servers.wait_until(counts, "counters", LOG_SECONDS)
        return seen

    def _talk(self, step: Step) -> tuple[str, str, int]:
        """The session: its outcome, the text of the refusals, and for how many recipients the
        message was accepted."""
        lines = [("EHLO", f"{step.verb} {step.helo}")] if step.helo else []
        if step.log_in:
            secret = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
            lines.append(("AUTH", f"AUTH PLAIN {secret}"))
        lines.append(("MAIL", f"MAIL FROM:<{step.mail_from}>"))
        for where, line in lines:
            reply = self._client.command(line)
            if reply.code >= 400:
                return f"{reply.code} at {where}", told(reply), 0
        replies = [self._client.command(f"RCPT TO:<{name}>") for name in step.recipients]
        refusals = [reply for reply in replies if reply.code >= 400]
        outcome = ", ".join(str(reply.code) for reply in replies)
        text = " ".join(told(reply) for reply in refusals)
        if len(refusals) == len(replies):
            return outcome + (" at RCPT" if len(replies) == 1 else ""), text, 0
        for line in ("DATA", "Subject: scenario\r\n\r\nHello.\r\n."):
            reply = self._client.command(line)
            if reply.code >= 400:
                return f"{reply.code} at DATA", told(reply), 0
        return outcome, text, len(replies) - len(refusals)


class Store:
    """What a mail server remembers of senders, and its counters: of a directory `store` within another
    one."""

    def __init__(self, directory: pathlib.Path, owner: int):
        self.directory = directory / "store"
        servers.owned_directory(self.directory, owner)
        self._config = directory / "store.toml"
        self._config.write_text(f'store.directory = "{self.directory}"\n')

    def counters(self) -> dict[str, int]:
        """Those of callbacks, without their results: "calls", "skip.cached" and so on."""
        done = self._run("stats", "--json")
        return {name.removeprefix("cbv."): count
                for name, count in json.loads(done)["counters"].items()
                if name.startswith("cbv.") and (name.count(".") == 1 or ".skip." in name)}

    def counted_since(self, before: dict[str, int]) -> dict[str, int]:
        return {name: count - before[name] for name, count in self.counters().items()
                if count != before[name]}

    def forget(self):
        self._run("cache", "flush", "--all")

    def _run(self, *words) -> str:
        done = subprocess.run([BUILD / "core/cli/helovet", *words, "--config", self._config],
                              capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            raise servers.ServerError(f"helovet {words[0]}: {done.stderr}")
        return done.stdout


def head(message: bytes) -> str:
    """The header section, each field on one line."""
    text = message.decode("latin-1").replace("\r\n", "\n").partition("\n\n")[0]
    return re.sub(r"\n[ \t]+", " ", text)


def verdicts(log: str) -> list[dict]:
    """The keys and values of each line with a verdict."""
    return [{key: value.strip('"') for key, value in
             re.findall(r'([a-z_]+)=("(?:\\.|[^"\\])*"|\S*)', line)}
            for line in log.splitlines() if "helovet" in line and " trust=" in line]


def differences(got: dict, wanted: dict) -> list[str]:
    return [f"{key}: got {got.get(key, '')!r}, want {value!r}"
            for key, value in wanted.items() if got.get(key, "") != value]


class Cast:
    """All mail servers, for as long as the `with` lasts."""

    def __init__(self, scratch: pathlib.Path):
        self._scratch = scratch
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack as stack:
            self.dns = stack.enter_context(Dns(self._scratch))
            for host, told_to in tomllib.loads(MAIL_SERVERS.read_text()).items():
                stack.enter_context(servers.ScriptedSmtp(host, **told_to))
            (self._scratch / "command").mkdir()
            self._store = Store(self._scratch / "command", os.geteuid())
            self._mtas = {}
            for number, listeners in enumerate(LISTENERS):
                for kind, first in (("exim", 2500), ("opensmtpd", 2600)):
                    mta = Mta(kind, self._scratch, listeners, first + 10 * number)
                    stack.callback(mta.stop)
                    self._mtas.update({(kind, name): mta for name in listeners})
            self._pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(4))
            list(self._pool.map(Mta.start, dict.fromkeys(self._mtas.values())))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def play(self, step: Step, hosts) -> dict[str, Seen | dict]:
        """By all of `hosts` at the same time. Of the command its verdict, in the JSON of
        `helovet check`, if the step has one to compare it with."""
        if step.forgets:
            for store in (self._store, *(self._mtas[host, step.configuration].store
                                         for host in hosts if host != "command")):
                store.forget()
        under_way = {host: self._pool.submit(self._mtas[host, step.configuration].play, step)
                     for host in hosts if host != "command"}
        if "command" in hosts and step.verdict and step.helo:
            under_way["command"] = self._pool.submit(check, step, self._store)
        return {host: future.result() for host, future in under_way.items()}


def check(step: Step, store: Store) -> dict:
    """`helovet check` in the place of a mail server."""
    text = (CONFIGURATIONS / f"{step.configuration}.toml").read_text()
    config = store.directory.parent / f"{step.configuration}.toml"
    config.write_text(text.replace(STORE, str(store.directory)))
    command = [BUILD / "core/cli/helovet", "check", "--json", "--server-name", servers.HOSTNAME,
               "--config", config,
               "--dns", f"{UNBOUND_ADDRESS}:{DNS_PORT}",
               "--ip", step.client, "--helo", step.helo, "--mail-from", step.mail_from]
    command += ["--authenticated"] if step.log_in else []
    command += ["--rcpt", step.recipients[0]] if step.configuration in CALLING else []
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          timeout=COMMAND_SECONDS)
    if done.returncode != 0:
        raise servers.ServerError(f"helovet check: {done.stderr or done.stdout}")
    return json.loads(done.stdout)
