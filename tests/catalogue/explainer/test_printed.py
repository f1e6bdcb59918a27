"""What is printed of a reply belongs to its cause: meaning, steps, whose work they are, and when to try again."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.reading import Basis, Sureness
from smtpprobe.catalogue.explainer.train import Labelled, every_reply
from smtpprobe.catalogue.load import table
from smtpprobe.model.remedy import Actor
from smtpprobe.model.transcript import Phase
from smtpprobe.render.explanation_item import Explained, explained, item

OWN = every_reply()[::3]


def of(row: Labelled) -> Explained:
    return explained(row.reply, row.phase, row.provider)


def test_the_meaning_of_our_own_replies_is_their_causes() -> None:
    """The codes' words stand alone only where nothing else tells, and never for a cause that they do not speak of."""
    for row in OWN:
        told = of(row)
        if told.cause is None:
            assert told.meaning == told.entry.meaning, row
        elif told.meaning != told.cause.definition:
            assert told.explanation.confidence is Sureness.GUESS, row
            assert told.meaning == told.entry.meaning, row
            assert told.explanation.cause in told.entry.about, row
        assert not told.beside or told.explanation.cause in told.entry.about, row


def test_a_cause_that_the_words_state_is_never_told_by_the_bare_code() -> None:
    bare = [
        row.reply
        for row in OWN
        if (told := of(row)).explanation.basis in (Basis.TEXT, Basis.TAG)
        and told.explanation.stated_by_reply
        and told.cause is not None
        and not item(row.reply, told.explanation.phase, row.provider)["meaning"].startswith(told.cause.definition)
    ]
    assert bare == []


def test_retry_and_steps_are_the_causes_unless_the_codes_speak_of_it() -> None:
    for row in OWN:
        told = of(row)
        if told.cause is None or told.explanation.cause in told.entry.about:
            continue
        retries = {told.cause.retry, told.cause.retry_transient, *(each.retry for each in told.cause.retry_if)}
        waits = any("{wait}" in each.retry for each in told.cause.retry_if)
        assert told.retry in retries or waits, row
        assert not {each.action for each in told.remedies} & set(told.entry.fix), row


@pytest.mark.parametrize(
    ("reply", "cause", "not_said"),
    [
        ("552 5.2.0 Our scanner takes this for spam", "spam-content", ("larger", "size", "room")),
        ("454 Too fast: more than 20 messages in a second", "rate-limited", ("TLS", "relay", "login")),
        ("552 Virus found in the attachment", "malware-or-attachment", ("larger", "room", "quota")),
        ("550 5.1.1 Sending address 192.0.2.7 is on the list bl.example.net", "ip-blocklisted", ("mailbox", "typing")),
        ("451 4.3.0 Come back in ten minutes, greylisted", "greylisted", ("database", "disk")),
    ],
)
def test_no_word_of_another_cause(reply: str, cause: str, not_said: tuple[str, ...]) -> None:
    told = explained(reply)
    assert told.explanation.cause == cause
    said = " ".join((told.meaning, told.beside, *(each.action for each in told.remedies), told.retry))
    assert not [word for word in not_said if word in said]


def test_a_refusal_is_not_described_as_a_success() -> None:
    told = explained("501 5.1.5 Mail to the example domain is not taken")
    assert "accepted for this transaction" not in told.meaning
    assert not any("Nothing to fix" in each.action for each in told.remedies)
    assert "accepted for this transaction" in explained("250 2.1.5 Recipient ok").meaning


def test_the_waiting_time_is_in_the_advice() -> None:
    for reply in ("450 4.7.1 Greylisted, please come back in 5 minutes", "451 4.7.1 Please retry after 300 seconds"):
        told = explained(reply, Phase.RCPT)
        assert "5 minutes" in told.retry
        assert "5 minutes" in told.remedies[0].action


def test_what_is_about_other_causes_too_is_not_told_beside_a_cause() -> None:
    for row in OWN:
        told = of(row)
        assert not told.beside or told.entry.provider or len(told.entry.about) == 1, row


def test_an_item_has_whose_work_each_step_is() -> None:
    found = item("550 5.7.25 192.0.2.7 has no PTR record", Phase.RCPT)
    assert list(found["fix"]) == [each["action"] for each in found["remedies"]]
    assert {each["actor"] for each in found["remedies"]} >= {Actor.YOUR_IP_OWNER}
    assert found["retry"] == causes()["reverse-dns"].retry
    assert found["code_meaning"]


def test_what_codes_are_about_are_causes() -> None:
    codes, status = table("reply_codes"), table("enhanced_status_codes")
    entries = [
        *codes["code"].values(),
        *codes["phase"].values(),
        *codes["combination"].values(),
        *status["registered"].values(),
        *table("private_status_codes")["private"],
    ]
    assert {cause for each in entries for cause in each.get("about", ())} <= set(causes())
    assert {each["actor"] for each in entries if "actor" in each} <= set(Actor)


RESULTS = "550 5.7.515 Access denied, sending domain example.org does not do enough. Spf= Fail , Dkim= Pass , DMARC= Pass (S1234)"


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ("550 5.7.23 The SPF test came out badly", "SPF record"),
        ("550 5.7.23 Not permitted by the sender's domain", "SPF record"),
        ("550 5.7.1 SPF check of example.org failed for 192.0.2.7", "SPF record"),
        ("550 5.7.20 No DKIM signature that passes", "Sign outgoing mail with DKIM"),
        ("550 5.7.1 DKIM signature of example.org is not valid", "Check that the key which the selector"),
        ("550 5.7.1 Against the DMARC policy of example.org", "For DMARC"),
        (RESULTS, "SPF record of example.org"),
        (RESULTS.replace("Spf= Fail , Dkim= Pass", "Spf= Pass , Dkim= Fail"), "Sign outgoing mail with DKIM"),
        ("550 5.7.26 DMARC fails: SPF=pass, DKIM=fail", "Sign outgoing mail with DKIM"),
    ],
)
def test_the_check_that_the_reply_names_decides_the_first_step(reply: str, word: str) -> None:
    told = explained(reply, Phase.MESSAGE)
    assert told.explanation.cause == "email-auth-failed"
    assert word in told.remedies[0].action


def test_results_in_the_reply_are_captured() -> None:
    assert explained(RESULTS).explanation.captures.results == {"spf": "fail", "dkim": "pass", "dmarc": "pass"}
    assert explained("550 5.1.1 no such user").explanation.captures.results == {}


@pytest.mark.parametrize(
    ("reply", "contact", "address"),
    [
        ("550 5.7.1 Refused. Please contact postmaster@example.net", "postmaster@example.net", None),
        ("550 5.1.1 <jane@example.com> unknown, write to the postmaster at x@example.net", "x@example.net",
         "jane@example.com"),
        ("554 Listed. Forward this error to delist@example.net for help", "delist@example.net", None),
        ("550 no such user; write to mailto:help@example.net", "help@example.net", None),
        ("550 5.1.1 <jane@example.com> unknown", None, "jane@example.com"),
        ("550 jane@example.com has moved", None, "jane@example.com"),
    ],
)  # fmt: skip
def test_whom_to_write_to(reply: str, contact: str | None, address: str | None) -> None:
    told = explained(reply)
    assert (told.explanation.captures.contact, told.explanation.captures.address) == (contact, address)
    assert any(contact in each.action for each in told.remedies) if contact else True


def test_a_page_is_named_once() -> None:
    page = "https://example.net/why"
    for reply in (f"550 5.7.1 Rejected by local policy, see {page}", f"550 5.1.1 No such user, see {page}"):
        steps = [each.action for each in explained(reply).remedies]
        assert sum(page in step for step in steps) == 1


def test_an_account_is_unlocked_where_the_reply_says() -> None:
    told = explained(
        "550 5.4.5 Your account is over its daily sending quota, see https://example.net/unlock", Phase.MAIL
    )
    assert told.explanation.cause == "sender-account-limited"
    assert "https://example.net/unlock" in told.remedies[0].action
