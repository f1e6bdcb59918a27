"""What all tests may use: aiosmtpd, which is the server wherever a server has to be a real one."""

from __future__ import annotations

import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour

StartServer = Callable[[Behaviour], Awaitable[AiosmtpdServer]]


def pytest_configure() -> None:
    """Programs that the tests interrupt must not inherit that it is ignored, as in the background of a script."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that run others again, then the files with the most: what comes last keeps one processor waiting."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name != "test_pseudo_locale.py", -sizes[item.path], item.path))


@pytest.fixture
async def smtp_server() -> AsyncIterator[StartServer]:
    """Starts servers in the test's own loop; they end with the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(behaviour: Behaviour) -> AiosmtpdServer:
            return await stack.enter_async_context(AiosmtpdServer(behaviour))

        yield start
