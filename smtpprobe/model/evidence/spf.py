"""What SPF found out: the result with its trace, lint, and the smallest edit (RFC 7208)."""

from __future__ import annotations

import ipaddress

import msgspec

from smtpprobe.model.clock import Time
from smtpprobe.model.evidence.spf_dead import SpfDead
from smtpprobe.model.words import AuthResult, Word


class SpfIdentityKind(Word):
    """Which of a client's names is checked, after the command that gives it (RFC 7208 §2.3, §2.4)."""

    MAIL_FROM = "MAIL FROM"
    HELO = "HELO"
    UNKNOWN = "unknown"


class SpfFault(Word):
    """The commonest reasons of none, permerror and temperror."""

    NO_DOMAIN = "no-domain"  # nothing that could be looked up: an address literal, a single label (RFC 7208 §4.3)
    NO_RECORD = "no-record"
    MULTIPLE_RECORDS = "multiple-records"  # RFC 7208 §4.5
    SYNTAX_ERROR = "syntax-error"  # anywhere in a record, before anything is evaluated (RFC 7208 §4.6)
    TOO_MANY_LOOKUPS = "too-many-lookups"  # more than ten terms that cause one (RFC 7208 §4.6.4)
    TOO_MANY_VOID_LOOKUPS = "too-many-void-lookups"  # more than two (RFC 7208 §4.6.4)
    INCLUDE_LOOP = "include-loop"  # an include leads back to a record that it stands under, until a limit ends it
    REDIRECT_LOOP = "redirect-loop"  # so does redirect=
    TOO_MANY_MX = "too-many-mx"  # more than ten hosts of one mx term (RFC 7208 §4.6.4)
    INCLUDE_MISSING = "include-missing"  # the included domain has no record (RFC 7208 §5.2)
    REDIRECT_MISSING = "redirect-missing"  # nor the one redirected to (RFC 7208 §6.1)
    DNS_FAILURE = "dns-failure"
    UNKNOWN = "unknown"


class SpfStepResult(Word):
    """What one term came to: whether it matched, or a result of check_host() for redirect= and errors."""

    MATCH = "match"
    NO_MATCH = "no-match"
    NOT_REACHED = "not-reached"  # an earlier term decided
    IGNORED = "ignored"  # a modifier without effect here
    USED = "used"  # exp=, whose explanation is the fail's
    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    UNKNOWN = "unknown"


class SpfStep(msgspec.Struct, frozen=True, kw_only=True):
    """One term of a record as it was evaluated; `children` are the terms of the record that it includes or redirects to.

    `lookups_used` and `void_lookups_used` are the running counts after the term (RFC 7208 §4.6.4), 0 where it was not
    reached; a record by itself is counted on behind an error, in terms that are not reached. `decided` marks the term that
    decided, and under it the term of the included record that did.
    """

    domain: str
    term: str
    expanded: str | None = None
    alias: str | None = None  # where CNAME leads from that name
    host: str | None = None  # of a, mx, ptr and exists that match: the name whose address did it
    result: SpfStepResult = SpfStepResult.NOT_REACHED
    reason: str | None = None
    fault: SpfFault | None = None  # where it made the evaluation end in none, permerror or temperror
    lookups_used: int = 0
    void_lookups_used: int = 0
    lookups: tuple[int, ...] = ()
    decided: bool = False
    children: tuple[SpfStep, ...] = ()


class SpfOtherCount(msgspec.Struct, frozen=True, kw_only=True):
    """What receivers come to that count otherwise, or in another order.

    Void lookups: a term mx or ptr counts as one at most, not each of its hosts. RFC 7208 §4.6.4 can be read either way;
    ours is the other one, which most receivers take.
    """

    result: AuthResult
    mechanism: str | None = None
    problem: str | None = None
    void_lookups_used: int = 0


class SpfIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """check_host() for one identity (RFC 7208 §2.3, §2.4). `result` is None where it is not checkable.

    `mechanism` is the term that decided, `default` where none matched (RFC 7208 §9.1). `other_count` is None where it
    makes no difference to the result how void lookups are counted, `other_order` where none does in which order mail hosts
    of equal preference and PTR names are taken.
    """

    domain: str | None
    sender: str | None
    result: AuthResult | None
    mechanism: str | None = None
    problem: str | None = None  # why, for none, temperror and permerror; or why not checkable
    fault: SpfFault | None = None
    explanation: str | None = None  # exp=, expanded
    record: str | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    trace: tuple[SpfStep, ...] = ()
    lookups: tuple[int, ...] = ()
    other_count: SpfOtherCount | None = None
    other_order: SpfOtherCount | None = None


class SpfIdentities(msgspec.Struct, frozen=True):
    helo: SpfIdentity
    mailfrom: SpfIdentity


class SpfLint(msgspec.Struct, frozen=True, kw_only=True):
    """What is unwise or without effect in a published record; `id` is that of the finding that states it.

    `term` is the offending text and `position` the character of the record where it begins; None where it is no term's
    fault. `domain` has the record; `host` is the name in question where it is neither the domain nor in the term.
    """

    id: str
    domain: str
    message: str
    term: str | None = None
    position: int | None = None
    host: str | None = None


class SpfShift(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses, from `first` to `last`, that pass before an edit and not after it, or the other way round.

    `sender` is the mailbox for which it is so, where that makes a difference: records may hang on the local part, and the
    HELO identity has a sender of its own. None where it is so for every sender of the domain.
    """

    first: str
    last: str
    sender: str | None = None
    before: AuthResult
    after: AuthResult

    @property
    def addresses(self) -> str:
        """The addresses as one, as a network, or as the first and the last."""
        if self.first == self.last:
            return self.first
        try:
            first, last = ipaddress.ip_address(self.first), ipaddress.ip_address(self.last)
        except ValueError:
            # A saved report may say anything.
            return f"{self.first} to {self.last}"
        size = int(last) - int(first) + 1
        if size < 1 or size & (size - 1) or int(first) % size:
            return f"{self.first} to {self.last}"
        return f"{self.first}/{first.max_prefixlen - size.bit_length() + 1}"


class SpfEdit(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of a record that makes the client's address pass, evaluated again with the record in place.

    Where no client is asked about, it is the record as it was meant, evaluated for an address that nothing in it matches.

    `record` is None where no change is advised: then `reason` says why, and what to do instead, and `result` is what the
    record gives the address once its own faults are mended, None where that is not known. `strings` are the record's
    strings as a master file has them, quoted, each at most 255 octets. `changes` say in words what was changed,
    `notes` what the change leaves as it is. `result`, the `mechanism` that decided and the counts are those of the
    evaluation over the changed record; `lookups_needed` is what the whole record can cost an address that nothing in it
    matches.

    `begins` and `stops` are the addresses that begin to pass and stop passing, in both families: a record that makes anybody
    stop is not advised, and `stops` says whom it would have been; but for one that `closes`: today everybody passes by an all
    that was written too early, and then nobody but those whom the record names. `not_compared` are terms that hang on each
    client's address or name, so that whom they permit cannot be listed. `publish_at` is the name that has the record, where the
    domain is an alias of a name of the same registered domain, or where the fault is in the record of a name that it leads to;
    `replaces_alias` is where the CNAME leads that has to go first, since its target is another's or does not exist: the domain
    itself, where it leads in a circle.
    """

    domain: str
    publish_at: str | None = None
    record: str | None = None
    strings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    result: AuthResult | None = None
    mechanism: str | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    lookups_needed: int = 0
    reason: str | None = None
    begins: tuple[SpfShift, ...] = ()
    stops: tuple[SpfShift, ...] = ()
    not_compared: tuple[str, ...] = ()
    replaces_alias: str | None = None
    closes: bool = False

    @property
    def owner(self) -> str:
        """The name at which the record is published."""
        return self.publish_at or self.domain


class SpfTxt(msgspec.Struct, frozen=True, kw_only=True):
    """A record to publish; `strings` as a master file has them, quoted, each at most 255 octets."""

    owner: str
    record: str
    octets: int
    strings: tuple[str, ...]


class SpfKept(msgspec.Struct, frozen=True, kw_only=True):
    """A term that cannot be replaced by networks; `because` are the terms in or under it that cannot be listed."""

    term: str
    because: tuple[str, ...] = ()


class SpfRewrite(msgspec.Struct, frozen=True, kw_only=True):
    """Another record that lets the same addresses pass, compared over both families. The domain's own comes first.

    `records` is empty where none is proposed; then `reason` says why. `begins` are addresses that the record names and
    that pass only once it keeps to the limits. `not_compared` are terms that hang on each client, and stay as they are.
    `octets_saved` is what the first record is shorter by, `lookups_needed` what the record that was asked about costs then.
    `as_dns_is` are the terms left out whose names nothing else leads to: a new address of theirs would be missing.
    `nobody` is what an address gets that nothing matches. Of the terms that networks stand for, and of those below them,
    `own_names` lead to names of the same registered domain, `others_names` to another's, whose addresses change without
    notice. `is_cheaper` is false where it needs no fewer lookups, and no limit stands in the way of the record as it is.
    """

    records: tuple[SpfTxt, ...] = ()
    changes: tuple[str, ...] = ()
    octets_saved: int = 0
    lookups_needed: int = 0
    begins: tuple[SpfShift, ...] = ()
    not_compared: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[SpfKept, ...] = ()
    as_dns_is: tuple[str, ...] = ()
    nobody: AuthResult | None = None
    resolved_at: Time | None = None
    reason: str | None = None
    own_names: tuple[str, ...] = ()
    others_names: tuple[str, ...] = ()
    is_cheaper: bool = True


class SpfProvider(msgspec.Struct, frozen=True):
    """Whose name it is that a record includes or redirects to."""

    domain: str
    provider: str


class SpfRecordEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="spf-record", kw_only=True):
    """A record by itself. `result` is that of an address that nothing in it matches, or none, temperror, permerror.

    Such an address costs the most: `lookups_used` and `void_lookups_used` are its counts, up to where an error ended the
    evaluation; `lookups_needed` is the whole record's, None without one. `not_followed` are the terms, counted, that
    hang on a client's address or name.

    `dead` are terms of the domain's record and of those that it leads to, `providers` those that the catalogue knows.
    `mended` is the record with its own faults put right, whoever asks: None where it has none. `shorter` is None where
    nothing can be left out, `flattened` where it was not asked for; `shorter_below` are records of the same registered
    domain that it leads to. `made_up` are terms whose address the resolver gives any name: then nothing is proposed.
    `passing_nobody` are the terms that were to let somebody pass, where nobody does. `mailbox` is what was given in the
    place of the domain, which is the mailbox's.
    """

    domain: str
    result: AuthResult
    family: str | None = None  # IPv4 or IPv6, where an address of the other costs less
    mechanism: str | None = None
    problem: str | None = None
    fault: SpfFault | None = None
    record: str | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    lookups_needed: int | None = None
    not_followed: tuple[str, ...] = ()
    trace: tuple[SpfStep, ...] = ()
    lint: tuple[SpfLint, ...] = ()
    lookups: tuple[int, ...] = ()
    other_count: SpfOtherCount | None = None
    dead: tuple[SpfDead, ...] = ()
    providers: tuple[SpfProvider, ...] = ()
    mended: SpfEdit | None = None
    shorter: SpfRewrite | None = None
    flattened: SpfRewrite | None = None
    shorter_below: tuple[SpfRewrite, ...] = ()
    made_up: tuple[str, ...] = ()
    passing_nobody: tuple[str, ...] = ()
    mailbox: str | None = None


class SpfEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="spf", kw_only=True):
    """SPF for one client IP; the flat fields are the MAIL FROM identity's (postmaster@HELO for `<>`).

    `lookups_needed` is what the whole record can cost an address that nothing in it matches, None where it was not
    walked. `edit` is None where there is nothing to change. `instead_of` is the domain that was asked about where the
    reverse-path has another, or is null and leads to the HELO name (RFC 7208 §2.4). `helo_mended` is the HELO name's own
    record put right, None where it is as it should be. `is_null_path`: the reverse-path is null. `made_up` are the terms
    that decided by an address which the resolver gives any name: then a pass proves nothing.
    """

    client_ip: str
    result: AuthResult
    identities: SpfIdentities
    mechanism: str | None
    explanation: str | None
    record: str | None
    problem: str | None
    lookups_used: int
    void_lookups_used: int
    trace: tuple[SpfStep, ...]
    lookups: tuple[int, ...]
    lint: tuple[SpfLint, ...] = ()
    lookups_needed: int | None = None
    edit: SpfEdit | None = None
    made_up: tuple[str, ...] = ()
    instead_of: str | None = None
    is_null_path: bool = False
    helo_mended: SpfEdit | None = None
