"""What someone who needs no health data is shown of a person: nothing of it, in any row, line, text or event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.fields import shown, shown_event, shown_rows
from hub.access.health import COLUMNS, EVENTS, HIDDEN
from hub.codec.agreement import model_shape
from hub.codec.jsonform import to_json
from hub.codec.sensitive import sensitive_paths
from hub.codec.shape import Array, Record, Shape
from hub.domain.access import Sight
from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.order import order_key
from hub.domain.pathway.pathway import fold
from hub.errors import Denied
from hub.projections import facts, labels, timeline, view
from hub.projections.free_texts import free_texts
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import names
from hub.projections.tables import tables
from hub.projections.view import View
from tests import strategies

OF_NO_PERSON = {"employer", "site", "territory", "roadmap"}
ABOUT_PEOPLE = [
    name for name, event_type in EVENT_TYPES.items() if event_type.__module__.rpartition(".")[2] not in OF_NO_PERSON
]
IDENTITY = {"meta", "traits", "contact", "other_case", "left", "right", "case"}
"""The fields that the contract marks because they identify the person."""
CASES = (CaseKey(FRANCE_TRAVAIL, "", "12345678901"), CaseKey(CAP_EMPLOI, strategies.SIRETS[0], "CE-1"))
CANARY = "canary_of_health"


def paths(shape: Shape, path: str = "") -> Iterator[str]:
    """Name the fields of an event as `EVENTS` does."""
    while isinstance(shape, Array):
        shape = shape.items
    if isinstance(shape, Record):
        for name, field in shape.fields.items():
            yield from paths(field.shape, f"{path}.{name}" if path else name)
    else:
        yield path


def marked(event: Event) -> Event:
    """Put the canary into every health field that is a text or a list of texts."""
    changes: dict[str, Any] = {}
    for field in EVENTS[type(event).__name__].health:
        name, _, inner = field.partition(".")
        value = changes.get(name, getattr(event, name))
        if isinstance(value, str):
            changes[name] = CANARY
        elif isinstance(value, list) and inner:
            changes[name] = [item.model_copy(update={inner: CANARY}) for item in value]
        elif isinstance(value, list):
            changes[name] = [CANARY for _ in value]
    return event.model_copy(update=changes)


def seen(events: Iterable[Event]) -> View:
    """Give the whole view of a person with these events."""
    unique = {event.meta.event_id: event for event in events}
    ordered = sorted(unique.values(), key=order_key)
    lines = view.timeline_rows(
        (event.case, timeline.timeline_row(event, None)) for event in ordered if isinstance(event, CaseEvent)
    )
    return view.of_state(fold(ordered), CASES, lines, [])


def written(whole: View) -> str:
    """Write everything that a view holds."""
    rest = whole._replace(state=None)  # type: ignore[arg-type]
    return msgspec.json.encode([rest, msgspec.to_builtins(whole.state)]).decode()


histories: st.SearchStrategy[Sequence[Event]] = st.lists(
    strategies.events(among=ABOUT_PEOPLE, cases=st.sampled_from(CASES)), min_size=1, max_size=20
)


@pytest.mark.parametrize("model", PERSON_MODELS, ids=lambda model: model.name)
def test_every_column_is_plain_or_health(model: Any) -> None:
    assert (model.name in HIDDEN) is not (model.name in COLUMNS), "say in hub.access.health what the model holds"
    if model.name in COLUMNS:
        plain, health = COLUMNS[model.name]
        assert not plain & health
        assert plain | health == {*names(model.key), *names(model.columns)}
        assert plain >= set(names(model.key)), "a row is named by its key, so a model whose key tells is hidden"


def test_every_column_of_the_timeline_and_of_links_is_plain_or_health() -> None:
    beside = {"case_no", "event_id", "events"}
    assert COLUMNS["timeline"].plain | COLUMNS["timeline"].health == set(names(timeline.COLUMNS))
    assert COLUMNS["link"].plain == {column.name for column in tables(1).link.c} - beside


def test_nothing_is_listed_that_does_not_exist() -> None:
    models = {model.name for model in PERSON_MODELS}
    assert models >= HIDDEN
    assert models | {"timeline", "link"} >= COLUMNS.keys()
    assert set(ABOUT_PEOPLE) == EVENTS.keys()


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
def test_every_field_of_an_event_is_plain_or_health(name: str) -> None:
    plain, health = EVENTS[name]
    assert not plain & health
    assert plain | health == {path for path in paths(model_shape(EVENT_TYPES[name])) if not path.startswith("meta.")}


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
def test_what_the_contract_marks_beside_identity_is_health(name: str) -> None:
    marks = {".".join(path) for path in sensitive_paths(name) if path[0] not in IDENTITY}
    assert marks <= EVENTS[name].health


@given(histories)
def test_a_view_without_health_has_no_trace_of_it(history: Sequence[Event]) -> None:
    whole = seen(map(marked, history))
    less = shown(whole, Sight.WITHOUT_HEALTH)
    assert CANARY not in written(less)
    assert not list(free_texts(less.state))
    assert CANARY not in repr(list(facts.facts(less)))


@pytest.mark.parametrize("name", [name for name in ABOUT_PEOPLE if EVENTS[name].health])
@given(data=st.data())
def test_an_event_without_health_has_no_trace_of_it(name: str, data: st.DataObject) -> None:
    event = marked(data.draw(strategies.events(name)))
    assert CANARY not in repr(shown_event(to_json(event), Sight.WITHOUT_HEALTH))
    assert shown_event(to_json(event), Sight.FULL) == to_json(event)


@given(strategies.events(among=[name for name in ABOUT_PEOPLE if not EVENTS[name].health]))
def test_an_event_that_tells_nothing_of_health_is_shown_whole(event: Event) -> None:
    assert shown_event(to_json(event), Sight.WITHOUT_HEALTH) == to_json(event)


@given(histories)
def test_what_is_left_is_as_it_was(history: Sequence[Event]) -> None:
    whole = seen(history)
    less = shown(whole, Sight.WITHOUT_HEALTH)
    assert [line["event_id"] for line in less.timeline] == [line["event_id"] for line in whole.timeline]
    assert less.tables["pathway"] == whole.tables["pathway"]
    assert less.tables["referent"] == whole.tables["referent"]
    assert less.person_id == whole.person_id
    assert (less.state.lifecycle.erased, less.state.lifecycle.phase) == (
        whole.state.lifecycle.erased,
        whole.state.lifecycle.phase,
    )
    named = {fact.name: fact.value for fact in facts.facts(whole)}
    told = {fact.name: fact.value for fact in facts.facts(less)}
    assert told.keys() <= named.keys()
    assert {name for name in told if told[name] != named[name]} <= {
        f"timeline:{line['event_id']}.label" for line in less.timeline
    }


@given(histories)
def test_a_full_sight_shows_the_view_as_it_is(history: Sequence[Event]) -> None:
    whole = seen(history)
    assert shown(whole, Sight.FULL) is whole


@given(strategies.events("ExpertiseRequested", cases=st.sampled_from(CASES)))
def test_the_canaries_are_there_for_whoever_may_see_them(event: Event) -> None:
    assert CANARY in written(shown(seen([marked(event)]), Sight.FULL))


@given(strategies.events(among=["DiagnosisCompleted", "ExpertiseRequested"], cases=st.sampled_from(CASES)))
def test_a_line_says_what_happened_and_no_more_where_more_would_tell(event: Event) -> None:
    (line,) = shown(seen([event]), Sight.WITHOUT_HEALTH).timeline
    assert line["label"] == labels.event_type(type(event).__name__)


def test_nothing_is_shown_where_nothing_may_be_seen() -> None:
    with pytest.raises(Denied):
        shown(seen([]), Sight.NOTHING)
    with pytest.raises(Denied):
        shown_event({"type": "PathwayClosed", "meta": {}}, Sight.NOTHING)


def test_what_nobody_classified_is_hidden() -> None:
    row = {"anything": "x", "event_id": "1", "events": {"anything": "2"}}
    assert shown_rows("new_model", [row], Sight.WITHOUT_HEALTH) == [{"anything": None, "event_id": "1", "events": {}}]
    told = shown_event({"type": "NewEvent", "meta": {"event_id": "1"}, "anything": "x"}, Sight.WITHOUT_HEALTH)
    assert told == {"type": "NewEvent", "meta": {"event_id": "1"}}
    (line,) = shown_rows("timeline", [{"event_type": "NewEvent", "label": "x"}], Sight.WITHOUT_HEALTH)
    assert line["label"] == "NewEvent"
