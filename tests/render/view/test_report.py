"""What the sections of a report hold, whatever prints them."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.evidence import DkimEvidence, DnsblEvidence, SessionEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.report import (
    Because,
    BecauseKind,
    Cause,
    Completed,
    Confidence,
    Finding,
    Report,
    Severity,
    Unchecked,
    Verdict,
)
from smtpprobe.model.transcript import (
    Breakage,
    Exchange,
    Outcome,
    OutcomeFault,
    Phase,
    Recipient,
    RecipientStatus,
    Status,
)
from smtpprobe.model.words import AuthResult
from smtpprobe.render.view.headline import decisive
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import RecipientRow, Said, View
from tests.diagnosis.evidence import dkim, dmarc
from tests.render import reports

MADE = (reports.refused, reports.accepted, reports.lost, reports.not_connected)


def with_verdicts(*verdicts: Verdict) -> View:
    return view(msgspec.structs.replace(reports.refused(), verdicts=verdicts))


def cause(id: str, confidence: Confidence, *because: Because) -> Cause:
    return Cause(id=id, title=id.upper(), confidence=confidence, because=because, remedies=())


def verdict(*causes: Cause, summary: str = "", exchange: int | None = 6, **more: object) -> Verdict:
    return Verdict(transcript=0, exchange=exchange, summary=summary, causes=causes, **more)  # type: ignore[arg-type]


EVIDENCE = Because(kind=BecauseKind.EVIDENCE, text="a list says so")
REPLY = Because(kind=BecauseKind.REPLY, text="the reply says so: 554")


@pytest.mark.parametrize(
    ("confidences", "why", "tag", "others", "also"),
    [
        (("confirmed",), "a list says so", "c0", (), ()),
        (("confirmed", "supported", "possible"), "a list says so", "c0", (), ("a list says so",)),
        (("stated", "supported"), "a list says so", "c0", ("c1",), ()),
        (("contradicted", "possible"), "C0", "c0", ("c1",), ()),
        (("possible", "possible"), "The server does not say. Possible: c0; c1", None, (), ()),
    ],
)
def test_why_it_was_refused(
    confidences: tuple[str, ...], why: str, tag: str | None, others: tuple[str, ...], also: tuple[str, ...]
) -> None:
    causes = [cause(f"c{number}", Confidence(each), EVIDENCE) for number, each in enumerate(confidences)]
    shown = with_verdicts(verdict(*causes)).answer
    (told,) = shown.verdicts
    assert (told.why, told.tag, told.others, shown.also) == (why, tag, others, also)
    assert (told.sureness is None) is (tag is None)


def test_an_abbreviation_stays_as_it_is_within_a_sentence() -> None:
    causes = (cause("a", Confidence.POSSIBLE), cause("b", Confidence.POSSIBLE))
    named = [
        msgspec.structs.replace(each, title=title) for each, title in zip(causes, ("TLS first", "A loop"), strict=True)
    ]
    (told,) = with_verdicts(verdict(*named)).answer.verdicts
    assert told.why == "The server does not say. Possible: TLS first; a loop"


def test_what_it_may_be_instead_is_said_with_its_evidence_and_not_again() -> None:
    """The evidence of a cause that stands under Or stands nowhere else."""
    first, plain = cause("a", Confidence.STATED), cause("b", Confidence.SUPPORTED, EVIDENCE)
    other = msgspec.structs.replace(plain, statement="192.0.2.1 has no PTR record", checks=(0,))
    for causes, others, told in (((first, plain), ("b",), True), ((first, other), (other.statement,), False)):
        shown = with_verdicts(verdict(*causes, relevant=(0, 1))).answer
        assert shown.verdicts[0].others == others
        assert any("listed" in each for each in shown.also) is told


@pytest.mark.parametrize(
    ("checks", "sureness"),
    [((), "the server says so; it could not be checked here"), ((2,), "the server says so; the checks leave it open")],
)
def test_what_was_looked_up_without_settling_it_is_not_called_unchecked(checks: tuple[int, ...], sureness: str) -> None:
    made = reports.refused()
    tells = Completed(check="dkim", evidence=dkim(), transcript=0)
    runs = (*made.checks[:2], tells, *made.checks[3:])
    stated = msgspec.structs.replace(cause("a", Confidence.STATED, REPLY), checks=checks)
    shown = view(msgspec.structs.replace(made, checks=runs, verdicts=(verdict(stated),))).answer
    assert shown.verdicts[0].sureness == sureness


IN_CLEAR = Finding(
    id="auth-offered-in-clear",
    severity=Severity.WARNING,
    subject="192.0.2.25",
    message="AUTH PLAIN is offered without TLS",
)


@pytest.mark.parametrize(("needs", "also"), [("tls.policy=off", 1), ("tls.policy", 0), (None, 0)])
def test_what_is_offered_in_clear_matters_to_whom_is_told_to_go_on_so(needs: str | None, also: int) -> None:
    remedy = Remedy(actor=Actor.YOU, action="go on", needs=needs)
    first = msgspec.structs.replace(cause("tls-failed", Confidence.CONFIRMED), remedies=(remedy,))
    run = Completed(check="auth", evidence=None, findings=(IN_CLEAR,), transcript=0)
    report = msgspec.structs.replace(
        reports.refused(), checks=(run,), verdicts=(verdict(first, restates_outcome=True),)
    )
    assert len(view(report).answer.also) == also


@pytest.mark.parametrize(
    ("fault", "phase", "beginning"),
    [
        (OutcomeFault.NOT_OFFERED, Phase.STARTTLS, "STOPPED before STARTTLS: "),
        (OutcomeFault.CREDENTIALS_NOT_SENT, Phase.AUTH, "STOPPED before AUTH: "),
        (None, Phase.STARTTLS, "NO SESSION at STARTTLS: "),
    ],
)
def test_a_stage_whose_command_was_not_sent_is_not_where_it_ended(
    fault: OutcomeFault | None, phase: Phase, beginning: str
) -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=phase, reason="no", exit_code=4, fault=fault)
    report = reports.report(outcome, reports.exchanges(reports.REFUSED_RCPT)[:3])
    assert view(report).answer.headline.text.startswith(beginning)


def test_a_quit_that_nobody_answers_loses_no_session() -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.MAIL, reply_code=354, reason="354 Go ahead", exit_code=4)
    unanswered = Exchange(index=3, phase=Phase.QUIT, sent="QUIT", breakage=Breakage.CLOSED_BY_PEER)
    report = reports.report(outcome, (*reports.exchanges(reports.REFUSED_RCPT)[:3], unanswered))
    assert view(report).answer.headline.text.startswith("STOPPED at MAIL FROM")


def test_what_the_evidence_says_beyond_the_sentence_that_says_why() -> None:
    more = Because(kind=BecauseKind.EVIDENCE, text="since yesterday")
    stage = Because(kind=BecauseKind.STAGE, text="known since the connection")
    shown = with_verdicts(verdict(cause("a", Confidence.CONFIRMED, REPLY, EVIDENCE, stage, more))).answer
    assert shown.verdicts[0].reasons == (Said("since yesterday"),)


def test_the_outcome_is_what_was_seen_in_this_session() -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="it expired", exit_code=4)
    because = Because(kind=BecauseKind.OUTCOME, text="it expired")
    proved = verdict(cause("t", Confidence.CONFIRMED, because), exchange=3)
    (told,) = view(reports.report(outcome, reports.exchanges(), verdicts=(proved,))).answer.verdicts
    assert (told.why, told.sureness) == ("T", "seen in this session")
    # With the certificate in hand.
    assert [each.text.partition(";")[0] for each in told.reasons] == ["certificate for mx.example.com"]


def test_the_verdict_on_what_decided_the_run_is_the_one_that_is_told() -> None:
    dead = msgspec.structs.replace(reports.not_connected().transcripts[0], address="203.0.113.8")
    report = reports.refused()
    vain = Verdict(transcript=0, exchange=None, summary="refused", causes=(cause("dead", Confidence.CONFIRMED),))
    decided = msgspec.structs.replace(report.verdicts[0], transcript=1)
    two = msgspec.structs.replace(report, transcripts=(dead, *report.transcripts), verdicts=(vain, decided))
    assert [each.tag for each in view(two).answer.verdicts] == ["ip-blocklisted"]
    assert [each.tag for each in view(two, verbosity=1).answer.verdicts] == ["ip-blocklisted", "dead"]
    taken = reports.accepted()
    one = msgspec.structs.replace(taken, transcripts=(dead, *taken.transcripts), verdicts=(vain,))
    assert view(one).answer.verdicts == ()


def test_what_else_was_refused_for_another_reason() -> None:
    first = verdict(cause("a", Confidence.STATED))
    other = verdict(cause("b", Confidence.STATED), exchange=1)
    assert with_verdicts(first, other).answer.also == ("EHLO client.example.org: B",)
    assert with_verdicts(first, msgspec.structs.replace(other, causes=first.causes)).answer.also == ()


def test_a_cause_that_nobody_knows() -> None:
    (told,) = with_verdicts(verdict(summary="nobody knows")).answer.verdicts
    assert (told.why, told.tag, told.sureness) == ("nobody knows", None, None)


def test_why_we_cancelled_a_login_stands_beside_the_reply_to_it() -> None:
    fault, reason = OutcomeFault.LOGIN_CANCELLED, "login cancelled: no further step"
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.EHLO, reply_code=250, reason=reason, fault=fault)
    shown = view(reports.report(outcome, reports.exchanges())).answer.headline
    assert shown.reply
    assert shown.reason == Said(reason)


def test_what_could_not_be_checked_by_why() -> None:
    unknown = (
        Unchecked(subject="a", reason="silent", needs="resolver"),
        Unchecked(subject="b", reason="silent", needs="resolver"),
        Unchecked(subject="dkim", reason="no domain", run=3),
        Unchecked(subject="mx", reason="cannot bear on it", run=2),
    )
    stated = cause("a", Confidence.STATED)
    (told,) = with_verdicts(verdict(stated, unknown=unknown, relevant=(3,))).answer.verdicts
    assert told.unknown == (Said("a, b: silent", "resolver"), Said("dkim: no domain"))
    # Where the cause is confirmed nothing is left open.
    (told,) = with_verdicts(verdict(cause("a", Confidence.CONFIRMED), unknown=unknown, relevant=(3,))).answer.verdicts
    assert told.unknown == ()


def test_checks_that_could_bear_on_it_have_a_line_until_the_cause_is_confirmed() -> None:
    shown = view(reports.refused())
    assert shown.lines == ()
    assert shown.answer.clean == "clean: iprev, starttls; did not finish: dmarc"
    stated = msgspec.structs.replace(reports.CAUSE, confidence=Confidence.STATED)
    shown = with_verdicts(verdict(stated, relevant=(0, 1, 2, 3)))
    assert [each.check for each in shown.lines] == ["iprev"]
    assert shown.answer.clean == "clean: starttls; did not finish: dmarc"


def test_a_check_that_could_not_tell_is_not_called_clean() -> None:
    silent = DnsblEvidence((reports.zone("dead.example", DnsblStatus.NO_ANSWER),), ())
    guessed = DkimEvidence(
        domain="example.org", signatures=(), keys=(), tried=("s1",), has_domainkey_node=None, lookups=()
    )
    runs = (Completed(check="dnsbl", evidence=silent), Completed(check="dkim", evidence=guessed), reports.RUNS[1])
    report = msgspec.structs.replace(reports.accepted(), checks=runs)
    assert view(report).answer.clean == "clean: iprev; undecided: dnsbl, dkim"


@pytest.mark.parametrize(("result", "word"), [("fail", "clean"), ("unknown", "undecided"), ("temperror", "undecided")])
def test_dmarc_of_a_message_that_hangs_on_something_is_undecided(result: str, word: str) -> None:
    run = Completed(check="dmarc", evidence=dmarc(AuthResult(result)))
    assert view(msgspec.structs.replace(reports.accepted(), checks=(run,))).answer.clean == f"{word}: dmarc"


def test_findings_that_could_matter_next() -> None:
    other = msgspec.structs.replace(reports.CAUSE, checks=(1,))
    assert with_verdicts(verdict(other, relevant=(0, 1))).answer.also == (
        f"{reports.CLIENT} is listed by zen.example: spam source",
    )
    assert with_verdicts(verdict(other, relevant=(1,))).answer.also == ()
    # What a verdict explains is no news.
    own = msgspec.structs.replace(reports.RUNS[0].findings[0], exchange=6)
    runs = (msgspec.structs.replace(reports.RUNS[0], findings=(own,)), *reports.RUNS[1:])
    report = msgspec.structs.replace(reports.refused(), checks=runs, verdicts=(verdict(other, relevant=(0, 1)),))
    assert view(report).answer.also == ()
    # What the session itself got wrong meets the next one too, whatever this one was refused for.
    wrong = msgspec.structs.replace(reports.RUNS[0].findings[0], message="plaintext followed", severity=Severity.ERROR)
    runs = (Completed(check="starttls", evidence=SessionEvidence((), {}), findings=(wrong,), transcript=0),)
    report = msgspec.structs.replace(reports.refused(), checks=runs, verdicts=(verdict(reports.CAUSE, relevant=()),))
    assert [each.endswith("plaintext followed") for each in view(report).answer.also] == [True]


def test_where_a_connection_was_tried_in_vain_stands_in_the_answer() -> None:
    report = reports.not_connected()
    numbers = range(1, 7)
    tried = tuple(
        msgspec.structs.replace(
            report.transcripts[0], address=f"192.0.2.{each}", host=f"mx{each}.example.com", preference=10 * each
        )
        for each in numbers
    )
    (note,) = view(msgspec.structs.replace(report, transcripts=tried[:2])).answer.headline.notes
    assert note == (
        "tried: mx1.example.com [192.0.2.1]:25, MX 10 of mx.example.com; "
        "mx2.example.com [192.0.2.2]:25, MX 20 of mx.example.com"
    )
    (note,) = view(msgspec.structs.replace(report, transcripts=tried)).answer.headline.notes
    assert note.endswith("MX 40 of mx.example.com and 2 more")
    # A single one is the headline.
    assert view(report).answer.headline.notes == ()


def test_of_many_recipients_those_with_the_same_reply_share_a_row() -> None:
    report = reports.refused()
    held = report.transcripts[0]
    more = tuple(Recipient(f"r{each}@example.com", RecipientStatus.REFUSED, 6) for each in range(6))
    good = tuple(Recipient(f"a{each}@example.com", RecipientStatus.ACCEPTED, 5) for each in range(2))
    transcript = msgspec.structs.replace(held, recipients=(*good, *held.recipients, *more))
    many = msgspec.structs.replace(report, transcripts=(transcript,))
    rows = view(many).answer.recipients
    assert [row.forward_path for row in rows] == [
        "bob@example.com, r0@example.com, r1@example.com, r2@example.com and 3 more",
        "a0@example.com, a1@example.com",
    ]
    assert [row.reply for row in rows] == [f"554 5.7.1 {reports.LISTING}", "250 2.1.0"]
    assert rows[0].sureness == "checked here: true"
    assert len(view(many, verbosity=1).answer.recipients) == 9


def refused_recipients(*told: tuple[str, str, Confidence]) -> Report:
    """A report of a session in which each recipient is refused with these words, for this cause."""
    report = reports.refused()
    held, last = report.transcripts[0], report.transcripts[0].exchanges[-1]
    assert last.reply is not None
    at = len(held.exchanges)
    exchanges = tuple(
        msgspec.structs.replace(last, index=at + number, reply=msgspec.structs.replace(last.reply, lines=(words,)))
        for number, (words, _, _) in enumerate(told)
    )
    people = tuple(Recipient(f"r{each}@example.com", RecipientStatus.REFUSED, at + each) for each in range(len(told)))
    verdicts = tuple(
        msgspec.structs.replace(verdict(cause(name, sure)), exchange=at + number)
        for number, (_, name, sure) in enumerate(told)
    )
    transcript = msgspec.structs.replace(held, exchanges=(*held.exchanges, *exchanges), recipients=people)
    return msgspec.structs.replace(report, transcripts=(transcript,), verdicts=verdicts)


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["No such user"] * 7, [7]),
        (["No such user"] * 3 + ["Gone"] * 4, [3, 4]),
        ([f"<R{each}@example.com>: no such user" for each in range(7)], [7]),
        ([f"<other{each}@example.com>: no such user" for each in range(7)], [1] * 7),
    ],
)
def test_only_the_same_reply_shares_a_row(words: list[str], rows: list[int]) -> None:
    shown = view(refused_recipients(*((each, "recipient-unknown", Confidence.STATED) for each in words))).answer
    named = [row.forward_path for row in shown.recipients]
    assert [
        4 + int(each.split(" and ")[1].split()[0]) if " and " in each else each.count("@") for each in named
    ] == rows
    assert [" ".join(words[:1]) in (row.reply or "") for row in shown.recipients] == [True] + [False] * (len(rows) - 1)


@pytest.mark.parametrize("count", [4, 8, 12])
def test_what_is_explained_below_the_table_is_the_first_that_it_tells_whole(count: int) -> None:
    sure = [Confidence.STATED] * (count - 1) + [Confidence.CONFIRMED]
    names = ["policy-rejected", "mailbox-full", *["relay-denied"] * (count - 3), "ip-blocklisted"]
    told = [(f"words {each}", name, how) for each, (name, how) in enumerate(zip(names, sure, strict=True))]
    shown = view(refused_recipients(*told)).answer
    whole = {row.forward_path for row in shown.recipients if "words" in (row.reply or "")}
    first = [f"r{each}@example.com" for each in (count - 1, 0, 1)]
    assert [each.recipient for each in shown.verdicts] == first[:2]
    assert whole == set(first)


@pytest.mark.parametrize(("check", "named"), [("reply-syntax", True), ("starttls", False)])
def test_a_reply_that_breaks_the_rules_is_named_even_where_it_is_the_refusal(check: str, named: bool) -> None:
    found = msgspec.structs.replace(reports.RUNS[0].findings[0], severity=Severity.WARNING, exchange=6)
    stated = verdict(cause("policy-rejected", Confidence.STATED))
    run = Completed(check=check, evidence=SessionEvidence((6,), {}), findings=(found,), transcript=0)
    shown = view(msgspec.structs.replace(reports.refused(), checks=(run,), verdicts=(stated,)))
    assert (shown.answer.clean == f"with findings: {check}") is named


def test_several_recipients_are_a_table_and_one_is_not() -> None:
    assert view(reports.refused()).answer.recipients == ()
    report = reports.refused()
    both = (*report.transcripts[0].recipients, Recipient("eve@example.com", RecipientStatus.ACCEPTED, 5))
    transcript = msgspec.structs.replace(report.transcripts[0], recipients=both)
    shown = view(msgspec.structs.replace(report, transcripts=(transcript,))).answer
    assert shown.recipients == (
        RecipientRow(
            forward_path="bob@example.com",
            status=RecipientStatus.REFUSED,
            reply=f"554 5.7.1 {reports.LISTING}",
            cause="ip-blocklisted",
            sureness="checked here: true",
        ),
        RecipientRow(forward_path="eve@example.com", status=RecipientStatus.ACCEPTED, reply="250 2.1.0"),
    )
    assert shown.headline.text.startswith("REFUSED 1 of 2 recipients at RCPT TO by mx.example.com")
    assert shown.headline.reply == ()
    # Below the table, why and the first thing to do.
    (told,) = shown.verdicts
    assert (told.why.split(": ")[0], len(told.remedies), told.tag, told.retry) == ("bob@example.com", 1, None, None)
    full = view(msgspec.structs.replace(report, transcripts=(transcript,)), verbosity=1).answer
    assert full.recipients[0].reply == f"554 5.7.1 {reports.LISTING}"
    assert full.verdicts[0].tag == "ip-blocklisted"


def test_who_asked_and_how() -> None:
    assert view(reports.refused()).answer.who == (
        "TLS 1.3, certificate not verified",
        "HELO client.example.org (given)",
        "client IP 198.51.100.7 (from the reply)",
    )
    login = msgspec.structs.replace(reports.ACCEPTED_RCPT, phase=Phase.AUTH, sent="AUTH PLAIN ‹credentials›")
    report = reports.report(Outcome(status=Status.ACCEPTED), reports.exchanges(login), assumed=True)
    transcript = msgspec.structs.replace(report.transcripts[0], extensions=("SIZE 1", "AUTH PLAIN LOGIN"))
    request = msgspec.structs.replace(report.request, user="alice")
    shown = view(msgspec.structs.replace(report, transcripts=(transcript,), request=request)).answer
    assert shown.who[0] == "user alice by AUTH PLAIN (chosen; also offered: LOGIN)"
    given = msgspec.structs.replace(request, mech="PLAIN")
    shown = view(msgspec.structs.replace(report, transcripts=(transcript,), request=given)).answer
    assert shown.who[0] == "user alice by AUTH PLAIN (given; also offered: LOGIN)"
    assert shown.who[2] == "HELO client.example.org (assumed)"
    assert view(reports.not_connected()).answer.who == ()


def test_which_mail_host_it_was_and_its_preference() -> None:
    report = reports.accepted()
    target = msgspec.structs.replace(report.target, given="example.com", host="example.com")
    transcript = msgspec.structs.replace(report.transcripts[0], host="mx2.example.com", preference=20)
    shown = view(msgspec.structs.replace(report, target=target, transcripts=(transcript,))).answer.headline.text
    assert shown.startswith("ACCEPTED by mx2.example.com [203.0.113.9]:25, MX 20 of example.com (postfix)")


def test_a_domain_of_which_no_address_answers_is_named_as_one() -> None:
    report = reports.not_connected()
    (first,) = report.transcripts
    second = msgspec.structs.replace(first, address="203.0.113.10")
    both = msgspec.structs.replace(report, transcripts=(first, second))
    assert view(both).answer.headline.text.endswith("mx.example.com, at none of its 2 addresses")
    assert "at none of" not in view(report).answer.headline.text


def test_the_deciding_session_is_found_whatever_the_exit_code_says() -> None:
    report = reports.refused()
    failed = msgspec.structs.replace(report.transcripts[0], outcome=reports.lost().outcome)
    outcome = msgspec.structs.replace(report.outcome, exit_code=1, exit_reason="ip-blocklisted")
    two = msgspec.structs.replace(report, outcome=outcome, transcripts=(report.transcripts[0], failed))
    assert decisive(two) is two.transcripts[0]


@pytest.mark.parametrize("made", MADE)
def test_a_section_has_no_layout(made: object) -> None:
    report: Report = made()  # type: ignore[operator]
    texts: list[str] = []

    def gather(value: object) -> None:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            for name, each in value.items():
                gather(each) if name not in ("exchange", "finding") else None
        elif isinstance(value, list):
            for each in value:
                gather(each)

    gather(msgspec.to_builtins(view(report, verbosity=1)))
    assert texts
    assert [text for text in texts if text != text.strip() or "\n" in text or "\x1b" in text] == []
