"""What looks changed in the fields that a signature covers, where no change is proved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from smtpprobe.mailauth.characters import visible_part
from smtpprobe.mailauth.dkim.restore.trial import MAX_SIGNED_FIELDS, Trial
from smtpprobe.mailauth.dkim.signature import SignatureTags
from smtpprobe.model.evidence.dkim import DkimRestoration
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_SHOWN = 6
# Senders put List-Unsubscribe into mail of their own (RFC 8058), so that it shows nothing.
LIST_FIELDS = (b"list-id", b"list-post", b"mailing-list")
_TAGGED = re.compile(rb"[ \t]*((?:Re|Fwd?|AW|WG):[ \t]*)*(\[[^\]\r\n]{1,60}\])", re.IGNORECASE)
_MAILBOX_HOST = re.compile(rb"@([A-Za-z0-9.-]+)")
_LOOKED_AT = 4096  # octets of From


def suspects(trial: Trial) -> tuple[str, ...]:
    """What looks changed in the signed fields, where it cannot be proved: likeliest first, at most six."""
    if len(trial.names) > MAX_SIGNED_FIELDS:
        return ()
    found: dict[str, None] = {}
    for suspect in _suspects(trial):
        found[suspect] = None
        if len(found) == MAX_SHOWN:
            break
    return tuple(found)


def _suspects(trial: Trial) -> Iterator[str]:
    read, signed = trial.read, dict.fromkeys(trial.read.headers)
    # A field that the signature names was there when the message was signed.
    added = (name for name in LIST_FIELDS if name in trial.fields and name.decode() not in signed)
    through_list = next(added, None)
    for each in trial.copied:
        yield say("z= has another value: {field}", field=each.shown)
    if "subject" in signed and through_list is not None:
        for raw in trial.fields.get(b"subject", ())[-1:]:
            tag = _TAGGED.match(raw.partition(b":")[2])
            if tag:
                text = quoted(tag.group(2).decode("utf-8", "replace"))
                yield say("Subject begins with {text}; whether it did when it was signed cannot be told", text=text)
    for raw in trial.fields.get(b"from", ())[-1:]:
        hosts = [host.decode().lower() for host in _MAILBOX_HOST.findall(raw[:_LOOKED_AT])]
        if (
            hosts
            and read.domain
            and not any(is_at_or_below(host, read.domain) or is_at_or_below(read.domain, host) for host in hosts)
        ):
            yield say(
                "From is at {hosts}, not at {domain}: it may have been replaced",
                hosts=quoted(hosts[-1]),
                domain=read.domain,
            )
    for name in signed:
        present, count = len(trial.fields.get(name.encode(), ())), trial.counts[name.encode()]
        title = trial.title(name.encode())
        if present > count:
            yield say_counted(
                "{title} is there {present} times, and h= names it {count} time",
                "{title} is there {present} times, and h= names it {count} times",
                count,
                title=title,
                present=present,
            )
        elif not present and count == 1:
            yield say(
                "h= names {title}, which the message does not have: it was removed, or signed as absent", title=title
            )


def list_hint(
    fields: Mapping[bytes, Sequence[bytes]], read: SignatureTags, restored: Iterable[DkimRestoration]
) -> str | None:
    """That a mailing list may have changed the message, as the hint that it is; None where nothing points to one.

    A field that is signed proves nothing, nor does one that names the signing domain: it may be the sender's own.
    """
    for name in LIST_FIELDS:
        if name.decode() in read.headers:
            continue
        for raw in fields.get(name, ())[-1:]:
            host = _list_host(raw[:_LOOKED_AT])
            if host and read.domain and not (is_at_or_below(host, read.domain) or is_at_or_below(read.domain, host)):
                return say(
                    "{field} is not signed and names {host}: a hint, no proof, that a mailing list changed the message",
                    field=raw.partition(b":")[0].rstrip(b" \t").decode("ascii", "replace"),
                    host=visible_part(host, 80),
                )
    rewrites = {each.rewrite for each in restored}
    return next((say(words) for wanted, words in _LIST_REWRITES if wanted <= rewrites), None)


_LIST_REWRITES = (
    (
        {"subject-prefix", "footer"},
        mark(
            "mailing lists put such words into Subject and add such lines: a hint, no proof, that one changed the message"
        ),
    ),
    (
        {"subject-prefix"},
        mark("mailing lists put such words into Subject: a hint, no proof, that one changed the message"),
    ),
    ({"footer"}, mark("mailing lists add such lines: a hint, no proof, that one changed the message")),
)
_HOST = re.compile(rb"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,20}")


def _list_host(raw: bytes) -> str | None:
    """The last domain in the field, which List-Id and List-Post have in angle brackets (RFC 2919 §3, RFC 2369 §3.4)."""
    value = raw.partition(b":")[2]
    hosts = _HOST.findall(value.rpartition(b"<")[2] or value)
    return hosts[-1].decode("ascii").lower() if hosts else None
