"""What all groups of operations have in common: how they ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from hub.client.listing import I, Listing, P
from hub.client.transport import Asking, Transport

PREFIX = "/api/v1"
D = TypeVar("D")


class Operations:
    """Asks by a transport."""

    _transport: Transport

    def _get(self, path: str, kind: type[D], /, **params: Any) -> D:
        return self._transport.read(Asking("GET", PREFIX + path, params=query(params)), kind)

    def _post(
        self,
        path: str,
        body: Any,
        kind: type[D],
        *,
        params: Mapping[str, Any] | None = None,
        is_repeatable: bool = True,
    ) -> D:
        asking = Asking(
            "POST",
            PREFIX + path,
            params=query(params or {}),
            body=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
            is_repeatable=is_repeatable,
        )
        return self._transport.read(asking, kind)

    def _list(self, path: str, page: type[P], item: type[I], /, **params: Any) -> Listing[P, I]:
        return Listing(lambda cursor: self._get(path, page, **params, cursor=cursor), item)


def query(given: Mapping[str, Any]) -> dict[str, Any]:
    """Write query parameters; what is None is left out."""
    return {name.rstrip("_"): _text(value) for name, value in given.items() if value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without its offset from UTC; give it a tzinfo")
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def stated(**members: Any) -> dict[str, Any]:
    """Give a request's body without what is None."""
    return {name: value for name, value in members.items() if value is not None}


def pathway_of(person_id: str) -> str:
    """Give the path of a person's pathway."""
    return f"/pathways/{quoted(person_id)}"


def quoted(identifier: str) -> str:
    """Write an id as a part of a path."""
    return quote(identifier, safe="")
