"""The entries of the frieze: one for each event of the timeline, with all that the list says of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from hub.domain.codes import label
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels, wording
from hub.projections.facts import event_of
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import names as names_of
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.frieze.notes import FLAGS, Note, notes_of
from hub.web.frieze.themes import theme_of
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases
from hub.web.words import typed

Lane = Literal["ft", "ce", "both"]
LANES: Final[Mapping[str, Lane]] = {FRANCE_TRAVAIL: "ft", CAP_EMPLOI: "ce"}
_JOINT: Final = frozenset({"CrossedDiagnosisOpened", "CrossedDiagnosisConcluded"})
"""What concerns both networks, whichever states it."""
_UNTOLD: Final = frozenset(
    {"accompaniment", "alert", "contradiction", "pathway", "claim", "plan_action", "need", "placement", "re_referral"}
)
"""Read models whose facts another one says, or a note."""
_UNTOLD_COLUMNS: Final = frozenset(
    {"network", "status", "site", "adviser", "author", "until_date", "other_case", "periods", "joint", "actions"}
)
_HOUR: Final = "starts_at"
"""The one moment among the columns that is not when a network acted: its day stands in the line."""
_TOLD: Final = {
    model.name: [
        (column, typed(words.capital(wording.column(column))))
        for column in names_of(model.columns)
        if column not in _UNTOLD_COLUMNS and (column == _HOUR or not column.endswith("_at"))
    ]
    for model in PERSON_MODELS
    if model.name not in _UNTOLD
}
"""The columns that are told, by read model, each with its name in words."""
_LATE_DAYS: Final = 7
"""A fact recorded later than that after it happened is said to have been."""
_LONGEST_VALUE: Final = 160
_MOST_FIELDS: Final = 12


class Entry(NamedTuple):
    """One event: when, in which lane, what happened, by whom and where, and what is to be said about it.

    `place` counts the events of the pathway from 0 in canonical order; `day` is France's. What a sight hides is empty.
    """

    event_id: str
    event_type: str
    place: int
    moment: datetime
    day: date
    lane: Lane
    network: str
    theme: str
    title: str
    detail: str
    by: str
    notes: tuple[Note, ...]
    fields: tuple[tuple[str, str], ...]
    is_voided: bool

    @property
    def is_routine(self) -> bool:
        """Tell whether it is an update with nothing to say: several in a row are told as one."""
        return self.event_type == "CaseUpdated" and not self.notes and not self.is_voided

    @property
    def is_flagged(self) -> bool:
        """Tell whether something about it asks for attention."""
        return any(note.kind in FLAGS for note in self.notes)


def entries_of(view: View, lines: Sequence[TableRow], today: date, names: Names = UNNAMED) -> list[Entry]:
    """Make the entries of timeline rows, in their order."""
    notes = notes_of(view, today, names)
    fields = _fields(view, names)
    joint = {row["event_id"] for row in view.tables["plan"] if row["joint"]}
    return [
        _entry(line, place, joint, notes.get(line["event_id"], []), fields.get(line["event_id"], []), names)
        for place, line in enumerate(lines)
    ]


def _entry(
    line: TableRow, place: int, joint: set[str], notes: list[Note], fields: list[tuple[str, str]], names: Names
) -> Entry:
    kind, event_id = line["event_type"], line["event_id"]
    title, _, detail = names.in_label(typed(line["label"]), kind, line["network"]).partition(f"{words.NBSP}: ")
    is_joint = kind in _JOINT or event_id in joint
    return Entry(
        event_id,
        kind,
        place,
        line["occurred_at"],
        words.in_france(line["occurred_at"]),
        "both" if is_joint else LANES.get(line["network"], "both"),
        line["network"],
        theme_of(kind),
        title,
        detail,
        _by(line, names),
        tuple(notes),
        (*_about(line), *unsaid(fields, detail, notes)),
        line["voided_by"] is not None,
    )


def unsaid(fields: list[tuple[str, str]], detail: str, notes: list[Note]) -> list[tuple[str, str]]:
    """Leave out what the line itself or a note under it says already."""
    said = [detail, *(note.text for note in notes)]
    return [field for field in fields if not any(_is_said(*field, text) for text in said)][:_MOST_FIELDS]


def _is_said(name: str, value: str, text: str) -> bool:
    """Tell whether a text says a value in whole words; a number says nothing without what it is the number of."""
    if value not in text:
        return False
    whole = rf"{re.escape(name)}\s{value}" if value.isdecimal() else re.escape(value)
    return re.search(rf"(?<!\w){whole}(?!\w)", text, re.IGNORECASE) is not None


def _by(line: TableRow, names: Names) -> str:
    """Say which adviser stated it, where, and for which organisation."""
    is_own = line["organisation"] == line["network"]
    organisation = None if is_own else f"organisme {phrases.organisation(line['organisation'])}"
    by = names.said(line["network"], line["actor_id"])
    said = (by, names.at(line["site"]) if line["site"] else None, organisation)
    return ", ".join(part for part in said if part)


def _about(line: TableRow) -> Iterator[tuple[str, str]]:
    """Say when it was recorded, if that was another day."""
    occurred, recorded = line["occurred_at"], line["recorded_at"]
    if recorded != occurred and words.in_france(recorded) != words.in_france(occurred):
        late = (recorded - occurred).days
        yield "Enregistré le", words.day(recorded) + (f", {words.length(late)} plus tard" if late > _LATE_DAYS else "")


def _fields(view: View, names: Names) -> dict[str, list[tuple[str, str]]]:
    """Give what each event says that the read models keep, each value once, in French words."""
    found: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for row in view.tables["claim"]:
        fact = row["fact"]
        found[row["event_id"]][typed(words.capital(labels.fact(fact))), _text("claim", fact, row["value"])] = None
    for row in view.tables["plan_action"]:
        found[row["event_id"]][f"Action {row['position']}", _action(row)] = None
    texts: dict[tuple[str, str, Any], str] = {}
    for model, columns in _TOLD.items():
        for row in view.tables[model]:
            for column, name in columns:
                value = row[column]
                if value is None:
                    continue
                if column == _HOUR:
                    found[event_of(row, column)][name, words.clock(value)] = None
                    continue
                key = (model, column, value)  # most values are codes, each of which comes many times
                text = names.held(column, value, row) or texts.get(key)
                if text is None:
                    text = texts[key] = _text(*key)
                found[event_of(row, column)][name, text] = None
    return {event_id: list(said) for event_id, said in found.items()}


def _action(row: TableRow) -> str:
    title = row["title"] or (label("theme", row["theme"]) if row["theme"] else "")
    owner = labels.network(row["owner"]) if row["owner"] else ""
    due = f"pour le {words.day(row['due_on'])}" if row["due_on"] else ""
    return ", ".join(part for part in (_cut(title), owner, due) if part)


def _text(model: str, column: str, value: Any) -> str:
    return _cut(phrases.value(model, column, value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE].rstrip()}…"
