"""Numbers that no registry has, and numbers of successes."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.status_codes import private_use, registered, sole_user


@pytest.mark.parametrize(
    ("enhanced", "user"),
    [
        ("5.7.509", "microsoft"),
        ("5.7.620", "microsoft"),
        ("5.7.40", "google"),
        ("5.7.1", None),
        ("5.7.99", None),
        ("5.1.10", None),
    ],
)
def test_a_number_that_one_provider_alone_uses_names_it(enhanced: str, user: str | None) -> None:
    assert sole_user(enhanced) == user


def test_a_reply_without_other_marks_is_of_the_numbers_only_user() -> None:
    assert explain("550 5.7.509 Access denied").provider == "microsoft"
    assert explain("550 5.7.509 Access denied", provider="example").provider == "example"
    assert explain("550 5.7.1 Access denied").provider is None


def test_a_provider_is_asked_for_its_own_use() -> None:
    assert private_use("5.7.27", "google") != private_use("5.7.27", "microsoft")
    assert private_use("5.1.1", "yahoo") is None


def test_a_success_with_a_number_of_the_failures_repairs_nothing() -> None:
    for number in table("enhanced_status_codes")["registered"]:
        found = registered(f"2.{number}")
        assert found is not None
        assert "Remove" not in " ".join(found["fix"]), number
        assert found["retry"].startswith("No"), number
    assert registered("2.99.99") is None
