"""What a read model is: a named table, and a pure function from a state to its rows, each with its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Date, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from hub.domain.pathway.fact import Fact

S = TypeVar("S")
Row = tuple[Any, ...]
_SORTED = msgspec.json.Encoder(order="sorted")


def moment_text(moment: datetime) -> str:
    """Write an aware time in UTC with six decimals, so that text order is time order, as datetime's isoformat does.

    msgspec writes six decimals or none, and Z; it takes a sixth of isoformat's time, which each event pays three times.
    """
    text: str = msgspec.to_builtins(moment.astimezone(UTC))
    return text.replace("Z", "+00:00" if moment.microsecond else ".000000+00:00")


class Moment(TypeDecorator[datetime]):
    """An aware UTC time: RFC 3339 text that sorts in SQLite, `timestamptz` in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the database's own type."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write UTC with six decimals, so that text order is time order."""
        if value is None or dialect.name != "sqlite":
            return value
        return moment_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an aware UTC time."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


TEXT: TypeEngine[str] = Text()
DAY: TypeEngine[date] = Date()
MOMENT: TypeEngine[datetime] = Moment()
COUNT: TypeEngine[int] = Integer()
NUMBER: TypeEngine[int] = BigInteger()


@dataclass(frozen=True, slots=True)
class ReadModel(Generic[S]):
    """A table of the read model.

    `key` and `columns` give (name, type) in row order; a row is the key's values, the columns' values, the id of the
    event that made or last changed it, and the JSON object of the columns that another event set, or None. `parts`
    names the state's fields that the rows depend on: when none of them changed, the rows did not either. Keys are
    unique within one subject (one person, one employer); the engine puts the subject's own column before them.
    """

    name: str
    key: tuple[tuple[str, TypeEngine[Any]], ...]
    columns: tuple[tuple[str, TypeEngine[Any]], ...]
    parts: tuple[str, ...]
    rows: Callable[[S], Iterable[Row]]


def row(key: tuple[Any, ...], names: Sequence[str], facts: Sequence[Fact[Any] | None], event_id: str) -> Row:
    """Lay out one row: `facts` are the columns' facts in order, `names` their names, `event_id` the row's own event.

    A column whose fact came from another event than the row's is named in the row's JSON object of events.
    """
    values, others = list(key), {}
    for name, fact in zip(names, facts, strict=True):
        if fact is None:
            values.append(None)
        else:
            values.append(fact.value)
            if fact.event_id != event_id:
                others[name] = fact.event_id
    return (*values, event_id, encode_events(others) if others else None)


def encode_events(events: dict[str, str]) -> str:
    """Write the JSON object of columns and their events, names sorted, so that equal rows have equal bytes."""
    return _SORTED.encode(events).decode()


def names(columns: Sequence[tuple[str, TypeEngine[Any]]]) -> tuple[str, ...]:
    """Give the columns' names in order."""
    return tuple(name for name, _ in columns)
