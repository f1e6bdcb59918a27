"""What is advised for the words of mail servers: of one that delivers, and of one that refuses its own clients."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.pipeline.explaining import explain_text
from smtpprobe.pipeline.hinted_checks import hints
from smtpprobe.render.explained import ExplainedInputs
from smtpprobe.render.explanation_item import explained, of_distinct
from smtpprobe.render.text.explained import render

P = "Mar  5 09:11:12 mx1 postfix/"
TO = (
    f"{P}smtp[9]: 4B0A1: to=<jane@example.com>, relay={{}}, delay=1, delays=0/0/1/0, dsn={{}}, status=deferred ({{}})\n"
)
NO_NAME = "Host or domain name not found. Name service error for name="
MX = "mx.example.com[198.51.100.9]"
E = "2026-03-05 09:11:12 1aBcDe-0000fG-Hi "
# What only somebody is told who sets up a mail client.
OF_CLIENTS = ("client's settings", "Try port 587", "port 465", "which TLS mode", "container", "smtps://")


def page(text: str) -> str:
    return " ".join(render(explain_text(text), width=200).split())


def advice(found: ExplainedInputs) -> list[str]:
    each = found.distinct[0]
    told = explained(each.reply, each.phase, place=of_distinct(each))
    return [remedy.action for remedy in told.remedies]


@pytest.mark.parametrize(
    ("text", "cause", "see", "words"),
    [
        (TO.format("none", "4.4.1", f"connect to {MX}:25: Connection refused"),
         "connection-failed", "mx.example.com:25", "listens on port 25"),
        (TO.format("none", "4.4.1", f"connect to {MX}:25: Operation timed out"),
         "connection-failed", "mx.example.com:25", "hosting provider blocks it"),
        (TO.format("none", "4.4.1", "connect to relay.example.net[198.51.100.7]:587: Connection timed out"),
         "connection-failed",
         "relay.example.net:587", "relayhost"),
        (TO.format(f"{MX}:25", "4.4.2", f"lost connection with {MX} while sending MAIL FROM"),
         "connection-lost", "mx.example.com:25", "at which command"),
        (TO.format(f"{MX}:25", "4.4.2", f"conversation with {MX} timed out while receiving the initial server greeting"),
         "reply-timeout",
         "mx.example.com:25", "reverse DNS"),
        (TO.format(f"{MX}:25", "4.4.2", f"lost connection with {MX} while sending end of data -- message may be sent "
         "more than once"),
         "connection-lost", "mx.example.com:25", "duplicates"),
        (TO.format("none", "4.4.3", f"{NO_NAME}example.com type=MX: Host not found, try again"),
         "dns-failed", "smtpprobe check example.com Retry", "recipient's domain"),
        (TO.format("none", "5.4.4", f"{NO_NAME}nowhere.example type=A: Host not found"),
         "host-not-found", "smtpprobe check nowhere.example Retry", "spelling of the recipient's domain"),
        (TO.format(f"{MX}:25", "4.7.4", f"TLS is required, but was not offered by host {MX}"),
         "tls-failed", "mx.example.com:25", "Switch STARTTLS on"),
        (TO.format(f"{MX}:25", "4.7.5", "Cannot start TLS: handshake failure"),
         "tls-failed", "mx.example.com:25", "where the handshake fails"),
        (f"{E}== jane@example.com R=dnslookup T=remote_smtp defer (111): Connection refused\n",
         "connection-failed",
         "smtpprobe check example.com Retry", "outgoing port 25"),
        (f"{E}H=mx.example.com [198.51.100.9] TLS error on connection (recv): Error in the pull function.\n",
         "tls-failed", "mx.example.com:25",
         "where the handshake fails"),
        ("Mar  5 09:11:12 mx1 sm-mta[7]: 62591: to=<jane@example.com>, delay=1, mailer=esmtp, "
         "relay=mx.example.com. [198.51.100.9], dsn=4.0.0, stat=Deferred: Connection reset by mx.example.com.\n",
         "connection-lost", "mx.example.com:25", "at which command"),
        ("Final-Recipient: rfc822; jane@example.com\nAction: delayed\nStatus: 4.4.1\nRemote-MTA: dns; mx.example.com\n"
         "Diagnostic-Code: X-Postfix; delivery temporarily suspended: connect to\n"
         "    mx.example.com[198.51.100.9]:25: No route to host\n",
         "connection-failed", "mx.example.com:25", "outgoing port 25"),
    ],
)  # fmt: skip
def test_a_delivery_without_a_reply(text: str, cause: str, see: str, words: str) -> None:
    found = explain_text(text)
    assert [each.cause for each in found.distinct] == [cause]
    said = page(text)
    assert see in said
    assert words in said
    assert [each for each in OF_CLIENTS if each in said] == []
    assert " ip 198.51.100" not in said
    assert list(hints(explain(found.distinct[0].reply, peer=of_distinct(found.distinct[0]).others))) == []


@pytest.mark.parametrize(
    "words",
    [
        "Connection refused",
        "connect to mx.example.com:25: timed out",
        "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number",
    ],
)
def test_a_client_has_the_advice_for_clients(words: str) -> None:
    assert [each for each in OF_CLIENTS if each in page(words)] != []


@pytest.mark.parametrize(
    "reply",
    [
        "5.3.4 message size 99 exceeds size limit 9 of server mx.example.com[198.51.100.9]",
        "550 5.7.1 refused; conversation with mx.example.com[198.51.100.9] was ended",
        "451 4.7.1 host mx.example.com[198.51.100.9] said: 450 later",
        "connect to mx.example.com[198.51.100.9]:25: Connection timed out",
    ],
)
def test_the_servers_address_is_not_the_clients(reply: str) -> None:
    assert explain(reply).captures.ip is None


def test_an_address_that_the_server_itself_has_is_passed_over() -> None:
    said = "550 5.7.1 Rejected: [198.51.100.9] does not take [203.0.113.4]"
    assert explain(said, peer="mx.example.com[198.51.100.9]:25").captures.ip == "203.0.113.4"
    assert explain("550 5.7.1 blocked: 198.51.100.9", peer="mx.example.com [198.51.100.9]").captures.ip is None


@pytest.mark.parametrize(
    "line",
    [
        f"{P}smtps/smtpd[7]: warning: unknown[198.51.100.9]: SASL PLAIN authentication failed: VXNlcm5hbWU6\n",
        "Mar  5 09:11:12 mx1 dovecot: auth: passwd-file(jane@example.com,198.51.100.9,<a1B/c>): Password mismatch\n",
        "2026-03-05 09:11:12 plain_server authenticator failed for (pc) [198.51.100.9]: 535 Incorrect authentication data\n",
    ],
)
def test_somebody_elses_login(line: str) -> None:
    said = page(line)
    assert "auth-failed" in said
    assert "fail2ban" in said
    assert "app password or OAuth" not in said
    assert "VXNlcm5hbWU6" not in said


def test_a_socket_of_the_machine_itself() -> None:
    said = page(TO.format("none", "4.4.1", "connect to mx1.example.com[private/mailstore]: Connection refused"))
    assert "server-misconfigured" in said
    assert "on this machine" in said
    assert "smtpprobe check" not in said
    assert "their postmaster" not in said


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("552 5.2.2 Refused, because your own mailbox is over quota", "sender-account-limited"),
        ("452 4.2.2 The storage of your account is full", "mailbox-full"),
    ],
)
def test_the_senders_own_storage(reply: str, cause: str) -> None:
    said = page(reply)
    assert "Make room in your own account" in said or cause == "mailbox-full"


@pytest.mark.parametrize(
    "reply",
    ["454 4.7.0 The directory with the passwords is away", "451 4.3.0 No authentication possible, database down"],
)
def test_a_login_has_no_other_mx(reply: str) -> None:
    assert "other MX" not in page(reply)


def test_refusals_of_both_sides_are_told_apart() -> None:
    same = "450 4.7.1 Too fast, wait a while"
    lines = (
        f"{P}smtpd[7]: NOQUEUE: reject: RCPT from pc.example.net[203.0.113.4]: {same}; "
        "from=<a@example.net> to=<jane@example.com>\n"
        + TO.format(f"{MX}:25", "4.7.1", f"host {MX} said: {same} (in reply to RCPT TO command)")
    )
    assert [each.side for each in explain_text(lines).distinct] == ["receiving", "sending"]
