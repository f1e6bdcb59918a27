"""Cases: a session, a zone and a request written down in a directory, and what the report must say of them.

    README.md      what is special about the case, in two lines
    session.smtp   what the server plays (`smtpprobe.wire.script`); without it nothing listens
    session-2.smtp what another server plays at 127.0.0.2, at the same port, and so on; session-6.smtp at ::1
    dns.zone       master-file text that all DNS answers come from (`smtpprobe.net.zone` for its faults)
    request.toml   the fields of CaseRequest; files that it names lie beside it
    expect.toml    the fields of Expect; what is left out is not looked at

The server listens on 127.0.0.1. Its names get that address from the zone; at 127.0.0.2 and following nothing answers
that has no file.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import Any

import msgspec

from smtpprobe.model.clock import Clock
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, RecordedFetcher, policy_url
from smtpprobe.model.report import Report
from smtpprobe.model.request import (
    ChannelBinding,
    Credentials,
    Diagnose,
    Protocol,
    ProxyVersion,
    Request,
    Target,
    TlsOptions,
    TlsPolicy,
    TlsVersion,
)
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.certificates import CertificateKind, server_certificate
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

OTHERS = {"2": "127.0.0.2", "3": "127.0.0.3", "4": "127.0.0.4", "6": "::1"}  # by what their file is named


class CaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """request.toml: the fields of Request, flat, and how the server is set up.

    `mx`: the host's MX records are followed instead of the host itself. `trust`: the server's CA is the one trusted.
    `certificate` is a CertificateKind, and with `asks_certificate` the server demands one of the client. `segment` is
    the length of the server's segments in octets. The port is the server's own unless `port` says where else. `token`
    logs in instead of a password, as does a JWT with these `claims`, of which no signature is right. `policies` are the
    MTA-STS policies that are served, by domain.
    """

    host: str = "mx.example.com"
    port: int | None = None
    mx: bool = False
    mailbox: str | None = None
    protocol: Protocol = Protocol.ESMTP
    implicit_tls: bool = False
    helo: str | None = "client.example.org"
    mail_from: str | None = "alice@example.org"
    rcpt_to: tuple[str, ...] = ("bob@example.com",)
    user: str | None = None
    password: str | None = None
    token: str | None = None
    claims: dict[str, Any] = {}
    send_anyway: bool = False
    mech: str | None = None
    channel_binding: ChannelBinding | None = None
    try_all: bool = False
    insecure_auth: bool = False
    tls: TlsPolicy = TlsPolicy.AUTO
    tls_verify: bool | None = None
    tls_min: TlsVersion | None = None
    tls_max: TlsVersion | None = None
    trust: bool = False
    quit_after: Phase | None = None
    drop_after: Phase | None = None
    drop_after_send: Phase | None = None
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    force: bool = False
    proxy: ProxyVersion | None = None
    proxy_source: str | None = None
    xclient: str | None = None
    xforward: str | None = None
    all_addresses: bool = False
    all_mx: bool = False
    pipeline: bool = True
    client_ip: str | None = None
    dkim_selectors: tuple[str, ...] = ()
    dnsbl_zones: tuple[str, ...] = ()
    only_dnsbl: tuple[str, ...] = ()
    diagnose: Diagnose = Diagnose.AUTO
    timeout_s: float | None = None
    deadline_s: float | None = None
    message: str | None = None
    send: bool = False
    bdat: bool = False
    chunk_octets: int | None = None
    keep_line_ends: bool = False
    certificate: CertificateKind = CertificateKind.VALID
    asks_certificate: bool = False
    segment: int | None = None
    policies: dict[str, str] = {}


class ExpectOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The run's outcome. `reason` is a text that its reason contains; phase and code `"none"` and 0 stand for null."""

    status: str
    exit_code: int
    phase: str | None = None
    reply_code: int | None = None
    enhanced: str | None = None
    reason: str | None = None


class ExpectVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One verdict, in order. `cause` is the first cause's id, `"none"` for a verdict without one.

    `because`, `remedies`, `paste`, `cleared`, `unknown`: texts of which each stands in one of the verdict's statements, and
    `not_remedies` texts that stand in none of the first cause's remedies. `first` are words in which its first remedies
    begin, in order. `statement` is a text that the first cause's holds. `not_causes` are ids that no cause of the verdict
    may have.
    """

    cause: str
    confidence: str | None = None
    because: tuple[str, ...] = ()
    statement: str | None = None
    first: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    not_remedies: tuple[str, ...] = ()
    paste: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    not_causes: tuple[str, ...] = ()


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """expect.toml. All but `outcome`, `must`, `must_not` and `verdict` are about the last transcript.

    `must` and `must_not` are ids of findings. `sent` and `not_sent` are patterns of commands as shown, `*` for
    anything. `replies` are the codes of all exchanges in order, 0 for one without a reply. `not_in_replies` are texts
    that no reply may hold. `breakage` is the last exchange's; `partial`, `unsolicited` and `injected` are texts that
    those octets hold. `recipients` are the recipients' statuses. `skipped` maps a check to words of its reason.
    `transcripts` counts them. `login` is the result of the test of the credentials. Every verdict must be written down where
    any is.
    """

    outcome: ExpectOutcome
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()
    replies: tuple[int, ...] | None = None
    not_in_replies: tuple[str, ...] = ()
    breakage: str | None = None
    partial: str | None = None
    unsolicited: str | None = None
    injected: str | None = None
    recipients: tuple[str, ...] | None = None
    client_ip: str | None = None
    client_ip_source: str | None = None
    skipped: dict[str, str] = {}
    transcripts: int | None = None
    login: str | None = None
    verdict: tuple[ExpectVerdict, ...] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its directory has it; `session` is None where nothing listens at 127.0.0.1."""

    slug: str
    about: str
    session: str | None
    zone: str
    request: CaseRequest
    message: bytes | None
    expect: Expect
    others: dict[str, str] = {}  # what is played at other addresses


def load_case(path: Path) -> Case:
    """The case in this directory. Raises ValueError naming the file that is wrong, OSError where one is missing."""
    session = path / "session.smtp"
    request = _toml(path / "request.toml", CaseRequest)
    return Case(
        slug=path.name,
        about=(path / "README.md").read_text("utf-8"),
        session=session.read_text("utf-8") if session.exists() else None,
        others={
            address: file.read_text("utf-8")
            for name, address in OTHERS.items()
            if (file := path / f"session-{name}.smtp").exists()
        },
        zone=(path / "dns.zone").read_text("utf-8"),
        request=request,
        message=(path / request.message).read_bytes() if request.message else None,
        expect=_toml(path / "expect.toml", Expect),
    )


def _toml(path: Path, kind: type[Any]) -> Any:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path.name} of {path.parent.name}: {error}") from None


async def run_case(case: Case) -> Report:
    """The report of the case, its times by the running loop's clock.

    Raises ScriptMismatch where the session departs from the script.
    """
    given, clock = case.request, Clock(monotonic=asyncio.get_running_loop().time)
    certificate = server_certificate(given.certificate)
    resolver = zone_resolver(case.zone)
    credentials = _credentials(given)
    with certificate.files() as (_, _, ca_file):
        async with contextlib.AsyncExitStack() as stack:
            port = given.port
            played = {"127.0.0.1": case.session, **case.others}
            at = 0
            for host, session in played.items():
                if session is not None:
                    server = ScriptedServer(
                        session,
                        certificate=certificate,
                        segment=given.segment,
                        asks_certificate=given.asks_certificate,
                        host=host,
                        port=at,
                    )
                    await stack.enter_async_context(server)
                    at = server.port
            port = port or at or None
            request = _request(given, port, ca_file if given.trust else None)
            fetcher = RecordedFetcher({domain: _served(domain, text) for domain, text in given.policies.items()})
            return await probe(
                request,
                credentials=credentials,
                resolver=resolver,
                message_to_judge=None if given.send else case.message,
                message_to_send=case.message if given.send else None,
                fetcher=fetcher,
                clock=clock,
            )


def _credentials(given: CaseRequest) -> Credentials | None:
    token = unsigned(given.claims) if given.claims else given.token
    if given.user and token is not None:
        return Credentials(given.user, token, is_token=True)
    return Credentials(given.user, given.password) if given.user and given.password is not None else None


def unsigned(claims: dict[str, Any], **header: str) -> str:
    """A JWT with these claims, as its issuer writes it but for the signature, which is a text."""
    parts = ({"alg": "RS256", "typ": "JWT", **header}, claims)
    written = (base64.urlsafe_b64encode(msgspec.json.encode(each)) for each in parts)
    return ".".join((*(each.rstrip(b"=").decode() for each in written), "c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ"))


def _served(domain: str, policy: str) -> PolicyFetch:
    return PolicyFetch(
        url=policy_url(domain), status=FetchStatus.OK, body=policy, http_status=200, media_type="text/plain"
    )


def _request(given: CaseRequest, port: int | None, ca_file: str | None) -> Request:
    target = Target(
        given=given.mailbox or (f"{given.host}:{port}" if port else given.host),
        host=given.host,
        port=port,
        protocol=given.protocol,
        literal=not given.mx,
        implicit_tls=given.implicit_tls,
        mailbox=given.mailbox,
    )
    return Request(
        target=target,
        helo=given.helo,
        mail_from=given.mail_from,
        rcpt_to=given.rcpt_to,
        user=given.user,
        mech=given.mech,
        channel_binding=given.channel_binding,
        tls=TlsOptions(
            policy=given.tls,
            verify=given.tls_verify,
            ca_file=ca_file,
            min_version=given.tls_min,
            max_version=given.tls_max,
        ),
        try_all=given.try_all,
        insecure_auth=given.insecure_auth,
        send_anyway=given.send_anyway,
        quit_after=given.quit_after,
        drop_after=given.drop_after,
        drop_after_send=given.drop_after_send,
        mail_parameters=given.mail_parameters,
        rcpt_parameters=given.rcpt_parameters,
        questions=given.questions,
        force=given.force,
        proxy=given.proxy,
        proxy_source=given.proxy_source,
        xclient=given.xclient,
        xforward=given.xforward,
        all_addresses=given.all_addresses,
        all_mx=given.all_mx,
        pipeline=given.pipeline,
        client_ip=given.client_ip,
        dkim_selectors=given.dkim_selectors,
        dnsbl_zones=given.dnsbl_zones,
        only_dnsbl=given.only_dnsbl,
        diagnose=given.diagnose,
        timeout_s=given.timeout_s,
        deadline_s=given.deadline_s,
        bdat=given.bdat,
        chunk_octets=given.chunk_octets,
        keep_line_ends=given.keep_line_ends,
    )
