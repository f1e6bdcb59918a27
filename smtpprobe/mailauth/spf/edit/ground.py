"""Where a changed record is to be published: what it comes to there, what it changes for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import TypeVar

import msgspec

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.spf.alias import Alias, End, alias_of
from smtpprobe.mailauth.spf.edit.dead import dead_terms, leading_back, meant_instead
from smtpprobe.mailauth.spf.edit.fewer_lookups import fewer_lookups
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.published_texts import published_elsewhere, split
from smtpprobe.mailauth.spf.edit.repair import Change, Draft, closed_draft, strings, with_meant
from smtpprobe.mailauth.spf.edit.shorter import audit
from smtpprobe.mailauth.spf.everybody.effect import Effect, Identity, effect
from smtpprobe.mailauth.spf.everybody.matched import Place, matched, words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.published import ERRORS, FAMILIES, evaluated_for_nobody, published
from smtpprobe.mailauth.spf.record import QUERYING, parse_record, parse_term
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfIdentity, SpfRecordEvidence, SpfShift, SpfStep
from smtpprobe.model.quoting import apart
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

LOOPS = (SpfFault.INCLUDE_LOOP, SpfFault.REDIRECT_LOOP)
LEADS_TOO_FAR = (SpfFault.TOO_MANY_LOOKUPS, SpfFault.TOO_MANY_VOID_LOOKUPS, *LOOPS)
_MISSING = (SpfFault.INCLUDE_MISSING, SpfFault.REDIRECT_MISSING)
T = TypeVar("T")
_ROUNDS = 8
_MAX_NETWORKS = 40  # that stand in the place of one mx term
_OF_DOMAIN = frozenset("do")  # macros that are the same for every client (RFC 7208 §7.2)
_NETWORKS_OF_NOW = mark(
    "the networks are today's: when the addresses behind a name change, the record has to change too"
)
_BELOW = mark("the fault is in the record of {name}, to which that of {domain} leads: this is the record of {name}")
_EXCLUDING = mark("{term} excludes what begins to pass: publish this only if that exclusion is no longer meant")
_LED_TO = mark("{word} keeps to the record that it leads to")
_LEFT_OUT = mark("left out, not guessed: {terms}; check the spelling of each name")
_STAYS = mark("for other addresses this stays: {problem}")
_BY_LOCAL_PART = mark("the record hangs on the local part: this is what it comes to for {sender}")
_ALIAS = mark(
    "{domain} is an alias (CNAME) and can have no TXT record of its own (RFC 1034 §3.6.2): "
    "the record is the one at {target}, and counts for every alias of it"
)
_ALIASES = {
    End.NOWHERE: mark("the CNAME of {domain} to {target}, which does not exist, is removed (RFC 1034 §3.6.2)"),
    End.CIRCLE: mark("the CNAME of {domain}, which leads in a circle, is removed (RFC 1034 §3.6.2)"),
    End.ANOTHERS: mark(
        "the CNAME of {domain} is replaced with the addresses and MX records that it leads to, or the operator of "
        "{target} changes the record there: a name with a CNAME has no other records (RFC 1034 §3.6.2)"
    ),
}


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A domain whose record is to be changed, in DNS as it is; `below`: the record is another one, which it leads to."""

    resolver: Resolver
    place: Place
    alias: Alias | None
    below: str | None = None

    @property
    def publish_at(self) -> str | None:
        """The name that has the record, where it is not the domain itself."""
        return self.below or (self.alias.publish_at if self.alias else None)

    def with_record(self, draft: Draft) -> Overlay:
        """DNS as it would be with the draft published."""
        return self.place.with_records(self.resolver, [(self.place.owner, draft.record)])

    async def without_fault(
        self, draft: Draft, after: SpfIdentity | SpfRecordEvidence, *, lists_hosts: bool = False
    ) -> Draft:
        """The draft with the fault that its evaluation ended in put right, and closed; the same where that is not its own.

        `lists_hosts`: the hosts of an mx term that has too many become networks.
        """
        better = await self._put_right(draft, after, lists_hosts=lists_hosts)
        return draft if better == draft else closed_draft(better)

    async def _put_right(self, draft: Draft, after: SpfIdentity | SpfRecordEvidence, *, lists_hosts: bool) -> Draft:
        decided = deciding(after)
        if after.result is not AuthResult.PERMERROR or decided is None:
            return draft
        step = after.trace[decided]
        # What is missing for one client may be there for another.
        if after.fault in _MISSING and not step.children and not parse_term(step.term).letters - _OF_DOMAIN:
            gone = {decided: say("it leads nowhere ({problem})", problem=after.problem)}
            return await self.with_meant(draft, decided) or _noting(draft.without(gone), step.term)
        if lists_hosts and after.fault is SpfFault.TOO_MANY_MX and not step.children:
            return await self._with_hosts(draft, decided)
        if after.fault in LEADS_TOO_FAR:
            dead = await dead_terms(self.resolver, self.place, draft.record)
            if dead.why:
                return _noting(draft.without(dead.why), *dead.nowhere)
        return draft

    async def with_meant(self, draft: Draft, place: int) -> Draft | None:
        """The draft with the term that was meant by one that leads nowhere; None where none can be told."""
        term = parse_term(draft.words[place])
        meant = await meant_instead(self.resolver, term, self.place.domain)
        return None if meant is None else with_meant(draft, place, meant)

    async def _with_hosts(self, draft: Draft, place: int) -> Draft:
        """The draft with the networks of the hosts in the place of an mx term that has too many."""
        word = draft.words[place]
        term = parse_term(word)
        hosts = await matched(self.resolver, self.place, term)
        networks = [f"{term.qualifier.removeprefix('+')}{each}" for each in words(hosts.ip4, hosts.ip6)]
        if not hosts.is_listed or not 0 < len(networks) <= _MAX_NETWORKS:
            return draft
        change = Change(say("{word} becomes the networks of its hosts", word=word))
        changed = (*draft.words[:place], *networks, *draft.words[place + 1 :])
        return draft.with_words(changed, change).noting(say(_NETWORKS_OF_NOW))

    async def judged(
        self, draft: Draft, after: SpfIdentity | SpfRecordEvidence, identity: Identity, *, is_ip4: bool = True
    ) -> SpfEdit:
        """The draft, which came to `after`, with what it changes for everybody; `is_ip4`: the family told of first."""
        overlay = self.with_record(draft)
        needed = (await lint(overlay, self.place.domain)).lookups_needed or 0
        changed = await effect(self.resolver, overlay, self.place.owner, identity)
        stays = await self._stays(overlay, draft, needed, is_ip4=is_ip4)
        return SpfEdit(
            domain=self.place.domain,
            publish_at=self.publish_at,
            record=draft.record,
            strings=strings(draft.record),
            changes=(*self._without_alias(), *(change.text for change in draft.changes)),
            notes=(
                *draft.notes,
                *stays,
                *self._notes(needed, changed, identity.sender),
                *await self._excluding(draft, changed.begins),
            ),
            result=after.result,
            mechanism=after.mechanism,
            lookups_used=after.lookups_used,
            void_lookups_used=after.void_lookups_used,
            lookups_needed=needed,
            begins=changed.begins,
            stops=changed.stops,
            not_compared=changed.not_followed,
            replaces_alias=(self.alias.target or self.place.domain) if self.alias and not self.publish_at else None,
        )

    def _without_alias(self) -> Iterator[str]:
        """What has to be done about a CNAME before the record can stand at the domain."""
        if self.alias is not None and self.alias.end in _ALIASES:
            yield say(_ALIASES[self.alias.end], domain=self.place.domain, target=self.alias.target)

    async def _stays(self, overlay: Overlay, draft: Draft, needed: int, *, is_ip4: bool) -> tuple[str, ...]:
        """The error that the record still has for others: the terms that lead to it may only have been passed over."""
        families = (is_ip4, not is_ip4)
        left = [(each, await evaluated_for_nobody(overlay, self.place.domain, is_ip4=each)) for each in families]
        failing = [(each, found) for each, found in left if found.result in ERRORS]
        if not failing:
            passed_over = next((each.passes_over for each in draft.changes if each.passes_over), None)
            return (say(_STAYS, problem=passed_over),) if passed_over else ()
        of_ip4, first = failing[0]
        # How many lookups it takes is told for the whole record.
        if first.fault is SpfFault.TOO_MANY_LOOKUPS and needed > MAX_LOOKUPS:
            return ()
        if len(failing) == len(left):
            return (say(_STAYS, problem=first.problem),)
        family = FAMILIES[not of_ip4]
        return (say("for other {family} addresses this stays: {problem}", family=family, problem=first.problem),)

    async def _excluding(self, draft: Draft, begins: Sequence[SpfShift]) -> tuple[str, ...]:
        """The terms that exclude an address which begins to pass all the same."""
        failed = [shift for shift in begins if shift.before in (AuthResult.FAIL, AuthResult.SOFTFAIL)]
        spans = [(shift, int(ip_address(shift.first)), int(ip_address(shift.last))) for shift in failed]
        told = []
        for term in parse_record(draft.record).directives:
            if term.qualifier not in ("-", "~") or term.name == "all":
                continue
            found = await matched(self.resolver, self.place, term)
            ranges = {True: found.ip6, False: found.ip4}
            if any(
                one <= last and first <= two for shift, first, last in spans for one, two in ranges[":" in shift.first]
            ):
                told.append(say(_EXCLUDING, term=term.text))
        return tuple(told)

    def _notes(self, needed: int, changed: Effect, sender: str) -> Iterator[str]:
        # RFC 7208 §4.6.4: at most ten, which one address may no longer reach and others may.
        if needed > MAX_LOOKUPS:
            yield say("an address that nothing matches still needs {needed} lookups, ten are allowed", needed=needed)
        if self.below is not None:
            yield say(_BELOW, domain=self.place.domain, name=self.below)
        elif self.publish_at is not None:
            yield say(_ALIAS, domain=self.place.domain, target=self.publish_at)
        if changed.by_local_part:
            yield say(_BY_LOCAL_PART, sender=sender)
        if not changed.is_whole:
            yield say("the record has too many networks to compare all of them")


def _noting(draft: Draft, *left_out: str) -> Draft:
    """The draft with a note of the terms that were left out since nothing is at their names."""
    return draft.noting(say(_LEFT_OUT, terms=", ".join(map(apart, left_out)))) if left_out else draft


async def ground_of(
    resolver: Resolver, domain: str, found: DnsLookup, *, with_look_alikes: bool = False
) -> tuple[Draft | None, Ground]:
    """What the domain publishes as one record, each term as it was meant, and where it is to be changed."""
    alias = alias_of(found)
    draft, others = await split(resolver, domain, found.records, with_look_alikes=with_look_alikes)
    if draft is not None and alias is not None and alias.end is End.ANOTHERS:
        draft = await _led_to(resolver, alias, draft)
    elsewhere = await published_elsewhere(resolver, domain) if draft is None and alias is None else None
    if elsewhere is not None:
        draft, _ = await split(resolver, domain, elsewhere[1:])
        text = say("the record of {name} is published at {domain}", name=elsewhere[0], domain=domain)
        draft = draft and msgspec.structs.replace(draft, changes=(Change(text), *draft.changes))
    if alias is not None and alias.publish_at is None:
        others = ()  # what stands beside the record at another's name stays there
    owner = (alias.publish_at if alias else None) or domain
    return draft, Ground(resolver=resolver, place=Place(domain=domain, owner=owner, others=others), alias=alias)


async def _led_to(resolver: Resolver, alias: Alias, draft: Draft) -> Draft:
    """The record of another that an alias leads to, by name, so that it goes on changing; as it is if it has faults."""
    if draft.changes or alias.target is None or (await published(resolver, alias.target)).result in ERRORS:
        return draft
    word = f"redirect={alias.target}"
    return draft.with_words((word,), Change(say(_LED_TO, word=word)))


async def ground_below(ground: Ground, after: SpfIdentity | SpfRecordEvidence) -> tuple[Draft, Ground] | None:
    """The record of another name of the same owner in which the evaluation ends in an error, as it was meant, and its place.

    That of a loop is the one from which it leads back.
    """
    steps: Sequence[SpfStep] = after.trace
    chain = [ground.place.domain]
    while (step := next((each for each in steps if each.decided), None)) is not None and step.children:
        if (target := (step.expanded or "").lower()) in chain:
            break
        chain.append(target)
        steps = step.children
    name = chain[-1]
    if after.result is not AuthResult.PERMERROR or not _is_own(name, ground.place.domain):
        return None
    found = await ground.resolver.lookup(Question(name, "TXT"))
    if found.failed or found.cname is not None:
        return None
    draft, others = await split(ground.resolver, name, found.records)
    if draft is not None and after.fault in LOOPS:
        draft = draft.without(leading_back(draft.record, chain))
    if draft is None or not draft.changes:
        return None
    place = Place(domain=ground.place.domain, owner=name, others=others)
    return draft, Ground(resolver=ground.resolver, place=place, alias=None, below=name)


def _is_own(name: str, domain: str) -> bool:
    """Whether it is another name of the same registered domain."""
    return name != domain and registered_domain(name) == registered_domain(domain)


async def improved(
    draft: Draft, evaluated: Callable[[Draft], Awaitable[T]], better: Callable[[Draft, T], Awaitable[Draft]]
) -> tuple[Draft, T]:
    """The draft changed, one fault after the other, until nothing more is made better; what it comes to."""
    after = await evaluated(draft)
    for _ in range(_ROUNDS):
        changed = await better(draft, after)
        if changed == draft:
            break
        draft = changed
        after = await evaluated(draft)
    return draft, after


async def listed(ground: Ground, draft: Draft) -> Draft | int | None:
    """The draft with networks in the place of names, of as few as can be, so that it keeps to ten lookups.

    A number where it takes that many records; None where it cannot be, for sure.
    """
    domain = ground.place.domain
    overlay = ground.with_record(draft)
    fault = (await published(overlay, domain)).fault
    audited = await audit(overlay, domain, fault, shortens=False)
    if audited is None or audited.place.owner != ground.place.owner:
        return None
    fewer = await fewer_lookups(overlay, audited, draft)
    if fewer is not None:
        return fewer.noting(say(_NETWORKS_OF_NOW))
    flat = await flattened(overlay, audited, fault, None)
    if len(flat.records) != 1:
        return len(flat.records) or None
    # What else is gone has no address, or is covered by the others.
    kept = {word.lower() for word in flat.records[0].record.split()}
    gone = [word for word in draft.words if parse_term(word).name in QUERYING and word.lower() not in kept]
    replaced = say("{names} replaced with the networks behind them", names=", ".join(gone))
    return draft.with_words(flat.records[0].record.split()[1:], Change(replaced)).noting(say(_NETWORKS_OF_NOW))


def deciding(after: SpfIdentity | SpfRecordEvidence) -> int | None:
    """The place of the term that decided."""
    return next((index for index, step in enumerate(after.trace) if step.decided), None)
