"""Rows of the DNSBL check: the client is 192.0.2.1, and one zone is asked about it."""

from __future__ import annotations

from tests.finding_cases.row import Given, Row

ZONE = "zen.spamhaus.org"
ENTRY = f"1.2.0.192.{ZONE}. A"
TEST_POINT = f"2.0.0.127.{ZONE}. A 127.0.0.2\n"


def asked(text: str) -> Given:
    return Given(text, dnsbl=ZONE)


ROWS = (
    Row("dnsbl-listed", asked(TEST_POINT + f"{ENTRY} 127.0.0.4"), asked(TEST_POINT)),
    Row("dnsbl-listed", asked(TEST_POINT + f"{ENTRY} 127.0.0.4"), asked(TEST_POINT + f"1.2.0.193.{ZONE}. A 127.0.0.4")),
    Row(
        "dnsbl-query-refused",
        asked(TEST_POINT + f"{ENTRY} 127.255.255.254"),
        asked(TEST_POINT + f"{ENTRY} 127.0.0.4"),
        ("dnsbl-listed",),
    ),
    Row(
        "dnsbl-zone-broken",
        asked(TEST_POINT + f"{ENTRY} 127.0.0.4\n1.0.0.127.{ZONE}. A 127.0.0.2"),
        asked(TEST_POINT + f"{ENTRY} 127.0.0.4\n3.0.0.127.{ZONE}. A 127.0.0.2"),
        ("dnsbl-listed",),
    ),
    Row(
        "dnsbl-zone-dead",
        Given(dnsbl="bl.example.net", named_dnsbl="dnsbl.sorbs.net"),
        Given(
            "1.2.0.192.dnsbl.example.org. A 127.0.0.2\n2.0.0.127.dnsbl.example.org. A 127.0.0.2",
            dnsbl="dnsbl.example.org",
            named_dnsbl="dnsbl.example.org",
        ),
        ("dnsbl-listed",),
    ),
    Row("dnsbl-wrong-kind", Given(dnsbl="dbl.spamhaus.org"), asked(TEST_POINT)),
    Row(
        "dnsbl-no-answer",
        asked(TEST_POINT + f";! TIMEOUT 1.2.0.192.{ZONE} A"),
        asked(TEST_POINT + f";! NXDOMAIN 1.2.0.192.{ZONE} A"),
    ),
    Row(
        "dnsbl-no-answer",
        asked(f";! TIMEOUT 2.0.0.127.{ZONE} A"),
        asked(f"{ZONE}. A 192.0.2.1"),
        ("dnsbl-zone-broken",),
    ),
)
