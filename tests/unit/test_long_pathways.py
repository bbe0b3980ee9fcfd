"""Pathways of many events: what the pages do for each of them, counted rather than timed."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from hub.audit import history
from hub.audit.history import Accepted
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.order import order_key
from hub.domain.pathway import late
from hub.domain.pathway.pathway import EMPTY, STEPS, SUBJECTS, fold
from hub.projections.engine import encode_state
from hub.projections.timeline import timeline_row
from hub.projections.view import View, of_state, timeline_rows
from hub.web.frieze.entries import entries_of
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts
from hub.web.pathway.sections import LISTED, Paged, sections_of
from tests.integration.hubs import EXAMPLES
from tests.unit.pathway.builders import FT, event, moment, pathway, registered
from tests.unit.test_history import lives

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


@settings(max_examples=EXAMPLES)
@given(events=lives())
def test_a_late_event_taken_in_comes_to_what_a_fold_of_all_events_does(events: list[Event]) -> None:
    known: list[Event] = []
    state = EMPTY
    for each in events:
        insort(known, each, key=order_key)
        state = late.taken(state, known, each)
        assert encode_state(state) == encode_state(fold(known)), "to the byte: entries stand in the same order"


@settings(max_examples=EXAMPLES)
@given(events=lives())
def test_a_fold_of_many_events_comes_to_what_each_part_makes_of_them_one_by_one(events: list[Event]) -> None:
    ordered = sorted(events, key=order_key)
    whole = fold(ordered)
    counted = [each for each in ordered if each.meta.event_id not in whole.corrections.voided]
    for part, module in SUBJECTS.items():
        if part != "corrections" and not whole.erasures:
            told = [each for each in counted if part in dict(STEPS[type(each)])]
            assert getattr(whole, part) == reduce(module.evolve, told, getattr(EMPTY, part))


@pytest.mark.parametrize("order", ["newest first", "at random"])
def test_a_page_of_a_history_costs_no_fold_of_all_for_each_late_event(order: str, counted: Counted) -> None:
    first, *rest = registered(FT, "2021-01-04"), *appointments(800)
    late_ones = rest[::-1] if order == "newest first" else Random(1).sample(rest, len(rest))
    came = [Accepted(each, START, position) for position, each in enumerate([first, *late_ones])]
    evolved, laid_out = counted(late, "take"), counted(history, "as_dict")
    found = list(history.steps(came, "acceptance", start=700, stop=725))
    assert all({change.model for change in step.changes} >= {"appointment"} for step in found)
    assert evolved() <= 25 * 4, "the appointments that the events name, each a few times"
    assert laid_out() <= 25 * 12, "the rows that differ"


def test_the_frieze_words_each_code_once_however_many_events_say_it(counted: Counted) -> None:
    shown = view(registered(FT, "2021-01-04"), *appointments(200))
    worded = counted(phrases, "value")
    told = entries_of(shown, shown.timeline, date(2021, 3, 1))
    assert sum(len(entry.fields) + bool(entry.detail) for entry in told) >= 200
    assert worded() <= 20
