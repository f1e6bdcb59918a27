"""The language of labels and entry texts: English as they are written, or a translation of `locale/`."""

from __future__ import annotations

import os
from io import BytesIO

from smtpprobe.model.texts.language import InForce, Translation, in_force, say, use

SOURCE = "en"
FOLDER = os.path.join(os.path.dirname(__file__), "locale")
_STEM = os.path.join("LC_MESSAGES", "smtpprobe")
_read: dict[str, Translation] = {}


def languages() -> tuple[str, ...]:
    """The languages that there are, English first."""
    try:
        names = sorted(os.listdir(FOLDER))
    except OSError:
        names = []
    return (SOURCE, *(name for name in names if os.path.isdir(os.path.join(FOLDER, name, "LC_MESSAGES"))))


def choose(name: str | None = None) -> str:
    """The language from now on, for the whole process: the one given, else what the environment asks for.

    Raises ValueError for a name, or a SMTPPROBE_LANG, that stands for no language there is.
    """
    of_environment = os.environ.get("SMTPPROBE_LANG") or None
    if name is not None:
        found = language(name)
    elif of_environment is not None:
        try:
            found = language(of_environment)
        except ValueError as error:
            raise ValueError(f"SMTPPROBE_LANG: {error}") from None
    else:
        found = _from_locale()
    use(InForce(found, None if found == SOURCE else _translation(found)))
    return found


def language(name: str) -> str:
    """The language of that name. Raises ValueError for one that there is not."""
    found = _known(name)
    if found is None:
        raise ValueError(
            say(
                "{name} is not a known language: expected one of {languages}",
                name=repr(name),
                languages=", ".join(languages()),
            )
        )
    return found


def chosen() -> str:
    """The language in force."""
    return in_force().name


def _known(name: str) -> str | None:
    """`hi` for hi, hi_IN, hi-IN and hi_IN.UTF-8; None where there is no such language."""
    short = name.partition(".")[0].partition("@")[0].replace("-", "_").partition("_")[0].lower()
    return short if short == SOURCE or short in languages() else None


def _from_locale() -> str:
    """What the locale asks for, in the order of gettext; English for a language that there is not."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return next((found for each in value.split(":") if (found := _known(each))), SOURCE)
    return SOURCE


def _translation(name: str) -> Translation:
    if name not in _read:
        import gettext

        stem = os.path.join(FOLDER, name, _STEM)
        if _is_fresh(stem + ".mo", stem + ".po"):
            with open(stem + ".mo", "rb") as file:
                _read[name] = gettext.GNUTranslations(file)
        else:
            _read[name] = _of_source(stem + ".po")
    return _read[name]


def _of_source(path: str) -> Translation:
    """What a .po says that was edited since it was compiled; English without Babel, which developers have."""
    import gettext

    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with open(path, "rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _is_fresh(built: str, source: str) -> bool:
    """Whether the .mo is there and no older than the .po, which an installation does not have."""
    try:
        return not os.path.exists(source) or os.stat(built).st_mtime_ns >= os.stat(source).st_mtime_ns
    except OSError:
        return False
