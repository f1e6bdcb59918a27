"""DKIM: the signatures of a message, and the keys that a domain publishes (RFC 6376, RFC 8301, RFC 8463)."""

from __future__ import annotations

from collections.abc import Container, Iterator

import msgspec

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.base import Check, CheckInput, CheckResult, Skip, missing
from smtpprobe.checks.dkim.author_findings import (
    FIELD_REPEATED,
    FROM_AMBIGUOUS,
    FROM_INVALID,
    author_findings,
    repeated_findings,
)
from smtpprobe.checks.dkim.findings import (
    BARE_LF,
    BODY_HASH,
    KEY_BROKEN,
    KEY_MISSING,
    KEY_REVOKED,
    KEY_TESTING,
    KEY_UNTIDY,
    KEY_WEAK,
    MULTIPLE_RECORDS,
    NAMESERVERS_DIFFER,
    NO_SIGNATURE,
    NOT_FOUND_BY_GUESSING,
    PARTLY_SIGNED,
    SIGNATURE_FAIL,
    SIGNATURE_INVALID,
    SIGNATURE_POLICY,
    TEMPERROR,
)
from smtpprobe.mailauth import dkim
from smtpprobe.mailauth.characters import shown
from smtpprobe.mailauth.dkim.beside_key import other_than_key
from smtpprobe.mailauth.dkim.key import read_key
from smtpprobe.mailauth.dkim.message import bare_line_ends, repeated_fields, split
from smtpprobe.mailauth.dkim.outweighed import passing, verified_records, weighed
from smtpprobe.mailauth.dkim.selectors import none_answered, some_unanswered
from smtpprobe.mailauth.dmarc.author_domain import author_domains, message_author
from smtpprobe.mailauth.dns.nameservers import answered
from smtpprobe.model.evidence.dkim import (
    DkimDomain,
    DkimEvidence,
    DkimKey,
    DkimSignature,
    KeyOrigin,
    KeyStatus,
    NameServerAnswer,
    NameServerAnswers,
)
from smtpprobe.model.names import domain_of
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

MAX_AUTHORS = 3  # domains of a message's From field that are asked about
RECOMMENDED_BITS = 2048  # RFC 8301 §3.2: signers should use at least these


def _domains(check_input: CheckInput) -> tuple[str, ...]:
    options = check_input.options
    if options.domains:
        return options.domains
    if options.message is not None:
        return author_domains(options.message)[:MAX_AUTHORS]
    reverse_path = check_input.session.envelope.reverse_path
    domain = domain_of(reverse_path.value) if reverse_path is not None else None
    return (domain,) if domain else ()


def _skip(check_input: CheckInput) -> Skip | None:
    if check_input.options.message is not None or _domains(check_input):
        return None
    return missing(
        "message_to_judge",
        say("no domain is known: the reverse-path is null or was not reached, and no message was given"),
    )


async def _run(check_input: CheckInput) -> CheckResult:
    options, services = check_input.options, check_input.services
    evidence = await dkim.gather(
        services.resolver,
        _domains(check_input),
        options.dkim_selectors,
        options.message,
        now=services.now,
        known=known_selectors(),
        min_key_bits=options.min_key_bits,
        all_nameservers=options.all_nameservers,
    )
    if options.message is not None:
        author = message_author(options.message)
        signatures = weighed(evidence.signatures, author.domains)
        repeated, bare_lf = repeated_fields(split(options.message)), bare_line_ends(options.message)
        evidence = msgspec.structs.replace(
            evidence, signatures=signatures, author=author, repeated=repeated, bare_lf=bare_lf
        )
    about_message = (*author_findings(evidence), *repeated_findings(evidence), *_line_ends(evidence))
    return evidence, (*about_message, *_findings(evidence, options.message is not None))


def _line_ends(evidence: DkimEvidence) -> Iterator[Finding]:
    if evidence.bare_lf:
        message = say_counted(
            "{count} line of the message ends in a bare LF, and others end in CRLF; it was read as CRLF",
            "{count} lines of the message end in a bare LF, and others end in CRLF; they were read as CRLF",
            evidence.bare_lf,
        )
        yield BARE_LF("message", message)


def _findings(evidence: DkimEvidence, has_message: bool) -> Iterator[Finding]:
    strangers = _strangers(evidence)
    for signature in evidence.signatures:
        yield from _signature_findings(signature, strangers)
    if has_message and not evidence.signatures:
        yield NO_SIGNATURE(evidence.domain or "message", say("the message has no DKIM-Signature field"))
    verified = verified_records(evidence.signatures)
    for key in evidence.keys:
        yield from _key_findings(key, evidence, verified)
        if key.servers is not None and key.servers.differ:
            yield NAMESERVERS_DIFFER(
                f"{key.selector}._domainkey.{key.domain}", _by_answer(key.servers), severity=_difference(key)
            )
    for domain in evidence.domains:
        yield from _guess_findings(domain, evidence)


def _strangers(evidence: DkimEvidence) -> str:
    """Whose signatures pass that outweigh none which fails, as the end of a message; empty where none passes."""
    signers = dict.fromkeys(each.domain for each in passing(evidence.signatures) if each.domain)
    domains = ", ".join(list(signers)[:MAX_AUTHORS])
    authors = ", ".join((evidence.author.domains if evidence.author else ())[:MAX_AUTHORS])
    if not domains:
        return ""
    if not authors:
        return say("; the signature that passes is of another domain, {domains}", domains=domains)
    return say(
        "; the signature that passes is of {domains}, which is not the author domain, {authors}",
        domains=domains,
        authors=authors,
    )


def _signature_findings(signature: DkimSignature, strangers: str) -> Iterator[Finding]:
    subject = f"d={signature.domain or '?'} s={signature.selector or '?'}"
    # One signature that passes is all that a receiver asks for, if it serves the author as well.
    severity = Severity.WARNING if signature.outweighed else None
    reason = signature.reason or ""
    beside = say("; another signature passes, and one is enough") if signature.outweighed else strangers
    if signature.result is AuthResult.FAIL:
        spec = SIGNATURE_FAIL if signature.body_hash_ok else BODY_HASH
        said = (*(restoration.statement for restoration in signature.restored_by), *signature.suspects)
        yield spec(subject, "; ".join((reason, *said)) + beside, severity=severity)
    elif signature.result is AuthResult.PERMERROR:
        yield SIGNATURE_INVALID(subject, reason + beside, severity=severity)
    elif signature.result is AuthResult.POLICY:
        yield SIGNATURE_POLICY(subject, f"{reason}{_mathematics(signature)}")
    elif signature.result is AuthResult.TEMPERROR:
        yield TEMPERROR(subject, reason + beside)
    elif signature.unsigned_octets:
        yield PARTLY_SIGNED(subject, reason)


def _mathematics(signature: DkimSignature) -> str:
    return say("; body hash and signature are right") if signature.body_hash_ok and signature.signature_ok else ""


def _is_outweighed(key: DkimKey, evidence: DkimEvidence) -> bool:
    """Whether the key is known from signatures alone beside which others pass."""
    made = [each for each in evidence.signatures if (each.selector, each.domain) == (key.selector, key.domain)]
    return key.origin is KeyOrigin.MESSAGE and bool(made) and all(signature.outweighed for signature in made)


def _key_findings(key: DkimKey, evidence: DkimEvidence, verified: Container[str]) -> Iterator[Finding]:
    is_secondary = key.origin is KeyOrigin.GUESSED or _is_outweighed(key, evidence)
    subject = f"{key.selector}._domainkey.{key.domain}"
    problem = key.problem or ""
    guessed = key.origin is KeyOrigin.GUESSED
    is_dangling = key.origin is KeyOrigin.GUESSED and key.cname is not None
    if key.status is KeyStatus.MISSING and (key.origin is KeyOrigin.GIVEN or is_dangling):
        severity = Severity.WARNING if is_secondary else None
        yield KEY_MISSING(subject, say("no key record: {problem}", problem=problem), severity=severity)
    elif key.status is KeyStatus.REVOKED:
        otherwise = Severity.WARNING if is_secondary else None
        yield KEY_REVOKED(subject, problem, severity=Severity.INFO if guessed else otherwise)
    elif key.status is KeyStatus.BROKEN:
        yield KEY_BROKEN(subject, problem, severity=Severity.WARNING if is_secondary else None)
    elif key.status is KeyStatus.WEAK:
        yield KEY_WEAK(subject, problem, severity=Severity.WARNING if is_secondary else None)
    elif key.status is KeyStatus.TEMPERROR and key.origin is KeyOrigin.GIVEN:
        yield TEMPERROR(subject, problem, names_subject=True)
    elif key.status is KeyStatus.USABLE and key.key_type == "rsa" and (key.key_bits or 0) < RECOMMENDED_BITS:
        message = say(
            "the RSA key has {key_bits} bits; verifiers accept it, {recommended_bits} are recommended",
            key_bits=key.key_bits,
            recommended_bits=RECOMMENDED_BITS,
        )
        yield KEY_WEAK(subject, message, severity=Severity.NOTICE)
    if key.beside:
        found = mark("other TXT records beside the one that was read as the key: {others}")
        if key.record in verified:
            found = mark("other TXT records beside the key that verifies the signature: {others}")
        consequence = say("a verifier that takes one without the signer's key fails the signature (RFC 6376 §3.6.2.2)")
        yield MULTIPLE_RECORDS(subject, f"{say(found, others='; '.join(key.beside))}; {consequence}")
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
    return Severity.WARNING if key.origin is KeyOrigin.GUESSED else None


def _by_answer(servers: NameServerAnswers) -> str:
    """The servers gathered by what they said, for a message."""
    said: dict[str, list[str]] = {}
    for answer in servers.answers:
        if answered(answer):
            text = say(" and ").join(map(_shortened, sorted(answer.records))) or answer.cname or answer.status
            said.setdefault(f"{text}{_from(answer, servers)}", []).append(f"{answer.server} [{answer.address}]")
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in said.items())


def _shortened(record: str) -> str:
    return record if len(record) <= 60 else f"{record[:36]}…{record[-20:]}"


def _from(answer: NameServerAnswer, servers: NameServerAnswers) -> str:
    return say(" (for {name})", name=answer.name) if answer.name != servers.name else ""


def _guess_findings(domain: DkimDomain, evidence: DkimEvidence) -> Iterator[Finding]:
    """What to say where nobody named a selector: never that there is no DKIM."""
    if not domain.guessed:
        return
    if domain.nothing_answered:
        yield TEMPERROR(domain.domain, none_answered(domain.unanswered_because))
        return
    found = [key for key in evidence.keys if key.domain == domain.domain and key.status is not KeyStatus.MISSING]
    if not found:
        yield _not_found(domain)
    if domain.unanswered:
        yield TEMPERROR(domain.domain, some_unanswered(domain.unanswered_because), severity=Severity.NOTICE)


def _not_found(domain: DkimDomain) -> Finding:
    message = say_counted(
        "the {count} common selector of {domain} that could be looked up has no key; that proves nothing",
        "none of {count} common selectors of {domain} has a key; that proves nothing",
        len(domain.tried) - len(domain.unanswered),
        domain=domain.domain,
    )
    if domain.exists is False:
        message = say("{domain} does not exist, so no selector of it has a key", domain=domain.domain)
    elif domain.has_domainkey_node is False:
        message += say(
            " (DNS answers that _domainkey.{domain} does not exist, so nothing should lie below it)",
            domain=domain.domain,
        )
    elif domain.has_domainkey_node:
        message += say(" (_domainkey.{domain} exists, so some selector probably does)", domain=domain.domain)
    if domain.node_text is not None:
        message += say(
            "; at _domainkey.{domain} itself is {text}",
            domain=domain.domain,
            text=other_than_key(domain.node_text) or shown(domain.node_text, 60),
        )
    if domain.wildcard_text is not None:
        message += say(
            "; every selector without a record of its own has what a wildcard gives: {text}",
            text=other_than_key(domain.wildcard_text) or shown(domain.wildcard_text, 60),
        )
    if domain.unguessable:
        message += say("; selectors that cannot be guessed: {unguessable}", unguessable="; ".join(domain.unguessable))
    return NOT_FOUND_BY_GUESSING(domain.domain, message, needs="dkim_selectors")


CHECK = Check(
    name="dkim",
    about=mark("the DKIM signatures of a message, and the keys that the domain publishes"),
    findings=(
        SIGNATURE_FAIL,
        BODY_HASH,
        SIGNATURE_INVALID,
        SIGNATURE_POLICY,
        PARTLY_SIGNED,
        NO_SIGNATURE,
        FROM_INVALID,
        FROM_AMBIGUOUS,
        FIELD_REPEATED,
        BARE_LF,
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
    bears_on=Bearing(Phase.RCPT),
)
