"""A part of a page that cannot be had: nothing of what is shown is lost, its reader is told, and the page goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

import hub.web
from tests.browser.sights import ADVISER, OPERATOR
from tests.browser.visiting import Visitors

FAILURE = "Ce qui a manqué"
ANSWER = f'<!doctype html><html lang="fr"><title>Erreur</title><main id="contenu"><h1>{FAILURE}</h1></main></html>'
ALONE = re.compile("se remettra à jour d’elle-même")
TEMPLATES = Path(hub.web.__file__).parent / "templates"


def fails(page: Page, status: int) -> list[str]:
    """Let every request but for style and scripts fail; give the addresses that were asked for."""
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body=ANSWER, content_type="text/html; charset=utf-8")

    page.route(re.compile("/(parcours|exploitation|accueil)"), answer)
    return asked


def _slide(page: Page) -> None:
    page.locator("#temps-rang").focus()
    page.keyboard.press("ArrowLeft")


def _section(page: Page) -> None:
    page.locator(".h-more a").first.click()


def _filter(page: Page) -> None:
    page.locator("#frise-filtres > summary").click()
    # Not `check`: the page that says why may take its place before it is seen to be checked.
    page.locator("#frise-filtres input[type=checkbox]").first.click()


def _further(page: Page) -> None:
    page.locator(".h-fz-more a.h-button").click()


ASKED: tuple[tuple[str, Callable[[Page], object]], ...] = (
    ("telling", _slide),
    ("telling", _section),
    ("telling", _filter),
    ("crowded", _further),
)


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize(("person", "ask"), ASKED, ids=[each.__name__ for _, each in ASKED])
def test_what_a_reader_asks_for_in_vain_is_answered_by_a_page_that_says_why(
    visitors: Visitors, person: str, ask: Callable[[Page], object], status: int
) -> None:
    page = visitors.desk(ADVISER)
    page.goto(f"/parcours/{visitors.region.people[person]}")
    asked = fails(page, status)
    try:
        ask(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(FAILURE)
    finally:
        page.unroute_all()
    assert page.url.partition("#")[0] == asked[0].partition("#")[0]


def test_without_any_answer_what_is_shown_stays_and_the_reader_is_told(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto(f"/parcours/{visitors.region.people['telling']}")
    before = page.locator("h1").inner_text()
    page.route(re.compile("/parcours/"), lambda route: route.abort())

    _section(page)

    expect(page.locator("#echec")).to_contain_text("Vérifiez votre connexion")
    assert page.locator("h1").inner_text() == before
    visitors.complaints[:] = [text for text in visitors.complaints if "htmx:" not in text]


@pytest.fixture
def watched(visitors: Visitors) -> Page:
    """The operators' page, whose time the test sets."""
    page = visitors.page(OPERATOR)
    page.clock.install()
    page.goto("/exploitation")
    return page


@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_looks_again_says_that_it_could_not_and_goes_on(watched: Page, status: int) -> None:
    cards = watched.locator("#etat .h-card").count()
    asked = fails(watched, status)

    watched.clock.run_for(10_000)
    expect(watched.locator("#echec")).to_have_text(ALONE)
    assert watched.locator("#etat .h-card").count() == cards
    with watched.expect_request(re.compile("/exploitation")):
        watched.clock.run_for(10_000)
    assert len(asked) >= 1

    watched.unroute_all()
    with watched.expect_response(re.compile("/exploitation")):
        watched.clock.run_for(10_000)
    expect(watched.locator("#echec")).to_be_empty()


def test_a_page_that_is_no_longer_its_readers_is_left(watched: Page) -> None:
    fails(watched, 403)
    watched.clock.run_for(10_000)
    expect(watched.get_by_role("heading", level=1)).to_have_text(FAILURE)


def _once() -> str:
    """Give how the pathway's page asks whether a decision has taken effect."""
    found = re.search(r'data-hx-trigger="(load [^"]*)"', (TEMPLATES / "pathway" / "page.html").read_text())
    assert found
    return found[1]


def test_what_is_asked_once_by_itself_is_asked_again_after_a_failure(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    path = f"/parcours/{visitors.region.people['telling']}"
    waiting = (
        f'<div id="essai-0" data-hx-get="{path}?essai=1" data-hx-trigger="{_once()}" data-hx-select="#parcours"'
        ' data-hx-target="#parcours" data-hx-swap="outerMorph"></div>'
    )
    page.clock.install()

    def with_waiting(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("<h1>", f"{waiting}<h1>", 1))

    page.route(re.compile(f"{path}$"), with_waiting)
    page.goto(path)
    page.unroute_all()
    fails(page, 503)

    page.clock.run_for(1_500)
    expect(page.locator("#echec")).to_have_text(ALONE)
    expect(page.locator("h1")).not_to_have_text(FAILURE)

    page.unroute_all()
    with page.expect_response(re.compile("essai=1")):
        page.clock.run_for(10_000)
    expect(page.locator("#echec")).to_be_empty()
    expect(page.locator("#essai-0")).to_have_count(0)


def test_news_are_followed_again_after_a_failure(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.clock.install()
    stream = re.compile("/accueil/nouveautes")
    page.route(stream, lambda route: route.fulfill(status=503, body=ANSWER))
    page.goto("/accueil")
    expect(page.locator("[data-stream]")).to_contain_text("interrompu")

    page.unroute_all()
    with page.expect_response(stream):
        page.clock.run_for(10_000)
    expect(page.locator("[data-stream]")).to_be_empty()


def test_every_part_that_is_asked_for_once_by_itself_can_be_asked_for_again() -> None:
    triggers = [
        trigger
        for file in TEMPLATES.rglob("*.html")
        for trigger in re.findall(r'data-hx-trigger="(load[^"]*)"', file.read_text())
    ]
    assert triggers
    assert all(trigger.endswith(", again") for trigger in triggers)
