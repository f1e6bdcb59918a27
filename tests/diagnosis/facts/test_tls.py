"""What a handshake tells: its faults, whose certificate it is, and where the session ended."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from smtpprobe.diagnosis.facts.tls import of_handshake
from smtpprobe.model.transcript import Certificate, Exchange, Outcome, OutcomeFault, Phase, Status, TlsFault, TlsSession
from tests.diagnosis.facts.rejections import held
from tests.diagnosis.test_diagnose import ELSEWHERE, NOW, session

SELF_SIGNED, NAME, EXPIRED = TlsFault.SELF_SIGNED, TlsFault.NAME, TlsFault.EXPIRED
FAILED = Outcome(status=Status.NO_SESSION, phase=Phase.TLS)
LEAF = msgspec.structs.replace(ELSEWHERE, names=(), not_after=NOW + timedelta(days=1))
CERTIFICATE = {"tls_wanted_name": "mx.example.com", "tls_issuer": "CN=Example CA"}
NAMED = CERTIFICATE | {"tls_named": "yes"}
UNANCHORED = NAMED | {"tls_unanchored": "yes"}


def handshake(*faults: TlsFault, chain: tuple[Certificate, ...] = (LEAF,), **fields) -> Exchange:
    tls = TlsSession(
        version=None,
        cipher=None,
        bits=None,
        name="mx.example.com",
        sni=None,
        chain=chain,
        verified=False,
        faults=faults,
    )
    return Exchange(index=0, phase=Phase.TLS, sent=None, **({"tls": tls} | fields))


def facts(last: Exchange | None, outcome: Outcome = FAILED, host: str | None = "mx.example.org") -> dict[str, str]:
    return held(of_handshake(last, msgspec.structs.replace(session(outcome), host=host), outcome))


def test_what_was_answered_before_and_who_was_to_log_in():
    accepted = session(FAILED, (Phase.EHLO, "EHLO x", "250 x"), (Phase.STARTTLS, "STARTTLS", "220 go"))
    last = handshake(NAME)
    known = held(of_handshake(last, accepted, FAILED, user="alice"))
    assert known["starttls_accepted"] == known["password_kept"] == "yes"
    refused = session(FAILED, (Phase.STARTTLS, "STARTTLS", "454 no"), (Phase.AUTH, "AUTH PLAIN", "235 ok"))
    assert not {"starttls_accepted", "password_kept"} & held(of_handshake(last, refused, FAILED, user="alice")).keys()
    assert "password_kept" not in held(of_handshake(last, accepted, FAILED))


def test_a_wanted_name_that_is_an_address_is_known_to_be_one():
    tls = msgspec.structs.replace(handshake(NAME).tls, name="192.0.2.25")
    assert facts(handshake(NAME, tls=tls))["tls_wanted_ip"] == "yes"
    assert "tls_wanted_ip" not in facts(handshake(NAME))


@pytest.mark.parametrize(
    ("last", "known"),
    [
        (handshake(SELF_SIGNED), UNANCHORED | {"tls_self_signed": "yes"}),
        (handshake(TlsFault.UNTRUSTED_ISSUER), UNANCHORED | {"tls_untrusted_issuer": "yes"}),
        (handshake(TlsFault.INTERMEDIATE_MISSING), UNANCHORED | {"tls_intermediate_missing": "yes"}),
        (handshake(NAME), NAMED | {"tls_name": "yes", "tls_other_name": "yes"}),
        (handshake(TlsFault.ADDRESS_AS_NAME), NAMED | {"tls_address_as_name": "yes", "tls_other_name": "yes"}),
        (
            handshake(NAME, SELF_SIGNED),
            UNANCHORED | {"tls_name": "yes", "tls_other_name": "yes", "tls_self_signed": "yes"},
        ),
        (handshake(TlsFault.PROTOCOL), NAMED | {"tls_protocol": "yes"}),
        # Without a remedy of its own: what is wrong with a certificate is, and what broke off says nothing.
        (handshake(TlsFault.CERTIFICATE_INVALID), NAMED | {"tls_invalid": "yes"}),
        (handshake(TlsFault.CERTIFICATE_INVALID, EXPIRED, chain=()),
         {"tls_wanted_name": "mx.example.com", "tls_named": "yes", "tls_expired": "yes"}),
        (handshake(TlsFault.CLOSED), CERTIFICATE),
        (handshake(), CERTIFICATE),
        # The session's faults are told before the exchange's own.
        (handshake(SELF_SIGNED, tls_fault=EXPIRED), UNANCHORED | {"tls_self_signed": "yes"}),
        (handshake(tls_fault=SELF_SIGNED), UNANCHORED | {"tls_self_signed": "yes"}),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_its_word(last, known):
    assert facts(last) == known


@pytest.mark.parametrize(("days", "fault"), [(-1, "tls_expired"), (0, "tls_issuer_expired"), (1, "tls_issuer_expired")])
def test_a_leaf_in_date_is_not_what_has_expired(days, fault):
    leaf = msgspec.structs.replace(LEAF, not_after=NOW + timedelta(days=days))
    assert facts(handshake(EXPIRED, chain=(leaf, ELSEWHERE))) == NAMED | {fault: "yes"}


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (("mx.example.net", "*.example.net"), {"tls_carried": "mx.example.net"}),
        (("*.example.net", "a.example.net", "b.example.net"), {"tls_carried": "a.example.net"}),
        (("*.a.example", "*.b.example"), {"tls_pattern": "*.a.example"}),
        (("192.0.2.1", "*.b.example"), {"tls_pattern": "*.b.example"}),
        (("192.0.2.1", "2001:db8::1"), {}),
        ((), {}),
    ],
)
def test_the_name_that_the_leaf_carries(names, known):
    leaf, issuer = msgspec.structs.replace(LEAF, names=names), msgspec.structs.replace(LEAF, names=("ca.example",))
    assert facts(handshake(chain=(leaf, issuer))) == CERTIFICATE | known


@pytest.mark.parametrize(
    ("last", "host", "name"),
    [
        (handshake(), "mx.example.org", "mx.example.com"),
        (handshake(tls=None), "mx.example.org", "mx.example.org"),
        (None, "mx.example.org", "mx.example.org"),
        (None, None, "the name that clients use"),
    ],
)
def test_the_name_that_is_wanted_is_the_one_that_was_asked_for(last, host, name):
    assert facts(last, host=host)["tls_wanted_name"] == name


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"phase": Phase.STARTTLS}, {"not_offered": "yes"}),
        ({"phase": Phase.STARTTLS, "reply_code": 454}, {"tls_unavailable": "yes"}),
        ({"phase": Phase.STARTTLS, "reply_code": 501}, {}),
        ({"phase": Phase.TLS}, {}),
        ({"phase": Phase.TLS, "fault": OutcomeFault.OTHER_HOST}, {"tls_other_host": "yes"}),
        ({"phase": Phase.TLS, "fault": OutcomeFault.UNVERIFIED}, {}),
    ],
)
def test_a_session_that_ended_without_a_handshake(fields, known):
    found = facts(None, Outcome(status=Status.NO_SESSION, **fields))
    assert found == {"tls_wanted_name": "mx.example.org"} | known
