"""The components: each shown on its page in every state, escaped, and tied together for those who hear the page."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from jinja2 import Environment, PackageLoader, nodes

from hub.web.assets import Assets
from hub.web.pages.design import VALUES
from hub.web.rendering import Renderer
from tests.web.sites import a_site

HOSTILE = "<script>alert(1)</script>\"'&"


class Elements(HTMLParser):
    """Collects a page's elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))

    def ids(self) -> list[str]:
        """Give the ids, each as often as it occurs."""
        return [value for _, attributes in self.found if (value := attributes.get("id"))]


def macros() -> set[str]:
    templates = Environment(loader=PackageLoader("hub.web"), autoescape=True)
    source = PackageLoader("hub.web").get_source(templates, "components.html")[0]
    return {each.name for each in templates.parse(source).find_all(nodes.Macro) if not each.name.startswith("_")}


def shown(call: str, **values: object) -> str:
    """Render a call of a component."""
    renderer = Renderer(Assets())
    return str(renderer.fragment(call, {**VALUES, **values}))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    with a_site(tmp_path_factory.mktemp("site")) as site:
        answer = site.client().get("/composants")
    assert answer.status_code == 200
    return answer.text


def test_every_component_is_on_the_page(page: str) -> None:
    assert len(macros()) > 20
    assert macros() - set(re.findall(r'<article class="h-example" id="([a-z_]+)"', page)) == set()


def test_the_page_says_of_each_component_how_it_is_called(page: str) -> None:
    calls = set(re.findall(r"ui\.([a-z_]+)\(", re.sub(r"<[^>]+>", "", page)))
    assert macros() - calls == set()


def test_nothing_on_the_page_has_the_id_of_another_thing(page: str) -> None:
    ids = Elements(page).ids()
    assert sorted(ids) == sorted(set(ids))


def test_whatever_is_named_by_an_id_is_there(page: str) -> None:
    elements = Elements(page)
    named = {
        each
        for _, attributes in elements.found
        for name in ("for", "aria-labelledby", "aria-describedby")
        for each in (attributes.get(name) or "").split()
    }
    links = {value[1:] for _, attributes in elements.found if (value := attributes.get("href") or "").startswith("#")}
    assert named | links <= set(elements.ids())


def test_the_headings_of_the_page_leave_no_level_out(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(page).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_is_styled_or_run_within_the_page(page: str) -> None:
    for tag, attributes in Elements(page).found:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "style"
        assert tag != "script" or attributes.get("src")


@pytest.mark.parametrize(
    "call",
    [
        "{{ ui.badge(text) }}",
        "{{ ui.person(text, text) }}",
        '{{ ui.notice("info", text) }}',
        '{{ ui.field("a", text, value=text, hint=text, error=text) }}',
        '{{ ui.textarea("a", text, value=text) }}',
        '{{ ui.select("a", text, [(text, text)], text) }}',
        '{{ ui.radios("a", text, [(text, text)], text, hint=text) }}',
        '{{ ui.checkbox("a", text, value=text) }}',
        "{{ ui.errors([(text, text)]) }}",
        "{{ ui.facts([(text, text)]) }}",
        "{{ ui.crumbs([(text, text), (text, None)]) }}",
        "{% call ui.table(text) %}{{ text }}{% endcall %}",
        "{% call ui.details(text) %}{{ text }}{% endcall %}",
        "{% call ui.card(text, id=text) %}{{ text }}{% endcall %}",
        "{{ ui.steps([text], 0) }}",
        "{{ ui.empty(text) }}",
        "{{ ui.figure(text, text) }}",
        "{{ ui.action(text, text) }}",
        "{{ ui.button(text, name=text, value=text) }}",
        "{{ ui.pager(text, text) }}",
    ],
)
def test_markup_in_what_somebody_typed_stays_text(call: str) -> None:
    text = shown(call, text=HOSTILE)
    assert "<script" not in text
    assert "\"'&" not in text
    assert "&lt;script&gt;" in text


def test_a_field_with_an_error_says_so_to_everyone() -> None:
    text = shown('{{ ui.field("ville", "Commune", value="Lyon", hint="Où ?", error="Trop long.", required=True) }}')
    fields = [attributes for tag, attributes in Elements(text).found if tag == "input"]
    assert fields == [
        {
            "class": "h-input",
            "type": "text",
            "id": "champ-ville",
            "name": "ville",
            "value": "Lyon",
            "aria-invalid": "true",
            "aria-describedby": "champ-ville-aide champ-ville-erreur",
            "required": None,
        }
    ]
    assert '<span class="h-only-read">Erreur\N{NO-BREAK SPACE}: </span>Trop long.' in text


def test_the_summary_of_errors_leads_to_the_first_of_several_radios() -> None:
    text = shown('{{ ui.errors([("a", "Choisissez.")]) }}{{ ui.radios("a", "Choix", [("1", "un"), ("2", "deux")]) }}')
    assert 'href="#champ-a"' in text
    assert [a["id"] for tag, a in Elements(text).found if tag == "input"] == ["champ-a", "champ-a-2"]


def test_without_errors_there_is_no_summary() -> None:
    assert shown("{{ ui.errors([]) }}").strip() == ""


@pytest.mark.parametrize(
    ("due", "said", "icon"),
    [
        (date(2026, 3, 11), "en retard", "h-due-late"),
        (date(2026, 3, 12), "aujourd’hui", "h-due-now"),
        (date(2026, 3, 13), "13\N{NO-BREAK SPACE}mars\N{NO-BREAK SPACE}2026", 'class="h-due"'),
    ],
)
def test_a_date_that_is_due_says_in_words_whether_it_is_late(due: date, said: str, icon: str) -> None:
    text = shown("{{ ui.due(due, today) }}", due=due)
    assert said in text
    assert icon in text
    assert f'<time datetime="{due.isoformat()}">' in text


def test_a_network_is_told_by_a_shape_and_its_name_beside_its_colour() -> None:
    france_travail, cap_emploi = (shown(f'{{{{ ui.network("{code}") }}}}') for code in ("france_travail", "cap_emploi"))
    assert "France Travail" in france_travail
    assert "<circle" in france_travail
    assert "Cap emploi" in cap_emploi
    assert "<circle" not in cap_emploi


def test_only_an_error_interrupts_who_hears_the_page() -> None:
    roles = [shown(f'{{{{ ui.notice("{kind}", "x") }}}}') for kind in ("info", "success", "warning", "error")]
    assert ['role="alert"' in text for text in roles] == [False, False, False, True]
    assert ['role="status"' in text for text in roles] == [True, True, True, False]


def test_a_table_that_is_wider_than_the_screen_is_reached_by_keyboard() -> None:
    text = shown('{% call ui.table("Sites") %}<tbody></tbody>{% endcall %}')
    assert '<div class="h-scroll" role="region" aria-label="Tableau\N{NO-BREAK SPACE}: Sites" tabindex="0">' in text
    assert "<caption><span>Sites</span></caption>" in text
