"""What EHLO is answered with before the handshake and after it, compared (RFC 3207 §4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.ports import is_submission
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.wire.ehlo import extensions

AGAIN = FindingSpec(
    id="starttls-offered-over-tls",
    severity=Severity.NOTICE,
    title=mark("STARTTLS is offered again over TLS"),
    why=mark(
        "A server must not do that. A client that takes the offer starts a handshake within the first one, which fails; "
        "something before the server may do TLS in its place."
    ),
    fix=mark(
        "If a proxy or load balancer does TLS, have it tell the server so, or switch STARTTLS off behind it. Otherwise update "
        "the server."
    ),
    references=("RFC 3207 §4.2",),
)
AUTH_LOST = FindingSpec(
    id="auth-offered-in-clear-alone",
    severity=Severity.WARNING,
    severity_otherwise=mark("error on a submission port (465, 587)"),
    title=mark("AUTH is offered before TLS and not over it"),
    why=mark(
        "A client that starts TLS, as it should, cannot log in; one that does not shows its password to everybody on the path."
    ),
    fix=mark(
        "Offer AUTH over TLS, and only there (Postfix: smtpd_tls_auth_only = yes). If the server is configured so, something "
        "on the way answers the first EHLO in its place."
    ),
    references=("RFC 4954 §4", "RFC 8314 §3.3"),
)
DIFFER = FindingSpec(
    id="extensions-lost-over-tls",
    severity=Severity.NOTICE,
    title=mark("The server offers less over TLS, or another size"),
    why=mark(
        "A server is the same before and after the handshake. What is offered before it alone comes most often from something "
        "on the way that answers in the server's place, and messages that rely on it are refused."
    ),
    fix=mark(
        "Look for a proxy, firewall or virus scanner between client and server; otherwise correct the server's settings."
    ),
    references=("RFC 3207 §4.2", "RFC 1870 §3"),
)
FINDINGS = (AGAIN, AUTH_LOST, DIFFER)
# What is meant to be offered on one side alone; of AUTH a finding of its own tells, and XCLIENT is for few.
_ONE_SIDED = ("STARTTLS", "AUTH", "XCLIENT", "XFORWARD")


def compared(transcript: Transcript) -> Iterator[Finding]:
    """The findings; none if EHLO was answered on one side alone."""
    hellos = [x for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply is not None and x.reply.code == 250]
    over_tls = next((x for x in hellos if x.over_tls), None)
    in_clear = next((x for x in reversed(hellos) if not x.over_tls), None)
    if over_tls is None:
        return
    after, subject = _offered(over_tls), transcript.address
    if "STARTTLS" in after:
        yield AGAIN(subject, say("STARTTLS is among the extensions over TLS"), exchange=over_tls.index)
    if in_clear is None or in_clear.is_helo:
        return
    before = _offered(in_clear)
    if before.get("AUTH") and not after.get("AUTH"):
        severity = Severity.ERROR if is_submission(transcript.port) else None
        message = say("AUTH {mechanisms} is offered without TLS, and none over it", mechanisms=" ".join(before["AUTH"]))
        yield AUTH_LOST(subject, message, exchange=over_tls.index, severity=severity)
    if differences := tuple(_differences(before, after)):
        yield DIFFER(subject, "; ".join(differences), exchange=over_tls.index)


def _offered(exchange: Exchange) -> dict[str, tuple[str, ...]]:
    assert exchange.reply is not None
    return extensions(exchange.reply.lines)


def _differences(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> Iterator[str]:
    gone = [each for each in before if each not in after and each not in _ONE_SIDED]
    if gone:
        yield say("not offered over TLS: {extensions}", extensions=", ".join(gone))
    was, now = before.get("SIZE"), after.get("SIZE")
    if was and now and was != now:
        yield say("SIZE {before} before, {after} over TLS", before=was[0], after=now[0])
