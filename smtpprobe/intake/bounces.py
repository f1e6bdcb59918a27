"""The refusals in non-delivery reports: RFC 3464, and those of qmail, Exim, Exchange, Postfix and Sendmail as text."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from smtpprobe.intake import transcripts
from smtpprobe.intake.found import MAX_REPLY, Found, domain_of, phase_of, text
from smtpprobe.intake.mail_logs import postfix
from smtpprobe.model.transcript import Phase

_MAX_PART = 1 << 18  # octets of one part that are read
_MAX_BOUNDARIES = 20
_MAX_WORDS = 1 << 16  # characters of a text that are searched
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,80})[ \t]*:[ \t]*(.*)", re.DOTALL)
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")


class Part(msgspec.Struct):
    """One part of a message: its fields (lower-case names), and its body as written."""

    fields: dict[str, str]
    body: list[bytes]
    begun: int
    size: int = 0

    @property
    def type(self) -> str:
        return self.fields.get("content-type", "text/plain").partition(";")[0].strip().lower()

    def add(self, line: bytes) -> None:
        if self.size < _MAX_PART:
            self.body.append(line)
            self.size += len(line) + 1

    def decoded(self) -> str:
        """The body as text, its transfer encoding taken away."""
        body = b"\n".join(self.body)
        coding = self.fields.get("content-transfer-encoding", "").strip().lower()
        if coding == "quoted-printable":
            body = quopri.decodestring(body)
        elif coding == "base64":
            packed = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            with suppress(binascii.Error):
                body = binascii.a2b_base64(
                    packed[: len(packed) // 4 * 4] + packed[len(packed) // 4 * 4 :].ljust(4, b"=")
                )
        words = text(body)
        return re.sub(r"<[^<>]{1,500}>", " ", words) if self.type == "text/html" else words


def refusals(lines: Iterable[bytes]) -> Iterator[Found]:
    """Every recipient's refusal in a bounce, or in a mailbox of them; what a report returns of the message is not read."""
    plain: list[Found] = []
    when: str | None = None
    told = False
    for part in parts(lines):
        if part is None:
            yield from () if told else plain
            plain, when, told = [], None, False
            continue
        when = when or part.fields.get("date")
        is_text = part.type.startswith("text/") and part.type != "text/rfc822-headers"
        if part.type in _STATUS_TYPES or (is_text and _has_status(part)):
            for found in _recipients(part, when):
                told = True
                yield _completed(found, plain)
        elif is_text and not (told or plain):
            plain = _in_words(part.decoded(), when, part.begun)
    yield from () if told else plain


def _completed(found: Found, plain: list[Found]) -> Found:
    """What the fields tell of a recipient, with what the words for people tell beyond it: reply, phase, peer."""
    same = next((each for each in plain if each.recipient_domain == found.recipient_domain), None)
    if same is None or found.recipient_domain is None:
        return found
    if re.fullmatch(r"[45]\.\d{1,3}\.\d{1,3}", found.reply):
        found = msgspec.structs.replace(found, reply=same.reply, phase=same.phase)
    elif found.phase is None and found.reply[:3] == same.reply[:3]:
        found = msgspec.structs.replace(found, phase=same.phase)
    return found if found.peer else msgspec.structs.replace(found, peer=same.peer)


def _has_status(part: Part) -> bool:
    """Whether the fields of a delivery status were pasted without their message."""
    return any(line[:16].lower() == b"final-recipient:" for line in part.body[:60])


def parts(lines: Iterable[bytes]) -> Iterator[Part | None]:
    """The parts of each message with their fields, None between two messages of a mailbox.

    Parts of parts stand in a row; a message that comes back stays the body of its part.
    """
    boundaries: list[bytes] = []
    part = Part({}, [], 1)
    in_fields, name = True, ""
    for number, line in enumerate(lines, start=1):
        if line.startswith(b"From ") and not (in_fields and not part.fields) and (not part.body or not part.body[-1]):
            yield part
            yield None
            boundaries, part, in_fields, name = [], Part({}, [], number), True, ""
            continue
        if line.startswith(b"--") and (known := _boundary(line, boundaries)) is not None:
            yield part
            del boundaries[known + 1 :]
            part, in_fields, name = Part({}, [], number), True, ""
            continue
        if not in_fields:
            part.add(line)
            continue
        if not line:
            # A message without fields is all text.
            in_fields = not part.fields and not boundaries
            nests = part.type.startswith("multipart/") and len(boundaries) < _MAX_BOUNDARIES
            if nests and (found := _BOUNDARY.search(part.fields["content-type"])):
                boundaries.append(b"--" + (found[1] or found[2]).encode("utf-8", "surrogateescape"))
        elif line[:1] in b" \t" and name:
            part.fields[name] = (part.fields[name] + " " + text(line.strip()))[:MAX_REPLY]
        elif field := _FIELD.match(line):
            name = text(field[1]).lower()
            part.fields.setdefault(name, text(field[2])[:MAX_REPLY])
            if name in ("final-recipient", "reporting-mta"):
                in_fields = False
                part.add(line)
        elif not line.startswith(b"From "):
            in_fields = False
            part.add(line)
    yield part


def _boundary(line: bytes, boundaries: list[bytes]) -> int | None:
    stripped = line.rstrip()
    for index in range(len(boundaries) - 1, -1, -1):
        if stripped in (boundaries[index], boundaries[index] + b"--"):
            return index
    return None


def _recipients(part: Part, when: str | None) -> list[Found]:
    """The recipients of a delivery-status part that failed or wait, in order (RFC 3464 §2.3)."""
    found = []
    for begun, group in _groups(part):
        diagnostic = group.get("diagnostic-code", "")
        status = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", group.get("status", ""))
        recipient = group.get("final-recipient") or group.get("original-recipient")
        action = group.get("action", "failed").strip().lower()
        if recipient is None or action not in ("failed", "delayed") or not (diagnostic or status):
            continue
        reply = diagnostic.partition(";")[2].strip() if ";" in diagnostic[:40] else diagnostic.strip()
        reply, phase = _without_command(reply)
        if said := re.search(r"\bsaid: ([45]\d\d[ -].*)", reply):
            reply = said[1]
        if not re.match(r"#?[<\"']{0,2}[45]\d\d\b", reply) and status and status[0] not in reply[:12]:
            reply = f"{status[0]} {reply}".strip()
        peer = group.get("remote-mta", "").rpartition(";")[2].strip() or None
        seen = group.get("last-attempt-date") or when
        found.append(Found(reply[:MAX_REPLY], phase, domain_of(recipient), seen, peer, begun))
    return found


def _groups(part: Part) -> Iterator[tuple[int, dict[str, str]]]:
    """The groups of fields of a delivery-status part, the fields about the message being the first."""
    group: dict[str, str] = {}
    name, begun = "", part.begun
    body = text(b"\n".join(part.body)) if not part.fields.get("content-transfer-encoding") else part.decoded()
    for number, line in enumerate([*body.split("\n"), ""], start=part.begun):
        if not line.strip():
            if group:
                yield begun, group
            group, name = {}, ""
        elif line[:1] in " \t" and name:
            group[name] = (group[name] + " " + line.strip())[:MAX_REPLY]
        elif ":" in line:
            begun = begun if group else number
            name, _, value = line.partition(":")
            name = name.strip().lower()
            if name == "final-recipient" and name in group:
                yield begun, group
                group, begun = {}, number
            group[name] = value.strip()[:MAX_REPLY]


_COMMAND_TAIL = re.compile(r"\s*\(in reply to ([A-Za-z ]{2,40}?)(?: command)?\)\s*\Z")


def _without_command(reply: str) -> tuple[str, Phase | None]:
    tail = _COMMAND_TAIL.search(reply)
    return (reply[: tail.start()], phase_of(tail[1])) if tail else (reply, None)


def _in_words(body: str, when: str | None, begun: int) -> list[Found]:
    """The refusals of a report without fields, by the first kind of wording that fits."""
    for reader in (_qmail, _exim, _postfix, _exchange, _sendmail, _any):
        found = [
            Found(reply[:MAX_REPLY], phase, domain, when, peer, begun)
            for reply, phase, domain, peer in reader(body[:_MAX_WORDS])
        ]
        if found:
            return found
    return []


_Refusals = Iterator[tuple[str, Phase | None, str | None, str | None]]

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


def _qmail(body: str) -> _Refusals:
    if "qmail-send" not in body and "Remote host said:" not in body:
        return
    body = body.split("--- Below this line", 1)[0]
    pieces = _QMAIL_RECIPIENT.split(body)
    for recipient, words in zip(pieces[1::2], pieces[2::2], strict=True):
        said = _QMAIL_SAID.search(words)
        lowered = words.lower()
        phase = next((phase for part, phase in _QMAIL_PHASES if part in lowered), None)
        host = re.search(
            r"(?:Giving up on|Connected to|^)\s*([\d.]{7,15}|[0-9a-fA-F:]{6,45})(?=[ .]| but)", words, re.MULTILINE
        )
        reply = said[1] or said[2] if said else words.strip().partition("\n\n")[0]
        own = re.search(r"\(#([45]\.\d\.\d{1,3})\)", words)
        if not said and own:
            reply = f"{own[1]} {reply}"
        if reply:
            yield reply.strip(), phase, domain_of(recipient), host[1].rstrip(".") if host else None


_EXIM = re.compile(
    r"^ {2,4}(?P<to>[^\s<>]{1,320}@[^\s<>]{1,255})[^\n]{0,400}\n(?P<words>(?:^[ ]{4,}.*(?:\n|\Z))+)", re.MULTILINE
)
_EXIM_SAID = re.compile(
    r"(?:host (?P<host>\S{1,255} \[[^\]]{1,100}\])\s+)?SMTP error from remote (?:mail server|mailer) after "
    r"(?P<after>[^:]{1,40}?(?::<[^<>]{0,320}>[^:]{0,100})?):\s+(?:host (?P<late>\S{1,255} \[[^\]]{1,100}\]):\s*)?(?P<reply>.*)",
    re.DOTALL,
)


def _exim(body: str) -> _Refusals:
    if "SMTP error from remote" not in body and "created automatically by mail delivery software" not in body:
        return
    for block in _EXIM.finditer(body):
        words = re.sub(r"\n +", "\n", block["words"].strip())
        said = _EXIM_SAID.search(words)
        if said:
            yield said["reply"].strip(), phase_of(said["after"]), domain_of(block["to"]), said["host"] or said["late"]
        elif words:
            yield words, None, domain_of(block["to"]), None


_POSTFIX = re.compile(
    r"^<(?P<to>[^<>\n]{1,320})>(?: \(expanded from <[^<>\n]{1,320}>\))?: (?P<words>.*?)(?=\n\s{0,9}\n|\n<|\n--|\Z)",
    re.DOTALL | re.MULTILINE,
)


def _postfix(body: str) -> _Refusals:
    for block in _POSTFIX.finditer(body):
        words = " ".join(block["words"].split())
        if found := postfix(words):
            reply, phase, _, peer = found
            yield reply, phase, domain_of(block["to"]), peer


_RETURNED = re.compile(
    r"""
      Remote[ ][Ss]erver(?:[ ]at[ ](?P<at>\S{1,255}))?(?:[ ]\([^()]{1,100}\))?[ ]returned[ ]
        '(?P<quoted>[^']{3,2000}?)'(?=\s|\Z)
    | (?:(?<![\w.-])(?P<hash_host>[\w.-]{1,255}))?[ ]?\#(?:<|&lt;)?
        (?P<hashed>(?:\#?[45]\.\d\.\d{1,3}[ ]\S{0,20};)?[45]\d\d[ -].{3,2000}?)(?:>?\s?\#\#|>?\s\#SMTP\#|\n\s{0,9}\n|\Z)
    | (?<![\w.-])(?P<host>[\w.-]{1,255})[ ](?:gave[ ]this[ ]error|rejected[ ]your[ ]message[ ]to[ ]the[ ]following[ ]
        e-?mail[ ]addresses):\s{0,9}(?P<gave>.{3,2000}?)(?=\n\s{0,9}\n|\Z)
    """,
    re.DOTALL | re.VERBOSE,
)
_EXCHANGE_MARKS = ("Generating server", "Remote Server", "gave this error", "rejected your message", "#SMTP#", "##")
_MAILBOX = re.compile(r"[\w.+=-]{1,64}@[\w.-]{1,255}")


def _exchange(body: str) -> _Refusals:
    if not any(mark in body for mark in _EXCHANGE_MARKS):
        return
    for said in _RETURNED.finditer(body):
        reply = said["quoted"] or said["hashed"] or said["gave"]
        reply = " ".join(re.sub(r"\A#?[45]\.\d\.\d{1,3} smtp;", "", reply.strip(" #")).split())
        near = _MAILBOX.findall(body, max(0, said.start() - 500), said.start()) or _MAILBOX.findall(body)
        yield reply, None, domain_of(near[-1] if near else None), said["at"] or said["hash_host"] or said["host"]


def _sendmail(body: str) -> _Refusals:
    if "Transcript of session follows" not in body and "<<< " not in body:
        return
    host = re.search(r"while talking to (\S{1,255}?)\.?:?[ \t\r]*$", body, re.MULTILINE)
    lines = [line for line in body.split("\n") if line.startswith((">>> ", "<<< "))]
    session = transcripts.refusals(
        (line.encode("utf-8", "surrogateescape") for line in lines), transcripts.Client.SESSION
    )
    for found in session:
        phase = found.phase if lines[0].startswith(">>>") else None
        yield found.reply, phase, found.recipient_domain, host[1] if host else None


_ANY = re.compile(
    r"(?:^|[\s:'\"(<])([45]\d\d[ -]#?(?:[45]\.\d\.\d{1,3}\b|[A-Za-z<\"']).{3,1000}?)(?=\n\s{0,9}\n|\n--|\n\d{3}[ -](?!\d)|\Z)",
    re.DOTALL,
)


def _any(body: str) -> _Refusals:
    """Any words of a report that quote a reply."""
    for said in _ANY.finditer(body):
        near = _MAILBOX.findall(body, max(0, said.start() - 300), said.end())
        yield " ".join(said[1].split()), None, domain_of(near[0] if near else None), None
