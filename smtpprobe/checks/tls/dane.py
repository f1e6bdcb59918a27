"""DANE: whether TLSA records bind the mail host, and the session's certificate matches them (RFC 7672)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, NextHop
from smtpprobe.checks.tls.channel import Channel, seen, why_no_channel
from smtpprobe.mailauth.tls import dane, tlsa
from smtpprobe.model.evidence.tls import DaneEvidence, DaneStatus, TlsaRecord, TlsaStatus
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say, say_counted

MATCH = FindingSpec(
    id="dane-match",
    severity=Severity.INFO,
    title=mark("The certificate matches the TLSA records"),
    why=mark("Senders that use DANE deliver, whatever a public authority says of the certificate."),
    fix=mark("Nothing to do; publish the next key's record before the certificate changes."),
    references=("RFC 7672 §3.2",),
    names_subject=True,
)
MISMATCH = FindingSpec(
    id="dane-mismatch",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if only the MX records are not authenticated"),
    title=mark("The certificate matches no TLSA record"),
    why=mark("Senders that use DANE must not deliver to this host: to them somebody else answers."),
    fix=mark(
        "Publish the TLSA record of the certificate in use beside the old one, wait for the old "
        "answer's TTL, and from then on publish the next key's record before it is used."
    ),
    references=("RFC 7672 §3.2", "RFC 7672 §4"),
    names_subject=True,
)
NO_TLS = FindingSpec(
    id="dane-tls-required",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if only the MX records are not authenticated"),
    title=mark("There is no TLS, and the TLSA records commit the host to it"),
    why=mark("Senders that use DANE must not deliver without TLS if there are authenticated TLSA records."),
    fix=mark("Make STARTTLS work on this host, or remove the TLSA records."),
    references=("RFC 7672 §2.2",),
    names_subject=True,
)
UNUSABLE = FindingSpec(
    id="dane-unusable",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice if another record can be used"),
    title=mark("TLSA records cannot be used"),
    why=mark(
        "For SMTP only usages 2 and 3 count. If no record is left, senders insist on TLS but cannot "
        "authenticate the host."
    ),
    fix=mark(
        "Publish records of the form 3 1 1, or 2 0 1 for an issuing authority whose certificate the server sends."
    ),
    references=("RFC 7672 §2.2", "RFC 7672 §3.1"),
)
NOT_SECURE = FindingSpec(
    id="dane-not-secure",
    severity=Severity.NOTICE,
    title=mark("TLSA records are published but not authenticated by DNSSEC"),
    why=mark(
        "Senders ignore TLSA records unless address and TLSA answers are authenticated. If only the MX records are "
        "not, some apply them, Postfix among them, and others do not."
    ),
    fix=mark(
        "Sign the zones of the domain and of its mail host; if they are signed, ask through a resolver that validates."
    ),
    references=("RFC 7672 §2.2.1", "RFC 7672 §2.2.2"),
    names_subject=True,
)
ROLLOVER = FindingSpec(
    id="dane-rollover",
    severity=Severity.NOTICE,
    title=mark("One TLSA record matches, another is for a different certificate"),
    why=mark(
        "It is right for the next key, published ahead, and for the last one during the answer's "
        "TTL; otherwise it is left over."
    ),
    fix=mark("Remove it once the rollover is done."),
    references=("RFC 7672 §4", "RFC 7671 §8.1"),
)
NOT_COMPARED = FindingSpec(
    id="dane-not-compared",
    severity=Severity.NOTICE,
    title=mark("The certificate could not be compared with the TLSA records"),
    why=mark("The handshake ended because the certificate does not verify, which DANE does not ask for."),
    fix=mark("Run again without ending the session over a certificate that does not verify."),
    needs=("tls.verify",),
    references=("RFC 7672 §3.1.1",),
)
TEMPERROR = FindingSpec(
    id="dane-temperror",
    severity=Severity.WARNING,
    title=mark("Whether TLSA records bind the mail host could not be looked up"),
    why=mark(
        "A lookup failed or timed out, or its signatures are wrong. Senders that use DANE treat the "
        "host as unreachable."
    ),
    fix=mark(
        "Look at the name servers and signatures of the mail host's zone; if only this resolver fails, use another."
    ),
    references=("RFC 7672 §2.1.2",),
    names_subject=True,
)


async def _run(check_input: CheckInput) -> CheckResult:
    session, services = check_input.session, check_input.services
    hop, transcript = session.next_hop, session.transcript
    assert isinstance(hop, NextHop)
    assert transcript is not None
    assert transcript.port is not None
    held = seen(session)
    chain = held.tls.chain if held is not None and held.tls is not None else None
    evidence = await dane.evaluate(
        services.resolver, hop.host, transcript.port, domain=hop.domain, chain=chain, now=services.now
    )
    return evidence, tuple(_findings(evidence, held))


def _findings(evidence: DaneEvidence, held: Channel | None) -> Iterator[Finding]:
    host, named = evidence.host, _names_host(evidence)
    if evidence.status is DaneStatus.TEMPERROR:
        message = say(
            "{problem}; until it succeeds, senders that use DANE do not deliver to this host", problem=evidence.problem
        )
        yield TEMPERROR(host, message)
    elif evidence.status is DaneStatus.NOT_SECURE and evidence.records:
        message = mark("{problem}, so senders ignore {count} at {place}")
        if evidence.insecure_mx:
            message = mark("{problem}: senders need not apply {count} at {place}, but some do, such as Postfix")
        values = {"problem": evidence.problem, "count": _count(evidence.records), "place": _place(evidence)}
        yield NOT_SECURE(host, say(message, **values), names_subject=named)
    if evidence.binds or evidence.insecure_mx:
        yield from _of_binding(evidence, held)


def _of_binding(evidence: DaneEvidence, held: Channel | None) -> Iterator[Finding]:
    """What senders that apply the records make of the session."""
    host, exchange, named = evidence.host, held.exchange if held else None, _names_host(evidence)
    severity = Severity.WARNING if evidence.insecure_mx else None
    if held is not None and held.tls is None:
        if held.unverified:
            yield NOT_COMPARED(host, held.why_not or "", exchange=exchange)
        else:
            message = say(
                "{why_not}; {count} at {place}",
                why_not=held.why_not,
                count=_count(evidence.records),
                place=_place(evidence),
            )
            yield NO_TLS(host, message, exchange=exchange, severity=severity, names_subject=named)
    status = tlsa.outcome(evidence.records)
    if status is DaneStatus.MATCH:
        yield _match(evidence, held)
    elif status is DaneStatus.MISMATCH:
        why = next(
            (each.problem for each in evidence.records if each.status is TlsaStatus.NO_MATCH and each.problem), None
        )
        message = say(
            "{count} at {place}, none for the certificate that the server sent",
            count=_count(evidence.records),
            place=_place(evidence),
        )
        message = f"{message}: {why}" if why else message
        # RFC 7672 §8.1: senders that use DANE name the base domain in SNI, by which a server may choose its certificate.
        asked = held.tls.sni if held is not None and held.tls is not None else None
        if asked is not None and asked.lower() != evidence.base_domain:
            message += say(
                "; it was asked for as {asked} (SNI), and senders that use DANE ask for {base}",
                asked=asked,
                base=evidence.base_domain,
            )
        yield MISMATCH(host, message, exchange=exchange, severity=severity, names_subject=named)
    yield from _records(evidence, status)


def _match(evidence: DaneEvidence, held: Channel | None) -> Finding:
    record = next(each for each in evidence.records if each.status is TlsaStatus.MATCH)
    message = say("{short} at {place} matches", short=_short(record), place=_place(evidence))
    if held is not None and held.tls is not None and not held.tls.verified and record.usage == 3:
        # RFC 7672 §3.1.1: neither names nor dates of the certificate count.
        message += say("; what else is wrong with the certificate does not matter to DANE")
    exchange = held.exchange if held else None
    return MATCH(evidence.host, message, exchange=exchange, names_subject=_names_host(evidence))


def _records(evidence: DaneEvidence, status: DaneStatus) -> Iterator[Finding]:
    """What is to be said of single records."""
    unusable = [each for each in evidence.records if each.status is TlsaStatus.UNUSABLE]
    for record in unusable[:3]:
        # A record that some senders cannot use does no harm beside one that they can.
        severity = None if len(unusable) == len(evidence.records) else Severity.NOTICE
        yield UNUSABLE(evidence.host, f"{_short(record)}: {record.problem}", severity=severity)
    if status is DaneStatus.MATCH:
        for record in [each for each in evidence.records if each.status is TlsaStatus.NO_MATCH][:3]:
            why = f": {record.problem}" if record.problem else ""
            yield ROLLOVER(evidence.host, say("{short} does not match{why}", short=_short(record), why=why))


def _count(records: tuple[TlsaRecord, ...]) -> str:
    return say_counted("{count} TLSA record", "{count} TLSA records", len(records))


def _names_host(evidence: DaneEvidence) -> bool:
    """Whether the place of the records names the host, which an alias's canonical name does not."""
    return evidence.base_domain in (None, evidence.host)


def _place(evidence: DaneEvidence) -> str:
    return f"_{evidence.port}._tcp.{evidence.base_domain or evidence.host}"


def _short(record: TlsaRecord) -> str:
    words = record.text.split()
    data = "".join(words[3:])
    return " ".join([*words[:3], f"{data[:16]}…" if len(data) > 16 else data])


CHECK = Check(
    name="dane",
    about=mark("whether TLSA records bind the mail host and its certificate matches them"),
    findings=(MATCH, MISMATCH, NO_TLS, UNUSABLE, NOT_SECURE, ROLLOVER, NOT_COMPARED, TEMPERROR),
    skip=why_no_channel,
    run=_run,
)
