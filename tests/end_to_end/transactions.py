"""MAIL and RCPT, LMTP, SMTPUTF8, and the servers whose refusal a probe cannot see."""

from __future__ import annotations

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.end_to_end.case import OVER_STARTTLS, Case, expected

MAIL = tuple(
    Case(
        name=name,
        server=Behaviour(replies={Phase.MAIL: reply}),
        expect=expected(status, code, Phase.MAIL, decided, cause=cause, recipients=("not-tried",)),
        said=f"EHLO STARTTLS EHLO MAIL{'' if name == 'mail-421' else ' QUIT'}",
    )
    for name, reply, status, code, decided, cause in (
        ("mail-421", "421 4.7.0 Too many messages, closing", "deferred", 3, "421 4.7.0", "rate-limited"),
        ("mail-451", "451 4.3.0 Temporary lookup failure", "deferred", 3, "451 4.3.0", "server-temporary"),
        ("mail-450", "450 4.1.8 <alice@example.org>: Sender address rejected: Domain not found", "deferred", 3,
         "450 4.1.8", "sender-domain-invalid"),
        ("mail-530", "530 5.7.0 Authentication required", "refused", 1, "530 5.7.0", "auth-required"),
        ("mail-535", "535 5.7.8 Authentication required to send from this address", "refused", 1, "535 5.7.8",
         "auth-required"),
        ("mail-550", "550 5.7.1 <alice@example.org>: Sender address rejected: Access denied", "refused", 1,
         "550 5.7.1", "sender-blocked"),
        ("mail-552", "552 5.3.4 Message size exceeds fixed limit", "refused", 1, "552 5.3.4", "message-too-large"),
        ("mail-554", "554 5.7.1 Access denied", "refused", 1, "554 5.7.1", "policy-rejected"),
    )
)  # fmt: skip

RCPT = tuple(
    Case(
        name=name,
        server=Behaviour(replies={Phase.RCPT: reply}),
        expect=expected(status, code, Phase.RCPT, " ".join(reply.split()[:2]), cause=cause, confidence=confidence),
        said="EHLO STARTTLS EHLO MAIL RCPT" if reply.startswith("421") else OVER_STARTTLS,
    )
    for name, reply, status, code, cause, confidence in (
        ("rcpt-421", "421 4.7.0 Too many messages, closing", "deferred", 3, "rate-limited", None),
        ("rcpt-450-greylisted", "450 4.2.0 <bob@example.com>: Recipient address rejected: Greylisted, come back in 300 "
         "seconds", "deferred", 3, "greylisted", "stated"),
        ("rcpt-451", "451 4.3.0 <bob@example.com>: Temporary lookup failure", "deferred", 3, "server-temporary", None),
        ("rcpt-452-full", "452 4.2.2 Mailbox full", "deferred", 3, "mailbox-full", "stated"),
        ("rcpt-535", "535 5.7.8 Authentication required for relaying", "refused", 1, "auth-required", None),
        ("rcpt-550-unknown", "550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown", "refused", 1,
         "recipient-unknown", "stated"),
        ("rcpt-554", "554 5.7.1 <bob@example.com>: Recipient address rejected: Access denied", "refused", 1,
         "auth-required", "supported"),
        ("rcpt-554-relay", "554 5.7.1 <bob@example.com>: Relay access denied", "refused", 1, "relay-denied", None),
    )
)  # fmt: skip

BOB, CAROL, DAVE = "bob@example.com", "carol@example.com", "dave@example.com"
THREE = f"{OVER_STARTTLS.removesuffix(' RSET QUIT')} RCPT RCPT RSET QUIT"
UNKNOWN, LATER = "550 5.1.1 User unknown", "450 4.2.0 Greylisted, try again later"
SEVERAL = (
    Case(
        name="three-accepted",
        rcpt_to=(BOB, CAROL, DAVE),
        expect=expected("accepted", 0, recipients=("accepted", "accepted", "accepted")),
        said=THREE,
    ),
    Case(
        name="one-of-three-refused",
        server=Behaviour(recipients={CAROL: UNKNOWN}),
        rcpt_to=(BOB, CAROL, DAVE),
        expect=expected(
            "refused", 1, Phase.RCPT, "550 5.1.1", cause="recipient-unknown",
            recipients=("accepted", "refused", "accepted"),
        ),
        said=THREE,
    ),
    Case(
        name="one-of-three-deferred",
        server=Behaviour(recipients={DAVE: LATER}),
        rcpt_to=(BOB, CAROL, DAVE),
        expect=expected(
            "deferred", 3, Phase.RCPT, "450 4.2.0", cause="greylisted", recipients=("accepted", "accepted", "deferred")
        ),
        said=THREE,
    ),
    Case(
        name="all-three-refused",
        server=Behaviour(replies={Phase.RCPT: "554 5.7.1 Access denied"}),
        rcpt_to=(BOB, CAROL, DAVE),
        expect=expected("refused", 1, Phase.RCPT, "554 5.7.1", cause="policy-rejected policy-rejected policy-rejected",
 recipients=("refused", "refused", "refused")),
        said=THREE,
    ),
    Case(
        name="closed-at-the-second",
        server=Behaviour(recipients={CAROL: "421 4.7.0 Closing"}),
        rcpt_to=(BOB, CAROL, DAVE),
        expect=expected(
            "deferred", 3, Phase.RCPT, "421 4.7.0", cause="server-temporary",
            recipients=("accepted", "deferred", "not-tried"),
        ),
        said="EHLO STARTTLS EHLO MAIL RCPT RCPT",
    ),
    Case(
        name="rcpt-251-and-252",
        server=Behaviour(recipients={BOB: "251 2.1.5 Will forward", CAROL: "252 2.1.5 Cannot verify"}),
        rcpt_to=(BOB, CAROL),
        expect=expected("accepted", 0, recipients=("accepted", "accepted")),
        said="EHLO STARTTLS EHLO MAIL RCPT RCPT RSET QUIT",
    ),
    Case(
        name="null-reverse-path",
        mail_from="",
        expect=expected("accepted", 0, sent=("MAIL FROM:<>",)),
    ),
)  # fmt: skip

LMTP = (
    Case(
        name="lmtp-accepted",
        server=Behaviour(lmtp=True),
        expect=expected("accepted", 0, sent=("LHLO client.example.org",)),
        said="LHLO STARTTLS LHLO MAIL RCPT RSET QUIT",
    ),
    Case(
        name="lmtp-greeting-554",
        server=Behaviour(lmtp=True, replies={Phase.GREETING: "554 No service"}),
        expect=expected("refused", 1, Phase.GREETING, "554", cause="policy-rejected"),
        said="QUIT",
    ),
    Case(
        name="lmtp-lhlo-502",
        server=Behaviour(lmtp=True, replies={Phase.EHLO: "502 5.5.1 Not implemented"}),
        expect=expected("refused", 1, Phase.EHLO, "502 5.5.1", cause="protocol-error"),
        said="LHLO QUIT",
    ),
    Case(
        name="lmtp-one-of-two-refused",
        server=Behaviour(lmtp=True, recipients={CAROL: UNKNOWN}),
        rcpt_to=(BOB, CAROL),
        expect=expected(
            "refused", 1, Phase.RCPT, "550 5.1.1", cause="recipient-unknown", recipients=("accepted", "refused")
        ),
        said="LHLO STARTTLS LHLO MAIL RCPT RCPT RSET QUIT",
    ),
    Case(
        name="lmtp-mailbox-full",
        server=Behaviour(lmtp=True, replies={Phase.RCPT: "452 4.2.2 Mailbox full"}),
        expect=expected("deferred", 3, Phase.RCPT, "452 4.2.2", cause="mailbox-full"),
        said="LHLO STARTTLS LHLO MAIL RCPT RSET QUIT",
    ),
)  # fmt: skip

SMTPUTF8 = (
    Case(
        name="smtputf8-offered",
        server=Behaviour(smtputf8=True),
        rcpt_to=("jürgen@example.com",),
        expect=expected("accepted", 0, sent=("MAIL FROM:<alice@example.org> SMTPUTF8", "RCPT TO:<jürgen@example.com>")),
    ),
    Case(
        name="smtputf8-not-needed",
        server=Behaviour(smtputf8=True),
        expect=expected("accepted", 0, not_sent=("*SMTPUTF8*",)),
    ),
    Case(
        name="smtputf8-not-offered",
        rcpt_to=("jürgen@example.com",),
        expect=expected("no-session", 4, Phase.MAIL, cause="extension-missing", not_sent=("MAIL*",)),
        said="EHLO STARTTLS EHLO QUIT",
    ),
    Case(
        name="smtputf8-refused",
        server=Behaviour(smtputf8=True, recipients={"jürgen@example.com": "550 5.1.1 <jürgen@example.com>: unbekannt"}),
        rcpt_to=("jürgen@example.com",),
        expect=expected("refused", 1, Phase.RCPT, "550 5.1.1", cause="recipient-unknown"),
    ),
)

# A probe sends no message: what such a server would refuse stays unknown, and nothing is claimed of it.
AFTER_RCPT = tuple(
    Case(
        name=f"{name}-not-reached",
        server=Behaviour(replies={phase: reply}),
        expect=expected("accepted", 0, recipients=("accepted",), not_sent=("DATA",), not_in_replies=(reply,)),
    )
    for name, phase, reply in (
        ("data-554", Phase.DATA, "554 5.7.1 No valid recipients"),
        ("data-451", Phase.DATA, "451 4.3.0 Not now"),
        ("dot-550", Phase.MESSAGE, "550 5.7.1 Message content rejected"),
        ("dot-554", Phase.MESSAGE, "554 5.7.1 Spam message rejected"),
        ("dot-452", Phase.MESSAGE, "452 4.3.1 Insufficient system storage"),
    )
)

ENDS = (
    Case(
        name="rset-421",
        server=Behaviour(replies={Phase.RSET: "421 4.4.2 Closing"}),
        expect=expected("accepted", 0),
        said="EHLO STARTTLS EHLO MAIL RCPT RSET",
    ),
    Case(
        name="rset-554",
        server=Behaviour(replies={Phase.RSET: "554 5.5.1 No"}),
        expect=expected("accepted", 0),
    ),
    Case(
        name="quit-554",
        server=Behaviour(replies={Phase.QUIT: "554 5.5.1 No"}),
        expect=expected("accepted", 0),
    ),
)

CASES = (*MAIL, *RCPT, *SEVERAL, *LMTP, *SMTPUTF8, *AFTER_RCPT, *ENDS)
