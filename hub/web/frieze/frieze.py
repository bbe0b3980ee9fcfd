"""The frieze of one person's pathway, made from a view: what the page draws and tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.audit.agenda import expected
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.frieze.choice import ALL, Choice, Place
from hub.web.frieze.chronicle import Chronicle, Pages, chronicle_of
from hub.web.frieze.entries import entries_of
from hub.web.frieze.narrowing import Filters, filters_of, left_by
from hub.web.frieze.overview import Overview, overview_of
from hub.web.frieze.phases import phases_of, referents_of
from hub.web.frieze.spans import spans_of
from hub.web.frieze.summary import summary_of
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts
from hub.web.pathway.ended import ended_of
from hub.web.pathway.undoing import undone_of


class Frieze(NamedTuple):
    """One pathway as the page shows it: drawn, told in a few sentences, and listed; `overview` is None of an empty one.

    `place` is the page's, under which events have theirs.
    """

    place: Place
    overview: Overview | None
    summary: tuple[str, ...]
    filters: Filters
    chronicle: Chronicle


def frieze_of(
    view: View,
    now: datetime,
    place: Place,
    choice: Choice = ALL,
    lines: Sequence[TableRow] | None = None,
    *,
    is_past: bool = False,
    names: Names = UNNAMED,
) -> Frieze:
    """Make the frieze of a view as a reader sees it.

    Args:
        now: the moment up to which it is drawn: today, or the moment of a view of the past (`is_past`).
        place: where the page is, for its links; `choice`, what the reader asked for (`choice_of` the query).
        lines: the timeline with the decisions among it, as the reader sees them; without it the view's own.
        names: what advisers and sites are called.
    """
    shown = view.timeline if lines is None else lines
    entries = entries_of(view, shown, words.in_france(now), names)
    left = left_by(choice, entries)
    pages = Pages(entries, left, choice, place)
    spans = spans_of(view)
    ids = frozenset(entry.event_id for entry in left) if choice.is_narrowed else None
    return Frieze(
        place,
        overview_of(view, shown, entries, now, pages.link, ids, names, is_past=is_past),
        tuple(summary_of(entries, phases_of(view, shown), referents_of(view, names), spans, _standing(view))),
        filters_of(choice, entries, len(left), place),
        chronicle_of(entries, spans, pages, choice, now),
    )


def _standing(view: View) -> list[str]:
    """Say that the accompaniment has ended, and what is to be done again since its answer was voided."""
    acts = Acts(view.timeline)
    ended = ended_of(view, acts)
    return [
        *([f"{ended.title}."] if ended else []),
        *(
            f"À refaire{words.NBSP}: {phrases.about(row['about'], acts.names)}, {each.said}."
            for row in expected(view)
            for each in undone_of(view, row["about"], acts)
        ),
    ]
