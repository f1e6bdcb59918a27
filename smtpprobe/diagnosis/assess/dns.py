"""What DNS says about names that a reply refuses: reverse DNS, the HELO name, the domains of the envelope."""

from __future__ import annotations

import re

from smtpprobe.diagnosis.facts.names import (
    domain_entry,
    is_about_resolution,
    is_by_rule,
    is_servers,
    is_unqualified,
    is_without_reason,
    leads_to,
    mx_run,
    of_domain,
    problems,
    usable_hosts,
)
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.diagnosis.statements import not_your_fault
from smtpprobe.mailauth.dns.ptr_names import ptr_fault_text
from smtpprobe.model import names
from smtpprobe.model.dns.lookup import DnsStatus
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxRole, MxStatus
from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_NO_PTR = mark("{ip} has no PTR record")
_PTR_TO_NOTHING = mark("{ip} has the PTR {name}, which does not exist")
_PTR_WITHOUT_ADDRESS = mark("{ip} has the PTR {name}, which has no address")
_LEADS_ELSEWHERE = mark("{ip} has the PTR {name}, which does not resolve back to it")
_RESOLVES_ELSEWHERE = mark("{ip} has the PTR {name}, which resolves to {addresses}, not to {ip}")
_NO_REVERSE_ANSWER = mark("The reverse DNS of {ip} cannot be looked up here either")
_GENERIC = mark("{name}, the PTR name of {ip}, looks like an end-user's line")
_NOT_GENERIC = mark("{ip} is {name} and {name} leads back; the server takes the name for an end-user's")
_REVERSE_FINE = mark("{ip} is {name}, and {name} leads back to it")


_LEADS = {
    DnsStatus.NXDOMAIN: _PTR_TO_NOTHING,
    DnsStatus.NODATA: _PTR_WITHOUT_ADDRESS,
    DnsStatus.ANSWER: _RESOLVES_ELSEWHERE,
}


def reverse_dns_statement(rejection: Rejection, evidence: IprevEvidence) -> str:
    """What is wrong with reverse DNS, with where the PTR name leads as it was looked up in this run."""
    if evidence.result is AuthResult.PERMERROR or not evidence.names:
        template = _NO_REVERSE_ANSWER if evidence.result is AuthResult.TEMPERROR else _NO_PTR
        return say(template, ip=evidence.client_ip)
    name = evidence.names[0]
    if evidence.result is AuthResult.FAIL and name in evidence.unfit:
        what = ptr_fault_text(name, evidence.unfit[name])
        return say("The PTR record of {ip} names no host: {what}", ip=evidence.client_ip, what=what)
    status, addresses = leads_to(rejection, evidence)
    elsewhere = _LEADS.get(status or DnsStatus.UNKNOWN, _LEADS_ELSEWHERE)
    template = {AuthResult.TEMPERROR: _NO_REVERSE_ANSWER, AuthResult.PASS: _GENERIC}.get(evidence.result, elsewhere)
    shown = ", ".join(addresses[:3])
    return say(template, ip=evidence.client_ip, name=name, addresses=shown)


def reverse_dns(rejection: Rejection) -> Assessment:
    """reverse-dns: PTR and back for the address that the server saw."""
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return STATED
    index, evidence = found
    shown = ", ".join(evidence.names[:2]) or say("no name")
    words = say("reverse DNS of {client_ip}: {shown}", client_ip=evidence.client_ip, shown=shown) + (
        f" ({evidence.problem})" if evidence.problem else ""
    )
    confidence, said = Confidence.CONFIRMED, reverse_dns_statement(rejection, evidence)
    if evidence.result is AuthResult.PASS and not evidence.generic:
        values = {"ip": evidence.client_ip, "name": evidence.names[0] if evidence.names else ""}
        # A name that looks like an end user's is a policy of theirs, which confirmed reverse DNS does not contradict.
        if re.search(r"generic|dynamic|residential|dial", rejection.text):
            confidence, said = Confidence.STATED, say(_NOT_GENERIC, **values)
        else:
            confidence, said = Confidence.CONTRADICTED, not_your_fault(say(_REVERSE_FINE, **values))
    elif evidence.result is AuthResult.TEMPERROR and not rejection.is_transient:
        confidence = Confidence.STATED
    return Assessment(confidence=confidence, because=(words,), checks=(index,), statement=said)


_UNDERSCORE = mark("The HELO name {name} has an underscore, which no host name may have: letters, digits and hyphens")
_SERVERS_OWN = mark("The HELO name {name} is the server's own, by which it greets")
_LOCALHOST = mark("Every machine calls itself {name}; the HELO name must be this host's own")
_UNQUALIFIED = mark("The HELO name {name} is not fully qualified")
_NOT_A_NAME = mark("The HELO name {name} is not a host name: letters, digits and hyphens between dots")
_HELO_MISSING = mark("The HELO name {name} does not exist")
_HELO_NO_ADDRESS = mark("The HELO name {name} has no address")
_HELO_FINE = mark("the HELO name {name} leads to {addresses}")
_BY_RULE = mark("The HELO name is not accepted")
_NO_REASON = mark("The server refuses at EHLO and gives no reason: the HELO name, or the client IP")
_NO_ADDRESS_TOO = mark("{why}; {name} has no address (looked up just now)")
_LITERAL = mark("The HELO name {name} is an address, and the server wants a name")


def helo_name(rejection: Rejection) -> Assessment:
    """helo-rejected: what is wrong with the HELO name, and whether it leads anywhere where the reply is about that."""
    helo = rejection.helo
    if form := _of_form(rejection):
        return form
    found = rejection.evidence(IprevEvidence)
    name = found[1].helo if found is not None else None
    if is_about_resolution(rejection) and found is not None and name is not None:
        if name.status in (HeloStatus.NXDOMAIN, HeloStatus.NODATA):
            words = say("the HELO name {name} has no address ({status})", name=name.name, status=name.status)
            said = helo_statement(name)
            return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=(found[0],), statement=said)
        if name.status is HeloStatus.ANSWER and "qualified" not in rejection.text:
            addresses = ", ".join(name.addresses[:3])
            words = say("the HELO name {name} resolves to {addresses}", name=name.name, addresses=addresses)
            said = not_your_fault(say(_HELO_FINE, name=name.name, addresses=addresses))
            return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), checks=(found[0],), statement=said)
    if helo.startswith("[") or names.is_ip_address(helo):
        return Assessment(confidence=Confidence.STATED, statement=say(_LITERAL, name=helo))
    missing = name is not None and name.status in (HeloStatus.NXDOMAIN, HeloStatus.NODATA)
    if not is_by_rule(rejection) or not (missing or is_without_reason(rejection)):
        return STATED
    said = say(_NO_REASON if is_without_reason(rejection) else _BY_RULE)
    if not missing or found is None:
        return Assessment(confidence=Confidence.STATED, statement=said)
    words, said = say("the HELO name {helo} has no address", helo=helo), say(_NO_ADDRESS_TOO, why=said, name=helo)
    return Assessment(confidence=Confidence.STATED, because=(words,), checks=(found[0],), statement=said)


def helo_statement(name: HeloName) -> str:
    """That the HELO name leads nowhere."""
    template = {HeloStatus.NXDOMAIN: _HELO_MISSING, HeloStatus.NOT_A_NAME: _NOT_A_NAME}.get(
        name.status, _HELO_NO_ADDRESS
    )
    return say(template, name=name.name)


def _of_form(rejection: Rejection) -> Assessment | None:
    """What the HELO name itself shows, without DNS; None where nothing is wrong with its form."""
    helo = rejection.helo
    if "_" in helo and not helo.startswith("["):
        # RFC 5321 §2.3.5, RFC 1123 §2.1.
        words, said = (
            say("the HELO name {helo} has an underscore, which no host name may", helo=helo),
            say(_UNDERSCORE, name=helo),
        )
    elif is_unqualified(helo) and (helo.lower().startswith("local") or is_about_resolution(rejection)):
        template = _LOCALHOST if helo.lower().startswith("local") else _UNQUALIFIED
        words, said = say("the HELO name {helo} is not fully qualified", helo=helo), say(template, name=helo)
    elif not (helo.startswith("[") or names.is_ip_address(helo) or names.is_domain(names.a_labels(helo))):
        words, said = say("the HELO name {helo} is not a host name", helo=helo), say(_NOT_A_NAME, name=helo)
    elif is_servers(rejection):
        words, said = (
            say("the server greets by the name {helo}, which was given as HELO", helo=helo),
            say(_SERVERS_OWN, name=helo),
        )
    else:
        return None
    return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=said)


def sender_domain(rejection: Rejection) -> Assessment:
    """sender-domain-invalid: what DNS has for the reverse-path's domain."""
    return _mail_domain(rejection, MxRole.REVERSE_PATH)


def recipient_domain(rejection: Rejection) -> Assessment:
    """domain-undeliverable: what DNS has for the forward-path's domain."""
    return _mail_domain(rejection, MxRole.FORWARD_PATH)


def _mail_domain(rejection: Rejection, role: MxRole) -> Assessment:
    path = rejection.reverse_path if role is MxRole.REVERSE_PATH else rejection.forward_path
    domain = names.domain_of(path or "")
    entry = domain_entry(rejection, role, domain) if domain else None
    if entry is None:
        if role is MxRole.REVERSE_PATH and path and _VERIFIED.search(rejection.text):
            return Assessment(confidence=Confidence.STATED, statement=say(_UNVERIFIED, address=path))
        return STATED
    confidence, words, said = _of_entry(rejection, entry)
    if words is None and said is None:
        return STATED
    return Assessment(
        confidence=confidence, because=(words,) if words else (), checks=mx_run(rejection), statement=said
    )


_NOT_ANSWERED = mark("The name servers of {domain} give no answer")
_UNUSABLE = {
    MxStatus.NXDOMAIN: (mark("{domain} does not exist in DNS"), mark("{domain} does not exist")),
    MxStatus.NOTHING: (
        mark("{domain} has neither MX nor address records"),
        mark("{domain} has neither MX nor address records, so it accepts no mail"),
    ),
    MxStatus.NULL_MX: (
        mark("{domain} publishes a null MX: it accepts no mail"),
        mark("{domain} says in DNS that it accepts no mail (null MX)"),
    ),
}
_HOSTS = mark("No mail host of {domain} can be reached: {problems}")
_TAKES_MAIL = mark("{domain} accepts mail at {hosts}")
_NOT_HERE = mark("{domain} accepts mail at {hosts}, not at this server")
_UNVERIFIED = mark("The sender {address} is refused, not the recipient: the server could not verify it")
_CALL_BACK = mark(
    "The sender {address} is refused, not the recipient: the server could not verify it, though DNS of {domain} is fine "
    "({hosts})"
)
_VERIFIED = re.compile(r"verif|call-?(?:back|out)")


def domain_statement(entry: MxDomain) -> str:
    """What is wrong with where the domain's mail goes."""
    if entry.status in _UNUSABLE:
        return say(_UNUSABLE[entry.status][1], domain=entry.domain)
    if entry.status is MxStatus.TEMPERROR:
        return say(_NOT_ANSWERED, domain=entry.domain)
    return say(_HOSTS, domain=entry.domain, problems=problems(entry))


def _of_entry(rejection: Rejection, entry: MxDomain) -> tuple[Confidence, str | None, str | None]:
    """What DNS says of a domain that the reply refuses, in words and as a statement; None where it says nothing."""
    domain, known = entry.domain, of_domain(rejection, entry)
    if entry.status is MxStatus.TEMPERROR:
        if not rejection.is_transient:
            return Confidence.STATED, None, domain_statement(entry)
        return (
            Confidence.CONFIRMED,
            say("{domain} could not be looked up here either", domain=domain),
            domain_statement(entry),
        )
    if entry.status in _UNUSABLE:
        return Confidence.CONFIRMED, say(_UNUSABLE[entry.status][0], domain=domain), domain_statement(entry)
    usable = [host.name for host in usable_hosts(rejection, entry)][:3]
    if not usable:
        told = "; ".join(f"{host.name}: {host.problem}" for host in entry.hosts)
        confidence = Confidence.STATED if known["unanswered"] else Confidence.CONFIRMED
        said = say(_NOT_ANSWERED, domain=domain) if known["unanswered"] else domain_statement(entry)
        return confidence, say("mail hosts of {domain}: {told}", domain=domain, told=told), said
    words, hosts = say("{domain} accepts mail at {usable}", domain=domain, usable=", ".join(usable)), ", ".join(usable)
    if entry.role is MxRole.REVERSE_PATH and _VERIFIED.search(rejection.text):
        said = say(_CALL_BACK, domain=domain, hosts=hosts, address=rejection.reverse_path)
        return Confidence.STATED, words, said
    if entry.role is MxRole.FORWARD_PATH and not known["mx_here"]:
        return Confidence.CONFIRMED, words, say(_NOT_HERE, domain=domain, hosts=hosts)
    return Confidence.CONTRADICTED, words, not_your_fault(say(_TAKES_MAIL, domain=domain, hosts=hosts))
