"""One event of the simulation before it is sent: times as whole seconds, its number still to be given."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hub.producers.simulation.moments import moment_text

Line = dict[str, Any]
"""A line of the feed: an event in its JSON form, or `{"raw": {"topic", "key", "value", "why"}}`, bytes in base64."""


@dataclass(slots=True)
class Draft:
    """An event as its source system holds it.

    `occurred` and `recorded` are seconds since 1970; `arrives` is when the line leaves the source for the hub. `late`
    marks a recording days after the fact, `re_referral` a registration that starts again what the other network does,
    `repeat` an event that was sent before.
    """

    type: str
    network: str
    scope: str
    local_id: str
    actor: str
    organisation: str
    site: str | None
    occurred: int
    recorded: int
    event_id: str
    fields: dict[str, Any]
    causation_id: str | None = None
    sequence: int = 1
    arrives: int = 0
    late: bool = False
    re_referral: bool = False
    repeat: bool = False

    def line(self) -> Line:
        """Give the event's JSON form, as the codec writes it: no nulls."""
        meta: dict[str, Any] = {
            "event_id": self.event_id,
            "network": self.network,
            "scope": self.scope,
            "local_id": self.local_id,
            "sequence": self.sequence,
            "occurred_at": moment_text(self.occurred),
            "recorded_at": moment_text(self.recorded),
            "actor_id": self.actor,
            "organisation": self.organisation,
        }
        if self.site is not None:
            meta["site"] = self.site
        if self.causation_id is not None:
            meta["causation_id"] = self.causation_id
        return {"type": self.type, "meta": meta, **self.fields}


def event_id(recorded: int, rng: Random) -> str:
    """Give an id in the layout of UUIDv7 (RFC 9562, section 5.7): the second of recording, and drawn bits."""
    drawn = rng.getrandbits(84)
    milliseconds = recorded * 1_000 + (drawn & 0x3FF) % 1_000
    text = f"{milliseconds:012x}7{drawn >> 72:03x}{8 | drawn >> 70 & 3:x}{drawn >> 10 & 0xFFFFFFFFFFFFFFF:015x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
