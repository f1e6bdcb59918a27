"""Selectors that are worth asking for when nobody named one: a guess, and reported as one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.model.names import is_at_or_below

COMMON = (
    "default", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "dkim", "mail", "smtp", "email",
    "key1", "mx", "sig1", "fm1", "protonmail", "zoho", "dkim1", "s1024", "s2048", "20230601",
)  # fmt: skip


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A mail service: suffixes of its MX targets and SPF includes, and the selectors that its customers publish.

    `unguessable` says what its selectors look like where each customer has others.
    """

    name: str
    suffixes: tuple[str, ...]
    selectors: tuple[str, ...] = ()
    unguessable: str | None = None


def _known(name: str, suffixes: str, selectors: str = "", unguessable: str | None = None) -> Provider:
    return Provider(
        name=name, suffixes=tuple(suffixes.split()), selectors=tuple(selectors.split()), unguessable=unguessable
    )


_PROVIDERS = (
    _known("Google", "google.com googlemail.com", "google 20230601 20210112"),
    _known("Microsoft 365", "outlook.com mx.microsoft", "selector1 selector2"),
    _known("Proton Mail", "protonmail.ch proton.ch", "protonmail protonmail2 protonmail3"),
    _known("Fastmail", "messagingengine.com", "fm1 fm2 fm3 mesmtp"),
    _known("Zoho", "zoho.com zoho.eu zoho.in zohomail.com", "zoho zmail zohomail"),
    _known("iCloud", "icloud.com", "sig1"),
    _known("Yandex", "yandex.net yandex.ru", "mail"),
    _known("Mail.ru", "mail.ru", "mailru"),
    _known("Migadu", "migadu.com", "key1 key2 key3"),
    _known("Tuta", "tutanota.de", "s1 s2"),
    _known("Cloudflare Email Routing", "mx.cloudflare.net", "cf2024-1"),
    _known("SendGrid", "sendgrid.net", "s1 s2 smtpapi"),
    _known("Mailchimp", "mcsv.net mandrillapp.com", "k1 k2 k3 mandrill mte1 mte2"),
    _known("Mailgun", "mailgun.org", "mailo k1 pic mta smtp mg pdk1 pdk2", "or a name chosen for the domain"),
    _known("Mailjet", "mailjet.com", "mailjet"),
    _known("MailerSend", "mailersend.net", "mlsend mlsend2"),
    _known("MailerLite", "mlsend.com", "litesrv ml"),
    _known("Brevo", "sendinblue.com brevo.com", "mail brevo1 brevo2"),
    _known("Postmark", "mtasv.net", "pm pm-bounces", "the time when the domain was added, with pm behind it"),
    _known("SparkPost", "sparkpostmail.com", "", "scph and the month when the domain was added"),
    _known("Amazon SES", "amazonses.com", "", "three random tokens"),
    _known("HubSpot", "hubspotemail.net", "", "hs1- and hs2- with the account's number"),
    _known("SMTP2GO", "smtp2go.com", "", "s and the account's number"),
    _known("Mimecast", "mimecast.com", "", "mimecast and the day when it was set up"),
    _known("Forward Email", "forwardemail.net", "", "fe- and a random token"),
    _known("Constant Contact", "constantcontact.com", "ctct1 ctct2"),
    _known("Klaviyo", "klaviyomail.com", "kl kl2"),
    _known("Campaign Monitor", "createsend.com", "cm"),
    _known("Elastic Email", "elasticemail.com", "api"),
    _known("SimpleLogin", "simplelogin.co", "dkim dkim02 dkim03"),
    _known("Help Scout", "helpscoutemail.com", "strong1 strong2"),
    _known("Zendesk", "zendesk.com", "zendesk1 zendesk2"),
    _known("Hostinger", "hostinger.com", "hostingermail-a hostingermail-b hostingermail-c"),
    _known("Titan", "titan.email", "titan1"),
    _known("mailbox.org", "mailbox.org", "mbo0001 mbo0002 mbo0003 mbo0004"),
    _known("Gandi", "gandi.net", "gm1 gm2 gm3"),
    _known("OVH", "ovh.net ovh.com", "ovhmo-selector-1 ovhmo-selector-2", "or ovhmo with the account's number"),
    _known("Purelymail", "purelymail.com", "purelymail1 purelymail2 purelymail3"),
    _known("MXroute", "mxrouting.net mxroute.com mxlogin.com", "x"),
)  # fmt: skip


def providers(names: Iterable[str]) -> tuple[Provider, ...]:
    """The services that MX targets and SPF include targets show, in the order of the table."""
    seen = [name.lower().rstrip(".") for name in names]
    return tuple(
        provider
        for provider in _PROVIDERS
        if any(is_at_or_below(name, suffix) for name in seen for suffix in provider.suffixes)
    )


def spf_targets(record: str) -> tuple[str, ...]:
    """The names that an SPF record includes or redirects to; none for another text."""
    terms = record.lower().split()
    if terms[:1] != ["v=spf1"]:
        return ()
    bare = (term.lstrip("+-?~") for term in terms[1:])
    return tuple(
        term.removeprefix("include:").removeprefix("redirect=")
        for term in bare
        if term[:8] == "include:" or term[:9] == "redirect="
    )
