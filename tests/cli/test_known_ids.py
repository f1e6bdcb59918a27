"""Causes and findings by their ids: `explain ID`, `causes`, `checks`, as text and JSON, and what is close to an id."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.facts import FACTS
from smtpprobe.checks.registry import checks
from tests.cli.conftest import Ran

FINDINGS = [finding.id for check in checks() for finding in check.findings]


@pytest.mark.parametrize("cause", causes())
def test_a_cause_is_explained_by_its_id(cli: Callable[..., Ran], cause: str) -> None:
    entry = causes()[cause]
    ran = cli("explain", cause)
    assert (ran.code, ran.err) == (0, "")
    shown = " ".join(ran.out.split())
    assert f"{cause} {entry.title}" in shown
    assert entry.definition in shown
    assert entry.retry in shown
    assert ("after 5yz" in shown) is entry.by_reply
    found = cli("causes", cause, "--format", "json").report["causes"]
    assert [each["id"] for each in found] == [cause]
    assert (found[0]["title"], found[0]["retry_transient"]) == (entry.title, entry.retry_transient)
    assert [each for each in found[0]["remedies"] if "{" in each["action"] + (each["verify"] or "")] == []
    facts = {fact for each in found[0]["remedies"] for fact in each["facts"]}
    assert facts - set(FACTS) == set()
    assert " 1. " in shown


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_finding_is_explained_by_its_id(cli: Callable[..., Ran], finding: str) -> None:
    ran = cli("explain", finding)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{finding}  ")
    assert "smtpprobe " in ran.out
    (found,) = cli("checks", finding, "--format", "json").report["findings"]
    assert (found["id"], found["command"].split()[0]) == (finding, "smtpprobe")


def test_an_object_of_ids_says_who_wrote_it(cli: Callable[..., Ran]) -> None:
    found = cli("explain", "greylisted", "spf-fail", "greylisted", "--format", "json").report
    assert list(found) == ["schema_version", "tool", "taken_for", "items", "unread", "causes", "findings"]
    assert found["tool"]["name"] == "smtpprobe"
    assert found["taken_for"] == "ids of causes and ids of findings"
    assert [each["id"] for each in (*found["causes"], *found["findings"])] == ["greylisted", "spf-fail"]


def test_a_cause_names_its_codes(cli: Callable[..., Ran]) -> None:
    (found,) = cli("causes", "mailbox-full", "--format", "json").report["causes"]
    assert found["stated_by"] == ["5.2.2", "4.2.2"]
    assert {422, 522, 552} <= set(found["replies"])
    assert "Stated by 5.2.2, 4.2.2" in " ".join(cli("explain", "mailbox-full").out.split())


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("explain", "ip-blocklistd"), "ip-blocklisted"),
        (("explain", "spf_fial"), "spf-fail"),
        (("explain", "Greylisted"), "greylisted"),
        (("causes", "auth-faild"), "auth-failed"),
        (("checks", "dmark"), "dmarc"),
        (("checks", "dkim-key-week"), "dkim-key-weak"),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest(
    cli: Callable[..., Ran], arguments: tuple[str, ...], near: str
) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert repr(arguments[1]) in ran.err
    assert f"did you mean {near}?" in ran.err


@pytest.mark.parametrize(
    "arguments", [("explain", "hello-world"), ("causes", "zzz"), ("causes", "spf-fail"), ("checks", "x")]
)
def test_what_is_close_to_no_id_is_refused_without_a_guess(cli: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert "did you mean" not in ran.err


def test_a_file_of_that_name_is_read(
    cli: Callable[..., Ran], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open("spf-fail", "w", encoding="utf-8") as file:
        file.write("550 5.1.1 no such user\n")
    assert "recipient-unknown" in cli("explain", "spf-fail").out


def test_lists_have_every_id(cli: Callable[..., Ran]) -> None:
    assert [line.split()[0] for line in cli("causes").out.splitlines() if line[:1].strip()] == list(causes())
    assert [line.split()[0] for line in cli("checks").out.splitlines() if line[:1].strip()] == FINDINGS
    own = [finding.id for check in checks() if check.name in ("spf", "dkim") for finding in check.findings]
    assert [line.split()[0] for line in cli("checks", "spf", "dkim").out.splitlines() if line[:1].strip()] == own


def test_what_waits_for_more_is_shown_with_v_alone(cli: Callable[..., Ran]) -> None:
    assert "‹" not in cli("explain", "tls-failed").out
    assert "‹" in cli("explain", "tls-failed", "-v").out


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_format_for_replies_is_none_for_ids(cli: Callable[..., Ran], form: str) -> None:
    ran = cli("explain", "greylisted", "--format", form)
    assert (ran.code, ran.out) == (2, "")
    assert "text or json" in ran.err


def test_a_cause_is_explained_in_hindi(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", "auth-failed", "--lang", "hi")
    assert ran.code == 0
    assert "विवरण" in ran.out
    assert "after 5yz" not in ran.out
