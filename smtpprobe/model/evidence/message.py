"""Evidence about a message by itself: its form, and what it wants of a server."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class FormFault(Word):
    """What is wrong with a message's form (RFC 5322)."""

    HEADER_BROKEN = "header-broken"  # a line in the header is no field: the header ends there
    NO_DATE = "no-date"
    DATE_WRONG = "date-wrong"  # no date, or one that is still to come
    NO_MESSAGE_ID = "no-message-id"
    LINE_TOO_LONG = "line-too-long"
    LINE_END_ALONE = "line-end-alone"  # CR or LF, in a message that is sent as it is
    UNKNOWN = "unknown"


class OneClickFault(Word):
    """What keeps a message from being unsubscribed from with one click (RFC 8058)."""

    NO_POST = "no-post"  # List-Unsubscribe alone
    NO_URI = "no-uri"  # List-Unsubscribe-Post, and no https URI in List-Unsubscribe
    POST_WRONG = "post-wrong"  # another value than the one that there is
    UNSIGNED = "unsigned"  # no DKIM signature covers both fields
    UNKNOWN = "unknown"


class FilterTest(Word):
    """A harmless string that filters are tested with."""

    GTUBE = "gtube"  # taken for spam
    EICAR = "eicar"  # taken for a virus
    UNKNOWN = "unknown"


class MessageEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="message", kw_only=True):
    """A message's form, and what it wants of the server that it is for.

    `size_limit` is the SIZE in the EHLO reply, None where there is none. `eight_bit`: its body, and `header_eight_bit`
    its header, holds octets above 127; `takes_eight_bit` and `takes_utf8` say whether the server offers 8BITMIME and
    SMTPUTF8, None where no EHLO was answered.
    `has_one_click`: it can be unsubscribed from with one click; `one_click` says why not, if it comes from a list.
    """

    octets: int
    longest_line: int
    line_ends_alone: int = 0
    size_limit: int | None = None
    eight_bit: bool = False
    header_eight_bit: bool = False
    takes_eight_bit: bool | None = None
    takes_utf8: bool | None = None
    faults: tuple[FormFault, ...] = ()
    has_one_click: bool = False
    one_click: tuple[OneClickFault, ...] = ()
    test_strings: tuple[FilterTest, ...] = ()
    lookups: tuple[int, ...] = ()
