"""Following from a page: as whoever is logged in, for as long as they are, the other network's acts alone."""

from __future__ import annotations

from collections.abc import Callable

from hub.access.asking import Asked
from hub.access.changes import Change
from hub.api.followers import Follower
from hub.api.services import Services
from hub.domain.access import Reader


class Visitor(Follower):
    """A page's stream; `network` is the other one."""

    def __init__(self, asked: Asked, position: int, network: str | None, renew: Callable[[], Reader]) -> None:
        super().__init__(asked, "", position)
        self._network = network
        self._renew = renew

    def reader(self, services: Services) -> Reader:
        """Give who is logged in now.

        Raises:
            TokenInvalid: they logged out, or the session expired.
        """
        return self._renew()

    def wants(self, change: Change) -> bool:
        """Tell whether a change is an act of the other network."""
        event = change.document["event"]
        return event is not None and event["network"] == self._network
