"""What is open in a pathway, and what falls due: overdue first, each leading to where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from hub.audit.agenda import expected, open_rows
from hub.domain.codes import label
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels, wording
from hub.projections.facts import row_name
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts
from hub.web.pathway.undoing import Undone, undone_of
from hub.web.turns import YOURS, Turns, acting
from hub.web.words import in_france


class Open(NamedTuple):
    """Something open: its kind and state, more about it, since when; `name` says where it stands."""

    kind: str
    state: str
    detail: str
    since: datetime | None
    name: str


class Due(NamedTuple):
    """Something expected by a day; `lateness` in days, 0 while there is time; `by` says who is to act.

    `undone` are the answers that were voided: it is expected again.
    """

    due_on: date
    lateness: int
    what: str
    about: str
    name: str
    act: Act
    by: str
    undone: tuple[Undone, ...] = ()

    @property
    def is_mine(self) -> bool:
        """Tell whether it is the reader who is to act."""
        return self.by == YOURS


def open_things(view: View, today: date, names: Names = UNNAMED) -> list[Open]:
    """Give what is open, in the order of the agenda."""
    return [_open(model, row, today, names) for model, row in open_rows(view)]


def _open(model: str, row: TableRow, today: date, names: Names) -> Open:
    detail = _DETAILS[model](row, today, names) if model in _DETAILS else ""
    return Open(
        words.capital(words.typed(wording.model(model))),
        words.typed(labels.status(model, row["status"])),
        words.typed(detail),
        _since(model, row),
        row_name(model, row),
    )


def _since(model: str, row: TableRow) -> datetime | None:
    column = {"need": "identified_at", "service": "prescribed_at", "crossed_diagnosis": "opened_at"}.get(model)
    if model == "delegation":
        column = "accepted_at" if row["status"] == "active" else "proposed_at"
    if model == "expertise":
        column = "requested_at"
    since: datetime | None = row[column] if column else None
    return since


def _delegation(row: TableRow, today: date, _names: Names) -> str:
    end = row["planned_end"]
    until = "" if end is None else f"fin prévue le {words.day(end)}"
    late = phrases.late(end, today) if end is not None else 0
    passed = f"dépassée de {words.length(late)}" if late else ""
    ground = label("ground", row["ground"]) if row["ground"] else ""
    return ", ".join(part for part in (ground, until, passed) if part)


def _expertise(row: TableRow, _today: date, _names: Names) -> str:
    asked = wording.coded("expertise", "direction", row["direction"]) if row["direction"] else None
    topic = label("expertise_topic", row["topic"]) if row["topic"] else ""
    return ", ".join(part for part in (topic, asked or "") if part)


def _crossed(row: TableRow, _today: date, names: Names) -> str:
    columns = ("france_travail_adviser", "cap_emploi_adviser")
    advisers = [names.held(column, row[column], row) or "" for column in columns if row[column]]
    return f"conseillers {' et '.join(advisers)}" if advisers else ""


def _need(row: TableRow, _today: date, _names: Names) -> str:
    return label("need_phase", row["phase"]) if row["phase"] else ""


def _service(row: TableRow, _today: date, _names: Names) -> str:
    name = label("service", row["service"]) if row["service"] else ""
    end = f"jusqu'au {words.day(row['ends_on'])}" if row["ends_on"] else ""
    return ", ".join(part for part in (name, end) if part)


_DETAILS: Mapping[str, Callable[[TableRow, date, Names], str]] = MappingProxyType(
    {
        "delegation": _delegation,
        "expertise": _expertise,
        "crossed_diagnosis": _crossed,
        "need": _need,
        "service": _service,
    }
)


_ASKED: Mapping[str, str] = MappingProxyType({f"to_{network}": network for network in (FRANCE_TRAVAIL, CAP_EMPLOI)})
"""The network that a request for expertise goes to, by its direction."""


def due_things(view: View, acts: Acts, today: date, turns: Turns) -> list[Due]:
    """Give what is expected, by its day: what is overdue comes first of itself."""
    asked = {row_name("expertise", row): _ASKED.get(row["direction"]) for row in view.tables["expertise"]}
    return [
        Due(
            row["due_on"],
            phrases.late(row["due_on"], today),
            words.typed(labels.rule(row["rule"])),
            phrases.about(row["about"], acts.names),
            row["about"],
            acts.act(row["event_id"]),
            turns.say(acting(row["rule"], asked.get(row["about"]), turns.leading), row["about"]),
            tuple(undone_of(view, row["about"], acts)),
        )
        for row in expected(view)
    ]


def day_of(moment: datetime) -> date:
    """Give the day that counts for what is due at a moment."""
    return in_france(moment)
