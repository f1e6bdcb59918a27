"""Correct records and settings, for the pages of findings that are about one: what should be there instead."""

from __future__ import annotations

from collections.abc import Mapping

_SPF = 'example.org. TXT "v=spf1 ip4:192.0.2.1 include:_spf.example.net -all"'
_MX = "example.org.    MX 10 mx.example.org.\nmx.example.org. A  192.0.2.25"
_DMARC = '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"'
_POLICY = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800"

# By the check, for its findings about what is published.
_OF_CHECKS: Mapping[str, str] = {
    "spf": _SPF,
    "dkim": 'sel._domainkey.example.org. TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEF…"',
    "dmarc": _DMARC,
    "iprev": "1.2.0.192.in-addr.arpa. PTR mail.example.org.\nmail.example.org.        A   192.0.2.1",
    "mx": _MX,
    "mta-sts": f'_mta-sts.example.org. TXT "v=STSv1; id=20261122T120000"\n\n# https://mta-sts.example.org/.well-known/mta-sts.txt\n{_POLICY}',
    "tlsrpt": '_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.org"',
    "dane": "_25._tcp.mx.example.org. TLSA 3 1 1 5f3e…  ; SHA-256 of the certificate's public key, signed with DNSSEC",
}  # fmt: skip
# By the finding, where the check's own would not be the answer.
_OF_FINDINGS: Mapping[str, str] = {
    "spf-helo-fail": 'mail.example.org. TXT "v=spf1 a -all"',
    "spf-helo-permerror": 'mail.example.org. TXT "v=spf1 a -all"',
    "dmarc-reports-unauthorized": 'example.org._report._dmarc.example.net. TXT "v=DMARC1"',
    "dmarc-reports-unreachable": (f'_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"\n{_MX}'),
    "mx-null": f"{_MX}\n\n; a domain that accepts no mail\nexample.com. MX 0 .",
    "mx-host-without-address": _MX,
}
# Findings of those checks that no record mends.
_WITHOUT = frozenset(
    {
        "dkim-signature-fail", "dkim-body-hash-mismatch", "dkim-signature-invalid", "dkim-signature-policy",
        "dkim-body-partly-signed", "dkim-no-signature", "dkim-not-found-by-guessing", "dkim-temperror",
        "dkim-nameservers-differ", "dkim-bare-lf", "dmarc-from-ambiguous",
        "dmarc-nameservers-differ", "dmarc-temperror", "dmarc-differs-rfc7489",
        "spf-not-checkable", "spf-temperror", "spf-parked", "spf-answer-large", "mx-temperror", "mta-sts-temperror",
        "tlsrpt-temperror", "dane-temperror", "dane-not-compared", "dane-match", "reverse-dns-temperror",
        "dane-tls-required", "mta-sts-certificate", "mta-sts-tls-required",
    }
)  # fmt: skip


def example_for(check: str, finding: str) -> str | None:
    """The lines of a correct record, as a zone has them, or of a setting; None where the finding is about no record."""
    if finding in _WITHOUT:
        return None
    return _OF_FINDINGS.get(finding) or _OF_CHECKS.get(check)
