"""The whole page of a person's pathway, made from what a reader sees of it at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from hub.access.recording import OWN
from hub.api.people import Read
from hub.audit.agenda import past_actions
from hub.domain import access
from hub.domain.access import Reader, may
from hub.domain.codes import label
from hub.projections.facts import event_of
from hub.projections.view import View
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import agenda, anomalies, heading, identity, phrases, travel
from hub.web.pathway.acts import Act, Acts
from hub.web.pathway.agenda import Due, Open
from hub.web.pathway.anomalies import Anomaly, ReReferral
from hub.web.pathway.disputes import Dispute, disputes
from hub.web.pathway.heading import Head
from hub.web.pathway.identity import Claims, Evidence
from hub.web.pathway.sections import ALL, CLAIMS, LINKS, Paged, Sections, sections_of
from hub.web.pathway.seeing import Seen, seen_of
from hub.web.pathway.travel import Difference, Travel
from hub.web.turns import Turns, turns_of


class Erased(NamedTuple):
    """All that is left of an erased person."""

    act: Act
    reason: str


class Onward(NamedTuple):
    """A page that leads on from a pathway."""

    label: str
    path: str


AS_THEN = ("alors", "oui")
"""The parameter of an address that asks for what was known on the day shown."""


class Place(NamedTuple):
    """Where the page stands: the person's address, and the parameters that say as of when."""

    path: str
    kept: tuple[tuple[str, str], ...]

    @property
    def as_of(self) -> str:
        """Give the query that says as of when, empty for today."""
        return f"{'?' * bool(self.kept)}{urlencode(self.kept)}"

    @property
    def pathway(self) -> str:
        """Give the address of the pathway as of then."""
        return f"{self.path}{self.as_of}"

    def event(self, event_id: str) -> str:
        """Give the address of an event's page, as of then."""
        return f"{self.path}/evenements/{event_id}{self.as_of}"

    def listed(self, section: str, page: int = 1, anchor: str = "") -> str:
        """Give the address of a section's list, or of a page of it."""
        paged = [("page", str(page))] if page > 1 else []
        query = urlencode([*self.kept, ("liste", section), *paged])
        return f"{self.path}?{query}#{anchor or section}"

    def settles(self, section: str) -> str:
        """Give the address of the section in which something is decided."""
        return f"{self.pathway}#{section}" if section == "contradictions" else self.listed(section)

    def then(self, day: date | None, known: date | None, *, as_then: bool = False) -> str:
        """Give the address of the pathway as of another day; of today without one.

        `as_then`: as known on it, which of today says no date, and yet how the slider goes on.
        """
        dates = [(name, each.isoformat()) for name, each in (("au", day), ("connu", known)) if each is not None]
        query = urlencode([dates[0], AS_THEN] if as_then and day else [AS_THEN] if as_then else dates)
        return f"{self.path}{'?' * bool(query)}{query}"


class Past(NamedTuple):
    """What the page says of a day that is over: as of when it is, and what was otherwise then."""

    told: str
    differences: tuple[Difference, ...]
    linked_since: tuple[str, ...]


class Calls(NamedTuple):
    """What calls for somebody to act, or to look; `past_actions` counts those of the plan whose day is over."""

    open: tuple[Open, ...]
    due: tuple[Due, ...]
    re_referrals: tuple[ReReferral, ...]
    anomalies: tuple[Anomaly, ...]
    past_actions: int


class Contents(NamedTuple):
    """Everything that the page shows; `past` is None today, `head` before the pathway began."""

    place: Place
    today: date
    seen: Seen
    travel: Travel
    past: Past | None
    head: Head | None
    is_name_contested: bool
    calls: Calls
    disputes: tuple[Dispute, ...]
    may_settle: bool
    sections: Sections
    paged: Paged
    claims: tuple[Claims, ...]
    links: tuple[Evidence, ...]
    onward: tuple[Onward, ...]

    def where(self, name: str) -> str | None:
        """Give the address at which a thing stands, None where no section shows it."""
        found = self.sections.places.get(name)
        if found is None:
            return self.place.listed(CLAIMS) if name.startswith("fact:") else None
        section, page, anchor = found
        return self.place.listed(section, page, anchor) if page else f"#{anchor}"

    @property
    def everything(self) -> str:
        """Give the address of the page with all its sections."""
        return self.place.listed(ALL, anchor="details")

    @property
    def tables(self) -> dict[str, bool]:
        """Tell which of the sections that are tables are to be shown."""
        return {name: self.paged.opens(name) for name in (CLAIMS, LINKS)}

    @property
    def unsettled(self) -> int:
        """Count the contradictions that nobody has settled."""
        return sum(each.is_open for each in self.disputes)


def contents_of(
    found: Read,
    now: View,
    *,
    reader: Reader,
    asked: travel.Asked,
    moment: datetime,
    at: datetime,
    paged: Paged,
    names: Names = UNNAMED,
) -> Contents:
    """Lay out what a reader sees.

    Args:
        found: the pathway at the moment asked for; `now`, as it is.
        asked: the days asked for; `moment`, what counts as now on the page; `at`, the clock's now.
        names: what advisers and sites are called.
    """
    view = found.view
    acts = Acts(view.timeline, found.free_texts(), names)
    today, place = agenda.day_of(moment), place_of(str(now.person_id), asked.as_of, asked.known)
    decides = may_settle(found, reader) and not asked.is_past
    return Contents(
        place,
        today,
        seen_of(found, now, reader, at),
        travel.travel_of(travel.days_of(now.timeline, agenda.day_of(at)), asked),
        _past(view, now, asked, (today, agenda.day_of(at)), names) if asked.is_past else None,
        heading.head_of(view, acts, today),
        heading.names_contested([row["fact"] for row in view.tables["contradiction"]]),
        _calls(view, acts, today, turns_of(view, today, reader, names), decides=decides),
        tuple(disputes(view, acts)),
        decides,
        sections_of(view, acts, today, paged),
        paged,
        tuple(identity.claims(view, acts)),
        tuple(identity.links(view, acts)),
        onward_of(place.path, reader),
    )


def _past(view: View, now: View, asked: travel.Asked, days: tuple[date, date], names: Names) -> Past:
    return Past(
        travel.told(asked),
        tuple(travel.differences(view, now, days, names)),
        tuple(phrases.case("/".join(each)) for each in view.linked_since),
    )


def _calls(view: View, acts: Acts, today: date, turns: Turns, *, decides: bool) -> Calls:
    return Calls(
        tuple(agenda.open_things(view, today, acts.names)),
        tuple(agenda.due_things(view, acts, today, turns)),
        tuple(anomalies.re_referrals(view, acts)),
        tuple(anomalies.anomalies(view, acts, turns, decides=decides)),
        len(past_actions(view, today)),
    )


def place_of(person_id: str, as_of: date | None = None, known: date | None = None) -> Place:
    """Say where a pathway's page stands."""
    said: Mapping[str, date | None] = {"au": as_of, "connu": known}
    kept = tuple((name, day.isoformat()) for name, day in said.items() if day is not None)
    return Place(f"/parcours/{person_id}", kept)


def may_settle(found: Read, reader: Reader) -> bool:
    """Tell whether the reader may settle contradictions: decisions are an adviser's, about people whom they see."""
    decides = may(reader, access.DECIDE) and bool(reader.network) and bool(reader.adviser)
    return decides and str(found.seen.verdict.ground) in OWN | {"break_glass"}


def onward_of(path: str, reader: Reader) -> tuple[Onward, ...]:
    """Give the pages that lead on, for whoever may open them."""
    pages = [
        Onward("Fiche pour la personne", f"{path}/fiche"),
        Onward("Qui a consulté ce parcours", f"{path}/acces"),
        Onward("Expliquer une donnée du parcours", f"{path}/pourquoi"),
    ]
    if may(reader, access.READ_ACCESS_LOG):
        pages.append(Onward("Rejouer le parcours événement par événement", f"{path}/rejeu"))
    return tuple(pages)


def erased_of(view: View) -> Erased | None:
    """Say what is left of an erased person, None of anyone else."""
    row = next(iter(view.tables["pathway"]), None)
    if row is None or not row["erased"]:
        return None
    act = Acts(view.timeline).act(event_of(row, "erased"))
    return Erased(act, words.typed(label("erasure_reason", row["erased"])))
