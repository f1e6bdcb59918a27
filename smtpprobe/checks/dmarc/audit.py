"""What the policy of a domain rests on, where it is looked at by itself: the domain's own SPF record and DKIM keys."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.base import CheckInput, FindingSpec
from smtpprobe.mailauth import dkim
from smtpprobe.mailauth.dmarc.backing import backing
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcPolicy, DmarcRestsOn
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

RESTS_ON_NOTHING = FindingSpec(
    id="dmarc-rests-on-nothing",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice if the policy is none, which asks receivers to do nothing"),
    title=mark("Nothing was found that mail of the domain could pass DMARC by"),
    why=mark(
        "DMARC passes by an aligned pass of SPF or DKIM. The domain has no SPF record that is valid, and no DKIM key "
        "was found; keys under other selectors, and names below the domain, are not seen by this."
    ),
    fix=mark(
        "Give the selector that the domain's mail is signed with. If there is none: publish a DKIM key and sign with "
        'it, and publish an SPF record. A domain that sends no mail says so with "v=spf1 -all".'
    ),
    references=("RFC 9989 §4.4", "RFC 9989 §5.1"),
    needs=("dkim_selectors",),
    names_subject=True,
)


def is_audit(check_input: CheckInput) -> bool:
    """Whether a domain is looked at by itself: no session, no message, and nothing that is declared as passing."""
    session, options = check_input.session, check_input.options
    nothing_given = options.message is None and not options.spf_pass and not options.dkim_pass
    return session.transcript is None and session.client_ip is None and bool(options.domains) and nothing_given


async def look(check_input: CheckInput, domain: str) -> None:
    """What an audit asks of DNS; the answers wait in the resolver for `with_backing`."""
    resolver = check_input.services.resolver
    resolver.ahead(_keys(check_input, domain))
    from smtpprobe.mailauth import spf

    await spf.published(resolver, domain)


async def with_backing(check_input: CheckInput, evidence: DmarcEvidence) -> DmarcEvidence:
    """The evidence with what the policy rests on, and the lookups that showed it."""
    from smtpprobe.mailauth import spf

    resolver, domain = check_input.services.resolver, evidence.author_domain
    keys, record = await _keys(check_input, domain), await spf.published(resolver, domain)
    lookups = dict.fromkeys((*evidence.lookups, *record.lookups, *keys.lookups))
    return msgspec.structs.replace(evidence, backing=backing(record, keys), lookups=tuple(lookups))


async def _keys(check_input: CheckInput, domain: str) -> DkimEvidence:
    """The domain's keys, gathered once: the audit asks for them at its beginning and reads them at its end."""
    resolver, options = check_input.services.resolver, check_input.options
    return await resolver.once(
        ("dkim-keys", domain, options.dkim_selectors, options.min_key_bits, check_input.services.now),
        lambda: dkim.gather(
            resolver, domain, options.dkim_selectors, now=check_input.services.now, known=known_selectors(),
            min_key_bits=options.min_key_bits,
        ),
    )  # fmt: skip


def audit_findings(evidence: DmarcEvidence) -> Iterator[Finding]:
    found = evidence.backing
    if found is None or evidence.policy is None or found.rests_on is not DmarcRestsOn.NOTHING_FOUND:
        return
    spf = found.spf_problem or say("there is no SPF record")
    if found.guessed:
        keys = say("none of {count} common selectors has a DKIM key, which proves nothing", count=found.selectors_tried)
    else:
        keys = say("none of the selectors given has a usable DKIM key")
    message = say("the policy is {policy}; SPF: {spf}; {keys}", policy=evidence.policy, spf=spf, keys=keys)
    severity = Severity.NOTICE if evidence.policy is DmarcPolicy.NONE else None
    yield RESTS_ON_NOTHING(evidence.author_domain, message, severity=severity)
