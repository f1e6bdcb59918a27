"""What is asked between the login and the transaction because the user wants it: XFORWARD, and questions to the server."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase
from smtpprobe.wire import command
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import Part, ask, negative, not_offered, ungranted


def ask_all(plan: Plan, offered: Mapping[str, tuple[str, ...]]) -> Part:
    """All that the plan has of them; `offered`: the server's EHLO keywords."""
    if plan.xforward is not None:
        yield from _xforward(plan.xforward, plan, offered)
    for question in plan.questions:
        yield from _ask(question, plan, offered)


def _xforward(attributes: str, plan: Plan, offered: Mapping[str, tuple[str, ...]]) -> Part:
    """Name the client for the server's log. It is not taken for the one that this session is with."""
    # Postfix's XFORWARD_README: only attributes that the server lists may be sent.
    known = [each.upper() for each in offered.get("XFORWARD", ())]
    unknown = next((name for name in _names(attributes) if name not in known), None)
    if not plan.force:
        if "XFORWARD" not in offered:
            reason = say("the server does not offer XFORWARD to this client")
            raise not_offered(Phase.XFORWARD, reason, needs="force")
        if unknown is not None:
            reason = say("the server does not offer {name} with XFORWARD", name=unknown)
            raise not_offered(Phase.XFORWARD, reason, needs="force")
    exchange = yield from ask(Phase.XFORWARD, command.command(f"XFORWARD {attributes}"))
    if exchange.reply is None or exchange.reply.digit != 2:
        raise ungranted(exchange, "XFORWARD")


def _names(attributes: str) -> list[str]:
    return [each.partition("=")[0] for each in attributes.split()]


def _ask(question: str, plan: Plan, offered: Mapping[str, tuple[str, ...]]) -> Part:
    """One command by itself: it may be the last of a group at most (RFC 2920 §3.1)."""
    verb = question.partition(" ")[0]
    phase = Phase(verb.lower())
    if not question.isascii():
        # RFC 6531 §3.7.4.2: a name outside ASCII is asked for with SMTPUTF8.
        if "SMTPUTF8" not in offered and not plan.force:
            reason = say("the server does not offer SMTPUTF8, which {question} needs", question=question)
            raise not_offered(phase, reason, needs="force")
        question += " SMTPUTF8"
    exchange = yield from ask(phase, command.command(question))
    # RFC 5321 §4.2.3: after 221, as after 421, the server closes. Any other answer is what was wanted.
    if exchange.reply is None or exchange.reply.code in (221, 421):
        raise negative(exchange)
