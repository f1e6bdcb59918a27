"""What SPF, DKIM and DMARC say of a reply about the mail's authentication."""

from __future__ import annotations

import re

from smtpprobe.diagnosis.facts.authentication import failing_identity, in_words, named_in
from smtpprobe.diagnosis.facts.records import OF_LOOKUPS, circle_of, early_all, last_term, lists_other_family
from smtpprobe.diagnosis.facts.reply import client_ip
from smtpprobe.diagnosis.facts.session import is_before_data
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.diagnosis.statements import not_your_fault
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import AuthorDomainSource, DmarcEvidence, DmarcMechanism
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentity, SpfIdentityKind
from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

_FAILS = mark("{domain} does not allow {ip} ({term})")
_EARLY_ALL = mark("{all} comes before {term} in the SPF record of {domain}, so that term is never reached")
_ONLY_IPV6 = mark(
    "The SPF record of {domain} lists only IPv6 addresses ({record}), and the session came over IPv4 from {ip}"
)
_ONLY_IPV4 = mark(
    "The SPF record of {domain} lists only IPv4 addresses ({record}), and the session came over IPv6 from {ip}"
)
_TOO_MANY = mark("{term} is the {number}th term that needs a DNS lookup; only {limit} are allowed")
_ITSELF = mark("{domain} includes itself")
_VIA = mark("{domain} includes itself, via {via}")
_SOFTLY = mark("{domain} says that {ip} is probably not allowed ({term})")
_OF_HELO = mark("{why}, and {domain} is the HELO name")
_NEUTRAL = mark("{domain} does not say whether {ip} may send for it ({term})")
_NO_RECORD = mark("{domain} has no SPF record")
_PERMERROR = mark("The SPF record of {domain} cannot be evaluated: {problem}")
_TEMPERROR = mark("SPF of {domain} could not be evaluated: {problem}")
_ALLOWS = mark("{domain} allows {ip} ({term})")
_UNALIGNED = mark("{passing}, which is not aligned with {domain}, the domain in From")
_NEITHER = mark("Neither SPF nor DKIM passes for {domain}, the domain in From")
_DMARC_PASSES = mark("the message passes DMARC for {domain}")
_GUESSED = mark("Judged without the message: with {domain} in From it would pass DMARC, so look at the From field")
_GUESSED_EARLY = mark(
    "The server says that {domain} fails DMARC; here it passes by SPF ({ip}), and no message was sent yet"
)
_ONLY_DKIM = mark("SPF does not pass for {domain}, so only a DKIM signature could; no message was given to look at")
_ONLY_SPF = mark("No signature passes for {domain}, so only SPF could; the client IP is not known")
_NOT_JUDGED = mark("DMARC is judged by the message's From, and no message was given")
_NO_VERIFICATION = mark("The DKIM signature of {domain} does not verify: {reason}")
_VERIFIES = mark("the DKIM signature of {domain} verifies")


def authentication(rejection: Rejection) -> Assessment:
    """email-auth-failed: which of SPF, DKIM, DMARC the reply names, and what we get for it."""
    named = named_in(rejection)
    assessments = [
        assess(rejection) for word, assess in (("spf", _spf), ("dmarc", _dmarc), ("dkim", _dkim)) if word in named
    ]
    if not named:
        assessments = [assess(rejection) for assess in _KNOWN_AT.get(rejection.exchange.phase, ())]
        assessments = [assessment for assessment in assessments if assessment.confidence is Confidence.CONFIRMED]
    order = (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED)
    return min(assessments, key=lambda assessment: order.index(assessment.confidence), default=STATED)


def _spf_words(identity: SpfIdentity, which: SpfIdentityKind, evidence: SpfEvidence) -> str:
    what = say(
        "SPF for {domain} ({which}) from {client_ip}: {result}",
        domain=identity.domain,
        which=which,
        client_ip=evidence.client_ip,
        result=identity.result,
    )
    why = identity.problem or (
        say("the term {mechanism} decided", mechanism=identity.mechanism) if identity.mechanism else None
    )
    return f"{what}, {why}" if why else what


def spf_statement(identity: SpfIdentity, which: SpfIdentityKind, evidence: SpfEvidence) -> str | None:
    """What SPF says of the address, in the domain owner's sense; None where nothing can be checked."""
    ip = evidence.client_ip
    template = {
        AuthResult.PASS: _ALLOWS,
        AuthResult.FAIL: _FAILS,
        AuthResult.SOFTFAIL: _SOFTLY,
        AuthResult.NEUTRAL: _NEUTRAL,
        AuthResult.NONE: _NO_RECORD,
        AuthResult.PERMERROR: _PERMERROR,
        AuthResult.TEMPERROR: _TEMPERROR,
    }.get(identity.result or AuthResult.UNKNOWN)
    if template is None or identity.domain is None:
        return None
    term, problem = identity.mechanism or "default", _problem(identity)
    if template in (_FAILS, _SOFTLY) and lists_other_family(identity, ip):
        template = _ONLY_IPV4 if ":" in ip else _ONLY_IPV6
    if early := early_all(evidence, identity):
        return say(_EARLY_ALL, all=early[0], term=early[1], domain=identity.domain)
    said = say(template, domain=identity.domain, ip=ip, term=term, problem=problem, record=identity.record)
    return say(_OF_HELO, why=said, domain=identity.domain) if which is SpfIdentityKind.HELO else said


def _problem(identity: SpfIdentity) -> str:
    """Why the record cannot be evaluated: a circle has no end, whatever the limit."""
    if identity.fault not in OF_LOOKUPS:
        return identity.problem or "?"
    if circle := circle_of(identity):
        first, *via = circle[:-1]
        return say(_VIA, domain=first, via=", ".join(via)) if via else say(_ITSELF, domain=first)
    term = last_term(identity)
    return say(_TOO_MANY, term=term, number=MAX_LOOKUPS + 1, limit=MAX_LOOKUPS) if term else identity.problem or "?"


def _spf(rejection: Rejection) -> Assessment:
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return STATED
    index, evidence = found
    ip = evidence.client_ip
    if failing := failing_identity(rejection, evidence):
        words, said = _spf_words(*failing, evidence), spf_statement(*failing, evidence)
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=(index,), statement=said)
    identity = evidence.identities.mailfrom
    words, said = _spf_words(identity, SpfIdentityKind.MAIL_FROM, evidence), None
    confidence = Confidence.STATED
    if identity.result is AuthResult.PASS:
        confidence = Confidence.CONTRADICTED
        said = not_your_fault(say(_ALLOWS, domain=identity.domain, ip=ip, term=identity.mechanism or "default"))
    else:
        said = spf_statement(identity, SpfIdentityKind.MAIL_FROM, evidence)
    if identity.result in (AuthResult.NONE, AuthResult.NEUTRAL) and not re.search(
        r"\b(?:soft ?)?fail(?!ed to pass)|error", rejection.text
    ):
        # "did not pass": neither does a domain without a record; a failure or an error is more than that.
        confidence = Confidence.CONFIRMED
    return Assessment(confidence=confidence, because=(words,), checks=(index,), statement=said)


def _dmarc(rejection: Rejection) -> Assessment:
    found = rejection.evidence(DmarcEvidence)
    if found is None:
        return STATED
    index, evidence = found
    domain, result = evidence.author_domain, evidence.result
    words = say(
        "DMARC for {domain}: {result}, policy {policy}",
        domain=domain,
        result=result,
        policy=evidence.policy or say("none published"),
    )
    if evidence.author_domain_source is not AuthorDomainSource.MESSAGE:
        # RFC 9989 §4.4: DMARC is about the message's author domain, which the reverse-path only lets one guess.
        ip = client_ip(rejection)
        guessed = _GUESSED_EARLY if ip and is_before_data(rejection.exchange.phase) else _GUESSED
        only_dkim = evidence.hangs_on == (DmarcMechanism.DKIM,)
        template = guessed if result is AuthResult.PASS else _ONLY_DKIM if only_dkim else _NOT_JUDGED
        said = say(template, domain=domain, ip=ip)
        words = say("judged without a message, by the reverse-path: {words}", words=words)
        return Assessment(confidence=Confidence.STATED, because=(words,), checks=(index,), statement=said)
    if result is AuthResult.PASS:
        said = not_your_fault(say(_DMARC_PASSES, domain=domain))
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), checks=(index,), statement=said)
    if result is AuthResult.FAIL:
        unaligned = [each for each in evidence.alignment if each.result is AuthResult.PASS and each.aligned is False]
        passing = in_words(unaligned) if unaligned else None
        said = say(_UNALIGNED, passing=passing, domain=domain) if passing else say(_NEITHER, domain=domain)
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=(index,), statement=said)
    only_spf = say(_ONLY_SPF, domain=domain) if evidence.hangs_on else None
    return Assessment(confidence=Confidence.STATED, because=(words,), checks=(index,), statement=only_spf)


def _dkim(rejection: Rejection) -> Assessment:
    found = rejection.evidence(DkimEvidence)
    if found is None:
        return STATED
    index, evidence = found
    if not evidence.signatures:
        return STATED
    good = [each for each in evidence.signatures if each.result is AuthResult.PASS]
    bad = [each for each in evidence.signatures if each.result is not AuthResult.PASS]
    if bad and not good:
        words = tuple(
            say(
                "DKIM signature of {domain}: {result}, {reason}",
                domain=each.domain,
                result=each.result,
                reason=each.reason,
            )
            for each in bad[:2]
        )
        said = say(_NO_VERIFICATION, domain=bad[0].domain, reason=bad[0].reason or bad[0].result)
        return Assessment(confidence=Confidence.CONFIRMED, because=words, checks=(index,), statement=said)
    return Assessment(
        confidence=Confidence.CONTRADICTED,
        because=tuple(say("the DKIM signature of {domain} verifies", domain=each.domain) for each in good[:2]),
        checks=(index,),
        statement=not_your_fault(say(_VERIFIES, domain=good[0].domain)),
    )


# What the server could know where its reply names none of the three: paths from MAIL on, signatures with the message.
_KNOWN_AT = {
    Phase.MAIL: (_spf,),
    Phase.RCPT: (_spf,),
    Phase.DATA: (_spf,),
    Phase.MESSAGE: (_spf, _dmarc, _dkim),
}
