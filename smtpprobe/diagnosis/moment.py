"""What a server can know when: which causes a reply may have that nobody states."""

from __future__ import annotations

from smtpprobe.model.transcript import Phase

# The first command with which a server knows what the cause is about; what is not here it knows from the connection.
_KNOWN_FROM = {
    Phase.EHLO: ("helo-rejected", "auth-required", "tls-required", "protocol-error"),
    Phase.AUTH: ("auth-failed", "auth-method-blocked", "sender-account-limited"),
    Phase.MAIL: (
        "sender-domain-invalid", "sender-blocked", "sender-not-permitted", "email-auth-failed", "address-syntax",
        "domain-blocklisted", "message-too-large",
    ),
    Phase.RCPT: (
        "recipient-unknown", "recipient-inactive", "recipient-restricted", "recipient-rate-limited", "mailbox-full",
        "domain-undeliverable", "relay-denied", "too-many-recipients",
    ),
    Phase.DATA: ("spam-content", "malware-or-attachment", "content-malformed", "mail-loop"),
}  # fmt: skip
_FIRST = {cause: phase for phase, causes in _KNOWN_FROM.items() for cause in causes}
_ORDER = (
    Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE
)  # fmt: skip


def can_be_meant(cause: str, phase: Phase) -> bool:
    """Whether the server could know by then what the cause is about; only the reply's own words go further."""
    first = _FIRST.get(cause)
    if first is None or phase not in _ORDER:
        return True
    return _ORDER.index(phase) >= _ORDER.index(first)
