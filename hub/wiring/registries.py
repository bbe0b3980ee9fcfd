"""Which schema registry the settings name: the files that come with the hub, or a server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hub.codec.confluent_registry import ConfluentRegistry
from hub.codec.registry import FileRegistry, SchemaRegistry, bundled_schemas
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.codec.confluent import ConfluentApi


def released(settings: Settings) -> FileRegistry:
    """Give the schemas of this version of the hub."""
    return FileRegistry(settings.schemas or bundled_schemas())


def registry_server(settings: Settings) -> ConfluentApi | None:
    """Give the registry server of the settings, None where there is none; it is not called yet."""
    if not settings.registry_url:
        return None
    from hub.codec.confluent import ConfluentApi  # noqa: PLC0415 not every hub has an HTTP client to load
    from hub.codec.registry_http import RegistryHttp  # noqa: PLC0415

    password = settings.registry_password
    return ConfluentApi(
        RegistryHttp(
            settings.registry_url,
            sleep=time.sleep,
            clock=time.monotonic,
            username=settings.registry_username or None,
            password=password.get_secret_value() if password else None,
            ca_file=settings.registry_ca_file,
        )
    )


def registry_of(settings: Settings) -> SchemaRegistry:
    """Give the registry whose ids stand on the wire."""
    server = registry_server(settings)
    if server is None:
        return released(settings)
    return ConfluentRegistry(released(settings), server, topic_prefix=settings.kafka_topic_prefix, clock=time.monotonic)
