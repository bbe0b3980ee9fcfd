"""Log lines of a worker: an event's name and whitelisted kinds of values, as JSON or text, and never a person's.

A value passes when its key is known and it has the form of that key: counts, offsets, codes, names of topics, places in
the code. Anything else is replaced by `WITHHELD`. Of a failure of the hub the text is written too, unless it is about a
record's content; of any other exception its class and its place, since a database driver's text repeats rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TextIO, cast

import structlog

from hub.errors import ContractError, HubError

WITHHELD = "[withheld]"
_Line = MutableMapping[str, Any]


class LibraryText(NamedTuple):
    """A library's message whose values were taken out already."""

    text: str


class Log(Protocol):
    """Writes lines: `log.info("batch_taken", topic=..., records=...)`."""

    def info(self, event: str, **values: object) -> object:
        """Something happened as it should."""
        ...

    def warning(self, event: str, **values: object) -> object:
        """Something failed and is tried again, or needs a look."""
        ...

    def error(self, event: str, **values: object) -> object:
        """Something failed for good, or is an incident."""
        ...


def _form(pattern: str) -> Callable[[object], bool]:
    matches = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _each(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(check, value))


_code = _form(r"[a-z][a-z0-9_]{0,59}")
_name = _form(r"[A-Za-z0-9._-]{1,249}")
_dotted = _form(r"[\w.]{1,200}")
_place = _form(r"[\w./<>-]{1,200}:\d{1,7} [\w<>.]{1,100}")

_KINDS: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(("event", "level", "code", "reason", "part", "waiting_for"), _code),
    **dict.fromkeys(("topic", "group"), _name),
    **dict.fromkeys(
        ("partition", "offset", "next_offset", "records", "accepted", "duplicates", "quarantined", "conflicts"), _number
    ),
    **dict.fromkeys(("events", "updates", "tombstones", "withheld", "overtaken"), _number),
    **dict.fromkeys(("attempts", "batches", "exit_code", "port", "unsaid", "status", "alarm", "generation"), _number),
    **dict.fromkeys(("ms", "seconds", "pause_s", "silent_s", "limit_s"), _number),
    **dict.fromkeys(("logger", "error_kind", "thread"), _dotted),
    **dict.fromkeys(("caused_by",), _each(_dotted)),
    **dict.fromkeys(("stack",), _each(_place)),
    "where": _place,
    "method": _form("[A-Z]{1,20}"),
    "route": _form(r"\(none\)|/[A-Za-z0-9/_{}.:-]{0,200}"),
    "request_id": _form("[0-9a-f-]{32,36}"),
    "setting": _form(r"HUB_[A-Z_]{1,60}"),
    "host": _form(r"[A-Za-z0-9.:_-]{1,253}"),
    "signal": _form("SIG[A-Z]{3,6}"),
    "version": _form(r"[0-9A-Za-z.+-]{1,40}"),
    "timestamp": _form(r"[0-9T:.-]+Z"),
}


def log_to(stream: TextIO, *, as_json: bool, now: Callable[[], datetime]) -> Log:
    """Give a log that writes to a stream, a line at a time; `now` gives aware UTC moments."""

    def stamped(_logger: object, _method: str, line: _Line) -> _Line:
        line["timestamp"] = now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        return line

    order = ["timestamp", "level", "event"]
    render: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True)
    )
    flat: list[Any] = [] if as_json else [_flat]
    return cast(
        "Log",
        structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[structlog.stdlib.add_log_level, stamped, _opened, _whitelisted, _ordered, *flat, render],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
        ),
    )


def _opened(_logger: object, _method: str, line: _Line) -> _Line:
    """Take a failure apart; only what may be written of it goes on."""
    error = line.pop("error", None)
    if isinstance(error, HubError):
        line["code"] = error.code
        if not isinstance(error, ContractError):
            line["message"] = LibraryText(str(error))
    elif isinstance(error, BaseException):
        line["error_kind"] = kind_of(error)
    elif error is not None:
        line["error_kind"] = WITHHELD
    return line


def _whitelisted(_logger: object, _method: str, line: _Line) -> _Line:
    for key, value in line.items():
        if isinstance(value, LibraryText) and key == "message":
            line[key] = value.text[:1_000]
        elif (check := _KINDS.get(key)) is None or not check(value):
            line[key] = WITHHELD
    return line


def _ordered(_logger: object, _method: str, line: _Line) -> _Line:
    first = {key: line.pop(key) for key in ("timestamp", "level", "event")}
    return {**first, **line}


def _flat(_logger: object, _method: str, line: _Line) -> _Line:
    return {key: " < ".join(value) if isinstance(value, list) else value for key, value in line.items()}


def kind_of(error: BaseException) -> str:
    """Give an exception's class: all that may be said of one that is not the hub's own."""
    return f"{type(error).__module__}.{type(error).__qualname__}".replace("<locals>.", "")
