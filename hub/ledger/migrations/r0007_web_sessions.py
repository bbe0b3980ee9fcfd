"""The tables of the web pages' logins: who is logged in, and when each reader was here last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables; nobody is logged in yet."""
    op.create_table(
        "web_session",
        sa.Column("session_ref", sa.LargeBinary(32), primary_key=True),
        sa.Column("reader_ref", sa.LargeBinary(32), nullable=False, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("nonce", sa.LargeBinary(12), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "web_visit",
        sa.Column("reader_ref", sa.LargeBinary(32), primary_key=True),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
