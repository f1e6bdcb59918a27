"""The learned reader: its weights are those of the labelled replies, its probabilities are kept, it says when it cannot tell."""

from __future__ import annotations

import os

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.learned import PATH, ZERO, Reader, reader
from smtpprobe.catalogue.explainer.reading import Basis, Sureness
from smtpprobe.catalogue.explainer.train import every_reply, seen, train
from smtpprobe.model.transcript import Phase


def test_the_weights_are_those_of_the_labelled_replies() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn, with which the weights are made, is not installed")
    ours = reader().model
    made = train(every_reply(), with_examples=False, temperature=ours.temperature)
    assert made.causes == ours.causes
    assert made.pieces == ours.pieces, "make them again: python -m smtpprobe.catalogue.explainer.train"
    assert made.rarity == ours.rarity
    differing = sum(abs(one - other) > 1 for one, other in zip(made.rows, ours.rows, strict=True))
    assert differing <= len(ours.rows) / 1000


def test_they_are_small() -> None:
    assert os.path.getsize(PATH) <= 1_000_000


def test_probabilities_are_of_all_causes_and_the_likeliest_is_first() -> None:
    found = reader().proposals("user unknown", 550, "5.1.1", Phase.RCPT)
    assert found[0].cause == "recipient-unknown"
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)
    assert 0.9 < sum(each.probability for each in found) <= 1.000001


def test_a_text_of_no_known_piece_goes_by_its_codes() -> None:
    none = Reader(reader().model).scores("\u10d0", 550, "5.2.2", Phase.RCPT)
    best = reader().model.causes[none.index(max(none))]
    assert best == "mailbox-full"


def test_an_octet_without_weight_adds_nothing() -> None:
    model = reader().model
    silent = Reader(type(model)(**{**as_dict(model), "rows": bytes([ZERO]) * len(model.rows)}))
    assert silent.scores("user unknown", 550, "5.1.1", Phase.RCPT) == list(model.bias)


def as_dict(model: object) -> dict[str, object]:
    return {name: getattr(model, name) for name in model.__struct_fields__}  # type: ignore[attr-defined]


def test_a_cause_of_likeness_says_how_likely_and_what_it_reads_like() -> None:
    found = explain("550 we have never heard of a person called jane in this house", phase=Phase.RCPT)
    assert (found.cause, found.basis) == ("recipient-unknown", Basis.LIKENESS)
    assert found.probability is not None
    assert 0.5 <= found.probability <= 1
    assert found.reads_like in {each.reply for each in reader().model.examples if each.cause == "recipient-unknown"}


def test_what_reads_like_nothing_is_unknown() -> None:
    found = explain("554 qwxzjk vvvbb")
    assert (found.cause, found.confidence, found.probability) == ("unknown", Sureness.GUESS, None)
    assert found.alternatives


def test_the_examples_are_labelled_replies() -> None:
    of = {row.reply: row.cause for row in every_reply()}
    for each in reader().model.examples:
        assert of[each.reply] == each.cause
    assert len({each.cause for each in reader().model.examples}) == len(reader().model.causes)


def test_the_same_reply_is_seen_whatever_its_addresses() -> None:
    row = next(row for row in every_reply() if "@example.org" in row.reply)
    other = row._replace(reply=row.reply.replace("@example.org", "@mail.example.net"))
    assert seen(row) == seen(other)
