"""The guard and stated reasons: who sees a person, for how long, who learns of it, and what is left in the log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from hub.access.appending import AccessLog
from hub.access.grants import Notice, notices, state_reason
from hub.access.guard import UNSEEN, Guard, Seen
from hub.access.recording import Person
from hub.domain.access import Limits, Reader, Sight, Verdict
from hub.domain.events.case import CaseClosed
from hub.domain.events.link import RecordsLinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.errors import Denied, NotFound, ReadingStopped, StoreUnavailable, Usage
from hub.ledger import accessqueries
from hub.ledger.accesslog import AccessKeys
from hub.ledger.accessqueries import Logged
from hub.ledger.database import reading, writing
from hub.projections import generations
from hub.projections.finding import find
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.access import FREE, asked
from tests.integration.hubs import SteppingClock, a_hub, take
from tests.unit.pathway.builders import CE, FT, ref, registered
from tests.unit.pathway.builders import event as built

pytestmark = pytest.mark.usefixtures("engine")
NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
REFERENT = Reader("issuer|referent", frozenset({"adviser"}), FRANCE_TRAVAIL, "FT-1")
STRANGER = Reader("issuer|stranger", frozenset({"adviser"}), CAP_EMPLOI, "CE-9")
AUDITOR = Reader("issuer|auditor", frozenset({"auditor"}))
NAME = "/".join(FT)


class Scene:
    """A hub that holds one person, whose referent is known, and a guard with a clock."""

    def __init__(self, hub: Hub, clock: SteppingClock, limits: Limits = FREE) -> None:
        self.hub = hub
        self.clock = clock
        self.keys = AccessKeys(hub.master)
        self.log = AccessLog(hub.store, self.keys, limits=limits, reason_hours=4, random_bytes=os.urandom)
        self.guard = Guard(hub.store, self.log, clock)

    def read(self, reader: Reader, name: str = NAME) -> Seen:
        with self.guard.reading(asked(reader)) as look:
            return look.person(name)

    def state(self, reader: Reader, name: str = NAME, said: str = "she stands at the counter") -> datetime:
        with self.guard.reading(asked(reader)) as look:
            grant = state_reason(look, name, "emergency", said)
        return grant.until

    def notices(self, reader: Reader, **conditions: datetime | date | int) -> list[Notice]:
        with reading(self.hub.store) as connection:
            given = {"day": NOON.date(), "since": NOON - timedelta(days=30), **conditions}
            return notices(connection, generations.live(connection), reader, **given)  # type: ignore[arg-type]

    def search(self, reader: Reader, verdict: Verdict, code: str | None) -> None:
        with self.guard.reading(asked(reader)) as look:
            look.entry.code = code
            look.entry.search([(Person.of(find(look.connection, look.tables, NAME)), verdict)], "her name")

    def entries(self) -> list[Logged]:
        with reading(self.hub.store) as connection:
            return accessqueries.entries(connection)[::-1]


@contextmanager
def a_scene(limits: Limits = FREE) -> Iterator[Scene]:
    clock = SteppingClock(NOON)
    with a_hub(clock) as hub:
        day = date(2021, 3, 1)
        named = built(ReferentAssigned, "2021-03-01", FT, adviser="FT-1", role="referent", from_date=day)
        link = built(RecordsLinked, left=ref(FT), right=ref(CE), evidence="adviser_review")
        take(hub, [registered(FT), registered(CE), named, link])
        yield Scene(hub, clock, limits)


def test_whoever_accompanies_a_person_sees_them_and_each_reading_is_an_entry() -> None:
    with a_scene() as scene:
        seen = scene.read(REFERENT)
        assert (seen.verdict.sight, seen.verdict.ground) == (Sight.FULL, "referent")
        (entry,) = scene.entries()
        assert (entry.reader_id, entry.outcome, entry.at) == (REFERENT.reader_id, "shown", NOON)
        assert {each.subject_ref for each in entry.people} == {row.subject_ref for row in seen.found.members}
        assert {each.person for each in entry.people} == {min(row.subject_ref for row in seen.found.members)}
        assert {(each.ground, each.counted) for each in entry.people} == {("referent", "own")}


def test_a_stranger_learns_the_same_of_a_person_as_of_nobody_and_both_attempts_are_recorded() -> None:
    with a_scene() as scene:
        for name in (NAME, "nobody", "france_travail//99999999999", "01890a5d-0000-7000-8000-000000009999"):
            with pytest.raises(Denied) as denied:
                scene.read(STRANGER, name)
            assert str(denied.value) == UNSEEN
        assert [entry.outcome for entry in scene.entries()] == ["refused"] * 4
        assert [len(entry.people) for entry in scene.entries()] == [2, 0, 0, 0]


def test_a_stated_reason_opens_a_person_for_some_hours_on_all_their_case_records() -> None:
    with a_scene() as scene:
        assert scene.state(STRANGER) == NOON + timedelta(hours=4)
        for name in (NAME, "/".join(CE)):
            assert scene.read(STRANGER, name).verdict == (Sight.FULL, "break_glass")
        scene.clock.moment = NOON + timedelta(hours=4, seconds=1)
        with pytest.raises(Denied):
            scene.read(STRANGER)


def test_a_reason_is_the_readers_own_and_adds_nothing_to_who_sees_all_already() -> None:
    with a_scene() as scene:
        scene.state(STRANGER)
        with pytest.raises(Denied):
            scene.read(STRANGER._replace(reader_id="issuer|another"))
        assert scene.read(REFERENT).verdict.ground == "referent"


def test_an_auditor_sees_no_health_until_they_say_why() -> None:
    with a_scene() as scene:
        assert scene.read(AUDITOR).verdict == (Sight.WITHOUT_HEALTH, "audit")
        scene.state(AUDITOR)
        assert scene.read(AUDITOR).verdict == (Sight.FULL, "audit")


@pytest.mark.parametrize("said", ["", "  \n", "x" * 1_001])
def test_a_reason_is_said_in_words(said: str) -> None:
    with a_scene() as scene:
        with pytest.raises(Usage, match="say why"):
            scene.state(STRANGER, said=said)
        assert scene.notices(REFERENT) == []


def test_the_referent_learns_who_stated_which_reason_and_when() -> None:
    with a_scene() as scene:
        scene.state(STRANGER)
        scene.clock.moment = NOON + timedelta(hours=1)
        scene.state(AUDITOR)
        scene.state(REFERENT)
        found = scene.notices(REFERENT)
        assert [(each.reader_id, each.at, each.code) for each in found] == [
            (AUDITOR.reader_id, NOON + timedelta(hours=1), "emergency"),
            (STRANGER.reader_id, NOON, "emergency"),
        ]
        assert [len(each.case_records) for each in found] == [2, 2]
        assert scene.notices(REFERENT, limit=1) == found[:1]
        assert scene.notices(REFERENT, after=found[0].entry_id) == found[1:]
        assert scene.notices(REFERENT, since=NOON + timedelta(minutes=1)) == found[:1]
        assert scene.notices(STRANGER) == scene.notices(AUDITOR) == []


def test_the_referent_of_the_day_learns_of_a_reason_until_the_day_for_which_the_next_one_is_named() -> None:
    with a_scene() as scene:
        day = NOON.date() + timedelta(days=30)
        named = built(ReferentAssigned, "2026-03-10", CE, adviser="CE-2", role="referent", from_date=day)
        take(scene.hub, [named])
        scene.state(STRANGER)
        following = REFERENT._replace(reader_id="issuer|next", network=CAP_EMPLOI, adviser="CE-2")
        assert len(scene.notices(REFERENT)) == len(scene.notices(REFERENT, day=day - timedelta(days=1))) == 1
        assert scene.notices(following) == scene.notices(following, day=day - timedelta(days=1)) == []
        assert scene.notices(REFERENT, day=day) == []
        assert len(scene.notices(following, day=day)) == 1


def test_the_last_referent_learns_of_a_reason_where_their_network_left_and_a_co_referent_never() -> None:
    with a_scene() as scene:
        day = date(2021, 3, 1)
        beside = built(ReferentAssigned, "2021-03-02", CE, adviser="CE-3", role="co_referent", from_date=day)
        closed = built(CaseClosed, "2026-03-16", FT, motive="other")
        take(scene.hub, [beside, closed])
        scene.state(STRANGER)
        assert len(scene.notices(REFERENT)) == 1
        co_referent = REFERENT._replace(reader_id="issuer|co", network=CAP_EMPLOI, adviser="CE-3")
        assert scene.notices(co_referent) == []


def test_the_referent_learns_of_a_search_for_a_reason_that_found_their_person_as_another() -> None:
    with a_scene() as scene:
        scene.search(AUDITOR, Verdict(Sight.WITHOUT_HEALTH, "audit"), None)
        scene.search(STRANGER, Verdict(Sight.FULL, "delegation"), "replacement")
        assert scene.notices(REFERENT) == []
        scene.search(STRANGER, Verdict(Sight.FULL, "break_glass"), "replacement")
        (found,) = scene.notices(REFERENT)
        assert (found.reader_id, found.code, len(found.case_records)) == (STRANGER.reader_id, "replacement", 2)


def test_pulling_people_by_stated_reasons_is_stopped_and_a_reason_then_opens_nothing() -> None:
    with a_scene(Limits(100, 100, 100, 2, 100, 100)) as scene:
        for number in (1, 2):
            with pytest.raises(Denied):
                scene.state(STRANGER, f"nobody {number}")
        with pytest.raises(ReadingStopped):
            scene.state(STRANGER)
        assert scene.notices(REFERENT) == []
        with reading(scene.hub.store) as connection:
            people = [each.subject_ref for each in scene.entries()[-1].people]
            assert not scene.log.has_reason(connection, STRANGER, Person(tuple(people)), NOON)


def test_what_fails_after_a_person_was_found_is_recorded_too() -> None:
    with a_scene() as scene:
        with pytest.raises(NotFound), scene.guard.reading(asked(REFERENT)) as look:
            find(look.connection, look.tables, look.person(NAME).found.case.case.local_id + "-X")
        assert [entry.outcome for entry in scene.entries()] == ["shown"]


def test_nothing_is_shown_that_cannot_be_recorded() -> None:
    with a_scene() as scene:
        scene.read(REFERENT)
        impatient = engines.settings(scene.hub.settings.data, busy_timeout_ms=100)
        with Hub(impatient, scene.clock) as hub, writing(scene.hub.store) as connection:
            if hub.store.dialect.name == "postgresql":
                connection.execute(text("lock table access_reader in share mode"))
            with pytest.raises(StoreUnavailable):
                Scene(hub, scene.clock).read(REFERENT)
        assert len(scene.entries()) == 1


def test_nothing_is_shown_where_the_log_takes_no_more_entries() -> None:
    with a_scene() as scene:
        with writing(scene.hub.store) as connection:
            if scene.hub.store.dialect.name == "postgresql":
                connection.execute(text("alter table access_person add constraint full_up check (sight > 9) not valid"))
            else:
                refuse = "begin select raise(abort, 'full'); end"
                connection.execute(text(f"create trigger full_up before insert on access_person {refuse}"))
        with pytest.raises(StoreUnavailable, match="took no entry"):
            scene.read(REFERENT)
        assert scene.entries() == []
