"""What evidence says about a cause that a reply names: reproduced, contradicted, or no word either way.

One function per family of causes. Each looks at the check runs of one transcript and answers with a Weight: how sure,
in which words, and which runs it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from smtpprobe.catalogue.explain import Explanation
from smtpprobe.model import names
from smtpprobe.model.evidence import (
    AuthResult,
    DkimEvidence,
    DmarcEvidence,
    DnsblEvidence,
    DnsblStatus,
    DnsblZone,
    IprevEvidence,
    MxEvidence,
    MxHost,
    SpfEvidence,
    SpfIdentity,
)
from smtpprobe.model.report import CheckRun, Completed, Confidence
from smtpprobe.model.transcript import Exchange, Phase, Transcript


class Weight(msgspec.Struct, frozen=True):
    """What the evidence adds to a stated cause. `refused_there`: the fault lies with the server's own query."""

    confidence: Confidence
    because: tuple[str, ...] = ()
    checks: tuple[int, ...] = ()
    recipient_side: bool = False


class Scene(msgspec.Struct, frozen=True):
    """One rejection with everything that may be weighed: the exchange, the reply read, and this transcript's runs."""

    transcript: Transcript
    exchange: Exchange
    said: Explanation
    runs: tuple[tuple[int, CheckRun], ...]
    reverse_path: str | None
    forward_path: str | None
    helo: str

    def run(self, check: str) -> tuple[int, Completed] | None:
        """The completed run of a check, with its index in the report."""
        for index, run in self.runs:
            if run.check == check and isinstance(run, Completed):
                return index, run
        return None

    def why_not(self, check: str) -> str | None:
        """Why a check gives no evidence, in words; None where it does."""
        for _, run in self.runs:
            if run.check == check and not isinstance(run, Completed):
                return run.reason
        return None

    @property
    def text(self) -> str:
        """The reply's words, lower case."""
        return self.exchange.reply.text.lower() if self.exchange.reply else ""


_STATED = Weight(Confidence.STATED)


def _listed_words(zone: DnsblZone) -> str:
    codes = ", ".join(zone.codes)
    meaning = "; ".join(each for each in dict.fromkeys(zone.meanings) if each != "listed") or zone.text or ""
    return f"{zone.zone} lists {zone.subject} ({codes})" + (f": {meaning}" if meaning else "")


def blocklisted(scene: Scene) -> Weight:
    """ip-blocklisted, domain-blocklisted: is it listed in the zone that the reply names?"""
    captured = scene.said.captures
    if captured.list_refused:
        # The reply quotes the list's refusal of the query: the server takes "ask me properly" for "listed".
        words = f"the reply quotes {captured.list}'s refusal of the query, which is no listing"
        return Weight(Confidence.CONTRADICTED, (words,), recipient_side=True)
    found = scene.run("dnsbl")
    if captured.list is None or found is None:
        return _STATED
    index, run = found
    assert isinstance(run.evidence, DnsblEvidence)
    subject = captured.domain if scene.said.cause == "domain-blocklisted" else captured.ip
    zones = [each for each in run.evidence.zones if _same_zone(each.zone, captured.list)]
    zones = [each for each in zones if subject is None or each.subject == subject] or zones
    for zone in sorted(zones, key=lambda each: each.status is not DnsblStatus.LISTED):
        weight = _weigh_zone(zone, index)
        if weight is not None:
            return weight
    dead = [f for f in run.findings if f.id == "dnsbl-zone-dead" and _same_zone(f.subject, captured.list)]
    if dead:
        return Weight(Confidence.CONTRADICTED, (dead[0].message,), (index,), recipient_side=True)
    return _STATED


def _same_zone(zone: str, named: str) -> bool:
    return zone.lower().rstrip(".") == named.lower().rstrip(".")


def _weigh_zone(zone: DnsblZone, index: int) -> Weight | None:
    match zone.status:
        case DnsblStatus.LISTED:
            return Weight(Confidence.CONFIRMED, (_listed_words(zone),), (index,))
        case DnsblStatus.BROKEN_ZONE:
            words = f"{zone.zone} is broken ({zone.reason}): its answers mean nothing"
            return Weight(Confidence.CONTRADICTED, (words,), (index,), recipient_side=True)
        case DnsblStatus.NOT_LISTED:
            if names.is_ip_address(zone.subject) and not names.is_global(zone.subject):
                # Such an address is somebody else's here: that the list does not know it says nothing.
                return Weight(
                    Confidence.STATED,
                    (f"{zone.zone} does not list {zone.subject}, an address that is not global",),
                    (index,),
                )
            words = f"{zone.zone} does not list {zone.subject} now: a stale cache, another address, or their own resolver refused"
            return Weight(Confidence.CONTRADICTED, (words,), (index,), recipient_side=True)
        case DnsblStatus.QUERY_REFUSED:
            return Weight(Confidence.STATED, (f"{zone.zone} refused our query ({zone.reason})",), (index,))
        case DnsblStatus.NO_ANSWER:
            return Weight(Confidence.STATED, (f"{zone.zone} did not answer us",), (index,))
    return None


_NOT_PASSED = (AuthResult.FAIL, AuthResult.SOFTFAIL, AuthResult.PERMERROR)


def authentication(scene: Scene) -> Weight:
    """email-auth-failed: which of SPF, DKIM, DMARC the reply names, and what we get for it."""
    named = {word for word in ("spf", "dkim", "dmarc") if re.search(rf"(?<![a-z]){word}(?![a-z])", scene.text)}
    detail = (scene.said.enhanced or "").rpartition(".")[2] if (scene.said.enhanced or "")[1:3] == ".7" else ""
    if not named:
        named = {"23": {"spf"}, "24": {"spf"}, "20": {"dkim"}, "21": {"dkim"}, "22": {"dkim"}}.get(detail, set())
    weights = [weigh(scene) for word, weigh in (("spf", _spf), ("dmarc", _dmarc), ("dkim", _dkim)) if word in named]
    if not weights and not named:
        weights = [weigh(scene) for weigh in (_spf, _dmarc, _dkim)]
        weights = [weight for weight in weights if weight.confidence is Confidence.CONFIRMED]
    order = (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED)
    return min(weights, key=lambda weight: order.index(weight.confidence), default=_STATED)


def _spf_words(identity: SpfIdentity, which: str, evidence: SpfEvidence) -> str:
    what = f"SPF for {identity.domain} ({which}) from {evidence.client_ip}: {identity.result}"
    why = identity.problem or (f"the term {identity.mechanism} decided" if identity.mechanism else None)
    return f"{what}, {why}" if why else what


def _spf(scene: Scene) -> Weight:
    found = scene.run("spf")
    if found is None:
        return _STATED
    index, run = found
    evidence = run.evidence
    assert isinstance(evidence, SpfEvidence)
    pairs = ((evidence.identities.mailfrom, "MAIL FROM"), (evidence.identities.helo, "HELO"))
    temporary = bool(scene.exchange.reply and scene.exchange.reply.digit == 4)
    for identity, which in pairs:
        if identity.result in _NOT_PASSED or (temporary and identity.result is AuthResult.TEMPERROR):
            return Weight(Confidence.CONFIRMED, (_spf_words(identity, which, evidence),), (index,))
    identity = evidence.identities.mailfrom
    words = (_spf_words(identity, "MAIL FROM", evidence),)
    if identity.result is AuthResult.PASS:
        return Weight(Confidence.CONTRADICTED, words, (index,))
    if identity.result in (AuthResult.NONE, AuthResult.NEUTRAL) and not re.search(
        r"\b(?:soft ?)?fail(?!ed to pass)|error", scene.text
    ):
        # "did not pass": neither does a domain without a record; a failure or an error is more than that.
        return Weight(Confidence.CONFIRMED, words, (index,))
    return Weight(Confidence.STATED, words, (index,))


def _dmarc(scene: Scene) -> Weight:
    found = scene.run("dmarc")
    if found is None:
        return _STATED
    index, run = found
    evidence = run.evidence
    assert isinstance(evidence, DmarcEvidence)
    # RFC 9989 §4.4: DMARC is about the message's author domain, which the reverse-path only lets one guess.
    words = (f"DMARC for {evidence.author_domain}: {evidence.result}, policy {evidence.policy or 'none published'}",)
    if evidence.result is AuthResult.FAIL and evidence.author_domain_source == "message":
        return Weight(Confidence.CONFIRMED, words, (index,))
    if evidence.result is AuthResult.PASS and evidence.author_domain_source == "message":
        return Weight(Confidence.CONTRADICTED, words, (index,))
    return Weight(Confidence.STATED, words, (index,))


def _dkim(scene: Scene) -> Weight:
    found = scene.run("dkim")
    if found is None:
        return _STATED
    index, run = found
    evidence = run.evidence
    assert isinstance(evidence, DkimEvidence)
    if not evidence.signatures:
        return _STATED
    good = [each for each in evidence.signatures if each.result is AuthResult.PASS]
    bad = [each for each in evidence.signatures if each.result is not AuthResult.PASS]
    if bad and not good:
        words = tuple(f"DKIM signature of {each.domain}: {each.result}, {each.reason}" for each in bad[:2])
        return Weight(Confidence.CONFIRMED, words, (index,))
    return Weight(
        Confidence.CONTRADICTED, tuple(f"the DKIM signature of {each.domain} verifies" for each in good[:2]), (index,)
    )


def reverse_dns(scene: Scene) -> Weight:
    """reverse-dns: PTR and back for the address that the server saw."""
    found = scene.run("iprev")
    if found is None:
        return _STATED
    index, run = found
    evidence = run.evidence
    assert isinstance(evidence, IprevEvidence)
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
        return _STATED
    helo = scene.helo
    if "." not in helo.strip("."):
        return Weight(Confidence.CONFIRMED, (f"the HELO name {helo} is not fully qualified",))
    found = scene.run("iprev")
    if found is None:
        return _STATED
    index, run = found
    assert isinstance(run.evidence, IprevEvidence)
    name = run.evidence.helo
    if name is None:
        return _STATED
    if name.status in ("nxdomain", "nodata"):
        return Weight(Confidence.CONFIRMED, (f"the HELO name {name.name} has no address ({name.status})",), (index,))
    if name.status == "answer" and "qualified" not in scene.text:
        words = f"the HELO name {name.name} resolves to {', '.join(name.addresses[:3])}"
        return Weight(Confidence.CONTRADICTED, (words,), (index,))
    return _STATED


def sender_domain(scene: Scene) -> Weight:
    """sender-domain-invalid: what DNS has for the reverse-path's domain."""
    return _mail_domain(scene, "reverse-path")


def recipient_domain(scene: Scene) -> Weight:
    """domain-undeliverable: what DNS has for the forward-path's domain."""
    return _mail_domain(scene, "forward-path")


def _mail_domain(scene: Scene, role: str) -> Weight:
    found = scene.run("mx")
    path = scene.reverse_path if role == "reverse-path" else scene.forward_path
    domain = names.domain_of(path or "")
    if found is None or domain is None or scene.exchange.phase in (Phase.GREETING, Phase.EHLO):
        # Before MAIL the server knows no path: such words are about the server itself (RFC 7504 §3).
        return _STATED
    index, run = found
    assert isinstance(run.evidence, MxEvidence)
    entry = next((each for each in run.evidence.domains if each.role == role and each.domain == domain), None)
    if entry is None or entry.status == "temperror":
        temporary = entry is not None and bool(scene.exchange.reply and scene.exchange.reply.digit == 4)
        return (
            Weight(Confidence.CONFIRMED, (f"{domain} could not be looked up here either",), (index,))
            if temporary
            else _STATED
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


def listed_zones(runs: Sequence[tuple[int, CheckRun]]) -> list[tuple[int, DnsblZone]]:
    """Tier 1 listings among the runs."""
    return [
        (index, zone)
        for index, run in runs
        if isinstance(run, Completed) and isinstance(run.evidence, DnsblEvidence)
        for zone in run.evidence.zones
        if zone.status is DnsblStatus.LISTED and zone.kind == "block" and zone.tier == 1
    ]
