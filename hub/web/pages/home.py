"""The first page of advisers and of leads of sites: what awaits them, what is new, and their people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.answers import opened_cursor, sealed_cursor
from hub.api.queries import caseload, overview
from hub.api.queries.news import other_network
from hub.api.queries.pairs import References
from hub.api.services import Services
from hub.domain import access
from hub.web import form
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find import references
from hub.web.home import address, marking, news, reading, sections
from hub.web.home.address import Given, Phase, View
from hub.web.home.marking import Start
from hub.web.home.people import Choice, Followed, Sort
from hub.web.home.tasks import Viewer
from hub.web.naming.names import Names
from hub.web.services import Web

router = APIRouter()

Mine = Annotated[Visit, Depends(allowed(access.CASELOAD))]
_LONGEST_NAME = 100


class Place(NamedTuple):
    """Which people the list is about, and after whom it goes on; `is_again`: news that were read are shown too."""

    given: Given
    choice: Choice
    after: Sequence[Any] | None
    is_again: bool = False


class Tried(NamedTuple):
    """A name that was looked for and what is wrong with it; empty: nothing was, or nothing is."""

    name: str = ""
    wrong: str = ""


_NOTHING_TRIED = Tried()


def by_address(
    vue: Annotated[View | Literal[""], Query()] = "",
    tri: Annotated[Sort | Literal[""], Query()] = "",
    phase: Annotated[Phase | Literal[""], Query()] = "",
    reseau: Annotated[Followed | Literal[""], Query()] = "",
    retard: Annotated[Literal["oui", ""], Query()] = "",
) -> Given:
    """Read what an address asks for."""
    return Given(vue, tri, phase, reseau, retard)


@router.get(address.PATH)
def home(
    request: Request,
    services: Hub,
    web: Site,
    visit: Mine,
    given: Annotated[Given, Depends(by_address)],
    suite: Annotated[str, Query(max_length=1_000)] = "",
    lues: Annotated[Literal["oui", ""], Query()] = "",
) -> Response:
    """Show what awaits the reader, what is new from the other network, and their people."""
    after = opened_cursor(request, suite or None)
    return _page(request, services, web, visit, Place(given, given.choice(), after, lues == "oui"))


@router.post(address.PATH)
def chosen(
    request: Request,
    services: Hub,
    web: Site,
    visit: Mine,
    sent: form.Given,
) -> Response:
    """Show the people who are wanted: by a name in the answer alone, otherwise under an address that says so."""
    fields = form.Fields(sent, (*Given._fields, "nom", "suite"))
    given, name = address.given_in(fields), " ".join(fields.values["nom"].split())
    if len(name) > _LONGEST_NAME:
        tried = Tried(name, form.too_long(name, _LONGEST_NAME))
        return _page(request, services, web, visit, Place(given, given.choice(), None), tried)
    if not name:
        return RedirectResponse(given.address(part=address.PEOPLE), 303)
    after = opened_cursor(request, fields.own("suite", ".{0,1000}") or None)
    return _page(request, services, web, visit, Place(given, given.choice(name), after))


def _page(
    request: Request, services: Services, web: Web, visit: Visit, place: Place, tried: Tried = _NOTHING_TRIED
) -> Response:
    session = visit.session
    view = address.view_of(session.reader, place.given.vue)
    offered, names = address.offered(view), web.names()
    if place.choice.sort not in dict(offered.sorts):
        place = place._replace(choice=place.choice._replace(sort="nom"))  # an order of the other view
    with services.guard.reading(caseload.as_role(visit.asked, address.VIEWS[view])) as look:
        viewer = reading.viewer_of(look, names)
        mark = None if place.is_again else marking.mark_of(services, look.connection, session.reader, view)
        start = marking.start(look.connection, mark, look.now)
        found = reading.read(services, look, start, place.choice, place.after, names)
        told = reading.told(look, found, names)
    return web.renderer.page(
        request,
        "home/home.html",
        status=422 if tried.wrong else 200,
        tried=tried,
        views=address.views_of(session.reader),
        view=view,
        title=address.TITLES[view],
        viewer=viewer,
        now=look.now,
        pairs=found.pairs,
        compared=found.compared,
        comparable=found.comparable,
        everyone=found.everyone,
        is_cut=found.is_cut,
        most=overview.MOST,
        people=told,
        slice=found.slice,
        place=place,
        form=offered,
        pages=_pages(request, place, found),
        plain=Given(place.given.vue).address(part=address.PEOPLE),
        **_tasks(found, viewer, view),
        **_news(found, viewer, view, names, partial(references.address, services.cursor_key, session.reader)),
        **_unread(start, place, look.now),
    )


def _tasks(found: reading.Found, viewer: Viewer, view: View) -> dict[str, Any]:
    shown = sections.sections(found, viewer, f"&vue={view}" if view == "site" else "")
    return {"sections": shown, "nothing": sections.nothing(shown, viewer)}


def _news(
    found: reading.Found, viewer: Viewer, view: View, names: Names, pair_page: Callable[[References], str]
) -> dict[str, Any]:
    other = other_network(viewer.network)
    return {
        "other": sections.other_of(viewer.network) if other else None,
        "news": news.by_person(found.news.acts, found.people, found.lines, other or "", names, pair_page),
        "news_total": found.news.total,
        "shown_acts": len(found.news.acts),
        "stream": f"{address.PATH}/nouveautes?vue={view}",
        "position": found.news.position,
    }


def _unread(start: Start, place: Place, now: datetime) -> dict[str, Any]:
    here = Given(place.given.vue)
    return {
        "start": start,
        "days": (now - start.moment).days,
        "is_again": place.is_again,
        "mark_path": marking.PATH,
        "again": f"{here.address()}{'&' if place.given.vue else '?'}{marking.AGAIN}=oui{marking.PART}",
        "unread": here.address(part=marking.PART),
    }


class Pages(NamedTuple):
    """The pages around the one shown: addresses, or where a name was given, keys that the form carries; None: none."""

    previous: str | None
    following: str | None


def _pages(request: Request, place: Place, found: reading.Found) -> Pages:
    keys = (found.slice.previous, found.slice.following)
    sealed = [None if key is None else sealed_cursor(request, key) if key else "" for key in keys]
    if not place.choice.name:
        sealed = [None if key is None else place.given.address(after=key, part=address.PEOPLE) for key in sealed]
    return Pages(*sealed)
