"""What DNS says of the names of a session: reverse DNS, the HELO name, the domains of the envelope."""

from __future__ import annotations

import re

from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.facts.reply import client_ip
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.dns.lookup import DnsStatus, mx_records
from smtpprobe.model.evidence import IprevEvidence, MxEvidence
from smtpprobe.model.evidence.iprev import HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

MAX_NAMES = 3  # hosts or names that a text names
_OF_HOSTS = (MxStatus.MX, MxStatus.IMPLICIT)
_MACHINE = ("localhost", "localhost.localdomain", "localdomain")
_BEFORE_PATHS = (Phase.GREETING, Phase.EHLO, Phase.AUTH)


def of_names(rejection: Rejection) -> dict[str, str | None]:
    """The facts of reverse DNS, the HELO name and both envelope domains."""
    known = of_reverse_dns(rejection) | of_helo(rejection)
    for role, path, word in (
        (MxRole.REVERSE_PATH, rejection.reverse_path, "sender"),
        (MxRole.FORWARD_PATH, rejection.forward_path, "recipient"),
    ):
        domain = names.domain_of(path or "")
        if domain is None:
            continue
        if word == "recipient":
            known["recipient_domain"] = domain
        if (entry := domain_entry(rejection, role, domain)) is not None:
            known |= {f"{word}_{name}": value for name, value in of_domain(rejection, entry).items()}
    known.pop("sender_mx_here", None)
    if (others := other_mail_hosts(rejection)) is not None:
        known |= {"mx_counted": YES, "other_mx": ", ".join(others[:MAX_NAMES]) or None}
    if known.get("recipient_mx_here"):
        known["recipient_mx"] = None
    return known


def of_reverse_dns(rejection: Rejection) -> dict[str, str | None]:
    """The facts of reverse DNS."""
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return {}
    evidence, ip = found[1], found[1].client_ip
    result, helo = evidence.result, evidence.helo
    missing, failing = result is AuthResult.PERMERROR, result is AuthResult.FAIL
    name = evidence.names[0] if evidence.names else None
    # An address record would help neither what is no host's name nor a name that the zone's was appended to.
    fit = name is not None and name not in evidence.unfit and name not in evidence.extended
    leads_here = helo.name if helo is not None and helo.matches_ip and helo.status is HeloStatus.ANSWER else None
    return {
        "ptr_known": YES,
        "ip_v6": YES if ":" in ip else None,
        "ptr_missing": YES if missing else None,
        "ptr_name": name if failing else None,
        "ptr_generic": name if evidence.generic and not missing else None,
        "ptr_confirmed": evidence.confirmed[0] if result is AuthResult.PASS and evidence.confirmed else None,
        "ptr_problem": evidence.problem or say("no answer") if result is AuthResult.TEMPERROR else None,
        "ptr_record": f"{names.reverse_name(ip)}. PTR {leads_here}." if missing and leads_here else None,
        "ptr_address_record": address_record(name, ip) if failing and name and fit else None,
    }


def leads_to(rejection: Rejection, evidence: IprevEvidence) -> tuple[DnsStatus | None, tuple[str, ...]]:
    """Where the first PTR name leads, as looked up in this run: ANSWER with addresses, NODATA or NXDOMAIN without.

    None for a lookup that failed, or that is not known.
    """
    name = evidence.names[0].lower().rstrip(".") if evidence.names else None
    found = [each for each in rejection.lookups if each.name == name and each.type in ("A", "AAAA")]
    addresses = tuple(record for each in found if each.status is DnsStatus.ANSWER for record in each.records)
    if addresses:
        return DnsStatus.ANSWER, addresses
    states = {each.status for each in found}
    return next((each for each in (DnsStatus.NXDOMAIN, DnsStatus.NODATA) if states == {each}), None), ()


def other_mail_hosts(rejection: Rejection) -> tuple[str, ...] | None:
    """The mail hosts of the recipient's domain but for the one of this session; None where DNS was not asked."""
    domain, peer = names.domain_of(rejection.forward_path or ""), rejection.transcript.address
    found = next((each for each in rejection.lookups if (each.type, each.name) == ("MX", domain)), None)
    if found is None or found.failed:
        return None
    here = {each.name for each in rejection.lookups if each.type in ("A", "AAAA") and peer in each.records}
    here.add((rejection.transcript.host or "").lower().rstrip("."))
    hosts = tuple(dict.fromkeys(name for _, name in mx_records(found) if name))
    return tuple(name for name in hosts if name not in here) if len(hosts) > 1 else ()


def address_record(name: str, ip: str) -> str:
    """The address record that leads from the name to the address, as a line of a zone."""
    return f"{name}. {'AAAA' if ':' in ip else 'A'} {ip}"


def of_helo(rejection: Rejection) -> dict[str, str | None]:
    """The facts of the HELO name: its form, whose it is, and where it leads."""
    helo = rejection.helo
    literal = helo.startswith("[") or names.is_ip_address(helo)
    found = rejection.evidence(IprevEvidence)
    looked_up = found[1].helo if found is not None else None
    missing = looked_up is not None and looked_up.status in (HeloStatus.NXDOMAIN, HeloStatus.NODATA)
    here = looked_up is not None and bool(looked_up.matches_ip) and looked_up.status is HeloStatus.ANSWER
    known: dict[str, str | None] = {
        "helo_underscore": YES if "_" in helo and not literal else None,
        "helo_unqualified": YES if is_unqualified(helo) else None,
        "helo_is_servers": YES if is_servers(rejection) else None,
        "helo_missing": YES if missing and not is_unqualified(helo) and "_" not in helo else None,
        "own_name": _own_name(rejection),
    }
    ip = client_ip(rejection)
    by_rule = is_by_rule(rejection)
    if by_rule:
        known["helo_missing"] = None  # an address would not help
    faulty = any(known[each] for each in ("helo_underscore", "helo_unqualified", "helo_is_servers", "helo_missing"))
    return known | {
        "helo_leads_here": YES if here and not faulty else None,
        "helo_known": YES if faulty else None,
        "helo_by_rule": YES if by_rule else None,
        "helo_unnamed": YES if by_rule and is_without_reason(rejection) else None,
        "helo_record": address_record(helo, ip) if known["helo_missing"] and ip and names.is_global(ip) else None,
    }


_ABOUT_RESOLUTION = re.compile(
    r"not found|not resolv|unresolv|does not exist|no such|cannot be resolved|dns|lookup|look up|invalid.{0,80}(name|host|domain)"
    r"|fully.qualified|fqdn|verif|no a record|unknown (host|domain)"
)
_ABOUT_THE_NAME = re.compile(r"helo|ehlo|\bname|host|domain|fqdn|qualified|dns|introduc|greet|identi")


def is_about_resolution(rejection: Rejection) -> bool:
    """Whether the reply speaks of what DNS has for a name."""
    return _ABOUT_RESOLUTION.search(rejection.text) is not None


def is_by_rule(rejection: Rejection) -> bool:
    """Whether the reply refuses the HELO name, and not for want of an address."""
    said = rejection.explanation
    return said.cause == "helo-rejected" and said.stated_by_reply and not is_about_resolution(rejection)


def is_without_reason(rejection: Rejection) -> bool:
    """Whether the introduction is refused without a word about the name that it gives."""
    named = _ABOUT_THE_NAME.search(rejection.text) is not None or rejection.helo.lower() in rejection.text
    return rejection.exchange.phase is Phase.EHLO and not named


def is_unqualified(helo: str) -> bool:
    """Whether a HELO name is no host's on the Internet: a single label, or what every machine calls itself."""
    bare = helo.strip(".").lower()
    return not helo.startswith("[") and (("." not in bare and ":" not in bare) or bare in _MACHINE)


def is_servers(rejection: Rejection) -> bool:
    """Whether the HELO name is the one by which the server greets."""
    return rejection.helo.rstrip(".").lower() in _servers_names(rejection, Phase.GREETING)


def _servers_names(rejection: Rejection, *phases: Phase) -> set[str]:
    """What the server calls itself: the first word of its greeting, and of its answer to EHLO (RFC 5321 §4.2, §4.1.1.1)."""
    replies = [x.reply for x in rejection.transcript.exchanges if x.phase in phases and x.reply]
    lines = [each.lines[0].split() for each in replies if each.digit == 2 and each.lines]
    return {words[0].rstrip(".").lower() for words in lines if words}


def _own_name(rejection: Rejection) -> str | None:
    """A name that leads to the client IP and back, where the HELO name is another."""
    found = rejection.evidence(IprevEvidence)
    if found is None or found[1].result is not AuthResult.PASS or found[1].generic:
        return None
    # Under the server's own name it would be refused as somebody who poses as the server.
    taken = {rejection.helo.rstrip(".").lower(), *_servers_names(rejection, Phase.GREETING, Phase.EHLO)}
    others = [each for each in found[1].confirmed if each.rstrip(".").lower() not in taken]
    return others[0] if others and len(others) == len(found[1].confirmed) else None


def domain_entry(rejection: Rejection, role: MxRole, domain: str) -> MxDomain | None:
    """What DNS says of the domain in its role; None where nobody asked, or the server knew no path yet (RFC 7504 §3)."""
    found = rejection.evidence(MxEvidence)
    if found is None or rejection.exchange.phase in _BEFORE_PATHS:
        return None
    return next((each for each in found[1].domains if each.role is role and each.domain == domain), None)


def of_domain(rejection: Rejection, entry: MxDomain) -> dict[str, str | None]:
    """The facts of one domain, without their prefix."""
    usable = usable_hosts(rejection, entry)
    broken = entry.status in _OF_HOSTS and not usable
    unanswered = entry.status is MxStatus.TEMPERROR or (broken and _is_open(entry))
    return {
        "known": YES,
        "missing": YES if entry.status is MxStatus.NXDOMAIN else None,
        "no_mx": YES if entry.status is MxStatus.NOTHING else None,
        "null_mx": YES if entry.status is MxStatus.NULL_MX else None,
        "unanswered": YES if unanswered else None,
        "hosts": problems(entry) if broken and not unanswered else None,
        "mx": ", ".join(host.name for host in usable[:MAX_NAMES]) or None,
        "mx_here": YES if rejection.transcript.address in _addresses(entry) else None,
    }


def usable_hosts(rejection: Rejection, entry: MxDomain) -> list[MxHost]:
    """The hosts that mail can reach: an alias is served by most, a private address only where the session is local."""
    peer = rejection.transcript.address
    local = names.is_ip_address(peer) and names.is_local_address(peer)
    served = (None, MxProblem.CNAME, *((MxProblem.PRIVATE_ADDRESS,) if local else ()))
    return [host for host in entry.hosts if host.problem in served] if entry.status in _OF_HOSTS else []


def problems(entry: MxDomain) -> str:
    """What is wrong with the domain's mail hosts, in words."""
    return ", ".join(map(_problem, entry.hosts[:MAX_NAMES]))


def _problem(host: MxHost) -> str:
    words = _PROBLEMS.get(host.problem) if host.problem is not None else None
    return say(words, host=host.name) if words else f"{host.name} {host.problem or ''}".rstrip()


_PROBLEMS = {
    MxProblem.NO_ADDRESS: mark("{host} has no address"),
    MxProblem.NXDOMAIN: mark("{host} does not exist"),
    MxProblem.ADDRESS_LITERAL: mark("{host} is an IP address, not a name"),
    MxProblem.PRIVATE_ADDRESS: mark("{host} has a private address"),
    MxProblem.TEMPERROR: mark("{host} cannot be looked up"),
    MxProblem.ALIAS_LOOP: mark("{host} is an alias (CNAME) without an end"),
    MxProblem.CNAME: mark("{host} is an alias"),
    MxProblem.FINAL_DOT: mark("{host} lacks its final dot in the zone file"),
    MxProblem.MADE_UP: mark("{host} has an address that the resolver makes up"),
}


def _is_open(entry: MxDomain) -> bool:
    return any(host.problem is MxProblem.TEMPERROR for host in entry.hosts)


def _addresses(entry: MxDomain) -> set[str]:
    return {address for host in entry.hosts for address in host.addresses}


def mx_run(rejection: Rejection) -> tuple[int, ...]:
    """The index of the run that knows the domains' mail hosts; empty if there is none."""
    found = rejection.evidence(MxEvidence)
    return (found[0],) if found else ()
