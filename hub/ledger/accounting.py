"""The sum that shows that nothing was lost: every record read has one disposition."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from hub.ledger.tables import consumer_offset, duplicate, ledger, quarantine

CONSUMER = "hub"


class Accounting(NamedTuple):
    """Records read by the hub's consumer, and what became of them; a redriven record counts as what it became."""

    read: int
    accepted: int
    duplicate: int
    quarantined: int
    discarded: int

    @property
    def adds_up(self) -> bool:
        """Tell whether every record read has exactly one disposition."""
        return self.read == self.accepted + self.duplicate + self.quarantined + self.discarded


def accounting(connection: Connection) -> Accounting:
    """Count the rows of each disposition beside the sum of the records read; counts nothing that is kept as a counter.

    In one snapshot, since each batch moves the offset and keeps its rows in one transaction.
    """
    read = select(func.coalesce(func.sum(consumer_offset.c.records_read), 0)).where(
        consumer_offset.c.consumer == CONSUMER
    )
    in_state = select(func.count()).select_from(quarantine)
    row = connection.execute(
        select(
            read.scalar_subquery(),
            select(func.count()).select_from(ledger).scalar_subquery(),
            select(func.count()).select_from(duplicate).scalar_subquery(),
            in_state.where(quarantine.c.state == "held").scalar_subquery(),
            in_state.where(quarantine.c.state == "discarded").scalar_subquery(),
        )
    ).one()
    return Accounting(*map(int, row))
