"""Whether every package in use is pinned in tests/constraints.txt, as it is installed here, with purpose and licence.

    python tests/audit.py [--advisories]

--advisories asks pip-audit (`pip install -e '.[audit]'`) whether a published advisory concerns what an installation
brings; that needs the network. Exit code 0: all is well; 1: something is not; 6: it could not be told.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).parent / "constraints.txt"
PROJECT = "smtpprobe"
GOOD, BAD, COULD_NOT_TELL = 0, 1, 6
# What may come with an installation of a package under the MIT licence without a further thought.
LICENCES = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
_PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)  # (?P<purpose>[^;]+); (?P<licence>\S.*)")


class Pin(NamedTuple):
    """The version that is used, what for, and its licence as an SPDX expression."""

    version: str
    purpose: str
    licence: str


def read_pins(text: str) -> dict[str, Pin]:
    """The pins of a constraints file by name. Raises ValueError for a line without version, purpose or licence."""
    pins = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = _PIN.fullmatch(line)
        if found is None:
            raise ValueError(f"{line!r}: expected NAME==VERSION  # PURPOSE; LICENCE")
        pins[found["name"]] = Pin(found["version"], found["purpose"], found["licence"])
    return pins


def installed(name: str, *extras: str) -> dict[str, str]:
    """The version of each package that is installed because this one is, with these extras; itself among them."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    wanted = [(name, extra) for extra in ("", *extras)]
    while wanted:
        given, extra = wanted.pop()
        key = canonicalize_name(given)
        if (key, extra) in seen:
            continue
        seen.add((key, extra))
        try:
            distribution = metadata.distribution(key)
        except metadata.PackageNotFoundError:
            continue
        found[key] = distribution.version
        for needed in map(Requirement, distribution.requires or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                wanted += [(needed.name, further) for further in ("", *needed.extras)]
    return found


def problems(pins: Mapping[str, Pin], here: Mapping[str, str], with_users: Iterable[str]) -> Iterator[str]:
    """What is wrong, a line each. `with_users`: the packages that an installation brings."""
    for name, version in sorted(here.items()):
        pin = pins.get(name)
        if pin is None:
            yield f"{name} {version} is not in {CONSTRAINTS.name}"
        elif pin.version != version:
            yield f"{name} is {version} here: expected {pin.version}, as in {CONSTRAINTS.name}"
    for name in sorted(set(with_users) & set(pins)):
        if not LICENCES & set(re.split(r" OR |[()]", pins[name].licence)):
            yield f"{name} comes with an installation under {pins[name].licence}: expected one of {sorted(LICENCES)}"


def advisories(pins: Mapping[str, Pin]) -> tuple[list[str], list[str]]:
    """What published advisories say of the pinned versions, and what could not be asked: a line each."""
    if importlib.util.find_spec("pip_audit") is None:
        return [], ["pip-audit is not installed: pip install -e '.[audit]'"]
    with tempfile.TemporaryDirectory() as directory:
        wanted = Path(directory) / "requirements.txt"
        wanted.write_text("".join(f"{name}=={pin.version}\n" for name, pin in pins.items()))
        command = [
            "-m",
            "pip_audit",
            "-r",
            str(wanted),
            "--no-deps",
            "--disable-pip",
            "--progress-spinner=off",
            "-f",
            "json",
        ]
        ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    try:
        return read_advisories(json.loads(ran.stdout))
    except ValueError:
        return [], [f"pip-audit found no data: {' '.join(ran.stderr.split()[-20:])}"]


def read_advisories(answer: Mapping[str, list[dict[str, object]]]) -> tuple[list[str], list[str]]:
    """The advisories in pip-audit's answer, and the packages that it passed over."""
    concerned, unknown = [], []
    for each in answer["dependencies"]:
        if "skip_reason" in each:
            unknown.append(f"{each['name']}: {each['skip_reason']}")
        for advisory in each.get("vulns", ()):  # type: ignore[attr-defined]
            fixed = ", ".join(advisory["fix_versions"]) or "no version"
            concerned.append(f"{each['name']} {each['version']}: {advisory['id']}, mended in {fixed}")
    return concerned, unknown


def main(arguments: list[str]) -> int:
    pins = read_pins(CONSTRAINTS.read_text("utf-8"))
    with_users = installed(PROJECT)
    here = installed(PROJECT, "dev")
    for each in (with_users, here):
        del each[PROJECT]
    wrong, unknown = list(problems(pins, here, with_users)), []
    if "--advisories" in arguments:
        concerned, unknown = advisories({name: pin for name, pin in pins.items() if name in with_users})
        wrong += concerned
    for line in (*wrong, *(f"could not tell: {each}" for each in unknown)):
        print(line)
    print(f"{len(here)} packages, {len(with_users)} of them with an installation; {len(wrong)} problems", end="")
    print(f"; of {len(unknown)} it could not be told" if unknown else "")
    return BAD if wrong else COULD_NOT_TELL if unknown else GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
