"""AUTH: one attempt, with one mechanism, over a channel that may carry it (RFC 4954)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Mapping

import msgspec

from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import Exchange, OutcomeFault, Phase, Status
from smtpprobe.wire import command, sasl
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import Asking, Ending, Hide, Part, Step, Stop, ask, negative

_HIDDEN, _USER_NAME = "‹credentials›", "‹user name›"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """What the attempt goes over. `mechanisms`: those that the server offers here; `verified` counts for a unix socket too.

    `tls_version` is None in clear; `bindings` as sasl.Peer has them.
    """

    mechanisms: tuple[str, ...]
    over_tls: bool
    verified: bool
    tls_version: str | None = None
    bindings: Mapping[str, bytes] = {}


def authenticate(plan: Plan, credentials: Credentials, channel: Channel) -> Part:
    """The attempt. Stops where nothing may be sent, and where the server does not accept it."""
    if not (channel.verified or plan.clear_allowed):
        raise unsent(say("the connection is not encrypted"), needs="insecure_auth")
    name = _mechanism(plan, channel, is_token=credentials.is_token)
    if plan.unfit is not None:
        raise unsent(plan.unfit, needs="send_anyway", fault=OutcomeFault.CREDENTIALS_UNFIT)
    peer = sasl.Peer(
        host=plan.host,
        offered=channel.mechanisms,
        tls_version=channel.tls_version,
        bindings=channel.bindings,
        binding=plan.channel_binding,
        security_context=plan.security_context,
    )
    exchange = yield from _attempt(sasl.registered(name), sasl.responses(name, credentials, peer), credentials.user)
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
        if sasl.registered(wanted) not in offered:
            raise unsent(say("the server offers {listed}, not {wanted}", listed=listed, wanted=sasl.registered(wanted)))
        if wanted not in sasl.MECHANISMS:
            raise unsent(say("{wanted} is not a known mechanism", wanted=wanted))
        return wanted
    if is_token:
        chosen = sasl.choose_for_token(offered)
        if chosen is None:
            raise unsent(say("none of the offered mechanisms ({listed}) accepts a token", listed=listed))
        return chosen
    chosen = sasl.choose(offered, secure=channel.verified, every=plan.every_mechanism)
    if chosen is None:
        raise _unasked(offered, channel)
    return chosen


def _unasked(offered: tuple[str, ...], channel: Channel) -> Stop:
    """The stop where nothing that is offered is used unless the user names it, or at all."""
    listed, needs = (
        " ".join(offered),
        "mech" if any(sasl.registered(each) in offered for each in sasl.MECHANISMS) else None,
    )
    if needs is None:
        reason = say_counted(
            "the server offers {listed}, which is not supported here",
            "the server offers {listed}, which are not supported here",
            len(offered),
            listed=listed,
        )
    elif not channel.verified and sasl.choose(offered, secure=True) is not None:
        reason = say(
            "the server offers {listed}; over a connection that is not verified only SCRAM is used unless another "
            "mechanism is asked for by name",
            listed=listed,
        )
    else:
        reason = say_counted(
            "the server offers {listed}, which is used only if it is asked for by name",
            "the server offers {listed}, none of which is used unless it is asked for by name",
            len(offered),
            listed=listed,
        )
    return unsent(reason, needs=needs)


def _attempt(name: str, responses: sasl.Response, user: str) -> Asking:
    try:
        withheld = yield from _next(responses, None, name)
    except sasl.SaslError as error:
        raise unsent(f"{name}: {error}", needs=error.needs) from None
    line, shown = command.command("AUTH", name), f"AUTH {name}"
    if withheld is not None:
        encoded = base64.b64encode(withheld).decode() or "="  # RFC 4954 §4: "=" is the empty initial response
        is_user = withheld == user.encode() and name == "LOGIN"
        if not is_user:
            yield Hide(encoded.encode(), typed=name not in sasl.COMPUTED)
        longer = command.command("AUTH", name, encoded)
        # RFC 4954 §4: an initial response that makes the command too long waits for an empty challenge.
        if len(longer) <= command.MAX_COMMAND:
            withheld, line, shown = None, longer, f"{shown} {_USER_NAME if is_user else _HIDDEN}"
    exchange = yield from ask(Phase.AUTH, line, shown)
    while exchange.reply is not None and exchange.reply.code == 334:
        try:
            response = withheld
            if response is None:
                response = yield from _next(responses, _challenge(exchange, name), name)
        except sasl.SaslError as error:
            raise (yield from _cancelled(str(error))) from None
        withheld = None
        exchange = yield from _respond(response or b"", user, typed=name not in sasl.COMPUTED)
    return exchange


def _next(
    responses: sasl.Response, challenge: bytes | None, name: str
) -> Generator[Step, tuple[Exchange, ...], bytes | None]:
    """The next response; None: nothing is sent before a challenge. What follows from the secret is hidden before it."""
    try:
        said = next(responses) if challenge is None else responses.send(challenge)
        while isinstance(said, sasl.Derived):
            yield Hide(said.octets, typed=said.typed)
            said = next(responses)
    except StopIteration:
        raise sasl.SaslError(say("{name} has no further step", name=name)) from None
    return said


def _respond(response: bytes, user: str, *, typed: bool) -> Asking:
    encoded = base64.b64encode(response)
    shown = _HIDDEN if response else ""
    if response == user.encode():
        shown = _USER_NAME
    elif response:
        yield Hide(encoded, typed=typed)
        yield Hide(response, typed=typed)
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
