"""In what the sessions differ, and what is known of each of our own addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence, SpfEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.report import Report
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase, TlsSession, Transcript
from smtpprobe.model.words import AuthResult
from smtpprobe.render.view.sections import Aspect

MAX_NAMED = 3  # addresses in a line
_PTR_NAMED = mark("PTR {names}")
_PTR = {
    AuthResult.PERMERROR: mark("no PTR record (Gmail and other large receivers refuse mail from it)"),
    AuthResult.FAIL: mark("PTR {names}, which does not lead back"),
    AuthResult.TEMPERROR: mark("PTR not known: the lookup failed"),
}


def aspects(report: Report) -> tuple[Aspect, ...]:
    """What differs between the sessions that were held, and our own addresses."""
    held = [each for each in report.transcripts if each.exchanges]
    found = [
        Aspect(say(name), _differences(held, value))
        for name, value in (
            (mark("Server"), _software),
            (mark("TLS"), _tls),
            (mark("Certificate"), _certificate),
            (mark("EHLO"), _extensions(held)),
        )
    ]
    found.append(Aspect(say("Client"), tuple(_own(report)), differs=False))
    return tuple(each for each in found if each.lines)


def _differences(held: Sequence[Transcript], value: Callable[[Transcript], str | None]) -> tuple[str, ...]:
    """What there is, and where; nothing if it is the same everywhere."""
    where: dict[str, list[str]] = {}
    for each in held:
        if (words := value(each)) is not None:
            where.setdefault(words, []).append(f"[{each.address}]")
    if len(where) < 2:
        return ()
    return ("; ".join(f"{words}: {_some(addresses)}" for words, addresses in where.items()),)


def _some(addresses: Sequence[str]) -> str:
    shown, left = ", ".join(addresses[:MAX_NAMED]), len(addresses) - MAX_NAMED
    return shown + say(" and {count} more", count=left) if left > 0 else shown


def _software(transcript: Transcript) -> str | None:
    return transcript.server.software or transcript.server.provider or say("not known")


def _session(transcript: Transcript) -> TlsSession | None:
    return next((x.tls for x in reversed(transcript.exchanges) if x.tls is not None), None)


def _tls(transcript: Transcript) -> str | None:
    """The version; None where the session ended before it could be known."""
    if (tls := _session(transcript)) is not None:
        return (tls.version or "TLS").replace("TLSv", "TLS ")
    if any(x.phase is Phase.TLS for x in transcript.exchanges):
        return say("handshake failed")
    if any(x.phase is Phase.STARTTLS for x in transcript.exchanges):
        return say("STARTTLS refused")
    return say("no TLS") if _is_greeted(transcript) else None


def _is_greeted(transcript: Transcript) -> bool:
    """Whether the session came so far that the server said what it offers."""
    return any(x.phase is Phase.EHLO and x.reply is not None and x.reply.digit == 2 for x in transcript.exchanges)


def _certificate(transcript: Transcript) -> str | None:
    tls = _session(transcript)
    if tls is None:
        return None
    return say("verified") if tls.verified else "; ".join(tls.problems)


def _extensions(held: Sequence[Transcript]) -> Callable[[Transcript], str | None]:
    """What a server offers that not all of them offer alike."""
    offered = {id(each): {_folded(line): line for line in each.extensions if line.strip()} for each in held}
    known = [offered[id(each)] for each in held if _is_greeted(each)]
    common = set.intersection(*(set(lines) for lines in known)) if known else set()

    def value(transcript: Transcript) -> str | None:
        mine = offered[id(transcript)]
        if not _is_greeted(transcript):
            return None
        if not mine:
            return say("no extensions")
        return ", ".join(line for key, line in mine.items() if key not in common) or say("no more than the others")

    return value


def _folded(line: str) -> str:
    """The line without what makes no difference: case, and the order of parameters."""
    keyword, *parameters = line.upper().split()
    return " ".join((keyword, *sorted(parameters)))


def _own(report: Report) -> Iterator[str]:
    """Each of our own addresses, with what a receiver looks up of it."""
    told: dict[str, dict[int, str]] = {}
    for run in report.checks:
        identity = report.transcripts[run.transcript].identity if run.transcript is not None else None
        if identity is None or identity.client_ip is None or run.evidence is None:
            continue
        ip = identity.client_ip
        match run.evidence:
            case IprevEvidence() as found:
                told.setdefault(ip, {})[0] = _ptr(found)
            case SpfEvidence(result=result):
                told.setdefault(ip, {})[1] = say("SPF {result}", result=result)
            case DnsblEvidence(zones=zones) if any(each.subject == ip for each in zones):
                told.setdefault(ip, {})[2] = _listed(zones, ip)
    for ip, parts in told.items():
        yield f"{ip}: {'; '.join(words for _, words in sorted(parts.items()))}"


def _ptr(found: IprevEvidence) -> str:
    names = ", ".join(found.names[:2])
    return say(_PTR.get(found.result, _PTR_NAMED), names=names)


def _listed(zones: Sequence[DnsblZone], ip: str) -> str:
    lists = [
        each.name
        for each in zones
        if each.subject == ip and each.status is DnsblStatus.LISTED and each.kind is ZoneKind.BLOCK
    ]
    if lists:
        return say("listed in {lists}", lists=_some(lists))
    asked = any(each.subject == ip and each.status is DnsblStatus.NOT_LISTED for each in zones)
    return say("in no list") if asked else say("lists: no answer")
