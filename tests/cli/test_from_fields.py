"""A message whose From field is wrong: every command names it with the field, and DMARC judges no other domain for it.

Each message has a signature of example.org that verifies, and is sent with a reverse-path of example.org, for which SPF
could pass: neither makes it right.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, served
from tests.mailauth.dkim.signing import rsa_record, sign

A, B = b"alice@example.org", b"bob@example.net"
KEY = f'sel._domainkey.example.org. TXT "{rsa_record()}"'
POLICY = '_dmarc.example.org. TXT "v=DMARC1; p=reject"'


def fields(*values: bytes) -> bytes:
    return b"".join(b"From: " + value + b"\r\n" for value in values)


# Each: the header fields, what is said, and whether DMARC has one author domain.
WRONG: list[tuple[bytes, str, bool]] = [
    (fields(A, B), "there are 2 From fields, exactly one is allowed", False),
    (fields(A, A), "there are 2 From fields", False),
    (fields(A, A, B, B, B), "there are 5 From fields", False),
    (b"From: " + A + b"\r\nFROM: " + B + b"\r\n", "there are 2 From fields", False),
    (b"From : " + A + b"\r\nFrom: " + B + b"\r\n", "there are 2 From fields", False),
    (b"From:\r\n " + A + b"\r\nFrom:\r\n\t" + B + b"\r\n", "there are 2 From fields", False),
    (b"From : " + A + b"\r\n", "a blank before its colon", True),
    (b"X-From: " + A + b"\r\n", "the message has no From field", False),
    (b"Resent-From: " + A + b"\r\n", "the message has no From field", False),
    (fields(b""), "the From field is empty", False),
    (fields(b" \t"), "the From field is empty", False),
    (fields(b"<>"), "the From field contains no address", False),
    (fields(b"Alice"), "no address with a domain", False),
    (fields(b"alice@"), "no address with a domain", False),
    (fields(b"@example.org"), "nothing is before the @", True),
    (fields(A + b", carol@example.org"), "2 mailboxes, and there is no Sender field", True),
    (fields(A + b", " + B), "2 domains (example.org, example.net)", False),
    (fields(A + b"; " + B), "a semicolon separates addresses", False),
    (fields(b"<" + A + b"> <" + B + b">"), "several addresses in angle brackets", True),
    (fields(b"Team: " + A + b";"), "the group 'Team'", True),
    (fields(b"Team:;"), "a group without an address", False),
    (fields(b"Team: " + A), "a group is not closed", True),
    (fields(b"Team: " + A + b";, " + B), "the group 'Team'", False),
    (fields(b"=?utf-8?q?alice=40example=2Eorg?="), "only in a quoted string, a comment or an encoded word", False),
    (fields(b"=?utf-8?b?YWxpY2VAZXhhbXBsZS5vcmc=?="), "only in a quoted string", False),
    (fields(b"(" + A + b")"), "only in a quoted string", False),
    (fields(b'"' + A + b'"'), "only in a quoted string", False),
    (fields(b'"' + B + b'" <' + A + b">"), "'bob@example.net' in the name", True),
    (fields(b"=?utf-8?q?bob=40example=2Enet?= <" + A + b">"), "'bob@example.net' in the name", True),
    (fields(A + b" (" + B + b")"), "'bob@example.net' in the name", True),
    (fields(B + b" <" + A + b">"), "an @ outside quotation marks", True),
    (fields(b'"bob@example.net"@example.org'), "in its quoted local part", True),
    (fields(b"bob@example.net@example.org"), "more than one @", True),
    (fields(b"alice@[192.0.2.1]"), "the address literal '[192.0.2.1]'", False),
    (fields(b"alice@[IPv6:2001:db8::1]"), "the address literal", False),
    (fields(b"alice@192.0.2.1"), "the IP address 192.0.2.1", False),
    (fields(b"alice@example.org."), "with a dot at its end", True),
    (fields(b"alice@example..org"), "which is not a domain name", False),
    (fields(b"alice@org"), "not a full domain name", True),
    (fields("alice@exam\u200bple.org".encode()), "which is not a domain name", False),
    (fields("alice@example\uff0eorg".encode()), "which is not a domain name", False),
    (fields(b"alice@b\xfccher.example"), "octets that are not UTF-8", False),
    (fields(b"alice\0@example.org"), "the control character U+0000", True),
    (fields(A + b"\rFrom: " + B), "the control character U+000D", True),
    (fields(b'"Alice <' + A + b">"), "a quotation mark is not closed", False),
    (fields(b"Alice <" + A), "an angle bracket is not closed", True),
    (fields(b"Alice " + A + b">"), "'>' has no counterpart", True),
    (fields(b"<<" + A + b">>"), "one angle bracket is inside another", True),
    (fields(b"Alice (sales <" + A + b">"), "a comment is not closed", False),
    (fields(b"<@relay.example:" + A + b">"), "an obsolete route", True),
    (fields(b"mailto:" + A), "'mailto:' is before the address", True),
    (fields(b"Doe, Jane <" + A + b">"), "'Doe', which is not an address", True),
]  # fmt: skip


@pytest.fixture
def message(tmp_path: Path) -> Callable[[bytes], str]:
    """The path of a signed message with these fields."""

    def write(header: bytes) -> str:
        path = tmp_path / "message.eml"
        path.write_bytes(sign(header + b"To: bob@example.com\r\nSubject: x\r\n\r\nhello\r\n"))
        return str(path)

    return write


def said(ran: Ran) -> str:
    return " ".join(ran.out.split())


def is_plain(ran: Ran) -> bool:
    """Whether what was printed is text of ours: no traceback, no control character, no None of Python's."""
    return ran.err == "" and ran.out.replace("\n", "").isprintable() and "None" not in ran.out


@pytest.mark.parametrize(("header", "words", "_"), WRONG, ids=range(len(WRONG)))
def test_dkim_does_not_call_the_message_fine(
    cli: Callable[..., Ran], message: Callable[[bytes], str], header: bytes, words: str, _: bool
) -> None:
    arguments = ("dkim", "--message", message(header), "--assume", KEY)
    report = cli(*arguments, "--format", "json").report
    problems = [problem["statement"] for problem in report["evidence"]["author"]["problems"]]
    assert any(words in problem for problem in problems)
    assert {"dkim-from-invalid", "dkim-from-ambiguous"} & {finding["id"] for finding in report["findings"]}
    # The signer of these tests splits at control characters, so that what it signs there is another text.
    passes = not {0, 13} & set(header.replace(b"\r\n", b""))
    assert [signature["result"] for signature in report["evidence"]["signatures"]] == ["pass" if passes else "fail"]
    for more in ((), ("-v",)):
        ran = cli(*arguments, *more)
        assert is_plain(ran), ran
        assert " ".join(words.split()) in said(ran)
        shows_another = words.startswith("'bob@example.net' in") or words == "in its quoted local part"
        doubt = "shows its readers another address" if shows_another else "is not as it should be"
        assert (f"of a message whose From field {doubt}" in said(ran)) is passes


@pytest.mark.parametrize(("header", "words", "is_judged"), WRONG, ids=range(len(WRONG)))
def test_dmarc_judges_the_from_field_or_nothing(
    cli: Callable[..., Ran], message: Callable[[bytes], str], header: bytes, words: str, is_judged: bool
) -> None:
    arguments = ("dmarc", "--message", message(header), "--assume", KEY, "--assume", POLICY)
    ran = cli(*arguments, "--format", "json")
    report = ran.report
    assert (report["evidence"] is not None) is is_judged
    ids = [finding["id"] for finding in report["findings"]]
    if not is_judged:
        # RFC 7489 §6.6.1: receivers typically refuse it.
        assert (ids[0], ids.count("dmarc-no-author-domain"), ran.code) == ("dmarc-no-author-domain", 1, 1)
        assert cli(*arguments, "--fail-on", "never").code == 6
    assert any(words in finding["message"] for finding in report["findings"])
    assert set(ids) <= {"dmarc-no-author-domain", "dmarc-from-ambiguous", "dmarc-rests-on-spf", "dmarc-none"}
    for more in ((), ("-v",)):
        assert is_plain(cli(*arguments, *more))


# Each: the header fields, and what each finding about From says, in order.
SAID: list[tuple[bytes, list[str]]] = [
    (fields(b'"ceo@bank.example" <' + A + b">"), ["many programs show readers that one alone"]),
    (fields(A + b"; carol@example.org"), ["a semicolon", "2 mailboxes, and there is no Sender field"]),
    (fields(b"Team: " + A + b", carol@example.org;"), ["refuse groups", "2 mailboxes, and there is no Sender field"]),
    (fields(A + b", carol@example.org") + b"Sender: " + A + b"\r\n", ["some receivers refuse several authors"]),
    (fields(b"A: " + A + b";, B: " + B + b";"), ["2 domains", "the group 'A'", "2 mailboxes"]),
]


@pytest.mark.parametrize(("header", "words"), SAID, ids=range(len(SAID)))
def test_dmarc_says_all_that_is_to_be_said_of_from_and_what_receivers_do(
    cli: Callable[..., Ran], message: Callable[[bytes], str], header: bytes, words: list[str]
) -> None:
    ran = cli("dmarc", "--message", message(header), "--assume", KEY, "--assume", POLICY, "--format", "json")
    messages = [each["message"] for each in ran.report["findings"] if each["subject"] == "From"]
    assert len(messages) == len(words)
    assert all(word in each for word, each in zip(words, messages, strict=True))
    assert not any("a comma is beside" in each or "may read another author" in each for each in messages)


def test_several_authors_with_a_sender_are_named_and_no_fault(
    cli: Callable[..., Ran], message: Callable[[bytes], str]
) -> None:
    path = message(fields(A + b", carol@example.org") + b"Sender: " + A + b"\r\n")
    for command in ("dkim", "dmarc"):
        ran = cli(command, "--message", path, "--assume", KEY, "--assume", POLICY, "--format", "json")
        (finding,) = (each for each in ran.report["findings"] if each["subject"] == "From")
        assert (finding["id"], finding["severity"], ran.code) == (f"{command}-from-ambiguous", "notice", 0)
    assert "not as it should be" not in cli("dkim", "--message", path, "--assume", KEY).out


@pytest.mark.parametrize("number", range(0, len(WRONG), 4))
def test_check_names_it_and_never_falls_back_to_the_reverse_path(
    cli: Callable[..., Ran], message: Callable[[bytes], str], number: int
) -> None:
    header, words, is_judged = WRONG[number]
    session = (
        "S: 220 mx.example.com ESMTP\nC: EHLO /.*/\nS: 250 mx.example.com\nC: MAIL FROM:<carol@example.org>\nS: 250 2.1.0 ok\n"
        "C: RCPT TO:<bob@example.com>\nS: 554 5.7.1 refused\nC: QUIT\nS: 221 bye\n"
    )
    with served(session) as target:
        arguments = (
            "check", target, "--mail-from", "carol@example.org", "--rcpt-to", "bob@example.com", "--tls", "off",
            "--client-ip", "192.0.2.1", "--helo", "mail.example.org", "--message", message(header), "--assume", KEY,
            "--assume", POLICY, "--assume", 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"',
        )  # fmt: skip
        text = cli(*arguments, "-v")
        report = cli(*arguments, "--format", "json").report
    assert "Traceback" not in text.err
    assert "None" not in text.out
    assert words in said(text)
    (dmarc,) = (run for run in report["checks"] if run["check"] == "dmarc")
    assert (dmarc["status"] == "completed") is is_judged
