"""One run of the program: where the data is, how to write, and how to open the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.cli.output import Output
from hub.errors import Usage

if TYPE_CHECKING:
    import typer

    from hub.settings import Settings
    from hub.wiring import Hub


@dataclass(frozen=True, slots=True)
class Session:
    """What the global options say."""

    data: Path
    output: Output

    def settings(self, **given: Any) -> Settings:
        """Read the settings: what is given, then the global options, then `HUB_...` variables.

        Raises:
            Usage: a variable does not hold what it should.
        """
        from pydantic import ValidationError

        from hub.settings import Settings, SettingsError

        try:
            return Settings(**{"data": self.data, **given})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = "_".join(("HUB", *map(str, first["loc"]))).upper()
            # Not chained: what a variable holds may be a key.
            raise Usage(f"{name}: {first['msg']}; correct it, or unset it") from None
        except SettingsError as error:
            field = re.search(r'field "(\w+)"', str(error))
            name = f"HUB_{field[1].upper()}" if field else "a HUB_... variable"
            raise Usage(f"{name}: it should be valid JSON; correct it, or unset it") from None

    def open(self) -> Hub:
        """Open the hub of the data directory."""
        from hub.wiring import Hub

        return Hub(self.settings())


def session_of(context: typer.Context) -> Session:
    """Give the run's session."""
    session = context.obj
    if not isinstance(session, Session):
        raise TypeError("the program's callback makes the session before any command runs")
    return session
