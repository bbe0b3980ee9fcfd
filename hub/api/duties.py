"""What is to be done for each of several people: how much is open, and what is expected first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select, union_all

from hub.access import fields
from hub.access.health import HIDDEN
from hub.access.listing import Listed
from hub.audit.agenda import OPEN
from hub.domain.access import Sight
from hub.projections import records
from hub.projections.tables import Tables


def duties(connection: Connection, tables: Tables, people: Iterable[Listed], today: date) -> dict[int, dict[str, Any]]:
    """Give `open_items`, `next_due_on` and `is_overdue` by pathway, as far as the reader sees them."""
    sights = {each.pathway_no: each.verdict.sight for each in people}
    opened = _open(connection, tables, sights)
    first = _first_due(connection, tables, sights)
    return {
        number: {
            "open_items": opened[number],
            "next_due_on": first.get(number),
            "is_overdue": number in first and first[number] < today,
        }
        for number in sights
    }


def shows(sight: Sight, alert: Any) -> bool:
    """Tell whether a sight shows an alert, given as its row: not where it tells of health that is hidden."""
    return bool(fields.shown_rows("alert", [{"rule": alert.rule, "about": alert.about}], sight))


def _open(connection: Connection, tables: Tables, sights: dict[int, Sight]) -> Counter[int]:
    parts = []
    for name, statuses in OPEN.items():
        model = tables.models[name]
        may_see = [number for number, sight in sights.items() if sight is Sight.FULL or name not in HIDDEN]
        query = select(model.c.pathway_no, func.count().label("open"))
        wanted = model.c.pathway_no.in_(may_see), model.c.status.in_(sorted(statuses))
        parts.append(query.where(*wanted).group_by(model.c.pathway_no))
    found: Counter[int] = Counter()
    for number, count in connection.execute(union_all(*parts)):
        found[number] += count
    return found


def _first_due(connection: Connection, tables: Tables, sights: dict[int, Sight]) -> dict[int, date]:
    table = tables.models["alert"]
    due: defaultdict[int, list[date]] = defaultdict(list)
    for row in records.select_in(connection, table.c[:], table.c.pathway_no, sights):
        if row.kind == "alert" and shows(sights[row.pathway_no], row):
            due[row.pathway_no].append(row.due_on)
    return {number: min(days) for number, days in due.items()}
