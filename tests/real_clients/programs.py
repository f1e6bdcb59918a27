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

from tests.real_clients import commands
from tests.real_clients.commands import Try

CLIENTS = Path(__file__).with_name("clients")
_WAIT_S = 40


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


_GO_SOURCES = Path("/usr/share/gocode/src")  # of Debian's packages


@functools.cache
def _go_binary(file: str) -> str:
    target = f"{os.environ.get('TMPDIR', '/tmp')}/smtpprobe-{file.removesuffix('.go')}-{os.getpid()}"
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(_GO_SOURCES.parent)}
    command = ["go", "build", "-o", target, str(CLIENTS / file)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return target


def _go(file: str, package: str = "") -> Program:
    """A program in Go; `package` is the path of the library that it needs besides Go's own."""

    @functools.cache
    def missing() -> str | None:
        if not _quiet("go", "version"):
            return "Go is not installed"
        return None if (_GO_SOURCES / package).is_dir() or not package else f"{package} is not installed"

    return Program(command=lambda what: [_go_binary(file), *what.words], missing=missing)


def _php(file: str, library: str) -> Program:
    """A program in PHP, with the file of its library that has to be there."""

    @functools.cache
    def missing() -> str | None:
        if not _quiet("php", "--version"):
            return "PHP is not installed"
        return None if os.path.exists(library) else f"{library} is not installed"

    return Program(command=_script("php", file), missing=missing)


def _ruby(file: str, library: str) -> Program:
    needs = _needs(f"{library} of Ruby", "ruby", "-e", f"require '{library}'")
    return Program(command=_script("ruby", file), missing=needs)


def _own_python() -> str:
    """The interpreter that has the sending libraries of PyPI, which are not installed beside smtpprobe."""
    return os.environ.get("CLIENTS_PYTHON", "/usr/bin/python3")


def _pypi(file: str, library: str) -> Program:
    needs = _needs(f"{library} (in the Python that CLIENTS_PYTHON names)", _own_python(), "-c", f"import {library}")
    return Program(command=_script(_own_python(), file), missing=needs)


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


PROGRAMS = {
    "smtplib": Program(command=_script(sys.executable, "smtplib_client.py"), missing=lambda: None),
    "aiosmtplib": Program(command=_script(sys.executable, "aiosmtplib_client.py"), missing=lambda: None),
    "Django": _pypi("django_client.py", "django"),
    "System.Net.Mail": _pypi("system_net_mail_client.py", "dotnetcore2, pythonnet"),
    "curl": Program(command=commands.curl, missing=_needs("curl", "curl", "--version")),
    "msmtp": Program(command=commands.msmtp, missing=_needs("msmtp", "msmtp", "--version")),
    "git send-email": Program(
        command=commands.git,
        missing=_needs("git send-email", "perl", "-MGit::LoadCPAN::Mail::Address", "-MIO::Socket::SSL", "-e", "1"),
    ),
    "s-nail": Program(command=commands.s_nail, missing=_needs("s-nail", "s-nail", "--version")),
    "Mutt": Program(command=commands.mutt, missing=_needs("Mutt", "mutt", "-v")),
    "nodemailer": Program(
        command=_script("node", "nodemailer.js"), missing=_needs("nodemailer", "node", "-e", "require('nodemailer')")
    ),
    "Net::SMTP of Perl": Program(
        command=_script("perl", "net_smtp.pl"),
        missing=_needs("Net::SMTP with IO::Socket::SSL", "perl", "-MNet::SMTP", "-MIO::Socket::SSL", "-e", "1"),
    ),
    "Email::Sender": Program(
        command=_script("perl", "email_sender.pl"),
        missing=_needs("Email::Sender", "perl", "-MEmail::Sender::Simple", "-MIO::Socket::SSL", "-e", "1"),
    ),
    "Net::SMTP of Ruby": _ruby("net_smtp.rb", "net/smtp"),
    "mail of Ruby": _ruby("ruby_mail.rb", "mail"),
    "Action Mailer": _ruby("action_mailer.rb", "action_mailer"),
    "PHPMailer": _php("phpmailer.php", "/usr/share/php/libphp-phpmailer/autoload.php"),
    "WordPress": _php("wordpress.php", "/usr/share/wordpress/wp-includes/PHPMailer/PHPMailer.php"),
    "Symfony Mailer": _php("symfony_mailer.php", "/usr/share/php/Symfony/Component/Mailer/autoload.php"),
    "Mail of PEAR": _php("pear_mail.php", "/usr/share/php/Net/SMTP.php"),
    "Laravel": _php("laravel.php", "/usr/share/php/Illuminate/Foundation/Application.php"),
    "Jakarta Mail": Program(
        command=lambda what: ["java", "-cp", f"{_CLASSES}:{_java_classes()}", "JakartaMail", *what.words],
        missing=_java_missing,
    ),
    "net/smtp of Go": _go("net_smtp.go"),
    "gomail": _go("gomail.go", "gopkg.in/mail.v2"),
    "Go Simple Mail": _go("go_simple_mail.go", "github.com/xhit/go-simple-mail"),
    "Alertmanager": Program(
        command=_script(sys.executable, "alertmanager_client.py"),
        missing=_needs("Alertmanager", "prometheus-alertmanager", "--version"),
    ),
}  # fmt: skip
