"""The DKIM signatures of a message, verified (RFC 6376 §6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from smtpprobe.mailauth.characters import visible_part
from smtpprobe.mailauth.dkim.beside_key import as_key, by_use
from smtpprobe.mailauth.dkim.explain import Explainer
from smtpprobe.mailauth.dkim.key import MIN_KEY_BITS, KeyRecord, key_question, key_records
from smtpprobe.mailauth.dkim.mathematics import signed_digest, verifies
from smtpprobe.mailauth.dkim.message import CanonicalBodies, HeaderFields, Message, split
from smtpprobe.mailauth.dkim.signature import ALGORITHMS, SignatureTags, read_signature
from smtpprobe.mailauth.dns.final_dot import final_dot_hint
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dkim import TLS_REPORTS, DkimSignature, KeyStatus, is_for_mail
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.words import AuthResult

# RFC 6376 §6.1 lets a verifier limit how many signatures it looks at.
MAX_SIGNATURES = 50
_DIGESTS: dict[str, Callable[[bytes], Any]] = {
    "sha1": partial(hashlib.sha1, usedforsecurity=False),
    "sha256": hashlib.sha256,
}


async def verify(
    resolver: Resolver, message: bytes, *, now: datetime, min_key_bits: int = MIN_KEY_BITS, explain: bool = False
) -> tuple[DkimSignature, ...]:
    """Every DKIM-Signature of the message verified as of `now`, from the top down; keys are fetched at the same time.

    Signatures that no verifier accepts although their mathematics holds (rsa-sha1, short keys, past x=) are `policy`.
    `explain`: of those that fail, what was changed is looked for.
    """
    parts = split(message)
    positions = [position for position, field in enumerate(parts.fields) if field.name == b"dkim-signature"]
    # One more than is verified stands for all that are not.
    signatures = [
        (position, read_signature(parts.fields[position].value, now)) for position in positions[: MAX_SIGNATURES + 1]
    ]
    for _, read in signatures[:MAX_SIGNATURES]:
        question = None if read.problem else key_question(read.selector or "", read.domain or "")
        if question is not None:
            resolver.ahead(resolver.lookup(question))
    work = _Verification(resolver, parts, min_key_bits, explain)
    judged = [await work.judge(position, read) for position, read in signatures[:MAX_SIGNATURES]]
    if len(signatures) <= MAX_SIGNATURES:
        return tuple(judged)
    ignored = say(
        "only the first {max_signatures} of {count} signatures are looked at",
        max_signatures=MAX_SIGNATURES,
        count=format(len(positions), ","),
    )
    return (*judged, _signature(signatures[-1][1], AuthResult.POLICY, ignored))


async def verify_once(
    resolver: Resolver, message: bytes, *, now: datetime, min_key_bits: int = MIN_KEY_BITS
) -> tuple[DkimSignature, ...]:
    """As `verify` with `explain`, done once a run however many ask."""
    return await resolver.once(
        ("dkim", message, now, min_key_bits),
        lambda: verify(resolver, message, now=now, min_key_bits=min_key_bits, explain=True),
    )


class _Verification:
    """The signatures of one message. Bodies are hashed once for each way of hashing."""

    def __init__(self, resolver: Resolver, parts: Message, min_key_bits: int, explain: bool) -> None:
        self._resolver = resolver
        self._parts = parts
        self._fields = HeaderFields(parts.fields)
        self._min_key_bits = min_key_bits
        self._bodies = CanonicalBodies(parts.body)
        self._explainer = Explainer(parts, self._fields, self._bodies) if explain else None

    async def judge(self, position: int, read: SignatureTags) -> DkimSignature:
        if read.problem:
            return _signature(read, AuthResult.PERMERROR, read.problem)
        question = key_question(read.selector or "", read.domain or "")
        if question is None:
            return _signature(read, AuthResult.PERMERROR, say("no key: the name it would have cannot exist in DNS"))
        body_ok, unsigned = self._body_hash(read)
        found = await self._resolver.lookup(question)
        base = _signature(
            read, AuthResult.NONE, None, body_hash_ok=body_ok, unsigned_octets=unsigned, lookups=(found.index,)
        )
        if found.failed:
            return _with(
                base, AuthResult.TEMPERROR, say("key unavailable: {failure_text}", failure_text=found.failure_text)
            )
        records = key_records(found, self._min_key_bits)
        if not records:
            return _with(
                base,
                AuthResult.PERMERROR,
                say(
                    "no key for signature: {absence}",
                    absence=found.void_text(question.name) + final_dot_hint(found),
                ),
            )
        return self._with_keys(base, read, position, records)

    def _with_keys(
        self, base: DkimSignature, read: SignatureTags, position: int, records: list[KeyRecord]
    ) -> DkimSignature:
        assert read.algorithm is not None
        octets = self._fields.signed_octets(position, read.signed_names, read.header_canonicalization)
        tried = []
        # RFC 6376 §6.1.2: with several key records a verifier may go through them.
        for record in by_use(records):
            problem = _key_problem(record, read)
            holds = verifies(record, read, octets) if record.octets else None
            # Of several keys that none holds with, the one that made the signature shows what was changed.
            is_maker = len(records) > 1 and not holds and problem is None and signed_digest(record, read) is not None
            tried.append((problem is not None, not holds, not is_maker, record, problem, holds))
            if holds and not problem:
                break
        *_, record, problem, holds = min(tried, key=lambda attempt: attempt[:3])
        length = len(self._bodies.by(read.body_canonicalization))
        result, reason = (AuthResult.PERMERROR, problem) if problem else _verdict(base, holds, read, record, length)
        verified = msgspec.structs.replace(
            base,
            result=result,
            reason=reason,
            signature_ok=holds,
            key_bits=record.key_bits,
            testing="y" in record.flags,
            key_record=record.text if len(records) > 1 else None,
        )
        if verified.result is AuthResult.FAIL and self._explainer is not None:
            return self._explainer.explained(verified, read, position, record)
        return verified

    def _body_hash(self, read: SignatureTags) -> tuple[bool, int]:
        """Whether bh= is the hash of the body, and how many octets of the canonical body l= leaves unsigned."""
        body = self._bodies.by(read.body_canonicalization)
        unsigned = 0
        if read.body_length is not None:
            # RFC 6376 §3.5: l= must not be larger than the body.
            if read.body_length > len(body):
                return False, 0
            unsigned = len(body) - read.body_length
            body = body[: read.body_length]
        digest = _DIGESTS[ALGORITHMS[read.algorithm or ""][1]]
        return digest(body).digest() == read.body_hash, unsigned


def _key_problem(record: KeyRecord, read: SignatureTags) -> str | None:
    """Why the key cannot serve this signature (RFC 6376 §6.1.2); None where it can."""
    key_type, hash_name = ALGORITHMS[read.algorithm or ""]
    if record.status is KeyStatus.REVOKED:
        return say("key revoked")
    if record.status is KeyStatus.BROKEN:
        return say("key syntax error: {problem}", problem=as_key(record).problem)
    if record.key_type != key_type:
        return say(
            "inappropriate key algorithm: the key is {key_type}, the signature {algorithm}",
            key_type=visible_part(record.key_type or "", 40),
            algorithm=read.algorithm,
        )
    # RFC 6376 §3.6.1: h= lists the acceptable hashes; absent, all are.
    if record.hashes and hash_name not in record.hashes:
        return say(
            "inappropriate hash algorithm: the key allows only {hashes}",
            hashes=visible_part(":".join(record.hashes), 40),
        )
    if not is_for_mail(record.services):
        words = mark("key not for email: s={services}")
        if record.services == (TLS_REPORTS,):
            words = mark("key not for email: s={services}, which is for TLS reports alone (RFC 8460 §3)")
        return say(words, services=visible_part(":".join(record.services), 40))
    # RFC 6376 §3.6.1: with t=s the domain of i= is that of d=, not below it.
    if "s" in record.flags and read.identity_domain != read.domain:
        return say(
            "the key has t=s, so i= must be at {domain} itself, not at {identity_domain}",
            domain=read.domain,
            identity_domain=read.identity_domain,
        )
    return None


def _body_fault(base: DkimSignature, holds: bool | None, read: SignatureTags, length: int) -> str:
    """Why the body hash is wrong; `length` is the canonical body's. What was changed is known where that is undone."""
    if read.body_length is not None and read.body_length > length:
        return say_counted(
            "body hash did not verify: l={signed}, but the body has {count} octet: it was cut, or l= is wrong",
            "body hash did not verify: l={signed}, but the body has {count} octets: it was cut, or l= is wrong",
            length,
            signed=read.body_length,
        )
    if read.body_length is not None and not base.unsigned_octets:
        return say_counted(
            "body hash did not verify: l={count} octet was signed",
            "body hash did not verify: l={count} octets were signed",
            read.body_length,
        )
    if holds:
        return say("body hash did not verify: the body was changed after signing, or hashed otherwise than c= says")
    return say("body hash did not verify: the body or bh= was changed after signing")


def _verdict(
    base: DkimSignature, holds: bool | None, read: SignatureTags, record: KeyRecord, length: int
) -> tuple[AuthResult, str | None]:
    """The result and its reason, where the key may serve the signature."""
    if not base.body_hash_ok:
        return AuthResult.FAIL, _body_fault(base, holds, read, length)
    if holds is False:
        return AuthResult.FAIL, say(
            "signature did not verify: a signed header field was changed, or another key signed"
        )
    policy = read.policy or (record.problem if record.status is KeyStatus.WEAK else None)
    if policy:
        return AuthResult.POLICY, policy
    if holds is None:
        return AuthResult.PERMERROR, say("this system cannot verify signatures of this kind")
    if not base.unsigned_octets:
        return AuthResult.PASS, None
    return AuthResult.PASS, say_counted(
        "l={signed}: the last octet of the body is not signed",
        "l={signed}: the last {count} octets of the body are not signed",
        base.unsigned_octets,
        signed=read.body_length,
    )


def _with(signature: DkimSignature, result: AuthResult, reason: str | None) -> DkimSignature:
    return msgspec.structs.replace(signature, result=result, reason=reason)


def _signature(read: SignatureTags, result: AuthResult, reason: str | None, **known: Any) -> DkimSignature:
    return DkimSignature(
        domain=read.domain,
        selector=read.selector,
        result=result,
        reason=reason,
        algorithm=read.algorithm,
        identity=read.identity,
        signed_at=read.signed_at,
        expires_at=read.expires_at,
        headers=read.headers,
        canonicalization=f"{read.header_canonicalization}/{read.body_canonicalization}",
        body_length=read.body_length,
        **known,
    )
