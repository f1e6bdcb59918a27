"""The sending programs that are here: how each is run against a server, and what is missing of the others."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

CLIENTS = Path(__file__).with_name("clients")
_WAIT_S = 40


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is to do: the server, how TLS is used (none, starttls, implicit), whom to trust, the login or `-`."""

    host: str
    port: int
    tls: str
    ca: Path
    user: str

    @property
    def words(self) -> list[str]:
        return [self.host, str(self.port), self.tls, str(self.ca), self.user]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A sending program. `missing` says why it cannot be run, None if it can."""

    command: Callable[[Try], list[str]]
    missing: Callable[[], str | None]

    def said(self, what: Try) -> str:
        """What the program writes when it fails; empty if it does not fail."""
        environment = os.environ | {"LC_ALL": "C", "HOME": str(what.ca.parent), "NODE_PATH": _node_path()}
        ran = subprocess.run(
            self.command(what),
            capture_output=True,
            text=True,
            timeout=_WAIT_S,
            env=environment,
            input="Hello\n",
            check=False,
        )
        return (ran.stderr + ran.stdout).strip() if ran.returncode else ""


def _node_path() -> str:
    return os.environ.get("NODE_PATH", "/usr/share/nodejs:/usr/lib/node_modules")


def _quiet(*command: str) -> bool:
    environment = os.environ | {"NODE_PATH": _node_path()}
    return (
        shutil.which(command[0]) is not None
        and not subprocess.run(command, capture_output=True, env=environment, check=False).returncode
    )


def _needs(name: str, *check: str) -> Callable[[], str | None]:
    @functools.cache
    def missing() -> str | None:
        return None if _quiet(*check) else f"{name} is not installed"

    return missing


def _script(interpreter: str, file: str) -> Callable[[Try], list[str]]:
    return lambda what: [interpreter, str(CLIENTS / file), *what.words]


def _curl(what: Try) -> list[str]:
    scheme = "smtps" if what.tls == "implicit" else "smtp"
    login = [] if what.user == "-" else ["--user", f"{what.user}:wrong"]
    tls = ["--ssl-reqd"] if what.tls == "starttls" else []
    return [
        *("curl", "--silent", "--show-error", "--max-time", "2", "--cacert", str(what.ca), *tls, *login),
        *("--mail-from", "ada@example.com", "--mail-rcpt", "bob@example.org", "--upload-file", "-"),
        f"{scheme}://{what.host}:{what.port}",
    ]


def _msmtp(what: Try) -> list[str]:
    login = ["--auth=off"] if what.user == "-" else ["--auth=plain", f"--user={what.user}", "--passwordeval=echo wrong"]
    tls = (
        ["--tls=off"]
        if what.tls == "none"
        else ["--tls=on", f"--tls-starttls={'on' if what.tls == 'starttls' else 'off'}"]
    )
    return [
        *("msmtp", f"--host={what.host}", f"--port={what.port}", "--timeout=2", *tls, f"--tls-trust-file={what.ca}"),
        *(*login, "--from=ada@example.com", "bob@example.org"),
    ]


@functools.cache
def _go_binary() -> str:
    target = f"{os.environ.get('TMPDIR', '/tmp')}/smtpprobe-net-smtp-{os.getpid()}"
    subprocess.run(["go", "build", "-o", target, str(CLIENTS / "net_smtp.go")], check=True, capture_output=True)
    return target


_CLASSES = "/usr/share/java/jakarta-mail.jar:/usr/share/java/jakarta-activation.jar"


@functools.cache
def _java_classes() -> str:
    target = f"{os.environ.get('TMPDIR', '/tmp')}/smtpprobe-jakarta-mail-{os.getpid()}"
    command = ["javac", "-cp", _CLASSES, "-d", target, str(CLIENTS / "JakartaMail.java")]
    subprocess.run(command, check=True, capture_output=True)
    return target


@functools.cache
def _java_missing() -> str | None:
    present = _quiet("javac", "-version") and all(os.path.exists(each) for each in _CLASSES.split(":"))
    return None if present else "Jakarta Mail and a JDK are not installed"


_PHPMAILER = 'exit(is_file("/usr/share/php/libphp-phpmailer/autoload.php") ? 0 : 1);'
PROGRAMS = {
    "smtplib": Program(command=_script(sys.executable, "smtplib_client.py"), missing=lambda: None),
    "aiosmtplib": Program(command=_script(sys.executable, "aiosmtplib_client.py"), missing=lambda: None),
    "curl": Program(command=_curl, missing=_needs("curl", "curl", "--version")),
    "msmtp": Program(command=_msmtp, missing=_needs("msmtp", "msmtp", "--version")),
    "nodemailer": Program(
        command=_script("node", "nodemailer.js"), missing=_needs("nodemailer", "node", "-e", "require('nodemailer')")
    ),
    "Net::SMTP of Perl": Program(
        command=_script("perl", "net_smtp.pl"),
        missing=_needs("Net::SMTP with IO::Socket::SSL", "perl", "-MNet::SMTP", "-MIO::Socket::SSL", "-e", "1"),
    ),
    "Net::SMTP of Ruby": Program(
        command=_script("ruby", "net_smtp.rb"), missing=_needs("net/smtp of Ruby", "ruby", "-e", "require 'net/smtp'")
    ),
    "PHPMailer": Program(
        command=_script("php", "phpmailer.php"), missing=_needs("PHPMailer", "php", "-r", _PHPMAILER)
    ),
    "Jakarta Mail": Program(
        command=lambda what: ["java", "-cp", f"{_CLASSES}:{_java_classes()}", "JakartaMail", *what.words],
        missing=_java_missing,
    ),
    "net/smtp of Go": Program(
        command=lambda what: [_go_binary(), *what.words], missing=_needs("Go", "go", "version")
    ),
}  # fmt: skip
