"""Records that break the contract, as they come from systems that do not use the publisher: raw bytes for a topic.

Each is made from a true event of the feed and must end in quarantine, whatever arrives first. The record with a known
id differs from the event in its `correlation_id` alone, so that either of them, taken first, says the same.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from random import Random

from hub.codec.avro import Codec
from hub.codec.framing import frame, unframe
from hub.codec.jsonform import from_json
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain.events.base import Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.topics import OF_NETWORK
from hub.producers.simulation.draft import Draft, Line, event_id

NOT_AVRO = "bytes that are no Avro"
UNKNOWN_SCHEMA = "a schema id that the registry does not hold"
OTHER_TOPIC = "a network writes on the other's topic"
CONFLICT = "a known event id with other content"
BAD_SIRET = "a SIRET that fails its check digit"
NO_CASE = "an event about a case without its number"
TRUNCATED = "a record cut off before its end"
TRAILING = "bytes left over after the last field"
KINDS = (NOT_AVRO, UNKNOWN_SCHEMA, OTHER_TOPIC, CONFLICT, BAD_SIRET, NO_CASE, TRUNCATED, TRAILING)

_FIRST_EVERY, _EVERY = 70, 500
_UNASSIGNED_SCHEMA_ID = 999_999


class Breakage:
    """Breaks events of a feed, kind after kind: each kind once early on, then one record for 500 lines."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"{seed}:broken")
        self._codec = Codec(FileRegistry(bundled_schemas()))
        self._lines = 0
        self._made = 0
        self._next_at = _FIRST_EVERY

    def after(self, draft: Draft) -> Line | None:
        """Give a broken record to send after this line, if one is due and the line lends itself to it."""
        self._lines += 1
        kind = KINDS[self._made % len(KINDS)]
        if self._lines < self._next_at or not _lends_itself(draft, kind):
            return None
        self._made += 1
        self._next_at = self._lines + (_FIRST_EVERY if self._made < len(KINDS) else _EVERY)
        value = self._value(from_json(draft.line()), kind)
        network = draft.network
        if kind == OTHER_TOPIC:
            network = CAP_EMPLOI if network == FRANCE_TRAVAIL else FRANCE_TRAVAIL
        key = b64encode(self._rng.randbytes(16)).decode() if self._rng.random() < 0.8 else None
        return {"raw": {"topic": OF_NETWORK[network], "key": key, "value": b64encode(value).decode(), "why": kind}}

    def _value(self, event: Event, kind: str) -> bytes:
        again = event.meta.model_copy(update={"event_id": self._new_id(event)})
        changed: dict[str, Callable[[], Event]] = {
            CONFLICT: lambda: _with(event, meta=event.meta.model_copy(update={"correlation_id": again.event_id})),
            BAD_SIRET: lambda: _with(event, meta=again, siret="00090000000000"),
            NO_CASE: lambda: _with(event, meta=again.model_copy(update={"scope": "", "local_id": ""})),
        }
        value = self._codec.encode(changed.get(kind, lambda: _with(event, meta=again))())
        if kind == NOT_AVRO:
            return b'{"type":"' + self._rng.randbytes(40)
        if kind == UNKNOWN_SCHEMA:
            return frame(_UNASSIGNED_SCHEMA_ID, unframe(value)[1])
        if kind == TRUNCATED:
            return value[:-3]
        return value + b"\x00\x07" if kind == TRAILING else value

    def _new_id(self, event: Event) -> str:
        return event_id(int(event.meta.recorded_at.timestamp()), self._rng)


def _lends_itself(draft: Draft, kind: str) -> bool:
    if not draft.local_id or draft.repeat:
        return False
    if kind == CONFLICT:
        return draft.type == "AppointmentRecorded"
    return kind != BAD_SIRET or draft.type == "CandidacyProposed"


def _with(event: Event, **changes: object) -> Event:
    """Change fields without the validation that a publisher would make."""
    return event.model_copy(update=changes)
