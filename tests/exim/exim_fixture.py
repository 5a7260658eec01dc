"""What the tests with a real Exim share: a DNS server, a configuration of helovet that asks it, and
an Exim that loads the module and includes our ACL file as an administrator would."""

import os
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402 (found through the path above)

MODULE = pathlib.Path(os.environ.get("HELOVET_EXIM_MODULE", SOURCE / "build/release/exim-dlfunc/helovet.so"))

# Where things are in Exim's sandbox.
MODULE_PATH = "/helovet/helovet.so"
ACL_PATH = "/helovet/helovet.acl"
MAIN_PATH = "/helovet/helovet-main.conf"
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

INCLUDE = f".include {ACL_PATH}\n  accept"


class HelovetExim(servers.Exim):
    """Exim with the module. `acls` is by default our file for RCPT; `toml` is the text of helovet's
    configuration, which configure() replaces while Exim runs; None: there is no file."""

    def __init__(self, scratch, toml, *, acls=None, main="", macros="", preload=True,
                 module=MODULE_PATH, **options):
        main = "\n".join([
            f"HELOVET_MODULE = {module}", f"HELOVET_CONFIG = {CONFIG_PATH}",
            macros, "" if preload else "HELOVET_NO_PRELOAD = yes", f".include {MAIN_PATH}",
            "auth_advertise_hosts = *", main])
        acls = {"rcpt": INCLUDE} if acls is None else acls
        hosts = options.setdefault("hosts", (servers.LOOPBACK, "::1"))
        config = servers.exim_config({"rcpt": "accept", **acls}, main, hosts) + AUTHENTICATORS
        # Exim wants a limit in all where there is one for each host.
        config = config.replace("smtp_accept_max = 0", "smtp_accept_max = 200")
        super().__init__(
            scratch, config=config,
            binds={MODULE_PATH: MODULE, ACL_PATH: SOURCE / "exim-dlfunc/helovet.acl",
                   MAIN_PATH: SOURCE / "exim-dlfunc/helovet-main.conf"}, **options)
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

    def helovet_log(self):
        """The lines of Exim's log that the module wrote, without their time."""
        return [line.split(" ", 2)[2] for line in self.main_log().splitlines()
                if " helovet: " in line and " rejected " not in line]
