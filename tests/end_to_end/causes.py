"""Refusals that name a cause, beside DNS that has it or has not: confirmed or contradicted, at every stage."""

from __future__ import annotations

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.end_to_end.case import (
    CLIENT_IP,
    GLOBAL_IP,
    LIST,
    LISTED,
    NO_PTR,
    OVER_STARTTLS,
    SPF_FAILS,
    ZONE,
    Case,
    expected,
)

BLOCKED = "Service unavailable; Client host [{}] blocked using " + LIST
STAGES = (
    ("greeting", Phase.GREETING, "QUIT"),
    ("ehlo", Phase.EHLO, "EHLO QUIT"),
    ("mail", Phase.MAIL, "EHLO STARTTLS EHLO MAIL QUIT"),
    ("rcpt", Phase.RCPT, OVER_STARTTLS),
)
DNSBL = tuple(
    Case(
        name=f"{stage}-{code}-{'listed' if address == CLIENT_IP else 'not-listed'}",
        server=Behaviour(replies={phase: f"{code} {enhanced} {BLOCKED.format(address)}"}),
        zone=LISTED if address == CLIENT_IP else ZONE,
        client_ip=None,
        expect=expected(
            "refused" if code >= 500 else "deferred",
            1 if code >= 500 else 3,
            phase,
            f"{code} {enhanced}",
            cause="ip-blocklisted",
            confidence="confirmed" if address == CLIENT_IP else "contradicted",
            because=(f"{LIST} {'lists' if address == CLIENT_IP else 'does not list'} {address}",),
            must=("dnsbl-listed",) if address == CLIENT_IP else (),
            must_not=() if address == CLIENT_IP else ("dnsbl-listed",),
            client_ip=address,
            client_ip_source="reply",
        ),
        said=said,
    )
    for stage, phase, said in STAGES
    for code, enhanced in ((554, "5.7.1"), (450, "4.7.1"))
    for address in (CLIENT_IP, GLOBAL_IP)
)

SPF_SAID = "SPF validation failed for example.org from 198.51.100.7"
UNSIGNED = b"From: Alice <alice@example.org>\r\nSubject: Minutes\r\n\r\nAttached nowhere.\r\n"
AUTHENTICATION = (
    *(
        Case(
            name=f"{stage}-{reply.split()[0]}-spf-{'fails' if fails else 'passes'}",
            server=Behaviour(replies={phase: f"{reply} {SPF_SAID}"}),
            zone=SPF_FAILS if fails else ZONE,
            client_ip=None,
            expect=expected(
                "refused", 1, phase, reply, cause="email-auth-failed",
                confidence="confirmed" if fails else "contradicted",
                must=("spf-fail",) if fails else (), must_not=() if fails else ("spf-fail",),
            ),
            said=said,
        )
        for stage, phase, said in STAGES[2:]
        for reply in ("550 5.7.23", "554 5.7.23")
        for fails in (True, False)
    ),
    Case(
        name="rcpt-550-dmarc-fails",
        server=Behaviour(
            replies={
                Phase.RCPT: "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC "
                "policy; client [198.51.100.7]"
            }
        ),
        zone=SPF_FAILS,
        client_ip=None,
        message=UNSIGNED,
        expect=expected(
            "refused", 1, Phase.RCPT, "550 5.7.26", cause="email-auth-failed", confidence="confirmed",
            must=("dmarc-fail", "dkim-no-signature"),
        ),
    ),
    Case(
        name="rcpt-550-no-reverse-dns",
        server=Behaviour(
            replies={Phase.RCPT: "550 5.7.25 Client host rejected: cannot find your hostname, [198.51.100.7]"}
        ),
        zone=NO_PTR,
        client_ip=None,
        expect=expected(
            "refused", 1, Phase.RCPT, "550 5.7.25", cause="reverse-dns", confidence="confirmed",
            must=("reverse-dns-missing",),
        ),
    ),
    Case(
        name="rcpt-550-reverse-dns-is-there",
        server=Behaviour(
            replies={Phase.RCPT: "550 5.7.25 Client host rejected: cannot find your hostname, [198.51.100.7]"}
        ),
        client_ip=None,
        expect=expected(
            "refused", 1, Phase.RCPT, "550 5.7.25", cause="reverse-dns", confidence="contradicted",
            must_not=("reverse-dns-missing",),
        ),
    ),
    Case(
        name="rcpt-554-unsaid-but-spf-fails",
        server=Behaviour(replies={Phase.RCPT: "554 5.7.1 Access denied"}),
        zone=SPF_FAILS,
        expect=expected(
            "refused", 1, Phase.RCPT, "554 5.7.1", cause="email-auth-failed", confidence="supported", must=("spf-fail",)
        ),
    ),
    Case(
        name="rcpt-554-from-loopback",
        server=Behaviour(replies={Phase.RCPT: "554 5.7.1 Access denied"}),
        client_ip=None,
        expect=expected(
            "refused", 1, Phase.RCPT, "554 5.7.1", cause="reverse-dns", confidence="supported",
            client_ip="127.0.0.1", client_ip_source="socket",
        ),
    ),
)  # fmt: skip

CASES = (*DNSBL, *AUTHENTICATION)
