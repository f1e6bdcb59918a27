"""A key that is missing at its selector, sought at the names where it is published by mistake."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.dkim.key import is_key_like
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dkim import DkimKey, KeyOrigin, KeyStatus
from smtpprobe.model.names import a_labels, is_domain
from smtpprobe.model.texts.language import say


async def looked_further(resolver: Resolver, key: DkimKey) -> DkimKey:
    """A key that is missing at the selector given, sought at the names where it is published by mistake."""
    if key.status is not KeyStatus.MISSING or key.origin is not KeyOrigin.GIVEN:
        return key
    places = [
        (Question(f"{a_labels(key.selector)}{rest}", "TXT"), why) for rest, why in _misplaced(a_labels(key.domain))
    ]
    asked = [(question, why) for question, why in places if is_domain(question.name)]
    for question, _ in asked:
        resolver.ahead(resolver.lookup(question))
    lookups = [(await resolver.lookup(question), why) for question, why in asked]
    found = [(each, why) for each, why in lookups if any(is_key_like(text) and text.strip() for text in each.records)]
    if not found:
        return key
    problem = say(
        "{problem}, but there is one at {name}: {found}", problem=key.problem, name=found[0][0].name, found=found[0][1]
    )
    return msgspec.structs.replace(key, problem=problem, lookups=(*key.lookups, found[0][0].index))


def _misplaced(domain: str) -> tuple[tuple[str, str], ...]:
    """Where a key is published by mistake, as what follows the selector, and the mistake."""
    return (
        (f"._domainkey.{domain}.{domain}", say("the zone's name was added to a full name")),
        (f".{domain}", say("_domainkey is missing from the name")),
        (f".domainkey.{domain}", say("the underscore of _domainkey is missing from the name")),
        (f"._domainkey._domainkey.{domain}", say("_domainkey was added to a name that has it")),
        (f"._domainkeys.{domain}", say("the name has _domainkeys instead of _domainkey")),
    )
