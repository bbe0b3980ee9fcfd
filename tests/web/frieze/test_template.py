"""The frieze as HTML: escaped, small, and the same for whoever sees, hears or prints it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings

from hub.access.fields import shown
from hub.domain.access import Sight
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.expertise import ExpertiseDelivered
from hub.web.frieze.choice import Choice
from hub.web.frieze.frieze import frieze_of
from hub.web.frieze.themes import THEMES
from tests.integration.people import HEALTH, a_life, erased
from tests.unit.pathway.builders import CE, FT, event, registered, voided
from tests.web.frieze.test_overview import thirty_years
from tests.web.frieze.views import NOW, PLACE, choices, drawn, html, lives, read, view_of

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
_LINKS = re.compile(r"#(e-[0-9a-f-]{36})\"")


def need(text: str) -> CompensationNeedIdentified:
    return event(
        CompensationNeedIdentified,
        "2021-03-05",
        CE,
        need_id="N",
        phase="diagnosis",
        description=text,
        rome=None,
        siret=None,
    )


def busy_month() -> list[Event]:
    """Give 300 events of a month, a third of them with 4,000 characters."""
    events: list[Event] = [registered(FT, "2021-01-02"), registered(CE, "2021-01-03", other=FT)]
    for number in range(100):
        at = f"2021-02-{1 + number % 28:02}T{8 + number % 10:02}:{number % 60:02}:00"
        text = f"{HOSTILE} שלום 😀 " * 100
        described: dict[str, Any] = {"need_id": f"N-{number}", "phase": "diagnosis", "rome": None, "siret": None}
        events += [
            event(CaseUpdated, at, FT),
            event(CompensationNeedIdentified, at, CE, **described, description=text[:4000]),
            event(ExpertiseDelivered, at, CE, request_id=f"E-{number}", summary="x" * 4000),
        ]
    return events


@settings(max_examples=25, deadline=None)
@given(lives, choices)
def test_any_pathway_is_shown_with_balanced_ids_and_links(events: list[Event], choice: Choice) -> None:
    elements, text = read(html(drawn(events, choice)))

    ids = [each.attributes["id"] for each in elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    hrefs = [each.attributes["href"] or "" for each in elements if each.tag == "a"]
    assert all(href[1:] in ids for href in hrefs if href.startswith("#"))
    assert not any(each.tag == "script" or "style" in each.attributes for each in elements)
    assert "not_yet_listed_as_markup" not in text


def test_what_people_wrote_is_text_and_never_markup() -> None:
    elements, text = read(html(drawn([registered(family_name="Zola"), need(HOSTILE)])))

    assert {"script", "img"}.isdisjoint(each.tag for each in elements)
    assert HOSTILE in text


def test_a_long_text_is_cut_and_its_event_has_the_whole() -> None:
    _, text = read(html(drawn([registered(), need("mot " * 1000)])))

    assert text.count("mot ") < 100
    assert "…" in text


def test_texts_of_the_other_direction_are_kept_apart_from_what_surrounds_them() -> None:
    page = html(drawn([registered(), need("שלום")]))

    assert '<q dir="auto">שלום</q>' in page


@pytest.mark.parametrize("events", [busy_month(), thirty_years(), a_life(), [registered()], []], ids=len)
def test_a_page_is_small_whatever_happened(events: list[Event]) -> None:
    assert len(html(drawn(events)).encode()) < 42_000


def test_an_empty_pathway_says_so() -> None:
    page = html(drawn([]))

    assert "Aucun événement pour le moment." in page
    assert '<svg class="h-fz-svg"' not in page


def test_what_a_filter_hides_is_said_with_a_way_to_see_it() -> None:
    _, text = read(html(drawn(a_life(), Choice(themes=frozenset({"delegation"})))))

    assert "19\N{NO-BREAK SPACE}événements masqués par le filtre" in " ".join(text.split(" "))
    assert "Tout afficher" in text


def test_a_filter_that_leaves_nothing_says_so() -> None:
    page = html(drawn([registered()], Choice(themes=frozenset({"emploi"}))))

    assert "Aucun événement ne correspond au filtre." in page


def test_a_voided_event_is_struck_and_said_to_be() -> None:
    first = need("x")
    page = html(drawn([registered(), first, voided(first, "2021-03-08", CE)]))

    assert "<s><strong>Besoin de compensation identifié</strong>" in page
    assert "(annulé)" in page


def test_whoever_does_not_need_health_data_sees_none() -> None:
    view = shown(view_of(a_life()), Sight.WITHOUT_HEALTH)
    page = html(frieze_of(view, NOW, PLACE))

    assert "Délégation acceptée" in page
    assert [said for said in HEALTH if said in page] == []


def test_of_an_erased_person_the_erasure_is_left() -> None:
    view = view_of([*a_life(), erased(FT, "2021-04-01")])
    page = html(frieze_of(view, NOW, PLACE))

    assert [line["event_type"] for line in view.timeline if line["event_type"] == "PersonErased"]
    assert "Données de la personne effacées" in page


def test_the_drawing_is_named_and_takes_no_stop_of_the_keyboard() -> None:
    elements, _ = read(html(drawn(a_life())))

    [drawing] = [each for each in elements if each.attributes.get("class") == "h-fz-svg"]
    assert drawing.attributes["role"] == "img"
    assert drawing.attributes["aria-labelledby"] in {each.attributes.get("id") for each in elements}
    hits = [each for each in elements if each.tag == "a" and "tabindex" in each.attributes]
    assert hits
    assert {each.attributes["tabindex"] for each in hits} == {"-1"}


def test_no_english_code_stands_on_the_page() -> None:
    _, text = read(html(drawn(a_life())))

    codes = r"\b(france_travail|cap_emploi|job_seeker|referent|awaited|held|cdi|CaseRegistered|place_in_order)\b"
    assert re.findall(codes, text) == []


def test_every_theme_has_a_name() -> None:
    assert all(name[0].isupper() for name in THEMES.values())
