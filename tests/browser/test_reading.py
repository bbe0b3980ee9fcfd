"""What axe cannot tell: how each page is read from start to end, where the focus lands, and how long one may take."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.region import IDLE_MINUTES
from tests.browser.sights import ADVISER, SIGHTS, Sight
from tests.browser.visiting import Visitors

_HEARD = """() => {
  const wrong = [];
  const said = each => (each.getAttribute('aria-label') || each.textContent).replace(/\\s+/g, ' ').trim();
  const seen = selector => [...document.querySelectorAll(selector)].filter(
    each => each.checkVisibility({visibilityProperty: true}) && !each.closest('[aria-hidden=true]'));
  const tell = (what, each) => wrong.push(`${what}: ${each.outerHTML.slice(0, 140)}`);

  const targets = {};
  for (const each of seen('main a[href], main button')) {
    const hidden = [...(each.form?.elements ?? [])].filter(it => it.type === 'hidden' && it.name !== 'jeton');
    const target = each.href ?? [each.form?.action, each.name, each.value, ...hidden.map(it => it.value)].join(' ');
    const name = `${each.tagName} ${said(each)}`;
    if (!said(each)) tell('no name', each);
    const other = targets[name] ??= target;
    // A person's row and their contradictions lead to one page.
    if (other.split('#')[0] !== target.split('#')[0]) tell('one name, two targets', each);
  }

  let level = 0;
  for (const each of seen('h1, h2, h3, h4, h5, h6')) {
    const next = Number(each.tagName[1]);
    if (next > level + 1) tell(`level ${level} before`, each);
    if (!said(each)) tell('empty', each);
    level = next;
  }

  const named = each => {
    const by = each.getAttribute('aria-labelledby');
    return each.getAttribute('aria-label') ?? (by ? said(document.getElementById(by)) : '');
  };
  const landmarks = new Set();
  for (const each of seen('nav, aside, [role=region], section[aria-labelledby], form[aria-label]')) {
    const name = `${each.tagName} ${named(each)}`;
    if (!named(each)) tell('no name', each);
    if (landmarks.has(name)) tell('twice', each);
    landmarks.add(name);
  }

  for (const each of seen('figure')) {
    if (each.getAttribute('aria-label') !== each.querySelector('figcaption')?.textContent) tell('caption', each);
  }
  for (const each of seen('table')) {
    if (!each.caption) tell('no caption', each);
    for (const head of each.querySelectorAll('th')) if (!head.scope || !said(head)) tell('head', head);
  }
  for (const each of seen('input:not([type=hidden]), select, textarea')) {
    if (!each.labels.length) tell('no label', each);
    const required = each.labels[0]?.closest('fieldset')?.querySelector('legend') ?? each.labels[0];
    if (each.required && !/obligatoire/.test(required?.textContent)) tell('not said to be required', each);
  }
  const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
  if (new Set(ids).size < ids.length) wrong.push(`ids: ${ids.filter((id, rank) => ids.indexOf(id) !== rank)}`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
    for (const each of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of each.getAttribute(attribute).split(' ')) if (!document.getElementById(id)) tell(attribute, each);
    }
  }
  return wrong;
}"""
_BADLY_SET = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), wrong = new Set();
  for (let text; text = texts.nextNode();) {
    const written = text.parentElement.closest('bdi, code, pre, script, option, textarea, [lang]:not(html)');
    if (!written && /\\S [:;?!»%]|« /.test(text.data)) wrong.add(text.data.trim());
  }
  return [...wrong];
}"""
"""A line may break before a sign; what somebody wrote stays as it is."""
_SMALL = """() => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('[aria-hidden=true], .h-skip'))
  .map(each => each.labels?.length && each.matches('label > input') ? each.labels[0] : each)
  .filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.height < 24 || box.width < 24);
  }).map(each => each.outerHTML.slice(0, 140))"""
_LARGE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('html { font-size: 200% !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth;
}"""
_FOCUSED = "() => document.activeElement.id || document.activeElement.tagName"
_UNDER_SOMETHING = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  const above = document.elementFromPoint(box.left + 8, box.top + box.height / 2);
  return above && !it.contains(above) && !above.contains(it) ? above.outerHTML.slice(0, 140) : null;
}"""


@pytest.mark.parametrize("sight", SIGHTS, ids=[sight.name for sight in SIGHTS])
def test_a_page_is_understood_by_whoever_hears_it_and_its_targets_are_large_enough(
    sight: Sight, visitors: Visitors
) -> None:
    page = visitors.desk(sight.login)
    sight.open(page, visitors.region)
    assert page.evaluate(_HEARD) == []
    assert page.evaluate(_BADLY_SET) == []
    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_LARGE_TEXT) <= 0


def test_each_step_of_a_search_has_a_title_of_its_own(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    titles = []
    for name in ("recherche", "recherche-erreur", "recherche-resultat"):
        next(sight for sight in SIGHTS if sight.name == name).open(page, visitors.region)
        titles.append(page.title())
    assert [title.split(" – ")[0] for title in titles] == [
        "Rechercher",
        "Erreur",
        "1\N{NO-BREAK SPACE}personne trouvée",
    ]
    _is_at(page, "resultats")


def test_a_pathway_is_read_from_what_is_to_do_to_what_was_done(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto(f"/parcours/{visitors.region.people['bare']}")
    said = page.get_by_role("main").aria_snapshot()
    assert re.findall(r'- heading "(.*)" \[level=2\]', said) == [
        *("À faire", "En cours", "Accompagnement", "Identité et contact", "Votre accès"),
        *("Remonter le temps", "Frise du parcours", "Le parcours en détail"),
    ]
    assert 'button "Pourquoi ? Référent"' in said.replace("\N{NO-BREAK SPACE}", " ")
    assert len(re.findall(r"- listitem:\n +- time: .*\n +- group:", said)) == 2, "the events, as a list"
    assert "group: Filtrer les événements" in said


def test_the_day_that_is_shown_is_said_by_the_slider_and_when_the_page_has_changed(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto(f"/parcours/{visitors.region.people['telling']}")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d{4}"))
    shown = page.get_by_role("status").filter(has_text="Parcours montré")
    before = shown.inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(shown).not_to_have_text(before)
    _is_at(page, "temps-rang")

    without = visitors.page(ADVISER, scripts=False)
    without.goto(f"/parcours/{visitors.region.people['telling']}")
    assert without.get_by_role("slider").get_attribute("aria-valuetext") is None, "which would not change"


def test_the_focus_goes_on_where_a_page_of_the_list_begins(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto(f"/parcours/{visitors.region.people['crowded']}")
    page.locator(".h-fz-more a").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Frise du parcours")).to_be_focused()


def test_the_focus_is_under_nothing_on_the_way_back_through_a_long_list(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto(f"/parcours/{visitors.region.people['crowded']}")
    page.locator(".h-fz-list summary").last.focus()
    for _ in range(50):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(_UNDER_SOMETHING) is None


def test_whoever_chooses_a_theme_by_the_keyboard_goes_on_from_there(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/recherche")
    page.get_by_role("button", name="Clair").press("Enter")
    page.wait_for_url("**#affichage")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Automatique")).to_be_focused()


def test_news_may_be_told_to_wait(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/accueil")
    page.get_by_role("button", name="Suspendre le suivi en direct").press("Enter")
    expect(page.get_by_role("button", name="Reprendre le suivi en direct")).to_be_focused()


def test_a_login_says_before_it_ends_and_is_lengthened_without_losing_what_is_written(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.clock.install()
    page.goto("/recherche")
    name = page.get_by_label("Nom d’usage")
    name.fill("Trois-Cents")
    expect(page.get_by_text("Sans activité, votre connexion s’arrête à")).to_be_visible()
    told = page.get_by_role("status").filter(has_text="connexion")
    expect(told).to_have_count(0)

    page.clock.fast_forward((IDLE_MINUTES - 4) * 60_000)
    expect(told).to_contain_text("s’arrête dans 4 minutes au plus")
    stay = page.get_by_role("button", name="Rester connecté")
    stay.focus()
    stay.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Vous restez connecté.")).to_be_visible()
    expect(stay).to_be_hidden()
    assert name.input_value() == "Trois-Cents"

    page.clock.fast_forward((IDLE_MINUTES + 1) * 60_000)
    expect(page.get_by_role("status").filter(has_text="Votre connexion a pris fin")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_was_written_is_given_back_when_the_login_has_ended(visitors: Visitors, *, scripts: bool) -> None:
    page = visitors.page("ft-adviser-2", fresh=True, scripts=scripts)
    page.goto(f"/parcours/{visitors.region.people['telling']}/motif")
    page.get_by_role("radio").first.check()
    page.get_by_label("Le motif en quelques mots").fill("Accueil au guichet, sans rendez-vous")
    other = page.context.new_page()
    other.goto("/compte")
    other.get_by_role("button", name="Me déconnecter d’ici").click()
    other.wait_for_load_state()

    page.get_by_role("button", name="Enregistrer le motif").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre connexion a pris fin")
    expect(page.get_by_label("Ce que vous aviez écrit")).to_have_value("Accueil au guichet, sans rendez-vous")


def _is_at(page: Page, place: str) -> None:
    assert page.evaluate(_FOCUSED) == place
