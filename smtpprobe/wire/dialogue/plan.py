"""What one session is to do."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smtpprobe.model.request import Credentials, Protocol, TlsPolicy
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import OutcomeFault, Phase, Status
from smtpprobe.wire.dialogue.steps import Ending, Stop
from smtpprobe.wire.message.outgoing import Outgoing
from smtpprobe.wire.sasl.mechanism import Peer, SecurityContext


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
    every_mechanism: bool = False  # the user wants to know of each, and this is the first
    channel_binding: str | None = None
    security_context: Callable[[str, Credentials, Peer], SecurityContext] | None = (
        None  # for what is computed elsewhere
    )
    insecure_auth: bool = False
    unfit: str | None = None  # why the credentials surely cannot work, so that no attempt is spent on them
    private_channel: bool = False  # a unix socket: credentials need no TLS
    quit_after: Phase | None = None
    drop_after: Phase | None = None  # the same without QUIT
    drop_after_send: Phase | None = None  # and without the reply
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()  # commands before the transaction whose refusal decides nothing
    before_login: bool = False  # the session ends where a login would begin, and is as strict as one with it
    proxy_header: tuple[bytes, str] | None = None  # the octets, and as they are shown
    xclient: str | None = None
    message: Outgoing | None = None  # sent to whoever is accepted
    xforward: str | None = None
    force: bool = False  # parameters are sent although the server does not offer their extension
    pipeline: bool = True  # where the server takes commands in groups (RFC 2920)

    @property
    def clear_allowed(self) -> bool:
        """Whether credentials may go over a channel that is not verified, or in clear."""
        return self.private_channel or self.insecure_auth

    @property
    def ends_after(self) -> Phase | None:
        """The stage after which the session ends, in whichever way; None for the last."""
        return self.quit_after or self.drop_after

    def stop_after(self, *phases: Phase) -> None:
        """Raises Stop where the user wants the session to end after one of these."""
        if self.ends_after in phases:
            raise Stop(Ending(status=Status.ACCEPTED), polite=self.drop_after is None)

    def miss(self, *phases: Phase, why: str, exchange: int | None = None, needs: str | None = None) -> None:
        """Raises Stop where the user wants the session to end after one of these, which it does not come to.

        A session that goes on without it would pass for one that came to it.
        """
        wanted = self.ends_after or self.drop_after_send
        if wanted is not None and wanted in phases:
            raise Stop(
                Ending(
                    status=Status.NO_SESSION,
                    phase=phases[0],
                    exchange=exchange,
                    reason=say(
                        "the session should have ended after {quit_after}, but did not get there: {why}",
                        quit_after=wanted.value,
                        why=why,
                    ),
                    fault=OutcomeFault.STAGE_NOT_REACHED,
                    needs=needs,
                )
            )
