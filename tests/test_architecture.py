"""The house rules that neither the linters nor import-linter can hold."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import smtpprobe
from smtpprobe.cli.option_names import OPTION_NAMES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "smtpprobe"
ROOMS = {"model", "wire", "net", "mailauth", "catalogue", "intake", "session", "identity", "checks", "diagnosis"}
ROOMS |= {"expectations", "render", "pipeline", "testing", "cli"}
MODULES = {"__init__", "__main__"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "misc"}
TOP_LEVEL = {"README.md", "LICENSE", "pyproject.toml", "smtpprobe", "tests", "fixtures", "docs"}
MODULE_LIMIT = 350
FUNCTION_LIMIT = 60
PACKAGE_LIMIT = 16
HEAVY = {
    "asyncio",
    "dns",
    "rich",
    "msgspec",
    "click",
    "ssl",
    "socket",
    "aiosmtplib",
    "aiosmtpd",
    "cryptography",
    "json",
    "typing",
}
TEXT_SUFFIXES = {".py", ".md", ".toml", ".smtp", ".zone", ".txt", ".eml", ".yml", ".yaml", ".json", ".cfg", ""}
UNPUBLISHED = {"__pycache__", "node_modules", "dist", "build"}

# Written in two halves, so that this file does not hold what it forbids.
FORBIDDEN_WORDS = re.compile(
    "|".join(rf"\b{a}{b}\b" for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK")))
)
MACHINE_PATHS = re.compile("|".join(("/wo" + r"rk/\w", "/ro" + "ot/", "/ho" + r"me/\w+/", "C:" + r"\\Users")))
REGISTRIES = re.compile("|".join((r"py" + r"pi\.org", r"python" + r"hosted\.org", r"regis" + r"try\.npmjs")))
SECRETS = re.compile(
    "|".join(
        (
            r"\bAKIA[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
            r"\bgithub_pat_\w{22,}",
            r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
            r"\bsk-[A-Za-z0-9_-]{32,}",
            r"-----BEGIN (?:OPENSSH|PGP|ENCRYPTED) PRIVATE " + "KEY",
        )
    )
)
REFERENCE = re.compile(r"\bRFCs?[\s-]*\d+|\bsections?\s+\d+(?:\.\d+)*\s+of\s+RFC", re.IGNORECASE)
WELL_FORMED = re.compile(
    r"RFC [1-9]\d{1,4}\b(?: §(?:\d+|[A-Z])(?:\.\d+)*(?!\w|\.\d)|(?!\s*§|\s+(?:sections?|sect|sec|s)\b))", re.ASCII
)


@cache
def sources() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def published() -> tuple[Path, ...]:
    """Every text file that a clone would hold."""
    files = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".github", ".gitignore") for part in parts)
        if not hidden and not UNPUBLISHED & set(parts) and path.suffix in TEXT_SUFFIXES and path.is_file():
            files.append(path)
    return tuple(files)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_room_is_declared():
    found = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    found |= {path.stem for path in PACKAGE.glob("*.py")}
    assert found - ROOMS - MODULES == set()


def test_every_package_says_what_belongs_in_it():
    assert [name(path) for path in sources() if path.name == "__init__.py" and not ast.get_docstring(tree(path))] == []


def test_no_module_has_a_name_that_says_nothing():
    assert [name(path) for path in sources() if path.stem in FORBIDDEN_NAMES] == []


def test_nothing_else_lies_at_the_top_level():
    ran = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip("not a git checkout: what is published cannot be listed")
    tracked = {path.split("/", 1)[0] for path in ran.stdout.split("\0") if path}
    assert {entry for entry in tracked if not entry.startswith(".")} <= TOP_LEVEL


def test_modules_stay_short():
    lengths = {name(path): path.read_text("utf-8").count("\n") + 1 for path in sources()}
    assert {path: length for path, length in lengths.items() if length > MODULE_LIMIT} == {}


def test_packages_stay_narrow():
    # A command is a file: `cli` has as many as there are commands.
    widths = {
        name(path.parent): sum(1 for _ in path.parent.glob("*.py"))
        for path in sources()
        if path.name == "__init__.py" and path.parent.name != "cli"
    }
    assert {package: width for package, width in widths.items() if width > PACKAGE_LIMIT} == {}


def test_functions_stay_short():
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LIMIT
    ]
    assert long == []


def own_fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [
        each for each in node.body if isinstance(each, ast.AnnAssign) and "ClassVar" not in ast.unparse(each.annotation)
    ]


def test_values_with_more_than_three_fields_are_made_by_keyword():
    positional = []
    for path in sources():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ClassDef) or len(own_fields(node)) <= 3:
                continue
            is_struct = any("Struct" in ast.unparse(base) for base in node.bases)
            made_by = [ast.unparse(each) for each in (*node.decorator_list, *node.keywords)]
            is_dataclass = any("dataclass" in each for each in made_by)
            if (is_struct or is_dataclass) and not any("kw_only=True" in each for each in made_by):
                positional.append(f"{name(path)}:{node.lineno} {node.name}")
    assert positional == []


def bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(each) for each in node.bases}


@cache
def words() -> frozenset[str]:
    """The names of all Words, and of the other enums of texts."""
    classes = [node for path in sources() for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    found = {"StrEnum"}
    while more := {node.name for node in classes if bases(node) & found} - found:
        found |= more
    return frozenset(found)


@cache
def word_fields() -> frozenset[str]:
    """The names of the fields that hold a Word in some value; `problem` and `kind` are texts in others."""
    return frozenset(
        field.target.id
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for field in own_fields(node)
        if isinstance(field.target, ast.Name)
        and {each.id for each in ast.walk(field.annotation) if isinstance(each, ast.Name)} & words()
    )


def holds_text(node: ast.AST | None) -> bool:
    """Whether it is a text, a collection with one in it, or a table by texts."""
    if isinstance(node, ast.Dict):
        return any(holds_text(key) for key in node.keys)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(holds_text(each) for each in node.elts)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("frozenset", "set", "tuple"):
        return any(holds_text(each) for each in node.args)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def words_as_texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Where a field that may be a Word is compared with a text, or looked up among texts."""
    named = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and holds_text(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }

    def is_text(node: ast.AST) -> bool:
        return holds_text(node) or (isinstance(node, ast.Name) and node.id in named)

    def is_word(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in word_fields()

    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            sides = [node.value, node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            sides = [node.func.value, *node.args[:1]]
        elif isinstance(node, ast.Match):
            sides = [node.subject, *(each.value for each in ast.walk(node) if isinstance(each, ast.MatchValue))]
        else:
            continue
        if any(map(is_word, sides)) and any(map(is_text, sides)):
            yield node.lineno, ast.unparse(node)


# A field of the same name as a Word's, whose values are somebody else's texts.
TEXTS_BY_NATURE: dict[str, str] = {}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('run.status == "completed"', 1),
        ('run.status in ("completed", None)', 1),
        ('run.status not in {"completed"}', 1),
        ('T = {"mx": 1}\nT.get(domain.status)', 1),
        ('T = ("mx",)\ndomain.status in T', 1),
        ('T: dict = {"mx": 1}\nT[domain.status]', 1),
        ('{"mx": 1}.get(domain.status, 2)', 1),
        ('match run.status:\n    case "completed":\n        pass', 1),
        ('run.status is RunStatus.COMPLETED or "mx" in names', 0),
        ('T = {MxStatus.MX: "mx"}\nT.get(domain.status)', 0),
        ('run.subject == "mx"', 0),
    ],
)
def test_words_as_texts_are_found(code, count):
    assert len(list(words_as_texts(ast.parse(code)))) == count


def test_a_word_is_compared_with_members():
    found = {f"{name(path)}: {code}": line for path in sources() for line, code in words_as_texts(tree(path))}
    assert {code: line for code, line in found.items() if code not in TEXTS_BY_NATURE} == {}
    assert set(TEXTS_BY_NATURE) <= set(found)


def imported(module: ast.Module) -> Iterator[str]:
    """The top-level names of everything a module imports, wherever in it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0] if not node.level else "smtpprobe"


def test_the_model_imports_the_standard_library_and_msgspec_alone():
    allowed = sys.stdlib_module_names | {"msgspec", "smtpprobe"}
    strangers = {name(path): set(imported(tree(path))) - allowed for path in (PACKAGE / "model").rglob("*.py")}
    assert {path: names for path, names in strangers.items() if names} == {}


def test_limits_are_spelt_in_one_way():
    other = re.compile(r"^_?(?:MOST_[A-Z_]+|(?!NEAR_)[A-Z_]+_LIMIT(?:_[A-Z]+)?) *(?::.*)?=", re.MULTILINE)
    found = {name(path): other.findall(path.read_text("utf-8")) for path in sources()}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("call", "homes"),
    [
        ("datetime.now", {"smtpprobe/model/clock.py"}),
        ("time.monotonic", {"smtpprobe/model/clock.py"}),
        ("time.time", set()),
        # A cancellation is the caller's: whoever takes it back breaks the caller's time limit.
        (".uncancel", set()),
    ],
)
def test_a_run_has_one_clock_and_takes_no_cancellation_back(call, homes):
    rooms = [path for path in sources() if path.relative_to(PACKAGE).parts[0] not in ("cli", "testing")]
    assert {name(path) for path in rooms if call in path.read_text("utf-8")} == homes


def test_imports_are_absolute():
    relative = [
        f"{name(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_import_contracts_are_kept():
    command = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    ran = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def modules_after(*arguments: str) -> set[str]:
    """The top-level modules that a Python started with these arguments has imported."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = (line for line in ran.stderr.splitlines() if line.startswith("import time:") and line.count("|") == 2)
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


BELOW_THE_COMMAND_LINE = (
    "wire", "identity.py", "session.py", "checks", "diagnosis", "render", "mailauth", "net", "pipeline",
    "model", "catalogue", "intake", "testing",
)  # fmt: skip


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and value of each text in the code, docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_texts_below_the_command_line_name_no_option():
    rooms = [path for path in sources() if path.relative_to(PACKAGE).parts[0] in BELOW_THE_COMMAND_LINE]
    assert len(rooms) > 100
    option = re.compile(r"--[a-z]|(?<![\w-])-[qv]\b")
    named = [f"{name(path)}:{line}" for path in rooms for line, text in texts(tree(path)) if option.search(text)]
    assert named == []


def catalogued(value: object) -> Iterator[str]:
    """Every text of a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from catalogued(each)


def test_texts_of_the_catalogue_name_no_option():
    tables = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (PACKAGE / "catalogue/data").glob("*.toml")}
    assert [text for text in catalogued(tables) if re.search(r"(?<![-\w])--[a-z]", text)] == []


def test_each_field_of_a_remedy_has_an_option():
    causes = tomllib.loads((PACKAGE / "catalogue/data/causes.toml").read_text("utf-8"))["cause"]
    fields = {each["field"] for facts in causes.values() for each in facts["remedies"] if "field" in each}
    assert {"user", "mech"} <= fields <= set(OPTION_NAMES)


def fields_needed(node: ast.AST) -> Iterator[ast.expr]:
    """The value of `needs=`, and what `missing()` is told first."""
    if isinstance(node, ast.keyword) and node.arg == "needs":
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "missing":
        yield node.args[0]


def test_each_field_that_a_text_needs_has_an_option():
    needs = {
        text.value
        for path in sources()
        for node in ast.walk(tree(path))
        for value in fields_needed(node)
        for text in ast.walk(value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }
    assert {"client_ip", "insecure_auth", "helo"} <= needs
    assert needs <= set(OPTION_NAMES)


def test_importing_the_package_costs_nothing_heavy():
    found = modules_after("-c", "import smtpprobe; smtpprobe.__version__")
    assert "smtpprobe" in found
    assert found & HEAVY == set()


def test_the_version_is_printed_before_anything_heavy_is_imported():
    if not (PACKAGE / "__main__.py").exists():
        pytest.fail("smtpprobe/__main__.py is missing")
    assert modules_after("-m", "smtpprobe", "--version") & HEAVY == set()


def test_the_changelog_begins_with_the_version():
    text = (ROOT / "docs" / "changelog.md").read_text("utf-8")
    versions = re.findall(r"^##\s+\[?v?(\d+\.\d+\.\d+\S*?)\]?(?=\s|$)", text, re.MULTILINE)
    assert versions[:1] == [smtpprobe.__version__]


def remarks(path: Path) -> Iterator[tuple[int, str]]:
    """Comments and docstrings of a module with their line."""
    source = path.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            if text:
                yield node.body[0].lineno, text


def ill_formed(text: str) -> list[str]:
    """The references to an RFC in the text that are not written `RFC n` or `RFC n §x`."""
    wrong = []
    for found in REFERENCE.finditer(text):
        if not WELL_FORMED.match(text, found.start()):
            wrong.append(text[found.start() : found.end() + 12])
    return wrong


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("RFC 5321 §4.2", 0),
        ("RFC 5321 §4.5.3.1.6: 998 octets; RFC 9989 §A.1 and RFC 5321.", 0),
        ("(RFC 7208, which see)", 0),
        ("RFC5321", 1),
        ("rfc 5321", 1),
        ("RFC 5321 section 4.2", 1),
        ("RFC 5321 § 4.2", 1),
        ("section 4.2 of RFC 5321", 1),
        ("RFC 5321 §4.2x", 1),
        ("RFC-5321", 1),
    ],
)
def test_the_form_of_a_reference_is_judged(text, count):
    assert len(ill_formed(text)) == count


def test_every_rfc_reference_is_well_formed():
    wrong = [
        f"{name(path)}:{line} {text}"
        for path in sources()
        for line, remark in remarks(path)
        for text in ill_formed(remark)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "pattern", [FORBIDDEN_WORDS, MACHINE_PATHS, REGISTRIES, SECRETS], ids=["words", "paths", "registries", "secrets"]
)
def test_nothing_published_holds_what_must_not_be(pattern):
    found = []
    for path in published():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
            hit = pattern.search(line)
            if hit:
                found.append(f"{name(path)}:{number} {hit[0]}")
    assert found == []


def test_every_public_name_of_the_package_leads_somewhere():
    assert [public for public in getattr(smtpprobe, "__all__", ()) if not hasattr(smtpprobe, public)] == []
