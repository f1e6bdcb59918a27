"""What a verdict says of one case: the statement, the first remedies and when to try again fit what is known of it."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfIdentities, SpfStep, SpfStepResult
from smtpprobe.model.report import Confidence
from smtpprobe.model.request import Assumed
from smtpprobe.model.transcript import Exchange, IpSource, Phase
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import ENVELOPE, IP, ZONE, iprev, listed, mx, spf, verdict
from tests.diagnosis.test_every_cause import REPLIES, STATES, offering

FAIL, PERM, TEMP, PASS = AuthResult.FAIL, AuthResult.PERMERROR, AuthResult.TEMPERROR, AuthResult.PASS
CONFIRMED, STATED, CONTRADICTED = Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED
RELAY = "554 5.7.1 <bob@example.com>: Relay access denied"
UNDELIVERABLE = "550 5.1.2 <bob@example.com>: Recipient address rejected: Domain not found"
SENDER_450 = "450 4.1.8 <alice@example.org>: Sender address rejected: Domain not found"
PTR_450 = f"450 4.7.25 Client host rejected: cannot find your hostname, [{IP}]"
LISTED = f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}"
DENIED = "554 5.7.1 <bob@example.com>: Recipient address rejected: Access denied"
NOBODY = "554 5.7.1 <unknown[192.31.196.7]>: Client host rejected: no mail service here"
UNQUALIFIED = "504 5.5.2 <bob>: Recipient address rejected: need fully-qualified address"
NO_SENDER = "504 5.5.2 <alice>: Sender address rejected: need fully-qualified address"
UNVERIFIED = "550-Verification failed for <alice@example.org>\n550 sender verify failed"
TOO_EARLY = "554 SMTP synchronization error"
SPF = "550 5.7.23 SPF validation failed for example.org"
SHUTTING_DOWN = "421 4.3.2 Service shutting down"
SENDER_RATE = "421 4.7.0 <alice@example.org>: Sender address rejected: Too many messages from this sender"
TOO_LARGE = "552 5.3.4 Message size exceeds fixed limit"
FULL = "552 5.2.2 mailbox full"
HELO = "504 5.5.2 <bare>: Helo command rejected: need fully-qualified hostname"
BUSY = "450 4.3.2 Service busy, try later"


def to(path: str):
    return msgspec.structs.replace(ENVELOPE, forward_paths=(Assumed(path),))


def by(path: str):
    return msgspec.structs.replace(ENVELOPE, reverse_path=Assumed(path))


def refused(path: str, reply: str = "550 5.1.1 no such user") -> Exchange:
    return Exchange(index=1, phase=Phase.RCPT, sent=f"RCPT TO:<{path}>", reply=parse_reply(f"{reply}\r\n".encode()))


EVERY = (
    # The domain of a recipient that is not relayed for.
    (RELAY, (mx("nxdomain", "forward-path"),), {}, CONFIRMED, "example.com does not exist", "Check the spelling",
     "No, until the address is corrected: no login makes the domain exist."),
    (RELAY, (mx("mx", "forward-path"),), {}, CONFIRMED, "The MX records of example.com name this server",
     "Add example.com to", "Once the server's administrator has added the domain."),
    (RELAY, (mx("mx", "forward-path"),), {"address": "192.0.2.25"}, CONFIRMED, "Mail for example.com is",
     "To deliver to example.com", "At once, at a host that its MX records name; here only with a login."),
    (RELAY, (), {"before": offering("AUTH PLAIN")}, CONFIRMED, "This server", "To send through", "No, until you log in"),
    (UNDELIVERABLE, (mx("mx", "forward-path"),), {"address": "192.0.2.25"}, CONFIRMED, "example.com accepts mail at",
     "Connect to mx0.example.com", "At once, at a host that the domain's MX records name."),
    # A list that refuses questions, one that is broken, one that is clean.
    (f"{LISTED}; 127.255.255.254", (listed(DnsblStatus.QUERY_REFUSED),), {}, CONTRADICTED, "Not your fault",
     "Correct the server's lookup", "Once their postmaster has corrected the lookup"),
    (LISTED, (listed(DnsblStatus.BROKEN_ZONE, dead=True),), {}, CONTRADICTED, "Not your fault", "Take ",
     "Once their postmaster has removed the list"),
    (LISTED, (listed(DnsblStatus.NOT_LISTED),), {}, CONTRADICTED, "Not your fault", "Look at the server's cache",
     "In a few hours"),
    # A host that serves nobody.
    (NOBODY, (), {"phase": Phase.GREETING}, STATED, "This host says that it accepts no mail", "Use another host",
     "Not at this host."),
    # Addresses without a domain.
    (UNQUALIFIED, (), {"envelope": to("bob")}, CONFIRMED, "The recipient bob has no domain",
     "Write bob@its.domain", "No, until the address is corrected."),
    (NO_SENDER, (), {"envelope": by("alice")}, CONFIRMED, "The sender alice has no domain",
     "Write alice@its.domain", "No, until the address is corrected."),
    # A greeting that complains about a client which has not spoken.
    (TOO_EARLY, (), {"phase": Phase.GREETING}, CONTRADICTED,
     "Not your fault: the server says that the client spoke before the greeting", "Look for what speaks first", "Yes, from"),
    (TOO_EARLY, (), {"phase": Phase.MAIL}, STATED, None, "Wait for the greeting", "No, until"),
    # What was looked up just now does not pass by waiting.
    (SENDER_450, (mx("nxdomain"),), {}, CONFIRMED, "example.org does not exist", "Use a reverse-path whose domain exists",
     "Not before the domain exists"),
    (SENDER_450, (mx("nothing"),), {}, CONFIRMED, "example.org has neither", "Publish an MX", "Once DNS has been fixed"),
    (SENDER_450, (mx("temperror"),), {}, CONFIRMED, "The name servers of example.org give no answer",
     "If example.org is yours, fix its name servers; otherwise ask whoever runs them", "Yes, once its name servers answer"),
    (SENDER_450, (), {}, STATED, None, "Publish an MX", "Leave it queued for an hour; if it persists, fix DNS."),
    (PTR_450, (iprev(FAIL),), {"lookups": (
        DnsLookup(name="client.example.org", type="A", status=DnsStatus.ANSWER, records=("192.31.196.99",)),
     )}, CONFIRMED, f"{IP} has the PTR client.example.org, which resolves to 192.31.196.99, not to {IP}", "Give client.example",
     "Once the PTR record and its name agree"),
    (PTR_450, (iprev(FAIL),), {}, CONFIRMED, f"{IP} has the PTR client.example.org, which does not resolve back to it",
     "Give client.example", "Once the PTR record and its name agree"),
    (PTR_450, (iprev(PERM),), {}, CONFIRMED, f"{IP} has no PTR record", "Set the PTR", "Once the PTR record exists"),
    (PTR_450, (iprev(TEMP),), {}, CONFIRMED, "The reverse DNS of", "", "For some hours: the lookup failed here too"),
    (SPF.replace("550 5", "450 4"), (spf(FAIL),), {}, CONFIRMED, "example.org does not allow", "If ", "Once SPF passes"),
    # Ports for submission.
    (DENIED, (mx("mx", "forward-path"),), {"before": offering("AUTH PLAIN")}, Confidence.SUPPORTED,
     "The server offers AUTH PLAIN and you had not logged in; submission ports typically refuse this way", "Log in", "Yes"),
    # Who is refused, and who can do something.
    (UNVERIFIED, (mx("mx"),), {}, STATED, "The sender alice@example.org is refused, not the recipient",
     "Make sure that your own MX", "Once a mail server of its domain accepts the address"),
    (UNVERIFIED, (), {}, STATED, "The sender alice@example.org is refused, not the recipient", "Make sure that your own",
     "Once a mail server of its domain accepts the address"),
    (SHUTTING_DOWN, (), {}, STATED, "The server is shutting down", "Wait some minutes", "Yes: after a few minutes"),
    (SENDER_RATE, (), {}, STATED, "The server limits how many messages alice@example.org may send",
     "Send fewer messages", "Yes: after an hour"),
    (TOO_LARGE, (), {"before": offering("SIZE 1000")}, CONFIRMED, "The server takes at most 1000 octets", "Keep", "Only"),
    (FULL, (), {}, STATED, None, "Delete or archive", "Only once the recipient has made room; then send the refused"),
    (HELO, (), {"envelope": msgspec.structs.replace(ENVELOPE, helo=Assumed("bare"))}, CONFIRMED,
     "The HELO name bare is not fully qualified", "Replace the HELO name bare", "No, until the name is changed."),
    ("421 4.7.0 Error: too many errors", (), {"before": (refused("nouser@example.com"),)}, CONFIRMED,
     "Not judged: the server hung up after the error for nouser@example.com", "Try bob@example.com alone", "At once, alone."),
    ("421 4.7.0 Error: too many errors", (), {}, STATED, None, "Lower the number", "Yes: after 15 minutes"),
    ("421 4.7.0 Too many connections", (), {"before": (refused("nouser@example.com"),)}, STATED, None, "Lower the number",
     "Yes: after 15 minutes"),
)  # fmt: skip


@pytest.mark.parametrize(("reply", "evidence", "given", "confidence", "statement", "first", "retry"), EVERY)
def test_what_is_said_fits(reply, evidence, given, confidence, statement, first, retry):
    best = verdict(reply, *evidence, **given).causes[0]
    assert best.confidence is confidence
    assert (best.statement or "").startswith(statement or "")
    assert statement is not None or best.statement is None
    assert best.remedies[0].action.startswith(first)
    assert best.retry.startswith(retry)
    assert "{" not in best.retry


@pytest.mark.parametrize(
    ("reply", "evidence", "given", "unsaid"),
    [
        (f"{LISTED}; 127.255.255.254", (listed(DnsblStatus.QUERY_REFUSED),), {}, "does not list you"),
        (LISTED, (listed(DnsblStatus.BROKEN_ZONE, dead=True),), {}, "does not list you"),
        (DENIED, (mx("mx", "forward-path"),), {"before": offering("AUTH PLAIN")}, "without a login: allow"),
        (UNQUALIFIED, (), {"envelope": to("bob")}, "angle brackets"),
        (UNQUALIFIED, (), {"envelope": to("bob")}, "sender domain"),
        (SHUTTING_DOWN, (), {}, "disk space"),
        (SENDER_RATE, (), {}, "connections"),
        (FULL, (), {}, "smaller"),
        (SENDER_450, (mx("temperror"),), {}, "Repair"),
    ],
)
def test_what_does_not_fit_is_not_said(reply, evidence, given, unsaid):
    best = verdict(reply, *evidence, **given).causes[0]
    assert not [each.action for each in best.remedies if unsaid in each.action]


def test_a_smaller_message_is_advised_if_the_size_is_what_is_refused():
    best = verdict("452 4.2.2 mailbox over quota for a message of this size").causes[0]
    assert any("smaller" in each.action for each in best.remedies)


def test_a_port_for_submission_is_not_to_be_opened_but_left_for_port_25():
    best = verdict(DENIED, mx("mx", "forward-path"), before=offering("AUTH PLAIN"), port=587).causes[0]
    assert "To deliver to example.com as a mail server, use port 25." in [each.action for each in best.remedies]


@pytest.mark.parametrize(
    ("records", "advised"),
    [
        ((), "if it has any"),
        (("10 mx.example.com.",), None),
        (("10 mx.example.com.", "20 b.example.com."), "b.example"),
    ],
)
def test_other_mail_hosts_are_advised_if_there_are_any(records, advised):
    found = DnsLookup(name="example.com", type="MX", status=DnsStatus.ANSWER, records=records)
    lookups = (
        (
            found,
            DnsLookup(name="mx.example.com", type="A", status=DnsStatus.ANSWER, records=("192.31.196.25",)),
        )
        if records
        else ()
    )
    actions = [each.action for each in verdict(BUSY, lookups=lookups).causes[0].remedies]
    said = [each for each in actions if "MX host" in each or "b.example" in each]
    assert len(said) == (advised is not None)
    assert advised is None or advised in said[0]


def looping(*domains: str) -> tuple[SpfStep, ...]:
    """The trace of records that include one another in this order."""
    steps: tuple[SpfStep, ...] = ()
    for number in reversed(range(len(domains) - 1)):
        steps = (
            SpfStep(
                domain=domains[number], term=f"include:{domains[number + 1]}", expanded=domains[number + 1], decided=True,
                result=SpfStepResult.PERMERROR, fault=SpfFault.TOO_MANY_LOOKUPS, children=steps,
            ),
        )  # fmt: skip
    return steps


def exhausted(trace: tuple[SpfStep, ...], needed: int | None = None):
    evidence = spf(PERM)
    mailfrom = msgspec.structs.replace(
        evidence.identities.mailfrom, fault=SpfFault.TOO_MANY_LOOKUPS, problem="too many", trace=trace
    )
    identities = SpfIdentities(evidence.identities.helo, mailfrom)
    return msgspec.structs.replace(evidence, identities=identities, lookups_needed=needed)


@pytest.mark.parametrize(
    ("evidence", "statement", "advice"),
    [
        (
            exhausted(looping("example.org", "i10.example.org"), 13),
            "The SPF record of example.org cannot be evaluated: include:i10.example.org is the 11th term that needs a DNS"
            " lookup; only 10 are allowed",
            "Remove or replace at least 3 of the terms that need a DNS lookup in the SPF record of example.org",
        ),
        (
            exhausted(looping("example.org", "b.example", "example.org", "b.example", "example.org")),
            "The SPF record of example.org cannot be evaluated: example.org includes itself, via b.example; only 10 DNS"
            " lookups are allowed",
            "example.org includes b.example, which includes example.org: remove one of the two.",
        ),
        (
            exhausted(looping("example.org", "example.org", "example.org")),
            "The SPF record of example.org cannot be evaluated: example.org includes itself; only 10 DNS lookups",
            "Remove include:example.org from the SPF record of example.org.",
        ),
    ],
)
def test_an_spf_record_with_too_many_lookups_is_told_what_to_remove(evidence, statement, advice):
    best = verdict(SPF.replace("7.23", "7.24"), evidence).causes[0]
    assert best.statement.startswith(statement)
    assert best.remedies[0].action.startswith(advice)


@pytest.mark.parametrize(
    ("record", "ip", "statement"),
    [
        ("v=spf1 ip6:2001:db8::/32 -all", IP, "lists only IPv6 addresses ({record}), and the session came over IPv4 from {ip}"),
        ("v=spf1 ip4:192.0.2.1 -all", "2001:4860:4860::8888", "lists only IPv4 addresses ({record}), and"),
        ("v=spf1 ip4:192.0.2.1 -all", IP, None),
        ("v=spf1 ip6:2001:db8::/32 mx -all", IP, None),
    ],
)  # fmt: skip
def test_a_record_for_the_other_family_is_called_that(record, ip, statement):
    evidence = spf(FAIL)
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, record=record)
    identities = SpfIdentities(evidence.identities.helo, mailfrom)
    best = verdict(SPF, msgspec.structs.replace(evidence, client_ip=ip, identities=identities), client_ip=ip).causes[0]
    if statement is None:
        assert best.statement == f"example.org does not allow {ip} (-all)"
    else:
        assert best.statement.startswith("The SPF record of example.org " + statement.format(record=record, ip=ip))


@pytest.mark.parametrize(("source", "advised"), [(IpSource.REPLY, True), (IpSource.OPTION, False)])
def test_an_address_that_the_server_saw_is_never_one_that_no_receiver_sees(source, advised):
    edit = SpfEdit(domain="example.org", reason="no receiver sees it")
    evidence = msgspec.structs.replace(spf(FAIL), client_ip="127.0.0.1", edit=edit)
    best = verdict(SPF, evidence, client_ip="127.0.0.1", source=source).causes[0]
    assert any("no receiver" in each.action for each in best.remedies) is not advised
    assert best.remedies[0].action.startswith("If 127.0.0.1 is meant" if advised else "Send through a host")


def phrases(text: str, length: int = 6) -> set[tuple[str, ...]]:
    words = [word.strip(".,:;") for word in text.lower().split()]
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("cause", REPLIES)
def test_what_to_do_does_not_repeat_why(cause, state):
    reply, phase = REPLIES[cause]
    for found in verdict(reply, *STATES[state], phase=phase, before=offering("STARTTLS")).causes:
        repeated = [each.action for each in found.remedies if phrases(each.action) & phrases(found.statement or "")]
        assert repeated == []


@pytest.mark.parametrize(("reply", "evidence", "given"), [each[:3] for each in EVERY])
def test_what_to_do_in_a_case_does_not_repeat_why(reply, evidence, given):
    for found in verdict(reply, *evidence, **given).causes:
        repeated = [each.action for each in found.remedies if phrases(each.action) & phrases(found.statement or "")]
        assert repeated == []
