"""Where a DMARC record asks reports to be sent: each destination, and what was meant by one that is none (RFC 9990 §3)."""

from __future__ import annotations

import re

from smtpprobe.mailauth.characters import shown
from smtpprobe.model.texts.language import say

# RFC 9990 §3: a URI, optionally followed by a maximum size, which RFC 7489 had and which is passed over.
_REPORT_URI = re.compile(
    r"(mailto:[^\s@!,;]+@[^\s@!,;?]+(?:\?[^\s!,;]*)?|https?://[^\s!,;]+)(?:![0-9]+[kmgtKMGT]?)?\Z", re.IGNORECASE
)
_SCHEME = re.compile(
    r"(?:\b(?:mail[\s_-]?to|maito|malito|mailt|mailtp|mialto|e-?mail|mail)\s{0,9}(?:[:;=]+\s{0,9}/{0,3}|/{1,3})|\bmailto\s)\s{0,9}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@:/!,;<>%\"]+@(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}\Z")
# What is read as a URI, with something in place of a local part that no mailbox has (RFC 6068 §2).
_NO_ADDRESS = re.compile(r"mailto:(?://|[^@]*[<>\":])", re.IGNORECASE)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def report_uri(part: str) -> str | None:
    """The URI of one destination without a size limit behind it; None where it is not one."""
    match = _REPORT_URI.match(part)
    return match.group(1) if match else None


def uri_fault(uri: str) -> str | None:
    """Why no reports come to a destination, and what was probably meant; None where nothing is wrong with it."""
    if not uri:
        return say("a report address is missing beside a comma")
    if report_uri(uri) is None or _NO_ADDRESS.match(uri):
        said = say("{uri} is not a report address: expected mailto:user@example.org", uri=shown(uri, 60))
        meant = meant_destinations(uri)
        return say("{said}; probably {meant}", said=said, meant=meant) if meant else said
    if uri[:4].lower() == "http":
        # RFC 9990 §3: mailto is the one scheme that receivers have to support.
        return say("{uri}: receivers need to send reports only by mail, to mailto:user@example.org", uri=shown(uri, 60))
    if _BAD_PERCENT.search(uri):
        # RFC 3986 §2.1
        return say("{uri} has a percent sign without two hexadecimal digits behind it", uri=shown(uri, 60))
    return None


def meant_destinations(value: str) -> str | None:
    """The value of rua or ruf that was meant: addresses that can be told, each once, as mailto: URIs; None if there are none."""
    text = _SCHEME.sub(" mailto:", re.sub(r"[<>\[\]()\"']", " ", value))
    parts = re.split(r"[\s,;|]+", re.sub(r"(?:mailto:\s*)+", " mailto:", text))
    meant: dict[str, None] = {}
    for part in parts:
        bare = part.rstrip(".")
        uri = report_uri(bare) or (f"mailto:{bare}" if _ADDRESS.match(bare) else "")
        if uri[:7].lower() == "mailto:" and not (_BAD_PERCENT.search(uri) or _NO_ADDRESS.match(uri)):
            meant[f"mailto:{uri[7:]}"] = None
    return ",".join(meant) or None
