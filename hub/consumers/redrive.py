"""Re-drive: a quarantined record goes through the gate again, once what was wrong is mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate, Refused
from hub.errors import ContractError, Usage
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import HELD, REDRIVEN, Quarantine
from hub.log.port import Record
from hub.telemetry.tracing import redriving, tracer_of_process

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


def redrive(
    store: Engine,
    quarantine: Quarantine,
    gate: Gate,
    acceptance: Acceptance,
    entry_id: int,
    *,
    by: str,
    note: str,
    now: Callable[[], datetime],
    tracer: Tracer | None = None,
) -> str:
    """Take a held record in, exactly once: the decision and its effect are one transaction.

    Returns:
        `accepted`, or `duplicate` when the ledger holds the event already.

    Raises:
        NotFound: there is no such entry.
        Usage: the entry is not held.
        ContractError: the record still breaks the contract; the entry stays held.
    """
    with reading(store) as connection:
        found = quarantine.show(connection, entry_id)
    if found.summary.state != HELD:
        raise Usage(f"entry {entry_id} is {found.summary.state}; only a held one can be redriven")
    summary = found.summary
    headers = tuple((name, value or b"") for name, value in found.headers)
    record = Record(summary.topic, summary.partition, summary.offset, found.key, found.value, headers, timestamp_ms=0)
    with redriving(tracer or tracer_of_process(), record):
        judged = gate.judge(record)
        if isinstance(judged, Refused):
            raise _still(judged)
        acceptance.prepare([judged])
        with writing(store) as connection:
            quarantine.decide(connection, entry_id, REDRIVEN, by, note, now)
            outcome = acceptance.accept(connection, [judged], now(), resets=summary.resets)
            if outcome.conflicts:
                raise _still(outcome.conflicts[0])
    return "accepted" if outcome.accepted else "duplicate"


def _still(refused: Refused) -> ContractError:
    error = ContractError(f"the record still breaks the contract ({refused.reason}): {refused.detail}")
    error.code = refused.reason
    return error
