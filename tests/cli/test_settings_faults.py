"""Configuration files with faults: each is told, with file, line and the nearest right name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.cli.config_file import ConfigFile
from tests.cli.conftest import Ran

HOST = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


FAULTS = [
    ('mailfrom = "x"', ["line 1", "no command has an option 'mailfrom'", "did you mean 'mail-from'?"]),
    ('mail_from = "x"', ["line 1", "'mail_from'", "did you mean 'mail-from'?"]),
    ('to = "x"', ["line 1", "'to'", "did you mean 'rcpt-to'?"]),
    ('\n\n[chekc]\nhelo = "x"', ["line 3", "there is no command 'chekc'", "did you mean 'check'?"]),
    ("[check]\n# a comment\nfrom = 1", ["line 3", "smtpprobe check has no option 'from'", "'mail-from'"]),
    ("[check]\nselector = 's'", ["line 2", "smtpprobe check has no option 'selector'", "did you mean 'dkim-selector'?"]),
    ("[dkim]\nselectr = 's'", ["line 2", "smtpprobe dkim has no option 'selectr'", "did you mean 'selector'?"]),
    ("check = {fzz = 1}", ["line 1", "smtpprobe check has no option 'fzz'"]),
    ("check.fzz = 1", ["line 1", "smtpprobe check has no option 'fzz'"]),
    ("[check]\n'helo' = 3", ["line 2", "'helo' holds 3", "text in quotes"]),
    ('[check]\ndnsbl = [\n  "a.example",\n]\nhelo = 3', ["line 5", "'helo' holds 3"]),
    ('[check]\nuser = """\n[dkim]\nhelo = 1\n"""\nhelo = 3', ["line 6", "'helo' holds 3"]),
    ('[check]\nuser = "[" # ]\nhelo = 3', ["line 3", "'helo' holds 3"]),
    ("helo = 1", ["line 1", "'helo' holds 1"]),
    ("config = 'x'", ["line 1", "no command has an option 'config'"]),
    ('[check]\ntls-verify = true\nno-tls-verify = true', ["line 3", "contradicts 'tls-verify'"]),
    ("a = = 1", ["not a TOML file", "line 1"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=lambda value: str(value)[:30])
def test_a_fault_is_one_line_with_file_line_and_the_nearest_name(
    cli: Callable[..., Ran], text: str, words: list[str]
) -> None:
    Path("named.toml").write_text(text, "utf-8")
    ran = cli("--config", "named.toml", "check", HOST)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    for word in ("'named.toml'", *words):
        assert word in ran.err


def test_in_a_pyproject_the_line_is_the_files(cli: Callable[..., Ran]) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.smtpprobe.check]\nhello = 3\n', "utf-8")
    ran = cli("check", HOST)
    assert ran.code == 2
    assert "'pyproject.toml', line 5: smtpprobe check has no option 'hello': did you mean 'helo'?" in ran.err


def test_all_faults_of_a_file_are_told_at_once_in_its_order(cli: Callable[..., Ran]) -> None:
    Path("named.toml").write_text(
        'mailfrom = "x"\n[check]\nhelo = 3\nfzz = 1\ntimeout = "x"\nrcpt-to = "bob@example.com"\n[dkim]\nbar = 1\n',
        "utf-8",
    )
    ran = cli("check", "--config", "named.toml", HOST)
    lines = ran.err.splitlines()
    assert ran.code == 2
    assert [line.split(":")[1].split()[-1] for line in lines] == ["1", "3", "4", "5", "8"]
    assert all(line.startswith("smtpprobe: 'named.toml', line ") for line in lines)


def test_a_file_of_another_command_is_no_fault(cli: Callable[..., Ran]) -> None:
    Path("named.toml").write_text('helo = "x.example"\nselector = "s"\n[dkim]\nselector = "t"\n', "utf-8")
    assert cli("explain", "554", "--config", "named.toml").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "named.toml", "explain", "554"),
        ("explain", "--config", "named.toml", "554"),
        ("explain", "554", "--config", "named.toml"),
        ("explain", "554", "--config=named.toml"),
    ],
)
def test_the_file_may_be_named_before_and_behind_the_command(
    cli: Callable[..., Ran], arguments: tuple[str, ...]
) -> None:
    Path("named.toml").write_text('lang = "hi"\n', "utf-8")
    assert "लेन-देन" in cli(*arguments).out


def test_the_file_may_be_named_once(cli: Callable[..., Ran]) -> None:
    Path("named.toml").write_text("", "utf-8")
    ran = cli("--config", "named.toml", "explain", "--config", "named.toml", "554")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--config" in ran.err


def test_what_decides_about_files_is_given_none(cli: Callable[..., Ran]) -> None:
    Path("named.toml").write_text("", "utf-8")
    for arguments in (("--config", "named.toml", "trust", "."), ("trust", "--config", "named.toml", ".")):
        ran = cli(*arguments)
        assert (ran.code, ran.err) == (2, "smtpprobe: trust takes nothing from files: leave --config out\n")


def test_every_key_has_its_line(tmp_path: Path) -> None:
    text = """\
# a comment with = and [
top = 1
"quoted.key" = '''
[not.a.table]
x = 1
'''
[check] # behind
dnsbl = [ # [
    "a]", 'b[',
]
a . b = {c = 1, d = [2,
  3]}
[[list]]
e = 1
[[list]]
f = "="
['q'."r"]
s = 1"""
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8")
    file = ConfigFile(str(path))
    lines = {
        ("top",): 2, ("quoted.key",): 3, ("check",): 7, ("check", "dnsbl"): 8, ("check", "a", "b"): 11,
        ("check", "a", "b", "c"): 11, ("list", "e"): 14, ("list", "f"): 16, ("q", "r", "s"): 18, ("absent",): None,
    }  # fmt: skip
    assert {keys: file.line(*keys) for keys in lines} == lines


def test_all_faults_of_a_file_are_told(cli: Callable[..., Ran]) -> None:
    files = "".join(f'{key} = "/nonexistent"\n' for key in ("ca-file", "client-cert", "message"))
    Path("named.toml").write_text(f'{files}lang = "zz"\nfzz = 1\ntimeout = "5"\n', "utf-8")
    ran = cli("--config", "named.toml", "check", HOST)
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "smtpprobe: 'named.toml', line 1: 'ca-file': '/nonexistent': No such file or directory",
        "smtpprobe: 'named.toml', line 2: 'client-cert': '/nonexistent': No such file or directory",
        "smtpprobe: 'named.toml', line 3: 'message': '/nonexistent': No such file or directory",
        "smtpprobe: 'named.toml', line 4: 'lang': 'zz' is not a known language: expected one of en, hi",
        "smtpprobe: 'named.toml', line 5: no command has an option 'fzz'",
        "smtpprobe: 'named.toml', line 6: 'timeout' holds '5' instead of a number of seconds",
    ]


@pytest.mark.parametrize("text", ["fzz = 1", "a = = 1", None])
def test_the_faults_of_the_environment_are_told_beside_a_files(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is not None:
        Path("named.toml").write_text(text, "utf-8")
    for name, value in {"LANG": "zz", "FZZ": "1", "CA_FILE": "/nonexistent", "TIMEOUT": "soon"}.items():
        monkeypatch.setenv(f"SMTPPROBE_{name}", value)
    ran = cli("check", HOST, "--config", "named.toml")
    assert ran.code == 2
    told = [line.removeprefix("smtpprobe: ") for line in ran.err.splitlines()]
    assert told[0].startswith("'named.toml'")
    assert told[1:] == [
        "SMTPPROBE_CA_FILE: '/nonexistent': No such file or directory",
        "SMTPPROBE_FZZ sets no option",
        "SMTPPROBE_LANG: 'zz' is not a known language: expected one of en, hi",
        "SMTPPROBE_TIMEOUT holds 'soon' instead of a number of seconds",
    ]


def test_a_file_that_the_command_line_replaces_is_not_looked_for(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTPPROBE_MESSAGE", "/nonexistent")
    (tmp_path / "message.eml").write_text("From: <alice@example.org>\n\nText\n", "utf-8")
    assert cli("check", HOST, "--message", "message.eml", "--timeout", "1").code == 4
    assert cli("check", HOST).code == 2


@pytest.mark.parametrize("name", ["smtpprob", "smtp-probe", "smtp_probe", "smtprobe", "SMTPprobe", "smptprobe"])
@pytest.mark.parametrize("named", [True, False])
def test_a_table_whose_name_is_nearly_ours_is_a_fault(cli: Callable[..., Ran], name: str, named: bool) -> None:
    Path("pyproject.toml").write_text(f'[project]\nname = "x"\n\n[tool.{name}.check]\nhelo = "x"\n', "utf-8")
    ran = cli(*(["--config", "pyproject.toml"] if named else []), "check", HOST)
    assert (ran.code, ran.err.splitlines()) == (
        2, [f"smtpprobe: 'pyproject.toml', line 4: [tool.{name}] counts for nothing: did you mean [tool.smtpprobe]?"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[tool.probe]\nx = 1\n",
        "[tool.smtplib]\n[tool.pytest]\n[tool.smtpd-probe-runner]\n",
        'text = """\n[tool.smtpprob]\n"""\n',
    ],
)
def test_tables_of_others_are_no_fault(cli: Callable[..., Ran], text: str) -> None:
    Path("pyproject.toml").write_text(text, "utf-8")
    assert cli("explain", "554").code == 0


def test_our_table_belongs_in_pyproject_alone(cli: Callable[..., Ran]) -> None:
    Path("py.toml").write_text('\n[tool.smtpprobe.check]\nhelo = "x"\n', "utf-8")
    ran = cli("--config", "py.toml", "check", HOST)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "'py.toml', line 2: [tool.smtpprobe] counts in pyproject.toml only" in ran.err


def test_what_a_file_of_a_file_holds_is_named_once(cli: Callable[..., Ran], tmp_path: Path) -> None:
    Path("empty.pem").touch()
    Path("text").write_text("no header\n", "utf-8")
    Path("named.toml").write_text('message = "text"\n', "utf-8")
    ran = cli("--config", "named.toml", "check", HOST)
    assert ran.err.startswith("smtpprobe: 'named.toml', line 1: 'message': 'text' is not a message: expected ")
    Path("named.toml").write_text('ca-file = "empty.pem"\n', "utf-8")
    ran = cli("--config", "named.toml", "check", HOST)
    assert ran.err.startswith("smtpprobe: 'ca-file' ('named.toml', line 1) 'empty.pem' contains no certificate")
