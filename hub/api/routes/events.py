"""Publishing: systems that cannot speak Kafka put their network's events on the log through here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems, submitted
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents import events as documents
from hub.api.exchange import exchange_of
from hub.api.problems import Defect
from hub.domain import access
from hub.domain.ids import NETWORKS
from hub.errors import ContentConflict, Denied, ForbiddenNetwork, InvalidEvent
from hub.producers.submissions import Refused, Taken
from hub.telemetry import tracing

router = APIRouter(tags=["events"])

MEDIA_TYPES = (submitted.JSON, submitted.NDJSON, submitted.AVRO, submitted.AVRO_BATCH)
_STATUSES = {ContentConflict.code: "conflict", ForbiddenNetwork.code: "forbidden"}


@router.post(
    "/events",
    summary="Publish events",
    description=documents.DESCRIPTION,
    response_model=None,
    status_code=202,
    responses={
        202: {"model": documents.Published | documents.Results, "description": documents.ACCEPTED},
        207: {"model": documents.Results, "description": documents.MIXED},
        **problems.answers(
            "usage",
            "token_invalid",
            "denied",
            "content_conflict",
            "record_too_large",
            "unsupported_media_type",
            "invalid_event",
            "log_unavailable",
            "store_unavailable",
        ),
    },
    openapi_extra={"requestBody": documents.REQUEST},
)
async def publish(
    request: Request, services: Hub, asked: Annotated[Asked, Depends(allowed(access.PUBLISH))]
) -> Response:
    """Publish the events of the client's network; it waits for a slot without a thread."""
    network = asked.reader.network
    if network not in NETWORKS:
        raise Denied("your client belongs to no network; the operator sets which one its events are of")
    media_type = _media_type(request)
    if media_type is None:
        return _refuse_media_type(request)
    traceparent = request.headers.get(tracing.HEADER, "")
    body = await request.body()

    def work() -> Response:
        items, is_batch = submitted.read(media_type, body, services.submissions.codec.decode)
        # A malformed one is ignored: W3C Trace Context, section 3.2.
        parent = traceparent if tracing.parsed(traceparent) else None
        results = services.submissions.submit(network, items, parent)
        for result, count in Counter(map(_counted, results)).items():
            services.watch.metrics.published(result, count)
        return _of_batch(request, results) if is_batch else _of_one(request, results[0])

    return await services.publish_slots.run(work)


def _media_type(request: Request) -> str | None:
    """Give the body's media type, None where it is not one that is read here."""
    name, _, parameter = request.headers.get("Content-Type", "").partition(";")
    charset = parameter.strip().lower().replace('"', "")
    if charset.startswith("charset=") and charset != "charset=utf-8":
        return None
    media_type = name.strip().lower()
    return media_type if media_type in MEDIA_TYPES else None


def _refuse_media_type(request: Request) -> Response:
    code = "unsupported_media_type"
    exchange_of(request.scope).code = code
    accepted = ", ".join(MEDIA_TYPES)
    return problems.problem(code, f"expected {accepted}, in UTF-8", headers={"Accept": accepted})


def _counted(result: Taken | Refused) -> str:
    if isinstance(result, Refused):
        return result.error.code
    return "accepted" if result.is_new else "duplicate"


def _of_one(request: Request, result: Taken | Refused) -> Response:
    if isinstance(result, Taken):
        return answer(request, _taken(result), status=202)
    exchange_of(request.scope).code = result.error.code
    return problems.problem(result.error.code, str(result.error), defects=_defects(result))


def _of_batch(request: Request, results: Sequence[Taken | Refused]) -> Response:
    taken = [result for result in results if isinstance(result, Taken)]
    accepted = sum(result.is_new for result in taken)
    refused = len(results) - len(taken)
    document = {
        "accepted": accepted,
        "duplicates": len(taken) - accepted,
        "refused": refused,
        "results": [_taken(result) if isinstance(result, Taken) else _refused(result) for result in results],
    }
    return answer(request, document, status=207 if refused else 202)


def _taken(result: Taken) -> dict[str, Any]:
    topic, partition, offset = result.place
    status = "accepted" if result.is_new else "duplicate"
    return {
        "status": status,
        "event_id": result.event_id,
        "topic": topic,
        "partition": partition,
        "offset": offset,
    }


def _refused(result: Refused) -> dict[str, Any]:
    code = result.error.code
    return {
        "status": _STATUSES.get(code, "invalid"),
        "event_id": result.event_id,
        "problem": problems.document_of(code, str(result.error), _defects(result)),
    }


def _defects(result: Refused) -> list[Defect]:
    if not isinstance(result.error, InvalidEvent):
        return []
    return [Defect(pointer=pointer, detail=text) for pointer, text in result.error.defects]
