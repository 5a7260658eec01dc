#!/usr/bin/env python3
"""What clients, name servers and mail servers say may be anything (hostile_texts.py). Whatever it is, each
thing that helovet writes keeps its form, read by the strict readers of strict_readers.py: SMTP replies, header
field, log lines, protocol lines, JSON, metrics and statistics; and Exim expands and runs none of it.

    test_hostile_texts.py [--long] [unittest's options]

--long: every text in every place through each program, some two minutes. Otherwise the filter has them all,
Exim and the command one of some. HELOVET_FILTER, HELOVET and HELOVET_EXIM_MODULE name the programs."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(SOURCE / "tests/exim"), str(SOURCE / "tests/opensmtpd")]

import hostile_texts  # noqa: E402 (found through the path above)
import servers  # noqa: E402
import strict_readers  # noqa: E402
from exim_fixture import BUILD, CONFIG_PATH, MARK, REFUSE, HelovetExim  # noqa: E402
from hostile_texts import CLIENT, OWNED, PEER, cases  # noqa: E402
from protocol_peer import ProtocolPeer  # noqa: E402
from smtp_client import PROXY_SOURCE, proxy_header  # noqa: E402

FILTER = os.environ.get("HELOVET_FILTER", str(BUILD / "opensmtpd-filter/filter-helovet"))
HELOVET = os.environ.get("HELOVET", str(BUILD / "core/cli/helovet"))
LONG = False
# Of the cases, one of so many, where each is a process. Prime to the number of payloads.
SOME_SESSIONS, SOME_COMMANDS, SOME_CALLBACKS = 19, 17, 3
# Every sender's domain can be called.
BASE_ANSWERS = {
    ("mx.sender.example", "A"): hostile_texts.now("mx.sender.example", "A", PEER),
    (hostile_texts.ZONE, "MX"): hostile_texts.now(hostile_texts.ZONE, "MX", "10 mx.sender.example")}

CONFIG = """\
profile = "{profile}"
authserv_id = "mx.example"
deadline = "3s"
senders.checks = ["dmp", "drip", "rmx", "spf", "cbv"]
explain_url = "https://mx.example/csv?why=not"
{head}
[cbv]
port = {port}
timeout = "2s"
allow_networks = ["127.0.0.0/8"]
catch_all = true
noop = true
concurrent = 1000
concurrent_per_domain = 1000
per_domain = 100000
[dna]
trusted = [{{ name = "judge.example", always_ask = true }}]
[vbr]
certifiers = ["certifier.example"]
[dns]
servers = ["{dns}"]
query_timeout = "1s"
[store]
directory = "{store}"
"""


class RawSmtp(servers.ScriptedSmtp):
    """Its `answers` are octets, sent as they are."""

    answers: dict[str, bytes] = {}

    def serve(self, commands, replies):
        replies.write(self.answers.get("", b"220 peer") + b"\r\n")
        while line := commands.readline():
            word = line.split()[0].decode("latin-1").upper() if line.split() else ""
            replies.write(self.answers.get(word, b"250 OK") + b"\r\n")


RESULTS = ["Authentication-Results: mx.example; spf=pass smtp.mailfrom=a.example;", " x-csv=pass policy.trust=high"]


class Readers(unittest.TestCase):
    """They take what is right, and refuse what an injection would look like."""

    def test_what_they_refuse(self):
        cases = [
            (strict_readers.read_reply, b"550-5.7.1 a\r\n550 5.7.1 b\r\n",
             [b"550 a\n", b"550 a\r\n250 OK\r\n", b"550-a\r\n250 b\r\n", b"550 a\rb\r\n", b"550 a\xff\r\n",
              b"550 " + b"a" * 507 + b"\r\n", b"550 a\0\r\n", b"250", b"550-a\r\n", b"5502 a\r\n"]),
            (strict_readers.read_log_line, 'action=accept helo_name="a \\" \\\\ b" csa=pass',
             ["action=accept  csa=pass", "action=accept csa=pass csa=fail", "csa=pass", 'action="a"b"', "action=a;b",
              "action=accept csa=pass ", 'action=accept helo_name="a', "action=accept x=\x1b", "action=" + "a" * 960]),
            (lambda lines: strict_readers.read_results(lines, "mx.example"), RESULTS,
             [[*RESULTS, "x-csv=pass"], [*RESULTS, " ; spf=pass; spf=pass"], [*RESULTS, "  ; dkim=pass"],
              [*RESULTS, " ; iprev=pass x.y=z"], [*RESULTS, " ; iprev=ok"], [*RESULTS, ' smtp.helo="a'],
              [*RESULTS, " smtp.helo=a b"], [*RESULTS, " (a"], [*RESULTS, " policy.trust=low"], [*RESULTS, ""],
              [*RESULTS, " \xff"], [*RESULTS, " ; iprev=pass smtp.helo=a@b@c"], RESULTS[:1],
              [line.replace("mx.", "my.") for line in RESULTS]]),
            (strict_readers.read_json, '{"a":"\\u0000"}\n',
             ['{"a":1,"a":2}', '{"a":NaN}', '{"a":"\x07"}', '{"a":"\xe9"}', '{"a":"b"c"}', '{"a":1}{"b":2}']),
            (strict_readers.read_metrics, '# TYPE helovet_x counter\nhelovet_x{trust="low"} 3\n',
             ['helovet_x{trust="lo"w"} 3\n', "x 3\n", "helovet_x 3\nhelovet_x 3\n", 'helovet_x{a="b c"} 3\n',
              "helovet_x 3", "helovet_x three\n"]),
        ]
        for reader, right, wrong in cases:
            reader(right)
            for text in wrong:
                with self.subTest(text=text), self.assertRaises(strict_readers.Malformed):
                    reader(text)


class HostileTexts(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(servers.Scratch("hostile-texts")).path
        self.dns = self.enterContext(servers.ScriptedDns())
        self.peer = self.enterContext(RawSmtp(PEER, servers.free_port()))

    def config(self, profile, name, head="", store=None):
        store = store or str(self.scratch / name)
        pathlib.Path(self.scratch / name).mkdir(exist_ok=True)
        host, port = self.dns.address
        return CONFIG.format(profile=profile, head=head, port=self.peer.port, dns=f"{host}:{port}", store=store)

    def prepare(self, session):
        self.dns.answers = BASE_ANSWERS | session.answers
        self.peer.answers = session.replies

    def read(self, what, function, *arguments):
        try:
            return function(*arguments)
        except strict_readers.Malformed as error:
            self.fail(f"{what}: {error}")


class InTheFilter(HostileTexts):
    def test_every_text_in_every_place(self):
        filters = {profile: self.start(profile) for profile in ("observe", "standard")}
        refused = set()
        for number, (place, text, session) in enumerate(cases(), 1):
            self.prepare(session)
            for profile, peer in filters.items():
                with self.subTest(place=place, text=text, profile=profile):
                    if self.play(peer, number, session, profile):
                        refused.add(place)
        # Those texts that reach a reply have done so.
        for place in ("HELO", "report", "contact", "SPF explanation", "SPF macros", "reply to RCPT"):
            self.assertIn(place, refused)
        for profile, peer in filters.items():
            peer.close_input()
            self.assertEqual(peer.exit_status(), 0)
            self.assertEqual(peer.complaints, [])
            self.read_log(peer)
            metrics = self.read("metrics", strict_readers.read_metrics,
                                (self.scratch / f"{profile}.metrics").read_text())
            self.assertGreater(sum(value for key, value in metrics.items() if "verdicts_total" in key), 100)
            self.read_statistics(profile)

    def start(self, profile):
        path = self.scratch / f"{profile}.toml"
        path.write_text(self.config(profile, f"{profile}-store",
                                    head=f'metrics.file = "{self.scratch}/{profile}.metrics"\n'
                                         'overrides.cbv.fail = "reject"'))
        peer = self.enterContext(ProtocolPeer([FILTER, "-c", str(path)]))
        peer.handshake()
        return peer

    def play(self, peer, number, session, profile) -> bool:
        """One session. True: it was refused."""
        # smtpd gives lines: what stands behind a line feed is not in them.
        helo, sender, recipient = (text.split(b"\n")[0]
                                   for text in (session.helo, session.sender, session.recipient))
        peer.answers.clear()
        peer.lines.clear()
        peer.connect(number, f"{CLIENT}:4000")
        for token, (phase, argument) in enumerate([("ehlo", helo), ("mail-from", sender),
                                                   ("rcpt-to", recipient), ("data", b"")]):
            peer.ask(phase, number, token, argument)
            peer.settle()
        decisions = [decision for of, _, decision in peer.answers if of == number]
        self.assertEqual(len(decisions), 4)
        replies = [decision for decision in decisions if decision not in ("proceed", "junk")]
        for reply in replies:
            self.read("reply", strict_readers.read_reply, reply.encode("latin-1") + b"\r\n")
        for line in (b"Received: here", b"", b"body", b"."):
            peer.ask("data-line", number, 9, line)
        peer.settle()
        lines = [line.decode("latin-1") for line in peer.lines[number]]
        self.assertEqual(lines[-4:], ["Received: here", "", "body", "."])
        if not replies:
            self.read("header", strict_readers.read_results, lines[:-4], "mx.example")
        self.assertEqual(peer.complaints, [])
        peer.disconnect(number)
        peer.owed.clear()
        peer.owed_results = 0
        return bool(replies)

    def read_log(self, peer):
        told = 0
        for line in peer.log.decode("latin-1").splitlines():
            found = re.fullmatch(r"helovet: session=[0-9a-f]{16} (action=.*)", line)
            if found:
                self.read("log", strict_readers.read_log_line, found[1])
                told += 1
            else:  # What it says of its own start.
                self.assertRegex(line, r"\Ahelovet: is not fully confined: [ -~]+\Z")
        self.assertGreater(told, 100)

    def read_statistics(self, profile):
        def stats(*options):
            return subprocess.run([HELOVET, "stats", "--config", self.scratch / f"{profile}.toml", *options],
                                  capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertGreater(self.read("statistics", strict_readers.read_json, stats("--json"))
                           ["counters"]["sessions"], 100)
        for line in stats().splitlines():
            self.assertRegex(line, r"\A[ -~]*\Z")
        for line in stats("--prometheus").splitlines():
            self.assertRegex(line, r"\A(#|helovet_)[ -~]*\Z")


class InTheCommand(HostileTexts):
    def run_helovet(self, *arguments):
        return subprocess.run([HELOVET, *arguments], capture_output=True, timeout=60, check=False)

    def test_one_json_object_and_a_text_for_people(self):
        path = self.scratch / "helovet.toml"
        path.write_text(self.config("standard", "store"))
        for place, text, session in cases(1 if LONG else SOME_COMMANDS):
            if b"\0" in session.helo + session.sender + session.recipient:
                continue
            with self.subTest(place=place, text=text):
                self.prepare(session)
                # The equals sign, lest a text be taken for an option.
                said = [b"--config=" + bytes(path), b"--ip=" + CLIENT.encode(), b"--helo=" + session.helo,
                        b"--mail-from=" + session.sender, b"--rcpt=" + session.recipient]
                done = self.run_helovet("check", "--json", *said)
                if done.returncode == 2:  # Not a path of RFC 5321.
                    self.assertRegex(done.stderr, rb'\Ahelovet: --(mail-from|rcpt): "[ -~]*\n\Z')
                    self.assertEqual(done.stdout, b"")
                    continue
                self.assertEqual(done.stderr, b"")
                self.assertEqual(done.stdout.count(b"\n"), 1)
                report = self.read("JSON", strict_readers.read_json, done.stdout.decode("latin-1"))
                self.assertEqual(report["ip"], CLIENT)
                self.assertIn(report["action"], ("accept", "tag", "defer", "reject"))
                self.read("header", strict_readers.read_results, report["header"].split("\n"), "mx.example")
                if report["reply"]:
                    self.read("reply", strict_readers.read_reply, report["reply"].encode() + b"\r\n")
                for command in ("check", "explain"):
                    done = self.run_helovet(command, *said)
                    # The paragraph sign is ours.
                    self.assertRegex((done.stdout + done.stderr).decode(), r"\A[\n -~\xa7]*\Z", command)


    def test_callbacks_told(self):
        path = self.scratch / "helovet.toml"
        path.write_text(self.config("standard", "store"))
        heard = 0
        for place, text, session in cases(1 if LONG else SOME_CALLBACKS):
            if not session.replies and place != "MX":
                continue
            with self.subTest(place=place, text=text):
                self.prepare(session)
                said = ["callback", "--config", path, "--port", str(self.peer.port), session.sender]
                done = self.run_helovet(*said, "--json")
                self.assertEqual(done.stderr, b"")
                report = self.read("JSON", strict_readers.read_json, done.stdout.decode("latin-1"))
                self.assertIn(report["result"], strict_readers.RESULTS)
                heard += any(line["kind"] == "received" for line in report["dialogue"])
                done = self.run_helovet(*said)
                self.assertRegex((done.stdout + done.stderr).decode(), r"\A[\n -~\xa7]*\Z")
        self.assertGreater(heard, 10)


EXIM_MAIN = """\
helo_accept_junk_hosts = *
allow_utf8_domains = true
allow_domain_literals = true
smtp_max_synprot_errors = 1000
smtp_accept_max_nonmail = 1000
"""
MACROS = "HELOVET_PROFILE = ${if match{$local_part}{^(strictly|taint)}{standard}{observe}}"
# Where texts of others are in the answer. A file of each one's name is looked for: Exim must refuse to.
TAINTED_KEYS = ("reply", "header", "helo_name", "log", "spf_explanation", "dna_contact", "dna_authority")
TAINT = "  warn\n    set acl_m_helovet = HELOVET_ASK" + "".join(f"""
  warn
    condition = ${{if eq{{$local_part}}{{taint-{key}}}}}
    logwrite  = READ ${{readfile{{/scratch/${{extract{{{key}}}{{$acl_m_helovet}}}}}}}}""" for key in TAINTED_KEYS) + "\n  accept"


class StrictClient:
    """A connection whose replies are read as octets."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, 30, source_address=(PROXY_SOURCE, 0))
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(proxy_header(CLIENT, address[1]))

    def reply(self, of_exim: bool = False) -> int:
        """Its code. `of_exim`: Exim says the client's words again, which is its own affair."""
        octets = b""
        while True:
            line = self.stream.readline()
            octets += line
            if line[3:4] == b"-" and line.endswith(b"\n"):
                continue
            # So it does where it takes a command to be wrong.
            if of_exim or octets.startswith(b"501 "):
                return int(octets[:3])
            return strict_readers.read_reply(octets)[0]

    def say(self, line: bytes, of_exim: bool = False) -> int:
        self.socket.sendall(line + b"\r\n")
        return self.reply(of_exim)

    def close(self):
        self.stream.close()
        self.socket.close()


class InExim(HostileTexts):
    def start(self, rcpt):
        toml = self.config("standard", "exim-store", store="/scratch/store")
        exim = HelovetExim(self.scratch, toml, acls={"rcpt": rcpt, "data": MARK}, main=EXIM_MAIN, macros=MACROS)
        servers.owned_directory(exim.directory / "store", servers.USERS["Debian-exim"])
        return self.enterContext(exim)

    def test_texts_in_places(self):
        exim = self.start(REFUSE)
        sessions = delivered = 0
        for place, text, session in cases(1 if LONG else SOME_SESSIONS):
            if b"\n" in session.helo + session.sender + session.recipient:
                continue  # Another command, then.
            with self.subTest(place=place, text=text):
                self.prepare(session)
                sessions += 1
                try:
                    delivered += self.play(exim, session)
                except strict_readers.Malformed as error:
                    self.fail(str(error))
        self.assertGreater(delivered, sessions // 3)
        self.read_messages(exim, delivered)
        self.read_main_log(exim)
        self.assertFalse((exim.directory / pathlib.Path(OWNED).name).exists())
        panics = exim.directory / "logs/paniclog"
        told = panics.read_text().splitlines() if panics.exists() else []
        self.assertEqual([line for line in told if line and "string_is_ip_addressX" not in line], [])

    def play(self, exim, session) -> bool:
        """One session, as far as Exim lets it come. True: its message was taken."""
        client = StrictClient(exim.address)
        try:
            self.assertEqual(client.reply(), 220)
            client.say(b"EHLO " + session.helo, of_exim=True)
            if client.say(b"MAIL FROM:<" + session.sender + b">") != 250:
                return False
            client.say(b"RCPT TO:<strictly@mx.example>")
            client.say(b"RCPT TO:<" + session.recipient + b">")
            if client.say(b"RCPT TO:<postbox@mx.example>") != 250 or client.say(b"DATA") != 354:
                return False
            taken = client.say(b"Subject: x\r\n\r\nbody\r\n.") == 250
            client.socket.sendall(b"QUIT\r\n")  # Exim holds the reply back until the client closes.
            return taken
        finally:
            client.close()

    def read_messages(self, exim, count):
        """Each has our field, in form, on top of what Exim itself adds."""
        for message in exim.mail.wait_for(count, 60):
            head = message.decode("latin-1").split("\n\n", 1)[0]
            fields = re.split(r"\n(?=\S)", head)
            ours = [field for field in fields if field.startswith("Authentication-Results:")]
            self.assertEqual(len(ours), 1, head)
            self.read("header", strict_readers.read_results, ours[0].split("\n"), "mx.example")
            others = {field.partition(":")[0] for field in fields if field not in ours}
            self.assertLessEqual(others, {"Return-path", "Envelope-to", "Delivery-date", "Received", "Subject",
                                          "Message-Id", "From", "Date"})

    def read_main_log(self, exim):
        told = 0
        log = (exim.directory / "logs/mainlog").read_bytes()
        # Exim 4.96 by itself: it gives up a session whose HELO is "[" and a "%" later, with two line feeds.
        log = re.sub(rb"(Taint mismatch, Ustrncpy: string_is_ip_addressX \d+\n)\n", rb"\1", log)
        for line in log.split(b"\n")[:-1]:
            text = line.decode("latin-1")
            self.assertRegex(text, r"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
            # What the client says stands before, in fields of Exim's, who shows it as it is.
            _, ours, pairs = text.rpartition(" helovet: action=")
            if ours:
                self.read("main log", strict_readers.read_log_line, "action=" + pairs)
                told += 1
        self.assertGreater(told, 10)

    def test_what_is_tainted_stays_tainted(self):
        exim = self.start(TAINT)
        session = hostile_texts.Session(
            answers=hostile_texts.REPORT | hostile_texts.srv("_vouch._smtp.judge.example",
                                                             hostile_texts.wire(b"secret"))
            | hostile_texts.txt(hostile_texts.ZONE, hostile_texts.FAILS)
            | hostile_texts.txt("why.sender.example", b"secret"))
        self.prepare(session)
        client = StrictClient(exim.address)
        client.reply()
        client.say(b"EHLO " + session.helo)
        client.say(b"MAIL FROM:<joe@sender.example>")
        for key in TAINTED_KEYS:
            client.say(f"RCPT TO:<taint-{key}@mx.example>".encode())
        client.close()
        log = (exim.directory / "logs/mainlog").read_text()
        for key in TAINTED_KEYS:
            with self.subTest(key=key):
                self.assertRegex(log, rf"rejected RCPT <taint-{key}@mx\.example>: failed to expand")
        self.assertEqual(log.count("Tainted filename '/scratch/"), len(TAINTED_KEYS), log)


if __name__ == "__main__":
    if "--long" in sys.argv:
        LONG = True
        sys.argv.remove("--long")
    unittest.main()
