"""All that the lint says about one record: id, place, term and message."""

from __future__ import annotations

import ipaddress

import pytest

from smtpprobe.mailauth.spf.lint.terms import (
    answer_octets,
    is_documentation,
    lint_included,
    lint_record,
    lint_texts,
    octets,
    positions,
    run_together,
)
from smtpprobe.mailauth.spf.spelling.version import look_alike
from smtpprobe.model.evidence.spf import SpfLint

DOMAIN = "example.org"
MALFORMED = "it does not begin with v=spf1 and a blank, so it is no SPF record"
SEMICOLON, COMMA = (f'"{each}" stands behind v=spf1 instead of a blank, so it is no SPF record' for each in ";,")


def containing(characters: str) -> str:
    return MALFORMED.replace("blank,", f"blank (it contains {characters}),")


def said(lint: SpfLint) -> str:
    """The lint in a line."""
    assert lint.domain == DOMAIN
    return f"{lint.id} {lint.position} {lint.term}: {lint.message}"


RECORDS: dict[str, list[str]] = {
    "v=spf1 a": [
        "spf-all-missing None None: there is no all and no redirect=: unknown addresses are neutral",
    ],
    "v=spf1 a ?all": [
        "spf-all-neutral 9 ?all: ?all says nothing about unknown addresses",
    ],
    "v=spf1 a all": [
        "spf-all-pass 9 all: all lets every address pass",
    ],
    "v=spf1 a -all ~all": [
        "spf-all-repeated 14 ~all: ~all has no effect: -all comes before it",
    ],
    "v=spf1 -all a mx": [
        "spf-after-all 12 a: a and 1 more term after -all: never evaluated",
    ],
    "v=spf1 redirect=example.net -all": [
        "spf-redirect-ignored 7 redirect=example.net: redirect=example.net is ignored because the record has -all",
    ],
    "v=spf1 -all": [
        "spf-parked None None: the record permits no address: the domain sends no mail",
    ],
    "v=spf1 ptr:example.org -all": [
        "spf-ptr-used 7 ptr:example.org: ptr:example.org is slow and unreliable and should not be published",
    ],
    "v=spf1 ip4:192.0.2.0/08 -all": [
        "spf-leading-zero 7 ip4:192.0.2.0/08: ip4:192.0.2.0/08 has a leading zero: write ip4:192.0.2.0/8",
    ],
    "v=spf1 a//064 -all": [
        "spf-leading-zero 7 a//064: a//064 has a leading zero: write a//64",
    ],
    "v=spf1 ip4:2001:db8::1 -all": [
        "spf-wrong-family 7 ip4:2001:db8::1: ip4:2001:db8::1 contains an IPv6 address: write ip6:2001:db8::1",
    ],
    "v=spf1 ip6:192.0.2.0/24 -all": [
        "spf-wrong-family 7 ip6:192.0.2.0/24: ip6:192.0.2.0/24 contains an IPv4 address: write ip4:192.0.2.0/24",
    ],
    "v=spf1 a:mail -all": [
        "spf-not-fqdn 7 a:mail: a:mail does not name a fully qualified domain",
    ],
    "v=spf1 mx:mail.lan -all": [
        "spf-target-local 7 mx:mail.lan: mx:mail.lan names a host that only a local network knows",
    ],
    "v=spf1 ip4:192.0.2.1include:example.net -all": [
        "spf-terms-run-together 7 ip4:192.0.2.1include:example.net: a blank is missing in ip4:192.0.2.1 include:example.net",
    ],
    "v=spf1 include:example.net-all": [
        "spf-all-missing None None: there is no all and no redirect=: unknown addresses are neutral",
        "spf-terms-run-together 7 include:example.net-all: a blank is missing in include:example.net -all",
    ],
    'v=spf1 a:example.net" "a -all': [
        'spf-quoted 7 a:example.net": a:example.net" contains quotation marks: they belong around the strings, not in them',
        'spf-quoted 22 "a: "a contains quotation marks: they belong around the strings, not in them',
    ],
    "v=spf1 moo=cow -all": [
        "spf-modifier-unknown 7 moo=cow: moo=cow is not a known modifier and has no effect",
    ],
    "v=spf1 include=example.net -all": [
        "spf-mechanism-as-modifier 7 include=example.net: include=example.net has no effect: include:example.net is meant",
    ],
    "v=spf1 ip6:::/0 -all": [
        "spf-network-everything 7 ip6:::/0: ip6:::/0 lets every address of its family pass",
    ],
    "v=spf1 ?ip4:0.0.0.0/0 a -all": [
        "spf-after-everything 22 a: a follows ?ip4:0.0.0.0/0, which matches every address of its family",
    ],
    "v=spf1 a/0 mx -all": [
        "spf-after-everything 11 mx: mx follows a/0, which matches every address of a family in which its name has one",
    ],
    "v=spf1 ip4:12.0.0.0/15 -all": [
        "spf-network-wide 7 ip4:12.0.0.0/15: ip4:12.0.0.0/15 lets 2^17 addresses pass",
    ],
    "v=spf1 ip6:2600::/31 -all": [
        "spf-network-wide 7 ip6:2600::/31: ip6:2600::/31 lets 2^97 addresses pass",
    ],
    "v=spf1 ip4:10.1.2.3 -all": [
        "spf-private-address 7 ip4:10.1.2.3: ip4:10.1.2.3 is not reachable from the Internet: it never matches there",
    ],
    "v=spf1 ip6:fe80::1 -all": [
        "spf-private-address 7 ip6:fe80::1: ip6:fe80::1 is not reachable from the Internet: it never matches there",
    ],
    "v=spf1 ip4:192.0.2.1/24 -all": [
        "spf-host-bits 7 ip4:192.0.2.1/24: ip4:192.0.2.1/24 has bits set after the prefix: 192.0.2.0/24 is meant, or one address",
    ],
    "v=spf1 mx +mx -all": [
        "spf-term-repeated 10 +mx: +mx is there twice",
    ],
    "v=spf1 moo": [],
    "v=spf1 redirect=example.net": [],
    "v=spf1 all": [
        "spf-all-pass 7 all: all lets every address pass",
    ],
    "v=spf1 ?ALL": [
        "spf-all-neutral 7 ?ALL: ?ALL says nothing about unknown addresses",
    ],
    "v=spf1 +all": [
        "spf-all-pass 7 +all: +all lets every address pass",
    ],
    "v=spf1 x=y -all": [
        "spf-modifier-unknown 7 x=y: x=y is not a known modifier and has no effect",
    ],
    "v=spf1 ~all": [],
    "v=spf1 -all -all ?all a": [
        "spf-all-repeated 12 -all: -all has no effect: -all comes before it",
        "spf-after-all 22 a: a after -all: never evaluated",
    ],
    "v=spf1 a -all mx": [
        "spf-after-all 14 mx: mx after -all: never evaluated",
    ],
    "v=spf1 a -all mx ptr ip4:192.0.2.1 x=y": [
        "spf-after-all 14 mx: mx and 2 more terms after -all: never evaluated",
        "spf-ptr-used 17 ptr: ptr is slow and unreliable and should not be published",
        "spf-modifier-unknown 35 x=y: x=y is not a known modifier and has no effect",
    ],
    "v=spf1 -all:x a": [],
    "v=spf1 -all:x -all a": [
        "spf-after-all 19 a: a after -all: never evaluated",
    ],
    "v=spf1 redirect=example.net a ?all": [
        "spf-all-neutral 30 ?all: ?all says nothing about unknown addresses",
        "spf-redirect-ignored 7 redirect=example.net: redirect=example.net is ignored because the record has ?all",
    ],
    "v=spf1 ip4:192.0.2.1  ip4:192.0.2.1 +IP4:192.0.2.1 -all": [
        "spf-term-repeated 22 ip4:192.0.2.1: ip4:192.0.2.1 is there twice",
        "spf-term-repeated 36 +IP4:192.0.2.1: +IP4:192.0.2.1 is there twice",
    ],
    "v=spf1 -a a -a -all": [
        "spf-term-repeated 12 -a: -a is there twice",
    ],
    "v=spf1 include:example.net include:example.net -all": [],
    "v=spf1 ip4:0.0.0.0/0 ip6:::/0 a mx -all": [
        "spf-network-everything 7 ip4:0.0.0.0/0: ip4:0.0.0.0/0 lets every address of its family pass",
        "spf-network-everything 21 ip6:::/0: ip6:::/0 lets every address of its family pass",
        "spf-after-everything 30 a: a follows ip4:0.0.0.0/0, which matches every address of its family",
        "spf-after-everything 32 mx: mx follows ip6:::/0, which matches every address of its family",
    ],
    "v=spf1 ip4:0.0.0.0/0 ip6:2001:db8::1 ip4:192.0.2.1 ip4:192.0.2.2 -all": [
        "spf-network-everything 7 ip4:0.0.0.0/0: ip4:0.0.0.0/0 lets every address of its family pass",
        "spf-after-everything 37 ip4:192.0.2.1: ip4:192.0.2.1 follows ip4:0.0.0.0/0, which matches every address of its family",
    ],
    "v=spf1 ip4:0.0.0.0/1 a -all": [
        "spf-network-wide 7 ip4:0.0.0.0/1: ip4:0.0.0.0/1 lets 2^31 addresses pass",
    ],
    "v=spf1 mx/0 ip6:2001:db8::1 a ptr -all": [
        "spf-after-everything 28 a: a follows mx/0, which matches every address of a family in which its name has one",
        "spf-ptr-used 30 ptr: ptr is slow and unreliable and should not be published",
    ],
    "v=spf1 a//0 mx -all": [],
    "v=spf1 a/1 mx -all": [],
    "v=spf1 exists:example.org/0 mx -all": [],
    "v=spf1 -ip6:::/0 ip6:2001:db8::1 -all": [
        "spf-after-everything 17 ip6:2001:db8::1: ip6:2001:db8::1 follows -ip6:::/0, which matches every address of its family",
    ],
    "v=spf1 moo moo -all": [],
    "v=spf1 x=y x=y -all": [
        "spf-modifier-unknown 7 x=y: x=y is not a known modifier and has no effect",
        "spf-modifier-unknown 11 x=y: x=y is not a known modifier and has no effect",
    ],
    "v=spf1 ?ip6:::/0 ip4:192.0.2.1 ~ip4:0.0.0.0/0 ip6:2001:db8::1 -all": [
        "spf-after-everything 46 ip6:2001:db8::1: ip6:2001:db8::1 follows ?ip6:::/0, which matches every address of its family",
    ],
    "v=spf1 ip6:::/1 ip6:2001:db8::1 -all": [
        "spf-network-wide 7 ip6:::/1: ip6:::/1 lets 2^127 addresses pass",
    ],
    "v=spf1 ip4:0.0.0.0/0 -all": [
        "spf-network-everything 7 ip4:0.0.0.0/0: ip4:0.0.0.0/0 lets every address of its family pass",
    ],
    "v=spf1 ip4:12.0.0.0/16 ip6:2600::/32 -ip4:13.0.0.0/8 -all": [],
    "v=spf1 -ip6:2600::/16 ?ip4:12.0.0.0/8 -all": [],
    "v=spf1 ip4:224.0.0.1 ip6:ff02::1 ip4:127.0.0.1 ip6:fd00::/8 ip4:10.0.0.0/8 -all": [
        "spf-private-address 7 ip4:224.0.0.1: ip4:224.0.0.1 is not reachable from the Internet: it never matches there",
        "spf-private-address 21 ip6:ff02::1: ip6:ff02::1 is not reachable from the Internet: it never matches there",
        "spf-private-address 33 ip4:127.0.0.1: ip4:127.0.0.1 is not reachable from the Internet: it never matches there",
        "spf-private-address 47 ip6:fd00::/8: ip6:fd00::/8 is not reachable from the Internet: it never matches there",
        "spf-private-address 60 ip4:10.0.0.0/8: ip4:10.0.0.0/8 is not reachable from the Internet: it never matches there",
    ],
    "v=spf1 ip4:10.1.2.3/8 -all": [
        "spf-private-address 7 ip4:10.1.2.3/8: ip4:10.1.2.3/8 is not reachable from the Internet: it never matches there",
        "spf-host-bits 7 ip4:10.1.2.3/8: ip4:10.1.2.3/8 has bits set after the prefix: 10.0.0.0/8 is meant, or one address",
    ],
    "v=spf1 ip6:2600::1/64 -all": [
        "spf-host-bits 7 ip6:2600::1/64: ip6:2600::1/64 has bits set after the prefix: 2600::/64 is meant, or one address",
    ],
    "v=spf1 ip6:3fff::/20 ip4:198.51.100.0/24 ip4:203.0.113.7 -all": [
        "spf-network-wide 7 ip6:3fff::/20: ip6:3fff::/20 lets 2^108 addresses pass",
    ],
    "v=spf1 ip4:2001:db8::/0032 ip6:192.0.2.1/08 -all": [
        "spf-wrong-family 7 ip4:2001:db8::/0032: ip4:2001:db8::/0032 contains an IPv6 address: write ip6:2001:db8::/32",
        "spf-wrong-family 27 ip6:192.0.2.1/08: ip6:192.0.2.1/08 contains an IPv4 address: write ip4:192.0.2.1/8",
    ],
    "v=spf1 ip4:1.2 ip6:1 ip4:: -all": [],
    "v=spf1 ip4:192.0.2.0/0024 a:example.org/00/1 -all": [
        "spf-leading-zero 7 ip4:192.0.2.0/0024: ip4:192.0.2.0/0024 has a leading zero: write ip4:192.0.2.0/24",
    ],
    "v=spf1 include:lan include:x.lan a:mail.local -all": [
        "spf-not-fqdn 7 include:lan: include:lan does not name a fully qualified domain",
        "spf-target-local 19 include:x.lan: include:x.lan names a host that only a local network knows",
        "spf-target-local 33 a:mail.local: a:mail.local names a host that only a local network knows",
    ],
    "v=spf1 exists:%{i}.lan -all": [],
    "v=spf1 a:example.orgmx:example.net -all": [],
    "v=spf1 aip4:192.0.2.1 -all": [],
    "v=spf1 mx-all": [
        "spf-terms-run-together 7 mx-all: a blank is missing in mx -all",
    ],
    "v=spf1 mx~ALL.": [],
    "v=spf1 a:example.org+include:example.net -all": [
        "spf-terms-run-together 7 a:example.org+include:example.net: a blank is missing in a:example.org +include:example.net",
    ],
    "v=spf1 exp=a.exampleredirect=b.example": [
        "spf-all-missing None None: there is no all and no redirect=: unknown addresses are neutral",
        "spf-terms-run-together 7 exp=a.exampleredirect=b.example: a blank is missing in exp=a.example redirect=b.example",
    ],
    "v=spf1 a:example.org' -all": [],
    "v=spf1 moo` -all": [
        "spf-quoted 7 moo`: moo` contains quotation marks: they belong around the strings, not in them",
    ],
    "v=spf1 a=example.org ip4=192.0.2.1=x all=y -all": [
        "spf-mechanism-as-modifier 7 a=example.org: a=example.org has no effect: a:example.org is meant",
        "spf-mechanism-as-modifier 21 ip4=192.0.2.1=x: ip4=192.0.2.1=x has no effect",
        "spf-mechanism-as-modifier 37 all=y: all=y has no effect",
    ],
    "v=spf1 ra=x rp=1 rr=all xyz=1 exp=example.org redirect=example.net": [
        "spf-modifier-unknown 24 xyz=1: xyz=1 is not a known modifier and has no effect",
    ],
    "v=spf1 ptr -ptr:example.net -all": [
        "spf-ptr-used 7 ptr: ptr is slow and unreliable and should not be published",
        "spf-ptr-used 11 -ptr:example.net: -ptr:example.net is slow and unreliable and should not be published",
    ],
    "v=spf1 ~exists:%{l}.example.org -all": [],
    "v=spf1 ip4:10.0.0.0/7 -all": [
        "spf-network-wide 7 ip4:10.0.0.0/7: ip4:10.0.0.0/7 lets 2^25 addresses pass",
    ],
    "v=spf1 ip6:fc00::/6 -all": [
        "spf-network-wide 7 ip6:fc00::/6: ip6:fc00::/6 lets 2^122 addresses pass",
    ],
    "v=spf1 ip4:100.64.0.0/10 -all": [
        "spf-private-address 7 ip4:100.64.0.0/10: ip4:100.64.0.0/10 is not reachable from the Internet: it never matches there",
    ],
    "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1/32 -all": [],
    "V=spf1 “a” -all": [
        "spf-quoted 7 “a”: “a” contains quotation marks: they belong around the strings, not in them",
    ],
}


@pytest.mark.parametrize(("record", "expected"), RECORDS.items(), ids=RECORDS)
def test_all_that_is_said_of_a_record(record: str, expected: list[str]) -> None:
    assert [said(each) for each in lint_record(DOMAIN, record)] == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("v=spf1 -all", None),
        ("V=SPF1", None),
        ("unrelated v=spf12", None),
        (
            " v=spf1 -all",
            ("spf-leading-space", "white space stands before v=spf1, so it is no SPF record", "v=spf1 -all"),
        ),
        (
            "\u200bv=spf1 -all",
            ("spf-leading-space", "U+200B ZERO WIDTH SPACE before v=spf1, so it is no SPF record", "v=spf1 -all"),
        ),
        (
            '"v=spf1 -all"',
            ("spf-quoted", "quotation marks are part of the text, so it is not an SPF record", "v=spf1 -all"),
        ),
        (
            "\u201cv=spf1 -all\u201d",
            ("spf-quoted", "quotation marks are part of the text, so it is not an SPF record", "v=spf1 -all"),
        ),
        ("v=spf1-all", ("spf-version-malformed", MALFORMED, "v=spf1 -all")),
        ("v=spf1;ip4:192.0.2.1 -all", ("spf-version-malformed", SEMICOLON, "v=spf1 ip4:192.0.2.1 -all")),
        ("v=spf1\t-all", ("spf-version-malformed", containing("U+0009 (a control character)"), "v=spf1 -all")),
        ("v = spf1 -all", ("spf-version-malformed", MALFORMED, "v=spf1 -all")),
        ("v=spf 1 a -all", ("spf-version-malformed", MALFORMED, "v=spf1 a -all")),
        ("spf1 a -all", ("spf-version-malformed", MALFORMED, "v=spf1 a -all")),
        (
            "v=spf10 -all",
            ("spf-version-unknown", "v=spf10 is no version of SPF: v=spf1 is the only one", "v=spf1 -all"),
        ),
        ("v=spf2 -all", ("spf-version-unknown", "v=spf2 is no version of SPF: v=spf1 is the only one", "v=spf1 -all")),
        ("spf2.0/mfrom,pra -all", ("spf-sender-id", "Sender ID (spf2.0) is obsolete; nobody reads it", None)),
        (
            "site-check=1 v=spf1 -all",
            ("spf-version-misplaced", "v=spf1 stands inside the text; it must be the first thing in it", None),
        ),
        (
            "\t\xa0v=spf1 a\ufeff\n",
            (
                "spf-leading-space",
                "U+0009 (a control character), U+00A0 NO-BREAK SPACE before v=spf1, so it is no SPF record",
                "v=spf1 a",
            ),
        ),
        (
            " ' v=spf1 a '\xab ",
            ("spf-quoted", "quotation marks are part of the text, so it is not an SPF record", "v=spf1 a"),
        ),
        ("'v=spf1'x", ("spf-version-malformed", MALFORMED, "v=spf1 'x")),
        ("spf2.0", ("spf-sender-id", "Sender ID (spf2.0) is obsolete; nobody reads it", None)),
        ("x spf2.0", None),
        ("V=SPF10", ("spf-version-unknown", "V=SPF10 is no version of SPF: v=spf1 is the only one", None)),
        (
            "v=spf1.0 -all",
            ("spf-version-unknown", "v=spf1.0 is no version of SPF: v=spf1 is the only one", "v=spf1 -all"),
        ),
        ("v=spf1", None),
        ("v=spf1;Xa", ("spf-version-malformed", SEMICOLON, "v=spf1 Xa")),
        ("v=spf1,a", ("spf-version-malformed", COMMA, "v=spf1 a")),
        ("v=spf1 .", None),
        ("v:spf1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("v spf1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("v==spf1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("vspf1;, a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("v=spf-1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("V=SPF a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("spf=1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("spf=v1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("SPF1:a -all", ("spf-version-malformed", MALFORMED, "v=spf1 a -all")),
        ("spfv1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("spf10 a", None),
        ("v=s", None),
        ("v=DKIM1; p=", None),
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx v=spf1",
            ("spf-version-misplaced", "v=spf1 stands inside the text; it must be the first thing in it", None),
        ),
        (
            "xv=spf1 a",
            ("spf-version-misplaced", "v=spf1 stands inside the text; it must be the first thing in it", None),
        ),
        (
            "x v=spf1",
            ("spf-version-misplaced", "v=spf1 stands inside the text; it must be the first thing in it", None),
        ),
        (
            "x v=spf1\t",
            ("spf-version-misplaced", "v=spf1 stands inside the text; it must be the first thing in it", None),
        ),
        ("x v=spf12", None),
        ("v                    =spf1 a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("v                                        =spf1 a", None),
        ("v =  spf 1  :a", ("spf-version-malformed", MALFORMED, "v=spf1 a")),
        ("v=spf1\u200b-all", ("spf-version-malformed", containing("U+200B ZERO WIDTH SPACE"), "v=spf1 -all")),
        ('"v=spf1', ("spf-quoted", "quotation marks are part of the text, so it is not an SPF record", "v=spf1")),
        ("v=spf1'", ("spf-quoted", "quotation marks are part of the text, so it is not an SPF record", "v=spf1")),
    ],
)
def test_what_a_look_alike_was_meant_for(text: str, found: tuple[str, str, str | None] | None) -> None:
    assert look_alike(text) == found


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a", None),
        ("-a", None),
        ("a:x.orgmx", None),
        ("mx-all", 2),
        ("mx+all.", None),
        ("mx-ALL", 2),
        ("-all", None),
        ("--all", None),
        ("a:x.org-include:y.org", 7),
        ("include:include:x.org", None),
        ("a:x.orginclude:y.org", 7),
        ("ainclude:y.org", None),
        ("a/24ip4:1", 4),
        ("x.ip6:1", 2),
        ("exp=x.orgexp=y.org", 9),
        ("exp=redirect=", 4),
        ("ip4:1ip5:2", None),
        ("mx-allx", None),
        ("mx-all.x", None),
        ("a:b~exists:c", 3),
        ("?include:x", None),
        ("-include:x", None),
        ("mx-include:x", None),
        ("mx/-include:x", 3),
        ("all-all", 3),
        ("x=include:y", 2),
    ],
)
def test_where_a_second_term_begins(text: str, at: int | None) -> None:
    assert run_together(text) == at


@pytest.mark.parametrize(("length", "long"), [(450, False), (451, True)])
def test_more_than_450_octets_are_long(length: int, long: bool) -> None:
    record = "v=spf1 ip4:192.0.2.1 exp=ü" + "x" * (length - 32) + " -all"
    assert octets(record) == length
    expected = f"spf-record-long None None: the record has {length} octets; RFC 7208 recommends less than 450"
    assert [said(each) for each in lint_record(DOMAIN, record) if each.term is None] == ([expected] if long else [])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["v=spf1 -all"], []),
        (["unrelated"], []),
        (
            ["unrelated", "V=Spf1 a", "v=spf1 -all"],
            ["spf-version-case 0 V=Spf1: V=Spf1 is not lower case; some receivers look for v=spf1 as it stands"],
        ),
        (
            ["v=spf1 a", "spf2.0/pra " + "x" * 68, "v=spf1;" + "a" * 80],
            [
                "spf-sender-id 0 spf2.0/pra " + "x" * 68 + ": Sender ID (spf2.0) is obsolete; nobody reads it",
                "spf-version-malformed 0 v=spf1;" + "a" * 72 + f"…: {SEMICOLON}",
            ],
        ),
        (["x" * 480], []),
        (
            ["v=spf1 -all", "x" * 480],
            [
                "spf-answer-large None None: all TXT records together answer in 547 octets; more than 512 need EDNS or TCP"
            ],
        ),
    ],
)
def test_all_that_is_said_of_the_texts(texts: list[str], expected: list[str]) -> None:
    assert [said(each) for each in lint_texts(DOMAIN, texts)] == expected


@pytest.mark.parametrize(("length", "size"), [(0, 42), (1, 43), (255, 297), (256, 299), (510, 553), (511, 555)])
def test_the_answer_has_an_octet_for_each_string(length: int, size: int) -> None:
    # RFC 1035 §4.1, §3.3.14: 12 of the header, 17 of the question, 12 of the record, one for each string.
    assert answer_octets(DOMAIN, ["x" * length]) == size
    assert answer_octets(DOMAIN, ["x" * length, ""]) == size + 13
    assert answer_octets(DOMAIN, ["ü" * length]) == answer_octets(DOMAIN, ["x" * 2 * length])


def test_what_has_no_effect_in_an_included_record() -> None:
    assert [said(each) for each in lint_included(DOMAIN, "v=spf1 ra=x  a rr=all moo=x RP=1 -rp=10 -all")] == [
        "spf-report-modifier-included 7 ra=x: ra=x has no effect in a record that is included",
        "spf-report-modifier-included 15 rr=all: rr=all has no effect in a record that is included",
        "spf-report-modifier-included 28 RP=1: RP=1 has no effect in a record that is included",
    ]


def test_positions_are_those_of_the_text() -> None:
    assert positions("v=spf1") == []
    assert positions("v=spf1  a\tb   -all ") == [8, 14]


@pytest.mark.parametrize(
    ("ip", "documentation"),
    [
        ("192.0.2.0", True), ("192.0.2.255", True), ("192.0.3.0", False), ("198.51.100.7", True), ("203.0.113.7", True),
        ("2001:db8::", True), ("2001:db9::", False), ("3fff:fff::1", True), ("3fff:1000::", False),
    ],
)  # fmt: skip
def test_addresses_of_documentation(ip: str, documentation: bool) -> None:
    assert is_documentation(ipaddress.ip_address(ip)) is documentation


def test_a_length_that_a_blank_divides_is_not_advised_about() -> None:
    found = {each.id for each in lint_record("example.org", "v=spf1 ip4:198.51.100.0/2 4 -all")}
    assert not found & {"spf-host-bits", "spf-network-wide"}
