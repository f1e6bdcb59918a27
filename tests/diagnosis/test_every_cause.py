"""Every cause with every state of the evidence: something to do, nothing unfilled, nothing that is in order already."""

from __future__ import annotations

import re

import msgspec
import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.model import names
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import SpfEdit
from smtpprobe.model.login.secret import PasswordRecord, PasswordSource
from smtpprobe.model.report import Confidence, Failed, SkipKind, Skipped
from smtpprobe.model.transcript import Exchange, Phase
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import IP, ZONE, dkim, dmarc, iprev, listed, mx, spf, verdict

PASS, FAIL, TEMP, PERM = AuthResult.PASS, AuthResult.FAIL, AuthResult.TEMPERROR, AuthResult.PERMERROR
CHECKS = ("dnsbl", "spf", "dkim", "dmarc", "iprev", "mx")
ZONES_DOMAIN = {"zone": "dbl.example", "name": "dbl.example", "subject": "example.org"}
# A reply that states the cause, and where it is given.
REPLIES = {
    "recipient-unknown": ("550 5.1.1 <bob@example.com>: no such user", Phase.RCPT),
    "recipient-inactive": ("550 5.2.1 The mailbox is disabled", Phase.RCPT),
    "mailbox-full": ("552 5.2.2 mailbox full", Phase.RCPT),
    "recipient-restricted": ("550 5.7.1 This mailbox only accepts mail from internal senders", Phase.RCPT),
    "recipient-rate-limited": ("450 4.2.1 The user is receiving mail too quickly", Phase.RCPT),
    "domain-undeliverable": ("550 5.1.2 <bob@example.com>: Recipient address rejected: Domain not found", Phase.RCPT),
    "address-syntax": ("501 5.1.7 Bad sender address syntax", Phase.MAIL),
    "sender-domain-invalid": ("550 5.1.8 <alice@example.org>: Sender address rejected: Domain not found", Phase.RCPT),
    "sender-blocked": ("550 5.7.1 Sender is on our local blacklist", Phase.MAIL),
    "sender-not-permitted": ("553 5.7.1 Sender address rejected: not owned by user alice", Phase.MAIL),
    "sender-account-limited": ("550 5.4.6 Your sending account has exceeded its daily sending quota", Phase.MAIL),
    "email-auth-failed": ("550 5.7.23 SPF validation failed for example.org", Phase.RCPT),
    "reverse-dns": (f"550 5.7.25 Client host rejected: cannot find your hostname, [{IP}]", Phase.RCPT),
    "helo-rejected": ("550 5.7.1 <client.example.org>: Helo command rejected: Host not found", Phase.RCPT),
    "ip-blocklisted": (f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}", Phase.RCPT),
    "domain-blocklisted": (
        "554 5.7.1 Service unavailable; Sender address [alice@example.org] blocked using dbl.example",
        Phase.RCPT,
    ),
    "poor-reputation": ("550 5.7.1 Message refused due to low sender reputation", Phase.RCPT),
    "policy-rejected": ("550 5.7.1 Rejected by local policy", Phase.RCPT),
    "spam-content": ("554 5.7.1 Message rejected as spam", Phase.MESSAGE),
    "malware-or-attachment": ("554 5.7.1 Virus found in the message", Phase.MESSAGE),
    "content-malformed": ("550 5.6.0 Message has no From header", Phase.MESSAGE),
    "message-too-large": ("552 5.3.4 Message size exceeds fixed limit", Phase.MAIL),
    "greylisted": ("450 4.2.0 Greylisted", Phase.RCPT),
    "rate-limited": ("421 4.7.0 Too many connections from your host", Phase.GREETING),
    "too-many-recipients": ("452 4.5.3 Too many recipients", Phase.RCPT),
    "server-temporary": ("451 4.3.0 Temporary server error, disk full", Phase.RCPT),
    "server-misconfigured": ("554 5.3.5 server configuration error", Phase.MAIL),
    "mail-loop": ("554 5.4.6 Too many hops, mail loop detected", Phase.MESSAGE),
    "relay-denied": ("554 5.7.1 <bob@example.com>: Relay access denied", Phase.RCPT),
    "auth-required": ("530 5.7.0 Authentication required", Phase.MAIL),
    "auth-failed": ("535 5.7.8 Error: authentication failed", Phase.AUTH),
    "auth-method-blocked": ("534 5.7.9 Application-specific password required", Phase.AUTH),
    "tls-required": ("530 5.7.0 Must issue a STARTTLS command first", Phase.MAIL),
    "tls-failed": ("454 4.7.0 TLS not available due to local problem", Phase.STARTTLS),
    "protocol-error": ("503 5.5.1 Bad sequence of commands", Phase.RCPT),
}


def domains(status: str, *problems: str | None) -> MxEvidence:
    """What DNS says of both domains of the envelope."""
    both = [mx(status, role, *problems).domains[0] for role in ("reverse-path", "forward-path")]
    return MxEvidence(tuple(both), ())


def everything(result, listing, status, helo, **fields):
    evidence = (spf(result), dmarc(result), dkim(result), iprev(result, helo=helo), domains(status))
    return (listed(listing, **fields), *evidence)


STATES = {
    "in order": everything(PASS, DnsblStatus.NOT_LISTED, "mx", "answer"),
    "in order, on a domain list": everything(PASS, DnsblStatus.NOT_LISTED, "mx", "answer", **ZONES_DOMAIN),
    "broken": everything(FAIL, DnsblStatus.LISTED, "nxdomain", "nxdomain", tier=1),
    "broken, on a domain list": everything(FAIL, DnsblStatus.LISTED, "nothing", "nodata", tier=1, **ZONES_DOMAIN),
    "without records": everything(PERM, DnsblStatus.BROKEN_ZONE, "null-mx", "nodata"),
    "temperror": everything(TEMP, DnsblStatus.NO_ANSWER, "temperror", "servfail"),
    "our question refused": everything(TEMP, DnsblStatus.QUERY_REFUSED, "temperror", "timeout"),
    "not run": (),
    "not applicable": tuple(
        Skipped(check=each, kind=SkipKind.NOT_APPLICABLE, reason="it has nothing to say", transcript=0)
        for each in CHECKS
    ),
    "not finished": tuple(Failed(check=each, reason="the deadline passed", transcript=0) for each in CHECKS),
}
# What would be asked for though evidence shows it in order.
DONE = re.compile(
    r"publish an? (?:mx|spf|a or|address)|set the ptr|address record|add it|correct the (?:spf|dkim|mx)|ask for removal"
    r"|repair the name servers|make spf|check the spelling|null mx|dkim, d=",
    re.IGNORECASE,
)


def test_the_table_has_every_cause_that_a_reply_can_have():
    assert set(REPLIES) == {cause for cause, entry in causes().items() if entry.by_reply}
    for cause, (reply, phase) in REPLIES.items():
        assert verdict(reply, phase=phase).causes[0].id == cause


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("cause", REPLIES)
def test_there_is_something_to_do_and_nothing_is_left_to_fill_in(cause, state):
    reply, phase = REPLIES[cause]
    for client_ip in (IP, None):
        for found in verdict(reply, *STATES[state], phase=phase, client_ip=client_ip).causes:
            assert found.remedies, (found.id, client_ip)
            texts = [f"{each.action} {each.verify} {each.paste}" for each in found.remedies] + [found.statement or ""]
            assert not re.search(r"[{}]|\(\)|: [.,;]|  ", " ".join(texts)), texts
            actions = [each.action for each in found.remedies]
            assert len({*actions}) == len(actions)
            assert found.statement is None or found.statement[-1] not in ".:"
            if found.confidence is Confidence.CONTRADICTED:
                assert found.statement.startswith("Not your fault: ")
                assert found.retry


@pytest.mark.parametrize("state", ["in order", "in order, on a domain list"])
@pytest.mark.parametrize("cause", REPLIES)
def test_nothing_is_asked_for_that_is_in_order(cause, state):
    reply, phase = REPLIES[cause]
    for found in verdict(reply, *STATES[state], phase=phase).causes:
        # What no evidence was found about may still be advised.
        unknown = found.id.endswith("blocklisted") and found.confidence is not Confidence.CONTRADICTED
        actions = [each.action for each in found.remedies if DONE.search(each.action)]
        assert actions == [] or unknown, actions


SPF, REVERSE, HELO, SENDER, LISTED, DOMAIN = (
    REPLIES[each][0]
    for each in (
        "email-auth-failed",
        "reverse-dns",
        "helo-rejected",
        "sender-domain-invalid",
        "ip-blocklisted",
        "domain-blocklisted",
    )
)
UNDELIVERABLE, RELAY = REPLIES["domain-undeliverable"][0], REPLIES["relay-denied"][0]
DKIM, DMARC = "550 5.7.20 No passing DKIM signature", "550 5.7.1 rejected by the DMARC policy of example.org"


@pytest.mark.parametrize(
    ("reply", "evidence", "statement", "advice"),
    [
        (SPF, spf(FAIL), f"example.org does not allow {IP} (-all)", ["If {ip} is meant to send", "If it is not"]),
        (SPF, spf(AuthResult.SOFTFAIL), f"example.org says that {IP} is probably", ["If {ip} is meant", "If it is not"]),
        (SPF, spf(PASS, FAIL), f"client.example.org does not allow {IP}", ["Use this host's own", "If {ip} is meant"]),
        (SPF, spf(PERM), "The SPF record of example.org cannot", ["Correct the SPF record of example.org"]),
        (SPF, spf(PASS), f"Not your fault: example.org allows {IP}", ["Find out which address", "Look up in the server's"]),
        (DKIM, dkim(FAIL), "The DKIM signature of d0.example.org does not", ["Correct the DKIM signature of d0.example"]),
        (DKIM, dkim(PASS), "Not your fault: the DKIM signature", ["Check whether something changed", "Look up in the server's"]),
        (DMARC, dmarc(FAIL), "Neither SPF nor DKIM passes for example.org", ["Sign the message with DKIM as d=example.org"]),
        (DMARC, dmarc(PASS), "Not your fault: the message passes DMARC", ["Find out which address", "Look up in the server's"]),
        (DMARC, dmarc(PASS, "reverse-path"), "Judged without the message", ["Look at the From header"]),
        (REVERSE, iprev(PERM), f"{IP} has no PTR record", ["Set the PTR record of {ip} to your mail host's name"]),
        (REVERSE, iprev(FAIL), f"{IP} has the PTR client.example.org", ["Give client.example.org", "Or set the PTR record"]),
        (REVERSE, iprev(TEMP), f"The reverse DNS of {IP} cannot", ["Have the name servers that answer", "If it fails"]),
        (REVERSE, iprev(PASS), f"Not your fault: {IP} is client.example.org", ["Check the server's resolver", "Try again when"]),
        (HELO, iprev(PASS, helo="nxdomain"), "The HELO name client.example.org does not", ["Give client.example.org"]),
        (HELO, iprev(PASS), "Not your fault: the HELO name client.example", ["Check the server's resolver", "Try again when"]),
        (SENDER, mx("nxdomain"), "example.org does not exist", ["Use a reverse-path whose domain exists", "If example.org"]),
        (SENDER, mx("nothing"), "example.org has neither MX nor address records", ["Publish an MX record", "Or use a"]),
        (SENDER, mx("null-mx"), "example.org says in DNS that it accepts no mail", ["Replace the null MX", "Or use a"]),
        (SENDER, mx("temperror"), "The name servers of example.org give no", ["If example.org is yours, fix its", "Leave"]),
        (SENDER, mx("mx"), "Not your fault: example.org accepts mail at", ["Check the server's resolver", "Try again later"]),
        (UNDELIVERABLE, mx("nxdomain", "forward-path"), "example.com does not exist", ["Check the spelling of example.com"]),
        (UNDELIVERABLE, mx("null-mx", "forward-path"), "example.com says in DNS", ["Nothing can be corrected on your side"]),
        (UNDELIVERABLE, mx("mx", "forward-path"), "Not your fault: example.com accepts mail", ["Add example.com", "Tell their"]),
        (RELAY, mx("nxdomain", "forward-path"), "The server does not relay for example.com", ["Check the spelling of example"]),
        (LISTED, listed(), f"{IP} is in {ZONE} (127.0.0.2), looked", ["Find and stop what got {ip} listed", "If this is"]),
        (LISTED, listed(codes=("127.0.0.11",)), f"{IP} is in {ZONE}: an end-user range", ["Send through your"]),
        (LISTED, listed(DnsblStatus.NOT_LISTED), f"Not your fault: {ZONE} does not list", ["Check the server's", "Tell their"]),
        (LISTED, listed(DnsblStatus.NO_ANSWER), f"{ZONE} gives no answer", ["Make sure that {ip}", "Find and stop"]),
        (DOMAIN, listed(**ZONES_DOMAIN), "example.org is in dbl.example", ["Clean up what got example.org", "Or send with"]),
    ],
)  # fmt: skip
def test_one_fault_that_is_known_is_what_is_said_and_treated(reply, evidence, statement, advice):
    phase = Phase.MESSAGE if reply in (DKIM, DMARC) else Phase.RCPT
    best = verdict(reply, evidence, phase=phase).causes[0]
    assert best.statement.startswith(statement)
    wanted = [each.format(ip=IP) for each in advice]
    assert [each.action[: len(text)] for each, text in zip(best.remedies, wanted, strict=False)] == wanted


def offering(*lines: str, logged_in: bool = False, over_tls: bool = False) -> tuple[Exchange, ...]:
    """What was said after the greeting: an EHLO with this answer, and perhaps a login."""
    answer = "".join(f"250-{line}\r\n" for line in ("mx.example.com", *lines)) + "250 HELP\r\n"
    hello = Exchange(index=1, phase=Phase.EHLO, sent="EHLO x", reply=parse_reply(answer.encode()), over_tls=over_tls)
    login = Exchange(index=2, phase=Phase.AUTH, sent="AUTH PLAIN", reply=parse_reply(b"235 Ok\r\n"), over_tls=over_tls)
    return (hello, login) if logged_in else (hello,)


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize("logged_in", [False, True])
@pytest.mark.parametrize(
    "lines",
    [(), ("STARTTLS",), ("AUTH PLAIN LOGIN", "SIZE 1000"), ("AUTH NTLM",), ("STARTTLS", "AUTH PLAIN", "SIZE 0")],
)
@pytest.mark.parametrize("cause", REPLIES)
def test_there_is_something_to_do_on_every_channel(cause, lines, logged_in, over_tls):
    reply, phase = REPLIES[cause]
    before = offering(*lines, logged_in=logged_in, over_tls=over_tls)
    found = verdict(reply, *STATES["in order"], phase=phase, before=before, over_tls=over_tls)
    best = found.causes[0]
    assert best.remedies
    actions = " ".join(each.action for each in best.remedies)
    assert "{" not in actions
    if best.confidence is Confidence.CONTRADICTED:
        assert best.statement.startswith("Not your fault: ")
    if logged_in:
        assert not re.search(r"\blog in(?: first)?[:;]", actions), actions
    if "STARTTLS" in lines or over_tls:
        assert not re.search(r"firewall that inspects SMTP", actions), actions
    if any(line.startswith("AUTH") for line in lines):
        assert not re.search(r"whether EHLO offers|offers no AUTH", actions), actions


def told(ascii_only: bool, blank: bool, variable: bool = False) -> PasswordRecord:
    return PasswordRecord(source=PasswordSource.FILE, ascii=ascii_only, blank_at_end=blank, names_variable=variable)


@pytest.mark.parametrize(
    ("reply", "phase", "sent", "password", "advice"),
    [
        ("535 5.7.8 no", Phase.AUTH, "AUTH PLAIN", told(True, False), "Try the same user"),
        ("535 5.7.8 no", Phase.AUTH, "AUTH PLAIN", told(False, False), "The password has"),
        ("535 5.7.8 no", Phase.AUTH, "AUTH PLAIN", told(True, True), "The password begins"),
        ("535 5.7.8 no", Phase.AUTH, "AUTH PLAIN", told(True, False, True), "The password reads like"),
        ("535 5.7.8 no", Phase.AUTH, "AUTH XOAUTH2", None, "Get a fresh access token"),
        ("454 4.7.0 Temporary authentication failure", Phase.AUTH, "AUTH PLAIN", None, "Try the login once more"),
    ],
)  # fmt: skip
def test_a_login_is_advised_by_what_was_used(reply, phase, sent, password, advice):
    best = verdict(reply, phase=phase, sent=sent, password=password).causes[0]
    assert best.remedies[0].action.startswith(advice)


@pytest.mark.parametrize(("ip", "advised"), [(IP, False), ("2001:4860:4860::8888", True)])
def test_ipv4_is_advised_only_to_whom_ipv6_fails(ip, advised):
    evidence = msgspec.structs.replace(iprev(PERM), client_ip=ip)
    reply = f"550 5.7.25 Client host rejected: cannot find your hostname, [{ip}]"
    best = verdict(reply, evidence, client_ip=ip).causes[0]
    assert any("IPv4" in each.action for each in best.remedies) is advised


@pytest.mark.parametrize(
    ("helo", "record"),
    [("answer", f"{names.reverse_name(IP)}. PTR client.example.org."), ("nxdomain", None)],
)
def test_a_record_to_paste_is_one_that_is_known(helo, record):
    best = verdict(REVERSE, iprev(PERM, helo=helo)).causes[0]
    assert best.remedies[0].paste == record


def test_the_computed_spf_record_is_what_is_pasted():
    edit = SpfEdit(domain="example.org", record="v=spf1 ip4:192.0.2.1 -all", strings=('"v=spf1 ip4:192.0.2.1 -all"',))
    advised = verdict(SPF, msgspec.structs.replace(spf(FAIL), edit=edit)).causes[0].remedies
    assert advised[0].action == f"If {IP} is meant to send for example.org: publish this SPF record."
    assert advised[0].paste == 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'
    refused = SpfEdit(domain="example.org", reason="it is an end-user range")
    (only,) = verdict(SPF, msgspec.structs.replace(spf(FAIL), edit=refused)).causes[0].remedies
    assert only.action.endswith("No SPF change is suggested, because it is an end-user range.")
    assert only.paste is None
