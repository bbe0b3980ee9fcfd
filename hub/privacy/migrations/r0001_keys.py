"""The subjects' keys, and the proof of the master key they are wrapped by, as version 0.1.0 made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; whoever opens the store binds it to a master key."""
    op.create_table(
        "subject_key",
        sa.Column("lookup", sa.LargeBinary(32), primary_key=True),
        sa.Column("subject_ref", sa.LargeBinary(16), nullable=False, unique=True),
        sa.Column("sealed_subject", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("proof", sa.LargeBinary(32), nullable=False),
    )
