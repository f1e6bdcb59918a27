"""What the macros of a target hang on: the domain of the record alone, or what whoever sends makes up."""

from __future__ import annotations

from smtpprobe.mailauth.spf.macro import target_name
from smtpprobe.mailauth.spf.record import Term

_LETTING = frozenset(("include", "a", "mx", "exists", "redirect"))
_OF_SENDER = frozenset("hlp")  # macros that whoever sends fills in (RFC 7208 §7.2)


def chosen_by_sender(term: Term) -> str | None:
    """The letter of the macro by which whoever sends chooses whose zone answers, None where there is none.

    Whoever chooses the end of a name chooses that.
    """
    last = term.target.parts[-1] if term.target is not None and term.target.parts else ""
    lets = term.name in _LETTING and (term.qualifier == "+" or term.name == "redirect")
    return last.letter if lets and not isinstance(last, str) and last.letter in _OF_SENDER else None


def of_domain(term: Term, domain: str) -> str | None:
    """The name that the target gives in a record of `domain`, None where it hangs on more than that."""
    if term.name_literal is not None or term.target is None:
        return term.name_literal
    return target_name(term.target.expand({"d": domain})) if term.letters == {"d"} else None


def with_domain(term: Term, domain: str) -> str | None:
    """The modifier as it reads in another domain's record: its name is the same there.

    None where macros say more than the domain.
    """
    name = of_domain(term, domain)
    return None if name is None else f"{term.name}={name}"
