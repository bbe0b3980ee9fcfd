"""The access log: entries and the people in them, by month in PostgreSQL; readers, alarms; triggers that keep it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_BY_MONTH = "RANGE (entry_id)"
_APPEND_ONLY = ("access_entry", "access_person", "access_alarm", "access_release", "access_purge")
_REFUSAL = "the access log is append-only"
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION access_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"'BEGIN RAISE EXCEPTION ''{_REFUSAL}''; END'"
)


def upgrade() -> None:
    """Make the tables; the partitions of months are made when a month begins."""
    _entries()
    _readers()
    _alarms()
    for table in _APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            _keep_in_postgresql(table)
        else:
            _keep_in_sqlite(table)


def _entries() -> None:
    op.create_table(
        "access_entry",
        sa.Column("entry_id", _position, primary_key=True, autoincrement=False),
        sa.Column("reader_no", _position, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("reader_id", _text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("network", sa.Text),
        sa.Column("organisation", sa.Text),
        sa.Column("through", sa.Text, nullable=False),
        sa.Column("kind", _text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("outcome", _text, nullable=False),
        sa.Column("nonce", sa.LargeBinary(12)),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        postgresql_partition_by=_BY_MONTH,
    )
    op.create_index("access_entry_by_reader", "access_entry", ["reader_no", "entry_id"])
    with_reason = sa.text("kind = 'break_glass'")
    op.create_index(
        "access_entry_with_reason",
        "access_entry",
        ["reader_id", "entry_id"],
        sqlite_where=with_reason,
        postgresql_where=with_reason,
    )
    op.create_table(
        "access_person",
        sa.Column("entry_id", _position, primary_key=True, autoincrement=False),
        sa.Column("subject_ref", sa.LargeBinary(16), primary_key=True),
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.Column("sight", sa.SmallInteger, nullable=False),
        sa.Column("ground", sa.Text),
        sa.Column("counted", sa.Text),
        sqlite_with_rowid=False,
        postgresql_partition_by=_BY_MONTH,
    )
    op.create_index("access_person_by_subject", "access_person", ["subject_ref", "entry_id"])


def _readers() -> None:
    op.create_table(
        "access_reader",
        _numbered("reader_no"),
        sa.Column("reader_id", _text, nullable=False, unique=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("last_entry", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.Column("alarm_no", sa.BigInteger),
        sa.Column("purged_number", sa.BigInteger, nullable=False),
        sa.Column("purged_mac", sa.LargeBinary(32), nullable=False),
        sa.Column("purged_seal", sa.LargeBinary(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "access_volume",
        sa.Column("reader_no", _position, primary_key=True, autoincrement=False),
        sa.Column("person", sa.LargeBinary(16), primary_key=True),
        sa.Column("counted", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("shown_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _alarms() -> None:
    op.create_table(
        "access_alarm",
        _numbered("alarm_no"),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sa.Column("reader_no", sa.BigInteger, nullable=False),
        sa.Column("reader_id", sa.Text, nullable=False),
        sa.Column("counted", sa.Text, sa.CheckConstraint("counted in ('own', 'other')"), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "access_release",
        sa.Column("alarm_no", _position, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_purge",
        _numbered("purge_no"),
        sa.Column("before_entry", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _numbered(name: str) -> sa.Column[int]:
    """Give a key that the database numbers, never twice."""
    return sa.Column(name, _position, sa.Identity(always=True), primary_key=True)


def _keep_in_postgresql(table: str) -> None:
    refuse = "EXECUTE FUNCTION access_log_is_append_only()"
    op.execute(_FUNCTION)
    op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} {refuse}")


def _keep_in_sqlite(table: str) -> None:
    old = table in {"access_entry", "access_person"}
    when = " WHEN OLD.entry_id >= (SELECT coalesce(max(before_entry), 0) FROM access_purge)" if old else ""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    op.execute(f"CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table}{when} {refuse}")
