"""Lines of a file with their place in it, read in bounded memory, and what an adapter makes of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from hub.domain.events.base import Event
from hub.log.port import Message

MAX_LINE_BYTES = 2 * 1024 * 1024
"""Twice the largest record: an event in JSON is longer than in Avro, a raw one longer in base64 than in bytes."""

_DISCARDED_AT_ONCE = 64 * 1024
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line without its end, from offset `begin` to `end`; `content` is None if longer than `MAX_LINE_BYTES`.

    `is_ended` is False for a last line that whoever writes the file may still be writing.
    """

    number: int
    content: bytes | None
    begin: int
    end: int
    is_ended: bool

    @property
    def is_blank(self) -> bool:
        """Nothing but white space."""
        return self.content is not None and not self.content.strip()


class Defect(NamedTuple):
    """What is wrong, in which column or field; never with the value."""

    field: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an adapter makes of a line: events, or a message to append as it is, or the defects to refuse it for.

    `remarks` are about what the line holds and no event says.
    """

    events: tuple[Event, ...] = ()
    message: Message | None = None
    defects: tuple[Defect, ...] = ()
    remarks: tuple[Defect, ...] = ()


def refusal(reason: str, field: str | None = None) -> Reading:
    """Refuse a line for one defect."""
    return Reading(defects=(Defect(field, reason),))


TOO_LONG = refusal(f"the line is longer than {MAX_LINE_BYTES} bytes; no event is")


def read_lines(stream: IO[bytes], after: int = 0, offset: int = 0) -> Iterator[Line]:
    """Yield the lines that follow, given how many lines and bytes of the file were read before."""
    while piece := stream.readline(MAX_LINE_BYTES + 2):
        after, begin = after + 1, offset
        offset += len(piece)
        content: bytes | None = piece.removesuffix(b"\n").removesuffix(b"\r")
        if begin == 0 and content is not None:
            content = content.removeprefix(_BOM)
        if content is not None and len(content) > MAX_LINE_BYTES:
            content = None
        while not piece.endswith(b"\n") and (piece := stream.readline(_DISCARDED_AT_ONCE)):
            content = None
            offset += len(piece)
        yield Line(after, content, begin, offset, is_ended=piece.endswith(b"\n"))
