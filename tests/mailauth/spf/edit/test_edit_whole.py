"""Each edit whole: the record to paste, what was changed, what stays, and what it comes to."""

from __future__ import annotations

from textwrap import dedent

import pytest

from smtpprobe.mailauth.characters import odd_characters, visible
from smtpprobe.mailauth.spf.edit import repair
from smtpprobe.mailauth.spf.edit.merge import merged
from smtpprobe.mailauth.spf.edit.repair import Change, Draft, repaired, with_network
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.evidence.spf import SpfEdit
from tests.mailauth.spf.edit.test_edit import edit


def whole(made: SpfEdit) -> list[str]:
    """The record, a line for each change and note, the result with its counts."""
    notes = [*(f"- {change}" for change in made.changes), *(f"! {note}" for note in made.notes)]
    counts = f"{made.lookups_used}/{made.void_lookups_used}, needs {made.lookups_needed}"
    return [made.record or "", *notes, f"{made.result} {counts}"]


CASES = [
    """
        example.org. TXT "v=spf1 ip4:198.51.100.1 -all"
        =>
        v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all
        - ip4:192.0.2.1 added before -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ~ALL exp=e.example.org"
        =>
        v=spf1 ip4:192.0.2.1 ~ALL exp=e.example.org
        - ip4:192.0.2.1 added before ~ALL
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1"
        =>
        v=spf1 ip4:192.0.2.1
        - ip4:192.0.2.1 added at the end
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a exp=e.example.org"
        =>
        v=spf1 a ip4:192.0.2.1 exp=e.example.org
        - ip4:192.0.2.1 added before exp=e.example.org
        pass 1/1, needs 1
    """,
    """
        example.org. TXT "v=spf1 redirect=a.example.net"
        a.example.net. TXT "v=spf1 -all"
        =>
        v=spf1 ip4:192.0.2.1 redirect=a.example.net
        - ip4:192.0.2.1 added before redirect=a.example.net
        pass 0/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 ?ip4:192.0.2.0/24 -all"
        =>
        v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.0/24 -all
        - ip4:192.0.2.1 added before ?ip4:192.0.2.0/24
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 -ip4:192.0.2.1 ~all"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - -ip4:192.0.2.1 becomes ip4:192.0.2.1
        ! the record excludes 192.0.2.1 by name: change that only if it is no longer meant
        pass 0/0, needs 0
    """,
    """
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - a first record is published
        - ip4:192.0.2.1 added before ~all
        ! add what else sends for the domain: its MX hosts (mx), its providers (include)
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "unrelated"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - a first record is published
        - ip4:192.0.2.1 added before ~all
        ! add what else sends for the domain: its MX hosts (mx), its providers (include)
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1;a -all"
        =>
        v=spf1 a ip4:192.0.2.1 -all
        - the record begins with v=spf1 and a blank (";" stands behind v=spf1 instead of a blank, so it is no SPF record)
        - ip4:192.0.2.1 added before -all
        pass 1/1, needs 1
    """,
    """
        example.org. TXT " v=spf1 ip4:192.0.2.1 -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - the record begins with v=spf1 and a blank (white space stands before v=spf1, so it is no SPF record)
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ipv4:192.0.2.1 -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - ipv4:192.0.2.1 becomes ip4:192.0.2.1
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ip6:192.0.2.1 -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - ip6:192.0.2.1 becomes ip4:192.0.2.1
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a:192.0.2.1 -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - a:192.0.2.1 becomes ip4:192.0.2.1
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 192.0.2.0/024 -all"
        =>
        v=spf1 ip4:192.0.2.0/24 -all
        - 192.0.2.0/024 becomes ip4:192.0.2.0/24
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ip4:192.0.2.1, -all;"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - "ip4:192.0.2.1," becomes ip4:192.0.2.1
        - "-all;" becomes -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ip4:192.0.2.1-all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - ip4:192.0.2.1-all becomes ip4:192.0.2.1 -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 moo -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - moo removed: unknown mechanism
        - ip4:192.0.2.1 added before -all
        ! what moo was meant to permit is not certain: it was left out, not guessed
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 redirect:a.example.net"
        a.example.net. TXT "v=spf1 ip4:192.0.2.1 -all"
        =>
        v=spf1 redirect=a.example.net
        - redirect:a.example.net becomes redirect=a.example.net
        pass 1/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 redirect=a.example.net redirect=b.example.net"
        a.example.net. TXT "v=spf1 ip4:192.0.2.0/28 -all"
        b.example.net. TXT "v=spf1 ip4:192.0.2.32/28 -all"
        =>
        v=spf1 include:a.example.net include:b.example.net -all
        - redirect=a.example.net, redirect=b.example.net become includes, with -all: of several redirect= none counts
        pass 1/0, needs 2
    """,
    """
        example.org. TXT "v=spf1 a -all"
        example.org. TXT "v=spf1 mx a ~all"
        =>
        v=spf1 a mx ip4:192.0.2.1 ~all
        - the 2 SPF records become one; remove the others
        - -all, ~all become one, at the end: ~all
        - ip4:192.0.2.1 added before ~all
        pass 2/2, needs 2
    """,
    """
        example.org. TXT "v=spf1 include:no.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - include:no.example.net removed: it leads nowhere (include:no.example.net: no.example.net does not exist)
        - ip4:192.0.2.1 added before -all
        ! left out, not guessed: include:no.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 redirect=no.example.net"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - redirect=no.example.net removed: it leads nowhere (redirect=no.example.net: no.example.net does not exist)
        - ~all added at the end, instead of redirect=
        - ip4:192.0.2.1 added before ~all
        ! left out, not guessed: redirect=no.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 include:example.org -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - include:example.org removed: it leads back to its own record
        - ip4:192.0.2.1 added before -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a:x.example.net a:y.example.net a:z.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - a:x.example.net, a:y.example.net, a:z.example.net removed: nothing that it names has an address
        - ip4:192.0.2.1 added before -all
        ! left out, not guessed: a:x.example.net, a:y.example.net, a:z.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 moo"
        =>
        v=spf1 ip4:192.0.2.1 include:a.example.net -all
        - ip4:192.0.2.1 added before include:a.example.net
        ! for other addresses this stays: syntax error in the record of a.example.net: moo: unknown mechanism
        pass 0/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 ?ip4:192.0.2.1 -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - ?ip4:192.0.2.1 becomes ip4:192.0.2.1
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 IP4:198.51.100.1 ~all -all"
        =>
        v=spf1 IP4:198.51.100.1 ip4:192.0.2.1 ~all
        - ~all, -all become one, at the end: ~all
        - ip4:192.0.2.1 added before ~all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a x=y exp=e.example.org"
        =>
        v=spf1 a ip4:192.0.2.1 x=y exp=e.example.org
        - ip4:192.0.2.1 added before x=y
        pass 1/1, needs 1
    """,
    """
        example.org. TXT "v=spf1 include:no.example.net redirect=no.example.net"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - include:no.example.net removed: it leads nowhere (include:no.example.net: no.example.net does not exist)
        - redirect=no.example.net removed: it leads nowhere (redirect=no.example.net: no.example.net does not exist)
        - ~all added at the end, instead of redirect=
        - ip4:192.0.2.1 added before ~all
        ! left out, not guessed: include:no.example.net; check the spelling of each name
        ! left out, not guessed: redirect=no.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 redirect=no.example.net exp=e.example.org"
        =>
        v=spf1 exp=e.example.org ip4:192.0.2.1 ~all
        - redirect=no.example.net removed: it leads nowhere (redirect=no.example.net: no.example.net does not exist)
        - ~all added at the end, instead of redirect=
        - ip4:192.0.2.1 added before ~all
        ! left out, not guessed: redirect=no.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ip4:198.51.100.1/024 a:192.0.2.1/32 MX:2001:db8::1 ip:198.51.100.2 -all"
        =>
        v=spf1 ip4:198.51.100.1/24 ip4:192.0.2.1/32 ip6:2001:db8::1 ip4:198.51.100.2 -all
        - ip4:198.51.100.1/024 becomes ip4:198.51.100.1/24
        - a:192.0.2.1/32 becomes ip4:192.0.2.1/32
        - MX:2001:db8::1 becomes ip6:2001:db8::1
        - ip:198.51.100.2 becomes ip4:198.51.100.2
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 included:x.example.net -all"
        x.example.net. TXT "v=spf1 ip4:192.0.2.1"
        =>
        v=spf1 include:x.example.net -all
        - included:x.example.net becomes include:x.example.net
        pass 1/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 ~all. exp:e.example.org"
        =>
        v=spf1 ip4:192.0.2.1 ~all exp=e.example.org
        - ~all. becomes ~all
        - exp:e.example.org becomes exp=e.example.org
        - ip4:192.0.2.1 added before ~all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 ipv4:2001:db8::1 IPV6:198.51.100.1/024 -all"
        =>
        v=spf1 ip6:2001:db8::1 ip4:198.51.100.1/24 ip4:192.0.2.1 -all
        - ipv4:2001:db8::1 becomes ip6:2001:db8::1
        - IPV6:198.51.100.1/024 becomes ip4:198.51.100.1/24
        - ip4:192.0.2.1 added before -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a:h.example -all"
        example.org. TXT "v=spf1 +A:h.example ~all"
        h.example. A 198.51.100.1
        =>
        v=spf1 a:h.example ip4:192.0.2.1 ~all
        - the 2 SPF records become one; remove the others
        - -all, ~all become one, at the end: ~all
        - ip4:192.0.2.1 added before ~all
        pass 1/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 ?all/8"
        =>
        v=spf1 ip4:192.0.2.1 ?all
        - ?all/8 becomes ?all
        - ip4:192.0.2.1 added before ?all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a;;mx;ip4:192.0.2.1 -all"
        =>
        v=spf1 a mx ip4:192.0.2.1 -all
        - "a;;mx;ip4:192.0.2.1" becomes a mx ip4:192.0.2.1
        pass 2/2, needs 2
    """,
    """
        example.org. TXT "v=spf1 a, moo;mx -all"
        =>
        v=spf1 a ip4:192.0.2.1 -all
        - "a," becomes a
        - "moo;mx" removed: unknown mechanism
        - ip4:192.0.2.1 added before -all
        ! what "moo;mx" was meant to permit is not certain: it was left out, not guessed
        pass 1/1, needs 1
    """,
    """
        example.org. TXT "v=spf1 exp=a.example.org exp=b.example.org -all"
        =>
        v=spf1 exp=a.example.org ip4:192.0.2.1 -all
        - exp=b.example.org removed: exp= appears more than once
        - ip4:192.0.2.1 added before -all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 redirect:a.example.org redirect:b.example.org"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - redirect:a.example.org becomes redirect=a.example.org
        - redirect:b.example.org becomes redirect=b.example.org
        - redirect=a.example.org, redirect=b.example.org become includes, with ~all: of several redirect= none counts
        - include:a.example.org removed: it leads nowhere (include:a.example.org: a.example.org does not exist)
        - include:b.example.org removed: it leads nowhere (include:b.example.org: b.example.org does not exist)
        - ip4:192.0.2.1 added before ~all
        ! left out, not guessed: include:a.example.org; check the spelling of each name
        ! left out, not guessed: include:b.example.org; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a ?all"
        example.org. TXT "v=spf1 A +all"
        example.org. TXT "v=spf1 +mx redirect=c.example.net exp=x.example.net"
        =>
        v=spf1 a +mx exp=x.example.net ip4:192.0.2.1 ?all
        - the 3 SPF records become one; remove the others
        - ?all, +all become one, at the end: ?all
        - include:c.example.net removed: it leads nowhere (include:c.example.net: c.example.net does not exist)
        - ip4:192.0.2.1 added before ?all
        ! left out, not guessed: include:c.example.net; check the spelling of each name
        pass 2/2, needs 2
    """,
    """
        example.org. TXT "v=spf1 -all"
        example.org. TXT "v=spf1 ~all"
        example.org. TXT "v=spf1 ?all"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - the 3 SPF records become one; remove the others
        - -all, ~all, ?all become one, at the end: ~all
        - ip4:192.0.2.1 added before ~all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a"
        example.org. TXT "v=spf1 mx exp=a.example.net"
        example.org. TXT "v=spf1 mx exp=b.example.net"
        =>
        v=spf1 a mx exp=a.example.net ip4:192.0.2.1 ~all
        - the 3 SPF records become one; remove the others
        - of exp=a.example.net and exp=b.example.net the first is kept
        - ip4:192.0.2.1 added before ~all
        pass 2/2, needs 2
    """,
    """
        example.org. TXT "v=spf1 +all:x"
        example.org. TXT "v=spf1 mx ?all"
        =>
        v=spf1 mx ip4:192.0.2.1 ?all
        - the 2 SPF records become one; remove the others
        - +all:x becomes +all
        - +all, ?all become one, at the end: ?all
        - ip4:192.0.2.1 added before ?all
        pass 1/1, needs 1
    """,
    """
        example.org. TXT "v=spf1 exists:x.example.net exists:y.example.net exists:z.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 -all
        - exists:x.example.net, exists:y.example.net, exists:z.example.net removed: nothing that it names has an address
        - ip4:192.0.2.1 added before -all
        ! left out, not guessed: exists:x.example.net, exists:y.example.net, exists:z.example.net; check the spelling of each name
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 mx:x.example.net a:y.example.net include:i.example.net -all"
        i.example.net. TXT "v=spf1 a:w.example.net a:z.example.net -all"
        =>
        v=spf1 include:i.example.net ip4:192.0.2.1 -all
        - mx:x.example.net, a:y.example.net removed: nothing that it names has an address
        - ip4:192.0.2.1 added before -all
        ! left out, not guessed: mx:x.example.net, a:y.example.net; check the spelling of each name
        pass 3/2, needs 3
    """,
    """
        example.org. TXT "v=spf1 include:i.example.net -all"
        i.example.net. TXT "v=spf1 a:w.example.net a:z.example.net a:v.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 include:i.example.net -all
        - ip4:192.0.2.1 added before include:i.example.net
        ! for other addresses this stays: A of v.example.net is the third void lookup, two are allowed: the name does not exist
        pass 0/0, needs 4
    """,
    """
        example.org. TXT "v=spf1 include:i.example.net -all"
        i.example.net. TXT "v=spf1 include:no.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 include:i.example.net -all
        - ip4:192.0.2.1 added before include:i.example.net
        ! for other addresses this stays: include:no.example.net: no.example.net does not exist
        pass 0/0, needs 2
    """,
    """
        example.org. TXT "v=spf1 redirect=i.example.net"
        i.example.net. TXT "v=spf1 include:no.example.net -all"
        =>
        v=spf1 ip4:192.0.2.1 redirect=i.example.net
        - ip4:192.0.2.1 added before redirect=i.example.net
        ! for other addresses this stays: include:no.example.net: no.example.net does not exist
        pass 0/0, needs 2
    """,
    """
        example.org. TXT "v=spf1 include:i.example.net -all"
        i.example.net. TXT "v=spf1"
        i.example.net. TXT "v=spf1 a"
        =>
        v=spf1 ip4:192.0.2.1 include:i.example.net -all
        - ip4:192.0.2.1 added before include:i.example.net
        ! for other addresses this stays: i.example.net has 2 SPF records
        pass 0/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 redirect=example.org"
        =>
        v=spf1 ip4:192.0.2.1 ~all
        - redirect=example.org removed: it leads back to its own record
        - ~all added at the end, instead of redirect=
        - ip4:192.0.2.1 added before ~all
        pass 0/0, needs 0
    """,
    """
        example.org. TXT "v=spf1 a:h1.example.org mx INCLUDE:Example.ORG -all"
        h1.example.org. A 198.51.100.1
        =>
        v=spf1 a:h1.example.org ip4:192.0.2.1 -all
        - mx removed: nothing that it names has an address
        - INCLUDE:Example.ORG removed: it leads back to its own record
        - ip4:192.0.2.1 added before -all
        pass 1/0, needs 1
    """,
    """
        example.org. TXT "other"
        example.org. TXT "v=spf1,a:h1.example.org -all"
        example.org. TXT "spf2.0/pra -all"
        h1.example.org. A 198.51.100.1
        =>
        v=spf1 a:h1.example.org ip4:192.0.2.1 -all
        - the record begins with v=spf1 and a blank ("," stands behind v=spf1 instead of a blank, so it is no SPF record)
        - ip4:192.0.2.1 added before -all
        pass 1/0, needs 1
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 0 h0.example.org.
        example.org. MX 1 h1.example.org.
        example.org. MX 2 h2.example.org.
        example.org. MX 3 h3.example.org.
        example.org. MX 4 h4.example.org.
        example.org. MX 5 h5.example.org.
        example.org. MX 6 h6.example.org.
        example.org. MX 7 h7.example.org.
        example.org. MX 8 h8.example.org.
        example.org. MX 9 h9.example.org.
        example.org. MX 10 h10.example.org.
        =>
        v=spf1 ip4:192.0.2.1 mx -all
        - ip4:192.0.2.1 added before mx
        ! for other addresses this stays: example.org has 11 MX hosts, at most 10 are allowed
        pass 0/0, needs 1
    """,
]


@pytest.mark.parametrize("case", CASES)
async def test_the_whole_edit(case: str) -> None:
    lines, _, expected = dedent(case).strip("\n").rpartition("=>\n")
    made = await edit(*lines.splitlines())
    assert made is not None
    assert whole(made) == expected.rstrip().splitlines()


@pytest.mark.parametrize(
    ("words", "place", "expected", "change"),
    [
        ("a -all x=y", 3, "a ip4:192.0.2.1 -all x=y", "ip4:192.0.2.1 added before -all"),
        ("a +ALL x=y", 9, "a ip4:192.0.2.1 +ALL x=y", "ip4:192.0.2.1 added before +ALL"),
        ("a x=y exp=b.example", 3, "a ip4:192.0.2.1 x=y exp=b.example", "ip4:192.0.2.1 added before x=y"),
        ("a mx", 2, "a mx ip4:192.0.2.1", "ip4:192.0.2.1 added at the end"),
        ("a mx", 1, "a ip4:192.0.2.1 mx", "ip4:192.0.2.1 added before mx"),
        ("a mx", 0, "ip4:192.0.2.1 a mx", "ip4:192.0.2.1 added before a"),
        ("", 0, "ip4:192.0.2.1", "ip4:192.0.2.1 added at the end"),
        ("a -IP4:192.0.2.1 mx", 1, "a ip4:192.0.2.1 mx", "-IP4:192.0.2.1 becomes ip4:192.0.2.1"),
        ("a mx ip4:192.0.2.1 ~all", 1, "a ip4:192.0.2.1 mx ~all", "ip4:192.0.2.1 added before mx"),
        ("ip4:192.0.2.1 a mx -all", 2, "a ip4:192.0.2.1 mx -all", "ip4:192.0.2.1 added before mx"),
        ("a ip4:192.0.2.1 -all", 1, "a ip4:192.0.2.1 -all", "ip4:192.0.2.1 added before -all"),
    ],
)
def test_where_an_address_is_permitted(words: str, place: int, expected: str, change: str) -> None:
    # The earlier place is forgotten by what the change is, in whatever words it was said.
    before = (Change("ip4:192.0.2.1 added to nothing"), Change("in other words", adds="ip4:192.0.2.1"))
    made = with_network(Draft(tuple(words.split()), before, ("a note",)), place, "192.0.2.1")
    assert (made.words, made.notes[0]) == (tuple(expected.split()), "a note")
    assert len(made.notes) == (2 if "-IP4:192.0.2.1" in words else 1)
    assert [each.text for each in made.changes] == ["ip4:192.0.2.1 added to nothing", change]


def test_an_address_that_is_there_is_moved() -> None:
    once = with_network(Draft(("a", "mx", "ip4:192.0.2.1", "-all")), 1, "192.0.2.1")
    assert [each.text for each in once.changes] == ["ip4:192.0.2.1 moved before mx"]
    twice = with_network(once, 0, "192.0.2.1")
    assert twice.words == ("ip4:192.0.2.1", "a", "mx", "-all")
    assert [each.text for each in twice.changes] == ["ip4:192.0.2.1 moved before a"]


@pytest.mark.parametrize(
    ("words", "places", "expected", "changes"),
    [
        ("a mx ptr", {2, 0}, "mx", ["a, ptr removed: why"]),
        ("a Redirect=b.example x=y", {1}, "a x=y ~all", ["Redirect=b.example removed: why", "~all added"]),
        ("redirect=b.example -ALL", {0}, "-ALL", ["redirect=b.example removed: why"]),
        ("redirect=b.example ?all mx", {0, 2}, "?all", ["redirect=b.example, mx removed: why"]),
        ("include:redirect=b.example a", {0}, "a", ["include:redirect=b.example removed: why"]),
    ],
)
def test_a_redirect_that_goes_leaves_an_all(words: str, places: set[int], expected: str, changes: list[str]) -> None:
    before = Change("before")
    made = Draft(tuple(words.split()), (before,), ("a note",)).without(dict.fromkeys(places, "why"))
    whole = [f"{each} at the end, instead of redirect=" if each == "~all added" else each for each in changes]
    assert (made.words, made.notes) == (tuple(expected.split()), ("a note",))
    assert [each.text for each in made.changes] == ["before", *whole]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ip4:192.0.2.1", "ip4:192.0.2.1"),
        ("\"a'", "a"),
        ("mx;", "mx"),
        (".,;\\`mx\u200b\u00a0\ufeff.", "mx"),
        ("a\x00\u200b:b.example", "a:b.example"),
        ("a,", "a"),
        ("a,mx;;ptr", "a mx ptr"),
        ("a;'mx'", "a mx"),
        ("a,moo", ""),
        ("mx-all", "mx -all"),
        ("ip4:192.0.2.1-include:c.example", "ip4:192.0.2.1 -include:c.example"),
        ("~192.0.2.1/08", "~ip4:192.0.2.1/8"),
        ("2001:db8::1", "ip6:2001:db8::1"),
        ("-2001:db8::/032", "-ip6:2001:db8::/32"),
        ("?ip:192.0.2.0/00", "?ip4:192.0.2.0/0"),
        ("a:2001:db8::1/64", "ip6:2001:db8::1/64"),
        ("ip4:2001:db8::1", "ip6:2001:db8::1"),
        ("IP6:192.0.2.1", "ip4:192.0.2.1"),
        ("ptr:192.0.2.1", ""),
        ("-Included:b.example", "-include:b.example"),
        ("includes:b.example", "include:b.example"),
        ("exist:b.example", "exists:b.example"),
        ("Redirect:b.example", "redirect=b.example"),
        ("exp:b.example", "exp=b.example"),
        ("-redirect:b.example", "redirect=b.example"),
        ("ALL/8", ""),
        ("-all:x", "-all"),
        ("~alls", "~all"),
        ("~allowed", ""),
        ("mx/024//064", "mx/24//64"),
        ("a:b.example/00", "a:b.example/0"),
        ("a/33", ""),
        ("include:b", ""),
    ],
)
def test_what_was_meant(word: str, expected: str) -> None:
    made = repaired(Draft(("ip6:2001:db8::/64", word, "-all"), (Change("before"),), ("a note",)))
    assert made.words == ("ip6:2001:db8::/64", *expected.split(), "-all")
    problem = parse_term(word).problem
    shown = f'"{word}"' if "," in word else word
    unclear = f"what {shown} was meant to permit is not certain: it was left out, not guessed"
    if word[0] in "-~?":
        unclear = repair._EXCLUDING.format(written=shown)
    assert made.notes == (("a note",) if expected else ("a note", unclear))
    odd = odd_characters(word)
    written = f'"{visible(word)}"' if "," in word or ";" in word else visible(word)
    change = f"{written} becomes {expected}" if expected else f"{written} removed: {problem}"
    change += f" (without {odd})" if odd else ""
    assert [each.text for each in made.changes] == ["before", *([change] if problem else [])]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=spf1 a -all", "v=spf1 +A mx ~all"], "a mx ~all"),
        (["v=spf1 a ?all", "v=spf1 mx +all"], "a mx ?all"),
        (["v=spf1 -all", "v=spf1 +all"], "~all"),
        (["v=spf1 a", "v=spf1 mx"], "a mx ~all"),
        (["v=spf1 -all:x", "v=spf1 -a ?all"], "-all:x -a ?all"),
        (["v=spf1 Redirect=b.example", "v=spf1 INCLUDE:b.example a"], "INCLUDE:b.example a ~all"),
        (
            ["v=spf1 redirect=B.example x=1 exp=c.example", "v=spf1 x=2 y=3 a"],
            "a include:B.example x=1 exp=c.example y=3 ~all",
        ),
    ],
)
def test_records_become_one(records: list[str], expected: str) -> None:
    assert merged(records).words == tuple(expected.split())


@pytest.mark.parametrize(
    ("records", "expected", "changes"),
    [
        (["v=spf1 a -all", "v=spf1 mx -all"], "a mx -all", []),
        (["v=spf1 a -all", "v=spf1 mx ~all"], "a mx ~all", ["-all, ~all become one, at the end: ~all"]),
        (["v=spf1 exp=a.example", "v=spf1 exp=b.example"], "exp=a.example ~all", ["exp=a.example and exp=b.example"]),
        (
            ["v=spf1 -ip4:192.0.2.5 -all", "v=spf1 ip4:192.0.2.5 -all"],
            "-ip4:192.0.2.5 -all",
            ["-ip4:192.0.2.5 is kept"],
        ),
        (
            ["v=spf1 ip4:192.0.2.5 -all", "v=spf1 -ip4:192.0.2.5 -all"],
            "-ip4:192.0.2.5 -all",
            ["-ip4:192.0.2.5 is kept"],
        ),
        (
            ["v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ~ip4:192.0.2.5 mx -all"],
            "~ip4:192.0.2.5 ip4:192.0.2.0/24 mx -all",
            ["~ip4:192.0.2.5 is kept"],
        ),
        (
            ["v=spf1 -ip4:192.0.2.0/24 mx -all", "v=spf1 ip4:192.0.2.5 -all"],
            "-ip4:192.0.2.0/24 mx -all",
            ["-ip4:192.0.2.0/24 is kept"],
        ),
        (["v=spf1 -a:h.example -all", "v=spf1 a:h.example -all"], "-a:h.example -all", ["-a:h.example is kept"]),
        (
            ["v=spf1 -ip4:192.0.2.5 a -all", "v=spf1 ip4:192.0.2.0/24 -all"],
            "-ip4:192.0.2.5 a ip4:192.0.2.0/24 -all",
            [],
        ),
        (["v=spf1 redirect=r.example", "v=spf1 a -all"], "a include:r.example ~all", ["-all, ~all become one"]),
    ],
)
def test_where_records_contradict_each_other_it_is_said(records: list[str], expected: str, changes: list[str]) -> None:
    made = merged(records, {"r.example": "~"})
    assert made.words == tuple(expected.split())
    assert len(made.changes) == len(changes)
    assert all(says in change.text for says, change in zip(changes, made.changes, strict=True))


def test_a_mechanism_that_is_there_already_is_not_repeated() -> None:
    made = repaired(Draft(("include", "a.example.net", "include:a.example.net", "-all")))
    assert made.words == ("include:a.example.net", "-all")
    assert [each.text for each in made.changes][1:] == ["include:a.example.net removed: it is there twice"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("include:spf.", "post.example"), ("include:spf.post.example",)),
        (("a:mail.", "example.org"), ("a:mail.example.org",)),
        (("redirect=%{d._spf.example.net",), ("redirect=%{d}._spf.example.net",)),
    ],
)
def test_a_name_that_is_cut_or_a_macro_that_is_open_is_made_whole(
    words: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert repaired(Draft((*words, "-all"))).words == (*expected, "-all")
