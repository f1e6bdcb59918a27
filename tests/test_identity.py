from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from smtpprobe.identity import identify
from smtpprobe.model.reply import Reply
from smtpprobe.model.transcript import Exchange, IpSource, Phase, Transcript

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SAW = "198.51.100.7"
# AS112's addresses: documentation addresses are not global, and these are nobody's mail server.
GLOBAL, FAR, FAR_SIX = "192.31.196.7", "192.31.196.25", "2620:4f:8000::25"


def exchange(index: int, phase: Phase, code: int, *lines: str) -> Exchange:
    raw = "".join(f"{code}{'-' if n < len(lines) - 1 else ' '}{line}\r\n" for n, line in enumerate(lines))
    return Exchange(
        index=index,
        phase=phase,
        sent=None,
        reply=Reply(code=code, enhanced=None, lines=lines, raw=raw.encode("utf-8", "surrogateescape")),
    )


def transcript(*exchanges: Exchange, peer: str = FAR, local: str | None = "192.168.1.5") -> Transcript:
    return Transcript(address=peer, port=25, started_at=NOW, complete=True, exchanges=exchanges, local_address=local)


GREETING = exchange(0, Phase.GREETING, 220, "mx.example.com ESMTP")
EHLO = exchange(1, Phase.EHLO, 250, f"mx.example.com Hello client.example.org [{SAW}], pleased to meet you", "SIZE")
SILENT_EHLO = exchange(1, Phase.EHLO, 250, "mx.example.com", "SIZE")
REFUSED = exchange(
    2, Phase.RCPT, 554, "5.7.1 Service unavailable; Client host [192.0.2.77] blocked using zen.dnsbl.example"
)
RETURN_CODE = exchange(2, Phase.RCPT, 554, "5.7.1 blocked using zen.dnsbl.example, 127.255.255.254")


@pytest.mark.parametrize(
    ("exchanges", "given", "ip", "source", "warnings"),
    [
        pytest.param((GREETING, EHLO, REFUSED), "2001:db8::1", "2001:db8::1", IpSource.OPTION, 2, id="option first"),
        pytest.param((GREETING, EHLO, REFUSED), None, "192.0.2.77", IpSource.REPLY, 1, id="then the rejection"),
        pytest.param((GREETING, EHLO), None, SAW, IpSource.EHLO, 0, id="then the reply to EHLO"),
        pytest.param((GREETING, EHLO), SAW, SAW, IpSource.OPTION, 0, id="agreement warns of nothing"),
        pytest.param((GREETING, SILENT_EHLO), None, None, IpSource.UNKNOWN, 1, id="behind NAT: unknown"),
        pytest.param((GREETING, SILENT_EHLO, RETURN_CODE), None, None, IpSource.UNKNOWN, 1, id="a return code is none"),
    ],
)
def test_the_first_source_that_knows_counts(exchanges, given, ip, source, warnings):
    found = identify(transcript(*exchanges), "client.example.org", given)
    assert (found.client_ip, found.client_ip_source) == (ip, source)
    assert len(found.warnings) == warnings
    assert found.helo == "client.example.org"


@pytest.mark.parametrize(
    ("local", "peer", "source"),
    [
        (GLOBAL, FAR, IpSource.SOCKET),
        ("192.168.1.5", "192.168.1.9", IpSource.SOCKET),
        ("127.0.0.1", "127.0.0.1", IpSource.SOCKET),
        ("::1", "::1", IpSource.SOCKET),
        ("192.168.1.5", FAR, IpSource.UNKNOWN),
        ("100.64.3.4", FAR, IpSource.UNKNOWN),
        ("fd00::5", FAR_SIX, IpSource.UNKNOWN),
        (None, "/run/lmtp", IpSource.UNKNOWN),
    ],
)
def test_the_socket_counts_where_it_is_global_or_the_peer_is_near(local, peer, source):
    assert identify(transcript(GREETING, peer=peer, local=local), None).client_ip_source is source


def test_an_unknown_address_says_what_to_give():
    identity = identify(transcript(GREETING), None)
    (warning,) = identity.warnings
    assert "192.168.1.5" in warning
    assert identity.needs == "client_ip"
    assert identify(transcript(GREETING), None, "198.51.100.7").needs is None


def test_disagreement_names_the_other_and_not_again_the_one_that_is_used():
    found = identify(transcript(GREETING, EHLO, REFUSED), None)
    assert found.client_ip == "192.0.2.77"
    assert found.warnings == (f"the reply to EHLO quotes {SAW}",)


def test_the_last_ehlo_reply_counts():
    over_tls = exchange(4, Phase.EHLO, 250, "mx.example.com Hello [192.0.2.99]")
    assert identify(transcript(GREETING, EHLO, over_tls), None).client_ip == "192.0.2.99"


def sent(exchange: Exchange, command: str) -> Exchange:
    return msgspec.structs.replace(exchange, sent=command)


HELO_LITERAL = sent(SILENT_EHLO, "EHLO [192.168.7.7]")
HELO_REJECTED = exchange(2, Phase.RCPT, 504, "5.5.2 <[192.168.7.7]>: Helo command rejected: need FQDN")
CALLS_MX = exchange(2, Phase.RCPT, 550, "mx.example.com [198.51.100.66] rejected your message")


@pytest.mark.parametrize(
    ("exchanges", "local", "peer", "ip"),
    [
        pytest.param((HELO_LITERAL, HELO_REJECTED), "192.168.1.5", FAR, None, id="the HELO literal"),
        pytest.param((HELO_LITERAL, HELO_REJECTED), "192.168.1.5", "192.168.1.9", "192.168.1.5", id="near, too"),
        pytest.param((HELO_LITERAL, HELO_REJECTED), "192.168.7.7", "192.168.7.9", "192.168.7.7", id="our own, near"),
        pytest.param((HELO_LITERAL, HELO_REJECTED), "192.168.7.7", FAR, None, id="our own, behind NAT"),
        pytest.param(
            (
                sent(SILENT_EHLO, "EHLO [203.0.113.7]"),
                exchange(2, Phase.RCPT, 550, "5.7.1 Client [203.0.113.7] rejected"),
            ),
            None,
            FAR,
            None,
            id="the HELO literal, called the client",
        ),
        pytest.param(
            (
                sent(
                    exchange(2, Phase.MAIL, 550, "5.7.1 your address [203.0.113.7] rejected"),
                    "MAIL FROM:<a@[203.0.113.7]>",
                ),
            ),
            None,
            FAR,
            None,
            id="a literal of the envelope",
        ),
        pytest.param(
            (
                sent(
                    exchange(2, Phase.RCPT, 550, "<a@[203.0.113.7]>: Recipient address rejected"),
                    "RCPT TO:<a@[203.0.113.7]>",
                ),
            ),
            None,
            FAR,
            None,
            id="a recipient",
        ),
        pytest.param((CALLS_MX,), None, FAR, None, id="the name in the greeting"),
        pytest.param(
            (
                exchange(1, Phase.EHLO, 250, "in.example.com"),
                exchange(2, Phase.RCPT, 550, "in.example.com [198.51.100.66] rejected"),
            ),
            None,
            FAR,
            None,
            id="the name in the reply to EHLO",
        ),
        pytest.param(
            (exchange(2, Phase.RCPT, 550, "target.example [198.51.100.66] rejected"),), None, FAR, None, id="the target"
        ),
        pytest.param(
            (exchange(2, Phase.RCPT, 550, f"from [{FAR}] refused"),), None, FAR, None, id="the peer's address"
        ),
        pytest.param(
            (exchange(2, Phase.RCPT, 550, "from [10.0.0.7] refused"),), None, FAR, None, id="private, peer far"
        ),
        pytest.param(
            (exchange(2, Phase.RCPT, 550, "from [10.0.0.7] refused"),),
            None,
            "10.0.0.1",
            "10.0.0.7",
            id="private, peer near",
        ),
        pytest.param(
            (exchange(2, Phase.RCPT, 550, "from [10.0.0.7] refused"),),
            None,
            "/run/lmtp",
            "10.0.0.7",
            id="a local socket",
        ),
        pytest.param((exchange(2, Phase.RCPT, 550, "::add-mask::a"),), None, FAR, None, id="no address"),
        pytest.param((EHLO, exchange(2, Phase.RCPT, 550, f"go away ({SAW})")), None, FAR, SAW, id="known from EHLO"),
    ],
)
def test_an_address_in_a_reply_counts_by_what_the_session_knows(exchanges, local, peer, ip):
    held = msgspec.structs.replace(transcript(GREETING, *exchanges, peer=peer, local=local), host="target.example")
    assert identify(held, None).client_ip == ip


@pytest.mark.parametrize(
    ("line", "local", "ip"),
    [
        ("mx.example.com Hello [192.0.2.7]", None, None),
        ("mx.example.com Hello [192.0.2.7] [198.51.100.7]", None, SAW),
        ("mx.example.com Hello [198.51.100.7]", None, SAW),
        ("mx.example.com Hello [192.0.2.7]", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_an_echo_of_the_helo_literal_is_no_answer(line, local, ip):
    held = transcript(GREETING, sent(exchange(1, Phase.EHLO, 250, line), "EHLO [192.0.2.7]"), local=local)
    assert identify(held, None).client_ip == ip


@pytest.mark.parametrize("text", ["\x00" * 50, "[" * 5000, "[999.1.2.3]", "\udcff [::ffff:198.51.100.7]", ":" * 3000])
def test_hostile_text_does_no_harm(text):
    hostile = Exchange(
        index=2, phase=Phase.RCPT, sent=None, reply=Reply(code=550, enhanced=None, lines=(text,), raw=b"550 x\r\n")
    )
    identify(transcript(GREETING, exchange(1, Phase.EHLO, 250, text), hostile), None)
