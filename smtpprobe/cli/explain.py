"""`smtpprobe explain [TEXT… | FILE | -]`: a code or a reply, offline."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from smtpprobe.cli.output import Output, emit, output_options

_CODE = re.compile(r"[0-9]{3}\Z")
_ENHANCED = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\Z")
_REPLY_LINE = re.compile(r"[2-5][0-9]{2}(?:[ -]|\Z)")
MAX_LINE = 1048576  # characters of one line that are read


@click.command("explain")
@click.argument("words", metavar="[TEXT... | FILE | -]", nargs=-1)
@click.option(
    "--phase", metavar="PHASE", help="Where in the session the reply came: greeting, ehlo, auth, mail, rcpt, message …"
)
@click.option("--provider", metavar="NAME", help="Whose reply it is: google, microsoft …")
@click.option(
    "--jsonl",
    metavar="FILE|-",
    help='One object a line: {"reply": "…", "phase": "…"?, "provider": "…"?}; one item a line comes back.',
)
@output_options("text", "json")
def command(output: Output, words: tuple[str, ...], phase: str | None, provider: str | None, jsonl: str | None) -> int:
    """Say what a reply code, an enhanced status code or a whole reply means, why it was given, and what to do about it."""
    if jsonl is not None:
        return _jsonl(jsonl)
    if not words:
        raise ValueError(
            'nothing to explain: give a code (554), a reply ("554 5.7.1 …"), a file, or - for standard input'
        )
    where = _phase(phase)
    text = _text(words)
    single = text.split()
    if len(single) <= 2 and all(_CODE.match(each) or _ENHANCED.match(each) for each in single):
        _entry(output, single, where, provider)
        return 0
    replies = list(_replies(text))
    if not replies:
        nor = "" if len(words) > 1 or os.path.isfile(words[0]) or words == ("-",) else " and is no file"
        raise ValueError(
            f"{text[:60]!r} holds no SMTP reply{nor}: expected a line that starts with a code, such as 550 5.1.1 …"
        )
    items = [_item(reply, where, provider) for reply in replies]

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render.as_json import encode

            return encode({"items": items})
        return "\n".join(_page(reply, where, provider, output.verbosity, style) for reply in replies)

    emit(output, render)
    return 0


def _phase(text: str | None) -> Any:
    if text is None:
        return None
    from smtpprobe.model.transcript import Phase

    aliases = {"data-end": "message", "dot": "message", "helo": "ehlo", "connect": "greeting"}
    phase = Phase(aliases.get(text.lower(), text.lower()))
    if phase is Phase.UNKNOWN:
        raise ValueError(
            f"{text!r} is no phase: expected one of {', '.join(p.value for p in Phase if p is not Phase.UNKNOWN)}"
        )
    return phase


def _text(words: tuple[str, ...]) -> str:
    if words == ("-",):
        return sys.stdin.buffer.read(64 * MAX_LINE).decode("utf-8", "replace")
    if (
        len(words) == 1
        and not _REPLY_LINE.match(words[0])
        and not _ENHANCED.match(words[0])
        and os.path.isfile(words[0])
    ):
        with open(words[0], "rb") as file:
            return file.read(64 * MAX_LINE).decode("utf-8", "replace")
    return " ".join(words)


def _entry(output: Output, words: list[str], phase: Any, provider: str | None) -> None:
    from smtpprobe.catalogue.entries import describe

    enhanced = next((word for word in words if _ENHANCED.match(word)), None)
    code = next((word for word in words if _CODE.match(word)), None)
    # An enhanced status code alone is read with its class: 5.1.1 says what 5xx says.
    number = int(code) if code else int(enhanced[0]) * 100 + 50 if enhanced else 0
    entry = describe(number, enhanced, phase, provider)

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render.as_json import encode

            return encode({"items": [entry_item(" ".join(words), entry)]})
        from smtpprobe.render.explanation_text import render_entry

        return render_entry(entry, verbosity=output.verbosity, **style)

    emit(output, render)


def entry_item(given: str, entry: Any) -> dict[str, Any]:
    """A code's entry as an item of the JSON output."""
    from smtpprobe.catalogue.explain import explain

    said = explain(given, phase=None)
    return _with_texts(given, said, entry, list(entry.fix))


def _replies(text: str) -> Iterator[str]:
    """Whole replies: lines that continue (`550-…`) stay together; lines that are no reply line are passed over."""
    gathered: list[str] = []
    for line in text.splitlines():
        line = line.strip()[:MAX_LINE]
        if not _REPLY_LINE.match(line):
            continue
        gathered.append(line)
        if line[3:4] != "-":
            yield "\n".join(gathered)
            gathered = []
    if gathered:
        yield "\n".join(gathered)


def _explained(reply: str, phase: Any, provider: str | None) -> tuple[Any, Any, dict[str, Any], list[str]]:
    from smtpprobe.catalogue.entries import look_up
    from smtpprobe.catalogue.explain import causes, explain, remedies

    said = explain(reply, phase=phase, provider=provider)
    entry = look_up(said.code or 0, said.enhanced, said.phase, said.provider)
    captured = said.captures
    known = {
        "ip": captured.ip,
        "domain": captured.domain,
        "list": captured.list,
        "url": captured.url,
        "helo": captured.helo,
        "address": captured.address,
        "forward_path": captured.address,
        "mechanism": captured.mechanism,
    }
    fix = [row["action"] or "" for row in remedies(said.cause, known)] or list(entry.fix)
    return said, entry, causes().get(said.cause, {}), fix


def _item(reply: str, phase: Any, provider: str | None) -> dict[str, Any]:
    said, entry, cause, fix = _explained(reply, phase, provider)
    return _with_texts(reply, said, entry, fix) | ({"title": cause["title"]} if cause else {})


def _with_texts(given: str, said: Any, entry: Any, fix: list[str]) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = {"input": given, **msgspec.to_builtins(said)}
    return found | {"title": entry.title, "meaning": entry.meaning, "fix": fix, "references": list(entry.references)}


def _page(reply: str, phase: Any, provider: str | None, verbosity: int, style: dict[str, Any]) -> str:
    from smtpprobe.render.explanation_text import render_reply

    said, entry, cause, fix = _explained(reply, phase, provider)
    return render_reply(reply.replace("\n", " "), said, cause, fix, entry, verbosity=verbosity, **style)


def _jsonl(path: str) -> int:
    """One item a line for one object a line, in order; a line that is none is an error that names its number."""
    import msgspec

    from smtpprobe.render.as_json import encode

    class Line(msgspec.Struct):
        reply: str
        phase: str | None = None
        provider: str | None = None

    decoder = msgspec.json.Decoder(Line)
    source = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
    with source:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                given = decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise ValueError(f"{path}: line {number} is no object with a reply: {error}") from None
            item = _item(given.reply, _phase(given.phase), given.provider)
            sys.stdout.write(encode(item, indent=0))
    return 0
