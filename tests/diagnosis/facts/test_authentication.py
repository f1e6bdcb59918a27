"""What SPF, DKIM and DMARC tell of a rejection: of the identity that decided, and only if the reply can be about it."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.authentication import deciding_spf, in_words, named_in, of_authentication
from smtpprobe.model.evidence.dmarc import AlignmentMode, DmarcAligned, DmarcMechanism
from smtpprobe.model.evidence.spf import SpfEdit, SpfIdentities, SpfIdentityKind, SpfStep
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import dkim, dmarc, spf
from tests.diagnosis.facts.rejections import held, rejected

PASS, FAIL, TEMP, PERM = AuthResult.PASS, AuthResult.FAIL, AuthResult.TEMPERROR, AuthResult.PERMERROR
SOFT, NEUTRAL = AuthResult.SOFTFAIL, AuthResult.NEUTRAL
NO, SPF, DKIM = "550 5.7.1 No", "550 5.7.1 SPF fails", "550 5.7.1 No DKIM signature"
DMARC, BOTH = "550 5.7.1 DMARC says no", "550 5.7.1 neither SPF nor DKIM passes"
CAUSE = "email-auth-failed"
KNOWN = {"spf_known": "yes"}
PASSES = KNOWN | {"spf_passes": "yes"}
FAILS = KNOWN | {"spf_fails": "yes", "domain": "example.org"}
HELO_FAILS = KNOWN | {"spf_fails": "yes", "domain": "client.example.org", "spf_helo": "client.example.org"}
BROKEN = KNOWN | {"spf_broken_name": "example.org", "domain": "example.org"}


def facts(*evidence, cause: str = CAUSE, **fields) -> dict[str, str]:
    return held(of_authentication(rejected(*evidence, **fields), cause))


@pytest.mark.parametrize(
    ("reply", "named"),
    [(NO, set()), (SPF, {"spf"}), (DKIM, {"dkim"}), (DMARC, {"dmarc"}), (BOTH, {"spf", "dkim"})],
)
def test_what_a_reply_names(reply, named):
    assert named_in(rejected(reply=reply)) == named


def test_nothing_is_known_without_evidence():
    assert of_authentication(rejected(reply=SPF), CAUSE) == {}


@pytest.mark.parametrize(
    ("evidence", "reply", "phase", "found"),
    [
        (spf(PASS), NO, Phase.RCPT, PASSES),
        (spf(PASS), SPF, Phase.RCPT, PASSES),
        (spf(FAIL), NO, Phase.RCPT, FAILS),
        (spf(SOFT), SPF, Phase.RCPT, FAILS),
        (spf(NEUTRAL), SPF, Phase.RCPT, FAILS),
        (spf(FAIL), NO, Phase.MESSAGE, KNOWN),
        (spf(FAIL), SPF, Phase.MESSAGE, FAILS),
        (spf(FAIL), DKIM, Phase.RCPT, KNOWN),
        (spf(FAIL), BOTH, Phase.RCPT, FAILS),
        (spf(FAIL), BOTH, Phase.MESSAGE, FAILS),
        (spf(FAIL), DMARC, Phase.RCPT, FAILS),
        (spf(FAIL), DMARC, Phase.MESSAGE, KNOWN),
        (spf(PASS, FAIL), SPF, Phase.RCPT, HELO_FAILS),
        (spf(PASS, FAIL), NO, Phase.RCPT, HELO_FAILS),
        (spf(PASS, FAIL), NO, Phase.MESSAGE, PASSES),
        (spf(PASS, FAIL), DMARC, Phase.RCPT, PASSES),
        (spf(FAIL, FAIL), SPF, Phase.RCPT, FAILS),
        (spf(TEMP), SPF, Phase.RCPT, BROKEN),
        (spf(TEMP), SPF.replace("550 5", "451 4"), Phase.RCPT, BROKEN),
    ],
)
def test_spf_is_told_of_the_identity_that_decided(evidence, reply, phase, found):
    assert facts(evidence, reply=reply, phase=phase) == found


@pytest.mark.parametrize(("evidence", "found"), [(spf(FAIL), KNOWN), (spf(PASS), PASSES), (spf(PASS, FAIL), PASSES)])
def test_of_another_cause_spf_is_only_said_to_pass_or_not(evidence, found):
    assert facts(evidence, reply=SPF, cause="reverse-dns") == found


def test_a_record_that_cannot_be_evaluated_does_not_fail():
    found = facts(spf(PERM), reply=SPF)
    assert found["spf_problem"]
    assert "spf_fails" not in found


def test_an_identity_without_a_domain_tells_no_more_than_that_spf_was_evaluated():
    evidence = spf(FAIL)
    nobody = msgspec.structs.replace(evidence.identities.mailfrom, domain=None)
    identities = SpfIdentities(evidence.identities.helo, nobody)
    assert facts(msgspec.structs.replace(evidence, identities=identities), reply=SPF) == KNOWN


@pytest.mark.parametrize(
    ("reply", "phase", "evidence", "which"),
    [
        (SPF, Phase.RCPT, spf(FAIL, FAIL), SpfIdentityKind.MAIL_FROM),
        (SPF, Phase.RCPT, spf(PASS, FAIL), SpfIdentityKind.HELO),
        (SPF, Phase.RCPT, spf(PASS, SOFT), SpfIdentityKind.HELO),
        (SPF, Phase.RCPT, spf(PASS, PERM), SpfIdentityKind.HELO),
        (SPF, Phase.RCPT, spf(PASS), None),
        (SPF, Phase.RCPT, spf(NEUTRAL), None),
        (SPF, Phase.MESSAGE, spf(FAIL), SpfIdentityKind.MAIL_FROM),
        (NO, Phase.MESSAGE, spf(FAIL), None),
        (NO, Phase.RCPT, spf(FAIL), SpfIdentityKind.MAIL_FROM),
        (DMARC, Phase.RCPT, spf(FAIL), None),
        (BOTH, Phase.RCPT, spf(FAIL), None),
        # What failed for want of an answer is a reason to wait, not to refuse for good.
        (SPF, Phase.RCPT, spf(TEMP), None),
        ("451 4.7.1 SPF fails", Phase.RCPT, spf(TEMP), SpfIdentityKind.MAIL_FROM),
        ("451 4.7.1 SPF fails", Phase.RCPT, spf(PASS, TEMP), SpfIdentityKind.HELO),
        ("451 4.7.1 SPF fails", Phase.RCPT, spf(PASS), None),
    ],
)
def test_the_identity_that_spf_fails_for(reply, phase, evidence, which):
    found = deciding_spf(rejected(evidence, reply=reply, phase=phase))
    if which is None:
        assert found is None
    else:
        identities = evidence.identities
        wanted = identities.helo if which is SpfIdentityKind.HELO else identities.mailfrom
        assert found == (wanted, which)


STRINGS = ('"v=spf1 a"', '" -all"')


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (
            SpfEdit(domain="example.org", record="v=spf1 a -all", strings=STRINGS, reason="none"),
            {"spf_record": 'example.org. TXT "v=spf1 a" " -all"'},
        ),
        (SpfEdit(domain="example.org", record="v=spf1 a -all"), {}),
        (SpfEdit(domain="example.org", strings=STRINGS, reason="a dead end"), {"spf_no_record": "a dead end"}),
        (SpfEdit(domain="example.net", record="v=spf1 a -all", strings=STRINGS), {}),
        (SpfEdit(domain="example.net", reason="a dead end"), {}),
    ],
)
def test_the_record_that_is_advised_is_that_of_the_domain_in_question(edit, found):
    assert facts(msgspec.structs.replace(spf(FAIL), edit=edit), reply=SPF) == FAILS | found


def test_a_domain_whose_servers_gave_no_answer_gets_no_record():
    edit = SpfEdit(domain="example.org", record="v=spf1 a -all", strings=STRINGS)
    assert facts(msgspec.structs.replace(spf(TEMP), edit=edit), reply=SPF) == BROKEN


def test_the_servers_that_gave_no_answer_are_those_of_the_term_that_decided():
    evidence = spf(TEMP)
    step = SpfStep(domain="example.org", term="include:b.example.net", expanded=None, decided=True, children=())
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, trace=(step,))
    identities = SpfIdentities(evidence.identities.helo, mailfrom)
    found = facts(msgspec.structs.replace(evidence, identities=identities), reply=SPF)
    assert found == BROKEN | {"spf_broken_name": "b.example.net"}


MESSAGE = {"message_known": "yes"}


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (dkim(), {}),
        (dkim(PASS), MESSAGE | {"dkim_passes": "d0.example.org"}),
        (dkim(PASS, PASS), MESSAGE | {"dkim_passes": "d0.example.org"}),
        (dkim(FAIL, PASS), MESSAGE | {"dkim_passes": "d1.example.org"}),
        (dkim(FAIL), MESSAGE | {"dkim_problem": "reason 0", "dkim_domain": "d0.example.org"}),
        (dkim(TEMP, FAIL), MESSAGE | {"dkim_problem": "reason 0", "dkim_domain": "d0.example.org"}),
    ],
)
def test_of_signatures_one_that_passes_is_told_before_any_that_does_not(evidence, found):
    assert facts(evidence) == found


def test_a_signature_that_says_nothing_of_itself():
    evidence = dkim(FAIL)
    bare = msgspec.structs.replace(evidence.signatures[0], reason=None, domain=None)
    found = facts(msgspec.structs.replace(evidence, signatures=(bare,)))
    assert found == MESSAGE | {"dkim_problem": "fail", "dkim_domain": "its domain"}


def aligned(mechanism: str, domain: str, result: AuthResult = PASS, *, is_aligned: bool = False) -> DmarcAligned:
    return DmarcAligned(
        mechanism=DmarcMechanism(mechanism),
        domain=domain,
        result=result,
        organizational_domain=domain,
        mode=AlignmentMode.RELAXED,
        aligned=is_aligned,
    )


AUTHOR = {"author_domain": "example.org"}
BY_SPF, BY_DKIM = aligned("spf", "a.example"), aligned("dkim", "b.example")


@pytest.mark.parametrize(
    ("evidence", "alignment", "found"),
    [
        (dmarc(PASS), (), MESSAGE | AUTHOR | {"dmarc_passes": "yes"}),
        (dmarc(PASS), (BY_SPF,), MESSAGE | AUTHOR | {"dmarc_passes": "yes"}),
        (dmarc(FAIL), (), MESSAGE | AUTHOR | {"dmarc_nothing_passes": "yes"}),
        (dmarc(FAIL), (BY_DKIM, BY_SPF), MESSAGE | AUTHOR | {"dmarc_unaligned": "SPF passes for a.example"}),
        (dmarc(FAIL), (BY_DKIM,), MESSAGE | AUTHOR | {"dmarc_unaligned": "DKIM passes for b.example"}),
        (dmarc(FAIL), (aligned("spf", "a.example", FAIL),), MESSAGE | AUTHOR | {"dmarc_nothing_passes": "yes"}),
        (
            dmarc(FAIL),
            (aligned("spf", "a.example", is_aligned=True),),
            MESSAGE | AUTHOR | {"dmarc_nothing_passes": "yes"},
        ),
        (dmarc(TEMP), (BY_SPF,), MESSAGE | AUTHOR),
        (dmarc(AuthResult.UNKNOWN), (BY_DKIM,), MESSAGE | AUTHOR),
        (dmarc(TEMP), (), MESSAGE | AUTHOR),
    ],
)
def test_dmarc_of_a_message(evidence, alignment, found):
    assert facts(msgspec.structs.replace(evidence, alignment=alignment), reply=DMARC) == found


@pytest.mark.parametrize(
    ("result", "reply", "found"),
    [
        (PASS, DMARC, AUTHOR | {"dmarc_would_pass": "yes"}),
        (PASS, NO, AUTHOR),
        (PASS, SPF, AUTHOR),
        (FAIL, DMARC, AUTHOR),
    ],
)
def test_without_a_message_dmarc_is_a_guess(result, reply, found):
    assert facts(dmarc(result, "reverse-path"), reply=reply) == found


def test_of_what_passes_unaligned_spf_is_told_first():
    assert in_words((BY_DKIM, BY_SPF)) == "SPF passes for a.example"
    assert in_words((aligned("dkim", "c.example"), BY_DKIM)) == "DKIM passes for c.example"


def test_all_three_are_told_together():
    found = facts(spf(FAIL), dkim(PASS), dmarc(PASS), reply=SPF)
    assert found == FAILS | MESSAGE | AUTHOR | {"dkim_passes": "d0.example.org", "dmarc_passes": "yes"}
