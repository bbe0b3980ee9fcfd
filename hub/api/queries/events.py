"""An event about a person as a reader sees it, with what it set that still stands."""

from __future__ import annotations

from typing import Any

from hub.access.guard import Look
from hub.api.people import Read
from hub.api.services import Services
from hub.audit.viewing import decided
from hub.errors import Forgotten
from hub.projections.facts import facts


def recorded(services: Services, look: Look, found: Read, event_id: str) -> dict[str, Any] | None:
    """Give an event as the reader sees it, or None: it is not about this person, or nothing of it is left.

    What proposes a link may be an event about someone else, whom the reader may not see.
    """
    if not (any(line["event_id"] == event_id for line in found.view.timeline) or event_id in decided(found.view)):
        return None
    try:
        event = services.viewer.event(look.connection, event_id)
    except Forgotten:
        return None
    return {**event, "content": found.event(event["content"])}


def told(services: Services, look: Look, found: Read, event_id: str) -> dict[str, Any] | None:
    """Give an event, the event that voids it, and the facts that it set; None as `recorded` does."""
    event = recorded(services, look, found, event_id)
    if event is None:
        return None
    lines = {each["event_id"]: each for each in found.view.timeline}
    sets = [each for each in facts(found.view) if each.event_id == event_id and each.model != "timeline"]
    return {
        "event": event,
        "voided_by": lines[event_id]["voided_by"] if event_id in lines else None,
        "sets": [{"fact": each.name, "value": each.value} for each in sets],
    }
