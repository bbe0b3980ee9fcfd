"""The demo's readers: whom advisers looked at lately, for which reasons, and who was stopped for too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from hub.access.asking import Asked
from hub.access.grants import state_reason
from hub.access.guard import Guard
from hub.access.ties import caseload
from hub.cli.demotime import PRESENT
from hub.domain.access import Reader, Reason
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, NETWORKS
from hub.errors import Denied, ReadingSlowed, ReadingStopped
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.tables import Tables
from hub.wiring.accesslog import access_log
from hub.wiring.localissuer import busiest

if TYPE_CHECKING:
    from hub.cli.demotime import Clock
    from hub.wiring import Hub

ISSUER = "https://connexion.example"
_MOST = 100
"""Advisers of a network, and people of an adviser, among whom some are read."""
_DAYS, _SATURDAY, _READ_A_DAY = 7, 5, 3
_COLLEAGUE = 2
"""Who states a reason: the first adviser of a network as whom one cannot log in."""
_PATHWAY, _REASON = "GET /parcours/{person_id}", "POST /parcours/{person_id}/motif"
_STATED: dict[str, tuple[timedelta, Reason, str]] = {
    FRANCE_TRAVAIL: (
        timedelta(days=4, hours=-2),
        "replacement",
        "Remplacement pendant les congés : la personne attend une réponse avant vendredi.",
    ),
    CAP_EMPLOI: (
        timedelta(days=3, hours=-6),
        "person_request",
        "La personne est à l’accueil et demande où en est sa formation.",
    ),
}
"""For whom a colleague states a reason, of each network: how long before the present, its code and its words."""
_IN_BULK, _ASKED_IN_BULK, _EVERY = timedelta(days=1, hours=5), 32, timedelta(seconds=4)
"""In the night of a Sunday one account asks for one person after the other, whom it does not accompany."""


class Told(NamedTuple):
    """What the access log holds of it: readings shown, reasons stated, and how many readers were stopped."""

    shown: int
    reasons: int
    stopped: int


class _Reading(NamedTuple):
    """Who reads whom, when, and the code and words of the reason that they state first, if any."""

    at: datetime
    adviser: _Adviser
    person: str
    stated: tuple[Reason, str] | None = None


class _Adviser(NamedTuple):
    """Someone who logs in, the ids of people whom they accompany, and of those of them whose referent they are."""

    reader: Reader
    people: Sequence[str]
    referred: Sequence[str]


def read_lately(hub: Hub, clock: Clock, seed: int) -> Told:
    """Let advisers read their people day by day, two state a reason, and an account be stopped for reading in bulk.

    The clock is set back for it, and to the present again.
    """
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        of = {network: _advisers(hub, connection, tables, network) for network in NETWORKS}
    guard = Guard(hub.store, access_log(hub), clock)
    draw = Random(f"{seed}:readers")  # noqa: S311 nothing secret comes from it
    try:
        planned = list(_usual([each for advisers in of.values() for each in advisers], draw))
        reasons = [each for network in NETWORKS for each in _for_a_reason(of[network], *_STATED[network])]
        shown = sum(_read(guard, clock, each) for each in sorted(planned + reasons, key=lambda each: each.at))
        stopped = _in_bulk(guard, clock, of[FRANCE_TRAVAIL], of[CAP_EMPLOI])
    finally:
        clock.moment = PRESENT
    return Told(shown, len(reasons), int(stopped))


def _advisers(hub: Hub, connection: Connection, tables: Tables, network: str) -> list[_Adviser]:
    """Give a network's advisers, those first who accompany most people: the first are those as whom one logs in."""
    pathway = tables.models["pathway"].c
    columns = (pathway.pathway_no, pathway.person_id, pathway.referent_adviser)
    rows = {number: (person, adviser) for number, person, adviser in connection.execute(select(*columns))}
    found = []
    for adviser, _ in busiest(hub, network, _MOST):
        reader = Reader(f"{ISSUER}|{adviser}", frozenset({"adviser"}), network, adviser)
        numbers = caseload(connection, tables, reader, _first_day(), after=None, limit=_MOST)
        people = [rows[number] for number in numbers]
        referred = [person for person, referent in people if referent == adviser]
        found.append(_Adviser(reader, [person for person, _ in people], referred))
    return found


def _first_day() -> date:
    """Give the first of the days on which people are read: whoever is accompanied then may be read on all of them."""
    return (PRESENT - timedelta(days=_DAYS)).date()


def _usual(advisers: Sequence[_Adviser], draw: Random) -> Iterator[_Reading]:
    """Let each adviser read a few of their people on each working day."""
    midnights = [PRESENT.replace(hour=0) - timedelta(days=_DAYS - number) for number in range(_DAYS)]
    for midnight in midnights:
        for adviser in advisers if midnight.weekday() < _SATURDAY else ():
            for person in draw.sample(adviser.people, min(draw.randrange(_READ_A_DAY), len(adviser.people))):
                yield _Reading(midnight + timedelta(seconds=draw.randrange(7 * 3_600, 17 * 3_600)), adviser, person)


def _for_a_reason(advisers: Sequence[_Adviser], ago: timedelta, code: Reason, text: str) -> Iterator[_Reading]:
    """Let a colleague state a reason for one of those whose referent the first adviser is."""
    if len(advisers) > _COLLEAGUE:
        theirs = set(advisers[_COLLEAGUE].people)
        person = next((each for each in advisers[0].referred if each not in theirs), None)
        if person is not None:
            yield _Reading(PRESENT - ago, advisers[_COLLEAGUE], person, (code, text))


def _in_bulk(guard: Guard, clock: Clock, advisers: Sequence[_Adviser], others: Sequence[_Adviser]) -> bool:
    """Let one account ask for the other network's people until it is stopped; tell whether it was."""
    if not advisers:
        return False
    thief = advisers[len(advisers) // 2]
    people = list(dict.fromkeys(person for each in others for person in each.people if person not in thief.people))
    for number, person in enumerate(people[:_ASKED_IN_BULK]):
        try:
            _read(guard, clock, _Reading(PRESENT - _IN_BULK + number * _EVERY, thief, person))
        except ReadingStopped:
            return True
    return False


def _read(guard: Guard, clock: Clock, planned: _Reading) -> bool:
    """Let an adviser ask for a person; tell whether they were shown.

    Raises:
        ReadingStopped: the adviser asked for too many.
    """
    clock.moment = planned.at
    try:
        if planned.stated is not None:
            with guard.reading(Asked(planned.adviser.reader, _REASON)) as look:
                state_reason(look, planned.person, *planned.stated)
        with guard.reading(Asked(planned.adviser.reader, _PATHWAY)) as look:
            look.person(planned.person)
    except (Denied, ReadingSlowed):
        return False
    return True
