"""What a DMARC record asks for, domain by domain, and what it lacks to be enforced (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.dmarc.record import DmarcRecord
from smtpprobe.model.evidence.dmarc import DmarcLack, DmarcPolicy, DmarcPublished, DmarcReportDestination

_STRENGTH = (DmarcPolicy.NONE, DmarcPolicy.QUARANTINE, DmarcPolicy.REJECT)


def enforcement(record: DmarcRecord, destinations: Sequence[DmarcReportDestination]) -> DmarcPublished:
    """The policies of a record that applies, alignment, and what is to be done before each step up."""
    return DmarcPublished(
        domain=record.policy(own=True, exists=True),
        subdomains=record.policy(own=False, exists=True),
        nonexistent=record.policy(own=False, exists=False),
        adkim=record.adkim,
        aspf=record.aspf,
        lacks=tuple(_lacks(record, destinations)),
    )


def _lacks(record: DmarcRecord, destinations: Sequence[DmarcReportDestination]) -> Iterator[DmarcLack]:
    if not record.has_policy:
        yield DmarcLack.VALID_POLICY
        return
    # RFC 9989 §4.7: reports show whom a policy hits.
    if not record.rua:
        yield DmarcLack.REPORTS
    elif destinations and all(each.accepted is False for each in destinations if each.uri in record.rua):
        yield DmarcLack.REPORTS_AGREED
    if record.testing:
        yield DmarcLack.TEST_OVER
    own = record.p or DmarcPolicy.NONE
    if own is DmarcPolicy.NONE:
        yield DmarcLack.QUARANTINE
    elif own is DmarcPolicy.QUARANTINE:
        yield DmarcLack.REJECT
    below = record.sp or own
    if any(_STRENGTH.index(each) < _STRENGTH.index(own) for each in (below, record.np or below)):
        yield DmarcLack.SUBDOMAINS
