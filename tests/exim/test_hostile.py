"""The module where its host or the network means it ill: few descriptors, a storm of signals, a DNS server
that drips. Called as Exim calls it, but from this process, so that a test can make such a place."""

import ctypes
import os
import pathlib
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

from scripted_dns import Answer, build  # noqa: E402 (found through the path above)

MODULE = os.environ.get("HELOVET_EXIM_MODULE", str(SOURCE / "build/release/exim-dlfunc/helovet.so"))
DEADLINE = 1.0  # Seconds.
# What a busy machine may take beyond it; a session that waits forever takes more.
TOLERANCE = 2.0
SPINNING = 0.5  # Seconds of processor time that a session which only waits must stay below.


class Called:
    """What a call returned, and what it took."""

    def __init__(self, function: str, *arguments: str):
        argv = (ctypes.c_char_p * 8)(*(argument.encode("latin-1") for argument in arguments))
        text = ctypes.c_char_p()
        start, start_cpu = time.monotonic(), time.process_time()
        self.status = getattr(ctypes.CDLL(MODULE), function)(
            ctypes.byref(text), len(arguments), argv)
        self.seconds = time.monotonic() - start
        self.cpu = time.process_time() - start_cpu
        self.text = text.value.decode("latin-1")


def start(task, *arguments):
    """Runs `task` beside the test until one of its sockets is closed."""
    def run():
        try:
            task(*arguments)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()


class Hostile(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.number = 0

    def config(self, address) -> str:
        self.number += 1
        path = self.directory / f"{self.number}.toml"
        path.write_text(f'profile = "strict"\ndeadline = "{DEADLINE:.0f}s"\n[dns]\n'
                        f'servers = ["{address[0]}:{address[1]}"]\nquery_timeout = "1s"\n')
        return f"config={path}"

    def silent_server(self):
        server = self.enterContext(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        server.bind(("127.0.0.1", 0))
        return server.getsockname()

    def take_all_descriptors(self):
        """Returns what gives them back."""
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
        held = []
        try:
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass

        def give_back():
            while held:
                os.close(held.pop())
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        self.addCleanup(give_back)
        return give_back

    def expect_temporary(self, called: Called):
        self.assertEqual(called.status, 0)
        self.assertIn(" csa=temperror csa_reason=dns", called.text)
        self.assertIn("action=defer ", called.text)
        self.assertLess(called.seconds, DEADLINE + TOLERANCE)
        self.assertLess(called.cpu, SPINNING)

    def test_without_descriptors(self):
        config = self.config(self.silent_server())
        Called("helovet_preload", "50", config)
        self.take_all_descriptors()
        self.expect_temporary(Called("helovet", "192.0.2.1", "mail.example.com", "", config))

    def test_configuration_is_read_when_there_are_descriptors_again(self):
        config = self.config(self.silent_server())
        give_back = self.take_all_descriptors()
        unread = Called("helovet", "192.0.2.1", "mail.example.com", "", config)
        self.assertIn("csa=temperror csa_reason=invalid", unread.text)
        self.assertIn("Too many open files", unread.text)
        self.assertIn("action=accept ", unread.text)
        give_back()
        self.expect_temporary(Called("helovet", "192.0.2.1", "mail.example.com", "", config))

    def test_storm_of_signals(self):
        config = self.config(self.silent_server())
        before = signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            called = Called("helovet", "192.0.2.1", "mail.example.com", "", config)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        self.expect_temporary(called)
        self.assertGreaterEqual(called.seconds, DEADLINE)

    def test_answers_that_drip(self):
        """TC over UDP, then one octet of the answer in 100 ms."""
        udp = self.enterContext(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        listener = self.enterContext(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        udp.bind(listener.getsockname())

        def truncate():
            while True:
                query, client = udp.recvfrom(4096)
                udp.sendto(build(query, Answer(truncate=True), tcp=False), client)

        def drip():
            while True:
                connection, _ = listener.accept()
                start(drip_to, connection)

        def drip_to(connection):
            with connection:
                while True:
                    connection.sendall(b"\1")
                    time.sleep(0.1)

        config = self.config(listener.getsockname())
        for task in (truncate, drip):
            start(task)
        self.expect_temporary(Called("helovet", "192.0.2.1", "mail.example.com", "", config))

    def test_every_octet_in_every_argument(self):
        config = self.config(self.silent_server())
        everything = "".join(map(chr, range(1, 256)))
        for helo, sender in ((everything, "a@b.example"), (everything * 256, everything * 256)):
            called = Called("helovet", "192.0.2.1", helo, sender + "@", config)
            self.assertEqual(called.status, 0)
            self.assertIn(" helo=fail helo_reason=syntax ", called.text)
            self.assertTrue(called.text.isascii() and called.text.isprintable(), called.text)
        called = Called("helovet", everything, "mail.example.com", "", config)
        self.assertEqual(called.status, 3)
        self.assertTrue(called.text.isascii() and called.text.isprintable(), called.text)


if __name__ == "__main__":
    unittest.main()
