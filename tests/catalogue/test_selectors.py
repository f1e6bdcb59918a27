"""The DKIM selectors of the catalogue: well-formed, and the service that a domain's DNS shows."""

from __future__ import annotations

import re
from datetime import date

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.model.known.mail_services import MailService
from smtpprobe.model.names import is_domain

KNOWN = known_selectors()


@pytest.mark.parametrize("service", KNOWN.services, ids=[service.name for service in KNOWN.services])
def test_a_service_is_complete(service: MailService) -> None:
    assert service.suffixes
    assert all(is_domain(suffix) and "." in suffix for suffix in service.suffixes)
    assert service.selectors or service.unguessable
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]*", selector) for selector in service.selectors)
    assert len(service.selectors) == len(set(service.selectors))


def test_the_table_is_complete() -> None:
    table = load.table("dkim_selectors")
    assert date.fromisoformat(table["reviewed"])
    assert {key for entry in table["service"] for key in entry} <= set(MailService.__struct_fields__)
    names = [service.name for service in KNOWN.services]
    suffixes = [suffix for service in KNOWN.services for suffix in service.suffixes]
    assert len(names) == len(set(names)) >= 39
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("target", "name", "selector"),
    [
        ("aspmx.l.google.com", "Google", "google"),
        ("example-org.mail.protection.outlook.com", "Microsoft 365", "selector2"),
        ("servers.mcsv.net", "Mailchimp", "k1"),
        ("sendgrid.net", "SendGrid", "s1"),
        ("mx.zoho.eu.", "Zoho", "zoho"),
        ("MAIL.protonmail.ch", "Proton Mail", "protonmail2"),
        ("in1-smtp.messagingengine.com", "Fastmail", "fm3"),
        ("mailgun.org", "Mailgun", "mailo"),
        ("spf.mtasv.net", "Postmark", "pm"),
        ("amazonses.com", "Amazon SES", None),
        ("_spf.sparkpostmail.com", "SparkPost", None),
    ],
)
def test_a_provider_is_recognised(target: str, name: str, selector: str | None) -> None:
    (found,) = known_selectors().services_behind([target])
    assert found.name == name
    assert selector in found.selectors if selector else found.unguessable and not found.selectors


def test_a_suffix_is_whole_labels() -> None:
    assert known_selectors().services_behind(["notgoogle.com", "google.com.example.org", ""]) == ()


def test_the_short_list_is_short() -> None:
    assert 20 < len(KNOWN.common) == len(set(KNOWN.common)) < 30
