"""All tasks of one kind, page by page: where the first page shows only the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.guard import Look
from hub.api.answers import opened_cursor, sealed_cursor
from hub.api.queries import caseload, contradictions, todo
from hub.domain import access
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.home import address, reading, sections, tasks
from hub.web.home.address import View
from hub.web.home.tasks import Task
from hub.web.naming.names import Names

router = APIRouter()

SIZE = 50
What = Literal["retard", "a-repondre", "semaine", "mois", "attendues", "contradictions", "consultations"]


class Listed(NamedTuple):
    """A page of tasks, and the key after which the next one begins."""

    shown: list[Task]
    following: list[Any] | None


@router.get(sections.PATH)
def todo_list(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.CASELOAD))],
    quoi: What = "retard",
    vue: Annotated[View | Literal[""], Query()] = "",
    suite: Annotated[str, Query(max_length=1_000)] = "",
) -> Response:
    """List the tasks of one kind."""
    after = opened_cursor(request, suite or None)
    view = address.view_of(visit.session.reader, vue)
    if after is not None and after[0] != quoi:
        after = None
    with services.guard.reading(caseload.as_role(visit.asked, address.VIEWS[view])) as look:
        found = _listed(look, quoi, after[1:] if after else None, web.names())
    here = f"{sections.PATH}?quoi={quoi}" + (f"&vue={view}" if vue else "")
    following = None if found.following is None else sealed_cursor(request, [quoi, *found.following])
    return web.renderer.page(
        request,
        "home/todo.html",
        kind=sections.kind_of(quoi, visit.session.reader.network),
        tasks=found.shown,
        home_title=address.TITLES[view],
        home=f"{address.PATH}?vue={view}" if vue else address.PATH,
        first=here if after else None,
        following=following and f"{here}&suite={following}",
    )


def _listed(look: Look, what: What, after: Sequence[Any] | None, names: Names) -> Listed:
    if what == "contradictions":
        return _contradictions(look, after)
    if what == "consultations":
        return _consultations(look, after)
    rows = todo.of_group(look, sections.GROUPS[what], after, SIZE + 1)
    people = caseload.recorded(look, [row.pathway_no for row in rows[:SIZE]])
    shown = tasks.expected(rows[:SIZE], people, reading.viewer_of(look, names))
    return Listed(shown, rows[SIZE - 1].place if len(rows) > SIZE else None)


def _contradictions(look: Look, after: Sequence[Any] | None) -> Listed:
    found = contradictions.of_people(look, after[0] if after else None, SIZE)
    people = caseload.recorded(look, [row.pathway_no for row in found.rows])
    following = [found.rows[-1].pathway_no] if found.people > SIZE else None
    return Listed(tasks.contradictions(found.rows, people), following)


def _consultations(look: Look, after: Sequence[Any] | None) -> Listed:
    found = reading.reasons(look, after[0] if after else None, SIZE)
    people = caseload.recorded(look, [each.pathway_no for each in found])
    entries = list(dict.fromkeys(each.entry_id for each in found))
    return Listed(tasks.notices(found, people), [entries[-1]] if len(entries) == SIZE else None)
