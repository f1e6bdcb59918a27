"""What the operating system and the libraries raise, in our words, and the kind of breakage that it is.

Decided by an error's number and type, never by its text: what the system calls it is for programmers.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage
from smtpprobe.net.tls_fault import explain_failure


class UnusableFile(OSError):
    """A file that can be read and is of no use; its text says which and why, in our words."""


FALLBACK = mark("the system reports an error that has no name here")
_NO_ROUTE = mark("there is no route to it from here")
_NO_FAMILY = mark("this host cannot use addresses of that kind")
_BUSY = mark("this host is short of memory for connections")
_ALREADY_CLOSED = mark("the connection was closed already")

# By the name of the number, since not every system has all of them; first those that a connection meets.
_SYSTEM = {
    "ECONNREFUSED": mark("the connection was refused"),
    "ECONNRESET": mark("the connection was reset"),
    "ECONNABORTED": mark("the connection was aborted"),
    "ENETRESET": mark("the network dropped the connection"),
    "ETIMEDOUT": mark("no answer came in time"),
    "EHOSTUNREACH": _NO_ROUTE,
    "ENETUNREACH": _NO_ROUTE,
    "ENONET": _NO_ROUTE,
    "EHOSTDOWN": mark("the host does not answer on its network"),
    "ENETDOWN": mark("the network is down here"),
    "EPIPE": _ALREADY_CLOSED,
    "ESHUTDOWN": _ALREADY_CLOSED,
    "ENOTCONN": mark("there is no connection"),
    "EADDRNOTAVAIL": mark("no address and port of this host can be used for it"),
    "EADDRINUSE": mark("the address and port are in use on this host"),
    "EAFNOSUPPORT": _NO_FAMILY,
    "EPFNOSUPPORT": _NO_FAMILY,
    "EPROTONOSUPPORT": _NO_FAMILY,
    "EPROTOTYPE": mark("what listens there is a socket of another kind"),
    "ESOCKTNOSUPPORT": _NO_FAMILY,
    "ENOTSOCK": mark("what is there is not a socket"),
    "ENOBUFS": _BUSY,
    "ENOMEM": _BUSY,
    "EMFILE": mark("too many files and connections are open in this program"),
    "ENFILE": mark("too many files and connections are open on this host"),
    "EMSGSIZE": mark("it is too large to be sent in one piece"),
    "EACCES": mark("it is not allowed here"),
    "EPERM": mark("it is not allowed here, for instance by a firewall of this host"),
    "EAGAIN": mark("it is busy: it accepts no further connections now"),
    "EINTR": mark("it was interrupted"),
    "EPROTO": mark("the network protocol was violated"),
    "EINVAL": mark("the system does not accept the address"),
    "ENOENT": mark("there is no such file"),
    "ENOTDIR": mark("a part of its path is not a directory"),
    "EISDIR": mark("it is a directory"),
    "ELOOP": mark("its path is a loop"),
    "ENAMETOOLONG": mark("its path is too long"),
    "EROFS": mark("it cannot be written to"),
    "ENOSPC": mark("the disk is full"),
    "EDQUOT": mark("the disk quota is used up"),
    "EFBIG": mark("the file is too large"),
    "EIO": mark("it cannot be read: the disk or the device reports an error"),
    "ESTALE": mark("its file system is gone"),
    "ETXTBSY": mark("the file is in use"),
    "EBUSY": mark("it is in use"),
    "EBADF": mark("it has been closed"),
    "EEXIST": mark("it exists already"),
    "ENODEV": mark("there is no such device"),
    "ENXIO": mark("there is nothing at its other end"),
    "ENOSYS": mark("this system cannot do that"),
    "EOPNOTSUPP": mark("this system cannot do that"),
    "ENOTSUP": mark("this system cannot do that"),
}
_RESOLVER = {
    "EAI_NONAME": mark("the name is not known"),
    "EAI_NODATA": mark("the name has no address"),
    "EAI_ADDRFAMILY": mark("the name has no address of that kind"),
    "EAI_AGAIN": mark("the name could not be looked up now"),
    "EAI_FAIL": mark("the name could not be looked up"),
    "EAI_FAMILY": _NO_FAMILY,
    "EAI_MEMORY": _BUSY,
}
_NO_NAME = mark("the name could not be looked up")
# An exception of the libraries or of Python that has no number; the first kind that fits.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, _SYSTEM["ETIMEDOUT"]),
    (ConnectionRefusedError, _SYSTEM["ECONNREFUSED"]),
    (ConnectionResetError, _SYSTEM["ECONNRESET"]),
    (BrokenPipeError, _ALREADY_CLOSED),
    (ConnectionError, _SYSTEM["ECONNABORTED"]),
    (asyncio.IncompleteReadError, mark("it ended early")),
    (EOFError, mark("it ended early")),
    (asyncio.LimitOverrunError, mark("a line is too long")),
    (MemoryError, _BUSY),
    (UnicodeError, mark("a name or a text cannot be written in the form that is needed")),
    (asyncio.CancelledError, mark("it was interrupted")),
)
_OF_A_LIBRARY = {
    "dns": mark("a name server's answer cannot be read"),
    "aiosmtplib": _ALREADY_CLOSED,
}

_BREAKAGES = {
    "ECONNREFUSED": Breakage.REFUSED,
    **dict.fromkeys(("ECONNRESET", "ECONNABORTED", "ENETRESET"), Breakage.RESET),
    **dict.fromkeys(("EPIPE", "ESHUTDOWN", "ENOTCONN"), Breakage.CLOSED_BY_PEER),
    "ETIMEDOUT": Breakage.TIMED_OUT,
    **dict.fromkeys(("EHOSTUNREACH", "ENETUNREACH", "ENONET", "EHOSTDOWN", "ENETDOWN"), Breakage.UNREACHABLE),
    **dict.fromkeys(
        (
            "EADDRNOTAVAIL", "EADDRINUSE", "EAFNOSUPPORT", "EPFNOSUPPORT", "EPROTONOSUPPORT", "EPROTOTYPE",
            "ESOCKTNOSUPPORT", "ENOTSOCK", "ENOBUFS", "ENOMEM", "EMFILE", "ENFILE", "EACCES", "EPERM", "ENOENT",
            "ENOTDIR", "EISDIR", "ELOOP", "ENAMETOOLONG", "EINVAL",
        ),
        Breakage.LOCAL,
    ),
}  # fmt: skip


def words_of(error: BaseException) -> str:
    """What went wrong, as a person says it, with the file's name where there is one.

    No class, no number, and nothing of the error's own text.
    """
    words = say(_words_of(error))
    filename = error.filename if isinstance(error, OSError) and not isinstance(error, UnusableFile) else None
    return f"{filename!r}: {words}" if isinstance(filename, str) else words


def _words_of(error: BaseException) -> str:
    if isinstance(error, UnusableFile):
        return str(error)
    if isinstance(error, ssl.SSLError):
        return explain_failure(error)
    if isinstance(error, socket.gaierror):
        return _by_number(_RESOLVER, error.errno) or _NO_NAME
    if isinstance(error, OSError) and (words := _SYSTEM.get(_name(error))):
        return words
    for kind, words in _KINDS:
        if isinstance(error, kind):
            return words
    return _OF_A_LIBRARY.get(type(error).__module__.partition(".")[0], FALLBACK)


def breakage_of(error: BaseException) -> Breakage:
    """The kind of breakage that the error of a connection is; UNKNOWN for one that is none of the network."""
    if isinstance(error, socket.gaierror):
        return Breakage.LOCAL
    if isinstance(error, OSError) and (found := _BREAKAGES.get(_name(error))):
        return found
    if isinstance(error, TimeoutError):
        return Breakage.TIMED_OUT
    if isinstance(error, ConnectionRefusedError):
        return Breakage.REFUSED
    return Breakage.RESET if isinstance(error, ConnectionError) else Breakage.UNKNOWN


def _name(error: OSError) -> str:
    """The name of the error's number in the C library, as ECONNREFUSED; empty where it has none."""
    return errno.errorcode.get(error.errno or 0, "")


def _by_number(table: dict[str, str], number: int | None) -> str | None:
    return next((words for name, words in table.items() if getattr(socket, name, None) == number), None)
