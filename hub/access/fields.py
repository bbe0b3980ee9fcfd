"""What a sight of a person shows of them: whoever does not need health data gets views and events without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, not_, or_

from hub.access.health import COLUMNS, EVENTS, HIDDEN, Split
from hub.domain.access import Sight
from hub.domain.pathway.correction import Corrections
from hub.domain.pathway.leg import Legs, Period
from hub.domain.pathway.lifecycle import Lifecycle
from hub.domain.pathway.pathway import Pathway
from hub.errors import Denied
from hub.projections import labels
from hub.projections.view import TableRow, View

_NOTHING = Split(frozenset(), frozenset())
_BESIDE = frozenset({"event_id", "events", "case"})
"""What rows hold beside their columns: the events they name, and the case record of a line of the timeline."""
_TELLING_RULES = frozenset({"unknown_code"})
"""The alerts that repeat a value."""


def shown(view: View, sight: Sight) -> View:
    """Give a view as a sight shows it; its facts, free texts and alerts are then those that the sight shows.

    Hidden columns are None. Lines of the timeline say what happened, and nothing more where more would tell of health.

    Raises:
        Denied: the sight shows nothing.
    """
    if _is_whole(sight):
        return view
    return view._replace(
        tables={model: shown_rows(model, rows, sight) for model, rows in view.tables.items()},
        timeline=shown_rows("timeline", view.timeline, sight),
        links=shown_rows("link", view.links, sight),
        state=_outline(view.state),
    )


def shown_rows(model: str, rows: Iterable[TableRow], sight: Sight) -> list[TableRow]:
    """Give the rows of a read model, or of `timeline` or `link`, as a sight shows them.

    Raises:
        Denied: the sight shows nothing.
    """
    if _is_whole(sight):
        return list(rows)
    if model in HIDDEN:
        return []
    return [_row(model, row) for row in rows if model != "alert" or not _tells(row["rule"], row["about"])]


def shown_event(document: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """Give the JSON form of an event (`hub.codec.jsonform.to_json`) as a sight shows it; hidden fields are left out.

    Raises:
        Denied: the sight shows nothing.
    """
    if _is_whole(sight):
        return dict(document)
    plain = EVENTS.get(document["type"], _NOTHING).plain
    body = {name: value for name, value in document.items() if name not in {"type", "meta"}}
    return {"type": document["type"], "meta": document["meta"], **_fields(body, "", plain)}


def _is_whole(sight: Sight) -> bool:
    if sight is Sight.NOTHING:
        raise Denied("nothing of this person is shown to this reader")
    return sight is Sight.FULL


def _row(model: str, row: TableRow) -> TableRow:
    plain = COLUMNS.get(model, _NOTHING).plain
    kept = {name: value if name in plain or name in _BESIDE else None for name, value in row.items()}
    if "events" in row:
        kept["events"] = {name: event_id for name, event_id in row["events"].items() if name in plain}
    if model == "timeline":
        kind = row["event_type"]
        tells = kind not in EVENTS or bool(EVENTS[kind].health)
        kept["label"] = labels.event_type(kind) if tells else row["label"]
    return kept


def _tells(rule: str, about: str) -> bool:
    return rule in _TELLING_RULES or about.partition(":")[0] in HIDDEN


def tells_nothing(rule: ColumnElement[str], about: ColumnElement[str]) -> ColumnElement[bool]:
    """Say in SQL that an alert tells nothing of health, so that pages hold and lead on from what is shown alone."""
    tells = (about.startswith(f"{model}:", autoescape=True) for model in sorted(HIDDEN))
    return not_(or_(rule.in_(sorted(_TELLING_RULES)), *tells))


def _outline(state: Pathway) -> Pathway:
    """Give what a state says of the pathway as a whole: the rest is shown by the rows.

    When it and its records were open and which answers were voided are shown; why a record was closed, and what made
    the person come back, are not.
    """
    said = state.lifecycle
    exits = tuple(replace(left, trigger=None, act_after=None) for left in said.exits)
    opened = {
        name: replace(leg, periods=tuple(map(_without_motives, leg.periods)))
        for name, leg in state.legs.by_case.items()
    }
    return Pathway(
        first=state.first,
        last=state.last,
        events=state.events,
        lifecycle=Lifecycle(erased=said.erased, opened=said.opened, phase=said.phase, exits=exits),
        legs=Legs(opened),
        corrections=Corrections(undone=state.corrections.undone),
        erasures=state.erasures,
    )


def _without_motives(period: Period) -> Period:
    return Period(period.opened_at, period.closed_at)


def _fields(record: Mapping[str, Any], path: str, plain: frozenset[str]) -> dict[str, Any]:
    """Keep the plain fields; a record, or a list of records, of which none is plain goes as a whole."""
    kept: dict[str, Any] = {}
    for name, value in record.items():
        here = f"{path}{name}"
        if here in plain:
            kept[name] = value
        elif any(each.startswith(f"{here}.") for each in plain):
            kept[name] = (
                [_fields(item, f"{here}.", plain) for item in value]
                if isinstance(value, list)
                else _fields(value, f"{here}.", plain)
            )
    return kept
