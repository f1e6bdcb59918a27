"""What evidence says about a cause that a reply names: reproduced, contradicted, or no word either way.

One function per family of causes. Each looks at the check runs of one transcript and answers with an Assessment: how sure,
in which words, and which runs it rests on.
"""

from __future__ import annotations

from collections.abc import Callable

from smtpprobe.diagnosis.assess import message, parameters, session
from smtpprobe.diagnosis.assess.authentication import authentication
from smtpprobe.diagnosis.assess.dns import helo_name, recipient_domain, reverse_dns, sender_domain
from smtpprobe.diagnosis.assess.listings import blocklisted
from smtpprobe.diagnosis.rejection import Assessment, Rejection

ASSESSORS: dict[str, Callable[[Rejection], Assessment]] = {
    "ip-blocklisted": blocklisted,
    "domain-blocklisted": blocklisted,
    "email-auth-failed": authentication,
    "reverse-dns": reverse_dns,
    "helo-rejected": helo_name,
    "sender-domain-invalid": sender_domain,
    "domain-undeliverable": recipient_domain,
    "tls-required": parameters.tls_required,
    "auth-required": session.auth_required,
    "auth-failed": session.auth_failed,
    "auth-method-blocked": session.method_blocked,
    "relay-denied": session.relay_denied,
    "sender-not-permitted": session.not_permitted,
    "address-syntax": session.address_syntax,
    "recipient-inactive": session.moved,
    "message-too-large": message.too_large,
    "content-malformed": message.malformed,
    "spam-content": message.spam,
    "malware-or-attachment": message.malware,
    "poor-reputation": session.reputation,
    "policy-rejected": session.policy,
    "protocol-error": parameters.protocol,
    "greylisted": session.deferred,
    "rate-limited": session.deferred,
    "server-temporary": session.deferred,
}
"""The weighing of each cause that evidence, or the session, can speak to; every other stays as the reply states it."""
