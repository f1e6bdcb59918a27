"""What all tests may use: aiosmtpd, which is the server wherever a server has to be a real one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour

StartServer = Callable[[Behaviour], Awaitable[AiosmtpdServer]]


@pytest.fixture
async def smtp_server() -> AsyncIterator[StartServer]:
    """Starts servers in the test's own loop; they end with the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(behaviour: Behaviour) -> AiosmtpdServer:
            return await stack.enter_async_context(AiosmtpdServer(behaviour))

        yield start
