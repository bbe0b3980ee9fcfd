"""What the frieze says under an event: what does not fit or is contradicted, what is due, texts and coded values.

Sensitive values are read from the state: a sight without health has none of them there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Final, Literal, NamedTuple

from hub.domain.pathway.pathway import Pathway
from hub.projections import free_texts, labels, remarks
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.days import is_meant
from hub.web.naming.names import Names
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts
from hub.web.pathway.undoing import undone_of
from hub.web.words import NBSP, typed

Kind = Literal["anomaly", "contradiction", "rereferral", "late", "due", "done", "value", "text"]
FLAGS: Final[frozenset[Kind]] = frozenset({"anomaly", "contradiction", "rereferral", "late"})
"""The kinds that ask for somebody's attention."""
_LONGEST: Final = 280
"""Characters of a free text shown in the list; the event's own page has the whole."""
_MOST_CHECKPOINTS: Final = 8


class Note(NamedTuple):
    """A line under an event: the hub's own words, and what a person wrote; `is_cut` when more was written."""

    kind: Kind
    text: str
    quote: str = ""
    is_cut: bool = False


def notes_of(view: View, today: date, names: Names) -> dict[str, list[Note]]:
    """Give the notes of a view by event."""
    found: defaultdict[str, list[Note]] = defaultdict(list)
    flags = (_re_referrals(view), _anomalies(view, names), _contradictions(view))
    said = (_checkpoints(view, today), _expected(view, today), _values(view.state), _free_texts(view))
    for event_id, note in chain(*flags, *said):
        found[event_id].append(note)
    return dict(found)


def _re_referrals(view: View) -> Iterator[tuple[str, Note]]:
    for row in view.tables["re_referral"]:
        yield row["event_id"], Note("rereferral", typed(remarks.re_referral(row)))


def _anomalies(view: View, names: Names) -> Iterator[tuple[str, Note]]:
    for row in view.tables["alert"]:
        if row["kind"] == "anomaly":
            yield row["event_id"], Note("anomaly", phrases.rule(row, names))


def _contradictions(view: View) -> Iterator[tuple[str, Note]]:
    for row in view.tables["contradiction"]:
        one, other = (_claimed(row["fact"], row[column]) for column in ("france_travail_value", "cap_emploi_value"))
        text = f"Contradiction à arbitrer, {labels.fact(row['fact'])}{NBSP}:"
        quote = f"«{NBSP}{one}{NBSP}» selon France Travail, «{NBSP}{other}{NBSP}» selon Cap emploi"
        yield row["event_id"], Note("contradiction", typed(text), quote)


def _claimed(fact: str, value: str) -> str:
    return _excerpt(phrases.claimed(fact, value))


def _checkpoints(view: View, today: date) -> Iterator[tuple[str, Note]]:
    """Say under the event that announced the points of a follow-up what became of each."""
    acts = Acts(view.timeline)
    announced: defaultdict[str, list[TableRow]] = defaultdict(list)
    for row in view.tables["follow_up"]:
        if event_of(row, "recorded_at") != row["event_id"] or row["recorded_at"] is None:
            announced[row["event_id"]].append(row)
    for event_id, rows in announced.items():
        rows.sort(key=lambda row: row["due_on"])
        for row in rows[:_MOST_CHECKPOINTS]:
            yield event_id, _checkpoint(view, acts, row, today)
        if len(rows) > _MOST_CHECKPOINTS:
            yield (
                event_id,
                Note("value", f"et {words.count(len(rows) - _MOST_CHECKPOINTS, 'autre point', 'autres points')}"),
            )


def _checkpoint(view: View, acts: Acts, row: TableRow, today: date) -> Note:
    day = f"Point du {words.day(row['due_on'])}{NBSP}:"
    if row["status"] == "awaited":
        again = _again(view, acts, f"follow_up:{row['placement_id']}:{row['due_on']}")
        if row["due_on"] < today:
            return Note("late", f"{day} à faire, {_late(row['due_on'], today)}{again}")
        return Note("due", f"{day} à faire{again}")
    return Note("done" if row["status"] == "held" else "value", f"{day} {labels.status('follow_up', row['status'])}")


def _again(view: View, acts: Acts, about: str) -> str:
    """Say why something is expected again, empty where it was never answered."""
    return "".join(f"{NBSP}; {each.said}" for each in undone_of(view, about, acts))


def _expected(view: View, today: date) -> Iterator[tuple[str, Note]]:
    """Say what is expected because of an event; the points of a follow-up are said one by one."""
    acts = Acts(view.timeline)
    for row in view.tables["alert"]:
        if row["kind"] == "alert" and row["rule"] != "follow_up_due":
            day = row["due_on"]
            is_late = day < today
            when = _late(day, today) if is_late else f"pour le {words.day(day)}"
            said = f"{typed(labels.rule(row['rule']))}, {when}{_again(view, acts, row['about'])}"
            yield row["event_id"], Note("late" if is_late else "due", said)


def _late(due: date, today: date) -> str:
    return f"en retard de {words.length((today - due).days)}" if is_meant(due) else f"attendu le {words.day(due)}"


def _values(state: Pathway) -> Iterator[tuple[str, Note]]:
    for remark in remarks.remarks(state):
        yield remark.event_id, Note("value", typed(f"{words.capital(remark.name)} : {remark.said}"))


def _free_texts(view: View) -> Iterator[tuple[str, Note]]:
    for each in free_texts.free_texts(view.state):
        name = free_texts.WORDS[each.field].capitalize()
        yield each.event_id, Note("text", f"{name}{NBSP}:", _excerpt(each.text), len(each.text) > _LONGEST)


def _excerpt(text: str) -> str:
    """Give the beginning of a text that a person wrote, on one line."""
    flat = " ".join(text[: 4 * _LONGEST].split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST].rstrip()}…"
