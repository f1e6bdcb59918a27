"""Mail hosts, policy hosts and a validating resolver for the cases of `policy_cases`, in a network namespace of their own.

`python -m tests.real_servers.policy_hosts DIRECTORY`, run inside the namespace, which has nothing but its loopback
interface: every case has a mail host on port 25 and a policy host on port 443, at addresses that are global, since a
policy is not fetched from a private one for a domain whose DNS alone leads there. The zone `example.com` is signed, and
unbound validates it from its key; `example.net` is not. Each line of the input is the name of a case. The program is run
for it, and writes a report to NAME.json; the answer, a line of JSON, has its exit code, what it printed, and what the
case's hosts were asked.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.zone
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtpprobe.testing.certificates import ServerCertificate, server_certificate
from tests.real_servers.policy_cases import CASES, Case, Serves

# RFC 7534: the sinks of AS112 are global, and whatever is sent to them by mistake is thrown away.
NETWORK = "192.31.196"
RESOLVER = "127.0.0.53"
RUN_S = 60.0

UNBOUND = """
server:
  interface: {resolver}@53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-ip6: no
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "validator iterator"
  trust-anchor-file: "{directory}/anchor"
  val-log-level: 1
  local-zone: "arpa." static
  local-zone: "org." static
  local-data: "client.example.org. A 192.31.196.254"
remote-control:
  control-enable: no
auth-zone:
  name: "example.com."
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
  zonefile: "{directory}/example.com"
auth-zone:
  name: "example.net."
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
  zonefile: "{directory}/example.net"
"""


class Host:
    """A case's mail host and policy host: where they are, what they show, and what they were asked."""

    def __init__(self, case: Case, number: int) -> None:
        self.case = case
        self.mail_address = case.address or f"{NETWORK}.{number + 1}"
        serves = case.policy or Serves(None)
        self.policy_address = serves.address.replace("<POLICY_ADDRESS>", f"{NETWORK}.{number + 128}")
        self.asked: list[str] = []
        self.certificate = server_certificate(case.certificate, (case.host,), ())
        self.policy_certificate = server_certificate(serves.certificate, (f"mta-sts.{case.domain}",), ())
        self.sni_certificate = server_certificate(names=(case.sni,), addresses=()) if case.sni else None

    def records(self) -> str:
        """The case's part of its zone."""
        case = self.case
        lines = [case.dns]
        if case.record is not None:
            lines.append(f'_mta-sts.{case.domain}. 300 IN TXT "{case.record}"')
        if case.policy is not None:
            lines.append(f"mta-sts.{case.domain}. 300 IN A {self.policy_address}")
        lines += [f"_25._tcp.{case.tlsa_base}. 300 IN TLSA {each}" for each in case.tlsa]
        filled = "\n".join(lines)
        words = {
            "DOMAIN": case.domain,
            "HOST": case.host,
            "TARGET": f"target.{case.domain}",
            "ADDRESS": self.mail_address,
        }
        for word, value in {**words, **self._digests()}.items():
            filled = filled.replace(f"<{word}>", value)
        return filled

    def _digests(self) -> dict[str, str]:
        key, issuer = (_keys(self.certificate)[place] for place in (0, -1))
        named = _keys(self.sni_certificate)[0] if self.sni_certificate else b""
        octets = {"KEY": key, "CA": issuer, "SNI_KEY": named, "WRONG": b"another key"}
        found = {word: hashlib.sha256(each).hexdigest() for word, each in octets.items()}
        return {**found, "WRONG512": hashlib.sha512(b"another key").hexdigest()}

    async def listen(self) -> None:
        loop, case = asyncio.get_running_loop(), self.case
        offered = self._context(self.certificate, "smtp") if case.starttls else None
        await loop.create_server(
            lambda: SMTP(_Accepting(), hostname=case.host, tls_context=offered), self.mail_address, 25
        )
        if case.policy is not None and case.policy.answer is not None:
            tls = self._context(self.policy_certificate, "https")
            # A host that says nothing does not even begin its handshake.
            context = tls if case.policy.answer else None
            await asyncio.start_server(self._serve, self.policy_address, 443, ssl=context)

    def _context(self, certificate: ServerCertificate, protocol: str) -> ssl.SSLContext:
        context = certificate.server_context()
        other = self.sni_certificate.server_context() if self.sni_certificate else None

        def hear(channel: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            self.asked.append(f"{protocol} for {name}")
            if other is not None and name == self.case.sni:
                channel.context = other

        context.sni_callback = hear
        return context

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self.case.policy is not None
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(request.partition(b"\r\n")[0].decode())
            writer.write(self.case.policy.answer or b"")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Accepting:
    """aiosmtpd's hooks: every sender and recipient is accepted, and nothing is kept."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"


def _keys(certificate: ServerCertificate) -> list[bytes]:
    """The chain's keys, leaf first (RFC 5280 §4.1: SubjectPublicKeyInfo)."""
    chain = x509.load_pem_x509_certificates(certificate.chain_pem)
    return [each.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for each in chain]


def write_zones(directory: Path, hosts: list[Host]) -> None:
    """Both zones, of which one is signed, and the key that its signatures lead to."""
    key = ec.generate_private_key(ec.SECP256R1())
    dnskey = dns.dnssec.make_dnskey(key.public_key(), dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
    (directory / "anchor").write_text(f"example.com. 300 IN DNSKEY {dnskey.to_text()}\n")
    for origin in ("example.com", "example.net"):
        head = f"{origin}. 300 IN SOA ns.{origin}. hostmaster.{origin}. 1 3600 600 86400 300\n"
        head += f"{origin}. 300 IN NS ns.{origin}.\nns.{origin}. 300 IN A 192.31.196.254\n"
        lines = [line for each in hosts for line in each.records().splitlines()]
        own = [line for line in lines if line.partition(" ")[0].endswith(f".{origin}.")]
        zone = dns.zone.from_text(head + "\n".join(own) + "\n", origin=f"{origin}.", relativize=False)
        if origin == "example.com":
            with zone.writer() as transaction:
                dns.dnssec.sign_zone(zone, transaction, [(key, dnskey)], lifetime=86400)
            for host in hosts:
                if host.case.bogus is not None:
                    _spoil(zone, *host.case.bogus)
        zone.to_file(str(directory / origin), relativize=False)


def _spoil(zone: dns.zone.Zone, name: str, rdtype: str) -> None:
    """The records get a signature that their zone's key did not make."""
    covered = dns.rdatatype.from_text(rdtype)
    signatures = zone.find_rdataset(dns.name.from_text(name), dns.rdatatype.RRSIG, covers=covered)
    right = signatures[0]
    wrong = right.replace(signature=bytes(each ^ 0x55 for each in right.signature))  # type: ignore[attr-defined]
    signatures.clear()
    signatures.add(wrong)


def give_addresses() -> None:
    """Brings the namespace's loopback interface up, with the whole network of the hosts (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        for name, request, address in (
            ("lo", 0x8916, _sockaddr("127.0.0.1")),  # SIOCSIFADDR
            ("lo", 0x8914, struct.pack("h14x", 0x49)),  # SIOCSIFFLAGS: up, loopback, running
            ("lo:1", 0x8916, _sockaddr(f"{NETWORK}.254")),
            ("lo:1", 0x891C, _sockaddr("255.255.255.0")),  # SIOCSIFNETMASK
        ):
            fcntl.ioctl(handle, request, struct.pack("16s16s", name.encode(), address))


def _sockaddr(address: str) -> bytes:
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def start_resolver(directory: Path, unbound: str) -> subprocess.Popen[bytes]:
    """unbound, which ends with this process."""
    configuration = directory / "unbound.conf"
    configuration.write_text(UNBOUND.format(resolver=RESOLVER, directory=directory))
    with (directory / "unbound.log").open("wb") as log:
        return subprocess.Popen(
            [unbound, "-d", "-c", str(configuration)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


async def until_it_answers(resolver: subprocess.Popen[bytes]) -> None:
    """Returns when the resolver takes connections. Raises RuntimeError if it ends instead."""
    while resolver.poll() is None:
        try:
            _, writer = await asyncio.open_connection(RESOLVER, 53)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise RuntimeError(f"unbound ended with {resolver.returncode}")


async def run(host: Host, directory: Path, turns: asyncio.Semaphore) -> None:
    """Runs the program for the host's case, and prints what came of it."""
    case = host.case
    command = [sys.executable, "-m", "smtpprobe", "check", case.target or case.domain, *case.options]
    command += ["--resolver", RESOLVER, "--helo", "client.example.org", "--ca-file", str(directory / "ca.pem")]
    command += ["-v", "--no-color", "--fail-on", "error", "--output", f"json:{directory / case.name}.json"]
    async with turns:
        code, printed = await _ran(command)
    answer = {"name": case.name, "code": code, "printed": printed.decode(), "asked": host.asked}
    print(json.dumps(answer), flush=True)


async def _ran(command: list[str]) -> tuple[int | None, bytes]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    async with asyncio.timeout(RUN_S):
        printed, _ = await process.communicate()
    return process.returncode, printed


async def main(directory: Path, unbound: str) -> None:
    assert len(CASES) < 126, "no addresses are left"
    give_addresses()
    hosts = [Host(case, number) for number, case in enumerate(CASES)]
    write_zones(directory, hosts)
    # A certificate that its own server signed is not one that the client trusts.
    shown = [
        each for host in hosts for each in (host.certificate, host.policy_certificate, host.sni_certificate) if each
    ]
    trusted = [each for each in shown if each.chain_pem != each.ca_pem]
    (directory / "ca.pem").write_bytes(b"".join(dict.fromkeys(each.ca_pem for each in trusted)))
    for host in hosts:
        await host.listen()
    resolver = start_resolver(directory, unbound)
    try:
        await until_it_answers(resolver)
        wanted, turns = set(sys.stdin.read().split()), asyncio.Semaphore(max(os.cpu_count() or 1, 2))
        await asyncio.gather(*(run(host, directory, turns) for host in hosts if host.case.name in wanted))
    finally:
        resolver.terminate()
        resolver.wait(5)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
