"""A domain that is an alias: where its record is to be published, and what has to be done about the CNAME."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf import check_host, published
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.search import smallest_edit
from smtpprobe.mailauth.spf.edit.shorter import audit
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.words import AuthResult
from smtpprobe.net.zone import read_assumption
from smtpprobe.testing.zones import zone_resolver

IP = "192.0.2.1"
FIRST = "v=spf1 ip4:192.0.2.1 ~all"
RECORD = '"v=spf1 ip4:198.51.100.1 -all"'
BY_NAME = "v=spf1 ip4:192.0.2.1 redirect="
EDITED = "v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all"
ROWS = [
    # domain, zone, owner of the proposed record, the record, the CNAME that goes, the finding
    ("www.example.org", "www CNAME gone.example.org.", "www.example.org", FIRST, "gone.example.org", "spf-alias-leads-nowhere"),
    ("www.example.org", "www CNAME gone.cdn.example.", "www.example.org", FIRST, "gone.cdn.example", "spf-alias-leads-nowhere"),
    ("www.example.org", "www CNAME a.example.org.\na CNAME gone.example.net.", "www.example.org", FIRST, "gone.example.net",
     "spf-alias-leads-nowhere"),
    ("www.example.org", "www CNAME www.example.org.", "www.example.org", FIRST, "", "spf-alias-leads-nowhere"),
    ("www.example.org", "www CNAME a.example.org.\na CNAME www.example.org.", "www.example.org", FIRST, "",
     "spf-alias-leads-nowhere"),
    ("www.example.org", f"www CNAME h.example.org.\nh TXT {RECORD}", "h.example.org", EDITED, None, "spf-domain-is-alias"),
    ("www.example.org", f"www CNAME example.org.\nexample.org. TXT {RECORD}", "example.org", EDITED, None,
     "spf-domain-is-alias"),
    ("www.example.org", "www CNAME h.example.org.\nh A 198.51.100.9", "h.example.org", FIRST, None, "spf-domain-is-alias"),
    ("www.example.org", f"www CNAME h.cdn.example.\nh.cdn.example. TXT {RECORD}", "www.example.org",
     f"{BY_NAME}h.cdn.example", "h.cdn.example",
     "spf-alias-of-another"),
    ("www.example.org", "www CNAME h.cdn.example.\nh.cdn.example. A 198.51.100.9", "www.example.org", FIRST, "h.cdn.example",
     "spf-alias-of-another"),
    ("www.example.co.uk", f"www.example.co.uk. CNAME h.other.co.uk.\nh.other.co.uk. TXT {RECORD}", "www.example.co.uk",
     f"{BY_NAME}h.other.co.uk",
     "h.other.co.uk", "spf-alias-of-another"),
    # What is misspelt there cannot be led to: it is copied as it was meant.
    ("www.example.org", 'www CNAME h.cdn.example.\nh.cdn.example. TXT "v=spf1 ipv4:198.51.100.1 -all"', "www.example.org",
     EDITED, "h.cdn.example", "spf-alias-of-another"),
    ("www.example.co.uk", f"www.example.co.uk. CNAME h.example.co.uk.\nh.example.co.uk. TXT {RECORD}", "h.example.co.uk", EDITED,
     None, "spf-domain-is-alias"),
]  # fmt: skip


@pytest.mark.parametrize(("domain", "zone", "owner", "record", "replaces", "finding"), ROWS)
async def test_where_the_record_is_published(
    domain: str, zone: str, owner: str, record: str, replaces: str | None, finding: str
) -> None:
    resolver = zone_resolver(f"$ORIGIN example.org.\n{zone}\n")
    identity = await check_host(resolver, IP, domain, f"a@{domain}", domain)
    made = await smallest_edit(resolver, identity, IP, domain)
    assert made is not None
    assert (made.owner, made.record, made.result) == (owner, record, AuthResult.PASS)
    assert made.replaces_alias == (replaces if replaces is None else replaces or domain)
    assert ("CNAME" in made.changes[0]) is (replaces is not None)
    assert made.stops == ()
    assumed = read_assumption(f"{made.owner}. TXT {' '.join(made.strings)}")
    after = await check_host(Overlay(resolver, assumed), IP, domain, f"a@{domain}", domain)
    assert after.result is AuthResult.PASS
    linted = await lint_for_everyone(resolver, domain)
    assert [each.id for each in linted.lint if "alias" in each.id] == [finding]
    await resolver.aclose()


async def test_an_alias_whose_target_does_not_answer_is_left_alone() -> None:
    resolver = zone_resolver("$ORIGIN example.org.\nwww CNAME h.example.org.\n;! SERVFAIL h.example.org. TXT\n")
    identity = await check_host(resolver, IP, "www.example.org", "a@www.example.org", "www.example.org")
    made = await smallest_edit(resolver, identity, IP, "www.example.org")
    assert made is not None
    assert (identity.result, made.record) == (AuthResult.TEMPERROR, None)


@pytest.mark.parametrize(("target", "is_own"), [("h.example.org.", True), ("h.cdn.example.", False)])
async def test_nothing_is_proposed_at_a_name_of_another(target: str, is_own: bool) -> None:
    record = '"v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 a:h.example.net -all"'
    resolver = zone_resolver(f"www.example.org. CNAME {target}\n{target} TXT {record}\nh.example.net. A 192.0.2.9\n")
    audited = await audit(resolver, "www.example.org", (await published(resolver, "www.example.org")).fault)
    assert audited is not None
    assert audited.shorter is not None
    flat = await flattened(resolver, audited, None, SYSTEM_CLOCK.now())
    for each in (audited.shorter, flat):
        assert bool(each.records) is is_own
        assert is_own or "h.cdn.example" in (each.reason or "")
    await resolver.aclose()
