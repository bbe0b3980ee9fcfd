"""One job in a process of its own, so that its memory is its own: `python -m benchmarks.worker JOB [DIR]`.

Without DIR, the hub is the one that the `HUB_...` variables name.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ChildrenPeak, Cost, peak_bytes, timed
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.settings import Settings
from hub.wiring import Hub


class Usage(NamedTuple):
    """What a job took; `peak_bytes` is for whole processes, its workers, Python and the hub's code included."""

    events: int
    wall_s: float
    cpu_s: float
    peak_bytes: int

    @property
    def cost(self) -> Cost:
        """The time it took."""
        return Cost(self.wall_s, self.cpu_s)


def ingest(hub: Hub) -> Usage:
    """Take in all that the log holds."""
    with closing(hub.ingest()) as loop:
        with timed() as watch:
            loop.until_caught_up(lambda _: None)
        assert loop.counts.quarantined == 0, "the feed without broken records went into quarantine"
        return Usage(loop.counts.read, *watch.cost, peak_bytes())


def rebuild(hub: Hub) -> Usage:
    """Rebuild the read model."""
    with reading(hub.store) as connection:
        events = ledger.count(connection)
    workers = ChildrenPeak()
    with timed() as watch:
        hub.rebuild(lambda *_: workers.look())
    return Usage(events, *watch.cost, peak_bytes() + workers.total_bytes)


def idle(_: Hub) -> Usage:
    """Do nothing: what an open hub takes anyway."""
    return Usage(0, 0.0, 0.0, peak_bytes())


def serve(hub: Hub) -> None:
    """Ingest what comes until this process is told to end; says that it began in one line."""
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    with closing(hub.ingest()) as loop:
        print("ready", flush=True)
        while not stopped:
            loop.step(timeout_ms=200)


JOBS = {"ingest": ingest, "rebuild": rebuild, "idle": idle}


def main() -> None:
    """Do the job and print its usage."""
    job, *path = sys.argv[1:]
    with Hub(Settings(data=Path(path[0])) if path else Settings()) as hub:
        if job == "serve":
            serve(hub)
        else:
            print(json.dumps(JOBS[job](hub)._asdict()))


if __name__ == "__main__":
    main()
