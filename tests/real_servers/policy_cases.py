"""What domains publish about the TLS of their mail hosts, what these hosts show, and what the program must say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtpprobe.testing.certificates import CertificateKind

RECORD = "v=STSv1; id=20261122T000000;"
EXPIRED, OTHER_NAME, SELF_SIGNED = CertificateKind.EXPIRED, CertificateKind.OTHER_NAME, CertificateKind.SELF_SIGNED
ERROR, WARNING, NOTICE, INFO = "error", "warning", "notice", "info"
UNAUTHENTICATED = "DANE does not apply without DNSSEC"
PLAIN_MX = "<DOMAIN>. 300 IN MX 10 <HOST>.\n<HOST>. 300 IN A <ADDRESS>"


@dataclass(frozen=True)
class Serves:
    """A policy host: `answer` is what it says to any request; empty: it is silent, None: nobody listens."""

    answer: bytes | None
    certificate: CertificateKind = CertificateKind.VALID
    address: str = "<POLICY_ADDRESS>"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One domain. In `dns` and `tlsa`, a word in <> stands for the case's name or address, or for a certificate's digest.

    `sni` is the name for which the mail host has a certificate of its own; `bogus` are owner and type of records whose
    signature is wrong. `findings` are those of the checks mta-sts and dane with their severities, `mta_sts` and `dane`
    fields of their evidence, with dots for what is inside. `shows` and `hides` are texts of the page. `asks`: whether
    the policy host is asked for the policy.
    """

    name: str
    zone: str = "example.com"
    host: str = ""
    address: str = ""
    dns: str = PLAIN_MX
    certificate: CertificateKind = CertificateKind.VALID
    sni: str | None = None
    starttls: bool = True
    record: str | None = None
    policy: Serves | None = None
    tlsa: tuple[str, ...] = ()
    tlsa_base: str = ""
    bogus: tuple[str, str] | None = None
    target: str = ""
    options: tuple[str, ...] = ()
    findings: Mapping[str, str] = field(default_factory=dict)
    mta_sts: Mapping[str, Any] = field(default_factory=dict)
    dane: Mapping[str, Any] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    asks: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", self.host or f"mx.{self.domain}")
        object.__setattr__(self, "tlsa_base", self.tlsa_base or self.host)

    @property
    def domain(self) -> str:
        return f"{self.name}.{self.zone}"


def response(body: str, status: str = "200 OK", media_type: str = "text/plain", more: str = "") -> bytes:
    """An HTTP response with this body."""
    length = len(body.encode())
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n{more}\r\n{body}".encode()


def policy(mx: str, mode: str = "enforce", max_age: str = "2419200") -> str:
    return f"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: {max_age}\n"


def sts(name: str, findings: Mapping[str, str], satisfied: bool | None, mode: str = "enforce", **changes: Any) -> Case:
    """A domain with an MTA-STS policy that is right, but for the changes; without DNSSEC."""
    served = Serves(response(policy(f"mx.{name}.example.net", mode)))
    fields = {"status": "found", "policy.mode": mode, "satisfied": satisfied, **changes.pop("mta_sts", {})}
    dane = {"status": "not-secure", "records": []}
    usual = {"zone": "example.net", "record": RECORD, "policy": served, "mta_sts": fields, "dane": dane, "asks": True}
    return Case(**{"name": name, "findings": findings, **usual, **changes})


def fetched(name: str, status: str, said: str, served: Serves | None, *, asks: bool = True, **more: str) -> Case:
    """A policy host that brings no policy."""
    fields = {"status": "policy-unreachable", "fetch.status": status, "policy": None, **more}
    findings = {"mta-sts-policy-unreachable": WARNING}
    hides = ("mode enforce",)
    return sts(
        name,
        findings,
        None,
        policy=served,
        mta_sts=fields | {"policy.mode": None},
        shows=(said,),
        hides=hides,
        asks=asks,
    )


def body(name: str, findings: Mapping[str, str], text: str, satisfied: bool | None = None, **changes: Any) -> Case:
    """A policy host that serves this text."""
    mode = text.partition("mode: ")[2].partition("\n")[0]
    return sts(name, findings, satisfied, mode, **{"policy": Serves(response(text)), **changes})


def dane(name: str, status: str, records: Mapping[str, str], findings: Mapping[str, str], **changes: Any) -> Case:
    """A domain in a signed zone; `records` are TLSA records and what each is against the certificate."""
    fields = {"status": status, "records": sorted(records.values()), **changes.pop("dane", {})}
    missing = {} if "record" in changes else {"mta-sts-missing": INFO}
    changes.setdefault("mta_sts", {"status": "none", "fetch": None})
    return Case(name=name, tlsa=tuple(records), dane=fields, findings={**missing, **findings}, **changes)


def both(
    name: str, status: str, record: str, found: str, findings: Mapping[str, str], satisfied: bool, **more: Any
) -> Case:
    """A domain with an MTA-STS policy in mode enforce and a TLSA record."""
    serves = Serves(response(policy(f"mx.{name}.example.com")))
    evidence = {"status": "found", "satisfied": satisfied}
    return dane(
        name, status, {record: found}, findings, record=RECORD, policy=serves, mta_sts=evidence, asks=True, **more
    )


def insecure_mx(name: str, records: Mapping[str, str], findings: Mapping[str, str], **changes: Any) -> Case:
    """A domain without DNSSEC whose mail host is in a signed zone."""
    changes["dane"] = {"insecure_mx": True, **changes.get("dane", {})}
    found = {**({"dane-not-secure": NOTICE} if changes["dane"]["insecure_mx"] else {}), **findings}
    return dane(name, "not-secure", records, found, zone="example.net", host=f"mx.{name}.example.com", **changes)


ALIAS = "<DOMAIN>. 300 IN MX 10 <HOST>.\n<HOST>. 300 IN CNAME <TARGET>.\n<TARGET>. 300 IN A <ADDRESS>"
MATCH = {"dane-match": INFO}
RIGHT = "3 1 1 <KEY>"
WRONG = "3 1 1 <WRONG>"

MTA_STS = (
    sts("right", {}, True, shows=("mode enforce", UNAUTHENTICATED)),
    sts("right-testing", {}, True, "testing", shows=("mode testing",)),
    body("wildcard", {}, policy("*.wildcard.example.net"), True),
    body("wildcard-higher", {"mta-sts-mx-not-listed": ERROR}, policy("*.example.net"), False),
    body("other-mx", {"mta-sts-mx-not-listed": ERROR}, policy("mail.example.net"), False),
    body("other-mx-testing", {"mta-sts-mx-not-listed": WARNING}, policy("mail.example.net", "testing"), False),
    sts("second-mx", {"mta-sts-mx-not-listed": ERROR}, True,
        dns=PLAIN_MX + "\n<DOMAIN>. 300 IN MX 20 backup.<DOMAIN>.\nbackup.<DOMAIN>. 300 IN A <ADDRESS>",
        shows=("backup.second-mx.example.net: the policy of",)),
    *(sts(f"{kind}-{mode}", {"mta-sts-certificate": severity}, False, mode, certificate=kind, shows=(said,))
      for kind, said in ((EXPIRED, "expired on"), (OTHER_NAME, "is for other.example.net, not for mx."),
                         (SELF_SIGNED, "is self-signed"))
      for mode, severity in (("enforce", ERROR), ("testing", WARNING))),
    sts("no-starttls", {"mta-sts-tls-required": ERROR}, False, starttls=False),
    sts("no-starttls-testing", {"mta-sts-tls-required": WARNING}, False, "testing", starttls=False),
    fetched("policy-other-name", "certificate", "does not verify: it is for another name [",
            Serves(response(policy("mx.policy-other-name.example.net")), OTHER_NAME), asks=False),
    fetched("policy-self-signed", "certificate", "does not verify: it is self-signed, and not among those",
            Serves(response(policy("mx.policy-self-signed.example.net")), SELF_SIGNED), asks=False),
    fetched("policy-expired", "certificate", "does not verify: it has expired [",
            Serves(response(policy("mx.policy-expired.example.net")), EXPIRED), asks=False),
    fetched("policy-404", "http-status", "answered other than 200: 404", Serves(response("none", "404 Not Found"))),
    fetched("policy-redirect", "redirect", "redirects, which senders must not follow: 301 to https://mta-sts.policy-red",
            Serves(response(policy("mx.policy-redirect.example.net"), "301 Moved Permanently",
                            more="Location: https://mta-sts.policy-redirect.example.net/elsewhere\r\n"))),
    sts("policy-html", {"mta-sts-media-type": NOTICE}, True,
        policy=Serves(response(policy("mx.policy-html.example.net"), media_type="text/html"))),
    fetched("policy-too-large", "too-large", "more than 64 KiB",
            Serves(response(policy("mx.policy-too-large.example.net") + "x: y\n" * 20_000))),
    fetched("policy-too-large-endless", "too-large", "more than 64 KiB",
            Serves(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x: y\n" * 20_000)),
    fetched("policy-not-http", "malformed", "is not an HTTP response", Serves(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")),
    fetched("policy-cut", "malformed", "it ended early", Serves(response(policy("mx.policy-cut.example.net"))[:-20])),
    fetched("policy-silent", "timeout", "did not answer in time", Serves(b""), asks=False),
    fetched("policy-closed", "unreachable", "the connection was refused", Serves(None), asks=False),
    fetched("policy-no-host", "no-address", "has no address", None, asks=False),
    fetched("policy-inside", "not-public", "is not on the public Internet: 127.0.9.1",
            Serves(response(policy("mx.policy-inside.example.net")), address="127.0.9.1"), asks=False),
    sts("inside-named", {"mta-sts-certificate": ERROR}, False, address="127.0.9.2", certificate=SELF_SIGNED,
        policy=Serves(response(policy("mx.inside-named.example.net")), address="127.0.9.3"),
        target="mx.inside-named.example.net:25", options=("--rcpt-to", "postmaster@inside-named.example.net")),
    body("age-above", {"mta-sts-max-age-long": NOTICE}, policy("mx.age-above.example.net", max_age="31557601"), True),
    body("age-most", {}, policy("mx.age-most.example.net", max_age="31557600"), True),
    body("age-short", {"mta-sts-max-age-short": NOTICE}, policy("mx.age-short.example.net", max_age="600"), True),
    *(body(name, {"mta-sts-policy-invalid": WARNING}, policy(f"mx.{name}.example.net", max_age=age),
           mta_sts={"status": "policy-invalid"}, shows=(f"max_age is '{age}': expected a number of seconds from 0 to",))
      for name, age in (("age-negative", "-1"), ("age-eleven-digits", "10000000000"))),
    body("mode-none", {}, "version: STSv1\nmode: none\nmax_age: 86400\n", certificate=SELF_SIGNED,
         shows=("senders treat the domain as if it had no policy",)),
    body("mode-none-mx", {}, policy("mail.example.net", "none")),
    body("mode-unknown", {"mta-sts-policy-invalid": WARNING}, policy("mx.mode-unknown.example.net", "report"),
         mta_sts={"status": "policy-invalid", "policy.mode": None}),
    sts("id-invalid", {"mta-sts-record-invalid": WARNING}, None, record="v=STSv1; id=2026-11-22;", asks=False,
        mta_sts={"status": "record-invalid", "policy": None, "policy.mode": None, "fetch": None}),
    # RFC 8461 §3.1: the record is how senders learn that there is a policy.
    sts("no-record", {"mta-sts-missing": INFO}, None, record=None, asks=False,
        mta_sts={"status": "none", "policy": None, "policy.mode": None, "fetch": None}),
)  # fmt: skip

DANE = (
    dane("dane-none", "none", {}, {}, shows=("no TLSA records",)),
    dane("dane-right", "match", {RIGHT: "match"}, MATCH),
    dane("dane-self-signed", "match", {RIGHT: "match"}, MATCH, certificate=SELF_SIGNED, shows=("does not matter to DANE",)),
    dane("dane-other-name", "match", {RIGHT: "match"}, MATCH, certificate=OTHER_NAME),
    dane("dane-wrong", "mismatch", {WRONG: "no-match"}, {"dane-mismatch": ERROR}),
    dane("dane-ca", "match", {"2 1 1 <CA>": "match"}, MATCH, shows=("certificate 1 of the chain",)),
    dane("dane-ca-wrong", "mismatch", {"2 1 1 <WRONG>": "no-match"}, {"dane-mismatch": ERROR}),
    dane("dane-ca-other-name", "mismatch", {"2 1 1 <CA>": "no-match"}, {"dane-mismatch": ERROR}, certificate=OTHER_NAME,
         shows=("the certificate is for other.example.net, not for",)),
    dane("dane-ca-expired", "mismatch", {"2 1 1 <CA>": "no-match"}, {"dane-mismatch": ERROR}, certificate=EXPIRED),
    dane("dane-unusable", "unusable", {"1 1 1 <KEY>": "unusable"}, {"dane-unusable": WARNING}, certificate=SELF_SIGNED,
         shows=("senders require TLS, but do not authenticate the host",)),
    dane("dane-unusable-no-tls", "unusable", {"1 1 1 <KEY>": "unusable"},
         {"dane-unusable": WARNING, "dane-tls-required": ERROR}, starttls=False),
    dane("dane-no-tls", "not-compared", {RIGHT: "not-compared"}, {"dane-tls-required": ERROR}, starttls=False),
    dane("dane-two", "match", {WRONG: "no-match", RIGHT: "match"}, {**MATCH, "dane-rollover": NOTICE}),
    dane("dane-weaker", "mismatch", {RIGHT: "weaker", "3 1 2 <WRONG512>": "no-match"}, {"dane-mismatch": ERROR}),
    dane("dane-one-unusable", "match", {RIGHT: "match", "0 0 1 <KEY>": "unusable"}, {**MATCH, "dane-unusable": NOTICE}),
    # RFC 7672 §2.1.2: delivery must not go on as if there were no records.
    dane("dane-bogus", "temperror", {RIGHT: ""}, {"dane-temperror": WARNING},
         bogus=("_25._tcp.mx.dane-bogus.example.com.", "TLSA"), dane={"records": []},
         shows=("SERVFAIL; until it succeeds, senders that use DANE do not deliver to this host",), hides=("no TLSA records",)),
    dane("dane-bogus-denial", "temperror", {}, {"dane-temperror": WARNING},
         bogus=("mx.dane-bogus-denial.example.com.", "NSEC"), hides=("no TLSA records",)),
    dane("dane-unsigned", "not-secure", {RIGHT: "not-compared"}, {"dane-not-secure": NOTICE}, zone="example.net",
         dane={"insecure_mx": False}, shows=(UNAUTHENTICATED, "so senders ignore 1 TLSA record at")),
    dane("dane-unsigned-wrong", "not-secure", {WRONG: "not-compared"}, {"dane-not-secure": NOTICE}, zone="example.net"),
    insecure_mx("mx-insecure", {RIGHT: "match"}, MATCH, shows=("senders need not apply 1 TLSA record at", "such as Postfix")),
    insecure_mx("mx-insecure-wrong", {WRONG: "no-match"}, {"dane-mismatch": WARNING}, hides=("senders ignore",)),
    insecure_mx("mx-insecure-no-tls", {RIGHT: "not-compared"}, {"dane-tls-required": WARNING}, starttls=False),
    insecure_mx("mx-insecure-none", {}, {}, dane={"insecure_mx": False}),
    dane("alias", "match", {RIGHT: "match"}, MATCH, dns=ALIAS, tlsa_base="target.alias.example.com",
         dane={"base_domain": "target.alias.example.com"}),
    dane("alias-of-own", "match", {RIGHT: "match"}, MATCH, dns=ALIAS, dane={"base_domain": "mx.alias-of-own.example.com"}),
    dane("alias-wrong", "mismatch", {WRONG: "no-match"}, {"dane-mismatch": ERROR}, dns=ALIAS,
         tlsa_base="target.alias-wrong.example.com"),
    # RFC 7672 §8.1: senders ask for the base domain, this session for the name of the MX record.
    dane("alias-sni", "mismatch", {"3 1 1 <SNI_KEY>": "no-match"}, {"dane-mismatch": ERROR}, dns=ALIAS,
         tlsa_base="target.alias-sni.example.com", sni="target.alias-sni.example.com",
         shows=("asked for as mx.alias-sni.example.com (SNI), and senders that use DANE ask for target.alias-sni.",)),
    dane("alias-sni-given", "match", {"3 1 1 <SNI_KEY>": "match"}, MATCH, dns=ALIAS,
         tlsa_base="target.alias-sni-given.example.com", sni="target.alias-sni-given.example.com",
         options=("--sni", "target.alias-sni-given.example.com")),
    both("both-right", "match", RIGHT, "match", MATCH, True),
    # RFC 8461 §2: MTA-STS does not make up for DANE that fails.
    both("both-dane-wrong", "mismatch", WRONG, "no-match", {"dane-mismatch": ERROR}, True),
    both("both-sts-wrong", "match", RIGHT, "match", {**MATCH, "mta-sts-certificate": ERROR}, False, certificate=SELF_SIGNED),
)  # fmt: skip

CASES = (*MTA_STS, *DANE)
