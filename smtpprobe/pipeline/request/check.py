"""Whether a request can be carried out as it is: each value, what fits together, and the files that it names."""

from __future__ import annotations

from smtpprobe.model.request import Credentials, Field, Request, RequestError, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Phase
from smtpprobe.net import certificates, tls
from smtpprobe.net.error_words import words_of
from smtpprobe.pipeline.request import source_address
from smtpprobe.pipeline.request.fields import with_checked_fields


def checked(request: Request) -> Request:
    """The request as it is carried out. Raises RequestError for a wrong one, before anybody is called."""
    request = with_checked_fields(request)
    _recipients(request)
    _login(request)
    _encryption(request)
    source_address.check(request)
    _files(request.tls)
    return request


def fit_credentials(request: Request, credentials: Credentials | None) -> None:
    """Raises RequestError where credentials are missing, or not those of the request's user: the login would not be tried."""
    if credentials is None and request.user is not None:
        raise RequestError(
            Field("user"), f" {request.user!r} needs credentials: expected credentials=Credentials({request.user!r}, …)"
        )
    if credentials is None:
        return
    if not isinstance(credentials, Credentials):
        # What it is instead is not shown: it may hold the password.
        raise RequestError("credentials: a value of another type: expected Credentials(user, secret)")
    if credentials.user != request.user:
        raise RequestError(
            f"the credentials are those of {credentials.user!r}, and ", Field("user"), f" is {request.user!r}: "
            "expected the same name"
        )  # fmt: skip


def _recipients(request: Request) -> None:
    count, most = len(request.rcpt_to), request.max_recipients
    if count > most and not request.force:
        raise RequestError(
            f"{count} forward-paths: at most {most} are polite for a probe (", Field("force"), " tries them all)"
        )


def _login(request: Request) -> None:
    if request.user is not None:
        return
    needs = (" needs ", Field("user"), ": there is no user to log in")
    if request.mech is not None:
        raise RequestError(Field("mech"), *needs)
    if request.quit_after is Phase.AUTH:
        raise RequestError(Field("quit_after"), " auth", *needs)


def _encryption(request: Request) -> None:
    if request.tls.policy is not TlsPolicy.OFF:
        return
    if request.target.asks_for_tls:
        raise RequestError(
            f"{request.target.given!r} asks for TLS, but ", Field("tls.policy"), " is off: choose one of the two"
        )
    if request.quit_after in (Phase.STARTTLS, Phase.TLS):
        raise RequestError(
            Field("quit_after"), f" is {request.quit_after}, but ", Field("tls.policy"),
            " is off: a session without TLS does not get there",
        )  # fmt: skip


def _files(options: TlsOptions) -> None:
    """Raises RequestError where a file holds no certificate or key that TLS could use."""
    if options.client_key is not None and options.client_cert is None:
        raise RequestError(Field("tls.client_key"), " needs ", Field("tls.client_cert"), ": a key alone proves nothing")
    if options.ca_file is not None:
        try:
            certificates.anchors(options.ca_file)
        except OSError as error:
            raise RequestError(Field("tls.ca_file"), f" {words_of(error)}") from None
    if options.client_cert is not None:
        try:
            tls.context(True, options.client_cert, options.client_key)
        except OSError as error:
            key = () if options.client_key else (" (", Field("tls.client_key"), ")")
            raise RequestError(Field("tls.client_cert"), f" {words_of(error)}", *key) from None
