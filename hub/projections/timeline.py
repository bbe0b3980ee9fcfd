"""The timeline: one row per event, kept by case record and not by person, so that linking moves nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TEXT as POSTGRESQL_TEXT
from sqlalchemy.types import TypeEngine

from hub.domain.events.base import Event
from hub.domain.order import order_key
from hub.projections.event_label import timeline_label
from hub.projections.readmodel import MOMENT, TEXT, Row, moment_text

# Byte order: a language's collation would pass over the separators.
_BYTES: TypeEngine[str] = Text().with_variant(POSTGRESQL_TEXT(collation="C"), "postgresql")

COLUMNS: tuple[tuple[str, TypeEngine[Any]], ...] = (
    ("event_id", TEXT),
    ("event_type", TEXT),
    ("network", TEXT),
    ("occurred_at", MOMENT),
    ("recorded_at", MOMENT),
    ("site", TEXT),
    ("actor_id", TEXT),
    ("organisation", TEXT),
    ("place_in_order", _BYTES),
    ("label", TEXT),
    ("voided_by", TEXT),
)
"""The columns of a row, the key `event_id` first."""


def timeline_row(event: Event, voided_by: str | None) -> Row:
    """Give the row of an event about a case; `voided_by` is the event that voids it."""
    meta = event.meta
    kind = type(event).__name__
    return (
        meta.event_id,
        kind,
        meta.network,
        meta.occurred_at,
        meta.recorded_at,
        meta.site,
        meta.actor_id,
        meta.organisation,
        place_in_order(event),
        timeline_label(event),
        voided_by,
    )


def place_in_order(event: Event) -> str:
    """Write the canonical place of an event about a case as text: sorting it by bytes is sorting by `order_key`.

    The separator sorts below every character of a case's key, so that a shorter key sorts first, as in a tuple.
    """
    time, emitter, (_, network, scope, local_id), sequence, event_id = order_key(event)
    return f"{moment_text(time)} {emitter} {network} {scope} {local_id} {sequence:019} {event_id}"
