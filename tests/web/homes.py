"""A caseload for the tests of the first page, and reading that page as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger import ledger, marks
from hub.ledger.database import writing
from hub.ledger.marks import Mark
from hub.web.home import address, marking
from tests.unit.pathway.builders import OPS, event, registered
from tests.web.sites import Site

NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
SITE, ELSEWHERE = "69123", "69244"
MINE = Reader("mine", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-17")
BOTH = MINE._replace(reader_id="both", roles=frozenset({"adviser", "site_lead"}), sites=frozenset({SITE}))
LEAD = Reader("lead", frozenset({"site_lead"}), FRANCE_TRAVAIL, sites=frozenset({SITE}))
COLLEAGUE = Reader("colleague", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-18")
OTHERS = Reader("others", frozenset({"adviser"}), CAP_EMPLOI, "C-9")
NEWCOMER = Reader("newcomer", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-99")
AGENT = Reader("agent", frozenset({"manager", "auditor", "dpo", "operator"}), FRANCE_TRAVAIL, "A-17")
HOSTILE = "<script>alert(1)</script>\"' onload=x \N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}"


def ft(number: int) -> CaseKey:
    """Give a case record of France Travail."""
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def ce(number: int) -> CaseKey:
    """Give a case record of Cap emploi."""
    return CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")


def person(number: int, adviser: str = "A-17", family: str = "", site: str = SITE, **more: Any) -> list[Event]:
    """Give a person with a referent since January."""
    day = "2021-01-11"
    name = family or f"Nom{number:02}"
    return [
        registered(ft(number), family_name=name, given_name="Zoé", site=site, **more),
        event(ReferentAssigned, day, ft(number), adviser=adviser, role="referent", from_date=day, site=site),
    ]


def title(number: int, until: str) -> Event:
    """Record a disability title until a day."""
    return event(
        DisabilityTitleRecorded,
        "2021-02-01",
        ft(number),
        site=SITE,
        title="rqth",
        valid_from="2020-01-01",
        valid_to=until,
    )


def history() -> list[Event]:
    """Give A-17 eight people, most with one thing to do; A-18 one of the same site, A-19 one of another."""
    made = [each for number in (1, 2, 3, 4, 5) for each in person(number)]
    made += person(6, contact={"phone": "0601020304"}) + person(7, family=HOSTILE) + person(8)
    made += person(20, "A-18") + person(30, "A-19", site=ELSEWHERE)
    asked: dict[str, Any] = {"topic": "rights", "key_moment": None, "ground": None, "partner": None}
    made += [registered(ce(number), "2021-02-01", other=ft(number), site=None) for number in (1, 2)]
    made += [
        registered(ce(6), "2021-02-01", other=ft(6), contact={"phone": "0699999999"}, site=None),
        event(DelegationProposed, "2021-06-01", ft(1), site=SITE, delegation_id="D-1", ground="compensation"),
        event(ExpertiseRequested, "2021-06-25", ce(2), site=SITE, request_id="E-2", **asked),
        title(3, "2021-06-20"),
        title(4, "2021-07-05"),
        title(5, "2021-07-25"),
        title(20, "2021-06-10"),
        title(30, "2021-06-10"),
    ]
    return made


def text(html: str) -> str:
    """Give what a page says, without its elements."""
    html = re.sub(r"</?(?:a|bdi|span|strong|sup|time)\b[^>]*>", "", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).replace("\N{NO-BREAK SPACE}", " ").split())


def section(html: str, name: str) -> str:
    """Give the part of a page with an id, as elements; empty where there is none."""
    found = re.search(rf'<section[^>]* id="{name}".*?</section>', html, re.DOTALL)
    return found[0] if found else ""


def rows(html: str) -> list[str]:
    """Give the list of people, a line of text for each."""
    table = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    return [text(row) for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)] if table else []


def names(html: str) -> list[str]:
    """Give the names in the list of people."""
    return [unescape(name) for name in re.findall(r'<th scope="row"><a[^>]*><bdi>(.*?)</bdi>', html)]


def having_read(site: Site, reader: Reader, moment: datetime) -> Reader:
    """Give a reader like this one who marked as read what had come until a moment."""
    reader = reader._replace(reader_id=f"{reader.reader_id}, {moment}")
    view = address.view_of(reader, "")
    with writing(site.hub.store) as connection:
        mark = Mark(ledger.position_at(connection, moment), moment)
        marks.move(connection, marking.ref_of(site.api.services, reader, view), mark)
    return reader
