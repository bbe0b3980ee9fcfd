"""Locks under which workers project side by side on PostgreSQL; in SQLite a writer has the whole store to itself.

Everyone takes them in one order, so that nobody waits in a circle: the subjects of a batch, then the keys by which
their case records find others, then the case records themselves, each kind sorted; the ledger's sequencer comes last.
What is read before a lock is held may be old, so whatever counts is read again under it, by a statement of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Engine, LargeBinary, Select, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert

from hub.errors import Contended
from hub.projections.records import chunks
from hub.projections.tables import Tables

SUBJECT, KEY = b"\x00", b"\x01"
"""What a claim is for; in the order of claiming, since claims are sorted by their bytes."""
_AT_ONCE = 5_000


def is_shared(store: Connection | Engine) -> bool:
    """Tell whether other transactions may write while one does."""
    return store.dialect.name == "postgresql"


def claim(connection: Connection, tables: Tables, what: bytes, keys: Iterable[bytes]) -> None:
    """Have keys to oneself until the transaction ends, wait for whoever has them; they need not exist anywhere."""
    for some in chunks(sorted({what + key for key in keys}), _AT_ONCE):
        connection.execute(_claim(tables), {"wanted": some})


def lock_cases(connection: Connection, tables: Tables, case_nos: Collection[int], *, waiting: bool) -> None:
    """Have case records to oneself until the transaction ends, and with any member a whole pathway.

    Raises:
        Contended: someone else has one, and `waiting` is false: only a first lock may wait, the next is out of order.
    """
    statement = _lock(tables, waiting=waiting)
    for some in chunks(sorted(case_nos), _AT_ONCE):
        if len(connection.execute(statement, {"wanted": some}).all()) < len(some):
            raise Contended("another worker is busy with case records that this batch turned out to need; try again")


@lru_cache(maxsize=8)
def _claim(tables: Tables) -> Insert:
    wanted = func.unnest(bindparam("wanted", type_=ARRAY(LargeBinary))).column_valued("key")
    key = tables.claimed_key.c.key
    statement = insert(tables.claimed_key).from_select(["key"], select(wanted).order_by(wanted))
    # An update that never happens: a row that is there is locked, and not written.
    return statement.on_conflict_do_update(index_elements=[key], set_={"key": key}, where=key.is_(None))


@lru_cache(maxsize=16)
def _lock(tables: Tables, *, waiting: bool) -> Select[Any]:
    number = tables.case_record.c.case_no
    statement = select(number).where(number == any_(bindparam("wanted", type_=ARRAY(number.type))))
    return statement.order_by(number).with_for_update(key_share=True, skip_locked=not waiting)
