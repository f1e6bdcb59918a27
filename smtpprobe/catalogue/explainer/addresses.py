"""The addresses in a reply, and which of them is the client's."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

# Whole: not part of a host name, which may have an address in it, also backwards, of a range, or of a longer number.
_ADDRESS = (
    r"(?<![\w.])(?<!\.\d-)(?<!\.\d\d-)(?<!\.\d\d\d-)(?<!\d:)(?<!::)(?:ipv6:)?"
    r"((?:\d{1,3}\.){3}\d{1,3}(?!\w|-\w|\.\d|\.[\w-]{1,63}\.\w)"
    r"|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{0,15}(?![\w:-]|\.\w))"
)
_ANY_IP = rf"(?<![\w.]){_ADDRESS}(?![\w:]|\.\d)"
_CLIENT_IP = (
    rf"\bclient(?: host)?[:\s]{{1,3}}[^\s\[\]]{{0,120}}\[{_ADDRESS}\]",
    rf"\bclient(?: host)?[:\s(]{{1,3}}{_ADDRESS}",
    rf"<?[\w.-]{{1,120}}\[{_ADDRESS}\]>?: client host",
    rf"\b(?:sending|sender|source|your|originating|connecting|remote|client)(?: mail)?(?: server)?(?:'s)?"
    rf"(?: ip)?(?: address)?(?: of)?[\s:=\[(]{{1,4}}{_ADDRESS}",
    rf"(?:[?&;](?:ip(?:_address)?|v|addr(?:ess)?)|\bip)=\[?{_ADDRESS}",
    rf"/(?:query/)?(?:ip|bl|listed|lookup)[/?](?:\?)?(?:ip=|searchterm=)?{_ADDRESS}",
    rf"[?]{_ADDRESS}",
    rf"\bwith ip:?\s*\[?{_ADDRESS}",
    rf"\b(?:from|ip|banned sender|sending ip|host|to you|for)(?: address)?[\s:]*[\[(<]?{_ADDRESS}",
    rf"\[?{_ADDRESS}\]?\)? (?:is |was |has been |are )?(?:currently )?"
    r"(?:listed|blocked|blacklisted|found|in an?\b|on\b|rejected)",
)
_NOT_CLIENT = (
    r"(?:lastattemptedip|server at|other mxes tried|dns ip|your dns|remote server|relay=|nameserver)"
    r"[\s:=\w.()-]{0,40}[\[( =:]$"
    r"|said:? ?$|\.\w{2,20}=$"
    # The domain of a mailbox, and the next host of a relay.
    r"|@(?:\[(?:ipv6:)?)?$"
    r"|\b(?:connect(?:ion|ed|ing)?|conversation|talk(?:ing)?|authenticate|timed out|offered|limit \d{1,20}) (?:to|with|by|of)"
    r" (?:host |server )?[^\s\[(<]{0,255} ?[\[(<]?$"
    # Sections of an RFC, and the server's own name with its address behind it.
    r"|\brfc[\s-]?\d{3,5}(?:(?:[\s,;#§(&/]{1,3}|: ?(?=sec))(?:sections?|sec\b\.?|and|or|\d{1,2}(?:\.\d{1,2}){1,4}\b)){0,6}"
    r"[\s,;#§(&/]{0,3}$"
    r"|(?:\b(?:sections?|sec\.?|chapter|paragraph|clause)|§)[\s#§(]{0,3}$"
    r"|\b(?:accepted|received|rejected|handled|queued|offered|advertised|supported) by (?:host )?(?:[\w.-]{1,80} ?)?[\[(<]$"
    # Another machine of the server's or the sender's, a version, and a mechanism of SPF.
    r"|\b(?:upstream|back-?end|database|ldap|sql|policy|milter|scanner|smart ?host|mx|version)"
    r"(?: (?:server|service|daemon|host|address))?(?: (?:at|on))?[\s:=]{1,3}[\[(<]?$"
    r"|\bip[46]:$"
    r"|\b(?:ver|v|release|build|revision|rev|engine|firmware|patch|signatures?|database)[\s.:#(]{0,3}$"
)
# Behind a number: 4.1.1.1 of RFC 5321.
_OF_A_STANDARD = r"\A[\])]?,? ?(?:\(|of |in )?(?:the )?rfc[\s-]?\d"
# Behind the address of a server that is quoted.
_WHO_SAID = r"\A[\])>]{1,2}(?::\d{1,5})?:?\s{1,3}(?:said\b|refused to talk|smtp error from)"
# Bare, a number is taken for the client's address only behind words like these, or before what is said of an address.
_SPOKEN_OF = (
    r"(?:\b(?:ips?|address(?:es)?|hosts?|clients?|servers?|senders?|peer|machine|connections?|adresse|адрес|list|includes?"
    r"|permit|allow|authori[sz]e|designate|accept|block(?:ed|ing)?|reject(?:ed|ing)?|den(?:y|ied)|refus(?:ed|ing)|against"
    r"|ban(?:ned)?|ptr|rdns|reverse dns|resolve|at|net(?:work|block)|subnet|range|(?:dns|ptr|records?|lookup) (?:of|for))\b"
    r"|[:=]|list -|[\s\w];|\A)[\s:=\"'-]{0,3}$"
    # In brackets with something before it, and behind the server's own name where the reply begins.
    r"|[\[<(][^\[\]<>()]{0,20} $|\A(?:\d{3}[ -])?[\w-]{1,63}(?:\.[\w-]{1,63}){2,6}(?: [a-z]{2,12})? $"
)
_VERDICT = (
    r"\A[>\"']{0,2}[,:]? ?(?:is|was|has|have|had|does|did|cannot|can't|may|must|not|no|listed|blocked|black|rejected"
    r"|refused|denied|banned|fails?|failed|sent|sends|lacks?|without|resolves?|appears?|found|ist|nicht)\b"
)
# A name before it, as in Exchange 15.1.2.3: what is said then is said of a program.
_PROGRAM = re.compile(r"\b(?!(?:Because|Since|As|That|But|And|Or|The|Your|Sorry|IP)\b)[A-Z][\w+-]{1,30},? $")
_RETURN_CODE = r"(?<![\d.])127\.255\.255\.\d{1,3}(?!\d)"
_EHLO_IP = rf"\[{_ADDRESS}\]|\({_ADDRESS}\)|\bhello\b.{{0,200}}?\s{_ADDRESS}(?:\s|,|$)"


def client_ip(full: str) -> str | None:
    """The client IP that a reply names: never a DNSBL's return code, never one given as the server's own."""
    for ip, _ in introduced_addresses(full):
        return ip
    others = {ip for ip, place in addresses(full) if _is_spoken_of(full, *place)}
    return others.pop() if len(others) == 1 else None


def introduced_addresses(full: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The addresses that words introduce as the client's, each with its place; what `client_ip` never takes is left out."""
    if not _search(_ADDRESS, full):
        return
    for pattern in _CLIENT_IP:
        for match in _compiled(pattern).finditer(full):
            if _search(_RETURN_CODE, match[1]) or _is_not_clients(full, match.start(), match.span(1)):
                continue
            if ip := _client_address(match[1]):
                yield ip, match.span(1)


def addresses(full: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """All other addresses that may be the client's, each with its place."""
    for match in _compiled(_ANY_IP).finditer(full):
        ip = _client_address(match[1])
        if ip and not ip.startswith("127.") and not _is_not_clients(full, match.start(), match.span(1)):
            yield ip, match.span(1)


def addresses_in(text: str) -> Iterator[str]:
    """The addresses in a text, whatever they stand for."""
    return (ip for match in _compiled(_ANY_IP).finditer(text) if (ip := valid_ip(match[1])))


def ehlo_client_ip(lines: Sequence[str], echoed: Collection[str] = ()) -> str | None:
    """The client IP in a reply to EHLO: `mail.example.com Hello client.example.org [192.0.2.7]`; None without one.

    `echoed` are addresses that we sent: to repeat them says nothing.
    """
    for line in lines[:1]:
        for match in _compiled(_EHLO_IP).finditer(line[:1000]):
            if (ip := valid_ip(match[1] or match[2] or match[3])) and ip not in echoed:
                return ip
    return None


def valid_ip(text: str) -> str | None:
    """The address in its shortest form, None where the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]. ")))
    except ValueError:
        return None


def is_version(before: str) -> bool:
    """Whether a program's name is right before a number."""
    return _PROGRAM.search(before[-40:]) is not None


def _is_spoken_of(full: str, start: int, end: int) -> bool:
    """Whether the place of a number is one of an address, and not of a version, a section or a path."""
    before, after = full[max(0, start - 100) : start], full[end : end + 40]
    before = before if start <= 100 else f"…{before}"
    if before[-1:] in ("[", "<", "(") or before.lower().endswith("ipv6:"):
        return True
    if before[-1:] in ("/", "\\"):
        return False
    return _search(_SPOKEN_OF, before) is not None or (_search(_VERDICT, after) is not None and not is_version(before))


def _is_not_clients(full: str, start: int, place: tuple[int, int]) -> bool:
    """Whether the words around give it as the server's, a relay's or a resolver's, or as no address at all."""
    before, after = full[max(0, start - 300) : place[0]], full[place[1] : place[1] + 40]
    return any(
        _search(pattern, words) is not None
        for pattern, words in ((_NOT_CLIENT, before), (_OF_A_STANDARD, after), (_WHO_SAID, after))
    )


def _client_address(text: str) -> str | None:
    """The address in its shortest form, None where the text is none, or `::add`."""
    ip = valid_ip(text)
    # RFC 4291 §2.5.5.1: IPv4-compatible addresses are no more; what looks like one is a word between colons.
    return None if ip and ip.startswith("::") and ip != "::1" and not ip.startswith("::ffff:") else ip


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).search(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
