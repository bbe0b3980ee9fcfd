"""Names of advisers and sites on every page that shows a code: said, escaped, and none where none is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from hub.domain.access import Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.web.naming.names import Names
from hub.web.naming.tables import parsed
from tests.integration.hubs import SteppingClock, folder, take
from tests.integration.people import AUDITOR, DPO, EXPERT, LEAD, MANAGER, NOW, REFERENT, a_life
from tests.unit.pathway.builders import moment
from tests.web.sites import Site, a_site

MARKUP = "Adèle <script>alert(1)</script> {{7*7}}"
SHOWN = "Adèle &lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}"
HEBREW = "\N{FIRST STRONG ISOLATE}שרה לוי\N{POP DIRECTIONAL ISOLATE}"
AGENCY = "Agence d’Écully & Co"
NAMES: Names = parsed(
    "network,adviser,name,phone,reader_id\n"
    f"france_travail,A-1,{MARKUP},04 65 71 00 01,test|referent\n"
    "cap_emploi,C-1,שרה לוי,,\n",
    f"site,name\n69244,{AGENCY}\n",
    "names",
)
LIFE = a_life()
PERSON = f"/parcours/{LIFE[0].meta.event_id}"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder() as path, a_site(path, names=NAMES, clock=SteppingClock(moment(NOW))) as running:
        take(running.hub, LIFE)
        yield running


def page(site: Site, reader: Reader, path: str) -> str:
    answer = site.client(reader).get(path)
    assert answer.status_code == 200, answer.text[:500]
    assert "<script>alert" not in answer.text
    assert "49" not in re.findall(r"Adèle[^<]*", answer.text)
    return answer.text


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def event_path(kind: str) -> str:
    return f"{PERSON}/evenements/{next(each.meta.event_id for each in LIFE if type(each).__name__ == kind)}"


def test_the_head_of_a_pathway_names_the_referent_and_the_site_with_their_codes(site: Site) -> None:
    html = page(site, REFERENT, PERSON)
    assert f'{SHOWN} <span class="h-one-line">(A-1),</span>' in html, "a code is kept with its sign"
    assert f"{MARKUP} (A-1), France Travail, {AGENCY} (69244), depuis le" in text(html)


def test_the_frieze_names_advisers_and_leaves_a_code_without_a_name_as_it_is(site: Site) -> None:
    said = text(page(site, REFERENT, f"{PERSON}?ordre=ancien"))
    assert f"Référent désigné référent de parcours, {MARKUP} (A-1), à partir du 01/03/2021" in said
    assert "Référent désigné référent de parcours, conseiller A-0, à partir du 06/01/2021" in said
    assert f"conseillers {MARKUP} (A-1, France Travail) et {HEBREW} (C-1, Cap emploi)" in said
    assert (
        f"France Travail, conseiller A-0 (du 06/01/2021 au 01/03/2021), puis France Travail, {MARKUP} (depuis" in said
    )
    assert f"conseiller A-1, {AGENCY} (69244)" in said, "whose code is another's at the other network"


def test_sections_name_advisers(site: Site) -> None:
    assert f"{MARKUP} (A-1, France Travail), référent de parcours, du" in text(
        page(site, REFERENT, f"{PERSON}?liste=referents")
    )
    crossed = text(page(site, REFERENT, f"{PERSON}?liste=diagnostics-croises"))
    assert f"conseillers {MARKUP} (A-1) et {HEBREW} (C-1)" in crossed, "what is open"
    assert f"conseiller Cap emploi {HEBREW} (C-1)" in crossed.replace(" : ", " ")


def test_going_back_names_who_was_referent_then(site: Site) -> None:
    said = text(page(site, REFERENT, f"{PERSON}?au=2021-02-01"))
    assert "A-0 (France Travail)" in said
    assert f"{MARKUP} (A-1, France Travail)" in said


def test_an_event_names_whom_it_names(site: Site) -> None:
    said = text(page(site, REFERENT, event_path("CrossedDiagnosisOpened")))
    assert f"Conseiller Cap emploi {HEBREW} (C-1)" in said
    assert f"{AGENCY} (69244)" in said
    assert '"cap_emploi_adviser": "C-1"' in said, "what was stated stands as it was"


def test_a_replay_and_an_explanation_name_advisers(site: Site) -> None:
    steps = [text(page(site, AUDITOR, f"{PERSON}/rejeu?pas={number}")) for number in range(1, len(LIFE) + 1)]
    assert any(f"Référent désigné en dernier {MARKUP} (A-1), France Travail" in each for each in steps)
    assert any(f"Accompagnement : diagnostic, {HEBREW} (C-1)".casefold() in each.casefold() for each in steps)
    assert all(f"{AGENCY} (69244)" in each for each in steps)
    assert f"{MARKUP} (A-1)" in text(page(site, REFERENT, f"{PERSON}/pourquoi"))
    asked = {"fait": "referent_adviser"}
    client = site.client(REFERENT)
    form = client.get(f"{PERSON}/pourquoi").text
    token = re.search(r'name="jeton" value="([^"]+)"', form)
    assert token
    explained = client.post(f"{PERSON}/pourquoi", data=asked | {"jeton": token[1]})
    assert f"{MARKUP} (A-1)" in text(explained.text)


def test_lists_of_people_name_advisers_without_their_codes(site: Site) -> None:
    assert f">{HEBREW}, " not in page(site, EXPERT, "/accueil")
    assert f">{SHOWN}, France Travail<".replace("France Travail", "France\xa0Travail") in page(site, EXPERT, "/accueil")
    of_site = text(page(site, LEAD, "/accueil?tri=conseiller"))
    assert f"{MARKUP}, France Travail {MARKUP}" in of_site


def test_the_sheet_says_name_phone_and_site_and_has_a_line_for_what_is_not_known(site: Site) -> None:
    html = page(site, REFERENT, f"{PERSON}/fiche")
    boxes = [text(each) for each in re.findall(r'<div class="h-sheet-box">(.*?)</div>', html, re.DOTALL)]
    named = next(each for each in boxes if each.startswith(MARKUP))
    assert f"Son lieu de travail : {AGENCY} Son téléphone : 04 65 71 00 01 Son numéro de conseiller : A-1" in named
    assert "Son nom :" not in named
    without_phone = next(each for each in boxes if each.startswith(HEBREW))
    assert without_phone.count("Son téléphone :") == 1
    unknown = next(each for each in boxes if each.startswith("Un conseiller de"))
    assert "Son nom : Son téléphone : Son numéro de conseiller : A-1" in unknown


def test_only_who_may_see_readers_ids_is_told_their_names(site: Site) -> None:
    page(site, REFERENT, PERSON)
    told = f"Lecteur : {MARKUP} (test|referent)"
    for path in (f"{PERSON}/acces", "/journal"):
        assert told in text(page(site, AUDITOR, path))
        assert told in text(page(site, DPO, path))
    assert "Adèle" not in page(site, EXPERT, f"{PERSON}/acces")


def test_figures_name_sites_and_their_csv_has_a_column_for_it(site: Site) -> None:
    html = page(site, MANAGER, "/pilotage/delegations")
    assert f"{AGENCY} (69244)" in text(html)
    answer = site.client(MANAGER).get("/pilotage/delegations.csv")
    head, *rows = answer.content.decode("utf-8-sig").splitlines()
    assert head.startswith("Niveau;Département;Site;Nom du site;")
    assert any(row.startswith(f"Site;69 – Rhône;Site 69244;{AGENCY};") for row in rows)


def test_no_document_of_the_api_has_names(site: Site) -> None:
    answer = site.api.client(REFERENT).get(f"/api/v1/pathways{PERSON.removeprefix('/parcours')}")
    assert answer.status_code == 200
    assert NAMES.adviser(FRANCE_TRAVAIL, "A-1") == MARKUP
    assert '"A-1"' in answer.text
    assert "Adèle" not in answer.text


def test_the_account_names_the_readers_sites(site: Site) -> None:
    assert f"{AGENCY} (69244)" in text(page(site, LEAD, "/compte"))
