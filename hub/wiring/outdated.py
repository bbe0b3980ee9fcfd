"""Saying at a program's start that another version of the hub built the read model."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.ledger.database import reading
from hub.projections import generations
from hub.telemetry.logs import Log


def warn_of_outdated(store: Engine, log: Log) -> None:
    """Say in the log that `hub rebuild` is due, if it is.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    with reading(store) as connection:
        live = generations.live_generation(connection)
    if live.is_outdated:
        log.warning("read_model_outdated", generation=live.number)
