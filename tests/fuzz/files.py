"""Files that somebody else wrote: bounces, logs and transcripts, saved reports, configuration."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smtpprobe.cli import app
from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.mail_logs import Family
from smtpprobe.intake.transcripts import Client
from smtpprobe.model.report import Failed, FailureKind
from smtpprobe.model.saved import load
from smtpprobe.pipeline.explaining import Explaining
from smtpprobe.pipeline.replay import Recorded, evaluate_again, replay
from smtpprobe.render import formats
from smtpprobe.render import json as as_json
from smtpprobe.render.explained import Refusal
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.render.formats import Takes
from smtpprobe.render.text import report as as_text
from tests.fuzz import target
from tests.fuzz.target import Choices, Target
from tests.intake import samples
from tests.render import planted
from tests.virtual_time import run as run_at_once

MAX_ITEMS = 5  # of one input that are rendered by themselves
REPORTS = sorted((Path(__file__).parents[1] / "model" / "early_reports").glob("*.json"))


def intake(octets: bytes) -> None:
    """What is read as anything is read to its end, the same however it comes; each refusal has a reply and a line."""
    choices = Choices(octets)
    forced, cut = choices.one_of([None, *recognise.Reader]), choices.number(1000)
    family, client = choices.one_of([None, *Family]), choices.one_of([None, *Client])
    text = choices.rest
    recognise.is_binary(text)
    recognise.compression(text)
    taken = recognise.recognise(text)
    if forced is not None:
        taken = recognise.Taken(template="x", reader=forced, family=family, client=client)
    if taken is None:
        return
    found = _refusals([text], taken)
    for each in found:
        assert each.reply
        assert each.line is None or each.line >= 1
    assert found == _refusals([text[:cut], text[cut:]], taken)


def _refusals(blocks: list[bytes], taken: recognise.Taken) -> list[Found]:
    return list(recognise.refusals(blocks, taken, Counts()))


def explained(octets: bytes) -> None:
    """Every refusal of an input in every format, in every language; or one line that says why there is none."""
    refusals: list[Refusal] = []
    explaining = Explaining(on_refusal=refusals.append)
    if target.or_value_error(lambda: explaining.add([octets], "input") is None) is None:
        return
    found = explaining.finish()
    for name in formats.names(Takes.EXPLANATION):
        form = formats.find(name, Takes.EXPLANATION)
        assert form is not None
        target.in_every_language(functools.partial(formats.render, form, found))
    for refusal in refusals[:MAX_ITEMS]:
        item = refusal_item(refusal)
        for name in formats.names(Takes.ITEM):
            form = formats.find(name, Takes.ITEM)
            assert form is not None
            row = formats.render(form, item)
            target.assert_harmless(row)
            assert not planted.injected(row, form.media_type)


def saved_report(octets: bytes) -> None:
    """A report from elsewhere is refused in one line, or explained and evaluated again without an internal error."""
    saved = octets if octets.startswith(b"{") else _mutated(Choices(octets))
    report = target.or_value_error(lambda: load(saved))
    if report is None:
        return
    beneath = Recorded(report.lookups)
    for again in (replay(report), run_at_once(evaluate_again(report, beneath))):
        bugs = [each.reason for each in again.checks if _is_new_bug(each, report.checks)]
        assert not bugs
        target.assert_harmless(as_json.render(again))
        target.in_every_language(functools.partial(as_text.render, again, verbosity=1))


def _is_new_bug(run: Any, before: Any) -> bool:
    return isinstance(run, Failed) and run.kind is FailureKind.INTERNAL_ERROR and run not in before


_VALUES = (
    None, True, -1, 0, 2**63, 1.5, "", "x", "::1", "192.0.2.1", "2026-01-01T00:00:00Z", [], {}, ["x"], [None], "answer",
    "completed", "failed", "550 5.7.1 x\x1b[2J\u202e", "\ud83d", "a" * 300,
)  # fmt: skip


@functools.cache
def _saved_reports() -> tuple[bytes, ...]:
    """Reports of the first version, and one with every type of evidence."""
    return (*(path.read_bytes() for path in REPORTS), as_json.render(planted.report(0)).encode())


def _mutated(choices: Choices) -> bytes:
    """A report of this program with as many values put in another's place as the choices say."""
    report = json.loads(choices.one_of(_saved_reports()))
    for _ in range(1 + choices.number(4)):
        if not choices.rest:
            break
        places = list(_places(report))
        holder, key = places[choices.number(65536) % len(places)]
        others = [*_VALUES, *(each[at] for each, at in places[:: max(1, len(places) // 40)])]
        if choices.number(4):
            others = [each for each in others if type(each) is type(holder[key])] or others
        new = choices.one_of(others)
        if choices.number(8) == 7:
            del holder[key]
        else:
            holder[key] = json.loads(json.dumps(new))
    return json.dumps(report).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the value: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


_COMMANDS = (
    ("explain", "554"), ("compare", "535", "554"), ("check", ""), ("spf", ""), ("dkim",), ("dmarc", ""), ("dnsbl", ""),
    ("iprev", ""), ("replay", "/nonexistent"),
)  # fmt: skip


def configuration(octets: bytes) -> None:
    """A file of options works or is wrong in one line that says so; it is never an internal error."""
    choices = Choices(octets)
    arguments = choices.one_of(_COMMANDS)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, choices.one_of(["smtpprobe.toml", "pyproject.toml"]))
        Path(path).write_bytes(choices.rest)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _in_this_process(directory):
            code = app.run(["--config", path, *arguments])
    assert code in (0, 2), err.getvalue()
    target.assert_harmless(out.getvalue() + err.getvalue())
    if code == 2:
        assert err.getvalue().strip()


@contextlib.contextmanager
def _in_this_process(home: str) -> Iterator[None]:
    """No variable of the user's and no file of the directory has a say."""
    kept, before = dict(os.environ), os.getcwd()
    for name in [each for each in kept if each.startswith("SMTPPROBE_")]:
        del os.environ[name]
    os.environ["XDG_CONFIG_HOME"] = os.path.join(home, "none")
    os.chdir(home)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)
        target.language.choose(target.language.SOURCE)


LINES = (
    b"550 5.7.1 ", b"\n", b"\r\n", b"(in reply to RCPT TO command)", b" said: ", b"status=bounced ", b"to=<b@example.com>",
    b"postfix/smtp[1]: ", b"Diagnostic-Code: smtp; ", b"Content-Type: multipart/report; boundary=b\n\n", b"\n--b\n",
    b"Generating server: x\n", b"#550 ", b"##", b"Final-Recipient: rfc822; ", b"Content-Transfer-Encoding: base64\n\n",
    b"=?utf-8?q?x?=", b"From MAILER-DAEMON\n", b"\0", b"\xff", b"{\"MESSAGE\": \"", b"<", b">>> ", b"<~* ", b"reply: b'",
    b"::error::x", b"##[error]x", "‮".encode(), b"https://user:pw@x.example/", b"192.0.2.1", b"zen.example",
)  # fmt: skip
OPTIONS = (
    b'lang = "hi"\n', b"timeout = 5\n", b"verbose = 1\n", b'rcpt-to = ["a@example.org"]\n', b'helo = "x.example"\n',
    b'format = "json"\n', b'[explain]\nlang = "en"\n', b'[check]\nhelo = "x"\n',
    b"[check]\n", b"[explain]\n", b"[tool.smtpprobe]\n", b"lang = ", b"format = ", b"timeout = ", b"rcpt-to = ", b"helo = ",
    b"output = ", b"assume = ", b"dnsbl = ", b"verbose = ", b"no-color = ", b"at = ", b'"hi"', b'"text"', b"[1]", b"3",
    b"1979-05-27", b"12:00:00", b"true", b"[[", b"]]", b"{a = 1}", b"\n", b'"""', b"#", b"\\u0000", b"\xff", b"9" * 20,
)  # fmt: skip
SEEDS = [each.encode() for each in samples.ALL.values()]

TARGETS = (
    Target(name="intake", check=intake, choices=5, examples=1200, words=LINES, seeds=[b"\0\0\0\0\0" + each for each in SEEDS]),
    Target(name="explained", check=explained, examples=500, words=LINES, seeds=SEEDS),
    Target(
        name="saved-report", check=saved_report, examples=300,
        seeds=[bytes((at * each + 3) % 251 for at in range(24)) for each in (7, 31, 101, 203)],
    ),
    Target(
        name="configuration", check=configuration, choices=2, examples=800, words=OPTIONS,
        seeds=[b'\0\0lang = "hi"\n[check]\ntimeout = 5\nrcpt-to = ["a@example.org"]\n', b'\2\1[tool.smtpprobe]\nhelo = "x"\n'],
    ),
)  # fmt: skip
