"""In Hindi nothing of ours is left in Latin letters: whole pages, of every case and of each command that prints one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpprobe.catalogue import language
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.compare import compare
from smtpprobe.checks.registry import checks
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.model.texts.language import say_counted
from smtpprobe.pipeline.reference.known_ids import cause_ids, finding_ids, known_ids
from smtpprobe.render.text.comparison import render as comparison_page
from smtpprobe.render.text.known_ids import render as known_page
from smtpprobe.render.text.report import render
from tests.cases import CASES, played

# Words that administrators say in English; of protocols, programs and standards, whose own words are not translated.
_KEPT = """
bearer introspection tokeninfo
adkim aspf authentication-results domain-spec dkim-signature extendedkeyusage forward-path reverse-path envelope greeting
helo ipaddress message-id np relaxed rua selector serverauth subjectaltname starttls subject from to sender id usage
enforce mode testing policy prefix label tag header field body hash string canonicalization encoding algorithm cipher
keyword literal term lookup void include redirect exists alignment organizational name zone record public suffix pass fail none
nodata neutral softfail forward permerror temperror ms true yes control
alias app balancer bounce cache catch-all check colon command configuration data date default diffie-hellman disclaimer dsl
dyn pool editor end-user range file firewall footer gateway greylisting group health https inspection intermediate link-local
list listing load localhost log loopback mailing mailto master milter multi network online packet password passphrase pattern
port postmaster prime probe proxy queue registration reload reset resolver root scanner script search semicolon serial server
service smtps status submission submitter tier token transfer two-step verification username virus off require issue must
login provider quit rcpt feedback restrictions received connect wanted spelling qualify myorigin rset spam trap phishing
malware chroot relayhost smarthost crowdsec df
digest salt socket kerberos ticket windows receive connector authentication tls-exporter tls-unique tls-server-end-point
cisco-fixup inspect esmtp allow-tls implicit scope hop quoted-printable
gmail yahoo list-unsubscribe list-unsubscribe-post
cisco fixup cpanel dig dovecot exchange exim google microsoft learn oauth openssl postfix protonmail smtpprobe spamhaus
throw-away zoho rsa amavis rspamd java javamail minprotocol cipherstring exigrep demo explain jane doe email non-delivery errors
"""
KEPT = frozenset(_KEPT.split())
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
# What has a dot, a digit or a sign in it is a name, an address, a code or an option.
_NAMED = re.compile(r"[./@=_:\\<>\d$%*+~‹›]|--|^-[a-z]")


def words(text: str) -> Iterator[str]:
    """The words in Latin letters that are not names, addresses, codes or options."""
    for token in text.split():
        bare = token.strip("()[]{}\"'“”‘’,;:!?।…·–→✓✗|`")
        if not _NAMED.search(bare):
            yield from (word for word in _WORD.findall(bare) if re.search("[a-z]{2}", word))


def left(page: str, foreign: str) -> set[str]:
    """Our words in Latin letters on the page, apart from those that somebody else said or wrote."""
    theirs = {each.lower() for each in _WORD.findall(foreign)}
    ids = {
        part
        for each in (*cause_ids(), *finding_ids(), *(check.name for check in checks()))
        for part in (each, *each.split("-"))
    }
    return {word for word in words(page) if word.lower() not in theirs and word not in ids and word.lower() not in KEPT}


@pytest.fixture(autouse=True)
def hindi() -> Iterator[None]:
    language.choose("hi")
    yield
    language.choose(language.SOURCE)


def foreign(path: Path) -> str:
    """All that others say in a case: the server, DNS, and what the user gives."""
    return "\n".join(
        each.read_text("utf-8", "replace") for each in path.iterdir() if each.name != "README.md" and each.is_file()
    )


def cited() -> str:
    """The titles of providers' documents, which are named as they are."""
    return str([each["references"] for each in table("private_status_codes")["private"]])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_report_is_in_hindi(path: Path) -> None:
    page = render(played(path), verbosity=2, width=2000, hints=OPTION_NAMES)
    assert left(page, foreign(path) + cited()) == set()


def test_what_is_said_of_each_cause_and_finding_is_in_hindi() -> None:
    pages = {each: known_page(known_ids([each]), verbosity=1) for each in (*finding_ids(), *cause_ids())}
    assert {name: found for name, page in pages.items() if (found := left(page, ""))} == {}


def test_a_heading_ends_with_a_colon_and_not_with_a_danda() -> None:
    page = comparison_page(compare("235", "554"))
    assert "1. परिणाम: 235 " in page
    language.choose("en")
    assert "1. Result. 235 " in comparison_page(compare("235", "554"))


def test_a_number_has_the_form_that_goes_with_it() -> None:
    counted = ("{count} refusal", "{count} refusals")
    assert [say_counted(*counted, count) for count in (1, 2)] == ["1 अस्वीकृति", "2 अस्वीकृतियाँ"]
    language.choose("en")
    assert [say_counted(*counted, count) for count in (0, 1, 2)] == ["0 refusals", "1 refusal", "2 refusals"]
