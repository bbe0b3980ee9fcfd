"""What the API's operations work with: made by the composition root, one for each application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fastapi import Request
from sqlalchemy import Engine

from hub.access.guard import Guard
from hub.access.recording import Recorder
from hub.api.bodies import BodyLimits
from hub.api.front import Watch
from hub.api.quota import Quota
from hub.api.slots import Slots
from hub.audit.replay import Replay
from hub.audit.viewing import Viewer
from hub.codec.avro import Codec
from hub.consumers.mending import Mending
from hub.domain.access import Reader
from hub.domain.identity.evidence import KeyedHash
from hub.ledger.accesslog import AccessKeys
from hub.ledger.quarantine import Quarantine
from hub.log.port import TopicAdmin
from hub.privacy.keystore import KeyStore
from hub.producers.submissions import Submissions


class Tokens(Protocol):
    """Reads bearer tokens."""

    def reader(self, token: str) -> Reader:
        """Give who a token names.

        Raises:
            TokenInvalid: the token is malformed, expired, forged, or not for this hub.
            IssuerUnavailable: the provider's keys cannot be had now.
        """
        ...

    def ready(self) -> None:
        """Ask whether tokens can be checked now.

        Raises:
            IssuerUnavailable: they cannot.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of an open installation that the operations use.

    `cursor_key` seals the places at which pages go on. `parts` gives what each part said when it was last asked whether
    it answers: None for well, else why not. `is_stopping` says that the program ends: a stream ends too, so
    that its follower connects again elsewhere.
    """

    store: Engine
    codec: Codec
    keystore: KeyStore
    keyed_hash: KeyedHash
    replay: Replay
    viewer: Viewer
    guard: Guard
    recorder: Recorder
    access_keys: AccessKeys
    tokens: Tokens
    submissions: Submissions
    admin: Callable[[], TopicAdmin]
    quarantine: Quarantine
    mending: Mending
    publish_slots: Slots
    cursor_key: bytes
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    watch: Watch
    limits: BodyLimits
    quota: Quota
    parts: Callable[[], Mapping[str, str | None]]
    is_stopping: Callable[[], bool]


def services_of(request: Request) -> Services:
    """Give the services of the application that a request came to."""
    services: Services = request.app.state.services
    return services
