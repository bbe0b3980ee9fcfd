"""Sections of a pathway: its rows of one kind."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from hub.client.documents import Sighted
from hub.client.rows import Row

R = TypeVar("R", bound=Row)


class Section(msgspec.Struct, Generic[R], kw_only=True, frozen=True):
    """The rows of one kind about a person, as of when, and what the reader sees."""

    person_id: str | None
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    items: list[R]
