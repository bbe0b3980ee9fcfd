"""Why a person's facts are as they are: their names, their explanation, and the events behind them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from hub.access.guard import Look
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub
from hub.api.documents import explanations as documents
from hub.api.people import NOW, UUID_PATTERN, Of, PersonId, Read, location, reading
from hub.api.queries.events import recorded, told
from hub.api.routes.pathways import FAILURES, Reader
from hub.api.services import Services
from hub.audit.viewing import explanation, fact_named
from hub.errors import NotFound, Usage
from hub.projections.facts import Fact, askable

router = APIRouter(tags=["explanations"])
EventId = Annotated[
    str,
    Path(
        pattern=UUID_PATTERN,
        description="The event's id.",
        examples=["01890a5d-0000-7000-8000-000000000001"],
        json_schema_extra={"format": "uuid"},
    ),
]


@router.get(
    "/pathways/{person_id}/facts",
    summary="List the facts that can be explained",
    response_model=None,
    responses={200: {"model": documents.Facts}, **FAILURES},
)
def read_facts(request: Request, services: Hub, asked: Reader, person_id: PersonId, when: Of) -> Response:
    """Give the names and values of the facts that can be explained, as the reader may see them."""
    with reading(services, asked, person_id, when) as (_, found):
        items = [{"fact": each.name, "value": each.value} for each in askable(found.view)]
    return answer(request, {**found.about(when), "items": items}, headers=location(request, person_id, found))


@router.post(
    "/pathways/{person_id}/explanations",
    summary="Explain a fact",
    response_model=None,
    responses={200: {"model": documents.Explanation}, **FAILURES, **problems.answers("not_found", "usage")},
)
def explain_fact(
    request: Request,
    services: Hub,
    asked: Reader,
    person_id: PersonId,
    when: Of,
    wanted: documents.ExplanationRequest,
) -> Response:
    """Give why a fact is as it is: its value, the event that set it, and the rule that chose it.

    The name stands in the body because it may hold a case record's id.
    """
    failed: NotFound | Usage | None = None
    said: dict[str, Any] = {}
    with reading(services, asked, person_id, when) as (look, found):
        try:
            fact = fact_named(found.view, wanted.fact, listed_by="`GET .../facts`")
        except (NotFound, Usage) as error:
            # Told only once this reading is recorded: it names what the person's facts are called.
            failed = error
        else:
            said = _explained(services, look, found, fact)
    if failed is not None:
        raise failed
    return answer(request, {**found.about(when), **said})


@router.get(
    "/pathways/{person_id}/events/{event_id}",
    summary="Read an event about a person",
    response_model=None,
    responses={200: {"model": documents.EventOfPerson}, **FAILURES, **problems.answers("not_found")},
)
def read_event(request: Request, services: Hub, asked: Reader, person_id: PersonId, event_id: EventId) -> Response:
    """Give an event as it was published, its place in ledger and log, and what it set that still stands."""
    event_id = event_id.lower()
    with reading(services, asked, person_id, NOW) as (look, found):
        said = told(services, look, found, event_id)
    if said is None:
        raise NotFound("no event about this person has that id")
    return answer(request, {**found.about(NOW), **said}, headers=location(request, person_id, found))


def _explained(services: Services, look: Look, found: Read, fact: Fact) -> dict[str, Any]:
    said = explanation(fact)
    return {**said, "event": recorded(services, look, found, fact.event_id)}
