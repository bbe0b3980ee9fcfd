"""Log lines hold an event, whitelisted kinds of values, and never a value that could be a person's."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InvalidEvent, LogUnavailable
from hub.telemetry.batchlog import EVERY_S, BatchLog
from hub.telemetry.libraries import AGAIN_S, routed
from hub.telemetry.logs import WITHHELD
from hub.telemetry.places import causes, of_traceback
from tests.unit.telemetry import ARecord, ARefusal, Clock, Lines, taken

NAME = "Zqx Durand-Lévêque"
PLACES = {"topic": "cap-emploi.case-events.v1", "partition": 3, "offset": 12}


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def libraries(lines: Lines, clock: Clock) -> Iterator[Lines]:
    with routed(lines.log, clock):
        yield lines


def test_a_line_is_json_with_a_utc_moment_a_level_and_an_event(lines: Lines) -> None:
    lines.log.warning("batch_retried", **PLACES, code="event_conflict")

    assert lines.found == [
        {
            "timestamp": "2026-03-01T12:00:00.000000Z",
            "level": "warning",
            "event": "batch_retried",
            **PLACES,
            "code": "event_conflict",
        }
    ]
    assert list(lines.found[0])[:3] == ["timestamp", "level", "event"]


def test_a_line_may_be_text_for_a_terminal() -> None:
    lines = Lines(as_json=False)
    lines.log.info("taken", records=3, stack=["a.py:1 f", "b.py:2 g"])

    assert lines.text == (
        'timestamp=2026-03-01T12:00:00.000000Z level=info event=taken records=3 stack="a.py:1 f < b.py:2 g"\n'
    )


@given(
    st.dictionaries(st.sampled_from(["topic", "offset", "code", "name", "where", "stack", "error", "host"]), st.text())
)
def test_a_text_is_written_only_where_it_has_the_form_of_its_key(values: dict[str, str]) -> None:
    lines = Lines()
    lines.log.info("taken", **{key: f"{NAME} {value}" for key, value in values.items()})

    assert "Zqx" not in lines.text
    assert lines.events == ["taken"]


def test_a_key_that_nobody_listed_is_withheld(lines: Lines) -> None:
    lines.log.info("taken", local_id=12345678901, records=1)

    assert lines.found[0]["local_id"] == WITHHELD
    assert lines.found[0]["records"] == 1


def test_an_event_is_a_name_and_no_text(lines: Lines) -> None:
    lines.log.info(NAME)

    assert lines.events == [WITHHELD]


def test_a_failure_of_the_hub_says_what_to_do(lines: Lines) -> None:
    lines.log.error("waiting", error=LogUnavailable("no broker answers on kafka:9092; start one"), pause_s=0.5)

    assert lines.found[0]["code"] == "log_unavailable"
    assert lines.found[0]["message"] == "no broker answers on kafka:9092; start one"


def test_a_failure_about_a_records_content_gives_its_code_alone(lines: Lines) -> None:
    lines.log.error("waiting", error=InvalidEvent(f"family_name: {NAME} is too long"))

    assert lines.found[0]["code"] == "invalid_event"
    assert "Zqx" not in lines.text


def test_of_any_other_exception_the_class_and_the_place_are_written(lines: Lines) -> None:
    def failing() -> None:
        try:
            raise ValueError(f"DETAIL:  Failing row contains ({NAME})")
        except ValueError as error:
            raise KeyError(NAME) from error

    with pytest.raises(KeyError) as caught:
        failing()
    error = caught.value
    lines.log.error("crashed", error=error, caused_by=causes(error), stack=of_traceback(error.__traceback__))

    (line,) = lines.found
    assert line["error_kind"] == "builtins.KeyError"
    assert line["caused_by"] == ["builtins.ValueError"]
    assert "failing" in line["stack"][-1]
    assert "test_telemetry_logs.py:" in line["stack"][-1]
    assert "Zqx" not in lines.text


def test_a_library_says_where_it_warns_and_keeps_its_values(libraries: Lines) -> None:
    logging.getLogger("sqlalchemy.pool").warning("row %s after %d tries: %s", (NAME,), 3, ValueError(NAME))

    (line,) = libraries.found
    assert line["logger"] == "sqlalchemy.pool"
    assert line["message"] == "row <tuple> after 3 tries: ValueError"
    assert "test_telemetry_logs.py:" in line["where"]


def test_a_librarys_finished_text_is_not_trusted(libraries: Lines) -> None:
    logging.getLogger("psycopg.pool").error(f"failed for {NAME}")  # noqa: G004 what a library may do
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd value {NAME}", UserWarning, stacklevel=1)

    assert [line["logger"] for line in libraries.found] == ["psycopg.pool", "py.warnings"]
    assert "Zqx" not in libraries.text


def test_a_librarys_exception_shows_as_its_class(libraries: Lines) -> None:
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger("alembic").exception("failed for %(who)s", {"who": NAME})

    (line,) = libraries.found
    assert (line["level"], line["error_kind"], line["message"]) == ("error", "builtins.ValueError", "failed for <str>")
    assert "Zqx" not in libraries.text


def test_kafkas_client_may_name_brokers_and_topics_and_no_bytes(libraries: Lines) -> None:
    log = logging.getLogger("kafka.net.connection")
    log.warning("%s: Request timed out after %d ms, %r", "kafka:9092", 500, NAME.encode())
    log.info("connected")

    (line,) = libraries.found
    assert line["message"] == "kafka:9092: Request timed out after 500 ms, <bytes>"


def test_what_a_library_says_again_and_again_is_counted(libraries: Lines, clock: Clock) -> None:
    log = logging.getLogger("kafka.net")

    def lose(port: int) -> None:
        log.warning("lost port %d", port)

    for port in range(5):
        lose(port)
    log.warning("something else")
    clock.seconds += AGAIN_S
    lose(5)
    clock.seconds += AGAIN_S
    lose(6)

    said = [(line["message"], line.get("unsaid")) for line in libraries.found]
    assert said == [("lost port 0", None), ("something else", None), ("lost port 5", 4), ("lost port 6", None)]


def test_afterwards_libraries_log_as_before(lines: Lines) -> None:
    before = logging.getLogger().handlers[:]
    with routed(lines.log, Clock()):
        assert logging.getLogger().handlers != before
    assert logging.getLogger().handlers == before


def test_batches_are_summed_and_what_was_quarantined_is_written_at_once(lines: Lines) -> None:
    clock = Clock()
    log = BatchLog(lines.log, clock)
    records = [ARecord(offset=7), ARecord(offset=8)]
    log.taken(taken(records, refused=[ARefusal(records[0]), ARefusal(records[1])], quarantined=2))
    log.taken(taken())
    log.polled(0, 0.1)
    assert lines.events == ["quarantined"]
    assert lines.found[0]["offset"] == 7
    assert lines.found[0]["quarantined"] == 2

    clock.seconds += EVERY_S
    log.polled(0, 0.1)
    log.polled(0, 0.1)

    assert lines.events == ["quarantined", "taken"]
    assert lines.found[1]["batches"] == 2
    assert lines.found[1]["records"] == 3


def test_a_content_conflict_is_an_error(lines: Lines) -> None:
    BatchLog(lines.log, Clock()).taken(taken(quarantined=1, conflicts=1))

    assert [(line["level"], line["event"]) for line in lines.found] == [("error", "content_conflict")]
