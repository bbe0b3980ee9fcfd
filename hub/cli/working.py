"""Working until a signal comes: what the long-running commands have around their loop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import typer

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.cli.output import Output
    from hub.cli.stopping import Stop
    from hub.settings import Settings
    from hub.telemetry.logs import Log

CRASHED = 70
"""The exit code of a worker that met a defect: EX_SOFTWARE of sysexits.h."""
T = TypeVar("T")


def forever(
    settings: Settings, output: Output, stop: Stop, doing: str, work: Callable[[Settings, Log, Callable[[], bool]], T]
) -> T:
    """Work until a signal comes; what cannot be tried again is one last line, as log or as text, and ends it."""
    from hub.cli.stopping import GRACE_S, Deadline
    from hub.telemetry.places import causes, of_traceback
    from hub.telemetry.watchdog import log_stacks
    from hub.wiring.worker import worker_log

    log, as_json = worker_log(settings, sys.stderr)
    if as_json:
        log.info(doing)
    else:
        output.say(f"{doing}; Ctrl-C or SIGTERM stops after the batch in hand")
    overdue = partial(log_stacks, log, "stop_overdue", limit_s=GRACE_S)
    try:
        with Deadline(lambda _: overdue(), os._exit):
            done = work(settings, log, lambda: bool(stop.signal_number))
    except HubError as error:
        if not as_json:
            raise
        log.error("failed", error=error)  # noqa: TRY400 a text that says what to do needs no stack
        raise typer.Exit(1) from error
    except Exception as error:  # noqa: BLE001 a traceback writes the exception's text, and a driver's text repeats rows
        found = {"caused_by": causes(error), "stack": of_traceback(error.__traceback__)}
        log.error("crashed", error=error, exit_code=CRASHED, **found)  # noqa: TRY400
        raise typer.Exit(CRASHED) from None
    if as_json:
        log.info("stopped", signal=signal.Signals(stop.signal_number).name)
    return done
