"""Whose work a remedy is, in words."""

from __future__ import annotations

from smtpprobe.catalogue.language import mark, say

_ACTORS = {
    "your-mail-admin": mark("your mail admin"),
    "your-dns-admin": mark("your DNS admin"),
    "your-ip-owner": mark("owner of the IP address"),
    "your-provider": mark("your provider"),
    "recipient": mark("the recipient"),
    "recipient-postmaster": mark("their postmaster"),
}


def actor_in_words(actor: str) -> str | None:
    """Who can do it; None where it is you, or nobody need do anything."""
    if actor in ("you", "nobody", ""):
        return None
    return say(_ACTORS.get(actor, actor.replace("-", " ")))
