"""Edits of what is not misspelt: names that are wrong, limits, records elsewhere; the proposal is what the remedy says."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf.edit.repair import strings
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from tests.mailauth.spf.edit.test_edit import DOMAIN, edit
from tests.mailauth.spf.edit.test_mended import put_right
from tests.mailauth.spf.test_check_host import hosts, txt

P = txt("p.example.net", "v=spf1 ip4:192.0.2.0/28 ~all")
A = "h.example.org. A 192.0.2.1"
OWN = f"_spf.{DOMAIN}"


@pytest.mark.parametrize(
    ("lines", "record"),
    [
        # redirect= beside an all: without the one where that is enough, else without the other
        ([txt(DOMAIN, "v=spf1 a -all redirect=p.example.net"), P], "v=spf1 a redirect=p.example.net"),
        ([txt(DOMAIN, "v=spf1 redirect=q.example.net -all")], "v=spf1 ip4:192.0.2.1 -all"),
        # names
        ([txt(DOMAIN, "v=spf1 mx:h.example.org -all"), A], "v=spf1 a:h.example.org -all"),
        ([txt(DOMAIN, "v=spf1 mx:h.example.org/24 -all"), A], "v=spf1 a:h.example.org/24 -all"),
        ([txt(DOMAIN, "v=spf1 include:h.example.org -all"), A], "v=spf1 a:h.example.org -all"),
        (
            [txt(DOMAIN, "v=spf1 include:spf.example.net -all"), txt("_spf.example.net", "v=spf1 ip4:192.0.2.1 -all")],
            "v=spf1 include:_spf.example.net -all",
        ),
        # a name of somebody else is none that was meant
        ([txt(DOMAIN, "v=spf1 include:h.example.net -all"), "h.example.net. A 192.0.2.3"], "v=spf1 ip4:192.0.2.1 -all"),
        # a text beside the record
        (
            [txt(DOMAIN, "v=spf1 ip4:198.51.100.1 -all"), txt(DOMAIN, "spf1 include:p.example.net -all"), P],
            "v=spf1 ip4:198.51.100.1 include:p.example.net -all",
        ),
        (
            [txt(DOMAIN, "v=spf1 ip4:198.51.100.1 -all"), txt(DOMAIN, "spf1 ip4:198.51.100.9 -all")],
            "v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all",
        ),
        # the record at another name
        ([txt(OWN, "v=spf1 ip4:192.0.2.0/28 -all")], "v=spf1 ip4:192.0.2.0/28 -all"),
        ([txt(f"*.{DOMAIN}", "v=spf1 ip4:192.0.2.0/28 -all")], "v=spf1 ip4:192.0.2.1 ~all"),
    ],
)
async def test_what_is_proposed(lines: list[str], record: str) -> None:
    made = await edit(*lines)
    assert made is not None
    assert made.record == record
    assert made.stops == ()


async def test_the_text_beside_the_record_is_quoted() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 a -all"), txt(DOMAIN, "spf1 include:p.example.net ~all"), P)
    assert made is not None
    assert made.changes[0].startswith('"spf1 include:p.example.net ~all" was meant for SPF, too: ')


def of_mx(count: int) -> list[str]:
    return [f"{DOMAIN}. MX 10 h{number}.example.org." for number in range(1, count + 1)] + hosts(count)


async def test_an_mx_of_too_many_hosts_becomes_their_networks() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 mx -all"), *of_mx(11), ip="198.51.100.11")
    assert made is not None
    assert made.record == ("v=spf1 ip4:198.51.100.1 ip4:198.51.100.2/31 ip4:198.51.100.4/30 ip4:198.51.100.8/30 -all")
    assert [shift.addresses for shift in made.begins] == ["198.51.100.1 to 198.51.100.11"]
    assert made.notes
    made = await edit(txt(DOMAIN, "v=spf1 -mx/30 a -all"), *of_mx(11))
    assert made is not None
    assert made.record is not None
    assert made.record.startswith("v=spf1 -ip4:198.51.100.0/29 -ip4:198.51.100.8/30 ")


async def test_an_mx_whose_hosts_do_not_answer_stays() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 mx -all"), *of_mx(11)[:-1], ";! SERVFAIL h11.example.org A")
    assert made is not None
    assert made.record == "v=spf1 ip4:192.0.2.1 mx -all"
    assert made.notes


def record_of(names: list[str]) -> str:
    return f"v=spf1 {' '.join(f'include:{name}' for name in names)} -all"


def includes(count: int, networks: int = 1) -> list[str]:
    names = [f"i{number}.example.net" for number in range(1, count + 1)]
    records = [
        " ".join(f"ip4:198.51.{number}.{each}" for each in range(1, 2 * networks, 2)) for number, _ in enumerate(names)
    ]
    return [
        f"{DOMAIN}. TXT {' '.join(strings(record_of(names)))}",
        *(txt(name, f"v=spf1 {record} -all") for name, record in zip(names, records, strict=True)),
    ]


@pytest.mark.parametrize("ip", ["192.0.2.1", "198.51.11.1"])
async def test_where_others_would_need_too_many_lookups_as_few_names_as_can_be_become_networks(ip: str) -> None:
    made = await edit(*includes(12), ip=ip)
    assert made is not None
    assert made.record is not None
    assert made.record.count("include:") == MAX_LOOKUPS
    assert made.lookups_needed == MAX_LOOKUPS
    assert {"198.51.10.1", "198.51.11.1"} <= {shift.addresses for shift in made.begins}


async def test_where_one_record_is_not_enough_the_audit_is_pointed_to() -> None:
    made = await edit(*includes(12, networks=13))
    assert made is not None
    assert made.record is None
    assert "audit" in (made.reason or "")


@pytest.mark.parametrize(
    ("lines", "record"),
    [
        (
            [txt(DOMAIN, f"v=spf1 include:{OWN} -all"), txt(OWN, "v=spf1 ipv4:192.0.2.0/28 -all")],
            "v=spf1 ip4:192.0.2.0/28 -all",
        ),
        (
            [txt(DOMAIN, f"v=spf1 redirect={OWN}"), txt(OWN, "v=spf1 ipv4:198.51.100.1 -all")],
            "v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all",
        ),
    ],
)
async def test_a_fault_in_a_record_below_the_domain_is_put_right_there(lines: list[str], record: str) -> None:
    made = await edit(*lines)
    assert made is not None
    assert (made.owner, made.record) == (OWN, record)
    assert [note for note in made.notes if OWN in note]


LOOPS = [
    # where the loop closes, the include that leads back is taken out
    (
        [
            txt(DOMAIN, f"v=spf1 include:_a.{DOMAIN} include:p.example.net -all"),
            txt(f"_a.{DOMAIN}", f"v=spf1 ip4:198.51.100.0/28 include:_b.{DOMAIN} -all"),
            txt(f"_b.{DOMAIN}", f"v=spf1 ip6:2001:db8:b::/48 include:_a.{DOMAIN} -all"),
            P,
        ],
        f"_b.{DOMAIN}",
        "v=spf1 ip6:2001:db8:b::/48 -all",
    ),
    # at a record of the loop, at one with itself, at the domain's own; by a macro, and by redirect=
    (
        [txt(DOMAIN, f"v=spf1 include:{OWN} include:p.example.net -all"), txt(OWN, f"v=spf1 a include:{OWN} ~all"), P],
        OWN,
        "v=spf1 a ~all",
    ),
    (
        [txt(DOMAIN, f"v=spf1 include:{OWN} include:p.example.net -all"), txt(OWN, f"v=spf1 include:{DOMAIN} ~all"), P],
        OWN,
        "v=spf1 ~all",
    ),
    (
        [txt(DOMAIN, f"v=spf1 include:{OWN} include:p.example.net -all"), txt(OWN, "v=spf1 mx include:%{d} ~all"), P],
        OWN,
        "v=spf1 mx ~all",
    ),
    (
        [txt(DOMAIN, f"v=spf1 include:{OWN} include:p.example.net -all"), txt(OWN, f"v=spf1 redirect={DOMAIN}"), P],
        OWN,
        "v=spf1 ~all",
    ),
    # two that lead back from the same record
    (
        [
            txt(DOMAIN, f"v=spf1 include:_a.{DOMAIN} include:p.example.net -all"),
            txt(f"_a.{DOMAIN}", f"v=spf1 include:_b.{DOMAIN} -all"),
            txt(f"_b.{DOMAIN}", f"v=spf1 include:_a.{DOMAIN} include:{DOMAIN} ip6:2001:db8:b::/48 -all"),
            P,
        ],
        f"_b.{DOMAIN}",
        "v=spf1 ip6:2001:db8:b::/48 -all",
    ),
]


@pytest.mark.parametrize(("lines", "owner", "record"), LOOPS)
async def test_a_loop_of_own_records_is_broken_where_it_closes(lines: list[str], owner: str, record: str) -> None:
    made = await edit(*lines)
    assert made is not None
    assert (made.owner, made.record) == (owner, record)
    assert made.stops == ()
    assert [change for change in made.changes if "leads back to" in change]
    audited = await put_right(*lines)
    assert audited is not None
    assert (audited.owner, audited.record) == (owner, record)


async def test_where_one_of_two_loops_stays_nothing_is_added_to_a_record_of_them() -> None:
    lines = [
        txt(DOMAIN, f"v=spf1 include:_a.{DOMAIN} include:p.example.net -all"),
        txt(f"_a.{DOMAIN}", f"v=spf1 include:_b.{DOMAIN} include:_c.{DOMAIN} -all"),
        txt(f"_b.{DOMAIN}", f"v=spf1 include:_a.{DOMAIN} -all"),
        txt(f"_c.{DOMAIN}", f"v=spf1 include:_a.{DOMAIN} -all"),
        P,
    ]
    made = await edit(*lines)
    assert made is not None
    assert (made.owner, made.record) == (DOMAIN, f"v=spf1 include:p.example.net include:_a.{DOMAIN} -all")


async def test_a_loop_in_records_of_others_stays() -> None:
    lines = [
        txt(DOMAIN, "v=spf1 include:a.example.net include:p.example.net -all"),
        txt("a.example.net", "v=spf1 include:b.example.net -all"),
        txt("b.example.net", "v=spf1 include:a.example.net -all"),
        P,
    ]
    made = await edit(*lines)
    assert made is not None
    assert (made.owner, made.record) == (DOMAIN, "v=spf1 include:p.example.net include:a.example.net -all")
    audited = await put_right(*lines)
    assert audited is not None
    assert audited.record is None


async def test_the_name_of_a_record_that_stands_as_text_is_included() -> None:
    made = await edit(
        txt(DOMAIN, "_spf.p.example.net."),
        txt(DOMAIN, "b.example.net"),
        txt("_spf.p.example.net", "v=spf1 ip4:192.0.2.1 -all"),
    )
    assert made is not None
    assert made.record == "v=spf1 include:_spf.p.example.net ~all"
