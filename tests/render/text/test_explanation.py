"""A code, or a reply, explained."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.reference.entries import describe
from smtpprobe.render.text.explanation import render_entry
from tests.cli.conftest import Ran, clean_environment, cli, nothing_known

__all__ = ["clean_environment", "cli", "nothing_known"]


@pytest.mark.parametrize("code", [220, 354, 421, 450, 535, 550, 554])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_code(code: int, width: int) -> None:
    page = render_entry(describe(code, None, None, None), width=width)
    assert page.startswith(f"{code}  ")
    labels = [line.split()[0] for line in page.splitlines() if line and line[0] != " "]
    for label in ("Class", "Meaning", "Sources"):
        assert label in labels
    assert max(len(line) for line in page.splitlines() if "://" not in line) <= width


HOSTILE = "\x1b[2J\x9b\u202e\u200b" + "\u0301" * 20 + " 192.0.2.1 https://x.example/\x07 " + "z" * 5000


def test_a_hostile_reply(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", f"550 5.7.1 {HOSTILE}")
    assert ran.code == 0
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cn", "Co"} for c in ran.out)
    assert "\u0301" * 4 not in ran.out
    assert max(len(line) for line in ran.out.splitlines() if "://" not in line) <= 83


def test_a_reply_says_how_sure_it_is(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "554 5.7.1 Client host [192.0.2.1] blocked using zen.example").out
    assert "(ip-blocklisted; the reply says so)" in " ".join(page.split())
    assert "ip 192.0.2.1" in page


def test_two_replies_two_pages(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "450 4.2.0 greylisted\n550 5.1.1 no such user").out
    assert page.index("450 4.2.0") < page.index("550 5.1.1")
    assert page.count("Meaning") == 2


def test_an_enhanced_status_code_alone_says_nothing_of_a_reply_code(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "5.7.1").out
    assert page.startswith("5.7.1  Delivery not authorized, message refused\nA policy forbids the delivery\n")
    assert "mailbox unavailable" not in page
    words = ("Class", "Meaning", "When", "Fix", "Not", "Next", "Retry", "Who", "Beside", "Sources")
    places = [page.index(f"\n{word} ") for word in words]
    assert places == sorted(places)


def test_a_step_that_goes_on_stands_beside_its_number(cli: Callable[..., Ran]) -> None:
    lines = cli("explain", "5.1.1").out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Fix "))
    assert lines[start].startswith("Fix       1. ")
    assert lines[start + 1].startswith("             ")


def test_neighbours_name_their_code_once(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "554").out
    assert "\nBeside    550 is about" in page
    assert "550: 550" not in page


def test_a_guess_takes_its_remedies_from_the_code(cli: Callable[..., Ran]) -> None:
    page = " ".join(cli("explain", "535 no").out.split())
    assert "a guess from the code" in page
    assert "Fix 1. Check the user name: many servers want the whole address." in page


def test_alternatives_have_titles_and_stand_only_where_the_reply_leaves_room(cli: Callable[..., Ran]) -> None:
    assert "\nOr        This way of logging in is not allowed\n" in cli("explain", "535 no").out
    assert "\nPerhaps   The server has a temporary problem; " in cli("explain", "451 no").out
    assert "\nOr " not in cli("explain", "554 5.7.1 Client host [192.0.2.1] blocked using zen.example").out


def test_a_pasted_reply_keeps_its_lines_and_remedies_say_whose_they_are(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "550-5.1.1 No such user\n550 5.1.1 here").out
    assert page.startswith("550-5.1.1 No such user\n550 5.1.1 here\n\n")
    assert "[their postmaster] If the mailbox should exist" in page


@pytest.mark.parametrize(
    ("cause", "permanent", "transient"),
    [
        ("recipient-unknown", "550 5.1.1 no such user", "450 4.1.1 no such user"),
        ("mailbox-full", "5.2.2 mailbox full", "4.2.2 mailbox full"),
        ("email-auth-failed", "550 5.7.26 SPF check failed", "450 4.7.26 SPF check failed"),
        ("reverse-dns", "550 5.7.25 no PTR record for you", "450 4.7.25 no PTR record for you"),
        ("poor-reputation", "554 5.7.1 poor reputation of your address", "421 4.7.0 poor reputation of your address"),
        ("policy-rejected", "550 5.7.1 rejected by local policy", "450 4.7.1 rejected by local policy"),
        ("rate-limited", "550 rate limit exceeded, too many messages", "421 rate limit exceeded, too many messages"),
        ("greylisted", "550 greylisted, try again later", "450 greylisted, try again later"),
        ("relay-denied", "554 5.7.1 Relay access denied", "454 4.7.1 Relay access denied"),
    ],
)
def test_the_first_digit_says_when_to_try_again(
    cli: Callable[..., Ran], cause: str, permanent: str, transient: str
) -> None:
    known = causes()[cause]
    for reply, field, other in ((permanent, "retry", "retry_transient"), (transient, "retry_transient", "retry")):
        page = " ".join((*cli("explain", reply).out.split(), ""))
        assert f"({cause}; " in page
        assert f" Retry {getattr(known, field)} " in page
        assert getattr(known, other) not in page
