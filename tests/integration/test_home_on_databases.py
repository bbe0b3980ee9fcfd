"""The first page's queries on either database: windows, keys of pages, and what the other network recorded."""

from __future__ import annotations

from pathlib import Path

from tests.integration.apis import Noted
from tests.integration.hubs import SteppingClock, take
from tests.web.homes import LEAD, MINE, NOW, history, names, person, rows, section, text, title
from tests.web.sites import a_site


def test_the_first_page_says_the_same_on_both_databases(database: str, tmp_path: Path) -> None:
    assert database
    with a_site(tmp_path, recorder=Noted(), clock=SteppingClock(NOW)) as site:
        take(site.hub, history())
        mine = site.client(MINE).get("/accueil?tri=echeance").text
        late = site.client(MINE).get("/accueil/a-faire?quoi=attendues").text
        led = site.client(LEAD).get("/accueil?vue=site&tri=conseiller&reseau=deux").text

    assert [name[:5] for name in names(mine)][:5] == ["NOM01", "NOM03", "NOM04", "NOM02", "NOM05"]
    assert "en retard de 12 jours à vous" in text(section(mine, "retard"))
    assert "dans 8 jours à vous" in text(section(mine, "a-repondre"))
    assert "NOM06 Zoé Téléphone" in text(section(mine, "contradictions"))
    assert text(section(mine, "nouveau")).count("Prise en charge") == 3
    assert "NOM01 Zoé Délégation proposée en attente de réponse 16/06/2021" in text(late)
    assert [row[:5] for row in rows(led)] == ["NOM01", "NOM02", "NOM06"]


def test_tasks_go_on_from_page_to_page_on_both_databases(database: str, tmp_path: Path) -> None:
    assert database
    with a_site(tmp_path, recorder=Noted(), clock=SteppingClock(NOW)) as site:
        take(site.hub, [each for number in range(1, 61) for each in (*person(number), title(number, "2021-06-01"))])
        client = site.client(MINE)
        first = client.get("/accueil/a-faire?quoi=retard").text
        address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        second = client.get(address).text

    assert [page.count("Titre BOE à renouveler") for page in (first, second)] == [50, 10]
