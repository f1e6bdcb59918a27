"""DKIM: the signatures of a message, and the keys that a domain publishes (RFC 6376, RFC 8301, RFC 8463)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import Check, CheckContext, FindingSpec, Gathered
from smtpprobe.mailauth import dkim
from smtpprobe.mailauth.dkim.key import read_key
from smtpprobe.mailauth.dmarc.author_domain import author_domains
from smtpprobe.mailauth.dns.nameservers import answered
from smtpprobe.model.evidence.dkim import (
    DkimDomain,
    DkimEvidence,
    DkimKey,
    DkimSignature,
    NameServerAnswer,
    NameServerAnswers,
)
from smtpprobe.model.names import domain_of
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.words import AuthResult

MAX_AUTHORS = 3  # domains of a message's From field that are asked about
RECOMMENDED_BITS = 2048  # RFC 8301 §3.2: signers should use at least these

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


def _domains(context: CheckContext) -> tuple[str, ...]:
    if context.domains:
        return context.domains
    authors = author_domains(context.message) if context.message is not None else ()
    if authors:
        return authors[:MAX_AUTHORS]
    reverse_path = context.envelope.reverse_path
    domain = domain_of(reverse_path.value) if reverse_path is not None else None
    return (domain,) if domain else ()


def _skip(context: CheckContext) -> str | None:
    if context.message is not None or _domains(context):
        return None
    return "no domain is known: the reverse-path is null or was not reached, and no message was given (--message)"


async def _run(context: CheckContext) -> Gathered:
    evidence = await dkim.gather(
        context.resolver,
        _domains(context),
        context.dkim_selectors,
        context.message,
        now=context.now,
        min_key_bits=context.min_key_bits,
        all_nameservers=context.all_nameservers,
    )
    return evidence, tuple(_findings(evidence, context.message is not None))


def _findings(evidence: DkimEvidence, has_message: bool) -> Iterator[Finding]:
    any_pass = any(signature.result is AuthResult.PASS for signature in evidence.signatures)
    for signature in evidence.signatures:
        yield from _signature_findings(signature, any_pass)
    if has_message and not evidence.signatures:
        yield NO_SIGNATURE(evidence.domain or "message", "the message has no DKIM-Signature field")
    for key in evidence.keys:
        yield from _key_findings(key)
        if key.servers is not None and key.servers.differ:
            yield NAMESERVERS_DIFFER(
                f"{key.selector}._domainkey.{key.domain}", _by_answer(key.servers), severity=_difference(key)
            )
    for domain in evidence.domains:
        yield from _guess_findings(domain, evidence)


def _signature_findings(signature: DkimSignature, any_pass: bool) -> Iterator[Finding]:
    subject = f"d={signature.domain or '?'} s={signature.selector or '?'}"
    # One signature that passes is all that a receiver asks for.
    severity = Severity.WARNING if any_pass else None
    reason = signature.reason or ""
    if signature.result is AuthResult.FAIL:
        spec = SIGNATURE_FAIL if signature.body_hash_ok else BODY_HASH
        said = (*(restoration.statement for restoration in signature.restored_by), *signature.suspects)
        yield spec(subject, "; ".join((reason, *said)), severity=severity)
    elif signature.result is AuthResult.PERMERROR:
        yield SIGNATURE_INVALID(subject, reason, severity=severity)
    elif signature.result is AuthResult.POLICY:
        yield SIGNATURE_POLICY(subject, f"{reason}{_mathematics(signature)}")
    elif signature.result is AuthResult.TEMPERROR:
        yield TEMPERROR(subject, reason)
    elif signature.unsigned_octets:
        yield PARTLY_SIGNED(subject, reason)


def _mathematics(signature: DkimSignature) -> str:
    return "; body hash and signature are right" if signature.body_hash_ok and signature.signature_ok else ""


def _key_findings(key: DkimKey) -> Iterator[Finding]:
    subject = f"{key.selector}._domainkey.{key.domain}"
    problem = key.problem or ""
    guessed = key.origin == "guessed"
    if key.status == "missing" and key.origin == "given":
        yield KEY_MISSING(subject, f"no key record: {problem}")
    elif key.status == "revoked":
        yield KEY_REVOKED(subject, problem, severity=Severity.INFO if guessed else None)
    elif key.status == "broken":
        yield KEY_BROKEN(subject, problem, severity=Severity.WARNING if guessed else None)
    elif key.status == "weak":
        yield KEY_WEAK(subject, problem, severity=Severity.WARNING if guessed else None)
    elif key.status == "temperror" and key.origin == "given":
        yield TEMPERROR(subject, problem)
    elif key.status == "usable" and key.key_type == "rsa" and (key.key_bits or 0) < RECOMMENDED_BITS:
        message = f"the RSA key has {key.key_bits} bits; verifiers accept it, {RECOMMENDED_BITS} are recommended"
        yield KEY_WEAK(subject, message, severity=Severity.NOTICE)
    if key.records > 1:
        yield MULTIPLE_RECORDS(subject, f"{key.records} key records")
    if "y" in key.flags:
        yield KEY_TESTING(subject, "t=y")
    for note in key.notes:
        yield KEY_UNTIDY(subject, note)


def _difference(key: DkimKey) -> Severity | None:
    """How severe it is that servers differ: little where all of them give the same keys in other words."""
    answers = key.servers.answers if key.servers is not None else ()
    keys = {
        frozenset((record.status, record.octets) for record in map(read_key, answer.records))
        for answer in answers
        if answered(answer) and answer.cname is None
    }
    if len(keys) == 1:
        return Severity.NOTICE
    return Severity.WARNING if key.origin == "guessed" else None


def _by_answer(servers: NameServerAnswers) -> str:
    """The servers gathered by what they said, for a message."""
    said: dict[str, list[str]] = {}
    for answer in servers.answers:
        if answered(answer):
            text = " and ".join(map(_shortened, sorted(answer.records))) or answer.cname or answer.status
            said.setdefault(f"{text}{_from(answer, servers)}", []).append(f"{answer.server} [{answer.address}]")
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in said.items())


def _shortened(record: str) -> str:
    return record if len(record) <= 60 else f"{record[:36]}…{record[-20:]}"


def _from(answer: NameServerAnswer, servers: NameServerAnswers) -> str:
    return f" (for {answer.name})" if answer.name != servers.name else ""


def _guess_findings(domain: DkimDomain, evidence: DkimEvidence) -> Iterator[Finding]:
    """What to say where nobody named a selector: never that there is no DKIM."""
    if not domain.guessed or any(key.domain == domain.domain for key in evidence.keys):
        return
    message = f"no key of {domain.domain} found among {len(domain.tried)} guessed selectors; that proves nothing"
    message += "; give --dkim-selector"
    if domain.has_domainkey_node is False:
        message += f" (DNS answers that _domainkey.{domain.domain} does not exist, so nothing should lie below it)"
    elif domain.has_domainkey_node:
        message += f" (_domainkey.{domain.domain} exists, so some selector probably does)"
    if domain.unguessable:
        message += f"; selectors that cannot be guessed: {'; '.join(domain.unguessable)}"
    yield NOT_FOUND_BY_GUESSING(domain.domain, message)
    if domain.unanswered:
        yield TEMPERROR(domain.domain, f"no answer for {', '.join(domain.unanswered)}", severity=Severity.NOTICE)


CHECK = Check(
    name="dkim",
    about="the DKIM signatures of a message, and the keys that the domain publishes",
    findings=(
        SIGNATURE_FAIL,
        BODY_HASH,
        SIGNATURE_INVALID,
        SIGNATURE_POLICY,
        PARTLY_SIGNED,
        NO_SIGNATURE,
        KEY_MISSING,
        KEY_REVOKED,
        KEY_BROKEN,
        KEY_WEAK,
        KEY_TESTING,
        KEY_UNTIDY,
        MULTIPLE_RECORDS,
        NOT_FOUND_BY_GUESSING,
        NAMESERVERS_DIFFER,
        TEMPERROR,
    ),
    skip=_skip,
    run=_run,
)
