"""Which command shows a finding, or proves a cause: the check's own if it has one, else a session with its checks on."""

from __future__ import annotations

from collections.abc import Mapping

_SESSION = "smtpprobe check bob@example.com --mail-from alice@example.org --checks"
_DNS = f"{_SESSION} --diagnose always"
# Through a host that is named, since a domain without one leads to no session.
_MX = "smtpprobe check mail.example.net:25 --mail-from alice@example.org --rcpt-to bob@example.com --checks --diagnose always"
_DMARC = "smtpprobe dmarc example.org"

# By the check.
_OF_CHECKS: Mapping[str, str] = {
    "dnsbl": "smtpprobe dnsbl 192.0.2.1",
    "spf": "smtpprobe spf example.org --ip 192.0.2.1",
    "dkim": "smtpprobe dkim example.org --selector sel",
    "dmarc": _DMARC,
    "iprev": "smtpprobe iprev 192.0.2.1 --helo h.example.org",
    "mail-hosts": _SESSION,
    "mx": _DNS,
    "starttls": _SESSION,
    "mta-sts": _DNS,
    "tlsrpt": _DNS,
    "dane": _DNS,
    "auth": "smtpprobe check smtp.example.com:587 --user alice@example.com --quit-after auth --checks",
    "reply-syntax": _SESSION,
}
_MESSAGE = "smtpprobe dkim --message message.eml"
_HELO = "smtpprobe spf example.org --ip 192.0.2.1 --helo mail.example.org"
_IN_SESSION = f"{_DNS} --client-ip 192.0.2.1 --message message.eml"
# By the finding, where the check's own command does not show it.
_OF_FINDINGS: Mapping[str, str] = {
    "dnsbl-zone-dead": "smtpprobe dnsbl 192.0.2.1 --only-dnsbl dnsbl.sorbs.net",
    "dkim-signature-fail": _MESSAGE,
    "dkim-body-hash-mismatch": _MESSAGE,
    "dkim-signature-invalid": _MESSAGE,
    "dkim-signature-policy": _MESSAGE,
    "dkim-body-partly-signed": _MESSAGE,
    "dkim-no-signature": _MESSAGE,
    "dkim-from-invalid": _MESSAGE,
    "dkim-from-ambiguous": _MESSAGE,
    "dkim-field-repeated": _MESSAGE,
    "dkim-bare-lf": _MESSAGE,
    "dkim-not-found-by-guessing": "smtpprobe dkim example.org",
    "dkim-nameservers-differ": "smtpprobe dkim example.org --selector sel --all-nameservers",
    "dmarc-from-ambiguous": "smtpprobe dmarc --message message.eml",
    "dmarc-no-author-domain": "smtpprobe dmarc --message message.eml",
    "dmarc-nameservers-differ": f"{_DMARC} --all-nameservers",
    "dmarc-fail": f"{_DMARC} --spf-pass example.net",
    "dmarc-rests-on-dkim": _IN_SESSION,
    "dmarc-rests-on-spf": _IN_SESSION,
    "mx-null": _MX,
    "mx-nxdomain": _MX,
    "mx-nothing": _MX,
    "spf-not-checkable": "smtpprobe check bob@example.com --helo '[192.0.2.1]' --client-ip 192.0.2.1 --diagnose always --checks",
    "spf-helo-fail": _HELO,
    "spf-helo-decides": _HELO,
    "spf-helo-permerror": _HELO,
    "spf-nobody-passes": "smtpprobe spf example.org",
}


def command_for(check: str, finding: str) -> str:
    """The command that shows the finding, with names and addresses that are reserved for documentation."""
    return _OF_FINDINGS.get(finding) or _OF_CHECKS.get(check, _DNS)


_LOGIN = _OF_CHECKS["auth"]
# By the cause: the check that can prove it.
_OF_CAUSES: Mapping[str, str] = {
    "ip-blocklisted": _OF_CHECKS["dnsbl"],
    "domain-blocklisted": "smtpprobe dnsbl example.org",
    "poor-reputation": _OF_CHECKS["dnsbl"],
    "email-auth-failed": _OF_CHECKS["spf"],
    "reverse-dns": _OF_CHECKS["iprev"],
    "helo-rejected": _OF_CHECKS["iprev"],
    "domain-undeliverable": _MX,
    "sender-domain-invalid": _MX,
    "recipient-unknown": _SESSION,
    "relay-denied": _SESSION,
    "greylisted": _SESSION,
    "message-too-large": _SESSION,
    "protocol-error": _SESSION,
    "not-smtp": _SESSION,
    "host-not-found": _SESSION,
    "connection-failed": _SESSION,
    "connection-lost": _SESSION,
    "starttls-injection": _SESSION,
    "tls-failed": _SESSION,
    "tls-required": _SESSION,
    "auth-required": _LOGIN,
    "auth-failed": _LOGIN,
    "auth-method-blocked": _LOGIN,
    "challenge-invalid": _LOGIN,
    "credentials-unfit": _LOGIN,
}


def command_for_cause(cause: str) -> str | None:
    """The command that shows whether the cause holds; None where nothing that can be looked up or tried proves it."""
    return _OF_CAUSES.get(cause)
