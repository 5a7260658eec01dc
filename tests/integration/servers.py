"""The servers that helovet is tested with, and what is needed around them. Only Python's standard
library. Every class is a context manager; a server that does not come up raises ServerError with
the end of its log; nothing outlives the test, however it ends. Everything runs in sandboxes
(sandbox.py): the host's configuration is neither read nor changed.

    import servers
    servers.enter_private_network(["192.0.2.1", "2001:db8::1"])   # optional; first of all. Makes
        # all of 192.0.2.0/24 local, and every port is free; without it ports come from free_port().
    with servers.Scratch("my-test") as scratch, \\
         servers.Nsd(scratch.path, {"example.com": "$TTL 60\\n@ SOA ...\\n..."}) as nsd, \\
         servers.Unbound(scratch.path, nsd) as unbound, \\
         servers.Exim(scratch.path, acls={"mail": "accept"}, binds={"/helovet/helovet.so": so}) as mx, \\
         servers.SmtpClient(mx.address, proxy="192.0.2.7") as client:
        client.command("EHLO client.example.com")
        reply = client.message("Subject: hello\\n\\nbody")        # MAIL to the final dot
        text = mx.mail.wait_for(1)[0]                            # what was delivered, as bytes

Addresses are (host, port) pairs. A scratch directory can be shared: each server takes a directory
of its own in it, which is /scratch in its sandbox.

DNS      Nsd(scratch, zones)         authoritative; zones: name -> text or pathlib.Path
         Unbound(scratch, upstream)  resolver; asks nothing but `upstream`; DNSSEC on demand
         ScriptedDns(answers)        answers, delays, loses, refuses, truncates, lies: scripted_dns.py
Mail     Exim(scratch, ...)          .address, .run([...]), .expand(text), .session(ip, lines)
         OpenSmtpd(scratch, ...)     .address, .proxy_address
         MailDirectory               .wait_for(count), .messages()
Client   SmtpClient(address, source="127.0.0.9" | proxy="192.0.2.7"): smtp_client.py
Called   ScriptedSmtp(host, port, ...)   knows some users, refuses, is silent: scripted_smtp.py
"""

import os
import pathlib
import socket
from collections.abc import Sequence

import scripted_dns
from sandbox import (  # noqa: F401 (names that tests use from here)
    HOSTNAME, SCRATCH, SERVERS, SOURCE, USERS, Running, Sandbox, Scratch, ServerError,
    enter_private_network, free_port, wait_until)
from scripted_dns import Answer, Forward, ScriptedDns  # noqa: F401
from scripted_smtp import ScriptedSmtp  # noqa: F401
from smtp_client import PROXY_SOURCE, ConnectionClosed, Reply, SmtpClient  # noqa: F401

LOOPBACK = "127.0.0.1"


def zones_in(directory: pathlib.Path) -> dict[str, pathlib.Path]:
    """The master files NAME.zone of a directory, as Nsd takes them."""
    return {path.name.removesuffix(".zone"): path for path in sorted(directory.glob("*.zone"))}


class Server:
    """One server in its sandbox. Subclasses say what to run and when it is up."""

    kind = "server"

    def __init__(self, scratch: pathlib.Path):
        number = 1
        while True:
            self.directory = scratch / f"{self.kind}-{number}"
            try:
                self.directory.mkdir()
                break
            except FileExistsError:
                number += 1
        self.directory.chmod(0o755)
        self.log = self.directory / "log"
        self.running = None

    def start(self):
        self.running = self._sandbox().start(self._command(), self.log)
        try:
            wait_until(self._is_up, self.kind, running=self.running, log=self.log)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        if self.running is not None:
            self.running.stop()
            self.running = None

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _sandbox(self) -> Sandbox:
        raise NotImplementedError

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _is_up(self) -> bool:
        raise NotImplementedError


def accepts(address: tuple[str, int]) -> bool:
    """Does something listen on this TCP address?"""
    try:
        socket.create_connection(address, 1.0).close()
        return True
    except OSError:
        return False


class Nsd(Server):
    """NSD, authoritative for `zones` (name without trailing dot, "." for the root, to the text of a
    master file or the path of one), on `address`."""

    kind = "nsd"

    def __init__(self, scratch, zones: dict[str, str | pathlib.Path], port: int | None = None,
                 host: str = LOOPBACK):
        super().__init__(scratch)
        self.address = (host, port or free_port())
        self.zones = zones
        config = [
            "server:", f"  ip-address: {host}@{self.address[1]}", '  username: ""', '  chroot: ""',
            '  zonesdir: "/scratch"', '  database: ""', '  pidfile: ""', '  zonelistfile: "/scratch/list"',
            '  xfrdfile: ""', "  server-count: 1", "  tcp-count: 500", "  rrl-ratelimit: 0",
            "  verbosity: 1", "remote-control:", "  control-enable: no"]
        for number, (name, text) in enumerate(zones.items()):
            if isinstance(text, pathlib.Path):
                text = text.read_text()
            (self.directory / f"{number}.zone").write_text(text)
            config += ["zone:", f'  name: "{name}"', f'  zonefile: "{number}.zone"']
        (self.directory / "nsd.conf").write_text("\n".join(config) + "\n")

    def start(self):
        super().start()
        broken = [line for line in self.log_text().splitlines() if "error:" in line]
        if broken:
            self.stop()
            raise ServerError("NSD: " + "\n".join(broken))
        return self

    def _sandbox(self):
        return Sandbox("nsd", self.directory)

    def _command(self):
        return ["/usr/sbin/nsd", "-d", "-c", "/scratch/nsd.conf"]

    def _is_up(self):
        return scripted_dns.ask(self.address, "health.invalid", "A") is not None


class Unbound(Server):
    """Unbound, resolving through `upstream` (a server with an `address`) and nothing else, on
    `address`. It validates what lies below `trust_anchors`, the DS or DNSKEY records of zones (master
    file lines; signed_zones.py has them); without any it does not validate."""

    kind = "unbound"
    # Trees that Unbound answers itself unless told not to (RFC 6303, RFC 6761).
    OWN_ZONES = ("localhost", "test", "invalid", "onion", "home.arpa", "127.in-addr.arpa",
                 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa")

    def __init__(self, scratch, upstream, port: int | None = None, host: str = LOOPBACK,
                 additional_data: bool = True, trust_anchors: Sequence[str] = ()):
        super().__init__(scratch)
        self.address = (host, port or free_port())
        upstream_host, upstream_port = upstream.address
        config = [
            "server:", f"  interface: {host}@{self.address[1]}", "  do-daemonize: no",
            '  username: ""', '  chroot: ""', '  directory: "/scratch"', '  pidfile: ""',
            "  use-syslog: no", '  logfile: ""', "  num-threads: 1",
            f"  module-config: \"{'validator ' if trust_anchors else ''}iterator\"",
            "  val-log-level: 2",
            "  access-control: 0.0.0.0/0 allow", "  access-control: ::0/0 allow",
            "  do-not-query-localhost: no", "  qname-minimisation: no", "  unblock-lan-zones: yes",
            "  insecure-lan-zones: yes", "  edns-buffer-size: 1232",
            f"  minimal-responses: {'no' if additional_data else 'yes'}"]
        config += [f'  local-zone: "{name}." nodefault' for name in self.OWN_ZONES]
        config += [f'  trust-anchor: "{" ".join(anchor.split())}"' for anchor in trust_anchors]
        config += ["remote-control:", "  control-enable: no"]
        # Unbound asks an authoritative server only about zones that it knows to be there; the rest
        # goes to the same place, so that nothing leaves the host.
        for name in getattr(upstream, "zones", ()):
            if name != ".":
                config += ["stub-zone:", f'  name: "{name}"',
                           f"  stub-addr: {upstream_host}@{upstream_port}", "  stub-prime: no"]
        config += ["forward-zone:", '  name: "."',
                   f"  forward-addr: {upstream_host}@{upstream_port}"]
        (self.directory / "unbound.conf").write_text("\n".join(config) + "\n")

    def _sandbox(self):
        return Sandbox("unbound", self.directory)

    def _command(self):
        return ["/usr/sbin/unbound", "-d", "-c", "/scratch/unbound.conf"]

    def _is_up(self):
        return scripted_dns.ask(self.address, "health.invalid", "A") is not None


class MailDirectory:
    """Where a server of the tests delivers all mail."""

    def __init__(self, path: pathlib.Path):
        self.path = path

    def messages(self) -> list[bytes]:
        """What has been delivered, the oldest first, as the server wrote it."""
        files = [f for part in ("new", "cur") for f in (self.path / part).glob("*")]
        return [f.read_bytes() for f in sorted(files, key=lambda f: f.stat().st_mtime_ns)]

    def wait_for(self, count: int, seconds: float = 20.0) -> list[bytes]:
        """The same, as soon as there are `count`."""
        wait_until(lambda: len(self.messages()) >= count, f"{count} delivered messages", seconds)
        return self.messages()

    def clear(self):
        for part in ("new", "cur"):
            for file in (self.path / part).glob("*"):
                file.unlink()


class Exim(Server):
    """Debian's exim4-daemon-heavy. It accepts mail for everyone and delivers it to `mail`.

    `acls` maps "connect", "helo", "mail", "rcpt", "data", ... to the text of an ACL; the ACL for
    RCPT accepts unless it is given. `main` is put in the main section. `config` replaces the whole
    configuration; {PORT} in it becomes the port. `binds` maps paths in the sandbox to the host's,
    read-only; `files` paths to texts. Clients that connect from PROXY_SOURCE must begin with a
    PROXY header, all others must not. Logs: `log_text()` and, all of Exim's own, `main_log()`."""

    kind = "exim"
    BINARY = "/usr/sbin/exim4"

    def __init__(self, scratch, *, acls: dict[str, str] | None = None, main: str = "",
                 config: str | None = None, binds=None, files=None, resolv_conf: str = "",
                 hosts=(LOOPBACK, "::1"), port: int | None = None, environment=None):
        super().__init__(scratch)
        self.port = port or free_port()
        self.address = (hosts[0], self.port)
        for name in ("logs", "mail"):
            owned_directory(self.directory / name, USERS["Debian-exim"])
        self.mail = MailDirectory(self.directory / "mail")
        text = config or exim_config({"rcpt": "accept", **(acls or {})}, main, hosts)
        self._box = Sandbox(
            "exim4-daemon-heavy", self.directory,
            files={"/etc/exim4/exim4.conf": text.replace("{PORT}", str(self.port)),
                   "/etc/mailname": HOSTNAME + "\n", **(files or {})},
            binds=binds, directories={"/var/spool/exim4": 0o777, "/run/exim4": 0o777},
            resolv_conf=resolv_conf, environment=environment)

    def run(self, arguments: list[str], text: str = "", timeout: float = 60.0):
        """`exim ARGUMENTS` with `text` as its input: a CompletedProcess. No daemon is needed."""
        return self._box.run([self.BINARY, *arguments], text, timeout)

    def expand(self, text: str) -> str:
        """`exim -be`: what Exim makes of a string; an error message where it fails."""
        done = self.run(["-be", text])
        return done.stdout.rstrip("\n")

    def session(self, client: str, lines: list[str], timeout: float = 60.0):
        """`exim -bh CLIENT`: plays a session without a network. stdout has the replies, stderr
        Exim's explanations."""
        return self.run(["-bh", client], "".join(line + "\r\n" for line in lines), timeout)

    def main_log(self) -> str:
        return "".join(f.read_text(errors="replace")
                       for f in sorted((self.directory / "logs").glob("*log")))

    def start(self):
        try:
            return super().start()
        except ServerError as error:
            raise ServerError(f"{error}\n{self.main_log()}") from None

    def _sandbox(self):
        return self._box

    def _command(self):
        return [self.BINARY, "-bdf"]

    def _is_up(self):
        return accepts(self.address)


def exim_config(acls: dict[str, str], main: str, hosts) -> str:
    """A whole configuration of Exim around the given ACLs."""
    names = "\n".join(f"acl_smtp_{name} = acl_{name}" for name in acls)
    bodies = "\n".join(f"acl_{name}:\n{body}\n" for name, body in acls.items())
    return f"""\
primary_hostname = {HOSTNAME}
daemon_smtp_ports = {{PORT}}
local_interfaces = <; {' ; '.join(hosts)}
hosts_proxy = {PROXY_SOURCE}
host_lookup =
rfc1413_hosts =
tls_advertise_hosts =
keep_environment =
spool_directory = /var/spool/exim4
log_file_path = /scratch/logs/%slog
pid_file_path = /run/exim4/exim.pid
smtp_accept_max = 1000
message_logs = false
{main}
{names}
begin acl
{bodies}
begin routers
everyone:
  driver = accept
  transport = mail_directory
begin transports
mail_directory:
  driver = appendfile
  directory = /scratch/mail
  maildir_format
  user = Debian-exim
  group = Debian-exim
begin retry
*  *  F,1h,1m
"""


class OpenSmtpd(Server):
    """Debian's OpenSMTPD. It accepts mail for everyone and delivers it to `mail`.

    `filters` is the text of `filter` lines, and `listen_filter` the name of the one that the
    listeners use. `config` replaces the whole configuration; {PORT} and {PROXY_PORT} in it become
    the ports. A client is accepted on `address`, or with a PROXY header on `proxy_address`.
    `binds` and `files` are as for Exim. `log_text()` has what smtpd and its filters print."""

    kind = "opensmtpd"

    def __init__(self, scratch, *, filters: str = "", listen_filter: str = "",
                 config: str | None = None, binds=None, files=None, resolv_conf: str = "",
                 hosts=(LOOPBACK, "::1"), port: int | None = None, environment=None,
                 options=("-v",)):
        super().__init__(scratch)
        self.port = port or free_port()
        self.proxy_port = free_port()
        self.address = (hosts[0], self.port)
        self.proxy_address = (hosts[0], self.proxy_port)
        self.options = list(options)
        owned_directory(self.directory / "mail", USERS["postbox"])
        self.mail = MailDirectory(self.directory / "mail")
        text = config or smtpd_config(filters, listen_filter, hosts)
        text = text.replace("{PORT}", str(self.port)).replace("{PROXY_PORT}", str(self.proxy_port))
        self._box = Sandbox(
            "opensmtpd", self.directory,
            files={"/etc/smtpd.conf": text, "/etc/mailname": HOSTNAME + "\n", **(files or {})},
            binds=binds, directories={"/var/lib/opensmtpd/empty": 0o755, "/var/spool": 0o755},
            # Without a server of its own it would ask port 53 of the host for clients' names.
            resolv_conf=resolv_conf or "lookup file\n", environment=environment)

    def _sandbox(self):
        return self._box

    def _command(self):
        return ["/usr/sbin/smtpd", "-d", *self.options]

    def _is_up(self):
        return accepts(self.address)


def smtpd_config(filters: str, listen_filter: str, hosts) -> str:
    use = f' filter "{listen_filter}"' if listen_filter else ""
    listeners = "\n".join(
        f"listen on {host} port {{PORT}}{use}\n"
        f"listen on {host} port {{PROXY_PORT}} proxy-v2{use}" for host in hosts)
    return f"""\
{filters}
{listeners}
table everyone {{ "@" = "postbox" }}
action "keep" maildir "/scratch/mail" virtual <everyone>
match from any for any action "keep"
"""


def owned_directory(path: pathlib.Path, uid: int):
    path.mkdir()
    os.chown(path, uid, uid)
