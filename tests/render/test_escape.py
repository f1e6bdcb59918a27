"""What a server said, made harmless."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.render.escape import columns, csv_cell, final_lines, json_text, lines, may_be_link, terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "<U+009B>31mred"),
        ("bell\x07nul\x00del\x7f", "bell\\x07nul\\x00del\\x7f"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\u202egnol", "<U+202E>gnol"),
        ("\u2066\u200b\ufeff", "<U+2066><U+200B><U+FEFF>"),
        ("\u2028", "<U+2028>"),
        ("\U000e0041", "<U+E0041>"),
        ("\udcff", "\\udcff"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "<U+0301><U+0301>"),
        ("a\u034fb\ufe0fc\u3164d\U000e0101", "a<U+034F>b<U+FE0F>c<U+3164>d<U+E0101>"),
        ("##[error]x", "#\\x23[error]x"),
        ("a ##[x]##[y]", "a #\\x23[x]#\\x23[y]"),
        ("###[x]", "##\\x23[x]"),
        ("ü ##VSO[task.x]", "ü #\\x23VSO[task.x]"),
        ("##vso[task.x]", "#\\x23vso[task.x]"),
        ("##teamcity[x 'y']", "#\\x23teamcity[x 'y']"),
        ("##\t[x]", "## [x]"),
        ("#[x]", "\\x23[x]"),
        ("550 #5.1.0 C# [#1] #1[2] ## Title", "550 #5.1.0 C# [#1] #1[2] ## Title"),
        ("http://p\u0430ypal.example/", "http://p<U+0430>ypal.example/"),
        ("https://\u03b1\u0430.example and \u0430", "https://<U+03B1><U+0430>.example and \u0430"),
        ("https://почта.example/почта-mail", "https://почта.example/почта-mail"),
        ("https://münchen.example 日本ひらgana.example", "https://münchen.example 日本ひらgana.example"),
        ("https://日本ひらgana.example", "https://日本ひらgana.example"),
    ],
)
def test_terminal(text: str, shown: str) -> None:
    assert terminal(text) == shown


def test_more_characters_than_are_remembered() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    assert terminal(f"{text}\t\x1b") == f"{text} \\x1b"
    assert json_text(f'"{text}\n\x85"') == f'"{text}\n\\u0085"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ":\\x3aerror::x"),
        ("a\n \t\u00a0\u3000::set-output name=x::y\nb", "a\n \t\u00a0\u3000:\\x3aset-output name=x::y\nb"),
        ("::Add-Mask:: ::x::", ":\\x3aAdd-Mask:: ::x::"),
        ("\x1b[1m\x1b]8;;https://a.example\x1b\\::error::x", "\x1b[1m\x1b]8;;https://a.example\x1b\\:\\x3aerror::x"),
        ("a ::error::x", "a ::error::x"),
        ("::error", "::error"),
        ("::error\n::", "::error\n::"),
        ("::1 and ::2\n  ::1: not ::2", "::1 and ::2\n  ::1: not ::2"),
        ("::ffff:192.0.2.1 is listed", "::ffff:192.0.2.1 is listed"),
        ("Mail::SPF::Query", "Mail::SPF::Query"),
        (":error::x", ":error::x"),
        ("##" + "[error]x", "#\\x23[error]x"),
    ],
)
def test_line_starts(text: str, shown: str) -> None:
    assert final_lines(text) == shown


def test_lines() -> None:
    assert lines("a\x1b\n  ::error::x\n##[error]") == "a\\x1b\n  :\\x3aerror::x\n#\\x23[error]"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\t=1", "'=1"),
        ("\r\n =1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1; -2;b", "a;'=1;' -2;b"),
        ("a=1 -all", "a=1 -all"),
        ("  a\n b ", "a b"),
        ("", ""),
        ("##[x]\x1b", "#\\x23[x]\\x1b"),
    ],
)
def test_csv_cell(text: str, cell: str) -> None:
    assert csv_cell(text) == cell


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://lists.example/removal?ip=198.51.100.7&x=(a)#part", True),
        ("http://lists.example:8080", True),
        ("https://[2001:db8::1]:443/x", True),
        ("https://xn--mnchen-3ya.example/", True),
        ("https://lists.example/user@example.org", True),
        ("https://user@lists.example/", False),
        ("https://user:pw@lists.example/", False),
        ("https://lists.example:pw@other.example/", False),
        ("https://lists.example\\@other.example/", False),
        ("https://lists.example\\u202e/", False),
        ("https://münchen.example/", False),
        ("https://p\u0430ypal.example/", False),
        ("https://lists.example/\u00fc", False),
        ("https://lists.example:port/", False),
        ("https:///x", False),
        ("https://%6cists.example/", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://lists.example/\n", False),
    ],
)
def test_may_be_link(url: str, may: bool) -> None:
    assert may_be_link(url) is may


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not {unicodedata.category(c) for c in terminal(text)} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "taken"),
    # In Devanagari the signs above and below a letter take no column (Mn), those beside it one (Mc).
    [("abc", 3), ("世界", 4), ("e\u0301", 1), ("ü", 1), ("", 0), ("हिंदी", 4), ("संदेश", 3), ("उन्हें", 3)],
)
def test_columns(text: str, taken: int) -> None:
    assert columns(text) == taken


TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text('#[vso:\\"]')


@given(st.recursive(TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_json_stays_the_same_value(value: object) -> None:
    shown = json_text(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(shown) == value
    assert not re.search(r"##[a-z]*\[", shown)
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"} for c in shown)
