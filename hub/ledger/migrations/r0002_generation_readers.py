"""The table on which readers of a generation in PostgreSQL share a lock, so that none is dropped under them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; it never holds a row."""
    op.create_table("generation_reader", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
