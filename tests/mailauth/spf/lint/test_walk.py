"""All that the lint of a domain says, with what its record needs and which lookups that took."""

from __future__ import annotations

from textwrap import dedent

import pytest

from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.model.evidence.spf import SpfLint
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_prefetch import Asked


def line(each: SpfLint) -> str:
    """The lint in a line; its term only where the message does not begin with it."""
    term = "" if each.term and each.message.startswith(each.term) else f" {each.term}"
    return f"{each.id} {each.domain} {each.position}{term}: {each.message}"


async def said(zone: str, domain: str = "example.org") -> list[str]:
    """What is needed and what was asked, then a line for each lint."""
    resolver = zone_resolver(zone)
    found = await lint(resolver, domain)
    await resolver.aclose()
    asked = [f"? {resolver.lookups[index].name} {resolver.lookups[index].type}" for index in found.lookups]
    return [f"needs {found.lookups_needed}", *asked, *map(line, found.lint)]


CASES = [
    """
        example.org. TXT "v=spf1 ip4:192.0.2.1 -all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
    """,
    """
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no-such-name.example.org TXT
        ? _spf.example.org TXT
        ? spf.example.org TXT
        ? _spf1.example.org TXT
        ? www.example.org TXT
        ? @.example.org TXT
        ? _dmarc.example.org TXT
        ? example.org.example.org TXT
    """,
    """
        _spf.example.org. TXT "v=spf1 -all"
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no-such-name.example.org TXT
        ? _spf.example.org TXT
        ? spf.example.org TXT
        ? _spf1.example.org TXT
        ? www.example.org TXT
        ? @.example.org TXT
        ? _dmarc.example.org TXT
        ? example.org.example.org TXT
        spf-wrong-name example.org None None: an SPF record is at _spf.example.org, which nobody asks for it
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 a mx ?all"
        =>
        needs 3
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
        spf-include-missing example.org 7: include:a.example.net: a.example.net has no SPF record
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 ra=x -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
        spf-report-modifier-included a.example.net 7: ra=x has no effect in a record that is included
    """,
    """
        example.org. TXT "v=spf1 include:example.org -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-include-self example.org 7: include:example.org leads to its own record
    """,
    """
        example.org. TXT "v=spf1 redirect=example.org"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-redirect-loop example.org 7: redirect=example.org leads to its own record
    """,
    """
        example.org. TXT "v=spf1 include:a.example -all"
        a.example. TXT "v=spf1 include:example.org -all"
        =>
        needs 2
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example TXT
        spf-include-loop a.example 7: include:example.org closes a loop: example.org → a.example → example.org
    """,
    """
        example.org. TXT "v=spf1 include:a.example include:b.example -all"
        a.example. TXT "v=spf1 include:b.example -all"
        b.example. TXT "v=spf1 exists:%{i}.example -all"
        =>
        needs 5
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example TXT
        ? b.example TXT
        spf-include-repeated example.org 25: include:b.example is reached a second time: its 2 lookups count again
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 -all"
        a.example.net. TXT "v=spf1"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
        spf-multiple-records example.org 7: include:a.example.net: a.example.net has 2 SPF records
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        a.example.net. TXT "v=spf1 moo"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
        spf-syntax-error a.example.net None None: syntax error in the record of a.example.net: moo: unknown mechanism
    """,
    """
        example.org. TXT "v=spf1 include:_spf.example.org -all"
        _spf.example.org. TXT "v=spf1 ptr"
        =>
        needs 2
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? _spf.example.org TXT
        spf-ptr-used _spf.example.org 7: ptr is slow and unreliable and should not be published
    """,
    """
        example.org. TXT "v=spf1 redirect=example.net"
        example.net. TXT "v=spf1 ptr"
        =>
        needs 2
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.net TXT
        spf-all-missing example.net None None: there is no all and no redirect=: unknown addresses are neutral
        spf-ptr-used example.net 7: ptr is slow and unreliable and should not be published
    """,
    """
        example.org. TXT "v=spf1 a:h.example.net -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? h.example.net A
        ? h.example.net AAAA
        spf-no-address example.org 7: a:h.example.net: h.example.net does not exist
    """,
    """
        example.org. TXT "v=spf1 a:h.example.net -all"
        h.example.net. AAAA 2001:db8::1
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? h.example.net A
        ? h.example.net AAAA
    """,
    """
        example.org. TXT "v=spf1 a:h.example.net -all"
        ;! SERVFAIL h.example.net *
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? h.example.net A
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        spf-no-address example.org 7: mx: example.org has no MX host
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 1 h.example.net.
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        ? h.example.net A
        ? h.example.net AAAA
        spf-no-address example.org 7: mx: h.example.net does not exist
    """,
    """
        example.org. TXT "v=spf1 mx:m.example.net -all"
        m.example.net. MX 1 192.0.2.9.
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? m.example.net MX
        ? 192.0.2.9 A
        ? 192.0.2.9 AAAA
        spf-no-address example.org 7: mx:m.example.net: 192.0.2.9 is an address, not a host name (RFC 1035 §3.3.9)
    """,
    """
        example.org. TXT "v=spf1 mx:m.example.net -all"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? m.example.net MX
        ? m.example.net A
        ? m.example.net AAAA
        spf-no-address example.org 7: mx:m.example.net: m.example.net does not exist
    """,
    """
        example.org. TXT "v=spf1 -all a"
        example.org. SPF "v=spf1 -all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-rr-type example.org None None: a record of the obsolete type SPF is published, and it differs from the TXT record
        spf-after-all example.org 12: a after -all: never evaluated
    """,
    """
        example.org. TXT "v=spf1 -all"
        example.org. TXT "v=spf1 a"
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
    """,
    """
        ;! TIMEOUT example.org TXT
        =>
        needs None
        ? example.org TXT
    """,
    """
        spf.example.org. TXT "v=spf1 -all"
        _spf1.example.org. TXT "v=spf1 -all"
        x.example.org. TXT "v=spf1 -all"
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no-such-name.example.org TXT
        ? _spf.example.org TXT
        ? spf.example.org TXT
        ? _spf1.example.org TXT
        ? www.example.org TXT
        ? @.example.org TXT
        ? _dmarc.example.org TXT
        ? example.org.example.org TXT
        spf-wrong-name example.org None None: an SPF record is at spf.example.org, which nobody asks for it
        spf-wrong-name example.org None None: an SPF record is at _spf1.example.org, which nobody asks for it
    """,
    """
        _spf.example.org. TXT "other"
        example.org. TXT "other"
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no-such-name.example.org TXT
        ? _spf.example.org TXT
        ? spf.example.org TXT
        ? _spf1.example.org TXT
        ? www.example.org TXT
        ? @.example.org TXT
        ? _dmarc.example.org TXT
        ? example.org.example.org TXT
    """,
    """
        example.org. CNAME alias.example.net.
        alias.example.net. TXT "v=spf1 -all"
        alias.example.net. SPF "v=spf1 -all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-alias-of-another example.org None None: a CNAME can have no TXT record, and alias.example.net is another \
domain's: only its operator changes the record there; otherwise send as another name
        spf-parked example.org None None: the record permits no address: the domain sends no mail
    """,
    """
        example.org. TXT "v=spf1 ~all"
        example.org. SPF "v=spf1 a ~all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-rr-type example.org None None: a record of the obsolete type SPF is published, and it differs from the TXT record
    """,
    """
        example.org. TXT "v=spf1 a ~all"
        example.org. SPF "v=spf1 a ~all"
        example.org. A 198.51.100.1
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org A
        spf-rr-type example.org None None: a record of the obsolete type SPF is published
    """,
    """
        example.org. SPF "v=spf1 a ~all"
        =>
        needs None
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no-such-name.example.org TXT
        ? _spf.example.org TXT
        ? spf.example.org TXT
        ? _spf1.example.org TXT
        ? www.example.org TXT
        ? @.example.org TXT
        ? _dmarc.example.org TXT
        ? example.org.example.org TXT
        spf-rr-type example.org None None: a record of the obsolete type SPF is published, and it differs from the TXT record
    """,
    """
        example.org. TXT "v=spf1 include:a.example redirect=b.example"
        a.example. TXT "v=spf1 include:a.example redirect=example.org"
        b.example. TXT "v=spf1 redirect=c.example"
        c.example. TXT "v=spf1 include:d.example redirect=b.example"
        d.example. TXT "v=spf1 include:c.example ?all"
        =>
        needs 8
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example TXT
        ? b.example TXT
        ? c.example TXT
        ? d.example TXT
        spf-include-self a.example 7: include:a.example leads to its own record
        spf-redirect-loop a.example 25: redirect=example.org closes a loop: example.org → a.example → example.org
        spf-include-loop d.example 7: include:c.example closes a loop: c.example → d.example → c.example
        spf-redirect-loop c.example 25: redirect=b.example closes a loop: b.example → c.example → b.example
    """,
    """
        example.org. TXT "v=spf1 redirect=b.example.net"
        b.example.net. TXT "v=spf1 redirect=b.example.net ra=x"
        =>
        needs 2
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? b.example.net TXT
        spf-redirect-loop b.example.net 7: redirect=b.example.net leads to its own record
    """,
    """
        example.org. TXT "v=spf1 redirect=b.example.net"
        b.example.net. TXT "v=spf1 ra=x ptr a include:c.example.net ?all"
        c.example.net. TXT "v=spf1 ptr rp=1 a"
        =>
        needs 6
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? b.example.net TXT
        ? b.example.net A
        ? b.example.net AAAA
        ? c.example.net TXT
        spf-all-neutral b.example.net 40: ?all says nothing about unknown addresses
        spf-ptr-used b.example.net 12: ptr is slow and unreliable and should not be published
        spf-no-address b.example.net 16: a: b.example.net has no address
        spf-report-modifier-included c.example.net 11: rp=1 has no effect in a record that is included
    """,
    """
        example.org. TXT "v=spf1 include:_spf.example.org include:a.example.net -all"
        _spf.example.org. TXT "v=spf1 ptr a:no.example.org redirect=x.example.org"
        x.example.org. TXT "v=spf1 ptr ?all"
        a.example.net. TXT "v=spf1 redirect=y.example.org"
        y.example.org. TXT "v=spf1 ptr a:no.example.org ~all"
        =>
        needs 9
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? _spf.example.org TXT
        ? no.example.org A
        ? no.example.org AAAA
        ? x.example.org TXT
        ? a.example.net TXT
        ? y.example.org TXT
        spf-ptr-used _spf.example.org 7: ptr is slow and unreliable and should not be published
        spf-no-address _spf.example.org 11: a:no.example.org: no.example.org does not exist
        spf-ptr-used x.example.org 7: ptr is slow and unreliable and should not be published
    """,
    """
        example.org. TXT "v=spf1 redirect=no.example.net"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no.example.net TXT
        spf-redirect-missing example.org 7: redirect=no.example.net: no.example.net has no SPF record
    """,
    """
        example.org. TXT "v=spf1 redirect=no.example.net"
        no.example.net. TXT "v=spf1"
        no.example.net. TXT "v=spf1 a"
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? no.example.net TXT
        spf-multiple-records example.org 7: redirect=no.example.net: no.example.net has 2 SPF records
    """,
    """
        example.org. TXT "v=spf1 include:a.example.net -all"
        ;! SERVFAIL a.example.net TXT
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
    """,
    """
        example.org. TXT "v=spf1 include:%{d}.example.net exists:%{i}.example.net a:%{d}.example.net mx:%{d}.example.net ptr -all"
        =>
        needs 5
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org.example.net TXT
        spf-ptr-used example.org 95: ptr is slow and unreliable and should not be published
        spf-include-missing example.org 7: include:%{d}.example.net: example.org.example.net has no SPF record
    """,
    """
        example.org. TXT "v=spf1 include:a..example.net a:b..example.net mx:example.org -all"
        example.org. MX 0 h0.example.net.
        h0.example.net. A 198.51.100.1
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        ? h0.example.net A
    """,
    """
        example.org. TXT "v=spf1 mx a:no.example.org -all"
        example.org. MX 0 h0.example.net.
        example.org. MX 1 h1.example.net.
        h0.example.net. A 198.51.100.1
        =>
        needs 2
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        ? h0.example.net A
        ? h1.example.net A
        ? h1.example.net AAAA
        ? no.example.org A
        ? no.example.org AAAA
        spf-no-address example.org 7: mx: h1.example.net does not exist
        spf-no-address example.org 10: a:no.example.org: no.example.org does not exist
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 0 h0.example.net.
        example.org. MX 1 h1.example.net.
        example.org. MX 2 h2.example.net.
        example.org. MX 3 h3.example.net.
        example.org. MX 4 h4.example.net.
        example.org. MX 5 h5.example.net.
        example.org. MX 6 h6.example.net.
        example.org. MX 7 h7.example.net.
        example.org. MX 8 h8.example.net.
        example.org. MX 9 h9.example.net.
        example.org. MX 10 h10.example.net.
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        spf-too-many-mx-hosts example.org 7 mx: example.org has 11 MX hosts, at most 10 are allowed
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 0 h0.example.net.
        example.org. MX 1 h1.example.net.
        example.org. MX 2 h2.example.net.
        example.org. MX 3 h3.example.net.
        example.org. MX 4 h4.example.net.
        example.org. MX 5 h5.example.net.
        example.org. MX 6 h6.example.net.
        example.org. MX 7 h7.example.net.
        example.org. MX 8 h8.example.net.
        example.org. MX 9 h9.example.net.
        h0.example.net. AAAA 2001:db8::0
        h1.example.net. AAAA 2001:db8::1
        h2.example.net. AAAA 2001:db8::2
        h3.example.net. AAAA 2001:db8::3
        h4.example.net. AAAA 2001:db8::4
        h5.example.net. AAAA 2001:db8::5
        h6.example.net. AAAA 2001:db8::6
        h7.example.net. AAAA 2001:db8::7
        h8.example.net. AAAA 2001:db8::8
        h9.example.net. AAAA 2001:db8::9
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        ? h0.example.net A
        ? h0.example.net AAAA
        ? h1.example.net A
        ? h1.example.net AAAA
        ? h2.example.net A
        ? h2.example.net AAAA
        ? h3.example.net A
        ? h3.example.net AAAA
        ? h4.example.net A
        ? h4.example.net AAAA
        ? h5.example.net A
        ? h5.example.net AAAA
        ? h6.example.net A
        ? h6.example.net AAAA
        ? h7.example.net A
        ? h7.example.net AAAA
        ? h8.example.net A
        ? h8.example.net AAAA
        ? h9.example.net A
        ? h9.example.net AAAA
    """,
    """
        example.org. TXT "v=spf1 mx:m.example.net -all"
        ;! SERVFAIL m.example.net MX
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? m.example.net MX
    """,
    """
        example.org. TXT "v=spf1 mx -all"
        example.org. MX 0 .
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? example.org MX
        spf-mx-null example.org 7: mx: example.org accepts no mail (null MX)
    """,
    """
        example.org. TXT "v=spf1 a:h.example.net -all"
        h.example.net. A 198.51.100.1
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? h.example.net A
    """,
    """
        example.org. TXT "v=spf1 a:h.example.net -all"
        ;! SERVFAIL h.example.net AAAA
        =>
        needs 1
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? h.example.net A
        ? h.example.net AAAA
    """,
    """
        example.org. TXT "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr -all"
        =>
        needs 10
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-ptr-used example.org 7: ptr is slow and unreliable and should not be published
        spf-term-repeated example.org 11: ptr is there twice
    """,
    """
        example.org. TXT "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr exists:%{i}.example.org -all a"
        =>
        needs 11
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-after-all example.org 76: a after -all: never evaluated
        spf-ptr-used example.org 7: ptr is slow and unreliable and should not be published
        spf-term-repeated example.org 11: ptr is there twice
        spf-lookups-needed example.org None None: an address that nothing matches needs 11 lookups, ten are allowed
    """,
    """
        example.org. TXT "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr redirect=a.example.net"
        a.example.net. TXT "v=spf1 -all"
        =>
        needs 11
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example.net TXT
        spf-ptr-used example.org 7: ptr is slow and unreliable and should not be published
        spf-term-repeated example.org 11: ptr is there twice
        spf-parked a.example.net None None: the record permits no address: the domain sends no mail
        spf-lookups-needed example.org None None: an address that nothing matches needs 11 lookups, ten are allowed
    """,
    """
        example.org. TXT "v=spf1 redirect=_spf.example.org"
        _spf.example.org. TXT "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr -all"
        =>
        needs 11
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? _spf.example.org TXT
        spf-ptr-used _spf.example.org 7: ptr is slow and unreliable and should not be published
        spf-term-repeated _spf.example.org 11: ptr is there twice
        spf-lookups-needed example.org None None: an address that nothing matches needs 11 lookups, ten are allowed
    """,
    """
        example.org. TXT "v=spf1 moo include:a.example.net -all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
    """,
    """
        example.org. TXT "v=spf1 include:A.Example include:a.example include:a.example -all"
        a.example. TXT "v=spf1 ptr ptr -all"
        =>
        needs 9
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        ? a.example TXT
        spf-include-repeated example.org 25: include:a.example is reached a second time: its 3 lookups count again
    """,
    """
        example.org. TXT "v=spf1 include:localhost. -all"
        =>
        needs 0
        ? example.org TXT
        ? example.org SPF
        ? example.org CNAME
        spf-not-fqdn example.org 7: include:localhost. does not name a fully qualified domain
    """,
]


@pytest.mark.parametrize("case", CASES)
async def test_all_that_is_said_of_a_domain(case: str) -> None:
    lines, _, expected = dedent(case).strip("\n").partition("=>\n")
    assert await said(lines) == expected.rstrip().splitlines()


@pytest.mark.parametrize(
    ("zone", "ahead"),
    [
        (
            'example.org. TXT "v=spf1 a mx a:x.example a:%{d}.y.example mx:a..example include:b.example -all"',
            "example.org SPF, example.org CNAME, example.org A, example.org AAAA, example.org MX, x.example A,"
            " x.example AAAA, b.example TXT",
        ),
        (
            'example.org. TXT "v=spf1 mx include:%{d}.b.example redirect=c.example"\nexample.org. MX 1 m.example.\n'
            'c.example. TXT "v=spf1 a redirect=d.example"\nd.example. TXT "v=spf1 include:e.example -all"',
            "example.org SPF, example.org CNAME, example.org MX, example.org.b.example TXT, c.example TXT, m.example A,"
            " m.example AAAA, c.example A, c.example AAAA, d.example TXT, e.example TXT",
        ),
        (
            'example.org. TXT "other"',
            "example.org SPF, example.org CNAME, no-such-name.example.org TXT, _spf.example.org TXT, spf.example.org TXT,"
            " _spf1.example.org TXT, www.example.org TXT, @.example.org TXT, _dmarc.example.org TXT, example.org.example.org TXT",
        ),
    ],
)
async def test_what_the_walk_asks_ahead(zone: str, ahead: str) -> None:
    resolver = Asked(zone + "\n")
    await lint(resolver, "example.org")
    in_turn = len(resolver.questions)
    assert ", ".join((await resolver.drained())[in_turn:]) == ahead


async def test_no_more_than_sixty_questions_are_asked_ahead() -> None:
    texts = [
        f'"{" ".join(f"include:i{number}.example" for number in range(first, first + 7))} "'
        for first in range(0, 70, 7)
    ]
    resolver = Asked(f'example.org. TXT "v=spf1 " {" ".join(texts)} "-all"\n')
    await lint(resolver, "example.org")
    in_turn = len(resolver.questions)
    assert len((await resolver.drained())[in_turn:]) == 60


@pytest.mark.parametrize(
    ("zone", "hosts"),
    [
        # A wildcard answers for every name below the domain, and is told as what it is.
        ('*.example.org. TXT "v=spf1 -all"', ["*.example.org"]),
        (
            '*.example.org. TXT "v=spf1 -all"\n_spf.example.org. TXT "v=spf1 a -all"',
            ["_spf.example.org", "*.example.org"],
        ),
        ('*.example.org. TXT "other"\nspf.example.org. TXT "v=spf1 a -all"', ["spf.example.org"]),
        ('www.example.org. CNAME example.net.\nexample.net. TXT "v=spf1 -all"', []),
    ],
)
async def test_records_at_wrong_names_are_told_from_a_wildcard(zone: str, hosts: list[str]) -> None:
    resolver = zone_resolver(f"example.org. A 192.0.2.1\n{zone}\n")
    found = await lint(resolver, "example.org")
    await resolver.aclose()
    assert [each.host for each in found.lint if each.id == "spf-wrong-name"] == hosts
