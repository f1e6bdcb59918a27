"""The only list of targets."""

from __future__ import annotations

from tests.fuzz import domains, files, session, wire

ALL = (*wire.TARGETS, session.TARGET, *domains.TARGETS, *files.TARGETS)
BY_NAME = {target.name: target for target in ALL}
