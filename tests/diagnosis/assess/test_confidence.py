"""The table of confidence, row by row."""

from __future__ import annotations

import pytest

from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.report import BecauseKind, Confidence, Failed, Skipped
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import ASSUMED_HELO, IP, ZONE, dmarc, iprev, listed, mx, spf, verdict

LISTED = f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}"
SPF = f"550 5.7.23 SPF validation failed for example.org from {IP}"
DMARC = "550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy"
REVERSE = f"550 5.7.25 Client host rejected: cannot find your hostname, [{IP}]"
HELO = "450 4.7.1 <client.example.org>: Helo command rejected: Host not found"
SENDER = "550 5.1.8 <alice@example.org>: Sender address rejected: Domain not found"
POLICY = "550 Denied"
REFUSED_AT = (Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
PASS, FAIL, NONE, TEMP, PERM = (
    AuthResult.PASS,
    AuthResult.FAIL,
    AuthResult.NONE,
    AuthResult.TEMPERROR,
    AuthResult.PERMERROR,
)


def best(found):
    return (found.causes[0].id, found.causes[0].confidence.value)


@pytest.mark.parametrize(
    ("reply", "evidence", "cause"),
    [
        pytest.param(LISTED, listed(), "ip-blocklisted", id="the named list has the address"),
        pytest.param(SPF, spf(FAIL), "email-auth-failed", id="SPF is named and fails"),
        pytest.param(SPF, spf(PERM), "email-auth-failed", id="SPF is named and its record is broken"),
        pytest.param(REVERSE, iprev(PERM), "reverse-dns", id="there is no PTR record"),
        pytest.param(REVERSE, iprev(FAIL), "reverse-dns", id="the PTR name does not lead back"),
        pytest.param(HELO, iprev(PASS, helo="nxdomain"), "helo-rejected", id="the HELO name does not exist"),
        pytest.param(SENDER, mx("nxdomain"), "sender-domain-invalid", id="the reverse-path's domain does not exist"),
        pytest.param(SENDER, mx("nothing"), "sender-domain-invalid", id="it has no mail host"),
        pytest.param(
            SENDER, mx("mx", "reverse-path", "no-address"), "sender-domain-invalid", id="no mail host has an address"
        ),
    ],
)
def test_confirmed_where_the_reply_says_so_and_evidence_reproduces_it(reply, evidence, cause):
    found = verdict(reply, evidence)
    assert best(found) == (cause, "confirmed")
    assert found.causes[0].because[0].kind is BecauseKind.REPLY
    assert len(found.causes[0].because) > 1
    assert found.causes[0].checks == (0,)
    assert found.causes[0].remedies


@pytest.mark.parametrize(
    ("reply", "evidence", "cause"),
    [
        pytest.param(LISTED, (), "ip-blocklisted", id="nothing was checked"),
        pytest.param(LISTED, (listed(DnsblStatus.QUERY_REFUSED),), "ip-blocklisted", id="our own question was refused"),
        pytest.param(LISTED, (listed(DnsblStatus.NO_ANSWER),), "ip-blocklisted", id="the list does not answer"),
        pytest.param(
            LISTED,
            (Skipped(check="dnsbl", reason="the client IP is not known", transcript=0),),
            "ip-blocklisted",
            id="skipped",
        ),
        pytest.param(
            LISTED,
            (Failed(check="dnsbl", reason="not finished within 30 s", transcript=0),),
            "ip-blocklisted",
            id="not finished",
        ),
        pytest.param(
            LISTED.replace(IP, "198.51.100.7"),
            (listed(DnsblStatus.NOT_LISTED, subject="198.51.100.7"),),
            "ip-blocklisted",
            id="not listed, and the address is not global",
        ),
        pytest.param(SPF, (spf(TEMP),), "email-auth-failed", id="SPF could not be evaluated"),
        pytest.param(SENDER, (mx("temperror"),), "sender-domain-invalid", id="the domain could not be looked up"),
        pytest.param(
            SENDER, (mx("mx", "reverse-path", "temperror"),), "sender-domain-invalid", id="its host could not"
        ),
        pytest.param(HELO, (iprev(PASS, helo="servfail"),), "helo-rejected", id="the HELO name could not"),
        pytest.param(
            "550 5.1.1 no such user", (spf(FAIL), listed(tier=1)), "recipient-unknown", id="no DNS speaks to it"
        ),
        pytest.param("552 5.2.2 mailbox full", (spf(FAIL),), "mailbox-full", id="nor to this"),
    ],
)
def test_stated_where_it_could_not_be_checked(reply, evidence, cause):
    assert best(verdict(reply, *evidence)) == (cause, "stated")


@pytest.mark.parametrize(
    ("reply", "evidence", "cause"),
    [
        pytest.param(LISTED, listed(DnsblStatus.NOT_LISTED), "ip-blocklisted", id="the named list does not have it"),
        pytest.param(
            LISTED, listed(DnsblStatus.BROKEN_ZONE, reason="lists everything"), "ip-blocklisted", id="a wildcard"
        ),
        pytest.param(
            LISTED, listed(DnsblStatus.BROKEN_ZONE, dead=True, reason="shut down"), "ip-blocklisted", id="dead"
        ),
        pytest.param(
            f"{LISTED}; 127.255.255.254", listed(DnsblStatus.NOT_LISTED), "ip-blocklisted", id="a refusal quoted"
        ),
        pytest.param(f"{LISTED}; Error: open resolver", listed(), "ip-blocklisted", id="in words, though it is listed"),
        pytest.param(SPF, spf(PASS), "email-auth-failed", id="SPF passes"),
        pytest.param(REVERSE, iprev(PASS), "reverse-dns", id="reverse DNS matches"),
        pytest.param(HELO, iprev(PASS), "helo-rejected", id="the HELO name resolves"),
        pytest.param(SENDER, mx("mx"), "sender-domain-invalid", id="the domain takes mail"),
        pytest.param(
            SENDER, mx("mx", "reverse-path", None, "no-address"), "sender-domain-invalid", id="at one of two hosts"
        ),
        pytest.param(SENDER, mx("mx", "reverse-path", "cname"), "sender-domain-invalid", id="at an alias"),
    ],
)
def test_contradicted_where_evidence_says_otherwise(reply, evidence, cause):
    found = verdict(reply, evidence)
    assert best(found) == (cause, "contradicted")
    assert len(found.causes[0].because) > 1


@pytest.mark.parametrize(
    "evidence",
    [listed(DnsblStatus.NOT_LISTED), listed(DnsblStatus.BROKEN_ZONE, dead=True, reason="shut down")],
    ids=["not listed", "dead"],
)
def test_what_a_list_is_wrong_about_is_the_recipients_postmasters_to_mend(evidence):
    first = verdict(LISTED, evidence).causes[0].remedies[0]
    assert first.actor == "recipient-postmaster"
    assert ZONE in first.action


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [
        (spf(FAIL), "email-auth-failed"),
        (spf(PERM), "email-auth-failed"),
        (listed(tier=1), "ip-blocklisted"),
        (iprev(PERM), "reverse-dns"),
        (mx("nxdomain"), "sender-domain-invalid"),
    ],
    ids=["SPF fails", "SPF is broken", "a list of tier 1", "no reverse DNS", "no such sender domain"],
)
def test_supported_where_evidence_would_explain_what_the_reply_does_not_say(evidence, cause):
    found = verdict(POLICY, evidence)
    assert best(found) == (cause, "supported")
    assert found.causes[0].because[0].kind is not BecauseKind.REPLY


@pytest.mark.parametrize(
    "evidence",
    [
        spf(PASS),
        spf(NONE),
        listed(tier=2),
        listed(DnsblStatus.NOT_LISTED, tier=1),
        listed(tier=1, kind="allow"),
        iprev(TEMP),
    ],
    ids=["SPF passes", "no SPF", "a list that is only scored", "not listed", "an allow list", "temperror"],
)
def test_not_supported_by_what_explains_nothing(evidence):
    assert all(cause.confidence is Confidence.POSSIBLE for cause in verdict(POLICY, evidence).causes)


def test_possible_where_only_the_catalogue_speaks():
    found = verdict(POLICY)
    assert {cause.confidence for cause in found.causes} == {Confidence.POSSIBLE}
    assert 1 <= len(found.causes) <= 4


@pytest.mark.parametrize(
    ("phase", "known"),
    [
        (Phase.GREETING, {"ip-blocklisted", "reverse-dns"}),
        (Phase.EHLO, {"ip-blocklisted", "reverse-dns"}),
        (Phase.MAIL, {"ip-blocklisted", "reverse-dns", "email-auth-failed", "sender-domain-invalid"}),
        (Phase.RCPT, {"ip-blocklisted", "reverse-dns", "email-auth-failed", "sender-domain-invalid"}),
    ],
)
def test_supported_is_limited_to_what_the_server_could_know_then(phase, known):
    evidence = (listed(tier=1), iprev(PERM), spf(FAIL), mx("nxdomain"), dmarc(FAIL))
    found = verdict("554 5.7.1 Access denied", *evidence, phase=phase)
    assert {cause.id for cause in found.causes if cause.confidence is Confidence.SUPPORTED} == known


@pytest.mark.parametrize(("phase", "known"), [(Phase.GREETING, False), (Phase.EHLO, True), (Phase.RCPT, False)])
def test_a_helo_name_that_leads_nowhere_would_explain_a_refused_ehlo(phase, known):
    found = verdict("554 No", iprev(PASS, helo="nxdomain"), phase=phase)
    supported = [cause.id for cause in found.causes if cause.confidence is Confidence.SUPPORTED]
    assert supported == (["helo-rejected"] if known else [])


@pytest.mark.parametrize(
    ("phase", "result"), [(Phase.GREETING, False), (Phase.EHLO, False), (Phase.RCPT, False), (Phase.MESSAGE, True)]
)
def test_what_a_message_shows_is_known_with_the_message(phase, result):
    reply = "550 5.7.1 Unauthenticated mail is not accepted"
    found = [each for each in verdict(reply, dmarc(FAIL), phase=phase).causes if each.id == "email-auth-failed"]
    assert any(each.confidence is Confidence.CONFIRMED for each in found) is result


@pytest.mark.parametrize(
    ("reply", "phase", "first"),
    [
        ("550 No", Phase.EHLO, "helo-rejected"),
        ("550 5.7.1 Rejected by policy", Phase.EHLO, "helo-rejected"),
        (LISTED, Phase.EHLO, "ip-blocklisted"),
        (HELO, Phase.RCPT, "helo-rejected"),
        (POLICY, Phase.RCPT, "ip-blocklisted"),
    ],
)
def test_an_assumed_helo_name_is_weighed_first_where_it_is_refused(reply, phase, first):
    found = verdict(reply, listed(tier=1), phase=phase, envelope=ASSUMED_HELO)
    assert found.causes[0].id == first
    assert any(each.needs == "helo" for each in found.causes[0].because) is (first == "helo-rejected")


def test_a_listed_domain_is_known_from_mail_on():
    evidence = listed(tier=1, subject="example.org")
    at = {phase: {c.id for c in verdict("554 Denied", evidence, phase=phase).causes if c.confidence == "supported"}
          for phase in (Phase.GREETING, Phase.RCPT)}  # fmt: skip
    assert at == {Phase.GREETING: set(), Phase.RCPT: {"domain-blocklisted"}}


EVERYTHING = (listed(tier=1), iprev(PERM), spf(FAIL), mx("nxdomain"), dmarc(FAIL))


@pytest.mark.parametrize(
    "reply",
    ["535 5.7.8 Error: authentication failed", "535 Incorrect authentication data", "534 5.7.9 too weak", "535"],
)
def test_dns_is_no_cause_of_a_refused_login(reply):
    found = verdict(reply, *EVERYTHING, phase=Phase.AUTH)
    assert all(cause.confidence in (Confidence.STATED, Confidence.POSSIBLE) for cause in found.causes)
    assert not {cause.id for cause in found.causes} & {"ip-blocklisted", "email-auth-failed", "reverse-dns"}


@pytest.mark.parametrize("phase", [Phase.AUTH, Phase.MAIL])
@pytest.mark.parametrize("reply", ["535 5.7.23 no", "535 5.7.25 no", "535 5.7.7 no", "535 5.7.1 no", "535 SPF fails"])
def test_dns_is_no_cause_of_a_535_that_names_no_address(reply, phase):
    found = verdict(reply, *EVERYTHING, phase=phase)
    assert found.causes
    assert not {cause.id for cause in found.causes} & {"ip-blocklisted", "email-auth-failed", "reverse-dns"}


def test_a_refused_login_that_names_a_list_may_be_confirmed():
    reply = f"535 5.7.0 Authentication refused; Client host [{IP}] blocked using {ZONE}"
    assert best(verdict(reply, listed(), phase=Phase.AUTH)) == ("ip-blocklisted", "confirmed")
    assert best(verdict(reply, phase=Phase.AUTH)) == ("ip-blocklisted", "stated")


@pytest.mark.parametrize(
    ("phase", "result", "source", "confidence"),
    [
        (Phase.MESSAGE, FAIL, "message", "confirmed"),
        (Phase.MESSAGE, PASS, "message", "contradicted"),
        (Phase.RCPT, TEMP, "message", "stated"),
        (Phase.MESSAGE, AuthResult.UNKNOWN, "message", "stated"),
        (Phase.MESSAGE, AuthResult.UNKNOWN, "reverse-path", "stated"),
    ],
)
def test_dmarc_is_judged_by_the_message(phase, result, source, confidence):
    assert best(verdict(DMARC, dmarc(result, source), phase=phase)) == ("email-auth-failed", confidence)


@pytest.mark.parametrize("result", [PASS, FAIL])
def test_a_record_alone_confirms_no_dmarc_failure(result):
    assert best(verdict(DMARC, dmarc(result, "reverse-path"))) == ("email-auth-failed", "stated")


@pytest.mark.parametrize(
    ("generic", "confidence"), [(True, "confirmed"), (False, "stated")], ids=["the name looks so", "it does not"]
)
def test_a_generic_reverse_name_is_a_policy_of_theirs(generic, confidence):
    reply = "550 5.7.25 Client host rejected: generic reverse DNS name"
    assert best(verdict(reply, iprev(PASS, generic=generic))) == ("reverse-dns", confidence)


@pytest.mark.parametrize(("over_tls", "confidence"), [(False, "confirmed"), (True, "contradicted")])
def test_the_transcript_proves_whether_tls_was_used(over_tls, confidence):
    found = verdict("530 5.7.0 Must issue a STARTTLS command first", phase=Phase.MAIL, over_tls=over_tls)
    assert best(found) == ("tls-required", confidence)


def test_a_greeting_about_the_host_is_not_weighed_by_the_paths_domains():
    found = verdict("521 mx.example.com does not accept mail", mx("mx", "forward-path"), phase=Phase.GREETING)
    assert best(found) == ("domain-undeliverable", "stated")


def test_the_reply_comes_before_what_evidence_adds():
    found = verdict(LISTED, listed(DnsblStatus.NOT_LISTED), spf(FAIL))
    assert [(cause.id, cause.confidence) for cause in found.causes] == [
        ("ip-blocklisted", "contradicted"), ("email-auth-failed", "supported")
    ]  # fmt: skip


def test_evidence_comes_before_words_that_say_nothing():
    found = verdict("550 5.7.1 Rejected by policy", spf(FAIL))
    assert [cause.id for cause in found.causes[:2]] == ["email-auth-failed", "policy-rejected"]


def test_every_cause_has_a_reason():
    for reply in (LISTED, SPF, DMARC, REVERSE, HELO, SENDER, POLICY, "550", "450 x", "421 4.7.0 try later"):
        for evidence in ((), EVERYTHING):
            assert all(cause.because for cause in verdict(reply, *evidence).causes)


def test_what_was_checked_and_is_fine_is_cleared_unless_it_is_blamed():
    evidence = (spf(PASS), iprev(PASS), listed(DnsblStatus.NOT_LISTED))
    assert verdict("550 5.1.1 no such user", *evidence).cleared == (
        "192.31.196.7 is not on the list asked", "SPF passes", "reverse DNS matches"
    )  # fmt: skip
    assert "SPF passes" not in verdict(SPF, *evidence).cleared
    assert "reverse DNS matches" not in verdict(REVERSE, *evidence).cleared


def test_what_could_not_be_checked_is_said():
    runs = (
        Skipped(check="spf", reason="the client IP is unknown", transcript=0),
        Failed(check="iprev", reason="internal error in checks/iprev.py, line 1; please report it", transcript=0),
    )
    found = verdict(POLICY, *runs, listed(DnsblStatus.NO_ANSWER, reason="timeout"))
    assert any(each.subject == "spf" and each.run is not None for each in found.unknown)
    assert any(each.subject == "iprev" for each in found.unknown)
    assert any(each.subject == ZONE for each in found.unknown)


@pytest.mark.parametrize(
    "reply",
    [
        "550 " + "\x00\x1b[2J" * 20,
        "550 " + "[" * 3000,
        "550 " + "blocked using " * 400,
        "559 \x85\u202e",
        "550-5.7.1 a\n550-" + "x." * 800 + "\n550 5.7.1 <" + "@" * 500 + ">",
        "550",
    ],
    ids=["controls", "brackets", "repeated", "direction", "long lines", "code only"],
)
def test_hostile_words_are_weighed_without_harm(reply):
    assert verdict(reply, *EVERYTHING).summary


@pytest.mark.parametrize(
    ("reply", "phase", "kinds"),
    [
        ("550 No", Phase.EHLO, ["catalogue", "assumption"]),
        ("502 No", Phase.EHLO, ["assumption"]),
        ("550 No", Phase.RCPT, None),
        (HELO, Phase.EHLO, ["reply", "assumption"]),
        (HELO, Phase.RCPT, ["reply", "stage", "assumption"]),
        (LISTED, Phase.EHLO, None),
    ],
)
def test_an_assumed_helo_name_is_a_reason_of_its_own(reply, phase, kinds):
    found = verdict(reply, phase=phase, envelope=ASSUMED_HELO).causes
    reasons = {each.id: each.because for each in found}.get("helo-rejected")
    assert (reasons and [each.kind for each in reasons]) == kinds
    if reasons:
        assert (reasons[-1].text, reasons[-1].needs) == ("the HELO name client.example.org was assumed", "helo")


def test_an_assumed_helo_name_stays_in_its_place_where_another_fault_is_named():
    found = verdict("550 5.7.1 Rejected by policy", iprev(PASS, helo="nxdomain"), listed(tier=1), phase=Phase.EHLO)
    assumed = verdict(
        "550 5.7.1 Rejected by policy",
        iprev(PASS, helo="nxdomain"),
        listed(tier=1),
        phase=Phase.EHLO,
        envelope=ASSUMED_HELO,
    )
    assert [each.id for each in found.causes][:2] == ["ip-blocklisted", "helo-rejected"]
    assert [each.id for each in assumed.causes] == [
        "helo-rejected", *(each.id for each in found.causes if each.id != "helo-rejected")
    ]  # fmt: skip
    specific = verdict(LISTED, iprev(PASS, helo="nxdomain"), listed(), phase=Phase.EHLO, envelope=ASSUMED_HELO)
    assert [each.id for each in specific.causes] == ["ip-blocklisted", "helo-rejected"]
    assert BecauseKind.ASSUMPTION in {each.kind for each in specific.causes[1].because}


@pytest.mark.parametrize(
    ("reply", "evidence", "order"),
    [
        (
            LISTED,
            (listed(), spf(FAIL), iprev(PERM)),
            [("ip-blocklisted", "confirmed"), ("reverse-dns", "supported"), ("email-auth-failed", "supported")],
        ),
        (
            "550 5.7.1 Rejected by policy",
            (spf(FAIL),),
            [("email-auth-failed", "supported"), ("policy-rejected", "stated")],
        ),
        (POLICY, (spf(FAIL),), [("email-auth-failed", "supported"), ("policy-rejected", "possible")]),
    ],
)
def test_causes_are_in_the_order_of_confidence(reply, evidence, order):
    found = [(each.id, each.confidence.value) for each in verdict(reply, *evidence).causes]
    assert found[: len(order)] == order
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("evidence", "confidence"),
    [(listed(tier=1), "supported"), (listed(DnsblStatus.NOT_LISTED, tier=1), "possible"), (None, "possible")],
)
def test_a_cause_that_is_only_usual_is_supported_by_evidence(evidence, confidence):
    found = verdict("554 x", *(() if evidence is None else (evidence,)), phase=Phase.GREETING)
    (cause,) = [each for each in found.causes if each.id == "ip-blocklisted"]
    assert cause.confidence == confidence
    assert [each.kind for each in cause.because] == [
        BecauseKind.EVIDENCE if confidence == "supported" else BecauseKind.CATALOGUE
    ]


@pytest.mark.parametrize(
    ("reply", "evidence", "confidence", "kind", "text"),
    [
        (
            "550 5.4.1 x",
            mx("nxdomain", "forward-path"),
            "supported",
            BecauseKind.EVIDENCE,
            "example.com does not exist in DNS",
        ),
        (
            "550 5.4.1 x",
            mx("mx", "forward-path"),
            "possible",
            BecauseKind.EVIDENCE,
            "example.com accepts mail at mx0.example.com",
        ),
        (
            "550 5.4.1 x",
            mx("nxdomain"),
            "possible",
            BecauseKind.CATALOGUE,
            "usual for 550 at RCPT; nothing here shows it",
        ),
        ("530 x", spf(PASS), "supported", BecauseKind.EVIDENCE, "nobody had logged in on this session"),
    ],
)
def test_evidence_about_the_usual_cause_of_a_code_makes_it_no_more_than_supported(
    reply, evidence, confidence, kind, text
):
    best = verdict(reply, spf(PASS), evidence).causes[0]
    (why,) = [each for each in best.because if each.kind is not BecauseKind.STAGE]
    assert (best.confidence, why.kind, why.text) == (confidence, kind, text)
    assert best.checks == why.refs == ((1,) if text.startswith("example.com") else ())


def test_an_assumed_helo_name_that_nothing_speaks_of_is_possible():
    first, *_ = verdict("502 No", phase=Phase.EHLO, envelope=ASSUMED_HELO).causes
    assert best(verdict("502 No", phase=Phase.EHLO, envelope=ASSUMED_HELO)) == ("helo-rejected", "possible")
    assert first.checks == ()


@pytest.mark.parametrize("phase", REFUSED_AT)
@pytest.mark.parametrize("code", [400, 421, 450, 499, 500, 550, 599])
def test_a_refusal_has_a_cause_whatever_its_code(code, phase):
    against = (listed(DnsblStatus.NOT_LISTED), iprev(PASS), spf(PASS), mx("mx"), mx("mx", "forward-path"))
    found = verdict(f"{code} x", *against, phase=phase)
    assert found.causes
    assert found.summary


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("220-mx.example.com\n550 5.1.1 no such user", "recipient-unknown"),
        ("250-2.1.5 Ok\n452 4.2.2 mailbox full", "mailbox-full"),
        ("550-5.1.1 see below\n452 4.2.2 mailbox full", "mailbox-full"),
    ],
)
def test_of_lines_with_different_codes_the_last_decides(reply, cause):
    assert best(verdict(reply)) == (cause, "stated")


AT_MAIL = [("policy-rejected", "possible"), ("sender-blocked", "possible"), ("protocol-error", "possible")]
AT_AUTH = [("auth-failed", "possible"), ("auth-method-blocked", "possible")]


@pytest.mark.parametrize(
    ("reply", "phase", "causes"),
    [
        ("535 5.7.23 no", Phase.AUTH, AT_AUTH),
        ("535 5.7.23 no", Phase.MAIL, AT_MAIL),
        ("535 SPF fails", Phase.AUTH, AT_AUTH),
        ("535 5.7.7 no", Phase.MAIL, AT_MAIL),
        ("535 5.7.1 no", Phase.AUTH, [*AT_AUTH, ("policy-rejected", "possible")]),
        ("535 5.7.8 Error: authentication failed", Phase.AUTH, [("auth-failed", "stated")]),
        ("535 5.7.1 rejected by policy", Phase.MAIL, [("policy-rejected", "stated")]),
        (f"535 5.7.25 reverse DNS of {IP} does not match", Phase.AUTH, [("reverse-dns", "stated")]),
        (f"535 blocked using {ZONE}", Phase.AUTH, [("ip-blocklisted", "stated")]),
    ],
)
def test_a_535_has_the_causes_of_its_phase_without_those_of_dns(reply, phase, causes):
    assert [(each.id, each.confidence.value) for each in verdict(reply, phase=phase).causes] == causes
