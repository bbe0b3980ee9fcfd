"""What the operations about one person share: who is asked about, as of when, and what the reader sees of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from hub.access import fields
from hub.access.asking import Asked
from hub.access.ending import ends_at
from hub.access.guard import Look, Seen
from hub.api.services import Services
from hub.audit.moments import parse_moment, parse_start
from hub.domain.access import Sight
from hub.errors import Denied, Usage
from hub.projections.free_texts import FreeText, free_texts
from hub.projections.view import View

UUID_PATTERN = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_ANOTHERS = (
    "at that moment, case records belonged to the pathway that are another person's now, whom you do not accompany; "
    "leave out `as_of` and `known_at`, or state a reason for that person first"
)


def _reads(parse: Callable[[str], datetime]) -> BeforeValidator:
    def moment(value: Any) -> datetime:
        try:
            return parse(str(value))
        except Usage as error:
            raise PydanticCustomError("contract_moment", "{reason}", {"reason": str(error)}) from None

    return BeforeValidator(moment)


_DAY_OR_TIME = WithJsonSchema(
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}], "maxLength": 40}
)
Moment = Annotated[datetime, _reads(parse_moment), _DAY_OR_TIME]
"""A day, which means its end in France, or an RFC 3339 time."""
Start = Annotated[datetime, _reads(parse_start), _DAY_OR_TIME]
"""A day, which means its beginning in France, or an RFC 3339 time."""
PersonId = Annotated[
    str,
    Path(
        pattern=UUID_PATTERN,
        description="The person's id, or the id of any event about them.",
        examples=["01890a5d-0000-7000-8000-000000000001"],
        json_schema_extra={"format": "uuid"},
    ),
]


class When(NamedTuple):
    """The moment of a view: as it was, as it was known, both, or now."""

    as_of: datetime | None
    known_at: datetime | None


def _when(
    as_of: Annotated[
        Moment | None,
        Query(description="As it was then: a day (its end in France) or an RFC 3339 time.", examples=["2021-03-31"]),
    ] = None,
    known_at: Annotated[
        Moment | None,
        Query(description="As the hub knew it then; goes with `as_of` too.", examples=["2021-03-31T14:00:00Z"]),
    ] = None,
) -> When:
    return When(as_of, known_at)


NOW = When(None, None)
Of = Annotated[When, Depends(_when)]


class Read(NamedTuple):
    """A person as the reader sees them: what is hidden from them is not in `view`."""

    seen: Seen
    sight: Sight
    view: View
    until: datetime | None

    @property
    def is_erased(self) -> bool:
        """Tell whether nothing is left of the person but the fact of their erasure."""
        return self.view.state.lifecycle.erased is not None

    def event(self, content: dict[str, Any]) -> dict[str, Any]:
        """Give the JSON form of an event as the reader sees it."""
        shown = fields.shown_event(content, self.sight)
        return {name: value for name, value in shown.items() if name != "case"} if self.is_erased else shown

    def free_texts(self) -> list[FreeText]:
        """Give the texts in advisers' words that the reader sees."""
        return list(free_texts(self.view.state))

    def about(self, when: When) -> dict[str, Any]:
        """Say of whom a document is, as of when, and what the reader sees."""
        return {
            "person_id": self.view.person_id,
            "as_of": when.as_of,
            "known_at": when.known_at,
            "seen": {"sight": self.sight.name.lower(), "ground": self.seen.verdict.ground, "until": self.until},
        }


def read(services: Services, look: Look, person_id: str, when: When, **parts: bool) -> Read:
    """Read a person's pathway as it is or was, as far as the reader sees it.

    Args:
        parts: `with_timeline` and `with_links`, False where an operation shows none.

    Raises:
        Denied: the reader does not see this person, or there is none; or the pathway of that moment held case records
            of another person whom they do not see.
    """
    seen = look.person(person_id.lower())
    whole = services.viewer.view(look.connection, look.tables, seen.found, when.as_of, when.known_at, **parts)
    sight = _least(look, seen, whole)
    shown = _of_this_person(fields.shown(whole, sight), seen)
    if shown.state.lifecycle.erased is not None:
        shown = _nameless(shown)
    return Read(seen, sight, shown, ends_at(look, seen))


def _of_this_person(view: View, seen: Seen) -> View:
    """Take away the links with records that are not this person's, unless an auditor reads: they name someone else.

    Suggestions show such a record to whoever decides about it, and are recorded for both people.
    """
    if seen.verdict.ground in {"audit", "data_protection"}:
        return view
    own = {"/".join(case) for case in view.cases}
    return view._replace(links=[row for row in view.links if {row["left_case"], row["right_case"]} <= own])


def _nameless(erased: View) -> View:
    """Take the case records' ids away from what is left of an erased person: they name the person to a network."""
    lines = [{**line, "case": None, "place_in_order": None} for line in erased.timeline]
    return erased._replace(cases=(), timeline=lines)


def _least(look: Look, seen: Seen, view: View) -> Sight:
    """Give what the reader sees of everyone whose case records a view of the past holds."""
    mine = {row.case for row in seen.found.members}
    sights = [seen.verdict.sight]
    for case in view.cases:
        if case not in mine:
            try:
                sights.append(look.person("/".join(case)).verdict.sight)
            except Denied:
                raise Denied(_ANOTHERS) from None
    return min(sights)


@contextmanager
def reading(services: Services, asked: Asked, person_id: str, when: When, **parts: bool) -> Iterator[tuple[Look, Read]]:
    """Read one person, recorded on leaving; `parts` as in `read`."""
    with services.guard.reading(asked) as look:
        yield look, read(services, look, person_id, when, **parts)


def location(request: Request, person_id: str, found: Read) -> dict[str, str]:
    """Name the resource by the person's id, where another id of theirs was asked for."""
    canonical = found.view.person_id
    if canonical is None or canonical == person_id:
        return {}
    return {"Content-Location": request.url.path.replace(person_id, canonical, 1)}
