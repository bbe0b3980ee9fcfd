"""Following from a page: as whoever is logged in, for as long as they are, what its list of news would show."""

from __future__ import annotations

from collections.abc import Callable

from hub.access.asking import Asked
from hub.access.changes import Change
from hub.api.followers import Follower
from hub.api.services import Services
from hub.domain.access import Reader
from hub.projections.pairing import Pairing


class Visitor(Follower):
    """A page's stream; `network` is the other one, `is_news` tells of a decision about two records whether it is."""

    def __init__(
        self,
        asked: Asked,
        position: int,
        network: str | None,
        renew: Callable[[], Reader],
        is_news: Callable[[int, Pairing], bool],
    ) -> None:
        super().__init__(asked, "", position)
        self._network = network
        self._renew = renew
        self._is_news = is_news

    def reader(self, services: Services) -> Reader:
        """Give who is logged in now.

        Raises:
            TokenInvalid: they logged out, or the session expired.
        """
        return self._renew()

    def wants(self, change: Change) -> bool:
        """Tell whether a change is an act of the other network, or somebody's decision about a record of both."""
        if change.pairing is not None:
            return self._network is not None and self._is_news(change.position, change.pairing)
        event = change.document["event"]
        return event is not None and event["network"] == self._network
