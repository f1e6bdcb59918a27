"""The findings of the DKIM check."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity

SIGNATURE_FAIL = FindingSpec(
    id="dkim-signature-fail",
    severity=Severity.ERROR,
    severity_otherwise="warning if another signature of the message passes",
    title="A DKIM signature does not verify",
    why="The body is as it was signed, but a signed header field was changed on the way, or the published key is not the "
    "one that signed. Receivers treat the signature as absent, and refuse the mail if DMARC depends on it.",
    fix="Compare the signed header fields with those that left the signer: list software and gateways rewrite Subject, To "
    "and Message-ID. If nothing was changed, publish the public key that belongs to the signer's private key.",
    references=("RFC 6376 §6.1.3",),
)
BODY_HASH = FindingSpec(
    id="dkim-body-hash-mismatch",
    severity=Severity.ERROR,
    severity_otherwise="warning if another signature of the message passes",
    title="The message body was changed after signing",
    why="The hash of the body is not the one in the signature: something added a footer, converted the encoding or "
    "rewrote lines after the signer had seen the message.",
    fix="Sign as the last step before the message leaves, after every filter and disclaimer; use relaxed canonicalization "
    "for the body, and 7-bit safe encodings.",
    references=("RFC 6376 §6.1.3", "RFC 6376 §5.3"),
)
SIGNATURE_INVALID = FindingSpec(
    id="dkim-signature-invalid",
    severity=Severity.ERROR,
    severity_otherwise="warning if another signature of the message passes",
    title="A DKIM signature cannot be verified",
    why="The signature breaks the rules, or there is no key that may serve it. Receivers treat it as absent.",
    fix="See the reason given: correct the signer's configuration, or the key record of the selector.",
    references=("RFC 6376 §6.1.1", "RFC 6376 §6.1.2"),
)
SIGNATURE_POLICY = FindingSpec(
    id="dkim-signature-policy",
    severity=Severity.WARNING,
    title="Receivers do not accept a DKIM signature although it is right",
    why="The signature is mathematically valid, but the algorithm is withdrawn, the key is too short, or the signature "
    "has expired or is dated in the future.",
    fix="Sign with rsa-sha256 and a key of 2048 bits, or ed25519-sha256 beside it, and look at the signer's clock.",
    references=("RFC 8301 §3", "RFC 6376 §3.5"),
)
PARTLY_SIGNED = FindingSpec(
    id="dkim-body-partly-signed",
    severity=Severity.NOTICE,
    title="The end of the body is not signed",
    why="The l= tag lets anyone add to the body without breaking the signature; some receivers ignore such signatures.",
    fix="Leave l= out.",
    references=("RFC 6376 §3.5", "RFC 6376 §8.2"),
)
NO_SIGNATURE = FindingSpec(
    id="dkim-no-signature",
    severity=Severity.WARNING,
    title="The message has no DKIM signature",
    why="Large receivers ask for DKIM, and without it DMARC depends on SPF alone, which forwarding breaks.",
    fix="Have the submission server sign with a key of the author's domain.",
    references=("RFC 6376 §5",),
)
KEY_MISSING = FindingSpec(
    id="dkim-key-missing",
    severity=Severity.ERROR,
    title="There is no key at the selector",
    why="Signatures with this selector cannot be verified and count as absent.",
    fix="Publish the key record as TXT at SELECTOR._domainkey.DOMAIN, or correct the selector that the signer uses.",
    references=("RFC 6376 §3.6.2", "RFC 6376 §6.1.2"),
    states_problem=True,
)
KEY_REVOKED = FindingSpec(
    id="dkim-key-revoked",
    severity=Severity.ERROR,
    severity_otherwise="info for a selector that was guessed; warning if another signature of the message passes",
    title="The key has been revoked",
    why="The record has an empty p= tag: signatures with this selector are invalid.",
    fix="Sign with the current selector; if this one is meant to be in use, publish its key again.",
    references=("RFC 6376 §3.6.1",),
    states_problem=True,
)
KEY_BROKEN = FindingSpec(
    id="dkim-key-broken",
    severity=Severity.ERROR,
    severity_otherwise="warning for a selector that was guessed, or if another signature of the message passes",
    title="The key record cannot be used",
    why="Verifiers cannot read a key from the record, or it may not serve mail: signatures with this selector fail.",
    fix="Publish the record again, exactly as the signer generated it: without quotation marks, split into strings of at "
    "most 255 octets, as one record.",
    references=("RFC 6376 §3.6.1", "RFC 6376 §3.6.2.2"),
    states_problem=True,
)
KEY_WEAK = FindingSpec(
    id="dkim-key-weak",
    severity=Severity.ERROR,
    severity_otherwise="warning for a selector that was guessed, or if another signature of the message passes; notice for "
    "an accepted key of fewer than 2048 bits",
    title="The RSA key is too short",
    why="Verifiers must not accept signatures of keys shorter than 1024 bits; signers should use at least 2048.",
    fix="Generate a key of 2048 bits, publish it under a new selector, and sign with that.",
    references=("RFC 8301 §3.2",),
    states_problem=True,
)
KEY_TESTING = FindingSpec(
    id="dkim-key-testing",
    severity=Severity.NOTICE,
    title="The key is marked as a test",
    why="With t=y in the record, verifiers treat mail whose signature fails like unsigned mail.",
    fix="Remove t=y when signing works.",
    references=("RFC 6376 §3.6.1",),
)
KEY_UNTIDY = FindingSpec(
    id="dkim-key-untidy",
    severity=Severity.NOTICE,
    title="Verifiers may differ about the key record",
    why="The record is read by tolerant verifiers and dropped by strict ones.",
    fix="Write the record as v=DKIM1; k=rsa; p=… with nothing else.",
    references=("RFC 6376 §3.6.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    id="dkim-multiple-records",
    severity=Severity.WARNING,
    title="There are several TXT records at one selector",
    why="What verifiers do with several records is not defined: some take whichever comes first, some put them together, "
    "some give up, so signatures sometimes verify and sometimes fail.",
    fix="Keep the key record alone: remove leftovers and other records, and publish a second key under a selector of its "
    "own. A key that is longer than 255 octets is one record of several strings.",
    references=("RFC 6376 §3.6.2.2",),
)
NOT_FOUND_BY_GUESSING = FindingSpec(
    id="dkim-not-found-by-guessing",
    severity=Severity.INFO,
    title="No key was found under the usual selectors",
    why="Selectors are free, and DNS cannot list them: that none of the usual ones has a key proves nothing.",
    fix="Give the selector, or a message; it is the s= tag of its DKIM-Signature.",
    needs=("dkim_selectors", "message"),
    references=("RFC 6376 §3.1",),
    names_subject=True,
)
NAMESERVERS_DIFFER = FindingSpec(
    id="dkim-nameservers-differ",
    severity=Severity.ERROR,
    severity_otherwise="notice if the servers give the same key in other words; warning for a selector that was guessed",
    title="The domain's name servers give different key records",
    why="Which record a verifier sees depends on the name server that it happens to ask, so signatures verify for some "
    "receivers and fail for others.",
    fix="Bring the name servers named to the same version of the zone: look at the serial number in each one's SOA record, "
    "at zone transfers, and at providers that hold a copy of their own.",
    references=("RFC 6376 §3.6.2.1", "RFC 1034 §4.3.5"),
)
TEMPERROR = FindingSpec(
    id="dkim-temperror",
    severity=Severity.WARNING,
    severity_otherwise="notice for selectors that were guessed",
    title="A key could not be looked up",
    why="The lookup failed or timed out. Receivers that see the same answer defer the mail or treat it as unsigned.",
    fix="Look at the name servers of the signing domain; if only this resolver fails, use another.",
    needs=("resolver",),
    references=("RFC 6376 §6.1.2",),
    states_problem=True,
)
