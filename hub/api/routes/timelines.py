"""A person's timeline: every event in canonical order, filtered, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub
from hub.api.documents import pathways as documents
from hub.api.people import Moment, Of, PersonId, Start, location, reading
from hub.api.routes.pathways import FAILURES, Reader
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import Usage
from hub.projections.view import TableRow

router = APIRouter(tags=["pathways"])
EventType = Literal[tuple(EVENT_TYPES)]  # type: ignore[valid-type]
_LARGEST_PAGE = 500


class Wanted(NamedTuple):
    """Which lines are wanted; None means any."""

    network: str | None
    types: Sequence[str]
    start: datetime | None
    end: datetime | None
    voided: bool | None

    def has(self, line: TableRow) -> bool:
        """Tell whether a line is among them."""
        return (
            (self.network is None or line["network"] == self.network)
            and (not self.types or line["event_type"] in self.types)
            and (self.start is None or line["occurred_at"] >= self.start)
            and (self.end is None or line["occurred_at"] <= self.end)
            and (self.voided is None or (line["voided_by"] is not None) == self.voided)
        )


def _wanted(
    event_type: Annotated[
        list[EventType],  # type: ignore[valid-type]
        Query(alias="type", default_factory=list, max_length=len(EVENT_TYPES), description="Only these types."),
    ],
    network: Annotated[
        Literal["france_travail", "cap_emploi", "hub"] | None, Query(description="Only what this network recorded.")
    ] = None,
    start: Annotated[
        Start | None,
        Query(
            alias="from",
            description="What occurred then or later: a day (its beginning in France) or an RFC 3339 time.",
        ),
    ] = None,
    end: Annotated[
        Moment | None,
        Query(alias="to", description="What occurred then or earlier: a day (its end in France) or a time."),
    ] = None,
    voided: Annotated[bool | None, Query(description="Only voided events, or none; without it, all.")] = None,
) -> Wanted:
    return Wanted(network, event_type, start, end, voided)


class Place(NamedTuple):
    """Which page is wanted."""

    limit: int
    cursor: str | None
    is_descending: bool


def _place(
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE, description="How many lines a page has.")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="`asc`: what came first, first.")] = "asc",
) -> Place:
    return Place(limit, cursor, order == "desc")


@router.get(
    "/pathways/{person_id}/timeline",
    summary="Read a person's timeline",
    response_model=None,
    responses={200: {"model": documents.Timeline}, **FAILURES, **problems.answers("usage")},
)
def read_timeline(
    request: Request,
    services: Hub,
    asked: Reader,
    person_id: PersonId,
    when: Of,
    wanted: Annotated[Wanted, Depends(_wanted)],
    place: Annotated[Place, Depends(_place)],
) -> Response:
    """Give the events of both networks in canonical order, whoever recorded them, page by page."""
    after = opened_cursor(request, place.cursor)
    with reading(services, asked, person_id, when, with_links=False) as (_, found):
        lines = found.view.timeline[::-1] if place.is_descending else found.view.timeline
    items = list(_after(lines, after, wanted.has, place.limit + 1))
    following = [items[place.limit - 1]["event_id"]] if len(items) > place.limit else None
    headers = location(request, person_id, found)
    return page(request, items[: place.limit], following, beside=found.about(when), headers=headers)


def _after(
    lines: Sequence[TableRow], key: list[str] | None, has: Callable[[TableRow], bool], count: int
) -> Iterator[TableRow]:
    """Give so many lines after the one at which the last page ended: it is named by its event, which is no one's name.

    Raises:
        Usage: it is in the timeline no more.
    """
    start = 0
    if key is not None:
        start = next((place for place, line in enumerate(lines, 1) if [line["event_id"]] == key), 0)
        if start == 0:
            raise Usage("the event at which the last page ended is in this timeline no more; begin with the first page")
    for line in lines[start:]:
        if count == 0:
            return
        if has(line):
            count -= 1
            yield line
