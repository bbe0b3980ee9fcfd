"""The canonical order: a total order on the events themselves, never on their arrival."""

from __future__ import annotations

from datetime import datetime

from hub.domain.events.base import Decision, Event

OrderKey = tuple[datetime, str, tuple[str, str, str, str], int, str]
"""Time, network, subject's parts, source sequence, event id: plain tuples, since one is built for every comparison."""


def order_key(event: Event) -> OrderKey:
    """Give the place of an event among all events: its time, network, subject, source sequence, id.

    The time is when the fact occurred, or when it was recorded if that is earlier: a clock in the future is an anomaly,
    not a throne. A person's decision acts in knowledge time, so it stands where it was recorded.
    """
    meta = event.meta
    if meta.local_id:  # a case's own event, as nearly all are: only they name a case in their metadata
        subject: tuple[str, str, str, str] = ("case", meta.network, meta.scope, meta.local_id)
        return (min(meta.occurred_at, meta.recorded_at), meta.network, subject, meta.sequence, meta.event_id)
    time = meta.recorded_at if isinstance(event, Decision) else min(meta.occurred_at, meta.recorded_at)
    return (time, meta.network, event.subject, meta.sequence, meta.event_id)
