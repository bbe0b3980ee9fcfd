"""What watches over reading, as pages: the auditor's first page, the access log, and who looked at a person."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from hub.domain.access import Reader
from hub.domain.events.case import CaseClosed
from hub.ledger.database import writing
from tests.integration.hubs import SteppingClock, take
from tests.integration.people import (
    AUDITOR,
    DPO,
    HEALTH,
    LEAD,
    MANAGER,
    NOBODY,
    NOW,
    OTHER,
    REFERENT,
    a_life,
    a_stranger,
)
from tests.unit.pathway.builders import FT, event, moment
from tests.web.sites import FORM_TOKEN, Site, a_site

TEXT = "La personne est à l'accueil, <b>très</b> inquiète."
OFFICER = Reader("test|dpo-2", frozenset({"dpo"}))
LIMITS: dict[str, Any] = {"volume_other_slow_per_hour": 1_000, "volume_other_stop_per_day": 1_000}


class Watched:
    """The pages, with the people whom readers asked for."""

    def __init__(self, site: Site, clock: SteppingClock, person_id: str) -> None:
        self.site = site
        self.clock = clock
        self.person_id = person_id

    def get(self, reader: Reader, path: str, **params: Any) -> httpx2.Response:
        """Ask for a page."""
        return self.site.client(reader).get(path, params=params)

    def post(self, reader: Reader, path: str, **fields: Any) -> httpx2.Response:
        """Send a form."""
        return self.site.client(reader).post(path, data={"jeton": FORM_TOKEN, **fields})


def watched(folder: Any, **limits: Any) -> Iterator[Watched]:
    """Serve pages on whose people others looked."""
    clock = SteppingClock(moment(NOW))
    life = a_life()
    with a_site(folder, clock=clock, **{**LIMITS, **limits}) as site:
        take(site.hub, [*life, *a_stranger()])
        person_id = life[0].meta.event_id
        read = f"/api/v1/pathways/{person_id}"
        site.api.client(REFERENT).get(read)
        site.api.client(OTHER).get(read)
        site.api.client(OTHER).post(f"{read}/reasons", json={"code": "emergency", "text": TEXT})
        site.api.client(OTHER).get(read)
        yield Watched(site, clock, person_id)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from watched(tmp_path_factory.mktemp("journal"))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from watched(tmp_path_factory.mktemp("own"), volume_other_slow_per_hour=3, volume_other_stop_per_day=5)


@pytest.fixture
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Give a site whose log the other tests do not find filled by what is read here."""
    yield from watched(tmp_path_factory.mktemp("apart"))


def said(answer: httpx2.Response) -> str:
    """Give what can be read of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))).replace("\u00a0", " ")


def codes(answer: httpx2.Response) -> list[str]:
    """Find English codes in what can be read, but for commands and readers' ids."""
    return re.findall(r"\b[a-z]+_[a-z_]+\b", said(answer))


def test_the_log_says_in_words_who_looked_at_whom_and_why(apart: Watched) -> None:
    page = apart.get(AUDITOR, "/journal")
    shown = said(page)
    assert page.status_code == 200
    assert "Accompagnement, Cap emploi" in shown
    assert "Motif indiqué pour consulter : urgence" in shown
    assert "refusé" in shown
    assert "au titre de : motif indiqué" in shown
    assert f'href="/parcours/{apart.person_id}/rejeu"' in page.text
    assert codes(page) == []


@pytest.mark.parametrize("reader", [AUDITOR, DPO, OFFICER])
@pytest.mark.parametrize("path", ["/journal", "/audit"])
def test_whoever_watches_is_led_from_a_person_to_a_page_that_is_theirs(
    apart: Watched, reader: Reader, path: str
) -> None:
    page = apart.get(reader, path)
    paths = set(re.findall(r'href="(/parcours/[^"]*)"', page.text))
    assert f"/parcours/{apart.person_id}/{'rejeu' if reader == AUDITOR else 'acces'}" in paths
    assert {each: apart.get(reader, each).status_code for each in paths} == dict.fromkeys(paths, 200)


def test_only_an_officer_reads_a_reasons_words(hub: Watched) -> None:
    assert "très" not in hub.get(AUDITOR, "/journal", nature="motif").text
    page = hub.get(DPO, "/journal", nature="motif")
    assert TEXT in said(page)
    assert "<b>très" not in page.text


def test_the_log_is_filtered_by_kind_and_day_in_the_address(hub: Watched) -> None:
    assert (
        "Consultation d’un parcours" not in said(hub.get(AUDITOR, "/journal", nature="motif")).partition("sur cette")[2]
    )
    assert "Aucune entrée" in said(hub.get(AUDITOR, "/journal", du="2021-05-01", au="2021-05-02"))
    assert "Motif indiqué" in said(hub.get(AUDITOR, "/journal", du="2021-04-15", au="2021-04-15"))


@pytest.mark.parametrize("day", ["15/04/2021", "15 4 2021", "15042021"])
def test_the_log_is_filtered_by_days_as_people_write_them(hub: Watched, day: str) -> None:
    written = hub.get(AUDITOR, "/journal", nature="motif", du=day, au=day)
    assert written.status_code == 200
    assert "Aucune entrée ne correspond" not in said(written)
    assert written.text.count('value="2021-04-15"') == 2
    assert "Aucune entrée ne correspond" in said(hub.get(AUDITOR, "/journal", nature="motif", au="14/04/2021"))


def test_whom_a_filter_names_stands_in_a_form_and_in_no_address(hub: Watched) -> None:
    by_reader = hub.post(DPO, "/journal", lecteur=OTHER.reader_id)
    entries = said(by_reader).partition("sur cette page")[2]
    assert OTHER.reader_id in entries
    assert REFERENT.reader_id not in entries
    of_person = hub.post(DPO, "/journal", personne=hub.person_id.upper())
    assert REFERENT.reader_id in said(of_person)
    assert hub.post(DPO, "/journal", personne=NOBODY).status_code == 422


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"personne": "x"}, "personne"),
        ({"du": "hier"}, "du"),
        ({"au": "2021-02-30"}, "au"),
        ({"du": "2021-05-01", "au": "2021-04-01"}, "au"),
        ({"nature": "vol"}, "nature"),
        ({"lecteur": "x" * 301}, "lecteur"),
        ({"personne": "x" * 2_000}, "personne"),
        ({"du": "x" * 2_000}, "du"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field_and_kept(hub: Watched, fields: dict[str, str], field: str) -> None:
    page = hub.post(DPO, "/journal", **fields)
    assert page.status_code == 422
    assert f'href="#champ-{field}"' in page.text
    assert 'aria-invalid="true"' in page.text
    for value in fields.values():
        assert value in page.text or field == "nature"


def test_the_log_goes_on_page_by_page(own: Watched) -> None:
    client = own.site.client(REFERENT)
    for _ in range(60):
        client.get(f"/parcours/{own.person_id}/acces")
    first = own.get(AUDITOR, "/journal", nature="consultation")
    assert len(first.content) < 45_000
    more = re.search(r'rel="next" href="([^"]*)"', first.text)
    assert more
    second = own.site.client(AUDITOR).get(html.unescape(more[1]))
    assert second.status_code == 200
    assert "Revenir aux entrées les plus récentes" in said(second)
    of_one = own.post(DPO, "/journal", lecteur=REFERENT.reader_id)
    before = re.search(r'name="avant" value="(\d+)"', of_one.text)
    assert before
    assert own.post(DPO, "/journal", lecteur=REFERENT.reader_id, avant=before[1]).status_code == 200


@pytest.mark.parametrize("reader", [REFERENT, LEAD, MANAGER])
def test_the_log_and_the_first_page_are_for_who_watches_over_reading(hub: Watched, reader: Reader) -> None:
    assert hub.get(reader, "/journal").status_code == 403
    assert hub.get(reader, "/audit").status_code == 403
    assert hub.post(reader, "/audit/verification").status_code == 403
    assert hub.post(reader, "/audit/personne", personne=hub.person_id).status_code == 403


def test_who_looked_at_a_person_is_grouped_by_day_and_names_readers_only_to_who_watches(hub: Watched) -> None:
    path = f"/parcours/{hub.person_id}/acces"
    mine = hub.get(REFERENT, path)
    assert "15 avril 2021" in said(mine)
    assert "Motif : urgence" in said(mine)
    assert "au titre de : référent de la personne" in said(mine)
    assert [each.reader_id for each in (REFERENT, OTHER) if each.reader_id in mine.text] == []
    assert "très" not in mine.text
    assert codes(mine) == []
    assert "fois, de" in said(hub.get(DPO, path))
    assert OTHER.reader_id in hub.get(AUDITOR, path).text
    assert OTHER.reader_id in hub.get(DPO, path).text


def test_who_does_not_see_the_person_does_not_learn_who_looked(hub: Watched) -> None:
    stranger = Reader("test|else", frozenset({"adviser"}), "cap_emploi", "C-77")
    for reader, who in ((stranger, hub.person_id), (stranger, NOBODY), (DPO, NOBODY), (MANAGER, hub.person_id)):
        assert hub.get(reader, f"/parcours/{who}/acces").status_code == 403
    assert [word for word in HEALTH if word in hub.get(LEAD, f"/parcours/{hub.person_id}/acces").text] == []


def test_the_first_page_shows_reasons_figures_and_how_to_verify(hub: Watched) -> None:
    page = hub.get(AUDITOR, "/audit")
    shown = said(page)
    assert "événements au registre" in shown
    assert "Motif indiqué pour consulter : urgence" in shown
    assert "hub access verify" in shown
    assert "0 suspendue " in shown
    assert "15 avril 2021" in shown
    assert codes(page) == []
    assert len(page.content) < 45_000


def test_the_first_page_leads_to_a_person_by_id_and_by_case_number(hub: Watched) -> None:
    for name in (hub.person_id, hub.person_id.upper(), FT.local_id, f"france_travail//{FT.local_id}"):
        answer = hub.post(AUDITOR, "/audit/personne", personne=name)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/parcours/{hub.person_id}/rejeu"), name
    where = hub.post(AUDITOR, "/audit/personne", personne=hub.person_id, vers="motif").headers["Location"]
    assert where == f"/parcours/{hub.person_id}/motif"
    for name in ("", "99999999999", "' or 1=1"):
        answer = hub.post(AUDITOR, "/audit/personne", personne=name)
        assert answer.status_code == 422
        assert 'href="#champ-personne"' in answer.text
    assert hub.post(AUDITOR, "/audit/personne", personne=hub.person_id, vers="https://x").status_code == 422


@pytest.mark.parametrize("where", ["acces", "motif"])
def test_an_officer_goes_from_a_case_number_to_what_is_theirs(own: Watched, where: str) -> None:
    for _ in range(12):
        answer = own.post(DPO, "/audit/personne", personne=FT.local_id, vers=where)
        assert (answer.status_code, answer.headers.get("Location")) == (303, f"/parcours/{own.person_id}/{where}")
    unknown = own.post(DPO, "/audit/personne", personne="99999999999", vers=where)
    assert unknown.status_code == 422
    assert "Aucun dossier n’a ce numéro" in said(unknown)
    log = own.site.api.client(DPO).get("/api/v1/access-entries", params={"limit": 30}).json()["items"]
    mine = [each for each in log if each["reader_id"] == DPO.reader_id and each["through"] == "POST /audit/personne"]
    assert [each["outcome"] for each in mine].count("refused") == 1
    assert {each["kind"] for each in mine if each["outcome"] == "shown"} == {"access_log"}


def test_what_is_too_long_for_a_person_is_kept_and_told_at_its_field(hub: Watched) -> None:
    page = hub.post(DPO, "/audit/personne", personne="x" * 101, vers="acces")

    assert page.status_code == 422
    assert 'href="#champ-personne"' in page.text
    assert "x" * 101 in page.text
    assert "100 caractères au plus" in said(page)


def test_an_officer_without_a_reason_is_told_how_to_replay(hub: Watched) -> None:
    answer = hub.post(DPO, "/audit/personne", personne=FT.local_id, vers="rejeu")
    assert answer.status_code == 422
    assert "indiquez d’abord un motif" in said(answer)


def test_verifying_says_what_is_whole_and_what_was_changed(own: Watched) -> None:
    whole = said(own.post(AUDITOR, "/audit/verification"))
    assert "Registre des événements : intact" in whole
    assert "Journal des accès : intact" in whole
    with writing(own.site.hub.store) as connection:
        for name in connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all():
            connection.execute(text(f'drop trigger "{name}"'))
        connection.execute(text("update ledger set partition = partition + 1 where position = 3"))
        connection.execute(text("update access_entry set outcome = 'shown' where outcome = 'refused'"))
    changed = said(own.post(AUDITOR, "/audit/verification"))
    assert "L’entrée à la position 3 a été modifiée" in changed
    assert "Journal des accès : modifié" in changed
    with writing(own.site.hub.store) as connection:
        connection.execute(text("update ledger set partition = partition + 1 where position <> 3"))
    replayed = own.get(AUDITOR, f"/parcours/{own.person_id}/rejeu")
    assert (replayed.status_code, "a été modifié dans le registre" in said(replayed)) == (500, True)
    assert "Zola" not in replayed.text


def stop(own: Watched, reader: Reader) -> None:
    """Let a reader ask for more people than their work takes."""
    client = own.site.api.client(reader)
    for number in range(8):
        client.get(f"/api/v1/pathways/0fffffff-0000-7000-8000-00000000000{number}")


def test_an_officer_lifts_a_stop_for_a_reason_and_nobody_their_own(own: Watched) -> None:
    stop(own, OTHER)
    page = own.get(DPO, "/audit")
    assert "1 consultation suspendue" in said(page)
    path = html.unescape(re.search(r'action="(/audit/suspensions/\d+/levee)"', page.text)[1])  # type: ignore[index]
    assert "/levee" not in own.get(AUDITOR, "/audit").text
    assert own.post(AUDITOR, path, raison="Vérifié avec la responsable.").status_code == 403
    for reason in ("", "court", "x" * 3_000):
        answer = own.post(DPO, path, raison=reason)
        assert answer.status_code == 422
        assert "10 à 1 000 caractères" in said(answer)
    released = own.post(DPO, path, raison="Vérifié avec la responsable du site.")
    assert (released.status_code, released.headers["Location"]) == (303, "/audit?fait=levee")
    assert "La suspension est levée" in said(own.get(DPO, "/audit", fait="levee"))
    again = own.post(DPO, path, raison="Vérifié avec la responsable du site.")
    assert (again.status_code, "déjà levée" in said(again)) == (422, True)
    assert own.post(DPO, "/audit/suspensions/99/levee", raison="Vérifié avec la responsable.").status_code == 404


def test_who_is_stopped_cannot_release_themselves(own: Watched) -> None:
    stop(own, OFFICER)
    page = own.get(DPO, "/audit")
    path = re.search(r'action="(/audit/suspensions/\d+/levee)"', page.text)[1]  # type: ignore[index]
    answer = own.post(OFFICER, path, raison="Je travaille beaucoup en ce moment.")
    assert answer.status_code == 403 or "Personne ne lève sa propre suspension" in said(answer)
    assert own.post(DPO, path, raison="Vérifié avec elle et sa responsable.").status_code == 303


def test_an_empty_hub_has_its_pages_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_site(tmp_path_factory.mktemp("empty"), clock=SteppingClock(moment(NOW)), **LIMITS) as site:
        client = site.client(AUDITOR)
        assert "Personne n’a indiqué de motif" in said(client.get("/audit"))
        assert "Aucune consultation n’a été suspendue" in said(client.get("/audit"))
        assert "Il est vide" in said(client.post("/audit/verification", data={"jeton": FORM_TOKEN}))
        assert client.get("/journal").status_code == 200
        take(site.hub, [event(CaseClosed, "2021-01-04", FT, motive="other")])
        assert client.get("/audit").status_code == 200
