"""Where the CPU time of ingest and rebuild goes, by stage and by function.

A sampler and no tracer: it costs next to nothing, and so does not make the code of many small functions look slow.
"""

from __future__ import annotations

import gc
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from heapq import nlargest
from operator import itemgetter
from types import CodeType, FrameType
from typing import Any

from benchmarks.report import Table
from benchmarks.workspace import Workspace, settle
from hub.codec.avro import Codec
from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate
from hub.consumers.ingest import Ingest
from hub.domain.order import order_key
from hub.domain.pathway import pathway
from hub.ledger import database, duplicates, ledger, offsets, rows
from hub.log.embedded import EmbeddedConsumer
from hub.privacy.keystore import KeyStore
from hub.projections import building, changes, engine, generations, grouping, records, writer
from hub.projections.rebuild import Rebuild

_INTERVAL_S = 0.001
_FUNCTIONS = 20
_OTHER = "other"
_COLLECTING = "garbage collection"

_STAGES: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "read the log": (EmbeddedConsumer.poll,),
    "decode and validate": (Codec.decode,),
    "decode": (Codec.decode_body,),
    "content MAC": (Codec.content, Gate.judge),
    "keys": (KeyStore.ensure, KeyStore.find, KeyStore.by_ref, Acceptance.prepare),
    "look for duplicates": (ledger.known, duplicates.record, offsets.advance),
    "seal": (rows.seal_row,),
    "append to the ledger": (ledger.append,),
    "open the ledger": (rows.open_row,),
    "read the ledger": (ledger.read_subjects, ledger.read_all, ledger.subject_refs, engine.Projector.histories),
    "identity": (
        building.Builder.hear,
        grouping.regroup,
        records.gathered,
        records.store_new,
        records.store_again,
        records.by_reference,
        records.of_pathways,
    ),
    "sort": (order_key,),
    "fold": (pathway.fold,),
    "stored states": (engine.load_states, engine.store_states),
    "compute rows": (changes.write, engine.write_timeline, building.Builder.rows),
    "convert rows": (writer.Statement.converted,),
    "write rows": (writer.insert, writer.insert_converted, writer.delete, engine.mark_voided),
    "gather by subject": (Acceptance.accept, engine.Projector.apply),
    "transactions": (database.writing, database.reading),
    "make and drop generations": (generations.begin, generations.drop_retired),
    _OTHER: (Ingest.step, Rebuild.run),
}
"""Stages by the functions that begin them; time belongs to the innermost of them that is running."""


def measure(workspace: Workspace) -> list[Table]:
    """Sample one ingest and one rebuild of the region, each in one process."""
    with workspace.unread(workspace.people, rebuild_workers=1) as hub, closing(hub.ingest()) as loop:
        settle(hub)
        with sampled() as ingest:
            loop.until_caught_up(lambda _: None)
        settle(hub)
        with sampled() as rebuild:
            hub.rebuild(lambda *_: None)
    events = loop.counts.accepted
    return [*ingest.tables("Ingest", events), *rebuild.tables("Rebuild", events)]


class Sampler:
    """CPU time by stage and by function: each signal gives the time since the last one to the code that it met.

    A call into C holds signals back until it returns, and is then given all the time that it took.
    """

    def __init__(self) -> None:
        self.stages: defaultdict[str, float] = defaultdict(float)
        self.functions: defaultdict[str, float] = defaultdict(float)
        self.total_s = 0.0
        self.waited_s = 0.0
        self._stage_of = {_code(function): stage for stage, begun_by in _STAGES.items() for function in begun_by}
        self._last = time.process_time()
        self._collecting = False

    def sample(self, _number: int, frame: FrameType | None) -> None:
        """Account for the time since the last sample."""
        if self._collecting or frame is None:
            self._add(_COLLECTING, _COLLECTING)
        else:
            stage = self._stage(frame)
            self._add(stage, f"{stage}: {_name(frame.f_code)}")

    def collected(self, phase: str, _what: Mapping[str, Any]) -> None:
        """Account for the time before and in a garbage collection."""
        if phase == "start":
            self.sample(0, sys._getframe(1))
            self._collecting = True
        else:
            self._add(_COLLECTING, _COLLECTING)
            self._collecting = False

    def tables(self, job: str, events: int) -> list[Table]:
        """Give the shares, largest first."""
        note = f"{self.total_s:.1f} s of CPU time, {self.waited_s:.1f} s more by the clock, {events:,} events."
        return [
            self._table(f"{job}: where the time goes", self.stages, events, note),
            self._table(f"{job}: functions by their own time", self.functions, events, ""),
        ]

    def _table(self, title: str, counted: Mapping[str, float], events: int, note: str) -> Table:
        found = [
            (name, f"{taken / self.total_s:.1%}", f"{taken / events * 1e6:.1f}")
            for name, taken in nlargest(_FUNCTIONS, counted.items(), key=itemgetter(1))
        ]
        return Table(title, ("", "Share", "CPU µs/event"), found, note)

    def _stage(self, frame: FrameType | None) -> str:
        while frame is not None:
            if stage := self._stage_of.get(frame.f_code):
                return stage
            frame = frame.f_back
        return _OTHER

    def _add(self, stage: str, function: str) -> None:
        moment = time.process_time()
        taken, self._last = moment - self._last, moment
        self.stages[stage] += taken
        self.functions[function] += taken
        self.total_s += taken


@contextmanager
def sampled() -> Iterator[Sampler]:
    """Sample what happens inside, in the main thread."""
    gc.collect()
    sampler, begun = Sampler(), time.perf_counter()
    before = signal.signal(signal.SIGPROF, sampler.sample)
    signal.siginterrupt(signal.SIGPROF, False)  # noqa: FBT003 - it takes no keywords
    gc.callbacks.append(sampler.collected)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL_S, _INTERVAL_S)
    try:
        yield sampler
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.callbacks.remove(sampler.collected)
        signal.signal(signal.SIGPROF, before)
        sampler.waited_s = time.perf_counter() - begun - sampler.total_s


def _code(function: Callable[..., Any]) -> CodeType:
    code: CodeType = getattr(function, "__wrapped__", function).__code__
    return code


def _name(code: CodeType) -> str:
    return f"{'/'.join(code.co_filename.split('/')[-2:])} {code.co_qualname}"
