"""One evaluation of check_host(): terms in order, limits counted, every step kept (RFC 7208 §4.4 to §6.2)."""

from __future__ import annotations

from smtpprobe.mailauth.spf.client import Client, Nobody
from smtpprobe.mailauth.spf.everybody.wildcard import for_every_client
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_MX_HOSTS, MAX_PTR_NAMES, MAX_PTR_TOLD, MAX_VOID_LOOKUPS
from smtpprobe.mailauth.spf.macro import MacroString, can_be_asked, domain_problem, target_name
from smtpprobe.mailauth.spf.order import Order, arranged, mx_groups, ten_of
from smtpprobe.mailauth.spf.prefetch import ADDRESS_TYPES, Ahead, ptr_names
from smtpprobe.mailauth.spf.record import Record, Term, is_spf_record, parse_record
from smtpprobe.mailauth.spf.trace import Node, Outcome, TermError, no_record_text
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfStepResult
from smtpprobe.model.names import is_at_or_below, reverse_name
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_LOOPS = (SpfFault.INCLUDE_LOOP, SpfFault.REDIRECT_LOOP)
_LEADS_BACK = mark("{loop} leads back to itself, by {term}")
_VOID_LOOKUP = mark("{rdtype} of {name} is the third void lookup, two are allowed: {void}")
_VOID_TERM = mark("{term} is the third void lookup, two are allowed")
_UNFOLLOWED = mark("it depends on the client, and was not followed")
_TOO_MANY_NAMES = mark("of {count} PTR names {looked_at} were looked at, and receivers take any {looked_at}")
_QUALIFIED = {"+": AuthResult.PASS, "-": AuthResult.FAIL, "~": AuthResult.SOFTFAIL, "?": AuthResult.NEUTRAL}


class Evaluation:
    """The state of one check_host(): the limits are one count for all records that it comes to (RFC 7208 §4.1).

    `values` are those of the macros by letter; %{d} and %{p} are set here. `consumed` are the indexes of the lookups
    that it rests on, in order.

    RFC 7208 §4.6.4 speaks of terms whose lookups are void; most receivers count each lookup of `mx` and `ptr`, as we do
    unless `counts_hosts` is false: then a term counts once. `void_hosts` are the void lookups that this makes a
    difference to. `order` is that of hosts which a receiver may take in any, and `has_ties` whether there were some.
    `doubting`: beside the first address it is asked whether the resolver makes addresses up.
    """

    def __init__(
        self,
        resolver: Resolver,
        client: Client,
        values: dict[str, str],
        *,
        counts_hosts: bool = True,
        doubting: bool = False,
        order: Order | None = None,
    ) -> None:
        self._resolver = resolver
        self._client = client
        self._values = values
        self._ahead = Ahead(resolver, client, values, doubting=doubting)
        self._chain: list[str] = []
        self._loop: tuple[str, SpfFault] | None = None
        self.lookups_used = 0
        self.void_lookups_used = 0
        self._counts_hosts = counts_hosts
        self._order = order
        self.has_ties = False
        self._void_term: Node | None = None  # the last one that was counted
        self.void_hosts = 0
        self.consumed: list[int] = []

    def end(self) -> None:
        """Start no more lookups ahead."""
        self._ahead.over = True

    async def host(self, domain: str, node: Node | None = None) -> Outcome:
        """check_host() for one domain, whose TXT lookup belongs to the node that leads there."""
        problem = domain_problem(domain)
        if problem:
            return Outcome(AuthResult.NONE, problem, SpfFault.NO_DOMAIN)
        found = await self.ask(domain.lower(), "TXT", node, counts=False)
        if found.failed:
            return Outcome(AuthResult.TEMPERROR, found.failure_text, SpfFault.DNS_FAILURE)
        records = [text for text in found.records if is_spf_record(text)]
        if not records:
            return Outcome(AuthResult.NONE, no_record_text(found, domain), SpfFault.NO_RECORD)
        # RFC 7208 §4.5: one record, or permerror.
        if len(records) > 1:
            return Outcome(
                AuthResult.PERMERROR,
                say("{domain} has {count} SPF records", domain=domain, count=len(records)),
                SpfFault.MULTIPLE_RECORDS,
            )
        record = parse_record(records[0])
        nodes = tuple([Node(domain, term) for term in record.terms])
        # RFC 7208 §4.6: a syntax error anywhere in the record is found before anything is evaluated.
        if record.faulty is not None:
            for term in record.errors:
                nodes[term.position].result = SpfStepResult.PERMERROR
                nodes[term.position].reason = term.problem
                nodes[term.position].fault = SpfFault.SYNTAX_ERROR
            problem = say("syntax error in the record of {domain}: {problem}", domain=domain, problem=record.problem)
            return Outcome(
                AuthResult.PERMERROR, problem, SpfFault.SYNTAX_ERROR,
                record=record.text, nodes=nodes, decider=nodes[record.faulty.position],
            )  # fmt: skip
        if record.ignored_redirect is not None:
            nodes[record.ignored_redirect.position].result = SpfStepResult.IGNORED
            nodes[record.ignored_redirect.position].reason = say("the record has all")
        # Once round is for ever: the same record of the same client takes the same way.
        if self._loop is None and node is not None and domain.lower() in self._chain:
            self._loop = say(_LEADS_BACK, loop=domain, term=node.term), _LOOPS[node.redirects]
        self._chain.append(domain.lower())
        self._ahead.record(record, domain, used=self.lookups_used, first_is_next=True)
        outcome = await self._terms(record, domain, nodes)
        self._chain.pop()
        return outcome

    async def _terms(self, record: Record, domain: str, nodes: tuple[Node, ...]) -> Outcome:
        """The record's directives from left to right, then redirect=, else neutral (RFC 7208 §4.6.2, §4.7)."""
        for term in record.directives:
            node = nodes[term.position]
            try:
                matched = self._client.decides(term)
                if matched is None:
                    matched = await self._matches(term, domain, node)
            except TermError as error:
                return self._failed(error, record, nodes, node)
            node.used = self.lookups_used
            node.voids = self.void_lookups_used
            if matched:
                node.result = SpfStepResult.MATCH
                result = _QUALIFIED[term.qualifier]
                explanation = record.explanation if result is AuthResult.FAIL else None
                explaining = None if explanation is None else (explanation, nodes[explanation.position])
                return Outcome(result, record=record.text, nodes=nodes, decider=node, explaining=explaining)
            node.result = SpfStepResult.NO_MATCH
        if record.redirect is not None:
            return await self._redirected(record.redirect, record, domain, nodes)
        return Outcome(AuthResult.NEUTRAL, record=record.text, nodes=nodes)

    async def _redirected(self, term: Term, record: Record, domain: str, nodes: tuple[Node, ...]) -> Outcome:
        node = nodes[term.position]
        try:
            self._count(term)
            if not self._client.can_follow(term):
                node.reason, node.used, node.voids = say(_UNFOLLOWED), self.lookups_used, self.void_lookups_used
                self._not_followed(term, node)
                return Outcome(AuthResult.NEUTRAL, record=record.text, nodes=nodes)
            node.expanded = await self._target(term, domain, node)
            inner = node.inner = await self.host(node.expanded, node)
            # RFC 7208 §6.1: no record there is a permerror.
            if inner.result is AuthResult.NONE:
                raise TermError(AuthResult.PERMERROR, f"{term.text}: {inner.reason}", SpfFault.REDIRECT_MISSING)
        except TermError as error:
            return self._failed(error, record, nodes, node)
        node.result, node.reason, node.fault = SpfStepResult(inner.result), inner.reason, inner.fault
        node.used, node.voids = self.lookups_used, self.void_lookups_used
        return Outcome(
            inner.result,
            inner.reason,
            inner.fault,
            record=record.text,
            nodes=nodes,
            decider=node,
            explaining=inner.explaining,
        )

    def _failed(self, error: TermError, record: Record, nodes: tuple[Node, ...], node: Node) -> Outcome:
        node.result, node.reason, node.fault = SpfStepResult(error.result), error.reason, error.fault
        node.used, node.voids = self.lookups_used, self.void_lookups_used
        return Outcome(error.result, error.reason, error.fault, record=record.text, nodes=nodes, decider=node)

    async def _matches(self, term: Term, domain: str, node: Node) -> bool:
        self._count(term)
        if not self._client.can_follow(term):
            if await self._matches_everybody(term, domain, node):
                return True
            node.reason = say(_UNFOLLOWED)
            self._not_followed(term, node)
            return False
        node.expanded = target = await self._target(term, domain, node)
        if term.name == "include":
            return await self._include(term, target, node)
        if term.name == "ptr":
            names = await self._validated_names(node, target, term)
            node.host = next((name for name in names if is_at_or_below(name, target)), None)
            return node.host is not None
        # RFC 7208 §4.8 leaves a name that cannot exist open: it does not match, as one that does not exist.
        if not can_be_asked(target):
            node.reason = say("{target} is not a domain name", target=target)
            return False
        if term.name == "exists":
            # RFC 7208 §5.7: an A lookup, whatever the client's address is.
            matched = bool((await self._answer(target, "A", node)).records)
        elif term.name == "a":
            matched = self._is_among(term, await self._answer(target, self._client.address_type, node))
        else:
            return await self._mx(term, target, node)
        node.host = target.lower() if matched else None
        return matched

    async def _matches_everybody(self, term: Term, domain: str, node: Node) -> bool:
        """Whether a wildcard answers for whatever client the term asks about."""
        if term.name != "exists" or not isinstance(self._client, Nobody):
            return False
        answers = await for_every_client(self._resolver, term, domain, self._values, is_ip4=self._client.is_ip4)
        for found in answers:
            self.consumed += [found.index] if found.index >= 0 else []
            node.rests_on(found)
        return bool(answers)

    def _not_followed(self, term: Term, node: Node) -> None:
        """What a term costs that was not followed: `exists` without a match is void (RFC 7208 §5.7), others may be."""
        if term.name == "exists" or (self._client.expects_the_worst and term.name in ("a", "mx", "ptr")):
            self._spend_void(say(_VOID_TERM, term=term.text), node, of_host=False)
        elif self._client.expects_the_worst:
            raise TermError(AuthResult.PERMERROR, say(_UNFOLLOWED), SpfFault.INCLUDE_MISSING)

    async def _include(self, term: Term, target: str, node: Node) -> bool:
        inner = node.inner = await self.host(target, node)
        # RFC 7208 §5.2: the table of results.
        if inner.result is AuthResult.PASS:
            return True
        if inner.result is AuthResult.NONE:
            raise TermError(AuthResult.PERMERROR, f"{term.text}: {inner.reason}", SpfFault.INCLUDE_MISSING)
        if inner.result in (AuthResult.TEMPERROR, AuthResult.PERMERROR):
            raise TermError(inner.result, inner.reason or inner.result.value, inner.fault)
        node.add(say("{target} gives {result}", target=target, result=inner.result.value))
        return False

    async def _mx(self, term: Term, target: str, node: Node) -> bool:
        groups = mx_groups(await self._answer(target, "MX", node))
        hosts = [host for group in groups for host in group]
        # RFC 7208 §4.6.4: more than ten hosts are a permerror, wherever among them a match would be.
        if len(hosts) > MAX_MX_HOSTS:
            raise TermError(
                AuthResult.PERMERROR,
                say("{target} has {count} MX hosts, at most 10 are allowed", target=target, count=len(hosts)),
                SpfFault.TOO_MANY_MX,
            )
        self._ahead.addresses(hosts[1:])
        self.has_ties |= len(groups) < len(hosts)
        for host in await arranged(self._resolver, self._client, term, groups, self._order):
            if can_be_asked(host) and self._is_among(
                term, await self._answer(host, self._client.address_type, node, of_host=True)
            ):
                node.host = host
                return True
        return False

    async def _validated_names(self, node: Node, within: str, term: Term | None, *, counts: bool = True) -> list[str]:
        """The client's PTR names that lead back to it (RFC 7208 §5.5); for a term up to the first in `within`."""
        found = await self.ask(reverse_name(self._client.ip), "PTR", node, counts=counts)
        if found.failed:
            node.reason = found.failure_text
            return []
        names = ptr_names(found)
        self._ahead.addresses(names[1:MAX_PTR_TOLD])
        if len(names) > MAX_PTR_NAMES:
            node.reason = say(_TOO_MANY_NAMES, count=len(names), looked_at=MAX_PTR_NAMES)
            self.has_ties = True
            names = await ten_of(self._resolver, self._client, names, within, self._order)
        if term is not None:
            self.has_ties |= len(names) > 1
            names = await arranged(self._resolver, self._client, term, [names], self._order, within)
        validated: list[str] = []
        failed = None
        for name in names:
            if not can_be_asked(name):
                continue
            # RFC 7208 §5.5: a name whose lookup fails is skipped.
            answer = await self.ask(name, self._client.address_type, node, counts=counts, of_host=True)
            failed = failed or (answer.failure_text if answer.failed else None)
            if not answer.failed and self._client.is_among(answer.records):
                validated.append(name)
                if term is not None and is_at_or_below(name, within):
                    return validated
        node.reason = node.reason or failed
        return validated

    async def _validated_name(self, domain: str, node: Node, counts: bool) -> str:
        """What %{p} says: the domain, else a name below it, else any, else `unknown` (RFC 7208 §7.3)."""
        names = await self._validated_names(node, domain.lower(), None, counts=counts)
        if not names and node.reason:
            node.reason = say("%{{p}} says unknown: {why}", why=node.reason)
        below = [name for name in names if is_at_or_below(name, domain.lower())]
        return domain if domain.lower() in names else next(iter(below or names), "unknown")

    async def _target(self, term: Term, domain: str, node: Node) -> str:
        if term.name_literal is not None:
            return term.name_literal
        return domain.lower() if term.target is None else target_name(await self.expanded(term.target, domain, node))

    async def expanded(self, text: MacroString, domain: str, node: Node, *, counts: bool = True) -> str:
        if "p" in text.letters:
            self._values["p"] = await self._validated_name(domain, node, counts)
        self._values["d"] = domain
        return text.expand(self._values)

    def _is_among(self, term: Term, found: DnsLookup) -> bool:
        return self._client.is_among(found.records, term.prefix4, term.prefix6)

    def _count(self, term: Term) -> None:
        self.lookups_used += 1
        # RFC 7208 §4.6.4: at most ten terms that cause lookups, in all records together.
        if self.lookups_used > MAX_LOOKUPS:
            over = say("{text} is the eleventh term that needs a lookup, ten are allowed", text=term.text)
            raise self._of_limit(over, SpfFault.TOO_MANY_LOOKUPS)

    def _of_limit(self, over: str, fault: SpfFault) -> TermError:
        """The error where a limit is reached; a circle has no end, however many are allowed."""
        return TermError(AuthResult.PERMERROR, *(self._loop or (over, fault)))

    async def _answer(self, name: str, rdtype: str, node: Node, *, of_host: bool = False) -> DnsLookup:
        """The answer, which may be that there is none; a failure is a temperror (RFC 7208 §5)."""
        found = await self.ask(name, rdtype, node, of_host=of_host)
        if found.failed:
            raise TermError(AuthResult.TEMPERROR, found.failure_text, SpfFault.DNS_FAILURE)
        return found

    async def ask(
        self, name: str, rdtype: str, node: Node | None, *, counts: bool = True, of_host: bool = False
    ) -> DnsLookup:
        """The lookup, noted as consumed. With `counts`, an answer without records is a void lookup.

        `of_host`: it is the address of an MX host or of a PTR name, not what the term itself asks for.
        """
        if rdtype in ADDRESS_TYPES:
            self._ahead.doubt()
        found = await self._resolver.lookup(Question(name, rdtype))
        if found.index >= 0:
            self.consumed.append(found.index)
        if node is not None:
            node.rests_on(found)
        if counts and not found.records and not found.failed:
            self._count_void(found, name, rdtype, node, of_host=of_host)
        return found

    def _count_void(self, found: DnsLookup, name: str, rdtype: str, node: Node | None, *, of_host: bool) -> None:
        void = say("the name does not exist") if found.status is DnsStatus.NXDOMAIN else say("no such record")
        self._spend_void(say(_VOID_LOOKUP, rdtype=rdtype, name=name, void=void), node, of_host=of_host)

    def _spend_void(self, over: str, node: Node | None, *, of_host: bool) -> None:
        self.void_hosts += of_host
        if not self._counts_hosts and node is self._void_term:
            return
        self._void_term = node
        self.void_lookups_used += 1
        # RFC 7208 §4.6.4: at most two void lookups.
        if self.void_lookups_used > MAX_VOID_LOOKUPS:
            raise self._of_limit(over, SpfFault.TOO_MANY_VOID_LOOKUPS)
