"""The refusals that the words of a report tell: qmail, Yahoo, Exim, Postfix, Exchange, Sendmail; then any that quote a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smtpprobe.intake.bounced.sendmail import sendmail
from smtpprobe.intake.found import Found, phase_of, refusal
from smtpprobe.intake.logs.postfix import postfix
from smtpprobe.intake.near import Ends, Mailboxes
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered
from smtpprobe.model.transcript import Phase

_MAX_WORDS = 1 << 16  # characters of a text that are searched
_RETURNED_HEADER = re.compile(
    r"^(?:Original message headers:|(?:Received|Return-Path|DKIM-Signature|ARC-Seal): )", re.MULTILINE | re.IGNORECASE
)


def stated(body: str) -> list[Found]:
    """The refusals by the first program's wording that fits; what is said before a returned header goes first."""
    body = body[:_MAX_WORDS]
    own = _own_words(body)
    for words in (own,) if own == body else (own, body):
        for reader in (_qmail, _yahoo, _exim, _postfix, _exchange, sendmail):
            if said := list(reader(words)):
                return said
    return []


def mentioned(body: str) -> list[Found]:
    """The replies that words in no known wording quote; what stands in a returned header is none."""
    return list(_any(_own_words(body[:_MAX_WORDS])))


def _own_words(body: str) -> str:
    header = _RETURNED_HEADER.search(body)
    return body[: header.start()] if header else body


_QMAIL_RECIPIENT = re.compile(r"^<([^<>\n]{1,320})>:[ \t\r]*$", re.MULTILINE)
_QMAIL_SAID = re.compile(
    r"Remote host said: (.*?)(?=\n\s{0,9}Giving up|\n\s{0,9}\n|\Z)|^([45]\d\d[ -].*?)(?=\n\s{0,9}\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_QMAIL_PHASES = (
    ("greeting failed", Phase.GREETING),
    ("my name was rejected", Phase.EHLO),
    ("sender was rejected", Phase.MAIL),
    ("does not like recipient", Phase.RCPT),
    ("failed on data command", Phase.DATA),
    ("failed after i sent the message", Phase.MESSAGE),
    ("tls", Phase.STARTTLS),
)  # fmt: skip


_QMAIL_OWN = re.compile(
    r"^<[^<>\n]{1,320}>:[ \t\r]*\n(?:[^\n<]{1,300}\n){0,3}?[^\n<]{0,300}\(#[45]\.\d\.\d{1,3}\)", re.MULTILINE
)


def _qmail(body: str) -> Iterator[Found]:
    if "qmail-send" not in body and "Remote host said:" not in body and not _QMAIL_OWN.search(body):
        return
    body = body.split("--- Below this line", 1)[0]
    pieces = _QMAIL_RECIPIENT.split(body)
    for recipient, words in zip(pieces[1::2], pieces[2::2], strict=True):
        said = _QMAIL_SAID.search(words)
        lowered = words.lower()
        phase = next((phase for part, phase in _QMAIL_PHASES if part in lowered), None)
        host = re.search(
            r"(?:(?:Giving up on|Connected to)\s{0,9}|^[ \t]*+)([\d.]{7,15}|[0-9a-fA-F:]{6,45})(?=[ .]| but)",
            words,
            re.MULTILINE,
        )
        reply = said[1] or said[2] if said else words.strip().partition("\n\n")[0]
        own = re.search(r" ?\(#([45]\.\d\.\d{1,3})\)", words)
        if not said and own:
            bare = reply.replace(own[0], "")
            reply, phase = (bare, phase_unanswered(bare)) if is_unanswered(bare) else (f"{own[1]} {reply}", phase)
        if reply:
            yield refusal(reply.strip(), phase, recipient, host[1].rstrip(".") if host else None)


_BEFORE_CODE = re.compile(r"\A[^\n]{0,200}?(?<!\S)([45]\d\d):? (?=[45]\.\d\.\d)")


def _yahoo(body: str) -> Iterator[Found]:
    if "Sorry, we were unable to deliver your message to the following address" not in body:
        return
    pieces = _QMAIL_RECIPIENT.split(body.split("--- Below this line", 1)[0])
    for recipient, words in zip(pieces[1::2], pieces[2::2], strict=True):
        if reply := re.split(r"\n\s{0,9}\n", words.strip(), maxsplit=1)[0]:
            yield refusal(_BEFORE_CODE.sub(r"\1 ", reply), None, recipient, None)


_EXIM = re.compile(
    r"^ {2,4}(?P<to>[^\s<>@]{1,320}@[^\s<>@]{1,255}+)[^\n]{0,400}\n(?P<words>(?:^[ ]{4,}.*(?:\n|\Z))+)", re.MULTILINE
)
_EXIM_SAID = re.compile(
    r"(?:host (?P<host>\S{1,255} \[[^\]]{1,100}\])\s+)?SMTP error from remote (?:mail server|mailer) after "
    r"(?P<after>[^:]{1,40}?(?::<[^<>]{0,320}>[^:]{0,100})?):\s+(?:host (?P<late>\S{1,255} \[[^\]]{1,100}\]):\s*)?(?P<reply>.*)",
    re.DOTALL,
)


# Where the blanks before the lines were lost, or others stand there.
_EXIM_AT_MARGIN = re.compile(
    r"^[ \t>]{0,8}<?(?P<to>[^\s<>@]{1,320}@[^\s<>@:]{1,255})>?:?[^\n]{0,400}\n"
    r"(?P<words>[ \t>]{0,12}(?:host \S{1,255} \[|(?:SMTP|LMTP) error from remote|Delay reason:)[^\n]{0,2000}(?:\n|\Z)"
    r"(?:^(?![ \t>]{0,8}[^\s<>@]{1,320}@[^\s<>@]{1,255}[ \t\r]*$|[ \t>\r]*$|--).{0,2000}(?:\n|\Z)){0,40})",
    re.MULTILINE,
)
_EXIM_MARKS = (
    *("SMTP error from remote", "created automatically by mail delivery software", "A message that you sent"),
    *("The following address(es) ", "Delay reason: "),
)


def _exim(body: str) -> Iterator[Found]:
    if not any(mark in body for mark in _EXIM_MARKS):
        return
    blocks, others = list(_EXIM.finditer(body)), list(_EXIM_AT_MARGIN.finditer(body))
    for block in others if len(others) > len(blocks) else blocks:
        words = re.sub(r"\n[ \t>]+", "\n", block["words"].strip(" \t\r\n>"))
        said = _EXIM_SAID.search(words)
        if said:
            peer = said["host"] or said["late"]
            yield refusal(said["reply"].strip(), phase_of(said["after"]), block["to"], peer)
        elif words:
            yield refusal(words, None, block["to"], None)


_POSTFIX = re.compile(
    r"^<(?P<to>[^<>\n]{1,320})>(?: \(expanded from <[^<>\n]{1,320}>\))?: (?P<words>.*?)(?=\n\s{0,9}\n|\n<|\n--|\Z)",
    re.DOTALL | re.MULTILINE,
)


_POSTFIX_MARK = re.compile(r"^This is the (?:mail system|Postfix program) at host ", re.MULTILINE)
# Reasons of its own that nobody else words so.
_POSTFIX_OWN = re.compile(
    r"lost connection with |conversation with \S+ timed out|delivery temporarily suspended: |mail for \S+ loops back to myself"
    r"|TLS is required, but |Server certificate not |Cannot start TLS: |message size \d+ exceeds size limit|unknown user: \""
    r"|User unknown in (?:virtual|local|relay) |mail forwarding loop for |unable to look up host "
)
_POSTFIX_SUCCESS = re.compile(r"deliver(?:y via|ed |s to )")
_POSTFIX_PHASES = (
    ("connect to ", Phase.CONNECT),
    ("Host or domain name not found", Phase.DNS),
    ("Name service error", Phase.DNS),
)


def _postfix(body: str) -> Iterator[Found]:
    said = []
    known = _POSTFIX_MARK.search(body) is not None
    for block in _POSTFIX.finditer(body):
        words = " ".join(block["words"].split())
        if found := postfix(words):
            reply, phase, peer = found.reply, found.phase, found.peer
            known = True
        elif words and not _POSTFIX_SUCCESS.match(words):
            reply, phase, peer = words, _postfix_phase(words), None
            known = known or phase is not None or _POSTFIX_OWN.match(words) is not None
        else:
            continue
        said.append(refusal(reply, phase, block["to"], peer))
    # Without its heading or a reason that is its own, an address and a colon may be anybody's.
    if known:
        yield from said


def _postfix_phase(words: str) -> Phase | None:
    during = re.search(r" while sending (.{3,40})\Z", words)
    begun = next((phase for start, phase in _POSTFIX_PHASES if words.startswith(start)), None)
    return begun or (phase_of(during[1]) if during else None)


_PARAGRAPH_END = re.compile(r"\n\s{0,9}\n|\Z")
_HASHED_END = re.compile(r">?\s?\#\#|>?\s\#SMTP\#|\n\s{0,9}\n|\Z")
_RETURNED = re.compile(
    r"""
      Remote[ ][Ss]erver(?:[ ]at[ ](?P<at>\S{1,255}))?(?:[ ]\([^()]{1,100}\))?[ ]returned[ ]
        '(?P<quoted>[^']{3,2000}?)'(?=\s|\Z)
    | (?:(?<![\w.@-])(?P<hash_host>[\w.-]{1,255}))?[ ]?\#(?:<|&lt;)?
        (?P<hashed>(?:\#?[45]\.\d\.\d{1,3}[ ]\S{0,20};[ ]?)?[45]\d\d[ -])
    | (?<![\w.-])(?P<host>[\w.-]{1,255})[ ](?:gave[ ]this[ ]error|rejected[ ]your[ ]message[ ]to[ ]the[ ]following[ ]
        e-?mail[ ]addresses):\s{0,9}
    """,
    re.VERBOSE,
)
_EXCHANGE_MARKS = (
    *("Generating server", "Remote Server", "Remote server", "gave this error"),
    *("rejected your message", "#SMTP#", "##"),
)


def _exchange(body: str) -> Iterator[Found]:
    if not any(mark in body for mark in _EXCHANGE_MARKS):
        return
    mailboxes = Mailboxes(body)
    ends, paragraphs = Ends(_HASHED_END, body), Ends(_PARAGRAPH_END, body)
    at = 0
    while said := _RETURNED.search(body, at):
        at = said.end()
        reply = said["quoted"]
        if reply is None:
            end = (ends if said["hashed"] else paragraphs).after(at, most=2000)
            if end is None:
                continue
            reply, at = (said["hashed"] or "") + body[at : end.start()], max(end.end() if said["hashed"] else 0, at)
        reply = " ".join(re.sub(r"\A#?[45]\.\d\.\d{1,3} smtp; ?", "", reply.strip(" #")).split())
        to = mailboxes.last(max(0, said.start() - 500), said.start()) or mailboxes.last(0, len(body))
        yield refusal(reply, None, to, said["at"] or said["hash_host"] or said["host"])


_ANY = re.compile(r"(?:^|[\s:'\"(<])([45]\d\d[ -]#?(?:[45]\.\d\.\d{1,3}\b|[A-Za-z<\"']))")
_ANY_END = re.compile(r"\n\s{0,9}\n|\n--|\n\d{3}[ -](?!\d)|\Z")


def _any(body: str) -> Iterator[Found]:
    """Any words of a report that quote a reply."""
    mailboxes, ends = Mailboxes(body), Ends(_ANY_END, body)
    at = 0
    while said := _ANY.search(body, at):
        at = said.end()
        if end := ends.after(at, most=1000):
            at = end.start()
            to = mailboxes.first(max(0, said.start() - 300), at)
            yield refusal(" ".join(body[said.start(1) : at].split()), None, to, None)
