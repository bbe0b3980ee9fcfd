"""Employers: one active contact per topic at any date, and the actions of both networks toward them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from hub.domain.events.employer import EmployerActionHeld, EmployerContactAssigned
from hub.domain.pathway.fact import Anomaly, State

Handled = EmployerContactAssigned | EmployerActionHeld


class Contact(State, frozen=True, order=True):
    """An adviser for a topic from a day on; `place` keeps the canonical order among contacts of one day."""

    from_date: date
    place: int
    event_id: str
    network: str
    topic: str
    adviser: str
    site: str | None


class ActionReport(State, frozen=True):
    """An action as one network reported it."""

    event_id: str
    network: str
    action_id: str
    action: str
    networks: tuple[str, ...]
    held_on: date
    site: str | None


class Employer(State, frozen=True):
    """The contacts in order of their day, and the latest report of each network on each action, in canonical order."""

    contacts: tuple[Contact, ...] = ()
    actions: tuple[ActionReport, ...] = ()


class Action(NamedTuple):
    """One action with the reports of it: an action is joint when they name both networks."""

    action_id: str
    reports: tuple[ActionReport, ...]

    @property
    def networks(self) -> list[str]:
        """The networks that took part, as all reports together say, sorted."""
        return sorted({network for report in self.reports for network in report.networks})

    @property
    def is_joint(self) -> bool:
        """Both networks took part."""
        return len(self.networks) > 1


def evolve(state: Employer, event: Handled) -> Employer:
    """Take one more event into account."""
    meta = event.meta
    match event:
        case EmployerContactAssigned():
            contacts = list(state.contacts)
            place = len(contacts)
            insort(
                contacts,
                Contact(event.from_date, place, meta.event_id, meta.network, event.topic, event.adviser, meta.site),
            )
            return Employer(tuple(contacts), state.actions)
        case EmployerActionHeld():
            report = ActionReport(
                meta.event_id,
                meta.network,
                event.action_id,
                event.action,
                tuple(sorted(set(event.networks))),
                event.held_on,
                meta.site,
            )
            kept = [
                other for other in state.actions if (other.action_id, other.network) != (event.action_id, meta.network)
            ]
            return Employer(state.contacts, (*kept, report))


def of_topic(state: Employer, topic: str) -> list[tuple[Contact, Contact | None]]:
    """Give each contact of a topic with the one that ended it, if any."""
    chosen = [contact for contact in state.contacts if contact.topic == topic]
    return list(zip(chosen, [*chosen[1:], None], strict=False))


def contact_on(state: Employer, topic: str, day: date) -> Contact | None:
    """Give the single contact for a topic on a day (M13)."""
    until = [contact for contact in state.contacts if contact.topic == topic and contact.from_date <= day]
    return until[-1] if until else None


def topics(state: Employer) -> list[str]:
    """Give the topics that ever had a contact, sorted."""
    return sorted({contact.topic for contact in state.contacts})


def actions(state: Employer) -> list[Action]:
    """Give the actions, each with the reports of both networks (M16)."""
    groups: dict[str, list[ActionReport]] = {}
    for report in state.actions:
        groups.setdefault(report.action_id, []).append(report)
    return [Action(action_id, tuple(reports)) for action_id, reports in groups.items()]


def anomalies(state: Employer) -> Iterator[Anomaly]:
    """Name two contacts for one topic and day, and actions that the networks report differently."""
    for topic in topics(state):
        for contact, following in of_topic(state, topic):
            if following and following.from_date == contact.from_date and following.adviser != contact.adviser:
                yield Anomaly("two_contacts_same_day", f"employer_contact:{topic}", contact.event_id)
    for action in actions(state):
        if len({(report.action, report.held_on) for report in action.reports}) > 1:
            yield Anomaly("employer_action_differs", f"employer_action:{action.action_id}", action.reports[-1].event_id)
