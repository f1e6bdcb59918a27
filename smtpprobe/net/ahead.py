"""What a session will want, loaded beside it while the first replies are waited for."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading

from smtpprobe.net import certificates

_INTERVAL_S = 0.0005  # after which whoever loads gives way to the session, so that no reply seems late
_begun: set[tuple[str, ...] | str | None] = set()


def load(modules: tuple[str, ...], *, with_tls: bool, ca_file: str | None = None) -> None:
    """Begin to load the modules, and what judges certificates with the anchors; each once. Nothing waits for it.

    What fails here fails again where it is wanted, and is told there.
    """
    anchors = {ca_file} if with_tls else set()
    if {modules, *anchors} <= _begun:
        return
    _begun.update({modules, *anchors})
    threading.Thread(target=_load, args=(modules, anchors), name="smtpprobe ahead", daemon=True).start()


def _load(modules: tuple[str, ...], anchors: set[str | None]) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_INTERVAL_S)
    try:
        with contextlib.suppress(Exception):
            for module in modules:
                importlib.import_module(module)
            for ca_file in anchors:
                certificates.load(ca_file)
    finally:
        sys.setswitchinterval(before)
