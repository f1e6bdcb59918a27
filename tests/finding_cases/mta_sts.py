"""Rows of the MTA-STS check: a session with mx.example.com, the mail host of example.com."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from smtpprobe.model.transcript import TlsFault, Transcript
from tests.checks.tls.sessions import HOP, IN_CLEAR, REFUSED, failing, over_tls
from tests.finding_cases.row import Given, Row

MX = "example.com. MX 10 mx.example.com.\n"
RECORD = '_mta-sts.example.com. TXT "v=STSv1; id=1;"\n'
ENFORCE = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n"
ELSEWHERE = ENFORCE.replace("mx.", "h.")
FINE, UNVERIFIED = over_tls(), over_tls(problems=("the certificate is self-signed",))


def served(policy: str = ENFORCE, transcript: Transcript = FINE, record: str = RECORD) -> Given:
    return Given(MX + record, transcript=transcript, next_hop=HOP, policies={"example.com": policy})


FETCHED, NOT_FETCHED = served(), replace(served(), policies={})

ROWS = (
    Row("mta-sts-missing", served(record=""), served()),
    Row("mta-sts-record-invalid", served(record=RECORD.replace("STSv1;", "STSv1")), served()),
    Row("mta-sts-record-invalid", served(record=RECORD * 2 + RECORD.replace("id=1", "id=2")), served(record=RECORD * 2)),
    Row("mta-sts-record-invalid", served(record=RECORD.replace("id=1", "id=" + "1" * 33)),
        served(record=RECORD.replace("id=1", "id=" + "1" * 32))),
    Row("mta-sts-policy-unreachable", NOT_FETCHED, FETCHED),
    Row("mta-sts-policy-invalid", served(ENFORCE.replace("max_age: 604800\n", "")), served()),
    Row(
        "mta-sts-policy-invalid",
        served(ENFORCE.replace("mx: mx.example.com\n", "")),
        served(ENFORCE.replace("mx: mx.example.com\n", "").replace("enforce", "none")),
    ),
    Row(
        "mta-sts-mx-not-listed",
        served(ENFORCE.replace("mx: mx.example.com", "mx: *.mx.example.com")),
        served(ENFORCE.replace("mx: mx.example.com", "mx: *.example.com")),
    ),
    Row("mta-sts-mx-not-listed", served(ELSEWHERE), served(ELSEWHERE.replace("enforce", "none"))),
    Row("mta-sts-certificate", served(transcript=UNVERIFIED), served(transcript=FINE)),
    Row("mta-sts-certificate", served(transcript=UNVERIFIED), served(ENFORCE.replace("enforce", "none"), UNVERIFIED)),
    Row(
        "mta-sts-certificate",
        served(transcript=failing(TlsFault.UNTRUSTED_ISSUER)),
        served(transcript=failing(TlsFault.NO_SHARED_CIPHER)),
        ("mta-sts-tls-required",),
    ),
    Row(
        "mta-sts-certificate",
        served(transcript=UNVERIFIED),
        replace(served(transcript=UNVERIFIED), next_hop=msgspec.structs.replace(HOP, host="relay.example.org")),
    ),
    Row("mta-sts-tls-required", served(transcript=IN_CLEAR), served(transcript=FINE)),
    Row("mta-sts-tls-required", served(transcript=REFUSED), served(ENFORCE.replace("enforce", "none"), REFUSED)),
    Row("mta-sts-media-type", replace(FETCHED, media_type="text/html"), replace(FETCHED, media_type="text/plain")),
    Row("mta-sts-max-age-short", served(ENFORCE.replace("604800", "86399")), served(ENFORCE.replace("604800", "86400"))),
    Row(
        "mta-sts-max-age-long",
        served(ENFORCE.replace("604800", "31557601")),
        served(ENFORCE.replace("604800", "31557600")),
    ),
    Row(
        "mta-sts-temperror",
        served(record=";! SERVFAIL _mta-sts.example.com TXT\n"),
        served(record=";! NXDOMAIN _mta-sts.example.com TXT\n"),
        ("mta-sts-missing",),
    ),
)  # fmt: skip
