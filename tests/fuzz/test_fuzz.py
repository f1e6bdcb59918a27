"""Every target on generated octets, and on those that once failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz import targets
from tests.fuzz.target import CORPUS, Target

BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("target", targets.ALL, ids=lambda target: target.name)
def test_a_target_holds_on_any_octets(target: Target) -> None:
    @settings(BOUNDED, max_examples=target.examples)
    @given(target.inputs)
    def holds(octets: bytes) -> None:
        target.check(octets)

    holds()


FINDS = [(target, path) for target in targets.ALL for path in target.finds]


@pytest.mark.parametrize(("target", "path"), FINDS, ids=[f"{path.parent.name}/{path.name}" for _, path in FINDS])
def test_what_once_failed_holds(target: Target, path: Path) -> None:
    target.check(path.read_bytes())


def test_every_find_belongs_to_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} <= {target.name for target in targets.ALL}


@pytest.mark.parametrize("target", targets.ALL, ids=lambda target: target.name)
def test_the_seeds_of_a_target_hold(target: Target) -> None:
    for seed in target.seeds:
        target.check(seed)
