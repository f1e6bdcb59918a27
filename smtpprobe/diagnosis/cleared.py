"""What was checked and is fine, and what could not be checked: both belong into a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.diagnosis.rules import Scene
from smtpprobe.model.evidence import AuthResult, DnsblEvidence, DnsblStatus, IprevEvidence, SpfEvidence
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.report import Cause, Completed

_DNS_CHECKS = ("dnsbl", "spf", "dkim", "dmarc", "iprev", "mx")


def cleared(scene: Scene, found: Sequence[Cause]) -> tuple[str, ...]:
    """Statements of what is not it. Nothing that a cause names is cleared."""
    blamed = {cause.id for cause in found}
    words: list[str] = []
    for check, cause, say in (
        ("dnsbl", "ip-blocklisted", _not_listed),
        ("spf", "email-auth-failed", _spf_passes),
        ("iprev", "reverse-dns", _reverse_matches),
    ):
        run = scene.run(check)
        if run is not None and cause not in blamed and (statement := say(run[1])):
            words.append(statement)
    handshake = next((x for x in scene.transcript.exchanges if x.tls is not None), None)
    if handshake is not None and handshake.tls is not None and handshake.tls.verified:
        words.append("the certificate is fine")
    return tuple(dict.fromkeys(words))


def _not_listed(run: Completed) -> str | None:
    evidence = run.evidence
    if not isinstance(evidence, DnsblEvidence) or not evidence.zones:
        return None
    if any(zone.status is DnsblStatus.LISTED and zone.kind == "block" for zone in evidence.zones):
        return None
    subjects: dict[str, int] = {}
    for zone in evidence.zones:
        if zone.status is DnsblStatus.NOT_LISTED and zone.kind == "block":
            subjects[zone.subject] = subjects.get(zone.subject, 0) + 1
    addresses = [(subject, count) for subject, count in subjects.items() if is_ip_address(subject)]
    if not addresses:
        return None
    subject, count = addresses[0]
    return f"{subject} is not on {'the list' if count == 1 else f'any of the {count} lists'} asked"


def _spf_passes(run: Completed) -> str | None:
    evidence = run.evidence
    if isinstance(evidence, SpfEvidence) and evidence.result is AuthResult.PASS:
        return "SPF passes"
    return None


def _reverse_matches(run: Completed) -> str | None:
    evidence = run.evidence
    if isinstance(evidence, IprevEvidence) and evidence.result is AuthResult.PASS:
        return "reverse DNS matches"
    return None


def unknown(scene: Scene) -> tuple[str, ...]:
    """What could not be checked, and why."""
    words = [f"{check}: {reason}" for check in _DNS_CHECKS if (reason := scene.why_not(check))]
    run = scene.run("dnsbl")
    if run is not None and isinstance(run[1].evidence, DnsblEvidence):
        for zone in run[1].evidence.zones:
            if zone.status in (DnsblStatus.QUERY_REFUSED, DnsblStatus.NO_ANSWER, DnsblStatus.BROKEN_ZONE):
                words.append(f"{zone.zone}: {zone.status.replace('-', ' ')}")
    for check in ("spf", "dmarc", "iprev"):
        found = scene.run(check)
        if found is not None and getattr(found[1].evidence, "result", None) is AuthResult.TEMPERROR:
            words.append(f"{check}: temperror")
    return tuple(dict.fromkeys(words))
