"""The words of the frieze and of charts cover nothing, however large or spaced readers set them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.sights import ADVISER, MANAGER
from tests.browser.visiting import DESKTOP, PHONE, Visitors

_ADOPT = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
_LARGE = "html { font-size: 200% !important }"
_SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
"""Text spacing as WCAG 1.4.12 has readers set it."""
_COVERED = """() => {
  const wrong = [];
  for (const drawing of document.querySelectorAll('.h-fz-svg, .h-chart')) {
    const frame = drawing.getBoundingClientRect();
    const words = [...drawing.querySelectorAll('text, p > *')].filter(
      each => each.textContent.trim() && each.checkVisibility()).map(each => {
        // What is inked is as high as the letters are large: lines of a font are higher, and may touch.
        const box = each.getBoundingClientRect(), size = parseFloat(getComputedStyle(each).fontSize);
        const scale = each.getScreenCTM ? each.getScreenCTM().d : 1, rest = (box.height - size * scale) / 2;
        const cut = each.ownerSVGElement ? Math.max(0, rest) : 0;
        return {said: each.textContent, left: box.left, right: box.right, top: box.top + cut, bottom: box.bottom - cut};
      });
    const bars = [...drawing.querySelectorAll('rect.h-part')].map(
      each => ({said: 'a bar', ...each.getBoundingClientRect().toJSON()}));
    words.forEach((one, number) => {
      if (one.left < frame.left - 1 || one.right > frame.right + 1 || one.top < frame.top - 1
        || one.bottom > frame.bottom + 1) wrong.push(`${one.said} leaves the drawing`);
      for (const other of [...words.slice(number + 1), ...bars]) {
        if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
          && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
          wrong.push(`${one.said} covers ${other.said}`);
      }
    });
  }
  return wrong;
}"""
_SIZES = """() => [...document.querySelectorAll('.h-fz-svg text, .h-chart :is(text, p > *)')].filter(
  each => each.checkVisibility()).map(each => parseFloat(getComputedStyle(each).fontSize)
    * (each.getScreenCTM ? each.getScreenCTM().d : 1))"""

PAGES = (
    *((ADVISER, f"/parcours/{{{who}}}") for who in ("telling", "hostile", "crowded", "old", "bare", "twin")),
    (MANAGER, "/pilotage/delegations"),
    (None, "/composants"),
)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("login", "path"), PAGES, ids=[path for _, path in PAGES])
def test_no_word_covers_another_at_any_size_or_spacing(
    visitors: Visitors, login: str | None, path: str, size: ViewportSize
) -> None:
    page = visitors.desk(login)
    page.set_viewport_size(size)
    _open(page, visitors, path)
    sizes = page.evaluate(_SIZES)
    assert sizes
    assert page.evaluate(_COVERED) == []

    page.evaluate(_ADOPT, _SPACED)
    assert page.evaluate(_COVERED) == [], "with spaced text"

    _open(page, visitors, path)
    page.evaluate(_ADOPT, _LARGE)
    assert page.evaluate(_COVERED) == [], "with text twice as large"
    assert min(page.evaluate(_SIZES)) >= 1.9 * min(sizes), "the words grow with the text"


def _open(page: Page, visitors: Visitors, path: str) -> None:
    answer = page.goto(path.format_map(visitors.region.people))
    assert answer is not None
    assert answer.ok
