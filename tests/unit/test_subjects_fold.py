"""Every subject that is not a person folds, is stored and is read back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.order import order_key
from hub.domain.subjects.fold import KINDS, anomalies, decode, fold
from hub.projections import labels
from hub.projections.models import SUBJECT_MODELS
from tests import strategies

TYPES = {
    "employer": ("EmployerContactAssigned", "EmployerActionHeld"),
    "site": ("SiteModeChanged",),
    "territory": ("TerritorialDiagnosisPublished",),
    "roadmap_target": ("RoadmapTargetSet",),
}


def event_id(event: Event) -> str:
    return event.meta.event_id


histories = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.lists(strategies.events(among=TYPES[kind]), max_size=6, unique_by=event_id)
    )
)


@given(histories)
def test_a_stored_state_reads_back_equal(history: tuple[str, list[Event]]) -> None:
    kind, events = history
    state = fold(kind, sorted(events, key=order_key))

    assert decode(kind, msgspec.msgpack.encode(state)) == state


@given(histories)
def test_rows_have_the_models_width_one_key_each_and_name_events_of_the_subject(
    history: tuple[str, list[Event]],
) -> None:
    kind, events = history
    state = fold(kind, sorted(events, key=order_key))
    known = {event.meta.event_id for event in events}

    for model in SUBJECT_MODELS[kind]:
        rows = list(model.rows(state))
        width = len(model.key)
        assert {len(row) for row in rows} <= {width + len(model.columns) + 2}
        assert len({row[:width] for row in rows}) == len(rows)
        for row in rows:
            others = msgspec.json.decode(row[-1], type=dict[str, str]) if row[-1] else {}
            assert {row[-2], *others.values()} <= known


@given(histories)
def test_anomalies_name_events_of_the_subject_by_known_rules(history: tuple[str, list[Event]]) -> None:
    kind, events = history
    known = {event.meta.event_id for event in events}

    for anomaly in anomalies(kind, fold(kind, sorted(events, key=order_key))):
        assert anomaly.event_id in known
        assert anomaly.rule in labels.RULES


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_subject_without_events_has_no_rows(kind: str) -> None:
    assert [list(model.rows(fold(kind, []))) for model in SUBJECT_MODELS[kind]] == [[]] * len(SUBJECT_MODELS[kind])


def test_every_event_without_a_case_or_decision_belongs_to_a_kind() -> None:
    named = {name for names in TYPES.values() for name in names}
    kinds = {"CaseEvent", "Decision", "PairDecision"}

    left = {name for name, type_ in EVENT_TYPES.items() if not kinds & {base.__name__ for base in type_.__mro__}}

    assert left == named
    assert set(TYPES) == set(SUBJECT_MODELS) == set(KINDS)
