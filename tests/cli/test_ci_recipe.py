"""The recipe of docs/ci.md on a server that is healthy, and on one whose certificate ends soon."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest

from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from tests.cli.conftest import Ran
from tests.test_docs import DOCS

USER, PASSWORD = "ci@example.com", "correct horse"


def recipe() -> list[str]:
    """The options of the recipe for GitHub, without its report."""
    page = (DOCS / "ci.md").read_text("utf-8")
    found = re.search(
        r"run: >-\n\s+smtpprobe check smtp\.example\.com:587 (.*?) --output report\.json", page, re.DOTALL
    )
    assert found is not None
    return shlex.split(found[1])


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--cert-days", "99999"], 1)])
def test_findings_of_the_session_alone_decide(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, nothing_known: str, more: list[str], code: int
) -> None:
    assert "--fail-on" in recipe()
    monkeypatch.setenv("SMTPPROBE_PASSWORD", PASSWORD)
    with AiosmtpdServer(Behaviour(accounts={USER: PASSWORD})) as server:
        # The runner's address has neither SPF nor reverse DNS: nothing is known of it.
        own = ["--ca-file", server.ca_file, "--tls-name", "mx.example.com", "--resolver", nothing_known]
        own += ["--client-ip", "192.0.2.1", "--format", "json"]
        ran = cli("check", f"127.0.0.1:{server.port}", *recipe(), *own, *more)
    findings = [each["id"] for run in ran.report["checks"] for each in run["findings"] if each["severity"] != "info"]
    assert (ran.code, "certificate-expires-soon" in findings) == (code, code == 1)
