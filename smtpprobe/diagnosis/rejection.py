"""One rejection with everything that may be weighed, and the assessment that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import msgspec

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.catalogue.explainer.told import told
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.login.secret import LoginRecord, PasswordRecord
from smtpprobe.model.reply import Reply
from smtpprobe.model.report import BecauseKind, CheckRun, Completed, Confidence
from smtpprobe.model.transcript import Exchange, Transcript

Kind = TypeVar("Kind")
NO_BEARING: Mapping[str, Bearing] = MappingProxyType({})


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence adds to a stated cause, in texts of one kind; `statement` says it to people, in one sentence."""

    confidence: Confidence
    because: tuple[str, ...] = ()
    kind: BecauseKind = BecauseKind.EVIDENCE
    checks: tuple[int, ...] = ()
    statement: str | None = None


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection with everything that may be weighed: the exchange, its reply as explained, and this transcript's runs.

    `runs` are check runs with their index in the report; `helo` is the name that was given, ours where `helo_assumed`.
    `bearing` says of checks by name on which refusals they could bear. `login` is who logs in, and what is told of
    the secret.
    `lookups` is all that DNS was asked in the run.
    """

    transcript: Transcript
    exchange: Exchange
    reply: Reply
    explanation: Explanation
    runs: tuple[tuple[int, CheckRun], ...]
    reverse_path: str | None
    forward_path: str | None
    helo: str
    helo_assumed: bool = False
    bearing: Mapping[str, Bearing] = NO_BEARING
    login: LoginRecord | None = None
    lookups: Sequence[DnsLookup] = ()

    def evidence(self, kind: type[Kind]) -> tuple[int, Kind] | None:
        """The evidence of this kind, with the index of its run in the report; None where no check completed with it."""
        for index, run in self.runs:
            if isinstance(run, Completed) and isinstance(run.evidence, kind):
                return index, run.evidence
        return None

    def is_explained_by(self, check: str) -> bool:
        """Whether the check can show why a sender is refused."""
        bearing = self.bearing.get(check)
        return bearing is not None and bearing.since is not None

    @property
    def user(self) -> str | None:
        """Who logs in."""
        return self.login.user if self.login is not None else None

    @property
    def password(self) -> PasswordRecord | None:
        """What is told of the password; None for a token."""
        return self.login.password if self.login is not None else None

    @property
    def serves_nobody(self) -> bool:
        """Whether the reply says that this host accepts mail from nobody: then nothing about the client bears on it."""
        return "serves_nobody" in told(self.reply.text, self.explanation)

    @property
    def is_transient(self) -> bool:
        """Whether the reply is a transient negative one."""
        return self.reply.digit == 4

    @property
    def text(self) -> str:
        """The reply's words, lower case."""
        return self.reply.text.lower()


STATED = Assessment(confidence=Confidence.STATED)
