from __future__ import annotations

import pytest

from smtpprobe.mailauth.dkim.selectors import spf_targets


@pytest.mark.parametrize(
    ("record", "targets"),
    [
        ("v=spf1 include:a.example ?include:B.example redirect=c.example", ("a.example", "b.example", "c.example")),
        ("v=spf1 ip4:192.0.2.1 -all", ()),
        ("v=spf10 include:a.example", ()),
        ("", ()),
        ("google-site-verification=include:a.example", ()),
    ],
)
def test_the_targets_of_an_spf_record(record: str, targets: tuple[str, ...]) -> None:
    assert spf_targets(record) == targets
