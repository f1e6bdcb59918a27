"""The same generated DMARC records, read here and by checkdmarc; docs/peers.md explains each difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from checkdmarc import dmarc as checkdmarc
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dmarc.record import DmarcRecord, is_dmarc_record, read_record
from tests.mailauth.suites import ROOT

RUA, RUF = "mailto:a@example.org", "mailto:b@example.org"


class Read(NamedTuple):
    """A record as both sides see it: the policies and modes, None where that side takes it for no record."""

    text: str
    ours: dict[str, str] | None
    theirs: dict[str, str] | None


def ours(text: str) -> dict[str, str] | None:
    if not is_dmarc_record(text):
        return None
    record = read_record(text)
    return effective(record) if record.applies else None


def effective(record: DmarcRecord) -> dict[str, str]:
    """What the record says of its own domain, of names below, and of alignment, with defaults."""
    p = record.p if record.has_policy else "none"
    sp, np = (record.sp, record.np) if record.has_policy else (None, None)
    return {
        "p": p or "none", "sp": sp or p or "none", "np": np or sp or p or "none", "adkim": record.adkim,
        "aspf": record.aspf, "psd": record.psd, "t": "y" if record.testing else "n",
    }  # fmt: skip


def theirs(text: str) -> dict[str, str] | None:
    if not checkdmarc._is_dmarc_record(text):
        return None
    try:
        tags = checkdmarc.parse_dmarc_record(text, "example.org")["tags"]
    except checkdmarc.DMARCError:
        return None
    return {name: str(tags[name]["value"]) for name in ("p", "sp", "np", "adkim", "aspf", "psd", "t")}


def read(text: str) -> Read:
    return Read(text, ours(text), theirs(text))


def elements(text: str) -> list[tuple[str, str]]:
    """What stands between semicolons after the version; the name is empty where it is no tag."""
    pairs = [element.strip().partition("=") for element in text.split(";")[1:]]
    return [(name.strip().lower() if equals else "", value.strip()) for name, equals, value in pairs]


def values(text: str, *names: str) -> list[str]:
    return [value.lower() for name, value in elements(text) if name in names]


POLICIES = ("none", "quarantine", "reject")
ALLOWED = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "psd": ("y", "n", "u"),
    "t": ("y", "n"),
    "fo": ("0", "1", "d:s", "0:1"),
}


def is_malformed(text: str) -> bool:
    """Whether an element is no tag: empty between two semicolons, without a name, or without an equals sign or value."""
    inner = text.rstrip(" ;").split(";")[1:]
    return any(not all(part.strip() for part in element.partition("=")) for element in inner)


def repeats(text: str) -> bool:
    names = [name for name, _ in elements(text) if name in tag_values and name != "x"]
    return len(names) > len(set(names))


def has_invalid_value(text: str) -> bool:
    return any(value.lower() not in ALLOWED[name] for name, value in elements(text) if name in ALLOWED)


def has_invalid_uri(text: str) -> bool:
    uris = [uri for value in values(text, "rua", "ruf") for uri in value.split(",")]
    return any(not uri.startswith("https:") and "@" not in uri.partition("mailto:")[2] for uri in uris)


class Difference(NamedTuple):
    """A difference that docs/peers.md explains under this name: which records it holds for, and who reads them."""

    holds: Callable[[str], bool]
    read_here: bool


DIFFERENCES = {
    "no-policy": Difference(lambda text: not values(text, "p"), False),
    "malformed-elements": Difference(is_malformed, True),
    "repeated-tags": Difference(repeats, True),
    "invalid-values": Difference(has_invalid_value, True),
    "report-uris": Difference(has_invalid_uri, True),
}


def explained(both: Read) -> list[str]:
    """The differences that account for this record, by name; none where both sides read it and get other values."""
    if (both.ours is None) is (both.theirs is None):
        return []
    here = both.ours is not None
    return [name for name, one in DIFFERENCES.items() if one.read_here is here and one.holds(both.text)]


tag_values = {
    "p": st.sampled_from([*POLICIES, "Reject", "refuse", ""]),
    "sp": st.sampled_from([*POLICIES, "bounce"]),
    "np": st.sampled_from([*POLICIES, "QUARANTINE", "x"]),
    "adkim": st.sampled_from(["r", "s", "S", "strict"]),
    "aspf": st.sampled_from(["r", "s", "relaxed"]),
    "psd": st.sampled_from(["y", "n", "u", "maybe"]),
    "t": st.sampled_from(["y", "n", "Y", "yes"]),
    "fo": st.sampled_from(["0", "1", "d:s", "0:1", "2"]),
    "rua": st.sampled_from([RUA, f"{RUA},{RUF}", f"{RUA}!10m", "a@example.org", "mailto:", "https://example.org/r"]),
    "ruf": st.sampled_from([RUF, "b@example.org"]),
    "pct": st.sampled_from(["100", "50", "many"]),
    "ri": st.sampled_from(["86400"]),
    "x": st.sampled_from(["1"]),
}
tag = st.sampled_from(sorted(tag_values)).flatmap(lambda name: tag_values[name].map(lambda value: f"{name}={value}"))
loose = st.sampled_from(["p", "=reject", "p reject", "none", " p = reject ", "P=none", "sp =none"])
versions = st.just("v=DMARC1") | st.sampled_from(["V = DMARC1", "v=DMARC1 ", "v=dmarc1", " v=DMARC1", "v=DMARC2"])
separators = st.just("; ") | st.sampled_from([";", " ; ", ";; "])


@st.composite
def records(draw: st.DrawFn) -> str:
    first = draw(st.just("p=reject") | tag)
    rest = draw(st.lists(tag | loose, max_size=5))
    text = draw(versions)
    for element in (first, *rest):
        text += draw(separators) + element
    return text + draw(st.sampled_from(["", ";", "; "]))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """checkdmarc asks for the MX records of report addresses; the tests are about reading records."""
    monkeypatch.setattr(checkdmarc, "get_mx_records", lambda *args, **options: [{"hostname": "mx.example.org"}])


@settings(
    max_examples=1500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records())
@example("v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; aspf=s; psd=n; t=y")
def test_generated_records_are_read_alike(text: str) -> None:
    both = read(text)
    if both.ours != both.theirs:
        assert explained(both), both


@pytest.mark.parametrize("p", [*POLICIES, "Reject"])
@pytest.mark.parametrize(
    "rest", ["", "; sp=none", "; np=reject", "; sp=none; np=QUARANTINE", "; adkim=s; aspf=S", "; t=y"]
)
def test_valid_records_are_read_alike(p: str, rest: str) -> None:
    both = read(f"v=DMARC1; p={p}{rest}")
    assert both.ours is not None
    assert both.ours == both.theirs


# Each: the smallest record that shows the difference.
SHOWN = {
    "no-policy": "v=DMARC1; adkim=s",
    "malformed-elements": "v=DMARC1; p=reject; none",
    "repeated-tags": "v=DMARC1; p=reject; p=none",
    "invalid-values": "v=DMARC1; p=reject; t=yes",
    "report-uris": "v=DMARC1; p=reject; rua=a@example.org",
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_difference_is_still_there(name: str) -> None:
    both = read(SHOWN[name])
    assert both.ours != both.theirs
    assert explained(both) == [name]


def test_each_difference_is_explained_in_the_docs() -> None:
    text = (ROOT / "docs/peers.md").read_text("utf-8")
    assert [name for name in DIFFERENCES if f"`{name}`" not in text] == []
