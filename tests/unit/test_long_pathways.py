"""Pathways of many events: what the pages do for each of them, counted rather than timed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.projections.timeline import timeline_row
from hub.projections.view import View, of_state, timeline_rows
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts
from hub.web.pathway.sections import LISTED, Paged, sections_of
from tests.unit.pathway.builders import FT, event, moment, pathway, registered

Counted = Callable[[object, str], Callable[[], int]]
START = moment("2021-02-01")
COLUMNS = 9
"""Of an appointment, at most, that say something."""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count the calls of a function of a module from now on."""

    def count(module: object, name: str) -> Callable[[], int]:
        real, calls = getattr(module, name), 0

        def call(*given: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            return real(*given, **options)

        monkeypatch.setattr(module, name, call)
        return lambda: calls

    return count


def appointments(count: int) -> list[Event]:
    """Give a person's appointments, one an hour, oldest first."""
    times = [START + timedelta(hours=number) for number in range(count)]
    return [
        event(
            AppointmentRecorded,
            time.isoformat(),
            FT,
            appointment_id=f"A-{number}",
            starts_at=time,
            status="held",
            mode="phone",
            place="remote",
        )
        for number, time in enumerate(times)
    ]


def view(*events: Event) -> View:
    """Lay out what these events come to."""
    return of_state(pathway(*events), (FT,), timeline_rows((FT, timeline_row(each, None)) for each in events), [])


def test_what_a_section_holds_is_put_in_words_where_it_is_shown_alone(counted: Counted) -> None:
    shown = view(registered(FT, "2021-01-04"), *appointments(4 * LISTED))
    acts, worded = Acts(shown.timeline), counted(phrases, "value")
    closed = sections_of(shown, acts, date(2021, 3, 1), Paged())
    assert [section.total for section in closed.shown if section.id == "rendez-vous"] == [4 * LISTED]
    assert worded() == 0
    opened = sections_of(shown, acts, date(2021, 3, 1), Paged("rendez-vous", 2))
    (section,) = [each for each in opened.shown if each.id == "rendez-vous"]
    assert all(list(step.lines) for item in section.items for step in item.steps)
    assert LISTED <= worded() <= LISTED * COLUMNS
