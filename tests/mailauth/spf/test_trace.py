"""The whole trace of an evaluation: each term, the name it came to, its result, the running counts and what was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from textwrap import dedent

import pytest

from smtpprobe.mailauth.spf import check_host, evaluate
from smtpprobe.mailauth.spf.check_host import helo_problem
from smtpprobe.model.evidence.spf import SpfFault, SpfIdentity, SpfStep
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import HELO, IP, check


def whole(made: SpfIdentity) -> Iterator[str]:
    """The result with its counts and the lookups that it rests on, the problem, the explanation, then each step.

    Lookups are counted anew: what is asked beside them has no number.
    """
    number = {index: place for place, index in enumerate(sorted(made.lookups))}
    counts = f"{made.lookups_used}/{made.void_lookups_used} {[number[index] for index in made.lookups]}"
    yield f"{made.result} by {made.mechanism}, {counts}{f' {made.explanation!r}' if made.explanation else ''}"
    if made.problem or made.fault:
        yield f"{made.fault}: {made.problem}"
    yield from told(made.trace, made.problem, number)


def told(steps: tuple[SpfStep, ...], problem: str | None, number: dict[int, int], indent: str = "") -> Iterator[str]:
    """A line for each step, `*` where it decided; its reason only where that is not the problem of the whole."""
    for step in steps:
        name = f" = {step.expanded}" if step.expanded is not None else ""
        counts = f"{step.lookups_used}/{step.void_lookups_used} {[number[index] for index in step.lookups]}"
        why = [each for each in (step.fault, None if step.reason == problem else step.reason) if each]
        yield (
            f"{indent}{'*' if step.decided else '-'} {step.domain} {step.term}{name}: {step.result} {counts}"
            + (f" ({': '.join(why)})" if why else "")
        )
        yield from told(step.children, problem, number, indent + "  ")


CASES = {
    "no_record": """
        example.org. TXT "x"
        =>
        none by None, 0/0 [0]
        no-record: example.org has no SPF record
    """,
    "no_domain_in_dns": """
        example.net. A 198.51.100.1
        =>
        none by None, 0/0 [0]
        no-record: example.org does not exist
    """,
    "the_eleventh_lookup": """
        example.org. TXT "v=spf1 a a a a a a a a a a a -all"
        example.org. A 198.51.100.1
        =>
        permerror by a, 11/0 [0, 1]
        too-many-lookups: a is the eleventh term that needs a lookup, ten are allowed
        - example.org a = example.org: no-match 1/0 [1]
        - example.org a = example.org: no-match 2/0 [1]
        - example.org a = example.org: no-match 3/0 [1]
        - example.org a = example.org: no-match 4/0 [1]
        - example.org a = example.org: no-match 5/0 [1]
        - example.org a = example.org: no-match 6/0 [1]
        - example.org a = example.org: no-match 7/0 [1]
        - example.org a = example.org: no-match 8/0 [1]
        - example.org a = example.org: no-match 9/0 [1]
        - example.org a = example.org: no-match 10/0 [1]
        * example.org a: permerror 11/0 [] (too-many-lookups)
        - example.org -all: not-reached 0/0 []
    """,
    "not_ascii_explanation": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        w.example.org. TXT "\\195\\188"
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: ignored 0/0 [1] (the explanation contains octets outside US-ASCII)
    """,
    "empty_explanation": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        w.example.org. TXT ""
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: used 0/0 [1]
    """,
    "the_domain_before_names_below_it": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        w.example.org. TXT "%{p}"
        1.2.0.192.in-addr.arpa. PTR a.example.org.
        1.2.0.192.in-addr.arpa. PTR example.org.
        a.example.org. A 192.0.2.1
        example.org. A 192.0.2.1
        =>
        fail by -all, 0/0 [0, 1, 2, 3, 4] 'example.org'
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: used 0/0 [1, 2, 3, 4]
    """,
    "fails_inside_an_include": """
        example.org. TXT "v=spf1 include:a.example.net ?all"
        a.example.net. TXT "v=spf1 ~all"
        =>
        neutral by ?all, 1/0 [0, 1]
        - example.org include:a.example.net = a.example.net: no-match 1/0 [1] (a.example.net gives softfail)
          - a.example.net ~all: match 1/0 []
        * example.org ?all: match 1/0 []
    """,
    "names_that_cannot_be_asked": """
        example.org. TXT "v=spf1 a:%{d}..x.org mx:m..example.org exists:e..example.org -all exp=w..example.org"
        =>
        fail by -all, 3/0 [0]
        - example.org a:%{d}..x.org = example.org..x.org: no-match 1/0 [] (example.org..x.org is not a domain name)
        - example.org mx:m..example.org = m..example.org: no-match 2/0 [] (m..example.org is not a domain name)
        - example.org exists:e..example.org = e..example.org: no-match 3/0 [] (e..example.org is not a domain name)
        * example.org -all: match 3/0 []
        - example.org exp=w..example.org = w..example.org: ignored 0/0 [] (w..example.org is not a domain name)
    """,
    "third_void_lookup": """
        example.org. TXT "v=spf1 a:x.example.org a mx ~all"
        =>
        permerror by mx, 3/3 [0, 1, 2, 3]
        too-many-void-lookups: MX of example.org is the third void lookup, two are allowed: no such record
        - example.org a:x.example.org = x.example.org: no-match 1/1 [1]
        - example.org a = example.org: no-match 2/2 [2]
        * example.org mx = example.org: permerror 3/3 [3] (too-many-void-lookups)
        - example.org ~all: not-reached 0/0 []
    """,
    "third_void_lookup_of_a_missing_name": """
        example.org. TXT "v=spf1 exists:x.example.org exists:y.example.org exists:z.example.org ~all"
        =>
        permerror by exists:z.example.org, 3/3 [0, 1, 2, 3]
        too-many-void-lookups: A of z.example.org is the third void lookup, two are allowed: the name does not exist
        - example.org exists:x.example.org = x.example.org: no-match 1/1 [1]
        - example.org exists:y.example.org = y.example.org: no-match 2/2 [2]
        * example.org exists:z.example.org = z.example.org: permerror 3/3 [3] (too-many-void-lookups)
        - example.org ~all: not-reached 0/0 []
    """,
    "void_hosts_of_mx": """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 1 h1.example.org.
        example.org. MX 2 h2.example.org.
        example.org. MX 3 h3.example.org.
        =>
        permerror by mx, 1/3 [0, 1, 2, 3, 4]
        too-many-void-lookups: A of h3.example.org is the third void lookup, two are allowed: the name does not exist
        * example.org mx = example.org: permerror 1/3 [1, 2, 3, 4] (too-many-void-lookups)
        - example.org -all: not-reached 0/0 []
    """,
    "third_void_lookup_of_ptr": """
        example.org. TXT "v=spf1 a ptr -all"
        1.2.0.192.in-addr.arpa. PTR p1.example.org.
        1.2.0.192.in-addr.arpa. PTR p2.example.org.
        1.2.0.192.in-addr.arpa. PTR p3.example.org.
        =>
        permerror by ptr, 2/3 [0, 1, 2, 3, 4]
        too-many-void-lookups: A of p2.example.org is the third void lookup, two are allowed: the name does not exist
        - example.org a = example.org: no-match 1/1 [1]
        * example.org ptr = example.org: permerror 2/3 [2, 3, 4] (too-many-void-lookups)
        - example.org -all: not-reached 0/0 []
    """,
    "ptr_fails": """
        example.org. TXT "v=spf1 ptr ~all"
        ;! SERVFAIL 1.2.0.192.in-addr.arpa PTR
        =>
        softfail by ~all, 1/0 [0, 1]
        - example.org ptr = example.org: no-match 1/0 [1] (PTR lookup of 1.2.0.192.in-addr.arpa failed: SERVFAIL)
        * example.org ~all: match 1/0 []
    """,
    "ptr_name_fails": """
        example.org. TXT "v=spf1 ptr ~all"
        1.2.0.192.in-addr.arpa. PTR p1.example.org.
        1.2.0.192.in-addr.arpa. PTR p2.example.org.
        ;! SERVFAIL p1.example.org A
        p2.example.org. A 192.0.2.1
        =>
        pass by ptr, 1/0 [0, 1, 2, 3]
        * example.org ptr = example.org: match 1/0 [1, 2, 3]
        - example.org ~all: not-reached 0/0 []
    """,
    "ptr_up_to_the_first_within": """
        example.org. TXT "v=spf1 ptr:example.org -all"
        1.2.0.192.in-addr.arpa. PTR p1.example.net.
        1.2.0.192.in-addr.arpa. PTR p2.example.org.
        1.2.0.192.in-addr.arpa. PTR p3.example.org.
        p1.example.net. A 192.0.2.1
        p2.example.org. A 192.0.2.1
        p3.example.org. A 192.0.2.1
        =>
        pass by ptr:example.org, 1/0 [0, 1, 2, 3]
        * example.org ptr:example.org = example.org: match 1/0 [1, 2, 3]
        - example.org -all: not-reached 0/0 []
    """,
    "ptr_none": """
        example.org. TXT "v=spf1 ptr -all"
        =>
        fail by -all, 1/1 [0, 1]
        - example.org ptr = example.org: no-match 1/1 [1]
        * example.org -all: match 1/1 []
    """,
    "syntax_errors": """
        example.org. TXT "v=spf1 ip4:1 a moo -all"
        =>
        permerror by ip4:1, 0/0 [0]
        syntax-error: syntax error in the record of example.org: ip4:1: 1 is not an IPv4 address
        * example.org ip4:1: permerror 0/0 [] (syntax-error: 1 is not an IPv4 address)
        - example.org a: not-reached 0/0 []
        - example.org moo: permerror 0/0 [] (syntax-error: unknown mechanism)
        - example.org -all: not-reached 0/0 []
    """,
    "syntax_error_inside": """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 moo -all"
        =>
        permerror by include:a.example.net, 1/0 [0, 1]
        syntax-error: syntax error in the record of a.example.net: moo: unknown mechanism
        * example.org include:a.example.net = a.example.net: permerror 1/0 [1] (syntax-error)
          * a.example.net moo: permerror 0/0 [] (syntax-error: unknown mechanism)
          - a.example.net -all: not-reached 0/0 []
        - example.org -all: not-reached 0/0 []
    """,
    "redirect": """
        example.org. TXT "v=spf1 a:x.example.org redirect=b.example.net exp=no.example.net"
        b.example.net. TXT "v=spf1 a -all exp=%{d}.example.net"
        b.example.net.example.net. TXT "no"
        =>
        fail by -all, 3/2 [0, 1, 2, 3, 4] 'no'
        - example.org a:x.example.org = x.example.org: no-match 1/1 [1]
        * example.org redirect=b.example.net = b.example.net: fail 3/2 [2]
          - b.example.net a = b.example.net: no-match 3/2 [3]
          * b.example.net -all: match 3/2 []
          - b.example.net exp=%{d}.example.net = b.example.net.example.net: used 0/0 [4]
        - example.org exp=no.example.net: ignored 0/0 []
    """,
    "redirect_to_nothing": """
        example.org. TXT "v=spf1 redirect=b.example.net"
        =>
        permerror by redirect=b.example.net, 1/0 [0, 1]
        redirect-missing: redirect=b.example.net: b.example.net does not exist
        * example.org redirect=b.example.net = b.example.net: permerror 1/0 [1] (redirect-missing)
    """,
    "redirect_to_no_record": """
        example.org. TXT "v=spf1 redirect=b.example.net"
        b.example.net. TXT "x"
        =>
        permerror by redirect=b.example.net, 1/0 [0, 1]
        redirect-missing: redirect=b.example.net: b.example.net has no SPF record
        * example.org redirect=b.example.net = b.example.net: permerror 1/0 [1] (redirect-missing)
    """,
    "redirect_to_a_failure": """
        example.org. TXT "v=spf1 redirect=b.example.net"
        ;! REFUSED b.example.net TXT
        =>
        temperror by redirect=b.example.net, 1/0 [0, 1]
        dns-failure: TXT lookup of b.example.net failed: REFUSED
        * example.org redirect=b.example.net = b.example.net: temperror 1/0 [1] (dns-failure)
    """,
    "redirect_to_neutral": """
        example.org. TXT "v=spf1 redirect=b.example.net"
        b.example.net. TXT "v=spf1"
        =>
        neutral by default, 1/0 [0, 1]
        * example.org redirect=b.example.net = b.example.net: neutral 1/0 [1]
    """,
    "redirect_to_many": """
        example.org. TXT "v=spf1 redirect=b.example.net"
        b.example.net. TXT "v=spf1"
        b.example.net. TXT "v=spf1 -all"
        =>
        permerror by redirect=b.example.net, 1/0 [0, 1]
        multiple-records: b.example.net has 2 SPF records
        * example.org redirect=b.example.net = b.example.net: permerror 1/0 [1] (multiple-records)
    """,
    "redirect_ignored": """
        example.org. TXT "v=spf1 redirect=b.example.net x=y ?all"
        =>
        neutral by ?all, 0/0 [0]
        - example.org redirect=b.example.net: ignored 0/0 [] (the record has all)
        - example.org x=y: ignored 0/0 []
        * example.org ?all: match 0/0 []
    """,
    "too_many_mx": """
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
        permerror by mx, 1/0 [0, 1]
        too-many-mx: example.org has 11 MX hosts, at most 10 are allowed
        * example.org mx = example.org: permerror 1/0 [1] (too-many-mx)
        - example.org -all: not-reached 0/0 []
    """,
    "temperror_inside": """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 mx:b.example.net -all"
        ;! SERVFAIL b.example.net MX
        =>
        temperror by include:a.example.net, 2/0 [0, 1, 2]
        dns-failure: MX lookup of b.example.net failed: SERVFAIL
        * example.org include:a.example.net = a.example.net: temperror 2/0 [1] (dns-failure)
          * a.example.net mx:b.example.net = b.example.net: temperror 2/0 [2] (dns-failure)
          - a.example.net -all: not-reached 0/0 []
        - example.org -all: not-reached 0/0 []
    """,
    "include_missing": """
        example.org. TXT "v=spf1 include:no.example.net -all"
        =>
        permerror by include:no.example.net, 1/0 [0, 1]
        include-missing: include:no.example.net: no.example.net does not exist
        * example.org include:no.example.net = no.example.net: permerror 1/0 [1] (include-missing)
        - example.org -all: not-reached 0/0 []
    """,
    "include_unnamed": """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "x"
        =>
        permerror by include:a.example.net, 1/0 [0, 1]
        include-missing: include:a.example.net: a.example.net has no SPF record
        * example.org include:a.example.net = a.example.net: permerror 1/0 [1] (include-missing)
        - example.org -all: not-reached 0/0 []
    """,
    "exp_missing": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: ignored 0/0 [1] (w.example.org has no TXT records, one is needed)
    """,
    "exp_twice": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        w.example.org. TXT "one"
        w.example.org. TXT "two"
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: ignored 0/0 [1] (w.example.org has 2 TXT records, one is needed)
    """,
    "exp_wrong": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        w.example.org. TXT "%{z}"
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: ignored 0/0 [1] (the explanation z is not a macro letter)
    """,
    "exp_failed": """
        example.org. TXT "v=spf1 -all exp=w.example.org"
        ;! SERVFAIL w.example.org TXT
        =>
        fail by -all, 0/0 [0, 1]
        * example.org -all: match 0/0 []
        - example.org exp=w.example.org = w.example.org: ignored 0/0 [1] (TXT lookup of w.example.org failed: SERVFAIL)
    """,
    "exp_validates_without_a_count": """
        example.org. TXT "v=spf1 -all exp=%{p}.w.example.org"
        unknown.w.example.org. TXT "so %{p}"
        =>
        fail by -all, 0/0 [0, 1, 2] 'so unknown'
        * example.org -all: match 0/0 []
        - example.org exp=%{p}.w.example.org = unknown.w.example.org: used 0/0 [1, 2, 1]
    """,
    "exp_not_for_softfail": """
        example.org. TXT "v=spf1 ~all exp=w.example.org"
        w.example.org. TXT "why"
        =>
        softfail by ~all, 0/0 [0]
        * example.org ~all: match 0/0 []
        - example.org exp=w.example.org: ignored 0/0 []
    """,
    "macro_validates": """
        example.org. TXT "v=spf1 exists:%{p}.x.example.org -all"
        =>
        fail by -all, 1/2 [0, 1, 2]
        - example.org exists:%{p}.x.example.org = unknown.x.example.org: no-match 1/2 [1, 2]
        * example.org -all: match 1/2 []
    """,
    "upper_case": """
        example.org. TXT "v=spf1 A:X.Example.ORG INCLUDE:A.Example.NET -ALL"
        x.example.org. A 198.51.100.1
        a.example.net. TXT "v=spf1 a ?all"
        =>
        fail by -ALL, 3/1 [0, 1, 2, 3]
        - example.org A:X.Example.ORG = x.example.org: no-match 1/0 [1]
        - example.org INCLUDE:A.Example.NET = a.example.net: no-match 3/1 [2] (a.example.net gives neutral)
          - a.example.net a = a.example.net: no-match 3/1 [3]
          - a.example.net ?all: match 3/1 []
        * example.org -ALL: match 3/1 []
    """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_the_whole_trace(case: str) -> None:
    lines, _, expected = dedent(case).strip().partition("\n=>\n")
    assert "\n".join(whole(await check(*lines.splitlines()))) == expected


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ("alice@example.org", "alice@example.org"),
        ("@example.org", "postmaster@example.org"),
        ("example.org", "postmaster@example.org"),
        ("a@b@Example.org", "a@b@Example.org"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
    ],
)
async def test_a_sender_without_local_part_is_postmaster(given: str, sender: str) -> None:
    resolver = zone_resolver('example.org. TXT "v=spf1 -all exp=w.example.org"\nw.example.org. TXT "%{s} %{l} %{o}"\n')
    made = await check_host(resolver, IP, "example.org.", given, HELO)
    local, _, host = sender.rpartition("@")
    assert (made.domain, made.sender, made.explanation) == ("example.org", sender, f"{sender} {local} {host}")
    await resolver.aclose()


@pytest.mark.parametrize(("ip", "said"), [(IP, "192.0.2.1 in-addr"), ("2001:db8::1%eth0", "2001:db8::1 ip6")])
async def test_what_the_macros_of_an_explanation_say(ip: str, said: str) -> None:
    zone = 'example.org. TXT "v=spf1 -all exp=w.example.org"\nw.example.org. TXT "%{c} %{v} %{h} %{r} %{t}"\n'
    resolver = zone_resolver(zone)
    alone = await check_host(resolver, ip, "example.org", "a@example.org", HELO, receiver="mx.example.net", now=5.9)
    assert alone.explanation == f"{said} {HELO} mx.example.net 5"
    whole = await evaluate(resolver, ip, "a@example.org", HELO, receiver="mx.example.net", now=5.9)
    assert whole.explanation == alone.explanation
    assert (whole.client_ip, whole.identities.mailfrom) == (said.split()[0], alone)
    before = int(time.time())
    unset = await evaluate(resolver, ip, "a@example.org", HELO)
    words = (unset.explanation or "").split()
    assert words[:4] == [*said.split(), HELO, "unknown"]
    assert before <= int(words[4]) <= time.time()
    await resolver.aclose()


@pytest.mark.parametrize(
    ("helo", "problem"),
    [
        ("", "no HELO name"),
        ("client", "client is a single label, not a fully qualified domain name"),
        ("[192.0.2.1]", "[192.0.2.1] is an address literal, not a domain"),
        ("mail.example.org.", None),
        ("bücher.example", None),
    ],
)
async def test_why_the_helo_identity_is_not_checked(helo: str, problem: str | None) -> None:
    assert helo_problem(helo) == problem
    if problem is None:
        return
    resolver = zone_resolver("\n")
    made = await evaluate(resolver, IP, "<>", helo)
    fault = SpfFault.NO_DOMAIN
    assert made.identities.helo == SpfIdentity(
        domain=helo or None, sender=None, result=None, problem=problem, fault=fault
    )
    mailfrom = made.identities.mailfrom
    assert (mailfrom.domain, mailfrom.sender, mailfrom.result, mailfrom.fault) == (
        helo or None, f"postmaster@{helo}", AuthResult.NONE, fault,
    )  # fmt: skip
    assert (made.result, made.problem) == (AuthResult.NONE, problem if helo else "there is no domain")
    await resolver.aclose()


async def test_the_evidence_is_that_of_the_mail_from_identity() -> None:
    zone = """
        example.org. TXT "v=spf1 a:x.example.org -all exp=w.example.org"
        w.example.org. TXT "no"
        mail.example.org. TXT "v=spf1 a:y.example.org ~all"
    """
    resolver = zone_resolver(dedent(zone))
    made = await evaluate(resolver, IP, "alice@example.org", HELO, domain="example.com")
    mailfrom, helo = made.identities.mailfrom, made.identities.helo
    assert (mailfrom.domain, mailfrom.sender) == ("example.org", "alice@example.org")
    assert made.instead_of == "example.com"
    assert (helo.domain, helo.sender, helo.result) == (HELO, f"postmaster@{HELO}", AuthResult.SOFTFAIL)
    for name in (
        "result",
        "mechanism",
        "explanation",
        "record",
        "problem",
        "lookups_used",
        "void_lookups_used",
        "trace",
    ):
        assert getattr(made, name) == getattr(mailfrom, name)
    assert (made.mechanism, made.explanation, made.lookups_used, made.void_lookups_used) == ("-all", "no", 1, 1)
    asked = [resolver.lookups[index].name for index in made.lookups]
    assert asked == ["example.org", "x.example.org", "w.example.org", HELO, "y.example.org"]
    await resolver.aclose()


async def test_an_alias_is_told_beside_what_its_record_gives() -> None:
    resolver = zone_resolver(
        'example.org. TXT "v=spf1 include:a.example -all"\na.example. CNAME b.example.\nb.example. TXT "v=spf1 -all"\n'
    )
    found = await check_host(resolver, "192.0.2.1", "example.org", "alice@example.org", "mail.example.org")
    await resolver.aclose()
    assert found.trace[0].reason == "a.example is an alias (CNAME) of b.example; a.example gives fail"
