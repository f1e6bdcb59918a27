"""AUTH: every mechanism accepted and refused, what else a server says there, and when nothing may be sent."""

from __future__ import annotations

from typing import Any

from smtpprobe.model.request import ChannelBinding, TlsPolicy
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import ALL_MECHANISMS, Behaviour
from smtpprobe.testing.certificates import CertificateKind
from tests.end_to_end.case import CLIENT_IP, GLOBAL_IP, IN_CLEAR, LIST, LISTED, PASSWORD, USER, Case, expected

ACCOUNTS = {USER: PASSWORD}
LOGGED_IN = f"EHLO STARTTLS EHLO AUTH {IN_CLEAR.removeprefix('EHLO ')}"
TURNED_DOWN = "EHLO STARTTLS EHLO AUTH QUIT"


def server(**fields: Any) -> Behaviour:
    return Behaviour(accounts=ACCOUNTS, mechanisms=ALL_MECHANISMS, **fields)


def bound(mechanism: str) -> ChannelBinding | None:
    """What every version of TLS can bind to."""
    return ChannelBinding.TLS_SERVER_END_POINT if mechanism.endswith("-PLUS") else None


MECHANISMS = (
    *(
        Case(
            name=f"{mechanism.lower()}-accepted",
            server=server(),
            user=USER,
            mech=mechanism,
            channel_binding=bound(mechanism),
            expect=expected("accepted", 0, sent=(f"AUTH {mechanism}*",), recipients=("accepted",)),
            said=LOGGED_IN,
        )
        for mechanism in ALL_MECHANISMS
    ),
    *(
        Case(
            name=f"{mechanism.lower()}-wrong-password",
            server=server(),
            user=USER,
            password="an-old-one",
            mech=mechanism,
            channel_binding=bound(mechanism),
            expect=expected(
                "auth-refused", 5, Phase.AUTH, "535 5.7.8", cause="auth-failed", confidence="stated",
                must=("auth-refused",), not_sent=("MAIL*",), recipients=("not-tried",),
            ),
            said=TURNED_DOWN,
        )
        for mechanism in ALL_MECHANISMS
        if mechanism not in ("EXTERNAL", "ANONYMOUS")
    ),
    *(
        Case(
            name=f"{mechanism.lower()}-unknown-user",
            server=server(),
            user="carol@example.org",
            mech=mechanism,
            channel_binding=bound(mechanism),
            expect=expected("auth-refused", 5, Phase.AUTH, "535 5.7.8", cause="auth-failed"),
            said=TURNED_DOWN,
        )
        for mechanism in ALL_MECHANISMS
    ),
)  # fmt: skip

REPLIES = tuple(
    Case(
        name=name,
        server=server(replies={Phase.AUTH: reply}),
        user=USER,
        expect=expected(status, code, Phase.AUTH, " ".join(reply.split()[:2]), cause=cause, must=("auth-refused",)),
        said=TURNED_DOWN,
    )
    for name, reply, status, code, cause in (
        ("auth-432", "432 4.7.12 A password transition is needed", "auth-refused", 5, "auth-method-blocked"),
        ("auth-454", "454 4.7.0 Temporary authentication failure", "deferred", 3, "server-temporary"),
        ("auth-534", "534 5.7.9 Application-specific password required", "auth-refused", 5, "auth-method-blocked"),
        ("auth-535-basic", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled", "auth-refused",
         5, "auth-method-blocked"),
        ("auth-550", "550 5.7.1 Account disabled", "auth-refused", 5, "sender-account-limited"),
        ("auth-554", "554 5.7.1 Access denied", "auth-refused", 5, "auth-failed"),
    )
)  # fmt: skip

BLOCKED = f"Client host [{CLIENT_IP}] blocked using {LIST}"
OTHERS = (
    Case(
        name="auth-421",
        server=server(replies={Phase.AUTH: "421 4.7.0 Too many failures, closing"}),
        user=USER,
        expect=expected("deferred", 3, Phase.AUTH, "421 4.7.0", cause="rate-limited"),
        said="EHLO STARTTLS EHLO AUTH",
    ),
    Case(
        name="auth-535-listed",
        server=server(replies={Phase.AUTH: f"535 5.7.0 Authentication refused; {BLOCKED}"}),
        zone=LISTED,
        user=USER,
        client_ip=None,
        expect=expected(
            "auth-refused", 5, Phase.AUTH, "535 5.7.0", cause="ip-blocklisted", confidence="confirmed",
            because=(f"{LIST} lists 198.51.100.7",), must=("auth-refused", "dnsbl-listed"),
        ),
        said=TURNED_DOWN,
    ),
    Case(
        name="auth-535-not-listed",
        server=server(replies={Phase.AUTH: f"535 5.7.0 Authentication refused; {BLOCKED.replace(CLIENT_IP, GLOBAL_IP)}"}),
        user=USER,
        client_ip=None,
        expect=expected(
            "auth-refused", 5, Phase.AUTH, "535 5.7.0", cause="ip-blocklisted", confidence="contradicted",
            must_not=("dnsbl-listed",),
        ),
        said=TURNED_DOWN,
    ),
    Case(
        name="auth-535-listed-but-unsaid",
        server=server(),
        zone=LISTED,
        user=USER,
        password="an-old-one",
        expect=expected(
            "auth-refused", 5, Phase.AUTH, "535 5.7.8", cause="auth-failed", confidence="stated",
            must=("dnsbl-listed",), not_causes=("ip-blocklisted",),
        ),
        said=TURNED_DOWN,
    ),
    Case(
        name="auth-554-listed",
        server=server(replies={Phase.AUTH: f"554 5.7.1 Service unavailable; {BLOCKED}"}),
        zone=LISTED,
        user=USER,
        client_ip=None,
        expect=expected("auth-refused", 5, Phase.AUTH, "554 5.7.1", cause="ip-blocklisted", confidence="confirmed"),
        said=TURNED_DOWN,
    ),
    Case(
        name="auth-plain-before-the-others",
        server=server(),
        user=USER,
        expect=expected("accepted", 0, sent=("AUTH PLAIN *",)),
        said=LOGGED_IN,
    ),
    Case(
        name="auth-over-implicit-tls",
        server=server(implicit_tls=True),
        tls=TlsPolicy.IMPLICIT,
        user=USER,
        expect=expected("accepted", 0),
        said="EHLO AUTH MAIL RCPT RSET QUIT",
    ),
    Case(
        name="auth-in-clear-as-asked",
        server=server(starttls=False, auth_in_clear=True),
        tls=TlsPolicy.OFF,
        user=USER,
        insecure_auth=True,
        expect=expected("accepted", 0, must=("auth-offered-in-clear",), sent=("AUTH SCRAM-SHA-256 *",)),
        said="EHLO AUTH MAIL RCPT RSET QUIT",
    ),
    Case(
        name="auth-not-in-clear",
        server=server(starttls=False, auth_in_clear=True),
        tls=TlsPolicy.OFF,
        user=USER,
        expect=expected(
            "no-session", 4, Phase.AUTH, cause="none", must=("auth-offered-in-clear",), not_sent=("AUTH*",)
        ),
        said="EHLO QUIT",
    ),
    Case(
        name="auth-not-over-unverified",
        server=server(certificate=CertificateKind.OTHER_NAME),
        user=USER,
        expect=expected("no-session", 4, Phase.TLS, cause="tls-failed", must=("certificate-unverified",)),
        said="EHLO STARTTLS QUIT",
    ),
    Case(
        name="auth-not-offered",
        server=Behaviour(mechanisms=()),
        user=USER,
        expect=expected("no-session", 4, Phase.AUTH, cause="none", must=("auth-not-offered",)),
        said="EHLO STARTTLS EHLO QUIT",
    ),
    Case(
        name="auth-mechanism-not-offered",
        server=Behaviour(accounts=ACCOUNTS),
        user=USER,
        mech="CRAM-MD5",
        expect=expected("no-session", 4, Phase.AUTH, cause="none", not_sent=("AUTH*",)),
        said="EHLO STARTTLS EHLO QUIT",
    ),
    Case(
        name="auth-demanded-by-the-server",
        server=server(auth_required=True),
        expect=expected("refused", 1, Phase.MAIL, "530 5.7.0", cause="auth-required", confidence="confirmed"),
        said="EHLO STARTTLS EHLO MAIL QUIT",
    ),
    Case(
        name="auth-then-rcpt-554",
        server=server(replies={Phase.RCPT: "554 5.7.1 <bob@example.com>: Relay access denied"}),
        user=USER,
        expect=expected("refused", 1, Phase.RCPT, "554 5.7.1", cause="relay-denied"),
        said=LOGGED_IN,
    ),
)  # fmt: skip

CASES = (*MECHANISMS, *REPLIES, *OTHERS)
