"""Every page that there is, who opens it, and how one gets there: the matrix of tests goes by this list."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page

import hub.web
from tests.browser.region import Served
from tests.browser.visiting import led_on

_TEMPLATES = Path(hub.web.__file__).parent / "templates"
ADVISER, OTHER_NETWORK = "ft-adviser-1", "ce-adviser-1"
LEAD, MANAGER, AUDITOR, DPO, OPERATOR = "ft-lead", "ft-manager", "auditor", "dpo", "operator"


class Sight(NamedTuple):
    """A page: its name in pictures, who opens it, its address, and what is done there before one looks.

    `route` is the template of the address that is looked at, where that leads on to another one; `template` is what the
    page there is made with.
    """

    name: str
    login: str | None
    path: str
    template: str
    then: Callable[[Page], object] | None = None
    status: int = 200
    route: str | None = None

    def open(self, page: Page, region: Served) -> None:
        """Go there."""
        answer = page.goto(self.path.format_map(region.people))
        assert answer is not None
        assert answer.status == self.status
        if self.then is not None:
            self.then(page)
        title = ("Erreur – " if self.name.endswith("-erreur") else "") + _title(self.template)
        assert re.fullmatch(title, page.title()), f"{page.title()} is not the title of {self.template}"


def templates() -> set[str]:
    """Give the templates that a whole page is made with."""
    found = _TEMPLATES.rglob("*.html")
    return {
        str(file.relative_to(_TEMPLATES)) for file in found if '{% extends "base.html" %}' in file.read_text("utf-8")
    }


def _title(template: str) -> str:
    """Give what the titles of a template's pages match, where nothing is wrong in a form."""
    said = re.search(r"{% block title %}(.*?){% endblock %}", (_TEMPLATES / template).read_text("utf-8"))
    assert said is not None
    fixed = [re.escape(part) for part in re.split(r"{%.*%}|{{.*}}", said[1])]
    return ".*".join(fixed) + " – Parcours Hub.*"


def _follow(link: Locator) -> None:
    """Go to the page that a link or a button leads to, until it is there: a click alone may end before that."""
    with led_on(link.page):
        link.click()


def _search(page: Page) -> None:
    _open_all(page)
    page.get_by_label("Nom d’usage").fill("Trois-Cents")
    page.get_by_label("Date de naissance").fill("29/02/1980")
    page.get_by_label("Motif", exact=True).select_option(index=1)
    page.get_by_label("Le motif en quelques mots").fill("Accueil au guichet, sans rendez-vous")
    _follow(page.get_by_role("button", name="Rechercher"))


def _send_nothing(page: Page) -> None:
    _follow(page.locator("main form button").last)


def _send_no_reason_for_a_claim(page: Page) -> None:
    _open_all(page)
    _follow(page.locator("main form[action$='/contradictions'] button").first)


def _press(name: str) -> Callable[[Page], None]:
    return lambda page: _follow(page.get_by_role("main").get_by_role("button", name=re.compile(name)).first)


def _find_accesses(page: Page) -> None:
    page.get_by_label("Nature").select_option(index=1)
    _press("Filtrer")(page)


def _look_up(page: Page) -> None:
    page.get_by_label("Nom de naissance").fill("Lavergne")
    page.get_by_label("Prénom").fill("Élise")
    page.get_by_label("Date de naissance").fill("12/04/1985")
    page.get_by_label("Commune de naissance").fill("69244")
    _follow(page.get_by_role("button", name="Vérifier"))


def _first_pair(page: Page) -> None:
    _follow(page.get_by_role("link", name=re.compile("Comparer et décider.*LAVERGNE")))


def _first_event(page: Page) -> None:
    page.goto(page.locator("main a[href*='/evenements/']").first.get_attribute("href") or "")


def _first_why(page: Page) -> None:
    _follow(page.locator("main button", has_text="Pourquoi").first)


def _first_record(page: Page) -> None:
    _follow(page.get_by_role("link", name=re.compile("^N°")).first)


def _redrive_all(page: Page) -> None:
    _follow(page.get_by_role("link", name="Schéma inconnu").first)
    _follow(page.get_by_role("link", name=re.compile("^Reprendre")))


def _redriven(page: Page) -> None:
    _redrive_all(page)
    _press("^Reprendre$")(page)


def _stay(page: Page) -> None:
    """Leave what the page asks again by itself without an answer: it changes nothing while one looks."""
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")


def _open_all(page: Page) -> None:
    for number in range(page.locator("main details").count()):
        details = page.locator("main details").nth(number)
        if details.get_attribute("open") is None and details.locator("> summary").is_visible():
            details.locator("> summary").click()


SIGHTS: tuple[Sight, ...] = (
    Sight("connexion", None, "/connexion", "login.html"),
    Sight("accessibilite", None, "/accessibilite", "accessibility.html"),
    Sight("composants", None, "/composants", "design.html"),
    Sight("plan", None, "/plan-du-site", "sitemap.html"),
    Sight("plan-conseiller", ADVISER, "/plan-du-site", "sitemap.html"),
    Sight("introuvable", ADVISER, "/nulle-part", "failure.html", status=404),
    Sight("refuse", "ft-adviser-2", "/parcours/{hostile}", "failure.html", status=403),
    Sight("accueil", ADVISER, "/accueil", "home/home.html"),
    Sight("accueil-site", LEAD, "/accueil", "home/home.html"),
    Sight("a-faire", ADVISER, "/accueil/a-faire", "home/todo.html"),
    Sight("parcours", ADVISER, "/parcours/{telling}", "pathway/page.html"),
    Sight("parcours-ouvert", ADVISER, "/parcours/{telling}", "pathway/page.html", _open_all),
    Sight("parcours-passe", ADVISER, "/parcours/{telling}?au=2022-11-30&connu=2022-12-15", "pathway/page.html"),
    Sight("parcours-site", LEAD, "/parcours/{hostile}", "pathway/page.html"),
    Sight("parcours-hostile", ADVISER, "/parcours/{hostile}", "pathway/page.html"),
    Sight("parcours-dense", ADVISER, "/parcours/{crowded}", "pathway/page.html"),
    Sight("parcours-long", ADVISER, "/parcours/{old}", "pathway/page.html"),
    Sight("parcours-vide", ADVISER, "/parcours/{bare}", "pathway/page.html"),
    Sight(
        "evenement",
        ADVISER,
        "/parcours/{telling}",
        "pathway/event.html",
        _first_event,
        route="/parcours/{person_id}/evenements/{event_id}",
    ),
    Sight("pourquoi", ADVISER, "/parcours/{telling}", "audit/explained.html", _first_why),
    Sight("questions", ADVISER, "/parcours/{telling}/pourquoi", "audit/asking.html"),
    Sight(
        "parcours-passe-refuse",
        "ft-adviser-2",
        "/parcours/{hostile}?au=2022-11-30",
        "pathway/unseen_past.html",
        status=403,
    ),
    Sight("parcours-efface", AUDITOR, "/parcours/{erased}", "pathway/erased.html"),
    Sight("arbitrage-erreur", ADVISER, "/parcours/{hostile}", "pathway/page.html", _send_no_reason_for_a_claim),
    Sight("consultations", ADVISER, "/parcours/{telling}/acces", "audit/accesses.html"),
    Sight("fiche", ADVISER, "/parcours/{telling}/fiche", "sheet.html"),
    Sight("motif", "ft-adviser-2", "/parcours/{telling}/motif", "find/reason.html"),
    Sight("motif-erreur", "ft-adviser-2", "/parcours/{telling}/motif", "find/reason.html", _send_nothing),
    Sight("recherche", ADVISER, "/recherche", "find/search.html"),
    Sight("recherche-erreur", ADVISER, "/recherche", "find/search.html", _send_nothing),
    Sight("recherche-resultat", ADVISER, "/recherche", "find/search.html", _search),
    Sight("prise-en-charge", ADVISER, "/prise-en-charge", "find/intake.html"),
    Sight("prise-en-charge-resultat", ADVISER, "/prise-en-charge", "find/intake.html", _look_up),
    Sight("rapprochements", ADVISER, "/rapprochements", "find/suggestions.html"),
    Sight(
        "rapprochement", ADVISER, "/rapprochements", "find/pair.html", _first_pair, route="/rapprochements/{reference}"
    ),
    Sight("delegations", MANAGER, "/pilotage/delegations", "steering/delegations.html"),
    Sight("audit", AUDITOR, "/audit", "audit/audit.html"),
    Sight("audit-registre", AUDITOR, "/audit/registre", "audit/ledger.html"),
    Sight("audit-verifie", AUDITOR, "/audit", "audit/audit.html", _press("^Vérifier maintenant")),
    Sight("audit-registre-suite", AUDITOR, "/audit/registre", "audit/ledger.html", _press("^Vérifier depuis")),
    Sight("audit-registre-erreur", AUDITOR, "/audit/registre", "audit/ledger.html", _send_nothing),
    Sight("rejeu-modifie", AUDITOR, "/parcours/{tampered}/rejeu", "audit/tampered.html", status=500),
    Sight("rejeu", AUDITOR, "/parcours/{telling}/rejeu?pas=5", "audit/replay.html"),
    Sight("journal", DPO, "/journal", "audit/journal.html"),
    Sight("journal-filtre", DPO, "/journal", "audit/journal.html", _find_accesses),
    Sight("exploitation", OPERATOR, "/exploitation", "operating/health.html", _stay),
    Sight("quarantaine", OPERATOR, "/exploitation/quarantaine", "operating/quarantine.html"),
    Sight(
        "quarantaine-un",
        OPERATOR,
        "/exploitation/quarantaine",
        "operating/record.html",
        _first_record,
        route="/exploitation/quarantaine/{number}",
    ),
    Sight(
        "quarantaine-reprise",
        OPERATOR,
        "/exploitation",
        "operating/redriving.html",
        _redrive_all,
        route="/exploitation/quarantaine/reprise",
    ),
    Sight("quarantaine-reprise-faite", OPERATOR, "/exploitation", "operating/redriven.html", _redriven),
    Sight("compte", ADVISER, "/compte", "account.html"),
    Sight("deconnexion", None, "/deconnexion/retour", "logged_out.html"),
)
