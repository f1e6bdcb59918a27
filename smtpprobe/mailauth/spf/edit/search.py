"""The smallest change of an SPF record that makes one address pass, proved by evaluating it in place."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.edit.repair import (
    Change,
    Draft,
    dead_terms,
    merged,
    repaired,
    with_all_last,
    with_network,
    without_match,
)
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.terms import look_alike
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.dns.zone_data import ASSUMED, ZoneData
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfIdentity
from smtpprobe.model.names import ip_address, is_documentation
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_ROUNDS = 8
_MAX_STRING = 255  # octets; RFC 1035 §3.3
_RELAY = mark("send through the relay or submission server of the provider that the record already includes")


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
    reason = _why_not(identity, client_ip, end_user) or (found.failure_text if found.failed else None)
    unknown = found.failed or identity.result is AuthResult.TEMPERROR
    if reason is not None and (unknown or not any(is_spf_record(each) for each in found.records)):
        return SpfEdit(domain=domain, reason=reason)
    draft, others = _first_draft(found.records, client_ip)
    trial = _Trial(resolver, others, identity, ip_address(client_ip.partition("%")[0]), helo, now)
    if (reordered := with_all_last(draft)) != draft and (await trial.of(reordered)).result is AuthResult.PASS:
        return await trial.proved(reordered)
    return await (trial.improved(draft) if reason is None else trial.mended(draft, reason))


def is_editable(ip: str) -> bool:
    """Whether a record may permit the address: it is global, or stands for one in documentation."""
    address = ipaddress.ip_address(ip_address(ip.partition("%")[0]))
    return (address.is_global and not address.is_multicast) or is_documentation(address)


def strings(record: str) -> tuple[str, ...]:
    """The record's strings as a master file has them: quoted, each at most 255 octets, cut after a blank if possible."""
    cut: list[str] = []
    while len(record) > _MAX_STRING:
        end = record.rfind(" ", 0, _MAX_STRING) + 1 or _MAX_STRING
        cut.append(record[:end])
        record = record[end:]
    cut.append(record)
    return tuple('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in cut)


def _why_not(identity: SpfIdentity, client_ip: str, end_user: bool) -> str | None:
    if not is_editable(client_ip):
        return say(
            "{client_ip} is not a global address, and means nothing in a public record; see which address the server saw",
            client_ip=client_ip,
        )
    if end_user:
        return say(
            "{client_ip} belongs to an end-user range: {relay}, rather than permit the address",
            client_ip=client_ip,
            relay=say(_RELAY),
        )
    if identity.result is AuthResult.TEMPERROR:
        return say("DNS did not answer, so nothing can be proved: {problem}", problem=identity.problem)
    return None


def _first_draft(texts: Sequence[str], client_ip: str) -> tuple[Draft, tuple[str, ...]]:
    """What the domain publishes as one record, and its other TXT records. A first record where there is none."""
    records = [text for text in texts if is_spf_record(text)]
    others = tuple(text for text in texts if not is_spf_record(text))
    if len(records) > 1:
        return merged(records), others
    if records:
        return Draft(tuple(term.text for term in parse_record(records[0]).terms)), others
    for text in others:
        found = look_alike(text)
        if found is not None and found[2] is not None:
            words = tuple(term.text for term in parse_record(found[2]).terms)
            change = Change(say("the record begins with v=spf1 and a blank ({why})", why=found[1]))
            return Draft(words, (change,)), tuple(other for other in others if other != text)
    note = say("add what else sends for the domain: its MX hosts (mx), its providers (include)")
    return with_network(Draft(("~all",), (Change(say("a first record is published")),), (note,)), 0, client_ip), others


class _Trial:
    """Records tried in the place of the published one, for one address."""

    def __init__(
        self,
        resolver: Resolver,
        others: tuple[str, ...],
        identity: SpfIdentity,
        ip: str,
        helo: str,
        now: float | None,
    ) -> None:
        self._resolver = resolver
        self._others = others
        self._identity = identity
        self._ip = ip
        self._helo = helo
        self._now = now

    @property
    def _domain(self) -> str:
        return self._identity.domain or ""

    def _overlay(self, draft: Draft) -> Overlay:
        records = (*self._others, draft.record)
        assumed = DnsLookup(name=self._domain, type="TXT", status=DnsStatus.ANSWER, records=records)
        return Overlay(self._resolver, ZoneData([assumed], server=ASSUMED))

    async def of(self, draft: Draft) -> SpfIdentity:
        """What the draft gives the address."""
        sender = self._identity.sender or ""
        return await check_host(self._overlay(draft), self._ip, self._domain, sender, self._helo, now=self._now)

    async def improved(self, draft: Draft) -> SpfEdit:
        """The draft changed, one fault after the other, until the address passes."""
        for _ in range(_ROUNDS):
            after = await self.of(draft)
            if after.result is AuthResult.PASS:
                return await self.proved(draft)
            better = _better(draft, after, self._ip)
            if better == draft:
                break
            draft = better
        reason = say(
            "no change of this record alone makes {ip} pass: {problem}",
            ip=self._ip,
            problem=after.problem or after.result,
        )
        return SpfEdit(domain=self._domain, reason=reason)

    async def mended(self, draft: Draft, reason: str) -> SpfEdit:
        """The draft with its own faults mended where that lets the address pass; else what it gives it even so."""
        for _ in range(_ROUNDS):
            after = await self.of(draft)
            better = _mended(draft, after)
            if after.result is AuthResult.PASS or better == draft:
                break
            draft = better
        if after.result is AuthResult.PASS:
            return await self.proved(draft)
        if after.fault is SpfFault.TOO_MANY_LOOKUPS and (spent := without_match(after)):
            # Which terms go is for the domain's owner to say; that these do not match stays so.
            after = await self.of(draft.without(spent, say("it does not match")))
        return SpfEdit(domain=self._domain, reason=reason, result=after.result, mechanism=after.mechanism)

    async def proved(self, draft: Draft) -> SpfEdit:
        """The draft as a change that lets the address pass."""
        after, needed = await self.of(draft), (await lint(self._overlay(draft), self._domain)).lookups_needed or 0
        notes = draft.notes
        # RFC 7208 §4.6.4: at most ten, which this address no longer reaches and others may.
        if needed > MAX_LOOKUPS:
            notes += (
                say("an address that nothing matches still needs {needed} lookups, ten are allowed", needed=needed),
            )
        return SpfEdit(
            domain=self._domain,
            record=draft.record,
            strings=strings(draft.record),
            changes=tuple(change.text for change in draft.changes),
            notes=tuple(dict.fromkeys(notes)),
            result=after.result,
            mechanism=after.mechanism,
            lookups_used=after.lookups_used,
            void_lookups_used=after.void_lookups_used,
            lookups_needed=needed,
        )


def _better(draft: Draft, after: SpfIdentity, ip: str) -> Draft:
    """The draft with the fault of its evaluation mended where it is its own, else with the address permitted."""
    mended = _mended(draft, after)
    if mended != draft or parse_record(draft.record).faulty is not None:
        return mended
    decided = _deciding(after)
    if after.result is AuthResult.PERMERROR and decided is not None and after.problem:
        draft = draft.noting(say("for other addresses this stays: {problem}", problem=after.problem))
    return with_network(draft, len(draft.words) if decided is None else decided, ip)


def _mended(draft: Draft, after: SpfIdentity) -> Draft:
    """The draft with the fault that its evaluation ended in mended; the same where that is not its own."""
    if parse_record(draft.record).faulty is not None:
        return repaired(draft)
    decided = _deciding(after)
    if after.result is not AuthResult.PERMERROR or decided is None:
        return draft
    if after.fault in (SpfFault.INCLUDE_MISSING, SpfFault.REDIRECT_MISSING) and not after.trace[decided].children:
        return draft.without({decided}, say("it leads nowhere ({problem})", problem=after.problem))
    if after.fault in (SpfFault.TOO_MANY_VOID_LOOKUPS, SpfFault.TOO_MANY_LOOKUPS) and (dead := dead_terms(after)):
        return draft.without(dead, say("it leads to nothing, or is there twice"))
    return draft


def _deciding(after: SpfIdentity) -> int | None:
    """The place of the term that decided."""
    return next((index for index, step in enumerate(after.trace) if step.decided), None)
