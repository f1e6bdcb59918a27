"""What a walk's result could be, whatever a query that failed would have shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import msgspec

from smtpprobe.mailauth.dmarc.record import DmarcRecord, PsdFlag
from smtpprobe.mailauth.dmarc.walk import Walk
from smtpprobe.mailauth.dns.registered_domain import is_public_suffix

MAX_SUPPOSED = 4  # names without an answer; with more of them nothing is concluded
_ANY = (None, PsdFlag.UNDECLARED, PsdFlag.ORGANIZATIONAL, PsdFlag.PUBLIC_SUFFIX)  # None: no record
# A guess: a registry says psd=y, or publishes nothing; what it publishes otherwise would replace its customers' policies.
_OF_REGISTRY = (None, PsdFlag.PUBLIC_SUFFIX)


def same_organization(one: Walk, other: Walk) -> bool | None:
    """Whether both walks have one organizational domain, None if that hangs on a query that failed."""
    found = {
        walks[0].organizational_domain == walks[1].organizational_domain for walks in _supposed((one, other), _ANY)
    }
    return found.pop() if len(found) == 1 else None


def organizational_domain(walked: Walk) -> str | None:
    """The organizational domain of the walk's own domain, None if that hangs on a query that failed (RFC 9989 §4.10)."""
    found = {each.organizational_domain for (each,) in _supposed((walked,), _ANY)}
    return found.pop() if len(found) == 1 else None


def record_domain(walked: Walk) -> tuple[str | None, bool]:
    """The domain whose record applies to the walk's own domain, and whether no query that failed can change it.

    The author domain's own record, else the organizational domain's, else the public suffix domain's (RFC 9989 §4.10.1).
    """
    found = {_record_domain(each) for (each,) in _supposed((walked,), _OF_REGISTRY if walked.records else _ANY)}
    certain = len(found) == 1 and not found & set(walked.failures)
    return _record_domain(walked), certain


def _record_domain(walked: Walk) -> str | None:
    candidates = (walked.domain, walked.organizational_domain, walked.public_suffix_domain)
    return next((name for name in candidates if name is not None and name in walked.records), None)


def _supposed(walks: tuple[Walk, ...], at_suffix: tuple[PsdFlag | None, ...]) -> Iterator[tuple[Walk, ...]]:
    """The walks as they would be for each record that the names without an answer may have; none if they are too many."""
    names = list(dict.fromkeys(name for walked in walks for name in walked.failures))
    if len(names) > MAX_SUPPOSED:
        return
    for flags in product(*(at_suffix if is_public_suffix(name) else _ANY for name in names)):
        supposition = dict(zip(names, flags, strict=True))
        yield tuple(_with(walked, supposition) for walked in walks)


def _with(walked: Walk, supposition: Mapping[str, PsdFlag | None]) -> Walk:
    records: dict[str, DmarcRecord] = {}
    for query in walked.queries:
        name = query.name.removeprefix("_dmarc.")
        record = walked.records.get(name)
        if flag := supposition.get(name):
            record = DmarcRecord(text="", tags={}, psd=flag)
        if record is not None:
            records[name] = record
            if record.psd is not PsdFlag.UNDECLARED:
                break
    return msgspec.structs.replace(walked, records=records)
