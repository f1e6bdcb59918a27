"""How long a certificate still holds, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from smtpprobe.model.transcript import Certificate, TlsSession
from smtpprobe.render.view.certificates import certificate_briefly, certificate_lines

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAF = Certificate(
    subject="CN=mx.example.com", issuer="CN=CA", names=("mx.example.com",), not_before=NOON, not_after=NOON, serial="1",
    key="EC secp256r1", signature="sha256", sha256="ab", spki_sha256="cd", self_signed=False,
)  # fmt: skip


def shown(leaf: Certificate) -> TlsSession:
    return TlsSession(
        version="TLSv1.3", cipher="x", bits=256, name="mx.example.com", sni=None, chain=(leaf,), verified=True
    )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (36, "2026-03-03, 2 days left; "),
        (13, "2026-03-02, 1 day left; "),
        (11, "2026-03-01, expires today; "),
        (-1, "2026-03-01, expired; "),
        (-13, "2026-02-28, expired; "),
    ],
)  # fmt: skip
def test_days_left_are_told_as_dates_are(hours: int, said: str) -> None:
    leaf = msgspec.structs.replace(LEAF, not_after=NOON + timedelta(hours=hours))
    for verbosity in (0, 1):
        (line,) = certificate_lines(shown(leaf), NOON, verbosity)
        assert said in line


def test_a_certificate_that_does_not_hold_yet_has_no_days_left() -> None:
    leaf = msgspec.structs.replace(LEAF, not_before=NOON + timedelta(days=1), not_after=NOON + timedelta(days=9))
    (line,) = certificate_lines(shown(leaf), NOON, 0)
    assert "2026-03-10, not valid yet; " in line


def test_the_number_that_the_session_counted_is_the_one_that_is_told() -> None:
    (line,) = certificate_lines(shown(msgspec.structs.replace(LEAF, days_left=9)), NOON, 0)
    assert "9 days left" in line


def test_a_certificate_that_nobody_else_signed_is_called_so() -> None:
    own = shown(msgspec.structs.replace(LEAF, self_signed=True))
    (line,) = certificate_lines(own, NOON, 0)
    for each in (line, certificate_briefly(own) or ""):
        assert "; self-signed; " in each
        assert "issuer" not in each
