"""The sum that shows that nothing was lost: every record read has one disposition."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class Accounting(NamedTuple):
    """Records read by the hub's consumer, and what became of them."""

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
    """Count the rows of each disposition."""
    raise NotImplementedError
