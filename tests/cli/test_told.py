"""Names and paths that a server can have been told: what is none of the RFC's domains has the result none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran

OWN = ("--assume", 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"')


@pytest.mark.parametrize("domain", [".", "..", "a..b", "localhost", "[192.0.2.1]", "a b", 'a"b', "\udcff.example"])
def test_a_domain_that_is_none_has_the_result_none(cli: Callable[..., Ran], domain: str) -> None:
    ran = cli("spf", domain, "--ip", "192.0.2.1", "--format", "json", *OWN)
    assert ran.code == 0
    assert ran.report["evidence"]["result"] == "none"
    by_itself = cli("spf", domain, *OWN)
    assert by_itself.code == 0
    assert ": none, " in by_itself.out


@pytest.mark.parametrize("path", ["bob@", "bob@localhost", "bob@[192.0.2.1]", "bob@a..b", "bob@\udcff.example"])
def test_a_path_whose_domain_is_none_has_the_result_none(cli: Callable[..., Ran], path: str) -> None:
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--mail-from", path, "--format", "json", *OWN)
    assert ran.code == 0
    assert ran.report["evidence"]["result"] == "none"


@pytest.mark.parametrize(
    "path", ["@example.org", "b\udcff@example.org", 'a"b@example.org', "<@a.example:b@example.org>"]
)
def test_a_local_part_can_be_anything(cli: Callable[..., Ran], path: str) -> None:
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--mail-from", path, "--format", "json", *OWN)
    assert ran.report["evidence"]["result"] == "pass"


@pytest.mark.parametrize("name", ["", " ", "[192.0.2.1]", "a b", "\udcff.example", "localhost"])
def test_a_helo_name_that_is_no_domain_is_not_checkable(cli: Callable[..., Ran], name: str) -> None:
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--helo", name, "--format", "json", *OWN)
    assert ran.code == 0
    identities = ran.report["evidence"]["identities"]
    assert (identities["mailfrom"]["result"], identities["helo"]["result"]) == ("pass", None)


@pytest.mark.parametrize("address", ["alice@example.org", "<alice@EXAMPLE.org>", '"a b"@example.org', "@example.org"])
def test_an_address_stands_for_its_domain(cli: Callable[..., Ran], address: str) -> None:
    ran = cli("spf", address, "--format", "json", *OWN)
    assert (ran.report["evidence"]["domain"], ran.report["evidence"]["record"]) == (
        "example.org",
        "v=spf1 ip4:192.0.2.1 -all",
    )
    page = cli("spf", address, *OWN).out
    assert "is an address: this is the record of its domain\n" in page
    assert "example.org: v=spf1 ip4:192.0.2.1 -all\n" in page


def test_an_address_is_the_reverse_path_of_the_client(cli: Callable[..., Ran]) -> None:
    macro = (
        "--assume",
        'example.org. TXT "v=spf1 exists:%{l}.example.org -all"',
        "--assume",
        "alice.example.org. A 127.0.0.2",
    )
    ran = cli("spf", "alice@example.org", "--ip", "192.0.2.1", "--format", "json", *macro)
    evidence = ran.report["evidence"]
    assert (evidence["result"], evidence["instead_of"]) == ("pass", None)
    assert evidence["identities"]["mailfrom"]["sender"] == "alice@example.org"
    assert evidence["identities"]["helo"]["domain"] == "example.org"


def test_two_reverse_paths_are_one_too_many(cli: Callable[..., Ran]) -> None:
    ran = cli("spf", "alice@example.org", "--ip", "192.0.2.1", "--mail-from", "bob@example.org", *OWN)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "alice@example.org is a reverse-path itself: leave out --mail-from, or give a domain" in ran.err


@pytest.mark.parametrize("address", ["bob@", "bob@a..b", "bob@[192.0.2.1]"])
def test_an_address_without_a_domain_has_the_result_none(cli: Callable[..., Ran], address: str) -> None:
    for more in ((), ("--ip", "192.0.2.1")):
        ran = cli("spf", address, *more, "--format", "json", *OWN)
        assert (ran.code, ran.report["evidence"]["result"]) == (0, "none")
