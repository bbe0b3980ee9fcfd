"""Every page in a real browser: accessible in both themes and at every size, light, and from one host alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Request

from tests.browser.axe import COLOURS, violations
from tests.browser.sights import SIGHTS, Sight
from tests.browser.visiting import PHONE, TWICE, Visitors, picture

LARGEST_BYTES = 100_000
_VISITS = 3
"""How often two visits are compared: other tests of the run may decide and read between the two, on the same region."""
_SPACED = """
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; "
    + "word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
"""
"""Text spacing as WCAG 1.4.12 has readers set it."""
_TOO_WIDE = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
_CUT_OFF = """() => [...document.querySelectorAll('main *')].filter(each => {
  const style = getComputedStyle(each);
  return style.overflowX === 'hidden' && each.scrollWidth > each.clientWidth + 1 && style.clipPath === 'none'
    && each.clientWidth > 1 && each.textContent.trim();
}).map(each => each.outerHTML.slice(0, 120))"""

pytestmark = pytest.mark.parametrize("sight", SIGHTS, ids=[sight.name for sight in SIGHTS])


def test_a_page_breaks_no_rule_in_either_theme_at_any_size_and_keeps_light(sight: Sight, visitors: Visitors) -> None:
    page = visitors.desk(sight.login)
    with _measured(page) as sizes:
        sight.open(page, visitors.region)
        page.wait_for_load_state("load")
    assert page.locator("h1").count() == 1
    picture(page, f"{sight.name}-light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    picture(page, f"{sight.name}-dark")
    assert violations(page) == []
    page.emulate_media(color_scheme="light", forced_colors="active")
    assert violations(page, COLOURS) == []
    page.emulate_media(forced_colors="none")

    page.set_viewport_size(TWICE)
    assert page.evaluate(_TOO_WIDE) <= 0
    page.set_viewport_size(PHONE)
    picture(page, f"{sight.name}-phone")
    assert page.evaluate(_TOO_WIDE) <= 0
    assert violations(page) == []
    page.evaluate(_SPACED)
    assert page.evaluate(_TOO_WIDE) <= 0, "with spaced text"
    assert page.evaluate(_CUT_OFF) == []
    assert sum(sizes.values()) <= LARGEST_BYTES, sizes


def test_a_page_is_whole_without_scripts(sight: Sight, visitors: Visitors) -> None:
    missing = _missing_without_scripts(sight, visitors)
    for _ in range(_VISITS - 1):
        missing = missing and _missing_without_scripts(sight, visitors)
    assert missing == []


def _missing_without_scripts(sight: Sight, visitors: Visitors) -> list[str]:
    """Give what a page says, offers and leads to with scripts alone."""
    with_scripts = visitors.desk(sight.login)
    sight.open(with_scripts, visitors.region)
    without = visitors.desk(sight.login, scripts=False)
    sight.open(without, visitors.region)

    missing = [] if _headings(without) == _headings(with_scripts) else _headings(with_scripts)
    for script in (_LED_TO, _OFFERED, _SAID) if sight.path not in _MOVING else (_OFFERED,):
        missing += sorted(_texts(with_scripts, script) - _texts(without, script))
    return missing


def test_whoever_uses_the_keyboard_sees_where_they_are_and_reaches_everything(sight: Sight, visitors: Visitors) -> None:
    page = visitors.desk(sight.login)
    sight.open(page, visitors.region)
    wanted = page.evaluate(_FOCUSABLE)
    reached: set[str] = set()
    for _ in range(len(wanted) + 5 * page.locator("input[type=date]").count() + 5):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if found is None:
            continue  # past the end: a page that set the focus on its errors goes on from its start
        reached.add(found["name"])
        assert found["visible"], f"nobody sees that this has the focus: {found['html']}"

    assert set(wanted) <= reached


_FOCUSABLE = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  all.forEach((each, number) => each.setAttribute('data-number', number));
  return all.filter(each => !each.disabled && each.type !== 'hidden' && each.tabIndex >= 0
    && each.checkVisibility({visibilityProperty: true})
    && !(each.type === 'radio' && !each.checked)).map(each => each.tagName + each.getAttribute('data-number'));
}"""
_FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return {name: it.tagName + it.getAttribute('data-number'), html: it.outerHTML.slice(0, 200),
    visible: (outlined || style.boxShadow !== 'none') && box.width > 0 && box.height > 0
      && box.bottom > 0 && box.top < innerHeight};
}"""


_LED_TO = """() => [...document.querySelectorAll('a[href]')]
  .filter(each => each.checkVisibility({visibilityProperty: true}))
  .map(each => each.pathname + ' ' + each.innerText)"""
_OFFERED = """() => [...document.querySelectorAll('button, input, select, textarea, summary')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.matches('[data-pause]'))
  .map(each => [each.tagName, each.name || '', each.labels?.[0]?.innerText || each.innerText])
  .map(parts => parts.join(' '))"""
"""What one can fill in and press; only what scripts do is paused by a button that they show."""
_SAID = """() => [...document.querySelectorAll('main :is(h3, h4, caption, th, dt, legend, label, p, li, td, dd)')]
  .filter(each => !each.children.length && !each.closest('[role=status]'))
  .filter(each => each.checkVisibility({visibilityProperty: true}))
  .map(each => each.innerText.trim())"""
"""The texts of the page but for what is told while it is open."""
_MOVING = {"/journal", "/audit", "/exploitation"}
"""Pages of what goes on in the hub: another visit says something else, and leads elsewhere."""


def _texts(page: Page, script: str) -> set[str]:
    """Give what a script finds; counts and times go on between two visits."""
    return {re.sub(r"\d+", "0", text) for text in page.evaluate(script)}


def _headings(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("h1, h2").all_text_contents()]


@contextmanager
def _measured(page: Page) -> Iterator[dict[str, int]]:
    """Keep count of the bytes that a page loads, as they are sent to a browser that was never there."""
    sizes: dict[str, int] = {}

    def measure(request: Request) -> None:
        sizes[request.url] = request.sizes()["responseBodySize"]

    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", measure)
    try:
        yield sizes
    finally:
        page.remove_listener("requestfinished", measure)
        devtools.detach()
