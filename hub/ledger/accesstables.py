"""The access log's tables: entries that nobody changes or deletes, and what is kept of each reader to append the next.

An entry's id is its moment in microseconds since 1970, times 1024, and a number that tells it from others of that
microsecond: so entries are in order of time, and ranges of ids are ranges of time. In PostgreSQL entries and the people
in them are partitioned by month; in SQLite they are plain tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects import postgresql

from hub.ledger.tables import metadata

_position = BigInteger().with_variant(Integer, "sqlite")
_text = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_BY_MONTH = "RANGE (entry_id)"

access_entry = Table(
    "access_entry",
    metadata,
    Column("entry_id", _position, primary_key=True, autoincrement=False),
    Column("reader_no", _position, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("reader_id", _text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("network", Text),
    Column("organisation", Text),
    Column("through", Text, nullable=False),
    Column("kind", _text, nullable=False),
    Column("code", Text),
    Column("outcome", _text, nullable=False),
    Column("nonce", LargeBinary(12)),
    Column("reason", LargeBinary),
    Column("mac", LargeBinary(32), nullable=False),
    Index("access_entry_by_reader", "reader_no", "entry_id"),
    Index(
        "access_entry_with_reason",
        "reader_id",
        "entry_id",
        sqlite_where=text("kind = 'break_glass'"),
        postgresql_where=text("kind = 'break_glass'"),
    ),
    postgresql_partition_by=_BY_MONTH,
)
"""One row a request; `number` counts the entries of its reader, `mac` covers the row, its people and the one before."""

access_person = Table(
    "access_person",
    metadata,
    Column("entry_id", _position, primary_key=True, autoincrement=False),
    Column("subject_ref", LargeBinary(16), primary_key=True),
    Column("person", LargeBinary(16), nullable=False),
    Column("sight", SmallInteger, nullable=False),
    Column("ground", Text),
    Column("counted", Text),
    Index("access_person_by_subject", "subject_ref", "entry_id"),
    sqlite_with_rowid=False,
    postgresql_partition_by=_BY_MONTH,
)
"""The case records in an entry; those of one person have the same `person`, the first of them."""

access_reader = Table(
    "access_reader",
    metadata,
    Column("reader_no", _position, Identity(always=True), primary_key=True),
    Column("reader_id", _text, nullable=False, unique=True),
    Column("number", BigInteger, nullable=False),
    Column("last_entry", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("alarm_no", BigInteger),
    Column("purged_number", BigInteger, nullable=False),
    Column("purged_mac", LargeBinary(32), nullable=False),
    Column("purged_seal", LargeBinary(32), nullable=False),
    sqlite_autoincrement=True,
)
"""Where each reader's chain of entries begins and ends, and what stopped them; its row is locked to append."""

access_volume = Table(
    "access_volume",
    metadata,
    Column("reader_no", _position, primary_key=True, autoincrement=False),
    Column("person", LargeBinary(16), primary_key=True),
    Column("counted", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("shown_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The people whom each reader asked for since yesterday, counted with each entry, in its transaction."""

access_alarm = Table(
    "access_alarm",
    metadata,
    Column("alarm_no", _position, Identity(always=True), primary_key=True),
    Column("entry_id", BigInteger, nullable=False),
    Column("reader_no", BigInteger, nullable=False),
    Column("reader_id", Text, nullable=False),
    Column("counted", Text, CheckConstraint("counted in ('own', 'other')"), nullable=False),
    Column("people", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    sqlite_autoincrement=True,
)

access_release = Table(
    "access_release",
    metadata,
    Column("alarm_no", _position, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, nullable=False),
)
"""Which alarms were released, and the entry that says by whom, when and why."""

access_purge = Table(
    "access_purge",
    metadata,
    Column("purge_no", _position, Identity(always=True), primary_key=True),
    Column("before_entry", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("entry_id", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Up to where old months were dropped, how many entries they held, and the entry that says by whom and when."""

APPEND_ONLY = (access_entry, access_person, access_alarm, access_release, access_purge)
REFUSAL = "the access log is append-only"
FUNCTION = (
    "CREATE OR REPLACE FUNCTION access_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"'BEGIN RAISE EXCEPTION ''{REFUSAL}''; END'"
)


def triggers_of(table: str, dialect: str) -> list[str]:
    """Give the statements that let a table only grow; in SQLite, rows before a recorded purge may go."""
    if dialect == "postgresql":
        refuse = "EXECUTE FUNCTION access_log_is_append_only()"
        return [
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
            truncate_trigger(table),
        ]
    old = table in {access_entry.name, access_person.name}
    when = " WHEN OLD.entry_id >= (SELECT coalesce(max(before_entry), 0) FROM access_purge)" if old else ""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [
        f"CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table}{when} {refuse}",
    ]


def truncate_trigger(table: str) -> str:
    """Give the statement that lets nobody empty a table of PostgreSQL; each partition needs its own."""
    return (
        f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION access_log_is_append_only()"
    )


def _add_triggers(table: Table, connection: Connection, **_: object) -> None:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(FUNCTION)
    for statement in triggers_of(table.name, dialect):
        connection.exec_driver_sql(statement)


for _table in APPEND_ONLY:
    event.listen(_table, "after_create", _add_triggers)
