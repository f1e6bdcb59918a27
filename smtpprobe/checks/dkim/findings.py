"""The findings of the DKIM check."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

SIGNATURE_FAIL = FindingSpec(
    id="dkim-signature-fail",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if another signature of the same or the author domain passes"),
    title=mark("A DKIM signature does not verify"),
    why=mark(
        "The body is as it was signed, but a signed header field or a tag of the signature was changed on the "
        "way, or the published key is not the one that signed. Receivers treat the signature as absent, and "
        "refuse the mail if DMARC depends on it."
    ),
    fix=mark(
        "Compare the signed header fields with those that left the signer: list software and "
        "gateways rewrite Subject, To and Message-ID. If nothing was changed, publish the public key "
        "that belongs to the signer's private key."
    ),
    references=("RFC 6376 §6.1.3",),
)
BODY_HASH = FindingSpec(
    id="dkim-body-hash-mismatch",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if another signature of the same or the author domain passes"),
    title=mark("The message body is not the one that was signed"),
    why=mark(
        "The hash of the body is not the one in the signature. Mostly something added a footer, converted "
        "the encoding or rewrote lines after the signer had seen the message."
    ),
    fix=mark(
        "Sign as the last step before the message leaves, after every filter and disclaimer; use "
        "relaxed canonicalization for the body, and 7-bit safe encodings."
    ),
    references=("RFC 6376 §6.1.3", "RFC 6376 §5.3"),
)
SIGNATURE_INVALID = FindingSpec(
    id="dkim-signature-invalid",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if another signature of the same or the author domain passes"),
    title=mark("A DKIM signature cannot be verified"),
    why=mark("The signature breaks the rules, or there is no key that may serve it. Receivers treat it as absent."),
    fix=mark("See the reason given: correct the signer's configuration, or the key record of the selector."),
    references=("RFC 6376 §6.1.1", "RFC 6376 §6.1.2"),
)
SIGNATURE_POLICY = FindingSpec(
    id="dkim-signature-policy",
    severity=Severity.WARNING,
    title=mark("Receivers do not accept a DKIM signature although it is right"),
    why=mark(
        "The signature is mathematically valid, but the algorithm is withdrawn, the key is too "
        "short, or the signature has expired or is dated in the future."
    ),
    fix=mark(
        "Sign with rsa-sha256 and a key of 2048 bits, or ed25519-sha256 beside it, and look at the signer's clock."
    ),
    references=("RFC 8301 §3", "RFC 6376 §3.5"),
)
PARTLY_SIGNED = FindingSpec(
    id="dkim-body-partly-signed",
    severity=Severity.NOTICE,
    title=mark("The end of the body is not signed"),
    why=mark(
        "The l= tag lets anyone add to the body without breaking the signature; some receivers ignore such signatures."
    ),
    fix=mark("Leave l= out."),
    references=("RFC 6376 §3.5", "RFC 6376 §8.2"),
)
NO_SIGNATURE = FindingSpec(
    id="dkim-no-signature",
    severity=Severity.WARNING,
    title=mark("The message has no DKIM signature"),
    why=mark("Large receivers ask for DKIM, and without it DMARC depends on SPF alone, which forwarding breaks."),
    fix=mark("Have the submission server sign with a key of the author's domain."),
    references=("RFC 6376 §5",),
)
BARE_LF = FindingSpec(
    id="dkim-bare-lf",
    severity=Severity.NOTICE,
    title=mark("Some lines of the message end in a bare LF"),
    why=mark(
        "A message on its way has no bare LF. Servers refuse it or make CRLF of it, before a signature is made or after: "
        "one that verifies here can fail elsewhere, and the other way round."
    ),
    fix=mark(
        "End every line with CRLF before the message is signed, and look at programs that write single lines with LF."
    ),
    references=("RFC 5322 §2.3", "RFC 6376 §5.3"),
    names_subject=True,
)
KEY_MISSING = FindingSpec(
    id="dkim-key-missing",
    severity=Severity.ERROR,
    severity_otherwise=mark(
        "warning for an alias that leads nowhere at a selector that was guessed, or if another signature of the "
        "same or the author domain passes"
    ),
    title=mark("There is no key at the selector"),
    why=mark("Signatures with this selector cannot be verified and count as absent."),
    fix=mark(
        "Publish the key record as TXT at SELECTOR._domainkey.DOMAIN, or correct the selector that the signer uses."
    ),
    references=("RFC 6376 §3.6.2", "RFC 6376 §6.1.2"),
    states_problem=True,
)
KEY_REVOKED = FindingSpec(
    id="dkim-key-revoked",
    severity=Severity.ERROR,
    severity_otherwise=mark(
        "info for a selector that was guessed; warning if another signature of the same or the author domain passes"
    ),
    title=mark("The key has been revoked"),
    why=mark("The record has an empty p= tag: signatures with this selector are invalid."),
    fix=mark("Sign with the current selector; if this one is meant to be in use, publish its key again."),
    references=("RFC 6376 §3.6.1",),
    states_problem=True,
)
KEY_BROKEN = FindingSpec(
    id="dkim-key-broken",
    severity=Severity.ERROR,
    severity_otherwise=mark(
        "warning for a selector that was guessed, or if another signature of the same or the author domain passes"
    ),
    title=mark("The key record cannot be used"),
    why=mark(
        "Verifiers cannot read a key from the record, or it may not serve mail: signatures with this selector fail."
    ),
    fix=mark(
        "Publish the record again, exactly as the signer generated it: without quotation marks, "
        "split into strings of at most 255 octets, as one record."
    ),
    references=("RFC 6376 §3.6.1", "RFC 6376 §3.6.2.2"),
    states_problem=True,
)
KEY_WEAK = FindingSpec(
    id="dkim-key-weak",
    severity=Severity.ERROR,
    severity_otherwise=mark(
        "warning for a selector that was guessed, or if another signature of the same or the author domain passes; "
        "notice for an accepted key of fewer than 2048 bits"
    ),
    title=mark("The RSA key is too short"),
    why=mark("Verifiers must not accept signatures of keys shorter than 1024 bits; signers should use at least 2048."),
    fix=mark("Generate a key of 2048 bits, publish it under a new selector, and sign with that."),
    references=("RFC 8301 §3.2",),
    states_problem=True,
)
KEY_TESTING = FindingSpec(
    id="dkim-key-testing",
    severity=Severity.NOTICE,
    title=mark("The key is marked as a test"),
    why=mark(
        "With t=y in the record, verifiers must not treat mail that is signed with it differently from unsigned mail, whether "
        "the signature passes or fails."
    ),
    fix=mark("Remove t=y when signing works."),
    references=("RFC 6376 §3.6.1",),
)
KEY_UNTIDY = FindingSpec(
    id="dkim-key-untidy",
    severity=Severity.NOTICE,
    title=mark("Verifiers may differ about the key record"),
    why=mark("The record is read by tolerant verifiers and dropped by strict ones."),
    fix=mark("Write the record as v=DKIM1; k=rsa; p=… with nothing else."),
    references=("RFC 6376 §3.6.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    id="dkim-multiple-records",
    severity=Severity.WARNING,
    title=mark("There are several TXT records at one selector"),
    why=mark(
        "What verifiers do with several records is not defined: some take whichever comes first, "
        "some put them together, some give up, so signatures sometimes verify and sometimes fail."
    ),
    fix=mark(
        "Keep the key record alone: remove leftovers and other records, and publish a second key "
        "under a selector of its own. A key that is longer than 255 octets is one record of several "
        "strings."
    ),
    references=("RFC 6376 §3.6.2.2",),
)
NOT_FOUND_BY_GUESSING = FindingSpec(
    id="dkim-not-found-by-guessing",
    severity=Severity.INFO,
    title=mark("No key was found under the usual selectors"),
    why=mark("Selectors are free, and DNS cannot list them: that none of the usual ones has a key proves nothing."),
    fix=mark("Give the selector, or a message; it is the s= tag of its DKIM-Signature."),
    needs=("dkim_selectors", "message_to_judge"),
    references=("RFC 6376 §3.1",),
    names_subject=True,
)
NAMESERVERS_DIFFER = FindingSpec(
    id="dkim-nameservers-differ",
    severity=Severity.ERROR,
    severity_otherwise=mark(
        "notice if the servers give the same key in other words; warning for a selector that was guessed"
    ),
    title=mark("The domain's name servers give different key records"),
    why=mark(
        "Which record a verifier sees depends on the name server that it happens to ask, so "
        "signatures verify for some receivers and fail for others."
    ),
    fix=mark(
        "Bring the name servers named to the same version of the zone: look at the serial number in "
        "each one's SOA record, at zone transfers, and at providers that hold a copy of their own."
    ),
    references=("RFC 6376 §3.6.2.1", "RFC 1034 §4.3.5"),
)
TEMPERROR = FindingSpec(
    id="dkim-temperror",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice for some of the selectors that were guessed"),
    title=mark("A key could not be looked up"),
    why=mark(
        "The lookup failed or timed out. Receivers that see the same answer defer the mail or treat it as unsigned."
    ),
    fix=mark("Look at the name servers of the signing domain; if only this resolver fails, use another."),
    needs=("resolver",),
    references=("RFC 6376 §6.1.2",),
    states_problem=True,
)
