"""The refusals in Sendmail's reports: in the session that they quote, in what they list above it, in words of their own."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile

import msgspec

from smtpprobe.intake import transcripts
from smtpprobe.intake.found import Found, domain_of, refusal

_ADDRESSED = re.compile(
    r"^<?(?P<to>[^\s<>()@]{1,320}@[^\s<>()@]{1,255})>?[ \t\r]*\n(?P<notes>(?:[ \t]+\([^\n]*\n)*)", re.MULTILINE
)
_REASON = re.compile(r"^[ \t]+\(reason: (.*)\)[ \t\r]*$", re.MULTILINE)
_TALKING = re.compile(r"while talking to (\S{1,255}?)\.?:?[ \t\r]*$", re.MULTILINE)


_OWN_WORDS = re.compile(
    r"(?P<code>[45]\d\d (?:[45]\.\d{1,3}\.\d{1,3} )?)?(?P<to>\S{1,1000}?)\.\.\. (?P<words>(?(code)|Deferred).+)"
)


_NO_RECIPIENT = re.compile(r"<<< (?:503[ ]|554 (?:5\.5\.1 )?[^\n]{0,40}\bno valid recipients)", re.IGNORECASE)
_SESSION_BEGINS = re.compile(r"^(?:\.\.\. while talking to |<<< |>>> )", re.MULTILINE)


def sendmail(body: str) -> Iterator[Found]:
    if "Transcript of session follows" not in body and "<<< " not in body and not _REASON.search(body):
        return
    before, mark, session = body.rpartition("Transcript of session follows")
    if not mark:
        begun = _SESSION_BEGINS.search(body)
        at = begun.start() if begun else len(body)
        before, session = body[:at], body[at:]
    addressed = _Addressed(f"{before}\n")
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
        yield refusal(reply, None, to.strip("<>"), None)


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
                    yield refusal(reason, None, to, None)

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


def _replies_before_a_consequence(answers: Sequence[str]) -> int:
    """How many replies stand before one that no recipient was accepted; 0 if it is not there."""
    ends = [each for each in takewhile(lambda line: line.startswith("<<< "), answers) if each[7:8] != "-"]
    at = next((number for number, each in enumerate(ends) if _NO_RECIPIENT.match(each)), 0)
    return at if all(each[4:5] in "45" for each in ends[:at]) else 0


def _session(lines: Sequence[str]) -> Iterator[Found]:
    """The refusals among the lines, each with the index of its first line."""
    numbers = [number for number, line in enumerate(lines) if line.startswith((">>> ", "<<< "))]
    said = [lines[number] for number in numbers]
    for at in [at for at, line in enumerate(said) if line.startswith(">>> DATA")][::-1]:
        # Commands went out in one piece, of which the report has the last: the replies before its own are to RCPT.
        earlier = _replies_before_a_consequence(said[at + 1 :])
        said[at:at] = [">>> RCPT TO:<>"] * earlier
        numbers[at:at] = [numbers[at]] * earlier
    session = (line.encode() for line in said)
    for found in transcripts.refusals(session, transcripts.Client.SESSION):
        found = msgspec.structs.replace(found, line=numbers[(found.line or 1) - 1])
        yield found if lines[numbers[0]].startswith(">>>") else msgspec.structs.replace(found, phase=None)
