"""What may be said of the credentials, put into the request: it is saved, and the credentials are not."""

from __future__ import annotations

from datetime import datetime

import msgspec

from smtpprobe.model.login.secret import PasswordSource
from smtpprobe.model.request import Credentials, Request
from smtpprobe.wire.sasl import FOR_TOKENS, WITHOUT_SECRET


def with_told(request: Request, credentials: Credentials | None, source: PasswordSource | None = None) -> Request:
    """The request with what may be said of the secret. `source` None: how it came in is what the request says."""
    if credentials is None:
        return request
    mechanism = (request.mech or "").upper()
    known = request.token or request.password
    source = source or (known.source if known is not None else PasswordSource.UNKNOWN)
    if mechanism in WITHOUT_SECRET:
        return msgspec.structs.replace(request, password=None, token=None)
    if credentials.is_token or mechanism in FOR_TOKENS:
        from smtpprobe.catalogue.login.tokens import token_record

        record = token_record(credentials.reveal(), credentials.user, source)
        return msgspec.structs.replace(request, password=None, token=record)
    from smtpprobe.wire.secret.password import read_password

    return msgspec.structs.replace(request, password=read_password(credentials.reveal(), source), token=None)


def unfit(request: Request, host: str, at: datetime) -> str | None:
    """Why the credentials surely cannot work at this host; None where that is not sure, or they are to be sent anyway."""
    if request.login is None or request.send_anyway:
        return None
    from smtpprobe.catalogue.login.judge import doubts

    return "; ".join(each.text for each in doubts(request.login, host, at) if each.sure) or None
