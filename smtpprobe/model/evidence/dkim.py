"""What DKIM found out: signatures of a message, keys by selector, and what each name server says (RFC 6376)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.model.clock import Time
from smtpprobe.model.dns.lookup import DnsStatus
from smtpprobe.model.words import AuthResult, Word


class KeyStatus(Word):
    """Whether a key record would serve a verifier (RFC 6376 §3.6.1)."""

    USABLE = "usable"
    WEAK = "weak"  # too short, or of an algorithm that is no longer to be used (RFC 8301 §3)
    REVOKED = "revoked"  # p= is empty
    MISSING = "missing"  # no key record at the name
    BROKEN = "broken"  # what stands there cannot be read as a key
    TEMPERROR = "temperror"  # DNS gave no answer
    UNKNOWN = "unknown"


TLS_REPORTS = "tlsrpt"  # the service type of keys that reports are signed with (RFC 8460 §3)


def is_for_mail(services: Iterable[str]) -> bool:
    """Whether a key with these services in s= may verify mail (RFC 6376 §3.6.1); it may where there are none."""
    listed = set(services)
    return not listed or bool({"*", "email"} & listed)


class KeyOrigin(Word):
    """Where a selector was learnt."""

    GIVEN = "given"  # by the user
    MESSAGE = "message"  # from a signature
    GUESSED = "guessed"  # from what services commonly use
    UNKNOWN = "unknown"


class NameServerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one authoritative name server says of a name's TXT records."""

    server: str
    address: str
    name: str
    status: DnsStatus
    records: tuple[str, ...] = ()
    cname: str | None = None
    lookup: int = -1


class NameServerAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of every authoritative name server for one name; `differ` where those that answered disagree.

    A name that is a CNAME elsewhere is followed, so that `answers` may hold several names. `problem` says why there
    are none, or which servers could not be asked.
    """

    name: str
    zone: str | None
    answers: tuple[NameServerAnswer, ...] = ()
    differ: bool = False
    problem: str | None = None
    lookups: tuple[int, ...] = ()


FROM = "From"  # the subject of what is said about a message's author


class FromFault(Word):
    """What is wrong with a message's From field (RFC 5322 §3.6, §3.6.2, RFC 7489 §6.6.1)."""

    ABSENT = "absent"
    SEVERAL_FIELDS = "several-fields"
    EMPTY = "empty"
    NO_ADDRESS = "no-address"  # something that is none: no @, or no domain after it
    HIDDEN_ADDRESS = "hidden-address"  # only in a quoted string, a comment or an encoded word
    OTHER_ADDRESS = "other-address"  # beside the address: in the display name, a comment or a quoted local part
    GROUP = "group"
    ADDRESS_LITERAL = "address-literal"
    BAD_DOMAIN = "bad-domain"
    SYNTAX = "syntax"
    SEVERAL_DOMAINS = "several-domains"
    SEVERAL_MAILBOXES = "several-mailboxes"  # without a Sender field of one address
    SEVERAL_AUTHORS = "several-authors"  # of one domain, with a Sender field: as the grammar has it
    INTERNATIONALIZED = "internationalized"  # raw UTF-8: as the grammar of RFC 6532 has it
    UNKNOWN = "unknown"

    @property
    def is_well_formed(self) -> bool:
        """Whether everybody reads the field alike, and it is only what it says that is told."""
        return self in (FromFault.OTHER_ADDRESS, *RIGHT_AND_RARE)


RIGHT_AND_RARE = (FromFault.SEVERAL_AUTHORS, FromFault.INTERNATIONALIZED)  # what some receivers refuse all the same


class FromProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong with From; `statement` says it with the field as it is."""

    fault: FromFault
    statement: str


class MessageAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """A message's From fields, quoted, escaped and cut; `count` is how many there are.

    `domains` are the different author domains that can be read, as A-labels.
    """

    fields: tuple[str, ...]
    count: int
    domains: tuple[str, ...]
    problems: tuple[FromProblem, ...] = ()

    @property
    def domain(self) -> str | None:
        """The author domain that DMARC judges; None if the message has not exactly one From field with one domain."""
        return self.domains[0] if self.count == 1 and len(self.domains) == 1 else None


class RepeatedField(msgspec.Struct, frozen=True):
    """A header field that may stand once and is there several times (RFC 5322 §3.6)."""

    name: str
    count: int


class SignedPart(Word):
    """What of a message a signature's hash is over (RFC 6376 §3.7)."""

    BODY = "body"
    HEADER = "header"
    UNKNOWN = "unknown"


class DkimRestoration(msgspec.Struct, frozen=True, kw_only=True):
    """A change that undoes a failure: with it the body hash, or the header signature, is right.

    `rewrite` is its kebab-case name, `statement` the sentence, `fields` the header fields concerned, and `tag` the
    tag of the signature that was changed, if it is one.
    """

    part: SignedPart
    rewrite: str
    statement: str
    fields: tuple[str, ...] = ()
    tag: str | None = None


class DkimSignature(msgspec.Struct, frozen=True, kw_only=True):
    """One DKIM-Signature of a message and its verification (RFC 6376 §6.1).

    Of a failed one: `restored_by` the rewrites that make it right, `suspects` what else looks changed, and
    `signed_by_key` whether the private key of this record made the signature; None where that cannot be told.
    `outweighed`: it does not pass, and another one does that serves the author as well.
    """

    domain: str | None
    selector: str | None
    result: AuthResult
    reason: str | None
    algorithm: str | None = None
    key_bits: int | None = None
    identity: str | None = None
    signed_at: Time | None = None
    expires_at: Time | None = None
    body_hash_ok: bool | None = None
    signature_ok: bool | None = None
    headers: tuple[str, ...] = ()
    lookups: tuple[int, ...] = ()
    canonicalization: str | None = None  # header/body
    body_length: int | None = None  # l=
    unsigned_octets: int | None = None  # of the canonical body, beyond l=
    testing: bool = False  # the key has t=y
    restored_by: tuple[DkimRestoration, ...] = ()
    suspects: tuple[str, ...] = ()
    signed_by_key: bool | None = None
    outweighed: bool = False
    key_record: str | None = None  # of several key records at the selector, the one that it was judged by


class DkimKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key record at one selector, as it would serve a verifier (RFC 6376 §3.6.1).

    `notes` are what verifiers differ about; `records` counts the key records at the name, and `beside` says of every
    other TXT record there what it is. `cname` is the name that an alias leads to.
    """

    selector: str
    domain: str
    status: KeyStatus
    origin: KeyOrigin
    record: str | None = None
    key_type: str | None = None
    key_bits: int | None = None
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    records: int = 0
    servers: NameServerAnswers | None = None  # where every name server was asked
    beside: tuple[str, ...] = ()
    cname: str | None = None
    meant: str | None = None  # the record that was meant by one that cannot be read
    given_as: str | None = None  # the name of the key record, where that was given in place of the selector
    provider: str | None = None  # the mail service that the alias leads to, or whose selector it is


class UnansweredSelectors(msgspec.Struct, frozen=True):
    """Selectors that no name server answered for, and why: the same reason for all of them."""

    reason: str
    selectors: tuple[str, ...]


class DkimDomain(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried for one domain. `providers` are the services that MX and SPF show, where selectors were guessed.

    `unguessable` are those of them whose selectors cannot be guessed, with the reason.
    """

    domain: str
    tried: tuple[str, ...]
    guessed: bool
    has_domainkey_node: bool | None
    unanswered: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    unguessable: tuple[str, ...] = ()
    exists: bool | None = None  # where selectors were guessed
    node_text: str | None = None  # a text at _domainkey itself, which is no key and no wildcard's
    wildcard_text: str | None = None  # what a wildcard gives for every selector, which is no key
    unanswered_because: tuple[UnansweredSelectors, ...] = ()

    @property
    def nothing_answered(self) -> bool:
        """Whether nothing is known of any selector: those guessed were all asked in vain, of a name that may exist."""
        return self.guessed and self.exists is not False and len(self.unanswered) == len(self.tried) > 0


class DkimEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dkim", kw_only=True):
    """Key records by selector, and a message's signatures where one was given.

    `domains` has one element a domain; `domain` and `has_domainkey_node` are the first one's.
    """

    domain: str | None
    signatures: tuple[DkimSignature, ...]
    keys: tuple[DkimKey, ...]
    tried: tuple[str, ...]  # selectors asked for
    has_domainkey_node: bool | None  # whether _domainkey exists as an empty non-terminal (RFC 8020)
    lookups: tuple[int, ...]
    unanswered: tuple[str, ...] = ()  # those of them that no name server answered for
    domains: tuple[DkimDomain, ...] = ()
    author: MessageAuthor | None = None  # of the message, where one was given
    repeated: tuple[RepeatedField, ...] = ()  # fields of the message beside From
    bare_lf: int = 0  # lines of the message that end in a bare LF, where others end in CRLF
