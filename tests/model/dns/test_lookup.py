"""What a lookup says of itself: why it failed, and its MX records."""

from __future__ import annotations

import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, mx_records


@pytest.mark.parametrize(
    ("status", "detail", "why"),
    [
        (DnsStatus.SERVFAIL, None, "SERVFAIL"),
        (DnsStatus.SERVFAIL, "of its own", "SERVFAIL (of its own)"),
        (DnsStatus.OTHER_RCODE, "NOTIMP", "the name server reports an error (NOTIMP)"),
        (DnsStatus.ALIAS_LOOP, None, "its aliases (CNAME) have no end"),
        (DnsStatus.TRUNCATED, "refused", "the answer was truncated over UDP, and TCP failed (refused)"),
        (DnsStatus.UNREACHABLE, "no route", "no name server can be asked (no route)"),
        (DnsStatus.MALFORMED, None, "the reply cannot be read"),
        (DnsStatus.REFUSED, None, "REFUSED"),
        (DnsStatus.TIMEOUT, None, "no answer in time"),
        (DnsStatus.TIMEOUT, "no answer in 5 s", "no answer in 5 s"),
        (DnsStatus.NOT_RECORDED, None, "not recorded"),
        (DnsStatus.UNKNOWN, None, "no answer"),
    ],
)
def test_why_a_lookup_failed(status: DnsStatus, detail: str | None, why: str) -> None:
    found = DnsLookup(name="1.2.0.192.in-addr.arpa", type="PTR", status=status, detail=detail)
    assert found.failure_text == f"PTR lookup of 1.2.0.192.in-addr.arpa failed: {why}"


def test_a_server_that_cannot_be_reached_is_named() -> None:
    found = DnsLookup(name="a.example", type="A", status=DnsStatus.UNREACHABLE, server="192.0.2.53", detail="no route")
    assert found.failure_text == "A lookup of a.example failed: the name server 192.0.2.53 cannot be reached (no route)"


@pytest.mark.parametrize(
    ("status", "cname", "words"),
    [
        (DnsStatus.NXDOMAIN, None, "does not exist"),
        (DnsStatus.NODATA, None, "has no TXT record"),
        (DnsStatus.NXDOMAIN, "gone.example.net", "is an alias (CNAME) of gone.example.net, which does not exist"),
        (DnsStatus.NODATA, "b.example.net", "is an alias (CNAME) of b.example.net, which has no TXT record"),
    ],
)
def test_what_there_is_instead_of_an_answer(status: DnsStatus, cname: str | None, words: str) -> None:
    assert (
        DnsLookup(name="a.example", type="TXT", status=status, cname=cname).void_text("a.example")
        == f"a.example {words}"
    )


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (("10 mx.example.com.",), [(10, "mx.example.com")]),
        (
            ("20 b.example.com", "9 C.example.com", "20 a.example.com"),
            [(9, "c.example.com"), (20, "a.example.com"), (20, "b.example.com")],
        ),
        (("0 .",), [(0, "")]),
        (("10  mx.example.com", "10 mx.example.com."), [(10, "mx.example.com")]),
        (("mx.example.com", "ten mx.example.com", "-1 mx.example.com", "٣ mx.example.com"), []),
        (("9" * 5000 + " mx.example.com",), [(999999, "mx.example.com")]),
    ],
    ids=["one", "by preference and name", "null MX", "the same twice", "no preference", "longer than any number"],
)  # fmt: skip
def test_mx_records(records: tuple[str, ...], expected: list[tuple[int, str]]) -> None:
    assert (
        list(mx_records(DnsLookup(name="example.com", type="MX", status=DnsStatus.ANSWER, records=records))) == expected
    )


def test_a_lookup_without_answer_has_no_mx_records() -> None:
    found = DnsLookup(name="example.com", type="MX", status=DnsStatus.SERVFAIL, records=("10 mx.example.com",))
    assert mx_records(found) == ()
