"""A password in a URL, or in what somebody took for a target, is printed nowhere, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

SECRET = "Geheim77"
FORMS = [
    "smtp://alice:Geheim77@mx.example:587", "smtps://alice:Geheim77@mx.example", "lmtp://alice:Geheim77@mx.example",
    "SMTPS://alice:Geheim77@mx.example:465/", "smtp://alice:p%40ss-Geheim77@mx.example:587", "smtp://:Geheim77@mx.example",
    "smtp://Geheim77@mx.example", "smtp://a:b:Geheim77@[::1]:25", "smtp://a:Geheim77@[::1", "smtp://a:Geheim77@",
    "smtp://a:Geheim77/x@mx.example:25", "smtp://a:Geheim77?x@mx.example", "smtp://a:Geheim77#x@mx.example",
    "smtp://a:Geheim77@b@mx.example", "smtp://a:Geheim77@mx..example", "smtp://a:Geheim77@mx.example:99999",
    "smtp://a:Geheim77@mx.example:smtp", "http://alice:Geheim77@mx.example", "alice:Geheim77@mx.example",
    "alice:Geheim77@mx.example:25", "smtp:alice:Geheim77@mx.example", "smtp:/alice:Geheim77@mx.example",
    "smtp:\\\\alice:Geheim77@mx.example", "smtp://alice:Geheim 77@mx.example", "smtp://alice:Geheim77@mx example",
    '"smtp://alice:Geheim77@mx.example"', "'smtp://alice:Geheim77@mx.example'", " smtp://alice:Geheim77@mx.example ",
    "smtp://alice%3AGeheim77%40mx.example", "smtp://alice%3AGeheim77@mx.example", "smtp://alice:Geheim77",
    "smtp://alice:Geheim77:25", "alice:Geheim77", "alice:Geheim77:25", "smtp://mx.example?password=Geheim77",
    "smtp://mx.example:587/?user=a&password=Geheim77", "smtp://mx.example/Geheim77", "smtp://mx.example#Geheim77",
    "smtp://mx.example:Geheim77", "smtp://alice:Geheim77\uff20mx.example", "alice:Geheim77\uff20mx.example",
    "smtp://alice:Geheim77@\x1b[31m", "smtp://alice:'Geheim77\"@mx.example", "smtp://alice:\\Geheim77\n@mx.example",
    "[::1]:Geheim77", "alice:Geheim77@[::1]:25",
]  # fmt: skip


def silent(ran: Ran) -> None:
    assert ran.code != 0
    assert SECRET.lower() not in (ran.out + ran.err).lower()
    assert "Geheim" not in ran.out + ran.err


@pytest.mark.parametrize("form", FORMS)
def test_as_the_target(cli: Callable[..., Ran], form: str) -> None:
    for arguments in ([], ["587", "--format", "json"], ["more", "and more"]):
        silent(cli("check", form, *arguments))


# One of each kind: with a scheme and without, with other things wrong, quoted, with blanks.
KINDS = [FORMS[number] for number in (0, 4, 9, 11, 15, 18, 20, 22, 23, 25)]


@pytest.mark.parametrize("form", [*KINDS, "smtp://alice:\\Geheim77\n@mx.example", "smtp://alice:Geheim77@\x1b[31m"])
def test_in_another_place(cli: Callable[..., Ran], form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    silent(cli(form))
    silent(cli("check", "127.0.0.1:1", form))
    silent(cli("check", "127.0.0.1:1", "25", form))
    silent(cli("check", "127.0.0.1:1", "--resolver", form))
    silent(cli("check", "127.0.0.1:1", "--rcpt-to", form))
    for command in ("spf", "dkim", "dmarc", "dnsbl", "iprev", "replay", "trust", "demo"):
        silent(cli(command, form))
    monkeypatch.setenv("SMTPPROBE_HOST", form)
    silent(cli("check", "127.0.0.1:1"))


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("key", ["host", "target", "url", "resolver", "rcpt-to", "tls", "timeout"])
def test_in_the_environment_and_in_files(
    cli: Callable[..., Ran], form: str, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = form.replace("\\", "\\\\").replace('"', '\\"')
    (tmp_path / "named.toml").write_text(f'[check]\n{key} = "{text}"\n', "utf-8")
    silent(cli("check", "127.0.0.1:1", "--config", str(tmp_path / "named.toml")))
    monkeypatch.setenv(f"SMTPPROBE_{key.upper().replace('-', '_')}", form)
    silent(cli("check", "127.0.0.1:1"))


def test_what_is_no_password_is_repeated(cli: Callable[..., Ran]) -> None:
    for target, words in {
        "mx..example": "'mx..example'", "mx.example:smtp": "'smtp'", "alice@": "'alice@'", "smtp://mx.example:x@y": "'smtp://…@y'",
        "2001:db8::zz": "'2001:…'",
    }.items():  # fmt: skip
        assert words in cli("check", target).err
