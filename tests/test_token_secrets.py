"""No token, and nothing that it says of somebody, in anything that leaves the program: every format, whatever is echoed."""

from __future__ import annotations

import asyncio
import base64
import json
import string
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Diagnose, Request, Target
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import formats
from smtpprobe.render.formats import FORMATS, Style, Takes
from smtpprobe.testing.cases import unsigned
from smtpprobe.testing.zones import zone_resolver
from tests.test_secrets import Echo, _is_base64, _strings
from tests.tokens import GOOGLE, MICROSOFT, OWN, USER, WRONG

# Letters that no text of ours has in this order.
SECRETS = st.text(string.ascii_letters + string.digits, min_size=10, max_size=24).map(lambda text: f"Zq{text}qZ")
WRAPS = (
    "{}",
    "Bearer {}",
    '"{}"',
    "{}\n",
    "user=alice@example.org\x01auth=Bearer {}\x01\x01",
    '{{"access_token":"{}"}}',
)
CLAIMS = ("upn", "name", "oid", "tid", "appid", "sub", "given_name", "ipaddr", "jti", "sid", "nonce", "deviceid")


@st.composite
def readable(draw: st.DrawFn) -> tuple[str, set[str]]:
    """A JWT, and what must not be seen of it."""
    names = draw(st.sets(st.sampled_from(CLAIMS), min_size=1))
    told = {name: draw(SECRETS) for name in sorted(names)}
    claims: dict[str, Any] = {
        **told,
        "iss": draw(
            st.sampled_from(("https://sts.windows.net/x/", "https://accounts.google.com", "https://idp.example/"))
        ),
        "aud": draw(st.sampled_from(("https://outlook.office.com", "https://graph.microsoft.com")) | SECRETS),
        "scp": draw(st.sampled_from(("SMTP.Send", "Mail.Send", ""))),
        "exp": draw(st.sampled_from((1, 4102444800))),
    }
    token = unsigned(claims)
    audience = {claims["aud"]} if claims["aud"].startswith("Zq") else set()
    return token, {token, token.rpartition(".")[2], token.split(".")[1], *told.values(), *audience}


@st.composite
def opaque(draw: st.DrawFn) -> tuple[str, set[str]]:
    token = draw(st.sampled_from(("", "ya29.", "1//0", "GOCSPX-", "4/0A"))) + draw(SECRETS)
    return token, {token}


def outputs(report: Report) -> dict[str, str]:
    """What each format makes of it, and the octets that stand in one of them as base64."""
    made = {
        f"{form.name} at {verbosity}": formats.render(form, report, Style(verbosity=verbosity, width=100_000))
        for form in FORMATS
        if form.takes is Takes.REPORT
        for verbosity in (0, 1)
    }
    texts = list(_strings(json.loads(msgspec.json.encode(report))))
    made["decoded"] = "\n".join(base64.b64decode(each).decode("utf-8", "replace") for each in texts if _is_base64(each))
    made["repr"] = repr(report)
    return made


async def attempted(token: str, host: str, *, send_anyway: bool) -> tuple[Report, list[Echo]]:
    made: list[Echo] = []

    def connected() -> Echo:
        made.append(Echo("XOAUTH2", token.strip(), 535))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        request = Request(
            target=Target(given=f"{host}:{port}", host=host, port=port, literal=True),
            helo="client.example.org", user=USER, insecure_auth=True, diagnose=Diagnose.NEVER, timeout_s=5,
            send_anyway=send_anyway,
        )  # fmt: skip
        given = Credentials(USER, token, is_token=True)
        return await probe(request, credentials=given, resolver=zone_resolver(f"{host}. A 127.0.0.1\n")), made


def leaks(report: Report, secrets: set[str]) -> set[tuple[str, str]]:
    encoded = {base64.b64encode(each.encode()).decode().rstrip("=") for each in secrets}
    return {
        (place, needle)
        for place, text in outputs(report).items()
        for needle in secrets | encoded
        if needle.lower() in text.lower()
    }


@settings(max_examples=25, deadline=None)
@given(
    made=readable() | opaque(),
    wrap=st.sampled_from(WRAPS),
    host=st.sampled_from((MICROSOFT, GOOGLE, OWN)),
    send_anyway=st.booleans(),
)
def test_no_token_is_seen(made: tuple[str, set[str]], wrap: str, host: str, send_anyway: bool) -> None:
    token, secrets = made
    report, servers = asyncio.run(attempted(wrap.format(token), host, send_anyway=send_anyway))
    assert bool(servers[0].heard) or not send_anyway
    assert leaks(report, secrets) == set()


@pytest.mark.parametrize("row", [row for row in WRONG if len(row[2]) > 10], ids=lambda row: row[0])
async def test_nor_one_that_is_wrong_in_a_known_way(row: tuple[str, ...]) -> None:
    for send_anyway in (False, True):
        report, _ = await attempted(row[2], row[1], send_anyway=send_anyway)
        assert leaks(report, {row[2]}) == set()
