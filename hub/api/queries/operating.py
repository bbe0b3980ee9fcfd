"""How the hub is doing at one moment, cheap enough to look every few seconds: it counts no row of the ledger."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from hub.api.services import Services
from hub.consumers.survey import Backlog, StoreLook, look_at_log, survey
from hub.domain.topics import INBOUND
from hub.errors import HubError
from hub.ledger import accessqueries, ledger, outbound, tables
from hub.ledger.database import reading
from hub.ledger.moments import moment_of
from hub.projections import generations
from hub.projections.generations import Generation

MOST_ALARMS = 100
"""Alarms counted at most."""


class Lately(NamedTuple):
    """When an event was accepted last, None if none ever was, and how many in the last hour and day."""

    last_at: datetime | None
    hour: int
    day: int


class Look(NamedTuple):
    """The hub at one moment: what its store holds, what its log says of itself, None where it does not answer.

    `told` is the position of the ledger up to which the networks were told, `alarms` how many readers are stopped.
    """

    at: datetime
    store: StoreLook
    backlog: list[Backlog] | None
    lately: Lately
    told: int
    generation: Generation
    alarms: int


def look(services: Services) -> Look:
    """Look at the store in one snapshot, then at the log.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    at = services.now()
    with reading(services.store) as connection:
        live = generations.live_generation(connection)
        store = survey(connection)
        lately = _lately(connection, store.position, at)
        told = outbound.position(connection)
        alarms = len(accessqueries.alarms(connection, is_open=True, limit=MOST_ALARMS))
    return Look(at, store, _backlog(services, store), lately, told, live, alarms)


def _lately(connection: Connection, position: int, now: datetime) -> Lately:
    columns = tables.ledger.c
    stamp = connection.scalar(select(columns.stamped_at).where(columns.position == position))
    hour, day = (
        position - ledger.position_at(connection, now - ago) for ago in (timedelta(hours=1), timedelta(days=1))
    )
    return Lately(None if stamp is None else moment_of(stamp), hour, day)


def _backlog(services: Services, store: StoreLook) -> list[Backlog] | None:
    try:
        with closing(services.admin()) as admin:
            return look_at_log(admin, INBOUND, store.stored)
    except HubError as error:
        if error.retriable:
            return None
        raise
