"""The quarantine: what broke the contract and why, one record, and redriving or discarding it."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.queries.quarantine import LAST_ID, open_entry
from hub.api.services import Services
from hub.consumers.mending import AT_ONCE
from hub.domain import access
from hub.errors import Usage
from hub.ledger.database import reading
from hub.ledger.quarantine import DECIDED_KEPT_DAYS
from hub.ledger.quarantinequeries import groups, listing, listing_before
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.form import Fields, Given
from hub.web.operating import choosing, forms, records
from hub.web.operating.choosing import PER_PAGE, REASON, SOURCE, STATE, Choice
from hub.web.operating.reasons import QUARANTINE, REASONS
from hub.web.services import Web

router = APIRouter()

_Operator = Annotated[Visit, Depends(allowed(access.OPERATE))]
_Number = Annotated[int, Path(ge=1, le=LAST_ID)]
_At = Annotated[int | None, Query(ge=0, le=LAST_ID)]
_DONE = {
    "repris": "L’enregistrement est repris : l’événement est dans le registre.",
    "double": "L’enregistrement est repris : le registre avait déjà cet événement.",
    "ecarte": f"L’enregistrement est écarté. Ses octets seront détruits dans {DECIDED_KEPT_DAYS} jours.",
    "deja": "Cet enregistrement n’était plus retenu : voyez plus bas ce qui a été décidé.",
}


def choice_of(
    motif: Annotated[str, Query(pattern=rf"^(?:{REASON})?$")] = "",
    source: Annotated[str, Query(pattern=rf"^(?:{SOURCE})?$")] = "",
    etat: Annotated[str, Query(pattern=rf"^(?:{STATE})?$")] = "",
) -> Choice:
    """Read the filters of an address."""
    return Choice(choosing.reason_named(motif), source, etat or "retenu")


_Choice = Annotated[Choice, Depends(choice_of)]


@router.get(QUARANTINE)
def quarantine(
    request: Request,
    services: Hub,
    web: Site,
    _: _Operator,
    choice: _Choice,
    *,
    apres: _At = None,
    avant: _At = None,
) -> Response:
    """List entries by number, the oldest first, with how many there are for each reason."""
    now = services.now()
    with reading(services.store) as connection:
        of_all_reasons = groups(connection, choice._replace(reason="").chosen)
        if avant is None:
            found = listing(connection, choice.chosen, limit=PER_PAGE + 1, after=apres or 0)
            here, has_more = found[:PER_PAGE], len(found) > PER_PAGE
        else:
            here, has_more = listing_before(connection, choice.chosen, limit=PER_PAGE, before=avant), True
        has_before = bool(here) and bool(listing_before(connection, choice.chosen, limit=1, before=here[0].entry_id))
    hrefs = {code: choice._replace(reason=code).href() for code in REASONS}
    return web.renderer.page(
        request,
        "operating/quarantine.html",
        wanted=choice,
        choosing=choosing,
        tallies=records.tallies(of_all_reasons, hrefs, now),
        lines=records.lines(here, now),
        held=sum(each.entries for each in of_all_reasons if each.reason == choice.reason),
        previous=choice.href(avant=here[0].entry_id) if has_before else None,
        next=choice.href(apres=here[-1].entry_id) if has_more and here else None,
    )


@router.get(f"{QUARANTINE}/reprise")
def ask_several(request: Request, services: Hub, web: Site, _: _Operator, choice: _Choice) -> Response:
    """Ask before several records are redriven: how many there are, and what was mended."""
    if not choice.reason:
        raise Usage("several records are redriven for one reason")
    return _several(request, services, web, choice, Fields({}, ("note",)))


@router.post(f"{QUARANTINE}/reprise")
def redrive_several(request: Request, services: Hub, web: Site, visit: _Operator, given: Given) -> Response:
    """Redrive some of them and say of each what became of it, with a button to go on.

    It answers with the page itself: why a record stays held is written down nowhere. To send the form again does no
    harm, since what came in is held no more.
    """
    fields, wanted, note = forms.several(given)
    choice = wanted.choice
    if note is None:
        return _several(request, services, web, choice, fields, status=422)
    batch = services.mending.redrive_several(
        reason=choice.reason,
        topic=choice.chosen.topic,
        after=wanted.after,
        up_to=wanted.up_to,
        by=visit.session.reader.reader_id,
        note=note,
    )
    return web.renderer.page(
        request,
        "operating/redriven.html",
        wanted=choice,
        said=records.summed(batch.outcomes),
        results=[records.result(each) for each in batch.outcomes],
        left=batch.left,
        at_once=min(batch.left, AT_ONCE),
        apres=batch.last_id,
        jusqua=wanted.up_to,
        note=note,
    )


@router.get(f"{QUARANTINE}/{{number}}")
def entry(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Operator,
    number: _Number,
    fait: Annotated[Literal["repris", "double", "ecarte", "deja"] | None, Query()] = None,
) -> Response:
    """Show one entry; that it was looked at is recorded."""
    return _entry(request, services, web, visit, number, _Tried(notice=_DONE.get(fait or "")))


@router.post(f"{QUARANTINE}/{{number}}/reprise")
def redrive(request: Request, services: Hub, web: Site, visit: _Operator, number: _Number, given: Given) -> Response:
    """Send one record through the gate again; where it stays held, show it with why."""
    fields, note = forms.redriven(given)
    if note is None:
        return _entry(request, services, web, visit, number, _Tried(redrive=fields))
    try:
        outcome = services.mending.redrive(number, by=visit.session.reader.reader_id, note=note)
    except Usage:
        return _done(number, "deja")
    if outcome.result in {"accepted", "duplicate"}:
        return _done(number, "repris" if outcome.result == "accepted" else "double")
    return _entry(request, services, web, visit, number, _Tried(redrive=fields, result=records.result(outcome)))


@router.post(f"{QUARANTINE}/{{number}}/ecart")
def discard(request: Request, services: Hub, web: Site, visit: _Operator, number: _Number, given: Given) -> Response:
    """Decide that one record is not wanted, and why."""
    fields, why = forms.discarded(given)
    if why is None:
        return _entry(request, services, web, visit, number, _Tried(discard=fields))
    try:
        services.mending.discard(number, by=visit.session.reader.reader_id, note=why)
    except Usage:
        return _done(number, "deja")
    return _done(number, "ecarte")


def _done(number: int, what: str) -> Response:
    return RedirectResponse(f"{QUARANTINE}/{number}?fait={what}", 303)


class _Tried(NamedTuple):
    """What was tried before an entry's page is shown: forms that were wrong, or what became of it."""

    notice: str | None = None
    redrive: Fields = Fields({}, ("note",))
    discard: Fields = Fields({}, ("motif",))
    result: records.Result | None = None

    @property
    def status(self) -> int:
        return 422 if self.redrive.wrong or self.discard.wrong or self.result else 200


def _entry(request: Request, services: Services, web: Web, visit: Visit, number: int, tried: _Tried) -> Response:
    found = records.record(open_entry(services, visit.asked, number))
    notice = None if found.is_held else tried.notice  # an address may say what was never done
    return web.renderer.page(
        request, "operating/record.html", status=tried.status, record=found, tried=tried, notice=notice
    )


def _several(
    request: Request, services: Services, web: Web, choice: Choice, fields: Fields, status: int = 200
) -> Response:
    held = choice._replace(state="retenu")
    with reading(services.store) as connection:
        found = groups(connection, held.chosen)
    return web.renderer.page(
        request,
        "operating/redriving.html",
        status=status,
        wanted=held,
        fields=fields,
        entries=sum(each.entries for each in found),
        jusqua=max((each.last_id for each in found), default=0),
        reason=REASONS[choice.reason],
        at_once=AT_ONCE,
    )
