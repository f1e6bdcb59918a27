from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dmarc.author_domain import author_domains, message_author


@pytest.mark.parametrize(
    ("value", "domains"),
    [
        ("alice@example.org", ["example.org"]),
        ("Alice <alice@Example.ORG>", ["example.org"]),
        ('"a, b <c@example.net>" <alice@example.org>', ["example.org"]),
        ("a@example.net <alice@example.org>", ["example.org"]),
        ("alice@example.org (eve@example.net)", ["example.org"]),
        ("alice@example.org, Bob <bob@example.org>", ["example.org"]),
        ("alice@example.org, bob@example.net", ["example.org", "example.net"]),
        ("friends: alice@example.org, bob@example.net;", ["example.org", "example.net"]),
        ("Alice\r\n <alice@example.org>", ["example.org"]),
        ("alice@bücher.example", ["xn--bcher-kva.example"]),
        ('"alice@home"@example.org', ["example.org"]),
        ("alice@example.org.", ["example.org"]),
        ("alice", []),
        ("<>", []),
        ("", []),
        ('"unclosed <alice@example.org>', []),
        ("<alice@example.org", ["example.org"]),
    ],
)
def test_author_domains(value: str, domains: list[str]) -> None:
    assert (
        list(author_domains(f"To: x@example.com\r\nFrom: {value}\r\n\r\nFrom: y@example.com\r\n".encode())) == domains
    )


# Each: the value of From, the domain that DMARC judges, the faults, words of the first statement.
FAULTS: list[tuple[str, str | None, list[str], str]] = [
    ('"Doe, Jane" <jane@example.org>', "example.org", [], ""),
    ("Jane (of sales, @home) <jane@example.org>", "example.org", [], ""),
    ("jane @ example . org", "example.org", ["syntax"], "around the dots or the @"),
    ("Jane <jane@example.(x)org>", "example.org", ["syntax"], "around the dots or the @"),
    ("Jane <jane@example\r\n .org>", "example.org", ["syntax"], "around the dots or the @"),
    ("Jane (x) <jane@example.org (y)> (z)", "example.org", [], ""),
    ("J\u00e4ne <jane@example.org>", "example.org", ["internationalized"], "UTF-8 that is not encoded"),
    ("=?utf-8?q?J=C3=A4ne?= <jane@example.org>", "example.org", [], ""),
    ('"jane@mail.example.org" <jane@example.org>', "example.org", [], ""),
    ("<@a.example,@b.example:jane@example.org>", "example.org", ["syntax"], "an obsolete route"),
    ('"ceo@bank.example" <jane@example.org>', "example.org", ["other-address"], "'ceo@bank.example' in the name"),
    ("=?utf-8?q?ceo=40bank.example?= <jane@example.org>", "example.org", ["other-address"], "'ceo@bank.example'"),
    ("jane@example.org (ceo@bank.example)", "example.org", ["other-address"], "in the name or a comment"),
    ('"ceo@bank.example"@example.org', "example.org", ["other-address"], "in its quoted local part"),
    ("jane@example.org\0@bank.example", "bank.example", ["syntax"], "the control character U+0000"),
    ("jane@example.org\rFrom: ceo@bank.example", "bank.example", ["syntax"], "the control character U+000D"),
    ("jane@example.org,", "example.org", ["syntax"], "a comma is beside no address"),
    (", jane@example.org", "example.org", ["syntax"], "a comma is beside no address"),
    ("Jane [Sales] <jane@example.org>", "example.org", ["syntax"], "a bracket is in the name"),
    ("Jane &lt;jane@example.org&gt;", None, ["no-address", "syntax"], "no address with a domain"),
    ("=?utf-8?q?J=C3=A4ne?= <jane@example.org>", "example.org", [], ""),
    ("jane@m\u00fcnchen.example", "xn--mnchen-3ya.example", ["internationalized"], "UTF-8 that is not encoded"),
    ("", None, ["empty"], "the From field is empty"),
    (" \t ", None, ["empty"], "is empty"),
    ("<>", None, ["empty"], "contains no address: '<>'"),
    ("Jane <>", None, ["empty"], "contains no address"),
    ("jane", None, ["no-address"], "'jane'"),
    ("jane at example.org", None, ["no-address"], "'jane at example.org'"),
    ("jane@", None, ["no-address"], "'jane@'"),
    ("Jane <jane>", None, ["no-address"], "no address with a domain"),
    ("Jane <jane@>, Bob <bob@>", None, ["no-address"], "no address with a domain"),
    ('"jane@example.org"', None, ["hidden-address"], "'jane@example.org' only in a quoted string"),
    ("(jane@example.org)", None, ["hidden-address"], "a comment"),
    ("=?us-ascii?q?jane=40example.org?=", None, ["hidden-address"], "'jane@example.org'"),
    ("=?utf-8?b?SmFuZSA8amFuZUBleGFtcGxlLm9yZz4=?=", None, ["hidden-address"], "encoded word"),
    ('"Jane <jane@example.org>', None, ["hidden-address", "syntax"], "quoted string"),
    ("undisclosed-senders:;", None, ["group"], "a group without an address"),
    ("staff: jane@example.org;", "example.org", ["group"], "the group 'staff'"),
    ("staff: jane@example.org, bob@example.org;", "example.org", ["group", "several-mailboxes"], "the group 'staff'"),
    ("staff: jane@example.org", "example.org", ["group", "syntax"], "the group 'staff'"),
    ("a: jane@example.org;, b: bob@example.org;", "example.org", ["group", "several-mailboxes"], "the group 'a'"),
    ("a: jane@example.org; , bob@example.org", "example.org", ["group", "several-mailboxes"], "the group 'a'"),
    ("a:;, jane@example.org", "example.org", ["group"], "the group 'a'"),
    ("a: jane@example.org;,", "example.org", ["group", "syntax"], "the group 'a'"),
    ("a: jane@example.org;,, bob@example.org", "example.org", ["group", "syntax", "several-mailboxes"], "group 'a'"),
    ("jane@example.org;, bob@example.org", "example.org", ["syntax", "several-mailboxes"], "a semicolon"),
    ("jane@[192.0.2.1]", None, ["address-literal"], "'[192.0.2.1]'"),
    ("Jane <jane@[IPv6:2001:db8::1]>", None, ["address-literal"], "'[ipv6:2001:db8::1]'"),
    ("jane@192.0.2.1", None, ["bad-domain"], "the IP address 192.0.2.1"),
    ("jane@example..org", None, ["bad-domain"], "'example..org', which is not a domain name"),
    ("jane@.example.org", None, ["bad-domain"], "'.example.org'"),
    ("jane@exam\u200bple.org", None, ["bad-domain"], "'exam<U+200B>ple.org'"),
    ("jane@exam\u00a0ple.org", None, ["bad-domain"], "'exam<U+00A0>ple.org'"),
    ("jane@localhost", "localhost", ["bad-domain"], "not a full domain name"),
    ("jane@example.org.", "example.org", ["bad-domain"], "'example.org.'"),
    ("Jane jane@example.org", "example.org", ["syntax"], "'Jane' is before the address without angle brackets"),
    ("Jane <jane@example.org", "example.org", ["syntax"], "an angle bracket is not closed"),
    ("Jane jane@example.org>", "example.org", ["syntax"], "'>' has no counterpart"),
    ("jane@home@example.org", "example.org", ["syntax"], "more than one @"),
    ("jane@home <jane@example.org>", "example.org", ["syntax"], "an @ outside quotation marks"),
    ("<jane@example.org> Jane", "example.org", ["syntax"], "text follows the address"),
    ("<jane@example.org> <bob@example.net>", "example.org", ["syntax"], "several addresses in angle brackets"),
    ("@example.org", "example.org", ["syntax"], "nothing is before the @"),
    ("jane..doe@example.org", "example.org", ["syntax"], "a dot too many"),
    ("mailto:jane@example.org", "example.org", ["syntax"], "'mailto:'"),
    ("jane@example.org; bob@example.org", "example.org", ["syntax", "several-mailboxes"], "a semicolon"),
    ("Jane (sales <jane@example.org>", None, ["hidden-address", "syntax"], "'sales <jane@example.org>'"),
    ("Doe, Jane <jane@example.org>", "example.org", ["no-address"], "'Doe', which is not an address"),
    ("jane@example.org, bob@example.org", "example.org", ["several-mailboxes"], "2 mailboxes, and there is no Sender"),
    ("jane@example.org, bob@example.net", None, ["several-domains", "several-mailboxes"], "example.org, example.net"),
    ("jane@example.org, bob@mail.example.org", None, ["several-domains", "several-mailboxes"], "2 domains"),
]


@pytest.mark.parametrize(("value", "domain", "faults", "words"), FAULTS, ids=range(len(FAULTS)))
def test_what_is_wrong_with_from(value: str, domain: str | None, faults: list[str], words: str) -> None:
    author = message_author(f"To: x@example.com\r\nFrom: {value}\r\n\r\n".encode())
    assert (author.domain, [problem.fault.value for problem in author.problems]) == (domain, faults)
    assert not faults or words in author.problems[0].statement
    assert all("From field" in problem.statement for problem in author.problems)


# Each: the header, how many From fields there are, the author domain, the faults, and words of the first statement.
HEADERS: list[tuple[str, int, str | None, list[str], str]] = [
    ("To: a@example.com\r\n\r\n", 0, None, ["absent"], "the message has no From field"),
    ("\r\nFrom: a@example.org\r\n", 0, None, ["absent"], "no From field"),
    ("To: a@example.com\r\nnot a field\r\nFrom: a@example.org\r\n\r\n", 0, None, ["absent"], "the line 'not a field'"),
    ("\ufeffFrom: a@example.org\r\n\r\n", 0, None, ["absent"], "'<U+FEFF>From: a@example.org'"),
    ("From: a@example.org\r\nfrom: a@example.org\r\n\r\n", 2, None, ["several-fields"], "there are 2 From fields"),
    ("From: a@example.org\r\n" * 5 + "\r\n", 5, None, ["several-fields"], "5 From fields, exactly one is allowed"),
    ("From : a@example.org\r\n\r\n", 1, "example.org", ["syntax"], "a blank before its colon"),
    (
        "From: a@example.org, b@example.org\r\nSender: a@example.org, b@example.org\r\n\r\n", 1, "example.org",
        ["several-mailboxes"], "no Sender field with one",
    ),
    (
        "From: a@example.org, b@example.org\r\nSender:\r\n\r\n", 1, "example.org",
        ["several-mailboxes"], "no Sender field with one",
    ),
    (
        "From: a@example.org, b@example.org\r\nSender: a@example.org\r\n\r\n", 1, "example.org",
        ["several-authors"], "2 mailboxes of",
    ),
    ("From: a@example.org, b@example.net\r\nSender: a@example.org\r\n\r\n", 1, None, ["several-domains"], "2 domains"),
    ("From:\r\n \r\n\tAlice\r\n <a@example.org>\r\n\r\n", 1, "example.org", [], ""),
    ("From: " + "x" * 500 + "\x1b[31m@\r\n\r\n", 1, None, ["no-address", "syntax"], "x…'"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "count", "domain", "faults", "words"), HEADERS, ids=range(len(HEADERS)))
def test_the_from_fields_of_a_header(
    header: str, count: int, domain: str | None, faults: list[str], words: str
) -> None:
    author = message_author(header.encode())
    assert (author.count, author.domain) == (count, domain)
    assert [problem.fault.value for problem in author.problems] == faults
    assert words in "".join(problem.statement for problem in author.problems[:1])
    shown = [*author.fields, *(problem.statement for problem in author.problems)]
    assert all(text.isprintable() for text in shown)


def test_a_control_character_of_a_from_field_is_shown_escaped() -> None:
    author = message_author(b"From: \x1b[31mAlice <a@example.org>\r\n\r\n")
    assert r"\x1b[31mAlice" in author.fields[0]
    assert r"\x1b[31mAlice" in author.problems[0].statement


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.sampled_from('ab@.<>()[]\\",;: \t\u200b='), max_size=60))
def test_any_value_is_read(value: str) -> None:
    author = message_author(f"From: {value}\r\n\r\n".encode())
    assert author.domains or author.problems
