"""DMARC that rests on DKIM keys which are marked as a test: receivers need not count them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.evidence.dkim import DkimSignature
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcMechanism, DmarcPolicy, DmarcRestsOn
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

KEY_TESTING = FindingSpec(
    id="dmarc-key-testing",
    severity=Severity.NOTICE,
    title=mark("DMARC rests on a DKIM key that is marked as a test"),
    why=mark(
        "Verifiers must not treat mail that is signed with a key of t=y differently from unsigned mail, even if the "
        "signature passes: a receiver need not count it, and then DMARC has SPF alone."
    ),
    fix=mark("Remove t=y from the key record once the signatures pass."),
    references=("RFC 6376 §3.6.1", "RFC 9989 §4.4"),
    names_subject=True,
)


def tested_domains(signatures: Iterable[DkimSignature]) -> frozenset[str]:
    """The domains whose signatures pass by keys for testing alone."""
    passing = [each for each in signatures if each.domain and each.result is AuthResult.PASS]
    full = {each.domain for each in passing if not each.testing}
    return frozenset(each.domain for each in passing if each.domain and each.domain not in full)


def findings(evidence: DmarcEvidence, tested: Collection[str]) -> Iterator[Finding]:
    """That a pass hangs on a key for testing, or that the domain has no other; `tested` as `tested_domains` has it."""
    domain, backing = evidence.author_domain, evidence.backing
    counting = [each for each in evidence.alignment if each.aligned and each.result is AuthResult.PASS]
    if evidence.result is AuthResult.PASS and all(
        each.mechanism is DmarcMechanism.DKIM and each.domain in tested for each in counting
    ):
        names = ", ".join(dict.fromkeys(each.domain for each in counting))
        text = say("{domain} passes by the signature of {names} alone, whose key has t=y", domain=domain, names=names)
        yield KEY_TESTING(domain, text)
    elif (
        backing is not None
        and backing.testing_selectors
        and not backing.selectors
        and backing.rests_on not in (DmarcRestsOn.EVERYBODY, DmarcRestsOn.NOTHING_FOUND)
        and evidence.policy not in (None, DmarcPolicy.NONE)
    ):
        names = ", ".join(backing.testing_selectors[:8])
        text = say("the only DKIM keys of {domain} are for testing (t=y): {selectors}", domain=domain, selectors=names)
        yield KEY_TESTING(domain, text)
