"""A served region for browsers: a simulated one, and people whose data means harm, all of one adviser of each network.

The first test of a run that asks makes it and starts `hub serve`; the other processes of the run share it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text, update

from hub.access.ties import caseload
from hub.cli.demotime import PRESENT
from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationAccepted, DelegationEnded, DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading, writing
from hub.ledger.tables import ledger
from hub.projections import generations
from hub.projections.tables import Tables
from hub.projections.telling import most_telling
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.localissuer import busiest
from tests.integration.hubs import publish, take
from tests.servers.run import Run, listens, wait_until
from tests.unit.pathway.builders import OPS, event, registered

PEOPLE = 60
_sequences = count(os.getpid() * 1_000)
START_S = 60.0
IDLE_MINUTES = 240
_GENEROUS = {
    # All tests of a run are a handful of readers, who read the same people again and again.
    **{f"HUB_VOLUME_{whose}": "100000" for whose in ("OTHER_SLOW_PER_HOUR", "OTHER_STOP_PER_DAY")},
    # Between two modules that look as one of them there may be half an hour of other tests.
    "HUB_WEB_IDLE_MINUTES": str(IDLE_MINUTES),
    "HUB_WEB_SESSION_HOURS": "24",
}
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{7*7}}"
RIGHT_TO_LEFT = "שָׁלוֹם עולם محمد"
EMOJI = "👩🏽‍🦽🧑‍🧑‍🧒"
LONG_TEXT = ("Anticonstitutionnellement" * 4 + " mot ") * 36


class Served(NamedTuple):
    """Where the region is served, and its people by what is special about them: each one's id in pages' addresses."""

    url: str
    data: str
    people: Mapping[str, str]


def served(run: Run) -> Served:
    """Give the region of a run."""
    return Served(**run.shared("region", lambda: _serve(run)._asdict()))


def _serve(run: Run) -> Served:
    folder, port = run.fresh_folder("region"), run.free_port()
    data = folder / "data"
    _hub(data, "demo", "--people", str(PEOPLE), "--keep", str(data))
    people = _settled(data)
    options = ["serve", "--local-issuer", "--port", str(port), "--today", PRESENT.isoformat()]
    command = ["/usr/bin/env", *(f"{name}={value}" for name, value in _GENEROUS.items()), *_program(data), *options]
    run.spawn(command, folder / "serve.log")
    wait_until(lambda: listens(port), deadline_s=START_S, what="the region's pages")
    return Served(f"http://127.0.0.1:{port}", str(data), people)


def happens(region: Served, *events: Event) -> None:
    """Publish events to the served region, which takes them in."""
    with Hub(Settings(data=Path(region.data))) as hub:
        publish(hub, events)


def later(kind: type[Event], case: str, **fields: Any) -> Event:
    """Build an event that happens now, at Cap emploi, about one of the people with a record there."""
    number = next(_sequences)
    return event(
        kind, PRESENT.isoformat(), CaseKey(CAP_EMPLOI, OPS, case),
        sequence=10_000 + number, event_id=f"0fffffff-0000-7000-8000-{number:012x}", **fields,
    )  # fmt: skip


def _program(data: Path) -> list[str]:
    return [sys.executable, "-m", "hub.cli.app", "--data", str(data)]


def _hub(data: Path, *arguments: str) -> None:
    done = subprocess.run([*_program(data), *arguments], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def _settled(data: Path) -> dict[str, str]:
    """Let people move in who try what a page can bear, and name them."""
    with Hub(Settings(data=data), lambda: PRESENT) as hub:
        adviser, site = busiest(hub, FRANCE_TRAVAIL)[0]
        others: dict[str, list[Event]] = {
            "hostile": list(_hostile(adviser, site)),
            "crowded": list(_crowded(adviser, site)),
            "old": list(_old(adviser, site)),
            "bare": list(_bare(adviser, site)),
            "erased": list(_erased(adviser, site)),
            "told_of": list(_told_of(adviser, site)),
            "twin": list(_twin(906, "Marchand", "Marchant", adviser, site)),
            "other_twin": list(_twin(907, "Lavergne", "Lavergnes", adviser, site)),
        }
        for events in others.values():
            take(hub, events)
        with reading(hub.store) as connection:
            tables = generations.live(connection)
            reader = Reader("", frozenset({"adviser"}), FRANCE_TRAVAIL, adviser)
            theirs = caseload(connection, tables, reader, PRESENT.date(), after=None, limit=1_000)
            telling = most_telling(connection, tables, theirs)
            assert telling is not None
            tampered = _first_of_nobodys(connection, tables, {*theirs})
        _tamper(hub, tampered.position)
    first = {"telling": telling, "tampered": tampered.person_id}
    return first | {name: events[0].meta.event_id for name, events in others.items()}


def _first_of_nobodys(connection: Connection, tables: Tables, theirs: Collection[int]) -> Any:
    """Give the first entry of the ledger about somebody whom others accompany, and their id."""
    case, pathway = tables.case_record.c, tables.models["pathway"].c
    query = (
        select(ledger.c.position, pathway.person_id)
        .join(tables.case_record, case.subject_ref == ledger.c.subject_ref)
        .join(tables.models["pathway"], pathway.pathway_no == case.pathway_no)
        .where(case.pathway_no.not_in(theirs))
    )
    return connection.execute(query.order_by(ledger.c.position).limit(1)).one()


def _tamper(hub: Hub, position: int) -> None:
    """Change an entry of the ledger behind the hub's back."""
    with writing(hub.store) as connection:
        triggers = connection.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
        for name, _ in triggers:
            connection.execute(text(f'drop trigger "{name}"'))
        change = update(ledger).where(ledger.c.position == position)
        connection.execute(change.values(partition=ledger.c.partition + 1))
        for _, made_by in triggers:
            connection.exec_driver_sql(made_by)


def _case(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def _moved_in(
    number: int, at: str, adviser: str, site: str | None, family_name: str, given_name: str
) -> Iterator[Event]:
    case = _case(number)
    traits: dict[str, Any] = {"family_name": family_name, "given_name": given_name, "birth_date": "1980-02-29"}
    traits["contact"] = {"email": "x@example.fr", "phone": "06 00 00 00 00", "commune": "69123"}
    yield registered(case, at, site=site, **traits)
    yield event(ReferentAssigned, at, case, site=site, adviser=adviser, role="referent", from_date=at)


def _hostile(adviser: str, site: str | None) -> Iterator[Event]:
    name = f"{MARKUP} {RIGHT_TO_LEFT}"
    yield from _moved_in(901, "2022-11-02", adviser, site, name, f"{EMOJI} {LONG_TEXT}"[:200])
    said: dict[str, Any] = {
        "themes": ["autonomy"],
        "needs": LONG_TEXT[:4_000],
        "constraints": f"{MARKUP} {RIGHT_TO_LEFT}",
    }
    yield event(DiagnosisCompleted, "2022-11-03", _case(901), site=site, **said)
    other = CaseKey(CAP_EMPLOI, OPS, "CE-901")
    yield registered(other, "2022-11-04", other=_case(901), family_name="Autre", given_name=EMOJI)
    yield event(ExpertiseRequested, "2022-11-10", other, request_id="E-1", topic="workstation", partner=MARKUP)


def _crowded(adviser: str, site: str | None) -> Iterator[Event]:
    yield from _moved_in(902, "2022-10-03", adviser, site, "Trois-Cents", "Actes")
    start = datetime.fromisoformat("2022-11-01T08:00:00+00:00")
    for number in range(300):
        at = start + timedelta(hours=2 * number + 1)
        yield event(
            AppointmentRecorded, at.isoformat(), _case(902), site=site,
            appointment_id=f"A-{number}", starts_at=at, status="held", mode="phone", place="remote",
        )  # fmt: skip


def _old(adviser: str, site: str | None) -> Iterator[Event]:
    yield from _moved_in(903, "1993-01-04", adviser, site, "Trente-Ans", "Parcours")
    for year in range(1994, 2023):
        delegation = f"D-{year}"
        yield event(
            DelegationProposed, f"{year}-02-01", _case(903), site=site,
            delegation_id=delegation, ground="compensation", planned_end=f"{year}-11-01",
        )  # fmt: skip
        if year == 1994:
            yield registered(
                CaseKey(CAP_EMPLOI, OPS, "CE-903"), "1994-02-02", other=_case(903), family_name="Trente-Ans"
            )
        of = CaseKey(CAP_EMPLOI, OPS, "CE-903")
        yield event(DelegationAccepted, f"{year}-02-20", of, delegation_id=delegation, motive="fits")
        if year < 2022:
            yield event(DelegationEnded, f"{year}-10-20", of, delegation_id=delegation, motive="goal_reached")


def _bare(adviser: str, site: str | None) -> Iterator[Event]:
    yield from _moved_in(904, "2022-12-20", adviser, site, "Nouvelle", "Venue")


def _erased(adviser: str, site: str | None) -> Iterator[Event]:
    yield from _moved_in(905, "2022-06-01", adviser, site, "Oubliée", "Personne")
    yield event(PersonErased, "2022-12-01", _case(905), reason="request")


def _told_of(adviser: str, site: str | None) -> Iterator[Event]:
    """Let someone move in about whom there is news while others are looked at; no sight shows them."""
    yield from _moved_in(908, "2022-09-05", adviser, site, "Attendue", "Denise")
    yield registered(CaseKey(CAP_EMPLOI, OPS, "CE-908"), "2022-09-06", other=_case(908), family_name="Attendue")


def _twin(number: int, name: str, theirs: str, adviser: str, site: str | None) -> Iterator[Event]:
    """Let someone move in who may be known to the other network already, under a name that is spelt otherwise."""
    traits: dict[str, Any] = {"birth_date": f"1985-04-{number % 28 + 1:02}", "birth_place": "69244"}
    case, since = _case(number), "2022-11-14"
    yield registered(case, since, site=site, family_name=name, given_name="Élise", **traits)
    yield event(ReferentAssigned, since, case, site=site, adviser=adviser, role="referent", from_date=since)
    at_cap_emploi = CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")
    yield registered(at_cap_emploi, "2022-11-15", family_name=theirs, given_name="Elise", **traits)
