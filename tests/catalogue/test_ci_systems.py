"""Which CI system a program runs in."""

from __future__ import annotations

from datetime import date

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.ci_systems import ci_system, ci_systems


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, "GitHub Actions"),
        ({"GITLAB_CI": "true"}, "GitLab CI"),
        ({"TF_BUILD": "True"}, "Azure Pipelines"),
        ({"JENKINS_URL": "https://ci.example.org/"}, "Jenkins"),
        ({"GITHUB_ACTIONS": ""}, None),
        ({"CI": "true"}, None),
        ({}, None),
    ],
)
def test_the_system(environment: dict[str, str], name: str | None) -> None:
    assert ci_system(environment) == name


def test_the_table_is_complete() -> None:
    assert date.fromisoformat(load.table("ci_systems")["reviewed"])
    for field in ("name", "variable"):
        values = [getattr(system, field) for system in ci_systems()]
        assert all(values)
        assert len(values) == len(set(values)) >= 7
