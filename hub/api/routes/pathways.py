"""A person's pathway: as a whole, its timeline page by page, and each of its sections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents import pathways as documents
from hub.api.people import Of, PersonId, Read, When, location, reading
from hub.audit.agenda import expected, open_rows
from hub.audit.leading import leading
from hub.audit.moments import day_in_france
from hub.codec.jsonform import to_json
from hub.domain import access
from hub.domain.pathway.correction import undone
from hub.domain.pathway.leading import Term
from hub.projections.facts import event_of, row_name

router = APIRouter(tags=["pathways"])
Reader = Annotated[Asked, Depends(allowed(access.READ_PERSON))]
FAILURES = problems.answers("token_invalid", "denied", "reading_slowed", "invalid_request", "store_unavailable")
PATHS = {
    "leg": ("case-records", "the case records and what each says of itself"),
    "claim": ("claims", "what each network claims of the person"),
    "contradiction": ("contradictions", "what the networks contradict each other about"),
    "title": ("titles", "the titles to the obligation of employment"),
    "referent": ("referents", "the referents over time"),
    "accompaniment": ("accompaniments", "who accompanied the person, from when until when"),
    "delegation": ("delegations", "the delegations of accompaniment"),
    "expertise": ("expertise", "the requests for expertise"),
    "re_referral": ("re-referrals", "the registrations that start again what the other network was doing"),
    "diagnosis": ("diagnoses", "the diagnoses of each network"),
    "crossed_diagnosis": ("crossed-diagnoses", "the crossed diagnoses"),
    "need": ("needs", "the compensation needs"),
    "need_version": ("need-versions", "the versions of each compensation need"),
    "need_measure": ("need-measures", "the measures taken for compensation needs"),
    "plan": ("plans", "the versions of the joint action plan"),
    "plan_action": ("plan-actions", "the actions of the plan in force"),
    "service": ("services", "the services prescribed"),
    "appointment": ("appointments", "the appointments"),
    "candidacy": ("candidacies", "the candidacies"),
    "placement": ("placements", "the placements, one for both networks"),
    "placement_report": ("placement-reports", "the placements as each network reported them"),
    "follow_up": ("follow-ups", "the checkpoints of lasting follow-up"),
    "retention": ("retentions", "the retentions in employment"),
    "adaptation": ("adaptations", "the adaptations of workplaces"),
    "transition": ("transitions", "the professional transitions"),
    "cep": ("ceps", "the counsels in professional evolution"),
    "alert": ("alerts", "what does not fit, and what is expected by a day"),
}
"""The sections: read model, path, and what it holds."""


@router.get(
    "/pathways/{person_id}",
    summary="Read a person's pathway",
    response_model=None,
    responses={200: {"model": documents.Pathway}, **FAILURES},
)
def read_pathway(request: Request, services: Hub, asked: Reader, person_id: PersonId, when: Of) -> Response:
    """Give who leads, what is open and due, and every row that the reader may see, as it is or was at a moment."""
    with reading(services, asked, person_id, when, with_timeline=False) as (look, found):
        decisions = services.viewer.decisions(look.connection, found.view)
        said = {
            **found.about(when),
            **_head(found, when, look.now),
            **held(found),
            "linked_since": [case._asdict() for case in found.view.linked_since],
            "decisions": [found.event(to_json(each)) for each in decisions],
        }
    return answer(request, said, headers=location(request, person_id, found))


def held(found: Read) -> dict[str, Any]:
    """Give every row, link and text of the person that the reader sees."""
    view = found.view
    row = next(iter(view.tables["pathway"]), None)
    return {
        "erased": row and row["erased"],
        "cases": [case._asdict() for case in view.cases],
        "tables": view.tables,
        "links": view.links,
        "free_texts": [text._asdict() for text in found.free_texts()],
    }


def _head(found: Read, when: When, now: datetime) -> dict[str, Any]:
    view = found.view
    row = next(iter(view.tables["pathway"]), None)
    today = day_in_france(when.as_of or when.known_at or now)
    leads = leading(view, today)
    return {
        "phase": row and row["phase"],
        "referent": _named(leads.referent),
        "next_referent": _named(leads.following),
        "last_referent": _named(leads.last, leads.ended_on),
        "open": [
            {
                "fact": row_name(model, each),
                "model": model,
                "status": each["status"],
                "event_id": event_of(each, "status"),
            }
            for model, each in open_rows(view)
        ],
        "due": [
            {
                **{name: each[name] for name in ("rule", "about", "due_on", "event_id")},
                "is_overdue": each["due_on"] < today,
                "undone": [
                    {"event_id": answer.event_id, "void_id": answer.void_id}
                    for answer in undone(view.state.corrections, each["about"])
                ],
            }
            for each in expected(view)
        ],
    }


def _named(term: Term | None, until: date | None = None) -> dict[str, Any] | None:
    if term is None:
        return None
    said = {name: getattr(term, name) for name in ("network", "adviser", "site", "from_date", "event_id")}
    return {**said, "until_date": until}


def _section(model: str) -> Callable[..., Response]:
    """Make the operation of one read model's rows."""

    def rows(request: Request, services: Hub, asked: Reader, person_id: PersonId, when: Of) -> Response:
        with reading(services, asked, person_id, when, with_timeline=False, with_links=False) as (_, found):
            said = {**found.about(when), "items": found.view.tables[model]}
        return answer(request, said, headers=location(request, person_id, found))

    return rows


for _model, (_path, _holds) in PATHS.items():
    router.add_api_route(
        f"/pathways/{{person_id}}/{_path}",
        _section(_model),
        methods=["GET"],
        name=f"read_{_path.replace('-', '_')}",
        summary=f"Read {_holds}",
        description=f"Give the rows of `{_model}` about the person, each with the events behind its columns.",
        response_model=None,
        responses={200: {"model": documents.SECTIONS[_model]}, **FAILURES},
    )
