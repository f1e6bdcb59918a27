"""Which command shows a finding: the check's own where there is one, otherwise a session with its checks switched on."""

from __future__ import annotations

from collections.abc import Mapping

_SESSION = "smtpprobe check bob@example.com --mail-from alice@example.org --checks"
_DNS = f"{_SESSION} --diagnose always"
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
    "dkim-not-found-by-guessing": "smtpprobe dkim example.org",
    "dkim-nameservers-differ": "smtpprobe dkim example.org --selector sel --all-nameservers",
    "dmarc-nameservers-differ": f"{_DMARC} --all-nameservers",
    "dmarc-fail": f"{_DMARC} --spf-pass example.net",
    "dmarc-rests-on-dkim": _IN_SESSION,
    "dmarc-rests-on-spf": _IN_SESSION,
    "spf-not-checkable": "smtpprobe check bob@example.com --helo '[192.0.2.1]' --client-ip 192.0.2.1 --diagnose always --checks",
    "spf-helo-fail": _HELO,
    "spf-helo-permerror": _HELO,
}


def command_for(check: str, finding: str) -> str:
    """The command that shows the finding, with names and addresses that are reserved for documentation."""
    return _OF_FINDINGS.get(finding) or _OF_CHECKS.get(check, _DNS)
