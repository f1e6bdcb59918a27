from __future__ import annotations

import dns.message
import dns.rcode
import pytest

from smtpprobe.model.dns.lookup import DnsStatus, Question
from smtpprobe.net.dns.reply import MAX_ALIASES, read_reply
from tests.net.name_server import reply

QUESTION = Question("h0.example.com", "A")


def chain(aliases: int, *beside: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> dns.message.Message:
    """A reply with so many aliases in a row."""
    links = (f"h{n}.example.com. {1000 - n} CNAME h{n + 1}.example.com." for n in range(aliases))
    return read(reply(dns.message.make_query("h0.example.com", "A"), *links, *beside, rcode=rcode))


def read(message: dns.message.Message) -> dns.message.Message:
    """The message as it comes from the wire."""
    return dns.message.from_wire(message.to_wire())


@pytest.mark.parametrize("rcode", [dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL])
def test_the_work_over_a_long_chain_is_bounded(rcode, monkeypatch):
    message, really, looked = chain(800, rcode=rcode), dns.message.Message.find_rrset, []

    def counted(*arguments, **named):
        looked.append(arguments)
        return really(*arguments, **named)

    monkeypatch.setattr(dns.message.Message, "find_rrset", counted)
    found = read_reply(QUESTION, message, "192.0.2.53")
    assert len(looked) <= 3 * MAX_ALIASES
    assert found.cname is None
    if rcode == dns.rcode.NOERROR:
        assert found.status is DnsStatus.ALIAS_LOOP
        assert found.detail.startswith("more than 16: h0.example.com → h1.example.com")


@pytest.mark.parametrize(("aliases", "is_followed"), [(0, True), (1, True), (16, True), (17, False)])
def test_as_many_aliases_are_followed_as_is_said(aliases, is_followed):
    found = read_reply(QUESTION, chain(aliases, f"h{aliases}.example.com. 900 A 192.0.2.1"), "192.0.2.53")
    assert (found.status is DnsStatus.ANSWER) is is_followed
    assert found.records == (("192.0.2.1",) if is_followed else ())
    assert found.ttl_s == (900 if is_followed else None)
    assert found.cname == (f"h{aliases}.example.com" if aliases and is_followed else None)


@pytest.mark.parametrize("aliases", [1, 16])
def test_the_least_ttl_of_a_chain_counts(aliases):
    found = read_reply(QUESTION, chain(aliases, f"h{aliases}.example.com. 5000 A 192.0.2.1"), "192.0.2.53")
    assert found.ttl_s == 1001 - aliases


def test_a_record_of_the_name_comes_before_an_alias():
    found = read_reply(QUESTION, chain(1, "h0.example.com. 60 A 192.0.2.1"), "192.0.2.53")
    assert (found.status, found.records, found.cname) == (DnsStatus.ANSWER, ("192.0.2.1",), None)


def test_a_question_about_an_alias_itself_is_not_followed():
    message = reply(dns.message.make_query("h0.example.com", "CNAME"), "h0.example.com. 60 CNAME h1.example.com.")
    found = read_reply(Question("h0.example.com", "CNAME"), read(message), "192.0.2.53")
    assert (found.records, found.cname) == (("h1.example.com",), None)
