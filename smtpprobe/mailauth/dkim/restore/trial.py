"""What a signature covers of a message's header, so that it can be put together anew with changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from smtpprobe.mailauth.dkim.message import canonical_field, without_signature
from smtpprobe.mailauth.dkim.restore.copied import CopiedField, copied_fields
from smtpprobe.mailauth.dkim.signature import SignatureTags

Instances = Mapping[bytes, Sequence[bytes]]
MAX_SIGNED_FIELDS = 200  # that h= may name for anything to be tried


class Canonical(bytes):
    """A field that is signed in exactly this form, whatever canonicalization says."""


class Trial:
    """A header as one signature covers it. `fields` are those of the message but for the signature itself.

    `names` are those in h=, and `counts` says how often each stands there. `size` is how many octets are covered.
    """

    def __init__(self, fields: Instances, own: bytes, read: SignatureTags) -> None:
        self.fields = fields
        self.own = own
        self.read = read
        self.names = read.signed_names
        self.counts = Counter(self.names)
        self.size = len(own) + sum(len(raw) for name in self.counts for raw in self.signed(name))
        self._form = read.header_canonicalization

    def reading(self, read: SignatureTags) -> Trial:
        """The same with other tags."""
        return self if read is self.read else Trial(self.fields, self.own, read)

    def signed(self, name: bytes) -> tuple[bytes, ...]:
        """The fields of that name that are covered: the lowest ones, as many as h= names (RFC 6376 §5.4.2)."""
        return tuple(self.fields.get(name, ())[-self.counts[name] :]) if self.counts[name] else ()

    @cached_property
    def own_canonical(self) -> bytes:
        return self._own(self.own)

    @cached_property
    def copied(self) -> tuple[CopiedField, ...]:
        """The signed fields that differ from their copies in z=."""
        return copied_fields(self.fields, self.read)

    def octets(self, changed: Instances, own: bytes | None = None) -> bytes:
        """What would be signed with these fields in place of those there are (RFC 6376 §3.7, §5.4.2)."""
        chosen = self._chosen
        if changed:
            chosen = chosen.copy()
            for name, raws in changed.items():
                places = self._places.get(name, ())
                for place in places:
                    chosen[place] = b""
                for place, raw in zip(places, reversed(raws), strict=False):
                    chosen[place] = self.in_form(raw)
        return b"".join((*chosen, self.own_canonical if own is None else self._own(own)))

    def in_form(self, raw: bytes) -> bytes:
        """A field in the form in which it is signed."""
        return raw if isinstance(raw, Canonical) else canonical_field(raw, self._form)

    @cached_property
    def _places(self) -> dict[bytes, list[int]]:
        """Where each name stands in h=."""
        places: dict[bytes, list[int]] = {}
        for place, name in enumerate(self.names):
            places.setdefault(name, []).append(place)
        return places

    @cached_property
    def _chosen(self) -> list[bytes]:
        """For each name in h= the field that it stands for, as it is signed; empty where there is none."""
        chosen = [b""] * len(self.names)
        for name, places in self._places.items():
            for place, raw in zip(places, reversed(self.signed(name)), strict=False):
                chosen[place] = self.in_form(raw)
        return chosen

    def _own(self, own: bytes) -> bytes:
        return canonical_field(without_signature(own), self._form).removesuffix(b"\r\n")

    def title(self, name: bytes) -> str:
        """The name of a field as it stands in the message."""
        raw = self.fields.get(name, (name.title(),))[-1]
        return raw.partition(b":")[0].rstrip(b" \t").decode("ascii", "replace")
