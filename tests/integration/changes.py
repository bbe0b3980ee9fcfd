"""Two people whose changes are followed, and how a test hears of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hub.domain.access import Reader
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import FRANCE_TRAVAIL, CaseKey
from hub.wiring import Hub
from tests.integration.apis import Api
from tests.integration.followers import Follower, until
from tests.integration.hubs import take
from tests.unit.pathway.builders import FT, event, registered

OTHER = CaseKey(FRANCE_TRAVAIL, "", "00000000077")
ANNE = Reader("issuer|anne", frozenset({"adviser"}), FRANCE_TRAVAIL, "ft-1")
BOB = Reader("issuer|bob", frozenset({"adviser"}), FRANCE_TRAVAIL, "ft-2")


def referent(case: CaseKey, adviser: str, **more: Any) -> ReferentAssigned:
    day = "2021-01-12"
    return event(ReferentAssigned, day, case, adviser=adviser, role="referent", from_date=day, **more)


def take_two_people(hub: Hub) -> None:
    """Take Anne's person, positions 1 and 2, then Bob's, 3 and 4: who shares no partition comes in any order."""
    take(hub, [registered(FT, "2021-01-11", family_name="Durand"), referent(FT, "ft-1")])
    take(hub, [registered(OTHER, "2021-01-11", family_name="Martin"), referent(OTHER, "ft-2", site="75001")])


def follower(api: Api, reader: Reader, last_id: str = "") -> Follower:
    client = api.client(reader)
    return Follower(api.port, client.headers["Authorization"].removeprefix("Bearer "), last_id)


def hearing(those: list[Follower], then: Callable[[], Coroutine[Any, Any, None]], *, is_once: bool = False) -> None:
    """Let followers listen while something happens."""

    async def listen() -> None:
        over = asyncio.Event()
        tasks = [asyncio.create_task(each.connected_once() if is_once else each.follow(over.is_set)) for each in those]
        await until(lambda: all(each.hellos or task.done() for each, task in zip(those, tasks, strict=True)))
        try:
            await then()
        finally:
            over.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(listen())
