"""Programs that write into one log: read wherever in it they first write."""

from __future__ import annotations

import pytest

from smtpprobe.intake.found import Counts
from smtpprobe.intake.recognise import HEAD, recognise, refusals

_FIRST = "Mar  5 09:15:02 {host} postfix/qmgr[1]: 3A: removed"
_LATE = {
    "Dovecot": "dovecot: auth: passwd-file(bob@example.com,203.0.113.7,<q1>): Password mismatch",
    "Dovecot's login": "imap-login: Info: Disconnected (auth failed, 1 attempts in 2 secs): user=<bob>, rip=203.0.113.7",
    "Exim": "exim[12]: 1abcDE-0001xy-AB ** bob@example.com R=a T=b H=m [192.0.2.9]: SMTP error from remote mail server after "
    "RCPT TO:<bob@example.com>: 550 5.1.1 unknown",
    "Sendmail": "sm-mta[7]: 41B: to=<bob@example.com>, mailer=esmtp, relay=m. [192.0.2.9], dsn=5.1.1, stat=User unknown",
    "OpenSMTPD": 'smtpd[7]: 0123456789abcdef mta delivery evpid=1 from=<a@b.example> to=<bob@example.com> rcpt=<-> '
    'relay="192.0.2.9 (m)" delay=1s result="PermFail" stat="550 5.1.1 unknown"',
    "qmail": "qmail: 1488034567.1 delivery 3: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
}  # fmt: skip


def _read(lines: list[str], block: int = 1 << 20) -> list[tuple[int | None, str]]:
    octets = "\n".join((*lines, "")).encode()
    taken = recognise(octets)
    assert taken is not None
    assert taken.words.startswith("Postfix log")
    blocks = [octets[at : at + block] for at in range(0, len(octets), block)]
    return [(each.line, each.reply) for each in refusals(blocks, taken, Counts())]


@pytest.mark.parametrize("host", ["mx", "postfix", "postfix1", "mail-postfix.example"])
@pytest.mark.parametrize("late", _LATE)
@pytest.mark.parametrize("block", [4096, 1 << 20])
def test_a_program_that_first_writes_late_is_read(late: str, host: str, block: int) -> None:
    first = _FIRST.format(host=host)
    before = HEAD // len(first) + 100
    found = _read([*[first] * before, f"Mar  5 09:15:03 {host} {_LATE[late]}", *[first] * 9], block)
    assert [line for line, _ in found] == [before + 1]


def test_all_of_them_and_other_hosts() -> None:
    first = _FIRST.format(host="mx")
    before = HEAD // len(first) + 100
    late = [f"Mar  5 09:15:03 {host} {line}" for line in _LATE.values() for host in ("mx", "a-longer-name")]
    assert len(_read([*[first] * before, *late])) == len(late)


def test_in_a_journal() -> None:
    entry = '{{"__REALTIME_TIMESTAMP":"1772700000000000","SYSLOG_IDENTIFIER":"{}","MESSAGE":"{}"}}'
    first = entry.format("postfix/qmgr", "3A: removed")
    before = HEAD // len(first) + 100
    said = _LATE["Dovecot"].removeprefix("dovecot: ")
    found = _read([*[first] * before, entry.format("systemd", "Started."), entry.format("dovecot", said)])
    assert [line for line, _ in found] == [before + 2]


def test_programs_that_carry_no_mail_are_passed_over() -> None:
    first = _FIRST.format(host="mx")
    before = HEAD // len(first) + 100
    assert not _read(
        [*[first] * before, "Mar  5 09:15:03 mx app[7]: dovecot: auth: passwd-file(b,203.0.113.7): Password mismatch"]
    )
