"""The whole ledger verified from a page, part by part, and compared with what an auditor noted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from hub.domain.access import Reader
from hub.domain.events.case import CaseUpdated
from hub.errors import StoreUnavailable
from hub.ledger.database import writing
from hub.web.audit.ledger import shortened
from hub.web.pages import audit_ledger
from tests.integration.hubs import take
from tests.unit.pathway.builders import FT, event, registered
from tests.web.finding import AUDITOR, DPO, MANAGER, MINE, OPERATOR, errors_of, fill_in, main_of, shown
from tests.web.sites import Site, a_site

PATH = "/audit/registre"
EVENTS = 11


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve a ledger of eleven entries, four of which are verified at once."""
    monkeypatch.setattr("hub.web.pages.audit_ledger.PART", 4)
    with a_site(tmp_path) as running:
        take(running.hub, [registered(FT), *(event(CaseUpdated, case=FT) for _ in range(EVENTS - 1))])
        yield running


def tampered(site: Site, statement: str) -> None:
    """Change the store behind the hub's back."""
    with writing(site.hub.store) as connection:
        for name in connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all():
            connection.execute(text(f'drop trigger "{name}"'))
        connection.execute(text(statement))


def carried(answer: httpx2.Response) -> dict[str, str]:
    """Give what the form to go on carries."""
    return dict(re.findall(r'name="(depuis|constats)" value="(\d+)"', answer.text))


def walked(site: Site) -> list[str]:
    """Go on to the end, and give what each page says."""
    said: list[str] = []
    carry: dict[str, str] = {}
    while not said or carry:
        answer = fill_in(site, AUDITOR, f"{PATH}/suite", **carry)
        said.append(shown(answer))
        carry = carried(answer)
    return said


def noted(site: Site) -> dict[str, str]:
    """Give what the page says to note."""
    found = re.findall(r"<dd[^>]*>(.*?)</dd>", main_of(site.client(AUDITOR).get(PATH)), re.DOTALL)
    entries, digest = (html.unescape(re.sub(r"<[^>]*>", "", each)).strip() for each in found)
    return {"entrees": entries, "empreinte": digest}


@pytest.mark.parametrize("reader", [MINE, MANAGER, OPERATOR])
def test_it_is_for_who_watches_over_reading(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(PATH).status_code == 403
    assert fill_in(site, reader, f"{PATH}/suite").status_code == 403
    assert fill_in(site, reader, f"{PATH}/comparaison", entrees="1", empreinte="0" * 32).status_code == 403


@pytest.mark.parametrize("reader", [AUDITOR, DPO])
def test_it_is_led_to_and_says_what_the_ledger_alone_cannot_show(site: Site, reader: Reader) -> None:
    assert f'href="{PATH}"' in site.client(reader).get("/audit").text
    said = shown(site.client(reader).get(PATH))
    assert "le registre seul ne peut pas le montrer" in said
    assert f"nombre d’entrées {EVENTS} " in said


def test_all_of_it_is_verified_part_by_part(site: Site) -> None:
    first, second, third = walked(site)
    assert "4 entrées vérifiées (positions 1 à 4)" in first
    assert "4 entrées vérifiées sur 11. Aucune anomalie depuis le début." in first
    assert "Continuer à partir de l’entrée 5" in first
    assert "(positions 5 à 8)" in second
    assert "3 entrées vérifiées (positions 9 à 11)" in third
    assert "Tout le registre a été vérifié." in third


@pytest.mark.parametrize(
    ("statement", "finding", "place"),
    [
        ("update ledger set partition = partition + 1 where position = 6", "à la position 6 a été modifiée", 1),
        ("delete from ledger where position = 2", "1 entrée manque", 0),
        ("delete from ledger where position = 5", "1 entrée manque", 1),
    ],
)
def test_what_is_wrong_is_said_in_its_part_and_counted_to_the_end(
    site: Site, statement: str, finding: str, place: int
) -> None:
    tampered(site, statement)
    said = walked(site)

    assert [finding in each for each in said] == [number == place for number in range(3)]
    assert "1 anomalie trouvée depuis le début." in said[-1]
    assert "Tout le registre a été vérifié." in said[-1]


def test_what_was_noted_is_found_again_while_the_ledger_grows(site: Site) -> None:
    before = noted(site)
    take(site.hub, [event(CaseUpdated, case=FT), event(CaseUpdated, case=FT)])

    said = shown(fill_in(site, AUDITOR, f"{PATH}/comparaison", **before))
    assert "intact" in said
    assert "L’entrée 11 est celle que vous aviez notée. Depuis : 2 entrées de plus." in said
    spread = {"entrees": " 11 ", "empreinte": before["empreinte"].replace(" ", "").upper()}
    assert "intact" in shown(fill_in(site, AUDITOR, f"{PATH}/comparaison", **spread))


def _cut(site: Site) -> None:
    tampered(site, "delete from ledger where position > 9")


def _rewritten(site: Site) -> None:
    _cut(site)
    tampered(site, "update sequencer set next_position = 10")
    take(site.hub, [event(CaseUpdated, case=FT) for _ in range(5)])


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (_cut, "Des entrées manquent à la fin : elles ont été"),
        (_rewritten, "La suite n’est plus celle que vous aviez notée."),
    ],
)
def test_a_tail_that_was_cut_is_whole_by_itself_and_not_what_was_noted(
    site: Site, change: Callable[[Site], Any], finding: str
) -> None:
    before = noted(site)
    change(site)

    assert "Aucune anomalie" in walked(site)[-1]
    assert finding in shown(fill_in(site, AUDITOR, f"{PATH}/comparaison", **before))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"entrees", "empreinte"}),
        ({"entrees": "-1", "empreinte": "0" * 32}, {"entrees"}),
        ({"entrees": "9" * 17, "empreinte": "0" * 32}, {"entrees"}),
        ({"entrees": "3", "empreinte": "g" * 32}, {"empreinte"}),
        ({"entrees": "3", "empreinte": "<b>"}, {"empreinte"}),
    ],
)
def test_what_was_noted_wrongly_is_said_by_field(site: Site, fields: dict[str, str], wrong: set[str]) -> None:
    answer = fill_in(site, AUDITOR, f"{PATH}/comparaison", **fields)
    shown(answer, 422)
    assert errors_of(answer).keys() == wrong
    assert "<b>" not in main_of(answer)


@pytest.mark.parametrize("fields", [{"depuis": "-1"}, {"depuis": "x"}, {"depuis": "9" * 20}, {"constats": "-2"}])
def test_a_position_that_is_none_is_refused(site: Site, fields: dict[str, str]) -> None:
    assert fill_in(site, AUDITOR, f"{PATH}/suite", **fields).status_code == 422


def test_entries_that_go_while_it_is_verified_are_missed(site: Site) -> None:
    _cut(site)
    said = shown(fill_in(site, AUDITOR, f"{PATH}/suite", depuis=str(EVENTS)))
    assert "Vous aviez vérifié 11 entrées, le registre n’a plus que 9 entrées. Des entrées manquent à la fin : " in said
    assert said.count("ont été retirées") == 1


def test_one_part_is_verified_at_a_time_and_who_has_to_wait_goes_on_where_they_were(site: Site) -> None:
    carry = carried(fill_in(site, AUDITOR, f"{PATH}/suite"))
    with audit_ledger.VERIFYING:
        first = fill_in(site, AUDITOR, f"{PATH}/suite")
        refused = fill_in(site, AUDITOR, f"{PATH}/suite", **carry)

    assert "Une autre vérification est en cours" in shown(first, 503)
    assert carried(first) == {}
    assert "Une autre vérification est en cours" in shown(refused, 503)
    assert refused.headers["retry-after"] == "5"
    assert carried(refused) == carry == {"depuis": "4", "constats": "0"}
    assert "(positions 5 à 8)" in shown(fill_in(site, AUDITOR, f"{PATH}/suite", **carry))


def test_a_verification_that_fails_lets_the_next_one_begin(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise StoreUnavailable("the store went away")

    with monkeypatch.context() as broken:
        broken.setattr(audit_ledger, "verify_ledger", fails)
        assert fill_in(site, AUDITOR, f"{PATH}/suite").status_code == 503
    assert "(positions 1 à 4)" in shown(fill_in(site, AUDITOR, f"{PATH}/suite"))


def test_a_single_entry_that_was_verified_and_is_gone_is_said_of_one() -> None:
    said = shortened(1, 0).text
    assert said.replace("\u00a0", " ") == "Vous aviez vérifié 1 entrée, le registre n’a plus que 0 entrée."


def test_an_empty_ledger_has_nothing_to_note(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        assert "Le registre est vide." in shown(site.client(AUDITOR).get(PATH))
        assert "Il est vide." in shown(fill_in(site, AUDITOR, f"{PATH}/suite"))
