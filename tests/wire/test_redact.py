from __future__ import annotations

import base64
import hashlib
import json
import quopri
import unicodedata
import urllib.parse
from collections.abc import Callable
from html.entities import codepoint2name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.wire.redact import HIDDEN, Redactor

SECRET = "Grün-Käse & 42%"
ENCODINGS = {
    "as it is": SECRET.encode(),
    "latin-1": SECRET.encode("latin-1"),
    "lower case": SECRET.lower().encode(),
    "hexadecimal": SECRET.encode().hex().upper().encode(),
    "base64": base64.b64encode(SECRET.encode()),
    "base64 of PLAIN": base64.b64encode(b"\0user\0" + SECRET.encode()),
    "base64 of PLAIN, one octet more": base64.b64encode(b"\0user1\0" + SECRET.encode()),
    "base64 of PLAIN, two octets more": base64.b64encode(b"\0user12\0" + SECRET.encode()),
    "URL-safe base64": base64.urlsafe_b64encode(b"x" + SECRET.encode()),
    "percent": urllib.parse.quote(SECRET, safe="").encode(),
    "escaped": SECRET.encode("ascii", "backslashreplace"),
    "XML": SECRET.encode("ascii", "xmlcharrefreplace"),
    "UTF-16": SECRET.encode("utf-16-le"),
    "MD5": hashlib.md5(SECRET.encode()).hexdigest().encode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_hidden_in_every_encoding(encoding):
    octets = b"535 5.7.8 " + ENCODINGS[encoding] + b" is wrong\r\n"
    hidden = Redactor([SECRET]).octets(octets)
    assert HIDDEN.encode() in hidden
    # At most the octets at the ends, which the neighbours decide, are left of it.
    kept = hidden.replace(HIDDEN.encode(), b"").removeprefix(b"535 5.7.8 ").removesuffix(b" is wrong\r\n")
    assert len(kept) <= len(b"\0user12\0") * 2
    assert not any(
        ENCODINGS[encoding][place : place + 12] in hidden for place in range(12, len(ENCODINGS[encoding]) - 16)
    )


# The secret, what came, and what is kept of it.
EXACT = [
    ("pass/word", "pass%2Fword", HIDDEN),
    ("pass word/x", "pass%20word%2Fx", HIDDEN),
    ("pass word/x", "pass+word%2Fx", HIDDEN),
    ("Käse'\"\x7f", r"""Käse\'"\x7f""", HIDDEN),  # Python
    ('Käse"\t/', r"K\u00e4se\"\t/", HIDDEN),  # JSON
    ('Käse"\t/', r"Käse\"\t/", HIDDEN),
    ("a<b\"c'd", "a&lt;b&quot;c&#x27;d", HIDDEN),  # HTML
    ("a<b\"c'd", "a&lt;b\"c'd", HIDDEN),
    ("abcd", "eabcdef", f"e{HIDDEN}ef"),
    ("abcd", "e2fc714c4727ee9395f324cd2e7f331f", HIDDEN),  # MD5
    ("abc", "900150983cd24fb0d6963f7d28e17f72", "900150983cd24fb0d6963f7d28e17f72"),
    ("abcde", "YWJjZGU=", f"{HIDDEN}="),  # base64
    ("abcd", "YWJjZA==", f"{HIDDEN}=="),
    ("abc", "eGFiY3g=", "eGFiY3g="),  # base64 of "xabcx": three characters are its own, as good as none
    ("ĀĀĀĀ", "????", "????"),
    ("abcd", "\udcff abcd", f"\ufffd {HIDDEN}"),
    ("hunter2>>>", "https://x.example/?r=aHVudGVyMj4%2BPg%3D%3D", f"https://x.example/?r={HIDDEN}%3D%3D"),
    ("pass?word?x~~", "r=cGFzcz93b3JkP3h%2Bfg%3D%3D", f"r={HIDDEN}%3D%3D"),
]


@pytest.mark.parametrize(("secret", "text", "kept"), EXACT)
def test_an_encoding_is_hidden_to_its_ends(secret, text, kept):
    assert Redactor([secret]).text(text) == kept


def octets(form: str) -> Callable[[str], bytes]:
    """Writes every octet in this form."""
    return lambda text: b"".join(form.format(each).encode() for each in text.encode())


def characters(form: str) -> Callable[[str], bytes]:
    """Writes every character in this form."""
    return lambda text: "".join(form.format(ord(each)) for each in text).encode()


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "percent, all of it": octets("%{:02X}"),
    "percent, small letters": octets("%{:02x}"),
    "percent, but for the slash": lambda text: urllib.parse.quote(text).encode(),
    "percent, twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe="").encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True),
    "quoted-printable, all of it": octets("={:02X}"),
    "quoted-printable, in a header": lambda text: quopri.encodestring(text.encode(), header=True),
    "octets of Python": lambda text: repr(text.encode())[2:-1].encode(),
    "hexadecimal escapes": octets("\\x{:02x}"),
    "octal escapes": octets("\\{:03o}"),
    "JSON, all of it": characters("\\u{:04x}"),
    "JSON, with its slash": lambda text: json.dumps(text)[1:-1].replace("/", "\\/").encode(),
    "JSON for HTML": lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").encode(),
    "old JavaScript": characters("%u{:04X}"),
    "HTML, decimal": characters("&#{};"),
    "HTML, hexadecimal": characters("&#x{:X};"),
    "HTML, named": lambda text: "".join(
        (codepoint2name.get(ord(x), "") and f"&{codepoint2name[ord(x)]};") or x for x in text
    ).encode(),
    "hexadecimal, with blanks": lambda text: text.encode().hex(" ").encode(),
    "hexadecimal, with colons": lambda text: text.encode().hex(":").encode(),
    "UTF-16": lambda text: text.encode("utf-16-be"),
    "NFC": lambda text: unicodedata.normalize("NFC", text).encode(),
    "NFD": lambda text: unicodedata.normalize("NFD", text).encode(),
    "NFKC": lambda text: unicodedata.normalize("NFKC", text).encode(),
}


@pytest.mark.parametrize("case", [str, str.upper, str.lower, str.swapcase, str.title])
@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    "secret", ["Grün/Käse & <42%>", "\\hunter\\\\22", "e\u0301toile-99", "ΣΊΣΥΦΟΣ 9", "ﬁsh+chips_'\""]
)
def test_a_secret_is_hidden_however_it_is_written_in_whatever_case(secret, write, case):
    assert Redactor([secret]).octets(b"535 " + write(case(secret)) + b".") == f"535 {HIDDEN}.".encode()


@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize("secret", ["Grün-Käse-42", "e\u0301toile-99"])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.upper().encode(),
        lambda text: text.lower().encode(),
        lambda text: unicodedata.normalize("NFC", text).encode(),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: unicodedata.normalize("NFC", text).encode("latin-1"),
    ],
)
def test_base64_of_what_others_make_of_a_secret_is_hidden(write, secret, before):
    hidden = Redactor([secret]).octets(base64.b64encode(b"tim"[:before] + write(secret)))
    assert HIDDEN.encode() in hidden
    assert len(hidden.replace(HIDDEN.encode(), b"")) <= 8


@pytest.mark.parametrize("secret", ["\\" * 12 + "x", "ß" * 20 + "x", "a&b;" * 6, "%25" * 8, "b" * 40 + "x"])
def test_no_secret_is_matched_in_many_ways(secret):
    """Where two forms of a character match the same octets, a text that ends otherwise takes a power of two."""
    for text in (secret[:-1], urllib.parse.quote(secret[:-1]), secret[:-1].replace("&", "&amp;"), "\\" * 99):
        assert HIDDEN not in Redactor([secret + "!"]).text(f"{text}?")


def test_of_two_secrets_that_begin_alike_the_longer_is_hidden_whole():
    redactor = Redactor(["hunter22"])
    redactor.add("hunter22.dq.example.net", "{key}.dq.example.net")
    assert redactor.text("hunter22 hunter22.dq.example.net") == f"{HIDDEN} {{key}}.dq.example.net"


FOREIGN = "пароль-Тайна-Ünï42"


@pytest.mark.parametrize("case", [str, str.upper, str.lower, str.swapcase, str.title])
@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: text.encode().decode("latin-1").encode(),  # read as Latin-1 on the way
        lambda text: text.encode("utf-16-le"),
        lambda text: urllib.parse.quote(text).encode(),
        lambda text: text.encode("ascii", "backslashreplace"),
        lambda text: text.encode("ascii", "xmlcharrefreplace"),
    ],
    ids=["utf-8", "latin-1", "utf-16", "percent", "escaped", "xml"],
)
def test_a_secret_in_any_script_is_hidden_whatever_the_case(write, case):
    assert Redactor([FOREIGN]).octets(b"535 " + write(case(FOREIGN)) + b".") == f"535 {HIDDEN}.".encode()


def test_a_letter_of_latin_1_is_hidden_whatever_the_case():
    assert Redactor(["Grünkäse"]).octets("535 GRÜNKÄSE".encode("latin-1")) == f"535 {HIDDEN}".encode()


def lines(*parts: str, enhanced: str = "") -> bytes:
    """A reply of these lines."""
    last = len(parts) - 1
    return b"".join(
        f"535{'-' if index < last else ' '}{enhanced}{each}\r\n".encode() for index, each in enumerate(parts)
    )


@pytest.mark.parametrize("enhanced", ["", "5.7.8 ", " 5.7.8: ", "  "])
@pytest.mark.parametrize("secret", ["correct horse battery", FOREIGN])
@pytest.mark.parametrize("write", [str, lambda text: base64.b64encode(text.encode()).decode().rstrip("=")])
def test_a_secret_is_hidden_where_the_next_line_goes_on_with_it(secret, write, enhanced):
    said, redactor = write(secret), Redactor([secret])
    strict = enhanced in ("", "5.7.8 ")
    # What stands in the blanks of a looser form may be the secret's own.
    for at in (at for at in range(1, len(said)) if strict or said[at] not in " :"):
        assert redactor.octets(lines(f"no {said[:at]}", f"{said[at:]} no", enhanced=enhanced)) == lines(
            f"no {HIDDEN}", f"{HIDDEN} no", enhanced=enhanced
        )
    thrice = lines(said[:4], said[4:9], said[9:], enhanced=enhanced)
    assert redactor.octets(thrice) == lines(HIDDEN, HIDDEN, HIDDEN, enhanced=enhanced)


@pytest.mark.parametrize(
    "beginning", ["     ", "\t\t\t\t", "5.7.8-", "  5.7.8 - ", "5.7.8:", "#5.7.8 ", "[535] ", "-- ", ">>"]
)
@pytest.mark.parametrize("secret", ["hunter22", "correct horse battery", "Grüße an Jörg"])
def test_a_secret_is_hidden_however_the_next_line_begins(secret, beginning):
    redactor = Redactor([secret])
    for at in (at for at in range(1, len(secret)) if secret[at] != " "):
        said = [f"no {secret[:at]}", f"{beginning}{secret[at:]} no"]
        hidden = [f"no {HIDDEN}", f"{beginning}{HIDDEN} no"]
        assert redactor.octets(lines(*said)) == lines(*hidden)
        assert redactor.lines(said) == tuple(hidden)


def test_what_two_lines_do_not_make_together_stays():
    redactor, reply = Redactor(["hunter22"]), lines("hunter", "22 hunters", "hunter")
    assert redactor.octets(reply) == lines(HIDDEN, f"{HIDDEN} hunters", "hunter")
    assert redactor.octets(lines("hunter", "2 2")) == lines("hunter", "2 2")
    # No line of a reply, so that nothing is put together.
    assert redactor.octets(b"hunter\r\n22") == b"hunter\r\n22"


@pytest.mark.parametrize("before", range(3))
def test_base64_of_base64_is_hidden_where_the_secret_alone_decides(before):
    once = base64.b64encode(b"tim"[:before] + b"correct horse battery")
    for outer in range(3):
        hidden = Redactor(["correct horse battery"]).octets(base64.b64encode(b"abc"[:outer] + once))
        assert HIDDEN.encode() in hidden
        # What is left is decided by what stands around it: two characters of base64, twice encoded.
        assert len(hidden.replace(HIDDEN.encode(), b"")) <= 14


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("secret", [b"abcd", b"hunter22", b"\xfb\xff\xbf\xfe\xfb\xff\xbf"])
@pytest.mark.parametrize("before", range(6))
def test_base64_is_hidden_where_the_secret_alone_decides(encode, secret, before):
    redactor = Redactor()
    redactor.add(secret)
    encoded = encode(b"user=x"[:before] + secret + b"\xff\xff")
    start, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
    assert redactor.octets(encoded) == encoded[:start] + HIDDEN.encode() + encoded[end:]


def test_what_holds_no_secret_stays_the_same_object():
    octets = b"250 Ok\r\n"
    assert Redactor().octets(octets) is octets
    assert Redactor([""]).octets(octets) is octets
    assert Redactor(["hunter22"]).octets(octets) == octets


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("abc", HIDDEN), ("say abc!", f"say {HIDDEN}!"), ("abcd", "abcd"), ("x.abc", "x.abc"), ("user=abc", "user=abc")],
)
def test_a_short_secret_is_hidden_where_it_stands_alone(text, hidden):
    assert Redactor(["abc"]).text(text) == hidden


def test_a_secret_is_hidden_from_when_it_is_learnt():
    redactor = Redactor(["hunter22"])
    assert redactor.text("tim b913a602") == "tim b913a602"
    redactor.add(b"tim b913a602")
    assert redactor.text("tim b913a602, hunter22") == f"{HIDDEN}, {HIDDEN}"


def test_the_longer_of_two_secrets_is_hidden_whole():
    assert Redactor(["pass", "password"]).text("password") == HIDDEN


def test_each_secret_has_its_own_substitute():
    redactor = Redactor(["hunter22"])
    redactor.add("K3y0123456789", "{key}")
    assert redactor.text("k3Y0123456789.dq.example.net, HUNTER22") == f"{{key}}.dq.example.net, {HIDDEN}"


def test_a_text_without_secret_stays_as_it_is():
    text = "Gr\udcfc\udcdfe"
    assert Redactor(["hunter22"]).text(text) is text


@given(st.text(min_size=4, max_size=20), st.text(max_size=10), st.text(max_size=10))
def test_any_secret_is_hidden_in_any_text(secret, before, after):
    if not secret.isprintable() or secret in HIDDEN or secret.casefold() in HIDDEN.casefold():
        return
    hidden = Redactor([secret]).octets((before + secret + after).encode())
    assert HIDDEN.encode() in hidden


@given(st.binary(min_size=1, max_size=12), st.binary(max_size=60))
def test_any_octets_are_redacted(secret, data):
    redactor = Redactor()
    redactor.add(secret)
    redactor.octets(data)
    redactor.text(data.decode("utf-8", "surrogateescape"))


def test_the_lines_of_a_reply_are_redacted_together():
    redactor = Redactor(["hunter22"])
    assert redactor.lines(()) == ()
    assert redactor.lines(("5.7.8 hunt", "5.7.8 er22", "no")) == (f"5.7.8 {HIDDEN}", f"5.7.8 {HIDDEN}", "no")
    assert redactor.lines(("hunter22 no", "\udcff hunt", "er 22")) == (f"{HIDDEN} no", "\udcff hunt", "er 22")
    assert Redactor().lines(["hunt", "er22"]) == ("hunt", "er22")


ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=12)
WRITINGS = st.sampled_from(
    [
        str.encode,
        lambda text: text.swapcase().encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be").upper(),
        lambda text: text.encode().hex("-").encode(),
        lambda text: text.encode().hex(":").upper().encode(),
        lambda text: " ".join(text.encode().hex()).encode(),
        lambda text: urllib.parse.quote(text, safe="").encode(),
        lambda text: json.dumps(text).encode(),
        lambda text: repr(text).encode(),
        lambda text: quopri.encodestring(text.encode(), quotetabs=True),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode()),
        lambda text: base64.urlsafe_b64encode(b"xy" + text.encode() + b"z"),
        lambda text: urllib.parse.quote(base64.b64encode(text.encode()), safe="").encode(),
        lambda text: base64.b64encode(base64.b64encode(text.upper().encode())),
        lambda text: hashlib.md5(text.encode()).hexdigest().upper().encode(),
        lambda text: "".join(f"&#{ord(each)};" for each in text).encode(),
        lambda text: "".join(f"\\x{ord(each):02x}" for each in text).encode(),
    ]
)


@given(ASCII, WRITINGS, st.binary(max_size=4), st.binary(max_size=4))
def test_where_a_secret_could_be_found_it_is_looked_for(secret, write, before, after):
    (kept,) = Redactor([secret])._secrets.values()
    octets = before + write(secret) + after
    assert kept.may_be_in(octets.lower()) or kept.pattern.search(octets) is None


def test_what_cannot_hold_a_secret_is_not_looked_at_closely():
    redactor = Redactor(["alicepw"])
    assert redactor.octets(b"250 2.1.0 Ok: queued as 4X91B1078\r\n") == b"250 2.1.0 Ok: queued as 4X91B1078\r\n"
    (kept,) = redactor._secrets.values()
    assert "pattern" not in vars(kept)
