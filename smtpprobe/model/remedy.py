"""What can be changed about a refusal, and who can change it."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class Actor(Word):
    """Who can apply a remedy."""

    YOU = "you"  # whoever runs the sending program
    YOUR_MAIL_ADMIN = "your-mail-admin"
    YOUR_DNS_ADMIN = "your-dns-admin"
    YOUR_IP_OWNER = "your-ip-owner"  # the hosting or access provider whose address it is
    YOUR_PROVIDER = "your-provider"
    RECIPIENT = "recipient"
    RECIPIENT_POSTMASTER = "recipient-postmaster"
    NOBODY = "nobody"  # time alone helps
    UNKNOWN = "unknown"


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What to change, who can, and how to see that it worked.

    `needs` names the request's field by which a probe does it (`user`), or the field and its value
    (`tls.policy=require`). `paste` is a record or a command to copy as it stands, never prose.
    """

    actor: Actor
    action: str
    verify: str | None = None
    needs: str | None = None
    paste: str | None = None
