"""The frieze: everything that happened to a person in order, France Travail on the left, Cap emploi on the right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from hub.audit.moments import paris
from hub.cli.moments import day_text
from hub.cli.spans import Gutter, spans
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.projections.view import View

LANES = {FRANCE_TRAVAIL: "left", CAP_EMPLOI: "right"}
STYLES = {"left": "blue", "right": "magenta", "both": "green"}
_DATE_WIDTH = 6
_UNBROKEN = re.compile(r"(?<=«) | (?=[:;!?»])")
# rich breaks lines at no-break spaces too; this character is nobody's, and takes one column.
_GLUE = "\ue000"
_LEGEND = "      ┊ délégation proposée ou appui attendu   ┃ délégation en cours"


@dataclass(slots=True)
class Entry:
    """One event of the frieze: when, in which lane, what happened, and what is to be said about it."""

    event_id: str
    moment: datetime
    lane: str
    text: Text
    notes: list[Text] = field(default_factory=list)
    is_routine: bool = False
    """An update without anything to say: several in a row are shown as one."""


def entry(line: dict[str, Any], notes: Sequence[Text]) -> Entry:
    """Make the entry of a timeline row."""
    lane = LANES.get(line["network"], "both")
    name, has_detail, detail = line["label"].partition(" : ")
    text = Text(name, style="bold")
    if has_detail:
        text = Text.assemble(text, (f" : {detail}", "not bold"))
    if line["voided_by"] is not None:
        text = Text.assemble((line["label"], "strike dim"), (" (annulé)", "dim"))
    routine = line["event_type"] == "CaseUpdated" and not notes and line["voided_by"] is None
    return Entry(line["event_id"], line["occurred_at"], lane, text, list(notes), routine)


class Frieze:
    """The entries, drawn for the width of the console; `until` is the day that it shows, under `until_text`."""

    def __init__(self, view: View, entries: Sequence[Entry], until: datetime, until_text: str) -> None:
        self._view = view
        self._entries = list(_together(entries))
        self._until = until
        self._until_text = until_text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        places = {each.event_id: place for place, each in enumerate(self._entries)}
        drawing = _Drawing(console, options.max_width, Gutter(spans(self._view, places)))
        for text in drawing.lines(self._entries, self._until, self._until_text):
            text.rstrip()
            yield from text.render(console)
            yield Segment.line()


def _together(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Join updates of one lane that follow each other."""
    run: list[Entry] = []
    for each in (*entries, None):
        if run and (
            each is None or not each.is_routine or each.lane != run[0].lane or each.text.plain != run[0].text.plain
        ):
            yield _joined(run)
            run = []
        if each is not None and each.is_routine:
            run.append(each)
        elif each is not None:
            yield each


def _joined(run: list[Entry]) -> Entry:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    text = Text.assemble(first.text, (f" (× {len(run)}, jusqu'au {day_text(last.moment)})", "not bold dim"))
    return Entry(first.event_id, first.moment, first.lane, text)


class _Drawing:
    def __init__(self, console: Console, width: int, gutter: Gutter) -> None:
        self._console = console
        self._gutter = gutter
        self._lane = max(16, (width - _DATE_WIDTH - gutter.width) // 2)
        self._width = _DATE_WIDTH + 2 * self._lane + gutter.width

    def lines(self, entries: Sequence[Entry], until: datetime, until_text: str) -> Iterator[Text]:
        yield self._row(Text(), self._name(FRANCE_TRAVAIL), Text(" " * self._gutter.width), self._name(CAP_EMPLOI))
        if self._gutter.has_lines:
            yield Text(_LEGEND, style="dim", justify="center")
        year, day = None, None
        for place, each in enumerate(entries):
            there = each.moment.astimezone(paris())
            if there.year != year:
                yield self._rule(str(there.year), place - 1)
                year, day = there.year, None
            shown = "" if there.date() == day else f"{there:%d/%m}"
            day = there.date()
            yield from self._entry(each, place, Text(shown, style="dim"))
        yield self._rule(f"{until_text} {day_text(until)}", len(entries) - 1)

    def _name(self, network: str) -> Text:
        return Text(labels.network(network).upper(), style=f"bold {STYLES[LANES[network]]}")

    def _rule(self, title: str, place: int) -> Text:
        gutter = self._gutter.below(place)
        left = Text(f"{title} ", style="bold").append("─" * (_DATE_WIDTH + self._lane - len(title) - 1), style="dim")
        between = Text.assemble(*((cell if cell != " " else "─", "dim") for cell in gutter.plain))
        return Text.assemble(left, between, ("─" * self._lane, "dim"))

    def _entry(self, each: Entry, place: int, date: Text) -> Iterator[Text]:
        gutter, is_step = self._gutter.at(place, each.lane)
        if each.lane == "both":
            yield from self._across(each, place, date)
            return
        bullet = Text("● ", style=STYLES[each.lane])
        written = self._wrapped(each.text, 4 if is_step else 2)
        for number, line in enumerate((*written, *(note for text in each.notes for note in self._wrapped(text, 2)))):
            first = number == 0
            content = Text.assemble(bullet if first else Text("  "), line)
            between = gutter if first else self._gutter.below(place)
            if each.lane == "right":
                yield self._row(date if first else Text(), Text(), between, content)
                continue
            if first and is_step:
                style = gutter.get_style_at_offset(self._console, 0)
                content = Text.assemble(content, " ", ("─" * (self._lane - content.cell_len - 1), style))
            yield self._row(date if first else Text(), content, between, Text())

    def _across(self, each: Entry, place: int, date: Text) -> Iterator[Text]:
        width = self._width - _DATE_WIDTH - 2
        for number, line in enumerate(
            wrapped for text in (each.text, *each.notes) for wrapped in text.wrap(self._console, width)
        ):
            bullet = Text("◆ " if number == 0 else "  ", style=STYLES["both"])
            yield Text.assemble(_padded(date if number == 0 else Text(), _DATE_WIDTH), bullet, line)

    def _wrapped(self, text: Text, reserved: int) -> list[Text]:
        return wrapped(self._console, text, self._lane - reserved - 1)

    def _row(self, date: Text, left: Text, between: Text, right: Text) -> Text:
        return Text.assemble(_padded(date, _DATE_WIDTH), _padded(left, self._lane), between, right)


def wrapped(console: Console, text: Text, width: int) -> list[Text]:
    """Wrap a French text: no line begins with a sign that has a space before it, such as a colon."""
    glued = text.copy()
    glued.plain = _UNBROKEN.sub(_GLUE, text.plain)
    lines = list(glued.wrap(console, width))
    for line in lines:
        line.plain = line.plain.replace(_GLUE, " ")
        line.rstrip()
    return lines


def _padded(text: Text, width: int) -> Text:
    return Text.assemble(text, " " * max(0, width - text.cell_len))
