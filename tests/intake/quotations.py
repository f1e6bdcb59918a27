"""Texts that quote a reply, each with the replies that stand in it, and texts whose numbers are none.

The wordings are ours; the shapes are those of the programs named.
"""

from __future__ import annotations

A, B = "ada@example.com", "bob@example.org"

FOUND: list[tuple[str, str | list[str]]] = [
    # Python
    ("smtplib.SMTPAuthenticationError: (535, b'5.7.8 That pair does not match')", "535 5.7.8 That pair does not match"),
    ("smtplib.SMTPDataError: (552, b'This letter is above our limit')", "552 This letter is above our limit"),
    (f"smtplib.SMTPSenderRefused: (553, b'Not your address', '{A}')", "553 Not your address"),
    (f"smtplib.SMTPRecipientsRefused: {{'{A}': (550, b'Nobody is called that')}}", "550 Nobody is called that"),
    (
        f"smtplib.SMTPRecipientsRefused: {{'{A}': (550, b'Nobody'), '{B}': (452, b'Too full')}}",
        ["550 Nobody", "452 Too full"],
    ),
    ("smtplib.SMTPConnectError: (421, b'Come again later')", "421 Come again later"),
    ("smtplib.SMTPHeloError: (501, b'That is not a host name')", "501 That is not a host name"),
    ("smtplib.SMTPDataError: (554, b'first half\\nsecond half')", "554 first half\n554 second half"),
    ("smtplib.SMTPDataError: (550, \"Don't send this\")", "550 Don't send this"),
    ("aiosmtplib.errors.SMTPRecipientRefused: (550, 'Unknown here', 'ada@example.com')", "550 Unknown here"),
    (f"SMTPRecipientsRefused([SMTPRecipientRefused(550, 'Unknown here', '{A}')])", "550 Unknown here"),
    ("SMTPResponseException(code=451, message='Try this tomorrow')", "451 Try this tomorrow"),
    ("smtp_code=554 smtp_error=b'No thanks'", "554 No thanks"),
    (
        "Traceback (most recent call last):\n  File \"/srv/shop/mail.py\", line 550, in send\n    server.sendmail(a, b, c)\n"
        "smtplib.SMTPDataError: (554, b'Letter turned away')",
        "554 Letter turned away",
    ),
    (
        "smtplib.SMTPDataError: (554, b'Turned away')\n\nDuring handling of the above exception, another exception "
        "occurred:\n\nMailFailure: (554, b'Turned away')",
        "554 Turned away",
    ),
    ("smtplib.SMTPDataError: (550, b'Bo\\xeete inconnue')", "550 Bo\\xeete inconnue"),
    ("smtplib.SMTPDataError: (550, b'\\xe7\\x94\\xa8\\xe6\\x88\\xb7 unknown')", "550 \\xe7\\x94\\xa8\\xe6\\x88\\xb7 unknown"),
    ("anymail.exceptions.AnymailAPIError: SMTP response 550 Hard bounce of this address", "550 Hard bounce of this address"),
    # Java
    ("javax.mail.AuthenticationFailedException: 535 Wrong pair of name and password", "535 Wrong pair of name and password"),
    ("com.sun.mail.smtp.SMTPSendFailedException: 554 Letter not wanted", "554 Letter not wanted"),
    (
        "jakarta.mail.SendFailedException: Invalid Addresses;\n  nested exception is:\n"
        f"\tcom.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 <{A}> does not exist\n\n"
        "\tat com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:2064)\n"
        f"Caused by: com.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 <{A}> does not exist\n",
        f"550 5.1.1 <{A}> does not exist",
    ),
    ("org.springframework.mail.MailSendException: Failed messages: com.sun.mail.smtp.SMTPSenderFailedException: 553"
     " Sender is foreign",
     "553 Sender is foreign"),
    (f"com.example.MailException: 550 No local part ada in <{A}>", f"550 No local part ada in <{A}>"),
    ("com.sun.mail.smtp.SMTPSendFailedException: 552-Letter too\n552 large for us\n\tat com.sun.mail.smtp.SMTPTransport",
     "552-Letter too\n552 large for us"),
    ("org.apache.commons.mail.EmailException: Sending the email to the following server failed : mx.example.com:25\n"
     "Caused by: jakarta.mail.MessagingException: 452 No room for more letters", "452 No room for more letters"),
    ("[EOF] wait no: com.sun.mail.smtp.SMTPAddressFailedException: 451 Ask me in an hour", "451 Ask me in an hour"),
    # Node
    ("Error: Mail command failed: 552 Storage of ada is used up", "552 Storage of ada is used up"),
    ("Error: Can't send mail - all recipients were rejected: 550 Ada has left", "550 Ada has left"),
    ("Error: Invalid login: 535 Wrong pair", "535 Wrong pair"),
    (
        "Error: Message failed: 554 Looks like junk\n    at SMTPConnection._formatError (/app/node_modules/nodemailer/lib/"
        "smtp-connection/index.js:790:19)\n  code: 'EMESSAGE',\n  response: '554 Looks like junk',\n  responseCode: 554,\n"
        "  command: 'DATA'",
        "554 Looks like junk",
    ),
    (
        "{\n  code: 'EENVELOPE',\n  response: '550 5.7.1 Not from there',\n  responseCode: 550,\n  command: 'MAIL FROM'\n}",
        "550 5.7.1 Not from there",
    ),
    ("  rejectedErrors: [\n    Error: Recipient command failed: 450 Box is busy\n        at SMTPConnection (index.js:450:30)",
     "450 Box is busy"),
    ("[2026-03-05 09:11:12] DEBUG [ZpUx] S: 550 Nobody of that name", "550 Nobody of that name"),
    ("└──452-no room now\n   452 for another letter to ada", "452-no room now\n452 for another letter to ada"),
    ("├── 250 fine\n└── 554 refused by rule 9", "554 refused by rule 9"),
    # PHP
    ("SMTP Error: The following recipients failed: ada@example.com: Nobody here\n\nSMTP server error: RCPT TO command failed "
     "Detail: Nobody here\n SMTP code: 550", "550 Nobody here"),
    ("SMTP server error: RCPT TO command failed Detail: no letterbox with this label SMTP code: 550",
     "550 no letterbox with this label"),
    ("SMTP server error: DATA END command failed Detail: Looks like junk SMTP code: 554 Additional SMTP info: 5.7.1",
     "554 5.7.1 Looks like junk"),
    ("SMTP Error (553): Failed to set sender \"ada@example.com\" (This sender belongs to another).",
     "553 Failed to set sender \"ada@example.com\" (This sender belongs to another)."),
    ('SMTP Error (550): Failed to add recipient "ada@example.com" (Ada has left).',
     '550 Failed to add recipient "ada@example.com" (Ada has left).'),
    ("SMTP ERROR: Password command failed: 535 5.7.3 That was wrong", "535 5.7.3 That was wrong"),
    ("SMTP ERROR: MAIL FROM command failed: 530 Log in before you send", "530 Log in before you send"),
    ("2026-03-05 09:11:12 SERVER -> CLIENT: 535 Wrong pair", "535 Wrong pair"),
    ('Expected response code 250 but got code "451", with message "451 Please return in ten minutes"',
     "451 Please return in ten minutes"),
    ('Swift_TransportException: Expected response code 354 but got code "554", with message "554-No\r\n554 valid '
     'recipients\r\n"',
     "554-No\n554 valid recipients"),
    ('Expected response code "250" but got code "550", with message "550 5.1.1 Nobody by that name".',
     "550 5.1.1 Nobody by that name"),
    ('Symfony\\Component\\Mailer\\Exception\\UnexpectedResponseException: Expected response code "250/251/252" but got code '
     '"450", with message "450 4.2.0 Greylisted for now".', "450 4.2.0 Greylisted for now"),
    ('Failed to authenticate on SMTP server with username "ada" using the following authenticators: "LOGIN". Authenticator '
     '"LOGIN" returned "Expected response code "235" but got code "535", with message "535 Wrong pair".".', "535 Wrong pair"),
    (
        '[2026-03-05 09:11:12] production.ERROR: Expected response code "250" but got code "452", with message "452 4.2.2 The '
        'box of ada is full". {"exception":"[object] '
        '(Symfony\\\\Component\\\\Mailer\\\\Exception\\\\UnexpectedResponseException'
        '(code: 452): Expected response code \\"250\\" but got code \\"452\\", with message \\"452 4.2.2 The box of ada is '
        'full\\". at /srv/app/vendor/symfony/mailer/Transport/Smtp/SmtpTransport.php:331)\n[stacktrace]\n#0 /srv/app/vendor/'
        "symfony/mailer/Transport/Smtp/SmtpTransport.php(198): assertResponseCode('452 4.2.2 The box...', Array)\n#1 {main}\n",
        "452 4.2.2 The box of ada is full",
    ),
    ("wp_mail() failed: SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: Too much for us SMTP "
     "code: 552", "552 Too much for us"),
    ("PEAR: Failed to add recipient: ada@example.com [SMTP: Invalid response code received from server (code: 550, response: "
     "Nobody of that name)]", "550 Nobody of that name"),
    ("authentication failure [SMTP: Invalid response code received from server (code: 535, response: 5.7.8 Wrong pair)]",
     "535 5.7.8 Wrong pair"),
    # Ruby
    ("Net::SMTPServerBusy (450 Return in a quarter of an hour)", "450 Return in a quarter of an hour"),
    ("Net::SMTPFatalError: 550 No such letterbox", "550 No such letterbox"),
    ("/usr/lib/ruby/net/smtp.rb:550:in `check_response': 553 Sender refused by our list (Net::SMTPFatalError)",
     "553 Sender refused by our list"),
    ("net/smtp.rb:1027:in `check_auth_response': 535 Wrong pair of words (Net::SMTPAuthenticationError)",
     "535 Wrong pair of words"),
    ("#<Net::SMTPFatalError: 554 Off you go>", "554 Off you go"),
    ("Net::SMTPSyntaxError: 501 HELO wants a name\n", "501 HELO wants a name"),
    ("ActionView: Net::SMTPUnknownError (could not get 3xx (550: 550 Not for you))", "550 Not for you"),
    # .NET
    ("System.Net.Mail.SmtpException: Insufficient system storage. The server response was: The box of ada has reached"
     " its limit",
     "452 The box of ada has reached its limit"),
    ("System.Net.Mail.SmtpFailedRecipientException: Mailbox unavailable. The server response was: Ada is unknown",
     "550 Ada is unknown"),
    ("System.Net.Mail.SmtpFailedRecipientException: Mailbox unavailable. The server response was: 4.2.0 Ada is busy",
     "450 4.2.0 Ada is busy"),
    ("SmtpException: Exceeded storage allocation. The server response was: above 25 MB", "552 above 25 MB"),
    ("Transaction failed. The server response was: our filter said no", "554 our filter said no"),
    ("SmtpException: The SMTP server requires a secure connection or the client was not authenticated. The server response "
     "was: 5.7.0 Encrypt first", "530 5.7.0 Encrypt first"),
    ("Mailbox name not allowed. The server response was: sender is none of ours", "553 sender is none of ours"),
    ("Service not available, closing transmission channel. The server response was: too many at once", "421 too many at once"),
    ("MailKit.Net.Smtp.SmtpCommandException: 5.1.1 Ada is unknown", "5.1.1 Ada is unknown"),
    ("MailKit.Security.AuthenticationException: 535: 5.7.8 Wrong pair", "535 5.7.8 Wrong pair"),
    ("SmtpCommandException: ErrorCode=RecipientNotAccepted, StatusCode=550, Message=\"Nobody of that name\"",
     "550 Nobody of that name"),
    ("SmtpCommandException: 450 4.7.1 Not so fast\n   at MailKit.Net.Smtp.SmtpClient.SendAsync()\nStatusCode: MailboxBusy (450)\n"
     "ErrorCode: RecipientNotAccepted\nMailbox: ada@example.com", "450 4.7.1 Not so fast"),
    ("MailKit.Net.Smtp.SmtpCommandException: 5.7.60 This sender is not yours\n\tErrorCode: SenderNotAccepted\n"
     "\tStatusCode: MailboxUnavailable (550)", "5.7.60 This sender is not yours"),
    ("Sending: \"554 our filter said no\"\n  StatusCode = SmtpStatusCode.TransactionFailed", "554 our filter said no"),
    ("Mail was not sent.\nStatusCode: MailboxBusy (450)\nErrorCode: RecipientNotAccepted\nMessage: 4.7.1 Not so fast",
     "450 4.7.1 Not so fast"),
    ("Mail was not sent.\nStatusCode: 552 (ExceededStorageAllocation)\nMessage: 552 5.2.2 Full", "552 5.2.2 Full"),
    ("Mail was not sent.\nStatusCode: MailboxBusy (450)\nErrorCode: RecipientNotAccepted", "450 Mailbox busy"),
    ("StatusCode: MailboxUnavailable", "550 Mailbox unavailable"),
    ("SmtpCommandException: 450 4.7.1 Not so fast\nStatusCode: MailboxBusy (450)\n\nStatusCode: TransactionFailed (554)",
     ["450 4.7.1 Not so fast", "554 Transaction failed"]),
    ("smtp: StatusCode: MailboxBusy (450), ErrorCode: RecipientNotAccepted, Message: Not so fast", "450 Not so fast"),
    ("ORA-29279: SMTP permanent error: 535 5.7.8 Wrong pair\nORA-06512: at \"SYS.UTL_SMTP\", line 57", "535 5.7.8 Wrong pair"),
    ("ORA-29279: SMTP permanent error: 550 Nobody by that name", "550 Nobody by that name"),
    ("ORA-29278: SMTP transient error: 450 4.7.1 Not so fast", "450 4.7.1 Not so fast"),
    ("ORA-29278: SMTP transient error: 421 Too many of you", "421 Too many of you"),
    ("SMTP error from the server: 421 Service not available", "421 Service not available"),
    # The words of those that the loop of real clients makes fail (tests/real_clients/)
    (
        '[2026-12-01 12:14:38] production.ERROR: Expected response code 220 but got code "502", with message "502 5.5.1 Not for '
        'us\n" {"exception":"[object] (Swift_TransportException(code: 502): Expected response code 220 but got code '
        '\\"502\\", with message \\"502 5.5.1 Not for us\n\n\\" at /usr/share/php/Swift/classes/Swift/Transport/'
        "AbstractSmtpTransport.php:459)\n[stacktrace]\n#0 /usr/share/php/Swift/classes/Swift/Transport/AbstractSmtpTransport.php"
        "(344): Swift_Transport_AbstractSmtpTransport->assertResponseCode()\n",
        "502 5.5.1 Not for us",
    ),
    ('ts=2026-12-01T12:15:23.855Z caller=notify.go:732 level=warn component=dispatcher receiver=ops integration=email[0] '
     'msg="Notify attempt failed, will retry later" attempts=1 err="send RCPT command: 550 Nobody by that name"',
     "550 Nobody by that name"),
    (
        "Error: Can't send mail - all recipients were rejected: 550 Nobody by that name\n    at SMTPConnection._formatError "
        "(/app/node_modules/nodemailer/dist/cjs/smtp-connection/index.js:972:19) {\n  code: 'EENVELOPE',\n  response: '550 "
        "Nobody by that name',\n  responseCode: 550,\n  command: 'RCPT TO',\n  rejected: [ 'bob@example.org' ],\n"
        "  rejectedErrors: [\n    Error: Recipient command failed: 550 Nobody by that name\n        at SMTPConnection._actionRCPT"
        " (/app/node_modules/nodemailer/dist/cjs/smtp-connection/index.js:1859:24) {\n      code: 'EENVELOPE',\n      response: "
        "'550 Nobody by that name',\n      responseCode: 550,\n      command: 'RCPT TO'\n    }\n  ]\n}",
        "550 Nobody by that name",
    ),
    ("can't STARTTLS: 4.7.0 Not for the moment\n\n\nTrace begun at /usr/share/perl5/Email/Sender/Transport/SMTP.pm line 232\n",
     "4.7.0 Not for the moment"),
    ("failed AUTH: 5.7.8 Wrong pair\n\n\nTrace begun at /usr/share/perl5/Email/Sender/Transport/SMTP.pm line 232\n",
     "5.7.8 Wrong pair"),
    ("failed AUTH: 5.7.8 Wrong pair", "5.7.8 Wrong pair"),
    ("s-nail: SMTP server: 550 Nobody by that name\ns-nail: ... message not sent\n", "550 Nobody by that name"),
    ("SMTP session failed: 454 4.7.0 Not for the moment\nCould not send the message.", "454 4.7.0 Not for the moment"),
    ("System.Net.Mail.SmtpException: Client does not have permission to submit mail to this server. The server response was: "
     "4.7.0 Not for the moment\n   at System.Net.Mail.StartTlsCommand.CheckResponse(SmtpStatusCode statusCode, String response)",
     "454 4.7.0 Not for the moment"),
    # Go
    ("panic: 535 5.7.8 Wrong pair", "535 5.7.8 Wrong pair"),
    ("gomail: could not send email 1: 554 Letter refused by policy", "554 Letter refused by policy"),
    ("failed to send mail: SMTP RCPT TO command: 550 Nobody by that name", "550 Nobody by that name"),
    ('level=error msg="failed to send e-mail" err="450 Later, please"', "450 Later, please"),
    ('time="2026-03-05T09:11:12Z" level=error msg="smtp: 554 no thanks"', "554 no thanks"),
    ('ts=2026-03-05T09:11:12.000Z caller=dispatch.go:352 level=error component=dispatcher msg="Notify for alerts failed" '
     'err="ops/email[0]: notify retry canceled due to unrecoverable error after 1 attempts: *smtp.plainAuth auth: 535 5.7.8 '
     'Wrong pair"', "535 5.7.8 Wrong pair"),
    ('logger=alerting.notifier.email level=error msg="Failed to send" err="failed to send notification to email addresses: '
     'ada@example.com: 553 Sender not allowed"', "553 Sender not allowed"),
    ("client does not have permissions (not temporary): SMTP RCPT TO: 550 Off limits", "550 Off limits"),
    ("textproto.Error{Code:552, Msg:\"above our limit\"} from smtp", "552 above our limit"),
    # Rust
    ("SMTP 5xx error: permanent error (550): Box of ada is disabled", "550 Box of ada is disabled"),
    ("lettre::transport::smtp::Error { kind: Permanent(554), source: \"Letter refused\" }", "554 Letter refused"),
    ("transient error (451): Greylisted, try in five minutes", "451 Greylisted, try in five minutes"),
    ("lettre::transport::smtp::Error { kind: Permanent(Code { severity: PermanentNegativeCompletion, category: MailSystem, "
     'detail: Zero }), source: "box is closed" }', "550 box is closed"),
    ('Error { kind: Transient(Code { severity: TransientNegativeCompletion, category: MailSystem, detail: Two }), source: '
     '"no room" }', "452 no room"),
    ("*smtp.Error: code 550, msg: not known here", "550 not known here"),
    ("nagios: mail returned 554: letter refused", "554 letter refused"),
    ("gomail: 534 log in with a browser first", "534 log in with a browser first"),
    ("发送邮件失败: 550 用户不存在", "550 用户不存在"),
    ("El servidor respondió: 452 buzón sin espacio", "452 buzón sin espacio"),
    ("mail-send: Unexpected reply: Code: 550, Enhanced code: 5.1.1, Message: Nobody by that name",
     "550 5.1.1 Nobody by that name"),
    # Perl, shell, curl, msmtp
    ("Email::Sender::Failure: failed after RCPT: 550 Nobody", "550 Nobody"),
    ("msmtp: recipient address ada@example.com not accepted by the server\nmsmtp: server message: 550 Nobody by that name\n"
     "msmtp: could not send mail (account default from /etc/msmtprc)", "550 Nobody by that name"),
    ("msmtp: authentication failed (method PLAIN)\nmsmtp: server message: 535 5.7.8 Wrong pair", "535 5.7.8 Wrong pair"),
    ("send-mail: smtp-server: 550 Nobody (mail not sent)", "550 Nobody (mail not sent)"),
    ("sendEmail[123]: ERROR => Received: \t550 Ada is not with us any more", "550 Ada is not with us any more"),
    ("<** 550 Nobody here", "550 Nobody here"),
    ("ssmtp: 553 sender is not known here", "553 sender is not known here"),
    ("swaks: <~* 535 Wrong pair", "535 Wrong pair"),
    # Elixir, Erlang and others
    ('{:error, {:permanent_failure, "mx.example.com", "550 No such user of ours\\r\\n"}}', "550 No such user of ours"),
    ("{error,{no_more_hosts,{permanent_failure,\"mx.example.com\",<<\"554 Letter refused\\r\\n\">>}}}", "554 Letter refused"),
    # Bounces and services, in words and as JSON
    ("host mx.example.com said: 550 Nobody by that name", "550 Nobody by that name"),
    ("mx.example.com[192.0.2.4] said: 550  Ada is unknown", "550  Ada is unknown"),
    ("The response from the remote server was:\n550 Nobody by that name", "550 Nobody by that name"),
    ("The remote server responded: 554 5.7.1 No", "554 5.7.1 No"),
    ("Remote server answered with 552 letter too large", "552 letter too large"),
    ("Their mail server replied 550 we do not know ada", "550 we do not know ada"),
    ('{"event":"bounce","reason":"550 Nobody of ours","status":"5.0.0","type":"bounce"}', "550 Nobody of ours"),
    ('{"Type":"Bounce","diagnosticCode":"smtp; 550 Nobody of ours","status":"5.1.1"}', "550 Nobody of ours"),
    ('{"delivery-status":{"code":550,"message":"Ada is gone","attempt-no":1},"recipient":"ada@example.com"}',
     "550 Ada is gone"),
    ('{"smtp":{"response_code": "451", "description": "Wait for it"}}', "451 Wait for it"),
    ('{"level":"error","err":{"responseCode":550,"response":"550 Ada is gone","command":"RCPT TO"}}', "550 Ada is gone"),
    ('{"Message":"SMTP;554 Not liked"}', "554 Not liked"),
    ("ERROR_CODE :550, ERROR_CODE :5.1.1 Ada is not one of ours", "550 5.1.1 Ada is not one of ours"),
    ("ERROR CODE :553 - sender is not allowed to relay", "553 sender is not allowed to relay"),
    ("Reason: Remote SMTP Server Returned: 550 ada is not known", "550 ada is not known"),
    ("Delivery to ada@example.com was rejected with code 550: box is closed", "550 box is closed"),
    ("Mail to ada@example.com failed, box is closed (550)", "550 Mail to ada@example.com failed, box is closed"),
    ("Mail delivery: user is over quota [552]", "552 Mail delivery: user is over quota"),
    ("SMTP 554: no thanks", "554 no thanks"),
    ("smtp status 450 - box is locked", "450 box is locked"),
    ("smtp error 550 ada is not known", "550 ada is not known"),
    ("The email could not be delivered. Status: 550 - ada is not known", "550 ada is not known"),
    ("cPanel: SMTP error from remote mail server after RCPT TO:<ada@example.com>: 550 Nobody", "550 Nobody"),
    ("SMTP error from remote mail server after end of data: 554 Looks like junk", "554 Looks like junk"),
    ("Mail system error 'server refused: 421 too many sessions from you'", "421 too many sessions from you"),
    ("mail: 550-No such box\n      550 here", "550-No such box\n550 here"),
    ("Our mail gateway said: 554 letter refused\n    by rule seventeen of ours",
     "554 letter refused by rule seventeen of ours"),
    (f"<{A}>: host mx.example.net[198.51.100.4] said: 554\n    Denied by our rule 9 (in reply to RCPT TO command)",
     "554 Denied by our rule 9"),
    (f"<{A}>: host\n    mx.example.net[198.51.100.4] said: 554 5.7.1 Denied by our rule 9 (in reply to\n    RCPT TO command)",
     "554 5.7.1 Denied by our rule 9"),
    ("550 5.7.1 Letter refused since the sender\n    is not known to us",
     "550 5.7.1 Letter refused since the sender is not known to us"),
    ("554  Two blanks behind the code", "554  Two blanks behind the code"),
    ("< 535 5.7.8 Wrong pair", "535 5.7.8 Wrong pair"),
    ("220 mx.example.com\nEHLO a\n250 hi\nMAIL FROM:<a@example.com>\n250 ok\nRCPT TO:<b@example.org>\n250 ok\nDATA\n"
     "354 go on\n552 5.2.3 a letter of 40 MB is too long", "552 5.2.3 a letter of 40 MB is too long"),
    ("220 mx.example.com\nEHLO a\n250 hi\nMAIL FROM:<a@example.com>\n250 ok\nRCPT TO:<b@example.org>\n250 ok\nDATA\n"
     "354 go on\nSubject: 550 reasons\n\n550 lines of text\n.\n554 not liked", "554 not liked"),
    ("220 mx.example.com\nMAIL FROM:<a@example.com>\n250 ok\nDATA\n354 go on\n552-too\n552 long\nQUIT\n221 bye",
     "552-too\n552 long"),
    ("[09:11:12] smtp <- 550 ada is gone", "550 ada is gone"),
    ("app: SMTP error: 550 Nobody\napp: SMTP error: 550 Nobody\n", ["550 Nobody", "550 Nobody"]),
    ("Mail to ada: SMTP error: 550 Nobody\nMail to bob: SMTP error: 552 Full\n", ["550 Nobody", "552 Full"]),
]  # fmt: skip

NONE: list[str] = [
    "StatusCode: ServiceUnavailable (503)",
    "StatusCode: NotFound (404)",
    "StatusCode: 503",
    "ErrorCode: RecipientNotAccepted",
    "ORA-29278: SMTP transient error: 421 Service not available",
    "Mail: ORA-29278: SMTP transient error: 421 Service not available ORA-06512: at SYS.UTL_SMTP, line 57",
    # places in programs
    "at send (mail.js:550:12)",
    "    at SMTPConnection._onData (/app/node_modules/nodemailer/lib/smtp-connection/index.js:554:20)",
    'File "/srv/mail/send.py", line 550, in deliver',
    "SMTPTransport.java:535 sends the command",
    "smtp.rb:450:in `block in start'",
    "#7 /srv/mail/src/SMTP.php(554): PHPMailer->send()",
    "mail.go:535 +0x1f4",
    "error in mail.py on line 450",
    "see issue #550 of the mail plugin",
    "mailer/v5.5.0 is deprecated",
    "goroutine 550 [running]: net/smtp",
    # sizes, counts, times, ports
    "status=500 time_ms=550",
    "listening on port 587",
    "552 items were lost in the mail",
    "451 connections, 12 idle",
    "SMTP server listens on port 525",
    "mail batch 551: 450 ok, 12 failed",
    "Received 554 bytes from SMTP server",
    "the SMTP server took 450 milliseconds to answer",
    "SELECT 550 FROM mail",
    'mail id=550 subject="554 reasons"',
    "Delivery attempt 3 of 5 for mail 551 failed",
    "mail queue: 450 messages",
    "error: 550 items were lost in the mail",
    "SMTP pool: 451 connections, 12 idle",
    "the mail attachment has 552 KB",
    "mail took 550 ms",
    "sent 554 emails of 1200",
    "message 550 of 600 was mailed",
    "mail: 450 users, 551 groups",
    "recipients: 550",
    "mail size 554321 octets",
    "mailbox usage is 452 MB of 500 MB",
    "retry the mail in 450 seconds",
    "rate limit of the mail API: 550 requests per minute",
    "mail-worker pid 550 started",
    "server-550.mail.example.com is up",
    "x550 mail y",
    "message id 5501 refused",
    "amount 550.00 EUR, mailed to ada",
    "+1 550 555 0100 is the number of the mail room",
    "order 550 was mailed",
    "SMTP relay 550 is in the rack",
    "version 5.1.1 of the mail client",
    "Your PHP version: 5.6.40 is too old to send mail",
    "mysql: 5.7.33 community server holds the mail database",
    "Linux 5.4.0 mail 5.4.0-42-generic",
    "Node: 4.5.6 released, mailer updated",
    "mail from 4.5.6.7 was seen",
    "upgrade to Exim 4.96.1",
    "RFC 5321 4.5.3 has the limits of mail",
    "see section 5.1.1 of the mail manual",
    # HTTP and others
    "ERROR http error: 502 Bad Gateway from the SMTP service",
    "GET /mail 404 5.6.7.8",
    "POST https://api.example.com/v3/mail/send: 500 Internal Server Error",
    "mail API answered: 503 Service Unavailable",
    "HTTP/1.1 451 Unavailable For Legal Reasons",
    "mail webhook failed: 504 Gateway Timeout",
    'upstream mail: "502 Bad Gateway"',
    "Request failed with status code 429: Too Many Requests",
    "curl: (22) The requested URL returned error: 500",
    '192.0.2.7 - - [05/Mar/2026:09:11:12 +0000] "POST /mail HTTP/1.1" 550 1234',
    "mail API error 421 Misdirected Request",
    # words without number
    "SMTP worker ready, nothing rejected so far",
    "the mail was sent to ada",
    "hello world",
    "Please help: my letters are not delivered",
    "We said that 550 guests were invited by mail",
    "compare 4.2.0 with 4.3.0 of the mailer",
    "color #550550 of the mail template",
    "0x550 mail 0x554",
    "uuid 550e8400-e29b-41d4-a716-446655440000 mailed",
    "2026-03-05 09:11:12 INFO mail queue: 450 messages",
    "2026-03-05 09:11:12 INFO mailer 5.2.1 started",
    "2026-03-05 09:11:12 INFO error budget 550 of mail",
    "Mar  5 09:11:12 host kernel: mail 450 blocks read",
    '{"level":"info","msg":"mail worker started","pid":550,"port":587}',
    '{"level":"info","msg":"mail sent","code":250,"ms":554}',
    "exit code 550 of the mail script",
    "Flight 554 leaves, mailed to ada",
    "error code: 0x80070550, mail store",
    "smtp.timeout=450",
    "smtp_port: 525 mail_from: ada@example.com",
    "mail_limit = 550; rcpt_limit = 450",
]  # fmt: skip
