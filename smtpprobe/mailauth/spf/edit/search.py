"""The smallest change of an SPF record that makes one address pass, proved by evaluating it in place."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.alias import Alias, End, alias_of
from smtpprobe.mailauth.spf.edit.dead import dead_terms
from smtpprobe.mailauth.spf.edit.effect import Effect, Identity, contains, effect, in_words
from smtpprobe.mailauth.spf.edit.not_advised import chosen_by_sender, letters, unproved, why_not
from smtpprobe.mailauth.spf.edit.published_texts import split, words
from smtpprobe.mailauth.spf.edit.repair import (
    Change,
    Draft,
    permitting,
    with_all_last,
    with_network,
    without_match,
)
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.published import FAMILIES, evaluated_for_nobody
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record, parse_term
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.dns.zone_data import ASSUMED, ZoneData
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfIdentity, SpfShift
from smtpprobe.model.names import ip_address
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_ROUNDS = 8
_MAX_STRING = 255  # octets; RFC 1035 §3.3
_ERRORS = (AuthResult.PERMERROR, AuthResult.TEMPERROR)
_STAYS = mark("for other addresses this stays: {problem}")
_OF_LIMITS = (
    SpfFault.TOO_MANY_LOOKUPS, SpfFault.TOO_MANY_VOID_LOOKUPS, SpfFault.INCLUDE_LOOP, SpfFault.REDIRECT_LOOP,
)  # fmt: skip
_OF_DOMAIN = frozenset("do")  # macros that are the same for every client (RFC 7208 §7.2)
_FIRST = mark("add what else sends for the domain: its MX hosts (mx), its providers (include)")
_BY_LOCAL_PART = mark("the record hangs on the local part: this is what it comes to for {sender}")
_SILENCES = mark("every change of this record that lets {ip} pass would silence {addresses}, which pass today")
_ALIAS = mark(
    "{domain} is an alias (CNAME) and can have no TXT record of its own (RFC 1034 §3.6.2): "
    "the record is the one at {target}, and counts for every alias of it"
)
_ALIASES = {
    End.NOWHERE: mark("the CNAME of {domain} to {target}, which does not exist, is removed (RFC 1034 §3.6.2)"),
    End.CIRCLE: mark("the CNAME of {domain}, which leads in a circle, is removed (RFC 1034 §3.6.2)"),
    End.ANOTHERS: mark(
        "the CNAME of {domain} is replaced with the addresses that it leads to: a name with a CNAME has no other "
        "records (RFC 1034 §3.6.2), and {target} is another domain's"
    ),
}


async def smallest_edit(
    resolver: Resolver,
    identity: SpfIdentity,
    client_ip: str,
    helo: str,
    *,
    end_user: bool = False,
    now: float | None = None,
) -> SpfEdit | None:
    """The change that makes the identity pass for the address; None where it passes, or there is no domain to change.

    `end_user`: the address is in an end-user range or has a generic name; then no record is advised, nor for an address
    that is not global, nor where DNS did not answer. Addresses reserved for documentation count as global.
    """
    domain = identity.domain
    if domain is None or identity.result in (None, AuthResult.PASS) or identity.fault is SpfFault.NO_DOMAIN:
        return None
    found = await resolver.lookup(Question(domain.lower(), "TXT"))
    alias = alias_of(found)
    in_circle = alias is not None and alias.end is End.CIRCLE
    # That aliases lead in a circle is known: it is the domain's own fault, and no failure of DNS.
    failure = None if in_circle else unproved(identity) or (found.failure_text if found.failed else None)
    reason = why_not(client_ip, end_user) or failure
    unknown = failure is not None
    if reason is not None and (unknown or not any(is_spf_record(each) for each in found.records)):
        return SpfEdit(domain=domain, reason=reason)
    by_sender = chosen_by_sender(identity)
    if by_sender is not None:
        return SpfEdit(domain=domain, publish_at=alias.publish_at if alias else None, reason=reason or by_sender)
    draft = await split(resolver, found.records)
    if alias is not None and alias.publish_at is None:
        draft = draft[0], ()  # what stands beside the record at another's name stays there
    search = _Search(resolver, identity, ip_address(client_ip.partition("%")[0]), helo, found, alias, draft, now)
    return await (search.edit() if reason is None else search.edit_of_faults(reason))


def strings(record: str) -> tuple[str, ...]:
    """The record's strings as a master file has them: quoted, each at most 255 octets, cut after a blank if possible."""
    cut: list[str] = []
    while len(record) > _MAX_STRING:
        end = record.rfind(" ", 0, _MAX_STRING) + 1 or _MAX_STRING
        cut.append(record[:end])
        record = record[end:]
    cut.append(record)
    return tuple('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in cut)


class _Search:
    """The search for a record that lets the address pass and silences nobody."""

    def __init__(
        self,
        resolver: Resolver,
        identity: SpfIdentity,
        ip: str,
        helo: str,
        found: DnsLookup,
        alias: Alias | None,
        draft: tuple[Draft | None, tuple[str, ...]],
        now: float | None,
    ) -> None:
        self._resolver = resolver
        self._ip = ip
        self._helo = helo
        self._now = now
        self._domain = identity.domain or ""
        self._sender = identity.sender or ""
        self._alias = alias
        self._publish_at = alias.publish_at if alias else None
        self._published = found.records
        self._before = identity.result or AuthResult.NONE
        self._draft, self._others = draft

    async def edit(self) -> SpfEdit:
        """The first draft that passes and makes nobody stop passing; why none is advised, where there is none."""
        refused: SpfEdit | None = None
        problem: str | None = None
        for draft, may_permit in self._starts():
            better, after = await self._improved(draft, may_permit=may_permit)
            if after.result is not AuthResult.PASS:
                problem = after.problem or problem or after.result
                continue
            proposal = await self._judged(better, after)
            if not proposal.stops:
                return proposal
            refused = refused or proposal
        if refused is not None:
            return self._not_advised(say(_SILENCES, ip=self._ip, addresses=in_words(refused.stops)), refused.stops)
        return self._not_advised(
            say("no change of this record alone makes {ip} pass: {problem}", ip=self._ip, problem=problem)
        )

    async def edit_of_faults(self, reason: str) -> SpfEdit:
        """The record without its own faults where that lets the address pass; else the reason that none is advised."""
        published = self._draft or Draft(())
        for draft in (with_all_last(published), published):
            better, after = await self._improved(draft, may_permit=False)
            if after.result is AuthResult.PASS:
                proposal = await self._judged(better, after)
                if not proposal.stops:
                    return proposal
        if after.fault is SpfFault.TOO_MANY_LOOKUPS and (spent := without_match(after)):
            # Which terms go is for the domain's owner to say; that these do not match stays so.
            after = await self._evaluated(better.without(spent, say("it does not match")))
        return SpfEdit(
            domain=self._domain,
            publish_at=self._publish_at,
            reason=reason,
            result=after.result,
            mechanism=after.mechanism,
        )

    def _starts(self) -> Iterator[tuple[Draft, bool]]:
        """What a search may begin with, the best first, and whether the address may be permitted in it.

        The record as it was meant, then as little as can be changed.
        """
        if self._draft is None:
            yield (
                with_network(
                    Draft(("~all",), (Change(say("a first record is published")),), (say(_FIRST),)), 0, self._ip
                ),
                True,
            )
            return
        reordered = with_all_last(self._draft)
        if reordered != self._draft:
            yield reordered, False
        yield self._draft, True
        yield with_network(self._draft, 0, self._ip), True
        records = [text for text in self._published if is_spf_record(text)]
        if len(records) == 1 and parse_record(records[0]).faulty is None:
            yield with_network(Draft(tuple(words(records[0]))), 0, self._ip), True

    async def _improved(self, draft: Draft, *, may_permit: bool) -> tuple[Draft, SpfIdentity]:
        """The draft changed, one fault after the other, until the address passes or nothing more can be changed."""
        after = await self._evaluated(draft)
        for _ in range(_ROUNDS):
            if after.result is AuthResult.PASS:
                break
            better = await self._without_fault(draft, after)
            if better == draft and may_permit:
                better = self._permitting(draft, after)
            if better == draft:
                break
            draft = better
            after = await self._evaluated(draft)
        return draft, after

    async def _without_fault(self, draft: Draft, after: SpfIdentity) -> Draft:
        """The draft with the fault that its evaluation ended in put right; the same where that is not its own."""
        decided = _deciding(after)
        if after.result is not AuthResult.PERMERROR or decided is None:
            return draft
        step = after.trace[decided]
        is_missing = after.fault in (SpfFault.INCLUDE_MISSING, SpfFault.REDIRECT_MISSING) and not step.children
        # What is missing for this client may be there for another.
        if is_missing and not letters(parse_term(step.term)) - _OF_DOMAIN:
            return draft.without({decided}, say("it leads nowhere ({problem})", problem=after.problem))
        if after.fault in _OF_LIMITS:
            dead = await dead_terms(self._resolver, draft.record, self._domain)
            if dead:
                return draft.without(dead, say("it leads to nothing, or is there twice"))
            for moved in permitting(draft, decided, self._ip):
                if (await self._evaluated(moved)).result is AuthResult.PASS:
                    return moved
        return draft

    def _permitting(self, draft: Draft, after: SpfIdentity) -> Draft:
        """The draft with the address permitted before the term that decided."""
        decided = _deciding(after)
        if after.result is AuthResult.PERMERROR and decided is not None:
            return with_network(draft, decided, self._ip, passing_over=after.problem)
        return with_network(draft, len(draft.words) if decided is None else decided, self._ip)

    async def _judged(self, draft: Draft, after: SpfIdentity) -> SpfEdit:
        """The draft with what it changes for everybody."""
        overlay = self._overlay(draft)
        needed = (await lint(overlay, self._domain)).lookups_needed or 0
        changed = await effect(
            self._resolver, overlay, self._publish_at or self._domain, Identity(self._domain, self._sender, self._helo)
        )
        return SpfEdit(
            domain=self._domain,
            publish_at=self._publish_at,
            record=draft.record,
            strings=strings(draft.record),
            changes=(*self._without_alias(), *(change.text for change in draft.changes)),
            notes=(*draft.notes, *await self._stays(overlay, draft, needed), *self._notes(needed, changed)),
            result=after.result,
            mechanism=after.mechanism,
            lookups_used=after.lookups_used,
            void_lookups_used=after.void_lookups_used,
            lookups_needed=needed,
            begins=self._with_client(changed.begins),
            stops=changed.stops,
            not_compared=changed.not_followed,
            replaces_alias=(self._alias.target or self._domain) if self._alias and not self._publish_at else None,
        )

    def _without_alias(self) -> Iterator[str]:
        """What has to be done about a CNAME before the record can stand at the domain."""
        if self._alias is not None and self._alias.end in _ALIASES:
            yield say(_ALIASES[self._alias.end], domain=self._domain, target=self._alias.target)

    async def _stays(self, overlay: Overlay, draft: Draft, needed: int) -> tuple[str, ...]:
        """The error that the record still has for others: the terms that lead to it may only have been passed over."""
        own_first = (":" not in self._ip, ":" in self._ip)
        left = [(is_ip4, await evaluated_for_nobody(overlay, self._domain, is_ip4=is_ip4)) for is_ip4 in own_first]
        failing = [(is_ip4, each) for is_ip4, each in left if each.result in _ERRORS]
        if not failing:
            passed_over = next((each.passes_over for each in draft.changes if each.passes_over), None)
            return (say(_STAYS, problem=passed_over),) if passed_over else ()
        is_ip4, first = failing[0]
        # How many lookups it takes is told for the whole record.
        if first.fault is SpfFault.TOO_MANY_LOOKUPS and needed > MAX_LOOKUPS:
            return ()
        if len(failing) == len(left):
            return (say(_STAYS, problem=first.problem),)
        family = FAMILIES[not is_ip4]
        return (say("for other {family} addresses this stays: {problem}", family=family, problem=first.problem),)

    def _with_client(self, begins: tuple[SpfShift, ...]) -> tuple[SpfShift, ...]:
        """Those who begin to pass, the client too where a term lets it pass that cannot be listed."""
        if any(shift.sender in (None, self._sender) and contains(shift, self._ip) for shift in begins):
            return begins
        own = SpfShift(first=self._ip, last=self._ip, sender=self._sender, before=self._before, after=AuthResult.PASS)
        return (own, *begins)

    def _notes(self, needed: int, changed: Effect) -> Iterator[str]:
        # RFC 7208 §4.6.4: at most ten, which this address no longer reaches and others may.
        if needed > MAX_LOOKUPS:
            yield say("an address that nothing matches still needs {needed} lookups, ten are allowed", needed=needed)
        if self._publish_at is not None:
            yield say(_ALIAS, domain=self._domain, target=self._publish_at)
        if changed.by_local_part:
            yield say(_BY_LOCAL_PART, sender=self._sender)
        if not changed.is_whole:
            yield say("the record has too many networks to compare all of them")

    async def _evaluated(self, draft: Draft) -> SpfIdentity:
        return await check_host(self._overlay(draft), self._ip, self._domain, self._sender, self._helo, now=self._now)

    def _overlay(self, draft: Draft) -> Overlay:
        name = self._publish_at or self._domain
        assumed = DnsLookup(name=name, type="TXT", status=DnsStatus.ANSWER, records=(*self._others, draft.record))
        return Overlay(self._resolver, ZoneData([assumed], server=ASSUMED))

    def _not_advised(self, reason: str, stops: tuple[SpfShift, ...] = ()) -> SpfEdit:
        return SpfEdit(domain=self._domain, publish_at=self._publish_at, reason=reason, stops=stops)


def _deciding(after: SpfIdentity) -> int | None:
    """The place of the term that decided."""
    return next((index for index, step in enumerate(after.trace) if step.decided), None)
