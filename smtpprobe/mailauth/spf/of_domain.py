"""Targets of which macros say nothing but the domain of the record: they lead everybody to the same name."""

from __future__ import annotations

from smtpprobe.mailauth.spf.macro import target_name
from smtpprobe.mailauth.spf.record import Term


def of_domain(term: Term, domain: str) -> str | None:
    """The name that the target gives in a record of `domain`, None where it hangs on more than that."""
    if term.name_literal is not None or term.target is None:
        return term.name_literal
    letters = {part.letter for part in term.target.parts if not isinstance(part, str)}
    return target_name(term.target.expand({"d": domain})) if letters == {"d"} else None


def with_domain(term: Term, domain: str) -> str | None:
    """The modifier as it reads in another domain's record: its name is the same there.

    None where macros say more than the domain.
    """
    name = of_domain(term, domain)
    return None if name is None else f"{term.name}={name}"
