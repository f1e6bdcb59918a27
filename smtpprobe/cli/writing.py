"""Output files: written beside their place and put there whole, never through a link that somebody planted.

A descriptor by its name (/dev/stdout, /dev/fd/3), a pipe and a device are written to as they are: there is nothing to
replace.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from smtpprobe.cli import interrupts
from smtpprobe.model.texts.language import say

_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_PRIVATE, _BY_UMASK = 0o600, 0o666  # from both the umask takes what it takes


class OutputFile:
    """A text file that stands at its path after `commit`; until then, and where anything failed, what was there does.

    As a context it is committed at the end, also where the command ends early on purpose (`Exit`). `private`: a file
    that was not there before is for the user alone; one that was keeps its mode. Every OSError names the path.
    """

    def __init__(self, path: str, *, private: bool) -> None:
        self.path = path
        self._beside: str | None = None
        self._reader_left = False
        interrupts.keep()
        with _naming(path):
            descriptor = self._open(_PRIVATE if private else _BY_UMASK)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n")

    @property
    def is_open(self) -> bool:
        """Whether it was neither committed nor discarded."""
        return not self._file.closed

    def write(self, text: str) -> None:
        """Add the text. Nothing where the reader of a pipe went away: what it wanted to see it has seen."""
        if self._reader_left:
            return
        try:
            with _naming(self.path):
                self._file.write(text)
        except BrokenPipeError:
            self._reader_left = True

    def commit(self) -> None:
        """Put the file in its place; nothing after `discard`."""
        if not self.is_open:
            return
        try:
            with _naming(self.path):
                self._file.flush()
                if self._beside is not None:
                    os.fsync(self._file.fileno())  # some file systems say only now that they are full
                    self._file.close()  # Windows renames no file that is open
                    self._replace(self._beside)
        except BrokenPipeError:
            pass
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave what was there; nothing after `commit`."""
        with suppress(OSError):
            self._file.close()
        if self._beside is not None:
            with suppress(OSError):
                os.unlink(self._beside)
            self._beside = None

    def __enter__(self) -> OutputFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, click.exceptions.Exit):
            self.commit()
        else:
            self.discard()

    def _open(self, mode: int) -> int:
        descriptor = _descriptor(self.path)
        if descriptor is not None:
            # Opened by its name it would be cut, with whatever the shell has there.
            return os.dup(descriptor)
        before = _found(self.path)
        if before is not None and not stat.S_ISREG(before.st_mode):
            return os.open(self.path, os.O_WRONLY | _NO_FOLLOW)
        try:
            self._beside, beside = _make_beside(self.path, mode)
        except OSError:
            if before is None:
                raise
            # A directory in which nothing may be made, such as one around a mounted file.
            return _open_again(self.path)
        if before is not None:
            # Its owner first, since that takes bits of the mode away; where it cannot be had the file stays private.
            with suppress(OSError, AttributeError):
                os.fchown(beside, before.st_uid, before.st_gid)
                os.fchmod(beside, stat.S_IMODE(before.st_mode))
        return beside

    def _replace(self, beside: str) -> None:
        try:
            os.replace(beside, self.path)
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.EXDEV):
                raise
            import shutil

            # A file that is mounted by itself: it cannot be replaced, only filled.
            with open(beside, "rb") as written, os.fdopen(_open_again(self.path), "wb") as file:
                shutil.copyfileobj(written, file)
        else:
            self._beside = None


def check(path: str) -> None:
    """Raises ValueError where nothing could be written to the path.

    A file is made beside it and removed again, since nothing else says for certain that one can be.
    """
    try:
        with _naming(path):
            _try(path)
    except OSError as error:
        raise ValueError(f"{path!r} {error.strerror}") from None


def _try(path: str) -> None:
    descriptor = _descriptor(path)
    if descriptor is not None:
        os.write(descriptor, b"")  # fails where it is closed, or open for reading alone
        return
    before = _found(path)
    if before is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if before is None or stat.S_ISREG(before.st_mode):
        try:
            beside, descriptor = _make_beside(path, _PRIVATE)
        except OSError:
            if before is None:
                raise
            return
        os.close(descriptor)
        os.unlink(beside)


def _descriptor(path: str) -> int | None:
    """The descriptor that the path names, None for a path that names none."""
    found = _DESCRIPTOR.fullmatch(path)
    return int(found[1]) if found else _STANDARD.get(path)


def _found(path: str) -> os.stat_result | None:
    """What stands at the path, None for nothing. Raises OSError for a link, and for a way that one leads out."""
    folder = os.path.dirname(path)
    if _is_led_out(folder):
        raise OSError(
            errno.ELOOP,
            say(
                "a link in it leads out of the working directory, to {realpath}: name that",
                realpath=repr(os.path.realpath(folder)),
            ),
        )
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, say("it is a symbolic link: name the file that it leads to, or remove it"))
    return found


def _is_led_out(folder: str) -> bool:
    """Whether a link in the working directory, which may be another's, leads out of it on the way to the folder.

    By whatever name the way begins; a link above it, and `..`, are the user's own words.
    """
    from pathlib import Path

    here = os.path.realpath(os.curdir)
    at, *names = Path(os.getcwd(), folder).parts
    for name in names:
        # What is resolved has no links: the directory above is the one that the system goes to.
        to = os.path.dirname(at) if name == os.pardir else os.path.realpath(os.path.join(at, name))
        if name != os.pardir and _is_below(at, here) and not _is_below(to, here):
            return True
        at = to
    return False


def _is_below(folder: str, top: str) -> bool:
    try:
        return os.path.commonpath((folder, top)) == top
    except ValueError:  # on another drive
        return False


def _make_beside(path: str, mode: int) -> tuple[str, int]:
    """A new file in the directory of the path: its name, and its descriptor."""
    beside = os.path.join(os.path.dirname(path), f".smtpprobe-{os.urandom(8).hex()}")
    return beside, os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, mode)


def _open_again(path: str) -> int:
    """The file that is there, emptied."""
    return os.open(path, os.O_WRONLY | os.O_TRUNC | _NO_FOLLOW)


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Has every OSError in the block say that the path cannot be written, and why."""
    try:
        yield
    except OSError as error:
        raise OSError(
            error.errno, say("cannot be written: {strerror}", strerror=error.strerror or error), path
        ) from None
