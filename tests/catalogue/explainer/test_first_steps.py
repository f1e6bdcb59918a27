"""The page of a reply agrees with itself: what it means, the first step, whose it is, and when to try again."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.explain import cause_and_provider, explain
from smtpprobe.catalogue.explainer.told import is_page
from smtpprobe.model.transcript import Phase
from smtpprobe.render.explanation_item import explained
from smtpprobe.render.view.explanation import explanation_view

# Reply, phase, cause, words of the first step, words that are nowhere on the page.
ROWS: tuple[tuple[str, Phase | None, str, str, tuple[str, ...]], ...] = (
    # A list that was not asked.
    ("554 5.7.1 Service unavailable; Client host [192.0.2.17] blocked using zen.spamhaus.org; Error: open resolver; "
     "https://check.spamhaus.org/returnc/pub/198.51.100.1/", Phase.RCPT, "ip-blocklisted",
     "Correct the server's lookup of zen.spamhaus.org", ("got it listed", "removal at", "Read the page", "is listed by a DNSBL")),
    ("550 5.7.1 192.0.2.17 listed at bl.example.net (127.255.255.252)",
     Phase.RCPT, "ip-blocklisted", "Correct the server's", ("got it",)),
    ("550 5.7.1 192.0.2.17 blocked using bl.example.net; queries refused",
     Phase.RCPT, "ip-blocklisted", "Correct the", ("got it",)),
    ("451 4.7.1 192.0.2.17 blocked using bl.example.net; excessive queries",
     Phase.RCPT, "ip-blocklisted", "Correct", ("got it",)),
    ("554 Sender domain example.org found in dbl.spamhaus.org: error, public resolver", Phase.MAIL, "domain-blocklisted",
     "Correct the server's lookup of dbl.spamhaus.org", ("clean up",)),
    # A link is no page to read.
    ("550 5.7.1 Link listed: http://offer.example/a?b is in multi.surbl.org", Phase.MESSAGE, "domain-blocklisted",
     "Take every link to offer.example", ("Read the page", "http://offer.example")),
    ("554 the URL https://offer.example/ is blocklisted by multi.uribl.com", Phase.MESSAGE, "domain-blocklisted",
     "Take every link to offer.example", ("Read the page",)),
    # What passes is no reason.
    ("554 5.7.1 Refused: SPF passed and DKIM passed, but the message is spam", Phase.MESSAGE, "spam-content", "plain short text",
     ("SPF",)),
    ("550 5.7.1 SPF=pass, DKIM=pass, DMARC=pass; but content detected as spam",
     Phase.MESSAGE, "spam-content", "plain short", ("SPF",)),
    ("550 5.0.350 Remote server returned an error -> 552 5.3.4 Message size exceeds our fixed limit", None, "message-too-large",
     "Compare the message", ("misconfigured",)),
    ("550 5.0.350 Remote server returned an error -> 550 5.1.1 no such user here", None, "recipient-unknown", "", ()),
    ("550 5.7.28 Message flood detected", None, "rate-limited", "parallel connections", ()),
    ("554 5.7.10 We require TLS 1.2 or better; you used TLSv1", Phase.MAIL, "tls-required", "Let the client speak TLS 1.2",
     ("Issue STARTTLS", "over TLS.")),
    ("550 5.7.1 section 4.2.1.1 forbids a bare LF",
     Phase.MESSAGE, "content-malformed", "End every line with CR LF", ("IP address",)),
    ("550 5.6.7 SMTPUTF8 is required, but was not offered by host mx.example.org[192.0.2.19]", None, "extension-missing",
     "SMTPUTF8", ("LHLO",)),
    ("4.7.0 SASL authentication failed; cannot authenticate to server mx.example.org[192.0.2.19]: no mechanism available", None,
     "auth-method-blocked", "plug-ins of the SASL library that the sending program uses", ("postmaster",)),
    ("535 5.7.8 Error: no worthy mechs found", Phase.AUTH, "auth-method-blocked", "another mechanism", ("app password",)),
    ("451 4.2.0 failed to store: Permission denied", Phase.MESSAGE, "server-misconfigured", "log", ("rule",)),
    ("550 User has no permission", Phase.AUTH, "auth-method-blocked", "Switch SMTP on", ("mailbox does not exist",)),
    ("503 5.5.1 Error: AUTH not enabled", None, "auth-method-blocked", "submission port", ("OAuth", "with a login.")),
    ("503 5.5.1 authentication not enabled", Phase.AUTH, "auth-method-blocked", "submission port", ("OAuth",)),
    ("554 Reject due to policy restrictions. See https://postmaster.gmx.net/en/case?c=hi&i=ip&v=192.0.2.4", Phase.MESSAGE,
     "policy-rejected", "Read the page", ("header",)),
    ("554 Reject due to policy restrictions. See https://postmaster.gmx.net/en/case?c=rdns&v=192.0.2.4", Phase.GREETING,
     "reverse-dns", "PTR", ()),
    # The first step and what is said with it.
    ("538 5.7.11 This authentication mechanism requires encryption", Phase.AUTH, "tls-required", "Issue STARTTLS",
     ("OAuth", "app password")),
    ("432 4.7.12 a password transition is needed for this user", Phase.AUTH, "auth-method-blocked", "PLAIN, over TLS",
     ("OAuth", "Start TLS before")),
    ("504 5.5.4 Unrecognized authentication type", Phase.AUTH, "auth-method-blocked", "that the EHLO reply lists", ("OAuth",)),
    ("550 5.7.1 DKIM: the body hash did not verify", Phase.MESSAGE, "email-auth-failed", "changes the message after",
     ("publish the selector", "SPF record")),
    ("556 5.1.10 The recipient's domain has a null MX",
     Phase.RCPT, "domain-undeliverable", "spelling", ("connect to the hosts",)),
    ("554 5.5.1 Error: no valid recipients", Phase.DATA, "protocol-error", "replies to RCPT", ("LMTP", "firewall")),
    ("521 5.5.1 you are talking too early", Phase.GREETING, "protocol-error", "Wait for the greeting", ("LMTP",)),
    ("554 you sent a command before the greeting", Phase.GREETING, "protocol-error", "Wait for the greeting", ("LMTP",)),
    ("451 4.7.24 SPF: temporary DNS error for example.org", Phase.MAIL, "email-auth-failed", "name servers of example.org",
     ("ten lookups", "add it")),
    ("454 4.7.0 Temporary authentication failure", None, "server-temporary", "Try the login once more", ("MX hosts",)),
    ("421 4.4.2 mx.example.org Error: timeout exceeded", None, "server-temporary", "Send the next command sooner",
     ("Overload", "growing pauses")),
    ("550-Verification failed for <jane@example.org>\n550-The mail server could not deliver mail to jane@example.org.\n"
     "550 Sender verify failed", Phase.RCPT, "sender-domain-invalid", "sender's own address can be reached", ("Write to",)),
    ("452 4.2.2 Your own account has used up its storage",
     None, "sender-account-limited", "Make room in your own account", ("Tell the recipient", "unpaid")),
    ("535 5.7.57 Client not authenticated: 535 5.7.139 basic authentication is disabled", None, "auth-method-blocked", "OAuth",
     ("At once",)),
    ("535 5.7.3 Basic authentication is disabled here",
     Phase.AUTH, "auth-method-blocked", "OAuth", ("or an app password", "At once")),
    ("552 5.7.0 A virus was found in the attachment", Phase.MESSAGE, "malware-or-attachment", "malware", ("download link",)),
    ("552 5.7.0 Attachments of the type exe are not allowed",
     Phase.MESSAGE, "malware-or-attachment", "download link", ("malware",)),
    ("554 the rDNS name of 192.0.2.17 looks dynamic", Phase.GREETING, "reverse-dns", "mail host's own name", ("has no PTR",)),
    ("450 4.7.1 <mx.example.org>: Helo command rejected: Host not found", Phase.RCPT, "helo-rejected", "mx.example.org",
     ("is forged",)),
    ("421 4.7.1 your network 192.0.2.0/24 is listed at dnsbl.example.net", Phase.GREETING, "ip-blocklisted", "what got it listed",
     ("Make sure that",)),
    ("554 192.0.2.17 is on our own blacklist", Phase.GREETING, "ip-blocklisted", "take 192.0.2.17 off", ("listed by a DNSBL",)),
    ("554 Sender domain example.org is listed in dbl.spamhaus.org",
     None, "domain-blocklisted", "Look example.org up", ("links",)),
    ("550 5.7.1 the message contains a blacklisted URL", Phase.MESSAGE, "domain-blocklisted", "Find which link", ("HELO",)),
    ("454 4.7.0 TLS not available due to local problem",
     Phase.STARTTLS, "tls-failed", "why TLS does not start", ("port matches",)),
    ("502 5.5.1 STARTTLS is not supported", Phase.STARTTLS, "tls-failed", "Switch STARTTLS on", ("port matches", "ciphers")),
    ("454 TLS handshake failed: no shared cipher", Phase.TLS, "tls-failed", "certificate and key", ("port matches",)),
    ("500 5.5.1 unrecognized command LHLO", Phase.EHLO, "protocol-error", "without lmtp://", ("firewall",)),
    ("534 5.7.9 Application-specific password required", Phase.AUTH, "auth-method-blocked", "Make an app password",
     ("Start TLS", "SMTP AUTH")),
    ("504 5.7.4 mechanism CRAM-MD5 is not supported",
     Phase.AUTH, "auth-method-blocked", "another mechanism than CRAM-MD5", ("OAuth",)),
    ("535 5.7.8 use the authorization code, not your password, for SMTP",
     Phase.AUTH, "auth-method-blocked", "Switch SMTP on", ("OAuth",)),
    ("553 5.6.7 non-ASCII addresses are not supported", Phase.MAIL, "extension-missing", "SMTPUTF8", ()),
    # One number, and several settings: the words name one, the number alone stands for all of them.
    ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [X.PROD.OUTLOOK.COM]",
     Phase.AUTH, "auth-method-blocked", "goes before the organization's",
     ("Basic authentication", "security defaults", "Read the text", "OAuth", "app password", "plain password logins")),
    ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. [X.PROD.OUTLOOK.COM]",
     Phase.AUTH, "auth-method-blocked", "Switch authenticated SMTP on for this mailbox",
     ("Basic authentication", "organization", "Read the text", "OAuth", "Set-TransportConfig", "plain password logins")),
    ("535 SmtpClientAuthentication is disabled for the Mailbox", Phase.AUTH, "auth-method-blocked",
     "Switch authenticated SMTP on for this mailbox", ("OAuth", "app password")),
    ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM]", Phase.AUTH,
     "auth-method-blocked", "Log in with OAuth", ("SmtpClientAuthentication", "security defaults", "plain password logins")),
    ("535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your "
     "administrator.", Phase.AUTH, "auth-method-blocked", "in the place of the security defaults",
     ("SmtpClientAuthentication", "Basic authentication", "Read the text")),
    ("535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.",
     Phase.AUTH, "auth-method-blocked", "sign-in log", ("SmtpClientAuthentication", "Basic authentication", "defaults")),
    ("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [X.PROD.OUTLOOK.COM]", Phase.AUTH,
     "auth-failed", "Try the same user name and password", ("SmtpClientAuthentication", "Basic authentication", "defaults")),
    ("535 5.7.139 Authentication unsuccessful", Phase.AUTH, "auth-method-blocked", "SmtpClientAuthentication names the switch",
     ("Set-CASMailbox",)),
    # Whose identity is not verified, and where.
    ("554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: "
     "a@example.com", Phase.MESSAGE, "sender-not-permitted", "a@example.com is the sender: verify it, or its domain, as an "
     "identity in Amazon SES in the region eu-west-1", ("log in with",)),
    ("554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-2: "
     "example.com", Phase.MESSAGE, "sender-not-permitted", "example.com is the sender's", ("log in with",)),
    ("553 5.7.1 Sender address rejected: not owned by user jane", Phase.MAIL, "sender-not-permitted", "that you log in with",
     ("identity in", "sandbox")),
    # The domain that is listed, wherever it stands.
    ("554 5.7.1 The message contains a URL listed in multi.surbl.org : bad.example", Phase.MESSAGE, "domain-blocklisted",
     "Take every link to bad.example", ("Find which",)),
    ("550 [bad.example] listed on multi.surbl.org", Phase.MESSAGE, "domain-blocklisted", "Look bad.example up",
     ("Find which",)),
    # Something tries with an old password.
    ("454 4.7.0 Too many failed logins, try again later", Phase.AUTH, "rate-limited", "old password",
     ("parallel connections", "dead addresses")),
    ("421 4.7.0 Too many login attempts", None, "rate-limited", "old password", ("parallel connections",)),
    ("535 Authentication failed too many times", Phase.AUTH, "auth-failed", "old password", ()),
    ("421 4.7.0 Too many connections from your address", None, "rate-limited", "parallel connections", ("old password",)),
)  # fmt: skip


@pytest.mark.parametrize(("reply", "phase", "cause", "first", "nowhere"), ROWS)
def test_the_page_agrees_with_itself(
    reply: str, phase: Phase | None, cause: str, first: str, nowhere: tuple[str, ...]
) -> None:
    told = explained(reply, phase)
    view = explanation_view(told, reply=reply)
    assert view.cause is not None
    assert told.explanation.cause == cause == cause_and_provider(reply, phase, None)[0]
    assert first in view.remedies[0].action
    steps = " ".join(each.action for each in view.remedies)
    page = " ".join((view.cause.title, view.meaning, view.beside, steps, view.retry))
    assert [words for words in nowhere if words in page] == []


def test_a_refused_query_is_not_called_a_listing() -> None:
    reply = "554 5.7.1 Client host [192.0.2.17] blocked using zen.spamhaus.org; Error: open resolver"
    shown = explanation_view(explained(reply, Phase.RCPT)).cause
    assert shown is not None
    assert (shown.id, shown.sureness) == ("ip-blocklisted", "the reply quotes a refused query, not a listing")
    assert shown.title != causes()["ip-blocklisted"].title


def test_a_quoted_reply_keeps_the_gateways_codes() -> None:
    found = explain("550 5.0.350 Remote server returned an error -> 552 5.3.4 Message size exceeds our fixed limit")
    assert (found.code, found.enhanced, found.provider) == (550, "5.0.350", "microsoft")


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://postmaster.example.net/error?id=7", True),
        ("www.example.com/blocked", True),
        ("https://github.com/example/policy#why", True),
        ("https://github.com/PHPMailer/PHPMailer/wiki/Troubleshooting", False),
        ("https://nodemailer.com/smtp/", False),
        ("http://127.0.0.1:9000/auth", False),
        ("http://localhost/auth.php", False),
        ("http://mail.local/auth", False),
    ],
)
def test_which_page_is_to_be_read(url: str, is_one: bool) -> None:
    assert is_page(url) is is_one
    steps = [each.action for each in explained(f"550 5.7.1 Refused, see {url}", Phase.RCPT).remedies]
    assert any("page" in each and url in each for each in steps) is is_one


def test_no_page_is_to_be_read_without_a_reply() -> None:
    told = explained("SMTP Error: Could not connect to SMTP host. https://example.org/help")
    assert not any("page" in each.action for each in told.remedies)


def test_what_a_sense_names_is_a_cause_of_its_own_words() -> None:
    for cause, entry in causes().items():
        said = [each.definition for each in entry.senses]
        assert len({*said, entry.definition}) == len(said) + 1, cause
        assert all(each.needs for each in entry.senses), cause
