"""A customer's key of a DNSBL zone is asked and never shown."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from smtpprobe.checks import dnsbl
from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.reply import Reply
from smtpprobe.model.request import Assumed, Envelope, Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Phase
from smtpprobe.net.resolver import Answer, RunResolver
from smtpprobe.net.zone import ZoneAnswerer, read_assumption
from smtpprobe.pipeline.assumption import check_alone, probe_assuming
from smtpprobe.pipeline.keys import redact_dnsbl_keys, redact_request
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.demo_server import DemoServer
from smtpprobe.testing.scenarios import SCENARIOS
from smtpprobe.testing.zones import zone_resolver

KEY = "a1b2c3d4e5f6g7h8i9j0"
ZONE = f"{KEY}.zen.dq.spamhaus.net"
# Zones of keyed providers that the catalogue lacks, and one of a provider that it does not know.
UNKNOWN = [
    f"{KEY}.hbl.dq.spamhaus.net",
    *(
        f"{KEY}.{name}.mail.abusix.zone"
        for name in ("black", "exploit", "dynamic", "policy", "noip", "white", "nod", "authbl")
    ),
    f"{KEY}.bl.example.net",
    f"_email.{KEY}.hbl.dq.spamhaus.net",
]


@pytest.mark.parametrize("zone", [ZONE, *UNKNOWN])
async def test_no_output_holds_the_key(zone: str) -> None:
    scenario = SCENARIOS["unknown-recipient"]
    listed = f"7.100.51.198.{zone}. A 127.0.0.2\n2.0.0.127.{zone}. A 127.0.0.2\n"
    resolver = zone_resolver(scenario.zone + listed)
    async with DemoServer(scenario) as server:
        request = msgspec.structs.replace(server.request(), only_dnsbl=(zone,))
        report = await probe(request, resolver=resolver)
    asked = [lookup.name for lookup in resolver.lookups]
    assert f"7.100.51.198.{zone}" in asked
    shown = as_json.render(report) + as_text.render(report, verbosity=2) + repr(report)
    assert KEY not in shown
    assert "listed" in shown


LISTED = f"7.100.51.198.{ZONE}"
TEST_POINT = f"2.0.0.127.{ZONE}. A 127.0.0.2\n"


def faulty(answer: Answer, question: Question) -> Answer:
    """The answers, with a failure in words of the resolver's for one question."""

    async def answered(asked: Question) -> DnsLookup:
        found = await answer(asked)
        if asked != question:
            return found
        detail = f"{asked.name.upper()}: no server answered, {KEY} among them"
        return DnsLookup(name=asked.name, type=asked.type, status=DnsStatus.SERVFAIL, detail=detail)

    return answered


@pytest.mark.parametrize(
    ("records", "failing"),
    [
        (f'{LISTED}. A 127.0.0.2\n{LISTED}. TXT "listed, see https://example.net/q/{LISTED}"\n', None),
        (f'{LISTED}. A 127.0.0.2\n{LISTED}. TXT "account {KEY.upper()} is over its limit"\n', None),
        (f"{LISTED}. CNAME entry.{ZONE}.\nentry.{ZONE}. A 127.0.0.2\n", None),
        (f"{LISTED}. A 192.0.2.1\n", None),
        (f"{LISTED}. A 127.0.0.2\n", Question(LISTED, "TXT")),
        ("", Question(LISTED, "A")),
    ],
    ids=["name in TXT", "key in TXT", "CNAME target", "reason", "detail of TXT", "detail of A"],
)
async def test_neither_report_nor_page_holds_the_key(records: str, failing: Question | None) -> None:
    scenario = SCENARIOS["unknown-recipient"]
    answer = ZoneAnswerer(scenario.zone + TEST_POINT + records).answer
    resolver = RunResolver(answer if failing is None else faulty(answer, failing))
    async with DemoServer(scenario) as server:
        request = msgspec.structs.replace(server.request(), only_dnsbl=(ZONE,))
        report = await probe(request, resolver=resolver)
    assert KEY in repr(resolver.lookups)
    outputs = (as_json.render(report), as_text.render(report, verbosity=2), repr(report))
    assert [output for output in outputs if KEY.encode() in output.lower().encode()] == []
    assert "{key}.zen.dq.spamhaus.net" in outputs[0]


@pytest.mark.parametrize(
    "field",
    [
        {"name": LISTED},
        {"records": ("127.0.0.2", f"see {LISTED}")},
        {"records": (base64.b64encode(f"account={KEY}".encode()).decode(),)},
        {"cname": f"entry.{ZONE}"},
        {"detail": f"no answer about {LISTED}"},
        {"detail": f"refused to {KEY}"},
        {"server": f"ns.{ZONE}"},
    ],
    ids=["name", "records", "base64", "cname", "detail", "key in detail", "server"],
)
def test_no_field_of_a_lookup_keeps_the_key(field: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"name": "example.com", "type": "A", "status": DnsStatus.SERVFAIL, **field}
    saved = as_json.render(redact_dnsbl_keys(DnsLookup(**fields), ["all", "zen.spamhaus.org", ZONE]))
    assert "{key}" in saved
    assert not any(KEY[start : start + 12] in saved for start in range(len(KEY) - 12))
    assert base64.b64encode(KEY.encode()).decode()[4:16] not in saved


def test_a_reply_that_quotes_the_key_is_saved_without_it() -> None:
    reply = Reply(
        code=554, enhanced=None, lines=(f"blocked using {ZONE}",), raw=f"554 blocked using {ZONE}\r\n".encode()
    )
    assert redact_dnsbl_keys(reply, [ZONE]) == Reply(
        code=554,
        enhanced=None,
        lines=("blocked using {key}.zen.dq.spamhaus.net",),
        raw=b"554 blocked using {key}.zen.dq.spamhaus.net\r\n",
    )


@pytest.mark.parametrize("zone", [ZONE, *UNKNOWN])
async def test_a_check_alone_reports_no_key(zone: str) -> None:
    asked = f"7.100.51.198.{zone}"
    records = f'2.0.0.127.{zone}. A 127.0.0.2\n{asked}. A 127.0.0.2\n{asked}. TXT "see {asked}, account {KEY}"\n'
    report, assumed = await check_alone(
        dnsbl.CHECK,
        SessionView(
            envelope=Envelope(Assumed("client.example.org"), None), client_ip="198.51.100.7", client_ip_given=True
        ),
        CheckOptions(only_dnsbl=(zone,)),
        assumed=read_assumption(records),
        server="127.0.0.1:1",
        timeout_s=0.2,
    )
    assert assumed is not None
    for each in (report, assumed):
        assert KEY not in as_json.render(each)
    shown = as_json.render(assumed)
    assert "7.100.51.198.{key}" + zone.partition(KEY)[2] in shown
    assert "127.0.0.2" in shown


@pytest.mark.parametrize(
    "record",
    [
        "A 127.0.0.2",
        f"CNAME entry.{ZONE}.\nentry.{ZONE}. A 127.0.0.2",
        f'A 127.0.0.2\n{LISTED}. TXT "account {KEY.upper()}, see {LISTED}"',
    ],
    ids=["name", "CNAME target", "TXT"],
)
async def test_no_report_of_a_run_over_what_is_assumed_holds_the_key(record: str) -> None:
    assumed = read_assumption(f"{TEST_POINT}{LISTED}. {record}\n")
    async with DemoServer(SCENARIOS["unknown-recipient"]) as server:
        port = server.request().target.port
        request = msgspec.structs.replace(
            server.request(),
            target=parse_target(f"127.0.0.1:{port}"),
            client_ip="198.51.100.7",
            only_dnsbl=(ZONE,),
            resolver="127.0.0.1:1",
            timeout_s=0.2,
        )
        published, again = await probe_assuming(request, assumed)
    outputs = [as_json.render(published), as_json.render(again), repr(published), repr(again)]
    assert [output for output in outputs if KEY.encode() in output.lower().encode()] == []
    assert f"7.100.51.198.{ZONE}".replace(KEY, "{key}") in outputs[1]
    # The list is asked in both: over what is assumed it has an answer.
    assert "dnsbl-listed" in {finding.id for run in again.checks for finding in run.findings}


def test_a_short_key_is_hidden_in_the_name_of_its_zone() -> None:
    zone = "k3y.zen.dq.spamhaus.net"
    lookup = DnsLookup(name=f"7.100.51.198.{zone}", type="A", status=DnsStatus.ANSWER, records=(f"see {zone.upper()}",))
    hidden = redact_dnsbl_keys(lookup, [zone])
    assert (hidden.name, hidden.records) == (
        "7.100.51.198.{key}.zen.dq.spamhaus.net",
        ("see {key}.zen.dq.spamhaus.net",),
    )


def test_a_value_without_keys_stays_the_same_object() -> None:
    lookup = DnsLookup(name=LISTED, type="A", status=DnsStatus.ANSWER)
    assert redact_dnsbl_keys(lookup, ["zen.spamhaus.org", "all"]) is lookup


@pytest.mark.parametrize("zone", ["zen.spamhaus.org", "zen.dnsbl.example"])
def test_other_zones_stay_as_they_are(zone: str) -> None:
    request = Request(target=parse_target("mx.example.com"), dnsbl_zones=(zone, "all"))
    assert redact_request(request).dnsbl_zones == (zone, "all")


@pytest.mark.parametrize("rest", ["zen.dq.spamhaus.net", "hbl.dq.spamhaus.net", "combined.mail.abusix.zone"])
@pytest.mark.parametrize("written", [str, str.upper], ids=["small", "capital"])
async def test_the_key_of_a_server_that_names_its_list_is_in_no_output(
    rest: str, written: Callable[[str], str]
) -> None:
    """Not the user's, but a customer's all the same: servers repeat the name that they asked."""
    said = written(f"{KEY}.{rest}")
    refusal = f"554 5.7.1 Client host [198.51.100.7] blocked using {said}; asked 7.100.51.198.{said} for account {KEY}"
    scenario = dataclasses.replace(SCENARIOS["unknown-recipient"], refusals={Phase.RCPT: refusal})
    async with DemoServer(scenario) as server:
        report = await probe(server.request(), resolver=zone_resolver(scenario.zone))
    replies = [exchange.reply for exchange in report.transcripts[0].exchanges if exchange.reply]
    (shown,) = [reply.text for reply in replies if reply.code == 554]
    assert "{key}" in shown
    assert "7.100.51.198.{key}" in shown
    assert "[198.51.100.7]" in shown
    for output in (as_json.render(report), as_text.render(report, verbosity=2), repr(report)):
        assert KEY not in output.lower()
