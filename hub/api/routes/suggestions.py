"""Suggestions: pairs of case records that may be one person's, of people whom the reader accompanies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access import ties
from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.access.recording import OWN
from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.concerned import TO_DECIDE
from hub.api.documents.decisions import Suggestions
from hub.domain import access
from hub.domain.identity.evidence import latest
from hub.projections import suggestions
from hub.projections.records import CaseRow
from hub.projections.suggestions import Pair

router = APIRouter(tags=["decisions"])

PEOPLE_AT_ONCE = 50
"""People of the caseload whose pairs one page looks for; few have any."""


class _Side(NamedTuple):
    record: CaseRow
    whose: Listed
    is_own: bool


@router.get(
    "/suggestions",
    operation_id="list_suggestions",
    summary="List pairs of case records that may be one person's",
    response_model=None,
    responses={
        200: {"model": Suggestions},
        **problems.answers("token_invalid", "denied", "reading_slowed", "usage", "store_unavailable"),
    },
)
def list_suggestions(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.CASELOAD))],
    limit: Annotated[int, Query(ge=1, le=10, description="At most so many pairs on a page.")] = 5,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List pairs of which the reader accompanies at least one person, with what both records say, side by side.

    Whose record the reader does not accompany counts toward the volume alarm as another person. `POST /decisions`
    links or rejects a pair.
    """
    after = opened_cursor(request, cursor) or [None, 0]
    with services.guard.reading(asked) as look:
        numbers = ties.caseload(
            look.connection, look.tables, asked.reader, look.now.date(), after=after[0], limit=PEOPLE_AT_ONCE + 1
        )
        here = numbers[:PEOPLE_AT_ONCE]
        pairs = _pairs(look, here)
        shown = pairs[after[1] : after[1] + limit]
        _record(look, shown)
        items = [_item(pair, sides) for pair, sides in shown]
    if len(pairs) > after[1] + limit:
        return page(request, items, [after[0], after[1] + limit])
    return page(request, items, [here[-1], 0] if len(numbers) > PEOPLE_AT_ONCE else None)


def _pairs(look: Look, here: Sequence[int]) -> list[tuple[Pair, tuple[_Side, _Side]]]:
    """Give the pairs of some people of the caseload; one of two of them is given with the first of both."""
    found = suggestions.about(look.connection, look.tables, here)
    numbers = {number for pair in found for number in (pair.left.pathway_no, pair.right.pathway_no) if number}
    people = listed(look, sorted(numbers))
    kept = []
    for pair in found:
        left, right = (people.get(record.pathway_no or 0) for record in (pair.left, pair.right))
        if left is None or right is None:
            continue
        sides = _side(pair.left, left), _side(pair.right, right)
        own = [side.whose.pathway_no for side in sides if side.is_own]
        if own and min(own) in here:
            kept.append((pair, sides))
    return kept


def _side(record: CaseRow, whose: Listed) -> _Side:
    return _Side(record, whose, whose.verdict.ground in OWN)


def _record(look: Look, shown: Sequence[tuple[Pair, tuple[_Side, _Side]]]) -> None:
    sides = [side for _, both in shown for side in both]
    look.entry.list([(side.whose.person, side.whose.verdict) for side in sides if side.is_own])
    for side in sides:
        if not side.is_own:
            look.entry.read(side.whose.person, TO_DECIDE)


def _item(pair: Pair, sides: tuple[_Side, _Side]) -> dict[str, Any]:
    found = pair.found
    return {
        "score": found.score,
        "reasons": list(found.reasons),
        "rule": found.rule,
        "held_back": found.skipped_because,
        "left": _said(sides[0]),
        "right": _said(sides[1]),
    }


def _said(side: _Side) -> dict[str, Any]:
    evidence = side.record.evidence
    traits = ("family_name", "birth_name", "given_name", "birth_date", "birth_place")
    return {
        "case": side.record.case._asdict(),
        "person_id": side.whose.row.person_id if side.is_own else None,
        **{trait: latest(evidence, trait) or None for trait in traits},
    }
