"""Working until a signal comes: what the long-running commands have around their loop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

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
T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[T_co]):
    """What a command does until it is told to stop; it says when it began."""

    def __call__(
        self, settings: Settings, log: Log, is_stopped: Callable[[], bool], began: Callable[[], object]
    ) -> T_co:
        """Work."""
        ...


class Beginning:
    """Knows whether a program began its work: until then a failure is told to whoever starts it, as any command's is.

    From then on whoever reads is whatever collects its lines.

    Args:
        tell: told the first time.
    """

    def __init__(self, tell: Callable[[], object] = lambda: None) -> None:
        self.is_over = False
        self._tell = tell

    def __call__(self) -> None:
        """Note that it began."""
        if not self.is_over:
            self.is_over = True
            self._tell()


def forever(settings: Settings, output: Output, stop: Stop, doing: str, work: Work[T]) -> T:
    """Work until a signal comes; what cannot be tried again is one last line, as log or as text, and ends it."""
    from hub.cli.stopping import GRACE_S, Deadline
    from hub.telemetry.watchdog import log_stacks
    from hub.wiring.worker import worker_log

    log, as_json = worker_log(settings, sys.stderr)
    said = f"{doing}; Ctrl-C or SIGTERM stops after the batch in hand"
    began = Beginning(lambda: log.info(doing) if as_json else output.say(said))
    overdue = partial(log_stacks, log, "stop_overdue", limit_s=GRACE_S)
    with ending(log, began, as_json=as_json), Deadline(lambda _: overdue(), os._exit):
        done = work(settings, log, lambda: bool(stop.signal_number), began)
    if as_json:
        log.info("stopped", signal=signal.Signals(stop.signal_number).name)
    return done


@contextmanager
def ending(log: Log, began: Beginning, *, as_json: bool) -> Iterator[None]:
    """Let a failure be the log's last line once the work began.

    Raises:
        HubError: it had not begun, or people read the log: then it is said to them.
        Exit: it is in the log.
    """
    from hub.telemetry.places import causes, of_traceback

    try:
        yield
    except HubError as error:
        if not (as_json and began.is_over):
            raise
        log.error("failed", error=error)  # noqa: TRY400 a text that says what to do needs no stack
        raise typer.Exit(1) from error
    except Exception as error:
        if not began.is_over:
            raise
        # A traceback writes the exception's text, and a driver's text repeats rows.
        found = {"caused_by": causes(error), "stack": of_traceback(error.__traceback__)}
        log.error("crashed", error=error, exit_code=CRASHED, **found)  # noqa: TRY400
        raise typer.Exit(CRASHED) from None
