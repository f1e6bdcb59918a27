from __future__ import annotations

import pytest

from smtpprobe.mailauth.dmarc.author_domain import author_domains


@pytest.mark.parametrize(
    ("value", "domains"),
    [
        ("alice@example.org", ["example.org"]),
        ("Alice <alice@Example.ORG>", ["example.org"]),
        ('"a, b <c@example.net>" <alice@example.org>', ["example.org"]),
        ("a@example.net <alice@example.org>", ["example.org"]),
        ("alice@example.org (eve@example.net)", ["example.org"]),
        ("alice@example.org, Bob <bob@example.org>", ["example.org"]),
        ("alice@example.org, bob@example.net", ["example.org", "example.net"]),
        ("friends: alice@example.org, bob@example.net;", ["example.org", "example.net"]),
        ("Alice\r\n <alice@example.org>", ["example.org"]),
        ("alice@bücher.example", ["xn--bcher-kva.example"]),
        ('"alice@home"@example.org', ["example.org"]),
        ("alice@example.org.", ["example.org"]),
        ("alice", []),
        ("<>", []),
        ("", []),
        ('"unclosed <alice@example.org>', []),
        ("<alice@example.org", ["example.org"]),
    ],
)
def test_author_domains(value: str, domains: list[str]) -> None:
    assert (
        list(author_domains(f"To: x@example.com\r\nFrom: {value}\r\n\r\nFrom: y@example.com\r\n".encode())) == domains
    )
