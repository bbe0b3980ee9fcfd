"""P4, any view of the past equals a fresh replay: as it was, as it was known, or both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Decision, Event
from hub.domain.events.correction import EventVoided
from hub.domain.order import order_key
from hub.domain.pathway.correction import effective
from hub.domain.pathway.pathway import EMPTY, Pathway, anomalies
from hub.ledger.database import reading
from hub.projections import finding, generations, view
from hub.projections.finding import Found
from hub.projections.records import CaseRow, chunks
from hub.wiring import Hub
from tests.integration.hubs import SteppingClock, a_hub, examples, histories, take
from tests.unit.pathway.builders import event, moment, registered, voided

pytestmark = pytest.mark.usefixtures("engine")

START = moment("2023-01-02")
Picture = dict[str, tuple[tuple[str, ...], Pathway]]
"""What a hub shows of each case record: the records of its pathway and its state."""


def occurred_by(events: Sequence[Event], as_of: datetime) -> list[Event]:
    """Keep what had occurred, every decision, and voids of what had occurred: both act in knowledge time."""
    occurred = {each.meta.event_id: each.subject for each in events if order_key(each)[0] <= as_of}
    return [
        each
        for each in events
        if isinstance(each, Decision)
        or each.meta.event_id in occurred
        or (isinstance(each, EventVoided) and occurred.get(each.voided_event_id) == each.subject)
    ]


def apart_from_voids(picture: Picture) -> Picture:
    """Leave out what tells that a void of a later day is not shown itself: how many events, the last, the numbers."""
    return {
        name: (cases, replace(state, events=0, last=None, source=EMPTY.source))
        for name, (cases, state) in picture.items()
    }


def names_of(hub: Hub) -> list[str]:
    with reading(hub.store) as connection:
        table = generations.live(connection).case_record
        rows = connection.execute(table.select())
        return [f"{row.network}/{row.scope}/{row.local_id}" for row in rows]


def found_in(hub: Hub, name: str) -> tuple[Found, Pathway]:
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        found = finding.find(connection, tables, name)
        return found, view.live(connection, tables, found).state


def live_picture(hub: Hub) -> Picture:
    picture = {}
    for name in names_of(hub):
        found, state = found_in(hub, name)
        picture[name] = (tuple("/".join(row.case) for row in found.members), state)
    return picture


def replayed_picture(hub: Hub, as_of: datetime | None, known_at: datetime | None) -> Picture:
    picture = {}
    for name in names_of(hub):
        case: CaseRow = found_in(hub, name)[0].case
        with reading(hub.store) as connection:
            tables = generations.live(connection)
            replayed = hub.replay.at(connection, tables, case, as_of=as_of, known_at=known_at)
        picture[name] = (tuple("/".join(member) for member in replayed.cases), replayed.state)
    return picture


def fresh_picture(events: Sequence[Event]) -> Picture:
    with a_hub() as hub:
        take(hub, events)
        return live_picture(hub)


def seen(picture: Picture, fresh: Picture) -> None:
    """A record that the fresh hub never heard of has an empty pathway of its own in the replay."""
    for name, shown in picture.items():
        assert shown == fresh.get(name, ((name,), EMPTY))


def test_as_of_equals_a_hub_that_got_only_what_had_occurred(engine: str) -> None:
    @examples(engine)
    @given(history=histories(min_size=2, max_size=18), as_of=st.data())
    def holds(history: list[Event], as_of: st.DataObject) -> None:
        instant = as_of.draw(st.sampled_from([order_key(each)[0] for each in history]))
        with a_hub() as hub:
            take(hub, history)
            picture = replayed_picture(hub, instant, None)

        seen(apart_from_voids(picture), apart_from_voids(fresh_picture(occurred_by(history, instant))))

    holds()


def test_known_at_equals_a_hub_that_stopped_there(engine: str) -> None:
    @examples(engine)
    @given(history=histories(min_size=2, max_size=18), size=st.integers(1, 6), data=st.data())
    def holds(history: list[Event], size: int, data: st.DataObject) -> None:
        batches = list(chunks(history, size))
        stop = data.draw(st.integers(1, len(batches)))
        clock = SteppingClock(START)
        with a_hub(clock) as hub:
            for batch in batches:
                clock.moment += timedelta(hours=1)
                take(hub, batch)
            known_at = START + timedelta(hours=stop, minutes=30)
            as_of = data.draw(st.none() | st.sampled_from([order_key(each)[0] for each in history]))
            picture = replayed_picture(hub, as_of, known_at)

        known = [each for batch in batches[:stop] for each in batch]
        if as_of is None:
            seen(picture, fresh_picture(known))
        else:
            seen(apart_from_voids(picture), apart_from_voids(fresh_picture(occurred_by(known, as_of))))

    holds()


def test_before_the_first_event_nothing_is_known() -> None:
    with a_hub(SteppingClock(START)) as hub:
        take(hub, [registered()])
        picture = replayed_picture(hub, None, START - timedelta(seconds=1))

    assert [state for _, state in picture.values()] == [EMPTY]


def test_a_void_of_a_later_day_applies_and_is_not_shown_and_leaves_no_gap() -> None:
    at_home: dict[str, Any] = {
        "starts_at": "2021-02-01T09:00:00Z",
        "status": "held",
        "mode": "phone",
        "place": "remote",
    }
    shown = [registered(at="2021-01-04"), event(AppointmentRecorded, "2021-02-01", appointment_id="A", **at_home)]
    cut_off = event(AppointmentRecorded, "2021-04-01", appointment_id="B", **at_home)
    voids = [voided(shown[1], "2021-06-01"), voided(cut_off, "2021-06-02")]
    with a_hub(SteppingClock(START)) as hub:
        take(hub, [*shown, cut_off, *voids])
        case = found_in(hub, names_of(hub)[0])[0].case
        with reading(hub.store) as connection:
            replayed = hub.replay.at(connection, generations.live(connection), case, as_of=moment("2021-03-01"))

    assert list(replayed.events) == shown
    assert effective(replayed.state.corrections) == {shown[1].meta.event_id: voids[0].meta.event_id}
    assert list(anomalies(replayed.state)) == []
