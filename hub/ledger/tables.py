"""The ledger's tables: what is stored in clear, and what is sealed.

They are made by the revisions in `hub/ledger/migrations`; a test proves that these make what is described here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData()

# SQLite gives a row id only to a primary key spelled INTEGER.
_position = BigInteger().with_variant(Integer, "sqlite")
# Indexed by bytes: faster than a language's order, which also changes with the operating system and breaks an index.
_text = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

sequencer = Table(
    "sequencer",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("next_position", BigInteger, nullable=False),
    Column("last_stamp", BigInteger, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("position", _position, primary_key=True, autoincrement=False),
    Column("subject_ref", LargeBinary(16), nullable=False),
    Column("event_type", _text, nullable=False),
    Column("schema_id", Integer, nullable=False),
    Column("stamped_at", BigInteger, nullable=False),
    Column("event_id", LargeBinary(16), nullable=False),
    Column("topic", _text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("content_mac", LargeBinary(32), nullable=False),
    Column("key_commitment", LargeBinary(32), nullable=False),
    Index("ledger_by_subject", "subject_ref", "position"),
    Index("ledger_by_type", "event_type", "position"),
)

# Uniqueness has a table of its own, so that the ledger can be partitioned by subject.
event_id = Table(
    "event_id",
    metadata,
    Column("event_id", LargeBinary(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

consumer_offset = Table(
    "consumer_offset",
    metadata,
    Column("consumer", _text, primary_key=True),
    Column("topic", _text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("leader_epoch", Integer, nullable=False),
    Column("records_read", BigInteger, nullable=False),
    Column("resets", Integer, nullable=False),
)

offset_decision = Table(
    "offset_decision",
    metadata,
    Column("decision_id", _position, Identity(always=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("from_offset", BigInteger, nullable=False),
    Column("from_topic_id", Text, nullable=False),
    Column("to_offset", BigInteger, nullable=False),
    Column("to_topic_id", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

duplicate = Table(
    "duplicate",
    metadata,
    Column("topic", _text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", LargeBinary(16), nullable=False),
    # After a reset the same offsets are read again, in the same topic or in another one of its name.
    Column("resets", Integer, primary_key=True, autoincrement=False),
    Column("stamped_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Nothing personal: ids and keyed hashes. A row without a place is an intent, whose append may have landed or not.
submission = Table(
    "submission",
    metadata,
    Column("event_id", LargeBinary(16), primary_key=True),
    Column("content_mac", LargeBinary(32), nullable=False),
    Column("submitted_at", BigInteger, nullable=False),
    Column("topic", _text),
    Column("partition", Integer),
    Column("offset", BigInteger),
    sqlite_with_rowid=False,
)

# The ledger and this say all that changed: whose pathway has other members because of an event about others.
relinked = Table(
    "relinked",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("subject_ref", LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)

# Whatever was accepted up to the position has been told to the networks.
outbound_position = Table(
    "outbound_position",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)

# Digests of parts, not the parts: nothing here can be read back to what a person's update said.
outbound_sent = Table(
    "outbound_sent",
    metadata,
    Column("person_id", LargeBinary(16), primary_key=True),
    Column("network", _text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Under which person a case record was last looked at, and how far the ledger had come then.
outbound_case = Table(
    "outbound_case",
    metadata,
    Column("subject_ref", LargeBinary(16), primary_key=True),
    Column("person_id", LargeBinary(16), nullable=False, index=True),
    Column("looked_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("entry_id", _position, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("nonce", LargeBinary(12)),
    Column("original", LargeBinary),
    Column("value_hash", LargeBinary(32)),
    Column("state", _text, CheckConstraint("state in ('held', 'redriven', 'discarded')"), nullable=False),
    Column("decided_at", BigInteger),
    Column("decided_by", Text),
    Column("note", Text),
    Column("resets", Integer, nullable=False),
    Index("quarantine_by_state", "state", "entry_id"),
    Index("quarantine_by_value", "value_hash"),
    # An id is never given twice, so that a decision on record names one entry for ever.
    sqlite_autoincrement=True,
)

quarantine_decision = Table(
    "quarantine_decision",
    metadata,
    Column("decision_id", _position, Identity(always=True), primary_key=True),
    Column("entry_id", _position, ForeignKey("quarantine.entry_id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Hashes are keyed, and the content is sealed under a key that only the browser's cookie completes.
web_session = Table(
    "web_session",
    metadata,
    Column("session_ref", LargeBinary(32), primary_key=True),
    Column("reader_ref", LargeBinary(32), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

web_visit = Table(
    "web_visit",
    metadata,
    Column("reader_ref", LargeBinary(32), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A keyed hash of a reader and a list of theirs: no row says whose it is, nor which rows are of one reader.
web_mark = Table(
    "web_mark",
    metadata,
    Column("mark_ref", LargeBinary(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("marked_at", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)
