"""The page: its order, what stands on it once, what it leaves out, and what no server can make of it."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.reply import AnnotationLine
from smtpprobe.model.report import (
    Confidence,
    Report,
    SkipKind,
    Skipped,
    Unchecked,
    Verdict,
)
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Outcome, OutcomeFault, Phase, Status
from smtpprobe.render import json as as_json
from smtpprobe.render.escape import columns
from smtpprobe.render.text import answer as answer_text
from smtpprobe.render.text import report as as_text
from smtpprobe.render.text.page import Page
from smtpprobe.render.text.remedy import actor_words
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import RemedyRow, Said
from tests.render import reports

GOLDEN = Path(__file__).parent / "golden"
MADE: dict[str, Callable[[], Report]] = {
    "refused": reports.refused,
    "accepted": reports.accepted,
    "lost": reports.lost,
    "not-connected": reports.not_connected,
}


@pytest.mark.parametrize("name", MADE)
def test_the_shape_of_the_page(name: str) -> None:
    """SMTPPROBE_GOLDEN=write makes the files anew."""
    page = as_text.render(MADE[name]())
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SMTPPROBE_GOLDEN") == "write":
        path.write_text(page, encoding="utf-8")
    assert page == path.read_text(encoding="utf-8")


def test_session_then_answer_then_exit_code() -> None:
    page = as_text.render(reports.refused())
    parts = (
        "connect 203.0.113.9:25",
        "RCPT TO:<bob",
        "✗ REFUSED at RCPT TO",
        "Why",
        "Do",
        "Retry",
        "Session",
        "Checked",
        "exit 1",
    )
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert page.endswith("\nexit 1\n")


def test_quiet_is_the_answer_alone() -> None:
    page = as_text.render(reports.refused(), verbosity=-1)
    assert page.startswith("✗ REFUSED at RCPT TO")
    assert page.endswith("\nexit 1\n")
    assert as_text.render(reports.refused()).endswith(page)


def test_what_was_told_while_it_happened_is_not_told_again() -> None:
    whole, rest = (as_text.render(reports.refused(), told=told) for told in (False, True))
    assert rest.startswith("\n✗ REFUSED")
    assert whole.endswith(rest)


@pytest.mark.parametrize("verbosity", [-1, 0])
def test_every_check_where_it_is_asked_for(verbosity: int) -> None:
    page = as_text.render(reports.refused(), every_check=True, verbosity=verbosity)
    assert ("error: 198.51.100.7 is listed by zen.example" in in_words(page)) is (verbosity == 0)


def test_the_second_ehlo_says_what_is_new_and_what_is_gone() -> None:
    page = as_text.render(reports.refused())
    assert "SIZE 33554432, AUTH PLAIN LOGIN, XCLIENT NAME ADDR, STARTTLS" in page
    assert page.count("The extensions") == 1
    assert "250 gone: STARTTLS\n" in page
    assert page.count("SIZE") == 1


def test_in_full_each_extension_is_explained() -> None:
    verbose = " ".join(as_text.render(reports.refused(), verbosity=1).split())
    for words in ("How large", "in two steps", "Here: NAME ADDR", "RFC 5321 §4.2.3", "Ready, at length"):
        assert words in verbose


@pytest.mark.parametrize("verbosity", [0, 1])
def test_what_came_unsolicited_stands_where_it_came(verbosity: int) -> None:
    report = reports.refused()
    (transcript,) = report.transcripts
    exchanges = list(transcript.exchanges)
    exchanges[2] = msgspec.structs.replace(exchanges[2], unsolicited_before=b"250 early\r\n")
    changed = msgspec.structs.replace(transcript, exchanges=tuple(exchanges), unsolicited=b"250 early\r\n250 late\r\n")
    page = as_text.render(msgspec.structs.replace(report, transcripts=(changed,)), verbosity=verbosity)
    places = [
        page.index(text) for text in ("STARTTLS", "unsolicited: '250 early", "RCPT TO:<", "unsolicited: '250 late")
    ]
    assert places == sorted(places)
    assert page.count("250 early") == 1


def test_the_same_meaning_is_not_told_again() -> None:
    private = reports.reply(250, "mx.example.com", "XONE", "XTWO")
    lines = tuple(AnnotationLine(index=at, keyword=None, meaning="A private extension.") for at in (1, 2))
    hello = msgspec.structs.replace(
        reports.ACCEPTED_RCPT,
        phase=Phase.EHLO,
        sent="EHLO x",
        reply=private,
        annotation=msgspec.structs.replace(reports.ACCEPTED_RCPT.annotation, lines=lines),
    )
    page = as_text.render(reports.report(Outcome(status=Status.ACCEPTED), (hello,)), verbosity=1)
    assert page.count("A private extension.") == 1


def test_each_statement_of_the_evidence_once() -> None:
    page = in_words(as_text.render(reports.refused()))
    assert page.count("spam source") == 1
    assert "only worth knowing" not in page
    verbose = in_words(as_text.render(reports.refused(), verbosity=1))
    assert "error: 198.51.100.7 is listed by zen.example: spam source [dnsbl-listed]" in verbose
    assert "only worth knowing" in verbose
    assert "not run dkim, spf: no domain is known" in verbose
    assert "dmarc did not finish: internal error" in verbose
    assert "offered, certificate not verified, name mx.example.com" in verbose


def test_assumed_paths_prove_little_but_a_helo_name_says_nothing_of_that() -> None:
    page = as_text.render(reports.accepted())
    assert "proves little" in page
    envelope = Envelope(
        Assumed("[192.0.2.77]", assumed=True), Assumed("alice@example.org"), (Assumed("bob@example.com"),)
    )
    page = as_text.render(msgspec.structs.replace(reports.accepted(), envelope=envelope))
    assert "HELO [192.0.2.77] (assumed)" in page
    assert "proves little" not in page


def test_words_of_a_later_version_are_shown_somehow() -> None:
    page = as_text.render(
        msgspec.structs.replace(reports.accepted(), outcome=Outcome(status=Status.UNKNOWN, phase=Phase.UNKNOWN))
    )
    assert "\n? NOT KNOWN" in page


HOSTILE = (
    "\x1b[2J\x07\x00\x9b31m\x85\u202e\u2066\u200b\u2028\ud800\udcff\U000e0041"
    + "e"
    + "\u0301" * 12
    + "a" * 130
    + "宽" * 70
)
SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[!-~]*\x1b\\")
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def everywhere(report: Report, hostile: str) -> Iterator[tuple[Any, str]]:
    """The report as plain values with the hostile text in each string of one name at a time, for all that still load."""
    value = json.loads(msgspec.json.encode(report))
    found: set[str] = set()

    def gather(each: Any) -> None:
        if isinstance(each, dict):
            for name, item in each.items():
                found.add(name) if _holds_text(item) else None
                gather(item)
        elif isinstance(each, list):
            for item in each:
                gather(item)

    gather(value)
    for name in sorted(found):
        yield _poisoned(value, name, hostile), name


def _holds_text(item: Any) -> bool:
    return isinstance(item, str) or (isinstance(item, list) and any(isinstance(each, str) for each in item))


def _poisoned(value: Any, name: str, hostile: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _with(item, hostile) if key == name else _poisoned(item, name, hostile) for key, item in value.items()
        }
    return [_poisoned(item, name, hostile) for item in value] if isinstance(value, list) else value


def _with(item: Any, hostile: str) -> Any:
    if isinstance(item, str):
        return f"{hostile} {item} {hostile}"
    return [_with(each, hostile) for each in item] if isinstance(item, list) else item


def reread(value: Any) -> Report | None:
    try:
        return msgspec.convert(value, Report)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None


def test_hostile_text_is_harmless_wherever_it_stands() -> None:
    tried = 0
    for made in MADE.values():
        for value, name in everywhere(made(), HOSTILE):
            report = reread(value)
            if report is None:
                continue
            tried += 1
            for verbosity in (-1, 0, 1):
                page = as_text.render(report, verbosity=verbosity)
                unsafe = {c for c in page if unicodedata.category(c) in UNSAFE and c != "\n"}
                assert not unsafe, (name, unsafe)
                assert "\u0301" * 4 not in page, name
                styled = as_text.render(report, verbosity=verbosity, colour=True, links=True)
                assert SEQUENCE.sub("", styled) == page, name
            text = as_json.render(report)
            assert all(c == "\n" or c.isprintable() or unicodedata.category(c) not in UNSAFE for c in text), name
    assert tried > 60


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_the_width_is_kept(width: int, verbosity: int) -> None:
    for made in (reports.refused, reports.lost):
        for value, name in everywhere(made(), HOSTILE):
            report = reread(value)
            if report is None:
                continue
            for line in as_text.render(report, width=width, verbosity=verbosity).splitlines():
                assert columns(line) <= width or "://" in line, (name, line)


def test_a_line_without_end_is_cut_and_says_so() -> None:
    long = reports.reply(554, "x" * 65536)
    held = reports.exchanges(msgspec.structs.replace(reports.REFUSED_RCPT, reply=long))
    page = as_text.render(
        reports.report(Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=554, exit_code=1), held)
    )
    assert page.count("\n") < 40
    assert "more characters)" in page


def test_of_a_reply_in_many_lines_the_answer_has_those_that_leave_it_on_the_screen() -> None:
    for lines, left in (
        ([f"line {number}" for number in range(20)], "12 more lines"),
        (["x" * 400] * 4, "2 more lines"),
    ):
        held = reports.exchanges(msgspec.structs.replace(reports.REFUSED_RCPT, reply=reports.reply(554, *lines)))
        refused = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=554, exit_code=1)
        page = as_text.render(reports.report(refused, held), verbosity=-1)
        assert f"… {left} of this reply" in page
        assert page.count("\n") <= 24


def test_lines_without_end_are_cut_and_say_so() -> None:
    many = reports.reply(250, *[f"X-{number}" for number in range(5000)])
    first = reports.exchanges(reports.ACCEPTED_RCPT)
    held = [msgspec.structs.replace(x, reply=many) if x.phase is Phase.EHLO else x for x in first]
    page = as_text.render(reports.report(Outcome(status=Status.ACCEPTED), held))
    assert page.count("\n") < 30
    assert re.search(r"X-1, X-2, .* and 49\d\d more", in_words(page))


def test_leading_blanks_do_not_push_a_line_off_the_page() -> None:
    held = reports.exchanges(
        msgspec.structs.replace(reports.REFUSED_RCPT, reply=reports.reply(554, " " * 3000 + "x" * 30))
    )
    page = as_text.render(
        reports.report(Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=554, exit_code=1), held)
    )
    assert max(len(line) for line in page.splitlines()) <= 80


def page_of(outcome: Outcome, *exchanges: Any, **changed: Any) -> str:
    return as_text.render(msgspec.structs.replace(reports.report(outcome, exchanges), **changed))


def test_a_login_alone_is_called_one_and_nothing_is_said_of_paths_that_were_not_sent() -> None:
    login = msgspec.structs.replace(
        reports.ACCEPTED_RCPT, phase=Phase.AUTH, sent="AUTH PLAIN ‹credentials›", reply=reports.reply(235, "2.7.0 Yes")
    )
    envelope = Envelope(Assumed("[192.0.2.77]", assumed=True), Assumed("alice@example.org", assumed=True))
    request = msgspec.structs.replace(reports.accepted().request, user="alice@example.org", quit_after=Phase.AUTH)
    page = page_of(Outcome(status=Status.ACCEPTED), login, envelope=envelope, request=request)
    assert "\n✓ LOGIN ACCEPTED by mx.example.com" in page
    assert "proves little" not in page
    assert "RCPT was not tried" not in page


def test_a_session_without_anything_tried_is_not_called_accepted() -> None:
    assert "\n✓ SESSION HELD with mx.example.com" in page_of(Outcome(status=Status.ACCEPTED))


@pytest.mark.parametrize(
    ("user", "fault", "told"),
    [
        ("alice", OutcomeFault.NOT_OFFERED, True),
        ("alice", None, True),
        ("alice", OutcomeFault.CREDENTIALS_NOT_SENT, False),
        (None, OutcomeFault.NOT_OFFERED, False),
    ],
)
def test_where_no_session_came_about_the_credentials_stayed_here(
    user: str | None, fault: OutcomeFault | None, told: bool
) -> None:
    request = msgspec.structs.replace(reports.accepted().request, user=user)
    page = page_of(
        Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reason="why", fault=fault, exit_code=4),
        request=request,
    )
    assert ("the credentials were not sent" in page) is told


@pytest.mark.parametrize(
    ("user", "fault", "headline"),
    [
        ("alice", OutcomeFault.UNVERIFIED, "STOPPED before the login at mx.example.com"),
        (None, OutcomeFault.UNVERIFIED, "STOPPED at TLS: mx.example.com"),
        ("alice", OutcomeFault.OTHER_HOST, "STOPPED at TLS: mx.example.com"),
    ],
)
def test_a_login_that_a_certificate_prevented_is_said_first(
    user: str | None, fault: OutcomeFault, headline: str
) -> None:
    request = msgspec.structs.replace(reports.accepted().request, user=user)
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="why", fault=fault, exit_code=4)
    page = page_of(outcome, request=request)
    assert f"✗ {headline}" in page
    assert ("the certificate does not verify" in page.replace("\n ", "")) is headline.startswith("STOPPED before")


def test_what_is_missing_is_shown_with_how_the_reader_gives_it() -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reason="not sent", needs="insecure_auth", exit_code=4)
    skipped = Skipped(check="iprev", reason="no client IP", needs="client_ip", kind=SkipKind.INPUT_MISSING)
    report = msgspec.structs.replace(reports.accepted(), outcome=outcome, checks=(skipped,))
    hints = {"insecure_auth": "the switch", "client_ip": "the field above"}
    page = in_words(as_text.render(report, hints=hints, every_check=True))
    assert "not sent (the switch)" in page
    assert "iprev: no client IP (the field above)" in page
    assert "(the" not in in_words(as_text.render(report))


def in_words(page: str) -> str:
    return " ".join(page.split())


def with_verdicts(*verdicts: Verdict) -> str:
    return as_text.render(msgspec.structs.replace(reports.refused(), verdicts=verdicts))


def test_how_a_probe_does_it_stands_behind_a_remedy_where_the_page_knows() -> None:
    login = Remedy(actor=Actor.YOU, action="Log in first.", needs="user")
    cause = msgspec.structs.replace(reports.CAUSE, remedies=(login,))
    verdict = Verdict(transcript=0, exchange=None, summary="", causes=(cause,))
    report = msgspec.structs.replace(reports.refused(), verdicts=(verdict,))
    assert "Log in first. (--user)\n" in as_text.render(report, hints={"user": "--user"})
    assert "Log in first.\n" in as_text.render(report)


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        ("confirmed", "the server says so; checked here: true"),
        ("stated", "the server says so; it could not be checked here"),
        ("supported", "found here; the server does not say so"),
        ("contradicted", "the server says so; checked here: not true"),
    ],
)
def test_how_sure_a_cause_is_is_said_in_words(confidence: str, words: str) -> None:
    cause = msgspec.structs.replace(reports.CAUSE, confidence=Confidence(confidence))
    page = in_words(with_verdicts(Verdict(transcript=0, exchange=None, summary="", causes=(cause,))))
    assert f"[ip-blocklisted] {words}" in page


def test_a_record_to_paste_is_never_broken() -> None:
    record = f'example.org. TXT "v=spf1 {"ip4:198.51.100.7 " * 8}-all"'
    row = RemedyRow(actor=None, action=Said("Publish this record."), paste=record)
    page = Page(width=80)
    answer = view(reports.refused()).answer
    verdict = msgspec.structs.replace(answer.verdicts[0], remedies=(row,))
    answer_text.add(page, msgspec.structs.replace(answer, verdicts=(verdict,)), 0)
    assert f"Do      Publish this record.\n        {record}\n" in page.text()


def test_the_unknown_is_gathered_by_why() -> None:
    unknown = (
        Unchecked(subject="a.example", reason="broken zone"),
        Unchecked(subject="b.example", reason="broken zone"),
        Unchecked(subject="c.example", reason="no answer"),
    )
    stated = msgspec.structs.replace(reports.CAUSE, confidence=Confidence.STATED)
    page = with_verdicts(Verdict(transcript=0, exchange=None, summary="", causes=(stated,), unknown=unknown))
    assert "Unknown a.example, b.example: broken zone; c.example: no answer" in in_words(page)


@pytest.mark.parametrize(
    ("actor", "words"),
    [("you", ""), ("nobody", ""), ("your-dns-admin", "[your DNS admin] "), ("their-cat", "[unknown] ")],
)
def test_who_can_do_it(actor: str, words: str) -> None:
    assert actor_words(Actor(actor)) == words


def test_a_reason_that_the_headline_gives_is_no_cause_too() -> None:
    outcome = Outcome(
        status=Status.NO_SESSION, phase=Phase.DNS, reply_code=None, reason="it could not be looked up", exit_code=4
    )
    summary = "it could not be looked up"
    verdicts = (Verdict(transcript=0, exchange=None, summary=summary, causes=(), restates_outcome=True),)
    page = page_of(outcome, transcripts=(), verdicts=verdicts)
    assert page.count("could not be looked up") == 1


def test_what_is_missing_is_said_with_the_readers_own_name_for_it() -> None:
    unknown = (Unchecked(subject="a.example", reason="no answer", needs="resolver"),)
    stated = msgspec.structs.replace(reports.CAUSE, confidence=Confidence.STATED)
    verdict = Verdict(transcript=0, exchange=6, summary="", causes=(stated,), unknown=unknown)
    report = msgspec.structs.replace(reports.refused(), verdicts=(verdict,))
    assert "a.example: no answer\n" in as_text.render(report)
    assert "a.example: no answer (--resolver)\n" in as_text.render(report, hints={"resolver": "--resolver"})
