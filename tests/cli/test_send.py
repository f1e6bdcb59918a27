"""check --send: what goes out, what is refused before anything does, and that no key is shown."""

from __future__ import annotations

import email
import email.policy
import io
import os
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from tests.cli.conftest import Ran
from tests.mailauth.dkim.signing import ed_key, ed_record
from tests.mailauth.dkim.test_sign import pem

ENVELOPE = ("--mail-from", "alice@example.org", "--rcpt-to", "bob@example.com", "--helo", "client.example.org")
FILE = b"From alice Tue Dec  1\nFrom: <alice@example.org>\nSubject: old\n\n.\nHi\n"


def sent(cli: Callable[..., Ran], *options: str, behaviour: Behaviour | None = None) -> tuple[Ran, list[bytes]]:
    """What ran, and the messages that arrived."""
    with AiosmtpdServer(behaviour or Behaviour(starttls=False)) as server:
        ran = cli("check", f"127.0.0.1:{server.port}", "--send", *ENVELOPE, "--format", "json", *options)
        return ran, [each.content for each in server.messages]


def test_a_test_message_arrives(cli: Callable[..., Ran]) -> None:
    ran, (octets,) = sent(cli)
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert ran.code == 0
    assert (message["From"], message["To"]) == ("alice@example.org", "bob@example.com")
    record = ran.report["request"]["message_to_send"]
    assert record["message_id"] == message["Message-ID"]
    assert record["message_id"].startswith("<smtpprobe.")
    assert ran.report["request"]["message_to_judge"] is None


def test_a_file_arrives_as_it_is_but_for_its_line_ends(cli: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(FILE)
    _, (octets,) = sent(cli, "--message", str(tmp_path / "m.eml"))
    assert octets == b"From: <alice@example.org>\r\nSubject: old\r\n\r\n.\r\nHi\r\n"


def test_standard_input_is_a_file(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"From: <a@example.org>\r\n\r\nHi\r\n")))
    _, (octets,) = sent(cli, "--message", "-")
    assert octets == b"From: <a@example.org>\r\n\r\nHi\r\n"


def test_fields_text_and_files(cli: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"attached\n")
    (tmp_path / "body").write_text("Grüße\n", "utf-8")
    _, (octets,) = sent(
        cli, "--header", "Subject: Grüße", "--header", "X-A: 1", "--header", "X-Mailer:", "--body",
        f"@{tmp_path / 'body'}", "--attach", str(tmp_path / "a.txt"),
    )  # fmt: skip
    message = email.message_from_bytes(octets, policy=email.policy.default)
    text, attached = message.iter_parts()
    assert (message["Subject"], message["X-A"], message["X-Mailer"]) == ("Grüße", "1", None)
    assert (text.get_content(), attached.get_content()) == ("Grüße\r\n", "attached\n")


def test_a_message_is_filled_and_tests_filters(cli: Callable[..., Ran]) -> None:
    _, (octets,) = sent(cli, "--message-size", "20k", "--gtube", "--eicar")
    assert len(octets) == 20480
    assert b"GTUBE-STANDARD" in octets
    assert b"filename=eicar.com" in octets


def test_a_message_is_signed(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(ed_key()))
    path.chmod(0o644)
    ran, (octets,) = sent(cli, "--dkim-sign", f"{path}:s1:example.org", "--header", "Subject: Hi")
    assert dkim.verify(octets, dnsfunc=lambda name, timeout=5: ed_record().encode())
    assert "can be read by others" in ran.err or os.name != "posix"
    secret = pem(ed_key()).splitlines()[1].decode()
    assert secret not in ran.out + ran.err


def test_it_is_refused_after_the_dot(cli: Callable[..., Ran]) -> None:
    ran, messages = sent(
        cli, "--gtube", behaviour=Behaviour(starttls=False, replies={Phase.MESSAGE: "554 5.7.1 Rejected as spam"})
    )
    assert (ran.code, messages) == (1, [])
    (verdict,) = ran.report["verdicts"]
    assert (verdict["causes"][0]["id"], verdict["causes"][0]["confidence"]) == ("spam-content", "confirmed")


WRONG = [
    (["--send"], "--send needs --mail-from"),
    (["--send", "--mail-from", "a@b.example"], "--send needs --rcpt-to"),
    ([*ENVELOPE, "--header", "Subject: x"], "--header needs --send"),
    ([*ENVELOPE, "--bdat"], "--bdat needs --send"),
    ([*ENVELOPE, "--gtube"], "--gtube needs --send"),
    ([*ENVELOPE, "--send", "--quit-after", "rcpt"], "--quit-after rcpt and --send"),
    ([*ENVELOPE, "--send", "--chunk-size", "100"], "--chunk-size needs --bdat"),
    ([*ENVELOPE, "--send", "--all-addresses"], "--all-addresses and --send: the message would be sent more than once"),
    ([*ENVELOPE, "--send", "--header", "Subject"], "expected 'Name: value'"),
    ([*ENVELOPE, "--send", "--message-size", "10"], "a message of 10 octets: expected at least"),
    ([*ENVELOPE, "--send", "--message-size", "1T"], "'1T' is not a size"),
    ([*ENVELOPE, "--send", "--message-size", "10G"], "is not a size"),
    ([*ENVELOPE, "--send", "--dkim-sign", "key.pem"], "expected KEY:SELECTOR:DOMAIN"),
    ([*ENVELOPE, "--send", "--attach", "/nonexistent"], "No such file"),
    ([*ENVELOPE, "--send", "--message", "FILE", "--body", "x"], "--body and --message: expected one of the two"),
    ([*ENVELOPE, "--send", "--protocol", "smtp", "--bdat"], "--bdat needs EHLO"),
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_does_not_fit_is_said_before_anybody_is_called(
    cli: Callable[..., Ran], closed_port: str, tmp_path: Path, options: list[str], words: str
) -> None:
    (tmp_path / "m.eml").write_bytes(FILE)
    ran = cli("check", closed_port, *(str(tmp_path / "m.eml") if each == "FILE" else each for each in options))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_a_key_that_is_no_key_is_not_shown(cli: Callable[..., Ran], closed_port: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    for given in (f"{path}:s1:example.org", path.read_text()):
        ran = cli("check", closed_port, "--send", *ENVELOPE, "--dkim-sign", given)
        assert ran.code == 2
        assert "c2VjcmV0" not in ran.out + ran.err


def test_a_projects_file_names_nobody_that_a_message_goes_to(
    cli: Callable[..., Ran], closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "smtpprobe.toml").write_text('rcpt-to = ["bob@example.com"]\n')
    ran = cli("check", closed_port, "--send", "--mail-from", "a@example.org")
    assert ran.code == 2
    assert "a message is sent only by and to somebody who was named" in ran.err
