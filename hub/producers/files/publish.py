"""Publishes a file: reads, checks and sends its lines, reports those refused, and knows how far it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, Protocol

from hub.errors import NotFound, StoreUnavailable, Usage
from hub.log.port import Producer
from hub.producers.files.delivery import Delivery
from hub.producers.files.jsonl import JsonLines
from hub.producers.files.legacy_csv import LegacyCsv
from hub.producers.files.lines import TOO_LONG, Line, Reading, read_lines
from hub.producers.files.position import Position, PositionFile
from hub.producers.files.report import Entry, Report, Summary
from hub.producers.publisher import Publisher

Form = Literal["jsonl", "csv"]
Progress = Callable[[int], None]
"""Told after each batch how many bytes of the file were read; what it was resumed from counts."""

_FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Adapter(Protocol):
    """Makes events of the lines of one form; `notes` are about the file as a whole."""

    @property
    def notes(self) -> Sequence[str]:
        """What to know about the whole file."""
        ...

    def read(self, content: bytes) -> Reading:
        """Give what a line holds, or why it is refused; never raises."""
        ...


def publish_file(
    source: Path | IO[bytes],
    publisher: Publisher,
    producer: Producer,
    *,
    id_key: bytes,
    form: Form | None = None,
    allow_raw: bool = False,
    position: Path | None = None,
    report: Path | None = None,
    from_start: bool = False,
    batch: int = 500,
    progress: Progress = lambda _read_bytes: None,
) -> Summary:
    """Publish every line of a file that holds to the contract, in order, and report the others.

    A file goes on from where a run before it stopped. A last line without its end is read, and read again the next
    time: it may still be written to. A stream, such as the standard input, is read to its end and leaves no position.

    Args:
        source: the file, or an open stream of bytes.
        id_key: the secret from which the ids of events are made whose file gives them none; keep it, or the same file
            gives new events.
        form: of the lines; by default by the file's ending, and JSON lines for a stream.
        allow_raw: append raw records of JSON lines as they are, to `producer`, without validation.
        position: where to keep how far the file was published; by default beside it, as `FILE.position`.
        report: where to write each refusal; by default beside it, as `FILE.report.jsonl`, and for a stream nowhere.
        from_start: publish from the first line, whatever was published before.
        batch: how many lines are sent at once.

    Raises:
        NotFound: there is no such file, or the log has no topics.
        Usage: the form is unknown, a CSV header lacks a column, or the file is not the one published before.
        LogUnavailable, StoreUnavailable, StoreCorrupt: publish the file again; it goes on from its position.
    """
    if batch < 1:
        raise Usage("a batch has at least one line")
    if not isinstance(source, Path):
        run = _Run(publisher, producer, Position(""), Report(report), batch, progress)
        with _translated("stream"):
            return run.publish(source, _opener(form or "jsonl", id_key, allow_raw=allow_raw))
    if source.is_dir():
        raise Usage(f"{source} is a folder; name the files in it")
    opener = _opener(form or _form_of(source), id_key, allow_raw=allow_raw)
    with _translated(f"file {source}"), source.open("rb") as stream:
        if not stream.seekable():
            raise Usage(f"{source} is no regular file; give it on the standard input")
        kept = PositionFile(position or source.with_name(f"{source.name}.position"), source.name, stream)
        start = Position(source.name) if from_start else kept.load()
        log = Report(report or source.with_name(f"{source.name}.report.jsonl"), start.report_bytes)
        # Written before anything is sent, so that a place where none can be written shows at once.
        kept.save(start.offset, start.line, log.size)
        return _Run(publisher, producer, start, log, batch, progress, kept).publish(stream, opener)


def _form_of(source: Path) -> Form:
    form = _FORMS.get(source.suffix.lower())
    if form is None:
        raise Usage(f"the form of {source.name} cannot be told; name it .jsonl or .csv, or say its form by --form")
    return form


Opener = Callable[[Iterator[Line]], Adapter]


def _opener(form: Form, id_key: bytes, *, allow_raw: bool) -> Opener:
    """Give what makes the adapter, and takes the header from the lines if the form has one."""

    def open_csv(lines: Iterator[Line]) -> Adapter:
        header = next((line for line in lines if not line.is_blank), None)
        if header is None or header.content is None:
            raise Usage("the file has no header; expected the columns of docs/files.md on line one")
        return LegacyCsv(header.content, id_key)

    return open_csv if form == "csv" else lambda _lines: JsonLines(allow_raw=allow_raw)


class _Run:
    """One run over one file or stream."""

    def __init__(
        self,
        publisher: Publisher,
        producer: Producer,
        start: Position,
        report: Report,
        batch: int,
        progress: Progress,
        position: PositionFile | None = None,
    ) -> None:
        self._start = start
        self._report = report
        self._progress = progress
        self._position = position
        self._delivery = Delivery(publisher, producer, self._sent, batch)

    def publish(self, stream: IO[bytes], opener: Opener) -> Summary:
        """Take the lines from the start's on, one by one."""
        lines = read_lines(stream)
        adapter = opener(lines)
        if self._start.offset:
            stream.seek(self._start.offset)
            lines = read_lines(stream, self._start.line, self._start.offset)
        for line in lines:
            if line.is_blank:
                self._delivery.skip(line)
            else:
                self._delivery.take(line, TOO_LONG if line.content is None else adapter.read(line.content))
        self._delivery.flush()
        done = self._delivery
        return Summary(
            resumed_after=self._start.line,
            lines=done.lines,
            published=done.published,
            raw=done.raw,
            refused=done.refused,
            remarks=done.remarks,
            notes=tuple(adapter.notes),
            first_refusals=done.first_refusals,
            report=self._report.path if self._report.size else None,
        )

    def _sent(self, last: Line, entries: Sequence[Entry]) -> None:
        """Report a batch that is durable, and move the position after it, or before a line that may still grow."""
        offset, line = (last.end, last.number) if last.is_ended else (last.begin, last.number - 1)
        self._report.add([entry for entry in entries if entry.line <= line])
        reported = self._report.size
        self._report.add([entry for entry in entries if entry.line > line])
        if self._position is not None:
            self._position.save(offset, line, reported)
        self._progress(last.end)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"there is no {what}") from error
    except (IsADirectoryError, PermissionError) as error:
        raise Usage(f"{what} cannot be read ({error.strerror})") from error
    except OSError as error:
        raise StoreUnavailable(f"{what} cannot be read now ({error.strerror}); publish it again") from error
