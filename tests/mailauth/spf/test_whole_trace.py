"""The tree of a record whose evaluation ends early: it goes on behind the term, and the result stays what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smtpprobe.mailauth.spf import published
from smtpprobe.mailauth.spf.whole_trace import ENDINGS, MAX_COUNTED, with_whole_trace
from smtpprobe.model.evidence.spf import SpfRecordEvidence, SpfStep, SpfStepResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import txt

HOST = "h.example. A 192.0.2.1\nh.example. AAAA 2001:db8::1"
TEN = " ".join(["a:h.example"] * 10)
P = txt("p.example", "v=spf1 ip4:198.51.100.0/24 include:q.example -all")
Q = txt("q.example", "v=spf1 exists:%{i}.q.example -all")
R = txt("r.example", "v=spf1 a:h.example ~all")


async def both(*lines: str) -> tuple[SpfRecordEvidence, SpfRecordEvidence]:
    """The evidence as it was evaluated, and with the rest of the tree."""
    resolver = zone_resolver("\n".join((HOST, *lines)) + "\n")
    before = await published(resolver, "example.org")
    after = await with_whole_trace(resolver, before)
    await resolver.aclose()
    return before, after


def told(steps: tuple[SpfStep, ...]) -> Iterator[str]:
    for step in steps:
        yield f"{step.term} {step.result} {step.lookups_used}/{step.void_lookups_used}"
        yield from told(step.children)


@pytest.mark.parametrize(
    ("lines", "behind"),
    [
        ((txt("example.org", f"v=spf1 {TEN} include:p.example redirect=r.example"), P, Q, R),
         ["include:p.example permerror 13/1", "ip4:198.51.100.0/24 not-reached 11/0", "include:q.example not-reached 13/1",
          "exists:%{i}.q.example not-reached 13/1", "-all not-reached 13/1", "-all not-reached 13/1",
          "redirect=r.example not-reached 15/1", "a:h.example not-reached 15/1", "~all not-reached 15/1"]),
        # The limit is reached in an included record.
        ((txt("example.org", f"v=spf1 {TEN.removesuffix(' a:h.example')} include:p.example a:h.example -all"), P, Q),
         ["include:p.example permerror 12/1", "ip4:198.51.100.0/24 no-match 10/0", "include:q.example permerror 12/1",
          "exists:%{i}.q.example not-reached 12/1", "-all not-reached 12/1", "-all not-reached 12/1",
          "a:h.example not-reached 13/1", "-all not-reached 13/1"]),
        # So does the limit of void lookups.
        ((txt("example.org", "v=spf1 a:x.example a:y.example a:z.example include:r.example -all"), R),
         ["a:x.example no-match 1/1", "a:y.example no-match 2/2", "a:z.example permerror 3/3",
          "include:r.example not-reached 5/3", "a:h.example not-reached 5/3", "~all not-reached 5/3", "-all not-reached 5/3"]),
        # What is missing behind the limit stands in the way of nothing.
        ((txt("example.org", f"v=spf1 {TEN} a:h.example include:gone.example include:r.example -all"), R),
         ["a:h.example permerror 11/0", "include:gone.example not-reached 12/0", "include:r.example not-reached 14/0",
          "a:h.example not-reached 14/0", "~all not-reached 14/0", "-all not-reached 14/0"]),
        # A record that is missing, or there twice, ends it as well.
        ((txt("example.org", "v=spf1 include:gone.example include:r.example -all"), R),
         ["include:gone.example permerror 1/0", "include:r.example not-reached 3/0", "a:h.example not-reached 3/0",
          "~all not-reached 3/0", "-all not-reached 3/0"]),
        ((txt("example.org", "v=spf1 include:two.example include:r.example -all"), R,
          txt("two.example", "v=spf1 -all"), txt("two.example", "v=spf1 ~all")),
         ["include:two.example permerror 1/0", "include:r.example not-reached 3/0", "a:h.example not-reached 3/0",
          "~all not-reached 3/0", "-all not-reached 3/0"]),
        # A circle is told once.
        ((txt("example.org", f"v=spf1 {TEN} a:h.example include:l.example -all"),
          txt("l.example", "v=spf1 include:example.org a:h.example -all")),
         ["a:h.example permerror 11/0", "include:l.example not-reached 14/0", "include:example.org not-reached 13/0",
          "a:h.example not-reached 14/0", "-all not-reached 14/0", "-all not-reached 14/0"]),
    ],
)  # fmt: skip
async def test_behind_a_limit_every_branch_has_its_cost(lines: tuple[str, ...], behind: list[str]) -> None:
    before, after = await both(*lines)
    assert list(told(after.trace))[-len(behind) :] == behind
    for name in ("result", "fault", "problem", "mechanism", "lookups_used", "void_lookups_used", "record"):
        assert getattr(after, name) == getattr(before, name)
    assert before.fault in ENDINGS


async def test_what_hangs_on_a_client_is_named_behind_the_limit_too() -> None:
    _, after = await both(txt("example.org", f"v=spf1 {TEN} include:p.example -all"), P, Q)
    assert after.not_followed == ("exists:%{i}.q.example",)


async def test_a_record_within_the_limits_is_left_as_it_is() -> None:
    before, after = await both(txt("example.org", "v=spf1 include:p.example -all"), P, Q)
    assert after == before


async def test_a_tree_without_end_is_bounded() -> None:
    record = "v=spf1 " + " ".join(["include:{}.example"] * 9) + " -all"
    lines = [txt(f"t{level}.example", record.replace("{}", f"t{level + 1}")) for level in range(15)]
    _, after = await both(txt("example.org", record.replace("{}", "t0")), *lines)
    steps = list(told(after.trace))
    assert 2 * MAX_COUNTED > len([step for step in steps if not step.endswith(" 0/0")]) > 20
    assert [step.result for step in after.trace][-2:] == [SpfStepResult.NOT_REACHED] * 2
