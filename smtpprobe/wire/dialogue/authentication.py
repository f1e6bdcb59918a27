"""AUTH: one attempt, with one mechanism, over a channel that may carry it (RFC 4954)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator

import msgspec

from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import Exchange, OutcomeFault, Phase, Status
from smtpprobe.wire import command, sasl
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import Asking, Ending, Hide, Part, Step, Stop, ask, negative

_HIDDEN = "‹credentials›"


class Channel(msgspec.Struct, frozen=True):
    """What the attempt goes over. `mechanisms`: those that the server offers here; `verified` counts for a unix socket too."""

    mechanisms: tuple[str, ...]
    over_tls: bool
    verified: bool


def authenticate(plan: Plan, credentials: Credentials, channel: Channel) -> Part:
    """The attempt. Stops where nothing may be sent, and where the server does not accept it."""
    if not (channel.verified or plan.clear_allowed):
        raise unsent(say("the connection is not encrypted"), needs="insecure_auth")
    name = _mechanism(plan, channel, is_token=credentials.is_token)
    if plan.unfit is not None:
        raise unsent(plan.unfit, needs="send_anyway", fault=OutcomeFault.CREDENTIALS_UNFIT)
    exchange = yield from _attempt(name, sasl.responses(name, credentials, plan.host), credentials.user)
    if exchange.reply is None or exchange.reply.digit != 2:
        raise negative(exchange)


def unsent(reason: str, needs: str | None = None, fault: OutcomeFault = OutcomeFault.CREDENTIALS_NOT_SENT) -> Stop:
    """The stop before anything secret is sent."""
    return Stop(
        Ending(
            status=Status.NO_SESSION,
            phase=Phase.AUTH,
            exchange=None,
            reason=say("credentials not sent: {reason}", reason=reason),
            fault=fault,
            needs=needs,
        )
    )


def _mechanism(plan: Plan, channel: Channel, *, is_token: bool) -> str:
    offered = channel.mechanisms
    if not offered:
        raise unsent(
            say("the server offers no AUTH over TLS")
            if channel.over_tls
            else say("the server offers no AUTH without TLS")
        )
    listed = " ".join(offered)
    if plan.mech is not None:
        wanted = plan.mech.upper()
        if wanted not in offered:
            raise unsent(say("the server offers {listed}, not {wanted}", listed=listed, wanted=wanted))
        if wanted not in sasl.MECHANISMS:
            raise unsent(say("{wanted} is not a known mechanism", wanted=wanted))
        return wanted
    if is_token:
        chosen = sasl.choose_for_token(offered)
        if chosen is None:
            raise unsent(say("none of the offered mechanisms ({listed}) accepts a token", listed=listed))
        return chosen
    chosen = sasl.choose(offered, secure=channel.verified)
    if chosen is None:
        if not any(each in sasl.MECHANISMS for each in offered):
            raise unsent(
                say_counted(
                    "the server offers {listed}, which is not supported here",
                    "the server offers {listed}, which are not supported here",
                    len(offered),
                    listed=listed,
                )
            )
        raise unsent(say("none of the offered mechanisms ({listed}) accepts a password", listed=listed))
    return chosen


def _attempt(name: str, responses: sasl.Response, user: str) -> Asking:
    withheld = next(responses)
    line, shown = command.command("AUTH", name), f"AUTH {name}"
    if withheld is not None:
        encoded = base64.b64encode(withheld).decode() or "="  # RFC 4954 §4: "=" is the empty initial response
        yield Hide(encoded.encode())
        longer = command.command("AUTH", name, encoded)
        # RFC 4954 §4: an initial response that makes the command too long waits for an empty challenge.
        if len(longer) <= command.MAX_COMMAND:
            withheld, line, shown = None, longer, f"{shown} {_HIDDEN}"
    exchange = yield from ask(Phase.AUTH, line, shown)
    while exchange.reply is not None and exchange.reply.code == 334:
        try:
            response = responses.send(_challenge(exchange, name)) if withheld is None else withheld
        except (sasl.SaslError, StopIteration) as error:
            raise (yield from _cancelled(str(error) or say("{name} has no further step", name=name))) from None
        withheld = None
        exchange = yield from _respond(response or b"", user)
    return exchange


def _respond(response: bytes, user: str) -> Asking:
    encoded = base64.b64encode(response)
    shown = _HIDDEN if response else ""
    if response == user.encode():
        shown = "‹user name›"
    elif response:
        yield Hide(encoded)
        yield Hide(response)
    return (yield from ask(Phase.AUTH, command.command(encoded.decode()), shown))


def _cancelled(reason: str) -> Generator[Step, tuple[Exchange, ...], Stop]:
    # RFC 4954 §4: a single "*" cancels the exchange; the 501 that follows judges no credentials.
    exchange = yield from ask(Phase.AUTH, command.command("*"))
    ending = Ending(
        status=Status.NO_SESSION,
        phase=Phase.AUTH,
        exchange=exchange.index,
        reason=say("login cancelled: {reason}", reason=reason),
        fault=OutcomeFault.LOGIN_CANCELLED,
    )
    return Stop(ending, polite=exchange.reply is not None and exchange.reply.code != 421)


def _challenge(exchange: Exchange, mechanism: str) -> bytes:
    """The challenge in a 334, decoded; as it stands where it is not base64 (RFC 4954 §4) and nothing is computed with it.

    Raises SaslError where it is not and the mechanism needs it: LOGIN's prompts often are not.
    """
    assert exchange.reply is not None
    text = exchange.reply.lines[0].strip() if exchange.reply.lines else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        if mechanism in sasl.COMPUTED:
            raise sasl.SaslError(say("the server's {mechanism} challenge is not base64", mechanism=mechanism)) from None
        return text.encode("utf-8", "replace")
