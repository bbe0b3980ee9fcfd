"""Whether a form that was sent again says what it said the first time: the first decision stands either way."""

from __future__ import annotations

import hmac

from hub.access.guard import Look
from hub.api.documents.decisions import Decided, Link, Reject, Settle, Unlink
from hub.api.services import Services
from hub.domain.events.base import Event
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.link import MatchRejected, RecordsLinked, RecordsUnlinked
from hub.domain.ids import uuid_bytes
from hub.errors import Forgotten
from hub.ledger import ledger

PATTERN = "^[0-9a-f]{16}$"
_BYTES = 8
Said = tuple[str, ...]
"""What a decision says, but for when and by whom."""


def said(decision: Decided | Settle | Event) -> Said:
    """Give what a decision says, whether it was taken already or is wanted."""
    match decision:
        case Link() | RecordsLinked():
            return "link", decision.evidence, decision.comment or ""
        case Unlink() | RecordsUnlinked():
            return "unlink", decision.reason, decision.comment or ""
        case Reject() | MatchRejected():
            return "reject", decision.comment or ""
        case Settle() | ContradictionSettled():
            return "settle", decision.fact, decision.kept_network, decision.reason
        case _:
            raise TypeError(f"{type(decision).__name__} is no kind of decision")


def digest(services: Services, says: Said | None) -> str:
    """Give a keyed digest of what a form says, which may stand in an address: None is what no decision can say."""
    content = b"\x00" if says is None else "\x1f".join(says).encode(errors="surrogatepass")
    return hmac.digest(services.cursor_key, b"said\x00" + content, "sha256")[:_BYTES].hex()


def is_other(services: Services, look: Look, event_id: str, digested: str) -> bool:
    """Tell whether a decision in the ledger says something else than the form of a digest."""
    located = ledger.locate(look.connection, uuid_bytes(event_id))
    if located is None:
        return False
    try:
        entry = ledger.entry_at(look.connection, located.position, services.keystore)
    except Forgotten:
        return False
    return digest(services, said(services.codec.decode_body(entry.schema_id, entry.body))) != digested
