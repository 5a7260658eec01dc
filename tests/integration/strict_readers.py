"""Readers of what helovet writes, which take nothing but what the form's own document allows: to see that no
text of others has become a part of the form.

Each returns what it has read, or raises Malformed with the place."""

import json
import re

# docs/key-values.md, "The header field"; docs/results.md has the results.
METHODS = {"x-helo", "x-csa", "x-forward", "iprev", "x-reverse-match", "x-well-known", "x-dna", "vbr",
           "x-local-list", "dnswl", "x-address-list", "x-name-list", "x-dmp", "x-drip", "x-rmx", "spf",
           "x-cbv", "x-csv"}
RESULTS = {"none", "neutral", "pass", "fail", "softfail", "policy", "temperror", "permerror"}
PROPERTIES = {"smtp.helo", "smtp.mailfrom", "smtp.remote-ip", "policy.iprev", "policy.accreditor",
              "policy.rating", "policy.mv", "policy.ip", "policy.trust", "policy.action", "policy.standard",
              "policy.strict", "dns.zone", "dns.sec"}
MAX_LOG_OCTETS = 960      # helovet/render.h
MAX_HEADER_OCTETS = 998   # RFC 5322 §2.1.1
MAX_REPLY_OCTETS = 512    # RFC 5321 §4.5.3.1.5, with its CRLF.

# RFC 2045 §5.1, RFC 5321 §4.1.2 and RFC 5322 §3.2.
TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
KEYWORD = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
QUOTED = r'"(?:[\t !#-\[\]-~]|\\[\t -~])*"'
DOMAIN = rf"{KEYWORD}(?:\.{KEYWORD})*"
LOCAL_PART = rf"(?:[A-Za-z0-9!#$%&'*+\-/=?^_`{{|}}~.]+|{QUOTED})"
PVALUE = rf"(?:(?:{LOCAL_PART})?@{DOMAIN}|{QUOTED}|{TOKEN})"
PAIR = re.compile(r'([a-z_]+)=("(?:[ !#-\[\]-~]|\\["\\])*"|[A-Za-z0-9\-._:/]+)')


class Malformed(Exception):
    pass


def expect(holds, what: str, text):
    if not holds:
        raise Malformed(f"{what}: {text[:300]!r}")


def read_log_line(line: str) -> dict[str, str]:
    """`key=value` pairs with one space between (docs/key-values.md, "The log line"), each key once."""
    expect(len(line) <= MAX_LOG_OCTETS, "too long", line)
    pairs, at = {}, 0
    while True:
        found = PAIR.match(line, at)
        expect(found, f"no pair at {at}", line)
        expect(found[1] not in pairs, f"{found[1]} twice", line)
        pairs[found[1]] = re.sub(r"\\(.)", r"\1", found[2][1:-1]) if found[2][0] == '"' else found[2]
        at = found.end()
        if at == len(line):
            break
        expect(line[at] == " ", f"no space at {at}", line)
        at += 1
    expect(next(iter(pairs)) == "action", "action is not the first", line)
    return pairs


def read_reply(octets: bytes) -> tuple[int, list[str]]:
    """One reply (RFC 5321 §4.2, §4.2.1), and nothing behind it."""
    expect(octets.endswith(b"\r\n"), "no CRLF at the end", octets)
    lines = octets[:-2].split(b"\r\n")
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        expect(len(line) + 2 <= MAX_REPLY_OCTETS, "too long", line)
        expect(re.fullmatch(rb"[2-5][0-5][0-9][ -][\t -~]*", line), "no line of a reply", line)
        expect(line[:3] == lines[0][:3], "two codes", octets)
        expect((line[3:4] == b" ") == last, "two replies, or less than one", octets)
    return int(lines[0][:3]), [line[4:].decode("ascii") for line in lines]


class Field:
    """A structured field, taken apart from the left."""

    def __init__(self, text: str):
        self.text, self.at = text, 0

    def cfws(self):
        """[CFWS] of an unfolded field; comments may hold comments."""
        depth = 0
        while self.at < len(self.text):
            octet = self.text[self.at]
            if depth and octet == "\\":
                self.at += 1
            elif octet == "(":
                depth += 1
            elif depth and octet == ")":
                depth -= 1
            elif not depth and octet not in " \t":
                break
            self.at += 1
        expect(depth == 0, "a comment without end", self.text)

    def take(self, pattern: str, what: str) -> str:
        self.cfws()
        found = re.compile(pattern).match(self.text, self.at)
        expect(found, f"{what} at {self.at}, {self.text[self.at:self.at + 40]!r}", self.text)
        self.at = found.end()
        return found[0]

    def sees(self, pattern: str) -> bool:
        self.cfws()
        return re.compile(pattern).match(self.text, self.at) is not None

    def ended(self) -> bool:
        self.cfws()
        return self.at == len(self.text)


def read_results(lines: list[str], authserv_id: str) -> dict[str, list[str]]:
    """An Authentication-Results field (RFC 8601 §2.2) as its lines: method to its results. Of ours, no
    statement and no property may be another than those of docs/key-values.md."""
    for line in lines:
        expect(0 < len(line) <= MAX_HEADER_OCTETS and re.fullmatch(r"[\t -~]*\S[\t -~]*", line), "line", line)
    for line in lines[1:]:
        expect(line[0] in " \t", "not folded", line)
    name, _, body = "".join(lines).partition(":")
    expect(name == "Authentication-Results", "the field's name", name)
    field, statements = Field(body), {}
    expect(field.take(rf"{QUOTED}|{TOKEN}", "authserv-id") == authserv_id, "another authserv-id", body)
    while not field.ended():
        field.take(";", "a semicolon")
        method = field.take(KEYWORD, "a method")
        expect(method in METHODS, "an unknown method", method)
        field.take("=", "=")
        result = field.take(KEYWORD, "a result")
        expect(result in RESULTS, "an unknown result", result)
        statements.setdefault(method, []).append(result)
        if field.sees(r"reason\b"):
            field.take("reason", "reason")
            field.take("=", "=")
            field.take(rf"{QUOTED}|{TOKEN}", "a value")
        seen = set()
        while not field.ended() and not field.sees(";"):
            ptype = field.take(KEYWORD, "a ptype")
            field.take(r"\.", "a dot")
            prop = f"{ptype}.{field.take(KEYWORD, 'a property')}"
            expect(prop in PROPERTIES and prop not in seen, "a property unknown, or twice", prop)
            seen.add(prop)
            field.take("=", "=")
            field.take(PVALUE, "a value")
    for method, results in statements.items():
        expect(len(results) == 1 or (method == "spf" and len(results) == 2), "a method twice", body)
    expect("x-csv" in statements, "no sum", body)
    return statements


def read_json(text: str):
    """One JSON object and a line feed, printable ASCII, no key twice (RFC 8259 §4)."""
    expect(re.fullmatch(r"[\n -~]*", text), "not printable", text)

    def unique(pairs):
        keys = [key for key, _ in pairs]
        expect(len(keys) == len(set(keys)), "a key twice", str(keys))
        return dict(pairs)

    def no_constant(word):
        raise Malformed(word)

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        raise Malformed(f"{error}: {text[:300]!r}") from error


def read_metrics(text: str) -> dict[str, float]:
    """Prometheus's text format, version 0.0.4: series to value. Labels hold tokens of ours alone."""
    series = {}
    expect(text.endswith("\n"), "no end", text)
    for line in text.splitlines():
        if re.fullmatch(r"# (HELP|TYPE) helovet_\w+ [ -~]+|# (HELP|TYPE) process_start_time_seconds [ -~]+", line):
            continue
        found = re.fullmatch(r'((?:helovet|process)_\w+(?:\{\w+="[a-z0-9.+\-]+(?i:Inf)?"(?:,\w+="[A-Za-z0-9.+\-]+")*\})?)'
                             r" ([0-9.e+\-]+)", line)
        expect(found, "no series", line)
        expect(found[1] not in series, "a series twice", line)
        series[found[1]] = float(found[2])
    return series
