"""Messages as Postfix's smtp-sink writes down what it was sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_servers.conftest import free_port, program, running

pytestmark = pytest.mark.real_servers
DOTS = b"From: <a@example.org>\nSubject: dots\n\n.\n..\n.x\nx.\n\nend\n"
ENVELOPE = ("--mail-from", "a@example.org", "--rcpt-to", "b@example.com", "--diagnose", "never")


@pytest.mark.parametrize("protocol", ["esmtp", "smtp", "lmtp"])
@pytest.mark.parametrize("way", ["--pipeline", "--no-pipeline"])
def test_a_message_arrives_octet_for_octet(ground: Path, check, tmp_path: Path, protocol: str, way: str) -> None:
    directory = ground / f"sink-{protocol}{way}"
    directory.mkdir()
    (tmp_path / "m.eml").write_bytes(DOTS)
    port = free_port()
    sink = [
        program("smtp-sink", "postfix"),
        "-u",
        "root",
        "-d",
        f"{directory}/%M.",
        *(["-L"] if protocol == "lmtp" else []),
    ]
    with running([*sink, f"127.0.0.1:{port}", "10"], ground / "sink.log", ("127.0.0.1", port)):
        run = check(port, "--send", "--message", str(tmp_path / "m.eml"), "--protocol", protocol, way, *ENVELOPE)
    assert (run.code, run.report["outcome"]["status"]) == (0, "accepted"), run.words
    (written,) = [each.read_bytes() for each in directory.iterdir() if b"Subject: dots" in each.read_bytes()]
    assert written.partition(b"From: <a@example.org>")[2].rstrip(b"\n") == DOTS.partition(b"From: <a@example.org>")[
        2
    ].rstrip(b"\n")
