"""The guard: every reading of people passes it, is decided by `hub.domain.access`, and recorded before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from hub.access.asking import Asked
from hub.access.recording import Entry, Person, Recorder
from hub.access.ties import ties_of
from hub.domain.access import DENIED, Sight, Verdict, sees
from hub.errors import Denied, NotFound, Usage
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import Found, find
from hub.projections.tables import Tables

UNSEEN = "you do not accompany this person, or there is no such person; state a reason first if you must read them"
"""One text for both, so that nobody learns who is in the hub."""


class Seen(NamedTuple):
    """A person found, and how much of them the reader sees."""

    found: Found
    verdict: Verdict


@dataclass
class Look:
    """One request's reading: a snapshot, and the people it shows."""

    connection: Connection
    tables: Tables
    asked: Asked
    now: datetime
    recorder: Recorder
    entry: Entry = field(default_factory=Entry)

    def person(self, name: str) -> Seen:
        """Find a person and decide what the reader sees of them.

        Raises:
            Denied: nothing; or there is no such person. The attempt is recorded.
        """
        try:
            found = find(self.connection, self.tables, name)
        except (NotFound, Usage):
            self.entry.refuse(None)
            raise Denied(UNSEEN) from None
        person = Person.of(found)
        ties = [] if found.pathway_no is None else ties_of(self.connection, self.tables, [found.pathway_no])[found.pathway_no]
        has_reason = self.recorder.has_reason(self.connection, self.asked.reader, person, self.now)
        verdict = sees(self.asked.reader, ties, self.now.date(), has_reason=has_reason)
        if verdict.sight is Sight.NOTHING:
            self.entry.refuse(person)
            raise Denied(UNSEEN)
        self.entry.read(person, verdict)
        return Seen(found, verdict)


class Guard:
    """Opens readings of people, and records each as one entry."""

    def __init__(self, store: Engine, recorder: Recorder, now: Callable[[], datetime]) -> None:
        self._store = store
        self._recorder = recorder
        self._now = now

    @contextmanager
    def reading(self, asked: Asked) -> Iterator[Look]:
        """Give a snapshot to read people in; leaving it appends the entry of the access log.

        What was read must be shown only after this was left without an error.

        Raises:
            ReadingSlowed, ReadingStopped: the reader read too many people; nothing may be shown.
            StoreUnavailable: it could not be recorded; nothing may be shown.
        """
        entry = Entry()
        try:
            with reading(self._store) as connection:
                tables = generations.live(connection)
                yield Look(connection, tables, asked, self._now(), self._recorder, entry)
        except Denied:
            self._recorder.record(asked, entry, self._now())
            raise
        self._recorder.record(asked, entry, self._now())
