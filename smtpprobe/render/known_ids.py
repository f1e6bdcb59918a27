"""What is known of a cause or a finding by its permanent id: values that every format of `explain ID` takes."""

from __future__ import annotations

import msgspec

from smtpprobe.model.remedy import Actor
from smtpprobe.model.report import Severity


class CauseRemedy(msgspec.Struct, frozen=True, kw_only=True):
    """A remedy as the catalogue has it; `‹ip›` stands for a value that a refusal may name.

    `facts` are what has to be known of a refusal for it to be said, in the catalogue's words; empty: nothing more.
    """

    actor: Actor
    action: str
    verify: str | None
    facts: tuple[str, ...]


class CausePage(msgspec.Struct, frozen=True, kw_only=True):
    """A cause. `phases` are where it comes up; `by_reply`: a reply can have it, so that `retry` depends on its class.

    `stated_by` are enhanced status codes that state it by themselves, `enhanced` others that are used for it, `replies`
    the reply codes that usually stand for it.
    """

    id: str
    title: str
    meaning: str
    who: tuple[Actor, ...]
    retry: str
    retry_transient: str
    by_reply: bool
    phases: tuple[str, ...]
    remedies: tuple[CauseRemedy, ...]
    stated_by: tuple[str, ...]
    enhanced: tuple[str, ...]
    replies: tuple[int, ...]


class FindingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A finding. `about` says what its check looks at, `severity_otherwise` when the severity is another one.

    `command` shows the finding; None where nobody said which does. `codes` are those that a refusal due to it carries.
    """

    id: str
    check: str
    about: str
    severity: Severity
    severity_otherwise: str | None
    title: str
    why: str
    fix: str
    needs: tuple[str, ...]
    references: tuple[str, ...]
    codes: tuple[str, ...]
    command: str | None


class KnownIds(msgspec.Struct, frozen=True, kw_only=True):
    """Pages in the order in which they were asked for."""

    causes: tuple[CausePage, ...] = ()
    findings: tuple[FindingPage, ...] = ()
