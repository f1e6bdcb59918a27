"""What remedies may name, and those for a fault that lies with the recipient's server."""

from __future__ import annotations

from smtpprobe.diagnosis.assess.authentication import deciding_spf
from smtpprobe.diagnosis.rejection import Assessment, Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentityKind
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.words import AuthResult


def known_values(rejection: Rejection) -> dict[str, str | None]:
    """The values that remedies may name."""
    captured, identity = rejection.explanation.captures, rejection.transcript.identity
    ip = captured.ip or (identity.client_ip if identity else None)
    return {
        "ip": ip,
        "list": captured.list,
        "url": captured.url,
        "domain": captured.domain or names.domain_of(rejection.reverse_path or ""),
        "helo": rejection.helo,
        "address": captured.address or rejection.forward_path,
        "mechanism": captured.mechanism,
        "wait": _minutes(captured.wait_s),
        **_spf_state(rejection),
    }


def _spf_state(rejection: Rejection) -> dict[str, str | None]:
    """Whether SPF passes, whose identity fails, and what is wrong with a record that cannot be evaluated."""
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return {}
    evidence = found[1]
    identities = (evidence.identities.mailfrom, evidence.identities.helo)
    broken = next((each for each in identities if each.result is AuthResult.PERMERROR), None)
    state = {
        "spf_passes": "yes" if evidence.result is AuthResult.PASS else None,
        "spf_problem": broken.problem if broken else None,
        "spf_only": "yes"
        if rejection.explanation.enhanced and rejection.explanation.enhanced[1:] in (".7.23", ".7.24")
        else None,
    }
    deciding = deciding_spf(rejection) if rejection.explanation.cause == "email-auth-failed" else None
    if deciding and deciding[1] is SpfIdentityKind.HELO and deciding[0].domain:
        # A pass of the other identity does not help: the server went by this one.
        state |= {"spf_passes": None, "spf_helo": deciding[0].domain, "domain": deciding[0].domain}
    return state


def _minutes(wait_s: int | None) -> str | None:
    if not wait_s:
        return None
    return f"{wait_s} seconds" if wait_s < 120 else f"{round(wait_s / 60)} minutes"


def for_the_postmaster(rejection: Rejection, assessment: Assessment) -> tuple[Remedy, ...]:
    """Who has to mend it, and the note by which they hear of it."""
    zone, ip = rejection.explanation.captures.list or "the block list", rejection.explanation.captures.ip
    why = "; ".join(assessment.because)
    mend = f"Mend the server's look-up of {zone}, or take the list out of its configuration: {why}."
    note = (
        f'Send this note to their postmaster by another way: "Your server refuses mail from {ip or "our address"} with '
        f"reference to {zone}, but {why}. Please check whether the list refuses your resolver, whether a cache is stale, and "
        'whether the list is still alive."'
    )
    return (
        Remedy(actor=Actor.RECIPIENT_POSTMASTER, action=mend, verify=f"smtpprobe dnsbl {ip}" if ip else None),
        Remedy(actor=Actor.YOU, action=note),
    )
