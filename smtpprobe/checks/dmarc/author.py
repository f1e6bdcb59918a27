"""Whose DMARC is judged: the author domain, and what is in doubt about it."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import CheckInput, FindingSpec, Skip, missing, not_applicable
from smtpprobe.mailauth.dmarc.author_domain import message_author
from smtpprobe.model.evidence.dkim import FROM
from smtpprobe.model.evidence.dmarc import AuthorDomainSource
from smtpprobe.model.names import domain_of
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

FROM_AMBIGUOUS = FindingSpec(
    id="dmarc-from-ambiguous",
    severity=Severity.WARNING,
    title=mark("The author domain that DMARC was judged for is in doubt"),
    why=mark(
        "Receivers read a From field that does not follow the grammar differently: some judge another domain, some "
        "leave the message out of DMARC, some refuse it. A pass for one reading protects nobody who sees another."
    ),
    fix=mark("Send one address in From, written by the grammar: From: Name <user@example.org>."),
    references=("RFC 7489 §6.6.1", "RFC 5322 §3.6.2"),
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
            "message", say("no author domain is known: no message was given, and the reverse-path names no domain")
        )
    # RFC 7489 §6.6.1, RFC 9989 §4.2: DMARC is for one From field with one domain; other messages are outside of it.
    problems = message_author(message).problems
    why = problems[0].statement if problems else say("the header is too long to read its From field")
    return not_applicable(say("{why}; DMARC has no result for such a message", why=why))


def author_findings(check_input: CheckInput, domain: str) -> Iterator[Finding]:
    """That a message's author domain is in doubt: what DMARC says of the one that was read is not the last word then."""
    message = check_input.options.message
    problems = message_author(message).problems if message is not None else ()
    if problems:
        yield FROM_AMBIGUOUS(
            FROM,
            say(
                "DMARC was judged for {domain}; {statement}; other receivers may read another author, or none",
                domain=domain,
                statement=problems[0].statement,
            ),
        )
