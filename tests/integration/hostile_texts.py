"""The texts that test_hostile_texts.py has others send: what (PAYLOADS) and where (PLACES). A new payload is
tried in every place, and a new place with every payload."""

import dataclasses
import itertools
import struct

from scripted_dns import Answer

# Where Exim, if it expanded or ran what it is given, would leave a file: in its sandbox.
OWNED = "/scratch/owned"

PAYLOADS = {
    "nothing special": b"plain",
    "CRLF": b"x\r\n250 2.0.0 OK\r\nhelovet: action=accept",
    "LF": b"x\n2026-01-01 00:00:00 forged\n",
    "CR": b"x\rAuthentication-Results: mx.example; spf=pass\r",
    "folding": b"x\r\n spf=pass\r\n\tx-csv=pass",
    "pipes": b"x|filter-result|0000000000000001|0000000000000001|proceed|",
    "quotes": b"x\" action=accept trust=\"high\" y='`",
    "backslashes": b"x\\\" \\\\ \\x41 \\",
    "a statement": b"x; spf=pass (y) smtp.mailfrom=z; dkim=pass (",
    "an expansion": f"${{run{{/bin/sh -c 'touch {OWNED}'}}}}".encode(),
    "a reading": b"${readfile{/etc/passwd}}${readsocket{/x}{y}}",
    "half an expansion": b"}}} {$1 ${if ${extract{ \\N$acl_m_helovet ${",
    "variables": b"$h_subject:$acl_m_helovet:$sender_helo_name:$0",
    "formats": b"%s%s%n%99999d%x%p%%",
    "JSON": b'x","result":"pass","y":{"z":[1e999,NaN]}}\n{',
    "Prometheus": b'x"} 1\nhelovet_verdicts_total{trust="high"} 999\n',
    "NUL": b"x\x00y\x00",
    "controls": bytes(range(1, 32)) + b"\x7f",
    "a terminal": b"\x1b[2J\x1b]0;owned\x07\x9b31m",
    "8 bits": bytes(range(0x80, 0x100, 3)),
    "bidi": "x\u202egro.elpmaxe\u2066y\u2069\u200f".encode(),
    "homographs": "\u0440\u0430\u0443\u0440\u0430l \uff1b \u2028 \ufeff".encode(),
    "not UTF-8": b"\xc0\xaf\xe0\x80\xaf\xed\xa0\x80\xf8\x88\xf5",
    "over-long": b"x" * 3000,
    "over-long and escaped": b"\xff\x00\"\\" * 600,
}

ZONE = "sender.example"  # Of the hostile domain.
HELO = "mail.sender.example"
JUDGE, CERTIFIER = "judge.example", "certifier.example"
CLIENT, CLIENT_PTR = "198.51.100.9", "9.100.51.198.in-addr.arpa"
PEER = "127.0.0.7"   # Takes the callbacks.
LABEL_OCTETS = 63


@dataclasses.dataclass
class Session:
    """What one session says, and what the DNS and its mail server say to it."""

    helo: bytes = HELO.encode()
    sender: bytes = b"joe@sender.example"
    recipient: bytes = b"postbox@mx.example"
    answers: dict = dataclasses.field(default_factory=dict)
    replies: dict[str, bytes] = dataclasses.field(default_factory=dict)  # To a command's first word.


def wire(*labels: bytes) -> bytes:
    """A name as it stands in a message, whatever its labels hold."""
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def hostile_name(payload: bytes, *prefix: bytes) -> bytes:
    """As much of a payload as a name takes: three labels, below .example."""
    labels = [payload[at:at + LABEL_OCTETS] for at in range(0, min(len(payload), 150), LABEL_OCTETS)]
    return wire(*prefix, *labels, b"example")


def now(owner: str, kind: str, data) -> Answer:
    """An answer that nobody keeps."""
    return Answer([(owner, kind, 0, data)])


def txt(owner: str, octets: bytes) -> dict:
    return {(owner, "TXT"): now(owner, "TXT", octets.decode("latin-1"))}


def srv(owner: str, name: bytes) -> dict:
    return {(owner, "SRV"): now(owner, "SRV", struct.pack(">HHH", 1, 2, 25) + name)}


def named(owner: str, kind: str, record: str, name: bytes) -> dict:
    return {(owner, kind): now(owner, record, name)}


def quoted(payload: bytes) -> bytes:
    """A quoted local part (RFC 5321 §4.1.2)."""
    return b'"' + payload.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


REPORT = txt(f"{HELO}.{JUDGE}", b"MARID,1,E")
FAILS = b"v=spf1 -all exp=why.sender.example"
NUMBERS = itertools.count()


def called(exchange: bytes = wire(b"mx", b"sender", b"example"), **session) -> Session:
    """One that leads to a callback: its domain is new, so nothing is remembered of it."""
    domain = f"s{next(NUMBERS)}.{ZONE}"
    answers = {(domain, "MX"): now(domain, "MX", b"\0\x0a" + exchange),
               ("mx.sender.example", "A"): now("mx.sender.example", "A", PEER)}
    local_part = session.pop("local_part", b"joe")
    return Session(sender=local_part + b"@" + domain.encode(), answers=answers, **session)


def smtp_reply(word: str, code: int):
    """The payload as the text of one line, and of several."""
    def place(payload: bytes) -> Session:
        return called(replies={word: b"%d-%s\r\n%d %s" % (code, payload[:800], code, payload[:900])})
    return place


PLACES = {
    # Of the client's.
    "HELO": lambda p: Session(helo=p),
    "HELO, a label": lambda p: Session(helo=p + b".sender.example"),
    "HELO, a literal": lambda p: Session(helo=b"[" + p + b"]"),
    "sender, all of it": lambda p: Session(sender=p),
    "sender, local part": lambda p: Session(sender=p + b"@sender.example"),
    "sender, quoted": lambda p: called(local_part=quoted(p)),
    "sender, domain": lambda p: Session(sender=b"joe@" + p + b".example"),
    "recipient": lambda p: Session(recipient=quoted(p) + b"@mx.example"),
    # Of its names'.
    "SRV target": lambda p: Session(answers=srv(f"_client._smtp.{HELO}", hostile_name(p))),
    "SRV alias": lambda p: Session(answers=named(f"_client._smtp.{HELO}", "SRV", "CNAME", hostile_name(p))),
    "address alias": lambda p: Session(answers=named(HELO, "A", "CNAME", hostile_name(p))),
    "client's PTR": lambda p: Session(answers=named(CLIENT_PTR, "PTR", "PTR", hostile_name(p))),
    "client's PTR alias": lambda p: Session(answers=named(CLIENT_PTR, "PTR", "CNAME", hostile_name(p))),
    "accreditor": lambda p: Session(
        answers=named(HELO, "PTR", "PTR", hostile_name(p, b"_vouch", b"_smtp"))),
    # Of the accreditors', certifiers' and the sender's domains.
    "report": lambda p: Session(answers=txt(f"{HELO}.{JUDGE}", b"MARID,1,E;" + p)),
    "report, rating": lambda p: Session(answers=txt(f"{HELO}.{JUDGE}", b"MARID,1," + p)),
    "contact": lambda p: Session(answers=REPORT | srv(f"_vouch._smtp.{JUDGE}", hostile_name(p))),
    "certifier's word": lambda p: Session(answers=txt(f"{HELO}._vouch.{CERTIFIER}", b"all " + p)),
    "SPF record": lambda p: Session(answers=txt(ZONE, b"v=spf1 include:" + p + b" a:" + p + b" -all")),
    "SPF record of HELO": lambda p: Session(answers=txt(HELO, b"v=spf1 " + p + b" -all")),
    "SPF explanation": lambda p: Session(answers=txt(ZONE, FAILS) | txt("why.sender.example", p)),
    "SPF explanation of HELO": lambda p: Session(answers=txt(HELO, FAILS) | txt("why.sender.example", p)),
    "SPF macros": lambda p: Session(
        sender=quoted(p) + b"@sender.example",
        answers=txt(ZONE, FAILS) | txt("why.sender.example", b"%{s} %{l} %{h} %{S}")),
    "DMP record": lambda p: Session(
        answers=txt(f"_smtp-client.{ZONE}", b"dmp=" + p)
        | txt(f"9.100.51.198.in-addr._smtp-client.{ZONE}", p)),
    "RMX record": lambda p: Session(answers=txt(f"_rmx.{ZONE}", b"host:" + p + b" ipv4:" + p)),
    # Of the sender's mail server.
    "MX": lambda p: called(hostile_name(p)),
    "greeting": smtp_reply("", 220),
    "refused greeting": smtp_reply("", 554),
    "reply to EHLO": smtp_reply("EHLO", 250),
    "reply to MAIL": smtp_reply("MAIL", 550),
    "reply to RCPT": smtp_reply("RCPT", 550),
}

def cases(every: int = 1):
    """(place, payload's name, session), one of `every` so many; each place and each payload has its turn."""
    number = 0
    for place, make in PLACES.items():
        for name, payload in PAYLOADS.items():
            number += 1
            if number % every == 0:
                yield place, name, make(payload)
