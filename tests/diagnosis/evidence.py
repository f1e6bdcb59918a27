"""Hand-made evidence, and the verdict on one rejection with it."""

from __future__ import annotations

from datetime import UTC, datetime

from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence, MxEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.evidence.iprev import HeloName
from smtpprobe.model.evidence.mx import MxDomain, MxHost
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentities, SpfIdentity
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
    given = {"zone": ZONE, "name": ZONE, "kind": "block", "tier": 0, "subject": IP, "status": status}
    if status is DnsblStatus.LISTED:
        given |= {"codes": ("127.0.0.2",), "meanings": ("listed",)}
    return DnsblEvidence((DnsblZone(**{**given, **fields}),), ())  # type: ignore[arg-type]


def spf(mailfrom: AuthResult, helo: AuthResult = AuthResult.NONE) -> SpfEvidence:
    identities = SpfIdentities(
        SpfIdentity("client.example.org", None, helo),
        SpfIdentity("example.org", "alice@example.org", mailfrom, mechanism="-all"),
    )
    return SpfEvidence(IP, mailfrom, identities, "-all", None, None, None, 0, 0, (), ())


def dmarc(result: AuthResult, source: str = "message") -> DmarcEvidence:
    return DmarcEvidence(
        "example.org", result, "reject", "v=DMARC1; p=reject", "example.org", "example.org", True, (), (), {}, None, None,
        (), author_domain_source=source,
    )  # fmt: skip


def iprev(result: AuthResult, *, generic: bool = False, helo: str = "answer") -> IprevEvidence:
    name = HeloName("client.example.org", helo, (IP,) if helo == "answer" else (), helo == "answer", None)
    names = () if result is AuthResult.PERMERROR else ("client.example.org",)
    problem = None if result is AuthResult.PASS else "it does not lead back"
    return IprevEvidence(IP, result, names, names if result is AuthResult.PASS else (), problem, generic, name, ())


def mx(status: str, role: str = "reverse-path", *problems: str | None) -> MxEvidence:
    domain = "example.org" if role == "reverse-path" else "example.com"
    hosts = tuple(
        MxHost(10, f"mx{number}.{domain}", () if problem else ("192.31.196.25",), problem)
        for number, problem in enumerate(problems or (None,))
    )
    return MxEvidence((MxDomain(domain, role, status, hosts if status in ("mx", "implicit") else ()),), ())


_CHECK_OF = {
    DnsblEvidence: "dnsbl",
    SpfEvidence: "spf",
    DmarcEvidence: "dmarc",
    IprevEvidence: "iprev",
    MxEvidence: "mx",
}


def verdict(
    reply: str,
    *given: Evidence | CheckRun,
    phase: Phase = Phase.RCPT,
    over_tls: bool = False,
    envelope: Envelope = ENVELOPE,
) -> Verdict:
    """The verdict on a session refused with this reply, with this evidence and no other."""
    runs = tuple(
        each if isinstance(each, CheckRun) else Completed(_CHECK_OF[type(each)], each, (), 0)  # type: ignore[arg-type]
        for each in given
    )
    parsed = parse_reply("".join(f"{line}\r\n" for line in reply.split("\n")).encode())
    greeting = Exchange(0, Phase.GREETING, None, parse_reply(b"220 mx.example.com ESMTP\r\n"))
    refused = Exchange(1, phase, phase.upper(), parsed, over_tls=over_tls)
    status = Status.AUTH_REFUSED if phase is Phase.AUTH else Status.REFUSED if parsed.digit == 5 else Status.DEFERRED
    outcome = Outcome(status, phase, parsed.code, parsed.enhanced, parsed.text, 1)
    exchanges = (refused,) if phase is Phase.GREETING else (greeting, refused)
    transcript = Transcript(
        "192.31.196.25", 25, datetime(2026, 3, 2, tzinfo=UTC), True, exchanges, outcome=outcome,
        identity=Identity(IP, IpSource.OPTION, "client.example.org"),
    )  # fmt: skip
    (found,) = diagnose((transcript,), runs, envelope, outcome)
    return found
