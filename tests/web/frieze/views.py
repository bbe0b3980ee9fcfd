"""Views to draw, made from events without a store, and the frieze as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import NamedTuple

from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.ids import CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import correction
from hub.domain.pathway.pathway import fold
from hub.projections import view as views
from hub.projections.timeline import timeline_row
from hub.projections.view import View
from hub.web.assets import Assets
from hub.web.frieze.choice import ALL, Choice, Place
from hub.web.frieze.frieze import Frieze, frieze_of
from hub.web.rendering import Renderer
from tests import strategies
from tests.unit.pathway.builders import CE, FT, moment

NOW = moment("2021-04-15T12:00")
PLACE = Place("/parcours/01890a5d-0000-7000-8000-000000000001")
_ABOUT_CASES = (*strategies.CASE_TYPES, "RecordsLinked", "ContradictionSettled", "PersonErased")

lives = st.lists(
    strategies.events(among=_ABOUT_CASES, cases=st.sampled_from((FT, CE))),
    max_size=25,
    unique_by=lambda each: each.meta.event_id,
)
"""Events about one person, of any type and time."""
long_lives = st.lists(
    strategies.events(among=strategies.CASE_TYPES, cases=st.sampled_from((FT, CE))),
    min_size=40,
    max_size=60,
    unique_by=lambda each: each.meta.event_id,
)
choices = st.builds(
    Choice,
    st.frozensets(st.sampled_from(("ft", "ce", "hub")), max_size=2),
    st.frozensets(st.sampled_from(("delegation", "dossier", "emploi", "besoin")), max_size=2),
    st.one_of(st.none(), strategies.days),
    st.one_of(st.none(), strategies.days),
    st.sampled_from(("recent", "ancien")),
    st.none(),
)


def view_of(events: Iterable[Event]) -> View:
    """Show events of one person as the live generation would."""
    ordered = sorted(events, key=order_key)
    state = fold(ordered)
    voids = correction.effective(state.corrections)
    lines = views.timeline_rows(
        (CaseKey(*event.subject[1:]), timeline_row(event, voids.get(event.meta.event_id))) for event in ordered
    )
    return views.of_state(state, (FT, CE), lines, [])


def drawn(events: Iterable[Event], choice: Choice = ALL, now: datetime = NOW) -> Frieze:
    """Make the frieze of events."""
    return frieze_of(view_of(events), now, PLACE, choice)


def pages(events: Iterable[Event], choice: Choice = ALL) -> Iterator[Frieze]:
    """Give the frieze page by page, as a reader turns them."""
    view = view_of(events)
    while True:
        found = frieze_of(view, NOW, PLACE, choice)
        yield found
        if not found.chronicle.next_address:
            return
        last = found.chronicle.years[-1].rows[-1].row.entries[-1]
        assert f"avant={last.event_id}" in found.chronicle.next_address
        choice = choice._replace(before=last.event_id)


def told(frieze: Frieze) -> list[str]:
    """Give the ids of the events that the list's page tells, in its order."""
    rows = (row for year in frieze.chronicle.years for row in year.rows)
    return [entry.event_id for row in rows for entry in row.row.entries]


_renderer = Renderer(Assets())


def html(frieze: Frieze) -> str:
    """Render a frieze."""
    source = '{% import "frieze.html" as chronology %}{{ chronology.frieze(frieze) }}'
    return str(_renderer.fragment(source, {"frieze": frieze}))


class Element(NamedTuple):
    """An element with its attributes."""

    tag: str
    attributes: dict[str, str | None]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> tuple[list[Element], str]:
    """Give the elements of a page and its text."""
    reader = _Reader()
    reader.feed(page)
    return reader.elements, "".join(reader.text)
