"""What each role comes for, by keyboard alone: with scripts and without, at a desk and zoomed to 400 %."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import FloatRect, Page, ViewportSize, expect

from tests.browser.sights import ADVISER, AUDITOR, DPO, LEAD, MANAGER, OPERATOR
from tests.browser.visiting import DESKTOP, PHONE, Visitors, led_on, settled


class Way(NamedTuple):
    """How wide somebody's page is, and whether their browser runs scripts."""

    size: ViewportSize
    scripts: bool


DESK, BARE = Way(DESKTOP, scripts=True), Way(DESKTOP, scripts=False)
WAYS = pytest.mark.parametrize("way", [DESK, BARE, Way(PHONE, scripts=True)], ids=["desk", "desk-bare", "400-percent"])
_MOST_STOPS = 400
_FOCUSED = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const text = each => (each?.textContent ?? '').replace(/\\s+/g, ' ').trim();
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  const isOnCalendar = it.type === 'date' && !it.matches(':focus');
  return {
    name: it.getAttribute('aria-label') ?? ([...(it.labels ?? [])].map(text).join(' ') || text(it)),
    group: it.type === 'radio' ? text(it.closest('fieldset')?.querySelector('legend')) : '',
    isShown: isOnCalendar || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    isWithin: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
"""What has the focus, or nothing: after the last of a page it is the browser's own bar.

The button of a date field's calendar has the browser's own ring, which no script reads: a test looks at its picture.
"""


class Keyboard:
    """Somebody without a mouse: goes by Tab, sees where they are at every stop, and presses keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, name: str, *, among: str = "") -> None:
        """Go on with Tab until what has the focus is called so; of radio buttons, in the group called `among`."""
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused is None:
                continue
            assert focused["isShown"], f"nobody sees that {focused['name']!r} has the focus"
            assert focused["isWithin"], f"{focused['name']!r} has the focus out of sight"
            if name in focused["name"] and among in focused["group"]:
                return
        raise AssertionError(f"no Tab leads to {name}")

    def follow(self, name: str) -> None:
        """Press Enter on a link or button that leads to a page, or with scripts changes a part of this one."""
        self.reach(name)
        with led_on(self.page):
            self.page.keyboard.press("Enter")

    def press(self, name: str) -> None:
        """Press Enter on what opens where it stands."""
        self.reach(name)
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        """Fill a field; what stands in it is replaced."""
        self.reach(label)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, among: str, name: str) -> None:
        """Choose a radio button: Tab leads to its group, arrows and Space within it."""
        self.reach("", among=among)
        for _ in range(_MOST_STOPS):
            if name in self.page.evaluate(_FOCUSED)["name"]:
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {name}")

    def tick(self, name: str) -> None:
        """Tick a box."""
        self.reach(name)
        self.page.keyboard.press("Space")
        settled(self.page)


def _sits_down(visitors: Visitors, login: str | None, path: str, way: Way = DESK) -> Keyboard:
    """Open a page as someone, or as nobody."""
    page = visitors.page(login, size=way.size, scripts=way.scripts)
    page.goto(path.format_map(visitors.region.people))
    return Keyboard(page)


def _log_in(visitors: Visitors, login: str, way: Way) -> Keyboard:
    keyboard = _sits_down(visitors, None, f"/connexion?compte={login}", way)
    page = keyboard.page
    keyboard.follow("Se connecter")
    page.locator(f"button[value='{login}']").focus()  # the local issuer's page, which no deployment has
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/issuer/" not in url and "/connexion" not in url)
    return keyboard


@WAYS
def test_an_adviser_reads_a_pathway(visitors: Visitors, way: Way) -> None:
    keyboard = _log_in(visitors, ADVISER, way)
    page = keyboard.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"

    keyboard.follow("TRENTE-ANS")
    heading, main = page.get_by_role("heading", level=1), page.get_by_role("main")
    expect(heading).to_contain_text("TRENTE-ANS")
    keyboard.follow("Jour précédent")
    expect(main).to_contain_text("Vous voyez le parcours au")
    keyboard.follow("Revenir à aujourd’hui")
    expect(main).not_to_contain_text("Vous voyez le parcours au")
    keyboard.press("Filtrer")
    keyboard.tick("Cap emploi")
    keyboard.follow("Filtrer")
    expect(main).to_contain_text("masqués")
    keyboard.follow("Pourquoi ?")
    expect(main).to_contain_text("La règle suivie")
    keyboard.follow("Se déconnecter")
    expect(page).not_to_have_url(re.compile("/parcours"))


def test_the_button_of_a_calendar_shows_its_focus_after_its_field_came_anew(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/")
    page.get_by_role("link", name="TRENTE-ANS").first.click()
    page.locator("summary", has_text="Filtrer").click()
    field = page.get_by_label("Du", exact=True)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    button = FloatRect(x=box["x"] + box["width"] - 40, y=box["y"] + 6, width=34, height=box["height"] - 12)
    without = page.screenshot(clip=button)

    field.focus()
    for _ in range(3):  # from the day to the month, the year and the button
        page.keyboard.press("Tab")
    page.evaluate("""() => new Promise(done => {
      document.addEventListener('htmx:after:swap', done, { once: true });
      htmx.trigger('form:has(#f-du)', 'submit');
    })""")

    assert not page.evaluate("document.activeElement.matches(':focus')"), "the button of the calendar has the focus"
    assert page.screenshot(clip=button) != without


@WAYS
def test_an_adviser_looks_somebody_up_before_opening_a_case(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, ADVISER, "/accueil", way)
    page = keyboard.page
    keyboard.follow("Nouvelle prise en charge")
    keyboard.follow("Vérifier")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('[role=alert]') !== null") or not way.scripts
    for label, text in (
        ("Nom de naissance", "Arrivant"),
        ("Prénom", "Camille"),
        ("Date", "17/05/1980"),
        ("Commune", "69244"),
    ):
        keyboard.write(label, text)
    keyboard.follow("Vérifier")
    expect(page.get_by_role("main")).to_contain_text("ucun")


@pytest.mark.parametrize(("whom", "way"), [("old", DESK), ("crowded", BARE)], ids=["desk", "desk-bare"])
def test_an_adviser_states_a_reason_for_someone_who_is_not_theirs(visitors: Visitors, whom: str, way: Way) -> None:
    keyboard = _sits_down(visitors, "ce-adviser-2", f"/parcours/{{{whom}}}", way)
    page = keyboard.page
    keyboard.follow("motif")
    keyboard.choose("Pourquoi devez-vous", "emplacement d’un collègue")
    keyboard.write("Le motif en quelques mots", "Remplacement d’une collègue absente")
    keyboard.follow("Enregistrer le motif")
    expect(page).to_have_url(re.compile("/parcours/"))
    expect(page.get_by_role("main")).to_contain_text("vous avez indiqué un motif de consultation")


@WAYS
def test_a_lead_finds_who_of_the_site_is_late(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, LEAD, "/accueil?vue=site", way)
    page = keyboard.page
    keyboard.tick("En retard seulement")
    keyboard.follow("Afficher")
    expect(page.locator("#personnes")).to_contain_text("en retard de")
    keyboard.follow("TRENTE-ANS")
    expect(page.get_by_role("heading", level=1)).to_contain_text("TRENTE-ANS")


@WAYS
def test_a_manager_narrows_the_figures(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, MANAGER, "/pilotage/delegations", way)
    page = keyboard.page
    keyboard.reach("Trimestre")
    page.keyboard.press("ArrowDown")
    keyboard.follow("Afficher")
    expect(page).to_have_url(re.compile("trimestre=20"))
    keyboard.reach("CSV")
    with page.expect_download():
        page.keyboard.press("Enter")


@WAYS
def test_an_auditor_replays_a_pathway(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, AUDITOR, "/audit", way)
    page = keyboard.page
    keyboard.write("Personne", visitors.region.people["telling"])
    keyboard.follow("Rejouer le parcours")
    keyboard.follow("Étape suivante")
    expect(page.get_by_role("main")).to_contain_text("Étape 2 sur")
    page.goto("/audit")
    keyboard.follow("Vérifier maintenant")
    expect(page.get_by_role("main")).to_contain_text("vérifi")


@WAYS
def test_the_data_protection_officer_finds_who_looked(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, DPO, "/journal", way)
    page = keyboard.page
    keyboard.write("Personne", visitors.region.people["telling"])
    keyboard.follow("Filtrer")
    expect(page.get_by_role("main")).to_contain_text("France Travail")


@WAYS
def test_an_operator_takes_a_record_up_again(visitors: Visitors, way: Way) -> None:
    keyboard = _sits_down(visitors, OPERATOR, "/exploitation", way)
    page = keyboard.page
    keyboard.follow("uarantaine")
    keyboard.follow("N°")
    keyboard.follow("Reprendre l’enregistrement")
    expect(page.get_by_role("status").first).to_contain_text(re.compile("Toujours retenu|repris", re.IGNORECASE))
