"""The table of event ids submitted over HTTP, which decides between two contents before a worker has read either."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "submission",
        sa.Column("event_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("content_mac", sa.LargeBinary(32), nullable=False),
        sa.Column("submitted_at", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")),
        sa.Column("partition", sa.Integer),
        sa.Column("offset", sa.BigInteger),
        sqlite_with_rowid=False,
    )
