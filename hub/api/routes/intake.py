"""The intake look-up: whether a pathway exists already, asked before a network opens a case. It ends re-referral."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Depends, Request, Response
from sqlalchemy import select

from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.searching import MATCH, NO_MATCH, LookUp, Match, NoMatch
from hub.domain import access
from hub.domain.identity.evidence import Evidence, KeyedHash, trait_key
from hub.domain.ids import CaseKey
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.lifecycle import CLOSED
from hub.errors import Denied, Usage
from hub.projections import searching
from hub.projections.records import CaseRow

router = APIRouter(tags=["people"])

_NOBODY = -1
"""A pathway's number that none has: where there is no match, the same statements look for it."""
_canonical = msgspec.json.Encoder(order="deterministic").encode


@router.post(
    "/intake-lookups",
    operation_id="look_up_at_intake",
    summary="Learn before opening a case whether a pathway exists",
    response_model=None,
    responses={
        200: {
            "model": Match | NoMatch,
            "content": {"application/json": {"examples": {"match": {"value": MATCH}, "no_match": {"value": NO_MATCH}}}},
        },
        **problems.answers(
            "token_invalid", "denied", "reading_slowed", "invalid_request", "usage", "store_unavailable"
        ),
    },
)
def look_up(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.LOOK_UP))],
    wanted: Annotated[LookUp, Body()],
) -> Response:
    """Tell whether exactly one pathway has a case record of this identity, who leads it, and how to join it.

    It takes the full identity: name, given name, birth date and birth place, none of them a placeholder. It matches
    where a registration with these traits would be linked by them alone. Nobody, several people, or someone almost
    alike: the answer is the same, and says only that there is no match. Each look-up is recorded and counts toward the
    volume alarm as one other person, found or not: to be known here is in itself health data.
    """
    network = asked.reader.network
    if network is None:
        raise Denied("a look-up is for a network's own people and systems; your token names no network")
    identity = searching.evidence_of(wanted.stated())
    _check(wanted, identity, services.keyed_hash)
    with services.guard.reading(asked) as look:
        rows = searching.with_equal_traits(look.connection, look.tables, identity, services.keyed_hash)
        found = _only_one(look, rows)
        legs = _legs(look, found.pathway_no if found else _NOBODY)
        about = _canonical(sorted(wanted.stated().items())).decode()
        look.entry.look_up(found.person if found else None, about)
        told = NO_MATCH if found is None else _match(found, legs, network)
    return answer(request, told)


def _check(wanted: LookUp, identity: Evidence, keyed_hash: KeyedHash) -> None:
    if identity.traits.keys() != wanted.stated().keys() or trait_key(identity, keyed_hash) is None:
        raise Usage(
            "not a full identity: give the family or birth name, the given name, the birth date and the birth place as "
            "the person's papers have them; values that stand for unknown do not count, nor does a birth abroad on a "
            "day that civil registers put where only the year is known"
        )


def _only_one(look: Look, rows: list[CaseRow]) -> Listed | None:
    numbers = {row.pathway_no for row in rows if row.pathway_no is not None}
    # Looked at also where there is no match or several, so that the time taken tells nothing.
    found = listed(look, sorted(numbers)[:1] or [_NOBODY])
    return next(iter(found.values()), None) if len(numbers) == 1 else None


def _legs(look: Look, pathway_no: int) -> dict[str, Any]:
    leg = look.tables.models["leg"]
    rows = look.connection.execute(select(leg).where(leg.c.pathway_no == pathway_no))
    return {row.case_record: row for row in rows}


def _match(found: Listed, legs: dict[str, Any], network: str) -> dict[str, Any]:
    row = found.row
    leads = {"network": row.referent_network, "adviser": row.referent_adviser, "site": row.referent_site}
    cases = [each.case for each in found.cases if case_text(each.case) in legs]
    # The case to name or to use: one that is open, of these the one opened last.
    cases.sort(key=lambda case: (legs[case_text(case)].status == "open", _opened(legs, case)), reverse=True)
    yours = next((case for case in cases if case.network == network), None)
    other = next((case for case in cases if case.network != network), None)
    return {
        "match": True,
        "person_id": row.person_id,
        "is_open": row.phase != CLOSED,
        "leads": leads if row.referent_adviser else None,
        "networks": [_leg(legs[case_text(case)]) for case in cases],
        "join": {
            "step": "use_your_case" if yours else "register",
            "your_case": yours._asdict() if yours else None,
            "other_case": None if yours or other is None else other._asdict(),
        },
    }


def _opened(legs: dict[str, Any], case: CaseKey) -> str:
    opened_at = legs[case_text(case)].opened_at
    return opened_at.isoformat() if opened_at else ""


def _leg(leg: Any) -> dict[str, Any]:
    return {"network": leg.network, "status": leg.status, "site": leg.site, "opened_at": leg.opened_at}
