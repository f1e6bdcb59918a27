"""Whose work a remedy is, in words."""

from __future__ import annotations

from smtpprobe.model.remedy import Actor
from smtpprobe.model.texts.language import mark, say

_ACTORS = {
    Actor.YOUR_MAIL_ADMIN: mark("your mail admin"),
    Actor.YOUR_DNS_ADMIN: mark("your DNS admin"),
    Actor.YOUR_IP_OWNER: mark("owner of the IP address"),
    Actor.YOUR_PROVIDER: mark("your provider"),
    Actor.RECIPIENT: mark("the recipient"),
    Actor.RECIPIENT_POSTMASTER: mark("their postmaster"),
}


def actor_in_words(actor: Actor) -> str | None:
    """Who can do it; None where it is you, or nobody need do anything."""
    if actor in (Actor.YOU, Actor.NOBODY):
        return None
    return say(_ACTORS.get(actor, actor.value))
