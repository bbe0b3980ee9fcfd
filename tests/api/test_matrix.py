"""Every reader, every operation, everybody: who is answered, with what, and what the access log says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import httpx2
import pytest

from hub.api import following
from hub.api.app import Application
from hub.api.followers import Follower
from hub.api.following import Following
from hub.api.openapi import operations_of
from hub.codec.jsonform import to_json
from hub.domain.access import Sight
from hub.domain.events.base import Event
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import FRANCE_TRAVAIL, CaseKey
from hub.domain.topics import OF_NETWORK
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Logged
from hub.ledger.database import reading
from hub.log.port import Message
from hub.projections import generations
from hub.projections.finding import find
from hub.wiring import Hub
from tests.api.expectations import FULL, NONE, OPERATIONS, READERS, Operation, Row, may
from tests.api.regions import FREE, TickingClock
from tests.integration.apis import Api, an_api
from tests.integration.hubs import take
from tests.integration.people import HEALTH, NOBODY, STRANGER, a_life, a_stranger, erased, linked
from tests.unit.pathway.builders import CE, FT, event, moment, registered

LATE = "2021-03-31T12:00:00Z"
"""Thirty days after the referent before the last one ceased to be it, thirty-one after the one before."""
GONE = CaseKey(FRANCE_TRAVAIL, "", "99999999977")
WHO: dict[str, Any] = {"family_name": "Zola", "given_name": "Ana", "birth_date": "1980-02-29"}
TOLD: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "own": (("Zola", "ZOLA", "1980-02-29", FT.local_id, CE.local_id), HEALTH),
    "other": (("Verne", "VERNE", STRANGER.local_id), ("yy_title",)),
    "erased": (("Hugo", "HUGO", GONE.local_id), ("xx_title",)),
}
"""What names each person, and what of their health is recorded."""
EACH_TIME = {"date", "x-request-id", "ratelimit", "ratelimit-policy"}
"""Headers that say nothing about whom a request was for."""
SENT: dict[str, Any] = {
    "explain_fact": {"fact": "phase"},
    "search_people": WHO,
    "look_up_at_intake": {**WHO, "birth_place": "69123"},
    "redrive": {"note": "The source published it again."},
    "release_reader": {"reason": "Vérifié avec la responsable du site."},
    "state_a_reason": {"code": "emergency", "text": "La personne est à l'accueil."},
}


class Person(NamedTuple):
    """Somebody who is asked for: any of their ids, an event about them, and their case records' references."""

    person_id: str
    event_id: str
    refs: frozenset[bytes]


class Served(NamedTuple):
    """A running API, and who can be asked for."""

    api: Api
    people: Mapping[str, Person]
    decision_id: str


class Request(NamedTuple):
    """One request of the matrix, what is expected, and of the access log: the outcome, the people, sight and ground."""

    name: str
    about: str | None
    status: int
    logged: tuple[str, frozenset[bytes], Sight, str | None] | None


def _life() -> list[Event]:
    """Give the person's events: with a birth place, an expert of their own network, and two former referents."""
    asked = event(
        ExpertiseRequested,
        "2021-03-20",
        FT,
        request_id="E-2",
        topic="zz_topic",
        key_moment=None,
        ground="zz_ground",
        partner=None,
    )
    by_another = asked.model_copy(update={"meta": asked.meta.model_copy(update={"actor_id": "A-2"})})
    between: dict[str, Any] = {"adviser": "A-30", "role": "referent", "from_date": "2021-02-28"}
    first = registered(FT, "2021-01-04", birth_place="69123", **WHO)
    return [first, *a_life()[1:], by_another, event(ReferentAssigned, "2021-02-28", FT, **between)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clock = TickingClock(moment("2021-03-30T12:00:00Z"))
    life, decision = _life(), linked(FT, CE, "2021-03-01")
    title: dict[str, Any] = {"valid_from": "2021-01-01", "valid_to": None}
    other = [*a_stranger(), event(DisabilityTitleRecorded, "2021-01-07", STRANGER, title="yy_title", **title)]
    gone = [
        registered(GONE, "2021-01-04", family_name="Hugo", given_name="Vic", birth_date="1985-05-05"),
        event(DisabilityTitleRecorded, "2021-01-07", GONE, title="xx_title", **title),
        erased(GONE, "2021-02-01"),
    ]
    folder = tmp_path_factory.mktemp("matrix")
    with pytest.MonkeyPatch.context() as patch, an_api(folder, clock=clock, **FREE) as api:
        # A stream that ends at once can be read to its end.
        patch.setattr(following, "HEARTBEAT_S", 0.0)
        patch.setattr(Following, "check", _end)
        _append_what_is_no_event(api.hub)
        take(api.hub, [*life, *other, *gone, decision])
        clock.moment = moment(LATE)
        diagnosis = next(each for each in life if type(each).__name__ == "DiagnosisCompleted")
        people = {
            "own": _person(api, life[0], diagnosis),
            "other": _person(api, other[0], other[-1]),
            "erased": _person(api, gone[0], gone[-1]),
            "nobody": Person(NOBODY, NOBODY, frozenset()),
        }
        yield Served(api, people, decision.meta.event_id)


def _append_what_is_no_event(hub: Hub) -> None:
    with closing(hub.producer()) as producer:
        producer.append([Message(OF_NETWORK[FT.network], None, b"Zola", ())])


async def _end(_: Following, follower: Follower) -> None:
    follower.end("token_invalid")
    await asyncio.sleep(0)


def _person(api: Api, first: Event, about: Event) -> Person:
    with reading(api.hub.store) as connection:
        found = find(connection, generations.live(connection), first.meta.event_id)
    return Person(first.meta.event_id, about.meta.event_id, frozenset(row.subject_ref for row in found.members))


def _sight(row: Row, about: str) -> Sight:
    return {"own": row.own, "other": row.other, "erased": row.erased, "nobody": NONE}[about]


def _ground(row: Row, about: str) -> str | None:
    """Give the ground on which the reader sees somebody: a reason is stated for the person alone."""
    if _sight(row, about) is NONE:
        return None
    reader = row.reader
    if about != "own" and reader is not None and row.ground == "break_glass":
        return "site" if "site_lead" in reader.roles else None
    return row.ground


def requests(served: Served, row: Row) -> Iterator[Request]:
    """Give every request of the matrix for a reader."""
    for name, operation in OPERATIONS.items():
        if _is_about_a_person(name):
            for about in served.people:
                yield _of_person(served, row, name, operation, about)
        else:
            yield _of_list(served, row, name, operation)


def _is_about_a_person(name: str) -> bool:
    return "{person_id}" in DOCUMENTED[name][0]


def _of_person(served: Served, row: Row, name: str, operation: Operation, about: str) -> Request:
    refs, sight, ground = served.people[about].refs, _sight(row, about), _ground(row, about)
    if operation.may not in may(row):
        return Request(name, about, 401 if row.reader is None else 403, None)
    if operation.may == "reason":
        return Request(name, about, 201, ("shown" if refs else "refused", refs, NONE, "break_glass"))
    if operation.may == "log":
        is_there = bool(refs)
        return Request(name, about, 200 if is_there else 403, ("shown" if is_there else "refused", refs, NONE, None))
    if sight is NONE:
        return Request(name, about, 403, ("refused", refs, NONE, None))
    is_nothing_left = about == "erased" and name == "explain_fact"
    return Request(name, about, 404 if is_nothing_left else 200, ("shown", refs, sight, ground))


def _of_list(served: Served, row: Row, name: str, operation: Operation) -> Request:
    """Give the request of an operation that is about nobody, or about whom its body says."""
    if operation.may not in may(row):
        return Request(name, None, 401 if row.reader is None else 403, None)
    refs = served.people["own"].refs
    is_own = row.ground not in {None, "break_glass", "audit", "data_protection"}
    is_found = is_own or row.ground == "audit" or (row.own is not NONE and name == "read_decision")
    lead_with_reason = row.ground == "break_glass" and row.own is FULL and row.other is not NONE
    match name:
        case "publish" | "delegation_figures" | "read_me" | "read_status" | "follow_changes" | "list_access_alarms":
            return Request(name, None, {"publish": 202}.get(name, 200), None)
        case "release_reader" | "list_quarantine" | "read_quarantined" | "redrive":
            is_logged = name == "read_quarantined"
            status = 404 if name == "release_reader" else 200
            return Request(name, None, status, ("shown", frozenset(), NONE, None) if is_logged else None)
        case "look_up_at_intake":
            network = row.reader is not None and row.reader.network
            return Request(
                name, None, 200 if network else 403, ("shown", refs, Sight.WITHOUT_HEALTH, None) if network else None
            )
        case "decide":
            status = 202 if row.decides else 403
            has_id = row.reader is not None and row.reader.adviser and row.reader.network
            logged = ("shown", refs, row.own, row.ground) if row.decides else ("refused", refs, NONE, None)
            return Request(name, None, status, logged if has_id else None)
        case "read_decision":
            return Request(name, None, 200 if is_found else 403, ("shown" if is_found else "refused", refs, NONE, "?"))
        case "search_people":
            found = is_found or lead_with_reason
            return Request(name, None, 200, ("shown", refs if found else frozenset(), NONE, "?"))
        case _:
            return Request(name, None, 200, ("shown", refs, NONE, "?"))


DOCUMENTED = {
    operation["operationId"]: (path, method) for path, method, operation in operations_of(Application().openapi())
}


def sent(served: Served, client: httpx2.Client, row: Row, request: Request) -> httpx2.Response:
    """Send a request of the matrix."""
    path, method = DOCUMENTED[request.name]
    person = served.people[request.about or "own"]
    event_id = served.decision_id if request.name == "read_decision" else person.event_id
    whole = path.format(person_id=person.person_id, event_id=event_id, alarm_no=1, entry_id=1)
    body = SENT.get(request.name)
    if request.name == "decide":
        pair = [{"network": case.network, "scope": case.scope, "local_id": case.local_id} for case in (FT, CE)]
        body = {"kind": "link", "left": pair[0], "right": pair[1], "evidence": "identity_document"}
    if request.name == "publish":
        case = CE if row.reader and row.reader.network == CE.network else FT
        body = to_json(
            event(ReferentAssigned, "2021-03-30", case, adviser="A-1", role="referent", from_date="2021-03-30")
        )
    return client.request(method.upper(), whole, json=body)


def check_shown(row: Row, request: Request, answer: httpx2.Response) -> None:
    """Hold what stands in an answer against what the tables say: of each person their names, and their health."""
    operation = OPERATIONS[request.name]
    for about, (names, health) in TOLD.items():
        has_names = any(word in answer.text for word in names)
        has_health = any(word in answer.text for word in health)
        if about == "erased" or answer.status_code >= 300 or request.about not in {None, about}:
            assert (has_names, has_health) == (False, False), (request, about)
        elif request.about == about == "own":
            assert has_names == operation.names, request
            assert has_health == (operation.health and row.own is FULL), request
        else:
            may_name = operation.names and (_sight(row, about) is not NONE or operation.may == "look_up")
            assert not has_names or may_name, (request, about)
            assert not has_health or (operation.health and _sight(row, about) is FULL), (request, about)


def _of_reader(api: Api, reader_id: str) -> list[Logged]:
    with reading(api.hub.store) as connection:
        return accessqueries.entries(connection, reader_id=reader_id, limit=10_000)[::-1]


def check_entry(request: Request, found: Logged) -> None:
    """Hold an entry of the access log against what was asked for."""
    assert request.logged is not None
    outcome, refs, sight, ground = request.logged
    path, method = DOCUMENTED[request.name]
    assert (found.through, found.outcome) == (f"{method.upper()} {path}", outcome), request
    named = {row.subject_ref for row in found.people if row.subject_ref in refs}
    unknown = {row.subject_ref for row in found.people} - refs
    if ground == "?":
        assert named <= refs
        return
    assert named == refs, request
    assert refs or not any(row.sight for row in found.people)
    assert not refs or not unknown, request
    assert {(row.sight, row.ground) for row in found.people if row.subject_ref in refs} <= {(sight, ground)}, request


def test_every_operation_stands_in_the_table() -> None:
    assert OPERATIONS.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize("who", READERS)
def test_each_reader_gets_what_the_tables_say_and_leaves_one_entry_for_each_request(served: Served, who: str) -> None:
    row, api = READERS[who], served.api
    client = api.client(row.reader)
    if row.states:
        path = f"/api/v1/pathways/{served.people['own'].person_id}/reasons"
        assert client.post(path, json=SENT["state_a_reason"]).status_code == 201
    before = len(_of_reader(api, row.reader.reader_id)) if row.reader else 0
    asked = list(requests(served, row))
    denials: dict[str, set[tuple[bytes, tuple[tuple[str, str], ...]]]] = {}
    for request in asked:
        answer = sent(served, client, row, request)
        assert answer.status_code == request.status, (request, answer.text)
        check_shown(row, request, answer)
        if request.status in {401, 403}:
            assert "etag" not in answer.headers
            assert "content-location" not in answer.headers
            headers = tuple((name, value) for name, value in answer.headers.items() if name not in EACH_TIME)
            denials.setdefault(request.name, set()).add((answer.content, headers))

    assert {name: len(different) for name, different in denials.items() if len(different) > 1} == {}
    if row.reader is not None:
        entries = _of_reader(api, row.reader.reader_id)[before:]
        logged = [request for request in asked if request.logged is not None]
        assert [each.through for each in entries] == [
            f"{DOCUMENTED[each.name][1].upper()} {DOCUMENTED[each.name][0]}" for each in logged
        ]
        for request, entry in zip(logged, entries, strict=True):
            check_entry(request, entry)
    lines = str(api.log)
    assert [word for told in TOLD.values() for words in told for word in words if word in lines] == []
    assert [each.person_id for each in served.people.values() if each.person_id in lines] == []
