"""What libraries log, through the hub's own log: their constant texts, without the values that they put in.

A client's message may repeat a row or a parameter. So an exception shows as its class, and a value as its type, except
numbers, and except those of Kafka's client, which handles records as bytes and never writes them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hub.telemetry.logs import LibraryText, Log, kind_of
from hub.telemetry.places import causes, of_traceback, place

_SPEAKS_OF_NO_RECORD = "kafka"
_UNSPEAKABLE = ("ConsumerRecord", "ProducerRecord", "DefaultRecord", "LegacyRecord")


class _Shown:
    """Stands for a value in a message."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        values: dict[str, object] = {
            "logger": record.name,
            "where": place(record.pathname, record.lineno, record.funcName or "<module>"),
        }
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
def routed(log: Log) -> Iterator[None]:
    """Route the libraries' warnings and errors to a log, and nothing else anywhere."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = _Handler(log)
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = before
        root.setLevel(level)
