"""The DKIM-Signature field itself as it may have been: folded otherwise, or with the tags that it had when it was made."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

import msgspec

from smtpprobe.mailauth.dkim.message import without_signature
from smtpprobe.mailauth.dkim.restore.folds import joined_phrase, without_folds
from smtpprobe.mailauth.dkim.restore.work import OTHER_HASH, over_other_hash
from smtpprobe.mailauth.dkim.signature import ALGORITHMS, SignatureTags
from smtpprobe.model.texts.language import say

CHANGED_TAG = "changed-tag"  # the rewrite where a tag of the signature was changed
_FORMS = ("relaxed", "simple")
_MAX_FOLDS = 40
_MAX_NAMES = 60  # of fields that h= may have named as well
_FOLD = re.compile(rb"\r\n[ \t]{1,80}")


class OwnForm(NamedTuple):
    """The field put otherwise: the rewrite's name, its phrase, the octets, and the tags that verifying goes by then."""

    rewrite: str
    phrase: str
    own: bytes
    read: SignatureTags
    tag: str | None = None


def own_forms(
    own: bytes, read: SignatureTags, names: Iterable[bytes], values: Mapping[bytes, bytes | None]
) -> Iterator[OwnForm]:
    """Each form; `names` are those of the message's fields, `values` those that bh= and a= had if they were changed."""
    a, bh = values.get(b"a"), values.get(b"bh")
    if a is not None:
        yield OwnForm(OTHER_HASH, over_other_hash(ALGORITHMS[a.decode()][1], read.algorithm), own, read)
        phrase = say("with a={algorithm}, whose hash is in the signature", algorithm=a.decode())
        changed = with_tag(own, b"a", a)
        yield OwnForm(CHANGED_TAG, phrase, changed, read, "a")
        own = changed
    if bh is not None:
        phrase = say("with the hash of this body in bh=")
        yield OwnForm(CHANGED_TAG, phrase, with_tag(own, b"bh", base64.b64encode(bh)), read, "bh")
    for form, phrase in _foldings(own) if read.header_canonicalization == "simple" else ():
        yield OwnForm("folding", say("with the DKIM-Signature field {phrase}", phrase=phrase), form, read)
    if read.header_canonicalization == "relaxed":
        yield from (OwnForm("folding", phrase, form, read) for form, phrase in _without_one_fold(own))
    yield from _other_canonicalizations(own, read)
    yield from _other_names(own, read, names)


def with_tag(field: bytes, tag: bytes, value: bytes) -> bytes:
    """The field with another value of a tag; the white space before the value stays. As it is where it has no such tag."""
    elements = field.split(b";")
    name, colon, elements[0] = elements[0].partition(b":")
    for number, element in enumerate(elements):
        written, equals, old = element.partition(b"=")
        if equals and written.strip(b" \t\r\n") == tag:
            blanks = old[: len(old) - len(old.lstrip(b" \t\r\n"))]
            ending = b"\r\n" if number == len(elements) - 1 and old.endswith(b"\r\n") else b""
            elements[number] = written + equals + blanks + value + ending
            break
    return name + colon + b";".join(elements)


def _foldings(own: bytes) -> Iterator[tuple[bytes, str]]:
    for phrase, ending in (
        (say("on one line"), b" "),
        (say("folded with tabs"), b"\r\n\t"),
        (say("folded with spaces"), b"\r\n "),
    ):
        yield _FOLD.sub(lambda _, ending=ending: ending, own), phrase  # type: ignore[misc]
    for fold in islice(_FOLD.finditer(own), _MAX_FOLDS):
        for blank in (b" ", b""):
            yield own[: fold.start()] + blank + own[fold.end() :], say("joined at one of its folds")
    for gap in islice(re.finditer(rb"(?<=;)[ \t]{0,9}(?=[a-z])", own), _MAX_FOLDS):
        for written, phrase in ((b"\r\n ", say("folded once more")), (b"\r\n\t", say("folded once more, with a tab"))):
            yield own[: gap.start()] + written + own[gap.end() :], phrase


def _without_one_fold(own: bytes) -> Iterator[tuple[bytes, str]]:
    """The field without one of its folds; where it has only one, that may as well be the signer's."""
    bare = without_signature(own)
    for before, folded in without_folds(bare):
        yield before, joined_phrase("DKIM-Signature", folded)


def _other_canonicalizations(own: bytes, read: SignatureTags) -> Iterator[OwnForm]:
    """Another value of c=, which was changed then."""
    for header in _FORMS:
        for body in _FORMS:
            value = f"{header}/{body}"
            if (header, body) != (read.header_canonicalization, read.body_canonicalization):
                changed = msgspec.structs.replace(read, header_canonicalization=header)
                phrase = say("with c={value}", value=value)
                yield OwnForm(CHANGED_TAG, phrase, with_tag(own, b"c", value.encode()), changed, "c")


def _other_names(own: bytes, read: SignatureTags, names: Iterable[bytes]) -> Iterator[OwnForm]:
    """One more name at the end of h=."""
    signed = frozenset(read.headers)
    listed = (name for name in names if name.decode("ascii", "replace") not in signed)
    for name in islice(listed, _MAX_NAMES):
        for written in dict.fromkeys((name, name.title())):
            headers = (*read.headers, name.decode("ascii", "replace"))
            value = _listed(own) + b":" + written
            phrase = say("with {name} in h= as well", name=written.decode("ascii", "replace"))
            yield OwnForm(
                CHANGED_TAG, phrase, with_tag(own, b"h", value), msgspec.structs.replace(read, headers=headers), "h"
            )


def _listed(own: bytes) -> bytes:
    for element in own.partition(b":")[2].split(b";"):
        tag, equals, value = element.partition(b"=")
        if equals and tag.strip(b" \t\r\n") == b"h":
            return value.strip(b" \t\r\n")
    return b""
