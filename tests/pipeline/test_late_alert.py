"""What a server holds against a TLS 1.3 handshake comes after it, and belongs to it all the same."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

import pytest

from smtpprobe import probe
from smtpprobe.model.request import Request, TlsOptions
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Phase, Status, TlsFault
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.zones import zone_resolver


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_that_is_missing_is_a_matter_of_tls(version: ssl.TLSVersion) -> None:
    certificate = server_certificate()
    context = certificate.server_context()
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    with certificate.files() as (_, _, ca):
        context.load_verify_locations(ca)

        def serve(listener: socket.socket) -> None:
            # A plain socket: asyncio's server closes without the alert that it owes.
            accepted, _ = listener.accept()
            with accepted, contextlib.suppress(OSError):
                context.wrap_socket(accepted, server_side=True)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(asyncio.to_thread(serve, listener))
            port = listener.getsockname()[1]
            request = Request(target=parse_target(f"smtps://127.0.0.1:{port}"), tls=TlsOptions(ca_file=ca))
            async with zone_resolver("") as resolver:
                report = await probe(request, resolver=resolver)
            await serving
    outcome = report.outcome
    assert (outcome.status, outcome.phase, outcome.exit_code) == (Status.NO_SESSION, Phase.TLS, 4)
    faults = [each.tls_fault for each in report.transcripts[0].exchanges if each.tls_fault is not None]
    assert faults == [TlsFault.CLIENT_CERTIFICATE_WANTED]
    assert "the server asks for a client certificate" in (outcome.reason or "")
    assert [cause.id for cause in report.verdicts[0].causes] == ["tls-failed"]
