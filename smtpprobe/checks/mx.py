"""MX: whether the domains of the envelope can receive mail (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, Skip, Trigger, missing
from smtpprobe.mailauth.dns import mx
from smtpprobe.model.evidence.mx import MxDomain, MxProblem, MxRole, MxStatus
from smtpprobe.model.names import domain_of, is_ip_address, is_local_address
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.transcript import Phase

NULL = FindingSpec(
    id="mx-null",
    severity=Severity.ERROR,
    title="The domain accepts no mail (null MX)",
    why="The domain says with a null MX that it does not accept mail. As a forward-path's domain nothing can be delivered (556, "
    "5.1.10); as a reverse-path's domain receivers may refuse the mail (550, 5.7.27), since no bounce could return.",
    fix="Use an address in a domain that accepts mail, or replace the null MX with the domain's mail host.",
    references=("RFC 7505 §3", "RFC 7505 §4"),
    names_subject=True,
)
NXDOMAIN = FindingSpec(
    id="mx-nxdomain",
    severity=Severity.ERROR,
    title="The domain does not exist",
    why="Receivers commonly refuse a reverse-path whose domain does not exist, and no mail can be sent to such a domain.",
    fix="Look for a typing error; otherwise register the domain or publish its zone.",
    references=("RFC 5321 §5.1", "RFC 8020 §2"),
    names_subject=True,
)
NOTHING = FindingSpec(
    id="mx-nothing",
    severity=Severity.ERROR,
    title="The domain has no host that accepts its mail",
    why="There is neither an MX record with an address behind it nor an address record of the domain itself.",
    fix="Publish an MX record that names a host with an A or AAAA record.",
    references=("RFC 5321 §5.1",),
    names_subject=True,
)
CNAME = FindingSpec(
    id="mx-cname",
    severity=Severity.WARNING,
    title="An MX record points to an alias",
    why="The name in an MX record must have address records of its own. Some senders and receivers refuse an alias there.",
    fix="Put the alias's canonical name into the MX record.",
    references=("RFC 2181 §10.3", "RFC 5321 §5.1"),
    names_subject=True,
)
LITERAL = FindingSpec(
    id="mx-address-literal",
    severity=Severity.ERROR,
    title="An MX record contains an IP address",
    why="An MX record contains a domain name. An address there is read as a name that does not exist.",
    fix="Give the mail host a name with an A or AAAA record and put that name into the MX record.",
    references=("RFC 1035 §3.3.9", "RFC 5321 §5.1"),
    names_subject=True,
)
PRIVATE = FindingSpec(
    id="mx-private-address",
    severity=Severity.WARNING,
    severity_otherwise="info if the session itself stays on this machine or in a private network",
    title="A mail host has a private address",
    why="Hosts on the Internet cannot reach private, loopback or link-local addresses, and some receivers refuse a "
    "reverse-path whose mail would go there.",
    fix="Publish the mail host's public address, or leave the record out of the public zone.",
    references=("RFC 1918 §3", "RFC 6890"),
    names_subject=True,
)
TEMP = FindingSpec(
    id="mx-temperror",
    severity=Severity.WARNING,
    title="The hosts for the domain's mail could not be looked up",
    why="A lookup failed or timed out. Receivers that see the same answer defer the mail with a 4yz reply.",
    fix="Look at the domain's name servers; if only this resolver fails, use another.",
    references=("RFC 5321 §5.1",),
    names_subject=True,
)

_WORDS = {
    "no-address": "has no address record",
    "temperror": "could not be looked up",
    "address-literal": "is an IP address instead of a name",
}


def _skip(check_input: CheckInput) -> Skip | None:
    if _domains(check_input):
        return None
    return missing("mail_from", "the envelope has no domain: the reverse-path is null or has none")


async def _run(check_input: CheckInput) -> CheckResult:
    evidence = await mx.evaluate(check_input.services.resolver, _domains(check_input))
    transcript = check_input.session.transcript
    peer = transcript.address if transcript else ""
    local = is_ip_address(peer) and is_local_address(peer)
    findings = tuple(finding for found in evidence.domains for finding in _findings(found, local))
    return evidence, findings


def _domains(check_input: CheckInput) -> tuple[tuple[str, MxRole], ...]:
    """The envelope's domains with their roles, each once a role; those typed for this check alone as forward-paths."""
    found: dict[tuple[str, MxRole], None] = {}
    envelope = check_input.session.envelope
    path = envelope.reverse_path
    if path and (domain := domain_of(path.value)):
        found[domain, MxRole.REVERSE_PATH] = None
    for domain in (*(domain_of(path.value) for path in envelope.forward_paths), *check_input.options.domains):
        if domain and not is_ip_address(domain):
            found[domain, MxRole.FORWARD_PATH] = None
    return tuple(found)


def _findings(found: MxDomain, local: bool) -> Iterator[Finding]:
    what = f"the {found.role}'s domain {found.domain}"
    if found.status is MxStatus.NULL_MX:
        yield NULL(found.domain, f"{what} accepts no mail: its MX record is a null MX")
    elif found.status is MxStatus.NXDOMAIN:
        yield NXDOMAIN(found.domain, f"{what} does not exist")
    elif found.status is MxStatus.TEMPERROR:
        yield TEMP(found.domain, f"the hosts for mail to {what} are unknown: {found.problem}")
    elif found.status is MxStatus.NOTHING:
        yield NOTHING(found.domain, f"{what} has neither MX nor address records")
    else:
        yield from _host_findings(found, what, local)


def _host_findings(found: MxDomain, what: str, local: bool) -> Iterator[Finding]:
    for host in found.hosts:
        name = f"the mail host {host.name} of {what}"
        if host.problem is MxProblem.CNAME:
            yield CNAME(host.name, f"{name} is an alias (CNAME)")
        elif host.problem is MxProblem.ADDRESS_LITERAL:
            yield LITERAL(host.name, f"the MX record of {what} contains the IP address {host.name}")
        private = [address for address in host.addresses if mx.is_private(address)]
        if private:
            # On a session that is itself local, a private mail host is what one expects.
            severity = Severity.INFO if local else None
            yield PRIVATE(host.name, f"{name} has the private address {', '.join(private)}", severity=severity)
    if any(host.addresses for host in found.hosts):
        return
    told = ", ".join(f"{host.name} {_WORDS.get(host.problem or '', '')}".strip() for host in found.hosts[:3])
    if any(host.problem is MxProblem.TEMPERROR for host in found.hosts):
        yield TEMP(found.domain, f"the hosts for mail to {what} are unknown: {told}")
    else:
        yield NOTHING(found.domain, f"{what} has no mail host with an address: {told}")


CHECK = Check(
    name="mx",
    about="whether the domains of the envelope can receive mail",
    trigger=Trigger.AFTER_REFUSAL,
    needs_dns=True,
    findings=(NULL, NXDOMAIN, NOTHING, CNAME, LITERAL, PRIVATE, TEMP),
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.MAIL, frozenset({"relay-denied", "domain-undeliverable"})),
)
