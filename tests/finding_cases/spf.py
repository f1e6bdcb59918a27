"""Rows of the SPF check: the client is 192.0.2.1, the reverse-path in example.org, the HELO name mail.example.org."""

from __future__ import annotations

from smtpprobe.mailauth.spf.lint.terms import answer_octets
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from tests.finding_cases.row import Given, Row

US = "ip4:192.0.2.1"  # permits the client
SYNTAX = ("spf-syntax-error",)
HOST = "h.example.net. A 198.51.100.1"
# What a name server answers that has a CNAME beside other records; no master file may hold that.
ALIAS = DnsLookup(name="example.org", type="CNAME", status=DnsStatus.ANSWER, records=("example.net",))


def txt(name: str, *texts: str) -> str:
    """A line a record, its text in strings of at most 255 octets."""
    return "\n".join(
        f"{name}. TXT " + " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255)) for text in texts
    )


def spf(text: str, *lines: str) -> Given:
    """The domain with this TXT record, and what else is published."""
    return Given("\n".join((txt("example.org", text), *lines)))


def by_itself(text: str, *lines: str) -> Given:
    """The same, and nobody's address is asked about."""
    return Given("\n".join((txt("example.org", text), *lines)), client_ip=None, domains=("example.org",))


def names(count: int, kind: str = "a") -> str:
    return " ".join(f"{kind}:h{number}.example.net" for number in range(count))


def hosts(count: int) -> str:
    form = "h{0}.example.net. A 198.51.100.{0}\nh{0}.example.net. AAAA 2001:db8::{0}"
    return "\n".join(form.format(number) for number in range(count))


def mx(count: int) -> str:
    return "\n".join(f"example.org. MX 10 h{number}.example.net." for number in range(count))


def filled(octets: int) -> Given:
    """The domain with a record of so many octets, most of them blanks."""
    record = f"v=spf1 {US} -all"
    return spf(record.replace(" -all", " " * (octets - len(record)) + " -all"))


def beside(octets: int) -> Given:
    """The domain with an SPF record and a second text that makes its answer so many octets long."""
    record = f"v=spf1 {US} -all"
    room = octets - answer_octets("example.org", [record, "x" * 256]) + 256
    return Given(txt("example.org", record, "x" * room))


RESULT = (
    Row("spf-fail", spf("v=spf1 ip4:192.0.2.0/32 -all"), spf("v=spf1 ip4:192.0.2.0/31 -all")),
    Row("spf-softfail", spf("v=spf1 ip4:192.0.2.0/32 ~all"), spf("v=spf1 ip4:192.0.2.0/31 ~all")),
    Row("spf-neutral", spf("v=spf1 ip4:192.0.2.0/32 ?all"), spf("v=spf1 ip4:192.0.2.0/31 ?all"), ("spf-all-neutral",)),
    Row("spf-neutral", spf("v=spf1 a", HOST, "example.org. A 192.0.2.2"), spf("v=spf1 a ~all", "example.org. A 192.0.2.1")),
    Row(
        "spf-resolver-rewrites",
        spf("v=spf1 exists:%{i}.x.example.net -all", "*.example.net. A 203.0.113.80", "*.example. A 203.0.113.80"),
        spf("v=spf1 exists:%{i}.x.example.net -all", "192.0.2.1.x.example.net. A 127.0.0.2", "*.example. A 203.0.113.80"),
    ),
    Row(
        "spf-resolver-rewrites",
        spf("v=spf1 include:a.example.org -all", txt("a.example.org", "v=spf1 exists:%{i}.x.example.net -all"),
            "*.example.net. A 203.0.113.80", "*.example. A 203.0.113.80"),
        spf("v=spf1 ip4:192.0.2.1 exists:%{i}.x.example.net -all", "*.example.net. A 203.0.113.80",
            "*.example. A 203.0.113.80"),
    ),
    *(
        Row(
            "spf-resolver-rewrites",
            spf(record, *zone, f"*.example.net. A {US_AT}", f"*.example. A {US_AT}"),
            spf(record, *zone, f"*.example.net. A {US_AT}", "*.example. A 203.0.113.80"),
            also,
        )
        for US_AT, record, zone, also in (
            ("192.0.2.1", "v=spf1 a:ghost.example.net -all", (), ()),
            ("192.0.2.1", "v=spf1 mx:x.example.org -all", ("x.example.org. MX 10 ghost.example.net.",), ()),
            ("192.0.2.1", "v=spf1 ptr:example.net -all",
             ("1.2.0.192.in-addr.arpa. PTR ghost.example.net.",), ("spf-ptr-used",)),
            ("203.0.113.9", "v=spf1 a:ghost.example.net -all", (), ("spf-fail",)),
        )
    ),
    *(
        Row(
            "spf-order-matters",
            spf("v=spf1 mx -all", "example.org. MX 1 good.example.org.", f"example.org. MX 1 {bad}.example.org.",
                "good.example.org. A 192.0.2.1", f";! SERVFAIL {bad}.example.org *"),
            spf("v=spf1 mx -all", "example.org. MX 1 good.example.org.", f"example.org. MX 2 {bad}.example.org.",
                "good.example.org. A 192.0.2.1", f";! SERVFAIL {bad}.example.org *"),
            also,
        )
        for bad, also in (("bad", ()), ("zbad", ()))
    ),
    Row(
        "spf-order-matters",
        spf("v=spf1 ptr:example.net -all", *(f"1.2.0.192.in-addr.arpa. PTR h{n}.example.net." for n in range(4)),
            "h0.example.net. A 192.0.2.1"),
        spf("v=spf1 ptr:example.net -all", *(f"1.2.0.192.in-addr.arpa. PTR h{n}.example.net." for n in range(3)),
            "h0.example.net. A 192.0.2.1"),
        ("spf-ptr-used",),
    ),
    Row(
        "spf-order-matters",
        spf("v=spf1 ptr:example.net -all", *(f"1.2.0.192.in-addr.arpa. PTR h{n}.example.net." for n in range(12)),
            *(f"h{n}.example.net. A 192.0.2.{1 if n == 5 else 7}" for n in range(12))),
        spf("v=spf1 ptr:example.net -all", *(f"1.2.0.192.in-addr.arpa. PTR h{n}.example.net." for n in range(12)),
            *(f"h{n}.example.net. A 192.0.2.1" for n in range(12))),
        ("spf-ptr-used",),
    ),
    Row("spf-none", Given(txt("example.org", "unrelated")), spf(f"v=spf1 {US} -all")),
    Row(
        "spf-not-checkable",
        Given(txt("mail.example.org", f"v=spf1 {US} -all"), reverse_path="", helo="[192.0.2.1]"),
        Given(txt("mail.example.org", f"v=spf1 {US} -all"), reverse_path="", helo="mail.example.org"),
    ),
    Row(
        "spf-not-checkable",
        Given(reverse_path="alice@localhost"),
        Given(reverse_path="alice@localhost.example.org"),
        ("spf-none",),
    ),
    Row(
        "spf-temperror",
        spf(f"v=spf1 a:h.example.net {US} -all", ";! TIMEOUT h.example.net *"),
        spf(f"v=spf1 {US} a:h.example.net -all", ";! TIMEOUT h.example.net *"),
    ),
    Row("spf-temperror", Given(";! SERVFAIL example.org TXT"), Given(";! NODATA example.org TXT"), ("spf-none",)),
    Row(
        "spf-too-many-lookups",
        spf(f"v=spf1 {names(11)} {US} -all", hosts(11)),
        spf(f"v=spf1 {names(10)} {US} -all", hosts(10)),
        ("spf-lookups-near-limit",),
    ),
    Row(
        "spf-too-many-void-lookups",
        spf(f"v=spf1 {names(3, 'exists')} {US} -all"),
        spf(f"v=spf1 {names(2, 'exists')} {US} -all"),
    ),
    Row(
        "spf-too-many-mx-hosts",
        spf(f"v=spf1 mx {US} -all", mx(11), hosts(11)),
        spf(f"v=spf1 mx {US} -all", mx(10), hosts(10)),
    ),
    Row(
        "spf-multiple-records",
        Given(txt("example.org", f"v=spf1 {US} -all", "v=spf1 -all")),
        Given(txt("example.org", f"v=spf1 {US} -all", "v=spf12 -all")),
        ("spf-version-unknown",),
    ),
    Row("spf-syntax-error", spf("v=spf1 ipv4:192.0.2.1 -all"), spf("v=spf1 ip4:192.0.2.1 -all")),
    Row(
        "spf-include-missing",
        spf(f"v=spf1 include:example.net {US} -all"),
        spf(f"v=spf1 include:example.net {US} -all", txt("example.net", "v=spf1")),
    ),
    Row(
        "spf-redirect-missing",
        spf("v=spf1 redirect=example.net"),
        spf("v=spf1 redirect=example.net", txt("example.net", f"v=spf1 {US} -all")),
    ),
    Row(
        "spf-lookups-near-limit",
        spf(f"v=spf1 {US} {names(8)} -all", hosts(8)),
        spf(f"v=spf1 {US} {names(7)} -all", hosts(7)),
    ),
    Row(
        "spf-lookups-near-limit",
        spf(f"v=spf1 {US} {names(10)} -all", hosts(10)),
        spf(f"v=spf1 {US} {names(11)} -all", hosts(11)),
        ("spf-lookups-needed",),
    ),
    Row(
        "spf-helo-fail",
        spf(f"v=spf1 {US} -all", txt("mail.example.org", "v=spf1 ip4:192.0.2.0/32 -all")),
        spf(f"v=spf1 {US} -all", txt("mail.example.org", "v=spf1 ip4:192.0.2.0/31 -all")),
    ),
    Row(
        "spf-helo-permerror",
        spf(f"v=spf1 {US} -all", txt("mail.example.org", "v=spf1 ipv4:192.0.2.1 -all")),
        spf(f"v=spf1 {US} -all", txt("mail.example.org", "v=spf1 ip4:192.0.2.1 -all")),
    ),
)  # fmt: skip

TEXT = (
    Row("spf-leading-space", spf(f" v=spf1 {US} -all"), spf(f"v=spf1 {US} -all")),
    Row("spf-quoted", spf(f'\\"v=spf1 {US} -all\\"'), spf(f"v=spf1 {US} -all")),
    Row("spf-quoted", spf(f'v=spf1 {US}\\" a:h.example.net -all', HOST), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row("spf-version-malformed", spf(f"v=spf1,{US} -all"), spf(f"v=spf1 {US} -all")),
    Row("spf-version-unknown", spf(f"v=spf2 {US} -all"), spf(f"v=spf1 {US} -all")),
    Row(
        "spf-version-misplaced",
        Given(txt("example.org", f"check=1 v=spf1 {US} -all")),
        Given(txt("example.org", "check=1", f"v=spf1 {US} -all")),
    ),
    Row("spf-version-case", spf(f"V=spf1 {US} -all"), spf(f"v=spf1 {US} -all")),
    Row(
        "spf-sender-id",
        Given(txt("example.org", f"v=spf1 {US} -all", "spf2.0/pra -all")),
        Given(txt("example.org", f"v=spf1 {US} -all", "check=spf2.0/pra")),
    ),
    Row(
        "spf-name-as-text",
        Given(txt("example.org", "_spf.example.net.") + "\n" + txt("_spf.example.net", "v=spf1 ip4:192.0.2.1 -all")),
        Given(txt("example.org", "_spf.example.net.") + "\n" + txt("_spf.example.net", "a verification")),
        ("spf-none",),
    ),
    Row(
        "spf-wrong-name",
        Given(txt("_spf.example.org", f"v=spf1 {US} -all")),
        spf("v=spf1 include:_spf.example.org -all", txt("_spf.example.org", f"v=spf1 {US} -all")),
    ),
    Row("spf-record-long", filled(451), filled(450)),
    Row("spf-answer-large", beside(513), beside(512)),
    Row("spf-answer-large", beside(513), Given(txt("example.org", "x" * 513)), ("spf-none",)),
    Row(
        "spf-rr-type",
        spf(f"v=spf1 {US} -all", f'example.org. SPF "v=spf1 {US} -all"'),
        spf(f"v=spf1 {US} -all", txt("spf.example.org", f"v=spf1 {US} -all")),
    ),
    Row(
        "spf-cname-beside-txt",
        Given(txt("example.org", f"v=spf1 {US} -all"), answers=(ALIAS,)),
        Given("example.org. CNAME example.net.\n" + txt("example.net", f"v=spf1 {US} -all")),
        ("spf-alias-of-another",),
    ),
    Row(
        "spf-domain-is-alias",
        Given("example.org. CNAME a.example.org.\n" + txt("a.example.org", f"v=spf1 {US} -all")),
        spf(f"v=spf1 {US} include:example.net -all", "example.net. CNAME a.example.net.", txt("a.example.net", "v=spf1")),
    ),
    Row(
        "spf-alias-of-another",
        Given("example.org. CNAME example.net.\n" + txt("example.net", f"v=spf1 {US} -all")),
        Given("example.org. CNAME a.example.org.\n" + txt("a.example.org", f"v=spf1 {US} -all")),
        ("spf-domain-is-alias",),
    ),
    Row(
        "spf-alias-leads-nowhere",
        Given("example.org. CNAME a.example.org."),
        Given("example.org. CNAME a.example.org.\n" + txt("a.example.org", f"v=spf1 {US} -all")),
        ("spf-domain-is-alias",),
    ),
    Row(
        "spf-alias-leads-nowhere",
        Given("example.org. CNAME a.example.org.\na.example.org. CNAME example.org."),
        Given("example.org. CNAME a.example.org.\n" + txt("a.example.org", f"v=spf1 {US} -all")),
        ("spf-domain-is-alias",),
    ),
)  # fmt: skip

ALL = (
    Row("spf-all-missing", spf(f"v=spf1 {US}"), spf(f"v=spf1 {US} ~all")),
    Row("spf-all-neutral", spf(f"v=spf1 {US} ?all"), spf(f"v=spf1 {US} ~all")),
    Row("spf-all-pass", spf(f"v=spf1 {US} +all"), spf(f"v=spf1 {US} ~all")),
    Row("spf-all-repeated", spf(f"v=spf1 {US} ~all -all"), spf(f"v=spf1 {US} ~all")),
    Row("spf-after-all", spf(f"v=spf1 {US} -all a:h.example.net", HOST), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row("spf-after-all", spf(f"v=spf1 -all {US}"), spf(f"v=spf1 {US} -all")),
    Row(
        "spf-redirect-ignored",
        spf(f"v=spf1 {US} redirect=example.net -all", txt("example.net", "v=spf1 -all")),
        spf(f"v=spf1 {US} redirect=example.net", txt("example.net", "v=spf1 a -all"), "example.net. A 198.51.100.1"),
    ),
    Row("spf-parked", spf("v=spf1 -all"), spf("v=spf1 ~all"), ("spf-softfail",)),
    Row("spf-parked", spf("v=spf1 -all"), spf(f"v=spf1 {US} -all")),
)  # fmt: skip

TERMS = (
    Row("spf-ptr-used", spf(f"v=spf1 {US} ptr -all"), spf(f"v=spf1 {US} a -all", "example.org. A 192.0.2.1")),
    Row("spf-leading-zero", spf(f"v=spf1 {US} ip6:2001:db8::/032 -all"), spf(f"v=spf1 {US} ip6:2001:db8::/32 -all")),
    Row("spf-leading-zero", spf(f"v=spf1 {US} ip6:::/032 -all"), spf(f"v=spf1 {US} ip6:::/132 -all"), SYNTAX),
    Row("spf-wrong-family", spf(f"v=spf1 {US} ip4:2001:db8::1 -all"), spf(f"v=spf1 {US} ip6:2001:db8::1 -all")),
    Row("spf-wrong-family", spf("v=spf1 ip6:192.0.2.1 -all"), spf("v=spf1 ip4:192.0.2.1 -all")),
    Row("spf-wrong-family", spf(f"v=spf1 {US} ip4:2001:db8::1 -all"), spf(f"v=spf1 {US} ip4:2001:db8 -all"), SYNTAX),
    Row("spf-wrong-family", spf("v=spf1 ip6:192.0.2.1 -all"), spf("v=spf1 ip6:192.0.2 -all"), SYNTAX),
    Row("spf-not-fqdn", spf(f"v=spf1 {US} a:h -all"), spf(f"v=spf1 {US} a:%h -all"), SYNTAX),
    Row("spf-not-fqdn", spf(f"v=spf1 {US} a:h -all"), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row("spf-target-local", spf(f"v=spf1 {US} a:h.lan -all"), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row("spf-terms-run-together", spf(f"v=spf1 {US}a:h.example.net-all"), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row("spf-modifier-unknown", spf(f"v=spf1 {US} moo=cow -all"), spf(f"v=spf1 {US} exp=cow.example.org -all")),
    Row(
        "spf-mechanism-as-modifier",
        spf(f"v=spf1 {US} a=h.example.net -all", HOST),
        spf(f"v=spf1 {US} a:h.example.net -all", HOST),
    ),
    Row(
        "spf-report-modifier-included",
        spf("v=spf1 include:example.net -all", txt("example.net", f"v=spf1 ra=postmaster {US}")),
        spf("v=spf1 ra=postmaster include:example.net -all", txt("example.net", f"v=spf1 {US}")),
    ),
    Row("spf-term-repeated", spf(f"v=spf1 {US} +{US} -all"), spf(f"v=spf1 {US} ip4:192.0.2.2 -all")),
    Row("spf-term-repeated", spf(f"v=spf1 {US} {US} -all"), spf("v=spf1 ip4:h ip4:h -all"), SYNTAX),
    Row("spf-no-address", spf(f"v=spf1 {US} a:h.example.net -all"), spf(f"v=spf1 {US} a:h.example.net -all", HOST)),
    Row(
        "spf-no-address",
        spf(f"v=spf1 {US} mx -all", mx(1)),
        spf(f"v=spf1 {US} mx -all", mx(1), "h0.example.net. AAAA 2001:db8::1"),
    ),
    Row(
        "spf-open-by-macro",
        spf(f"v=spf1 {US} a:%{{h}} -all"),
        spf(f"v=spf1 {US} a:%{{h}}._spf.%{{d}} -all"),
    ),
    Row("spf-open-by-macro", spf(f"v=spf1 {US} include:%{{l}} -all"), spf(f"v=spf1 {US} -include:%{{l}} -all")),
    Row(
        "spf-open-by-macro",
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 exists:%{i}.%{h} -all")),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 exists:%{h}.%{d} -all")),
    ),
    Row(
        "spf-helo-decides",
        spf(f"v=spf1 exists:%{{h}}._h.%{{d}} {US} -all"),
        spf(f"v=spf1 {US} exists:%{{h}}._h.%{{d}} -all"),
    ),
    Row("spf-macro-p", spf(f"v=spf1 {US} exists:%{{p}}.%{{d}} -all"), spf(f"v=spf1 {US} exists:%{{i}}.%{{d}} -all")),
    Row(
        "spf-target-final-dot",
        spf(f"v=spf1 {US} include:example.net. -all", txt("example.net", "v=spf1 -all")),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 -all")),
    ),
    Row("spf-version-repeated", spf(f"v=spf1 {US} v=spf1 -all"), spf(f"v=spf1 {US} -all")),
    Row("spf-ip4-mapped", spf(f"v=spf1 {US} ip6:::ffff:192.0.2.9 -all"), spf(f"v=spf1 {US} ip4:192.0.2.9 -all")),
    Row(
        "spf-after-all",
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 ?all ip4:192.0.2.9")),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 ip4:192.0.2.9 ?all")),
    ),
    Row(
        "spf-redirect-ignored",
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 -all redirect=b.example.net")),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 -all")),
    ),
    *(
        Row(
            "spf-wrong-name",
            Given(txt(name, f"v=spf1 {US} -all")),
            Given(txt("x.example.org", f"v=spf1 {US} -all")),
            ("spf-none",),
        )
        for name in ("www.example.org", "_dmarc.example.org", "example.org.example.org", "*.example.org")
    ),
    Row("spf-mx-null", spf(f"v=spf1 {US} mx -all", "example.org. MX 0 ."), spf(f"v=spf1 {US} mx -all"), ("spf-no-address",)),
    Row(
        "spf-mx-null-among-others",
        spf(f"v=spf1 {US} mx -all", "example.org. MX 0 .", "example.org. MX 10 h.example.net.", HOST),
        spf(f"v=spf1 {US} mx -all", "example.org. MX 0 ."),
        ("spf-mx-null",),
    ),
    Row(
        "spf-mx-final-dot-missing",
        spf(f"v=spf1 {US} mx -all", "example.org. MX 10 h.example.net.example.org.", HOST),
        spf(f"v=spf1 {US} mx -all", "example.org. MX 10 h.example.net.example.org."),
        ("spf-no-address",),
    ),
    Row(
        # That the longer name has an address, too, as one that stands for any name below the domain has, hides nothing.
        "spf-mx-final-dot-missing",
        spf(
            f"v=spf1 {US} mx -all",
            "example.org. MX 10 h.example.org.example.org.",
            "*.example.org. A 198.51.100.2",
        ),
        spf(f"v=spf1 {US} mx -all", "example.org. MX 10 h.x.example.org.", "*.example.org. A 198.51.100.2"),
    ),
)  # fmt: skip

NETWORKS = (
    Row("spf-network-everything", spf(f"v=spf1 {US} ip4:0.0.0.0/0 -all"), spf(f"v=spf1 {US} ?ip4:0.0.0.0/0 -all")),
    Row(
        "spf-network-everything",
        spf(f"v=spf1 {US} ip6:8000::/0 -all"),
        spf(f"v=spf1 {US} ip6:2000::/4 -all"),
        ("spf-network-wide",),
    ),
    Row(
        "spf-after-everything",
        spf(f"v=spf1 ?ip4:0.0.0.0/0 {US} -all"),
        spf(f"v=spf1 {US} ?ip4:0.0.0.0/0 -all"),
    ),
    Row(
        "spf-after-everything",
        spf(f"v=spf1 {US} ?ip4:0.0.0.0/0 ip4:192.0.2.2 -all"),
        spf(f"v=spf1 {US} ?ip4:0.0.0.0/0 ip6:2001:db8::1 -all"),
    ),
    Row(
        "spf-after-everything",
        spf(f"v=spf1 ?a/0 {US} -all", "example.org. A 192.0.2.2"),
        spf(f"v=spf1 ?a/32 {US} -all", "example.org. A 192.0.2.2"),
    ),
    Row("spf-network-wide", spf(f"v=spf1 {US} ip4:12.0.0.0/15 -all"), spf(f"v=spf1 {US} ip4:12.0.0.0/16 -all")),
    Row("spf-network-wide", spf(f"v=spf1 {US} ip6:2600::/31 -all"), spf(f"v=spf1 {US} ip6:2600::/32 -all")),
    Row("spf-private-address", spf(f"v=spf1 {US} ip4:172.31.255.255 -all"), spf(f"v=spf1 {US} ip4:172.32.0.0 -all")),
    Row("spf-host-bits", spf("v=spf1 ip4:192.0.2.1/31 -all"), spf("v=spf1 ip4:192.0.2.0/31 -all")),
)

INCLUDES = (
    Row(
        "spf-include-repeated",
        spf(f"v=spf1 {US} include:a.example.net include:b.example.net -all",
            txt("a.example.net", "v=spf1 include:b.example.net"), txt("b.example.net", "v=spf1")),
        spf(f"v=spf1 {US} include:a.example.net include:b.example.net -all",
            txt("a.example.net", "v=spf1 include:c.example.net"), txt("b.example.net", "v=spf1"),
            txt("c.example.net", "v=spf1")),
    ),
    Row(
        "spf-include-self",
        spf(f"v=spf1 {US} include:example.org -all"),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1")),
    ),
    Row(
        "spf-include-loop",
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 include:example.org")),
        spf(f"v=spf1 {US} include:example.net -all", txt("example.net", "v=spf1 include:mail.example.org"),
            txt("mail.example.org", "v=spf1")),
    ),
    Row(
        "spf-redirect-loop",
        spf(f"v=spf1 {US} redirect=example.org"),
        spf(f"v=spf1 {US} redirect=example.net", txt("example.net", f"v=spf1 {US} -all")),
    ),
    Row(
        "spf-redirect-loop",
        spf(f"v=spf1 {US} redirect=example.net", txt("example.net", "v=spf1 redirect=example.org")),
        spf(f"v=spf1 {US} redirect=example.net", txt("example.net", "v=spf1 redirect=mail.example.org"),
            txt("mail.example.org", f"v=spf1 {US} -all")),
    ),
    Row(
        "spf-lookups-needed",
        spf(f"v=spf1 {US} {names(11)} -all", hosts(11)),
        spf(f"v=spf1 {US} {names(10)} -all", hosts(10)),
        ("spf-lookups-near-limit",),
    ),
)  # fmt: skip

EVERYONE = (
    Row(
        "spf-all-pass",
        spf("v=spf1 include:example.net -all", txt("example.net", f"v=spf1 {US} +all")),
        spf("v=spf1 include:example.net -all", txt("example.net", f"v=spf1 {US} -all +all")),
    ),
    Row(
        "spf-network-everything",
        spf("v=spf1 include:example.net -all", txt("example.net", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1")),
        spf("v=spf1 include:example.net -all", txt("example.net", f"v=spf1 {US} ip4:128.0.0.0/1")),
    ),
    Row(
        "spf-nobody-passes",
        by_itself("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.1 -all"),
        by_itself("v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 -all"),
    ),
    Row("spf-nobody-passes", by_itself("v=spf1 include:example.net -all", txt("example.net", "v=spf1 -all")),
        by_itself("v=spf1 redirect=example.net", txt("example.net", "v=spf1 -all")), ("spf-parked",)),
    Row(
        "spf-one-family-fails",
        spf(f"v=spf1 {US} {names(3)} -all", *(f"h{number}.example.net. A 198.51.100.1" for number in range(3))),
        spf(f"v=spf1 {US} {names(3)} -all", hosts(3)),
    ),
    Row(
        "spf-one-family-fails",
        spf(f"v=spf1 {US} a:h0.example.net -all", hosts(1), ";! SERVFAIL h0.example.net AAAA"),
        spf(f"v=spf1 {US} a:h0.example.net -all", hosts(1)),
    ),
    Row(
        "spf-void-lookups-needed",
        spf(f"v=spf1 {US} {names(3, 'exists')} -all"),
        spf(f"v=spf1 {US} {names(2, 'exists')} -all"),
    ),
    Row(
        "spf-void-lookups-differ",
        spf(f"v=spf1 mx {US} -all", mx(3)),
        spf(f"v=spf1 mx {US} -all", mx(2)),
        ("spf-no-address",) * 2,
    ),
)  # fmt: skip

ROWS = (*RESULT, *TEXT, *ALL, *TERMS, *NETWORKS, *INCLUDES, *EVERYONE)
