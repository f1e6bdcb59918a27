"""What all tests of SPF start from."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf import client, macro, record


@pytest.fixture(autouse=True)
def cold_caches() -> None:
    """Nothing that an earlier test parsed: each test runs the code that it is about."""
    for cached in (record.parse_record, macro.domain_problem, client.address_value):
        cached.cache_clear()
