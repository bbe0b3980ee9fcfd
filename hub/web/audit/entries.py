"""Entries of the access log in words: who looked, at whom, why, and what they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from hub.access.recording import Kind
from hub.api.queries.accesslog import People
from hub.domain import access
from hub.domain.access import Sight
from hub.ledger.accessqueries import Alarm, Logged
from hub.projections import labels
from hub.web import readers, words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "read": "Consultation d’un parcours",
        "list": "Liste de personnes",
        "search": "Recherche",
        "look_up": "Vérification avant une prise en charge",
        "follow": "Suivi des changements",
        "break_glass": "Motif indiqué pour consulter",
        "report": "Relevé complet pour la personne",
        "access_log": "Consultation du journal",
        "decide": "Décision sur des dossiers",
        "release": "Levée d’une suspension",
        "purge": "Suppression d’anciens mois du journal",
        "quarantine": "Consultation d’un enregistrement en quarantaine",
    }
)
"""What was asked for."""
OUTCOMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "shown": ("accepté", "neutral"),
        "refused": ("refusé", "warning"),
        "slowed": ("ralenti", "warning"),
        "stopped": ("suspendu", "error"),
    }
)
"""What came of it, and how it looks."""
GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "referent": "référent de la personne",
        "delegation": "délégation d’accompagnement",
        "expertise": "appui",
        "diagnosis": "diagnostic",
        "site": "responsable du site",
        "break_glass": "motif indiqué",
        "audit": "contrôle",
        "data_protection": "protection des données",
        "command_line": "administration de la machine",
    }
)
"""Why they were allowed to."""
SIGHTS: Mapping[int, str] = MappingProxyType(
    {Sight.FULL: "tout", Sight.WITHOUT_HEALTH: "sans les données de santé", Sight.NOTHING: "rien du parcours"}
)
"""What was shown."""
_MOST_PEOPLE = 5
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


class Person(NamedTuple):
    """Somebody in an entry: `number` stands for them in a list; `path` is None of someone who is not here any more."""

    path: str | None
    sight: str
    ground: str | None


class Said(NamedTuple):
    """An entry of the log; `reader` is its reader's id, after the name where one is known."""

    entry_id: int
    at: datetime
    reader: str
    who: str
    organisation: str | None
    kind: str
    outcome: str
    outcome_kind: str
    reason: str | None
    text: str | None
    people: tuple[Person, ...]
    more_people: int
    ground: str | None
    sight: str


class Repeated(NamedTuple):
    """Entries of a day that differ in nothing but their time: the latest, how many, and when the first was."""

    entry: Said
    times: int
    since: datetime


class Day(NamedTuple):
    """The entries of a day in France."""

    day: date
    entries: tuple[Repeated, ...]


def said(entry: Logged, people: People | None = None, text: str | None = None, names: Names = UNNAMED) -> Said:
    """Say an entry; of its people, those whose ids are given in `people`; `text` is its reason, opened."""
    best = max(entry.people, key=lambda row: row.sight, default=None)
    shown: dict[object, Person] = {}
    for row in entry.people if people is not None else ():
        person_id = people.id_of.get(people.no_of.get(row.subject_ref, 0)) if people else None
        path = None if person_id is None else f"/parcours/{person_id}"
        shown[person_id or row.person] = Person(path, SIGHTS[row.sight], _ground(row.ground))
    outcome, kind = OUTCOMES.get(entry.outcome, (entry.outcome, "neutral"))
    named = list(shown.values())
    return Said(
        entry.entry_id,
        entry.at,
        names.reader(entry.reader_id),
        who(entry),
        _organisation(entry.organisation),
        KINDS.get(entry.kind, "Autre opération"),  # type: ignore[call-overload]
        outcome,
        kind,
        reason(entry.code),
        text,
        tuple(named[:_MOST_PEOPLE]),
        max(0, len(named) - _MOST_PEOPLE),
        _ground(best.ground) if best else None,
        SIGHTS[best.sight if best else Sight.NOTHING],
    )


def _organisation(organisation: str | None) -> str | None:
    return None if organisation is None else phrases.organisation(organisation)


def _ground(code: str | None) -> str | None:
    return None if code is None else GROUNDS.get(code, "autre")


def reason(code: str | None) -> str | None:
    """Say the code of a stated reason; that of a purge is a month, that of quarantine a number."""
    if code is not None and code.isdecimal():
        return f"n°{words.NBSP}{code}"
    return None if code is None else words.typed(access.REASONS.get(code, code))  # type: ignore[call-overload]


def who(entry: Logged) -> str:
    """Say in which role somebody asked, and of which network."""
    if entry.reader_id.startswith("cli:"):
        return "Administration de la machine"
    roles = ", ".join(readers.WORDS[role] for role in access.ROLES if role in entry.roles) or "sans rôle"
    return words.capital(f"{roles}, {labels.network(entry.network)}" if entry.network else roles)


def by_day(entries: Sequence[Said]) -> tuple[Day, ...]:
    """Group entries, newest first, by the day in France; what was done again stands once."""
    days = groupby(entries, key=lambda each: words.in_france(each.at))
    return tuple(Day(day, tuple(_repeated(of_day))) for day, of_day in days)


def _repeated(entries: Iterable[Said]) -> Iterator[Repeated]:
    alike: dict[Said, list[Said]] = {}
    for each in entries:
        alike.setdefault(each._replace(entry_id=0, at=_ANY_TIME), []).append(each)
    for found in alike.values():
        yield Repeated(found[0], len(found), found[-1].at)


class Alarmed(NamedTuple):
    """A reader who was stopped, and who let them read again."""

    alarm_no: int
    raised_at: datetime
    reader: str
    asked_for: str
    released_at: datetime | None
    released_by: str | None


def alarmed(alarm: Alarm, names: Names = UNNAMED) -> Alarmed:
    """Say an alarm."""
    whose = "accompagnées" if alarm.counted == "own" else "non accompagnées"
    asked_for = f"{words.count(alarm.people, 'personne', 'personnes')} {whose} en un jour, {alarm.most} permises"
    by = None if alarm.released_by is None else names.reader(alarm.released_by)
    return Alarmed(alarm.alarm_no, alarm.raised_at, names.reader(alarm.reader_id), asked_for, alarm.released_at, by)
