"""The stage at which a quoted reply came is the one that the sending program's words name."""

from __future__ import annotations

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts
from smtpprobe.model.transcript import Phase

A, B = "ada@example.com", "bob@example.org"

SAID: list[tuple[str, Phase | None]] = [
    # Python: smtplib, aiosmtplib, Django
    ("smtplib.SMTPAuthenticationError: (550, b'Go away')", Phase.AUTH),
    (f"smtplib.SMTPSenderRefused: (550, b'Go away', '{A}')", Phase.MAIL),
    (f"smtplib.SMTPRecipientsRefused: {{'{A}': (550, b'Go away')}}", Phase.RCPT),
    ("smtplib.SMTPDataError: (550, b'Go away')", Phase.MESSAGE),
    ("smtplib.SMTPDataError: (503, b'Name somebody first')", Phase.DATA),
    ("smtplib.SMTPDataError: (554, b'5.5.1 Name somebody first')", Phase.DATA),
    ("smtplib.SMTPHeloError: (550, b'Go away')", Phase.EHLO),
    ("smtplib.SMTPConnectError: (554, b'Go away')", Phase.GREETING),
    ("smtplib.SMTPResponseException: (550, b'Go away')", None),
    # Java
    ("jakarta.mail.AuthenticationFailedException: 550 Go away", Phase.AUTH),
    ("com.sun.mail.smtp.SMTPAddressFailedException: 550 Go away", Phase.RCPT),
    ("com.sun.mail.smtp.SMTPSenderFailedException: 550 Go away", Phase.MAIL),
    ("com.sun.mail.smtp.SMTPSendFailedException: 550 Go away", None),
    # Nodemailer
    ("Error: Invalid login: 550 Go away", Phase.AUTH),
    ("Error: Mail command failed: 550 Go away", Phase.MAIL),
    ("Error: Can't send mail - all recipients were rejected: 550 Go away", Phase.RCPT),
    ("Error: Data command failed: 550 Go away\n    at SMTPConnection._formatError", Phase.DATA),
    ("Error: Message failed: 550 Go away\n    at SMTPConnection._formatError", Phase.MESSAGE),
    ("Error: Error upgrading connection with STARTTLS: 502 5.5.1 Not for you", Phase.STARTTLS),
    # PHP: Symfony Mailer, Swift Mailer, PHPMailer, Mail of PEAR
    ('Expected response code 220 but got code "502", with message "502 5.5.1 Not for you"', Phase.STARTTLS),
    ('Expected response code "220" but got code "554", with message "554 Go away".', None),
    ('Expected response code "250/251/252" but got code "550", with message "550 Go away".', Phase.RCPT),
    ('Expected response code "354" but got code "550", with message "550 Go away".', Phase.DATA),
    ('Expected response code "250" but got code "550", with message "550 Go away".', None),
    ('Authenticator LOGIN returned Expected response code 334 but got code "550", with message "550 Go away"', Phase.AUTH),
    ("SMTP server error: RCPT TO command failed Detail: Go away\n SMTP code: 550", Phase.RCPT),
    ("SMTP server error: MAIL FROM command failed Detail: Go away SMTP code: 550", Phase.MAIL),
    ("SMTP server error: DATA END command failed Detail: Go away\n SMTP code: 550", Phase.MESSAGE),
    (f"Failed to set sender: {A} [SMTP: Invalid response code received from server (code: 550, response: Go away)]",
     Phase.MAIL),
    (f"Failed to add recipient: {B} [SMTP: Invalid response code received from server (code: 550, response: Go away)]",
     Phase.RCPT),
    ("authentication failure [SMTP: Invalid response code received from server (code: 550, response: Go away)]", Phase.AUTH),
    # Go and Alertmanager
    ('msg="Notify attempt failed" err="send STARTTLS command: 502 5.5.1 Not for you"', Phase.STARTTLS),
    ('msg="Notify attempt failed" err="send MAIL command: 550 Go away"', Phase.MAIL),
    ('msg="Notify attempt failed" err="send RCPT command: 550 Go away"', Phase.RCPT),
    ('err="ops/email[0]: *smtp.plainAuth auth: 550 Go away"', Phase.AUTH),
    ("2026/12/01 12:13:09 Mail Error on Auth: 550 Go away", Phase.AUTH),
    # Ruby
    ("net/smtp.rb:1071:in `check_auth_response': 550 Go away (Net::SMTPAuthenticationError)", Phase.AUTH),
    ("Net::SMTPAuthenticationError (550 Go away)", Phase.AUTH),
    ("net/smtp.rb:1060:in `check_response': 550 Go away (Net::SMTPFatalError)", None),
    # .NET
    ("System.Net.Mail.SmtpFailedRecipientException: Mailbox unavailable. The server response was: Go away", Phase.RCPT),
    # Perl, msmtp, mail servers
    ("mail: failed AUTH: 5.5.1 Not for you", Phase.AUTH),
    ("can't STARTTLS: 5.5.1 Not for you", Phase.STARTTLS),
    (f"msmtp: recipient address {B} not accepted by the server\nmsmtp: server message: 550 Go away", Phase.RCPT),
    (f"msmtp: envelope from address {A} not accepted by the server\nmsmtp: server message: 550 Go away", Phase.MAIL),
    (f"SMTP error from remote mail server after RCPT TO:<{B}>: 550 Go away", Phase.RCPT),
    ("SMTP error from remote mail server after end of data: 550 Go away", Phase.MESSAGE),
    # The nearest counts, and a code of a login tells its stage itself.
    (f"SMTPSenderRefused for {A}, then SMTPRecipientsRefused: {{'{B}': (550, b'Go away')}}", Phase.RCPT),
    ("smtplib.SMTPDataError: (535, b'Wrong pair')", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "stage"), SAID, ids=[said[:50] for said, _ in SAID])
def test_the_stage_is_the_one_that_the_words_name(said: str, stage: Phase | None) -> None:
    octets = said.encode()
    taken = recognise.recognise(octets)
    assert taken is not None
    assert [found.phase for found in recognise.refusals([octets], taken, Counts())] == [stage]
