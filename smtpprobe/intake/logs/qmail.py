"""The refusals in lines of qmail-send, as multilog and splogger write them."""

from __future__ import annotations

import re
from collections import OrderedDict

from smtpprobe.intake.found import domain_of
from smtpprobe.intake.logs.lines import Refusal, starts_with_code
from smtpprobe.model.transcript import Phase

MARKERS = (b"starting delivery ", b": failure: ", b": deferral: ")
MAX_OPEN = 2000  # deliveries whose recipient is remembered, the latest ones
_STARTING = re.compile(
    r"(?:\A|[ .\d])starting delivery (?P<number>\d{1,12}): msg \d{1,20} to (?:remote|local) (?P<to>\S{1,320})"
)
_FAILED = re.compile(
    r"(?:\A|[ .\d])delivery (?P<number>\d{1,12}): (?P<kind>failure|deferral): (?P<words>.*)", re.DOTALL
)
_SAID = re.compile(r"Remote host said: (?P<reply>[45].*)", re.DOTALL)
_GIVING_UP = re.compile(r"/Giving up on \S{1,100}\Z")
_PEER = re.compile(
    r"(?:\AConnected to )?(?P<ip>[0-9A-Fa-f.:]{3,45}) (?:does|failed|but)\b|\A(?P<first>[0-9A-Fa-f.:]{3,45})[ _]"
)
_NUMBER = re.compile(r"\(#(?P<number>[45]\.\d{1,3}\.\d{1,3})\)")
_PHASES = (
    ("does not like recipient", Phase.RCPT),
    ("does not like sender", Phase.MAIL),
    ("sender was rejected", Phase.MAIL),
    ("failed on DATA command", Phase.DATA),
    ("failed after I sent the message", Phase.MESSAGE),
    ("greeting failed", Phase.GREETING),
    ("my name was rejected", Phase.EHLO),
    ("unable to authenticate", Phase.AUTH),
    ("to establish an SMTP connection", Phase.CONNECT),
    ("find any host named", Phase.DNS),
    ("lookup failed", Phase.DNS),
)


class QmailSend:
    """Reads one line after the other: a delivery's recipient stands in the line that starts it."""

    def __init__(self) -> None:
        self._recipients: OrderedDict[str, str] = OrderedDict()

    def __call__(self, message: str) -> Refusal | None:
        """The refusal in a line; None where there is none."""
        if starting := _STARTING.search(message):
            self._recipients[starting["number"]] = starting["to"]
            if len(self._recipients) > MAX_OPEN:
                self._recipients.popitem(last=False)
            return None
        failed = _FAILED.search(message)
        if failed is None:
            return None
        domain = domain_of(self._recipients.pop(failed["number"], None))
        refusal = _read(failed["words"].rstrip("/ \n").replace("_", " "), failed["kind"], domain)
        if refusal is None:
            return None
        said = _SAID.search(failed["words"].replace("_", " ")) is not None
        return refusal._replace(own=not said, queued=failed["kind"] == "deferral").sending()


def _read(words: str, kind: str, domain: str | None) -> Refusal | None:
    """A delivery's words: blanks stand for the underscores in them, and each slash may be a line end."""
    if not words:
        return None
    phase = next((phase for known, phase in _PHASES if known in words), None)
    found = _PEER.search(words)
    peer = (found["ip"] or found["first"]) if found else None
    if said := _SAID.search(words):
        reply = _GIVING_UP.sub("", said["reply"])
        return Refusal(re.sub(r"/(?=[45]\d\d[ -])", "\n", reply), phase, domain, peer)
    words = words.replace("./", ". ").strip()
    if phase is Phase.CONNECT or "connection died" in words:
        # Nobody gave a reply.
        return Refusal(_NUMBER.sub("", words).strip(), phase, domain, peer)
    number = _NUMBER.search(words)
    if number:
        words = f"{number['number']} {_NUMBER.sub('', words).strip()}"
    elif not starts_with_code(words):
        words = f"{5 if kind == 'failure' else 4}.0.0 {words}"
    return Refusal(words, phase, domain, peer)
