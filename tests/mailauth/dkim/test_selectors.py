from __future__ import annotations

import pytest

from smtpprobe.mailauth.dkim.selectors import COMMON, providers, spf_targets


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
    (found,) = providers([target])
    assert found.name == name
    assert selector in found.selectors if selector else found.unguessable and not found.selectors


def test_a_suffix_is_whole_labels() -> None:
    assert providers(["notgoogle.com", "google.com.example.org", ""]) == ()


@pytest.mark.parametrize(
    ("record", "targets"),
    [
        ("v=spf1 include:a.example ?include:B.example redirect=c.example", ("a.example", "b.example", "c.example")),
        ("v=spf1 ip4:192.0.2.1 -all", ()),
        ("v=spf10 include:a.example", ()),
        ("", ()),
        ("google-site-verification=include:a.example", ()),
    ],
)
def test_the_targets_of_an_spf_record(record: str, targets: tuple[str, ...]) -> None:
    assert spf_targets(record) == targets


def test_the_short_list_is_short() -> None:
    assert len(COMMON) == len(set(COMMON)) < 30
