"""Which parameter a refusal is about, and whether its extension was offered."""

from __future__ import annotations

import pytest

from smtpprobe.diagnosis.facts.parameters import of_parameters, parameters_of, refused_parameter
from smtpprobe.model.transcript import Phase
from tests.diagnosis.facts.rejections import said
from tests.diagnosis.facts.test_session import hello, refused

MAIL = "MAIL FROM:<alice@example.org>"


def rejection(sent: str, reply: str, *offered: str, phase: Phase = Phase.MAIL):
    return refused(*said(hello(*offered), (phase, sent, reply)))


@pytest.mark.parametrize(
    ("sent", "reply", "offered", "parameter", "listed"),
    [
        (f"{MAIL} FOO=1", "555 5.5.4 Unsupported option: FOO=1", (), "FOO=1", False),
        (f"{MAIL} SIZE=1 MT-PRIORITY=3", "555 Unsupported option: MT-PRIORITY=3", ("SIZE",), "MT-PRIORITY=3", False),
        (f"{MAIL} SIZE=1 MT-PRIORITY=3", "555 5.5.4 Unsupported parameters", ("SIZE",), "MT-PRIORITY=3", False),
        (f"{MAIL} SIZE=x", "555 5.5.4 Unsupported parameters", ("SIZE 5",), "SIZE=x", True),
        (f"{MAIL} RET=all", "501 5.5.4 Bad RET parameter syntax", ("DSN",), "RET=all", True),
        (f"{MAIL} ret=all", "501 5.5.4 Bad RET parameter syntax", ("DSN",), "ret=all", True),
        # Neither named nor the only one that it can be about.
        (f"{MAIL} SIZE=1 RET=FULL", "555 5.5.4 Unsupported parameters", (), None, False),
        (f"{MAIL} SIZE=1", "501 5.5.4 Syntax error", ("SIZE",), None, False),
        (f"{MAIL} BODY=7BIT", "501 5.5.4 nobody here", ("8BITMIME",), None, False),
        (MAIL, "555 5.5.4 Unsupported option", (), None, False),
        ("RCPT TO:<bob@example.com>", "550 SIZE", (), None, False),
    ],
)
def test_the_parameter_that_a_refusal_is_about(sent, reply, offered, parameter, listed) -> None:
    phase = Phase.MAIL if sent.startswith("MAIL") else Phase.RCPT
    found = refused_parameter(rejection(sent, reply, *offered, phase=phase))
    assert (found and found.parameter, bool(found and found.listed)) == (parameter, listed)


@pytest.mark.parametrize(
    ("sent", "phase", "found"),
    [
        (f"{MAIL} SIZE=1 AUTH=<>", Phase.MAIL, ["SIZE=1", "AUTH=<>"]),
        ('MAIL FROM:<"a> B=1"@example.org> SIZE=1', Phase.MAIL, ["SIZE=1"]),
        ("MAIL FROM:<> SMTPUTF8", Phase.MAIL, ["SMTPUTF8"]),
        ("RCPT TO:<bob@example.com> NOTIFY=NEVER", Phase.RCPT, ["NOTIFY=NEVER"]),
        ("MAIL FROM:<alice", Phase.MAIL, []),
        ("VRFY <bob> SMTPUTF8", Phase.VRFY, []),
    ],
)
def test_parameters_stand_behind_the_path(sent: str, phase: Phase, found: list[str]) -> None:
    assert parameters_of(sent, phase) == found


def test_the_facts_say_which_kind_it_is() -> None:
    known = of_parameters(rejection(f"{MAIL} RET=FULL", "555 RET?"))
    assert (known["parameter_unlisted"], known["parameter_extension"], known["parameter_listed"]) == (
        "RET=FULL",
        "DSN",
        None,
    )
    known = of_parameters(rejection(f"{MAIL} RET=FULL", "555 RET?", "DSN"))
    assert (known["parameter_unlisted"], known["parameter_listed"]) == (None, "RET=FULL")
    known = of_parameters(rejection(f"{MAIL} FOO", "555 FOO?", "DSN"))
    assert (known["parameter_odd"], known["parameter_listed"], known["parameter_extension"]) == ("FOO", None, None)
