"""The table of what readers of the web pages have marked as read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; nobody has marked anything yet."""
    op.create_table(
        "web_mark",
        sa.Column("mark_ref", sa.LargeBinary(32), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("marked_at", sa.BigInteger, nullable=False, index=True),
        sqlite_with_rowid=False,
    )
