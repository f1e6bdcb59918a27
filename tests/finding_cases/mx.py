"""Rows of the MX check: the reverse-path is in example.org."""

from __future__ import annotations

from tests.finding_cases.row import Given, Row

MX = "example.org. MX 10 mx.example.net.\n"
HOST = "mx.example.net. A 203.0.113.9\n"


def many(count: int) -> str:
    """So many mail hosts, each with an address."""
    return "".join(
        f"example.org. MX {number} h{number}.example.net.\nh{number}.example.net. A 203.0.113.{number + 1}\n"
        for number in range(count)
    )


ROWS = (
    Row("mx-null", Given("example.org. MX 0 ."), Given(MX + HOST)),
    Row(
        "mx-null", Given("example.org. MX 0 ."), Given("example.org. MX 0 .\n" + MX + HOST), ("mx-null-among-others",)
    ),
    Row(
        "mx-null",
        Given(MX + HOST + "example.com. MX 0 .", forward_paths=("bob@example.com",)),
        Given(MX + HOST + "example.com. A 203.0.113.9", forward_paths=("bob@example.com",)),
    ),
    Row("mx-nxdomain", Given(";! NXDOMAIN example.org *"), Given(";! NODATA example.org *"), ("mx-nothing",)),
    Row("mx-nothing", Given('example.org. TXT "x"'), Given("example.org. A 203.0.113.9")),
    Row("mx-nothing", Given(MX), Given(MX + HOST)),
    Row("mx-cname", Given(MX + "mx.example.net. CNAME h.example.net.\nh.example.net. A 203.0.113.9"), Given(MX + HOST)),
    Row("mx-address-literal", Given(MX + HOST + "example.org. MX 20 203.0.113.9."), Given(MX + HOST)),
    Row(
        "mx-null-among-others",
        Given("example.org. MX 0 .\n" + MX + HOST),
        Given("example.org. MX 0 .\n"),
        ("mx-null",),
    ),
    Row(
        "mx-final-dot-missing",
        Given("example.org. MX 10 mx.example.net.example.org.\n" + HOST),
        Given("example.org. MX 10 mx.example.net.example.org.\n"),
        ("mx-nothing",),
    ),
    Row(
        "mx-final-dot-missing",
        Given("example.org. MX 20 mx.example.org.example.org.\nmx.example.org. A 203.0.113.9\n" + MX + HOST),
        Given(MX + HOST),
    ),
    Row(
        "mx-resolver-rewrites",
        Given(MX + "*.net. A 203.0.113.80\n*.example. A 203.0.113.80"),
        Given(MX + "*.net. A 203.0.113.80\n*.example. A 203.0.113.81"),
    ),
    Row("mx-too-many-hosts", Given(many(21)), Given(many(20))),
    Row(
        "mx-too-many-hosts",
        Given("".join(f"example.org. MX {number} h{number}.example.net.\n" for number in range(21))),
        Given("".join(f"example.org. MX {number} h{number}.example.net.\n" for number in range(20))),
        ("mx-nothing",),
    ),
    Row("mx-host-idle", Given(MX + HOST + "example.org. MX 20 h.example.net."), Given("example.org. MX 20 h.example.net."),
        ("mx-nothing",)),
    Row(
        "mx-address-unanswered",
        Given(MX + HOST + ";! SERVFAIL mx.example.net AAAA"),
        Given(MX + HOST + ";! NODATA mx.example.net AAAA"),
    ),
    Row("mx-nxdomain", Given("example.org. CNAME gone.example.net."), Given("example.org. CNAME mx.example.net.\n" + HOST)),
    Row("mx-private-address", Given(MX + "mx.example.net. A 172.31.255.255"), Given(MX + "mx.example.net. A 172.32.0.0")),
    Row("mx-private-address", Given("example.org. A 10.0.0.1"), Given("example.org. A 203.0.113.9")),
    Row(
        "mx-private-address",
        Given(MX + "mx.example.net. CNAME h.example.net.\nh.example.net. A 10.0.0.1"),
        Given(MX + "mx.example.net. CNAME h.example.net.\nh.example.net. A 203.0.113.9"),
        ("mx-cname",),
    ),
    Row("mx-temperror", Given(";! SERVFAIL example.org MX"), Given(";! NODATA example.org *"), ("mx-nothing",)),
    Row("mx-temperror", Given(MX + ";! TIMEOUT mx.example.net *"), Given(MX + ";! NODATA mx.example.net *"), ("mx-nothing",)),
    Row(
        "mx-temperror",
        Given(MX + ";! TIMEOUT mx.example.net *"),
        Given(MX + ";! TIMEOUT mx.example.net *\nexample.org. MX 20 h.example.net.\nh.example.net. A 203.0.113.9"),
        ("mx-address-unanswered",),
    ),
)  # fmt: skip
