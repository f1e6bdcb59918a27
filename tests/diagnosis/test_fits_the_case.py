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
from tests.diagnosis.evidence import ENVELOPE, IP, ZONE, dmarc, iprev, listed, mx, spf, verdict
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
DBL = "554 5.7.1 Service unavailable; Sender address [alice@example.org] blocked using dbl.example"
ON_DBL = listed(zone="dbl.example", name="dbl.example", subject="example.org")
SPAM = "550 5.7.1 Our system has detected that this message is likely unsolicited mail"
DMARC = "550 5.7.1 sending domain does not pass DMARC verification"
BANNED = "554 5.7.1 <client.example.org>: Helo command rejected: Access denied"
NULL_MX = "550 5.7.27 <alice@example.org>: Sender address rejected: Domain example.org does not accept mail (nullMX)"
OWNED = "553 5.7.1 <alice@example.org>: Sender address rejected: not owned by user bob@example.org"
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
    (RELAY, (mx("nxdomain", "forward-path"),), {}, CONFIRMED,
     "The server does not relay for example.com, and example.com does not exist", "Check the spelling",
     "No, until the address is corrected."),
    (RELAY, (mx("nxdomain", "forward-path"),), {"before": offering("AUTH PLAIN")}, CONFIRMED,
     "The server accepts mail for example.com only after a login, and example.com does not exist", "Check the spelling", "No,"),
    (RELAY, (mx("nxdomain", "forward-path"),), {"before": offering("STARTTLS")}, CONFIRMED,
     "The server does not relay for example.com without a login, and example.com does not", "Check the spelling", "No,"),
    (RELAY, (mx("nxdomain", "forward-path"),), {"before": offering("AUTH PLAIN", logged_in=True)}, CONFIRMED,
     "The server does not relay for example.com, and example.com does not exist", "Check the spelling", "No,"),
    (RELAY, (mx("mx", "forward-path"),), {}, CONFIRMED, "The MX records of example.com name this server",
     "Add example.com to", "Once the server's administrator has added the domain."),
    (RELAY, (mx("mx", "forward-path"),), {"address": "192.0.2.25"}, CONFIRMED, "Mail for example.com is",
     "To deliver to example.com", "At once, at a host that its MX records name; here only with a login."),
    (RELAY, (), {"before": offering("AUTH PLAIN")}, CONFIRMED, "This server", "To send elsewhere through this", "No, until"),
    (UNDELIVERABLE, (mx("mx", "forward-path"),), {"address": "192.0.2.25"}, CONFIRMED, "example.com accepts mail at",
     "Connect to mx0.example.com", "At once, at a host that the domain's MX records name."),
    # Before DATA nothing is about a message.
    (DBL, (ON_DBL,), {}, CONFIRMED, "example.org is in dbl.example", "Clean up what got example.org",
     "No, until the domain is off the list, or with another reverse-path."),
    (DBL, (ON_DBL, mx("nxdomain")), {}, CONFIRMED, "example.org is in dbl.example",
     "example.org does not exist: use a reverse-path in a domain of your own.", "At once, under another reverse-path."),
    (DBL, (ON_DBL,), {"envelope": by("alice@example.net")}, CONFIRMED, "example.org is in", "Clean up",
     "No, until the domain is off the list."),
    (DBL, (ON_DBL,), {"phase": Phase.MESSAGE}, CONFIRMED, "example.org is in", "Clean up",
     "No, until the domain is off the list, or out of the message."),
    (SPAM, (), {}, STATED, "Refused before any message was sent: this judges the client IP or the sender, not the content",
     f"Look {IP} up", "Not before something about the client IP or the sender"),
    (SPAM, (listed(DnsblStatus.NOT_LISTED), iprev(PERM)), {}, STATED, "Refused before any", f"Set the PTR record of {IP}",
     "Not before"),
    (SPAM, (), {"phase": Phase.MESSAGE}, STATED, None, "Send a plain short text", "Only after a change"),
    (DMARC, (dmarc(PASS, "reverse-path"),), {}, STATED, "The server says that example.org fails DMARC; here it passes by SPF",
     "See why the rule answers before DATA", "Once they have looked."),
    (DMARC, (dmarc(PASS, "reverse-path"),), {"phase": Phase.MESSAGE}, STATED, "Judged without the message",
     "Look at the From header", "Once the check passes"),
    # A HELO name that is refused by a rule, and one that is not named.
    (BANNED, (iprev(PASS, helo="nxdomain"),), {}, STATED,
     "The HELO name is not accepted; client.example.org has no address (looked up just now)", "Replace the HELO name client",
     "With another name."),
    (BANNED, (), {}, STATED, None, "Replace the HELO name client", "With another name."),
    (BANNED.replace("Access denied", "Host not found"), (iprev(PASS, helo="nxdomain"),), {}, CONFIRMED,
     "The HELO name client.example.org does not exist", "Give client.example.org an address",
     "With another name, or once this one has an address"),
    ("550 Administrative prohibition", (), {"phase": Phase.EHLO}, STATED,
     "The server refuses at EHLO and gives no reason: the HELO name, or the client IP", "Replace the HELO name",
     "With another name; if that is refused too, from another client IP."),
    ("550 HELO client.example.org is not yours", (), {"phase": Phase.EHLO}, STATED, None, "Replace the", "With another name."),
    (NULL_MX, (mx("null-mx"),), {}, CONFIRMED, "example.org says in DNS", "Replace the null MX of example.org",
     "Once the null MX is replaced and its TTL has passed."),
    (OWNED, (), {"before": offering("AUTH PLAIN", logged_in=True)}, STATED, "bob@example.org may not send as alice@example.org",
     "Set MAIL FROM", "No, until sender and login agree."),
    (OWNED, (), {}, STATED, None, "Set MAIL FROM", "No, until sender and login agree."),
    # A list that refuses questions, one that is broken, one that is clean.
    (f"{LISTED}; 127.255.255.254", (listed(DnsblStatus.QUERY_REFUSED),), {}, CONTRADICTED, "Not your fault",
     "Correct the server's lookup", "Once their postmaster has corrected the lookup"),
    (LISTED, (listed(DnsblStatus.BROKEN_ZONE, dead=True),), {}, CONTRADICTED, "Not your fault", "Take ",
     "Once their postmaster has stopped using the list"),
    (LISTED, (listed(DnsblStatus.NOT_LISTED),), {}, CONTRADICTED, "Not your fault", "Check the server's cache",
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
     "Not until the domain exists"),
    (SENDER_450, (mx("nothing"),), {}, CONFIRMED, "example.org has neither", "Publish an MX", "Once DNS has been fixed"),
    (SENDER_450, (mx("temperror"),), {}, CONFIRMED, "The name servers of example.org give no answer",
     "If example.org is yours, fix its name servers or its DNSSEC signatures", "Yes, once the lookup of the domain succeeds"),
    (SENDER_450, (), {}, STATED, None, "Publish an MX", "Leave it queued for an hour; if it persists, fix DNS."),
    (PTR_450, (iprev(FAIL),), {"lookups": (
        DnsLookup(name="client.example.org", type="A", status=DnsStatus.ANSWER, records=("192.31.196.99",)),
     )}, CONFIRMED, f"{IP} has the PTR client.example.org, which resolves to 192.31.196.99, not to {IP}", "Give client.example",
     "Once the PTR record and its name agree"),
    (PTR_450, (iprev(FAIL),), {}, CONFIRMED, f"{IP} has the PTR client.example.org, which does not resolve back to it",
     "Give client.example", "Once the PTR record and its name agree"),
    (PTR_450, (iprev(PERM),), {}, CONFIRMED, f"{IP} has no PTR record", "Set the PTR", "Once the PTR record exists"),
    (PTR_450, (iprev(TEMP),), {}, CONFIRMED, "The reverse DNS of", "", "For a few hours: the lookup failed here too"),
    (SPF.replace("550 5", "450 4"), (spf(FAIL),), {}, CONFIRMED, "example.org does not allow", "If ", "Once SPF passes"),
    # Ports for submission.
    (DENIED, (mx("mx", "forward-path"),), {"before": offering("AUTH PLAIN")}, Confidence.SUPPORTED,
     "The server offers AUTH PLAIN and you had not logged in; submission ports typically refuse this way", "Log in", "Yes"),
    # Who is refused, and who can do something.
    (UNVERIFIED, (mx("mx"),), {}, STATED, "The sender alice@example.org is refused, not the recipient",
     "Check that the sender's own address can be reached", "Once a mail server of its domain accepts the address"),
    (UNVERIFIED, (), {}, STATED, "The sender alice@example.org is refused, not the recipient", "Check that the sender",
     "Once a mail server of its domain accepts the address"),
    (SHUTTING_DOWN, (), {}, STATED, "The server is shutting down", "Try the domain's other MX", "Yes: after a few"),
    (SENDER_RATE, (), {}, STATED, "The server limits how many messages alice@example.org may send",
     "Send fewer messages", "Yes: after an hour"),
    (TOO_LARGE, (), {"before": offering("SIZE 1000")}, CONFIRMED, "The server takes at most 1000 octets", "Keep", "Only"),
    (FULL, (), {}, STATED, None, "Tell the recipient", "Only once the recipient has made room; then send the refused"),
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
        (SHUTTING_DOWN, (), {}, "Wait"),
        (DBL, (ON_DBL,), {}, "links"),
        (DBL, (ON_DBL, mx("nxdomain")), {}, "Clean up"),
        (DBL, (ON_DBL, mx("nxdomain")), {}, "not listed"),
        (DBL, (ON_DBL,), {"envelope": by("alice@example.net")}, "reverse-path"),
        (SPAM, (), {}, "plain short text"),
        (SPAM, (listed(DnsblStatus.NOT_LISTED),), {}, "DNSBLs"),
        (DMARC, (dmarc(PASS, "reverse-path"),), {}, "From"),
        (BANNED, (iprev(PASS, helo="nxdomain"),), {}, "address record"),
        (RELAY, (mx("nxdomain", "forward-path"),), {}, "log in"),
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
            "The SPF record of example.org cannot be evaluated: example.org includes itself, via b.example",
            "example.org includes b.example, which includes example.org: remove one of the two.",
        ),
        (
            exhausted(looping("example.org", "example.org", "example.org")),
            "The SPF record of example.org cannot be evaluated: example.org includes itself",
            "Remove include:example.org from the SPF record of example.org.",
        ),
    ],
)
def test_an_spf_record_with_too_many_lookups_is_told_what_to_remove(evidence, statement, advice):
    best = verdict(SPF.replace("7.23", "7.24"), evidence).causes[0]
    assert best.statement == statement
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


@pytest.mark.parametrize(
    ("source", "edit", "why"),
    [
        (IpSource.REPLY, SpfEdit(domain="example.org", reason="nobody sees it"), "because 127.0.0.1 is not a global address."),
        (IpSource.OPTION, SpfEdit(domain="example.org", reason="nobody sees it"), "because nobody sees it."),
        (IpSource.REPLY, None, "because 127.0.0.1 is not a global address."),
        (IpSource.OPTION, None, "because 127.0.0.1 is not a global address."),
    ],
)  # fmt: skip
def test_an_address_that_is_not_global_is_never_to_be_published(source, edit, why):
    evidence = msgspec.structs.replace(spf(FAIL), client_ip="127.0.0.1", edit=edit)
    actions = [each.action for each in verdict(SPF, evidence, client_ip="127.0.0.1", source=source).causes[0].remedies]
    assert actions[0].startswith("Send through a host")
    assert actions[0].endswith(why)
    assert not any("add it" in each for each in actions)
    assert any("NAT may hide" in each for each in actions) is (source is IpSource.REPLY)
    assert not any("add it" in each.action for each in verdict(SPF, client_ip="127.0.0.1").causes[0].remedies)


def judged(result: AuthResult, record: str, mechanism: str | None, edit: SpfEdit, **fields):
    """SPF evidence of such a record, with the change that is advised or not."""
    evidence = spf(result)
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, record=record, mechanism=mechanism, **fields)
    return msgspec.structs.replace(evidence, identities=SpfIdentities(evidence.identities.helo, mailfrom), edit=edit)


def changed(record: str, mechanism: str) -> SpfEdit:
    return SpfEdit(domain="example.org", record=record, strings=(f'"{record}"',), result=PASS, mechanism=mechanism)


@pytest.mark.parametrize("term", ["-all", "~all", "?all"])
def test_an_all_that_stands_too_early_is_what_is_wrong(term):
    edit = changed(f"v=spf1 ip4:{IP} {term}", f"ip4:{IP}")
    result = {"-all": FAIL, "~all": AuthResult.SOFTFAIL, "?all": AuthResult.NEUTRAL}[term]
    best = verdict("550 5.7.1 SPF did not pass", judged(result, f"v=spf1 {term} ip4:{IP}", term, edit)).causes[0]
    said = f"{term} comes before ip4:{IP} in the SPF record of example.org, so that term is never reached"
    assert best.statement == said
    assert [each.action for each in best.remedies] == [f"Move {term} to the end."]
    assert best.remedies[0].paste == f'example.org. TXT "v=spf1 ip4:{IP} {term}"'


def test_an_all_is_not_too_early_where_more_has_to_change():
    evidence = judged(FAIL, "v=spf1 -all mx", "-all", changed(f"v=spf1 ip4:{IP} -all mx", f"ip4:{IP}"))
    best = verdict(SPF, evidence).causes[0]
    assert best.statement == f"example.org does not allow {IP} (-all)"
    assert best.remedies[0].action.startswith(f"If {IP} is meant to send")


@pytest.mark.parametrize(
    ("edit", "second"),
    [
        (SpfEdit(domain="example.org", reason="it is so", result=FAIL, mechanism="-all"),
         f"Even then -all refuses {IP}, and adding it is not advised: it is so."),
        (SpfEdit(domain="example.org", reason="it is so", result=AuthResult.SOFTFAIL, mechanism="~all"), None),
        (SpfEdit(domain="example.org", reason="it is so"), None),
        (changed(f"v=spf1 ip4:{IP} -all", f"ip4:{IP}"),
         f"Correct the SPF record of example.org, for example like this; ip4:{IP} is in it for this host, if it is meant"),
        (changed("v=spf1 mx -all", "mx"), "Correct the SPF record of example.org, for example like this."),
    ],
)  # fmt: skip
def test_what_a_mended_record_still_refuses_is_said(edit, second):
    evidence = exhausted(looping("example.org", "example.org", "example.org"))
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, record="v=spf1 include:example.org mx -all")
    identities = SpfIdentities(evidence.identities.helo, mailfrom)
    evidence = msgspec.structs.replace(evidence, identities=identities, edit=edit)
    first, *others = verdict(SPF.replace("7.23", "7.24"), evidence).causes[0].remedies
    assert first.action == "Remove include:example.org from the SPF record of example.org."
    assert [each.action[: len(second)] for each in others] == ([second] if second else [])


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


def test_a_listed_domain_that_does_not_exist_is_told_once():
    found = verdict(DBL, ON_DBL, mx("nxdomain")).causes
    assert [each.id for each in found] == ["domain-blocklisted"]
    assert found[0].checks == (0, 1)
    assert "example.org does not exist in DNS" in [each.text for each in found[0].because]


def answered(line: str) -> Exchange:
    return Exchange(index=1, phase=Phase.EHLO, sent="EHLO x", reply=parse_reply(f"250 {line}\r\n".encode()))


@pytest.mark.parametrize(
    ("name", "ehlo", "advised"),
    [("own.example.org", "mx.example.com", True), ("mx.example.com", "other.example.com", False),
     ("Other.example.com", "other.example.com ready", False)],
)  # fmt: skip
def test_the_servers_own_name_is_not_advised_as_helo_name(name, ehlo, advised):
    evidence = msgspec.structs.replace(iprev(PASS, helo="nxdomain"), names=(name,), confirmed=(name,))
    actions = [each.action for each in verdict(BANNED, evidence, before=(answered(ehlo),)).causes[0].remedies]
    assert any(each.startswith(f"Use {name} as the HELO name") for each in actions) is advised
