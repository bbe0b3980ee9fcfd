"""Files taken up again: killed runs, files that grew, shrank or changed, and positions that cannot be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import StoreCorrupt, StoreUnavailable, Usage
from hub.producers.files.publish import Form
from tests.integration.sent_files import Killed, Log, document, jsonl, nth, report_of, rows, send


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "feed.jsonl"


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [0, 1, 3])
def test_a_run_killed_in_the_middle_goes_on_where_it_was(tmp_path: Path, form: Form, when: str, call: int) -> None:
    source = tmp_path / f"feed.{form}"
    source.write_bytes(rows(20) if form == "csv" else jsonl(*map(document, range(20))))
    whole, log = Log(), Log()
    send(whole, source, position=tmp_path / "other")
    log.dies = {call: when}
    with pytest.raises(Killed):
        send(log, source, batch=5)
    summary = send(log, source, batch=5)
    assert summary.resumed_after == call * 5 + (form == "csv" and call > 0)
    repeated = sum(log.calls[call : call + 1]) if when == "after" else 0
    assert len(log.events) == len(whole.events) + repeated
    assert list(dict.fromkeys(log.ids)) == whole.ids
    by_id = {event.meta.event_id: event for event in whole.events}
    assert all(by_id[event.meta.event_id] == event for event in log.events)


def test_a_crash_before_the_position_moved_reports_no_line_twice(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.write_bytes(jsonl(document(1), b"{", document(2), b"[", document(3)))
    log, replaced = Log(), Path.replace
    saves = iter(range(3))

    def replace(path: Path, target: Path) -> Path:
        if next(saves) == 2:
            raise Killed
        return replaced(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(Killed):
            send(log, source, batch=2)
    assert [entry["line"] for entry in report_of(source)] == [2, 4]
    send(log, source, batch=2)
    assert [entry["line"] for entry in report_of(source)] == [2, 4]
    assert log.ids == [nth(1), nth(2), nth(2), nth(3)]


def test_a_finished_file_sends_nothing_more_until_it_grows(source: Path) -> None:
    log = Log()
    source.write_bytes(jsonl(document(1), document(2)))
    send(log, source)
    assert send(log, source).lines == 0
    with source.open("ab") as file:
        file.write(jsonl(document(3)))
    assert send(log, source).resumed_after == 2
    assert log.ids == [nth(1), nth(2), nth(3)]


def test_a_last_line_still_being_written_is_read_again_when_it_is_whole(source: Path) -> None:
    log = Log()
    whole = jsonl(document(1), document(2))
    source.write_bytes(whole[:-40])
    assert send(log, source).refused == 1
    source.write_bytes(whole)
    assert send(log, source).refused == 0
    assert log.ids == [nth(1), nth(2)]
    assert report_of(source) == []


def test_a_last_line_without_its_end_is_published(source: Path) -> None:
    log = Log()
    source.write_bytes(jsonl(document(1), document(2)).removesuffix(b"\n"))
    send(log, source)
    assert log.ids == [nth(1), nth(2)]


def test_a_file_changed_at_its_beginning_is_published_only_from_the_start(source: Path) -> None:
    log = Log()
    source.write_bytes(jsonl(document(1), document(2)))
    send(log, source)
    source.write_bytes(jsonl(document(8), document(9)))
    with pytest.raises(Usage, match="replaced or changed since 2 lines"):
        send(log, source)
    assert send(log, source, from_start=True).lines == 2
    assert log.ids == [nth(1), nth(2), nth(8), nth(9)]


def test_a_file_that_became_shorter_is_not_resumed(source: Path) -> None:
    source.write_bytes(jsonl(*[document(1)] * 400))
    send(Log(), source)
    source.write_bytes(jsonl(*[document(1)] * 300))
    with pytest.raises(Usage, match="replaced or changed"):
        send(Log(), source)


def test_a_position_is_kept_for_one_file(source: Path) -> None:
    position = source.with_name("shared.position")
    other = source.with_name("other.jsonl")
    for path in (source, other):
        path.write_bytes(jsonl(document(1)))
    send(Log(), source, position=position)
    with pytest.raises(Usage, match="position of another file"):
        send(Log(), other, position=position)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"name":"feed.jsonl","offset":-1}', b'{"name":"a","b":1}'])
def test_a_damaged_position_is_named(source: Path, content: bytes) -> None:
    source.write_bytes(jsonl(document(1)))
    source.with_name("feed.jsonl.position").write_bytes(content)
    with pytest.raises(StoreCorrupt, match="holds no position"):
        send(Log(), source)
    assert send(Log(), source, from_start=True).published == 1


def test_nothing_is_sent_when_the_position_cannot_be_kept(source: Path) -> None:
    source.write_bytes(jsonl(document(1)))
    log = Log()
    with pytest.raises(StoreUnavailable, match="position"):
        send(log, source, position=source.with_name("nowhere") / "position")
    assert not log.events


def test_a_report_that_cannot_be_written_stops_the_run_before_its_position(source: Path) -> None:
    source.write_bytes(jsonl(document(1), b"{"))
    with pytest.raises(StoreUnavailable, match="report"):
        send(Log(), source, report=source.with_name("nowhere") / "report")
    assert send(Log(), source).lines == 2
