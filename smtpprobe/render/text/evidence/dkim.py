"""What DKIM found out, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.model.evidence.dkim import DkimEvidence, DkimSignature, KeyOrigin, KeyStatus, NameServerAnswers
from smtpprobe.render.text.page import NO_HINTS, hint

Row = tuple[str, str | None]
RESULT_STYLES = {"pass": "green", "fail": "red", "permerror": "red", "softfail": "yellow", "temperror": "yellow"}


def rows(evidence: DkimEvidence, full: bool, stated: frozenset[str], hints: Mapping[str, str] = NO_HINTS) -> list[Row]:
    """Signatures, keys and domains without one; `stated` are the subjects whose problem the page states elsewhere."""
    found: list[Row] = []
    for signature in evidence.signatures:
        found += _dkim_signature(signature)
    for key in evidence.keys:
        if key.status is KeyStatus.MISSING and key.origin is KeyOrigin.GUESSED and not full:
            continue
        size = f", {key.key_type} {key.key_bits or ''}".rstrip() if key.key_type else ""
        name = f"{key.selector}._domainkey.{key.domain}"
        problem = f", {key.problem}" if key.problem and name not in stated else ""
        found.append((f"key {name}: {key.status}{size}{problem}", None))
        if key.servers is not None:
            found += name_servers(key.servers, full)
    for domain in evidence.domains:
        if any(key.domain == domain.domain for key in evidence.keys) or (evidence.signatures and not domain.guessed):
            continue
        tried = ", ".join(domain.tried) if full else f"{len(domain.tried)}"
        others = "" if full else f"; others have to be named{hint(hints, 'dkim_selectors')}"
        seen = f", guessed from {', '.join(domain.providers)} too" if domain.providers else ""
        found.append((f"{domain.domain}: no key found at the selectors tried ({tried}){seen}{others}", "dim"))
    if not found:
        found.append((f"{evidence.domain}: no key found at the selectors tried ({', '.join(evidence.tried)})", "dim"))
    return found


def _dkim_signature(signature: DkimSignature) -> list[Row]:
    """The result, and of a failure which part of the signature is wrong and what makes it right."""
    text = f"signature of {signature.domain} (selector {signature.selector}): {signature.result}"
    style = RESULT_STYLES.get(signature.result)
    if signature.result != "fail":
        return [(f"{text}, {signature.reason}" if signature.reason else text, style)]
    words = {True: "right", False: "wrong", None: "not verified"}
    split = f"body hash {words[signature.body_hash_ok]}, header signature {words[signature.signature_ok]}"
    if signature.signed_by_key is not None:
        split += f", made with {'this' if signature.signed_by_key else 'another'} key"
    rows: list[Row] = [(f"{text}: {split}", style)]
    rows += [(f"  {restoration.statement}", "bold") for restoration in signature.restored_by]
    rows += [(f"  {suspect}", None) for suspect in signature.suspects]
    return rows


def name_servers(servers: NameServerAnswers, full: bool) -> list[Row]:
    """What every name server answered; one row where they agree."""
    silent = ("servfail", "refused", "timeout")
    rows: list[Row] = []
    if not servers.differ and not full:
        heard = [answer for answer in servers.answers if answer.status not in silent]
        names = ", ".join(dict.fromkeys(answer.server for answer in heard))
        rows.append((f"  the same at {len(heard)} of {len(servers.answers)} addresses of name servers: {names}", None))
    for answer in servers.answers:
        if servers.differ or full or answer.status in silent:
            said = " and ".join(answer.records) or (f"CNAME {answer.cname}" if answer.cname else answer.status)
            style = "yellow" if answer.status in silent else None
            rows.append((f"  {answer.server} [{answer.address}] {answer.name}: {said}", style))
    if servers.problem:
        rows.append((f"  {servers.problem}", "yellow"))
    return rows
