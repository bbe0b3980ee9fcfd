"""Revisions of a database's tables: making them, upgrading them, and refusing those of another version of the hub.

Generations of the read model have no revisions: a rebuild makes their tables anew.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, inspect

from hub.errors import StoreMissing, StoreRevision, Usage
from hub.ledger.database import reading, store_name, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.script import ScriptDirectory

_LOCK = 0x7061_7263_6F75_7273
"""The advisory lock of PostgreSQL that whoever changes tables holds: "parcours" in ASCII."""


class Revisions(NamedTuple):
    """The revisions of one kind of database.

    `table` is where a database keeps its revision. `oldest` is a table of the first one: a database with it and no
    revision was made before there were any. `apart` is a table of the other kind, which must be another database.
    """

    kind: str
    folder: Path
    table: str
    oldest: str
    apart: str

    def names(self) -> list[str]:
        """Give the revisions in order: files are named `r`, the four digits of the revision, and what it does."""
        return sorted(path.stem[1:5] for path in self.folder.glob("r[0-9]*.py"))


STORE = Revisions("store", Path(__file__).with_name("migrations"), "store_revision", "sequencer", "subject_key")


def check(engine: Engine, revisions: Revisions) -> None:
    """Make sure that this version of the hub and a database fit each other, before anything else is read.

    Raises:
        StoreRevision: one of them must be upgraded.
        StoreMissing: nothing was ever made in the database.
    """
    with reading(engine) as connection:
        current = _current(connection, revisions)
    _known(current, engine, revisions)
    if current != revisions.names()[-1]:
        raise StoreRevision(
            f"the {revisions.kind} {store_name(engine)} was made by an older version of the hub: it is at revision "
            f"{current}, this version needs {revisions.names()[-1]}; back it up, then run `hub migrate`"
        )


def was_made(engine: Engine, revisions: Revisions) -> bool:
    """Tell whether the tables were ever made in a database."""
    with reading(engine) as connection:
        return _current(connection, revisions) is not None


def pending(engine: Engine, revisions: Revisions) -> list[str]:
    """Give the revisions that an upgrade would apply, in order.

    Raises:
        StoreRevision: the database is newer than this version of the hub.
        StoreMissing: nothing was ever made in the database.
    """
    with reading(engine) as connection:
        return _after(_current(connection, revisions), engine, revisions)


def create_or_upgrade(engine: Engine, revisions: Revisions) -> list[str]:
    """Make the tables of the newest revision, or upgrade those that are there; give the revisions applied.

    In one transaction, and one at a time: a second one waits, and finds nothing left to do.

    Raises:
        StoreRevision: the database is newer than this version of the hub.
        Usage: the database is of the other kind.
    """
    with writing(engine) as connection:
        _alone(connection)
        if inspect(connection).has_table(revisions.apart):
            raise Usage(
                f"{store_name(engine)} cannot be the {revisions.kind}: it holds table {revisions.apart}; the store and "
                "the key store must be two databases, with backups apart"
            )
        current = _current(connection, revisions)
        applied = revisions.names() if current is None else _after(current, engine, revisions)
        _apply(connection, revisions, applied, was_made=current is not None)
    return applied


def upgrade(engine: Engine, revisions: Revisions) -> list[str]:
    """Upgrade a database that was made before; give the revisions applied.

    Raises:
        StoreRevision: the database is newer than this version of the hub.
        StoreMissing: nothing was ever made in the database.
    """
    pending(engine, revisions)
    return create_or_upgrade(engine, revisions)


def _current(connection: Connection, revisions: Revisions) -> str | None:
    """Give a database's revision, None when nothing was ever made in it."""
    tables = inspect(connection)
    if tables.has_table(revisions.table):
        revision = connection.exec_driver_sql(f"SELECT version_num FROM {revisions.table}").scalar()  # noqa: S608
        return None if revision is None else str(revision)
    return revisions.names()[0] if tables.has_table(revisions.oldest) else None


def _known(current: str | None, engine: Engine, revisions: Revisions) -> None:
    if current is None:
        raise StoreMissing(f"the {revisions.kind} {store_name(engine)} is empty; run `hub init`")
    if current not in revisions.names():
        raise StoreRevision(
            f"the {revisions.kind} {store_name(engine)} was made by a newer version of the hub: it is at revision "
            f"{current}, this version knows those up to {revisions.names()[-1]}; install that version"
        )


def _after(current: str | None, engine: Engine, revisions: Revisions) -> list[str]:
    _known(current, engine, revisions)
    return [name for name in revisions.names() if name > str(current)]


def _alone(connection: Connection) -> None:
    """Wait until nobody else changes tables; an index over years of events may take hours."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        waiting = connection.exec_driver_sql("SHOW lock_timeout").scalar()
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # Waiting for a table is another matter: everything that comes after queues behind.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{waiting}'")


def _apply(connection: Connection, revisions: Revisions, wanted: Iterable[str], *, was_made: bool) -> None:
    if was_made and not wanted:
        return
    # Alembic takes 0.3 s to load, and only these commands need it.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    scripts = _scripts(revisions.folder)

    def steps(current: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("head", current)

    context = MigrationContext.configure(connection, opts={"fn": steps, "version_table": revisions.table})
    if was_made and context.get_current_revision() is None:
        context.stamp(scripts, revisions.names()[0])
    with Operations.context(context):
        context.run_migrations()


@lru_cache
def _scripts(folder: Path) -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory(folder, version_locations=[folder])
