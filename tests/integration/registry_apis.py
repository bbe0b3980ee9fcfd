"""Clients of a schema registry, and its replies."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from hub.codec.confluent import ConfluentApi
from hub.codec.confluent_registry import text_of
from hub.codec.registry_http import RegistryHttp
from tests.unit.codec_records import REGISTRY

PASSWORD = "pass-word-7781"
SUBJECT = "hub.decisions.v1-fr.parcours.link.RecordsLinked"
SCHEMA = text_of(REGISTRY.current("RecordsLinked"))


def an_api(
    urls: str, pauses: list[float] | None = None, clock: Callable[[], float] = time.monotonic, **more: Any
) -> ConfluentApi:
    pauses = [] if pauses is None else pauses
    return ConfluentApi(RegistryHttp(urls, sleep=pauses.append, clock=clock, **more))


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


CALLS: dict[str, Callable[[ConfluentApi], object]] = {
    "schema": lambda api: api.schema(1),
    "subjects": lambda api: api.subjects(),
    "find": lambda api: api.find(SUBJECT, SCHEMA),
    "register": lambda api: api.register(SUBJECT, SCHEMA),
    "is_compatible": lambda api: api.is_compatible(SUBJECT, SCHEMA),
    "level": lambda api: api.level(SUBJECT),
    "set_level": lambda api: api.set_level(SUBJECT, "FULL_TRANSITIVE"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
