"""What the SPF check states, and when it does not run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.checks.base import CheckInput, Skip, missing
from smtpprobe.checks.spf import CHECK
from smtpprobe.checks.spf.stated import MAX_MESSAGE
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence.row import Detail
from smtpprobe.render.evidence.table import rows
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input
from tests.mailauth.dkim.signing import txt

HELO = "mail.example.org"
SPECS = {spec.id: spec for spec in CHECK.findings}


def context(
    zone: str,
    *,
    path: str | None = "alice@example.org",
    helo: str = HELO,
    ip: str | None = "192.0.2.1",
    domains: tuple[str, ...] = (),
) -> CheckInput:
    return check_input(
        resolver=zone_resolver(zone + "\n"),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        envelope=Envelope(Assumed(helo, assumed=bool(domains)), None if path is None else Assumed(path)),
        client_ip=ip,
        domains=domains,
    )


async def run(context: CheckInput) -> tuple[SpfEvidence, tuple[Finding, ...]]:
    assert CHECK.skip(context) is None
    evidence, findings = await CHECK.run(context)
    assert isinstance(evidence, SpfEvidence)
    return evidence, findings


@pytest.mark.parametrize(
    ("records", "finding"),
    [
        (["v=spf1 ip4:198.51.100.1 -all"], "spf-fail"),
        (["v=spf1 ~all"], "spf-softfail"),
        (["v=spf1 ?all"], "spf-neutral"),
        (["v=spf1"], "spf-neutral"),
        (["unrelated"], "spf-none"),
        (["v=spf1 -all", "v=spf1 ~all"], "spf-multiple-records"),
        (["v=spf1 ipv4:192.0.2.1 -all"], "spf-syntax-error"),
        (["v=spf1 include:no.example.net -all"], "spf-include-missing"),
        (["v=spf1 redirect=no.example.net"], "spf-redirect-missing"),
        (
            ["v=spf1 exists:%{i}.a.example.net exists:b.example.net exists:c.example.net -all"],
            "spf-too-many-void-lookups",
        ),
        (["v=spf1 +all"], "spf-all-pass"),
        (["v=spf1 ALL"], "spf-all-pass"),
        (["v=spf1 ip4:192.0.2.1 ptr:example.org -all"], "spf-ptr-used"),
        (["v=spf1 mx:%{d} a:slow.example.net -all"], "spf-temperror"),
    ],
)
async def test_one_finding(records: list[str], finding: str) -> None:
    lines = [f'example.org. TXT "{record}"' for record in records]
    _, findings = await run(context("\n".join([*lines, ";! TIMEOUT slow.example.net *"])))
    assert [found.id for found in findings] == [finding]
    assert findings[0].severity is SPECS[finding].severity
    assert findings[0].subject == "example.org"
    assert len(findings[0].message) <= MAX_MESSAGE
    assert "example" in findings[0].message


async def test_a_pass_states_nothing() -> None:
    evidence, findings = await run(context('example.org. TXT "v=spf1 ip4:192.0.2.0/24 -all"'))
    assert evidence.result is AuthResult.PASS
    assert findings == ()


@pytest.mark.parametrize(
    ("records", "findings"),
    [
        (["v=spf1 -all"], ["spf-fail", "spf-parked"]),
        (["v=spf1 include:example.org -all"], ["spf-include-self"]),
        (["v=spf1 include:%{d} -all"], ["spf-include-self"]),
        (["v=spf1 redirect=%{d}"], ["spf-redirect-loop"]),
        (["v=spf1 a:no.example.net include:example.org -all"], ["spf-no-address", "spf-include-self"]),
        (["v=spf1 redirect=example.org"], ["spf-redirect-loop"]),
        ([" v=spf1 -all"], ["spf-none", "spf-leading-space"]),
        (["v=spf1 ip6:192.0.2.1 -all"], ["spf-syntax-error", "spf-wrong-family"]),
        (["v=spf1 ip4:192.0.2.1 -all a:no.example.net"], ["spf-after-all"]),
        (["v=spf1 a ~all"], ["spf-softfail", "spf-no-address"]),
    ],
)
async def test_findings_of_the_lint_stand_beside_the_result(records: list[str], findings: list[str]) -> None:
    _, stated = await run(context("\n".join(f'example.org. TXT "{record}"' for record in records)))
    assert [found.id for found in stated] == findings
    assert all(found.severity is SPECS[found.id].severity for found in stated)
    assert all("example.org" in found.message and len(found.message) <= 100 for found in stated)


@pytest.mark.parametrize(
    ("lookups", "ids"),
    [
        (7, []),
        (8, ["spf-lookups-near-limit"]),
        (10, ["spf-lookups-near-limit"]),
        (11, ["spf-lookups-needed"]),
    ],
)
async def test_near_the_limit(lookups: int, ids: list[str]) -> None:
    record = "v=spf1 ip4:192.0.2.1 " + " ".join(f"a:h{number}.example.net" for number in range(lookups)) + " -all"
    hosts = "\n".join(
        f"h{number}.example.net. A 198.51.100.1\nh{number}.example.net. AAAA 2001:db8::1" for number in range(lookups)
    )
    _, findings = await run(context(f'example.org. TXT "{record}"\n{hosts}'))
    assert [found.id for found in findings] == ids


@pytest.mark.parametrize(
    ("zone", "end_user"),
    [
        ("1.2.0.192.in-addr.arpa. PTR 192-0-2-1.dyn.example.net.", True),
        ("1.2.0.192.in-addr.arpa. PTR mail.example.org.", False),
        ("", False),
    ],
)
async def test_no_record_permits_an_address_with_a_generic_name(zone: str, end_user: bool) -> None:
    evidence, _ = await run(context(f'example.org. TXT "v=spf1 ip4:198.51.100.1 -all"\n{zone}'))
    assert evidence.edit is not None
    assert (evidence.edit.record is None) is end_user
    assert ("relay" in (evidence.edit.reason or "")) is end_user


async def test_evidence_rests_on_every_lookup_and_carries_lint_and_edit() -> None:
    asked = context('example.org. TXT "v=spf1 a:host.example.net -all"\nhost.example.net. A 198.51.100.1')
    evidence, _ = await run(asked)
    lookups = asked.services.resolver.lookups  # type: ignore[attr-defined]
    assert {(lookups[index].name, lookups[index].type) for index in evidence.lookups} >= {
        ("example.org", "TXT"),
        ("example.org", "CNAME"),
        ("example.org", "SPF"),
        ("host.example.net", "A"),
        ("1.2.0.192.in-addr.arpa", "PTR"),
    }
    assert evidence.lookups_needed == 1
    assert evidence.edit is not None
    assert evidence.edit.record == "v=spf1 a:host.example.net ip4:192.0.2.1 -all"


async def test_an_included_record_is_not_blamed_on_the_domain_but_a_redirect_is() -> None:
    provider = 'example.net. TXT "v=spf1 ip4:192.0.2.1 ptr ~all"'
    _, included = await run(context(f'example.org. TXT "v=spf1 include:example.net -all"\n{provider}'))
    assert included == ()
    _, redirected = await run(context(f'example.org. TXT "v=spf1 redirect=example.net"\n{provider}'))
    assert [found.id for found in redirected] == ["spf-ptr-used"]


@pytest.mark.parametrize(
    ("record", "ids"), [("v=spf1 -all", ["spf-helo-fail"]), ("v=spf1 moo", ["spf-helo-permerror"]), ("v=spf1 a", [])]
)
async def test_the_helo_identity(record: str, ids: list[str]) -> None:
    _, findings = await run(context(f'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n{HELO}. TXT "{record}"'))
    assert [found.id for found in findings] == ids
    assert all(found.subject == HELO and found.severity is Severity.WARNING for found in findings)


async def test_the_null_reverse_path_is_stated_once() -> None:
    _, findings = await run(context(f'{HELO}. TXT "v=spf1 -all"', path=""))
    assert [(found.id, found.subject) for found in findings] == [("spf-fail", HELO), ("spf-parked", HELO)]


async def test_an_address_literal_is_not_checkable() -> None:
    evidence, findings = await run(context("", path="", helo="[192.0.2.1]"))
    assert evidence.result is AuthResult.NONE
    assert [found.id for found in findings] == ["spf-not-checkable"]


async def test_alone_the_domain_is_what_is_checked() -> None:
    evidence, _ = await run(
        context('example.net. TXT "v=spf1 ip4:192.0.2.1 -all"', path=None, domains=("example.net",))
    )
    assert evidence.result is AuthResult.PASS
    assert evidence.identities.mailfrom.sender == "postmaster@example.net"


async def test_server_text_is_raw_and_bounded() -> None:
    _, findings = await run(context('example.org. TXT "v=spf1 \\027[31m' + "x" * 200 + '" "' + "x" * 200 + '"'))
    assert [found.id for found in findings] == ["spf-syntax-error"]
    assert "\x1b[31m" in findings[0].message
    assert findings[0].message.endswith("x…: contains U+001B (a control character)")
    assert len(findings[0].message) <= 200


@pytest.mark.parametrize(
    ("given", "skip"),
    [
        (context("", ip=None), missing("client_ip", "the address that the server saw is unknown")),
        (
            context("", path=None, helo=""),
            missing("mail_from", "there is neither a reverse-path nor a HELO name to check"),
        ),
        (context("", path=None), None),
    ],
)
async def test_skips(given: CheckInput, skip: Skip | None) -> None:
    assert CHECK.skip(given) == skip


def test_specs_are_complete() -> None:
    assert len(SPECS) == len(CHECK.findings)
    assert all(spec.id.startswith("spf-") and spec.references and spec.why and spec.fix for spec in CHECK.findings)


@pytest.mark.parametrize(("code", "advised"), [("127.0.0.10", False), ("127.0.0.11", False), ("127.0.0.4", True)])
async def test_no_record_is_advised_for_an_end_user_range(code: str, advised: bool) -> None:
    # 192.31.196.0/24 is AS112's (RFC 7535): global, and nobody's mail server.
    resolver = zone_resolver(
        'example.org. TXT "v=spf1 -all"\n'
        "2.0.0.127.zen.spamhaus.org. A 127.0.0.2\n"
        f"7.196.31.192.zen.spamhaus.org. A {code}\n"
        "7.196.31.192.in-addr.arpa. PTR mail.example.org.\n"
    )
    envelope = Envelope(Assumed("mail.example.org"), Assumed("alice@example.org"))
    context = check_input(
        resolver=resolver, now=datetime(2026, 11, 22, tzinfo=UTC), envelope=envelope, client_ip="192.31.196.7"
    )
    evidence, _ = await CHECK.run(context)
    await resolver.aclose()
    assert isinstance(evidence, SpfEvidence)
    assert evidence.edit is not None
    assert (evidence.edit.record is not None) is advised


@pytest.mark.parametrize(
    ("record", "made_up"),
    [
        ("v=spf1 a:ghost.example.net -all", ("a:ghost.example.net",)),
        ("v=spf1 ip4:192.0.2.1 a:ghost.example.net -all", ()),
        ("v=spf1 include:p.example.org -all", ("a:ghost.example.net",)),
    ],
)
async def test_a_pass_that_rests_on_what_the_resolver_makes_up_proves_nothing(
    record: str, made_up: tuple[str, ...]
) -> None:
    zone = (
        f'example.org. TXT "{record}"\np.example.org. TXT "v=spf1 a:ghost.example.net -all"\n'
        "*.example.net. A 192.0.2.1\n*.example. A 192.0.2.1"
    )
    evidence, _ = await run(context(zone))
    assert (evidence.result, evidence.made_up) == (AuthResult.PASS, made_up)
    assert is_inconclusive(evidence) is bool(made_up)


@pytest.mark.parametrize("char", ["\u200b", "\u00a0", "\u0430"])
async def test_what_cannot_be_seen_in_a_record_has_one_form(char: str) -> None:
    zone = txt("example.org", f"v=spf1 mx a:m{char}x.example.net -all")
    evidence, findings = await CHECK.run(context(zone, domains=("example.org",)))
    page = [*(row.text for row in rows(evidence, Detail(full=True))), *(finding.message for finding in findings)]
    assert [each for each in page if char in each] == []
    assert any(f"m<U+{ord(char):04X}>x.example.net" in each for each in page)


LONG = "very-long-provider-name-for-outgoing-mail.spf-protection.provider.example"
# Each: the zone, how a message ends.
WHOLE = [
    ("example.org. TXT \"v=spf1 mx -all\"\nexample.org. MX 10 mail-gateway-number-one.example.org.example.org.\n"
     "mail-gateway-number-one.example.org. A 192.0.2.1", "its final dot is missing in the zone file"),
    (f'example.org. TXT "v=spf1 a:{LONG} -all"\n{LONG}. CNAME gone.example.net.', "gone.example.net, which does not exist"),
    (f'example.org. TXT "v=spf1 include:{LONG} -all"', f"{LONG} does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "end"), WHOLE, ids=range(len(WHOLE)))
async def test_what_a_message_is_about_is_not_cut_off(zone: str, end: str) -> None:
    _, findings = await run(context(zone, ip="198.51.100.7"))
    assert any(found.message.endswith(end) for found in findings), [found.message for found in findings]
    assert not any("…" in found.message for found in findings)
