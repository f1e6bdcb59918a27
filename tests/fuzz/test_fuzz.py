"""Every target on generated octets, and on those that once failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from smtpprobe.cli import config_file
from smtpprobe.diagnosis import diagnose
from smtpprobe.intake import recognise
from smtpprobe.intake.found import Found
from smtpprobe.mailauth.spf.edit import search as spf_search
from smtpprobe.mailauth.tls import mta_sts
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.pipeline import outcomes
from smtpprobe.render.text import checks as as_text
from smtpprobe.render.text import page
from smtpprobe.wire import script
from smtpprobe.wire.redact import Redactor
from smtpprobe.wire.reply_reader import ReplyReader
from tests.fuzz import by_coverage, domains, targets, wire
from tests.fuzz.target import CORPUS, Target

ROOT = Path(__file__).parents[2]
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("target", targets.ALL, ids=lambda target: target.name)
def test_a_target_holds_on_any_octets(target: Target) -> None:
    @settings(BOUNDED, max_examples=target.examples)
    @given(target.inputs)
    def holds(octets: bytes) -> None:
        target.check(octets)

    holds()


FINDS = [(target, path) for target in targets.ALL for path in target.finds]


@pytest.mark.parametrize(("target", "path"), FINDS, ids=[f"{path.parent.name}/{path.name}" for _, path in FINDS])
def test_what_once_failed_holds(target: Target, path: Path) -> None:
    target.check(path.read_bytes())


def raises(*_: object, **__: object) -> None:
    raise IndexError("planted")


def is_itself(first: object, *rest: object) -> object:
    """The value that a method was given, or a function."""
    return rest[0] if rest else first


def seed(name: str) -> bytes:
    return targets.BY_NAME[name].seeds[0]


ESCAPES = b"550 5.7.1 \x1b[2J no\r\n"
# Of each kind of promise one that is broken here, and octets that must show it.
PLANTED = [
    ("replies", ReplyReader, "take", lambda _: b"", b"\0" + ESCAPES[:-2]),
    ("greeting-lines", wire, "annotate", raises, seed("greeting-lines")),
    ("scripts", script, "escaped", lambda octets: '"x"', b"y"),
    ("dialogue", Redactor, "octets", is_itself, seed("dialogue")),
    ("dialogue", Redactor, "lines", is_itself, seed("dialogue")),
    ("dialogue", page, "terminal", is_itself, b"\0\0\0" + ESCAPES),
    ("dialogue", outcomes, "of_ending", raises, seed("dialogue")),
    ("spf-record", domains, "parse_macro_string", raises, b""),
    ("dkim-texts", domains, "canonical_body", lambda body, _: body + b"x", seed("dkim-texts")),
    ("dkim-message", domains, "verify", raises, seed("dkim-message")),
    ("policy-texts", mta_sts, "parse_record", raises, b""),
    ("zone", ZoneData, "answer", raises, seed("zone")),
    ("spf-check", spf_search, "smallest_edit", raises, seed("spf-check")),
    ("dmarc-check", as_text, "render", lambda *_, **__: "\x1b[2J", seed("dmarc-check")),
    ("intake", recognise, "replies", lambda _: [Found(reply="")], b"\0" * 5 + b"550 5.1.1 no\n"),
    ("explained", page, "terminal", is_itself, b"550 5.7.1 \x07 no\r\n"),
    ("explained", page, "final_lines", is_itself, b"550 5.7.1 " + b"x" * 66 + b" ::add-mask::a"),
    ("saved-report", diagnose, "diagnose", raises, b""),
    ("configuration", config_file, "parsed", raises, seed("configuration")),
]


@pytest.mark.parametrize(
    ("name", "place", "attribute", "broken", "octets"), PLANTED, ids=[f"{each[0]}-{each[2]}" for each in PLANTED]
)
def test_a_target_shows_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, name: str, place: object, attribute: str, broken: object, octets: bytes
) -> None:
    target = targets.BY_NAME[name]
    monkeypatch.setattr(place, attribute, broken)
    with pytest.raises((AssertionError, IndexError)):
        target.check(octets)


def test_every_find_belongs_to_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} <= {target.name for target in targets.ALL}


@pytest.mark.parametrize("target", targets.ALL, ids=lambda target: target.name)
def test_the_seeds_of_a_target_hold(target: Target) -> None:
    for seed in target.seeds:
        target.check(seed)


def test_without_atheris_the_runner_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert by_coverage.main(["replies"]) == 2
    assert "atheris is not installed: pip install -e '.[fuzz]'" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "runs"), [("replies", 20000), ("dialogue", 100)])
def test_a_target_holds_where_coverage_leads(name: str, runs: int, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is not installed: pip install -e '.[fuzz]'")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    # The seconds are a limit for a slow machine; the runs are counted.
    command = [sys.executable, "-m", "tests.fuzz.by_coverage", name, "120", str(runs)]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert "Done " in ran.stderr
