"""The same generated messages and key records, judged here and by dkimpy; docs/peers.md explains each difference."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import dkim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dkim import verify
from smtpprobe.model.evidence.dkim import DkimSignature
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import ed_record, rsa_record, sign, txt
from tests.mailauth.suites import ROOT

NOW = datetime.now(UTC)  # dkimpy's clock cannot be set
LONG = 10_000  # octets: longer than the body
PAST, FUTURE = 1_500_000_000, 4_000_000_000
NAME = "sel._domainkey.example.org"
SILENT = logging.Logger("dkimpy")
SILENT.addHandler(logging.NullHandler())

RECORDS = {
    "plain": rsa_record(),
    "without k": rsa_record().replace("k=rsa; ", ""),
    "without v": rsa_record().removeprefix("v=DKIM1; "),
    "v last": rsa_record().removeprefix("v=DKIM1; ") + "; v=DKIM1",
    "testing": rsa_record(extra="t=y; "),
    "strict": rsa_record(extra="t=s; "),
    "sha1 only": rsa_record(extra="h=sha1; "),
    "sha256 only": rsa_record(extra="h=sha256; "),
    "for tlsrpt": rsa_record(extra="s=tlsrpt; "),
    "for email": rsa_record(extra="s=email; "),
    "with a note": rsa_record(extra="n=some text; x=1; "),
    "revoked": "v=DKIM1; k=rsa; p=",
    "cut": rsa_record()[:150],
    "quoted": f'"{rsa_record()}"',
    "unknown k": rsa_record().replace("k=rsa", "k=rsa9000"),
    "other version": rsa_record().replace("DKIM1", "DKIM2"),
    "twice p": rsa_record() + "; p=",
    "ed25519": ed_record(),
    "no key": "v=spf1 -all",
    "empty": "",
}

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda m: m,
    "subject": lambda m: m.replace(b"A  question", b"B  question"),
    "space in subject": lambda m: m.replace(b"A  question", b"A question"),
    "folding": lambda m: m.replace(b"\r\n\tof taste", b" of taste"),
    "case of a name": lambda m: m.replace(b"To: bob", b"TO: bob"),
    "body": lambda m: m.replace(b"lunch", b"tea"),
    "space in body": lambda m: m.replace(b"Hello  Bob", b"Hello Bob"),
    "space at a line end": lambda m: m.replace(b"lunch?\r\n", b"lunch? \r\n"),
    "empty lines": lambda m: m + b"\r\n\r\n",
    "footer": lambda m: m + b"footer\r\n",
    "no body": lambda m: m.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "second From": lambda m: m.replace(b"\r\nTo:", b"\r\nFrom: eve@example.net\r\nTo:"),
    "no Subject": lambda m: m.replace(b"Subject: A  question\r\n\tof taste \r\n", b""),
    "a tag twice": lambda m: m.replace(b"; s=sel", b"; s=sel; s=sel", 1),
    "no b=": lambda m: m.replace(b"; b=", b"; z=", 1),
    "lf": lambda m: m.replace(b"\r\n", b"\n"),
}

TAGS: dict[str, st.SearchStrategy[Any]] = {
    "a": st.sampled_from(["rsa-sha256", "rsa-sha1", "ed25519-sha256", "rsa-md5"]),
    "c": st.sampled_from(
        ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", "odd/odd"]
    ),
    "h": st.sampled_from(["From", "From:To", "From:From:Subject", "To:Subject", "from : to", "From:Reply-To:Received"]),
    "i": st.sampled_from(
        ["@example.org", "alice@sub.example.org", "@example.net", "=61@example.org", "example.org", "a@exampl=65.org"]
    ),
    "l": st.sampled_from([0, 5, 10, LONG]),
    "t": st.sampled_from([PAST, FUTURE]),
    "x": st.sampled_from([PAST, PAST + 1, FUTURE, FUTURE + 1]),
    "q": st.sampled_from(["dns/txt", "dns/txt:http", "http", "dns"]),
    "v": st.sampled_from(["1", "2"]),
    "d": st.sampled_from(["example.org", "EXAMPLE.org"]),
}


class Case:
    """One signature as generated, and what both sides say of it."""

    def __init__(self, tags: dict[str, Any], record: str, change: str) -> None:
        self.tags, self.record, self.change = tags, record, change
        made = sign(**tags) if tags.get("a") != "rsa-md5" else sign(**(tags | {"a": "rsa-sha256"}))
        if tags.get("a") == "rsa-md5":
            made = made.replace(b"a=rsa-sha256", b"a=rsa-md5", 1)
        self.message = CHANGES[change](made)
        self.ours: DkimSignature | None = None
        self.crash: str | None = None

    async def judge(self) -> None:
        resolver = zone_resolver(txt(NAME, RECORDS[self.record]))
        found = await verify(resolver, self.message, now=NOW)
        await resolver.aclose()
        (self.ours,) = found

    @property
    def passes_here(self) -> bool:
        return self.ours is not None and self.ours.result is AuthResult.PASS

    @property
    def passes_there(self) -> bool:
        record = RECORDS[self.record].encode()
        try:
            return bool(dkim.verify(self.message, logger=SILENT, dnsfunc=lambda name, timeout=5: record, minkey=1024))
        except Exception as error:
            self.crash = type(error).__name__
            return False


class Difference(NamedTuple):
    """A difference that docs/peers.md explains under this name: which cases it holds for, and which side passes."""

    holds: Callable[[Case], bool]
    passes_here: bool


DIFFERENCES = {
    "rsa-sha1": Difference(lambda case: case.tags.get("a") == "rsa-sha1", False),
    "key-hashes": Difference(
        lambda case: case.record == "sha1 only" and case.tags.get("a", "rsa-sha256") == "rsa-sha256", False
    ),
    "from-unsigned": Difference(lambda case: case.tags.get("h") == "To:Subject", False),
    "longer-than-body": Difference(lambda case: case.tags.get("l") == LONG, False),
    "strict-key": Difference(
        lambda case: case.record == "strict" and str(case.tags.get("i", "")).endswith("@sub.example.org"), False
    ),
    "query-methods": Difference(lambda case: case.tags.get("q") == "dns/txt:http", True),
    "quoted-identity": Difference(lambda case: "=65" in str(case.tags.get("i")), True),
}


def explained(case: Case) -> list[str]:
    """The differences that account for this case, by name."""
    return [name for name, one in DIFFERENCES.items() if one.passes_here is case.passes_here and one.holds(case)]


async def judged(tags: dict[str, Any], record: str = "plain", change: str = "none") -> Case:
    case = Case(tags, record, change)
    await case.judge()
    return case


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries({}, optional=TAGS),
    st.just("plain") | st.sampled_from(sorted(RECORDS)),
    st.just("none") | st.sampled_from(sorted(CHANGES)),
)
async def test_generated_signatures_are_judged_alike(tags: dict[str, Any], record: str, change: str) -> None:
    case = await judged(tags, record, change)
    assert case.ours is not None
    if case.passes_here is not case.passes_there:
        assert explained(case), (case.ours.result, case.ours.reason)


@pytest.mark.parametrize("record", sorted(RECORDS))
@pytest.mark.parametrize("change", sorted(CHANGES))
async def test_each_change_under_each_record(record: str, change: str) -> None:
    for tags in ({}, {"c": "simple/simple"}, {"a": "ed25519-sha256"}):
        case = await judged(tags, record, change)
        assert case.passes_here is case.passes_there or explained(case), case.ours


# Each: the smallest case that shows the difference.
SHOWN: dict[str, tuple[dict[str, Any], str]] = {
    "rsa-sha1": ({"a": "rsa-sha1"}, "plain"),
    "key-hashes": ({}, "sha1 only"),
    "from-unsigned": ({"h": "To:Subject"}, "plain"),
    "longer-than-body": ({"l": LONG}, "plain"),
    "strict-key": ({"i": "alice@sub.example.org"}, "strict"),
    "query-methods": ({"q": "dns/txt:http"}, "plain"),
    "quoted-identity": ({"i": "alice@exampl=65.org"}, "plain"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
async def test_each_difference_is_still_there(name: str) -> None:
    case = await judged(*SHOWN[name])
    assert case.passes_here is DIFFERENCES[name].passes_here
    assert case.passes_there is not case.passes_here
    assert explained(case) == [name]


def test_each_difference_is_explained_in_the_docs() -> None:
    text = (ROOT / "docs/peers.md").read_text("utf-8")
    assert [name for name in DIFFERENCES if f"`{name}`" not in text] == []
