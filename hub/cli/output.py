"""What the program writes: data on stdout, as text or JSON; messages and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Progress = Callable[[int, int | None], None]
"""Told how much is done, of how much if that is known."""


class Output:
    """Where one run of the program writes."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, document: object) -> None:
        """Write data as indented JSON; times are RFC 3339, days ISO 8601."""
        import msgspec

        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")

    def counts(self, counted: Mapping[str, int]) -> None:
        """Write what a run counted: as JSON, or on one line."""
        from hub.cli.amounts import listed

        if self.as_json:
            self.document(counted)
        else:
            self.line(listed(counted))

    def line(self, text: str) -> None:
        """Write one line of data as it is."""
        sys.stdout.write(text + "\n")

    def screen(self, *parts: RenderableType) -> None:
        """Write data laid out for the width of the terminal, 80 columns where there is none."""
        console = self.console()
        for part in parts:
            console.print(part)

    def console(self) -> Console:
        """Give the terminal's data side; a text is never read as markup."""
        from rich.console import Console

        return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)

    def say(self, text: str) -> None:
        """Write a message for the person at the terminal."""
        sys.stderr.write(text + "\n")

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """Show how far a long work is, on a terminal only."""
        if not sys.stderr.isatty():
            yield _silent
            return
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        with Bars(*columns, TimeElapsedColumn(), console=Console(file=sys.stderr), transient=True) as bars:
            task = bars.add_task(title, total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)


def _silent(_done: int, _total: int | None) -> None:
    return None
