"""Builders for the tests of the access log: readers, people and requests, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from hub.access.appending import AccessLog
from hub.access.asking import Asked
from hub.access.recording import Entry, Person
from hub.domain.access import Limits, Reader, Role, Sight, Verdict
from hub.ledger.accesslog import AccessKeys
from hub.ledger.accessqueries import Logged, entries
from hub.ledger.database import reading
from tests.integration.stores import MASTER

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
KEYS = AccessKeys(MASTER)
FREE = Limits(10_000, 10_000, 10_000, 10_000, 10_000, 10_000)
OWN = Verdict(Sight.FULL, "referent")
OTHER = Verdict(Sight.FULL, "break_glass")


def a_log(
    store: Engine, limits: Limits | None = FREE, told: Callable[[str, int | None], object] | None = None
) -> AccessLog:
    """Give an access log as one process has it."""
    more: dict[str, Any] = {} if told is None else {"told": told}
    return AccessLog(store, KEYS, limits=limits, reason_hours=4, random_bytes=os.urandom, **more)


def a_reader(name: str = "one", *roles: Role, **more: Any) -> Reader:
    return Reader(
        f"https://issuer.example|{name}", frozenset(roles or ("adviser",)), **{"network": "france_travail", **more}
    )


def a_person(number: int, cases: int = 1) -> Person:
    return Person(tuple((number * 100 + case).to_bytes(16, "big") for case in range(cases)))


def asked(reader: Reader, through: str = "GET /api/v1/pathways/{person_id}") -> Asked:
    return Asked(reader, through)


def read(
    log: AccessLog, person: Person, at: datetime = NOON, *, reader: Reader | None = None, verdict: Verdict = OWN
) -> int:
    """Read one person."""
    entry = Entry()
    entry.read(person, verdict)
    return log.record(asked(reader or a_reader()), entry, at)


def later(minutes: float = 0, *, days: float = 0) -> datetime:
    return NOON + timedelta(days=days, minutes=minutes)


def logged(store: Engine, **conditions: Any) -> list[Logged]:
    with reading(store) as connection:
        return entries(connection, **{"limit": 10_000, **conditions})
