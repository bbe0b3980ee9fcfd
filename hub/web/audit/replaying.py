"""A pathway's history as its page shows it: the steps around one, and what that one changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.api.queries.history import History, ShownStep
from hub.audit.history import Order, RowChange
from hub.projections import labels, wording
from hub.projections.view import TableRow
from hub.web import words
from hub.web.audit import phrasing
from hub.web.naming.names import UNNAMED, Names

AT_ONCE = 25
"""Steps that a page lists."""
_SUMMED_UP = 3
_KINDS = {
    "added": ("ajout", "ajouts"),
    "changed": ("modification", "modifications"),
    "removed": ("retrait", "retraits"),
}
_WORDS = {"added": ("ajouté", "success"), "changed": ("modifié", "info"), "removed": ("retiré", "warning")}


class Line(NamedTuple):
    """What a column said before and says after; None where it said nothing."""

    term: str
    before: str | None
    after: str | None


class Changed(NamedTuple):
    """A row that the event brought, changed or took away."""

    title: str
    word: str
    kind: str
    lines: tuple[Line, ...]


class Listed(NamedTuple):
    """A step in the list of all."""

    number: int
    label: str
    network: str
    moment: datetime
    summary: str
    is_voided: bool


class Shown(NamedTuple):
    """One step: the event, what it changed, and how the pathway stood after it."""

    number: int
    event_id: str
    label: str
    network: str
    who: str
    site: str | None
    occurred_at: datetime
    recorded_at: datetime
    accepted_at: datetime
    position: int
    is_voided: bool
    changed: tuple[Changed, ...]
    raised: tuple[str, ...]
    cleared: tuple[str, ...]
    hides: bool
    phase: str
    referent: str


class Replay(NamedTuple):
    """The page: the step shown, None of an empty history, and the steps listed around it."""

    order: Order
    total: int
    shown: Shown | None
    listed: tuple[Listed, ...]

    @property
    def first(self) -> int:
        """The number of the first step that is listed."""
        return self.listed[0].number

    @property
    def last(self) -> int:
        """The number of the last step that is listed."""
        return self.listed[-1].number


def replay_of(history: History, wanted: int, names: Names = UNNAMED) -> Replay:
    """Show a step, the nearest where there is none of this number."""
    total = len(history.ordered)
    if not total:
        return Replay(history.order, 0, None, ())
    number = min(max(wanted, 1), total)
    start = (number - 1) // AT_ONCE * AT_ONCE
    steps = history.steps(start, start + AT_ONCE)
    lines = {line["event_id"]: line for line in history.found.view.timeline}
    listed = tuple(_listed(each, lines.get(each.event_id), history.order, names) for each in steps)
    here = steps[number - 1 - start]
    return Replay(history.order, total, shown_of(here, lines.get(here.event_id), names), listed)


def _label(shown: ShownStep, line: TableRow | None, names: Names) -> str:
    event = shown.step.accepted.event
    kind = type(event).__name__
    return names.in_label(words.typed(line["label"] if line else labels.event_type(kind)), kind, event.meta.network)


def _listed(shown: ShownStep, line: TableRow | None, order: Order, names: Names) -> Listed:
    step = shown.step
    meta = step.accepted.event.meta
    moment = step.accepted.accepted_at if order == "acceptance" else meta.occurred_at
    name = _label(shown, line, names).partition("\N{NO-BREAK SPACE}:")[0]
    is_voided = line is not None and line["voided_by"] is not None
    return Listed(step.number, name, meta.network, moment, summary(shown), is_voided)


def summary(shown: ShownStep) -> str:
    """Sum up what an event changed in a few words."""
    step = shown.step
    said = [*_columns_of_pathway(step.changes), *_counted(step.changes)]
    if step.raised:
        said.append(f"{len(step.raised)} signalement{'s' * (len(step.raised) > 1)}")
    if step.cleared:
        said.append(f"{len(step.cleared)} signalement{'s' * (len(step.cleared) > 1)} de moins")
    if not said and any(map(_changed, step.changes)):
        return wording.model("pathway")
    if not said:
        return "un changement qui ne vous est pas montré" if shown.hides else "ne change rien"
    more = len(said) - _SUMMED_UP
    text = ", ".join(said[:_SUMMED_UP])
    return words.typed(f"{text} et {more} autre{'s' * (more > 1)}" if more > 0 else text)


def _columns_of_pathway(changes: Sequence[RowChange]) -> Iterator[str]:
    for change in changes:
        if change.model == "pathway":
            for each in change.columns():
                if each.column in {"phase", "referent_adviser"}:
                    yield wording.column(each.column)


def _counted(changes: Sequence[RowChange]) -> Iterator[str]:
    counts = Counter((each.model, each.kind) for each in changes if each.model != "pathway")
    for (model, kind), count in counts.items():
        one, several = _KINDS[kind]
        yield f"{wording.model(model)} ({words.count(count, one, several)})"


def shown_of(shown: ShownStep, line: TableRow | None, names: Names) -> Shown:
    """Say one step in whole."""
    step = shown.step
    meta, row = step.accepted.event.meta, step.pathway
    phase = row["phase"] if row else None
    return Shown(
        step.number,
        meta.event_id,
        _label(shown, line, names),
        meta.network,
        phrasing.who(meta.network, meta.actor_id, meta.organisation, names),
        names.at(meta.site) if meta.site else None,
        meta.occurred_at,
        meta.recorded_at,
        step.accepted.accepted_at,
        step.accepted.position,
        line is not None and line["voided_by"] is not None,
        tuple(each for change in step.changes if (each := _changed(change, names)) is not None),
        tuple(phrasing.rule(row, names) for row in step.raised),
        tuple(phrasing.rule(row, names) for row in step.cleared),
        shown.hides,
        words.capital(words.typed(labels.phase(phase))) if phase else "Aucune",
        _referent(row, names),
    )


def _referent(row: TableRow | None, names: Names) -> str:
    if row is None or row["referent_adviser"] is None:
        return "Aucun"
    network = row["referent_network"]
    return f"{names.adviser_and_code(network, row['referent_adviser'])}, {labels.network(network)}"


def _changed(change: RowChange, names: Names = UNNAMED) -> Changed | None:
    row = change.after or change.before or {}
    lines = tuple(_lines(change, row, names))
    if change.model == "pathway" and not lines:
        return None
    word, kind = _WORDS[change.kind]
    if not lines and change.kind == "changed":
        word, kind = "redit à l’identique", "neutral"
    return Changed(phrasing.titled(change.model, row, names), word, kind, lines)


def _lines(change: RowChange, row: TableRow, names: Names) -> Iterator[Line]:
    for column, before, after in change.columns():
        told = after if after is not None else before
        if phrasing.is_told(change.model, column, told):
            values = [
                None if each is None else phrasing.said(change.model, column, each, beside, names)
                for each, beside in ((before, change.before or row), (after, row))
            ]
            yield Line(phrasing.term(column), *values)
