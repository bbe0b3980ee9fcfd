"""People whom both networks know, for the outbound feed."""

from __future__ import annotations

from typing import Any

from hub.domain.events.base import Event
from tests.unit.pathway.builders import CE, FT, registered

ZOE: dict[str, Any] = {"family_name": "Durand", "given_name": "Zoé", "birth_date": "1980-05-17", "birth_place": "69381"}


def both() -> tuple[Event, Event]:
    return registered(FT, "2021-01-11", **ZOE), registered(CE, "2021-02-22", **ZOE)
