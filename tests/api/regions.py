"""A simulated region behind a running API, with a reader of the right role for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from hub.access import ties
from hub.codec.jsonform import to_json
from hub.domain.access import Reader, Role, Tie
from hub.domain.events.base import CaseEvent
from hub.domain.ids import FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.projections import generations
from tests.integration.apis import Api, an_api
from tests.integration.feeds import deliver, ledger_of, region
from tests.integration.hubs import SteppingClock, consume
from tests.unit.pathway.builders import moment

NOW = "2021-06-15T10:00:00Z"
UNLIMITED = 1_000_000
FREE: dict[str, Any] = {
    **{
        f"volume_{who}_{end}": UNLIMITED
        for who in ("own", "other", "system")
        for end in ("slow_per_hour", "stop_per_day")
    },
    "api_requests_per_minute": UNLIMITED,
}
"""Settings under which nobody is slowed or stopped."""
_PERSONAL = ("family_name", "birth_name", "given_name", "email", "phone", "description", "summary", "comment", "needs")
_SHORTEST = 5
DPO = Reader("test|dpo", frozenset({"dpo"}))
AUDITOR = Reader("test|auditor", frozenset({"auditor"}))
MANAGER = Reader("test|manager", frozenset({"manager"}), departments=frozenset({"*"}))
OPERATOR = Reader("test|operator", frozenset({"operator"}), is_system=True)
PUBLISHER = Reader("test|publisher", frozenset({"publisher"}), FRANCE_TRAVAIL, is_system=True)


class TickingClock(SteppingClock):
    """A clock that moves by itself, and hardly: no machine answers a thousand requests within a microsecond."""

    def __call__(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment


class Region(NamedTuple):
    """A running API, the adviser who accompanies most people, people by who accompanies them, and what is personal."""

    api: Api
    clock: SteppingClock
    adviser: Reader
    own: Sequence[str]
    others: Sequence[str]
    cases: Sequence[Mapping[str, str]]
    identities: Sequence[Mapping[str, str]]
    personal: re.Pattern[str]


@contextmanager
def a_region(folder: Path, people: int, **settings: Any) -> Iterator[Region]:
    """Serve a hub that took a region in."""
    clock = TickingClock(moment(NOW))
    with an_api(folder, clock=clock, **settings) as api:
        deliver(api.hub, region(people))
        consume(api.hub)
        yield _region(api, clock)


def _region(api: Api, clock: SteppingClock) -> Region:
    with reading(api.hub.store) as connection:
        tables = generations.live(connection)
        pathway = tables.models["pathway"]
        people = select(pathway.c.pathway_no, pathway.c.person_id).where(pathway.c.erased.is_(None))
        ids = {row.pathway_no: row.person_id for row in connection.execute(people)}
        tied = ties.tied_to(connection, tables, ids, clock().date())
        adviser = _busiest([tie for _, tie in tied])
        own = ties.caseload(connection, tables, adviser, clock().date(), after=None, limit=UNLIMITED)
    events = [each for each in ledger_of(api.hub) if isinstance(each, CaseEvent)]
    documents: list[dict[str, Any]] = [to_json(event) for event in events]
    registered: list[dict[str, Any]] = [each["traits"] for each in documents if each["type"] == "CaseRegistered"]
    whole = {"birth_date", "birth_place", "given_name", "family_name"}
    return Region(
        api,
        clock,
        adviser,
        [ids[number] for number in own],
        [person_id for number, person_id in sorted(ids.items()) if number not in set(own)],
        [case._asdict() for case in list(dict.fromkeys(event.case for event in events))[:40]],
        [traits for traits in registered if whole <= traits.keys()],
        _personal(documents, registered),
    )


def _busiest(tied: Sequence[Tie]) -> Reader:
    found: dict[tuple[str, str], list[str | None]] = {}
    for tie in tied:
        if tie.adviser:
            found.setdefault((tie.network, tie.adviser), []).append(tie.site)
    (network, adviser), sites = max(found.items(), key=lambda item: (len(item[1]), item[0]))
    roles: frozenset[Role] = frozenset({"adviser", "site_lead"})
    return Reader("test|adviser", roles, network, adviser, sites=frozenset(sorted(filter(None, sites))[:1]))


def _personal(documents: Sequence[Mapping[str, Any]], traits: Sequence[Mapping[str, Any]]) -> re.Pattern[str]:
    """Give a pattern of what names a person or tells of their health; of short words many are no names."""
    words = {value for each in (*documents, *traits) for name in _PERSONAL if (value := each.get(name))}
    words |= {each["meta"]["local_id"] for each in documents}
    named = sorted(word for word in words if isinstance(word, str) and len(word) >= _SHORTEST)
    return re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in named))
