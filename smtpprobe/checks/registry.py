"""The registry: every check, in the order in which a report shows them."""

from smtpprobe.checks import auth, dkim, dmarc, dnsbl, iprev, mail_hosts, mx, reply_syntax, spf
from smtpprobe.checks.tls import dane, mta_sts, starttls, tlsrpt

CHECKS = (
    dnsbl.CHECK,
    spf.CHECK,
    dkim.CHECK,
    dmarc.CHECK,
    iprev.CHECK,
    mx.CHECK,
    mail_hosts.CHECK,
    starttls.CHECK,
    mta_sts.CHECK,
    tlsrpt.CHECK,
    dane.CHECK,
    auth.CHECK,
    reply_syntax.CHECK,
)
