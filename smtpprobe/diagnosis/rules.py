"""What evidence says about a cause that a reply names: reproduced, contradicted, or no word either way.

One function per family of causes. Each looks at the check runs of one transcript and answers with a Weight: how sure,
in which words, and which runs it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from smtpprobe.diagnosis.authentication import authentication
from smtpprobe.diagnosis.listings import blocklisted
from smtpprobe.diagnosis.scene import STATED, Scene, Weight
from smtpprobe.model import names
from smtpprobe.model.evidence import IprevEvidence, MxEvidence
from smtpprobe.model.evidence.mx import MxHost
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


def reverse_dns(scene: Scene) -> Weight:
    """reverse-dns: PTR and back for the address that the server saw."""
    found = scene.evidence(IprevEvidence)
    if found is None:
        return STATED
    index, evidence = found
    shown = ", ".join(evidence.names[:2]) or "no name"
    words = f"reverse DNS of {evidence.client_ip}: {shown}" + (f" ({evidence.problem})" if evidence.problem else "")
    if evidence.result is AuthResult.PASS:
        # A name that looks like an end user's is a policy of theirs, which confirmed reverse DNS does not contradict.
        if evidence.generic or re.search(r"generic|dynamic|residential|dial", scene.text):
            return Weight(Confidence.CONFIRMED if evidence.generic else Confidence.STATED, (words,), (index,))
        return Weight(Confidence.CONTRADICTED, (words,), (index,))
    if evidence.result is AuthResult.TEMPERROR:
        temporary = bool(scene.exchange.reply and scene.exchange.reply.digit == 4)
        return Weight(Confidence.CONFIRMED if temporary else Confidence.STATED, (words,), (index,))
    return Weight(Confidence.CONFIRMED, (words,), (index,))


_ABOUT_RESOLUTION = re.compile(
    r"not found|not resolv|unresolv|does not exist|no such|cannot be resolved|dns|lookup|look up|invalid.*(name|host|domain)|"
    r"fully.qualified|fqdn|verif|no a record|unknown (host|domain)"
)


def helo_name(scene: Scene) -> Weight:
    """helo-rejected: whether the HELO name leads anywhere, where the reply is about that."""
    if not _ABOUT_RESOLUTION.search(scene.text):
        return STATED
    helo = scene.helo
    if "." not in helo.strip("."):
        return Weight(Confidence.CONFIRMED, (f"the HELO name {helo} is not fully qualified",))
    found = scene.evidence(IprevEvidence)
    if found is None:
        return STATED
    index, name = found[0], found[1].helo
    if name is None:
        return STATED
    if name.status in ("nxdomain", "nodata"):
        return Weight(Confidence.CONFIRMED, (f"the HELO name {name.name} has no address ({name.status})",), (index,))
    if name.status == "answer" and "qualified" not in scene.text:
        words = f"the HELO name {name.name} resolves to {', '.join(name.addresses[:3])}"
        return Weight(Confidence.CONTRADICTED, (words,), (index,))
    return STATED


def sender_domain(scene: Scene) -> Weight:
    """sender-domain-invalid: what DNS has for the reverse-path's domain."""
    return _mail_domain(scene, "reverse-path")


def recipient_domain(scene: Scene) -> Weight:
    """domain-undeliverable: what DNS has for the forward-path's domain."""
    return _mail_domain(scene, "forward-path")


def _mail_domain(scene: Scene, role: str) -> Weight:
    found = scene.evidence(MxEvidence)
    path = scene.reverse_path if role == "reverse-path" else scene.forward_path
    domain = names.domain_of(path or "")
    if found is None or domain is None or scene.exchange.phase in (Phase.GREETING, Phase.EHLO):
        # Before MAIL the server knows no path: such words are about the server itself (RFC 7504 §3).
        return STATED
    index, evidence = found
    entry = next((each for each in evidence.domains if each.role == role and each.domain == domain), None)
    if entry is None or entry.status == "temperror":
        temporary = entry is not None and bool(scene.exchange.reply and scene.exchange.reply.digit == 4)
        return (
            Weight(Confidence.CONFIRMED, (f"{domain} could not be looked up here either",), (index,))
            if temporary
            else STATED
        )
    words = {
        "nxdomain": f"{domain} does not exist in DNS",
        "nothing": f"{domain} has neither MX nor address records",
        "null-mx": f"{domain} publishes a null MX: it takes no mail",
    }.get(entry.status)
    if words:
        return Weight(Confidence.CONFIRMED, (words,), (index,))
    usable = [host.name for host in entry.hosts if _is_usable(scene, host)]
    if not usable:
        told = "; ".join(f"{host.name}: {host.problem}" for host in entry.hosts)
        if any(host.problem == "temperror" for host in entry.hosts):
            return Weight(Confidence.STATED, (f"mail hosts of {domain}: {told}",), (index,))
        return Weight(Confidence.CONFIRMED, (f"mail hosts of {domain}: {told}",), (index,))
    shown = ", ".join(usable[:3])
    return Weight(Confidence.CONTRADICTED, (f"{domain} takes mail at {shown}",), (index,))


def _is_usable(scene: Scene, host: MxHost) -> bool:
    """Whether mail can reach the host: an alias is served by most, a private address only where the session is local."""
    peer = scene.transcript.address
    local = names.is_ip_address(peer) and names.is_local_address(peer)
    return host.problem in (None, "cname") or (host.problem == "private-address" and local)


def tls_required(scene: Scene) -> Weight:
    """tls-required: the transcript shows whether the refused command went in clear."""
    if scene.exchange.over_tls:
        return Weight(Confidence.CONTRADICTED, ("the command was sent over TLS",))
    return Weight(Confidence.CONFIRMED, ("the command was sent in clear",))


def auth_required(scene: Scene) -> Weight:
    """auth-required: the transcript shows whether anybody had logged in."""
    accepted = any(x.phase is Phase.AUTH and x.reply and x.reply.digit == 2 for x in scene.transcript.exchanges)
    if accepted:
        return Weight(Confidence.CONTRADICTED, ("the session was authenticated when this was refused",))
    return Weight(Confidence.CONFIRMED, ("nobody had logged in on this session",))


WEIGH: dict[str, Callable[[Scene], Weight]] = {
    "ip-blocklisted": blocklisted,
    "domain-blocklisted": blocklisted,
    "email-auth-failed": authentication,
    "reverse-dns": reverse_dns,
    "helo-rejected": helo_name,
    "sender-domain-invalid": sender_domain,
    "domain-undeliverable": recipient_domain,
    "tls-required": tls_required,
    "auth-required": auth_required,
}
"""The weighing of each cause that evidence can speak to; every other cause stays as the reply states it."""
