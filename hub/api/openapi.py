"""The OpenAPI document: what the framework finds of each operation, with what all of them have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from hub.api import problems
from hub.api.documents import event_schemas
from hub.api.problems import Problem

TITLE = "Parcours Hub"
_DESCRIPTION = """\
One continuous pathway for each person accompanied by France Travail and Cap emploi, from the events of both networks.

Every request carries a bearer token of the OpenID provider. Who reads a person who they do not accompany states a
reason first; each reading is an entry of the access log. Failures are RFC 9457 problem documents whose `type` is
stable. Times are UTC by RFC 3339. Lists go on at `next`, and at the `Link` with `rel="next"`.
"""
_CONTACT = {"name": "The team of Parcours Hub", "url": "https://parcours-hub.example/contact"}
_LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
_SERVERS = [{"url": "/", "description": "The hub that this document came from."}]
_OPEN_ID = {
    "type": "openIdConnect",
    "openIdConnectUrl": "https://id.example/.well-known/openid-configuration",
    "description": "The provider that the hub's operator chose; ask them for its address.",
}
TAGS: Mapping[str, str] = {
    "events": "Publish events of one's own network, and ask what became of them.",
    "pathways": "One person's pathway: as it is, as it was, why, and who looked at it.",
    "caseload": "The people whom an adviser accompanies, and what is due for them.",
    "people": "Find a person by at least two traits, and look one up before a case is opened.",
    "explanations": "Why a fact of a pathway is as it is: the events behind it.",
    "decisions": "Confirm, reject and undo links between case records; settle contradictions.",
    "figures": "Figures of sites and departments, without people.",
    "access": "Who looked at whom: the access log, its alarms, and releasing a stopped reader.",
    "changes": "Follow the changes of people whom one accompanies, as server-sent events.",
    "quarantine": "What broke the contract, and sending it through the gate again.",
    "status": "Whether everything that came in is accounted for.",
}
"""What stands above each group of operations; a tag that is not named here has no group."""
_COMMON = {
    400: "usage",
    401: "token_invalid",
    403: "denied",
    408: "request_timeout",
    413: "record_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many_requests",
    431: "headers_too_large",
    500: problems.DEFECT,
    503: "store_unavailable",
}
"""The failures that any operation can end in, by their most frequent code."""
_OF_BODIES = {408, 413, 415}
_EXAMPLES: Mapping[str, str] = {
    "usage": "`cursor` is not one that this operation gave; leave it out to begin with the first page",
    "token_invalid": "the token expired; ask the OpenID provider for a new one",
    "denied": "none of your roles allows this",
    "request_timeout": "the request was not received within 30 s",
    "record_too_large": "the body is larger than 8388608 bytes; send it in several requests",
    "unsupported_media_type": "this operation takes application/json; say so in Content-Type",
    "invalid_request": "the request does not keep the contract",
    "too_many_requests": "you made more than 6000 requests within a minute; go on in 12 s",
    "headers_too_large": "the head of the request is larger than 65536 bytes",
    problems.DEFECT: problems.DEFECT_TEXT,
    "store_unavailable": "the hub's store does not answer now; nothing was kept, try again later",
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    "X-Request-Id": (
        "Names this request in the hub's log; the request's own, where it is a UUID or 32 hex digits.",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ),
    "RateLimit-Policy": (
        "How many requests a reader may make in how many seconds (draft-ietf-httpapi-ratelimit-headers-10).",
        '"reader";q=6000;w=60',
    ),
    "RateLimit": (
        "How many are left, and in how many seconds all are there again (the same draft).",
        '"reader";r=5990;t=42',
    ),
    "ETag": (
        "What this answer is: send it as `If-None-Match` to be told 304 as long as nothing changed.",
        '"f28d06cfe1f9b257da48895e63862c4a"',
    ),
    "Retry-After": ("In how many seconds to come back.", "12"),
    "WWW-Authenticate": ("Which authentication is asked for (RFC 6750).", 'Bearer realm="parcours-hub"'),
}
_WELL_KNOWN: Mapping[str, tuple[str, Any]] = {
    "cursor": ("Where to go on: the `next` of the page before.", "0WkH5m1fJ4rJkq0yX1mVwpHMMjAyMS0wNC0wMQ"),
    "limit": ("At most so many items on a page.", 50),
    "person_id": ("The person, by the id that the hub gave them.", "01890a5d-0000-7000-8000-000000000001"),
    "alarm_no": ("The alarm, by its number.", 17),
}
"""What parameters of these names are, wherever their operation does not say it itself."""
_BY_FORMAT = {
    "date": "2021-04-01",
    "date-time": "2021-04-01T12:00:00Z",
    "uuid": "01890a5d-0000-7000-8000-000000000001",
}
_METHODS = ("get", "post", "put", "patch", "delete")


def document(app: FastAPI) -> dict[str, Any]:
    """Make the document of an application."""
    found = get_openapi(
        title=TITLE,
        version=app.version,
        openapi_version="3.1.0",
        summary="Publish, query and follow pathways",
        description=_DESCRIPTION,
        contact=_CONTACT,
        license_info=_LICENCE,
        routes=app.routes,
        servers=_SERVERS,
        separate_input_output_schemas=False,
    )
    _put_nulls_back(app, found)
    operations = list(operations_of(found))
    used = {tag for _, _, operation in operations for tag in operation.get("tags", [])}
    found["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    for _, method, operation in operations:
        _exemplify(operation, found["components"]["schemas"])
        _complete(operation, is_read=method == "get")
    _put_components(found)
    return found


def operations_of(found: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give each operation of a document with its path and method."""
    for path, item in found["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _put_nulls_back(app: FastAPI, found: dict[str, Any]) -> None:
    """Give examples their members that are null again: the framework leaves them out of the whole document."""
    schemas = found.get("components", {}).get("schemas", {})
    for model in _models(BaseModel):
        extra = model.model_config.get("json_schema_extra")
        if model.__name__ in schemas and isinstance(extra, dict) and "examples" in extra:
            schemas[model.__name__]["examples"] = extra["examples"]
    for route in iter_route_contexts(app.routes):
        if not route.include_in_schema or not route.methods:
            continue
        answers = found["paths"][route.path_format][next(iter(route.methods)).lower()]["responses"]
        for status, answer in route.responses.items():
            for kind, content in answer.get("content", {}).items():
                answers[str(status)]["content"][kind] |= {
                    name: content[name] for name in ("example", "examples") if name in content
                }


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        if model.__module__.startswith("hub."):
            yield model
        yield from _models(model)


def _exemplify(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Give an example to what has none of its own, but a default, a list of values, or models that have some."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"] = _without_null(parameter["schema"])
        text, value = _WELL_KNOWN.get(parameter["name"], ("", None))
        if schema.get("default") is not None or value is None:
            value = schema["default"] if schema.get("default") is not None else _first_value(schema)
        if text:
            parameter.setdefault("description", text)
        if "example" not in parameter and "examples" not in schema and value is not None:
            parameter["example"] = value
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            names = [each["$ref"].rpartition("/")[2] for each in content.get("schema", {}).get("anyOf", [])]
            if names and not {"example", "examples"} & content.keys():
                content["examples"] = {name: {"value": schemas[name]["examples"][0]} for name in names}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a parameter that may be left out: no text of a query or a header is null."""
    forms = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(forms) == 1:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return {**forms[0], **rest}
    return {**schema, "anyOf": forms} if forms else schema


def _first_value(schema: Mapping[str, Any]) -> Any:
    if "items" in schema:
        value = _first_value(schema["items"])
        return None if value is None else [value]
    if "enum" in schema or "const" in schema:
        return schema["enum"][0] if "enum" in schema else schema["const"]
    if schema.get("type") in {"boolean", "integer"}:
        return True if schema["type"] == "boolean" else max(1, schema.get("minimum", 1))
    found = (_first_value(each) for each in schema.get("anyOf", ()))
    return _BY_FORMAT.get(schema.get("format", "")) or next((value for value in found if value is not None), None)


def _complete(operation: dict[str, Any], *, is_read: bool) -> None:
    """Add the answers and headers that every operation has; its own stay as they are."""
    answers = operation["responses"]
    names = ["X-Request-Id", "RateLimit-Policy", "RateLimit"]
    if is_read and "application/json" in answers.get("200", {}).get("content", {}):
        answers.setdefault("304", {"description": "The reader has this already: `If-None-Match` names its ETag."})
        names.append("ETag")
    unprocessable = answers.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if unprocessable.get("$ref", "").endswith("/HTTPValidationError"):
        del answers["422"]
    for status, code in _COMMON.items():
        if status not in _OF_BODIES or "requestBody" in operation:
            answers.setdefault(str(status), {"$ref": f"#/components/responses/{code}"})
    for status, answer in answers.items():
        if status.startswith("2") or status == "304":
            shown = answer.setdefault("headers", {})
            for name in names:
                shown.setdefault(name, {"$ref": f"#/components/headers/{name}"})
    operation["responses"] = dict(sorted(answers.items()))
    if "security" in operation:
        operation["security"].append({"openId": []})


def _put_components(found: dict[str, Any]) -> None:
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    schemas |= event_schemas.schemas()
    components["schemas"] = dict(sorted(schemas.items()))
    components["responses"] = {code: _problem(code) for code in _COMMON.values()}
    components["headers"] = {
        name: {"description": text, "schema": {"type": "string"}, "example": example}
        for name, (text, example) in _HEADERS.items()
    }
    components.setdefault("securitySchemes", {})["openId"] = _OPEN_ID


def _problem(code: str) -> dict[str, Any]:
    kind = problems.KINDS[code]
    names = ["X-Request-Id"]
    names += ["Retry-After"] if kind.status in {429, 503} else []
    names += ["WWW-Authenticate"] if kind.status == 401 else []
    example: dict[str, Any] = {
        "type": problems.TYPE + code,
        "title": kind.title,
        "status": kind.status,
        "detail": _EXAMPLES[code],
    }
    if code == "invalid_request":
        example["errors"] = [{"detail": "is missing", "pointer": "/reason"}]
    return {
        "description": kind.title,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
