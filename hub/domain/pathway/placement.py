"""Placements and their lasting follow-up: the same SIRET and start day is one placement, whoever reported it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from hub.domain import ids
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.pathway.fact import Alert, Anomaly, Fact, State

Handled = Placed | FollowUpStarted | FollowUpRecorded


class Report(State, frozen=True):
    """A placement as one network reported it, under its own id; `scope` tells apart the organisations that give ids."""

    event_id: str
    network: str
    scope: str
    placement_id: str
    siret: str
    starts_on: date
    ends_on: date | None
    contract: str
    rome: str | None
    site: str | None
    placed_at: datetime


class Due(State, frozen=True):
    """A checkpoint announced for a day."""

    event_id: str
    placement_id: str
    due_on: date


class Record(State, frozen=True):
    """A checkpoint held; `due_on` names which one."""

    event_id: str
    placement_id: str
    due_on: date
    state: str
    recorded_at: datetime
    comment: str | None


class Placements(State, frozen=True):
    """What was reported, announced and held, in canonical order; the latest report under an id stands."""

    reports: tuple[Report, ...] = ()
    due: tuple[Due, ...] = ()
    records: tuple[Record, ...] = ()


class Checkpoint(NamedTuple):
    """One day of follow-up; `placement_id` is the id under which it was first stated.

    `status` is `held`, `awaited`, or `lapsed` when the placement ended before that day, with the event that says so.
    """

    placement_id: str
    due_on: date
    due: Due | None
    record: Record | None
    status: Fact[str]


class MergedPlacement(NamedTuple):
    """One placement: every report of it and the follow-up stated under any of its ids, in canonical order."""

    siret: str
    starts_on: date
    reports: tuple[Report, ...]
    checkpoints: tuple[Checkpoint, ...]

    @property
    def placement_id(self) -> str:
        """The id of the first report."""
        return self.reports[0].placement_id

    def of_network(self, network: str) -> Report | None:
        """Give the latest report of a network."""
        return next((report for report in reversed(self.reports) if report.network == network), None)


Key = tuple[str, date]


def evolve(state: Placements, event: Handled) -> Placements:
    """Take one more event into account."""
    match event:
        case Placed():
            return Placements(_with_report(state.reports, event), state.due, state.records)
        case FollowUpStarted():
            known = {(due.placement_id, due.due_on) for due in state.due}
            added = tuple(
                Due(event.meta.event_id, event.placement_id, day)
                for day in dict.fromkeys(event.due_on)
                if (event.placement_id, day) not in known
            )
            return Placements(state.reports, state.due + added, state.records)
        case FollowUpRecorded():
            meta = event.meta
            record = Record(
                meta.event_id, event.placement_id, event.due_on, event.state, meta.occurred_at, event.comment
            )
            return Placements(state.reports, state.due, (*state.records, record))


def _with_report(reports: tuple[Report, ...], event: Placed) -> tuple[Report, ...]:
    meta = event.meta
    added = Report(
        meta.event_id,
        meta.network,
        meta.scope,
        event.placement_id,
        event.siret,
        event.starts_on,
        event.ends_on,
        event.contract,
        event.rome,
        meta.site,
        meta.occurred_at,
    )
    own = (added.placement_id, added.network, added.scope)
    return (*(report for report in reports if (report.placement_id, report.network, report.scope) != own), added)


def merged(state: Placements) -> list[MergedPlacement]:
    """Give the placements, each with all its reports and checkpoints, ordered by their first report."""
    if not state.reports:
        return []
    groups: dict[Key, list[Report]] = {}
    for report in state.reports:
        groups.setdefault((report.siret, report.starts_on), []).append(report)
    if not state.due and not state.records:
        return [MergedPlacement(*key, tuple(reports), ()) for key, reports in groups.items()]
    meant = _meant(state)
    return [
        MergedPlacement(*key, tuple(reports), _checkpoints(state, {i for i in meant if meant[i] == key}, reports))
        for key, reports in groups.items()
    ]


def unplaced(state: Placements) -> dict[str, tuple[Checkpoint, ...]]:
    """Give the checkpoints stated under ids that no report names (yet), by that id."""
    if not state.due and not state.records:
        return {}
    meant = _meant(state)
    stated = [*(due.placement_id for due in state.due), *(record.placement_id for record in state.records)]
    strays = dict.fromkeys(placement_id for placement_id in stated if placement_id not in meant)
    return {placement_id: _checkpoints(state, {placement_id}, ()) for placement_id in strays}


def _meant(state: Placements) -> dict[str, Key]:
    """Tell which placement an id means in a follow-up: ids are each network's own, and follow-ups are Cap emploi's."""
    meant: dict[str, Key] = {}
    for report in state.reports:
        if report.network == ids.CAP_EMPLOI or report.placement_id not in meant:
            meant[report.placement_id] = (report.siret, report.starts_on)
    return meant


def _checkpoints(state: Placements, own_ids: set[str], reports: Sequence[Report]) -> tuple[Checkpoint, ...]:
    due: dict[date, Due] = {}
    for announced in state.due:
        if announced.placement_id in own_ids:
            due.setdefault(announced.due_on, announced)
    held = {record.due_on: record for record in state.records if record.placement_id in own_ids}
    end = _end(reports, held.values())
    found = [_checkpoint(announced, held.pop(day, None), end) for day, announced in due.items()]
    found += [
        Checkpoint(record.placement_id, day, None, record, Fact("held", record.event_id))
        for day, record in held.items()
    ]
    return tuple(sorted(found, key=lambda checkpoint: checkpoint.due_on))


def _checkpoint(due: Due, record: Record | None, end: Fact[date] | None) -> Checkpoint:
    if record is not None:
        status = Fact("held", record.event_id)
    elif end is not None and end.value < due.due_on:
        status = Fact("lapsed", end.event_id)
    else:
        status = Fact("awaited", due.event_id)
    return Checkpoint(due.placement_id, due.due_on, due, record, status)


def ends_on(reports: Sequence[Report]) -> Fact[date] | None:
    """Give the last day as the latest report that gives one says."""
    stated = (Fact(report.ends_on, report.event_id) for report in reversed(reports) if report.ends_on is not None)
    return next(stated, None)


def _end(reports: Sequence[Report], records: Iterable[Record]) -> Fact[date] | None:
    """Give the day after which no follow-up is awaited: the contract ends, or a checkpoint found it broken."""
    broken = [Fact(record.due_on, record.event_id) for record in records if record.state == "ended"]
    planned = ends_on(reports)
    return min([*broken, planned] if planned else broken, default=None)


def _all_checkpoints(state: Placements) -> Iterator[Checkpoint]:
    if not state.due and not state.records:
        return
    for placement in merged(state):
        yield from placement.checkpoints
    for checkpoints in unplaced(state).values():
        yield from checkpoints


def anomalies(state: Placements) -> Iterator[Anomaly]:
    """Name reports that do not agree, and follow-up that does not fit its placement."""
    for placement in merged(state):
        yield from _anomalies_of(placement)
    for placement_id, checkpoints in unplaced(state).items():
        first = checkpoints[0].due or checkpoints[0].record
        if first is not None:
            yield Anomaly("follow_up_without_placement", f"placement:{placement_id}", first.event_id)
    for checkpoint in _all_checkpoints(state):
        if checkpoint.due is None:
            yield Anomaly("follow_up_not_due", _about(checkpoint), checkpoint.status.event_id)


def _anomalies_of(placement: MergedPlacement) -> Iterator[Anomaly]:
    about = f"placement:{placement.placement_id}"
    seen: set[str] = set()
    for report in placement.reports:
        if report.network in seen:
            yield Anomaly("placement_reported_twice", about, report.event_id)
        seen.add(report.network)
    one, other = placement.of_network(ids.FRANCE_TRAVAIL), placement.of_network(ids.CAP_EMPLOI)
    if one and other and (one.contract, one.ends_on) != (other.contract, other.ends_on):
        later = max(one, other, key=placement.reports.index)
        yield Anomaly("placement_reports_differ", about, later.event_id)


def alerts(state: Placements) -> Iterator[Alert]:
    """Name the checkpoints still to be held, each due on its day, and the ends of contracts that nothing follows."""
    for checkpoint in _all_checkpoints(state):
        if checkpoint.status.value == "awaited":
            yield Alert("follow_up_due", _about(checkpoint), checkpoint.status.event_id, checkpoint.due_on)
    placements = merged(state)
    for placement in placements:
        end = ends_on(placement.reports)
        if end is not None and not _found_ended(placement) and not _is_followed(end.value, placement, placements):
            yield Alert("placement_ends", f"placement:{placement.placement_id}", end.event_id, end.value)


def _found_ended(placement: MergedPlacement) -> bool:
    return any(checkpoint.record and checkpoint.record.state == "ended" for checkpoint in placement.checkpoints)


def _is_followed(day: date, placement: MergedPlacement, placements: Iterable[MergedPlacement]) -> bool:
    """Tell whether another placement follows: it starts by a placement's last day or later, and runs on beyond it."""
    for other in placements:
        if other is not placement and other.starts_on > placement.starts_on:
            until = ends_on(other.reports)
            if other.starts_on >= day or until is None or until.value > day:
                return True
    return False


def _about(checkpoint: Checkpoint) -> str:
    return f"follow_up:{checkpoint.placement_id}:{checkpoint.due_on}"
