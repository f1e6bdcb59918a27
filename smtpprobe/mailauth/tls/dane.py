"""DANE for SMTP: which TLSA records bind a mail host, and whether a certificate chain matches (RFC 6698, 7671, 7672)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from smtpprobe.mailauth.dns.mx import mx_names
from smtpprobe.mailauth.tls.tlsa import judge
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.tls import DaneEvidence, DaneStatus, TlsaRecord
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Certificate


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where TLSA records may stand: candidate base domains, best first, or why none counts."""

    candidates: tuple[str, ...]
    lookups: tuple[DnsLookup, ...]
    insecure: str | None = None
    failure: str | None = None


async def evaluate(
    resolver: Resolver,
    host: str,
    port: int,
    *,
    domain: str | None,
    chain: Sequence[Certificate] | None,
    now: datetime,
) -> DaneEvidence:
    """Whether the chain, leaf first, matches the host's TLSA records; `chain` None: there is nothing to compare.

    `domain` is the next-hop domain: where its MX names the host, that answer must be authentic too.
    """
    for question in _warm(host, port):
        resolver.ahead(resolver.lookup(question))
    mail, is_exchange = await _mail(resolver, host, domain)
    place = await _place(resolver, host)
    consumed = [*([mail] if mail is not None and is_exchange else []), *place.lookups]
    evidence = DaneEvidence(host=host, port=port, status=DaneStatus.NONE, domain=domain if is_exchange else None)
    if mail is not None and mail.failed:
        # RFC 7672 §2.2.1: whose host it is, and whether the choice of it is secure, nobody knows.
        evidence = msgspec.structs.replace(evidence, domain=domain)
        return _with(evidence, [mail, *consumed], status=DaneStatus.TEMPERROR, problem=mail.failure_text)
    if place.failure is not None:
        return _with(evidence, consumed, status=DaneStatus.TEMPERROR, problem=place.failure)
    insecure_mx = (
        say("the MX records of {domain} are not authenticated", domain=domain)
        if mail is not None and is_exchange and not mail.authentic
        else None
    )
    if place.insecure is not None:
        return await _insecure(resolver, evidence, consumed, insecure_mx or place.insecure)
    # RFC 7672 §3.2.2: beside the base domain the next-hop domain, as given and without aliases, is a name that counts.
    others = tuple(name for name in (evidence.domain, mail.cname if mail and is_exchange else None) if name)

    def judged(base: str, texts: Sequence[str]) -> tuple[DaneStatus, tuple[TlsaRecord, ...]]:
        return judge(texts, chain, (base, *others), now)

    secure = await _secure(resolver, evidence, consumed, place.candidates, judged)
    return secure if insecure_mx is None else _without_mx(secure, insecure_mx)


def _without_mx(secure: DaneEvidence, why: str) -> DaneEvidence:
    """The evidence where all but the MX records is authenticated."""
    # RFC 7672 §2.2.1: DANE does not protect the choice of the host then. Senders may apply its records nevertheless, as
    # Postfix does unless smtp_tls_dane_insecure_mx_policy says otherwise; to them a lookup that fails counts, too.
    if secure.status is DaneStatus.TEMPERROR:
        return secure
    return msgspec.structs.replace(secure, insecure_mx=secure.binds, status=DaneStatus.NOT_SECURE, problem=why)


def _warm(host: str, port: int) -> list[Question]:
    return [Question(host, "A"), Question(host, "AAAA"), Question(_tlsa_name(port, host), "TLSA")]


def _tlsa_name(port: int, base: str) -> str:
    return f"_{port}._tcp.{base}"


async def _mail(resolver: Resolver, host: str, domain: str | None) -> tuple[DnsLookup | None, bool]:
    """The MX answer of the next-hop domain, and whether it names the host."""
    if domain is None:
        return None, False
    mail = await resolver.lookup(Question(domain, "MX"))
    return mail, host in mx_names(mail)


async def _place(resolver: Resolver, host: str) -> _Place:
    """RFC 7672 §2.2.2: the address records say which names may hold TLSA records, and whether it is worth asking."""
    lookups = [await resolver.lookup(Question(host, rdtype)) for rdtype in ("A", "AAAA")]
    answers = [each for each in lookups if each.status is DnsStatus.ANSWER]
    if not answers:
        failed = next((each for each in lookups if each.failed), None)
        if failed is not None:
            return _Place(
                candidates=(),
                lookups=tuple(lookups),
                failure=failed.failure_text,
            )
        target = next((each.cname for each in lookups if each.cname), None)
        missing = (
            say("{host} is an alias (CNAME) of {target}, which has no address in DNS", host=host, target=target)
            if target
            else None
        )
        return _Place(
            candidates=(host,),
            lookups=tuple(lookups),
            insecure=missing or say("{host} has no address in DNS", host=host),
        )
    canonical = next((each.cname for each in answers if each.cname), None)
    if all(each.authentic for each in answers):
        return _Place(candidates=(canonical, host) if canonical else (host,), lookups=tuple(lookups))
    if canonical is None:
        return _Place(
            candidates=(host,),
            lookups=tuple(lookups),
            insecure=say("the address records of {host} are not authenticated", host=host),
        )
    # RFC 7672 §2.1.3: an alias in a signed zone that leads to an unsigned one still may carry TLSA records itself.
    alias = await resolver.lookup(Question(host, "CNAME"))
    if alias.failed:
        return _Place(
            candidates=(),
            lookups=(*lookups, alias),
            failure=alias.failure_text,
        )
    insecure = None if alias.authentic else say("the alias {host} is not authenticated", host=host)
    return _Place(candidates=(host,), lookups=(*lookups, alias), insecure=insecure)


async def _insecure(resolver: Resolver, evidence: DaneEvidence, consumed: list[DnsLookup], why: str) -> DaneEvidence:
    # RFC 7672 §2.2.2: senders do not even ask here; we do, to tell who published for nothing. A failure says nothing.
    found = await resolver.lookup(Question(_tlsa_name(evidence.port, evidence.host), "TLSA"))
    consumed.append(found)
    if found.status is not DnsStatus.ANSWER:
        return _with(evidence, consumed, status=DaneStatus.NOT_SECURE, problem=why)
    _, records = judge(found.records, None, (), None)
    at = {"base_domain": evidence.host, "alias": found.cname}
    return _with(evidence, consumed, status=DaneStatus.NOT_SECURE, problem=why, records=records, **at)


async def _secure(
    resolver: Resolver,
    evidence: DaneEvidence,
    consumed: list[DnsLookup],
    candidates: Iterable[str],
    judged: Callable[[str, Sequence[str]], tuple[DaneStatus, tuple[TlsaRecord, ...]]],
) -> DaneEvidence:
    insecure: tuple[str, DnsLookup] | None = None
    for base in candidates:
        found = await resolver.lookup(Question(_tlsa_name(evidence.port, base), "TLSA"))
        consumed.append(found)
        if found.failed:
            # RFC 7672 §2.1.2: without an answer the server counts as unreachable.
            problem = found.failure_text
            return _with(evidence, consumed, status=DaneStatus.TEMPERROR, problem=problem)
        if found.status is DnsStatus.ANSWER and found.authentic:
            status, records = judged(base, found.records)
            return _with(evidence, consumed, status=status, base_domain=base, records=records, alias=found.cname)
        if found.status is DnsStatus.ANSWER:
            insecure = base, found
    if insecure is None:
        dangling = next((each for each in consumed if each.type == "TLSA" and each.cname and each.is_void), None)
        return _with(evidence, consumed, problem=dangling.void_text(dangling.name) if dangling else None)
    base, found = insecure
    _, records = judge(found.records, None, (), None)
    problem = say("the TLSA records at {name} are not authenticated", name=found.name)
    at = {"base_domain": base, "alias": found.cname}
    return _with(evidence, consumed, status=DaneStatus.NOT_SECURE, problem=problem, records=records, **at)


def _with(evidence: DaneEvidence, consumed: Iterable[DnsLookup], **changes: object) -> DaneEvidence:
    indexes = tuple(dict.fromkeys(lookup.index for lookup in consumed))
    return msgspec.structs.replace(evidence, lookups=indexes, **changes)
