"""A mail log's line is read as it is without what carries it: JSON, another program's header, a second time."""

from __future__ import annotations

import json

import pytest

from smtpprobe.intake import mail_logs, recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.pasted import wrapped
from smtpprobe.intake.recognise import Reader

REJECT = (
    "NOQUEUE: reject: RCPT from pc.example.net[198.51.100.9]: 554 5.7.1 <jane@example.org>: Relay access denied; "
    "from=<tom@example.net> to=<jane@example.org> proto=ESMTP helo=<pc>"
)
BOUNCED = (
    "4B0A1: to=<jane@example.org>, relay=mx.example.org[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced "
    '(host mx.example.org[192.0.2.9] said: 550 5.1.1 <jane@example.org>: no "jane" here (in reply to RCPT TO command))'
)
LINES = (
    f"Mar  5 09:11:12 mx1 postfix/smtpd[7]: {REJECT}",
    f"2026-03-05T09:11:12.250+01:00 mx1 postfix/smtp[7]: {BOUNCED}",
    f"<22>Mar  5 09:11:12 mx1 postfix/submission/smtpd[7]: {REJECT}",
    f"<22>1 2026-03-05T09:11:12.250Z mx1 postfix/smtpd 7 - - {REJECT}",
    f"Mar  5 09:11:12 postfix/smtpd[7]: {REJECT}",
    "Mar  5 09:11:12 mx1 sm-mta[7]: 62591: ruleset=check_rcpt, arg1=<jane@example.org>, relay=pc.example.net [198.51.100.9], "
    "reject=550 5.7.1 <jane@example.org>... Relaying denied",
    "2026-03-05 09:11:12 1rZbAA-0001Ab-2C ** jane@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.9]: SMTP "
    "error from remote mail server after RCPT TO:<jane@example.org>: 550 5.1.1 no such user",
    "2026-03-05 09:11:12 H=(pc) [198.51.100.9] F=<tom@example.net> rejected RCPT <jane@example.org>: relay not permitted",
    "Mar  5 09:11:12 mx1 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<jane@example.com>, "
    "method=PLAIN, rip=198.51.100.9, lip=192.0.2.1, TLS",
)  # fmt: skip


def _json(line: str, field: str, **others: object) -> str:
    return json.dumps({**others, field: line, "stream": "stdout"})


WRAPPERS = {
    "docker": lambda line: _json(f"{line}\n", "log", time="2026-03-05T09:11:13.000000001Z"),
    "elastic": lambda line: _json(line, "message", **{"@timestamp": "2026-03-05T09:11:13Z", "host": {"name": "mx1"}}),
    "elastic, twice": lambda line: _json(line, "message", event={"original": line}),
    "gelf": lambda line: _json(line, "short_message", version="1.1", host="mx1", timestamp=1772701873.1, level=6),
    "journald driver": lambda line: _json(line, "MESSAGE", SYSLOG_IDENTIFIER="3f4a5b6c7d8e", CONTAINER_NAME="mx"),
    "cut off": lambda line: _json(line, "log").partition('", "stream')[0],
    "a shipper": lambda line: _json(line, "msg", app="mx"),
    "nested": lambda line: json.dumps({"_index": "logs", "_source": {"message": line}}),
    "in compact JSON": lambda line: json.dumps({"log": line}, separators=(",", ":")),
    "JSON in JSON": lambda line: json.dumps({"log": json.dumps({"message": line}) + "\n"}),
    "pretty": lambda line: f'    "message" : {json.dumps(line)},',
    "with a file's name": lambda line: "/var/log/a.log:17:" + json.dumps({"log": line}),
    "syslog driver": lambda line: f"Mar  5 09:11:13 host docker[811]: {line}",
    "container's id": lambda line: f"Mar  5 09:11:13 host 3f4a5b6c7d8e[811]: {line}",
    "CloudWatch": lambda line: f"2026-03-05T09:11:13.123Z {line}",
    "kubernetes": lambda line: f"2026-03-05T09:11:13.123456789Z stdout F {line}",
    "compose": lambda line: f"postfix-1  | {line}",
    "grep": lambda line: f"/var/log/mail.log.1:{line}",
    "grep -n": lambda line: f"mail.log:12:{line}",
    "quoted": lambda line: f"> {line}",
}


def read(text: str) -> list[Found]:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    assert taken.reader is Reader.LOG
    return list(recognise.refusals([text.encode()], taken, Counts()))


def told(found: list[Found]) -> list[tuple[object, ...]]:
    return [(each.reply, each.phase, each.peer, each.recipient_domain, each.side, each.program) for each in found]


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("line", LINES)
def test_a_line_is_the_same_in_whatever_carries_it(line: str, wrapper: str) -> None:
    carried = WRAPPERS[wrapper](line)
    (bare,) = read(f"{line}\n")
    (found,) = read(f"{carried}\n")
    assert told([found]) == told([bare])
    assert found.line == 1
    assert found.when in (bare.when, "2026-03-05T09:11:13Z", "2026-03-05T09:11:13.123Z", "2026-03-05T09:11:13.000000001Z",
                          "2026-03-05T09:11:13.123456789Z")  # fmt: skip


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_line_is_told_with_its_number(wrapper: str) -> None:
    log = [WRAPPERS[wrapper](line) for line in LINES[:2]] + ['{"log":"nginx: ready"}', "nothing"]
    found = read("\n".join([*log, *log]))
    assert [each.line for each in found] == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (json.dumps({"short_message": f"postfix/smtpd[7]: {REJECT}", "timestamp": 1772701872.5}), "2026-03-05T09:11:12Z"),
        (json.dumps({"message": REJECT, "ident": "postfix/smtpd", "time": "2026-03-05T09:11:12Z"}), "2026-03-05T09:11:12Z"),
        (json.dumps({"message": REJECT, "process": {"name": "postfix/smtpd"}, "@timestamp": "2026-03-05T09:11:12.1Z"}),
         "2026-03-05T09:11:12.1Z"),
        (json.dumps({"timestamp": 1772701872500, "message": REJECT}), "2026-03-05T09:11:12Z"),
        (json.dumps({"msg": REJECT}), None),
        (json.dumps({"MESSAGE": REJECT, "SYSLOG_IDENTIFIER": "postfix/smtpd", "__REALTIME_TIMESTAMP": "1772701872000000"}),
         "2026-03-05T09:11:12Z"),
        (f'{{\n    "SYSLOG_IDENTIFIER" : "postfix/smtpd",\n    "MESSAGE" : {json.dumps(REJECT)}\n}}', None),
        ('{"log":' + json.dumps(LINES[0]) + ',"time":"2026-03-05T08:11:12.5Z"}', "2026-03-05T08:11:12.5Z"),
    ],
)  # fmt: skip
def test_a_message_without_header_has_the_time_of_the_fields_beside_it(text: str, when: str | None) -> None:
    (found,) = read(text)
    assert found.reply == "554 5.7.1 <jane@example.org>: Relay access denied"
    assert found.when == when


@pytest.mark.parametrize(
    "text",
    [
        *LINES,
        '{"level":"error","msg":"could not send mail","error":"535 5.7.8 Error: authentication failed"}',
        '{"message":"550 5.1.1 no such user"}',
        '{"log":"Mar  5 09:11:12 web nginx[3]: 550 5.1.1 no such user"}',
        '{"message":"postfix is down: 421 4.3.2 later"}',
        '{"reply":"Mar  5 09:11:12 mx1 postfix/smtpd[7]: NOQUEUE: reject"}',
        '{"log":"\\ud800Mar  5 09:11:12 mx1 postfix/smtpd[7]: x"',
        '{"__REALTIME_TIMESTAMP":"1772701872000000","SYSLOG_IDENTIFIER":"postfix/smtpd","MESSAGE":"NOQUEUE: reject: x"}',
        "smtplib.SMTPDataError: (554, b'Mar  5 09:11:12 was too late')",
    ],
)
def test_what_is_as_it_is_stays(text: str) -> None:
    octets = text.encode()
    assert wrapped.unwrapped(octets) is octets


def test_a_log_in_blocks() -> None:
    octets = "".join(WRAPPERS["docker"](line) + "\n" for line in LINES).encode()
    whole = read(octets.decode())
    assert len(whole) == len(LINES)
    taken = recognise.recognise(octets)
    assert taken is not None
    for size in (7, 100, 4096):
        blocks = [octets[at : at + size] for at in range(0, len(octets), size)]
        assert list(recognise.refusals(blocks, taken, Counts())) == whole


def test_wrapped_lines_that_begin_later_are_read() -> None:
    other = b"Mar  5 09:11:12 host kernel: nothing of mail\n"
    text = other + "".join(WRAPPERS["docker"](line) + "\n" for line in LINES).encode()
    taken = recognise.recognise(other)
    assert taken is not None
    assert len(list(recognise.refusals([text], taken, Counts()))) == len(LINES)
    assert len(list(mail_logs.mixed(wrapped.blocks([text]), Counts()))) == len(LINES)
