"""The answer: what the run came to, why, what to do about it, and who asked how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.model.login.secret import PasswordRecord, PasswordSource, TokenForm
from smtpprobe.model.report import Report
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Identity, IpSource, Phase, Status, TlsSession, Transcript
from smtpprobe.render.view import bearing, checks, message, recipients
from smtpprobe.render.view.headline import decisive, headline, tried
from smtpprobe.render.view.sections import Answer, ExitView, FindingRow, Note, Said, VerdictView
from smtpprobe.render.view.several import table
from smtpprobe.render.view.verdicts import explains_outcome, in_order, verdicts

MAX_NOTICES = 3
_SOURCES = {
    IpSource.OPTION: mark("given"),
    IpSource.REPLY: mark("from the reply"),
    IpSource.EHLO: mark("from the reply to EHLO"),
    IpSource.SOCKET: mark("of this connection"),
    IpSource.XCLIENT: mark("by XCLIENT"),
    IpSource.PROXY: mark("by the PROXY protocol"),
}

_PASSWORD = mark("password")
_PASSWORDS = {
    PasswordSource.FILE: mark("password from a file"),
    PasswordSource.COMMAND: mark("password from a command"),
    PasswordSource.ENVIRONMENT: mark("password from the environment"),
    PasswordSource.PROMPT: mark("password typed"),
    PasswordSource.NETRC: mark("password from .netrc"),
    PasswordSource.KEYRING: mark("password from the keyring"),
}
_TOKEN = mark("token")
_TOKENS = {
    PasswordSource.FILE: mark("token from a file"),
    PasswordSource.COMMAND: mark("token from a command"),
    PasswordSource.ENVIRONMENT: mark("token from the environment"),
    PasswordSource.PROMPT: mark("token typed"),
    PasswordSource.NETRC: mark("token from .netrc"),
    PasswordSource.KEYRING: mark("token from the keyring"),
}
_FORM = mark("not one that can be used")
_FORMS = {
    TokenForm.JWT: mark("readable (JWT)"),
    TokenForm.JWE: mark("encrypted (JWE), not readable"),
    TokenForm.OPAQUE: mark("opaque, not readable"),
}


def answer(report: Report, verbosity: int) -> Answer:
    """The report's answer. `verbosity` 1: every remedy, finding and reason."""
    accepted = report.outcome.status is Status.ACCEPTED
    rows, more = recipients.table(report, verbosity)
    told = verdicts(report, verbosity)
    in_table = recipients.is_worth_a_table(report)
    head = headline(report, with_reply=not in_table, with_reason=not explains_outcome(report))
    if verbosity < 0 and table.is_wanted(report):
        head = msgspec.structs.replace(head, notes=(*head.notes, table.tally(report)))
    return Answer(
        headline=head,
        notices=_notices(report, verbosity) if accepted else (),
        recipients=rows if in_table else (),
        more_recipients=more if in_table else None,
        # What became of addresses that were tried in vain stands in their steps.
        verdicts=told if verbosity > 0 else () if accepted else _in_brief(report, told) if in_table else told[:1],
        # What else is wrong with our own addresses, or was refused at others, stands in the table of the addresses.
        also=()
        if accepted or ((in_table or table.is_wanted(report)) and verbosity <= 0)
        else (*_others(told, verbosity), *bearing.also(report, verbosity)),
        notes=_notes(report),
        message=message.sent(report, decisive(report)),
        who=tuple(_who(report)),
        clean=bearing.clean(report) if accepted or verbosity > 0 or not table.is_wanted(report) else None,
        exit=ExitView(report.outcome.exit_code, report.outcome.exit_reason),
    )


def _in_brief(report: Report, views: Sequence[VerdictView]) -> tuple[VerdictView, ...]:
    """Below the table of recipients: why and the first thing to do for the first that it tells whole."""
    ours = zip(in_order(report), views, strict=True)
    by_exchange = {each.exchange: view for each, view in ours if view.recipient is not None}
    return tuple(
        msgspec.structs.replace(
            each,
            command=None,
            reply=(),
            why=f"{each.recipient}: {each.why}",
            tag=None,
            sureness=None,
            reasons=(),
            others=(),
            remedies=each.remedies[:1],
            retry=None,
            unknown=(),
        )
        for exchange in recipients.explained(report)
        if (each := by_exchange.get(exchange)) is not None
    )


def _others(told: Sequence[VerdictView], verbosity: int) -> Iterator[str]:
    """What else was refused for another reason; recipients stand in their own table."""
    for each in told[1:] if verbosity <= 0 else ():
        if each.command and not each.command.upper().startswith("RCPT ") and each.tag != told[0].tag:
            yield f"{each.command}: {each.why}"


def _notices(report: Report, verbosity: int) -> tuple[FindingRow, ...]:
    found = bearing.findings(report)
    shown = found if verbosity > 0 else found[:MAX_NOTICES]
    return checks.finding_rows(each for _, each in shown)


def _who(report: Report) -> Iterator[str]:
    """Who asked and how: user, mechanism, TLS, HELO name, client IP, and where each came from."""
    transcript = decisive(report)
    if transcript is None or not transcript.exchanges:
        return
    if report.request.user:
        yield _login(report, transcript)
        if report.request.password is not None and report.outcome.status is Status.AUTH_REFUSED:
            yield _password(report.request.password)
        if report.request.token is not None and report.outcome.status is Status.AUTH_REFUSED:
            yield _token(report)
    tls = next((x.tls for x in reversed(transcript.exchanges) if x.tls is not None), None)
    if tls is not None:
        yield _channel(tls)
    elif Phase.MAIL in tried(report) or Phase.EHLO in tried(report):
        yield say("without TLS")
    helo = report.envelope.helo
    if report.request.wants_several and transcript.identity is not None:
        helo = report.envelope.as_used(transcript.identity.helo).helo
    if helo.value and Phase.EHLO in tried(report):
        yield say(mark("HELO {name} (assumed)") if helo.assumed else mark("HELO {name} (given)"), name=helo.value)
    if transcript.identity is not None:
        yield _client(transcript.identity)


def _login(report: Report, transcript: Transcript) -> str:
    attempts = [x for x in transcript.exchanges if x.phase is Phase.AUTH and x.sent and x.sent.startswith("AUTH ")]
    mechanism = attempts[0].sent.split()[1] if attempts and attempts[0].sent else None
    if mechanism is None:
        return say("user {user}, not logged in", user=report.request.user)
    offered = next((line.split()[1:] for line in transcript.extensions if line.upper().startswith("AUTH ")), [])
    others = [each for each in offered if each.upper() != mechanism.upper()]
    told = report.request.quit_after is Phase.AUTH  # what is offered stands under the headline
    also = (say("also offered: {others}", others=", ".join(others)),) if others and not told else ()
    text = say("user {user} by AUTH {mechanism}", user=report.request.user, mechanism=mechanism)
    source = say("given") if report.request.mech is not None else say("chosen")
    return f"{text} ({'; '.join((source, *also))})"


def _password(record: PasswordRecord) -> str:
    """How a password that was refused came in, and what of it is easily overlooked."""
    source = say(_PASSWORDS.get(record.source, _PASSWORD))
    kind = say(mark("all ASCII") if record.ascii else mark("not all ASCII"))
    ends = say(mark("leading or trailing space") if record.blank_at_end else mark("no leading or trailing space"))
    variable = say(", of the form of a variable ($NAME)") if record.names_variable else ""
    quoted = say(", in quotation marks") if record.quoted else ""
    return f"{source}: {kind}, {ends}{quoted}{variable}"


def _token(report: Report) -> str:
    """How a token that was refused came in, and what can be read of it."""
    record = report.request.token
    assert record is not None
    source, form = say(_TOKENS.get(record.source, _TOKEN)), say(_FORMS.get(record.form, _FORM))
    if record.expires_at is None:
        return f"{source}: {form}"
    until = record.expires_at.strftime("%Y-%m-%d %H:%M")
    is_past = record.expires_at <= report.started_at
    words = (
        mark("{source}: {form}, expired {until} UTC") if is_past else mark("{source}: {form}, valid until {until} UTC")
    )
    return say(words, source=source, form=form, until=until)


def _channel(tls: TlsSession) -> str:
    trust = mark("certificate verified") if tls.verified else mark("certificate not verified")
    return f"{(tls.version or 'TLS').replace('TLSv', 'TLS ')}, {say(trust)}"


def _client(identity: Identity) -> str:
    if identity.client_ip is None:
        return say("client IP not known")
    source = say(_SOURCES.get(identity.client_ip_source, identity.client_ip_source))
    return say("client IP {ip} ({source})", ip=identity.client_ip, source=source)


def _notes(report: Report) -> tuple[Note, ...]:
    """What was assumed, and what a reader could take for more than it is."""
    made: list[Note] = []
    phases = tried(report)
    accepted = report.outcome.status is Status.ACCEPTED
    assumed = _assumed(report)
    if assumed and phases:
        text = say("assumed: {paths}", paths=", ".join(assumed))
        if accepted:
            text += say("; such paths are often exempt from policy: this proves little for your own mail")
        made.append(Note(Said(text)))
    stopped = report.request.ends_after not in (None, Phase.RCPT)
    if phases and not report.envelope.forward_paths and not stopped and accepted:
        text = say("RCPT was not tried: neither a forward-path nor an address as the target was given")
        made.append(Note(Said(text, "rcpt_to")))
    of_the_client = bearing.is_of_the_client(report)
    for transcript in report.transcripts:
        identity = transcript.identity
        if identity is not None and of_the_client:
            made += [Note(Said(warning, identity.needs), warns=True) for warning in identity.warnings]
    return tuple(dict.fromkeys(made))


def _assumed(report: Report) -> list[str]:
    """The paths of ours that went out."""
    envelope, phases = report.envelope, tried(report)
    paths = []
    if envelope.reverse_path and envelope.reverse_path.assumed and Phase.MAIL in phases:
        paths.append(f"MAIL FROM <{envelope.reverse_path.value}>")
    return paths + [
        f"RCPT TO <{path.value}>" for path in envelope.forward_paths if path.assumed and Phase.RCPT in phases
    ]
