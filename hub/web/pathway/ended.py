"""The end of an accompaniment: since when, by what, and why as far as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from hub.audit.leading import ended_by
from hub.domain.codes import label
from hub.projections.facts import event_of
from hub.projections.view import View
from hub.web import words
from hub.web.pathway.acts import Act, Acts


class Closing(NamedTuple):
    """What ended: a network's case record, or the pathway where `number` is empty; `why` is empty where unknown."""

    network: str | None
    number: str
    act: Act | None
    why: str


class Ended(NamedTuple):
    """An accompaniment that has ended: the day, what closed, and how much is expected all the same."""

    on: date | None
    closings: tuple[Closing, ...]
    left: int

    @property
    def is_left(self) -> bool:
        """Tell whether a network stated the exit, and not only closed its record."""
        return any(not each.number for each in self.closings)

    @property
    def title(self) -> str:
        """Say that it has ended."""
        return f"Accompagnement terminé{f' depuis le {words.day(self.on)}' if self.on else ''}"


def ended_of(view: View, acts: Acts) -> Ended | None:
    """Say how the accompaniment ended; None while somebody accompanies the person."""
    by = ended_by(view)
    if by is None:
        return None
    moment = acts.act(by).moment
    left = sum(row["kind"] == "alert" for row in view.tables["alert"])
    return Ended(words.in_france(moment) if moment else None, (*_records(view, acts), *_exit(view, acts)), left)


def _records(view: View, acts: Acts) -> Iterator[Closing]:
    for row in view.tables["leg"]:
        act = acts.act(event_of(row, "status")) if row["status"] == "closed" else None
        motive = row["closing_motive"] if act else None
        why = words.typed(label("closing_motive", motive)) if motive else ""
        yield Closing(row["network"], row["case_record"].rpartition("/")[2], act, why)


def _exit(view: View, acts: Acts) -> Iterator[Closing]:
    for left in view.state.lifecycle.exits[-1:]:
        if left.reopened_at is None:
            act = acts.act(left.closed_at.event_id)
            yield Closing(act.network, "", act, words.typed(label("pathway_motive", left.motive.value)))
