"""An SMTP client that says exactly what it is told, from whatever address it is told."""

import dataclasses
import ipaddress
import socket
import struct

# Connections from here begin with a PROXY header; the servers of servers.py know that.
PROXY_SOURCE = "127.0.0.2"
PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"  # The PROXY protocol, version 2, §2.2.


@dataclasses.dataclass(frozen=True)
class Reply:
    code: int
    lines: list[str]  # Without the code; octets beyond ASCII as surrogates.

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def __str__(self):
        return f"{self.code} {' / '.join(self.lines)}"


class ConnectionClosed(Exception):
    """The server closed the connection before the client was through with it."""


class SmtpClient:
    """One connection; the greeting has been read into `greeting`.

    `source` is the address to connect from (any of 127.0.0.0/8). `proxy` is an address that the
    server is told instead with a PROXY header; the servers of servers.py take one on their port
    (Exim) or proxy_port (OpenSMTPD)."""

    def __init__(self, address: tuple[str, int], source: str | None = None,
                 proxy: str | None = None, timeout: float = 30.0):
        if proxy is not None and source is None:
            source = PROXY_SOURCE
        bound = None if source is None else (source, 0)
        self._socket = socket.create_connection(address, timeout, source_address=bound)
        # Else parts of a line that a test sends on their own wait for one another.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        if proxy is not None:
            self._socket.sendall(proxy_header(proxy, address[1]))
        self.greeting = self.read_reply()

    def send(self, octets: bytes | str):
        """Sends as it is; text as Latin-1, nothing added."""
        try:
            self._socket.sendall(octets.encode("latin-1") if isinstance(octets, str) else octets)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise ConnectionClosed(f"before {octets!r}") from error

    def read_reply(self) -> Reply:
        lines = []
        while True:
            try:
                line = self._stream.readline()
            except ConnectionResetError:
                line = b""
            if not line.endswith(b"\n"):
                raise ConnectionClosed(f"after {lines}, got {line!r}")
            text = line.rstrip(b"\r\n").decode("ascii", "surrogateescape")
            lines.append(text[4:])
            if text[3:4] != "-":
                return Reply(int(text[:3]), lines)

    def command(self, line: bytes | str) -> Reply:
        """Sends a line, CRLF added, and returns the reply to it."""
        self.send((line.encode("latin-1") if isinstance(line, str) else line) + b"\r\n")
        return self.read_reply()

    def message(self, text: str, sender="sender@example.org", recipient="postbox@mx.example"):
        """MAIL, RCPT, DATA and a message: the first reply that is no success, or the last one."""
        for line in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            reply = self.command(line)
            if reply.code >= 400:
                return reply
        stuffed = "".join(("." + line if line.startswith(".") else line) + "\r\n"
                          for line in text.splitlines())
        return self.command(stuffed + ".")

    def reset(self):
        """Closes the connection without a word."""
        self._stream.close()
        self._socket.close()

    def quit(self):
        try:
            self.command("QUIT")
        except (OSError, ConnectionClosed):
            pass
        self.reset()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.quit()
        else:
            self.reset()


def proxy_header(client: str, port: int) -> bytes:
    """The PROXY header, version 2, of a connection of `client` to loopback."""
    address = ipaddress.ip_address(client)
    here = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    family = 0x11 if address.version == 4 else 0x21
    body = address.packed + here.packed + struct.pack(">HH", 40000, port)
    return PROXY_SIGNATURE + struct.pack(">BBH", 0x21, family, len(body)) + body
