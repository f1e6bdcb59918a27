"""What a session will want of slow libraries, loaded beside it while the first replies are waited for."""

from __future__ import annotations

import contextlib
import sys
import threading

from smtpprobe.net import certificates

_INTERVAL_S = 0.0005  # after which whoever loads gives way to the session, so that no reply seems late
_begun: set[str | None] = set()


def load_for_tls(ca_file: str | None) -> None:
    """Begin to load what judges certificates, and what is trusted; once for each file of anchors. Nothing waits for it.

    What fails here fails again where it is wanted, and is told there.
    """
    if ca_file in _begun:
        return
    _begun.add(ca_file)
    threading.Thread(target=_load, args=(ca_file,), name="smtpprobe ahead", daemon=True).start()


def _load(ca_file: str | None) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_INTERVAL_S)
    try:
        with contextlib.suppress(Exception):
            certificates.load(ca_file)
    finally:
        sys.setswitchinterval(before)
