"""What a lookup says of itself: why it failed, and its MX records."""

from __future__ import annotations

import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, mx_records


@pytest.mark.parametrize(
    ("status", "detail", "why"),
    [
        (DnsStatus.SERVFAIL, None, "SERVFAIL"),
        (DnsStatus.SERVFAIL, "CNAME chain too long", "SERVFAIL (CNAME chain too long)"),
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
