"""A record with the names in it replaced by the networks that they come to, proved over every address."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import msgspec

from smtpprobe.mailauth.spf.edit.shorter import AS_DNS_IS, Audited, of_another, proved, why_dead
from smtpprobe.mailauth.spf.edit.upkeep import upkeep
from smtpprobe.mailauth.spf.everybody.matched import Matched, Ranges, matched, union, words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.terms import MAX_RECORD, octets
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.of_domain import of_domain, with_domain
from smtpprobe.mailauth.spf.record import QUERYING, Term, is_spf_record, parse_record, parse_term
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfKept, SpfRewrite
from smtpprobe.model.evidence.spf_dead import SpfDead, SpfDeadReason
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

QUALIFIERS = {AuthResult.FAIL: "-", AuthResult.SOFTFAIL: "~", AuthResult.NEUTRAL: "?"}
_END = " -all"
_MEANT = mark("it would leave out what was meant to send: put {terms} right first")
_TOO_LATE = mark("it would make a mistake last: first put the terms in order that come too late ({terms})")
_DROPPED = mark("{term} dropped: {why}")
_MAX_REDIRECTS = 10


class _Piece(msgspec.Struct, frozen=True):
    """Part of a record: a term as it stands, or networks of one qualifier that were put in the place of terms."""

    word: str | None
    qualifier: str = ""
    networks: tuple[str, ...] = ()


class _Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of exp=: the one that is kept, the places of those that go, and that in words."""

    kept: str = ""
    gone: frozenset[int] = frozenset()
    changes: tuple[str, ...] = ()


async def flattened(resolver: Resolver, audited: Audited, fault: SpfFault | None, now: datetime | None) -> SpfRewrite:
    """The record without names, in one TXT record or several; why none is proposed, where there is none.

    A term that hangs on each client or sender stays as it is, and so does one that cannot be evaluated.
    """
    if audited.place.is_anothers:
        return SpfRewrite(reason=of_another(audited.place))
    for template, is_late in ((_MEANT, False), (_TOO_LATE, True)):
        meant = [each.term for each in audited.dead if each.was_meant and (each.before is not None) is is_late]
        if meant:
            return SpfRewrite(reason=say(template, terms=", ".join(meant)))
    gone = {each.position for each in audited.dead if each.family is None}
    # RFC 7208 §6.1: redirect= comes last, wherever it stands.
    in_order = sorted(audited.record.terms, key=lambda term: (not term.qualifier, term.position))
    terms = [term for term in in_order if term.position not in gone]
    each_matches = dict(audited.terms)
    if audited.record.redirect is not None:
        redirect = audited.record.redirect
        each_matches[redirect.position] = await matched(resolver, audited.place, redirect)
    in_use = [each_matches[term.position] for term in terms if term.position in each_matches]
    replaced = tuple(each.term.text for each in in_use if each.is_listed and each.term.name in QUERYING)
    kept = tuple(
        SpfKept(term=each.term.text, because=each.because)
        for each in in_use
        if not each.is_listed and each.term.name in QUERYING
    )
    if not replaced:
        names = ", ".join(each.term for each in kept)
        no_name = say("networks cannot stand for any of these: {names}", names=names)
        without = (
            mark("the shorter record has no names to be replaced")
            if gone
            else mark("the record has no names to be replaced")
        )
        return SpfRewrite(kept=kept, reason=no_name if kept else say(without))
    explained = await _explained(resolver, audited, each_matches)
    pieces = _pieces(
        [(term.text, each_matches.get(term.position)) for term in terms if term.position not in explained.gone]
    )
    pieces += [_Piece(explained.kept)] if explained.kept else []
    records = _records(audited.place.owner, pieces)
    if records is None or sum(parse_term(word).name in QUERYING for word in records[0][1].split()) > MAX_LOOKUPS:
        reason = say("it does not fit: more includes would be needed than the ten lookups allow")
        return SpfRewrite(replaced=replaced, kept=kept, reason=reason)
    rewrite = await proved(resolver, audited.place, records, fault)
    if rewrite is None:
        rewrite = SpfRewrite(reason=say("an address would get another result: nothing is proposed"))
    rewrite = msgspec.structs.replace(rewrite, replaced=replaced, kept=kept, resolved_at=now)
    return await _kept_true(resolver, audited, rewrite, explained, fault) if rewrite.records else rewrite


async def _kept_true(
    resolver: Resolver, audited: Audited, rewrite: SpfRewrite, explained: _Explained, fault: SpfFault | None
) -> SpfRewrite:
    """The rewrite with what was dropped, whose names have to be watched, and whether it is worth that."""
    dropped = [each for each in audited.dead if each.family is None]
    as_dns_is = tuple(each.term for each in dropped if each.reason in AS_DNS_IS and _asks(audited, each))
    watched = [term for term in audited.record.terms if term.text in (*rewrite.replaced, *as_dns_is)]
    names = await upkeep(resolver, audited.place.domain, watched)
    before = (await lint(resolver, audited.place.domain)).lookups_needed or 0
    return msgspec.structs.replace(
        rewrite,
        changes=(*(_dropped(each) for each in dropped), *explained.changes),
        as_dns_is=as_dns_is,
        own_names=names.own,
        others_names=names.others,
        is_cheaper=fault is not None or rewrite.lookups_needed < before,
    )


def _asks(audited: Audited, dead: SpfDead) -> bool:
    return audited.record.terms[dead.position].name in QUERYING


def _dropped(dead: SpfDead) -> str:
    if dead.reason is SpfDeadReason.NO_ADDRESS:
        return say("{term} dropped: no address today", term=dead.term)
    return say(_DROPPED, term=dead.term, why=why_dead(dead))


async def _explained(resolver: Resolver, audited: Audited, each_matches: dict[int, Matched]) -> _Explained:
    """The exp= of the record that redirect= leads to, where networks stand for it: it is the one that applies.

    RFC 7208 §6.2: not that of the record with the redirect=, but for its own directives.
    """
    record = audited.record
    if record.redirect is None or not each_matches[record.redirect.position].is_listed:
        return _Explained()
    own, name, theirs = record.explanation, audited.place.domain, None
    term: Term | None = record.redirect
    for _ in range(_MAX_REDIRECTS):
        if term is None or (target := of_domain(term, name)) is None:
            break
        name = target
        texts = [text for text in (await resolver.lookup(Question(name, "TXT"))).records if is_spf_record(text)]
        if len(texts) != 1:
            break
        theirs, term = parse_record(texts[0]).explanation, parse_record(texts[0]).redirect
    is_own_used = own is not None and any(each.qualifier == "-" for each in record.directives)
    gone = frozenset() if own is None or is_own_used else frozenset({own.position})
    applies = theirs is not None and each_matches[record.redirect.position].otherwise is AuthResult.FAIL
    dropped = (say(_DROPPED, term=own.text, why=say("it explains nothing")),) if own is not None and gone else ()
    if theirs is None or not applies:
        return _Explained(gone=gone, changes=dropped)
    word = with_domain(theirs, name)
    if is_own_used or word is None:
        text = say("{term} of {name}, which explained a fail, no longer applies", term=theirs.text, name=name)
        return _Explained(gone=gone, changes=(*dropped, text))
    text = say("{word} goes on explaining a fail, as {term} of {name} did", word=word, term=theirs.text, name=name)
    return _Explained(kept=word, gone=gone, changes=(*dropped, text))


def _pieces(terms: list[tuple[str, Matched | None]]) -> list[_Piece]:
    """The record in pieces: what can be listed and has one qualifier is put together."""
    made: list[_Piece] = []
    for key, group in groupby(terms, lambda each: _key(*each)):
        members = list(group)
        if key is None:
            made += [_Piece(word) for word, _ in members]
            continue
        ip4: Ranges = union(span for _, each in members if each is not None for span in each.ip4)
        ip6: Ranges = union(span for _, each in members if each is not None for span in each.ip6)
        made.append(_Piece(None, key, tuple(words(ip4, ip6))))
        made += [
            _Piece(f"{QUALIFIERS[each.otherwise]}all")
            for _, each in members
            if each is not None and not each.term.qualifier
        ]
    return made


def _key(word: str, each: Matched | None) -> str | None:
    """What terms have in common that are put together; None for a term that stays as it is."""
    if each is None or not each.is_listed or each.term.name == "all":
        return None
    return each.term.qualifier.replace("+", "")


def _records(owner: str, pieces: list[_Piece]) -> list[tuple[str, str]] | None:
    """The records to publish, the domain's own first; networks that do not fit in it are included from names below it."""
    whole = " ".join(
        (
            "v=spf1",
            *(
                word
                for piece in pieces
                for word in ([piece.word] if piece.word else [piece.qualifier + each for each in piece.networks])
            ),
        )
    )
    if octets(whole) <= MAX_RECORD:
        return [(owner, whole)]
    below: list[tuple[str, str]] = []
    own = ["v=spf1"]
    for piece in pieces:
        if piece.word:
            own.append(piece.word)
            continue
        for text in _chunks(piece.networks):
            name = f"_flat{len(below) + 1}.{owner}"
            below.append((name, text))
            own.append(f"{piece.qualifier}include:{name}")
    text = " ".join(own)
    return [(owner, text), *below] if octets(text) <= MAX_RECORD and len(below) <= MAX_LOOKUPS else None


def _chunks(networks: tuple[str, ...]) -> list[str]:
    """Records that have the networks between them, each within the recommended length (RFC 7208 §3.4)."""
    made = ["v=spf1"]
    for word in networks:
        if octets(made[-1]) + 1 + octets(word) + len(_END) > MAX_RECORD:
            made.append("v=spf1")
        made[-1] += f" {word}"
    return [text + _END for text in made]
