"""What the pathway's pages say, from views: phrases, remedies, the head, the slider, disputes and their form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.access.health import EVENTS
from hub.audit.agenda import past_actions, planned
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed
from hub.domain.events.placement import Placed
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.projections.timeline import timeline_row
from hub.projections.view import View, of_state, timeline_rows
from hub.web.naming.names import UNNAMED
from hub.web.pathway import fields, phrases, travel
from hub.web.pathway.acts import Acts
from hub.web.pathway.agenda import due_things, open_things
from hub.web.pathway.heading import head_of
from hub.web.pathway.remedies import REMEDIES
from hub.web.pathway.sections import ALL, LISTED, Paged, sections_of
from hub.web.pathway.travel import Asked
from hub.web.turns import turns_of
from hub.web.words import NBSP
from tests.integration.people import a_life
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, pathway, registered

TODAY = date(2021, 4, 15)
READER = Reader("f", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-17")
NOT_ABOUT_PEOPLE = {
    "employer_action_differs",
    "roadmap_target_differs",
    "territorial_diagnosis_differs",
    "two_contacts_same_day",
    "two_site_modes_same_day",
}
EXPECTED = {
    "delegation_awaits_answer",
    "delegation_past_end",
    "expertise_awaits_answer",
    "follow_up_due",
    "partner_awaits_answer",
    "placement_ends",
    "title_expires",
    "transition_expected",
}


def view(*events: Event) -> View:
    """Lay out what these events come to."""
    lines = timeline_rows((FT, timeline_row(each, None)) for each in events)
    return of_state(pathway(*events), (FT, CE), lines, [])


def acts(of: View) -> Acts:
    return Acts(of.timeline)


def test_every_anomaly_about_people_says_what_ends_it() -> None:
    assert set(REMEDIES) == set(labels.RULES) - NOT_ABOUT_PEOPLE - EXPECTED


def _names(model: Any) -> Iterable[str]:
    for name, field in model.model_fields.items():
        if name == "meta":
            continue
        if name in {"traits", "contact"}:
            inner = next(each for each in (*get_args(field.annotation), field.annotation) if isinstance(each, type))
            yield from _names(inner)
            continue
        yield name
        for item in get_args(field.annotation):
            if isinstance(item, type) and issubclass(item, BaseModel) and name == "actions":
                yield from _names(item)


def test_every_field_of_an_event_about_people_has_its_word() -> None:
    for kind in EVENTS:
        assert set(_names(EVENT_TYPES[kind])) <= set(fields.WORDS), kind


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("case:cap_emploi/44022013500014/CE-1", "dossier Cap emploi CE-1"),
        ("case:france_travail//123#3-5", "dossier France Travail 123, numéro 3 à 5"),
        ("case:france_travail//123#4-4", "dossier France Travail 123, numéro 4"),
        ("case:france_travail//123#7", "dossier France Travail 123, numéro 7"),
        ("event:0000", "cet événement"),
        ("pathway", "le parcours"),
        ("code:theme=brand_new", f"«{NBSP}brand_new{NBSP}» (thème)"),
        ("fact:family_name", "nom d’usage"),
        ("title:rqth", "RQTH"),
        ("follow_up:P-1:2021-03-01", f"point du 1er{NBSP}mars{NBSP}2021, placement P-1"),
        ("follow_up:odd", "placement odd"),
        ("plan:3", "plan d’action, version 3"),
        ("delegation:D:1", "délégation D:1"),
        ("crossed_diagnosis:X-1", "diagnostic croisé X-1"),
    ],
)
def test_what_an_alert_is_about_is_said_in_french(about: str, said: str) -> None:
    assert phrases.about(about) == said


@given(st.text(max_size=60))
def test_anything_that_an_alert_names_can_be_said(about: str) -> None:
    assert isinstance(phrases.about(about), str)


def test_a_person_is_as_old_as_their_last_birthday() -> None:
    assert phrases.age(date(1980, 2, 29), date(2021, 2, 28)) == 40
    assert phrases.age(date(1980, 2, 29), date(2021, 3, 1)) == 41


def test_a_summary_tells_phase_referent_delegation_and_what_is_late() -> None:
    first = registered(FT, "2021-01-04", family_name="Zola", given_name="Ana")
    named = event(ReferentAssigned, "2021-01-06", CE, adviser="C-1", role="referent", from_date="2021-01-06")
    proposed = event(DelegationProposed, "2021-01-13", FT, delegation_id="D-1", ground=None, planned_end="2021-04-01")
    accepted = event(DelegationAccepted, "2021-01-14", CE, delegation_id="D-1", motive=None)

    def summary(*events: Event) -> str:
        shown = view(*events)
        head = head_of(shown, acts(shown), TODAY)
        assert head is not None
        return head.summary.replace(NBSP, " ")

    assert summary(first) == "À l’accueil, sans référent."
    assert summary(first, named) == "À l’accueil, référent Cap emploi depuis le 6 janvier 2021."
    assert "délégation à Cap emploi en attente de réponse depuis le 13 janvier 2021" in summary(first, named, proposed)
    assert summary(first, named, proposed, accepted) == (
        "En accompagnement, référent Cap emploi depuis le 6 janvier 2021, "
        "délégation à Cap emploi en cours jusqu’au 1er avril 2021, 1 échéance dépassée."
    )


@pytest.mark.parametrize(
    ("ends", "over"), [(["2021-04-14"], True), (["2021-04-15"], False), (["2021-04-14", None], False)]
)
def test_a_contract_that_is_over_is_said_beside_a_phase_that_goes_on(ends: list[str | None], over: bool) -> None:
    placed = [
        event(
            Placed,
            f"2021-01-{day}",
            FT,
            placement_id=f"P-{day}",
            siret=EMPLOYER,
            contract="cdd",
            starts_on=f"2021-01-{day}",
            ends_on=end,
        )
        for day, end in enumerate(ends, start=10)
    ]
    shown = view(registered(at="2021-01-04"), *placed)
    head = head_of(shown, acts(shown), TODAY)
    assert head is not None
    assert ("contrat terminé le 14 avril 2021, suite inconnue" in head.summary.replace(NBSP, " ")) is over


def test_actions_are_past_once_their_day_is_over_and_planned_no_more_once_nobody_accompanies() -> None:
    actions = [
        {"action_id": name, "theme": "job_search", "title": name, "owner": CAP_EMPLOI, "due_on": due}
        for name, due in (("over", "2021-04-14"), ("today", "2021-04-15"), ("undated", None))
    ]
    first = registered(CE, "2021-01-04")
    plan = event(ActionPlanAgreed, "2021-01-05", CE, plan_version=1, actions=actions)
    closed = event(PathwayClosed, "2021-02-01", CE, motive="retained")

    assert [row["title"] for row in past_actions(view(first, plan), TODAY)] == ["over"]
    assert len(planned(view(first, plan))) == 3
    assert planned(view(first, plan, closed)) == past_actions(view(first, plan, closed), TODAY) == []


def test_nothing_has_no_head() -> None:
    nothing = view()
    assert head_of(nothing, acts(nothing), TODAY) is None
    assert sections_of(nothing, acts(nothing), TODAY, Paged(ALL)).shown == ()


def test_what_is_due_says_whose_turn_it_is() -> None:
    shown = view(
        registered(CE, "2021-01-04"),
        event(ReferentAssigned, "2021-01-06", CE, adviser="C-4", role="referent", from_date="2021-01-06"),
        registered(FT, "2021-01-05"),
        event(ExpertiseRequested, "2021-02-01", CE, request_id="E", topic="career_project"),
    )

    def said(reader: Reader) -> list[str]:
        turns = turns_of(shown, TODAY, reader, UNNAMED)
        return [each.by.replace(NBSP, " ") for each in due_things(shown, acts(shown), TODAY, turns)]

    assert said(READER) == ["à votre réseau, site 69244"]
    assert said(Reader("c", frozenset({"adviser"}), CAP_EMPLOI, "C-4")) == ["à France Travail, site 69244"]


def test_what_is_due_and_open_names_where_it_stands() -> None:
    shown = view(*a_life())
    sections = sections_of(shown, acts(shown), TODAY, Paged())

    named = [each.name for each in open_things(shown, TODAY)]
    named += [each.name for each in due_things(shown, acts(shown), TODAY, turns_of(shown, TODAY, READER, UNNAMED))]
    assert len(named) > 4
    assert set(named) <= set(sections.places)
    assert all(not section.items for section in sections.shown)


@given(st.integers(0, 130), st.integers(1, 9))
def test_every_thing_of_a_list_stands_on_the_page_that_is_named(count: int, page: int) -> None:
    titles = [
        event(
            DisabilityTitleRecorded, "2021-01-07", FT, title="rqth", valid_from=date(1990, 1, 1) + timedelta(days=each)
        )
        for each in range(count)
    ]
    shown = view(registered(FT, "2020-01-04"), *titles)
    found = sections_of(shown, acts(shown), TODAY, Paged("titres", page))
    section = next((each for each in found.shown if each.id == "titres"), None)

    assert (section is None) == (count == 0)
    if section is not None:
        assert section.pages == -(-count // LISTED)
        assert section.page == min(page, section.pages)
        assert 1 <= len(section.items) <= LISTED


def test_the_slider_stands_at_the_last_day_that_is_shown() -> None:
    days = (date(2021, 1, 4), date(2021, 1, 6), date(2021, 3, 1))

    assert travel.travel_of(days, Asked()).rank == 2
    assert travel.travel_of(days, Asked()).before == date(2021, 1, 6)
    between = travel.travel_of(days, Asked(date(2021, 1, 5)))
    assert (between.rank, between.before, between.after) == (0, date(2021, 1, 4), date(2021, 1, 6))
    on = travel.travel_of(days, Asked(date(2021, 1, 6)))
    assert (on.rank, on.before, on.after) == (1, date(2021, 1, 4), date(2021, 3, 1))
    early = travel.travel_of(days, Asked(date(2000, 1, 1)))
    assert (early.rank, early.before, early.after) == (0, None, date(2021, 1, 4))
    assert on.offsets == "0,2,56"
    assert travel.travel_of((), Asked()).rank == 0


@given(st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), unique=True, max_size=40), st.integers(0, 60))
def test_a_rank_is_a_day_of_the_list_or_today(days: list[date], rank: int) -> None:
    ordered = tuple(sorted(days))
    asked = travel.resolved(ordered, Asked(rank=rank))

    assert asked.rank is None
    assert asked.as_of == (ordered[rank] if rank < len(ordered) - 1 else None)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=3, minutes=5), "3 h 05"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(seconds=-5), "0 min"),
        (timedelta(days=3), "3 jours"),
    ],
)
def test_what_is_left_of_an_access_is_said(left: timedelta, said: str) -> None:
    now = datetime(2021, 4, 15, 12, tzinfo=UTC)
    assert travel.remaining(now + left, now).replace(NBSP, " ") == said


def test_what_was_otherwise_is_told_and_nothing_else() -> None:
    first = registered(FT, "2021-01-04", family_name="Zola", given_name="Ana")
    named = event(ReferentAssigned, "2021-01-06", CE, adviser="C-1", role="referent", from_date="2021-01-06")

    (found,) = travel.differences(view(first), view(first, named), (TODAY, TODAY))
    assert (found.term, found.then, found.now) == ("Référent", "aucun", "C-1 (Cap emploi)")
    assert travel.differences(view(first), view(first), (TODAY, TODAY)) == []
