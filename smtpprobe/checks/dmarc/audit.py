"""What the policy of a domain rests on, where it is looked at by itself: the domain's own SPF record and DKIM keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.base import CheckInput, FindingSpec
from smtpprobe.mailauth import dkim
from smtpprobe.mailauth.dmarc.enforcement import beside, first_record
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcBacking, DmarcEvidence, DmarcPolicy, DmarcRestsOn
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_WAYS_TOLD = 2  # of those by which everybody passes SPF that are told
RESTS_ON_NOTHING = FindingSpec(
    id="dmarc-rests-on-nothing",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice if the policy is none, which asks receivers to do nothing"),
    title=mark("Nothing was found that mail of the domain could pass DMARC by"),
    why=mark(
        "DMARC passes by an aligned pass of SPF or DKIM. The domain has no SPF record that lets anybody pass, and no "
        "DKIM key was found; keys under other selectors, and names below the domain, are not seen by this."
    ),
    fix=mark(
        "Give the selector that the domain's mail is signed with. If there is none: publish a DKIM key and sign with "
        "it, and name the hosts that send the domain's mail in its SPF record. A domain that sends no mail says so with "
        '"v=spf1 -all".'
    ),
    references=("RFC 9989 §4.4", "RFC 9989 §5.1"),
    needs=("dkim_selectors",),
    names_subject=True,
)
SPF_OPEN = FindingSpec(
    id="dmarc-spf-open",
    severity=Severity.WARNING,
    severity_otherwise=mark("notice if the policy is none, which asks receivers to do nothing"),
    title=mark("SPF lets everybody pass, so that DMARC stops nobody"),
    why=mark(
        "One aligned pass is enough for DMARC. Whoever sends with a reverse-path in the domain passes SPF, is aligned, and "
        "so passes DMARC too: the policy applies to none of the mail that it is to keep out."
    ),
    fix=mark("Remove the term that lets everybody pass from the SPF record, or from the one that it leads to."),
    references=("RFC 9989 §4.4", "RFC 7208 §5.1"),
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
    from smtpprobe.mailauth.spf.lint.letting import letting

    await letting(resolver, domain)


async def with_backing(
    check_input: CheckInput, evidence: DmarcEvidence, elsewhere: Iterable[DnsLookup]
) -> DmarcEvidence:
    """The evidence with what the policy rests on, the lookups that showed it, and the record to begin with.

    `elsewhere` are names that nobody asks, with records that were meant for the domain.
    """
    from smtpprobe.mailauth import spf
    from smtpprobe.mailauth.dmarc.backing import backing
    from smtpprobe.mailauth.spf.lint.letting import letting

    resolver, domain = check_input.services.resolver, evidence.author_domain
    keys, record, lets = (
        await _keys(check_input, domain),
        await spf.published(resolver, domain),
        await letting(resolver, domain),
    )
    found = backing(record, lets, keys, exists=evidence.author_domain_exists)
    lookups = dict.fromkeys((*evidence.lookups, *record.lookups, *lets.lookups, *keys.lookups))
    asked = beside(evidence.published, found) if evidence.published is not None else None
    texts = [text for lookup in elsewhere for text in sorted(lookup.records)]
    is_without = evidence.record is None and evidence.result is AuthResult.NONE
    return msgspec.structs.replace(
        evidence,
        backing=found,
        published=asked,
        first=first_record(evidence, found, texts) if is_without else None,
        lookups=tuple(lookups),
    )


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
    if found is None or evidence.policy is None:
        return
    severity = Severity.NOTICE if evidence.policy is DmarcPolicy.NONE else None
    if found.rests_on is DmarcRestsOn.EVERYBODY:
        message = say(
            "the policy is {policy}; everybody passes by the SPF record of {domain}: {ways}",
            policy=evidence.policy,
            domain=evidence.author_domain,
            ways="; ".join(found.spf_open[:_WAYS_TOLD]),
        )
        yield SPF_OPEN(evidence.author_domain, message, severity=severity)
    elif found.rests_on is DmarcRestsOn.NOTHING_FOUND:
        yield RESTS_ON_NOTHING(evidence.author_domain, _nothing(evidence, found), severity=severity)


def _nothing(evidence: DmarcEvidence, found: DmarcBacking) -> str:
    """Why neither SPF nor DKIM can let mail pass."""
    domain = evidence.author_domain
    lets_nobody = mark("the record of {domain} lets nobody pass")
    words = lets_nobody if found.spf_record else mark("{domain} has no SPF record")
    spf = found.spf_problem or say(words, domain=domain)
    if found.testing_selectors:
        names = ", ".join(found.testing_selectors[:8])
        keys = say("the only DKIM keys are for testing (t=y), and count as none: {selectors}", selectors=names)
    elif found.guessed:
        keys = say("none of {count} common selectors has a DKIM key, which proves nothing", count=found.selectors_tried)
    else:
        keys = say("none of the selectors given has a usable DKIM key")
    return say("the policy is {policy}; SPF: {spf}; {keys}", policy=evidence.policy, spf=spf, keys=keys)
