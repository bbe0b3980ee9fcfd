"""Metrics count what was watched, in names and forms that Prometheus knows."""

from __future__ import annotations

from itertools import count

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from hub.telemetry.batchlog import BatchLog
from hub.telemetry.health import Health
from hub.telemetry.metrics import Metrics, pages
from hub.telemetry.observer import SILENT
from hub.telemetry.tracing import BatchTrace
from hub.telemetry.watching import Taken, Watch
from tests.unit.telemetry import ARecord, ARefusal, Clock, Lines, taken

TOPIC = ARecord().topic


def metrics(now_s: float = 1_700_000_010.0) -> Metrics:
    return Metrics(lambda: now_s, version="0.1.0")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_records_are_counted_by_what_became_of_them() -> None:
    found = metrics()
    records = [ARecord(offset=number) for number in range(10)]
    found.taken(taken(records, refused=[ARefusal(records[9])], quarantined=2, conflicts=1, accepted=7, duplicates=1))

    assert value(found, "hub_records_total", topic=TOPIC, disposition="accepted") == 7
    assert value(found, "hub_records_total", topic=TOPIC, disposition="duplicate") == 1
    assert value(found, "hub_records_total", topic=TOPIC, disposition="quarantined") == 2
    assert value(found, "hub_records_refused_total", reason="undecodable") == 1
    assert value(found, "hub_content_conflicts_total", topic=TOPIC) == 1
    assert value(found, "hub_batches_total", topic=TOPIC) == 1
    assert value(found, "hub_batch_seconds_sum") == 0.01
    assert value(found, "hub_batch_records_sum") == 10
    assert value(found, "hub_stage_seconds_total", stage="judge") == 0.002
    assert value(found, "hub_stage_seconds_total", stage="commit") == 0.008


def test_what_fails_is_counted_by_its_cause_and_shows_what_is_away() -> None:
    found = metrics()
    found.failed("log_unavailable")
    found.failed("log_unavailable")
    found.retried(TOPIC, 0, "event_conflict")
    found.overtaken(TOPIC, 0)

    assert value(found, "hub_retries_total", cause="log_unavailable") == 2
    assert value(found, "hub_worker_conflicts_total", cause="event_conflict") == 1
    assert value(found, "hub_worker_conflicts_total", cause="offset_conflict") == 1
    assert value(found, "hub_available", part="log") == 0
    found.stepped()
    assert value(found, "hub_available", part="log") == 1
    assert value(found, "hub_last_step_timestamp_seconds") == 1_700_000_010.0


def test_the_lag_in_seconds_is_the_age_of_the_next_record() -> None:
    found = metrics()
    found.backlog(TOPIC, 0, 5, 1_700_000_000_000)
    assert value(found, "hub_lag_events", topic=TOPIC, partition="0") == 5
    assert value(found, "hub_lag_seconds", topic=TOPIC, partition="0") == 10
    found.backlog(TOPIC, 0, 0, None)
    assert value(found, "hub_lag_seconds", topic=TOPIC, partition="0") == 0


def test_where_the_next_records_time_is_not_known_no_age_is_told() -> None:
    found = metrics()
    found.taken(taken())
    found.backlog(TOPIC, 0, 5, 1_700_000_000_000)
    for _ in range(2):
        found.backlog(TOPIC, 0, 5, None)
        assert value(found, "hub_lag_seconds", topic=TOPIC, partition="0") is None
        assert value(found, "hub_lag_events", topic=TOPIC, partition="0") == 5


def test_a_worker_that_waits_at_its_start_is_as_old_as_its_start() -> None:
    found = metrics()
    found.failed("store_unavailable")
    assert value(found, "hub_last_step_timestamp_seconds") == 1_700_000_010.0


def test_a_batch_without_records_is_taken_by_every_sink() -> None:
    """Marks of transactions take up offsets, and hold nothing to read."""
    lines, found = Lines(), metrics()
    log, health = BatchLog(lines.log, Clock()), Health(Clock(), 300)
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    defects: list[Exception] = []
    watch = Watch(
        [health, found, log, BatchTrace(provider.get_tracer("t"), "g")], lambda: 0, lambda: 42, defects.append
    )
    batch = watch.batch(TOPIC, 0, [])
    batch.judged([], [])
    batch.committed(0, 0, 0, 0)
    log.flush()

    assert defects == []
    assert value(found, "hub_batches_total", topic=TOPIC) == 1
    assert value(found, "hub_batch_records_sum") == 0
    assert lines.events == ["taken"]
    assert len(exporter.get_finished_spans()) == 1


def test_reasons_and_phases_that_are_over_are_gone() -> None:
    found = metrics()
    found.held({"undecodable": 2}, 60.0)
    found.rebuilding(10, 4, 20, 1.5)
    assert value(found, "hub_quarantine_held", reason="undecodable") == 2
    assert value(found, "hub_rebuild_done", phase="laid_out") == 4
    found.held({}, 0.0)
    found.not_rebuilding()
    assert value(found, "hub_quarantine_held", reason="undecodable") is None
    assert value(found, "hub_rebuild_done", phase="laid_out") is None
    assert value(found, "hub_rebuild_running") == 0


def test_the_page_is_what_prometheus_reads_and_every_name_says_its_unit() -> None:
    found = metrics()
    found.taken(taken())
    page = found.page()
    families = list(text_string_to_metric_families(page.body.decode()))

    assert page.content_type.startswith("text/plain; version=0.0.4")
    own = {family.name: family for family in families if not family.name.startswith("process_")}
    assert own
    assert all(name.startswith("hub_") and family.documentation for name, family in own.items())
    assert any(family.name == "process_resident_memory_bytes" for family in families)


def test_two_workers_of_one_process_do_not_share_a_registry() -> None:
    first, second = metrics(), metrics()
    first.taken(taken())
    assert value(second, "hub_batches_total", topic=TOPIC) is None


def test_health_and_readiness_are_pages_too() -> None:
    clock = Clock()
    health = Health(clock, 300)
    served = pages(metrics(), health)
    assert (served["/healthz"]().status, served["/readyz"]().status) == (200, 503)
    health.stepped()
    assert served["/readyz"]() == (200, b"ready\n", "text/plain; charset=utf-8")
    clock.seconds += 301
    assert served["/healthz"]().status == 503


class Kept:
    """Keeps the batches that it is told of."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.batches: list[Taken] = []

    def polled(self, records: int, seconds: float) -> None:
        self.told.append(("polled", records, seconds))

    def retried(self, topic: str, partition: int, code: str) -> None:
        self.told.append(("retried", topic, partition, code))

    def overtaken(self, topic: str, partition: int) -> None:
        self.told.append(("overtaken", topic, partition))

    def taken(self, batch: Taken) -> None:
        self.batches.append(batch)


class Broken:
    """Cannot take anything."""

    def polled(self, records: int, seconds: float) -> None:
        raise ZeroDivisionError

    def retried(self, topic: str, partition: int, code: str) -> None:
        raise ZeroDivisionError

    def overtaken(self, topic: str, partition: int) -> None:
        raise ZeroDivisionError

    def taken(self, batch: Taken) -> None:
        raise ZeroDivisionError


def test_a_watch_measures_polls_and_the_stages_of_a_batch() -> None:
    kept, ticks = Kept(), count(0, 1_000_000_000)
    defects: list[Exception] = []
    watch = Watch([Broken(), kept], lambda: next(ticks), lambda: 42, defects.append)
    watch.polling()
    watch.polled(1)
    batch = watch.batch(TOPIC, 2, [ARecord()])
    batch.judged([], [])
    batch.retried("store_unavailable")
    batch.committed(1, 0, 0, 0)
    watch.batch(TOPIC, 3, [ARecord()]).overtaken()

    assert kept.told == [("polled", 1, 1.0), ("retried", TOPIC, 2, "store_unavailable"), ("overtaken", TOPIC, 3)]
    assert len(defects) == 4, "what one sink raises reaches neither ingest nor the other sinks"
    (found,) = kept.batches
    assert (found.begun_ns, found.judge_ns, found.commit_ns, found.attempts) == (42, 1_000_000_000, 1_000_000_000, 2)


def test_silence_takes_everything() -> None:
    SILENT.polling()
    SILENT.polled(3)
    batch = SILENT.batch(TOPIC, 0, [])
    batch.judged([], [])
    batch.retried("x")
    batch.overtaken()
    assert batch is SILENT.batch(TOPIC, 1, []), "not even a batch's observer is made"
    batch.committed(1, 2, 3, 4)
