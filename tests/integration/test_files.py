"""Files on their way to the log: what is published, what is refused, and files that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.errors import LogUnavailable, NotFound, Usage
from hub.log.port import Message, TopicPartition
from hub.producers.files import delivery, publish_file
from hub.producers.files.publish import Form
from hub.producers.publisher import Publisher, Receipt
from hub.wiring import Hub
from tests.integration.hubs import a_hub, consume, folder, sums_of
from tests.integration.sent_files import HEADER, KEY, Log, document, jsonl, nth, report_of, rows, send


def raw(value: str = "AAEC", topic: str = "france-travail.case-events.v1") -> dict[str, Any]:
    return {"raw": {"topic": topic, "key": None, "value": value, "why": "no Avro"}}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "feed.jsonl"


@contextmanager
def sending(hub: Hub, network: str | None = None) -> Iterator[tuple[Publisher, Any]]:
    producer = hub.producer()
    with hub.publisher(network) as publisher:
        yield publisher, producer
    producer.close()


def test_a_file_goes_through_the_hub_and_its_raw_records_to_quarantine(source: Path) -> None:
    source.write_bytes(jsonl(document(1), raw(), document(2), raw("AA=="), document(3)))
    with a_hub() as hub:
        with sending(hub) as (publisher, producer):
            summary = publish_file(source, publisher, producer, id_key=KEY, allow_raw=True)
        consume(hub)
        sums = sums_of(hub)
    assert (summary.lines, summary.published, summary.raw, summary.refused) == (5, 3, 2, 0)
    assert (sums.accepted, sums.quarantined) == (3, 2)


def test_the_same_flat_file_twice_is_taken_once(tmp_path: Path) -> None:
    source = tmp_path / "export.csv"
    source.write_bytes(rows(20))
    with a_hub() as hub:
        for _ in range(2):
            with sending(hub) as (publisher, producer):
                summary = publish_file(source, publisher, producer, id_key=KEY, from_start=True, batch=7)
            assert summary.published == 40
        consume(hub)
        sums = sums_of(hub)
    assert (sums.accepted, sums.duplicate, sums.quarantined) == (40, 40, 0)


def test_lines_of_another_network_are_refused_alone(source: Path) -> None:
    documents = [document(number, "cap_emploi" if number in {3, 7} else "france_travail") for number in range(1, 11)]
    source.write_bytes(jsonl(*documents))
    with a_hub() as hub:
        with sending(hub, "france_travail") as (publisher, producer):
            summary = publish_file(source, publisher, producer, id_key=KEY)
        consume(hub)
        assert sums_of(hub).accepted == 8
    assert [entry.line for entry in summary.first_refusals] == [3, 7]
    assert "speaks for cap_emploi" in summary.first_refusals[0].reason


def test_a_raw_record_for_a_topic_that_is_not_there_is_refused_alone(source: Path) -> None:
    source.write_bytes(jsonl(raw(), raw(topic="nowhere"), raw()))
    with a_hub() as hub, sending(hub) as (publisher, producer):
        summary = publish_file(source, publisher, producer, id_key=KEY, allow_raw=True)
    assert (summary.raw, summary.refused) == (2, 1)
    assert summary.first_refusals[0].reason == "raw.topic: there is no such topic on the log"


def test_a_log_without_topics_stops_the_file(source: Path) -> None:
    source.write_bytes(jsonl(document(1)))

    class Empty(Log):
        def publish_batch(self, events: Sequence[Event]) -> list[Receipt]:
            raise NotFound("there is no topic")

    with pytest.raises(NotFound, match="topic"):
        send(Empty(), source)
    assert send(Log(), source).published == 1


def test_refused_lines_are_reported_and_all_others_published(source: Path) -> None:
    source.write_bytes(b"\xef\xbb\xbf" + jsonl(document(1), b"{", b"", b"x" * 3_000_000, raw(), document(2)))
    log = Log()
    summary = send(log, source)
    assert log.ids == [nth(1), nth(2)]
    assert not log.messages
    assert (summary.lines, summary.published, summary.refused) == (5, 2, 3)
    report = report_of(source)
    assert [(entry["line"], entry["kind"], entry["field"]) for entry in report] == [
        (2, "refused", None),
        (4, "refused", None),
        (5, "refused", "raw"),
    ]
    assert "longer than" in report[1]["reason"]
    assert [entry._asdict() for entry in summary.first_refusals] == report


def test_a_flat_file_reports_columns_and_remarks_in_the_order_of_its_lines(tmp_path: Path) -> None:
    source = tmp_path / "export.csv"
    source.write_text(
        f"{HEADER};couleur\n"
        "00000000001;;2021-03-01;Durand;01234;bleu\n"
        "0000000002;2020-01-06;2021-03-01;Dupont;1234;\n"
        "00000000003;2020-01-06;2021-03-01;Martin;01234;\n"
    )
    summary = send(Log(), source)
    assert (summary.lines, summary.published, summary.refused, summary.remarks) == (3, 3, 1, 1)
    assert summary.notes == ("unknown columns are left out: couleur",)
    report = report_of(source)
    assert [(entry["line"], entry["kind"], entry["field"]) for entry in report] == [
        (2, "remark", "date_inscription"),
        (3, "refused", "identifiant"),
        (3, "refused", "code_safir"),
    ]
    assert "Dupont" not in json.dumps(report)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        send(Log(), tmp_path / "none.jsonl")
    folder_path = tmp_path / "folder.csv"
    folder_path.mkdir()
    with pytest.raises(Usage, match="is a folder; name the files in it"):
        send(Log(), folder_path)
    unknown = tmp_path / "feed.xml"
    unknown.write_bytes(jsonl(document(1)))
    with pytest.raises(Usage, match=r"form of feed\.xml"):
        send(Log(), unknown)
    assert send(Log(), unknown, form="jsonl").published == 1
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"\n\n")
    with pytest.raises(Usage, match="no header"):
        send(Log(), empty)
    with pytest.raises(Usage, match="at least one line"):
        send(Log(), unknown, form="jsonl", batch=0)


def test_a_stream_leaves_nothing_beside_it(tmp_path: Path) -> None:
    log = Log()
    summary = send(log, BytesIO(jsonl(document(1), b"{")))
    assert (summary.published, summary.refused, summary.report) == (1, 1, None)
    report = tmp_path / "report.jsonl"
    assert send(log, BytesIO(b"\n" + rows(3)), form="csv", report=report).published == 6
    assert not report.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_does_not_answer_leaves_the_position_before_the_batch(source: Path) -> None:
    source.write_bytes(jsonl(*map(document, range(6))))

    class Away(Log):
        def publish_batch(self, events: Sequence[Event]) -> list[Receipt]:
            if self.events:
                raise LogUnavailable("no answer")
            return super().publish_batch(events)

    away, log = Away(), Log()
    with pytest.raises(LogUnavailable):
        send(away, source, batch=2)
    assert send(log, source).resumed_after == 2
    assert away.ids + log.ids == [nth(number) for number in range(6)]


def test_batches_end_by_lines_and_by_bytes(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.write_bytes(jsonl(*map(document, range(7))))
    log, places = Log(), list[int]()
    send(log, source, batch=3, progress=places.append)
    assert log.calls == [3, 3, 1]
    assert places[-1] == source.stat().st_size
    assert places == sorted(places)
    monkeypatch.setattr(delivery, "BATCH_BYTES", 1)
    send(log, source, from_start=True)
    assert log.calls[3:] == [1] * 7


def test_events_and_raw_records_keep_their_order(source: Path) -> None:
    order: list[str] = []

    class Ordered(Log):
        def publish_batch(self, events: Sequence[Event]) -> list[Receipt]:
            order.extend("event" for _ in events)
            return super().publish_batch(events)

        def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
            order.extend("raw" for _ in messages)
            return super().append(messages)

    source.write_bytes(jsonl(document(1), document(2), raw(), document(3)))
    send(Ordered(), source, allow_raw=True)
    assert order == ["event", "event", "raw", "event"]


_PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        (b"\n", b"\r\n", b"\xef\xbb\xbf", b";", b'"', b"{", b"NULL", HEADER.encode(), rows(1), jsonl(document(1)))
    ),
    st.sampled_from((jsonl(raw()), b"\xff\xfe", b"\x00")),
)


@settings(max_examples=150)
@given(pieces=st.lists(_PIECES, max_size=12), form=st.sampled_from(("jsonl", "csv")), batch=st.integers(1, 5))
def test_no_bytes_at_all_make_a_file_fail(pieces: list[bytes], form: Form, batch: int) -> None:
    with folder() as path:
        source = path / "feed"
        source.write_bytes(b"".join(pieces))
        log = Log()
        try:
            summary = send(log, source, form=form, batch=batch, allow_raw=True)
        except Usage as error:
            assert form == "csv"
            assert "header" in str(error)  # noqa: PT017 - what a file of any bytes may be refused for, as a whole
            return
        assert summary.published == len(log.events)
        assert summary.raw == len(log.messages)
        lines = [line for line in b"".join(pieces).split(b"\n") if line.strip()]
        assert summary.lines <= len(lines)
        refused = {entry["line"] for entry in report_of(source) if entry["kind"] == "refused"}
        assert len(refused) == summary.refused
