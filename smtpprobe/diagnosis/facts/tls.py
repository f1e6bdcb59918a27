"""What a handshake that failed shows: each fault by its word, and what the certificate says of itself."""

from __future__ import annotations

from smtpprobe.catalogue.facts import YES
from smtpprobe.model import names
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Exchange, Outcome, OutcomeFault, Phase, TlsFault, Transcript
from smtpprobe.wire import ehlo

_UNANCHORED = (TlsFault.UNTRUSTED_ISSUER, TlsFault.SELF_SIGNED, TlsFault.INTERMEDIATE_MISSING)
# Faults that have remedies of their own.
_REMEDIED = frozenset(
    {
        *_UNANCHORED, TlsFault.NAME, TlsFault.ADDRESS_AS_NAME, TlsFault.EXPIRED, TlsFault.NOT_YET_VALID, TlsFault.PURPOSE,
        TlsFault.KEY_TOO_SMALL, TlsFault.SIGNATURE_TOO_WEAK, TlsFault.DH_TOO_SMALL, TlsFault.OLD_RENEGOTIATION,
        TlsFault.PROTOCOL, TlsFault.CLIENT_CERTIFICATE_WANTED, TlsFault.CLIENT_CERTIFICATE_REFUSED, TlsFault.NOT_TLS,
        TlsFault.NO_SHARED_CIPHER, TlsFault.LIMITED,
    }
)  # fmt: skip


def of_handshake(
    last: Exchange | None, transcript: Transcript, outcome: Outcome, *, user: str | None = None
) -> dict[str, str | None]:
    """The facts of the handshake that ended the session, or of there being none; `user` is who was to log in."""
    tls = last.tls if last is not None else None
    faults = tls.faults if tls is not None and tls.faults else ()
    if not faults and last is not None and last.tls_fault is not None:
        faults = (last.tls_fault,)
    chain = tls.chain if tls is not None else ()
    hosts = [each for each in chain[0].names if not names.is_ip_address(each)] if chain else []
    carried, patterns = ([each for each in hosts if each.startswith("*") is wild] for wild in (False, True))
    known: dict[str, str | None] = {f"tls_{fault.replace('-', '_')}": YES for fault in faults if fault in _REMEDIED}
    if chain and TlsFault.EXPIRED in faults and chain[0].not_after >= transcript.started_at:
        known["tls_issuer_expired"] = known.pop("tls_expired", None)
    wanted = tls.name if tls is not None else transcript.host or say("the name that clients use")
    not_offered = outcome.phase is Phase.STARTTLS and outcome.reply_code is None
    accepted = any(x.phase is Phase.STARTTLS and x.reply and x.reply.code == 220 for x in transcript.exchanges)
    of_certificate = any(fault.is_of_certificate for fault in faults)
    return known | {
        "tls_named": YES if any(known.values()) or of_certificate else None,
        "tls_unanchored": YES if any(fault in _UNANCHORED for fault in faults) else None,
        "tls_invalid": YES if of_certificate and not any(known.values()) else None,
        "tls_wanted_name": wanted,
        "tls_wanted_ip": YES if wanted is not None and names.is_ip_address(wanted) else None,
        "starttls_accepted": YES if accepted else None,
        "password_kept": YES if user and not any(x.phase is Phase.AUTH for x in transcript.exchanges) else None,
        "tls_other_name": YES if {TlsFault.NAME, TlsFault.ADDRESS_AS_NAME} & {*faults} else None,
        "tls_carried": carried[0] if carried else None,
        "tls_pattern": patterns[0] if patterns and not carried else None,
        "tls_issuer": tls.line[-1].issuer if tls is not None and tls.chain else None,
        "tls_other_host": YES if outcome.fault is OutcomeFault.OTHER_HOST else None,
        "not_offered": YES if not_offered else None,
        # RFC 3207 §4: a server that offers STARTTLS and cannot do it now.
        "tls_unavailable": YES if outcome.phase is Phase.STARTTLS and outcome.reply_code == 454 else None,
        "starttls_mask": _mask(transcript) if not_offered else None,
    }


def _mask(transcript: Transcript) -> str | None:
    """What a firewall has put in the place of a keyword of EHLO."""
    hellos = [x.reply.lines for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and x.reply.digit == 2]
    return ehlo.masked(ehlo.extensions(hellos[-1])) if hellos else None
