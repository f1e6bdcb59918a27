"""What SPF, DKIM and DMARC came to, as facts that remedies are chosen by."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.catalogue.explainer.told import authentication_named
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.facts.records import deciding, early_all, lists_other_family, of_record
from smtpprobe.diagnosis.facts.reply import quotes_another_ip
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import AuthorDomainSource, DmarcAligned, DmarcEvidence, DmarcMechanism
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentity, SpfIdentityKind
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import IpSource, Phase
from smtpprobe.model.words import AuthResult

_NOT_GLOBAL = mark("{ip} is not a global address")
_OF_THIS = "email-auth-failed"
_NOT_PASSED = (AuthResult.FAIL, AuthResult.SOFTFAIL, AuthResult.PERMERROR)


def named_in(rejection: Rejection) -> set[str]:
    """Which of SPF, DKIM and DMARC the reply names, by a word or by its number; empty where it names none."""
    return authentication_named(rejection.reply.text, rejection.explanation)


def deciding_spf(rejection: Rejection) -> tuple[SpfIdentity, SpfIdentityKind] | None:
    """The identity that SPF fails for, and which of the two it is.

    None where neither fails, and where the reply is about DKIM or DMARC, which the message decides.
    """
    found = rejection.evidence(SpfEvidence)
    named = named_in(rejection)
    by_message = not named and rejection.exchange.phase is Phase.MESSAGE
    if found is None or by_message or (named and named != {"spf"}):
        return None
    return failing_identity(rejection, found[1])


def failing_identity(rejection: Rejection, evidence: SpfEvidence) -> tuple[SpfIdentity, SpfIdentityKind] | None:
    """The first of both identities that does not pass, MAIL FROM's before HELO's."""
    identities = evidence.identities
    of = ((identities.mailfrom, SpfIdentityKind.MAIL_FROM), (identities.helo, SpfIdentityKind.HELO))
    for identity, which in of:
        if identity.result in _NOT_PASSED or (rejection.is_transient and identity.result is AuthResult.TEMPERROR):
            return identity, which
    return None


def of_authentication(rejection: Rejection, cause: str) -> dict[str, str | None]:
    """The facts; those of SPF are of the identity that decided."""
    named = named_in(rejection)
    known = _of_spf(rejection, cause, named)
    known |= _of_dkim(rejection)
    known |= _of_dmarc(rejection, named)
    return known


def _of_spf(rejection: Rejection, cause: str, named: set[str]) -> dict[str, str | None]:
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return {}
    evidence = found[1]
    passes = evidence.result is AuthResult.PASS
    known: dict[str, str | None] = {"spf_known": YES, "spf_passes": YES if passes else None}
    about_spf = not named or bool(named & {"spf", "dmarc"})
    by_message = "spf" not in named and rejection.exchange.phase is Phase.MESSAGE
    if cause != _OF_THIS or not about_spf or by_message:
        return known
    deciding = deciding_spf(rejection)
    identity, which = deciding or (evidence.identities.mailfrom, SpfIdentityKind.MAIL_FROM)
    if identity.result is AuthResult.PASS or identity.domain is None:
        return known
    known |= {"spf_passes": None, "domain": identity.domain}
    if quotes_another_ip(rejection):
        known["ip"] = evidence.client_ip  # which the record is worked out for
    if which is SpfIdentityKind.HELO:
        # A pass of the other identity does not help: the server went by this one.
        known["spf_helo"] = identity.domain
    known |= _of_identity(evidence, identity)
    if names.is_local_address(evidence.client_ip) and not known.get("spf_record"):
        seen = _was_seen(rejection)
        why = say(_NOT_GLOBAL, ip=evidence.client_ip)
        known["spf_no_record"] = why if seen else known.get("spf_no_record") or why
        known["spf_local_seen"] = YES if seen else None
    return known


def _was_seen(rejection: Rejection) -> bool:
    """Whether the client IP is one that the server saw, and not one that was only assumed."""
    identity = rejection.transcript.identity
    return identity is not None and identity.client_ip_source is not IpSource.OPTION


def _of_identity(evidence: SpfEvidence, identity: SpfIdentity) -> dict[str, str | None]:
    """What is to be changed for an identity that does not pass."""
    match identity.result:
        case AuthResult.TEMPERROR:
            return {"spf_broken_name": broken_name(identity)}
        case AuthResult.PERMERROR:
            known = {"spf_problem": YES, **of_record(evidence, identity)}
        case _:
            known = {"spf_fails": YES}
            known["spf_other_family"] = YES if lists_other_family(identity, evidence.client_ip) else None
    edit = evidence.edit
    early = early_all(evidence, identity)
    known["spf_early_all"] = early[0] if early else None
    if edit is not None and edit.domain == identity.domain:
        still = edit.record is None and edit.result is AuthResult.FAIL and identity.result is AuthResult.PERMERROR
        # Of several records none is the identity's: what they have is not known here.
        adds = edit.record and identity.record and edit.mechanism not in identity.record.split()
        added = edit.mechanism if adds else None
        known["spf_adds"] = added
        known["spf_still"] = edit.mechanism if still else None
        known["spf_record"] = f"{edit.owner}. TXT {' '.join(edit.strings)}" if edit.record and edit.strings else None
        known["spf_no_record"] = edit.reason if edit.record is None else None
    return known


def broken_name(identity: SpfIdentity) -> str | None:
    """The name whose look-up failed and so ended the evaluation: the record's own, or one that a term leads to."""
    name, steps = identity.domain, identity.trace
    while steps and (step := deciding(steps)) is not None:
        name = (step.expanded or step.term).partition(":")[2] or step.expanded or name
        steps = step.children
    return name


def _of_dkim(rejection: Rejection) -> dict[str, str | None]:
    found = rejection.evidence(DkimEvidence)
    if found is None or not found[1].signatures:
        return {}
    good = [each for each in found[1].signatures if each.result is AuthResult.PASS]
    bad = [each for each in found[1].signatures if each.result is not AuthResult.PASS]
    failed = bad[0] if bad and not good else None
    return {
        "message_known": YES,
        "dkim_passes": good[0].domain if good else None,
        "dkim_problem": (failed.reason or str(failed.result)) if failed else None,
        "dkim_domain": (failed.domain or say("its domain")) if failed else None,
    }


def _of_dmarc(rejection: Rejection, named: set[str]) -> dict[str, str | None]:
    found = rejection.evidence(DmarcEvidence)
    if found is None:
        return {}
    evidence = found[1]
    passes, fails = evidence.result is AuthResult.PASS, evidence.result is AuthResult.FAIL
    if evidence.author_domain_source is not AuthorDomainSource.MESSAGE:
        # RFC 9989 §4.4: DMARC is about the message's author domain, which the reverse-path only lets one guess.
        guess = passes and "dmarc" in named
        return {"author_domain": evidence.author_domain, "dmarc_would_pass": YES if guess else None}
    unaligned = [each for each in evidence.alignment if each.result is AuthResult.PASS and each.aligned is False]
    return {
        "message_known": YES,
        "author_domain": evidence.author_domain,
        "dmarc_passes": YES if passes else None,
        "dmarc_unaligned": in_words(unaligned) if fails and unaligned else None,
        "dmarc_nothing_passes": YES if fails and not unaligned else None,
    }


def in_words(unaligned: Sequence[DmarcAligned]) -> str:
    """What passes without being aligned: the domain of SPF, else of the first signature."""
    first = min(unaligned, key=lambda each: each.mechanism is not DmarcMechanism.SPF)
    return say("{mechanism} passes for {domain}", mechanism=first.mechanism.upper(), domain=first.domain)
