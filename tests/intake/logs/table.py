"""Lines of each program's log, and the refusal that each tells: None for one that tells of none, or of one again."""

from __future__ import annotations

from smtpprobe.intake.mail_logs import Family

# Phase, recipient domain, peer, reply.
Row = tuple[str, tuple[str | None, str | None, str | None, str] | None]

_P = "Mar  5 09:11:12 mx1 postfix/"
_UNAVAILABLE = "454 4.7.0 Temporary authentication failure"
POSTFIX: tuple[Row, ...] = (
    (f"{_P}smtpd[77]: connect from unknown[198.51.100.9]", None),
    (
        f"{_P}smtpd[77]: warning: unknown[198.51.100.9]: SASL PLAIN authentication failed: authentication failure, "
        "sasl_username=jane@example.com",
        ("auth", None, "unknown[198.51.100.9]", "535 5.7.8 Error: authentication failed: authentication failure"),
    ),
    (
        f"{_P}submission/smtpd[77]: warning: pc.example.net[2001:db8::9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
        ("auth", None, "pc.example.net[2001:db8::9]", "535 5.7.8 Error: authentication failed"),
    ),
    (
        f"{_P}smtps/smtpd[78]: warning: pc.example.net[198.51.100.10]: SASL CRAM-MD5 authentication failed: "
        "Connection lost to authentication server",
        ("auth", None, "pc.example.net[198.51.100.10]", f"{_UNAVAILABLE}: Connection lost to authentication server"),
    ),
    (
        f"{_P}smtpd[77]: warning: mx.example.net[198.51.100.11]: SASL PLAIN authentication failed: (reason unavailable), "
        "sasl_username=jane@example.com",
        ("auth", None, "mx.example.net[198.51.100.11]", "535 5.7.8 Error: authentication failed: (reason unavailable)"),
    ),
    (
        f"{_P}smtpd[77]: warning: mx.example.net[198.51.100.11]: SASL LOGIN authentication failed:",
        ("auth", None, "mx.example.net[198.51.100.11]", "535 5.7.8 Error: authentication failed"),
    ),
    (
        f"{_P}smtpd[77]: warning: mx.example.net[198.51.100.11]: SASL PLAIN authentication failed: , sasl_username=jane",
        ("auth", None, "mx.example.net[198.51.100.11]", "535 5.7.8 Error: authentication failed"),
    ),
    (
        f"{_P}submission/smtpd[77]: warning: unknown[198.51.100.12]: SASL CRAM-MD5 authentication failed: "
        "PDE3Nzg1OC4xNzcyNzAyQG14MS5leGFtcGxlLm9yZz4=",
        ("auth", None, "unknown[198.51.100.12]", "535 5.7.8 Error: authentication failed"),
    ),
    (f"{_P}smtpd[77]: warning: SASL authentication failure: Password verification failed", None),
    (f"{_P}smtpd[77]: lost connection after AUTH from unknown[198.51.100.9]", None),
    (f"{_P}qmgr[5]: 4B0A1: from=<tom@example.net>, size=912, nrcpt=1 (queue active)", None),
    (
        f"{_P}qmgr[5]: 4B0A2: from=<tom@example.net>, status=expired, returned to sender",
        (None, None, None, "5.4.7 message expired, returned to sender"),
    ),
    (
        f"{_P}qmgr[5]: 4B0A3: from=<tom@example.net>, status=force-expired, returned to sender",
        (None, None, None, "5.4.7 message expired, returned to sender"),
    ),
    (
        f"{_P}smtp[9]: 4B0A4: to=<jane@example.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred "
        "(connect to mx.example.com[198.51.100.9]:25: Network is unreachable)",
        ("connect", "example.com", None, "connect to mx.example.com[198.51.100.9]:25: Network is unreachable"),
    ),
    (
        f"{_P}error[9]: 4B0A5: to=<jane@example.com>, relay=none, delay=9, delays=9/0/0/0, dsn=4.4.1, status=deferred "
        "(delivery temporarily suspended: connect to mx.example.com[198.51.100.9]:25: Connection timed out)",
        (
            "connect", "example.com", None,
            "delivery temporarily suspended: connect to mx.example.com[198.51.100.9]:25: Connection timed out",
        ),
    ),
    (
        f"{_P}smtp[9]: 4B0A6: to=<jane@nowhere.example>, relay=none, delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced "
        "(Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found)",
        (
            "dns", "nowhere.example", None,
            "Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found",
        ),
    ),
    (
        f"{_P}lmtp[9]: 4B0A9: to=<jane@example.com>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred "
        "(connect to mx1.example.com[private/mailstore]: Permission denied)",
        ("connect", "example.com", None, "connect to mx1.example.com[private/mailstore]: Permission denied"),
    ),
    (
        f"{_P}smtp[9]: 4B0AA: to=<jane@example.com>, relay=mx.example.com[198.51.100.9]:25, delay=1, delays=1/0/0/0, "
        "dsn=4.7.4, status=deferred (TLS is required, but was not offered by host mx.example.com[198.51.100.9])",
        ("starttls", "example.com", None, "TLS is required, but was not offered by host mx.example.com[198.51.100.9]"),
    ),
    (
        f"{_P}smtp[9]: 4B0AB: to=<jane@example.com>, relay=mx.example.com[198.51.100.9]:25, delay=1, delays=1/0/0/0, "
        "dsn=4.7.5, status=deferred (Cannot start TLS: handshake failure)",
        ("tls", "example.com", None, "Cannot start TLS: handshake failure"),
    ),
    # The first host's words count as long as nothing else is known of the delivery.
    (f"{_P}smtp[9]: 4B0A7: host mx1.example.com[198.51.100.1] said: 450 4.7.1 Greylisted, back in a while (in reply to "
     "RCPT TO command)", None),
    (
        f"{_P}smtp[9]: 4B0A7: to=<jane@example.com>, relay=mx2.example.com[198.51.100.2]:25, delay=2, delays=0/0/1/1, "
        "dsn=4.7.1, status=deferred (host mx2.example.com[198.51.100.2] said: 450 4.7.1 Greylisted, back in a while (in "
        "reply to RCPT TO command))",
        ("rcpt", "example.com", "mx2.example.com[198.51.100.2]", "450 4.7.1 Greylisted, back in a while"),
    ),
    (
        f"{_P}smtp[9]: 4B0A8: to=<jane@example.com>, relay=mx2.example.com[198.51.100.2]:25, delay=2, dsn=2.0.0, "
        "status=sent (250 2.0.0 queued as 450)",
        None,
    ),
)  # fmt: skip

_E = "2026-03-05 09:11:12 "
EXIM: tuple[Row, ...] = (
    (
        f'{_E}SMTP call from [198.51.100.9] dropped: too many syntax or protocol errors (last command was "GET /", NULL)',
        (None, None, "[198.51.100.9]", "500 Too many syntax or protocol errors"),
    ),
    (
        f'{_E}SMTP call from (pc) [198.51.100.9]:4711 dropped: too many nonmail commands (last was "NOOP")',
        (None, None, "(pc) [198.51.100.9]:4711", "554 Too many nonmail commands"),
    ),
    (
        f'{_E}SMTP call from pc.example.net [198.51.100.9] dropped: too many unrecognized commands (last was "GET")',
        (None, None, "pc.example.net [198.51.100.9]", "500 Too many unrecognized commands"),
    ),
    (f"{_E}SMTP data timeout (message abandoned) on connection from [198.51.100.9]", None),
    (
        f"{_E}dovecot_plain authenticator failed for H=(pc) [198.51.100.9]:50321 I=[203.0.113.5]:587: 535 Incorrect "
        "authentication data (set_id=jane@example.com)",
        ("auth", None, "(pc) [198.51.100.9]:50321", "535 Incorrect authentication data"),
    ),
    (
        f"{_E}[812] login_server authenticator failed for pc.example.net (pc) [198.51.100.9]:50321 "
        "I=[203.0.113.5]:465 U=exim: 535 Incorrect authentication data (set_id=tom)",
        ("auth", None, "pc.example.net (pc) [198.51.100.9]:50321", "535 Incorrect authentication data"),
    ),
    (
        f"{_E}plain authenticator failed for [2001:db8::7]: 535 Incorrect authentication data (set_id=kim)",
        ("auth", None, "[2001:db8::7]", "535 Incorrect authentication data"),
    ),
    (
        f"{_E}plain authenticator failed for [198.51.100.7]: 535 Incorrect authentication data",
        ("auth", None, "[198.51.100.7]", "535 Incorrect authentication data"),
    ),
    (
        f"{_E}cram authenticator failed for H=[2001:db8::9]:1025 I=[2001:db8::5]:25: 435 Unable to authenticate at present "
        "(set_id=jane): directory is away",
        (
            "auth", None, "[2001:db8::9]:1025",
            "435 Unable to authenticate at present (set_id=jane): directory is away",
        ),
    ),
    (f"{_E}1aBcDe-0000fG-Hi <= tom@example.net H=pc [198.51.100.9]:50321 I=[203.0.113.5]:587 P=esmtpsa A=plain:jane", None),
    (f"{_E}1aBcDe-0000fG-Hi => jane@example.com R=dnslookup T=remote_smtp H=mx.example.com [198.51.100.1] C=\"250 ok\"", None),
    (
        f"{_E}1aBcDe-0000fG-Hi == jane@example.com R=dnslookup T=remote_smtp defer (111): Connection refused "
        "H=mx.example.com [198.51.100.1]:25 DT=0s",
        ("connect", "example.com", "mx.example.com [198.51.100.1]:25", "Connection refused"),
    ),
    (
        f"{_E}1aBcDe-0000fG-Hj H=mx.example.com [198.51.100.1]:25 TLS error on connection (send): The specified session "
        "has been invalidated for some reason.",
        None,
    ),
    (
        f"{_E}1aBcDe-0000fG-Hj == jane@example.com R=dnslookup T=remote_smtp defer (-37) H=mx.example.com [198.51.100.1]: "
        "TLS session: (gnutls_handshake): A packet with illegal or unsupported version was received.",
        (
            "tls", "example.com", "mx.example.com [198.51.100.1]",
            "4.7.5 TLS session: (gnutls_handshake): A packet with illegal or unsupported version was received.",
        ),
    ),
    (f"{_E}TLS error on connection from pc.example.net [198.51.100.9] (SSL_accept): error:0A0000C1", None),
    (f"{_E}no host name found for IP address 198.51.100.9", None),
    (f"{_E}Start queue run: pid=812", None),
)  # fmt: skip

_D = "Mar  5 09:11:12 mx1 dovecot: "
_WRONG, _UNKNOWN = "535 5.7.8 Authentication failed: Password mismatch", "535 5.7.8 Authentication failed: unknown user"
_NO = "535 5.7.8 Authentication failed"
DOVECOT: tuple[Row, ...] = (
    (
        f"{_D}auth: passwd-file(jane@example.com,198.51.100.9,<a1B/c>): Password mismatch",
        ("auth", None, "198.51.100.9", _WRONG),
    ),
    (
        f"{_D}submission-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        "user=<jane@example.com>, method=PLAIN, rip=198.51.100.9, lip=203.0.113.5, TLS, session=<a1B/c>",
        None,
    ),
    (
        f"{_D}imap-login: Disconnected (auth failed, 3 attempts in 14 secs): user=<tom>, method=LOGIN, rip=198.51.100.10, "
        "lip=203.0.113.5, TLS, session=<d4E/f>",
        ("auth", None, "198.51.100.10", _NO),
    ),
    (
        f"{_D}imap-login: Login: user=<jane@example.com>, method=PLAIN, rip=198.51.100.9, lip=203.0.113.5, session=<g>",
        None,
    ),
    (
        f"{_D}auth-worker(812): conn unix:auth-worker (pid=9,uid=97): auth-worker<3>: sql(tom@example.com,2001:db8::9): "
        "unknown user",
        ("auth", None, "2001:db8::9", _UNKNOWN),
    ),
    (
        "Mar 05 09:11:12 auth: Info: passwd-file(jane@example.com,198.51.100.12): Password mismatch (given password: hunter2)",
        ("auth", None, "198.51.100.12", _WRONG),
    ),
    (
        "Mar 05 09:11:12 auth: Error: sql(jane@example.com,198.51.100.13): Password query failed: server has gone away",
        ("auth", None, "198.51.100.13", f"{_UNAVAILABLE}: Password query failed"),
    ),
    (
        f"{_D}auth: pam(jane,198.51.100.14): pam_authenticate() failed: Authentication failure (Password mismatch?)",
        ("auth", None, "198.51.100.14", f"{_NO}: pam_authenticate() failed: Authentication failure"),
    ),
    (
        f"{_D}lmtp(jane@example.com)<812><h7I/j>: msgid=<1@example.net>: save failed to INBOX: Quota exceeded (mailbox for "
        "user is full)",
        ("message", "example.com", None, "552 5.2.2 Quota exceeded (mailbox for user is full)"),
    ),
    (
        f"{_D}lmtp(812, jane@example.com): k1L: sieve: msgid=<2@example.net>: failed to store into mailbox 'INBOX': Internal "
        "error occurred",
        ("message", "example.com", None, "451 4.2.0 Internal error occurred"),
    ),
    (
        f"{_D}lmtp(jane@example.com)<812><q>: Error: sieve: msgid=<4@example.net>: failed to store into mailbox 'INBOX': "
        "Permission denied",
        ("message", "example.com", None, "451 4.2.0 failed to store: Permission denied"),
    ),
    ("Mar 05 09:11:12 lmtp(jane@example.com)<812><m>: Info: msgid=<3@example.net>: saved mail to INBOX", None),
    (f"{_D}imap(jane)<9><n>: Disconnected: Logged out in=550 out=451", None),
    (f"{_D}pop3-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=198.51.100.9, session=<o>", None),
)

_Q = "@4000000069a93a2a0a1b2c41 "
QMAIL: tuple[Row, ...] = (
    (f"{_Q}starting delivery 7: msg 88213 to remote jane@example.com", None),
    (f"{_Q}status: local 0/10 remote 1/20", None),
    (
        f"{_Q}delivery 7: failure: 198.51.100.9_does_not_like_recipient./Remote_host_said:_550_5.2.1_mailbox_closed/"
        "Giving_up_on_198.51.100.9./",
        ("rcpt", "example.com", "198.51.100.9", "550 5.2.1 mailbox closed"),
    ),
    (f"{_Q}starting delivery 8: msg 88213 to remote tom@example.net", None),
    (
        f"{_Q}delivery 8: deferral: 198.51.100.9_failed_after_I_sent_the_message./Remote_host_said:_451-4.7.1_slow_down,/"
        "451_4.7.1_see_https://example.net/rates/",
        ("message", "example.net", "198.51.100.9", "451-4.7.1 slow down,\n451 4.7.1 see https://example.net/rates"),
    ),
    (f"{_Q}delivery 9: success: 198.51.100.9_accepted_message./Remote_host_said:_250_2.0.0_450_kept/", None),
    (
        f"{_Q}delivery 10: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/",
        ("connect", None, None, "Sorry, I wasn't able to establish an SMTP connection."),
    ),
    (
        f"{_Q}delivery 11: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
        (None, None, None, "5.1.1 Sorry, no mailbox here by that name."),
    ),
    (
        f"{_Q}delivery 12: deferral: Connected_to_198.51.100.9_but_greeting_failed./Remote_host_said:_421_too_busy/",
        ("greeting", None, "198.51.100.9", "421 too busy"),
    ),
    (
        "Mar  5 09:11:12 mx1 qmail: 1772701872.123456 delivery 13: failure: Mail_server_is_not_local_here/",
        (None, None, None, "5.0.0 Mail server is not local here"),
    ),
    (f"{_Q}end msg 88213", None),
    (f"{_Q}info msg 88213: bytes 550 from <tom@example.net> qp 5 uid 451", None),
)

QPSMTPD: tuple[Row, ...] = (
    ("4711 Accepted connection 0/15 from 198.51.100.9 / pc.example.net", None),
    ("4711 220 mx1.example.com ESMTP qpsmtpd ready", None),
    ("4711 dispatching EHLO pc.example.net", None),
    ("4712 450 try the other door (#4.3.2)", ("greeting", None, None, "450 try the other door (#4.3.2)")),
    ("4711 250-mx1.example.com Hi pc.example.net [198.51.100.9]", None),
    ("4711 250 8BITMIME", None),
    ("4711 dispatching MAIL FROM:<tom@example.net>", None),
    ("4711 250 <tom@example.net>, sender OK", None),
    ("4711 dispatching RCPT TO:<jane@example.com>", None),
    (
        "4711 450 come back later, first contact (#4.7.1)",
        ("rcpt", "example.com", None, "450 come back later, first contact (#4.7.1)"),
    ),
    ("4711 dispatching RCPT TO:<bob@example.org>", None),
    ("4711 550-no relaying", None),
    ("4711 550 for strangers", ("rcpt", "example.org", None, "550-no relaying\n550 for strangers")),
    ("4711 dispatching QUIT", None),
    ("4711 221 mx1.example.com closing connection.", None),
    ("4711 check_earlytalker plugin: remote host said nothing for 550 ms", None),
)

_O = "Mar  5 09:11:12 mx1 smtpd[812]: "
OPENSMTPD: tuple[Row, ...] = (
    (f"{_O}smtp-in: New session 0123456789abcdef from host pc.example.net [198.51.100.9]", None),
    (f"{_O}smtp-in: Accepted authentication for user kim@example.com on session 1123456789abcdea", None),
    (
        f'{_O}smtp-in: Failed command on session 0123456789abcdef: "RCPT TO:<jane@example.com>" => 550 Invalid recipient',
        ("rcpt", "example.com", None, "550 Invalid recipient"),
    ),
    (
        f"{_O}relay: PermFail for fedcba9876543210: session=0123456789abcdef, from=<tom@example.net>, "
        "to=<jane@example.com>, rcpt=<->, source=203.0.113.5, relay=198.51.100.1 (mx.example.com), delay=2s, stat=550 "
        "5.1.1 nobody of that name",
        (None, "example.com", "198.51.100.1 (mx.example.com)", "550 5.1.1 nobody of that name"),
    ),
    (
        f"{_O}relay: Ok for fedcba9876543210: session=0123456789abcdef, from=<>, to=<a@example.com>, stat=250 450 ok",
        None,
    ),
    (
        f"{_O}0123456789abcdef mta event=delivery evpid=fedcba9876543210 from=<tom@example.net> to=<jane@example.com> "
        'rcpt=<-> source="203.0.113.5" relay="198.51.100.1 (mx.example.com)" delay=2s result="TempFail" stat="451 4.7.1 '
        'first contact, wait"',
        (None, "example.com", "198.51.100.1 (mx.example.com)", "451 4.7.1 first contact, wait"),
    ),
    (
        f"{_O}0123456789abcde0 mta delivery evpid=fedcba9876543210 from=<tom@example.net> to=<jane@example.com> rcpt=<-> "
        'source="-" relay="-" delay=2s result="TempFail" stat="Network error on destination MXs"',
        (None, "example.com", "-", "Network error on destination MXs"),
    ),
    (f"{_O}0123456789abcde1 smtp authentication user=jane result=permfail", None),
    (
        f'{_O}0123456789abcde1 smtp failed-command command="AUTH PLAIN (...)" result="535 Authentication failed"',
        ("auth", None, None, "535 Authentication failed"),
    ),
    (f"{_O}0123456789abcde2 smtp authentication user=tom result=ok", None),
    (f"{_O}0123456789abcde2 smtp connected address=198.51.100.9 host=pc.example.net", None),
    (
        f'{_O}smtp-in: Failed command on session 0123456789abcde3: "MAIL FROM:<tom@example.net>" => 421 4.3.0: '
        "Temporary Error",
        ("mail", None, None, "421 4.3.0: Temporary Error"),
    ),
    (
        f"{_O}smtp-in: Authentication failed for user kim@example.com on session 1123456789abcdef",
        ("auth", None, None, "535 Authentication failed"),
    ),
)

_H = "2026-03-05T09:11:12.345Z "
_U = "1A2B3C4D-0000-4000-8000-00000000000"
HARAKA: tuple[Row, ...] = (
    (f"{_H}[NOTICE] [{_U}1] [core] connect ip=198.51.100.9 port=50321 local_ip=:: local_port=25", None),
    (f'{_H}[NOTICE] [{_U}1.1] [core] sender <tom@example.net> code=CONT msg=""', None),
    (
        f'{_H}[NOTICE] [{_U}1.1] [core] recipient <jane@example.com> code=DENY msg="no such user" sender=tom@example.net',
        ("rcpt", "example.com", None, "550 no such user"),
    ),
    (
        f'{_H}[NOTICE] [{_U}1] [core] disconnect ip=198.51.100.9 rdns="pc" helo=x relay=N lr="550 no such user" time=0.02',
        None,
    ),
    (
        f'{_H}[NOTICE] [{_U}2] [core] disconnect ip=198.51.100.9 helo=x lr="554 host [198.51.100.9] is listed on '
        'bl.example" time=0.02',
        (None, None, "198.51.100.9", "554 host [198.51.100.9] is listed on bl.example"),
    ),
    (
        f'[NOTICE] [{_U}3.1] [core] sender <tom@example.net> code=DENYSOFT msg="your domain does not resolve"',
        ("mail", None, None, "450 your domain does not resolve"),
    ),
    (
        f"{_H}[NOTICE] [{_U}4.1.1] [outbound] recipient <bob@example.org> rejected: 550 5.1.1 no mailbox here",
        ("rcpt", "example.org", None, "550 5.1.1 no mailbox here"),
    ),
    (
        f"{_H}[NOTICE] [{_U}5.1.1] [outbound] recipient <bob@example.org> deferred: 452 4.2.2 over quota",
        ("rcpt", "example.org", None, "452 4.2.2 over quota"),
    ),
    (
        f"{_H}[NOTICE] [{_U}5.1.1] [outbound] Temp failing 1772_0_1_x for 64 seconds: Some recipients temporarily failed",
        None,
    ),
    (
        f"{_H}[NOTICE] [{_U}6.1.1] [outbound] Temp failing 1772_0_2_x for 64 seconds: Upstream error: 421 4.7.0 too many "
        "connections",
        (None, None, None, "421 4.7.0 too many connections"),
    ),
    (
        f"{_H}[NOTICE] [{_U}8.1.1] [outbound] bouncing 1772_0_3_x for bob@example.org: 554 5.7.1 not from there",
        (None, "example.org", None, "554 5.7.1 not from there"),
    ),
    (
        f'{_H}[NOTICE] [{_U}7.1] [core] message mid=<1@example.net> size=550 rcpts=1/0/0 delay=0.45 code=CONT msg=""',
        None,
    ),
    (f"{_H}[INFO] [-] [core] Listening on [::0]:25", None),
    # Why it failed for now tells more than that it did.
    (
        f"{_H}[ERROR] [{_U}9.1.1] [outbound] Ongoing connection failed to 198.51.100.1:25 : Error: connect EHOSTUNREACH "
        "198.51.100.1:25",
        ("connect", None, "198.51.100.1:25", "connect EHOSTUNREACH 198.51.100.1:25"),
    ),
    (f"{_H}[INFO] [{_U}9.1.1] [outbound] Temp failing 1772_0_4_x for 128 seconds: Tried all MXs", None),
)

_X = ",EX1\\Default EX1,08D9F0A1B2C3D4E"
_EX = "203.0.113.5:25,198.51.100.9:50321,"
EXCHANGE: tuple[Row, ...] = (
    ("#Software: Microsoft Exchange Server", None),
    ("#Log-type: SMTP Receive Protocol Log", None),
    ("#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,0,{_EX}+,,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,1,{_EX}>,\"220 EX1.example.com Microsoft ESMTP MAIL Service, ready\",", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,2,{_EX}<,EHLO pc.example.net,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,3,{_EX}>,250  EX1.example.com Hello [198.51.100.9] SIZE 37748736,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,4,{_EX}<,AUTH LOGIN,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,5,{_EX}>,334 <authentication response>,", None),
    (
        f"2026-03-05T09:11:12.345Z{_X}1,6,{_EX}>,535 5.7.3 Authentication unsuccessful,",
        ("auth", None, "198.51.100.9:50321", "535 5.7.3 Authentication unsuccessful"),
    ),
    (f"2026-03-05T09:11:12.345Z{_X}1,7,{_EX}<,MAIL FROM:<tom@example.net>,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,8,{_EX}<,RCPT TO:<jane@example.com>,", None),
    (f"2026-03-05T09:11:12.345Z{_X}1,9,{_EX}>,250 2.1.0 Sender OK,", None),
    (
        f"2026-03-05T09:11:12.345Z{_X}1,10,{_EX}>,\"550 5.7.54 SMTP; no relaying, not for that domain\",",
        ("rcpt", "example.com", "198.51.100.9:50321", "550 5.7.54 SMTP; no relaying, not for that domain"),
    ),
    (f"2026-03-05T09:11:12.345Z{_X}1,11,{_EX}-,,Remote", None),
    (
        "2026-03-05T09:11:12.345Z,To the world,08D9F0A1B2C3D4E2,1,,198.51.100.1:25,*,,\"Failed to connect. Winsock error "
        "code: 10061, Destination domain: example.org, Error Message: the target machine actively refused it\"",
        (
            "connect", "example.org", "198.51.100.1:25",
            "Failed to connect. Winsock error code: 10061, Destination domain: example.org, Error Message: the target "
            "machine actively refused it",
        ),
    ),
)  # fmt: skip

_HM = '"2026-03-05 09:11:12.345"\t"198.51.100.9"\t'
HMAILSERVER: tuple[Row, ...] = (
    ('"TCPIP"\t812\t"2026-03-05 09:11:12.345"\t"TCP - 198.51.100.9 connected to 203.0.113.5:25."', None),
    (f'"SMTPD"\t812\t55\t{_HM}"SENT: 220 mx1.example.com ESMTP"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"RECEIVED: EHLO pc.example.net"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"SENT: 250-mx1.example.com[nl]250-SIZE 20480000[nl]250 HELP"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"RECEIVED: AUTH LOGIN"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"SENT: 334 VXNlcm5hbWU6"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"RECEIVED: amFuZQ=="', None),
    (f'"SMTPD"\t812\t55\t{_HM}"SENT: 334 UGFzc3dvcmQ6"', None),
    (f'"SMTPD"\t812\t55\t{_HM}"RECEIVED: ***"', None),
    (
        f'"SMTPD"\t812\t55\t{_HM}"SENT: 535 Authentication failed. Try again."',
        ("auth", None, "198.51.100.9", "535 Authentication failed. Try again."),
    ),
    (f'"SMTPC"\t812\t56\t{_HM}"RECEIVED: 220 mx.example.org"', None),
    (f'"SMTPC"\t812\t56\t{_HM}"SENT: RCPT TO:<bob@example.org>"', None),
    (
        f'"SMTPC"\t812\t56\t{_HM}"RECEIVED: 550-5.1.1 no[nl]550 5.1.1 such user"',
        ("rcpt", "example.org", "198.51.100.9", "550-5.1.1 no\n550 5.1.1 such user"),
    ),
    ('"IMAPD"\t812\t57\t"2026-03-05 09:11:12.345"\t"198.51.100.9"\t"SENT: 550 OK LOGIN completed"', None),
)

_ME = "03/05/26 09:11:12\tSMTP-"
MAILENABLE: tuple[Row, ...] = (
    (f"{_ME}IN\t0A1B2C3D.MAI\t812\t198.51.100.9\t\t\t220 mx1.example.com ESMTP MailEnable Service\t0\t0", None),
    (
        f"{_ME}IN\t0A1B2C3D.MAI\t812\t198.51.100.9\tEHLO\tEHLO pc.example.net\t250-mx1.example.com [198.51.100.9]\t120\t21",
        None,
    ),
    (
        f"{_ME}IN\t0A1B2C3D.MAI\t812\t198.51.100.9\tRCPT\tRCPT TO:<jane@example.com>\t550 Requested action not taken: no "
        "such mailbox\t71\t31",
        ("rcpt", "example.com", "198.51.100.9", "550 Requested action not taken: no such mailbox"),
    ),
    (
        f"{_ME}IN\t0A1B2C3E.MAI\t812\t198.51.100.9\tAUTH\tcGFzcw==\t535 Invalid Username or Password\t34\t14",
        ("auth", None, "198.51.100.9", "535 Invalid Username or Password"),
    ),
    (
        f"{_ME}OU\t0A1B2C3F.MAI\t812\t198.51.100.1\tDATA\t.\t552 5.3.4 too large for us\t0\t0",
        ("message", None, "198.51.100.1", "552 5.3.4 too large for us"),
    ),
    (
        f"{_ME}OU\t0A1B2C40.MAI\t812\t198.51.100.1\t\t\t554 no service for you\t0\t0",
        ("greeting", None, "198.51.100.1", "554 no service for you"),
    ),
    (f"{_ME}IN\t0A1B2C3D.MAI\t812\t198.51.100.9\tQUIT\tQUIT\t221 Service closing\t451\t550", None),
)

_KUMO_PEER = '"peer_address":{"name":"mx1.example.com.","addr":"203.0.113.9"}'


def _kumo(kind: str, response: str, *, to: str = '"bob@example.com"', peer: str = _KUMO_PEER) -> str:
    return (
        f'{{"type":"{kind}","id":"d7e65f0a","sender":"a@example.org","recipient":{to},"queue":"example.com",'
        f'"site":"eg->mx1.example.com@smtp_client","size":320,"response":{response},{peer},"timestamp":1772701872,'
        '"created":1772701860,"num_attempts":0,"bounce_classification":"Uncategorized","egress_pool":"out",'
        '"egress_source":"eg","feedback_report":null,"meta":{},"headers":{},"delivery_protocol":"ESMTP"}'
    )


def _said(code: int, enhanced: str, content: str, command: str | None) -> str:
    parts = enhanced.split(".")
    numbers = f'{{"class":{parts[0]},"subject":{parts[1]},"detail":{parts[2]}}}' if enhanced else "null"
    sent = f'"{command}"' if command else "null"
    return f'{{"code":{code},"enhanced_code":{numbers},"content":"{content}","command":{sent}}}'


_KUMO_MX = "mx1.example.com [203.0.113.9]"
KUMOMTA: tuple[Row, ...] = (
    (_kumo("Reception", _said(250, "", "", None)), None),
    (
        _kumo("Bounce", _said(550, "5.1.1", "<bob@example.com>: no mailbox here", "RCPT TO:<bob@example.com>")),
        ("rcpt", "example.com", _KUMO_MX, "550 5.1.1 <bob@example.com>: no mailbox here"),
    ),
    (
        _kumo("TransientFailure", _said(451, "4.7.1", "Come back in 5 minutes", "MAIL FROM:<a@example.org>")),
        ("mail", "example.com", _KUMO_MX, "451 4.7.1 Come back in 5 minutes"),
    ),
    (
        _kumo("Bounce", _said(554, "", "our filter\\nsays no", ".")),
        ("message", "example.com", _KUMO_MX, "554-our filter\n554 says no"),
    ),
    (_kumo("Delivery", _said(250, "2.0.0", "Ok: 550 queued", ".")), None),
    (
        _kumo(
            "TransientFailure",
            _said(400, "", "KumoMTA internal: failed to connect to any candidate hosts: Connection refused", None),
            peer='"peer_address":null',
        ),
        ("connect", "example.com", None, "failed to connect to any candidate hosts: Connection refused"),
    ),
    (
        _kumo("Expiration", _said(551, "5.4.7", "Delivery time exceeded", None), peer='"peer_address":null'),
        (None, "example.com", None, "5.4.7 Delivery time exceeded"),
    ),
    (
        _kumo("Bounce", _said(552, "5.2.2", "full", "RCPT TO:<c@example.net>"), to='["c@example.net","d@example.net"]'),
        ("rcpt", "example.net", _KUMO_MX, "552 5.2.2 full"),
    ),
)
_PMTA = "2026-03-05 09:11:12+0000,2026-03-05 09:11:10+0000,a@example.org"
_PMTA_PEER = "mx1.example.com (203.0.113.9)"
POWERMTA: tuple[Row, ...] = (
    ("type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,vmta", None),
    (f"d,{_PMTA},bob@example.com,,relayed,2.0.0 (success),smtp;250 2.0.0 Ok,{_PMTA_PEER},,eg", None),
    (
        f'b,{_PMTA},bob@example.com,,failed,5.1.1 (bad destination mailbox address),"smtp;550 5.1.1 no ""bob"", sorry",'
        f"{_PMTA_PEER},bad-mailbox,eg",
        (None, "example.com", "mx1.example.com [203.0.113.9]", '550 5.1.1 no "bob", sorry'),
    ),
    (
        f"t,{_PMTA},bob@example.com,,delayed,4.7.1 (delivery not authorized),smtp;451 4.7.1 later,{_PMTA_PEER},,eg",
        (None, "example.com", "mx1.example.com [203.0.113.9]", "451 4.7.1 later"),
    ),
    (
        f"b,{_PMTA},bob@example.com,,failed,5.4.7 (delivery time expired),,,no-answer-from-host,eg",
        (None, "example.com", None, "5.4.7 delivery time expired"),
    ),
    (
        f"t,{_PMTA},bob@example.com,,delayed,4.4.1 (no answer from host),smtp;451 4.4.1 [internal] connection timed out,,,eg",
        ("connect", "example.com", None, "connection timed out"),
    ),
    (f"r,{_PMTA},bob@example.com,,,,,,,", None),
)

TABLE = {
    Family.POSTFIX: POSTFIX,
    Family.EXIM: EXIM,
    Family.DOVECOT: DOVECOT,
    Family.QMAIL: QMAIL,
    Family.QPSMTPD: QPSMTPD,
    Family.OPENSMTPD: OPENSMTPD,
    Family.HARAKA: HARAKA,
    Family.EXCHANGE: EXCHANGE,
    Family.HMAILSERVER: HMAILSERVER,
    Family.MAILENABLE: MAILENABLE,
    Family.KUMOMTA: KUMOMTA,
    Family.POWERMTA: POWERMTA,
}
