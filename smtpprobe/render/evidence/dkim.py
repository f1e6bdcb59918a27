"""What DKIM came to, as rows: each signature, each key, and where no key was found."""

from __future__ import annotations

from smtpprobe.model.evidence.dkim import DkimDomain, DkimEvidence, DkimKey, DkimSignature, KeyOrigin, KeyStatus
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import name_servers
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone


def rows(evidence: DkimEvidence, detail: Detail) -> list[Row]:
    """Signatures first; keys that were guessed in vain only with `full`."""
    made = [row for signature in evidence.signatures for row in _signature(signature)]
    for key in evidence.keys:
        if detail.full or key.status is not KeyStatus.MISSING or key.origin is not KeyOrigin.GUESSED:
            made += _key(key, detail)
    with_key = {key.domain for key in evidence.keys}
    for domain in evidence.domains:
        if domain.domain not in with_key and (domain.guessed or not evidence.signatures):
            made.append(_without_key(domain, detail))
    if not made:
        tried = f" ({', '.join(evidence.tried)})" if evidence.tried else ""
        text = f"{evidence.domain or 'no domain'}: none of the selectors tried has a key{tried}"
        made.append(Row(text=text, tone=Tone.FAINT))
    return made


def summary(evidence: DkimEvidence) -> str:
    """Signatures and keys with their results, on one line."""
    parts = [
        f"{each.domain or 'no domain'} {each.selector or 'no selector'} {each.result}" for each in evidence.signatures
    ]
    parts += [f"key {each.selector} {each.status}" for each in evidence.keys if each.status is not KeyStatus.MISSING]
    return "; ".join(parts) or "no key found"


def _signature(signature: DkimSignature) -> list[Row]:
    """The result, and of a failure which part of the signature is wrong and what makes it right."""
    whose = signature.domain or "no domain"
    text = f"signature of {whose} (selector {signature.selector or 'missing'}): {signature.result}"
    tone = result_tone(signature.result)
    if signature.result is not AuthResult.FAIL:
        return [Row(text=f"{text}, {signature.reason}" if signature.reason else text, tone=tone)]
    words = {True: "right", False: "wrong", None: "not verified"}
    split = f"body hash {words[signature.body_hash_ok]}, header signature {words[signature.signature_ok]}"
    if signature.signed_by_key is not None:
        split += f", made with {'this' if signature.signed_by_key else 'another'} key"
    return [
        Row(text=f"{text}: {split}", tone=tone),
        *(Row(text=restoration.statement, tone=Tone.STRONG, level=1) for restoration in signature.restored_by),
        *(Row(text=suspect, level=1) for suspect in signature.suspects),
    ]


def _key(key: DkimKey, detail: Detail) -> list[Row]:
    name = f"{key.selector}._domainkey.{key.domain}"
    size = f", {key.key_type} {key.key_bits or ''}".rstrip() if key.key_type else ""
    problem = f", {key.problem}" if key.problem and not detail.states_problem(name) else ""
    answers = name_servers.rows(key.servers, full=detail.full) if key.servers is not None else []
    return [Row(text=f"key {name}: {key.status}{size}{problem}"), *answers]


def _without_key(domain: DkimDomain, detail: Detail) -> Row:
    tried = f"the selectors tried has a key ({', '.join(domain.tried)})"
    if not detail.full:
        tried = f"{len(domain.tried)} common selectors has a key"
    seen = f", guessed from {', '.join(domain.providers)} too" if domain.providers else ""
    text = f"{domain.domain}: none of {tried}{seen}"
    return Row(text=text, tone=Tone.FAINT, needs=None if detail.full else "dkim_selectors")
