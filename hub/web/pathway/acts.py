"""Things of a pathway told act by act: each fact stands under the event that set it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, overload

from hub.projections import labels, wording
from hub.projections.facts import event_of
from hub.projections.free_texts import WORDS, FreeText
from hub.projections.view import TableRow
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases

LONGEST_TEXT = 400
"""Characters of a text that a list shows; the event's own page shows all of it."""
_BESIDE = frozenset({"event_id", "events", "status"})
_UNKNOWN = datetime.max.replace(tzinfo=UTC)


class Act(NamedTuple):
    """An event as what it set names it; `moment` is None for one that stands in no timeline: a decision about two."""

    event_id: str
    title: str
    network: str | None
    moment: datetime | None


class Line(NamedTuple):
    """A term and its value in words."""

    term: str
    value: str


class Passage(NamedTuple):
    """A text in an adviser's words, and whether it goes on."""

    term: str
    text: str
    is_cut: bool


class Step(NamedTuple):
    """An event and what it set of a thing."""

    act: Act
    lines: Sequence[Line] = ()
    passages: tuple[Passage, ...] = ()


class Badge(NamedTuple):
    """A state in words, and how it looks."""

    text: str
    kind: str = "neutral"


class Item(NamedTuple):
    """One thing of the pathway: `names` are those under which alerts and open things name it, `fact` the row's name."""

    names: tuple[str, ...]
    title: str
    badge: Badge | None
    steps: tuple[Step, ...]
    fact: str = ""
    anomalies: tuple[str, ...] = ()
    table: Any = None

    @property
    def last(self) -> datetime:
        """When something was last set of it: what is still unknown comes first in a list of the latest."""
        return max((step.act.moment or _UNKNOWN for step in self.steps), default=_UNKNOWN)


class Acts:
    """The events of a view by id, with the texts that stand in them, and what advisers and sites are called."""

    def __init__(self, timeline: Iterable[TableRow], texts: Iterable[FreeText] = (), names: Names = UNNAMED) -> None:
        self.names = names
        self._by_id = {line["event_id"]: _act(line) for line in timeline}
        self._texts: dict[str, list[Passage]] = defaultdict(list)
        for each in texts:
            self._texts[each.event_id].append(passage(WORDS[each.field], each.text))

    def act(self, event_id: str) -> Act:
        """Give an event by its id."""
        return self._by_id.get(event_id) or Act(event_id, "Décision", None, None)

    def knows(self, event_id: str) -> bool:
        """Tell whether an event stands in the timeline."""
        return event_id in self._by_id

    def passages(self, event_id: str) -> tuple[Passage, ...]:
        """Give the texts of an event."""
        return tuple(self._texts.get(event_id, ()))

    def steps(
        self, model: str, row: TableRow, hidden: frozenset[str] = frozenset(), *, with_texts: bool = True
    ) -> list[Step]:
        """Tell a row event by event, in their order; a moment that is the event's own is not repeated."""
        others: Mapping[str, str] = row.get("events", {})
        by = {row["event_id"], *(each for column, each in others.items() if row.get(column) is not None)}
        return in_order(
            Step(
                act := self.act(event_id),
                Told(self, act, model, row, hidden),
                self.passages(event_id) if with_texts else (),
            )
            for event_id in by
        )


class Told(Sequence[Line]):
    """What an event set of a row, put in words when it is read: of thousands of things a page shows a few."""

    def __init__(self, acts: Acts, act: Act, model: str, row: TableRow, hidden: frozenset[str]) -> None:
        self._of = acts, act, model, row, hidden

    @cached_property
    def _lines(self) -> tuple[Line, ...]:
        acts, act, model, row, hidden = self._of
        return tuple(
            Line(term(model, column), acts.names.held(column, held, row) or phrases.value(model, column, held))
            for column, held in row.items()
            if held is not None
            and column not in hidden
            and column not in _BESIDE
            and event_of(row, column) == act.event_id
            and held != act.moment
        )

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, index: int | slice) -> Line | tuple[Line, ...]:
        """Give a line, or some."""
        return self._lines[index]


def term(model: str, column: str) -> str:
    """Say what a column holds."""
    if (model, column) == ("title", "title"):
        return "titre"
    return words.typed(wording.column(column))


def passage(name: str, text: str) -> Passage:
    """Give a text as a list shows it."""
    return Passage(name, text[:LONGEST_TEXT], len(text) > LONGEST_TEXT)


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Put steps in the order of their events."""
    return sorted(steps, key=lambda step: (step.act.moment or _UNKNOWN, step.act.event_id))


def joined(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Join the steps of several rows of one thing: each event stands once."""
    by_event: dict[str, Step] = {}
    for step in steps:
        known = by_event.get(step.act.event_id)
        if known is None:
            by_event[step.act.event_id] = step
            continue
        more = tuple(line for line in step.lines if line not in known.lines)
        by_event[step.act.event_id] = known._replace(
            lines=(*known.lines, *more), passages=known.passages or step.passages
        )
    return tuple(in_order(by_event.values()))


def status(model: str, code: str, kinds: Mapping[str, str]) -> Badge:
    """Say the state of a row."""
    return Badge(words.typed(labels.status(model, code)), kinds.get(code, "neutral"))


def with_anomalies(items: Iterable[Item], anomalies: Sequence[TableRow]) -> Iterator[Item]:
    """Let things say what does not fit in them: the anomalies that one of their events shows, or that name them."""
    for each in items:
        events = {step.act.event_id for step in each.steps}
        found = (row["rule"] for row in anomalies if row["about"] in each.names or row["event_id"] in events)
        yield each._replace(anomalies=tuple(words.typed(labels.rule(rule)) for rule in dict.fromkeys(found)))


def _act(line: TableRow) -> Act:
    title = line["label"].partition(" : ")[0]
    return Act(line["event_id"], words.typed(title), line["network"], line["occurred_at"])
