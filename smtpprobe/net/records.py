"""Records in the form in which lookups carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.rdata import Rdata


def presentation(rdataset: Iterable[Rdata]) -> tuple[str, ...]:
    """Each record as text: TXT strings joined without quotes, names lower-case without trailing dot."""
    return tuple(presentation_of(rdata) for rdata in rdataset)


def presentation_of(rdata: Rdata) -> str:
    """One record, the same way."""
    import dns.rdatatype

    strings = getattr(rdata, "strings", None)
    if strings is not None:
        # RFC 7208 §3.3, RFC 6376 §3.6.2.2: strings are joined without a blank.
        return b"".join(strings).decode("utf-8", "backslashreplace")
    if rdata.rdtype == dns.rdatatype.TLSA and isinstance(data := getattr(rdata, "data", None), bytes) and len(data) > 2:
        # As others are written (RFC 6698 §2.2); dnspython has them as unknown where their length is wrong.
        return f"{data[0]} {data[1]} {data[2]} {data[3:].hex()}".rstrip()
    preference, target = getattr(rdata, "preference", None), getattr(rdata, "exchange", None)
    if target is None:
        target = getattr(rdata, "target", None)
    # SVCB and HTTPS have a target too, but more than it counts (RFC 9460 §2.1).
    if target is not None and not hasattr(rdata, "params"):
        name = target.to_text(omit_final_dot=True).lower()
        if hasattr(rdata, "weight"):
            return f"{rdata.priority} {rdata.weight} {rdata.port} {name}"  # type: ignore[attr-defined]
        return f"{preference} {name}" if preference is not None else str(name)
    return rdata.to_text()
