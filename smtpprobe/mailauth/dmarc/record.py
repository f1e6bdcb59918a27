"""DMARC records: the tags read, the record judged, and the policy that follows from it (RFC 9989 §4.7, §4.10.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from smtpprobe.mailauth.characters import replaced, visible_part
from smtpprobe.mailauth.dmarc.element_faults import historic, malformed, policy_meant, probably
from smtpprobe.mailauth.dmarc.meant import DESTINATION_TAGS, HISTORIC, POLICIES, POLICY_TAGS, RUN_ON, meant_name
from smtpprobe.mailauth.dmarc.report_uri import report_uri, uri_fault
from smtpprobe.model.evidence.dmarc import AlignmentMode, DmarcMechanism, DmarcPolicy
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult, Word

MODES = (AlignmentMode.RELAXED, AlignmentMode.STRICT)


class PsdFlag(Word):
    """What the tag psd says of the domain (RFC 9989 §4.7)."""

    PUBLIC_SUFFIX = "y"
    ORGANIZATIONAL = "n"
    UNDECLARED = "u"


_Value = TypeVar("_Value", bound=str)

_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_LOOK_ALIKE = re.compile(
    r"\bv(?:ersion)?[^a-z0-9]{0,9}d(?:marc|mrac|amrc|mac|mar)|^\W{0,9}dmarc[ _-]?1"
    rf"|(?:^|[;\s])p\s{{0,9}}=\W{{0,3}}(?:{'|'.join(POLICIES)})\b",
    re.IGNORECASE,
)
_POLICY = re.compile(r"(?:^|[^a-z])p\s{0,9}[^a-z0-9]", re.IGNORECASE)
_MAX_LOOKED_AT = 4096  # octets of a text that may be meant as a record
_TAG = re.compile(r"([A-Za-z]+)[ \t]*=[ \t]*+([\x20-\x3a\x3c-\x7e]*)\Z")
_FO = re.compile(r"[01dsDS](?:[ \t]*:[ \t]*[01dsDS])*\Z")
_VALUES = {
    **dict.fromkeys(POLICY_TAGS, POLICIES),
    "adkim": MODES, "aspf": MODES, "psd": tuple(PsdFlag), "t": ("y", "n"),
}  # fmt: skip
_ONE_STEP_BELOW = {DmarcPolicy.REJECT: DmarcPolicy.QUARANTINE, DmarcPolicy.QUARANTINE: DmarcPolicy.NONE}
_FREE = ("v", "rua", "ruf", "fo")


class RecordFault(Word):
    """What is wrong with an element of a record."""

    MALFORMED = "malformed"  # it is no tag
    REPEATED = "repeated"
    UNKNOWN = "unknown"  # no such tag
    VALUE = "value"  # not one that the tag may have
    HISTORIC = "historic"  # only older receivers read it
    UNUSED = "unused"
    NO_POLICY = "no-policy"  # no valid policy follows from p, sp and np
    REPORT_URI = "report-uri"
    ORDER = "order"  # something is between v and p
    CAPITALS = "capitals"  # the tag's name is not in small letters


class RecordProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in a record. `tag` is the tag's name, empty for an element that is none: `element` is its text then."""

    fault: RecordFault
    tag: str
    message: str
    element: str = ""


class Identifier(NamedTuple):
    """A domain that SPF or DKIM authenticated, and with what result (RFC 9989 §4.4)."""

    mechanism: DmarcMechanism
    domain: str
    result: AuthResult


class DmarcRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A DMARC record. Of p, sp and np only valid values are kept; the other tags have their defaults where invalid.

    `tags` are as published, names in lower case, the first of several.
    """

    text: str
    tags: dict[str, str]
    p: DmarcPolicy | None = None
    sp: DmarcPolicy | None = None
    np: DmarcPolicy | None = None
    adkim: AlignmentMode = AlignmentMode.RELAXED
    aspf: AlignmentMode = AlignmentMode.RELAXED
    psd: PsdFlag = PsdFlag.UNDECLARED
    testing: bool = False
    pct: int | None = None
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    problems: tuple[RecordProblem, ...] = ()

    @property
    def has_policy(self) -> bool:
        """Whether p is valid and neither sp nor np is invalid."""
        return self.p is not None and all(self.tags.get(name) is None or getattr(self, name) for name in ("sp", "np"))

    @property
    def applies(self) -> bool:
        """Whether a receiver acts on it at all: without a valid policy it must at least ask for reports."""
        # RFC 9989 §4.10.1: p invalid or absent, or sp or np invalid: p=none with a valid rua, else no DMARC.
        return self.has_policy or bool(self.rua)

    def mode(self, mechanism: DmarcMechanism) -> AlignmentMode:
        """How near an identifier must be that this mechanism authenticated."""
        return self.aspf if mechanism is DmarcMechanism.SPF else self.adkim

    def policy(self, *, own: bool, exists: bool) -> DmarcPolicy:
        """The policy for an author domain: the record's own domain (`own`), or one below that exists or does not.

        `t=y` is applied.
        """
        if not self.has_policy:
            return DmarcPolicy.NONE
        chosen = self.p or DmarcPolicy.NONE
        if not own:
            # RFC 9989 §4.7: np for names that do not exist, else sp, else p.
            chosen = (None if exists else self.np) or self.sp or chosen
        # RFC 9989 §4.7: t=y asks for the policy one step below.
        return _ONE_STEP_BELOW.get(chosen, chosen) if self.testing else chosen


def is_dmarc_record(text: str) -> bool:
    """Whether a TXT record is a DMARC record: it begins with exactly `v=DMARC1` (RFC 9989 §4.7, §4.10 step 2)."""
    return bool(_VERSION.match(text))


def is_look_alike(text: str) -> bool:
    """Whether a TXT record was meant as a DMARC record and is none."""
    return not is_dmarc_record(text) and bool(_LOOK_ALIKE.search(replaced(text[:_MAX_LOOKED_AT]).strip()))


def read_record(text: str) -> DmarcRecord:
    """The DMARC record in a text that begins as one. Never raises; errors become `problems` and defaults."""
    tags: dict[str, str] = {}
    problems: list[RecordProblem] = []
    for element in text.split(";"):
        element = element.strip(" \t")
        if not element:
            continue
        match = _TAG.match(element)
        if match is None:
            # RFC 9989 §4.7: what cannot be read is passed over.
            problems.append(
                RecordProblem(fault=RecordFault.MALFORMED, tag="", message=malformed(element), element=element[:60])
            )
            continue
        name, value = match.group(1).lower(), match.group(2).rstrip(" \t")
        if name in tags:
            problems.append(RecordProblem(fault=RecordFault.REPEATED, tag=name, message=_repeated(name)))
            continue
        tags[name] = value
        if match.group(1) != name:
            # RFC 7489 §6.3, RFC 6376 §3.2: case counts in the names of tags; RFC 9989 §4.7 has them without.
            said = say(
                "{written}= is written in capitals: receivers of RFC 7489 do not read it (RFC 6376 §3.2)",
                written=match.group(1),
            )
            problems.append(RecordProblem(fault=RecordFault.CAPITALS, tag=name, message=said))
    problems += _value_problems(tags)
    record = DmarcRecord(
        text=text,
        tags=tags,
        p=_one_of(tags, "p", POLICIES),
        sp=_one_of(tags, "sp", POLICIES),
        np=_one_of(tags, "np", POLICIES),
        adkim=_one_of(tags, "adkim", MODES) or AlignmentMode.RELAXED,
        aspf=_one_of(tags, "aspf", MODES) or AlignmentMode.RELAXED,
        psd=_one_of(tags, "psd", tuple(PsdFlag)) or PsdFlag.UNDECLARED,
        testing=tags.get("t", "").lower() == "y",
        pct=int(tags["pct"]) if re.fullmatch(r"[0-9]{1,3}", tags.get("pct", "")) and int(tags["pct"]) <= 100 else None,
        rua=_uris(tags.get("rua", "")),
        ruf=_uris(tags.get("ruf", "")),
    )
    problems += _of_policy(record, problems)
    return msgspec.structs.replace(record, problems=tuple(problems))


def _of_policy(record: DmarcRecord, problems: Sequence[RecordProblem]) -> Iterator[RecordProblem]:
    """What is wrong with p= or its place, beside other problems of the record."""
    tags = record.tags
    if not record.has_policy:
        is_hidden = any(each.fault is RecordFault.MALFORMED and _POLICY.search(each.element) for each in problems)
        consequence = say("receivers treat it as p=none") if record.rua else say("receivers ignore the record")
        said = say(
            "{policy_fault}, so {consequence}",
            policy_fault=_policy_fault(tags, is_hidden=is_hidden),
            consequence=consequence,
        )
        yield RecordProblem(fault=RecordFault.NO_POLICY, tag="p", message=said + policy_meant(tags))
    # RFC 7489 §6.4: dmarc-request, which is p, comes behind dmarc-version; RFC 9989 §4.7 has any order.
    elif [*tags][1] != "p":
        said = say("p= is not directly behind v=DMARC1: receivers of RFC 7489 may discard the record (RFC 7489 §6.4)")
        yield RecordProblem(fault=RecordFault.ORDER, tag="p", message=said)


def _repeated(name: str) -> str:
    """What is to be said of a tag that is there again."""
    if name == "v":
        return say("the text contains more than one record, one behind the other")
    # RFC 7489 §6.3 takes the syntax of tags from DKIM, and by RFC 6376 §3.2 a repeated tag spoils the list.
    said = say(
        "occurs more than once; some receivers discard the record then (RFC 7489 §6.3, RFC 6376 §3.2), others "
        "take the first or the last"
    )
    if name in DESTINATION_TAGS:
        # RFC 9989 §4.7: the addresses of one kind of report are one list.
        said += say("; several addresses belong in one {name}=, separated by commas", name=name)
    return said


def _one_of(tags: dict[str, str], name: str, values: tuple[_Value, ...]) -> _Value | None:
    # RFC 5234 §2.3: literals of the grammar compare without case; v alone is case-sensitive.
    value = tags.get(name, "").lower()
    return next((each for each in values if each == value), None)


def _policy_fault(tags: dict[str, str], *, is_hidden: bool) -> str:
    if "p" not in tags:
        return say("there is no p= tag that can be read") if is_hidden else say("there is no p= tag")
    every = [name for name in POLICY_TAGS if name in tags and tags[name].lower() not in POLICIES]
    return say(" and ").join(
        say("{bad}={tags} is not a policy", bad=bad, tags=visible_part(tags[bad], 40)) for bad in every
    )


def _uris(value: str) -> tuple[str, ...]:
    """The report URIs of a tag that are syntactically valid, without a size limit after them."""
    uris = (report_uri(part.strip(" \t")) for part in value.split(","))
    return tuple(uri for uri in uris if uri is not None)


def _value_problems(tags: dict[str, str]) -> list[RecordProblem]:
    problems = []
    for name, value in tags.items():
        allowed = _VALUES.get(name)
        if allowed is not None and value.lower() not in allowed:
            problems.append(
                RecordProblem(
                    fault=RecordFault.VALUE,
                    tag=name,
                    message=say(
                        "{name}={value} is not one of {allowed}",
                        name=name,
                        value=visible_part(value, 40),
                        allowed=", ".join(allowed),
                    )
                    + probably(name, value),
                )
            )
        elif name in HISTORIC:
            problems.append(RecordProblem(fault=RecordFault.HISTORIC, tag=name, message=historic(name, value)))
        elif allowed is None and name not in _FREE:
            said = say("{name}= is not a DMARC tag and is ignored", name=name)
            meant = meant_name(name)
            if meant is not None:
                tag = f"{meant}="
                said = say("{said}; probably {meant}", said=said, meant=tag)
            problems.append(RecordProblem(fault=RecordFault.UNKNOWN, tag=name, message=said))
    for name in DESTINATION_TAGS:
        if name in tags:
            problems += _uri_problems(name, tags[name])
    return problems + _fo_problems(tags)


def _uri_problems(name: str, value: str) -> list[RecordProblem]:
    problems = []
    run_on = RUN_ON.search(value)
    if run_on:
        problems.append(
            RecordProblem(
                fault=RecordFault.REPORT_URI,
                tag=name,
                message=f"{name}={visible_part(value, 40)}{probably(name, value)}",
            )
        )
        value = value[: run_on.start()].rstrip(" \t,|&/")
    if not value.strip(" \t"):
        return [RecordProblem(fault=RecordFault.REPORT_URI, tag=name, message=say("{name}= is empty", name=name))]
    for part in value.split(","):
        uri = part.strip(" \t")
        fault = uri_fault(uri)
        if fault is not None:
            problems.append(RecordProblem(fault=RecordFault.REPORT_URI, tag=name, message=fault))
        elif "!" in uri:
            message = say("the size limit {uri} is read only by older receivers", uri=uri[uri.index("!") :][:20])
            problems.append(RecordProblem(fault=RecordFault.HISTORIC, tag=name, message=message))
    return problems


def _fo_problems(tags: dict[str, str]) -> list[RecordProblem]:
    if "fo" not in tags:
        return []
    value = tags["fo"]
    options = [option.strip(" \t").lower() for option in value.split(":")]
    if not _FO.match(value):
        return [
            RecordProblem(
                fault=RecordFault.VALUE,
                tag="fo",
                message=say("fo={value} is not a list of 0, 1, d, s", value=visible_part(value, 40))
                + probably("fo", value),
            )
        ]
    # RFC 9989 §4.7: 0 and 1 exclude each other, and each option stands once.
    if {"0", "1"} <= set(options) or len(options) > len(set(options)):
        return [
            RecordProblem(
                fault=RecordFault.VALUE,
                tag="fo",
                message=say(
                    "fo={value} names 0 beside 1, or one option twice: the default is 0", value=visible_part(value, 40)
                ),
            )
        ]
    if "ruf" not in tags:
        # RFC 9989 §4.7: fo says what ruf reports are about.
        return [RecordProblem(fault=RecordFault.UNUSED, tag="fo", message=say("fo= has no effect without ruf="))]
    return []
