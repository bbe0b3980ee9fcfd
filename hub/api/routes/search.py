"""The search for people: by traits or a case record, among those whom the reader accompanies, or all for a reason."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.searching import Search, SearchResult
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import Sight
from hub.errors import Denied, Usage
from hub.projections import searching
from hub.projections.searching import Candidate

router = APIRouter(tags=["people"])

MOST = 20
MOST_CONSIDERED = 200
"""Candidates whose ties are looked at; two people or three share all that a search must name."""
_canonical = msgspec.json.Encoder(order="deterministic").encode


@router.post(
    "/cases/search",
    operation_id="search_people",
    summary="Find people by traits or a case record",
    response_model=None,
    responses={
        200: {"model": SearchResult},
        **problems.answers(
            "token_invalid", "denied", "reading_slowed", "invalid_request", "usage", "store_unavailable"
        ),
    },
)
def search(
    request: Request, services: Hub, asked: Annotated[Asked, Depends(allowed(access.SEARCH))], wanted: Search
) -> Response:
    """Find at most 20 people, nearest first; every search is recorded.

    It takes a case record, or the birth date with a family name, birth name or given name: a name and a given name
    alone would list people. Names may be misspelt, the date may be off by a digit where both names are given.

    Without a reason, only people whom the reader accompanies are found. With one, all are, each counts toward the
    volume alarm as another person, and no more is shown than who they are; to read one, state the reason for them.
    """
    _check(wanted)
    with services.guard.reading(asked) as look:
        if wanted.reason is not None:
            if not access.may(asked.reader, access.BREAK_GLASS):
                raise Denied("none of your roles may look for people for a reason")
            look.entry.code, look.entry.reason = wanted.reason.code, wanted.reason.text
        shown = _shown(look, _candidates(services, look, wanted), has_reason=wanted.reason is not None)
        about = _canonical(wanted.model_dump(mode="json", exclude={"reason"})).decode()
        look.entry.search([(found.person, found.verdict) for found, _ in shown], about)
        items = [_item(found, score) for found, score in shown]
    return answer(request, {"items": items})


def _check(wanted: Search) -> None:
    if wanted.case is not None:
        return
    known = searching.evidence_of(wanted.stated()).traits
    if "birth_date" not in known or known.keys().isdisjoint({"family_name", "birth_name", "given_name"}):
        raise Usage(
            "a search takes a case record, or the birth date with a name; give both in full, values such as `inconnu` "
            "or 1900-01-01 do not count"
        )


def _candidates(services: Services, look: Look, wanted: Search) -> list[Candidate]:
    if wanted.case is not None:
        found = searching.by_case(look.connection, look.tables, wanted.case.key)
        asked = searching.evidence_of(wanted.stated())
        return found if not asked.traits else searching.agreeing(look.connection, look.tables, found, asked)
    asked = searching.evidence_of(wanted.stated())
    return searching.by_traits(look.connection, look.tables, asked, services.keyed_hash)[:MOST_CONSIDERED]


def _shown(look: Look, candidates: list[Candidate], *, has_reason: bool) -> list[tuple[Listed, int]]:
    found = listed(look, (each.pathway_no for each in candidates), has_reason=has_reason)
    seen = [
        (found[each.pathway_no], each.score)
        for each in candidates
        if each.pathway_no in found and found[each.pathway_no].verdict.sight is not Sight.NOTHING
    ]
    return seen[:MOST]


def _item(found: Listed, score: int) -> dict[str, Any]:
    row, ground = found.row, found.verdict.ground
    is_own = ground not in {"break_glass", "audit", "data_protection"}
    referent = {"network": row.referent_network, "adviser": row.referent_adviser, "site": row.referent_site}
    return {
        "person_id": row.person_id,
        "family_name": row.family_name,
        "given_name": row.given_name,
        "birth_year": int(row.birth_date[:4]) if row.birth_date else None,
        "networks": found.networks,
        "score": score,
        "ground": ground,
        "phase": row.phase if is_own else None,
        "referent": referent if is_own and row.referent_adviser else None,
    }
