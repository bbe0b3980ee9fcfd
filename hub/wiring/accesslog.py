"""The access log of an installation, with the limits that its settings give."""

from __future__ import annotations

import os
from collections.abc import Callable

from hub.access.appending import AccessLog
from hub.domain.access import Limits
from hub.ledger.accesslog import AccessKeys
from hub.wiring.hub import Hub


def access_log(hub: Hub, told: Callable[[str, int | None], object] = lambda _outcome, _alarm_no: None) -> AccessLog:
    """Give the access log, which tells as `AccessLog` does."""
    settings = hub.settings
    return AccessLog(
        hub.store,
        AccessKeys(hub.master),
        limits=Limits(*(getattr(settings, f"volume_{name}") for name in Limits._fields)),
        reason_hours=settings.break_glass_hours,
        random_bytes=os.urandom,
        told=told,
    )
