"""In Hindi nothing of ours is left in Latin letters: what commands print, their help, and what they say of a wrong usage."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.testing.scenarios import SCENARIOS
from tests.cli.conftest import Ran
from tests.test_hindi import left

# What the demo's server says, and values of options.
SERVER = " ".join(text for each in SCENARIOS.values() for text in each.refusals.values())
CHOICES = """Ctrl-C always auto compare critical csv demo en esmtp explain gzip hi implicit incomplete info json jsonl line link
lmtp locale never notice object path phase prompt socket transcript unix warning xz
success failure delay full hdrs value unique keyring netrc machine"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--list"),
        ("demo", "greylisted"),
        ("demo", "broken-tls"),
        ("spf", "example.org", "--assume", 'example.org. TXT "v=spf1 include:a.example ~all"'),
        ("spf", "example.org", "--ip", "192.0.2.1", "-v", "--assume", 'example.org. TXT "v=spf1 a:b.example -all"'),
        ("dkim", "example.org", "--selector", "s1", "-v", "--assume", 's1._domainkey.example.org. TXT "v=DKIM1; p="'),
        ("dmarc", "example.org", "-v", "--assume", '_dmarc.example.org. TXT "v=DMARC1; p=none; pct=5"'),
        ("dnsbl", "192.0.2.1", "--only-dnsbl", "zen.dnsbl.example", "-v"),
        ("iprev", "192.0.2.1", "--helo", "mail.example.org", "-v"),
        ("compare", "250", "554"),
    ],
)
def test_a_command_is_in_hindi(arguments: tuple[str, ...], cli: Callable[..., Ran]) -> None:
    ran = cli(*arguments, "--lang", "hi")
    known = " ".join(arguments) if arguments[0] != "demo" else " ".join(SCENARIOS) + SERVER
    assert left(ran.out + ran.err, known) == set()


@pytest.mark.parametrize("command", ["check", "explain", "compare", "spf", "dkim", "dmarc", "dnsbl", "iprev", "demo"])
def test_help_and_usage_errors_are_in_hindi(command: str, cli: Callable[..., Ran]) -> None:
    helped, refused = cli(command, "--lang", "hi", "--help"), cli(command, "--lang", "hi", "--nothing-like-it")
    assert helped.out.startswith("उपयोग:")
    assert left(helped.out + refused.err, CHOICES) == set()
