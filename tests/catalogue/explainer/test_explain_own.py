"""The explainer on our own replies, and on one reply with ever new addresses."""

from __future__ import annotations

import time

import msgspec
import pytest

from smtpprobe.catalogue.explainer import explain as explaining
from smtpprobe.catalogue.explainer.explain import cause_and_provider, explain
from smtpprobe.catalogue.explainer.slots import MOST, outline
from smtpprobe.catalogue.explainer.train import every_reply
from smtpprobe.model.transcript import Phase

OWN = every_reply()
PAGES = "https://check.example/query/ip/192.0.2.7"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("550 Skrzynka odbiorcy jest pe\u0142na", "mailbox-full"),
        ("554 lookup of 7.2.0.192.in-addr.arpa gave nothing", "reverse-dns"),
        (
            "554 \u0412\u044b \u0432 \u0447\u0451\u0440\u043d\u043e\u043c \u0441\u043f\u0438\u0441\u043a\u0435",
            "ip-blocklisted",
        ),
    ],
)
def test_other_spellings_are_read(reply: str, cause: str) -> None:
    assert explain(reply, phase=Phase.RCPT).cause == cause


def test_a_code_of_many_causes_alone_is_unknown_with_alternatives() -> None:
    for code in ("550", "554", "451", "571"):
        for reply in (code, f"{code} zzz"):
            found = explain(reply)
            assert (found.cause, found.basis, found.stated_by_reply) == ("unknown", "class", False)
            assert found.alternatives


@pytest.mark.parametrize(
    ("reply", "phase", "cause"),
    [
        ("220 (vsFTPd 3.0.5)", None, "not-smtp"),
        ("220 ftp.example.org FTP server ready", Phase.GREETING, "not-smtp"),
        ("201 news.example.org NNTP service ready, no posting", Phase.GREETING, "not-smtp"),
        ("530 Please login with USER and PASS.", Phase.EHLO, "not-smtp"),
        ("220 ftp.example.org ESMTP", Phase.GREETING, "unknown"),
        ("220 mail.example.org ESMTP ready", Phase.GREETING, "unknown"),
        # RFC 7628 §3.2.2
        ("334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=", Phase.AUTH, "auth-failed"),
        ("334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=", None, "auth-failed"),
        ("334 UGFzc3dvcmQ6", Phase.AUTH, "unknown"),
    ],
)
def test_what_is_no_refusal_by_its_code_may_tell_of_one(reply: str, phase: Phase | None, cause: str) -> None:
    assert explain(reply, phase=phase).cause == cause


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("550 5.1.1 <{}>: user unknown", ["jane@a.example", "Joe.Q+x@Mail.B.example"]),
        ("554 5.7.1 Client host [{}] blocked using bl.example.net; see " + PAGES, ["192.0.2.7", "198.51.100.1"]),
        ("450 4.1.8 <{}>: Sender address rejected: Domain not found", ["a@nx.example", "b@NX2.example"]),
        ("554 5.7.1 [{}] blocked, see https://check.example/?ip={}", ["192.0.2.7", "203.0.113.9"]),
    ],
)
def test_what_was_put_aside_comes_back(template: str, values: list[str]) -> None:
    for value in values:
        reply = template.replace("{}", value)
        explaining._explained.cache_clear()
        first = explain(reply)
        assert explain(reply) == first
        said = msgspec.structs.asdict(first.captures)
        assert "slot" not in str(said)
        assert value.lower() in str(said).lower() or value.rpartition("@")[2].lower() == first.captures.domain


def test_equal_addresses_are_told_from_different_ones() -> None:
    assert outline("a@x.example b@x.example")[0] == outline("c@y.example d@y.example")[0]
    assert outline("a@x.example b@x.example")[0] != outline("a@x.example a@x.example")[0]
    assert outline("a@x.example b@x.example")[0] != outline("a@x.example b@y.example")[0]


@pytest.mark.parametrize("text", ["", "550 x", "a@d0.slot.test", " ".join(f"a{n}@x.example" for n in range(MOST + 1))])
def test_what_cannot_be_put_aside_stays(text: str) -> None:
    assert outline(text) == (text, None)


def test_addresses_decide_no_cause() -> None:
    causes_found = {
        explain(f"550 5.1.1 <{who}>: user unknown", phase=Phase.RCPT).cause
        for who in ("spam@a.example", "quota@full.example", "5.2.2@b.example", "greylist@c.example")
    }
    assert causes_found == {"recipient-unknown"}


def test_counting_agrees_with_explaining() -> None:
    for row in OWN[::37]:
        found = explain(row.reply, phase=row.phase)
        assert cause_and_provider(row.reply, row.phase, None) == (found.cause, found.provider)


def test_a_remembered_reply_costs_little_whatever_its_addresses() -> None:
    explain("550 5.1.1 <user@a.example>: user unknown, client [192.0.2.7]")
    started = time.process_time()
    for number in range(1000):
        explain(f"550 5.1.1 <user{number}@a{number % 9}.example>: user unknown, client [192.0.2.{number % 250}]")
    assert time.process_time() - started < 0.2
