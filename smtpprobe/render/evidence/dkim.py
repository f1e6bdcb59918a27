"""What DKIM came to, as rows: each signature, each key, and where no key was found."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.mailauth.characters import visible_part
from smtpprobe.mailauth.dkim.selectors import none_answered
from smtpprobe.model.evidence.dkim import (
    FROM,
    TLS_REPORTS,
    DkimDomain,
    DkimEvidence,
    DkimKey,
    DkimSignature,
    FromFault,
    KeyOrigin,
    KeyStatus,
    is_for_mail,
)
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import name_servers
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone


def rows(evidence: DkimEvidence, detail: Detail) -> list[Row]:
    """Signatures first; keys that were guessed in vain only with `full`."""
    problems = evidence.author.problems if evidence.author else ()
    made = [row for signature in evidence.signatures for row in _signature(signature, _doubt(evidence))]
    if not detail.states_problem(FROM):
        made += [Row(text=problem.statement, tone=Tone.CAUTION) for problem in problems]
    for key in evidence.keys:
        if detail.full or key.status is not KeyStatus.MISSING or key.origin is not KeyOrigin.GUESSED or key.cname:
            made += _key(key, detail)
    with_key = {
        key.domain
        for key in evidence.keys
        if key.origin is not KeyOrigin.GUESSED or key.status is not KeyStatus.MISSING
    }
    for domain in evidence.domains:
        if domain.guessed and domain.domain in with_key and detail.full:
            made.append(_guessed(domain, evidence))
        if domain.domain not in with_key and (domain.guessed or not evidence.signatures):
            made.append(_without_key(domain, detail))
    if not made:
        tried = f" ({', '.join(evidence.tried)})" if evidence.tried else ""
        text = say(
            "{domain}: none of the selectors tried has a key{tried}",
            domain=evidence.domain or say("no domain"),
            tried=tried,
        )
        made.append(Row(text=text, tone=Tone.FAINT))
    return made


def summary(evidence: DkimEvidence) -> str:
    """Signatures and keys with their results, and what is wrong with From, on one line."""
    no_domain, no_selector = say("no domain"), say("no selector")
    parts = [f"{each.domain or no_domain} {each.selector or no_selector} {each.result}" for each in evidence.signatures]
    parts += [
        say("key {selector} {status}", selector=each.selector, status=status_words(each.status))
        for each in evidence.keys
        if each.status is not KeyStatus.MISSING
    ]
    parts += [none_answered(each.unanswered_because) for each in evidence.domains if each.nothing_answered]
    if evidence.author is not None:
        parts += [say("{count} {name} fields", count=field.count, name=field.name) for field in evidence.repeated]
        parts += [f"From: {problem.fault.replace('-', ' ')}" for problem in evidence.author.problems]
    return "; ".join(parts) or say("no key found")


def _doubt(evidence: DkimEvidence) -> str | None:
    """Why a pass is no good news: a header field that is not as it should be, or that deceives."""
    faults = [problem.fault for problem in evidence.author.problems] if evidence.author else []
    wrong = "From" if not all(fault.is_well_formed for fault in faults) else None
    wrong = wrong or next((field.name for field in evidence.repeated), None)
    if wrong:
        return say("of a message whose {field} field is not as it should be", field=wrong)
    deceives = FromFault.OTHER_ADDRESS in faults
    return say("of a message whose From field shows its readers another address") if deceives else None


def _signature(signature: DkimSignature, doubt: str | None) -> list[Row]:
    """The result, and of a failure which part of the signature is wrong and what makes it right.

    `doubt` says why a pass is no good news.
    """
    whose = signature.domain or say("no domain")
    text = say(
        "signature of {whose} (selector {selector}): {result}",
        whose=whose,
        selector=signature.selector or say("missing"),
        result=signature.result,
    )
    tone = result_tone(signature.result)
    if doubt and signature.result is AuthResult.PASS:
        return [Row(text=f"{text}, {doubt}", tone=Tone.CAUTION)]
    if signature.result is not AuthResult.FAIL:
        return [Row(text=f"{text}, {signature.reason}" if signature.reason else text, tone=tone)]
    words = {True: say("right"), False: say("wrong"), None: say("not verified")}
    split = say(
        "body hash {body}, header signature {header}",
        body=words[signature.body_hash_ok],
        header=words[signature.signature_ok],
    )
    if signature.signed_by_key is not None:
        other = mark(", does not fit the key: b= was changed, or another key made it")
        split += say(mark(", made with this key") if signature.signed_by_key else other)
    return [
        Row(text=f"{text}: {split}", tone=tone),
        *(Row(text=restoration.statement, tone=Tone.STRONG, level=1) for restoration in signature.restored_by),
        *(Row(text=suspect, level=1) for suspect in signature.suspects),
    ]


def _key(key: DkimKey, detail: Detail) -> list[Row]:
    name = f"{key.selector}._domainkey.{key.domain}"
    size = f", {visible_part(key.key_type, 40)} {key.key_bits or ''}".rstrip() if key.key_type else ""
    problem = f", {key.problem}" if key.problem and not detail.states_problem(name) else ""
    answers = name_servers.rows(key.servers, full=detail.full) if key.servers is not None else []
    alias = say(" (CNAME to {cname})", cname=key.cname) if key.cname else ""
    if key.given_as is not None:
        alias += say(" (given as {name}: its selector was taken)", name=key.given_as)
    size += f", {key.provider}" if key.provider else ""
    size += say(", for testing (t=y)") if "y" in key.flags else ""
    size += "".join(f", {limit}" for limit in _limits(key))
    meant = [Row(text=say("written right: {record}", record=key.meant), level=1)] if key.meant is not None else []
    return [
        Row(
            text=say(
                "key {name}{alias}: {status}{size}{problem}",
                name=name,
                alias=alias,
                status=status_words(key.status),
                size=size,
                problem=problem,
            )
        ),
        *meant,
        *answers,
    ]


def _limits(key: DkimKey) -> Iterator[str]:
    """What the record keeps the key from: RFC 6376 §3.6.1 has three tags for it."""
    if "s" in key.flags:
        yield say("only for i= in the same domain as d= (t=s)")
    if key.hashes:
        yield say("only for these hashes (h={hashes})", hashes=visible_part(":".join(key.hashes), 40))
    if TLS_REPORTS in key.services and not is_for_mail(key.services):
        yield say("only for TLS reports (s={services}, RFC 8460 §3)", services=visible_part(":".join(key.services), 40))
    elif key.services and "*" not in key.services:
        yield say("only for these services (s={services})", services=visible_part(":".join(key.services), 40))


def _guessed(domain: DkimDomain, evidence: DkimEvidence) -> Row:
    """How many selectors were tried, and which mail services the domain shows: there may be keys beside these."""
    own = [key for key in evidence.keys if key.domain == domain.domain]
    if any(key.selector == "*" for key in own):
        text = say(
            "{domain}: a wildcard record answers for the selectors tried; others cannot be listed", domain=domain.domain
        )
    else:
        words = mark("{domain}: {count} of {tried} selectors tried have a key; others cannot be listed")
        if domain.unanswered:
            words = mark(
                "{domain}: {count} of {tried} selectors tried have a key, {unanswered} could not be looked up; "
                "others cannot be listed"
            )
        text = say(
            words,
            domain=domain.domain,
            unanswered=len(domain.unanswered),
            count=sum(key.status is not KeyStatus.MISSING for key in own),
            tried=len(domain.tried),
        )
    if domain.providers:
        text += say("; its MX or SPF records show {providers}", providers=", ".join(domain.providers))
    if domain.unguessable:
        text += say("; selectors that cannot be guessed: {unguessable}", unguessable="; ".join(domain.unguessable))
    return Row(text=text, tone=Tone.FAINT)


def _without_key(domain: DkimDomain, detail: Detail) -> Row:
    if domain.nothing_answered:
        why = "" if detail.states_problem(domain.domain) else f", {none_answered(domain.unanswered_because)}"
        return Row(text=f"{domain.domain}: {status_words(KeyStatus.TEMPERROR)}{why}", tone=Tone.CAUTION)
    answered = [selector for selector in domain.tried if selector not in domain.unanswered] or domain.tried
    if detail.full:
        tried = ", ".join(answered)
        text = say("{domain}: none of the selectors tried has a key ({tried})", domain=domain.domain, tried=tried)
    else:
        text = say_counted(
            "{domain}: the {count} selector tried has no key",
            "{domain}: none of {count} common selectors has a key",
            len(answered),
            domain=domain.domain,
        )
    seen = say(", guessed from {providers} too", providers=", ".join(domain.providers)) if domain.providers else ""
    return Row(text=text + seen, tone=Tone.FAINT, needs=None if detail.full else "dkim_selectors")
