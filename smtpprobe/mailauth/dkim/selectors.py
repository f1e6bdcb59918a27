"""What an SPF record shows of the mail services that a domain uses."""

from __future__ import annotations


def spf_targets(record: str) -> tuple[str, ...]:
    """The names that an SPF record includes or redirects to; none for another text."""
    terms = record.lower().split()
    if terms[:1] != ["v=spf1"]:
        return ()
    bare = (term.lstrip("+-?~") for term in terms[1:])
    return tuple(
        term.removeprefix("include:").removeprefix("redirect=")
        for term in bare
        if term[:8] == "include:" or term[:9] == "redirect="
    )
