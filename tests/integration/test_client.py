"""The Python client against the API: every operation once, pages, and following over a restart of the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.api.app import Application
from hub.api.openapi import operations_of
from hub.client import ApiProblem, CaseRef, Client, Link, Reject, Settle, Unlink, rows
from hub.codec.jsonform import to_json
from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseUpdated
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.topics import OF_NETWORK
from hub.log.port import Message
from tests.integration.hubs import consume
from tests.integration.people import AUDITOR, DPO, MANAGER, OTHER, REFERENT, People, people
from tests.unit.pathway.builders import CE, FT, event

FEED = Reader("test|feed", frozenset({"publisher"}), FRANCE_TRAVAIL, is_system=True)
OPERATOR = Reader("test|operator", frozenset({"operator"}))
TEXT = "Remplace sa collègue, absente cette semaine."


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[People]:
    with people(tmp_path, volume_other_slow_per_hour=3, volume_other_stop_per_day=5) as found:
        yield found


Ask = Callable[[Reader], Client]


@pytest.fixture
def ask(hub: People) -> Iterator[Ask]:
    """Give what makes a reader's client."""
    with ExitStack() as clients:
        yield lambda reader: clients.enter_context(Client(hub.api.url, hub.api.token(reader), attempts=1))


def appointment(number: int) -> AppointmentRecorded:
    starts_at = datetime(2021, 4, 20, 9, tzinfo=UTC) + timedelta(days=number)
    return event(
        AppointmentRecorded,
        "2021-04-14",
        FT,
        appointment_id=f"R-{number}",
        starts_at=starts_at.isoformat(),
        status="planned",
        mode="on_site",
        place="agency",
    )


def case_ref(case: CaseKey) -> CaseRef:
    return CaseRef(**case._asdict())


def read_of_a_person(hub: People, reader: Client) -> None:
    person_id = hub.person_id
    pathway = reader.pathway(person_id, as_of=date(2021, 4, 1))
    assert pathway.referent is not None
    assert (pathway.person_id, pathway.referent.adviser, pathway.seen.ground) == (person_id, "A-1", "referent")
    assert [each.status for each in pathway.tables.delegation] == ["active"]
    for row in rows.SECTIONS:
        section = reader.section(person_id, row)
        assert all(isinstance(each, row) for each in section.items)
    (delegation,) = reader.section(person_id, rows.DelegationRow).items
    assert (delegation.delegation_id, delegation.planned_end) == ("D-12", date(2021, 10, 1))
    assert isinstance(delegation.proposed_at, datetime)
    (accepted,) = [
        each for each in reader.history(person_id, order="effect") if each.event_type == "DelegationAccepted"
    ]
    assert ("delegation:D-12", "changed") in [(each.fact, each.kind) for each in accepted.changes]
    names = [each.fact for each in reader.facts(person_id).items]
    assert "delegation:D-12.status" in names
    explained = reader.explain(person_id, "delegation:D-12.status", known_at=datetime(2021, 4, 15, 12, tzinfo=UTC))
    assert explained.value == "active"
    first = next(iter(reader.timeline(person_id)))
    assert reader.event(person_id, first.event_id).event.content["type"] == first.event_type


def worked_on(hub: People, reader: Client) -> None:
    assert [each.person_id for each in reader.caseload()] == [hub.person_id]
    assert all(each.due_on < date(2022, 1, 1) for each in reader.alerts(due_before=date(2022, 1, 1)))
    assert [each.fact for each in reader.contradictions()] == []
    assert list(reader.suggestions()) == []
    found = reader.search(family_name="Zola", given_name="Ana", birth_date=date(1980, 2, 29))
    assert [(each.person_id, each.score) for each in found] == [(hub.person_id, 100)]
    taken = reader.decide(Reject(case_ref(FT), case_ref(CE), comment="Deux personnes"))
    assert reader.decision(taken.event_id).state == "published"
    consume(hub.api.hub)
    state = reader.decision(taken.event_id)
    assert (state.state, state.kind) == ("taken_in", "reject")


def watched_over(hub: People, ask: Ask, officer: Client, auditor: Client) -> None:
    other = ask(OTHER)
    stated = other.state_reason(hub.person_id, "replacement", TEXT)
    assert stated.code == "replacement"
    assert [each.reason for each in ask(REFERENT).notices()] == ["replacement"]
    officer.state_reason(hub.person_id, "data_request", TEXT)
    assert {each.reader_id for each in officer.report(hub.person_id).accesses} >= {OTHER.reader_id}
    assert OTHER.reader_id in {each.reader_id for each in officer.accesses(hub.person_id)}
    looked = {"birth_date": date(1970, 1, 2), "birth_place": "69381", "family_name": "Nemo"}
    for number in range(9):
        with suppress(ApiProblem):
            assert other.look_up(given_name=f"Jeanne{'abcdefghi'[number]}", **looked) is None  # type: ignore[arg-type]
    assert {each.outcome for each in officer.access_entries(kind="look_up")} == {"shown", "slowed", "stopped"}
    (alarm,) = officer.alarms(is_open=True)
    assert officer.release(alarm.alarm_no, TEXT).released_by == DPO.reader_id
    assert list(auditor.alarms(is_open=True)) == []


def mended(hub: People, operator: Client) -> None:
    with closing(hub.api.hub.producer()) as producer:
        producer.append([Message(OF_NETWORK[FT.network], None, b"Zola", ())])
    consume(hub.api.hub)
    (held,) = operator.quarantine(state="held", reason="undecodable")
    opened = operator.quarantined(held.entry_id)
    assert opened.record is not None
    assert (opened.entry, opened.record.value_bytes, opened.record.fields) == (held, 4, [])
    assert operator.redrive(held.entry_id, "Tried again.").result == "still_held"


def test_every_operation_of_the_document_has_a_method_that_works(hub: People, ask: Ask) -> None:
    read_of_a_person(hub, ask(REFERENT))
    worked_on(hub, ask(REFERENT))
    watched_over(hub, ask, ask(DPO), ask(AUDITOR))
    feed = ask(FEED)
    assert feed.publish(to_json(appointment(1))).status == "accepted"
    assert ask(MANAGER).figures(quarter="2021-Q1").quarter == "2021-Q1"
    assert ask(OPERATOR).status().accounting.adds_up
    mended(hub, ask(OPERATOR))
    assert ask(REFERENT).me().roles == ["adviser"]
    assert next(ask(REFERENT).changes()).change is None

    documented = {(method.upper(), path) for path, method, _ in operations_of(Application().openapi())}
    hub.api.stop()
    answered = {(line["method"], line["route"]) for line in hub.api.log if line.get("status", 500) < 400}
    assert documented - answered <= {("GET", "/api/v1/changes")}


@pytest.mark.parametrize(
    "decision",
    [
        Link(case_ref(FT), case_ref(CE), "confirmed_by_person"),
        Unlink(case_ref(FT), case_ref(CE), "different_people", "Homonymes"),
        Settle(case_ref(FT), "email", CAP_EMPLOI, "Vu sur sa carte d'identité."),
    ],
)
def test_each_kind_of_decision_is_taken(hub: People, ask: Ask, decision: Link | Unlink | Settle) -> None:
    reader = ask(REFERENT)
    hub.take(
        *(event(CaseUpdated, "2021-03-01", case, contact={"email": f"{case.network}@example.org"}) for case in (FT, CE))
    )
    assert [(each.fact, each.cap_emploi.value) for each in reader.contradictions()] == [
        ("email", "cap_emploi@example.org")
    ]
    assert reader.decide(decision).place.topic.startswith("hub.")


def test_a_batch_tells_what_became_of_each_event(ask: Ask) -> None:
    feed = ask(FEED)
    good, bad = to_json(appointment(1)), {**to_json(broken := appointment(2)), "starts_at": "soon"}
    results = feed.publish_batch([good, bad, good])
    assert (results.accepted, results.duplicates, results.refused) == (1, 1, 1)
    ((place, refused),) = results.refusals()
    assert (place, refused.status, refused.event_id) == (1, "invalid", broken.meta.event_id)
    assert refused.problem is not None
    assert refused.problem.errors is not None
    assert [each.pointer for each in refused.problem.errors] == ["/starts_at"]

    with pytest.raises(ApiProblem) as raised:
        feed.publish(bad)
    assert (raised.value.kind, raised.value.status) == ("invalid_event", 422)
    assert [each.pointer for each in raised.value.errors] == ["/starts_at"]
    assert raised.value.request_id


def test_pages_together_are_the_list(hub: People, ask: Ask) -> None:
    reader = ask(REFERENT)
    whole = [each.event_id for each in reader.timeline(hub.person_id)]
    paged = reader.timeline(hub.person_id, limit=(len(whole) + 2) // 3)
    pages = list(paged.pages())
    assert len(pages) == 3
    assert [each.event_id for page in pages for each in page.items] == whole
    assert [each.event_id for each in paged] == whole
    assert {page.seen.ground for page in pages} == {"referent"}
    backwards = reader.timeline(hub.person_id, order="desc", limit=5)
    assert [each.event_id for each in backwards] == whole[::-1]


def test_a_list_asks_for_no_page_that_nobody_needs(hub: People, ask: Ask) -> None:
    reader = ask(REFERENT)
    first = next(iter(reader.timeline(hub.person_id, limit=1)))
    assert first.event_id == hub.person_id
    lines = [line for line in hub.api.log if line.get("route", "").endswith("/timeline")]
    assert len(lines) <= 1


def test_what_is_refused_names_neither_token_nor_person(hub: People, ask: Ask) -> None:
    reader = ask(REFERENT)
    with pytest.raises(ApiProblem) as raised:
        reader.search(family_name="Zola")
    token = hub.api.token(REFERENT)
    for text in (repr(reader), str(raised.value), repr(raised.value), repr(raised.value.__context__)):
        assert token not in text
        assert "Zola" not in text
    with pytest.raises(ApiProblem, match=r"^403 denied"):
        reader.pathway(hub.stranger_id)
    with pytest.raises(ApiProblem, match=r"^404 not_found"):
        reader.pathway("../me")
    with pytest.raises(ApiProblem, match=r"^422 invalid_request"):
        reader.pathway("me")


def test_a_time_without_its_offset_is_not_sent(hub: People, ask: Ask) -> None:
    with pytest.raises(ValueError, match="offset"):
        ask(REFERENT).pathway(hub.person_id, as_of=datetime(2021, 1, 1))  # noqa: DTZ001


def test_the_client_needs_nothing_else_of_the_hub_and_is_there_at_once() -> None:
    code = "import sys, hub.client; print(*sorted(name for name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = ran.stdout.split()
    assert [
        name for name in loaded if name.startswith("hub.") and not name.startswith(("hub.client", "hub.errors"))
    ] == []
    assert not {"fastapi", "sqlalchemy", "pydantic", "fastavro", "kafka"} & set(loaded)
