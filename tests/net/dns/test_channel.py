from __future__ import annotations

import asyncio

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.dns.lookup import Question
from smtpprobe.net.dns.channel import Channel, Channels, Waiting
from smtpprobe.net.dns.reply import read_reply
from tests.net.name_server import NameServer, answers, reply

QUESTION = Question("mx.example.com", "A")
SERVER = ("127.0.0.1", 9)


@given(st.binary(max_size=80))
def test_any_datagram_is_borne(data):
    loop = asyncio.new_event_loop()
    try:
        channel = Channel()
        query = dns.message.make_query("mx.example.com", "A", use_edns=0)
        query.id = int.from_bytes(data[:2].ljust(2, b"\0"), "big")
        future: asyncio.Future[dns.message.Message] = loop.create_future()
        channel.waiting[query.id] = Waiting(query, future)
        channel.datagram_received(data, None)
        if future.done() and future.exception() is None:
            read_reply(QUESTION, future.result(), "192.0.2.53")
    finally:
        loop.close()


@given(st.integers(0, 400), st.integers(0, 255))
def test_any_change_of_a_reply_is_borne(place, octet):
    query = dns.message.make_query("mx.example.com", "A", use_edns=0)
    chain = ("mx.example.com. 9 CNAME a.example.net.", "a.example.net. 9 A 192.0.2.1")
    wire = bytearray(reply(query, *chain).to_wire())
    wire[2 + place % (len(wire) - 2)] = octet
    loop = asyncio.new_event_loop()
    try:
        channel = Channel()
        future: asyncio.Future[dns.message.Message] = loop.create_future()
        channel.waiting[query.id] = Waiting(query, future)
        channel.datagram_received(bytes(wire), None)
        if future.done() and future.exception() is None:
            read_reply(QUESTION, future.result(), "192.0.2.53")
    finally:
        loop.close()


@pytest.mark.parametrize("failure", [OSError("no more"), asyncio.CancelledError()])
@pytest.mark.parametrize("opened", [0, 1, 3])
async def test_a_socket_that_is_open_is_closed_whatever_becomes_of_the_others(failure, opened, monkeypatch):
    loop = asyncio.get_running_loop()
    really, transports = loop.create_datagram_endpoint, []

    async def endpoint(*arguments, **named):
        if len(transports) == opened:
            raise failure
        transports.append(await really(*arguments, **named))
        return transports[-1]

    monkeypatch.setattr(loop, "create_datagram_endpoint", endpoint)
    channels = Channels()
    waiting = Waiting(dns.message.make_query("mx.example.com", "A"), loop.create_future())
    with pytest.raises(type(failure)):
        await channels.ask(waiting, SERVER)
    channels.close()
    assert [transport.is_closing() for transport, _ in transports] == [True] * opened


async def test_sockets_that_could_not_be_opened_are_for_the_next_question(monkeypatch):
    loop = asyncio.get_running_loop()
    really, calls = loop.create_datagram_endpoint, []

    async def endpoint(*arguments, **named):
        calls.append(named)
        if len(calls) == 2:
            raise OSError("no more")
        return await really(*arguments, **named)

    channels = Channels()
    async with NameServer(answers("mx.example.com. 300 A 192.0.2.1")) as server:
        monkeypatch.setattr(loop, "create_datagram_endpoint", endpoint)
        query = dns.message.make_query("mx.example.com", "A")
        with pytest.raises(OSError, match="no more"):
            await channels.ask(Waiting(query, loop.create_future()), server.server)
        found = await channels.ask(Waiting(query, loop.create_future()), server.server)
    channels.close()
    assert found.answer
    assert len(calls) == 5


class Nowhere:
    def sendto(self, data: bytes) -> None:
        pass


async def foreign(datagrams: list[bytes], past: list[int]) -> int:
    """How many of the datagrams are told beside a question that waits, after others of the same socket."""
    channel = Channel()
    channel.past.extend(past)
    query = dns.message.make_query("mx.example.com", "A", id=7)
    channel.waiting[7] = Waiting(query, asyncio.get_running_loop().create_future())
    for datagram in datagrams:
        channel.datagram_received(datagram, None)
    return channel.waiting[7].foreign


@pytest.mark.parametrize(
    ("number", "length", "past", "told"),
    [
        (9, 12, [], 1),
        (9, 12, [9], 0),
        (9, 2, [9], 0),
        (9, 2, [], 1),
        (7, 2, [], 1),
        (7, 2, [7], 1),
        (9, 12, [9, *range(1000, 3000)], 1),
    ],
)
async def test_what_is_late_is_not_told_as_foreign(number, length, past, told):
    assert await foreign([number.to_bytes(2, "big").ljust(length, b"\0")], past) == told


async def test_what_is_remembered_of_questions_that_are_over_is_bounded(monkeypatch):
    channel, channels = Channel(), Channels()
    channel.transport = Nowhere()  # type: ignore[assignment]
    channels._channels[SERVER] = [channel] * 4
    for _ in range(2000):
        future = asyncio.get_running_loop().create_future()
        query = dns.message.make_query("mx.example.com", "A")
        future.set_result(query)
        await channels.ask(Waiting(query, future), SERVER)
    assert 0 < len(channel.past) <= 1000
    assert channel.waiting == {}
