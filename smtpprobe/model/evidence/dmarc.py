"""What DMARC found out: the record that applies, the walk to it, and who aligns (RFC 9989)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.dns.lookup import DnsStatus
from smtpprobe.model.evidence.dkim import NameServerAnswers, UnansweredSelectors
from smtpprobe.model.words import AuthResult, Word


class DmarcPolicy(Word):
    """What the author domain asks receivers to do with a message that fails (RFC 9989 §4.7)."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    UNKNOWN = "unknown"


class AlignmentMode(Word):
    """How near an authenticated identifier must be to the author domain (RFC 9989 §4.4)."""

    RELAXED = "r"  # in the same organizational domain
    STRICT = "s"  # the same
    UNKNOWN = "unknown"


class DmarcMechanism(Word):
    """What authenticated an identifier."""

    SPF = "spf"
    DKIM = "dkim"
    UNKNOWN = "unknown"


class AuthorDomainSource(Word):
    """Where the author domain is taken from."""

    MESSAGE = "message"  # its From field
    REVERSE_PATH = "reverse-path"  # assumed to be the same
    GIVEN = "given"
    UNKNOWN = "unknown"


class DmarcQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a tree walk (RFC 9989 §4.10)."""

    name: str
    status: DnsStatus
    record: str | None  # None also where several stand there
    lookup: int
    records: int = 0  # how many DMARC records
    alias: str | None = None  # where CNAME leads from the name, even if to nothing
    other: str | None = None  # a text at the name, where none of its texts is a DMARC record
    texts: tuple[str, ...] = ()  # the DMARC records, where there are several


class DmarcAligned(msgspec.Struct, frozen=True, kw_only=True):
    """One authenticated identifier beside the author domain (RFC 9989 §4.4).

    `organizational_domain` and `aligned` are None where they hang on a DNS query that failed, and `mode` is unknown
    where the record does.
    """

    mechanism: DmarcMechanism
    domain: str
    result: AuthResult
    organizational_domain: str | None
    mode: AlignmentMode
    aligned: bool | None


class DmarcRfc7489(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver of the older standard concludes, where it differs."""

    organizational_domain: str | None
    record_domain: str | None
    policy: DmarcPolicy | None
    result: AuthResult | None
    pct: int | None
    differs: tuple[str, ...]


class DmarcReportDestination(msgspec.Struct, frozen=True, kw_only=True):
    """Where the record asks reports to be sent. `external`: in another organization, which must agree (RFC 9990 §4).

    `accepted` is None where DNS gave no answer. `override` are the URIs that the destination names instead (RFC 9990 §4).
    `reachable`: whether reports to the URI can arrive at all; None where that is unknown.
    """

    uri: str
    domain: str | None
    external: bool
    accepted: bool | None
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    override: tuple[str, ...] = ()
    tag: str = "rua"  # or ruf
    reachable: bool | None = None


class DmarcLack(Word):
    """What a record lacks to be enforced as far as it can be, in the order in which it is best done."""

    VALID_POLICY = "valid-policy"  # p is missing, or p, sp or np is invalid
    REPORTS = "reports"  # no rua: nobody sees whom a policy would hit
    REPORTS_READABLE = "reports-readable"  # no address can be read from rua
    REPORTS_AGREED = "reports-agreed"  # no destination of rua has agreed to take them (RFC 9990 §4)
    REPORTS_REACHABLE = "reports-reachable"  # there is none to which reports can be sent
    TAGS_ONCE = "tags-once"  # a tag is repeated: receivers of RFC 7489 may discard the record
    POLICY_FIRST = "policy-first"  # p is not directly behind v: receivers of RFC 7489 may discard the record
    ALL_MAIL = "all-mail"  # pct: receivers of RFC 7489 apply the policy to a part of the mail
    NO_SUFFIX = "no-suffix"  # psd=y at a domain that is no public suffix
    TEST_OVER = "test-over"  # t=y: receivers apply one step less
    QUARANTINE = "quarantine"  # p=none asks for nothing
    REJECT = "reject"  # p=quarantine leaves one step
    SUBDOMAINS = "subdomains"  # sp or np asks for less than p
    UNKNOWN = "unknown"


class DmarcPublished(msgspec.Struct, frozen=True, kw_only=True):
    """What a record asks for: of its own domain, of those below it that exist, and of those that do not; t=y applied."""

    domain: DmarcPolicy
    subdomains: DmarcPolicy
    nonexistent: DmarcPolicy
    adkim: AlignmentMode
    aspf: AlignmentMode
    lacks: tuple[DmarcLack, ...] = ()


class DmarcRestsOn(Word):
    """What mail of a domain can pass DMARC by, as far as the domain's own records show."""

    BOTH = "both"
    SPF = "spf"
    DKIM = "dkim"
    EVERYBODY = "everybody"  # SPF lets whoever sends pass, so that DMARC stops nobody
    NO_MAIL = "no-mail"  # SPF says that nobody may send, and no key was found
    NO_DOMAIN = "no-domain"  # the name does not exist, and has no record of its own
    NOTHING_FOUND = "nothing-found"
    UNKNOWN = "unknown"  # DNS gave no answer that it hangs on


class DmarcBackingLack(Word):
    """What is missing so that mail of a domain can pass DMARC by SPF and by DKIM, in the order in which it is best added."""

    SPF_CLOSED = "spf-closed"  # the record lets everybody pass
    SPF_REPAIRED = "spf-repaired"  # the record cannot be evaluated
    SPF_HOSTS = "spf-hosts"  # the record lets nobody pass
    SPF_RECORD = "spf-record"  # there is none
    KEYS_TESTED = "keys-tested"  # the only usable keys are for testing (t=y)
    SIGNATURES = "signatures"  # no usable key was found at the selectors that were looked at
    UNKNOWN = "unknown"


class SpfLets(Word):
    """Whom a domain's SPF record lets pass, over every address of both families."""

    EVERYBODY = "everybody"  # of one family at least, or whoever chooses a HELO name or local part for it
    SOMEBODY = "somebody"
    NOBODY = "nobody"  # also where there is no record, or none that can be evaluated
    UNKNOWN = "unknown"  # DNS gave no answer that it hangs on


class DmarcBacking(msgspec.Struct, frozen=True, kw_only=True):
    """What a domain publishes for SPF and DKIM. `spf` is the result of an address that nothing in the record matches.

    `spf_lets` is whom the record lets pass, `spf_open` in words by which terms everybody does. `selectors` are those with a
    usable key, `testing_selectors` those whose key is for testing (t=y), so that receivers treat mail that is signed with it
    as unsigned (RFC 6376 §3.6.1); that there are none proves nothing where they were `guessed`. `lacks` is empty for a domain
    that sends no mail, and where DNS gave no answer that `rests_on` hangs on.
    """

    rests_on: DmarcRestsOn
    spf: AuthResult
    spf_record: str | None
    spf_problem: str | None
    selectors: tuple[str, ...]
    unusable_selectors: tuple[str, ...]
    selectors_tried: int
    guessed: bool
    selectors_unanswered: tuple[str, ...] = ()
    unanswered_because: tuple[UnansweredSelectors, ...] = ()
    lacks: tuple[DmarcBackingLack, ...] = ()
    spf_lets: SpfLets = SpfLets.UNKNOWN
    spf_open: tuple[str, ...] = ()
    testing_selectors: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether it is known that nothing is missing."""
        return not self.lacks and self.rests_on is not DmarcRestsOn.UNKNOWN

    @property
    def no_selector_answered(self) -> bool:
        """Whether nothing is known of any selector that was asked for."""
        return bool(self.unanswered_because) and len(self.selectors_unanswered) == self.selectors_tried


class DmarcEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dmarc", kw_only=True):
    """The record that applies to an author domain, and alignment where results are known.

    `hangs_on` are the mechanisms whose result is not known, where nothing else passes: `result` is then `unknown`, and
    `fail` where neither is known, so that only the record was judged.
    """

    author_domain: str
    result: AuthResult
    policy: DmarcPolicy | None  # what applies to a failing message
    record: str | None
    record_domain: str | None
    organizational_domain: str | None
    author_domain_exists: bool | None
    queries: tuple[DmarcQuery, ...]
    alignment: tuple[DmarcAligned, ...]
    tags: dict[str, str]
    problem: str | None
    rfc7489: DmarcRfc7489 | None
    lookups: tuple[int, ...]
    report_destinations: tuple[DmarcReportDestination, ...] = ()
    author_domain_source: AuthorDomainSource = AuthorDomainSource.GIVEN
    identifiers_left_out: int = 0  # of a message with more signatures than are aligned
    destinations_left_out: int = 0  # report destinations beyond the number that is looked at
    servers: NameServerAnswers | None = None  # of the record, where every name server was asked
    published: DmarcPublished | None = None  # where a record applies
    meant: str | None = None  # the record that was meant by the one that is published, where it is written wrongly
    backing: DmarcBacking | None = None  # where the domain was looked at by itself
    hangs_on: tuple[DmarcMechanism, ...] = ()
    first: str | None = (
        None  # what to publish at the author domain's _dmarc name, where no record is there or several are
    )

    @property
    def is_enforced(self) -> bool:
        """Whether the record asks for all that it can, of the mail of whoever does not pass."""
        is_open = self.backing is not None and self.backing.rests_on is DmarcRestsOn.EVERYBODY
        return (
            self.published is not None
            and not self.published.lacks
            and self.published.domain is DmarcPolicy.REJECT
            and not is_open
        )
