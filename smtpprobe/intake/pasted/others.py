"""Errors of programs that speak another protocol: they fail to connect, to agree on TLS and to log in with the same words."""

from __future__ import annotations

import re

_PORTS = (
    r"(?:21|22|23|80|389|443|445|636|1433|1521|2049|2375|3306|3389|5432|5672|6379|6443|8080|8443|9092|9200|11211|27017)"
)
_PROGRAM = (
    r"(?m:^[ \t]{0,20}(?:ssh|scp|sftp|rsync|ftp|lftp|psql|mysql|mysqldump|redis-cli|kubectl|wget|ldap\w{0,20}|docker)[:>] )"
    r"|\bHTTPS?ConnectionPool\(|\brequests\.exceptions\.|\burllib3?\.(?:exceptions|error|request)\b|\bpsycopg2?\.|\basyncpg\."
    r"|\bpymysql\.|\bMySQLdb\.|\bmysql\.connector\b|\bredis\.exceptions\.|\bpymongo\.|\bMongo\w{0,20}Error\b"
    r"|\bError response from daemon\b|\bunable to access 'https?://"
)
_PORT = (
    rf"\bport[ =:]{{1,3}}{_PORTS}\b"
    rf"|(?:[a-z\]]|\.\d{{1,3}})(?<!\.js)(?<!\.ts)(?<!\.py)(?<!\.go)(?<!\.rb)(?<!\.rs)(?<!\.php)(?<!\.java):{_PORTS}(?!\w|[:.]\d)"
)
# RFC 959 §4.2: what only FTP has, or its servers call themselves.
_FTP = r"(?m:^(?:331[ -]|150 |2(?:26|27|29|30)[ -]))|\b(?:vsFTPd|ProFTPD|Pure-FTPd|FileZilla Server)\b"
_OTHER_LINE = re.compile(f"{_PROGRAM}|{_PORT}")
_OTHER_TEXT = re.compile(f"{_PROGRAM}|{_PORT}|{_FTP}")
_OF_MAIL = re.compile(
    r"smtp|lmtp|starttls|\behlo\b|sendmail|postfix|\bexim|mailer|\brcpt\b|\bmail\b(?!\.)|e-?mail\b|\b[45]\d\d[ -][45]\.\d\.\d"
    r"|\bport\W{1,3}(?:25|465|587|2525)\b|:(?:25|465|587|2525)\b",
    re.IGNORECASE,
)
_OF_A_CONTAINER = re.compile(r"\bError response from daemon\b")


def is_of_another(line: str) -> bool:
    """Whether a line is an error of another protocol's program, and has no word of mail."""
    return _OTHER_LINE.search(line) is not None and (
        _OF_MAIL.search(line) is None or _OF_A_CONTAINER.search(line) is not None
    )


def is_all_of_another(text: str) -> bool:
    """Whether a text is about another protocol, and has no word of mail."""
    return _OTHER_TEXT.search(text) is not None and _OF_MAIL.search(text) is None


def without_others(text: str) -> str:
    """The text with an empty line in place of each error of another protocol's program; none left if it is all of that."""
    if _OTHER_TEXT.search(text) is None:
        return text
    if _OF_MAIL.search(text) is None:
        return ""
    return "\n".join("" if is_of_another(line) else line for line in text.splitlines())
