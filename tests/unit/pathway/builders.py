"""Events, folds and questions for the tests of the pathway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import count, permutations
from typing import Any, TypeVar

import msgspec

from hub.domain.events.base import CaseEvent, CaseRef, Event
from hub.domain.events.case import CaseRegistered
from hub.domain.events.correction import EventVoided
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB, CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import pathway as whole
from hub.domain.pathway.fact import Anomaly
from hub.domain.pathway.pathway import EMPTY, Pathway, fold
from hub.projections.readmodel import ReadModel

E = TypeVar("E", bound=Event)

OPS = "44022013500014"
"""The SIRET of the Cap emploi organisation that scopes its local ids."""
EMPLOYER = "44022013500022"
OTHER_EMPLOYER = "44022013500030"
SITE = "69244"
FT = CaseKey(FRANCE_TRAVAIL, "", "12345678901")
CE = CaseKey(CAP_EMPLOI, OPS, "CE-1")

_numbers = count(1)
_sequences: defaultdict[tuple[str, ...], Iterator[int]] = defaultdict(lambda: count(1))


def nth_id(number: int) -> str:
    """Give the nth event id."""
    return f"{number:08x}-0000-7000-8000-000000000000"


def moment(text: str) -> datetime:
    """Read a time; without an offset it is UTC, without an hour midnight."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def event(
    kind: type[E],
    at: str = "2021-03-01",
    case: CaseKey | None = None,
    *,
    recorded_at: str | None = None,
    sequence: int | None = None,
    site: str | None = SITE,
    event_id: str | None = None,
    **fields: Any,
) -> E:
    """Build an event with the next id and, for its case, the next sequence number.

    `case` is `FT` by default, or `CE` for an event that only Cap emploi may state. An event about no case comes from
    the hub if it may state it; where such an event names one case in its body, that is `case`.
    """
    if issubclass(kind, CaseEvent):
        network, scope, local_id = case or (FT if FRANCE_TRAVAIL in kind.emitters else CE)
    else:
        network, scope, local_id = (HUB if HUB in kind.emitters else FRANCE_TRAVAIL), "", ""
        if "case" in kind.model_fields:
            fields["case"] = ref(case or FT)
    meta = {
        "event_id": event_id or nth_id(next(_numbers)),
        "network": network,
        "scope": scope,
        "local_id": local_id,
        "sequence": sequence or next(_sequences[network, scope, local_id]),
        "occurred_at": moment(at),
        "recorded_at": moment(recorded_at or at),
        "actor_id": "A-1",
        "organisation": scope or network,
        "site": site,
    }
    return kind(meta=meta, **fields)


def ref(case: CaseKey) -> CaseRef:
    """Name a case in the body of an event."""
    return CaseRef(network=case.network, scope=case.scope, local_id=case.local_id)


def registered(
    case: CaseKey = FT,
    at: str = "2020-01-06",
    *,
    other: CaseKey | None = None,
    public: str = "job_seeker",
    contact: dict[str, str] | None = None,
    site: str | None = SITE,
    **traits: Any,
) -> CaseRegistered:
    """Register a case with these identity traits; `other` is the other network's case that the registration names."""
    named = ref(other) if other else None
    return event(CaseRegistered, at, case, site=site, traits=traits, contact=contact, other_case=named, public=public)


def voided(target: Event, at: str = "2022-01-03", case: CaseKey = FT) -> EventVoided:
    """Void an event."""
    return event(EventVoided, at, case, voided_event_id=target.meta.event_id, reason="entry_error")


def pathway(*events: Event) -> Pathway:
    """Fold events in canonical order, whatever order they are given in."""
    return fold(sorted(events, key=order_key))


def arriving(events: Iterable[Sequence[Event]]) -> Pathway:
    """Take batches into account as they arrive: folded on where that may be, folded anew otherwise."""
    state, seen = EMPTY, list[Event]()
    for batch in events:
        ordered = sorted(batch, key=order_key)
        seen.extend(ordered)
        late = whole.must_refold(state, ordered)
        state = pathway(*seen) if late else fold(ordered, state)
    return state


def rules(state: Pathway) -> list[str]:
    """Name the rules of all anomalies in the pathway, sorted."""
    return sorted(anomaly.rule for anomaly in whole.anomalies(state))


def shown_by(state: Pathway, rule: str) -> list[str]:
    """Give the events that show the anomalies of this rule."""
    return [anomaly.event_id for anomaly in whole.anomalies(state) if anomaly.rule == rule]


def due(state: Pathway) -> dict[str, date]:
    """Give the alerts as rule and day."""
    return {alert.rule: alert.due_on for alert in whole.alerts(state)}


def named(anomalies: Iterable[Anomaly]) -> list[str]:
    """Name the rules of these anomalies, sorted: one subject's alone, where `rules` looks at all."""
    return sorted(anomaly.rule for anomaly in anomalies)


def table(model: ReadModel[Pathway], state: Pathway) -> list[dict[str, Any]]:
    """Give the rows of a read model, each as a dict by column."""
    columns = [name for name, _ in (*model.key, *model.columns)]
    return [dict(zip(columns, row[:-2], strict=True)) for row in model.rows(state)]


def explained(model: ReadModel[Pathway], state: Pathway) -> list[dict[str, str]]:
    """Give for each row of a read model the event of every column that says something."""
    columns = [name for name, _ in model.columns]
    found = []
    for row in model.rows(state):
        values, others = row[len(model.key) : -2], row[-1]
        event_id: str = row[-2]
        events = msgspec.json.decode(others, type=dict[str, str]) if others else {}
        present = [name for name, value in zip(columns, values, strict=True) if value is not None]
        assert set(events) <= set(present), "a column without a fact names an event"
        found.append({name: events.get(name, event_id) for name in present})
    return found


def same_in_any_order(*events: Event) -> Pathway:
    """Give the pathway of these events, byte for byte the same for every order of arrival and once read back."""
    expected = pathway(*events)
    stored = msgspec.msgpack.encode(expected)
    for order in permutations(events):
        assert msgspec.msgpack.encode(arriving([one] for one in order)) == stored
    assert msgspec.msgpack.decode(stored, type=Pathway) == expected
    return expected
