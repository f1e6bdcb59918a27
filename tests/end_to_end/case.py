"""One end-to-end case: how the server behaves, what is asked, and what the report must say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from smtpprobe.model.report import Completed, Report, SkipKind, Skipped
from smtpprobe.model.request import ChannelBinding, Credentials, Protocol, Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import ALL_MECHANISMS, HOSTNAME, Behaviour
from smtpprobe.testing.cases import Expect, ExpectOutcome, ExpectVerdict
from smtpprobe.testing.differences import check_expectations

CLIENT_IP = "198.51.100.7"
LIST = "zen.dnsbl.example"
GLOBAL_IP = "192.31.196.7"  # AS112's: global, and nobody's mail server; of other addresses no list need know
HELO = "client.example.org"
USER, PASSWORD = "alice@example.org", "correct-horse"

_NAMES = f"""
example.com.                     MX   10 {HOSTNAME}.
{HOSTNAME}.                  A    127.0.0.1
example.org.                     MX   10 {HELO}.
{HELO}.              A    {CLIENT_IP}
{HELO}.              TXT  "v=spf1 a -all"
_dmarc.example.org.              TXT  "v=DMARC1; p=reject"
{LIST}.               NS   ns.dnsbl.example.
2.0.0.127.{LIST}.     A    127.0.0.2
"""
_SPF = f'example.org. TXT "v=spf1 ip4:{CLIENT_IP} -all"\n'
_PTR = f"7.100.51.198.in-addr.arpa. PTR {HELO}.\n"
ZONE = _NAMES + _SPF + _PTR
LISTED = ZONE + f'7.100.51.198.{LIST}. A 127.0.0.11\n7.100.51.198.{LIST}. TXT "End-user range"\n'
SPF_FAILS = _NAMES + _PTR + 'example.org. TXT "v=spf1 ip4:203.0.113.25 -all"\n'
NO_PTR = _NAMES + _SPF

THE_FIVE = ("dnsbl", "spf", "dkim", "dmarc", "iprev")
REFUSALS = ("refused", "deferred", "auth-refused")
IN_CLEAR = "EHLO MAIL RCPT RSET QUIT"
OVER_STARTTLS = f"EHLO STARTTLS {IN_CLEAR}"
VERBS = {"EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT", "NOOP", "VRFY"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """`said` are the verbs as far as they are answered. `trusts`: the server's CA is the one that is trusted."""

    name: str
    expect: Expect
    said: str = OVER_STARTTLS
    server: Behaviour = dataclasses.field(default_factory=Behaviour)
    zone: str = ZONE
    mail_from: str = "alice@example.org"
    rcpt_to: tuple[str, ...] = ("bob@example.com",)
    user: str | None = None
    password: str = PASSWORD
    mech: str | None = None
    channel_binding: ChannelBinding | None = None
    insecure_auth: bool = False
    tls: TlsPolicy = TlsPolicy.AUTO
    tls_verify: bool | None = None
    trusts: bool = True
    client_ip: str | None = CLIENT_IP
    message: bytes | None = None

    @property
    def sent(self) -> str:
        """The verbs that the server must have heard: it takes a whole transaction at once (RFC 2920)."""
        before, mail, _ = self.said.partition("MAIL")
        return " ".join((before + mail, *["RCPT"] * len(self.rcpt_to), "RSET QUIT")) if mail else self.said

    @property
    def protocol(self) -> Protocol:
        return Protocol.LMTP if self.server.lmtp else Protocol.ESMTP

    @property
    def credentials(self) -> Credentials | None:
        return Credentials(self.user, self.password) if self.user else None

    def request(self, port: int, ca_file: str) -> Request:
        return Request(
            Target(given=f"{HOSTNAME}:{port}", host=HOSTNAME, port=port, protocol=self.protocol, literal=True),
            helo=HELO,
            mail_from=self.mail_from,
            rcpt_to=self.rcpt_to,
            user=self.user,
            mech=self.mech,
            channel_binding=self.channel_binding,
            tls=TlsOptions(policy=self.tls, verify=self.tls_verify, ca_file=ca_file if self.trusts else None),
            insecure_auth=self.insecure_auth,
            client_ip=self.client_ip,
            only_dnsbl=(LIST,),
        )

    def arguments(self, port: int, ca_file: str, message: str | None) -> Iterator[str]:
        """The same as options of `check`; the password goes by the environment."""
        yield from ("check", f"{HOSTNAME}:{port}", "--helo", HELO, "--mail-from", self.mail_from or "<>")
        for path in self.rcpt_to:
            yield from ("--rcpt-to", path)
        yield from ("--protocol", self.protocol.value, "--tls", self.tls.value, "--only-dnsbl", LIST)
        options = {"--user": self.user, "--mech": self.mech, "--client-ip": self.client_ip, "--message": message}
        options["--channel-binding"] = self.channel_binding.value if self.channel_binding else None
        options["--ca-file"] = ca_file if self.trusts else None
        for option, value in options.items():
            yield from (option, value) if value is not None else ()
        if self.insecure_auth:
            yield "--insecure-auth"
        if self.tls_verify is not None:
            yield "--tls-verify" if self.tls_verify else "--no-tls-verify"

    def otherwise(self) -> Case:
        """The case with the opposite answer: MAIL is refused where all was accepted, else nothing is in the way."""
        if self.expect.outcome.status == "accepted":
            replies = {**self.server.replies, Phase.MAIL: "550 5.7.1 Not you"}
            return dataclasses.replace(self, server=dataclasses.replace(self.server, replies=replies))
        server = Behaviour(
            lmtp=self.server.lmtp, implicit_tls=self.server.implicit_tls, smtputf8=True, mechanisms=ALL_MECHANISMS,
            accounts={self.user: self.password} if self.user else {},
        )  # fmt: skip
        tls = TlsPolicy.AUTO if self.tls is TlsPolicy.OFF else self.tls
        return dataclasses.replace(self, server=server, tls=tls, trusts=True)


def expected(
    status: str, exit_code: int, phase: Phase | None = None, reply: str = "", *, cause: str | None = None,
    confidence: str | None = None, because: tuple[str, ...] = (), not_causes: tuple[str, ...] = (), **more: Any,
) -> Expect:  # fmt: skip
    """What a report must say. `reply` is the deciding code with its enhanced one.

    `cause` is the first cause of each verdict in order, "none" for one without; where it is None there is no verdict.
    """
    code, _, enhanced = reply.partition(" ")
    outcome = ExpectOutcome(
        status=status,
        exit_code=exit_code,
        phase=phase or "none",
        reply_code=int(code or 0),
        enhanced=enhanced or "none",
    )
    verdicts = (
        ExpectVerdict(cause=each, confidence=confidence, because=because, not_causes=not_causes)
        for each in (cause or "").split()
    )
    return Expect(outcome=outcome, verdict=tuple(verdicts), **more)


def differences(case: Case, report: Report, heard: list[str]) -> list[str]:
    """What is otherwise than the case says, in words."""
    said = [verb for verb in (line.split(" ")[0].split(":")[0].upper() for line in heard) if verb in VERBS]
    wrong = [*check_expectations(report, case.expect), *_checks(case.expect, report)]
    if said != case.sent.split():
        wrong.append(f"said: expected {case.sent}, the server heard {' '.join(said)}")
    return wrong


def _checks(expect: Expect, report: Report) -> Iterator[str]:
    """DNSBL, SPF, DKIM, DMARC and iprev follow any refusal; none of them may be missing, whatever happened."""
    for name in THE_FIVE:
        runs = [run for run in report.checks if run.check == name]
        if len(runs) != 1:
            yield f"checks: expected one run of {name}, found {len(runs)}"
            continue
        if expect.outcome.status not in REFUSALS:
            if not (isinstance(runs[0], Skipped) and runs[0].kind is SkipKind.NOT_ASKED):
                yield f"checks: expected {name} not to be run, found {runs[0]}"
        elif isinstance(runs[0], Completed) is (name in expect.skipped):
            yield f"checks: expected {name} {'skipped' if name in expect.skipped else 'completed'}, found {runs[0]}"
