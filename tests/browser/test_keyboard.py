"""What each role comes for, by keyboard alone: with scripts and without, at a desk and zoomed to 400 %."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FloatRect, Page, ViewportSize, expect

from tests.browser.sights import ADVISER, AUDITOR, DPO, LEAD, MANAGER, OPERATOR
from tests.browser.visiting import DESKTOP, PHONE, Visitors

WAYS = pytest.mark.parametrize(
    ("size", "scripts"),
    [(DESKTOP, True), (DESKTOP, False), (PHONE, True)],
    ids=["desk", "desk-bare", "400-percent"],
)
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
        """Press Enter on a link or button that leads to a page."""
        self.reach(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, name: str) -> None:
        """Press Enter on what may change the page where it stands."""
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


def _log_in(page: Page, login: str) -> Keyboard:
    keyboard = Keyboard(page)
    page.goto(f"/connexion?compte={login}")
    keyboard.follow("Se connecter")
    page.locator(f"button[value='{login}']").focus()  # the local issuer's page, which no deployment has
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/issuer/" not in url and "/connexion" not in url)
    return keyboard


@WAYS
def test_an_adviser_reads_a_pathway(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(None, size=size, scripts=scripts)
    keyboard = _log_in(page, ADVISER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"

    keyboard.follow("TRENTE-ANS")
    heading, main = page.get_by_role("heading", level=1), page.get_by_role("main")
    expect(heading).to_contain_text("TRENTE-ANS")
    keyboard.press("Jour précédent")
    expect(main).to_contain_text("Vous voyez le parcours au")
    keyboard.press("Revenir à aujourd’hui")
    expect(main).not_to_contain_text("Vous voyez le parcours au")
    keyboard.press("Filtrer")
    keyboard.tick("Cap emploi")
    keyboard.press("Filtrer")
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
def test_an_adviser_looks_somebody_up_before_opening_a_case(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/accueil")
    keyboard.follow("Nouvelle prise en charge")
    keyboard.follow("Vérifier")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('[role=alert]') !== null") or not scripts
    for label, text in (
        ("Nom de naissance", "Arrivant"),
        ("Prénom", "Camille"),
        ("Date", "17/05/1980"),
        ("Commune", "69244"),
    ):
        keyboard.write(label, text)
    keyboard.follow("Vérifier")
    expect(page.get_by_role("main")).to_contain_text("ucun")


@pytest.mark.parametrize(("whom", "scripts"), [("old", True), ("crowded", False)], ids=["desk", "desk-bare"])
def test_an_adviser_states_a_reason_for_someone_who_is_not_theirs(
    visitors: Visitors, whom: str, *, scripts: bool
) -> None:
    page = visitors.page("ce-adviser-2", scripts=scripts)
    keyboard = Keyboard(page)
    page.goto(f"/parcours/{visitors.region.people[whom]}")
    keyboard.follow("motif")
    keyboard.choose("Pourquoi devez-vous", "emplacement d’un collègue")
    keyboard.write("Le motif en quelques mots", "Remplacement d’une collègue absente")
    keyboard.follow("Enregistrer le motif")
    expect(page).to_have_url(re.compile("/parcours/"))
    expect(page.get_by_role("main")).to_contain_text("vous avez indiqué un motif de consultation")


@WAYS
def test_a_lead_finds_who_of_the_site_is_late(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(LEAD, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/accueil?vue=site")
    keyboard.tick("En retard seulement")
    keyboard.follow("Afficher")
    expect(page.locator("#personnes")).to_contain_text("en retard de")
    keyboard.follow("TRENTE-ANS")
    expect(page.get_by_role("heading", level=1)).to_contain_text("TRENTE-ANS")


@WAYS
def test_a_manager_narrows_the_figures(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(MANAGER, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/pilotage/delegations")
    keyboard.reach("Trimestre")
    page.keyboard.press("ArrowDown")
    keyboard.follow("Afficher")
    expect(page).to_have_url(re.compile("trimestre=20"))
    keyboard.reach("CSV")
    with page.expect_download():
        page.keyboard.press("Enter")


@WAYS
def test_an_auditor_replays_a_pathway(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(AUDITOR, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/audit")
    keyboard.write("Personne", visitors.region.people["telling"])
    keyboard.follow("Rejouer le parcours")
    keyboard.follow("Étape suivante")
    expect(page.get_by_role("main")).to_contain_text("Étape 2 sur")
    page.goto("/audit")
    keyboard.follow("Vérifier maintenant")
    expect(page.get_by_role("main")).to_contain_text("vérifi")


@WAYS
def test_the_data_protection_officer_finds_who_looked(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(DPO, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/journal")
    keyboard.write("Personne", visitors.region.people["telling"])
    keyboard.follow("Filtrer")
    expect(page.get_by_role("main")).to_contain_text("France Travail")


@WAYS
def test_an_operator_takes_a_record_up_again(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(OPERATOR, size=size, scripts=scripts)
    keyboard = Keyboard(page)
    page.goto("/exploitation")
    keyboard.follow("uarantaine")
    keyboard.follow("N°")
    keyboard.follow("Reprendre l’enregistrement")
    expect(page.get_by_role("status").first).to_contain_text(re.compile("Toujours retenu|repris", re.IGNORECASE))
