"""What a verdict advises: the values that remedies name, those for a recipient's fault, and which are left out."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import SpfIdentities
from smtpprobe.model.remedy import Actor
from smtpprobe.model.request import Assumed
from smtpprobe.model.transcript import Phase
from tests.diagnosis.assess.test_confidence import FAIL, HELO, LISTED, PASS, PERM, SENDER, SPF
from tests.diagnosis.evidence import ENVELOPE, IP, ZONE, listed, spf, verdict

SPF_ALONE = "550 5.7.1 SPF fails"
NO_PTR = "550 5.7.25 Client host rejected: cannot find your hostname"
ADD = "If {ip} is meant to send for {domain}: add it"
OTHERWISE = "If it is not: send through a host that the SPF record of {domain} permits"
SIGN = "Sign outgoing mail with DKIM"
ALIGN = "For DMARC make one of the two aligned"


def broken(*, helo: bool):
    """SPF evidence whose record cannot be evaluated, of either identity."""
    evidence = spf(PASS, PERM) if helo else spf(PERM, PASS)
    own, mailfrom = evidence.identities.helo, evidence.identities.mailfrom
    if helo:
        own = msgspec.structs.replace(own, problem="two records")
    else:
        mailfrom = msgspec.structs.replace(mailfrom, problem="two records")
    return msgspec.structs.replace(evidence, identities=SpfIdentities(own, mailfrom))


@pytest.mark.parametrize(
    ("reply", "phase", "beginning"),
    [
        (NO_PTR, Phase.RCPT, f"Set the PTR record of {IP} to"),
        (f"{NO_PTR}, [192.31.196.9]", Phase.RCPT, "Set the PTR record of 192.31.196.9 to"),
        (HELO, Phase.RCPT, "Replace the HELO name client.example.org with"),
        ("550 5.1.1 no such user", Phase.RCPT, "Compare bob@example.com letter by letter"),
        ("550 5.1.1 <carol@example.com>: no such user", Phase.RCPT, "Compare carol@example.com letter by letter"),
        (SENDER, Phase.RCPT, "Publish an MX record (or at least an address record) for example.org,"),
        ("534 5.7.9 Mechanism CRAM-MD5 is too weak", Phase.AUTH, "Use another mechanism than CRAM-MD5:"),
        ("450 4.7.1 Greylisted, try again in 119 seconds", Phase.RCPT, "Wait 119 seconds and try again"),
        ("450 4.7.1 Greylisted, try again in 120 seconds", Phase.RCPT, "Wait 2 minutes and try again"),
        ("450 4.7.1 Greylisted, try again in 280 seconds", Phase.RCPT, "Wait 5 minutes and try again"),
        ("450 4.7.1 Greylisted, try again in 10800 seconds", Phase.RCPT, "Wait 180 minutes and try again"),
        ("450 4.7.1 Greylisted, try again in 0 seconds", Phase.RCPT, "Wait a few minutes and try again"),
        ("450 4.7.1 Greylisted", Phase.RCPT, "Wait a few minutes and try again"),
        (
            "554 5.7.1 Service unavailable; Sender address [alice@example.net] blocked using dbl.example",
            Phase.RCPT,
            "Look example.net up at dbl.example;",
        ),
    ],
)
def test_a_remedy_names_what_is_known(reply, phase, beginning):
    assert verdict(reply, phase=phase).causes[0].remedies[0].action.startswith(beginning)


def test_a_remedy_names_the_url_of_the_reply():
    actions = [each.action for each in verdict(f"{LISTED}; https://lists.example/q").causes[0].remedies]
    assert any(each.endswith("before asking for removal: https://lists.example/q") for each in actions)
    assert actions[0].startswith(f"Make sure that {IP} is the address")


def test_what_is_not_known_is_not_named():
    remedies = verdict(NO_PTR, client_ip=None).causes[0].remedies
    assert remedies[0].action.startswith("Set the PTR record of the sending IP address to")
    nobody = msgspec.structs.replace(ENVELOPE, reverse_path=Assumed(""), forward_paths=())
    assert (
        verdict("550 5.1.1 no such user", envelope=nobody)
        .causes[0]
        .remedies[0]
        .action.startswith("Check the recipient")
    )
    actions = [each.action for each in verdict("550 5.1.8 Sender address rejected: Domain not found", envelope=nobody)
               .causes[0].remedies]  # fmt: skip
    assert not any(each.startswith("Publish an MX record") for each in actions)


@pytest.mark.parametrize(
    ("reply", "evidence", "beginnings"),
    [
        (SPF, spf(FAIL), (ADD, OTHERWISE)),
        (SPF_ALONE, spf(FAIL), (ADD, OTHERWISE)),
        (SPF_ALONE.replace("5.7.1", "5.7.24"), spf(FAIL), (ADD, OTHERWISE)),
        (SPF, spf(PASS), ("Find out which address the server saw", "Look up in the server's log which address")),
        (
            SPF,
            spf(PASS, FAIL),
            ("Use this host's own name as the HELO name", ADD.replace("{domain}", "client.example.org")),
        ),
        (SPF, broken(helo=False), ("Correct the SPF record of example.org: until",)),
        (SPF, broken(helo=True), ("Correct the SPF record of client.example.org: until",)),
        (SPF_ALONE, None, ("If {ip} is meant to send for {domain}: add it to its SPF record",)),
        ("550 5.7.1 Unauthenticated mail", None, ("If {ip} is meant to send", SIGN, ALIGN)),
    ],
)
def test_what_is_advised_about_spf_goes_by_what_fails(reply, evidence, beginnings):
    found = verdict(reply, *(() if evidence is None else (evidence,))).causes[0].remedies
    wanted = [each.format(ip=IP, domain="example.org") for each in beginnings]
    assert [each.action[: len(text)] for each, text in zip(found, wanted, strict=True)] == wanted


@pytest.mark.parametrize(
    ("reply", "evidence", "statement", "mend"),
    [
        (
            LISTED,
            listed(DnsblStatus.NOT_LISTED),
            f"Not your fault: {ZONE} does not list {IP}, looked up just now",
            f"Check the server's cache and resolver: {IP} is not in {ZONE} now.",
        ),
        (
            LISTED,
            listed(DnsblStatus.BROKEN_ZONE, reason="lists everything", codes=("127.0.0.2",)),
            f"Not your fault: {IP} is not listed; {ZONE} lists everything",
            f"Take {ZONE} out of the server's configuration",
        ),
        (
            LISTED,
            listed(DnsblStatus.BROKEN_ZONE, reason="shut down", dead=True),
            f"Not your fault: {IP} is not listed; {ZONE} was shut down",
            f"Take {ZONE} out of the server's configuration",
        ),
        (
            f"{LISTED}; 127.255.255.254",
            listed(),
            f"Not your fault: {ZONE} refuses the server's questions, and the server takes that for a listing",
            f"Correct the server's lookup of {ZONE}",
        ),
        (
            "554 5.7.1 Service unavailable; Sender address [alice@example.org] blocked using dbl.example",
            listed(DnsblStatus.NOT_LISTED, zone="dbl.example", subject="example.org"),
            "Not your fault: dbl.example does not list example.org, looked up just now",
            "Check the server's cache and resolver: example.org is not in dbl.example now.",
        ),
    ],
)
def test_a_fault_of_the_recipients_server_is_its_postmasters(reply, evidence, statement, mend):
    best = verdict(reply, evidence).causes[0]
    first, tell = best.remedies
    assert best.statement == statement
    assert (first.actor, tell.actor) == (Actor.RECIPIENT_POSTMASTER, Actor.YOU)
    assert first.action.startswith(mend)
    assert tell.action.startswith("Tell their postmaster, through another provider")
    assert best.retry.startswith(("Once their postmaster", "In a few hours"))


def test_a_helo_name_that_spf_refuses_is_not_the_senders_domain_of_another_refusal():
    remedy = verdict(SENDER, spf(PASS, FAIL)).causes[0].remedies[0]
    assert remedy.action.startswith("Publish an MX record (or at least an address record) for example.org,")
