"""The accessibility statement: for everyone, complete, and the same as what the foot of every page says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.people import REFERENT
from tests.web.sites import Site, a_site

NBSP = "\N{NO-BREAK SPACE}"
PARTS = (
    "Déclaration d’accessibilité",
    "État de conformité",
    "Résultats des tests",
    "Contenus non accessibles",
    "Dérogations pour charge disproportionnée",
    "Contenus non soumis à l’obligation d’accessibilité",
    "Établissement de cette déclaration",
    "Technologies utilisées",
    "Environnement de test",
    "Retour d’information et contact",
    "Voies de recours",
)
"""What the model of the RGAA asks for, in its order."""

ROOT = Path(__file__).parents[2]
GRID = (ROOT / "docs" / "accessibilite.md").read_text(encoding="utf-8")
CRITERIA = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def test_the_statement_has_what_the_law_asks_for_in_its_order(site: Site) -> None:
    page = site.client().get("/accessibilite").text
    assert list(PARTS) == sorted(PARTS, key=lambda part: page.index(f">{part}</h"))
    for word in ("article 47 de la loi", "2005-102", "RGAA", "Défenseur des droits", "71120"):
        assert word in page


def test_without_an_audit_it_says_that_the_pages_do_not_conform(site: Site) -> None:
    page = site.client().get("/accessibilite").text
    assert "<strong>non conforme</strong>" in page
    assert "aucun audit de conformité n’a encore été réalisé" in page
    assert "Personne n’a encore vérifié les pages avec un lecteur d’écran" in page


def test_the_foot_of_every_page_leads_to_it_and_says_the_same(site: Site) -> None:
    link = f'<a href="/accessibilite">Accessibilité{NBSP}: non conforme</a>'
    for address in ("/accessibilite", "/composants", "/nowhere"):
        assert link in site.client().get(address).text


def test_whoever_is_logged_in_keeps_their_menu(site: Site) -> None:
    assert "/deconnexion" not in site.client().get("/accessibilite").text
    page = site.client(REFERENT).get("/accessibilite").text
    assert "/deconnexion" in page
    assert 'href="/accueil"' in page


def test_the_self_assessment_has_every_criterion_once_and_names_tests_that_are_there() -> None:
    """13 themes of so many criteria each, as RGAA 4.1 has them."""
    rows = re.findall(r"^\| (\d+)\.(\d+) \|[^|]*\| (C|NC|NA|NT) \| (.+) \|$", GRID, re.MULTILINE)
    assert [(int(theme), int(number)) for theme, number, _, _ in rows] == [
        (theme, number) for theme, last in enumerate(CRITERIA, 1) for number in range(1, last + 1)
    ]
    tests = {each.stem for each in (ROOT / "tests").rglob("test_*.py")}
    assert set(re.findall(r"`(test_\w+)`", GRID)) <= tests
    assert all(how for _, _, _, how in rows)


def test_the_statement_says_what_the_self_assessment_found(site: Site) -> None:
    found = Counter(re.findall(r"^\| \d+\.\d+ \|[^|]*\| (C|NC|NA|NT) \|", GRID, re.MULTILINE))
    page = site.client().get("/accessibilite").text
    assert f"aucun défaut à {found['C']} d’entre eux, {found['NA']} sont sans objet, et un n’a pas été essayé" in page
    assert (found["NC"], found["NT"]) == (0, 1)
    assert "n’est pas un audit" in page
