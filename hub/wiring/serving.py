"""The API's services, from an open installation."""

from __future__ import annotations

import os

from hub.access.guard import Guard
from hub.access.recording import Recorder
from hub.api.services import Services, Tokens
from hub.audit.viewing import Viewer
from hub.wiring.hub import Hub


def services_of(hub: Hub, tokens: Tokens, recorder: Recorder) -> Services:
    """Put together what the operations work with; the hub stays the caller's to close."""
    return Services(
        store=hub.store,
        codec=hub.codec,
        keystore=hub.keystore,
        keyed_hash=hub.keyed_hash,
        replay=hub.replay,
        viewer=Viewer(hub.replay, hub.codec, hub.keystore),
        guard=Guard(hub.store, recorder, hub.now),
        tokens=tokens,
        cursor_key=hub.master.derive("api-cursor"),
        now=hub.now,
        random_bytes=os.urandom,
    )
