"""Lists that go on from page to page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar


class Page(Protocol):
    """A page of a list."""

    @property
    def items(self) -> list[Any]:
        """What stands on it."""

    @property
    def next(self) -> str | None:
        """Where the next one begins; None on the last one."""


P = TypeVar("P", bound=Page)
I = TypeVar("I")  # noqa: E741 an item


class Listing(Generic[P, I]):
    """A list: its items one after the other, or its pages; each page is asked for when it is needed.

    Args:
        read: gives the page that begins at a cursor, the first one for None.
    """

    def __init__(self, read: Callable[[str | None], P], _item: type[I]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[I]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[P]:
        """Give the pages."""
        page = self._read(None)
        yield page
        while page.next is not None:
            page = self._read(page.next)
            yield page
