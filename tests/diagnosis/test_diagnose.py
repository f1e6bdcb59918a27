"""Which exchanges get a verdict, and what is said of a session that did not come about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.model.report import Because, BecauseKind, Completed, Confidence
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import (
    Breakage,
    Certificate,
    Exchange,
    Outcome,
    OutcomeFault,
    Phase,
    Recipient,
    RecipientStatus,
    Server,
    Status,
    TlsFault,
    TlsSession,
    Transcript,
)
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import ENVELOPE, iprev, spf, verdict

GREETED = (Phase.GREETING, None, "220 mx.example.com")
HELLO = (Phase.EHLO, "EHLO client.example.org", "250 mx.example.com")
NOT_KNOWN = (Phase.EHLO, "EHLO client.example.org", "502 What")
HELO = (Phase.EHLO, "HELO client.example.org", "250 mx.example.com")


def session(outcome: Outcome | None, *said: tuple[Phase, str | None, str | Breakage]) -> Transcript:
    exchanges = tuple(
        Exchange(index=index, phase=phase, sent=sent, breakage=what)
        if isinstance(what, Breakage)
        else Exchange(index=index, phase=phase, sent=sent, reply=parse_reply(what.encode() + b"\r\n"))
        for index, (phase, sent, what) in enumerate(said)
    )
    return Transcript(
        address="192.0.2.1",
        port=25,
        started_at=datetime(2026, 3, 2, tzinfo=UTC),
        complete=True,
        exchanges=exchanges,
        outcome=outcome,
    )


def exchanges_explained(outcome: Outcome | None, *said: tuple[Phase, str | None, str | Breakage]) -> list[int | None]:
    whole = outcome or Outcome(status=Status.ACCEPTED)
    return [each.exchange for each in diagnose((session(outcome, *said),), (), ENVELOPE, whole)]


@pytest.mark.parametrize(
    ("outcome", "said", "explained"),
    [
        (
            Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=550),
            [GREETED, (Phase.EHLO, "EHLO x", "550 No")],
            [1],
        ),
        (
            Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=502),
            [GREETED, NOT_KNOWN, (Phase.QUIT, "QUIT", "221 Bye")],
            [1],
        ),
        (None, [GREETED, HELLO, (Phase.RCPT, "RCPT", "550 No")], [2]),
        (Outcome(status=Status.ACCEPTED), [GREETED, NOT_KNOWN, HELO], []),
        (
            Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=550),
            [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "220 Go"), (Phase.EHLO, "EHLO x", "550 No")],
            [3],
        ),
        (Outcome(status=Status.ACCEPTED), [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "454 No")], []),
        (
            Outcome(status=Status.DEFERRED, phase=Phase.STARTTLS, reply_code=421),
            [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "421 No")],
            [2],
        ),
        (
            Outcome(status=Status.DEFERRED, phase=Phase.STARTTLS, reply_code=421),
            [GREETED, (Phase.EHLO, "EHLO x", "501 No"), (Phase.STARTTLS, "STARTTLS", "421 No")],
            [2, 1],
        ),
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reply_code=501, reason="login cancelled"),
            [
                GREETED,
                HELLO,
                (Phase.AUTH, "AUTH CRAM-MD5", "334 ?"),
                (Phase.AUTH, "*", "501 Ok"),
            ],
            [3],
        ),
    ],
    ids=[
        "refused",
        "refused, and left",
        "without outcome",
        "rescued by HELO",
        "after TLS",
        "in clear instead",
        "421 at STARTTLS",
        "EHLO and STARTTLS",
        "cancelled here",
    ],
)
def test_a_verdict_is_about_a_rejection(outcome, said, explained):
    assert exchanges_explained(outcome, *said) == explained


def test_a_login_cancelled_here_is_no_refused_login():
    outcome = Outcome(
        status=Status.NO_SESSION,
        phase=Phase.AUTH,
        reply_code=501,
        reason="login cancelled: not base64",
        fault=OutcomeFault.LOGIN_CANCELLED,
    )
    said = (GREETED, HELLO, (Phase.AUTH, "*", "501 Ok"))
    (found,) = diagnose((session(outcome, *said),), (), ENVELOPE, outcome)
    (cause,) = found.causes
    assert found.summary == "login cancelled: not base64"
    assert (cause.id, cause.statement) == ("challenge-invalid", "Login cancelled: not base64")


@pytest.mark.parametrize(
    ("breakage", "blamed"), [(Breakage.TLS_FAILED, True), (Breakage.LOCAL, False), (Breakage.DEADLINE, False)]
)
def test_a_handshake_that_failed_on_our_side_proves_nothing(breakage, blamed):
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="the handshake failed")
    (found,) = diagnose((session(outcome, GREETED, (Phase.TLS, None, breakage)),), (), ENVELOPE, outcome)
    assert bool(found.causes) is blamed


@pytest.mark.parametrize(
    ("cause", "phase", "permanent", "transient"),
    [
        ("mailbox-full", Phase.RCPT, "552 5.2.2 mailbox full", "452 4.2.2 mailbox full"),
        ("policy-rejected", Phase.RCPT, "550 5.7.1 rejected by local policy", "450 4.7.1 rejected by local policy"),
        ("rate-limited", Phase.GREETING, "554 too many connections", "421 too many connections"),
        ("server-misconfigured", Phase.MAIL, "554 server configuration error", "451 server configuration error"),
        ("policy-rejected", Phase.RCPT, "550 4.7.1 rejected by local policy", "450 5.7.1 rejected by local policy"),
    ],
)
def test_the_first_digit_says_when_to_try_again(cause, phase, permanent, transient):
    for reply, field in ((permanent, "retry"), (transient, "retry_transient")):
        (found,) = [each for each in verdict(reply, phase=phase).causes if each.id == cause]
        assert found.retry == getattr(causes()[cause], field)
    # What is only possible for the code is told by the same digit.
    for reply, field in (("550 x", "retry"), ("450 x", "retry_transient")):
        found = [each for each in verdict(reply).causes if not (field == "retry" and each.id == "recipient-unknown")]
        assert [each.retry for each in found] == [getattr(causes()[each.id], field) for each in found] != []


def test_an_address_is_not_given_up_for_a_guess():
    (found,) = [each for each in verdict("550 x").causes if each.id == "recipient-unknown"]
    assert found.confidence is Confidence.POSSIBLE
    assert "from your lists" not in (found.retry or "")
    assert not any("stop sending" in each.action for each in found.remedies)
    (stated,) = [each for each in verdict("550 5.1.1 user unknown").causes if each.id == "recipient-unknown"]
    assert "from your lists" in (stated.retry or "")


@pytest.mark.parametrize(
    ("outcome", "said", "retry"),
    [
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.EHLO, reply_code=221, reason="out of place"),
            (GREETED, (Phase.EHLO, "EHLO x", "221 Goodbye")),
            "Yes, from another network",
        ),
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reason="TLS was required and is not offered"),
            (GREETED, HELLO),
            "No, until the server offers STARTTLS.",
        ),
    ],
)
def test_a_session_that_did_not_come_about_says_when_to_try_again_by_what_is_known(outcome, said, retry):
    (found,) = diagnose((session(outcome, *said),), (), ENVELOPE, outcome)
    assert found.causes[0].retry.startswith(retry)


@pytest.mark.parametrize(("code", "field"), [(454, "retry_transient"), (502, "retry")])
def test_a_refused_starttls_says_by_its_digit_when_to_try_again(code, field):
    reply = f"{code} TLS is not available"
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reply_code=code, reason="TLS was required")
    (found,) = diagnose((session(outcome, GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", reply)),), (), ENVELOPE, outcome)
    assert [each.retry for each in found.causes] == [getattr(causes()["tls-failed"], field)]


@pytest.mark.parametrize(
    ("outcome", "said", "beginnings"),
    [
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reason="TLS was required and is not offered"),
            (GREETED, HELLO),
            ["Switch STARTTLS on", "Try port 465"],
        ),
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reply_code=454, reason="TLS was required"),
            (GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "454 No")),
            ["Look up in the server's log why TLS does not start", "Try again later"],
        ),
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="the handshake failed"),
            (GREETED, HELLO, (Phase.TLS, None, Breakage.TLS_FAILED)),
            ["Check that the port matches", "Check that the server can read", "Compare protocol versions"],
        ),
    ],
    ids=["not offered", "refused", "failed"],
)
def test_what_kept_tls_from_coming_about_is_proved_by_the_outcome(outcome, said, beginnings):
    transcript = session(outcome, *said)
    (found,) = diagnose((transcript,), (), ENVELOPE, outcome)
    (cause,) = found.causes
    assert (found.transcript, found.exchange, found.summary) == (0, len(said) - 1, outcome.reason)
    assert found.restates_outcome
    assert (cause.id, cause.title) == ("tls-failed", causes()["tls-failed"].title)
    assert cause.confidence is Confidence.CONFIRMED
    assert cause.because == (Because(kind=BecauseKind.OUTCOME, text=outcome.reason),)
    assert [each.action[: len(text)] for each, text in zip(cause.remedies, beginnings, strict=True)] == beginnings


NOW = datetime(2026, 3, 2, tzinfo=UTC)
ELSEWHERE = Certificate(
    subject="CN=mx.example.net", issuer="CN=Example CA", names=("*.example.net", "mx.example.net"), not_before=NOW,
    not_after=NOW - timedelta(days=1), serial="1", key="EC secp256r1", signature="sha256", sha256="", spki_sha256="",
    self_signed=False,
)  # fmt: skip
PORT, READS, VERSIONS = "Check that the port matches", "Check that the server can read", "Compare protocol versions"
TRUST = "If the issuer is your own, trust"


def remedies_for(*faults: TlsFault, chain=(ELSEWHERE,), path=(), host="mx.example.com", **outcome) -> list[str]:
    """What is advised where the handshake shows these faults of the server's certificate."""
    ended = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="the certificate does not verify", **outcome)
    transcript = session(ended, GREETED, HELLO, (Phase.TLS, None, "250 -"), (Phase.QUIT, "QUIT", "221 Bye"))
    tls = TlsSession(
        version="TLSv1.3",
        cipher="x",
        bits=256,
        name="mx.example.com",
        sni=None,
        chain=chain,
        path=path,
        verified=False,
        faults=faults,
    )
    shaken = msgspec.structs.replace(transcript.exchanges[2], reply=None, tls=tls, tls_fault=faults[0])
    exchanges = (*transcript.exchanges[:2], shaken, transcript.exchanges[3])
    (found,) = diagnose((msgspec.structs.replace(transcript, host=host, exchanges=exchanges),), (), ENVELOPE, ended)
    assert found.exchange == 2
    return [each.action for each in found.causes[0].remedies]


@pytest.mark.parametrize(
    ("fault", "starts"),
    [
        (
            TlsFault.NAME,
            ["If mx.example.net is the server", "Install a certificate whose subjectAltName has mx.example.com"],
        ),
        (
            TlsFault.ADDRESS_AS_NAME,
            [
                "If mx.example.net is the server",
                "Have the certificate issued again with mx.example.com as an iPAddress",
            ],
        ),
        (TlsFault.EXPIRED, ["Renew the certificate"]),
        (TlsFault.NOT_YET_VALID, ["Compare the clocks"]),
        (TlsFault.INTERMEDIATE_MISSING, ["Put the certificate of the issuer CN=Example CA after", TRUST]),
        (TlsFault.SELF_SIGNED, ["Install a certificate from an issuer that clients know, instead", TRUST]),
        (TlsFault.UNTRUSTED_ISSUER, ["Install a certificate from an issuer that clients know, with", TRUST]),
        (TlsFault.PURPOSE, ["Have the certificate issued again for servers"]),
        (TlsFault.KEY_TOO_SMALL, ["Make a new key"]),
        (TlsFault.SIGNATURE_TOO_WEAK, ["Have the certificate issued again, signed with SHA-256"]),
        (TlsFault.NO_CERTIFICATE, ["Install a certificate for mx.example.com that has not expired"]),
        (TlsFault.CERTIFICATE_INVALID, ["Install a certificate for mx.example.com that has not expired"]),
    ],
)
def test_each_fault_of_a_certificate_has_its_own_remedy(fault, starts):
    advised = remedies_for(fault)
    assert len(advised) == len(starts)
    assert all(action.startswith(start) for action, start in zip(advised, starts, strict=True))


def test_every_fault_of_a_certificate_is_answered():
    advised = remedies_for(TlsFault.EXPIRED, TlsFault.KEY_TOO_SMALL)
    assert [each.split()[0] for each in advised] == ["Renew", "Make"]
    assert len(remedies_for(TlsFault.NAME, fault=OutcomeFault.OTHER_HOST)) == 3


def test_an_issuer_that_has_expired_is_not_the_leaf_to_renew():
    leaf, issuer = msgspec.structs.replace(ELSEWHERE, not_after=NOW + timedelta(days=1)), ELSEWHERE
    (advised,) = remedies_for(TlsFault.EXPIRED, chain=(leaf, issuer))
    assert advised.startswith("Replace the issuer's certificate")


def test_the_issuer_that_is_missing_is_that_of_the_last_on_the_path():
    issuer = msgspec.structs.replace(ELSEWHERE, subject="CN=Example CA", issuer="CN=Example Root")
    unrelated = msgspec.structs.replace(ELSEWHERE, subject="CN=Old", issuer="CN=Old")
    for path, name in (((0,), "Example CA"), ((0, 2), "Example Root")):
        advised, _ = remedies_for(TlsFault.INTERMEDIATE_MISSING, chain=(ELSEWHERE, unrelated, issuer), path=path)
        assert advised.startswith(f"Put the certificate of the issuer CN={name} after")


def test_a_server_that_is_another_is_explained_where_the_password_was_held_back_too():
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reason="another host", fault=OutcomeFault.OTHER_HOST)
    said = (GREETED, HELLO, (Phase.TLS, None, "250 -"), HELLO, (Phase.QUIT, "QUIT", "221 Bye"))
    (found,) = diagnose((session(outcome, *said),), (), ENVELOPE, outcome)
    assert found.exchange == 2
    assert [cause.id for cause in found.causes] == ["tls-failed"]
    assert found.causes[0].remedies[0].action.startswith("Ask whoever runs the network")


def test_a_name_with_a_wildcard_is_no_name_to_connect_by():
    wild = msgspec.structs.replace(ELSEWHERE, names=("*.example.net", "192.0.2.1"))
    by_pattern, install = remedies_for(TlsFault.NAME, chain=(wild,))
    assert by_pattern == "If you mean a server under *.example.net: connect by its name."
    assert install.startswith("Install a certificate whose subjectAltName has")
    assert [each.split()[0] for each in remedies_for(TlsFault.NAME, chain=())] == ["Install"]


@pytest.mark.parametrize(
    ("fault", "starts"),
    [
        (TlsFault.DH_TOO_SMALL, ["Use ECDHE"]),
        (TlsFault.OLD_RENEGOTIATION, ["Update the TLS library"]),
        (TlsFault.PROTOCOL, ["Enable TLS 1.2"]),
        (TlsFault.CLIENT_CERTIFICATE_WANTED, ["Ask whoever runs the server for a client certificate"]),
        (TlsFault.CLIENT_CERTIFICATE_REFUSED, ["Check that the client certificate has not expired"]),
        (TlsFault.CLOSED, [PORT, READS, VERSIONS]),
        (TlsFault.EXPIRED, ["Renew the certificate"]),  # as reports of an earlier version have it, without the session
        (None, [PORT, READS, VERSIONS]),
    ],
)
def test_a_handshake_that_failed_has_the_remedies_of_its_fault(fault, starts):
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="the handshake failed")
    transcript = session(outcome, GREETED, HELLO, (Phase.TLS, None, Breakage.TLS_FAILED))
    handshake = msgspec.structs.replace(transcript.exchanges[2], tls_fault=fault)
    transcript = msgspec.structs.replace(transcript, exchanges=(*transcript.exchanges[:2], handshake))
    (found,) = diagnose((transcript,), (), ENVELOPE, outcome)
    advised = [each.action for each in found.causes[0].remedies]
    assert len(advised) == len(starts)
    assert all(action.startswith(start) for action, start in zip(advised, starts, strict=True))


def test_a_session_that_came_about_in_no_other_way_has_no_cause():
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.MAIL)
    (found,) = diagnose((session(outcome),), (), ENVELOPE, outcome)
    assert (found.exchange, found.summary, found.causes, found.restates_outcome) == (None, "no session", (), True)


@pytest.mark.parametrize("phase", [Phase.TLS, Phase.STARTTLS])
def test_a_handshake_without_any_exchange_is_proved_all_the_same(phase):
    outcome = Outcome(status=Status.NO_SESSION, phase=phase, reason="no TLS")
    (found,) = diagnose((session(outcome),), (), ENVELOPE, outcome)
    assert (found.exchange, [cause.id for cause in found.causes]) == (None, ["tls-failed"])


def test_each_transcript_has_its_verdicts_and_its_runs():
    refused = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
    first = session(refused, GREETED, (Phase.RCPT, "RCPT", "550 Denied"))
    runs = tuple(
        Completed(check="spf", evidence=spf(result), findings=(), transcript=transcript)
        for transcript, result in ((0, AuthResult.PASS), (1, AuthResult.FAIL))
    )
    runs += (Completed(check="iprev", evidence=iprev(AuthResult.FAIL), findings=(), transcript=None),)
    found = diagnose((first, first), runs, ENVELOPE, refused)
    assert [each.transcript for each in found] == [0, 1]
    assert [[cause.id for cause in each.causes if cause.confidence is Confidence.SUPPORTED] for each in found] == [
        ["reverse-dns"], ["reverse-dns", "email-auth-failed"]
    ]  # fmt: skip
    assert found[1].causes[1].checks == (1,)
    assert not any(each.restates_outcome for each in found)


@pytest.mark.parametrize(
    ("code", "phase", "order"),
    [(550, Phase.RCPT, [2, 1, 3]), (552, Phase.RCPT, [3, 1, 2]), (None, None, [1, 2, 3]), (550, Phase.DATA, [1, 2, 3])],
)
def test_the_rejection_that_decided_comes_first(code, phase, order):
    outcome = Outcome(status=Status.REFUSED, phase=phase, reply_code=code)
    said = [GREETED, (Phase.RCPT, "RCPT", "554 x"), (Phase.RCPT, "RCPT", "550 x"), (Phase.RCPT, "RCPT", "552 x")]
    assert exchanges_explained(outcome, *said) == order


def test_the_forward_path_of_a_refusal_is_its_own():
    outcome = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
    transcript = session(outcome, GREETED, (Phase.RCPT, "RCPT", "550 5.1.1 No"), (Phase.RCPT, "RCPT", "550 5.1.1 No"))
    recipients = (Recipient("carol@example.com", RecipientStatus.REFUSED, 1),)
    transcript = msgspec.structs.replace(transcript, recipients=recipients)
    named = [each.causes[0].remedies[0].action for each in diagnose((transcript,), (), ENVELOPE, outcome)]
    assert [each.split()[1] for each in named] == ["carol@example.com", "bob@example.com"]


@pytest.mark.parametrize(("provider", "cause"), [("google", "reverse-dns"), (None, "email-auth-failed")])
def test_a_providers_own_use_of_a_number_counts(provider, cause):
    outcome = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
    transcript = session(outcome, GREETED, (Phase.RCPT, "RCPT", "550 5.7.23 No"))
    transcript = msgspec.structs.replace(transcript, server=Server(provider=provider))
    (found,) = diagnose((transcript,), (), ENVELOPE, outcome)
    assert found.causes[0].id == cause


def test_octets_that_are_not_utf_8_are_read_all_the_same():
    outcome = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
    refused = Exchange(
        index=0, phase=Phase.RCPT, sent="RCPT", reply=parse_reply(b"550 5.1.1 caf\xe9: no such user\r\n")
    )
    transcript = msgspec.structs.replace(session(outcome), exchanges=(refused,))
    (found,) = diagnose((transcript,), (), ENVELOPE, outcome)
    assert found.causes[0].id == "recipient-unknown"


def test_without_paths_a_refusal_is_explained_all_the_same():
    outcome = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
    transcript = session(outcome, GREETED, (Phase.RCPT, "RCPT", "550 5.1.1 No such user"))
    (found,) = diagnose((transcript,), (), Envelope(Assumed("client.example.org"), None, ()), outcome)
    assert found.causes[0].id == "recipient-unknown"


def test_credentials_that_no_offered_mechanism_takes_are_explained():
    fault = OutcomeFault.CREDENTIALS_NOT_SENT
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reason="credentials not sent", fault=fault)
    offers = (Phase.EHLO, "EHLO x", "250-mx.example.com\n250 AUTH {}")
    found = {
        offered: diagnose((session(outcome, GREETED, (*offers[:2], offers[2].format(offered))),), (), ENVELOPE, outcome)
        for offered in ("NTLM GSSAPI", "NTLM PLAIN")
    }
    (cause,) = found["NTLM GSSAPI"][0].causes
    assert cause.id == "auth-method-blocked"
    assert cause.statement.startswith("The server offers NTLM GSSAPI alone")
    assert cause.remedies[0].action.startswith("Let the receive connector offer Basic")
    assert found["NTLM PLAIN"][0].causes == ()


LOGIN = Exchange(index=1, phase=Phase.AUTH, sent="AUTH PLAIN", reply=parse_reply(b"235 Ok\r\n"))
REFUSED_LOGIN = Exchange(index=1, phase=Phase.AUTH, sent="AUTH PLAIN", reply=parse_reply(b"334 \r\n"))
GREETED_AGAIN = Exchange(index=1, phase=Phase.EHLO, sent="EHLO x", reply=parse_reply(b"250 Ok\r\n"))
SILENT_LOGIN = Exchange(index=1, phase=Phase.AUTH, sent="AUTH PLAIN", breakage=Breakage.TIMED_OUT)


@pytest.mark.parametrize(
    ("before", "confidence", "text"),
    [
        (LOGIN, "contradicted", "the session was authenticated when this was refused"),
        (REFUSED_LOGIN, "confirmed", "nobody had logged in on this session"),
        (GREETED_AGAIN, "confirmed", "nobody had logged in on this session"),
        (SILENT_LOGIN, "confirmed", "nobody had logged in on this session"),
    ],
)
def test_the_transcript_proves_whether_anybody_had_logged_in(before, confidence, text):
    (cause,) = verdict("530 5.7.0 Authentication required", phase=Phase.MAIL, before=(before,)).causes
    assert (cause.id, cause.confidence) == ("auth-required", confidence)
    assert [(each.kind, each.text) for each in cause.because[1:]] == [(BecauseKind.EVIDENCE, text)]
