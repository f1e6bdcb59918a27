"""The labelled replies: their form, what they cover, and what is said of them."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from smtpprobe.catalogue.causes import UNKNOWN, causes
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.reading import Sureness
from smtpprobe.catalogue.explainer.train import REPLIES, every_reply, labelled
from smtpprobe.model.transcript import Phase

ROWS = every_reply()
OF_REPLIES = {cause for cause, entry in causes().items() if entry.by_reply}
OF_FEW = {"not-smtp"}  # what FTP and NNTP have for a reply, and a rule states
LANGUAGES = {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "ru", "tr", "zh", "ja", "ko", "ar", "hi"}
OTHERS = {"da", "fi", "hu", "id", "sv", "vi"}  # of which there are only some


def test_every_line_is_well_formed() -> None:
    for row in ROWS:
        assert {*row.accepted} <= OF_REPLIES | OF_FEW | {UNKNOWN}, row
        assert row.cause not in row.also, row
        assert row.language in LANGUAGES | OTHERS, row
        assert row.phase is None or row.phase in Phase, row


def test_no_reply_is_there_twice_with_another_cause() -> None:
    labels: defaultdict[tuple[str, Phase | None], set[str]] = defaultdict(set)
    for row in ROWS:
        labels[row.reply, row.phase].add(row.cause)
    assert {reply: found for reply, found in labels.items() if len(found) > 1} == {}


def test_they_cover_every_cause_stage_and_language() -> None:
    assert len(ROWS) >= 8000
    by_cause = Counter(row.cause for row in ROWS)
    assert min(by_cause[cause] for cause in OF_REPLIES) >= 150, by_cause
    for cause in OF_REPLIES:
        met = {row.phase for row in ROWS if row.cause == cause}
        assert set(causes()[cause].phases) - met <= {"tls", "quit"}, cause
        spoken = Counter(row.language for row in ROWS if row.cause == cause)
        assert min(spoken[language] for language in LANGUAGES) >= 5, (cause, spoken)


@pytest.mark.parametrize("name", sorted(path.stem for path in REPLIES.glob("*.tsv")))
def test_what_is_sure_is_right_in_every_set(name: str) -> None:
    rows = list(labelled(REPLIES / f"{name}.tsv"))
    sure = [
        (found.cause in row.accepted, row)
        for row in rows
        if (found := explain(row.reply, phase=row.phase, provider=row.provider)).confidence is Sureness.SURE
    ]
    wrong = [row for right, row in sure if not right]
    assert len(wrong) <= max(1, 0.02 * len(sure)), wrong
