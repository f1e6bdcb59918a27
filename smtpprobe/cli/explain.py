"""`smtpprobe explain [TEXT… | FILE… | -]`: a code, a reply, or whatever holds replies; offline unless --check is given."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from smtpprobe.cli.output import Output, emit, output_options
from smtpprobe.model.exit_code import ACCEPTED
from smtpprobe.model.texts.language import say
from smtpprobe.render import formats
from smtpprobe.render.formats import Takes

if TYPE_CHECKING:
    from smtpprobe.cli.explain_many import Wanted
    from smtpprobe.model.transcript import Phase

_CODE = re.compile(r"[0-9]{3}\Z")
_ENHANCED = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\Z")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,59}\Z")
_REPLY_LINE = re.compile(r"[2-5][0-9]{2}(?:[ -]|\Z)")
_NAME = re.compile(r"[^\s<>@:]{1,255}\.[A-Za-z0-9]{1,10}\Z")
_BEGINS_TEXT = re.compile(r"-(?!-?[A-Za-z][\w-]*=)\S*\s")
_PATH = re.compile(r"[^\s<>]*(?:/[^\s<>]*|\.(?:log|eml|txt|mbox|json|gz|bz2|xz|zst|\d))\Z")


class _WithTexts(click.Command):
    """A command of which an argument that begins with a hyphen and cannot be an option is a text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" not in args:
            with_value = {
                name
                for each in self.params
                if isinstance(each, click.Option) and not each.is_flag
                for name in each.opts
            }
            are_texts = [
                _BEGINS_TEXT.match(each) and before not in with_value for before, each in pairwise(["", *args])
            ]
            texts = [each for each, is_text in zip(args, are_texts, strict=True) if is_text]
            if texts:
                args = [*(each for each, is_text in zip(args, are_texts, strict=True) if not is_text), "--", *texts]
        return super().parse_args(ctx, args)


@click.command("explain", cls=_WithTexts)
@click.argument("words", metavar="[TEXT... | FILE... | -]", nargs=-1)
@click.option(
    "--phase",
    metavar="PHASE",
    help="The stage of the session at which the reply came: greeting, ehlo, auth, mail, rcpt, message …",
)
@click.option("--provider", metavar="NAME", help="Whose reply it is: google, microsoft …")
@click.option(
    "--jsonl",
    metavar="FILE|-",
    help='One object per line: {"reply": "…", "phase": "…"?, "provider": "…"?}; one item per line comes back.',
)
@click.option(
    "--since",
    metavar="TIME",
    help="Of logs: only refusals since then, counted by hour too: a date, 2026-03-05T09:15, or how long ago: 30m, 2h, 1d.",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Go on reading one log as it grows, also through its rotation; Ctrl-C ends it with the summary.",
)
@click.option(
    "--check", is_flag=True, help="Look up what the replies name: DNSBLs, reverse DNS, SPF. Needs the network."
)
@click.option(
    "--resolver", metavar="IP[:PORT]",
    help="With --check: ask this name server (or SMTPPROBE_RESOLVER).  [default: the system's]",
)  # fmt: skip
@output_options(Takes.EXPLANATION, Takes.ITEM)
def command(
    output: Output,
    words: tuple[str, ...],
    phase: str | None,
    provider: str | None,
    jsonl: str | None,
    since: str | None,
    follow: bool,
    check: bool,
    resolver: str | None,
) -> int:
    """Say what a code or a reply means, why it was given, and what to do about it.

    A bounce, a transcript of another client, a mail log (compressed too) are recognised, and every refusal in them
    is explained. So is a cause or a finding by its id (ip-blocklisted, spf-fail).
    """
    where, provider = _phase(phase), _provider(provider)
    if jsonl is not None:
        from smtpprobe.cli.explain_lines import explain_lines

        _refuse_beside_jsonl(
            output, words, follow=follow, check=check, since=since is not None, resolver=_typed("resolver")
        )
        return explain_lines(jsonl, where, provider)
    if not check and _typed("resolver"):
        raise ValueError(say("--resolver is asked only with --check: add --check, or leave --resolver out"))
    single = " ".join(words).split()
    if words and not single:
        raise ValueError(
            say('the text is empty: give a code (554), a reply ("554 5.7.1 …"), a file, or - for standard input')
        )
    if not words:
        raise ValueError(
            say('nothing to explain: give a code (554), a reply ("554 5.7.1 …"), a file, or - for standard input')
        )
    begun = _moment(since)
    if follow:
        from smtpprobe.cli.explain_follow import explain_followed

        return explain_followed(words, _wanted(where, provider, check, resolver, begun), output)
    if _are_codes(single):
        _refuse_unused("check", "resolver", "since")
        _entries(output, _pairs(single), where, provider)
        return 0
    if _explain_ids(output, words):
        return ACCEPTED
    from smtpprobe.cli.explain_many import explain_files, explain_words

    wanted = _wanted(where, provider, check, resolver, begun)
    if not _are_files(words):
        return explain_words(words, wanted, output)
    return explain_files(words, wanted, output, lambda given: _refer(output, given, where, provider))


def _wanted(
    phase: Phase | None, provider: str | None, check: bool, resolver: str | None, since: float | None
) -> Wanted:
    from smtpprobe.cli.explain_many import Wanted

    if check and resolver is not None:
        from smtpprobe.pipeline.request.values import name_server

        resolver = name_server(resolver)
    return Wanted(phase=phase, provider=provider, check=check, resolver=resolver, since=since)


def _refuse_beside_jsonl(output: Output, words: tuple[str, ...], **others: bool) -> None:
    """Raises ValueError for what would count for nothing: the lines are the input, and their items the output."""
    given = click.get_current_context().get_parameter_source("format_") is not ParameterSource.DEFAULT
    form = formats.find(output.format, Takes.ENTRIES)
    if words:
        raise ValueError(say("--jsonl is the whole input: expected no {word} beside it", word=repr(words[0])))
    if output.files:
        raise ValueError(say("--jsonl writes its items to standard output: expected no --output beside it"))
    if given and form is not None and "json" not in form.media_type:
        raise ValueError(say("--jsonl writes an item a line: expected --format jsonl, or none"))
    if other := next((name for name, given in others.items() if given), None):
        raise ValueError(say("--jsonl reads one reply a line: expected no {option} beside it", option="--" + other))


def _typed(option: str) -> bool:
    """Whether the option stands on the command line; the environment and files have it for every command."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _refuse_unused(*options: str) -> None:
    """Raises ValueError for an option on the command line that a code, or an id, has no use for."""
    if unused := next(filter(_typed, options), None):
        raise ValueError(
            say("{option} is for replies and logs: expected none beside a code or an id", option="--" + unused)
        )


def _provider(text: str | None) -> str | None:
    """The provider's id. Raises ValueError where there is none of that name."""
    if text is None:
        return None
    from smtpprobe.pipeline.reference.named import provider_named

    return provider_named(text)


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    from smtpprobe.cli.since import moment

    return moment(text)


def _are_codes(words: list[str]) -> bool:
    return all(_CODE.match(each) or _ENHANCED.match(each) for each in words)


def _refer(output: Output, words: list[str], phase: Phase | None, provider: str | None) -> bool:
    """Whether what a file or standard input holds are codes or ids alone, which are explained as those that are typed."""
    if not words:
        return False
    if _are_codes(words):
        _refuse_unused("check", "resolver", "since")
        _entries(output, _pairs(words), phase, provider)
        return True
    if not all(_ID.match(word) for word in words):
        return False
    from smtpprobe.pipeline.reference.known_ids import is_known

    return all(map(is_known, words)) and _explain_ids(output, tuple(words))


def _explain_ids(output: Output, words: tuple[str, ...]) -> bool:
    """Whether the words are ids of causes and findings, which are then explained.

    Raises ValueError for one that there is not but that is close to one, unless it is a file's name.
    """
    if not all(_ID.match(word) for word in words) or os.path.exists(words[0]):
        return False
    from smtpprobe.pipeline.reference.known_ids import is_known, nearest

    if not all(is_known(word) or nearest(word) for word in words):
        return False
    from smtpprobe.cli.registries import print_ids

    _refuse_unused("check", "resolver", "since", "phase", "provider")
    print_ids(output, words)
    return True


def _phase(text: str | None) -> Phase | None:
    if text is None:
        return None
    from smtpprobe.pipeline.reference.named import phase_named

    return phase_named(text)


def _are_files(words: tuple[str, ...]) -> bool:
    """Whether the arguments name files: the first is one, or is standard input, or each looks like a path."""
    first = words[0]
    if first == "-":
        return True
    if _REPLY_LINE.match(first) or _ENHANCED.match(first) or "\n" in first or len(first) > 4096 or "\0" in first:
        return False
    if os.path.exists(first) or all(_PATH.match(word) for word in words):
        return True
    # One that there is not among those that there are costs these nothing.
    return _NAME.match(first) is not None and any(os.path.isfile(word) for word in words[1:])


def _pairs(words: list[str]) -> list[list[str]]:
    """The codes, each with the enhanced status code that stands behind it; two of both kinds in any order are one."""
    if len(words) == 2 and len([word for word in words if _CODE.match(word)]) == 1:
        return [words]
    pairs: list[list[str]] = []
    for word in words:
        if pairs and len(pairs[-1]) == 1 and _CODE.match(pairs[-1][0]) and _ENHANCED.match(word):
            pairs[-1].append(word)
        else:
            pairs.append([word])
    return pairs


def _entries(output: Output, pairs: list[list[str]], phase: Phase | None, provider: str | None) -> None:
    """The entry of each code; nothing where one of them is none."""
    from smtpprobe.catalogue.reference.entries import describe

    entries = []
    for words in pairs:
        enhanced = next((word for word in words if _ENHANCED.match(word)), None)
        code = next((word for word in words if _CODE.match(word)), None)
        entries.append(describe(int(code) if code else None, enhanced, phase, provider))

    emit(output, Takes.ENTRIES, [(" ".join(each), entry) for each, entry in zip(pairs, entries, strict=True)])
