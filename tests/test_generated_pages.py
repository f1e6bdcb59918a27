"""The generated pages answer: how to see a finding, what the codes in it mean, and where a code as servers write it is."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.facts import FACTS
from smtpprobe.catalogue.reference.cause_codes import cause_codes
from smtpprobe.checks.registry import CHECKS
from smtpprobe.cli.finding_commands import command_for
from smtpprobe.model.remedy import Actor
from tests.test_docs import DOCS, blocks, text

FINDINGS = [(check, finding) for check in CHECKS for finding in check.findings]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(DOCS))


def page(check: object, name: str) -> Path:
    return DOCS / "checks" / f"{name}.md"


@pytest.mark.parametrize(("check", "finding"), FINDINGS, ids=lambda each: getattr(each, "id", None))
def test_a_finding_names_its_command_and_its_severity(check: object, finding: object) -> None:
    own = page(check, finding.id)
    assert blocks(own, "sh") == [("sh", command_for(check.name, finding.id) + "\n")]
    assert finding.severity_otherwise in text(own)


# Each finding that quotes codes, with the pages that it links to.
QUOTES = {
    "spf-fail": {"550", "5.7.23", "5.7.1"},
    "spf-temperror": {"451", "5.7.24", "5.4.3"},
    "reverse-dns-missing": {"550", "5.7.25"},
    "reverse-dns-unconfirmed": {"5.7.25"},
    "mx-null": {"556", "5.1.10", "550", "5.7.27"},
    "starttls-refused": {"454"},
}


def test_a_finding_links_to_the_codes_that_it_quotes() -> None:
    leads = re.compile(r"\]\(\.\./(?:replies|enhanced)/([\d.]+)\.md\)")
    found = {finding.id: set(leads.findall(text(page(check, finding.id)))) for check, finding in FINDINGS}
    assert {name: codes for name, codes in found.items() if codes} == QUOTES


def test_lengths_ports_and_statuses_of_http_are_no_codes(generator: ModuleType) -> None:
    said = "Beyond 450 octets, on port 465 or 587 (587 or 465), with status 250; 5.7.30.1 is not a code."
    assert generator.linked(said) == said
    assert generator.linked("(550 5.7.1).") == "([550](../replies/550.md) [5.7.1](../enhanced/5.7.1.md))."


@pytest.mark.parametrize(
    ("code", "name"),
    [("5.7.1", "5.7.1"), ("4.7.1", "5.7.1"), ("5.1.1", "5.1.1"), ("2.1.5", "2.1.5"), ("4.4.2", "4.4.2")],
)
def test_an_enhanced_status_code_is_found_as_servers_write_it(code: str, name: str) -> None:
    own = text(DOCS / "enhanced" / f"{name}.md")
    assert code in own.splitlines()[0]
    assert f"`smtpprobe explain {name}`" in own
    assert re.search(
        rf"\[[^\]]*\b{re.escape(code)}\b[^\]]*\]\({re.escape(name)}\.md\)", text(DOCS / "enhanced" / "index.md")
    )


@pytest.mark.parametrize("cause", causes())
def test_a_cause_has_a_page_and_its_codes_lead_to_it(cause: str) -> None:
    entry, codes = causes()[cause], cause_codes(cause)
    own = text(DOCS / "causes" / f"{cause}.md")
    for words in (entry.title, entry.who[0], f"`smtpprobe explain {cause}`", "## What to do", *entry.phases):
        assert words in own
    for code in codes.replies:
        assert f"](../replies/{code}.md)" in own
        assert f"](../causes/{cause}.md)" in text(DOCS / "replies" / f"{code}.md")
    for code in (*codes.stated_by, *codes.enhanced):
        page_of_code = re.search(rf"\[{re.escape(code)}\]\(\.\./enhanced/([\d.]+)\.md\)", own)
        if page_of_code is not None:
            assert f"](../causes/{cause}.md)" in text(DOCS / "enhanced" / f"{page_of_code[1]}.md")


def test_the_actors_of_remedies_are_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", text(DOCS / "causes" / "index.md"), re.MULTILINE))
    assert listed == {actor.value for actor in Actor} - {"unknown"}


def test_the_page_of_5_7_1_names_the_code_that_most_bring_along() -> None:
    assert "[554](../replies/554.md)" in text(DOCS / "enhanced" / "5.7.1.md")


def test_a_page_of_a_cause_says_when_a_remedy_is_said_and_takes_ports_for_ports() -> None:
    own = text(DOCS / "causes" / "connection-failed.md")
    assert f"   When: {FACTS['port_25_blocked']}." in own
    assert "replies/587.md" not in own
    # Nobody replied: there is no class of a reply on which another attempt would depend.
    assert "- Try again? " in own
    assert "5yz" not in own
    assert "- Try again after a 5yz reply? " in text(DOCS / "causes" / "greylisted.md")
