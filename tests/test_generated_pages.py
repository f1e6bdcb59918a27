"""The generated pages answer: how to see a finding, what the codes in it mean, and where a code as servers write it is."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.facts import FACTS
from smtpprobe.catalogue.reference.cause_codes import cause_codes
from smtpprobe.catalogue.reference.finding_codes import finding_codes, findings_with_codes
from smtpprobe.checks.base import Check, FindingSpec
from smtpprobe.checks.registry import checks
from smtpprobe.cli.finding_commands import command_for
from smtpprobe.model.remedy import Actor
from tests.checks.tls.sessions import HOP, over_tls
from tests.finding_cases.row import Given, found
from tests.test_docs import DOCS, blocks, text

FINDINGS = [(check, finding) for check in checks() for finding in check.findings]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(DOCS))


def page(check: object, name: str) -> Path:
    return DOCS / "checks" / f"{name}.md"


@pytest.mark.parametrize(("check", "finding"), FINDINGS, ids=lambda each: getattr(each, "id", None))
def test_a_finding_names_its_command_and_its_severity(check: object, finding: object) -> None:
    own = page(check, finding.id)
    assert blocks(own, "sh") == [("sh", command_for(check.name, finding.id) + "\n")]
    assert finding.severity_otherwise in text(own)


# Findings for which nobody refuses with a certain code: their pages link to none.
WITHOUT_CODES = frozenset(
    {
        "auth-token-unreadable",
        "starttls-offered-over-tls", "auth-offered-in-clear-alone", "extensions-lost-over-tls",
        "dkim-field-repeated", "dkim-from-ambiguous", "dkim-from-invalid", "spf-domain-is-alias", "spf-one-family-fails",
        "spf-alias-of-another", "spf-alias-leads-nowhere",
        "spf-void-lookups-differ", "spf-void-lookups-needed",
        "dnsbl-query-refused", "dnsbl-zone-broken", "dnsbl-no-answer", "spf-not-checkable", "spf-lookups-near-limit",
        "spf-leading-space", "spf-quoted", "spf-version-malformed", "spf-version-unknown", "spf-version-misplaced",
        "spf-version-case", "spf-sender-id", "spf-wrong-name", "spf-name-as-text",
        "spf-record-long", "spf-answer-large", "spf-all-missing",
        "spf-all-neutral", "spf-all-pass", "spf-all-repeated", "spf-after-all", "spf-redirect-ignored", "spf-parked",
        "spf-nobody-passes",
        "spf-helo-decides", "spf-open-by-macro", "spf-macro-p", "spf-target-final-dot", "spf-version-repeated",
        "spf-ip4-mapped",
        "spf-ptr-used", "spf-target-local", "spf-terms-run-together", "spf-modifier-unknown", "spf-mechanism-as-modifier",
        "spf-report-modifier-included", "spf-network-everything", "spf-after-everything", "spf-network-wide",
        "spf-private-address", "spf-host-bits", "spf-term-repeated", "spf-include-repeated", "spf-lookups-needed",
        "spf-no-address", "spf-rr-type", "spf-cname-beside-txt", "dkim-body-partly-signed", "dkim-bare-lf", "dkim-key-testing",
        "dkim-key-untidy", "dkim-multiple-records", "dkim-not-found-by-guessing", "dkim-nameservers-differ", "dmarc-none",
        "dmarc-record-invalid", "dmarc-record-syntax", "dmarc-multiple-records", "dmarc-policy-none", "dmarc-testing",
        "dmarc-key-testing",
        "dmarc-rests-on-dkim", "dmarc-rests-on-spf", "dmarc-rests-on-nothing", "dmarc-differs-rfc7489", "dmarc-pct-ignored",
        "dmarc-reports-unauthorized", "dmarc-reports-unreachable", "dmarc-from-ambiguous", "dmarc-psd-misused",
        "dmarc-record-misplaced", "dmarc-nameservers-differ",
        "dmarc-temperror", "reverse-dns-generic", "helo-mismatch", "mx-cname", "mx-private-address",
        "mx-host-without-address", "starttls-injected-reply", "certificate-expires-soon", "server-is-another-host",
        "tls-version-old", "tls-dh-too-small", "tls-renegotiation-old", "tls-client-certificate-asked", "mta-sts-missing",
        "mta-sts-record-invalid", "mta-sts-policy-unreachable", "mta-sts-policy-invalid", "mta-sts-media-type",
        "mta-sts-max-age-short", "mta-sts-temperror", "tlsrpt-missing", "tlsrpt-invalid", "tlsrpt-temperror", "dane-match",
        "mta-sts-max-age-long", "dane-unusable", "dane-not-secure", "dane-rollover", "dane-not-compared", "dane-temperror",
        "auth-offered-in-clear", "auth-old-form", "auth-password-ends", "auth-server-unproved", "reply-malformed",
        "reply-code-mismatch",
        "reply-enhanced-mismatch", "reply-text-not-ascii", "reply-unsolicited", "greeting-slow",
        "dnsbl-wrong-kind", "spf-resolver-rewrites", "reverse-dns-too-many-names", "reverse-dns-final-dot-missing",
        "reverse-dns-resolver-rewrites", "mx-null-among-others", "mx-final-dot-missing", "mx-resolver-rewrites",
        "mx-too-many-hosts", "mx-address-unanswered", "reverse-dns-not-a-host-name", "spf-mx-null", "spf-mx-null-among-others",
        "spf-mx-final-dot-missing", "spf-order-matters", "mx-host-idle", "dmarc-spf-open",
        "dmarc-no-author-domain", "message-header-broken", "message-date-missing", "message-date-wrong",
        "message-id-missing", "message-line-too-long", "message-line-end-alone", "message-eight-bit",
        "message-header-eight-bit", "one-click-missing", "one-click-broken", "one-click-unsigned",
    }
)  # fmt: skip
_LEADS = re.compile(r"\[([\d.]+)\]\(\.\./(?:replies|enhanced)/([\d.]+)\.md\)")


def test_a_finding_links_to_the_codes_that_refusals_for_it_carry() -> None:
    assert findings_with_codes() <= {finding.id for _, finding in FINDINGS}
    linked = {finding.id: _LEADS.findall(text(page(check, finding.id))) for check, finding in FINDINGS}
    for name, leads in linked.items():
        assert set(finding_codes(name)) <= {code for code, _ in leads}, name
        for code, target in leads:
            folder = "enhanced" if "." in code else "replies"
            assert (DOCS / folder / f"{target}.md").exists(), name
    assert {name for name in linked if not finding_codes(name)} == WITHOUT_CODES
    # Where nothing is refused for a finding alone, its page has the codes of what else the check states.
    assert {check.name for check, finding in FINDINGS if not linked[finding.id]} == {"tlsrpt"}


@pytest.fixture(scope="module")
def examples(generator: ModuleType) -> Callable[[str, str], str | None]:
    return generator.example_for


AROUND = """
_spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
mail.example.org. A 192.0.2.1
1.2.0.192.in-addr.arpa. PTR mail.example.org.
"""


@pytest.mark.parametrize(
    ("check", "finding"),
    [(check, each) for check, each in FINDINGS if check.name in ("spf", "dmarc", "iprev", "mx", "tlsrpt", "mta-sts")],
    ids=lambda each: getattr(each, "id", None),
)
async def test_an_example_has_not_the_fault(
    examples: Callable[[str, str], str | None], check: Check, finding: FindingSpec
) -> None:
    example = examples(check.name, finding.id)
    if example is None:
        return
    assert f"```text\n{example}\n```" in text(page(check, finding.id))
    zone, _, policy = example.replace("example.org", "example.com").partition("# ")
    own = {"iprev": "", "mta-sts": "example.com. MX 10 mx.example.com.\n"}.get(check.name, AROUND)
    given = Given(
        f"{own}{example.partition('# ')[0]}\n{zone}",
        transcript=over_tls(),
        next_hop=HOP,
        policies={"example.com": policy.partition("\n")[2] + "\n"},
    )
    assert finding.id not in {*await found(check, given)} - {"dmarc-rests-on-dkim", "dmarc-rests-on-spf"}


def test_lengths_ports_and_statuses_of_http_are_no_codes(generator: ModuleType) -> None:
    said = "Beyond 450 octets, on port 465 or 587 (587 or 465), with status 250; 5.7.30.1 is not a code."
    assert generator.linked(said) == said
    assert generator.linked("(550 5.7.1).") == "([550](../replies/550.md) [5.7.1](../enhanced/5.7.1.md))."


@pytest.mark.parametrize(
    ("code", "name"),
    [("5.7.1", "5.7.1"), ("4.7.1", "5.7.1"), ("5.1.1", "5.1.1"), ("2.1.5", "2.1.5"), ("4.4.2", "4.4.2")],
)
def test_an_enhanced_status_code_is_found_as_servers_write_it(code: str, name: str) -> None:
    own = text(DOCS / "enhanced" / f"{name}.md")
    assert code in own.splitlines()[0]
    assert f"`smtpprobe explain {name}`" in own
    assert re.search(
        rf"\[[^\]]*\b{re.escape(code)}\b[^\]]*\]\({re.escape(name)}\.md\)", text(DOCS / "enhanced" / "index.md")
    )


@pytest.mark.parametrize("cause", causes())
def test_a_cause_has_a_page_and_its_codes_lead_to_it(cause: str) -> None:
    entry, codes = causes()[cause], cause_codes(cause)
    own = text(DOCS / "causes" / f"{cause}.md")
    for words in (entry.title, entry.who[0], f"`smtpprobe explain {cause}`", "## What to do", *entry.phases):
        assert words in own
    for code in codes.replies:
        assert f"](../replies/{code}.md)" in own
        assert f"](../causes/{cause}.md)" in text(DOCS / "replies" / f"{code}.md")
    for code in (*codes.stated_by, *codes.enhanced):
        page_of_code = re.search(rf"\[{re.escape(code)}\]\(\.\./enhanced/([\d.]+)\.md\)", own)
        if page_of_code is not None:
            assert f"](../causes/{cause}.md)" in text(DOCS / "enhanced" / f"{page_of_code[1]}.md")


def test_the_actors_of_remedies_are_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", text(DOCS / "causes" / "index.md"), re.MULTILINE))
    assert listed == {actor.value for actor in Actor} - {"unknown"}


def test_the_page_of_5_7_1_names_the_code_that_most_bring_along() -> None:
    assert "[554](../replies/554.md)" in text(DOCS / "enhanced" / "5.7.1.md")


def test_a_page_of_a_cause_says_when_a_remedy_is_said_and_takes_ports_for_ports() -> None:
    own = text(DOCS / "causes" / "connection-failed.md")
    assert f"   When: {FACTS['port_25_blocked']}." in own
    assert "replies/587.md" not in own
    # Nobody replied: there is no class of a reply on which another attempt would depend.
    assert "- Try again? " in own
    assert "5yz" not in own
    assert "- Try again after a 5yz reply? " in text(DOCS / "causes" / "greylisted.md")
