"""A header signature that does not verify: which signed field was changed, and which known rewrite restores it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, islice, permutations
from typing import NamedTuple

import msgspec

from smtpprobe.mailauth.dkim.message import Field, Message, canonical_field, without_signature
from smtpprobe.mailauth.dkim.restore.copied import copied_fields
from smtpprobe.mailauth.dkim.restore.field_forms import MAX_FIELD_OCTETS, forms
from smtpprobe.mailauth.dkim.restore.old_signers import FIELD_FORMS, NOT_CANONICAL
from smtpprobe.mailauth.dkim.restore.own_field import own_forms
from smtpprobe.mailauth.dkim.restore.work import CANONICALIZATION
from smtpprobe.mailauth.dkim.signature import SignatureTags
from smtpprobe.model.evidence.dkim import DkimRestoration, SignedPart
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_HEADER_OCTETS = 1 << 17  # of signed fields; nothing is tried on longer ones
MAX_SIGNED_FIELDS = 200  # that h= may name for anything to be tried
_MAX_INSTANCES = 20
_MAX_CHANGES = 2000
# Senders put List-Unsubscribe into mail of their own (RFC 8058), so that it shows nothing.
_LIST_FIELDS = (b"list-id", b"list-post", b"mailing-list")
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
        self._forced: dict[bytes, bytes] = {}
        self.own = parts.fields[position].raw
        self.own_canonical = self._own(self.own)
        instances: dict[bytes, list[bytes]] = {}
        for at, field in enumerate(parts.fields):
            if at != position:
                instances.setdefault(field.name, []).append(field.raw)
        self.fields = {name: tuple(raws) for name, raws in instances.items()}

    def forced(self, canonical: bytes) -> bytes:
        """What stands for a field in `octets` so that it is in exactly this form."""
        token = b"\0%d" % len(self._forced)
        self._forced[token] = canonical
        return token

    def octets(self, changed: Mapping[bytes, tuple[bytes, ...]], own: bytes | None = None) -> bytes:
        """What would be signed with these fields in place of those there are (RFC 6376 §3.7, §5.4.2)."""
        left = {name: list(changed.get(name, self.fields.get(name, ()))) for name in set(self._names)}
        chosen = [self._in_form(left[name].pop()) for name in self._names if left[name]]
        return b"".join((*chosen, self.own_canonical if own is None else self._own(own)))

    def _own(self, own: bytes) -> bytes:
        return canonical_field(without_signature(own), self._form).removesuffix(b"\r\n")

    def differs(self, name: bytes, form: Callable[[bytes], bytes]) -> bool:
        """Whether another form than the canonical one would have a field of this name be signed otherwise."""
        return any(form(raw) != self._in_form(raw) for raw in self.fields.get(name, ()))

    def _in_form(self, raw: bytes) -> bytes:
        found = self._canonical.get(raw) or self._forced.get(raw)
        if found is None:
            found = self._canonical[raw] = canonical_field(raw, self._form)
        return found


def restore(
    parts: Message,
    position: int,
    read: SignatureTags,
    matches: Callable[[bytes], bool],
    trials: int,
    values: Mapping[bytes, bytes | None],
) -> DkimRestoration | None:
    """The change of one signed field, or of two, with which the header signature is right; None where none is found.

    `matches` says whether the signature is the key's over these octets; it is asked at most `trials` times. `values`
    are those that tags of the signature had, if they were changed.
    """
    if len(read.headers) > MAX_SIGNED_FIELDS:
        return None
    trial = Trial(parts, position, read)
    if len(trial.octets({})) > MAX_HEADER_OCTETS:
        return None
    for form in own_forms(trial.own, read, tuple(trial.fields), values):
        trials -= 1
        if matches((trial if form.read is read else Trial(parts, position, form.read)).octets({}, form.own)):
            fields = ("DKIM-Signature", form.tag) if form.tag else ("DKIM-Signature",)
            statement = _statement(form.phrase)
            return DkimRestoration(part=SignedPart.HEADER, rewrite=form.rewrite, statement=statement, fields=fields)
    for rewrite, phrase, octets in (*_signed_otherwise(trial, read), *_in_other_form(parts, position, read)):
        trials -= 1
        if matches(octets):
            return DkimRestoration(part=SignedPart.HEADER, rewrite=rewrite, statement=_statement(phrase))
    copied = copied_fields(trial.fields, read)
    if copied and matches(trial.octets({each.name: (each.raw,) for each in copied})):
        return DkimRestoration(
            part=SignedPart.HEADER,
            rewrite="copied-field",
            statement=_statement(say("with what z= has: {fields}", fields=", ".join([each.shown for each in copied]))),
            fields=tuple([_quoted(trial, each.name) for each in copied]),
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


def _signed_otherwise(trial: Trial, read: SignatureTags) -> Iterator[tuple[str, str, bytes]]:
    """What signers sign that do not follow RFC 6376 §3.7 or §5.4.2, with all fields as they are, and other orders."""
    usual = trial.octets({})
    yield (
        CANONICALIZATION,
        say("with a line end after the DKIM-Signature field: {not_as_asked}", not_as_asked=say(_NOT_AS_ASKED)),
        usual + b"\r\n",
    )
    counts = {name: read.headers.count(name.decode("ascii", "replace")) for name in trial.fields}
    several = {name: raws for name, raws in trial.fields.items() if min(counts[name], len(raws)) > 1}
    downwards = {name: raws[::-1] for name, raws in several.items()}
    for chosen in (downwards, *({name: raws} for name, raws in downwards.items() if len(downwards) > 1)):
        if chosen:
            several_shown = ", ".join([_quoted(trial, name) for name in chosen][:_MAX_NAMED])
            phrase = say(
                "with the {names} fields in reverse order: they were reordered on the way, or the signer counted them "
                "from the top (RFC 6376 §5.4.2)",
                names=several_shown,
            )
            yield "reordered-fields", phrase, trial.octets(chosen)
    for name, raws in several.items():
        for order in permutations(raws) if len(raws) <= _MAX_ORDERED else ():
            phrase = say(
                "with the {names} fields in another order: they were reordered on the way", names=_quoted(trial, name)
            )
            yield "reordered-fields", phrase, trial.octets({name: order})
    if read.header_canonicalization == "relaxed":
        for phrase, form in FIELD_FORMS:
            changed = {name: tuple(trial.forced(form(raw)) for raw in raws) for name, raws in trial.fields.items()}
            names = [name for name in dict.fromkeys(read.headers) if trial.differs(name.encode(), form)]
            own = form(without_signature(trial.own)).removesuffix(b"\r\n")
            signed = trial.octets(changed)
            for octets, others in ((signed, []), (signed.removesuffix(trial.own_canonical) + own, ["DKIM-Signature"])):
                titles = [*(_quoted(trial, name.encode()) for name in names), *others]
                shown = ", ".join(titles[:_MAX_NAMED]) + (say(" and others") if len(titles) > _MAX_NAMED else "")
                # What comes to the same as the fields as they are has nothing to name.
                if octets != usual:
                    yield CANONICALIZATION, f"{say(phrase, name=shown)}: {say(NOT_CANONICAL)}", octets


def _in_other_form(parts: Message, position: int, read: SignatureTags) -> Iterator[tuple[str, str, bytes]]:
    """The signed fields in the canonical form that c= does not name."""
    other = "simple" if read.header_canonicalization == "relaxed" else "relaxed"
    changed = msgspec.structs.replace(read, header_canonicalization=other)
    phrase = say("in {other} form, which c= does not name", other=other)
    yield CANONICALIZATION, phrase, Trial(parts, position, changed).octets({})


_MAX_NAMED = 5  # fields in one phrase
_MAX_ORDERED = 4  # fields of one name whose every order is tried
_NOT_AS_ASKED = mark("the signer does not follow RFC 6376 §3.7")


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
    if read.header_canonicalization == "relaxed" and len(raw) <= MAX_FIELD_OCTETS:
        for phrase, form in FIELD_FORMS:
            canonical = form(raw)
            if canonical != canonical_field(raw, "relaxed"):
                yield (
                    CANONICALIZATION,
                    f"{say(phrase, name=shown_title)}: {say(NOT_CANONICAL)}",
                    trial.forced(canonical),
                )
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
    # A field that the signature names was there when the message was signed.
    added = (name for name in _LIST_FIELDS if name in trial.fields and name.decode() not in signed)
    through_list = next(added, None)
    for each in copied_fields(trial.fields, read):
        yield say("z= has another value: {field}", field=each.shown)
    if "subject" in signed and through_list is not None:
        for raw in trial.fields.get(b"subject", ())[-1:]:
            tag = _TAGGED.match(raw.partition(b":")[2])
            if tag:
                text = quoted(tag.group(2).decode("utf-8", "replace"))
                yield say("Subject begins with {text}; whether it did when it was signed cannot be told", text=text)
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
        yield say(
            "{quoted} is not signed: a mailing list may have passed the message on", quoted=_quoted(trial, through_list)
        )
