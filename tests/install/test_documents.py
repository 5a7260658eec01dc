"""Whatever the documents and manuals show for use is used here, or is what a test of its own runs:
settings, files of lists, configurations of smtpd, commands, and the messages about mistakes."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402 (found through the path above)

HELOVET = BUILD / "core/cli/helovet"
FILTER = BUILD / "opensmtpd-filter/filter-helovet"
SENDERSCORE = (servers.SERVERS / "opensmtpd-filter-senderscore/usr/libexec/opensmtpd"
               / "filter-senderscore")
PAGES = sorted([SOURCE / "README.md", *(SOURCE / "docs").glob("*.md"),
                *(SOURCE / "docs/man").iterdir()])

SOA = "$TTL 3600\n@ SOA ns hostmaster 1 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.53\n"
ZONES = {
    "example.org": SOA + "mail A 192.0.2.1\n_client._smtp.mail SRV 1 2 0 mail\n"
                         "mail PTR _vouch._smtp.judge\nmail.example.org.judge TXT MARID,1,E\n"
                         "_vouch._smtp.judge SRV 0 0 443 ask.judge\n",
    "example.com": SOA,
    "100.51.198.in-addr.arpa": SOA,
}

# What begins a block that is no input but what a program says.
OUTPUT = re.compile(r"[\w-]+ helovet: action=|action=|Authentication-Results: |550[- ]5\.7\.1 ")


def unescaped(text):
    """What mandoc makes of a literal line."""
    return text.replace(r"\&", "").replace(r"\e", "\\").replace(r"\(dq", '"')


def blocks(page):
    """The displayed blocks of a page: (their language, '' if it has none; their text)."""
    text = page.read_text()
    if page.suffix == ".md":
        yield from re.findall(r"^```(\S*)\n(.*?)^```$", text, re.M | re.S)
        text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
        for block in re.findall(r"(?:^    .*\n)+", text, re.M):
            yield "", re.sub("^    ", "", block, flags=re.M)
        return
    # The table of settings has tests of its own in tests/core/config.
    text = re.sub(r'^\.\\" Settings begin.*?^\.\\" Settings end', "", text, flags=re.M | re.S)
    for block in re.findall(r"^\.Bd -(?:literal|unfilled) .*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield "", unescaped(block)
    for line in re.findall(r"^\.Dl (.*)$", text, re.M):
        yield "", unescaped(line) + "\n"


def kind(page, language, text):
    """Which test uses a block; an error for a block that none does."""
    name = page.name
    if name == "README.md":
        return "test_install.py"
    if name == "architecture.md":
        return "a drawing"
    if OUTPUT.match(text):
        return "output"
    if name == "exim.md":  # tests/exim counts its blocks with a language and runs them.
        return "exim" if language else "helovet-main.conf"
    if name == "helovet-exim.7":
        return "of exim.md"
    if 'filter "' in text:
        return "smtpd.conf"
    if text.startswith("helovet "):
        return "command"
    if name == "helovet.toml.5" and text.startswith("# Partners."):
        return "list"
    if name in ("helovet.toml.5", "filter-helovet.8", "opensmtpd.md"):
        return "settings"
    raise AssertionError(f"{page}: no test uses this block:\n{text}")


def all_of(wanted):
    return [(page, text) for page in PAGES for language, text in blocks(page)
            if kind(page, language, text) == wanted]


class Documents(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("documents")).path
        self.zones = []
        for origin, text in ZONES.items():
            (self.scratch / f"{origin}.zone").write_text(f"$ORIGIN {origin}.\n{text}")
            self.zones += ["--zone", self.scratch / f"{origin}.zone"]
        (_, self.list), = all_of("list")

    def helovet(self, *words, **options):
        return subprocess.run([str(word) for word in (HELOVET, *words)], capture_output=True,
                              text=True, timeout=60, check=False, **options)

    def check(self, settings, ip="192.0.2.200", name="mail.example.org", *more):
        """`helovet check` with these settings; the files of lists are where it can read them."""
        config = self.scratch / "helovet.toml"
        config.write_text(settings.replace('"/etc/helovet/', f'"{self.scratch}/'))
        for path in re.findall(r'"/etc/helovet/([^"]*)"', settings):
            (self.scratch / path).write_text(self.list)
        return self.helovet("check", "--json", "--config", config, "--ip", ip, "--helo", name,
                            *self.zones, *more)

    def test_every_block_is_used(self):
        used = [kind(page, *block) for page in PAGES for block in blocks(page)]
        self.assertEqual({each: used.count(each) for each in used if each not in (
            "test_install.py", "a drawing", "output")}, {
                "settings": 8, "list": 1, "smtpd.conf": 7, "command": 4, "exim": 15,
                "helovet-main.conf": 1, "of exim.md": 3})

    def test_settings_can_be_used(self):
        for page, text in all_of("settings"):
            with self.subTest(page=page.name, text=text):
                done = self.check(text)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_each_line_of_the_list_is_an_entry(self):
        """A client, a name or a sender for each line of the example, denied by it."""
        settings = 'lists.deny = ["/etc/helovet/deny"]\n'
        for ip, name, more, line in (
                ("192.0.2.77", "x.example.org", (), 2), ("2001:db8::25", "x.example.org", (), 3),
                ("192.0.2.1", "mail.example.org", (), 2),
                ("198.51.100.1", "x.example.org", ("--mail-from", "a@example.net"), 6),
                ("198.51.100.1", "x.example.org", ("--mail-from", "a@b.example.net"), 7)):
            with self.subTest(ip=ip, more=more):
                done = self.check(settings, ip, name, *more)
                found = json.loads(done.stdout)["checks"]["local-list"]
                self.assertEqual((found["result"], found["reason"]), ("fail", "listed"))
                self.assertIn(f"/deny:{line}", json.dumps(found))
        for name, line in (("mail.example.org", 4), ("a.example.com", 5)):
            with self.subTest(name=name):
                done = self.check(settings, "198.51.100.1", name)
                found = json.loads(done.stdout)["checks"]["local-list"]
                self.assertEqual(found["reason"], "not-verified")
                self.assertIn(f"/deny:{line}", json.dumps(found))

    def test_messages_about_mistakes(self):
        page = (SOURCE / "docs/man/helovet.toml.5").read_text()
        wanted = [unescaped(line) for line in re.findall(r'^\.It "(/etc/.*)"$', page, re.M)]
        mistakes = ('\n\n\n\n\n[dns]\nserver = "192.0.2.1"\n',
                    'deadline = "1s"\n[dns]\nquery_timeout = "2s"\n',
                    "\n\n\n[dna]\nrequired_weight = 2\n")
        self.assertEqual(len(wanted), len(mistakes))
        for message, mistake in zip(wanted, mistakes):
            done = self.check(mistake)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.replace(str(self.scratch), "/etc/helovet"),
                             f"helovet: {message}\n")

    def test_commands_of_the_manual(self):
        for _, text in all_of("command"):
            with self.subTest(text):
                command, *pipe = text.replace("\\\n", " ").split("|")
                words = shlex.split(command)[1:]
                if "--zone" not in words:  # No test asks servers outside this host.
                    words += self.zones
                done = self.helovet(*words, "--config", "/dev/null", cwd=self.scratch)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                if pipe:
                    value = json.loads(done.stdout)
                    for key in shlex.split(pipe[0])[-1].strip(".").split("."):
                        value = value[key]
                    self.assertEqual(value, "pass")
                else:
                    # Its record is one of 2005, whose weight those of 2004 cannot have.
                    self.assertIn("malformed" if "dsar" in words else "authorized", done.stdout)

    def test_the_manual_names_every_key_of_the_json(self):
        manual = (SOURCE / "docs/man/helovet.1").read_text()
        named = set(re.findall(r"^\.Va (\w+)", manual, re.M))
        config = self.scratch / "helovet.toml"
        config.write_text('dna.trusted = ["judge.example.org"]\n')
        done = self.helovet("explain", "--json", "--config", config, "--ip", "192.0.2.1", "--helo",
                            "mail.example.org", *self.zones)
        verdict = json.loads(done.stdout)
        self.assertIn("contact", verdict["checks"]["dna"])
        self.assertEqual(self.keys(verdict | {"checks": list(verdict["checks"].values())}) - named,
                         set())
        done = self.helovet("dsar", "--json", "--role", "client", "--application", "smtp",
                            "mail.example.org", "--config", "/dev/null", *self.zones)
        self.assertEqual(self.keys(json.loads(done.stdout)) - named, set())

    def keys(self, value):
        """The keys of all objects within."""
        if isinstance(value, list):
            return set().union(*(self.keys(item) for item in value))
        if isinstance(value, dict):
            return set(value).union(*(self.keys(item) for item in value.values()))
        return set()

    def test_manuals_are_well_formed(self):
        for page in PAGES:
            if page.suffix != ".md":
                done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], text=True,
                                      stdout=subprocess.PIPE, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_links_lead_somewhere(self):
        for page in PAGES:
            if page.suffix == ".md":
                for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")

    def test_rules_that_are_named_stand_in_the_page_of_rules(self):
        rules = re.findall(r"^###? §([\d.]+)", (SOURCE / "docs/rules.md").read_text(), re.M)
        for page in PAGES:
            for number in re.findall(r"rules\.md\)? §([\d.]*\d)", page.read_text()):
                self.assertIn(number, rules, page)

    def test_the_manual_of_the_module_shows_what_its_page_shows(self):
        page = (SOURCE / "docs/exim.md").read_text()
        for _, text in all_of("of exim.md"):
            self.assertIn(text, page)

    def test_the_preload_is_the_one_that_is_installed(self):
        (_, text), = all_of("helovet-main.conf")
        self.assertIn(text, (SOURCE / "exim-dlfunc/helovet-main.conf").read_text())


class MailServer(unittest.TestCase):
    """smtpd runs with each configuration as it stands in a document, but for addresses and places."""

    REST = ('listen on 127.0.0.1 port {PORT}\ntable everyone { "@" = "postbox" }\n'
            'action "keep" maildir "/scratch/mail" virtual <everyone>\n'
            'match from any for any action "keep"\n')

    def test_configurations_of_smtpd(self):
        for page, text in all_of("smtpd.conf"):
            with self.subTest(page=page.name, text=text):
                self.run_smtpd(text)

    def run_smtpd(self, text):
        scratch = self.enterContext(servers.Scratch("documents")).path
        ports = []

        def listener(_):
            ports.append(servers.free_port())
            return f"listen on 127.0.0.1 port {ports[-1]}"

        config = re.sub(r"listen on \S+", listener, text)
        config = re.sub(r'proc-exec "(filter-)', r'proc-exec "/helovet/\1', config)
        # The clients are on loopback.
        settings = 'profile = "standard"\ndeadline = "500ms"\nexempt.networks = []\n'
        files = {f"/etc/helovet/{name}.toml": settings for name in ("helovet", "strict")}
        with servers.OpenSmtpd(
                scratch, config=config + self.REST, files=files, resolv_conf="lookup file\n",
                binds={"/helovet/filter-helovet": FILTER,
                       "/helovet/filter-senderscore": SENDERSCORE}) as smtpd:
            self.assertGreater(len(ports), 0)
            for port in ports:
                with servers.SmtpClient(("127.0.0.1", port)) as client:
                    self.assertEqual(client.command("EHLO mail.example.org").code, 250)
                    self.assertEqual(client.command("MAIL FROM:<a@example.org>").code, 250)
                    self.assertEqual(client.command("RCPT TO:<postbox@mx.example>").code, 250)
            # Nobody answers the filter's questions here.
            servers.wait_until(
                lambda: smtpd.log_text().count("decided_by=csa decided_reason=dns") == len(ports),
                f"a verdict for each of {len(ports)} sessions", log=smtpd.log)
            self.assertNotRegex(smtpd.log_text(), "fatal|exited abnormally|terminated")


class Metrics(unittest.TestCase):
    def test_names_are_those_of_the_page(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch) / "helovet.prom"
            config = pathlib.Path(scratch) / "helovet.toml"
            config.write_text(f'metrics.file = "{file}"\n')
            subprocess.run([FILTER, "-c", config], input=b"config|ready\n", timeout=60, check=True,
                           capture_output=True)
            wanted = re.findall(r"^# TYPE (\S+)", file.read_text(), re.M)
        page = (SOURCE / "docs/opensmtpd.md").read_text()
        table = re.search(r"^\| metric \|.*\n((?:\|.*\n)+)", page, re.M)[1]
        self.assertEqual(re.findall(r"^\| `(\w+)`", table, re.M), wanted)


if __name__ == "__main__":
    servers.enter_private_network()  # filter-senderscore asks port 53 of this host.
    sys.exit(unittest.main(verbosity=2))
