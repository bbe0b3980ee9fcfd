"""The joint action plan: one strategy of both networks, every version kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.ids import NETWORKS
from hub.domain.pathway.fact import Anomaly, State

Handled = ActionPlanAgreed


class Action(State, frozen=True):
    """One action of a plan and the network that owns it."""

    action_id: str
    theme: str
    title: str
    owner: str
    due_on: date | None


class PlanVersion(State, frozen=True):
    """One version of the plan; all of it comes from one event."""

    event_id: str
    plan_version: int
    agreed_at: datetime
    network: str
    adviser: str
    site: str | None
    actions: tuple[Action, ...]

    @property
    def is_joint(self) -> bool:
        """Both networks own actions of it."""
        return len({action.owner for action in self.actions}) == len(NETWORKS)


class Plans(State, frozen=True):
    """All versions of the plan in canonical order."""

    versions: tuple[PlanVersion, ...] = ()


def evolve(state: Plans, event: Handled) -> Plans:
    """Take one more event into account."""
    match event:
        case ActionPlanAgreed():
            meta = event.meta
            actions = tuple(Action(of.action_id, of.theme, of.title, of.owner, of.due_on) for of in event.actions)
            added = PlanVersion(
                meta.event_id,
                event.plan_version,
                meta.occurred_at,
                meta.network,
                meta.actor_id,
                meta.site,
                actions,
            )
            return Plans((*state.versions, added))


def by_number(state: Plans) -> list[PlanVersion]:
    """Give the versions by number, those of one number in canonical order: each replaces the one before."""
    return sorted(state.versions, key=lambda version: version.plan_version)


def current(state: Plans) -> PlanVersion | None:
    """Give the version that stands: the highest number, and of those the last."""
    ordered = by_number(state)
    return ordered[-1] if ordered else None


def anomalies(state: Plans) -> Iterator[Anomaly]:
    """Name versions numbered below one agreed earlier, and other content under a number already taken."""
    highest = 0
    contents: dict[int, tuple[Action, ...]] = {}
    for version in state.versions:
        about = f"plan:{version.plan_version}"
        if version.plan_version in contents:
            if contents[version.plan_version] != version.actions:
                yield Anomaly("plan_version_with_other_content", about, version.event_id)
        elif version.plan_version < highest:
            yield Anomaly("plan_version_goes_back", about, version.event_id)
        contents[version.plan_version] = version.actions
        highest = max(highest, version.plan_version)
