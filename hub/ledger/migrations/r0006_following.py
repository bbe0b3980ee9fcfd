"""The tables of whoever follows: whose pathway an event about others changed, and what the networks were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; the networks have been told nothing yet."""
    op.create_table(
        "relinked",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject_ref", sa.LargeBinary(16), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbound_position",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.execute("insert into outbound_position (id, position) values (1, 0)")
    op.create_table(
        "outbound_sent",
        sa.Column("person_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("network", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbound_case",
        sa.Column("subject_ref", sa.LargeBinary(16), primary_key=True),
        sa.Column("person_id", sa.LargeBinary(16), nullable=False, index=True),
        sa.Column("looked_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
