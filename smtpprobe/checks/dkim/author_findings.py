"""The findings of the DKIM check about the From field, which a signature that verifies does not make right."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.mailauth.dkim.outweighed import passing
from smtpprobe.model.evidence.dkim import (
    FROM,
    RIGHT_AND_RARE,
    DkimEvidence,
    DkimSignature,
    FromFault,
    FromProblem,
    MessageAuthor,
)
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

FROM_INVALID = FindingSpec(
    id="dkim-from-invalid",
    severity=Severity.ERROR,
    title=mark("The message has no From field that receivers can use"),
    why=mark(
        "A message has exactly one From field with the author's address. Receivers typically refuse "
        "messages with several From fields, with none, or without an address in it; a signature that "
        "verifies does not change that, and DMARC has no author domain to judge."
    ),
    fix=mark(
        "Send exactly one From field with one address: From: Name <user@example.org>. Sign it twice "
        "(h=from:from), so that nobody can add another one."
    ),
    references=("RFC 5322 §3.6", "RFC 5322 §3.6.2", "RFC 7489 §6.6.1", "RFC 6376 §8.15"),
    names_subject=True,
    states_problem=True,
)
FROM_AMBIGUOUS = FindingSpec(
    id="dkim-from-ambiguous",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice for several mailboxes of one domain with a Sender field, and for raw UTF-8"),
    title=mark("Receivers differ in what they make of the From field"),
    why=mark(
        "Several mailboxes, groups, address literals and text that does not follow the grammar are "
        "read differently: some receivers refuse the message, some take another address from it than "
        "others, some leave it out of DMARC."
    ),
    fix=mark(
        "Send one address in From, with the name before it in quotation marks if it contains special "
        'characters: From: "Doe, Jane" <jane@example.org>. If there are several authors, add a '
        "Sender field with one address."
    ),
    references=("RFC 5322 §3.4", "RFC 5322 §3.6.2", "RFC 6854", "RFC 7489 §6.6.1"),
    names_subject=True,
    states_problem=True,
)
FIELD_REPEATED = FindingSpec(
    id="dkim-field-repeated",
    severity=Severity.WARNING,
    title=mark("A header field that may be there once is there several times"),
    why=mark(
        "Programs differ in which of the fields they show, and a signature covers the lowest ones "
        "alone, as many as it names: anybody may have added those above them. Large receivers refuse "
        "such messages."
    ),
    fix=mark(
        "Send the field once, and have the signer name it once more than it is there "
        "(h=subject:subject), so that nobody can add another one."
    ),
    references=("RFC 5322 §3.6", "RFC 6376 §5.4.2", "RFC 6376 §8.15"),
    names_subject=True,
)

_REFUSED = mark("receivers typically refuse such messages")
# What receivers do with such a message.
CONSEQUENCES = {
    FromFault.ABSENT: _REFUSED,
    FromFault.SEVERAL_FIELDS: mark(
        "receivers typically refuse such messages, and programs differ in which of the fields they show"
    ),
    FromFault.EMPTY: _REFUSED,
    FromFault.NO_ADDRESS: mark("many receivers refuse such messages"),
    FromFault.HIDDEN_ADDRESS: mark("receivers do not look for an address there, and many refuse such messages"),
    FromFault.OTHER_ADDRESS: mark(
        "many programs show readers that one alone, and filters take such messages for forgeries"
    ),
    FromFault.GROUP: mark("many receivers refuse groups in From, others leave such messages out of DMARC"),
    FromFault.ADDRESS_LITERAL: mark("no domain can vouch for it, and many receivers refuse such messages"),
    FromFault.BAD_DOMAIN: mark("many receivers refuse authors whose domain cannot receive mail"),
    FromFault.SYNTAX: mark("receivers differ in the address that they read from it"),
    FromFault.SEVERAL_DOMAINS: mark(
        "receivers typically refuse such messages; others judge each domain and apply the strictest DMARC policy, or none"
    ),
    FromFault.INTERNATIONALIZED: mark(
        "only servers that offer SMTPUTF8 take such messages (RFC 6531), and others refuse them"
    ),
    FromFault.SEVERAL_AUTHORS: mark("the Sender field makes that right, and yet some receivers refuse several authors"),
    FromFault.SEVERAL_MAILBOXES: mark("RFC 5322 §3.6.2 asks for one, and many receivers refuse several authors"),
}


def author_findings(evidence: DkimEvidence) -> Iterator[Finding]:
    """What is wrong with the message's From field; the first one says what a signature that passes is worth beside it."""
    author = evidence.author
    if author is None:
        return
    verified = passing(evidence.signatures)
    for number, problem in enumerate(author.problems):
        is_first = not number and problem.fault not in RIGHT_AND_RARE
        beside = _beside(author, verified) if verified and is_first else ""
        yield _spec(author, problem)(
            FROM,
            f"{problem.statement}; {say(CONSEQUENCES[problem.fault])}{beside}",
            severity=severity_of(problem),
        )


def severity_of(problem: FromProblem) -> Severity | None:
    """How severe it is, where it differs from what such a finding is by itself."""
    return Severity.NOTICE if problem.fault in RIGHT_AND_RARE else None


def _spec(author: MessageAuthor, problem: FromProblem) -> FindingSpec:
    is_invalid = problem.fault is FromFault.SEVERAL_FIELDS or not author.domains
    return FROM_INVALID if is_invalid else FROM_AMBIGUOUS


def _beside(author: MessageAuthor, verified: list[DkimSignature]) -> str:
    names = ", ".join(dict.fromkeys(signature.domain or "" for signature in verified[:3]))
    if author.count > 1:
        # RFC 6376 §5.4.2: of fields with the same name, those are signed that stand lowest.
        signed = max(signature.headers.count("from") for signature in verified)
        if signed < author.count:
            which = say("the lowest") if signed == 1 else say("the lowest {signed}", signed=signed)
            return say(
                "; the signature of {names} verifies, and covers {which} of them alone", names=names, which=which
            )
    return say("; the signature of {names} verifies, which does not make the author right", names=names)


def repeated_findings(evidence: DkimEvidence) -> Iterator[Finding]:
    """Fields that are there too often, and how many of each a signature that passes covers."""
    verified = passing(evidence.signatures)
    for field in evidence.repeated:
        said = say("there are {count} {name} fields, at most one is allowed", count=field.count, name=field.name)
        signed = max((signature.headers.count(field.name.lower()) for signature in verified), default=0)
        if verified and signed < field.count:
            lowest = say("the lowest") if signed == 1 else say("the lowest {signed}", signed=signed)
            covered = say("covers {lowest} of them alone", lowest=lowest) if signed else say("covers none of them")
            said += say(
                "; the signature of {domain} verifies, and {covered}", domain=verified[0].domain, covered=covered
            )
        yield FIELD_REPEATED(field.name, said)
