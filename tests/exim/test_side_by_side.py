"""Exim's own `verify = csa` and helovet_csa, in one daemon, on the same sessions. Where they differ,
docs/exim-verify-csa.md says why; its table must be what is seen here, no more and no less."""

import dataclasses
import re
import unittest

from exim_fixture import MODULE_PATH, SOURCE, HelovetExim, servers

Answer = servers.Answer
HERE, ELSEWHERE, HERE_6 = "192.0.2.1", "192.0.2.99", "2001:db8::1"
PAGE = SOURCE / "docs/exim-verify-csa.md"


@dataclasses.dataclass
class Case:
    """A session: what its client says, where it comes from, and what the DNS holds beside BASE."""

    what: str
    helo: str | None
    zone: dict = dataclasses.field(default_factory=dict)
    client: str = HERE
    reverse: bool = False  # csa.reverse is set.


def srv(name, *records, additional=()):
    return {(f"_client._smtp.{name}", "SRV"): Answer(list(records), additional=list(additional))}


def addresses(name, *texts):
    found = {}
    for text in texts:
        kind = "AAAA" if ":" in text else "A"
        found.setdefault((name, kind), Answer()).records.append(text)
    if ("A" in {kind for _, kind in found}) != ("AAAA" in {kind for _, kind in found}):
        found.setdefault((name, "A"), Answer())
        found.setdefault((name, "AAAA"), Answer())
    return found


def usual(name, weight=2, port=0):
    return {**srv(name, f"1 {weight} {port} {name}"), **addresses(name, HERE)}


def nodata(name):
    return {(f"_client._smtp.{name}", "SRV"): Answer()}


REVERSE = "1.2.0.192.in-addr.arpa"
REVERSE_6 = "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa"
PTR = {(REVERSE, "PTR"): Answer(["m.example"])}
FIVE = [f"t{i}.example" for i in range(5)]

CASES = [
    # What both understand alike.
    Case("authorized address", "m.example", usual("m.example")),
    Case("authorized address, additional data", "m.example",
         srv("m.example", "1 2 0 m.example", additional=[("m.example", "A", 60, HERE)])),
    Case("authorized IPv6 address", "m.example",
         {**srv("m.example", "1 2 0 m.example"), **addresses("m.example", HERE_6)}, HERE_6),
    Case("another name as target", "m.example",
         {**srv("m.example", "1 2 0 t.example"), **addresses("t.example", HERE)}),
    Case("upper case", "M.Example", usual("m.example")),
    Case("trailing dot", "m.example.", usual("m.example")),
    Case("address mismatch", "m.example", usual("m.example"), ELSEWHERE),
    Case("no address of the family", "m.example", usual("m.example"), HERE_6),
    Case("no address", "m.example", {**srv("m.example", "1 2 0 t.example")}),
    Case("target .", "m.example", srv("m.example", "1 2 0 .")),
    Case("weight 0", "m.example", usual("m.example", 0)),
    Case("weight 1", "m.example", usual("m.example", 1)),
    Case("weight 3", "m.example", usual("m.example", 3)),
    Case("reserved weight 4", "m.example", usual("m.example", 4)),
    Case("reserved weight 6", "m.example", usual("m.example", 6)),
    Case("priority 2", "m.example", srv("m.example", "2 1 0 m.example")),
    Case("priority 2 beside priority 1", "m.example",
         {**srv("m.example", "2 1 0 .", "1 2 0 m.example"), **addresses("m.example", HERE)}),
    Case("no record", "m.example"),
    Case("the record's name is an alias", "m.example",
         {("_client._smtp.m.example", "SRV"): Answer([
             ("_client._smtp.m.example", "CNAME", 60, "csa.example"),
             ("csa.example", "SRV", 60, "1 2 0 m.example")]), **addresses("m.example", HERE)}),
    Case("SERVFAIL for the record", "m.example",
         {("_client._smtp.m.example", "SRV"): Answer(rcode="SERVFAIL")}),
    Case("SERVFAIL for the target", "m.example",
         {**srv("m.example", "1 2 0 m.example"), ("m.example", "*"): Answer(rcode="SERVFAIL")}),
    Case("silence", "m.example", {("_client._smtp.m.example", "SRV"): Answer(silent=True)}),
    Case("explicit, empty name", "h.m.example", {**nodata("h.m.example"), **usual("m.example", 2, 1)}),
    Case("explicit, six labels", "a.b.c.d.m.example",
         {**nodata("a.b.c.d.m.example"), **usual("m.example", 2, 1)}),
    Case("explicit at the third level", "a.b.m.example",
         {**nodata("a.b.m.example"), **usual("m.example"), **usual("b.m.example", 2, 1)}),
    Case("explicit in a record of priority 2", "h.m.example",
         {**nodata("h.m.example"), **srv("m.example", "2 2 1 m.example")}),
    Case("explicit, own record", "h.m.example",
         {**usual("h.m.example"), **usual("m.example", 2, 1)}),
    Case("explicit, SERVFAIL for the parent", "h.m.example",
         {**nodata("h.m.example"), ("_client._smtp.m.example", "SRV"): Answer(rcode="SERVFAIL")}),
    Case("conflict, refusal first", "m.example",
         {**srv("m.example", "1 1 0 m.example", "1 2 0 m.example"), **addresses("m.example", HERE)}),
    Case("conflict, authorization first", "m.example",
         {**srv("m.example", "1 2 0 m.example", "1 1 0 m.example"), **addresses("m.example", HERE)}),
    Case("reserved weight beside a good record", "m.example",
         {**srv("m.example", "1 2 0 m.example", "1 6 0 m.example"), **addresses("m.example", HERE)}),
    Case("two targets, first matches", "m.example",
         {**srv("m.example", "1 2 0 t.example", "1 2 0 u.example"),
          **addresses("t.example", HERE), **addresses("u.example", ELSEWHERE)}),
    Case("two targets, second matches", "m.example",
         {**srv("m.example", "1 2 0 u.example", "1 2 0 t.example"),
          **addresses("t.example", HERE), **addresses("u.example", ELSEWHERE)}),
    Case("five targets, last matches", "m.example",
         {**srv("m.example", *(f"1 2 0 {name}" for name in FIVE)),
          **{key: answer for i, name in enumerate(FIVE)
             for key, answer in addresses(name, HERE if i == 4 else ELSEWHERE).items()}}),
    Case("weights 3 and 2, match", "m.example",
         {**srv("m.example", "1 3 0 .", "1 2 0 m.example"), **addresses("m.example", HERE)}),
    Case("weights 3 and 2, no match", "m.example",
         {**srv("m.example", "1 3 0 .", "1 2 0 m.example"), **addresses("m.example", ELSEWHERE)}),
    Case("weight 3, reverse DNS confirms the name", "m.example",
         {**usual("m.example", 3), **PTR}),
    Case("target is an alias", "m.example",
         {**srv("m.example", "1 2 0 t.example"),
          ("t.example", "*"): Answer([("t.example", "CNAME", 60, "u.example"),
                                      ("u.example", "A", 60, HERE)])}),
    Case("additional data of the other family", "m.example",
         {**srv("m.example", "1 2 0 m.example", additional=[("m.example", "A", 60, HERE)]),
          **addresses("m.example", HERE, HERE_6)}, HERE_6),
    Case("additional data cut short", "m.example",
         {**srv("m.example", "1 2 0 m.example", additional=[("m.example", "A", 60, ELSEWHERE)]),
          **addresses("m.example", ELSEWHERE, HERE)}),
    Case("explicit, name does not exist", "h.m.example", usual("m.example", 2, 1)),
    Case("explicit, own record of another version", "h.m.example",
         {**srv("h.m.example", "2 2 0 ."), **usual("m.example", 2, 1)}),
    Case("IPv4-mapped client", "m.example", usual("m.example"), "::ffff:192.0.2.1"),
    Case("client on this host", "m.example", usual("m.example", 1), "127.0.0.9"),
    Case("single label", "host", usual("host")),
    Case("special-use name", "m.local", usual("m.local")),
    Case("underscore", "_m.example", usual("_m.example")),
    Case("name of 260 octets", "a" * 60 + (".b" + "c" * 39) * 5),
    Case("no HELO", None, usual(REVERSE)),
    # Exim looks in the reverse tree by default; helovet with csa.reverse.
    Case("literal, reverse record", "[192.0.2.1]",
         {**srv(REVERSE, "1 2 0 m.example"), **addresses("m.example", HERE)}),
    Case("literal, reverse record, csa.reverse", "[192.0.2.1]",
         {**srv(REVERSE, "1 2 0 m.example"), **addresses("m.example", HERE)}, reverse=True),
    Case("bare address, reverse record, csa.reverse", "192.0.2.1",
         {**srv(REVERSE, "1 2 0 m.example"), **addresses("m.example", HERE)}, reverse=True),
    Case("literal, refused in the reverse tree, csa.reverse", "[192.0.2.1]",
         srv(REVERSE, "1 1 0 ."), reverse=True),
    Case("literal, nothing in the reverse tree, csa.reverse", "[192.0.2.1]", reverse=True),
    Case("literal, explicit for its network, csa.reverse", "[192.0.2.1]",
         {**nodata(REVERSE), **srv("2.0.192.in-addr.arpa", "1 2 1 .")}, reverse=True),
    Case("IPv6 literal, explicit for its network, csa.reverse", "[IPv6:2001:db8::1]",
         {**nodata(REVERSE_6), **srv("8.b.d.0.1.0.0.2.ip6.arpa", "1 2 1 .")}, HERE_6, reverse=True),
    Case("IPv6 literal, explicit for its /16, csa.reverse", "[IPv6:2001:db8::1]",
         {**nodata(REVERSE_6), **srv("1.0.0.2.ip6.arpa", "1 2 1 .")}, HERE_6, reverse=True),
    Case("somebody else's literal, csa.reverse", "[192.0.2.1]",
         {**srv(REVERSE, "1 2 0 m.example"), **addresses("m.example", HERE)}, ELSEWHERE,
         reverse=True),
    Case("IPv6 literal, reverse record, csa.reverse", "[IPv6:2001:db8::1]",
         {**srv(REVERSE_6, "1 2 0 m.example"), **addresses("m.example", HERE_6)}, HERE_6,
         reverse=True),
]

ACL = f"""\
  warn
    verify = csa
  deny
    message = exim=$csa_status helovet=${{dlfunc{{{MODULE_PATH}}}{{helovet_csa}}\
{{$sender_host_address}}{{$sender_helo_name}}{{config=/scratch/helovet.toml}}}} \
reverse=${{dlfunc{{{MODULE_PATH}}}{{helovet_csa}}\
{{$sender_host_address}}{{$sender_helo_name}}{{config=/scratch/reverse.toml}}}}
"""


def listed():
    """The table of the page: {case: (exim, helovet)}."""
    rows = re.findall(r"^\| ([^|`]+) \| `(\w+)` \| `(\w+)` \| [^|]+ \|$", PAGE.read_text(), re.M)
    found = {case: (exim, helovet) for case, exim, helovet in rows}
    assert len(found) == len(rows), "a case is listed twice"
    return found


class SideBySide(unittest.TestCase):
    maxDiff = None

    def ask(self, exim, case):
        with exim.client(case.client) as client:
            if case.helo is not None:
                self.assertEqual(client.command(f"EHLO {case.helo}").code, 250, case.what)
            text = client.command("MAIL FROM:<a@sender.example>").text
        found = dict(re.findall(r"(\w+)=(\w+)", text))
        return found["exim"], found["reverse" if case.reverse else "helovet"]

    def test_differences_are_those_that_the_documentation_lists(self):
        self.assertEqual(len({case.what for case in CASES}), len(CASES))
        seen = {}
        with servers.Scratch("side-by-side") as scratch, servers.ScriptedDns(port=53) as dns, \
                HelovetExim(scratch.path, 'deadline = "2s"\ndns.query_timeout = "1s"\n',
                            acls={"mail": ACL}, resolv_conf="nameserver 127.0.0.1\n"
                            "options timeout:1 attempts:1\n",
                            main="helo_accept_junk_hosts = *\nhosts_require_helo =") as exim:
            (exim.directory / "reverse.toml").write_text("csa.reverse = true\ndeadline = \"2s\"\n")
            for case in CASES:
                dns.answers = case.zone
                seen[case.what] = self.ask(exim, case)
            if exim.main_log().count("panic"):
                self.fail(exim.main_log())
        for what, results in seen.items():
            print(f"{what}: {' '.join(results)}")
        different = {what: results for what, results in seen.items() if results[0] != results[1]}
        self.assertEqual(different, listed())


if __name__ == "__main__":
    # Exim asks port 53 of the servers in resolv.conf; here it is free.
    servers.enter_private_network([HERE, HERE_6])
    unittest.main()
