"""Keeps the translations in step with the texts: labels in the code, entries and causes in the catalogue's data.

`python docs/translate.py` gives every .po the texts that there are, in order, keeps what is translated, adds the rest
with an empty translation and drops what is no longer said; `--check` writes nothing and fails where a file is stale.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smtpprobe.catalogue.load import TEXT_FIELDS, table
from smtpprobe.catalogue.po import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "smtpprobe"
LOCALE = PACKAGE / "catalogue" / "locale"
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: {}\n"
# The codes that are translated are those which these define.
STANDARDS = ("RFC 5321", "RFC 4954", "RFC 3207")


def main(arguments: list[str]) -> int:
    """The exit code: 1 where `--check` finds a .po that is not as it would be written."""
    texts = list(dict.fromkeys(promised()))
    stale = 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        present = path.read_text("utf-8")
        known = read_po(present)
        header = {"": HEADER.format(path.parent.parent.name)}
        wanted = write_po(header | {text: known.get(text, "") for text in texts})
        untranslated = sum(text not in known for text in texts)
        if wanted != present:
            stale += 1
            if "--check" in arguments:
                print(f"{path.name} of {path.parent.parent.name} is stale: run python docs/translate.py")
            else:
                path.write_text(wanted, "utf-8")
        print(f"{path.parent.parent.name}: {len(texts)} texts, {untranslated} not translated")
    return 1 if stale and "--check" in arguments else 0


def promised() -> Iterator[str]:
    """Every text that a translation has to have, some of them twice."""
    yield from labels()
    codes = table("reply_codes")
    defined = [code for code, entry in codes["code"].items() if is_defined(entry)]
    for code in defined:
        yield from texts_of(codes["code"][code])
    for kind, separator in (("phase", "/"), ("combination", " ")):
        for key, variant in codes[kind].items():
            if key.partition(separator)[0] in defined:
                yield from texts_of(variant)
    for cause in table("causes")["cause"].values():
        yield from texts_of({name: value for name, value in cause.items() if name != "who"})


def is_defined(entry: dict[str, Any]) -> bool:
    """Whether one of the standards whose codes are translated defines this code."""
    return bool(entry["standard"]) and entry["references"][0].startswith(STANDARDS)


def texts_of(value: Any, field: str = "") -> Iterator[str]:
    """The texts for readers in a part of a table, in order."""
    if isinstance(value, str) and field in TEXT_FIELDS:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, field)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(item, name)


def labels() -> Iterator[str]:
    """The texts that the code marks for translation with `mark("…")` or says with `say("…")`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("mark", "say"):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
