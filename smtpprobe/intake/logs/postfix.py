"""The refusals in lines of Postfix's programs, its own and those of the servers that it delivers to."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of, phase_of, without_command
from smtpprobe.intake.logs.lines import Place, Refusal, login_from, starts_with_code, stored_for
from smtpprobe.intake.unanswered import is_unanswered
from smtpprobe.model.transcript import Phase

MARKERS = (
    *(b"reject: ", b" said: ", b"refused to talk to me: ", b" authentication failed:"),
    *(b"status=bounced", b"status=deferred", b"status=SOFTBOUNCE", b"status=undeliverable", b"expired, returned to"),
)
_REJECT = re.compile(
    r"(?:^|: )(?:milter-|proxy-)?reject: (?P<phase>[A-Z-]{3,20})(?: from (?P<peer>\S{1,320}))?: (?P<reply>.*)",
    re.DOTALL,
)
# header_checks(5): cleanup names the header or body line, then whom it came from, then its reply.
_CONTENT = re.compile(
    r"(?:^|: )reject: (?:mime-|nested-)?(?:header|body) .{0,2000} from (?P<peer>\S{1,320}); from=<[^>]{0,320}>"
    r"(?: to=<(?P<to>[^>]{0,320})>)?(?: proto=\S{1,20})?(?: helo=<[^>]{0,320}>)?: (?P<reply>[45].*)",
    re.DOTALL,
)
_PARTICULARS = re.compile(r"; (?:from=<|proto=|helo=<|to=<)[^\n]*\Z")
_TO = re.compile(r" to=<([^<>]{0,320})>")
_RELAY = re.compile(r" relay=([^\s,\[]{1,255}\[[^\]\s]{1,100}\](?::\d{1,5})?)")
_STATUS_TO = re.compile(r"to=<(?P<to>[^>]{0,320})>")
_STATUS = re.compile(
    r".{0,800}? dsn=(?P<dsn>\d\.\d{1,3}\.\d{1,3}), status=(?P<status>bounced|deferred|SOFTBOUNCE|undeliverable)"
    r" \((?P<detail>.*)",
    re.DOTALL,
)
_SAID = re.compile(
    r"(?P<login>SASL authentication failed; )?\b(?:host|server) (?P<peer>[^\s\[]{1,255}\[[^\]\s]{1,100}\](?::\d{1,5})?)"
    r" (?:said|(?P<greeting>refused to talk to me)): (?P<reply>.*)",
    re.DOTALL,
)
_CODE = re.compile(r"[45](?:\d\d|\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_WHILE = re.compile(
    r" while (?:sending |receiving (?:the )?|performing (?:the )?)([A-Za-z ]{3,40}?)(?: handshake| -- .*)?\Z"
)


# SASL's own warning of a login that failed, as smtpd writes it beside the reply that it gives.
_LOGIN = re.compile(
    r"(?:^|: )(?P<peer>[^\s\[]{1,255}\[[^\]\s]{1,100}\](?::\d{1,5})?): SASL [\w.-]{1,40} authentication failed:(?P<why>(?: .*)?)",
    re.DOTALL,
)
_LOGIN_NAME = re.compile(r", sasl_username=.{0,400}\Z", re.DOTALL)
_CHALLENGE = re.compile(r"(?=\S*[A-Z0-9+/=])(?!\S*[a-z]{9})[A-Za-z0-9+/]{8,1000}={0,2}|", re.ASCII)
# "(reason unavailable)" stands behind each ordinary failure of a login: nobody told smtpd why.
_LATER = re.compile(
    r"connection lost to authentication server|temporary|(?<!reason )unavailable|try again", re.IGNORECASE
)
_EXPIRED = re.compile(r"\bstatus=(?:force-)?expired, returned to sender")
_QUEUE_ID = re.compile(r"[0-9A-Za-z]{5,20}(?=: )", re.ASCII)


def postfix(message: str) -> Refusal | None:
    """The refusal in a line of smtp, lmtp, smtpd, postscreen, cleanup, qmgr; None where there is none."""
    # Looking for a word costs a tenth of looking for the pattern that holds it.
    if "reject: " in message:
        if content := _CONTENT.search(message):
            said = Refusal(content["reply"], Phase.MESSAGE, domain_of(content["to"]), _peer(content["peer"]))
            return said.receiving()
        if rejected := _REJECT.search(message):
            return _rejected(rejected, message)
    if " authentication failed:" in message and (login := _LOGIN.search(message)):
        return _login(login)
    if "expired, returned to sender" in message and _EXPIRED.search(message):
        return Refusal("5.4.7 message expired, returned to sender", own=True, queued=False).sending()
    return _delivery(message)


def _rejected(rejected: re.Match[str], message: str) -> Refusal | None:
    reply = rejected["reply"]
    if not starts_with_code(reply):
        return None
    to = _TO.search(message)
    particulars = _PARTICULARS.search(reply)
    reply = reply[: particulars.start()] if particulars else reply
    domain = domain_of(to[1] if to else None)
    return Refusal(reply, phase_of(rejected["phase"]), domain, _peer(rejected["peer"])).receiving()


def _login(login: re.Match[str]) -> Refusal:
    """The reply that smtpd gave to AUTH."""
    why = _LOGIN_NAME.sub("", login["why"]).strip()
    said = (
        "454 4.7.0 Temporary authentication failure" if _LATER.search(why) else "535 5.7.8 Error: authentication failed"
    )
    # The last challenge, which smtpd repeats where SASL gives no reason, says nothing.
    said = said if _CHALLENGE.fullmatch(why) else f"{said}: {why}"
    peer = login["peer"]
    return Refusal(said, Phase.AUTH, None, peer, of=login_from(peer), place=Place.AGAIN).receiving()


def _delivery(message: str) -> Refusal | None:
    """A delivery that failed, and what a server said on the way to it."""
    to = _STATUS_TO.search(message)
    status = _STATUS.match(message, to.end()) if to else None
    queued = _QUEUE_ID.match(message)
    of = queued[0] if queued else None
    if to is None or status is None:
        # Postfix tells of each host that it asks, and then what became of the delivery.
        said = _said(message)
        return said._replace(of=of, place=Place.ON_THE_WAY).sending() if said else None
    # The closing bracket is not there where the line was cut.
    detail = status["detail"].rstrip().removesuffix(")")
    relay = _RELAY.search(message, to.end())
    refusal = reason(detail, status["dsn"])._replace(
        domain=domain_of(to["to"]), of=of, relay=relay[1] if relay else None, queued=_QUEUED.get(status["status"])
    )
    # An LMTP server that logs to the same file told of it before.
    if refusal.peer and "lmtp]" in refusal.peer:
        return refusal._replace(of=stored_for(to["to"]), place=Place.AGAIN)
    return refusal


# An address that is only asked about (sendmail -bv) is in no queue.
_QUEUED = {"bounced": False, "deferred": True, "SOFTBOUNCE": True}


def reason(detail: str, dsn: str | None = None) -> Refusal:
    """What is behind a delivery that failed, with its enhanced status code if Postfix names one."""
    if said := _said(detail):
        return said.sending()
    found = _SAID.search(detail)
    phase = without_command(found["reply"])[1] or _asked(found) if found else _local_phase(detail)
    # No server said anything: words that are no reply carry no code of one.
    of_ours = dsn is None or (found is None and (phase in _UNANSWERED or is_unanswered(detail)))
    said_so = detail if of_ours else f"{dsn} {detail}"
    return Refusal(said_so, phase, None, found["peer"] if found else None, own=found is None).sending()


def _said(words: str) -> Refusal | None:
    """The reply of a server that the words quote; None where it has no code of a refusal."""
    said = _SAID.search(words)
    if said is None:
        return None
    reply, phase = without_command(said["reply"])
    return Refusal(reply, phase or _asked(said), None, said["peer"]) if _CODE.match(reply.lstrip()) else None


def _asked(said: re.Match[str]) -> Phase | None:
    return Phase.AUTH if said["login"] else Phase.GREETING if said["greeting"] else None


_UNANSWERED = (Phase.CONNECT, Phase.DNS)
_NO_NAME = ("Host or domain name not found", "Name service error", "Host found but no data record")
_SUSPENDED = "delivery temporarily suspended: "


def _local_phase(detail: str) -> Phase | None:
    """Where our side gave up without a reply."""
    detail = detail.removeprefix(_SUSPENDED)
    if detail.startswith("connect to "):
        return Phase.CONNECT
    if detail.startswith(_NO_NAME):
        return Phase.DNS
    if "TLS is required, but" in detail:
        return Phase.STARTTLS
    if detail.startswith("Cannot start TLS"):
        return Phase.TLS
    during = _WHILE.search(detail)
    return phase_of(during[1]) if during else None


def _peer(words: str | None) -> str | None:
    return words.rstrip(":;,") if words else None
