"""What pages work with beside the API's services: made by the composition root, one for each application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from hub.web.login.entrance import Entrance
from hub.web.naming.names import UNNAMED, Names
from hub.web.rendering import Renderer
from hub.web.session import Logins


@dataclass(frozen=True, slots=True)
class Web:
    """The parts that only pages use.

    `url` is the address that browsers know the hub by, without a last slash. `entrance` lets browsers in and out:
    without it nobody logs in here. `names` gives what advisers and sites are called now.
    """

    url: str
    logins: Logins
    renderer: Renderer
    entrance: Entrance | None = None
    names: Callable[[], Names] = lambda: UNNAMED


def web_of(request: Request) -> Web:
    """Give the parts of the application that a request came to."""
    web: Web = request.app.state.web
    return web
