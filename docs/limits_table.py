"""The rows of docs/limits.md: how much is taken of what comes from outside, each number read from where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

# What, MODULE:NAME of the number, its unit (none for octets), and what becomes of more.
Row = tuple[str, str, str, str]
_CUT, _PASSED = "the rest is not kept", "the rest is passed over"

TABLE: dict[str, tuple[Row, ...]] = {
    "Files that you name": (
        ("a saved report (`replay`)", "model.limits:REPORT", "", "exit 2"),
        ("a message (`--message`)", "model.limits:MESSAGE", "", "exit 2"),
        ("its header", "model.limits:MAX_HEADER", "", "exit 2"),
        ("fields of its header", "model.limits:MAX_FIELDS", "fields", "exit 2"),
        ("master files (`--assume-zone`), all together", "model.limits:ZONE", "", "exit 2"),
        ("lines of master files, all together", "model.limits:MAX_ZONE_LINES", "lines", "exit 2"),
        ("certificates and keys", "model.limits:CERTIFICATES", "", "exit 2"),
        ("the first line of a password file", "model.limits:PASSWORD_LINE", "", "exit 2; other lines are not read"),
        ("an access token that is read", "wire.secret.claims:MAX_TOKEN", "", "it is opaque"),
        ("values of one of its claims", "wire.secret.claims:MAX_VALUES", "values", _PASSED),
        ("a text in one of its claims", "wire.secret.claims:MAX_TEXT", "", _PASSED),
        ("a token that is known by its form", "catalogue.login.tokens:_LONGEST", "characters", "it is opaque"),
        ("a private key (`--dkim-sign`)", "model.limits:PRIVATE_KEY", "", "exit 2"),
        ("a line of `explain --jsonl`", "model.limits:REPLY_LINE", "", "exit 2; lines before it have their items"),
        ("a configuration file", "model.limits:CONFIG", "", "exit 2"),
        ("parts of a dotted key in it", "cli.config_file:_MAX_PARTS", "parts", "exit 2"),
        ("memory to unpack xz and zstd", "model.limits:MAX_XZ_MEMORY", "", "reading ends there: exit 2 if nothing was read"),
    ),
    "What `explain` reads": (
        ("the beginning that decides what a file is", "intake.recognise:HEAD", "", "the rest is read as what it began"),
        ("a line", "intake.blocks:MAX_LINE", "", _CUT),
        ("a line of a log", "intake.logs.lines:_LONGEST", "", _CUT),
        ("objects around a line of a log", "intake.pasted.wrapped:_DEPTH", "levels", "the line is read as it stands"),
        ("a reply", "intake.found:MAX_REPLY", "characters", _CUT),
        ("lines of a reply in a transcript", "intake.transcripts:_MAX_LINES", "lines", _CUT),
        ("words that tell whether a text is about mail", "intake.quotations:_MAX_CONTEXT", "characters", _PASSED),
        ("replies that one error may quote again", "intake.quotations:_MAX_KNOWN", "replies", "each counts again"),
        ("lines of one error of PHPMailer's", "intake.pasted.phpmailer:_MOST", "characters", _PASSED),
        ("words of a bounce that are searched", "intake.bounced.words:_MAX_WORDS", "characters", _PASSED),
        ("words that may say that a message still waits", "intake.bounces:_MAX_SEARCHED", "characters", _PASSED),
        ("words of a mail server that may say that nobody replied", "intake.unanswered:_LIMIT", "characters", _PASSED),
        ("an address in a bounce", "intake.bounces:_MAX_ADDRESS", "characters", _CUT),
        ("messages within messages", "intake.mime:DEPTH", "levels", _PASSED),
        ("parts within parts", "intake.mime:_MAX_BOUNDARIES", "levels", "they are text of the part around them"),
        ("a part of a message", "intake.mime:_MAX_PART", "", _CUT),
        ("a part that tells of each recipient", "intake.mime:_MAX_STATUS", "", "refusals beyond are counted as unread"),
        ("lines of a part", "intake.mime:_MAX_LINES", "lines", _CUT),
        ("header fields of a part", "intake.mime:_MAX_FIELDS", "fields", _PASSED),
        ("a reply that is explained", "catalogue.explainer.wording:LIMIT", "characters", _PASSED),
        ("an error of a sending program", "catalogue.explainer.client_errors:LIMIT", "characters", _PASSED),
        ("addresses in it that are told apart", "catalogue.explainer.slots:MOST", "addresses", "it is read as it stands"),
        ("different refusals of one input", "catalogue.tally:MAX_DISTINCT", "refusals", "counted, not listed"),
        ("refusals whose cause is remembered", "catalogue.tally:MAX_KINDS", "refusals", "explained again"),
        ("hours that are told apart", "catalogue.tally:MAX_HOURS", "hours", "the earliest are not counted by hour"),
        ("deliveries and logins that several lines tell of", "intake.logs.once:MAX_OPEN", "of each", "they count again"),
        ("refusals of Exim that its two logs may both tell of", "intake.logs.once:MAX_COPIES", "refusals", "they count again"),
        ("hosts that one delivery asked on its way", "intake.logs.once:MAX_ASKED", "hosts", _PASSED),
        ("sessions in a log at a time", "intake.logs.sessions:MAX_OPEN", "sessions", "their phase is not known"),
        ("commands of one that wait for replies", "intake.logs.sessions:_MAX_WAITING", "commands", _PASSED),
        ("deliveries of qmail at a time", "intake.logs.qmail:MAX_OPEN", "deliveries", "their recipient is not known"),
        ("recipient domains that are told apart", "catalogue.tally:MAX_NAMES", "domains", "counted together"),
        ("checks that refusals hint at (`--check`)", "pipeline.hinted_checks:MAX_CHECKS", "checks", "not run"),
    ),
    "What a mail server sends": (
        ("a reply's last line; the lines before it", "wire.reply_reader:MAX_KEPT", "", _CUT),
        ("lines of a reply", "wire.reply_reader:MAX_LINES_KEPT", "lines", _CUT),
        ("a reply without an end", "wire.reply_reader:MAX_REPLY", "", "the session ends: `too-much`"),
        ("lines that are not a reply", "wire.reply_reader:MAX_GARBAGE_LINES", "lines", "the session ends: `not-smtp`"),
        ("names that are asked about (`--vrfy`, `--expn`)", "pipeline.request.check:_MAX_NAMES_ASKED", "names",
         "exit 2; `--force`"),
        ("parameters of an EHLO keyword", "catalogue.reference.extensions:_MAX_WORDS", "words", _PASSED),
        ("a challenge that is explained", "catalogue.reference.challenge:_LONGEST", "characters", _PASSED),
        ("a challenge of DIGEST-MD5", "wire.sasl.digest:_LONGEST", "", "the login is cancelled"),
        ("iterations of SCRAM", "wire.sasl.scram:MAX_ITERATIONS", "iterations", "the login is cancelled"),
        ("zones with keys of the server's in its replies", "pipeline.keys:_MOST", "zones", "their keys stay"),
        ("certificates of a chain", "net.certificates:MAX_CHAIN", "certificates", _PASSED),
        ("addresses of a route that are tried", "pipeline.route:MAX_ADDRESSES", "addresses", "not tried"),
    ),
    "What DNS answers": (
        ("MX hosts whose addresses are asked for", "mailauth.dns.mx:MAX_HOSTS", "hosts", "not asked about"),
        ("names of an address (iprev)", "mailauth.dns.iprev:MAX_ASKED", "names", "not asked about; a finding says so"),
        ("authoritative name servers", "mailauth.dns.nameservers:MAX_SERVERS", "servers", "not asked"),
        ("their addresses", "mailauth.dns.nameservers:MAX_ADDRESSES", "addresses", "not asked"),
        ("aliases in a row; each that a server does not follow is one more question",
         "net.dns.reply:MAX_ALIASES", "aliases", "`alias-loop`"),
        ("aliases in a row, of what is assumed", "model.dns.zone_data:MAX_CHAIN", "aliases", "`alias-loop`"),
        ("SPF: terms that cause a lookup", "mailauth.spf.limits:MAX_LOOKUPS", "terms", "`permerror` (RFC 7208 §4.6.4)"),
        ("SPF: void lookups", "mailauth.spf.limits:MAX_VOID_LOOKUPS", "lookups", "`permerror` (RFC 7208 §4.6.4)"),
        ("SPF: hosts of a term `mx`", "mailauth.spf.limits:MAX_MX_HOSTS", "hosts", "`permerror` (RFC 7208 §4.6.4)"),
        ("SPF: names of a term `ptr`", "mailauth.spf.limits:MAX_PTR_NAMES", "names", _PASSED),
        ("SPF: names that are looked up to choose these ten", "mailauth.spf.limits:MAX_PTR_TOLD", "names", "not asked about"),
        ("SPF: an explanation", "mailauth.spf.explanation:MAX_EXPLANATION", "characters", _CUT),
        ("SPF: records that are read for advice", "mailauth.spf.lint.walk:MAX_RECORDS", "records", _PASSED),
        ("SPF: lookups that a tree is counted to", "mailauth.spf.whole_trace:MAX_COUNTED", "lookups", "not counted"),
        ("SPF: names that are looked up for advice", "mailauth.spf.lint.walk:MAX_ADDRESSES", "names", "not asked about"),
        ("SPF: terms of a record to be shortened", "mailauth.spf.edit.shorter:_MAX_TERMS", "terms", "none shorter is proposed"),
        ("SPF: of them, with a lookup", "mailauth.spf.edit.shorter:_MAX_QUERYING", "terms", "none shorter is proposed"),
        ("SPF: networks in the place of a term `mx`", "mailauth.spf.edit.ground:_MAX_NETWORKS", "networks", "the term stays"),
        ("SPF: own records below it", "mailauth.spf.edit.below:_MAX_RECORDS", "records", "none shorter is proposed"),
        ("SPF: hosts of a term `mx` that becomes networks",
         "mailauth.spf.everybody.matched:_MAX_HOSTS", "hosts", "the term stays"),
        ("SPF: networks over which an edit is compared",
         "mailauth.spf.everybody.reach:MAX_NETWORKS", "networks", "a note says so"),
        ("SPF: pieces of advice", "mailauth.spf.lint.walk:MAX_LINTS", "pieces", _PASSED),
        ("DKIM: a key", "mailauth.dkim.key_data:MAX_KEY_OCTETS", "", "`permerror`"),
        ("DKIM: a record that is put right", "mailauth.dkim.spelling:MAX_OCTETS", "octets", "no record proposed"),
        ("DMARC: a record that is put right", "mailauth.dmarc.spelling:MAX_OCTETS", "octets", "no record proposed"),
        ("DKIM: domains", "mailauth.dkim.gather:MAX_DOMAINS", "domains", "not asked about"),
        ("DKIM: keys asked at every name server", "mailauth.dkim.gather:MAX_KEYS_AT_ALL", "keys", "not asked there"),
        ("DMARC: labels of the tree walk", "mailauth.dmarc.walk:MAX_LABELS", "labels", "cut (RFC 9989 §4.10)"),
        ("DMARC: report destinations", "mailauth.dmarc.reports:MAX_DESTINATIONS", "addresses", "not asked about; said"),
        ("DMARC: failed queries", "mailauth.dmarc.suppositions:MAX_SUPPOSED", "queries", "`temperror`"),
        ("DNSBL: a zone's text", "mailauth.dnsbl.ask:MAX_TEXT", "characters", _CUT),
        ("DANE: TLSA records", "mailauth.tls.tlsa:MAX_RECORDS", "records", _PASSED),
    ),
    "What a policy host sends (MTA-STS)": (
        ("the head of its answer", "net.https_policy:_MAX_HEAD", "", "no policy"),
        ("a policy", "net.https_policy:MAX_BODY", "", "no policy: `too-large`"),
        ("lines of a policy", "mailauth.tls.mta_sts:MAX_LINES", "lines", _PASSED),
        ("addresses that are tried", "net.https_policy:_MAX_ADDRESSES", "addresses", "not tried"),
    ),
    "What a message holds": (
        ("signatures that are verified", "mailauth.dkim.verification:MAX_SIGNATURES", "signatures", "counted, not verified"),
        ("domains of the author that are asked about", "checks.dkim.check:MAX_AUTHORS", "domains", "not asked about"),
        ("identifiers that are aligned", "mailauth.dmarc.evaluate:MAX_IDENTIFIERS", "identifiers", "no tree walk"),
        ("a header in which a change is sought", "mailauth.dkim.restore.header:MAX_HEADER_OCTETS", "", "not sought"),
        ("signed fields, for that", "mailauth.dkim.restore.trial:MAX_SIGNED_FIELDS", "fields", "not sought"),
        ("z= of a signature", "mailauth.dkim.restore.copied:MAX_COPIED_OCTETS", "", "its copies are not read"),
        ("a field, for that", "mailauth.dkim.restore.field_forms:MAX_FIELD_OCTETS", "", "not sought"),
        ("octets of bodies, and of headers, hashed for that", "mailauth.dkim.restore.work:MAX_OCTETS", "", "not sought"),
        ("a body in which banners are sought", "mailauth.dkim.restore.banners:MAX_OCTETS", "", "not sought"),
        ("links that mail filters rewrote, for that", "mailauth.dkim.restore.links:MAX_LINKS", "links", "not led back"),
        ("a body that is rewritten for that", "mailauth.dkim.restore.body:MAX_REWRITTEN", "", "its last lines only"),
        ("lines of such a body", "mailauth.dkim.restore.body:MAX_REWRITTEN_LINES", "lines", "its last lines only"),
        ("lines from a body's end, for that", "mailauth.dkim.restore.body:MAX_LINES", "lines", _PASSED),
        ("a body that is converted for that", "mailauth.dkim.restore.body_forms:MAX_CONVERTED", "", "not converted"),
        ("a body that is encoded for that", "mailauth.dkim.restore.body_forms:_MAX_QP", "", "not encoded"),
        ("lines of a body of which each is tried", "mailauth.dkim.restore.line_edits:MAX_EDITED_LINES", "lines",
         "not tried"),
        ("lines, for dots before several", "mailauth.dkim.restore.line_edits:_MAX_DOTTED_LINES", "lines", "not tried"),
        ("signatures, for one-click unsubscribing", "mailauth.message.one_click:_MAX_SIGNATURES", "signatures", _PASSED),
        ("From fields", "mailauth.dmarc.author_domain:MAX_FIELDS", "fields", "counted, not read"),
        ("a From field", "mailauth.dmarc.mailbox_list:MAX_OCTETS", "characters", _PASSED),
        ("TXT records beside a key", "mailauth.dkim.beside_key:MAX_OTHERS", "records", "counted, not named"),
    ),
    "How long it may take": (
        ("a TCP connection, if there are other addresses", "pipeline.held.addresses:CONNECT_S", "s", "the next is tried"),
        ("sessions of a run with `--all-addresses` or `--all-mx`", "pipeline.held.addresses:MAX_SESSIONS", "",
         "in `untried`"),
        ("of them at the same time", "pipeline.held.addresses:AT_ONCE", "", "the others wait"),
        ("without progress on one reply (`--timeout`)", "pipeline.held.attempt:TIMEOUT_S", "s", "`timed-out`"),
        ("a session (`--deadline`)", "pipeline.held.attempt:DEADLINE_S", "s", "`deadline`"),
        ("a session that sends a message", "pipeline.held.attempt:SENDING_DEADLINE_S", "s", "`deadline`"),
        ("the reply to the message", "wire.message.outgoing:WAIT_S", "s", "`timed-out`, `maybe-delivered`"),
        ("the answer to QUIT", "wire.dialogue.session:QUIT_WAIT_S", "s", "the verdict stays"),
        ("a DNS question", "net.dns.client:QUESTION_TIMEOUT_S", "s", "`timeout`"),
        ("a policy of MTA-STS", "net.https_policy:FETCH_S", "s", "no policy"),
        ("the diagnosis, and one check alone (`--deadline`)", "pipeline.evaluation:DIAGNOSIS_S", "s",
         "what has not finished has failed: exit 6 alone"),
    ),
}  # fmt: skip


def number(place: str) -> int:
    """What is kept at MODULE:NAME of the package: a number, or a Limit's octets."""
    module, _, name = place.partition(":")
    found = getattr(import_module(f"smtpprobe.{module}"), name)
    return int(getattr(found, "octets", found))


def lines() -> Iterator[str]:
    """The tables, one for each group."""
    for group, rows in TABLE.items():
        yield from ("", f"## {group}", "", "| | at most | more than that |", "|---|---|---|")
        for what, place, unit, over in rows:
            most = number(place)
            yield f"| {what} | {f'{most:,} {unit}' if unit else _size(most)} | {over} |"


def _size(octets: int) -> str:
    for shift, unit in ((20, "MiB"), (10, "KiB")):
        if octets >= 1 << shift and octets % (1 << shift) == 0:
            return f"{octets >> shift} {unit}"
    return f"{octets:,} octets"
