"""The DKIM signatures of a message, verified (RFC 6376 §6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smtpprobe.mailauth.dkim.beside_key import as_key
from smtpprobe.mailauth.dkim.key import MIN_KEY_BITS, KeyRecord, key_question, key_records, public_key
from smtpprobe.mailauth.dkim.message import Message, canonical_body, signed_octets, split
from smtpprobe.mailauth.dkim.restore import body as body_restoring
from smtpprobe.mailauth.dkim.restore import header as header_restoring
from smtpprobe.mailauth.dkim.restore.work import CANONICALIZATION, Budget, Wanted
from smtpprobe.mailauth.dkim.signature import ALGORITHMS, SignatureTags, read_signature
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dkim import DkimRestoration, DkimSignature, KeyStatus
from smtpprobe.model.quoting import printable
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.words import AuthResult

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

# RFC 6376 §6.1 lets a verifier limit how many signatures it looks at.
MAX_SIGNATURES = 50
MAX_TRIALS = 6000  # of changed headers, for all signatures of one message together


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
    ignored = say(
        "only the first {max_signatures} of {count} signatures are looked at",
        max_signatures=MAX_SIGNATURES,
        count=format(len(positions), ","),
    )
    return (*judged, *(_signature(read, AuthResult.POLICY, ignored) for _, read in signatures[MAX_SIGNATURES:]))


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
        self._min_key_bits = min_key_bits
        self._bodies: dict[str, bytes] = {}
        self._explain = explain
        self._budget = Budget()
        self._trials = MAX_TRIALS

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
                say("no key for signature: {absence}", absence=found.void_text(question.name)),
            )
        return self._with_keys(base, read, position, records)

    def _with_keys(
        self, base: DkimSignature, read: SignatureTags, position: int, records: list[KeyRecord]
    ) -> DkimSignature:
        assert read.algorithm is not None
        octets = signed_octets(
            self._parts.fields, position, (name.encode() for name in read.headers), read.header_canonicalization
        )
        tried = []
        # RFC 6376 §6.1.2: with several key records a verifier may go through them.
        for record in records:
            problem = _key_problem(record, read)
            holds = _holds(record, read, octets) if record.octets else None
            tried.append((problem is not None, not holds, record, problem, holds))
            if holds and not problem:
                break
        _, _, record, problem, holds = min(tried, key=lambda attempt: attempt[:2])
        result, reason = (AuthResult.PERMERROR, problem) if problem else _verdict(base, holds, read, record)
        judged = msgspec.structs.replace(
            base,
            result=result,
            reason=reason,
            signature_ok=holds,
            key_bits=record.key_bits,
            testing="y" in record.flags,
        )
        if result is AuthResult.FAIL and self._explain:
            return self._explained(judged, read, position, record)
        return judged

    def _explained(self, failed: DkimSignature, read: SignatureTags, position: int, record: KeyRecord) -> DkimSignature:
        """The failed signature with the rewrites that restore it, or else with what looks changed."""
        restored: list[DkimRestoration] = []
        suspected: list[str] = []
        if not failed.body_hash_ok:
            body = self._restored_body(read)
            restored += [body] if body else []
            suspected += [] if body else body_restoring.suspects(self._parts.body)
        digest, signed_by_key = None, None
        if failed.signature_ok is False:
            if record.key_type == "rsa":
                digest = _signed_digest(record, read)
                signed_by_key = digest is not None
            if signed_by_key is not False:
                header = self._restored_header(read, position, record, digest)
                restored += [header] if header else []
                suspected += [] if header else header_restoring.suspects(self._parts, position, read)
        reason = failed.reason
        if signed_by_key is False and failed.body_hash_ok:
            reason = say(
                "signature did not verify: it was not made with the private key of this record, or b= was changed"
            )
        elif signed_by_key and failed.body_hash_ok:
            reason = say("signature did not verify: the key is the right one, a signed header field was changed")
        if any(restoration.rewrite == CANONICALIZATION for restoration in restored):
            part = "signature" if failed.body_hash_ok else say("body hash")
            reason = say("{part} did not verify: what was signed is not the canonical form of what arrived", part=part)
        return msgspec.structs.replace(
            failed, reason=reason, restored_by=tuple(restored), suspects=tuple(suspected), signed_by_key=signed_by_key
        )

    def _restored_body(self, read: SignatureTags) -> DkimRestoration | None:
        hash_name = ALGORITHMS[read.algorithm or ""][1]
        wanted = Wanted(read.body_canonicalization, read.body_length, hash_name, read.body_hash)
        encodings = [field.value for field in self._parts.fields if field.name == b"content-transfer-encoding"]
        encoding = encodings[-1].strip().lower().decode("ascii", "replace") if encodings else ""
        return body_restoring.restore(self._parts.body, wanted, self._budget, encoding)

    def _restored_header(
        self, read: SignatureTags, position: int, record: KeyRecord, digest: bytes | None
    ) -> DkimRestoration | None:
        hash_name = ALGORITHMS[read.algorithm or ""][1]
        # What Ed25519 signed cannot be read back from the signature, so that each trial is a verification.
        cost = 1 if digest is not None else 10

        def matches(octets: bytes) -> bool:
            self._trials -= cost
            if digest is not None:
                return hashlib.new(hash_name, octets, usedforsecurity=False).digest() == digest
            return _holds(record, read, octets) is True

        return header_restoring.restore(self._parts, position, read, matches, max(self._trials // cost, 0))

    def _body_hash(self, read: SignatureTags) -> tuple[bool, int]:
        """Whether bh= is the hash of the body, and how many octets of the canonical body l= leaves unsigned."""
        canonicalization = read.body_canonicalization
        body = self._bodies.get(canonicalization)
        if body is None:
            body = self._bodies[canonicalization] = canonical_body(self._parts.body, canonicalization)
        unsigned = 0
        if read.body_length is not None:
            # RFC 6376 §3.5: l= must not be larger than the body.
            if read.body_length > len(body):
                return False, 0
            unsigned = len(body) - read.body_length
            body = body[: read.body_length]
        hash_name = ALGORITHMS[read.algorithm or ""][1]
        return hashlib.new(hash_name, body, usedforsecurity=False).digest() == read.body_hash, unsigned


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
            key_type=printable(record.key_type or "", 40),
            algorithm=read.algorithm,
        )
    # RFC 6376 §3.6.1: h= lists the acceptable hashes; absent, all are.
    if record.hashes and hash_name not in record.hashes:
        return say(
            "inappropriate hash algorithm: the key allows only {hashes}", hashes=printable(":".join(record.hashes), 40)
        )
    if record.services and not {"*", "email"} & set(record.services):
        return say("key not for email: s={services}", services=printable(":".join(record.services), 40))
    # RFC 6376 §3.6.1: with t=s the domain of i= is that of d=, not below it.
    if "s" in record.flags and read.identity_domain != read.domain:
        return say(
            "the key has t=s, so i= must be at {domain} itself, not at {identity_domain}",
            domain=read.domain,
            identity_domain=read.identity_domain,
        )
    return None


class _Mathematics(NamedTuple):
    """What is needed of cryptography; importing it takes long, so that it waits for the first signature."""

    failures: tuple[type[Exception], ...]
    invalid: type[Exception]
    padding: PKCS1v15
    digests: dict[str, HashAlgorithm]


@cache
def _mathematics() -> _Mathematics:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    digests: dict[str, HashAlgorithm] = {"sha1": SHA1(), "sha256": SHA256()}  # noqa: S303
    return _Mathematics((UnsupportedAlgorithm, ValueError), InvalidSignature, PKCS1v15(), digests)


def _holds(record: KeyRecord, read: SignatureTags, octets: bytes) -> bool | None:
    """Whether the signature is the key's over these octets; None where the mathematics cannot be done here."""
    key_type, hash_name = ALGORITHMS[read.algorithm or ""]
    key = public_key(key_type, record.octets) if record.key_type == key_type else None
    if key is None:
        return None
    known = _mathematics()
    try:
        if key_type == "rsa":
            key.verify(read.signature, octets, known.padding, known.digests[hash_name])  # type: ignore[call-arg]
        else:
            # RFC 8463 §3: what Ed25519 signs is the SHA-256 hash of the octets.
            key.verify(read.signature, hashlib.sha256(octets).digest())  # type: ignore[call-arg]
    except known.invalid:
        return False
    except known.failures:
        return None
    return True


def _signed_digest(record: KeyRecord, read: SignatureTags) -> bytes | None:
    """The hash that an RSA signature holds; None where this key did not make it, or another hash is in it."""
    key_type, hash_name = ALGORITHMS[read.algorithm or ""]
    key, known = public_key(key_type, record.octets), _mathematics()
    try:
        return key.recover_data_from_signature(  # type: ignore[union-attr]
            read.signature, known.padding, known.digests[hash_name]
        )
    except (known.invalid, AttributeError):
        return None
    except known.failures:
        return None


def _verdict(
    base: DkimSignature, holds: bool | None, read: SignatureTags, record: KeyRecord
) -> tuple[AuthResult, str | None]:
    """The result and its reason, where the key may serve the signature."""
    if not base.body_hash_ok:
        if read.body_length is not None and not base.unsigned_octets:
            return AuthResult.FAIL, say_counted(
                "body hash did not verify: l={count} octet was signed",
                "body hash did not verify: l={count} octets were signed",
                read.body_length,
            )
        return AuthResult.FAIL, say("body hash did not verify: the body was changed after signing")
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
