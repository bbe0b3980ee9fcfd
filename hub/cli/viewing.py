"""The view that `pathway` and `explain` are about: the live one, or a replay to a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.moments import parse_moment

if TYPE_CHECKING:
    from hub.cli.recorded import Reading
    from hub.projections.view import View
    from hub.wiring import Hub

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="network/scope/local_id, a local id, the person's id, or the id of any event."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="T",
        parser=parse_moment,
        help="As it was then: a day (its end in France) or an RFC 3339 time.",
    ),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        "--known-at", metavar="T", parser=parse_moment, help="As the hub knew it then; goes with --as-of too."
    ),
]


def view_of(hub: Hub, look: Reading, name: str, as_of: datetime | None, known_at: datetime | None) -> View:
    """Show a pathway as it is, as it was, as it was known, or as it was then known to have been; erased, as it is.

    Raises:
        NotFound: nothing has that name.
        Usage: several case records do.
    """
    return hub.viewer.view(look.connection, look.tables, look.find(name), as_of, known_at)
