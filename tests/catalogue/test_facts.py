"""The vocabulary of remedies' conditions: closed, used, and every placeholder backed by a condition."""

from __future__ import annotations

import re

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.told import told
from smtpprobe.catalogue.facts import FACTS

ENTRIES = [(cause, remedy) for cause, entry in causes().items() for remedy in entry.remedies]
ADVICE = [each for entry in causes().values() for each in (*entry.remedies, *entry.retry_if)]
CONDITIONS = {name for each in ADVICE for name in (*each.needs, *each.without)}
COMMON = {name for each in load.table("causes")["common"] for name in each["needs"]}


def test_conditions_are_of_the_vocabulary_and_the_vocabulary_is_used():
    assert (CONDITIONS | COMMON) - FACTS.keys() == set()
    # The check that a reply names orders the remedies.
    assert FACTS.keys() - CONDITIONS - COMMON - {"closed", "check_named"} == set()
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", name) and meaning.strip() for name, meaning in FACTS.items())


def test_what_a_remedy_names_it_needs():
    for cause, remedy in ENTRIES:
        text = f"{remedy.action} {remedy.verify or ''} {remedy.paste or ''}"
        named = set(re.findall(r"\{([^}]*)\}", text))
        assert named <= {*remedy.needs}, (cause, remedy.action)
        assert not {*remedy.needs} & {*remedy.without}, (cause, remedy.action)


def test_no_cause_says_a_thing_twice():
    for cause, entry in causes().items():
        said = [(remedy.action, remedy.needs, remedy.without) for remedy in entry.remedies]
        assert len(said) == len({*said}), cause


def test_what_is_pasted_is_a_record_or_a_command():
    pasted = {remedy.paste for _, remedy in ENTRIES if remedy.paste}
    assert pasted == {
        "{spf_record}", "{ptr_record}", "{ptr_address_record}", "{helo_record}", "smtpprobe dnsbl {ip}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "facts"),
    [
        ("551 5.1.6 User not local; please try <bob@example.net>", {"new_address": "bob@example.net"}),
        ("550 5.1.1 <bob@example.com>: mailbox moved to carol@example.org.", {"new_address": "carol@example.org"}),
        ("550 5.1.1 <bob@example.com>: no such user", {}),
        ("550 Sender verify failed", {"call_back": "yes"}),
        ("451 4.4.2 Timeout - closing connection.", {"idle": "yes"}),
        ("421 4.4.2 mx.example.com Error: timeout exceeded", {"idle": "yes"}),
        ("554 5.7.1 Client host rejected: no mail service here", {"serves_nobody": "yes"}),
        ("521 mx.example.com does not accept mail", {"serves_nobody": "yes"}),
        ("554 No SMTP service here", {"serves_nobody": "yes"}),
        ("550 5.6.11 bare LF is not allowed", {"bare_lf": "yes"}),
        ("554 SMTP synchronization error", {"too_early": "yes"}),
        ("555 5.5.4 Unsupported option: SIZE", {"parameter_refused": "yes"}),
        ("501 5.5.2 Cannot Decode response", {"not_decoded": "yes"}),
        ("421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade your client to TLS 1.2.", {"old_tls": "yes"}),
        (
            "550 5.7.1 You must use our submission server on port 587",
            {"submission_named": "yes", "submission_port": "587"},
        ),
        (
            "550 Connect to our mail server mail.example.com, TCP port 465",
            {"submission_named": "yes", "submission_port": "465"},
        ),
        ("550 Send your mail through your company's smarthost", {"submission_named": "yes"}),
        ("530 5.7.0 Authentication required on port 587", {}),
        ("535 5.7.8 Error: authentication failed: (reason unavailable)", {"reason_unavailable": "yes"}),
        ("554 192.0.2.7 is on our local blacklist", {"own_list": "yes", "list_unnamed": "yes"}),
        ("554 192.0.2.7 is in this server's ban table", {"own_list": "yes", "list_unnamed": "yes"}),
        ("554 192.0.2.7 is blacklisted", {"list_unnamed": "yes"}),
        ("554 192.0.2.7 is on our list at bl.example.net, blocked using bl.example.net", {}),
        ("550 5.7.1 your network 192.0.2.0/24 is listed", {"network_listed": "yes", "list_unnamed": "yes"}),
        ("535 5.7.8 XOAUTH2 token rejected", {"token": "yes"}),
        ("550 5.1.1 no such user here", {}),
    ],
)
def test_a_reply_tells_facts_of_its_own(reply, facts):
    assert told(reply, explain(reply)) == facts
