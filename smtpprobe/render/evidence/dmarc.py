"""What DMARC came to, as rows: the policy, what aligns, and what older receivers make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.characters import shown, visible, visible_part
from smtpprobe.mailauth.dkim.selectors import none_answered, some_unanswered
from smtpprobe.model.evidence.dmarc import (
    AlignmentMode,
    DmarcAligned,
    DmarcBacking,
    DmarcBackingLack,
    DmarcEvidence,
    DmarcLack,
    DmarcPolicy,
    DmarcPublished,
    DmarcQuery,
    DmarcRestsOn,
)
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import name_servers
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone

_SHOWN = 80  # characters of an SPF record
_WAYS_TOLD = 2  # of those by which everybody passes SPF
_FOLLOWED = {
    DmarcPolicy.NONE: mark("a receiver that follows the policy would take the mail as it is"),
    DmarcPolicy.QUARANTINE: mark("a receiver that follows the policy would treat it as suspicious"),
    DmarcPolicy.REJECT: mark("a receiver that follows the policy would refuse it"),
}
_LACKS = {
    DmarcLack.VALID_POLICY: mark("state a policy: p= is missing, or p, sp or np is not valid"),
    DmarcLack.REPORTS: mark("ask for reports (rua=): without them nobody sees whom a policy hits"),
    DmarcLack.REPORTS_READABLE: mark("write the address in rua= so that it can be read"),
    DmarcLack.REPORTS_REACHABLE: mark("name an address in rua= at which reports can arrive"),
    DmarcLack.TAGS_ONCE: mark("write each tag once: some receivers discard the record"),
    DmarcLack.POLICY_FIRST: mark("write p= directly behind v=DMARC1: some receivers discard the record"),
    DmarcLack.ALL_MAIL: mark(
        "remove pct=, once the reports show that all own mail passes: receivers that still read it apply less than the policy"
    ),
    DmarcLack.NO_SUFFIX: mark("remove psd=y, which is for registries"),
    DmarcLack.REPORTS_AGREED: mark("let a destination of rua= agree to take the reports, or name another"),
    DmarcLack.TEST_OVER: mark("remove t=y once the reports show that all own mail passes"),
    DmarcLack.QUARANTINE: mark("p=quarantine, once the reports show that all own mail passes"),
    DmarcLack.REJECT: mark("p=reject, unless people at the domain post to mailing lists"),
    DmarcLack.SUBDOMAINS: mark("sp= and np= as strict as p=: names below the domain can be forged"),
}
_TEST_OVER_FOR_ALL = mark("remove t=y and pct= together, once the reports show that all own mail passes")
_RESTS_ON = {
    DmarcRestsOn.BOTH: mark("the policy rests on SPF and DKIM"),
    DmarcRestsOn.SPF: mark("the policy rests on SPF alone, as far as was found: forwarded mail fails"),
    DmarcRestsOn.DKIM: mark("the policy rests on DKIM alone: mail that is not signed fails"),
    DmarcRestsOn.EVERYBODY: mark("everybody passes by SPF, whoever sends: DMARC stops nobody"),
    DmarcRestsOn.NO_DOMAIN: mark("the name does not exist, and no mail of it has anything of its own to pass by"),
    DmarcRestsOn.NO_MAIL: mark("the domain sends no mail, its SPF record says, and no DKIM key was found"),
    DmarcRestsOn.NOTHING_FOUND: mark("nothing was found that the domain's mail could pass by"),
    DmarcRestsOn.UNKNOWN: mark("what the policy rests on is unknown: DNS gave no answer"),
}
_BACKING_LACKS = {
    DmarcBackingLack.SPF_CLOSED: mark("remove what lets everybody pass from the SPF record"),
    DmarcBackingLack.SPF_REPAIRED: mark("put the SPF record right, which cannot be evaluated as it is"),
    DmarcBackingLack.SPF_HOSTS: mark(
        "name the hosts that send the domain's mail in the SPF record, which lets nobody pass"
    ),
    DmarcBackingLack.SPF_RECORD: mark("publish an SPF record that names the hosts that send the domain's mail"),
    DmarcBackingLack.KEYS_TESTED: mark("remove t=y from the DKIM keys once their signatures pass"),
    DmarcBackingLack.SIGNATURES: mark("sign the domain's mail with DKIM, or give the selector that it is signed with"),
}
_DESTINATIONS = {
    True: mark("{tag}={uri}: reports may be sent"),
    False: mark("{tag}={uri}: receivers should send no reports"),
    None: mark("{tag}={uri}: unknown whether reports may be sent"),
}


def rows(evidence: DmarcEvidence, detail: Detail) -> list[Row]:
    """Result and policy, each identifier's alignment; with `full` each question of the tree walk."""
    made = [Row(text=_result(evidence), tone=Tone.CAUTION if evidence.hangs_on else result_tone(evidence.result))]
    if evidence.alignment:
        own = evidence.organizational_domain or say("unknown")
        made.append(
            Row(
                text=say(
                    "author {author_domain} [organizational domain {own}]",
                    author_domain=evidence.author_domain,
                    own=own,
                ),
                level=1,
            )
        )
    made += [_aligned(each) for each in evidence.alignment]
    if evidence.published is not None and not evidence.alignment and detail.full:
        made += _published(evidence, evidence.published)
    if evidence.first is not None:
        made.append(_first(evidence, evidence.first))
    elif evidence.backing is not None and evidence.record is not None and evidence.published is None:
        made.append(_next(_LACKS[DmarcLack.VALID_POLICY]))
    if evidence.backing is not None:
        made += _backing(evidence.backing)[0 if evidence.published is not None else 1 :]
    if evidence.meant is not None:
        made.append(Row(text=say("written right: {record}", record=evidence.meant), tone=Tone.CAUTION, level=1))
    if evidence.identifiers_left_out:
        text = say(
            "{count} more authenticated domains were not compared",
            count=evidence.identifiers_left_out,
        )
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    if evidence.result is AuthResult.FAIL and evidence.policy and evidence.alignment and not evidence.problem:
        made.append(Row(text=say(_FOLLOWED.get(evidence.policy, evidence.policy)), level=1))
    if detail.full:
        made += [row for query in evidence.queries for row in _query(query)]
    made += _destinations(evidence, full=detail.full)
    if evidence.rfc7489 is not None:
        older = evidence.rfc7489
        text = say(
            "by RFC 7489: {result}, policy {policy}",
            result=older.result or say("no result"),
            policy=older.policy or say("none published"),
        )
        text += f", pct={older.pct}" if older.pct is not None else ""
        text += say(
            ", organizational domain {organizational_domain}",
            organizational_domain=older.organizational_domain or say("unknown"),
        )
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    if evidence.servers is not None:
        made += name_servers.rows(evidence.servers, full=detail.full)
    return made


def _published(evidence: DmarcEvidence, published: DmarcPublished) -> list[Row]:
    """What the record asks for, and what is to be done before it asks for more."""
    asked = say(
        "policy {own} for {domain}, {below} for names below it, {absent} for names that do not exist",
        own=published.domain,
        domain=evidence.record_domain or evidence.author_domain,
        below=published.subdomains,
        absent=published.nonexistent,
    )
    modes = say("alignment: DKIM {adkim}, SPF {aspf}", adkim=_mode(published.adkim), aspf=_mode(published.aspf))
    lacks = [_next(step) for step in _steps(published.lacks)]
    if evidence.is_enforced:
        lacks.append(Row(text=say("enforced as far as a record can ask for it"), tone=Tone.GOOD, level=1))
    return [Row(text=asked, level=1), Row(text=modes, level=1), *lacks]


def _backing(found: DmarcBacking) -> list[Row]:
    """What the policy rests on, then the SPF record and the keys."""
    said = say(_RESTS_ON.get(found.rests_on, found.rests_on))
    record = visible_part(found.spf_record, _SHOWN) if found.spf_record else ""
    needs_selectors = (
        found.guessed and not (found.selectors or found.testing_selectors) and not found.no_selector_answered
    )
    told = [each for each in (record, found.spf_problem, *found.spf_open[:_WAYS_TOLD]) if each]
    spf = say("SPF: {record}", record=", ".join(told) or say("no record"))
    return [
        Row(text=said, tone=Tone.GOOD if found.is_sound else Tone.CAUTION, level=1),
        Row(text=spf, level=1),
        Row(text=_keys(found), level=1, needs="dkim_selectors" if needs_selectors else None),
        *[_next(_BACKING_LACKS.get(each, each)) for each in found.lacks],
    ]


def _steps(lacks: Sequence[DmarcLack]) -> Iterator[str]:
    """What is to be done in words; what stands for a test to receivers of either standard ends at once."""
    is_test_of_both = DmarcLack.TEST_OVER in lacks and DmarcLack.ALL_MAIL in lacks
    for each in lacks:
        if is_test_of_both and each in (DmarcLack.TEST_OVER, DmarcLack.ALL_MAIL):
            if each is DmarcLack.TEST_OVER:
                yield _TEST_OVER_FOR_ALL
        else:
            yield _LACKS.get(each, each)


def _next(step: str) -> Row:
    return Row(text=say("next: {step}", step=say(step)), tone=Tone.CAUTION, level=1)


def _keys(found: DmarcBacking) -> str:
    if found.no_selector_answered:
        return f"DKIM: {none_answered(found.unanswered_because)}"
    if found.selectors:
        text = say("DKIM: usable keys at {selectors}", selectors=", ".join(found.selectors[:8]))
        if found.testing_selectors:
            text += say("; for testing (t=y): {selectors}", selectors=", ".join(found.testing_selectors[:8]))
    elif found.testing_selectors:
        names = ", ".join(found.testing_selectors[:8])
        text = say("DKIM: no usable key but one for testing (t=y) at {selectors}", selectors=names)
    elif found.guessed:
        text = say_counted(
            "DKIM: the {count} common selector that could be looked up has no usable key, which proves nothing",
            "DKIM: none of {count} common selectors has a usable key, which proves nothing",
            found.selectors_tried - len(found.selectors_unanswered),
        )
    else:
        text = say("DKIM: no usable key at the selectors given")
    if found.unusable_selectors:
        text += say("; unusable ones at {selectors}", selectors=", ".join(found.unusable_selectors[:8]))
    if found.unanswered_because:
        text += f"; {some_unanswered(found.unanswered_because)}"
    return text


def _mode(mode: AlignmentMode) -> str:
    return "strict" if mode is AlignmentMode.STRICT else "relaxed"


def _first(evidence: DmarcEvidence, record: str) -> Row:
    """What to publish where no record applies."""
    name = f"_dmarc.{evidence.author_domain}"
    own = evidence.queries[0]
    words = mark("publish {name} TXT {record}")
    if own.alias is not None:
        words = mark("publish {name} TXT {record} in place of the alias (CNAME)")
    if len(own.texts) > 1:
        words = mark("keep one record at {name}, the mildest with all report addresses: {record}")
    quotes = '"'
    return _next(say(words, name=name, record=quotes + visible(record) + quotes))


def _query(query: DmarcQuery) -> list[Row]:
    alias = say(" (CNAME of {alias})", alias=query.alias) if query.alias else ""
    several = say("{count} DMARC records", count=query.records) if query.records > 1 else None
    other = say("{text} is not a DMARC record", text=shown(query.other, 60)) if query.other is not None else None
    found = visible(query.record) if query.record else several or other or query.status
    made = [Row(text=f"{query.name}{alias}: {found}", tone=Tone.FAINT, level=1)]
    return made + [Row(text=visible(text), tone=Tone.FAINT, level=2) for text in query.texts]


def _destinations(evidence: DmarcEvidence, *, full: bool) -> list[Row]:
    """Where reports go; without `full` only those of which DNS does not say whether they may, and how many are left out."""
    made = []
    for each in evidence.report_destinations:
        no_way = each.accepted is not False and each.reachable is False
        words = mark("{tag}={uri}: expect no reports") if no_way else _DESTINATIONS[each.accepted]
        text = say(words, tag=each.tag, uri=each.uri)
        if each.override and each.accepted:
            text += say(", to {uris} instead", uris=", ".join(each.override))
        if each.problem:
            text += f", {each.problem}"
        if full or each.accepted is None:
            is_doubtful = each.accepted is None or no_way
            made.append(Row(text=text, tone=Tone.CAUTION if is_doubtful else Tone.FAINT, level=1))
    if evidence.destinations_left_out:
        text = say(
            "{count} more report destinations were not looked at",
            count=evidence.destinations_left_out,
        )
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    return made


def summary(evidence: DmarcEvidence) -> str:
    """Result and policy, on one line."""
    policy = say(", policy {policy}", policy=evidence.policy) if evidence.policy else ""
    where = say(" from _dmarc.{record_domain}", record_domain=evidence.record_domain) if evidence.record_domain else ""
    return f"{_word(evidence)}{policy}{where}" + (f", {evidence.problem}" if evidence.problem else "")


def _word(evidence: DmarcEvidence) -> str:
    """The result, or what it hangs on."""
    if len(evidence.hangs_on) == 1:
        return say("fail unless {mechanism} passes and aligns", mechanism=evidence.hangs_on[0].upper())
    if evidence.result is AuthResult.FAIL and not evidence.alignment:
        return say("fail unless SPF or DKIM passes and aligns")
    return evidence.result


def _result(evidence: DmarcEvidence) -> str:
    text = f"{evidence.author_domain}: {_word(evidence)}"
    if evidence.record_domain:
        without = mark(", no policy from _dmarc.{record_domain}")
        words = mark(", policy {policy} from _dmarc.{record_domain}") if evidence.policy else without
        text += say(words, policy=evidence.policy, record_domain=evidence.record_domain)
    if evidence.organizational_domain:
        text += say(
            ", organizational domain {organizational_domain}", organizational_domain=evidence.organizational_domain
        )
    return f"{text}, {evidence.problem}" if evidence.problem else text


def _aligned(each: DmarcAligned) -> Row:
    mode = "" if each.mode is AlignmentMode.UNKNOWN else f" ({_mode(each.mode)})"
    word = say({True: mark("aligned"), False: mark("not aligned"), None: mark("alignment unknown")}[each.aligned])
    organizational = each.organizational_domain or say("unknown")
    return Row(text=f"{each.mechanism:<6} {each.domain} [{organizational}]: {each.result}, {word}{mode}", level=1)
