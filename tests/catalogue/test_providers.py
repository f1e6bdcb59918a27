"""The services that SPF records lead to, by the names that their documentation tells customers to include."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.providers import sending_service
from smtpprobe.model.names import is_domain


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("_spf.salesforce.com", "Salesforce"),
        ("cust-spf.exacttarget.com", "Salesforce Marketing Cloud"),
        ("et._spf.pardot.com", "Salesforce Account Engagement (Pardot)"),
        ("servers.mcsv.net", "Mailchimp"),
        ("spf.mandrillapp.com", "Mailchimp Transactional (Mandrill)"),
        ("sendgrid.net", "SendGrid"),
        ("u1234567.wl.sendgrid.net", "SendGrid"),
        ("mail.zendesk.com", "Zendesk"),
        ("1234567.spf05.hubspotemail.net", "HubSpot"),
        ("amazonses.com", "Amazon SES"),
        ("mailgun.org", "Mailgun"),
        ("eu.mailgun.org", "Mailgun"),
        ("_spf.sparkpostmail.com", "SparkPost"),
        ("spf.mtasv.net", "Postmark"),
        ("zoho.eu", "Zoho"),
        ("zcsend.net", "Zoho"),
        ("spf.messagingengine.com", "Fastmail"),
        ("_spf.protonmail.ch", "Proton Mail"),
        ("icloud.com", "iCloud"),
        ("_spf.yandex.net", "Yandex"),
        ("_spf.mail.ru", "Mail.ru"),
        ("mx.ovh.com", "OVH"),
        ("_spf-eu.ionos.com", "IONOS"),
        ("_spf.kundenserver.de", "IONOS"),
        ("_spf.perfora.net", "IONOS"),
        ("_mailcust.gandi.net", "Gandi"),
        ("spf.infomaniak.ch", "Infomaniak"),
        ("email.freshdesk.com", "Freshdesk"),
        ("fdspfeuc.freshemail.io", "Freshdesk"),
        ("_spf.atlassian.net", "Atlassian"),
        ("shops.shopify.com", "Shopify"),
        ("mktomail.com", "Adobe Marketo"),
        ("spf.protection.outlook.com", "Microsoft 365"),
        ("_SPF.Salesforce.com.", "Salesforce"),
        ("notsalesforce.com", None),
        ("spf.example.org", None),
        (None, None),
    ],
)
def test_a_service_is_named_by_what_its_customers_include(name: str | None, service: str | None) -> None:
    assert sending_service(name) == service


def test_the_table_is_well_formed() -> None:
    table = load.table("providers")["spf"]
    assert all(is_domain(suffix) and "." in suffix and suffix == suffix.lower() for suffix in table)
    assert all(table.values())
