"""Rows of the iprev check: the client is 192.0.2.1 and calls itself mail.example.org."""

from __future__ import annotations

from tests.finding_cases.row import Given, Row

PTR = "1.2.0.192.in-addr.arpa. PTR mail.example.org.\n"
HOST = "mail.example.org. A 192.0.2.1\n"
GOOD = PTR + HOST
REWRITTEN = "*.org. A 203.0.113.80\n"


def many(count: int) -> str:
    """So many further names, all of which lead back."""
    return "".join(
        f"1.2.0.192.in-addr.arpa. PTR h{number}.example.org.\nh{number}.example.org. A 192.0.2.1\n"
        for number in range(count)
    )


def named(name: str) -> Given:
    """The client has this name in reverse DNS and in HELO, and the name leads back."""
    return Given(f"1.2.0.192.in-addr.arpa. PTR {name}.\n{name}. A 192.0.2.1", helo=name)


ROWS = (
    Row("reverse-dns-missing", Given(HOST), Given(GOOD)),
    Row("reverse-dns-unconfirmed", Given(PTR + "mail.example.org. A 192.0.2.2"), Given(GOOD)),
    Row("reverse-dns-unconfirmed", Given(PTR, helo="[192.0.2.1]"), Given(GOOD, helo="[192.0.2.1]")),
    Row(
        "reverse-dns-temperror",
        Given(HOST + ";! SERVFAIL 1.2.0.192.in-addr.arpa PTR"),
        Given(HOST + ";! NODATA 1.2.0.192.in-addr.arpa PTR"),
        ("reverse-dns-missing",),
    ),
    Row(
        "reverse-dns-temperror",
        Given(PTR + ";! TIMEOUT mail.example.org *"),
        Given(PTR + ";! NODATA mail.example.org *"),
        ("reverse-dns-unconfirmed", "helo-unresolvable"),
    ),
    Row("reverse-dns-missing", Given(HOST + "1.2.0.192.in-addr.arpa. CNAME 1.0-7.2.0.192.in-addr.arpa."), Given(GOOD)),
    Row("reverse-dns-too-many-names", Given(GOOD + many(10)), Given(GOOD + many(9))),
    Row(
        "reverse-dns-final-dot-missing",
        Given("1.2.0.192.in-addr.arpa. PTR mail.example.org.2.0.192.in-addr.arpa.\n" + HOST),
        Given(GOOD),
    ),
    Row(
        "reverse-dns-not-a-host-name",
        Given("1.2.0.192.in-addr.arpa. PTR .\n" + HOST),
        Given(GOOD),
    ),
    Row(
        "reverse-dns-not-a-host-name",
        Given("1.2.0.192.in-addr.arpa. PTR 192.0.2.1.\n" + HOST),
        Given("1.2.0.192.in-addr.arpa. PTR 192.0.2.1.example.org.\n192.0.2.1.example.org. A 192.0.2.1\n" + HOST),
        ("reverse-dns-generic",),
    ),
    Row(
        "reverse-dns-resolver-rewrites",
        Given(PTR + REWRITTEN + "*.example. A 203.0.113.80"),
        Given(PTR + REWRITTEN + "*.example. A 203.0.113.81"),
        ("reverse-dns-unconfirmed",),
    ),
    Row(
        "reverse-dns-resolver-rewrites",
        Given(PTR + "*.org. A 192.0.2.1\n*.example. A 192.0.2.1"),
        Given(PTR + "*.org. A 192.0.2.1\n*.example. A 192.0.2.2"),
    ),
    Row("reverse-dns-generic", named("192-0-2-1.example.org"), named("192-0-2-2.example.org")),
    Row("reverse-dns-generic", named("h1.dyn.example.org"), named("dynamo.example.org")),
    Row("helo-unresolvable", Given(GOOD, helo="h.example.org"), Given(GOOD + "h.example.org. A 192.0.2.1", helo="h.example.org")),
    Row(
        "helo-unresolvable",
        Given(GOOD + ";! NXDOMAIN h.example.org *", helo="h.example.org"),
        Given(GOOD + ";! TIMEOUT h.example.org *", helo="h.example.org"),
    ),
    Row(
        "helo-mismatch",
        Given(GOOD + "h.example.org. A 192.0.2.2", helo="h.example.org"),
        Given(GOOD + "h.example.org. A 192.0.2.1", helo="h.example.org"),
    ),
    Row("helo-mismatch", Given(GOOD, helo="[192.0.2.2]"), Given(GOOD, helo="[192.0.2.1]")),
)  # fmt: skip
