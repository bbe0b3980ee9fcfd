"""The frieze of one person's pathway, made from a view: what the page draws and tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.projections.view import TableRow, View
from hub.web.frieze.choice import ALL, Choice, Place


class Frieze(NamedTuple):
    """One pathway as the page shows it."""

    total: int


def frieze_of(
    view: View,
    now: datetime,
    place: Place,
    choice: Choice = ALL,
    lines: Sequence[TableRow] | None = None,
    *,
    is_past: bool = False,
) -> Frieze:
    """Make the frieze of a view as a reader sees it.

    Args:
        now: the moment up to which it is drawn: today, or the moment of a view of the past (`is_past`).
        place: where the page is, for its links; `choice`, what the reader asked for (`choice_of` the query).
        lines: the timeline with the decisions among it, as the reader sees them; without it the view's own.
    """
    del place, choice, is_past, now
    return Frieze(len(view.timeline if lines is None else lines))
