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
