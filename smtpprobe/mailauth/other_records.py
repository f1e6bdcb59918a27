"""What a TXT record is that stands in place of another: a record of another standard, a name, or a text of somebody's own."""

from __future__ import annotations

import re

from smtpprobe.model.names import is_ip_address
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say

_SHOWN = 60

_HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,30}[a-z][a-z0-9-]{0,62}\.?\Z", re.IGNORECASE)
_CNAME = re.compile(r"(?:in\s{1,9})?cname[\s:=]{1,9}(\S{1,255})\Z", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?:ms=ms\d|[\w.-]{0,60}(?:verif|validat|challenge|ownership|owner|site-code|domain-code)[\w.-]{0,60}[=:])",
    re.IGNORECASE,
)
_BEGINNINGS = (
    ("v=spf1", mark("an SPF record, which belongs at the domain itself")),
    ("v=dmarc1", mark("a DMARC record, which belongs at _dmarc below the domain")),
    ("v=tlsrptv1", mark("a TLSRPT record, which belongs at _smtp._tls below the domain")),
    ("v=stsv1", mark("an MTA-STS record, which belongs at _mta-sts below the domain")),
    ("v=bimi1", mark("a BIMI record, which belongs at default._bimi below the domain")),
    ("dkim=", mark("an ADSP record (RFC 5617), which nobody reads any longer")),
    ("o=", mark("a DomainKeys policy (RFC 4870), which nobody reads any longer")),
    ("t=y; o=", mark("a DomainKeys policy (RFC 4870), which nobody reads any longer")),
    ("ssh-", mark("an SSH key")),
    ("http://", mark("a URL")),
    ("https://", mark("a URL")),
    ("<", mark("HTML or XML")),
    ("{", mark("JSON")),
)
VERSIONS = tuple(
    beginning for beginning, _ in _BEGINNINGS if beginning.startswith("v=")
)  # of other standards than DKIM


def other_record(text: str) -> str | None:
    """What a TXT record is, whatever was asked for; None if nothing better than its text can be said."""
    bare = unquoted(text)
    lower = bare.lower()
    for beginning, words in _BEGINNINGS:
        if lower.startswith(beginning):
            return say(words)
    if is_ip_address(bare):
        return say("an IP address")
    if (target := cname_target(bare)) is not None:
        return target
    return say("a verification token") if _TOKEN.match(bare) else None


def unquoted(text: str) -> str:
    """The text without the white space and the quotation marks around it."""
    return text.strip().strip("\"'").strip()


_AS_CNAME = mark("the target of a CNAME was entered as TXT; publish a CNAME record with it instead")


def cname_target(text: str) -> str | None:
    """What is to be said of a TXT record that is a host name, which belongs in a CNAME record; None if it is none."""
    bare = unquoted(text)
    named = _CNAME.match(bare)
    if not named and not _HOST_NAME.match(bare):
        return None
    name = named.group(1) if named else bare
    if is_ip_address(name):
        return say("an IP address")
    return say("the host name {name}: {as_cname}", name=quoted(name, _SHOWN), as_cname=say(_AS_CNAME))
