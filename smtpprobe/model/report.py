"""Findings, causes, verdicts, and the report that holds everything; its fields are the JSON report's."""

from __future__ import annotations

import msgspec

from smtpprobe.model.clock import Time
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.request import Envelope, Protocol, Request
from smtpprobe.model.transcript import Outcome, Transcript
from smtpprobe.model.words import Severity as Severity
from smtpprobe.model.words import Word

SCHEMA_VERSION = "1.0"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A statement with a severity. The id is permanent and names the fault; `exchange` where one shows it.

    `needs` names the request's field that would tell more. `zone` is the DNSBL zone that it is about. `names_subject`:
    the message names its subject; `states_problem`: it holds the problem that the evidence gives for the subject. Neither
    need be shown twice.
    """

    id: str
    severity: Severity
    subject: str
    message: str
    exchange: int | None = None
    needs: str | None = None
    zone: str | None = None
    names_subject: bool = False
    states_problem: bool = False


class RunStatus(Word):
    """Whether a check finished."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Completed(msgspec.Struct, frozen=True, tag_field="status", tag="completed", kw_only=True):
    """A check that finished. `transcript` is an index, None for all."""

    check: str
    evidence: Evidence | None
    findings: tuple[Finding, ...] = ()
    transcript: int | None = None
    kind: None = None
    reason: None = None
    needs: None = None


class SkipKind(Word):
    """Why a check did not run."""

    NOT_ASKED = "not-asked"  # nothing called for it, or the user switched it off
    NOT_APPLICABLE = "not-applicable"  # it has nothing to say about this session
    INPUT_MISSING = "input-missing"  # it would run if something more were known
    INTERRUPTED = "interrupted"  # the run was over before its turn
    UNKNOWN = "unknown"


class FailureKind(Word):
    """Why a check did not finish."""

    INTERNAL_ERROR = "internal-error"  # we are wrong
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class Skipped(msgspec.Struct, frozen=True, tag_field="status", tag="skipped", kw_only=True):
    """A check that did not run: the kind of reason, and the reason in words.

    `needs` names the request's field that is missing (`client_ip`), None where none would help.
    """

    check: str
    reason: str
    kind: SkipKind = SkipKind.UNKNOWN
    needs: str | None = None
    transcript: int | None = None
    evidence: None = None
    findings: tuple[Finding, ...] = ()


class Failed(msgspec.Struct, frozen=True, tag_field="status", tag="failed", kw_only=True):
    """A check that did not finish. Never a pass."""

    check: str
    reason: str
    kind: FailureKind = FailureKind.UNKNOWN
    needs: None = None
    transcript: int | None = None
    evidence: None = None
    findings: tuple[Finding, ...] = ()


CheckRun = Completed | Skipped | Failed


class Confidence(Word):
    """How well a cause is supported."""

    CONFIRMED = "confirmed"  # the reply says so and our evidence reproduces it
    STATED = "stated"  # the reply says so; we could not check
    SUPPORTED = "supported"  # our evidence would explain it; the reply does not say
    POSSIBLE = "possible"  # the catalogue lists it; no evidence either way
    CONTRADICTED = "contradicted"  # the reply says so and our evidence says otherwise
    UNKNOWN = "unknown"


class BecauseKind(Word):
    """What a reason for a cause rests on."""

    REPLY = "reply"  # the server's own words
    EVIDENCE = "evidence"  # what a check, or the session itself, showed
    STAGE = "stage"  # the refusal answers an earlier stage than the one it came at
    CATALOGUE = "catalogue"  # usual for such a code and phase, and nothing more
    ASSUMPTION = "assumption"  # a default of ours may be at fault
    OUTCOME = "outcome"  # the run's own outcome, in the same words
    UNKNOWN = "unknown"


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for a cause, in words.

    `refs` are indexes: of the report's check runs for `evidence`, of the transcript's exchanges for `reply`.
    `needs` names the request's field that would settle it.
    """

    kind: BecauseKind
    text: str
    refs: tuple[int, ...] = ()
    needs: str | None = None


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One reason that a session or a command was refused for.

    `title` is the class's, `statement` what is known of this case, in one sentence with its values; None where that is no
    more than the title. Of a cause that evidence contradicts the statement says so, and the title is not to stand alone.
    """

    id: str
    title: str
    confidence: Confidence
    because: tuple[Because, ...]
    remedies: tuple[Remedy, ...]
    retry: str | None = None
    checks: tuple[int, ...] = ()  # indexes of the check runs that it rests on
    statement: str | None = None


class Unchecked(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be checked: its name (a check's, a zone's), and why not in words.

    `run` is the index of the check run that says so, None where it is about a part of a check's evidence. `needs` names
    the request's field that is missing.
    """

    subject: str
    reason: str
    run: int | None = None
    needs: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection explained, causes best first. `cleared`: what was checked and is fine.

    `relevant`: indexes of the check runs that could bear on it, by what the server knew and what its words are about.
    `restates_outcome`: the verdict is on a session that did not come about, and its summary is the outcome's reason.
    """

    transcript: int
    exchange: int | None
    summary: str
    causes: tuple[Cause, ...]
    cleared: tuple[str, ...] = ()
    unknown: tuple[Unchecked, ...] = ()
    relevant: tuple[int, ...] = ()
    restates_outcome: bool = False


class LoginResult(Word):
    """How a test of credentials came out."""

    ACCEPTED = "accepted"
    WRONG_CREDENTIALS = "wrong-credentials"
    TOKEN_REFUSED = "token-refused"
    METHOD_BLOCKED = (
        "method-blocked"  # an app password or a token is wanted; the mechanism is off, too weak, not offered
    )
    TLS_NEEDED = "tls-needed"  # before the credentials may be sent
    LOCKED_OR_LIMITED = "locked-or-limited"  # the account, or how often it may log in
    NOT_FROM_HERE = "not-from-here"  # this client may not log in, whoever it is
    SERVER_TROUBLE = "server-trouble"  # its login service, so that another host of the same service is no better
    NOT_SENT = "not-sent"  # what was given cannot work
    COULD_NOT_TELL = "could-not-tell"  # no session, or it was cut off
    UNKNOWN = "unknown"


class LoginAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One AUTH command: its mechanism, and the code of the reply that ended it, None where none did."""

    mechanism: str
    reply_code: int | None


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The test of the credentials: how it came out, by which mechanism (None: none was sent), and each attempt.

    `offered_in_clear` and `offered_over_tls` are the mechanisms of the reply to EHLO before and after TLS; None: there was no
    such reply.
    """

    result: LoginResult
    mechanism: str | None = None
    attempts: tuple[LoginAttempt, ...] = ()
    offered_in_clear: tuple[str, ...] | None = None
    offered_over_tls: tuple[str, ...] | None = None


class Tool(msgspec.Struct, frozen=True):
    name: str
    version: str


class TargetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The target as it was resolved."""

    given: str
    host: str
    port: int | None
    protocol: Protocol


class Untried(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the target that was not called; `host` and `preference` as of a transcript."""

    address: str
    host: str
    preference: int | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one run. Its fields are those of the JSON report (docs/report-format.md).

    Indexes in it count from 0: a check's `transcript` into `transcripts`, `exchange` into that transcript's exchanges,
    the `lookups` of evidence into `lookups`.
    """

    schema_version: str  # MAJOR.MINOR; within 1.x fields and words are only added
    tool: Tool
    started_at: Time  # aware of its time zone
    complete: bool  # False where the run was cut short, by a signal or a bug of ours
    target: TargetRecord
    envelope: Envelope
    outcome: Outcome  # the worst of the sessions'
    transcripts: tuple[
        Transcript, ...
    ]  # one for each address that was tried, in order; the session is the last, unless each was wanted
    checks: tuple[CheckRun, ...]  # each check once for each transcript
    request: Request  # without the keys of DNSBL zones
    lookups: tuple[DnsLookup, ...]  # every DNS answer of the run, in the order in which they came
    verdicts: tuple[Verdict, ...]  # one for each rejection
    login: Login | None = None  # None: nobody was to log in
    untried: tuple[Untried, ...] = ()  # further addresses: another had answered, or there were too many


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """One check alone, as its own command prints it; `started_at` is when it began."""

    schema_version: str
    tool: Tool
    started_at: Time
    check: str
    status: RunStatus
    reason: str | None
    evidence: Evidence | None
    findings: tuple[Finding, ...]
    lookups: tuple[DnsLookup, ...]
    needs: str | None = None
