"""A running site with one person's whole life in it, and what a reader sees of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from hub.domain import codes
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.pathway.source import coded_fields
from tests.integration.hubs import SteppingClock, take
from tests.integration.people import NOW, a_life, a_stranger
from tests.unit.pathway.builders import moment
from tests.web.sites import FORM_TOKEN, Site, a_site

_forms = count(1)
_UNSEEN = frozenset({"script", "style", "pre", "title", "code"})


class Pages:
    """A running site; `life` is the person's, whose id is that of its first event."""

    def __init__(self, site: Site, clock: SteppingClock, life: Sequence[Event], stranger: Sequence[Event]) -> None:
        self.site = site
        self.clock = clock
        self.life = life
        self.person_id = life[0].meta.event_id
        self.stranger_id = stranger[0].meta.event_id

    def take(self, *events: Event) -> None:
        """Take more events in."""
        take(self.site.hub, events)

    def get(self, reader: Reader | None, below: str = "", person_id: str | None = None) -> httpx2.Response:
        """Ask for a page below the person's path."""
        return self.site.client(reader).get(f"/parcours/{person_id or self.person_id}{below}")

    def read(self, reader: Reader, below: str = "", person_id: str | None = None) -> str:
        """Give the HTML of a page that the reader may see."""
        answer = self.get(reader, below, person_id)
        assert answer.status_code == 200, answer.text[:2_000]
        return answer.text

    def event(self, kind: str) -> str:
        """Give the id of the person's first event of a kind."""
        return next(each.meta.event_id for each in self.life if type(each).__name__ == kind)

    def state_reason(self, reader: Reader, person_id: str | None = None) -> None:
        """State a reason for reading the person."""
        body = {"code": "emergency", "text": "La personne est à l'accueil."}
        path = f"/api/v1/pathways/{person_id or self.person_id}/reasons"
        answer = self.site.api.client(reader).post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text

    def settle(self, reader: Reader, person_id: str | None = None, **filled: Any) -> httpx2.Response:
        """Send the form that settles a contradiction."""
        form = {"jeton": FORM_TOKEN, "formulaire": f"{next(_forms):032x}", **filled}
        return self.site.client(reader).post(f"/parcours/{person_id or self.person_id}/contradictions", data=form)


@contextmanager
def pathway_pages(folder: Path, life: Sequence[Event] | None = None, **options: Any) -> Iterator[Pages]:
    """Serve a hub that holds a person and a stranger, some weeks after their last event."""
    clock = SteppingClock(moment("2021-03-02T08:00:00Z"))
    life, stranger = a_life() if life is None else life, a_stranger()
    with a_site(folder, clock=clock, **options) as site:
        take(site.hub, [*life, *stranger])
        clock.moment = moment(NOW)
        yield Pages(site, clock, life, stranger)


def in_known_codes(event: Event) -> Event:
    """Give an event whose coded fields hold codes of their lists."""
    plain, listed = coded_fields(type(event))
    changes: dict[str, Any] = {
        field: next(iter(codes.LISTS[name]))
        for field, name, known in plain
        if getattr(event, field) is not None and getattr(event, field) not in known
    }
    for field, inner, name, _ in listed:
        code = next(iter(codes.LISTS[name]))
        items = getattr(event, field)
        changes[field] = [item.model_copy(update={inner: code}) if inner else code for item in items]
    return event.model_copy(update=changes)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def text_of(html: str) -> str:
    """Give the text that a page shows, its spaces joined; the raw form of an event is left out."""
    reader = _Text()
    reader.feed(html)
    return " ".join(" ".join(reader.texts).replace("\N{NO-BREAK SPACE}", " ").split())


def main_of(html: str) -> str:
    """Give a page's own part."""
    return html.partition("<main")[2].partition("</main>")[0]
