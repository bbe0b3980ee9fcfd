"""Paper: dark on white whatever the theme, with what is closed on the screen, without what only a screen can use."""

from __future__ import annotations

import re

import pytest

from tests.browser.sights import ADVISER, SIGHTS, Sight
from tests.browser.visiting import Visitors, kept

_A4 = (round((210 - 2 * 12) / 25.4 * 96), 990)
"""What the margins leave of a page, in pixels."""
_PRINTED = {
    *("parcours", "parcours-passe", "parcours-hostile", "parcours-dense", "fiche", "delegations", "accueil", "journal"),
    *("rejeu", "quarantaine-un", "accessibilite"),
}
_ON_PAPER = [sight for sight in SIGHTS if sight.name in _PRINTED]
_COLOURS = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => { const [red, green, blue] = parts(colour); return (red * 3 + green * 6 + blue) / 10 / 255; };
  return [...document.querySelectorAll('h1, main p, main td, main dd, main li, .h-card, .h-fz-card, body, html')]
    .filter(each => each.checkVisibility()).flatMap(each => {
      const style = getComputedStyle(each), ground = parts(style.backgroundColor);
      const is_dark = ground[3] !== 0 && light(style.backgroundColor) < 0.8;
      return is_dark || light(style.color) > 0.55 ? [each.outerHTML.slice(0, 120)] : [];
    });
}"""
_FOR_A_SCREEN = (
    *("nav", ".h-skip", ".h-menu", ".h-who", ".h-foot", ".h-lasting", ".h-theme", "form[method=get]", "button"),
    "input:not([type=hidden])",
)
_SPLIT = """() => [...document.querySelectorAll('main .h-card > *, .h-fz-card, main tr, main figure')].filter(
  each => each.checkVisibility() && !each.closest('[class]')?.matches('.h-card') &&
    !each.matches('.h-card > *') && getComputedStyle(each.closest('li, tr, .h-card, figure')).breakInside !== 'avoid'
).map(each => each.outerHTML.slice(0, 120))"""
_CLOSED = """() => [...document.querySelectorAll('main details:not(:has(form))')].filter(each => each.checkVisibility()
  && each.querySelector(':scope > :not(summary)').getBoundingClientRect().height === 0
).map(each => each.outerHTML.slice(0, 120))"""
_TOO_WIDE = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


@pytest.mark.parametrize("sight", _ON_PAPER, ids=[sight.name for sight in _ON_PAPER])
def test_a_page_prints_dark_on_white_whole_and_without_what_a_screen_is_for(sight: Sight, visitors: Visitors) -> None:
    page = visitors.desk(sight.login)
    sight.open(page, visitors.region)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": _A4[0], "height": _A4[1]})

    assert page.evaluate(_COLOURS) == []
    for selector in _FOR_A_SCREEN:
        assert not page.locator(selector).filter(visible=True).all(), selector
    assert page.evaluate(_SPLIT) == []
    assert page.evaluate(_CLOSED) == []
    assert page.evaluate(_TOO_WIDE) <= 0

    printed = page.pdf(prefer_css_page_size=True)
    if file := kept(f"{sight.name}.pdf"):
        file.write_bytes(printed)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 40


def test_whoever_chose_the_dark_theme_prints_dark_on_white_too(visitors: Visitors) -> None:
    page = visitors.page(ADVISER, scheme="light")
    page.context.add_cookies([{"name": "affichage", "value": "sombre", "url": visitors.region.url}])
    page.goto("/parcours/{telling}".format_map(visitors.region.people))
    assert page.evaluate(_COLOURS) != [], "on the screen"
    page.emulate_media(media="print")
    assert page.evaluate(_COLOURS) == []
