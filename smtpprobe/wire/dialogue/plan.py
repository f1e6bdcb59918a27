"""What one session is to do."""

from __future__ import annotations

import msgspec

from smtpprobe.model.request import Protocol, TlsPolicy
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import OutcomeFault, Phase, Status
from smtpprobe.wire.dialogue.steps import Ending, Stop
from smtpprobe.wire.message.outgoing import Outgoing


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one session is to do. `reverse_path` None: no mail transaction is tried."""

    host: str
    helo: str
    protocol: Protocol = Protocol.ESMTP
    reverse_path: str | None = None
    forward_paths: tuple[str, ...] = ()
    policy: TlsPolicy = TlsPolicy.AUTO
    verify: bool = False
    mech: str | None = None
    insecure_auth: bool = False
    private_channel: bool = False  # a unix socket: credentials need no TLS
    quit_after: Phase | None = None
    before_login: bool = False  # the session ends where a login would begin, and is as strict as one with it
    proxy_header: tuple[bytes, str] | None = None  # the octets, and as they are shown
    xclient: str | None = None
    message: Outgoing | None = None  # sent to whoever is accepted
    pipeline: bool = True  # where the server takes commands in groups (RFC 2920)

    @property
    def clear_allowed(self) -> bool:
        """Whether credentials may go over a channel that is not verified, or in clear."""
        return self.private_channel or self.insecure_auth

    def stop_after(self, *phases: Phase) -> None:
        """Raises Stop where the user wants the session to end after one of these."""
        if self.quit_after in phases:
            raise Stop(Ending(status=Status.ACCEPTED))

    def miss(self, *phases: Phase, why: str, exchange: int | None = None, needs: str | None = None) -> None:
        """Raises Stop where the user wants the session to end after one of these, which it does not come to.

        A session that goes on without it would pass for one that came to it.
        """
        if self.quit_after in phases:
            raise Stop(
                Ending(
                    status=Status.NO_SESSION,
                    phase=phases[0],
                    exchange=exchange,
                    reason=say(
                        "the session should have ended after {quit_after}, but did not get there: {why}",
                        quit_after=self.quit_after.value,
                        why=why,
                    ),
                    fault=OutcomeFault.STAGE_NOT_REACHED,
                    needs=needs,
                )
            )
