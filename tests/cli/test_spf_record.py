"""`smtpprobe spf DOMAIN` without an address: the record, its includes as a tree, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.mailauth.spf.edit.repair import strings
from tests.cli.conftest import Ran

DOMAIN = "example.org"


def asked(cli: Callable[..., Ran], *records: str, more: tuple[str, ...] = ()) -> Ran:
    """What is said of records that are assumed: published there is nothing."""
    return cli("spf", DOMAIN, *(each for record in records for each in ("--assume", record)), *more)


RECORDS = (
    'example.org. TXT "v=spf1 include:a.example a:gone.example exists:%{i}.example.net ~all"',
    'a.example. TXT "v=spf1 ip4:192.0.2.0/24 include:b.example -all"',
    'b.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"',
)


def test_the_page_has_the_record_the_tree_and_the_cost(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, *RECORDS)
    page = ran.out[ran.out.index("\n\n") + 2 :]
    assert ran.code == 0
    assert page.startswith(
        "example.org: v=spf1 include:a.example a:gone.example exists:%{i}.example.net\n    ~all\n"
        "  include:a.example  2 lookups\n"
        "    ip4:192.0.2.0/24\n"
        "    include:b.example  1 lookup\n"
        "      ip4:198.51.100.0/24 -all\n"
        "    -all\n"
        "  a:gone.example  1 lookup, 1 void  dead: no address\n"
        "  exists:%{i}.example.net  1 lookup, 1 void\n"
        "  ~all\n"
    )
    text = " ".join(page.split())
    assert "lookups 4 of 10, void 2 of 2; an address that nothing matches gets softfail by ~all" in text
    assert "counted, and not followed without a client's address: exists:%{i}.example.net" in text


def test_providers_are_named_and_a_shorter_record_is_proposed(cli: Callable[..., Ran]) -> None:
    outlook = 'spf.protection.outlook.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"'
    own = 'example.org. TXT "v=spf1 a:gone.example include:spf.protection.outlook.com ip4:198.51.100.7 -all"'
    ran = asked(cli, own, outlook)
    assert "  include:spf.protection.outlook.com  1 lookup  (Microsoft 365)\n" in ran.out
    assert "  ip4:198.51.100.7  dead: covered by include:spf.protection.outlook.com\n" in ran.out
    assert '\n  example.org. TXT "v=spf1 include:spf.protection.outlook.com -all"\n' in ran.out
    assert "saves 32 octets and 1 lookup\n" in ran.out
    evidence = asked(cli, own, outlook, more=("--format", "json")).report["evidence"]
    assert evidence["providers"] == [{"domain": "spf.protection.outlook.com", "provider": "Microsoft 365"}]
    assert [(each["position"], each["reason"]) for each in evidence["dead"]] == [(0, "no-address"), (2, "covered")]
    assert evidence["shorter"]["records"][0]["octets"] == 46


def test_json_has_the_same(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, *RECORDS, more=("--format", "json"))
    assert ran.code == 0
    evidence = ran.report["evidence"]
    assert (ran.report["check"], evidence["kind"], evidence["result"]) == ("spf", "spf-record", "softfail")
    assert (evidence["lookups_used"], evidence["void_lookups_used"], evidence["lookups_needed"]) == (4, 2, 4)
    assert evidence["trace"][0]["children"][1]["term"] == "include:b.example"


@pytest.mark.parametrize(
    ("records", "code", "words"),
    [
        (['example.org. TXT "v=spf1 -all"'], 0, "gets fail by -all"),
        (['example.org. TXT "v=spf1 ?all"'], 0, "gets neutral by ?all"),
        (['example.org. TXT "x"'], 0, "none, example.org has no SPF record"),
        (['example.org. TXT "v=spf1 ipv4:192.0.2.1 -all"'], 1, "permerror, syntax error"),
        (['example.org. TXT "v=spf1 include:none.example -all"'], 1, "permerror, include:none.example"),
        (['example.org. TXT "v=spf1 -all"', 'example.org. TXT "v=spf1 ~all"'], 1, "permerror, example.org has 2 SPF records"),
        (['example.org. TXT "v=spf1' + " a:example.org" * 11 + ' -all"', "example.org. A 192.0.2.1"], 1, "(lookups 11 of 10"),
    ],
)  # fmt: skip
def test_the_exit_code_says_whether_it_can_be_evaluated(
    cli: Callable[..., Ran], records: list[str], code: int, words: str
) -> None:
    ran = asked(cli, *records)
    assert ran.code == code
    assert words in " ".join(ran.out.split())


def test_no_answer_is_no_verdict(cli: Callable[..., Ran], closed_port: str) -> None:
    ran = cli("spf", DOMAIN, "--resolver", closed_port)
    assert ran.code == 6
    assert "temperror" in ran.out


@pytest.mark.parametrize("option", [("--mail-from", "a@example.org"), ("--helo", "mx.example.org")])
def test_a_sender_needs_an_address(
    cli: Callable[..., Ran], option: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = cli("spf", DOMAIN, *option)
    assert (ran.code, ran.out) == (2, "")
    assert f"{option[0]} needs --ip" in ran.err
    monkeypatch.setenv(f"SMTPPROBE_{option[0][2:].upper().replace('-', '_')}", option[1])
    assert cli("spf", DOMAIN).code == 0


def test_what_is_dead_below_is_named_and_the_owners_own_record_is_made_shorter(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli,
        'example.org. TXT "v=spf1 include:_spf.example.org include:b.example ~all"',
        '_spf.example.org. TXT "v=spf1 a:gone.example ip4:192.0.2.0/24 -all"',
        'b.example. TXT "v=spf1 a:gone.example ip4:198.51.100.0/24 -all"',
    )
    assert "    a:gone.example  1 lookup, 1 void  dead: no address\n" in ran.out
    assert "    a:gone.example  1 lookup, 1 void  dead for everybody: no address\n" in ran.out
    assert '_spf.example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"' in ran.out
    assert "b.example. TXT" not in ran.out
    text = " ".join(ran.out.split())
    assert "saves 15 octets and 1 lookup" in text
    assert "a new address of these would be missing: a:gone.example" in text


def test_a_record_with_faults_is_put_right(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1 ipv4:192.0.2.1 -all"')
    assert ran.code == 1
    text = " ".join(ran.out.split())
    assert "put right: ipv4:192.0.2.1 becomes ip4:192.0.2.1" in text
    assert '\n  example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n' in ran.out
    assert "lookups 0 of 10; an address that nothing matches gets fail by -all" in text
    assert "nobody stops passing; begins to pass: 192.0.2.1" in text


def test_a_record_with_an_all_that_comes_too_early_is_closed_again(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1 all ip4:192.0.2.1 -all"')
    text = " ".join(ran.out.split())
    assert "put right: all, -all become one, at the end: -all" in text
    assert 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"' in text
    assert "everybody passes now; whoever the record does not name stops passing" in text
    assert "nobody stops passing" not in text


def test_a_record_that_no_tree_can_show_is_put_right_too(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1ip4:192.0.2.1 -all"')
    assert '\n  example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n' in ran.out


def test_what_is_put_right_is_not_told_again_as_shorter(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1 a:x.test a:y.test a:z.test ip4:192.0.2.1 -all"')
    assert "put right: " in ran.out
    assert "shorter" not in ran.out


def test_a_loop_is_told_once(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli, 'example.org. TXT "v=spf1 include:a.example -all"', 'a.example. TXT "v=spf1 include:example.org -all"'
    )
    assert "    include:example.org  10 lookups  leads back to example.org\n" in ran.out
    assert ran.out.count("10 lookups") == 1


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (
            [
                'example.org. TXT "v=spf1 include:a.example -all"',
                'a.example. TXT "v=spf1 ip4:192.0.2.1 include:b.example ~all"',
                'b.example. TXT "v=spf1 include:a.example ?all"',
            ],
            [
                "» include:a.example permerror [11/10, void 0/2]",
                "· ip4:192.0.2.1 no match [1/10, void 0/2]",
                "» include:b.example permerror [11/10, void 0/2]",
                "» include:a.example permerror: a.example leads back to itself, by include:a.example [11/10, void 0/2]",
                "· ?all not reached [0/10, void 0/2]",
                "· ~all not reached [0/10, void 0/2]",
                "· -all not reached [0/10, void 0/2]",
            ],
        ),
        (
            ['example.org. TXT "v=spf1 redirect=example.org"'],
            [
                "» redirect=example.org permerror: example.org leads back to itself, by redirect=example.org [11/10, void 0/2]"
            ],
        ),
    ],
)
def test_the_trace_of_a_loop_goes_round_once(cli: Callable[..., Ran], lines: list[str], rows: list[str]) -> None:
    ran = asked(cli, *lines, more=("--ip", "198.51.100.7"))
    trace = ran.out.partition("  record: ")[2].partition("\nHELO ")[0].partition("\n")[2]
    assert " ".join(trace.split()) == " ".join(rows)


def test_a_long_record_does_not_fill_the_screen(cli: Callable[..., Ran]) -> None:
    terms = [f"ip4:192.0.2.{number}" for number in range(1, 100, 2)]
    ran = asked(cli, "example.org. TXT " + " ".join(f'"{each} "' for each in ("v=spf1", *terms, "-all")))
    assert "… and 12 more" in " ".join(ran.out.split())
    assert "ip4:192.0.2.99" not in ran.out.split("shorter")[0]


def test_what_networks_would_put_right_names_the_option(cli: Callable[..., Ran]) -> None:
    included = [f'i{number}.example. TXT "v=spf1 ip4:192.0.2.{number} -all"' for number in range(11)]
    terms = " ".join(f"include:i{number}.example" for number in range(11))
    own = f'example.org. TXT "v=spf1 {terms} -all"'
    assert "(--flatten) [spf-too-many-lookups]" in " ".join(asked(cli, own, *included).out.split())
    ran = asked(cli, own, *included, more=("--flatten",))
    assert "(--flatten)" not in ran.out
    assert "flattened: " in ran.out


def test_an_alias_stands_beside_the_term_that_leads_to_it(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli, 'example.org. TXT "v=spf1 include:a.example -all"', "a.example. CNAME b.example.",
        'b.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"',
    )  # fmt: skip
    assert "  include:a.example  1 lookup (CNAME of b.example)\n" in ran.out


def test_what_may_lead_to_no_record_is_said_with_the_result(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1 include:%{i}._i.example.org -all"')
    text = " ".join(ran.out.split())
    assert "gets fail by -all, or permerror if include:%{i}._i.example.org leads to no record" in text


def test_postmaster_of_another_domain_is_no_null_path(cli: Callable[..., Ran]) -> None:
    other = 'other.example.org. TXT "v=spf1 -all"'
    given = ("--ip", "192.0.2.1", "--helo", "other.example.org")
    path = asked(cli, other, more=(*given, "--mail-from", "postmaster@other.example.org")).out
    assert "the reverse-path is null" not in path
    assert "SPF judges the reverse-path's domain" in path
    assert "the reverse-path is null" in asked(cli, other, more=(*given, "--mail-from", "<>")).out


def test_for_whom_an_address_begins_to_pass_is_said_where_records_hang_on_the_local_part(
    cli: Callable[..., Ran],
) -> None:
    ran = asked(
        cli,
        'example.org. TXT "v=spf1 redirect=%{l}.users.example.org"',
        'anna.users.example.org. TXT "v=spf1 ip4:192.0.2.10 -all"',
        more=("--ip", "203.0.113.5", "--mail-from", "anna@example.org"),
    )
    text = " ".join(ran.out.split())
    assert "nobody stops passing; begins to pass: 203.0.113.5 (for anna@example.org)" in text
    assert "203.0.113.5 (for any other local part)" in text


def test_the_tree_goes_on_behind_the_limit(cli: Callable[..., Ran]) -> None:
    included = [f'i{number}.example. TXT "v=spf1 ip4:192.0.2.{number} -all"' for number in range(10)]
    terms = " ".join(f"include:i{number}.example" for number in range(10))
    lines = (
        f'example.org. TXT "v=spf1 {terms} include:mail.zendesk.com include:_spf.salesforce.com ~all"',
        'mail.zendesk.com. TXT "v=spf1 ip4:203.0.113.192/28 ~all"',
        '_spf.salesforce.com. TXT "v=spf1 exists:%{i}._spf.mta.salesforce.com -all"',
    )
    ran = asked(cli, *lines, *included)
    page = ran.out[ran.out.index("  include:i9.example") :]
    assert ran.code == 1
    assert page.startswith(
        "  include:i9.example  1 lookup\n"
        "    ip4:192.0.2.9 -all\n"
        "  a receiver stops here with permerror: include:mail.zendesk.com is the eleventh\n"
        "      term that needs a lookup, ten are allowed; the rest is only counted\n"
        "  include:mail.zendesk.com  1 lookup, 11 so far  (Zendesk)\n"
        "    ip4:203.0.113.192/28 ~all\n"
        "  include:_spf.salesforce.com  2 lookups, 13 so far, 1 void  (Salesforce)\n"
        "    exists:%{i}._spf.mta.salesforce.com  1 lookup, 13 so far, 1 void\n"
        "    -all\n"
        "  ~all\n"
    )
    assert "not reached" not in ran.out
    assert "(lookups 13 of 10, void 0 of 2)" in " ".join(ran.out.split())
    evidence = asked(cli, *lines, *included, more=("--format", "json")).report["evidence"]
    assert evidence["providers"][-2:] == [
        {"domain": "mail.zendesk.com", "provider": "Zendesk"},
        {"domain": "_spf.salesforce.com", "provider": "Salesforce"},
    ]
    assert (evidence["lookups_used"], evidence["lookups_needed"], evidence["result"]) == (11, 13, "permerror")
    assert [step["result"] for step in evidence["trace"]][-3:] == ["permerror", "not-reached", "not-reached"]
    assert evidence["not_followed"] == ["exists:%{i}._spf.mta.salesforce.com"]


def test_an_exception_that_comes_too_late_is_said_with_the_order_that_works(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli,
        'example.org. TXT "v=spf1 ip4:192.0.2.0/24 include:_n.example.org ?ip4:192.0.2.9 -all"',
        '_n.example.org. TXT "v=spf1 ip6:2001:db8::/32 -ip6:2001:db8:bad::/48 -all"',
    )
    assert "  ?ip4:192.0.2.9  comes too late: ip4:192.0.2.0/24 lets its addresses pass\n" in ran.out
    text = " ".join(ran.out.split())
    assert "-ip6:2001:db8:bad::/48 comes too late: ip6:2001:db8::/32 lets its addresses pass" in text
    assert "exceptions that come too late have no effect; put each before the term that lets its addresses pass" in text
    assert "in example.org: ?ip4:192.0.2.9 before ip4:192.0.2.0/24" in text
    assert "in _n.example.org: -ip6:2001:db8:bad::/48 before ip6:2001:db8::/32" in text
    assert "shorter" not in ran.out
    dead = asked(
        cli, 'example.org. TXT "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.9 ~all"', more=("--format", "json")
    ).report["evidence"]["dead"]
    assert [(each["was_meant"], each["before"]) for each in dead] == [(True, "ip4:192.0.2.0/24")]


def test_what_is_excluded_before_it_can_pass_is_said_with_the_order_that_works(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, 'example.org. TXT "v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.1 -all"')
    text = " ".join(ran.out.split())
    assert "ip4:192.0.2.1 comes too late: -ip4:192.0.2.0/24 keeps its addresses from passing" in text
    assert "terms that come too late let nobody pass; put each that is meant to send before the one that" in text
    assert "in example.org: ip4:192.0.2.1 before -ip4:192.0.2.0/24" in text
    assert "no shorter record is proposed: it lets nobody pass" in text
    assert "[spf-nobody-passes]" in text
    assert "exceptions that come" not in text


def test_in_another_domains_record_it_is_named_without_advice(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli,
        'example.org. TXT "v=spf1 include:p.example -all"',
        'p.example. TXT "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.9 -all"',
    )
    assert "    -ip4:192.0.2.9  comes too late: ip4:192.0.2.0/24 lets its addresses pass\n" in ran.out
    assert "put each before" not in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("v=spf1 include a.example ip:192.0.2.9 -all", "publish the record that is put right first"),
        ("v=spf1ip4:192.0.2.1 -all", "publish the record that is put right first"),
        ("nothing", "example.org has no SPF record"),
    ],
)
def test_why_nothing_is_flattened_is_said(cli: Callable[..., Ran], record: str, reason: str) -> None:
    ran = asked(cli, f'example.org. TXT "{record}"', 'a.example. TXT "v=spf1 -all"', more=("--flatten",))
    assert f"not flattened: {reason}" in " ".join(ran.out.split())


def test_the_upkeep_of_a_flat_record_says_whose_names_it_is_about(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli,
        'example.org. TXT "v=spf1 mx:gone.example.org include:_n.example.org include:sendgrid.net -all"',
        '_n.example.org. TXT "v=spf1 a:web.example.org include:b.example -all"',
        "web.example.org. A 192.0.2.4",
        'sendgrid.net. TXT "v=spf1 ip4:198.51.100.0/25 -all"',
        'b.example. TXT "v=spf1 ip4:198.51.100.128/25 -all"',
        more=("--flatten",),
    )
    text = " ".join(ran.out.split())
    assert "mx:gone.example.org dropped: no address today" in text
    assert (
        "upkeep: these change their addresses without notice, and mail from new ones fails until the record is made and "
        "published again: include:b.example, include:sendgrid.net (SendGrid)"
    ) in text
    assert (
        "upkeep: if you change what these come to, change this record too: mx:gone.example.org, include:_n.example.org, "
        "a:web.example.org"
    ) in text
    own = asked(cli, 'example.org. TXT "v=spf1 a -all"', "example.org. A 192.0.2.4", more=("--flatten",))
    text = " ".join(own.out.split())
    assert "without notice" not in text
    assert "upkeep: if you change what these come to, change this record too: a" in text


def test_flattening_that_is_no_cheaper_is_advised_against(cli: Callable[..., Ran]) -> None:
    networks = [" ".join(f"ip4:100.{number}.{octet}.1" for octet in range(0, 40, 2)) for number in (1, 2)]
    included = [f"i{at}.example. TXT {' '.join(strings(f'v=spf1 {terms} -all'))}" for at, terms in enumerate(networks)]
    ran = asked(
        cli, 'example.org. TXT "v=spf1 include:i0.example include:i1.example -all"', *included, more=("--flatten",)
    )
    text = " ".join(ran.out.split())
    assert "not advised: 2 lookups instead of 2, and 3 records to keep up to date: leave the names as they are" in text
    ran = asked(cli, 'example.org. TXT "v=spf1 include:i0.example -all"', *included, more=("--flatten",))
    assert "not advised" not in ran.out


def test_whose_record_an_alias_has_is_said_with_it(cli: Callable[..., Ran]) -> None:
    ran = asked(cli, "example.org. CNAME host.cdn.example.", 'host.cdn.example. TXT "v=spf1 ip4:198.51.100.0/24 +all"')
    assert "example.org: v=spf1 ip4:198.51.100.0/24 +all\n  the record of host.cdn.example, by CNAME\n" in ran.out
    text = " ".join(ran.out.split())
    assert "+all lets every address pass: so says the record of host.cdn.example" in text
    assert "only its operator changes the record there; otherwise send as another name" in text
    ran = asked(cli, "example.org. CNAME a.example.org.", 'a.example.org. TXT "v=spf1 ip4:198.51.100.0/24 -all"')
    assert "\n  the record of a.example.org, by CNAME\n" in ran.out


def test_a_provider_is_named_behind_an_alias_too(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli, 'example.org. TXT "v=spf1 include:_s.example.org -all"', "_s.example.org. CNAME _spf.salesforce.com.",
        '_spf.salesforce.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"',
    )  # fmt: skip
    assert "  include:_s.example.org  1 lookup  (Salesforce) (CNAME of _spf.salesforce.com)\n" in ran.out


def test_the_tree_goes_on_behind_a_record_that_is_missing(cli: Callable[..., Ran]) -> None:
    ran = asked(
        cli, 'example.org. TXT "v=spf1 include:gone.example include:sendgrid.net -all"',
        'sendgrid.net. TXT "v=spf1 ip4:192.0.2.0/24 -all"',
    )  # fmt: skip
    text = " ".join(ran.out.split())
    assert "a receiver stops here with permerror: include:gone.example: gone.example does not exist; the rest" in text
    assert "  include:sendgrid.net  1 lookup  (SendGrid)\n" in ran.out
    assert "not reached" not in ran.out
