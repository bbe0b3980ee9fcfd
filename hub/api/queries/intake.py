"""The intake look-up: whether a pathway exists already, asked before a network opens a case. It ends re-referral."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api.documents.searching import LookUp
from hub.api.services import Services
from hub.domain.identity.evidence import Evidence, KeyedHash, trait_key
from hub.domain.ids import CaseKey
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.lifecycle import CLOSED
from hub.errors import Denied, Usage
from hub.projections import searching
from hub.projections.records import CaseRow

_NOBODY = -1
"""A pathway's number that none has: where there is no match, the same statements look for it."""
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Known(NamedTuple):
    """The one pathway that an identity leads to.

    `legs` are the rows of its case records, those that are open first, of these the one opened last. `yours` is the
    case of the asking network, `other` that of the other one.
    """

    whose: Listed
    legs: list[Any]
    yours: CaseKey | None
    other: CaseKey | None

    @property
    def is_open(self) -> bool:
        """Tell whether it goes on: it was not left, and a case record of it is open, or none was ever closed."""
        return bool(self.whose.row.phase != CLOSED)


def look_up(services: Services, asked: Asked, wanted: LookUp) -> Known | None:
    """Give the pathway that an identity alone leads to, recorded; None where there is none, or more than one.

    Raises:
        Denied: the reader is of no network.
        Usage: it is not a full identity.
        ReadingSlowed, ReadingStopped, StoreUnavailable: nothing may be shown.
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
    return None if found is None else _known(found, legs, network)


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


def _known(found: Listed, legs: dict[str, Any], network: str) -> Known:
    cases = [each.case for each in found.cases if case_text(each.case) in legs]
    # The case to name or to use: one that is open, of these the one opened last.
    cases.sort(key=lambda case: (legs[case_text(case)].status == "open", _opened(legs, case)), reverse=True)
    yours = next((case for case in cases if case.network == network), None)
    other = next((case for case in cases if case.network != network), None)
    return Known(found, [legs[case_text(case)] for case in cases], yours, other)


def _opened(legs: dict[str, Any], case: CaseKey) -> str:
    opened_at = legs[case_text(case)].opened_at
    return opened_at.isoformat() if opened_at else ""
