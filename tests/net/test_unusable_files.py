"""A file that cannot be used is named, and what is wrong with it told in our words."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Request, TlsOptions
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Breakage, TlsFault
from smtpprobe.net import certificates, tls
from smtpprobe.net.error_words import UnusableFile, words_of
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests.net.test_error_words import leaks

STARTTLS = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS"


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "empty.pem"
    path.write_text("nothing")
    return str(path)


def test_a_client_certificate_that_is_absent_or_none_is_named(tmp_path, empty):
    absent = str(tmp_path / "absent.pem")
    for path, words in (
        (absent, "there is no such file"),
        (str(tmp_path), "it is a directory"),
        (empty, "expected PEM"),
    ):
        with pytest.raises(UnusableFile) as wrong:
            tls.context(False, TlsOptions(client_cert=path))
        said = words_of(wrong.value)
        assert said.startswith(repr(path))
        assert words in said
        assert leaks(said.replace(path, "")) in ([], ["PEM"])


def test_a_key_that_is_absent_is_named_too(tmp_path):
    certificate = server_certificate()
    absent = str(tmp_path / "absent.key")
    with certificate.files() as (chain, _, _), pytest.raises(UnusableFile) as wrong:
        tls.context(False, TlsOptions(client_cert=chain, client_key=absent))
    assert words_of(wrong.value) == f"{absent!r}: there is no such file"


def test_trusted_certificates_that_are_absent_are_named(tmp_path, empty):
    absent = str(tmp_path / "absent.pem")
    with pytest.raises(OSError) as wrong:
        certificates.anchors(absent)
    assert words_of(wrong.value) == f"{absent!r}: there is no such file"
    with pytest.raises(OSError) as wrong:
        certificates.anchors(empty)
    assert words_of(wrong.value) == f"{empty!r} contains no certificate: expected PEM"


async def test_a_request_says_which_file_and_why_before_anybody_is_called(tmp_path):
    absent = str(tmp_path / "absent.pem")
    target = parse_target("192.0.2.1:25")
    with pytest.raises(ValueError) as wrong:
        await probe(Request(target, tls=TlsOptions(client_cert=absent)), resolver=zone_resolver(""))
    assert str(wrong.value).startswith(f"tls.client_cert {absent!r}: there is no such file")


async def test_a_file_that_goes_missing_during_the_session_is_named(tmp_path):
    certificate = server_certificate()
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certificate.chain_pem + certificate.key_pem)
    async with ScriptedServer(STARTTLS, strict=False) as server:
        target = parse_target(f"127.0.0.1:{server.port}")
        request = Request(target, tls=TlsOptions(client_cert=str(chain)))
        report = await probe(request, resolver=zone_resolver(""), observe=lambda _: chain.unlink(missing_ok=True))
    handshake = report.transcripts[0].exchanges[-1]
    assert (handshake.breakage, handshake.tls_fault) == (Breakage.LOCAL, TlsFault.LOCAL)
    assert handshake.detail == f"{str(chain)!r}: there is no such file"
    assert [each.causes for each in report.verdicts] == [()]
