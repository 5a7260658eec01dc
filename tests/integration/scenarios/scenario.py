"""Scenarios as data, and the page of the documentation that lists them.

A file of scenarios is TOML. A [[scenario]] has a `name`, a `source`, and one session, or several of
them as [[scenario.step]], which then say what differs from the scenario's own keys. The keys:

configuration   a file of configurations/; it says which mail servers and which listener are used
client, helo    the client's address and what it says in HELO; "": it says nothing (again)
verb            "EHLO" (default) or "HELO"
same_session    the connection of the step before goes on
log_in          the client authenticates after EHLO
mail_from, recipients
change          { zone, from, to }: before the session, a text in a zone becomes another one
truncated       "NAME TYPE": a question whose answer does not fit UDP
forgets         before the session, what is remembered of callbacks is forgotten
hosts, why      of "exim", "opensmtpd" and "command" those who play it (default: all), and why not
                the others

And what is expected of every host that plays it:

outcome         "250": delivered. "550 at MAIL" (or EHLO, RCPT, DATA): the first reply that is not a
                success. "250, 550": the replies to the recipients; it is delivered to the others
smtpd_outcome   that of OpenSMTPD, where it answers at another command than Exim
text            parts of the reply that refuses
header          parts of the message's one Authentication-Results field, and
no_header       what is nowhere in the message's header
verdict         trust, decided_by ("check/reason"), authenticated: in the log and in `helovet check`
log             further keys and values of the log line; "": the key is not there
counted         what `helovet stats` counts more of callbacks after the session: { calls = 1 } and so
                on, and nothing else
smtpd_counted   that of OpenSMTPD, which comes to no recipient where MAIL is refused
within          seconds for the session; 0: as long as it takes
is_logged       false: a mail server need not have told its log of a verdict
"""

import dataclasses
import pathlib
import tomllib
from collections.abc import Iterator

DIRECTORY = pathlib.Path(__file__).parent
HOSTS = {"exim": "Exim", "opensmtpd": "OpenSMTPD", "command": "the command"}
TRUST = ("low", "unknown", "high")

INTRODUCTION = """\
# Scenarios

What Client SMTP Validation is meant for, and callback verification, played from end to end: clients
with addresses of all kinds talk SMTP to Exim with the module and to OpenSMTPD with the filter; both
ask a resolver, and that asks the zones of `tests/integration/scenarios/zones`; mail servers of
senders are beside them. Unless a row says otherwise, both have to give the same replies at the same
commands, with the same words, the same header field, the same entries in their logs and the same
counts of callbacks, and `helovet check` the same verdict.

An outcome is "delivered" or the first reply that is no success, with the trust and the check and
reason that decided; of a session with several recipients, the replies to them. Where a scenario has
several sessions, semicolons stand between them.

The sources: BCP is "Client SMTP Validation Best Practices", OVERVIEW its summary in five steps and
three outcomes, CBV the message "Re: CBV systems" of its author to ietf-smtp (2004-01-15);
[results.md](results.md) has the others. The configurations are files of
`tests/integration/scenarios/configurations`. `strict` is an alternate listener of the server whose
other one has `observe`, and beside `usual` the mail server has measures of its own. With `callback`
and `counting` Exim asks at RCPT, and OpenSMTPD's filter calls back at DATA.

This page is made from `tests/integration/scenarios/*.toml`, and a test compares them.
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    configuration: str
    outcome: str
    client: str
    helo: str
    verb: str = "EHLO"
    same_session: bool = False
    log_in: bool = False
    mail_from: str = "joe@sendingclient.example"
    recipients: tuple[str, ...] = ("postbox@mx.example",)
    change: dict | None = None
    truncated: str = ""
    forgets: bool = False
    smtpd_outcome: str = ""
    text: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    no_header: tuple[str, ...] = ()
    verdict: dict = dataclasses.field(default_factory=dict)
    log: dict = dataclasses.field(default_factory=dict)
    is_logged: bool = True
    counted: dict | None = None
    smtpd_counted: dict | None = None
    within: float = 0.0

    def logged(self) -> dict[str, str]:
        """What the log line of a mail server has to say of this session."""
        if not self.is_logged:
            return {}
        pairs = dict(self.log)
        if "trust" in self.verdict:
            pairs["trust"] = self.verdict["trust"]
        if "decided_by" in self.verdict:
            pairs["decided_by"], pairs["decided_reason"] = self.verdict["decided_by"].split("/")
        if "authenticated" in self.verdict:
            pairs["authenticated"] = "yes" if self.verdict["authenticated"] else "no"
        return pairs

    def outcome_of(self, host: str) -> str:
        return self.smtpd_outcome if host == "opensmtpd" and self.smtpd_outcome else self.outcome

    def counted_of(self, host: str) -> dict | None:
        is_other = host == "opensmtpd" and self.smtpd_counted is not None
        return self.smtpd_counted if is_other else self.counted

    def in_words(self) -> str:
        outcome = {"250": "delivered"}.get(self.outcome, self.outcome)
        if self.smtpd_outcome:
            outcome += f", OpenSMTPD {self.smtpd_outcome.partition(' ')[2]}"
        reason = self.verdict.get("decided_by", "")
        trust = self.verdict.get("trust", "")
        return outcome + (f" ({trust}{', ' if reason else ''}{reason})" if trust else "")


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    source: str
    hosts: tuple[str, ...]
    why: str
    steps: tuple[Step, ...]

    def row(self) -> str:
        words = "; ".join(step.in_words() for step in self.steps)
        if self.why:
            words += f". By {' and '.join(HOSTS[host] for host in self.hosts)}: {self.why}"
        configurations = dict.fromkeys(step.configuration for step in self.steps)
        return f"| {self.name} | {self.source} | {', '.join(configurations)} | {words} |"


def read_scenario(table: dict) -> Scenario:
    table = dict(table)
    own = {key: table.pop(key, default) for key, default in
           (("name", ""), ("source", ""), ("hosts", list(HOSTS)), ("why", ""), ("step", [{}]))}
    if not own["name"] or not own["source"]:
        raise ValueError(f"a scenario without a name or a source: {own | table}")
    if set(own["hosts"]) - set(HOSTS) or bool(own["why"]) == (own["hosts"] == list(HOSTS)):
        raise ValueError(f"{own['name']}: hosts and why belong together")
    return Scenario(own["name"], own["source"], tuple(own["hosts"]), own["why"],
                    tuple(read_step(own["name"], table | step) for step in own["step"]))


def read_step(name: str, keys: dict) -> Step:
    try:
        step = Step(**{key: tuple(value) if isinstance(value, list) else value
                       for key, value in keys.items()})
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    if unknown := set(step.verdict) - {"trust", "decided_by", "authenticated"}:
        raise ValueError(f"{name}: verdict has {unknown}")
    if step.verdict and step.verdict.get("trust") not in TRUST:
        raise ValueError(f"{name}: verdict without trust")
    return step


def files() -> Iterator[tuple[str, list[Scenario]]]:
    """The first line of each file, and its scenarios."""
    for path in sorted(DIRECTORY.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        yield (text.partition("\n")[0].removeprefix("# "),
               [read_scenario(table) for table in tomllib.loads(text)["scenario"]])


def page() -> str:
    """docs/scenarios.md."""
    parts = [INTRODUCTION]
    for title, scenarios in files():
        rows = "\n".join(scenario.row() for scenario in scenarios)
        parts.append(f"## {title.rstrip('.')}\n\n| scenario | source | configuration | outcome |\n"
                     f"|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)
