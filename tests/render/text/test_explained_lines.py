"""The page of one refusal fits on a screen, whatever its reply is, and keeps its cause, what to do first, and when to retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

import pytest

from smtpprobe.catalogue.explainer.train import Labelled, every_reply
from smtpprobe.intake.found import Found
from smtpprobe.model.transcript import Side
from smtpprobe.render.explained import ExplainedInputs, Refusal
from smtpprobe.render.explanation_item import explained
from smtpprobe.render.text import explained as as_text
from smtpprobe.render.text.page import wrap
from smtpprobe.render.view.explained import explained_view
from tests.cli.conftest import Ran, clean_environment, cli, nothing_known

__all__ = ["clean_environment", "cli", "nothing_known"]
MOST = 24
OF_A_CAUSE = 12  # replies of each cause that are shown
HINTS = {"verbosity": "-v"}


def sample() -> Iterator[Labelled]:
    """Some replies of each cause, the longest among them."""
    by_cause: dict[str, list[Labelled]] = {}
    for row in every_reply():
        by_cause.setdefault(row.cause, []).append(row)
    for rows in by_cause.values():
        rows.sort(key=lambda row: (-len(row.reply), row.reply))
        few = OF_A_CAUSE // 2
        yield from rows[:few]
        yield from rows[few :: max(1, len(rows) // few)]


def inputs(found: Found, provider: str | None = None) -> ExplainedInputs:
    from smtpprobe.catalogue.tally import Tally

    return ExplainedInputs(
        inputs=(), refusals=(Refusal(found, "argument"),), distinct=(), examples={}, summary=Tally().summary(), left_out=0,
        holds_log=False, is_plain=True, provider=provider,
    )  # fmt: skip


def in_words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("side", [None, Side.SENDING, Side.RECEIVING])
def test_a_page_fits_and_keeps_what_counts(side: Side | None) -> None:
    tried = 0
    for row in sample():
        found = inputs(
            Found(reply=row.reply, phase=row.phase, side=side, recipient="bob@example.com", when="Nov  2"), row.provider
        )
        page = as_text.render(found, hints=HINTS)
        (shown,) = explained_view(found, 0).pages
        tried += 1
        assert page.count("\n") <= MOST, (row, page)
        said = in_words(page)
        assert row.reply[:30].split()[0] in said
        assert in_words(shown.view.cause.id if shown.view.cause else shown.view.unknown) in said
        assert in_words(shown.view.meaning) in said, row
        for remedy in shown.view.remedies[:2]:
            assert in_words(remedy.action) in said, row
        assert in_words(shown.view.retry) in said, row
        whole = as_text.render(found, verbosity=1, hints=HINTS)
        for each in (*shown.view.remedies, *shown.view.code_references):
            assert in_words(getattr(each, "action", str(each))) in in_words(whole), row
    assert tried > 300


LONG = (
    "550 5.7.509 Access denied, sending domain EXAMPLE.ORG does not pass DMARC verification and has a DMARC policy of reject. "
    "[DU2PEPF00028CFF.eurprd03.prod.outlook.com]"
)


def test_what_is_left_out_is_named_with_how_to_see_it(cli: Callable[..., Ran]) -> None:
    page = cli("explain", LONG).out
    assert page.count("\n") <= MOST
    assert "Left out: " in page
    assert "(-v shows all)" in page
    assert "Left out: " not in cli("explain", LONG, "-v").out
    assert "\nSources   " in cli("explain", LONG, "-v").out
    assert "Left out: " not in cli("explain", "550 5.1.1 no such user").out


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_a_narrow_screen_has_the_same_words(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    page = in_words(cli("explain", LONG).out)
    assert "[your mail admin] For DMARC make one of the two aligned" in page
    assert "(email-auth-failed; the reply says so)" in page


def test_a_reply_without_end_is_cut() -> None:
    for reply in (
        "\n".join([*(f"550-5.1.1 no such user, line {number}" for number in range(60)), "550 5.1.1 end"]),
        "550 5.1.1 no such user " + "x" * 5000,
    ):
        page = as_text.render(inputs(Found(reply=reply)), hints=HINTS)
        assert page.count("\n") <= MOST
        assert "Left out: " in page
        assert "\nRetry     " in page


def test_a_url_that_the_reply_shows_is_not_named_again(cli: Callable[..., Ran]) -> None:
    reply = "535 5.7.8 Username and Password not accepted. See https://support.google.com/mail/?p=BadCredentials a1-20 - gsmtp"
    assert "Names" not in cli("explain", reply).out


def test_a_reading_and_its_sign_stay_on_one_line() -> None:
    assert wrap("likely, by its words, 99 %)", 24, 24) == ["likely, by its words,", "99 %)"]
    assert wrap("likely, by its words, 99 %", 24, 24) == ["likely, by its words,", "99 %"]


def test_a_code_of_one_sense_does_not_say_again_what_the_cause_means(cli: Callable[..., Ran]) -> None:
    page = in_words(
        cli("explain", "550 5.7.25 [192.0.2.66] The sending IP does not have a PTR record setup - gsmtp").out
    )
    assert page.count("lead back to the address") == 1


def test_what_a_code_adds_is_no_second_wording_of_what_its_cause_means() -> None:
    pairs = set()
    # Of replies with the same codes and cause one is enough.
    for row in {(row.cause, row.phase, row.provider, row.reply[:9]): row for row in every_reply()}.values():
        told = explained(row.reply, row.phase, row.provider)
        if told.beside:
            pairs.add((told.meaning.lower(), told.beside.lower()))
    for meaning, beside in pairs:
        assert SequenceMatcher(None, meaning.split(), beside.split()).ratio() < 0.6, (meaning, beside)
