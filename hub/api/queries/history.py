"""A person's history, event by event, as far as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.access import fields
from hub.access.guard import Look
from hub.api.people import Read
from hub.api.services import Services
from hub.audit import history
from hub.audit.history import Accepted, Order, RowChange, Step
from hub.codec.jsonform import to_json
from hub.domain.access import Sight
from hub.projections.view import TableRow


class ShownStep(NamedTuple):
    """A step as the reader sees it; `hides` tells that the event also changed what is not shown to them."""

    step: Step
    hides: bool

    @property
    def event_id(self) -> str:
        """The event's id."""
        return self.step.accepted.event.meta.event_id


@dataclass(frozen=True, slots=True)
class History:
    """The whole of a person's history in one order; its steps are made when they are asked for."""

    found: Read
    order: Order
    ordered: Sequence[Accepted]

    def steps(self, start: int, stop: int) -> list[ShownStep]:
        """Give the steps from one place to another, counted from 0, without what the reader does not see."""
        view = self.found.view
        end = view.tables if view.state.erasures else None
        made = history.steps(self.ordered, self.order, start=start, stop=stop, links=view.links, end=end)
        return [_shown(step, self.found.sight) for step in made]

    def content(self, accepted: Accepted) -> dict[str, object]:
        """Give the JSON form of an event as the reader sees it."""
        return self.found.event(to_json(accepted.event))


def history_of(services: Services, look: Look, found: Read, order: Order) -> History:
    """Read a person's events from the ledger.

    Raises:
        StoreCorrupt: an entry was changed since it was appended.
    """
    refs = [row.subject_ref for row in found.seen.found.members]
    return History(found, order, history.arranged(services.viewer.accepted(look.connection, refs, found.view), order))


def _shown(step: Step, sight: Sight) -> ShownStep:
    changes = [_change(each, sight) for each in step.changes]
    raised, cleared = (_rows("alert", rows, sight) for rows in (step.raised, step.cleared))
    kept = [each for each in changes if each is not None]
    hides = len(kept) < len(changes) or len(raised) < len(step.raised) or len(cleared) < len(step.cleared)
    row = next(iter(_rows("pathway", [step.pathway] if step.pathway else (), sight)), None)
    return ShownStep(step._replace(changes=kept, raised=raised, cleared=cleared, pathway=row), hides)


def _change(change: RowChange, sight: Sight) -> RowChange | None:
    """Give a change as a sight shows it, None where it shows nothing of it."""
    before, after = (
        next(iter(_rows(change.model, [row] if row is not None else (), sight)), None)
        for row in (change.before, change.after)
    )
    shown = RowChange(change.model, before, after)
    says_nothing = before is None and after is None
    return None if says_nothing or (not shown.columns() and change.columns()) else shown


def _rows(model: str, rows: Iterable[TableRow], sight: Sight) -> list[TableRow]:
    return fields.shown_rows(model, rows, sight)
