"""What each role comes for, done in a browser: with scripts and without, at a desk, on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.sights import ADVISER, AUDITOR, DPO, LEAD, MANAGER, OPERATOR
from tests.browser.visiting import DESKTOP, PHONE, Visitors, led_on, log_in, settled
from tests.servers.run import Run

WAYS = pytest.mark.parametrize(
    ("size", "scripts"),
    [(DESKTOP, True), (DESKTOP, False), (PHONE, True), (PHONE, False)],
    ids=["desk", "desk-bare", "phone", "phone-bare"],
)


@WAYS
def test_an_adviser_logs_in_reads_a_pathway_and_leaves(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(None, size=size, scripts=scripts)
    log_in(page, ADVISER)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes accompagnements")
    page.locator("#personnes").get_by_role("link", name="TRENTE-ANS").click()

    main = page.get_by_role("main")
    expect(page.get_by_role("heading", level=1)).to_contain_text("TRENTE-ANS")
    expect(main).to_contain_text("en retard")
    expect(page).to_have_title("Parcours – Parcours Hub")
    main.locator("summary", has_text="Filtrer").click()
    main.get_by_label("Cap emploi").first.check()
    settled(page)
    with led_on(page):
        main.get_by_role("button", name="Filtrer").click()
    expect(main).to_contain_text("masqués")
    with led_on(page):
        main.get_by_role("link", name="Tout afficher").first.click()
    main.locator("a[href*='/evenements/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Délégation")

    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/deconnexion/retour**")
    page.goto("/accueil")
    expect(page).to_have_url(re.compile("/connexion"))


@WAYS
def test_an_adviser_goes_back_in_time_and_comes_back(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    page.goto("/parcours/{old}".format_map(visitors.region.people))
    page.get_by_role("link", name="Jour précédent").click()
    banner = page.get_by_role("main")
    expect(banner).to_contain_text("1er février 2022")
    page.get_by_role("link", name=re.compile("aujourd’hui")).first.click()
    expect(page).not_to_have_url(re.compile("au="))


def test_the_slider_moves_the_page_without_losing_the_keyboard(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/parcours/{old}".format_map(visitors.region.people))
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")

    expect(page.get_by_role("main")).to_contain_text("Vous voyez le parcours au")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("2021"))


@WAYS
def test_an_adviser_goes_back_with_what_was_known_then(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    page.goto("/parcours/{telling}".format_map(visitors.region.people))
    page.get_by_role("link", name="Avec ce que le hub savait ce jour-là").click()
    switch = page.get_by_role("link", name="Avec ce que le hub savait ce jour-là")
    expect(switch).to_have_attribute("aria-current", "true")
    slider = page.get_by_role("slider")
    slider.focus()
    with led_on(page):
        page.keyboard.press("ArrowLeft")
        if not scripts:
            page.get_by_role("button", name="Aller à ce jour").click()

    expect(page.get_by_role("main")).to_contain_text("avec ce que le hub savait ce jour-là")
    expect(switch).to_have_attribute("aria-current", "true")
    with led_on(page):
        page.get_by_role("link", name="Jour précédent").click()
    expect(switch).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Avec ce qu’on sait aujourd’hui").click()
    expect(page.get_by_role("main")).to_contain_text("avec ce qu’on en sait aujourd’hui")


@WAYS
def test_an_adviser_states_a_reason_for_someone_who_is_not_theirs(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page("ce-adviser-2", size=size, scripts=scripts)
    address = "/parcours/{bare}".format_map(visitors.region.people)
    page.goto(address)
    if "motif" not in page.get_by_role("main").inner_text():
        raise AssertionError("a page that is refused must lead to stating a reason")
    if page.get_by_role("heading", level=1).inner_text().startswith("Accès refusé"):  # once: then the reason counts
        page.get_by_role("main").get_by_role("link", name=re.compile("motif")).first.click()
        page.get_by_role("radio").first.check()
        page.get_by_label("Le motif en quelques mots").fill("Remplacement d'une collègue absente")
        page.get_by_role("button", name="Enregistrer le motif").click()
    expect(page).to_have_url(re.compile(address))
    expect(page.get_by_role("main")).to_contain_text("motif")
    expect(page.get_by_role("heading", level=1)).to_contain_text("NOUVELLE")


@WAYS
def test_an_adviser_looks_up_whom_they_are_about_to_register(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    page.goto("/prise-en-charge")
    page.get_by_label("Nom de naissance").fill("Lavergne")
    page.get_by_label("Prénom").fill("Élise")
    page.get_by_label("Date de naissance").fill("12/04/1985")
    with led_on(page):
        page.get_by_role("button", name="Vérifier").click()
    expect(page).to_have_title(re.compile("^Erreur – Nouvelle prise en charge"))
    page.get_by_label("Commune de naissance").fill("69244")
    with led_on(page):
        page.get_by_role("button", name="Vérifier").click()

    expect(page).to_have_title(re.compile("^Réponse – Nouvelle prise en charge"))
    expect(page.get_by_role("heading", name="Cette personne est déjà accompagnée par France Travail")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Ouvrir le parcours").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("LAVERGNE")


@WAYS
def test_an_adviser_links_two_records_and_undoes_it(
    visitors: Visitors, servers_run: Run, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    with servers_run.lock("links"):  # there is one pair: each way takes it up where another left it
        page.goto("/rapprochements")
        decide = page.get_by_role("main").get_by_role("link", name=re.compile("(Comparer|Revoir ou annuler).*MARCHAN"))
        with led_on(page):
            decide.first.click()
        expect(page.get_by_role("main")).to_contain_text("Le référent peut changer")
        page.get_by_role("radio", name="examen par les conseillers").check()
        _press(page, "Rapprocher les dossiers")
        _until(page, page.url, "Ces deux dossiers forment un seul parcours")

        page.goto("/rapprochements")
        with led_on(page):
            page.get_by_role("main").get_by_role("link", name=re.compile("Revoir ou annuler.*MARCHAN")).first.click()
        page.get_by_role("radio", name="erreur de saisie").check()
        _press(page, "Dissocier les dossiers")
        _until(page, page.url, "Ces deux dossiers sont tenus à part")


def _press(page: Page, name: str) -> None:
    """Decide, and see that it was taken."""
    with led_on(page):
        page.get_by_role("button", name=name).click()
    expect(page.get_by_role("status").first).to_be_visible()


def _until(page: Page, path: str, text: str) -> None:
    """Open a page until it shows what the hub has to take in first."""
    for _ in range(100):
        page.goto(path)
        if text in page.get_by_role("main").inner_text():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path} never showed {text}")


@WAYS
def test_an_adviser_settles_what_the_networks_contradict_each_other_about(
    visitors: Visitors, servers_run: Run, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(ADVISER, size=size, scripts=scripts)
    with servers_run.lock("contradictions"):
        page.goto("/parcours/{hostile}".format_map(visitors.region.people))
        dispute = page.locator("#contradictions li", has=page.locator("form[action$='/contradictions']")).first
        fact = dispute.locator("input[name='fait']").get_attribute("value")
        dispute = page.locator("#contradictions li", has=page.locator(f"input[name='fait'][value='{fact}']"))
        sides = dispute.locator(".h-sides > div")
        other = 1 if "retenu" in sides.first.inner_text() else 0  # whose claim another way did not keep
        network = "Cap emploi" if "Cap emploi" in sides.nth(other).inner_text() else "France Travail"
        dispute.locator("summary").first.click()
        dispute.get_by_role("radio", name=re.compile(network)).check()
        dispute.get_by_role("textbox").fill("Vu sur sa carte d'identité")
        with led_on(page):
            dispute.get_by_role("button").click()
        expect(page.get_by_role("status").first).to_be_visible()

        for _ in range(100):
            page.goto("/parcours/{hostile}".format_map(visitors.region.people))
            if "retenu" in sides.nth(other).inner_text():
                return
            page.wait_for_timeout(100)
    raise AssertionError("the contradiction was never settled")


@WAYS
def test_a_lead_sees_the_site_and_what_is_late_there(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(None, size=size, scripts=scripts)
    log_in(page, LEAD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon site")
    everyone = page.locator("#personnes tbody tr").count()
    page.get_by_label("En retard seulement").check()
    with led_on(page):
        page.get_by_role("button", name="Afficher").click()
    people = page.locator("#personnes")
    expect(people).to_contain_text("en retard de")
    assert 0 < people.locator("tbody tr").count() < everyone
    people.get_by_role("link", name="TRENTE-ANS").click()
    expect(page.get_by_role("main")).to_contain_text("TRENTE-ANS")


@WAYS
def test_a_manager_narrows_the_figures_and_takes_them_along(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(MANAGER, size=size, scripts=scripts)
    page.goto("/pilotage/delegations")
    page.get_by_label("Trimestre", exact=True).select_option("2022-T3")
    page.get_by_role("button", name="Afficher").click()
    expect(page).to_have_url(re.compile("trimestre=2022-T3"))
    with page.expect_download() as downloaded:
        page.get_by_role("link", name=re.compile("CSV")).click()
    text = downloaded.value.path().read_text("utf-8-sig")
    assert ";" in text.splitlines()[0]


@WAYS
def test_an_auditor_replays_a_pathway_and_asks_why(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(AUDITOR, size=size, scripts=scripts)
    page.goto("/audit")
    page.get_by_label("Personne").fill(visitors.region.people["telling"])
    page.get_by_role("button", name="Rejouer le parcours").click()
    expect(page.get_by_role("main")).to_contain_text("Étape 1 sur")
    page.get_by_role("link", name="Étape suivante").first.click()
    expect(page.get_by_role("main")).to_contain_text("Étape 2 sur")
    page.goto(f"/parcours/{visitors.region.people['telling']}/pourquoi")
    page.locator("main form button").first.click()
    expect(page.get_by_role("main")).to_contain_text("La règle suivie")
    page.goto("/audit")
    page.get_by_role("button", name="Vérifier maintenant").click()
    expect(page.get_by_role("main")).to_contain_text("vérifi")


@WAYS
def test_the_data_protection_officer_finds_who_looked(visitors: Visitors, size: ViewportSize, *, scripts: bool) -> None:
    page = visitors.page(DPO, size=size, scripts=scripts)
    page.goto("/journal")
    page.get_by_label("Personne").fill(visitors.region.people["telling"])
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("main")).to_contain_text("France Travail")


@WAYS
def test_an_operator_sees_how_the_hub_is_and_takes_a_record_up_again(
    visitors: Visitors, size: ViewportSize, *, scripts: bool
) -> None:
    page = visitors.page(OPERATOR, size=size, scripts=scripts)
    page.goto("/exploitation")
    expect(page.get_by_role("main")).to_contain_text("quarantaine")
    page.goto("/exploitation/quarantaine")
    page.get_by_role("link", name=re.compile("^N°")).first.click()
    page.get_by_role("button", name="Reprendre l’enregistrement").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("Toujours retenu|repris", re.IGNORECASE))
