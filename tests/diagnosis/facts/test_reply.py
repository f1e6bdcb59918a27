"""What the reply's words tell, and what stands in for them."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.reply import client_ip, of_reply
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import IP, ZONE, iprev, spf
from tests.diagnosis.facts.rejections import holding, rejected

PASS = AuthResult.PASS
IP6 = "2001:4860:4860::8888"
NAMES = ("ip", "list", "url", "domain", "helo", "address", "mechanism", "wait", "ip_v6")
GIVEN = {"ip": IP, "domain": "example.org", "helo": "client.example.org", "address": "bob@example.com"}


@pytest.mark.parametrize(
    ("reply", "fields", "facts"),
    [
        ("550 No", {}, {}),
        ("550 No", {"reverse_path": None, "forward_path": None}, {"domain": None, "address": None}),
        ("550 No", {"reverse_path": ""}, {"domain": None}),
        ("550 No", {"helo": "other.example.org"}, {"helo": "other.example.org"}),
        ("550 No", {"ip": IP6}, {"ip": IP6, "ip_v6": "yes"}),
        ("550 No", {"ip": None}, {"ip": None}),
        ("550 5.1.1 <carol@example.com>: no such user", {}, {"address": "carol@example.com"}),
        (
            f"554 5.7.1 Service unavailable; Client host [192.31.196.8] blocked using {ZONE}; https://a.example/q",
            {},
            {"ip": "192.31.196.8", "list": ZONE, "url": "https://a.example/q"},
        ),
        (
            "554 5.7.1 Service unavailable; Sender address [alice@example.net] blocked using dbl.example",
            {},
            {"list": "dbl.example", "domain": "example.net", "address": "alice@example.net"},
        ),
        ("534 5.7.9 Mechanism CRAM-MD5 is too weak", {}, {"mechanism": "CRAM-MD5"}),
        ("450 4.7.1 Greylisted, try again in 0 seconds", {}, {}),
        ("450 4.7.1 Greylisted, try again in 1 seconds", {}, {"wait": "1 second"}),
        ("450 4.7.1 Greylisted, try again in 119 seconds", {}, {"wait": "119 seconds"}),
        ("450 4.7.1 Greylisted, try again in 120 seconds", {}, {"wait": "2 minutes"}),
        ("450 4.7.1 Greylisted, try again in 209 seconds", {}, {"wait": "3 minutes"}),
        ("450 4.7.1 Greylisted, try again in 211 seconds", {}, {"wait": "4 minutes"}),
    ],
)
def test_the_parts_of_a_reply_and_what_the_envelope_adds(reply, fields, facts):
    wanted = {name: value for name, value in (GIVEN | facts).items() if value is not None}
    assert holding(of_reply(rejected(reply=reply, **fields)), *NAMES) == wanted


def test_what_the_words_state_is_among_the_facts():
    assert of_reply(rejected(reply="554 No SMTP service here"))["serves_nobody"] == "yes"
    assert "serves_nobody" not in of_reply(rejected())


OF_IPREV = msgspec.structs.replace(iprev(PASS), client_ip="192.31.196.1")
OF_SPF = msgspec.structs.replace(spf(PASS), client_ip="192.31.196.2")


@pytest.mark.parametrize(
    ("reply", "ip", "evidence", "found"),
    [
        ("550 No [192.31.196.8]", IP, (OF_IPREV, OF_SPF), "192.31.196.8"),
        ("550 No", IP, (OF_IPREV, OF_SPF), IP),
        ("550 No", None, (OF_SPF, OF_IPREV), "192.31.196.1"),
        ("550 No", None, (OF_SPF,), "192.31.196.2"),
        ("550 No", None, (), None),
    ],
)
def test_the_client_ip_is_the_replys_then_the_sessions_then_a_checks(reply, ip, evidence, found):
    assert client_ip(rejected(*evidence, reply=reply, ip=ip)) == found


def test_a_session_that_knows_nothing_of_who_it_is_has_the_ip_of_a_check():
    found = rejected(OF_SPF)
    unknown = msgspec.structs.replace(found.transcript, identity=None)
    assert client_ip(msgspec.structs.replace(found, transcript=unknown)) == "192.31.196.2"
