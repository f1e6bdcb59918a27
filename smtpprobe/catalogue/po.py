"""Translations as they are written (.po) and as gettext reads them (.mo). Imports nothing of ours: the build runs it alone."""

from __future__ import annotations

import json
import struct

_MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """The translations by msgid, the header under the empty one; an empty or fuzzy translation is left out.

    Raises ValueError, with the line's number, for what is no entry of a msgid and a msgstr.
    """
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    part, fuzzy = "", False
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        line = line.strip()
        if not line or (line.startswith("#") and "msgstr" in entry):
            if entry and set(entry) != {"msgid", "msgstr"}:
                raise ValueError(f"line {number} ends an entry without msgid or msgstr")
            if entry.get("msgstr") and not fuzzy:
                found[entry["msgid"]] = entry["msgstr"]
            entry, part, fuzzy = {}, "", False
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line:
            part, content = _string(line, part, number)
            entry[part] = entry.get(part, "") + content
    return found


def _string(line: str, part: str, number: int) -> tuple[str, str]:
    """The keyword that the line belongs to, and the text of its string."""
    keyword, _, quoted = line.partition(" ") if not line.startswith('"') else (part, "", line)
    try:
        content = json.loads(quoted)
    except ValueError:
        content = None
    if keyword not in ("msgid", "msgstr") or not isinstance(content, str):
        raise ValueError(f"line {number} is no line of a .po file: {line[:40]!r}")
    return keyword, content


def write_po(translations: dict[str, str]) -> str:
    """The .po file's text, in the order given; a translation that is missing is the empty string."""
    entries = (f"msgid {_quoted(msgid)}\nmsgstr {_quoted(msgstr)}\n" for msgid, msgstr in translations.items())
    return "\n".join(entries)


def compile_po(text: str) -> bytes:
    """The .mo file's octets for a .po file's text: the format of GNU gettext, little-endian, without a hash table."""
    pairs = sorted((msgid.encode(), msgstr.encode()) for msgid, msgstr in read_po(text).items())
    tables_end = 28 + 16 * len(pairs)
    rows: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for pair in pairs:
            rows.append(struct.pack("<II", len(pair[column]), tables_end + len(strings)))
            strings += pair[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, tables_end)
    return head + b"".join(rows) + strings


def _quoted(text: str) -> str:
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    quoted = [json.dumps(line, ensure_ascii=False) for line in lines if line]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])
