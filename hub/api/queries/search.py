"""The search for people: among those whom the reader accompanies, or among all for a reason."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api.documents.searching import Search
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import Sight
from hub.errors import Denied, Usage
from hub.projections import searching
from hub.projections.searching import Candidate

MOST = 20
MOST_CONSIDERED = 200
"""Candidates whose ties are looked at; two people or three share all that a search must name."""
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Hit(NamedTuple):
    """A person found, and how near they are to what was asked for: 100 is exact."""

    whose: Listed
    score: int

    @property
    def is_own(self) -> bool:
        """Tell whether more may be shown than who they are: it is not for a reason that they are seen."""
        return self.whose.verdict.ground not in {"break_glass", "audit", "data_protection"}


def search(services: Services, asked: Asked, wanted: Search) -> list[Hit]:
    """Find at most 20 people, nearest first, recorded.

    Raises:
        Usage: it names too little: a search takes a case record, or the birth date with a name.
        Denied: the reader may not look for people for a reason.
        ReadingSlowed, ReadingStopped, StoreUnavailable: nothing may be shown.
    """
    check(wanted)
    with services.guard.reading(asked) as look:
        if wanted.reason is not None:
            if not access.may(asked.reader, access.BREAK_GLASS):
                raise Denied("none of your roles may look for people for a reason")
            look.entry.code, look.entry.reason = wanted.reason.code, wanted.reason.text
        hits = _shown(look, _candidates(services, look, wanted), has_reason=wanted.reason is not None)
        about = _canonical(wanted.model_dump(mode="json", exclude={"reason"})).decode()
        look.entry.search([(hit.whose.person, hit.whose.verdict) for hit in hits], about)
    return hits


def check(wanted: Search) -> None:
    """Make sure that a search names enough: a name and a given name alone would list people.

    Raises:
        Usage: it does not.
    """
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


def _shown(look: Look, candidates: list[Candidate], *, has_reason: bool) -> list[Hit]:
    found = listed(look, (each.pathway_no for each in candidates), has_reason=has_reason)
    seen = [
        Hit(found[each.pathway_no], each.score)
        for each in candidates
        if each.pathway_no in found and found[each.pathway_no].verdict.sight is not Sight.NOTHING
    ]
    return seen[:MOST]
