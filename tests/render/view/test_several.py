"""Several addresses on a page: how each ended, and in what they differ; of single sessions nothing is said twice."""

from __future__ import annotations

import pytest

from smtpprobe.render.text.report import render
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import SeveralView
from tests.pipeline.test_all_addresses import ACCEPTS, DEFERS, REFUSES, ZONE, several

SIZE = "S: 250 mx\n", "S: 250-mx\nS: 250-SIZE {size}\nS: 250 AUTH {auth}\n"
OWN = """
1.0.0.127.in-addr.arpa. PTR client.example.org.
client.example.org. A 127.0.0.1
example.org. TXT "v=spf1 ip4:127.0.0.1 -all"
"""


def offering(script: str, size: int, auth: str = "PLAIN") -> str:
    return script.replace(SIZE[0], SIZE[1].format(size=size, auth=auth), 1)


async def shown(scripts: dict[str, str], verbosity: int = 0) -> tuple[SeveralView, str]:
    report = await several(scripts, zone=ZONE + OWN, all_mx=True)
    found = view(report, verbosity=verbosity).several
    assert found is not None
    return found, render(report, verbosity=verbosity)


async def test_a_row_for_each_address():
    scripts = {"127.0.0.1": ACCEPTS, "::1": REFUSES, "127.0.0.2": DEFERS}
    found, page = await shown(scripts)
    assert [(each.peer, each.text, each.cause) for each in found.rows] == [
        ("one.multi.example.com [127.0.0.1], MX 10", "accepted", None),
        ("one.multi.example.com [::1], MX 10", "RCPT TO 550 5.7.25", "reverse-dns"),
        ("two.multi.example.com [127.0.0.2], MX 20", "RCPT TO 450 4.7.1", "greylisted"),
        ("two.multi.example.com [127.0.0.3], MX 20", "connection refused", None),
    ]
    assert "1 accepted, 1 refused, 1 refused for now, 1 without a session" in found.text
    assert page.startswith("4 addresses of multi.example.com: ")
    assert len(page.splitlines()) <= 28


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (offering(ACCEPTS, 1000), ()),
        (offering(ACCEPTS, 1000).replace("250 ok", "250 fine"), ()),
        (offering(ACCEPTS, 2000), ("SIZE 1000: [127.0.0.1]; SIZE 2000: [::1]",)),
        (ACCEPTS, ("SIZE 1000, AUTH PLAIN: [127.0.0.1]; no extensions: [::1]",)),
        (offering(ACCEPTS, 1000, "PLAIN LOGIN"), ("AUTH PLAIN: [127.0.0.1]; AUTH PLAIN LOGIN: [::1]",)),
    ],
)
async def test_what_differs_in_what_is_offered(second, expected):
    zone = ZONE.split("MX 20")[0].rpartition("\n")[0] + "\n" + "\n".join(ZONE.splitlines()[3:5])
    report = await several(
        {"127.0.0.1": offering(ACCEPTS, 1000), "::1": second}, zone=zone + OWN, literal=True, all_addresses=True
    )
    found = view(report).several
    assert found is not None
    assert next((each.lines for each in found.aspects if each.name == "EHLO"), ()) == expected
    assert ("are the same" in found.text) is (not expected)


async def test_each_own_address_with_what_receivers_look_up():
    found, _ = await shown({"127.0.0.1": ACCEPTS, "::1": REFUSES})
    (own,) = (each.lines for each in found.aspects if each.name == "Client")
    assert own == (
        "127.0.0.1: PTR client.example.org; SPF pass",
        "::1: no PTR record (Gmail and other large receivers refuse mail from it); SPF fail",
    )


async def test_what_all_accept_is_counted_once():
    report = await several({"127.0.0.1": ACCEPTS, "::1": ACCEPTS}, literal=True, all_addresses=True)
    assert "ACCEPTED by one.multi.example.com at 2 addresses for 1 recipient" in render(report, verbosity=-1)


async def test_a_single_session_has_no_table():
    report = await several({"127.0.0.1": ACCEPTS})
    assert view(report).several is None
    assert len(view(report).sessions) == 1


async def test_each_session_in_full_for_whoever_wants_more():
    _, page = await shown({"127.0.0.1": ACCEPTS, "::1": REFUSES}, verbosity=1)
    assert page.count("connected ") >= 2
    assert page.index("connected ") < page.index("4 addresses of ")
