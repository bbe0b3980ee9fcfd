"""What the person's sheet says of strangers who saw them beside their own people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.domain.access import Reader
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.hubs import SteppingClock, take
from tests.unit.pathway.builders import CE, FT, event, moment, registered
from tests.web.sites import a_site

STRANGER = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17", organisation="ft-69")
THEIR_OWN = Reader("theirs", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")


def of_adviser(key: CaseKey, adviser: str, **names: Any) -> list[Any]:
    """Give a record that is almost another's, and whose it is."""
    who: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-01", "birth_place": "69001", "site": "69123"}
    since = "2021-01-11"
    named: dict[str, Any] = {"adviser": adviser, "role": "referent", "from_date": since, "site": "69123"}
    return [registered(key, "2020-03-02", **who, **names), event(ReferentAssigned, since, key, **named)]


def test_a_stranger_who_was_shown_a_pair_with_the_person_is_told_to_them(tmp_path: Path) -> None:
    pair = [
        *of_adviser(FT, "A-17", family_name="Durand"),
        *of_adviser(CE, "C-4", family_name="Durande", birth_name="Roux"),
    ]
    clock = SteppingClock(moment("2021-04-15T12:00:00Z"))
    with a_site(tmp_path, clock=clock) as site:
        take(site.hub, pair)
        own, theirs = (f"/parcours/{pair[place].meta.event_id}/fiche" for place in (0, 2))
        client = site.client(STRANGER)
        for _ in range(2):
            assert "DURANDE" in client.get("/rapprochements").text

        sheet, of_own = (
            reader.get(path).text.replace("\N{NO-BREAK SPACE}", " ")
            for reader, path in ((site.client(THEIR_OWN), theirs), (client, own))
        )

    assert "Un conseiller de France Travail a regardé 2 fois." in sheet
    assert "Pourquoi : pour savoir si vous étiez déjà connu." in sheet
    assert "des listes de travail" not in sheet
    assert "Votre nom apparaît aussi dans des listes de travail." in of_own
    assert "fois." not in of_own
