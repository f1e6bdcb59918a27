"""What the reply's own words tell, and what the envelope adds where they are silent."""

from __future__ import annotations

from smtpprobe.catalogue.explainer.told import told
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.texts.amounts import duration
from smtpprobe.model.transcript import IpSource, Phase


def of_reply(rejection: Rejection) -> dict[str, str | None]:
    """The parts of the reply, and the facts that its words state."""
    captured, ip = rejection.explanation.captures, client_ip(rejection)
    said = told(rejection.reply.text, rejection.explanation)
    if said.get("submission_port") == str(rejection.transcript.port):
        said = {name: value for name, value in said.items() if not name.startswith("submission_")}
    return {
        "ip": ip,
        "ip_local": YES if ip and names.is_ip_address(ip) and names.is_local_address(ip) else None,
        "list": captured.list,
        "url": captured.url,
        "contact": captured.contact,
        "domain": captured.domain or names.domain_of(rejection.reverse_path or ""),
        "helo": rejection.helo,
        "address": captured.address or rejection.forward_path,
        "sender": rejection.reverse_path or None,
        "mechanism": captured.mechanism,
        "wait": _minutes(captured.wait_s),
        "ip_v6": YES if ":" in (ip or "") else None,
        **of_paths(rejection),
        **said,
    }


def of_paths(rejection: Rejection) -> dict[str, str | None]:
    """The path without a domain that the reply is about."""
    if rejection.exchange.phase not in (Phase.MAIL, Phase.RCPT):
        return {}
    of_sender = rejection.exchange.phase is Phase.MAIL or "sender address" in rejection.text
    path = rejection.reverse_path if of_sender else rejection.forward_path
    return {"bare_sender" if of_sender else "bare_recipient": path if path and "@" not in path else None}


def client_ip(rejection: Rejection) -> str | None:
    """The client IP, from the reply before what the session knows of it; else the one that a check was about."""
    identity = rejection.transcript.identity
    if known := rejection.explanation.captures.ip or (identity.client_ip if identity else None):
        return known
    iprev, spf = rejection.evidence(IprevEvidence), rejection.evidence(SpfEvidence)
    return iprev[1].client_ip if iprev else spf[1].client_ip if spf else None


def quotes_another_ip(rejection: Rejection) -> bool:
    """Whether the reply quotes another client IP than the one that was given, so that the checks judged another one."""
    identity, quoted = rejection.transcript.identity, rejection.explanation.captures.ip
    if identity is None or quoted is None or identity.client_ip_source is not IpSource.OPTION:
        return False
    return names.is_ip_address(quoted) and names.ip_address(quoted) != identity.client_ip


def _minutes(wait_s: int | None) -> str | None:
    if not wait_s:
        return None
    return duration(wait_s)
