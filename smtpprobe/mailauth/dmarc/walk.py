"""The DNS tree walk, and the organizational domain that follows from it (RFC 9989 §4.10, §4.10.2)."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.dmarc.record import DmarcRecord, PsdFlag, is_dmarc_record, read_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dmarc import DmarcQuery

MAX_LABELS = 8  # RFC 9989 §4.10: after the first query a longer name is cut to its last seven labels


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A tree walk as far as it went. `records` are by domain, from the starting one up; so are `failures`, with why."""

    domain: str
    queries: tuple[DmarcQuery, ...]
    records: dict[str, DmarcRecord]
    failures: dict[str, str] = {}

    @property
    def failed(self) -> str | None:
        """Why the first query that failed gave no answer; None where all were answered."""
        return next(iter(self.failures.values()), None)

    @property
    def organizational_domain(self) -> str:
        """The organizational domain of the domain where the walk started; it is unsure where the walk failed."""
        for domain, record in self.records.items():
            if record.psd is PsdFlag.ORGANIZATIONAL:
                return domain
            if record.psd is PsdFlag.PUBLIC_SUFFIX and domain != self.domain:
                # RFC 9989 §4.10.2: the name one label below the public suffix domain.
                return ".".join(self.domain.split(".")[-domain.count(".") - 2 :])
        return min(self.records, key=lambda domain: domain.count("."), default=self.domain)

    @property
    def public_suffix_domain(self) -> str | None:
        """The domain above the starting one whose record says psd=y; None where there is none."""
        suffixes = (
            domain
            for domain, record in self.records.items()
            if record.psd is PsdFlag.PUBLIC_SUFFIX and domain != self.domain
        )
        return next(suffixes, None)


def walk_names(domain: str) -> tuple[str, ...]:
    """The domains whose `_dmarc` names a walk may ask for, in order; at most eight."""
    labels = domain.split(".")
    above = labels[-(MAX_LABELS - 1) :] if len(labels) >= MAX_LABELS else labels[1:]
    return (domain, *(".".join(above[start:]) for start in range(len(above))))


def questions(domain: str) -> tuple[Question, ...]:
    """The questions of a walk from this domain, whether or not it will get so far."""
    return tuple(Question(f"_dmarc.{name}", "TXT") for name in walk_names(domain))


async def walk(resolver: Resolver, domain: str) -> Walk:
    """The tree walk from a domain (lower-case A-labels); it ends at the first record with psd=n or psd=y."""
    queries: list[DmarcQuery] = []
    records: dict[str, DmarcRecord] = {}
    failures: dict[str, str] = {}
    for name, question in zip(walk_names(domain), questions(domain), strict=True):
        found = await resolver.lookup(question)
        texts = [text for text in found.records if is_dmarc_record(text)]
        # RFC 9989 §4.10 step 2: of several DMARC records none counts.
        text = texts[0] if len(texts) == 1 else None
        queries.append(
            DmarcQuery(
                name=question.name,
                status=found.status,
                record=text,
                lookup=found.index,
                records=len(texts),
                alias=found.cname,
                texts=tuple(sorted(texts)) if len(texts) > 1 else (),
                other=None if texts else next(iter(sorted(found.records)), None),
            )
        )
        if found.failed:
            failures[name] = found.failure_text
        if text is not None:
            records[name] = read_record(text)
            if records[name].psd is not PsdFlag.UNDECLARED:
                break
    return Walk(domain=domain, queries=tuple(queries), records=records, failures=failures)
