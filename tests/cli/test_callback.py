"""helovet callback, run as a user would, against zone files and a mail server on loopback.

HELOVET names the program.
"""

import json
import socket
import subprocess
import threading
import unittest

from command import DEFAULTS, EXAMPLE, HELOVET, WithFiles, helovet, is_plain


def callback(address, *arguments):
    return helovet("callback", address, "--zone", EXAMPLE, "--config", DEFAULTS, *arguments)


class HostileServer:
    """A mail server on loopback whose every reply would play with a terminal."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as lines:
            for code in (220, 250, 250, 550, 221):
                connection.sendall(b"%d \x1b[2J\x9b31m\\ \xc2\x9b \x00\r\n" % code)
                lines.readline()

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()


class Callbacks(WithFiles):
    """docs/rules.md \u00a712; real servers are in tests/integration/test_callback.py."""

    def zone(self):
        return self.write("mail.zone", "$ORIGIN mail.test.\n$TTL 60\n@ SOA ns root 1 1 1 1 1\n"
                          "@ MX 10 mx\nmx A 127.0.0.1\nnull MX 0 .\n")

    def test_exit_status(self):
        for address, status, ruling in [
                ("joe@null.mail.test", 1, "fail no-mx"),
                ("joe@missing.mail.test", 1, "fail bad-domain"),
                ("joe@mail.test", 2, "neutral not-callable"),
                ("joe@elsewhere.test", 2, "temperror dns"),
                ("joe@[127.0.0.1]", 2, "none no-sender"),
                ("@relay.test:joe@null.mail.test", 1, "fail no-mx")]:
            with self.subTest(address=address):
                ran = callback(address, "--zone", self.zone(), "--json")
                got = json.loads(ran.stdout)
                self.assertEqual((ran.returncode, got["result"] + " " + got["reason"]),
                                 (status, ruling))
                self.assertEqual(ran.stderr, b"")

    def test_schema(self):
        got = json.loads(callback("joe@mail.test", "--zone", self.zone(), "--json").stdout)
        self.assertEqual(list(got), ["address", "result", "reason", "meaning", "source", "evidence",
                                     "tally", "exchanges", "dialogue"])
        self.assertEqual(got["address"], "joe@mail.test")
        self.assertEqual(set(got["tally"].values()), {0})
        self.assertEqual([(query["name"], query["type"]) for query in got["exchanges"]],
                         [("mail.test", "MX"), ("mx.mail.test", "A"), ("mx.mail.test", "AAAA")])
        line, = got["dialogue"]
        self.assertEqual((line["kind"], line["text"]), (
            "note", "never calls mx.mail.test [127.0.0.1]: loopback (RFC 1122)"))

    def test_servers_words_are_escaped(self):
        for arguments in ([], ["--json"]):
            with self.subTest(arguments=arguments), HostileServer() as server:
                ran = callback("joe@mail.test", "--zone", self.zone(), "--port", str(server.port),
                               "--allow", "127.0.0.0/8", *arguments)
                self.assertEqual((ran.returncode, ran.stderr), (1, b""), ran)
                self.assertTrue(is_plain(ran.stdout.replace("\u00a7".encode(), b"")), ran.stdout)

    def test_wrong_arguments(self):
        for address in ("", "<>", "joe", "joe@", "@mail.test", "a\r\nb@mail.test", "a b@mail.test"):
            with self.subTest(address=address):
                self.assert_refused(callback(address), "ADDRESS: ")
        for arguments, message in ((["--port", "0"], "--port: "), (["--port", "65536"], "--port: "),
                                   (["--port", "x"], "--port: "), (["--allow", "x"], "--allow: "),
                                   (["--dns", "x"], "--dns: "), (["more"], "more")):
            with self.subTest(arguments=arguments):
                self.assert_refused(callback("joe@mail.test", *arguments), message)

    def test_output_that_cannot_be_written_is_no_refusal(self):
        with open("/dev/full", "wb") as full:
            ran = subprocess.run(
                [HELOVET, "callback", "joe@null.mail.test", "--zone", self.zone(), "--config",
                 DEFAULTS], stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn(b"cannot write", ran.stderr)


if __name__ == "__main__":
    unittest.main()
