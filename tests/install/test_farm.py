"""docs/farm.md, done: its server with its files, two hosts with its settings, and its outage."""

import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import textwrap
import unittest

from pages import BUILD, HELOVET, SOURCE, blocks_by_language

os.environ.setdefault("HELOVET_EXIM_MODULE", str(BUILD / "exim-dlfunc/helovet.so"))
sys.path.insert(0, str(SOURCE / "tests/exim"))

from exim_fixture import CONFIG_PATH, HelovetExim, log_pairs, servers

PAGE = SOURCE / "docs/farm.md"
REDIS = servers.SERVERS / "redis-tools/usr/bin/redis-check-rdb"  # By its first word redis-server.
ADDRESS = "192.0.2.50"
MAIL_SERVER = "192.0.2.25"
PASSWORD = "correct-horse"
SENDER = "jane@example.org"
ZONE = textwrap.dedent(f"""\
    $ORIGIN example.org.
    $TTL 3600
    @ SOA ns hostmaster 1 7200 3600 1209600 300
    @ NS ns
    ns A 192.0.2.53
    @ MX 10 mx
    mx A {MAIL_SERVER}
    """)


class Farm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.blocks = blocks_by_language(PAGE)

    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("farm")).path
        for directory in ("redis", "helovet"):
            (self.scratch / directory).mkdir()
        self.certify, self.password, self.look, self.watch = self.blocks["sh"]
        (self.scratch / "example.org.zone").write_text(ZONE)

    def placed(self, text):
        """With the paths of this test's own."""
        text = text.replace("/etc/", f"{self.scratch}/").replace("/run/", f"{self.scratch}/run/")
        return text.replace("PASSWORD", PASSWORD)

    def shell(self, text):
        # There are no users of Debian's packages here.
        text = self.placed(text).replace("-o Debian-exim -g Debian-exim ", "").replace("chown redis:", "chown root:")
        text = re.sub(r"^helovet (.*)$", rf"{HELOVET} \1 --config {self.config('mx1')}", text, flags=re.M)
        done = subprocess.run(["bash", "-e", "-c", text], text=True, capture_output=True, timeout=60,
                              check=False)
        self.assertEqual((done.returncode, done.stderr if "openssl" not in text else ""), (0, ""), text)
        return done.stdout

    def config(self, host):
        path = self.scratch / f"{host}.toml"
        (text,) = self.blocks["toml"]
        if not path.exists():
            # On a loaded machine 200 ms is little, and the server that is called has one of our addresses.
            path.write_text(self.placed(text).replace("200ms", "2s").replace(
                "[store]", f'[cbv]\nallow_networks = ["{MAIL_SERVER}"]\n[store]'))
        return path

    def farm(self):
        """The server, with its files as on the page."""
        self.shell(self.certify)
        self.shell(self.password)
        (self.scratch / "helovet/redis-cert.pem").write_bytes((self.scratch / "redis/cert.pem").read_bytes())
        (conf,), (users,) = self.blocks["conf"], self.blocks["acl"]
        (self.scratch / "redis/users.acl").write_text(self.placed(users))
        (self.scratch / "redis/redis.conf").write_text(self.placed(conf) + f"dir {self.scratch}\n")
        return self.start()

    def start(self):
        log = (self.scratch / "redis.log").open("ab")
        redis = subprocess.Popen(["redis-server", self.scratch / "redis/redis.conf"],
                                 executable=REDIS, stdout=log, stderr=log)
        self.addCleanup(log.close)
        self.addCleanup(redis.wait)
        self.addCleanup(redis.kill)
        servers.wait_until(lambda: servers.accepts((ADDRESS, 6379)), "Redis",
                           log=self.scratch / "redis.log")
        return redis

    def helovet(self, host, *words):
        done = subprocess.run([HELOVET, *words, "--config", self.config(host)], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def cbv(self, host):
        """What becomes of a message from SENDER."""
        verdict = json.loads(self.helovet(
            host, "check", "--json", "--ip", "198.51.100.1", "--helo", "x.example.org", "--mail-from",
            SENDER, "--rcpt", "postbox@mx.example.net", "--zone", self.scratch / "example.org.zone"))
        return verdict["checks"].get("cbv", {}), verdict["action"]

    def test_hosts_share_what_was_found(self):
        self.farm()
        with servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            first, action = self.cbv("mx1")
            self.assertEqual((first["reason"], first["remembered"], action),
                             ("refused-rcpt", False, "reject"))
        second, action = self.cbv("mx2")  # There is no server any more that it could have called.
        self.assertEqual((second["reason"], second["remembered"], action),
                         ("refused-rcpt", True, "reject"))
        self.assertIn(f"cbv address {SENDER} refused-rcpt", self.helovet("mx2", "cache", "list"))
        self.assertIn("1 forgotten", self.helovet("mx2", "cache", "flush", "--prefix",
                                                  f"cbv address {SENDER}"))

    def test_commands_of_the_page(self):
        self.farm()
        self.assertIn("wcsap calls", self.shell(self.look))
        self.shell(self.watch)  # /run/helovet is not there by itself.
        self.assertIn("# TYPE helovet_", (self.scratch / "run/helovet/farm.prom").read_text())
        self.assertEqual((self.scratch / "helovet/redis-password").stat().st_mode & 0o777, 0o400)
        self.assertEqual((self.scratch / "redis/key.pem").stat().st_mode & 0o777, 0o400)

    def test_mail_goes_on_without_it_and_all_is_back_after_it(self):
        redis = self.farm()
        answers = {("example.org", "MX"): servers.Answer(["10 mx.example.org"]),
                   ("mx.example.org", "A"): servers.Answer([MAIL_SERVER]),
                   ("mx.example.org", "AAAA"): servers.Answer()}
        with servers.ScriptedDns(answers, port=53), HelovetExim(self.scratch, None) as exim, \
                servers.ScriptedSmtp(MAIL_SERVER, users=["joe"]):
            text = self.config("mx1").read_text()
            for name in ("redis-cert.pem", "redis-password"):
                (exim.directory / name).write_bytes((self.scratch / "helovet" / name).read_bytes())
            exim.configure(text.replace(f"{self.scratch}/helovet", "/scratch")
                           + '[dns]\nservers = ["127.0.0.1:53"]\n')

            def ask():
                return log_pairs(exim.call(
                    "helovet", "198.51.100.1", "x.example.org", SENDER, f"config={CONFIG_PATH}",
                    "recipient=postbox@mx.example.net"))

            found = ask()
            self.assertEqual((found["action"], found["cbv_reason"]), ("reject", "refused-rcpt"))
            redis.terminate()
            redis.wait()
            found = ask()
            self.assertEqual((found["action"], found["cbv"], found["cbv_reason"]),
                             ("tag", "skipped", "no-store"))
            self.start()
            found = ask()  # appendonly: what was found is there.
            self.assertEqual((found["action"], found["cbv_remembered"]), ("reject", "yes"))

    def test_its_user_can_do_no_more(self):
        self.farm()
        context = ssl.create_default_context(cafile=self.scratch / "redis/cert.pem")
        with contextlib.closing(context.wrap_socket(
                socket.create_connection((ADDRESS, 6379), 10), server_hostname=ADDRESS)) as client:
            def say(*words):
                client.sendall(f"*{len(words)}\r\n".encode() + b"".join(
                    f"${len(word)}\r\n{word}\r\n".encode() for word in words))
                return client.recv(4096).decode()
            self.assertIn("NOAUTH", say("GET", "helovet:fact:x"))
            self.assertEqual(say("AUTH", "helovet", PASSWORD), "+OK\r\n")
            self.assertEqual(say("GET", "helovet:fact:x"), "$-1\r\n")
            for refused in (("GET", "another:key"), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*")):
                self.assertIn("-NOPERM", say(*refused), refused)

    def test_every_block_is_used(self):
        self.assertEqual({language: len(texts) for language, texts in self.blocks.items()},
                         {"sh": 4, "conf": 1, "acl": 1, "toml": 1})


if __name__ == "__main__":
    servers.enter_private_network([ADDRESS, MAIL_SERVER])
    sys.exit(unittest.main(verbosity=2))
