"""The hubs that the guide's pictures are taken of: the demo's region with two people more, and many delegations."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hub.access.ties import caseload
from hub.cli.demotime import PRESENT
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.telling import most_telling
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.localissuer import busiest
from tests.integration.hubs import take
from tests.integration.test_api_figures import delegated
from tests.unit.pathway.builders import OPS, event, registered

PEOPLE = 3_000
"""Enough for an adviser to have a day's work, and few enough for a region to be made in a minute or two."""
_DELEGATES = (
    *(("01053", 0.5), ("01283", 0.7), ("26281", 0.6), ("26362", 0.9), ("38185", 1.0), ("38421", 0.8)),
    *(("42218", 0.9), ("42187", 0.7), ("69123", 1.4), ("69266", 1.2), ("69244", 1.0), ("73065", 0.6), ("73011", 0.5)),
)
"""Sites, and how much each delegates."""
_QUARTERS = [datetime(2021, 10, 4, 8, tzinfo=UTC) + timedelta(days=91 * number) for number in range(5)]
_LATE = 28.0
"""Days that the slowest answers take."""


def make_region(folder: Path) -> dict[str, str]:
    """Make the demo's region where there is none; give the ids of those whom the pictures show, by name."""
    settings = Settings(data=folder)
    if not (folder / "hub.db").exists():
        command = [sys.executable, "-m", "hub.cli.app", "demo", "--people", str(PEOPLE), "--keep", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 our own program
        with Hub(settings, lambda: PRESENT) as hub:
            adviser, site = busiest(hub, FRANCE_TRAVAIL)[0]
            take(hub, list(_recent(adviser, site)))
    with Hub(settings, lambda: PRESENT) as hub, reading(hub.store) as connection:
        tables = generations.live(connection)
        reader = Reader("", frozenset({"adviser"}), FRANCE_TRAVAIL, busiest(hub, FRANCE_TRAVAIL)[0][0])
        people = caseload(connection, tables, reader, PRESENT.date(), after=None, limit=1_000)
        telling = most_telling(connection, tables, people)
    return {"telling": str(telling)}


def _recent(adviser: str, site: str | None) -> Iterator[Event]:
    """Give one person about whom the other network wrote lately, and one who may be known there already."""
    for each in (*_written_about(adviser, site), *_twin(adviser, site)):
        by = adviser if each.meta.network == FRANCE_TRAVAIL else "ce-69-02"
        yield each.model_copy(update={"meta": each.meta.model_copy(update={"actor_id": by})})


def _written_about(adviser: str, site: str | None) -> list[Event]:
    ft, ce = CaseKey(FRANCE_TRAVAIL, "", "00000000904"), CaseKey(CAP_EMPLOI, OPS, "CE-904")
    at: dict[str, Any] = {"site": site}
    who = {**at, "family_name": "Perrin", "given_name": "Nadia", "birth_date": "1984-06-11"}
    referent: dict[str, Any] = {**at, "adviser": adviser, "role": "referent", "from_date": "2022-11-07"}
    delegation = {**at, "delegation_id": "D-904"}
    need = {**at, "need_id": "B-904", "phase": "diagnosis", "description": "Poste assis, écran agrandi."}
    request = {**at, "request_id": "E-904", "topic": "training", "ground": "compensation"}
    planned: dict[str, Any] = {"ground": "compensation", "planned_end": "2023-11-14"}
    return [
        registered(ft, "2022-11-07T09:10+01:00", contact={"phone": "06 39 98 20 17"}, **who),
        event(ReferentAssigned, "2022-11-07T10:00+01:00", ft, **referent),
        event(DelegationProposed, "2022-11-14T11:00+01:00", ft, **delegation, **planned),
        registered(ce, "2022-11-21T09:30+01:00", other=ft, contact={"phone": "06 39 98 20 71"}, **who),
        event(DelegationAccepted, "2022-11-23T14:00+01:00", ce, **delegation, motive="fits"),
        event(CompensationNeedIdentified, "2022-12-28T15:20+01:00", ce, **need),
        event(ExpertiseRequested, "2022-12-29T10:40+01:00", ce, **request),
    ]


def _twin(adviser: str, site: str | None) -> list[Event]:
    ft, ce = CaseKey(FRANCE_TRAVAIL, "", "00000000906"), CaseKey(CAP_EMPLOI, OPS, "CE-906")
    born: dict[str, Any] = {"site": site, "birth_date": "1985-04-12", "birth_place": "69244"}
    referent: dict[str, Any] = {"site": site, "adviser": adviser, "role": "referent", "from_date": "2022-12-14"}
    return [
        registered(ft, "2022-12-14T09:00+01:00", family_name="Marchand", given_name="Élise", **born),
        event(ReferentAssigned, "2022-12-14T09:30+01:00", ft, **referent),
        registered(ce, "2022-12-19T14:00+01:00", family_name="Marchant", given_name="Elise", **born),
    ]


def make_figures(folder: Path) -> dict[str, str]:
    """Make a hub of sites that delegate often enough for their figures to be shown, where there is none."""
    if not (folder / "hub.db").exists():
        with Hub.create(Settings(data=folder), lambda: PRESENT) as hub:
            take(hub, list(_delegations(Random(1))))  # noqa: S311 nothing secret comes from it
    return {}


def _delegations(draw: Random) -> Iterator[Event]:
    number = 0
    for quarter, begins in enumerate(_QUARTERS):
        for site, share in _DELEGATES:
            for _ in range(round(share * (22 + 3 * quarter) * draw.uniform(0.9, 1.1))):
                number += 1
                proposed = begins + timedelta(days=draw.uniform(0, 85))
                answered = proposed + timedelta(days=min(_LATE, draw.lognormvariate(2.1, 0.6)))
                steps = [("proposed", proposed.isoformat())]
                if answered < PRESENT:
                    answer = "accepted" if draw.random() < 0.72 else "declined"
                    steps.append((answer, answered.isoformat()))
                yield from delegated(number, site, *steps)
