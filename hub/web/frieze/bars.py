"""What lasts below the lanes: employment and its follow-up, retention, services, needs, plans and titles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple

from hub.domain.codes import label
from hub.projections import labels
from hub.projections.view import TableRow, View
from hub.web.frieze.phases import start_of
from hub.web.pathway.acts import Acts
from hub.web.pathway.undoing import undone_of
from hub.web.words import FOREVER, day, typed

State = Literal["done", "due", "late", "lapsed", "step"]


class Point(NamedTuple):
    """Something of a bar that happened or falls due at a time."""

    moment: datetime
    state: State
    said: str


class Bar(NamedTuple):
    """Something that lasts: from `start` until `end`, None where it goes on; `is_planned` if it has yet to begin."""

    label: str
    said: str
    start: datetime
    end: datetime | None
    points: tuple[Point, ...] = ()


class Group(NamedTuple):
    """The bars of one kind, by their beginning."""

    name: str
    bars: tuple[Bar, ...]


def groups_of(view: View, today: date) -> list[Group]:
    """Give what lasts, kind by kind; of what there is none, no group."""
    made: Mapping[str, Callable[[View, date], Iterator[Bar]]] = {
        "Emploi": _employment,
        "Maintien, CEP": _retention,
        "Prestations": _services,
        "Besoins": _needs,
        "Plan d’action": _plans,
        "Titre BOE": _titles,
    }
    groups = (
        Group(name, tuple(sorted(bars(view, today), key=lambda bar: (bar.start, bar.label))))
        for name, bars in made.items()
    )
    return [group for group in groups if group.bars]


def _bar(name: str, start: datetime, end: datetime | None, said: str = "", points: tuple[Point, ...] = ()) -> Bar:
    last = max(start, end) if end else None
    until = f" au {day(last)}" if last else ""
    when = f"{'du' if last else 'depuis le'} {day(start)}{until}"
    return Bar(typed(name), typed(f"{name}, {when}{said}"), start, last, points)


def _employment(view: View, today: date) -> Iterator[Bar]:
    acts = Acts(view.timeline)
    points: defaultdict[tuple[str | None, date | None], list[Point]] = defaultdict(list)
    for row in view.tables["follow_up"]:
        points[row["siret"], row["starts_on"]].append(_checkpoint(view, acts, row, today))
    for row in view.tables["placement"]:
        own = points.pop((row["siret"], row["starts_on"]), [])
        name = label("contract", row["contract"]) if row["contract"] else "emploi"
        end = start_of(row["ends_on"]) if row["ends_on"] else None
        yield _bar(name, start_of(row["starts_on"]), end, _followed(own), tuple(own))
    for strays in points.values():
        first, last = min(point.moment for point in strays), max(point.moment for point in strays)
        yield _bar("suivi durable", first, last, _followed(strays), tuple(strays))


def _checkpoint(view: View, acts: Acts, row: TableRow, today: date) -> Point:
    state: State = {"held": "done", "lapsed": "lapsed"}.get(row["status"], "due")  # type: ignore[assignment]
    if state == "due" and row["due_on"] < today:
        state = "late"
    said = labels.status("follow_up", row["status"]) + (", en retard" if state == "late" else "")
    if row["status"] == "awaited":
        about = f"follow_up:{row['placement_id']}:{row['due_on']}"
        said += "".join(f", {each.said}" for each in undone_of(view, about, acts))
    return Point(start_of(row["due_on"]), state, f"point de suivi du {day(row['due_on'])} {said}")


def _followed(points: list[Point]) -> str:
    return "".join(f" ; {point.said}" for point in sorted(points))


def _retention(view: View, _today: date) -> Iterator[Bar]:
    for row in view.tables["retention"]:
        start = row["opened_at"] or row["concluded_at"]
        outcome = f", issue : {label('retention_outcome', row['outcome'])}" if row["outcome"] else ""
        yield _bar("maintien dans l'emploi", start, row["concluded_at"], outcome)
    for row in view.tables["transition"]:
        yield _bar("transition", row["started_at"], row["started_at"])
    for row in view.tables["cep"]:
        start = row["opened_at"] or row["concluded_at"]
        yield _bar("CEP", start, row["concluded_at"])


def _services(view: View, _today: date) -> Iterator[Bar]:
    for row in view.tables["service"]:
        stopped = row["completed_at"] or row["abandoned_at"]
        start = start_of(row["starts_on"]) if row["starts_on"] else row["prescribed_at"] or stopped
        ended = row["ended_on"] or (row["ends_on"] if stopped is None else None)
        end = start_of(ended) if ended else stopped
        name = label("service", row["service"]) if row["service"] else "prestation"
        if start is not None:
            yield _bar(name, start, end, f", {labels.status('service', row['status'])}")


def _needs(view: View, _today: date) -> Iterator[Bar]:
    points: defaultdict[str, list[Point]] = defaultdict(list)
    for row in view.tables["need_version"]:
        points[row["need_id"]].append(
            Point(row["stated_at"], "step", f"version {row['version']} le {day(row['stated_at'])}")
        )
    for row in view.tables["need_measure"]:
        points[row["need_id"]].append(Point(row["implemented_at"], "done", f"mesure le {day(row['implemented_at'])}"))
    for row in view.tables["need"]:
        own = points[row["need_id"]]
        moments = [point.moment for point in own]
        name = label("need_phase", row["phase"]) if row["phase"] else "besoin"
        if moments:
            said = f", {labels.status('need', row['status'])}{_followed(own)}"
            yield _bar(name, min(moments), row["closed_at"], said, tuple(own))


def _plans(view: View, _today: date) -> Iterator[Bar]:
    for row in view.tables["plan"]:
        joint = ", commun aux deux réseaux" if row["joint"] else ""
        yield _bar(f"version {row['plan_version']}", row["agreed_at"], row["replaced_at"], joint)


def _titles(view: View, _today: date) -> Iterator[Bar]:
    for row in view.tables["title"]:
        end = row["valid_to"]
        until = start_of(end) if end is not None and end.year < FOREVER else None
        yield _bar(label("title", row["title"]), start_of(row["valid_from"]), until)
