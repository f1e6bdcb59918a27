"""Octets and code points that a program wrote as escapes decide as the letters that they are."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.explain import cause_and_provider, explain
from smtpprobe.catalogue.explainer.octets import readable


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"Bo\xeete archiv\xe9e", "Boîte archivée"),
        (r"Bo\xc3\xaete archiv\xc3\xa9e", "Boîte archivée"),
        (r"\xd3\xca\xcf\xe4\xb2\xbb\xb4\xe6\xd4\xda", "邮箱不存在"),
        (r"\u90ae\u7bb1\u4e0d\u5b58\u5728", "邮箱不存在"),
        (r"\x1b[31m \x07 \u202e \x41", r"\x1b[31m \x07 \u202e \x41"),
        (r"C:\xampp\u00", r"C:\xampp\u00"),
        ("334 eyJzdGF0dXMiOiI0MDEifQ==", '334 {"status":"401"}'),
        ("334 ey" + "A" * 7, "334 ey" + "A" * 7),
        ("334 VXNlcm5hbWU6", "334 VXNlcm5hbWU6"),
        ("no escapes at all", "no escapes at all"),
        ("\\", "\\"),
    ],
)
def test_what_is_read(written: str, read: str) -> None:
    assert readable(written) == read


def test_they_decide() -> None:
    assert (
        explain(r"550 Bo\xeete du destinataire archiv\xe9e").cause
        == explain("550 Boîte du destinataire archivée").cause
    )
    assert cause_and_provider(r"550 \u90ae\u7bb1\u4e0d\u5b58\u5728", None, None)[0] == explain("550 邮箱不存在").cause
