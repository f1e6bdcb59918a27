"""The author domain: the domain of the mailboxes in a message's From field (RFC 5322 §3.6.2, RFC 9989 §3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.dkim.message import Message, split
from smtpprobe.mailauth.dmarc.mailbox_list import Mailbox, MailboxList, read_mailboxes
from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.model.evidence.dkim import FromFault, FromProblem, MessageAuthor
from smtpprobe.model.names import a_labels, is_domain, is_ip_address
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say

MAX_FIELDS = 20  # From fields that are read
_SHOWN = 60  # characters of a field
_MAX_LINE = 200  # octets of a line that is shown
_MAX_FAULTS = 3  # of the grammar, that one statement names


def author_domains(message: bytes) -> tuple[str, ...]:
    """The different domains in the From fields, in order, as lower-case A-labels; empty where none can be read."""
    return message_author(message).domains


def message_author(message: bytes) -> MessageAuthor:
    """The From fields of a message, the author domains in them, and all that is wrong with them. Never raises."""
    parts = split(message)
    fields = [field.value for field in parts.fields if field.name == b"from"]
    values = [value.decode("utf-8", "replace").replace("\r\n", "") for value in fields[:MAX_FIELDS]]
    lists = [read_mailboxes(value) for value in values]
    has_blank = any(field.name == b"from" and field.raw[4:5] != b":" for field in parts.fields)
    domains = dict.fromkeys(
        domain for each in lists for mailbox in each.mailboxes if (domain := _author_domain(mailbox)) is not None
    )
    if fields:
        problems = list(_problems(len(fields), values, lists, list(domains), has_sender=_has_sender(parts)))
        if has_blank:
            # RFC 5322 §4.5: the obsolete syntax allows blanks before the colon.
            text = say(
                "the From field has a blank before its colon, and some programs do not recognize it: {shown}",
                shown=_shown(values),
            )
            problems.append(FromProblem(FromFault.SYNTAX, text))
    else:
        end = _end_of_header(message, parts)
        absent = FromProblem(
            FromFault.ABSENT, say("the message has no From field, exactly one is required{end}", end=end)
        )
        problems = [absent] if parts.is_whole else []
    return MessageAuthor(
        fields=tuple(quoted(value.strip(), 200) for value in values),
        count=len(fields),
        domains=tuple(domains),
        problems=tuple(problems),
    )


def _has_sender(parts: Message) -> bool:
    """Whether a Sender field has the one mailbox that it must have (RFC 5322 §3.6.2)."""
    values = [field.value.decode("utf-8", "replace") for field in parts.fields if field.name == b"sender"]
    return any(len(read_mailboxes(value.replace("\r\n", "")).mailboxes) == 1 for value in values[:MAX_FIELDS])


def _author_domain(mailbox: Mailbox) -> str | None:
    """The mailbox's domain as A-labels; None if there is none that DNS could know."""
    host = (mailbox.domain or "").rstrip(".").lower()
    return a_labels(host) if is_domain(host) and not is_ip_address(host) else None


def _problems(
    count: int, values: Sequence[str], lists: Sequence[MailboxList], domains: Sequence[str], *, has_sender: bool
) -> Iterator[FromProblem]:
    shown = _shown(values)
    # RFC 5322 §3.6: From stands exactly once.
    if count > 1:
        yield FromProblem(
            FromFault.SEVERAL_FIELDS,
            say("there are {count} From fields, exactly one is allowed: {shown}", count=count, shown=shown),
        )
    mailboxes = [mailbox for each in lists for mailbox in each.mailboxes]
    groups = [group for each in lists for group in each.groups]
    named = [mailbox for mailbox in mailboxes if mailbox.domain]
    if not named:
        yield _without_domain(values, mailboxes, groups)
    for mailbox in [mailbox for mailbox in mailboxes if not mailbox.domain][:1] if named else ():
        template = mark("the From field names {text}, which is not an address, beside one: {shown}")
        yield FromProblem(FromFault.NO_ADDRESS, say(template, text=quoted(mailbox.text), shown=shown))
    if groups and named:
        text = say("the From field contains the group {groups}: {shown}", groups=quoted(groups[0]), shown=shown)
        yield FromProblem(FromFault.GROUP, text)
    yield from _domain_problems(named, shown)
    yield from _other_addresses(named, shown)
    faults = list(dict.fromkeys(fault for each in lists for fault in each.faults))[:_MAX_FAULTS]
    if faults:
        text = say(
            "the From field does not follow the grammar of RFC 5322 §3.4: {faults}: {shown}",
            faults="; ".join(faults),
            shown=shown,
        )
        yield FromProblem(FromFault.SYNTAX, text)
    if len(domains) > 1:
        text = say(
            "the From field names {count} domains ({domains}): {shown}",
            count=len(domains),
            domains=", ".join(domains[:5]),
            shown=shown,
        )
        yield FromProblem(FromFault.SEVERAL_DOMAINS, text)
    # RFC 5322 §3.6.2: with several mailboxes in From there is a Sender field with one.
    if count == 1 and len(named) > 1 and not has_sender:
        text = say(
            "the From field names {count} mailboxes, and there is no Sender field with one: {shown}",
            count=len(named),
            shown=shown,
        )
        yield FromProblem(FromFault.SEVERAL_MAILBOXES, text)
    elif count == 1 and len(named) > 1 and len(domains) == 1:
        text = say(
            "the From field names {count} mailboxes of {domain}: {shown}",
            count=len(named),
            domain=domains[0],
            shown=shown,
        )
        yield FromProblem(FromFault.SEVERAL_AUTHORS, text)
    yield from _not_encoded(values, shown) if domains else ()


def _not_encoded(values: Sequence[str], shown: str) -> Iterator[FromProblem]:
    # RFC 6532 §3.2: UTF-8 in a header field; RFC 6531 §3.4: only by SMTPUTF8.
    if any(not value.isascii() and "\ufffd" not in value for value in values):
        text = say("the From field contains UTF-8 that is not encoded: {shown}", shown=shown)
        yield FromProblem(FromFault.INTERNATIONALIZED, text)


def _end_of_header(message: bytes, parts: Message) -> str:
    """Of a header that a line ends which is not a field: that line, for a message."""
    octets, body = message.replace(b"\r\n", b"\n"), parts.body.replace(b"\r\n", b"\n")
    if not body or octets[: -len(body)].endswith(b"\n\n") or octets[: -len(body)] == b"\n":
        return ""
    line = body[:_MAX_LINE].partition(b"\n")[0].decode("utf-8", "replace")
    return say("; its header ends at the line {line}, which is not a header field", line=quoted(line))


def _without_domain(values: Sequence[str], mailboxes: Sequence[Mailbox], groups: Sequence[str]) -> FromProblem:
    """Why no domain can be read from fields that are there."""
    shown = _shown(values)
    hidden = next((mailbox.hidden for mailbox in mailboxes if mailbox.hidden), None)
    if not any(value.strip() for value in values):
        return FromProblem(FromFault.EMPTY, say("the From field is empty"))
    if hidden is not None:
        text = say(
            "the From field has {hidden} only in a quoted string, a comment or an encoded word: {shown}",
            hidden=quoted(hidden),
            shown=shown,
        )
        return FromProblem(FromFault.HIDDEN_ADDRESS, text)
    if groups and not any(mailbox.text for mailbox in mailboxes):
        return FromProblem(FromFault.GROUP, say("the From field is a group without an address: {shown}", shown=shown))
    if any(mailbox.text.strip() for mailbox in mailboxes):
        return FromProblem(
            FromFault.NO_ADDRESS, say("the From field contains no address with a domain: {shown}", shown=shown)
        )
    return FromProblem(FromFault.EMPTY, say("the From field contains no address: {shown}", shown=shown))


def _other_addresses(named: Sequence[Mailbox], shown: str) -> Iterator[FromProblem]:
    """The first address beside a mailbox's own that a reader or a careless program can take for it."""
    for mailbox in named:
        found = _ADDRESS.search(mailbox.hidden or "")
        if found is None or registered_domain(found.group(1).lower()) == registered_domain(
            (mailbox.domain or "").lower()
        ):
            continue
        place = (
            say("in its quoted local part")
            if mailbox.local.startswith('"')
            else say("in the name or a comment beside it")
        )
        text = say(
            "the From field has {other} {place}, and its address is in {domain}: {shown}",
            other=quoted(found.group()),
            place=place,
            domain=quoted(mailbox.domain or ""),
            shown=shown,
        )
        yield FromProblem(FromFault.OTHER_ADDRESS, text)
        return


_ADDRESS = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})")


def _domain_problems(named: Sequence[Mailbox], shown: str) -> Iterator[FromProblem]:
    for mailbox in named:
        domain = (mailbox.domain or "").lower()
        if domain.startswith("["):
            text = say(
                "the From field has the address literal {domain} instead of a domain: {shown}",
                domain=quoted(domain),
                shown=shown,
            )
            yield FromProblem(FromFault.ADDRESS_LITERAL, text)
        elif is_ip_address(domain):
            text = say(
                "the From field has the IP address {domain} instead of a domain: {shown}", domain=domain, shown=shown
            )
            yield FromProblem(FromFault.BAD_DOMAIN, text)
        elif domain.endswith(".") and is_domain(domain[:-1]):
            text = say(
                "the From field names {domain}, with a dot at its end: {shown}", domain=quoted(domain), shown=shown
            )
            yield FromProblem(FromFault.BAD_DOMAIN, text)
        elif not is_domain(domain):
            text = say(
                "the From field names {domain}, which is not a domain name: {shown}", domain=quoted(domain), shown=shown
            )
            yield FromProblem(FromFault.BAD_DOMAIN, text)
        elif "." not in domain:
            text = say(
                "the From field names {domain}, which is not a full domain name: {shown}",
                domain=quoted(domain),
                shown=shown,
            )
            yield FromProblem(FromFault.BAD_DOMAIN, text)
        else:
            continue
        return


def _shown(values: Sequence[str]) -> str:
    """The fields, quoted and cut; at most three."""
    fields = [quoted(value.strip(), _SHOWN) for value in values[:3]]
    more = say(" and {count} more", count=len(values) - 3) if len(values) > 3 else ""
    return f"{', '.join(fields)}{more}"
