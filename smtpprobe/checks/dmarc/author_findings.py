"""The finding of the DMARC check about a From field whose author domain is in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.mailauth.dmarc.author_domain import message_author
from smtpprobe.model.evidence.dkim import FROM, FromFault
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


def author_findings(message: bytes | None, domain: str) -> Iterator[Finding]:
    """That a message's author domain is in doubt: what DMARC says of the one that was read is not the last word then."""
    problems = message_author(message).problems if message is not None else ()
    # RFC 7489 §6.6.1: of several mailboxes each domain is judged, and these have the one.
    doubts = [problem.statement for problem in problems if problem.fault is not FromFault.SEVERAL_MAILBOXES]
    if doubts:
        yield FROM_AMBIGUOUS(
            FROM,
            say(
                "DMARC was judged for {domain}; {statement}; other receivers may read another author, or none",
                domain=domain,
                statement=doubts[0],
            ),
        )
