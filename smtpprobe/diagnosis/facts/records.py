"""What the trace of an SPF record shows: a circle, the term that was one too many, the version of IP that it lists."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from smtpprobe.catalogue.facts import YES
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.model.evidence.spf import SpfEvidence, SpfFault, SpfIdentity, SpfStep
from smtpprobe.model.texts.language import mark, say

MAX_SHOWN = 120  # characters of a record in a statement
_FAMILIES = {"ip4": 4, "ip6": 6}
_INCLUDES = mark("{domains} includes {domain}")
_REDIRECTS = mark("{domains} redirects to {domain}")
_WHICH_INCLUDES = mark("{domains}, which includes {domain}")
_WHICH_REDIRECTS = mark("{domains}, which redirects to {domain}")
_WITHOUT_ADDRESSES = ("v=spf1", "all", "exp")


def deciding(steps: Sequence[SpfStep]) -> SpfStep | None:
    """The step that ended the evaluation at this level."""
    return next((step for step in steps if step.decided), None)


# The reasons that lookups end in: there are too many of them, or they go round.
OF_LOOKUPS = (SpfFault.TOO_MANY_LOOKUPS, SpfFault.INCLUDE_LOOP, SpfFault.REDIRECT_LOOP)


def circle_of(identity: SpfIdentity) -> tuple[str, ...]:
    """The domains of the records that include one another, the first again at the end; empty without such a circle."""
    domains: list[str] = []
    for step in _to_the_last(identity):
        domain = step.domain.lower().rstrip(".")
        if domain in domains:
            return (*domains[domains.index(domain) :], domain)
        domains.append(domain)
    return ()


def last_term(identity: SpfIdentity) -> str | None:
    """The term at which the evaluation ended, in the innermost record."""
    steps = _to_the_last(identity)
    return steps[-1].term if steps else None


def _to_the_last(identity: SpfIdentity) -> list[SpfStep]:
    found: list[SpfStep] = []
    steps: Sequence[SpfStep] = identity.trace
    while (step := deciding(steps)) is not None:
        found.append(step)
        steps = step.children
    return found


def lists_other_family(identity: SpfIdentity, ip: str) -> bool:
    """Whether the record lists addresses of the other version of IP and nothing else that could match."""
    record = identity.record or ""
    kinds = [each.lstrip("+-~?").partition(":")[0].partition("=")[0].lower() for each in record.split()[1:]]
    families = {_FAMILIES.get(each) for each in kinds if each not in _WITHOUT_ADDRESSES}
    return families == {4 if ":" in ip else 6} and len(record) <= MAX_SHOWN


def early_all(evidence: SpfEvidence, identity: SpfIdentity) -> tuple[str, str] | None:
    """The all term that stands too early, and the term behind it that would let the address pass; None without such."""
    edit, record = evidence.edit, identity.record
    if edit is None or edit.record is None or record is None or edit.domain != identity.domain:
        return None
    before, after = record.split()[1:], edit.record.split()[1:]
    moved = before != after and sorted(before) == sorted(after)
    return (identity.mechanism, edit.mechanism) if moved and identity.mechanism and edit.mechanism else None


def of_record(evidence: SpfEvidence, identity: SpfIdentity) -> dict[str, str | None]:
    """What is to be removed from a record that cannot be evaluated."""
    known = {
        "spf_void": YES if identity.fault is SpfFault.TOO_MANY_VOID_LOOKUPS else None,
        "spf_several": YES if identity.fault is SpfFault.MULTIPLE_RECORDS else None,
    }
    if identity.fault not in OF_LOOKUPS:
        return known
    circle = circle_of(identity)
    if len(circle) > 2:
        return known | {"spf_loop" if len(circle) == 3 else "spf_longer_loop": _in_words(identity, circle)}
    if circle:
        term = next(each.term for each in _to_the_last(identity) if each.domain.lower().rstrip(".") == circle[0])
        return known | {"spf_self_include": term, "spf_loop_domain": circle[0]}
    of_sender = identity == evidence.identities.mailfrom
    needed = (evidence.lookups_needed if of_sender else None) or identity.lookups_used
    return known | {"spf_excess": str(max(1, needed - MAX_LOOKUPS))}


def _in_words(identity: SpfIdentity, circle: Sequence[str]) -> str:
    """The circle, record by record."""
    leading = {step.domain.lower().rstrip("."): step.term.lower() for step in _to_the_last(identity)}
    said = circle[0]
    for place, (each, following) in enumerate(itertools.pairwise(circle)):
        redirects = leading[each].startswith("redirect")
        if place:
            template = _WHICH_REDIRECTS if redirects else _WHICH_INCLUDES
        else:
            template = _REDIRECTS if redirects else _INCLUDES
        said = say(template, domains=said, domain=following)
    return said
