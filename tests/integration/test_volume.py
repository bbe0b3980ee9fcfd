"""The volume alarm on real stores: exact over threads and processes, kept over restarts, ended by a release."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.access.appending import AccessLog
from hub.access.office import release
from hub.access.recording import Entry
from hub.domain.access import Limits, Reader, Verdict
from hub.errors import Denied, NotFound, ReadingSlowed, ReadingStopped, Usage
from hub.ledger import accessqueries
from hub.ledger.accessverify import verify
from hub.ledger.database import reading
from tests.integration.access import (
    FREE,
    KEYS,
    NOON,
    OTHER,
    OWN,
    a_log,
    a_person,
    a_reader,
    asked,
    later,
    logged,
    read,
)
from tests.integration.stores import a_ledger, a_store

pytestmark = pytest.mark.usefixtures("database")
LIMITS = Limits(6, 20, 3, 10, 8, 30)
STOP_ONLY = Limits(1_000, 20, 1_000, 10, 1_000, 30)


def outcome(
    log: AccessLog, number: int, minute: float = 0, verdict: Verdict = OTHER, reader: Reader | None = None
) -> str:
    try:
        read(log, a_person(number), later(minute), verdict=verdict, reader=reader)
    except ReadingSlowed as error:
        return "slowed" if error.retry_after_s > 0 else "told not to wait"
    except ReadingStopped:
        return "stopped"
    return "shown"


def test_bulk_reading_is_slowed_then_stopped_and_every_attempt_is_in_the_log(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    told: list[tuple[str, int | None]] = []
    log = a_log(store, LIMITS, lambda *said: told.append(said))
    found = [outcome(log, number, number / 1_000) for number in range(40)]
    assert found == ["shown"] * 3 + ["slowed"] * 7 + ["stopped"] * 30
    assert Counter(entry.outcome for entry in logged(store)) == Counter(found)
    assert sum(each.sight > 0 for entry in logged(store) for each in entry.people) == 3
    with reading(store) as connection:
        (alarm,) = accessqueries.alarms(connection)
        assert verify(connection, KEYS, 2**63 - 1).defects == []
    assert (alarm.reader_id, alarm.counted, alarm.people, alarm.most) == (a_reader().reader_id, "other", 11, 10)
    assert alarm.raised_at == later(0.01)
    assert told[:8] == [("slowed", None)] * 7 + [("stopped", alarm.alarm_no)]
    assert set(told[8:]) == {("stopped", None)}


def test_people_one_accompanies_count_apart_and_lists_of_them_do_not_count(tmp_path: Path) -> None:
    log = a_log(a_ledger(tmp_path), LIMITS)
    caseload = Entry()
    caseload.list([(a_person(number), OWN) for number in range(200)])
    log.record(asked(a_reader()), caseload, NOON)
    assert [outcome(log, number, 0, OWN) for number in range(7)] == ["shown"] * 6 + ["slowed"]
    assert outcome(log, 300, 0, OTHER) == "shown"


def test_guesses_look_ups_and_searches_count_whether_or_not_there_is_somebody(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store, STOP_ONLY)
    found = []
    for number in range(11):
        entry = Entry()
        match number % 4:
            case 0:
                entry.refuse(a_person(number))
            case 1:
                entry.look_up(None, f"traits {number}")
            case 2:
                entry.search([], f"traits {number}")
            case _:
                entry.look_up(a_person(number), "traits")
        try:
            log.record(asked(a_reader()), entry, NOON)
            found.append("recorded")
        except ReadingStopped:
            found.append("stopped")
    assert found == ["recorded"] * 10 + ["stopped"]


def test_the_same_guess_counts_once_as_the_same_person_does(tmp_path: Path) -> None:
    log = a_log(a_ledger(tmp_path), STOP_ONLY)
    for minute in range(30):
        entry = Entry()
        entry.look_up(None, "the same traits")
        log.record(asked(a_reader()), entry, later(minute))


def test_many_threads_of_several_processes_are_stopped_after_exactly_as_many_people(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    logs = [a_log(a_store(tmp_path), STOP_ONLY) for _ in range(3)]
    with ThreadPoolExecutor(24) as threads:
        found = Counter(threads.map(lambda number: outcome(logs[number % 3], number), range(90)))
    assert found == {"shown": 10, "stopped": 80}
    with reading(store) as connection:
        assert len(accessqueries.alarms(connection)) == 1
        assert verify(connection, KEYS, 2**63 - 1)[:3] == (90, 1, [])


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    for number in range(10):
        assert outcome(a_log(store, STOP_ONLY), number) == "shown"
    assert outcome(a_log(store, STOP_ONLY), 10) == "stopped"


def test_a_stop_is_for_everything_until_someone_else_releases_the_reader(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, officer = (
        a_log(store, STOP_ONLY),
        asked(a_reader("officer", "dpo"), "POST /api/v1/access/alarms/{alarm}/release"),
    )
    for number in range(11):
        outcome(log, number)
    caseload = Entry()
    caseload.list([(a_person(1), OWN)])
    with pytest.raises(ReadingStopped):
        log.record(asked(a_reader()), caseload, later(1))
    assert outcome(log, 1, 60 * 24 * 30, OWN) == "stopped"
    with reading(store) as connection:
        (alarm,) = accessqueries.alarms(connection, is_open=True)
    with pytest.raises(Denied, match="nobody releases themselves"):
        release(store, log, asked(a_reader("one", "dpo")), alarm.alarm_no, "it was me", NOON)
    with pytest.raises(Usage, match="say why"):
        release(store, log, officer, alarm.alarm_no, " ", NOON)
    with pytest.raises(NotFound):
        release(store, log, officer, 99, "why", NOON)
    release(store, log, officer, alarm.alarm_no, "a colleague was on leave", later(5))
    assert [outcome(log, number, 6) for number in range(11)] == ["shown"] * 10 + ["stopped"]
    with pytest.raises(Usage, match="released already"):
        release(store, log, officer, alarm.alarm_no, "again", later(7))
    with reading(store) as connection:
        assert [each.released_by for each in accessqueries.alarms(connection)] == [None, officer.reader.reader_id]
        (released,) = accessqueries.alarms(connection, is_open=False)
        said = accessqueries.entries(connection, kind="release")[0]
        assert accessqueries.reason(connection, KEYS, said.entry_id) == "a colleague was on leave"
    assert released.released_at == later(5) == said.at


def test_a_day_later_one_may_read_on_and_what_was_counted_before_is_gone(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store, STOP_ONLY)
    for day in range(3):
        assert {outcome(log, 100 * day + number, 25 * 60 * day) for number in range(10)} == {"shown"}


def test_the_command_lines_readings_are_recorded_and_never_stopped(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store, None)
    for number in range(50):
        assert outcome(log, number) == "shown"
    assert len(logged(store)) == 50


def test_a_system_is_counted_by_its_own_limits(tmp_path: Path) -> None:
    log = a_log(a_ledger(tmp_path), LIMITS)
    system = a_reader("system", "publisher", is_system=True)
    assert [outcome(log, number, 0, OTHER, system) for number in range(9)] == ["shown"] * 8 + ["slowed"]


def test_an_entry_with_several_people_is_slowed_as_a_whole(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store, LIMITS)
    entry = Entry()
    entry.search([(a_person(number), OTHER) for number in range(5)], "traits")
    with pytest.raises(ReadingSlowed):
        log.record(asked(a_reader()), entry, NOON)
    (found,) = logged(store)
    assert (found.kind, found.outcome, {each.sight for each in found.people}) == ("search", "slowed", {0})


def test_without_a_limit_in_reach_nothing_is_held_back(tmp_path: Path) -> None:
    log = a_log(a_ledger(tmp_path), FREE)
    assert {outcome(log, number, 0, OWN) for number in range(100)} == {"shown"}
