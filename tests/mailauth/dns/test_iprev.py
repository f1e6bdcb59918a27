"""Reverse DNS and the HELO name."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns import iprev
from smtpprobe.mailauth.dns.ptr_names import ptr_fault_text
from smtpprobe.mailauth.dns.rewriting import NO_SUCH_NAME
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus, PtrFault
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver

PTR = "13.2.0.192.in-addr.arpa. PTR "


async def evaluate(text: str, ip: str = "192.0.2.13", helo: str | None = None) -> IprevEvidence:
    resolver = zone_resolver(text)
    found = await iprev.evaluate(resolver, ip, helo)
    await resolver.aclose()
    return found


@pytest.mark.parametrize(
    ("text", "result", "confirmed", "problem"),
    [
        (PTR + "mx.example.org.\nmx.example.org. A 192.0.2.13", "pass", ("mx.example.org",), None),
        (PTR + "a.example.org.\n" + PTR + "b.example.org.\nb.example.org. A 192.0.2.13\n;! SERVFAIL a.example.org A",
         "pass", ("b.example.org",), None),
        (PTR + "mx.example.org.\nmx.example.org. A 192.0.2.99", "fail", (), "mx.example.org has 192.0.2.99"),
        (PTR + "mx.example.org.", "fail", (), "mx.example.org does not exist"),
        (PTR + "mx.example.org.\nmx.example.org. AAAA 2001:db8::1", "fail", (), "mx.example.org has no A record"),
        ("example.org. A 192.0.2.1", "permerror", (), "no PTR record"),
        ('13.2.0.192.in-addr.arpa. TXT "x"', "permerror", (), "no PTR record"),
        (";! SERVFAIL 13.2.0.192.in-addr.arpa PTR", "temperror", (), "SERVFAIL"),
        (PTR + "mx.example.org.\n;! TIMEOUT mx.example.org A", "temperror", (), "no answer in time"),
        (PTR + ".", "fail", (), ". is the root of DNS"),
    ],
)  # fmt: skip
async def test_result(text: str, result: str, confirmed: tuple[str, ...], problem: str | None) -> None:
    found = await evaluate(text)
    assert (found.result, found.confirmed) == (result, confirmed)
    assert (problem in found.problem) if problem and found.problem else found.problem is problem


async def test_ipv6_is_confirmed_by_aaaa() -> None:
    reverse = "3.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
    found = await evaluate(f"{reverse} PTR mx.example.org.\nmx.example.org. AAAA 2001:db8:0::13", "2001:db8::13")
    assert found.result == "pass"


async def test_a_name_through_an_alias_in_the_reverse_zone() -> None:
    alias = "13.0-63.2.0.192.in-addr.arpa."
    text = f"13.2.0.192.in-addr.arpa. CNAME {alias}\n{alias} PTR mx.example.org.\nmx.example.org. A 192.0.2.13"
    assert (await evaluate(text)).result == "pass"


@pytest.mark.parametrize(
    ("count", "leading_back", "result"),
    [
        (10, (9,), "pass"),
        (11, (0,), "fail"),
        (11, (10,), "fail"),
        (11, (3, 7), "pass"),  # whichever ten are taken, one of the two is among them
        (12, (11,), "fail"),
        (12, (0, 5), "fail"),
        (12, (0, 5, 11), "pass"),
        (30, (29,), "fail"),
        (31, (30,), "fail"),
        (12, (), "fail"),
    ],
)
async def test_more_than_ten_names_are_the_same_in_every_order(
    count: int, leading_back: tuple[int, ...], result: str
) -> None:
    names = [f"h{index}.example.org" for index in range(count)]
    hosts = "".join(f"\n{names[index]}. A 192.0.2.13" for index in leading_back)
    orders = (names, names[::-1], names[5:] + names[:5])
    found = [await evaluate("\n".join(f"{PTR}{name}." for name in order) + hosts) for order in orders]
    assert {each.result for each in found} == {result}
    assert {(each.problem, each.names, each.confirmed) for each in found} == {
        (found[0].problem, tuple(names), found[0].confirmed)
    }


@pytest.mark.parametrize(("count", "asked"), [(29, 29), (30, 30), (31, 30)])
async def test_at_most_thirty_names_are_looked_up(count: int, asked: int) -> None:
    resolver = zone_resolver("\n".join(f"{PTR}h{index}.example.org." for index in range(count)))
    await iprev.evaluate(resolver, "192.0.2.13", None)
    await resolver.aclose()
    assert sum(each.type == "A" and each.name != NO_SUCH_NAME for each in resolver.lookups) == asked


async def test_of_names_that_were_not_looked_up_nothing_is_claimed() -> None:
    names = "\n".join(f"{PTR}h{index}.example.org." for index in range(35))
    found = await evaluate(f"{names}\n" + "\n".join(f"h{index}.example.org. A 192.0.2.13" for index in range(30, 35)))
    assert found.result == "fail"
    assert "and 27 more names: none of these leads back" in (found.problem or "")
    assert "the other 5 of 35 names were not looked up" in (found.problem or "")
    found = await evaluate(f"{names}\nh3.example.org. A 192.0.2.13")
    assert (found.problem or "").startswith("at least 1 of 35 names")


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("13.0-63.2.0.192.in-addr.arpa.", "13.0-63.2.0.192.in-addr.arpa, which does not exist"),
        ("here.example.net.", "here.example.net, which has no PTR record"),
    ],
)
async def test_an_alias_in_the_reverse_zone_that_leads_nowhere_is_shown(target: str, problem: str) -> None:
    found = await evaluate(f"13.2.0.192.in-addr.arpa. CNAME {target}\nhere.example.net. A 192.0.2.1")
    assert (found.result, found.alias) == ("permerror", target.rstrip("."))
    assert found.problem == f"13.2.0.192.in-addr.arpa is an alias (CNAME) of {problem}"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("mail.example.org.2.0.192.in-addr.arpa", "mail.example.org"),
        ("mail.example.org.0.192.in-addr.arpa", "mail.example.org"),
        ("mail.example.org.13.2.0.192.in-addr.arpa", "mail.example.org"),
        ("mail.2.0.192.in-addr.arpa", None),
        ("mail.example.org", None),
    ],
)
async def test_a_name_that_the_reverse_zone_was_appended_to(name: str, meant: str | None) -> None:
    found = await evaluate(f"{PTR}{name}.\nmail.example.org. A 192.0.2.13")
    assert found.extended == ({name: meant} if meant else {})


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (".", PtrFault.ROOT),
        ("192.0.2.13.", PtrFault.ADDRESS),
        ("13.2.0.192.", PtrFault.ADDRESS),
        ("13.2.0.192.in-addr.arpa.", PtrFault.ADDRESS),
        ("192.0.2.13.2.0.192.in-addr.arpa.", PtrFault.ADDRESS),
        ("13.2.0.192.in-addr.arpa.2.0.192.in-addr.arpa.", PtrFault.ADDRESS),
        ("2.0.192.in-addr.arpa.", PtrFault.ZONE_NAME),
        ("2.0.192.in-addr.arpa.2.0.192.in-addr.arpa.", PtrFault.ZONE_NAME),
        ("mail.2.0.192.in-addr.arpa.", PtrFault.ZONE_NAME),
        ("mail.", PtrFault.SINGLE_LABEL),
        ("_mail.example.org.", PtrFault.NOT_A_HOST_NAME),
        ("-mail.example.org.", PtrFault.NOT_A_HOST_NAME),
        ("a\\032b.example.org.", PtrFault.NOT_A_HOST_NAME),
        ("a\\.b.example.org.", PtrFault.NOT_A_HOST_NAME),
        ("\\255.example.org.", PtrFault.NOT_A_HOST_NAME),
        ("mail.example.org.2.0.192.in-addr.arpa.", None),  # a name without its final dot, and told as that
        ("4u.example.org.", None),
        ("mail.example.org.", None),
        ("xn--4ca.example.org.", None),
    ],
)
async def test_what_a_ptr_name_is_that_can_be_no_host_s(name: str, fault: PtrFault | None) -> None:
    found = await evaluate(PTR + name)
    shown = name.rstrip(".") or "."
    assert (found.names, found.unfit, found.result) == ((shown,), {shown: fault} if fault else {}, "fail")
    assert (
        (ptr_fault_text(shown, fault) in (found.problem or "")) if fault else "does not exist" in (found.problem or "")
    )
    assert not found.generic
    assert not (fault and found.extended)


async def test_a_name_that_is_no_host_name_and_leads_back_is_confirmed_and_told() -> None:
    found = await evaluate(PTR + "_mail.example.org.\n_mail.example.org. A 192.0.2.13")
    assert (found.result, found.unfit) == ("pass", {"_mail.example.org": PtrFault.NOT_A_HOST_NAME})


@pytest.mark.parametrize(
    ("count", "good", "failing", "result", "unanswered"),
    [
        (2, 1, 1, "pass", 1),
        (10, 1, 9, "pass", 9),
        (12, 1, 0, "fail", 0),
        (12, 1, 1, "fail", 1),  # two that lead back are too few, too
        (12, 1, 2, "temperror", 0),
        (12, 3, 2, "pass", 2),
        (3, 0, 1, "temperror", 0),
    ],
)
async def test_a_failed_lookup_counts_only_if_it_could_change_the_result(
    count: int, good: int, failing: int, result: str, unanswered: int
) -> None:
    names = [f"h{index}.example.org" for index in range(count)]
    lines = [f"{PTR}{name}." for name in names]
    lines += [f"{name}. A 192.0.2.13" for name in names[:good]]
    lines += [f";! SERVFAIL {name} A" for name in names[good : good + failing]]
    for order in (lines[:count], lines[count - 1 :: -1]):
        found = await evaluate("\n".join((*order, *lines[count:])))
        assert (found.result, len(found.unanswered)) == (result, unanswered)


REWRITES = "".join(f"*.{top}. A 203.0.113.80\n*.{top}. AAAA 2001:db8::80\n" for top in ("org", "example"))


@pytest.mark.parametrize(
    ("hosts", "helo", "made_up"),
    [
        ("", None, ("mx.example.org",)),
        ("mx.example.org. A 203.0.113.80", None, ("mx.example.org",)),
        ("mx.example.org. A 203.0.113.7", None, ()),
        ("mx.example.org. A 192.0.2.13", None, ()),
        ("mx.example.org. A 192.0.2.13", "ghost.example", ("ghost.example",)),
    ],
)
async def test_a_resolver_that_answers_for_any_name(hosts: str, helo: str | None, made_up: tuple[str, ...]) -> None:
    found = await evaluate(f"{PTR}mx.example.org.\n{REWRITES}{hosts}", helo=helo)
    assert found.made_up == made_up


@pytest.mark.parametrize(
    ("text", "asked"),
    [(f"{PTR}mx.example.org.\nmx.example.org. A 192.0.2.13", 2), ("mx.example.org. A 192.0.2.13", 0)],
)
async def test_a_name_that_cannot_exist_is_asked_once_beside_the_first_addresses(text: str, asked: int) -> None:
    resolver = zone_resolver(text)
    evidence = await iprev.evaluate(resolver, "192.0.2.13", None)
    assert sum(each.name == NO_SUCH_NAME for each in resolver.lookups) == asked
    assert evidence.made_up == ()
    await resolver.aclose()


@pytest.mark.parametrize(("address", "made_up"), [("192.0.2.13", ("mx.example.org",)), ("192.0.2.14", ())])
async def test_a_name_leads_back_though_the_resolver_makes_it_up(address: str, made_up: tuple[str, ...]) -> None:
    found = await evaluate(f"{PTR}mx.example.org.\nmx.example.org. A 192.0.2.13\n*.example. A {address}")
    assert (found.result, found.made_up, is_inconclusive(found)) == (AuthResult.PASS, made_up, bool(made_up))


@pytest.mark.parametrize(
    ("helo", "text", "expected"),
    [
        (
            "mx.example.org",
            "mx.example.org. A 192.0.2.13",
            HeloName(
                name="mx.example.org",
                status=HeloStatus.ANSWER,
                addresses=("192.0.2.13",),
                matches_ip=True,
                matches_ptr=False,
            ),
        ),
        (
            "MX.Example.org.",
            PTR + "mx.example.org.\nmx.example.org. A 192.0.2.7",
            HeloName(
                name="MX.Example.org.",
                status=HeloStatus.ANSWER,
                addresses=("192.0.2.7",),
                matches_ip=False,
                matches_ptr=True,
            ),
        ),
        (
            "nx.example.org",
            "example.org. A 192.0.2.1",
            HeloName(
                name="nx.example.org", status=HeloStatus.NXDOMAIN, addresses=(), matches_ip=False, matches_ptr=False
            ),
        ),
        (
            "example.org",
            "example.org. MX 10 mx.example.org.",
            HeloName(name="example.org", status=HeloStatus.NODATA, addresses=(), matches_ip=False, matches_ptr=False),
        ),
        (
            "mx.example.org",
            ";! SERVFAIL mx.example.org A\nmx.example.org. AAAA 2001:db8::1",
            HeloName(
                name="mx.example.org",
                status=HeloStatus.ANSWER,
                addresses=("2001:db8::1",),
                matches_ip=None,
                matches_ptr=False,
            ),
        ),
        (
            "mx.example.org",
            ";! TIMEOUT mx.example.org *",
            HeloName(
                name="mx.example.org",
                status=HeloStatus.TIMEOUT,
                addresses=(),
                matches_ip=None,
                matches_ptr=False,
                unanswered="A lookup of mx.example.org failed: no answer in time",
            ),
        ),
        (
            "[192.0.2.13]",
            "",
            HeloName(
                name="[192.0.2.13]",
                status=HeloStatus.LITERAL,
                addresses=("192.0.2.13",),
                matches_ip=True,
                matches_ptr=None,
            ),
        ),
        (
            "[192.0.2.14]",
            "",
            HeloName(
                name="[192.0.2.14]",
                status=HeloStatus.LITERAL,
                addresses=("192.0.2.14",),
                matches_ip=False,
                matches_ptr=None,
            ),
        ),
        (
            "[nonsense",
            "",
            HeloName(name="[nonsense", status=HeloStatus.LITERAL, addresses=(), matches_ip=False, matches_ptr=None),
        ),
        (
            "mx.example.org",
            ";! SERVFAIL 13.2.0.192.in-addr.arpa PTR\nmx.example.org. A 192.0.2.7",
            HeloName(
                name="mx.example.org",
                status=HeloStatus.ANSWER,
                addresses=("192.0.2.7",),
                matches_ip=False,
                matches_ptr=None,
            ),
        ),
    ],
)
async def test_helo(helo: str, text: str, expected: HeloName) -> None:
    assert (await evaluate(text, helo=helo)).helo == expected


async def test_without_a_helo_name_nothing_is_said_of_it() -> None:
    assert (await evaluate("")).helo is None


@pytest.mark.parametrize(
    ("name", "ip", "expected"),
    [
        ("mx.example.org", "192.0.2.13", False),
        ("mail13.example.org", "192.0.2.13", False),
        ("client.example.org", "192.0.2.13", False),
        ("mx.dsl.example", "192.0.2.13", False),
        ("192-0-2-13.example.org", "192.0.2.13", True),
        ("host13.2.0.192.example.org", "192.0.2.13", True),
        ("static.13.2.0.192.clients.example.org", "192.0.2.13", True),
        ("ip192000002013.example.org", "192.0.2.13", True),
        ("c000020d.example.org", "192.0.2.13", True),
        ("p5b3a.dip0.dynamic.example.org", "192.0.2.13", True),
        ("host-17.dyn.pool.example.org", "192.0.2.13", True),
        ("pool-96.example.org", "192.0.2.13", True),
        ("198-51-100-7.example.org", "192.0.2.13", False),
        ("2001-0db8-0000-0000-0000-0000-0000-0013.example.org", "2001:db8::13", True),
        ("mx6.example.org", "2001:db8::13", False),
        # Words of the registered domain say nothing of the line, whatever its public suffix.
        ("mail.pool.com", "192.0.2.13", False),
        ("mail.pool.co.uk", "192.0.2.13", False),
        ("mail.pool.co.uk.", "192.0.2.13", False),
        ("host.pool.example.co.uk", "192.0.2.13", True),
        ("pool.co.uk", "192.0.2.13", True),
        ("192-0-2-13.co.uk", "192.0.2.13", True),
    ],
)
def test_looks_generic(name: str, ip: str, expected: bool) -> None:
    assert iprev.looks_generic(name, ip) is expected


async def test_one_good_name_beside_a_generic_one_is_enough() -> None:
    text = PTR + "192-0-2-13.example.org.\n" + PTR + "mx.example.org."
    assert not (await evaluate(text)).generic
    assert (await evaluate(PTR + "192-0-2-13.example.org.")).generic
