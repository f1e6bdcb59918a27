"""What the commands print that look causes, checks and findings up by their ids."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.cli.finding_commands import command_for
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.cli.output import Output, emit
from smtpprobe.model.texts.language import say
from smtpprobe.pipeline.reference.known_ids import known_ids
from smtpprobe.render import formats
from smtpprobe.render.formats import Takes


def print_ids(output: Output, ids: Sequence[str], *, takes: Takes = Takes.KNOWN_IDS) -> None:
    """Print the pages of causes and findings. Raises ValueError for an id that there is not, and names the nearest."""
    known = formats.names(takes)
    for form in (output.format, *(form for form, _ in output.files)):
        if form not in known:
            raise ValueError(
                say(
                    "{form} is a format for replies: ids are printed as {known}",
                    form=form,
                    known=say(" or ").join(known),
                )
            )
    emit(output, takes, known_ids(ids, command_for), OPTION_NAMES)
