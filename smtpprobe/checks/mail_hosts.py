"""Whether the target's other addresses answer too: the hosts that its MX records name, the addresses that were tried first."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import Check, CheckInput, FindingSpec, NextHop, Skip, not_applicable
from smtpprobe.mailauth.dns import mx
from smtpprobe.mailauth.dns.mx_set import host_text
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxProblem, MxRole
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage, Transcript

SILENT = FindingSpec(
    id="address-unreachable",
    severity=Severity.WARNING,
    title=mark("An address of the mail host does not answer"),
    severity_otherwise=mark("notice if there is no route to it from here"),
    why=mark(
        "Senders try the addresses in their order and wait for each: mail arrives late while one is "
        "down, and not at all when the others go down too. A sender that has only IPv4, or only "
        "IPv6, may know no other."
    ),
    fix=mark(
        "See that the mail server runs at this address and that no firewall drops the connection; "
        "otherwise remove the address from DNS."
    ),
    references=("RFC 5321 §5.1", "RFC 5321 §4.5.4.1"),
    names_subject=True,
)
ADDRESSLESS = FindingSpec(
    id="mx-host-without-address",
    severity=Severity.WARNING,
    title=mark("A mail host has no address"),
    why=mark(
        "The host that an MX record names has neither an A nor an AAAA record. Senders skip it; if "
        "it were the only one, no mail would arrive."
    ),
    fix=mark("Publish an A or AAAA record for the host, or remove its MX record."),
    references=("RFC 5321 §5.1",),
    names_subject=True,
)
# What kept the connection from coming about here says nothing of the server.
_OURS = (Breakage.UNREACHABLE, Breakage.LOCAL, Breakage.UNKNOWN)
_NO_CONNECTION = mark("no connection came about")
_WORDS = {
    Breakage.REFUSED: mark("the connection was refused"),
    Breakage.TIMED_OUT: mark("there was no answer in time"),
    Breakage.RESET: mark("the connection was dropped at once"),
    Breakage.CLOSED_BY_PEER: mark("the connection was dropped at once"),
    Breakage.UNREACHABLE: mark("there is no route to it from here"),
}


_ADDRESSLESS = (
    MxProblem.NO_ADDRESS,
    MxProblem.NXDOMAIN,
    MxProblem.FINAL_DOT,
    MxProblem.ALIAS_LOOP,
)


def _skip(check_input: CheckInput) -> Skip | None:
    session = check_input.session
    if session.unreached or _domain(check_input) is not None:
        return None
    return not_applicable(say("the target has no other mail hosts, and no other address was tried"))


def _domain(check_input: CheckInput) -> str | None:
    """The domain whose MX records led to the session."""
    session = check_input.session
    if session.transcript is None or session.transcript.preference is None:
        return None
    return session.next_hop.domain if isinstance(session.next_hop, NextHop) else None


async def _run(check_input: CheckInput) -> tuple[MxEvidence | None, tuple[Finding, ...]]:
    domain = _domain(check_input)
    findings = [_silent(each, domain) for each in check_input.session.unreached]
    if domain is None:
        return None, tuple(findings)
    evidence = await mx.evaluate(check_input.services.resolver, ((domain, MxRole.FORWARD_PATH),))
    return evidence, (*findings, *_addressless(evidence, domain))


def _silent(tried: Transcript, domain: str | None) -> Finding:
    how = tried.breakage or Breakage.UNKNOWN
    named = (
        say(" (MX {preference} of {domain})", preference=tried.preference, domain=domain)
        if domain and tried.preference is not None
        else ""
    )
    words = say(_WORDS.get(how, _NO_CONNECTION))
    return SILENT(
        tried.peer,
        say("{peer}{named} does not answer: {words}", peer=tried.peer, named=named, words=words),
        severity=Severity.NOTICE if how in _OURS else None,
    )


def _addressless(evidence: MxEvidence, domain: str) -> Iterator[Finding]:
    for host in (host for found in evidence.domains for host in found.hosts):
        if host.problem in _ADDRESSLESS and not host.addresses:
            yield ADDRESSLESS(
                host.name,
                say(
                    "MX {preference} of {domain} has no address: {told}",
                    preference=host.preference,
                    domain=domain,
                    told=host_text(host),
                ),
            )


CHECK = Check(
    name="mail-hosts",
    about=mark("whether the target's other mail hosts and addresses answer"),
    findings=(SILENT, ADDRESSLESS),
    skip=_skip,
    run=_run,
)
