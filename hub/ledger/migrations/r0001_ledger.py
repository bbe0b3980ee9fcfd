"""The ledger, offsets, duplicates, quarantine and the registry of generations, as version 0.1.0 made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_moment = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables; positions start at 1."""
    _ledger()
    _offsets()
    _quarantine()
    op.create_table(
        "generation",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("shape", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("live_at", _moment),
    )


def _ledger() -> None:
    sequencer = op.create_table(
        "sequencer",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("next_position", sa.BigInteger, nullable=False),
        sa.Column("last_stamp", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(sequencer, [{"id": 1, "next_position": 1, "last_stamp": 0}])
    op.create_table(
        "ledger",
        sa.Column("position", _position, primary_key=True, autoincrement=False),
        sa.Column("subject_ref", sa.LargeBinary(16), nullable=False),
        sa.Column("event_type", _text, nullable=False),
        sa.Column("schema_id", sa.Integer, nullable=False),
        sa.Column("stamped_at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.LargeBinary(16), nullable=False),
        sa.Column("topic", _text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.LargeBinary(12), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("content_mac", sa.LargeBinary(32), nullable=False),
        sa.Column("key_commitment", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ledger_by_subject", "ledger", ["subject_ref", "position"])
    op.create_index("ledger_by_type", "ledger", ["event_type", "position"])
    op.create_table(
        "event_id",
        sa.Column("event_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duplicate",
        sa.Column("topic", _text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.LargeBinary(16), nullable=False),
        sa.Column("resets", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stamped_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _offsets() -> None:
    op.create_table(
        "consumer_offset",
        sa.Column("consumer", _text, primary_key=True),
        sa.Column("topic", _text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("leader_epoch", sa.Integer, nullable=False),
        sa.Column("records_read", sa.BigInteger, nullable=False),
        sa.Column("resets", sa.Integer, nullable=False),
    )
    op.create_table(
        "offset_decision",
        _numbered("decision_id"),
        sa.Column("consumer", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("from_offset", sa.BigInteger, nullable=False),
        sa.Column("from_topic_id", sa.Text, nullable=False),
        sa.Column("to_offset", sa.BigInteger, nullable=False),
        sa.Column("to_topic_id", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        _numbered("entry_id"),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("nonce", sa.LargeBinary(12)),
        sa.Column("original", sa.LargeBinary),
        sa.Column("value_hash", sa.LargeBinary(32)),
        sa.Column("state", _text, sa.CheckConstraint("state in ('held', 'redriven', 'discarded')"), nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("decided_by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("resets", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("quarantine_by_state", "quarantine", ["state", "entry_id"])
    op.create_index("quarantine_by_value", "quarantine", ["value_hash"])
    op.create_table(
        "quarantine_decision",
        _numbered("decision_id"),
        sa.Column("entry_id", _position, sa.ForeignKey("quarantine.entry_id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantine_decision_entry_id", "quarantine_decision", ["entry_id"])


def _numbered(name: str) -> sa.Column[int]:
    """Give a key that the database numbers, never twice."""
    return sa.Column(name, _position, sa.Identity(always=True), primary_key=True)
