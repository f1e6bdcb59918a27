"""The refusals that the words of a report tell: qmail, Yahoo, Exim, Postfix, Exchange, Sendmail; then any that quote a reply."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.intake import transcripts
from smtpprobe.intake.found import MAX_REPLY, Found, domain_of, phase_of
from smtpprobe.intake.logs.postfix import postfix
from smtpprobe.intake.near import Ends, Mailboxes
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
        for reader in (_qmail, _yahoo, _exim, _postfix, _exchange, _sendmail):
            if said := list(reader(words)):
                return said
    return []


def mentioned(body: str) -> list[Found]:
    """The replies that words in no known wording quote; what stands in a returned header is none."""
    return list(_any(_own_words(body[:_MAX_WORDS])))


def _refusal(reply: str, phase: Phase | None, to: str | None, peer: str | None) -> Found:
    return Found(reply=reply[:MAX_REPLY], phase=phase, recipient_domain=domain_of(to), peer=peer, recipient=to)


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


def _qmail(body: str) -> Iterator[Found]:
    if "qmail-send" not in body and "Remote host said:" not in body:
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
        own = re.search(r"\(#([45]\.\d\.\d{1,3})\)", words)
        if not said and own:
            reply = f"{own[1]} {reply}"
        if reply:
            yield _refusal(reply.strip(), phase, recipient, host[1].rstrip(".") if host else None)


_BEFORE_CODE = re.compile(r"\A[^\n]{0,200}?(?<!\S)([45]\d\d):? (?=[45]\.\d\.\d)")


def _yahoo(body: str) -> Iterator[Found]:
    if "Sorry, we were unable to deliver your message to the following address" not in body:
        return
    pieces = _QMAIL_RECIPIENT.split(body.split("--- Below this line", 1)[0])
    for recipient, words in zip(pieces[1::2], pieces[2::2], strict=True):
        if reply := re.split(r"\n\s{0,9}\n", words.strip(), maxsplit=1)[0]:
            yield _refusal(_BEFORE_CODE.sub(r"\1 ", reply), None, recipient, None)


_EXIM = re.compile(
    r"^ {2,4}(?P<to>[^\s<>@]{1,320}@[^\s<>@]{1,255}+)[^\n]{0,400}\n(?P<words>(?:^[ ]{4,}.*(?:\n|\Z))+)", re.MULTILINE
)
_EXIM_SAID = re.compile(
    r"(?:host (?P<host>\S{1,255} \[[^\]]{1,100}\])\s+)?SMTP error from remote (?:mail server|mailer) after "
    r"(?P<after>[^:]{1,40}?(?::<[^<>]{0,320}>[^:]{0,100})?):\s+(?:host (?P<late>\S{1,255} \[[^\]]{1,100}\]):\s*)?(?P<reply>.*)",
    re.DOTALL,
)


def _exim(body: str) -> Iterator[Found]:
    if "SMTP error from remote" not in body and "created automatically by mail delivery software" not in body:
        return
    for block in _EXIM.finditer(body):
        words = re.sub(r"\n +", "\n", block["words"].strip())
        said = _EXIM_SAID.search(words)
        if said:
            peer = said["host"] or said["late"]
            yield _refusal(said["reply"].strip(), phase_of(said["after"]), block["to"], peer)
        elif words:
            yield _refusal(words, None, block["to"], None)


_POSTFIX = re.compile(
    r"^<(?P<to>[^<>\n]{1,320})>(?: \(expanded from <[^<>\n]{1,320}>\))?: (?P<words>.*?)(?=\n\s{0,9}\n|\n<|\n--|\Z)",
    re.DOTALL | re.MULTILINE,
)


_POSTFIX_MARK = re.compile(r"^This is the (?:mail system|Postfix program) at host ", re.MULTILINE)
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
            known = known or phase is not None
        else:
            continue
        said.append(_refusal(reply, phase, block["to"], peer))
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
        (?P<hashed>(?:\#?[45]\.\d\.\d{1,3}[ ]\S{0,20};)?[45]\d\d[ -])
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
        reply = " ".join(re.sub(r"\A#?[45]\.\d\.\d{1,3} smtp;", "", reply.strip(" #")).split())
        to = mailboxes.last(max(0, said.start() - 500), said.start()) or mailboxes.last(0, len(body))
        yield _refusal(reply, None, to, said["at"] or said["hash_host"] or said["host"])


_ADDRESSED = re.compile(
    r"^<?(?P<to>[^\s<>()@]{1,320}@[^\s<>()@]{1,255})>?[ \t\r]*\n(?P<notes>(?:[ \t]+\([^\n]*\n)*)", re.MULTILINE
)
_REASON = re.compile(r"^[ \t]+\(reason: (.*)\)[ \t\r]*$", re.MULTILINE)
_TALKING = re.compile(r"while talking to (\S{1,255}?)\.?:?[ \t\r]*$", re.MULTILINE)


_OWN_WORDS = re.compile(
    r"(?P<code>[45]\d\d (?:[45]\.\d{1,3}\.\d{1,3} )?)?(?P<to>\S{1,1000}?)\.\.\. (?P<words>(?(code)|Deferred).+)"
)


def _sendmail(body: str) -> Iterator[Found]:
    if "Transcript of session follows" not in body and "<<< " not in body:
        return
    before, _, session = body.rpartition("Transcript of session follows")
    addressed = _Addressed(before)
    pieces = _TALKING.split(session)
    for host, words in zip((None, *pieces[1::2]), pieces[::2], strict=True):
        lines = words.split("\n")
        answers = {found.line: found for found in _session(lines)}
        for found in answers.values():
            for to in addressed.concerned(found):
                domain = found.recipient_domain or domain_of(to) or addressed.domain
                yield msgspec.structs.replace(found, recipient_domain=domain, recipient=to, peer=host)
        for number, line in enumerate(lines):
            if own := _OWN_WORDS.match(line):
                answered = _answer_above(lines, number, answers)
                yield from _in_own_words(own, [to for to in own["to"].split(",") if addressed.is_new(to, answered)])
    yield from addressed.left()


def _answer_above(lines: Sequence[str], number: int, answers: dict[int | None, Found]) -> Found | None:
    """The refusal whose last line stands right above the line."""
    number -= 1
    while number >= 0 and lines[number].startswith("<<< "):
        if number in answers:
            return answers[number]
        number -= 1
    return None


def _in_own_words(own: re.Match[str], recipients: Sequence[str]) -> Iterator[Found]:
    reply = own[0].strip() if own["code"] else own["words"].strip().removeprefix("Deferred: ")
    for to in recipients:
        yield _refusal(reply, None, to.strip("<>"), None)


class _Addressed:
    """The recipients that Sendmail lists above the session, each with the first line of its reply where it names that.

    `domain` is the one that all share, None where they differ.
    """

    def __init__(self, words: str) -> None:
        self._addresses: list[str] = []
        self._reasons: dict[str, str] = {}
        self._by_reason: dict[str, list[str]] = {}
        self._by_domain: dict[tuple[str, str | None], deque[str]] = {}
        self._known: set[str] = set()
        self._answered: set[str] = set()
        self._unknown = False
        for block in _ADDRESSED.finditer(words):
            to = block["to"]
            self._addresses.append(to)
            if reason := _REASON.search(block["notes"]):
                first = reason[1].strip()
                self._reasons[to] = first
                self._by_reason.setdefault(first, []).append(to)
                self._by_domain.setdefault((first, domain_of(to)), deque()).append(to)
        domains = {domain_of(to) for to in self._addresses}
        self.domain = domains.pop() if len(domains) == 1 else None

    def concerned(self, found: Found) -> Sequence[str | None]:
        """Each recipient for which a reply is the reason; one None where the report does not say."""
        first = found.reply.partition("\n")[0].strip()
        concerned: Sequence[str | None]
        if found.recipient_domain:
            concerned = [self._of_domain(first, found.recipient_domain)]
        else:
            # The same reply given again concerns nobody anew.
            concerned = self._by_reason.pop(first, []) or [self._single(None)]
        self._known.update(to for to in concerned if to)
        if None not in concerned:
            self._answered.add(first)
        self._unknown = self._unknown or None in concerned
        return concerned

    def is_new(self, to: str, answered: Found | None) -> bool:
        """Whether Sendmail's own words about a recipient, below the reply `answered`, tell more than the replies do."""
        to = to.strip("<>")
        if not to or to in self._known:
            return False
        if answered is not None:
            if answered.recipient_domain:
                told = answered.recipient_domain == domain_of(to)
            else:
                told = self._reasons.get(to, answered.reply)[:3] == answered.reply[:3]
            if told and not self._belongs_to_others(to, answered):
                return False
        self._known.add(to)
        return True

    def left(self) -> Iterator[Found]:
        """The reasons of the recipients of which the session tells nothing."""
        if not self._unknown:
            for to, reason in self._reasons.items():
                if to not in self._known:
                    yield _refusal(reason, None, to, None)

    def _of_domain(self, first: str, domain: str) -> str | None:
        listed = self._by_domain.get((first, domain))
        if not listed:
            return self._single(domain)
        return listed.popleft() if len(listed) > 1 else listed[0]

    def _belongs_to_others(self, to: str, found: Found) -> bool:
        """Whether the reply is the reason of listed recipients, and the recipient is listed with another."""
        first = found.reply.partition("\n")[0].strip()
        return self._reasons.get(to, first) != first and first in self._answered

    def _single(self, domain: str | None) -> str | None:
        to = self._addresses[0] if len(self._addresses) == 1 else None
        return to if domain in (None, domain_of(to)) else None


def _session(lines: Sequence[str]) -> Iterator[Found]:
    """The refusals among the lines, each with the index of its first line."""
    numbers = [number for number, line in enumerate(lines) if line.startswith((">>> ", "<<< "))]
    session = (lines[number].encode() for number in numbers)
    for found in transcripts.refusals(session, transcripts.Client.SESSION):
        found = msgspec.structs.replace(found, line=numbers[(found.line or 1) - 1])
        yield found if lines[numbers[0]].startswith(">>>") else msgspec.structs.replace(found, phase=None)


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
            yield _refusal(" ".join(body[said.start(1) : at].split()), None, to, None)
