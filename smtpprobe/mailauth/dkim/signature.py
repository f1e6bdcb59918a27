"""The DKIM-Signature header field: its tags read and judged before any key is fetched (RFC 6376 §3.5, §6.1.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from smtpprobe.mailauth.characters import naming_odd, shown, visible_part
from smtpprobe.mailauth.dkim.key import base64_octets, tag_list, words
from smtpprobe.model.names import is_at_or_below, is_domain
from smtpprobe.model.texts.language import mark, say

ALGORITHMS = {"rsa-sha256": ("rsa", "sha256"), "rsa-sha1": ("rsa", "sha1"), "ed25519-sha256": ("ed25519", "sha256")}
CLOCK_SKEW = timedelta(minutes=5)  # a guess of ours: how far in the future t= may lie before it counts

_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
_CANONICALIZATIONS = {"simple", "relaxed"}
_DIGITS = re.compile(r"[0-9]{1,76}\Z")
_QUOTED = re.compile(r"=([0-9A-F]{2})")
# h= was split at its colons, so that none stands in a name.
_HEADER_NAMES = re.compile(r"[\x21-\x3a\x3c-\x7e]+\Z")


class SignatureTags(msgspec.Struct, frozen=True, kw_only=True):
    """A DKIM-Signature's tags. `problem` makes it a permerror whatever the key says; `policy` is a receiver's choice.

    `body_length` is l=, None where it is absent. The times are None where absent or unreadable. `copied` is
    z= as it stands, which is read where the signature fails alone.
    """

    domain: str | None = None
    selector: str | None = None
    algorithm: str | None = None
    identity: str | None = None
    header_canonicalization: str = "simple"
    body_canonicalization: str = "simple"
    headers: tuple[str, ...] = ()
    body_hash: bytes = b""
    signature: bytes = b""
    body_length: int | None = None
    copied: str = ""
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    problem: str | None = None
    policy: str | None = None

    @property
    def signed_names(self) -> tuple[bytes, ...]:
        """The names in h=, as they stand in the fields of a message."""
        return tuple([name.encode() for name in self.headers])

    @property
    def identity_domain(self) -> str:
        """The domain of i=, lower-case; that of d= where i= is absent."""
        return (self.identity or "").rpartition("@")[2].lower()


def read_signature(value: bytes, now: datetime) -> SignatureTags:
    """The tags of a DKIM-Signature field's value, judged as of `now`. Never raises."""
    listed = tag_list(value.decode("utf-8", "replace"))
    tags = listed.tags
    canonicalizations = tags.get("c", "simple").lower().split("/")
    signed_at, expires_at = _instant(tags.get("t")), _instant(tags.get("x"))
    domain = _lower(tags.get("d"))
    read = SignatureTags(
        domain=domain,
        selector=_lower(tags.get("s")),
        algorithm=_lower(tags.get("a")),
        identity=_unquoted(tags["i"]) if "i" in tags else f"@{domain}" if domain else None,
        header_canonicalization=canonicalizations[0].strip(),
        # RFC 6376 §3.5: where only one is named, it is the header's, and the body's is simple.
        body_canonicalization=canonicalizations[1].strip() if len(canonicalizations) > 1 else "simple",
        headers=words(tags.get("h", "").lower()),
        body_hash=base64_octets(tags.get("bh", "")) or b"",
        signature=base64_octets(tags.get("b", "")) or b"",
        body_length=int(tags["l"]) if _DIGITS.match(tags.get("l", "")) else None,
        copied=tags.get("z", ""),
        signed_at=signed_at,
        expires_at=expires_at,
    )
    problem = listed.problem or _tags_problem(tags) or _problem(read, tags, len(canonicalizations))
    policy = _policy(read, now)
    return msgspec.structs.replace(read, problem=problem, policy=policy) if problem or policy else read


def _tags_problem(tags: dict[str, str]) -> str | None:
    for name in _REQUIRED:
        if not tags.get(name):
            fault = (
                mark("the required tag {name}= is empty")
                if name in tags
                else mark("the required tag {name}= is missing")
            )
            return say(fault, name=name)
    # RFC 6376 §6.1.1: a signature of another version is not ours to judge.
    if tags["v"] != "1":
        return say("incompatible version: v={v}", v=visible_part(tags["v"], 20))
    for name in ("t", "x", "l"):
        if name in tags and not _DIGITS.match(tags[name]):
            return say("{name}={tags} is not a number", name=name, tags=shown(tags[name], 20))
    # RFC 6376 §3.5: q= lists query methods; verifiers know dns/txt alone.
    if "q" in tags and "dns/txt" not in words(tags["q"].lower()):
        return say("unknown query method: q={q}", q=visible_part(tags["q"], 20))
    return None


def _problem(read: SignatureTags, tags: dict[str, str], canonicalizations: int) -> str | None:
    assert read.domain is not None
    if read.algorithm not in ALGORITHMS:
        return say("unknown algorithm: a={a}", a=visible_part(tags["a"], 40))
    chosen = {read.header_canonicalization, read.body_canonicalization}
    if canonicalizations > 2 or not chosen <= _CANONICALIZATIONS:
        return say("unknown canonicalization: c={c}", c=visible_part(tags["c"], 40))
    if not is_domain(read.domain):
        return say("d={d} is not a domain name", d=shown(tags["d"]))
    if not is_domain(read.selector or ""):
        return say("s={s} is not a selector", s=shown(tags["s"]))
    for name, value in (("b", read.signature), ("bh", read.body_hash)):
        if not value:
            return say("{name}= is not base64", name=name)
    if not _HEADER_NAMES.match(":".join(read.headers)):
        wrong = next((name for name in read.headers if not _HEADER_NAMES.match(name)), "")
        return naming_odd(say("h= is not a list of header field names: {wrong} is none", wrong=shown(wrong)), wrong)
    # RFC 6376 §5.4: the From field must be signed.
    if "from" not in read.headers:
        return say("the From field is not signed: h= does not name it")
    # RFC 6376 §3.5: the domain of i= is that of d= or below it.
    if "@" not in (read.identity or "") or not is_at_or_below(read.identity_domain, read.domain):
        return say("i={identity} is not within d={domain}", identity=shown(read.identity or ""), domain=read.domain)
    # RFC 6376 §3.5: x= must be greater than t= where both are there.
    if "t" in tags and "x" in tags and int(tags["x"]) <= int(tags["t"]):
        return say("x= is not later than t=")
    return None


def _policy(read: SignatureTags, now: datetime) -> str | None:
    # RFC 6376 §3.5: signatures past x= may be considered invalid.
    if read.expires_at is not None and read.expires_at <= now:
        return say("the signature expired at {expires_at} UTC", expires_at=format(read.expires_at, "%Y-%m-%d %H:%M:%S"))
    # RFC 6376 §3.5: implementations may refuse signatures whose time lies in the future.
    if read.signed_at is not None and read.signed_at > now + CLOCK_SKEW:
        return say(
            "the signature was made in the future, at {signed_at} UTC",
            signed_at=format(read.signed_at, "%Y-%m-%d %H:%M:%S"),
        )
    if read.algorithm == "rsa-sha1":
        return sha1_refused()
    return None


def sha1_refused() -> str:
    """Why a signature over SHA-1 does not count: verifiers must not verify rsa-sha1 (RFC 8301 §3.1)."""
    return say("rsa-sha1 must no longer be accepted")


def _lower(value: str | None) -> str | None:
    return None if value is None else "".join(value.split()).lower()


def _instant(value: str | None) -> datetime | None:
    """The time that a t= or x= names; the last representable one where it lies beyond (RFC 6376 §3.5)."""
    if value is None or not _DIGITS.match(value):
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC, microsecond=0)


def _unquoted(value: str) -> str:
    """The text of a dkim-quoted-printable value (RFC 6376 §2.11); octets that are not UTF-8 are replaced."""
    octets = _QUOTED.sub(lambda match: chr(int(match.group(1), 16)), "".join(value.split()))
    try:
        return octets.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return octets
