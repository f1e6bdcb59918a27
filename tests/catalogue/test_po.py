"""A .po file read, written, and compiled into what gettext reads."""

from __future__ import annotations

import gettext
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.catalogue.build_hook import write_translations
from smtpprobe.catalogue.po import compile_po, read_po, write_po

HEADER = {"": "Content-Type: text/plain; charset=UTF-8\n"}
TEXT = r"""# a comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: hi\n"

#: somewhere.py:3
msgid "Cause"
msgstr "कारण"

msgid ""
"one \"quoted\" "
"text"
msgstr "एक\tपाठ"
# the next entry needs no blank line before it
msgid "empty"
msgstr ""

#, fuzzy
msgid "doubtful"
msgstr "संदिग्ध"
"""
READ = {"": "Content-Type: text/plain; charset=UTF-8\nLanguage: hi\n", "Cause": "कारण", 'one "quoted" text': "एक\tपाठ"}


def test_a_file_is_read_without_what_is_empty_or_fuzzy() -> None:
    assert read_po(TEXT) == READ


def test_gettext_reads_what_is_compiled() -> None:
    translations = gettext.GNUTranslations(io.BytesIO(compile_po(TEXT)))
    assert {text: translations.gettext(text) for text in READ if text} == {k: v for k, v in READ.items() if k}
    assert translations.gettext("doubtful") == "doubtful"
    assert translations.info()["language"] == "hi"


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=8))
def test_what_is_written_is_read_again(entries: dict[str, str]) -> None:
    entries = {key.encode("utf-8", "replace").decode(): value for key, value in entries.items()}
    assert read_po(write_po(HEADER | entries)) == HEADER | entries


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("msgid one", 1),
        ('msgid "a"\nmsgtext "b"', 2),
        ('\n\n"a string without a keyword"', 3),
        ('msgid "a\nmsgstr "b"', 1),
        ('msgid "a"', 2),
    ],
)
def test_what_is_no_po_file_is_refused_with_its_line(text: str, number: int) -> None:
    with pytest.raises(ValueError, match=rf"^line {number} "):
        read_po(text)


def test_the_hook_writes_a_mo_beside_each_po(tmp_path) -> None:
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "smtpprobe.po").write_text(TEXT, "utf-8")
    written = write_translations(tmp_path)
    assert written == [folder / "smtpprobe.mo"]
    assert gettext.translation("smtpprobe", str(tmp_path), ["hi"]).gettext("Cause") == "कारण"
    assert sorted(path.name for path in folder.iterdir()) == ["smtpprobe.mo", "smtpprobe.po"]
