"""The handshake of a session: made as the request wants it, and described, or why it failed."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from smtpprobe import session
from smtpprobe.model import names
from smtpprobe.model.clock import Clock
from smtpprobe.model.request import TlsOptions
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Breakage, TlsFault
from smtpprobe.net import connection as net
from smtpprobe.net import tls, tls_fault
from smtpprobe.net.error_words import words_of
from smtpprobe.net.hello import HandshakeMessages
from smtpprobe.net.login import channel_binding

_OF_CHOICES = (TlsFault.PROTOCOL, TlsFault.NO_SHARED_CIPHER)  # what may fail because of what the caller allows


def handshaker(
    options: TlsOptions,
    host: str,
    connection: net.Connection,
    *,
    left_s: Callable[[], float],
    clock: Clock,
    binds: bool = False,
) -> session.Handshaker:
    """What makes the handshake on the connection to the host when the dialogue comes to it; `left_s` says how long it has.

    `binds`: a login may follow that is bound to the channel.
    """
    name = options.name or host
    sni = options.sni or name
    sent_sni = None if names.is_ip_address(sni) else sni  # RFC 6066 §3: no address literals in SNI

    async def shake(strict: bool) -> session.HandshakeResult:
        timeout_s = left_s()
        messages = HandshakeMessages(has_certificate=options.client_cert is not None)
        try:
            context = tls.context(strict, options)
        except (OSError, ValueError) as error:
            return _failed_here(error)
        messages.watch(context)
        try:
            socket = await connection.start_tls(context, sni, timeout_s)
            ended_s = connection.now()
        except TimeoutError as error:
            return session.HandshakeResult(
                tls=None,
                failure=tls_fault.explain_failure(error, messages, waited_s=timeout_s),
                fault=TlsFault.TIMED_OUT,
                breakage=Breakage.TIMED_OUT,
            )
        except (ssl.SSLError, OSError, ValueError) as error:
            return _failed(error, messages, options)
        try:
            described = tls.describe(
                socket,
                name,
                sent_sni,
                messages=messages,
                enforced=strict,
                ca_file=options.ca_file,
                now=clock.now(),
            )
        except OSError as error:
            return _failed_here(error)
        return session.HandshakeResult(
            tls=described,
            ended_s=ended_s,
            fault=described.faults[0] if strict and described.faults else None,
            bindings=channel_binding.bindings(socket) if binds else {},
        )

    return shake


def _failed(error: Exception, messages: HandshakeMessages, options: TlsOptions) -> session.HandshakeResult:
    failure, fault = tls_fault.explain_failure(error, messages), tls_fault.fault_of(error, messages)
    if fault in _OF_CHOICES and (asked := tls.asked_for(options)) is not None:
        failure = say("the server takes nothing of what was asked for: {asked}", asked=asked)
        fault = TlsFault.LIMITED
    return session.HandshakeResult(tls=None, failure=failure, fault=fault)


def _failed_here(error: OSError | ValueError) -> session.HandshakeResult:
    """The result where it was this side that failed: a file is of no use, say."""
    return session.HandshakeResult(tls=None, failure=words_of(error), fault=TlsFault.LOCAL, breakage=Breakage.LOCAL)
