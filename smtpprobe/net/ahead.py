"""What a session will want, imported while the first replies are on their way."""

from __future__ import annotations

import asyncio
import contextlib
import importlib

from smtpprobe.net import certificates

IDLE_S = 0.005  # between pieces: where replies come faster, none of them seems late
# What judges certificates, in pieces: a reply that comes meanwhile is noticed after one of them.
_FOR_TLS = (
    "cryptography.hazmat.bindings._rust",
    "cryptography.hazmat.primitives.serialization",
    "cryptography.hazmat.primitives.asymmetric",
    "cryptography.x509",
    "OpenSSL",
)


def load(modules: tuple[str, ...], *, with_tls: bool, ca_file: str | None = None) -> asyncio.Task[None]:
    """Begin to import the modules, and what judges certificates with the anchors. The task may be cancelled at any time.

    What fails here fails again where it is wanted, and is told there.
    """
    return asyncio.get_running_loop().create_task(_load(modules, with_tls=with_tls, ca_file=ca_file))


async def _load(modules: tuple[str, ...], *, with_tls: bool, ca_file: str | None) -> None:
    for module in (*modules, *(_FOR_TLS if with_tls else ())):
        await asyncio.sleep(IDLE_S)
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    if with_tls:
        with contextlib.suppress(OSError):
            certificates.anchors(ca_file)
