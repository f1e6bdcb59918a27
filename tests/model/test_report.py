from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from smtpprobe.model import report, transcript
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence import Evidence, dkim, dmarc, dnsbl, iprev, mx, session, spf, tls
from smtpprobe.model.evidence.dnsbl import DnsblEvidence, DnsblStatus, DnsblZone
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentities, SpfIdentity, SpfStep
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.reply import Reply, ReplyDefect
from smtpprobe.model.report import (
    Because,
    BecauseKind,
    Completed,
    Confidence,
    Failed,
    Finding,
    Report,
    Severity,
    Skipped,
)
from smtpprobe.model.request import Assumed, Credentials, Envelope, Protocol, Request, Target, TlsOptions
from smtpprobe.model.saved import load
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Status, TlsFault, Transcript
from smtpprobe.model.words import AuthResult
from smtpprobe.render import json as as_json

NOW = datetime(2026, 3, 2, 12, 30, 0, 250000, tzinfo=UTC)
SPF = SpfEvidence(
    client_ip="192.0.2.1",
    result=AuthResult.FAIL,
    identities=SpfIdentities(
        helo=SpfIdentity(domain="client.example.org", sender=None, result=None),
        mailfrom=SpfIdentity(
            domain="example.org", sender="alice@example.org", result=AuthResult.FAIL, mechanism="-all"
        ),
    ),
    mechanism="-all",
    explanation=None,
    record="v=spf1 include:example.net -all",
    problem=None,
    lookups_used=1,
    void_lookups_used=0,
    trace=(
        SpfStep(
            domain="example.org",
            term="include:example.net",
            children=(SpfStep(domain="example.net", term="all", decided=True),),
        ),
    ),
    lookups=(0,),
)
DNSBL = DnsblEvidence(
    (
        DnsblZone(
            zone="dnsbl.example",
            name="Example",
            kind=ZoneKind.BLOCK,
            tier=1,
            subject="192.0.2.1",
            status=DnsblStatus.LISTED,
            codes=("127.0.0.2",),
        ),
    ),
    (0,),
)
REPLY = Reply(
    code=554,
    enhanced="5.7.1",
    lines=("5.7.1 gr\\xfcn \x1b",),
    raw=b"554 5.7.1 gr\xfcn \x1b\r\n",
    defects=(ReplyDefect.NOT_UTF8,),
)
SAMPLE = Report(
    schema_version=report.SCHEMA_VERSION,
    tool=report.Tool("smtpprobe", "0.1.0"),
    started_at=NOW,
    complete=True,
    target=report.TargetRecord(given="mail.example.com", host="mail.example.com", port=25, protocol=Protocol.ESMTP),
    envelope=Envelope(Assumed("client.example.org", True), Assumed(""), (Assumed("bob@example.com"),)),
    outcome=Outcome(
        status=Status.REFUSED, phase=Phase.RCPT, reply_code=554, enhanced="5.7.1", reason="554 5.7.1 no", exit_code=1
    ),
    transcripts=(
        Transcript(
            address="203.0.113.9",
            port=25,
            started_at=NOW,
            complete=True,
            exchanges=(
                Exchange(
                    index=0,
                    phase=Phase.GREETING,
                    sent=None,
                    reply=REPLY,
                    sent_s=None,
                    first_octet_s=0.25,
                    last_octet_s=0.5,
                ),
                Exchange(index=1, phase=Phase.QUIT, sent="QUIT", breakage=Breakage.CLOSED_BY_PEER, partial=b"\x00\xff"),
            ),
            unsolicited=b"250 x\r\n",
        ),
    ),
    checks=(
        Completed(
            check="spf",
            evidence=SPF,
            findings=(
                Finding(id="spf-fail", severity=Severity.ERROR, subject="example.org", message="fails", exchange=0),
            ),
            transcript=0,
        ),
        Completed(check="dnsbl", evidence=DNSBL),
        Completed(check="reply-syntax", evidence=None),
        Skipped(check="dkim", reason="no domain"),
        Failed(check="dmarc", reason="internal error"),
    ),
    request=Request(
        target=Target(given="mail.example.com", host="mail.example.com"),
        tls=TlsOptions(verify=True),
        evaluation_time=NOW,
    ),
    lookups=(
        DnsLookup(
            name="example.org",
            type="TXT",
            status=DnsStatus.ANSWER,
            records=("v=spf1 -all",),
            ttl_s=300,
            authentic=True,
            index=0,
        ),
    ),
    verdicts=(
        report.Verdict(
            transcript=0,
            exchange=0,
            summary="refused",
            causes=(
                report.Cause(
                    id="spf-fail",
                    title="SPF fails",
                    confidence=Confidence.CONFIRMED,
                    because=(
                        Because(kind=BecauseKind.REPLY, text="reply", refs=(5,)),
                        Because(kind=BecauseKind.EVIDENCE, text="spf", refs=(0,)),
                    ),
                    remedies=(Remedy(actor=Actor.YOU, action="fix it"),),
                ),
            ),
        ),
    ),
)


def saved(**changes) -> bytes:
    """The sample's JSON with fields changed."""
    return json.dumps(json.loads(as_json.render(SAMPLE)) | changes).encode()


@pytest.mark.parametrize("indent", [0, 2])
def test_a_report_is_read_back_as_it_was_written(indent):
    assert load(as_json.render(SAMPLE, indent=indent).encode()) == SAMPLE


def test_octets_and_times_have_their_form():
    written = json.loads(as_json.render(SAMPLE))
    assert written["started_at"] == "2026-03-02T12:30:00.250000Z"
    assert written["transcripts"][0]["exchanges"][0]["reply"]["raw"] == "NTU0IDUuNy4xIGdy/G4gGw0K"
    assert written["checks"][0]["status"] == "completed"
    assert written["checks"][0]["evidence"]["kind"] == "spf"
    assert written["checks"][3]["evidence"] is None


def test_fields_that_are_not_known_are_passed_over_at_any_depth():
    changed = json.loads(as_json.render(SAMPLE))
    changed["new"] = {"a": 1}
    changed["outcome"]["new"] = [1]
    changed["transcripts"][0]["exchanges"][0]["reply"]["new"] = None
    changed["checks"][0]["evidence"]["new"] = "x"
    changed["checks"][0]["evidence"]["trace"][0]["children"][0]["new"] = "x"
    assert load(json.dumps(changed).encode()) == SAMPLE


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not a report"),
        (b"{}", "not a report"),
        (b"[" * 100_000, "nested deeper than any report"),
        (saved(schema_version="2.0"), "schema version '2.0' is not read here"),
        (saved(schema_version=1), "schema version"),
        (saved(transcripts=3), "not a valid report"),
        (saved(started_at="yesterday"), "not a valid report"),
    ],
)
def test_what_is_no_report_is_refused_in_one_line(octets, complaint):
    with pytest.raises(ValueError, match=complaint) as refused:
        load(octets, "report.json")
    assert str(refused.value).startswith("report.json: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("detail", "fault"),
    [
        ("Hostname mismatch, certificate is not valid for 'mx.example.com'.", TlsFault.NAME),
        ("its issuer is not trusted here (self-signed certificate in certificate chain)", TlsFault.CERTIFICATE_INVALID),
        ("the server asks for a client certificate (certificate required)", TlsFault.CLIENT_CERTIFICATE_WANTED),
        ("no TLS version in common (unsupported protocol)", None),
    ],
)
def test_a_failed_handshake_of_a_report_without_faults_gets_one(detail, fault):
    old = json.loads(as_json.render(SAMPLE))
    handshake = {"index": 0, "phase": "tls", "sent": None, "breakage": "tls-failed", "detail": detail}
    old["transcripts"][0]["exchanges"] = [handshake]
    (exchange,) = load(json.dumps(old).encode()).transcripts[0].exchanges
    assert exchange.tls_fault is fault


def test_credentials_that_an_old_report_kept_back_in_words_are_known_as_such():
    old = json.loads(as_json.render(SAMPLE))
    old["outcome"] = {"status": "no-session", "reason": "credentials not sent: the server offers no AUTH"}
    assert load(json.dumps(old).encode()).outcome.fault is OutcomeFault.CREDENTIALS_NOT_SENT


def test_a_lone_surrogate_does_not_break_the_report():
    odd = msgspec.structs.replace(SAMPLE, envelope=Envelope(Assumed("a\udcffb"), None))
    assert json.loads(as_json.render(odd))["envelope"]["helo"]["value"] == "a\\udcffb"


def test_the_schema_covers_every_kind_of_evidence_and_of_check_run():
    schema = json.dumps(msgspec.json.schema(Report))
    kinds = {kind.__struct_config__.tag for kind in get_args(Evidence)}
    assert len(kinds) == len(get_args(Evidence))
    assert all(f'"{word}"' in schema for word in kinds | {"completed", "skipped", "failed"})


def structs(module) -> list[type[msgspec.Struct]]:
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "module",
    [dkim, dmarc, dnsbl, iprev, mx, report, session, spf, tls, transcript],
    ids=lambda module: module.__name__,
)
def test_every_type_is_frozen(module):
    assert structs(module)
    assert [each.__name__ for each in structs(module) if not each.__struct_config__.frozen] == []


def test_severities_are_ordered():
    order = [Severity.INFO, Severity.NOTICE, Severity.WARNING, Severity.ERROR, Severity.CRITICAL]
    assert [each.rank for each in order] == [0, 1, 2, 3, 4]
    assert {each.rank for each in Severity} == {0, 1, 2, 3, 4}


def test_credentials_reach_no_encoder_and_no_traceback():
    credentials = Credentials("tim", "hunter22")
    assert "hunter22" not in repr(credentials) + str(credentials)
    with pytest.raises(TypeError):
        msgspec.json.encode(credentials)
