"""What one refusal is told with twice, or what only follows from it, counts once; two refusals count as two."""

from __future__ import annotations

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.bounces import refusals as of_bounce
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.logs.sessions import Sessions
from smtpprobe.intake.transcripts import Client, refusals

T = "2026-03-05 09:11:12"
LOGIN = f"""\
{T} CLIENT -> SERVER: AUTH LOGIN
{T} SERVER -> CLIENT: 334 VXNlcm5hbWU6
{T} CLIENT -> SERVER: [credentials hidden]
{T} SERVER -> CLIENT: 535 5.7.8 Wrong pair
{T} SMTP ERROR: Password command failed: 535 5.7.8 Wrong pair
SMTP Error: Could not authenticate.
{T} CLIENT -> SERVER: QUIT
{T} SERVER -> CLIENT: 221 bye
"""
NO_BOX = """\
CLIENT -> SERVER: RCPT TO:<{}@example.com>
SERVER -> CLIENT: 550 No box of that name
SMTP ERROR: RCPT TO command failed: 550 No box of that name
"""


def dated(text: str) -> str:
    return "".join(f"{T} {line}\n" for line in text.splitlines())


def read(text: str) -> list[Found]:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    return list(recognise.refusals([text.encode()], taken, Counts()))


NODE = """\
Error: {first}
{second}
    at SMTPConnection._formatError (/app/node_modules/nodemailer/lib/smtp-connection/index.js:809:19) {{
  code: 'EENVELOPE',
  response: {response},
  responseCode: 550,
}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # PHPMailer's debugging: the server's line, and the error that repeats it
        (LOGIN, [("auth", "535 5.7.8 Wrong pair")]),
        (LOGIN.replace(f"{T} ", ""), [("auth", "535 5.7.8 Wrong pair")]),
        (LOGIN.replace(f"{T} ", f"{T}\t"), [("auth", "535 5.7.8 Wrong pair")]),
        (LOGIN * 2, [("auth", "535 5.7.8 Wrong pair")] * 2),
        (NO_BOX.format("jane"), [("rcpt", "550 No box of that name")]),
        (dated(NO_BOX.format("jane")), [("rcpt", "550 No box of that name")]),
        (dated(NO_BOX.format("jane") + NO_BOX.format("ada")), [("rcpt", "550 No box of that name")] * 2),
        (NO_BOX.format("jane") + NO_BOX.format("ada"), [("rcpt", "550 No box of that name")] * 2),
        (dated("SMTP ERROR: RCPT TO command failed: 550 No box of that name"), [("rcpt", "550 No box of that name")]),
        (dated("CLIENT -> SERVER: DATA\nSERVER -> CLIENT: 354 go on\nCLIENT -> SERVER: Mail me at 5\nCLIENT -> SERVER: .\n"
               "SERVER -> CLIENT: 554 Looks like junk\nSMTP ERROR: DATA END command failed: 554 Looks like junk\n"),
         [("message", "554 Looks like junk")]),
        # two errors of a log are two
        (f"{T} ERROR mailer: 550 No box of that name\n{T} ERROR mailer: 550 No box of that name\n",
         [(None, "550 No box of that name")] * 2),
        # Node prints a long string in pieces
        (NODE.format(first="Can't send mail - all recipients were rejected: 550-5.1.1 Nobody here has this",
                     second="550 5.1.1 name - mx", response="'550-5.1.1 Nobody here has this\\n' +\n    '550 5.1.1 name - mx'"),
         [("rcpt", "550-5.1.1 Nobody here has this\n550 5.1.1 name - mx")]),
        (NODE.format(first="not sent", second="to anybody",
                     response="'550-5.1.1 Nobody here\\n' +\n    \"550-5.1.1 has this sender's\\n\" +\n    '550 5.1.1 name'"),
         [(None, "550-5.1.1 Nobody here\n550-5.1.1 has this sender's\n550 5.1.1 name")]),
        ("smtp: {\n response: '550 No box of ' +\n    \"Jane's\",\n other: '250 ' +\n 5\n}\n", [(None, "550 No box of Jane's")]),
        ("smtp\n  response: '550 No box of that name' +\n", [(None, "550 No box of that name")]),
        # each authenticator of one login
        ('Failed to authenticate on SMTP server with username "ada" using the following authenticators: "LOGIN", "PLAIN". '
         'Authenticator "LOGIN" returned "Expected response code "235" but got code "535", with message "535 Wrong: UGFzc3dv".". '
         'Authenticator "PLAIN" returned "Expected response code "235" but got code "535", with message "535 Wrong:".".',
         [(None, "535 Wrong: UGFzc3dv")]),
        ('Failed to authenticate on SMTP server with username "ada" using 2 possible authenticators. '
         'Authenticator CRAM-MD5 returned Expected response code 334 but got code "504", with message "504 No such mechanism". '
         'Authenticator LOGIN returned Expected response code 235 but got code "535", with message "535 Wrong pair".',
         [(None, "535 Wrong pair")]),
    ],
)  # fmt: skip
def test_one_refusal_of_an_error_is_told_once(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert [(each.phase, each.reply) for each in read(text)] == expected


S = "220 mx.example.com\nEHLO x\n250 mx\nMAIL FROM:<a@example.net>\n{mail}\n"
TO = "RCPT TO:<b@example.com>\n{}\n"
DATA = "DATA\n{}\n"
OK, NO = "250 ok", "550 5.1.1 no"


@pytest.mark.parametrize(
    ("session", "replies"),
    [
        # RFC 5321 §3.3: 503 or 554 to DATA if there was no recipient
        (S.format(mail=OK) + TO.format(NO) + DATA.format("503 5.5.1 RCPT first"), [NO]),
        (S.format(mail=OK) + TO.format(NO) + DATA.format("554 5.5.1 Error: no valid recipients"), [NO]),
        (S.format(mail=OK) + TO.format(NO) * 2 + DATA.format("354 go on") + ".\n554 no valid recipients\n", [NO, NO]),
        (S.format(mail="550 5.7.1 not you") + TO.format("503 5.5.1 MAIL first") + DATA.format("503 5.5.1 MAIL first"),
         ["550 5.7.1 not you"]),
        (S.format(mail=OK) + TO.format(NO) + "RSET\n250 ok\n" + DATA.format("503 5.5.1 MAIL first"),
         [NO, "503 5.5.1 MAIL first"]),
        # no consequence
        (S.format(mail=OK) + TO.format(NO) + TO.format(OK) + DATA.format("554 5.7.1 junk"), [NO, "554 5.7.1 junk"]),
        (S.format(mail=OK) + TO.format(NO) + DATA.format("451 4.3.0 later"), [NO, "451 4.3.0 later"]),
        (S.format(mail=OK) + DATA.format("503 5.5.1 RCPT first"), ["503 5.5.1 RCPT first"]),
        (S.format(mail=OK) + DATA.format("554 5.5.1 Error: no valid recipients"), ["554 5.5.1 Error: no valid recipients"]),
        (S.format(mail=OK) + TO.format(NO) + "MAIL FROM:<c@example.net>\n250 ok\n" + TO.format(OK) + DATA.format("554 junk"),
         [NO, "554 junk"]),
        (S.format(mail="550 5.7.1 not you") + TO.format("550 5.7.1 not you either"),
         ["550 5.7.1 not you", "550 5.7.1 not you either"]),
    ],
)  # fmt: skip
def test_what_follows_from_a_refusal_is_none(session: str, replies: list[str]) -> None:
    assert [each.reply for each in refusals(session.encode().splitlines(), Client.SESSION)] == replies
    assert _in_log(session) == replies


def _in_log(session: str) -> list[str]:
    """The same in a log of many sessions."""
    sessions, told = Sessions(), []
    for line in session.splitlines():
        if line[:3].isdigit():
            told.append(sessions.reply("7", line))
        else:
            sessions.command("7", line)
    return [reply for reply, *_ in filter(None, told)]


BOUNCE = """\
   ----- The following addresses had permanent fatal errors -----
<jane@example.com>
    (reason: 550 5.1.1 <jane@example.com>... no box)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
{}
"""


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ("<<< 550 5.1.1 <jane@example.com>... no box\n550 5.1.1 <jane@example.com>... User unknown\n"
         "<<< 503 5.0.0 Need RCPT (recipient)", [("rcpt", "550 5.1.1 <jane@example.com>... no box")]),
        ("<<< 550 5.1.1 <jane@example.com>... no box\n<<< 554 5.5.1 Error: no valid recipients",
         [("rcpt", "550 5.1.1 <jane@example.com>... no box")]),
        ("<<< 550-5.1.1 <jane@example.com>... no box\n<<< 550 5.1.1 go away\n<<< 503 5.5.1 RCPT first",
         [("rcpt", "550-5.1.1 <jane@example.com>... no box\n550 5.1.1 go away")]),
        ("<<< 550 5.1.1 <jane@example.com>... no box", [("data", "550 5.1.1 <jane@example.com>... no box")]),
    ],
)  # fmt: skip
def test_in_a_report_of_sendmail(session: str, expected: list[tuple[str, str]]) -> None:
    found = list(of_bounce(BOUNCE.format(session).encode().splitlines()))
    assert [(each.phase, each.reply) for each in found] == expected
    assert {each.recipient for each in found} == {"jane@example.com"}
