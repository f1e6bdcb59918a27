"""Hand-made evidence, and the verdict on one rejection with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.registry import checks
from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence, MessageEvidence, MxEvidence
from smtpprobe.model.evidence.dkim import DkimEvidence, DkimSignature
from smtpprobe.model.evidence.dmarc import AuthorDomainSource, DmarcEvidence, DmarcPolicy
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentities, SpfIdentity
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.login.secret import LoginRecord, PasswordRecord, TokenRecord
from smtpprobe.model.report import CheckRun, Completed, Verdict
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Exchange, Identity, IpSource, Outcome, Phase, Status, Transcript
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply

IP = "192.31.196.7"  # global, as a documentation address is not
ZONE = "zen.dnsbl.example"
ENVELOPE = Envelope(Assumed("client.example.org"), Assumed("alice@example.org"), (Assumed("bob@example.com"),))


ASSUMED_HELO = Envelope(Assumed("client.example.org", assumed=True), ENVELOPE.reverse_path, ENVELOPE.forward_paths)


def listed(status: DnsblStatus = DnsblStatus.LISTED, **fields: object) -> DnsblEvidence:
    """What the zone says of the client IP."""
    given: dict[str, object] = {"zone": ZONE, "name": ZONE, "kind": "block", "tier": 0, "subject": IP, "status": status}
    if status is DnsblStatus.LISTED:
        given |= {"codes": ("127.0.0.2",), "meanings": ("listed",), "only_listed": "meanings" not in fields}
    given |= fields
    given["kind"] = ZoneKind(given["kind"])
    return DnsblEvidence((DnsblZone(**given),), ())  # type: ignore[arg-type]


def spf(mailfrom: AuthResult, helo: AuthResult = AuthResult.NONE) -> SpfEvidence:
    identities = SpfIdentities(
        SpfIdentity(domain="client.example.org", sender=None, result=helo),
        SpfIdentity(domain="example.org", sender="alice@example.org", result=mailfrom, mechanism="-all"),
    )
    return SpfEvidence(
        client_ip=IP,
        result=mailfrom,
        identities=identities,
        mechanism="-all",
        explanation=None,
        record=None,
        problem=None,
        lookups_used=0,
        void_lookups_used=0,
        trace=(),
        lookups=(),
    )


def dmarc(result: AuthResult, source: str = "message") -> DmarcEvidence:
    return DmarcEvidence(
        author_domain="example.org",
        result=result,
        policy=DmarcPolicy.REJECT,
        record="v=DMARC1; p=reject",
        record_domain="example.org",
        organizational_domain="example.org",
        author_domain_exists=True,
        queries=(),
        alignment=(),
        tags={},
        problem=None,
        rfc7489=None,
        lookups=(),
        author_domain_source=AuthorDomainSource(source),
    )


def dkim(*results: AuthResult) -> DkimEvidence:
    """Signatures of d0.example.org, d1.example.org … with these results."""
    signatures = tuple(
        DkimSignature(domain=f"d{number}.example.org", selector="s1", result=result, reason=f"reason {number}")
        for number, result in enumerate(results)
    )
    return DkimEvidence(domain=None, signatures=signatures, keys=(), tried=(), has_domainkey_node=None, lookups=())


def iprev(result: AuthResult, *, generic: bool = False, helo: str = "answer") -> IprevEvidence:
    name = HeloName(
        name="client.example.org",
        status=HeloStatus(helo),
        addresses=(IP,) if helo == "answer" else (),
        matches_ip=helo == "answer",
        matches_ptr=None,
    )
    names = () if result is AuthResult.PERMERROR else ("client.example.org",)
    problem = None if result is AuthResult.PASS else "it does not lead back"
    return IprevEvidence(
        client_ip=IP,
        result=result,
        names=names,
        confirmed=names if result is AuthResult.PASS else (),
        problem=problem,
        generic=generic,
        helo=name,
        lookups=(),
    )


def mx(status: str, role: str = "reverse-path", *problems: str | None) -> MxEvidence:
    domain = "example.org" if role == "reverse-path" else "example.com"
    hosts = tuple(
        MxHost(
            preference=10,
            name=f"mx{number}.{domain}",
            addresses=() if problem else ("192.31.196.25",),
            problem=MxProblem(problem) if problem else None,
        )
        for number, problem in enumerate(problems or (None,))
    )
    return MxEvidence(
        (
            MxDomain(
                domain=domain,
                role=MxRole(role),
                status=MxStatus(status),
                hosts=hosts if status in ("mx", "implicit") else (),
            ),
        ),
        (),
    )


_CHECK_OF = {
    DnsblEvidence: "dnsbl",
    SpfEvidence: "spf",
    DkimEvidence: "dkim",
    DmarcEvidence: "dmarc",
    IprevEvidence: "iprev",
    MxEvidence: "mx",
    MessageEvidence: "message",
}


BEARING = {check.name: check.bears_on for check in checks()}


def verdict(
    reply: str,
    *given: Evidence | CheckRun,
    phase: Phase = Phase.RCPT,
    over_tls: bool = False,
    envelope: Envelope = ENVELOPE,
    before: tuple[Exchange, ...] = (),
    client_ip: str | None = IP,
    address: str = "192.31.196.25",
    bearing: Mapping[str, Bearing] = BEARING,
    sent: str | None = None,
    user: str | None = None,
    password: PasswordRecord | None = None,
    token: TokenRecord | None = None,
    port: int = 25,
    lookups: tuple[DnsLookup, ...] = (),
    source: IpSource = IpSource.OPTION,
) -> Verdict:
    """The verdict on a session refused with this reply, with this evidence and no other; `before`: after the greeting."""
    runs = tuple(
        each
        if isinstance(each, CheckRun)
        else Completed(check=_CHECK_OF[type(each)], evidence=each, findings=(), transcript=0)  # type: ignore[arg-type]
        for each in given
    )
    parsed = parse_reply("".join(f"{line}\r\n" for line in reply.split("\n")).encode())
    greeting = Exchange(index=0, phase=Phase.GREETING, sent=None, reply=parse_reply(b"220 mx.example.com ESMTP\r\n"))
    refused = Exchange(index=1 + len(before), phase=phase, sent=sent or phase.upper(), reply=parsed, over_tls=over_tls)
    status = Status.AUTH_REFUSED if phase is Phase.AUTH else Status.REFUSED if parsed.digit == 5 else Status.DEFERRED
    outcome = Outcome(
        status=status, phase=phase, reply_code=parsed.code, enhanced=parsed.enhanced, reason=parsed.text, exit_code=1
    )
    exchanges = (refused,) if phase is Phase.GREETING else (greeting, *before, refused)
    transcript = Transcript(
        address=address,
        port=port,
        started_at=datetime(2026, 3, 2, tzinfo=UTC),
        complete=True,
        exchanges=exchanges,
        outcome=outcome,
        identity=Identity(client_ip=client_ip, client_ip_source=source, helo="client.example.org"),
    )
    login = LoginRecord(user=user or "", password=password, token=token) if user or password or token else None
    (found, *_) = diagnose((transcript,), runs, envelope, outcome, lookups=lookups, bearing=bearing, login=login)
    return found
