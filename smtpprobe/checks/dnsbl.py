"""DNSBL: whether lists that receivers ask list the client IP, or the domains of the envelope (RFC 5782)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smtpprobe.catalogue import zones
from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult, Skip, missing, not_applicable
from smtpprobe.checks.dnsbl_findings import BROKEN, DEAD, LISTED, NO_ANSWER, REFUSED, WRONG_KIND
from smtpprobe.checks.dnsbl_kinds import why_not_listed, zone_for
from smtpprobe.mailauth import dnsbl
from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.dnsbl.judge import subject_kind
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone, ZoneOrigin
from smtpprobe.model.known.dnsbl_zone import ADDRESSES, ListedKind, Zone
from smtpprobe.model.names import a_labels, domain_of, ip_address, is_domain, is_global, is_ip_address, is_local_name
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

_SEVERITY = {1: Severity.ERROR, 2: Severity.WARNING, 3: Severity.INFO}
_ALL = "all"  # every unkeyed zone of the catalogue
_WORDS_SHOWN = 200  # characters of the TXT record of a zone that the catalogue does not know

_Question = tuple[Zone, str, ZoneOrigin]


def _skip(check_input: CheckInput) -> Skip | None:
    if any(True for _ in _questions(check_input)) or _of_another_kind(check_input):
        return None
    session = check_input.session
    if session.client_ip is None:
        return missing("client_ip", say("the client IP is not known"))
    if not is_global(session.client_ip) and not session.client_ip_given:
        return missing(
            "client_ip",
            say("{client_ip} is not a global address, so public lists know nothing of it", client_ip=session.client_ip),
        )
    return not_applicable(say("no zone to ask lists such subjects"))


async def _run(check_input: CheckInput) -> CheckResult:
    living: list[_Question] = []
    entries: list[DnsblZone] = []
    for zone, subject, origin in _questions(check_input):
        reason = zones.dead_reason(zone.zone)
        if reason is None:
            living.append((zone, subject, origin))
        else:
            entries.append(dnsbl.not_asked(zone, subject, reason, origin))
    asked = await dnsbl.ask_all(check_input.services.resolver, living)
    evidence = dnsbl.evidence((*asked.zones, *entries, *_of_another_kind(check_input)))
    # A zone asked about several subjects is broken, or refuses, but once.
    return evidence, tuple(dict.fromkeys(_findings(evidence.zones)))


def _questions(check_input: CheckInput) -> Iterator[_Question]:
    """Each zone with each subject once: what the reply names first, then what the user names, then the catalogue's."""
    seen: set[tuple[str, str]] = set()
    for zone, subject, origin in (*_named(check_input), *_given(check_input), *_catalogue(check_input)):
        key = zone.suffix, subject
        if key not in seen and "{key}" not in zone.suffix:
            seen.add(key)
            yield zone, subject, origin


def _named(check_input: CheckInput) -> Iterator[_Question]:
    for named in check_input.session.named_zones:
        zone = zones.zone(named.zone)
        subject = _normal(named.subject) if named.subject else None
        if subject and (not zone.known or subject_kind(subject) in zone.lists):
            yield zone, _as_listed(zone, subject), ZoneOrigin.REPLY
        else:
            for suitable in _suited(zone, check_input):
                yield zone, suitable, ZoneOrigin.REPLY


def _given(check_input: CheckInput) -> Iterator[_Question]:
    options = check_input.options
    for name in (*options.dnsbl_zones, *options.only_dnsbl):
        if name == _ALL:
            continue
        zone = zones.zone(name)
        for subject in _suited(zone, check_input):
            yield zone, subject, ZoneOrigin.OPTION


def _of_another_kind(check_input: CheckInput) -> list[DnsblZone]:
    """The zones that the user names and that list none of the subjects, and the subjects that none of these lists."""
    options, subjects = check_input.options, _subjects(check_input)
    named = [zones.zone(name) for name in dict.fromkeys((*options.dnsbl_zones, *options.only_dnsbl)) if name != _ALL]
    living = [zone for zone in named if zones.dead_reason(zone.zone) is None]
    reasons = {(zone.suffix, subject): why_not_listed(zone, subject) for zone in living for subject in subjects}
    # What the catalogue's zones are asked about besides is asked somewhere.
    idle_zones = {zone.suffix for zone in living if all(reasons[zone.suffix, subject] for subject in subjects)}
    idle_subjects = {
        subject for subject in subjects if options.only_dnsbl and all(reasons[zone.suffix, subject] for zone in living)
    }
    return [
        dnsbl.wrong_kind(zone, subject, reason, zone_for(subject, zone))
        for zone in living
        for subject in subjects
        if (reason := reasons[zone.suffix, subject]) and (zone.suffix in idle_zones or subject in idle_subjects)
    ]


def _catalogue(check_input: CheckInput) -> Iterator[_Question]:
    options = check_input.options
    everything = _ALL in (*options.dnsbl_zones, *options.only_dnsbl)
    if options.only_dnsbl and not everything:
        return
    for zone in zones.unkeyed() if everything else zones.unkeyed(1):
        for subject in _subjects(check_input):
            kind = subject_kind(subject)
            typed = check_input.session.client_ip_given or subject in _typed(check_input)
            # RFC 6890: public lists know nothing of an address that is not global.
            if why_not_listed(zone, subject) or (
                kind is not ListedKind.DOMAIN and not typed and not is_global(subject)
            ):
                continue
            yield zone, _as_listed(zone, subject), ZoneOrigin.CATALOGUE


def _suited(zone: Zone, check_input: CheckInput) -> Iterator[str]:
    """The subjects that a zone named by the reply or the user is asked about.

    The catalogue knows what a zone lists. Any other zone is asked about all that the user typed; beside that about
    addresses, or where its name tells of domains or there is no address, about domains. A dead zone is asked nothing
    and needs but a name to be reported under.
    """
    subjects = _subjects(check_input)
    if zones.dead_reason(zone.zone) is not None:
        yield next(iter(subjects), "")
        return
    kinds = zone.lists
    if not zone.known and ListedKind.IP4 in kinds and any(map(is_ip_address, subjects)):
        kinds = ADDRESSES
    for subject in subjects:
        kind = subject_kind(subject)
        may = kind in kinds and why_not_listed(zone, subject) is None
        if may or (not zone.known and subject in _typed(check_input)):
            yield _as_listed(zone, subject)


def _subjects(check_input: CheckInput) -> tuple[str, ...]:
    """The client IP; what the user typed; after a refusal, the reverse-path's domain and the HELO name."""
    session = check_input.session
    found = [session.client_ip] if session.client_ip else []
    found += _typed(check_input)
    if session.transcript is not None and session.transcript.negative:
        path = session.envelope.reverse_path
        for name in (domain_of(path.value) if path else None, session.envelope.helo.value):
            if name and _is_public_name(name):
                found.append(name)
    return tuple(dict.fromkeys(_normal(subject) for subject in found))


def _typed(check_input: CheckInput) -> tuple[str, ...]:
    """What the user typed for this check alone."""
    session = check_input.session
    alone = session.client_ip_given and session.transcript is None and session.client_ip
    return tuple(_normal(subject) for subject in (*((alone,) if alone else ()), *check_input.options.domains))


def _normal(subject: str) -> str:
    return ip_address(subject) if is_ip_address(subject) else a_labels(subject)


def _is_public_name(name: str) -> bool:
    bare = name.rstrip(".").lower()
    return "." in bare and is_domain(bare) and not is_ip_address(bare) and not is_local_name(bare)


def _as_listed(zone: Zone, subject: str) -> str:
    """The subject as the zone would list it: its registered domain, where the zone lists only those."""
    return registered_domain(subject) if zone.base_domains and subject_kind(subject) is ListedKind.DOMAIN else subject


def _findings(entries: Iterable[DnsblZone]) -> Iterator[Finding]:
    for entry in entries:
        what = entry.name if entry.name == entry.zone else f"{entry.name} ({entry.zone})"
        if entry.dead:
            yield DEAD(
                entry.zone, say("{what} was not asked: {reason}", what=what, reason=entry.reason), zone=entry.zone
            )
        elif entry.status is DnsblStatus.LISTED:
            severity = (
                Severity.ERROR if entry.origin is ZoneOrigin.REPLY else _SEVERITY.get(entry.tier, Severity.WARNING)
            )
            yield LISTED(entry.subject, _listing(entry, what), severity=severity, zone=entry.zone)
        elif entry.status is DnsblStatus.QUERY_REFUSED:
            yield REFUSED(
                entry.zone,
                say(
                    "{what} refused the query: {reason}{through}",
                    what=what,
                    reason=entry.reason,
                    through=_through(entry),
                ),
                zone=entry.zone,
            )
        elif entry.status is DnsblStatus.BROKEN_ZONE:
            yield BROKEN(
                entry.zone,
                say("{what} is not reliable: {reason}", what=what, reason=entry.reason),
                severity=_of_broken(entry),
                zone=entry.zone,
            )
        elif entry.status is DnsblStatus.UNPROVED:
            text = say(
                "that {what} has no entry for {subject} proves nothing: {reason}",
                what=what,
                subject=entry.subject,
                reason=entry.reason,
            )
            if entry.test_failed:
                yield NO_ANSWER(entry.zone, text, zone=entry.zone)
            else:
                yield BROKEN(entry.zone, text, severity=_of_broken(entry), zone=entry.zone)
        elif entry.status is DnsblStatus.WRONG_KIND:
            instead = say("; ask {instead} instead", instead=entry.instead) if entry.instead else ""
            yield WRONG_KIND(
                entry.zone,
                say("{what} was not asked: {reason}{instead}", what=what, reason=entry.reason, instead=instead),
                zone=entry.zone,
            )
        elif entry.status is DnsblStatus.NO_ANSWER:
            yield NO_ANSWER(
                entry.zone,
                say(
                    "{what} gave no answer about {subject}: {reason}",
                    what=what,
                    subject=entry.subject,
                    reason=entry.reason,
                ),
                zone=entry.zone,
            )


def _of_broken(entry: DnsblZone) -> Severity:
    # A server that refuses mail by a list that proves nothing has to be told.
    return Severity.WARNING if entry.origin is ZoneOrigin.REPLY else Severity.NOTICE


def _listing(entry: DnsblZone, what: str) -> str:
    said = _entry_text(entry, what)
    return f"{said}; {entry.reason}" if entry.reason else said


def _entry_text(entry: DnsblZone, what: str) -> str:
    what += say(" (CNAME of {alias})", alias=entry.alias) if entry.alias else ""
    if not entry.tier:
        words = f": {entry.text[:_WORDS_SHOWN]}" if entry.text else ""
        return say(
            "{subject} is listed by {what} ({codes}){words}",
            subject=entry.subject,
            what=what,
            codes=", ".join(entry.codes),
            words=words,
        )
    told = "; ".join(f"{meaning} ({code})" for code, meaning in zip(entry.codes, entry.meanings, strict=True))
    page = say("; see {url}", url=entry.url) if entry.url else ""
    return say("{subject} is listed by {what}: {told}{page}", subject=entry.subject, what=what, told=told, page=page)


def _through(entry: DnsblZone) -> str:
    """Which public resolver asked, where it is known as one."""
    public = zones.public_resolver(entry.server)
    return (
        say(
            "; {server} is a public resolver ({public}), ask through one of your own",
            server=entry.server,
            public=public,
        )
        if public
        else ""
    )


CHECK = Check(
    name="dnsbl",
    about=mark("whether DNSBLs list the client IP or the envelope's domains"),
    findings=(LISTED, REFUSED, BROKEN, DEAD, NO_ANSWER, WRONG_KIND),
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.GREETING),
)
