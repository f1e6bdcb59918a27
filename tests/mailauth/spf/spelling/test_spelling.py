"""The ways in which people misspell SPF: the record that is proposed for each, and that it says what was meant.

The client is 192.0.2.1. It may send by p.example.net (a provider), h.example.net (a host) or the network 192.0.2.0/24.
"""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.edit.merge import one_of
from smtpprobe.mailauth.spf.edit.search import smallest_edit
from smtpprobe.mailauth.spf.lint.terms import lint_record
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.spf import SpfEdit
from smtpprobe.model.words import AuthResult
from smtpprobe.net.resolver import RunResolver

IP, DOMAIN = "192.0.2.1", "example.org"
ZONE = {
    ("p.example.net", "TXT"): ("v=spf1 ip4:192.0.2.0/28 -all",),
    ("_spf.example.net", "TXT"): ("v=spf1 ip4:192.0.2.0/28 -all",),
    ("q.example.net", "TXT"): ("v=spf1 ip4:198.51.100.9 -all",),
    ("-spf.example.net", "TXT"): ("v=spf1 ip4:198.51.100.9 -all",),
    ("spf.example.net", "TXT"): ("v=spf1 ip4:192.0.2.0/28 -all",),
    ("h.example.net", "A"): (IP,),
    ("h.example.net", "AAAA"): ("2001:db8::1",),
    ("192.0.2.1.list.example.net", "A"): ("127.0.0.2",),
    (DOMAIN, "MX"): ("10 h.example.net.",),
}
INCLUDE, HOST, MX, ONE = "include:p.example.net", "a:h.example.net", "mx:example.org", "ip4:192.0.2.1"


def resolver(*texts: str) -> RunResolver:
    zone = {**ZONE, (DOMAIN, "TXT"): texts}

    async def answer(question: Question) -> DnsLookup:
        records = zone.get((question.name, question.type), ())
        status = DnsStatus.ANSWER if records else DnsStatus.NXDOMAIN
        return DnsLookup(name=question.name, type=question.type, status=status, records=records)

    return RunResolver(answer)


async def edit(*texts: str) -> SpfEdit:
    before = resolver(*texts)
    identity = await check_host(before, IP, DOMAIN, f"alice@{DOMAIN}", DOMAIN)
    made = await smallest_edit(before, identity, IP, DOMAIN)
    await before.aclose()
    assert made is not None
    return made


# What is published behind v=spf1 and a blank, and what was meant.
MENDED = [
    # blanks
    ("include: p.example.net -all", f"{INCLUDE} -all"),
    ("include :p.example.net -all", f"{INCLUDE} -all"),
    ("include : p.example.net ~all", f"{INCLUDE} ~all"),
    ("ip4: 192.0.2.1 -all", f"{ONE} -all"),
    ("ip4 :192.0.2.1 -all", f"{ONE} -all"),
    ("ip4:192.0.2.0 /24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0/ 24 -all", "ip4:192.0.2.0/24 -all"),
    ("+ ip4:192.0.2.1 - all", f"+{ONE} -all"),
    ("redirect= p.example.net", "redirect=p.example.net"),
    ("redirect =p.example.net", "redirect=p.example.net"),
    # a colon that is missing, doubled, or another character
    ("include p.example.net -all", f"{INCLUDE} -all"),
    ("include=p.example.net -all", f"{INCLUDE} -all"),
    ("include;p.example.net -all", f"{INCLUDE} -all"),
    ("include::p.example.net -all", f"{INCLUDE} -all"),
    ("include.p.example.net -all", f"{INCLUDE} -all"),
    ("include_spf.example.net -all", "include:_spf.example.net -all"),
    ("includep.example.net -all", f"{INCLUDE} -all"),
    ("ip4=192.0.2.1 -all", f"{ONE} -all"),
    ("ip4.192.0.2.1 -all", f"{ONE} -all"),
    ("ip4192.0.2.1 -all", f"{ONE} -all"),
    ("ip4 192.0.2.1 -all", f"{ONE} -all"),
    ("a=h.example.net -all", f"{HOST} -all"),
    ("mx=example.org -all", f"{MX} -all"),
    ("redirect:p.example.net", "redirect=p.example.net"),
    ("redirect p.example.net", "redirect=p.example.net"),
    ("-redirect=p.example.net", "redirect=p.example.net"),
    # names
    ("ip:192.0.2.1 -all", f"{ONE} -all"),
    ("ipv4:192.0.2.1 -all", f"{ONE} -all"),
    ("IPv4=192.0.2.1 -all", f"{ONE} -all"),
    ("included:p.example.net -all", f"{INCLUDE} -all"),
    ("inlcude:p.example.net -all", f"{INCLUDE} -all"),
    ("incude:p.example.net -all", f"{INCLUDE} -all"),
    ("redirct=p.example.net", "redirect=p.example.net"),
    ("include:include:p.example.net -all", f"{INCLUDE} -all"),
    ("include: include:p.example.net -all", f"{INCLUDE} -all"),
    # separators
    ("ip4:192.0.2.1 all:-", f"{ONE} -all"),
    ("ip4:192.0.2.1 all:fail", f"{ONE} -all"),
    ("ip4:192.0.2.1 all:softfail", f"{ONE} ~all"),
    (r"ip4:192.0.2.1\n-all", f"{ONE} -all"),
    (r"ip4:192.0.2.1\r\nmx:example.org -all", f"{ONE} {MX} -all"),
    ("ip4:192.0.2.1, -all", f"{ONE} -all"),
    ("ip4:198.51.100.1,192.0.2.1 -all", f"ip4:198.51.100.1 {ONE} -all"),
    ("ip4:198.51.100.1, 192.0.2.1, -all", f"ip4:198.51.100.1 {ONE} -all"),
    ("ip4:198.51.100.1;ip4:192.0.2.1;-all", f"ip4:198.51.100.1 {ONE} -all"),
    ("ip4:198.51.100.1|ip4:192.0.2.1|-all", f"ip4:198.51.100.1 {ONE} -all"),
    ("include:_spf.example.net,p.example.net -all", f"include:_spf.example.net {INCLUDE} -all"),
    ("a:h.example.net;~all;", f"{HOST} ~all"),
    # nothing between two terms
    ("ip4:192.0.2.1-all", f"{ONE} -all"),
    ("include:p.example.net-all", f"{INCLUDE} -all"),
    ("include:p.example.net~all", f"{INCLUDE} ~all"),
    ("ip4:198.51.100.1ip4:192.0.2.1 -all", f"ip4:198.51.100.1 {ONE} -all"),
    ("ip4:198.51.100.1a:h.example.net -all", f"ip4:198.51.100.1 {HOST} -all"),
    # all and its qualifiers
    (f"{ONE} --all", f"{ONE} -all"),
    (f"{ONE} ~~all", f"{ONE} ~all"),
    (f"{ONE}, all-", f"{ONE} -all"),
    (f"{ONE}, -alll", f"{ONE} -all"),
    (f"{ONE}, -al", f"{ONE} -all"),
    (f"{ONE}, -a11", f"{ONE} -all"),
    (f"{ONE}, -all.", f"{ONE} -all"),
    (f"{ONE}, -=all", f"{ONE} -all"),
    (f"{ONE} +~all", f"{ONE} ~all"),
    (f"{ONE} fail", f"{ONE} -all"),
    (f"{ONE} reject", f"{ONE} -all"),
    (f"{ONE} -reject", f"{ONE} -all"),
    (f"{ONE} quarantine", f"{ONE} ~all"),
    (f"{ONE} ALL-DENY", f"{ONE} -all"),
    (f"{ONE} \u2014 all", f"{ONE} -all"),
    (f"{ONE} mx- all", f"{ONE} mx -all"),
    # an all that would let everybody pass
    (f"{ONE} all;", f"{ONE} ~all"),
    (f"{ONE} +al", f"{ONE} ~all"),
    (f"{ONE} + all", f"{ONE} ~all"),
    (f"{ONE} 'all'", f"{ONE} ~all"),
    (f"{ONE}, all", f"{ONE} ~all"),
    (f"{ONE},+all", f"{ONE} ~all"),
    (f"{ONE}, a:h.example.net/0 -all", f"{ONE} -all"),
    (f"{ONE}, ip4:192.0.2.7/3 -all", f"{ONE} -all"),
    # a blank inside a length or a name
    ("ip4:192.0.2.1/3 2 -all", f"{ONE}/32 -all"),
    ("ip4:192.0.2.0/2 4 -all", "ip4:192.0.2.0/24 -all"),
    ("include:p .example.net -all", f"{INCLUDE} -all"),
    # characters that cannot be seen, or look like others
    ("ip4:192.0.2.1\u00a0-all", f"{ONE} -all"),
    ("ip4:192.0.2.1\u2003-all", f"{ONE} -all"),
    ("ip4:192.0.2.1\t-all", f"{ONE} -all"),
    ("ip4:192.0.2.1\\xa0-all", f"{ONE} -all"),
    ("ip4:192.0.2.1&nbsp;-all", f"{ONE} -all"),
    ("ip4:192.0.2.1%20-all", f"{ONE} -all"),
    ("ip4:192.0.2.1\u200b -all", f"{ONE} -all"),
    ("inc\u00adlude:p.example.net -all", f"{INCLUDE} -all"),
    ("\ufeffip4:192.0.2.1 \u2013all", f"{ONE} -all"),
    ("ip4:192.0.2.1 \u2212all", f"{ONE} -all"),
    ("ip4:192.0.2.1 \uff5eall", f"{ONE} ~all"),
    ("ip4\uff1a192.0.2.1 -all", f"{ONE} -all"),
    # quotation marks and brackets
    ('ip4:198.51.100.1" "ip4:192.0.2.1 -all', f"ip4:198.51.100.1 {ONE} -all"),
    ('ip4:192.0.2.1 -all"', f"{ONE} -all"),
    ("\u201cip4:192.0.2.1\u201d -all", f"{ONE} -all"),
    ('include:"p.example.net" -all', f"{INCLUDE} -all"),
    ("include:<p.example.net> -all", f"{INCLUDE} -all"),
    ("include:https://p.example.net/ -all", f"{INCLUDE} -all"),
    ("ip4:[192.0.2.1] -all", f"{ONE} -all"),
    # addresses and networks
    ("192.0.2.1 -all", f"{ONE} -all"),
    ("a:192.0.2.1 -all", f"{ONE} -all"),
    ("mx:192.0.2.0/24 -all", "ip4:192.0.2.0/24 -all"),
    ("include:192.0.2.1 -all", f"{ONE} -all"),
    ("ip6:192.0.2.1 -all", f"{ONE} -all"),
    ("ip4:2001:db8::1 ip4:192.0.2.1 -all", f"ip6:2001:db8::1 {ONE} -all"),
    ("ip4:h.example.net -all", f"{HOST} -all"),
    ("ip6:h.example.net -all", f"{HOST} -all"),
    ("ip4:192.0.2.0/024 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0/255.255.255.0 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0\\24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0-192.0.2.255 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0-255 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.* -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.001 -all", f"{ONE} -all"),
    ("ip4:192.0.2.1:25 -all", f"{ONE} -all"),
    ("ip4:192.0.2.1/ -all", f"{ONE} -all"),
    ("ip4:192.0.2.1. -all", f"{ONE} -all"),
    ("a/24:h.example.net -all", "a:h.example.net/24 -all"),
    # prefix lengths and ports
    ("a:h.example.net:24 -all", "a:h.example.net/24 -all"),
    ("mx:example.org:28 -all", "mx:example.org/28 -all"),
    ("mx:24 -all", "mx/24 -all"),
    ("mx/24/64 -all", "mx/24//64 -all"),
    ("a:h.example.net/24/64 -all", "a:h.example.net/24//64 -all"),
    ("mx//24//64 -all", "mx/24//64 -all"),
    ("mx/24/ -all", "mx/24 -all"),
    ("mx/255.255.255.0 -all", "mx/24 -all"),
    ("ip4:192.0.2.0//24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.0:24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip6:[2001:db8::1]:25 ip4:192.0.2.1:587 -all", f"ip6:2001:db8::1 {ONE} -all"),
    # parts of an address
    ("192.0.2.* -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2. -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2/24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.*/24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.[0-255] -all", "ip4:192.0.2.0/24 -all"),
    (f"ip6:2001:db8:* {ONE} -all", f"ip6:2001:db8::/32 {ONE} -all"),
    (f"ip6:2001:db8: {ONE} -all", f"ip6:2001:db8::/32 {ONE} -all"),
    (f"2001:db8:1:2:* {ONE} -all", f"ip6:2001:db8:1:2::/64 {ONE} -all"),
    (f"ip6:2001:db8:1:2:*:*:*:* {ONE} -all", f"ip6:2001:db8:1:2::/64 {ONE} -all"),
    (f"ip6:2001:db8:/32 {ONE} -all", f"ip6:2001:db8::/32 {ONE} -all"),
    (f"ip6:2001:db8/32 {ONE} -all", f"ip6:2001:db8::/32 {ONE} -all"),
    (f"ip6:2001:db8:::1 {ONE} -all", f"ip6:2001:db8::1 {ONE} -all"),
    ("ip4:192.0.2..1 -all", f"{ONE} -all"),
    ("ip4:192.O.2.l -all", f"{ONE} -all"),
    ("ip4:192,0,2,1 -all", f"{ONE} -all"),
    ("ip4:192.0.2.0 - 192.0.2.255 -all", "ip4:192.0.2.0/24 -all"),
    ("ip5:192.0.2.1 -all", f"{ONE} -all"),
    ("ip4:192.0.2.0/24/24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.1/33 -all", f"{ONE} -all"),
    ("ip4:192.0.2.1/128 -all", f"{ONE} -all"),
    ("ip4:192.0.2.0|24 -all", "ip4:192.0.2.0/24 -all"),
    ("ip4:192.0.2.3-192.0.2.0 -all", "ip4:192.0.2.0/30 -all"),
    (f"ip6=2001:db8::7 {ONE}, -all", f"ip6:2001:db8::7 {ONE} -all"),
    ("ip6:::ffff:192.0.2.1 -all", f"{ONE} -all"),
    ("ip6:::ffff:192.0.2.0/120 -all", "ip4:192.0.2.0/24 -all"),
    ("mx//64/24 -all", "mx/24//64 -all"),
    (f"mx/all {ONE} -all", f"mx {ONE} -all"),
    # mechanisms that SPF does not have, and what else stands in a name
    ("host:h.example.net -all", f"{HOST} -all"),
    ("server:192.0.2.1 -all", f"{ONE} -all"),
    ("txt:p.example.net -all", f"{INCLUDE} -all"),
    ("spf:p.example.net -all", f"{INCLUDE} -all"),
    ("include:postmaster@p.example.net -all", f"{INCLUDE} -all"),
    ("include:p..example.net -all", f"{INCLUDE} -all"),
    ("include:p.example.net/24 -all", f"{INCLUDE} -all"),
    ("include:_spf.example.net:p.example.net -all", f"include:_spf.example.net {INCLUDE} -all"),
    ("ipaddress:192.0.2.1 -all", f"{ONE} -all"),
    # a name without its mechanism
    ("h.example.net -all", f"{HOST} -all"),
    ("+h.example.net. -all", f"+{HOST} -all"),
    ("p.example.net -all", f"{INCLUDE} -all"),
    ("a.h.example.net -all", f"{HOST} -all"),
    ("h.example.net,p.example.net -all", f"{HOST} {INCLUDE} -all"),
    ("include:p..example.net: -all", f"{INCLUDE} -all"),
    ("incl:p.example.net -all", f"{INCLUDE} -all"),
    # letters that look like others
    ("\u0430:h.example.net -all", f"{HOST} -all"),
    ("in\u0441lud\u0435:p.example.net -all", f"{INCLUDE} -all"),
    ("i\u04404:192.0.2.1 -\u0430ll", f"{ONE} -all"),
    ("m\u0445:example.org -all", f"{MX} -all"),
    ("include:p.ex\u0430mple.net -all", f"{INCLUDE} -all"),
    ("\uff49\uff50\uff14:192.0.2.1 -\uff41\uff4c\uff4c", f"{ONE} -all"),
    ("\uff0dall \uff41\uff1a\uff48.example.net", f"{HOST} -all"),
    ("a:b\u00fccher.example.net ip4:192.0.2.1 -all", f"a:xn--bcher-kva.example.net {ONE} -all"),
    # what a web page or a program left behind
    ("ip4:192.0.2.1 -all<br>", f"{ONE} -all"),
    ("ip4:192.0.2.1 -all&quot;", f"{ONE} -all"),
    ("ip4:192.0.2.1\\032-all", f"{ONE} -all"),
    ("ip4:192.0.2.1\\010include:p.example.net -all", f"{ONE} {INCLUDE} -all"),
    ("ip4:192.0.2.1 -all)", f"{ONE} -all"),
    ("(ip4:192.0.2.1 -all)", f"{ONE} -all"),
    ("ip4:192.0.2.1 TXT v=spf1 -all", f"{ONE} -all"),
    ("ip4:192.0.2.1 and mx:example.org -all", f"{ONE} {MX} -all"),
    # macros
    ("exists:%i.list.example.net -all", "exists:%{i}.list.example.net -all"),
    ("exists:%(i).list.example.net -all", "exists:%{i}.list.example.net -all"),
    ("exists:{i}.list.example.net -all", "exists:%{i}.list.example.net -all"),
    ("exists:${i}.list.example.net -all", "exists:%{i}.list.example.net -all"),
    # a plus sign inside
    ("include:+p.example.net -all", f"{INCLUDE} -all"),
    ("a:+h.example.net -all", f"{HOST} -all"),
    ("mx:+example.org -all", f"{MX} -all"),
    ("-include:~q.example.net a:h.example.net -all", f"-include:q.example.net {HOST} -all"),
    ("ip4:+192.0.2.1 -all", f"{ONE} -all"),
    ("redirect=~p.example.net", "redirect=p.example.net"),
    ("redirect=-p.example.net", "redirect=p.example.net"),
    ("redirect:+p.example.net", "redirect=p.example.net"),
    # ports
    ("include:p.example.net:587 -all", f"{INCLUDE} -all"),
    ("include:p.example.net:25, -all", f"{INCLUDE} -all"),
    ("include:p.example.net :587 -all", f"{INCLUDE} -all"),
    ("include:p.example.net.:587 -all", "include:p.example.net. -all"),
    ("include:_spf.example.net:25,p.example.net:25 -all", f"include:_spf.example.net {INCLUDE} -all"),
    ("a:h.example.net:587 -all", f"{HOST} -all"),
    ("mx:example.org:2525 -all", f"{MX} -all"),
    ("mx:587 -all", "mx -all"),
    ("a:h.example.net:465,587 -all", f"{HOST} -all"),
    ("include:p.example.net:25, 465,587, -all", f"{INCLUDE} -all"),
    ("ip4:192.0.2.1:25,587 -all", f"{ONE} -all"),
    ("include:p.example.net(587) -all", f"{INCLUDE} -all"),
    ("a:h.example.net/28:25 -all", f"{HOST}/28 -all"),
    ("a:h.example.net:024 -all", f"{HOST}/24 -all"),
    ("ip4:h.example.net:465 -all", f"{HOST} -all"),
    ("redirect=p.example.net:465", "redirect=p.example.net"),
    ("exists:%{i}.list.example.net:53 -all", "exists:%{i}.list.example.net -all"),
    ("include:smtp://p.example.net:587 -all", f"{INCLUDE} -all"),
    ("a:https://h.example.net:443/mail -all", f"{HOST} -all"),
    # the version inside
    ("v=spf1 include: p.example.net -all", f"{INCLUDE} -all"),
    ("ip4:198.51.100.1 -all v=spf1 ip4:192.0.2.1 ~all", f"ip4:198.51.100.1 {ONE} ~all"),
    ("ip4:198.51.100.1 -all;v=spf1 ip4:192.0.2.1 -all", f"ip4:198.51.100.1 {ONE} -all"),
    ("ip4:198.51.100.1 -allv=spf1 ip4:192.0.2.1 -all", f"ip4:198.51.100.1 {ONE} -all"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "record"), MENDED)
async def test_what_was_meant_is_proposed_and_passes(written: str, record: str) -> None:
    made = await edit(f"v=spf1 {written}")
    assert made.record == f"v=spf1 {record}"
    assert made.result is AuthResult.PASS
    assert made.stops == ()
    assert made.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "V=SPF1, ip4:192.0.2.1 -all", "spf1 ip4:192.0.2.1 -all", "v=spf1;ip4:192.0.2.1 -all", "v=spf1ip4:192.0.2.1 -all",
        "v= spf1 ip4:192.0.2.1 -all", "v:spf1 ip4:192.0.2.1 -all", '"v=spf1 ip4:192.0.2.1 -all"',
        "\u201cv=spf1 ip4:192.0.2.1 -all\u201d", "v=spf1\u00a0ip4:192.0.2.1 -all", " v=spf1 ip4:192.0.2.1 -all",
        "v=spf1: ip4:192.0.2.1, -all",
        # other versions, and what is left of the right one
        "v=spf2 ip4:192.0.2.1 -all", "v=spf2.0 ip4:192.0.2.1 -all", "v=spf1. ip4:192.0.2.1 -all",
        "v=spf1.0 ip4:192.0.2.1 -all", "v =spf1 ip4:192.0.2.1 -all", "v==spf1 ip4:192.0.2.1 -all",
        "v=spfl ip4:192.0.2.1 -all", "v=sfp1 ip4:192.0.2.1 -all", "v=spf ip4:192.0.2.1 -all",
        "v=spfv1 ip4:192.0.2.1 -all", "v=spf-1 ip4:192.0.2.1 -all", "=spf1 ip4:192.0.2.1 -all",
        "vspf1 ip4:192.0.2.1 -all", "v-spf1 ip4:192.0.2.1 -all", "spf=1 ip4:192.0.2.1 -all",
        "v=spf=1 ip4:192.0.2.1 -all", "v=s\u0440f1 ip4:192.0.2.1 -all", "\uff56\uff1d\uff53\uff50\uff46\uff11 ip4:192.0.2.1 -all",
        # a line of a zone file, or of a form
        'example.org. IN TXT "v=spf1 ip4:192.0.2.1 -all"', '@ TXT "v=spf1 ip4:192.0.2.1 -all"',
        'example.org. 3600 IN TXT ( "v=spf1 ip4:192.0.2.1" " -all" )', "TXT v=spf1 ip4:192.0.2.1 -all",
        'IN TXT "v=spf1 ip4:192.0.2.1 -all"', "(v=spf1 ip4:192.0.2.1 -all)", '("v=spf1 ip4:192.0.2.1 -all")',
        "[v=spf1 ip4:192.0.2.1 -all]", 'TXT="v=spf1 ip4:192.0.2.1 -all"', "SPF: v=spf1 ip4:192.0.2.1 -all",
        '\\"v=spf1 ip4:192.0.2.1 -all\\"', "example.org. 1h IN SPF v=spf1 ip4:192.0.2.1 -all",
    ],
)  # fmt: skip
async def test_a_version_that_is_written_wrongly(text: str) -> None:
    made = await edit(text)
    assert made.record == "v=spf1 ip4:192.0.2.1 -all"


async def test_two_records_become_one() -> None:
    made = await edit("v=spf1 include: p.example.net -all", "v=spf1 ip4:198.51.100.1 ~all")
    assert made.record == "v=spf1 include:p.example.net ip4:198.51.100.1 ~all"


@pytest.mark.parametrize(
    "term",
    [
        "moo", "ip4:192.0.2.0/33", "ip4:192.0.2.256", "ip4:192.0", "ip4:-192.0.2.1", "ip4:192.0.2.9-192.0.1.1",
        "include:", "mail.example.net", "ip6:2001:db8::*", "a:h.example.net:99999",
        "ip4:10.0.0.1-192.0.2.255", "a,b", "ptr:192.0.2.1", "ip4:192.0.2.0/24/28",
        # larger than anybody's network, or one that begins inside and whose length is a guess
        "a:0.0.0.0/0", "ip:192.0.2.0/3", "ip4:192.0.2.7\\8", "192.0.2.7\\16", "ip6:2001:db8/8", "ip4:10.*.*.*/4",
        # a range, or a length
        "ip4:192.0.2.0-24",
    ],
)  # fmt: skip
async def test_what_is_not_certain_is_said_and_not_guessed(term: str) -> None:
    made = await edit(f"v=spf1 ip4:198.51.100.1 {term} a:h.example.net -all")
    assert made.record == "v=spf1 ip4:198.51.100.1 a:h.example.net -all"
    shown = f'"{term}"' if "," in term else term
    assert made.notes == (f"what {shown} was meant to permit is not certain: it was left out, not guessed",)


@pytest.mark.parametrize(
    ("written", "record", "readings"),
    [
        ("ip4:192.0.2.1 ~-all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 -~all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 ?~all", "ip4:192.0.2.1 ~all", "?all"),
        ("ip4:192.0.2.1 +-all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 ~ -all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 -all~", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1~-all", "ip4:192.0.2.1 ~all", "ip4:192.0.2.1 -all"),
        # a key beside that of - or ~
        ("ip4:192.0.2.1 _all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 =all", "ip4:192.0.2.1 ~all", "-all"),
        ("ip4:192.0.2.1 +-ip4:198.51.100.1 -all", "ip4:192.0.2.1 -ip4:198.51.100.1 -all", "+ip4:198.51.100.1"),
        ("ip4:192.0.2.1 ?-mx:example.org -all", "ip4:192.0.2.1 -mx:example.org -all", "?mx:example.org"),
    ],
)
async def test_of_two_qualifiers_the_one_is_proposed_that_does_less_harm_and_the_other_named(
    written: str, record: str, readings: str
) -> None:
    made = await edit(f"v=spf1 {written} moo=1")
    assert made.record == f"v=spf1 {record} moo=1"
    [note] = made.notes
    assert readings in note
    assert "not certain" in note


@pytest.mark.parametrize(
    ("written", "record", "otherwise"),
    [
        ("include:~p.example.net", INCLUDE, "~include:p.example.net"),
        ("include:-p.example.net", INCLUDE, "-include:p.example.net"),
        ("include:~~p.example.net", INCLUDE, "~include:p.example.net"),
        ("include: ~p.example.net", INCLUDE, "~include:p.example.net"),
        ("include=?p.example.net", INCLUDE, "?include:p.example.net"),
        ("inlcude:~p.example.net", INCLUDE, "~include:p.example.net"),
        ("include:p.example.net~", INCLUDE, "~include:p.example.net"),
        ("include:~p.example.net:587", INCLUDE, "~include:p.example.net"),
        ("include:~<p.example.net>", INCLUDE, "~include:p.example.net"),
        ("a:-h.example.net", HOST, "-a:h.example.net"),
        ("a:~h.example.net/28", f"{HOST}/28", "~a:h.example.net/28"),
        ("mx:?example.org", MX, "?mx:example.org"),
        ("ip4:~192.0.2.1", ONE, "~ip4:192.0.2.1"),
    ],
)
async def test_a_qualifier_inside_a_term_is_taken_for_a_slip_and_the_other_reading_is_named(
    written: str, record: str, otherwise: str
) -> None:
    made = await edit(f"v=spf1 {written} -all")
    assert made.record == f"v=spf1 {record} -all"
    [note] = made.notes
    assert otherwise in note
    assert "slip" in note


@pytest.mark.parametrize(
    "term", ["include:~h.example.net", "a:-p.example.net", "mx:+h.example.net", "include:~no.example"]
)
async def test_a_qualifier_inside_a_term_is_no_slip_where_the_name_has_not_what_it_needs(term: str) -> None:
    made = await edit(f"v=spf1 {term} -all")
    assert made.record is not None
    assert term.replace("~", "").replace("-", "").replace("+", "") not in made.record.split()


async def test_a_name_that_begins_with_a_hyphen_and_has_what_it_needs_stays() -> None:
    assert (await edit("v=spf1 include:-spf.example.net -all")).record == f"v=spf1 include:-spf.example.net {ONE} -all"


@pytest.mark.parametrize(
    ("written", "record", "otherwise"),
    [
        ("a:h.example.net:25", HOST, f"{HOST}/25"),
        ("mx:example.org:25", MX, f"{MX}/25"),
        ("mx:25", "mx", "mx/25"),
        ("a:h.example.net:80", HOST, f"{HOST}//80"),
    ],
)
async def test_a_port_that_may_be_a_prefix_length_is_none_and_the_length_is_named(
    written: str, record: str, otherwise: str
) -> None:
    made = await edit(f"v=spf1 {written} -all")
    assert made.record == f"v=spf1 {record} -all"
    [note] = made.notes
    assert otherwise in note
    assert "less harm" in note


@pytest.mark.parametrize(
    ("written", "meant", "octal"),
    [
        ("ip4:192.0.2.010", "ip4:192.0.2.10", "192.0.2.8"),
        ("ip4:198.051.100.007", "ip4:198.51.100.7", "198.41.100.7"),
        ("198.051.100.0/24", "ip4:198.51.100.0/24", "198.41.100.0"),
        ("ip4:198.051.100.*", "ip4:198.51.100.0/24", "ip4:198.41.100.0/24"),
        ("ip4:198.051.100.1-198.051.100.2", "ip4:198.51.100.1 ip4:198.51.100.2", "as ip4:198.41.100.1-198.41.100.2:"),
        # no octal number, or the same
        ("ip4:198.51.100.089", "ip4:198.51.100.89", None),
        ("ip4:198.051.100.08", "ip4:198.51.100.8", None),
        ("ip4:198.51.100.007", "ip4:198.51.100.7", None),
    ],
)
async def test_addresses_are_read_without_leading_zeros_and_the_octal_reading_is_named(
    written: str, meant: str, octal: str | None
) -> None:
    made = await edit(f"v=spf1 {written} {ONE} -all")
    assert made.record == f"v=spf1 {' '.join(dict.fromkeys([*meant.split(), ONE]))} -all"
    assert len(made.notes) == (octal is not None)
    assert octal is None or (octal in made.notes[0] and "octal" in made.notes[0])


def test_the_leading_zero_of_an_address_is_named_as_the_cause() -> None:
    assert "051 has a leading zero" in (parse_record("v=spf1 ip4:198.051.100.007 -all").problem or "")
    [found] = [each for each in lint_record(DOMAIN, "v=spf1 ip4:198.051.100.007 -all") if each.id == "spf-leading-zero"]
    assert found.message.endswith("write ip4:198.51.100.7")


@pytest.mark.parametrize(
    "record",
    [
        "a mx ptr -all", "include:p.example.net. ?all", "exists:%{ir}.%{l1r-}._spf.%{d2} -all", "exists:%{d,}.example ~all",
        "A:H.Example.NET/24//64 MX/8 IP6:2001:DB8::/32 -ALL", "redirect=%{d}.example exp=%{o}.example.net", "all",
        "include:%{d}._spf.example.net x-tag=a,b ra=postmaster rp=10 -all", "a:50%%.example.org -all", "",
        "include:in-clude.example.net a:all.example.net include:any.example -all",
    ],
)  # fmt: skip
def test_what_is_right_stays_as_it_is(record: str) -> None:
    words = [word for word in record.split(" ") if word]
    assert one_of([words]).words == tuple(words)
    assert one_of([words]).changes == ()


@pytest.mark.parametrize(("written", "record"), MENDED)
async def test_what_a_finding_says_is_what_is_proposed(written: str, record: str) -> None:
    text = f"v=spf1 {written}"
    if not is_spf_record(text):
        return
    for each in lint_record(DOMAIN, text):
        _, says, right = each.message.partition(": write ")
        if not says and each.message.endswith(" is meant"):
            right = each.message.removesuffix(" is meant").partition(": ")[2]
        elif not says and each.id == "spf-terms-run-together":
            right = each.message.partition("is missing in ")[2]
        assert set(right.split()) <= set(record.split())


async def test_the_character_is_named() -> None:
    made = await edit("v=spf1 ip4:192.0.2.1\u00a0-all")
    assert made.changes == ("ip4:192.0.2.1<U+00A0>-all becomes ip4:192.0.2.1 -all (without U+00A0 NO-BREAK SPACE)",)
    assert parse_record("v=spf1 a\u200b -all").problem == "a<U+200B>: contains U+200B ZERO WIDTH SPACE"


async def test_several_all_terms_that_are_run_together_become_one() -> None:
    made = await edit("v=spf1 ip4:192.0.2.1-all ip4:192.0.2.3~all")
    assert made.record == "v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 ~all"
    assert made.changes[-1] == "-all, ~all become one, at the end: ~all"


@pytest.mark.parametrize("written", ["all;", "+al", "+ all", "'all'", "a;all"])
async def test_nobody_is_let_in_by_an_all_that_is_put_right(written: str) -> None:
    for text in (f"v=spf1 ip4:192.0.2.1 {written}", f"v=spf1 ip4:198.51.100.1 {written}"):
        made = await edit(text)
        assert made.record is not None
        assert made.record.endswith(" ~all")
        assert sum("it would let everybody pass" in change for change in made.changes) == 1
        assert all(shift.first == shift.last for shift in made.begins if ":" not in shift.first)


async def test_that_no_policy_is_left_is_said() -> None:
    made = await edit("v=spf1 ip4:192.0.2.1 -allowed")
    assert made.record == "v=spf1 ip4:192.0.2.1"
    assert [each for each in made.notes if each.startswith("no all is left")]
