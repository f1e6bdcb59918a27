"""The findings of the DKIM check."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity

SIGNATURE_FAIL = FindingSpec(
    "dkim-signature-fail",
    Severity.ERROR,
    "A DKIM signature does not verify",
    "The body is as it was signed, but a signed header field was changed on the way, or the published key is not the "
    "one that signed. Receivers treat the signature as absent, and refuse the mail where DMARC rests on it.",
    "Compare the signed header fields with those that left the signer: list software and gateways rewrite Subject, To "
    "and Message-ID. If nothing was changed, publish the public key that belongs to the signer's private key.",
    ("RFC 6376 §6.1.3",),
)
BODY_HASH = FindingSpec(
    "dkim-body-hash-mismatch",
    Severity.ERROR,
    "The message body was changed after signing",
    "The hash of the body is not the one in the signature: something added a footer, converted the encoding or "
    "rewrote lines after the signer had seen the message.",
    "Sign as the last step before the message leaves, after every filter and disclaimer; use relaxed canonicalization "
    "for the body, and 7-bit safe encodings.",
    ("RFC 6376 §6.1.3", "RFC 6376 §5.3"),
)
SIGNATURE_INVALID = FindingSpec(
    "dkim-signature-invalid",
    Severity.ERROR,
    "A DKIM signature cannot be verified",
    "The signature breaks the rules, or there is no key that may serve it. Receivers treat it as absent.",
    "See the reason given: correct the signer's configuration, or the key record of the selector.",
    ("RFC 6376 §6.1.1", "RFC 6376 §6.1.2"),
)
SIGNATURE_POLICY = FindingSpec(
    "dkim-signature-policy",
    Severity.WARNING,
    "Receivers do not accept a DKIM signature although it is right",
    "The mathematics holds, but the algorithm is withdrawn, the key too short, or the signature's time is over or not "
    "yet come.",
    "Sign with rsa-sha256 and a key of 2048 bits, or ed25519-sha256 beside it, and look at the signer's clock.",
    ("RFC 8301 §3", "RFC 6376 §3.5"),
)
PARTLY_SIGNED = FindingSpec(
    "dkim-body-partly-signed",
    Severity.NOTICE,
    "The end of the body is not signed",
    "The l= tag lets anyone add to the body without breaking the signature; some receivers ignore such signatures.",
    "Leave l= out.",
    ("RFC 6376 §3.5", "RFC 6376 §8.2"),
)
NO_SIGNATURE = FindingSpec(
    "dkim-no-signature",
    Severity.WARNING,
    "The message has no DKIM signature",
    "Large receivers ask for DKIM, and without it DMARC rests on SPF alone, which forwarding breaks.",
    "Have the submission server sign with a key of the author's domain.",
    ("RFC 6376 §5",),
)
KEY_MISSING = FindingSpec(
    "dkim-key-missing",
    Severity.ERROR,
    "There is no key at the selector",
    "Signatures with this selector cannot be verified and count as absent.",
    "Publish the key record as TXT at SELECTOR._domainkey.DOMAIN, or correct the selector that the signer uses.",
    ("RFC 6376 §3.6.2", "RFC 6376 §6.1.2"),
)
KEY_REVOKED = FindingSpec(
    "dkim-key-revoked",
    Severity.ERROR,
    "The key has been revoked",
    "The record has an empty p= tag: signatures with this selector are invalid.",
    "Sign with the current selector; where this one is meant to be in use, publish its key again.",
    ("RFC 6376 §3.6.1",),
)
KEY_BROKEN = FindingSpec(
    "dkim-key-broken",
    Severity.ERROR,
    "The key record cannot be used",
    "Verifiers cannot read a key from the record, or it may not serve mail: signatures with this selector fail.",
    "Publish the record again, exactly as the signer generated it: without quotation marks, split into strings of at "
    "most 255 octets, as one record.",
    ("RFC 6376 §3.6.1", "RFC 6376 §3.6.2.2"),
)
KEY_WEAK = FindingSpec(
    "dkim-key-weak",
    Severity.ERROR,
    "The RSA key is too short",
    "Verifiers must not accept signatures of keys shorter than 1024 bits; signers should use at least 2048.",
    "Generate a key of 2048 bits, publish it under a new selector, and sign with that.",
    ("RFC 8301 §3.2",),
)
KEY_TESTING = FindingSpec(
    "dkim-key-testing",
    Severity.NOTICE,
    "The key is marked as a test",
    "With t=y in the record, verifiers treat mail whose signature fails like unsigned mail.",
    "Remove t=y when signing works.",
    ("RFC 6376 §3.6.1",),
)
KEY_UNTIDY = FindingSpec(
    "dkim-key-untidy",
    Severity.NOTICE,
    "Verifiers may differ about the key record",
    "The record is read by tolerant verifiers and dropped by strict ones.",
    "Write the record as v=DKIM1; k=rsa; p=… with nothing else.",
    ("RFC 6376 §3.6.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    "dkim-multiple-records",
    Severity.WARNING,
    "There are several key records at one selector",
    "Verifiers take whichever comes first, so signatures verify at one time and fail at another.",
    "Leave one record; publish a second key under a selector of its own.",
    ("RFC 6376 §3.6.2.2",),
)
NOT_FOUND_BY_GUESSING = FindingSpec(
    "dkim-not-found-by-guessing",
    Severity.INFO,
    "No key was found under the usual selectors",
    "Selectors are free, and DNS cannot list them: that none of the usual ones has a key proves nothing.",
    "Give the selector with --dkim-selector, or a message with --message; it is the s= tag of its DKIM-Signature.",
    ("RFC 6376 §3.1",),
)
NAMESERVERS_DIFFER = FindingSpec(
    "dkim-nameservers-differ",
    Severity.ERROR,
    "The domain's name servers give different key records",
    "Which record a verifier sees depends on the name server that it happens to ask, so signatures verify for some "
    "receivers and fail for others.",
    "Bring the name servers named to the same version of the zone: look at the serial number in each one's SOA record, "
    "at zone transfers, and at providers that hold a copy of their own.",
    ("RFC 6376 §3.6.2.1", "RFC 1034 §4.3.5"),
)
TEMPERROR = FindingSpec(
    "dkim-temperror",
    Severity.WARNING,
    "A key could not be looked up",
    "The question failed or timed out. Receivers that see the same answer defer the mail or treat it as unsigned.",
    "Look at the name servers of the signing domain; where only this resolver fails, use another (--resolver).",
    ("RFC 6376 §6.1.2",),
)
