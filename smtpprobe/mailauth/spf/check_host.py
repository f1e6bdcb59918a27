"""SPF for both identities of a session: check_host() and what it needs before and after (RFC 7208 §2, §4)."""

from __future__ import annotations

import re

from smtpprobe.mailauth.spf.client import Client, macro_values
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.explanation import explain
from smtpprobe.mailauth.spf.macro import domain_problem
from smtpprobe.mailauth.spf.other_count import other_count, other_order
from smtpprobe.mailauth.spf.trace import deciding_term, steps
from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfEvidence, SpfFault, SpfIdentities, SpfIdentity
from smtpprobe.model.names import a_labels, ip_address, is_domain
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

_AT_DOMAIN = r"@(?:\[[^\]]*\]|[^\s,:\[\]\"]+)"
_ROUTE = re.compile(rf"\A{_AT_DOMAIN}(?:,{_AT_DOMAIN})*:(?=.*@)")  # RFC 5321 §4.1.2: A-d-l
_WITH_PROBLEM = (AuthResult.NONE, AuthResult.TEMPERROR, AuthResult.PERMERROR)


async def check_host(
    resolver: Resolver,
    client_ip: str,
    domain: str,
    sender: str,
    helo: str,
    *,
    receiver: str = "unknown",
    now: float | None = None,
) -> SpfIdentity:
    """check_host() of a domain for one client IP (RFC 7208 §4), with the trace of this evaluation.

    `receiver` and `now` (seconds since 1970) are what %{r} and %{t} say in an explanation.
    Raises ValueError where `client_ip` is not a valid IP address.
    """
    client = Client(ip_address(client_ip.partition("%")[0]))
    domain = _a_labels(domain).removesuffix(".")
    local, at, host = sender.rpartition("@")
    # RFC 7208 §4.3: a sender without local part is postmaster's.
    local, host = local or "postmaster", _a_labels(host if at else sender)
    sender = f"{local}@{host}"
    problem = domain_problem(domain)
    if problem:
        return SpfIdentity(
            domain=domain or None, sender=sender, result=AuthResult.NONE, problem=problem, fault=SpfFault.NO_DOMAIN
        )
    seconds = int(SYSTEM_CLOCK.now().timestamp() if now is None else now)
    values = macro_values(client, sender, helo, receiver, seconds)
    evaluation = Evaluation(resolver, client, values, doubting=True)
    outcome = await evaluation.host(domain)
    explanation = await explain(evaluation, outcome)
    evaluation.end()
    other = await other_count(resolver, client, values, domain, outcome) if evaluation.void_hosts else None
    in_order = await other_order(resolver, client, values, domain, outcome) if evaluation.has_ties else None
    return SpfIdentity(
        domain=domain,
        sender=sender,
        result=outcome.result,
        mechanism=deciding_term(outcome),
        problem=outcome.reason if outcome.result in _WITH_PROBLEM else None,
        fault=outcome.fault if outcome.result in _WITH_PROBLEM else None,
        explanation=explanation,
        record=outcome.record,
        lookups_used=evaluation.lookups_used,
        void_lookups_used=evaluation.void_lookups_used,
        trace=steps(outcome),
        lookups=tuple(dict.fromkeys((*evaluation.consumed, *(in_order[1] if in_order else ())))),
        other_count=other,
        other_order=in_order[0] if in_order else None,
    )


async def evaluate(
    resolver: Resolver,
    client_ip: str,
    mail_from: str,
    helo: str,
    *,
    domain: str | None = None,
    receiver: str = "unknown",
    now: float | None = None,
) -> SpfEvidence:
    """SPF of the HELO and the MAIL FROM identity (RFC 7208 §2.3, §2.4), each evaluated once a run, side by side.

    The null reverse-path (empty or `<>`) stands for postmaster@HELO; of a source route the mailbox behind it counts.
    `domain` is what is asked about: the evidence says if another domain is judged, as the reverse-path has it.
    Raises ValueError where `client_ip` is not a valid IP address.
    """
    client_ip = ip_address(client_ip.partition("%")[0])
    helo_sender = f"postmaster@{helo}"
    # RFC 7208 §2.4: the null reverse-path is that of postmaster at the HELO name.
    is_null = mail_from in ("", "<>")
    # RFC 5321 appendix C: a server ignores the route.
    sender = helo_sender if is_null else _ROUTE.sub("", mail_from)
    checked = sender.rpartition("@")[2]
    problem = helo_problem(helo)
    same = sender.lower() == helo_sender.lower() and checked.lower() == helo.lower()

    async def identity(domain: str, sender: str) -> SpfIdentity:
        return await resolver.once(
            ("check_host", client_ip, domain, sender, helo, receiver, now),
            lambda: check_host(resolver, client_ip, domain, sender, helo, receiver=receiver, now=now),
        )

    if not (problem or same):
        resolver.ahead(identity(helo, helo_sender))
    mailfrom = await identity(checked, sender) if not (problem and helo and same) else _not_checkable(helo, problem)
    if problem:
        helo_identity = SpfIdentity(
            domain=helo or None, sender=None, result=None, problem=problem, fault=SpfFault.NO_DOMAIN
        )
    elif same:
        helo_identity = mailfrom
    else:
        helo_identity = await identity(helo, helo_sender)
    return SpfEvidence(
        client_ip=client_ip,
        result=mailfrom.result or AuthResult.NONE,
        identities=SpfIdentities(helo_identity, mailfrom),
        mechanism=mailfrom.mechanism,
        explanation=mailfrom.explanation,
        record=mailfrom.record,
        problem=mailfrom.problem,
        lookups_used=mailfrom.lookups_used,
        void_lookups_used=mailfrom.void_lookups_used,
        trace=mailfrom.trace,
        lookups=tuple(dict.fromkeys(mailfrom.lookups + helo_identity.lookups)),
        is_null_path=is_null,
        instead_of=domain if domain and not _same_name(domain, checked) else None,
    )


def _same_name(one: str, other: str) -> bool:
    return _a_labels(one).removesuffix(".").lower() == _a_labels(other).removesuffix(".").lower()


def _not_checkable(helo: str, problem: str) -> SpfIdentity:
    """The MAIL FROM identity that a HELO name stands for, and that is no more checkable than that."""
    domain = _a_labels(helo).removesuffix(".") or None
    return SpfIdentity(
        domain=domain,
        sender=f"postmaster@{_a_labels(helo)}",
        result=AuthResult.NONE,
        problem=problem,
        fault=SpfFault.NO_DOMAIN,
    )


def helo_problem(helo: str) -> str | None:
    """Why the HELO identity cannot be checked (RFC 7208 §2.3), None where it can."""
    if not helo:
        return say("no HELO name")
    name = _a_labels(helo).removesuffix(".")
    problem = domain_problem(name)
    return say("{helo} is not a host name", helo=helo) if problem is None and not is_domain(name.lower()) else problem


def _a_labels(domain: str) -> str:
    """The domain with its U-labels as A-labels (RFC 7208 §4.3); US-ASCII stays as it is written, for the macros."""
    return domain if domain.isascii() else a_labels(domain)
