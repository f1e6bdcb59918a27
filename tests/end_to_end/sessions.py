"""From the greeting to the handshake: what is refused, deferred or missing before anybody is named."""

from __future__ import annotations

from smtpprobe.model.request import TlsPolicy
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from smtpprobe.testing.certificates import CertificateKind
from tests.end_to_end.case import IN_CLEAR, Case, expected

GREETINGS = (
    Case(name="greeting-220", expect=expected("accepted", 0, recipients=("accepted",), client_ip="198.51.100.7")),
    Case(
        name="greeting-421",
        server=Behaviour(replies={Phase.GREETING: "421 4.3.2 Service not available, closing"}),
        expect=expected("deferred", 3, Phase.GREETING, "421 4.3.2", cause="server-temporary", confidence="stated"),
        said="",
    ),
    Case(
        name="greeting-450",
        server=Behaviour(replies={Phase.GREETING: "450 4.7.1 Too many connections from 198.51.100.7"}),
        expect=expected("deferred", 3, Phase.GREETING, "450 4.7.1", cause="rate-limited", confidence="stated"),
        said="QUIT",
    ),
    Case(
        name="greeting-521",
        server=Behaviour(replies={Phase.GREETING: "521 mx.example.com does not accept mail"}),
        expect=expected("refused", 1, Phase.GREETING, "521", cause="domain-undeliverable"),
        said="QUIT",
    ),
    Case(
        name="greeting-554",
        server=Behaviour(replies={Phase.GREETING: "554 mx.example.com No SMTP service here"}),
        expect=expected("refused", 1, Phase.GREETING, "554", cause="policy-rejected", recipients=("not-tried",)),
        said="QUIT",
    ),
)

EHLO = (
    Case(
        name="ehlo-502-then-helo",
        server=Behaviour(replies={Phase.EHLO: "502 5.5.1 Command not implemented"}),
        expect=expected("accepted", 0, must=("ehlo-not-known", "starttls-not-offered")),
        said="EHLO HELO MAIL RCPT RSET QUIT",
    ),
    Case(
        name="ehlo-500-then-helo",
        server=Behaviour(replies={Phase.EHLO: "500 5.5.2 Command not recognized"}),
        expect=expected("accepted", 0, must=("ehlo-not-known",)),
        said="EHLO HELO MAIL RCPT RSET QUIT",
    ),
    Case(
        name="ehlo-502-helo-554",
        server=Behaviour(replies={Phase.EHLO: "502 5.5.1 Command not implemented"}, helo="554 5.7.1 Not you"),
        expect=expected("refused", 1, Phase.EHLO, "554 5.7.1", cause="helo-rejected protocol-error"),
        said="EHLO HELO QUIT",
    ),
    Case(
        name="ehlo-502-tls-required",
        server=Behaviour(replies={Phase.EHLO: "502 5.5.1 Command not implemented"}),
        tls=TlsPolicy.REQUIRE,
        expect=expected("refused", 1, Phase.EHLO, "502 5.5.1", cause="protocol-error"),
        said="EHLO QUIT",
    ),
    Case(
        name="ehlo-504",
        server=Behaviour(
            replies={Phase.EHLO: "504 5.5.2 <client>: Helo command rejected: need fully-qualified hostname"}
        ),
        expect=expected("refused", 1, Phase.EHLO, "504 5.5.2", cause="helo-rejected", must_not=("ehlo-not-known",)),
        said="EHLO QUIT",
    ),
    Case(
        name="ehlo-550",
        server=Behaviour(replies={Phase.EHLO: "550 5.7.1 Helo command rejected: Access denied"}),
        expect=expected("refused", 1, Phase.EHLO, "550 5.7.1", cause="helo-rejected", must_not=("ehlo-not-known",)),
        said="EHLO QUIT",
    ),
    Case(
        name="ehlo-554",
        server=Behaviour(replies={Phase.EHLO: "554 5.7.1 Access denied"}),
        expect=expected("refused", 1, Phase.EHLO, "554 5.7.1", cause="helo-rejected", confidence="possible"),
        said="EHLO QUIT",
    ),
    Case(
        name="ehlo-421",
        server=Behaviour(replies={Phase.EHLO: "421 4.7.0 Try again later"}),
        expect=expected("deferred", 3, Phase.EHLO, "421 4.7.0", cause="server-temporary"),
        said="EHLO",
    ),
    Case(
        name="ehlo-554-over-tls",
        server=Behaviour(over_tls={Phase.EHLO: "554 5.7.1 Access denied"}),
        expect=expected("refused", 1, Phase.EHLO, "554 5.7.1", cause="helo-rejected", confidence="possible"),
        said="EHLO STARTTLS EHLO QUIT",
    ),
)

STARTTLS = (
    Case(
        name="starttls-454-auto",
        server=Behaviour(replies={Phase.STARTTLS: "454 4.7.0 TLS not available"}),
        expect=expected("accepted", 0, must=("starttls-refused",), must_not=("starttls-not-offered",)),
        said=f"EHLO STARTTLS {IN_CLEAR.removeprefix('EHLO ')}",
    ),
    Case(
        name="starttls-454-required",
        server=Behaviour(replies={Phase.STARTTLS: "454 4.7.0 TLS not available"}),
        tls=TlsPolicy.REQUIRE,
        expect=expected(
            "no-session",
            4,
            Phase.STARTTLS,
            "454 4.7.0",
            cause="tls-failed",
            confidence="confirmed",
            must=("starttls-refused",),
        ),
        said="EHLO STARTTLS QUIT",
    ),
    Case(
        name="starttls-554-auto",
        server=Behaviour(replies={Phase.STARTTLS: "554 5.7.3 Unable to initialize security subsystem"}),
        expect=expected("accepted", 0, must=("starttls-refused",)),
        said=f"EHLO STARTTLS {IN_CLEAR.removeprefix('EHLO ')}",
    ),
    Case(
        name="starttls-554-required",
        server=Behaviour(replies={Phase.STARTTLS: "554 5.7.3 Unable to initialize security subsystem"}),
        tls=TlsPolicy.REQUIRE,
        expect=expected("no-session", 4, Phase.STARTTLS, "554 5.7.3", cause="tls-failed", must=("starttls-refused",)),
        said="EHLO STARTTLS QUIT",
    ),
    Case(
        name="starttls-421",
        server=Behaviour(replies={Phase.STARTTLS: "421 4.3.2 Shutting down"}),
        expect=expected("deferred", 3, Phase.STARTTLS, "421 4.3.2", cause="server-temporary"),
        said="EHLO STARTTLS",
    ),
    Case(
        name="starttls-not-offered-auto",
        server=Behaviour(starttls=False),
        expect=expected("accepted", 0, must=("starttls-not-offered",)),
        said=IN_CLEAR,
    ),
    Case(
        name="starttls-not-offered-required",
        server=Behaviour(starttls=False),
        tls=TlsPolicy.REQUIRE,
        expect=expected("no-session", 4, Phase.STARTTLS, cause="tls-failed", must=("starttls-not-offered",)),
        said="EHLO QUIT",
    ),
    Case(
        name="starttls-demanded-by-the-server",
        server=Behaviour(starttls_required=True),
        tls=TlsPolicy.OFF,
        expect=expected("refused", 1, Phase.MAIL, "530", cause="tls-required", confidence="confirmed"),
        said="EHLO MAIL QUIT",
    ),
)

HANDSHAKES = (
    Case(
        name="tls-verified",
        tls=TlsPolicy.REQUIRE,
        tls_verify=True,
        expect=expected("accepted", 0, must_not=("certificate-unverified",)),
    ),
    Case(
        name="tls-expired-unverified",
        server=Behaviour(certificate=CertificateKind.EXPIRED),
        expect=expected("accepted", 0, must=("certificate-unverified",)),
    ),
    Case(
        name="tls-unknown-ca-unverified",
        trusts=False,
        expect=expected("accepted", 0, must=("certificate-unverified",)),
    ),
    *(
        Case(
            name=f"tls-{kind}-verified",
            server=Behaviour(certificate=kind),
            tls_verify=True,
            expect=expected(
                "no-session", 4, Phase.TLS, cause="tls-failed", confidence="confirmed", must=("certificate-unverified",)
            ),
            said="EHLO STARTTLS QUIT",
        )
        for kind in (CertificateKind.EXPIRED, CertificateKind.NOT_YET_VALID, CertificateKind.OTHER_NAME)
    ),
    Case(
        name="tls-unknown-ca-verified",
        tls_verify=True,
        trusts=False,
        expect=expected("no-session", 4, Phase.TLS, cause="tls-failed", confidence="confirmed"),
        said="EHLO STARTTLS QUIT",
    ),
    Case(
        name="tls-implicit",
        server=Behaviour(implicit_tls=True),
        tls=TlsPolicy.IMPLICIT,
        expect=expected("accepted", 0, must_not=("starttls-not-offered", "certificate-unverified")),
        said=IN_CLEAR,
    ),
    Case(
        name="tls-implicit-expired-verified",
        server=Behaviour(implicit_tls=True, certificate=CertificateKind.EXPIRED),
        tls=TlsPolicy.IMPLICIT,
        tls_verify=True,
        expect=expected("no-session", 4, Phase.TLS, cause="tls-failed", confidence="confirmed"),
        said="",
    ),
    Case(
        name="tls-implicit-greeting-554",
        server=Behaviour(implicit_tls=True, replies={Phase.GREETING: "554 No SMTP service here"}),
        tls=TlsPolicy.IMPLICIT,
        expect=expected("refused", 1, Phase.GREETING, "554", cause="policy-rejected"),
        said="QUIT",
    ),
)  # fmt: skip

CASES = (*GREETINGS, *EHLO, *STARTTLS, *HANDSHAKES)
