"""DIGEST-MD5: a digest of the challenge with the password, and the server's own in return (RFC 2831, given up by RFC 6331)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable

from smtpprobe.model.quoting import quoted
from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response, SaslError

_LONGEST = 2048  # octets of a challenge (RFC 2831 §2.1.1)
_COUNT = "00000001"  # the first response to this nonce, and the last
_TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z|~]+"
_DIRECTIVE = re.compile(rf'({_TOKEN})[ \t\r\n]*=[ \t\r\n]*(?:"((?:[^"\\]|\\.)*+)"|({_TOKEN}))', re.DOTALL)
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

# Octets are handled as ISO 8859-1, in which each is a character.
_OCTETS = "latin-1"


def digest(new_nonce: Callable[[], str] = secrets.token_urlsafe) -> Callable[[Credentials, Peer], Response]:
    """DIGEST-MD5 with qop=auth, which protects the login and nothing after it."""

    def mechanism(credentials: Credentials, peer: Peer) -> Response:
        challenge = _directives((yield None))
        encoding = _judged(challenge)
        user = _encoded(credentials.user, encoding, say("the user name"))
        secret = _encoded(credentials.reveal(), encoding, say("the password"))
        realm = _realm(challenge.get("realm", []), credentials.user, peer.host, encoding)
        given = {"username": user, "nonce": challenge["nonce"][0], "cnonce": new_nonce()}
        if realm is not None:
            given["realm"] = realm
        given["digest-uri"] = f"{peer.service}/{peer.host}"
        hashed = ":".join(
            map(_narrow, (user, realm or "", secret)) if encoding == "utf-8" else (user, realm or "", secret)
        )
        response, expected = digests(hashed, given)
        yield Derived(response.encode())
        yield Derived(expected.encode())
        said = [f"{name}={_quoted(value)}" for name, value in given.items()]
        said += [f"nc={_COUNT}", "qop=auth", f"response={response}"]
        said += ["charset=utf-8"] if "charset" in challenge else []
        final = _directives((yield ",".join(said).encode(_OCTETS)))
        # RFC 2831 §2.1.3: a server that cannot compute it does not know the password.
        if "rspauth" not in final or not hmac.compare_digest(final["rspauth"][0].lower().encode(), expected.encode()):
            if "nonce" in final:
                raise SaslError(
                    say("the server says that its challenge has grown old, and challenges again")
                    if final.get("stale", [""])[0].lower() == "true"
                    else say("the server challenges again")
                )
            raise SaslError(say("the server's signature is wrong: it does not know this password"))
        yield b""

    return mechanism


digest_md5 = digest()


def digests(hashed: str, given: dict[str, str]) -> tuple[str, str]:
    """The client's response and the server's, in hexadecimal (RFC 2831 §2.1.2.1, §2.1.3); `hashed`: user:realm:password."""
    begin = hashlib.md5(hashed.encode(_OCTETS), usedforsecurity=False).digest()
    session = _hexadecimal(begin + f":{given['nonce']}:{given['cnonce']}".encode(_OCTETS))
    middle = f"{session}:{given['nonce']}:{_COUNT}:{given['cnonce']}:auth"
    methods = (_hexadecimal(f"{verb}:{given['digest-uri']}".encode(_OCTETS)) for verb in ("AUTHENTICATE", ""))
    first, second = (_hexadecimal(f"{middle}:{method}".encode(_OCTETS)) for method in methods)
    return first, second


def _hexadecimal(octets: bytes) -> str:
    return hashlib.md5(octets, usedforsecurity=False).hexdigest()


def _directives(challenge: bytes) -> dict[str, list[str]]:
    """The values of each directive, in order, their octets as ISO 8859-1 has them."""
    text, found, at = challenge.decode(_OCTETS), dict[str, list[str]](), 0
    if len(challenge) > _LONGEST:
        raise SaslError(say("the challenge is longer than {longest} octets (RFC 2831 §2.1.1)", longest=_LONGEST))
    while (at := _BETWEEN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        directive = _DIRECTIVE.match(text, at)
        if directive is None:
            raise SaslError(say("the challenge is not a list of directives: {text}", text=quoted(text[at:], 40)))
        value = _ESCAPED.sub(r"\1", directive[2]) if directive[2] is not None else directive[3]
        found.setdefault(directive[1].lower(), []).append(value)
        at = directive.end()
    return found


def _judged(challenge: dict[str, list[str]]) -> str:
    """The encoding to answer in, after a look at everything that ends the exchange (RFC 2831 §2.1.1)."""
    for name in ("nonce", "stale", "maxbuf", "charset", "algorithm", "qop", "cipher"):
        if len(challenge.get(name, ())) > 1:
            raise SaslError(say("the challenge has {name} more than once", name=name))
    for name in ("nonce", "algorithm"):
        if not challenge.get(name, [""])[0]:
            raise SaslError(say("the challenge has no {name}", name=name))
    for name, values in (("algorithm", ("md5-sess",)), ("charset", ("utf-8",)), ("stale", ("true", "false"))):
        value = challenge.get(name, [values[0]])[0]
        if value.lower() not in values:
            raise SaslError(
                say(
                    "the challenge has {name}={value}; only {expected} is known",
                    name=name,
                    value=quoted(value, 40),
                    expected=values[0],
                )
            )
    protections = [each.strip().lower() for each in challenge.get("qop", ["auth"])[0].split(",")]
    if "auth" not in protections:
        raise SaslError(
            say(
                "the server offers qop={qop}, and only auth is used here: TLS protects the rest",
                qop=quoted(challenge["qop"][0], 40),
            )
        )
    return "utf-8" if "charset" in challenge else _OCTETS


def _realm(offered: list[str], user: str, host: str, encoding: str) -> str | None:
    """The realm to log in to; of several the one that the user name or the host names, else the first; None without one."""
    if not offered:
        return None
    names = [each.encode(_OCTETS).decode(encoding, "replace").lower() for each in offered]
    for wanted in (user.rpartition("@")[2] if "@" in user else "", host):
        if wanted and wanted.lower() in names:
            return offered[names.index(wanted.lower())]
    return offered[0]


def _encoded(text: str, encoding: str, what: str) -> str:
    try:
        return text.encode(encoding).decode(_OCTETS)
    except UnicodeEncodeError:
        raise SaslError(
            say("{what} has characters that ISO 8859-1 has not, and the server takes no others", what=what)
        ) from None


def _narrow(octets: str) -> str:
    """RFC 2831 §2.1.2.1: what ISO 8859-1 can hold is digested in it, although it is sent in UTF-8."""
    try:
        return octets.encode(_OCTETS).decode("utf-8").encode(_OCTETS).decode(_OCTETS)
    except UnicodeError:
        return octets


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
