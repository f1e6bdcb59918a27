"""Which option sets a field of the request: texts below the command line name the field alone."""

from __future__ import annotations

from collections.abc import Mapping

OPTION_NAMES: Mapping[str, str] = {
    "all_addresses": "--all-addresses",
    "all_mx": "--all-mx",
    "channel_binding": "--channel-binding",
    "bdat": "--bdat",
    "client_ip": "--client-ip",
    "deadline_s": "--deadline",
    "dkim_selectors": "--dkim-selector",
    "flatten": "--flatten",
    "force": "--force",
    "helo": "--helo",
    "insecure_auth": "--insecure-auth",
    "mail_from": "--mail-from",
    "mech": "--mech",
    "message_to_judge": "--message",
    "message_to_send": "--send",
    "pipeline": "--no-pipeline",
    "proxy": "--proxy",
    "proxy_source": "--proxy-source",
    "rcpt_to": "--rcpt-to",
    "resolver": "--resolver",
    "send_anyway": "--send-anyway",
    "tls.ca_file": "--ca-file",
    "tls.client_cert": "--client-cert",
    "tls.max_version": "--tls-min, --tls-max, --ciphers",
    "tls.name": "--tls-name",
    "tls.policy": "--tls implicit",  # needed only where a port may want TLS from the start
    "tls.policy=off": "--tls off",
    "tls.policy=require": "--tls require",
    "tls.verify": "--no-tls-verify",  # only where verifying hides what is to be seen
    "user": "--user",
    "verbosity": "-v",
    "via": "--via",
    "xclient": "--xclient",
}

_WITH_SELECTOR: Mapping[str, str] = {
    "dkim_selectors": "--selector",
    "message_to_judge": "--message",
    "resolver": "--resolver",
}


def names_for(check: str) -> Mapping[str, str]:
    """The names that the command of one check alone has for its options."""
    return _WITH_SELECTOR if check in ("dkim", "dmarc") else OPTION_NAMES


def named(needs: str | None) -> str:
    """The option for the field that is needed, in brackets behind a blank; empty where there is none."""
    option = OPTION_NAMES.get(needs or "")
    return f" ({option})" if option else ""
