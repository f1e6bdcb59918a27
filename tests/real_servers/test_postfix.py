"""Sessions with Postfix, its DNS answered by unbound, its passwords checked by Dovecot."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass

import pytest

PASSWORD = "right-horse-41"
pytestmark = pytest.mark.real_servers


@dataclass(frozen=True)
class Case:
    """What is sent and what must come of it; `confidences` are those that the first cause may have."""

    name: str
    code: int
    enhanced: str
    mail_from: str = "alice@example.org"
    rcpt_to: str = "bob@example.com"
    source_ip: str = "127.0.0.1"
    port: str = "mx"
    tls: str = "require"
    password: str | None = None
    status: str = "refused"
    phase: str | None = "rcpt"
    exit_code: int = 1
    cause: str | None = None
    confidences: tuple[str, ...] = ()

    @property
    def words(self) -> bytes:
        return f"{self.enhanced} ".encode()


CASES = [
    Case("accepted", 250, "2.1.5", status="accepted", phase=None, exit_code=0),
    Case("accepted-in-clear", 250, "2.1.5", tls="off", status="accepted", phase=None, exit_code=0),
    Case("right-password", 250, "2.1.5", password=PASSWORD, status="accepted", phase=None, exit_code=0),
    Case("blocklisted", 554, "5.7.1", source_ip="127.0.0.13", cause="ip-blocklisted", confidences=("confirmed",)),
    Case(
        "spf-fail", 550, "5.7.23", mail_from="alice@example.net",
        cause="email-auth-failed", confidences=("confirmed",),
    ),
    Case(
        "unknown-recipient", 550, "5.1.1", rcpt_to="nobody@example.com",
        cause="recipient-unknown", confidences=("stated",),
    ),
    Case(
        "wrong-password", 535, "5.7.8", password="stale-battery-27", status="auth-refused", phase="auth", exit_code=5,
        cause="auth-failed", confidences=("stated",),
    ),
    Case(
        "starttls-required", 530, "5.7.0", port="tls_required", tls="off", phase="mail",
        cause="tls-required", confidences=("stated", "confirmed"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_server_answers_as_the_case_says(case, postfix, plain_client):
    with plain_client(getattr(postfix, case.port), case.source_ip) as client:
        if case.tls == "require":
            context = ssl.create_default_context(cafile=postfix.ca_file)
            client.starttls(context=context)
            client.ehlo()
        code, text = 0, b""
        if case.password:
            response = base64.b64encode(f"\0alice@example.org\0{case.password}".encode()).decode()
            code, text = client.docmd("AUTH", f"PLAIN {response}")
        for command in (f"MAIL FROM:<{case.mail_from}>", f"RCPT TO:<{case.rcpt_to}>"):
            if code < 400:
                code, text = client.docmd(command)
        assert (code, text[: len(case.words)]) == (case.code, case.words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_says_what_happened_and_why(case, postfix, check):
    options = [
        "--mail-from",
        case.mail_from,
        "--rcpt-to",
        case.rcpt_to,
        "--source-ip",
        case.source_ip,
        "--tls",
        case.tls,
    ]
    if case.tls != "off":
        options += ["--ca-file", postfix.ca_file, "--tls-name", "mx.example.com"]
    if case.password:
        options += ["--user", "alice@example.org"]
    run = check(getattr(postfix, case.port), *options, password=case.password)
    assert run.report is not None, run.words
    outcome, verdicts = run.report["outcome"], run.report["verdicts"]
    assert (outcome["status"], outcome["phase"], run.code) == (case.status, case.phase, case.exit_code)
    assert (outcome["reply_code"], outcome["enhanced"]) == (
        (None, None) if case.phase is None else (case.code, case.enhanced)
    )
    if case.password:
        encoded = base64.b64encode(case.password.encode()).decode()
        whole = base64.b64encode(f"\0alice@example.org\0{case.password}".encode()).decode()
        assert [form for form in (case.password, encoded, whole) if form in run.words] == []
    if case.cause is None:
        assert verdicts == []
        return
    first = verdicts[0]["causes"][0]
    assert first["id"] == case.cause
    assert first["confidence"] in case.confidences


def test_every_exchange_is_in_the_transcript(postfix, check):
    run = check(
        postfix.mx, "--mail-from", "alice@example.org", "--rcpt-to", "bob@example.com", "--tls", "require",
        "--ca-file", postfix.ca_file, "--tls-name", "mx.example.com",
    )  # fmt: skip
    assert run.report is not None, run.words
    exchanges = run.report["transcripts"][0]["exchanges"]
    phases = [exchange["phase"] for exchange in exchanges]
    assert phases[:7] == ["greeting", "ehlo", "starttls", "tls", "ehlo", "mail", "rcpt"]
    assert phases[-1] == "quit"
    assert [exchange["over_tls"] for exchange in exchanges[4:7]] == [True, True, True]
    assert all(exchange["annotation"] for exchange in exchanges if exchange["reply"])


@pytest.mark.parametrize(("password", "code"), [(PASSWORD, 0), ("stale-battery-27", 5)], ids=["right", "wrong"])
@pytest.mark.parametrize(
    "mechanism", ["LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
)
def test_a_login_by_each_mechanism(mechanism, password, code, postfix, check):
    run = check(
        postfix.mx, "--user", "alice@example.org", "--mech", mechanism, "--quit-after", "auth", "--diagnose", "never",
        "--ca-file", postfix.ca_file, "--tls-name", "mx.example.com", password=password,
    )  # fmt: skip
    assert run.report is not None, run.words
    sent = [each["sent"] for each in run.report["transcripts"][0]["exchanges"] if each["phase"] == "auth"]
    assert sent[0].split()[1] == mechanism.removesuffix("-INITIAL")
    assert run.code == code


@pytest.mark.parametrize(
    ("options", "phase", "code", "words"),
    [
        (("--size", "1000", "--ret", "hdrs", "--envid", "a+b", "--notify", "never"), None, 0, "RET=HDRS ENVID=a+2Bb"),
        (("--mt-priority", "3"), "mail", 4, "does not offer MT-PRIORITY"),
        (("--mt-priority", "3", "--force"), "mail", 1, "its EHLO reply does not list MT-PRIORITY"),
        (("--rcpt-param", "NOTIFY=often"), "rcpt", 1, "offers DSN, but does not take NOTIFY=often"),
        (("--xforward", "ADDR=192.0.2.1"), "xforward", 4, "does not offer XFORWARD"),
        (
            ("--vrfy", "bob@example.com", "--vrfy", "nobody@example.com", "--expn", "x", "--noop", "--smtp-help"),
            None,
            0,
            "VRFY",
        ),
        (("--drop-after", "rcpt"), None, 0, "RCPT TO"),
        (("--drop-after-send", "mail"), None, 0, "MAIL FROM"),
    ],
)
def test_what_is_asked_for_is_sent_and_explained(postfix, check, options, phase, code, words):
    run = check(
        postfix.mx, "--mail-from", "alice@example.org", "--rcpt-to", "bob@example.com", "--tls", "require",
        "--ca-file", postfix.ca_file, "--tls-name", "mx.example.com", *options,
    )  # fmt: skip
    assert run.report is not None, run.words
    assert (run.report["outcome"]["phase"], run.code) == (phase, code)
    assert words in run.words
