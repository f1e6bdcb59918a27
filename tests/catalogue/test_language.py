"""Which language is chosen, and what it changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from smtpprobe.catalogue import language
from smtpprobe.catalogue.causes import causes, remedies
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.entries import describe
from smtpprobe.model.texts.language import say

VARIABLES = ("SMTPPROBE_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield
    language.choose(language.SOURCE)


@pytest.mark.parametrize(
    ("given", "environment", "chosen"),
    [
        (None, {}, "en"),
        ("hi", {}, "hi"),
        ("hi_IN.UTF-8", {}, "hi"),
        ("HI-in", {}, "hi"),
        ("en", {"LANG": "hi_IN.UTF-8"}, "en"),
        ("en", {"SMTPPROBE_LANG": "hi"}, "en"),
        (None, {"SMTPPROBE_LANG": "hi", "LANG": "en_GB.UTF-8"}, "hi"),
        (None, {"SMTPPROBE_LANG": "", "LANG": "hi_IN"}, "hi"),
        (None, {"LANG": "hi_IN.UTF-8"}, "hi"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LC_MESSAGES": "hi_IN", "LANG": "en_US.UTF-8"}, "hi"),
        (None, {"LC_ALL": "C", "LANG": "hi_IN"}, "en"),
        (None, {"LANGUAGE": "de:hi:en", "LANG": "de_DE"}, "hi"),
        (None, {"LANGUAGE": "en:hi"}, "en"),
    ],
)
def test_the_option_goes_before_our_variable_and_that_before_the_locale(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: dict[str, str], chosen: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.choose(given) == chosen == language.chosen()


@pytest.mark.parametrize("name", ["fr", "", "../hi", "hindi", "h"])
def test_a_language_that_there_is_not_is_refused_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    language.choose("hi")
    with pytest.raises(ValueError, match=r"en, hi"):
        language.choose(name)
    assert language.chosen() == "hi"
    if name:
        monkeypatch.setenv("SMTPPROBE_LANG", name)
        with pytest.raises(ValueError, match="SMTPPROBE_LANG"):
            language.choose()


def test_texts_change_and_ids_do_not() -> None:
    english, cause = describe(535), causes()["auth-failed"]
    language.choose("hi")
    hindi, ursache = describe(535), causes()["auth-failed"]
    assert hindi.title == "उपयोगकर्ता नाम या पासवर्ड स्वीकृत नहीं हुआ"
    changed = {name for name in english.__struct_fields__ if getattr(english, name) != getattr(hindi, name)}
    assert changed == {"name", "title", "meaning", "when", "fix", "next", "retry", "who", "wrong_move", "neighbours"}
    texts = {"title", "definition", "retry", "retry_transient", "retry_if", "senses", "remedies"}
    assert {name for name in cause.__struct_fields__ if getattr(cause, name) != getattr(ursache, name)} == texts
    assert [row.actor for row in cause.remedies] == [row.actor for row in ursache.remedies]
    language.choose("en")
    assert describe(535) == english


def test_a_reply_is_judged_alike_in_every_language() -> None:
    reply = "550 5.7.1 Client host [192.0.2.1] blocked using zen.example"
    english = explain(reply)
    language.choose("hi")
    assert explain(reply) == english
    filled = remedies("ip-blocklisted", {"ip": "192.0.2.1"})
    assert any("192.0.2.1" in row.action for row in filled)


def test_tables_that_machines_read_are_the_same() -> None:
    names = ("providers", "text_rules", "dnsbl_zones", "ehlo_keywords")
    english = [table(name) for name in names]
    language.choose("hi")
    assert [table(name) for name in names] == english


def test_what_has_no_translation_stays_as_it_is() -> None:
    language.choose("hi")
    assert say("no such text") == "no such text"
    assert say("") == ""
    assert describe(585).title == table("reply_codes")["code"]["585"]["title"]


def test_gettext_is_imported_only_for_a_translation() -> None:
    program = (
        "import sys; from smtpprobe.catalogue import language; language.choose({!r}); print('gettext' in sys.modules)"
    )
    for name, imported in (("en", "False"), ("hi", "True")):
        # click imports gettext itself, so the module is looked at alone.
        ran = subprocess.run([sys.executable, "-c", program.format(name)], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == imported
