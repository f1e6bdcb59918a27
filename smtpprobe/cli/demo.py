"""`smtpprobe demo [SCENARIO]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpprobe.cli.output import Output, emit_report, is_page, live_page, output_options
from smtpprobe.model.report import Report
from smtpprobe.model.texts.language import say
from smtpprobe.render.formats import Takes

if TYPE_CHECKING:
    from smtpprobe.pipeline.recorder import RunRecorder


@click.command("demo")
@click.argument("scenario", default="blocklisted")
@click.option("--list", "listing", is_flag=True, help="Name the scenarios.")
@output_options(Takes.REPORT)
def command(output: Output, scenario: str, listing: bool) -> int:
    """Run a real session over TCP with a built-in server that refuses, and explain it from built-in DNS. No network.

    The exit code is the report's, as `check` would give it.
    """
    from smtpprobe.testing.scenarios import SCENARIOS

    if listing:
        width = max(len(name) for name in SCENARIOS)
        for name, each in SCENARIOS.items():
            click.echo(f"{name:<{width}}  {say(each.about)}")
        return 0
    if scenario not in SCENARIOS:
        raise ValueError(
            say(
                "{scenario} is not a scenario: expected one of {scenarios}",
                scenario=repr(scenario),
                scenarios=", ".join(SCENARIOS),
            )
        )
    from smtpprobe.cli.running import report_of

    if is_page(output) and output.verbosity >= 0:
        click.echo(say("Scenario {name}: {about}.", name=scenario, about=say(SCENARIOS[scenario].about)))
        click.echo(say("A server on this machine plays it; no packet leaves it. Others: smtpprobe demo --list") + "\n")
    live = live_page(output)
    report = report_of(lambda recorder: _play(scenario, recorder), live)
    return emit_report(output, report, live=live)


async def _play(name: str, recorder: RunRecorder) -> Report:
    from smtpprobe.pipeline.probe import probe
    from smtpprobe.testing.demo_server import DemoServer
    from smtpprobe.testing.scenarios import SCENARIOS
    from smtpprobe.testing.zones import zone_resolver

    scenario = SCENARIOS[name]
    async with DemoServer(scenario) as server:
        return await probe(
            server.request(),
            credentials=server.credentials(),
            resolver=zone_resolver(scenario.zone),
            message_to_judge=scenario.message,
            recorder=recorder,
        )
