"""What is wrong in a DMARC record itself, or with the name where it stands (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.mailauth.characters import shown
from smtpprobe.mailauth.dmarc.meant import POLICY_TAGS
from smtpprobe.mailauth.dmarc.record import DmarcRecord, PsdFlag, RecordFault, is_dmarc_record, is_look_alike
from smtpprobe.mailauth.dmarc.spelling import spelled
from smtpprobe.mailauth.dns.registered_domain import is_public_suffix
from smtpprobe.mailauth.other_records import cname_target
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcQuery
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

RECORD_INVALID = FindingSpec(
    id="dmarc-record-invalid",
    severity=Severity.WARNING,
    title=mark("The DMARC record is not read as intended"),
    why=mark(
        "Receivers drop a record that does not begin with exactly v=DMARC1, and take one without a "
        "valid policy for p=none, or for no record where it asks for no reports either."
    ),
    fix=mark(
        "Write it as v=DMARC1; p=POLICY; rua=mailto:reports@DOMAIN, with semicolons between the tags and the policy "
        "that was meant. Receivers then begin to apply it: take p=none first if nobody has read reports yet."
    ),
    references=("RFC 9989 §4.7", "RFC 9989 §4.10.1"),
)
RECORD_SYNTAX = FindingSpec(
    id="dmarc-record-syntax",
    severity=Severity.NOTICE,
    severity_otherwise=mark(
        "warning for a repeated tag; info for a tag of an older standard, or one that never applies at this name"
    ),
    title=mark("The DMARC record has tags that receivers ignore"),
    why=mark("What cannot be read is ignored and the default taken in its place."),
    fix=mark("Correct or remove the tag."),
    references=("RFC 9989 §4.7",),
)
TESTING = FindingSpec(
    id="dmarc-testing",
    severity=Severity.INFO,
    title=mark("The DMARC policy is in test mode"),
    why=mark(
        "With t=y receivers apply the policy one step below the one that is published; older receivers do not know t=."
    ),
    fix=mark("Remove t=y, and pct= with it, once the reports show that all own mail passes."),
    references=("RFC 9989 §4.7",),
)
PCT_IGNORED = FindingSpec(
    id="dmarc-pct-ignored",
    severity=Severity.NOTICE,
    title=mark("pct= is no longer read"),
    why=mark("RFC 9989 removed it: receivers apply the policy to all failing mail, while older ones still sample."),
    fix=mark("Remove pct, and t=y with it, once the reports show that all own mail passes; t=y asks for a test."),
    references=("RFC 9989 §9.3",),
)
PSD_MISUSED = FindingSpec(
    id="dmarc-psd-misused",
    severity=Severity.WARNING,
    title=mark("The record declares a domain a public suffix, which it is not"),
    why=mark(
        "psd=y is for registries: every name directly below becomes an organization of its own, so "
        "that mail of one subdomain no longer aligns with another's or with the domain itself."
    ),
    fix=mark("Remove psd; psd=n says that this domain is an organizational domain."),
    references=("RFC 9989 §4.7", "RFC 9989 §4.10.2"),
)
MISPLACED = FindingSpec(
    id="dmarc-record-misplaced",
    severity=Severity.WARNING,
    title=mark("The DMARC record is at a name that receivers do not ask"),
    why=mark("Receivers ask for TXT at _dmarc below the domain and nowhere else."),
    fix=mark(
        "Publish the record at _dmarc.DOMAIN; many zone editors want the name without the zone's own name behind it."
    ),
    references=("RFC 9989 §4.10",),
    names_subject=True,
)


async def elsewhere(resolver: Resolver, found: DmarcEvidence, *, alone: bool) -> tuple[DnsLookup, ...]:
    """Records at names where they are often put by mistake: the domain itself and, of a check by itself, other names too."""
    domain = found.author_domain
    names = [domain]
    if alone and len(domain) < 120:
        names += [f"{prefix}.{domain}" for prefix in (f"_dmarc.{domain}", "_dmarc._dmarc", "dmarc", "_dmarc.www")]
    for name in names:
        resolver.ahead(resolver.lookup(Question(name, "TXT")))
    lookups = [await resolver.lookup(Question(name, "TXT")) for name in names]
    return tuple(lookup for lookup in lookups if any(_is_meant(text) for text in lookup.records))


def _is_meant(text: str) -> bool:
    return is_dmarc_record(text) or is_look_alike(text)


async def look_alikes(resolver: Resolver, evidence: DmarcEvidence) -> AsyncIterator[Finding]:
    """Texts that are no records at the names that were asked: such as were meant as DMARC records, and others."""
    for query in evidence.queries:
        if query.status is DnsStatus.ANSWER:
            lookup = await resolver.lookup(Question(query.name, "TXT"))
            for text in sorted(lookup.records):
                if is_look_alike(text):
                    yield RECORD_INVALID(query.name, _as_meant(text))
                elif (
                    not query.records
                    and (message := _instead(text, query.name)) is not None
                    and not await _is_wildcard(resolver, lookup)
                ):
                    yield RECORD_INVALID(query.name, message)


async def ask_wildcards_ahead(resolver: Resolver, queries: Iterable[DmarcQuery]) -> None:
    """Begin to ask whether a wildcard gives the texts that stand in place of a record, which `look_alikes` wants to know."""
    for query in queries:
        if query.status is DnsStatus.ANSWER and not query.records:
            lookup = await resolver.lookup(Question(query.name, "TXT"))
            if any(not is_look_alike(text) and _instead(text, query.name) is not None for text in lookup.records):
                resolver.ahead(_is_wildcard(resolver, lookup))


def _instead(text: str, name: str) -> str | None:
    """What stands at the name in place of a DMARC record: an SPF record, or the name that an alias was to lead to."""
    if text[:6].lower() == "v=spf1":
        return say(
            "{text} is an SPF record, which belongs at {domain} itself, and there is no DMARC record here",
            text=shown(text, 60),
            domain=name.removeprefix("_dmarc."),
        )
    target = cname_target(text)
    return say("there is no DMARC record, but {target}", target=target) if target is not None else None


def _as_meant(text: str) -> str:
    """Why a text is no record, and the record that was meant."""
    said = say(
        "{text} does not begin with exactly v=DMARC1, then a semicolon: it is no record",
        text=shown(text, 80),
    )
    as_written = spelled(text)
    said = "; ".join((said, *as_written.faults))
    return say("{said}; as it was meant: {meant}", said=said, meant=as_written.meant) if as_written.meant else said


async def _is_wildcard(resolver: Resolver, lookup: DnsLookup) -> bool:
    """Whether a wildcard of the zone answers for the name, as it does for every name without records (RFC 4592 §3.3)."""
    wild = await resolver.lookup(Question(f"*.{lookup.name.partition('.')[2]}", "TXT"))
    return sorted(wild.records) == sorted(lookup.records)


def record_findings(subject: str, record: DmarcRecord) -> Iterator[Finding]:
    for problem in record.problems:
        if problem.fault is RecordFault.NO_POLICY:
            yield RECORD_INVALID(subject, problem.message)
        elif problem.tag == "pct":
            yield PCT_IGNORED(subject, f"pct={record.tags['pct'][:20]}: {problem.message}")
        elif problem.fault is RecordFault.HISTORIC:
            yield RECORD_SYNTAX(subject, problem.message, severity=Severity.INFO)
        elif problem.fault is RecordFault.MALFORMED:
            yield RECORD_SYNTAX(
                subject, say("{tag} is {message}", tag=shown(problem.element, 80), message=problem.message)
            )
        elif problem.fault is RecordFault.REPEATED:
            said = problem.message if problem.tag == "v" else f"{problem.tag}= {problem.message}"
            yield RECORD_SYNTAX(subject, said, severity=Severity.WARNING)
        elif problem.fault is not RecordFault.VALUE or problem.tag not in POLICY_TAGS:
            yield RECORD_SYNTAX(subject, problem.message)
    if record.testing:
        yield TESTING(subject, say("t=y: receivers apply the policy one step below the one that is published"))


def place_findings(evidence: DmarcEvidence, record: DmarcRecord) -> Iterator[Finding]:
    """What the record's tags cannot mean at the name where it stands."""
    place, subject = evidence.record_domain or "", f"_dmarc.{evidence.record_domain}"
    if record.psd is PsdFlag.PUBLIC_SUFFIX and not is_public_suffix(place):
        message = say(
            "psd=y, but {place} is not a public suffix: names below it are taken for organizations of their own",
            place=place,
        )
        yield PSD_MISUSED(subject, message)
    unused = [name for name in ("sp", "np") if name in record.tags]
    # RFC 9989 §4.10.1: a name below is judged by its own record or by that of the organizational domain.
    if unused and evidence.organizational_domain not in (None, place) and record.psd is not PsdFlag.PUBLIC_SUFFIX:
        tags = say(" and ").join(f"{name}=" for name in unused)
        message = say(
            "{tags} never applies here: for names below it, that of {organizational_domain} counts",
            tags=tags,
            organizational_domain=evidence.organizational_domain,
        )
        yield RECORD_SYNTAX(subject, message, severity=Severity.INFO)
