"""Sending traces to a collector with OpenTelemetry's SDK, which is an optional part of the installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub.errors import Usage

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@contextmanager
def exporting(endpoint: str, version: str) -> Iterator[Tracer]:
    """Send the process's spans by OTLP over HTTP while the block runs; what is left is sent at its end.

    The SDK's own variables apply: `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`.
    A collector that is away is a warning in the log, and never stops the hub.

    Args:
        endpoint: the collector's address, as `http://localhost:4318`.

    Raises:
        Usage: the SDK is not installed.
    """
    try:
        from opentelemetry import trace  # noqa: PLC0415 only who exports traces has the SDK
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise Usage(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry's SDK is not installed; install parcours-hub[tracing]"
        ) from error
    resource = Resource.create({"service.name": "parcours-hub", "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    try:
        yield provider.get_tracer("parcours-hub", version)
    finally:
        provider.shutdown()
