"""Whether the process sends traces: as OpenTelemetry's own variable says, which other programs read too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from hub.telemetry.exporting import exporting

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@contextmanager
def traced() -> Iterator[Tracer | None]:
    """Send the spans of the block to the collector of `OTEL_EXPORTER_OTLP_ENDPOINT`, if it is set.

    Raises:
        Usage: it is set, and OpenTelemetry's SDK is not installed.
    """
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if not endpoint:
        yield None
        return
    with exporting(endpoint, version("parcours-hub")) as tracer:
        yield tracer
