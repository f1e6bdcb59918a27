"""Whose DMARC is judged: the author domain, and what is in doubt about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.checks.base import CheckInput, FindingSpec, Skip, missing, not_applicable
from smtpprobe.checks.dkim.author_findings import CONSEQUENCES, severity_of
from smtpprobe.mailauth.dmarc.author_domain import message_author
from smtpprobe.model.evidence.dkim import FROM, FromFault, FromProblem
from smtpprobe.model.evidence.dmarc import AuthorDomainSource
from smtpprobe.model.names import domain_of
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

FROM_AMBIGUOUS = FindingSpec(
    id="dmarc-from-ambiguous",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice for several mailboxes of one domain with a Sender field, and for raw UTF-8"),
    title=mark("The author that DMARC was judged for is not the only one that is read or shown"),
    why=mark(
        "Receivers read a From field that does not follow the grammar differently: some judge another domain, some "
        "leave the message out of DMARC, some refuse it. A pass for one reading protects nobody who sees another. "
        "Several mailboxes and groups are refused by some, and an address in the name deceives those who read it."
    ),
    fix=mark("Send one address in From, written by the grammar: From: Name <user@example.org>."),
    references=("RFC 7489 §6.6.1", "RFC 5322 §3.6.2"),
    names_subject=True,
)
NO_AUTHOR_DOMAIN = FindingSpec(
    id="dmarc-no-author-domain",
    severity=Severity.ERROR,
    title=mark("The message has no single author domain, so that DMARC has nothing to judge"),
    why=mark(
        "DMARC is for messages with one From field and the domain in it. Receivers typically refuse others; some judge "
        "each domain and apply the strictest policy, some leave the message out of DMARC."
    ),
    fix=mark("Send exactly one From field with an address of one domain: From: Name <user@example.org>."),
    references=("RFC 7489 §6.6.1", "RFC 5322 §3.6"),
    names_subject=True,
)


def author(check_input: CheckInput) -> tuple[str | None, AuthorDomainSource]:
    """The author domain, and where it comes from. A message's is in its From field and nowhere else."""
    options = check_input.options
    if options.message is not None:
        return message_author(options.message).domain, AuthorDomainSource.MESSAGE
    if options.domains:
        # The record's own name cannot be an author domain; its domain is meant.
        return options.domains[0].removeprefix("_dmarc."), AuthorDomainSource.GIVEN
    reverse_path = check_input.session.envelope.reverse_path
    domain = domain_of(reverse_path.value) if reverse_path is not None else None
    return domain, AuthorDomainSource.REVERSE_PATH


def skip(check_input: CheckInput) -> Skip | None:
    """Why DMARC is not judged: there is no author domain to judge; None where there is."""
    domain, source = author(check_input)
    if domain is not None:
        return None
    message = check_input.options.message
    if message is None or source is not AuthorDomainSource.MESSAGE:
        return missing(
            "message_to_judge",
            say("no author domain is known: no message was given, and the reverse-path names no domain"),
        )
    # RFC 7489 §6.6.1, RFC 9989 §4.2: DMARC is for one From field with one domain; other messages are outside of it.
    problems = message_author(message).problems
    if problems and check_input.session.transcript is None:
        return None  # asked for alone: the findings say what receivers do with it
    why = problems[0].statement if problems else say("the header is too long to read its From field")
    return not_applicable(say("{why}; DMARC has no result for such a message", why=why))


def author_findings(check_input: CheckInput, domain: str | None) -> Iterator[Finding]:
    """What is in doubt about a message's author: what DMARC says of the domain that was read is not the last word then.

    `domain` is the one that it was judged for, None where there was none to judge.
    """
    message = check_input.options.message
    problems = message_author(message).problems if message is not None else ()
    deciding = _deciding(problems) if domain is None else None
    for number, problem in enumerate(sorted(problems, key=lambda each: each is not deciding)):
        said = f"{problem.statement}; {say(CONSEQUENCES[problem.fault])}"
        if problem is deciding:
            yield NO_AUTHOR_DOMAIN(FROM, say("{said}; DMARC has no author domain to judge", said=said))
        else:
            judged = say("DMARC was judged for {domain}; ", domain=domain) if domain and not number else ""
            yield FROM_AMBIGUOUS(FROM, f"{judged}{said}", severity=severity_of(problem))


def _deciding(problems: Sequence[FromProblem]) -> FromProblem | None:
    """What of it leaves DMARC without one author domain."""
    by_number = (FromFault.SEVERAL_FIELDS, FromFault.SEVERAL_DOMAINS)
    return next((each for each in problems if each.fault in by_number), problems[0] if problems else None)
