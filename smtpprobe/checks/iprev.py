"""Reverse DNS of the client IP, and the HELO name against it (RFC 8601 §3, RFC 5321 §4.1.4)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, Skip, missing
from smtpprobe.mailauth.dns import iprev
from smtpprobe.mailauth.dns.ptr_names import ptr_fault_text
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

MISSING = FindingSpec(
    id="reverse-dns-missing",
    severity=Severity.ERROR,
    title=mark("The client IP has no reverse DNS"),
    why=mark("Large receivers refuse mail from addresses without a PTR record (550 5.7.25), others score it heavily."),
    fix=mark(
        "Have whoever owns the address range publish a PTR record with the mail server's name, and "
        "that name an address record that leads back."
    ),
    references=("RFC 8601 §2.7.3", "RFC 7372 §3.3"),
    states_problem=True,
    names_subject=True,
)
UNCONFIRMED = FindingSpec(
    id="reverse-dns-unconfirmed",
    severity=Severity.WARNING,
    title=mark("The reverse DNS name does not lead back to the client IP"),
    why=mark(
        "Anyone can write any name into their own reverse zone, so receivers only trust a name whose "
        "address records contain the client IP; some refuse the rest (5.7.25)."
    ),
    fix=mark(
        "Publish an A or AAAA record for the PTR name with the client IP, or point the PTR record to "
        "a name that has one."
    ),
    references=("RFC 8601 §3", "RFC 7372 §3.3"),
    states_problem=True,
    names_subject=True,
)
TEMPERROR = FindingSpec(
    id="reverse-dns-temperror",
    severity=Severity.WARNING,
    title=mark("The reverse DNS could not be looked up"),
    why=mark(
        "A lookup on the way failed or timed out. Receivers that see the same answer defer the mail with a 4yz reply."
    ),
    fix=mark(
        "Look at the name servers of the reverse zone and of the PTR name; if only this resolver fails, use another."
    ),
    references=("RFC 8601 §2.7.3",),
    states_problem=True,
    names_subject=True,
)
GENERIC = FindingSpec(
    id="reverse-dns-generic",
    severity=Severity.WARNING,
    title=mark("The reverse DNS name looks like an end-user's"),
    why=mark(
        "A name with the address in it, or with words such as dyn, pool or dsl, is what providers "
        "give to lines that are not meant to send mail directly; many receivers refuse or score it."
    ),
    fix=mark("Set the PTR record to the mail server's own name, or send through the provider's submission server."),
    references=("RFC 8601 §3",),
)
TOO_MANY = FindingSpec(
    id="reverse-dns-too-many-names",
    severity=Severity.NOTICE,
    title=mark("The client IP has more reverse DNS names than receivers look at"),
    why=mark(
        "Receivers follow ten PTR names at most, whichever come first in the answer, and name servers change its order: with "
        "more names the one that leads back may be passed over."
    ),
    fix=mark("Keep one PTR record, the mail server's own name."),
    references=("RFC 8601 §3", "RFC 7208 §4.6.4"),
    names_subject=True,
)
EXTENDED = FindingSpec(
    id="reverse-dns-final-dot-missing",
    severity=Severity.WARNING,
    title=mark("The reverse zone's name was appended to the PTR name"),
    why=mark("A name without a final dot in a zone file is relative: the server appends the zone's own name to it."),
    fix=mark("Write the name with a dot at its end, as mail.example.org. in the PTR record."),
    references=("RFC 1035 §5.1",),
    names_subject=True,
)
NOT_A_HOST = FindingSpec(
    id="reverse-dns-not-a-host-name",
    severity=Severity.WARNING,
    title=mark("A PTR record does not name a host"),
    why=mark(
        "A PTR record leads to the host's name: letters, digits and hyphens between dots. Anything else leads back to no "
        "address, or receivers refuse it for its form."
    ),
    fix=mark("Write the mail server's own name into the PTR record, in full and with a dot at its end."),
    references=("RFC 1035 §3.5", "RFC 1123 §2.1", "RFC 5321 §2.3.5"),
    names_subject=True,
)
REWRITTEN = FindingSpec(
    id="reverse-dns-resolver-rewrites",
    severity=Severity.WARNING,
    title=mark("The resolver gives addresses for names that do not exist"),
    why=mark(
        "What it says of this name is what it says of any name that does not exist, so that the name has most likely no "
        "address at all, and other receivers see none."
    ),
    fix=mark("Ask through a resolver that does not rewrite answers, such as one of your own."),
    needs=("resolver",),
    references=("RFC 8020 §2", "RFC 4924 §2.5.2"),
    names_subject=True,
)
HELO_UNRESOLVABLE = FindingSpec(
    id="helo-unresolvable",
    severity=Severity.WARNING,
    title=mark("The HELO name has no address"),
    why=mark(
        "The argument of EHLO must be a name that resolves, or an address literal; receivers commonly refuse others."
    ),
    fix=mark("Configure a name for EHLO that has an A or AAAA record, ideally the PTR name of the client IP."),
    references=("RFC 5321 §2.3.5", "RFC 5321 §4.1.1.1"),
    names_subject=True,
)
HELO_MISMATCH = FindingSpec(
    id="helo-mismatch",
    severity=Severity.NOTICE,
    title=mark("The HELO name is not the client's"),
    why=mark(
        "The HELO name neither leads to the client IP nor is its reverse DNS name. A receiver must "
        "not refuse mail for that alone, but many score it."
    ),
    fix=mark("Use the same name in EHLO, in the PTR record and in the address record."),
    references=("RFC 5321 §4.1.4",),
    names_subject=True,
)
_SHOWN_NAMES = 3


def _skip(check_input: CheckInput) -> Skip | None:
    return None if check_input.session.client_ip else missing("client_ip", say("the client IP is not known"))


async def _run(check_input: CheckInput) -> CheckResult:
    session = check_input.session
    assert session.client_ip is not None
    helo = session.envelope.helo
    # A name assumed for a session that was not held is nobody's.
    used = session.transcript is not None or not helo.assumed
    name = helo.value if used and helo.value else None
    evidence = await iprev.evaluate(check_input.services.resolver, session.client_ip, name)
    return evidence, tuple(_findings(evidence))


def _findings(evidence: IprevEvidence) -> Iterator[Finding]:
    ip, problem = evidence.client_ip, evidence.problem or ""
    if evidence.result is AuthResult.PERMERROR:
        yield MISSING(ip, say("{ip} has no reverse DNS: {problem}", ip=ip, problem=problem))
    elif evidence.result is AuthResult.FAIL:
        yield UNCONFIRMED(ip, say("the reverse DNS of {ip} is not confirmed: {problem}", ip=ip, problem=problem))
    elif evidence.result is AuthResult.TEMPERROR:
        yield TEMPERROR(ip, say("the reverse DNS of {ip} could not be looked up: {problem}", ip=ip, problem=problem))
    for name, meant in evidence.extended.items():
        yield EXTENDED(
            ip,
            say(
                "the PTR name of {ip} is {name}: {meant} was meant, and its final dot is missing",
                ip=ip,
                name=name,
                meant=meant,
            ),
        )
    for name, fault in evidence.unfit.items():
        yield NOT_A_HOST(
            ip, say("the PTR record of {ip} names no host: {what}", ip=ip, what=ptr_fault_text(name, fault))
        )
    if evidence.made_up:
        told = ", ".join(evidence.made_up[:_SHOWN_NAMES])
        message = say(
            "the resolver gives {told} ({ip}) the address that it gives any name that does not exist", told=told, ip=ip
        )
        yield REWRITTEN(ip, message)
    if len(evidence.names) > iprev.MAX_NAMES:
        count = len(evidence.names)
        message = say(
            "{ip} has {count} PTR names; receivers look at any {max_names} of them",
            ip=ip,
            count=count,
            max_names=iprev.MAX_NAMES,
        )
        if count > iprev.MAX_ASKED:
            message += say("; here the first {max_asked} by name were looked at", max_asked=iprev.MAX_ASKED)
        yield TOO_MANY(ip, message)
    if evidence.generic:
        yield GENERIC(ip, say("{names} looks like the name of an end-user's line", names=evidence.names[0]))
    if evidence.helo is not None:
        yield from _helo_findings(evidence.helo, ip)


def _unresolvable(helo: HeloName) -> str:
    if helo.status is HeloStatus.NXDOMAIN:
        of_alias = mark("the HELO name {name} is an alias (CNAME) of {alias}, which does not exist")
        words = of_alias if helo.alias else mark("the HELO name {name} does not exist")
    else:
        of_alias = mark("the HELO name {name} is an alias (CNAME) of {alias}, which has no address record")
        words = of_alias if helo.alias else mark("the HELO name {name} has no address record")
    return say(words, name=helo.name, alias=helo.alias)


def _helo_findings(helo: HeloName, ip: str) -> Iterator[Finding]:
    if helo.status in (HeloStatus.NXDOMAIN, HeloStatus.NODATA):
        yield HELO_UNRESOLVABLE(helo.name, _unresolvable(helo))
    elif helo.status is HeloStatus.NOT_A_NAME:
        yield HELO_UNRESOLVABLE(
            helo.name, say("the HELO name {name} is not a host name, and was not looked up", name=helo.name)
        )
    elif helo.matches_ip is False and not helo.matches_ptr:
        addresses = ", ".join(helo.addresses[:3])
        elsewhere = mark("the HELO name {name} leads to {addresses}, not to {ip}")
        no_literal = mark("the HELO name {name} is not an address literal, and does not lead to {ip}")
        yield HELO_MISMATCH(
            helo.name, say(elsewhere if addresses else no_literal, name=helo.name, addresses=addresses, ip=ip)
        )


CHECK = Check(
    name="iprev",
    about=mark("whether the client IP has reverse DNS that leads back to it, and the HELO name fits"),
    findings=(
        MISSING,
        UNCONFIRMED,
        TEMPERROR,
        TOO_MANY,
        EXTENDED,
        NOT_A_HOST,
        REWRITTEN,
        GENERIC,
        HELO_UNRESOLVABLE,
        HELO_MISMATCH,
    ),
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.GREETING),
)
