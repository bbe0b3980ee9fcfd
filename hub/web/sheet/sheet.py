"""The person's sheet as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from hub.audit.leading import ended_by
from hub.domain.access import Sight
from hub.ledger.accesslooks import Looks
from hub.projections.facts import event_of
from hub.projections.free_texts import FreeText
from hub.projections.view import View
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway.heading import name_of
from hub.web.sheet import around, coming, known, looking
from hub.web.sheet.around import Adviser
from hub.web.sheet.plain import Block, Line


class Sheet(NamedTuple):
    """What the sheet says; of an erased person only `erased_on`."""

    name: str
    today: date
    advisers: tuple[Adviser, ...]
    networks: tuple[tuple[str, str], ...]
    standing: tuple[Line, ...]
    decided: tuple[Line, ...]
    next_up: tuple[Line, ...]
    themes: tuple[Block, ...]
    looks: tuple[Line, ...]
    events: int
    is_whole: bool
    has_ended: bool
    is_erased: bool
    erased_on: datetime | None


def sheet_of(
    view: View,
    sight: Sight,
    texts: Sequence[FreeText],
    looks: Iterable[Looks],
    now: datetime,
    names: Names = UNNAMED,
) -> Sheet:
    """Make the sheet from what its reader sees, on a day."""
    today = words.in_france(now)
    row = next(iter(view.tables["pathway"]), None)
    is_erased = row is not None and row["erased"] is not None
    when = {line["event_id"]: line["occurred_at"] for line in view.timeline}
    return Sheet(
        "" if row is None or is_erased else name_of(row),
        today,
        () if is_erased else around.advisers(view, today, names),
        around.networks(view),
        around.standing(view),
        coming.decided(view, today),
        coming.next_up(view, now, today),
        known.themes(view, list(texts), today),
        looking.looks(looks),
        0 if row is None or is_erased else row["event_count"],
        sight is Sight.FULL,
        ended_by(view) is not None,
        is_erased,
        when.get(event_of(row, "erased")) if row is not None and is_erased else None,
    )
