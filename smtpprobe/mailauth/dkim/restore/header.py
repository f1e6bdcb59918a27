"""A header signature that does not verify: which signed field was changed, and which known rewrite restores it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, islice
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import Field, Message, canonical_field, without_signature
from smtpprobe.mailauth.dkim.restore.field_forms import forms
from smtpprobe.mailauth.dkim.signature import SignatureTags
from smtpprobe.model.evidence.dkim import DkimRestoration, SignedPart
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import say, say_counted

MAX_HEADER_OCTETS = 1 << 17  # of signed fields; nothing is tried on longer ones
MAX_SIGNED_FIELDS = 200  # that h= may name for anything to be tried
_MAX_INSTANCES = 20
_MAX_CHANGES = 2000
_LIST_FIELDS = (b"list-id", b"list-post", b"list-unsubscribe", b"mailing-list")
_TAGGED = re.compile(rb"[ \t]*((?:Re|Fwd?|AW|WG):[ \t]*)*(\[[^\]\r\n]{1,60}\])", re.IGNORECASE)
_MAILBOX_HOST = re.compile(rb"@([A-Za-z0-9.-]+)")

# Fields that a server adds where they are missing, as it writes them, and those that keep a field's first value.
_DEFAULTS = {
    b"mime-version": (b"MIME-Version: 1.0\r\n",),
    b"content-transfer-encoding": (b"Content-Transfer-Encoding: 7bit\r\n", b"Content-Transfer-Encoding: 8bit\r\n"),
    b"content-type": (b"Content-Type: text/plain\r\n", b"Content-Type: text/plain; charset=us-ascii\r\n"),
}
_KEPT_AS = (b"x-original-", b"original-", b"x-", b"old-", b"x-google-original-", b"x-ms-exchange-original-")
_KEPT_ELSEWHERE = {b"from": (b"reply-to", b"x-mailfrom"), b"reply-to": (b"from",)}


class _Change(NamedTuple):
    """One field's instances put otherwise. `phrase` completes: the header signature is right …"""

    name: bytes
    instances: tuple[bytes, ...]
    rewrite: str
    phrase: str
    rank: int


class Trial:
    """What a signature covers, so that it can be put together anew with changes."""

    def __init__(self, parts: Message, position: int, read: SignatureTags) -> None:
        self._names = [name.encode() for name in read.headers]
        self._form = read.header_canonicalization
        self._canonical: dict[bytes, bytes] = {}
        self.own = parts.fields[position].raw
        instances: dict[bytes, list[bytes]] = {}
        for at, field in enumerate(parts.fields):
            if at != position:
                instances.setdefault(field.name, []).append(field.raw)
        self.fields = {name: tuple(raws) for name, raws in instances.items()}

    def octets(self, changed: Mapping[bytes, tuple[bytes, ...]], own: bytes | None = None) -> bytes:
        """What would be signed with these fields in place of those there are (RFC 6376 §3.7, §5.4.2)."""
        left = {name: list(changed.get(name, self.fields.get(name, ()))) for name in set(self._names)}
        chosen = [self._in_form(left[name].pop()) for name in self._names if left[name]]
        last = canonical_field(without_signature(own or self.own), self._form)
        return b"".join((*chosen, last.removesuffix(b"\r\n")))

    def _in_form(self, raw: bytes) -> bytes:
        found = self._canonical.get(raw)
        if found is None:
            found = self._canonical[raw] = canonical_field(raw, self._form)
        return found


def restore(
    parts: Message, position: int, read: SignatureTags, matches: Callable[[bytes], bool], trials: int
) -> DkimRestoration | None:
    """The change of one signed field, or of two, with which the header signature is right; None where none is found.

    `matches` says whether the signature is the key's over these octets; it is asked at most `trials` times.
    """
    if len(read.headers) > MAX_SIGNED_FIELDS:
        return None
    trial = Trial(parts, position, read)
    if len(trial.octets({})) > MAX_HEADER_OCTETS:
        return None
    for phrase, own in _own_forms(trial.own, read.header_canonicalization):
        trials -= 1
        if matches(trial.octets({}, own)):
            return DkimRestoration(
                part=SignedPart.HEADER, rewrite="folding", statement=_statement(phrase), fields=("DKIM-Signature",)
            )
    changes = sorted(islice(_changes(trial, read), _MAX_CHANGES), key=lambda change: change.rank)
    for change in changes[:trials]:
        if matches(trial.octets({change.name: change.instances})):
            return DkimRestoration(
                part=SignedPart.HEADER,
                rewrite=change.rewrite,
                statement=_statement(change.phrase),
                fields=(_quoted(trial, change.name),),
            )
    trials -= len(changes)
    # The likeliest pairs first: those whose ranks add up to least.
    pairs = sorted(combinations(changes[:80], 2), key=lambda pair: pair[0].rank + pair[1].rank)
    for one, other in pairs[: max(trials, 0)]:
        if one.name == other.name:
            continue
        if matches(trial.octets({one.name: one.instances, other.name: other.instances})):
            names = (_quoted(trial, one.name), _quoted(trial, other.name))
            return DkimRestoration(
                part=SignedPart.HEADER,
                rewrite=one.rewrite,
                statement=_statement(say("{phrase} and {other_phrase}", phrase=one.phrase, other_phrase=other.phrase)),
                fields=names,
            )
    return None


def _statement(phrase: str) -> str:
    return say("the header signature is right {phrase}", phrase=phrase)


def _changes(trial: Trial, read: SignatureTags) -> Iterator[_Change]:
    for name in dict.fromkeys(header.encode() for header in read.headers):
        instances = trial.fields.get(name, ())[-_MAX_INSTANCES:]
        title = _quoted(trial, name)
        for number in range(len(instances)):
            rest = instances[:number] + instances[number + 1 :]
            rewrite, phrase = "added-field", say("without the {title} field, which was added", title=title)
            if rest:
                rewrite, phrase = (
                    "second-field",
                    say("without the {ordinal} {title} field", ordinal=_ordinal(number, len(instances)), title=title),
                )
            yield _Change(name, rest, rewrite, phrase, 0 if rest else 3)
        signed = min(len(instances), read.headers.count(name.decode()))
        for number in range(len(instances) - signed, len(instances)):
            for rank, (rewrite, phrase, raw) in enumerate(_values(trial, name, instances[number], read)):
                changed = (*instances[:number], raw, *instances[number + 1 :])
                yield _Change(name, changed, rewrite, phrase, rank)
        if read.headers.count(name.decode()) > len(instances):
            for rank, (rewrite, phrase, raw) in enumerate(_absent(trial, name)):
                yield _Change(name, (raw, *instances), rewrite, phrase, rank)


def _values(trial: Trial, name: bytes, raw: bytes, read: SignatureTags) -> Iterator[tuple[str, str, bytes]]:
    field = Field(name, raw)
    title = raw.partition(b":")[0].rstrip(b" \t")
    shown_title = title.decode("ascii", "replace")
    for other in (*(prefix + name for prefix in _KEPT_AS), *_KEPT_ELSEWHERE.get(name, ())):
        for kept in trial.fields.get(other, ())[-2:]:
            phrase = say(
                "with the value of {quoted} as {shown_title}, which was replaced",
                quoted=_quoted(trial, other),
                shown_title=shown_title,
            )
            yield "replaced-field", phrase, title + b":" + kept.partition(b":")[2]
    for rewrite, phrase, changed in forms(field, read.header_canonicalization):
        if changed != raw:
            yield rewrite, phrase.format(name=shown_title), changed


def _absent(trial: Trial, name: bytes) -> Iterator[tuple[str, str, bytes]]:
    title = name.decode("ascii", "replace").title()
    for prefix in _KEPT_AS:
        for kept in trial.fields.get(prefix + name, ())[-2:]:
            phrase = say(
                "with {quoted} as {title}, which was renamed", quoted=_quoted(trial, prefix + name), title=title
            )
            yield "renamed-field", phrase, title.encode() + b":" + kept.partition(b":")[2]
    for line in _DEFAULTS.get(name, ()):
        yield "removed-field", say("with {line}, which was removed", line=line.decode().strip()), line


def _own_forms(own: bytes, form: str) -> Iterator[tuple[str, bytes]]:
    """The DKIM-Signature field folded otherwise, which simple canonicalization does not forgive."""
    if form == "simple":
        for phrase, ending in (
            (say("on one line"), b" "),
            (say("folded with tabs"), b"\r\n\t"),
            (say("folded with spaces"), b"\r\n "),
        ):
            changed = re.sub(rb"\r\n[ \t]{1,80}", ending, own)
            if changed != own:
                yield say("with the DKIM-Signature field {phrase}", phrase=phrase), changed


def _ordinal(number: int, count: int) -> str:
    if number == count - 1:
        return say("last")
    ordinals = (say("first"), say("second"), say("third"))
    return ordinals[number] if number < len(ordinals) else say("{number}th", number=number + 1)


def _quoted(trial: Trial, name: bytes) -> str:
    """The field's name as it stands in the message."""
    raw = trial.fields.get(name, (name.title(),))[-1]
    return raw.partition(b":")[0].rstrip(b" \t").decode("ascii", "replace")


def suspects(parts: Message, position: int, read: SignatureTags) -> tuple[str, ...]:
    """What looks changed in the signed fields, where it cannot be proved: likeliest first, at most six."""
    if len(read.headers) > MAX_SIGNED_FIELDS:
        return ()
    trial = Trial(parts, position, read)
    return tuple(dict.fromkeys(_suspects(trial, read)))[:6]


def _suspects(trial: Trial, read: SignatureTags) -> Iterator[str]:
    signed = dict.fromkeys(read.headers)
    through_list = next((name for name in _LIST_FIELDS if name in trial.fields), None)
    if "subject" in signed:
        for raw in trial.fields.get(b"subject", ())[-1:]:
            tag = _TAGGED.match(raw.partition(b":")[2])
            if tag:
                text = quoted(tag.group(2).decode("utf-8", "replace"))
                yield say("Subject begins with {text}, as mailing lists insert it", text=text)
    for raw in trial.fields.get(b"from", ())[-1:]:
        hosts = [host.decode().lower() for host in _MAILBOX_HOST.findall(raw[:4096])]
        if (
            hosts
            and read.domain
            and not any(is_at_or_below(host, read.domain) or is_at_or_below(read.domain, host) for host in hosts)
        ):
            yield say(
                "From is at {hosts}, not at {domain}: it may have been replaced",
                hosts=quoted(hosts[-1]),
                domain=read.domain,
            )
    for name in signed:
        present, count = len(trial.fields.get(name.encode(), ())), read.headers.count(name)
        title = _quoted(trial, name.encode())
        if present > count:
            yield say_counted(
                "{title} is there {present} times, and h= names it {count} time",
                "{title} is there {present} times, and h= names it {count} times",
                count,
                title=title,
                present=present,
            )
        elif not present and count == 1:
            yield say(
                "h= names {title}, which the message does not have: it was removed, or signed as absent", title=title
            )
    if through_list is not None:
        yield say("{quoted} shows that a mailing list has passed the message on", quoted=_quoted(trial, through_list))
