"""No reader, matcher or renderer takes more than twice the operations for twice the input: counted, not timed.

Each row is a reader and what a hostile text for it repeats. The sizes are above every limit of a single part (a reply of
8,192 characters, say) where the reader goes on behind it; where it stops there, twice the input costs the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.explainer.session_ip import session_client_ip
from smtpprobe.catalogue.joined import shortened, unfolded
from smtpprobe.catalogue.providers import identify_server
from smtpprobe.catalogue.tally import Tally
from smtpprobe.mailauth.dkim import key, message, signature
from smtpprobe.mailauth.dkim.verification import verify as verify_signatures
from smtpprobe.mailauth.dmarc import author_domain
from smtpprobe.mailauth.dmarc import record as dmarc
from smtpprobe.mailauth.spf import macro
from smtpprobe.mailauth.spf import record as spf
from smtpprobe.mailauth.spf.lint import terms
from smtpprobe.mailauth.spf.spelling.foreign import without_foreign
from smtpprobe.mailauth.spf.spelling.words import respelled
from smtpprobe.mailauth.tls import mta_sts, tlsa, tlsrpt
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.net.zone import read_assumption
from smtpprobe.pipeline.explaining import explain_input
from smtpprobe.render import escape, explanation_json
from smtpprobe.render.text import explained as explained_page
from smtpprobe.render.text.page import Page, wrap
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire import ehlo, script
from smtpprobe.wire.redact import Redactor
from smtpprobe.wire.reply_reader import ReplyReader, parse_reply
from tests.linear.operations import Operations, operations

__all__ = ["operations"]
SIZE = 20_000  # characters
READ = 1_900  # of one reply: the explainer reads twice that, and remembers what it has read
MOST = 2.3  # times the operations for twice the input
Text = Callable[[int], str]


def repeated(pump: str, before: str = "", after: str = "") -> Text:
    """Texts of so many characters, or a few more."""
    return lambda size: before + pump * (size // len(pump)) + after


def _reply_reader(text: str) -> None:
    reader = ReplyReader()
    octets = text.encode()
    for at in range(0, len(octets), 100):
        reader.feed(octets[at : at + 100])
        while (raw := reader.next()) is not None:
            parse_reply(raw)
        if reader.framing_error:
            return


def _pages(text: str) -> None:
    found = explain_input([text.encode()])
    explained_page.render(found)
    explanation_json.explained(found)


def _page(text: str) -> None:
    page = Page(links=True)
    for line in text.split("\n"):
        page.add(line)
    page.text()


def _redact(text: str) -> None:
    redactor = Redactor()
    redactor.add("secret-word")
    redactor.text(text)
    redactor.octets(text.encode())


def _tally(text: str) -> None:
    tally = Tally()
    for line in text.split("\n"):
        tally.add(line, domain=line[-12:], when="Nov 29 10:00:00")
    tally.summary()


def _verify(text: str) -> None:
    octets = text.encode().replace(b"\n", b"\r\n")
    asyncio.run(
        verify_signatures(zone_resolver("example.org. A 192.0.2.1"), octets, now=datetime(2026, 1, 1, tzinfo=UTC))
    )


def _zone_data(text: str) -> None:
    ZoneData(
        DnsLookup(name="example.org", type="TXT", status=DnsStatus.ANSWER, records=(record,)) for record in text.split()
    )


def _numbered(form: str) -> Text:
    """Lines that each have their number in them."""
    return lambda size: "".join(form.format(number) for number in range(size // len(form)))


_BOUNCE = "From: mailer-daemon@mx.example\nSubject: failure\n\n"
_LOG = "Nov 29 10:00:00 mx postfix/smtp[1]: 4F2: to=<b@example.com>, relay=x[192.0.2.1]:25, dsn=5.0.0, status=bounced ("
_EXIM = "2026-01-01 10:00:00 1rKLmn-000123-AB ** bob@example.com R=dnslookup T=remote_smtp"
_SENDMAIL = "Nov 29 10:00:00 mx sendmail[1]: 4F2: to=<b@example.com>, relay=x, dsn=5.0.0, stat="
_SMTPD = (
    'Nov 29 10:00:00 mx smtpd[1]: 0123456789abcdef mta delivery evpid=1 to=<b@example.com> result="PermFail" stat="'
)
_REPORT = (
    "From: mailer-daemon@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\ntext\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
)
_PRIVATE = "".join(chr(0x100000 + number) for number in range(200))
_SIGNED = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=YQ==; b=YQ==\n"

ROWS: dict[str, tuple[Callable[[str], object], Text]] = {
    # Replies and their lines.
    "reply-lines": (_reply_reader, repeated("250-x\r\n")),
    "reply-without-end": (_reply_reader, repeated("250-")),
    "reply-garbage": (_reply_reader, repeated("x\r\n")),
    "reply-bare-lf": (_reply_reader, repeated("250-a\n\n")),
    "reply-whole": (lambda text: parse_reply(text.encode()), repeated("550-5.7.1 \xff\r\n", after="550 5.7.1 x\r\n")),
    "ehlo": (lambda text: ehlo.extensions(text.split("\n")), _numbered("X{} AUTH PLAIN LOGIN\n")),
    "server": (lambda text: identify_server([text], text.split("\n"), [text]), repeated("Hello [192.0.2.1]\n")),
    "redact-lines": (_redact, repeated("535-secret-word\r\n")),
    "redact-split": (_redact, repeated("535-5.7.8 secret-\r\n535-5.7.8 word\r\n")),
    "redact": (_redact, repeated("secret-wor\\secret\r\n")),
    # Records.
    "spf-terms": (lambda text: spf.parse_record(text), repeated("ip4:192.0.2.0/24 ", "v=spf1 ")),
    "spf-blanks": (lambda text: list(terms.lint_record("example.org", text)), repeated(" ", "v=spf1 ", "-all")),
    "spf-one-term": (lambda text: list(terms.lint_record("example.org", text)), repeated("a:", "v=spf1 ")),
    "spf-include": (lambda text: list(terms.lint_record("example.org", text)), repeated("include:a ", "v=spf1 ")),
    "spf-look-alike": (terms.look_alike, repeated(" ", "v ", "x")),
    "spf-spelling": (lambda text: respelled(text.split(" ")), repeated("include=a.b,c.d; - ip4 :192.0.2.1-all ")),
    "spf-foreign": (without_foreign, repeated("v=DMARC1; p=none,a , ", "v=spf1 ")),
    "spf-foreign-tokens": (without_foreign, repeated("a-verification ", "v=spf1 ")),
    "spf-spelling-names": (lambda text: respelled(text.split(" ")), repeated("include: a.example.org ")),
    "spf-spelling-one-word": (lambda text: respelled([text]), repeated("ip4:192.0.2.1-all,")),
    "spf-spelling-prefixes": (lambda text: respelled(text.split(" ")), repeated("/24 ", "a:b.example ")),
    "spf-spelling-odd": (lambda text: respelled([text]), repeated("\u00a0a\u200b=")),
    "spf-macro": (macro.parse_macro_string, repeated("%{d2r.-}")),
    "spf-percent": (macro.parse_macro_string, repeated("%{")),
    "dkim-key": (key.read_key, repeated("; ", "v=DKIM1; p=")),
    "dkim-key-tags": (key.read_key, _numbered("t{}=x; ")),
    "dkim-key-blanks": (key.read_key, repeated(" ", "v=DKIM1; p=", "A")),
    "dkim-signature": (
        lambda text: signature.read_signature(text.encode(), datetime(2026, 1, 1, tzinfo=UTC)),
        repeated("a:", "v=1; a=rsa-sha256; d=example.org; s=s; bh=YQ==; b=YQ==; h=from:"),
    ),
    "dkim-header": (lambda text: message.split(text.encode()), _numbered("X-{}: a\r\n b\r\n")),
    "dkim-body": (lambda text: message.canonical_body(text.encode(), "relaxed"), repeated(" \t \r\n")),
    "dkim-body-blanks": (lambda text: message.canonical_body(text.encode(), "relaxed"), repeated(" ", after="x")),
    "dkim-body-ends": (lambda text: message.canonical_body(text.encode(), "simple"), repeated("\r\n", after="x\r\n")),
    "dkim-field": (lambda text: message.canonical_field(text.encode(), "relaxed"), repeated("\r\n ", "A: ")),
    "dkim-verify": (_verify, repeated("a b\n", f"{_SIGNED}From: a@example.org\n\n")),
    "dkim-verify-signatures": (_verify, repeated(_SIGNED)),
    "dkim-verify-header": (_verify, _numbered("From: a{}@example.org\n")),
    "author": (lambda text: author_domain.author_domains(text.encode()), repeated("a@b, ", "From: ", "\r\n\r\n")),
    "author-comment": (lambda text: author_domain.author_domains(text.encode()), repeated("(", "From: ", "\r\n\r\n")),
    "author-quoted": (lambda text: author_domain.author_domains(text.encode()), repeated('"\\', "From: ", "\r\n\r\n")),
    "dmarc-tags": (dmarc.read_record, repeated("p=none; ", "v=DMARC1; ")),
    "dmarc-unknown": (dmarc.read_record, _numbered("x{}=y; ")),
    "dmarc-blanks": (dmarc.read_record, repeated(" ", "v=DMARC1; p=", "\0")),
    "dmarc-uris": (dmarc.read_record, repeated("mailto:a@b.example!9m,", "v=DMARC1; p=none; rua=")),
    "tlsa": (tlsa.parse, repeated("aB", "3 1 1 ")),
    "tlsa-blanks": (tlsa.parse, repeated(" ", "3 1 1 ", "z")),
    "mta-sts-record": (mta_sts.parse_record, repeated("a=b;", "v=STSv1; id=1; ")),
    "mta-sts-policy": (mta_sts.parse_policy, _numbered("mx: m{}.example.org\n")),
    "mta-sts-policy-blanks": (mta_sts.parse_policy, repeated(" ", "version: STSv1 x", "y")),
    "tlsrpt": (tlsrpt.parse_record, repeated("mailto:a@b.example,", "v=TLSRPTv1; rua=")),
    # Bounces, by the wording that each reader looks for.
    "exchange-marks": (_pages, repeated("#550 ", f"{_BOUNCE}Generating server: x\n")),
    "exchange-replies": (_pages, repeated("x #550 5.1.1 no## ", f"{_BOUNCE}Generating server: x\n")),
    "exchange-gave": (_pages, repeated("a gave this error:\n550 x\n\n", f"{_BOUNCE}Generating server: x\n")),
    "exchange-quoted": (_pages, repeated("Remote Server returned '", f"{_BOUNCE}Generating server: x\n")),
    "exchange-mailboxes": (_pages, repeated("a@b #550 5.1.1 no##", f"{_BOUNCE}Generating server: x\n")),
    "qmail": (_pages, repeated("<a@b.example>:\nRemote host said: 550 x\n", f"{_BOUNCE}qmail-send\n")),
    "qmail-blank-lines": (_pages, repeated("\n", f"{_BOUNCE}qmail-send\n<a@b.example>:\n", "x")),
    "qmail-giving-up": (_pages, repeated("Giving up on ", f"{_BOUNCE}qmail-send\n<a@b.example>:\n550 x\n")),
    "exim-bounce": (_pages, repeated("  a@b.example\n    550 x\n", f"{_BOUNCE}SMTP error from remote\n")),
    "exim-at-signs": (_pages, repeated("  @@@@@@@@@@@@\n", f"{_BOUNCE}SMTP error from remote\n")),
    "postfix-bounce": (
        _pages,
        repeated("<a@b.example>: x said: 550 y\n\n", f"{_BOUNCE}This is the mail system at host x\n"),
    ),
    "postfix-brackets": (_pages, repeated("<a@b>: ", f"{_BOUNCE}This is the mail system at host x\n")),
    "sendmail-bounce": (_pages, repeated("<<< 550 x\n", f"{_BOUNCE}----- Transcript of session follows -----\n")),
    "sendmail-addresses": (
        _pages,
        _numbered("<a{}@b.example>\n    (reason: 550 x)\n"),
    ),
    "sendmail-reasons": (
        _pages,
        repeated(
            "(reason: )", f"{_BOUNCE}<a@b.example>\n    ", "\n----- Transcript of session follows -----\n<<< 550 x\n"
        ),
    ),
    "quoted-in-words": (_pages, repeated(" 550 5.1.1 no ", f"{_BOUNCE}text")),
    "quoted-tuples": (_pages, repeated("mail (550, 'no'), ")),
    "quoted-in-one-line": (_pages, repeated('mail: "550 no" ')),
    "quoted-open": (_pages, repeated("mail: 550 no (")),
    "quoted-brackets": (_pages, repeated(")", "mail: 550 no ")),
    "quoted-labels": (_pages, repeated("smtp code 550 ", "mail ")),
    "quoted-fields": (_pages, repeated('code: 550, x: "', "mail ")),
    "quoted-details": (_pages, repeated("Detail: x SMTP code: 55 ", "mail ")),
    "quoted-no-replies": (_pages, repeated("mail: 550 items ")),
    "quoted-two-lines": (_pages, repeated("mail\n code: 550\n")),
    "quoted-wrapped": (_pages, repeated("mail said: 550 no\n  more\n")),
    "quoted-again": (_pages, repeated("mail said: 550 no\nit says '550 no'\n")),
    "quoted-stages": (_pages, repeated("SMTPSenderRefused: (550, 'no') ")),
    "quoted-stages-named": (_pages, repeated("SMTPSenderRefused ", "mail ", "(550, 'no')")),
    "quoted-commands": (_pages, repeated("RCPT TO:<a> 550 no\n", "mail ")),
    "go-log": (_pages, repeated(" ", "2026/12/01 12:13:09 550 no")),
    "perl-traces": (_pages, repeated("\nTrace begun at x", "no such user")),
    "client-error-named-hosts": (_pages, repeated("server=a.example ", "connection refused ")),
    "client-error-hosts": (_pages, repeated("connect to a.example", "connection refused ")),
    "client-error-ports": (_pages, repeated("a.example:", "connection refused ")),
    "client-error-gaps": (_pages, repeated("read tcp ", "mail ")),
    "escaped-octets": (_pages, repeated("\\xe9", "550 ")),
    "message-without-end": (_pages, repeated("552 no\n", "220 x\nEHLO y\n250 z\nDATA\n354 go\n")),
    "wrapped-reply": (_pages, repeated("  more words\n", "550 no\n")),
    "quoted-lines": (_pages, repeated("said: 550 5.1.1 no\n\n", f"{_BOUNCE}text")),
    "delivery-status": (_pages, _numbered("Final-Recipient: rfc822; a{}@b.example\nStatus: 5.1.1\n\n")),
    "delivery-status-fields": (_pages, repeated("Diagnostic-Code: smtp; 550 x\n y\n", _REPORT)),
    "mailbox": (
        _pages,
        repeated(f"From x Mon Nov 29 10:00:00 2026\n{_BOUNCE}Generating server: x\n{'#550 ' * 99}\n\n"),
    ),
    "mime-parts": (_pages, repeated("--b\nContent-Type: text/plain\n\nx\n", _REPORT)),
    "mime-nested": (_pages, _numbered("Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n")),
    "mime-fields": (_pages, _numbered("X-{}: y\n z\n")),
    "mime-folded": (_pages, repeated(" x\n", "From: mailer-daemon@mx.example\nSubject: x\n", "\n\n550 5.1.1 x\n")),
    "mime-html": (_pages, repeated("<br>&lt;<p", "From: mailer-daemon@x\nContent-Type: text/html\n\n")),
    "mime-script": (_pages, repeated("<script ", "From: mailer-daemon@x\nContent-Type: text/html\n\n")),
    "mime-base64": (
        _pages,
        repeated("IzU1MCA\n", "From: mailer-daemon@x\nContent-Transfer-Encoding: base64\n\n"),
    ),
    "mime-quoted-printable": (
        _pages,
        repeated("=3D=\n", "From: mailer-daemon@x\nContent-Transfer-Encoding: quoted-printable\n\n"),
    ),
    # Logs.
    "log-blanks": (
        _pages,
        repeated(" ", f"{_LOG}host x[192.0.2.1] said: 550 no", "x (in reply to RCPT TO command))\n"),
    ),
    "log-lines": (_pages, _numbered(f"{_LOG}host x[192.0.2.1] said: 550 no {{}})\n")),
    "log-said": (_pages, repeated("host x[192.0.2.1] said: ", _LOG, "\n")),
    "log-to": (_pages, repeated("to=<", _LOG, "\n")),
    "log-in-reply": (_pages, repeated("(in reply to a)", f"{_LOG}host x[192.0.2.1] said: 550 no", "x\n")),
    "exim-log": (_pages, repeated(" ", f"{_EXIM} H=x [192.0.2.1]: SMTP error from remote mail server: 550 x", "y\n")),
    "exim-log-host": (_pages, repeated("H=[:", f"{_EXIM} ", "\n")),
    "exim-log-to": (_pages, repeated(" ", "2026-01-01 10:00:00 1rKLmn-000123-AB ** bob", "x\n")),
    "sendmail-log": (_pages, repeated(" ", _SENDMAIL, "550 x\n")),
    "sendmail-relay": (_pages, repeated(" ", "Nov 29 10:00:00 mx sendmail[1]: 4F2: relay=a", "x dsn=5.0.0, stat=y\n")),
    "opensmtpd-log": (_pages, repeated("550 ", _SMTPD, '"\n')),
    "journal": (_pages, repeated('{"MESSAGE":"to=<a@b> status=bounced (x said: 550 y)","_COMM":"smtp"}\n')),
    "journal-deep": (_pages, repeated("[", '{"MESSAGE": "status=bounced (", "x": ', "}\n")),
    "program-log": (_pages, repeated('(421,"4', "2026-01-01 10:00:00 app error: (550, b'5.1.1 x')\n")),
    "program-log-goes-on": (_pages, repeated("2026-01-01 10:00:00 app: error: 550-5.1.1 x\n")),
    # Transcripts and replies as they are typed.
    "swaks": (_pages, repeated("<-  550 5.1.1 x\n -> RCPT TO:<a@b>\n", "=== Connected to mx.example.\n")),
    "swaks-goes-on": (_pages, repeated("<-  550-5.1.1 x\n", "=== Connected to mx.example.\n")),
    "smtplib": (_pages, repeated("reply: b'550 5.1.1 x\\r\\n'\n", "send: 'rcpt to:<a@b>\\r\\n'\n")),
    "curl": (_pages, repeated("< 550 x\n> RCPT TO:<a@b>\n")),
    "ours": (_pages, repeated(" ", "   1.0     ← 550 5.1.1 x\n", "x\n")),
    "replies": (_pages, repeated("550-5.1.1 x\n", after="550 5.1.1 x\n")),
    "replies-many": (_pages, _numbered("550 5.1.1 mailbox {} unavailable\n")),
    "reply-blanks": (_pages, repeated(" ", "550 5.1.1", "x\n")),
    "reply-private-use": (_pages, repeated(_PRIVATE, "550 義")),
    "reply-marks": (_pages, repeated("a\u0301\u0302\u0303\u0304", "550 義")),
    "session-ip-connect": (session_client_ip, repeated("connect to mx[192.0.2.7] ", "550 ")),
    "session-ip-paths": (session_client_ip, repeated("<a@[192.0.2.7]> helo [192.0.2.8] <", "550 ")),
    "session-ip-brackets": (session_client_ip, repeated("[192.0.2.7", "550 from ")),
    # Logs whose lines belong together.
    "log-asked": (_pages, _numbered(f"{_LOG[:37]}4F{{}}: host x[192.0.2.1] said: 550 no\n")),
    "log-login": (
        _pages,
        _numbered(f"{_LOG[:30]}smtpd[1]: warning: x[192.0.2.{{}}]: SASL PLAIN authentication failed: y\n"),
    ),
    "dovecot-log": (_pages, _numbered("Nov 29 10:00:00 mx dovecot: auth: sql(a,192.0.2.1,<{}>): Password mismatch\n")),
    "dovecot-log-names": (_pages, repeated("sql(a,", "Nov 29 10:00:00 mx dovecot: auth: ", ": unknown user\n")),
    "qmail-log": (_pages, _numbered("starting delivery {}: msg 1 to remote a@b.example\ndelivery 7: failure: no/\n")),
    "qmail-log-slashes": (_pages, repeated("/550_", "delivery 7: failure: Remote_host_said:_550_", "\n")),
    "qpsmtpd-log": (_pages, _numbered("{} dispatching RCPT TO:<a@b.example>\n7 550-no\n")),
    "haraka-log": (_pages, _numbered("[NOTICE] [{}] [core] recipient <a@b.example> code=DENY msg=x\n")),
    "haraka-log-last": (_pages, repeated(' lr="550', "[NOTICE] [7] [core] disconnect ip=192.0.2.1", "\n")),
    "exchange-log": (_pages, _numbered("2026-01-01T10:00:00.000Z,x,08D9F0A1B2C3{},1,a,b,>,550 no,\n")),
    "exchange-log-quotes": (_pages, repeated('""', "2026-01-01T10:00:00.000Z,x,08D9F0A1B2C3,1,a,b,>,", "\n")),
    "hmailserver-log": (
        _pages,
        _numbered('"SMTPD"\t1\t{}\t"2026-01-01 10:00:00"\t"192.0.2.1"\t"SENT: 550-x[nl]550 no"\n'),
    ),
    "mailenable-log": (_pages, repeated("\t550 no", "03/05/26 09:11:12\tSMTP-IN\tx\t1\ty\t", "\n")),
    "kumomta-log": (
        _pages,
        repeated(
            '"a":{"class":5},', '{"type":"Bounce",', '"egress_pool":"x","response":{"code":550,"content":"no"}}\n'
        ),
    ),
    "kumomta-log-lines": (
        _pages,
        repeated(r"550 no\n", '{"type":"Bounce","response":{"code":550,"content":"', '"}}\n'),
    ),
    "powermta-log": (_pages, repeated('"x,""y",', "b,2026-03-05 09:11:12+0000,", "smtp;550 no\n")),
    "powermta-log-header": (_pages, repeated("type,timeLogged,", "type,timeLogged,", "\n")),
    "prose": (_pages, repeated("of the people ", "550 people ", "\n")),
    "prose-names": (_pages, repeated("Park-Ave ", "550 ", "\n")),
    "status": (_pages, repeated("a.", "StatusCode: ", "MailboxBusy (450)\n")),
    "postfix-queue": (
        _pages,
        repeated('{"address":"a@b.example","delay_reason":"550 no"},', '{"queue_name":"x","recipients":[', "{}]}\n"),
    ),
    "exim-queue": (_pages, repeated("          a@b.example\n", "25m  2.9K 1rKLmn-000123-AB <a@b.example>\n")),
    # The explainer over foreign text.
    "explain-words": (explain, repeated("user mailbox not found blocked using spam ", "550 ")),
    "explain-hosts": (explain, repeated("a.b.c.d.example.org ", "550 blocked using ")),
    "explain-addresses": (explain, repeated("client host [192.0.2.1] ", "554 5.7.1 ")),
    "explain-mailboxes": (explain, _numbered("<a{}@b.example> rejected ")),
    "explain-urls": (explain, repeated("https://example.org/a?ip=192.0.2.1 ", "554 5.7.1 see ")),
    "explain-blanks": (explain, repeated(" \t", "550", "x")),
    "explain-accents": (explain, repeated("boîte à lettres d’utilisateur ", "550 ")),
    "unfolded": (unfolded, repeated("550-5.1.1 x ", "550-5.1.1 ")),
    "shortened": (lambda text: shortened(text, 300), repeated("https://example.org/a ", "550 ")),
    "tally": (_tally, _numbered("550 5.1.1 x{}@b.example no\n")),
    # Zones and scripts.
    "zone": (read_assumption, _numbered('n{}.example.org. TXT "x"\n')),
    "zone-one-name": (read_assumption, _numbered('n.example.org. TXT "x{}"\n')),
    "zone-faults": (read_assumption, _numbered(";! SERVFAIL n{}.example.org TXT\n")),
    "zone-labels": (read_assumption, _numbered("a.b.c.d.e.f.g.h.n{}.example.org. A 192.0.2.1\n")),
    "zone-brackets": (read_assumption, repeated("(", "example.org. TXT ", "x")),
    "zone-data": (_zone_data, _numbered("x{} ")),
    "script": (script.parse, repeated('S= "550 x\\r\\n"\nC: QUIT\n')),
    "script-quoted": (script.parse, repeated('\\"', 'S= "')),
    # Pages.
    "wrap-words": (lambda text: wrap(text, 80, 76), repeated("a ")),
    "wrap-one-word": (lambda text: wrap(text, 80, 76), repeated("a")),
    "wrap-wide": (lambda text: wrap(text, 80, 76), repeated("義")),
    "wrap-mixed": (lambda text: wrap(text, 80, 76), repeated("a", after="義")),
    "wrap-marks": (lambda text: wrap(text, 80, 76), repeated("\u0301", "a")),
    "wrap-url": (lambda text: wrap(text, 80, 76), repeated("https://", after="義")),
    "page-private-use": (_page, repeated(_PRIVATE, after="義")),
    "page-runner-marks": (_page, repeated("##[a]::b::##vso[c]\n")),
    "terminal-runner-marks": (escape.terminal, repeated("##[##vso[")),
    "terminal-colons": (escape.terminal, repeated(" ::", after="義")),
    "page-lines": (_page, repeated("https://example.org/x 義\n")),
    "terminal": (escape.terminal, repeated("\x1b[31m\u202e")),
    "json": (escape.json_text, repeated("\x1b\U00100000")),
}


@pytest.mark.parametrize("name", ROWS)
def test_twice_the_input_takes_twice_the_operations(name: str, operations: Operations) -> None:
    read, text = ROWS[name]
    size = READ if read is explain else SIZE
    operations.of(lambda: read(text(100)))  # what is loaded once is loaded now
    once, twice = (operations.of(lambda many=many: read(text(many))) for many in (size, 2 * size))  # type: ignore[misc]
    assert once > 0
    assert twice <= MOST * once, (once, twice)


def test_empty_lines_at_a_bodys_end_are_not_cut_one_by_one(operations: Operations) -> None:
    body = b"x\r\n" + b"\r\n" * 300_000
    assert operations.of(lambda: message.canonical_body(body, "simple")) < 3_000
    assert message.canonical_body(body, "simple") == b"x\r\n"
