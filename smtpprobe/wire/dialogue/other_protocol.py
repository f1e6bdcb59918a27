"""Whether a server that knows neither EHLO nor HELO is one of another protocol, by its greeting."""

from __future__ import annotations

import re

from smtpprobe.model.reply import Reply

# FTP greets with 220, too (RFC 959 §5.4). vsFTPd, ProFTPD, Pure-FTPd; a host's name is none of these words.
_WORD = re.compile(r"[^\s()\[\]<>,;:\"']+")
_FTP = re.compile(r"[a-z]{0,9}[-_]?ftpd?|filezilla", re.IGNORECASE)
_MAIL = re.compile(r"[a-z]{0,9}[sl]mtp|mail[a-z]{0,9}", re.IGNORECASE)


def is_ftp(greeting: Reply | None) -> bool:
    """Whether the greeting names FTP, or a program that serves it, and nothing of mail."""
    words = _WORD.findall(greeting.text[:1000]) if greeting is not None else []
    return any(map(_FTP.fullmatch, words)) and not any(map(_MAIL.fullmatch, words))
