"""Selectors that are worth asking for when nobody named one: a guess, and reported as one."""

from __future__ import annotations

from collections.abc import Iterable

COMMON = (
    "default", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "dkim", "mail", "smtp", "email",
    "key1", "mx", "sig1", "fm1", "protonmail", "zoho", "dkim1", "s1024", "s2048", "20230601",
)  # fmt: skip

# Suffixes of MX targets and of SPF includes, and the selectors that customers of that service are told to publish.
_PROVIDERS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("google.com", "googlemail.com"), ("google", "20230601", "20210112")),
    (("outlook.com", "mx.microsoft"), ("selector1", "selector2")),
    (("protonmail.ch", "proton.ch"), ("protonmail", "protonmail2", "protonmail3")),
    (("messagingengine.com",), ("fm1", "fm2", "fm3", "mesmtp")),
    (("zoho.com", "zoho.eu", "zoho.in", "zohomail.com"), ("zoho", "zmail", "zohomail")),
    (("icloud.com",), ("sig1",)),
    (("yandex.net", "yandex.ru"), ("mail",)),
    (("mail.ru",), ("mailru",)),
    (("migadu.com",), ("key1", "key2", "key3")),
    (("sendgrid.net",), ("s1", "s2", "smtpapi")),
    (("mcsv.net", "mandrillapp.com"), ("k1", "k2", "k3", "mandrill", "mte1", "mte2")),
    (("mailgun.org",), ("mailo", "k1", "pic", "mta", "smtp", "mg")),
    (("mailjet.com",), ("mailjet",)),
    (("sendinblue.com", "brevo.com"), ("mail", "brevo1", "brevo2")),
    (("mtasv.net",), ("pm", "pm-bounces")),
    (("zendesk.com",), ("zendesk1", "zendesk2")),
    (("mail.hostinger.com", "hostinger.com"), ("hostingermail-a", "hostingermail-b", "hostingermail-c")),
    (("titan.email",), ("titan1",)),
    (("mailbox.org",), ("mbo0001", "mbo0002", "mbo0003", "mbo0004")),
    (("gandi.net",), ("gm1", "gm2", "gm3")),
    (("ovh.net", "ovh.com"), ("ovhmo-selector-1", "ovhmo-selector-2")),
)


def of_providers(names: Iterable[str]) -> tuple[str, ...]:
    """The selectors of the services that MX targets and SPF include targets show, in the order of the table."""
    seen = [name.lower().rstrip(".") for name in names]
    found: dict[str, None] = {}
    for suffixes, selectors in _PROVIDERS:
        if any(name == suffix or name.endswith(f".{suffix}") for name in seen for suffix in suffixes):
            found.update(dict.fromkeys(selectors))
    return tuple(found)
