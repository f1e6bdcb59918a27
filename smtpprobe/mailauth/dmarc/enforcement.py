"""What a DMARC record asks for, what it lacks to be enforced, and the record to begin with where there is none.

RFC 9989 §4.7, §5.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from smtpprobe.mailauth.dmarc.meant import POLICIES
from smtpprobe.mailauth.dmarc.record import (
    DmarcRecord,
    PsdFlag,
    RecordFault,
    is_dmarc_record,
    is_look_alike,
    read_record,
)
from smtpprobe.mailauth.dmarc.spelling import spelled
from smtpprobe.mailauth.dns.registered_domain import is_public_suffix
from smtpprobe.model.evidence.dmarc import (
    DmarcBacking,
    DmarcEvidence,
    DmarcLack,
    DmarcPolicy,
    DmarcPublished,
    DmarcReportDestination,
    DmarcRestsOn,
)

_REPORTS = ("rua", "ruf")


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
    if any(problem.fault is RecordFault.ORDER for problem in record.problems):
        yield DmarcLack.POLICY_FIRST
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
    if any(POLICIES.index(each) < POLICIES.index(own) for each in (below, record.np or below)):
        yield DmarcLack.SUBDOMAINS


def _report_lacks(record: DmarcRecord, destinations: Sequence[DmarcReportDestination]) -> Iterator[DmarcLack]:
    """What keeps reports from coming, which show whom a policy hits (RFC 9989 §4.7)."""
    if not record.rua:
        is_meant = "rua" in record.tags or any(
            problem.fault is RecordFault.MALFORMED and "rua" in problem.element.lower() for problem in record.problems
        )
        yield DmarcLack.REPORTS_READABLE if is_meant else DmarcLack.REPORTS
    elif destinations and all(each.accepted is False for each in destinations):
        yield DmarcLack.REPORTS_AGREED
    elif destinations and all(each.accepted is False or each.reachable is False for each in destinations):
        yield DmarcLack.REPORTS_REACHABLE


def first_record(evidence: DmarcEvidence, backing: DmarcBacking, elsewhere: Iterable[str]) -> str | None:
    """The record to publish at the author domain's _dmarc name, where none applies; None for a public suffix.

    One that was meant comes first: several at the name in one, one that is misspelt there, or one at a name that nobody
    asks, whose texts are `elsewhere`.
    """
    domain, own = evidence.author_domain, evidence.queries[0]
    if len(own.texts) > 1:
        return in_one(own.texts)
    if is_public_suffix(domain):
        return None
    texts = ([own.other] if own.other is not None else []) + list(elsewhere)
    for text in texts:
        meant = _meant(text)
        if meant is not None:
            return meant
    # RFC 7208 §10.1.2: a domain without mail has nothing to lose by the strictest policy.
    if backing.rests_on is DmarcRestsOn.NO_MAIL:
        return "v=DMARC1; p=reject"
    return f"v=DMARC1; p=none; rua=mailto:dmarc-reports@{domain}"


def _meant(text: str) -> str | None:
    if is_dmarc_record(text) and read_record(text).has_policy:
        return text
    return spelled(text).meant if is_dmarc_record(text) or is_look_alike(text) else None


def in_one(texts: Sequence[str]) -> str | None:
    """One record in the place of several: the mildest policy of them, for none has applied so far, and all reports.

    None where none of them has a valid policy.
    """
    records = sorted((read for text in texts if (read := read_record(text)).has_policy), key=_order)
    if not records:
        return None
    kept = records[0]
    tags = dict(kept.tags)
    for name in _REPORTS:
        uris = list(dict.fromkeys(uri for record in records for uri in getattr(record, name)))
        if uris:
            tags[name] = ",".join(uris)
    return kept.text if tags == kept.tags else "; ".join(f"{name}={value}" for name, value in tags.items())


def _order(record: DmarcRecord) -> tuple[int, int, str]:
    """The mildest policy first, then the record with fewer faults, whatever order they came in."""
    return POLICIES.index(record.p or DmarcPolicy.NONE), len(record.problems), record.text
