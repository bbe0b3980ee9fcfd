"""Readings of people at the command line: each is an entry of the access log before anything is shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.access.appending import AccessLog
    from hub.access.asking import Asked
    from hub.access.recording import Entry
    from hub.domain.ids import CaseKey
    from hub.projections.finding import Found
    from hub.projections.tables import Tables
    from hub.wiring import Hub

Why = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why you read this; the access log keeps it, sealed.")
]


class Reading(NamedTuple):
    """A snapshot to read people in, and the entry that says who they are."""

    connection: Connection
    tables: Tables
    entry: Entry

    def find(self, name: str) -> Found:
        """Find a person, and note that they are shown.

        Raises:
            NotFound: nothing has that name.
            Usage: several case records do.
        """
        from hub.access.recording import Person
        from hub.projections.finding import find

        found = find(self.connection, self.tables, name)
        self.entry.at_command_line([Person.of(found)])
        return found

    def show_cases(self, cases: Iterable[CaseKey]) -> None:
        """Note that case records are shown; those that the hub does not hold are left out."""
        from hub.access.recording import Person
        from hub.projections.records import references

        refs = references(self.connection, self.tables, cases)
        self.entry.at_command_line(Person((ref,)) for ref in sorted(refs))


@contextmanager
def recorded(hub: Hub, through: str, reason: str | None = None) -> Iterator[Reading]:
    """Give a snapshot; leaving it appends the entry, and only then may anything be shown.

    Raises:
        StoreUnavailable: it could not be recorded; nothing may be shown.
    """
    from hub.access.recording import Entry
    from hub.errors import HubError
    from hub.ledger.database import reading
    from hub.projections import generations

    entry = Entry(reason=reason)
    try:
        with reading(hub.store) as connection:
            yield Reading(connection, generations.live(connection), entry)
    except HubError as error:
        if entry.people and not error.retriable:
            access_log(hub).record(asked(through), entry, hub.now())
        raise
    access_log(hub).record(asked(through), entry, hub.now())


def access_log(hub: Hub) -> AccessLog:
    """Give the access log without limits: whoever has the key reads everything, and leaves a trace."""
    from hub.access.appending import AccessLog
    from hub.ledger.accesslog import AccessKeys

    hours = hub.settings.break_glass_hours
    return AccessLog(hub.store, AccessKeys(hub.master), limits=None, reason_hours=hours, random_bytes=os.urandom)


def asked(through: str) -> Asked:
    """Say that whoever runs the program asks, by a command without its values."""
    from hub.access.asking import Asked
    from hub.domain.access import Reader

    return Asked(Reader(f"cli:{_login()}", frozenset({"operator"})), through)


def _login() -> str:
    """Give the login of the process, which no variable can change."""
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
