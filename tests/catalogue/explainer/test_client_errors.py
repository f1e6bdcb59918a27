"""What sending programs say where there is no reply: each kind known by the words of many, with its cause and what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.client_errors import LIMIT, client_error, client_errors, conditions, line_of
from smtpprobe.catalogue.explainer.explain import cause_and_provider, explain
from smtpprobe.catalogue.explainer.reading import Sureness
from smtpprobe.model.transcript import Phase
from smtpprobe.render.explanation_item import explained, item

SAID = [
    (row["text"], row["kind"], row["cause"], row["remedy"])
    for row in tomllib.loads(Path(__file__).with_name("client_errors.toml").read_text("utf-8"))["said"]
]


@pytest.mark.parametrize(("said", "kind", "cause", "remedy"), SAID, ids=[said[:40] for said, *_ in SAID])
def test_the_words_of_a_program_lead_to_a_cause_and_a_remedy(said: str, kind: str, cause: str, remedy: str) -> None:
    found = explain(said)
    assert (found.client_error, found.cause, found.code) == (kind, cause, None)
    assert found.confidence in (Sureness.SURE, Sureness.LIKELY)
    assert cause_and_provider(said, None, None)[0] == cause
    told = explained(said)
    assert told.remedies[0].action.startswith(remedy), told.remedies[0].action
    assert not [each.action for each in told.remedies if "{" in each.action]
    assert item(said)["cause"] == cause
    assert told.retry


def test_every_kind_is_reached_by_some_words() -> None:
    assert {kind for _, kind, _, _ in SAID} == {each.id for each in client_errors()}


def test_the_table_is_sound() -> None:
    ids = [each.id for each in client_errors()]
    assert len(ids) == len(set(ids))
    words = [each for error in client_errors() for each in error.words]
    assert [each for each in words if each != each.lower() or len(each) < 5] == []
    assert len(words) == len(set(words))
    for error in client_errors():
        entry = causes()[error.cause]
        named = {name for row in entry.remedies for name in (*row.needs, *row.without)}
        # "tls_wanted_name" is said in a remedy, "closed" tells this from a reset.
        assert set(error.known) - named <= {"closed"}, error.id
        assert {*error.alternatives} <= set(causes())
        assert error.cause not in error.alternatives


def test_a_reply_tells_more_than_the_words_around_it() -> None:
    for said in ("554 5.7.1 Connection refused", "450 4.4.1 connect to mx: timed out", "4.4.1 Connection refused"):
        assert explain(said).client_error is None


def test_a_phase_that_is_given_stays() -> None:
    assert explain("timed out", phase=Phase.DATA).phase is Phase.DATA
    assert explain("timed out").phase is Phase.CONNECT


def test_words_of_nobody_have_no_conditions() -> None:
    assert client_error("nothing of the kind") is None
    assert conditions(None, "x") == {}
    assert conditions("certificate-name", "hostname mismatch")["tls_wanted_name"] == "the name that the client asks for"


def test_a_long_text_is_searched_as_far_as_its_limit() -> None:
    assert client_error("x" * LIMIT + "timed out") is None


def test_the_line_is_the_last_that_has_the_words() -> None:
    error = client_error("connection refused")
    assert error is not None
    assert line_of("a\nconnection refused\nb\nConnection Refused\nc", error) == 4
    assert line_of("nothing", error) == 1
