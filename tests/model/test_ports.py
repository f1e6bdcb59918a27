"""What a port implies."""

from __future__ import annotations

import pytest

from smtpprobe.model import ports


@pytest.mark.parametrize(
    ("port", "submission", "implicit_tls"),
    [(24, False, False), (25, False, False), (465, True, True), (587, True, False), (2525, False, False), (None, False, False)],
)  # fmt: skip
def test_what_a_port_implies(port: int | None, submission: bool, implicit_tls: bool) -> None:
    assert (ports.is_submission(port), ports.is_implicit_tls(port)) == (submission, implicit_tls)
