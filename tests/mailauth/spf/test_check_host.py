"""check_host() and both identities: limits at their edges, traces, what is asked and when."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpprobe.checks.spf.findings import BY_FAULT
from smtpprobe.mailauth.dns.rewriting import NO_SUCH_NAME
from smtpprobe.mailauth.spf import check_host, evaluate
from smtpprobe.model.evidence.spf import SpfFault, SpfIdentity, SpfStep
from smtpprobe.model.words import AuthResult
from smtpprobe.net.resolver import RunResolver
from smtpprobe.testing.zones import zone_resolver

IP = "192.0.2.1"
HELO = "mail.example.org"


def zone(*lines: str) -> RunResolver:
    return zone_resolver("\n".join(lines) + "\n")


def txt(name: str, record: str) -> str:
    return f'{name}. TXT "{record}"'


async def check(*lines: str, ip: str = IP, sender: str = "alice@example.org", helo: str = HELO) -> SpfIdentity:
    resolver = zone(*lines)
    try:
        return await check_host(resolver, ip, sender.rpartition("@")[2], sender, helo, now=1_700_000_000.5)
    finally:
        await resolver.aclose()


def hosts(count: int) -> list[str]:
    return [f"h{number}.example.org. A 198.51.100.{number}" for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("record", "result", "mechanism"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", AuthResult.PASS, "ip4:192.0.2.1"),
        ("v=spf1 ip4:192.0.2.0/25 -all", AuthResult.PASS, "ip4:192.0.2.0/25"),
        ("v=spf1 ip4:192.0.2.9/24 -all", AuthResult.PASS, "ip4:192.0.2.9/24"),
        ("v=spf1 ip6:::ffff:192.0.2.1 -all", AuthResult.FAIL, "-all"),
        ("v=spf1 ~all", AuthResult.SOFTFAIL, "~all"),
        ("v=spf1 ?all", AuthResult.NEUTRAL, "?all"),
        ("v=spf1", AuthResult.NEUTRAL, "default"),
        ("v=spf1 -ip4:192.0.2.1 +all", AuthResult.FAIL, "-ip4:192.0.2.1"),
    ],
)
async def test_results_and_the_term_that_decided(record: str, result: AuthResult, mechanism: str) -> None:
    identity = await check(txt("example.org", record))
    assert (identity.result, identity.mechanism, identity.record) == (result, mechanism, record)
    assert identity.lookups_used == 0
    assert len(identity.lookups) == 1


@pytest.mark.parametrize(("terms", "result"), [(10, AuthResult.PASS), (11, AuthResult.PERMERROR)])
async def test_ten_lookups_are_the_limit(terms: int, result: AuthResult) -> None:
    record = "v=spf1 " + " ".join(f"a:h{number}.example.org" for number in range(1, terms + 1)) + " +all"
    identity = await check(txt("example.org", record), *hosts(11))
    assert identity.result is result
    assert identity.lookups_used == terms
    if result is AuthResult.PERMERROR:
        assert identity.fault == "too-many-lookups"
        assert identity.mechanism == "a:h11.example.org"
        assert len(identity.lookups) == 11


@pytest.mark.parametrize(("voids", "result"), [(2, AuthResult.PASS), (3, AuthResult.PERMERROR)])
async def test_two_void_lookups_are_the_limit(voids: int, result: AuthResult) -> None:
    record = "v=spf1 " + " ".join(f"a:no{number}.example.org" for number in range(voids)) + " +all"
    identity = await check(txt("example.org", record))
    assert (identity.result, identity.void_lookups_used) == (result, voids)
    fault = SpfFault.TOO_MANY_VOID_LOOKUPS if voids == 3 else None
    assert identity.fault is fault
    assert [step.fault for step in identity.trace][2:3] == ([fault] if voids == 3 else [None])


@pytest.mark.parametrize(("count", "result"), [(10, AuthResult.PASS), (11, AuthResult.PERMERROR)])
async def test_ten_mx_hosts_are_the_limit(count: int, result: AuthResult) -> None:
    lines = [f"example.org. MX {number} h{number}.example.org." for number in range(1, count + 1)]
    identity = await check(txt("example.org", "v=spf1 mx +all"), *lines, *hosts(count))
    assert identity.result is result
    assert identity.lookups_used == 1
    assert identity.fault == ("too-many-mx" if count == 11 else None)


@pytest.mark.parametrize("place", [0, 5, 9])
@pytest.mark.parametrize("record", ["v=spf1 ptr -all", "v=spf1 exists:%{p}.example.net -all"])
@pytest.mark.parametrize(
    ("others", "good", "result"),
    [(9, 1, AuthResult.PASS), (10, 1, AuthResult.FAIL), (9, 2, AuthResult.PASS), (10, 2, AuthResult.FAIL)],
)
async def test_ptr_matches_only_if_it_does_whichever_ten_names_are_taken(
    place: int, record: str, others: int, good: int, result: AuthResult
) -> None:
    names = [f"h{number}.example.net" for number in range(others)]
    right = [f"good{number}.example.org" for number in range(good)]
    lines = [f"1.2.0.192.in-addr.arpa. PTR {name}." for name in (*names[:place], *right, *names[place:])]
    addresses = [*(f"{name}. A 198.51.100.9" for name in names), *(f"{name}. A {IP}" for name in right)]
    found = [f"{name}.example.net. A 127.0.0.2" for name in right]
    identity = await check(txt("example.org", record), *lines, *addresses, *found)
    assert identity.result is result
    assert (f"of {others + good} PTR names 10 were looked at" in (identity.trace[0].reason or "")) is (
        others + good > 10
    )


async def test_mx_hosts_in_order_of_preference_and_no_further_than_the_match() -> None:
    identity = await check(
        txt("example.org", "v=spf1 mx -all"),
        "example.org. MX 20 later.example.org.",
        "example.org. MX 10 first.example.org.",
        f"first.example.org. A {IP}",
        ";! SERVFAIL later.example.org A",
    )
    assert identity.result is AuthResult.PASS


@pytest.mark.parametrize(
    ("lines", "fault", "says"),
    [
        (
            [txt("example.org", "v=spf1 include:no.example.net -all")],
            "include-missing",
            "no.example.net does not exist",
        ),
        ([txt("example.org", "v=spf1 redirect=no.example.net")], "redirect-missing", "no.example.net does not exist"),
        ([txt("example.org", "v=spf1 -all"), txt("example.org", "v=spf1 a")], "multiple-records", "2 SPF records"),
        ([txt("example.org", "v=spf1 +all moo")], "syntax-error", "moo: unknown mechanism"),
        ([txt("example.org", "v=spf1 include:example.org")], "include-loop", "example.org leads back to itself"),
        ([txt("example.org", "v=spf1 redirect=example.org")], "redirect-loop", "example.org leads back to itself"),
        (
            [txt("example.org", "v=spf1 include:x.example.net"), txt("x.example.net", "v=spf1 ip4:1")],
            "syntax-error",
            "the record of x.example.net: ip4:1",
        ),
        ([txt("example.org", "v=spf1 include:%{d1} -all")], "include-missing", "single label"),
    ],
)
async def test_permerrors_say_why(lines: list[str], fault: str, says: str) -> None:
    identity = await check(*lines)
    assert identity.result is AuthResult.PERMERROR
    assert identity.fault == fault
    assert says in (identity.problem or "")


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED", "TIMEOUT"])
@pytest.mark.parametrize(
    ("record", "failing"),
    [
        ("v=spf1 +all", "example.org TXT"),
        ("v=spf1 a:x.example.net +all", "x.example.net A"),
        ("v=spf1 exists:x.example.net +all", "x.example.net A"),
        ("v=spf1 mx:x.example.net +all", "x.example.net MX"),
        ("v=spf1 include:x.example.net +all", "x.example.net TXT"),
        ("v=spf1 redirect=x.example.net", "x.example.net TXT"),
    ],
)
async def test_failing_lookups_are_temperrors(record: str, failing: str, fault: str) -> None:
    identity = await check(txt("example.org", record), f";! {fault} {failing}")
    name, rdtype = failing.split()
    assert (identity.result, identity.fault) == (AuthResult.TEMPERROR, "dns-failure")
    assert (identity.problem or "").startswith(f"{rdtype} lookup of {name} failed: ")


async def test_a_failing_ptr_lookup_does_not_match() -> None:
    identity = await check(txt("example.org", "v=spf1 ptr ~all"), ";! SERVFAIL 1.2.0.192.in-addr.arpa PTR")
    assert identity.result is AuthResult.SOFTFAIL
    assert identity.trace[0].reason == "PTR lookup of 1.2.0.192.in-addr.arpa failed: SERVFAIL"


@pytest.mark.parametrize(
    "domain", ["localhost", "[192.0.2.1]", "a..example.org", "example.org..", "", "x" * 64 + ".org"]
)
async def test_malformed_domains_are_none_without_a_question(domain: str) -> None:
    resolver = zone()
    identity = await check_host(resolver, IP, domain, f"alice@{domain}", HELO)
    assert (identity.result, identity.fault) == (AuthResult.NONE, "no-domain")
    assert resolver.lookups == []


async def test_u_labels_are_asked_as_a_labels() -> None:
    identity = await check(txt("xn--bcher-kva.example", "v=spf1 +all"), sender="alice@bücher.example")
    assert (identity.result, identity.domain) == (AuthResult.PASS, "xn--bcher-kva.example")


@pytest.mark.parametrize("ip", ["::ffff:192.0.2.1", "192.0.2.1"])
async def test_mapped_addresses_are_ipv4(ip: str) -> None:
    record = "v=spf1 exists:%{i}.%{v}.example.net -all"
    identity = await check(txt("example.org", record), "192.0.2.1.in-addr.example.net. A 127.0.0.2", ip=ip)
    assert identity.result is AuthResult.PASS


async def test_ipv6_clients_ask_aaaa_and_expand_to_nibbles() -> None:
    identity = await check(
        txt("example.org", "v=spf1 a:v4.example.net a:host.example.net//64 -all exp=why.example.net"),
        txt("why.example.net", "%{ir}.%{v} is %{c}"),
        f"v4.example.net. A {IP}",
        "host.example.net. AAAA 2001:db8:1::1",
        ip="2001:db8::cb01",
    )
    assert identity.result is AuthResult.FAIL
    nibbles = "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2"
    assert identity.explanation == f"{nibbles}.ip6 is 2001:db8::cb01"
    assert identity.void_lookups_used == 1


async def test_trace_shows_this_evaluation() -> None:
    identity = await check(
        txt("example.org", "v=spf1 x=y exists:%{ir}.no.example.net include:a.example.net mx ~all exp=e.example.net"),
        txt("a.example.net", "v=spf1 include:b.example.net ip4:192.0.2.0/24 -all"),
        txt("b.example.net", "v=spf1 ip4:198.51.100.0/24 -all"),
    )
    assert identity.result is AuthResult.PASS
    assert identity.mechanism == "include:a.example.net"
    unknown, exists, include, mx, last, explanation = identity.trace
    assert [step.result for step in identity.trace] == [
        "ignored", "no-match", "match", "not-reached", "not-reached", "ignored",
    ]  # fmt: skip
    assert exists.expanded == "1.2.0.192.no.example.net"
    assert (exists.lookups_used, exists.void_lookups_used) == (1, 1)
    assert (include.lookups_used, include.void_lookups_used) == (3, 1)
    assert (mx.lookups_used, mx.lookups) == (0, ())
    assert [step.result for step in include.children] == ["no-match", "match", "not-reached"]
    assert include.children[0].reason == "b.example.net gives fail"
    assert decided(identity.trace) == ["include:a.example.net", "ip4:192.0.2.0/24"]
    assert identity.lookups == (*unknown.lookups, 0, *exists.lookups, *include.lookups, *include.children[0].lookups)
    assert last.decided is explanation.decided is False


def decided(trace: tuple[SpfStep, ...]) -> list[str]:
    return [term for step in trace for term in ([step.term] if step.decided else []) + decided(step.children)]


async def test_redirect_is_traced_and_explains_for_itself() -> None:
    identity = await check(
        txt("example.org", "v=spf1 redirect=policy.example.net exp=no.example.net"),
        txt("policy.example.net", "v=spf1 -all exp=why.%{d}"),
        txt("why.policy.example.net", "%{c} is not %{d}'s, %{o} says at %{t}: see %{H}?l=%{L}"),
        sender="a&b@example.org",
    )
    assert (identity.result, identity.mechanism) == (AuthResult.FAIL, "-all")
    assert identity.explanation == (
        "192.0.2.1 is not policy.example.net's, example.org says at 1700000000: see mail.example.org?l=a%26b"
    )
    assert [step.result for step in identity.trace] == ["fail", "ignored"]
    assert decided(identity.trace) == ["redirect=policy.example.net", "-all"]
    assert identity.trace[0].children[1].result == "used"


async def test_all_makes_redirect_ignored() -> None:
    identity = await check(txt("example.org", "v=spf1 redirect=no.example.net ~all"))
    assert identity.result is AuthResult.SOFTFAIL
    assert (identity.trace[0].result, identity.trace[0].reason) == ("ignored", "the record has all")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "no TXT records"),
        ([txt("why.example.org", "one"), txt("why.example.org", "two")], "2 TXT records"),
        ([txt("why.example.org", "%{x}")], "not a macro letter"),
        ([txt("why.example.org", "\\195\\188")], "US-ASCII"),
        ([";! TIMEOUT why.example.org TXT"], "no answer in time"),
    ],
)
async def test_explanations_that_may_not_be_used(lines: list[str], says: str) -> None:
    identity = await check(txt("example.org", "v=spf1 -all exp=why.example.org"), *lines)
    assert (identity.result, identity.explanation) == (AuthResult.FAIL, None)
    assert says in (identity.trace[1].reason or "")
    assert identity.void_lookups_used == 0


async def test_an_explanation_that_a_sender_takes_out_of_ascii_is_not_used() -> None:
    # RFC 7208 §6.2: the record is US-ASCII, what its macros expand to need not be.
    lines = (txt("example.org", "v=spf1 -all exp=why.example.org"), txt("why.example.org", "%{s} may not send"))
    assert (await check(*lines)).explanation == "alice@example.org may not send"
    identity = await check(*lines, sender="älice@example.org")
    assert (identity.result, identity.explanation) == (AuthResult.FAIL, None)
    assert "US-ASCII" in (identity.trace[1].reason or "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "unknown"),
        (["1.2.0.192.in-addr.arpa. PTR other.example.net.", f"other.example.net. A {IP}"], "other.example.net"),
        (
            [
                "1.2.0.192.in-addr.arpa. PTR other.example.net.",
                "1.2.0.192.in-addr.arpa. PTR mail.example.org.",
                f"other.example.net. A {IP}",
                f"mail.example.org. A {IP}",
            ],
            "mail.example.org",
        ),
        (["1.2.0.192.in-addr.arpa. PTR mail.example.org.", "mail.example.org. A 198.51.100.1"], "unknown"),
    ],
)
async def test_the_validated_name(lines: list[str], said: str) -> None:
    record = "v=spf1 -all exp=why.example.org"
    identity = await check(txt("example.org", record), txt("why.example.org", "%{p}"), *lines)
    assert identity.explanation == said


async def test_both_identities() -> None:
    lines = txt("example.org", "v=spf1 ip4:192.0.2.1 -all"), txt(HELO, "v=spf1 -all")
    evidence = await evaluate(zone(*lines), IP, "alice@example.org", HELO)
    assert evidence.result is AuthResult.PASS
    assert evidence.identities.helo.result is AuthResult.FAIL
    assert evidence.identities.helo.sender == f"postmaster@{HELO}"
    assert len(evidence.lookups) == 2


@pytest.mark.parametrize("path", ["", "<>", f"Postmaster@{HELO}"])
async def test_the_null_reverse_path_is_the_helo_identity(path: str) -> None:
    resolver = zone(txt(HELO, "v=spf1 exists:%{l}.%{o} -all"), f"postmaster.{HELO}. A 127.0.0.2")
    evidence = await evaluate(resolver, IP, path, HELO)
    assert evidence.result is AuthResult.PASS
    assert evidence.identities.helo is evidence.identities.mailfrom
    assert [each.name for each in resolver.lookups if each.name != NO_SUCH_NAME] == [HELO, f"postmaster.{HELO}"]


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", 0),
        ("v=spf1 a -all", 2),
        ("v=spf1 mx -all", 2),
        ("v=spf1 exists:%{i}.x.example -all", 2),
    ],
)
async def test_a_name_that_cannot_exist_is_asked_in_the_round_of_the_first_address(record: str, asked: int) -> None:
    lines = (txt("example.org", record), "example.org. MX 1 mx.example.org.", f"mx.example.org. A {IP}")
    resolver = zone_resolver("\n".join(lines) + "\n", delay_s=0.001)
    await check_host(resolver, IP, "example.org", "alice@example.org", HELO)
    control = [each for each in resolver.lookups if each.name == NO_SUCH_NAME]
    first = min((each.started_s for each in resolver.lookups if each.type == "A"), default=0.0)
    assert len(control) == asked
    assert all(each.started_s - first < 0.001 for each in control)
    await resolver.aclose()


@pytest.mark.parametrize("helo", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "client", "", "a..example.org"])
async def test_helo_names_that_cannot_be_checked(helo: str) -> None:
    evidence = await evaluate(zone(txt("example.org", "v=spf1 +all")), IP, "alice@example.org", helo)
    assert (evidence.result, evidence.identities.helo.result) == (AuthResult.PASS, None)
    assert evidence.identities.helo.problem
    null = await evaluate(zone(), IP, "", helo)
    assert (null.result, null.identities.helo.result) == (AuthResult.NONE, None)


async def test_one_level_is_asked_at_the_same_time_and_only_what_counts_is_evidence() -> None:
    names = [f"i{number}.example.net" for number in range(1, 6)]
    includes = [txt(name, "v=spf1 mx -all") for name in names]
    record = "v=spf1 " + " ".join(f"include:{name}" for name in names) + " ip4:192.0.2.1 a:unasked.example.org -all"
    mxs = [f"{name}. MX 1 mx.{name}.\nmx.{name}. A 198.51.100.1" for name in names]
    resolver = zone_resolver("\n".join([txt("example.org", record), *includes, *mxs]) + "\n", delay_s=0.001)
    identity = await check_host(resolver, IP, "example.org", "alice@example.org", HELO)
    assert identity.result is AuthResult.PASS
    starts = {lookup.name: lookup.started_s for lookup in resolver.lookups}
    ends = {lookup.name: lookup.started_s + lookup.took_s for lookup in resolver.lookups}
    assert max(starts[name] for name in names) < min(ends[name] for name in names)
    assert "unasked.example.org" not in starts
    await resolver.aclose()


async def test_no_more_is_asked_ahead_than_the_limit_allows() -> None:
    record = "v=spf1 " + " ".join(f"a:h{number}.example.org" for number in range(1, 12)) + " -all"
    resolver = zone(txt("example.org", record), *hosts(11))
    identity = await check_host(resolver, IP, "example.org", "alice@example.org", HELO)
    await resolver.aclose()
    assert identity.result is AuthResult.PERMERROR
    assert sum(each.name != NO_SUCH_NAME for each in resolver.lookups) == 11


async def test_lookups_that_did_not_count_are_no_evidence() -> None:
    record = "v=spf1 a:first.example.org a:second.example.org -all"
    resolver = zone(txt("example.org", record), f"first.example.org. A {IP}", "second.example.org. A 198.51.100.1")
    identity = await check_host(resolver, IP, "example.org", "alice@example.org", HELO)
    asked = {resolver.lookups[index].name for index in identity.lookups}
    assert asked == {"example.org", "first.example.org"}
    await resolver.aclose()


async def test_a_client_ip_must_be_one() -> None:
    with pytest.raises(ValueError, match="is not a valid IP address"):
        await check_host(zone(), "example.org", "example.org", "alice@example.org", HELO)


_WORDS = st.lists(
    st.sampled_from(
        ["v=spf1", " ", "a", "mx", "ptr", "all", "include:", "redirect=", "exp=", "exists:", "ip4:192.0.2.1",
         "%{d}", "%{p}", "%{l}", "%{h3r-}", "example.org", ".", "/24", "-", "~", "?", "x", "\x00", "é"]
    )
).map("".join)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.one_of(_WORDS, st.text()), st.one_of(_WORDS, st.text(), st.just("alice@example.org")), st.text())
async def test_any_record_sender_and_helo_give_a_result(record: str, sender: str, helo: str) -> None:
    from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question

    async def answer(question: Question) -> DnsLookup:
        records = ("v=spf1 " + record, record)[question.name != "example.org" :]
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.ANSWER, records=records[:1])

    resolver = RunResolver(answer)
    evidence = await evaluate(resolver, IP, sender, helo, domain="example.org")
    await resolver.aclose()
    assert evidence.result in set(AuthResult)
    assert evidence.lookups_used <= 11
    identity = evidence.identities.mailfrom
    assert (identity.result is AuthResult.PERMERROR) is (identity.fault in BY_FAULT)
