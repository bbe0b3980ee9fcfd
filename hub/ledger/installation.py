"""Which installation a database belongs to: the same id stands in its store and in its key store."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Connection, Integer, MetaData, Table, Text, select

from hub.ledger.database import insert_ignoring
from hub.ledger.tables import metadata


def _table(of: MetaData) -> Table:
    return Table(
        "installation",
        of,
        Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        Column("installation_id", Text, nullable=False),
    )


_installation = _table(metadata)


def describe(key_store: MetaData) -> None:
    """Have the key store's description hold the table too."""
    _table(key_store)


def read(connection: Connection) -> str | None:
    """Give the installation's id, 32 hexadecimal digits; None where none was recorded yet."""
    return connection.scalar(select(_installation.c.installation_id))


def record(connection: Connection, installation_id: str) -> None:
    """Record the id, unless there is one."""
    connection.execute(insert_ignoring(connection, _installation).values(id=1, installation_id=installation_id))
