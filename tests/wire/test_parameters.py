"""Parameters of MAIL and RCPT: how they are written, and what they need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from smtpprobe.wire import parameters


@pytest.mark.parametrize(
    ("write", "given", "sent"),
    [
        (parameters.size, "0", "SIZE=0"),
        (parameters.size, "10485760", "SIZE=10485760"),
        (parameters.envid, "QQ314159", "ENVID=QQ314159"),
        (parameters.envid, "a+b=c d", "ENVID=a+2Bb+3Dc+20d"),  # RFC 3461 §4
        (parameters.notify, "never", "NOTIFY=NEVER"),
        (parameters.notify, "success, Failure", "NOTIFY=SUCCESS,FAILURE"),
        (parameters.orcpt, "bob+x@example.com", "ORCPT=rfc822;bob+2Bx@example.com"),
        (parameters.orcpt, "rfc822;Bob@example.com", "ORCPT=rfc822;Bob@example.com"),
        (parameters.orcpt, "x400;a b", "ORCPT=x400;a+20b"),
        (parameters.orcpt, "jürgen+x@example.com", "ORCPT=utf-8;j\\x{FC}rgen\\x{2B}x@example.com"),  # RFC 6533 §3
        (parameters.priority, "-9", "MT-PRIORITY=-9"),
        (parameters.priority, "0", "MT-PRIORITY=0"),
        (parameters.hold_for, "999999999", "HOLDFOR=999999999"),
        (parameters.raw, "XVERP", "XVERP"),
        (parameters.raw, "xverp=+=", "xverp=+="),
        (parameters.raw, "AUTH=<>", "AUTH=<>"),
        (parameters.raw, "SIZE=abc", "SIZE=abc"),
    ],
)
def test_a_parameter_is_written_as_its_standard_has_it(write: Callable[[str], str], given: str, sent: str) -> None:
    assert write(given) == sent


@pytest.mark.parametrize(
    ("write", "given", "says"),
    [
        (parameters.size, "-1", "is not a size"),
        (parameters.size, "1" * 21, "is not a size"),
        (parameters.size, "²", "is not a size"),
        (parameters.envid, "", "is not an envelope identifier"),
        (parameters.envid, "é", "is not an envelope identifier"),
        (parameters.envid, "+" * 34, "at most 100 characters once encoded"),
        (parameters.notify, "never,success", "expected never, or"),
        (parameters.notify, "success,success", "expected never, or"),
        (parameters.notify, "", "expected never, or"),
        (parameters.orcpt, "", "is not an original recipient"),
        (parameters.orcpt, "rfc 822;bob", "is not an original recipient"),
        (parameters.orcpt, "rfc822;jürgen", "is not an original recipient"),
        (parameters.orcpt, "a" * 494, "at most 500 characters"),
        (parameters.orcpt, "b\r\nQUIT", "is not an original recipient"),
        (parameters.priority, "10", "expected -9 to 9"),
        (parameters.priority, "-0", "expected -9 to 9"),
        (parameters.hold_for, "0", "expected seconds"),
        (parameters.hold_for, "1000000000", "expected seconds"),
        (parameters.raw, "-X", "is not a parameter"),
        (parameters.raw, "X=a b", "is not a parameter"),
        (parameters.raw, "X=a\r", "is not a parameter"),
    ],
)
def test_what_is_no_parameter_is_refused(write: Callable[[str], str], given: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        write(given)


def test_a_time_is_written_in_utc() -> None:
    moment = datetime(2026, 12, 24, 19, 0, 0, 500, tzinfo=timezone(timedelta(hours=1)))
    assert parameters.hold_until(moment) == "HOLDUNTIL=2026-12-24T18:00:00Z"
    assert parameters.hold_until(datetime(2026, 12, 24, tzinfo=UTC)) == "HOLDUNTIL=2026-12-24T00:00:00Z"


@pytest.mark.parametrize(
    ("given", "offered", "missing"),
    [
        ((), (), None),
        (("XFOO=1",), (), None),  # nobody knows what it belongs to
        (("SIZE=1",), ("SIZE",), None),
        (("size=1",), (), ("size=1", "SIZE")),
        (("RET=FULL", "ENVID=x"), ("SIZE",), ("RET=FULL", "DSN")),
        (("BODY=8BITMIME",), ("8BITMIME",), None),
        (("BODY=BINARYMIME",), ("8BITMIME",), ("BODY=BINARYMIME", "BINARYMIME")),
        (("HOLDUNTIL=x",), ("FUTURERELEASE",), None),
        (("XVERP",), (), ("XVERP", "XVERP")),
    ],
)
def test_what_is_not_offered(given: tuple[str, ...], offered: tuple[str, ...], missing: tuple[str, str] | None) -> None:
    assert parameters.not_offered(given, offered) == missing
