"""Whatever the documents and manuals show for use is used here, or is what a test of its own runs:
settings, files of lists, configurations of smtpd, commands, and the messages about mistakes.
How a page shows commands so that they are run stands in pages.py; test_walks.py runs them."""

import json
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import unittest

from pages import BUILD, HELOVET, PAGES, SOURCE, all_of, blocks, kind, unescaped

import servers

FILTER = BUILD / "opensmtpd-filter/filter-helovet"
SENDERSCORE = (servers.SERVERS / "opensmtpd-filter-senderscore/usr/libexec/opensmtpd"
               / "filter-senderscore")
# The mail server of example.org, which has one user. Its address is one of our own.
MAIL_SERVER = "192.0.2.25"
CALLING = ('our_names = ["mx.example.net"]\nsenders.checks = ["spf", "cbv"]\n'
           f'cbv.allow_networks = ["{MAIL_SERVER}"]\n')
# Which program it is, redis-server knows by its first word.
REDIS = servers.SERVERS / "redis-tools/usr/bin/redis-check-rdb"
# "Re: CBV systems", ietf-smtp, 2004-01-15. The message does not tell skips apart.
DECEMBER = {"calls": 47782, "skip.decided": 19000, "skip.cached": 615, "bad-domain": 2808,
            "no-mx": 829, "bad-connects": 6749, "smtp-sessions": 20125, "refused-welcome": 350,
            "refused-noop": 1012, "refused-helo": 5, "refused-mail-from": 885,
            "refused-rcpt-to": 15374}

SOA = "$TTL 3600\n@ SOA ns hostmaster 1 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.53\n"
ZONES = {
    "example.org": SOA + "mail A 192.0.2.1\n_client._smtp.mail SRV 1 2 0 mail\n"
                         "mail PTR _vouch._smtp.judge\nmail.example.org.judge TXT MARID,1,E\n"
                         "_vouch._smtp.judge SRV 0 0 443 ask.judge\n"
                         f"@ MX 10 mx\nmx A {MAIL_SERVER}\n"
                         'spf TXT "v=spf1 -all exp=why.example.org"\nwhy TXT "not ours"\n',
    "example.com": SOA,
    "100.51.198.in-addr.arpa": SOA,
}


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
            "test_readme.py", "walk", "output")}, {
                "settings": 13, "list": 1, "smtpd.conf": 8, "command": 12, "exim": 13,
                "helovet-main.conf": 1, "of exim.md": 3, "dialogue": 1, "statistics": 2,
                "facts": 2, "directory": 1, "zone": 4, "console": 4, "records": 1,
                "test_farm.py": 7, "test_moving.py": 4})

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

    def test_commands(self):
        with servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            for page, text in all_of("command"):
                for command in re.sub(r"(\\|(\|))\n", r"\2", text).splitlines():
                    with self.subTest(page=page.name, command=command):
                        self.check_command(command)

    def check_command(self, command):
        command, *pipe = command.split("|")
        words = shlex.split(command)[1:]
        config = self.scratch / "helovet.toml"
        (self.scratch / "store").mkdir(exist_ok=True)
        config.write_text(f'store.directory = "{self.scratch}/store"\n')
        if words[0] == "callback":
            words += ["--allow", MAIL_SERVER]
        # No test asks servers outside this host.
        if words[0] not in ("stats", "cache") and "--zone" not in words:
            words += self.zones
        done = self.helovet(*words, "--config", config, cwd=self.scratch)
        status = 1 if "jane@example.org" in words and words[0] == "callback" else 0
        self.assertEqual((done.returncode, done.stderr), (status, ""))
        if pipe:
            value = json.loads(done.stdout)
            for key in shlex.split(pipe[0])[-1].strip(".").split("."):
                value = value[key]
            self.assertEqual(value, "pass")
        elif words[:2] != ["cache", "list"]:  # It has nothing to list here.
            self.assertIn({"dsar": "malformed",  # Its record is one of 2005.
                           "callback": "fail, refused-rcpt" if status else "pass, accepted",
                           "stats": "wcsap calls", "cache": "0 forgotten"}.get(
                               words[0], "authorized"), done.stdout)

    def test_dialogue_of_a_callback(self):
        def timeless(text):
            return re.sub(r"^ +\d+\.\d{3} ms", "TIME", text, flags=re.M)

        (_, text), = all_of("dialogue")
        config = self.scratch / "helovet.toml"
        config.write_text(CALLING)
        with servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            done = self.helovet("callback", "jane@example.org", "--config", config,
                                "--zone", "example.org.zone", cwd=self.scratch)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(timeless(done.stdout), timeless(text))

    def test_what_is_remembered(self):
        whole, addresses = [text for _, text in all_of("facts")]
        settings = f'{CALLING}store.directory = "{self.directory_of_store()}"\n'
        with servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            for sender in ("joe", "jane"):
                self.check(settings, "198.51.100.1", "x.example.org", "--mail-from",
                           f"{sender}@example.org", "--rcpt", "postbox@mx.example.net")
        done = self.helovet("cache", "list", "--config", self.scratch / "helovet.toml")
        # What those get who wait for a call lives for two seconds.
        facts = [line for line in done.stdout.splitlines() if " cbv outcome " not in line]
        self.assertTrue(whole.startswith(addresses))
        for got, want in zip(facts, whole.splitlines(), strict=True):
            got_seconds, got = got.split(" ", 1)
            seconds, want = want.split(" ", 1)
            self.assertEqual(got, want)
            self.assertLessEqual(int(got_seconds), int(seconds))
            self.assertGreater(int(got_seconds), int(seconds) - 60)
        for command in re.findall(r"^    helovet (cache flush .*)$",
                                  (SOURCE / "docs/callbacks.md").read_text(), re.M):
            done = self.helovet(*shlex.split(command), "--config", self.scratch / "helovet.toml")
            self.assertEqual((done.stdout, done.stderr), ("1 forgotten\n", ""), command)

    def test_the_table_of_statistics(self):
        """What the author of CBV counted, from Redis, where it can be put in his month."""
        tables = all_of("statistics")
        self.assertEqual(len(tables), 2)
        path = self.scratch / "redis.sock"
        redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir",
             self.scratch], executable=REDIS, stdout=subprocess.DEVNULL)
        self.addCleanup(redis.wait)
        self.addCleanup(redis.kill)
        servers.wait_until(lambda: self.count(path), "Redis")
        config = self.scratch / "helovet.toml"
        config.write_text(f'store.kind = "redis"\nredis.server = "{path}"\n')
        done = self.helovet("stats", "--month", "2003-12", "--config", config)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for _, text in tables:
            self.assertEqual(done.stdout[:len(text)], text)

    def count(self, path):
        """Puts DECEMBER in Redis; False: it does not listen yet."""
        words = ["HSET", "helovet:statistics:2003-12"]
        for name, count in DECEMBER.items():
            words += [f"cbv.{name}", str(count)]
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(path)) != 0:
                return False
            client.sendall(f"*{len(words)}\r\n".encode() + b"".join(
                f"${len(word)}\r\n{word}\r\n".encode() for word in words))
            self.assertEqual(client.recv(100), f":{len(DECEMBER)}\r\n".encode())
            return True

    def test_the_directory_of_the_store(self):
        inline = [(page, text) for page in PAGES if page.suffix == ".md"
                  for text in re.findall(r"`(install -d [^`]*)`", page.read_text())]
        self.assertGreater(len(inline), 0)
        for page, text in all_of("directory") + inline:
            with self.subTest(page=page.name, text=text):
                words = shlex.split(text)
                owner = words[words.index("-o") + 1]
                words = ["root" if word == owner else word for word in words]
                words[-1] = str(self.scratch / words[-1].lstrip("/"))
                subprocess.run(words, check=True, timeout=60)
                config = self.scratch / "helovet.toml"
                config.write_text(f'store.directory = "{words[-1]}"\n')
                done = self.helovet("stats", "--config", config)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_a_sender_publishes(self):
        """The records of helovet-csv(7), and what they say of five sessions."""
        (_, records), = all_of("records")
        zone = self.scratch / "example.org.zone"
        zone.write_text(f"$ORIGIN example.org.\n{SOA}{records}")
        for ip, name, result in (
                ("192.0.2.1", "mail.example.org", ("pass", "authorized")),
                ("192.0.2.9", "mail.example.org", ("fail", "address-mismatch")),
                ("192.0.2.1", "www.example.org", ("fail", "not-authorized")),
                ("192.0.2.1", "example.org", ("fail", "not-authorized")),
                ("192.0.2.1", "pc.example.org", ("fail", "explicit-required"))):
            done = self.helovet("check", "--json", "--config", "/dev/null", "--zone", zone, "--ip", ip,
                                "--helo", name)
            found = json.loads(done.stdout)["checks"]["csa"]
            self.assertEqual((found["result"], found["reason"]), result, (ip, name))
        config = self.scratch / "helovet.toml"
        config.write_text('authserv_id = "mx.example.net"\n')
        done = self.helovet("check", "--json", "--config", config, "--zone", zone, "--ip", "192.0.2.1",
                            "--helo", "mail.example.org")
        (header,) = [text for page, text in all_of("output") if page.name == "helovet-csv.7"]
        for line in header.splitlines():
            self.assertIn(line, json.loads(done.stdout)["header"])

    def test_designated_senders(self):
        """Each zone of the page with the commands below it, whose output has the lines that follow."""
        page = SOURCE / "docs/designated-senders.md"
        config = self.scratch / "helovet.toml"
        settings, *_ = [text for language, text in blocks(page) if not language]
        config.write_text(settings)
        shown = 0
        for language, text in blocks(page):
            if language == "zone":
                origin, records = text.split("\n", 1)
                (self.scratch / "example.com.zone").write_text(f"{origin}\n{SOA}{records}")
            elif language == "console":
                for command, wanted in re.findall(r"^\$ helovet (.*)\n((?:  .*\n)+)", text, re.M):
                    with self.subTest(command):
                        done = self.helovet(*shlex.split(command), "--config", config,
                                            cwd=self.scratch)
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
                        for line in wanted.splitlines():
                            self.assertIn(line, done.stdout.splitlines())
                        shown += 1
        self.assertEqual(shown, page.read_text().count("$ helovet "))

    def test_the_manual_names_every_key_of_the_json(self):
        manual = (SOURCE / "docs/man/helovet.1").read_text()
        named = set(re.findall(r"^\.Va (\w+)", manual, re.M))
        config = self.scratch / "helovet.toml"
        config.write_text('dna.trusted = ["judge.example.org"]\n')
        done = self.helovet("explain", "--json", "--config", config, "--ip", "192.0.2.1", "--helo",
                            "mail.example.org", *self.zones)
        verdict = json.loads(done.stdout)
        self.assertIn("contact", verdict["checks"]["dna"])
        self.assertEqual(self.keys_of_verdict(verdict) - named, set())
        config.write_text(CALLING)
        with servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            done = self.check(f'{CALLING}store.directory = "{self.directory_of_store()}"\n',
                              "192.0.2.1", "mail.example.org", "--mail-from", "a@example.org",
                              "--rcpt", "postbox@mx.example.net")
            verdict = json.loads(done.stdout)
            self.assertIn("remembered", verdict["checks"]["cbv"])
            self.assertEqual(self.keys_of_verdict(verdict) - named, set())
            done = self.helovet("callback", "--json", "jane@example.org", "--config", "/dev/null",
                                "--allow", MAIL_SERVER, *self.zones)
            report = json.loads(done.stdout)
            # They are named after the lines of the statistics.
            self.assertEqual(self.keys(report | {"tally": None}) - named, set())
        done = self.check("", "192.0.2.99", "mail.example.org", "--mail-from", "a@spf.example.org")
        verdict = json.loads(done.stdout)
        self.assertIn("explanation", verdict["checks"]["spf"])
        self.assertEqual(self.keys_of_verdict(verdict) - named, set())
        done = self.helovet("dsar", "--json", "--role", "client", "--application", "smtp",
                            "mail.example.org", "--config", "/dev/null", *self.zones)
        self.assertEqual(self.keys(json.loads(done.stdout)) - named, set())

    def directory_of_store(self):
        directory = self.scratch / "store"
        directory.mkdir()
        return directory

    def keys_of_verdict(self, verdict):
        return self.keys(verdict | {"checks": list(verdict["checks"].values())})

    def keys(self, value):
        """The keys of all objects within."""
        if isinstance(value, list):
            return set().union(*(self.keys(item) for item in value))
        if isinstance(value, dict):
            return set(value).union(*(self.keys(item) for item in value.values()))
        return set()

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
    servers.enter_private_network([MAIL_SERVER])  # filter-senderscore asks port 53 of this host.
    sys.exit(unittest.main(verbosity=2))
