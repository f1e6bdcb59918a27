"""Numbers that a provider uses in its own way: what is printed of them is about the cause that the provider means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.load import TEXT_FIELDS, table
from smtpprobe.catalogue.providers import provider_of, reason_in_url
from smtpprobe.catalogue.reference.status_codes import private_uses
from smtpprobe.render.explanation_item import explained

REGISTERED = table("enhanced_status_codes")["registered"]


def numbers(use: dict[str, Any]) -> Iterator[str]:
    """The first and the last of each range."""
    for each in use["numbers"]:
        head, _, details = str(each).rpartition(".")
        yield from (f"{head}.{detail}" for detail in dict.fromkeys(details.split("-")))


PAIRS = [(use["provider"], number, use) for use in private_uses() for number in numbers(use)]


def test_some_numbers_have_two_senses() -> None:
    """As 5.7.30: DKIM at Google, passwords at Microsoft, REQUIRETLS in the registry."""
    reused = {(provider, number) for provider, number, _ in PAIRS if number[2:] in REGISTERED}
    assert {("google", "5.7.30"), ("microsoft", "5.7.30"), ("microsoft", "5.1.10")} <= reused
    assert len(reused) > 25


@pytest.mark.parametrize(("provider", "number", "use"), PAIRS, ids=lambda value: str(value)[:20])
def test_meaning_and_cause_of_a_providers_number_agree(provider: str, number: str, use: dict[str, Any]) -> None:
    told = explained(f"{'451' if number[0] == '4' else '550'} {number} zzz", provider=provider)
    assert told.explanation.cause in use["about"]
    assert told.entry.provider == provider
    assert use["meaning"] in (told.meaning, told.beside)
    assert [each.action for each in told.remedies] == use["fix"]
    assert told.retry == use["retry"]


@pytest.mark.parametrize(("provider", "number", "use"), PAIRS, ids=lambda value: str(value)[:20])
def test_the_registrys_sense_stays_for_everybody_else(provider: str, number: str, use: dict[str, Any]) -> None:
    if number[2:] not in REGISTERED:
        return
    told = explained(f"{'451' if number[0] == '4' else '550'} {number} zzz", provider="seznam")
    assert told.entry.provider is None
    assert use["meaning"] not in told.meaning


@pytest.mark.parametrize(
    ("number", "provider", "cause", "word"),
    [
        ("5.7.30", "microsoft", "auth-method-blocked", "SMTP.Send"),
        ("5.7.30", "google", "email-auth-failed", "DKIM"),
        ("5.7.9", "google", "auth-method-blocked", "app password"),
        ("5.7.9", "yahoo", "policy-rejected", "DMARC"),
        ("5.1.8", "microsoft", "sender-account-limited", "password"),
        ("5.7.12", "microsoft", "recipient-restricted", "outside"),
    ],
)
def test_two_senses_of_one_number(number: str, provider: str, cause: str, word: str) -> None:
    told = explained(f"550 {number} zzz", provider=provider)
    assert told.explanation.cause == cause
    assert word in " ".join(each.action for each in told.remedies)


def test_the_end_of_password_logins_is_known_by_its_words() -> None:
    told = explained("550 5.7.30 Basic authentication is not supported for Client Submission.")
    assert (told.explanation.provider, told.explanation.cause) == ("microsoft", "auth-method-blocked")
    assert "2026-12-31" in told.beside
    assert "an administrator can switch it on again" in told.beside
    assert explained("550 5.7.30 REQUIRETLS is not possible on this way").entry.provider is None


def test_dates_stand_apart_and_are_reviewed() -> None:
    for use in table("private_status_codes")["private"]:
        texts = " ".join(str(value) for name, value in use.items() if name in TEXT_FIELDS)
        assert not re.search(r"\b20\d\d\b", texts), use["numbers"]
        for name, value in use.get("dates", {}).items():
            assert f"{{{name}}}" in texts
            assert date.fromisoformat(value)
            assert date.fromisoformat(use["reviewed"])
    assert not any(re.search(r"\{[a-z_]+\}", str(use["meaning"])) for use in private_uses())


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://www.ionos.com/help/index.php?id=1", "ionos"),
        ("https://postmaster.gmx.net/en/error-messages", "gmx"),
        ("http://postmaster.web.de/de/case", "gmx"),
        ("https://realip.naver.com/", "naver"),
        ("http://help.mail.ru/mail-help/", "mailru"),
        ("www.orange.fr/assistance", "orange"),
        ("https://docs.google.com/forms/d/1", None),
        ("https://www.facebook.com/our-page", None),
        ("https://example.org/?u=https://www.ionos.com/", None),
        ("https://notionos.com/", None),
    ],
)
def test_a_provider_is_known_by_its_own_page(url: str, provider: str | None) -> None:
    assert explain(f"554 See {url} for more").provider == provider


def test_a_page_tells_more_than_a_word() -> None:
    assert provider_of("Rejected, see https://www.ionos.com/help", ("https://www.ionos.com/help",)) == "ionos"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("554 Refused by our rules. Read https://postmaster.gmx.net/en/error?ip=192.0.2.7&c=hi", "content-malformed"),
        ("554 Read https://www.ionos.com/help/index.php?ip=192.0.2.7&c=hd", "content-malformed"),
        ("554 Read https://postmaster.web.de/en/error?c=rdns&ip=192.0.2.7", "reverse-dns"),
        ("554 Your PTR record is missing. https://postmaster.web.de/en/error?c=hi", "reverse-dns"),
        ("554 Read https://example.org/error?c=rdns", "unknown"),
        ("554 Read https://postmaster.gmx.net/error?c=zzz", "unknown"),
    ],
)
def test_the_reason_in_the_address_of_a_page(reply: str, cause: str) -> None:
    assert explain(reply).cause == cause


@pytest.mark.parametrize("url", ["", "?c=hi", "://", "https://[gmx.net/?c=hi", "https://gmx.net?" + "c=hi&" * 5000])
def test_any_address_of_a_page(url: str) -> None:
    assert reason_in_url((url,)) in (None, "content-malformed")
