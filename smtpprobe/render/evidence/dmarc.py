"""What DMARC came to, as rows: the policy, what aligns, and what older receivers make of it."""

from __future__ import annotations

from smtpprobe.model.evidence.dmarc import AlignmentMode, DmarcAligned, DmarcEvidence, DmarcPolicy, DmarcQuery
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import name_servers
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone

_FOLLOWED = {
    DmarcPolicy.NONE: "take the mail as it is",
    DmarcPolicy.QUARANTINE: "treat it as suspicious",
    DmarcPolicy.REJECT: "refuse it",
}


def rows(evidence: DmarcEvidence, detail: Detail) -> list[Row]:
    """Result and policy, each identifier's alignment; with `full` each question of the tree walk."""
    made = [Row(text=_result(evidence), tone=result_tone(evidence.result))]
    if evidence.alignment:
        own = evidence.organizational_domain or "unknown"
        made.append(Row(text=f"author {evidence.author_domain} [organizational domain {own}]", level=1))
    made += [_aligned(each) for each in evidence.alignment]
    if evidence.identifiers_left_out:
        text = f"{evidence.identifiers_left_out} more authenticated domains were not compared"
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    if evidence.result is AuthResult.FAIL and evidence.policy and evidence.alignment and not evidence.problem:
        done = _FOLLOWED.get(evidence.policy, evidence.policy)
        made.append(Row(text=f"a receiver that follows the policy would {done}", level=1))
    if detail.full:
        made += [_query(query) for query in evidence.queries]
    made += _destinations(evidence, full=detail.full)
    if evidence.rfc7489 is not None:
        older = evidence.rfc7489
        text = f"by RFC 7489: {older.result or 'no result'}, policy {older.policy or 'unknown'}"
        text += f", pct={older.pct}" if older.pct is not None else ""
        text += f", organizational domain {older.organizational_domain or 'unknown'}"
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    if evidence.servers is not None:
        made += name_servers.rows(evidence.servers, full=detail.full)
    return made


def _query(query: DmarcQuery) -> Row:
    alias = f" (CNAME of {query.alias})" if query.alias else ""
    several = f"{query.records} DMARC records" if query.records > 1 else None
    return Row(text=f"{query.name}{alias}: {query.record or several or query.status}", tone=Tone.FAINT, level=1)


def _destinations(evidence: DmarcEvidence, *, full: bool) -> list[Row]:
    """Where reports go; without `full` only those of which DNS does not say whether they may, and how many are left out."""
    made = []
    for each in evidence.report_destinations:
        words = {True: "may be sent", False: "are not sent", None: "unknown whether they may be sent"}[each.accepted]
        if each.override and each.accepted:
            words += f", to {', '.join(each.override)} instead"
        text = f"reports to {each.uri}: {words}" + (f", {each.problem}" if each.problem else "")
        if full or each.accepted is None:
            made.append(Row(text=text, tone=Tone.CAUTION if each.accepted is None else Tone.FAINT, level=1))
    if evidence.destinations_left_out:
        text = f"{evidence.destinations_left_out} more report destinations were not looked at"
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    return made


def summary(evidence: DmarcEvidence) -> str:
    """Result and policy, on one line."""
    policy = f", policy {evidence.policy}" if evidence.policy else ""
    where = f" from _dmarc.{evidence.record_domain}" if evidence.record_domain else ""
    return f"{evidence.result}{policy}{where}" + (f", {evidence.problem}" if evidence.problem else "")


def _result(evidence: DmarcEvidence) -> str:
    text = f"{evidence.author_domain}: {evidence.result}"
    if evidence.result is AuthResult.FAIL and not evidence.alignment:
        text = f"{evidence.author_domain}: fail unless SPF or DKIM passes and aligns"
    if evidence.record_domain:
        policy = f"policy {evidence.policy}" if evidence.policy else "no policy"
        text += f", {policy} from _dmarc.{evidence.record_domain}"
    if evidence.organizational_domain:
        text += f", organizational domain {evidence.organizational_domain}"
    return f"{text}, {evidence.problem}" if evidence.problem else text


def _aligned(each: DmarcAligned) -> Row:
    mode = "strict" if each.mode is AlignmentMode.STRICT else "relaxed"
    word = "aligned" if each.aligned else "not aligned"
    organizational = each.organizational_domain or "unknown"
    return Row(text=f"{each.mechanism:<6} {each.domain} [{organizational}]: {each.result}, {word} ({mode})", level=1)
