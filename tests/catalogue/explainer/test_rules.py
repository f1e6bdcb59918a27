"""The rules that state a cause: few, plain, and found through their words."""

from __future__ import annotations

import re

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.rules import rules, stated
from smtpprobe.catalogue.explainer.train import every_reply
from smtpprobe.model.transcript import Phase

MOST = 400


def test_a_person_can_read_them_through() -> None:
    assert sum(len(rule.say) + len(rule.unless) + len(rule.url) for rule in rules()) <= MOST


def test_they_are_well_formed() -> None:
    for rule in rules():
        assert rule.cause in causes()
        assert {*rule.phases} - {""} <= set(Phase)
        assert rule.url or (rule.words and rule.say)
        for expression in (*rule.say, *rule.unless):
            re.compile(expression)


def test_the_words_lose_no_match() -> None:
    texts = [wording.read(row.reply).text for row in every_reply()]
    for rule in rules():
        for expression in rule.say if not rule.tag else ():
            found = [text for text in texts if re.search(expression, text)]
            assert all(any(word in text for word in rule.words) for text in found), (rule.cause, expression)


def test_every_expression_of_words_is_met_by_a_reply() -> None:
    texts = [wording.read(row.reply).text for row in every_reply()]
    of_words = [each for rule in rules() if not rule.tag for each in rule.say]
    unused = [each for each in of_words if not any(re.search(each, text) for text in texts)]
    assert unused == []


def test_the_first_that_fits_decides() -> None:
    both = "client host IP blocked using RBL; IP has no reverse dns"
    found = stated(both, (), "554", "rcpt")
    assert found is not None
    assert found.cause == "ip-blocklisted"
    assert stated("", (), "554", "rcpt") is None
