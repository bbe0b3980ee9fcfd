"""The theme: colours that can be told apart, a choice that is kept, and a folder that replaces single files."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import Request
from jinja2 import PackageLoader

from hub.errors import Usage
from hub.web.assets import Assets
from hub.web.rendering import Renderer
from hub.web.themes import folders_of
from tests.integration.people import REFERENT
from tests.web.sites import Site, a_site

_FOLDER = Path(str(files("hub.web") / "templates"))
STYLE = (files("hub.web") / "static" / "hub.css").read_text(encoding="utf-8")
GROUNDS = ("page", "surface", "sunken")
TEXTS = ("text", "muted", "link", "link-hover", "error", "warning", "success", "info", "ft", "ce")
SOFT = ("info", "success", "warning", "error", "ft", "ce")
TEXT, EDGE = 4.5, 3.0
LARGEST_STYLE = 12_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def colours(theme: int) -> dict[str, str]:
    """Give each colour token of the light (0) or dark (1) theme."""
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLE)
    return {name: (light, dark)[theme] for name, light, dark in found}


def luminance(colour: str) -> float:
    """Give a colour's relative luminance, as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_close(theme: int, pairs: set[tuple[str, str]], least: float) -> list[str]:
    of = colours(theme)
    return sorted(
        f"{front} on {back}: {contrast(of[front], of[back]):.2f}"
        for front, back in pairs
        if contrast(of[front], of[back]) < least
    )


def together() -> set[tuple[str, str]]:
    """Give the tokens of text and ground that rules of the stylesheet set together."""
    pairs = set()
    for body in re.findall(r"\{([^{}]*)\}", STYLE):
        front = re.search(r"(?<![a-z-])color: var\(--([a-z-]+)\)", body)
        back = re.search(r"background(?:-color)?: var\(--([a-z-]+)\)", body)
        if front and back:
            pairs.add((front[1], back[1]))
    return pairs


def test_black_on_white_has_the_contrast_that_wcag_gives_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1])
def test_every_text_stands_out_from_every_ground(theme: int) -> None:
    everywhere = {(front, back) for front in TEXTS for back in GROUNDS}
    on_soft = {(front, f"{soft}-soft") for soft in SOFT for front in (soft, "text", "link")}
    assert too_close(theme, everywhere | on_soft | {("text", "mark")}, TEXT) == []


@pytest.mark.parametrize("theme", [0, 1])
def test_whatever_the_style_sets_together_can_be_read(theme: int) -> None:
    pairs = together()
    assert ("on-primary", "primary") in pairs
    assert too_close(theme, pairs, TEXT) == []


@pytest.mark.parametrize("theme", [0, 1])
def test_edges_of_fields_and_the_ring_of_focus_stand_out(theme: int) -> None:
    edges = {(front, back) for front in ("border", "focus", "ft", "ce") for back in GROUNDS}
    assert too_close(theme, edges | {("focus", "focus-gap"), ("focus-gap", "primary")}, EDGE) == []


def test_the_style_stays_small_as_it_is_sent() -> None:
    assert len(gzip.compress(STYLE.encode())) < LARGEST_STYLE


def test_every_class_of_the_templates_is_in_the_style() -> None:
    """A class that the style does not know is a slip, or a style that somebody forgot to write."""
    used = set()
    for template in _FOLDER.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for value in re.findall(r'class="([^"]*)"', text):
            plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\0", value)
            used |= {each for each in plain.split() if each.startswith("h-") and "\0" not in each}
    assert {each for each in used if f".{each}" not in STYLE} == set()


def test_what_is_wrong_with_a_form_is_said_by_the_page_and_not_by_the_browser() -> None:
    wrong = []
    for template in _FOLDER.rglob("*.html"):
        forms = re.findall(r"(<form\b[^>]*>)(.*?)</form>", template.read_text(encoding="utf-8"), re.DOTALL)
        wrong += [
            (template.name, start) for start, fields in forms if "required=" in fields and "novalidate" not in start
        ]
    assert wrong == []


def test_a_reader_chooses_the_dark_theme_and_it_stays(site: Site) -> None:
    browser = site.client()
    assert "data-theme" not in browser.get("/composants").text
    kept = browser.post("/affichage", data={"choix": "sombre", "retour": "/composants?page=2"})
    assert (kept.status_code, kept.headers["location"]) == (303, "/composants?page=2#affichage")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(kept.headers["set-cookie"].split("; "))
    page = browser.get("/composants").text
    assert '<html lang="fr" data-theme="sombre">' in page
    assert '<meta name="color-scheme" content="dark">' in page
    browser.post("/affichage", data={"choix": "auto"})
    assert "data-theme" not in browser.get("/composants").text


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb", "/é", "/%2Fevil.example"]
)
def test_the_choice_leads_back_to_this_site_alone(site: Site, address: str) -> None:
    browser = site.client()
    answer = browser.post("/affichage", data={"choix": "clair", "retour": address})
    assert answer.headers["location"] == "/#affichage"


def test_another_choice_than_those_offered_is_the_automatic_one(site: Site) -> None:
    browser = site.client()
    answer = browser.post("/affichage", data={"choix": "rose", "retour": "/composants"})
    assert answer.status_code == 303
    browser.cookies.set("affichage", '"><script>')
    page = browser.get("/composants").text
    assert "data-theme" not in page
    assert '"><script>' not in page


def test_the_choice_leads_back_to_the_page_with_its_query(site: Site) -> None:
    browser = site.client()
    page = browser.get("/composants?page=2&filtre=a").text
    assert '<input type="hidden" name="retour" value="/composants?page=2&amp;filtre=a">' in page


def test_the_frame_says_who_is_logged_in(site: Site) -> None:
    browser = site.client(REFERENT)
    page = browser.get("/accessibilite").text
    assert "Camille Martin" in page
    assert "Accompagnement, " in page
    assert 'action="/deconnexion"' in page


def a_theme(folder: Path, **named: str) -> Path:
    """Write a theme: `static__logo_svg` stands for static/logo.svg."""
    for name, text in named.items():
        kind, _, rest = name.partition("__")
        file = folder / kind / ".".join(rest.rsplit("_", 1))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def opened(folder: Path | None) -> tuple[Assets, Renderer]:
    folders = folders_of(folder)
    files = Assets(folders)
    return files, Renderer(files, folders)


def test_without_a_folder_the_hubs_own_theme_is_used() -> None:
    files, _ = opened(None)
    assert not files.has("theme.css")


def test_prepared_pages_read_no_template_again(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Renderer(Assets())
    renderer.prepare()

    def gone(*_: object) -> None:
        raise AssertionError("a template was read while someone waited")

    monkeypatch.setattr(PackageLoader, "get_source", gone)
    scope = {"type": "http", "method": "GET", "path": "/accessibilite", "query_string": b"", "headers": []}
    assert renderer.page(Request(scope), "accessibility.html").status_code == 200


def test_a_theme_sets_colours_anew_after_the_hubs_own(tmp_path: Path) -> None:
    with a_site(tmp_path / "site", theme=a_theme(tmp_path, static__theme_css=":root { --primary: #123456; }")) as site:
        browser = site.client()
        page = browser.get("/composants").text
        style = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
        assert [address.partition("?")[0] for address in style] == ["/statique/hub.css", "/statique/theme.css"]
        assert browser.get(style[1]).text == ":root { --primary: #123456; }"


def test_a_theme_fills_in_single_blocks_of_the_hubs_own_pages(tmp_path: Path) -> None:
    theme = a_theme(
        tmp_path,
        templates__accessibility_html='{% extends "hub/accessibility.html" %}'
        '{% block contact %}<p><a href="mailto:acces@example.fr">acces@example.fr</a></p>{% endblock %}',
        templates__compliance_html="partiellement conforme",
        templates__base_html='{% extends "hub/base.html" %}{% block product %}Parcours du Nord{% endblock %}',
    )
    with a_site(tmp_path / "site", theme=theme) as site:
        page = site.client().get("/accessibilite").text
    assert "acces@example.fr" in page
    assert "<strong>partiellement conforme</strong>" in page
    assert "Accessibilité\N{NO-BREAK SPACE}: partiellement conforme</a>" in page
    assert "<title>Accessibilité – Parcours du Nord</title>" in page


def test_a_replaced_logo_has_another_address(tmp_path: Path) -> None:
    files, _ = opened(a_theme(tmp_path, static__logo_svg="<svg xmlns='http://www.w3.org/2000/svg'/>"))
    assert files.address("logo.svg") != Assets().address("logo.svg")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "has neither templates/ nor static/"),
        ({"static__font_woff2": "x"}, "font.woff2 would not be served"),
        ({"templates__bse_html": "x"}, "bse.html replaces no template of the hub; correct its name"),
        ({"templates__base_html": "<p>\n{% if %}"}, "base.html, line 2: Expected an expression"),
        ({"templates__base_html": "{{ nothing }}"}, "base.html, line 1: 'nothing' is undefined"),
        ({"templates__base_html": '{{ asset("none.css") }}'}, "base.html, line 1: 'none.css'"),
        ({"templates__components_html": "{% macro badge(text) %}{% endmacro %}"}, "lacks action, actions, "),
    ],
)
def test_a_theme_that_cannot_be_used_is_told_before_the_first_page(
    tmp_path: Path, named: dict[str, str], said: str
) -> None:
    with pytest.raises(Usage) as told:
        opened(a_theme(tmp_path, **named))
    assert said in str(told.value)
    assert str(told.value).startswith("HUB_THEME_DIR: ")


def test_a_folder_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no folder; make it, or unset HUB_THEME_DIR"):
        folders_of(tmp_path / "none")


def test_a_themes_own_parts_begin_with_an_underscore(tmp_path: Path) -> None:
    theme = a_theme(
        tmp_path,
        templates___banner_html="<p>Bienvenue</p>",
        templates__failure_html='{% extends "hub/failure.html" %}{% block crumbs %}{% include "_banner.html" %}'
        "{% endblock %}",
    )
    with a_site(tmp_path / "site", theme=theme) as site:
        page = site.client().get("/nulle-part")
    assert page.status_code == 404
    assert "<p>Bienvenue</p>" in page.text


def test_the_examples_of_the_documentation_are_a_theme(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "theme.md").read_text(encoding="utf-8")
    templates = re.findall(r"```html\n(.*?)```", text, re.DOTALL)
    by_name = {re.search(r'extends "hub/(\w+)\.html"', each)[1]: each for each in templates}  # type: ignore[index]
    assert set(by_name) == {"base", "accessibility", "sheet_contact"}
    style = re.findall(r"```css\n(.*?)```", text, re.DOTALL)[0]
    theme = a_theme(tmp_path, static__theme_css=style, **{f"templates__{k}_html": v for k, v in by_name.items()})
    with a_site(tmp_path / "site", theme=theme) as site:
        page = site.client().get("/accessibilite").text
    for said in ("Parcours du Nord", "Le GIP Exemple", "Mentions légales", "acces@example.fr", "Schéma pluriannuel"):
        assert said in page


def test_the_documentation_names_every_colour() -> None:
    text = (Path(__file__).parents[2] / "docs" / "theme.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`--([a-z-]+)`", text))
    soft = {f"{each}-soft" for each in SOFT}
    assert set(colours(0)) - named - soft == set()
