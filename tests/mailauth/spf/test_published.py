"""A record by itself: its terms as a tree, and what they cost an address that nothing matches."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf import published
from smtpprobe.model.evidence.spf import SpfFault, SpfRecordEvidence
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver


async def found(zone: str) -> SpfRecordEvidence:
    return await published(zone_resolver(zone), "example.org")


HOSTS = "\nexample.org. A 192.0.2.1\nexample.org. AAAA 2001:db8::1\nexample.org. MX 10 example.org.\n"
A_TO_J = "".join(f'i{number}.example.org. TXT "v=spf1 ip4:192.0.2.{number} -all"\n' for number in range(11))


def includes(count: int) -> str:
    terms = " ".join(f"include:i{number}.example.org" for number in range(count))
    return f'example.org. TXT "v=spf1 " "{terms}" " -all"\n{A_TO_J}'


@pytest.mark.parametrize(
    ("zone", "result", "mechanism", "lookups", "voids"),
    [
        ('example.org. TXT "v=spf1 -all"', AuthResult.FAIL, "-all", 0, 0),
        ('example.org. TXT "v=spf1 +all"', AuthResult.PASS, "+all", 0, 0),
        ('example.org. TXT "v=spf1 ip4:0.0.0.0/0 ip6:::/0 ~all"', AuthResult.PASS, "ip4:0.0.0.0/0", 0, 0),
        ('example.org. TXT "v=spf1 a mx"' + HOSTS, AuthResult.NEUTRAL, "default", 2, 0),
        (includes(10), AuthResult.FAIL, "-all", 10, 0),
        (includes(11), AuthResult.PERMERROR, "include:i10.example.org", 11, 0),
        ('example.org. TXT "v=spf1 redirect=i1.example.org"\n' + A_TO_J, AuthResult.FAIL, "-all", 1, 0),
        ('example.org. TXT "v=spf1 a:x.example a:y.example -all"', AuthResult.FAIL, "-all", 2, 2),
        ('example.org. TXT "v=spf1 a:x.example a:y.example a:z.example -all"', AuthResult.PERMERROR, "a:z.example", 3, 3),
        ('example.org. TXT "v=spf1 ptr exists:%{i}.example.net include:%{l}.example.net -all"', AuthResult.FAIL, "-all", 3, 1),
        # A wildcard answers for every client.
        ('example.org. TXT "v=spf1 exists:%{i}.w.example -all"\n*.w.example. A 127.0.0.2', AuthResult.PASS,
         "exists:%{i}.w.example", 1, 0),
        ('example.org. TXT "v=spf1 exists:%{ir}.%{v}.w.example -all"\n*.w.example. A 127.0.0.2', AuthResult.PASS,
         "exists:%{ir}.%{v}.w.example", 1, 0),
        ('example.org. TXT "v=spf1 exists:%{l}.%{d2}.w.example -all"\n*.w.example. A 127.0.0.2', AuthResult.PASS,
         "exists:%{l}.%{d2}.w.example", 1, 0),
        ('example.org. TXT "v=spf1 ~exists:%{h}.w.example +all"\n*.w.example. A 127.0.0.2', AuthResult.SOFTFAIL,
         "~exists:%{h}.w.example", 1, 0),
        ('example.org. TXT "v=spf1 include:w.example -all"\nw.example. TXT "v=spf1 exists:%{i}.w.example -all"\n'
         '*.w.example. A 127.0.0.2', AuthResult.PASS, "include:w.example", 2, 0),
        ('example.org. TXT "v=spf1 exists:%{i}.w.example -all"\n240.0.0.1.w.example. A 127.0.0.2', AuthResult.FAIL,
         "-all", 1, 1),
        ('example.org. TXT "v=spf1 exists:%{i}.w.example -all"\n*.w.example. A 127.0.0.2\n'
         'no-such-name.smtpprobe.example. A 127.0.0.2', AuthResult.FAIL, "-all", 1, 1),
        ('example.org. TXT "v=spf1 redirect=%{i}.example.net"', AuthResult.NEUTRAL, "default", 1, 0),
        ('example.org. TXT "v=spf1 exists:x.%{d} ?all"\nx.example.org. A 127.0.0.2', AuthResult.PASS, "exists:x.%{d}", 1, 0),
        ('example.org. TXT "v=spf1 include:servfail.example -all"\n;! SERVFAIL servfail.example TXT',
         AuthResult.TEMPERROR, "include:servfail.example", 1, 0),
        ('example.org. TXT "v=spf1 ipv4:192.0.2.1 -all"', AuthResult.PERMERROR, "ipv4:192.0.2.1", 0, 0),
    ],
)  # fmt: skip
async def test_the_result_and_what_it_costs(
    zone: str, result: AuthResult, mechanism: str, lookups: int, voids: int
) -> None:
    evidence = await found(zone)
    assert (evidence.result, evidence.mechanism) == (result, mechanism)
    assert (evidence.lookups_used, evidence.void_lookups_used) == (lookups, voids)
    assert evidence.family is None


async def test_the_family_that_costs_more_counts() -> None:
    evidence = await found(
        'example.org. TXT "v=spf1 a mx -all"\nexample.org. A 192.0.2.1\nexample.org. MX 10 example.org.'
    )
    assert (evidence.family, evidence.void_lookups_used) == ("IPv6", 2)
    evidence = await found('example.org. TXT "v=spf1 a -all"\nexample.org. AAAA 2001:db8::1')
    assert (evidence.family, evidence.void_lookups_used) == ("IPv4", 1)


async def test_what_hangs_on_a_client_is_counted_and_named() -> None:
    evidence = await found('example.org. TXT "v=spf1 ptr exists:%{i}.example.net a:%{d} -all"' + HOSTS)
    assert evidence.not_followed == ("ptr", "exists:%{i}.example.net")
    assert [step.lookups for step in evidence.trace[:2]] == [(), ()]
    assert evidence.lookups_used == 3


async def test_what_a_wildcard_answers_for_every_client_is_no_more_unfollowed() -> None:
    evidence = await found('example.org. TXT "v=spf1 exists:%{i}.w.example -all"\n*.w.example. A 127.0.0.2')
    assert evidence.not_followed == ()
    assert [step.result for step in evidence.trace] == ["match", "not-reached"]
    assert evidence.trace[0].expanded is None


async def test_includes_are_a_tree() -> None:
    evidence = await found(
        'example.org. TXT "v=spf1 include:a.example -all"\na.example. TXT "v=spf1 include:b.example -all"\n'
        'b.example. TXT "v=spf1 ip4:192.0.2.1 -all"'
    )
    (first, _), ((second, _), (third, _)) = (
        evidence.trace,
        (evidence.trace[0].children, evidence.trace[0].children[0].children),
    )
    assert [first.term, second.term, third.term] == ["include:a.example", "include:b.example", "ip4:192.0.2.1"]
    assert (first.lookups_used, second.lookups_used) == (2, 2)


@pytest.mark.parametrize(
    ("zone", "fault"),
    [
        ("example.net. A 192.0.2.1", SpfFault.NO_RECORD),
        ('example.org. TXT "v=spf1 -all"\nexample.org. TXT "v=spf1 ~all"', SpfFault.MULTIPLE_RECORDS),
        ('example.org. TXT "v=spf1 include:none.example -all"', SpfFault.INCLUDE_MISSING),
        ('example.org. TXT "v=spf1 include:example.org -all"', SpfFault.INCLUDE_LOOP),
    ],
)
async def test_what_is_wrong_is_a_word(zone: str, fault: SpfFault) -> None:
    assert (await found(zone)).fault is fault


async def test_a_single_label_is_not_looked_up() -> None:
    evidence = await published(zone_resolver(""), "localhost")
    assert (evidence.result, evidence.fault, evidence.lookups) == (AuthResult.NONE, SpfFault.NO_DOMAIN, ())


async def test_the_family_is_known_of_an_address_that_nothing_matches() -> None:
    evidence = await found(
        'example.org. TXT "v=spf1 redirect=_%{v}.%{d}"\n_in-addr.example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"'
    )
    assert (evidence.result, evidence.family) == (AuthResult.PERMERROR, "IPv6")
    assert evidence.not_followed == ()
