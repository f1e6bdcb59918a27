"""What a DMARC record asks for, domain by domain, and what it lacks to be enforced (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.mailauth.dmarc.record import DmarcRecord, PsdFlag, RecordFault
from smtpprobe.mailauth.dns.registered_domain import is_public_suffix
from smtpprobe.model.evidence.dmarc import (
    DmarcBacking,
    DmarcLack,
    DmarcPolicy,
    DmarcPublished,
    DmarcReportDestination,
    DmarcRestsOn,
)

_STRENGTH = (DmarcPolicy.NONE, DmarcPolicy.QUARANTINE, DmarcPolicy.REJECT)


def enforcement(record: DmarcRecord, place: str, destinations: Sequence[DmarcReportDestination]) -> DmarcPublished:
    """The policies of a record that applies at `place`, alignment, and what is to be done before each step up."""
    return DmarcPublished(
        domain=record.policy(own=True, exists=True),
        subdomains=record.policy(own=False, exists=True),
        nonexistent=record.policy(own=False, exists=False),
        adkim=record.adkim,
        aspf=record.aspf,
        lacks=tuple(_lacks(record, place, destinations)),
    )


def beside(published: DmarcPublished, backing: DmarcBacking) -> DmarcPublished:
    """What a record asks for, without a stricter policy among the next steps where it could only harm, or stops nobody.

    Before one the domain's own mail must pass by something, and that of everybody else must not.
    """
    if backing.rests_on not in (DmarcRestsOn.EVERYBODY, DmarcRestsOn.NOTHING_FOUND):
        return published
    lacks = tuple(each for each in published.lacks if each not in (DmarcLack.QUARANTINE, DmarcLack.REJECT))
    return msgspec.structs.replace(published, lacks=lacks)


def _lacks(record: DmarcRecord, place: str, destinations: Sequence[DmarcReportDestination]) -> Iterator[DmarcLack]:
    if not record.has_policy:
        yield DmarcLack.VALID_POLICY
        return
    if any(problem.fault is RecordFault.REPEATED for problem in record.problems):
        yield DmarcLack.TAGS_ONCE
    yield from _report_lacks(record, [each for each in destinations if each.tag == "rua"])
    if record.testing:
        yield DmarcLack.TEST_OVER
    own = record.p or DmarcPolicy.NONE
    # RFC 7489 §6.6.4: of the mail that pct leaves out, receivers ask one step less.
    if record.pct is not None and record.pct < 100 and own is not DmarcPolicy.NONE:
        yield DmarcLack.ALL_MAIL
    if record.psd is PsdFlag.PUBLIC_SUFFIX and not is_public_suffix(place):
        yield DmarcLack.NO_SUFFIX
    if own is DmarcPolicy.NONE:
        yield DmarcLack.QUARANTINE
    elif own is DmarcPolicy.QUARANTINE:
        yield DmarcLack.REJECT
    below = record.sp or own
    if any(_STRENGTH.index(each) < _STRENGTH.index(own) for each in (below, record.np or below)):
        yield DmarcLack.SUBDOMAINS


def _report_lacks(record: DmarcRecord, destinations: Sequence[DmarcReportDestination]) -> Iterator[DmarcLack]:
    """What keeps reports from coming, which show whom a policy hits (RFC 9989 §4.7)."""
    if not record.rua:
        is_meant = "rua" in record.tags or any(
            problem.fault is RecordFault.MALFORMED and "rua" in problem.tag.lower() for problem in record.problems
        )
        yield DmarcLack.REPORTS_READABLE if is_meant else DmarcLack.REPORTS
    elif destinations and all(each.accepted is False for each in destinations):
        yield DmarcLack.REPORTS_AGREED
    elif destinations and all(each.accepted is False or each.reachable is False for each in destinations):
        yield DmarcLack.REPORTS_REACHABLE
