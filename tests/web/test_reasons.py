"""Break-glass on a page: what it does is said first, it opens one person for hours, and tells nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from itertools import count
from pathlib import Path

import pytest

from hub.access.grants import LONGEST_TEXT
from hub.domain.access import Reader
from hub.domain.events.referent import ReferentAssigned
from tests.integration.access import logged
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import FT, event, moment, registered
from tests.web.finding import AUDITOR, DPO, MANAGER, MINE, OPERATOR, OTHER, UNKNOWN, errors_of, fill_in, main_of, shown
from tests.web.homes import text as text_of
from tests.web.sites import Site, a_site

NOW = "2021-04-15T12:00:00Z"
REASON = {"motif": "replacement", "texte": "Remplace A-17, en congé."}
LIFE = [
    registered(FT, "2021-01-04", family_name="Lefèvre", given_name="Zoé", birth_date="1985-03-12"),
    event(ReferentAssigned, "2021-01-11", FT, adviser="A-17", role="referent", from_date="2021-01-11", site="69123"),
]
PERSON = LIFE[0].meta.event_id


def path(person_id: str = PERSON) -> str:
    return f"/parcours/{person_id}/motif"


CLOCK = SteppingClock(moment(NOW))
_numbers = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with folder() as path, a_site(path, clock=CLOCK) as site:
        take(site.hub, LIFE)
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    CLOCK.moment = moment(NOW)
    return running


@pytest.fixture
def other() -> Reader:
    """Give an adviser who stated no reason yet."""
    return OTHER._replace(reader_id=f"other-{next(_numbers)}")


def test_what_a_reason_does_is_said_before_it_is_stated(site: Site, other: Reader) -> None:
    said = shown(site.client(other).get(path()))

    assert "Il vous ouvre ce parcours en entier, données de santé comprises, pendant 4 heures" in said
    assert "Il est enregistré, avec votre nom et la date, dans le journal des accès" in said
    assert "Le référent de la personne est averti" in said
    assert "Il vous en reste 10 sur 10 pour cette heure" in said
    for reason in ("Urgence", "Remplacement d’un collègue", "À la demande de la personne", "Réclamation", "Contrôle"):
        assert reason in said


def test_each_office_reads_what_a_reason_opens_to_it(site: Site) -> None:
    assert "Le motif ouvre celui-ci en entier" in shown(site.client(AUDITOR).get(path()))
    assert "au titre de la protection des données" in shown(site.client(DPO).get(path()))


def test_a_reason_leads_to_the_pathway_and_counts_for_some_hours(site: Site, other: Reader) -> None:
    client = site.client(other)
    assert client.get(f"/parcours/{PERSON}").status_code == 403

    stated = fill_in(site, other, path(), **REASON)

    assert (stated.status_code, stated.headers["Location"]) == (303, f"/parcours/{PERSON}")
    assert client.get(stated.headers["Location"]).status_code == 200
    again = shown(client.get(path()))
    assert "Un motif que vous avez indiqué compte déjà" in again
    assert "jusqu’au 15 avril 2021 à 18 h 00" in again
    CLOCK.moment += timedelta(hours=4, seconds=1)
    assert client.get(stated.headers["Location"]).status_code == 403
    assert "compte déjà" not in shown(client.get(path()))


def test_a_reason_is_recorded_with_its_code_and_counts_for_nobody_else(site: Site, other: Reader) -> None:
    fill_in(site, other, path(), **REASON)

    (entry,) = logged(site.hub.store, reader_id=other.reader_id, kind="break_glass")
    assert (entry.reader_id, entry.code, entry.through) == (
        other.reader_id,
        "replacement",
        "POST /parcours/{person_id}/motif",
    )
    assert "compte déjà" not in shown(site.client(AUDITOR).get(path()))


@pytest.mark.parametrize("reader", [OTHER, DPO._replace(reader_id="dpo-2")])
def test_the_page_is_the_same_for_whoever_is_not_there(site: Site, reader: Reader) -> None:
    def told(person_id: str) -> tuple[str, str, int]:
        form = main_of(site.client(reader).get(path(person_id)))
        wrong = fill_in(site, reader, path(person_id), motif="emergency")
        return form.replace(person_id, ""), main_of(wrong).replace(person_id, ""), wrong.status_code

    assert told(PERSON) == told(UNKNOWN)
    stated = fill_in(site, reader, path(UNKNOWN), **REASON)
    assert (stated.status_code, stated.headers["Location"]) == (303, f"/parcours/{UNKNOWN}")
    denied = site.client(reader).get(f"/parcours/{UNKNOWN}")
    assert denied.status_code == 403
    assert "ou elle n’existe pas" in shown(denied, 403)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"motif": "Choisissez un motif", "texte": "Expliquez"}),
        ({**REASON, "motif": "curiosity"}, {"motif": "Choisissez un motif"}),
        ({**REASON, "texte": " \n "}, {"texte": "Expliquez"}),
        ({**REASON, "texte": "é" * (LONGEST_TEXT + 1)}, {"texte": "1000 caractères au plus"}),
        ({**REASON, "texte": "é" * 4_000}, {"texte": "1000 caractères au plus"}),
        ({**REASON, "texte": "."}, {"texte": "10 caractères au moins"}),
        ({**REASON, "texte": "un motif a\u202eb"}, {"texte": "ne s’affichent pas"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_opens_nothing(
    site: Site, other: Reader, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    answer = fill_in(site, other, path(), **fields)

    shown(answer, 422)
    found = errors_of(answer)
    assert found.keys() == wrong.keys()
    assert all(text in found[field] for field, text in wrong.items())
    if fields.get("motif") in REASON.values() and "texte" in wrong:
        assert re.search(r'value="replacement" checked', answer.text), "what was chosen stays chosen"
    assert site.client(other).get(f"/parcours/{PERSON}").status_code == 403


def test_hostile_words_are_shown_and_not_obeyed(site: Site, other: Reader) -> None:
    answer = fill_in(site, other, path(), texte="</textarea><script>alert(1)</script>")

    shown(answer, 422)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("reader", [MANAGER, OPERATOR])
def test_who_reads_nobody_states_no_reason(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(path()).status_code == 403
    assert fill_in(site, reader, path(), **REASON).status_code == 403


def test_an_address_that_names_no_person_is_none(site: Site) -> None:
    assert site.client(MINE).get("/parcours/CE-1/motif").status_code == 404


def test_whoever_guesses_is_slowed_and_stopped(tmp_path: Path, other: Reader) -> None:
    with a_site(tmp_path, volume_other_slow_per_hour=2, volume_other_stop_per_day=4) as site:
        answers = [fill_in(site, other, path(UNKNOWN[:-1] + digit), **REASON) for digit in "0123456"]
        after = shown(site.client(other).get(path()))

    assert [answer.status_code for answer in answers] == [303, 303, 429, 429, 403, 403, 403]
    assert "Consultations trop rapprochées" in shown(answers[2], 429)
    assert "Votre accès aux personnes est arrêté" in after


def test_the_reason_of_a_search_is_stated_for_whom_it_found_by_one_press(site: Site, other: Reader) -> None:
    text = 'Elle est "au guichet" & <attend>.'
    given = {"nom": "Lefèvre", "naissance": "12/03/1985", "motif": "emergency", "texte": text}
    found = fill_in(site, other, "/recherche", **given)
    assert site.client(other).get(f"/parcours/{PERSON}").status_code == 403, "a search opens nobody's pathway"
    assert "son référent en est averti" in shown(found)
    assert f'href="{path()}"' in found.text, "another reason may be stated"

    form = re.search(rf'<form method="post" action="{path()}".*?</form>', found.text, re.DOTALL)
    assert form
    assert "Ouvrir pour ce motif le parcours de LEFÈVRE Zoé" in text_of(form[0])
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[0])}
    stated = site.client(other).post(path(), data=fields)

    assert (stated.status_code, stated.headers["Location"]) == (303, f"/parcours/{PERSON}")
    assert site.client(other).get(stated.headers["Location"]).status_code == 200
    (entry,) = logged(site.hub.store, reader_id=other.reader_id, kind="break_glass")
    assert (entry.code, entry.through) == ("emergency", "POST /parcours/{person_id}/motif")
    referent = shown(site.client(MINE._replace(reader_id="referent")).get("/accueil"))
    assert "Consultation motivée de Cap emploi : urgence" in referent


def test_a_search_without_a_reason_offers_to_open_nobody_for_one(site: Site) -> None:
    found = fill_in(site, AUDITOR, "/recherche", nom="Lefèvre", naissance="12/03/1985")

    assert "1 personne trouvée" in shown(found)
    assert "pour ce motif" not in found.text
