"""What RGAA 4.1 asks and neither axe nor the HTML checker tells; numbers are those of its criteria."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.sights import SIGHTS, Sight
from tests.browser.visiting import Visitors

_BROKEN = """() => {
  const wrong = [];
  const tell = (number, each) => wrong.push(`${number} ${each.outerHTML.slice(0, 160)}`);
  const all = selector => document.querySelectorAll(selector);
  for (const each of all('svg:not([role=img])')) {
    if (each.closest('[aria-hidden=true], svg[role=img]') === null) tell('1.2', each);
  }
  for (const each of all('[role=img], img[alt]:not([alt=""])')) {
    const by = each.getAttribute('aria-labelledby');
    const name = each.alt || each.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent);
    if (!name?.trim()) tell('1.1', each);
  }
  for (const each of all('iframe, frame, object, embed, video, audio, canvas, map, area')) tell('2.1, 4.1', each);
  for (const each of all('main table')) {
    if (each.getAttribute('role') === 'presentation') tell('5.3', each);
    for (const head of each.tHead?.querySelectorAll('th') ?? []) {
      if (!['col', 'colgroup'].includes(head.scope)) tell('5.7', head);
      if (head.colSpan > 1) for (const cell of each.querySelectorAll('td')) {
        const heads = cell.headers.split(' ').map(id => document.getElementById(id));
        if (heads.length < 3 || !heads.every(it => it?.closest('table') === each)) tell('5.7', cell);
      }
    }
  }
  for (const each of all('a:not([href])')) if (!each.id) tell('6.2', each);
  for (const each of all('a[target=_blank]')) if (!/nouvel onglet/.test(each.textContent)) tell('13.2', each);
  for (const each of all('*')) {
    for (const { name } of each.attributes) if (/^on/.test(name)) tell('7.1', each);
    if (each.tabIndex > 0) tell('12.8', each);
    if (each.accessKey) tell('12.10', each);
  }
  if (document.documentElement.lang !== 'fr') tell('8.3', document.documentElement);
  for (const each of all('basefont, big, blink, center, font, marquee, strike, tt, br + br')) tell('8.9, 10.1', each);
  for (const each of all('p, li, td, th, dd, dt, h1, h2, h3, h4')) {
    // A status is filled later; a cell may have nothing to say.
    if (!each.textContent.trim() && !each.children.length && !each.matches('[role=status], td')) tell('8.9', each);
  }
  const shapes = 'align alink background bgcolor border cellpadding cellspacing clear hspace link valign vlink vspace';
  for (const name of shapes.split(' ')) for (const each of all(`[${name}], [style]`)) tell('10.1', each);
  for (const each of all('fieldset')) {
    if (!each.querySelector(':scope > legend')?.textContent.trim()) tell('11.6', each);
  }
  for (const each of all('button, input[type=submit]')) if (!each.textContent.trim()) tell('11.9', each);
  for (const selector of ['header[role=banner]', 'main', 'footer[role=contentinfo]']) {
    if (all(selector).length !== 1) wrong.push(`9.2 ${selector}`);
  }
  const skip = document.querySelector('.h-skip a');
  if (!document.querySelector(skip?.getAttribute('href'))) wrong.push('12.7');
  if (document.querySelector('a[href], button') !== skip) wrong.push('12.7 not first');
  for (const each of all('meta[http-equiv=refresh]')) if (!/^0;/.test(each.content)) tell('13.1', each);
  for (const each of all('main a[href*=".csv"]')) if (!/CSV/.test(each.textContent)) tell('13.3', each);
  return wrong;
}"""
_BY_SENSES = re.compile(r"\b(?:ci-contre|(?:à|de) (?:droite|gauche)|en (?:rouge|vert|bleu|orange|violet|gras))\b")


class Looked(NamedTuple):
    """What was seen of a page: what is broken there, its title, and the order of its parts."""

    sight: Sight
    broken: list[str]
    title: str
    order: list[str]
    ways_to_the_plan: int


@pytest.fixture(scope="module")
def looked(everyone: Visitors) -> list[Looked]:
    """Every page, opened once for all that is told of it."""
    with everyone.closing() as visitors:
        return [_look(sight, visitors) for sight in SIGHTS]


def _look(sight: Sight, visitors: Visitors) -> Looked:
    page = visitors.desk(sight.login)
    sight.open(page, visitors.region)
    expect(page.locator("footer[role=contentinfo]")).to_have_count(1)
    broken = page.evaluate(_BROKEN)
    if by_senses := _BY_SENSES.findall(page.locator("main").inner_text()):
        broken.append(f"10.9 {by_senses}")
    order = page.evaluate("() => [...document.body.children].map(each => each.tagName)")
    return Looked(sight, broken, page.title(), order, page.locator("footer a[href='/plan-du-site']").count())


def test_no_page_breaks_what_can_be_told_of_it_alone(looked: list[Looked]) -> None:
    assert {each.sight.name: each.broken for each in looked if each.broken} == {}


def test_what_is_broken_is_found(visitors: Visitors) -> None:
    page = visitors.page(None)
    page.goto("/plan-du-site")
    page.evaluate("""() => document.querySelector('main').insertAdjacentHTML('beforeend', `<svg></svg><i role="img"></i>
      <iframe></iframe><table><thead><tr><th>a</th></tr></thead></table><a>b</a><a href="/" target="_blank">c</a>
      <p tabindex="2"></p><font>d</font><p align="left">e</p><fieldset></fieldset><button></button>
      <main></main>`)""")
    found = {each.split()[0].rstrip(",") for each in page.evaluate(_BROKEN)}
    assert found >= {*("1.1", "1.2", "2.1", "5.7", "6.2", "13.2", "12.8", "8.9", "10.1", "11.6", "11.9", "9.2")}


def test_pages_of_different_kinds_have_titles_that_tell_them_apart(looked: list[Looked]) -> None:
    """8.6, and 12.2 and 12.5: the menu and the foot stand where they stand on every page."""
    titles = defaultdict(set)
    for sight, _, title, order, ways_to_the_plan in looked:
        assert re.fullmatch(r"(\(\d+\) )?\S.* – Parcours Hub", title), sight.name
        titles[title].add((sight.route or sight.path).partition("?")[0])
        assert [tag for tag in order if tag in {"NAV", "HEADER", "FOOTER"}] == ["NAV", "HEADER", "FOOTER"]
        assert ways_to_the_plan == 1
    shared = {title: paths for title, paths in titles.items() if len(paths) > 1}
    # Every pathway has one title: the names of people stay out of it, and of browsers' history.
    assert {title.partition(" – ")[0] for title in shared} <= {"Parcours"}
