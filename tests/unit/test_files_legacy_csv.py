"""Rows of the legacy flat file: the events they become, and what is refused, column by column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from hub.domain.events.base import Event
from hub.domain.events.case import CaseRegistered, CaseUpdated
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.order import order_key
from hub.producers.files.lines import Defect, Reading
from tests.unit.legacy_rows import ROW, defects, read

GOLDEN = {
    "CaseRegistered": "e6df6570-be0b-8fa9-b549-93524a863481",
    "CaseUpdated": "985138e0-6c55-8d6a-a92c-aedd12b1f13d",
    "DisabilityTitleRecorded": "aaa9732e-f36c-8887-938a-27cc5ce1d007",
    "ReferentAssigned": "34ac1b43-d763-8f31-af88-56cf9911505a",
    "DelegationProposed": "742a0e51-10ab-803b-9271-615765a055bd",
}


def said(reading: Reading) -> dict[str, Event]:
    assert not reading.defects
    return {type(event).__name__: event for event in reading.events}


def only_update(**cells: str) -> CaseUpdated:
    event = said(read(**cells))["CaseUpdated"]
    assert isinstance(event, CaseUpdated)
    return event


def test_a_full_row_becomes_all_that_it_says() -> None:
    registered, updated, title, referent, delegation = read().events
    assert isinstance(registered, CaseRegistered)
    assert registered.model_dump(exclude={"meta"}, exclude_none=True) == {"traits": {}, "public": "job_seeker"}
    assert registered.meta.occurred_at == registered.meta.recorded_at == datetime(2020, 1, 5, 23, 0, tzinfo=UTC)
    assert registered.meta.site is None
    assert isinstance(updated, CaseUpdated)
    assert updated.model_dump(exclude={"meta"}, exclude_none=True) == {
        "traits": {
            "family_name": "Lefèvre",
            "given_name": "Zoé",
            "birth_date": date(1980, 5, 17),
            "birth_place": "69381",
        },
        "contact": {"email": "zoe@exemple.fr", "phone": "0400000000", "commune": "01053"},
        "other_case": {"network": "cap_emploi", "scope": "35600000000048", "local_id": "CE-5"},
        "category": "1",
    }
    assert updated.meta.occurred_at == updated.meta.recorded_at == datetime(2021, 3, 1, 8, 30, tzinfo=UTC)
    assert updated.meta.site == "01234"
    assert isinstance(title, DisabilityTitleRecorded)
    assert (title.title, title.valid_from, title.valid_to) == ("rqth", date(2020, 6, 1), date(9999, 12, 31))
    assert isinstance(referent, ReferentAssigned)
    assert (referent.adviser, referent.role, referent.from_date) == ("A-17", "referent", date(2021, 2, 15))
    assert referent.meta.occurred_at == datetime(2021, 2, 14, 23, 0, tzinfo=UTC)
    assert isinstance(delegation, DelegationProposed)
    assert delegation.planned_end == date(2022, 2, 14)
    assert delegation.delegation_id.startswith("file-")


def test_the_same_row_gives_the_same_events_and_another_key_other_ids() -> None:
    assert read().events == read().events
    ids = {event.meta.event_id for event in read().events}
    assert len(ids) == 5
    assert ids.isdisjoint(event.meta.event_id for event in read(key="another").events)
    assert all(UUID(event_id).version == 8 for event_id in ids)


def test_an_id_stays_what_it_was_in_releases_before() -> None:
    """Changing what a row's events say, or how, publishes every file's events anew: never without need."""
    assert {name: event.meta.event_id for name, event in said(read()).items()} == GOLDEN


def test_the_order_of_columns_and_columns_left_out_change_no_event() -> None:
    turned = ";".join(reversed(ROW))
    assert read(header=turned).events == read().events
    without_null = ";".join(column for column in ROW if column != "nom_naissance")
    assert read(header=without_null).events == read().events


def test_a_row_that_changed_keeps_its_registration_and_states_the_rest_anew() -> None:
    before, after = said(read()), said(read(nom="Durand", code_safir="69001", date_maj="2021-04-01"))
    assert before["CaseRegistered"] == after["CaseRegistered"]
    for name in before.keys() - {"CaseRegistered"}:
        assert before[name].meta.event_id != after[name].meta.event_id
        assert order_key(before[name]) < order_key(after[name])


def test_another_planned_end_is_of_the_same_delegation_and_stands_after_the_earlier() -> None:
    before = said(read(suivi_fin_prev="2022-02-14", date_maj="2021-03-01"))["DelegationProposed"]
    after = said(read(suivi_fin_prev="2021-12-31", date_maj="2021-03-02"))["DelegationProposed"]
    assert isinstance(before, DelegationProposed)
    assert isinstance(after, DelegationProposed)
    assert before.delegation_id == after.delegation_id
    assert order_key(before) < order_key(after)


def test_a_follow_up_that_lies_ahead_is_stated_when_it_was_written_down() -> None:
    referent = said(read(suivi_debut="2021-09-01"))["ReferentAssigned"]
    assert isinstance(referent, ReferentAssigned)
    assert referent.meta.occurred_at == referent.meta.recorded_at == datetime(2021, 3, 1, 8, 30, tzinfo=UTC)
    assert referent.from_date == date(2021, 9, 1)


@pytest.mark.parametrize("unknown", ["", "NULL", "null", " Null ", '""'])
def test_null_and_empty_are_unknown(unknown: str) -> None:
    cells = dict.fromkeys(ROW.keys() - {"identifiant", "date_inscription", "date_maj"}, unknown)
    assert list(said(read(**cells))) == ["CaseRegistered"]


@pytest.mark.parametrize("structure", ["CE", "cap emploi", "Cap-Emploi", " CAP EMPLOI "])
def test_every_way_to_write_cap_emploi_is_a_delegation(structure: str) -> None:
    assert "DelegationProposed" in said(read(struct_suivi=structure))


@pytest.mark.parametrize("structure", ["FT", "PE", "Pôle emploi", "POLE EMPLOI", "France Travail", "NULL"])
def test_france_travails_own_follow_up_is_no_delegation(structure: str) -> None:
    reading = read(struct_suivi=structure)
    assert "DelegationProposed" not in said(reading)
    assert not reading.remarks


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"struct_suivi": "Mission locale"}, "struct_suivi"),
        ({"suivi_debut": "", "conseiller": ""}, "struct_suivi"),
        ({"suivi_debut": "", "struct_suivi": ""}, "conseiller"),
        ({"titre_debut": ""}, "titre_boe"),
        ({"siret_cap_emploi": ""}, "numero_cap_emploi"),
        ({"numero_cap_emploi": ""}, "numero_cap_emploi"),
        ({"date_inscription": ""}, "date_inscription"),
    ],
)
def test_what_a_row_holds_and_no_event_says_is_remarked(cells: dict[str, str], column: str) -> None:
    reading = read(**cells)
    assert reading.events
    assert [remark.field for remark in reading.remarks] == [column]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("code_safir", "1234", "SAFIR code has 4 digits; expected 5; leading zeros may have been stripped"),
        ("identifiant", "1234567890", "has 10 digits; expected 11; leading zeros may have been stripped"),
        ("identifiant", "123456789", "has 9 digits; expected 11; leading zeros may have been stripped"),
        ("identifiant", "123456789012", "has 12 digits; expected 11"),
        ("identifiant", "12345678", "without its region, or 11 digits of which leading zeros may have been stripped"),
        ("identifiant", "1234567Z", "without its region; expected"),
        ("identifiant", "1,23E+10", "malformed; expected 11 digits"),
        ("identifiant", "NULL", "unknown; no event can be made without it"),
        ("siret_cap_emploi", "3560000000048", "SIRET has 13 digits; expected 14; leading zeros may have been stripped"),
        ("siret_cap_emploi", "35600000000049", "SIRET of La Poste fails its check"),
        ("numero_cap_emploi", "é", "Cap emploi id is malformed"),
        ("commune_naissance", "1053", "has 4 digits; expected 5; leading zeros may have been stripped"),
        ("commune_residence", "2C004", "Insee commune code is malformed"),
        ("telephone", "400000000", "has 9 digits; expected 10; leading zeros may have been stripped"),
        ("telephone", "Zoé", "malformed; expected 6 to 20 digits"),
        ("courriel", "zoe.exemple.fr", "malformed; expected an address"),
        ("nom", "1 85 05 78 006 084 91", "social security number"),
        ("nom", "x" * 201, "malformed; expected 1 to 200"),
        ("prenom", "a\x00b", "control characters"),
        ("conseiller", "Zoé", "malformed; expected 1 to 64"),
        ("date_naissance", "1980-02-30", "not a day"),
        ("date_naissance", "4/1/1980", "not a day"),
        ("date_naissance", "\u0661980-02-03", "not a day"),
        ("date_maj", "", "unknown; no event can be made without it"),
        ("date_maj", "2021-03-01 25:00", "not a time"),
        ("date_maj", "1800-01-01", "not a time of 1901 to 2199"),
        ("date_maj", "9999-12-31", "not a time of 1901 to 2199"),
        ("date_inscription", "0001-01-01", "not a day of 1901 to 2199"),
        ("titre_boe", "…", "malformed; expected a code or a label"),
        ("public", "x" * 41, "malformed; expected a code or a label"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_is_not_repeated(column: str, value: str, expected: str) -> None:
    (defect,) = defects(read(**{column: value}))
    assert defect.field == column
    assert expected in defect.reason
    assert not value or value not in defect.reason


def test_every_defect_of_a_row_is_reported_at_once() -> None:
    found = defects(read(code_safir="1234", identifiant="1", suivi_debut="1/1/21"))
    assert [defect.field for defect in found] == ["identifiant", "code_safir", "suivi_debut"]


def test_an_older_id_goes_with_its_region() -> None:
    event = said(read(identifiant="1234567Z", region="84"))["CaseRegistered"]
    assert event.subject == ("case", "france_travail", "84", "1234567Z")
    assert said(read(region="84"))["CaseRegistered"].meta.scope == ""
    (defect,) = defects(read(identifiant="1234567Z", region="4"))
    assert defect == Defect("region", "has 1 digit; expected 2; leading zeros may have been stripped")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2021-07-01", datetime(2021, 6, 30, 22, 0, tzinfo=UTC)),
        ("01/07/2021", datetime(2021, 6, 30, 22, 0, tzinfo=UTC)),
        ("01/07/2021 09:05", datetime(2021, 7, 1, 7, 5, tzinfo=UTC)),
        ("2021-12-01T09:05:06", datetime(2021, 12, 1, 8, 5, 6, tzinfo=UTC)),
        ("2021-12-01 09:05:06.25", datetime(2021, 12, 1, 8, 5, 6, 250_000, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_the_clocks_of_paris(written: str, expected: datetime) -> None:
    assert only_update(date_maj=written).meta.recorded_at == expected


def test_labels_become_codes_and_new_ones_pass() -> None:
    assert only_update(categorie_inscription="Catégorie 3").category == "3"
    title = said(read(titre_boe="Pension d'invalidité"))["DisabilityTitleRecorded"]
    assert isinstance(title, DisabilityTitleRecorded)
    assert title.title == "pension_invalidite"
    title = said(read(titre_boe="Titre neuf"))["DisabilityTitleRecorded"]
    assert isinstance(title, DisabilityTitleRecorded)
    assert title.title == "titre_neuf"
