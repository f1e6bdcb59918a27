"""The refusals in lines of Exim's main log and reject log, its own and those of the servers that it delivers to."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of, phase_of
from smtpprobe.intake.logs.lines import Place, Refusal, starts_with_code
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered
from smtpprobe.model.transcript import Phase, Side

MARKERS = (
    *(b" ** ", b" == ", b" rejected ", b"rejected EHLO", b"rejected HELO"),
    *(b" TLS error on connection (", b"] Connection refused", b"] Connection timed out", b": SMTP timeout after "),
    *(b"authenticator failed", b"refused connection from ", b" refused: ", b" dropped: too many "),
)
_ID = r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} "
_HOST = r"(?>[^\s\[]{1,255} ?)?(?:\([^\s()]{0,255}\) )?\[[^\]\s]{1,100}\](?::\d{1,5})?"
_DELIVERY = re.compile(
    _ID + r"(?P<sign>\*\*|==) (?P<to>[^\n]{1,400}?)(?=: | [A-Z]{1,4}=| <| routing | defer \()(?P<rest>.*)",
    re.DOTALL,
)
_REMOTE = re.compile(
    r"(?:SMTP|LMTP) error(?: from remote (?:mail server|mailer|host))?"
    r"(?: after (?P<after>[^:]{1,40}?(?::<[^<>]{0,320}>[^:]{0,200})?))?"
    r":\s*(?:host (?P<host>[^\s\[]{1,255} \[[^\]]{1,100}\]):\s*)?(?P<reply>.*)",
    re.DOTALL,
)
_PEER = re.compile(rf"\bH=({_HOST})")
_DEFER = re.compile(r" defer \(-?\d{1,6}\)(?P<rest>.*)", re.DOTALL)
_AT_HOST = re.compile(r" (?:H|DT|I|X|QT)=.*?(?=: |\Z)", re.DOTALL)
_TRIED = re.compile(
    rf"(?P<of>{_ID})?(?:\[\d{{1,3}}(?:\.\d{{1,3}}){{3}}\] )?H=(?P<peer>{_HOST}):? "
    r"(?P<words>(?:TLS error on connection \((?!SSL_accept|gnutls_handshake\) from)|SMTP timeout|Connection |No route|Network is"
    r"|Operation timed|Remote host closed).*)",
    re.DOTALL,
)
_REJECTED = re.compile(
    rf"(?:{_ID})?(?:(?:[HUFI]=|R=|<)[^\n]{{0,800}}?)??"
    r"(?P<soft>temporarily )?rejected (?:(?P<command>RCPT|MAIL|EHLO or HELO|EHLO|HELO|AUTH|STARTTLS|VRFY|EXPN|ETRN|connection)"
    r"|(?P<after>after DATA|by local_scan|by non-SMTP ACL|during MIME ACL checks|DATA))(?: in \"connect\" ACL)?"
    rf"(?: from (?P<peer>{_HOST})| <?(?P<argument>[^\s<>:]{{1,320}}+)>?)?(?:[^:]|:(?! )){{0,300}}?(?:: (?P<reply>.*)|\Z)",
    re.DOTALL,
)
_AUTHENTICATOR = re.compile(
    r"authenticator failed for (?P<peer>[^:\[]{0,400}?(?:\[[^\]]{1,100}\])?(?::\d{1,5})?(?: U=\S{1,64})?)"
    r"(?: I=\[[^\]\s]{1,100}\](?::\d{1,5})?(?: U=\S{1,64})?)?: (?P<reply>[45]\d\d .*)",
    re.DOTALL,
)
_TOO_SOON = re.compile(
    r"(?P<words>SMTP protocol synchronization error \([^()\n]{0,200}\)): rejected (?:connection|\"(?P<command>[^\"\n]{0,400}))"
)
_REFUSED = re.compile(
    rf"(?:(?P<soft>temporarily )?refused connection from (?P<peer>{_HOST})(?: U=\S{{1,64}})?"
    rf"|Connection from (?P<called>{_HOST}) (?:temporarily )?refused)(?:: (?P<why>.*)|(?P<by> \(.*))?\Z",
    re.DOTALL,
)
_DROPPED = re.compile(rf"SMTP call from (?P<peer>{_HOST})(?: U=\S{{1,64}})? dropped: (?P<why>too many [a-z ]{{3,60}})")
# What the client was told; behind too many errors Exim repeats the code of the last.
_DROPPED_FOR = {"too many nonmail commands": "554"}
_BAD_NAME = re.compile(r"syntactically invalid argument\(s\)")


def exim(message: str) -> Refusal | None:
    """The refusal in a line of the main or reject log; None where there is none.

    Exim does not log the codes of its own refusals: those stand for them that it gives to its clients, and where it
    gave up by itself an enhanced status code for what its words say. What it rejects stands in both of its logs.
    """
    found = _found(message)
    return found._replace(copied=True) if found is not None and found.side is Side.RECEIVING else found


def _found(message: str) -> Refusal | None:
    if failed := _AUTHENTICATOR.search(message):
        said = re.sub(r" \(set_id=[^\n]{0,400}\)\s*\Z", "", failed["reply"])
        return Refusal(said, Phase.AUTH, None, failed["peer"].removeprefix("H=")).receiving()
    host = _PEER.search(message)
    peer = host[1] if host else None
    if soon := _TOO_SOON.match(message):
        command = soon["command"]
        return Refusal(f"554 {soon['words']}", phase_of(command) if command else Phase.GREETING, None, peer).receiving()
    if delivery := _DELIVERY.match(message):
        failed_to = _delivery(delivery, peer)
        of, queued = message[: delivery.start("sign")].strip(), delivery["sign"] == "=="
        return failed_to._replace(of=of, queued=queued).sending() if failed_to else None
    if tried := _TRIED.match(message):
        return _on_the_way(tried)
    if (rejected := _REJECTED.match(message)) and rejected["reply"]:
        return _rejected(rejected, peer).receiving()
    if refused := _REFUSED.match(message):
        return _connection(refused).receiving()
    if dropped := _DROPPED.match(message):
        why = dropped["why"].strip()
        reply = f"{_DROPPED_FOR.get(why, '500')} {why.capitalize()}"
        return Refusal(reply, None, None, dropped["peer"].removeprefix("H=")).receiving()
    return None


def _delivery(delivery: re.Match[str], peer: str | None) -> Refusal | None:
    rest = delivery["rest"]
    domain = domain_of(re.split(r"[\s<]", delivery["to"].strip("<"))[0]) or domain_of(delivery["to"])
    if remote := _REMOTE.search(rest):
        # Exim writes a reply's line ends as backslash and n.
        reply = re.sub(r"\\n(?=[45]\d\d[ -])", "\n", remote["reply"])
        return Refusal(reply, phase_of(remote["after"]), domain, remote["host"] or peer)
    deferred = _DEFER.search(rest) if delivery["sign"] == "==" else None
    words = _AT_HOST.sub("", deferred["rest"], count=1) if deferred else rest.partition(": ")[2] or rest
    words = words.strip(" :")
    if not words:
        return None
    if starts_with_code(words):
        return Refusal(words, None, domain, peer)
    if _QUEUE.match(words):
        return Refusal(words, None, domain, peer, own=True)
    number, phase = _own(words)
    # What stands without a host's words is Exim's own.
    if ((number == _NO_ANSWER or phase is Phase.CONNECT) and _NO_REPLY.search(words)) or (
        phase in _AT_TLS and is_unanswered(words)
    ):
        return Refusal(words, phase, domain, peer, own=True)
    return Refusal(f"{4 if delivery['sign'] == '==' else 5}.{number} {words}", phase, domain, peer, own=True)


def _on_the_way(tried: re.Match[str]) -> Refusal | None:
    """What was the matter with one host: counts if no line tells what became of the message."""
    words = tried["words"].strip(" :")
    if not is_unanswered(words):
        return None
    during = _DURING.search(words)
    phase = (phase_of(during[1]) if during else None) or phase_unanswered(words)
    of = tried["of"].strip() if tried["of"] else None
    return Refusal(words, phase, None, tried["peer"], of=of, place=Place.ON_THE_WAY).sending()


# What the queue says that tried nothing, or gave up: the attempts before have the reasons.
_QUEUE = re.compile(
    r"retry timeout exceeded|all hosts for .{1,300} have been failing|retry time not reached", re.DOTALL
)
_AT_TLS = (Phase.STARTTLS, Phase.TLS)
_NO_ANSWER = "4.2"
# RFC 3463 §3: subject and detail for what Exim itself says of a delivery, and where the delivery stood; first match.
_OWN = tuple(
    (re.compile(words, re.IGNORECASE), number, phase)
    for words, number, phase in (
        (r"indicated no SMTP service", "1.10", Phase.DNS),
        (r"\blocal host\b", "4.6", Phase.DNS),
        (r"unroute?able|non-existent hosts?", "4.4", Phase.DNS),
        (r"\blookup|\bDNS\b", "4.3", Phase.DNS),
        (r"did not offer TLS|TLS session is required, but the server", "7.4", Phase.STARTTLS),
        (r"\bTLS\b|\bSSL", "7.5", Phase.TLS),
        (r"authenticat", "7.0", Phase.AUTH),
        (r"mailbox is full|\bquota\b", "2.2", None),
        (r"SMTP timeout|closed connection|lost connection|reset by peer|broken pipe", _NO_ANSWER, None),
        (r"connection refused|timed out|no route to host|unreachable|is down", "4.1", Phase.CONNECT),
    )
)  # fmt: skip
_NO_REPLY = re.compile(
    r"connection refused|timed out|no route to host|unreachable|is down|SMTP timeout|closed connection|lost connection"
    r"|reset by peer|broken pipe",
    re.IGNORECASE,
)
_DURING = re.compile(r" (?:after|in response to) (?:pipelined )?([A-Za-z][A-Za-z ]{2,30})")


def _own(words: str) -> tuple[str, Phase | None]:
    """Subject and detail of the enhanced status code for Exim's own words on a delivery, and the phase."""
    number, phase = next(((number, phase) for known, number, phase in _OWN if known.search(words)), ("0.0", None))
    during = _DURING.search(words)
    return number, phase_of(during[1]) if number == _NO_ANSWER and during else phase


def _rejected(rejected: re.Match[str], peer: str | None) -> Refusal:
    reply, command = rejected["reply"], rejected["command"]
    if command in ("EHLO or HELO", "EHLO", "HELO") and _BAD_NAME.match(reply):
        said = "HELO" if command == "HELO" else "EHLO"
        reply = f"501 {_BAD_NAME.sub(f'Syntactically invalid {said} argument(s)', reply, count=1)}"
    elif not starts_with_code(reply):
        reply = f"{451 if rejected['soft'] else 550} {reply}"
    phase = phase_of(command) if command else Phase.MESSAGE
    domain = domain_of(rejected["argument"]) if command == "RCPT" else None
    return Refusal(reply, phase, domain, peer or rejected["peer"])


def _connection(refused: re.Match[str]) -> Refusal:
    """A connection that was refused before a session began."""
    if refused["soft"] or refused["called"]:
        reply = f"421 {refused['why'] or 'Too many concurrent SMTP connections'}"
    else:
        reply = f"554 SMTP service not available{refused['by'] or ''}"
    return Refusal(reply, Phase.GREETING, None, (refused["peer"] or refused["called"]).removeprefix("H="))
