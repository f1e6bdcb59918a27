from __future__ import annotations

import pytest

from smtpprobe.mailauth.dmarc.record import is_dmarc_record, is_look_alike, read_record


@pytest.mark.parametrize(
    ("text", "is_record", "look_alike"),
    [
        ("v=DMARC1", True, False),
        ("v=DMARC1;p=none", True, False),
        ("V = DMARC1 ; p=none", True, False),
        ("v=DMARC1 p=none", False, True),
        ("v=dmarc1; p=none", False, True),
        ("v=DMARC1x; p=none", False, True),
        (" v=DMARC1; p=none", False, True),
        ('"v=DMARC1; p=none"', False, True),
        ("p=reject; v=DMARC1", False, True),
        ("v=spf1 -all", False, False),
        ("", False, False),
    ],
)
def test_what_is_a_record(text: str, is_record: bool, look_alike: bool) -> None:
    assert (is_dmarc_record(text), is_look_alike(text)) == (is_record, look_alike)


# Each: the record after its version, then (applies, own, below and existing, below and not existing).
POLICIES = [
    ("p=reject", True, "reject", "reject", "reject"),
    ("p=Reject; sp=NONE", True, "reject", "none", "none"),
    ("p=reject; sp=none; np=quarantine", True, "reject", "none", "quarantine"),
    ("p=none; np=reject", True, "none", "none", "reject"),
    ("p=reject; t=y", True, "quarantine", "quarantine", "quarantine"),
    ("p=none; np=quarantine; t=Y", True, "none", "none", "none"),
    ("p=reject; t=yes", True, "reject", "reject", "reject"),
    ("p = reject ; adkim = s", True, "reject", "reject", "reject"),
    ("p=refuse", False, "none", "none", "none"),
    ("p=refuse; rua=mailto:a@example.org", True, "none", "none", "none"),
    ("rua=mailto:a@example.org!10m", True, "none", "none", "none"),
    ("p=reject; sp=bounce", False, "none", "none", "none"),
    ("p=reject; np=; rua=mailto:a@example.org", True, "none", "none", "none"),
    ("p=reject; sp=nope; rua=a@example.org", False, "none", "none", "none"),
    ("p=reject; sp=nope; rua=mailto:", False, "none", "none", "none"),
    ("p=reject; sp=nope; rua=x,mailto:a@example.org", True, "none", "none", "none"),
    ("adkim=s", False, "none", "none", "none"),
    ("p=reject; p=none", True, "reject", "reject", "reject"),
]


@pytest.mark.parametrize(("rest", "applies", "own", "below", "missing"), POLICIES)
def test_policies(rest: str, applies: bool, own: str, below: str, missing: str) -> None:
    record = read_record(f"v=DMARC1; {rest}")
    assert record.applies is applies
    assert record.policy(own=True, exists=True) == own
    assert record.policy(own=False, exists=True) == below
    assert record.policy(own=False, exists=False) == missing


@pytest.mark.parametrize(
    ("rest", "problems"),
    [
        (
            "p=reject; rua=mailto:a@example.org,mailto:b@example.org; ruf=mailto:c@example.org; fo=1:d:s; adkim=S; psd=u",
            [],
        ),
        ("p=none; pct=50", [("historic", "pct")]),
        ("p=none; rf=afrf; ri=86400", [("historic", "rf"), ("historic", "ri")]),
        ("p=none; foo=bar", [("unknown", "foo")]),
        ("p=none; none", [("malformed", "none")]),
        ("p=none; p=none", [("repeated", "p")]),
        ("p=none; adkim=strict", [("value", "adkim")]),
        ("p=none; fo=2", [("value", "fo")]),
        ("p=none; ruf=mailto:c@example.org; fo=0:1", [("value", "fo")]),
        ("p=none; ruf=mailto:c@example.org; fo=d:D", [("value", "fo")]),
        ("p=none; fo=1", [("unused", "fo")]),
        ("p=none; rua=mailto:a@example.org!10m", [("historic", "rua")]),
        ("p=none; rua=a@example.org", [("report-uri", "rua")]),
        ("p=refuse", [("value", "p"), ("no-policy", "p")]),
        ("rua=mailto:a@example.org", [("no-policy", "p")]),
    ],
)
def test_lint(rest: str, problems: list[tuple[str, str]]) -> None:
    found = read_record(f"v=DMARC1; {rest}").problems
    assert [(problem.fault, problem.tag or problem.element) for problem in found] == problems
    assert all(bool(problem.element) is (problem.fault == "malformed") for problem in found)


@pytest.mark.parametrize("text", ["V=DMARC1; p=reject", "v=DMARC1; P=reject"])
def test_a_tag_in_capitals_is_read_and_named(text: str) -> None:
    record = read_record(text)
    assert (record.p, [problem.fault for problem in record.problems]) == ("reject", ["capitals"])


def test_every_policy_that_is_none_is_named() -> None:
    (message,) = [
        each.message for each in read_record("v=DMARC1; p=x; np=y; sp=quarentine").problems if each.fault == "no-policy"
    ]
    assert all(f"{each} is not a policy" in message for each in ("p=x", "np=y", "sp=quarentine"))
    assert message.endswith("; probably sp=quarantine")


def test_defaults_stand_in_for_invalid_values() -> None:
    record = read_record("v=DMARC1; p=none; adkim=x; aspf=S; psd=maybe; pct=101")
    assert (record.adkim, record.aspf, record.psd, record.pct, record.testing) == ("r", "s", "u", None, False)
    assert read_record("v=DMARC1; p=none; pct=100").pct == 100
