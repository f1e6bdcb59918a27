"""What is advised for what one's own mail server refused: to the admin who reads its log, in the program's own terms."""

from __future__ import annotations

import re

import pytest

from smtpprobe.catalogue.causes import causes, remedies, settings
from smtpprobe.intake.mail_logs import Family
from smtpprobe.model.transcript import Side
from smtpprobe.pipeline.explaining import explain_text
from smtpprobe.render.text.explained import render

P = "Mar  5 09:11:12 mx1 postfix/"
S = f"{P}smtpd[7]: NOQUEUE: reject: RCPT from pc.example.net[198.51.100.9]: {{}}; from=<a@example.net> to=<jane@example.com>\n"
E = "2026-03-05 09:11:12 H=(pc) [198.51.100.9] F=<a@example.net> "
M = "Mar  5 09:11:12 mx1 sm-mta[7]: 62591: "
X = "2026-03-05T09:11:12.100Z,MX1\\Default,08DC7A1B,{},192.0.2.1:25,198.51.100.9:4711,{},{},\n"
EXCHANGE = "#Software: Microsoft Exchange Server\n#Log-type: SMTP Receive Protocol Log\n" + X.format(
    1, "<", "RCPT TO:<bob@example.org>"
)
H = "2026-03-05T09:11:12.000Z [NOTICE] [6A0B1C2D-1111-2222-3333-444455556666.1] [core] recipient <jane@example.com> "
OS = "Mar  5 09:11:12 mx1 smtpd[5]: 0123456789abcdef smtp failed-command "
TO = f"{P}smtp[9]: 4B0A1: to=<jane@example.org>, relay=none, delay=1, delays=0/0/1/0, dsn={{}}, status={{}} ({{}})\n"
# What only whoever was refused can do, or is told.
OF_OTHERS = (
    *("their postmaster", "the recipient's postmaster", "delist", "removal", "Ask the", "Wait ", "smarthost"),
    *("your provider", "relay host", "Retry     Yes", "Retry     No,", "Retry     Not "),
)
# A name of a setting or a command of one program alone.
OWN_NAMES = {
    each: {
        name
        for value in settings(each).values()
        for name in re.findall(r"[A-Za-z/.-]{2,}_[a-z_]{3,}|[A-Z]\w+-[A-Z]\w+", value)
    }
    for each in Family
}


def page(text: str) -> str:
    return " ".join(render(explain_text(text), width=200).split())


ROWS = [
    (Family.POSTFIX, S.format("554 5.7.1 Service unavailable; Client host [198.51.100.9] blocked using zen.spamhaus.org"),
     "ip-blocklisted", "permit_sasl_authenticated"),
    (Family.POSTFIX, S.format("554 5.7.1 Service unavailable; Client host [198.51.100.9] blocked using zen.spamhaus.org; "
     "Error: open resolver"), "ip-blocklisted", "resolver of its own"),
    (Family.POSTFIX, S.format("454 4.7.1 <bob@example.org>: Relay access denied"), "relay-denied", "relay_domains"),
    (Family.POSTFIX, S.format("550 5.1.1 <jane@example.com>: Recipient address rejected: User unknown in local recipient "
     "table"), "recipient-unknown", "local_recipient_maps"),
    (Family.POSTFIX, S.format("504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname"),
     "helo-rejected", "smtpd_helo_restrictions"),
    (Family.POSTFIX, S.format("450 4.7.25 Client host rejected: cannot find your hostname, [198.51.100.9]"),
     "reverse-dns", "reject_unknown_reverse_client_hostname"),
    (Family.POSTFIX, S.format("450 4.2.0 <jane@example.com>: Recipient address rejected: Greylisted"),
     "greylisted", "expected to try again by itself"),
    (Family.POSTFIX, S.format("450 4.1.8 <a@example.net>: Sender address rejected: Domain not found"),
     "sender-domain-invalid", "reject_unknown_sender_domain"),
    (Family.POSTFIX, S.format("552 5.3.4 Message size exceeds fixed limit"), "message-too-large", "message_size_limit"),
    (Family.POSTFIX, S.format("452 4.5.3 Error: too many recipients"), "too-many-recipients", "smtpd_recipient_limit"),
    (Family.POSTFIX, S.format("553 5.7.1 <a@example.com>: Sender address rejected: not owned by user jane"),
     "sender-not-permitted", "smtpd_sender_login_maps"),
    (Family.POSTFIX, S.format("451 4.3.5 Server configuration error"), "server-misconfigured", "postfix check"),
    (Family.POSTFIX, S.format("554 5.7.1 <pc.example.net[198.51.100.9]>: Client host rejected: Access denied"),
     "policy-rejected", "check_client_access"),
    (Family.POSTFIX, f"{P}smtpd[7]: NOQUEUE: reject: CONNECT from pc.example.net[198.51.100.9]: 421 4.7.0 Error: too many "
     "connections from 198.51.100.9; proto=SMTP\n", "rate-limited", "smtpd_client_event_limit_exceptions"),
    (Family.POSTFIX, f"{P}cleanup[7]: 4B0A1: milter-reject: END-OF-MESSAGE from pc.example.net[198.51.100.9]: 5.7.1 Spam "
     "message rejected; from=<a@example.net> to=<jane@example.com>\n", "spam-content", "smtpd_milters"),
    (Family.POSTFIX, f"{P}postscreen[7]: NOQUEUE: reject: RCPT from [198.51.100.9]:4711: 450 4.3.2 Service currently "
     "unavailable; from=<a@example.net>, to=<jane@example.com>, proto=ESMTP, helo=<pc>\n",
     "server-temporary", "postscreen_access_list"),
    (Family.EXIM, f"{E}rejected RCPT <bob@example.org>: relay not permitted\n", "relay-denied", "relay_to_domains"),
    (Family.EXIM, f"{E}rejected RCPT <jane@example.com>: 198.51.100.9 is listed at zen.spamhaus.org\n",
     "ip-blocklisted", "accept authenticated = *"),
    (Family.EXIM, "2026-03-05 09:11:12 rejected EHLO from [198.51.100.9]: syntactically invalid argument(s): a_b\n",
     "helo-rejected", "helo_allow_chars"),
    (Family.EXIM, "2026-03-05 09:11:12 refused connection from [198.51.100.9] (host_reject_connection)\n",
     "policy-rejected", "acl_smtp_connect"),
    (Family.SENDMAIL, f"{M}ruleset=check_rcpt, arg1=<bob@example.org>, relay=mail.example.net [198.51.100.9], "
     "reject=550 5.7.1 <bob@example.org>... Relaying denied\n", "relay-denied", "/etc/mail/access: Connect:"),
    (Family.EXCHANGE, EXCHANGE + X.format(2, ">", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
     "relay-denied", "New-AcceptedDomain"),
    (Family.EXCHANGE, EXCHANGE + X.format(2, ">", "250 2.1.5 Recipient OK") + X.format(3, "<", "AUTH LOGIN")
     + X.format(4, ">", "535 5.7.3 Authentication unsuccessful"), "auth-failed", "limit attempts for each address, and"),
    (Family.HARAKA, f'{H}code=DENY msg="I cannot deliver mail for <jane@example.com>"\n', "relay-denied", "config/host_list"),
    (Family.OPENSMTPD, f'{OS}command="RCPT TO:<bob@example.com>" result="550 Invalid recipient: <bob@example.com>"\n',
     "recipient-unknown", "create it or its alias, also"),
    (Family.QPSMTPD, "31337 dispatching RCPT TO:<bob@example.org>\n31337 550 relaying denied\n",
     "relay-denied", "config/rcpthosts"),
    (Family.DOVECOT, "Mar  5 09:11:12 mx1 dovecot: auth: passwd-file(jane@example.com,198.51.100.9,<a1B/c>): Password "
     "mismatch\n", "auth-failed", "limit attempts for each address, and"),
]  # fmt: skip


@pytest.mark.parametrize(("family", "text", "cause", "words"), ROWS)
def test_what_this_server_refused(family: Family, text: str, cause: str, words: str) -> None:
    found = explain_text(text)
    assert [(each.cause, each.side, each.program) for each in found.distinct] == [(cause, Side.RECEIVING, family)]
    said = page(text)
    assert words in said
    assert [each for each in OF_OTHERS if each in said] == []
    others = {name for each, names in OWN_NAMES.items() if each is not family for name in names} - OWN_NAMES[family]
    assert [name for name in sorted(others) if name in said] == []


KNOWN = {each: each for each in ("receiving",)}


@pytest.mark.parametrize("cause", [name for name, entry in causes().items() if entry.by_reply])
def test_every_cause_has_words_for_the_server_that_refused(cause: str) -> None:
    entry = causes()[cause]
    assert entry.meant(KNOWN).definition != entry.definition
    told = [*remedies(cause, KNOWN)]
    assert told
    assert {each.actor for each in told} <= {"your-mail-admin", "nobody"}
    assert entry.retry_known(550, KNOWN)
    assert entry.retry_known(450, KNOWN)


@pytest.mark.parametrize("family", Family)
def test_a_setting_is_named_of_its_own_program_alone(family: Family) -> None:
    for name, entry in causes().items():
        for known in ({"receiving": "yes"}, {"delivery": "yes"}):
            said = " ".join(each.action for each in remedies(name, {**known, **settings(family)}))
            assert "{" not in said, (name, entry.title)


@pytest.mark.parametrize(
    ("text", "cause", "words"),
    [
        (TO.format("5.4.6", "bounced", "mail for example.org loops back to myself"), "mail-loop", "mydestination"),
        (f"{E[:20]}1aBcDe-0000fG-Hi ** jane@example.org R=dnslookup: lowest numbered MX record points to local host\n",
         "mail-loop", "local_domains"),
        (f"{M}to=<jane@example.org>, delay=00:00:01, mailer=esmtp, relay=mx1.example.org. [198.51.100.4], dsn=5.3.5, "
         "stat=Local configuration error\n", "server-misconfigured", "/etc/mail/local-host-names"),
        ("@400000005f5b5c5d00000000 starting delivery 1: msg 77 to remote jane@example.org\n@400000005f5b5c5d00000001 "
         "delivery 1: failure: Sorry._Although_I'm_listed_as_a_best-preference_MX_or_A_for_that_host,/it_isn't_in_my_"
         "control/locals_file,_so_I_don't_treat_it_as_local._(#5.4.6)/\n", "mail-loop", "control/locals"),
        (TO.format("5.4.6", "bounced", "mail forwarding loop for jane@example.org"), "mail-loop", "Delivered-To"),
        ('Mar  5 09:11:12 mx1 smtpd[5]: 0123456789abcdef mta delivery evpid=0123456789abcdef from=<a@example.com> '
         'to=<jane@example.org> rcpt=<-> source="-" relay="mx.example.org" delay=1s result="PermFail" '
         'stat="Loop detected"\n', "mail-loop", "Delivered-To"),
        (TO.format("5.1.1", "bounced", 'unknown user: "jane"'), "recipient-unknown", "virtual_alias_maps"),
    ],
)  # fmt: skip
def test_what_the_own_server_says_of_a_delivery(text: str, cause: str, words: str) -> None:
    found = explain_text(text)
    assert [each.cause for each in found.distinct] == [cause]
    said = page(text)
    assert words in said
    assert "their postmaster" not in said
    assert "the recipient's postmaster" not in said
    assert "your own" in said.lower() or "Your own" in said


def test_a_loop_that_another_server_finds_is_for_its_postmaster() -> None:
    said = page(TO.format("5.4.6", "bounced", "host mx.example.org[198.51.100.4] said: 554 5.4.6 Too many hops"))
    assert "their postmaster" in said


AGAIN = re.compile(
    r"Retry .*(?:tries again by itself|tries again for several days|from the queue|there is no need to send)"
)
DSN = (
    "Final-Recipient: rfc822; jane@example.com\nAction: {}\nStatus: 4.4.1\nRemote-MTA: dns; mx.example.com\n"
    "Diagnostic-Code: {}\n"
)
REFUSED = "connect to mx.example.com[198.51.100.9]:25: Connection timed out"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        (TO.format("4.4.1", "deferred", REFUSED), True),
        (TO.format("4.4.1", "bounced", REFUSED), False),
        (TO.format("4.4.3", "deferred", "Host or domain name not found. Name service error for name=example.org type=MX: "
         "Host not found, try again"), True),
        (TO.format("5.4.3", "bounced", "Host or domain name not found. Name service error for name=example.org type=MX: "
         "Host not found, try again"), False),
        (TO.format("4.4.2", "bounced", "lost connection with mx.example.org[198.51.100.9] while sending MAIL FROM"), False),
        (TO.format("4.7.4", "bounced", "TLS is required, but was not offered by host mx.example.org[198.51.100.9]"), False),
        (f"{E[:20]}1aBcDe-0000fG-Hi == jane@example.org R=dnslookup T=remote_smtp defer (111): Connection refused\n", True),
        (f"{E[:20]}1aBcDe-0000fG-Hi ** jane@example.org R=dnslookup T=remote_smtp: Connection refused\n", False),
        (f"{M}to=<jane@example.org>, relay=mx.example.org. [198.51.100.9], dsn=4.0.0, stat=Deferred: Connection refused by "
         "mx.example.org.\n", True),
        (f"{M}to=<jane@example.org>, relay=mx.example.org. [198.51.100.9], dsn=5.0.0, stat=Connection refused by "
         "mx.example.org.\n", False),
        (DSN.format("delayed", f"X-Postfix; {REFUSED}"), True),
        (DSN.format("failed", f"X-Postfix; {REFUSED}"), False),
    ],
)  # fmt: skip
def test_what_was_returned_is_not_tried_again(text: str, again: bool) -> None:
    said = page(text)
    assert (AGAIN.search(said) is not None) is again
    if not again:
        assert "send the message again" in said
        assert "queue waits" not in said


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("451 4.7.1 Greylisting in action, please come back later", "no queue sends it again"),
        ("451 4.3.0 Temporary lookup failure", "no queue sends it again"),
        ("421 4.7.0 Too many connections from your host", "After several hours"),
        ("451 4.9.9 xyz", "Nothing is tried again by itself"),
    ],
)
def test_a_transient_reply_that_was_the_last(reply: str, words: str) -> None:
    said = page(DSN.format("failed", f"smtp; {reply}"))
    assert words in said
    assert AGAIN.search(said) is None
    assert words not in page(DSN.format("delayed", f"smtp; {reply}"))


def test_a_guess_sends_to_the_log_first_and_names_the_others_as_the_admin_sees_them() -> None:
    said = page(S.format("550 zuzu"))
    assert "Fix 1. [your mail admin] See what this log says of the same client just before" in said
    assert "A client wanted to send through this server and may not" in said
    assert "does not relay for you" not in said


def test_a_cause_on_both_sides_has_a_row_for_each() -> None:
    listed = "554 5.7.1 Service unavailable; Client host [{}] blocked using zen.spamhaus.org"
    here = S.format(listed.format("198.51.100.9"))
    there = TO.format("5.7.1", "bounced", f"host mx.example.org[192.0.2.5] said: {listed.format('203.0.113.4')}")
    more = "".join(row[1] for row in ROWS[2:6])
    said = page(here * 2 + there + more)
    assert "2 This server refused a client whose IP address is on a blocklist (ip-blocklisted)" in said
    assert "1 The sending IP address is on a blocklist (ip-blocklisted)" in said
