"""Other records that stand in the text of an SPF record: whose they are, and at which name they belong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from smtpprobe.model.texts.language import mark, say


class _Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of record: its version, its tags, so that no term of SPF behind it is taken for one, and where it belongs."""

    label: str
    version: str
    tags: str
    belongs_at: str

    def pattern(self, group: str) -> str:
        tag = rf"[;\s]{{1,4}}(?:{self.tags})\s{{0,3}}=\s{{0,3}}{_VALUE}"
        return rf"(?P<{group}>v\s{{0,3}}=\s{{0,3}}{self.version}(?:{tag})*)"


_VALUE = r"[^;,\s\"']*(?:\s{0,3},\s{0,3}[^;,\s\"']+)*"
_KINDS = {
    "dmarc": _Kind(
        label="DMARC",
        version="DMARC1",
        tags="p|sp|np|adkim|aspf|fo|rf|ri|pct|rua|ruf|psd|t",
        belongs_at="_dmarc.{domain}",
    ),
    "dkim": _Kind(label="DKIM", version="DKIM1", tags="k|p|h|n|s|t|g", belongs_at="SELECTOR._domainkey.{domain}"),
    "tlsrpt": _Kind(label="TLSRPT", version="TLSRPTv1", tags="rua", belongs_at="_smtp._tls.{domain}"),
    "sts": _Kind(label="MTA-STS", version="STSv1", tags="id", belongs_at="_mta-sts.{domain}"),
    "bimi": _Kind(label="BIMI", version="BIMI1", tags="l|a|avp|lps|s", belongs_at="default._bimi.{domain}"),
}
_TOKEN = (
    r"(?P<token>(?<![^\s;,\"'])(?:[a-z0-9]{1,20}-){1,3}verification(?:-code)?\s?[=:]\s?[^\s;,\"']+"
    r"|(?<![^\s;,\"'])MS=ms[0-9]+)"
)
_FOREIGN = re.compile("|".join([*(kind.pattern(group) for group, kind in _KINDS.items()), _TOKEN]), re.IGNORECASE)
_SEPARATORS = " ;,|&\"'\\"
_RECORD = mark("it is for {kind}, and nobody looks for it here: it belongs at {name}, in a TXT record of its own")
_TOKEN_SAID = mark("it is not part of SPF: it belongs in a TXT record of its own")


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """A record in the text of another one, from `start` to `end`. `label` is None for the token of a verification."""

    start: int
    end: int
    text: str
    label: str | None = None
    belongs_at: str = ""

    def has(self, text: str, at: int) -> bool:
        """Whether the word that begins there belongs to it, a quotation mark before it too."""
        return at < self.end and not text[at : self.start].strip("\"'")

    def said(self, domain: str) -> str:
        """What it is for, and where it belongs."""
        if self.label is None:
            return say(_TOKEN_SAID)
        return say(_RECORD, kind=self.label, name=self.belongs_at.format(domain=domain))


def foreign(text: str) -> Iterator[Foreign]:
    """The other records in a text, in order."""
    for found in _FOREIGN.finditer(text):
        start, end = found.span()
        kind = _KINDS.get(found.lastgroup or "")
        if kind is None:
            yield Foreign(start=start, end=end, text=found.group())
        else:
            yield Foreign(start=start, end=end, text=found.group(), label=kind.label, belongs_at=kind.belongs_at)


def without_foreign(text: str) -> tuple[str, tuple[Foreign, ...]]:
    """The text without the other records in it and what separates them from it, and these."""
    others = tuple(foreign(text))
    if not others:
        return text, ()
    starts, ends = [0, *(each.end for each in others)], [*(each.start for each in others), len(text)]
    kept = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    kept[1:] = [each.lstrip(_SEPARATORS) for each in kept[1:]]
    kept[:-1] = [each.rstrip(_SEPARATORS) for each in kept[:-1]]
    return " ".join(each for each in kept if each), others
