"""Links between case records: what is suggested, two records side by side, and what was decided, decided anew."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from hub.access.guard import UNSEEN, Look
from hub.access.recording import Person
from hub.api.documents.decisions import OfPair
from hub.api.people import UUID_PATTERN
from hub.api.queries import decisions, pairs, resent, suggestions
from hub.api.queries.suggestions import After
from hub.api.services import Services
from hub.domain import access
from hub.errors import ContentConflict, Denied
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find import pairs as shown
from hub.web.find.allowance import allowance_of
from hub.web.find.references import LONGEST, PATH, SEALED, address, after_of, page_of, refs_of
from hub.web.find.waiting import Waiting
from hub.web.form import Fields, Given
from hub.web.services import Web

router = APIRouter()
PAIRS_AT_ONCE = 5
DECISIONS_AT_ONCE = 10
_FORM_BYTES = 16
_FORM = f"[0-9a-f]{{{2 * _FORM_BYTES}}}"
_Decider = Annotated[Visit, Depends(allowed(access.DECIDE))]
_Reference = Annotated[str, Path(pattern=SEALED)]
_Decision = Annotated[str | None, Query(alias="decision", pattern=UUID_PATTERN)]
_Said = Annotated[str | None, Query(alias="dit", pattern=resent.PATTERN)]
_Tries = Annotated[int, Query(alias="essai", ge=0, le=10)]


@router.get(PATH)
def list_pairs(
    request: Request,
    visit: _Decider,
    services: Hub,
    web: Site,
    page: Annotated[str | None, Query(max_length=LONGEST)] = None,
) -> Response:
    """Show the pairs that are suggested, and the decisions that stand."""
    reader, key, names = visit.session.reader, services.cursor_key, web.names()
    after = After() if page is None else after_of(key, reader, page)
    if after is None:
        raise RequestValidationError([{"type": "page", "loc": ("query", "page")}])
    with services.guard.reading(visit.asked) as look:
        found = suggestions.gathered(look, after, PAIRS_AT_ONCE)
        recent = [] if page else pairs.recent(services, look, DECISIONS_AT_ONCE)
    listed = [shown.listed(each, _address(services, visit, each)) for each in found.pairs]
    return web.renderer.page(
        request,
        "find/suggestions.html",
        pairs=listed,
        decided=[shown.past(each, reader, _address(services, visit, each), names) for each in recent],
        is_first=page is None,
        following=f"{PATH}?page={page_of(key, reader, found.following)}" if found.following else None,
        allowance=allowance_of(services, visit.asked),
    )


def _address(services: Services, visit: Visit, of: suggestions.Proposed | pairs.Recent) -> str:
    both = (of.left.record, of.right.record) if isinstance(of, suggestions.Proposed) else (of.mine, of.other)
    return address(services.cursor_key, visit.session.reader, (both[0].subject_ref, both[1].subject_ref))


@router.get(PATH + "/{reference}")
def show(
    request: Request,
    visit: _Decider,
    services: Hub,
    web: Site,
    reference: _Reference,
    decision: _Decision = None,
    said: _Said = None,
    tries: _Tries = 0,
) -> Response:
    """Show two case records side by side, and what became of the decision that was just taken about them."""
    waiting = None
    with services.guard.reading(visit.asked) as look:
        pair = _pair(services, visit, look, reference)
        progress = None if decision is None else decisions.progress(look, pair.refs, decision.lower())
        if decision is not None and progress is not None:
            is_other = progress == "taken_in" and said is not None and resent.is_other(services, look, decision, said)
            waiting = Waiting(decision.lower(), tries, progress, said, is_other)
    return _page(request, services, web, visit, pair, Fields({}, shown.FIELDS), waiting=waiting)


@router.post(PATH + "/{reference}")
async def decide(
    request: Request, visit: _Decider, services: Hub, web: Site, reference: _Reference, given: Given
) -> Response:
    """Take a decision once, however often its form is sent; what was decided meanwhile is shown first."""
    fields = Fields(given, shown.FIELDS)
    form = bytes.fromhex(fields.own("formulaire", _FORM))
    found = await run_in_threadpool(_checked, services, visit, reference, fields, form)
    says = None if found.wanted is None else resent.said(found.wanted)
    here = f"{PATH}/{reference}?decision={decisions.event_id_of(form)}&dit={resent.digest(services, says)}"
    if found.is_known:
        return RedirectResponse(here, 303)
    if found.wanted is None or found.is_late:
        status = 409 if found.is_late else 422
        if found.is_late:
            fields.wrong.clear()  # what it said is of a page that is no more
        shown_again = partial(_page, request, services, web, visit, found.pair, fields)
        return await run_in_threadpool(shown_again, status=status, is_late=found.is_late)
    # A conflict is the same form, sent twice at the same time: the page tells if the first said something else.
    with suppress(ContentConflict):
        await decisions.publish(services, visit.session.reader, found.wanted, form)
    return RedirectResponse(here, 303)


class _Found(NamedTuple):
    pair: pairs.Pair
    wanted: OfPair | None
    is_known: bool = False
    is_late: bool = False


def _checked(services: Services, visit: Visit, reference: str, fields: Fields, form: bytes) -> _Found:
    """Read the pair as it stands, and make sure that the reader may decide what the form says."""
    if not decisions.may_decide(visit.session.reader):
        raise Denied("decisions are an adviser's; the account names no network or no adviser id")
    with services.guard.reading(visit.asked) as look:
        look.entry.kind = "decide"
        pair = _pair(services, visit, look, reference)
        wanted = shown.read(fields, pair.left.record.case, pair.right.record.case)
        if decisions.progress(look, pair.refs, decisions.event_id_of(form)) is not None:
            return _Found(pair, wanted, is_known=True)
        is_late = fields.values["etat"] != pair.standing.mark
        if wanted is not None and not is_late:
            decisions.check(services, look, wanted)
        return _Found(pair, wanted, is_late=is_late)


def _pair(services: Services, visit: Visit, look: Look, reference: str) -> pairs.Pair:
    refs = refs_of(services.cursor_key, visit.session.reader, reference)
    if refs is None:
        look.entry.refuse(Person.nobody(reference))
        raise Denied(UNSEEN)
    return pairs.pair(services, look, refs)


def _page(
    request: Request,
    services: Services,
    web: Web,
    visit: Visit,
    pair: pairs.Pair,
    fields: Fields,
    *,
    status: int = 200,
    is_late: bool = False,
    waiting: Waiting | None = None,
) -> Response:
    reader = visit.session.reader
    about: dict[str, Any] = {
        "pair": shown.compared(pair, reader, web.names()),
        "fields": fields,
        "form": services.random_bytes(_FORM_BYTES).hex(),
        "evidence": shown.EVIDENCE,
        "days_to_undo": shown.DAYS_TO_UNDO,
        "unlink_reasons": shown.UNLINK_REASONS,
        "may_decide": decisions.may_decide(reader),
        "is_late": is_late,
        "waiting": waiting,
    }
    return web.renderer.page(request, "find/pair.html", status=status, **about)
