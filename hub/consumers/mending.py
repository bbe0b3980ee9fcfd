"""Mending what is in quarantine: one record or several at a time, beside workers and others who mend.

Each record is a transaction of its own (`hub.consumers.redrive`), which takes the entry's row first: of two who take
the same one, the second finds it decided. Nothing is held between records.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Literal, NamedTuple

from sqlalchemy import Engine

from hub.codec.outline import Outline
from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate
from hub.consumers.redrive import redrive
from hub.errors import Contended, ContractError, EventConflict, StoreCorrupt, Usage
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import DISCARDED, HELD, Quarantine
from hub.ledger.quarantinequeries import Chosen, groups, listing

AT_ONCE = 50
"""Records of one call at most."""
BUDGET_S = 5.0
"""After so long no further record is begun."""

Result = Literal["accepted", "duplicate", "still_held", "decided", "busy"]


class Outcome(NamedTuple):
    """What became of a record.

    It is `still_held` for the reason given, `decided` by somebody else before, or `busy`: to be tried again.
    """

    entry_id: int
    result: Result
    reason: str | None = None
    detail: str | None = None


class Batch(NamedTuple):
    """What became of several records, the last one tried, and how many of the same kind come after it."""

    outcomes: list[Outcome]
    last_id: int
    left: int


class Mending:
    """Redrives and discards."""

    def __init__(
        self, store: Engine, quarantine: Quarantine, gate: Gate, acceptance: Acceptance, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._quarantine = quarantine
        self._gate = gate
        self._acceptance = acceptance
        self._now = now

    def outline(self, value: bytes | None) -> Outline:
        """Tell how a record is made, without a value of it."""
        return self._gate.outline(value)

    def redrive(self, entry_id: int, *, by: str, note: str) -> Outcome:
        """Send a held record through the gate again.

        Raises:
            NotFound: there is no such entry.
            Usage: the entry is not held.
            StoreUnavailable, RegistryUnavailable: nothing is known about the record yet.
        """
        try:
            taken = redrive(
                self._store,
                self._quarantine,
                self._gate,
                self._acceptance,
                entry_id,
                by=by,
                note=note,
                now=self._now,
            )
        except (Contended, EventConflict):
            return Outcome(entry_id, "busy")
        except ContractError as error:
            return Outcome(entry_id, "still_held", error.code, str(error))
        return Outcome(entry_id, "accepted" if taken == "accepted" else "duplicate")

    def redrive_several(self, *, reason: str, topic: str | None, after: int, up_to: int, by: str, note: str) -> Batch:
        """Redrive what is held for a reason, of ids greater than `after` and not greater than `up_to`.

        Raises:
            StoreUnavailable, RegistryUnavailable: what was redriven before stays so.
        """
        held = Chosen(HELD, reason, topic)
        with reading(self._store) as connection:
            found = listing(connection, held, limit=AT_ONCE, after=after)
        wanted = [each.entry_id for each in found if each.entry_id <= up_to]
        until = monotonic() + BUDGET_S
        outcomes: list[Outcome] = []
        for entry_id in wanted:
            if outcomes and monotonic() > until:
                break
            outcomes.append(self._taken(entry_id, by, note))
        last_id = outcomes[-1].entry_id if outcomes else up_to
        with reading(self._store) as connection:
            left = groups(connection, held, after=last_id, up_to=up_to)
        return Batch(outcomes, last_id, sum(each.entries for each in left))

    def _taken(self, entry_id: int, by: str, note: str) -> Outcome:
        try:
            return self.redrive(entry_id, by=by, note=note)
        except Usage:
            return Outcome(entry_id, "decided")
        except StoreCorrupt as error:
            return Outcome(entry_id, "still_held", error.code, str(error))

    def discard(self, entry_id: int, *, by: str, note: str) -> None:
        """Decide that a held record is not wanted.

        Raises:
            NotFound: there is no such entry.
            Usage: the entry is not held, or the note says nothing.
        """
        with writing(self._store) as connection:
            self._quarantine.decide(connection, entry_id, DISCARDED, by, note, self._now)
