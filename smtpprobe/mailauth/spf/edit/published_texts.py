"""What a domain publishes for SPF as one record to be changed, each term as it was meant."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.mailauth.spf.edit.repair import Change, Draft, one_of
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.record import is_spf_record
from smtpprobe.mailauth.spf.spelling.version import look_alike
from smtpprobe.mailauth.spf.spelling.words import hosts_alone
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.texts.language import say

_MAX_ALONE = 6  # names without a mechanism that are looked up


async def split(resolver: Resolver, texts: Sequence[str]) -> tuple[Draft | None, tuple[str, ...]]:
    """What the domain publishes as one record, and its other TXT records; None where nothing was meant for SPF.

    A name that stands without a mechanism is meant for `a` where it has addresses, for `include` where it has a record.
    """
    records = [words(text) for text in texts if is_spf_record(text)]
    others = tuple(text for text in texts if not is_spf_record(text))
    if records:
        return one_of(records, await _alone(resolver, records)), others
    for text in others:
        found = look_alike(text)
        if found is not None and found[2] is not None:
            record = words(found[2])
            draft = one_of([record], await _alone(resolver, [record]))
            change = Change(say("the record begins with v=spf1 and a blank ({why})", why=found[1]))
            rest = tuple(other for other in others if other != text)
            return Draft(draft.words, (change, *draft.changes), draft.notes), rest
    return None, others


def words(record: str) -> list[str]:
    """The terms as they are written, right or wrong."""
    return [word for word in record[6:].split(" ") if word]


async def _alone(resolver: Resolver, records: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The mechanisms that the names which stand alone can have been meant for, the stricter first."""
    names = [name for record in records for name in hosts_alone(record) if can_be_asked(name.removesuffix("."))]
    made = {}
    for name in names[:_MAX_ALONE]:
        asked = name.removesuffix(".")
        for rdtype in ("A", "AAAA", "TXT"):
            resolver.ahead(resolver.lookup(Question(asked, rdtype)))
        four, six, text = [await resolver.lookup(Question(asked, rdtype)) for rdtype in ("A", "AAAA", "TXT")]
        is_included = any(is_spf_record(each) for each in text.records)
        made[name] = ("a",) * bool(four.records or six.records) + ("include",) * is_included
    return made
