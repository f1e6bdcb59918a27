"""Lines of one's own server about a client that got no reply are for the admin of that server, not for a client."""

from __future__ import annotations

import json

import pytest

from smtpprobe.intake.mail_logs import Family
from smtpprobe.model.transcript import Phase, Side
from smtpprobe.pipeline.explaining import Explaining, explain_text, found_in
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.render.text.explained import render

P = "Mar  5 09:11:12 mx1 postfix/"
PEER = "unknown[198.51.100.9]"
TLS = (
    f"{P}smtpd[7]: SSL_accept error from {PEER}: -1\n{P}smtpd[7]: warning: TLS library problem: error:0A000102:SSL "
    f"routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:\n{P}smtpd[7]: lost connection after STARTTLS from {PEER}\n"
)
LINES = [
    (TLS, "tls-failed", Family.POSTFIX, Phase.TLS, PEER),
    (f"{P}submissions/smtpd[7]: warning: TLS library problem: error:0A000412:SSL routines::ssl/tls alert bad certificate:../ssl/"
     "record/rec_layer_s3.c:1586:SSL alert number 42:\n", "tls-failed", Family.POSTFIX, Phase.TLS, None),
    (f"{P}smtpd[7]: improper command pipelining after CONNECT from {PEER}: \\026\\003\\001\n", "protocol-error",
     Family.POSTFIX, None, PEER),
    (f"{P}smtpd[7]: warning: non-SMTP command from {PEER}: GET / HTTP/1.1\n", "protocol-error", Family.POSTFIX, None, PEER),
    ("2026-03-05 09:11:12 TLS error on connection from (test) [198.51.100.9] (SSL_accept): error:0A00010B:SSL routines::wrong "
     "version number\n", "tls-failed", Family.EXIM, Phase.TLS, "(test) [198.51.100.9]"),
    ("2026-03-05 09:11:12 TLS error on connection from pc.example.net [198.51.100.9]:4711 (gnutls_handshake): A TLS fatal alert "
     "has been received.\n", "tls-failed", Family.EXIM, Phase.TLS, "pc.example.net [198.51.100.9]:4711"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause", "program", "phase", "peer"), LINES)
def test_the_admin_is_told(text: str, cause: str, program: Family, phase: Phase | None, peer: str | None) -> None:
    explained = explain_text(text)
    (refusal,) = explained.refusals
    found = refusal.found
    assert refusal_item(refusal)["cause"] == cause
    assert (found.side, found.program, found.phase, found.peer) == (Side.RECEIVING, program, phase, peer)
    assert found.when is not None
    assert not found.reply.startswith(("Mar", "2026"))
    assert explained.taken_for == f"{program} log"
    also = found_in(text)
    assert also is not None
    assert (also.reply, also.side, also.peer) == (found.reply, found.side, found.peer)
    page = render(explained)
    for words in ("their postmaster", "HOST:PORT", "Retry     Only", "until the sending program"):
        assert words not in page
    assert "[nobody]" in page or "Nothing, if" in page


@pytest.mark.parametrize(("text", "cause"), [(text, cause) for text, cause, *_ in LINES])
def test_in_what_carries_the_line(text: str, cause: str) -> None:
    carried = "".join(json.dumps({"log": f"{line}\n", "stream": "stdout"}) + "\n" for line in text.splitlines())
    (refusal,) = explain_text(carried).refusals
    assert (refusal_item(refusal)["cause"], refusal.found.side) == (cause, Side.RECEIVING)


@pytest.mark.parametrize(
    "text",
    [
        f"{P}smtpd[7]: lost connection after STARTTLS from {PEER}\n",
        f"{P}smtpd[7]: disconnect from {PEER} ehlo=1 starttls=0/1 commands=1/2\n",
        f"{P}tlsproxy[7]: CONNECT to {PEER}:25\n",
    ],
)
def test_what_is_no_error(text: str) -> None:
    assert not explain_text(text).refusals


def test_a_client_of_ones_own_is_not_taken_for_it() -> None:
    text = f"{P}smtp[7]: warning: TLS library problem: error:0A000086:SSL routines::certificate verify failed:ssl.c:1889:\n"
    (refusal,) = explain_text(text).refusals
    assert refusal.found.side is not Side.RECEIVING


def test_a_refusal_in_the_log_goes_before_it() -> None:
    rejected = (
        f"{P}smtpd[7]: NOQUEUE: reject: RCPT from {PEER}: 554 5.7.1 <a@example.net>: Relay access denied; from=<b@x>\n"
    )
    assert [refusal_item(each)["cause"] for each in explain_text(TLS + rejected).refusals] == ["relay-denied"]


def test_lines_before_the_time_that_is_asked_for_do_not_count() -> None:
    explaining = Explaining(since=4_000_000_000.0)
    explaining.add([TLS.encode()], "mail.log")
    assert explaining.finish().refusals == ()
