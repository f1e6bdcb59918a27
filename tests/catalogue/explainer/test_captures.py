"""What a reply names."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.addresses import client_ip, ehlo_client_ip
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.session_ip import Known, session_client_ip


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example.net; see https://example.net/?ip=192.0.2.7",
            {"ip": "192.0.2.7", "list": "zen.example.net", "url": "https://example.net/?ip=192.0.2.7"},
        ),
        (
            "550 rejected because 2001:db8::7 is in a black list at bl.example.net",
            {"ip": "2001:db8::7", "list": "bl.example.net"},
        ),
        ("550 5.1.1 No such user here; see https://u:p@host.example.net/1", {"address": None}),
        ("550 smtps://u:p@host.example.net <bob@example.org>: no such user", {"address": "bob@example.org"}),
        ("550 no such user; write to mailto:help@example.net", {"address": None}),
        ("550 Your IP 192.0.2.7 is in the Spamhaus PBL", {"ip": "192.0.2.7", "list": "pbl.spamhaus.org"}),
        ("554 see https://www.spamhaus.org/query/ip/192.0.2.7", {"ip": "192.0.2.7", "list": "zen.spamhaus.org"}),
        (
            "554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org; Error: open resolver",
            {"ip": "192.0.2.7", "list": "zen.spamhaus.org", "list_refused": True},
        ),
        (
            "554 5.7.1 Client host [192.0.2.7] blocked using bl.example.net; 127.255.255.254",
            {"ip": "192.0.2.7", "list": "bl.example.net", "list_refused": True},
        ),
        ("550 5.7.1 Mail rejected, 127.255.255.254 from bl.example.net", {"ip": None, "list": "bl.example.net"}),
        (
            "554 Service unavailable; Sender address [x@spam.example] blocked using dbl.example.net",
            {"domain": "spam.example", "list": "dbl.example.net", "ip": None},
        ),
        (
            "554 a URL in it is listed in multi.surbl.org : bad.example",
            {"domain": "bad.example", "list": "multi.surbl.org"},
        ),
        ("550 [bad.example] listed on multi.surbl.org", {"domain": "bad.example", "list": "multi.surbl.org"}),
        (
            "550 Message contains URL listed at black.uribl.com: bad.example",
            {"domain": "bad.example", "list": "black.uribl.com"},
        ),
        ("554 Blocked by SURBL (bad.example)", {"domain": "bad.example", "list": "multi.surbl.org"}),
        ("554 spam link bad.example, see http://lookup.uribl.com/?domain=bad.example", {"domain": "bad.example"}),
        ("554 a link is listed, see http://lookup.uribl.com/?domain=bad.example", {"domain": "bad.example"}),
        ("554 bad.example.multi.surbl.org answers 127.0.0.2: a link in it is listed", {"domain": "bad.example"}),
        ("554 mx.example.net: the message has a link on SURBL", {"domain": None, "list": "multi.surbl.org"}),
        ("554 the message has a link that is in dbl.spamhaus.org", {"domain": None, "list": "dbl.spamhaus.org"}),
        (
            "554 Message rejected: Email address is not verified. The following identities failed the check in region "
            "EU-WEST-1: bob.smith@example.com",
            {"address": "bob.smith@example.com", "region": "eu-west-1", "domain": None},
        ),
        (
            "554 Email address is not verified. The following identities failed the check in region US-GOV-EAST-1: "
            "arn:aws:ses:us-gov-east-1:123456789012:identity/example.com",
            {"region": "us-gov-east-1", "domain": "example.com", "address": None},
        ),
        ("550 5.7.1 mail from your region is not accepted", {"region": None}),
        ("550 spam.example is listed at dbl.example.net", {"domain": "spam.example", "list": "dbl.example.net"}),
        (
            "550 5.7.26 SPF [example.org] with ip: [192.0.2.7] = did not pass",
            {"domain": "example.org", "ip": "192.0.2.7", "list": None},
        ),
        ("550 5.7.1 rejected by DMARC policy for example.org", {"domain": "example.org"}),
        (
            "550 5.7.23 SPF fail, see http://spf.example/Why?s=mfrom;id=a@example.org;ip=192.0.2.7;r=b",
            {"domain": "example.org", "ip": "192.0.2.7"},
        ),
        ("450 4.1.8 <a@nx.example>: Sender address rejected: Domain not found", {"domain": "nx.example"}),
        ("450 4.7.1 Greylisted, try again in 300 seconds", {"wait_s": 300}),
        ("451 Greylisted for 5 minutes", {"wait_s": 300}),
        ("451 greylisting in action, please come back in 00:05:30", {"wait_s": 330}),
        ("450 4.7.1 Greylisted, try again in five minutes", {"wait_s": 300}),
        ("450 4.7.1 Deferred by greylisting; retry in about an hour", {"wait_s": 3600}),
        ("451 greylisted, wait half an hour and come back", {"wait_s": 1800}),
        ("451 greylisted, come back in a few minutes", {"wait_s": None}),
        ("421 4.7.0 rate limit of 50 messages an hour exceeded", {"wait_s": None}),
        ("421 4.7.0 too many connections, please retry in ten seconds", {"wait_s": 10}),
        # The host of a page is no zone to ask, unless the catalogue has it.
        ("554 192.0.2.7 is listed, see https://check.dnsbl.example/?ip=192.0.2.7", {"ip": "192.0.2.7", "list": None}),
        ("554 DROP list: 192.0.2.7 blocked, www.rbl.example/lookup?192.0.2.7", {"ip": "192.0.2.7", "list": None}),
        ("554 192.0.2.7 blocked, see https://bl.spamcop.net/bl.shtml?192.0.2.7", {"list": "bl.spamcop.net"}),
        ("554 192.0.2.7 is listed by bl.example.net, see https://check.dnsbl.example/", {"list": "bl.example.net"}),
        ("504 mechanism CRAM-MD5 not supported", {"mechanism": "CRAM-MD5"}),
        ("504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname", {"helo": "box"}),
        ("501 Syntactically invalid HELO argument(s)", {"helo": None}),
        ("501 Syntactically invalid EHLO argument(s): (my_box)", {"helo": "my_box"}),
        ("550 5.1.1 <jane@example.com>: user unknown", {"address": "jane@example.com", "url": None, "ip": None}),
        ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", {"ip": "192.0.2.7"}),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.7]", {"ip": "192.0.2.7", "list": None}),
    ],
)
def test_the_captures(reply: str, expected: dict[str, object]) -> None:
    found = explain(reply).captures
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("host mx.example.com said: 550 unknown [LastAttemptedIP=192.0.2.9]", None),
        ("blocked; bl.example.net=127.0.0.2", None),
        ("bad 999.1.2.3", None),
        ("client 192.0.2.7 refused, ask 192.0.2.9", "192.0.2.7"),
        ("from [IPv6:2001:db8::1] refused", "2001:db8::1"),
        ("version 1.2.3", None),
        ("550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", None),
        ("501 HELO requires domain/address - see RFC-2821 4.1.1.1", None),
        ("500 Line length exceeded. See RFC 2821 #4.5.3.1.", None),
        ("550 see RFC 5321, section 4.5.3.1", None),
        ("ACCEPTED by mx [192.0.2.1]", None),
        ("550 message rejected by mx.example.com (192.0.2.1)", None),
        ("554 mx.example.net 203.0.113.2 wants a PTR record", "203.0.113.2"),
    ],
)
def test_the_client_ip_is_not_another_address(text: str, ip: str | None) -> None:
    assert client_ip(text) == ip


@pytest.mark.parametrize(
    "text",
    [
        "::add-mask::a",
        "550 ::add",
        "550 client ::add refused",
        "550 ::error::192",
        "550 5.1.7 <a@[203.0.113.7]>: Sender address rejected",
        "550 5.1.7 <a@[IPv6:2001:db8::7]>: Sender address rejected",
        "550 5.1.7 a@203.0.113.7 rejected",
        "450 4.1.1 unverified address: connect to mx.x.test[198.51.100.66]:25: Connection timed out",
        "450 4.1.1 connect to host [198.51.100.66]: Connection refused",
        "450 4.1.1 connect to 198.51.100.66[198.51.100.66]:25: Connection refused",
        f"450 4.1.1 connect to {'mx.' * 60}test[198.51.100.66]:25: Connection refused",
        "450 4.1.1 connection to mx.x.test (198.51.100.66) failed",
    ],
)
def test_what_is_plainly_no_client_ip(text: str) -> None:
    assert client_ip(text) is None
    assert session_client_ip(text) is None


@pytest.mark.parametrize(
    "words",
    [
        # The name under which an address is asked for is written backwards: it would be somebody else's.
        "client 66.113.0.203.zen.dnsbl.example is listed",
        "host 66.113.0.203.in-addr.arpa has no PTR record",
        "client host 203.0.113.66.dyn.example.org rejected",
        "connection from 203.0.113.66-static.example.org refused",
        "66.113.0.203.zen.dnsbl.example is listed",
        "your ip 203.0.113.1234 is bad",
        "your host 1203.0.113.66 is blocked",
        "client host [1.203.0.113.66] is blocked",
        "client host [203.0.113.66.1] is blocked",
        "client host example.org[203.0.113.66.9] is blocked",
        "your ip 2001:db8::1.example.org is bad",
        "your ip 2001:db8::1:2:3:4:5:6:7:8 is listed",
        "your range 203.0.113.0-203.0.113.255 is listed",
        "database host 203.0.113.66 is down",
        "policy server [203.0.113.66] is unavailable",
        "milter at 203.0.113.66 cannot be reached",
        "upstream host 203.0.113.66 did not answer",
        "please send through the smart host 203.0.113.66",
        "your MX 203.0.113.66 does not answer",
        "software version 203.0.113.66 is old",
        "SPF: ip4:203.0.113.66 is not you",
    ],
)
def test_part_of_a_name_of_a_longer_number_or_another_machine_s_is_no_client_ip(words: str) -> None:
    for text in (f"554 {words}", f"554 5.7.1 {words}"):
        assert session_client_ip(text) is None
        assert client_ip(text) is None


@pytest.mark.parametrize(
    "words",
    [
        "client host 203.0.113.66.",
        "your IP 203.0.113.66, sorry",
        "your IP:203.0.113.66",
        "connection from 203.0.113.66:4444 refused",
        "your IP 203.0.113.66.Please see www.example.org",
        "connection from 203.0.113.66 - refused",
    ],
)
def test_what_ends_an_address(words: str) -> None:
    assert client_ip(f"554-{words}") == "203.0.113.66"
    assert session_client_ip(f"554 {words}") == "203.0.113.66"


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("421 too many connections from ::1", "::1"),
        ("421 too many connections from 2001:db8::add-", None),
        ("421 too many connections from [2001:db8::add]", "2001:db8::add"),
        ("450 4.7.1 connection to mx.example.com from [192.0.2.7] refused", "192.0.2.7"),
    ],
)
def test_the_form_of_an_address(text: str, ip: str | None) -> None:
    assert client_ip(text) == ip


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("550 5.7.1 Client host [192.0.2.7] rejected", "192.0.2.7"),
        ("550-5.7.25 [192.0.2.7] The IP address sending this", "192.0.2.7"),
        ("550 5.1.0 192.0.2.7 is not allowed to send from <example.net>", "192.0.2.7"),
        ("550 5.1.1 <bob@example.com> - 192.0.2.7 has sent too much", "192.0.2.7"),
        ("550 5.7.1 (192.0.2.7) no thanks", "192.0.2.7"),
        ("4.7.0 SPF check does not pass with ip: 4.7.0 [192.0.2.7].To best protect", "192.0.2.7"),
        ("550-5.7.1 [192.0.2.7      12] Our system has detected", "192.0.2.7"),
        ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", "192.0.2.7"),
        ("550 5.7.1 <bob@example.com>... Relaying denied. IP name lookup failed [192.0.2.7]", "192.0.2.7"),
        ("451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited", "192.0.2.7"),
        ("554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: no thanks", "192.0.2.7"),
        ("554 5.7.1 blocked, see <https://www.spamhaus.org/query/ip/192.0.2.7>", "192.0.2.7"),
        ("550 Sorry, 192.0.2.7 is not permitted", "192.0.2.7"),
        ("550 Sorry, [192.0.2.7] is not permitted", "192.0.2.7"),
        ("550 no thanks (192.0.2.7)", None),
        ("550 no thanks [192.0.2.7]", None),
        ("550 192.0.2.7", None),
        ("504 5.5.2 <[192.0.2.7]>: Helo command rejected: need fully-qualified hostname", None),
        ("504 5.5.2 <192.0.2.7>: Helo command rejected: need fully-qualified hostname", None),
        ("501 Syntactically invalid EHLO argument(s): [192.0.2.7]", None),
        ("550 HELO [192.0.2.7] is not yours", None),
        ("550 5.1.1 <a [192.0.2.7] is b>: user unknown", None),
        ("550 5.1.1 <from 192.0.2.7>: user unknown", None),
        ("550 mx.example.test [192.0.2.7] does not relay for you", None),
        ("550 mx.example.test[192.0.2.7] does not relay for you", None),
        ("550 rejected by the mail server [192.0.2.7]", None),
        ("550 host mx.x.test[198.51.100.66] said: 550 5.7.1 Client host [192.0.2.7] rejected", None),
        ("550 host mx.x.test[198.51.100.66] said: 550-5.7.1 [192.0.2.7] rejected (in reply to RCPT)", None),
        ("550 5.7.1 Client host [192.0.2.7] rejected, mx.x.test said: 550 no", "192.0.2.7"),
        ("550 5.7.1 Client host [10.0.0.7] rejected", None),
        ("550 5.7.1 Client host [127.0.0.1] rejected", None),
        ("550 ACCEPTED by mx [192.0.2.1]", None),
        ("554 mx.example.net 203.0.113.2 wants a PTR record", None),
        ("550 ask 192.0.2.9 why", None),
        ("550 see RFC2821 4.1.1.1", None),
    ],
)
def test_an_address_in_a_session_s_reply_counts_by_place_and_form(text: str, ip: str | None) -> None:
    assert session_client_ip(text) == ip


HELO_REJECTED = "504 5.5.2 <[192.168.7.7]>: Helo command rejected: need fully-qualified hostname"
HOST_REJECTED = "550 5.7.1 Client host [192.0.2.7] rejected"
OWN_NAME = "554 mx.example.test [192.0.2.7] rejected your message"


@pytest.mark.parametrize(
    ("text", "known", "ip"),
    [
        (HELO_REJECTED, Known(is_near=True), None),
        (HELO_REJECTED, Known(is_near=True, ours=frozenset({"192.168.7.7"})), "192.168.7.7"),
        (HELO_REJECTED, Known(ours=frozenset({"192.168.7.7"})), None),
        (HOST_REJECTED, Known(not_ours=frozenset({"192.0.2.7"})), None),
        (HOST_REJECTED, Known(not_ours=frozenset({"192.0.2.7"}), ours=frozenset({"192.0.2.7"})), "192.0.2.7"),
        ("550 5.7.1 Client host [10.0.0.7] rejected", Known(is_near=True), "10.0.0.7"),
        ("550 5.7.1 Client host [::ffff:10.0.0.7] rejected", Known(), None),
        (OWN_NAME, Known(), "192.0.2.7"),
        (OWN_NAME, Known(hosts=frozenset({"mx.example.test"})), None),
        (OWN_NAME.replace(" [", "["), Known(hosts=frozenset({"mx.example.test"})), None),
        (OWN_NAME.replace("mx.e", "MX.E"), Known(hosts=frozenset({"mx.example.test"})), None),
        ("550 no thanks (192.0.2.7)", Known(ours=frozenset({"192.0.2.7"})), "192.0.2.7"),
    ],
)
def test_what_a_session_knows_decides(text: str, known: Known, ip: str | None) -> None:
    assert session_client_ip(text, known) == ip


@pytest.mark.parametrize(
    ("line", "ip"),
    [
        ("mail.example.com Hello client.example.org [192.0.2.7]", "192.0.2.7"),
        ("mx.example.com at your service, [2001:db8::1]", "2001:db8::1"),
        ("mail.example.com Hello client.example.org [IPv6:2001:db8::1], pleased to meet you", "2001:db8::1"),
        ("mail.example.com", None),
        ("mail.example.com Hello [not-an-address]", None),
    ],
)
def test_the_ehlo_reply_names_the_client(line: str, ip: str | None) -> None:
    assert ehlo_client_ip([line, "SIZE 1000 [192.0.2.99]"]) == ip
    assert ehlo_client_ip([]) is None


NO_ADDRESSES = [
    "See RFC2821 4.1.1.1",
    "See RFC 5321, sections 4.1.1.1 and 4.1.1.4",
    "This breaks 4.1.1.1 of RFC 2821",
    "Not what 4.1.1.1 (RFC 5321) asks for",
    "Section 4.1.1.1 must be followed",
    "Our scanner 0.103.8.1 has seen spam",
    "Read https://example.org/help/4.1.1.1/why",
    "Blocked by filter v3.4.1.2",
    "Blocked by filter version 3.4.1.2",
    "Exchange 15.20.8.1 refused this",
    "Look at \\\\share\\1.2.3.4",
    "Installed: postfix/3.4.1.2",
    "Unexpected volume of complaints - 4.16.55.1; read on",
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_versions_sections_and_paths_are_no_addresses(text: str) -> None:
    assert explain(f"550 5.7.1 {text}").captures.ip is None
    assert session_client_ip(f"5.7.1 {text}") is None


@pytest.mark.parametrize(
    "text",
    [
        "The SPF record does not list 198.51.100.9",
        "Refused: 198.51.100.9",
        "We found that 198.51.100.9 has no PTR record",
        "Limited [abc 198.51.100.9]",
        "You come from (198.51.100.9)",
        "Reverse DNS of 198.51.100.9 is wrong",
        "Your network 198.51.100.9/32 is unwanted",
        "Read https://example.org/case?c=r1&v=198.51.100.9",
        "mx1.mail.example.net 198.51.100.9 may not send",
    ],
)
def test_an_address_in_the_place_of_one(text: str) -> None:
    assert explain(f"550 {text}").captures.ip == "198.51.100.9"


def test_a_number_that_is_known_to_be_ours_is_ours() -> None:
    known = Known(ours=frozenset({"198.51.100.9"}))
    assert session_client_ip("see 198.51.100.9 for this", known) == "198.51.100.9"
