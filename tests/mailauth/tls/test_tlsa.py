"""TLSA records against certificate chains (RFC 6698 §2.1, RFC 7671 §9, RFC 7672 §3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.mailauth.tls import tlsa
from smtpprobe.testing.certificates import CertificateKind
from tests.mailauth.tls.chains import chain, key_of, record

NOW = datetime.now(UTC)
NAMES = ("mx.example.com", "example.com")
LEAF, CA = CHAIN = chain()
OTHER_LEAF, OTHER_CA = chain()
EXPIRED = chain(CertificateKind.EXPIRED)
SELF_SIGNED = chain(CertificateKind.SELF_SIGNED)


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching_type", [0, 1, 2])
@pytest.mark.parametrize(("usage", "index"), [(3, 0), (2, 1)])
def test_every_selector_and_matching_type(usage: int, selector: int, matching_type: int, index: int) -> None:
    status, records = tlsa.judge([record(usage, selector, matching_type, CHAIN[index])], CHAIN, NAMES, NOW)
    assert (status, records[0].status, records[0].certificate) == ("match", "match", index)
    other = record(usage, selector, matching_type, (OTHER_LEAF, OTHER_CA)[index])
    assert tlsa.judge([other], CHAIN, NAMES, NOW)[0] == "mismatch"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0 0 1 " + "00" * 32, "usage 0"),
        ("1 1 1 " + "00" * 32, "usage 1"),
        ("9 9 9 " + "00" * 32, "certificate usage 9"),
        ("3 2 1 " + "00" * 32, "selector 2"),
        ("3 1 3 " + "00" * 32, "matching type 3"),
        ("3 1 1 " + "00" * 31, "31 octets"),
        ("3 1 2 " + "00" * 32, "32 octets, not 64"),
        ("3 1 1", "hexadecimal"),
        ("3 1 1 0g", "hexadecimal"),
        ("3 1 256 00", "0 to 255"),
        ("", "three numbers"),
        ("\\# 4 03010100", "three numbers"),
    ],
)
def test_a_record_that_cannot_be_used(text: str, problem: str) -> None:
    status, (found,) = tlsa.judge([text], CHAIN, NAMES, NOW)
    assert (status, found.status) == ("unusable", "unusable")
    assert problem in (found.problem or "")


def test_data_may_stand_in_several_words() -> None:
    words = record(3, 1, 1, LEAF).split()
    assert tlsa.judge([" ".join([*words[:3], words[3][:20], words[3][20:].upper()])], CHAIN, NAMES, NOW)[0] == "match"


@pytest.mark.parametrize(
    ("certificates", "names", "now", "usage", "status"),
    [
        (EXPIRED, ("elsewhere.example.net",), NOW, 3, "match"),  # RFC 7672 §3.1.1: neither dates nor names
        (EXPIRED, NAMES, NOW, 2, "mismatch"),
        (EXPIRED, NAMES, NOW - timedelta(days=500), 2, "match"),
        (CHAIN, ("elsewhere.example.net",), NOW, 2, "mismatch"),
        (CHAIN, ("elsewhere.example.net", "mx.example.com"), NOW, 2, "match"),
        (chain(names=("*.example.com",)), NAMES, NOW, 2, "match"),
        (chain(names=("*.example.com",)), ("a.mx.example.com",), NOW, 2, "mismatch"),
        (SELF_SIGNED, NAMES, NOW, 2, "mismatch"),  # the leaf is no issuer
        (SELF_SIGNED, NAMES, NOW, 3, "match"),
        ((LEAF, OTHER_CA), NAMES, NOW, 2, "mismatch"),  # no signature joins them
    ],
)  # fmt: skip
def test_what_each_usage_asks_of_the_chain(certificates, names, now, usage, status) -> None:
    text = record(usage, 0, 1, certificates[0 if usage == 3 else -1])
    assert tlsa.judge([text], certificates, names, now)[0] == status


def test_an_issuer_stands_anywhere_in_the_chain() -> None:
    status, (found,) = tlsa.judge([record(2, 1, 1, CA)], (LEAF, OTHER_CA, CA), NAMES, NOW)
    assert (status, found.certificate) == ("match", 2)


def test_the_common_name_counts_only_without_dns_names() -> None:
    text = [record(2, 0, 1, CA)]
    nameless = msgspec.structs.replace(LEAF, names=())
    assert tlsa.judge(text, (nameless, CA), ("mx.example.com",), NOW)[0] == "match"
    otherwise = msgspec.structs.replace(LEAF, names=("other.example.net",))
    assert tlsa.judge(text, (otherwise, CA), ("mx.example.com",), NOW)[0] == "mismatch"


def test_a_roll_over_matches_by_one_record() -> None:
    status, records = tlsa.judge([record(3, 1, 1, OTHER_LEAF), record(3, 1, 1, LEAF)], CHAIN, NAMES, NOW)
    assert status == "match"
    assert sorted(each.status for each in records) == ["match", "no-match"]


def test_the_weaker_digest_is_passed_over() -> None:
    # RFC 7671 §9: a key that matches only the weaker record is not accepted.
    weak, strong = record(3, 1, 1, LEAF), record(3, 1, 2, OTHER_LEAF)
    status, records = tlsa.judge([weak, strong], CHAIN, NAMES, NOW)
    assert status == "mismatch"
    assert {each.matching_type: each.status for each in records} == {1: "weaker", 2: "no-match"}
    assert tlsa.judge([weak, strong, record(3, 1, 0, LEAF)], CHAIN, NAMES, NOW)[0] == "match"
    assert tlsa.judge([weak, "3 0 2 " + "00" * 64], CHAIN, NAMES, NOW)[0] == "match"  # another selector
    assert tlsa.judge([weak, "3 1 2 00"], CHAIN, NAMES, NOW)[0] == "match"  # malformed ones are discarded first


def test_an_unusable_record_beside_a_usable_one_costs_nothing() -> None:
    status, records = tlsa.judge(["0 0 1 " + "00" * 32, record(3, 1, 1, LEAF)], CHAIN, NAMES, NOW)
    assert status == "match"
    assert [each.status for each in records] == ["match", "unusable"]


def test_without_a_chain_nothing_is_compared() -> None:
    assert tlsa.judge([record(3, 1, 1, LEAF)], None, NAMES, NOW)[0] == "not-compared"
    assert tlsa.judge([record(3, 1, 1, LEAF)], (), NAMES, NOW)[0] == "mismatch"


def test_the_digests_of_an_older_report_still_match() -> None:
    bare = msgspec.structs.replace(LEAF, der=b"")
    assert tlsa.judge([record(3, 1, 1, LEAF)], (bare,), NAMES, NOW)[0] == "match"
    assert tlsa.judge([record(3, 0, 1, LEAF)], (bare,), NAMES, NOW)[0] == "match"
    assert tlsa.judge([record(3, 1, 2, LEAF)], (bare,), NAMES, NOW)[0] == "mismatch"


@pytest.mark.parametrize("certificate", [LEAF, CA, SELF_SIGNED[0]])
def test_the_key_is_found_in_the_certificate(certificate) -> None:
    assert tlsa.subject_public_key_info(certificate.der) == key_of(certificate)


@given(st.text(), st.binary(max_size=64))
def test_no_text_and_no_octets_raise(text: str, octets: bytes) -> None:
    odd = msgspec.structs.replace(CA, der=octets)
    assert tlsa.judge([text], CHAIN, NAMES, NOW)[0] in ("unusable", "mismatch")
    tlsa.judge([record(2, 1, 1, CA), record(3, 1, 1, LEAF)], (odd, odd), NAMES, NOW)


@given(st.integers(0, len(LEAF.der)), st.binary(min_size=1, max_size=4))
def test_a_damaged_certificate_does_not_raise(position: int, octets: bytes) -> None:
    damaged = msgspec.structs.replace(LEAF, der=LEAF.der[:position] + octets + LEAF.der[position + len(octets) :])
    tlsa.judge([record(2, 1, 1, CA), record(3, 1, 1, LEAF)], (damaged, CA), NAMES, NOW)
