"""How sending programs that are commands are run: each with its options for one try."""

from __future__ import annotations

from pathlib import Path

import msgspec


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


def curl(what: Try) -> list[str]:
    scheme = "smtps" if what.tls == "implicit" else "smtp"
    login = [] if what.user == "-" else ["--user", f"{what.user}:wrong"]
    tls = ["--ssl-reqd"] if what.tls == "starttls" else []
    return [
        *("curl", "--silent", "--show-error", "--max-time", "2", "--cacert", str(what.ca), *tls, *login),
        *("--mail-from", "ada@example.com", "--mail-rcpt", "bob@example.org", "--upload-file", "-"),
        f"{scheme}://{what.host}:{what.port}",
    ]


def msmtp(what: Try) -> list[str]:
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


def git(what: Try) -> list[str]:
    tls = {"none": "none", "starttls": "tls", "implicit": "ssl"}[what.tls]
    login = [] if what.user == "-" else [f"--smtp-user={what.user}", "--smtp-pass=wrong"]
    message = what.ca.with_name("message.txt")
    message.write_text("Subject: test\n\nHello\n")
    return [
        *("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "send-email", "--quiet"),
        *("--confirm=never", "--suppress-cc=all", f"--smtp-server={what.host}"),
        *(f"--smtp-server-port={what.port}", f"--smtp-encryption={tls}", f"--smtp-ssl-cert-path={what.ca}", *login),
        *("--from=ada@example.com", "--to=bob@example.org", str(message)),
    ]


def s_nail(what: Try) -> list[str]:
    scheme = "smtps" if what.tls == "implicit" else "smtp"
    login = "" if what.user == "-" else f"{what.user.replace('@', '%40')}:wrong@"
    settings = [
        f"mta={scheme}://{login}{what.host}:{what.port}",
        f"smtp-auth={'none' if what.user == '-' else 'plain'}",
        *(["smtp-use-starttls"] if what.tls == "starttls" else []),
        *("tls-verify=strict", f"tls-ca-file={what.ca}", "socket-connect-timeout=2", "v15-compat=yes", "sendwait"),
        "nosave",
    ]
    options = [part for each in settings for part in ("-S", each)]
    return ["s-nail", "-n", *options, "-s", "test", "-r", "ada@example.com", "bob@example.org"]


def mutt(what: Try) -> list[str]:
    scheme = "smtps" if what.tls == "implicit" else "smtp"
    login = "" if what.user == "-" else f"{what.user.replace('@', '%40')}:wrong@"
    settings = [
        f"smtp_url={scheme}://{login}{what.host}:{what.port}",
        *("from=ada@example.com", "copy=no", "connect_timeout=2", f"ssl_ca_certificates_file={what.ca}"),
        f"ssl_force_tls={'yes' if what.tls == 'starttls' else 'no'}",
        f"ssl_starttls={'yes' if what.tls == 'starttls' else 'no'}",
    ]
    options = [part for each in settings for part in ("-e", f"set {each}")]
    return ["mutt", "-n", "-F", "/dev/null", *options, "-s", "test", "bob@example.org"]
