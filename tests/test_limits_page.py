"""docs/limits.md has every limit of what comes from outside; what is limited for another reason is named here with it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from smtpprobe.model import limits

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "smtpprobe"
ROOMS = ("model", "wire", "net", "mailauth", "catalogue", "intake", "checks", "pipeline")
NAMED = re.compile(r"_?(?:[A-Z]+_)*(?:MAX|LONGEST|MOST|DEPTH|LIMIT|HEAD)(?:_[A-Z]+)*")

# Numbers of our own working, of what we send, or of what the standards say about a value: nothing is cut by them.
NOT_TAKEN_IN = {
    "catalogue.explainer.train:_LONGEST_EXAMPLE": "replies of our own",
    "wire.dialogue.group:MOST": "commands that are sent together",
    "wire.message.octets:MAX_LINE": "lines of our own",
    "catalogue.explainer.client_errors:_LONGEST_PEER": "a command that we propose",
    "intake.pasted.plain:_LONGEST": "the longest of the sequences that are dropped",
    "catalogue.explainer.features:MAX_CHARACTERS": "what is read of a reply's words",
    "mailauth.tls.tlsa:_MAX_DER_ELEMENTS": "how a certificate is built",
    "mailauth.tls.mta_sts:MAX_AGE_S": "a value that RFC 8461 allows",
    "mailauth.tls.mta_sts:SHORT_MAX_AGE_S": "a value that we advise",
    "mailauth.dkim.restore.field_forms:_MAX_WORDS": "trials of our own",
    "mailauth.dkim.restore.field_changes:_MAX_CHANGES": "trials of our own",
    "mailauth.dkim.restore.header:_MAX_PAIRED": "trials of our own",
    "mailauth.dkim.restore.suspects:MAX_SHOWN": "what is shown",
    "mailauth.dkim.restore.header:_MAX_NAMED": "what is shown",
    "mailauth.dkim.restore.header:_MAX_ORDERED": "trials of our own",
    "mailauth.dkim.restore.own_field:_MAX_FOLDS": "trials of our own",
    "mailauth.dkim.restore.folds:MAX_FOLDS": "trials of our own",
    "mailauth.dkim.selectors:MAX_NAMED": "what is shown",
    "mailauth.dkim.restore.own_field:_MAX_NAMES": "trials of our own",
    "mailauth.dkim.restore.banners:_MAX_TAGS": "trials of our own",
    "mailauth.dkim.restore.line_edits:_MAX_LINES_OF_GAPS": "trials of our own",
    "mailauth.dkim.restore.copied:_MAX_SHOWN": "what is shown",
    "mailauth.dkim.restore.body_forms:_MAX_PARTS": "trials of our own",
    "mailauth.dkim.restore.body_forms:_MAX_TRIED_QP": "trials of our own",
    "mailauth.dkim.restore.line_edits:_MAX_PAIRED_LINES": "trials of our own",
    "mailauth.dkim.restore.line_edits:_MAX_RUN": "trials of our own",
    "mailauth.dkim.restore.line_edits:_MAX_LINES_OF_THREES": "trials of our own",
    "mailauth.dkim.restore.banners:_MAX_LINES": "trials of our own",
    "mailauth.dkim.restore.banners:_MAX_ENDS": "trials of our own",
    "mailauth.dkim.restore.line_edits:_MAX_NAMED": "what is shown",
    "mailauth.dkim.beside_key:_MAX_OCTETS": "trials of our own",
    "mailauth.dmarc.record:_MAX_LOOKED_AT": "a text that may have been meant as a record: more is not said of it",
    "mailauth.dmarc.author_domain:_MAX_FAULTS": "what is shown",
    "mailauth.dmarc.author_domain:_MAX_LINE": "what is shown",
    "mailauth.dns.nameservers:_MAX_HOPS": "questions of our own",
    "mailauth.dns.iprev:MAX_NAMES": "how many receivers look at",
    "mailauth.dmarc.reports:MAX_NAME": "what DNS allows",
    "mailauth.spf.edit.repair:_MAX_STRING": "a string of what we propose",
    "checks.spf.order:_MAX_MESSAGE": "what is shown",
    "mailauth.spf.edit.published_texts:_MAX_ALONE": "questions of our own",
    "mailauth.spf.edit.published_texts:_MAX_SHOWN": "what is shown",
    "mailauth.spf.spelling.version:_MAX_BEFORE": "guesses of our own",
    "mailauth.spf.lint.elsewhere:_MAX_NAMES": "questions of our own",
    "mailauth.spf.edit.shorter:_MAX_RANGES": "work of our own",
    "mailauth.spf.everybody.reach:_MAX_WORK": "work of our own",
    "mailauth.spf.edit.dead:_MAX_NAMED": "questions of our own",
    "mailauth.spf.edit.flat:_MAX_REDIRECTS": "questions of our own",
    "mailauth.spf.edit.dead:_MAX_RECORDS": "questions of our own",
    "mailauth.spf.lint.families:_MAX_HOSTS": "guesses of our own",
    "mailauth.spf.everybody.effect:MAX_TOLD": "what is shown",
    "mailauth.spf.edit.shorter:_MAX_TOLD": "what is shown",
    "mailauth.spf.edit.mended:_MAX_TOLD": "what is shown",
    "mailauth.spf.edit.rewrites:_MAX_TOLD": "what is shown",
    "mailauth.spf.edit.upkeep:_MAX_TERMS": "questions of our own",
    "mailauth.spf.lint.families:_MAX_TOLD": "what is shown",
    "mailauth.characters:_MAX_NAMED": "what is shown",
    "mailauth.spf.spelling.networks:MAX_TERMS": "guesses of our own",
    "mailauth.spf.spelling.terms:_MAX_TERM": "guesses of our own",
    "mailauth.spf.spelling.terms:_DEPTH": "guesses of our own",
    "mailauth.spf.spelling.words:_MAX_PARTS": "guesses of our own",
    "mailauth.spf.lint.walk:_MAX_AHEAD": "questions of our own",
    "mailauth.spf.lint.terms:MAX_RECORD": "what RFC 7208 recommends",
    "mailauth.spf.lint.terms:MAX_ANSWER": "what fits into an answer over UDP",
    "mailauth.spf.macro:MAX_NAME": "what DNS allows",
    "mailauth.spf.macro:MAX_LABEL": "what DNS allows",
    "wire.redact:_LONGEST": "a secret of the user's",
    "wire.command:MAX_COMMAND": "what we send",
    "net.certificate_problems:_MAX_NAMES": "what is shown",
    "catalogue.joined:_MAX_URLS": "what is shown",
    "catalogue.tally:MAX_RECIPIENT_DOMAINS": "what is shown",
    "catalogue.reference.compare:_MAX_CAUSES": "what is shown",
    "checks.spf.stated:NEAR_LIMIT": "when we warn",
    "checks.spf.stated:MAX_MESSAGE": "what is shown",
    "checks.spf.stated:MAX_FAULT": "what is shown",
    "pipeline.explaining:MAX_SHOWN": "what is shown",
    "pipeline.reference.known_ids:_MAX_ID": "what is shown, and compared with ids",
}


@pytest.fixture(scope="module")
def page() -> ModuleType:
    found = importlib.util.spec_from_file_location("limits_table", ROOT / "docs" / "limits_table.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def limits_in(source: str) -> Iterator[str]:
    """The names of numbers at the top of a module that limit something by their name."""
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        is_number = isinstance(getattr(node, "value", None), ast.Constant | ast.BinOp)
        if is_number and isinstance(target, ast.Name) and NAMED.fullmatch(target.id):
            yield target.id


def places() -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] in ROOMS:
            yield from (f"{'.'.join(parts)}:{name}" for name in limits_in(path.read_text("utf-8")))


def test_every_limit_is_in_the_table_or_is_none_of_input(page: ModuleType) -> None:
    listed = {place for rows in page.TABLE.values() for _, place, _, _ in rows}
    found = set(places())
    assert found - listed - set(NOT_TAKEN_IN) == set()
    assert set(NOT_TAKEN_IN) - found == set()
    assert listed & set(NOT_TAKEN_IN) == set()


def test_every_limit_of_a_file_is_in_the_table(page: ModuleType) -> None:
    listed = {place for rows in page.TABLE.values() for _, place, _, _ in rows}
    named = {f"model.limits:{name}" for name, each in vars(limits).items() if isinstance(each, limits.Limit)}
    assert named - listed == set()


@pytest.mark.parametrize("source", ["MAX_LINES = 3", "_LONGEST = 1 << 4", "_MAX_BODY: int = 5", "FIELD_LIMIT = 2 * 3"])
def test_a_limit_is_noticed(source: str) -> None:
    assert len(list(limits_in(source))) == 1


@pytest.mark.parametrize("source", ["MAXIMAL = 3", "MAX_AGE = FindingSpec()", "def MAX_LINES(): pass"])
def test_what_is_no_limit_is_not(source: str) -> None:
    assert list(limits_in(source)) == []
