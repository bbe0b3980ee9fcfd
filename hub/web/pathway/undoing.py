"""Why something is expected again: an answer to it that was given, and then voided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hub.domain.pathway import correction
from hub.projections.view import View
from hub.web import words
from hub.web.pathway.acts import Act, Acts


class Undone(NamedTuple):
    """An answer and its void; `void` is None where the void is of a later day than the one shown."""

    done: Act
    void: Act | None
    verb: str

    @property
    def was(self) -> str:
        """Say that it was done, and when."""
        return f"{self.verb} le {words.day(self.done.moment)}" if self.done.moment else self.verb

    @property
    def then(self) -> str:
        """Say that it was voided, and when."""
        return f"puis annulé le {words.day(self.void.moment)}" if self.void and self.void.moment else "annulé depuis"

    @property
    def said(self) -> str:
        """Say both: `fait le 3 mars 2021, puis annulé le 9 mars 2021`."""
        return f"{self.was}, {self.then}"


def undone_of(view: View, about: str, acts: Acts) -> Iterator[Undone]:
    """Give the voided answers to what an alert is about, in their order."""
    verb = "fait" if about.startswith("follow_up:") else "répondu"
    for each in correction.undone(view.state.corrections, about):
        void = acts.act(each.void_id) if acts.knows(each.void_id) else None
        yield Undone(acts.act(each.event_id), void, verb)
