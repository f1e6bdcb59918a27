"""A language that nobody speaks: every message that the project composes, rewritten as its code is imported.

Texts from the catalogue and from `say` go through a translation that accents, wraps and reorders them. Messages that the
code composes itself (f-strings and constants with words in them) get the same treatment at their place in the source,
while what is compared with, looked for or matched stays as it is. Whoever takes a decision by the words of a message
decides otherwise under it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOMS = (
    "wire", "net", "session", "identity", "mailauth", "catalogue", "intake", "checks", "diagnosis", "pipeline", "render",
    "cli", "model",
)  # fmt: skip
# Of `testing` what judges; the rest of it speaks as servers do.
ALONE = ("smtpprobe.testing.cases",)
# Words that are said on the wire or published in DNS, and texts of the standards' own: they are data, not messages.
DATA = ("v=spf1", "v=DMARC1", "v=DKIM1", "v=TLSRPTv1", "v=STSv1", "127.0.0.", "%", "‹")
# What no message has in it, but nearly every regular expression with words in it.
EXPRESSIONS = ("(?", "\\", "[^", "|")
# Modules whose texts with blanks in them are commands, records or markup.
WITHOUT_MESSAGES = (
    "smtpprobe.wire.command",
    "smtpprobe.wire.script",
    "smtpprobe.render.text.page",
    "smtpprobe.render.escape",
    "smtpprobe.cli.config",
    "smtpprobe.cli.finding_commands",
    # The patterns and words by which others' replies are read.
    "smtpprobe.catalogue.explainer.rules",
    "smtpprobe.catalogue.explainer.captures",
    "smtpprobe.intake.found",
    # What a reply has in common with labelled ones, and its codes: `@phase rcpt`.
    "smtpprobe.catalogue.explainer.features",
    # The mail that is sent: its readers are others.
    "smtpprobe.wire.message.compose",
    "smtpprobe.wire.message.fields",
    "smtpprobe.wire.message.harmless",
)
# Calls that look into a text instead of saying it.
LOOKING = frozenset(
    {
        "startswith", "endswith", "partition", "rpartition", "split", "rsplit", "find", "rfind", "index", "count",
        "removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "replace", "compile", "search", "match",
        "fullmatch", "findall", "finditer", "sub", "encode", "strptime", "strftime", "get", "pop", "open", "option",
        "argument", "command", "group", "isinstance", "getattr", "TypeVar", "setdefault",
    }
)  # fmt: skip
# Of these only what stands without a name is looked for: `structs.replace(value, problem="…")` says something.
SAYING_BY_KEYWORD = frozenset({"replace", "setdefault", "get", "pop"})
ACCENTS = str.maketrans("aeiounycsAEIOUNYCS", "áéíóúñýçšÁÉÍÓÚÑÝÇŠ")


def rewritten(text: str) -> str:
    """The text as nobody would write it: its halves exchanged, its vowels accented, in brackets; once is enough."""
    if text.startswith("⟦") or not any(character.isalpha() for character in text):
        return text
    # A blank inside a placeholder belongs to it.
    blanks = [found.start() for found in re.finditer(r" (?![^{]*\})", text)]
    middle = blanks[len(blanks) // 2] if blanks else 0
    turned = f"{text[middle + 1 :]} · {text[:middle]}" if middle else text
    accented = "".join(
        part if part.startswith("{") else part.translate(ACCENTS) for part in re.split(r"(\{[^}]*\})", turned)
    )
    return f"⟦{accented}⟧"


def is_message(text: str) -> bool:
    """Whether a literal is prose: a blank beside a word in lower case, and nothing of a record or a format in it."""
    if any(mark in text for mark in (*DATA, *EXPRESSIONS)):
        return False
    words = text.split(" ")
    return len(words) > 1 and any(len(word) > 1 and word.strip(".,:;()'\"").islower() for word in words)


class _Rewriter(ast.NodeTransformer):
    """Wraps messages in a call of `rewritten`, except where a text is compared, looked for, or names something."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in LOOKING:
            if isinstance(node.func, ast.Attribute):
                node.func.value = self.visit(node.func.value)
            if name in SAYING_BY_KEYWORD:
                node.keywords = [self.visit(each) for each in node.keywords]
            return node
        return self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        node.values = [self.visit(each) for each in node.values]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._body(node)

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._body(node)

    def _body(self, node: ast.AST) -> ast.AST:
        # Docstrings stay, decorators and annotations too.
        node.body = [  # type: ignore[attr-defined]
            each if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) else self.visit(each)
            for each in node.body  # type: ignore[attr-defined]
        ]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return _call(node) if isinstance(node.value, str) and is_message(node.value) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        text = "{}".join(each.value for each in node.values if isinstance(each, ast.Constant))
        return _call(node) if is_message(text) else node


def _call(node: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name("__pseudo_locale__", ast.Load()), "rewritten", ast.Load())
    return ast.fix_missing_locations(ast.copy_location(ast.Call(function, [node], []), node))


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Never from a cache, which holds the texts as they are.
        tree = _Rewriter().visit(ast.parse(self.get_data(self.path)))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__pseudo_locale__"] = sys.modules[__name__]
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parts = fullname.split(".")
        if parts[0] != "smtpprobe" or len(parts) < 2 or fullname in WITHOUT_MESSAGES:
            return None
        if parts[1] not in ROOMS and fullname not in ALONE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Rewritten:
    """The pseudo-locale as a translation."""

    def gettext(self, text: str, /) -> str:
        return rewritten(text)

    def ngettext(self, one: str, more: str, count: int, /) -> str:
        return rewritten(one if count == 1 else more)


def speak() -> None:
    """From here on every message is rewritten; to be called before anything of smtpprobe is imported."""
    early = [name for name in sys.modules if name.startswith("smtpprobe.")]
    if early:
        raise RuntimeError(f"too late: {early[0]} is imported already")
    sys.meta_path.insert(0, _Finder())
    from smtpprobe.catalogue import language
    from smtpprobe.model.texts.language import InForce, use

    # Texts of the catalogue and labels: as a translation would give them.
    choose = language.choose

    def spoken(name: str | None = None) -> str:
        choose(name)  # which refuses a language that there is not
        use(InForce("xx", _Rewritten()))
        return "xx"

    language.choose = spoken
    spoken(language.SOURCE)


def messages(room: str) -> Iterator[str]:
    """What of a module's source would be rewritten, for whoever wants to read it."""
    for node in ast.walk(_Rewriter().visit(ast.parse(Path(room).read_text("utf-8")))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "__pseudo_locale__.rewritten":
            yield ast.unparse(node.args[0])
