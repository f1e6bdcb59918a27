"""Which reply codes and enhanced status codes a refusal or a bounce carries that is due to a finding.

Only what a registry, an RFC or the catalogue of causes says; a finding that is not here has nobody refusing for it.
"""

from __future__ import annotations

from collections.abc import Mapping

_NOT_PERMITTED = ("550", "5.7.23")  # RFC 7372 §3.2
_SPF_BROKEN = ("550", "5.7.24")  # RFC 7372 §3.2: also for permerror
_UNAUTHENTICATED = ("550", "5.7.26")  # RFC 7372 §3.4
_NO_PASSING_SIGNATURE = ("550", "5.7.20")  # RFC 7372 §3.1
_NO_ACCEPTABLE_SIGNATURE = ("550", "5.7.21")  # RFC 7372 §3.1
_NO_TRUST = ("4.7.5",)  # RFC 3463 §3.8, as sending servers report a TLS session that they gave up
_NO_TLS = ("4.7.4",)  # RFC 3463 §3.8
_NOT_KNOWN = ("500", "502", "5.5.1")  # RFC 5321 §4.2.4

_CODES: Mapping[str, tuple[str, ...]] = {
    "dnsbl-listed": ("550", "554", "5.7.1"),
    "dnsbl-zone-dead": ("550", "554", "5.7.1"),
    "spf-fail": (*_NOT_PERMITTED, "5.7.1"),
    "spf-helo-fail": _NOT_PERMITTED,
    "spf-softfail": _UNAUTHENTICATED,
    "spf-neutral": _UNAUTHENTICATED,
    "spf-none": _UNAUTHENTICATED,
    "spf-temperror": ("451", "4.7.24"),
    **dict.fromkeys(
        (
            "spf-too-many-lookups", "spf-too-many-void-lookups", "spf-too-many-mx-hosts", "spf-multiple-records",
            "spf-syntax-error", "spf-include-missing", "spf-redirect-missing", "spf-leading-zero", "spf-wrong-family",
            "spf-not-fqdn", "spf-include-self", "spf-include-loop", "spf-redirect-loop", "spf-helo-permerror",
        ),
        _SPF_BROKEN,
    ),
    **dict.fromkeys(
        (
            "dkim-signature-fail", "dkim-body-hash-mismatch", "dkim-signature-invalid", "dkim-no-signature",
            "dkim-key-missing", "dkim-key-revoked", "dkim-key-broken", "dkim-key-weak",
        ),
        _NO_PASSING_SIGNATURE,
    ),
    "dkim-signature-policy": _NO_ACCEPTABLE_SIGNATURE,
    "dkim-temperror": ("451", "4.7.5"),  # RFC 6376 §6.3
    "dmarc-fail": (*_UNAUTHENTICATED, "5.7.1"),
    "reverse-dns-missing": ("550", "5.7.25"),
    "reverse-dns-unconfirmed": ("550", "5.7.25"),
    "reverse-dns-temperror": ("450", "4.7.25"),
    "helo-unresolvable": ("450", "550", "5.7.1"),
    "message-above-size": ("552", "5.3.4"),  # RFC 1870 §6
    "mx-null": ("556", "5.1.10", "550", "5.7.27"),
    "mx-nxdomain": ("550", "5.1.2", "5.1.8"),
    "mx-nothing": ("550", "5.1.2", "5.1.8", "5.4.4"),
    "mx-address-literal": ("5.4.4",),
    "mx-temperror": ("451", "4.4.3"),
    "address-unreachable": ("4.4.1",),
    "starttls-not-offered": (*_NOT_KNOWN, *_NO_TLS, "5.7.30"),  # RFC 8689 §5
    "starttls-refused": ("454", "4.7.0"),
    "tls-handshake-failed": _NO_TRUST,
    "certificate-unverified": _NO_TRUST,
    "mta-sts-mx-not-listed": _NO_TRUST,
    "mta-sts-certificate": _NO_TRUST,
    "mta-sts-tls-required": _NO_TLS,
    "dane-mismatch": _NO_TRUST,
    "dane-tls-required": _NO_TLS,
    **dict.fromkeys(
        (
            "auth-refused", "auth-not-filled-in", "auth-user-suspicious", "auth-password-suspicious", "auth-token-expired",
            "auth-token-not-yet-valid", "auth-token-for-another-service", "auth-token-without-scope",
            "auth-no-access-token", "auth-token-malformed", "auth-token-for-another-user",
        ),
        ("535", "5.7.8"),
    ),
    "auth-not-offered": ("503", "5.5.1"),
    "ehlo-not-known": _NOT_KNOWN,
}  # fmt: skip


def finding_codes(finding: str) -> tuple[str, ...]:
    """The codes, reply codes and enhanced status codes as servers write them; none where nothing is refused for it."""
    return _CODES.get(finding, ())


def findings_with_codes() -> frozenset[str]:
    """The findings for which there are codes."""
    return frozenset(_CODES)
