"""Zones signed for a test with keys made for it (ldns-keygen and ldns-signzone of Debian's
ldnsutils). The keys lie in the scratch directory and go with it.

    zone = sign(scratch.path, "signed.example", text)
    Nsd(scratch.path, {"signed.example": zone.text})
    Unbound(scratch.path, nsd, trust_anchors=[zone.ds])
"""

import dataclasses
import pathlib
import subprocess
import time

from sandbox import SERVERS, ServerError

TOOLS = SERVERS / "ldnsutils/usr/bin"
ALGORITHM = "ECDSAP256SHA256"  # RFC 8624 §3.1: every validator has it.
SECONDS = 20
DAY = 24 * 60 * 60


@dataclasses.dataclass
class SignedZone:
    """A master file with one record a line, and the DS record for the parent, a line of its own."""

    text: str
    ds: str

    def replace(self, record: str, other: str):
        """Puts `other` in the place of a record, the signatures as they are: what somebody on the
        way does. Both are master file lines without TTL and class; "" takes the record away."""
        lines = self.text.splitlines()
        found = [number for number, line in enumerate(lines) if fields(line) == record.split()]
        if len(found) != 1:
            raise ValueError(f"{record}: stands {len(found)} times in the zone")
        lines[found[0]] = other
        self.text = "\n".join(lines) + "\n"


def fields(line: str) -> list[str]:
    """A record's owner, type and data."""
    words = line.split()
    return words[:1] + words[3:]


def sign(directory: pathlib.Path, name: str, text: str, *, expired: bool = False) -> SignedZone:
    """Signs a zone with a key of its own and with NSEC records. `expired`: the signatures were good
    until yesterday."""
    file = directory / f"{name}.zone"
    file.write_text(text)
    key = run(directory, "ldns-keygen", "-k", "-a", ALGORITHM, name).strip()
    until = int(time.time()) + (-DAY if expired else DAY)
    run(directory, "ldns-signzone", "-o", name, "-i", str(until - 7 * DAY), "-e", str(until),
        file.name, key)
    return SignedZone((directory / f"{name}.zone.signed").read_text(),
                      (directory / f"{key}.ds").read_text())


def run(directory: pathlib.Path, tool: str, *arguments: str) -> str:
    if not (TOOLS / tool).exists():
        raise ServerError(f"{TOOLS / tool} is missing: run tests/prerequisites")
    done = subprocess.run([TOOLS / tool, *arguments], cwd=directory, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise ServerError(f"{tool} {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout
