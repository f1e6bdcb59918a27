"""Why a signature does not verify: the change that is proved by undoing it, or else what is in sight."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import msgspec

from smtpprobe.mailauth.dkim.key import KeyRecord
from smtpprobe.mailauth.dkim.mathematics import length_fault, signed_digest, verifies
from smtpprobe.mailauth.dkim.message import CanonicalBodies, HeaderFields, Message, canonical_body, rejoined
from smtpprobe.mailauth.dkim.restore import body as body_restoring
from smtpprobe.mailauth.dkim.restore import header as header_restoring
from smtpprobe.mailauth.dkim.restore.own_field import CHANGED_TAG
from smtpprobe.mailauth.dkim.restore.suspects import list_hint, suspects
from smtpprobe.mailauth.dkim.restore.trial import Trial
from smtpprobe.mailauth.dkim.restore.work import (
    BARE_LF,
    BODY_LENGTH,
    CANONICALIZATION,
    OTHER_HASH,
    Budget,
    Wanted,
    over_other_hash,
)
from smtpprobe.mailauth.dkim.signature import ALGORITHMS, SignatureTags, sha1_refused
from smtpprobe.model.evidence.dkim import DkimRestoration, DkimSignature, SignedPart
from smtpprobe.model.texts.language import mark, say

_VERIFICATION_COST = 1 << 17  # octets that could be hashed in the time that Ed25519 takes

_HASH_OF_SIZE = {20: "sha1", 32: "sha256"}  # by the octets of a hash
# Rewrites that are the signer's fault, or that no mailing list makes.
_NOT_OF_LISTS = (CANONICALIZATION, OTHER_HASH, CHANGED_TAG, BARE_LF, BODY_LENGTH)
# Rewrites of a body that may be the signer's fault as well as a change on the way.
_NOT_PROVED = (BARE_LF, BODY_LENGTH, "white-space", "trailing-white-space")


class _Signer(NamedTuple):
    """Who made a signature, as far as it shows: whether the key did, and of RSA the hash that is in it."""

    by_key: bool | None
    digest: bytes | None = None
    algorithm: str | None = None  # whose hash that is


class Explainer:
    """The failed signatures of one message explained; what that may cost is bounded for all of them together."""

    def __init__(self, parts: Message, fields: HeaderFields, bodies: CanonicalBodies) -> None:
        self._parts = parts
        self._fields = fields
        self._bodies = bodies
        self._budget = Budget()
        self._header_budget = Budget()
        self._bodies_restored: dict[tuple[Wanted, str | None], DkimRestoration | None] = {}

    def explained(self, failed: DkimSignature, read: SignatureTags, position: int, record: KeyRecord) -> DkimSignature:
        """The failed signature with the rewrites that restore it, or else with what looks changed."""
        if failed.signature_ok is False and (early := self._ended_early(failed, read, position, record)) is not None:
            return early
        restored: list[DkimRestoration] = []
        suspected: list[str] = []
        signer = _Signer(None)
        fault = length_fault(record, read) if failed.signature_ok is False else None
        if fault:
            suspected.append(fault)
        elif failed.signature_ok is False:
            signer = _signer(record, read)
            if signer.by_key is not False:
                trial = Trial(self._fields.beside(position), self._fields.own(position), read)
                header = self._header(trial, record, signer)
                restored += [header] if header else []
                suspected += [] if header else suspects(trial)
        tag = _changed_tag(restored)
        body_ok = failed.body_hash_ok or (tag is not None and self._body_hash(read, signer.algorithm) is None)
        if not body_ok and tag != "bh":
            wanted = (_wanted(read), read.algorithm)
            if wanted not in self._bodies_restored:
                self._bodies_restored[wanted] = self._body(self._parts, read)
            body = self._bodies_restored[wanted]
            restored += [body] if body else []
            suspected += [] if body else self._body_suspects
        may_be_changed = not failed.body_hash_ok or not (fault or signer.by_key is False)
        if may_be_changed and not any(each.rewrite in _NOT_OF_LISTS for each in restored):
            hint = list_hint(self._fields.beside(position), read, restored)
            suspected += [hint] if hint else []
        return msgspec.structs.replace(
            failed,
            reason=_reason(failed, restored, signer, read, is_misfit=fault is not None),
            restored_by=tuple(sorted(restored, key=lambda each: each.part is not SignedPart.BODY)),
            suspects=tuple(suspected),
            signed_by_key=signer.by_key,
        )

    @cached_property
    def _body_suspects(self) -> tuple[str, ...]:
        return body_restoring.suspects(self._parts.body)

    @cached_property
    def _whole(self) -> tuple[Message, HeaderFields] | None:
        """The message with the header going on in the body, and its fields; None where the body begins with none."""
        whole = rejoined(self._parts)
        return None if whole is None else (whole, HeaderFields(whole.fields))

    def _ended_early(
        self, failed: DkimSignature, read: SignatureTags, position: int, record: KeyRecord
    ) -> DkimSignature | None:
        """The signature explained by an empty line that ended the header before its end; None where that is not why."""
        if self._whole is None:
            return None
        whole, fields = self._whole
        octets = fields.signed_octets(position, read.signed_names, read.header_canonicalization)
        if verifies(record, read, octets) is not True:
            return None
        wanted = _wanted(read)
        is_all = wanted.matches(canonical_body(whole.body, read.body_canonicalization))
        right = say("the header and the body are right without the empty line that ends the header early")
        early = DkimRestoration(
            part=SignedPart.HEADER,
            rewrite="early-end-of-header",
            statement=right
            if is_all
            else say("the header signature is right without the empty line that ends the header early"),
        )
        body = None if is_all else self._body(whole, read)
        return msgspec.structs.replace(
            failed,
            reason=say("signature did not verify: an empty line ends the header before its last fields"),
            restored_by=(early, *([body] if body else [])),
            suspects=() if is_all or body else body_restoring.suspects(whole.body),
            signed_by_key=True,
        )

    def _body(self, parts: Message, read: SignatureTags) -> DkimRestoration | None:
        encodings = [field.value for field in parts.fields if field.name == b"content-transfer-encoding"]
        encoding = encodings[-1].strip().lower().decode("ascii", "replace") if encodings else ""
        wanted = _wanted(read)
        hash_name = _HASH_OF_SIZE.get(len(read.body_hash), wanted.hash_name)
        if hash_name != wanted.hash_name:
            wanted = wanted._replace(hash_name=hash_name)
            if wanted.matches(canonical_body(parts.body, wanted.canonicalization)):
                phrase = over_other_hash(hash_name, read.algorithm)
                statement = say("the body hash is right {phrase}", phrase=phrase)
                return DkimRestoration(part=SignedPart.BODY, rewrite=OTHER_HASH, statement=statement)
        return body_restoring.restore(parts.body, wanted, self._budget, encoding, parts.mixed_body)

    def _body_hash(self, read: SignatureTags, algorithm: str | None) -> bytes | None:
        """The hash of the body as it arrived, where bh= should have it and has not; None where it has."""
        hash_name = ALGORITHMS[algorithm or read.algorithm or ""][1]
        body = self._bodies.by(read.body_canonicalization)[: read.body_length]
        found = hashlib.new(hash_name, body, usedforsecurity=False).digest()
        return None if found == read.body_hash else found

    def _header(self, trial: Trial, record: KeyRecord, signer: _Signer) -> DkimRestoration | None:
        read = trial.read
        hash_name = ALGORITHMS[signer.algorithm or read.algorithm or ""][1]

        def matches(octets: bytes) -> bool:
            if signer.digest is not None:
                return hashlib.new(hash_name, octets, usedforsecurity=False).digest() == signer.digest
            # What Ed25519 signed cannot be read back from the signature, so that each trial is a verification.
            return self._header_budget.spend(_VERIFICATION_COST) and verifies(record, read, octets) is True

        values = {b"bh": self._body_hash(read, signer.algorithm), b"a": (signer.algorithm or "").encode() or None}
        return header_restoring.restore(trial, matches, self._header_budget, values)


def _wanted(read: SignatureTags) -> Wanted:
    return Wanted(read.body_canonicalization, read.body_length, ALGORITHMS[read.algorithm or ""][1], read.body_hash)


def _signer(record: KeyRecord, read: SignatureTags) -> _Signer:
    """Who made the signature: an RSA signature shows its hash to the key that made it, whatever a= says."""
    if record.key_type != "rsa":
        return _Signer(None)
    digest = signed_digest(record, read)
    if digest is not None:
        return _Signer(True, digest)
    for algorithm, (key_type, _) in ALGORITHMS.items():
        if key_type == "rsa" and algorithm != read.algorithm:
            digest = signed_digest(record, msgspec.structs.replace(read, algorithm=algorithm))
            if digest is not None:
                return _Signer(True, digest, algorithm)
    return _Signer(False)


def _changed_tag(restored: Iterable[DkimRestoration]) -> str | None:
    """The tag of the signature that was changed, where that is what restores it."""
    return next((restoration.tag for restoration in restored if restoration.rewrite == CHANGED_TAG), None)


def _reason(
    failed: DkimSignature, restored: list[DkimRestoration], signer: _Signer, read: SignatureTags, *, is_misfit: bool
) -> str | None:
    reason = failed.reason
    rewrites = {restoration.rewrite for restoration in restored}
    tag = _changed_tag(restored)
    if tag is not None:
        said = (
            mark("signature did not verify: {tag}= was changed after signing")
            if failed.body_hash_ok
            else mark("body hash did not verify: {tag}= was changed after signing")
        )
        reason = say(said, tag=tag)
    elif rewrites == {OTHER_HASH}:
        reason = (
            say("signature did not verify: it was made over another hash than the one that a= names")
            if failed.body_hash_ok
            else say("body hash did not verify: it was made with another hash than the one that a= names")
        )
    elif CANONICALIZATION in rewrites:
        reason = (
            say("signature did not verify: what was signed is not the canonical form of what arrived")
            if failed.body_hash_ok
            else say("body hash did not verify: what was signed is not the canonical form of what arrived")
        )
    elif any(each.part is SignedPart.BODY and each.rewrite not in _NOT_PROVED for each in restored):
        reason = say("body hash did not verify: the body was changed after signing")
    elif failed.body_hash_ok and is_misfit:
        reason = say("signature did not verify: b= cannot be a signature of this key")
    elif failed.body_hash_ok and signer.by_key is False:
        reason = say("signature did not verify: b= was changed, or another key made it")
    elif failed.body_hash_ok and signer.by_key:
        reason = say(
            "signature did not verify: the key is the right one, but the signed header fields are not as they were"
        )
    policy = read.policy if signer.algorithm is None or OTHER_HASH in rewrites else None
    if policy is None and OTHER_HASH in rewrites and "rsa-sha1" in (read.algorithm, signer.algorithm):
        policy = sha1_refused()
    return say("{reason}, and {policy}", reason=reason, policy=policy) if policy else reason
