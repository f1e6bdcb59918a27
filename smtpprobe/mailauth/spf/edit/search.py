"""The smallest change of an SPF record that makes one address pass, proved by evaluating it in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.alias import End, alias_of
from smtpprobe.mailauth.spf.edit.ground import (
    LOOPS,
    Ground,
    deciding,
    ground_below,
    ground_of,
    improved,
    listed,
)
from smtpprobe.mailauth.spf.edit.not_advised import chosen_by_sender, opens, unproved, why_not
from smtpprobe.mailauth.spf.edit.published_texts import written_terms
from smtpprobe.mailauth.spf.edit.repair import (
    Change,
    Draft,
    permitting,
    ways_of_redirect,
    with_all_last,
    with_network,
    without_match,
)
from smtpprobe.mailauth.spf.everybody.effect import Identity, contains, in_words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfIdentity, SpfShift
from smtpprobe.model.names import ip_address
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_FIRST = mark("add what else sends for the domain: its MX hosts (mx), its providers (include)")
_OPENS = mark("every change of this record that lets {ip} pass would let nearly everybody pass: {addresses}")
_IN_SEVERAL = mark(
    "the record needs {needed} lookups, ten are allowed, and that stays for others if {ip} is added: first put networks in "
    "the place of names, in {count} records, as the audit of the domain shows them"
)
_SILENCES = mark("every change of this record that lets {ip} pass would silence {addresses}, which pass today")

_LEFT_CLOSED = mark("what is misspelt in it stays: put right, it would let these pass: {addresses}")
_LEFT_PASSING = mark("what is misspelt in it stays: put right, it would silence {addresses}, which pass today")


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
    by_sender = chosen_by_sender(identity, helo)
    if by_sender is not None:
        return SpfEdit(domain=domain, publish_at=alias.publish_at if alias else None, reason=reason or by_sender)
    draft, ground = await ground_of(resolver, domain, found)
    search = _Search(ground, draft, identity, ip_address(client_ip.partition("%")[0]), helo, found.records, now)
    if reason is not None:
        return await search.edit_of_faults(reason)
    return await search.edit_elsewhere() or await search.edit()


def _of_refused(opened: SpfEdit | None, refused: SpfEdit | None) -> Iterator[str]:
    """Why what is misspelt was left as it is, where putting it right would have done harm."""
    if opened is not None:
        yield say(_LEFT_CLOSED, addresses=in_words(opened.begins))
    elif refused is not None:
        yield say(_LEFT_PASSING, addresses=in_words(refused.stops))


class _Search:
    """The search for a record that lets the address pass and silences nobody."""

    def __init__(
        self,
        ground: Ground,
        draft: Draft | None,
        identity: SpfIdentity,
        ip: str,
        helo: str,
        published: Sequence[str],
        now: float | None,
    ) -> None:
        self._ground = ground
        self._identity = identity
        self._draft = draft
        self._ip = ip
        self._helo = helo
        self._now = now
        self._domain = identity.domain or ""
        self._sender = identity.sender or ""
        self._published = published
        self._before = identity.result or AuthResult.NONE

    async def edit_elsewhere(self) -> SpfEdit | None:
        """What lets the address pass that is not in the record itself: a record that it leads to, a text beside it."""
        if self._draft is None:
            return None
        below = await ground_below(self._ground, self._identity)
        if below is not None:
            draft, ground = below
            search = self._at(ground)
            # Where it still goes round in another record, this is not where the address is to be permitted.
            is_round = (await search._evaluated(draft)).fault in LOOPS
            for each in (draft,) if is_round else (draft, with_network(draft, len(draft.words), self._ip)):
                made = await search.proposed(each)
                if made is not None:
                    return made
        found = await self._ground.resolver.lookup(Question(self._domain.lower(), "TXT"))
        wider, ground = await ground_of(self._ground.resolver, self._domain, found, with_look_alikes=True)
        if wider is not None and wider.words != self._draft.words:
            made = await self._at(ground).proposed(wider)
            if made is not None:
                return made
        for term in parse_record(self._draft.record).directives:
            meant = await self._ground.with_meant(self._draft, term.position) if term.name == "mx" else None
            made = await self.proposed(meant) if meant is not None else None
            if made is not None:
                return made
        return None

    def _at(self, ground: Ground) -> _Search:
        return _Search(ground, None, self._identity, self._ip, self._helo, (), self._now)

    async def proposed(self, draft: Draft) -> SpfEdit | None:
        """The draft as a proposal, where it lets the address pass, silences nobody and lets in nobody by a guess."""
        after = await self._evaluated(draft)
        if after.result is not AuthResult.PASS:
            return None
        proposal = await self._judged(draft, after)
        return None if proposal.stops or opens(proposal.begins) else proposal

    async def edit(self) -> SpfEdit:
        """The first draft that passes and makes nobody stop passing; why none is advised, where there is none."""
        refused: SpfEdit | None = None
        opened: SpfEdit | None = None
        problem: str | None = None
        for draft, may_permit in self._starts():
            better, after = await self._improved(draft, may_permit=may_permit)
            if after.result is not AuthResult.PASS:
                problem = after.problem or problem or after.result
                continue
            # What was moved must not bring others to an error that they did not come to.
            if draft != self._draft and any(change.passes_over for change in better.changes):
                continue
            proposal = await self._judged(better, after)
            if opens(proposal.begins):
                opened = opened or proposal
            elif proposal.stops:
                refused = refused or proposal
            else:
                found = await self._within_limits(better, proposal)
                return msgspec.structs.replace(found, notes=(*found.notes, *_of_refused(opened, refused)))
        if opened is not None:
            return self._not_advised(say(_OPENS, ip=self._ip, addresses=in_words(opened.begins)))
        if refused is not None:
            return self._not_advised(say(_SILENCES, ip=self._ip, addresses=in_words(refused.stops)), refused.stops)
        return self._not_advised(
            say("no change of this record alone makes {ip} pass: {problem}", ip=self._ip, problem=problem)
        )

    async def _within_limits(self, draft: Draft, proposal: SpfEdit) -> SpfEdit:
        """The proposal; where others would still need too many lookups, one with networks in the place of names."""
        if proposal.lookups_needed <= MAX_LOOKUPS:
            return proposal
        flat = await listed(self._ground, self._draft or draft)
        if isinstance(flat, int):
            return self._not_advised(say(_IN_SEVERAL, needed=proposal.lookups_needed, count=flat, ip=self._ip))
        if flat is None:
            return proposal
        made = await self.proposed((await self._improved(flat, may_permit=True))[0])
        return proposal if made is None or made.lookups_needed > MAX_LOOKUPS else made

    async def edit_of_faults(self, reason: str) -> SpfEdit:
        """The record without its own faults where that lets the address pass; else the reason that none is advised."""
        published = self._draft or Draft(())
        for draft in dict.fromkeys((with_all_last(published), published)):
            better, after = await self._improved(draft, may_permit=False)
            if after.result is AuthResult.PASS:
                proposal = await self._judged(better, after)
                if not proposal.stops and not opens(proposal.begins):
                    return proposal
        if after.fault is SpfFault.TOO_MANY_LOOKUPS and (spent := without_match(after)):
            # Which terms go is for the domain's owner to say; that these do not match stays so.
            after = await self._evaluated(better.without(dict.fromkeys(spent, say("it does not match"))))
        return SpfEdit(
            domain=self._domain,
            publish_at=self._ground.publish_at,
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
        ways = ways_of_redirect(self._draft)
        for draft in ways[:1]:
            yield draft, False
        for draft in ways[1:]:
            yield draft, True
        reordered = with_all_last(self._draft)
        if reordered != self._draft:
            yield reordered, True
        yield self._draft, True
        yield with_network(self._draft, 0, self._ip), True
        records = [text for text in self._published if is_spf_record(text)]
        if len(records) == 1 and parse_record(records[0]).faulty is None:
            yield with_network(Draft(tuple(written_terms(records[0]))), 0, self._ip), True

    async def _improved(self, draft: Draft, *, may_permit: bool) -> tuple[Draft, SpfIdentity]:
        """The draft changed, one fault after the other, until the address passes or nothing more can be changed."""

        async def better(draft: Draft, after: SpfIdentity) -> Draft:
            if after.result is AuthResult.PASS:
                return draft
            made = await self._without_fault(draft, after)
            return self._permitting(draft, after) if made == draft and may_permit else made

        return await improved(draft, self._evaluated, better)

    async def _without_fault(self, draft: Draft, after: SpfIdentity) -> Draft:
        """The draft with the fault that its evaluation ended in put right, or what permits the address before it."""
        better = await self._ground.without_fault(draft, after, lists_hosts=True)
        decided = deciding(after)
        if better != draft or decided is None or after.result is not AuthResult.PERMERROR:
            return better
        for moved in permitting(draft, decided, self._ip):
            if (await self._evaluated(moved)).result is AuthResult.PASS:
                return moved
        return draft

    def _permitting(self, draft: Draft, after: SpfIdentity) -> Draft:
        """The draft with the address permitted before the term that decided."""
        decided = deciding(after)
        if after.result is AuthResult.PERMERROR and decided is not None:
            return with_network(draft, decided, self._ip, passing_over=after.problem)
        return with_network(draft, len(draft.words) if decided is None else decided, self._ip)

    async def _judged(self, draft: Draft, after: SpfIdentity) -> SpfEdit:
        """The draft with what it changes for everybody."""
        identity = Identity(self._domain, self._sender, self._helo)
        proposal = await self._ground.judged(draft, after, identity, is_ip4=":" not in self._ip)
        return msgspec.structs.replace(proposal, begins=self._with_client(proposal.begins))

    def _with_client(self, begins: tuple[SpfShift, ...]) -> tuple[SpfShift, ...]:
        """Those who begin to pass, the client too where a term lets it pass that cannot be listed."""
        if any(shift.sender in (None, self._sender) and contains(shift, self._ip) for shift in begins):
            return begins
        own = SpfShift(first=self._ip, last=self._ip, sender=self._sender, before=self._before, after=AuthResult.PASS)
        return (own, *begins)

    async def _evaluated(self, draft: Draft) -> SpfIdentity:
        after = self._ground.with_record(draft)
        return await check_host(after, self._ip, self._domain, self._sender, self._helo, now=self._now)

    def _not_advised(self, reason: str, stops: tuple[SpfShift, ...] = ()) -> SpfEdit:
        return SpfEdit(domain=self._domain, publish_at=self._ground.publish_at, reason=reason, stops=stops)
