"""Keeps the translations in step with the texts: labels in the code, entries and causes in the catalogue's data.

`python docs/translate.py` gives every .po the texts that there are, in order, keeps what is translated, adds the rest
with an empty translation and drops what is no longer said; `--check` writes nothing and fails where a file is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from smtpprobe import __version__
from smtpprobe.catalogue.load import TEXT_FIELDS, table
from smtpprobe.cli.app import help_texts

PACKAGE = Path(__file__).resolve().parent.parent / "smtpprobe"
NAME = PACKAGE.name
LOCALE = PACKAGE / "catalogue" / "locale"
# A text, or the forms of one that goes with a number.
Text = str | tuple[str, ...]


def main(arguments: list[str]) -> int:
    """The exit code: 1 where `--check` finds a .po that is not as it would be written."""
    texts = list(dict.fromkeys(promised()))
    stale = 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        language = path.parent.parent.name
        known = translations(path)
        if list(known) != texts:
            stale += 1
            if "--check" in arguments:
                print(f"{path.name} of {language} is stale: run python docs/translate.py")
            else:
                write(path, language, {text: known.get(text, "") for text in texts})
        untranslated = sum(not known.get(text) for text in texts)
        print(f"{language}: {len(texts)} texts, {untranslated} not translated")
    return 1 if stale and "--check" in arguments else 0


def translations(path: Path) -> dict[Text, Text]:
    """The file's texts with their translations, in its order; empty for one that is missing or in doubt.

    A text that goes with a number is a pair, and its translation has as many forms as the language.
    """
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    return {
        _text(each.id): "" if each.fuzzy or not all(each.string) else _text(each.string) for each in catalog if each.id
    }


def _text(value: Any) -> Text:
    return value if isinstance(value, str) else tuple(value)


def write(path: Path, language: str, texts: Mapping[Text, Text]) -> None:
    """Writes the .po file of a language."""
    catalog = Catalog(
        language,
        project=NAME,
        version=__version__,
        msgid_bugs_address=NAME,
        last_translator=NAME,
        language_team=NAME,
        revision_date=datetime.now(UTC),
        fuzzy=False,
        header_comment=f"# The texts of {NAME}: labels, entries and causes.",
    )
    for text, translation in texts.items():
        forms = (text, translation or ("",) * catalog.num_plurals) if isinstance(text, tuple) else (text, translation)
        catalog.add(*forms)
    with path.open("wb") as file:
        write_po(file, catalog, width=0)


def promised() -> Iterator[Text]:
    """Every text that a translation has to have, some of them twice."""
    yield from labels()
    yield from help_texts()
    yield from texts_of(table("reply_codes"))
    numbers = table("enhanced_status_codes")
    yield from numbers["subject"].values()
    for entry in (*numbers["registered"].values(), *numbers["success"].values(), *numbers["refusal"].values()):
        yield from texts_of(entry)
    yield from texts_of(table("private_status_codes"))
    for cause in table("causes")["cause"].values():
        yield from texts_of({name: value for name, value in cause.items() if name != "who"})
    yield from texts_of(table("causes")["common"])
    yield from texts_of(table("causes")["retry"])
    for name in ("ehlo_keywords", "sasl_mechanisms"):
        yield from (entry["meaning"] for entry in table(name).values())
    for name, fields in (("dnsbl_zones", ("meaning", "reason")), ("dkim_selectors", ("unguessable",))):
        yield from named(table(name), fields)


def named(value: Any, fields: Container[str], field: str = "") -> Iterator[str]:
    """The texts of these fields, in order."""
    if isinstance(value, str) and field in fields:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from named(item, fields, field)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from named(item, fields, name)


def texts_of(value: Any) -> Iterator[str]:
    """The texts for readers in a part of a table, in order."""
    yield from named(value, TEXT_FIELDS)


def labels() -> Iterator[Text]:
    """The texts that the code marks with `mark("…")`, or says with `say("…")`, or with `say_counted("…", "…", n)`."""
    keywords: dict[str, Any] = {"mark": None, "say": None, "say_counted": (1, 2)}
    for _, _, text, _, _ in extract_from_dir(PACKAGE, [("**.py", "python")], keywords=keywords):
        if isinstance(text, str):
            yield text
        else:
            yield (str(text[0]), str(text[1]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
