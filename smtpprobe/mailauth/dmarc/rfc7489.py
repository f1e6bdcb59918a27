"""What a receiver of the older standard concludes: Public Suffix List, two queries at most, pct (RFC 7489 §6.6.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from smtpprobe.mailauth.dmarc.record import DmarcRecord, Identifier, is_dmarc_record, read_record
from smtpprobe.mailauth.dmarc.suppositions import organizational_domain
from smtpprobe.mailauth.dmarc.walk import Walk
from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dmarc import AlignmentMode, DmarcPolicy, DmarcRfc7489
from smtpprobe.model.words import AuthResult


class _Found(NamedTuple):
    record: DmarcRecord | None
    domain: str | None
    failed: bool
    lookups: tuple[int, ...]


async def compare(
    resolver: Resolver,
    author_domain: str,
    walked: Walk,
    identifiers: Iterable[Identifier],
    *,
    policy: DmarcPolicy | None,
    result: AuthResult,
) -> tuple[DmarcRfc7489 | None, tuple[int, ...]]:
    """What RFC 7489 gives for the same message, None where it is the same; and the lookups that it rests on."""
    # RFC 7489 §3.2: the organizational domain is the registered one.
    organizational = registered_domain(author_domain)
    found = await _discover(resolver, author_domain, organizational)
    older_result: AuthResult = AuthResult.NONE
    older_policy: DmarcPolicy | None = None
    if found.failed:
        older_result = AuthResult.TEMPERROR
    elif found.record is not None and _applies(found.record):
        older_policy = _policy(found.record, own=found.domain == author_domain)
        older_result = _result(found.record, author_domain, organizational, identifiers)
    pct = found.record.pct if found.record else None
    differs = [
        name
        for name, different in (
            ("organizational_domain", organizational_domain(walked) not in (None, organizational)),
            ("policy", older_policy != policy),
            ("result", older_result != result),
            ("pct", pct is not None and pct < 100 and older_policy not in (None, DmarcPolicy.NONE)),
        )
        if different
    ]
    if not differs or (result == older_result == AuthResult.NONE):
        return None, found.lookups
    older = DmarcRfc7489(
        organizational_domain=organizational,
        record_domain=found.domain,
        policy=older_policy,
        result=older_result,
        pct=pct,
        differs=tuple(differs),
    )
    return older, found.lookups


async def _discover(resolver: Resolver, author_domain: str, organizational: str) -> _Found:
    lookups: list[int] = []
    for domain in dict.fromkeys((author_domain, organizational)):
        lookup = await resolver.lookup(Question(f"_dmarc.{domain}", "TXT"))
        lookups.append(lookup.index)
        if lookup.failed:
            return _Found(None, None, True, tuple(lookups))
        texts = [text for text in lookup.records if is_dmarc_record(text)]
        # RFC 7489 §6.6.3 step 5: several records end the discovery; only an empty set goes on to the second query.
        if texts:
            record = read_record(texts[0]) if len(texts) == 1 else None
            return _Found(record, domain if record else None, False, tuple(lookups))
    return _Found(None, None, False, tuple(lookups))


def _is_valid(record: DmarcRecord) -> bool:
    # RFC 7489 knows no np; an invalid one is an unknown tag.
    return record.p is not None and ("sp" not in record.tags or record.sp is not None)


def _applies(record: DmarcRecord) -> bool:
    return _is_valid(record) or bool(record.rua)


def _policy(record: DmarcRecord, *, own: bool) -> DmarcPolicy:
    """The policy before pct; t= is not known."""
    if not _is_valid(record):
        return DmarcPolicy.NONE
    return (record.p if own else record.sp or record.p) or DmarcPolicy.NONE


def _result(
    record: DmarcRecord, author_domain: str, organizational: str, identifiers: Iterable[Identifier]
) -> AuthResult:
    results = set()
    for mechanism, domain, result in identifiers:
        mode = record.mode(mechanism)
        if domain == author_domain or (mode is AlignmentMode.RELAXED and registered_domain(domain) == organizational):
            results.add(result)
    # RFC 7489 §6.6.2: no pass and a temporary error leave the receiver without a result.
    return next((word for word in (AuthResult.PASS, AuthResult.TEMPERROR) if word in results), AuthResult.FAIL)
