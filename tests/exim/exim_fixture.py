"""What the tests with a real Exim share: a DNS server, a configuration of helovet that asks it, and
an Exim that loads the module and includes our ACL file as an administrator would."""

import contextlib
import os
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402 (found through the path above)

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
MODULE = pathlib.Path(os.environ.get("HELOVET_EXIM_MODULE", BUILD / "exim-dlfunc/helovet.so"))

PAGE = SOURCE / "docs/exim.md"

# Where things are in Exim's sandbox.
MODULE_PATH = "/helovet/helovet.so"
ACL_FILES = ("helovet-helo.acl", "helovet-refuse.acl", "helovet-data.acl")
MAIN_PATH = "/helovet/helovet-main.conf"
BINDS = {f"/helovet/{name}": SOURCE / "exim-dlfunc" / name
         for name in (*ACL_FILES, "helovet-main.conf")} | {MODULE_PATH: MODULE}
CONFIG_PATH = "/scratch/helovet.toml"

GOOD, BAD, UNKNOWN, SLOW = "good.example", "bad.example", "unknown.example", "slow.example"
GOOD_ADDRESS, GOOD_ADDRESS_6, STRANGER = "192.0.2.1", "2001:db8::1", "192.0.2.99"


def zone():
    """good.example may send from two addresses, bad.example from none, unknown.example says
    nothing, and slow.example is silent."""
    answer = servers.Answer
    return {
        (f"_client._smtp.{GOOD}", "SRV"): answer([f"1 2 0 {GOOD}"]),
        (GOOD, "A"): answer([GOOD_ADDRESS]),
        (GOOD, "AAAA"): answer([GOOD_ADDRESS_6]),
        (f"_client._smtp.{BAD}", "SRV"): answer([f"1 1 0 {BAD}"]),
        (f"_client._smtp.{SLOW}", "SRV"): answer(silent=True),
    }


def config_text(dns, profile="standard", more=""):
    return (f'profile = "{profile}"\nauthserv_id = "mx.example"\ndeadline = "2s"\n{more}\n'
            f'[dns]\nservers = ["{dns.address[0]}:{dns.address[1]}"]\nquery_timeout = "1s"\n')


AUTHENTICATORS = """
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{user}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
"""

# Our files as an administrator would include them.
HELO = "  .include /helovet/helovet-helo.acl\n  accept"
REFUSE = "  .include /helovet/helovet-refuse.acl\n  accept"
MARK = "  .include /helovet/helovet-data.acl\n  accept"


class HelovetExim(servers.Exim):
    """Exim with the module. `acls` is by default our files for RCPT and DATA; `toml` is the text of
    helovet's configuration, which configure() replaces while Exim runs; None: there is no file."""

    def __init__(self, scratch, toml, *, acls=None, main="", macros="", preload=True,
                 module=MODULE_PATH, ports=(), **options):
        main = "\n".join([
            f"HELOVET_MODULE = {module}", f"HELOVET_CONFIG = {CONFIG_PATH}",
            macros, "" if preload else "HELOVET_NO_PRELOAD = yes", f".include {MAIN_PATH}",
            "auth_advertise_hosts = *", main])
        acls = {"rcpt": REFUSE, "data": MARK} if acls is None else acls
        hosts = options.setdefault("hosts", (servers.LOOPBACK, "::1"))
        config = servers.exim_config({"rcpt": "accept", **acls}, main, hosts) + AUTHENTICATORS
        # Exim wants a limit in all where there is one for each host.
        config = config.replace("smtp_accept_max = 0", "smtp_accept_max = 200")
        config = config.replace("{PORT}", " : ".join(["{PORT}", *map(str, ports)]))
        super().__init__(
            scratch, config=config, binds=BINDS, **options)
        if toml is not None:
            self.configure(toml)

    def configure(self, toml):
        (self.directory / "helovet.toml").write_text(toml)

    def call(self, function, *arguments):
        """`exim -be`: what one of the module's functions expands to."""
        given = "".join(f"{{{argument}}}" for argument in arguments)
        return self.expand(f"${{dlfunc{{{MODULE_PATH}}}{{{function}}}{given}}}")

    def client(self, address, **options):
        return servers.SmtpClient(self.address, proxy=address, **options)

    def complaints(self):
        """The lines of Exim's log that the module wrote, without their time."""
        return re.findall(r"^[-\d]+ [:\d]+ (helovet: (?!action=).*)$", self.main_log(), re.M)

    def verdicts(self):
        """The log lines of verdicts, in the main log alone, each as {key: value}."""
        text = (self.directory / "logs/mainlog").read_text(errors="replace")
        return [log_pairs(line) for line in re.findall(r"helovet: (action=.*)", text)]


def examples(heading, language):
    """The blocks of a language below a heading of docs/exim.md, with the paths that the sandbox has."""
    text = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)[1]
    text = text.replace("/usr/lib/exim4/helovet.so", MODULE_PATH)
    text = text.replace("/usr/share/helovet/exim", "/helovet")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def log_pairs(line):
    """The key=value pairs of a log line."""
    found = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|[^ ]*)(?: |$)', line)
    assert " ".join(f"{key}={value}" for key, value in found) == line, line
    return {key: value.strip('"') for key, value in found}


class Fixture(unittest.TestCase):
    """A DNS server for each test, and what a test adds with self.enterContext()."""

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("exim"))
        self.dns = self.enterContext(servers.ScriptedDns(zone()))

    def exim(self, profile="standard", toml=None, **options):
        """An Exim that is not running."""
        if toml is None:
            toml = config_text(self.dns, profile)
        return HelovetExim(self.scratch.path, toml, **options)

    def daemon(self, *arguments, **options):
        return self.enterContext(self.exim(*arguments, **options))

    def expect(self, reply, code, text=""):
        self.assertEqual(reply.code, code, reply)
        self.assertIn(text, reply.text if code < 400 else joined(reply))


def joined(reply):
    """A refusal as the module wrote it: Exim breaks messages of more than 75 octets into lines, each
    with the enhanced code."""
    lines = reply.lines
    return " ".join([lines[0]] + [line.removeprefix(lines[0][:6]) for line in lines[1:]])


def one_line(header):
    """A header field unfolded."""
    return re.sub(r"\n\s+", " ", header)


def results(message):
    """The Authentication-Results fields of a delivered message."""
    head = message.decode().split("\n\n", 1)[0]
    return [one_line(field) for field in re.split(r"\n(?=\S)", head)
            if field.startswith("Authentication-Results:")]


def processes(exim, of="/usr/sbin/exim4"):
    """The process ids of an Exim's programs, the daemon before those that it forked."""
    return [pid for pid, command in exim.running.commands().items()
            if command.split(b"\0")[0].decode() == of]


def open_files(pid):
    """What a process has open beside Exim's log, which it opens and closes as it likes."""
    opened = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            opened.add(os.readlink(descriptor))
    return {path for path in opened if not path.endswith("/scratch/logs/mainlog")}
