"""The regular expressions of the package, found by themselves, and texts that would make a bad one slow."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import re._constants as ops  # type: ignore[import-not-found]
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec

import smtpprobe
from tests.linear.steps import ONE, REPEATS, Matcher, TooManyStepsError, class_of

_CALLS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
_ANCHORED = frozenset({"match", "fullmatch"})
_LONG = 8  # a repeat of at most so many is none
_STAND_IN = "550"  # for what an inline pattern takes from a variable


class Use(msgspec.Struct, frozen=True):
    """A pattern, where it is written, and the method that costs the most of those it is used with."""

    where: str
    pattern: re.Pattern[Any]
    method: str


def modules() -> list[ModuleType]:
    """Every module of the package."""
    found = pkgutil.walk_packages(smtpprobe.__path__, "smtpprobe.")
    return [importlib.import_module(each.name) for each in found if each.name != "smtpprobe.__main__"]


def uses() -> Iterator[Use]:
    """Every pattern of the package: those in its modules' variables, and those written where they are used."""
    seen: set[tuple[object, int, str]] = set()
    called = {module: _called(module) for module in modules()}
    for module in called:
        written = [
            *((name, pattern, _used(called, name.partition("[")[0], pattern)) for name, pattern in _held(module)),
            *((f"line {line}", pattern, method) for line, pattern, method in _inline(module)),
        ]
        for name, pattern, method in written:
            if (pattern.pattern, pattern.flags, method) not in seen:
                seen.add((pattern.pattern, pattern.flags, method))
                yield Use(f"{module.__name__} {name}", pattern, method)


def _used(called: dict[ModuleType, dict[str, set[str]]], name: str, pattern: re.Pattern[Any]) -> str:
    """The method that costs the most of those that any module calls what it knows by this name."""
    methods = {
        method
        for module, names in called.items()
        if vars(module).get(name) is pattern
        for method in names.get(name, ())
    }
    return _worst(methods)


def _worst(methods: set[str]) -> str:
    """`finditer` for whatever goes on behind a match, and where the use is not plain to see."""
    if methods and methods <= _ANCHORED:
        return min(methods, key=["fullmatch", "match"].index)
    return "search" if methods and methods <= {*_ANCHORED, "search"} else "finditer"


def _held(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    for name, value in vars(module).items():
        if not name.startswith("__"):
            yield from _within(name, value)
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for inner, held in vars(value).items():
                yield from _within(f"{name}.{inner}", held)


def _within(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _within(f"{name}[{key!r}]", each)
    elif isinstance(value, tuple | list | frozenset | set):
        for number, each in enumerate(value):
            yield from _within(f"{name}[{number}]", each)


def _called(module: ModuleType) -> dict[str, set[str]]:
    """The names by which a module calls patterns, with the methods; `finditer` for a name that it hands on."""
    found: dict[str, set[str]] = {}
    tree = _tree(module)
    owners = {id(node.func.value) for node in ast.walk(tree) if _is_call(node)}
    for node in ast.walk(tree):
        if _is_call(node):
            found.setdefault(_name(node.func.value), set()).add(node.func.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in owners:
            found.setdefault(node.id, set()).add("finditer")
    return found


def _is_call(node: ast.AST) -> Any:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _inline(module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """The patterns of `re.search("…", text)` and the like, what comes from a variable replaced by a stand-in."""
    for node in ast.walk(_tree(module)):
        if not _is_call(node) or _name(node.func.value) != "re":
            continue
        source = _text(node.args[0], module)
        if source is not None:
            given = [*node.args[2:], *(each.value for each in node.keywords if each.arg == "flags")]
            values = [_evaluated(each, {"re": re}) for each in given]
            flags = sum(value for value in values if isinstance(value, re.RegexFlag))
            yield node.lineno, re.compile(source, flags), _worst({node.func.attr})


def _text(node: ast.expr, module: ModuleType) -> Any:
    """The text of a literal or of one with variables in it; None for a name."""
    if isinstance(node, ast.Constant):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        value = part.value if isinstance(part, ast.Constant) else _evaluated(part.value, vars(module))
        parts.append(value if isinstance(value, str) else _STAND_IN)
    return "".join(parts)


def _evaluated(node: ast.expr, names: Any) -> Any:
    try:
        return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(names))
    except Exception:
        return None


_ALPHABET = [*map(chr, range(128)), "é", "É", "\xa0", "義", "\u2028", "ﬁ"]


class _Sampler:
    """Short texts that a pattern takes."""

    def __init__(self, matcher: Matcher, least: int) -> None:
        self._matcher = matcher
        self._least = least
        classes = list(matcher.classes.values())
        signs: dict[tuple[bool, ...], str] = {}
        # Letters and digits are read more easily than controls.
        for character in sorted(_ALPHABET, key=lambda c: (not c.isalnum(), not c.isprintable(), c)):
            # A line feed is apart: `^` and `$` look for it.
            signs.setdefault((*(one.match(character) is not None for one in classes), character == "\n"), character)
        # What the most classes take is what two parts of a pattern are most likely to fight about.
        self.letters = [letter for _, letter in sorted(signs.items(), key=lambda sign: -sum(sign[0]))]

    def texts(self, nodes: Any, flags: int) -> str:
        return "".join(self.text(node, flags) for node in nodes)

    def text(self, node: Any, flags: int) -> str:
        kind, value = node
        if kind in ONE:
            return next(iter(self.taken(node, flags)), "")
        if kind in REPEATS:
            return self.texts(value[2], flags) * max(value[0], self._least)
        if kind is ops.BRANCH:
            return self.texts(value[1][0], flags)
        if kind is ops.SUBPATTERN:
            return self.texts(value[3], (flags | value[1]) & ~value[2])
        return self.texts(value, flags) if kind is ops.ATOMIC_GROUP else ""

    def taken(self, node: Any, flags: int) -> list[str]:
        one = self._matcher.classes[class_of(node, flags)]
        return [letter for letter in self.letters if one.match(letter)]


def hostile(matcher: Matcher) -> list[tuple[str, str, str]]:
    """What comes before, what is repeated, and what follows, of texts that would make the pattern slow if it can be."""
    pumps: dict[tuple[str, str], None] = {}
    for least in (0, 1):
        _pumps(matcher, _Sampler(matcher, least), pumps)
    return [(before, pump, "\0") for before, pump in pumps if pump]


def _pumps(matcher: Matcher, sampler: _Sampler, pumps: dict[tuple[str, str], None]) -> None:
    last: list[str] = [""]

    def walk(nodes: Any, flags: int, before: str) -> str:
        for node in nodes:
            kind, value = node
            if kind in REPEATS:
                body, most = value[2], value[1]
                if most > _LONG:
                    for pump in repeated(body, flags):
                        pumps[before, pump] = None
                        pumps["", before + pump] = None
                    pumps["", before + sampler.texts(body, flags)] = None
                walk(body, flags, before)
            elif kind is ops.BRANCH:
                for way in value[1]:
                    walk(way, flags, before)
            elif kind is ops.SUBPATTERN:
                walk(value[3], (flags | value[1]) & ~value[2], before)
            elif kind in (ops.ASSERT, ops.ASSERT_NOT):
                walk(value[1], flags, before)
            elif kind is ops.ATOMIC_GROUP:
                walk(value, flags, before)
            before += sampler.text(node, flags)
        last[0] = max(last[0], before, key=len)
        return before

    def repeated(body: Any, flags: int) -> Iterator[str]:
        if len(body) == 1 and body[0][0] in ONE:
            letters = sampler.taken(body[0], flags)
            yield from dict.fromkeys([*letters[:4], *(["\n"] if "\n" in letters else [])])
        else:
            yield sampler.texts(body, flags)
            for node in body:
                if node[0] in ONE:
                    yield from sampler.taken(node, flags)[:2]
                elif node[0] in REPEATS:
                    yield from repeated(node[1][2], flags)
                elif node[0] is ops.SUBPATTERN:
                    yield from repeated(node[1][3], (flags | node[1][1]) & ~node[1][2])
                elif node[0] is ops.BRANCH:
                    for way in node[1][1]:
                        yield from repeated(way, flags)

    walk(matcher.tree, matcher.flags, "")
    pumps["", last[0][:-1]] = None
    for letter in sampler.letters[:3]:
        pumps["", letter] = None


MOST = 400  # steps for each character of a text: what repeats of a bounded length may cost
_GROWTH = 1.35  # of the steps for each character when the text doubles: 2 where they grow with its square
_SMALL, _LARGE = 200, 1000  # characters


def complaint(pattern: re.Pattern[Any], method: str) -> str | None:
    """What makes the pattern slow, with the steps for each character of a text and of one twice as long.

    None where the steps grow as the text does. Bounded repeats are passed by: the texts are longer than any of them.
    """
    matcher = Matcher(pattern)
    longest = _longest(matcher.tree)
    small = max(_SMALL, 2 * longest)
    known = {text: _steps(matcher, text, small, method) for text in hostile(matcher)}
    for text in sorted(known, key=lambda each: -known[each])[:2]:
        if known[text] <= _SMALL / 10:
            continue
        large = max(_LARGE, 4 * longest)
        once, twice = (_steps(matcher, text, size, method) for size in (large, 2 * large))
        if twice > MOST or twice > _GROWTH * once:
            return f"{text[0]!r}, {text[1]!r} again and again, {text[2]!r}: {once:.0f} steps, then {twice:.0f}"
    return None


def _steps(matcher: Matcher, text: tuple[str, str, str], size: int, method: str) -> float:
    """The steps for each character of a text of about that size; infinite beyond MOST."""
    before, pump, after = text
    whole = before + pump * max(size // len(pump), 60) + after
    try:
        return matcher.count(whole, method, 2 * MOST * len(whole)) / len(whole)
    except TooManyStepsError:
        return float("inf")


def _longest(nodes: Any, at_end: bool = True) -> int:
    """The most that a bounded repeat takes; the last part of a pattern is not taken back."""
    found = [0]
    for number, (kind, value) in enumerate(nodes):
        last = at_end and number == len(nodes) - 1
        if kind in REPEATS:
            found += [0 if last or value[1] is ops.MAXREPEAT else value[1], _longest(value[2], False)]
        elif kind is ops.BRANCH:
            found += (_longest(way, last) for way in value[1])
        elif kind is ops.SUBPATTERN:
            found.append(_longest(value[3], last))
        elif kind in (ops.ASSERT, ops.ASSERT_NOT):
            found.append(_longest(value[1], False))
        elif kind is ops.ATOMIC_GROUP:
            found.append(_longest(value, last))
    return max(found)


def made_at_run_time() -> set[str]:
    """The modules that make a pattern from more than a literal inside a function."""
    return {
        module.__name__
        for module in modules()
        for function in ast.walk(_tree(module))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if (_is_call(node) or _is_compile(node)) and _name(node.func.value) == "re"
        if _text(node.args[0], module) is None
    }


def _is_compile(node: ast.AST) -> Any:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compile"


def written_in(module: ModuleType, names: tuple[str, ...]) -> Iterator[str | bytes]:
    """The texts in the variables of these names."""
    for name in names:
        yield from _texts(vars(module)[name])


def _texts(value: object) -> Iterator[str | bytes]:
    if isinstance(value, str | bytes):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
