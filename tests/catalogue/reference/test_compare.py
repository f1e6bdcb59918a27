"""Two codes beside each other: what follows from their fields, and nothing else."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.compare import Comparison, compare
from smtpprobe.catalogue.reference.entries import describe


def about(comparison: Comparison) -> dict[str, str]:
    return {difference.about: difference.text for difference in comparison.differences}


def test_success_beside_a_refusal() -> None:
    found = compare("235", "554")
    said = about(found)
    assert list(said) == ["result", "stage", "session", "retry", "who", "causes"]
    assert said["result"].startswith("235 begins with 2:")
    assert "554 begins with 5: the command failed, and sent again unchanged it will fail again." in said["result"]
    assert said["stage"].startswith("235 comes at one stage only: AUTH. 554 can come at any stage;")
    assert said["causes"].startswith("235 refuses nothing")
    assert "The sending IP address is on a blocklist" in said["causes"]
    assert "If both can come, at AUTH, 235 says" in found.summary
    assert [use.stages for use in found.uses if use.left] == [("auth",)]
    assert {"235", "554"}.isdisjoint(each.code for each in found.related)


def test_codes_that_share_no_stage_of_their_own() -> None:
    found = compare("250", "535")
    assert "Where both" not in found.summary
    assert [use.stages for use in found.uses if use.right] == [("auth",)]
    assert about(found)["who"] == "250: nobody. 535: the account's owner."


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("550", "501", "The second digit sets them apart: 550 is about the mail system, 501 about syntax."),
        ("450", "550", "450 begins with 4: the command failed, but the very same command may succeed later."),
        ("334", "354", "Both begin with 3:"),
        ("221", "250", "Both begin with 2:"),
        ("5.1.1", "5.7.1", "Both begin with 5:"),
        ("4.2.2", "5.2.2", "5.2.2 begins with 5:"),
    ],
)
def test_the_first_digit_and_then_the_second(left: str, right: str, result: str) -> None:
    assert result in about(compare(left, right))["result"]


def test_the_one_fact_that_an_entry_states_of_the_other() -> None:
    assert about(compare("535", "534"))["fact"] == "534 asks for another kind of credentials; 535 rejects these."
    assert "fact" not in about(compare("235", "554"))


def test_what_is_the_same_is_no_difference() -> None:
    assert "retry" not in about(compare("500", "501"))
    assert "stage" not in about(compare("535", "538"))
    assert "causes" not in about(compare("5.1.1", "4.1.1"))


def test_one_number_in_two_classes_differs_by_its_class() -> None:
    found = compare("5.1.1", "4.1.1")
    assert list(about(found)) == ["result", "retry"]
    (use,) = found.uses
    assert (use.left, use.right) == (
        "For good: No such mailbox at this domain",
        "For the moment: No such mailbox at this domain",
    )


def test_a_vague_number_has_the_causes_that_it_often_stands_for() -> None:
    assert {"policy-rejected", "relay-denied", "ip-blocklisted"} <= {
        each.id for each in compare("5.7.1", "554").left.causes
    }


def test_an_enhanced_code_has_its_own_name_stages_and_causes() -> None:
    found = compare("5.1.1", "550 5.7.1")
    assert found.left.entry.name == "Bad destination mailbox address"
    assert found.left.entry.phases == ("rcpt",)
    assert found.left.causes[0].id == "recipient-unknown"
    assert found.right.given == "550 5.7.1"
    assert found.right.entry.name == "Delivery not authorized, message refused"
    assert compare("550-5.7.1", "554").left.given == "550 5.7.1"


def test_two_enhanced_codes_have_everything_of_their_own() -> None:
    found = compare("5.1.1", "4.2.2")
    assert (found.left.entry.code, found.right.entry.code) == (None, None)
    for field in ("meaning", "when", "fix", "next", "retry", "who", "wrong_move", "neighbours"):
        assert getattr(found.left.entry, field) != getattr(found.right.entry, field), field
    assert list(about(found)) == ["result", "stage", "session", "retry", "who", "causes"]
    assert about(compare("5.1.1", "5.1.2"))["fact"].startswith("5.1.2 ")
    assert "5.1.2" not in {each.code for each in compare("5.1.1", "5.1.2").related}
    assert compare("5.7.515", "5.7.26").left.entry.name == describe(None, "5.7.515").title


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("554", "554", "554 twice: give two different codes"),
        ("550 5.1.1", "550-5.1.1", "twice"),
        ("554", "999", "999 is not an SMTP reply code"),
        ("554", "299", "no standard defines"),
        ("554", "5.99.99", "no registry has"),
        ("554", "550 5.99.99", "no registry has"),
        ("554", "9.1.1", "is not an enhanced status code"),
        ("554", "", "is not a code"),
        ("554", "55", "is not a code"),
        ("554", "५५४", "is not a code"),
        ("554", "5" * 100_000, "is not a code"),
        ("554", "550\x1b[31m", "is not a code"),
        ("554", "550 05.1.1", "is not a code"),
        ("554", "550 5.01.1", "is not an enhanced status code"),
        ("554", "5.7.1 550", "is not a code"),
        ("554", "550 no such user", "is not a code"),
    ],
)
def test_what_is_no_code_is_refused(left: str, right: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        compare(left, right)


def test_no_two_codes_stutter() -> None:
    codes = sorted(table("reply_codes")["code"])
    numbers = list(table("enhanced_status_codes")["registered"])
    enhanced = [*(f"5.{number}" for number in numbers[::4]), *(f"4.{number}" for number in numbers[1::9]), "550 5.7.1"]
    for left, right in combinations([*codes[::2], *enhanced], 2):
        found = compare(left, right)
        texts = [found.summary, *(difference.text for difference in found.differences)]
        for text in texts:
            assert not re.search(r"\b(\w+) \1\b|\.\.|\. \.|  |\{|\}|: :", text), text
            assert text[-1] in ".”", text
        assert len(set(texts)) == len(texts)
        assert len(found.differences) >= (1 if left[1:] == right[1:] else 2), (left, right)


def test_stages_with_one_meaning_stand_together() -> None:
    found = compare("550 5.7.26", "5.7.27")
    assert [use.stages for use in found.uses if use.left and use.right] == [("mail", "rcpt", "message")]
    places = [stage for use in compare("554", "250").uses for stage in use.stages]
    assert len(places) == len(set(places))
