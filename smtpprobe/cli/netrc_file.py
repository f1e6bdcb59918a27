"""User name and password from a file in the form of .netrc, which many programs share."""

from __future__ import annotations

import os
from typing import NamedTuple

from smtpprobe.cli.reading import check_size
from smtpprobe.model import limits
from smtpprobe.model.texts.language import say


class Entry(NamedTuple):
    """What a file has for a machine."""

    user: str
    password: str


def home_file() -> str:
    """The path of the user's own."""
    return os.path.join(os.path.expanduser("~"), ".netrc")


def entry_of(path: str, host: str) -> Entry:
    """The entry for this machine. The file's `default` is for any host, and is not used.

    Raises ValueError where there is none, or the file cannot be read as one, and OSError as `open` does. What is in the file
    is in no message.
    """
    import netrc

    check_size(path, limits.CONFIG)
    try:
        hosts = netrc.netrc(path).hosts
    except netrc.NetrcParseError as error:
        # Its own words quote the file.
        raise ValueError(
            say("{path}, line {line}: not in the form of .netrc", path=repr(path), line=error.lineno)
        ) from None
    except UnicodeDecodeError:
        raise ValueError(say("{path} is not in the form of .netrc: it is not UTF-8", path=repr(path))) from None
    names = [name for name in hosts if name != "default" and name.lower().rstrip(".") == host.lower().rstrip(".")]
    if not names:
        raise ValueError(say("{path} has no entry 'machine {host}'", path=repr(path), host=host))
    user, _, password = hosts[names[0]]
    return Entry(user, password or "")
