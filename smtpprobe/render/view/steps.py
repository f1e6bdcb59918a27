"""A session told in steps: one line an exchange, as it happens or afterwards."""

from __future__ import annotations

import msgspec

from smtpprobe.catalogue.causes import title_of
from smtpprobe.catalogue.reference.entries import look_up
from smtpprobe.model.reply import Reply
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.texts.statuses import breakage_words
from smtpprobe.model.transcript import ASKED, Exchange, Phase, TlsSession, Transcript
from smtpprobe.render.view.certificates import certificate_briefly
from smtpprobe.render.view.sections import Step, StepState

MAX_OCTETS = 300  # of what is no reply
_SLOW_S = 1.0  # from here on it is said how long a step took
_MAX_OFFERED = 120  # characters of what EHLO offers
# A refusal at these stages ends the session, or is what was asked about.
_DECISIVE = (Phase.GREETING, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
# RFC 5321 §4.3.2: the first digits with which it goes on, where 2 is not the only one. 354 answers DATA, 334 a login.
_GOES_ON = {Phase.DATA: (3,), Phase.AUTH: (2, 3)}


class Story:
    """One connection, told exchange by exchange; it remembers what EHLO offered last, and what was decided before."""

    def __init__(self) -> None:
        self._offered: tuple[str, ...] | None = None
        self._is_over = False  # the server has hung up, or said that it does
        self._has_begun = True  # the mail transaction, as far as one was tried
        self._accepted = False  # some recipient
        self._nobody = False  # a recipient was tried, and none was accepted

    def step(self, exchange: Exchange) -> Step:
        """The exchange's step; it must be annotated."""
        step = self._on_its_way(exchange) or self._step(exchange)
        reply = exchange.reply
        if exchange.phase is Phase.MAIL:
            self._has_begun = reply is not None and reply.digit == 2
            self._nobody, self._accepted = not self._has_begun, False
        elif exchange.phase is Phase.RCPT:
            self._accepted = self._accepted or (reply is not None and reply.digit == 2)
            self._nobody = not self._accepted
        self._is_over = self._is_over or exchange.breakage is not None or (reply is not None and reply.code == 421)
        came = unasked(exchange)
        return msgspec.structs.replace(step, unsolicited=came) if came else step

    def _on_its_way(self, exchange: Exchange) -> Step | None:
        """The step of a command that had been sent before it was decided how the session ends (RFC 2920 §3.1)."""
        if self._is_over and exchange.breakage is not None:
            text = say("was on its way, and is not answered")
            return Step(state=StepState.UNKNOWN, command=_command(exchange), at_s=exchange.last_octet_s, text=text)
        if exchange.reply is None:
            return None
        if self._nobody and exchange.phase in (Phase.DATA, Phase.MESSAGE):
            return Step(
                state=StepState.UNKNOWN,
                command=_command(exchange),
                at_s=exchange.last_octet_s,
                code=str(exchange.reply.code),
                text=say("no recipient was accepted: this says nothing of the message"),
            )
        if self._has_begun or exchange.phase is not Phase.RCPT:
            return None
        return Step(
            state=StepState.UNKNOWN,
            command=_command(exchange),
            at_s=exchange.last_octet_s,
            code=str(exchange.reply.code),
            text=say("was on its way when MAIL was refused: this says nothing of the recipient"),
        )

    def _step(self, exchange: Exchange) -> Step:
        if exchange.breakage is not None:
            return self._broken(exchange)
        if exchange.tls is not None:
            return _handshake(exchange, exchange.tls)
        reply = exchange.reply
        if reply is None and exchange.sent is not None:
            # What nothing answers, and what we hung up behind: without a breakage no reply was waited for.
            is_header = exchange.phase is Phase.PROXY
            text = say("sent; nothing answers it") if is_header else say("sent; the reply is not waited for")
            return Step(state=StepState.DONE, command=_command(exchange), at_s=exchange.sent_s, text=text)
        if reply is None:
            return Step(state=StepState.UNKNOWN, command=_command(exchange), at_s=exchange.last_octet_s)
        text = _title(exchange, reply)
        if exchange.cancels_login:
            text = say("the login is cancelled: this judges no password")
        more: tuple[str, ...] = ()
        if exchange.phase is Phase.EHLO and reply.digit == 2:
            text, more = self._hello(text, reply.lines[1:])
        elif exchange.phase is Phase.AUTH and reply.digit == 3 and exchange.annotation is not None:
            more = tuple(each.meaning for each in exchange.annotation.lines)
        if _came_first(exchange):
            words, answer = (
                mark("the server said so by itself, before the command: {reply}"),
                f"{reply.code} {reply.text}",
            )
            more = (*more, say(words, reply=answer.strip()))
        return Step(
            state=_state(exchange),
            command=_command(exchange),
            at_s=exchange.last_octet_s,
            code=str(reply.code),
            text=text + _slow(exchange),
            more=more,
        )

    def _broken(self, exchange: Exchange) -> Step:
        words, octets = broken(exchange)
        received = say("received: {octets}", octets=octets) if octets else None
        return Step(
            state=StepState.FAILED,
            command=_command(exchange),
            at_s=exchange.last_octet_s,
            text=words,
            more=(received,) if received else (),
        )

    def _hello(self, title: str, lines: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """What EHLO is answered with: the extensions; the second time only those that are new, and those that are gone."""
        before, self._offered = self._offered, lines
        if before is None:
            return title, (_listed(lines),) if lines else ()
        was, keywords = frozenset(before), frozenset(map(_keyword, lines))
        new = [each for each in lines if each not in was]
        gone = [each for each in before if _keyword(each) not in keywords]
        if new and gone == ["STARTTLS"]:
            gone = []  # as it should be (RFC 3207 §4.2)
        parts = [say("new: {extensions}", extensions=_listed(new))] if new else []
        parts += [say("gone: {extensions}", extensions=_listed(gone))] if gone else []
        return "; ".join(parts) or say("the same extensions as before"), ()


def _title(exchange: Exchange, reply: Reply) -> str:
    """What the reply means in a few words: of a refusal whose words state another cause than its codes, this cause."""
    # What is wrong about a question of the user's is no cause: it was not what the session was about.
    if reply.digit in (4, 5) and exchange.phase not in ASKED:
        from smtpprobe.catalogue.explainer.explain import explain

        said = explain("\n".join(f"{code} {line}" for code, line in reply.coded_lines), phase=exchange.phase)
        about = look_up(said.code, said.enhanced, said.phase, said.provider).about
        if said.stated_by_reply and said.cause not in about:
            return title_of(said.cause)
    return exchange.annotation.title if exchange.annotation is not None else reply.text


def connected(address: str, port: int | None, local_address: str | None, via: str | None = None) -> Step:
    """A connection that came about."""
    local = say("from {address}", address=local_address) if local_address else ""
    local = say("through {proxy}", proxy=via) if via else local
    return Step(state=StepState.DONE, command=connection(address, port), at_s=0.0, text=local)


def not_connected(transcript: Transcript) -> Step:
    """A connection that did not come about: to which host, and how it failed."""
    peer = peer_of(transcript.address, transcript.port)
    named = transcript.host is not None and transcript.host != transcript.address
    whom = f"{transcript.host} {peer}" if named else peer
    command = say("connect {peer}", peer=whom)
    why = breakage_words(transcript.breakage) if transcript.breakage is not None else no_connection(transcript)
    return Step(state=StepState.FAILED, command=command, at_s=transcript.failed_s, text=why)


def no_connection(transcript: Transcript) -> str:
    """Why no connection came about, as the outcome has it."""
    return transcript.outcome.reason or "" if transcript.outcome is not None else ""


def connection(address: str, port: int | None) -> str:
    """What is connected to, as a command."""
    return say("connect {peer}", peer=peer_of(address, port))


def peer_of(address: str, port: int | None) -> str:
    """`192.0.2.1:25`, `[2001:db8::1]:25`, or a unix socket's path."""
    shown = f"[{address}]" if ":" in address else address
    return shown if port is None else f"{shown}:{port}"


def command_of(phase: Phase, sent: str | None) -> str:
    """What was said, or what comes by itself."""
    if sent is not None:
        return sent or say("an empty line")
    return say("greeting") if phase is Phase.GREETING else phase.value.upper()


def broken(exchange: Exchange) -> tuple[str, str | None]:
    """How the exchange broke off, and the octets that made no whole reply."""
    assert exchange.breakage is not None
    if exchange.tls is not None or exchange.phase is Phase.TLS:
        return say("TLS handshake failed: {detail}", detail=exchange.detail or ""), None
    words = breakage_words(exchange.breakage) + (f": {exchange.detail}" if exchange.detail else "")
    octets = exchange.partial[:MAX_OCTETS]
    return words, repr(octets.decode("utf-8", "backslashreplace"))[1:-1] if octets else None


def unasked(exchange: Exchange) -> str | None:
    """What came before the exchange and answered nothing, in words; None if nothing did."""
    before_tls = exchange.phase is Phase.TLS
    return (injected if before_tls else unsolicited)(exchange.unsolicited_before)


def unsolicited(octets: bytes) -> str | None:
    """Octets that answered nothing, in words; None if there are none."""
    return _quoting(mark("unsolicited: {octets}"), octets)


def injected(octets: bytes) -> str | None:
    """Octets that came in clear between the reply to STARTTLS and the handshake, in words; None if there are none."""
    return _quoting(mark("without TLS, before the handshake: {octets}"), octets)


def _quoting(text: str, octets: bytes) -> str | None:
    if not octets:
        return None
    return say(text, octets=repr(octets[:MAX_OCTETS].decode("utf-8", "backslashreplace")))


def _command(exchange: Exchange) -> str:
    return command_of(exchange.phase, exchange.sent)


def _came_first(exchange: Exchange) -> bool:
    """Whether the reply was there before the command was sent: a 421 answers whatever comes next (RFC 5321 §3.8)."""
    return exchange.sent_s is not None and (exchange.first_octet_s or exchange.sent_s) < exchange.sent_s


def _state(exchange: Exchange) -> StepState:
    if exchange.phase is Phase.EHLO and exchange.reply is not None and exchange.reply.digit == 2:
        # RFC 5321 §4.3.2: 250 is the only success.
        return StepState.DONE if exchange.reply.code == 250 else StepState.FAILED
    if exchange.phase is Phase.DATA and (exchange.sent or "").startswith("BDAT ") and exchange.reply is not None:
        return StepState.DONE if exchange.reply.digit == 2 else StepState.FAILED
    if exchange.reply is None or exchange.reply.digit in _GOES_ON.get(exchange.phase, (2,)):
        return StepState.DONE
    return StepState.FAILED if exchange.phase in _DECISIVE and not exchange.cancels_login else StepState.TROUBLED


def _handshake(exchange: Exchange, tls: TlsSession) -> Step:
    version = (tls.version or "TLS").replace("TLSv", "TLS ")
    return Step(
        state=StepState.DONE if tls.verified else StepState.FAILED if tls.enforced else StepState.TROUBLED,
        command=version,
        at_s=exchange.last_octet_s,
        text=_trust(tls) + _slow(exchange),
        more=tuple(filter(None, (certificate_briefly(tls), _asked(tls)))),
    )


def _asked(tls: TlsSession) -> str | None:
    """Whether the server wanted to see a certificate of the client, and whether it saw one."""
    if not tls.client_certificate_asked:
        unasked_for = tls.client_certificate_asked is False and tls.client_certificate_shown is False
        return say("the server did not ask for the client certificate") if unasked_for else None
    if tls.client_certificate_shown is None:
        return say("the server asked for a client certificate")
    shown = mark("the server asked for a client certificate, and ours was sent")
    return say(
        shown if tls.client_certificate_shown else mark("the server asked for a client certificate; none was sent")
    )


def _trust(tls: TlsSession) -> str:
    """Whether the certificate verifies, and how long it still holds."""
    if not tls.verified:
        return say("certificate not verified: {problems}", problems="; ".join(tls.problems))
    days = tls.chain[0].days_left if tls.chain else None
    if days is None:
        return say("certificate verified")
    if days == 0:
        return say("certificate verified, expires today")
    return say_counted("certificate verified, {count} day left", "certificate verified, {count} days left", days)


def _slow(exchange: Exchange) -> str:
    """How long the step took, where that is worth a word."""
    if exchange.last_octet_s is None:
        return ""
    took_s = exchange.last_octet_s - (exchange.sent_s or 0.0)
    return say(" ({took_s} s)", took_s=format(took_s, ".1f")) if took_s >= _SLOW_S else ""


def _keyword(line: str) -> str:
    return line.partition(" ")[0].upper()


def _listed(lines: tuple[str, ...] | list[str]) -> str:
    """The extensions in a row, and the count of those for which there is no room."""
    shown: list[str] = []
    room = _MAX_OFFERED
    for line in lines:
        room -= len(line) + 2
        if shown and room < 0:
            break
        if line.strip():
            shown.append(line.strip()[:_MAX_OFFERED])
    left = sum(1 for line in lines if line.strip()) - len(shown)
    return ", ".join(shown) + (say(" and {count} more", count=left) if left else "")
