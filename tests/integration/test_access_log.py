"""The access log: what is recorded, by whom and about whom it is found again, and what it does not keep."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from hub.access.recording import Entry, Person
from hub.domain.access import Sight, Verdict
from hub.errors import StoreCorrupt
from hub.ledger import accessqueries
from hub.ledger.database import reading
from tests.integration.access import KEYS, NOON, OWN, a_log, a_person, a_reader, asked, later, logged, read
from tests.integration.access_log_checks import tamper, verified
from tests.integration.stores import a_ledger, held_bytes

pytestmark = pytest.mark.usefixtures("database")
SECRET = "parce que sa mère a appelé"


def test_an_entry_says_who_saw_whom_when_through_what_and_on_which_ground(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, person = a_log(store), a_person(1, cases=2)
    entry_id = read(log, person, reader=a_reader("one", "adviser", "site_lead", organisation="69001"))
    (entry,) = logged(store)
    assert (entry.entry_id, entry.at) == (entry_id, NOON)
    assert entry.reader_id == "https://issuer.example|one"
    assert (entry.roles, entry.network, entry.organisation) == (("adviser", "site_lead"), "france_travail", "69001")
    assert (entry.through, entry.kind, entry.outcome) == ("GET /api/v1/pathways/{person_id}", "read", "shown")
    assert [(each.subject_ref, each.sight, each.ground) for each in entry.people] == [
        (ref, Sight.FULL, "referent") for ref in person.refs
    ]


def test_who_looked_at_a_person_is_found_and_of_others_in_the_same_entry_nothing(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, one, two = a_log(store), a_person(1, cases=2), a_person(2)
    listed = Entry()
    listed.list([(one, OWN), (two, OWN)])
    first = log.record(asked(a_reader()), listed, NOON)
    second = read(log, one, later(1), reader=a_reader("two"))
    read(log, two, later(2))
    found = logged(store, refs=one.refs[:1])
    assert [entry.entry_id for entry in found] == [second, first]
    assert all([each.subject_ref for each in entry.people] == [one.refs[0]] for entry in found)
    assert logged(store, refs=[b"nobody here here"]) == []


def test_whom_a_reader_read_is_found_by_time_and_in_pages(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    ids = [read(log, a_person(number), later(number)) for number in range(7)]
    read(log, a_person(8), later(3), reader=a_reader("two"))
    mine = a_reader().reader_id
    assert [entry.entry_id for entry in logged(store, reader_id=mine)] == ids[::-1]
    assert [entry.entry_id for entry in logged(store, reader_id=mine, since=later(2), until=later(5))] == ids[4:1:-1]
    pages, after = [], None
    while page := logged(store, reader_id=mine, limit=3, after=after):
        pages += [entry.entry_id for entry in page]
        after = page[-1].entry_id
    assert pages == ids[::-1]


def test_the_same_request_of_several_records_shows_the_most_that_was_seen_of_a_case(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    ref = a_person(1).refs[0]
    entry = Entry()
    entry.read(Person((ref,)), Verdict(Sight.WITHOUT_HEALTH, "site"))
    entry.read(Person((ref, b"f" * 16)), OWN)
    a_log(store).record(asked(a_reader()), entry, NOON)
    (found,) = logged(store)
    assert [(each.subject_ref, each.sight) for each in found.people] == [(ref, 2), (b"f" * 16, 2)]


def test_stated_reasons_are_found_newest_first_in_pages_by_an_index_of_their_own(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, person = a_log(store), a_person(1)
    stated = []
    for hour in range(3):
        at = NOON + timedelta(hours=hour)
        read(log, person, at)
        entry = Entry()
        entry.break_glass(person, "emergency", SECRET)
        stated.append(log.record(asked(a_reader()), entry, at))
    statements: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with reading(store) as connection:
        found = accessqueries.entries(connection, kind="break_glass", limit=2)
        rest = accessqueries.entries(connection, kind="break_glass", after=found[-1].entry_id)
        since = accessqueries.entries(connection, kind="break_glass", since=NOON + timedelta(hours=1))
        assert [each.entry_id for each in (*found, *rest)] == stated[::-1]
        assert [each.entry_id for each in since] == stated[:0:-1]
        if store.dialect.name == "sqlite":
            shown = next(each for each in statements if "FROM access_entry" in each)
            plan = connection.exec_driver_sql(f"explain query plan {shown}", (0, 2, 0)).all()
            assert any("access_entry_with_reason" in row.detail for row in plan), plan


def test_a_refused_request_shows_nothing_and_still_names_whom_it_was_about(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    entry = Entry()
    entry.refuse(a_person(1))
    a_log(store).record(asked(a_reader()), entry, NOON)
    (found,) = logged(store, refs=a_person(1).refs)
    assert (found.outcome, found.people[0].sight, found.people[0].ground) == ("refused", Sight.NOTHING, None)


def test_a_reason_is_sealed_and_opens_only_beside_what_it_was_given_for(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    entry = Entry()
    entry.break_glass(a_person(1), "emergency", SECRET)
    entry_id = a_log(store).record(asked(a_reader()), entry, NOON)
    assert SECRET.encode() not in held_bytes(tmp_path)
    with reading(store) as connection:
        assert accessqueries.reason(connection, KEYS, entry_id) == SECRET
        assert accessqueries.entry(connection, entry_id).code == "emergency"
    tamper(store, "update access_entry set code = 'complaint'")
    with reading(store) as connection, pytest.raises(StoreCorrupt):
        accessqueries.reason(connection, KEYS, entry_id)


def test_what_was_asked_for_and_led_to_nobody_is_not_kept(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    entry = Entry()
    entry.look_up(None, "Durand 1980-02-01")
    log.record(asked(a_reader()), entry, NOON)
    assert b"Durand" not in held_bytes(tmp_path)
    (found,) = logged(store)
    assert (found.kind, found.people) == ("look_up", ())


def test_texts_of_a_token_that_no_store_keeps_do_not_stop_the_recording(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    reader = a_reader("nul\x00", organisation="a\ud800")
    read(a_log(store), a_person(1), reader=reader)
    read(a_log(store), a_person(2), reader=reader)
    assert verified(store)[:3] == (2, 1, [])
