"""The order of the look-up, the lines of an EHLO reply, challenges, and that nothing a server says raises."""

from __future__ import annotations

import base64

import pytest

from smtpprobe.catalogue.reference.annotate import annotate, annotate_all, last_annotated
from smtpprobe.catalogue.reference.entries import describe
from smtpprobe.model.reply import Annotation, Reply
from smtpprobe.model.transcript import Breakage, Exchange, Phase


def exchange(
    phase: Phase,
    code: int,
    *lines: str,
    enhanced: str | None = None,
    sent: str | None = None,
    over_tls: bool = False,
    index: int = 0,
) -> Exchange:
    return Exchange(
        index=index,
        phase=phase,
        sent=sent,
        reply=Reply(code=code, enhanced=enhanced, lines=lines or ("text",), raw=b""),
        over_tls=over_tls,
    )


def annotated(phase: Phase, code: int, enhanced: str | None = None, provider: str | None = None) -> Annotation:
    return annotate(exchange(phase, code, enhanced=enhanced), provider=provider)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "matched", "title"),
    [
        (Phase.RCPT, 550, "5.1.1", "code+enhanced+phase", "The mailbox does not exist"),
        (Phase.GREETING, 554, "5.7.1", "code+enhanced+phase", "This client gets no service, by policy"),
        (Phase.RCPT, 554, "5.7.1", "code+enhanced+phase", "Refused by policy"),
        (Phase.RCPT, 551, "5.1.6", "code+enhanced+phase", "The recipient has left, and nothing is forwarded"),
        (Phase.RCPT, 550, "5.7.99", "code+phase", "The recipient is refused"),
        (Phase.GREETING, 554, None, "code+phase", "This client gets no service"),
        (Phase.GREETING, 521, None, "code+phase", "This host does not accept mail, at least not from this client"),
        (Phase.STARTTLS, 454, "4.3.0", "code+phase", "TLS is offered but does not work now"),
        (Phase.QUIT, 550, "5.7.25", "enhanced", "Reverse DNS of the client does not match"),
        (Phase.MAIL, 559, "5.1.7", "enhanced", "The sender's address is not well-formed"),
        (Phase.RSET, 550, None, "code", "Refused: the mailbox is not available, or policy forbids it"),
        (Phase.RSET, 550, "5.7.1x", "code", "Refused: the mailbox is not available, or policy forbids it"),
        (Phase.MAIL, 559, None, "second-digit", "Refused by the mail system"),
        (Phase.MAIL, 559, "5.9.9", "second-digit", "Refused by the mail system"),
        (Phase.MAIL, 599, None, "first-digit", "Refused, with a non-standard code"),
        (Phase.MAIL, 299, None, "first-digit", "Accepted, with a non-standard code"),
        (Phase.MAIL, 99, None, "first-digit", "That number is not an SMTP reply code"),
        (Phase.MAIL, 601, None, "first-digit", "That number is not an SMTP reply code"),
    ],
)
def test_the_order_of_the_look_up(phase: Phase, code: int, enhanced: str | None, matched: str, title: str) -> None:
    annotation = annotated(phase, code, enhanced)
    assert (annotation.matched, annotation.title) == (matched, title)
    assert annotation.references


def test_a_providers_own_meaning_goes_before_the_registrys() -> None:
    registry = annotated(Phase.MESSAGE, 550, "5.7.27")
    google = annotated(Phase.MESSAGE, 550, "5.7.27", provider="google")
    assert "does not accept mail" in registry.title
    assert google.title == "SPF does not pass, says Google"
    assert google.matched == "enhanced"


@pytest.mark.parametrize(
    ("enhanced", "known"),
    [("5.7.606", True), ("5.7.649", True), ("5.7.605", False), ("5.7.650", False), ("4.7.606", True)],
)
def test_ranges_of_private_numbers(enhanced: str, known: bool) -> None:
    annotation = annotated(Phase.RCPT, 550, enhanced, provider="microsoft")
    assert (annotation.matched == "enhanced") is known


def test_an_unregistered_number_is_told_with_whoever_uses_it() -> None:
    annotation = annotated(Phase.MESSAGE, 550, "5.7.515")
    assert annotation.matched == "code+phase"
    assert "Microsoft" in annotation.meaning
    assert annotation.fix[0].startswith("Publish SPF")
    asked = describe(550, "5.7.515")
    assert (asked.matched, asked.provider) == ("enhanced", "microsoft")
    assert "No registry" in asked.meaning


def test_an_unknown_number_is_told_by_its_subject() -> None:
    assert "security or policy" in annotated(Phase.RCPT, 550, "5.7.99").meaning
    assert "its subject is unknown too" in annotated(Phase.RCPT, 550, "5.9.99").meaning


def test_a_vague_number_leaves_the_fix_of_code_and_phase() -> None:
    assert annotated(Phase.RCPT, 552, "5.7.1").fix == annotated(Phase.RCPT, 552).fix
    assert annotated(Phase.MAIL, 250, "2.1.0").meaning == annotated(Phase.MAIL, 250).meaning


def test_contradicting_classes_are_said() -> None:
    assert "of another class" in annotated(Phase.RCPT, 550, "4.2.2").meaning
    assert "of another class" not in annotated(Phase.RCPT, 452, "4.2.2").meaning


def test_an_exchange_without_a_reply() -> None:
    broken = Exchange(index=3, phase=Phase.MAIL, sent="MAIL FROM:<>", breakage=Breakage.CLOSED_BY_PEER)
    assert annotate_all((broken,)) == (broken,)
    with pytest.raises(ValueError, match="exchange 3"):
        annotate(broken)


@pytest.mark.parametrize("code", [0, 199, 600, 999, -1])
def test_describe_wants_a_reply_code(code: int) -> None:
    with pytest.raises(ValueError, match="expected 200 to 599"):
        describe(code)


@pytest.mark.parametrize("enhanced", ["5.7", "3.1.1", "5.7.1.2", "5.07.1", "5.7.1234", ""])
def test_describe_wants_an_enhanced_status_code(enhanced: str) -> None:
    with pytest.raises(ValueError, match=r"expected class\.subject\.detail"):
        describe(550, enhanced)


@pytest.mark.parametrize(
    ("enhanced", "provider", "matched", "name", "retry"),
    [
        ("5.1.1", None, "enhanced", "Bad destination mailbox address", "Only after something has changed"),
        ("4.1.1", None, "enhanced", "Bad destination mailbox address", "Yes, by the queue"),
        ("2.7.0", None, "enhanced", "Other or undefined security status", "No need"),
        ("5.7.27", "google", "enhanced", "SPF does not pass, says Google", ""),
        ("5.7.606", None, "enhanced", "", ""),
        ("5.7.99", None, "class", "Permanent negative completion", ""),
        ("4.9.99", None, "class", "Transient negative completion", ""),
        ("2.9.99", None, "class", "Positive completion", "No need"),
    ],
)
def test_an_enhanced_status_code_by_itself(
    enhanced: str, provider: str | None, matched: str, name: str, retry: str
) -> None:
    entry = describe(None, enhanced, provider=provider)
    assert (entry.code, entry.enhanced, entry.matched, entry.digit) == (None, enhanced, matched, int(enhanced[0]))
    assert entry.name.startswith(name)
    assert entry.retry.startswith(retry)
    assert not any(each.code.startswith("X") or "X." in each.differs for each in entry.neighbours)


def test_the_session_goes_by_the_reply_code_and_the_advice_by_the_enhanced_one() -> None:
    both, code, number = describe(550, "5.2.1"), describe(550), describe(None, "5.2.1")
    assert both.next == code.next != number.next
    assert (both.when, both.who, both.retry, both.wrong_move) == (
        number.when, number.who, number.retry, number.wrong_move
    )  # fmt: skip
    assert describe(450, "4.2.1").retry != both.retry
    assert describe(450, "5.2.1").retry == describe(450, "4.2.1").retry, "the reply code decides the class"


def test_nothing_at_all_cannot_be_described() -> None:
    with pytest.raises(ValueError, match="None is not an enhanced status code"):
        describe(None)


def test_describe_without_a_phase() -> None:
    assert describe(554).matched == "code"
    assert describe(550, "5.1.1").matched == "code+enhanced"
    assert describe(554, phase=Phase.GREETING).matched == "code+phase"
    assert describe(554, phase=Phase.GREETING).next.startswith("QUIT")
    assert {each.code for each in describe(554).neighbours} >= {"521", "550"}


def ehlo_lines(
    *lines: str, sent: str = "EHLO client.example.org", over_tls: bool = False
) -> list[tuple[int, str | None, str]]:
    annotation = annotate(exchange(Phase.EHLO, 250, *lines, sent=sent, over_tls=over_tls))
    return [(line.index, line.keyword, line.meaning) for line in annotation.lines]


@pytest.mark.parametrize(
    ("line", "keyword", "says"),
    [
        ("SIZE 10240000", "SIZE", "up to 10.2 MB (10240000 octets)"),
        ("size 0", "SIZE", "no fixed limit"),
        ("SIZE", "SIZE", "does not say how large"),
        ("SIZE many", "SIZE", "not a number: many"),
        ("SIZE " + "9" * 400, "SIZE", "not a number"),
        ("SIZE 99999999999999999999", "SIZE", "more than any disk holds"),
        ("pipelining", "PIPELINING", "without waiting"),
        ("AUTH PLAIN SCRAM-SHA-256", "AUTH", "SCRAM-SHA-256: salted challenge"),
        ("AUTH plain", "AUTH", "PLAIN: user name and password as cleartext"),
        ("AUTH", "AUTH", "No mechanism"),
        ("AUTH FOO", "AUTH", "FOO: a mechanism that is not registered"),
        ("AUTH=PLAIN LOGIN", "AUTH=", "PLAIN: user name and password as cleartext"),
        ("auth=login", "AUTH=", "old spelling"),
        ("XXXXXXXA", "XXXXXXXA", "STARTTLS has this length"),
        ("XXXXXXXXXXB", "XXXXXXXXXXB", "firewall"),
        ("X-UNHEARD-OF 1", "X-UNHEARD-OF", "private extension"),
        ("UNHEARDOF", "UNHEARDOF", "Not a registered keyword"),
        ("LIMITS RCPTMAX=20 MAILMAX=5", "LIMITS", "20 recipients in a transaction, 5 transactions in a session"),
        ("DELIVERBY 240", "DELIVERBY", "At the shortest 240 seconds"),
        ("FUTURERELEASE 1000 2026-12-01T00:00:00Z", "FUTURERELEASE", "Up to 1000 seconds ahead, 2026-12-01"),
        ("", None, "offers nothing"),
        ("\x1b[31mBAD", "\\x1b[31MBAD", "Not a registered keyword"),
    ],
)
def test_a_line_of_the_ehlo_reply(line: str, keyword: str | None, says: str) -> None:
    first, second = ehlo_lines("mail.example.com", line)
    assert first == (0, None, "The server calls itself mail.example.com.")
    assert second[:2] == (1, keyword)
    assert says in second[2]


def test_the_first_line_of_the_ehlo_reply() -> None:
    assert (
        ehlo_lines("mail.example.com Hello\x07 you")[0][2]
        == "The server calls itself mail.example.com and adds: Hello\\x07 you"
    )
    assert ehlo_lines("")[0][2] == "The server does not say its name."


def test_starttls_over_tls_should_not_be_there() -> None:
    assert "encrypted already" in ehlo_lines("mail.example.com", "STARTTLS", over_tls=True)[1][2]
    assert "encrypted already" not in ehlo_lines("mail.example.com", "STARTTLS")[1][2]


def test_helo_has_no_extensions() -> None:
    assert len(ehlo_lines("mail.example.com", "SIZE 1000", sent="HELO client.example.org")) == 1


def test_a_refused_ehlo_has_no_lines() -> None:
    assert annotate(exchange(Phase.EHLO, 550, "no", "SIZE 1000")).lines == ()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("mechanism", "text", "says"),
    [
        ("LOGIN", "VXNlcm5hbWU6", "asks for the user name: Username:"),
        ("LOGIN", "UGFzc3dvcmQ6", "asks for the password: Password:"),
        ("LOGIN", encoded("User Name\0"), "asks for the user name: User Name\\x00"),
        ("PLAIN", "", "empty challenge"),
        ("CRAM-MD5", encoded("<1896.697170952@mail.example.com>"), "HMAC-MD5"),
        ("SCRAM-SHA-256", encoded("r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), "iteration count (4096)"),
        ("SCRAM-SHA-256", encoded("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "own proof"),
        ("SCRAM-SHA-256", encoded("e=unknown-user"), "failed: unknown-user"),
        ("SCRAM-SHA-256", "dj0‹hidden›Q==", "holds what follows from the password: it is not shown here."),
        ("SCRAM-SHA-256", encoded("what"), "Not a SCRAM message"),
        ("XOAUTH2", encoded('{"status":"401","schemes":"Bearer"}'), "(status 401)"),
        ("OAUTHBEARER", encoded('{"status":"invalid_token\x1b"}'), "invalid_token"),
        ("XOAUTH2", encoded("[" * 3000), "not JSON"),
        ("NTLM", encoded("NTLMSSP\0"), "NTLM token"),
        ("LOGIN", "not base64!", "Not base64"),
        ("LOGIN", "abc", "Not base64"),
        ("LOGIN", "/////w==", "decodes to: \\xff\\xff\\xff\\xff"),
    ],
)
def test_a_challenge(mechanism: str, text: str, says: str) -> None:
    exchanges = annotate_all((exchange(Phase.AUTH, 334, text, sent=f"AUTH {mechanism} (credentials)"),))
    assert exchanges[0].annotation is not None
    (line,) = exchanges[0].annotation.lines
    assert says in line.meaning
    assert "\x1b" not in line.meaning


def test_the_mechanism_is_remembered_from_the_auth_command() -> None:
    challenge = encoded("r=abc,s=eA==,i=4096")
    first, second, third = annotate_all(
        (
            exchange(Phase.AUTH, 334, "", sent="AUTH XOAUTH2"),
            exchange(Phase.AUTH, 334, encoded('{"status":"400"}'), sent="(credentials)", index=1),
            exchange(Phase.AUTH, 334, challenge, sent="auth scram-sha-1 (credentials)", index=2),
        )
    )
    assert first.annotation is not None
    assert second.annotation is not None
    assert third.annotation is not None
    assert "status 400" in second.annotation.lines[0].meaning
    assert "4096" in third.annotation.lines[0].meaning


def test_the_exchange_that_has_just_finished_is_annotated_as_it_will_be_in_the_whole() -> None:
    exchanges = (
        exchange(Phase.GREETING, 220, "mx.google.com ESMTP a1 - gsmtp", sent=None),
        exchange(Phase.EHLO, 250, "mx.google.com at your service, [192.0.2.1]", sent="EHLO client.example.org"),
        exchange(Phase.AUTH, 334, "", sent="AUTH XOAUTH2 (credentials)"),
        exchange(Phase.AUTH, 334, base64.b64encode(b'{"status":"400"}').decode(), sent="(credentials)"),
        exchange(Phase.AUTH, 535, "5.7.8 no", sent=""),
        exchange(Phase.MAIL, 530, "5.7.0 first", sent="MAIL FROM:<>"),
    )
    whole = annotate_all(exchanges, "google")
    assert tuple(last_annotated(exchanges[:n], "mx.example.com") for n in range(1, len(exchanges) + 1)) == whole
    assert whole[3].annotation.lines
