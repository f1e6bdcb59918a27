"""A reply with what changes from one delivery to the next put aside, so that one reply is explained once."""

from __future__ import annotations

import re
from functools import lru_cache

from smtpprobe.catalogue import providers

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_NO_SECTION = r"(?<!ection )(?<!lause )(?<!ragraph )(?<!§)(?<!§ )"
_VARIES = re.compile(
    r"(?<![\w.+/=-])(?P<local>[\w.+-]{1,64})@(?P<domain>(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,24})(?![\w@-]|\.\w)"
    # The number of a section is no address, and reads as none later.
    rf"|(?<![\w.])(?<![0-9a-fA-F:]:){_NO_SECTION}(?!127\.)(?P<ip>{_OCTET}(?:\.{_OCTET}){{3}})(?![\w]|\.\w)"
    r"|(?P<trace>\[[\w.-]{1,200}\.prod\.(?:protection\.)?outlook\.com[^\]]{0,200}\])"
    r"|(?P<id>[\w-]{1,80}\.\d{1,9})(?=\s{1,4}-\s{1,4}gsmtp)",
    re.ASCII,
)
_PUT = re.compile(r"\bslot(\d{1,2})(?=@)|\bd(\d{1,2})\.slot\.test|\b198\.51\.100\.(\d{1,3})\b")
MOST = 40  # distinct addresses that are put aside; a reply with more is read as it stands


class Slots:
    """What was put aside: local parts, domains and IP addresses by their number."""

    __slots__ = ("domains", "ips", "locals")

    def __init__(self) -> None:
        self.locals: dict[str, int] = {}
        self.domains: dict[str, int] = {}
        self.ips: dict[str, int] = {}

    def _take(self, match: re.Match[str]) -> str:
        kind = match.lastgroup
        if kind == "domain":
            number = self.locals.setdefault(match["local"], len(self.locals))
            domain = match["domain"]
            if providers.provider_of(domain) is None:
                domain = f"d{self.domains.setdefault(domain, len(self.domains))}.slot.test"
            return f"slot{number}@{domain}"
        if kind == "ip":
            return f"198.51.100.{self.ips.setdefault(match['ip'], len(self.ips))}"
        return "[x.prod.outlook.com]" if kind == "trace" else "x-x.0"

    def back(self, value: str | None) -> str | None:
        """The value with what was put aside in its place again."""
        return _PUT.sub(self._give, value) if value else value

    def _give(self, match: re.Match[str]) -> str:
        held = (self.locals, self.domains, self.ips)[(match.lastindex or 1) - 1]
        number = int(match[match.lastindex or 1])
        return next((value for value, index in held.items() if index == number), match[0])


@lru_cache(maxsize=8)  # cause and advice ask for the same text one after the other
def outline(text: str) -> tuple[str, Slots | None]:
    """The text with numbered stand-ins for what varies, and what they stand for.

    Mail addresses, IPv4 addresses and trace identifiers vary; a domain that tells the provider stays.
    Equal values have equal stand-ins. None with the text as it is where nothing, or too much, varies.
    """
    if "@" not in text and "." not in text:
        return text, None
    slots = Slots()
    drawn = _VARIES.sub(slots._take, text)
    if max(len(slots.locals), len(slots.domains), len(slots.ips)) > MOST or ".slot.test" in text:
        return text, None
    return drawn, slots
