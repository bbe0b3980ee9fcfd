"""The first page over HTTP: what awaits whom, nothing of anybody else, and each reading recorded once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from hub.api.queries import overview
from hub.domain.access import Reader, Sight
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import CrossedDiagnosisOpened
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.projections import labels
from hub.web.home import reading
from tests.integration.apis import Noted
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import event, registered
from tests.web.homes import (
    AGENT,
    BOTH,
    COLLEAGUE,
    LEAD,
    MINE,
    NEWCOMER,
    NOW,
    OTHERS,
    SITE,
    ce,
    ft,
    history,
    names,
    person,
    rows,
    section,
    text,
    title,
)
from tests.web.sites import FORM_TOKEN, Site, a_site

PATH, TODO = "/accueil", "/accueil/a-faire"
HOSTILE_NAME = "%' OR 1=1 --"


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def site(noted: Noted) -> Iterator[Site]:
    with folder() as path, a_site(path, recorder=noted, clock=SteppingClock(NOW)) as running:
        take(running.hub, history())
        yield running


def page(site: Site, reader: Reader, path: str = PATH) -> str:
    answer = site.client(reader).get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_awaits_an_adviser_is_told_by_kind_with_who_must_act(site: Site) -> None:
    html = page(site, MINE)

    assert text(section(html, "retard")) == (
        "En retard (2) "
        "NOM01 Zoé Délégation proposée en attente de réponse 16/06/2021, en retard de 16 jours à Cap emploi "
        "NOM03 Zoé Titre BOE à renouveler 20/06/2021, en retard de 12 jours à vous"
    )
    assert "NOM04 Zoé Titre BOE à renouveler 05/07/2021, dans 3 jours à vous" in text(section(html, "semaine"))
    assert "NOM05 Zoé Titre BOE à renouveler 25/07/2021, dans 23 jours à vous" in text(section(html, "mois"))
    mine = text(section(html, "a-repondre"))
    assert "NOM02 Zoé Demande d’appui en attente de réponse 10/07/2021, dans 8 jours à vous" in mine
    theirs = text(section(html, "attendues"))
    assert "Réponses attendues de Cap emploi (1)" in theirs
    assert "NOM01 Zoé Délégation proposée en attente de réponse 16/06/2021, en retard de 16 jours" in theirs
    assert theirs.endswith("à Cap emploi")
    assert text(section(html, "contradictions")) == "Contradictions à arbitrer (1) NOM06 Zoé Téléphone"


@pytest.mark.parametrize("reader", [MINE, LEAD])
def test_whose_people_these_are_is_looked_up_once_for_a_page(site: Site, reader: Reader) -> None:
    made: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        made.append(statement)

    sqlalchemy_event.listen(site.hub.store, "before_cursor_execute", note)
    try:
        page(site, reader)
    finally:
        sqlalchemy_event.remove(site.hub.store, "before_cursor_execute", note)
    scope = f"_accompaniment.{'site IN' if reader is LEAD else 'adviser ='}"
    assert sum(scope in statement for statement in made) == 1, "each look-up goes through all ties, past ones too"


def test_a_tile_says_of_how_many_people_its_entries_are(tmp_path: Path) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        take(site.hub, [*person(3), *person(4), title(3, "2021-06-20"), title(4, "2021-06-21")])
        alone = text(page(site, MINE))
        proposed = event(
            DelegationProposed, "2021-05-05", ft(3), site=SITE, delegation_id="D-3", planned_end="2021-12-31"
        )
        take(site.hub, [proposed])
        several = text(page(site, MINE))

    assert "2 échéances en retard " in alone
    assert "3 échéances en retard, pour 2 personnes" in several
    assert "En retard (3, pour 2 personnes)" in several


def test_tiles_lead_to_each_kind_and_say_its_number(site: Site) -> None:
    tiles = re.findall(r'<a class="h-tile[^"]*" href="#([a-z-]+)"><strong[^>]*>(\d+)</strong>', page(site, MINE))

    assert dict(tiles) == {
        "retard": "2",
        "a-repondre": "1",
        "semaine": "1",
        "mois": "1",
        "attendues": "1",
        "contradictions": "1",
        "nouveau": "4",
    }


@pytest.mark.parametrize("reader", [MINE, LEAD, OTHERS])
def test_a_tile_says_as_many_as_its_list_shows_and_late_is_all_that_is_late(tmp_path: Path, reader: Reader) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        asked: dict[str, Any] = {"topic": "rights", "key_moment": None, "ground": None, "partner": None}
        made = [each for number in range(1, 9) for each in person(number)]
        for number in range(1, 9):
            theirs = event(
                ReferentAssigned, "2021-02-01", ce(number), adviser="C-9", role="co_referent", from_date="2021-02-01"
            )
            made += [registered(ce(number), "2021-02-01", other=ft(number), site=None), theirs]
            delegated: dict[str, Any] = {"delegation_id": f"D-{number}", "ground": "compensation"}
            made.append(event(DelegationProposed, f"2021-06-{number:02}", ft(number), site=SITE, **delegated))
            made.append(
                event(ExpertiseRequested, f"2021-05-{number:02}", ce(number), request_id=f"E-{number}", **asked)
            )
        take(site.hub, made)
        client = site.client(reader)
        html = page(site, reader)
        tiles = dict(re.findall(r'<a class="h-tile[^"]*" href="#([a-z-]+)"><strong[^>]*>(\d+)</strong>', html))

        def listed(what: str) -> str:
            return client.get(f"{TODO}?quoi={what}").text

        counts = {what: len(re.findall(r'<span class="h-task">', listed(what))) for what in tiles if what != "nouveau"}
        assert counts == {what: int(tiles[what]) for what in counts}
        assert counts == {"retard": 16, "a-repondre": 8, "attendues": 8}
        late = [len(re.findall("en retard de", listed(what))) for what in ("retard", "a-repondre", "attendues")]
        assert late == [16, 8, 8]
        assert "rien en retard" not in text(html)


def test_each_person_leads_to_their_pathway(site: Site) -> None:
    html = page(site, MINE)
    client = site.client(MINE)
    listed = client.get(PATH).text

    ids = set(re.findall(r'href="/parcours/([0-9a-f-]{36})"', listed))
    assert len(ids) == 8
    assert all(f'href="/parcours/{each}"' in html for each in ids)


def test_nothing_is_shown_of_those_whom_a_reader_does_not_accompany(site: Site) -> None:
    for reader in (MINE, NEWCOMER):
        assert "NOM20" not in page(site, reader)
    for reader in (MINE, LEAD, BOTH, COLLEAGUE, NEWCOMER, OTHERS):
        assert "NOM30" not in page(site, reader)
    for what in ("retard", "a-repondre", "semaine", "mois", "attendues", "contradictions", "consultations"):
        assert "NOM30" not in page(site, LEAD, f"{TODO}?quoi={what}")
        assert "NOM" not in page(site, NEWCOMER, f"{TODO}?quoi={what}")


def test_the_list_says_who_accompanies_whom_and_what_is_due_first(site: Site) -> None:
    found = rows(page(site, MINE))

    assert len(found) == 8
    assert found[1] == (
        "NOM01 Zoé Accueil Vous Référent Cap emploi, France Travail 1 16/06/2021 en retard de 16 jours 01/06/2021"
    )
    assert found[-1] == "NOM08 Zoé Accueil Vous Référent France Travail 0 aucune 11/01/2021"


def test_a_lead_sees_the_site_with_each_adviser_and_nothing_of_health(site: Site) -> None:
    html = page(site, LEAD)

    assert "Mon site" in text(html)
    assert "Mes accompagnements" not in text(html)
    assert len(rows(html)) == 9
    assert "NOM20 Zoé Accueil A-18, France Travail A-18" in " ".join(rows(html))
    assert "Titre BOE" not in text(html)
    assert text(section(html, "retard")).startswith("En retard (1) NOM01 Zoé Délégation proposée")
    assert "aucune" in rows(html)[4]
    assert "à votre réseau" in text(section(html, "a-repondre"))


def test_who_is_both_looks_at_their_people_first_and_may_look_at_the_site(site: Site) -> None:
    own, led = page(site, BOTH), page(site, BOTH, f"{PATH}?vue=site")

    assert (len(rows(own)), len(rows(led))) == (8, 9)
    assert 'href="/accueil?vue=personnes" aria-current="true"' in own
    assert 'href="/accueil?vue=site" aria-current="true"' in led
    assert "Titre BOE" in text(own)
    assert "Titre BOE" not in text(led)
    assert "Qui afficher" not in page(site, MINE)
    assert rows(page(site, MINE, f"{PATH}?vue=site")) == rows(page(site, MINE))


def test_each_page_is_recorded_once_with_whom_it_names(site: Site, noted: Noted) -> None:
    for path, named in ((PATH, 8), (f"{TODO}?quoi=retard", 2), (f"{TODO}?quoi=contradictions", 1)):
        before = len(noted.entries)
        page(site, MINE, path)
        ((asked, entry),) = noted.entries[before:]
        assert (asked.through, entry.kind) == (f"GET {path.partition('?')[0]}", "list")
        assert len(entry.people) == named
        assert {(shown.ground, shown.sight, shown.counted) for shown in entry.people.values()} == {
            ("referent", Sight.FULL, None)
        }
    before = len(noted.entries)
    page(site, LEAD)
    ((_, entry),) = noted.entries[before:]
    assert {shown.sight for shown in entry.people.values()} == {Sight.WITHOUT_HEALTH}


def test_whoever_is_only_counted_is_not_recorded(site: Site, noted: Noted) -> None:
    before = len(noted.entries)
    page(site, MINE, f"{PATH}?phase=sortie")
    ((_, entry),) = noted.entries[before:]

    assert len(entry.people) == 6  # those with something to do, and nobody of the list, which is empty


def test_names_of_markup_are_text(site: Site) -> None:
    html = page(site, MINE)

    assert "<script>alert" not in html.lower()
    assert "&lt;SCRIPT&gt;ALERT(1)" in html
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", html)


def test_whoever_accompanies_nobody_is_told_how_people_come(site: Site) -> None:
    html = text(page(site, NEWCOMER))

    assert "Vous n’accompagnez personne pour l’instant." in html
    assert "nouvelle prise en charge" in html
    assert "Votre compte n’indique pas votre réseau" in text(page(site, MINE._replace(network=None)))


def test_what_is_empty_is_said_in_one_line(site: Site) -> None:
    html = text(page(site, COLLEAGUE))

    assert "Aucune réponse à donner, rien dans les 7 jours" in html
    assert "Rien de nouveau" in html


def test_only_those_who_accompany_people_have_this_page(site: Site) -> None:
    for path in (PATH, TODO):
        assert site.client(AGENT).get(path).status_code == 403
        assert site.client().get(path, follow_redirects=False).status_code == 303
    assert site.client(MINE._replace(is_system=True)).get(PATH).status_code == 403


def test_no_english_code_reaches_the_screen(site: Site) -> None:
    said = " ".join(text(page(site, reader)) for reader in (MINE, LEAD))
    codes = {*labels.RULES, *labels.PHASES, *labels.NETWORKS, *labels.EVENTS, *labels.FACTS} - {"hub", "transition"}

    assert [code for code in codes if re.search(rf"\b{code}\b", said)] == []


def test_people_are_chosen_and_sorted_by_the_address(site: Site) -> None:
    def shown(query: str) -> list[str]:
        return [name.partition(" ")[0] for name in names(page(site, MINE, f"{PATH}?{query}"))]

    assert shown("retard=oui") == ["NOM01", "NOM03"]
    assert shown("reseau=deux") == ["NOM01", "NOM02", "NOM06"]
    assert shown("reseau=cap-emploi") == []
    assert shown("tri=echeance")[:4] == ["NOM01", "NOM03", "NOM04", "NOM02"]
    assert shown("tri=dernier-acte")[0] == "NOM02"
    assert shown("phase=sortie") == []
    assert len(shown("phase=accueil")) == 8
    assert "Personne ne correspond à ces choix." in text(page(site, MINE, f"{PATH}?phase=sortie"))


def test_a_list_that_is_cut_says_so_and_everyone_is_found_by_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST", 3)

    cut = page(site, MINE)
    said = text(section(cut, "personnes"))
    assert "3 personnes sur 8" in said
    assert "Cette liste ne montre pas tout le monde Elle s’arrête à 3 personnes. Pour trouver les autres" in said
    assert "8 personnes accompagnées" in text(cut)

    assert [name[:5] for name in names(page(site, MINE, f"{PATH}?tri=echeance"))] == ["NOM01", "NOM03", "NOM04"]
    assert names(page(site, MINE, f"{PATH}?tri=dernier-acte"))[0].startswith("NOM02")
    assert len(names(page(site, MINE, f"{PATH}?reseau=deux"))) == 3
    assert "ne montre pas tout le monde" not in page(site, MINE, f"{PATH}?reseau=deux")


def test_pairs_that_are_counted_of_some_people_alone_are_told_to_be(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "à examiner" not in text(page(site, MINE))

    monkeypatch.setattr(reading, "PEOPLE_COMPARED", 3)
    html = page(site, MINE)

    tile = re.search(r'<a class="h-tile" href="/rapprochements">(.*?)</a>', html)
    assert tile
    assert text(tile[1]) == "0 rapprochement à examiner pour 3 personnes sur 8 : voir pour toutes"


def test_a_name_is_looked_for_among_everyone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST", 7)
    form = {"jeton": FORM_TOKEN, "nom": "<script"}

    found = site.client(MINE).post(PATH, data=form).text

    assert len(names(found)) == 1
    assert "ne montre pas tout le monde" not in found
    assert "ne montre pas tout le monde" in page(site, MINE)


def test_an_address_that_asks_for_what_there_is_not_is_refused(site: Site) -> None:
    for query in ("tri=siret", "phase=intake", "reseau=x", "retard=1", "vue=tout", "suite=AAAA"):
        assert site.client(MINE).get(f"{PATH}?{query}").status_code in {400, 422}, query
    assert site.client(MINE).get(f"{TODO}?quoi=autre").status_code == 422


def test_a_name_goes_by_the_form_and_into_no_address(site: Site) -> None:
    client = site.client(MINE)
    form = {"jeton": FORM_TOKEN, "nom": " nom0", "tri": "nom", "phase": "", "reseau": ""}
    answer = client.post(PATH, data=form)

    assert answer.status_code == 200
    assert len(names(answer.text)) == 7
    assert "Noms qui commencent par « nom0 » : 7 personnes sur 8" in text(answer.text)
    assert not re.search(r'(href|action|src)="[^"]*nom0', answer.text)
    assert len(names(client.post(PATH, data={**form, "nom": "ZOE nom03"}).text)) == 1
    assert "Personne ne correspond" in client.post(PATH, data={**form, "nom": HOSTILE_NAME}).text


def test_a_name_that_is_too_long_is_kept_and_told_at_its_field(site: Site) -> None:
    answer = site.client(MINE).post(PATH, data={"jeton": FORM_TOKEN, "nom": "x" * 101, "phase": "accueil"})

    assert answer.status_code == 422
    assert 'href="#champ-nom"' in answer.text
    field = re.search(r'<input[^>]* id="champ-nom"[^>]*>', answer.text)
    assert field
    assert "x" * 101 in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert "Ce texte est trop long : 100 caractères au plus, il en a 101." in text(answer.text)
    assert re.search(r'<option value="accueil" selected', answer.text)


def test_other_choices_of_the_form_become_an_address(site: Site) -> None:
    form = {"jeton": FORM_TOKEN, "nom": " ", "tri": "echeance", "phase": "emploi", "reseau": "deux", "retard": "oui"}
    answer = site.client(MINE).post(PATH, data=form, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/accueil?tri=echeance&phase=emploi&reseau=deux&retard=oui#personnes"
    assert site.client(MINE).post(PATH, data={"nom": "x"}).status_code == 403


def test_without_scripts_the_page_says_when_it_was_made(site: Site) -> None:
    html = page(site, MINE)

    assert "page établie le 2 juillet 2021 à 11 h 00" in text(html)
    assert '<a href="/accueil">Actualiser la page</a>' in html
    assert 'role="status" data-stream="/accueil/nouveautes?vue=personnes" data-position="' in html


def test_long_lists_go_on_from_page_to_page(tmp_path: Path) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        made = [each for number in range(1, 108) for each in person(number)]
        take(site.hub, [*made, *(title(number, "2021-06-01") for number in range(1, 108))])
        client = site.client(MINE)

        whole = [f"NOM{number:02} Zoé" for number in range(1, 108)]
        shown, address, html = [], PATH, ""
        for size in (50, 50, 7):
            html = client.get(address).text
            assert len(names(html)) == size
            shown += names(html)
            following = re.search(r'rel="next" href="([^"]*)"', html)
            address = following[1].replace("&amp;", "&") if following else ""
        assert sorted(shown) == sorted(whole)
        assert not address
        back = re.search(r'rel="prev" href="([^"]*)"', html)
        assert back
        assert names(client.get(back[1].replace("&amp;", "&")).text) == shown[50:100]
        assert "NOM" not in address

        late, address = [], f"{TODO}?quoi=retard"
        while address:
            html = client.get(address).text
            late += re.findall(r"<bdi>(NOM.*?)</bdi>", html)
            following = re.search(r'rel="next" href="([^"]*)"', html)
            address = following[1].replace("&amp;", "&") if following else ""
        assert sorted(late) == sorted(whole)

        form = {"jeton": FORM_TOKEN, "nom": "nom", "tri": "nom"}
        first = client.post(PATH, data=form).text
        key = re.search(r'name="suite" value="([^"]+)"', first)
        assert key
        assert names(client.post(PATH, data={**form, "suite": key[1]}).text) == shown[50:100]


def test_what_is_done_meanwhile_leaves_nobody_out_of_the_pages(tmp_path: Path) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        take(site.hub, [each for number in range(1, 61) for each in person(number)])
        client = site.client(MINE)
        following = re.search(r'rel="next" href="([^"]*)"', client.get(PATH).text)
        assert following
        take(site.hub, [event(PersonErased, "2021-07-01", ft(50), reason="request")])

        rest = names(client.get(following[1].replace("&amp;", "&")).text)

        assert rest == [f"NOM{number} Zoé" for number in range(51, 61)]


def test_someone_who_read_a_person_for_a_reason_is_told_to_the_referent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW)) as site:
        take(site.hub, person(1))
        person_id = re.search(r"/parcours/([0-9a-f-]{36})", site.client(MINE).get(PATH).text)
        assert person_id
        reason = {"code": "emergency", "text": "La personne est à l'accueil."}
        stated = site.api.client(OTHERS).post(f"/api/v1/pathways/{person_id[1]}/reasons", json=reason)
        assert stated.is_success

        told = text(section(site.client(MINE).get(PATH).text, "consultations"))

        assert "NOM01 Zoé, qui a consulté Consultation motivée de Cap emploi : urgence le 02/07/2021" in told
        assert "NOM01" in text(site.client(MINE).get(f"{TODO}?quoi=consultations").text)
        assert "1 consultation pour un motif" in text(site.client(MINE).get(PATH).text)
        monkeypatch.setattr(reading, "NOTICES_COUNTED", 1)
        assert "1 consultations ou plus pour un motif" in text(site.client(MINE).get(PATH).text)
        assert section(site.client(LEAD).get(PATH).text, "consultations") == ""
        assert site.client(LEAD).get(f"{TODO}?quoi=consultations").status_code == 200


def test_what_is_left_of_a_tie_is_said(tmp_path: Path) -> None:
    clock = SteppingClock(NOW - timedelta(days=10))
    with a_site(tmp_path, clock=clock, recorder=Noted()) as site:
        handed_over = person(1, "A-20")[1].model_copy()
        meta = handed_over.meta.model_copy(update={"event_id": "0fffffff-0000-7000-8000-000000000001", "sequence": 99})
        later = handed_over.model_copy(update={"meta": meta, "from_date": (NOW - timedelta(days=12)).date()})
        take(site.hub, [*person(1), later])
        clock.moment = NOW

        (row,) = rows(site.client(MINE).get(PATH).text)

        assert "A-20, France Travail Référent, jusqu’au 20/06/2021" in row


def test_what_the_other_network_answers_is_no_more_awaited(tmp_path: Path) -> None:
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        take(site.hub, history())
        assert section(site.client(MINE).get(PATH).text, "attendues")

        take(site.hub, [event(DelegationAccepted, "2021-06-20", ce(1), site=SITE, delegation_id="D-1", motive=None)])

        assert section(site.client(MINE).get(PATH).text, "attendues") == ""


def test_what_the_referent_has_to_do_is_not_said_to_be_a_colleagues_turn(tmp_path: Path) -> None:
    advisers: dict[str, Any] = {"france_travail_adviser": "A-18", "cap_emploi_adviser": "C-9"}
    opened = event(CrossedDiagnosisOpened, "2021-06-28", ft(3), site=SITE, crossed_diagnosis_id="X-3", **advisers)
    with a_site(tmp_path, clock=SteppingClock(NOW), recorder=Noted()) as site:
        take(site.hub, [*person(3), *person(4, "A-18"), title(3, "2021-06-20"), title(4, "2021-06-21"), opened])

        led = section(site.client(COLLEAGUE).get(PATH).text, "retard")
        colleagues = text(led)
        own = text(section(site.client(MINE).get(PATH).text, "retard"))

    assert "NOM03 Zoé Titre BOE à renouveler 20/06/2021, en retard de 12 jours à votre réseau" in colleagues
    assert "NOM04 Zoé Titre BOE à renouveler 21/06/2021, en retard de 11 jours à vous" in colleagues
    assert "NOM03 Zoé Titre BOE à renouveler 20/06/2021, en retard de 12 jours à vous" in own
    assert re.findall(r'class="h-by(?: h-by-me)?">([^<]*)', led) == ["à votre réseau", "à vous"]
    assert re.findall(r'class="h-by h-by-me">([^<]*)', led) == ["à vous"]


def test_an_order_of_the_other_view_is_passed_over(site: Site) -> None:
    asked = page(site, MINE, f"{PATH}?tri=conseiller")
    assert names(asked) == names(page(site, MINE))


def test_a_lead_is_told_that_tasks_of_health_are_left_out(site: Site) -> None:
    told = "hors données de santé, qui ne vous sont pas montrées."
    assert told in text(page(site, LEAD))
    assert told not in text(page(site, MINE))


def test_what_was_due_yesterday_in_france_is_late_from_midnight_there_on_every_page(tmp_path: Path) -> None:
    at_half_past_midnight = datetime(2021, 6, 20, 22, 30, tzinfo=UTC)
    with a_site(tmp_path, clock=lambda: at_half_past_midnight) as site:
        take(site.hub, [*person(3), title(3, "2021-06-20")])
        client = site.client(MINE)
        html = client.get("/accueil").text

        assert "en retard de 1 jour" in text(section(html, "retard")).replace("\N{NO-BREAK SPACE}", " ")
        address = re.search(r'href="(/parcours/[0-9a-f-]{36})', html)
        assert address is not None
        assert "en retard" in text(client.get(address[1]).text)
