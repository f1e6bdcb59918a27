"""Where a target leads, and what the envelope's defaults are."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Request, TlsOptions
from smtpprobe.model.target import parse_target
from smtpprobe.pipeline import route
from smtpprobe.testing.zones import zone_resolver

ZONE = """
example.com. MX 20 two.example.com.
example.com. MX 10 one.example.com.
one.example.com. A 192.0.2.1
one.example.com. AAAA 2001:db8::1
two.example.com. A 192.0.2.2
implicit.example.com. A 192.0.2.3
null.example.com. MX 0 .
empty.example.com. TXT "nothing"
hostless.example.com. MX 10 nowhere.example.com.
broken.example.com. MX 10 one.example.com.
;! SERVFAIL broken.example.com *
"""


async def found(target: str, *, literal: bool = False, credentials: bool = False) -> route.Route:
    request = Request(target=parse_target(target, literal=literal), tls=TlsOptions())
    return await route.find(request, zone_resolver(ZONE), with_credentials=credentials)


@pytest.mark.parametrize(
    ("target", "addresses", "ports", "mx_domain"),
    [
        ("example.com", ["192.0.2.1", "2001:db8::1", "192.0.2.2"], (25,), "example.com"),
        ("bob@example.com", ["192.0.2.1", "2001:db8::1", "192.0.2.2"], (25,), "example.com"),
        ("implicit.example.com", ["192.0.2.3"], (25,), None),
        ("one.example.com:2525", ["192.0.2.1", "2001:db8::1"], (2525,), None),
        ("smtp://one.example.com", ["192.0.2.1", "2001:db8::1"], (25,), None),
        ("smtps://one.example.com", ["192.0.2.1", "2001:db8::1"], (465,), None),
        ("lmtp://one.example.com", ["192.0.2.1", "2001:db8::1"], (24,), None),
        ("192.0.2.9", ["192.0.2.9"], (25,), None),
        ("[2001:db8::9]:26", ["2001:db8::9"], (26,), None),
        ("unix:/run/lmtp", ["/run/lmtp"], (None,), None),
    ],
)
async def test_a_target_leads_to_addresses_in_the_order_to_try(target, addresses, ports, mx_domain):
    leads = await found(target)
    assert [address for _, address in leads.addresses] == addresses
    assert (leads.ports, leads.mx_domain, leads.problem) == (ports, mx_domain, None)


async def test_a_literal_name_never_goes_through_mx():
    assert (await found("example.com", literal=True)).addresses == ()
    assert (await found("example.com", credentials=True)).addresses == ()


async def test_credentials_go_to_submission_ports_of_the_host_itself():
    leads = await found("one.example.com", credentials=True)
    assert leads.ports == (465, 587)
    assert {name for name, _ in leads.addresses} == {"one.example.com"}


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("null.example.com", "null MX"),
        ("nosuch.example.com", "does not exist"),
        ("empty.example.com", "neither MX nor address"),
        ("broken.example.com", "could not be looked up"),
        ("nosuch.example.com:25", "does not exist"),
        ("empty.example.com:25", "has no address"),
        ("broken.example.com:25", "could not be looked up"),
    ],
)
async def test_a_target_that_leads_nowhere_says_why(target, words):
    leads = await found(target)
    assert leads.addresses == ()
    assert words in (leads.problem or "")


@pytest.mark.parametrize(
    ("target", "zone", "problem"),
    [
        ("a.example.com", "a.example.com. CNAME gone.example.net.", "a.example.com is an alias (CNAME) of gone.example.net"),
        ("a.example.com:25", "a.example.com. CNAME gone.example.net.", "is an alias (CNAME) of gone.example.net, which does"),
        ("a.example.com:25", 'a.example.com. CNAME b.example.net.\nb.example.net. TXT "x"', "b.example.net, which has no"),
        ("a.example.com", "a.example.com. MX 1 m.example.com.\nm.example.com. CNAME gone.example.net.",
         "m.example.com (an alias (CNAME) of gone.example.net) has no address record"),
        ("a.example.com", "a.example.com. MX 1 m.example.com.a.example.com.\nm.example.com. A 192.0.2.1",
         "m.example.com.a.example.com was meant to be m.example.com: its final dot is missing"),
    ],
)  # fmt: skip
async def test_an_alias_or_a_lost_dot_that_leads_nowhere_is_named(target: str, zone: str, problem: str) -> None:
    resolver = zone_resolver(zone)
    leads = await route.find(
        Request(target=parse_target(target), helo="client.example.org"), resolver, with_credentials=False
    )
    await resolver.aclose()
    assert problem in (leads.problem or "")


async def test_mx_hosts_without_an_address_lead_nowhere_and_are_named():
    leads = await found("hostless.example.com")
    assert leads.addresses == ()
    assert leads.problem == "hostless.example.com has no mail host with an address: nowhere.example.com does not exist"


async def enveloped(target: str, **fields: object):
    request = Request(target=parse_target(target), helo="client.example.org", **fields)  # type: ignore[arg-type]
    resolver = zone_resolver(ZONE)
    leads = await route.find(request, resolver, with_credentials=False)
    return await route.envelope(request, leads, resolver)


@pytest.mark.parametrize(
    ("target", "fields", "reverse", "forward"),
    [
        ("example.com", {}, ("", True), [("postmaster@example.com", True)]),
        ("bob@example.com", {}, ("", True), [("bob@example.com", False)]),
        ("one.example.com:25", {}, ("", True), []),
        ("implicit.example.com", {}, ("", True), []),
        ("example.com", {"mail_from": "", "rcpt_to": ("c@example.com",)}, ("", False), [("c@example.com", False)]),
        ("example.com", {"user": "alice@example.org"}, ("alice@example.org", True), [("postmaster@example.com", True)]),
        ("example.com", {"user": "alice"}, ("", True), [("postmaster@example.com", True)]),
        ("example.com", {"user": "a b@<example.org"}, ("", True), [("postmaster@example.com", True)]),
        ("example.com", {"user": "alice@"}, ("", True), [("postmaster@example.com", True)]),
    ],
)
async def test_what_was_not_given_is_assumed_and_marked(target, fields, reverse, forward):
    made = await enveloped(target, **fields)
    assert (made.reverse_path.value, made.reverse_path.assumed) == reverse
    assert [(path.value, path.assumed) for path in made.forward_paths] == forward
    assert (made.helo.value, made.helo.assumed) == ("client.example.org", False)


@pytest.mark.parametrize(
    ("host", "helo"),
    [
        ("one.example.com", "one.example.com"),
        ("ONE.example.com.", "one.example.com"),
        ("nosuch.example.com", ""),
        ("laptop", ""),
        ("laptop.local", ""),
        ("mail.home.arpa", ""),
        ("not a name.example.com", ""),
    ],
)
async def test_the_helo_name_is_this_hosts_where_it_resolves_and_is_public(host, helo, monkeypatch):
    monkeypatch.setattr(route.socket, "gethostname", lambda: host)
    made = await route.envelope(
        Request(target=parse_target("192.0.2.9")), route.Route(addresses=(), ports=()), zone_resolver(ZONE)
    )
    assert (made.helo.value, made.helo.assumed) == (helo, True)
