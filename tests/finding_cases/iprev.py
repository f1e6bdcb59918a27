"""Rows of the iprev check: the client is 192.0.2.1 and calls itself mail.example.org."""

from __future__ import annotations

from tests.finding_cases.row import Given, Row

PTR = "1.2.0.192.in-addr.arpa. PTR mail.example.org.\n"
HOST = "mail.example.org. A 192.0.2.1\n"
GOOD = PTR + HOST


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
