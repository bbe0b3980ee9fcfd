"""A person's history: what each event changed, page by page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub
from hub.api.documents import histories as documents
from hub.api.people import NOW, PersonId, location, reading
from hub.api.queries.history import History, ShownStep, history_of
from hub.api.routes.pathways import FAILURES, Reader
from hub.audit.history import Order, RowChange
from hub.errors import Usage
from hub.projections import labels
from hub.projections.view import TableRow

router = APIRouter(tags=["pathways"])
_LARGEST_PAGE = 100


@router.get(
    "/pathways/{person_id}/history",
    summary="Replay a person's pathway event by event",
    response_model=None,
    responses={200: {"model": documents.History}, **FAILURES, **problems.answers("usage")},
)
def read_history(
    request: Request,
    services: Hub,
    asked: Reader,
    person_id: PersonId,
    order: Annotated[
        Order,
        Query(
            description="`effect`: in canonical order, each event as it counts now, so that a voided one changes "
            "nothing. `acceptance`: as the hub took them in, so that a void takes back what its event had set."
        ),
    ] = "effect",
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE, description="How many steps a page has.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Response:
    """Give each event with what it changed, and how the pathway stood after it, as far as the reader sees it.

    It is about the case records that make up the pathway today, also before they were linked.
    """
    after = opened_cursor(request, cursor)
    failed: Usage | None = None
    items: list[dict[str, Any]] = []
    following = None
    with reading(services, asked, person_id, NOW) as (look, found):
        history = history_of(services, look, found, order)
        try:
            start = _start(history, after)
        except Usage as error:
            failed = error
        else:
            items = _items(history, start, start + limit)
            following = [order, items[-1]["event_id"]] if start + limit < len(history.ordered) else None
    if failed is not None:
        raise failed
    beside = {**found.about(NOW), "order": order, "total": len(history.ordered)}
    return page(request, items, following, beside=beside, headers=location(request, person_id, found))


def _start(history: History, after: list[Any] | None) -> int:
    """Give the place after the event at which the last page ended.

    Raises:
        Usage: it is in the history no more, or the page was of another order.
    """
    if after is None:
        return 0
    ids = [each.event.meta.event_id for each in history.ordered]
    order, event_id = after
    if order != history.order or event_id not in ids:
        raise Usage("the last page was of another order, or its last event is no more; begin with the first page")
    return ids.index(event_id) + 1


def _items(history: History, start: int, stop: int) -> list[dict[str, Any]]:
    lines = {line["event_id"]: line for line in history.found.view.timeline}
    return [_step(each, lines.get(each.event_id)) for each in history.steps(start, stop)]


def _step(shown: ShownStep, line: TableRow | None) -> dict[str, Any]:
    step = shown.step
    event, row = step.accepted.event, step.pathway
    meta, kind = event.meta, type(event).__name__
    return {
        "number": step.number,
        "event_id": meta.event_id,
        "event_type": kind,
        "label": line["label"] if line else labels.event_type(kind),
        "network": meta.network,
        "actor_id": meta.actor_id,
        "organisation": meta.organisation,
        "site": meta.site,
        "occurred_at": meta.occurred_at,
        "recorded_at": meta.recorded_at,
        "accepted_at": step.accepted.accepted_at,
        "position": step.accepted.position,
        "voided_by": line["voided_by"] if line else None,
        "changes": [_change(each) for each in step.changes],
        "raised": [_alert(each) for each in step.raised],
        "cleared": [_alert(each) for each in step.cleared],
        "hides": shown.hides,
        "phase": row and row["phase"],
        "referent": _referent(row),
    }


def _change(change: RowChange) -> dict[str, Any]:
    columns = [each._asdict() for each in change.columns()]
    return {"model": change.model, "fact": change.name, "kind": change.kind, "columns": columns}


def _alert(row: TableRow) -> dict[str, Any]:
    return {name: row[name] for name in ("kind", "rule", "about", "due_on")}


def _referent(row: TableRow | None) -> dict[str, Any] | None:
    if row is None or row["referent_adviser"] is None:
        return None
    return {name: row[f"referent_{name}"] for name in ("network", "adviser", "site")}
