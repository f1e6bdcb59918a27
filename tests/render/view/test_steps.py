"""What a step says beside the reply: of certificates, of what came by itself, and of connections tried in vain."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.reference.annotate import annotate_all
from smtpprobe.model.reply import Reply
from smtpprobe.model.texts.statuses import breakage_words
from smtpprobe.model.transcript import Breakage, Exchange, Phase, TlsSession, Transcript
from smtpprobe.render.view.sections import StepState
from smtpprobe.render.view.steps import Story, not_connected
from smtpprobe.wire.reply_reader import parse_reply
from tests.render.reports import NOW


@pytest.mark.parametrize(
    ("asked", "sent", "words"),
    [
        (None, None, ()),
        (False, None, ()),
        (False, False, ("the server did not ask for the client certificate",)),
        (True, None, ("the server asked for a client certificate",)),
        (True, False, ("the server asked for a client certificate; none was sent",)),
        (True, True, ("the server asked for a client certificate, and ours was sent",)),
    ],
)
def test_what_became_of_a_client_certificate(asked: bool | None, sent: bool | None, words: tuple[str, ...]) -> None:
    tls = TlsSession(
        version="TLSv1.3",
        cipher=None,
        bits=None,
        name="mx.example.com",
        sni=None,
        chain=(),
        verified=True,
        client_certificate_asked=asked,
        client_certificate_shown=sent,
    )
    assert Story().step(Exchange(index=0, phase=Phase.TLS, sent=None, tls=tls)).more == words


@pytest.mark.parametrize(
    ("came_s", "words"), [(2.0, ()), (0.5, ("the server said so by itself, before the command: 421 Bye",))]
)
def test_what_a_server_said_by_itself_is_no_answer_to_what_came_after(came_s: float, words: tuple[str, ...]) -> None:
    reply = parse_reply(b"421 Bye\r\n")
    reset = Exchange(
        index=0, phase=Phase.RSET, sent="RSET", reply=reply, sent_s=1.0, first_octet_s=came_s, last_octet_s=came_s
    )
    assert Story().step(reset).more == words


def test_every_way_to_break_off_has_words() -> None:
    for breakage in Breakage:
        assert "-" not in breakage_words(breakage)


@pytest.mark.parametrize(
    ("host", "command"),
    [
        ("mx1.example.com", "connect mx1.example.com 192.0.2.1:25"),
        ("192.0.2.1", "connect 192.0.2.1:25"),
        (None, "connect 192.0.2.1:25"),
    ],
)
def test_an_address_that_was_tried_in_vain_is_that_of_a_host(host: str | None, command: str) -> None:
    transcript = Transcript(
        address="192.0.2.1",
        port=25,
        started_at=NOW,
        complete=True,
        exchanges=(),
        host=host,
        breakage=Breakage.REFUSED,
        failed_s=0.5,
    )
    step = not_connected(transcript)
    assert (step.at_s, step.command, step.text) == (0.5, command, "connection refused")


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("552 5.2.0 Our scanner takes this for spam", "The message was judged to be spam"),
        ("552 5.3.4 Message too big", "The message is larger than the server accepts"),
        ("552 no", "The message is too large, or the mailbox is full"),
    ],
)
def test_a_refusal_is_told_by_the_cause_that_its_words_state(reply: str, text: str) -> None:
    exchange = Exchange(index=0, phase=Phase.MESSAGE, sent=".", reply=parse_reply(reply.encode() + b"\r\n"))
    assert Story().step(annotate_all((exchange,))[0]).text == text


def test_what_was_on_its_way_when_the_server_hung_up_is_no_failure_of_its_own() -> None:
    story = Story()
    refused = Reply(code=421, enhanced=None, lines=("4.7.0 closing",), raw=b"")
    (said,) = annotate_all((Exchange(index=0, phase=Phase.RCPT, sent="RCPT TO:<a@example.org>", reply=refused),))
    lost = [Exchange(index=n, phase=phase, sent=phase.upper(), breakage=Breakage.CLOSED_BY_PEER)
            for n, phase in ((1, Phase.RSET), (2, Phase.QUIT))]  # fmt: skip
    states = [story.step(each).state for each in (said, *lost)]
    assert states == [StepState.FAILED, StepState.UNKNOWN, StepState.UNKNOWN]
    assert Story().step(lost[0]).state is StepState.FAILED


def test_a_rcpt_behind_a_refused_mail_is_not_judged() -> None:
    story = Story()
    no, out_of_order = (Reply(code=code, enhanced=None, lines=("no",), raw=b"") for code in (550, 503))
    mail, rcpt = annotate_all(
        (
            Exchange(index=0, phase=Phase.MAIL, sent="MAIL FROM:<>", reply=no),
            Exchange(index=1, phase=Phase.RCPT, sent="RCPT TO:<a@example.org>", reply=out_of_order),
        )
    )
    assert [story.step(each).state for each in (mail, rcpt)] == [StepState.FAILED, StepState.UNKNOWN]
    assert Story().step(rcpt).state is StepState.FAILED
