"""Replies in our own words, to their causes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.catalogue import load
from smtpprobe.catalogue.causes import causes, remedies
from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.reading import Sureness
from smtpprobe.catalogue.providers import host_provider, identify_server
from smtpprobe.model.remedy import Actor
from smtpprobe.model.transcript import Phase

# reply, phase, cause, said
REPLIES = [
    ("550 5.1.1 <jane@example.com>: nobody here has that user name; user unknown", "rcpt", "recipient-unknown", True),
    ("550 There is no such mailbox at example.com", None, "recipient-unknown", True),
    ("553 Unknown recipient jane@example.com", "rcpt", "recipient-unknown", True),
    ("550 Unrouteable mail address", "rcpt", "domain-undeliverable", True),
    ("550 Empfänger unbekannt", "rcpt", "recipient-unknown", True),
    ("550 El destinatario no existe", "rcpt", "recipient-unknown", True),
    ("550 Le destinataire est inconnu", "rcpt", "recipient-unknown", True),
    ("550 Usuário desconhecido", None, "recipient-unknown", True),
    ("550 l'utente non esiste", None, "recipient-unknown", True),
    ("550 收件人不存在", "rcpt", "recipient-unknown", True),
    ("550 5.1.1 x", "rcpt", "recipient-unknown", True),
    ("550 x", "rcpt", "recipient-unknown", False),
    ("550 5.2.1 The mailbox of jane is disabled", "rcpt", "recipient-inactive", True),
    ("554 That account was suspended last year", "rcpt", "recipient-inactive", True),
    ("550 5.1.6 jane is no longer with our company", None, "recipient-inactive", True),
    ("552 5.2.2 The mailbox of jane is over quota", "rcpt", "mailbox-full", True),
    ("452 4.2.2 Inbox full, come back when it is not", "message", "mailbox-full", True),
    ("552 Das Postfach ist voll", None, "mailbox-full", True),
    ("550 This list only accepts messages from subscribers", "rcpt", "recipient-restricted", True),
    ("550 5.7.133 Sender not authenticated for this group", "rcpt", "recipient-restricted", True),
    ("450 4.2.1 This user is receiving mail at too high a rate", "rcpt", "recipient-rate-limited", True),
    ("556 5.1.10 The domain has a null MX", "rcpt", "domain-undeliverable", True),
    ("550 Host unknown: mx.example.invalid", None, "domain-undeliverable", True),
    ("504 5.5.2 <jane>: Recipient address rejected: need fully-qualified address", "rcpt", "address-syntax", True),
    ("501 Malformed address after MAIL FROM", "mail", "address-syntax", True),
    ("553 Domain of sender address a@nx.example does not exist", "mail", "sender-domain-invalid", True),
    (
        "450 4.1.8 <a@nx.example>: Sender address rejected: its domain was not found",
        "rcpt",
        "sender-domain-invalid",
        True,
    ),
    ("550-Verification failed for <a@nx.example>\n550 Sender verify failed", "rcpt", "sender-domain-invalid", True),
    ("554 5.7.1 <a@example.org>: Sender address rejected: Access denied", "rcpt", "sender-blocked", True),
    ("550 this sender is banned", "mail", "sender-blocked", True),
    ("553 5.7.1 <a@example.org>: Sender address rejected: not owned by user b", "rcpt", "sender-not-permitted", True),
    ("550 5.7.60 may not send as this sender", "mail", "sender-not-permitted", True),
    ("550 5.4.5 Your daily sending quota is used up - gsmtp", "message", "sender-account-limited", True),
    ("535 5.7.8 Your account is locked", "auth", "sender-account-limited", True),
    ("550 5.7.26 Neither SPF nor DKIM did pass for example.org", "message", "email-auth-failed", True),
    ("550 5.7.1 refused by the DMARC policy of example.org", "message", "email-auth-failed", True),
    ("550 5.7.509 sending domain example.org fails", "message", "email-auth-failed", True),
    ("550 5.7.23 x", "message", "email-auth-failed", True),
    ("450 4.7.25 Client host rejected: we cannot find your hostname for [192.0.2.7]", "rcpt", "reverse-dns", True),
    ("554 192.0.2.7 has no reverse DNS", "greeting", "reverse-dns", True),
    ("554 Bad PTR record", "greeting", "reverse-dns", True),
    ("504 5.5.2 <box>: Helo command rejected: give a fully-qualified hostname", "rcpt", "helo-rejected", True),
    ("550 EHLO name not acceptable", "ehlo", "helo-rejected", True),
    ("550 Administrative prohibition", "ehlo", "helo-rejected", True),
    ("501 5.5.4 That is an invalid domain name", "ehlo", "helo-rejected", True),
    ("554 Client host [192.0.2.7] blocked using zen.spamhaus.org", "rcpt", "ip-blocklisted", True),
    ("550 192.0.2.7 is in a black list at bl.example.net", "rcpt", "ip-blocklisted", True),
    ("550 5.7.606 x", "rcpt", "ip-blocklisted", True),
    ("554 Your address range is dynamic and may not send", "greeting", "ip-blocklisted", True),
    ("554 Sender address [x@example.org] blocked using dbl.spamhaus.org", "rcpt", "domain-blocklisted", True),
    ("550 A link in the message is blacklisted", "message", "domain-blocklisted", True),
    ("554 refused for the sending server's bad reputation", "greeting", "poor-reputation", True),
    ("421 4.7.0 deferred, users complain: complaint rate too high", "mail", "poor-reputation", True),
    ("550 Refused by local policy", "rcpt", "policy-rejected", True),
    ("554 no SMTP service for you", "greeting", "policy-rejected", True),
    ("550 Mail from this country is refused", "rcpt", "policy-rejected", True),
    ("550 Message content rejected: looks like spam", "message", "spam-content", True),
    ("554 High spam score", "message", "spam-content", True),
    ("550 Nachricht als Spam eingestuft", "message", "spam-content", True),
    ("552 A virus was found in the message", "message", "malware-or-attachment", True),
    ("550 Attachments of type exe are not allowed", "message", "malware-or-attachment", True),
    ("521 5.5.2 Error: bare <LF> received", "message", "content-malformed", True),
    ("550 Message has no From header", "message", "content-malformed", True),
    ("552 5.3.4 Message size exceeds fixed limit", "mail", "message-too-large", True),
    ("552 Your message is too large", "message", "message-too-large", True),
    ("450 4.2.0 <jane@example.com>: Recipient address rejected: Greylisted", "rcpt", "greylisted", True),
    ("451 Please try again in 5 minutes", "rcpt", "greylisted", False),
    ("421 Too many concurrent connections from your host", "greeting", "rate-limited", True),
    ("450 4.7.1 Slow down, rate limit exceeded", "mail", "rate-limited", True),
    ("421 4.7.0 too many errors from you, goodbye", "rcpt", "rate-limited", True),
    ("452 4.5.3 There are too many recipients in one transaction", "rcpt", "too-many-recipients", True),
    ("421 The server is shutting down", "greeting", "server-temporary", True),
    ("451 4.3.0 Temporary lookup failure", "rcpt", "server-temporary", True),
    ("452 4.3.1 Insufficient system storage", "mail", "server-temporary", True),
    ("451 4.3.5 The server has a configuration error", "rcpt", "server-misconfigured", True),
    ("554 5.4.6 Too many hops on the way here", "message", "mail-loop", True),
    ("554 5.7.1 <jane@example.net>: relay access is denied to you", "rcpt", "relay-denied", True),
    ("550 This host will not relay to example.net", "rcpt", "relay-denied", True),
    ("454 4.7.1 relay refused", "rcpt", "relay-denied", True),
    ("530 5.7.0 Authentication is required on this port", "mail", "auth-required", True),
    ("550 Please log in before sending", "mail", "auth-required", True),
    ("550 5.7.1 You must use our submission server on port 587", "rcpt", "auth-required", True),
    ("554 Clients have to connect to port 587", "rcpt", "auth-required", True),
    ("550 Please submit your mail through port 465", "mail", "auth-required", True),
    ("550 5.7.1 Use the submission service for outgoing mail", "rcpt", "auth-required", True),
    ("550 Send your mail through your company's smarthost", "rcpt", "policy-rejected", True),
    ("550 5.7.1 Mail from your network is refused by our policy", "rcpt", "policy-rejected", True),
    ("550 5.7.1 Connections from your subnet are prohibited by site policy", "mail", "policy-rejected", True),
    ("554 Your network has been blocked by our administrators", "greeting", "policy-rejected", True),
    ("550 5.7.1 192.0.2.7 violates our policy and is on our blocklist", "rcpt", "ip-blocklisted", True),
    ("550 5.7.1 Your IP 192.0.2.7 is on our local blacklist", "rcpt", "ip-blocklisted", True),
    ("550 5.7.1 <jane@example.com>: no", "rcpt", "policy-rejected", False),
    ("451 4.7.1 Please try again later", "rcpt", "greylisted", False),
    ("450 4.7.1 Come back later, please", "rcpt", "greylisted", False),
    ("421 4.7.0 Try again later", "greeting", "server-temporary", False),
    ("451 come back later", "mail", "server-temporary", True),
    ("451 4.3.0 Please retry later", "mail", "server-temporary", True),
    ("450 come back later", "mail", "server-temporary", False),
    ("451 4.3.0 Local error, try again later", "rcpt", "server-temporary", True),
    ("553 5.7.1 <a@example.org>: Sender address rejected: not logged in", "rcpt", "auth-required", True),
    ("535 5.7.8 Your authentication has failed", "auth", "auth-failed", True),
    ("535 The user name, password or token was not accepted", None, "auth-failed", True),
    ("535 Anmeldung fehlgeschlagen", "auth", "auth-failed", True),
    ("535 x", "auth", "auth-failed", False),
    ("550 access denied", "auth", "auth-failed", False),
    ("534 5.7.9 Use an application-specific password", "auth", "auth-method-blocked", True),
    ("535 5.7.139 basic authentication is disabled", "auth", "auth-method-blocked", True),
    ("504 mechanism NTLM is not supported", "auth", "auth-method-blocked", True),
    ("530 5.7.0 You must issue STARTTLS before MAIL", "mail", "tls-required", True),
    ("523 5.7.10 x", "auth", "tls-required", True),
    ("454 4.7.0 TLS is not available now", "starttls", "tls-failed", True),
    ("502 Command not implemented", "starttls", "tls-failed", True),
    ("503 5.5.1 Error: send HELO/EHLO first", "mail", "protocol-error", True),
    ("554 You broke SMTP synchronization", "greeting", "protocol-error", True),
    ("502 5.5.1 not here", None, "protocol-error", True),
    ("502 5.5.1 not here", "starttls", "tls-failed", True),
    ("5.7.8 Those two do not belong together", None, "auth-failed", True),
    ("550", "rcpt", "recipient-unknown", False),
    ("500 5.5.2 This command is not recognized", "ehlo", "protocol-error", True),
    ("221 2.7.0 You break rules. Goodbye.", "greeting", "policy-rejected", True),
]


@pytest.mark.parametrize(("reply", "phase", "cause", "said"), REPLIES)
def test_a_reply_leads_to_its_cause(reply: str, phase: str | None, cause: str, said: bool) -> None:
    found = explain(reply, phase=Phase(phase) if phase else None)
    assert (found.cause, found.stated_by_reply) == (cause, said)


def test_every_cause_is_reached_and_described() -> None:
    assert {cause for _, _, cause, _ in REPLIES} - {"unknown"} == {
        cause for cause, entry in causes().items() if entry.by_reply
    }
    fields = ("title", "definition", "who", "retry", "retry_transient", "remedies")
    for cause, entry in causes().items():
        assert all(getattr(entry, name) for name in fields), cause
        assert set(entry.phases) <= set(Phase), cause
        assert Actor.UNKNOWN not in {*entry.who, *(row.actor for row in entry.remedies)}, cause


def test_the_words_outrank_the_code() -> None:
    for code in ("550 5.7.1", "554 5.7.1", "450 4.7.1", "451", "571"):
        found = explain(f"{code} client [192.0.2.7] blocked using rbl.example.net", phase=Phase.RCPT)
        assert found.cause == "ip-blocklisted"


def test_delivery_not_authorized_alone_decides_nothing() -> None:
    found = explain("554 5.7.1", phase=Phase.RCPT)
    assert not found.stated_by_reply
    assert found.confidence == "guess"


def test_a_class_alone_is_unknown_with_alternatives() -> None:
    found = explain("577 zzz")
    assert (found.cause, found.basis, found.stated_by_reply) == ("unknown", "class", False)
    assert found.alternatives


@pytest.mark.parametrize(
    "reply", ["250 2.1.5 Ok", "250 2.0.0 queued", "354 go ahead", "235 2.7.0 authenticated", "221 2.0.0 Bye"]
)
def test_what_refuses_nothing_has_no_cause(reply: str) -> None:
    assert (explain(reply).cause, explain(reply).stated_by_reply, explain(reply).alternatives) == ("unknown", False, ())


@pytest.mark.parametrize(
    ("reply", "phase", "cause", "confidence"),
    [
        ("503 5.7.10 You feel a chill in the air", Phase.AUTH, "tls-required", Sureness.LIKELY),
        ("503 5.7.1 Rain is coming", Phase.AUTH, None, Sureness.GUESS),
        ("550 5.7.10 The mailbox of that user does not exist here", Phase.RCPT, "recipient-unknown", Sureness.SURE),
    ],
)
def test_a_number_that_means_one_thing_outranks_words_that_are_only_like_another(
    reply: str, phase: Phase, cause: str | None, confidence: Sureness
) -> None:
    said = explain(reply, phase=phase)
    assert said.confidence is confidence
    assert cause is None or said.cause == cause


def test_a_provider_uses_a_registered_code_in_its_own_way() -> None:
    assert explain("421 4.7.27 x", provider="google").cause == "email-auth-failed"
    assert explain("421 4.7.27 x").cause == "sender-domain-invalid"


def test_lines_without_code_take_the_given_one() -> None:
    found = explain("5.2.2 The mailbox\nis full", code=552)
    assert (found.code, found.enhanced, found.cause) == (552, "5.2.2", "mailbox-full")


def test_repeated_codes_are_no_part_of_the_text() -> None:
    joined = explain("550-5.7.26 SPF and DKIM 550-5.7.26 did not pass 550 5.7.26 for example.org")
    apart = explain("550-5.7.26 SPF and DKIM\r\n550-5.7.26 did not pass\r\n550 5.7.26 for example.org\r\n")
    assert joined == apart
    assert wording.read("550-5.7.26 SPF\n550 5.7.26 failed").text == "spf failed"


@pytest.mark.parametrize(
    ("reply", "phase"),
    [
        ("535 x", Phase.AUTH),
        ("5.7.8 Those two do not belong together", Phase.AUTH),
        ("550 5.7.1 <box>: Client host rejected: x (in reply to RCPT TO command)", Phase.RCPT),
        ("550 x (in reply to end of DATA command)", Phase.MESSAGE),
        ("554 5.7.1 <jane@example.com>: Recipient address rejected: x", Phase.RCPT),
    ],
)
def test_the_phase_is_read_from_the_reply(reply: str, phase: Phase) -> None:
    assert explain(reply).phase is phase


def test_the_same_words_at_auth_mean_credentials() -> None:
    assert explain("550 user unknown", phase=Phase.RCPT).cause == "recipient-unknown"
    assert explain("535 user unknown", phase=Phase.AUTH).cause == "auth-failed"


def test_remedies_are_filled_or_left_out() -> None:
    with_ip = remedies("reverse-dns", {"ip": "192.0.2.7"})
    assert any("192.0.2.7" in row.action for row in with_ip)
    for cause in causes():
        for row in remedies(cause, {}):
            assert "{" not in f"{row.action}{row.verify}", cause


@pytest.mark.parametrize(
    ("code", "enhanced", "field"),
    [
        (550, "5.2.2", "retry"),
        (452, "4.2.2", "retry_transient"),
        (452, "5.2.2", "retry_transient"),
        (552, "4.2.2", "retry"),
        (None, "4.2.2", "retry_transient"),
        (None, "5.2.2", "retry"),
        (221, "2.7.0", "retry"),
        (None, None, "retry"),
    ],
)
def test_the_class_of_the_reply_says_when_to_try_again(code: int | None, enhanced: str | None, field: str) -> None:
    for entry in causes().values():
        assert entry.retry_after(code, enhanced) == getattr(entry, field)


def test_no_remedy_names_what_it_does_not_need() -> None:
    for cause, entry in causes().items():
        for row in entry.remedies:
            text = row.action + (row.verify or "")
            for name in ("ip", "domain", "list", "url", "helo", "user", "address", "mechanism", "wait"):
                assert ("{" + name + "}" in text) <= (name in row.needs), (cause, row.action)


def test_the_tables_of_codes_reach_known_causes() -> None:
    known = set(causes())
    table = load.table("text_rules")
    for votes in table["enhanced"].values():
        assert set(votes) <= known
    for held in table["fallback"].values():
        assert set(held) <= known


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from([None, *Phase]), st.sampled_from([None, 250, 421, 550, 999]))
def test_no_text_raises(text: str, phase: Phase | None, code: int | None) -> None:
    found = explain(text, phase=phase, code=code)
    assert found.cause == "unknown" or found.cause in causes()


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "1.",
        "<",
        "a@",
        "550-",
        "\0",
        "x-",
        "http://",
        "user ",
        "::",
        "is not ",
        "\N{COMBINING ACUTE ACCENT}",
        "a1-",
    ],
)
def test_a_megabyte_line_costs_little(unit: str) -> None:
    text = "550 " + unit * (1_000_000 // len(unit))
    started = time.process_time()
    explain(text)
    assert time.process_time() - started < 1.0


POSTFIX = [
    "mail.example.com",
    "PIPELINING",
    "SIZE 10240000",
    "VRFY",
    "ETRN",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "DSN",
]


@pytest.mark.parametrize(
    ("greeting", "ehlo", "replies", "software"),
    [
        (["220 mail.example.com ESMTP Postfix (Debian)"], [], [], "postfix"),
        (["mail.example.com ESMTP"], POSTFIX, ["250 2.1.0 Ok", "354 End data with <CR><LF>.<CR><LF>"], "postfix"),
        (["220 mx.example.com ESMTP Exim 4.98 Thu, 1 Jan 2026 00:00:00 +0000"], [], [], "exim"),
        (
            ["mx.example.com ESMTP"],
            ["mx.example.com Hello client [192.0.2.7]", "SIZE 1", "PIPECONNECT", "HELP"],
            [],
            "exim",
        ),
        (["mx.example.com ESMTP OpenSMTPD"], [], [], "opensmtpd"),
        (["mx.example.com ESMTP"], [], [], None),
    ],
)
def test_the_software_is_recognised(
    greeting: list[str], ehlo: list[str], replies: list[str], software: str | None
) -> None:
    assert identify_server(greeting, ehlo, replies, None)[0] == software


def test_the_provider_is_recognised_by_host_and_by_words() -> None:
    assert host_provider("alt1.gmail-smtp-in.l.google.com") == "google"
    assert host_provider("notgoogle.com") is None
    assert identify_server(["220 mx.google.com ESMTP x1 - gsmtp"], [], [], None) == ("gmail", "google")
    assert explain("550 5.7.1 no [TSS04] see https://postmaster.yahooinc.com/error-codes").provider == "yahoo"
