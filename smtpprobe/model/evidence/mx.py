"""Where mail for a domain goes (RFC 5321 §5.1)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class MxStatus(Word):
    """Where mail for a domain goes, in a word."""

    MX = "mx"  # its MX records name the hosts
    IMPLICIT = "implicit"  # no MX record: the domain's own addresses (RFC 5321 §5.1)
    NULL_MX = "null-mx"  # it takes no mail (RFC 7505)
    NXDOMAIN = "nxdomain"  # it does not exist
    NOTHING = "nothing"  # neither MX nor address records
    TEMPERROR = "temperror"  # DNS gave no answer
    UNKNOWN = "unknown"


class MxRole(Word):
    """Whose domain it is in the envelope."""

    REVERSE_PATH = "reverse-path"
    FORWARD_PATH = "forward-path"
    UNKNOWN = "unknown"


class MxProblem(Word):
    """What is wrong with an exchange."""

    CNAME = "cname"  # the exchange is an alias (RFC 2181 §10.3)
    ADDRESS_LITERAL = "address-literal"  # the exchange is an IP address (RFC 5321 §5.1)
    NO_ADDRESS = "no-address"
    NXDOMAIN = "nxdomain"  # its name does not exist (RFC 8020)
    PRIVATE_ADDRESS = "private-address"  # mail from the Internet cannot reach it
    TEMPERROR = "temperror"  # DNS gave no answer
    ALIAS_LOOP = "alias-loop"  # the aliases (CNAME) of its name have no end
    FINAL_DOT = "final-dot"  # the zone's name was appended to the exchange (RFC 1035 §5.1)
    MADE_UP = "made-up"  # its addresses are those that the resolver gives for names that do not exist
    UNKNOWN = "unknown"


class MxHost(msgspec.Struct, frozen=True, kw_only=True):
    """A mail host. `alias` is where CNAME leads from its name, even if to nothing; `meant` the name before the zone's was
    appended to it; `unanswered` why one of its two address lookups, or both, gave no answer.
    """

    preference: int
    name: str
    addresses: tuple[str, ...]
    problem: MxProblem | None = None
    alias: str | None = None
    meant: str | None = None
    unanswered: str | None = None


class MxDomain(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail for a domain goes (RFC 5321 §5.1)."""

    domain: str
    role: MxRole
    status: MxStatus
    hosts: tuple[MxHost, ...]
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    alias: str | None = None  # where CNAME leads from the domain
    null_among_others: bool = False  # RFC 7505 §3: a null MX is to be the only MX record
    not_looked_at: int = 0  # hosts beyond the number whose addresses are asked for


class MxEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="mx"):
    domains: tuple[MxDomain, ...]
    lookups: tuple[int, ...]
