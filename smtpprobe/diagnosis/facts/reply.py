"""What the reply's own words tell, and what the envelope adds where they are silent."""

from __future__ import annotations

from smtpprobe.catalogue.explainer.told import told
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names


def of_reply(rejection: Rejection) -> dict[str, str | None]:
    """The parts of the reply, and the facts that its words state."""
    captured, identity = rejection.explanation.captures, rejection.transcript.identity
    return {
        "ip": client_ip(rejection),
        "list": captured.list,
        "url": captured.url,
        "domain": captured.domain or names.domain_of(rejection.reverse_path or ""),
        "helo": rejection.helo,
        "address": captured.address or rejection.forward_path,
        "mechanism": captured.mechanism,
        "wait": _minutes(captured.wait_s),
        "ip_v6": "yes" if ":" in (captured.ip or (identity.client_ip if identity else None) or "") else None,
        **told(rejection.reply.text, rejection.explanation),
    }


def client_ip(rejection: Rejection) -> str | None:
    """The client IP, from the reply before what the session knows of it."""
    identity = rejection.transcript.identity
    return rejection.explanation.captures.ip or (identity.client_ip if identity else None)


def _minutes(wait_s: int | None) -> str | None:
    if not wait_s:
        return None
    return f"{wait_s} seconds" if wait_s < 120 else f"{round(wait_s / 60)} minutes"
