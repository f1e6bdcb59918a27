"""Postfix, Dovecot's authentication and unbound, started from Debian's packages on loopback for these tests alone.

Each has its own configuration in a temporary directory and free ports above 1024, save one: the C library asks DNS only
on port 53, so unbound also listens there on a loopback address of its own, which Postfix finds in the resolv.conf of
its chroot. Postfix's master and the chroot need root.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.testing.certificates import server_certificate

HOST = "mx.example.com"
USER, PASSWORD = "alice@example.org", "right-horse-41"
START_S = 20.0

DNS = """
server:
  interface: 127.0.0.1@{port}
  interface: {low}@53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-ip6: no
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "iterator"
  local-zone: "." static
  local-zone: "127.in-addr.arpa." static
{records}
remote-control:
  control-enable: no
"""
RECORDS = """
example.com.                     MX   10 mx.example.com.
mx.example.com.                  A    127.0.0.1
example.org.                     MX   10 client.example.org.
example.org.                     TXT  "v=spf1 ip4:127.0.0.0/8 -all"
client.example.org.              A    127.0.0.1
client.example.org.              TXT  "v=spf1 a -all"
1.0.0.127.in-addr.arpa.          PTR  client.example.org.
example.net.                     MX   10 client.example.org.
example.net.                     TXT  "v=spf1 ip4:192.0.2.1 -all"
zen.dnsbl.example.               NS   ns.dnsbl.example.
2.0.0.127.zen.dnsbl.example.     A    127.0.0.2
2.0.0.127.zen.dnsbl.example.     TXT  "Test point"
13.0.0.127.zen.dnsbl.example.    A    127.0.0.2
13.0.0.127.zen.dnsbl.example.    TXT  "Spam source, see https://dnsbl.example/?ip=127.0.0.13"
"""

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {directory}/spool
data_directory = {directory}/data
maillog_file_prefixes = {directory}
maillog_file = {directory}/postfix.log
multi_instance_name =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
mynetworks = 127.255.255.254/32
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:tests
relay_transport = discard:tests
local_transport = discard:tests
virtual_transport = discard:tests
virtual_mailbox_domains = example.com
virtual_mailbox_maps = inline:{{ bob@example.com=x, postmaster@example.com=x }}
smtpd_banner = $myhostname ESMTP $mail_name
smtpd_error_sleep_time = 0
smtpd_helo_required = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = {directory}/server.pem
smtpd_tls_auth_only = yes
tls_random_source = dev:/dev/urandom
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{ {{ example.net = 550 5.7.23 Message rejected due to:
  SPF fail - not authorized. Please see https://spf.example/why?s=mfrom;id=alice@example.net;ip=127.0.0.1 }} }}
smtpd_recipient_restrictions = reject_rbl_client zen.dnsbl.example=127.0.0.[2..11]
import_environment = MAIL_CONFIG LANG=C
"""
MASTER_CF = """
127.0.0.1:{mx} inet n - y - - smtpd
127.0.0.1:{tls_required} inet n - y - - smtpd -o smtpd_tls_security_level=encrypt
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 discard
defer unix - - n - 0 discard
trace unix - - n - 0 discard
proxymap unix - - n - - proxymap
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = /dev/stderr
instance_name = smtpprobe-tests
protocols =
ssl = no
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/users
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dns:
    """`resolver` is HOST:PORT for the probe, `low` the address that answers on port 53 for everyone else."""

    resolver: str
    low: str


@dataclass(frozen=True)
class Mail:
    """Postfix's ports and the CA of its certificate."""

    mx: int
    tls_required: int
    ca_file: str


@dataclass(frozen=True)
class Run:
    """One run of the command. `report` is None where it printed no JSON."""

    code: int
    report: dict[str, Any] | None
    words: str


def unavailable(reason: str) -> None:
    """Skips the tests, or fails them where SMTPPROBE_REQUIRE names real_servers."""
    if "real_servers" in os.environ.get("SMTPPROBE_REQUIRE", "").split(","):
        pytest.fail(f"required, but not possible: {reason}", pytrace=False)
    pytest.skip(reason)


def program(name: str, package: str) -> str:
    """The path of a server's program, also where only root looks for it."""
    path = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if path is None:
        unavailable(f"{name} is not installed (Debian: {package})")
    assert path is not None
    return path


def free_port(address: str = "127.0.0.1") -> int:
    with socket.create_server((address, 0)) as listener:
        return int(listener.getsockname()[1])


def address_for_dns() -> str:
    """A loopback address whose port 53 is free for both UDP and TCP."""
    for _ in range(50):
        address = f"127.{random.randint(64, 250)}.{random.randint(1, 250)}.{random.randint(1, 250)}"
        try:
            with socket.create_server((address, 53)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                datagrams.bind((address, 53))
                return address
        except OSError as error:
            refused = error
    unavailable(f"port 53 of a loopback address cannot be bound: {refused}")
    raise AssertionError


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    """A directory with a short path that the servers' own users can enter, as pytest's cannot."""
    if not sys.platform.startswith("linux"):
        unavailable("needs Linux: every address of 127.0.0.0/8 must be local")
    if os.geteuid() != 0:
        unavailable("needs root: Postfix's master and its chroot")
    directory = Path(tempfile.mkdtemp(prefix="smtpprobe-servers-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@contextmanager
def running(command: list[str], log: Path, *addresses: tuple[str, int]) -> Iterator[None]:
    """A server in a process group of its own, ended with the context; entered when all addresses accept connections."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_S
        for address in addresses:
            while not accepts(address):
                ended = pause(process)
                if ended is not None or time.monotonic() > deadline:
                    words = "\n".join(path.read_text("utf-8", "replace") for path in sorted(log.parent.glob("*.log")))
                    pytest.fail(
                        f"{command[0]} does not listen on {address}, exit code {ended}:\n{words}", pytrace=False
                    )
        yield
    finally:
        end_group(process)


def accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError:
        return False
    return True


def pause(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code where the process ends within a moment."""
    try:
        return process.wait(0.02)
    except subprocess.TimeoutExpired:
        return None


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and what it started; its group outlives it where a child lingers."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(5)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(5)


@pytest.fixture(scope="session")
def dns(ground: Path) -> Iterator[Dns]:
    """unbound, which knows RECORDS and says of everything else that it does not exist."""
    directory = ground / "unbound"
    directory.mkdir()
    low, port = address_for_dns(), free_port()
    records = "\n".join(f"  local-data: '{line}'" for line in RECORDS.strip().splitlines())
    configuration = directory / "unbound.conf"
    configuration.write_text(DNS.format(port=port, low=low, directory=directory, records=records))
    command = [program("unbound", "unbound"), "-d", "-c", str(configuration)]
    with running(command, directory / "unbound.log", ("127.0.0.1", port), (low, 53)):
        yield Dns(f"127.0.0.1:{port}", low)


@pytest.fixture(scope="session")
def sasl(ground: Path) -> Iterator[int]:
    """The port of Dovecot's authentication, which knows USER."""
    dovecot = program("dovecot", "dovecot-core")
    version = subprocess.run([dovecot, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3."):
        unavailable(f"Dovecot {version.split()[0]}: the configuration here is for 2.3")
    directory = ground / "dovecot"
    directory.mkdir()
    port = free_port()
    users = directory / "users"
    users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    shutil.chown(users, "dovecot")
    configuration = directory / "dovecot.conf"
    configuration.write_text(DOVECOT.format(directory=directory, port=port))
    with running([dovecot, "-F", "-c", str(configuration)], directory / "dovecot.log", ("127.0.0.1", port)):
        yield port


@pytest.fixture(scope="session")
def postfix(ground: Path, dns: Dns, sasl: int) -> Iterator[Mail]:
    """Postfix with STARTTLS, AUTH under TLS, a DNSBL and an SPF refusal; all mail that it takes is discarded."""
    command = program("postfix", "postfix")
    directory = ground / "postfix"
    chroot = directory / "spool" / "etc"
    chroot.mkdir(parents=True)
    (directory / "data").mkdir()
    shutil.chown(directory / "data", "postfix")
    (chroot / "resolv.conf").write_text(f"nameserver {dns.low}\noptions timeout:2 attempts:2\n")
    (chroot / "hosts").write_text("127.0.0.1 localhost\n")
    certificate = server_certificate(names=(HOST,))
    (directory / "ca.pem").write_bytes(certificate.ca_pem)
    key = directory / "server.pem"
    key.touch(0o600)
    key.write_bytes(certificate.key_pem + certificate.chain_pem)
    ports = {"mx": free_port(), "tls_required": free_port()}
    (directory / "main.cf").write_text(MAIN_CF.format(directory=directory, sasl=sasl))
    (directory / "master.cf").write_text(MASTER_CF.format(**ports))
    checked = subprocess.run([command, "-c", str(directory), "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    daemons = subprocess.run(
        [program("postconf", "postfix"), "-c", str(directory), "-h", "daemon_directory"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    master = [f"{daemons}/master", "-c", str(directory), "-d"]
    with running(master, directory / "master.log", *(("127.0.0.1", port) for port in ports.values())):
        yield Mail(**ports, ca_file=str(directory / "ca.pem"))


@pytest.fixture
def check(dns: Dns) -> Callable[..., Run]:
    """Runs `smtpprobe check 127.0.0.1:PORT` with the tests' resolver."""

    def run(port: int, *options: str, password: str | None = None) -> Run:
        command = [sys.executable, "-m", "smtpprobe", "check", f"127.0.0.1:{port}", "--format", "json"]
        command += ["--resolver", dns.resolver, "--helo", "client.example.org", "--timeout", "20", *options]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMTPPROBE_")}
        given = {} if password is None else {"SMTPPROBE_PASSWORD": password}
        ran = subprocess.run(
            command,
            env=inherited | given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        try:
            report = json.loads(ran.stdout)
        except json.JSONDecodeError:
            report = None
        return Run(ran.returncode, report, ran.stdout + ran.stderr)

    return run


@pytest.fixture
def plain_client() -> Callable[..., smtplib.SMTP]:
    """An smtplib client, which tells a server's fault from the probe's."""

    def connect(port: int, source_ip: str = "127.0.0.1") -> smtplib.SMTP:
        client = smtplib.SMTP("127.0.0.1", port, "client.example.org", timeout=20, source_address=(source_ip, 0))
        client.ehlo()
        return client

    return connect
