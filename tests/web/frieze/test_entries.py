"""What the list says under an event: nothing twice, nothing lost because other words hold the same letters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseUpdated
from hub.web.frieze.entries import entries_of, unsaid
from hub.web.frieze.notes import Note
from hub.web.words import NBSP
from tests.unit.pathway.builders import CE, FT, event, registered
from tests.web.frieze.views import view_of

TODAY = date(2021, 4, 15)


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        (("Version", "2"), "version 12 du 2 mars"),
        (("Catégorie", "1"), "version 12 du 2 mars"),
        (("Catégorie", "1"), "à partir du 1 mars, catégorie 12"),
        (("Durée", "2 mois"), "12 mois"),
        (("Contrat", "CDI"), "reprise d’un CDIR"),
    ],
)
def test_a_value_within_other_words_is_told(field: tuple[str, str], detail: str) -> None:
    assert unsaid([field], detail, []) == [field]
    assert unsaid([field], "", [Note("value", detail)]) == [field]


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        (("Version", "12"), "version 12 du 2 mars"),
        (("Version", "12"), f"Version{NBSP}12"),
        (("Mode", "téléphone"), "honoré, téléphone, à distance"),
        (("Fin prévue", "2 mars 2021"), "jusqu’au 2 mars 2021"),
        (("Titre", "RQTH (2021)"), "RQTH (2021), renouvelé"),
    ],
)
def test_what_is_said_already_is_not_told_again(field: tuple[str, str], detail: str) -> None:
    assert unsaid([field], detail, []) == unsaid([field], "", [Note("value", detail)]) == []


def test_the_hour_of_an_appointment_is_told() -> None:
    fields: dict[str, Any] = {"appointment_id": "R-1", "status": "planned", "mode": "phone", "place": "remote"}
    meeting = event(AppointmentRecorded, "2021-02-03", FT, starts_at="2021-02-10T14:05:00+01:00", **fields)
    shown = view_of([registered(), meeting])

    entry = next(each for each in entries_of(shown, shown.timeline, TODAY) if each.event_id == meeting.meta.event_id)

    assert ("Heure", f"14{NBSP}h{NBSP}05") in entry.fields


def test_missing_numbers_of_a_case_record_are_told_in_words() -> None:
    shown = view_of([registered(), *(event(CaseUpdated, "2021-03-01", CE, sequence=number) for number in (5, 50))])

    notes = [note.text for each in entries_of(shown, shown.timeline, TODAY) for note in each.notes]

    assert any("numéro 6 à 49" in text for text in notes)
    assert not any("#" in text for text in notes)
