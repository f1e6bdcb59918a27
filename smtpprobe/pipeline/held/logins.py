"""The other mechanisms, one after another, where the user wants to know which of them the credentials work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.model.transcript import Phase, Transcript
from smtpprobe.pipeline.held.attempt import Attempt
from smtpprobe.wire import sasl
from smtpprobe.wire.ehlo import extensions

# Those that take a password, the one that tells best first.
_OF_PASSWORDS = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "DIGEST-MD5", "NTLM")
# Another attempt would make these worse, or cannot be judged.
_ENDS = frozenset({"sender-account-limited", "rate-limited", "ip-blocklisted", "server-temporary"})


async def try_others(attempts: list[Attempt], again: Callable[..., Attempt]) -> None:
    """A session for each mechanism that is offered and was not tried, until one is accepted or the server has had enough.

    It has had enough with 421, 454 and any other 4yz, with words of a lock-out or a limit, and when it hangs up.
    `again` makes the attempt with `mech`. Each is added to `attempts` before it begins.
    """
    tried: set[str] = set()
    order = sasl.FOR_TOKENS if attempts[-1].request.token is not None else _OF_PASSWORDS
    while (name := _next(attempts[-1].transcript(), tried, order)) is not None:
        attempts.append(attempt := again(mech=name))
        await attempt.run()
        tried.add(name)


def _next(transcript: Transcript, tried: set[str], order: Sequence[str]) -> str | None:
    """The mechanism to try after this session; None after one that was accepted, or that ends it all."""
    last = next((each for each in reversed(transcript.exchanges) if each.phase is Phase.AUTH), None)
    if last is None or last.reply is None or last.reply.digit != 5 or last.cancels_login:
        return None
    if explain(f"{last.reply.code} {last.reply.text}", phase=Phase.AUTH).cause in _ENDS:
        return None
    used = next(
        x.sent or "" for x in transcript.exchanges if x.phase is Phase.AUTH and (x.sent or "").startswith("AUTH ")
    )
    tried.add(used.split()[1].upper())
    offered = extensions(("", *transcript.extensions)).get("AUTH", ())
    return next((each for each in order if each in offered and each in sasl.MECHANISMS and each not in tried), None)
