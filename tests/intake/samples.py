"""Logs, bounces and transcripts with the marks that the programs leave; every name is for documentation."""

from __future__ import annotations

POSTFIX = """\
Nov 22 19:10:45 mail postfix/smtpd[12]: connect from unknown[192.0.2.1]
Nov 22 19:10:45 mail postfix/smtpd[12]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 Service unavailable; \
Client host [192.0.2.1] blocked using zen.example; from=<a@example.org> to=<bob@Example.COM> proto=ESMTP helo=<x>
Nov 22 19:10:46 mail postfix/smtp[13]: 4X1: to=<bob@example.com>, relay=mx.example.com[192.0.2.2]:25, delay=1, \
delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.2] said: 550 5.1.1 <bob@example.com>: \
User unknown (in reply to RCPT TO command))
Nov 22 19:10:46 mail postfix/smtp[13]: 4X1: to=<bob@example.com>, relay=mx.example.com[192.0.2.2]:25, delay=1, \
dsn=2.0.0, status=sent (250 2.0.0 Ok: said: 4)
Nov 22 19:10:46 mail postfix/smtp[13]: 4X2: to=<bob@example.com>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, \
status=deferred (connect to mx.example.com[192.0.2.2]:25: Connection refused)
Nov 22 19:10:47 mail postfix/postscreen[9]: NOQUEUE: reject: RCPT from [192.0.2.9]:4711: 550 5.7.1 Service \
unavailable; client [192.0.2.9] blocked using zen.example; from=<>, to=<bob@example.com>, proto=ESMTP, helo=<x>
Nov 22 19:10:47 mail postfix/cleanup[9]: 4X3: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam; \
from=<a@example.org> to=<b@example.com> proto=ESMTP helo=<x>
Nov 22 19:10:47 mail postfix-out/smtp[9]: 4X4: to=<b@example.com>, relay=mx.example.com[192.0.2.2]:25, dsn=4.0.0, \
status=deferred (host mx.example.com[192.0.2.2] refused to talk to me: 421 4.7.0 Try later)
Nov 22 19:10:47 mail postfix/smtp[9]: 4X4: SASL authentication failed; server smtp.example.com[192.0.2.2] said: \
535 5.7.8 Error: authentication failed
Nov 22 19:10:47 mail postfix/smtp[9]: 4X4: host mx.example.com[2001:db8::1] said: 451 4.7.1 Later (in reply to end \
of DATA command)
Nov 22 19:10:48 mail postfix/smtp[9]: 4X5: to=<b@example.com>, relay=mx.example.com[192.0.2.2]:25, dsn=4.4.2, \
status=deferred (conversation with mx.example.com[192.0.2.2] timed out while sending RCPT TO)
"""
EXIM = """\
2026-11-22 19:10:45 1aBcDe-000abc-De <= a@example.org H=(x) [192.0.2.1] P=esmtp S=100
2026-11-22 19:10:45 1aBcDe-000abc-De ** bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2] \
X=TLS1.3: SMTP error from remote mail server after RCPT TO:<bob@example.com>: 550 5.1.1 User unknown
2026-11-22 19:10:45 1aBcDe-000abc-De == bob@example.com R=dnslookup T=remote_smtp defer (-44) H=mx.example.com \
[192.0.2.2]: SMTP error from remote mail server after RCPT TO:<bob@example.com>: 451 4.7.1 Greylisted
2026-11-22 19:10:45 1aBcDe-000abc-De ** bob@example.com <alias@example.net> R=x T=remote_smtp: SMTP error from \
remote mail server after end of data: host mx.example.com [192.0.2.2]: 554 5.7.1 spam
2026-11-22 19:10:45 1aBcDe-000abc-De ** bob@example.net: Unrouteable address
2026-11-22 19:10:45 H=(client.example.org) [192.0.2.1] F=<a@example.org> rejected RCPT <bob@example.com>: relay not \
permitted
2026-11-22 19:10:45 H=x.example.org [192.0.2.1] F=<a@example.org> temporarily rejected RCPT <b@example.com>: greylisted
2026-11-22 19:10:45 1aBcDe-000abc-De H=x.example.org [192.0.2.1] F=<a@example.org> rejected after DATA: malware (Eicar)
2026-11-22 19:10:45 H=[192.0.2.1] rejected EHLO or HELO x: syntactically invalid argument(s)
2026-11-22 19:10:45 login authenticator failed for (client) [192.0.2.1]: 535 Incorrect authentication data (set_id=bob)
"""
SENDMAIL = """\
Nov 22 19:10:45 mail sm-mta[1]: x1: to=<bob@example.com>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.com. \
[192.0.2.2], dsn=5.1.1, stat=User unknown
Nov 22 19:10:45 mail sm-mta[1]: x1: to=<bob@example.com>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.com. \
[192.0.2.2], dsn=4.7.1, stat=Deferred: 451 4.7.1 Greylisted
Nov 22 19:10:45 mail sendmail[1]: x1: ruleset=check_rcpt, arg1=<bob@example.com>, relay=x.example.org [192.0.2.1], \
reject=550 5.7.1 <bob@example.com>... Relaying denied
Nov 22 19:10:45 mail sm-mta[1]: x1: Milter: data, reject=554 5.7.1 spam
Nov 22 19:10:45 mail sm-mta[1]: x1: to=<bob@example.com>, mailer=esmtp, relay=mx.example.com., dsn=2.0.0, stat=Sent (ok)
"""
OPENSMTPD = """\
Nov 22 19:10:45 mail smtpd[1]: 0123456789abcdef mta delivery evpid=0123456789abcdef from=<a@example.org> \
to=<bob@example.com> rcpt=<-> source="192.0.2.1" relay="192.0.2.2 (mx.example.com)" delay=1s result="PermFail" \
stat="550 5.1.1 User unknown"
Nov 22 19:10:45 mail smtpd[1]: 0123456789abcdef smtp failed-command command="RCPT TO:<bob@example.com>" \
result="550 Invalid recipient: <bob@example.com>"
"""
REJECTED = (
    "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.2.0 <b@example.com>: Recipient address rejected: Greylisted; "
    "from=<a@example.org> to=<b@example.com> proto=ESMTP helo=<x>"
)
SYSLOG_5424 = f"<22>1 2026-11-22T19:10:45.123Z mail postfix/smtpd 123 - - {REJECTED}\n"
SYSLOG_3339 = f"2026-11-22T19:10:45.123456+01:00 mail postfix/smtpd[123]: {REJECTED}\n"
JOURNAL = (
    '{"__REALTIME_TIMESTAMP":"1795374645000000","SYSLOG_IDENTIFIER":"postfix/smtpd","MESSAGE":"' + REJECTED + '"}\n'
)

SWAKS = """\
=== Trying mx.example.com:25...
=== Connected to mx.example.com.
<-  220 mx.example.com ESMTP
 -> EHLO client.example.org
<-  250-mx.example.com
<-  250 STARTTLS
 -> STARTTLS
<-  220 go
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
 ~> EHLO client.example.org
<~  250 mx.example.com
 ~> MAIL FROM:<a@example.org>
<~  250 2.1.0 Ok
 ~> RCPT TO:<bob@example.com>
<~* 550-5.1.1 no
<~* 550 5.1.1 such user
 ~> QUIT
<~  221 2.0.0 Bye
"""
TELNET = """\
Trying 192.0.2.1...
Connected to mx.example.com.
Escape character is '^]'.
220 mx.example.com ESMTP
EHLO x
250 mx.example.com
MAIL FROM:<a@example.org>
250 ok
RCPT TO:<bob@example.com>
250 ok
DATA
354 go
Subject: 550 x

550 in the text
.
554 5.7.1 spam
"""
OPENSSL = "CONNECTED(00000003)\ndepth=0\n---\n250 SMTPUTF8\nEHLO x\n250 x\nAUTH PLAIN AGFsaWNl\n535 5.7.8 no\n"
SMTPLIB = r"""connect: to ('smtp.example.com', 587) None
reply: b'220 smtp.example.com ESMTP\r\n'
send: 'ehlo client.example.org\r\n'
reply: b'250-smtp.example.com\r\n'
reply: b'250 AUTH PLAIN\r\n'
reply: retcode (250); Msg: b'smtp.example.com\nAUTH PLAIN'
send: 'AUTH PLAIN AGFsaWNl\r\n'
reply: b'535 5.7.8 Error: authentication failed\r\n'
reply: retcode (535); Msg: b'5.7.8 Error: authentication failed'
"""
MSMTP = """\
host = smtp.example.com
<-- 220 smtp.example.com ESMTP
--> EHLO localhost
<-- 250 AUTH LOGIN
--> AUTH LOGIN
<-- 334 VXNlcm5hbWU6
--> YWxpY2U=
<-- 535 5.7.8 bad
"""
CURL = """\
*   Trying 192.0.2.1:587...
* Connected to smtp.example.com (192.0.2.1) port 587 (#0)
< 220 smtp.example.com ESMTP
> EHLO x
< 250 smtp.example.com
> MAIL FROM:<a@example.org>
< 250 ok
> RCPT TO:<b@example.com>
< 250 ok
> DATA
< 354 go
{ [5 bytes data]
< 554 5.7.1 spam
"""
OURS = """\
  24.1     ← 220 mx.example.com ESMTP
  24.2     → EHLO client.example.org
  48.9     ← 250-mx.example.com
             250 STARTTLS
 121.0     ⇒ RCPT TO:<b@example.com>
 145.0     ⇐ 550 5.1.1 no
"""
GREETING = "=== Connected to mx.example.com.\n<** 554 5.7.1 go away\n -> QUIT\n"
PIPELINED = """\
<-  220 mx.example.com
 -> EHLO x
<-  250 PIPELINING
 -> MAIL FROM:<a@example.org>
 -> RCPT TO:<b@example.com>
 -> RCPT TO:<c@example.net>
 -> DATA
<-  250 ok
<-  250 ok
<** 550 5.1.1 no
<-  354 go
 -> Subject: x
 ->
 -> RCPT TO:<not@example.org>
 -> .
<** 552 5.3.4 too large
"""

STATUS = """\
Return-Path: <>
Date: Sun, 22 Nov 2026 19:10:45 +0000
From: MAILER-DAEMON@mail.example.org
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B1/mail"

--B1/mail
Content-Type: text/plain

<bob@example.com>: host mx.example.com[192.0.2.2] said: 550 5.1.1 no

--B1/mail
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; bob@example.com
Original-Recipient: rfc822;bob@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.1.1 <bob@example.com>: Recipient address
    rejected: User unknown

Final-Recipient: rfc822; carol@example.net
Action: failed
Status: 5.4.4
Diagnostic-Code: X-Postfix; Host or domain name not found

Final-Recipient: rfc822; dave@example.net
Action: delivered
Status: 2.0.0

--B1/mail
Content-Type: message/rfc822

Subject: x

Final-Recipient: rfc822; no@example.com
Status: 5.0.0
--B1/mail--
"""
QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example.org

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.

<bob@example.com>:
192.0.2.2 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 192.0.2.2.

<carol@example.net>:
192.0.2.3 failed after I sent the message.
Remote host said: 554-5.7.1 spam
554 5.7.1 indeed

--- Below this line is a copy of the message.

Subject: x
"""
EXIM_BOUNCE = """\
Return-path: <>
X-Failed-Recipients: bob@example.com
From: Mail Delivery System <Mailer-Daemon@mail.example.org>

This message was created automatically by mail delivery software.

  bob@example.com
    host mx.example.com [192.0.2.2]
    SMTP error from remote mail server after RCPT TO:<bob@example.com>:
    550 5.1.1 <bob@example.com>: User unknown

------ This is a copy of the message, including all the headers. ------
"""
EXCHANGE = """\
From: postmaster@example.org

Diagnostic information for administrators:

Generating server: mail.example.org

bob@example.com
mx.example.com
Remote Server returned '550 5.1.1 User unknown'
"""
EXCHANGE_HASH = """\
From: postmaster@example.org

Generating server: mail.example.org

bob@example.com
mx.example.com #550 5.1.1 <bob@example.com>: Recipient rejected ##
"""
EXCHANGE_BASE64 = """\
From: postmaster@example.org
Content-Type: text/plain
Content-Transfer-Encoding: base64

R2VuZXJhdGluZyBzZXJ2ZXI6IG1haWwuZXhhbXBsZS5vcmcKCmJvYkBleGFtcGxlLmNvbQpSZW1v
dGUgU2VydmVyIHJldHVybmVkICc1NTAgNS4xLjEgVXNlciB1bmtub3duJwo=
"""
POSTFIX_BOUNCE = """\
From: MAILER-DAEMON@mail.example.org

This is the mail system at host mail.example.org.

<bob@example.com>: host mx.example.com[192.0.2.2] said: 550 5.1.1
    <bob@example.com>: Recipient address rejected (in reply to RCPT TO command)
"""
SENDMAIL_BOUNCE = """\
From: MAILER-DAEMON@mail.example.org

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> RCPT To:<bob@example.com>
<<< 550 5.1.1 User unknown
550 5.1.1 <bob@example.com>... User unknown
"""
PYTHON_ERROR = (
    "Traceback (most recent call last):\n  x\n"
    "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed:')\n"
)
NODE_ERROR = "Error: Invalid login: 535-5.7.8 Username and Password not accepted\n"
ALL = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
