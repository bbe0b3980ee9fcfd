"""`hub access`, and the trace that every reading at the command line leaves."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from hub.access.appending import AccessLog
from hub.access.asking import Asked
from hub.access.recording import Entry, Person
from hub.domain.access import Limits, Reader, Sight, Verdict
from hub.errors import ReadingStopped
from hub.ledger.accesslog import AccessKeys
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import Rejected
from hub.projections import generations
from hub.projections.finding import find
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.commands import done, run, taken
from tests.unit.pathway.builders import CE, FT, registered

ME = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
NAME = "/".join(FT)
WHY = "la personne est au guichet"
READER = Reader("https://issuer.example|u1", frozenset({"adviser"}), "france_travail", "FT-9")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub with two case records that are nearly alike."""
    born: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
    folder = tmp_path / "data"
    one, other = registered(FT, family_name="Lefèvre", **born), registered(CE, family_name="Lefebvre", **born)
    taken(folder, one, other)
    return folder


def log(data: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done(data, "access", "log", "--format", "json", *options).json
    return found


def said(entry: dict[str, Any]) -> tuple[str, str, str, list[str]]:
    return entry["reader_id"], entry["through"], entry["kind"], sorted(each["case_record"] for each in entry["people"])


def read_by_api(data: Path, times: int, most: int) -> None:
    """Read the person and then strangers as the API does, until stopped after `most`."""
    limits = Limits(most, most, most, most, most, most)
    with Hub(engines.settings(data)) as hub:
        recorder = AccessLog(hub.store, AccessKeys(hub.master), limits=limits, reason_hours=4, random_bytes=os.urandom)
        with reading(hub.store) as connection:
            person = Person.of(find(connection, generations.live(connection), NAME))
        for number in range(times):
            entry = Entry()
            entry.read(
                person if number == 0 else Person((number.to_bytes(16, "big"),)), Verdict(Sight.FULL, "referent")
            )
            recorder.record(Asked(READER, "GET /api/v1/pathways/{person_id}"), entry, datetime.now(UTC))


@pytest.mark.parametrize(
    ("arguments", "kind", "cases"),
    [
        (("pathway", NAME, "--reason", WHY), "read", [NAME]),
        (("pathway", NAME, "--as-of", "2021-01-01", "--format", "json"), "read", [NAME]),
        (("explain", NAME, "phase"), "read", [NAME]),
        (("explain", NAME), "read", [NAME]),
        (("reject", NAME, "/".join(CE), "--no-consume"), "decide", ["/".join(CE), NAME]),
        (("link", NAME, "/".join(CE), "--evidence", "adviser_review"), "decide", ["/".join(CE), NAME]),
        (("suggestions",), "read", ["/".join(CE), NAME]),
    ],
)
def test_what_a_command_shows_of_people_is_in_the_log(
    data: Path, arguments: tuple[str, ...], kind: str, cases: list[str]
) -> None:
    done(data, *arguments)
    (entry,) = log(data)
    assert said(entry) == (ME, f"hub {arguments[0]}", kind, cases)
    assert (entry["outcome"], entry["roles"]) == ("shown", ["operator"])
    assert {(each["sight"], each["ground"], each["counted"]) for each in entry["people"]} <= {
        ("full", "command_line", None)
    }
    assert entry["has_text"] == ("--reason" in arguments)


def test_the_demo_leaves_its_reading_in_the_log(tmp_path: Path) -> None:
    done(tmp_path, "demo", "--people", "10")
    assert said(log(tmp_path / "demo")[0])[:3] == (ME, "hub demo", "read")


def test_a_quarantined_record_that_is_shown_is_in_the_log_by_its_number(data: Path) -> None:
    assert run(data, "quarantine", "show", "1").code == 1
    assert log(data) == []
    with Hub(engines.settings(data)) as hub, writing(hub.store) as connection:
        rejected = Rejected("topic", 0, 1, "undecodable", "bytes", None, b"Durand", [])
        hub.quarantine.hold(connection, [rejected], now=hub.now, random_bytes=os.urandom)
    done(data, "quarantine", "show", "1")
    entry = log(data)[0]
    assert (entry["kind"], entry["code"], entry["people"]) == ("quarantine", "1", [])


def test_reasons_are_shown_to_who_asks_for_them_and_stand_nowhere_in_clear(data: Path) -> None:
    done(data, "pathway", NAME, "--reason", WHY)
    assert "reason" not in log(data)[0]
    assert WHY in [entry["reason"] for entry in log(data, "--reasons")]
    assert WHY in done(data, "access", "log", "--reasons").out
    assert all(WHY.encode() not in path.read_bytes() for path in data.glob("hub.db*"))


def test_who_looked_at_a_person_and_whom_a_reader_read(data: Path) -> None:
    read_by_api(data, 3, most=10)
    done(data, "pathway", "/".join(CE))
    by_person = log(data, "--person", NAME, "--kind", "read")
    assert [said(entry)[0] for entry in by_person] == [READER.reader_id]
    assert len(log(data, "--reader", READER.reader_id)) == 3
    assert len(log(data, "--reader", READER.reader_id, "--limit", "2")) == 2
    first = log(data, "--reader", READER.reader_id)[0]["entry_id"]
    assert len(log(data, "--reader", READER.reader_id, "--after", str(first))) == 2
    assert log(data, "--until", "2020-01-01T00:00:00Z") == log(data, "--since", "2100-01-01T00:00:00Z") == []
    line = done(data, "access", "log", "--person", NAME, "--kind", "read").out
    assert f"\t{READER.reader_id}\tread\tshown\treferent\tGET /api/v1/pathways/{{person_id}}\t{NAME}\n" in line


def test_looking_into_the_log_is_in_the_log(data: Path) -> None:
    log(data, "--person", NAME)
    assert said(log(data)[0]) == (ME, "hub access log", "access_log", [NAME])


def test_a_kind_that_is_none_is_refused(data: Path) -> None:
    ran = run(data, "access", "log", "--kind", "reads")
    assert ran.code == 2
    assert "expected one of read, list" in ran.err


def test_who_was_stopped_is_shown_and_released_with_a_reason(data: Path) -> None:
    assert done(data, "access", "alarms").err == "no alarm\n"
    with pytest.raises(ReadingStopped):
        read_by_api(data, 5, most=3)
    (alarm,) = done(data, "access", "alarms", "--open", "--format", "json").json
    assert (alarm["reader_id"], alarm["people"], alarm["most"]) == (READER.reader_id, 4, 3)
    assert f"{READER.reader_id}\t4 own people, 3 allowed\topen" in done(data, "access", "alarms").out
    number = str(alarm["alarm_no"])
    done(data, "access", "release", number, "--reason", WHY)
    assert done(data, "access", "alarms", "--open", "--format", "json").json == []
    assert f"\t{ME}\n" in done(data, "access", "alarms").out
    again = run(data, "access", "release", number, "--reason", WHY)
    assert (again.code, again.err[:12]) == (1, "error[usage]")
    assert run(data, "access", "release", "77", "--reason", WHY).err.startswith("error[not_found]")
    read_by_api(data, 3, most=3)


def test_the_log_is_verified_and_its_digest_stays_the_same_while_it_grows(data: Path) -> None:
    done(data, "pathway", NAME)
    upto = str(log(data)[0]["entry_id"])
    first = done(data, "access", "verify", "--up-to", upto).out.splitlines()
    done(data, "pathway", NAME)
    then = done(data, "access", "verify", "--up-to", upto).out.splitlines()
    assert first[1] == then[1]
    assert first[0] != then[0]
    with Hub(engines.settings(data)) as hub, writing(hub.store) as connection:
        connection.execute(text("drop trigger access_entry_is_not_changed"))
        connection.execute(text("update access_entry set outcome = 'refused' where number = 1"))
    broken = run(data, "access", "verify")
    assert broken.code == 1
    assert "were changed" in broken.out


def test_old_months_go_and_younger_ones_are_kept(data: Path) -> None:
    done(data, "pathway", NAME)
    assert done(data, "access", "purge", "--before", "2020-01").out == "0 entries from before 2020-01 are gone\n"
    assert run(data, "access", "purge", "--before", "2100-01").err.startswith(
        "error[usage]: the access log is kept for 36"
    )
    assert run(data, "access", "purge", "--before", "1/2020").err.startswith("error[usage]: a month is written")
    assert [entry["kind"] for entry in log(data)][:2] == ["purge", "read"]


def test_nothing_is_shown_by_a_command_that_cannot_be_recorded(data: Path) -> None:
    with Hub(engines.settings(data)) as hub, writing(hub.store):
        ran = run(data, "pathway", NAME, env={"HUB_BUSY_TIMEOUT_MS": "100"})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error[store_unavailable]")


def test_a_day_counts_whole_whether_the_log_is_asked_from_it_or_until_it(data: Path) -> None:
    done(data, "pathway", NAME)
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    tomorrow = str(today + timedelta(days=1))
    # Midnight may pass between two lines.
    assert log(data, "--since", str(today - timedelta(days=1)), "--until", tomorrow)
    assert log(data, "--since", tomorrow) == [] or datetime.now(ZoneInfo("Europe/Paris")).date() > today
    entered = log(data)[-1]["at"]
    day = str(datetime.fromisoformat(entered).astimezone(ZoneInfo("Europe/Paris")).date())
    assert entered in {each["at"] for each in log(data, "--since", day, "--until", day)}
