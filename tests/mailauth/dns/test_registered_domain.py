"""The registered domain by the Public Suffix List."""

from __future__ import annotations

import publicsuffixlist
import pytest

from smtpprobe.mailauth.dns.registered_domain import is_public_suffix, registered_domain


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("mail.example.co.uk", "example.co.uk"),
        ("mail.bmw.de", "bmw.de"),
        ("mx1.ibm.fr", "ibm.fr"),
        ("smtp.web.de", "web.de"),
        ("x.abc.tv", "abc.tv"),
        ("k12.ca.us", "k12.ca.us"),  # public suffixes themselves
        ("kawasaki.jp", "kawasaki.jp"),
        ("a.b.city.kawasaki.jp", "city.kawasaki.jp"),  # an exception of the list
        ("a.b.c.kawasaki.jp", "b.c.kawasaki.jp"),  # a wildcard of the list
        ("com", "com"),
        ("a.b.nosuchtld", "b.nosuchtld"),
        ("mail.xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_the_registered_domain(name: str, registered: str) -> None:
    assert registered_domain(name) == registered


@pytest.mark.parametrize(
    ("name", "public"), [("com", True), ("co.uk", True), ("k12.ca.us", True), ("example.com", False), ("web.de", False)]
)
def test_a_public_suffix(name: str, public: bool) -> None:
    assert is_public_suffix(name) is public


def test_the_part_of_the_list_that_is_read_says_what_the_whole_says() -> None:
    with open(publicsuffixlist.PSLFILE, encoding="utf-8") as file:
        rules = [line.split()[0] for line in file if line.strip() and not line.startswith("//")]
    whole = publicsuffixlist.PublicSuffixList()
    for rule in rules:
        name = rule.lstrip("!").replace("*", "any").encode("idna").decode()
        for domain in (name, f"x.{name}", f"y.x.{name}"):
            assert registered_domain(domain) == (whole.privatesuffix(domain) or domain)
            assert is_public_suffix(domain) == (whole.publicsuffix(domain) == domain)


@pytest.mark.parametrize("domain", ["", ".", "nobody", "a.nobody", "a..b", "x.\udcff", "xn--.", "a.xn--\xff"])
def test_whatever_is_no_domain_is_its_own(domain: str) -> None:
    assert registered_domain(domain) in (domain, domain.strip("."))
