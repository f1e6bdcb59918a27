"""Evidence that tells nothing is known as such, whichever check it is of."""

from __future__ import annotations

import pytest

from smtpprobe.model.evidence import DnsblEvidence, Evidence, SessionEvidence, TlsrptEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.inconclusive import is_inconclusive, lacks_input, leaves_open
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import dkim, dmarc, iprev, mx, spf
from tests.render.reports import zone


@pytest.mark.parametrize(
    ("evidence", "inconclusive"),
    [
        (spf(AuthResult.TEMPERROR), True),
        (spf(AuthResult.PERMERROR), False),
        (dmarc(AuthResult.TEMPERROR), True),
        (dmarc(AuthResult.FAIL), False),
        (iprev(AuthResult.TEMPERROR), True),
        (iprev(AuthResult.PASS), False),
        (dkim(AuthResult.PASS, AuthResult.TEMPERROR), True),
        (dkim(AuthResult.PASS, AuthResult.FAIL), False),
        (mx("temperror"), True),
        (mx("nxdomain"), False),
        (DnsblEvidence((zone("a.example", DnsblStatus.NO_ANSWER),), ()), True),
        (
            DnsblEvidence((zone("a.example", DnsblStatus.NO_ANSWER), zone("b.example", DnsblStatus.NOT_LISTED)), ()),
            False,
        ),
        (DnsblEvidence((zone("a.example", DnsblStatus.UNPROVED), zone("b.example", DnsblStatus.LISTED)), ()), False),
        (DnsblEvidence((zone("a.example", DnsblStatus.WRONG_KIND), zone("b.example", DnsblStatus.LISTED)), ()), False),
        # A type of which only the status says so.
        (TlsrptEvidence(domain="example.com", status="temperror", lookups=()), True),
        (TlsrptEvidence(domain="example.com", status="none", lookups=()), False),
        (SessionEvidence((), {}), False),
    ],
)
def test_what_tells_nothing(evidence: Evidence, inconclusive: bool) -> None:
    assert is_inconclusive(evidence) is inconclusive


@pytest.mark.parametrize("result", list(AuthResult))
def test_dmarc_that_hangs_on_what_was_not_given_is_open_and_no_fault_of_dns(result: AuthResult) -> None:
    evidence = dmarc(result)
    assert lacks_input(evidence) is (result is AuthResult.UNKNOWN)
    assert is_inconclusive(evidence) is (result is AuthResult.TEMPERROR)
    assert leaves_open(evidence) is (result in (AuthResult.UNKNOWN, AuthResult.TEMPERROR))


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        (DnsblStatus.NOT_LISTED, False),
        (DnsblStatus.WRONG_KIND, False),
        (DnsblStatus.UNPROVED, True),
        (DnsblStatus.BROKEN_ZONE, True),
        (DnsblStatus.NO_ANSWER, True),
        (DnsblStatus.QUERY_REFUSED, True),
    ],
)
def test_a_list_that_proves_nothing_leaves_the_question_open(status: DnsblStatus, is_open: bool) -> None:
    evidence = DnsblEvidence((zone("a.example", status), zone("b.example", DnsblStatus.NOT_LISTED)), ())
    assert leaves_open(evidence) is is_open
    assert not is_inconclusive(evidence)
