"""Which schema registry the settings name: the files that come with the hub, or a server."""

from __future__ import annotations

from hub.codec.registry import FileRegistry, SchemaRegistry, bundled_schemas
from hub.settings import Settings


def released(settings: Settings) -> FileRegistry:
    """Give the schemas of this version of the hub."""
    return FileRegistry(settings.schemas or bundled_schemas())


def registry_of(settings: Settings) -> SchemaRegistry:
    """Give the registry whose ids stand on the wire."""
    return released(settings)
