"""From where a follower goes on."""

from __future__ import annotations

from hub.api.services import Services
from hub.errors import PositionAhead
from hub.ledger import ledger
from hub.ledger.database import reading


def begin(services: Services, given: int | None) -> int:
    """Give the position after which a stream sends: the one given, or the ledger's last.

    Raises:
        PositionAhead: the ledger ends before the one given.
    """
    with reading(services.store) as connection:
        last = ledger.last_position(connection)
    if given is None:
        return last
    if given > last:
        raise PositionAhead(
            f"the ledger ends at {last}, before the position {given} from which to go on: it was restored from a "
            "backup; read your people anew, then follow without Last-Event-ID"
        )
    return given
