"""The calls of Confluent's schema registry API that the hub needs; Karapace and Apicurio answer them too.

Source: Confluent Schema Registry API reference, version 1, with its error codes.
"""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import quote

from hub.codec.framing import LARGEST_SCHEMA_ID
from hub.codec.registry_http import Answer, RegistryHttp, at
from hub.errors import RegistryUnavailable, SchemaIncompatible, UnknownSchema

_NO_SUBJECT, _NO_VERSION, _NO_SCHEMA, _NO_LEVEL = 40401, 40402, 40403, 40408
_REFUSED = frozenset({409, 422})
_LONGEST_REASON = 300


class ConfluentApi:
    """A schema registry server. Every call raises `RegistryUnavailable` when it did not answer, or refused the hub."""

    def __init__(self, http: RegistryHttp) -> None:
        self._http = http

    def schema(self, schema_id: int) -> str:
        """Give the text of the schema with an id.

        Raises:
            UnknownSchema: the registry does not hold it.
        """
        answer = self._http.ask("GET", f"/schemas/ids/{schema_id}")
        if _error_code(answer) == _NO_SCHEMA:
            raise UnknownSchema(f"{at(answer.url)} holds no schema {schema_id}")
        text: str = _field(answer, "schema", str)
        return text

    def subjects(self) -> frozenset[str]:
        """Give the names of all subjects."""
        answer = self._http.ask("GET", "/subjects")
        if answer.status != 200 or not isinstance(answer.content, list):
            _unexpected(answer)
        return frozenset(name for name in answer.content if isinstance(name, str))

    def find(self, subject: str, schema: str) -> int | None:
        """Give the id of a schema under a subject, None if it is not there."""
        answer = self._http.ask("POST", f"/subjects/{_in_path(subject)}", {"schema": schema})
        if _error_code(answer) in {_NO_SUBJECT, _NO_SCHEMA}:
            return None
        return _id(answer)

    def register(self, subject: str, schema: str) -> int:
        """Put a schema under a subject and give its id; one that is there keeps its id.

        Raises:
            SchemaIncompatible: the registry refuses it, with its own words.
        """
        answer = self._http.ask("POST", f"/subjects/{_in_path(subject)}/versions", {"schema": schema})
        if answer.status in _REFUSED:
            raise SchemaIncompatible(f"{at(answer.url)} refuses the schema for {subject}: {_reason(answer)}")
        return _id(answer)

    def is_compatible(self, subject: str, schema: str) -> bool:
        """Tell whether a schema may follow the newest under a subject; it may where there is none."""
        path = f"/compatibility/subjects/{_in_path(subject)}/versions/latest"
        answer = self._http.ask("POST", path, {"schema": schema})
        if answer.status in _REFUSED:
            return False
        if _error_code(answer) in {_NO_SUBJECT, _NO_VERSION}:
            return True
        compatible: bool = _field(answer, "is_compatible", bool)
        return compatible

    def level(self, subject: str) -> str | None:
        """Give the compatibility level that is set for a subject itself, None if there is none."""
        answer = self._http.ask("GET", f"/config/{_in_path(subject)}")
        if _error_code(answer) in {_NO_SUBJECT, _NO_LEVEL}:
            return None
        level: str = _field(answer, "compatibilityLevel", str)
        return level

    def set_level(self, subject: str, level: str) -> None:
        """Set the compatibility level of a subject, which need not exist yet."""
        answer = self._http.ask("PUT", f"/config/{_in_path(subject)}", {"compatibility": level})
        if answer.status != 200:
            _unexpected(answer)


def _in_path(subject: str) -> str:
    return quote(subject, safe="")


def _id(answer: Answer) -> int:
    found: int = _field(answer, "id", int)
    if not 1 <= found <= LARGEST_SCHEMA_ID:
        _unexpected(answer)
    return found


def _field(answer: Answer, name: str, kind: type) -> Any:
    value = answer.content.get(name) if isinstance(answer.content, dict) else None
    if answer.status != 200 or type(value) is not kind:
        _unexpected(answer)
    return value


def _error_code(answer: Answer) -> object:
    """Give the `error_code` of a 404: without one of the API's, it is not the registry that knows nothing."""
    code = answer.content.get("error_code") if answer.status == 404 and isinstance(answer.content, dict) else None
    return code if type(code) is int else None


def _reason(answer: Answer) -> str:
    """Give the registry's own words, made safe to print."""
    message = answer.content.get("message") if isinstance(answer.content, dict) else None
    words = message if isinstance(message, str) else "it gives no reason"
    return "".join(sign if sign.isprintable() else " " for sign in words[:_LONGEST_REASON])


def _unexpected(answer: Answer) -> NoReturn:
    raise RegistryUnavailable(
        f"{at(answer.url)} answers HTTP {answer.status} unlike a schema registry; check HUB_REGISTRY_URL, path included"
    )
