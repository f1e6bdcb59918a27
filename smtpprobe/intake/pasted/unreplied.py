"""What a server's log tells of a client that got no reply, as its TLS handshake failed or it spoke no SMTP."""

from __future__ import annotations

import re

from smtpprobe.intake.found import MAX_REPLY, Found
from smtpprobe.intake.logs.lines import header
from smtpprobe.intake.mail_logs import Family
from smtpprobe.model.transcript import Phase, Side

_LINE = re.compile(
    r"\bpostfix[\w-]{0,40}/(?:[\w-]{1,40}/)?(?:smtpd|postscreen|tlsproxy)\[\d{1,10}\]: (?:warning: )?"
    r"(?P<postfix>(?P<tls>TLS library problem: )|(?:improper command pipelining after|non-SMTP command from) )"
    r"|(?P<exim>TLS error on connection from [^\n]{1,600}?\((?:SSL_accept|gnutls_handshake)\))"
)
_PEER = re.compile(r" from ((?:[^\s\[()]{1,255} ?)?(?:\([^\s()]{0,255}\) )?\[[^\]\s]{1,100}\](?::\d{1,5})?)")
_ERROR = re.compile(r"SSL_accept error from [^\n]{1,400}")


def of_client_here(text: str) -> Found | None:
    """The last such line of a log of Postfix or of Exim, without its header; None in any other text."""
    told = None
    peer: re.Match[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if _ERROR.search(line):
            peer = _PEER.search(line)
        if (found := _LINE.search(line)) is None:
            continue
        own = header(line.encode("utf-8", "backslashreplace"))
        is_tls = found["postfix"] is None or found["tls"] is not None
        named = _PEER.search(line) or (peer if is_tls else None)
        told = Found(
            reply=line[found.start("postfix" if found["postfix"] else "exim") :].strip()[:MAX_REPLY],
            phase=Phase.TLS if is_tls else None,
            when=own.when if own else None,
            peer=named[1] if named else None,
            line=number,
            side=Side.RECEIVING,
            program=Family.POSTFIX if found["postfix"] else Family.EXIM,
        )
    return told
