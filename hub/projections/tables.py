"""Tables of the read model: one set per generation, so that a rebuild fills a new set beside the live one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, MetaData, Sequence, Table, Text

from hub.projections import timeline
from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from hub.projections.readmodel import MOMENT, ReadModel

registry = MetaData()

generation = Table(
    "generation",
    registry,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("live_at", MOMENT),
)
"""Generations of the read model: `building`, `live` (one at most) or `retired`; a build has read up to `position`."""

generation_reader = Table("generation_reader", registry, Column("id", Integer, primary_key=True, autoincrement=False))
"""Never holds a row: whoever reads a generation in PostgreSQL shares a lock on it, whoever drops one has it alone."""


class Numbers(NamedTuple):
    """Where the numbers of a column come from: a sequence, or in a database without any, the highest in use."""

    column: Column[Any]
    sequence: Sequence


class Tables:
    """The tables of one generation, each named by its read model behind the generation's prefix: `g3_delegation`."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.metadata = MetaData()
        self._locks = MetaData()
        self.case_record = self._case_record()
        self.identity_key = self._keys("identity_key")
        self.blocking_key = self._keys("blocking_key")
        self.pair_decision = self._table(
            "pair_decision",
            Column("event_id", Text, primary_key=True),
            Column("case_no", BigInteger, nullable=False, index=True),
            Column("decision", LargeBinary, nullable=False),
        )
        self.link = self._link()
        self.fold, self.subject_fold = self._folds()
        self.timeline = self._table(
            "timeline",
            Column("case_no", BigInteger, primary_key=True, autoincrement=False),
            *(Column(name, type_, primary_key=name == "event_id") for name, type_ in timeline.COLUMNS),
            sqlite_with_rowid=False,
        )
        self.models = self._models()
        # Not logged: a crash ends every transaction, and with them what they claimed.
        self.claimed_key = Table(
            f"g{number}_claimed_key",
            self._locks,
            Column("key", LargeBinary(17), primary_key=True),
            prefixes=["UNLOGGED"],
        )
        self.case_numbers = self._numbers(self.case_record.c.case_no)
        self.pathway_numbers = self._numbers(self.case_record.c.pathway_no)

    def _case_record(self) -> Table:
        table = self._table(
            "case_record",
            Column("case_no", BigInteger, primary_key=True, autoincrement=False),
            Column("subject_ref", LargeBinary(16), nullable=False, unique=True),
            Column("network", Text, nullable=False),
            Column("scope", Text, nullable=False),
            Column("local_id", Text, nullable=False),
            Column("pathway_no", BigInteger, index=True),
            Column("trait_key", LargeBinary(16)),
            Column("evidence", LargeBinary, nullable=False),
        )
        Index(f"{table.name}_key", table.c.local_id, table.c.network)
        return table

    def _keys(self, name: str) -> Table:
        return self._table(
            name,
            Column("key", LargeBinary(16), primary_key=True),
            Column("case_no", BigInteger, primary_key=True, index=True, autoincrement=False),
            sqlite_with_rowid=False,
        )

    def _link(self) -> Table:
        return self._table(
            "link",
            Column("left_case", Text, primary_key=True),
            Column("right_case", Text, primary_key=True, index=True),
            Column("status", Text, primary_key=True),
            Column("rule", Text, primary_key=True),
            Column("case_no", BigInteger, nullable=False, index=True),
            Column("skipped_because", Text),
            Column("event_id", Text, nullable=False),
            Column("events", Text),
        )

    def _folds(self) -> tuple[Table, Table]:
        of_people = self._table(
            "fold",
            Column("pathway_no", BigInteger, primary_key=True, autoincrement=False),
            Column("state", LargeBinary, nullable=False),
        )
        of_others = self._table(
            "subject_fold",
            Column("kind", Text, primary_key=True),
            Column("subject_id", Text, primary_key=True),
            Column("state", LargeBinary, nullable=False),
        )
        return of_people, of_others

    def _models(self) -> dict[str, Table]:
        of_people = {
            model.name: self._model_table(
                model, Column("pathway_no", BigInteger, primary_key=True, autoincrement=False)
            )
            for model in PERSON_MODELS
        }
        of_others = {
            model.name: self._model_table(model, Column("subject_id", Text, primary_key=True))
            for models in SUBJECT_MODELS.values()
            for model in models
        }
        pathway = of_people["pathway"]
        for column in ("person_id", "family_name"):
            Index(f"{pathway.name}_{column}", pathway.c[column])
        referent = of_people["referent"]
        Index(f"{referent.name}_adviser", referent.c.network, referent.c.adviser, referent.c.pathway_no)
        ties = of_people["accompaniment"]
        for column in ("adviser", "site"):
            Index(f"{ties.name}_{column}", ties.c.network, ties.c[column], ties.c.pathway_no)
        return of_people | of_others

    def _numbers(self, column: Column[Any]) -> Numbers:
        return Numbers(column, Sequence(f"g{self.number}_{column.name}", metadata=self.metadata))

    def _table(self, name: str, *columns: Column[Any], **options: Any) -> Table:
        return Table(f"g{self.number}_{name}", self.metadata, *columns, **options)

    def _model_table(self, model: ReadModel[Any], owner: Column[Any]) -> Table:
        return self._table(
            model.name,
            owner,
            *(Column(name, type_, primary_key=True) for name, type_ in model.key),
            *(Column(name, type_) for name, type_ in model.columns),
            Column("event_id", Text, nullable=False),
            Column("events", Text),
            sqlite_with_rowid=False,
        )

    def all(self) -> Iterable[Table]:
        """Give every table of the generation that holds content."""
        return self.metadata.tables.values()

    def create(self, connection: Connection) -> None:
        """Make the empty tables."""
        self.metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            self._locks.create_all(connection)

    def drop(self, connection: Connection) -> None:
        """Remove the tables."""
        self.metadata.drop_all(connection)
        if connection.dialect.name == "postgresql":
            self._locks.drop_all(connection)


@lru_cache(maxsize=8)
def tables(number: int) -> Tables:
    """Give the tables of a generation."""
    return Tables(number)
