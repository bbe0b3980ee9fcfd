"""Waiting until a decision takes effect: a worker takes it in, within seconds."""

from __future__ import annotations

from typing import NamedTuple

from hub.api.queries.decisions import Progress

MOST_TRIES = 6
"""After that nobody is made to look again: a worker is away, and each look is an entry of the access log."""


class Waiting(NamedTuple):
    """A decision that was just taken, how often its page was asked for since, and how far it has come.

    `said` is the digest of what its form said, `is_other` whether the decision says something else: the form had been
    sent before.
    """

    event_id: str
    tries: int
    progress: Progress
    said: str | None = None
    is_other: bool = False

    @property
    def is_over(self) -> bool:
        """Tell whether there is nothing to wait for any more."""
        return self.progress in {"taken_in", "unconfirmed"}

    @property
    def again(self) -> str:
        """Give the query that asks for the page again."""
        said = f"&dit={self.said}" if self.said else ""
        return f"?decision={self.event_id}{said}&essai={self.tries + 1}"

    @property
    def delay_s(self) -> int | None:
        """Give after how many seconds to look again, longer each time; None once it is no use."""
        return None if self.is_over or self.tries >= MOST_TRIES else 2**self.tries
