"""What libraries log, through the hub's own log: their constant texts, without the values that they put in.

A client's message may repeat a row or a parameter. So an exception shows as its class, and a value as its type, except
numbers, and except those of Kafka's client, which handles records as bytes and never writes them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from hub.telemetry.logs import LibraryText, Log, kind_of
from hub.telemetry.places import causes, of_traceback, place

_SPEAKS_OF_NO_RECORD = "kafka"
_UNSPEAKABLE = ("ConsumerRecord", "ProducerRecord", "DefaultRecord", "LegacyRecord")


AGAIN_S = 60.0
"""How long the same place of a library is not heard again: Kafka's client, whose broker was away behind a proxy, wrote
150 lines a second (measured)."""


class _Shown:
    """Stands for a value in a message."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


class _Handler(logging.Handler):
    def __init__(self, log: Log, elapsed_s: Callable[[], float]) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._elapsed_s = elapsed_s
        self._heard_s: dict[tuple[str, int], float] = {}
        self._unsaid: Counter[tuple[str, int]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        here, now_s = (record.pathname, record.lineno), self._elapsed_s()
        if here in self._heard_s and now_s < self._heard_s[here] + AGAIN_S:
            self._unsaid[here] += 1
            return
        self._heard_s[here] = now_s
        values: dict[str, object] = {
            "logger": record.name,
            "where": place(record.pathname, record.lineno, record.funcName or "<module>"),
        }
        if unsaid := self._unsaid.pop(here, 0):
            values["unsaid"] = unsaid
        if (text := _text(record)) is not None:
            values["message"] = LibraryText(text)
        if record.exc_info and (error := record.exc_info[1]):
            values["error_kind"] = kind_of(error)
            values["caused_by"] = causes(error)
            values["stack"] = of_traceback(record.exc_info[2])
        write = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        write("library", **values)


def _text(record: logging.LogRecord) -> str | None:
    """Give the message with what may be shown of its values; None where they cannot be told from its text."""
    is_trusted = record.name.partition(".")[0] == _SPEAKS_OF_NO_RECORD
    if not isinstance(record.msg, str):
        return None
    if not record.args:
        return record.msg if is_trusted else None
    try:
        if isinstance(record.args, Mapping):
            return record.msg % {key: _shown(value, is_trusted) for key, value in record.args.items()}
        return record.msg % tuple(_shown(value, is_trusted) for value in record.args)
    except (TypeError, ValueError, KeyError):
        return record.msg


def _shown(value: object, is_trusted: bool) -> object:  # noqa: FBT001 one of two callers
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return _Shown(type(value).__name__)
    if is_trusted and not isinstance(value, bytes) and type(value).__name__ not in _UNSPEAKABLE:
        return _Shown(str(value))
    return _Shown(f"<{type(value).__name__}>")


@contextmanager
def routed(log: Log, elapsed_s: Callable[[], float]) -> Iterator[None]:
    """Route the libraries' warnings and errors to a log, and nothing else anywhere; `elapsed_s` is a monotonic clock.

    What one place says again within a minute is counted, and the count stands as `unsaid` in its next line.
    """
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = _Handler(log, elapsed_s)
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = before
        root.setLevel(level)
