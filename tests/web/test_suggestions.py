"""Links on pages: pairs side by side, decided once however often a form is sent, undone, and told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseRegistered
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.link import PairDecision
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.errors import LogUnavailable
from hub.ledger.database import reading, writing
from hub.producers.publisher import Publisher
from hub.projections import generations, records
from hub.web.find.references import address
from hub.web.rendering import Renderer
from tests.integration.apis import Noted
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, folder, take
from tests.unit.pathway.builders import OPS, event, moment, registered
from tests.web.finding import (
    AUDITOR,
    DPO,
    HOSTILE,
    LEAD,
    MANAGER,
    MINE,
    OTHER,
    UNKNOWN,
    errors_of,
    fill_in,
    hidden,
    hrefs,
    last,
    main_of,
    shown,
)
from tests.web.sites import Site, a_site

PATH = "/rapprochements"
COLLEAGUE = MINE._replace(reader_id="colleague")
"""The same adviser's id in another login: two people at one desk."""
PAIRS = 12
LINK = {"action": "rapprocher", "preuve": "confirmed_by_person"}
REJECT = {"action": "ecarter", "pourquoi": "Ce sont des jumelles."}
UNLINK = {"action": "dissocier", "raison": "different_people"}


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def ce(number: int) -> CaseKey:
    return CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")


def near(number: int, adviser: str = "A-17", **theirs: Any) -> list[Event]:
    """Give somebody of an adviser's at France Travail, and a record at Cap emploi that is almost alike."""
    name, since = f"Personne{chr(96 + number) * 3}", "2021-01-11"
    who: dict[str, Any] = {"given_name": "Zoé", "birth_date": f"1985-03-{number:02d}", "birth_place": f"690{number:02}"}
    return [
        registered(ft(number), family_name=name, site="69123", **who),
        registered(ce(number), "2020-03-02", **{"family_name": f"{name}e", "birth_name": "Roux", **who, **theirs}),
        event(ReferentAssigned, since, ft(number), adviser=adviser, role="referent", from_date=since, site="69123"),
    ]


def history() -> list[Event]:
    made = [each for number in range(1, PAIRS + 1) for each in near(number)]
    stranger = near(13, "A-99", family_name=HOSTILE)
    hostile = near(14, family_name="Personnennn" + HOSTILE[:8])
    return [*made, *stranger, *hostile, event(DiagnosisCompleted, "2021-02-01", ce(1), themes=["zz"], needs="Fauteuil")]


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


class TickingClock:
    """A clock that moves a little each time, and more when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """Give the time."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


@pytest.fixture(scope="module")
def clock() -> TickingClock:
    return TickingClock(moment("2021-04-15T12:00:00Z"))


@pytest.fixture(scope="module")
def site(noted: Noted, clock: TickingClock) -> Iterator[Site]:
    with folder() as path, a_site(path, recorder=noted, clock=clock) as running:
        take(running.hub, history())
        yield running


def where(site: Site, number: int, reader: Reader = MINE, other: CaseKey | None = None) -> str:
    """Give the address of a pair for a reader."""
    with reading(site.hub.store) as connection:
        tables = generations.live(connection)
        found = records.named(connection, tables, {ft(number), other or ce(number)})
    first, second = (row.subject_ref for row in found.values())
    return address(site.api.services.cursor_key, reader, (first, second))


def open_pair(site: Site, path: str, reader: Reader = MINE) -> httpx2.Response:
    answer = site.client(reader).get(path)
    shown(answer)
    return answer


def decide(site: Site, path: str, fields: dict[str, str], reader: Reader = MINE) -> httpx2.Response:
    """Take a decision from a page just opened, and let a worker take it in; gives the page that follows."""
    sent = fill_in(site, reader, path, **hidden(open_pair(site, path, reader)), **fields)
    assert sent.status_code == 303, sent.text
    consume(site.hub)
    return site.client(reader).get(sent.headers["Location"])


def decisions(site: Site, number: int) -> list[Event]:
    """Give the decisions in the ledger about a pair."""
    return [
        each
        for each in ledger_of(site.hub)
        if isinstance(each, PairDecision) and ft(number) in {each.left.key, each.right.key}
    ]


def test_pairs_are_listed_a_few_at_a_time_with_what_they_have_in_common(tmp_path: Path) -> None:
    noted = Noted()
    with a_site(tmp_path, recorder=noted, clock=TickingClock(moment("2021-04-15T12:00:00Z"))) as site:
        take(site.hub, history())
        _list_pairs(site, noted)


def _list_pairs(site: Site, noted: Noted) -> None:
    seen: list[str] = []
    page = site.client(MINE).get(PATH)
    said = shown(page)
    assert "PERSONNEAAA Zoé" in said
    assert "En commun : noms proches, même date de naissance" in said
    assert "personne que vous accompagnez" in said
    _, entry = last(noted)
    assert entry.kind == "list"
    counted = [str(each.counted) for each in entry.people.values()]
    assert (counted.count("other"), counted.count("own")) == (5, 0)
    while True:
        seen += hrefs(page, f"{PATH}/")
        following = re.search(rf'rel="next" href="({PATH}\?page=[^"]+)"', page.text)
        if following is None:
            break
        page = site.client(MINE).get(following[1])
    assert len(set(seen)) == len(seen) == PAIRS + 1


def test_a_page_that_the_hub_did_not_write_is_none(site: Site) -> None:
    assert site.client(MINE).get(PATH, params={"page": "AAAA"}).status_code == 422


def test_two_records_stand_side_by_side_trait_by_trait_without_health(site: Site, noted: Noted) -> None:
    answer = open_pair(site, where(site, 1))

    said = shown(answer)
    assert "Nom d’usage Personneaaae Personneaaa proche" in said
    assert "Nom de naissance Roux non indiqué absent" in said
    assert "Prénom Zoé Zoé identique" in said
    assert "Date de naissance 01/03/1985 01/03/1985 identique" in said
    assert "Numéro CE-1 (organisme 440 220 135 00014) Dossier ouvert Ouvert le 2 mars 2020 Site 69244" in said
    assert "Fauteuil" not in answer.text
    _, entry = last(noted)
    assert sorted(str(each.counted) for each in entry.people.values()) == ["other", "own"]


def test_a_closed_record_says_when_it_was_opened_and_when_it_was_closed(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted(), clock=TickingClock(moment("2021-04-15T12:00:00Z"))) as own:
        take(own.hub, [*near(1), event(CaseClosed, "2021-02-03", ce(1), motive="moved")])
        said = shown(open_pair(own, where(own, 1)))

    assert "Dossier clos Ouvert le 2 mars 2020 Clos le 3 février 2021 Site 69244" in said


def test_the_address_of_a_pair_tells_nothing_and_is_its_readers_own(site: Site) -> None:
    path = where(site, 1)

    assert "CE-1" not in path
    assert path == where(site, 1)
    assert path != where(site, 1, COLLEAGUE)
    assert site.client(COLLEAGUE).get(path).status_code == 403


def test_a_link_is_taken_under_the_advisers_name_and_undone_from_where_it_was_taken(site: Site) -> None:
    path = where(site, 12)
    page = open_pair(site, path)
    sent = fill_in(site, MINE, path, **hidden(page), **LINK, precision="Vues ensemble.")
    waiting = site.client(MINE).get(sent.headers["Location"])
    assert "Votre décision est enregistrée Elle prend effet dans quelques secondes" in shown(waiting)
    assert "<form method" not in main_of(waiting), "nothing is decided twice meanwhile"
    consume(site.hub)

    linked = site.client(MINE).get(sent.headers["Location"])
    assert "Ces deux dossiers forment un seul parcours" in shown(linked)
    assert "par vous – confirmé par la personne" in shown(linked)
    (decision,) = decisions(site, 12)
    assert (decision.meta.network, decision.meta.actor_id) == ("france_travail", "A-17")

    undone = decide(site, path, UNLINK)
    assert "Ces deux dossiers sont tenus à part Dossiers dissociés" in shown(undone)
    assert "– deux personnes distinctes" in shown(undone)
    listed = site.client(MINE).get(PATH)
    assert path not in hrefs(listed, f"{PATH}/", before="Décisions récentes"), "nobody is asked again what is decided"
    again = decide(site, path, LINK)
    assert "Ces deux dossiers forment un seul parcours" in shown(again)
    assert len(decisions(site, 12)) == 3


def test_what_became_of_another_event_is_not_told(site: Site) -> None:
    plain = open_pair(site, where(site, 8))

    registered_ids = [each.meta.event_id for each in ledger_of(site.hub) if isinstance(each, CaseRegistered)]
    for event_id in (*registered_ids, UNKNOWN):
        asked = site.client(MINE).get(where(site, 8), params={"decision": event_id})
        assert shown(asked) == shown(plain)


def test_the_pathway_page_leads_to_where_a_link_is_undone(site: Site) -> None:
    path = where(site, 11)
    decide(site, path, LINK)
    (pathway, *_) = hrefs(open_pair(site, path), "/parcours/")

    page = site.client(MINE).get(pathway, params={"liste": "liens"})

    assert path in hrefs(page, f"{PATH}/")
    assert "Revoir ou annuler ce rapprochement" in page.text


def test_decisions_of_late_are_listed_and_lead_to_where_they_are_undone(site: Site) -> None:
    path = where(site, 3)
    decide(site, path, LINK)

    listed = site.client(MINE).get(PATH)

    assert "Dossiers rapprochés : PERSONNECCC" in shown(listed).replace("PERSONNECCCE", "PERSONNECCC")
    assert "par vous – confirmé par la personne" in shown(listed)
    assert path in hrefs(listed, f"{PATH}/")
    assert "Dissocier les dossiers" in shown(open_pair(site, path))
    assert "Dossiers rapprochés" not in shown(site.client(OTHER).get(PATH))


def test_a_decision_is_listed_however_many_people_of_the_caseload_come_first(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted(), clock=TickingClock(moment("2021-04-15T12:00:00Z"))) as site:
        take(site.hub, near(1))
        path = where(site, 1)
        decide(site, path, LINK)
        _put_first(site, 600)

        assert path in hrefs(site.client(MINE).get(PATH), f"{PATH}/")


def test_a_page_of_pairs_is_not_empty_for_a_hundred_people_without_any(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted(), clock=TickingClock(moment("2021-04-15T12:00:00Z"))) as site:
        take(site.hub, near(1))
        _put_first(site, 120)

        page = site.client(MINE).get(PATH)
        assert "PERSONNEAAA Zoé" in shown(page)
        assert "Page suivante" not in page.text


def _put_first(site: Site, people: int) -> None:
    """Tie people to the adviser whose numbers come before those of all others."""
    with writing(site.hub.store) as connection:
        table = generations.live(connection).models["accompaniment"]
        row = connection.execute(select(table).where(table.c.adviser == "A-17")).first()
        assert row is not None
        made = [row._asdict() | {"pathway_no": -number} for number in range(1, people + 1)]
        connection.execute(insert(table), made)


def test_a_rejected_pair_is_not_proposed_again_and_a_link_takes_that_back(site: Site) -> None:
    path = where(site, 4)

    rejected = decide(site, path, REJECT)

    assert "Cette paire n’est plus proposée" in shown(rejected)
    assert "Écarter ce rapprochement" not in shown(rejected)
    assert "PERSONNEDDD Zoé et" not in shown(site.client(MINE).get(PATH))
    assert "forment un seul parcours" in shown(decide(site, path, LINK))


def test_a_form_sent_twice_is_one_decision(site: Site) -> None:
    path = where(site, 5)
    form = hidden(open_pair(site, path))

    with ThreadPoolExecutor(4) as senders:
        sent = list(senders.map(lambda _: fill_in(site, MINE, path, **form, **REJECT), range(4)))
    consume(site.hub)
    late = fill_in(site, MINE, path, **form, **REJECT)

    assert {each.status_code for each in [*sent, late]} == {303}
    assert len({each.headers["Location"] for each in [*sent, late]}) == 1
    assert len(decisions(site, 5)) == 1


@pytest.mark.parametrize("is_taken_in", [False, True])
@pytest.mark.parametrize("second", [REJECT, LINK | {"preuve": "documents"}, {"action": "rapprocher"}])
def test_a_form_sent_again_with_something_else_says_that_the_first_decision_stands(
    tmp_path: Path, second: dict[str, str], is_taken_in: bool
) -> None:
    with a_site(tmp_path, recorder=Noted()) as site:
        take(site.hub, near(1))
        path = where(site, 1)
        form = hidden(open_pair(site, path))
        first = fill_in(site, MINE, path, **form, **LINK)
        if is_taken_in:
            consume(site.hub)
        other = fill_in(site, MINE, path, **form, **second)
        consume(site.hub)

        assert {first.status_code, other.status_code} == {303}
        said = shown(site.client(MINE).get(other.headers["Location"]))
        assert "Votre première décision est conservée" in said
        assert "Ces deux dossiers forment un seul parcours" in said
        assert "première décision" not in shown(site.client(MINE).get(first.headers["Location"]))
        assert len(decisions(site, 1)) == 1


def test_of_two_windows_that_send_one_form_at_once_the_one_that_lost_is_told(site: Site) -> None:
    path = where(site, 9)
    form = hidden(open_pair(site, path))

    with ThreadPoolExecutor(2) as senders:
        sent = list(senders.map(lambda fields: fill_in(site, MINE, path, **form, **fields), (LINK, REJECT)))
    consume(site.hub)

    told = [shown(site.client(MINE).get(each.headers["Location"])) for each in sent]
    assert sum("Votre première décision est conservée" in each for each in told) == 1
    assert len(decisions(site, 9)) == 1


def test_a_form_shown_again_leaves_other_readers_their_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    within_loop: list[bool] = []
    page = Renderer.page

    def noting(*args: Any, **options: Any) -> Any:
        within_loop.append(asyncio._get_running_loop() is not None)
        return page(*args, **options)

    monkeypatch.setattr(Renderer, "page", noting)
    path = where(site, 11)
    sent = fill_in(site, MINE, path, **hidden(open_pair(site, path)), action="rapprocher")

    assert sent.status_code == 422
    assert within_loop == [False, False]


def _has_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def test_what_was_decided_meanwhile_is_shown_before_another_decision(site: Site) -> None:
    path = where(site, 6)
    mine = hidden(open_pair(site, path))
    decide(site, where(site, 6, COLLEAGUE), REJECT, COLLEAGUE)

    late = fill_in(site, MINE, path, **mine, **LINK)

    said = shown(late, 409)
    assert "La situation a changé pendant que vous lisiez cette page" in said
    assert "Votre choix n’a pas été enregistré" in said
    assert "Cette paire n’est plus proposée" in said
    consume(site.hub)
    assert len(decisions(site, 6)) == 1
    unwritten = fill_in(site, MINE, path, **mine, action="ecarter")
    assert "erreur à corriger" not in shown(unwritten, 409), "the form is another one now"
    assert "autofocus" in unwritten.text
    assert fill_in(site, MINE, path, **hidden(late), **LINK).status_code == 303


def test_a_decision_that_the_log_did_not_confirm_is_not_told_to_be_taken_and_can_be_taken_again(
    site: Site, clock: TickingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = where(site, 7)
    form = hidden(open_pair(site, path))

    def away(*_: Any) -> None:
        raise LogUnavailable("the log does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(Publisher, "append", away)
        assert "n’a pas été confirmé" in shown(fill_in(site, MINE, path, **form, **REJECT), 429)
        again = fill_in(site, MINE, path, **form, **REJECT)
    sending = site.client(MINE).get(again.headers["Location"])
    assert "en cours d’enregistrement" in shown(sending)
    assert "<form method" not in main_of(sending)
    clock.moment += timedelta(seconds=61)
    unconfirmed = site.client(MINE).get(again.headers["Location"])
    assert "n’a pas été confirmé" in shown(unconfirmed)

    assert fill_in(site, MINE, path, **hidden(unconfirmed), **REJECT).status_code == 303
    consume(site.hub)
    assert len(decisions(site, 7)) == 1


def test_nothing_is_lost_where_no_slot_was_free(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = where(site, 10)
    form = hidden(open_pair(site, path))

    def busy(*_: Any) -> None:
        raise LogUnavailable("others publish too much at once")

    with monkeypatch.context() as broken:
        broken.setattr(site.api.services.submissions, "submit", busy)
        assert fill_in(site, MINE, path, **form, **REJECT).status_code == 429
    assert fill_in(site, MINE, path, **form, **REJECT).status_code == 303
    consume(site.hub)
    assert len(decisions(site, 10)) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"action": "rapprocher"}, {"preuve": "même personne"}),
        ({"action": "rapprocher", "preuve": "hunch"}, {"preuve": "même personne"}),
        ({**LINK, "precision": "é" * 4_000}, {"precision": "1000 caractères au plus"}),
        ({"action": "ecarter"}, {"pourquoi": "deux personnes"}),
        ({**REJECT, "pourquoi": "a\u2066b"}, {"pourquoi": "ne s’affichent pas"}),
        ({"action": "dissocier"}, {"raison": "séparer"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_decided(
    site: Site, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    number = 2 if fields["action"] == "dissocier" else 8
    path = where(site, number)
    if number == 2 and "Dissocier" not in shown(open_pair(site, path)):
        decide(site, path, LINK)
    before = len(decisions(site, number))

    answer = fill_in(site, MINE, path, **hidden(open_pair(site, path)), **fields)

    shown(answer, 422)
    found = errors_of(answer)
    assert found.keys() == wrong.keys()
    assert all(text in found[field] for field, text in wrong.items())
    consume(site.hub)
    assert len(decisions(site, number)) == before


@pytest.mark.parametrize("fields", [{"formulaire": "zz"}, {"formulaire": "00"}, {"left": "CE-1"}])
def test_a_form_that_is_not_the_pages_is_refused(site: Site, fields: dict[str, str]) -> None:
    path = where(site, 8)
    form = {**hidden(open_pair(site, path)), **LINK, **fields}

    assert fill_in(site, MINE, path, **form).status_code == 422


def test_nobody_sees_pairs_of_strangers_nor_learns_that_they_exist(site: Site, noted: Noted) -> None:
    paths = [
        where(site, 13),
        where(site, 1, OTHER),
        where(site, 1, COLLEAGUE),
        where(site, 1)[:-2] + "AA",
        where(site, 1, other=ce(13)),
    ]
    readers = [MINE, OTHER, MINE, MINE, MINE]

    answers = [site.client(reader).get(path) for reader, path in zip(readers, paths, strict=True)]
    form = hidden(open_pair(site, where(site, 8)))
    sent = [fill_in(site, MINE, path, **form, **LINK) for path in paths[2:]]

    assert {answer.status_code for answer in [*answers, *sent]} == {403}
    mains = {re.sub(r"<code>.*?</code>", "", main_of(answer)) for answer in [*answers, *sent]}
    assert len({re.sub(r'href="/[^"]*"', "", main) for main in mains}) == 1
    _, entry = last(noted)
    assert (entry.kind, entry.is_refused) == ("decide", True)


def test_an_address_that_no_pair_can_have_leads_nowhere(site: Site) -> None:
    for path in (f"{PATH}/abc", where(site, 1)[:-1], f"{where(site, 1)}a"):
        answer = site.client(MINE).get(path)
        assert (answer.status_code, "Page introuvable" in answer.text) == (404, True)


@pytest.mark.parametrize("reader", [AUDITOR, DPO, MANAGER])
def test_only_who_accompanies_people_sees_links(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(PATH).status_code == 403
    assert site.client(reader).get(where(site, 1, reader)).status_code == 403


def test_a_lead_without_an_advisers_id_compares_and_decides_nothing(site: Site) -> None:
    path = where(site, 9, LEAD)

    page = open_pair(site, path, LEAD)

    assert "Vous ne pouvez pas décider" in shown(page)
    assert "<form method" not in main_of(page)
    form = {"formulaire": "0" * 32, "etat": "0:"}
    assert fill_in(site, LEAD, path, **form, **LINK).status_code == 403


def test_hostile_names_are_shown_and_not_obeyed(site: Site) -> None:
    answer = open_pair(site, where(site, 14))

    assert "<script" not in main_of(answer)
    assert "&lt;script" in answer.text


def test_each_name_of_a_pair_is_apart_from_the_words_around_it(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted(), clock=TickingClock(moment("2021-04-15T12:00:00Z"))) as own:
        take(own.hub, near(1))
        page = main_of(own.client(MINE).get(PATH))

    titles = re.findall(r"<h3>(.*?)</h3>", page)
    assert [bool(re.fullmatch(r"<bdi>[^<]+</bdi> et <bdi>[^<]+</bdi>", title)) for title in titles] == [True]
    assert page.count(titles[0]) == 2


def test_nobody_has_anything_to_look_at_who_accompanies_nobody(site: Site) -> None:
    said = shown(site.client(OTHER).get(PATH))

    assert "Aucun rapprochement à examiner" in said
    assert "Aucune décision" in said
