"""A reply as the server gave it (RFC 5321 §4.2), and what it means."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class ReplyDefect(Word):
    """What is wrong with a reply's form; the reply is read all the same."""

    CODE_MISMATCH = "code-mismatch"  # RFC 5321 §4.2.1: every line of a reply has the same code
    BARE_LF = "bare-lf"  # RFC 5321 §2.3.8
    BARE_CR = "bare-cr"  # RFC 5321 §2.3.8
    ENHANCED_CLASS_MISMATCH = "enhanced-class-mismatch"  # RFC 2034 §4: same first digit
    ENHANCED_MISMATCH = "enhanced-mismatch"  # RFC 2034 §4: the same on every line
    UNPARSEABLE = "unparseable"  # a line that is no reply line at all
    BAD_SEPARATOR = "bad-separator"  # neither SP nor hyphen after the code
    TOO_LONG = "too-long"  # RFC 5321 §4.5.3.1.5: 512 octets a line; RFC 4954 §4: 12288 for 334
    NOT_UTF8 = "not-utf8"  # RFC 6531 §3.5
    NOT_ASCII = "not-ascii"  # RFC 5321 §2.4
    CONTROL = "control-character"  # RFC 5321 §4.2: textstring is HT and printable US-ASCII
    EMPTY_LINE = "empty-line"
    CODE_OUT_OF_RANGE = "code-out-of-range"  # RFC 5321 §4.2: 2yz to 5yz
    TRUNCATED = "truncated"  # more than we keep of one reply; the rest was read and dropped
    UNKNOWN = "unknown"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply, its lines kept apart.

    `code` is the last line's; `enhanced` the first enhanced status code whose class agrees, else the first;
    `lines` the texts after code, separator and enhanced status code are kept in, undecodable octets as `\\xNN`;
    `raw` every octet as received. `line_codes` is each line's code if they differ, else empty.
    """

    code: int
    enhanced: str | None
    lines: tuple[str, ...]
    raw: bytes
    defects: tuple[ReplyDefect, ...] = ()
    line_codes: tuple[int, ...] = ()

    @property
    def coded_lines(self) -> tuple[tuple[int, str], ...]:
        """Each line with the code that it came with."""
        codes = self.line_codes or (self.code,) * len(self.lines)
        return tuple(zip(codes, self.lines, strict=False))

    @property
    def digit(self) -> int:
        """The first digit: 2 positive completion, 3 intermediate, 4 transient, 5 permanent negative."""
        return self.code // 100

    @property
    def is_negative(self) -> bool:
        """Whether the reply is transient or permanent negative (4yz, 5yz)."""
        return self.digit in (4, 5)

    @property
    def text(self) -> str:
        """The lines joined by a blank."""
        return " ".join(self.lines)


class AnnotationLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one line of a multi-line reply means; `keyword` for a line of the EHLO reply."""

    index: int
    keyword: str | None
    meaning: str
    brief: str | None = None  # what matters of it beside the line itself


class MatchStep(Word):
    """By what of a reply its entry in the reference was found, the most special first."""

    CODE_ENHANCED_PHASE = "code+enhanced+phase"
    CODE_ENHANCED = "code+enhanced"
    CODE_PHASE = "code+phase"
    ENHANCED = "enhanced"
    CODE = "code"
    CLASS = "class"  # of an enhanced status code that nobody registered
    SECOND_DIGIT = "second-digit"
    FIRST_DIGIT = "first-digit"
    NONE = "none"  # it has no code
    UNKNOWN = "unknown"


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """What the standards say that a reply means, and at which step of the look-up it was found."""

    title: str
    meaning: str
    fix: tuple[str, ...]
    matched: MatchStep
    references: tuple[str, ...]
    lines: tuple[AnnotationLine, ...] = ()
