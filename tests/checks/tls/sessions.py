"""Sessions whose TLS came out one way or another, and the context in which the TLS policy checks see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from smtpprobe.checks.base import CheckInput, NextHop, Skip
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, RecordedFetcher, policy_url
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Breakage, Certificate, Exchange, Phase, TlsFault, TlsSession, Transcript
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire.reply_reader import parse_reply
from tests.checks.inputs import check_input

NOW = datetime.now(UTC)
HOP = NextHop(host="mx.example.com", domain="example.com", through_mx=True)
OFFERING = b"250-mx.example.com\r\n250 STARTTLS\r\n"
SILENT = b"250 mx.example.com\r\n"
READY, REFUSAL = b"220 Ready\r\n", b"454 TLS not available\r\n"


def tls_session(chain: Sequence[Certificate] = (), problems: tuple[str, ...] = ()) -> TlsSession:
    return TlsSession(
        version="TLSv1.3",
        cipher="cipher",
        bits=256,
        name="mx.example.com",
        sni=None,
        chain=tuple(chain),
        verified=not problems,
        problems=problems,
    )


def session(*exchanges: tuple[Phase, bytes | TlsSession | TlsFault]) -> Transcript:
    """A transcript of these phases, each with a reply's octets, a handshake's session, or a failed handshake's fault."""
    made = []
    for index, (phase, what) in enumerate(exchanges):
        reply = parse_reply(what) if isinstance(what, bytes) else None
        tls = what if isinstance(what, TlsSession) else None
        fault = what if isinstance(what, TlsFault) else None
        breakage, detail = (Breakage.TLS_FAILED, "in words") if fault else (None, None)
        made.append(
            Exchange(
                index=index,
                phase=phase,
                sent=None,
                reply=reply,
                tls=tls,
                breakage=breakage,
                tls_fault=fault,
                detail=detail,
            )
        )
    return Transcript(
        address="192.0.2.1", port=25, started_at=NOW, complete=True, exchanges=tuple(made), host="mx.example.com"
    )


def over_tls(chain: Sequence[Certificate] = (), problems: tuple[str, ...] = ()) -> Transcript:
    tls = tls_session(chain, problems)
    return session((Phase.EHLO, OFFERING), (Phase.STARTTLS, READY), (Phase.TLS, tls), (Phase.EHLO, SILENT))


def failing(fault: TlsFault) -> Transcript:
    return session((Phase.EHLO, OFFERING), (Phase.STARTTLS, READY), (Phase.TLS, fault))


IN_CLEAR = session((Phase.EHLO, SILENT), (Phase.MAIL, b"250 Ok\r\n"))
REFUSED = session((Phase.EHLO, OFFERING), (Phase.STARTTLS, REFUSAL))
NOT_TRIED = session((Phase.EHLO, OFFERING))


def context(
    zone: str,
    transcript: Transcript | None,
    hop: NextHop | Skip | None = HOP,
    policies: Mapping[str, str] | None = None,
    media_type: str = "text/plain",
    domains: tuple[str, ...] = (),
) -> CheckInput:
    fetched = {
        domain: PolicyFetch(
            url=policy_url(domain), status=FetchStatus.OK, body=text, http_status=200, media_type=media_type
        )
        for domain, text in (policies or {}).items()
    }
    return check_input(
        resolver=zone_resolver(zone),
        now=NOW,
        envelope=Envelope(Assumed("client.example.org"), Assumed("")),
        client_ip=None,
        transcript=transcript,
        domains=domains,
        next_hop=hop,
        fetcher=RecordedFetcher(fetched),
    )
