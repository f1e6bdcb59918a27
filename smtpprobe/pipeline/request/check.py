"""Whether a request can be carried out as it is: each value, what fits together, and the files that it names."""

from __future__ import annotations

import msgspec

from smtpprobe.model.request import (
    STAGES,
    Credentials,
    Field,
    Protocol,
    Request,
    RequestError,
    TlsOptions,
    TlsPolicy,
)
from smtpprobe.model.texts.language import mark
from smtpprobe.model.transcript import Phase
from smtpprobe.net import certificates, tls
from smtpprobe.net.error_words import words_of
from smtpprobe.pipeline.request import source_address
from smtpprobe.pipeline.request.fields import with_checked_fields

_ENDS = ("quit_after", "drop_after", "drop_after_send")
_MAX_NAMES_ASKED = 5  # by VRFY and EXPN
_NEEDS_EHLO = mark("{field} needs EHLO: HELO lists no extensions")


def checked(request: Request) -> Request:
    """The request as it is carried out. Raises RequestError for a wrong one, before anybody is called."""
    request = with_checked_fields(request)
    _recipients(request)
    _message(request)
    _login(request)
    _encryption(request)
    _transaction(request)
    source_address.check(request)
    _introduction(request)
    _files(request.tls)
    return request


def fit_credentials(request: Request, credentials: Credentials | None) -> None:
    """Raises RequestError where credentials are missing, or not those of the request's user: the login would not be tried."""
    if credentials is None and request.user is not None:
        words = mark("{field} {user} needs credentials: expected credentials=Credentials({user}, …)")
        raise RequestError(words, field=Field("user"), user=repr(request.user))
    if credentials is None:
        return
    if not isinstance(credentials, Credentials):
        # What it is instead is not shown: it may hold the password.
        raise RequestError(mark("credentials: a value of another type: expected Credentials(user, secret)"))
    if credentials.user != request.user:
        words = mark("the credentials are those of {given}, and {field} is {user}: expected the same name")
        raise RequestError(words, given=repr(credentials.user), field=Field("user"), user=repr(request.user))


def _recipients(request: Request) -> None:
    if request.message_to_send is not None:
        return  # a message goes to whom it is for
    count, most = len(request.rcpt_to), request.max_recipients
    if count > most and not request.force:
        words = mark("{count} forward-paths: at most {most} are polite for a probe ({force} tries them all)")
        raise RequestError(words, count=count, most=most, force=Field("force"))


def _message(request: Request) -> None:
    """Raises RequestError where nobody said who sends the message, and to whom, or where the session ends before it."""
    if request.message_to_send is None:
        for name in ("bdat", "chunk_octets", "keep_line_ends"):
            if getattr(request, name):
                raise RequestError(
                    mark("{field} needs {send}: no message is sent"), field=Field(name), send=Field("message_to_send")
                )
        return
    for name in ("mail_from", "rcpt_to"):
        if getattr(request, name) in (None, ()):
            words = mark("{send} needs {field}: a message is sent only by and to somebody who was named")
            raise RequestError(words, send=Field("message_to_send"), field=Field(name))
    field, stage = _end(request)
    if stage is not None:
        words = mark("{field} {stage} and {send}: the session would end before the message: choose one of the two")
        raise RequestError(words, field=field, stage=stage, send=Field("message_to_send"))
    for name in ("all_addresses", "all_mx", "try_all"):
        if getattr(request, name):
            words = mark("{field} and {send}: the message would be sent more than once: choose one of the two")
            raise RequestError(words, field=Field(name), send=Field("message_to_send"))
    if request.chunk_octets is not None and not request.bdat:
        words = mark("{field} needs {bdat}: DATA has no chunks")
        raise RequestError(words, field=Field("chunk_octets"), bdat=Field("bdat"))
    if request.bdat and request.target.protocol is Protocol.SMTP:
        raise RequestError(mark("{field} needs EHLO: HELO lists no extensions"), field=Field("bdat"))


def _login(request: Request) -> None:
    bound = (request.mech or "").upper().endswith("-PLUS")
    if request.channel_binding is not None and not bound:
        words = mark("{field} needs {mech} SCRAM-SHA-256-PLUS or SCRAM-SHA-1-PLUS: no other mechanism is bound to TLS")
        raise RequestError(words, field=Field("channel_binding"), mech=Field("mech"))
    for name in ("all_addresses", "all_mx"):
        if request.try_all and getattr(request, name):
            words = mark("{field} and {all}: the account would be tried at one address alone: choose one of the two")
            raise RequestError(words, field=Field(name), all=Field("try_all"))
    if request.mech is not None and request.try_all:
        words = mark("{field} names one mechanism, and {all} tries each: choose one of the two")
        raise RequestError(words, field=Field("mech"), all=Field("try_all"))
    if request.user is not None:
        return
    if request.mech is not None:
        words = mark("{field} needs {user}: there is no user to log in")
        raise RequestError(words, field=Field("mech"), user=Field("user"))
    field, stage = _end(request)
    if stage is Phase.AUTH:
        words = mark("{field} auth needs {user}: there is no user to log in")
        raise RequestError(words, field=field, user=Field("user"))


def _end(request: Request) -> tuple[Field, Phase | None]:
    """Where the session is told to end, and the field that says so."""
    return Field(next((name for name in _ENDS if getattr(request, name) is not None), _ENDS[0])), request.ends_after


def _transaction(request: Request) -> None:
    """Raises RequestError if something is to be sent that the session does not come to, or in two ways."""
    given = [name for name in _ENDS if getattr(request, name) is not None]
    if len(given) > 1:
        words = mark("{field} and {other}: expected one of the two, since a session ends once")
        raise RequestError(words, field=Field(given[0]), other=Field(given[1]))
    field, stage = _end(request)
    questions_after = Phase.EHLO if request.drop_after_send is None else Phase.MAIL
    for name, last in (
        ("questions", questions_after),
        ("xforward", questions_after),
        ("mail_parameters", Phase.MAIL),
        ("rcpt_parameters", Phase.RCPT),
    ):
        if getattr(request, name) and stage is not None and STAGES.index(stage) < STAGES.index(last):
            words = mark("{given} is not sent if the session ends before it: {field} is {stage}")
            raise RequestError(words, given=Field(name), field=field, stage=stage)
    _parameters(request)
    asked = sum(each.startswith(("VRFY", "EXPN")) for each in request.questions)
    if asked > _MAX_NAMES_ASKED and not request.force:
        words = mark("{count} names to look up: at most {most} are polite for a probe ({force} asks for them all)")
        raise RequestError(words, count=asked, most=_MAX_NAMES_ASKED, force=Field("force"))


def _parameters(request: Request) -> None:
    for name in ("mail_parameters", "rcpt_parameters"):
        parameters = getattr(request, name)
        if parameters and request.target.protocol is Protocol.SMTP and not request.force:
            raise RequestError(_NEEDS_EHLO, field=Field(name))
        keywords = [each.partition("=")[0].upper() for each in parameters]
        twice = next((each for each in keywords if keywords.count(each) > 1), None)
        if twice is not None and not request.force:
            # RFC 5321 §4.1.1.11
            words = mark("{field}: {keyword} is given twice: a command has each parameter once ({force} sends both)")
            raise RequestError(words, field=Field(name), keyword=twice, force=Field("force"))


def _introduction(request: Request) -> None:
    """Raises RequestError if who we are said to be cannot be said, or is said in two ways."""
    if request.proxy_source is not None and request.proxy is None:
        words = mark("{field} needs {proxy}: without it there is no header to name a client in")
        raise RequestError(words, field=Field("proxy_source"), proxy=Field("proxy"))
    if request.proxy is not None and request.target.socket is not None:
        words = mark("{field}: {given} is a unix socket, and the PROXY protocol tells of TCP connections")
        raise RequestError(words, field=Field("proxy"), given=repr(request.target.given))
    for name in ("xclient", "xforward"):
        if getattr(request, name) is not None and request.target.protocol is Protocol.SMTP:
            raise RequestError(_NEEDS_EHLO, field=Field(name))


def _encryption(request: Request) -> None:
    if request.tls.policy is not TlsPolicy.OFF:
        return
    if request.target.asks_for_tls:
        words = mark("{given} asks for TLS, but {policy} is off: choose one of the two")
        raise RequestError(words, given=repr(request.target.given), policy=Field("tls.policy"))
    field, stage = _end(request)
    if stage in (Phase.STARTTLS, Phase.TLS):
        words = mark("{field} is {stage}, but {policy} is off: a session without TLS does not get there")
        raise RequestError(words, field=field, stage=stage, policy=Field("tls.policy"))


def _files(options: TlsOptions) -> None:
    """Raises RequestError where a file holds no certificate or key that TLS could use."""
    if options.client_key is not None and options.client_cert is None:
        words = mark("{key} needs {certificate}: a key alone proves nothing")
        raise RequestError(words, key=Field("tls.client_key"), certificate=Field("tls.client_cert"))
    if options.ca_file is not None:
        try:
            certificates.require(options.ca_file)
        except OSError as error:
            raise RequestError("{field} {why}", field=Field("tls.ca_file"), why=words_of(error)) from None
    least, most = options.min_version, options.max_version
    if least is not None and most is not None and least > most:
        words = mark("{least} {first} is newer than {most} {second}: expected a range")
        raise RequestError(
            words, least=Field("tls.min_version"), first=least, most=Field("tls.max_version"), second=most
        )
    if options.ciphers is not None:
        try:
            tls.context(True, msgspec.structs.replace(options, client_cert=None))
        except ValueError as error:
            raise RequestError("{field} {why}", field=Field("tls.ciphers"), why=error) from None
    if options.client_cert is not None:
        try:
            tls.context(True, options)
        except OSError as error:
            alone, with_key = "{field} {why}", "{field} {why} ({key})"
            raise RequestError(
                alone if options.client_key else with_key,
                field=Field("tls.client_cert"),
                why=words_of(error),
                key=Field("tls.client_key"),
            ) from None
