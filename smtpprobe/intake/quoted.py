"""Replies inside other words: an error of a library (`(535, b'5.7.8 …')`), a line of a program's own log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from smtpprobe.intake.found import MAX_REPLY, text
from smtpprobe.intake.pasted.others import is_of_another
from smtpprobe.intake.pasted.phpmailer import goes_on, is_rest, phpmailer
from smtpprobe.intake.quotation import Quoted, ended
from smtpprobe.intake.stages import stage_of
from smtpprobe.intake.statuses import status_in

# 46x and 58x are left to the ports 465 and 587.
CODE = r"(?:4(?:2\d|3\d|5\d|7\d)|5[0-79]\d)"
_MAY_QUOTE = (
    r"(?<![\w.])(?:4[2357]|5[0-79])\d(?:[ -]{1,3}(?:[^\s\d]|\(?#?[45]\.\d)|[^\s\w.-]|[ \t]{0,3}(?:\r?\n|\Z)|\t)"
    r"|(?<![\d.])[45]\.\d\.\d|[Ss]erver response was|severity: |Status ?[Cc]ode\W{1,4}[A-Z]"
)
MAY_QUOTE = re.compile(_MAY_QUOTE.encode())
_MAY_QUOTE_WORDS = re.compile(_MAY_QUOTE, re.ASCII)
_OF_MAIL = re.compile(
    r"smtp|lmtp|e-?mail|mail[_ ]?(?:er|box|from|command|system|gateway|server|deliver)|mail\b|mailexception|inbox"
    r"|\brcpt\b|recipient|[\w.+-]@[\w-]|\bmx\.|\bmx\d?\b|server -> client|nodemailer|sendmail|postfix|\bexim|bounce|relay"
    r"|delivery|\bsender\b|helo\b|ehlo\b|starttls|failed auth:|permanent_failure|temporary_failure|greylist|\blogin\b"
    r"|authenticat|\bspam\b"
    r"|remote (?:server|host)|(?:permanent|transient) error|expected response code|server said|message rejected|transaction"
    r"|content filter|\bSES\b|\bS: [45]\d\d|[└├]─|<[-~*]{1,2} [45]\d\d"
    r"|邮件|邮箱|郵件|メール|메일|почт|correo|buz[oó]n|courriel|messagerie|poczt|posta\b|servidor",
    re.IGNORECASE,
)
_TUPLE = rf"\((?:code=)?(?P<code>{CODE}), ?(?:message=|msg=)?b?(?P<quote>['\"])(?P<said>.{{1,1000}}?)(?P=quote)[,)]"
_WITH_ENHANCED = (
    rf"(?:^|[\s:;='\"`(<>\[])(?P<full>{CODE}(?: {{1,3}}|-)\(?#?[45]\.\d{{1,3}}\.\d{{1,3}}(?!\.?\d).{{0,4000}})"
)
_INTRODUCED = (
    r"(?:^[^\w\n]{0,12}|[:;=>(\[\"'`*-]\s{0,3}|\b(?:said|says|respond(?:ed|s)|replied|answer(?:ed)?|returned|got|received|"
    r"error|reply|response|reject(?:ed|ion)?|refused|bounced?|failed|failure|message|server|client|because|with|was|status)"
    rf"['\")]?\s{{1,2}}(?:with |by |that |b?['\"])?)(?P<bare>{CODE}(?: {{1,3}}|-)(?=[^\W\d_]|[<\[\"'(]).{{0,4000}})"
)
_QUOTED = re.compile(f"{_TUPLE}|{_WITH_ENHANCED}")
_BARE = re.compile(_INTRODUCED, re.IGNORECASE)
_ENHANCED = re.compile(r"(?:^|[:'\"(<>]\s{0,2})(?P<full>[45]\.[0-7]\.\d{1,3} \S.{0,4000})")
_VERSION = re.compile(
    r"(?i:version|php|mysql|maria|node|kernel|linux|python|ruby|perl|java|exim|release|section|chapter|rfc ?\d*|§)\W{0,3}\Z"
)
# What an HTTP server says with a code that SMTP has too, and what is counted or measured.
_NO_REPLY = re.compile(
    r"421 \[Net::SMTP\]|500 Command unknown: '"  # Perl's Net::SMTP, where no server replied
    r"|4\d\d (?:Unavailable For Legal|Misdirected Request|Unprocessable|Locked|Failed Dependency|Too Early|Upgrade Required)"
    r"|\d{3} (?:Server|Client) Error\b.{0,200}\bfor url\b"
    r"|5\d\d (?:Internal (?:Server )?Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable|"
    r"Gateway Time-?out|HTTP Version|Variant Also|Insufficient Storage$|Loop Detected|Bandwidth|Not Extended|Network Auth)"
    r"|\d{3} (?:[KMGT]?i?B|[kKMGT]i?[bB]|ms|s|sec|min|px|pt|%|EUR|USD|of|octets|more|other|times|ok|an? |and|or|to|per|x)\b"
    r"|\d{3} (?:if|when|whenever|unless|in case|means) (?:an?|the|it|no|that|there) |\d{3} (?:AND|OR|UNION|ORDER BY|GROUP BY) "
    r"|\d{3} \w{1,30}=|\d{3} [a-z]{1,20}_[a-z_]{1,30}:"
    r"|\d{3} [a-z]{2,20}[^\Ws]s(?![\w'’-])(?! (?:not|is|too|are not|does|has|must|may|no)\b)",
    re.ASCII,
)
# Oracle's UTL_SMTP has this one where no server replied; any other reply behind these words is a server's.
_NO_SERVER = re.compile(
    r"(ORA-29278: [^\n:]{3,60}: |SMTP transient error: )421(?= Service not available\W{0,3}(?:\Z|\s|\\n))"
)
_SAYS = re.compile(r"(?i:said|says|respond(?:ed|s)|replied|answered|returned|exception|smtp\w*(?:::\w+)?)\W{0,4}\Z")
_PLACE = re.compile(
    r"(?i:(?:\b|_)(?:port|line|pid|[ug]id|issue|order|page|version|id|no\.?|number|room|flight"
    r"|exit(?:ed)?(?: with)?(?: code| status)?|HTTP(?:/\d(?:\.\d)?)?(?: error| status| code)?)\W{0,3})\Z"
)
_WORDS_BEFORE = r"(?:\bsmtp|returned|\blmtp|error|status|code|reply|response|exception|failure|permanent|transient)"
_LABELLED = re.compile(
    rf"{_WORDS_BEFORE}[ _]?(?:code|status|error)?['\"]?\s{{0,2}}[:=(\[]{{0,2}}\s?['\"]?(?P<code>{CODE})['\")\]]{{0,2}}"
    r"(?:\s?[:-]{1,2}\s|:(?=[^\d\s/])|,? (?=[^\W\d_]))(?P<said>[^\s\d][^\n]{2,4000}|[45]\.\d\.\d{1,3} .{1,4000})",
    re.IGNORECASE,
)
# A process's exit code, and what a program compares a code with.
_OF_A_PROCESS = re.compile(
    r"\bexit(?:ed)?(?: with)?(?: code| status)?\W{0,4}\Z|[=!<>]=\s?['\"]?\Z|\bcase\s", re.IGNORECASE
)
_CODE_FIELD = re.compile(
    rf"(?:\b(?:\w{{0,20}}code|\w{{0,12}}status|errno|smtp\w{{0,12}})\\?['\"]?(?:\s?[:=]\s?|\s)\\?['\"]?"
    rf"(?:[A-Z][A-Za-z]{{3,50}} ?\()?|(?:Permanent|Transient)\w{{0,12}}\()(?P<code>{CODE})\b(?!\s\d)",
    re.IGNORECASE,
)
_SAID_FIELD = re.compile(
    r"\b(?:message|msg|text|response|reply|error|reason|detail|details|description|source|smtp_error|diagnostic)"
    r"\\?['\"]?\s?[:=]\s?(?P<open>b?\\?['\"])?(?P<said>(?:[^\s\d{\[]|[45]\.\d\.\d)[^\n]{1,4000})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[45]\.\d\.\d{1,3}(?![\d.])")
_CODE_LAST = re.compile(rf"[(\[](?:smtp |error |code |status |reply )*(?P<code>{CODE})[)\]]\W{{0,3}}\Z", re.IGNORECASE)
_COMMAND_FAILED = re.compile(
    r"\b(?P<command>EHLO|STARTTLS|AUTH|MAIL|RCPT|DATA)(?: \w{2,10})? (?:failed|denied|refused)[:,]? (?:code )?"
    rf"(?P<code>{CODE})\W{{0,3}}\Z"
)
_ZOHO = re.compile(rf"ERROR[_ ]CODE ?: ?(?P<code>{CODE})(?:, ?ERROR[_ ]CODE ?: ?| - | )(?P<said>\S.{{1,4000}})")
# System.Net.Mail has a sentence of its own for each code, and leaves the code out.
_DOTNET = re.compile(r"(?P<phrase>[A-Z][A-Za-z ,;]{4,110})\. The server response was: ?(?P<said>\S.{0,4000})")
_DOTNET_CODES = {
    "Service not available, closing transmission channel": "421",
    "Error in processing": "451",
    "Insufficient system storage": "452",
    "Client does not have permission to submit mail to this server": "454",
    "Syntax error, command unrecognized": "500",
    "Syntax error in parameters or arguments": "501",
    "Command not implemented": "502",
    "Bad sequence of commands": "503",
    "Command parameter not implemented": "504",
    "The SMTP server requires a secure connection or the client was not authenticated": "530",
    "Mailbox unavailable": "550",
    "User not local; please try a different path": "551",
    "Exceeded storage allocation": "552",
    "Mailbox name not allowed": "553",
    "Transaction failed": "554",
}
# lettre's errors as Rust prints values.
_LETTRE = re.compile(
    r"kind: (?P<kind>Permanent|Transient)\(Code \{ severity: \w{1,40}, category: (?P<category>\w{1,20}), "
    r"detail: (?P<detail>\w{1,8}) \}\), source: \"(?P<said>\S.{0,4000})"
)
_LETTRE_CATEGORIES = {"Syntax": "0", "Information": "1", "Connections": "2", "MailSystem": "5"}
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_BUSY = {"550": "450", "552": "452", "554": "451"}  # the codes of the same sentences where the reply is 4yz
_TIME = re.compile(
    r"(?:<\d{1,3}>(?:1 )?)?\[?(?P<when>[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)\b",
    re.ASCII,
)
_BEGINS = re.compile(r"[ \t\"']{0,8}[2-5]\d\d(?:[ -]|\Z)")


def of_mail(words: str) -> bool:
    """Whether the words are about mail, so that a number among them may be a reply's code."""
    return _OF_MAIL.search(words) is not None


def replies_in(words: str, dated: bool = False) -> Iterator[str]:
    """The replies that the words quote.

    In a dated line an enhanced status code alone is none: programs log their versions, which look the same.
    """
    return (found.reply for found in quoted_in(words, dated, is_of_mail=of_mail(words)))


def quoted_in(words: str, dated: bool, *, is_of_mail: bool) -> list[Quoted]:
    """The replies that the words quote, with their places, each once; a bare code counts only in words about mail."""
    found: list[Quoted] = []
    if status := status_in(words):
        return [status]
    if _MAY_QUOTE_WORDS.search(words) is None:
        return found
    if is_of_another(words) or (is_rest(words) and not phpmailer(words)):
        return found
    words = _NO_SERVER.sub(r"\1---", words)
    if own := _by_program(words):
        found = [own]
    elif not (found := list(_direct(words, is_of_mail=is_of_mail))) and is_of_mail and (apart := _apart(words)):
        found = [apart]
    if not found and not dated and is_of_mail and (alone := _ENHANCED.search(words)):
        start = alone.start("full")
        if not _VERSION.search(words[max(0, start - 12) : start]):
            found = [ended(words, start, alone["full"])]
    return found


def _direct(words: str, *, is_of_mail: bool) -> Iterator[Quoted]:
    """The replies that are quoted with their codes."""
    seen: set[str] = set()
    at = 0
    surely, bare = _QUOTED.search(words), _bare(words, 0) if is_of_mail else None
    while surely or bare:
        found = bare if bare and not (surely and surely.start() < bare.start("bare")) else surely
        assert found is not None
        if found is surely and found["code"]:
            quoted, at = _of_tuple(found), found.end()
        else:
            name = "bare" if found is bare else "full"
            quoted = ended(words, found.start(name), found[name])
            at = found.start(name) + max(len(quoted.reply), 3)
        if quoted.reply not in seen or (found is surely and found["code"]):
            yield quoted
        seen.add(quoted.reply)
        if quoted.is_open:
            return
        if surely and surely.start() < at:
            surely = _QUOTED.search(words, at)
        if bare and bare.start("bare") < at:
            bare = _bare(words, at)


def _of_tuple(found: re.Match[str]) -> Quoted:
    code = found["code"]
    said = f"{code} {found['said']}".replace("\\n", f"\n{code} ").replace("\\'", "'").strip()
    return Quoted(reply=said[:MAX_REPLY], start=found.start("code"))


def _bare(words: str, at: int) -> re.Match[str] | None:
    """The first code from there on that has no enhanced one, that words follow, and that nothing else is known to be."""
    found = _BARE.search(words, at)
    while found is not None:
        start = found.start("bare")
        before = words[max(0, start - 24) : start]
        told = _NO_REPLY.match(words, start)
        if not _PLACE.search(before) and not (told and not (_SAYS.search(before) and told[0][-1:] == "s")):
            return found
        found = _BARE.search(words, start + 3)
    return None


def _apart(words: str) -> Quoted | None:
    """The reply whose code and text stand apart, None without one."""
    if found := _fields(words) or _labelled(words):
        return found
    if alone := _COMMAND_FAILED.search(words):
        return Quoted(reply=alone["code"], start=alone.start("code"), command=alone["command"])
    if (last := _CODE_LAST.search(words, max(0, len(words) - 40))) and last.start() > 7:
        return Quoted(reply=f"{last['code']} {words[: last.start()].strip()}"[:MAX_REPLY], start=0)
    return None


def in_two_lines(above: str, below: str) -> list[Quoted]:
    """The reply whose code is in one line and whose text in the other."""
    words = f"{above[-4000:]} {below.strip()}"
    found = _by_program(words) or _fields(words)
    if found is None:
        return []
    return [msgspec.structs.replace(found, start=0, is_open=False, phase=stage_of(words, found.start, found.reply))]


def _by_program(words: str) -> Quoted | None:
    """The reply whose code and text are apart as System.Net.Mail, Zoho or PHPMailer write them."""
    if (
        (said := _DOTNET.search(words))
        and not said["said"][:3].isdigit()
        and (code := _dotnet_code(said["phrase"], said["said"]))
    ):
        return ended(words, said.start("said"), said["said"], f"{code} ")
    if (lettre := _LETTRE.search(words)) and (code := _lettre_code(lettre)):
        return ended(words, lettre.start("said"), lettre["said"], f"{code} ")
    if zoho := _ZOHO.search(words):
        return ended(words, zoho.start("said"), zoho["said"], f"{zoho['code']} ")
    return phpmailer(words)


def _lettre_code(found: re.Match[str]) -> str | None:
    category = _LETTRE_CATEGORIES.get(found["category"])
    if category is None or found["detail"] not in _DIGITS:
        return None
    return f"{'5' if found['kind'] == 'Permanent' else '4'}{category}{_DIGITS.index(found['detail'])}"


def _dotnet_code(phrase: str, said: str) -> str | None:
    code = next((code for known, code in _DOTNET_CODES.items() if phrase.endswith(known)), None)
    return _BUSY.get(code, code) if code and said.startswith("4.") else code


def _labelled(words: str) -> Quoted | None:
    for found in _LABELLED.finditer(words):
        said = found["said"]
        if _NO_REPLY.match(f"{found['code']} {said}") or _SAID_FIELD.match(said):
            continue
        if _OF_A_PROCESS.search(words, max(0, found.start() - 24), found.start("code")):
            continue
        return ended(words, found.start("said"), said, f"{found['code']} ", opened=found.start("code"))
    return None


def _fields(words: str) -> Quoted | None:
    """The reply that a record of fields holds: one for the code, and one for the words."""
    code = _CODE_FIELD.search(words)
    if code is None:
        return None
    said = _SAID_FIELD.search(words, code.end(), code.end() + 4400) or _SAID_FIELD.search(words, 0, code.start())
    if said is None or re.match(r"\d{3}\b|null\b|true\b|false\b", said["said"]):
        return None
    stop = said.start() if said.start() > code.end() else code.end()
    enhanced = _BETWEEN.search(words, code.end(), stop)
    own = f"{code['code']} {enhanced[0]} " if enhanced else f"{code['code']} "
    if not said["open"]:
        value = re.split(r"[,)\]}](?=[\s)\]}]|\Z)", said["said"], maxsplit=1)[0]
        return Quoted(reply=(own + value.strip())[:MAX_REPLY], start=said.start("said"))
    return ended(words, said.start("said"), said["said"], own)


def time_of(line: str) -> str | None:
    """The date and time that the line begins with, as it writes them."""
    found = _TIME.match(line)
    return found["when"] if found else None


def quotes(head: bytes) -> bool:
    """Whether a line of the text quotes a reply; one that begins with a code is a reply itself."""
    if MAY_QUOTE.search(head) is None:
        return False
    lines = text(head).splitlines()
    about = of_mail("\n".join(lines[:2000])[: 1 << 16])
    above = ""
    for line in lines:
        dated = time_of(line) is not None
        if not _BEGINS.match(line) and quoted_in(line, dated, is_of_mail=of_mail(line) if dated else about):
            return True
        if above and may_be_below(line) and in_two_lines(above, line):
            return True
        above = "" if dated else goes_on(above, line)
    return False


def may_be_below(line: str) -> bool:
    """Whether the line may have the rest of what the line above it tells."""
    return line[:1].isspace() or line[:1] == ","


def is_counted(line: str) -> bool:
    """Whether the number that a line begins with counts or measures something."""
    return _NO_REPLY.match(line) is not None
