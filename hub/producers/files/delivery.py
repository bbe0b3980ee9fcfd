"""Batches of lines on their way to the log: what is refused is set aside with its reason, all else goes on in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from hub.errors import ContractError, NotFound
from hub.log.port import Message, Producer
from hub.producers.files.lines import Defect, Line, Reading
from hub.producers.files.report import Entry
from hub.producers.publisher import Publisher

BATCH_BYTES = 16 * 1024 * 1024
"""A batch is sent at this size too, so that long lines do not fill the memory."""
_SHOWN = 20


class _Taken(NamedTuple):
    line: int
    reading: Reading

    @property
    def is_raw(self) -> bool:
        return self.reading.message is not None


Sent = Callable[[Line, Sequence[Entry]], None]
"""Told after each batch: its last line, and what there is to report of its lines, in their order."""


class Delivery:
    """Takes lines with what they hold, and publishes them in order, some at a time.

    Events of one line are published together or not at all.
    """

    def __init__(self, publisher: Publisher, producer: Producer, sent: Sent, batch: int) -> None:
        self._publisher = publisher
        self._producer = producer
        self._sent = sent
        self._batch = batch
        self._taken: list[_Taken] = []
        self._entries: list[Entry] = []
        self._last: Line | None = None
        self._bytes = self._lines = 0
        self.lines = self.published = self.raw = self.refused = self.remarks = 0
        self.first_refusals: tuple[Entry, ...] = ()

    def skip(self, line: Line) -> None:
        """Pass over a blank line."""
        self._last = line
        self._lines += 1
        if self._lines >= self._batch:
            self.flush()

    def take(self, line: Line, reading: Reading) -> None:
        """Take a line; a full batch is sent."""
        self.lines += 1
        if reading.defects:
            self._refuse(line.number, reading.defects)
        else:
            self._taken.append(_Taken(line.number, reading))
            self._bytes += len(line.content or b"")
        if self._bytes >= BATCH_BYTES:
            self._lines = self._batch
        self.skip(line)

    def flush(self) -> None:
        """Send what was taken; once it is durable, tell how far that is.

        Raises:
            LogUnavailable, StoreUnavailable: nothing more was sent; publish again from the position.
        """
        if self._last is None:
            return
        for is_raw, group in groupby(self._taken, key=lambda taken: taken.is_raw):
            self._send(list(group), self._append if is_raw else self._publish)
        entries = sorted(self._entries, key=lambda entry: entry.line)
        refusals = [entry for entry in entries if entry.kind == "refused"]
        self.first_refusals = (*self.first_refusals, *refusals)[:_SHOWN]
        self._sent(self._last, entries)
        self._taken, self._entries, self._last = [], [], None
        self._bytes = self._lines = 0

    def _send(self, taken: Sequence[_Taken], send: Callable[[Sequence[_Taken]], None]) -> None:
        """Send in order, halving a batch that is refused until the refused lines stand alone."""
        try:
            send(taken)
        except (ContractError, _NoTopic) as error:
            if len(taken) == 1:
                self._refuse(taken[0].line, (Defect(None, str(error)),))
                return
            middle = len(taken) // 2
            self._send(taken[:middle], send)
            self._send(taken[middle:], send)
            return
        for one in taken:
            remarks = one.reading.remarks
            self.remarks += len(remarks)
            self._entries += [Entry(one.line, "remark", *remark) for remark in remarks]

    def _publish(self, taken: Sequence[_Taken]) -> None:
        self.published += len(self._publisher.publish_batch([event for one in taken for event in one.reading.events]))

    def _append(self, taken: Sequence[_Taken]) -> None:
        messages: list[Message] = [one.reading.message for one in taken if one.reading.message]
        try:
            self.raw += len(self._producer.append(messages))
        except NotFound as error:
            raise _NoTopic("raw.topic: there is no such topic on the log") from error

    def _refuse(self, line: int, defects: Sequence[Defect]) -> None:
        self.refused += 1
        self._entries += [Entry(line, "refused", *defect) for defect in defects]


class _NoTopic(Exception):
    """A raw record names a topic that is not there: its line's fault, where for an event it is the installation's."""
