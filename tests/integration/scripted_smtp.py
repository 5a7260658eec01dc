"""A mail server that answers as it is told, for callbacks: it knows some users, and any of its replies
can be another one. It takes no mail.

    with ScriptedSmtp("127.0.0.7", 25, users=["joe", "user*"]) as peer:
        ...
        peer.heard                                # every command, of all connections
        peer.asked("joe@example.com")             # how often its RCPT TO came
"""

import fnmatch
import socketserver
import threading
from collections.abc import Sequence

OK, UNKNOWN_USER = "250 OK", "550 5.1.1 no such user"


class ScriptedSmtp:
    """On `host` and `port`, for as long as the `with` lasts.

    `users` are patterns of the local parts it has; None: every one. `replies` are other replies than
    usual, by the first word of the command ("MAIL", "RCPT", "NOOP"), and "" is that to a connection. A
    reply of several lines has CRLF between them. `delay` is what it takes for each RCPT TO, in
    seconds. One that is `silent` takes connections and says nothing."""

    def __init__(self, host: str, port: int = 25, *, users: Sequence[str] | None = None,
                 replies: dict[str, str] | None = None, delay: float = 0.0, silent: bool = False):
        self.host, self.port, self.delay = host, port, delay
        self.heard = []
        self._users, self._replies = users, replies or {}
        self._silent = silent
        peer = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    peer.serve(self.rfile, self.wfile)
                except OSError:
                    pass  # The client has gone.

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 100

        self._server = Server((host, port), Connection)

    def serve(self, commands, replies):
        """One connection, from its streams."""
        if self._silent:
            commands.read()
            return
        replies.write(self._replies.get("", "220 peer ESMTP").encode() + b"\r\n")
        while line := commands.readline():
            command = line.decode("latin-1").rstrip("\r\n")
            self.heard.append(command)
            replies.write(self._reply(command).encode() + b"\r\n")
            if command.upper() == "QUIT":
                return

    def _reply(self, command: str) -> str:
        word = command.partition(" ")[0].upper()
        if word == "RCPT":
            threading.Event().wait(self.delay)
        if word in self._replies:
            return self._replies[word]
        if word == "RCPT" and not self._knows(command):
            return UNKNOWN_USER
        return "221 bye" if word == "QUIT" else OK

    def _knows(self, command: str) -> bool:
        local_part = command.partition("<")[2].rpartition("@")[0]
        return self._users is None or any(fnmatch.fnmatchcase(local_part, user)
                                          for user in self._users)

    def asked(self, address: str) -> int:
        return self.heard.count(f"RCPT TO:<{address}>")

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
