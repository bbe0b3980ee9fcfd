"""How often a person was looked at: over all entries, whatever came after, and without those that show nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.access.appending import AccessLog
from hub.access.recording import Entry
from hub.domain.access import Reader, Reason, Sight, Verdict
from hub.ledger.accesslooks import Looks, looks
from hub.ledger.database import reading
from tests.integration.access import OWN, a_log, a_person, a_reader, asked, later, read
from tests.integration.stores import a_ledger

PERSON, ANOTHER = a_person(1, cases=2), a_person(2)
STRANGER, OFFICER = a_reader("stranger"), a_reader("dpo", "dpo", network=None)
FOR_A_REASON = Verdict(Sight.FULL, "break_glass")


pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    made = a_ledger(tmp_path)
    yield made
    made.dispose()


def counted(store: Engine) -> list[Looks]:
    with reading(store) as connection:
        return looks(connection, PERSON.refs)


def states(log: AccessLog, reader: Reader, code: Reason, minutes: float) -> None:
    entry = Entry()
    entry.break_glass(PERSON, code, "La personne est à l’accueil.")
    log.record(asked(reader), entry, later(minutes))


def test_whoever_looked_first_is_still_told_after_many_lists(store: Engine) -> None:
    log = a_log(store)
    refused = Entry()
    refused.refuse(PERSON)
    log.record(asked(STRANGER), refused, later(0))
    states(log, STRANGER, "emergency", 1)
    read(log, PERSON, later(2), reader=STRANGER, verdict=FOR_A_REASON)
    states(log, STRANGER, "complaint", 3)
    for minute in (4, 5):
        read(log, PERSON, later(minute), reader=STRANGER, verdict=FOR_A_REASON)
    for number in range(300):
        listed = Entry()
        listed.list([(PERSON, OWN), (ANOTHER, OWN)])
        log.record(asked(a_reader()), listed, later(10 + number))
    read(log, ANOTHER, later(400))
    read(log, PERSON, later(401))

    found = [(each.outcome, each.ground, each.reason, each.is_list, each.times) for each in counted(store)]

    assert found == [
        ("refused", None, None, False, 1),
        ("shown", "break_glass", "emergency", False, 1),
        ("shown", "break_glass", "complaint", False, 2),
        ("shown", "referent", None, True, 300),
        ("shown", "referent", None, False, 1),
    ]
    assert counted(store)[-1].last == later(401)


def test_who_watches_over_the_log_or_nobody_looked_at_nobody(store: Engine) -> None:
    log = a_log(store)
    assert counted(store) == []
    watched = Entry()
    watched.access_log([PERSON])
    log.record(asked(OFFICER), watched, later())
    states(log, OFFICER, "data_request", 1)
    assert counted(store) == []


def test_readers_are_told_by_their_own_last_reason_and_those_of_one_reason_together(store: Engine) -> None:
    log = a_log(store)
    others = [a_reader("second"), a_reader("third")]
    states(log, STRANGER, "emergency", 0)
    states(log, others[0], "emergency", 1)
    for minute, reader in enumerate((STRANGER, others[0], others[1]), 2):
        read(log, PERSON, later(minute), reader=reader, verdict=FOR_A_REASON)
    states(log, STRANGER, "complaint", 5)
    read(log, PERSON, later(6), reader=others[0], verdict=FOR_A_REASON)

    found = [(each.reason, each.times, each.last) for each in counted(store)]

    assert found == [("emergency", 3, later(6)), (None, 1, later(4))]
