"""Places in the code: stacks without the values of variables, and without the texts of exceptions."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from types import FrameType, TracebackType

from hub.telemetry.logs import kind_of

_ODD_IN_PATH, _ODD_IN_NAME = re.compile(r"[^\w./<>-]"), re.compile(r"[^\w<>.]")
_INSTALLED = re.compile(r".*/(?:site-packages|lib/python3\.\d+)/")
_DEEPEST = 40


def place(path: str, line: int, function: str) -> str:
    """Give a place as `package/module.py:12 function`."""
    short = _INSTALLED.sub("", path)
    short = "/".join(short.rsplit("/", 4)[-4:]).lstrip("/")
    return f"{_ODD_IN_PATH.sub('_', short)}:{line} {_ODD_IN_NAME.sub('_', function)}"


def of_frame(frame: FrameType) -> list[str]:
    """Give where a thread is, outermost call first."""
    return _places(traceback.extract_stack(frame, _DEEPEST))


def of_traceback(trace: TracebackType | None) -> list[str]:
    """Give where an exception came from, outermost call first."""
    return _places(traceback.extract_tb(trace, -_DEEPEST))


def causes(error: BaseException) -> list[str]:
    """Give the classes of what led to an exception, nearest first."""
    found: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(found) < _DEEPEST:
        found.append(kind_of(cause))
        cause = cause.__cause__ or cause.__context__
    return found


def _places(frames: Iterable[traceback.FrameSummary]) -> list[str]:
    return [place(frame.filename, frame.lineno or 0, frame.name) for frame in frames]
