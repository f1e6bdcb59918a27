"""The grammar of SPF records and of their macro strings."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf.macro import (
    EXPLANATION_LETTERS,
    Macro,
    MacroString,
    MacroSyntaxError,
    TermFault,
    can_be_asked,
    domain_problem,
    is_toplabel,
    parse_domain_spec,
    parse_macro_string,
    target_name,
)
from smtpprobe.mailauth.spf.record import Term, is_spf_record, parse_record, parse_term

# The values of the examples in RFC 7208 §7.4.
VALUES = {
    "s": "strong-bad@email.example.com", "l": "strong-bad", "o": "email.example.com", "d": "email.example.com",
    "i": "192.0.2.3", "c": "192.0.2.3", "v": "in-addr", "h": "mx.example.org", "p": "mx.example.org",
    "r": "unknown", "t": "1700000000",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{d127}", "email.example.com"),
        ("%{d99999999999999999999}", "email.example.com"),
        ("%{dr}", "com.example.email"),
        ("%{dR}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{s-@}", None),
        ("%{s-.+}", "strong.bad@email.example.com"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{s.-}", "strong.bad@email.example.com"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("a%%b%_c%-d", "a%b c%20d"),
        ("%{d0}", None),
        ("%{c}", None),
        ("%{a}", None),
        ("%(d)", None),
        ("%{d", None),
        ("100%", None),
        ("a b", None),
        ("a\tb", None),
        ("ü.example.org", None),
        (r"\x80.example.org", None),
    ],
)
def test_macro_strings(text: str, expanded: str | None) -> None:
    if expanded is None:
        with pytest.raises(MacroSyntaxError):
            parse_macro_string(text)
    else:
        assert parse_macro_string(text).expand(VALUES) == expanded


@pytest.mark.parametrize(
    ("text", "macro"),
    [
        ("%{d}", Macro(letter="d")),
        ("%{D}", Macro(letter="d", escaped=True)),
        ("%{d2}", Macro(letter="d", keep=2, delimiters=".")),
        ("%{dr}", Macro(letter="d", reverse=True, delimiters=".")),
        ("%{d-+}", Macro(letter="d", delimiters="-+")),
        ("%{d3R_=}", Macro(letter="d", keep=3, reverse=True, delimiters="_=")),
        ("%{d01}", Macro(letter="d", keep=1, delimiters=".")),
        ("%{d0999999}", Macro(letter="d", keep=999_999, delimiters=".")),
        ("%{d1000000}", Macro(letter="d", keep=999_999, delimiters=".")),
    ],
)
def test_a_macro_is_its_letter_and_its_transformers(text: str, macro: Macro) -> None:
    assert parse_macro_string(f"x.{text}.y") == MacroString(("x.", macro, ".y"), None, frozenset("d"))


@pytest.mark.parametrize(
    ("text", "literal", "letters"),
    [("a%%b", "a%b", ""), ("", "", ""), ("%{p}.x", None, "p"), ("%{P2}", None, "p"), ("%{d}.%{i}", None, "di")],
)
def test_what_a_macro_string_needs(text: str, literal: str | None, letters: str) -> None:
    parsed = parse_macro_string(text)
    assert (parsed.literal, parsed.letters) == (literal, frozenset(letters))


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("AZaz09-._~", "AZaz09-._~"),
        ("a b/c@d+e", "a%20b%2Fc%40d%2Be"),
        ("ü", "%C3%BC"),
        ("\ud800", "%3F"),
        ("\n", "%0A"),
    ],
)
def test_an_upper_case_macro_is_percent_encoded(value: str, escaped: str) -> None:
    assert Macro(letter="l", escaped=True).expand(value) == escaped
    assert Macro(letter="l").expand(value) == value


@pytest.mark.parametrize("letter", ["c", "r", "t"])
def test_letters_of_explanations_are_none_of_terms(letter: str) -> None:
    with pytest.raises(MacroSyntaxError) as raised:
        parse_macro_string(f"%{{{letter}}}")
    assert str(raised.value) == f"the macro letter {letter} is allowed in explanations only"
    assert raised.value.fault is TermFault.SYNTAX
    assert parse_macro_string(f"%{{{letter}}}", EXPLANATION_LETTERS).expand(VALUES) == VALUES[letter]


def test_a_blank_is_allowed_in_explanations_alone() -> None:
    assert parse_macro_string("a b", spaces=True).literal == "a b"
    for text, spaces in (("a b", False), ("a\tb", True), ("a\x7fb", True)):
        with pytest.raises(MacroSyntaxError, match=r"\Acontains a control character\Z"):
            parse_macro_string(text, spaces=spaces)
    for text in ("ä b", r"\x89 b", r"\xff b"):
        with pytest.raises(MacroSyntaxError, match=r"\Acontains octets outside US-ASCII\Z"):
            parse_macro_string(text, spaces=True)
    assert parse_macro_string(r"\x79 b", spaces=True).literal == r"\x79 b"


def test_explanations_have_three_letters_more_and_spaces() -> None:
    parsed = parse_macro_string("%{c} at %{t} by %{r}", EXPLANATION_LETTERS, spaces=True)
    assert parsed.expand(VALUES) == "192.0.2.3 at 1700000000 by unknown"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("example.org", True), ("example.org.", True), ("_spf.example.xn--zckzah", True), ("a:b/c.example.org", True),
        ("%{d}", True), ("x%{d}", True), ("%{i}.example.org", True), ("x%%", True), ("a.1-2", True),
        ("", False), ("org", False), ("org.", False), ("example.123", False), ("example.-org", False),
        ("example.org-", False), ("%{d}x", False), ("example.org:25", False), ("a..", False), (".", False),
    ],
)  # fmt: skip
def test_domain_specs(text: str, good: bool) -> None:
    if good:
        parse_domain_spec(text)
    else:
        with pytest.raises(MacroSyntaxError):
            parse_domain_spec(text)


@pytest.mark.parametrize(
    ("text", "says", "fault"),
    [
        ("", "the domain is empty", TermFault.SYNTAX),
        ("org", "org is not a fully qualified domain name", TermFault.NOT_QUALIFIED),
        ("org.", "org. is not a fully qualified domain name", TermFault.NOT_QUALIFIED),
        ("%{d}x", "%{d}x is not a fully qualified domain name", TermFault.NOT_QUALIFIED),
        ("a.example.123", "a.example.123 does not end in a top-level domain", TermFault.SYNTAX),
        ("example.", "example. is not a fully qualified domain name", TermFault.NOT_QUALIFIED),
        ("example..", "example.. does not end in a top-level domain", TermFault.SYNTAX),
        ("%{d}.", "%{d}. is not a fully qualified domain name", TermFault.NOT_QUALIFIED),
        ("%{d}.x.org%", "% is not a macro", TermFault.SYNTAX),
    ],
)
def test_why_a_domain_spec_is_none(text: str, says: str, fault: TermFault) -> None:
    with pytest.raises(MacroSyntaxError) as raised:
        parse_domain_spec(text)
    assert (str(raised.value), raised.value.fault) == (says, fault)


def test_the_last_macro_ends_a_domain_spec() -> None:
    assert parse_domain_spec("%{i}.x.org.%{d}").parts == (Macro(letter="i"), ".x.org.", Macro(letter="d"))


@pytest.mark.parametrize(
    ("label", "good"),
    [
        ("org", True), ("a", True), ("a1", True), ("1a", True), ("a-b", True), ("xn--p1ai", True),
        ("", False), ("1", False), ("42", False), ("-a", False), ("a-", False), ("-", False), ("a_b", False), ("ä", False),
    ],
)  # fmt: skip
def test_is_toplabel(label: str, good: bool) -> None:
    assert is_toplabel(label) is good


def test_target_name_is_cut_on_the_left() -> None:
    labels = ".".join(["abcdefghi"] * 30)
    assert target_name(f"{labels}.Example.ORG.").endswith(".abcdefghi.example.org")
    assert len(target_name(f"{labels}.example.org")) <= 253
    exact = ("a" * 49 + ".") * 5 + "org"
    assert len(exact) == 253
    assert target_name(exact) == exact
    assert target_name("x." + exact) == exact
    assert target_name("x" + exact) == exact[50:]
    assert target_name("x." + exact + ".") == exact
    assert target_name("x" * 254) == "x" * 254
    assert target_name("Example.ORG..") == "example.org."
    whole = ("a" * 49 + ".") * 4 + "b" * 53
    assert len(whole) == 253
    assert target_name("." + whole) == whole


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a.b", True), ("a", True), ("", False), ("a..b", False), ("a" * 63, True), ("a" * 64, False),
        ("\ud800.b", False), ("ä" * 31 + "a", True), ("ä" * 32, False), ("a." * 126 + "a", True), ("a." * 126 + "ab", False),
    ],
)  # fmt: skip
def test_can_be_asked(name: str, good: bool) -> None:
    assert can_be_asked(name) is good


@pytest.mark.parametrize(
    ("domain", "good"),
    [
        ("example.org", True), ("_spf.example.org", True), ("a" * 63 + ".example.org", True),
        ("", False), ("localhost", False), ("[192.0.2.1]", False), ("192.0.2.1", False), ("a..example.org", False),
        (".example.org", False), ("a" * 64 + ".example.org", False), ("a b.example.org", False),
        ("a." * 126 + "org", False), ("\x7f.example.org", False),
    ],
)  # fmt: skip
def test_domain_problem(domain: str, good: bool) -> None:
    assert (domain_problem(domain) is None) is good


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ALL", Term(text="ALL", position=3, name="all", qualifier="+")),
        ("~all", Term(text="~all", position=3, name="all", qualifier="~")),
        ("ptr", Term(text="ptr", position=3, name="ptr", qualifier="+")),
        ("-a", Term(text="-a", position=3, name="a", qualifier="-")),
        ("a/0", Term(text="a/0", position=3, name="a", qualifier="+", prefix4=0)),
        ("mx/31//127", Term(text="mx/31//127", position=3, name="mx", qualifier="+", prefix4=31, prefix6=127)),
        ("a/32//128", Term(text="a/32//128", position=3, name="a", qualifier="+")),
        ("a//0", Term(text="a//0", position=3, name="a", qualifier="+", prefix6=0)),
        (
            "?mx:Mail.example.org./24",
            Term(
                text="?mx:Mail.example.org./24", position=3, name="mx", qualifier="?", prefix4=24,
                target=MacroString(("Mail.example.org.",), "Mail.example.org.", frozenset()), name_literal="mail.example.org",
            ),
        ),
        (
            "include:a..example.org",
            Term(
                text="include:a..example.org", position=3, name="include", qualifier="+", askable=False,
                target=MacroString(("a..example.org",), "a..example.org", frozenset()), name_literal="a..example.org",
            ),
        ),
        (
            "exists:%{i}.example.org",
            Term(
                text="exists:%{i}.example.org", position=3, name="exists", qualifier="+",
                target=MacroString((Macro(letter="i"), ".example.org"), None, frozenset("i")),
            ),
        ),
        (
            "Redirect=%{p}",
            Term(
                text="Redirect=%{p}", position=3, name="redirect",
                target=MacroString((Macro(letter="p"),), None, frozenset("p")),
            ),
        ),
        ("X=a=b", Term(text="X=a=b", position=3, name="x", target=MacroString(("a=b",), "a=b", frozenset()))),
        (
            "x=%{z}",
            Term(text="x=%{z}", position=3, name="x", problem="z is not a macro letter", fault=TermFault.SYNTAX),
        ),
        (
            "Moo",
            Term(text="Moo", position=3, name="moo", qualifier="+", problem="unknown mechanism", fault=TermFault.SYNTAX),
        ),
        (
            "-Moo",
            Term(text="-Moo", position=3, name="moo", qualifier="-", problem="unknown mechanism", fault=TermFault.SYNTAX),
        ),
        (
            "Exp=x",
            Term(
                text="Exp=x", position=3, name="exp", problem="x is not a fully qualified domain name",
                fault=TermFault.NOT_QUALIFIED,
            ),
        ),
        ("ip4:192.0.2.1", Term(text="ip4:192.0.2.1", position=3, name="ip4", qualifier="+", network=0xC0000201)),
        (
            "ip4:192.0.2.255/25",
            Term(text="ip4:192.0.2.255/25", position=3, name="ip4", qualifier="+", network=0xC00002FF >> 7, shift=7),
        ),
        ("ip4:192.0.2.1/0", Term(text="ip4:192.0.2.1/0", position=3, name="ip4", qualifier="+", shift=32)),
        (
            "ip6:2001:db8::1/32",
            Term(text="ip6:2001:db8::1/32", position=3, name="ip6", qualifier="+", network=0x20010DB8, shift=96),
        ),
        ("IP6:::1", Term(text="IP6:::1", position=3, name="ip6", qualifier="+", network=1)),
        ("ip6:::1/128", Term(text="ip6:::1/128", position=3, name="ip6", qualifier="+", network=1)),
    ],
)  # fmt: skip
def test_what_a_term_is(text: str, term: Term) -> None:
    assert parse_term(text, 3) == term
    assert parse_term(text).position == 0


@pytest.mark.parametrize(
    "text",
    [
        "all", "-ALL", "a", "a/24", "a//64", "a/24//64", "a:example.org", "a:example.org/0//0", "MX:Example.ORG/32",
        "ip4:192.0.2.1", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "ip6:::ffff:192.0.2.1", "~ip6:::/0",
        "include:example.org", "ptr", "ptr:example.org", "exists:%{ir}.list.example.org", "redirect=example.org",
        "exp=%{d}", "x-other_1.2=anything/:=", "unknown=", "include=not-the-mechanism",
    ],
)  # fmt: skip
def test_good_terms(text: str) -> None:
    assert parse_term(text).problem is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("all.", "unknown mechanism"),
        ("all:x", "all takes no argument"),
        ("all/8", "all takes no argument"),
        ("a:", "the domain is empty"),
        ("a:192.0.2.1", "an IPv4 address is written ip4:192.0.2.1"),
        ("a/33", "the prefix length /33 is more than 32"),
        ("a//129", "the prefix length /129 is more than 128"),
        ("a/024", "the prefix length /024 has a leading zero"),
        ("a/24/64", "/24/64 is not a prefix length: expected /N, //N or /N//N"),
        ("a/", "/ is not a prefix length: expected /N, //N or /N//N"),
        ("a:example.org/", "example.org/ does not end in a top-level domain"),
        ("mx:org", "org is not a fully qualified domain name"),
        ("ip4", "ip4 takes an address after ':'"),
        ("ip4:", "ip4 takes an address after ':'"),
        ("ip4:192.0.2", "192.0.2 is not an IPv4 address"),
        ("ip4:192.0.2.01", "192.0.2.01 is not an IPv4 address: 01 has a leading zero"),
        ("ip4:192.0.2.256", "192.0.2.256 is not an IPv4 address"),
        ("ip4:192.0.2.1:25", "192.0.2.1:25 is not an IPv4 address"),
        ("ip4:192.0.2.0/33", "the prefix length /33 is more than 32"),
        ("ip4:192.0.2.0/", "/ is not a prefix length"),
        ("ip4:192.0.2.0//24", "//24 is not a prefix length"),
        ("ip4:192.0.2.0/-1", "/-1 is not a prefix length"),
        ("ip4:192.0.2.0/٣", "contains U+0663 ARABIC-INDIC DIGIT THREE"),
        ("ip4:2001:db8::1", "2001:db8::1 is not an IPv4 address"),
        ("ip6:192.0.2.1", "192.0.2.1 is not an IPv6 address"),
        ("ip6:fe80::1%eth0", "fe80::1%eth0 is not an IPv6 address"),
        ("ip6:2001:db8::/129", "the prefix length /129 is more than 128"),
        ("include", "include takes a domain after ':'"),
        ("include:", "the domain is empty"),
        ("include/24", "include takes a domain after ':', and no prefix length"),
        ("ptr/24", "ptr takes a domain after ':', and no prefix length"),
        ("exists", "exists takes a domain after ':'"),
        ("exists:example.org/24", "example.org/24 does not end in a top-level domain"),
        ("redirect=", "the domain is empty"),
        ("exp=", "the domain is empty"),
        ("redirect:example.org", "redirect is a modifier: it takes '=', not ':'"),
        ("ipv4:192.0.2.1", "unknown mechanism; did you mean ip4?"),
        ("192.0.2.1", "an address is written ip4:192.0.2.1"),
        ("+192.0.2.0/24", "an address is written ip4:192.0.2.0/24"),
        ("1up=x", "neither a mechanism nor a modifier: its name must begin with a letter"),
        ("=x", "neither a mechanism nor a modifier: its name must begin with a letter"),
        ("x=%", "% is not a macro"),
        ("moo", "unknown mechanism"),
        ("X192.0.2.1", "unknown mechanism"),
        ("x=%a%", "%a% is not a macro"),
        ("ip4:192.0.2.0/00", "the prefix length /00 has a leading zero"),
        ("a:example.org\r", "contains U+000D (a control character)"),
        ("a:ex\x80ample.org", "contains U+0080 (a control character)"),
        ("a:ex\\x80ample.org", "contains octets outside US-ASCII"),
        ("+all:x", "all takes no argument"),
        ("a/12345", "/12345 is not a prefix length: expected /N, //N or /N//N"),
        ("mx//12345", "//12345 is not a prefix length: expected /N, //N or /N//N"),
        ("ptr:", "the domain is empty"),
        ("mx:192.0.2.1", "an IPv4 address is written ip4:192.0.2.1"),
        ("a:192.0.2.1/24", "an IPv4 address is written ip4:192.0.2.1"),
        ("ip4:192.0.2.0/12345", "/12345 is not a prefix length"),
        ("ip4:192.0.2.0/1234", "the prefix length /1234 is more than 32"),
        ("ip6:/64", " is not an IPv6 address"),
        ("exp:example.org", "exp is a modifier: it takes '=', not ':'"),
        ("ip:192.0.2.1", "unknown mechanism; did you mean ip4?"),
        ("ipv6:2001:db8::1", "unknown mechanism; did you mean ip6?"),
        ("included:example.org", "unknown mechanism; did you mean include?"),
        ("includes:example.org", "unknown mechanism; did you mean include?"),
        ("exist:example.org", "unknown mechanism; did you mean exists?"),
        ("a;", "unknown mechanism; terms are separated by spaces alone"),
        ("~a,", "unknown mechanism; terms are separated by spaces alone"),
        ("-192.0.2.1", "an address is written ip4:192.0.2.1"),
        ("?192.0.2.1", "an address is written ip4:192.0.2.1"),
        ("~192.0.2.1", "an address is written ip4:192.0.2.1"),
        ("-redirect=example.org", "neither a mechanism nor a modifier: its name must begin with a letter"),
        ("=x:y", "unknown mechanism"),
        ("x=%{c}", "the macro letter c is allowed in explanations only"),
        ("x=%{C}", "the macro letter C is allowed in explanations only"),
        ("x=%{Z}", "Z is not a macro letter"),
        ("x=%{d0}", "%{d0}: the number of parts must not be 0"),
        ("x=%{d00}", "%{d00}: the number of parts must not be 0"),
        ("x=abc%defghijklmnop", "%defghij is not a macro"),
        ("x=%%%", "% is not a macro"),
        ("include:example.-org", "example.-org does not end in a top-level domain"),
        ("include:example.org-", "example.org- does not end in a top-level domain"),
    ],
)
def test_bad_terms(text: str, says: str) -> None:
    assert parse_term(text).problem == says


def test_record_knows_what_takes_part() -> None:
    record = parse_record("v=spf1  a mx include:example.net ip4:192.0.2.1 -all ptr redirect=example.com ")
    assert [term.name for term in record.terms] == ["a", "mx", "include", "ip4", "all", "ptr", "redirect"]
    assert [term.name for term in record.directives] == ["a", "mx", "include", "ip4", "all"]
    assert record.querying == 3
    assert record.redirect is None
    assert record.ignored_redirect is not None
    assert record.faulty is None


def test_record_names_the_first_fault_and_keeps_all() -> None:
    record = parse_record("v=spf1 a:example.org ip4:1.2.3 moo -all")
    assert record.problem == "ip4:1.2.3: 1.2.3 is not an IPv4 address"
    assert [term.text for term in record.errors] == ["ip4:1.2.3", "moo"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ip4:192.0.2.0/024", TermFault.LEADING_ZERO),
        ("a:example.org//064", TermFault.LEADING_ZERO),
        ("include:localhost", TermFault.NOT_QUALIFIED),
        ("redirect=localhost", TermFault.NOT_QUALIFIED),
        ("include:example.123", TermFault.SYNTAX),
        ("moo", TermFault.SYNTAX),
        ("include:example.org", None),
    ],
)
def test_a_term_has_the_fault_that_something_hangs_on(text: str, fault: TermFault | None) -> None:
    assert parse_term(text).fault is fault


@pytest.mark.parametrize("name", ["redirect", "exp"])
def test_a_modifier_twice_is_an_error(name: str) -> None:
    record = parse_record(f"v=spf1 {name}=a.example.org ?all {name.upper()}=b.example.org")
    assert record.problem == f"{name.upper()}=b.example.org: {name}= appears more than once"
    (repeated,) = record.errors
    assert (repeated.text, repeated.fault) == (f"{name.upper()}=b.example.org", TermFault.REPEATED)
    faulty = parse_record(f"v=spf1 {name}=a.example.org {name}=").errors
    assert [(term.problem, term.fault) for term in faulty] == [("the domain is empty", TermFault.SYNTAX)]
    assert parse_record("v=spf1 x=1 x=2").problem is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("v=spf1", True), ("V=SPF1 -all", True), ("v=spf1 ", True),
        ("v=spf10", False), ("v=spf1\t-all", False), (" v=spf1", False), ("v=spf2.0/pra", False), ("", False),
    ],
)  # fmt: skip
def test_is_spf_record(text: str, is_one: bool) -> None:
    assert is_spf_record(text) is is_one
