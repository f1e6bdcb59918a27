"""The registry: every check, in the order in which a report shows them."""

from smtpprobe.checks import auth, dane, dkim, dmarc, dnsbl, iprev, mta_sts, mx, reply_syntax, spf, starttls, tlsrpt

CHECKS = (
    dnsbl.CHECK,
    spf.CHECK,
    dkim.CHECK,
    dmarc.CHECK,
    iprev.CHECK,
    mx.CHECK,
    starttls.CHECK,
    mta_sts.CHECK,
    tlsrpt.CHECK,
    dane.CHECK,
    auth.CHECK,
    reply_syntax.CHECK,
)
