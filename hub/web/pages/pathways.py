"""The pathway page: one person's whole pathway, as it is or was, as far as the reader sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access import fields
from hub.access.guard import Look
from hub.api.people import UUID_PATTERN, PersonId, Read, location
from hub.api.queries import decisions, resent
from hub.api.services import Services, services_of
from hub.audit.viewing import frieze_rows
from hub.domain import access
from hub.errors import Denied
from hub.projections.view import TableRow
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find.references import pages_of
from hub.web.frieze.choice import Place as FriezePlace
from hub.web.frieze.choice import choice_of
from hub.web.frieze.frieze import frieze_of
from hub.web.pages.pathway_moments import WRONG_DAY, Shown, read_then, shown_at
from hub.web.pathway.acts import Acts
from hub.web.pathway.outcome import KEPT, Outcome, outcome_of
from hub.web.pathway.page import Contents, contents_of, erased_of, place_of
from hub.web.pathway.sections import Paged
from hub.web.pathway.settling import Refused
from hub.web.pathway.travel import Asked
from hub.web.services import Web

router = APIRouter()
Reader = Annotated[Visit, Depends(allowed(access.READ_PERSON))]
FORM_BYTES = 16
"""Random bytes of a form that settles something: they make its decision's event id."""
_TRIES = 8
"""How often a page asks again by itself whether a decision has taken effect; each time is a recorded reading."""


class Wanted(NamedTuple):
    """What the address asks for: `tries` counts how often a decision was asked about; `wrong` fields hold no day.

    `said` is the digest of what the form of the decision said.
    """

    asked: Asked
    paged: Paged
    decision: UUID | None
    tries: int = 0
    wrong: tuple[str, ...] = ()
    said: str | None = None


EVERYTHING = Wanted(Asked(), Paged(), None)


def _wanted(
    days: Shown,
    rang: Annotated[int | None, Query(ge=0, le=100_000)] = None,
    liste: Annotated[str | None, Query(max_length=40)] = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    alors: Annotated[Literal["oui", ""], Query()] = "",
    decision: Annotated[str | None, Query(pattern=UUID_PATTERN)] = None,
    essai: Annotated[int, Query(ge=0, le=_TRIES)] = 0,
    dit: Annotated[str | None, Query(pattern=resent.PATTERN)] = None,
) -> Wanted:
    asked = Asked() if days.wrong else Asked(days.as_of, days.known, rang, bool(alors))
    return Wanted(asked, Paged(liste, page), UUID(decision) if decision else None, essai, days.wrong, dit)


class Looked(NamedTuple):
    """What was read for the page: the pathway at the moment asked for, and as it is."""

    found: Read
    now: Read
    at: datetime
    asked: Asked
    decisions: tuple[TableRow, ...] = ()
    outcome: Outcome | None = None


@router.get("/parcours/{person_id}")
def pathway(
    request: Request,
    services: Hub,
    web: Site,
    visit: Reader,
    person_id: PersonId,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> Response:
    """Show a person's pathway."""
    try:
        with services.guard.reading(visit.asked) as look:
            looked = look_at(services, look, person_id, wanted.asked)
            if wanted.decision is not None:
                outcome = _outcome(services, look, looked.now, str(wanted.decision), wanted.said)
                looked = looked._replace(outcome=outcome)
    except Denied:
        if not wanted.asked.is_past:
            raise
        return unseen_past(request, web, person_id, wanted.asked)
    return shown(request, web, visit, looked, wanted, person_id=person_id)


def unseen_past(request: Request, web: Web, person_id: str, asked: Asked) -> Response:
    """Say that a past is not shown; the same day as known today may be, where that belongs to nobody else."""
    place, day = place_of(person_id.lower()), asked.as_of
    as_known_today = place.then(day, None) if day and (asked.known or asked.as_then) else None
    page = "pathway/unseen_past.html"
    return web.renderer.page(request, page, status=403, place=place, day=day, as_known_today=as_known_today)


def _again(path: str, wanted: Wanted) -> dict[str, str | int | None]:
    """Give the addresses at which the page of a decision is asked for again, by the reader and by itself."""
    again = f"{path}?decision={wanted.decision}" + (f"&dit={wanted.said}" if wanted.said else "")
    retry = f"{again}&essai={wanted.tries + 1}" if wanted.tries < _TRIES else None
    return {"again": f"{again}#contradictions", "retry": retry, "tries": wanted.tries}


def look_at(services: Services, look: Look, person_id: str, asked: Asked) -> Looked:
    """Read a person's pathway as it is, and as it was where that is asked for.

    Raises:
        Denied: the reader does not see this person, or there is none; or the pathway of that moment held case records
            of another person whom they do not see.
    """
    found, now, asked = read_then(services, look, person_id, asked)
    rows = [] if found.is_erased else _decided(services, look, found)
    return Looked(found, now, look.now, asked, tuple(fields.shown_rows("timeline", rows, found.sight)))


def _decided(services: Services, look: Look, found: Read) -> list[TableRow]:
    """Give the decisions in force as rows of the timeline: they stand in no one's, being about two records."""
    decisions = services.viewer.decisions(look.connection, found.view)
    return frieze_rows(found.view._replace(timeline=[]), decisions)


def _outcome(services: Services, look: Look, now: Read, decision: str, said: str | None) -> Outcome | None:
    """Tell what became of a decision about this person; None: nobody took one under this id, or about others."""
    progress = decisions.progress(look, {row.subject_ref for row in now.seen.found.members}, decision)
    if progress is None:
        return None
    if progress == "taken_in" and said is not None and resent.is_other(services, look, decision, said):
        return KEPT
    return outcome_of(now.view, Acts(now.view.timeline), decision, progress)


def shown(
    request: Request,
    web: Web,
    visit: Visit,
    looked: Looked,
    wanted: Wanted,
    *,
    person_id: str,
    status: int = 200,
    refused: Refused | None = None,
) -> Response:
    """Answer with the page of what was read; `refused` is a form of it that came to nothing."""
    headers = location(request, person_id, looked.now)
    if looked.found.is_erased:
        view = looked.found.view
        answer: Response = web.renderer.page(
            request, "pathway/erased.html", erased=erased_of(view), place=place_of(str(view.person_id))
        )
    else:
        answer = _whole(request, web, visit, looked, wanted, status=422 if wanted.wrong else status, refused=refused)
    answer.headers.update(headers)
    return answer


def _whole(
    request: Request, web: Web, visit: Visit, looked: Looked, wanted: Wanted, *, status: int, refused: Refused | None
) -> Response:
    found, moment = looked.found, shown_at(looked.asked, looked.at)
    names = web.names()
    contents = contents_of(
        found,
        looked.now.view,
        reader=visit.session.reader,
        asked=looked.asked,
        moment=moment,
        at=looked.at,
        paged=wanted.paged,
        names=names,
    )
    place = contents.place
    lines = sorted((*found.view.timeline, *looked.decisions), key=lambda row: row["place_in_order"])
    choice = choice_of(request.query_params.multi_items())
    where = FriezePlace(place.path, place.kept)
    return web.renderer.page(
        request,
        "pathway/page.html",
        status=status,
        contents=contents,
        frieze=frieze_of(found.view, moment, where, choice, lines, is_past=looked.asked.is_past, names=names),
        wrong=dict.fromkeys(wanted.wrong, WRONG_DAY),
        outcome=looked.outcome,
        **_again(place.path, wanted),
        refused=refused,
        # One for each: two facts settled from one page are two decisions.
        forms={each.fact: services_of(request).random_bytes(FORM_BYTES).hex() for each in contents.disputes},
        pairs=_pairs(request, visit, looked.now, contents),
    )


def _pairs(request: Request, visit: Visit, now: Read, contents: Contents) -> dict[tuple[str, str], str]:
    """Give the pages on which links between this person's case records are undone."""
    key, members = services_of(request).cursor_key, now.seen.found.members
    return pages_of(key, visit.session.reader, members, [each.pair for each in contents.links])
