"""Which checks could bear on a refusal: by its stage, and by what its words are about."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.checks.registry import checks
from smtpprobe.model.report import Completed
from smtpprobe.model.transcript import Phase
from tests.diagnosis.evidence import verdict

RUNS = tuple(Completed(check=check.name, evidence=None, transcript=0) for check in checks())
ADDRESS = ("dnsbl", "iprev")
MESSAGE = ("dnsbl", "spf", "dkim", "dmarc", "iprev", "mx")
LOGIN = ("starttls", "auth")


@pytest.mark.parametrize(
    ("reply", "phase", "checks"),
    [
        ("554 5.7.1 Service refused", Phase.GREETING, ADDRESS),
        ("554 5.7.1 no mail service here", Phase.GREETING, ()),
        ("554 5.7.1 go away", Phase.EHLO, ("dnsbl", "spf", "iprev")),
        ("550 5.7.1 go away", Phase.MAIL, ("dnsbl", "spf", "iprev", "mx")),
        ("550 5.7.1 go away", Phase.RCPT, MESSAGE),
        ("550 5.7.23 SPF fail", Phase.RCPT, MESSAGE),
        ("554 5.7.1 blocked using zen.example", Phase.RCPT, MESSAGE),
        ("550 5.1.1 user unknown", Phase.RCPT, ()),
        ("452 4.2.2 mailbox full", Phase.RCPT, ()),
        ("554 5.7.1 Relay access denied", Phase.RCPT, ("mx",)),
        ("530 5.7.0 Authentication required", Phase.MAIL, LOGIN),
        ("535 5.7.8 authentication failed", Phase.AUTH, LOGIN),
        ("554 5.7.1 go away", Phase.AUTH, ()),
        ("530 5.7.0 Must issue a STARTTLS command first", Phase.MAIL, ("starttls",)),
    ],
)
def test_which_checks_could_bear_on_it(reply: str, phase: Phase, checks: tuple[str, ...]) -> None:
    found = verdict(reply, *RUNS, phase=phase)
    assert tuple(RUNS[index].check for index in found.relevant) == checks


def test_what_checks_speak_to_are_causes_that_there_are() -> None:
    assert {cause for check in checks() for cause in check.bears_on.causes} <= set(causes())


def test_a_check_that_says_nothing_of_what_it_bears_on_bears_on_nothing() -> None:
    unheard_of = Completed(check="unheard-of", evidence=None, transcript=0)
    found = verdict("550 5.7.1 go away", unheard_of, RUNS[0])
    assert 0 not in found.relevant
