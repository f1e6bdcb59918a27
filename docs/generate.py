"""Writes the reference pages: docs/replies/, docs/enhanced/ and docs/causes/ from the catalogue, docs/checks/ from the
checks, docs/limits.md, docs/from-swaks.md.

`python docs/generate.py` writes them; `--check` writes nothing and fails where a page is stale, missing or left over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import limits_table
import swaks_table
from record_examples import example_for

import smtpprobe.checks.registry
from smtpprobe.catalogue.facts import FACTS
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.cause_codes import cause_codes
from smtpprobe.catalogue.reference.entries import Entry, describe
from smtpprobe.catalogue.reference.finding_codes import finding_codes
from smtpprobe.catalogue.reference.status_codes import as_written, private_uses
from smtpprobe.cli.finding_commands import command_for, command_for_cause
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.model.remedy import Actor
from smtpprobe.model.texts.actors import actor_in_words
from smtpprobe.pipeline.reference.known_ids import cause_ids, known_ids
from smtpprobe.render.known_ids import CausePage

DOCS = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """The exit code: 1 where `--check` finds a page that is not as it would be written."""
    pages = {**dict(reply_pages()), **dict(enhanced_pages()), **dict(cause_pages())}
    pages |= dict(check_pages(smtpprobe.checks.registry.checks()))
    pages["limits.md"] = _text(limits_page())
    pages["from-swaks.md"] = _text(swaks_table.lines())
    folders = ("replies", "enhanced", "checks", "causes")
    present = {path.relative_to(DOCS).as_posix() for folder in folders for path in (DOCS / folder).glob("*.md")}
    stale = sorted(name for name, text in pages.items() if _read(DOCS / name) != text)
    left_over = sorted(present - set(pages))
    if "--check" in arguments:
        for name in stale + left_over:
            print(f"docs/{name} is stale: run python docs/generate.py")
        return 1 if stale or left_over else 0
    for name in stale:
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(pages[name], "utf-8")
    for name in left_over:
        (DOCS / name).unlink()
    print(f"{len(pages)} pages, {len(stale)} written, {len(left_over)} removed")
    return 0


def reply_pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page of docs/replies/."""
    codes = sorted(int(code) for code in table("reply_codes")["code"])
    yield "replies/index.md", _text(_reply_index(codes))
    for code in codes:
        yield f"replies/{code}.md", _text(_reply_page(describe(code)))


def enhanced_pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page of docs/enhanced/: one a registered number, one a provider's own numbers."""
    codes, uses = table("enhanced_status_codes"), private_uses()
    providers = list(dict.fromkeys(use["provider"] for use in uses))
    yield "enhanced/index.md", _text(_enhanced_index(codes, providers))
    for number, facts in codes["registered"].items():
        page = _enhanced_page(number, facts, codes["success"].get(number))
        yield f"enhanced/{as_written(number)[0]}.md", _text(page)
    for provider in providers:
        own = [use for use in uses if use["provider"] == provider]
        yield f"enhanced/{provider}.md", _text(_private_page(provider, own))


def _enhanced_index(codes: dict[str, Any], providers: list[str]) -> Iterator[str]:
    yield from ("# Enhanced status codes", "")
    yield "X.SUBJECT.DETAIL, after the reply code: X is 2, 4 or 5 and says the same as the reply code's first digit."
    yield (
        "What providers mean by numbers of their own: " + ", ".join(f"[{name}]({name}.md)" for name in providers) + "."
    )
    for subject, about in codes["subject"].items():
        yield from ("", f"## X.{subject}: {about}", "", "| code | | registered as |", "|---|---|---|")
        for number, facts in codes["registered"].items():
            if number.startswith(f"{subject}."):
                met = as_written(number)
                yield f"| [{', '.join(met)}]({met[0]}.md) | {facts['title']} | {facts['name']} |"


def _enhanced_page(number: str, facts: dict[str, Any], success: dict[str, Any] | None) -> Iterator[str]:
    met = as_written(number)
    yield from (f"# {', '.join(met)}: {facts['name']}", "", *_status(facts, "##"))
    if success:
        yield from (f"## As 2.{number}", "", f"**{success.get('title', facts['title'])}.**", "")
        yield from (success.get("meaning", facts["meaning"]), "", success["when"], "")
        yield from (f"- Next: {success['next']}", f"- The tempting wrong move: {success['wrong_move']}", "")
    codes_of = {cause: cause_codes(cause) for cause in cause_ids()}
    yield from _usual_causes(
        cause
        for cause, codes in codes_of.items()
        if any(code.partition(".")[2] == number for code in (*codes.stated_by, *codes.enhanced))
    )
    usual, others = (", ".join(map(_linked_code, facts.get(name, ()))) for name in ("codes", "seen_with"))
    with_codes = (
        f" with {usual or 'no reply code'}{f'; seen with {others}' if others else ''}" if usual or others else ""
    )
    yield from (f"Registered as X.{number}{with_codes}.", "")
    yield f"Reviewed {facts['reviewed']}. In a terminal: `smtpprobe explain {met[0]}`"


def _private_page(provider: str, uses: list[dict[str, Any]]) -> Iterator[str]:
    yield from (
        f"# Enhanced status codes that {'others use' if provider == 'other' else f'{provider.title()} uses'}",
        "",
    )
    yield "Observed in use, and in no registry, or not in the registry's sense."
    for use in uses:
        yield from ("", f"## {', '.join(use['numbers'])}", "", *_status(use, "###"), f"Reviewed {use['reviewed']}.")


def _status(facts: dict[str, Any], level: str) -> Iterator[str]:
    """What an enhanced status code means, when it is seen, how to fix it, and what it is taken for."""
    yield from (f"**{facts['title']}.**", "", facts["meaning"], "", f"{level} When you see it", "", facts["when"], "")
    yield from (f"{level} How to fix it", "", *_steps(facts["fix"]), "", f"- Next: {facts['next']}")
    if again := facts.get("retry_transient"):
        yield from (f"- Try again, as 4.y.z? {again}", f"- Try again, as 5.y.z? {facts['retry']}")
    else:
        yield f"- Try again? {facts['retry']}"
    yield from (f"- Who can change it: {facts['who']}.", f"- The tempting wrong move: {facts['wrong_move']}", "")
    yield from (f"{level} Not to be confused with", "")
    yield from (f"- {_linked_status(each['code'])}: {each['differs']}" for each in facts["neighbours"])
    yield ""
    if references := facts.get("references"):
        yield from (f"References: {'; '.join(references)}.", "")


def _linked_status(code: str) -> str:
    code = str(code)
    number = code.partition(".")[2]
    if not number:
        return _linked_code(code)
    known = number in table("enhanced_status_codes")["registered"]
    return f"[{code}](../enhanced/{as_written(number)[0]}.md)" if known else code


def _linked_code(code: int | str) -> str:
    return f"[{code}](../replies/{code}.md)" if str(code) in table("reply_codes")["code"] else str(code)


_QUOTED = re.compile(
    # What else three digits are: a length, a port, a status of HTTP.
    r"\d+ octets|ports? \d+(?: or \d+)?|status \d+|587 or 465|465 or 587|465, 587|587, 465"
    r"|(?<![\d.])(?P<code>[245]\.\d\.\d{1,3}|[2-5]\d\d)(?![\d.]?\d)"
)


def linked(text: str) -> str:
    """The text with each reply code and enhanced status code in it as a link to its page."""

    def link(found: re.Match[str]) -> str:
        code = found["code"]
        if code is None:
            return found[0]
        return _linked_status(code)

    return _QUOTED.sub(link, text)


def cause_pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page of docs/causes/: one a cause."""
    pages = known_ids(cause_ids()).causes
    index = [
        "# Causes",
        "",
        "Why mail is refused, by permanent id: `causes[].id` in a report, `cause` of an explanation.",
    ]
    index += ["`smtpprobe causes` lists them, `smtpprobe explain ID` explains one.", "", "| id | |", "|---|---|"]
    actors = ["", "## Who can change it", "", "| actor | |", "|---|---|", *_actors()]
    rows = [f"| [{each.id}]({each.id}.md) | {each.title} |" for each in pages]
    yield "causes/index.md", _text((*index, *rows, *actors))
    for page in pages:
        yield f"causes/{page.id}.md", _text(_cause_page(page))


def _actors() -> Iterator[str]:
    """A row for each actor of remedies."""
    yield f"| `{Actor.YOU}` | whoever runs the sending program |"
    yield f"| `{Actor.YOUR_IP_OWNER}` | the hosting or access provider whose address the client IP is |"
    for actor in (Actor.YOUR_MAIL_ADMIN, Actor.YOUR_DNS_ADMIN, Actor.YOUR_PROVIDER, Actor.RECIPIENT):
        yield f"| `{actor}` | {actor_in_words(actor)} |"
    yield f"| `{Actor.RECIPIENT_POSTMASTER}` | the postmaster of the receiving side |"
    yield f"| `{Actor.NOBODY}` | time alone helps |"


def _usual_causes(causes: Iterable[str]) -> Iterator[str]:
    if links := [f"[{cause}](../causes/{cause}.md)" for cause in causes]:
        yield from (f"Usual causes: {', '.join(links)}.", "")


def _cause_page(page: CausePage) -> Iterator[str]:
    yield from (f"# {page.id}", "", f"**{page.title}.**", "", linked(page.meaning), "")
    yield f"- Who can change it: {', '.join(f'`{actor}`' for actor in page.who)}."
    if page.by_reply:
        yield f"- Try again after a 5yz reply? {linked(page.retry)}"
        yield f"- After a 4yz reply? {linked(page.retry_transient)}"
    else:
        yield f"- Try again? {linked(page.retry)}"
    yield from (f"- Stages at which it comes up: {', '.join(page.phases)}.", "")
    if any(not each.facts for each in page.remedies):
        yield from ("## What to do", "", *_remedies(page, waiting=False), "")
    if any(each.facts for each in page.remedies):
        yield from ("## What to do, when more is known", "")
        yield "Said when the reply, the session or what was looked up tells what `‹…›` is, or that something is the case."
        yield from ("", *_remedies(page, waiting=True), "")
    if page.stated_by or page.enhanced or page.replies:
        yield from ("## Codes", "")
        if page.stated_by:
            yield f"- Stated by {', '.join(map(_linked_status, page.stated_by))}."
        if usual := ", ".join((*map(_linked_code, page.replies), *map(_linked_status, page.enhanced))):
            yield f"- Without words that decide, often meant by {usual}."
        yield ""
    if command := command_for_cause(page.id):
        yield from ("## See it", "", "```sh", command, "```", "")
    yield f"In a terminal: `smtpprobe explain {page.id}`"


def _remedies(page: CausePage, *, waiting: bool) -> Iterator[str]:
    chosen = [each for each in page.remedies if bool(each.facts) is waiting]
    for number, each in enumerate(chosen, 1):
        yield f"{number}. (`{each.actor}`) {linked(each.action)}"
        if each.facts:
            yield f"   When: {'; '.join(FACTS[fact] for fact in each.facts)}."
        if each.verify:
            yield f"   To check: {linked(each.verify)}"


def check_pages(checks: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each page of docs/checks/, one for every finding that a check can state."""
    index = ["# Findings", "", "What a check can state, by its permanent id.", ""]
    for check in checks:
        index += [f"## {check.name}", "", f"{check.about}", "", "| id | severity | |", "|---|---|---|"]
        for finding in check.findings:
            index.append(f"| [{finding.id}]({finding.id}.md) | {finding.severity} | {finding.title} |")
            yield f"checks/{finding.id}.md", _text(_finding_page(check, finding))
        index.append("")
    yield "checks/index.md", _text(index)


def limits_page() -> Iterator[str]:
    """The text of docs/limits.md."""
    yield from ("# Limits", "")
    yield "How much is taken of what others send or what a file holds, however long it is. Nothing beyond is kept in memory."
    yield "A file that is larger than its kind can honestly be is refused in one line with exit code 2, before any traffic:"
    yield "so are devices without an end and sparse files. What a peer sends beyond a limit is a result like any other, never"
    yield "an internal error. JSON that is nested deeper than its reader goes (about a thousand levels) is not a report."
    yield from ("", "What pages leave out for brevity is not here: `-v` and `--format json` have it.")
    yield from limits_table.lines()


def _reply_index(codes: list[int]) -> Iterator[str]:
    yield from ("# Reply codes", "", "What each code means, when it is seen, and what to do.")
    yield "Codes without a standard are marked; a client reads them by their first digit (RFC 5321 §4.3.2)."
    group = None
    for code in codes:
        entry = describe(code)
        if entry.reply_class != group:
            group = entry.reply_class
            yield from ("", f"## {code // 100}yz: {group}", "", "| code | | standard |", "|---|---|---|")
        yield f"| [{code}]({code}.md) | {entry.title} | {'yes' if entry.standard else 'no'} |"


def _reply_page(entry: Entry) -> Iterator[str]:
    codes = table("reply_codes")
    yield from (f"# {entry.code} {entry.name}", "", f"**{entry.title}.**", "", entry.meaning, "")
    standing = "defined by a standard" if entry.standard else "in no standard"
    yield from (f"A {entry.reply_class} reply, {standing}.", "", "## When you see it", "", entry.when, "")
    yield from ("## How to fix it", "", *_steps(entry.fix), "")
    yield from (f"- Next: {entry.next}", f"- Try again? {entry.retry}", f"- Who can change it: {entry.who}.")
    yield from (f"- The tempting wrong move: {entry.wrong_move}", "")
    variants = [key.split("/")[1] for key in codes["phase"] if key.startswith(f"{entry.code}/")]
    if variants:
        yield from ("## By phase", "")
        for phase in variants:
            yield from _variant(phase, codes["phase"][f"{entry.code}/{phase}"], entry)
    combined = [key for key in codes["combination"] if key.startswith(f"{entry.code} ")]
    if combined:
        yield from ("## With an enhanced status code", "")
        for key in combined:
            yield from _variant(key.replace("/", ", "), codes["combination"][key], entry)
    if entry.neighbours:
        yield from ("## Not to be confused with", "")
        yield from (f"- {_linked(each.code)}: {each.differs}" for each in entry.neighbours)
        yield ""
    yield from _usual_causes(cause for cause in cause_ids() if entry.code in cause_codes(cause).replies)
    yield from ("## References", "", *(f"- {reference}" for reference in entry.references), "")
    yield f"Reviewed {entry.reviewed}. In a terminal: `smtpprobe explain {entry.code}`"


def _variant(heading: str, facts: dict[str, Any], entry: Entry) -> Iterator[str]:
    yield from (f"### {heading}: {facts['title']}", "", facts["meaning"], "")
    if fix := facts.get("fix"):
        yield from (*_steps(fix), "")
    extra = [reference for reference in facts.get("references", ()) if reference not in entry.references]
    if extra:
        yield from (f"({'; '.join(extra)})", "")


def _finding_page(check: Any, finding: Any) -> Iterator[str]:
    yield from (f"# {finding.id}", "", f"**{finding.title}**", "")
    otherwise = f"; {finding.severity_otherwise}" if finding.severity_otherwise else ""
    yield from (f"[Severity](../severity.md): {finding.severity}{otherwise}.", "")
    yield from (f"Stated by the check `{check.name}`: {check.about}.", "", "## See it", "")
    yield from ("```sh", command_for(check.name, finding.id), "```", "")
    yield from ("## Why it matters", "", linked(finding.why), "", "## How to fix it", "", linked(finding.fix), "")
    if finding.needs:
        options = ", ".join(f"`{OPTION_NAMES[field]}`" for field in finding.needs)
        yield from (f"On the command line: {options}.", "")
    if example := example_for(check.name, finding.id):
        yield from ("As it is right, for example:", "", "```text", *example.split("\n"), "```", "")
    if codes := finding_codes(finding.id):
        carried = ", ".join(map(_linked_status, codes))
        yield from ("## Codes", "", f"Refusals and bounces that are due to it carry {carried}.", "")
    else:
        yield from ("## Codes", "", *_codes_beside(check), "")
    if finding.references:
        yield from ("## References", "", *(f"- {reference}" for reference in finding.references), "")
    yield f"In a terminal: `smtpprobe explain {finding.id}`"


def _codes_beside(check: Any) -> Iterator[str]:
    """The codes of what else the check states, for a finding that nothing is refused for."""
    codes = dict.fromkeys(code for each in check.findings for code in finding_codes(each.id))
    if not codes:
        yield "Nothing is refused for it, and no reply code is about what this check judges."
        return
    carried = ", ".join(map(_linked_status, sorted(codes, key=lambda code: (not code.isdigit(), code))))
    yield f"Nothing is refused for it alone. Refusals for what else the check `{check.name}` states carry {carried}."


def _steps(steps: Iterable[str]) -> Iterator[str]:
    return (f"{number}. {step}" for number, step in enumerate(steps, 1))


def _linked(code: str) -> str:
    return f"[{code}]({code}.md)" if code in table("reply_codes")["code"] else str(code)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
