"""Canonical forms as signers made them that did not follow RFC 6376 §3.4 to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import canonical_body, canonical_field
from smtpprobe.model.texts.language import mark, say

_BLANKS = b" \t"
NOT_CANONICAL = mark("the signer does not follow relaxed canonicalization (RFC 6376 §3.4.2)")
_FOLDED_OR_NOT_CANONICAL = mark(
    "folds were added after signing, inside words, or the signer does not follow relaxed canonicalization "
    "(RFC 6376 §3.4.2)"
)


class FieldForm(NamedTuple):
    """How such a signer puts a field. `phrase` completes: the header signature is right …; `blame` says whose fault it is."""

    phrase: str
    form: Callable[[bytes], bytes]
    blame: str = NOT_CANONICAL

    def said(self, name: str) -> str:
        """The phrase for the fields named, with whose fault it is."""
        return f"{say(self.phrase, name=name)}: {say(self.blame)}"


def _parts(field: bytes) -> tuple[bytes, bytes]:
    """The name in its relaxed form, and the value as it stands, without the last CRLF."""
    name, _, value = field.partition(b":")
    return name.rstrip(_BLANKS).lower(), value.removesuffix(b"\r\n")


def _spaced(octets: bytes) -> bytes:
    return re.sub(rb"[ \t]{1,998}", b" ", octets)


def _blank_after_colon(field: bytes) -> bytes:
    name, value = _parts(field)
    unfolded = _spaced(value.replace(b"\r\n", b""))
    return name + b":" + unfolded.rstrip(b" ") + b"\r\n"


def _blank_where_folded(field: bytes) -> bytes:
    return (
        _blank_after_colon(field)
        if _parts(field)[1].lstrip(_BLANKS).startswith(b"\r\n")
        else canonical_field(field, "relaxed")
    )


def _blank_at_end(field: bytes) -> bytes:
    name, value = _parts(field)
    return name + b":" + _spaced(value.replace(b"\r\n", b"")).lstrip(b" ") + b"\r\n"


def _blanks_kept(field: bytes) -> bytes:
    name, value = _parts(field)
    return name + b":" + value.replace(b"\r\n", b"").strip(_BLANKS) + b"\r\n"


def _tabs_kept(field: bytes) -> bytes:
    name, value = _parts(field)
    return name + b":" + re.sub(rb" {2,998}", b" ", value.replace(b"\r\n", b"")).strip(_BLANKS) + b"\r\n"


def _folds_dropped(field: bytes) -> bytes:
    name, value = _parts(field)
    return name + b":" + _spaced(re.sub(rb"\r\n[ \t]{1,998}", b"", value)).strip(b" ") + b"\r\n"


def _fold_as_it_is(field: bytes) -> bytes:
    name, value = _parts(field)
    return name + b":" + b"\r\n".join(_spaced(line).strip(b" ") for line in value.split(b"\r\n")) + b"\r\n"


def _name_as_it_is(field: bytes) -> bytes:
    name = field.partition(b":")[0].rstrip(_BLANKS)
    return name + canonical_field(field, "relaxed")[len(name) :]


FIELD_FORMS: tuple[FieldForm, ...] = (
    FieldForm(mark("with a blank after the colon of {name}, whose value begins on the next line"), _blank_where_folded),
    FieldForm(mark("with the blank after the colon of {name} kept"), _blank_after_colon),
    FieldForm(mark("with the blank at the end of {name} kept"), _blank_at_end),
    FieldForm(mark("with the runs of blanks in {name} kept"), _blanks_kept),
    FieldForm(mark("with the tabs in {name} kept"), _tabs_kept),
    FieldForm(mark("with nothing in place of the folds of {name}"), _folds_dropped, _FOLDED_OR_NOT_CANONICAL),
    FieldForm(mark("with the line ends inside {name} kept"), _fold_as_it_is),
    FieldForm(mark("with the names of {name} as they are written"), _name_as_it_is),
)


def not_canonical(phrase: str) -> str:
    """The phrase of a body's form that a signer hashed, with whose fault it is."""
    return say("{phrase}: the signer does not follow its canonicalization (RFC 6376 §3.4)", phrase=phrase)


def body_forms(body: bytes, canonicalization: str) -> Iterator[tuple[str, bytes]]:
    """What completes `the body hash is right …`, and the body as such a signer hashed it."""
    canonical = canonical_body(body, canonicalization)
    if not canonical:
        # RFC 4871 §3.4.4 said nothing of empty bodies; RFC 6376 hashes no octet.
        yield say("with one line end for an empty body"), b"\r\n"
    elif canonical == b"\r\n":
        yield say("with nothing for an empty body"), b""
    if canonicalization == "relaxed":
        spaced = _spaced(body)
        yield say("with a blank at the ends of lines kept"), canonical_body(spaced, "simple")
        ends = [line.rstrip(_BLANKS) for line in body.split(b"\r\n")]
        yield say("with runs of blanks kept"), canonical_body(b"\r\n".join(ends), "simple")
        lines = [line.strip(b" ") for line in spaced.split(b"\r\n")]
        yield say("with the blanks at the beginning of lines removed"), canonical_body(b"\r\n".join(lines), "simple")
        tight = spaced.replace(b" \r\n", b"\r\n")
        yield say("with the empty lines at its end kept"), tight
    yield say("with the empty lines at its end kept"), body
    yield say("with one more line end"), canonical + b"\r\n"
    yield say("without any line end"), canonical.replace(b"\r\n", b"")
    yield say("with CR instead of CRLF"), canonical.replace(b"\r\n", b"\r")
