"""Stating a reason for reading a person: the same whether or not there is such a person."""

from __future__ import annotations

from datetime import datetime

from hub.access.asking import Asked
from hub.access.ending import reason_ends
from hub.access.grants import state_reason
from hub.access.recording import Person
from hub.api.services import Services
from hub.domain.access import Reason
from hub.errors import Denied, NotFound, Usage
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import find


def state(services: Services, asked: Asked, person_id: str, code: Reason, text: str) -> datetime:
    """Record why the reader must read somebody, and give until when that counts.

    Raises:
        Usage: the reason is not given in words, or in too many.
        ReadingSlowed, ReadingStopped, StoreUnavailable: it does not count.
    """
    with services.guard.reading(asked) as look:
        try:
            state_reason(look, person_id, code, text)
        except Denied:
            look.entry.break_glass(Person.nobody(person_id), code, text)
        return look.recorder.reason_counts_until(look.now)


def counts_until(services: Services, asked: Asked, person_id: str) -> datetime | None:
    """Give until when a reason counts that the reader stated for somebody; None: there is none, or nobody of this id.

    It shows the reader nothing but what they did themselves, so it is no reading of a person.
    """
    with reading(services.store) as connection:
        try:
            found = find(connection, generations.live(connection), person_id)
        except (NotFound, Usage):
            return None
        return reason_ends(connection, services.recorder, asked.reader, Person.of(found), services.now())
