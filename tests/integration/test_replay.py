"""P4, any view of the past equals a fresh replay: as it was, as it was known, or both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.base import Decision, Event
from hub.domain.events.correction import EventVoided
from hub.domain.order import order_key
from hub.domain.pathway.pathway import EMPTY, Pathway
from hub.ledger.database import reading
from hub.projections import finding, generations, view
from hub.projections.finding import Found
from hub.projections.records import CaseRow, chunks
from hub.wiring import Hub
from tests.integration.hubs import SteppingClock, a_hub, examples, histories, take
from tests.unit.pathway.builders import moment, registered

pytestmark = pytest.mark.usefixtures("engine")

START = moment("2023-01-02")
Picture = dict[str, tuple[tuple[str, ...], Pathway]]
"""What a hub shows of each case record: the records of its pathway and its state."""


def occurred_by(events: Sequence[Event], as_of: datetime) -> list[Event]:
    """Keep what had occurred, and every decision and void, which act in knowledge time."""
    return [each for each in events if isinstance(each, Decision | EventVoided) or order_key(each)[0] <= as_of]


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

        seen(picture, fresh_picture(occurred_by(history, instant)))

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
        seen(picture, fresh_picture(known if as_of is None else occurred_by(known, as_of)))

    holds()


def test_before_the_first_event_nothing_is_known() -> None:
    with a_hub(SteppingClock(START)) as hub:
        take(hub, [registered()])
        picture = replayed_picture(hub, None, START - timedelta(seconds=1))

    assert [state for _, state in picture.values()] == [EMPTY]
