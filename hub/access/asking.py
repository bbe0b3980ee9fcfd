"""Who asks, and through what: what every reading of people is recorded under."""

from __future__ import annotations

from typing import NamedTuple

from hub.domain.access import Reader


class Asked(NamedTuple):
    """A request for people: `through` names its entrance without a value (`GET /api/v1/pathways/{person_id}`)."""

    reader: Reader
    through: str
