"""The access log verified, as tests ask for it."""

from __future__ import annotations

from sqlalchemy import Engine, text

from hub.ledger.accesstables import APPEND_ONLY
from hub.ledger.accessverify import Verified, verify
from hub.ledger.database import reading, writing
from tests.integration.access import KEYS

LAST = 2**63 - 1


def verified(store: Engine, up_to: int = LAST) -> Verified:
    with reading(store) as connection:
        return verify(connection, KEYS, up_to)


def tamper(store: Engine, *statements: str) -> None:
    """Change the log as someone could who owns the database: past the triggers."""
    with writing(store) as connection:
        for table in APPEND_ONLY:
            if store.dialect.name == "postgresql":
                connection.execute(text(f"alter table {table.name} disable trigger user"))
            else:
                for kind in ("changed", "deleted"):
                    connection.execute(text(f"drop trigger {table.name}_is_not_{kind}"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0
