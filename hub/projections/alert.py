"""Read model of anomalies and alerts: what does not fit in a pathway, and what is expected in it by a day."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.pathway.pathway import SUBJECTS, Pathway, alerts, anomalies
from hub.projections.readmodel import DAY, TEXT, ReadModel, Row


def rows(pathway: Pathway) -> Iterable[Row]:
    """Give a row per anomaly and alert; of one thing expected twice by the same event, the earlier day."""
    found: dict[Row, Row] = {}
    for anomaly in anomalies(pathway):
        key = ("anomaly", *anomaly)
        found[key] = (*key, None, anomaly.event_id, None)
    for rule, about, event_id, due_on in alerts(pathway):
        key = ("alert", rule, about, event_id)
        if key not in found or due_on < found[key][4]:
            found[key] = (*key, due_on, event_id, None)
    return found.values()


MODEL = ReadModel(
    name="alert",
    key=(("kind", TEXT), ("rule", TEXT), ("about", TEXT), ("raised_by", TEXT)),
    columns=(("due_on", DAY),),
    parts=("source", *SUBJECTS),
    rows=rows,
)
