"""What was meant by a tag's name or value that DMARC does not have, as far as that is certain (RFC 9989 §4.7)."""

from __future__ import annotations

import re

from smtpprobe.mailauth.dmarc.report_uri import meant_destinations
from smtpprobe.model.evidence.dmarc import DmarcPolicy

TAGS = ("v", "p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf")
HISTORIC = ("pct", "rf", "ri")  # RFC 9989 §9.3
POLICY_TAGS = ("p", "sp", "np")
DESTINATION_TAGS = ("rua", "ruf")
POLICIES = (DmarcPolicy.NONE, DmarcPolicy.QUARANTINE, DmarcPolicy.REJECT)  # the weakest first
BEHIND_POLICY = "|".join(f"(?<={policy})" for policy in POLICIES)  # of what is run into the name of a policy

_POLICY_WORDS = {
    "": "", "no": "none", "monitor": "none", "monitoring": "none", "non": "none", "noen": "none", "nome": "none", "null": "none",
    "quar": "quarantine", "spam": "quarantine", "junk": "quarantine", "refuse": "reject", "deny": "reject",
}  # fmt: skip
_MODE_WORDS = {"r": "r", "relax": "r", "relaxed": "r", "s": "s", "strict": "s"}
_FLAG_WORDS = {"y": "y", "yes": "y", "true": "y", "n": "n", "no": "n", "false": "n"}
_NAMES = {
    "policy": "p", "pol": "p", "subpolicy": "sp", "subdomain": "sp", "subdomains": "sp", "dkim": "adkim", "spf": "aspf",
    "percent": "pct", "ruaf": "ruf", "version": "v", "test": "t", "testing": "t",
}  # fmt: skip
_WORDS = {"adkim": _MODE_WORDS, "aspf": _MODE_WORDS, "t": _FLAG_WORDS, "psd": {**_FLAG_WORDS, "u": "u"}}
# A tag without a semicolon before it: behind a blank or another separator, or run into the name of a policy.
RUN_ON = re.compile(
    rf"(?:(?<=[\s,|&/])|{BEHIND_POLICY}|(?<=DMARC1))"
    rf"(?=(?:{'|'.join((*TAGS[1:], *HISTORIC))}|policy)\s{{0,9}}[=:](?!/))",
    re.IGNORECASE,
)


def meant_name(name: str) -> str | None:
    """The tag that was meant by a name; None if that is not certain."""
    lower = name.lower()
    if lower in TAGS or lower in HISTORIC:
        return lower
    if lower in _NAMES:
        return _NAMES[lower]
    near = [tag for tag in (*TAGS, *HISTORIC) if len(tag) > 2 and _one_slip(lower, tag)]
    return near[0] if len(near) == 1 else None


def meant_value(name: str, value: str) -> str | None:
    """The value that was meant for a tag, right ones as they are; None if that is not certain, or none is needed."""
    lower = value.strip().strip("\"'.,:=").strip().lower()
    if name in POLICY_TAGS:
        return _policy(lower)
    if name in DESTINATION_TAGS:
        return meant_destinations(value)
    if name in _WORDS:
        return _WORDS[name].get(lower)
    if name == "fo":
        return _failure_options(lower)
    if name == "pct":
        number = lower.rstrip("% ")
        # RFC 7489 §6.3: 100 is the default; RFC 9989 does not read it at all.
        return number if re.fullmatch(r"[0-9]{1,2}", number) else None
    return None


def _policy(lower: str) -> str | None:
    if lower in POLICIES:
        return lower
    if lower in _POLICY_WORDS:
        return _POLICY_WORDS[lower] or None
    if len(lower) > 20 or len(lower) < 4:
        return None
    import difflib

    near = difflib.get_close_matches(lower, POLICIES, n=1, cutoff=0.75)
    return near[0] if near else None


def _failure_options(lower: str) -> str | None:
    options = dict.fromkeys(re.split(r"[\s,;:/|]+", lower))
    if not options.keys() <= {"0", "1", "d", "s"}:
        return None
    if "1" in options:
        # RFC 9989 §4.7: 1 asks for all that 0 asks for, and the two exclude each other.
        options.pop("0", None)
    return ":".join(options)


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, too many or another, or two neighbours have changed places."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    start = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:] and len(left) > 1)
    )
