"""The JSON Schemas of what is printed, made from the types: draft 2020-12, open to the words and ids of later 1.x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import NODEFAULT, inspect

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.model.report import SCHEMA_VERSION, CheckReport, Report
from smtpprobe.pipeline.reference.known_ids import cause_ids, check_names, finding_ids
from smtpprobe.render.explanation_shape import CompareReport, ExplainReport, ItemLine, UnreadLine

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What is printed, by the name that `schema` takes: its title, and its type or types.
KINDS: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "report": ("smtpprobe: the report of check, replay and demo", (Report,)),
    "check": ("smtpprobe: one check alone (spf, dkim, dmarc, dnsbl, iprev)", (CheckReport,)),
    "explain": ("smtpprobe: explain, causes and checks", (ExplainReport,)),
    "item": ("smtpprobe: one line of explain as JSON Lines", (ItemLine, UnreadLine)),
    "compare": ("smtpprobe: two codes side by side", (CompareReport,)),
}
_VERSION = "^1\\.[0-9]+$"
_WORD = "^[a-z0-9][a-z0-9+./-]*$"
_ID = "^[a-z0-9]+(-[a-z0-9]+)*$"
_CAUSE, _FINDING, _CHECK = "CauseId", "FindingId", "CheckName"
# The fields that hold ids, by the type that has them; of `alternatives` each entry does.
_IDS = {
    ("Cause", "id"): _CAUSE,
    ("CausePage", "id"): _CAUSE,
    ("TypicalCause", "id"): _CAUSE,
    ("Item", "cause"): _CAUSE,
    ("Item", "alternatives"): _CAUSE,
    ("ItemLine", "cause"): _CAUSE,
    ("ItemLine", "alternatives"): _CAUSE,
    ("Finding", "id"): _FINDING,
    ("FindingPage", "id"): _FINDING,
    ("FindingPage", "check"): _CHECK,
    **{(kind, "check"): _CHECK for kind in ("Completed", "Skipped", "Failed", "CheckReport")},
}


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one of KINDS."""
    title, roots = KINDS[kind]
    references, definitions = msgspec.json.schema_components(roots, ref_template="#/$defs/{name}")
    for struct in _structs(inspect.TupleType(inspect.multi_type_info(roots))):
        _complete(struct, definitions[struct.cls.__name__])
    for name, definition in definitions.items():
        if "enum" in definition:
            definitions[name] = _open_words(definition)
        _open_unions(definition)
    definitions |= _ids()
    for (name, field), ids in _IDS.items():
        if name in definitions:
            _refer(definitions[name]["properties"], field, ids)
    head = {"$schema": DIALECT, "$id": f"urn:smtpprobe:schema:{kind}:{SCHEMA_VERSION}", "title": title}
    whole = references[0] if len(references) == 1 else {"anyOf": list(references)}
    return head | whole | {"$defs": definitions}


def _structs(info: inspect.Type, seen: set[type] | None = None) -> Iterator[inspect.StructType]:
    """Every type with fields that a value of the type holds, each once."""
    seen = set() if seen is None else seen
    if isinstance(info, inspect.StructType):
        if info.cls in seen:
            return
        seen.add(info.cls)
        yield info
        inner = [field.type for field in info.fields]
    elif isinstance(info, inspect.UnionType | inspect.TupleType):
        inner = list(info.types if isinstance(info, inspect.UnionType) else info.item_types)
    elif isinstance(info, inspect.VarTupleType | inspect.ListType | inspect.CollectionType):
        inner = [info.item_type]
    elif isinstance(info, inspect.DictType):
        inner = [info.value_type]
    else:
        return
    for each in inner:
        yield from _structs(each, seen)


def _complete(struct: inspect.StructType, definition: dict[str, Any]) -> None:
    """Requires what is never left out, and says which texts are times."""
    tag = [struct.tag_field] if struct.tag_field else []
    # A field whose default is UNSET has, as msgspec tells it, no default and is not required.
    always = [
        field.encode_name
        for field in struct.fields
        if field.required or field.default is not NODEFAULT or field.default_factory is not NODEFAULT
    ]
    definition["required"] = tag + always
    if "schema_version" in definition["properties"]:
        definition["properties"]["schema_version"]["pattern"] = _VERSION
    for field in struct.fields:
        if _holds(field.type, inspect.DateTimeType):
            branches = definition["properties"][field.encode_name]
            for branch in branches.get("anyOf", [branches]):
                if branch.get("type") == "string":
                    branch["format"] = "date-time"


def _holds(info: inspect.Type, kind: type) -> bool:
    """Whether a value of the type may be one of this kind itself."""
    return isinstance(info, kind) or (
        isinstance(info, inspect.UnionType) and any(_holds(each, kind) for each in info.types)
    )


def _open_words(definition: dict[str, Any]) -> dict[str, Any]:
    """The words of this version, or another of a later one, which readers take as `unknown`."""
    known = {"enum": definition.pop("enum")}
    return definition | {"anyOf": [known, {"type": "string", "pattern": _WORD}]}


def _open_unions(definition: Any) -> None:
    """Adds to each union of types that a field tells apart the type of a later version."""
    if isinstance(definition, list):
        for each in definition:
            _open_unions(each)
    if not isinstance(definition, dict):
        return
    for each in definition.values():
        _open_unions(each)
    if isinstance(definition.get("anyOf"), list) and "discriminator" in definition:
        field = definition["discriminator"]["propertyName"]
        other = {"type": "string", "not": {"enum": list(definition["discriminator"]["mapping"])}}
        definition["anyOf"].append({"type": "object", "properties": {field: other}, "required": [field]})


def _ids() -> dict[str, Any]:
    """The ids of this version; later ones of 1.x may have more."""
    known = {
        _CAUSE: ("The id of a cause: smtpprobe explain ID says what it means.", (*cause_ids(), UNKNOWN)),
        _FINDING: ("The id of a finding: smtpprobe explain ID says what it means.", finding_ids()),
        _CHECK: ("The name of a check.", check_names()),
    }
    return {
        name: {"description": about, "anyOf": [{"enum": list(ids)}, {"type": "string", "pattern": _ID}]}
        for name, (about, ids) in known.items()
    }


def _refer(properties: dict[str, Any], field: str, ids: str) -> None:
    reference = {"$ref": f"#/$defs/{ids}"}
    if properties[field].get("type") == "array":
        properties[field]["items"] = reference
    else:
        properties[field] = reference
