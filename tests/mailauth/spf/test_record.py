"""The grammar of SPF records and of their macro strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.mailauth.spf.macro import (
    EXPLANATION_LETTERS,
    MacroSyntaxError,
    TermFault,
    can_be_asked,
    domain_problem,
    parse_domain_spec,
    parse_macro_string,
    target_name,
)
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record, parse_term

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


def test_target_name_is_cut_on_the_left() -> None:
    labels = ".".join(["abcdefghi"] * 30)
    assert target_name(f"{labels}.Example.ORG.").endswith(".abcdefghi.example.org")
    assert len(target_name(f"{labels}.example.org")) <= 253
    exact = ("a" * 49 + ".") * 5 + "org"
    assert len(exact) == 253
    assert target_name(exact) == exact
    assert target_name("x." + exact) == exact
    assert target_name("x" + exact) == exact[50:]


@pytest.mark.parametrize(
    ("name", "good"), [("a.b", True), ("a", True), ("", False), ("a..b", False), ("a" * 64, False), ("\ud800.b", False)]
)
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
        ("all:x", "no argument"),
        ("all/8", "no argument"),
        ("a:", "empty"),
        ("a:192.0.2.1", "ip4:192.0.2.1"),
        ("a/33", "more than 32"),
        ("a//129", "more than 128"),
        ("a/024", "leading zero"),
        ("a/24/64", "no prefix length"),
        ("a/", "no prefix length"),
        ("a:example.org/", "top-level"),
        ("mx:org", "fully qualified"),
        ("ip4", "after ':'"),
        ("ip4:", "after ':'"),
        ("ip4:192.0.2", "no IPv4 address"),
        ("ip4:192.0.2.01", "no IPv4 address"),
        ("ip4:192.0.2.256", "no IPv4 address"),
        ("ip4:192.0.2.1:25", "no IPv4 address"),
        ("ip4:192.0.2.0/33", "more than 32"),
        ("ip4:192.0.2.0/", "no prefix length"),
        ("ip4:192.0.2.0//24", "no prefix length"),
        ("ip4:192.0.2.0/-1", "no prefix length"),
        ("ip4:192.0.2.0/٣", "no prefix length"),
        ("ip4:2001:db8::1", "no IPv4 address"),
        ("ip6:192.0.2.1", "no IPv6 address"),
        ("ip6:fe80::1%eth0", "no IPv6 address"),
        ("ip6:2001:db8::/129", "more than 128"),
        ("include", "after ':'"),
        ("include:", "empty"),
        ("include/24", "after ':'"),
        ("ptr/24", "no prefix length"),
        ("exists", "after ':'"),
        ("exists:example.org/24", "top-level"),
        ("redirect=", "empty"),
        ("exp=", "empty"),
        ("redirect:example.org", "'=', not ':'"),
        ("ipv4:192.0.2.1", "ip4 is meant"),
        ("192.0.2.1", "ip4:192.0.2.1"),
        ("+192.0.2.0/24", "ip4:192.0.2.0/24"),
        ("1up=x", "begin with a letter"),
        ("=x", "begin with a letter"),
        ("x=%", "no macro"),
        ("moo", "unknown mechanism"),
        ("a:example.org\r", "control character"),
        ("a:ex\x80ample.org", "US-ASCII"),
        (r"a:ex\x80ample.org", "US-ASCII"),
    ],
)
def test_bad_terms(text: str, says: str) -> None:
    problem = parse_term(text).problem
    assert problem is not None
    assert says in problem


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
    assert record.problem == "ip4:1.2.3: 1.2.3 is no IPv4 address"
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
    assert record.problem is not None
    assert "more than once" in record.problem
    assert record.errors[0].fault is TermFault.REPEATED
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


_FRAGMENTS = st.sampled_from(
    ["a", "mx", "ip4:", "ip6:", "include:", "redirect=", "exp=", "all", "exists:", "ptr", "%{", "}", "%", "/", "//",
     "24", "192.0.2.1", "2001:db8::", "example.org", " ", "-", "~", "?", "=", ":", ".", "d", "i", "r", "0",
     "\x00", "\n", "é", "\ud800"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_FRAGMENTS).map("".join)))
def test_any_text_is_parsed(text: str) -> None:
    record = parse_record(f"v=spf1 {text}")
    assert " ".join(term.text for term in record.terms) == " ".join(word for word in text.split(" ") if word)
    assert [term.position for term in record.terms] == list(range(len(record.terms)))
