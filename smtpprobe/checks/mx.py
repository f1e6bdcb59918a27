"""MX: whether the domains of the envelope can receive mail (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, Skip, missing
from smtpprobe.mailauth.dns import mx
from smtpprobe.mailauth.dns.mx_set import final_dot_text, host_text, null_among_others_text
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.names import domain_of, is_ip_address, is_local_address
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

NULL = FindingSpec(
    id="mx-null",
    severity=Severity.ERROR,
    title=mark("The domain accepts no mail (null MX)"),
    why=mark(
        "The domain says with a null MX that it does not accept mail. As a forward-path's domain "
        "nothing can be delivered (556, 5.1.10); as a reverse-path's domain receivers may refuse the "
        "mail (550, 5.7.27), since no bounce could return."
    ),
    fix=mark("Use an address in a domain that accepts mail, or replace the null MX with the domain's mail host."),
    references=("RFC 7505 §3", "RFC 7505 §4"),
    names_subject=True,
)
NXDOMAIN = FindingSpec(
    id="mx-nxdomain",
    severity=Severity.ERROR,
    title=mark("The domain does not exist"),
    why=mark(
        "Receivers commonly refuse a reverse-path whose domain does not exist, and no mail can be "
        "sent to such a domain."
    ),
    fix=mark("Look for a typing error; otherwise register the domain or publish its zone."),
    references=("RFC 5321 §5.1", "RFC 8020 §2"),
    names_subject=True,
)
NOTHING = FindingSpec(
    id="mx-nothing",
    severity=Severity.ERROR,
    title=mark("The domain has no host that accepts its mail"),
    why=mark("There is neither an MX record with an address behind it nor an address record of the domain itself."),
    fix=mark("Publish an MX record that names a host with an A or AAAA record."),
    references=("RFC 5321 §5.1",),
    names_subject=True,
)
CNAME = FindingSpec(
    id="mx-cname",
    severity=Severity.WARNING,
    title=mark("An MX record points to an alias"),
    why=mark(
        "The name in an MX record must have address records of its own. Some senders and receivers "
        "refuse an alias there."
    ),
    fix=mark("Put the alias's canonical name into the MX record."),
    references=("RFC 2181 §10.3", "RFC 5321 §5.1"),
    names_subject=True,
)
LITERAL = FindingSpec(
    id="mx-address-literal",
    severity=Severity.ERROR,
    title=mark("An MX record contains an IP address"),
    why=mark("An MX record contains a domain name. An address there is read as a name that does not exist."),
    fix=mark("Give the mail host a name with an A or AAAA record and put that name into the MX record."),
    references=("RFC 1035 §3.3.9", "RFC 5321 §5.1"),
    names_subject=True,
)
PRIVATE = FindingSpec(
    id="mx-private-address",
    severity=Severity.WARNING,
    severity_otherwise=mark("info if the session itself stays on this machine or in a private network"),
    title=mark("A mail host has a private address"),
    why=mark(
        "Hosts on the Internet cannot reach private, loopback or link-local addresses, and some "
        "receivers refuse a reverse-path whose mail would go there."
    ),
    fix=mark("Publish the mail host's public address, or leave the record out of the public zone."),
    references=("RFC 1918 §3", "RFC 6890"),
    names_subject=True,
)
TEMP = FindingSpec(
    id="mx-temperror",
    severity=Severity.WARNING,
    title=mark("The hosts for the domain's mail could not be looked up"),
    why=mark("A lookup failed or timed out. Receivers that see the same answer defer the mail with a 4yz reply."),
    fix=mark("Look at the domain's name servers; if only this resolver fails, use another."),
    references=("RFC 5321 §5.1",),
    names_subject=True,
)

NULL_AMONG_OTHERS = FindingSpec(
    id="mx-null-among-others",
    severity=Severity.WARNING,
    title=mark("A null MX coexists with other MX records"),
    why=mark(
        "A null MX says that the domain accepts no mail, and must be its only MX record. Some senders take it at its word, "
        "others pass it over, and some try to look up a host without a name."
    ),
    fix=mark("Remove the null MX if the domain accepts mail; otherwise remove the other MX records."),
    references=("RFC 7505 §3",),
    names_subject=True,
)
FINAL_DOT = FindingSpec(
    id="mx-final-dot-missing",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if the domain has another mail host with an address"),
    title=mark("The zone's name was appended to a mail host's name"),
    why=mark(
        "A name without a final dot in a zone file is relative: the server appends the zone's own name to it. Senders look up "
        "the longer name, which is not the mail host's."
    ),
    fix=mark("Write the name with a dot at its end, as mail.example.com. in the MX record."),
    references=("RFC 1035 §5.1",),
    names_subject=True,
)
MADE_UP = FindingSpec(
    id="mx-resolver-rewrites",
    severity=Severity.WARNING,
    title=mark("The resolver gives addresses for names that do not exist"),
    why=mark(
        "What it says of this mail host is what it says of any name that does not exist, so that the host has most likely no "
        "address at all, and senders elsewhere find none."
    ),
    fix=mark("Ask through a resolver that does not rewrite answers, such as one of your own."),
    needs=("resolver",),
    references=("RFC 8020 §2", "RFC 4924 §2.5.2"),
    names_subject=True,
)
IDLE = FindingSpec(
    id="mx-host-idle",
    severity=Severity.NOTICE,
    title=mark("A mail host has no address, and others have"),
    why=mark("Senders pass it over and use the others, after a lookup in vain."),
    fix=mark("Publish an A or AAAA record for the host, or remove its MX record."),
    references=("RFC 5321 §5.1", "RFC 8020 §2"),
    names_subject=True,
)
TOO_MANY = FindingSpec(
    id="mx-too-many-hosts",
    severity=Severity.INFO,
    title=mark("Not all mail hosts were looked at"),
    why=mark(
        "The addresses of so many hosts are not asked for, best preference first; senders try no more than a few either."
    ),
    fix=mark("Keep the MX records of the hosts that are meant to accept mail."),
    references=("RFC 5321 §5.1",),
    names_subject=True,
)
HALF_ANSWERED = FindingSpec(
    id="mx-address-unanswered",
    severity=Severity.NOTICE,
    title=mark("Not every address of the mail hosts could be looked up"),
    why=mark("There are other addresses, so mail arrives, but senders that see the same failure may defer it."),
    fix=mark("Look at the name servers of the mail host's zone; if only this resolver fails, use another."),
    needs=("resolver",),
    references=("RFC 5321 §5.1",),
    names_subject=True,
)


def _skip(check_input: CheckInput) -> Skip | None:
    if _domains(check_input):
        return None
    return missing("mail_from", say("the envelope has no domain: the reverse-path is null or has none"))


async def _run(check_input: CheckInput) -> CheckResult:
    evidence = await mx.evaluate(check_input.services.resolver, _domains(check_input), doubting=True)
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
    what = say("the {role}'s domain {domain}", role=found.role, domain=found.domain)
    if found.status is MxStatus.NULL_MX:
        yield NULL(found.domain, say("{what} accepts no mail: its MX record is a null MX", what=what))
    elif found.status is MxStatus.NXDOMAIN:
        of_alias = mark("{what} is an alias (CNAME) of {alias}, which does not exist")
        words = of_alias if found.alias else mark("{what} does not exist")
        yield NXDOMAIN(found.domain, say(words, what=what, alias=found.alias))
    elif found.status is MxStatus.TEMPERROR:
        yield TEMP(
            found.domain, say("the hosts for mail to {what} are unknown: {problem}", what=what, problem=found.problem)
        )
    elif found.status is MxStatus.NOTHING:
        of_alias = mark("{what} is an alias (CNAME) of {alias}, which has neither MX nor address records")
        words = of_alias if found.alias else mark("{what} has neither MX nor address records")
        yield NOTHING(found.domain, say(words, what=what, alias=found.alias))
    else:
        yield from _host_findings(found, what, local)


def _host_findings(found: MxDomain, what: str, local: bool) -> Iterator[Finding]:
    if found.null_among_others:
        others = [host.name for host in found.hosts]
        yield NULL_AMONG_OTHERS(found.domain, null_among_others_text(what, others))
    if found.not_looked_at:
        count = len(found.hosts)
        some = mark("{what} has {count} mail hosts; {looked_at} were looked at")
        none = mark("{what} has {count} mail hosts; {looked_at} were looked at, and none of these has an address")
        yield TOO_MANY(
            found.domain,
            say(
                some if any(host.addresses for host in found.hosts) else none,
                what=what,
                count=count + found.not_looked_at,
                looked_at=count,
            ),
        )
    for host in found.hosts:
        yield from _of_host(found, host, what, local)
    if any(host.addresses for host in found.hosts):
        yield from _of_idle(found, what)
        return
    told = ", ".join(host_text(host) for host in found.hosts[:3])
    if any(host.problem is MxProblem.TEMPERROR for host in found.hosts):
        yield TEMP(found.domain, say("the hosts for mail to {what} are unknown: {told}", what=what, told=told))
    elif not found.not_looked_at:  # of the others nobody knows
        yield NOTHING(found.domain, say("{what} has no mail host with an address: {told}", what=what, told=told))


def _of_idle(found: MxDomain, what: str) -> Iterator[Finding]:
    """The hosts without an address, where others have one."""
    for host in found.hosts:
        if host.problem in (MxProblem.NO_ADDRESS, MxProblem.NXDOMAIN, MxProblem.ALIAS_LOOP):
            yield IDLE(host.name, say("of the mail hosts of {what}, {told}", what=what, told=host_text(host)))


def _of_host(found: MxDomain, host: MxHost, what: str, local: bool) -> Iterator[Finding]:
    name = say("the mail host {name} of {what}", name=host.name, what=what)
    if host.problem is MxProblem.CNAME:
        yield CNAME(
            host.name,
            say("{name} is an alias (CNAME) of {alias}", name=name, alias=host.alias or say("another name")),
        )
    elif host.problem is MxProblem.FINAL_DOT:
        severity = Severity.WARNING if any(each.addresses for each in found.hosts if each != host) else None
        yield FINAL_DOT(host.name, final_dot_text(name, host.meant), severity=severity)
    elif host.problem is MxProblem.MADE_UP:
        told = ", ".join(sorted(host.addresses)[:3])
        yield MADE_UP(
            host.name,
            say("{name} has {told}, which this resolver gives any name that does not exist", name=name, told=told),
        )
    elif host.problem is MxProblem.ADDRESS_LITERAL:
        yield LITERAL(
            host.name, say("the MX record of {what} contains the IP address {name}", what=what, name=host.name)
        )
    private = [address for address in sorted(host.addresses) if mx.is_private(address)]
    if private:
        # On a session that is itself local, a private mail host is what one expects.
        severity = Severity.INFO if local else None
        yield PRIVATE(
            host.name,
            say("{name} has the private address {private}", name=name, private=", ".join(private)),
            severity=severity,
        )
    if host.unanswered and host.problem is not MxProblem.ALIAS_LOOP and any(each.addresses for each in found.hosts):
        told = ", ".join(sorted(host.addresses)[:3])
        words = mark("{name} has {told}, but {unanswered}") if told else mark("{name} is not known: {unanswered}")
        yield HALF_ANSWERED(host.name, say(words, name=name, told=told, unanswered=host.unanswered))


CHECK = Check(
    name="mx",
    about=mark("whether the domains of the envelope can receive mail"),
    findings=(
        NULL,
        NULL_AMONG_OTHERS,
        NXDOMAIN,
        NOTHING,
        CNAME,
        LITERAL,
        FINAL_DOT,
        PRIVATE,
        MADE_UP,
        IDLE,
        TOO_MANY,
        HALF_ANSWERED,
        TEMP,
    ),
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.MAIL, frozenset({"relay-denied", "domain-undeliverable"})),
)
