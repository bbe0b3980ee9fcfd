"""The access log and its alarms, for whoever watches over reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hub.access import office
from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.recording import Kind, Person
from hub.api import problems
from hub.api.answers import answer, opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.accesslog import AlarmRaised, Alarms, Entries, Release
from hub.api.documents.forms import Time
from hub.api.people import UUID_PATTERN
from hub.domain import access
from hub.domain.access import Sight, Verdict
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Alarm, Logged
from hub.ledger.database import reading
from hub.projections import records

router = APIRouter(tags=["access"])

NOTHING = Verdict(Sight.NOTHING, None)
_Watcher = Annotated[Asked, Depends(allowed(access.READ_ACCESS_LOG))]
_FAILURES = problems.answers("token_invalid", "denied", "invalid_request", "usage", "store_unavailable")
_MOMENT = "An RFC 3339 time with its offset."


@router.get(
    "/access-entries",
    operation_id="list_access_entries",
    summary="Read the access log",
    response_model=None,
    responses={200: {"model": Entries}, **_FAILURES, **problems.answers("reading_slowed")},
)
def entries(
    request: Request,
    services: Hub,
    asked: _Watcher,
    *,
    person_id: Annotated[str | None, Query(pattern=UUID_PATTERN, description="Who was asked for.")] = None,
    reader_id: Annotated[
        str | None,
        Query(min_length=1, max_length=300, description="Who asked.", examples=["https://login.example|a17"]),
    ] = None,
    kind: Annotated[Kind | None, Query(description="What for.")] = None,
    since: Annotated[Time | None, Query(description=f"Not before. {_MOMENT}")] = None,
    until: Annotated[Time | None, Query(description=f"Before. {_MOMENT}")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Give entries, newest first, with whom each was about by their ids alone; reasons' texts stay sealed.

    Reading the log is itself an entry, with all people of the page; they do not count toward the volume alarm.
    """
    after = opened_cursor(request, cursor)
    with services.guard.reading(asked) as look:
        look.entry.kind = "access_log"
        person = Person.of(look.find(person_id.lower())) if person_id else None
        found = accessqueries.entries(
            look.connection,
            refs=person.refs if person else None,
            reader_id=reader_id,
            kind=kind,
            since=since,
            until=until,
            after=after[0] if after else None,
            limit=limit + 1,
        )
        people = _people(look, found[:limit])
        look.entry.access_log([*people.by_no.values(), *([person] if person else [])])
        items = [_said(each, people) for each in found[:limit]]
    return page(request, items, [found[limit - 1].entry_id] if len(found) > limit else None)


class _People:
    """The people of entries: by case record reference their pathway, by pathway their id and who they are."""

    def __init__(self) -> None:
        self.no_of: dict[bytes, int] = {}
        self.by_no: dict[int, Person] = {}
        self.id_of: dict[int, str] = {}


def _people(look: Look, found: Sequence[Logged]) -> _People:
    refs = {row.subject_ref for entry in found for row in entry.people}
    people = _People()
    for ref, row in records.by_reference(look.connection, look.tables, refs).items():
        if row.pathway_no is not None:
            people.no_of[ref] = row.pathway_no
    members = records.of_pathways(look.connection, look.tables, set(people.no_of.values()))
    people.by_no = {number: Person.with_cases(rows) for number, rows in members.items()}
    pathway = look.tables.models["pathway"]
    columns = (pathway.c.pathway_no, pathway.c.person_id, pathway.c.erased)
    for row in records.select_in(look.connection, columns, pathway.c.pathway_no, people.by_no):
        if row.erased is None:
            people.id_of[row.pathway_no] = row.person_id
    return people


def _said(entry: Logged, people: _People) -> dict[str, Any]:
    shown: dict[tuple[str | None, bytes], dict[str, Any]] = {}
    for row in entry.people:
        person_id = people.id_of.get(people.no_of.get(row.subject_ref, 0))
        # One person of several case records stands in an entry once for each.
        shown[person_id, b"" if person_id else row.person] = {
            "person_id": person_id,
            "sight": Sight(row.sight).name.lower(),
            "ground": row.ground,
            "counted": row.counted,
        }
    return {
        "entry_id": str(entry.entry_id),
        "at": entry.at,
        "reader_id": entry.reader_id,
        "roles": list(entry.roles),
        "network": entry.network,
        "organisation": entry.organisation,
        "through": entry.through,
        "kind": entry.kind,
        "code": entry.code,
        "outcome": entry.outcome,
        "people": list(shown.values()),
    }


@router.get(
    "/access-alarms",
    operation_id="list_access_alarms",
    summary="List the readers who were stopped",
    response_model=None,
    responses={200: {"model": Alarms}, **_FAILURES},
)
def alarms(
    request: Request,
    services: Hub,
    _: _Watcher,
    *,
    is_open: Annotated[bool | None, Query(alias="open", description="Only those not released, or only those.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List alarms, newest first: who asked for how many people, and who let them read again."""
    after = opened_cursor(request, cursor)
    with reading(services.store) as connection:
        found = accessqueries.alarms(connection, is_open=is_open, after=after[0] if after else None, limit=limit + 1)
    following = [found[limit - 1].alarm_no] if len(found) > limit else None
    return page(request, [_alarm(each) for each in found[:limit]], following)


@router.post(
    "/access-alarms/{alarm_no}/release",
    operation_id="release_reader",
    summary="Let a stopped reader read again",
    response_model=None,
    responses={200: {"model": AlarmRaised}, **_FAILURES, **problems.answers("not_found")},
)
def release(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.RELEASE))],
    alarm_no: Annotated[int, Path(ge=1, lt=2**31)],
    body: Release,
) -> Response:
    """Release the reader of an alarm for a reason, which is recorded; their count begins anew.

    Nobody releases themselves.
    """
    office.release(services.store, services.recorder, asked, alarm_no, body.reason, services.now())
    with reading(services.store) as connection:
        found = accessqueries.alarm(connection, alarm_no)
    return answer(request, _alarm(found))


def _alarm(found: Alarm) -> dict[str, Any]:
    return {**found._asdict(), "entry_id": str(found.entry_id)}
