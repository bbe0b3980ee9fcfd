"""Data that means harm, in a real browser: shown as it is written, run nowhere, and read from left to right."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.region import EMOJI, LONG_TEXT, MARKUP, RIGHT_TO_LEFT
from tests.browser.sights import ADVISER, AUDITOR
from tests.browser.visiting import Visitors

_PAGES = (
    (ADVISER, "/accueil"),
    (ADVISER, "/parcours/{hostile}"),
    (ADVISER, "/parcours/{hostile}/fiche"),
    (AUDITOR, "/parcours/{hostile}/rejeu?pas=1"),
)


@pytest.mark.parametrize(("login", "path"), _PAGES, ids=[path for _, path in _PAGES])
def test_markup_in_a_name_is_text_and_starts_nothing(visitors: Visitors, login: str, path: str) -> None:
    page = visitors.page(login)
    started: list[str] = []

    def note(dialog: Dialog) -> None:
        started.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.goto(path.format_map(visitors.region.people))

    assert EMOJI in page.get_by_role("main").inner_text()
    assert page.locator("main script, main img[src='x']").count() == 0
    assert "49" not in page.locator("h1").inner_text()
    assert started == []


def test_a_name_that_is_written_from_right_to_left_stays_in_its_place(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/parcours/{hostile}".format_map(visitors.region.people))

    contradiction = page.get_by_role("main").get_by_text(RIGHT_TO_LEFT).first
    expect(contradiction).to_be_visible()
    isolated = contradiction.evaluate(
        "each => [each, ...each.querySelectorAll('*'), each.parentElement]"
        ".some(one => one.tagName === 'BDI' || one.dir === 'auto' || getComputedStyle(one).unicodeBidi === 'isolate')"
    )
    assert isolated


def test_a_text_of_four_thousand_characters_is_there_whole(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/parcours/{hostile}".format_map(visitors.region.people))

    page.get_by_role("main").get_by_role("link", name=re.compile("^Diagnostic réalisé")).last.click()

    assert LONG_TEXT[:4_000].strip() in page.get_by_role("main").inner_text()
    assert MARKUP not in page.content()


def test_three_hundred_acts_in_a_month_and_thirty_years_stay_legible(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    for who, said in (("crowded", "300"), ("old", "1993")):
        page.goto(f"/parcours/{visitors.region.people[who]}")
        overview = page.locator("main svg[role=img]").first
        expect(overview).to_be_visible()
        assert said in page.get_by_role("main").inner_text()
        texts = overview.locator("text").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
        assert texts
        assert min(texts) >= 9, "a text of the drawing is too small to read"
        boxes = overview.locator("text").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect())"
            ".map(box => [box.left, box.top, box.right, box.bottom])"
        )
        assert _overlaps(boxes) == []


def _overlaps(boxes: list[list[float]], slack: float = 2.0) -> list[tuple[list[float], list[float]]]:
    """Give the pairs of boxes that cover each other."""
    return [
        (one, other)
        for at, one in enumerate(boxes)
        for other in boxes[at + 1 :]
        if min(one[2], other[2]) - max(one[0], other[0]) > slack
        and min(one[3], other[3]) - max(one[1], other[1]) > slack
    ]
