"""What the standards say that each reply of a transcript means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.catalogue.providers import identify_server
from smtpprobe.catalogue.reference.challenge import challenge_line
from smtpprobe.catalogue.reference.entries import Entry, look_up
from smtpprobe.catalogue.reference.extensions import extension_lines
from smtpprobe.model.reply import Annotation, AnnotationLine, MatchStep
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Exchange, Phase, Server


def annotated(exchanges: Sequence[Exchange], host: str) -> tuple[tuple[Exchange, ...], Server]:
    """The exchanges with their annotations, and what the server that `host` named looks like by them."""
    server = _server(exchanges, host)
    return annotate_all(exchanges, server.provider), server


def last_annotated(exchanges: Sequence[Exchange], host: str) -> Exchange:
    """The last of the exchanges with its annotation, as far as what came before tells."""
    *_, last = annotate_all(_since_login(exchanges), _server(exchanges, host).provider)
    return last


def _since_login(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    """The last of the exchanges, with those of the login before it that it may belong to."""
    at = len(exchanges) - 1
    while at > 0 and exchanges[at].phase is exchanges[at - 1].phase is Phase.AUTH:
        at -= 1
    return exchanges[at:]


def _server(exchanges: Sequence[Exchange], host: str) -> Server:
    greeting = [x.reply.lines for x in exchanges if x.phase is Phase.GREETING and x.reply]
    ehlo = [x.reply.lines for x in exchanges if x.phase is Phase.EHLO and x.reply]
    others = [line for x in exchanges if x.reply for line in x.reply.lines]
    software, provider = identify_server(
        list(greeting[0]) if greeting else [], list(ehlo[-1]) if ehlo else [], others, host
    )
    return Server(software, provider)


def annotate(exchange: Exchange, *, provider: str | None = None, mechanism: str | None = None) -> Annotation:
    """The annotation of an exchange's reply, whatever the server said.

    `mechanism` is the SASL mechanism of an AUTH that an earlier exchange began.
    Raises ValueError for an exchange without a reply: a breakage has no meaning in the standards.
    """
    reply = exchange.reply
    if reply is None:
        raise ValueError(say("exchange {index} has no reply to annotate", index=exchange.index))
    where = "helo" if _is_helo(exchange) and reply.digit == 2 else exchange.phase
    entry = look_up(reply.code, reply.enhanced, where, provider)
    return _annotation(entry, _lines(exchange, mechanism or mechanism_of(exchange)))


def annotate_all(exchanges: Iterable[Exchange], provider: str | None = None) -> tuple[Exchange, ...]:
    """The exchanges in order, each that has a reply with its annotation."""
    annotated, mechanism = [], None
    for exchange in exchanges:
        if exchange.phase is Phase.AUTH:
            mechanism = mechanism_of(exchange) or mechanism
        if exchange.reply is not None:
            annotation = annotate(exchange, provider=provider, mechanism=mechanism)
            exchange = msgspec.structs.replace(exchange, annotation=annotation)
        annotated.append(exchange)
    return tuple(annotated)


def mechanism_of(exchange: Exchange) -> str | None:
    """The SASL mechanism that the exchange's own command names, in upper case; None where it is no AUTH."""
    words = (exchange.sent or "").split(maxsplit=2)
    return words[1].upper() if len(words) > 1 and words[0].upper() == "AUTH" else None


def _annotation(entry: Entry, lines: tuple[AnnotationLine, ...]) -> Annotation:
    return Annotation(
        title=entry.title,
        meaning=entry.meaning,
        fix=entry.fix,
        matched=MatchStep(entry.matched),
        references=entry.references,
        lines=lines,
    )


def _lines(exchange: Exchange, mechanism: str | None) -> tuple[AnnotationLine, ...]:
    reply = exchange.reply
    assert reply is not None
    if exchange.phase is Phase.EHLO and reply.digit == 2:
        return extension_lines(reply.lines[:1] if _is_helo(exchange) else reply.lines, over_tls=exchange.over_tls)
    if exchange.phase is Phase.AUTH and reply.code == 334:
        return (
            AnnotationLine(
                index=0, keyword=None, meaning=challenge_line(reply.lines[0] if reply.lines else "", mechanism)
            ),
        )
    return ()


def _is_helo(exchange: Exchange) -> bool:
    return exchange.phase is Phase.EHLO and (exchange.sent or "").lstrip()[:4].upper() == "HELO"
