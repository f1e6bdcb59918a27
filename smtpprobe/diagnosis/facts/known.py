"""All facts of a rejection together."""

from __future__ import annotations

from smtpprobe.diagnosis.facts.authentication import of_authentication
from smtpprobe.diagnosis.facts.listings import of_listings
from smtpprobe.diagnosis.facts.names import of_names
from smtpprobe.diagnosis.facts.parameters import of_parameters
from smtpprobe.diagnosis.facts.reply import of_reply
from smtpprobe.diagnosis.facts.session import of_session
from smtpprobe.diagnosis.rejection import Rejection


def known_facts(rejection: Rejection, cause: str) -> dict[str, str | None]:
    """Every fact that a remedy of the cause may depend on, or name. What is None does not hold, or is not known."""
    known = of_reply(rejection) | of_session(rejection) | of_names(rejection) | of_listings(rejection, cause)
    known |= of_authentication(rejection, cause) | of_parameters(rejection)
    in_order = known.get("spf_passes") and known.get("ptr_confirmed")
    return known | {"checks_in_order": in_order or None}
